//! Reading one item, whole or over an existing one.

use super::super::amount::Amount;
use super::super::issue::{IssueCode, Issues};
use super::super::scorecard::{
    Argument, Bar, Direction, Formula, Item, Measure, Operator, Phasing, Stage, Target,
};
use super::super::strict_json::{Object, Value};
use super::super::text::Text;
use super::{Horizon, TARGET_YEAR_MAX, read_unit};

/// Arguments of one formula.
const FORMULA_ARGUMENTS_MAX: usize = 10;
/// Sessions in one year.
const SESSIONS_MAX: u32 = 366;
/// Weights of a phasing stay below this, so that sums stay small.
const WEIGHT_LIMIT: i64 = 1_000_000;

/// What an item is read over.
#[derive(Clone, Copy)]
pub(in crate::domain) enum ItemBase<'a> {
    /// Nothing: it says everything, its key included.
    Nothing,
    /// Nothing but a key; said again, it has to be the same.
    Named(&'a str),
    /// An item: what is absent stays, and so does the key.
    Over(&'a Item),
}

/// Reads an item over `base`.
pub(in crate::domain) fn read_item(
    value: &Value<'_>,
    base: ItemBase<'_>,
    horizon: Horizon,
    issues: &mut Issues,
) -> Option<Item> {
    let mut object = value.object(issues)?;
    let o = &mut object;
    let key = read_key(o, base, issues);
    let base = match base {
        ItemBase::Over(base) => Some(base),
        ItemBase::Nothing | ItemBase::Named(_) => None,
    };
    let name = field(
        o,
        "name",
        base.map(|b| b.name.clone()),
        None,
        issues,
        Value::bilingual,
    );
    let stage = field(o, "stage", base.map(|b| b.stage), None, issues, |v, i| {
        v.one_of(i, Stage::CODES)
    });
    let measure = field(
        o,
        "measure",
        base.map(|b| b.measure),
        None,
        issues,
        |v, i| v.one_of(i, Measure::CODES),
    );
    let unit = field(
        o,
        "unit",
        base.map(|b| b.unit.clone()),
        None,
        issues,
        read_unit,
    );
    let direction = field(
        o,
        "direction",
        base.map(|b| b.direction),
        Some(Direction::Higher),
        issues,
        |v, i| v.one_of(i, Direction::CODES),
    );
    let mut mark = |name, of_base: Option<bool>, issues: &mut Issues| {
        field(o, name, of_base, Some(false), issues, Value::boolean)
    };
    let strict = mark("strict", base.map(|b| b.strict), issues);
    let proportion = mark("proportion", base.map(|b| b.proportion), issues);
    let high_hurdle = mark("high_hurdle", base.map(|b| b.high_hurdle), issues);
    let weight = field(
        o,
        "weight",
        base.map(|b| b.weight),
        Some(Amount::ONE),
        issues,
        |v, i| positive_weight(v, i),
    );
    let track = nullable(o, "track", base.map(|b| b.track.clone()), issues, |v, i| {
        v.code(i)
    });
    let bar = nullable(o, "bar", base.map(|b| b.bar), issues, |v, i| {
        read_bar(v, horizon, i)
    });
    let phasing = nullable(
        o,
        "phasing",
        base.map(|b| b.phasing.clone()),
        issues,
        read_phasing,
    );
    let targets = field(
        o,
        "targets",
        base.map(|b| b.targets.clone()),
        None,
        issues,
        read_targets,
    );
    object.finish(issues);
    let measure = measure?;
    Some(Item {
        key: key?,
        name: name?,
        stage: stage?,
        track: track?,
        measure,
        unit: unit?,
        direction: direction?,
        strict: strict?,
        proportion: proportion?,
        high_hurdle: high_hurdle?,
        weight: weight?,
        bar: bar?,
        phasing: phasing?.or_else(|| default_phasing(measure)),
        targets: targets?,
    })
}

fn read_key(object: &mut Object<'_>, base: ItemBase<'_>, issues: &mut Issues) -> Option<String> {
    let known = match base {
        ItemBase::Nothing => {
            return object.required("key", issues).and_then(|v| v.code(issues));
        }
        ItemBase::Named(key) => key,
        ItemBase::Over(base) => base.key.as_str(),
    };
    match object.optional("key") {
        Some(said) => said
            .one_of(issues, &[(known, ())])
            .map(|()| known.to_owned()),
        None => Some(known.to_owned()),
    }
}

fn default_phasing(measure: Measure) -> Option<Phasing> {
    (measure == Measure::Flow).then_some(Phasing::Even { first_month: 1 })
}

/// A member that must come out with a value: read, or of the base, or the default.
fn field<'a, T>(
    object: &mut Object<'a>,
    name: &'static str,
    of_base: Option<T>,
    default: Option<T>,
    issues: &mut Issues,
    read: impl FnOnce(&Value<'a>, &mut Issues) -> Option<T>,
) -> Option<T> {
    match of_base.or(default) {
        Some(fallback) => match object.optional(name) {
            Some(value) => read(&value, issues),
            None => Some(fallback),
        },
        None => object
            .required(name, issues)
            .and_then(|value| read(&value, issues)),
    }
}

/// A member that may be null. The outer `None` says that it was unreadable.
#[expect(
    clippy::option_option,
    reason = "unreadable and null are different things"
)]
fn nullable<'a, T>(
    object: &mut Object<'a>,
    name: &'static str,
    of_base: Option<Option<T>>,
    issues: &mut Issues,
    read: impl FnOnce(&Value<'a>, &mut Issues) -> Option<T>,
) -> Option<Option<T>> {
    match object.member(name) {
        None => Some(of_base.flatten()),
        Some(value) if value.is_null() => Some(None),
        Some(value) => read(&value, issues).map(Some),
    }
}

fn positive_weight(value: &Value<'_>, issues: &mut Issues) -> Option<Amount> {
    let weight = value.amount(issues)?;
    if weight > Amount::ZERO && weight < Amount::whole(WEIGHT_LIMIT) {
        return Some(weight);
    }
    issues.error(
        IssueCode::OutOfRange,
        value.path(),
        Text::new(
            "重みは 0 より大きく 100 万未満にしてください。",
            "A weight is above 0 and below 1,000,000.",
        ),
    );
    None
}

fn read_bar(value: &Value<'_>, horizon: Horizon, issues: &mut Issues) -> Option<Bar> {
    let ends = value.array(issues, 2)?;
    let [start, due] = ends.as_slice() else {
        issues.error(
            IssueCode::WrongShape,
            value.path(),
            Text::new(
                "[開始月, 期限月] の 2 つを入れてください。",
                "Give [start month, due month].",
            ),
        );
        return None;
    };
    let start = start.integer(issues, 0, u32::MAX);
    let due = due.integer(issues, 0, u32::MAX);
    let bar = Bar {
        start: start?,
        due: due?,
    };
    if 1 <= bar.start && bar.start <= bar.due && bar.due <= horizon.months() {
        return Some(bar);
    }
    let last = horizon.months();
    issues.error(
        IssueCode::BarOutsideHorizon,
        value.path(),
        Text::new(
            format!("期間は 1 ≦ 開始月 ≦ 期限月 ≦ {last} にしてください。"),
            format!("A bar has 1 ≤ start ≤ due ≤ {last}."),
        ),
    );
    None
}

#[derive(Clone, Copy)]
enum PhasingKind {
    Even,
    Sessions,
    Weights,
}

const PHASING_KINDS: [(&str, PhasingKind); 3] = [
    ("even", PhasingKind::Even),
    ("sessions", PhasingKind::Sessions),
    ("weights", PhasingKind::Weights),
];

fn read_phasing(value: &Value<'_>, issues: &mut Issues) -> Option<Phasing> {
    let mut object = value.object(issues)?;
    let kind = object
        .required("kind", issues)
        .and_then(|v| v.one_of(issues, &PHASING_KINDS));
    let sessions = object.optional("sessions");
    let weights = object.optional("weights");
    let first_month = object.optional("first_month");
    object.finish(issues);
    let kind = kind?;
    let foreign = match kind {
        PhasingKind::Even => [&sessions, &weights],
        PhasingKind::Sessions => [&weights, &first_month],
        PhasingKind::Weights => [&sessions, &first_month],
    };
    for value in foreign.into_iter().flatten() {
        issues.error(
            IssueCode::WrongShape,
            value.path(),
            Text::new(
                "この配分方法では使わない項目です。",
                "This kind of phasing does not use this field.",
            ),
        );
    }
    match kind {
        PhasingKind::Even => {
            let first_month = match first_month {
                Some(value) => value.integer(issues, 1, 12)?,
                None => 1,
            };
            Some(Phasing::Even { first_month })
        }
        PhasingKind::Sessions => {
            let sessions = sessions.or_else(|| object_missing(value, "sessions", issues))?;
            Some(Phasing::Sessions {
                sessions: sessions.integer(issues, 1, SESSIONS_MAX)?,
            })
        }
        PhasingKind::Weights => {
            let weights = weights.or_else(|| object_missing(value, "weights", issues))?;
            Some(Phasing::Weights {
                weights: read_weights(&weights, issues)?,
            })
        }
    }
}

fn object_missing<'a>(
    value: &Value<'a>,
    name: &'static str,
    issues: &mut Issues,
) -> Option<Value<'a>> {
    value
        .object(issues)
        .and_then(|mut object| object.required(name, issues))
}

fn read_weights(value: &Value<'_>, issues: &mut Issues) -> Option<Vec<Amount>> {
    let weights: Option<Vec<Amount>> = value
        .array(issues, 12)?
        .iter()
        .map(|weight| weight.amount(issues))
        .collect();
    let weights = weights?;
    let valid = weights.len() == 12
        && weights
            .iter()
            .all(|w| !w.is_negative() && *w < Amount::whole(WEIGHT_LIMIT))
        && weights.iter().any(|w| *w > Amount::ZERO);
    if valid {
        return Some(weights);
    }
    issues.error(
        IssueCode::OutOfRange,
        value.path(),
        Text::new(
            "重みは 12 か月分、0 以上 100 万未満で、合計が 0 より大きくなるようにしてください。",
            "Give twelve weights of at least 0 and below 1,000,000, not all 0.",
        ),
    );
    None
}

fn read_targets(value: &Value<'_>, issues: &mut Issues) -> Option<Vec<Target>> {
    let years = usize::try_from(TARGET_YEAR_MAX).unwrap_or(usize::MAX);
    let values = value.array(issues, years)?;
    let read: Vec<Option<Target>> = values
        .iter()
        .map(|target| read_target(target, issues))
        .collect();
    read.into_iter().collect()
}

fn read_target(value: &Value<'_>, issues: &mut Issues) -> Option<Target> {
    let mut object = value.object(issues)?;
    let year = match object.optional("year") {
        Some(year) => Some(year.integer(issues, 1, TARGET_YEAR_MAX)?),
        None => None,
    };
    let figure = object.optional("value").map(|v| v.amount(issues).ok_or(()));
    let formula = object
        .optional("formula")
        .map(|v| read_formula(&v, issues).ok_or(()));
    object.finish(issues);
    let figure = figure.transpose().ok()?;
    let formula = formula.transpose().ok()?;
    if figure.is_none() && formula.is_none() {
        issues.error(
            IssueCode::Missing,
            format!("{}/value", value.path()),
            Text::new("目標値か計算式が必要です。", "Give a value or a formula."),
        );
        return None;
    }
    // A formula's figure is its result; whatever stood beside it is computed anew.
    Some(Target {
        year,
        value: figure.filter(|_| formula.is_none()),
        formula,
    })
}

pub(super) fn read_formula(value: &Value<'_>, issues: &mut Issues) -> Option<Formula> {
    let mut object = value.object(issues)?;
    let op = object
        .required("op", issues)
        .and_then(|v| v.one_of(issues, Operator::CODES));
    let arguments = object
        .required("args", issues)
        .and_then(|v| read_arguments(&v, issues));
    object.finish(issues);
    Some(Formula {
        op: op?,
        args: arguments?,
    })
}

fn read_arguments(value: &Value<'_>, issues: &mut Issues) -> Option<Vec<Argument>> {
    let values = value.array(issues, FORMULA_ARGUMENTS_MAX)?;
    if values.is_empty() {
        issues.error(
            IssueCode::Missing,
            value.path(),
            Text::new(
                "計算式の引数がありません。",
                "The formula has no arguments.",
            ),
        );
        return None;
    }
    let read: Vec<Option<Argument>> = values
        .iter()
        .map(|argument| {
            if argument.is_number() {
                return argument.amount(issues).map(Argument::Number);
            }
            let mut object = argument.object(issues)?;
            let parameter = object
                .required("parameter", issues)
                .and_then(|v| v.code(issues));
            object.finish(issues);
            Some(Argument::Parameter {
                parameter: parameter?,
            })
        })
        .collect();
    read.into_iter().collect()
}

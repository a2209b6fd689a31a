//! Reading and checking definitions: template files, own definitions,
//! overrides and parameters all pass through here, under the same rules.

pub(super) mod checks;
mod items;
mod links;

use super::amount::Amount;
use super::issue::{Issue, IssueCode, Issues, pointer_to};
use super::scorecard::{
    Definition, MarketType, Parameter, ParameterValues, Perspective, SettingKind, SettingValue,
    Settings, Stage, StageHeading, TargetCheck, Track, Unit,
};
use super::strict_json::{Object, Value};
use super::text::Text;
use items::read_formula;
pub(super) use items::{ItemBase, read_item};
use links::read_links;
pub(super) use links::{LAG_MONTHS_MAX, read_link};

/// Items of one scorecard.
pub const ITEMS_MAX: usize = 200;
/// Links of one scorecard.
pub const LINKS_MAX: usize = 500;
/// Tracks of one scorecard.
pub const TRACKS_MAX: usize = 20;
/// Parameters of one scorecard.
pub const PARAMETERS_MAX: usize = 100;
/// Target checks of one scorecard.
const TARGET_CHECKS_MAX: usize = 50;

/// The last programme year that a target may begin in.
pub const TARGET_YEAR_MAX: u32 = 10;

/// The last programme month that bars may reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Horizon {
    /// The report's three years.
    Template,
    /// Own definitions: ten years.
    Own,
}

impl Horizon {
    #[must_use]
    pub const fn months(self) -> u32 {
        match self {
            Self::Template => 36,
            Self::Own => 120,
        }
    }
}

/// Reads a whole definition; `None` where `issues` holds why.
pub fn read_definition(
    value: &Value<'_>,
    horizon: Horizon,
    defaults: &Settings,
    issues: &mut Issues,
) -> Option<Definition> {
    let found_before = issues.error_count();
    let mut object = value.object(issues)?;
    let key = object.required("key", issues).and_then(|v| v.code(issues));
    let name = object
        .required("name", issues)
        .and_then(|v| v.bilingual(issues));
    let market_type = object
        .required("market_type", issues)
        .and_then(|v| v.one_of(issues, MarketType::CODES));
    let basis = object.optional("basis").and_then(|v| v.bilingual(issues));
    let stages = read_stages(&mut object, issues);
    let tracks = read_tracks(&mut object, issues);
    let parameters = read_parameters(&mut object, issues);
    let items = elements(
        &mut object,
        "items",
        ITEMS_MAX,
        true,
        issues,
        |v, issues| read_item(v, ItemBase::Nothing, horizon, issues),
    );
    let links = read_links(&mut object, issues);
    let checks = elements(
        &mut object,
        "checks",
        TARGET_CHECKS_MAX,
        false,
        issues,
        read_check,
    );
    let settings = match object.optional("settings") {
        Some(settings) => read_settings(&settings, defaults, issues),
        None => Some(defaults.clone()),
    };
    object.finish(issues);
    let definition = Definition {
        key: key?,
        name: name?,
        market_type: market_type?,
        basis,
        stages: stages?,
        tracks: tracks?,
        parameters: parameters?,
        items: items?,
        links: links?,
        checks: checks?,
        settings: settings?,
    };
    if issues.error_count() > found_before {
        return None;
    }
    let root = value.path().to_owned();
    let item_path = |index: usize, _: &str| format!("{root}/items/{index}");
    checks::check(&definition, &root, &item_path, issues);
    (issues.error_count() == found_before).then_some(definition)
}

/// The definition with some item fields and settings replaced
/// (`POST /v1/scorecards`, `overrides`), checked as a whole.
pub fn read_overrides(
    value: &Value<'_>,
    base: &Definition,
    horizon: Horizon,
    issues: &mut Issues,
) -> Option<Definition> {
    let found_before = issues.error_count();
    let mut definition = base.clone();
    let mut object = value.object(issues)?;
    if let Some(items) = object.optional("items").and_then(|v| v.object(issues)) {
        for (key, item_value) in items.entries() {
            let Some(index) = base.item_index(key) else {
                issues.push(unknown_item(item_value.path(), key));
                continue;
            };
            let over = base
                .items
                .get(index)
                .map_or(ItemBase::Nothing, ItemBase::Over);
            if let Some(item) = read_item(&item_value, over, horizon, issues)
                && let Some(place) = definition.items.get_mut(index)
            {
                *place = item;
            }
        }
    }
    if let Some(settings) = object.optional("settings")
        && let Some(settings) = read_settings(&settings, &base.settings, issues)
    {
        definition.settings = settings;
    }
    object.finish(issues);
    if issues.error_count() > found_before {
        return None;
    }
    let root = value.path().to_owned();
    let item_path = |_: usize, key: &str| pointer_to(&format!("{root}/items"), key);
    checks::check(&definition, &root, &item_path, issues);
    (issues.error_count() == found_before).then_some(definition)
}

/// Values for the definition's parameters: given ones over the defaults.
pub fn read_parameter_values(
    value: Option<&Value<'_>>,
    definition: &Definition,
    issues: &mut Issues,
) -> ParameterValues {
    let mut values = definition.default_parameters();
    let Some(object) = value.and_then(|value| value.object(issues)) else {
        return values;
    };
    for (key, given) in object.entries() {
        let Some(parameter) = definition.parameters.iter().find(|p| p.key == key) else {
            issues.error(
                IssueCode::UnknownParameter,
                given.path(),
                Text::new(
                    format!("このスコアカードに「{key}」というパラメータはありません。"),
                    format!("This scorecard has no parameter \"{key}\"."),
                ),
            );
            continue;
        };
        let Some(amount) = given.nullable_amount(issues) else {
            continue;
        };
        if let Some(amount) = amount {
            checks::check_parameter_value(parameter, amount, given.path(), issues);
        }
        values.insert(key.to_owned(), amount);
    }
    values
}

/// Computes every formula's target (`semantics.md` §2): rounded half up to a
/// whole where the unit counts whole things; no target, with a warning, where a
/// parameter is unset or the result is not above zero.
#[must_use]
pub fn resolve_targets(
    definition: &Definition,
    parameters: &ParameterValues,
) -> (Definition, Vec<Issue>) {
    checks::resolve_targets(definition, parameters)
}

pub(crate) fn unknown_item(path: &str, key: &str) -> Issue {
    Issue::error(
        IssueCode::UnknownItem,
        path,
        Text::new(
            format!("このスコアカードに「{key}」という KPI 項目はありません。"),
            format!("This scorecard has no item \"{key}\"."),
        ),
    )
    .about_item(key)
}

fn elements<'a, T>(
    object: &mut Object<'a>,
    name: &'static str,
    max: usize,
    required: bool,
    issues: &mut Issues,
    mut read: impl FnMut(&Value<'a>, &mut Issues) -> Option<T>,
) -> Option<Vec<T>> {
    let value = if required {
        object.required(name, issues)?
    } else {
        match object.optional(name) {
            Some(value) => value,
            None => return Some(Vec::new()),
        }
    };
    let values = value.array(issues, max)?;
    let read: Vec<Option<T>> = values.iter().map(|value| read(value, issues)).collect();
    read.into_iter().collect()
}

fn read_stages(object: &mut Object<'_>, issues: &mut Issues) -> Option<Vec<StageHeading>> {
    elements(
        object,
        "stages",
        Stage::CODES.len(),
        true,
        issues,
        |value, issues| {
            let mut object = value.object(issues)?;
            let stage = object
                .required("stage", issues)
                .and_then(|v| v.one_of(issues, Stage::CODES));
            let perspective = object.optional("perspective").map_or_else(
                || stage.map(Stage::perspective),
                |v| v.one_of(issues, Perspective::CODES),
            );
            let name = match object.optional("name") {
                Some(name) => name.bilingual(issues),
                None => stage.map(Stage::name),
            };
            object.finish(issues);
            Some(StageHeading {
                stage: stage?,
                perspective: perspective?,
                name: name?,
            })
        },
    )
}

fn read_tracks(object: &mut Object<'_>, issues: &mut Issues) -> Option<Vec<Track>> {
    elements(
        object,
        "tracks",
        TRACKS_MAX,
        false,
        issues,
        |value, issues| {
            let mut object = value.object(issues)?;
            let key = object.required("key", issues).and_then(|v| v.code(issues));
            let name = object
                .required("name", issues)
                .and_then(|v| v.bilingual(issues));
            object.finish(issues);
            Some(Track {
                key: key?,
                name: name?,
            })
        },
    )
}

fn read_parameters(object: &mut Object<'_>, issues: &mut Issues) -> Option<Vec<Parameter>> {
    elements(
        object,
        "parameters",
        PARAMETERS_MAX,
        false,
        issues,
        |value, issues| {
            let mut object = value.object(issues)?;
            let key = object.required("key", issues).and_then(|v| v.code(issues));
            let name = object
                .required("name", issues)
                .and_then(|v| v.bilingual(issues));
            let unit = object
                .required("unit", issues)
                .and_then(|v| read_unit(&v, issues));
            let default = object
                .member("default")
                .map_or(Some(None), |v| v.nullable_amount(issues));
            object.finish(issues);
            Some(Parameter {
                key: key?,
                name: name?,
                unit: unit?,
                default: default?,
            })
        },
    )
}

fn read_check(value: &Value<'_>, issues: &mut Issues) -> Option<TargetCheck> {
    let mut object = value.object(issues)?;
    let item = object.required("item", issues).and_then(|v| v.code(issues));
    let estimate = object
        .required("estimate", issues)
        .and_then(|v| read_formula(&v, issues));
    let message = object
        .required("message", issues)
        .and_then(|v| v.bilingual(issues));
    object.finish(issues);
    Some(TargetCheck {
        item: item?,
        estimate: estimate?,
        message: message?,
    })
}

fn read_unit(value: &Value<'_>, issues: &mut Issues) -> Option<Unit> {
    value.code(issues).map(Unit)
}

/// Reads settings over `base`: what is not said stays.
fn read_settings(value: &Value<'_>, base: &Settings, issues: &mut Issues) -> Option<Settings> {
    let mut object = value.object(issues)?;
    let mut settings = base.clone();
    for (name, _) in Settings::MEMBERS {
        if let Some(value) = object.optional(name)
            && let Some(setting) = read_setting(name, &value, issues)
        {
            settings.set(name, setting);
        }
    }
    object.finish(issues);
    checks::check_settings(&settings, value.path(), issues);
    Some(settings)
}

/// Reads one setting by its name; `None` where it is unreadable, or no setting.
pub(super) fn read_setting(
    name: &str,
    value: &Value<'_>,
    issues: &mut Issues,
) -> Option<SettingValue> {
    let (_, kind) = Settings::MEMBERS.iter().find(|(known, _)| *known == name)?;
    match *kind {
        SettingKind::Share => read_share(value, issues).map(SettingValue::Share),
        SettingKind::Count { min, max } => value.integer(issues, min, max).map(SettingValue::Count),
        SettingKind::Choice => value.boolean(issues).map(SettingValue::Choice),
    }
}

fn read_share(value: &Value<'_>, issues: &mut Issues) -> Option<Amount> {
    let amount = value.amount(issues)?;
    if amount > Amount::ZERO && amount <= Amount::ONE {
        return Some(amount);
    }
    issues.error(
        IssueCode::OutOfRange,
        value.path(),
        Text::new(
            "0 より大きく 1 以下の値にしてください。",
            "Give a share above 0, at most 1.",
        ),
    );
    None
}

/// The rules between the parts of a definition that has been changed by hand,
/// and of its settings. Pointers start at the definition itself.
pub(super) fn check_whole(definition: &Definition, issues: &mut Issues) {
    let item_path = |index: usize, _: &str| format!("/items/{index}");
    checks::check(definition, "", &item_path, issues);
    checks::check_settings(&definition.settings, "/settings", issues);
}

#[cfg(test)]
mod tests;

//! Rules between the parts of a definition.

use std::collections::BTreeSet;

use super::super::amount::Amount;
use super::super::issue::{Issue, IssueCode, Issues};
use super::super::scorecard::{
    Argument, Definition, Direction, Formula, Item, Measure, Parameter, ParameterValues, Settings,
};
use super::super::text::Text;
use super::links::check_links;

/// Checks a definition whose parts were readable. `item_path` gives the pointer
/// to the item of an index and key.
pub(super) fn check(
    definition: &Definition,
    root: &str,
    item_path: &dyn Fn(usize, &str) -> String,
    issues: &mut Issues,
) {
    check_keys(definition, root, issues);
    for (index, stage) in definition.stages.iter().enumerate() {
        if stage.perspective != stage.stage.perspective() {
            let right = stage.stage.perspective();
            issues.error(
                IssueCode::OutOfRange,
                format!("{root}/stages/{index}/perspective"),
                Text::new(
                    format!("段階「{}」の視点は「{right}」です。", stage.stage),
                    format!("The stage \"{}\" belongs to \"{right}\".", stage.stage),
                ),
            );
        }
    }
    for (index, item) in definition.items.iter().enumerate() {
        let mut found = Issues::default();
        let path = item_path(index, &item.key);
        check_references(definition, item, &path, &mut found);
        check_shape(item, &path, &mut found);
        check_targets(definition, item, &path, &mut found);
        issues.extend(
            found
                .into_vec()
                .into_iter()
                .map(|issue| issue.about_item(&item.key)),
        );
    }
    for (index, check) in definition.checks.iter().enumerate() {
        let path = format!("{root}/checks/{index}");
        if definition.item(&check.item).is_none() {
            issues.push(super::unknown_item(&format!("{path}/item"), &check.item));
        }
        check_formula(
            definition,
            &check.estimate,
            &format!("{path}/estimate"),
            issues,
        );
    }
    check_links(definition, root, issues);
}

fn check_keys(definition: &Definition, root: &str, issues: &mut Issues) {
    let stages = definition.stages.iter().map(|stage| stage.stage.code());
    unique(stages, &format!("{root}/stages"), "stage", issues);
    unique(
        keys(&definition.tracks, |t| &t.key),
        &format!("{root}/tracks"),
        "key",
        issues,
    );
    unique(
        keys(&definition.parameters, |p| &p.key),
        &format!("{root}/parameters"),
        "key",
        issues,
    );
    unique(
        keys(&definition.items, |i| &i.key),
        &format!("{root}/items"),
        "key",
        issues,
    );
    if definition.items.is_empty() {
        issues.error(
            IssueCode::Missing,
            format!("{root}/items"),
            Text::new(
                "KPI 項目が一つもありません。",
                "The scorecard has no items.",
            ),
        );
    }
}

fn keys<'a, T>(list: &'a [T], key: impl Fn(&'a T) -> &'a String) -> impl Iterator<Item = &'a str> {
    list.iter().map(move |entry| key(entry).as_str())
}

fn unique<'a>(keys: impl Iterator<Item = &'a str>, path: &str, member: &str, issues: &mut Issues) {
    let mut seen = BTreeSet::new();
    for (index, key) in keys.enumerate() {
        if !seen.insert(key) {
            issues.error(
                IssueCode::DuplicateKey,
                format!("{path}/{index}/{member}"),
                Text::new(
                    format!("「{key}」が二度定義されています。"),
                    format!("\"{key}\" is defined twice."),
                ),
            );
        }
    }
}

fn check_references(definition: &Definition, item: &Item, path: &str, issues: &mut Issues) {
    if !definition
        .stages
        .iter()
        .any(|heading| heading.stage == item.stage)
    {
        let stage = item.stage;
        issues.error(
            IssueCode::UnknownReference,
            format!("{path}/stage"),
            Text::new(
                format!("段階「{stage}」が stages にありません。"),
                format!("The stage \"{stage}\" is not among the stages."),
            ),
        );
    }
    if let Some(track) = &item.track
        && !definition.tracks.iter().any(|known| known.key == *track)
    {
        issues.error(
            IssueCode::UnknownReference,
            format!("{path}/track"),
            Text::new(
                format!("トラック「{track}」が tracks にありません。"),
                format!("The track \"{track}\" is not among the tracks."),
            ),
        );
    }
}

/// Which fields go with which measure.
fn check_shape(item: &Item, path: &str, issues: &mut Issues) {
    let measure = item.measure;
    let mut wrong = |field: &str, ja: String, en: String| {
        issues.error(
            IssueCode::WrongShape,
            format!("{path}/{field}"),
            Text::new(ja, en),
        );
    };
    if measure.has_bar() != item.bar.is_some() {
        let (ja, en) = if measure.has_bar() {
            (
                format!("「{measure}」の項目には期間 bar が必要です。"),
                format!("A {measure} needs a bar."),
            )
        } else {
            (
                format!("「{measure}」の項目に期間 bar は使えません。"),
                format!("A {measure} has no bar."),
            )
        };
        wrong("bar", ja, en);
    }
    if measure != Measure::Flow && item.phasing.is_some() {
        wrong(
            "phasing",
            format!("「{measure}」の項目に配分 phasing は使えません。"),
            format!("A {measure} has no phasing."),
        );
    }
    if measure.has_bar() && item.direction == Direction::Lower {
        wrong(
            "direction",
            format!("「{measure}」は高いほど良い項目だけです。"),
            format!("A {measure} is always higher-is-better."),
        );
    }
    if measure.has_bar() && item.strict {
        wrong(
            "strict",
            format!("「{measure}」に strict は使えません。"),
            format!("A {measure} is never strict."),
        );
    }
    if measure != Measure::Ratio && item.proportion {
        wrong(
            "proportion",
            "proportion は「ratio」の項目だけで使えます。".to_owned(),
            "Only a ratio can be a proportion.".to_owned(),
        );
    }
}

fn check_targets(definition: &Definition, item: &Item, path: &str, issues: &mut Issues) {
    let mut years = BTreeSet::new();
    for (index, target) in item.targets.iter().enumerate() {
        let place = format!("{path}/targets/{index}");
        if target.year.is_some() == item.measure.has_bar() {
            let (ja, en) = if item.measure.has_bar() {
                (
                    "この項目の目標に年は付けません（期限は bar です）。",
                    "This item's target has no year; its bar says when.",
                )
            } else {
                (
                    "目標の年（1 から）が必要です。",
                    "The target needs its programme year, from 1.",
                )
            };
            issues.error(
                IssueCode::WrongShape,
                format!("{place}/year"),
                Text::new(ja, en),
            );
        }
        if !years.insert(target.year) {
            issues.error(
                IssueCode::DuplicateKey,
                format!("{place}/year"),
                Text::new(
                    "同じ年の目標が二つあります。",
                    "There are two targets for the same year.",
                ),
            );
        }
        if let Some(formula) = &target.formula {
            check_formula(definition, formula, &format!("{place}/formula"), issues);
        }
        if let Some(value) = target.value {
            check_target_value(item, value, &format!("{place}/value"), issues);
        }
    }
    if item.measure == Measure::Milestone && item.targets.is_empty() {
        issues.error(
            IssueCode::Missing,
            format!("{path}/targets"),
            Text::new(
                "マイルストーンの目標は 100 です。",
                "A milestone has the target 100.",
            ),
        );
    }
}

fn check_formula(definition: &Definition, formula: &Formula, path: &str, issues: &mut Issues) {
    for (index, argument) in formula.args.iter().enumerate() {
        if let Argument::Parameter { parameter } = argument
            && !definition
                .parameters
                .iter()
                .any(|known| known.key == *parameter)
        {
            issues.error(
                IssueCode::UnknownParameter,
                format!("{path}/args/{index}/parameter"),
                Text::new(
                    format!("パラメータ「{parameter}」が parameters にありません。"),
                    format!("The parameter \"{parameter}\" is not among the parameters."),
                ),
            );
        }
    }
}

fn check_target_value(item: &Item, value: Amount, path: &str, issues: &mut Issues) {
    let mut refuse = |code, ja: &str, en: &str| issues.error(code, path, Text::new(ja, en));
    if value <= Amount::ZERO {
        refuse(
            IssueCode::TargetNotPositive,
            "目標は 0 より大きい値にしてください。",
            "A target is above zero.",
        );
    } else if item.measure == Measure::Milestone && value != Amount::whole(100) {
        refuse(
            IssueCode::OutOfRange,
            "マイルストーンの目標は 100 です。",
            "A milestone's target is 100.",
        );
    } else if item.targets_whole() && !value.is_whole() {
        refuse(
            IssueCode::NotWhole,
            "この単位の目標は整数にしてください。",
            "A target in this unit is a whole number.",
        );
    } else if item.proportion && value > Amount::ONE {
        refuse(
            IssueCode::ShareAboveOne,
            "割合の目標は 1 以下にしてください。",
            "A proportion's target is at most 1.",
        );
    }
}

pub(in crate::domain) fn check_parameter_value(
    parameter: &Parameter,
    amount: Amount,
    path: &str,
    issues: &mut Issues,
) {
    if amount.is_negative() {
        issues.error(
            IssueCode::Negative,
            path,
            Text::new(
                format!("「{}」は 0 以上にしてください。", parameter.name.ja),
                format!("\"{}\" must not be negative.", parameter.name.en),
            ),
        );
    }
}

pub(super) fn check_settings(settings: &Settings, path: &str, issues: &mut Issues) {
    let ordered = [
        (
            "behind_below",
            settings.behind_below,
            "on_track_at",
            settings.on_track_at,
        ),
        (
            "gap_at_risk",
            settings.gap_at_risk,
            "gap_behind",
            settings.gap_behind,
        ),
        (
            "pi_behind",
            settings.pi_behind,
            "pi_at_risk",
            settings.pi_at_risk,
        ),
        (
            "behind_below",
            settings.behind_below,
            "resolve_at",
            settings.resolve_at,
        ),
        (
            "resolve_gap",
            settings.resolve_gap,
            "gap_behind",
            settings.gap_behind,
        ),
    ];
    for (lower, low, upper, high) in ordered {
        if low > high {
            issues.error(
                IssueCode::OutOfRange,
                format!("{path}/{lower}"),
                Text::new(
                    format!("「{lower}」は「{upper}」以下にしてください。"),
                    format!("\"{lower}\" must not exceed \"{upper}\"."),
                ),
            );
        }
    }
}

/// See [`super::resolve_targets`].
pub(super) fn resolve_targets(
    definition: &Definition,
    parameters: &ParameterValues,
) -> (Definition, Vec<Issue>) {
    let mut resolved = definition.clone();
    let mut warnings = Vec::new();
    for item in &mut resolved.items {
        let (whole, key) = (item.targets_whole(), item.key.clone());
        for target in &mut item.targets {
            let Some(formula) = &target.formula else {
                continue;
            };
            match target_of(formula, parameters, whole) {
                Ok(value) => target.value = Some(value),
                Err(code) => {
                    target.value = None;
                    warnings.push(no_target(code, &key, &item.name, formula));
                }
            }
        }
    }
    warnings.extend(failed_checks(&resolved, parameters));
    (resolved, warnings)
}

fn target_of(
    formula: &Formula,
    parameters: &ParameterValues,
    whole: bool,
) -> Result<Amount, IssueCode> {
    let value = formula.value(parameters).ok_or(IssueCode::ParameterUnset)?;
    let amount = if whole {
        value.rounded_half_up_to_whole()
    } else {
        i64::try_from(value.rounded().scaled())
            .ok()
            .map(Amount::from_scaled)
    };
    amount
        .filter(|amount| *amount > Amount::ZERO)
        .ok_or(IssueCode::TargetNotPositive)
}

fn no_target(code: IssueCode, key: &str, name: &Text, formula: &Formula) -> Issue {
    let shown = shown_formula(formula);
    let message = if code == IssueCode::ParameterUnset {
        Text::new(
            format!(
                "「{}」の目標（{shown}）はパラメータが未設定のため、まだありません。",
                name.ja
            ),
            format!(
                "\"{}\" has no target yet: a parameter of {shown} is unset.",
                name.en
            ),
        )
    } else {
        Text::new(
            format!(
                "「{}」の目標（{shown}）は 0 以下になるため、目標なしとします。",
                name.ja
            ),
            format!("\"{}\" has no target: {shown} is not above zero.", name.en),
        )
    };
    Issue::warning(code, "/parameters", message).about_item(key)
}

fn shown_formula(formula: &Formula) -> String {
    let arguments: Vec<String> = formula
        .args
        .iter()
        .map(|argument| match argument {
            Argument::Number(number) => number.to_string(),
            Argument::Parameter { parameter } => parameter.clone(),
        })
        .collect();
    arguments.join(&format!(" {} ", formula.op))
}

/// Second estimates that fall short of their item's target.
fn failed_checks(definition: &Definition, parameters: &ParameterValues) -> Vec<Issue> {
    definition
        .checks
        .iter()
        .filter(|check| {
            let targets = definition
                .item(&check.item)
                .map(|item| item.targets.as_slice());
            let highest = targets
                .unwrap_or_default()
                .iter()
                .filter_map(|t| t.value)
                .max();
            match (check.estimate.value(parameters), highest) {
                (Some(estimate), Some(target)) => estimate < target.exact(),
                _ => false,
            }
        })
        .map(|check| {
            Issue::warning(IssueCode::Implausible, "/parameters", check.message.clone())
                .about_item(&check.item)
        })
        .collect()
}

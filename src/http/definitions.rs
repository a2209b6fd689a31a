//! Definitions of scorecards, as answers show them and bodies give them:
//! every member present, null where absent.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::views::{Name, Number, name};
use crate::domain::scorecard::{
    Argument, Definition, Formula, Item, Link, Parameter, Phasing, Settings, StageHeading, Target,
    TargetCheck, Track,
};

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Stage)]
pub struct StageView {
    /// Canonical code of the stage.
    #[schema(example = "consult")]
    stage: &'static str,
    #[schema(example = "customer")]
    perspective: &'static str,
    /// The scorecard's own heading.
    name: Name,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Track)]
pub struct TrackView {
    key: String,
    name: Name,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Parameter)]
pub struct ParameterView {
    #[schema(example = "fee_income_target")]
    key: String,
    name: Name,
    #[schema(example = "JPY")]
    unit: String,
    default: Option<Number>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Phasing)]
pub struct PhasingView {
    /// `even`, `sessions` or `weights`.
    #[schema(example = "even")]
    kind: &'static str,
    /// Sessions a year.
    sessions: Option<u32>,
    /// Twelve weights, from the first month of the programme year.
    weights: Option<Vec<Number>>,
    /// In the first year with a target, the month from which it is planned.
    first_month: Option<u32>,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
#[schema(as = FormulaArgument)]
pub enum ArgumentView {
    Number(Number),
    Parameter {
        /// Key of a parameter.
        parameter: String,
    },
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Formula)]
pub struct FormulaView {
    /// `*`, `-` or `+`, applied from left to right.
    #[schema(example = "*")]
    op: &'static str,
    args: Vec<ArgumentView>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Target)]
pub struct TargetView {
    /// Programme year from which it holds; null for items with a bar.
    #[schema(example = 3)]
    year: Option<u32>,
    /// The figure, or the formula's result; null: no target (yet).
    value: Option<Number>,
    formula: Option<FormulaView>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Item)]
pub struct ItemView {
    #[schema(example = "consult-seminar")]
    key: String,
    name: Name,
    #[schema(example = "consult")]
    stage: &'static str,
    track: Option<String>,
    /// `flow`, `cumulative`, `level`, `ratio` or `milestone`.
    #[schema(example = "flow")]
    measure: &'static str,
    #[schema(example = "cases")]
    unit: String,
    /// Which way is better: `higher` or `lower`.
    #[schema(example = "higher")]
    direction: &'static str,
    /// The target itself is not good enough.
    strict: bool,
    /// A ratio whose numerator is part of its denominator.
    proportion: bool,
    /// A step that only better preparation upstream clears.
    high_hurdle: bool,
    weight: Number,
    /// Programme months `[start, due]`.
    #[schema(example = json!([10, 18]))]
    bar: Option<[u32; 2]>,
    phasing: Option<PhasingView>,
    targets: Vec<TargetView>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Link)]
pub struct LinkView {
    /// `conversion` or `preparation`.
    #[schema(example = "conversion")]
    kind: &'static str,
    /// Keys of the items upstream.
    from: Vec<String>,
    /// Keys of the items downstream.
    to: Vec<String>,
    lag_months: u32,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TargetCheck)]
pub struct TargetCheckView {
    item: String,
    estimate: FormulaView,
    message: Name,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Settings)]
pub struct SettingsView {
    on_track_at: Number,
    behind_below: Number,
    gap_at_risk: Number,
    gap_behind: Number,
    pi_at_risk: Number,
    pi_behind: Number,
    inherited_share: Number,
    coverage_min: Number,
    for_months: u32,
    resolve_at: Number,
    resolve_gap: Number,
    reopen_within: u32,
    /// Day of the next month on which a report is due.
    due_day: u32,
    /// A report that would be due on a Saturday, a Sunday, a public holiday or from 29 December to 3 January
    /// is due on the next business day.
    due_on_business_day: bool,
}

/// A scorecard's definition.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Definition)]
pub struct DefinitionView {
    parameters: Vec<ParameterView>,
    #[serde(flatten)]
    rest: DefinitionPartsView,
}

/// The definition within a plan, where `parameters` are the hub's values.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PlannedDefinition)]
pub struct PlannedDefinitionView {
    parameter_definitions: Vec<ParameterView>,
    #[serde(flatten)]
    rest: DefinitionPartsView,
}

/// What templates and plans have in common.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DefinitionParts)]
pub struct DefinitionPartsView {
    #[schema(example = "mature-hard-to-fill")]
    key: String,
    name: Name,
    #[schema(example = "mature")]
    market_type: &'static str,
    /// What the targets are based on.
    basis: Option<Name>,
    stages: Vec<StageView>,
    tracks: Vec<TrackView>,
    items: Vec<ItemView>,
    links: Vec<LinkView>,
    /// Second estimates of targets: a warning where one falls short.
    checks: Vec<TargetCheckView>,
    settings: SettingsView,
}

impl From<&Definition> for DefinitionView {
    fn from(definition: &Definition) -> Self {
        Self {
            parameters: definition.parameters.iter().map(parameter).collect(),
            rest: DefinitionPartsView::from(definition),
        }
    }
}

impl From<&Definition> for PlannedDefinitionView {
    fn from(definition: &Definition) -> Self {
        Self {
            parameter_definitions: definition.parameters.iter().map(parameter).collect(),
            rest: DefinitionPartsView::from(definition),
        }
    }
}

impl From<&Definition> for DefinitionPartsView {
    fn from(definition: &Definition) -> Self {
        Self {
            key: definition.key.clone(),
            name: name(&definition.name),
            market_type: definition.market_type.code(),
            basis: definition.basis.as_ref().map(name),
            stages: definition.stages.iter().map(stage).collect(),
            tracks: definition.tracks.iter().map(track).collect(),
            items: definition.items.iter().map(item).collect(),
            links: definition.links.iter().map(link).collect(),
            checks: definition.checks.iter().map(check).collect(),
            settings: settings(&definition.settings),
        }
    }
}

fn stage(heading: &StageHeading) -> StageView {
    StageView {
        stage: heading.stage.code(),
        perspective: heading.perspective.code(),
        name: name(&heading.name),
    }
}

fn track(track: &Track) -> TrackView {
    TrackView {
        key: track.key.clone(),
        name: name(&track.name),
    }
}

fn parameter(parameter: &Parameter) -> ParameterView {
    ParameterView {
        key: parameter.key.clone(),
        name: name(&parameter.name),
        unit: parameter.unit.0.clone(),
        default: parameter.default.map(Number::from),
    }
}

#[must_use]
pub fn item(item: &Item) -> ItemView {
    ItemView {
        key: item.key.clone(),
        name: name(&item.name),
        stage: item.stage.code(),
        track: item.track.clone(),
        measure: item.measure.code(),
        unit: item.unit.0.clone(),
        direction: item.direction.code(),
        strict: item.strict,
        proportion: item.proportion,
        high_hurdle: item.high_hurdle,
        weight: Number::from(item.weight),
        bar: item.bar.map(|bar| [bar.start, bar.due]),
        phasing: item.phasing.as_ref().map(phasing),
        targets: item.targets.iter().map(target).collect(),
    }
}

fn phasing(phasing: &Phasing) -> PhasingView {
    let none = |kind| PhasingView {
        kind,
        sessions: None,
        weights: None,
        first_month: None,
    };
    match phasing {
        Phasing::Even { first_month } => PhasingView {
            first_month: Some(*first_month),
            ..none("even")
        },
        Phasing::Sessions { sessions } => PhasingView {
            sessions: Some(*sessions),
            ..none("sessions")
        },
        Phasing::Weights { weights } => PhasingView {
            weights: Some(weights.iter().copied().map(Number::from).collect()),
            ..none("weights")
        },
    }
}

#[must_use]
pub fn target(target: &Target) -> TargetView {
    TargetView {
        year: target.year,
        value: target.value.map(Number::from),
        formula: target.formula.as_ref().map(formula),
    }
}

fn formula(formula: &Formula) -> FormulaView {
    let argument = |argument: &Argument| match argument {
        Argument::Number(number) => ArgumentView::Number(Number::from(*number)),
        Argument::Parameter { parameter } => ArgumentView::Parameter {
            parameter: parameter.clone(),
        },
    };
    FormulaView {
        op: formula.op.code(),
        args: formula.args.iter().map(argument).collect(),
    }
}

#[must_use]
pub fn link(link: &Link) -> LinkView {
    LinkView {
        kind: link.kind.code(),
        from: link.from.clone(),
        to: link.to.clone(),
        lag_months: link.lag_months,
    }
}

fn check(check: &TargetCheck) -> TargetCheckView {
    TargetCheckView {
        item: check.item.clone(),
        estimate: formula(&check.estimate),
        message: name(&check.message),
    }
}

fn settings(settings: &Settings) -> SettingsView {
    SettingsView {
        on_track_at: settings.on_track_at.into(),
        behind_below: settings.behind_below.into(),
        gap_at_risk: settings.gap_at_risk.into(),
        gap_behind: settings.gap_behind.into(),
        pi_at_risk: settings.pi_at_risk.into(),
        pi_behind: settings.pi_behind.into(),
        inherited_share: settings.inherited_share.into(),
        coverage_min: settings.coverage_min.into(),
        for_months: settings.for_months,
        resolve_at: settings.resolve_at.into(),
        resolve_gap: settings.resolve_gap.into(),
        reopen_within: settings.reopen_within,
        due_day: settings.due_day,
        due_on_business_day: settings.due_on_business_day,
    }
}

/// A definition in a body: the shape of an answer's definition, where members
/// with a default may be left out. Every rule between its parts is checked, and
/// each problem is reported with its pointer.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(
    dead_code,
    reason = "documents what `domain::definition` reads strictly"
)]
#[schema(as = DefinitionInput, example = json!({
    "key": "own-plan", "name": {"ja": "独自の計画", "en": "Own plan"}, "market_type": "growth",
    "stages": [{"stage": "setup"}, {"stage": "consult"}],
    "items": [
        {"key": "kit", "name": {"ja": "説明資料", "en": "Material"}, "stage": "setup", "measure": "milestone",
         "unit": "percent", "bar": [1, 6], "targets": [{"value": 100}]},
        {"key": "consult", "name": {"ja": "相談", "en": "Consultations"}, "stage": "consult", "measure": "flow",
         "unit": "cases", "high_hurdle": true, "targets": [{"year": 1, "value": 24}]}
    ],
    "links": [{"kind": "preparation", "from": ["kit"], "to": ["consult"]}]
}))]
pub struct DefinitionDoc {
    #[schema(pattern = "^[A-Za-z0-9_-]{1,64}$")]
    key: String,
    name: super::views::NameDoc,
    #[schema(inline)]
    market_type: super::prefectures::MarketTypeDoc,
    basis: Option<super::views::NameDoc>,
    /// `{stage, perspective?, name?}` in order.
    stages: Vec<serde_json::Value>,
    /// `{key, name}`.
    tracks: Option<Vec<serde_json::Value>>,
    /// `{key, name, unit, default?}`.
    parameters: Option<Vec<serde_json::Value>>,
    /// As in an answer's `items`; `direction`, `strict`, `proportion`, `high_hurdle`, `weight`, `track`, `bar`, `phasing` have defaults.
    items: Vec<serde_json::Value>,
    /// `{kind, from, to, lag_months?}`.
    links: Option<Vec<serde_json::Value>>,
    /// `{item, estimate, message}`.
    checks: Option<Vec<serde_json::Value>>,
    /// Any of the settings of an answer.
    settings: Option<SettingsDoc>,
}

/// Settings in a body: those of an answer, of which any may be left out.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(
    dead_code,
    reason = "documents what `domain::definition` reads strictly"
)]
#[schema(as = SettingsInput, example = json!({"for_months": 2, "due_day": 15, "due_on_business_day": true}))]
pub struct SettingsDoc {
    on_track_at: Option<f64>,
    behind_below: Option<f64>,
    gap_at_risk: Option<f64>,
    gap_behind: Option<f64>,
    pi_at_risk: Option<f64>,
    pi_behind: Option<f64>,
    inherited_share: Option<f64>,
    coverage_min: Option<f64>,
    for_months: Option<u32>,
    resolve_at: Option<f64>,
    resolve_gap: Option<f64>,
    reopen_within: Option<u32>,
    due_day: Option<u32>,
    due_on_business_day: Option<bool>,
}

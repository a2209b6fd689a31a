//! The evaluated scorecard, as `api.md` fixes it.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::alert_view::{AlertDoc, CauseDoc};
use super::causes::cause_of;
use super::issue_view::IssueView;
use super::links_view::{LinkAnalysisView, link_analyses};
use super::outlook_view::{ItemOutlookView, outlook_of};
use super::views::{Name, Named, Number, name, number};
use crate::app::scorecards::Evaluated;
use crate::domain::causes::CauseDocument;
use crate::domain::effect_grade::{EffectGrade, effect_grade};
use crate::domain::evaluate::{Counts, ItemEvaluation, PerspectiveEvaluation, StepEvaluation};
use crate::domain::event::AlertDocument;
use crate::domain::issue::Issue;
use crate::domain::ledger::{Cell, Figure};
use crate::domain::month::{Month, ProgrammeMonth};
use crate::domain::outlook::Outlook;
use crate::domain::scorecard::{Item, Perspective};
use crate::storage::actuals::StoredCell;
use crate::storage::scorecards::Scorecard;

/// Which optional parts an answer has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each part is asked for on its own"
)]
pub struct Include {
    pub causes: bool,
    pub alerts: bool,
    pub links: bool,
    pub outlook: bool,
}

/// Where a month lies.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Programme)]
pub struct ProgrammeView {
    /// Programme month, from 1.
    #[schema(example = 30)]
    t: u32,
    /// Programme year, from 1.
    #[schema(example = 3)]
    year: u32,
    /// Month of the programme year, 1–12.
    #[schema(example = 6)]
    month_of_year: u32,
    /// Japanese fiscal year, named by its April.
    #[schema(example = 2028)]
    fiscal_year: i32,
    /// 1: April to June.
    #[schema(example = 2)]
    fiscal_quarter: i32,
}

impl ProgrammeView {
    fn of(month: Month, at: ProgrammeMonth) -> Self {
        Self {
            t: at.t(),
            year: at.year(),
            month_of_year: at.month_of_year(),
            fiscal_year: month.fiscal_year(),
            fiscal_quarter: month.fiscal_quarter(),
        }
    }
}

/// How many items stand where.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Counts)]
pub struct CountsView {
    behind: u32,
    no_data: u32,
    at_risk: u32,
    on_track: u32,
    not_due: u32,
    achieved: u32,
    untargeted: u32,
    not_applicable: u32,
    /// High-hurdle items behind.
    red: u32,
    amber: u32,
    /// Items of which the plan asks something by now.
    due: u32,
    /// Of these, on track or achieved.
    met: u32,
    met_share: Option<Number>,
    /// Whether any is met.
    any_met: bool,
}

impl From<&Counts> for CountsView {
    fn from(counts: &Counts) -> Self {
        Self {
            behind: counts.behind,
            no_data: counts.no_data,
            at_risk: counts.at_risk,
            on_track: counts.on_track,
            not_due: counts.not_due,
            achieved: counts.achieved,
            untargeted: counts.untargeted,
            not_applicable: counts.not_applicable,
            red: counts.red,
            amber: counts.amber,
            due: counts.due,
            met: counts.met,
            met_share: number(counts.met_share().as_ref()),
            any_met: counts.met > 0,
        }
    }
}

/// Why an item stands where it stands.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Reason)]
pub struct ReasonView {
    /// The rule that decided: `untargeted`, `achieved`, `not_due`, `not_applicable`,
    /// `met`, `missing`, `noise`, `gap`, `at_risk` or `behind`.
    #[schema(example = "behind")]
    rule: &'static str,
    ja: String,
    en: String,
}

/// One reported cell.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Cell)]
pub struct CellView {
    /// `reported`, `not_reported` or `not_applicable`.
    #[schema(example = "reported")]
    pub(super) state: &'static str,
    pub(super) value: Option<Number>,
    pub(super) numerator: Option<Number>,
    pub(super) denominator: Option<Number>,
    /// Why the month does not count; in a history, also why it was cleared.
    pub(super) reason: Option<String>,
    reported_at: Option<DateTime<Utc>>,
    reported_by: Option<String>,
}

impl CellView {
    /// The view of a stored cell; without one, of a month never reported.
    #[must_use]
    pub fn of(stored: Option<&StoredCell>) -> Self {
        let cell = stored.map_or(&Cell::NotReported, |stored| &stored.cell);
        let mut view = Self::of_cell(cell);
        view.reported_at = stored.map(|stored| stored.reported_at);
        view.reported_by = stored.map(|stored| stored.reported_by.clone());
        view
    }

    /// The view of a state alone.
    #[must_use]
    pub fn of_cell(cell: &Cell) -> Self {
        let (mut value, mut numerator, mut denominator, mut reason) = (None, None, None, None);
        match cell {
            Cell::Reported(Figure::Amount(amount)) => value = Some(Number::from(*amount)),
            Cell::Reported(Figure::Ratio {
                numerator: n,
                denominator: d,
            }) => {
                numerator = Some(Number::from(*n));
                denominator = Some(Number::from(*d));
            }
            Cell::NotApplicable { reason: why } => reason = Some(why.clone()),
            Cell::NotReported => {}
        }
        Self {
            state: cell.state(),
            value,
            numerator,
            denominator,
            reason,
            reported_at: None,
            reported_by: None,
        }
    }
}

/// An item in a month.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EvaluatedItem)]
pub struct EvaluatedItemView {
    #[schema(example = "consult-seminar")]
    key: String,
    name: Name,
    #[schema(example = "flow")]
    measure: &'static str,
    #[schema(example = "cases")]
    unit: String,
    #[schema(example = "higher")]
    direction: &'static str,
    high_hurdle: bool,
    /// `behind`, `no_data`, `at_risk`, `on_track`, `not_due`, `achieved`, `untargeted` or `not_applicable`.
    #[schema(example = "behind")]
    status: &'static str,
    /// `red`, `amber` or `none`.
    #[schema(example = "red")]
    flag: &'static str,
    /// Short of the plan, but within chance.
    within_noise: bool,
    /// Earlier months of the sum without a figure.
    #[schema(value_type = Vec<String>, example = json!(["2028-07"]))]
    gap_months: Vec<Month>,
    /// Actual to date.
    actual: Option<Number>,
    /// Plan to date.
    plan: Number,
    /// The whole target in force.
    target: Option<Number>,
    /// Actual over plan (plan over actual where lower is better).
    attainment: Option<Number>,
    /// The same against version 1 of the plan; null where that lacks the item.
    attainment_first: Option<Number>,
    /// 1: the plan is reached; 2: seven tenths of it; 3: better than the baseline, which is the same
    /// month of the first programme year (of a bar: zero); 4: none of these. Null where nothing is
    /// due, figures are missing, or there is no baseline to tell 3 from 4.
    #[schema(minimum = 1, maximum = 4, example = 2)]
    effect_grade: Option<u8>,
    /// How far short of the plan.
    shortfall: Option<Number>,
    /// How likely so poor a value is for a hub exactly on plan.
    probability: Option<Number>,
    reason: ReasonView,
    cell: CellView,
    /// With `include=causes`: why a red or amber item is short; null for others.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<CauseDoc>)]
    cause: Option<CauseView>,
    /// With `include=outlook`: how the item will end; null for a level or
    /// ratio, and without a target.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<ItemOutlookView>)]
    outlook: Option<OptionalOutlookView>,
}

/// The outlook of an item, where it has one.
#[derive(Debug, Serialize)]
#[serde(transparent)]
struct OptionalOutlookView(Option<ItemOutlookView>);

/// The cause of an item, where it is flagged.
#[derive(Debug, Serialize)]
#[serde(transparent)]
struct CauseView(Option<CauseDocument>);

/// A stage within a track.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Step)]
pub struct StepView {
    #[schema(example = "consult")]
    stage: &'static str,
    track: Option<String>,
    name: Name,
    #[schema(example = "behind")]
    status: &'static str,
    #[schema(example = "red")]
    flag: &'static str,
    items: Vec<EvaluatedItemView>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Perspective)]
pub struct PerspectiveView {
    /// `learning`, `process`, `customer` or `financial`.
    #[schema(example = "customer")]
    key: &'static str,
    name: Name,
    score: Option<Number>,
    coverage: Option<Number>,
    #[schema(example = "red")]
    flag: &'static str,
    steps: Vec<StepView>,
}

/// A scorecard as it stands in a month.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EvaluatedScorecard)]
pub struct EvaluatedView {
    #[serde(flatten)]
    head: ScorecardHeadView,
    #[schema(value_type = String, example = "2026-04")]
    start_month: Month,
    #[schema(value_type = String, example = "2028-09")]
    month: Month,
    programme: ProgrammeView,
    /// The last month with any reported cell.
    #[schema(value_type = Option<String>, example = "2028-09")]
    reported_through: Option<Month>,
    #[schema(example = 1)]
    plan_version: u32,
    /// Rises with everything that changes an answer; the ETag.
    #[schema(example = 31)]
    revision: i64,
    /// 0–100; null below the coverage that a score needs.
    score: Option<Number>,
    /// The share of what is due that has figures.
    coverage: Option<Number>,
    /// Whether figures are missing.
    provisional: bool,
    #[schema(example = "red")]
    flag: &'static str,
    counts: CountsView,
    /// All four, upstream to downstream.
    perspectives: Vec<PerspectiveView>,
    /// With `include=links`: every link with its conversion.
    #[serde(skip_serializing_if = "Option::is_none")]
    links: Option<Vec<LinkAnalysisView>>,
    /// With `include=alerts`: all alerts of the scorecard, open and over,
    /// whatever the month; latest opened first.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<AlertDoc>>)]
    alerts: Option<Vec<AlertDocument>>,
    /// After creating: warnings about the plan.
    #[serde(skip_serializing_if = "Option::is_none")]
    issues: Option<Vec<IssueView>>,
}

impl EvaluatedView {
    #[must_use]
    pub fn of(evaluated: &Evaluated, include: Include) -> Self {
        let Evaluated {
            scorecard,
            plan,
            month,
            at,
            evaluation,
            ..
        } = evaluated;
        let parts = Parts {
            causes: include.causes,
            outlook: include.outlook.then(|| outlook_of(evaluated)),
        };
        Self {
            head: ScorecardHeadView::from(scorecard),
            start_month: scorecard.start,
            month: *month,
            programme: ProgrammeView::of(*month, *at),
            reported_through: scorecard.reported_through,
            plan_version: plan.version,
            revision: scorecard.revision,
            score: number(evaluation.score.as_ref()),
            coverage: number(evaluation.coverage.as_ref()),
            provisional: evaluation.provisional,
            flag: evaluation.flag.code(),
            counts: CountsView::from(&evaluation.counts),
            perspectives: evaluation
                .perspectives
                .iter()
                .map(|p| perspective(p, evaluated, &parts))
                .collect(),
            links: include.links.then(|| link_analyses(evaluated)),
            alerts: None,
            issues: None,
        }
    }

    /// With its alerts, where they are asked for.
    #[must_use]
    pub fn with_alerts(mut self, alerts: Option<Vec<AlertDocument>>) -> Self {
        self.alerts = alerts;
        self
    }

    /// With the warnings of its creation.
    #[must_use]
    pub fn with_issues(mut self, issues: Vec<Issue>) -> Self {
        self.issues = Some(issues.into_iter().map(IssueView::from).collect());
        self
    }
}

/// What the items carry besides their evaluation.
struct Parts {
    causes: bool,
    outlook: Option<Outlook>,
}

fn perspective(
    evaluated: &PerspectiveEvaluation,
    card: &Evaluated,
    parts: &Parts,
) -> PerspectiveView {
    let perspective: Perspective = evaluated.perspective;
    PerspectiveView {
        key: perspective.code(),
        name: name(&perspective.name()),
        score: number(evaluated.score.as_ref()),
        coverage: number(evaluated.coverage.as_ref()),
        flag: evaluated.flag.code(),
        steps: evaluated
            .steps
            .iter()
            .map(|s| step(s, card, parts))
            .collect(),
    }
}

fn step(evaluated: &StepEvaluation, card: &Evaluated, parts: &Parts) -> StepView {
    let items = evaluated
        .items
        .iter()
        .filter_map(|index| {
            let item = card.plan.definition.items.get(*index)?;
            let cause = parts.causes.then(|| CauseView(cause_of(card, *index)));
            let outlook = parts.outlook.as_ref().map(|found| {
                let outlook = found.items.get(*index).and_then(Option::as_ref);
                OptionalOutlookView(outlook.map(|outlook| ItemOutlookView::of(outlook, &card.plan)))
            });
            Some(EvaluatedItemView {
                cause,
                outlook,
                ..evaluated_item(item, card.evaluation.items.get(*index)?, card)
            })
        })
        .collect();
    StepView {
        stage: evaluated.stage.code(),
        track: evaluated.track.clone(),
        name: name(&evaluated.name),
        status: evaluated.status.code(),
        flag: evaluated.flag.code(),
        items,
    }
}

fn evaluated_item(item: &Item, evaluated: &ItemEvaluation, card: &Evaluated) -> EvaluatedItemView {
    let start = card.scorecard.start;
    EvaluatedItemView {
        key: item.key.clone(),
        name: name(&item.name),
        measure: item.measure.code(),
        unit: item.unit.0.clone(),
        direction: item.direction.code(),
        high_hurdle: item.high_hurdle,
        status: evaluated.status.code(),
        flag: evaluated.flag.code(),
        within_noise: evaluated.within_noise,
        gap_months: evaluated
            .gap_months
            .iter()
            .map(|at| at.calendar(start))
            .collect(),
        actual: number(evaluated.actual.as_ref()),
        plan: Number::from(&evaluated.plan),
        target: evaluated.target.map(Number::from),
        attainment: number(evaluated.attainment.as_ref()),
        attainment_first: number(card.attainment_first(item, evaluated).as_ref()),
        effect_grade: effect_grade(&card.plan, &card.ledger, item, evaluated, card.at)
            .map(EffectGrade::number),
        shortfall: number(evaluated.shortfall.as_ref()),
        probability: evaluated
            .probability
            .and_then(crate::domain::amount::Rounded::probability)
            .map(Number),
        reason: ReasonView {
            rule: evaluated.rule.code(),
            ja: evaluated.reason.ja.clone(),
            en: evaluated.reason.en.clone(),
        },
        cell: CellView::of(card.cells.get(&item.key)),
        cause: None,
        outlook: None,
    }
}

/// What every view of a scorecard begins with.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ScorecardHead)]
pub struct ScorecardHeadView {
    id: String,
    /// Unique within the hub.
    #[schema(example = "mature-hard-to-fill")]
    key: String,
    name: Name,
    /// Key of the template that it was made from.
    template: Option<String>,
    hub: Named,
    prefecture: Named,
    #[schema(example = "mature")]
    market_type: &'static str,
}

impl From<&Scorecard> for ScorecardHeadView {
    fn from(scorecard: &Scorecard) -> Self {
        Self {
            id: scorecard.id.to_string(),
            key: scorecard.key.clone(),
            name: name(&scorecard.name),
            template: scorecard.template.clone(),
            hub: Named::from(&scorecard.hub),
            prefecture: Named::from(&scorecard.hub.prefecture),
            market_type: scorecard.market_type.code(),
        }
    }
}

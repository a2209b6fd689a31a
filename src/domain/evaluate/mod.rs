//! The evaluation: where every item, step and perspective of a scorecard
//! stands in a month, and why (`semantics.md` §3, §4).
//!
//! [`evaluate`] is a pure function of plan version, reported cells and month.
//! Files: `actual` (§3), `item` (the rules and gaps), `noise` (`pi`), `reason`
//! and `words` (for people), `rollup` (steps, perspectives, scores, counts).

mod actual;
mod item;
mod noise;
mod reason;
mod rollup;

pub(in crate::domain) use actual::LEVEL_MONTHS_MAX;
pub(in crate::domain) use item::{is_achieved, is_judged_by_gap};
pub(in crate::domain) use noise::{Tail, binomial};
pub use rollup::{Counts, PerspectiveEvaluation, ScoredWeight, StepEvaluation};

use super::amount::{Amount, Exact};
use super::ledger::Ledger;
use super::month::ProgrammeMonth;
use super::roadmap::Plan;
use super::scorecard::{Item, Settings, Stage};
use super::status::{Flag, Rule, Status};
use super::text::Text;

/// A scorecard in a month.
#[derive(Clone, Debug, PartialEq)]
pub struct Evaluation {
    pub month: ProgrammeMonth,
    /// In plan order, parallel to the definition's items.
    pub items: Vec<ItemEvaluation>,
    /// All four, in order.
    pub perspectives: Vec<PerspectiveEvaluation>,
    pub score: Option<Exact>,
    pub coverage: Option<Exact>,
    pub provisional: bool,
    pub flag: Flag,
    pub counts: Counts,
    /// What the scores are made of, pooled over all items.
    pub weights: ScoredWeight,
}

/// An item in a month: its status with the inputs, the rule that decided and
/// the reason in words.
#[derive(Clone, Debug, PartialEq)]
pub struct ItemEvaluation {
    pub status: Status,
    pub flag: Flag,
    pub within_noise: bool,
    /// The earlier months of the sum without a figure.
    pub gap_months: Vec<ProgrammeMonth>,
    /// `A(t)`.
    pub actual: Option<Exact>,
    /// `P(t)`.
    pub plan: Exact,
    /// `T`.
    pub target: Option<Amount>,
    /// `r`.
    pub attainment: Option<Exact>,
    /// `G`; absent without a target.
    pub shortfall: Option<Exact>,
    /// `pi`; absent where the noise guard was not asked.
    pub probability: Option<f64>,
    pub rule: Rule,
    pub reason: Text,
}

/// Evaluates a scorecard under the plan version in force.
#[must_use]
pub fn evaluate(plan: &Plan, ledger: &Ledger, month: ProgrammeMonth) -> Evaluation {
    let thresholds = Thresholds::of(&plan.definition.settings);
    let items: Vec<ItemEvaluation> = plan
        .definition
        .items
        .iter()
        .map(|item| item::evaluate(item, plan.start, &thresholds, ledger.item(&item.key), month))
        .collect();
    rollup::evaluation(&plan.definition, &thresholds, month, items)
}

/// One item as [`evaluate`] judges it, without the reason in words: for those
/// who ask for many months.
#[must_use]
pub fn evaluate_item(
    plan: &Plan,
    ledger: &Ledger,
    item: &Item,
    month: ProgrammeMonth,
) -> ItemEvaluation {
    let thresholds = Thresholds::of(&plan.definition.settings);
    item::judge(item, &thresholds, ledger.item(&item.key), month)
}

impl Evaluation {
    /// What the score of one stage is made of, over all its tracks.
    #[must_use]
    pub fn stage_weights(&self, plan: &Plan, stage: Stage) -> ScoredWeight {
        plan.definition
            .items
            .iter()
            .zip(&self.items)
            .filter(|(item, _)| item.stage == stage)
            .map(|(item, evaluation)| ScoredWeight::of(item, evaluation))
            .sum()
    }
}

/// The scorecard's settings, as the rules compare with them.
struct Thresholds {
    on_track_at: Exact,
    behind_below: Exact,
    gap_at_risk: Exact,
    gap_behind: Exact,
    pi_at_risk: f64,
    pi_behind: f64,
    coverage_min: Exact,
}

impl Thresholds {
    fn of(settings: &Settings) -> Self {
        Self {
            on_track_at: settings.on_track_at.exact(),
            behind_below: settings.behind_below.exact(),
            gap_at_risk: settings.gap_at_risk.exact(),
            gap_behind: settings.gap_behind.exact(),
            pi_at_risk: settings.pi_at_risk.exact().to_f64(),
            pi_behind: settings.pi_behind.exact().to_f64(),
            coverage_min: settings.coverage_min.exact(),
        }
    }
}

#[cfg(test)]
mod tests;

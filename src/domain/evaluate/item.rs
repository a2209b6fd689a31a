//! The status of one item in one month: rules 1 to 7, the gaps and the flag
//! (`semantics.md` §4).

use super::actual::{self, Actual, RatioSums};
use super::noise::{self, Tail};
use super::reason::{self, Case};
use super::{ItemEvaluation, Thresholds};
use crate::domain::amount::Exact;
use crate::domain::ledger::ItemCells;
use crate::domain::month::{Month, ProgrammeMonth};
use crate::domain::scorecard::{Item, Measure};
use crate::domain::status::{Flag, Rule, Status};
use crate::domain::text::Text;

/// A milestone is behind when it is so many months past its due month, and
/// more.
const MILESTONE_GRACE_MONTHS: u32 = 2;

/// The evaluation of an item in a month.
pub(super) fn evaluate(
    item: &Item,
    start: Month,
    thresholds: &Thresholds,
    cells: ItemCells<'_>,
    month: ProgrammeMonth,
) -> ItemEvaluation {
    let mut evaluation = judge(item, thresholds, cells, month);
    evaluation.reason = reason::of(&Case {
        item,
        start,
        thresholds,
        cells,
        month,
        evaluation: &evaluation,
    });
    evaluation
}

/// The evaluation of an item in a month, its reason left empty.
pub(super) fn judge(
    item: &Item,
    thresholds: &Thresholds,
    cells: ItemCells<'_>,
    month: ProgrammeMonth,
) -> ItemEvaluation {
    let Actual { value, ratio } = actual::to_date(item, cells, month);
    let gap_months = actual::gaps(item, cells, month);
    let target = item.target_in(month.year());
    let plan = item.planned(month);
    let (verdict, attainment) = match target {
        None => (Verdict::of(Status::Untargeted, Rule::Untargeted), None),
        Some(target) => {
            let judge = Judge {
                item,
                thresholds,
                month,
                target: target.exact(),
                plan: &plan,
                ratio,
            };
            let attainment = value.as_ref().and_then(|value| judge.attainment(value));
            let verdict = judge.status(value.as_ref(), attainment.as_ref(), cells, &gap_months);
            (verdict, attainment)
        }
    };
    let shortfall = value
        .as_ref()
        .filter(|_| target.is_some())
        .map(|value| shortfall(item, &plan, value));
    ItemEvaluation {
        status: verdict.status,
        flag: Flag::of(verdict.status, item.high_hurdle),
        within_noise: verdict.within_noise,
        gap_months,
        actual: value,
        plan,
        target,
        attainment,
        shortfall,
        probability: verdict.probability,
        rule: verdict.rule,
        reason: Text::default(),
    }
}

/// Whether the table judges an item by its gap `G` as a share of `T`; the
/// other rows go by attainment.
pub(in crate::domain) fn is_judged_by_gap(item: &Item) -> bool {
    match item.measure {
        Measure::Milestone | Measure::Cumulative => true,
        Measure::Flow => !item.is_counted(),
        Measure::Ratio | Measure::Level => false,
    }
}

/// Whether the whole target is reached by the end of `month` (rule 2).
pub(in crate::domain) fn is_achieved(
    item: &Item,
    cells: ItemCells<'_>,
    month: ProgrammeMonth,
) -> bool {
    match (
        item.target_in(month.year()),
        actual::to_date(item, cells, month).value,
    ) {
        (Some(target), Some(actual)) => reaches(item, &actual, &target.exact()),
        _ => false,
    }
}

/// `A >= T` for the measures that can be done with (rule 2).
fn reaches(item: &Item, actual: &Exact, target: &Exact) -> bool {
    let has_end = match item.measure {
        Measure::Flow | Measure::Cumulative | Measure::Milestone => true,
        Measure::Level | Measure::Ratio => false,
    };
    has_end && item.is_higher_better() && actual >= target
}

/// `G`: how far the actual is on the wrong side of the plan.
fn shortfall(item: &Item, plan: &Exact, actual: &Exact) -> Exact {
    if item.is_higher_better() {
        plan - actual
    } else {
        actual - plan
    }
}

/// What the rules decide.
struct Verdict {
    status: Status,
    rule: Rule,
    within_noise: bool,
    /// `pi`, where the noise guard was asked.
    probability: Option<f64>,
}

impl Verdict {
    const fn of(status: Status, rule: Rule) -> Self {
        Self {
            status,
            rule,
            within_noise: false,
            probability: None,
        }
    }
}

/// An item with a target, in a month.
struct Judge<'a> {
    item: &'a Item,
    thresholds: &'a Thresholds,
    month: ProgrammeMonth,
    /// `T`.
    target: Exact,
    /// `P(t)`.
    plan: &'a Exact,
    ratio: Option<RatioSums>,
}

impl Judge<'_> {
    /// The first rule that applies, of 2 to 7.
    fn status(
        &self,
        actual: Option<&Exact>,
        attainment: Option<&Exact>,
        cells: ItemCells<'_>,
        gap_months: &[ProgrammeMonth],
    ) -> Verdict {
        let cell = cells.at(self.month);
        if actual.is_some_and(|actual| reaches(self.item, actual, &self.target)) {
            return Verdict::of(Status::Achieved, Rule::Achieved);
        }
        if !self.plan.is_positive() {
            return Verdict::of(Status::NotDue, Rule::NotDue);
        }
        if cell.is_not_applicable() {
            return Verdict::of(Status::NotApplicable, Rule::NotApplicable);
        }
        let missing = Verdict::of(Status::NoData, Rule::Missing);
        let Some(actual) = actual else {
            return missing;
        };
        if self.is_met(actual, attainment) {
            return Verdict::of(Status::OnTrack, Rule::Met);
        }
        let carries_over = matches!(self.item.measure, Measure::Level | Measure::Milestone);
        if !carries_over && !actual::is_usable(self.item, cell) {
            return missing;
        }
        let verdict = self.short(actual, attainment);
        if verdict.status.is_short() && !gap_months.is_empty() {
            return Verdict {
                probability: verdict.probability,
                ..self.bridged(actual, cells, gap_months)
            };
        }
        verdict
    }

    /// `r`; `None` where nothing is planned, and for "lower is better" at zero
    /// and below, where there is nothing to divide by.
    fn attainment(&self, actual: &Exact) -> Option<Exact> {
        if !self.plan.is_positive() {
            None
        } else if self.item.is_higher_better() {
            actual.checked_div(self.plan)
        } else if actual.is_positive() {
            self.plan.checked_div(actual)
        } else {
            None
        }
    }

    /// Rule 5. A strict target must be beaten besides: what is not better than
    /// `T` is not met, however well it is paced. A milestone from its due month
    /// on would be met by rule 2.
    fn is_met(&self, actual: &Exact, attainment: Option<&Exact>) -> bool {
        if self.item.measure == Measure::Milestone && self.item.is_past_due(self.month) {
            return false;
        }
        let close = match attainment {
            Some(attainment) => *attainment >= self.thresholds.on_track_at,
            None => !self.item.is_higher_better(),
        };
        close && (!self.item.strict || self.is_strictly_better(actual))
    }

    fn is_strictly_better(&self, actual: &Exact) -> bool {
        if self.item.is_higher_better() {
            *actual > self.target
        } else {
            *actual < self.target
        }
    }

    /// Rule 7: the table by kind. Whatever is not met is at risk in the rows
    /// by attainment.
    fn short(&self, actual: &Exact, attainment: Option<&Exact>) -> Verdict {
        let (behind, at_risk) = if is_judged_by_gap(self.item) {
            self.by_gap(actual)
        } else {
            (
                attainment.is_some_and(|attainment| *attainment < self.thresholds.behind_below),
                true,
            )
        };
        let guarded = self.is_guarded();
        let probability = guarded.then(|| self.probability(actual)).flatten();
        let is_fact = !guarded || self.is_over();
        let stands = |limit| is_fact || probability.is_none_or(|pi| pi <= limit);
        let (status, rule) = if behind && stands(self.thresholds.pi_behind) {
            (Status::Behind, Rule::Behind)
        } else if at_risk && stands(self.thresholds.pi_at_risk) {
            (Status::AtRisk, Rule::AtRisk)
        } else if guarded {
            (Status::OnTrack, Rule::Noise)
        } else {
            (Status::OnTrack, Rule::Met)
        };
        Verdict {
            status,
            rule,
            within_noise: rule == Rule::Noise,
            probability,
        }
    }

    /// The rows that compare `G` with shares of `T`: behind, at risk.
    fn by_gap(&self, actual: &Exact) -> (bool, bool) {
        let gap = shortfall(self.item, self.plan, actual);
        let mut wide = &self.thresholds.gap_behind * &self.target;
        if self.item.measure == Measure::Milestone {
            if self.item.is_past_due(self.month) {
                return (gap > wide || self.is_past_grace(), true);
            }
            wide = wide.max(self.item.planned_increment(self.month));
        }
        let narrow = &self.thresholds.gap_at_risk * &self.target;
        (gap > wide, gap > narrow)
    }

    /// Whether chance may excuse the item: what counts whole things.
    fn is_guarded(&self) -> bool {
        let counts = matches!(
            self.item.measure,
            Measure::Flow | Measure::Cumulative | Measure::Ratio
        );
        counts && self.item.is_counted()
    }

    /// Whether the outcome is a fact that noise does not excuse: the year's
    /// last month, the end of a bar.
    fn is_over(&self) -> bool {
        if self.item.measure == Measure::Cumulative {
            self.item.is_past_due(self.month)
        } else {
            self.month.ends_year()
        }
    }

    /// `t > d + 2`.
    fn is_past_grace(&self) -> bool {
        self.item
            .bar
            .is_some_and(|bar| self.month.t() > bar.due.saturating_add(MILESTONE_GRACE_MONTHS))
    }

    /// `pi` of what is counted.
    fn probability(&self, actual: &Exact) -> Option<f64> {
        let tail = if self.item.is_higher_better() {
            Tail::AtMost
        } else {
            Tail::AtLeast
        };
        match self.item.measure {
            Measure::Cumulative => {
                let share = self.plan.checked_div(&self.target)?;
                noise::binomial(&self.target, &share, actual, tail)
            }
            Measure::Ratio => {
                let RatioSums {
                    numerator,
                    denominator,
                } = self.ratio.as_ref()?;
                if self.item.proportion {
                    noise::binomial(denominator, &self.target, numerator, tail)
                } else {
                    noise::poisson(&(&self.target * denominator), numerator, tail)
                }
            }
            Measure::Flow | Measure::Level | Measure::Milestone => {
                noise::poisson(self.plan, actual, tail)
            }
        }
    }

    /// §4 "Gaps": the status that the actual gives once the plan of the
    /// missing months is added; where that is no shortfall, nothing is known,
    /// or, if all of them do not apply, nothing is wrong.
    fn bridged(
        &self,
        actual: &Exact,
        cells: ItemCells<'_>,
        gap_months: &[ProgrammeMonth],
    ) -> Verdict {
        let planned: Exact = gap_months
            .iter()
            .map(|month| self.item.planned_increment(*month))
            .sum();
        let bridged = self.anew(&(actual + &planned));
        if bridged.status.is_short() {
            return bridged;
        }
        let all_excused = gap_months
            .iter()
            .all(|month| cells.at(*month).is_not_applicable());
        Verdict {
            status: if all_excused {
                Status::OnTrack
            } else {
                Status::NoData
            },
            rule: Rule::Gap,
            within_noise: all_excused && bridged.within_noise,
            ..bridged
        }
    }

    /// Rules 2, 5 and 7 for a value other than the actual one.
    fn anew(&self, actual: &Exact) -> Verdict {
        let attainment = self.attainment(actual);
        if reaches(self.item, actual, &self.target) {
            Verdict::of(Status::Achieved, Rule::Achieved)
        } else if self.is_met(actual, attainment.as_ref()) {
            Verdict::of(Status::OnTrack, Rule::Met)
        } else {
            self.short(actual, attainment.as_ref())
        }
    }
}

#[cfg(test)]
mod tests;

//! The effect of an item in four grades, as the subsidy's reviews give them:
//! reached, to a considerable degree, better than before, none.

use super::amount::Exact;
use super::evaluate::{ItemEvaluation, evaluate_item};
use super::ledger::Ledger;
use super::month::{MONTHS_PER_YEAR, ProgrammeMonth};
use super::roadmap::Plan;
use super::scorecard::{Item, Measure};
use super::status::Status;

/// Tenths of the plan from which an effect is considerable.
const CONSIDERABLE_TENTHS: i64 = 7;

/// How much came of an item, the best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum EffectGrade {
    /// `A >= P`; lower is better `A <= P`, a strict target `A < P`.
    Reached,
    /// `r >= 0.7`.
    Considerable,
    /// Better than its baseline.
    Improved,
    None,
}

impl EffectGrade {
    /// The grade as reviews number it, 1 to 4.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::Reached => 1,
            Self::Considerable => 2,
            Self::Improved => 3,
            Self::None => 4,
        }
    }
}

/// The grade of an item evaluated in a month; `None` where the plan asks
/// nothing of it, its figures are missing, or it would depend on a baseline
/// that there is not.
#[must_use]
pub fn effect_grade(
    plan: &Plan,
    ledger: &Ledger,
    item: &Item,
    evaluated: &ItemEvaluation,
    month: ProgrammeMonth,
) -> Option<EffectGrade> {
    match evaluated.status {
        Status::Achieved => return Some(EffectGrade::Reached),
        Status::NoData | Status::NotDue | Status::Untargeted | Status::NotApplicable => {
            return None;
        }
        Status::Behind | Status::AtRisk | Status::OnTrack => {}
    }
    let actual = evaluated.actual.as_ref()?;
    let is_at_plan = *actual == evaluated.plan && !item.strict;
    if is_at_plan || is_better(item, actual, &evaluated.plan) {
        return Some(EffectGrade::Reached);
    }
    let considerable = Exact::fraction(CONSIDERABLE_TENTHS, 10);
    if evaluated
        .attainment
        .as_ref()
        .is_some_and(|r| *r >= considerable)
    {
        return Some(EffectGrade::Considerable);
    }
    let baseline = baseline(plan, ledger, item, month)?;
    Some(if is_better(item, actual, &baseline) {
        EffectGrade::Improved
    } else {
        EffectGrade::None
    })
}

fn is_better(item: &Item, one: &Exact, other: &Exact) -> bool {
    if item.is_higher_better() {
        one > other
    } else {
        one < other
    }
}

/// What an item was before its steps were worked on: of a bar zero; else its
/// actual at the same month of the first earlier programme year in which every
/// month up to it is reported.
fn baseline(plan: &Plan, ledger: &Ledger, item: &Item, month: ProgrammeMonth) -> Option<Exact> {
    if matches!(item.measure, Measure::Cumulative | Measure::Milestone) {
        return Some(Exact::zero());
    }
    (1..month.year())
        .map(|year| ProgrammeMonth::new((year - 1) * MONTHS_PER_YEAR + month.month_of_year()))
        .filter(|earlier| {
            let mut months = earlier.year_start().through(*earlier);
            months.all(|m| ledger.cell(&item.key, m).is_reported())
        })
        .find_map(|earlier| evaluate_item(plan, ledger, item, earlier).actual)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::amount::Amount;
    use crate::domain::fixture::{
        ItemFixture, cumulative, flow, ledger, level, milestone, plan, ratio, t,
    };

    fn grade(item: &Item, months: &str, month: u32) -> Option<u8> {
        let plan = plan(vec![item.clone()]);
        let ledger = ledger(&[("item", months)]);
        let evaluated = evaluate_item(&plan, &ledger, item, t(month));
        effect_grade(&plan, &ledger, item, &evaluated, t(month)).map(EffectGrade::number)
    }

    #[test]
    fn grades_follow_plan_and_baseline() {
        let lower = ratio(10).lower().proportion();
        for (item, months, month, expected) in [
            // At the plan, just below it, at seven tenths, just below.
            (flow(120), "10", 1, Some(1)),
            (flow(120), "9.9999", 1, Some(2)),
            (flow(120), "7", 1, Some(2)),
            (flow(120), "6.9999", 1, None),
            (flow(120), "120", 1, Some(1)),
            // The first year is the baseline of the second.
            (flow(120), "5 0*11 6", 13, Some(3)),
            (flow(120), "5 0*11 5", 13, Some(4)),
            (flow(120), "5 0*11 0", 13, Some(4)),
            // Not the year before: the first one that is there.
            (flow(120), "3 0*11 5 0*11 4", 25, Some(3)),
            (flow(120), "- 0*11 5 0*11 4", 25, Some(4)),
            (flow(120), "- 5 0*10 2 2", 14, None),
            (level(10), "3 0*11 4", 13, Some(3)),
            // Of a bar nothing is there before.
            (cumulative(10, 1, 2), "1", 1, Some(3)),
            (cumulative(10, 1, 2), "0", 1, Some(4)),
            (milestone(1, 2), "10", 1, Some(3)),
            (milestone(1, 2), "35", 1, Some(2)),
            (milestone(1, 2), "50", 1, Some(1)),
            // Lower is better.
            (lower.clone(), "1/10", 1, Some(1)),
            (lower.clone().strict(), "1/10", 1, Some(2)),
            (lower.clone().strict(), "0/10", 1, Some(1)),
            (lower.clone(), "10/70", 1, Some(2)),
            (lower.clone(), "3/10 0/1*11 2/10", 13, Some(3)),
            (lower, "2/10 0/1*11 3/10", 13, Some(4)),
            // Nothing to judge.
            (flow(120), "", 1, None),
            (flow(120), "x", 1, None),
            (flow(120).without_target(), "5", 1, None),
            (cumulative(10, 3, 5), "1", 1, None),
            (
                flow(1)
                    .without_target()
                    .with_target(Some(2), Amount::whole(12)),
                "5",
                1,
                None,
            ),
        ] {
            assert_eq!(
                grade(&item, months, month),
                expected,
                "{months:?} {month} {item:?}"
            );
        }
    }
}

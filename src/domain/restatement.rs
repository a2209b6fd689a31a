//! Restatements: what was answered about a month at one instant, and is answered
//! otherwise at a later one (`semantics.md` §7).
//!
//! Guarantee: a pure comparison of two states of knowledge. A month that was
//! first reported in between is no restatement, and neither is a cell: before
//! them nothing was said that could be said otherwise.

use super::amount::{Amount, Exact};
use super::code::coded_enum;
use super::evaluate::evaluate_item;
use super::ledger::{Cell, Ledger};
use super::month::{Month, ProgrammeMonth};
use super::roadmap::PlanHistory;
use super::scorecard::{Item, Measure};
use super::status::{Flag, Status};
use super::text::Text;

coded_enum! {
    /// Why a month is answered otherwise.
    pub enum CauseKind {
        /// A cell has another figure.
        Correction => "correction",
        /// A cell was taken back.
        Clear => "clear",
        /// A cell of the same sum was first reported after the month was answered.
        LateReport => "late_report",
        /// Another plan version is in force in the month.
        PlanRevision => "plan_revision",
    }
}

/// What is known of a scorecard at an instant.
#[derive(Clone, Copy, Debug)]
pub struct Knowledge<'a> {
    pub plans: &'a PlanHistory,
    pub ledger: &'a Ledger,
}

/// What is answered about an item in a month.
#[derive(Clone, Debug, PartialEq)]
pub struct Answered {
    pub cell: Cell,
    pub actual: Option<Exact>,
    pub plan: Exact,
    pub target: Option<Amount>,
    pub attainment: Option<Exact>,
    pub status: Status,
    pub flag: Flag,
    pub plan_version: u32,
}

/// An item in a month that is answered otherwise.
#[derive(Clone, Debug, PartialEq)]
pub struct Restatement {
    pub item: String,
    pub name: Text,
    pub month: Month,
    pub before: Answered,
    /// `None` where the plan in force lacks the item now.
    pub after: Option<Answered>,
    /// The first month whose cells count for it.
    since: Month,
}

impl Restatement {
    /// Why a change of one of the item's cells has a part in it; `None` where
    /// it has none.
    #[must_use]
    pub fn cause(&self, month: Month, before: &Cell, after: &Cell) -> Option<CauseKind> {
        if month < self.since || month > self.month || before == after {
            return None;
        }
        Some(match (before, after) {
            (Cell::NotReported, _) => CauseKind::LateReport,
            (_, Cell::NotReported) => CauseKind::Clear,
            _ => CauseKind::Correction,
        })
    }

    /// The plan version that made it so, where another one is in force.
    #[must_use]
    pub fn other_plan(&self, now: &Knowledge<'_>) -> Option<u32> {
        let version = now.plans.in_force(self.month).version;
        (version != self.before.plan_version).then_some(version)
    }
}

/// Everything that is answered otherwise, by month and then in plan order.
#[must_use]
pub fn restatements(then: &Knowledge<'_>, now: &Knowledge<'_>) -> Vec<Restatement> {
    let Some(through) = then.ledger.reported_through() else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for at in ProgrammeMonth::FIRST.through(through) {
        let month = at.calendar(then.plans.start());
        // What nobody had reported, nobody was told of.
        if !then.ledger.has_reported(at) {
            continue;
        }
        for item in &then.plans.in_force(month).definition.items {
            let before = answered(then, item, month, at);
            let other = now.plans.in_force(month).definition.item(&item.key);
            let after = other.map(|item| answered(now, item, month, at));
            let is_first_report = before.cell == Cell::NotReported
                && *now.ledger.cell(&item.key, at) != Cell::NotReported;
            if is_first_report
                || after
                    .as_ref()
                    .is_some_and(|after| says_the_same(&before, after))
            {
                continue;
            }
            found.push(Restatement {
                item: item.key.clone(),
                name: item.name.clone(),
                month,
                since: first_month(item, at).calendar(then.plans.start()),
                before,
                after,
            });
        }
    }
    found
}

fn answered(known: &Knowledge<'_>, item: &Item, month: Month, at: ProgrammeMonth) -> Answered {
    let plan = known.plans.in_force(month);
    let evaluated = evaluate_item(plan, known.ledger, item, at);
    Answered {
        cell: known.ledger.cell(&item.key, at).clone(),
        actual: evaluated.actual,
        plan: evaluated.plan,
        target: evaluated.target,
        attainment: evaluated.attainment,
        status: evaluated.status,
        flag: evaluated.flag,
        plan_version: plan.version,
    }
}

/// A version that changes nothing of an item restates nothing of it.
fn says_the_same(before: &Answered, after: &Answered) -> bool {
    let plan_version = before.plan_version;
    *before
        == Answered {
            plan_version,
            ..after.clone()
        }
}

/// The first month that an item's value in a month is made of: of a flow or ratio,
/// the year's first.
fn first_month(item: &Item, at: ProgrammeMonth) -> ProgrammeMonth {
    match item.measure {
        Measure::Flow | Measure::Ratio => ProgrammeMonth::new(at.t() + 1 - at.month_of_year()),
        Measure::Cumulative | Measure::Level | Measure::Milestone => ProgrammeMonth::FIRST,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::fixture::{ItemFixture, flow, level, plan};
    use super::*;

    fn at(t: u32) -> ProgrammeMonth {
        ProgrammeMonth::new(t)
    }

    fn cell(value: i64) -> Cell {
        Cell::Reported(super::super::ledger::Figure::Amount(Amount::whole(value)))
    }

    fn ledger(cells: &[(&str, u32, Cell)]) -> Ledger {
        let mut ledger = Ledger::default();
        for (item, t, cell) in cells {
            ledger.set(item, at(*t), cell.clone());
        }
        ledger
    }

    /// Item, programme month, actual before and after.
    type Line = (String, u32, Option<i64>, Option<i64>);

    fn lines(plans: &PlanHistory, then: &Ledger, now: &Ledger) -> Vec<Line> {
        let whole = |exact: &Option<Exact>| {
            let shown = exact.as_ref().map(Exact::shown);
            shown.map(|amount| amount.scaled() / 10_000)
        };
        let then = Knowledge {
            plans,
            ledger: then,
        };
        let now = Knowledge { plans, ledger: now };
        restatements(&then, &now)
            .iter()
            .map(|found| {
                let t = ProgrammeMonth::of(found.month, plans.start()).unwrap().t();
                let after = found.after.as_ref().unwrap();
                (
                    found.item.clone(),
                    t,
                    whole(&found.before.actual),
                    whole(&after.actual),
                )
            })
            .collect()
    }

    fn plans() -> PlanHistory {
        PlanHistory::new(
            plan(vec![flow(48).keyed("f"), level(4).keyed("l")]),
            Vec::new(),
        )
    }

    #[test]
    fn a_correction_restates_its_month_and_the_later_ones_of_the_year() {
        let then = ledger(&[("f", 1, cell(4)), ("f", 2, cell(4)), ("l", 2, cell(4))]);
        let mut now = then.clone();
        now.set("f", at(1), cell(2));
        let f = |t, before, after| ("f".to_owned(), t, Some(before), Some(after));
        assert_eq!(lines(&plans(), &then, &now), [f(1, 4, 2), f(2, 8, 6)]);
        assert_eq!(lines(&plans(), &then, &then), []);
    }

    #[test]
    fn what_was_first_reported_since_is_no_restatement() {
        let then = ledger(&[("f", 1, cell(4)), ("f", 3, cell(4))]);
        // Month 4 is new, and so is `l` in month 1; month 2 was late, and
        // what was told of month 3 lacked it.
        let mut now = then.clone();
        now.set("f", at(2), cell(5));
        now.set("f", at(4), cell(5));
        now.set("l", at(1), cell(4));
        assert_eq!(
            lines(&plans(), &then, &now)
                .iter()
                .map(|(item, t, ..)| (item.as_str(), *t))
                .collect::<Vec<_>>(),
            [("f", 3), ("l", 3)]
        );
    }

    #[test]
    fn causes_are_told_by_what_became_of_the_cell() {
        let then = ledger(&[("f", 12, cell(4)), ("f", 13, cell(4)), ("f", 14, cell(4))]);
        let mut now = then.clone();
        now.set("f", at(13), cell(1));
        let plans = plans();
        let (then, now) = (
            Knowledge {
                plans: &plans,
                ledger: &then,
            },
            Knowledge {
                plans: &plans,
                ledger: &now,
            },
        );
        let found = restatements(&then, &now);
        let last = found.last().unwrap();
        let month = |t| at(t).calendar(plans.start());
        for (t, before, after, expected) in [
            (13, cell(4), cell(1), Some(CauseKind::Correction)),
            (14, cell(4), Cell::NotReported, Some(CauseKind::Clear)),
            (13, Cell::NotReported, cell(1), Some(CauseKind::LateReport)),
            (13, cell(1), cell(1), None),
            // Of the year before, and of a month to come.
            (12, cell(4), cell(1), None),
            (15, cell(4), cell(1), None),
        ] {
            assert_eq!(last.cause(month(t), &before, &after), expected, "{t}");
        }
        assert_eq!(last.other_plan(&now), None);
    }

    #[test]
    fn another_plan_in_force_restates_what_it_changes() {
        let then = ledger(&[("f", 1, cell(4)), ("f", 2, cell(4)), ("l", 2, cell(4))]);
        let first = plan(vec![flow(48).keyed("f"), level(4).keyed("l")]);
        let second = Plan {
            version: 2,
            effective: at(2).calendar(first.start),
            definition: Arc::new(Definition {
                items: vec![flow(60).keyed("f")],
                ..Definition::clone(&first.definition)
            }),
            ..first.clone()
        };
        let before = PlanHistory::new(first.clone(), Vec::new());
        let after = PlanHistory::new(first, vec![second]);
        let then = Knowledge {
            plans: &before,
            ledger: &then,
        };
        let now = Knowledge {
            plans: &after,
            ledger: then.ledger,
        };
        let found = restatements(&then, &now);
        let told: Vec<_> = found
            .iter()
            .map(|one| (one.item.as_str(), one.after.is_some(), one.other_plan(&now)))
            .collect();
        assert_eq!(told, [("f", true, Some(2)), ("l", false, Some(2))]);
    }

    use super::super::roadmap::Plan;
    use super::super::scorecard::Definition;
}

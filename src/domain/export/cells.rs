//! What was reported, as a table of items and months.

use std::collections::BTreeSet;

use super::{About, Line};
use crate::domain::ledger::{Cell, Ledger};
use crate::domain::month::{Month, ProgrammeMonth};
use crate::domain::roadmap::PlanHistory;

/// The cells of some months.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CellTable {
    pub about: About,
    pub months: Vec<Month>,
    /// Every item that some month's plan has: those of the last month in its
    /// order, then those that earlier months had besides.
    pub rows: Vec<CellRow>,
}

/// The cells of an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CellRow {
    pub line: Line,
    /// One a month; not reported where the month's plan lacks the item.
    pub cells: Vec<Cell>,
}

impl CellTable {
    /// The cells of the months from `first` to `last`, both included.
    #[must_use]
    pub fn of(
        about: About,
        plans: &PlanHistory,
        ledger: &Ledger,
        (first, last): (ProgrammeMonth, ProgrammeMonth),
    ) -> Self {
        let start = plans.start();
        let months: Vec<ProgrammeMonth> = first.through(last).collect();
        let mut known: BTreeSet<&str> = BTreeSet::new();
        let mut rows = Vec::new();
        for at in months.iter().rev() {
            let definition = &plans.in_force(at.calendar(start)).definition;
            for item in &definition.items {
                if known.insert(&item.key) {
                    rows.push(CellRow {
                        line: Line::of(definition, item),
                        cells: cells(plans, ledger, &item.key, &months),
                    });
                }
            }
        }
        Self {
            about,
            months: months.iter().map(|at| at.calendar(start)).collect(),
            rows,
        }
    }
}

fn cells(plans: &PlanHistory, ledger: &Ledger, key: &str, months: &[ProgrammeMonth]) -> Vec<Cell> {
    months
        .iter()
        .map(|at| {
            let plan = plans.in_force(at.calendar(plans.start()));
            match plan.definition.item(key) {
                Some(_) => ledger.cell(key, *at).clone(),
                None => Cell::NotReported,
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::amount::Amount;
    use crate::domain::export::tests::about;
    use crate::domain::fixture::{ItemFixture, flow, ledger, plan, t};
    use crate::domain::ledger::Figure;
    use crate::domain::roadmap::Plan;

    #[test]
    fn items_that_went_stay_below_those_that_there_are() {
        let first = plan(vec![flow(1).keyed("gone"), flow(1).keyed("kept")]);
        let second = Plan {
            version: 2,
            effective: first.start.plus(2),
            ..plan(vec![flow(1).keyed("new"), flow(1).keyed("kept")])
        };
        let about = about(first.start);
        let plans = PlanHistory::new(first, vec![second]);
        let ledger = ledger(&[("gone", "1 2 3"), ("kept", "4 5 6"), ("new", "7 8 9")]);
        let table = CellTable::of(about, &plans, &ledger, (t(2), t(3)));
        let shown: Vec<(&str, Vec<Option<Amount>>)> = table
            .rows
            .iter()
            .map(|row| {
                let cells = row.cells.iter().map(Cell::amount).collect();
                (row.line.item.key.as_str(), cells)
            })
            .collect();
        let some = |figure| Some(Amount::whole(figure));
        assert_eq!(
            shown,
            [
                ("new", vec![None, some(9)]),
                ("kept", vec![some(5), some(6)]),
                ("gone", vec![some(2), None]),
            ]
        );
        assert_eq!(table.months, [plans.start().next(), plans.start().plus(2)]);
        assert!(matches!(
            table.rows[0].cells[1],
            Cell::Reported(Figure::Amount(_))
        ));
    }
}

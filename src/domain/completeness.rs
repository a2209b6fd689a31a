//! Which reports of a month are required, and whether they are all there
//! (`semantics.md` §1 "Required", "complete").

use super::evaluate::is_achieved;
use super::ledger::{Cell, ItemCells, Ledger};
use super::month::ProgrammeMonth;
use super::roadmap::Plan;
use super::scorecard::{Item, Measure};

/// How complete the report of a month is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completeness {
    pub required: u32,
    /// Required cells that are reported or not applicable.
    pub reported: u32,
    pub complete: bool,
    /// Keys of the required items without either, in plan order.
    pub missing: Vec<String>,
}

/// Positions of the items whose report of `month` is required.
#[must_use]
pub fn required(plan: &Plan, ledger: &Ledger, month: ProgrammeMonth) -> Vec<usize> {
    plan.definition
        .items
        .iter()
        .enumerate()
        .filter(|(_, item)| is_required(item, ledger.item(&item.key), month))
        .map(|(index, _)| index)
        .collect()
}

/// How complete the report of `month` is; one that nothing is required of is
/// complete.
#[must_use]
pub fn completeness(plan: &Plan, ledger: &Ledger, month: ProgrammeMonth) -> Completeness {
    let mut completeness = Completeness {
        required: 0,
        reported: 0,
        complete: true,
        missing: Vec::new(),
    };
    for item in &plan.definition.items {
        let cells = ledger.item(&item.key);
        if !is_required(item, cells, month) {
            continue;
        }
        completeness.required += 1;
        if *cells.at(month) == Cell::NotReported {
            completeness.complete = false;
            completeness.missing.push(item.key.clone());
        } else {
            completeness.reported += 1;
        }
    }
    completeness
}

/// A measure of the year is required while it has a target; a bar from its
/// start until the month after it is achieved.
fn is_required(item: &Item, cells: ItemCells<'_>, month: ProgrammeMonth) -> bool {
    if item.target_in(month.year()).is_none() {
        return false;
    }
    match item.measure {
        Measure::Flow | Measure::Ratio | Measure::Level => true,
        Measure::Cumulative | Measure::Milestone => {
            let has_started = item.bar.is_some_and(|bar| bar.start <= month.t());
            let was_achieved = month
                .previous()
                .is_some_and(|previous| is_achieved(item, cells, previous));
            has_started && !was_achieved
        }
    }
}

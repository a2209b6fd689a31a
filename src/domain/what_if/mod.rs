//! What if: a plan and figures changed by the caller, and nothing stored
//! (`semantics.md` §6).
//!
//! [`read_what_if`] reads what is supposed; [`WhatIf::ledger`] makes the figures.
//! Evaluation and outlook are then those of every plan.

mod read;

pub use read::read_what_if;

use super::amount::{Amount, Exact};
use super::issue::Issue;
use super::ledger::{Cell, Figure, Ledger};
use super::month::ProgrammeMonth;
use super::outlook::Scenario;
use super::roadmap::Plan;
use super::scorecard::Measure;

/// What a caller supposes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WhatIf {
    /// The plan with the supposed changes.
    pub plan: Plan,
    /// Remarks about the changed plan.
    pub warnings: Vec<Issue>,
    /// Cells with other figures, in the order of the input.
    pub values: Vec<SupposedCell>,
    /// Preparations finished in an earlier month.
    pub finished: Vec<Finished>,
    /// Rates and volumes of the months left, by positions in the changed plan.
    pub scenario: Scenario,
}

/// A cell as it is supposed to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SupposedCell {
    pub item: String,
    pub month: ProgrammeMonth,
    pub cell: Cell,
}

/// A preparation that is supposed to be finished by the end of a month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finished {
    pub item: String,
    pub month: ProgrammeMonth,
}

impl WhatIf {
    /// The figures with what is supposed, up to `last`: first the cells, then
    /// what is finished.
    #[must_use]
    pub fn ledger(&self, ledger: &Ledger, last: ProgrammeMonth) -> Ledger {
        let mut ledger = ledger.clone();
        for SupposedCell { item, month, cell } in &self.values {
            ledger.set(item, *month, cell.clone());
        }
        for finished in &self.finished {
            self.finish(&mut ledger, finished, last);
        }
        ledger
    }

    /// Brings a preparation to its target by the end of a month, and keeps it
    /// there; one that was finished by then stays as it was.
    fn finish(&self, ledger: &mut Ledger, finished: &Finished, last: ProgrammeMonth) {
        let Finished { item: key, month } = finished;
        let target = self
            .plan
            .definition
            .item(key)
            .and_then(|item| Some((item.measure, item.target_in(month.year())?)));
        match target {
            Some((Measure::Milestone, target)) => {
                finish_milestone(ledger, key, *month, last, target);
            }
            Some((Measure::Cumulative, target)) => {
                finish_cumulative(ledger, key, *month, last, target);
            }
            _ => {}
        }
    }
}

/// The state of the month is the target, and no later state falls below it.
fn finish_milestone(
    ledger: &mut Ledger,
    key: &str,
    month: ProgrammeMonth,
    last: ProgrammeMonth,
    target: Amount,
) {
    for at in month.through(last) {
        let state = ledger.cell(key, at).amount();
        let is_below = state.is_some_and(|state| state < target);
        if is_below || (at == month && state.is_none()) {
            ledger.set(key, at, Cell::Reported(Figure::Amount(target)));
        }
    }
}

/// The month brings all that was missing, the later ones nothing more.
fn finish_cumulative(
    ledger: &mut Ledger,
    key: &str,
    month: ProgrammeMonth,
    last: ProgrammeMonth,
    target: Amount,
) {
    let before: Exact = ProgrammeMonth::FIRST
        .through(month)
        .filter_map(|at| ledger.cell(key, at).amount())
        .map(Amount::exact)
        .sum();
    let own = ledger.cell(key, month).amount().unwrap_or(Amount::ZERO);
    let missing = target.exact() - before;
    if !missing.is_positive() {
        return;
    }
    if let Some(brought) = (missing + own.exact()).to_amount() {
        ledger.set(key, month, Cell::Reported(Figure::Amount(brought)));
    }
    for at in month.through(last).skip(1) {
        if ledger.cell(key, at).is_reported() {
            ledger.set(key, at, Cell::Reported(Figure::Amount(Amount::ZERO)));
        }
    }
}

#[cfg(test)]
mod tests;

//! Actual to date `A(t)` (`semantics.md` §3).

use crate::domain::amount::{Amount, Exact};
use crate::domain::ledger::{Cell, ItemCells};
use crate::domain::month::ProgrammeMonth;
use crate::domain::scorecard::{Item, Measure};

/// A level of so many months ago still counts; an older one does not.
pub(in crate::domain) const LEVEL_MONTHS_MAX: u32 = 3;

/// What was reached by the end of a month.
pub(super) struct Actual {
    /// `A(t)`; `None` where it has no value.
    pub value: Option<Exact>,
    /// The sums behind a ratio that has a value.
    pub ratio: Option<RatioSums>,
}

/// Numerator and denominator of a ratio, each summed over the year's months.
#[derive(Clone)]
pub(super) struct RatioSums {
    pub numerator: Exact,
    pub denominator: Exact,
}

/// `A(t)` of an item with these cells.
pub(super) fn to_date(item: &Item, cells: ItemCells<'_>, month: ProgrammeMonth) -> Actual {
    let amount = |value| Actual { value, ratio: None };
    match item.measure {
        Measure::Flow => amount(sum(cells, month.year_start(), month)),
        Measure::Cumulative => amount(sum(cells, ProgrammeMonth::FIRST, month)),
        Measure::Ratio => ratio(cells, month),
        Measure::Level => {
            let oldest = ProgrammeMonth::new(month.t().saturating_sub(LEVEL_MONTHS_MAX));
            amount(latest(cells, oldest, month))
        }
        Measure::Milestone => amount(latest(cells, ProgrammeMonth::FIRST, month)),
    }
}

/// The sum of the reported months; `None` where none is reported.
fn sum(cells: ItemCells<'_>, first: ProgrammeMonth, last: ProgrammeMonth) -> Option<Exact> {
    cells
        .between(first, last)
        .filter_map(Cell::amount)
        .map(scaled)
        .reduce(|total, amount| total + amount)
        .map(Exact::from_scaled)
}

/// The latest reported value; `None` where none is reported.
fn latest(cells: ItemCells<'_>, first: ProgrammeMonth, last: ProgrammeMonth) -> Option<Exact> {
    let amount = cells.between(first, last).rev().find_map(Cell::amount)?;
    Some(amount.exact())
}

/// The ratio of the sums over the year; never a mean of ratios.
fn ratio(cells: ItemCells<'_>, month: ProgrammeMonth) -> Actual {
    let (numerator, denominator) = cells
        .between(month.year_start(), month)
        .filter_map(Cell::ratio)
        .fold(
            (0, 0),
            |(numerators, denominators), (numerator, denominator)| {
                (
                    numerators + scaled(numerator),
                    denominators + scaled(denominator),
                )
            },
        );
    let value = Exact::quotient(numerator, denominator);
    let ratio = value.is_some().then(|| RatioSums {
        numerator: Exact::from_scaled(numerator),
        denominator: Exact::from_scaled(denominator),
    });
    Actual { value, ratio }
}

fn scaled(amount: Amount) -> i128 {
    i128::from(amount.scaled())
}

/// Whether `cell` carries a figure of the item's kind.
pub(super) const fn is_usable(item: &Item, cell: &Cell) -> bool {
    match item.measure {
        Measure::Ratio => cell.ratio().is_some(),
        _ => cell.amount().is_some(),
    }
}

/// The earlier months of the sum that are not reported or not applicable
/// (§4 "Gaps"): of a flow this year's, of a cumulative item those from the
/// start of its bar on.
pub(super) fn gaps(
    item: &Item,
    cells: ItemCells<'_>,
    month: ProgrammeMonth,
) -> Vec<ProgrammeMonth> {
    let first = match item.measure {
        Measure::Flow => month.year_start(),
        Measure::Cumulative => ProgrammeMonth::new(item.bar.map_or(1, |bar| bar.start)),
        Measure::Level | Measure::Ratio | Measure::Milestone => return Vec::new(),
    };
    let Some(last) = month.previous() else {
        return Vec::new();
    };
    first
        .through(last)
        .filter(|earlier| cells.at(*earlier).amount().is_none())
        .collect()
}

//! When a bar will be finished (`semantics.md` §6).

use super::pace::reported;
use crate::domain::amount::Exact;
use crate::domain::ledger::ItemCells;
use crate::domain::month::ProgrammeMonth;
use crate::domain::scorecard::{Bar, Item, Measure};

/// A finish further ahead than this is none: a hundred years.
const MONTHS_AHEAD_MAX: i64 = 1_200;

/// When a cumulative item or milestone will be finished.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BarOutlook {
    pub bar: Bar,
    /// The month in which it is, or was, finished; `None` where nothing is
    /// done yet, or it has not begun.
    pub finish: Option<ProgrammeMonth>,
    /// Months after its due month; 0 in time.
    pub months_late: Option<u32>,
    /// Whether it is finished already.
    pub is_finished: bool,
    /// Whether its first month is still to come.
    pub is_ahead: bool,
}

/// `None` for what has no bar, and without a target.
pub(super) fn outlook(
    item: &Item,
    cells: ItemCells<'_>,
    month: ProgrammeMonth,
    actual: Option<&Exact>,
) -> Option<BarOutlook> {
    let bar = item.bar.filter(|_| item.measure.has_bar())?;
    let target = item.target_in(month.year())?.exact();
    let is_finished = actual.is_some_and(|actual| *actual >= target);
    let finish = if is_finished {
        finished_in(item, cells, month, &target)
    } else {
        actual.and_then(|actual| finish(bar, month, actual, &target))
    };
    Some(BarOutlook {
        bar,
        finish,
        months_late: finish.map(|finish| finish.t().saturating_sub(bar.due)),
        is_finished,
        is_ahead: month.t() < bar.start,
    })
}

/// `t + ceil((T - A) / (A / (t - a + 1)))`.
fn finish(
    bar: Bar,
    month: ProgrammeMonth,
    actual: &Exact,
    target: &Exact,
) -> Option<ProgrammeMonth> {
    let months = month.t().checked_sub(bar.start)?.checked_add(1)?;
    if !actual.is_positive() {
        return None;
    }
    let missing = &(target - actual) * &Exact::whole(months.into());
    let ahead = missing.checked_div(actual)?.ceil()?;
    let ahead = u32::try_from(ahead)
        .ok()
        .filter(|ahead| i64::from(*ahead) <= MONTHS_AHEAD_MAX)?;
    Some(ProgrammeMonth::new(month.t() + ahead))
}

/// The first month by whose end the target was there.
fn finished_in(
    item: &Item,
    cells: ItemCells<'_>,
    month: ProgrammeMonth,
    target: &Exact,
) -> Option<ProgrammeMonth> {
    let mut so_far = Exact::zero();
    ProgrammeMonth::FIRST.through(month).find(|at| {
        if let Some(amount) = reported(cells.at(*at)) {
            so_far = match item.measure {
                Measure::Cumulative => &so_far + &amount,
                _ => amount,
            };
        }
        so_far >= *target
    })
}

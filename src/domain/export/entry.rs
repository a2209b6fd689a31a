//! The form in which a hub reports one month.

use super::{About, Line, lines};
use crate::domain::amount::{Amount, Exact};
use crate::domain::completeness::required;
use crate::domain::ledger::{Cell, Ledger};
use crate::domain::month::{MONTHS_PER_YEAR, Month, ProgrammeMonth};
use crate::domain::roadmap::Plan;

/// Years of the roadmap beside the form.
const ROADMAP_YEARS: u32 = 3;

/// What a month's form shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryForm {
    pub about: About,
    pub month: Month,
    /// Approved: it takes no reports until the prefecture opens it again.
    pub is_approved: bool,
    /// The items of the plan in force, in its order.
    pub rows: Vec<EntryRow>,
    /// The months of the roadmap.
    pub roadmap: Vec<Month>,
}

/// An item to be reported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryRow {
    pub line: Line,
    /// Without it the month is not complete.
    pub is_required: bool,
    /// Of the programme year, or of the bar.
    pub target: Option<Amount>,
    /// Plan to date.
    pub plan: Exact,
    /// Of that month alone.
    pub last_year: Option<Exact>,
    pub previous_month: Option<Exact>,
    /// What is reported of the month already.
    pub cell: Cell,
    /// Plan to date of every month of the roadmap.
    pub planned: Vec<Exact>,
}

impl EntryForm {
    /// The form of the month `at`; `plan` is in force in it.
    #[must_use]
    pub fn of(
        about: About,
        plan: &Plan,
        ledger: &Ledger,
        at: ProgrammeMonth,
        is_approved: bool,
    ) -> Self {
        let roadmap: Vec<ProgrammeMonth> = roadmap_of(at).collect();
        let required = required(plan, ledger, at);
        let rows = lines(plan)
            .into_iter()
            .enumerate()
            .map(|(position, line)| {
                let (item, cells) = (&line.item, ledger.item(&line.item.key));
                let earlier = |count: u32| {
                    let t = at.t().checked_sub(count).filter(|t| *t > 0)?;
                    cells.at(ProgrammeMonth::new(t)).value()
                };
                EntryRow {
                    is_required: required.contains(&position),
                    target: item.target_in(at.year()),
                    plan: item.planned(at),
                    last_year: earlier(MONTHS_PER_YEAR),
                    previous_month: earlier(1),
                    cell: cells.at(at).clone(),
                    planned: roadmap.iter().map(|at| item.planned(*at)).collect(),
                    line,
                }
            })
            .collect();
        Self {
            month: at.calendar(about.start),
            is_approved,
            rows,
            roadmap: roadmap.iter().map(|at| at.calendar(about.start)).collect(),
            about,
        }
    }
}

/// The first three programme years; later on, the three that end with that of `at`.
fn roadmap_of(at: ProgrammeMonth) -> impl Iterator<Item = ProgrammeMonth> {
    let last_year = at.year().max(ROADMAP_YEARS);
    let first = (last_year - ROADMAP_YEARS).saturating_mul(MONTHS_PER_YEAR);
    let last = first.saturating_add(ROADMAP_YEARS.saturating_mul(MONTHS_PER_YEAR));
    ProgrammeMonth::new(first.saturating_add(1)).through(ProgrammeMonth::new(last))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::export::tests::about;
    use crate::domain::fixture::{ItemFixture, flow, ledger, plan, ratio, t};

    #[test]
    fn a_row_shows_the_month_before_and_the_one_a_year_ago() {
        let plan = plan(vec![flow(24).keyed("a"), ratio(200).keyed("b")]);
        let ledger = ledger(&[("a", "1 - - - - - - - - - - 7 9"), ("b", "3/2")]);
        let form = EntryForm::of(about(plan.start), &plan, &ledger, t(13), false);
        let (a, b) = (&form.rows[0], &form.rows[1]);
        assert_eq!(a.last_year, Some(Exact::whole(1)));
        assert_eq!(a.previous_month, Some(Exact::whole(7)));
        assert_eq!(a.cell.amount(), Some(Amount::whole(9)));
        assert_eq!(a.plan, Exact::whole(2));
        assert!(a.is_required && b.is_required);
        assert_eq!(b.last_year, Some(Exact::fraction(3, 2)));
        assert_eq!((&b.previous_month, &b.cell), (&None, &Cell::NotReported));
        let first = EntryForm::of(about(plan.start), &plan, &ledger, t(1), false);
        assert_eq!(first.rows[0].last_year, None);
        assert_eq!(first.rows[0].previous_month, None);
    }

    #[test]
    fn the_roadmap_has_three_years() {
        for (at, first, last) in [(1, 1, 36), (36, 1, 36), (37, 13, 48), (120, 85, 120)] {
            let months: Vec<ProgrammeMonth> = roadmap_of(t(at)).collect();
            assert_eq!(months.first(), Some(&t(first)), "{at}");
            assert_eq!(months.last(), Some(&t(last)), "{at}");
            assert_eq!(months.len(), 36);
        }
    }
}

//! Facts: scorecards as a flat table, one row an item and month, for programs
//! that know tables only.
//!
//! A row says what the evaluated scorecard says of the same month: plan in
//! force, cell and verdict are the same ([`Table::rows_from`]). [`COLUMNS`] is
//! the one list of columns; rows, their description and the contract come from it.

mod columns;

pub use columns::{COLUMNS, Column, Kind, Measured, Value};

use super::evaluate::{ItemEvaluation, evaluate_item};
use super::ids::ScorecardId;
use super::ledger::{Cell, Ledger};
use super::month::{Month, ProgrammeMonth};
use super::organisation::Hub;
use super::roadmap::{Plan, PlanHistory};
use super::scorecard::{Item, MarketType, Perspective, Stage};
use super::status::{Flag, Status};

/// The scorecard that rows are about.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    pub id: &'a ScorecardId,
    pub key: &'a str,
    pub hub: &'a Hub,
    pub market_type: MarketType,
    pub template: Option<&'a str>,
    /// Programme month 1.
    pub start: Month,
}

/// One row: an item in a month, judged by the plan in force in that month.
#[derive(Clone, Debug)]
pub struct Fact<'a> {
    pub subject: Subject<'a>,
    pub plan: &'a Plan,
    pub item: &'a Item,
    pub perspective: Perspective,
    pub month: Month,
    pub at: ProgrammeMonth,
    /// What was reported of this month alone.
    pub cell: &'a Cell,
    pub evaluated: ItemEvaluation,
}

/// Which rows of a scorecard; every condition that is set must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RowFilter {
    pub perspective: Option<Perspective>,
    pub stage: Option<Stage>,
    /// An item's key.
    pub item: Option<String>,
    pub from: Option<Month>,
    pub to: Option<Month>,
    /// The calendar year of its April.
    pub fiscal_year: Option<i32>,
    pub status: Option<Status>,
    pub flag: Option<Flag>,
    pub high_hurdle: Option<bool>,
}

impl RowFilter {
    fn takes_month(&self, month: Month) -> bool {
        self.from.is_none_or(|from| from <= month)
            && self.to.is_none_or(|to| month <= to)
            && is_or_any(self.fiscal_year.as_ref(), &month.fiscal_year())
    }

    fn takes_item(&self, item: &Item, perspective: Perspective) -> bool {
        is_or_any(self.perspective.as_ref(), &perspective)
            && is_or_any(self.stage.as_ref(), &item.stage)
            && is_or_any(self.item.as_ref(), &item.key)
            && is_or_any(self.high_hurdle.as_ref(), &item.high_hurdle)
    }

    fn takes_verdict(&self, evaluated: &ItemEvaluation) -> bool {
        is_or_any(self.status.as_ref(), &evaluated.status)
            && is_or_any(self.flag.as_ref(), &evaluated.flag)
    }
}

fn is_or_any<T: PartialEq>(wanted: Option<&T>, found: &T) -> bool {
    wanted.is_none_or(|wanted| wanted == found)
}

/// A row's place among those of its scorecard: by month, then in plan order.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
pub struct Place {
    /// Programme month, from 1.
    pub t: u32,
    /// Position in the definition of the plan in force in that month.
    pub item: usize,
}

impl Place {
    pub const FIRST: Self = Self { t: 1, item: 0 };

    /// The place right after this one.
    #[must_use]
    pub const fn next(self) -> Self {
        Self {
            t: self.t,
            item: self.item.saturating_add(1),
        }
    }
}

/// What the rows of one scorecard are made of.
#[derive(Clone, Copy, Debug)]
pub struct Table<'a> {
    pub subject: Subject<'a>,
    pub plans: &'a PlanHistory,
    pub ledger: &'a Ledger,
    /// The last month with rows.
    pub last: ProgrammeMonth,
    pub filter: &'a RowFilter,
}

impl<'a> Table<'a> {
    /// The rows at `place` and after it, each with its place. Each item is judged
    /// once a month, and only where nothing but its verdict can leave it out.
    pub fn rows_from(self, place: Place) -> impl Iterator<Item = (Place, Fact<'a>)> {
        let first = ProgrammeMonth::new(place.t);
        first
            .through(self.last)
            .map(move |at| (at, at.calendar(self.subject.start)))
            .filter(move |(_, month)| self.filter.takes_month(*month))
            .flat_map(move |(at, month)| {
                let skipped = if at == first { place.item } else { 0 };
                self.rows_of(at, month)
                    .skip_while(move |(place, _)| place.item < skipped)
            })
            .filter_map(move |(place, judged)| Some((place, judged()?)))
    }

    /// The rows of one month, judged when they are asked for.
    fn rows_of(
        self,
        at: ProgrammeMonth,
        month: Month,
    ) -> impl Iterator<Item = (Place, impl FnOnce() -> Option<Fact<'a>>)> {
        let plan = self.plans.in_force(month);
        let items = plan.definition.items.iter().enumerate();
        items.filter_map(move |(index, item)| {
            let perspective = plan.definition.perspective_of(item.stage);
            if !self.filter.takes_item(item, perspective) {
                return None;
            }
            let place = Place {
                t: at.t(),
                item: index,
            };
            let judged = move || {
                let evaluated = evaluate_item(plan, self.ledger, item, at);
                self.filter.takes_verdict(&evaluated).then(|| Fact {
                    subject: self.subject,
                    plan,
                    item,
                    perspective,
                    month,
                    at,
                    cell: self.ledger.cell(&item.key, at),
                    evaluated,
                })
            };
            Some((place, judged))
        })
    }
}

#[cfg(test)]
mod tests;

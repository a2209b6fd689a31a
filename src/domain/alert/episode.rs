//! The replay: the months of every item in order, and the episodes in which it
//! was red (`semantics.md` §8).
//!
//! Nothing but plan versions and cells decides, so that posting order, restarts
//! and the size of batches make no difference.

use std::collections::BTreeSet;

use super::ResolvedReason;
use crate::domain::evaluate::{ItemEvaluation, evaluate_item, is_judged_by_gap};
use crate::domain::ledger::Ledger;
use crate::domain::month::{Month, ProgrammeMonth};
use crate::domain::roadmap::{Plan, PlanHistory};
use crate::domain::scorecard::{Item, Measure, Settings};
use crate::domain::status::{Flag, Rule, Status};

/// One alert of one item, from its first red month to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Episode {
    pub item: String,
    /// Counted from 1 for each item.
    pub number: u32,
    /// The month in which the item had been red long enough.
    pub opened: Month,
    /// `None` while it is open.
    pub closed: Option<Closed>,
    /// The item's latest reported month while the alert was open.
    pub last_reported: Month,
    /// Recoveries that did not last.
    pub relapses: Vec<Relapse>,
}

/// The end of an episode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Closed {
    pub month: Month,
    pub reason: ResolvedReason,
}

/// A recovery after which the item was red again soon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Relapse {
    pub recovered: Month,
    pub reopened: Month,
}

impl Episode {
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.closed.is_none()
    }

    #[must_use]
    pub const fn is_reopened(&self) -> bool {
        !self.relapses.is_empty()
    }

    /// The month that tells most about the episode: the recovering one, else
    /// the item's latest reported one while it was open.
    #[must_use]
    pub fn figures_month(&self) -> Month {
        match self.closed {
            Some(Closed {
                month,
                reason: ResolvedReason::Recovered,
            }) => month,
            _ => self.last_reported,
        }
    }

    /// Whether the alert stood at the end of `month`.
    #[must_use]
    pub fn was_open_in(&self, month: Month) -> bool {
        let has_begun = self.opened <= month;
        let has_ended = self.closed.is_some_and(|closed| closed.month <= month);
        let in_between = self
            .relapses
            .iter()
            .any(|relapse| relapse.recovered <= month && month < relapse.reopened);
        has_begun && !has_ended && !in_between
    }
}

/// Every episode of every item of all plan versions: items in the order in
/// which plans in force name them first, episodes of an item in time.
#[must_use]
pub fn episodes(plans: &PlanHistory, ledger: &Ledger) -> Vec<Episode> {
    let months = reported_months(plans, ledger);
    keys(&months)
        .into_iter()
        .flat_map(|key| {
            let mut walk = Walk {
                key,
                ledger,
                streak: 0,
                episodes: Vec::new(),
            };
            for reported in &months {
                walk.step(reported);
            }
            walk.episodes
        })
        .collect()
}

/// A month in which anything is reported, with the plan version in force.
struct Reported<'a> {
    at: ProgrammeMonth,
    month: Month,
    plan: &'a Plan,
}

fn reported_months<'a>(plans: &'a PlanHistory, ledger: &Ledger) -> Vec<Reported<'a>> {
    let Some(last) = ledger.reported_through() else {
        return Vec::new();
    };
    ProgrammeMonth::FIRST
        .through(last)
        .filter(|at| ledger.has_reported(*at))
        .map(|at| {
            let month = at.calendar(plans.start());
            Reported {
                at,
                month,
                plan: plans.in_force(month),
            }
        })
        .collect()
}

fn keys<'a>(months: &[Reported<'a>]) -> Vec<&'a str> {
    let mut seen = BTreeSet::new();
    months
        .iter()
        .flat_map(|reported| &reported.plan.definition.items)
        .map(|item| item.key.as_str())
        .filter(|key| seen.insert(*key))
        .collect()
}

/// One item on its way through the months.
struct Walk<'a> {
    key: &'a str,
    ledger: &'a Ledger,
    /// Red reported months in a row.
    streak: u32,
    episodes: Vec<Episode>,
}

impl Walk<'_> {
    fn step(&mut self, reported: &Reported<'_>) {
        let Reported { at, month, plan } = *reported;
        let watched = plan
            .definition
            .item(self.key)
            .filter(|item| item.high_hurdle && item.target_in(at.year()).is_some());
        let Some(item) = watched else {
            self.close(month, ResolvedReason::PlanChanged);
            self.streak = 0;
            return;
        };
        let is_reported = self.is_reported(item, at);
        if !is_reported && self.open().is_none() {
            return;
        }
        let found = evaluate_item(plan, self.ledger, item, at);
        let is_of_past_year = self
            .open()
            .is_some_and(|open| is_yearly(item) && is_in_earlier_year(open.opened, plan.start, at));
        if is_of_past_year && is_reported {
            self.close(month, ResolvedReason::YearEnded);
        } else if !is_of_past_year && found.status == Status::NotDue {
            // What was due stays due for the year or bar, unless a revision
            // puts it off.
            self.close(month, ResolvedReason::PlanChanged);
        }
        if is_reported {
            self.judge(item, &found, reported);
        }
    }

    /// Whether `at` is a reported month of the item. States carry over, so
    /// that for them any report of the scorecard is one.
    fn is_reported(&self, item: &Item, at: ProgrammeMonth) -> bool {
        match item.measure {
            Measure::Level | Measure::Milestone => true,
            Measure::Flow | Measure::Cumulative | Measure::Ratio => {
                self.ledger.cell(self.key, at).is_reported()
            }
        }
    }

    /// A reported month of the item.
    fn judge(&mut self, item: &Item, found: &ItemEvaluation, reported: &Reported<'_>) {
        let settings = &reported.plan.definition.settings;
        let is_red = found.flag == Flag::Red;
        self.streak = match found.status {
            _ if is_red => self.streak.saturating_add(1),
            Status::NoData | Status::NotApplicable => self.streak,
            _ => 0,
        };
        if let Some(open) = self.open() {
            if has_recovered(item, found, settings) {
                self.close(reported.month, ResolvedReason::Recovered);
            } else {
                open.last_reported = reported.month;
            }
        } else if is_red && !self.has_reopened(item, reported) && self.streak >= settings.for_months
        {
            self.begin(reported.month);
        }
    }

    fn open(&mut self) -> Option<&mut Episode> {
        self.episodes.last_mut().filter(|last| last.is_open())
    }

    fn begin(&mut self, month: Month) {
        let before = self.episodes.last().map_or(0, |last| last.number);
        self.episodes.push(Episode {
            item: self.key.to_owned(),
            number: before + 1,
            opened: month,
            closed: None,
            last_reported: month,
            relapses: Vec::new(),
        });
    }

    /// Ends the open episode, if there is one.
    fn close(&mut self, month: Month, reason: ResolvedReason) {
        if let Some(open) = self.open() {
            open.closed = Some(Closed { month, reason });
        }
    }

    /// Reopens the last episode at a red month, where its recovery was not
    /// long ago; never across a programme year for what is counted by year.
    fn has_reopened(&mut self, item: &Item, reported: &Reported<'_>) -> bool {
        let Reported { at, month, plan } = *reported;
        let within = i64::from(plan.definition.settings.reopen_within);
        let Some((last, recovered)) = self.episodes.last_mut().and_then(|last| {
            let closed = last.closed?;
            (closed.reason == ResolvedReason::Recovered).then_some((last, closed.month))
        }) else {
            return false;
        };
        let is_soon = i64::from(month.since(recovered)) <= within;
        if !is_soon || (is_yearly(item) && is_in_earlier_year(recovered, plan.start, at)) {
            return false;
        }
        last.closed = None;
        last.last_reported = month;
        last.relapses.push(Relapse {
            recovered,
            reopened: month,
        });
        true
    }
}

/// Whether an item begins anew every programme year, and its alerts with it.
pub(super) const fn is_yearly(item: &Item) -> bool {
    matches!(item.measure, Measure::Flow | Measure::Ratio)
}

fn is_in_earlier_year(month: Month, start: Month, at: ProgrammeMonth) -> bool {
    ProgrammeMonth::of(month, start).is_some_and(|earlier| earlier.year() < at.year())
}

/// Whether an open alert resolves: the item is well again, by its own row of
/// the table, or at least clearly better than what makes it red.
fn has_recovered(item: &Item, found: &ItemEvaluation, settings: &Settings) -> bool {
    match found.status {
        Status::Behind | Status::NotApplicable => false,
        Status::Achieved => true,
        Status::OnTrack if found.rule == Rule::Met => true,
        _ if is_judged_by_gap(item) => found
            .shortfall
            .as_ref()
            .zip(found.target)
            .is_some_and(|(gap, target)| *gap <= &settings.resolve_gap.exact() * &target.exact()),
        _ => found
            .attainment
            .as_ref()
            .is_some_and(|attainment| *attainment >= settings.resolve_at.exact()),
    }
}

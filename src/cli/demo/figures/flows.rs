//! The funnel: counts of a month, each step fed by the one before it, and the
//! money that comes of it.

use std::collections::BTreeMap;

use super::{Subject, WATCHED_FROM, hundredths, nearest, units, whole};
use crate::cli::demo::dice::Dice;
use crate::domain::amount::Amount;
use crate::domain::ledger::{Figure, Ledger};
use crate::domain::month::{MONTHS_PER_YEAR, ProgrammeMonth};
use crate::domain::scorecard::{Item, Link, LinkKind, Phasing};

/// From this month on a hub tries its funnel out, before it has targets.
const PILOT_FROM: u32 = 20;
/// … holding one seminar.
const PILOT_SEMINAR: u32 = 21;
/// What a pilot brings of a full month, or of a full seminar.
const PILOT_SHARE: f64 = 0.3;
/// How much of what is missing a hub makes up for in the next month.
const CATCH_UP: f64 = 0.35;
/// The pull of a step upstream stays between these shares of its plan.
const PULL: (f64, f64) = (0.3, 1.15);
/// Without a target: so often it happens in a month …
const WATCHED_FLOWS: [(&str, f64); 2] = [("inquiries", 5.0), ("new-contracts", 2.5)];
/// … and so much goes on to the next step.
const WATCHED_RATE: f64 = 0.7;
/// What a hub schedules itself, rather than waits for.
const SCHEDULED_UNITS: [&str; 3] = ["posts", "times", "sessions"];
/// A fee differs from the planned one by these percentages.
const FEE_SPREAD: (i64, i64) = (85, 140);
/// Fees are round: to this many yen, and large ones to so many.
const FEE_STEP: f64 = 1_000.0;
const LARGE_FEE: f64 = 1_000_000.0;
const LARGE_FEE_STEP: f64 = 50_000.0;

/// What the story wants of each flow by now in this programme year.
#[derive(Default)]
pub struct Flows {
    wanted: BTreeMap<String, f64>,
}

impl Flows {
    /// The month's figure; `None` while it is not reported yet.
    pub fn figure(
        &mut self,
        subject: &Subject<'_>,
        item: &Item,
        at: ProgrammeMonth,
        ledger: &Ledger,
    ) -> Option<Figure> {
        let month = Month {
            subject,
            item,
            at,
            ledger,
            feed: subject
                .plan
                .definition
                .links
                .iter()
                .find(|link| link.kind == LinkKind::Conversion && link.to.contains(&item.key)),
        };
        let count = if item.unit.is_money() {
            month.income()
        } else if item.target_in(at.year()).is_some() {
            Some(self.pursued(&month))
        } else if month.final_target().is_some() {
            month.tried_out()
        } else {
            month.watched()
        };
        count.map(whole)
    }

    /// A count with a target: the plan at the story's pace, pulled by the step
    /// before it, with chance, part of which the next month makes up for.
    fn pursued(&mut self, month: &Month<'_>) -> i64 {
        let Month {
            subject, item, at, ..
        } = *month;
        let done = month.year_to_date();
        let wanted = self.wanted.entry(item.key.clone()).or_default();
        if at == at.year_start() {
            *wanted = 0.0;
        }
        let asked = month.asked() * subject.pace(item, at);
        if month.is_scheduled() {
            *wanted += asked;
            return (nearest(*wanted) - done).max(0);
        }
        let asked = asked * month.pull();
        let missing = *wanted - units_f64(done);
        *wanted += asked;
        if asked <= 0.0 {
            return month.between_sessions();
        }
        let mean = (asked + CATCH_UP * missing).max(0.0);
        month.dice().poisson(mean).min(month.stock())
    }
}

fn units_f64(units: i64) -> f64 {
    Amount::whole(units).exact().to_f64()
}

/// One flow in one month.
#[derive(Clone, Copy)]
struct Month<'a> {
    subject: &'a Subject<'a>,
    item: &'a Item,
    at: ProgrammeMonth,
    /// The months before, and of this month the items before this one.
    ledger: &'a Ledger,
    /// The conversion that leads here.
    feed: Option<&'a Link>,
}

impl Month<'_> {
    fn dice(&self) -> Dice {
        self.subject.dice(self.item, self.at)
    }

    fn is_scheduled(&self) -> bool {
        SCHEDULED_UNITS.contains(&self.item.unit.0.as_str())
    }

    /// The target of the first year that has one.
    fn final_target(&self) -> Option<f64> {
        final_target(self.item)
    }

    /// What the plan asks of this month; of sessions, in the month in which
    /// they are held, which is the one before they fall due.
    fn asked(&self) -> f64 {
        let Some(Phasing::Sessions { sessions }) = self.item.phasing else {
            return self.item.planned_increment(self.at).to_f64();
        };
        let held = |k: u32| k * sessions / MONTHS_PER_YEAR;
        let k = self.at.month_of_year();
        let target = self.item.target_in(self.at.year());
        target.map_or(0.0, |target| target.exact().to_f64()) * f64::from(held(k) - held(k - 1))
            / f64::from(sessions)
    }

    /// A month of which the plan asks nothing: none of a seminar, and of the
    /// rest what comes by itself.
    fn between_sessions(&self) -> i64 {
        match self.item.phasing {
            Some(Phasing::Sessions { .. }) => 0,
            _ => self.tried_out().unwrap_or_default(),
        }
    }

    /// Before the year with targets.
    fn tried_out(&self) -> Option<i64> {
        let (is_tried, times_a_year) = match self.item.phasing {
            Some(Phasing::Sessions { sessions }) => (self.at.t() == PILOT_SEMINAR, sessions),
            _ => (self.at.t() >= PILOT_FROM, MONTHS_PER_YEAR),
        };
        if self.is_scheduled() || !is_tried {
            return None;
        }
        let mean = self.final_target()? / f64::from(times_a_year) * PILOT_SHARE;
        Some(self.dice().poisson(mean).min(self.stock()))
    }

    /// A count that never has a target.
    fn watched(&self) -> Option<i64> {
        let before = self.at.previous()?;
        if self.at.t() < WATCHED_FROM {
            return None;
        }
        if self.is_scheduled() {
            return Some(self.seminars());
        }
        if let Some(feed) = self.feed {
            let arrived = self.sum(&feed.from, before, before);
            return Some(self.dice().successes(arrived, WATCHED_RATE));
        }
        let (_, mean) = WATCHED_FLOWS
            .iter()
            .find(|(key, _)| *key == self.item.key)?;
        Some(self.dice().poisson(*mean))
    }

    /// How many seminars the month had.
    fn seminars(&self) -> i64 {
        self.subject
            .plan
            .definition
            .items
            .iter()
            .filter(|item| matches!(item.phasing, Some(Phasing::Sessions { .. })))
            .map(|item| i64::from(units(self.ledger, &item.key, self.at) > 0))
            .sum()
    }

    /// Each of last month's contracts brings a fee.
    fn income(&self) -> Option<i64> {
        let feed = self.feed?;
        let before = self
            .at
            .previous()
            .filter(|before| before.t() >= PILOT_FROM)?;
        let fee = self.final_target()? / total_target(self.subject, &feed.from);
        let step = if fee >= LARGE_FEE {
            LARGE_FEE_STEP
        } else {
            FEE_STEP
        };
        let contracts = self.sum(&feed.from, before, before);
        let mut dice = self.dice();
        let brought = (0..contracts).map(|_| {
            let share = hundredths(dice.between(FEE_SPREAD.0, FEE_SPREAD.1));
            nearest((fee * share / step).round() * step)
        });
        Some(brought.sum())
    }

    /// How well the step before does, as a share of its plan by last month.
    fn pull(&self) -> f64 {
        let year_start = self.at.year_start();
        let (Some(feed), Some(before)) = (self.narrowing_feed(), self.at.previous()) else {
            return 1.0;
        };
        if self.at == year_start {
            return 1.0;
        }
        let actual = self.sum(&feed.from, year_start, before);
        let planned: f64 = items(self.subject, &feed.from)
            .map(|item| item.planned(before).to_f64())
            .sum();
        // One month's plan on both sides, so that a year's first counts say little.
        let usual = total_target(self.subject, &feed.from) / f64::from(MONTHS_PER_YEAR);
        ((units_f64(actual) + usual) / (planned + usual)).clamp(PULL.0, PULL.1)
    }

    /// What has arrived in the step before and has not gone on yet.
    fn stock(&self) -> i64 {
        let Some(feed) = self.narrowing_feed() else {
            return i64::MAX;
        };
        let all = |keys| self.sum(keys, ProgrammeMonth::FIRST, self.at);
        (all(&feed.from) - all(&feed.to)).max(0)
    }

    /// The conversion that leads here, unless one thing on its left leads to
    /// several here (an investor is met many times): then it neither pulls nor
    /// limits.
    fn narrowing_feed(&self) -> Option<&Link> {
        let target = |keys| total_target(self.subject, keys);
        self.feed
            .filter(|feed| target(&feed.to) <= target(&feed.from))
    }

    fn year_to_date(&self) -> i64 {
        let key = std::slice::from_ref(&self.item.key);
        self.sum(key, self.at.year_start(), self.at)
    }

    fn sum(&self, keys: &[String], first: ProgrammeMonth, last: ProgrammeMonth) -> i64 {
        first
            .through(last)
            .flat_map(|at| keys.iter().map(move |key| units(self.ledger, key, at)))
            .sum()
    }
}

fn final_target(item: &Item) -> Option<f64> {
    let year = item.first_target_year()?;
    Some(item.target_in(year)?.exact().to_f64())
}

fn total_target(subject: &Subject<'_>, keys: &[String]) -> f64 {
    items(subject, keys).filter_map(final_target).sum()
}

fn items<'a>(subject: &'a Subject<'_>, keys: &'a [String]) -> impl Iterator<Item = &'a Item> {
    keys.iter()
        .filter_map(|key| subject.plan.definition.item(key))
}

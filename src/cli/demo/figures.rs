//! The figures that a scorecard of the demo would report, month by month: its
//! plan, bent by its story, with the chance of real counts.
//!
//! Pure: the same seed, story, plan and month give the same figures, however
//! many months follow.

mod bars;
mod flows;

use crate::cli::demo::dice::Dice;
use crate::cli::demo::stories::{Course, Story};
use crate::domain::amount::Amount;
use crate::domain::ledger::{Cell, Figure, Ledger};
use crate::domain::month::ProgrammeMonth;
use crate::domain::roadmap::Plan;
use crate::domain::scorecard::{Item, Measure};
use flows::Flows;

/// What is watched without a target is reported from this month on.
const WATCHED_FROM: u32 = 13;
/// A hub on its plan runs at so many percent of it …
const USUAL_PACE: i64 = 104;
/// … give or take.
const PACE_SPREAD: i64 = 7;
/// Companies or people whose case is closed in a month.
const CLOSED_CASES: f64 = 3.5;
/// What a list of contacts begins with, and gains in a month.
const FIRST_CONTACTS: i64 = 12;
const NEW_CONTACTS: f64 = 4.0;

/// One scorecard of the demo.
pub struct Subject<'a> {
    pub seed: u64,
    pub story: &'a Story,
    pub plan: &'a Plan,
}

impl Subject<'_> {
    /// Chance for an item in a month.
    pub fn dice(&self, item: &Item, at: ProgrammeMonth) -> Dice {
        Dice::of(self.seed, &self.story.name(), &item.key, at.t())
    }

    /// What share of its plan the item runs at.
    fn pace(&self, item: &Item, at: ProgrammeMonth) -> f64 {
        let percent = match self.story.course(&item.key) {
            Some(Course::Pace(pace)) => pace.into(),
            Some(Course::Turns { pace, until, then }) => {
                if at.t() < until { pace } else { then }.into()
            }
            _ => {
                let mut dice = Dice::of(self.seed, &self.story.name(), &item.key, 0);
                USUAL_PACE + dice.between(-PACE_SPREAD, PACE_SPREAD)
            }
        };
        hundredths(percent)
    }
}

/// Every figure from the first month to `last`, but for what the story leaves
/// out: what a bar gained meanwhile stands in the next report.
pub fn figures(subject: &Subject<'_>, last: ProgrammeMonth) -> Ledger {
    let mut ledger = Ledger::default();
    let mut flows = Flows::default();
    for at in ProgrammeMonth::FIRST.through(last) {
        for item in &subject.plan.definition.items {
            if subject.story.is_left_out(&item.key, at.t()) {
                continue;
            }
            let figure = match item.measure {
                Measure::Milestone => bars::milestone(subject, item, at, &ledger),
                Measure::Cumulative => bars::cumulative(subject, item, at, &ledger),
                Measure::Flow => flows.figure(subject, item, at, &ledger),
                Measure::Level => level(subject, item, at, &ledger),
                Measure::Ratio => ratio(subject, item, at),
            };
            if let Some(figure) = figure {
                ledger.set(&item.key, at, Cell::Reported(figure));
            }
        }
    }
    ledger
}

fn whole(units: i64) -> Figure {
    Figure::Amount(Amount::whole(units))
}

fn hundredths(percent: i64) -> f64 {
    Amount::from_scaled(percent * 100).exact().to_f64()
}

/// The whole number nearest to a figure of the demo, all of which are small.
fn nearest(value: f64) -> i64 {
    num_traits::cast(value.round()).unwrap_or_default()
}

/// The figure of a month in whole units; zero where there is none.
fn units(ledger: &Ledger, item: &str, at: ProgrammeMonth) -> i64 {
    ledger
        .cell(item, at)
        .amount()
        .and_then(|amount| amount.exact().floor())
        .unwrap_or_default()
}

/// The latest figure before a month; zero where there is none.
fn units_before(ledger: &Ledger, item: &str, at: ProgrammeMonth) -> i64 {
    ProgrammeMonth::FIRST
        .through(at)
        .rev()
        .skip(1)
        .find(|earlier| ledger.cell(item, *earlier).is_reported())
        .map_or(0, |earlier| units(ledger, item, earlier))
}

/// A list of people that grows, with some leaving it.
fn level(
    subject: &Subject<'_>,
    item: &Item,
    at: ProgrammeMonth,
    ledger: &Ledger,
) -> Option<Figure> {
    if at.t() < WATCHED_FROM {
        return None;
    }
    if at.t() == WATCHED_FROM {
        return Some(whole(FIRST_CONTACTS));
    }
    let before = units_before(ledger, &item.key, at);
    let mut dice = subject.dice(item, at);
    let gone = dice.between(0, 1);
    Some(whole(before + dice.poisson(NEW_CONTACTS) - gone))
}

/// The cases closed in the month, and what belongs to them.
fn ratio(subject: &Subject<'_>, item: &Item, at: ProgrammeMonth) -> Option<Figure> {
    let target = item.target_in(at.year())?.exact().to_f64();
    let rate = target * subject.pace(item, at);
    let mut dice = subject.dice(item, at);
    let cases = dice.poisson(CLOSED_CASES);
    let numerator = if item.proportion {
        dice.successes(cases, rate)
    } else {
        (0..cases).map(|_| dice.poisson(rate)).sum()
    };
    Some(Figure::Ratio {
        numerator: Amount::whole(numerator),
        denominator: Amount::whole(cases),
    })
}

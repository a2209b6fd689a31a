//! Preparation: work that proceeds along a bar of the roadmap.

use super::{Subject, hundredths, nearest, units, units_before, whole};
use crate::cli::demo::stories::Course;
use crate::domain::ledger::{Figure, Ledger};
use crate::domain::month::ProgrammeMonth;
use crate::domain::scorecard::Item;

/// People tell progress in steps of five percent.
const STEP: i64 = 5;
const STEPS: i64 = 100 / STEP;
/// How fast stuck work nears the point where it stays: e^-2 is left of it at
/// the due month.
const SLOWING: f64 = 2.0;

/// Percent done, until it is done.
pub fn milestone(
    subject: &Subject<'_>,
    item: &Item,
    at: ProgrammeMonth,
    ledger: &Ledger,
) -> Option<Figure> {
    let before = units_before(ledger, &item.key, at) / STEP;
    let progress = progress(subject, item, at).filter(|_| before < STEPS)?;
    let steps = |share: f64| nearest(share * 100.0) / STEP;
    let wobble = subject.dice(item, at).between(-1, 1);
    let done = if progress.is_complete() {
        STEPS
    } else {
        (steps(progress.done) + wobble)
            .min(steps(progress.most))
            .min(STEPS - 1)
    };
    Some(whole(done.max(before) * STEP))
}

/// What the month adds, until all is there.
pub fn cumulative(
    subject: &Subject<'_>,
    item: &Item,
    at: ProgrammeMonth,
    ledger: &Ledger,
) -> Option<Figure> {
    let target = item.target_in(at.year())?.exact().to_f64();
    let before: i64 = ProgrammeMonth::FIRST
        .through(at)
        .map(|earlier| units(ledger, &item.key, earlier))
        .sum();
    let is_there = before >= nearest(target);
    let progress = progress(subject, item, at).filter(|_| !is_there)?;
    let wobble = if progress.is_complete() {
        0.0
    } else {
        subject.dice(item, at).share() - 0.5
    };
    let wanted = nearest(target * progress.done + wobble).min(nearest(target * progress.most));
    Some(whole((wanted - before).max(0)))
}

/// How much of the work is done, of the share that ever will be.
struct Progress {
    done: f64,
    most: f64,
}

impl Progress {
    fn is_complete(&self) -> bool {
        self.done >= 1.0
    }
}

/// `None` before the bar.
fn progress(subject: &Subject<'_>, item: &Item, at: ProgrammeMonth) -> Option<Progress> {
    let bar = item.bar.filter(|bar| bar.start <= at.t())?;
    let worked = f64::from(at.t() - bar.start + 1);
    let planned = f64::from(bar.due - bar.start + 1);
    Some(match subject.story.course(&item.key) {
        Some(Course::Stuck(percent)) => {
            let most = hundredths(percent.into());
            let done = most * (1.0 - (-SLOWING * worked / planned).exp());
            Progress { done, most }
        }
        Some(Course::Late(months)) => Progress {
            done: (worked / (planned + f64::from(months))).min(1.0),
            most: 1.0,
        },
        _ => Progress {
            done: (worked / planned).min(1.0),
            most: 1.0,
        },
    })
}

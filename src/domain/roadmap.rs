//! The roadmap: planned value of every item and month, and the versions of a
//! plan (`semantics.md` §2, §7).

use std::sync::Arc;

use super::amount::{Amount, Exact};
use super::month::{MONTHS_PER_YEAR, Month, ProgrammeMonth};
use super::scorecard::{Bar, Definition, Item, Measure, ParameterValues, Phasing};

/// One version of a scorecard's plan; every target is resolved to a figure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    pub version: u32,
    /// Programme month 1.
    pub start: Month,
    /// The first month that this version governs.
    pub effective: Month,
    /// Shared: plans are copied often and never changed.
    pub definition: Arc<Definition>,
    pub parameters: ParameterValues,
}

/// The versions of a plan, in the order of their numbers; never empty.
#[derive(Clone, Debug)]
pub struct PlanHistory {
    first: Plan,
    later: Vec<Plan>,
}

impl Plan {
    /// The definition, to be changed: other copies of the plan keep theirs.
    pub fn definition_mut(&mut self) -> &mut Definition {
        Arc::make_mut(&mut self.definition)
    }
}

impl PlanHistory {
    #[must_use]
    pub const fn new(first: Plan, later: Vec<Plan>) -> Self {
        Self { first, later }
    }

    /// The version in force in `month`: the latest effective month not after
    /// it; of two with the same effective month, the later version.
    #[must_use]
    pub fn in_force(&self, month: Month) -> &Plan {
        self.later
            .iter()
            .filter(|plan| plan.effective <= month)
            .max_by_key(|plan| (plan.effective, plan.version))
            .unwrap_or(&self.first)
    }

    #[must_use]
    pub fn version(&self, version: u32) -> Option<&Plan> {
        self.versions().find(|plan| plan.version == version)
    }

    /// Every version, in the order of their numbers.
    pub fn versions(&self) -> impl Iterator<Item = &Plan> {
        std::iter::once(&self.first).chain(&self.later)
    }

    /// The first version: what was planned at the start.
    #[must_use]
    pub const fn first(&self) -> &Plan {
        &self.first
    }

    /// Programme month 1.
    #[must_use]
    pub const fn start(&self) -> Month {
        self.first.start
    }
}

impl Item {
    /// The target in force in programme year `year`: that of the latest year
    /// not after it that has one; of a bar, its only one.
    #[must_use]
    pub fn target_in(&self, year: u32) -> Option<Amount> {
        self.yearly_targets()
            .filter(|(from, _)| *from <= year)
            .max_by_key(|(from, _)| *from)
            .map(|(_, value)| value)
    }

    /// The first programme year that has a target.
    #[must_use]
    pub fn first_target_year(&self) -> Option<u32> {
        self.yearly_targets().map(|(from, _)| from).min()
    }

    /// Every target with the programme year from which it holds; one without a
    /// year holds from the start. What is not above zero is no target.
    fn yearly_targets(&self) -> impl Iterator<Item = (u32, Amount)> {
        self.targets.iter().filter_map(|target| {
            let value = target.value.filter(|value| *value > Amount::ZERO)?;
            Some((target.year.unwrap_or(1), value))
        })
    }

    /// Whether `month` is the due month of the item's bar, or after it (`t >= d`).
    #[must_use]
    pub fn is_past_due(&self, month: ProgrammeMonth) -> bool {
        self.measure.has_bar() && self.bar.is_some_and(|bar| month.t() >= bar.due)
    }

    /// Plan to date `P(t)` (`semantics.md` §2); zero where no target is in force.
    #[must_use]
    pub fn planned(&self, month: ProgrammeMonth) -> Exact {
        let Some(target) = self.target_in(month.year()) else {
            return Exact::zero();
        };
        let share = match self.measure {
            Measure::Flow => self.share_of_year(month),
            Measure::Cumulative | Measure::Milestone => {
                self.bar.map_or_else(Exact::zero, |bar| bar.share(month))
            }
            Measure::Level | Measure::Ratio => Exact::whole(1),
        };
        &target.exact() * &share
    }

    /// `P(t) - P(t-1)`: what the plan adds in the month itself. A flow begins
    /// anew every year.
    #[must_use]
    pub fn planned_increment(&self, month: ProgrammeMonth) -> Exact {
        let before = match month.previous() {
            Some(previous) if self.measure != Measure::Flow || previous.year() == month.year() => {
                self.planned(previous)
            }
            _ => Exact::zero(),
        };
        self.planned(month) - before
    }

    /// `s(k)`: the share of the year's target that is planned by this month.
    #[must_use]
    pub fn share_of_year(&self, month: ProgrammeMonth) -> Exact {
        let k = month.month_of_year();
        match &self.phasing {
            Some(Phasing::Sessions { sessions }) => sessions_share(*sessions, k),
            Some(Phasing::Weights { weights }) => weights_share(weights, k),
            Some(Phasing::Even { first_month })
                if self.first_target_year() == Some(month.year()) =>
            {
                even_share(*first_month, k)
            }
            Some(Phasing::Even { .. }) | None => even_share(1, k),
        }
    }
}

fn even_share(first_month: u32, k: u32) -> Exact {
    if k < first_month {
        Exact::zero()
    } else {
        Exact::fraction(
            i64::from(k - first_month + 1),
            i64::from((MONTHS_PER_YEAR + 1).saturating_sub(first_month)),
        )
    }
}

fn sessions_share(sessions: u32, k: u32) -> Exact {
    if k >= MONTHS_PER_YEAR {
        return Exact::whole(1);
    }
    let held = u64::from(k - 1) * u64::from(sessions) / u64::from(MONTHS_PER_YEAR);
    Exact::fraction(i64::try_from(held).unwrap_or(i64::MAX), i64::from(sessions))
}

fn weights_share(weights: &[Amount], k: u32) -> Exact {
    let scaled = |weight: &Amount| i128::from(weight.scaled());
    let upto = usize::try_from(k).unwrap_or(usize::MAX);
    let planned = weights.iter().take(upto).map(scaled).sum();
    let whole = weights.iter().map(scaled).sum();
    Exact::quotient(planned, whole).unwrap_or_else(Exact::zero)
}

impl Bar {
    /// The share of the bar that is planned by the end of `month`.
    fn share(self, month: ProgrammeMonth) -> Exact {
        let t = month.t();
        if t < self.start {
            Exact::zero()
        } else if t >= self.due {
            Exact::whole(1)
        } else {
            Exact::fraction(
                i64::from(t - self.start + 1),
                i64::from(self.due - self.start + 1),
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::fixture::{ItemFixture, cumulative, flow, level, milestone, plan, ratio, t};

    /// `P` of these months times `unit`, which makes it whole.
    fn planned(item: &Item, unit: i64, months: std::ops::RangeInclusive<u32>) -> Vec<i64> {
        months
            .map(|month| {
                let scaled = &item.planned(t(month)) * &Exact::whole(unit);
                assert!(scaled.is_whole(), "month {month}");
                scaled.floor().unwrap()
            })
            .collect()
    }

    #[test]
    fn an_even_flow_is_spread_over_the_year() {
        assert_eq!(
            planned(&flow(30), 2, 1..=14),
            [5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 55, 60, 5, 10]
        );
        let unphased = Item {
            phasing: None,
            ..flow(12)
        };
        assert_eq!(planned(&unphased, 1, 1..=3), [1, 2, 3]);
    }

    #[test]
    fn a_first_month_delays_the_first_year_with_a_target() {
        let late = flow(18)
            .without_target()
            .with_target(Some(3), Amount::whole(18))
            .phased(Phasing::Even { first_month: 4 });
        assert_eq!(planned(&late, 1, 24..=28), [0, 0, 0, 0, 2]);
        assert_eq!(planned(&late, 1, 36..=36), [18]);
        assert_eq!(planned(&late, 2, 37..=38), [3, 6]);
        let last = flow(18).phased(Phasing::Even { first_month: 12 });
        assert_eq!(planned(&last, 1, 10..=12), [0, 0, 18]);
    }

    #[test]
    fn a_session_falls_due_at_the_end_of_the_month_after_its_own() {
        let sessions = |count| flow(60).phased(Phasing::Sessions { sessions: count });
        assert_eq!(
            planned(&sessions(6), 1, 1..=13),
            [0, 0, 10, 10, 20, 20, 30, 30, 40, 40, 50, 60, 0]
        );
        assert_eq!(
            planned(&sessions(5), 1, 1..=12),
            [0, 0, 0, 12, 12, 24, 24, 24, 36, 36, 48, 60]
        );
        assert_eq!(planned(&sessions(1), 1, 11..=12), [0, 60]);
        assert_eq!(planned(&sessions(12), 1, 1..=3), [0, 5, 10]);
    }

    #[test]
    fn weights_spread_a_year_as_they_say() {
        let weights = |weights: &str| {
            flow(60).phased(Phasing::Weights {
                weights: weights
                    .split(' ')
                    .map(|each| each.parse().unwrap())
                    .collect(),
            })
        };
        assert_eq!(
            planned(&weights("0 0 1.5 0 0 0 0 0 0 0 0 4.5"), 1, 1..=12),
            [0, 0, 15, 15, 15, 15, 15, 15, 15, 15, 15, 60]
        );
        assert_eq!(planned(&weights("0 0"), 1, 12..=12), [0]);
    }

    #[test]
    fn a_bar_rises_from_its_start_to_its_due_month() {
        assert_eq!(
            planned(&cumulative(10, 3, 6), 2, 1..=8),
            [0, 0, 5, 10, 15, 20, 20, 20]
        );
        assert_eq!(
            planned(&milestone(2, 5), 1, 1..=6),
            [0, 25, 50, 75, 100, 100]
        );
        assert_eq!(planned(&milestone(4, 4), 1, 3..=4), [0, 100]);
        assert!(!milestone(4, 6).is_past_due(t(5)));
        assert!(milestone(4, 6).is_past_due(t(6)));
    }

    #[test]
    fn a_level_and_a_ratio_are_planned_at_their_target() {
        assert_eq!(planned(&level(10), 1, 1..=2), [10, 10]);
        assert_eq!(planned(&ratio(250), 2, 1..=2), [5, 5]);
    }

    #[test]
    fn the_latest_target_not_after_the_year_is_in_force() {
        let item = flow(10)
            .with_target(Some(4), Amount::whole(40))
            .with_target(Some(2), Amount::whole(20));
        let targets = |item: &Item| -> Vec<i64> {
            (1..=5)
                .map(|year| {
                    item.target_in(year)
                        .map_or(0, |target| target.scaled() / 10_000)
                })
                .collect()
        };
        assert_eq!(targets(&item), [10, 20, 20, 40, 40]);
        let unset = flow(10).without_target().with_target(Some(3), Amount::ZERO);
        assert_eq!(targets(&unset), [0; 5]);
        assert_eq!(unset.first_target_year(), None);
        assert_eq!(item.first_target_year(), Some(1));
    }

    #[test]
    fn increments_add_up_to_the_plan() {
        let late = flow(18).phased(Phasing::Even { first_month: 4 });
        for item in [flow(30), late, cumulative(10, 3, 20), milestone(2, 5)] {
            for month in 1..=24 {
                let first = match item.measure {
                    Measure::Flow => t(month).year_start(),
                    _ => t(1),
                };
                let sum: Exact = first
                    .through(t(month))
                    .map(|each| item.planned_increment(each))
                    .sum();
                assert_eq!(sum, item.planned(t(month)), "{month}");
            }
        }
    }

    #[test]
    fn the_version_in_force_is_the_latest_effective_one() {
        let first = plan(vec![flow(1)]);
        let version = |version, months: i32| Plan {
            version,
            effective: first.start.plus(months),
            ..first.clone()
        };
        let history = PlanHistory::new(
            first.clone(),
            vec![version(2, 6), version(3, 3), version(4, 6)],
        );
        for (months, expected) in [(0, 1), (2, 1), (3, 3), (5, 3), (6, 4), (40, 4)] {
            assert_eq!(history.in_force(first.start.plus(months)).version, expected);
        }
        assert_eq!(history.version(2).map(|plan| plan.version), Some(2));
        assert_eq!(history.version(9), None);
    }
}

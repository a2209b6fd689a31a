//! The roadmap: planned value of every item and month, and the versions of a
//! plan (`semantics.md` §2, §7).

use serde::{Deserialize, Serialize};

use super::amount::{Amount, Exact};
use super::month::{MONTHS_PER_YEAR, Month, ProgrammeMonth};
use super::scorecard::{Bar, Definition, Item, Measure, ParameterValues, Phasing};

/// One version of a scorecard's plan; every target is resolved to a figure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    pub version: u32,
    /// Programme month 1.
    pub start: Month,
    /// The first month that this version governs.
    pub effective: Month,
    pub definition: Definition,
    pub parameters: ParameterValues,
}

/// The versions of a plan, in the order of their numbers; never empty.
#[derive(Clone, Debug)]
pub struct PlanHistory {
    first: Plan,
    later: Vec<Plan>,
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
        std::iter::once(&self.first)
            .chain(&self.later)
            .find(|plan| plan.version == version)
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

//! How a flow's year will end (`semantics.md` §6).

use super::chance::Rest;
use crate::domain::amount::{Amount, Exact};
use crate::domain::code::coded_enum;
use crate::domain::ledger::{Cell, ItemCells};
use crate::domain::month::{MONTHS_PER_YEAR, ProgrammeMonth};
use crate::domain::scorecard::{Item, Measure};

/// The range holds the outcome with 80 %: a tenth lies below, a tenth above.
const RANGE: (f64, f64) = (0.1, 0.9);
/// The recent pace is that of so many reported months.
const RECENT_MONTHS: usize = 3;

coded_enum! {
    /// How much faster than planned the rest of the year has to run.
    pub enum Band {
        /// As planned, or slower.
        Fine => "fine",
        /// Up to 1.15 times.
        Recoverable => "recoverable",
        /// Up to 1.5 times.
        Stretch => "stretch",
        /// Faster than that: the plan has to be revised.
        RevisePlan => "revise_plan",
    }
}

impl Band {
    /// The band of a factor; of what has to run slower than planned, the
    /// factor by which it has to.
    fn of(factor: &Exact) -> Self {
        if *factor <= Exact::whole(1) {
            Self::Fine
        } else if *factor <= Exact::fraction(115, 100) {
            Self::Recoverable
        } else if *factor <= Exact::fraction(15, 10) {
            Self::Stretch
        } else {
            Self::RevisePlan
        }
    }
}

/// How a flow's programme year will end.
#[derive(Clone, Debug, PartialEq)]
pub struct FlowOutlook {
    /// `A / s`: what the year comes to at the pace of the months reported.
    pub expected: Option<Exact>,
    /// How likely the year's target is reached (lower is better: kept).
    pub chance: Option<f64>,
    /// 10 % and 90 % quantile of the year's end; of counted things.
    pub range: Option<(Exact, Exact)>,
    /// `(T - A) / (T - P)`: so many times as fast as planned the rest must run.
    pub required_factor: Option<Exact>,
    pub band: Option<Band>,
    /// What every month left has to bring; none are left in the last one.
    pub required_per_month: Option<Exact>,
    /// Mean of the last three reported months of the year.
    pub recent_per_month: Option<Exact>,
    /// Months of the year after this one.
    pub months_left: u32,
}

/// A flow in a programme year, as far as it is reported.
pub(super) struct Year<'a> {
    item: &'a Item,
    month: ProgrammeMonth,
    /// Figures of the reported months, in order.
    reported: Vec<Amount>,
    /// `T`.
    target: Exact,
    /// `P` of the reported months.
    planned: Exact,
    /// `A`; zero where nothing is reported.
    pub actual: Exact,
}

/// In which way the rest of the year differs from the pace so far.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Pace {
    /// It does not.
    Own,
    /// So many times as much comes.
    Times(Exact),
    /// So many come.
    Given(Exact),
}

impl<'a> Year<'a> {
    /// `None` for what is no flow, and without a target.
    pub(super) fn of(item: &'a Item, cells: ItemCells<'_>, month: ProgrammeMonth) -> Option<Self> {
        if item.measure != Measure::Flow {
            return None;
        }
        let target = item.target_in(month.year())?.exact();
        let (mut reported, mut planned) = (Vec::new(), Exact::zero());
        for at in month.year_start().through(month) {
            if let Some(amount) = cells.at(at).amount() {
                reported.push(amount);
                planned = planned + item.planned_increment(at);
            }
        }
        let actual = reported.iter().map(|amount| amount.exact()).sum();
        Some(Self {
            item,
            month,
            reported,
            target,
            planned,
            actual,
        })
    }

    /// `A / P` of the reported months: how many times as fast as planned they
    /// ran; `None` where none is reported or nothing was planned in them.
    pub(super) fn speed(&self) -> Option<Exact> {
        if self.reported.is_empty() {
            return None;
        }
        self.actual.checked_div(&self.planned)
    }

    /// `s`, strictly between 0 and 1.
    fn share(&self) -> Option<Exact> {
        let share = self.planned.checked_div(&self.target)?;
        let is_open = share.is_positive() && share < Exact::whole(1);
        (is_open && !self.reported.is_empty()).then_some(share)
    }

    pub(super) fn outlook(&self, pace: &Pace) -> FlowOutlook {
        let months_left = MONTHS_PER_YEAR.saturating_sub(self.month.month_of_year());
        let share = self.share();
        let own = share
            .as_ref()
            .and_then(|share| self.actual.checked_div(share));
        let expected = match pace {
            Pace::Own => own,
            Pace::Times(factor) => own.map(|own| &self.actual + &(factor * &(&own - &self.actual))),
            Pace::Given(rest) => Some(&self.actual + rest),
        };
        let rest = self.rest(share.as_ref(), pace);
        let required_factor = share
            .is_some()
            .then(|| self.missing())
            .and_then(|missing| missing.checked_div(&(&self.target - &self.planned)));
        FlowOutlook {
            expected,
            chance: rest.and_then(|rest| self.chance(rest)),
            range: rest.and_then(|rest| self.range(rest)),
            band: required_factor.as_ref().map(|factor| self.band(factor)),
            required_factor,
            required_per_month: self.required_per_month(months_left),
            recent_per_month: self.recent_per_month(),
            months_left,
        }
    }

    /// `T - A`.
    fn missing(&self) -> Exact {
        &self.target - &self.actual
    }

    /// What the rest of the year may bring, of counted things.
    fn rest(&self, share: Option<&Exact>, pace: &Pace) -> Option<Rest> {
        if !self.item.is_counted() {
            return None;
        }
        match pace {
            Pace::Own => Rest::at_pace(&self.actual, share?),
            Pace::Times(factor) => Some(Rest::at_pace(&self.actual, share?)?.times(factor)),
            Pace::Given(rest) => Some(Rest::given(rest)),
        }
    }

    fn chance(&self, rest: Rest) -> Option<f64> {
        let missing = self.missing();
        if self.item.is_higher_better() {
            // A strict target has to be passed.
            let step = Exact::whole(i64::from(self.item.strict && missing.is_whole()));
            rest.at_least(&(missing + step))
        } else {
            let step = Exact::whole(i64::from(self.item.strict && missing.is_whole()));
            rest.at_most(&(missing - step))
        }
    }

    fn range(&self, rest: Rest) -> Option<(Exact, Exact)> {
        let end = |probability| {
            let count = i64::try_from(rest.quantile(probability)?).ok()?;
            Some(&self.actual + &Exact::whole(count))
        };
        Some((end(RANGE.0)?, end(RANGE.1)?))
    }

    fn band(&self, factor: &Exact) -> Band {
        if self.item.is_higher_better() {
            return Band::of(factor);
        }
        // Less is better: the rest may run so many times as fast at most.
        Exact::whole(1)
            .checked_div(factor)
            .filter(Exact::is_positive)
            .map_or(Band::RevisePlan, |slower| Band::of(&slower))
    }

    fn required_per_month(&self, months_left: u32) -> Option<Exact> {
        if self.reported.is_empty() {
            return None;
        }
        self.missing()
            .max(Exact::zero())
            .checked_div(&Exact::whole(months_left.into()))
    }

    fn recent_per_month(&self) -> Option<Exact> {
        let (mut sum, mut months) = (Exact::zero(), 0);
        for amount in self.reported.iter().rev().take(RECENT_MONTHS) {
            sum = sum + amount.exact();
            months += 1;
        }
        sum.checked_div(&Exact::whole(months))
    }
}

/// The reported figure of a cell.
pub(super) fn reported(cell: &Cell) -> Option<Exact> {
    cell.amount().map(Amount::exact)
}

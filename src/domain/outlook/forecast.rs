//! The year's revenue along the funnel (`semantics.md` §6): what the first
//! steps are expected to bring, times the rates of the links, to the revenue.
//! Exact throughout; a scenario replaces rates and volumes of the months left.

use std::collections::BTreeMap;

use super::pace::{Year, reported};
use crate::domain::amount::{Amount, Exact};
use crate::domain::code::coded_enum;
use crate::domain::conversion::conversion;
use crate::domain::ledger::Ledger;
use crate::domain::month::{MONTHS_PER_YEAR, ProgrammeMonth};
use crate::domain::roadmap::Plan;
use crate::domain::scorecard::{Item, Link, LinkKind, Measure, Stage};

coded_enum! {
    /// Where a step's volume comes from.
    pub enum VolumeOrigin {
        /// The pace of the months reported.
        OwnPace => "own_pace",
        /// The plan: nothing is reported yet, or nothing was planned so far.
        Plan => "plan",
        /// What arrives over the links, times their rates.
        Funnel => "funnel",
        /// Given by the caller.
        Scenario => "scenario",
    }
}

coded_enum! {
    /// Where a link's rate comes from.
    pub enum RateOrigin {
        Actual => "actual",
        Planned => "planned",
        /// Given by the caller.
        Scenario => "scenario",
    }
}

/// What a caller supposes of the months left.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scenario {
    /// Rates by position of the link.
    pub rates: BTreeMap<usize, Exact>,
    /// Volumes by position of the item.
    pub volumes: BTreeMap<usize, Supposed>,
}

/// A supposed volume of a flow in the months left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Supposed {
    /// So many every month.
    PerMonth(Exact),
    /// So many times what is expected.
    Times(Exact),
}

/// What a programme year brings along the funnel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forecast {
    /// The programme year: that of the month, or the first one with a target
    /// of revenue where that is still ahead.
    pub year: u32,
    /// All revenue of the year; `None` where a part of it is unknown.
    pub revenue: Option<Exact>,
    /// The yearly targets of revenue together.
    pub target: Option<Exact>,
    /// Parallel to the definition's items; `None` for what is no flow, and
    /// where nothing is known.
    pub volumes: Vec<Option<Volume>>,
    /// Parallel to the definition's links; `None` for preparation, and where
    /// neither rate is known.
    pub rates: Vec<Option<Rate>>,
}

/// What a flow brings in the year.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Volume {
    /// Reported so far.
    pub actual: Exact,
    /// By the year's end.
    pub expected: Exact,
    pub origin: VolumeOrigin,
}

/// A conversion rate that the forecast uses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rate {
    pub rate: Exact,
    pub origin: RateOrigin,
}

impl Forecast {
    /// `month` is the last that is looked at.
    #[must_use]
    pub fn of(plan: &Plan, ledger: &Ledger, month: ProgrammeMonth, scenario: &Scenario) -> Self {
        let definition = &plan.definition;
        let year = year_of_forecast(plan, month);
        let mut funnel = Funnel {
            plan,
            ledger,
            month,
            first: ProgrammeMonth::new((year - 1) * MONTHS_PER_YEAR + 1),
            scenario,
            rates: Vec::new(),
            profiles: vec![Asked::NotYet; definition.items.len()],
        };
        funnel.rates = (0..)
            .zip(&definition.links)
            .map(|(position, link)| funnel.rate(position, link))
            .collect();
        let volumes: Vec<Option<Volume>> = (0..definition.items.len())
            .map(|position| funnel.volume(position))
            .collect();
        let revenue = definition
            .items
            .iter()
            .zip(&volumes)
            .filter(|(item, _)| is_revenue(item))
            .map(|(_, volume)| volume.as_ref().map(|volume| volume.expected.clone()))
            .collect::<Option<Vec<Exact>>>();
        let target = definition
            .items
            .iter()
            .filter(|item| is_revenue(item))
            .map(|item| item.target_in(year).map(Amount::exact))
            .collect::<Option<Vec<Exact>>>();
        let total = |parts: Option<Vec<Exact>>| {
            parts
                .filter(|parts| !parts.is_empty())
                .map(|parts| parts.into_iter().sum())
        };
        Self {
            year,
            revenue: total(revenue),
            target: total(target),
            rates: funnel.rates,
            volumes,
        }
    }
}

/// Whether an item is revenue: money that comes in at the funnel's end.
fn is_revenue(item: &Item) -> bool {
    item.stage == Stage::Revenue
        && item.measure == Measure::Flow
        && item.unit.is_money()
        && item.is_higher_better()
}

/// The year of the month, or the first one in which revenue (else any flow) has
/// a target, where that is later: year 3 of the templates.
fn year_of_forecast(plan: &Plan, month: ProgrammeMonth) -> u32 {
    let first = |wanted: fn(&Item) -> bool| {
        let items = plan.definition.items.iter().filter(|item| wanted(item));
        items.filter_map(Item::first_target_year).min()
    };
    first(is_revenue)
        .or_else(|| first(|item| item.measure == Measure::Flow))
        .map_or(month.year(), |year| year.max(month.year()))
}

/// Whether an item has been asked for its months.
#[derive(Clone)]
enum Asked {
    NotYet,
    Answered(Option<Profile>),
}

/// What a flow brings month by month: twelve figures, reported or expected.
#[derive(Clone)]
struct Profile {
    months: Vec<Exact>,
    origin: VolumeOrigin,
}

/// The funnel in one programme year.
struct Funnel<'a> {
    plan: &'a Plan,
    ledger: &'a Ledger,
    month: ProgrammeMonth,
    /// First month of the year that is forecast.
    first: ProgrammeMonth,
    scenario: &'a Scenario,
    rates: Vec<Option<Rate>>,
    /// By item.
    profiles: Vec<Asked>,
}

impl Funnel<'_> {
    fn rate(&self, position: usize, link: &Link) -> Option<Rate> {
        if link.kind != LinkKind::Conversion {
            return None;
        }
        let of = |rate: Exact, origin| Rate { rate, origin };
        if let Some(rate) = self.scenario.rates.get(&position) {
            return Some(of(rate.clone(), RateOrigin::Scenario));
        }
        // Of a year ahead there is only the plan.
        let at = self.month.max(self.first);
        let found = conversion(self.plan, self.ledger, link, at)?;
        let has_begun = self.month >= self.first && self.has_begun(link);
        found
            .actual_rate
            .filter(|_| has_begun)
            .map(|rate| of(rate, RateOrigin::Actual))
            .or_else(|| Some(of(found.planned_rate?, RateOrigin::Planned)))
    }

    /// Whether the right side of a link has anything to show: a report, and of
    /// nothing but zeros one that the plan did not expect yet is none.
    fn has_begun(&self, link: &Link) -> bool {
        let items = || {
            link.to
                .iter()
                .filter_map(|key| self.plan.definition.item(key))
        };
        let figures: Vec<Exact> = items()
            .flat_map(|item| {
                let cells = self.ledger.item(&item.key);
                self.first
                    .through(self.month)
                    .filter_map(move |at| reported(cells.at(at)))
            })
            .collect();
        let is_planned = items().any(|item| item.planned(self.month).is_positive());
        !figures.is_empty() && (is_planned || figures.iter().any(|figure| !figure.is_zero()))
    }

    fn volume(&mut self, position: usize) -> Option<Volume> {
        let Profile { months, origin } = self.profile(position)?;
        let key = &self.plan.definition.items.get(position)?.key;
        let actual = self.months().filter_map(|at| self.known(key, at)).sum();
        Some(Volume {
            actual,
            expected: months.into_iter().sum(),
            origin,
        })
    }

    /// The year's months.
    fn months(&self) -> impl Iterator<Item = ProgrammeMonth> + use<> {
        let first = self.first;
        first.through(ProgrammeMonth::new(first.t() + MONTHS_PER_YEAR - 1))
    }

    /// What is reported of a month that is looked at.
    fn known(&self, key: &str, at: ProgrammeMonth) -> Option<Exact> {
        (at <= self.month)
            .then(|| reported(self.ledger.cell(key, at)))
            .flatten()
    }

    fn profile(&mut self, position: usize) -> Option<Profile> {
        if let Some(Asked::Answered(known)) = self.profiles.get(position) {
            return known.clone();
        }
        // Links are acyclic; if they were not, an item would wait for itself.
        self.keep(position, None);
        let profile = self.make_profile(position);
        self.keep(position, profile.clone());
        profile
    }

    fn keep(&mut self, position: usize, profile: Option<Profile>) {
        if let Some(place) = self.profiles.get_mut(position) {
            *place = Asked::Answered(profile);
        }
    }

    fn make_profile(&mut self, position: usize) -> Option<Profile> {
        let plan = self.plan;
        let item = plan.definition.items.get(position)?;
        if item.measure != Measure::Flow {
            return None;
        }
        let fed = self.fed(item);
        let expected = fed.or_else(|| self.own(item));
        match self.scenario.volumes.get(&position) {
            None => expected,
            Some(supposed) => self.supposed(item, expected, supposed),
        }
    }

    /// What arrives over the conversion links into an item; over the scarcest
    /// of several. `None` for a first step, and where a link tells nothing.
    fn fed(&mut self, item: &Item) -> Option<Profile> {
        let plan = self.plan;
        let mut scarcest: Option<Vec<Exact>> = None;
        for (position, link) in plan.definition.links.iter().enumerate() {
            if link.kind != LinkKind::Conversion || !link.to.contains(&item.key) {
                continue;
            }
            let months = self.over(position, link, item)?;
            let total = |months: &[Exact]| months.iter().cloned().sum::<Exact>();
            if scarcest
                .as_ref()
                .is_none_or(|known| total(&months) < total(known))
            {
                scarcest = Some(months);
            }
        }
        Some(Profile {
            months: scarcest?,
            origin: VolumeOrigin::Funnel,
        })
    }

    /// An item's months as one link feeds it.
    fn over(&mut self, position: usize, link: &Link, item: &Item) -> Option<Vec<Exact>> {
        let rate = self.rates.get(position)?.as_ref()?.rate.clone();
        let factor = &rate * &self.share_of_side(link, item)?;
        let from: Vec<usize> = link
            .from
            .iter()
            .filter_map(|key| self.plan.definition.item_index(key))
            .collect();
        let mut months = Vec::new();
        for at in self.months() {
            months.push(match self.known(&item.key, at) {
                Some(known) => known,
                None => &factor * &self.arriving(&from, at, link.lag_months)?,
            });
        }
        Some(months)
    }

    /// An item's part of what a link brings to its side: by yearly targets.
    fn share_of_side(&self, link: &Link, item: &Item) -> Option<Exact> {
        if link.to.len() == 1 {
            return Some(Exact::whole(1));
        }
        let year = self.first.year();
        let side = link
            .to
            .iter()
            .map(|key| self.plan.definition.item(key)?.target_in(year))
            .map(|target| target.map(Amount::exact))
            .sum::<Option<Exact>>()?;
        item.target_in(year)?.exact().checked_div(&side)
    }

    /// What a set brought or brings in the month that lies a lag before `at`.
    fn arriving(&mut self, from: &[usize], at: ProgrammeMonth, lag: u32) -> Option<Exact> {
        let Some(t) = at.t().checked_sub(lag).filter(|t| *t > 0) else {
            return Some(Exact::zero());
        };
        let source = ProgrammeMonth::new(t);
        let mut sum = Exact::zero();
        for position in from {
            let brought = match t.checked_sub(self.first.t()) {
                Some(index) => {
                    let profile = self.profile(*position)?;
                    let index = usize::try_from(index).ok()?;
                    profile.months.get(index)?.clone()
                }
                None => self.before(*position, source)?,
            };
            sum = sum + brought;
        }
        Some(sum)
    }

    /// A month before the year: as reported, else as planned.
    fn before(&self, position: usize, at: ProgrammeMonth) -> Option<Exact> {
        let item = self.plan.definition.items.get(position)?;
        Some(
            self.known(&item.key, at)
                .unwrap_or_else(|| item.planned_increment(at)),
        )
    }

    /// An item at its own pace; at the planned one where nothing is known yet.
    fn own(&self, item: &Item) -> Option<Profile> {
        let at = self.month.max(self.first);
        item.target_in(at.year())?;
        let speed = (self.month >= self.first)
            .then(|| Year::of(item, self.ledger.item(&item.key), self.month))
            .flatten()
            .and_then(|year| year.speed());
        let origin = if speed.is_some() {
            VolumeOrigin::OwnPace
        } else {
            VolumeOrigin::Plan
        };
        let speed = speed.unwrap_or_else(|| Exact::whole(1));
        let months = self.months().map(|at| {
            self.known(&item.key, at)
                .unwrap_or_else(|| &speed * &item.planned_increment(at))
        });
        Some(Profile {
            months: months.collect(),
            origin,
        })
    }

    /// An item as the caller supposes it in the months left.
    fn supposed(
        &self,
        item: &Item,
        expected: Option<Profile>,
        supposed: &Supposed,
    ) -> Option<Profile> {
        let expected = expected.map(|profile| profile.months);
        let mut months = Vec::new();
        for (index, at) in self.months().enumerate() {
            let usual = || expected.as_ref()?.get(index).cloned();
            months.push(match supposed {
                _ if at <= self.month => usual()
                    .or_else(|| self.known(&item.key, at))
                    .unwrap_or_else(Exact::zero),
                Supposed::PerMonth(figure) => figure.clone(),
                Supposed::Times(factor) => factor * &usual()?,
            });
        }
        Some(Profile {
            months,
            origin: VolumeOrigin::Scenario,
        })
    }
}

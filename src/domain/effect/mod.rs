//! Did it work? What became of the conversion that an item added by a revision
//! was meant to lift.
//!
//! An item lifts the flow that its preparation links reach first, and of that the
//! conversion links into it. Months are compared in pairs: an upstream month and
//! the downstream month that is `lag_months` later, both reported. A pair is
//! *before* where its downstream month ends no later than the month in which the
//! item was ready, and *after* where its upstream month begins later; what lies
//! across that month belongs to neither. An item is ready in the month in which
//! it is first achieved (an item without a bar: first on its plan), and from its
//! due month on where it never was.
//!
//! Under the assumption that nothing changed, the share of the downstream count
//! that falls after is the share of the upstream count there: the exact conditional
//! test of two rates (Przyborowski and Wilenski, 1940).

mod words;

use std::collections::BTreeSet;

use super::amount::Exact;
use super::code::coded_enum;
use super::evaluate::{Tail, binomial, evaluate_item};
use super::ledger::{Cell, Figure, Ledger};
use super::month::{Month, ProgrammeMonth};
use super::revision::link_keys;
use super::roadmap::{Plan, PlanHistory};
use super::scorecard::{Definition, Item, Link, LinkKind, Measure};
use super::status::Status;
use super::text::Text;

/// An improvement counts as such where chance brings it about this rarely.
pub const BETTER_AT: f64 = 0.10;
/// No improvement is found where one by a quarter would show so little this rarely.
pub const NO_BETTER_AT: f64 = 0.10;
/// An improvement worth the effort: by a quarter.
const WORTHWHILE: (i64, i64) = (5, 4);
/// Pairs of months that each side needs.
pub const MONTHS_MIN: usize = 3;
/// Pairs of months before, the latest ones, that count.
pub const MONTHS_BEFORE_MAX: usize = 12;

coded_enum! {
    /// Whether a conversion got better.
    pub enum Verdict {
        Better => "better",
        NoBetter => "no_better",
        Undecided => "undecided",
    }
}

coded_enum! {
    /// Why a verdict is what it is.
    pub enum Ground {
        /// The test decided.
        Tested => "tested",
        /// The item is neither achieved nor due.
        NotReady => "not_ready",
        /// The item prepares no flow with a conversion.
        NoConversion => "no_conversion",
        /// Too few months have matured on one side.
        TooFewMonths => "too_few_months",
        /// What converts is not counted; there is no test for it.
        NotCounted => "not_counted",
        /// The figures fit both an improvement and none.
        NotClear => "not_clear",
    }
}

coded_enum! {
    /// What made an item ready.
    pub enum ReadyBy {
        Achieved => "achieved",
        /// It never was, but its due month is over.
        Due => "due",
    }
}

/// One side of a comparison.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Side {
    /// Pairs of months.
    pub months: usize,
    /// The first and last upstream month.
    pub span: Option<(ProgrammeMonth, ProgrammeMonth)>,
    /// Upstream, over the pairs.
    pub upstream: Exact,
    /// Downstream, over the pairs.
    pub downstream: Exact,
}

impl Side {
    /// Downstream over upstream; `None` where nothing came from upstream.
    #[must_use]
    pub fn rate(&self) -> Option<Exact> {
        self.downstream.checked_div(&self.upstream)
    }
}

/// A conversion before and after.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// The link's key.
    pub link: String,
    pub from: Vec<String>,
    pub to: Vec<String>,
    pub lag_months: u32,
    pub before: Side,
    pub after: Side,
    /// How likely so good a rate is if nothing has changed.
    pub probability: Option<f64>,
    pub verdict: Verdict,
    pub ground: Ground,
    pub words: Text,
}

/// What became of one added item.
#[derive(Clone, Debug, PartialEq)]
pub struct Effect {
    pub item: Item,
    /// The plan version that added it.
    pub version: u32,
    pub effective: Month,
    pub ready: Option<(Month, ReadyBy)>,
    pub comparisons: Vec<Comparison>,
    /// Better where one conversion is; not better where all of them are not.
    pub verdict: Verdict,
    pub ground: Ground,
    pub words: Text,
}

/// The effect of every item that a version after the first added, in the order
/// of the versions.
#[must_use]
pub fn effects(plans: &PlanHistory, ledger: &Ledger) -> Vec<Effect> {
    let mut known: BTreeSet<&str> = keys(plans.first()).collect();
    let mut effects = Vec::new();
    for version in plans.versions().skip(1) {
        for item in &version.definition.items {
            if known.insert(&item.key) {
                effects.push(effect(plans, ledger, version, item));
            }
        }
    }
    effects
}

fn keys(plan: &Plan) -> impl Iterator<Item = &str> {
    plan.definition.items.iter().map(|item| item.key.as_str())
}

fn effect(plans: &PlanHistory, ledger: &Ledger, version: &Plan, item: &Item) -> Effect {
    let ready = ready(plans, ledger, version, item);
    // As the plan has it last: later revisions may link the item anew.
    let plan = plans
        .versions()
        .filter(|plan| plan.definition.item(&item.key).is_some())
        .max_by_key(|plan| (plan.effective, plan.version))
        .unwrap_or(version);
    let links = lifted(&plan.definition, &item.key);
    let comparisons: Vec<Comparison> = ready.map_or_else(Vec::new, |(month, _)| {
        links
            .iter()
            .map(|(key, link)| compare(&plan.definition, ledger, (key, link), month))
            .collect()
    });
    let all = |verdict| comparisons.iter().all(|each| each.verdict == verdict);
    let any = |verdict| comparisons.iter().any(|each| each.verdict == verdict);
    let (verdict, ground) = if links.is_empty() {
        (Verdict::Undecided, Ground::NoConversion)
    } else if ready.is_none() {
        (Verdict::Undecided, Ground::NotReady)
    } else if any(Verdict::Better) {
        (Verdict::Better, Ground::Tested)
    } else if all(Verdict::NoBetter) {
        (Verdict::NoBetter, Ground::Tested)
    } else {
        let undecided = comparisons
            .iter()
            .find(|each| each.verdict == Verdict::Undecided);
        (
            Verdict::Undecided,
            undecided.map_or(Ground::NotClear, |each| each.ground),
        )
    };
    Effect {
        item: item.clone(),
        version: version.version,
        effective: version.effective,
        ready: ready.map(|(at, by)| (at.calendar(plans.start()), by)),
        words: words::effect(item, verdict, ground),
        comparisons,
        verdict,
        ground,
    }
}

/// The month in which an item was ready, up to the last reported one.
fn ready(
    plans: &PlanHistory,
    ledger: &Ledger,
    version: &Plan,
    item: &Item,
) -> Option<(ProgrammeMonth, ReadyBy)> {
    let first = ProgrammeMonth::of(version.effective, plans.start())?;
    let last = ledger.reported_through()?;
    let mut due = None;
    for at in first.through(last) {
        let plan = plans.in_force(at.calendar(plans.start()));
        let Some(item) = plan.definition.item(&item.key) else {
            continue;
        };
        let status = evaluate_item(plan, ledger, item, at).status;
        if status == Status::Achieved || (!item.measure.has_bar() && status == Status::OnTrack) {
            return Some((at, ReadyBy::Achieved));
        }
        if item.is_past_due(at) {
            due.get_or_insert(at);
        }
    }
    due.map(|at| (at, ReadyBy::Due))
}

/// The conversion links into the flows that an item's preparation links reach
/// first, in plan order, with their keys.
fn lifted(definition: &Definition, item: &str) -> Vec<(String, Link)> {
    let mut seen = BTreeSet::new();
    let mut level: BTreeSet<&str> = BTreeSet::from([item]);
    while !level.is_empty() {
        seen.extend(level.iter().copied());
        level = definition
            .links
            .iter()
            .filter(|link| link.kind == LinkKind::Preparation)
            .filter(|link| link.from.iter().any(|key| level.contains(key.as_str())))
            .flat_map(|link| link.to.iter().map(String::as_str))
            .filter(|key| !seen.contains(key))
            .collect();
        let found: Vec<(String, Link)> = link_keys(definition)
            .into_iter()
            .zip(&definition.links)
            .filter(|(_, link)| link.kind == LinkKind::Conversion)
            .filter(|(_, link)| link.to.iter().any(|key| level.contains(key.as_str())))
            .map(|(key, link)| (key, link.clone()))
            .collect();
        if !found.is_empty() {
            return found;
        }
    }
    Vec::new()
}

fn compare(
    definition: &Definition,
    ledger: &Ledger,
    (key, link): (&str, &Link),
    ready: ProgrammeMonth,
) -> Comparison {
    let last = ledger.reported_through().unwrap_or(ready);
    let pairs: Vec<Pair> = ProgrammeMonth::FIRST
        .through(last)
        .filter_map(|at| Pair::of(ledger, link, at))
        .collect();
    let mut earlier: Vec<&Pair> = pairs.iter().filter(|pair| pair.to <= ready).collect();
    earlier.drain(..earlier.len().saturating_sub(MONTHS_BEFORE_MAX));
    let later: Vec<&Pair> = pairs.iter().filter(|pair| pair.from > ready).collect();
    let (before, after) = (Side::of(&earlier), Side::of(&later));
    let to: Vec<&Item> = link
        .to
        .iter()
        .filter_map(|key| definition.item(key))
        .collect();
    let Judgement {
        verdict,
        ground,
        probability,
    } = judge(&to, &before, &after);
    let words = words::comparison(
        definition,
        link,
        (&before, &after),
        (verdict, ground),
        probability,
    );
    Comparison {
        link: key.to_owned(),
        from: link.from.clone(),
        to: link.to.clone(),
        lag_months: link.lag_months,
        before,
        after,
        probability,
        verdict,
        ground,
        words,
    }
}

/// An upstream month and the downstream month that it leads to.
struct Pair {
    from: ProgrammeMonth,
    to: ProgrammeMonth,
    upstream: Exact,
    downstream: Exact,
}

impl Pair {
    /// `None` where one of its cells is not reported (yet).
    fn of(ledger: &Ledger, link: &Link, from: ProgrammeMonth) -> Option<Self> {
        let to = ProgrammeMonth::new(from.t().checked_add(link.lag_months)?);
        Some(Self {
            upstream: reported(ledger, &link.from, from)?,
            downstream: reported(ledger, &link.to, to)?,
            from,
            to,
        })
    }
}

fn reported(ledger: &Ledger, keys: &[String], month: ProgrammeMonth) -> Option<Exact> {
    keys.iter()
        .map(|key| match ledger.cell(key, month) {
            Cell::Reported(Figure::Amount(amount)) => Some(amount.exact()),
            _ => None,
        })
        .sum()
}

impl Side {
    fn of(pairs: &[&Pair]) -> Self {
        Self {
            months: pairs.len(),
            span: pairs
                .first()
                .zip(pairs.last())
                .map(|(first, last)| (first.from, last.from)),
            upstream: pairs.iter().map(|pair| pair.upstream.clone()).sum(),
            downstream: pairs.iter().map(|pair| pair.downstream.clone()).sum(),
        }
    }
}

struct Judgement {
    verdict: Verdict,
    ground: Ground,
    probability: Option<f64>,
}

fn judge(to: &[&Item], before: &Side, after: &Side) -> Judgement {
    let undecided = |ground, probability| Judgement {
        verdict: Verdict::Undecided,
        ground,
        probability,
    };
    if before.months < MONTHS_MIN || after.months < MONTHS_MIN {
        return undecided(Ground::TooFewMonths, None);
    }
    if !to
        .iter()
        .all(|item| item.measure == Measure::Flow && item.is_counted())
    {
        return undecided(Ground::NotCounted, None);
    }
    // Where lower is better, an improvement goes the other way.
    let is_higher_better = to.iter().all(|item| item.is_higher_better());
    let (gain, loss, worthwhile) = if is_higher_better {
        (
            Tail::AtLeast,
            Tail::AtMost,
            Exact::fraction(WORTHWHILE.0, WORTHWHILE.1),
        )
    } else {
        (
            Tail::AtMost,
            Tail::AtLeast,
            Exact::fraction(WORTHWHILE.1, WORTHWHILE.0),
        )
    };
    let chance = |ratio: &Exact, tail| {
        let weight = ratio * &after.upstream;
        let share = weight.checked_div(&(&weight + &before.upstream))?;
        let trials = &before.downstream + &after.downstream;
        binomial(&trials, &share, &after.downstream, tail)
    };
    let probability = chance(&Exact::whole(1), gain);
    let excluded = chance(&worthwhile, loss);
    let tested = |verdict| Judgement {
        verdict,
        ground: Ground::Tested,
        probability,
    };
    if probability.is_some_and(|chance| chance <= BETTER_AT) {
        tested(Verdict::Better)
    } else if excluded.is_some_and(|chance| chance <= NO_BETTER_AT) {
        tested(Verdict::NoBetter)
    } else {
        undecided(Ground::NotClear, probability)
    }
}

#[cfg(test)]
mod tests;

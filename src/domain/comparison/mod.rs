//! How a scorecard compares with its peers: the scorecards of the same template
//! and market type, in the whole nation, at the same month of their programmes.
//!
//! Only aggregates leave this module. A figure is [`Withheld`] where so few hubs
//! stand behind it that a reader could tell whose it is.

mod quantile;

pub use quantile::{Quartiles, quartiles};

use std::collections::BTreeSet;

use super::amount::Exact;
use super::code::coded_enum;
use super::conversion::conversion;
use super::evaluate::{LEVEL_MONTHS_MAX, evaluate_item};
use super::ledger::Ledger;
use super::month::ProgrammeMonth;
use super::roadmap::Plan;
use super::scorecard::{Direction, Item, Link, LinkKind};
use super::status::Status;
use super::text::Text;

/// Hubs, the reader's own included, below which nothing is said of a figure.
pub const HUBS_MIN: usize = 5;
/// Hubs outside the reader's scope below which nothing is said either, unless
/// there are none: who knows all others could work out the last one.
pub const UNSEEN_HUBS_MIN: usize = HUBS_MIN - 1;

coded_enum! {
    /// Why nothing is said of the peers.
    pub enum Withheld {
        /// An own definition is like no other.
        NoTemplate => "no_template",
        TooFewHubs => "too_few_hubs",
    }
}

impl Withheld {
    #[must_use]
    pub fn words(self) -> Text {
        match self {
            Self::NoTemplate => Text::new(
                "独自に定義したスコアカードのため、比較できる拠点がありません。",
                "The scorecard has a definition of its own, so there is nothing to compare it with.",
            ),
            Self::TooFewHubs => Text::new(
                format!(
                    "個々の拠点の数値が推測されないよう、{HUBS_MIN} 拠点（担当の範囲外に拠点がある場合は、そのうち {UNSEEN_HUBS_MIN} 拠点）に満たない数値は表示しません。"
                ),
                format!(
                    "Not shown: below {HUBS_MIN} hubs (or {UNSEEN_HUBS_MIN} of those outside your scope, where there are any) a single hub's figure could be worked out."
                ),
            ),
        }
    }
}

/// One hub's scorecard among those that are compared.
#[derive(Clone, Copy, Debug)]
pub struct Peer<'a> {
    /// Whether the reader may read this scorecard anyway.
    pub is_seen: bool,
    /// The version in force in the month that is compared.
    pub plan: &'a Plan,
    pub ledger: &'a Ledger,
}

/// Where a scorecard stands among its peers with one figure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The scorecard's own figure, where it can be compared.
    pub own: Option<Exact>,
    /// Hubs with this figure, the own one included.
    pub hubs: usize,
    /// Over all of them; absent where it is withheld.
    pub quartiles: Option<Quartiles>,
    /// 1 is the best; equal figures share a rank and the next ones are left
    /// out. Absent without an own figure, and where it is withheld.
    pub rank: Option<usize>,
    pub withheld: Option<Withheld>,
}

/// A scorecard, link by link and item by item, among its peers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comparison {
    /// Hubs that have reported the month, the own one included.
    pub hubs: usize,
    /// Actual conversion rates, parallel to the plan's conversion links.
    pub links: Vec<Standing>,
    /// Attainments, parallel to the plan's items.
    pub items: Vec<Standing>,
}

/// The conversion links of a plan, in its order.
pub fn conversion_links(plan: &Plan) -> impl Iterator<Item = &Link> {
    plan.definition
        .links
        .iter()
        .filter(|link| link.kind == LinkKind::Conversion)
}

/// Compares a scorecard with its peers at the same month of the programme.
/// Peers that have reported nothing in it are left out.
#[must_use]
pub fn compare(own: Peer<'_>, peers: &[Peer<'_>], month: ProgrammeMonth) -> Comparison {
    let peers: Vec<&Peer<'_>> = peers
        .iter()
        .filter(|peer| peer.ledger.has_reported(month))
        .collect();
    let among = |figure: &dyn Fn(&Peer<'_>) -> Option<Exact>, better| {
        let others = peers
            .iter()
            .filter_map(|peer| Some((figure(peer)?, peer.is_seen)));
        standing(figure(&own), others.collect(), better)
    };
    Comparison {
        hubs: peers.len() + usize::from(own.ledger.has_reported(month)),
        links: conversion_links(own.plan)
            .map(|link| {
                among(
                    &|peer| conversion_rate(peer, link, month),
                    better_rate(own.plan, link),
                )
            })
            .collect(),
        items: own
            .plan
            .definition
            .items
            .iter()
            .map(|item| among(&|peer| attainment(peer, item, month), Direction::Higher))
            .collect(),
    }
}

/// What comparing at `month` reads of the cells: from this month of the
/// programme on; and from the start, the items that add up from there.
#[must_use]
pub fn cells_read<'a>(
    plans: impl Iterator<Item = &'a Plan>,
    month: ProgrammeMonth,
) -> (ProgrammeMonth, BTreeSet<&'a str>) {
    let mut back = LEVEL_MONTHS_MAX;
    let mut from_the_start = BTreeSet::new();
    for plan in plans {
        let lags = conversion_links(plan).map(|link| link.lag_months);
        back = lags.fold(back, u32::max);
        let bars = plan
            .definition
            .items
            .iter()
            .filter(|item| item.measure.has_bar());
        from_the_start.extend(bars.map(|item| item.key.as_str()));
    }
    let first = month.year_start().t().saturating_sub(back);
    (ProgrammeMonth::new(first), from_the_start)
}

/// Where `own` stands among the others, each with whether the reader sees it.
#[must_use]
pub fn standing(own: Option<Exact>, others: Vec<(Exact, bool)>, better: Direction) -> Standing {
    let unseen = others.iter().filter(|(_, is_seen)| !is_seen).count();
    let mut figures: Vec<Exact> = others.into_iter().map(|(figure, _)| figure).collect();
    figures.extend(own.clone());
    figures.sort();
    let hubs = figures.len();
    if hubs < HUBS_MIN || (unseen > 0 && unseen < UNSEEN_HUBS_MIN) {
        return Standing {
            own,
            hubs,
            quartiles: None,
            rank: None,
            withheld: Some(Withheld::TooFewHubs),
        };
    }
    let rank = own.as_ref().map(|own| {
        let is_better = |figure: &&Exact| match better {
            Direction::Higher => *figure > own,
            Direction::Lower => *figure < own,
        };
        1 + figures.iter().filter(is_better).count()
    });
    Standing {
        own,
        hubs,
        quartiles: quartiles(&figures),
        rank,
        withheld: None,
    }
}

/// Which way a rate is better: a step that should be rare, all of whose items
/// are, is better the fewer come to it.
fn better_rate(plan: &Plan, link: &Link) -> Direction {
    let mut to = link.to.iter().filter_map(|key| plan.definition.item(key));
    if to.all(|item| !item.is_higher_better()) {
        Direction::Lower
    } else {
        Direction::Higher
    }
}

/// The attainment of an item that measures the same; `None` where it is not
/// due, not applicable or without data, and of a "lower is better" at zero,
/// which has none.
fn attainment(peer: &Peer<'_>, like: &Item, month: ProgrammeMonth) -> Option<Exact> {
    let item = peer.plan.definition.item(&like.key)?;
    if (item.measure, &item.unit, item.direction) != (like.measure, &like.unit, like.direction) {
        return None;
    }
    let evaluated = evaluate_item(peer.plan, peer.ledger, item, month);
    match evaluated.status {
        Status::NoData | Status::NotDue | Status::Untargeted | Status::NotApplicable => None,
        Status::Behind | Status::AtRisk | Status::OnTrack | Status::Achieved => {
            evaluated.attainment
        }
    }
}

/// The actual rate of the conversion between the same items, whatever its lag;
/// `None` where a month of either side is not reported.
fn conversion_rate(peer: &Peer<'_>, like: &Link, month: ProgrammeMonth) -> Option<Exact> {
    let link = conversion_links(peer.plan)
        .find(|link| is_same_set(&link.from, &like.from) && is_same_set(&link.to, &like.to))?;
    let is_reported = month.year_start().through(month).all(|m| {
        let mut to = link.to.iter();
        to.all(|key| peer.ledger.cell(key, m).is_reported())
    });
    conversion(peer.plan, peer.ledger, link, month)
        .filter(|found| found.complete && is_reported)?
        .actual_rate
}

fn is_same_set(one: &[String], other: &[String]) -> bool {
    one.len() == other.len() && one.iter().all(|key| other.contains(key))
}

#[cfg(test)]
mod tests;

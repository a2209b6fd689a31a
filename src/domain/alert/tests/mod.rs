//! Alerts by hand-made histories, and by identities over any.

mod describing;
mod identities;
mod matching;
mod replaying;

use super::*;
use crate::domain::fixture::{ItemFixture, flow, ledger, plan, t};
use crate::domain::ledger::Ledger;
use crate::domain::month::ProgrammeMonth;
use crate::domain::roadmap::{Plan, PlanHistory};
use crate::domain::scorecard::Item;

/// The calendar month of programme month `at`.
fn month(at: u32) -> Month {
    t(at).calendar(plan(Vec::new()).start)
}

fn programme(month: Month) -> u32 {
    ProgrammeMonth::of(month, plan(Vec::new()).start)
        .unwrap()
        .t()
}

/// The item that the tests watch: a high hurdle of a hundred a month.
fn step() -> Item {
    flow(1200).keyed("step").high_hurdle()
}

/// Another item, whose reports make a month a reported one.
fn other() -> Item {
    flow(12).keyed("other")
}

/// What a revision does to a plan.
type Change<'a> = &'a dyn Fn(&mut Plan);

/// Version 1 and what revisions made of it, each from a programme month on.
fn revised(first: &Plan, revisions: &[(u32, Change<'_>)]) -> PlanHistory {
    let mut later: Vec<Plan> = Vec::new();
    for (effective, change) in revisions {
        let mut next = later.last().unwrap_or(first).clone();
        next.version += 1;
        next.effective = month(*effective);
        change(&mut next);
        later.push(next);
    }
    PlanHistory::new(first.clone(), later)
}

fn unrevised(plan: Plan) -> PlanHistory {
    PlanHistory::new(plan, Vec::new())
}

/// Episodes as `item#number opened-closed reason @last reported ~relapses`,
/// in programme months.
fn told(episodes: &[Episode]) -> String {
    let lines: Vec<String> = episodes
        .iter()
        .map(|episode| {
            let closed = episode.closed.map_or_else(String::new, |closed| {
                format!("{} {}", programme(closed.month), closed.reason)
            });
            let relapses: Vec<String> = episode
                .relapses
                .iter()
                .map(|relapse| {
                    let (from, to) = (programme(relapse.recovered), programme(relapse.reopened));
                    format!(" ~{from}-{to}")
                })
                .collect();
            let relapses = relapses.concat();
            format!(
                "{}#{} {}-{closed} @{}{relapses}",
                episode.item,
                episode.number,
                programme(episode.opened),
                programme(episode.last_reported)
            )
        })
        .collect();
    lines.join(", ")
}

/// The episodes of one item, whose cells these are, in an unrevised plan where
/// another item reports in every month.
fn told_of(item: Item, cells: &str) -> String {
    let plans = unrevised(plan(vec![item, other()]));
    told(&episodes(&plans, &with_other(cells)))
}

fn with_other(cells: &str) -> Ledger {
    ledger(&[("step", cells), ("other", "1*24")])
}

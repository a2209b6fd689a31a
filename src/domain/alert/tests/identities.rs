//! What holds of every replay.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::sample::SizeRange;

use super::*;
use crate::domain::evaluate::evaluate;
use crate::domain::fixture::{converts, cumulative, level, linked, milestone, prepares, ratio};
use crate::domain::ledger::{Cell, Figure};
use crate::domain::scorecard::{Link, Measure};
use crate::domain::status::Flag;

const MONTHS: u32 = 30;
/// Items of every kind; the flows come last, so that links can convert.
const KEYS: [&str; 8] = [
    "kit", "pool", "staff", "visits", "fees", "talk", "consult", "contract",
];
const FIRST_FLOW: usize = 4;

fn items() -> Vec<Item> {
    let kinds = [
        milestone(3, 14),
        cumulative(40, 1, 16),
        level(10),
        ratio(100),
        flow(120).in_unit("JPY"),
        flow(120),
        flow(60),
        flow(60),
    ];
    KEYS.into_iter()
        .zip(kinds)
        .map(|(key, item)| item.keyed(key).high_hurdle())
        .collect()
}

/// Cells by item and month: a third not reported, few not applicable.
type Cells = BTreeMap<(usize, u32), Cell>;

fn any_cells() -> impl Strategy<Value = Cells> {
    let cell = prop_oneof![
        6 => (0_i64..=15).prop_map(Some),
        1 => Just(None),
    ];
    let size: SizeRange = (60..220).into();
    proptest::collection::btree_map((0..KEYS.len(), 1..=MONTHS), cell, size).prop_map(|cells| {
        let figure = |item: usize, value: i64| {
            if items()[item].measure == Measure::Ratio {
                Figure::Ratio {
                    numerator: Amount::whole(value),
                    denominator: Amount::whole(10),
                }
            } else {
                Figure::Amount(Amount::whole(value))
            }
        };
        cells
            .into_iter()
            .map(|((item, month), value)| {
                let cell = value.map_or(
                    Cell::NotApplicable {
                        reason: "設備の故障".to_owned(),
                    },
                    |value| Cell::Reported(figure(item, value)),
                );
                ((item, month), cell)
            })
            .collect()
    })
}

fn ledger_of<'a>(cells: impl IntoIterator<Item = (&'a (usize, u32), &'a Cell)>) -> Ledger {
    let mut ledger = Ledger::default();
    for ((item, month), cell) in cells {
        ledger.set(KEYS[*item], t(*month), cell.clone());
    }
    ledger
}

/// Links between items; all of them lead up the list, or all of them down.
fn any_links() -> impl Strategy<Value = Vec<(usize, usize, bool)>> {
    let link = (0..KEYS.len(), 0..KEYS.len(), any::<bool>());
    proptest::collection::vec(link, 0..14)
}

fn links(pairs: &[(usize, usize, bool)], downwards: bool) -> Vec<Link> {
    pairs
        .iter()
        .filter(|(a, b, _)| a != b)
        .map(|(a, b, convert)| {
            let (low, high) = (*a.min(b), *a.max(b));
            let (from, to) = if downwards { (high, low) } else { (low, high) };
            if *convert && low >= FIRST_FLOW {
                converts(&[KEYS[from]], &[KEYS[to]])
            } else {
                prepares(&[KEYS[from]], &[KEYS[to]])
            }
        })
        .collect()
}

/// Two versions; the second one may turn all links round and drop an item.
fn any_plans(turning: bool) -> impl Strategy<Value = PlanHistory> {
    let second = (2..=MONTHS, 0..KEYS.len(), 1_u32..=2, 0_u32..=2);
    (any_links(), any_links(), second).prop_map(
        move |(first_links, later_links, (effective, easy, for_months, reopen_within))| {
            let mut first = linked(items(), links(&first_links, false));
            first.definition_mut().settings.for_months = for_months;
            first.definition_mut().settings.reopen_within = reopen_within;
            revised(
                &first,
                &[(effective, &|plan: &mut Plan| {
                    plan.definition_mut().links = links(&later_links, turning);
                    plan.definition_mut().items[easy].high_hurdle = false;
                })],
            )
        },
    )
}

/// The longest time in which a recovery can be undone; see [`any_plans`].
const REOPEN_WITHIN_MAX: u32 = 2;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// The order in which cells are posted makes no difference.
    #[test]
    fn posting_order_makes_no_difference(
        (cells, shuffled) in any_cells().prop_flat_map(|cells| {
            let list: Vec<_> = cells.clone().into_iter().collect();
            (Just(cells), Just(list).prop_shuffle())
        }),
        plans in any_plans(false),
    ) {
        let shuffled = ledger_of(shuffled.iter().map(|(place, cell)| (place, cell)));
        prop_assert_eq!(replay(&plans, &ledger_of(&cells)), replay(&plans, &shuffled));
    }

    /// Episodes of an item follow each other, and only the last can be open.
    #[test]
    fn episodes_are_ordered_and_apart(cells in any_cells(), plans in any_plans(false)) {
        let episodes = episodes(&plans, &ledger_of(&cells));
        for key in KEYS {
            let own: Vec<&Episode> = episodes.iter().filter(|each| each.item == key).collect();
            for (index, episode) in own.iter().enumerate() {
                prop_assert_eq!(usize::try_from(episode.number).unwrap(), index + 1);
                let end = episode.closed.map(|closed| closed.month);
                prop_assert!(end.is_none_or(|end| episode.last_reported < end));
                prop_assert!(episode.opened <= episode.last_reported);
                let mut turns = vec![episode.opened];
                turns.extend(episode.relapses.iter().flat_map(|each| [each.recovered, each.reopened]));
                turns.extend(end);
                prop_assert!(turns.is_sorted_by(|a, b| a < b), "{:?}", turns);
                prop_assert!(own.get(index + 1).is_none_or(|next| end.is_some_and(|end| end <= next.opened)));
            }
            for at in 1..=MONTHS {
                prop_assert!(own.iter().filter(|each| each.was_open_in(month(at))).count() <= 1);
            }
        }
    }

    /// Alerts begin, and begin again, in red months; and what is red in its
    /// latest reported month has an open alert, where one red month is enough
    /// and no revision has closed it.
    #[test]
    fn alerts_are_red_and_red_is_an_alert(cells in any_cells(), plans in any_plans(false)) {
        let ledger = ledger_of(&cells);
        let is_red = |item: &str, month: Month| {
            let plan = plans.in_force(month);
            let index = plan.definition.item_index(item).unwrap();
            evaluate(plan, &ledger, t(programme(month))).items[index].flag == Flag::Red
        };
        let episodes = episodes(&plans, &ledger);
        for episode in &episodes {
            prop_assert!(is_red(&episode.item, episode.opened));
            prop_assert!(episode.relapses.iter().all(|each| is_red(&episode.item, each.reopened)));
        }
        let last = plans.in_force(month(MONTHS));
        let patient = last.definition.settings.for_months > 1;
        // What the second version takes off the list is closed by it.
        let watched = last.definition.items.iter().map(|item| item.high_hurdle);
        for ((index, item), _) in items().iter().enumerate().zip(watched)
            .filter(|(_, watched)| *watched && !patient)
        {
            let carries_over = matches!(item.measure, Measure::Level | Measure::Milestone);
            let latest = cells
                .iter()
                .filter(|((of, _), cell)| (carries_over || *of == index) && cell.is_reported())
                .map(|((_, at), _)| month(*at))
                .max();
            if latest.is_some_and(|latest| is_red(&item.key, latest)) {
                prop_assert!(episodes.iter().any(|each| each.item == item.key && each.is_open()));
            }
        }
    }

    /// What is over stays as it was, however many months follow.
    #[test]
    fn later_months_do_not_change_what_is_over(
        cells in any_cells(), plans in any_plans(false), cut in 1..=MONTHS,
    ) {
        let whole = replay(&plans, &ledger_of(&cells));
        let start = replay(&plans, &ledger_of(cells.iter().filter(|((_, at), _)| *at <= cut)));
        let closed_by = |found: &Replayed| found.facts.resolved_month.filter(|end| *end <= month(cut));
        for found in whole.iter().filter(|found| closed_by(found).is_some()) {
            prop_assert!(start.contains(found), "{:?} is not known at {}", found, cut);
        }
        for found in &start {
            let is_final = closed_by(found).is_some_and(|end| {
                found.facts.resolved_reason != Some(ResolvedReason::Recovered)
                    || programme(end) + REOPEN_WITHIN_MAX <= cut
            });
            prop_assert!(!is_final || whole.contains(found), "{:?} is undone after {}", found, cut);
        }
    }

    /// Following the folding from any alert ends at one that is not folded,
    /// also where a revision has turned the links round; an open alert stands
    /// in an open one.
    #[test]
    fn every_chain_of_folding_ends(cells in any_cells(), plans in any_plans(true)) {
        let found: BTreeMap<(String, u32), Replayed> = replay(&plans, &ledger_of(&cells))
            .into_iter()
            .map(|each| ((each.facts.item.clone(), each.facts.episode), each))
            .collect();
        for alert in found.values() {
            let mut at = alert;
            for _ in 0..found.len() {
                let Some(root) = at.folded_under.as_ref().map(|root| &found[root]) else { break };
                prop_assert!(root.facts.item != at.facts.item);
                prop_assert!(!at.facts.is_open() || root.facts.is_open());
                at = root;
            }
            prop_assert!(at.folded_under.is_none(), "a circle from {:?}", alert.facts.item);
        }
    }

    /// One alert described is the same as all of them.
    #[test]
    fn alerts_are_described_one_by_one_as_together(cells in any_cells(), plans in any_plans(true)) {
        let ledger = ledger_of(&cells);
        let episodes = episodes(&plans, &ledger);
        let together = replay(&plans, &ledger);
        prop_assert_eq!(together.len(), episodes.len());
        for (index, all) in together.iter().enumerate() {
            let alone = Replay::new(&plans, &ledger, &episodes).describe(index);
            prop_assert_eq!(alone.as_ref(), Some(all));
        }
    }
}

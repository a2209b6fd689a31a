use proptest::prelude::*;

use super::*;
use crate::domain::amount::Amount;
use crate::domain::fixture::{
    ItemFixture, cumulative, flow, ledger, level, linked, plan, ratio, t,
};
use crate::domain::ledger::{Cell, Figure};

fn whole(values: &[i64]) -> Vec<Exact> {
    values.iter().copied().map(Exact::whole).collect()
}

/// Others that the reader does not see.
fn unseen(values: &[i64]) -> Vec<(Exact, bool)> {
    whole(values)
        .into_iter()
        .map(|value| (value, false))
        .collect()
}

#[test]
fn quartiles_are_those_of_a_spreadsheet() {
    let quarter = |value: i64| Exact::fraction(value, 4);
    // Lower, median and upper, in quarters.
    for (values, expected) in [
        (vec![7], [28, 28, 28]),
        (vec![1, 2], [5, 6, 7]),
        (vec![1, 2, 4], [6, 8, 12]),
        (vec![1, 2, 4, 9], [7, 12, 21]),
        (vec![1, 2, 4, 9, 10], [8, 16, 36]),
        (vec![-3, 0, 0, 0, 0, 8], [0, 0, 0]),
    ] {
        let found = quartiles(&whole(&values)).unwrap();
        let [lower, median, upper] = expected.map(quarter);
        assert_eq!(
            found,
            Quartiles {
                lower,
                median,
                upper
            },
            "{values:?}"
        );
    }
    assert_eq!(quartiles(&[]), None);
}

#[test]
fn a_few_hubs_are_nobodys_to_read() {
    let own = || Some(Exact::whole(1));
    for (own, others, shown) in [
        (own(), unseen(&[2, 3, 4]), false),
        (own(), unseen(&[2, 3, 4, 5]), true),
        (None, unseen(&[2, 3, 4, 5]), false),
        (None, unseen(&[2, 3, 4, 5, 6]), true),
        (None, Vec::new(), false),
    ] {
        let found = standing(own, others.clone(), Direction::Higher);
        assert_eq!(found.quartiles.is_some(), shown, "{others:?}");
        assert_eq!(found.withheld.is_none(), shown);
        assert!(shown || found.rank.is_none());
    }
}

/// Who reads all hubs but a few could work out these few.
#[test]
fn the_last_hubs_that_a_reader_does_not_see_stay_hidden() {
    for (unseen, shown) in [(0, true), (1, false), (3, false), (4, true), (7, true)] {
        let others = (0..7).map(|i| (Exact::whole(i), i >= unseen)).collect();
        let found = standing(Some(Exact::whole(3)), others, Direction::Higher);
        assert_eq!(found.withheld.is_none(), shown, "{unseen}");
    }
}

#[test]
fn equal_figures_share_a_rank() {
    for (own, higher, lower) in [(9, 1, 6), (5, 2, 3), (4, 5, 2), (1, 6, 1)] {
        let others = unseen(&[9, 5, 5, 4, 1])
            .into_iter()
            .filter({
                let mut is_left_out = false;
                move |(value, _)| {
                    let is_own = !is_left_out && *value == Exact::whole(own);
                    is_left_out |= is_own;
                    !is_own
                }
            })
            .chain(unseen(&[5]))
            .collect::<Vec<_>>();
        for (better, rank) in [(Direction::Higher, higher), (Direction::Lower, lower)] {
            let found = standing(Some(Exact::whole(own)), others.clone(), better);
            assert_eq!(found.rank, Some(rank), "{own} {better:?}");
            assert_eq!(found.hubs, 6);
        }
    }
}

fn conversion_link() -> Link {
    Link {
        kind: LinkKind::Conversion,
        from: vec!["a".to_owned()],
        to: vec!["b".to_owned()],
        lag_months: 0,
    }
}

/// A plan of two flows with a conversion between them.
fn funnel() -> Plan {
    let items = vec![flow(120).keyed("a"), flow(60).keyed("b")];
    linked(items, vec![conversion_link()])
}

#[test]
fn hubs_are_compared_in_what_they_have_reported() {
    let plan = funnel();
    let ledgers = [
        ledger(&[("a", "10 10"), ("b", "5 5")]),
        ledger(&[("a", "20 20"), ("b", "5 5")]),
        ledger(&[("a", "5 5"), ("b", "5 5")]),
        // A month of either side is missing: attainment, but no rate.
        ledger(&[("a", "- 10"), ("b", "5 5")]),
        ledger(&[("a", "10 10"), ("b", "- 5")]),
        ledger(&[("a", "8 10"), ("b", "2 1")]),
        // Nothing of the month itself.
        ledger(&[("a", "10"), ("b", "5")]),
    ];
    let peers: Vec<Peer<'_>> = ledgers
        .iter()
        .map(|ledger| Peer {
            is_seen: false,
            plan: &plan,
            ledger,
        })
        .collect();
    let found = compare(peers[0], &peers[1..], t(2));
    assert_eq!(found.hubs, 6);
    // A shortfall that its gap may explain is no figure to compare.
    assert_eq!((found.links[0].hubs, found.items[0].hubs), (4, 5));
    assert_eq!(found.links[0].own, Some(Exact::fraction(1, 2)));
    assert_eq!(found.links[0].withheld, Some(Withheld::TooFewHubs));
    let companies = &found.items[0];
    assert_eq!(companies.own, Some(Exact::whole(1)));
    assert_eq!(companies.rank, Some(2));
    let quartiles = companies.quartiles.clone().unwrap();
    assert_eq!(quartiles.median, Exact::whole(1));
}

#[test]
fn only_like_is_compared_with_like() {
    let month = t(1);
    let reported = ledger(&[("item", "5")]);
    let of = |item: Item, like: &Item| {
        let plan = plan(vec![item]);
        let peer = Peer {
            is_seen: false,
            plan: &plan,
            ledger: &reported,
        };
        attainment(&peer, like, month)
    };
    let like = flow(120);
    assert_eq!(of(flow(60), &like), Some(Exact::whole(1)));
    for other in [
        flow(60).keyed("other"),
        flow(60).in_unit("companies"),
        flow(60).lower(),
        level(5),
        flow(60).without_target(),
        cumulative(10, 4, 9),
    ] {
        assert_eq!(of(other.clone(), &like), None, "{other:?}");
    }
    // Not applicable, no denominator, and nothing to divide by.
    let cell = |cell| {
        let mut ledger = Ledger::default();
        ledger.set("item", month, cell);
        ledger
    };
    for (item, ledger) in [
        (
            flow(60),
            cell(Cell::NotApplicable {
                reason: "x".to_owned(),
            }),
        ),
        (
            ratio(200),
            cell(Cell::Reported(Figure::Ratio {
                numerator: Amount::ZERO,
                denominator: Amount::ZERO,
            })),
        ),
        (
            flow(60).lower(),
            cell(Cell::Reported(Figure::Amount(Amount::ZERO))),
        ),
    ] {
        let plan = plan(vec![item.clone()]);
        let peer = Peer {
            is_seen: false,
            plan: &plan,
            ledger: &ledger,
        };
        assert_eq!(attainment(&peer, &item, month), None);
    }
}

#[test]
fn a_rate_into_what_should_be_rare_is_better_low() {
    let mut plan = funnel();
    assert_eq!(better_rate(&plan, &conversion_link()), Direction::Higher);
    plan.definition_mut().items[1].direction = Direction::Lower;
    assert_eq!(better_rate(&plan, &conversion_link()), Direction::Lower);
}

proptest! {
    /// By hand: walk through the figures a quarter of a step at a time.
    #[test]
    fn quartiles_agree_with_counting(mut values in proptest::collection::vec(-1_000_i64..1_000, 1..40)) {
        values.sort_unstable();
        let found = quartiles(&whole(&values)).unwrap();
        // Four equal steps between neighbours, so that every quartile is a step.
        let mut steps = Vec::new();
        for pair in values.windows(2) {
            steps.extend((0..4).map(|i| Exact::fraction(pair[0] * (4 - i) + pair[1] * i, 4)));
        }
        steps.push(Exact::whole(values[values.len() - 1]));
        let n = values.len() - 1;
        prop_assert_eq!(&found.lower, &steps[n]);
        prop_assert_eq!(&found.median, &steps[2 * n]);
        prop_assert_eq!(&found.upper, &steps[3 * n]);
    }

    /// Nothing that is not read makes a difference.
    #[test]
    fn what_is_read_of_the_cells_is_enough(
        values in proptest::collection::vec((0_usize..4, 1_u32..31, 0_i64..50), 0..90),
        month in 1_u32..31,
        lag_months in 0_u32..9,
    ) {
        let items = vec![
            flow(120).keyed("a"),
            flow(60).keyed("b"),
            cumulative(50, 2, 20).keyed("c"),
            level(5).keyed("d"),
        ];
        let link = Link { lag_months, ..conversion_link() };
        let plan = linked(items, vec![link]);
        let (first, from_the_start) = cells_read([&plan].into_iter(), t(month));
        let (mut whole, mut part) = (Ledger::default(), Ledger::default());
        for (item, at, value) in values {
            let key = plan.definition.items[item].key.as_str();
            let cell = Cell::Reported(Figure::Amount(Amount::whole(value)));
            if (at >= first.t() || from_the_start.contains(key)) && at <= month {
                part.set(key, t(at), cell.clone());
            }
            whole.set(key, t(at), cell);
        }
        let of = |ledger| compare(Peer { is_seen: true, plan: &plan, ledger }, &[], t(month));
        prop_assert_eq!(of(&whole), of(&part));
    }

    /// The rank is the place in the sorted list, and nothing depends on the
    /// order in which hubs come.
    #[test]
    fn ranks_are_places_in_the_sorted_list(own in -20_i64..20, mut others in proptest::collection::vec(-20_i64..20, 4..30), lower in proptest::bool::ANY) {
        let better = if lower { Direction::Lower } else { Direction::Higher };
        let found = standing(Some(Exact::whole(own)), unseen(&others), better);
        others.reverse();
        prop_assert_eq!(&found, &standing(Some(Exact::whole(own)), unseen(&others), better));
        others.push(own);
        others.sort_unstable();
        if !lower {
            others.reverse();
        }
        let place = others.iter().position(|value| *value == own).unwrap() + 1;
        prop_assert_eq!(found.rank, Some(place));
        prop_assert_eq!(found.hubs, others.len());
    }
}

//! Each formula with figures worked by hand.

use super::super::*;
use crate::domain::evaluate::evaluate;
use crate::domain::fixture::{ItemFixture, flow, ledger, linked, plan, t};

fn exact(numerator: i64, denominator: i64) -> Exact {
    Exact::fraction(numerator, denominator)
}

/// The outlook of the only item of a plan.
fn flow_outlook(item: Item, table: &str, month: u32) -> FlowOutlook {
    let plan = plan(vec![item]);
    let ledger = ledger(&[("item", table)]);
    let evaluation = evaluate(&plan, &ledger, t(month));
    let outlook = outlook(&plan, &ledger, &evaluation, &Scenario::default());
    match outlook.items.into_iter().next().unwrap().unwrap().end {
        End::Flow(flow) => flow,
        End::Bar(bar) => panic!("{bar:?}"),
    }
}

/// 60 a year, 20 after six months: half the year brings 20, so the year 40;
/// 40 are missing where 30 were planned.
#[test]
fn a_flow_goes_on_at_its_own_pace() {
    let found = flow_outlook(flow(60), "2 4 2 4 6 2", 6);
    assert_eq!(found.expected, Some(exact(40, 1)));
    assert_eq!(found.required_factor, Some(exact(4, 3)));
    assert_eq!(found.band, Some(Band::Stretch));
    assert_eq!(found.required_per_month, Some(exact(40, 6)));
    assert_eq!(found.recent_per_month, Some(exact(4, 1)));
    assert_eq!(found.months_left, 6);
    let chance = found.chance.unwrap();
    assert!(chance > 0.0 && chance < 0.05, "{chance}");
    let (low, high) = found.range.unwrap();
    assert!(low < exact(40, 1) && high > exact(40, 1) && high < exact(60, 1));
}

/// Months without a report count neither in `A` nor in `P`.
#[test]
fn gaps_are_left_out_of_pace_and_plan() {
    let found = flow_outlook(flow(60), "5 - 5 x 5 -", 6);
    // Three of twelve months: 15 of 60, exactly on plan.
    assert_eq!(found.expected, Some(exact(60, 1)));
    assert_eq!(found.required_factor, Some(exact(1, 1)));
    assert_eq!(found.band, Some(Band::Fine));
    assert_eq!(found.required_per_month, Some(exact(45, 6)));
}

#[test]
fn bands_begin_above_their_bounds() {
    // 100 a year in weights 50 : 50, so that 50 are left to be planned.
    for (actual, factor, band) in [
        (50, exact(1, 1), Band::Fine),
        (49, exact(51, 50), Band::Recoverable),
        (43, exact(57, 50), Band::Recoverable),
        (42, exact(58, 50), Band::Stretch),
        (25, exact(3, 2), Band::Stretch),
        (24, exact(76, 50), Band::RevisePlan),
        (100, Exact::zero(), Band::Fine),
        (120, exact(-2, 5), Band::Fine),
    ] {
        let table = format!("{actual} 0*5");
        let found = flow_outlook(flow(100), &table, 6);
        assert_eq!(found.required_factor, Some(factor), "{actual}");
        assert_eq!(found.band, Some(band), "{actual}");
    }
}

#[test]
fn nothing_is_said_of_a_year_that_is_not_open() {
    let unreported = flow_outlook(flow(60), "- - -", 3);
    assert_eq!(unreported.expected, None);
    assert_eq!(unreported.chance, None);
    assert_eq!(unreported.required_per_month, None);
    assert_eq!(unreported.recent_per_month, None);
    let over = flow_outlook(flow(60), "5*12", 12);
    assert_eq!((over.expected, over.chance), (None, None));
    assert_eq!(
        (over.required_factor, over.required_per_month),
        (None, None)
    );
    assert_eq!(over.recent_per_month, Some(exact(5, 1)));
    let late = flow(60).phased(crate::domain::scorecard::Phasing::Even { first_month: 4 });
    let early = flow_outlook(late, "1 2 0", 3);
    assert_eq!((early.expected, early.band), (None, None));
    assert_eq!(early.required_per_month, Some(exact(57, 9)));
}

#[test]
fn money_has_no_chance() {
    let found = flow_outlook(flow(1_200_000).in_unit("JPY"), "50000*6", 6);
    assert_eq!(found.expected, Some(exact(600_000, 1)));
    assert_eq!(found.required_factor, Some(exact(900_000, 600_000)));
    assert_eq!((found.chance, found.range), (None, None));
}

#[test]
fn where_less_is_better_the_limit_is_to_be_kept() {
    let found = flow_outlook(flow(12).lower(), "2*6", 6);
    // 12 in half a year: nothing may follow.
    assert_eq!(found.required_factor, Some(Exact::zero()));
    assert_eq!(found.band, Some(Band::RevisePlan));
    assert!(found.chance.unwrap() < 0.01);
    let calm = flow_outlook(flow(12).lower(), "0*5 1", 6);
    assert_eq!(calm.band, Some(Band::Fine));
    assert!(calm.chance.unwrap() > 0.99);
    let strict = flow_outlook(flow(12).lower().strict(), "1*6", 6);
    let plain = flow_outlook(flow(12).lower(), "1*6", 6);
    assert!(strict.chance < plain.chance);
}

#[test]
fn the_funnel_leads_to_the_revenue() {
    let plan = linked(
        vec![
            flow(60).keyed("a"),
            flow(30).keyed("b"),
            flow(300_000)
                .keyed("c")
                .in_unit("JPY")
                .at(crate::domain::scorecard::Stage::Revenue),
        ],
        vec![
            crate::domain::fixture::converts(&["a"], &["b"]),
            crate::domain::fixture::converts(&["b"], &["c"]),
        ],
    );
    let ledger = ledger(&[("a", "4*6"), ("b", "1*6"), ("c", "0*6")]);
    let evaluation = evaluate(&plan, &ledger, t(6));
    let found = outlook(&plan, &ledger, &evaluation, &Scenario::default());
    // 48 visitors a year, every fourth comes, and none has paid.
    let expected = |position: usize| {
        let volume = found.forecast.volumes[position].as_ref().unwrap();
        volume.expected.clone()
    };
    assert_eq!(expected(0), exact(48, 1));
    assert_eq!(expected(1), exact(12, 1));
    assert_eq!(found.forecast.revenue, Some(Exact::zero()));
    assert_eq!(found.forecast.target, Some(exact(300_000, 1)));
}

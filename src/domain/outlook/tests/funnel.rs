//! The revenue along the funnel, and scenarios.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::domain::amount::Amount;
use crate::domain::fixture::{ItemFixture, converts, flow, linked, months};
use crate::domain::ledger::Ledger;
use crate::domain::scorecard::{Link, Stage};

/// talk 120 → consult 60 → (a month later) contract 12 → fees 2,400,000.
fn card() -> Plan {
    linked(
        vec![
            flow(120).keyed("talk"),
            flow(60).keyed("consult"),
            flow(12).keyed("contract"),
            flow(2_400_000)
                .keyed("fees")
                .in_unit("JPY")
                .at(Stage::Revenue),
        ],
        vec![
            converts(&["talk"], &["consult"]),
            Link {
                lag_months: 1,
                ..converts(&["consult"], &["contract"])
            },
            converts(&["contract"], &["fees"]),
        ],
    )
}

const HALF_A_YEAR: [(&str, &str); 4] = [
    ("talk", "8*6"),
    ("consult", "2*6"),
    ("contract", "0 1 0 1 0 0"),
    ("fees", "0 100000 0 100000 0 0"),
];

fn expected(forecast: &Forecast) -> Vec<Exact> {
    let volumes = forecast.volumes.iter();
    volumes
        .map(|volume| volume.as_ref().unwrap().expected.clone())
        .collect()
}

fn origins(forecast: &Forecast) -> (Vec<VolumeOrigin>, Vec<RateOrigin>) {
    let volumes = forecast.volumes.iter().flatten();
    let rates = forecast.rates.iter().flatten();
    (
        volumes.map(|volume| volume.origin).collect(),
        rates.map(|rate| rate.origin).collect(),
    )
}

fn per_month(item: usize, figure: i64) -> Scenario {
    Scenario {
        volumes: BTreeMap::from([(item, Supposed::PerMonth(Exact::whole(figure)))]),
        ..Scenario::default()
    }
}

#[test]
fn volumes_times_rates_lead_to_the_revenue() {
    let found = looked(&card(), &HALF_A_YEAR, 6, &Scenario::default()).forecast;
    // 96 talks; 1 in 4: 24; of the 10 of a month before 2: 1 in 5 of the 12
    // that follow are 2.4; 100,000 yen each.
    assert_eq!(
        expected(&found),
        [exact(96, 1), exact(24, 1), exact(22, 5), exact(440_000, 1)]
    );
    assert_eq!(found.revenue, Some(exact(440_000, 1)));
    assert_eq!(found.target, Some(exact(2_400_000, 1)));
    let (volumes, rates) = origins(&found);
    assert_eq!(volumes[0], VolumeOrigin::OwnPace);
    assert!(
        volumes[1..]
            .iter()
            .all(|origin| *origin == VolumeOrigin::Funnel)
    );
    assert_eq!(rates, [RateOrigin::Actual; 3]);
}

#[test]
fn a_scenario_changes_the_months_left_only() {
    let doubled = Scenario {
        volumes: BTreeMap::from([(0, Supposed::Times(Exact::whole(2)))]),
        ..Scenario::default()
    };
    let found = looked(&card(), &HALF_A_YEAR, 6, &doubled);
    // 48 + 96 talks; 12 + 24; contracts of months 7 to 12 from consultations
    // of months 6 to 11: (2 + 5·4)/5 = 4.4 more.
    assert_eq!(
        expected(&found.forecast),
        [exact(144, 1), exact(36, 1), exact(32, 5), exact(640_000, 1)]
    );
    let flow = |position: usize| match &found.items[position].as_ref().unwrap().end {
        End::Flow(flow) => flow.expected.clone().unwrap(),
        End::Bar(bar) => panic!("{bar:?}"),
    };
    assert_eq!(flow(0), exact(144, 1));
    // Its own pace is 24 a year; the twelve to come are doubled.
    assert_eq!(flow(1), exact(36, 1));

    let rated = Scenario {
        rates: BTreeMap::from([(0, exact(1, 2))]),
        ..Scenario::default()
    };
    let found = looked(&card(), &HALF_A_YEAR, 6, &rated).forecast;
    // 12 + 48/2 consultations.
    assert_eq!(expected(&found)[1], exact(36, 1));
    assert_eq!(origins(&found).1[0], RateOrigin::Scenario);

    let given = looked(&card(), &HALF_A_YEAR, 6, &per_month(1, 10));
    assert_eq!(expected(&given.forecast)[1], exact(72, 1));
    let End::Flow(consult) = &given.items[1].as_ref().unwrap().end else {
        panic!()
    };
    assert_eq!(consult.expected, Some(exact(72, 1)));
    // 48 are missing where 60 come on average: Poisson.
    assert!(
        (0.94..0.98).contains(&consult.chance.unwrap()),
        "{consult:?}"
    );
}

#[test]
fn what_nobody_reported_follows_the_plan() {
    let found = looked(&card(), &[], 1, &Scenario::default()).forecast;
    // Contracts of April have no consultations before them: 11 months of 1.
    assert_eq!(
        expected(&found),
        [
            exact(120, 1),
            exact(60, 1),
            exact(11, 1),
            exact(2_200_000, 1)
        ]
    );
    assert_eq!(origins(&found).1, [RateOrigin::Planned; 3]);
    assert_eq!(origins(&found).0[0], VolumeOrigin::Plan);
}

/// A right side that nobody reported, or that shows zeros where the plan asks
/// for nothing yet, has no rate of its own.
#[test]
fn a_rate_begins_with_something_to_show() {
    let origin = |plan: &Plan, contract: &str| {
        let tables = [("consult", "2*6"), ("contract", contract)];
        let found = looked(plan, &tables, 3, &Scenario::default()).forecast;
        found.rates[1].clone().unwrap().origin
    };
    let mut late = card();
    late.definition_mut().items[2].phasing =
        Some(crate::domain::scorecard::Phasing::Even { first_month: 5 });
    assert_eq!(origin(&card(), "-*3"), RateOrigin::Planned);
    assert_eq!(origin(&card(), "0*3"), RateOrigin::Actual);
    assert_eq!(origin(&late, "0*3"), RateOrigin::Planned);
    assert_eq!(origin(&late, "0 0 1"), RateOrigin::Actual);
}

/// Year 3 of a plan whose targets begin there, seen from year 1.
#[test]
fn a_year_ahead_is_that_of_the_first_revenue() {
    let mut plan = card();
    for item in &mut plan.definition_mut().items {
        item.targets[0].year = Some(3);
    }
    let found = looked(&plan, &[("talk", "1*4")], 4, &Scenario::default()).forecast;
    assert_eq!(found.year, 3);
    assert_eq!(
        expected(&found),
        [
            exact(120, 1),
            exact(60, 1),
            exact(11, 1),
            exact(2_200_000, 1)
        ]
    );
    assert_eq!(found.volumes[0].as_ref().unwrap().actual, Exact::zero());
    let supposed = looked(&plan, &[], 4, &per_month(0, 20)).forecast;
    assert_eq!(expected(&supposed)[..2], [exact(240, 1), exact(120, 1)]);
}

/// A side of two takes the volume by their targets; of two links into one item
/// the scarcer counts; what is unknown stays so.
#[test]
fn sides_are_shared_and_the_scarcer_link_counts() {
    let plan = linked(
        vec![
            flow(60).keyed("a"),
            flow(40).keyed("b"),
            flow(30).keyed("c"),
            flow(10).keyed("d"),
            flow(1_000).keyed("fees").in_unit("JPY").at(Stage::Revenue),
            flow(1)
                .keyed("gifts")
                .in_unit("JPY")
                .at(Stage::Revenue)
                .without_target(),
        ],
        vec![
            converts(&["a"], &["c", "d"]),
            converts(&["b"], &["d"]),
            converts(&["c", "d"], &["fees"]),
        ],
    );
    let found = looked(
        &plan,
        &[("a", "4*6"), ("b", "1*6")],
        6,
        &Scenario::default(),
    )
    .forecast;
    let expected = |position: usize| {
        let volume = found.volumes[position].as_ref();
        volume.map(|volume| volume.expected.clone())
    };
    // a 48 at the planned 40/60 are 32: 24 and 8; b 12 at 10/40 are 3.
    assert_eq!(expected(2), Some(exact(24, 1)));
    assert_eq!(expected(3), Some(exact(3, 1)));
    assert_eq!(expected(4), Some(exact(27 * 1_000, 40)));
    assert_eq!(
        (expected(5), &found.revenue, &found.target),
        (None, &None, &None)
    );
}

proptest! {
    /// Supposing what is expected anyway changes nothing; and the reported
    /// part of every volume is a part of it.
    #[test]
    fn supposing_the_expected_changes_nothing(
        cells in proptest::collection::vec((0_usize..4, 1_u32..13, 0_i64..40), 0..48),
        month in 1_u32..13,
    ) {
        let plan = card();
        let mut ledger = Ledger::default();
        for (item, at, value) in cells {
            if at <= month {
                let cell = months(&value.to_string()).remove(0);
                ledger.set(&plan.definition.items[item].key, t(at), cell);
            }
        }
        let evaluation = evaluate(&plan, &ledger, t(month));
        let usual = outlook(&plan, &ledger, &evaluation, &Scenario::default());
        let scenario = Scenario {
            rates: usual.forecast.rates.iter().enumerate()
                .filter_map(|(position, rate)| Some((position, rate.as_ref()?.rate.clone())))
                .collect(),
            volumes: (0..4).map(|item| (item, Supposed::Times(Exact::whole(1)))).collect(),
        };
        let supposed = outlook(&plan, &ledger, &evaluation, &scenario);
        prop_assert_eq!(expected(&usual.forecast), expected(&supposed.forecast));
        prop_assert_eq!(&usual.items, &supposed.items);
        for (item, volume) in plan.definition.items.iter().zip(&usual.forecast.volumes) {
            let reported: Exact = (1..=month)
                .filter_map(|at| ledger.cell(&item.key, t(at)).amount())
                .map(Amount::exact)
                .sum();
            let volume = volume.as_ref().unwrap();
            prop_assert_eq!(&volume.actual, &reported);
            prop_assert!(volume.expected >= reported);
        }
    }

    /// More at the first step never leads to less revenue.
    #[test]
    fn revenue_rises_with_the_first_step(month in 1_u32..12, low in 0_i64..50, more in 0_i64..50) {
        let revenue = |figure| {
            looked(&card(), &HALF_A_YEAR, month, &per_month(0, figure)).forecast.revenue.unwrap()
        };
        prop_assert!(revenue(low) <= revenue(low + more));
    }
}

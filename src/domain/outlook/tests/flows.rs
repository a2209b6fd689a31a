//! Flows: pace, required pace, bands, words.

use super::*;
use crate::domain::fixture::{ItemFixture, flow};
use crate::domain::scorecard::Phasing;

fn flow_outlook(item: Item, table: &str, month: u32) -> FlowOutlook {
    match alone(item, table, month).end {
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
    let late = flow(60).phased(Phasing::Even { first_month: 4 });
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
fn what_is_no_flow_and_no_bar_has_no_outlook() {
    let items = vec![
        crate::domain::fixture::level(3).keyed("level"),
        crate::domain::fixture::ratio(50).keyed("ratio"),
        flow(1).keyed("untargeted").without_target(),
    ];
    let plan = crate::domain::fixture::plan(items);
    let found = looked(&plan, &[], 3, &Scenario::default());
    assert_eq!(found.items, [None, None, None]);
}

#[test]
fn flows_are_told_in_words() {
    for (item, table, month, ja, en) in [
        (
            flow(30),
            "1 1 2 1 2 1 1",
            7,
            "このままの進み方では、年度末は 15.4 件の見込みで、目標 30 件に届く見込みは 1％ 未満です。残り 5 か月は計画の 1.7 倍の進み方が必要です。計画の見直しを検討してください。",
            "At this pace the year ends at 15.4 cases; the chance to reach the target of 30 cases is below 1%. With 5 months left, 1.7 times the planned pace is needed: consider revising the plan.",
        ),
        (
            flow(60),
            "5*6",
            6,
            "このままの進み方では、年度末は 60 件の見込みで、目標 60 件に届く見込みは 53％です。残り 6 か月は計画どおりの進み方で届きます。",
            "At this pace the year ends at 60 cases; the chance to reach the target of 60 cases is 53%. With 6 months left, the planned pace is enough.",
        ),
        (
            flow(60),
            "65 0*5",
            6,
            "このままの進み方では、年度末は 130 件の見込みで、目標 60 件に届く見込みは 100％です。目標にはすでに届いています。",
            "At this pace the year ends at 130 cases; the chance to reach the target of 60 cases is 100%. The target is reached already.",
        ),
        (
            flow(12).lower(),
            "2*6",
            6,
            "このままの進み方では、年度末は 24 件の見込みで、上限 12 件に収まる見込みは 1％ 未満です。",
            "At this pace the year ends at 24 cases; the chance to keep the limit of 12 cases is below 1%.",
        ),
        (
            flow(1_200_000).in_unit("JPY"),
            "90000*6",
            6,
            "このままの進み方では、年度末は 1,080,000 円の見込みです（目標 1,200,000 円）。残り 6 か月は計画の 1.1 倍の進み方が必要ですが、取り戻せる範囲です。",
            "At this pace the year ends at 1,080,000 yen (target 1,200,000 yen). With 6 months left, 1.1 times the planned pace is needed: within reach.",
        ),
        (
            flow(60),
            "4*12",
            12,
            "年度は 48 件で終わりました（目標 60 件）。",
            "The year ended at 48 cases (target 60 cases).",
        ),
        (
            flow(60),
            "-*3",
            3,
            "今年度の報告がまだないため、年度末の見込みは出せません。",
            "Nothing is reported for the year yet, so there is no outlook.",
        ),
        (
            flow(60).phased(Phasing::Even { first_month: 4 }),
            "0*2",
            2,
            "報告のあった月までに計画された分がないため、年度末の見込みはまだ出せません。",
            "Nothing was planned for the months reported, so there is no outlook yet.",
        ),
    ] {
        assert_eq!(alone(item, table, month).words, Text::new(ja, en));
    }
}

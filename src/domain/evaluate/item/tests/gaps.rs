//! Gaps, the turn of the year, and the figures that come with a status.

use super::*;

#[test]
fn gaps_of_a_flow_are_filled_with_the_plan_before_it_is_called_short() {
    check(
        &flow(48),
        &[
            // On plan in the months reported.
            ("- - - 4", 4, S::NoData, R::Gap),
            ("x - - 4", 4, S::NoData, R::Gap),
            ("x x x 4", 4, S::OnTrack, R::Gap),
            // Behind in the one month reported, though chance may explain it:
            // 12 + 1 of 16.
            ("x x x 1", 4, S::OnTrack, R::Gap),
            // Short with the gaps filled: 8 + 0 of 16, Pr[Poisson(16) <= 8] = 0.022.
            ("- - 0 0", 4, S::Behind, R::Behind),
            ("x x 0 0", 4, S::Behind, R::Behind),
            // 8 + 1: 0.043 but attainment 9/16; 8 + 2: 0.077.
            ("x x 0 1", 4, S::Behind, R::Behind),
            ("- - 0 2", 4, S::AtRisk, R::AtRisk),
            // Good enough without them.
            ("- - 8 8", 4, S::OnTrack, R::Met),
            ("- - 7 7", 4, S::OnTrack, R::Noise),
            // The month itself.
            ("4 - 4 -", 4, S::NoData, R::Missing),
        ],
    );
    // At the year's end chance fills no gap: 41 + 4 of 48.
    check(
        &flow(48),
        &[
            ("4*10 - 4", 12, S::NoData, R::Gap),
            ("4*10 x 4", 12, S::OnTrack, R::Gap),
            ("4*10 - 1", 12, S::AtRisk, R::AtRisk),
            ("4*10 - 6", 12, S::OnTrack, R::Met),
        ],
    );
}

#[test]
fn gaps_can_fill_up_to_the_whole_target() {
    // 11 + 1 of 12, first month missing: achieved, had the month been on plan.
    check(
        &flow(12),
        &[
            ("- 1*10 -", 12, S::NoData, R::Missing),
            ("- 1*10 1", 12, S::NoData, R::Gap),
            ("x 1*11", 12, S::OnTrack, R::Gap),
        ],
    );
}

#[test]
fn gaps_within_noise_are_said_to_be() {
    let excused = judged(&flow(48), "x x x 1", 4);
    assert!(excused.within_noise);
    let unknown = judged(&flow(48), "- x x 1", 4);
    assert_eq!((unknown.status, unknown.within_noise), (S::NoData, false));
}

#[test]
fn gaps_of_a_cumulative_item_count_from_the_start_of_its_bar() {
    // One a month from month 3 to month 12.
    let found = cumulative(10, 3, 12);
    check(
        &found,
        &[
            // The plan of months 3 to 6 is 4; months 1 and 2 are no gaps.
            ("- - - - - - 1", 7, S::NoData, R::Gap),
            ("- - x x x x 1", 7, S::OnTrack, R::Gap),
            ("- - 0 0 0 - 0", 7, S::Behind, R::Behind),
            // Filled to the whole target after the due month.
            ("0 0 - 1*9", 13, S::NoData, R::Missing),
            ("0 0 - 1*9 0", 13, S::NoData, R::Gap),
            ("0 0 x 1*9 0", 13, S::OnTrack, R::Gap),
            // Months after the due month have no plan to fill in.
            ("0 0 0 0 1*8 - - 0", 15, S::AtRisk, R::AtRisk),
        ],
    );
}

#[test]
fn gap_months_are_the_earlier_months_of_the_sum_without_a_figure() {
    for (item, months, month, expected) in [
        (flow(12), "1 - x 1 -", 5, vec![2, 3]),
        (flow(12), "1 - x 1 -", 4, vec![2, 3]),
        (flow(12), "1*11 - 1 - 1", 15, vec![14]),
        (flow(12), "-", 1, vec![]),
        (cumulative(10, 3, 12), "- - - 1 x 1", 6, vec![3, 5]),
        (cumulative(10, 3, 12), "- -", 3, vec![]),
        (ratio(200), "- - 2/1", 3, vec![]),
        (level(10), "- - 2", 3, vec![]),
        (milestone(1, 9), "- - 2", 3, vec![]),
    ] {
        let gaps = judged(&item, months, month).gap_months;
        let gaps: Vec<u32> = gaps.into_iter().map(ProgrammeMonth::t).collect();
        assert_eq!(gaps, expected, "{months:?} at {month}");
    }
}

#[test]
fn a_year_begins_anew_for_what_is_summed_over_the_year() {
    check(
        &flow(12),
        &[
            ("3*12 0", 12, S::Achieved, R::Achieved),
            ("3*12 0", 13, S::OnTrack, R::Noise),
            ("3*12 0*3", 15, S::Behind, R::Behind),
            ("0*12 1", 13, S::OnTrack, R::Met),
        ],
    );
    check(
        &ratio(200),
        &[
            ("40/10*12 5/10", 12, S::OnTrack, R::Met),
            ("40/10*12 5/10", 13, S::Behind, R::Behind),
            ("40/10*12", 13, S::NoData, R::Missing),
        ],
    );
    check(
        &cumulative(20, 1, 20),
        &[
            ("13 0*12", 13, S::OnTrack, R::Met),
            ("1*12 0", 13, S::OnTrack, R::Noise),
        ],
    );
    let rising = flow(12).with_target(Some(2), Amount::whole(24));
    check(
        &rising,
        &[
            ("1*12 12", 13, S::OnTrack, R::Met),
            ("1*12 1*12", 24, S::Behind, R::Behind),
            ("1*12 2*12 2*12", 36, S::Achieved, R::Achieved),
        ],
    );
}

#[test]
fn the_phasing_decides_what_is_due() {
    // Six sessions: the first is due at the end of month 3, the last at the year's end.
    let sessions = flow(60).phased(Phasing::Sessions { sessions: 6 });
    check(
        &sessions,
        &[
            ("0 0", 2, S::NotDue, R::NotDue),
            ("0 0 10", 3, S::OnTrack, R::Met),
            ("0 10 0 0", 4, S::OnTrack, R::Met),
            ("0 10 0 0 0", 5, S::Behind, R::Behind),
            ("0*10 50 0", 11, S::OnTrack, R::Met),
            ("0*10 50 0", 12, S::AtRisk, R::AtRisk),
        ],
    );
    let weights = flow(100).in_unit(YEN).phased(Phasing::Weights {
        weights: "0 0 1 0 0 0 0 0 0 0 0 3"
            .split(' ')
            .map(|weight| weight.parse().unwrap())
            .collect(),
    });
    check(
        &weights,
        &[
            ("0 0", 2, S::NotDue, R::NotDue),
            ("0 0 25", 3, S::OnTrack, R::Met),
            ("0 0 4", 3, S::Behind, R::Behind),
            ("0 0 5", 3, S::AtRisk, R::AtRisk),
            ("25 0*10", 11, S::OnTrack, R::Met),
            ("25 0*11", 12, S::Behind, R::Behind),
        ],
    );
    let contracts = flow(27).phased(Phasing::Even { first_month: 4 });
    check(
        &contracts,
        &[
            ("0*3 3", 4, S::OnTrack, R::Met),
            ("0*3 0", 4, S::Behind, R::Behind),
            ("0*11 25", 12, S::AtRisk, R::AtRisk),
        ],
    );
}

#[test]
fn the_figures_come_with_the_status() {
    let exact = |numerator, denominator| Some(Exact::fraction(numerator, denominator));
    for (item, months, month, actual, planned, attainment, shortfall) in [
        (
            flow(30),
            "1 1 4",
            3,
            exact(6, 1),
            exact(15, 2),
            exact(4, 5),
            exact(3, 2),
        ),
        (
            flow(30).lower(),
            "1 1 4",
            3,
            exact(6, 1),
            exact(15, 2),
            exact(5, 4),
            exact(-3, 2),
        ),
        (
            flow(30).lower(),
            "0",
            1,
            exact(0, 1),
            exact(5, 2),
            None,
            exact(-5, 2),
        ),
        (flow(30), "", 1, None, exact(5, 2), None, None),
        (
            flow(30).without_target(),
            "7",
            1,
            exact(7, 1),
            exact(0, 1),
            None,
            None,
        ),
        (
            cumulative(10, 6, 15),
            "2",
            1,
            exact(2, 1),
            exact(0, 1),
            None,
            exact(-2, 1),
        ),
        (
            ratio(200),
            "5/3",
            1,
            exact(5, 3),
            exact(2, 1),
            exact(5, 6),
            exact(1, 3),
        ),
        (
            milestone(1, 3),
            "20",
            2,
            exact(20, 1),
            exact(200, 3),
            exact(3, 10),
            exact(140, 3),
        ),
        (
            level(10),
            "-4",
            1,
            exact(-4, 1),
            exact(10, 1),
            exact(-2, 5),
            exact(14, 1),
        ),
    ] {
        let judged = judged(&item, months, month);
        assert_eq!(judged.actual, actual, "{months:?}");
        assert_eq!(Some(judged.plan), planned, "{months:?}");
        assert_eq!(judged.attainment, attainment, "{months:?}");
        assert_eq!(judged.shortfall, shortfall, "{months:?}");
    }
}

#[test]
fn the_probability_is_shown_where_the_guard_was_asked() {
    let shown = |item: &Item, months, month| judged(item, months, month).probability;
    let close = |shown: Option<f64>, expected: f64| {
        assert!((shown.unwrap() - expected).abs() < 5e-4, "{shown:?}");
    };
    close(shown(&flow(30), "0*5 9", 6), 0.0699);
    close(shown(&flow(5), "0*11 4", 12), 0.4405);
    close(shown(&cumulative(10, 1, 10), "0*4 2", 5), 0.0547);
    close(shown(&ratio(200), "13/10", 1), 0.0661);
    // Of the reported months, not of the filled gaps.
    close(shown(&flow(48), "- - - 4", 4), 0.0004);
    for (item, months, month) in [
        (flow(30), "15", 6),
        (flow(30), "0*5 15", 6),
        (flow(30).in_unit(YEN), "0*6", 6),
        (level(10), "1", 1),
        (milestone(1, 3), "1", 2),
        (ratio(200).proportion(), "1/4", 1),
    ] {
        assert_eq!(shown(&item, months, month), None, "{months:?}");
    }
}

#[test]
fn a_high_hurdle_behind_is_red() {
    for (item, months, flag) in [
        (flow(30), "0*6", Flag::Amber),
        (flow(30).high_hurdle(), "0*6", Flag::Red),
        (flow(30).high_hurdle(), "0*5 9", Flag::Amber),
        (flow(30), "0*5 9", Flag::None),
        (flow(30).high_hurdle(), "0*5 -", Flag::None),
        (flow(30).high_hurdle(), "0*5 12", Flag::None),
    ] {
        assert_eq!(judged(&item, months, 6).flag, flag, "{months:?}");
    }
}

#[test]
fn the_settings_are_the_scorecards_own() {
    type Change = fn(&mut Settings, Amount);
    let rows: [(Change, &str, Item, &str, Status); 6] = [
        (
            |of, to| of.on_track_at = to,
            "0.6",
            flow(30),
            "0*5 9",
            S::OnTrack,
        ),
        (
            |of, to| of.behind_below = to,
            "0.9",
            level(100),
            "0*5 89",
            S::Behind,
        ),
        (
            |of, to| of.pi_behind = to,
            "0.07",
            flow(30),
            "0*5 9",
            S::Behind,
        ),
        (
            |of, to| of.pi_at_risk = to,
            "0.06",
            flow(30),
            "0*5 9",
            S::OnTrack,
        ),
        (
            |of, to| of.gap_behind = to,
            "0.1",
            flow(1_200).in_unit(YEN),
            "0*5 479",
            S::Behind,
        ),
        (
            |of, to| of.gap_at_risk = to,
            "0.1",
            flow(1_200).in_unit(YEN),
            "0*5 480",
            S::OnTrack,
        ),
    ];
    for (change, to, item, months, expected) in rows {
        let mut plan = plan(vec![item]);
        change(&mut plan.definition_mut().settings, to.parse().unwrap());
        let items = evaluate(&plan, &ledger(&[("item", months)]), t(6)).items;
        assert_eq!(items[0].status, expected, "{months:?}");
    }
}

#[test]
fn only_programme_months_count_whatever_month_the_programme_starts_in() {
    let items = vec![flow(12).keyed("a"), ratio(200).keyed("b")];
    let april = plan(items);
    let mut october = april.clone();
    october.start = Month::new(2025, 10).unwrap();
    let ledger = ledger(&[("a", "1*11 0 0 0 3"), ("b", "40/10*12 5/10*3")]);
    for month in 1..=15 {
        let statuses = |plan| {
            let items = evaluate(plan, &ledger, t(month)).items;
            items
                .into_iter()
                .map(|item| (item.status, item.actual))
                .collect::<Vec<_>>()
        };
        assert_eq!(statuses(&april), statuses(&october), "{month}");
    }
    // Month 12 of a programme from October is a September: its year's end.
    assert_eq!(evaluate(&october, &ledger, t(12)).items[0].rule, R::AtRisk);
    assert_eq!(evaluate(&october, &ledger, t(7)).items[0].rule, R::Met);
}

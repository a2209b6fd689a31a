use crate::domain::amount::{Amount, Exact};
use crate::domain::evaluate::{ItemEvaluation, evaluate};
use crate::domain::fixture::{
    ItemFixture, cumulative, flow, ledger, level, milestone, plan, ratio, t,
};
use crate::domain::month::{Month, ProgrammeMonth};
use crate::domain::scorecard::{Item, Phasing, Settings};
use crate::domain::status::{Flag, Rule, Status};

const YEN: &str = "JPY";

/// The item alone in a plan, with these months, at month `month`.
fn judged(item: &Item, months: &str, month: u32) -> ItemEvaluation {
    let plan = plan(vec![item.clone()]);
    let mut items = evaluate(&plan, &ledger(&[(&item.key, months)]), t(month)).items;
    items.remove(0)
}

/// Checks rows of months, month and expected status and rule of one item.
#[track_caller]
fn check(item: &Item, rows: &[(&str, u32, Status, Rule)]) {
    for (months, month, status, rule) in rows {
        let judged = judged(item, months, *month);
        assert_eq!(
            (judged.status, judged.rule),
            (*status, *rule),
            "{months:?} at {month}: {}",
            judged.reason.en
        );
        if *rule != Rule::Gap {
            assert_eq!(judged.within_noise, *rule == Rule::Noise, "{months:?}");
        }
    }
}

use Rule as R;
use Status as S;

#[test]
fn rule_1_an_item_without_a_target_in_force_is_untargeted() {
    let watched = flow(1).without_target();
    check(
        &watched,
        &[
            ("5", 1, S::Untargeted, R::Untargeted),
            ("x", 1, S::Untargeted, R::Untargeted),
            ("-", 1, S::Untargeted, R::Untargeted),
        ],
    );
    let from_year_3 = flow(1)
        .without_target()
        .with_target(Some(3), Amount::whole(12));
    check(
        &from_year_3,
        &[
            ("0*24", 24, S::Untargeted, R::Untargeted),
            ("0*24 1", 25, S::OnTrack, R::Met),
            ("0*25", 60, S::NoData, R::Missing),
        ],
    );
    let not_positive = flow(0);
    check(&not_positive, &[("5", 1, S::Untargeted, R::Untargeted)]);
}

#[test]
fn rule_2_the_whole_target_reached_is_achieved_whatever_the_month_says() {
    check(
        &flow(12),
        &[
            ("12", 1, S::Achieved, R::Achieved),
            ("11.9999", 1, S::OnTrack, R::Met),
            ("12 -", 2, S::Achieved, R::Achieved),
            ("12 x", 2, S::Achieved, R::Achieved),
            ("12", 12, S::Achieved, R::Achieved),
        ],
    );
    let late = flow(12).phased(Phasing::Even { first_month: 4 });
    check(
        &late,
        &[
            ("12", 1, S::Achieved, R::Achieved),
            ("11", 1, S::NotDue, R::NotDue),
        ],
    );
    check(
        &cumulative(10, 6, 15),
        &[
            ("10", 1, S::Achieved, R::Achieved),
            ("4 6", 40, S::Achieved, R::Achieved),
        ],
    );
    check(&milestone(4, 9), &[("100", 1, S::Achieved, R::Achieved)]);
}

#[test]
fn rule_2_needs_higher_is_better_and_an_end() {
    check(&flow(12).lower(), &[("12", 1, S::Behind, R::Behind)]);
    check(&level(10), &[("20", 1, S::OnTrack, R::Met)]);
    check(&ratio(200), &[("40/10", 1, S::OnTrack, R::Met)]);
    // A bar is always higher is better.
    check(
        &milestone(1, 3).lower(),
        &[("100", 3, S::Achieved, R::Achieved)],
    );
    check(
        &cumulative(10, 1, 10).lower(),
        &[("10", 3, S::Achieved, R::Achieved)],
    );
}

#[test]
fn rule_3_nothing_planned_by_now_is_not_due() {
    let late = flow(12).phased(Phasing::Even { first_month: 4 });
    check(
        &late,
        &[
            ("0 0 0", 3, S::NotDue, R::NotDue),
            ("- - x", 3, S::NotDue, R::NotDue),
            ("-", 3, S::NotDue, R::NotDue),
            ("0 0 0 -", 4, S::NoData, R::Missing),
            // The delay is of the first year with a target only.
            ("12 0*11 -", 13, S::NoData, R::Missing),
        ],
    );
    let sessions = flow(60).phased(Phasing::Sessions { sessions: 4 });
    check(
        &sessions,
        &[
            ("0 0 0", 3, S::NotDue, R::NotDue),
            ("0 0 0 0", 4, S::Behind, R::Behind),
        ],
    );
    check(
        &cumulative(10, 6, 15),
        &[
            ("2 2 2 2 2", 4, S::NotDue, R::NotDue),
            ("", 5, S::NotDue, R::NotDue),
            ("", 6, S::NoData, R::Missing),
        ],
    );
    check(
        &milestone(4, 9),
        &[
            ("50", 3, S::NotDue, R::NotDue),
            ("50", 4, S::OnTrack, R::Met),
        ],
    );
}

#[test]
fn rule_4_a_month_that_does_not_apply_leaves_the_evaluation() {
    check(
        &flow(12),
        &[
            ("1 x", 2, S::NotApplicable, R::NotApplicable),
            ("5 x", 2, S::NotApplicable, R::NotApplicable),
            ("x", 1, S::NotApplicable, R::NotApplicable),
        ],
    );
    check(
        &ratio(200),
        &[("40/10 x", 2, S::NotApplicable, R::NotApplicable)],
    );
    check(
        &level(10),
        &[("20 x", 2, S::NotApplicable, R::NotApplicable)],
    );
    check(
        &milestone(1, 3),
        &[("90 x", 2, S::NotApplicable, R::NotApplicable)],
    );
}

#[test]
fn rule_5_what_is_met_is_met_though_the_month_is_missing() {
    check(
        &flow(12),
        &[
            ("2 -", 2, S::OnTrack, R::Met),
            ("1.9 -", 2, S::OnTrack, R::Met),
            ("1.8999 -", 2, S::NoData, R::Missing),
            ("", 1, S::NoData, R::Missing),
        ],
    );
    check(
        &cumulative(10, 1, 10),
        &[
            ("2 -", 2, S::OnTrack, R::Met),
            ("1 -", 2, S::NoData, R::Missing),
        ],
    );
    check(
        &ratio(200),
        &[
            ("19/10 -", 2, S::OnTrack, R::Met),
            ("18/10 -", 2, S::NoData, R::Missing),
        ],
    );
}

#[test]
fn rule_6_no_usable_value_is_no_data() {
    check(
        &ratio(200),
        &[
            ("0/0", 1, S::NoData, R::Missing),
            ("0/0 40/10", 2, S::OnTrack, R::Met),
            ("5", 1, S::NoData, R::Missing),
        ],
    );
    check(&flow(12), &[("3/4", 1, S::NoData, R::Missing)]);
    check(&level(10), &[("", 1, S::NoData, R::Missing)]);
    check(
        &milestone(1, 3),
        &[
            ("", 2, S::NoData, R::Missing),
            ("", 9, S::NoData, R::Missing),
        ],
    );
}

#[test]
fn a_level_counts_for_three_more_months_a_milestone_for_ever() {
    check(
        &level(10),
        &[
            ("10", 4, S::OnTrack, R::Met),
            ("10", 5, S::NoData, R::Missing),
            ("5", 4, S::Behind, R::Behind),
            ("5 10", 4, S::OnTrack, R::Met),
            ("10 5 x", 4, S::Behind, R::Behind),
        ],
    );
    check(
        &milestone(1, 24),
        &[
            ("50", 12, S::OnTrack, R::Met),
            ("50", 24, S::Behind, R::Behind),
        ],
    );
}

#[test]
fn rule_7_a_counted_flow_at_the_years_end_goes_by_its_attainment_alone() {
    check(
        &flow(100),
        &[
            ("0*11 100", 12, S::Achieved, R::Achieved),
            ("0*11 95", 12, S::OnTrack, R::Met),
            ("0*11 94", 12, S::AtRisk, R::AtRisk),
            ("0*11 80", 12, S::AtRisk, R::AtRisk),
            ("0*11 79", 12, S::Behind, R::Behind),
        ],
    );
    // 4 of 5 would be chance in any other month.
    check(&flow(5), &[("0*11 4", 12, S::AtRisk, R::AtRisk)]);
    check(&flow(5), &[("0*11 3", 12, S::Behind, R::Behind)]);
}

#[test]
fn rule_7_before_the_years_end_chance_excuses_a_counted_flow() {
    // Plan 15 by month 6. Pr[Poisson(15) <= 8, 9, 11, 12] = 0.037, 0.070, 0.185, 0.268.
    check(
        &flow(30),
        &[
            ("0*5 8", 6, S::Behind, R::Behind),
            ("0*5 9", 6, S::AtRisk, R::AtRisk),
            ("0*5 11", 6, S::AtRisk, R::AtRisk),
            ("0*5 12", 6, S::OnTrack, R::Noise),
            ("0*5 14", 6, S::OnTrack, R::Noise),
            ("0*5 15", 6, S::OnTrack, R::Met),
        ],
    );
    // Far below chance at 0.795 and 0.80 of the plan of 200.
    check(
        &flow(400),
        &[
            ("0*5 159", 6, S::Behind, R::Behind),
            ("0*5 160", 6, S::AtRisk, R::AtRisk),
            ("0*5 189", 6, S::OnTrack, R::Noise),
            ("0*5 190", 6, S::OnTrack, R::Met),
        ],
    );
}

#[test]
fn rule_7_a_limit_counts_from_the_other_side() {
    // Pr[Poisson(15) >= 19, 20, 22, 23] = 0.181, 0.125, 0.053, 0.033.
    check(
        &flow(30).lower(),
        &[
            ("0*5 15", 6, S::OnTrack, R::Met),
            ("0*5 16", 6, S::OnTrack, R::Noise),
            ("0*5 18", 6, S::OnTrack, R::Noise),
            ("0*5 19", 6, S::AtRisk, R::AtRisk),
            ("0*5 22", 6, S::AtRisk, R::AtRisk),
            ("0*5 23", 6, S::Behind, R::Behind),
            ("0*6", 6, S::OnTrack, R::Met),
            ("0*11 30", 12, S::OnTrack, R::Met),
            ("0*11 31", 12, S::OnTrack, R::Met),
            ("0*11 32", 12, S::AtRisk, R::AtRisk),
            ("0*11 37", 12, S::AtRisk, R::AtRisk),
            ("0*11 38", 12, S::Behind, R::Behind),
        ],
    );
}

#[test]
fn rule_7_money_goes_by_its_gap_in_the_whole_target() {
    for unit in [YEN, "hours"] {
        check(
            &flow(1_200).in_unit(unit),
            &[
                ("0*5 570", 6, S::OnTrack, R::Met),
                ("0*5 540", 6, S::OnTrack, R::Met),
                ("0*5 539", 6, S::AtRisk, R::AtRisk),
                ("0*5 360", 6, S::AtRisk, R::AtRisk),
                ("0*5 359", 6, S::Behind, R::Behind),
                ("0*11 1140", 12, S::OnTrack, R::Met),
                ("0*11 1139", 12, S::AtRisk, R::AtRisk),
                ("0*11 960", 12, S::AtRisk, R::AtRisk),
                ("0*11 959", 12, S::Behind, R::Behind),
                // Early in the year there is little that can be missing.
                ("0 0", 2, S::AtRisk, R::AtRisk),
                ("0 0 0", 3, S::Behind, R::Behind),
            ],
        );
        check(
            &cumulative(1_200, 1, 12).in_unit(unit),
            &[
                ("0*5 540", 6, S::OnTrack, R::Met),
                ("0*5 539", 6, S::AtRisk, R::AtRisk),
                ("0*5 359", 6, S::Behind, R::Behind),
                ("960", 12, S::NoData, R::Missing),
                ("0*11 960", 12, S::AtRisk, R::AtRisk),
            ],
        );
    }
    check(
        &flow(1_200).in_unit(YEN).lower(),
        &[
            ("0*5 660", 6, S::OnTrack, R::Met),
            ("0*5 661", 6, S::AtRisk, R::AtRisk),
            ("0*5 841", 6, S::Behind, R::Behind),
            ("0*5 -100", 6, S::OnTrack, R::Met),
        ],
    );
    check(
        &flow(1_200).in_unit(YEN),
        &[("0 0 -100", 3, S::Behind, R::Behind)],
    );
}

#[test]
fn rule_7_a_cumulative_item_within_its_bar() {
    // Plan 5 of 10 by month 5. Pr[Binomial(10, 1/2) <= 1, 2, 3] = 0.011, 0.055, 0.172.
    check(
        &cumulative(10, 1, 10),
        &[
            ("0*4 5", 5, S::OnTrack, R::Met),
            ("0*4 4", 5, S::OnTrack, R::Noise),
            ("0*4 3", 5, S::AtRisk, R::AtRisk),
            ("0*4 2", 5, S::AtRisk, R::AtRisk),
            ("0*4 1", 5, S::Behind, R::Behind),
            // One month before the due month chance still counts, then not.
            ("0*8 8", 9, S::OnTrack, R::Noise),
            ("0*9 8", 10, S::AtRisk, R::AtRisk),
            ("0*9 7", 10, S::Behind, R::Behind),
            ("0*10 8", 11, S::AtRisk, R::AtRisk),
        ],
    );
    // Gaps of exactly 5 % and 20 % of the target, far beyond chance.
    check(
        &cumulative(1_000, 1, 10),
        &[
            ("0*4 450", 5, S::OnTrack, R::Noise),
            ("0*4 449", 5, S::AtRisk, R::AtRisk),
            ("0*4 300", 5, S::AtRisk, R::AtRisk),
            ("0*4 299", 5, S::Behind, R::Behind),
            ("0*9 950", 10, S::OnTrack, R::Met),
            ("0*9 949", 10, S::AtRisk, R::AtRisk),
            ("0*9 800", 10, S::AtRisk, R::AtRisk),
            ("0*9 799", 10, S::Behind, R::Behind),
        ],
    );
}

#[test]
fn rule_7_a_milestone_within_and_after_its_bar() {
    // A third of the work a month: more than 20 % of it.
    check(
        &milestone(1, 3),
        &[
            ("0", 1, S::AtRisk, R::AtRisk),
            ("0 33", 2, S::Behind, R::Behind),
            ("0 34", 2, S::AtRisk, R::AtRisk),
            ("0 61", 2, S::AtRisk, R::AtRisk),
            ("0 62", 2, S::OnTrack, R::Met),
            ("0 66.7", 2, S::OnTrack, R::Met),
            ("0 0 79.9999", 3, S::Behind, R::Behind),
            ("0 0 80", 3, S::AtRisk, R::AtRisk),
            ("0 0 99.9999", 3, S::AtRisk, R::AtRisk),
            ("0 0 100", 3, S::Achieved, R::Achieved),
            ("0 0 99", 4, S::AtRisk, R::AtRisk),
            ("0 0 99", 5, S::AtRisk, R::AtRisk),
            ("0 0 99", 6, S::Behind, R::Behind),
            ("0 0 79", 4, S::Behind, R::Behind),
            ("0 0 99 99 99 99 100", 7, S::Achieved, R::Achieved),
        ],
    );
    // A tenth of the work a month: 20 % of the whole is the wider margin.
    check(
        &milestone(1, 10),
        &[
            ("0*4 30", 5, S::AtRisk, R::AtRisk),
            ("0*4 29", 5, S::Behind, R::Behind),
            ("0*4 44", 5, S::AtRisk, R::AtRisk),
            ("0*4 45", 5, S::OnTrack, R::Met),
        ],
    );
    // A bar of one month is due at once.
    check(
        &milestone(5, 5),
        &[
            ("0*4 99", 4, S::NotDue, R::NotDue),
            ("0*4 99", 5, S::AtRisk, R::AtRisk),
        ],
    );
}

#[test]
fn rule_7_a_ratio_of_counts() {
    // Mean 20. Pr[Poisson(20) <= 12, 13, 15, 16] = 0.039, 0.066, 0.157, 0.221.
    check(
        &ratio(200),
        &[
            ("19/10", 1, S::OnTrack, R::Met),
            ("18/10", 1, S::OnTrack, R::Noise),
            ("16/10", 1, S::OnTrack, R::Noise),
            ("15/10", 1, S::AtRisk, R::AtRisk),
            ("13/10", 1, S::AtRisk, R::AtRisk),
            ("12/10", 1, S::Behind, R::Behind),
            // Sums, never a mean of ratios.
            ("30/10 0/5", 2, S::OnTrack, R::Met),
            ("0/0*11 16/10", 12, S::AtRisk, R::AtRisk),
            ("0/0*11 15/10", 12, S::Behind, R::Behind),
        ],
    );
    // Pr[Poisson(20) >= 25, 29] = 0.157, 0.034.
    check(
        &ratio(200).lower(),
        &[
            ("21/10", 1, S::OnTrack, R::Met),
            ("22/10", 1, S::OnTrack, R::Noise),
            ("25/10", 1, S::AtRisk, R::AtRisk),
            ("29/10", 1, S::Behind, R::Behind),
            ("0/10", 1, S::OnTrack, R::Met),
        ],
    );
}

#[test]
fn rule_7_a_proportion() {
    // Pr[Binomial(20, 0.8) <= 12, 13, 14, 15] = 0.032, 0.087, 0.196, 0.370.
    check(
        &ratio(80).proportion(),
        &[
            ("16/20", 1, S::OnTrack, R::Met),
            ("15/20", 1, S::OnTrack, R::Noise),
            ("14/20", 1, S::AtRisk, R::AtRisk),
            // 0.65 of 0.80 is above 0.80 of the plan: never behind.
            ("13/20", 1, S::AtRisk, R::AtRisk),
            ("12/20", 1, S::Behind, R::Behind),
        ],
    );
    // Where there is no probability there is no excuse.
    check(
        &ratio(200).proportion(),
        &[("1/1", 1, S::Behind, R::Behind)],
    );
}

#[test]
fn rule_7_a_strict_target_is_met_only_beyond_it() {
    let turnover = ratio(10).proportion().lower().strict();
    // Pr[Binomial(100, 0.1) >= 10, 12, 13, 15, 16] = 0.549, 0.297, 0.198, 0.073, 0.040.
    check(
        &turnover,
        &[
            ("9/100", 1, S::OnTrack, R::Met),
            ("10/100", 1, S::OnTrack, R::Noise),
            ("12/100", 1, S::OnTrack, R::Noise),
            ("13/100", 1, S::AtRisk, R::AtRisk),
            ("15/100", 1, S::AtRisk, R::AtRisk),
            ("16/100", 1, S::Behind, R::Behind),
            ("0/100", 1, S::OnTrack, R::Met),
            ("0/0*11 9/100", 12, S::OnTrack, R::Met),
            ("0/0*11 10/100", 12, S::AtRisk, R::AtRisk),
            ("0/0*11 12/100", 12, S::AtRisk, R::AtRisk),
            ("0/0*11 13/100", 12, S::Behind, R::Behind),
        ],
    );
    let not_strict = ratio(10).proportion().lower();
    check(
        &not_strict,
        &[
            ("0/0*11 10/100", 12, S::OnTrack, R::Met),
            ("0/0*11 20/190", 12, S::OnTrack, R::Met),
            ("0/0*11 20/189", 12, S::AtRisk, R::AtRisk),
        ],
    );
    check(
        &level(10).strict(),
        &[
            ("10.0001", 1, S::OnTrack, R::Met),
            ("10", 1, S::AtRisk, R::AtRisk),
            ("8", 1, S::AtRisk, R::AtRisk),
            ("7.9", 1, S::Behind, R::Behind),
        ],
    );
    // A yearly limit: below it, and not ahead of the plan's pace.
    check(
        &flow(12).lower().strict(),
        &[
            ("1", 1, S::OnTrack, R::Met),
            ("11", 1, S::Behind, R::Behind),
            ("0*11 11", 12, S::OnTrack, R::Met),
            ("0*11 12", 12, S::AtRisk, R::AtRisk),
        ],
    );
}

#[test]
fn rule_7_a_level_and_a_ratio_of_money_go_by_attainment() {
    check(
        &level(100),
        &[
            ("95", 1, S::OnTrack, R::Met),
            ("94.9999", 1, S::AtRisk, R::AtRisk),
            ("80", 1, S::AtRisk, R::AtRisk),
            ("79.9999", 1, S::Behind, R::Behind),
        ],
    );
    check(
        &level(100).lower(),
        &[
            ("105", 1, S::OnTrack, R::Met),
            ("106", 1, S::AtRisk, R::AtRisk),
            ("125", 1, S::AtRisk, R::AtRisk),
            ("126", 1, S::Behind, R::Behind),
            ("0", 1, S::OnTrack, R::Met),
        ],
    );
    for unit in [YEN, "hours"] {
        check(
            &ratio(200).in_unit(unit),
            &[
                ("19/10", 1, S::OnTrack, R::Met),
                ("18/10", 1, S::AtRisk, R::AtRisk),
                ("16/10", 1, S::AtRisk, R::AtRisk),
                ("15/10", 1, S::Behind, R::Behind),
            ],
        );
    }
}

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
        change(&mut plan.definition.settings, to.parse().unwrap());
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

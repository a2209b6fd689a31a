//! Rules 1 to 7, in their order.

use super::*;

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

//! When episodes open, resolve, reopen and close.

use super::{episodes, month, other, revised, step, told, told_of, unrevised, with_other};
use crate::domain::amount::Amount;
use crate::domain::fixture::{
    ItemFixture, cumulative, flow, ledger, level, milestone, plan, ratio,
};
use crate::domain::roadmap::Plan;
use crate::domain::scorecard::{Bar, Item, Phasing};

fn check(item: &Item, table: &[(&str, &str)]) {
    for (cells, expected) in table {
        assert_eq!(told_of(item.clone(), cells), *expected, "{cells}");
    }
}

/// A hundred a month: red below 0.80, well again from 0.85 on.
#[test]
fn an_alert_opens_on_red_and_resolves_when_the_item_is_clearly_better() {
    check(
        &step(),
        &[
            ("100", ""),
            ("80", ""),
            ("0", "step#1 1- @1"),
            ("79", "step#1 1- @1"),
            ("100 50", "step#1 2- @2"),
            // Not behind is not yet well: 0.845, then 0.85, then met.
            ("0 169", "step#1 1- @2"),
            ("0 170", "step#1 1-2 recovered @1"),
            ("0 190", "step#1 1-2 recovered @1"),
            // Achieved, and never behind again this year.
            ("0 1200 0*10", "step#1 1-2 recovered @1"),
            // Silence never resolves, and does not count as a report.
            ("0 -*5", "step#1 1- @1"),
            ("0 x*5", "step#1 1- @1"),
            ("0 - 285", "step#1 1-3 recovered @1"),
            ("-*3 0", "step#1 4- @4"),
        ],
    );
    let plain = Item {
        high_hurdle: false,
        ..step()
    };
    check(&plain, &[("0*12", "")]);
}

/// Ten a month: month 2 is excused as chance at 0.8 of the plan.
#[test]
fn what_chance_excuses_is_not_yet_well() {
    let small = flow(120).keyed("step").high_hurdle();
    check(
        &small,
        &[
            ("0 16", "step#1 1- @2"),
            ("0 17", "step#1 1-2 recovered @1"),
        ],
    );
}

#[test]
fn a_sum_with_gaps_resolves_by_what_is_reported() {
    // Month 3 is short only for want of month 2: no data, and 0.667 of the plan.
    check(&step(), &[("0 - 200", "step#1 1- @3")]);
    // Month 6 is no data as well, and at 0.883 of the plan whatever month 5 was.
    check(&step(), &[("0 0 0 280 - 250", "step#1 1-6 recovered @4")]);
}

#[test]
fn rows_by_gap_resolve_by_the_gap() {
    // Ten a month; the gap may be 15 at most.
    let kit = milestone(1, 10).keyed("step").high_hurdle();
    check(
        &kit,
        &[
            ("0 0 9", "step#1 3- @24"),
            ("0 0 0 24 100", "step#1 3-5 recovered @4"),
            ("0 0 0 25 100", "step#1 3-4 recovered @3"),
        ],
    );
    let pool = cumulative(100, 1, 10).keyed("step").high_hurdle();
    check(
        &pool,
        &[
            ("0 0 0 24", "step#1 3- @4"),
            ("0 0 0 25", "step#1 3-4 recovered @3"),
            ("0 0 0 100", "step#1 3-4 recovered @3"),
        ],
    );
    let fees = step().in_unit("JPY");
    check(
        &fees,
        &[
            ("0 0", ""),
            ("0 0 0 219", "step#1 3- @4"),
            ("0 0 0 220", "step#1 3-4 recovered @3"),
        ],
    );
}

#[test]
fn rows_by_attainment_resolve_by_it_both_ways() {
    let staff = level(20).keyed("step").high_hurdle();
    check(
        &staff,
        &[
            ("15 16*23", "step#1 1- @24"),
            ("15 17*23", "step#1 1-2 recovered @1"),
            // A month that does not count resolves nothing.
            ("15 x x 15*21", "step#1 1- @24"),
        ],
    );
    let leavers = level(17).lower().keyed("step").high_hurdle();
    check(
        &leavers,
        &[
            ("22 21*23", "step#1 1- @24"),
            ("22 20*23", "step#1 1-2 recovered @1"),
            ("22 0*23", "step#1 1-2 recovered @1"),
        ],
    );
}

#[test]
fn states_are_reported_with_any_report_of_the_scorecard() {
    let plans = unrevised(plan(vec![
        milestone(1, 4).keyed("step").high_hurdle(),
        other(),
    ]));
    for (others, expected) in [
        // Month 2 is red, from a value of month 1 …
        ("1 1 1", "step#1 2- @3"),
        // … when anything is reported in it.
        ("1 - 1", "step#1 3- @3"),
        ("1 x", ""),
    ] {
        let cells = ledger(&[("step", "0"), ("other", others)]);
        assert_eq!(told(&episodes(&plans, &cells)), expected, "{others}");
    }
    let flow = unrevised(plan(vec![step(), other()]));
    let cells = ledger(&[("step", "0"), ("other", "1 1 1")]);
    assert_eq!(told(&episodes(&flow, &cells)), "step#1 1- @1");
}

#[test]
fn red_has_to_last_where_the_settings_ask_for_it() {
    let mut first = plan(vec![step(), other()]);
    first.definition_mut().settings.for_months = 2;
    let plans = unrevised(first);
    for (cells, expected) in [
        ("0", ""),
        ("0 0", "step#1 2- @2"),
        // What is not reported or without data neither adds nor resets.
        ("0 - 0", "step#1 3- @3"),
        ("0 x 0", "step#1 3- @3"),
        ("0 - 200 0", "step#1 4- @4"),
        // Anything else that is not red resets, at risk too.
        ("0 170 0 0", "step#1 4- @4"),
        ("0 200 0", ""),
        // After a recovery one red month is enough to reopen …
        ("0 0 255 0", "step#1 2- @4 ~3-4"),
        // … while a new episode has to last again.
        ("0 0 285 100 90 0", "step#1 2-3 recovered @2"),
        (
            "0 0 285 100 90 0 0",
            "step#1 2-3 recovered @2, step#2 7- @7",
        ),
    ] {
        assert_eq!(
            told(&episodes(&plans, &with_other(cells))),
            expected,
            "{cells}"
        );
    }
}

#[test]
fn months_that_do_not_count_neither_add_nor_reset() {
    let mut first = plan(vec![level(20).keyed("step").high_hurdle(), other()]);
    first.definition_mut().settings.for_months = 2;
    let plans = unrevised(first);
    for (cells, expected) in [
        ("15 x 15 20", "step#1 3-4 recovered @3"),
        ("15 17 15 20", ""),
        ("- - 15 x 20", ""),
    ] {
        let months = crate::domain::fixture::months(cells).len();
        let cells = ledger(&[("step", cells), ("other", &format!("1*{months}"))]);
        assert_eq!(told(&episodes(&plans, &cells)), expected, "{cells:?}");
    }
}

#[test]
fn red_again_soon_after_a_recovery_is_the_same_episode() {
    check(
        &step(),
        &[
            ("0 200 0", "step#1 1- @3 ~2-3"),
            ("0 200 100 0", "step#1 1- @4 ~2-4"),
            ("0 200 - 0", "step#1 1- @4 ~2-4"),
            // Red in month 5 is too late.
            ("0 190 100 90 0", "step#1 1-2 recovered @1, step#2 5- @5"),
            ("0 200 0 200 0", "step#1 1-4 recovered @3 ~2-3"),
            ("0 200 0 200 0 0", "step#1 1- @6 ~2-3 ~4-6"),
        ],
    );
    let mut never = plan(vec![step(), other()]);
    never.definition_mut().settings.reopen_within = 0;
    assert_eq!(
        told(&episodes(&unrevised(never), &with_other("0 200 0"))),
        "step#1 1-2 recovered @1, step#2 3- @3"
    );
}

#[test]
fn what_is_counted_by_year_ends_with_it() {
    let year_1 = "step#1 1-13 year_ended @12";
    check(
        &step(),
        &[
            ("0*12 100", year_1),
            ("0*12 0", "step#1 1-13 year_ended @12, step#2 13- @13"),
            // The year ends with the first report of the next one.
            ("0*12 - 200", "step#1 1-14 year_ended @12"),
            ("0*11 -", "step#1 1- @11"),
            // A recovery in the last month is not undone in the first.
            ("0*11 1140 0", "step#1 1-12 recovered @11, step#2 13- @13"),
        ],
    );
    let visits = ratio(100).keyed("step").high_hurdle();
    check(
        &visits,
        &[("0/100*13", "step#1 1-13 year_ended @12, step#2 13- @13")],
    );
    let staff = level(20).keyed("step").high_hurdle();
    check(&staff, &[("1*24", "step#1 1- @24")]);
    let pool = cumulative(100, 1, 30).keyed("step").high_hurdle();
    check(&pool, &[("0*14", "step#1 7- @14")]);
}

#[test]
fn a_year_that_ends_red_does_not_start_the_count_of_red_months_again() {
    let mut first = plan(vec![step(), other()]);
    first.definition_mut().settings.for_months = 3;
    assert_eq!(
        told(&episodes(&unrevised(first), &with_other("0*13"))),
        "step#1 3-13 year_ended @12, step#2 13- @13"
    );
}

/// Nothing is planned for the first months of a year of two sessions; that is
/// no revision, and the old year ends with the first report of the new one.
#[test]
fn a_new_year_in_which_nothing_is_due_yet_is_no_revision() {
    let talks = step().phased(Phasing::Sessions { sessions: 2 });
    check(
        &talks,
        &[
            ("0*12 -*6", "step#1 7- @12"),
            ("0*12 - 0", "step#1 7-14 year_ended @12"),
        ],
    );
}

/// Changes of month 3, when the step is red since month 1.
#[test]
fn revisions_close_what_is_no_longer_watched() {
    let item = |plan: &mut Plan, change: &dyn Fn(&mut Item)| {
        let step = &mut plan.definition_mut().items[0];
        assert_eq!(step.key, "step");
        change(step);
    };
    let retired: &dyn Fn(&mut Plan) = &|plan| drop(plan.definition_mut().items.remove(0));
    let easy: &dyn Fn(&mut Plan) = &|plan| item(plan, &|step| step.high_hurdle = false);
    let untargeted: &dyn Fn(&mut Plan) = &|plan| item(plan, &|step| step.targets.clear());
    let put_off: &dyn Fn(&mut Plan) = &|plan| {
        item(plan, &|step| {
            step.phasing = Some(Phasing::Even { first_month: 8 });
        });
    };
    let renamed: &dyn Fn(&mut Plan) = &|plan| item(plan, &|step| step.name.en = "Renamed".into());
    let first = plan(vec![step(), other()]);
    for (name, change) in [
        ("retired", retired),
        ("easy", easy),
        ("untargeted", untargeted),
        ("put off", put_off),
    ] {
        let plans = revised(&first, &[(3, change)]);
        for (cells, expected) in [
            ("0 0 0 0", "step#1 1-3 plan_changed @2"),
            ("0 0 -", "step#1 1-3 plan_changed @2"),
            ("0", "step#1 1-3 plan_changed @1"),
            // Over by then, one way or another.
            ("0 200 0", "step#1 1-2 recovered @1"),
        ] {
            assert_eq!(
                told(&episodes(&plans, &with_other(cells))),
                expected,
                "{name}: {cells}"
            );
        }
        // A month without any report changes nothing yet.
        let late = ledger(&[("step", "0 0"), ("other", "1 1 - - 1")]);
        assert_eq!(
            told(&episodes(&plans, &late)),
            "step#1 1-5 plan_changed @2",
            "{name}"
        );
    }
    let plans = revised(&first, &[(3, renamed)]);
    assert_eq!(
        told(&episodes(&plans, &with_other("0 0 0"))),
        "step#1 1- @3"
    );
}

#[test]
fn a_bar_that_is_put_off_closes_its_alert() {
    let first = plan(vec![milestone(1, 4).keyed("step").high_hurdle(), other()]);
    let later =
        |plan: &mut Plan| plan.definition_mut().items[0].bar = Some(Bar { start: 6, due: 9 });
    assert_eq!(
        told(&episodes(
            &revised(&first, &[(4, &later)]),
            &with_other("0*24")
        )),
        "step#1 2-4 plan_changed @3, step#2 7- @24"
    );
}

#[test]
fn what_a_revision_closed_is_never_reopened() {
    let first = plan(vec![step(), other()]);
    let hurdle =
        |hurdle: bool| move |plan: &mut Plan| plan.definition_mut().items[0].high_hurdle = hurdle;
    let plans = revised(&first, &[(2, &hurdle(false)), (3, &hurdle(true))]);
    assert_eq!(
        told(&episodes(&plans, &with_other("0*3"))),
        "step#1 1-2 plan_changed @1, step#2 3- @3"
    );
    // Red months before and after do not add up.
    let mut patient = first;
    patient.definition_mut().settings.for_months = 2;
    let plans = revised(&patient, &[(2, &hurdle(false)), (3, &hurdle(true))]);
    assert_eq!(told(&episodes(&plans, &with_other("0*3"))), "");
    assert_eq!(told(&episodes(&plans, &with_other("0*4"))), "step#1 4- @4");
}

#[test]
fn each_month_is_judged_by_the_version_in_force() {
    let first = plan(vec![step(), other()]);
    let smaller = |plan: &mut Plan| {
        plan.definition_mut().items[0] = flow(600).keyed("step").high_hurdle();
    };
    let plans = revised(&first, &[(3, &smaller)]);
    assert_eq!(
        told(&episodes(&plans, &with_other("70 70 0"))),
        "step#1 1-3 recovered @2"
    );
    let strict = |plan: &mut Plan| {
        plan.definition_mut().settings.resolve_at = "0.9".parse::<Amount>().unwrap();
    };
    let plans = revised(&first, &[(2, &strict)]);
    assert_eq!(
        told(&episodes(&plans, &with_other("0 170"))),
        "step#1 1- @2"
    );
}

#[test]
fn a_smaller_target_can_end_an_alert_but_not_in_a_month_that_does_not_count() {
    let first = plan(vec![level(20).keyed("step").high_hurdle(), other()]);
    let smaller = |plan: &mut Plan| {
        plan.definition_mut().items[0] = level(16).keyed("step").high_hurdle();
    };
    let cells = ledger(&[("step", "15 x"), ("other", "1 1 1")]);
    assert_eq!(
        told(&episodes(&revised(&first, &[(2, &smaller)]), &cells)),
        "step#1 1-3 recovered @2"
    );
    // Reached, and put off besides: the work is done, not taken away.
    let first = plan(vec![step(), other()]);
    let done = |plan: &mut Plan| {
        let tiny = flow(10).keyed("step").high_hurdle();
        plan.definition_mut().items[0] = tiny.phased(Phasing::Even { first_month: 8 });
    };
    assert_eq!(
        told(&episodes(
            &revised(&first, &[(2, &done)]),
            &with_other("5 5")
        )),
        "step#1 1-2 recovered @1"
    );
}

#[test]
fn items_come_in_the_order_in_which_plans_name_them() {
    let first = plan(vec![step().keyed("b"), step().keyed("a")]);
    let added = |plan: &mut Plan| plan.definition_mut().items.insert(0, step().keyed("c"));
    let plans = revised(&first, &[(2, &added)]);
    let cells = ledger(&[("a", "0 200"), ("b", "0"), ("c", "- 0")]);
    assert_eq!(
        told(&episodes(&plans, &cells)),
        "b#1 1- @1, a#1 1-2 recovered @1, c#1 2- @2"
    );
    assert_eq!(told(&episodes(&plans, &ledger(&[]))), "");
}

#[test]
fn an_alert_stands_from_its_opening_to_its_end_but_not_between() {
    let plans = unrevised(plan(vec![step(), other()]));
    let found = episodes(&plans, &with_other("0*2 300 0 0 600"));
    assert_eq!(told(&found), "step#1 1-6 recovered @5 ~3-4");
    let stood: Vec<u32> = (1..=8)
        .filter(|at| found[0].was_open_in(month(*at)))
        .collect();
    assert_eq!(stood, [1, 2, 4, 5]);
    assert_eq!(found[0].figures_month(), month(6));
    assert!(found[0].is_reopened() && !found[0].is_open());
}

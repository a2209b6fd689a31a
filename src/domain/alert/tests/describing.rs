//! Figures, severity, causes and folding.

use super::{ResolvedReason, Severity, Status, month, other, replay, revised, step, unrevised};
use crate::domain::amount::Amount;
use crate::domain::causes::CauseKind;
use crate::domain::fixture::{
    ItemFixture, converts, cumulative, flow, ledger, level, linked, milestone, plan, prepares,
};
use crate::domain::ledger::Ledger;
use crate::domain::roadmap::{Plan, PlanHistory};
use crate::domain::scorecard::{Item, Stage};

/// Alerts as `item#number` and, after `<`, that of the alert they stand in.
fn folds(plans: &PlanHistory, ledger: &Ledger) -> String {
    let lines: Vec<String> = replay(plans, ledger)
        .into_iter()
        .map(|found| {
            let root = found
                .folded_under
                .map_or_else(String::new, |(item, number)| format!("<{item}#{number}"));
            format!("{}#{}{root}", found.facts.item, found.facts.episode)
        })
        .collect();
    lines.join(" ")
}

#[test]
fn facts_are_those_of_the_month_that_tells_most() {
    let plans = unrevised(plan(vec![step(), other()]));
    for (cells, figures, actual, status) in [
        // The latest reported month while it is open, else the recovering one.
        ("0 20 -", 2, 20, Status::Behind),
        ("0 180", 2, 180, Status::AtRisk),
        ("0*12 100", 12, 0, Status::Behind),
    ] {
        let cells = ledger(&[("step", cells), ("other", "1*13")]);
        let facts = replay(&plans, &cells).remove(0).facts;
        assert_eq!(facts.month, month(figures));
        assert_eq!(facts.actual, Some(Amount::whole(actual)));
        assert_eq!(facts.status, status);
        assert_eq!(facts.is_open(), facts.resolved_reason.is_none());
    }
    let facts = replay(&plans, &ledger(&[("step", "0 100 155")]))
        .remove(0)
        .facts;
    assert_eq!(facts.item_name, step().name);
    assert_eq!((facts.episode, facts.reopened), (1, false));
    assert_eq!(facts.opened_month, month(1));
    assert_eq!(facts.resolved_month, Some(month(3)));
    assert_eq!(facts.resolved_reason, Some(ResolvedReason::Recovered));
    assert_eq!(facts.plan, Amount::whole(300));
    assert_eq!(facts.target, Some(Amount::whole(1200)));
    assert_eq!(facts.attainment, Some("0.85".parse().unwrap()));
    assert_eq!(facts.shortfall, Some(Amount::whole(45)));
    assert_eq!(facts.cause.kind, CauseKind::Execution);
}

/// Figures come from the recovering month, the cause from the one before.
#[test]
fn the_cause_is_frozen_at_the_last_month_in_which_the_alert_stood() {
    let plans = unrevised(linked(
        vec![milestone(1, 4).keyed("kit").at(Stage::Setup), step()],
        vec![prepares(&["kit"], &["step"])],
    ));
    let cells = ledger(&[("kit", "0 0 100"), ("step", "0 0 300")]);
    let facts = replay(&plans, &cells).remove(0).facts;
    assert_eq!(facts.status, Status::OnTrack);
    assert_eq!(facts.cause.kind, CauseKind::Preparation);
    assert_eq!(facts.cause.root_causes[0].status, Status::Behind);
    assert_eq!(facts.severity, Severity::Critical, "of the frozen month");
}

#[test]
fn alerts_are_critical_below_half_and_where_time_is_up() {
    let kit = milestone(1, 4).keyed("step").high_hurdle();
    let pool = cumulative(100, 1, 4).keyed("step").high_hurdle();
    let staff = level(20).keyed("step").high_hurdle();
    for (item, cells, severity) in [
        (step(), "49", Severity::Critical),
        (step(), "50", Severity::High),
        (step(), "60*12", Severity::Critical),
        (step(), "60*11", Severity::High),
        (step(), "60*12 100", Severity::Critical),
        (step(), "50 - -", Severity::High),
        (kit.clone(), "0 0 40", Severity::High),
        (kit.clone(), "0 0 40 70", Severity::Critical),
        (pool.clone(), "15*3", Severity::High),
        (pool, "15*4", Severity::Critical),
        (staff, "10*12", Severity::High),
    ] {
        let through = crate::domain::fixture::months(cells).len();
        let plans = unrevised(plan(vec![item, other()]));
        let cells = ledger(&[("step", cells), ("other", &format!("1*{through}"))]);
        let facts = replay(&plans, &cells).remove(0).facts;
        assert_eq!(facts.severity, severity, "{cells:?}");
    }
}

fn seminar() -> Item {
    flow(1200).keyed("seminar").high_hurdle()
}

/// Half of what the seminars bring.
fn consult() -> Item {
    flow(600).keyed("consult").high_hurdle()
}

fn funnel() -> Plan {
    linked(
        vec![seminar(), consult()],
        vec![converts(&["seminar"], &["consult"])],
    )
}

#[test]
fn an_alert_stands_in_the_notices_of_its_root() {
    let plans = unrevised(funnel());
    for (seminar, consult, expected) in [
        ("10", "5", "seminar#1 consult#1<seminar#1"),
        // Its own work.
        ("100", "5", "consult#1"),
        // A root that is short, but has no alert of its own.
        ("80", "37", "consult#1"),
        // The root has recovered: still at risk, no longer an alert.
        ("10 165", "5 70", "seminar#1 consult#1"),
        // Both are over: the root stood in the month of the cause.
        ("10 180", "5 90", "seminar#1 consult#1<seminar#1"),
        // The root is over since then, the other one is not known to be.
        ("10 180", "5 -", "seminar#1 consult#1"),
        // The root's second episode.
        (
            "0 190 100 90 0",
            "50 50 45 45 0",
            "seminar#1 seminar#2 consult#1<seminar#2",
        ),
    ] {
        let cells = ledger(&[("seminar", seminar), ("consult", consult)]);
        assert_eq!(folds(&plans, &cells), expected, "{seminar} / {consult}");
    }
}

#[test]
fn of_several_roots_the_first_with_an_alert_is_named() {
    let plans = unrevised(linked(
        vec![
            Item {
                high_hurdle: false,
                ..flow(1200).keyed("fair")
            },
            flow(1200).keyed("mail").high_hurdle(),
            seminar(),
            flow(1800).keyed("consult").high_hurdle(),
            flow(900).keyed("contract").high_hurdle(),
        ],
        vec![
            converts(&["seminar", "fair", "mail"], &["consult"]),
            converts(&["consult"], &["contract"]),
        ],
    ));
    let cells = ledger(&[
        ("fair", "10"),
        ("mail", "10"),
        ("seminar", "10"),
        ("consult", "15"),
        ("contract", "7"),
    ]);
    // Straight under the root, not under what lies between.
    assert_eq!(
        folds(&plans, &cells),
        "mail#1 seminar#1 consult#1<mail#1 contract#1<mail#1"
    );
}

#[test]
fn a_preparation_that_is_an_alert_itself_takes_its_consequences_in() {
    let plans = unrevised(linked(
        vec![milestone(1, 4).keyed("kit").high_hurdle(), step()],
        vec![prepares(&["kit"], &["step"])],
    ));
    // In month 1 the kit is at risk only: a root, and no alert yet.
    for (kit, step, expected) in [
        ("0", "0", "step#1"),
        ("0 0", "0 0", "kit#1 step#1<kit#1"),
        ("0 0 75", "0 0 0", "kit#1 step#1"),
    ] {
        let cells = ledger(&[("kit", kit), ("step", step)]);
        assert_eq!(folds(&plans, &cells), expected, "{kit} / {step}");
    }
}

/// Under version 1 `b` waits for `a`, under version 2 `a` for `b`, and the
/// cause of `b` is still that of its last report, under version 1.
#[test]
fn of_a_circle_the_first_alert_stands_for_itself() {
    let first = linked(
        vec![
            flow(1200).keyed("a").high_hurdle(),
            flow(1200).keyed("b").high_hurdle(),
            flow(1200).keyed("c").high_hurdle(),
        ],
        vec![prepares(&["a"], &["b"])],
    );
    let turned = |plan: &mut Plan| {
        plan.definition_mut().links = vec![prepares(&["b"], &["a"]), prepares(&["a"], &["c"])];
    };
    let plans = revised(&first, &[(2, &turned)]);
    let cells = ledger(&[("a", "0 0"), ("b", "0 -"), ("c", "- 0")]);
    assert_eq!(folds(&plans, &cells), "a#1 b#1<a#1 c#1<b#1");
}

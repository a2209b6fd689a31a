use proptest::prelude::*;

use super::*;
use crate::domain::fixture::{
    ItemFixture, converts, cumulative, flow, ledger, linked, milestone, prepares,
};
use crate::domain::scorecard::Stage;

/// talk → consult with a lag, and from programme month 13 on a preparation of
/// consult that is due in month 14.
fn plans(lag_months: u32) -> PlanHistory {
    let mut converted = converts(&["talk"], &["consult"]);
    converted.lag_months = lag_months;
    let items = vec![flow(240).keyed("talk"), flow(60).keyed("consult")];
    let first = linked(items, vec![converted]);
    let mut second = Plan {
        version: 2,
        effective: first.start.plus(12),
        ..first.clone()
    };
    let definition = second.definition_mut();
    let format = milestone(13, 14).keyed("format").at(Stage::Study);
    definition.items.push(format);
    definition.links.push(prepares(&["format"], &["consult"]));
    PlanHistory::new(first, vec![second])
}

fn only(plans: &PlanHistory, tables: &[(&str, &str)]) -> Effect {
    let mut found = effects(plans, &ledger(tables));
    assert_eq!(found.len(), 1);
    found.remove(0)
}

/// Verdict and ground by what converts before and after month 14.
#[test]
fn the_verdict_follows_from_the_counts() {
    const TALK: &str = "20*26";
    const DONE: &str = "-*12 50 100 100*12";
    for (consult, verdict, ground) in [
        // From 2 in 20 to 5 in 20 over a year.
        ("2*14 5*12", Verdict::Better, Ground::Tested),
        ("2*14 2*12", Verdict::Undecided, Ground::NotClear),
        ("8*14 8*12", Verdict::NoBetter, Ground::Tested),
        ("8*14 4*12", Verdict::NoBetter, Ground::Tested),
        ("2*14 3*4", Verdict::Undecided, Ground::NotClear),
        ("2*14 5*2", Verdict::Undecided, Ground::TooFewMonths),
        ("-*12 2*2 5*12", Verdict::Undecided, Ground::TooFewMonths),
    ] {
        let tables = [("talk", TALK), ("consult", consult), ("format", DONE)];
        let found = only(&plans(0), &tables);
        assert_eq!(
            (found.verdict, found.ground),
            (verdict, ground),
            "{consult}"
        );
        assert_eq!(found.comparisons.len(), 1);
        assert_eq!(found.comparisons[0].verdict, verdict, "{consult}");
    }
}

#[test]
fn pairs_of_months_lie_wholly_before_or_after() {
    let tables = [
        ("talk", "20*20"),
        ("consult", "2*20"),
        ("format", "-*12 50 100"),
    ];
    let found = only(&plans(3), &tables);
    let start = plans(0).start();
    assert_eq!(found.ready, Some((start.plus(13), ReadyBy::Achieved)));
    let comparison = &found.comparisons[0];
    let span = |side: &Side| side.span.map(|(first, last)| (first.t(), last.t()));
    // Downstream by month 14, and upstream from month 15 whose lag has passed.
    assert_eq!(span(&comparison.before), Some((1, 11)));
    assert_eq!(span(&comparison.after), Some((15, 17)));
    assert_eq!(comparison.before.upstream, Exact::whole(220));
    assert_eq!(comparison.after.downstream, Exact::whole(6));
    assert_eq!(comparison.link, "conversion:talk>consult");
}

#[test]
fn only_the_last_year_before_counts() {
    let found = only(
        &plans(0),
        &[
            ("talk", "20*18"),
            ("consult", "2*18"),
            ("format", "-*12 0 100"),
        ],
    );
    let before = &found.comparisons[0].before;
    assert_eq!(before.months, MONTHS_BEFORE_MAX);
    assert_eq!(before.span.map(|(first, _)| first.t()), Some(3));
}

#[test]
fn an_item_that_never_was_achieved_is_ready_when_it_is_due() {
    let ready = |format: &str| only(&plans(0), &[("talk", "9*20"), ("format", format)]).ready;
    let start = plans(0).start();
    assert_eq!(ready("-*12 10 20"), Some((start.plus(13), ReadyBy::Due)));
    assert_eq!(
        ready("-*12 10 20 30 100"),
        Some((start.plus(15), ReadyBy::Achieved))
    );
    let early = [("talk", "9*13"), ("format", "-*12 10")];
    let found = only(&plans(0), &early);
    assert_eq!((found.ready, found.ground), (None, Ground::NotReady));
    assert!(found.comparisons.is_empty());
}

#[test]
fn the_nearest_flow_that_preparation_reaches_is_meant() {
    let second = |change: &dyn Fn(&mut Definition)| {
        let history = plans(0);
        let mut second = history.version(2).unwrap().clone();
        change(second.definition_mut());
        PlanHistory::new(history.first().clone(), vec![second])
    };
    let tables = [("talk", "9*20"), ("format", "-*12 50 100")];
    let links = |plans: &PlanHistory| -> Vec<String> {
        let found = effects(plans, &ledger(&tables));
        found[0]
            .comparisons
            .iter()
            .map(|comparison| comparison.link.clone())
            .collect()
    };
    // Through another preparation, past a flow that nothing converts into.
    let through = second(&|definition| {
        definition
            .items
            .push(cumulative(4, 13, 20).keyed("pool").at(Stage::Setup));
        definition.links.pop();
        definition.links.push(prepares(&["format"], &["pool"]));
        definition
            .links
            .push(prepares(&["pool"], &["talk", "consult"]));
    });
    assert_eq!(links(&through), ["conversion:talk>consult"]);
    let nowhere = second(&|definition| {
        definition.links.pop();
    });
    let found = only(&nowhere, &tables);
    assert_eq!(
        (found.verdict, found.ground),
        (Verdict::Undecided, Ground::NoConversion)
    );
}

#[test]
fn money_is_compared_but_not_tested() {
    let history = plans(0);
    let in_yen = |plan: &Plan| {
        let mut plan = plan.clone();
        let item = &mut plan.definition_mut().items[1];
        *item = item.clone().in_unit("JPY");
        plan
    };
    let history = PlanHistory::new(
        in_yen(history.first()),
        vec![in_yen(history.version(2).unwrap())],
    );
    let tables = [
        ("talk", "20*20"),
        ("consult", "1000*14 9000*6"),
        ("format", "-*12 50 100"),
    ];
    let found = only(&history, &tables);
    let comparison = &found.comparisons[0];
    assert_eq!(comparison.ground, Ground::NotCounted);
    assert_eq!(comparison.after.rate(), Some(Exact::whole(450)));
    assert_eq!(comparison.probability, None);
}

proptest! {
    /// More success after never makes a better verdict worse.
    #[test]
    fn verdicts_are_monotone(before in 0_i64..80, after in 0_i64..80, more in 0_i64..40) {
        let side = |downstream: i64| Side {
            months: 6,
            span: None,
            upstream: Exact::whole(120),
            downstream: Exact::whole(downstream),
        };
        let item = flow(10);
        let rank = |verdict| match verdict {
            Verdict::NoBetter => 0,
            Verdict::Undecided => 1,
            Verdict::Better => 2,
        };
        let one = judge(&[&item], &side(before), &side(after));
        let other = judge(&[&item], &side(before), &side(after + more));
        prop_assert!(rank(one.verdict) <= rank(other.verdict));
        let lower = Item { direction: crate::domain::scorecard::Direction::Lower, ..item };
        let one = judge(&[&lower], &side(before), &side(after));
        let other = judge(&[&lower], &side(before), &side(after + more));
        prop_assert!(rank(one.verdict) >= rank(other.verdict));
    }
}

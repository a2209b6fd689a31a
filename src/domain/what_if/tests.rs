use super::*;
use crate::domain::definition::Horizon;
use crate::domain::fixture::{
    ItemFixture, converts, cumulative, flow, ledger, level, linked, milestone, months, prepares, t,
};
use crate::domain::issue::{IssueCode, IssueCode as C, Issues};
use crate::domain::outlook::Supposed;
use crate::domain::strict_json::{Value, parse};

/// kit, partners → talk → consult; from April 2025.
fn base() -> Plan {
    linked(
        vec![
            milestone(1, 5).keyed("kit"),
            cumulative(10, 2, 6).keyed("partners"),
            flow(60).keyed("talk"),
            flow(30).keyed("consult"),
            level(3).keyed("staff"),
        ],
        vec![
            prepares(&["kit", "partners"], &["talk"]),
            converts(&["talk"], &["consult"]),
        ],
    )
}

/// What a body supposes, asked about June 2025.
fn read(body: &str) -> Result<WhatIf, Vec<(IssueCode, String)>> {
    let json = parse(body.as_bytes()).unwrap();
    let mut issues = Issues::default();
    let mut object = Value::root(&json).object(&mut issues).unwrap();
    let found = read_what_if(&mut object, &base(), Horizon::Own, t(3), &mut issues);
    object.finish(&mut issues);
    found.filter(|_| !issues.has_errors()).ok_or_else(|| {
        let issues = issues.into_vec().into_iter();
        issues.map(|issue| (issue.code, issue.path)).collect()
    })
}

fn finished(item: &str, month: u32, table: &str) -> Vec<Cell> {
    let what_if = WhatIf {
        plan: base(),
        warnings: Vec::new(),
        values: Vec::new(),
        finished: vec![Finished {
            item: item.to_owned(),
            month: t(month),
        }],
        scenario: Scenario::default(),
    };
    let found = what_if.ledger(&ledger(&[(item, table)]), t(5));
    (1..=5).map(|at| found.cell(item, t(at)).clone()).collect()
}

#[test]
fn a_milestone_is_finished_from_its_month_on() {
    for (month, table, expected) in [
        (2, "10 20 30 - 50", "10 100 100 - 100"),
        (2, "10 - 30 x 100", "10 100 100 x 100"),
        (3, "10 100 - 40 -", "10 100 100 100 -"),
        (1, "", "100 - - - -"),
    ] {
        assert_eq!(finished("kit", month, table), months(expected), "{table}");
    }
}

#[test]
fn a_cumulative_item_brings_all_at_once() {
    for (month, table, expected) in [
        (3, "0 2 1 4 -", "0 2 8 0 -"),
        (3, "0 2 - 4 5", "0 2 8 0 0"),
        (2, "", "- 10 - - -"),
        // Finished by then already.
        (3, "6 5 0 2 1", "6 5 0 2 1"),
    ] {
        assert_eq!(
            finished("partners", month, table),
            months(expected),
            "{table}"
        );
    }
}

#[test]
fn everything_can_be_supposed_at_once() {
    let found = read(
        r#"{
            "changes": [{"op": "add", "kind": "item", "key": "web", "after": {
                "name": {"ja": "ウェブ", "en": "Web"}, "stage": "attract", "measure": "flow",
                "unit": "visits", "targets": [{"year": 1, "value": 12}]}}],
            "values": [{"month": "2025-04", "item": "web", "value": 2},
                       {"month": "2025-05", "item": "consult", "not_applicable": "休館"}],
            "finished": [{"item": "kit", "month": "2025-05"}],
            "rates": [{"from": ["talk"], "to": ["consult"], "rate": 0.25}],
            "volumes": [{"item": "web", "per_month": 3}, {"item": "talk", "factor": 1.5}]
        }"#,
    )
    .unwrap();
    let supposed = found.ledger(&Ledger::default(), t(3));
    assert_eq!(supposed.cell("web", t(1)), &months("2")[0]);
    assert!(supposed.cell("consult", t(2)).is_not_applicable());
    assert_eq!(supposed.cell("kit", t(2)), &months("100")[0]);
    assert_eq!(found.scenario.rates[&1], Exact::fraction(1, 4));
    assert_eq!(
        found.scenario.volumes[&5],
        Supposed::PerMonth(Exact::whole(3))
    );
    assert_eq!(
        found.scenario.volumes[&2],
        Supposed::Times(Exact::fraction(3, 2))
    );
    let nothing = read(r#"{"changes": [], "values": []}"#).unwrap();
    assert_eq!(nothing.plan, base());
    assert_eq!(nothing.scenario, Scenario::default());
}

/// Bodies with all of their faults.
fn all_refused(table: Vec<(&str, Vec<(IssueCode, &str)>)>) {
    for (body, expected) in table {
        let expected: Vec<(IssueCode, String)> = expected
            .into_iter()
            .map(|(code, path)| (code, path.to_owned()))
            .collect();
        assert_eq!(read(body).unwrap_err(), expected, "{body}");
    }
}

#[test]
fn every_fault_of_figures_is_found() {
    all_refused(vec![
        (r#"{"value": []}"#, vec![(C::UnknownField, "/value")]),
        (
            r#"{"values": 1, "rates": {}}"#,
            vec![(C::WrongType, "/values"), (C::WrongType, "/rates")],
        ),
        (
            r#"{"values": [
                {"month": "2025-03", "item": "talk", "value": 1},
                {"month": "2025-07", "item": "talk", "value": 1},
                {"month": "2025-06", "item": "talks", "value": 1},
                {"month": "2025-06", "item": "talk", "value": 1.5},
                {"month": "2025-06", "item": "talk", "value": -1},
                {"month": "2025-06", "item": "talk", "numerator": 1, "denominator": 2},
                {"month": "2025-06", "item": "talk"},
                {"month": "2025-06", "value": 1, "note": ""},
                {"item": "talk", "value": 1}
            ]}"#,
            vec![
                (C::MonthBeforeStart, "/values/0/month"),
                (C::OutOfRange, "/values/1/month"),
                (C::UnknownItem, "/values/2/item"),
                (C::NotWhole, "/values/3/value"),
                (C::Negative, "/values/4/value"),
                (C::WrongShape, "/values/5"),
                (C::WrongShape, "/values/6"),
                (C::Missing, "/values/7/item"),
                (C::UnknownField, "/values/7/note"),
                (C::Missing, "/values/8/month"),
            ],
        ),
        (
            r#"{"values": [{"month": "2025-06", "item": "talk", "value": 1},
                           {"month": "2025-06", "item": "talk", "value": 1}],
                "volumes": [{"item": "talk", "factor": 1}, {"item": "talk", "factor": 1}],
                "finished": [{"item": "kit", "month": "2025-04"}, {"item": "kit", "month": "2025-05"}],
                "rates": [{"from": ["talk"], "to": ["consult"], "rate": 1},
                          {"from": ["talk"], "to": ["consult"], "rate": 2}]}"#,
            vec![
                (C::DuplicateCell, "/values/1"),
                (C::DuplicateKey, "/finished/1"),
                (C::DuplicateKey, "/rates/1"),
                (C::DuplicateKey, "/volumes/1"),
            ],
        ),
        (
            r#"{"finished": [{"item": "talk", "month": "2025-04"}, {"item": "kit", "month": "2025-07"}, {}]}"#,
            vec![
                (C::WrongShape, "/finished/0/item"),
                (C::OutOfRange, "/finished/1/month"),
                (C::Missing, "/finished/2/item"),
                (C::Missing, "/finished/2/month"),
            ],
        ),
    ]);
}

#[test]
fn every_fault_of_plan_and_months_left_is_found() {
    all_refused(vec![
        (
            r#"{"rates": [
                {"from": ["consult"], "to": ["talk"], "rate": 1},
                {"from": ["kit", "partners"], "to": ["talk"], "rate": 1},
                {"from": ["talk"], "to": ["consult"], "rate": -1},
                {"from": ["talks"], "to": ["consult"], "rate": 0.12345},
                {"to": "consult"}
            ]}"#,
            vec![
                (C::UnknownReference, "/rates/0"),
                (C::UnknownReference, "/rates/1"),
                (C::Negative, "/rates/2/rate"),
                (C::UnknownItem, "/rates/3/from/0"),
                (C::TooManyDecimals, "/rates/3/rate"),
                (C::Missing, "/rates/4/from"),
                (C::WrongType, "/rates/4/to"),
                (C::Missing, "/rates/4/rate"),
            ],
        ),
        (
            r#"{"volumes": [
                {"item": "kit", "factor": 1},
                {"item": "talk"},
                {"item": "talk", "factor": 1, "per_month": 1},
                {"item": "talk", "per_month": -1}
            ]}"#,
            vec![
                (C::WrongShape, "/volumes/0/item"),
                (C::WrongShape, "/volumes/1"),
                (C::WrongShape, "/volumes/2"),
                (C::Negative, "/volumes/3/per_month"),
            ],
        ),
        (
            r#"{"changes": [{"op": "retire", "kind": "item", "key": "nobody"}], "volumes": [{"item": "kit", "factor": 1}]}"#,
            vec![
                (C::UnknownItem, "/changes/0/key"),
                (C::WrongShape, "/volumes/0/item"),
            ],
        ),
        (
            r#"{"changes": [{"op": "add", "kind": "link", "after": {"kind": "conversion", "from": ["consult"], "to": ["talk"]}}]}"#,
            vec![(C::Cycle, "/changes")],
        ),
    ]);
}

use super::*;
use crate::domain::scorecard::ParameterValues;
use crate::domain::strict_json::{Value, parse};
use crate::domain::template::Templates;

fn plan(template: &str) -> Plan {
    let templates = Templates::embedded().unwrap();
    let start = "2024-04".parse().unwrap();
    Plan {
        version: 1,
        start,
        effective: start,
        definition: templates.find(template).unwrap().clone().into(),
        parameters: ParameterValues::new(),
    }
}

fn checked(template: &str, body: &str) -> (Report, Vec<(IssueCode, String)>) {
    let json = parse(body.as_bytes()).unwrap();
    let mut issues = Issues::default();
    let mut object = Value::root(&json).object(&mut issues).unwrap();
    let report = read_report(&mut object, &mut issues);
    object.finish(&mut issues);
    check(
        &report,
        &plan(template),
        "2026-10".parse().unwrap(),
        &mut issues,
    );
    let found = issues
        .into_vec()
        .into_iter()
        .map(|issue| (issue.code, issue.path))
        .collect();
    (report, found)
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn each_bad_figure_has_its_code_and_place() {
    let month = "\"month\":\"2026-05\"";
    for (template, body, code, path) in [
        (
            "mature-hard-to-fill",
            r#"{"month":"2024-03","values":[]}"#.to_owned(),
            IssueCode::MonthBeforeStart,
            "/month",
        ),
        (
            "mature-hard-to-fill",
            r#"{"month":"2026-11","values":[]}"#.to_owned(),
            IssueCode::MonthNotEnded,
            "/month",
        ),
        (
            "mature-hard-to-fill",
            format!(r#"{{{month},"values":[{{"item":"nobody","value":1}}]}}"#),
            IssueCode::UnknownItem,
            "/values/0/item",
        ),
        (
            "mature-hard-to-fill",
            format!(r#"{{{month},"values":[{{"item":"consult-bank","value":-1}}]}}"#),
            IssueCode::Negative,
            "/values/0/value",
        ),
        (
            "mature-hard-to-fill",
            format!(r#"{{{month},"values":[{{"item":"consult-bank","value":1.5}}]}}"#),
            IssueCode::NotWhole,
            "/values/0/value",
        ),
        (
            "mature-hard-to-fill",
            format!(r#"{{{month},"values":[{{"item":"consult-bank","value":1e30}}]}}"#),
            IssueCode::OutOfRange,
            "/values/0/value",
        ),
        (
            "mature-hard-to-fill",
            format!(r#"{{{month},"values":[{{"item":"consult-bank","value":0.00001}}]}}"#),
            IssueCode::TooManyDecimals,
            "/values/0/value",
        ),
        (
            "mature-hard-to-fill",
            format!(r#"{{{month},"values":[{{"item":"consult-bank","value":"3"}}]}}"#),
            IssueCode::WrongType,
            "/values/0/value",
        ),
        (
            "mature-hard-to-fill",
            format!(r#"{{{month},"values":[{{"item":"seminar-format","value":101}}]}}"#),
            IssueCode::OutOfRange,
            "/values/0/value",
        ),
        (
            "mature-hard-to-fill",
            format!(
                r#"{{{month},"values":[{{"item":"consult-bank","numerator":1,"denominator":2}}]}}"#
            ),
            IssueCode::WrongShape,
            "/values/0",
        ),
        (
            "mature-hard-to-fill",
            format!(r#"{{{month},"values":[{{"item":"consult-bank"}}]}}"#),
            IssueCode::WrongShape,
            "/values/0",
        ),
        (
            "mature-hard-to-fill",
            format!(
                r#"{{{month},"values":[{{"item":"consult-bank","value":1}},{{"item":"consult-bank","value":2}}]}}"#
            ),
            IssueCode::DuplicateCell,
            "/values/1",
        ),
        (
            "challenge-employment",
            format!(r#"{{{month},"values":[{{"item":"turnover","numerator":1}}]}}"#),
            IssueCode::WrongShape,
            "/values/0",
        ),
        (
            "challenge-employment",
            format!(r#"{{{month},"values":[{{"item":"turnover","value":0.1}}]}}"#),
            IssueCode::WrongShape,
            "/values/0",
        ),
        (
            "challenge-employment",
            format!(
                r#"{{{month},"values":[{{"item":"turnover","numerator":3,"denominator":2}}]}}"#
            ),
            IssueCode::ShareAboveOne,
            "/values/0/numerator",
        ),
    ] {
        let (_, found) = checked(template, &body);
        assert_eq!(found, [(code, path.to_owned())], "{body}");
    }
}

#[test]
fn money_may_be_paid_back() {
    let (_, found) = checked(
        "mature-hard-to-fill",
        r#"{"month":"2026-05","values":[{"item":"fee-income","value":-30000}]}"#,
    );
    assert_eq!(found, []);
}

#[test]
fn counts_of_a_difference_add_up() {
    let body = r#"{"month":"2026-05","values":[
        {"item":"consult-bank","value":1},{"item":"consult-seminar","value":2},
        {"item":"refer-full-time","clear":"二重計上"},{"item":"refer-side-job","not_applicable":"休止中"},
        {"item":"contract-full-time","clear":"なし"},{"item":"contract-side-job","value":4}]}"#;
    let (report, found) = checked("mature-hard-to-fill", body);
    assert_eq!(found, []);
    let month = ProgrammeMonth::new(26);
    let mut ledger = Ledger::default();
    let value = |units| Cell::Reported(Figure::Amount(Amount::whole(units)));
    ledger.set("consult-seminar", month, value(2));
    ledger.set("refer-full-time", month, value(9));
    ledger.set("contract-side-job", month, value(3));
    let difference = difference(&report, month, &ledger);
    assert_eq!(
        (
            difference.created,
            difference.updated,
            difference.cleared,
            difference.unchanged
        ),
        (2, 1, 1, 2)
    );
    assert_eq!(difference.changes.len(), 4);
    assert_eq!(
        difference.changes[1].clear_reason.as_deref(),
        Some("二重計上")
    );
}

#[test]
fn unlikely_figures_are_remarked_on_and_accepted() {
    let month = ProgrammeMonth::new(26);
    let plan = plan("mature-hard-to-fill");
    let mut ledger = Ledger::default();
    let value = |units| Cell::Reported(Figure::Amount(Amount::whole(units)));
    ledger.set("seminar-format", ProgrammeMonth::new(20), value(80));
    for t in 25..=26 {
        for item in ["refer-full-time", "consult-bank", "consult-seminar"] {
            ledger.set(item, ProgrammeMonth::new(t), value(1));
        }
    }
    for (item, figure, code) in [
        ("consult-bank", 10, Some(IssueCode::Implausible)),
        ("consult-bank", 9, None),
        ("seminar-format", 70, Some(IssueCode::MilestoneBackwards)),
        ("seminar-format", 80, None),
        ("contract-full-time", 3, Some(IssueCode::AboveUpstream)),
        ("contract-full-time", 2, None),
    ] {
        let report = Report {
            path: String::new(),
            month: Some(month.calendar(plan.start)),
            entries: vec![Entry {
                path: "/values/0".to_owned(),
                item: item.to_owned(),
                statement: Statement::Value(Amount::whole(figure)),
            }],
            note: None,
            received: 1,
        };
        let mut with = ledger.clone();
        with.set(item, month, value(figure));
        let found: Vec<_> = warnings(&report, month, &plan, &with)
            .iter()
            .map(|i| i.code)
            .collect();
        assert_eq!(found, Vec::from_iter(code), "{item} {figure}");
    }
}

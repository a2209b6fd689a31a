use super::*;
use crate::domain::strict_json::parse;

fn read(text: &str) -> Result<Definition, Vec<Issue>> {
    let json = parse(text.as_bytes()).expect("test documents are well-formed");
    let mut issues = Issues::default();
    read_definition(
        &Value::root(&json),
        Horizon::Template,
        &Settings::default(),
        &mut issues,
    )
    .ok_or_else(|| issues.into_vec())
}

const SMALL: &str = r#"{
  "key": "small", "name": {"ja": "小", "en": "Small"}, "market_type": "growth",
  "stages": [{"stage": "setup"}, {"stage": "attract"}, {"stage": "consult"}],
  "parameters": [{"key": "clients", "name": {"ja": "数", "en": "n"}, "unit": "companies"}],
  "items": [
    {"key": "kit", "name": {"ja": "資料", "en": "Kit"}, "stage": "setup", "measure": "milestone", "unit": "percent", "bar": [1, 6], "targets": [{"value": 100}]},
    {"key": "seminar", "name": {"ja": "集客", "en": "Seminar"}, "stage": "attract", "measure": "flow", "unit": "companies", "targets": [{"year": 1, "value": 60}]},
    {"key": "consult", "name": {"ja": "相談", "en": "Consult"}, "stage": "consult", "measure": "flow", "unit": "cases", "targets": [{"year": 1, "formula": {"op": "*", "args": [0.5, {"parameter": "clients"}]}}]}
  ],
  "links": [{"kind": "conversion", "from": ["seminar"], "to": ["consult"]}, {"kind": "preparation", "from": ["kit"], "to": ["seminar"]}]
}"#;

#[test]
fn reads_a_small_definition_and_fills_what_is_not_said() {
    let definition = read(SMALL).unwrap();
    assert_eq!(definition.settings, Settings::default());
    assert_eq!(definition.items[1].weight, Amount::ONE);
    assert_eq!(definition.stages[0].name.ja, "体制構築・型化");
}

/// Each mutation of the small definition is refused with this code at this place.
#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn refuses_each_fault_with_its_place() {
    for (from, to, code, path) in [
        (
            r#""market_type": "growth""#,
            r#""market_type": "grown""#,
            IssueCode::OutOfRange,
            "/market_type",
        ),
        (
            r#""market_type": "growth","#,
            r#""market_type": "growth", "colour": 1,"#,
            IssueCode::UnknownField,
            "/colour",
        ),
        (
            r#""bar": [1, 6]"#,
            r#""bar": [1, 37]"#,
            IssueCode::BarOutsideHorizon,
            "/items/0/bar",
        ),
        (
            r#""bar": [1, 6]"#,
            r#""bar": [7, 6]"#,
            IssueCode::BarOutsideHorizon,
            "/items/0/bar",
        ),
        (
            r#""bar": [1, 6],"#,
            "",
            IssueCode::WrongShape,
            "/items/0/bar",
        ),
        (
            r#""key": "consult""#,
            r#""key": "seminar""#,
            IssueCode::DuplicateKey,
            "/items/2/key",
        ),
        (
            r#"{"stage": "attract"},"#,
            "",
            IssueCode::UnknownReference,
            "/items/1/stage",
        ),
        (
            r#""value": 60"#,
            r#""value": 0"#,
            IssueCode::TargetNotPositive,
            "/items/1/targets/0/value",
        ),
        (
            r#""value": 60"#,
            r#""value": 60.5"#,
            IssueCode::NotWhole,
            "/items/1/targets/0/value",
        ),
        (
            r#""year": 1, "value": 60"#,
            r#""value": 60"#,
            IssueCode::WrongShape,
            "/items/1/targets/0/year",
        ),
        (
            r#"{"parameter": "clients"}"#,
            r#"{"parameter": "customers"}"#,
            IssueCode::UnknownParameter,
            "/items/2/targets/0/formula/args/1/parameter",
        ),
        (
            r#""to": ["consult"]"#,
            r#""to": ["consulting"]"#,
            IssueCode::UnknownItem,
            "/links/0/to/0",
        ),
        (
            r#""to": ["consult"]"#,
            r#""to": ["other-card/consult"]"#,
            IssueCode::CrossesScorecards,
            "/links/0/to/0",
        ),
        (
            r#""from": ["seminar"]"#,
            r#""from": ["kit"]"#,
            IssueCode::ConversionNeedsFlows,
            "/links/0/from",
        ),
        (
            r#""from": ["kit"], "to": ["seminar"]"#,
            r#""from": ["consult"], "to": ["seminar"]"#,
            IssueCode::Cycle,
            "/links",
        ),
        (
            r#""from": ["seminar"]"#,
            r#""from": ["seminar", "consult"]"#,
            IssueCode::MixedUnits,
            "/links/0/from",
        ),
        (
            r#""measure": "flow", "unit": "cases""#,
            r#""measure": "flow", "unit": "cases", "proportion": true"#,
            IssueCode::WrongShape,
            "/items/2/proportion",
        ),
    ] {
        assert!(SMALL.contains(from), "{from}");
        let issues = read(&SMALL.replacen(from, to, 1)).expect_err(to);
        assert!(
            issues
                .iter()
                .any(|issue| issue.code == code && issue.path == path),
            "{to}: {issues:#?}"
        );
    }
}

#[test]
fn names_the_path_of_a_cycle() {
    let cyclic = SMALL.replacen(
        r#""from": ["kit"], "to": ["seminar"]"#,
        r#""from": ["consult"], "to": ["seminar"]"#,
        1,
    );
    let issues = read(&cyclic).expect_err("cyclic");
    assert!(
        issues[0].message.en.contains("seminar → consult → seminar"),
        "{}",
        issues[0].message.en
    );
}

#[test]
fn computes_targets_from_parameters() {
    let definition = read(SMALL).unwrap();
    let with = |clients: Option<i64>| {
        let values = ParameterValues::from([("clients".to_owned(), clients.map(Amount::whole))]);
        let (resolved, warnings) = resolve_targets(&definition, &values);
        (
            resolved.items[2].targets[0].value,
            warnings.first().map(|warning| warning.code),
        )
    };
    assert_eq!(
        with(Some(7)),
        (Some(Amount::whole(4)), None),
        "3.5 rounds half up"
    );
    assert_eq!(with(None), (None, Some(IssueCode::ParameterUnset)));
    assert_eq!(with(Some(0)), (None, Some(IssueCode::TargetNotPositive)));
}

#[test]
fn overrides_replace_single_fields_under_the_same_checks() {
    let definition = read(SMALL).unwrap();
    let apply = |text: &str| {
        let json = parse(text.as_bytes()).unwrap();
        let mut issues = Issues::default();
        read_overrides(
            &Value::root(&json),
            &definition,
            Horizon::Template,
            &mut issues,
        )
        .ok_or_else(|| issues.into_vec())
    };
    let changed = apply(
        r#"{"items": {"seminar": {"high_hurdle": true}},
            "settings": {"due_day": 15, "due_on_business_day": true}}"#,
    )
    .unwrap();
    assert!(changed.items[1].high_hurdle);
    assert_eq!(changed.items[1].targets, definition.items[1].targets);
    assert_eq!(changed.settings.due_day, 15);
    assert!(changed.settings.due_on_business_day);
    let issues = apply(r#"{"settings": {"due_on_business_day": 1}}"#).expect_err("refused");
    assert_eq!(
        (issues[0].code, issues[0].path.as_str()),
        (IssueCode::WrongType, "/settings/due_on_business_day")
    );
    let issues = apply(r#"{"items": {"nobody": {}, "kit": {"bar": null}}}"#).expect_err("refused");
    assert_eq!(
        (issues[0].code, issues[0].path.as_str()),
        (IssueCode::UnknownItem, "/items/nobody")
    );
}

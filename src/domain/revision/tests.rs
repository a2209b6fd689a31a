use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::domain::definition::{Horizon, resolve_targets};
use crate::domain::fixture::{ItemFixture, converts, flow, level, linked, milestone, prepares};
use crate::domain::issue::{IssueCode, Issues};
use crate::domain::scorecard::{
    Argument, Formula, LinkKind, Operator, Parameter, Phasing, Stage, Target, TargetCheck, Unit,
};
use crate::domain::strict_json::{Value, parse};
use crate::domain::text::Text;

/// kit → talk → consult → contract, and what contracts bring is computed.
fn base() -> Plan {
    let mut plan = linked(
        vec![
            milestone(1, 6).keyed("kit").at(Stage::Setup),
            flow(60).keyed("talk").at(Stage::Attract),
            flow(30).keyed("consult").at(Stage::Consult).high_hurdle(),
            flow(18).keyed("contract"),
            flow(1).keyed("fees").in_unit("JPY").at(Stage::Revenue),
        ],
        vec![
            prepares(&["kit"], &["talk"]),
            converts(&["talk"], &["consult"]),
            converts(&["consult"], &["contract"]),
            prepares(&["kit", "talk"], &["contract"]),
        ],
    );
    let definition = plan.definition_mut();
    definition
        .stages
        .retain(|heading| heading.stage != Stage::Study);
    definition.parameters.push(Parameter {
        key: "fee".to_owned(),
        name: Text::new("手数料", "Fee"),
        unit: Unit("JPY".to_owned()),
        default: Some(Amount::whole(1_000)),
    });
    definition.items[4].targets = vec![Target {
        year: Some(1),
        value: None,
        formula: Some(Formula {
            op: Operator::Times,
            args: vec![
                Argument::Number(Amount::whole(18)),
                Argument::Parameter {
                    parameter: "fee".to_owned(),
                },
            ],
        }),
    }];
    plan.parameters = plan.definition.default_parameters();
    plan.definition = Arc::new(resolve_targets(&plan.definition, &plan.parameters).0);
    plan
}

fn read(text: &str, basis: &Basis<'_>) -> Result<Vec<Change>, Vec<Issue>> {
    let json = parse(text.as_bytes()).expect("test documents are well-formed");
    let mut issues = Issues::default();
    read_changes(&Value::root(&json), basis, Horizon::Template, &mut issues)
        .ok_or_else(|| issues.into_vec())
}

/// What a change list makes of the base.
fn revised(text: &str) -> Result<Revised, Vec<Issue>> {
    let plan = base();
    let changes = read(text, &Basis::only(&plan))?;
    revise(&plan, &changes)
}

fn lines(changes: &[Change]) -> Vec<String> {
    changes
        .iter()
        .map(|change| format!("{} {} {}", change.op(), change.kind(), change.key))
        .collect()
}

const FORMAT: &str = r#"{"op":"add","kind":"item","key":"format","after":{
    "name":{"ja":"型","en":"Format"},"stage":"study","measure":"milestone","unit":"percent",
    "bar":[7,9],"targets":[{"value":100}]}}"#;

#[test]
fn a_revision_adds_changes_and_retires() {
    let list = format!(
        r#"[{FORMAT},
        {{"op":"add","kind":"link","after":{{"kind":"preparation","from":["format"],"to":["consult"]}}}},
        {{"op":"change","kind":"item","key":"talk","after":{{"targets":[{{"year":1,"value":80}}],"phasing":{{"kind":"sessions","sessions":8}}}}}},
        {{"op":"change","kind":"item","key":"consult","after":{{"high_hurdle":false,"weight":2,"name":{{"ja":"相談","en":"Advice"}}}}}},
        {{"op":"change","kind":"item","key":"kit","after":{{"bar":[1,8]}}}},
        {{"op":"change","kind":"link","key":"conversion:consult>contract","after":{{"lag_months":2}}}},
        {{"op":"change","kind":"setting","key":"on_track_at","after":0.9}},
        {{"op":"change","kind":"setting","key":"due_on_business_day","after":true}},
        {{"op":"change","kind":"parameter","key":"fee","after":2000}}]"#
    );
    let Revised { plan, changes, .. } = revised(&list).unwrap();
    let definition = &plan.definition;
    let item = |key: &str| definition.item(key).unwrap();
    assert_eq!(definition.stages[0].stage, Stage::Study);
    assert_eq!(item("talk").targets[0].value, Some(Amount::whole(80)));
    assert_eq!(
        item("talk").phasing,
        Some(Phasing::Sessions { sessions: 8 })
    );
    assert!(!item("consult").high_hurdle);
    assert_eq!(item("kit").bar.map(|bar| bar.due), Some(8));
    assert_eq!(item("fees").targets[0].value, Some(Amount::whole(36_000)));
    assert_eq!(definition.links[2].lag_months, 2);
    assert_eq!(definition.links[4].from, ["format"]);
    assert!(definition.settings.due_on_business_day);
    assert_eq!(
        lines(&changes),
        [
            "change item kit",
            "change item talk",
            "change item consult",
            "change item fees",
            "add item format",
            "change link conversion:consult>contract",
            "add link preparation:format>consult",
            "change setting on_track_at",
            "change setting due_on_business_day",
            "change parameter fee",
        ]
    );
}

#[test]
fn a_retired_item_takes_its_ends_of_links_with_it() {
    let mut plan = base();
    plan.definition_mut().checks.push(TargetCheck {
        item: "kit".to_owned(),
        estimate: Formula {
            op: Operator::Plus,
            args: vec![Argument::Number(Amount::ONE)],
        },
        message: Text::new("少ない", "Low"),
    });
    let list = r#"[{"op":"retire","kind":"item","key":"kit"}]"#;
    let changes = read(list, &Basis::only(&plan)).unwrap();
    let Revised { plan, changes, .. } = revise(&plan, &changes).unwrap();
    assert!(plan.definition.checks.is_empty());
    assert_eq!(
        lines(&changes),
        [
            "retire item kit",
            "retire link preparation:kit>talk",
            "retire link preparation:kit+talk>contract",
            "add link preparation:talk>contract",
        ]
    );
    assert_eq!(
        link_keys(&plan.definition),
        [
            "conversion:talk>consult",
            "conversion:consult>contract",
            "preparation:talk>contract"
        ]
    );
}

/// Each list is refused with these codes at these places, all at once.
#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn refuses_each_fault_with_its_place() {
    use IssueCode::{
        BarOutsideHorizon, ConversionNeedsFlows, Cycle, DuplicateKey, Missing, NotWhole,
        OutOfRange, TargetNotPositive, UnknownField, UnknownItem, UnknownParameter,
        UnknownReference, WrongShape, WrongType,
    };
    let table: &[(&str, &[(IssueCode, &str)])] = &[
        ("{}", &[(WrongType, "")]),
        ("[]", &[(Missing, "")]),
        (
            r#"[{}, {"op":"drop","kind":"item","key":"kit"}]"#,
            &[
                (Missing, "/0/op"),
                (Missing, "/0/kind"),
                (Missing, "/0/key"),
                (OutOfRange, "/1/op"),
            ],
        ),
        (
            r#"[{"op":"retire","kind":"item","key":"kit","after":{}},
                {"op":"change","kind":"item","key":"talk"},
                {"op":"change","kind":"item","key":"nobody","after":{}},
                {"op":"add","kind":"item","key":"kit","after":{}},
                {"op":"retire","kind":"item","key":"consult","colour":1}]"#,
            &[
                (WrongShape, "/0/after"),
                (Missing, "/1/after"),
                (UnknownItem, "/2/key"),
                (DuplicateKey, "/3/key"),
                (UnknownField, "/4/colour"),
            ],
        ),
        (
            r#"[{"op":"change","kind":"item","key":"talk","after":{"measure":"level","phasing":null,"unit":"people"}},
                {"op":"change","kind":"item","key":"kit","after":{"bar":[1,37]}},
                {"op":"change","kind":"item","key":"consult","after":{"key":"advice"}}]"#,
            &[
                (WrongShape, "/0/after/measure"),
                (WrongShape, "/0/after/unit"),
                (BarOutsideHorizon, "/1/after/bar"),
                (OutOfRange, "/2/after/key"),
            ],
        ),
        (
            r#"[{"op":"change","kind":"setting","key":"colour","after":1},
                {"op":"retire","kind":"setting","key":"on_track_at","after":1},
                {"op":"change","kind":"setting","key":"for_months","after":13},
                {"op":"change","kind":"setting","key":"on_track_at","after":null},
                {"op":"change","kind":"parameter","key":"fees","after":1},
                {"op":"change","kind":"parameter","key":"fee"},
                {"op":"add","kind":"parameter","key":"fee","after":1}]"#,
            &[
                (UnknownReference, "/0/key"),
                (OutOfRange, "/1/op"),
                (OutOfRange, "/2/after"),
                (Missing, "/3/after"),
                (UnknownParameter, "/4/key"),
                (Missing, "/5/after"),
                (OutOfRange, "/6/op"),
            ],
        ),
        (
            r#"[{"op":"change","kind":"link","key":"conversion:talk>contract","after":{"lag_months":1}},
                {"op":"change","kind":"link","key":"conversion:talk>consult","after":{"lag_months":25}},
                {"op":"change","kind":"link","key":"preparation:kit>talk","after":{"lag_months":1,"from":["talk"],"kind":"conversion"}},
                {"op":"add","kind":"link","key":"x","after":{"kind":"preparation","from":["kit"],"to":["consult"]}},
                {"op":"add","kind":"link","after":{"kind":"preparation","from":["kit"],"to":["talk"]}}]"#,
            &[
                (UnknownReference, "/0/key"),
                (OutOfRange, "/1/after/lag_months"),
                (WrongShape, "/2/after/kind"),
                (WrongShape, "/2/after/from"),
                (WrongShape, "/3/key"),
                (DuplicateKey, "/4/after"),
            ],
        ),
        (
            r#"[{"op":"retire","kind":"item","key":"kit"},{"op":"retire","kind":"item","key":"kit"}]"#,
            &[(DuplicateKey, "/1")],
        ),
        // What only the changed plan as a whole shows.
        (
            r#"[{"op":"add","kind":"link","after":{"kind":"preparation","from":["contract"],"to":["kit"]}}]"#,
            &[(Cycle, "/changes")],
        ),
        (
            r#"[{"op":"add","kind":"link","after":{"kind":"conversion","from":["kit"],"to":["consult"]}}]"#,
            &[(ConversionNeedsFlows, "/changes/0/after/from")],
        ),
        (
            r#"[{"op":"retire","kind":"item","key":"kit"},
                {"op":"add","kind":"link","after":{"kind":"preparation","from":["kit"],"to":["consult"]}}]"#,
            &[(UnknownItem, "/changes/1/after/from/0")],
        ),
        (
            r#"[{"op":"change","kind":"item","key":"talk","after":{"targets":[{"year":1,"value":2.5}]}},
                {"op":"change","kind":"item","key":"consult","after":{"targets":[{"year":1,"value":0}]}},
                {"op":"change","kind":"item","key":"kit","after":{"bar":null}}]"#,
            &[
                (WrongShape, "/changes/2/after/bar"),
                (NotWhole, "/changes/0/after/targets/0/value"),
                (TargetNotPositive, "/changes/1/after/targets/0/value"),
            ],
        ),
        (
            r#"[{"op":"change","kind":"setting","key":"behind_below","after":0.99}]"#,
            &[
                (OutOfRange, "/changes/0/after"),
                (OutOfRange, "/changes/0/after"),
            ],
        ),
        (
            r#"[{"op":"change","kind":"item","key":"kit","after":{"weight":1}}]"#,
            &[(Missing, "/changes")],
        ),
    ];
    for (list, expected) in table {
        let found = revised(list).expect_err(list);
        let found: Vec<(IssueCode, &str)> = found
            .iter()
            .map(|issue| (issue.code, issue.path.as_str()))
            .collect();
        assert_eq!(found, *expected, "{list}");
    }
}

#[test]
fn a_key_is_never_given_to_another_item() {
    let first = base();
    let without_kit = read(
        r#"[{"op":"retire","kind":"item","key":"kit"}]"#,
        &Basis::only(&first),
    )
    .unwrap();
    let second = Plan {
        version: 2,
        effective: first.start.plus(3),
        ..revise(&first, &without_kit).unwrap().plan
    };
    let with_format = read(&format!("[{FORMAT}]"), &Basis::only(&second)).unwrap();
    let third = Plan {
        version: 3,
        effective: first.start.plus(8),
        ..revise(&second, &with_format).unwrap().plan
    };
    let history = PlanHistory::new(first, vec![second, third]);
    let codes = |list: &str, months: i32| {
        let basis = Basis::of(&history, history.start().plus(months));
        read(list, &basis).map_err(|issues| issues[0].code)
    };
    let kit = FORMAT.replace(r#""format""#, r#""kit""#);
    let add = format!("[{kit}]");
    assert_eq!(codes(&add, 5), Err(IssueCode::ItemRetired));
    let retire = r#"[{"op":"retire","kind":"item","key":"kit"}]"#;
    assert_eq!(codes(retire, 5), Err(IssueCode::ItemRetired));
    assert!(codes(retire, 2).is_ok());
    let add = format!("[{FORMAT}]");
    assert_eq!(codes(&add, 5), Err(IssueCode::DuplicateKey));
    let retire = r#"[{"op":"retire","kind":"item","key":"format"}]"#;
    assert_eq!(codes(retire, 5), Err(IssueCode::UnknownItem));
}

#[test]
fn a_list_made_for_another_plan_tells_what_no_longer_fits() {
    let plan = base();
    let list = |list: &str| read(list, &Basis::only(&plan)).unwrap();
    let one = list(
        r#"[{"op":"change","kind":"item","key":"talk","after":{"weight":2}},
            {"op":"change","kind":"item","key":"fees","after":{"weight":2}},
            {"op":"change","kind":"link","key":"conversion:talk>consult","after":{"lag_months":1}},
            {"op":"change","kind":"setting","key":"due_day","after":12},
            {"op":"change","kind":"parameter","key":"fee","after":3000}]"#,
    );
    let after = |other: &str| {
        let other = revise(&plan, &list(other)).unwrap().plan;
        conflicts(&other, &one)
            .iter()
            .map(|change| change.key.clone())
            .collect::<Vec<_>>()
    };
    let none: [&str; 0] = [];
    assert_eq!(
        after(r#"[{"op":"change","kind":"item","key":"kit","after":{"weight":3}}]"#),
        none
    );
    assert_eq!(
        after(r#"[{"op":"change","kind":"parameter","key":"fee","after":null}]"#),
        ["fee"]
    );
    assert_eq!(
        after(
            r#"[{"op":"change","kind":"item","key":"talk","after":{"weight":3}},
                {"op":"change","kind":"setting","key":"due_day","after":15}]"#
        ),
        ["talk", "due_day"]
    );
    assert_eq!(
        after(r#"[{"op":"retire","kind":"item","key":"consult"}]"#),
        ["conversion:talk>consult"]
    );
}

#[test]
fn a_target_that_its_upstream_cannot_feed_is_remarked_on() {
    let remarks = |list: &str| -> Vec<(String, String)> {
        revised(list)
            .unwrap()
            .warnings
            .into_iter()
            .map(|issue| (issue.path, issue.message.ja))
            .collect()
    };
    let raised = r#"{"op":"change","kind":"item","key":"contract","after":{"targets":[{"year":1,"value":18},{"year":2,"value":24}]}}"#;
    let found = remarks(&format!("[{raised}]"));
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].0, "/changes/0/after");
    assert!(
        found[0].1.contains("2 年目の「項目」の目標24 件は")
            && found[0].1.contains("では18 件までしか届きません"),
        "{found:?}"
    );
    // The upstream target goes up with it, by as much; then the next one up is short.
    let consult = r#"{"op":"change","kind":"item","key":"consult","after":{"targets":[{"year":1,"value":30},{"year":2,"value":40}]}}"#;
    assert_eq!(
        remarks(&format!("[{raised},{consult}]"))[0].0,
        "/changes/1/after"
    );
    let lowered = r#"[{"op":"change","kind":"item","key":"talk","after":{"targets":[{"year":1,"value":50}]}}]"#;
    assert_eq!(remarks(lowered)[0].0, "/changes/0/after");
    // An unset parameter leaves an item without a target, at the plan's own change.
    let unset = r#"[{"op":"change","kind":"parameter","key":"fee","after":null}]"#;
    assert_eq!(remarks(unset).len(), 1);
}

#[test]
fn links_with_the_same_ends_are_numbered() {
    let mut plan = base();
    plan.definition_mut().links = vec![
        prepares(&["talk", "kit"], &["contract"]),
        prepares(&["kit", "talk"], &["contract"]),
    ];
    assert_eq!(
        link_keys(&plan.definition),
        [
            "preparation:kit+talk>contract",
            "preparation:kit+talk>contract#2"
        ]
    );
}

const KEYS: [&str; 6] = ["a", "b", "c", "d", "e", "f"];

/// What a random step does: it is carried out where the plan allows it.
#[derive(Clone, Debug)]
enum Step {
    Add(usize, i64),
    Retire(usize),
    Target(usize, i64),
    Link(usize, usize, bool),
    Unlink(usize),
    Lag(usize, u32),
    Due(u32),
    Fee(Option<i64>),
}

fn any_step() -> impl Strategy<Value = Step> {
    let key = 0..KEYS.len();
    prop_oneof![
        (key.clone(), 1_i64..90).prop_map(|(key, target)| Step::Add(key, target)),
        key.clone().prop_map(Step::Retire),
        (key.clone(), 1_i64..90).prop_map(|(key, target)| Step::Target(key, target)),
        (key.clone(), key.clone(), any::<bool>())
            .prop_map(|(from, to, converts)| Step::Link(from, to, converts)),
        (0_usize..12).prop_map(Step::Unlink),
        (0_usize..12, 0_u32..4).prop_map(|(link, lag)| Step::Lag(link, lag)),
        (1_u32..=31).prop_map(Step::Due),
        proptest::option::of(1_i64..9).prop_map(Step::Fee),
    ]
}

/// The plan after a step, made by hand as a revision would make it.
fn stepped(plan: &Plan, used: &mut Vec<usize>, step: &Step) -> Option<Vec<Change>> {
    let definition = &plan.definition;
    let item = |key: usize| definition.item(KEYS[key]);
    let edit_item = |key: usize, before: Option<&Item>, after: Option<Item>| {
        let part = Part::Item(Edit {
            before: before.cloned().map(Box::new),
            after: after.map(Box::new),
        });
        Some(vec![Change {
            key: KEYS[key].to_owned(),
            part,
        }])
    };
    let edit_link = |key: String, before: Option<&Link>, after: Option<Link>| {
        let part = Part::Link(Edit {
            before: before.cloned(),
            after,
        });
        Some(vec![Change { key, part }])
    };
    match *step {
        Step::Add(key, target) => {
            if used.contains(&key) {
                return None;
            }
            used.push(key);
            edit_item(key, None, Some(flow(target).keyed(KEYS[key])))
        }
        Step::Retire(key) => edit_item(key, Some(item(key)?), None),
        Step::Target(key, target) => {
            let before = item(key)?;
            let after = Item {
                targets: flow(target).targets,
                ..before.clone()
            };
            edit_item(key, Some(before), Some(after))
        }
        Step::Link(one, other, is_conversion) => {
            let (from, to) = (one.min(other), one.max(other));
            (from != to && item(from).is_some() && item(to).is_some()).then_some(())?;
            let mut link = prepares(&[KEYS[from]], &[KEYS[to]]);
            if is_conversion {
                link.kind = LinkKind::Conversion;
            }
            let key = link_key(&link);
            (!link_keys(definition).contains(&key)).then_some(())?;
            edit_link(key, None, Some(link))
        }
        Step::Unlink(index) => {
            let key = link_keys(definition).get(index)?.clone();
            edit_link(key, definition.links.get(index), None)
        }
        Step::Lag(index, lag_months) => {
            let key = link_keys(definition).get(index)?.clone();
            let before = definition.links.get(index)?;
            let after = Link {
                lag_months,
                ..before.clone()
            };
            edit_link(key, Some(before), Some(after))
        }
        Step::Due(day) => Some(vec![Change {
            key: "due_day".to_owned(),
            part: Part::Setting(Edit {
                before: definition.settings.get("due_day"),
                after: Some(SettingValue::Count(day)),
            }),
        }]),
        Step::Fee(fee) => Some(vec![Change {
            key: "fee".to_owned(),
            part: Part::Parameter(Edit {
                before: plan.parameters.get("fee").copied(),
                after: Some(fee.map(Amount::whole)),
            }),
        }]),
    }
}

/// The versions that random steps make, the first of them with three items.
fn versions(steps: &[Step]) -> Vec<Plan> {
    let mut first = base();
    let definition = first.definition_mut();
    definition.items.extend([
        flow(60).keyed("a"),
        flow(30).keyed("b"),
        level(3).keyed("staff"),
        flow(9).keyed("c"),
    ]);
    definition.links.push(converts(&["a"], &["b"]));
    definition
        .links
        .push(prepares(&["a", "b", "staff"], &["c"]));
    let mut used = vec![0, 1, 2];
    let mut versions = vec![first];
    for step in steps {
        let last = versions.last().unwrap();
        if let Some(changes) = stepped(last, &mut used, step)
            && let Ok(revised) = revise(last, &changes)
        {
            versions.push(revised.plan);
        }
    }
    versions
}

/// Headings of stages without an item are left over by what was retired.
fn without_empty_headings(plan: &Plan) -> Plan {
    let mut plan = plan.clone();
    let definition = plan.definition_mut();
    let items = definition.items.clone();
    definition
        .stages
        .retain(|heading| items.iter().any(|item| item.stage == heading.stage));
    plan
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Of any two versions the difference makes the later of the earlier one,
    /// however many revisions lie between them, and survives being stored.
    #[test]
    fn a_difference_leads_from_any_version_to_any_later_one(
        steps in proptest::collection::vec(any_step(), 1..16),
    ) {
        let versions = versions(&steps);
        for (index, old) in versions.iter().enumerate() {
            for new in versions.iter().skip(index) {
                let changes = diff(old, new);
                prop_assert_eq!(changes.is_empty(), old == new);
                if changes.is_empty() {
                    continue;
                }
                let stored = serde_json::to_string(&documents(&changes).unwrap()).unwrap();
                let read: Vec<ChangeDocument> = serde_json::from_str(&stored).unwrap();
                let read: Vec<Change> =
                    read.iter().map(|document| document.change().unwrap()).collect();
                prop_assert_eq!(&read, &changes);
                prop_assert!(conflicts(old, &changes).iter().all(|change| change.op() == Op::Add));
                let again = revise(old, &changes).unwrap();
                prop_assert_eq!(
                    without_empty_headings(&again.plan),
                    without_empty_headings(new)
                );
                prop_assert_eq!(again.changes, changes);
            }
        }
    }
}

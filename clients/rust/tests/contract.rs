//! The client against the service's OpenAPI document: every operation it calls
//! is there with every parameter it may send, and every member it reads is
//! documented with a type that fits.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::Value;
use shirube_client::operation::{OPERATIONS, Operation};

/// A member of a struct, as the source says it.
#[derive(Clone, Debug)]
struct Member {
    name: String,
    kind: String,
    may_be_absent: bool,
}

type Structs = BTreeMap<String, Vec<Member>>;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn document() -> Value {
    let file = root().join("../../openapi/openapi.json");
    serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap()
}

/// The structs of the model, read from its source.
fn structs() -> Structs {
    let mut structs = Structs::new();
    for entry in fs::read_dir(root().join("src/model")).unwrap() {
        let source = fs::read_to_string(entry.unwrap().path()).unwrap();
        let mut name = None;
        let mut attribute = String::new();
        for line in source.lines().map(str::trim) {
            if let Some(rest) = line.strip_prefix("pub struct ") {
                let begun = rest.trim_end_matches(" {").to_owned();
                structs.insert(begun.clone(), Vec::new());
                name = Some(begun);
            } else if line == "}" {
                name = None;
            } else if line.starts_with("#[serde(") {
                line.clone_into(&mut attribute);
            } else if let (Some(name), Some(rest)) = (&name, line.strip_prefix("pub ")) {
                let (member, kind) = rest.trim_end_matches(',').split_once(": ").unwrap();
                let optional = kind.strip_prefix("Option<");
                let kind = optional.map_or(kind, |inner| inner.trim_end_matches('>'));
                if attribute != "#[serde(skip)]" {
                    structs.get_mut(name).unwrap().push(Member {
                        name: member.to_owned(),
                        kind: if optional.is_some() && kind.starts_with("Vec<") {
                            format!("{kind}>")
                        } else {
                            kind.to_owned()
                        },
                        may_be_absent: optional.is_some() || attribute.contains("default"),
                    });
                }
                attribute.clear();
            }
        }
    }
    assert!(structs.len() > 30, "only {} structs found", structs.len());
    structs
}

/// The members of a schema, those of its parts included; with whether each is
/// always there.
fn members<'a>(document: &'a Value, schema: &'a Value) -> BTreeMap<&'a str, (&'a Value, bool)> {
    let schema = resolved(document, schema);
    let mut found = BTreeMap::new();
    for part in schema["allOf"].as_array().into_iter().flatten() {
        found.extend(members(document, part));
    }
    let required = |name: &str| {
        let mut names = schema["required"].as_array().into_iter().flatten();
        names.any(|required| required == name)
    };
    for (name, member) in schema["properties"].as_object().into_iter().flatten() {
        found.insert(name.as_str(), (member, required(name)));
    }
    found
}

fn resolved<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    match schema["$ref"].as_str() {
        Some(path) => document.pointer(path.trim_start_matches('#')).unwrap(),
        None => schema,
    }
}

/// A schema without `null`, and whether that was in it.
fn without_null<'a>(document: &'a Value, schema: &'a Value) -> (&'a Value, bool) {
    let schema = resolved(document, schema);
    if let Some(choices) = schema["oneOf"].as_array() {
        let is_null = |choice: &Value| choice["type"] == "null";
        let rest: Vec<&Value> = choices.iter().filter(|choice| !is_null(choice)).collect();
        if let [only] = rest.as_slice() {
            return (resolved(document, only), rest.len() < choices.len());
        }
    }
    let types = schema["type"].as_array();
    let has_null = types.is_some_and(|types| types.contains(&Value::from("null")));
    (schema, has_null)
}

fn has_type(schema: &Value, wanted: &str) -> bool {
    schema["type"] == wanted
        || schema["type"]
            .as_array()
            .is_some_and(|types| types.contains(&Value::from(wanted)))
}

/// What does not fit between a type of the model and a schema.
struct Comparison<'a> {
    document: &'a Value,
    structs: &'a Structs,
    wrong: Vec<String>,
    members_seen: usize,
}

impl Comparison<'_> {
    fn compare(&mut self, place: &str, kind: &str, schema: &Value) {
        let (schema, _) = without_null(self.document, schema);
        if let Some(inner) = kind.strip_prefix("Vec<") {
            if !has_type(schema, "array") {
                self.wrong.push(format!("{place}: no array, {schema}"));
            }
            self.compare(place, inner.trim_end_matches('>'), &schema["items"]);
            return;
        }
        let json = match kind {
            "String" => Some("string"),
            "bool" => Some("boolean"),
            "f64" => Some("number"),
            "u16" | "u32" | "u64" | "i32" | "i64" => Some("integer"),
            _ => None,
        };
        if let Some(json) = json {
            let is_whole_number = kind == "f64" && has_type(schema, "integer");
            if !has_type(schema, json) && !is_whole_number {
                self.wrong.push(format!("{place}: no {json}, {schema}"));
            }
            return;
        }
        let Some(of_struct) = self.structs.get(kind) else {
            self.wrong.push(format!("{place}: {kind} is not known"));
            return;
        };
        let documented = members(self.document, schema);
        for member in of_struct.clone() {
            let place = format!("{place}.{}", member.name);
            match documented.get(member.name.as_str()) {
                None => self.wrong.push(format!("{place}: not documented")),
                Some((schema, is_always_there)) => {
                    self.members_seen += 1;
                    let (_, may_be_null) = without_null(self.document, schema);
                    if !member.may_be_absent && (may_be_null || !is_always_there) {
                        self.wrong.push(format!("{place}: may be absent"));
                    }
                    self.compare(&place, &member.kind, schema);
                }
            }
        }
    }
}

fn operation_of<'a>(document: &'a Value, operation: &Operation) -> &'a Value {
    &document["paths"][operation.path][operation.method.to_lowercase()]
}

fn answer_of<'a>(documented: &'a Value, media_type: &str) -> &'a Value {
    let responses = &documented["responses"]["200"]["content"];
    &responses[media_type]["schema"]
}

#[test]
fn every_operation_is_there_with_what_is_sent_to_it() {
    let document = document();
    for operation in OPERATIONS {
        let documented = operation_of(&document, operation);
        assert!(!documented.is_null(), "{operation:?}");
        let parameters = documented["parameters"].as_array().into_iter().flatten();
        let named: Vec<(&str, &str)> = parameters
            .map(|parameter| resolved(&document, parameter))
            .map(|parameter| {
                let text = |member: &str| parameter[member].as_str().unwrap();
                (text("in"), text("name"))
            })
            .collect();
        for name in operation.query {
            assert!(named.contains(&("query", name)), "{operation:?}: {name}");
        }
        for part in operation
            .path
            .split('/')
            .filter(|part| part.starts_with('{'))
        {
            let name = part.trim_matches(['{', '}']);
            assert!(named.contains(&("path", name)), "{operation:?}: {name}");
        }
        if operation.method == "POST" {
            assert!(
                named.contains(&("header", "Idempotency-Key")),
                "{operation:?}"
            );
        }
    }
}

#[test]
fn every_member_that_is_read_is_documented() {
    let (document, structs) = (document(), structs());
    let mut comparison = Comparison {
        document: &document,
        structs: &structs,
        wrong: Vec::new(),
        members_seen: 0,
    };
    for operation in OPERATIONS {
        let documented = operation_of(&document, operation);
        if operation.answer.contains('/') {
            let answer = answer_of(documented, operation.answer);
            assert!(!answer.is_null(), "{operation:?}");
        } else {
            let schema = answer_of(documented, "application/json");
            comparison.compare(operation.answer, operation.answer, schema);
        }
    }
    let problem = &document["components"]["schemas"]["Problem"];
    comparison.compare("Problem", "Problem", problem);
    assert!(comparison.wrong.is_empty(), "{:#?}", comparison.wrong);
    assert!(comparison.members_seen > 200, "{}", comparison.members_seen);
}

/// The report is written by hand; every shape of it is one that is documented.
#[test]
fn every_member_that_is_sent_is_documented() {
    let document = document();
    let schema = |name: &str| &document["components"]["schemas"][name];
    let report: Vec<&str> = members(&document, schema("Report")).into_keys().collect();
    assert_eq!(report, ["month", "note", "values"]);
    let shapes = schema("ReportValue")["oneOf"].as_array().unwrap().iter();
    let shapes: Vec<Vec<&str>> = shapes
        .map(|shape| members(&document, shape).into_keys().collect())
        .collect();
    for shape in [
        vec!["item", "value"],
        vec!["denominator", "item", "numerator"],
        vec!["item", "not_applicable"],
        vec!["clear", "item"],
    ] {
        assert!(shapes.contains(&shape), "{shape:?}");
    }
}

/// The comparison finds what it is there for.
#[test]
fn a_difference_is_found() {
    let document = document();
    let member = |name: &str, kind: &str, may_be_absent| Member {
        name: name.to_owned(),
        kind: kind.to_owned(),
        may_be_absent,
    };
    let structs = Structs::from([(
        "Named".to_owned(),
        vec![
            member("code", "f64", false),
            member("colour", "String", true),
            member("name", "String", false),
        ],
    )]);
    let mut comparison = Comparison {
        document: &document,
        structs: &structs,
        wrong: Vec::new(),
        members_seen: 0,
    };
    comparison.compare(
        "Named",
        "Named",
        &document["components"]["schemas"]["Named"],
    );
    assert_eq!(comparison.wrong.len(), 3, "{:#?}", comparison.wrong);
}

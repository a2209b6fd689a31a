//! The contract, and what has to hold of every single answer.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use actix_web::web::Data;
use jsonschema::Validator;
use serde_json::{Map, Value, json};
use shirube::http::openapi::Document;

use super::answer::Answer;
use super::logs;

/// `api.md`, Errors.
pub const CODES: [(&str, u16); 26] = [
    ("malformed_json", 400),
    ("malformed_query", 400),
    ("unauthenticated", 401),
    ("invalid_credentials", 401),
    ("forbidden", 403),
    ("not_found", 404),
    ("method_not_allowed", 405),
    ("not_acceptable", 406),
    ("body_too_slow", 408),
    ("month_approved", 409),
    ("already_exists", 409),
    ("in_progress", 409),
    ("alert_closed", 409),
    ("revision_decided", 409),
    ("revision_outdated", 409),
    ("preparation_missing", 409),
    ("subscription_disabled", 409),
    ("stale_revision", 412),
    ("too_large", 413),
    ("unsupported_media_type", 415),
    ("invalid", 422),
    ("idempotency_key_reused", 422),
    ("rate_limited", 429),
    ("head_too_large", 431),
    ("unavailable", 503),
    ("internal", 500),
];

/// `api.md`, Errors: of single issues; `month_approved` inside a bulk.
const ISSUE_CODES: [&str; 37] = [
    "unreadable_file",
    "nothing_to_read",
    "unknown_heading",
    "ambiguous_item",
    "unreadable_month",
    "unreadable_figure",
    "formula_without_value",
    "unknown_field",
    "unknown_parameter",
    "missing",
    "wrong_type",
    "out_of_range",
    "too_long",
    "too_many_decimals",
    "not_whole",
    "negative",
    "share_above_one",
    "wrong_shape",
    "unknown_item",
    "item_retired",
    "duplicate_cell",
    "month_before_start",
    "month_not_ended",
    "month_approved",
    "unknown_reference",
    "duplicate_key",
    "cycle",
    "crosses_scorecards",
    "conversion_needs_flows",
    "mixed_units",
    "bar_outside_horizon",
    "target_not_positive",
    "parameter_unset",
    "implausible",
    "above_upstream",
    "milestone_backwards",
    "market_type_differs",
];

/// The only codes that a warning may have.
const WARNING_CODES: [&str; 10] = [
    "nothing_to_read",
    "unknown_heading",
    "unreadable_figure",
    "out_of_range",
    "implausible",
    "above_upstream",
    "milestone_backwards",
    "market_type_differs",
    "parameter_unset",
    "target_not_positive",
];

/// Members that are left out where there is nothing to say. All others are
/// always present.
const LEFT_OUT: [(&str, &[&str]); 5] = [
    ("EvaluatedItem", &["cause", "outlook"]),
    ("ReleasedStage", &["items"]),
    ("EvaluatedScorecard", &["alerts", "issues", "links"]),
    ("Issue", &["item", "month", "place", "remedy", "scorecard"]),
    ("Scope", &["hub", "prefecture"]),
];

pub fn status_of(code: &str) -> u16 {
    CODES.iter().find(|(known, _)| *known == code).map_or_else(
        || panic!("api.md has no code {code}"),
        |(_, status)| *status,
    )
}

/// Where a schema is that a reference names.
const SCHEMAS_AT: &str = "#/components/schemas/";

/// The document that the service serves.
pub fn document() -> Data<Document> {
    static DOCUMENT: OnceLock<Data<Document>> = OnceLock::new();
    DOCUMENT
        .get_or_init(|| Data::new(Document::new().unwrap()))
        .clone()
}

/// The same as JSON.
pub fn openapi() -> &'static Value {
    static JSON: OnceLock<Value> = OnceLock::new();
    JSON.get_or_init(|| serde_json::from_slice(&document().json).unwrap())
}

/// One operation of the contract.
#[derive(Clone, Copy, Debug)]
pub struct Operation {
    pub id: &'static str,
    pub method: &'static str,
    pub path: &'static str,
    pub json: &'static Value,
}

impl Operation {
    /// Whether it needs no credential.
    pub fn is_open(&self) -> bool {
        self.json["security"] == json!([{}])
    }

    /// What is documented of an answer with this status.
    pub fn response(&self, status: u16) -> &'static Value {
        let response = &self.json["responses"][status.to_string()];
        match response["$ref"].as_str() {
            Some(reference) => openapi().pointer(&reference[1..]).unwrap(),
            None => response,
        }
    }

    /// The body of an answer with this status, if it has one.
    pub fn content(&self, status: u16) -> Option<&'static Value> {
        let content = self.response(status)["content"].as_object()?;
        content
            .get("application/json")
            .or_else(|| content.values().next())
    }

    pub fn statuses(&self) -> Vec<u16> {
        let responses = self.json["responses"].as_object().unwrap();
        responses.keys().map(|key| key.parse().unwrap()).collect()
    }
}

/// Every operation, in the order of the contract.
pub fn operations() -> &'static [Operation] {
    static OPERATIONS: OnceLock<Vec<Operation>> = OnceLock::new();
    OPERATIONS.get_or_init(|| {
        let paths = openapi()["paths"].as_object().unwrap();
        paths
            .iter()
            .flat_map(|(path, item)| {
                let methods = item.as_object().unwrap();
                methods.iter().map(|(method, json)| Operation {
                    id: json["operationId"].as_str().unwrap(),
                    method: method.as_str(),
                    path: path.as_str(),
                    json,
                })
            })
            .collect()
    })
}

pub fn operation(id: &str) -> Operation {
    let found = operations().iter().find(|operation| operation.id == id);
    *found.unwrap_or_else(|| panic!("the contract has no operation {id}"))
}

/// The operation that a request is for, if any.
fn operation_of(method: &str, path: &str) -> Option<Operation> {
    let path = path.split('?').next().unwrap();
    let method = if method == "HEAD" { "GET" } else { method };
    let matches = |pattern: &str| {
        let (mut wanted, mut given) = (pattern.split('/'), path.split('/'));
        loop {
            match (wanted.next(), given.next()) {
                (None, None) => return true,
                (Some(wanted), Some(given))
                    if wanted == given || (wanted.starts_with('{') && !given.is_empty()) => {}
                _ => return false,
            }
        }
    };
    operations()
        .iter()
        .find(|operation| operation.method.eq_ignore_ascii_case(method) && matches(operation.path))
        .copied()
}

/// Holds an answer against the contract: its form, its status, and its body
/// against the schema for that status, where no member may be undocumented or
/// absent.
pub fn check(method: &str, path: &str, answer: &Answer) {
    let said = || {
        let body = String::from_utf8_lossy(&answer.body);
        format!("{method} {path}: {} {body}", answer.status)
    };
    assert_ne!(answer.status, 500, "{}\n{:#?}", said(), logs::last_lines());
    check_headers(answer, &said());
    if answer.status >= 400 {
        check_problem(&answer.json(), answer, &said());
    }
    let Some(operation) = operation_of(method, path) else {
        assert!(
            matches!(answer.status, 404..=406 | 431) || !path.starts_with("/v1"),
            "not in the contract: {}",
            said()
        );
        return;
    };
    let documented = operation.statuses();
    assert!(
        documented.contains(&answer.status),
        "not documented: {}",
        said()
    );
    if answer.headers.contains_key("content-encoding") {
        return;
    }
    if let Some(media_type) = of_another_form(operation, answer) {
        let said = answer.header("content-type").unwrap_or_default();
        assert!(media_type, "{said} is not documented: {method} {path}");
        return;
    }
    match validator(operation, answer.status) {
        None => assert!(answer.body.is_empty(), "no body is documented: {}", said()),
        Some(validator) => {
            let body = answer.json();
            let faults: Vec<String> = validator
                .iter_errors(&body)
                .map(|error| format!("{}: {error}", error.instance_path()))
                .collect();
            assert!(faults.is_empty(), "{}\n{faults:#?}", said());
        }
    }
}

/// Of an answer that is neither JSON nor empty: whether its media type is documented.
fn of_another_form(operation: Operation, answer: &Answer) -> Option<bool> {
    let essence = answer.header("content-type")?.split(';').next().unwrap();
    let content = &operation.response(answer.status)["content"];
    let is_json = essence == "application/json" || essence == "application/problem+json";
    (!is_json).then(|| content.get(essence).is_some())
}

/// What every answer carries.
fn check_headers(answer: &Answer, said: &str) {
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-resource-policy", "same-origin"),
    ] {
        assert_eq!(answer.header(name), Some(value), "{name} of {said}");
    }
    let policy = answer.header("content-security-policy").unwrap_or_default();
    assert!(policy.starts_with("default-src '"), "{policy} of {said}");
    let id = answer.header("x-request-id").unwrap_or_default();
    assert_eq!(id.len(), 36, "request id of {said}");
    assert_eq!(answer.header("access-control-allow-origin"), None);
}

/// RFC 9457, and `api.md`.
fn check_problem(body: &Value, answer: &Answer, said: &str) {
    assert_eq!(
        answer.header("content-type"),
        Some("application/problem+json"),
        "{said}"
    );
    assert_eq!(answer.header("cache-control"), Some("no-store"), "{said}");
    let members: Vec<&str> = body
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    assert_eq!(
        members,
        [
            "code",
            "detail",
            "issues",
            "request_id",
            "status",
            "title",
            "type"
        ],
        "{said}"
    );
    let text = |name: &str| body[name].as_str().unwrap();
    assert_eq!(body["status"], answer.status, "{said}");
    assert_eq!(status_of(text("code")), answer.status, "{said}");
    assert_eq!(
        text("type"),
        format!("urn:shirube:problem:{}", text("code"))
    );
    assert_eq!(Some(text("request_id")), answer.header("x-request-id"));
    let language = answer.header("content-language").unwrap();
    for name in ["title", "detail"] {
        assert!(!text(name).trim().is_empty(), "{name} of {said}");
        assert_eq!(
            is_japanese(text(name)),
            language == "ja",
            "{name} of {said}"
        );
    }
    if answer.status == 401 {
        assert!(answer.headers.contains_key("www-authenticate"), "{said}");
    }
    let issues = body["issues"].as_array().unwrap();
    for issue in issues {
        check_issue(issue, said);
    }
    if text("code") == "invalid" {
        let is_error = |issue: &Value| issue["severity"] == "error";
        assert!(issues.iter().any(is_error), "nothing is wrong: {said}");
    }
}

/// One issue: known code, a pointer, words in both languages.
pub fn check_issue(issue: &Value, said: &str) {
    let code = issue["code"].as_str().unwrap();
    assert!(ISSUE_CODES.contains(&code), "{code} in {said}");
    match issue["severity"].as_str().unwrap() {
        "error" => {}
        "warning" => assert!(WARNING_CODES.contains(&code), "{code} in {said}"),
        other => panic!("severity {other} in {said}"),
    }
    let path = issue["path"].as_str().unwrap();
    assert!(path.is_empty() || path.starts_with('/'), "{path} in {said}");
    let (ja, en) = (&issue["message"]["ja"], &issue["message"]["en"]);
    assert!(is_japanese(ja.as_str().unwrap()), "{ja} in {said}");
    assert!(!en.as_str().unwrap().trim().is_empty(), "{en} in {said}");
}

fn is_japanese(text: &str) -> bool {
    text.chars()
        .any(|c| matches!(c, '\u{3040}'..='\u{30ff}' | '\u{4e00}'..='\u{9fff}'))
}

/// What validates the body of an answer; `None` where none is documented.
fn validator(operation: Operation, status: u16) -> Option<Arc<Validator>> {
    let media_type = operation.content(status)?;
    Some(validator_of(&media_type["schema"]))
}

/// A validator for a schema of an answer.
pub fn validator_of(schema: &Value) -> Arc<Validator> {
    static SCHEMAS: OnceLock<Value> = OnceLock::new();
    static KNOWN: Mutex<Known> = Mutex::new(BTreeMap::new());
    let schemas = SCHEMAS.get_or_init(|| {
        let all = openapi()["components"]["schemas"].as_object().unwrap();
        let strict = all.iter().map(|(name, schema)| {
            let left_out = LEFT_OUT.iter().find(|(known, _)| known == name);
            (
                name.clone(),
                strict(schema, left_out.map_or(&[], |(_, names)| names)),
            )
        });
        Value::Object(strict.collect())
    });
    known_or(&KNOWN, schema, || compiled(&strict(schema, &[]), schemas))
}

/// A validator for a schema of a request's body, as documented.
pub fn validator_of_body(schema: &Value) -> Arc<Validator> {
    static KNOWN: Mutex<Known> = Mutex::new(BTreeMap::new());
    let schemas = &openapi()["components"]["schemas"];
    known_or(&KNOWN, schema, || compiled(schema, schemas))
}

/// Validators by the text of their schema: many answers share one.
type Known = BTreeMap<String, Arc<Validator>>;

fn known_or(
    known: &Mutex<Known>,
    schema: &Value,
    make: impl FnOnce() -> Validator,
) -> Arc<Validator> {
    let mut known = known.lock().unwrap_or_else(PoisonError::into_inner);
    let entry = known.entry(schema.to_string());
    Arc::clone(entry.or_insert_with(|| Arc::new(make())))
}

/// Compiles a schema with those that it refers to, and no others: all of them
/// would be copied and read for every one.
fn compiled(schema: &Value, schemas: &Value) -> Validator {
    let mut needed = Map::new();
    add_references(schema, schemas, &mut needed);
    let whole = json!({ "allOf": [schema], "components": { "schemas": needed } });
    jsonschema::draft202012::options()
        .should_validate_formats(true)
        .build(&whole)
        .unwrap()
}

fn add_references(schema: &Value, schemas: &Value, needed: &mut Map<String, Value>) {
    match schema {
        Value::Object(members) => {
            let reference = members.get("$ref").and_then(Value::as_str);
            if let Some(name) = reference.and_then(|path| path.strip_prefix(SCHEMAS_AT))
                && !needed.contains_key(name)
            {
                needed.insert(name.to_owned(), schemas[name].clone());
                add_references(&schemas[name], schemas, needed);
            }
            for value in members.values() {
                add_references(value, schemas, needed);
            }
        }
        Value::Array(list) => {
            for value in list {
                add_references(value, schemas, needed);
            }
        }
        _ => {}
    }
}

/// The schema with every member demanded, and no others allowed.
fn strict(schema: &Value, left_out: &[&str]) -> Value {
    let schema = flattened(schema);
    let Value::Object(members) = &schema else {
        return match schema {
            Value::Array(list) => list.iter().map(|entry| strict(entry, &[])).collect(),
            other => other,
        };
    };
    let mut strict_members: Map<String, Value> = members
        .iter()
        .map(|(name, value)| match name.as_str() {
            "example" | "default" | "enum" | "required" => (name.clone(), value.clone()),
            "properties" => {
                let properties = value.as_object().unwrap().iter();
                let strict = properties.map(|(name, value)| (name.clone(), strict(value, &[])));
                (name.clone(), Value::Object(strict.collect()))
            }
            _ => (name.clone(), strict(value, &[])),
        })
        .collect();
    if let Some(Value::Object(properties)) = members.get("properties") {
        let required = properties
            .keys()
            .filter(|name| !left_out.contains(&name.as_str()));
        strict_members.insert("required".to_owned(), required.cloned().collect());
        strict_members.insert("additionalProperties".to_owned(), false.into());
    }
    Value::Object(strict_members)
}

/// A schema that is made of several as one.
fn flattened(schema: &Value) -> Value {
    let Some(parts) = schema.get("allOf").and_then(Value::as_array) else {
        return schema.clone();
    };
    let mut properties = Map::new();
    for part in parts {
        let part = match part.get("$ref").and_then(Value::as_str) {
            Some(reference) => {
                let name = reference.rsplit('/').next().unwrap();
                flattened(&openapi()["components"]["schemas"][name])
            }
            None => part.clone(),
        };
        properties.extend(part["properties"].as_object().unwrap().clone());
    }
    json!({ "type": "object", "properties": properties })
}

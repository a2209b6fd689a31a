//! The contract describes what is served, all of it, and nothing else. That
//! single answers keep to it, `support/contract.rs` checks in every test.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use actix_web::http::Method;
use serde_json::{Value, json};

use crate::support::contract::{
    self, CODES, check_issue, document, openapi, operations, validator_of_body,
};
use crate::support::{Actor, App};

/// Operations that need no credential.
const OPEN: [&str; 6] = [
    "sign_in",
    "get_liveness",
    "get_openapi",
    "get_readiness",
    "get_public_page",
    "read_fact_link",
];
/// Operations that take nothing but their path.
const WITHOUT_BODY: [&str; 4] = [
    "test_subscription",
    "replay_delivery",
    "resume_outbox",
    "rotate_release_link",
];
/// What is served beside the API and the dashboard: the browsable documentation.
const PAGES: [&str; 2] = ["/docs", "/docs/{_:.*}"];
/// Set it to `1` to write `openapi/openapi.json` anew.
const UPDATE: &str = "UPDATE_OPENAPI";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The text of a source file of the HTTP layer, by name.
fn sources() -> BTreeMap<String, String> {
    std::fs::read_dir(root().join("src/http"))
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            (name, std::fs::read_to_string(&path).unwrap())
        })
        .collect()
}

#[test]
#[expect(clippy::disallowed_methods, reason = "tests have no configuration")]
fn the_kept_document_is_the_served_one() {
    let path = root().join("openapi/openapi.json");
    if std::env::var(UPDATE).is_ok_and(|value| value == "1") {
        std::fs::write(&path, &document().json).unwrap();
    }
    let kept = std::fs::read(&path).unwrap();
    assert!(
        kept == document().json,
        "openapi/openapi.json is out of date; {UPDATE}=1 writes it anew"
    );
}

#[actix_web::test]
async fn the_service_serves_the_document() {
    let app = App::new().await;
    let answer = app.anonymous().get("/openapi.json").await;
    assert_eq!(answer.body, document().json);
    assert_eq!(openapi()["openapi"], "3.1.0");
    assert_eq!(openapi()["info"]["version"], env!("CARGO_PKG_VERSION"));
}

#[test]
fn every_operation_is_described() {
    let tags: BTreeSet<&str> = openapi()["tags"]
        .as_array()
        .unwrap()
        .iter()
        .map(|tag| {
            assert!(!tag["description"].as_str().unwrap().is_empty(), "{tag}");
            tag["name"].as_str().unwrap()
        })
        .collect();
    let mut ids = BTreeSet::new();
    let mut used = BTreeSet::new();
    for operation in operations() {
        let (id, json) = (operation.id, operation.json);
        assert!(ids.insert(id), "two operations are called {id}");
        let [tag] = json["tags"].as_array().unwrap().as_slice() else {
            panic!("{id} needs one tag: {}", json["tags"]);
        };
        assert!(tags.contains(tag.as_str().unwrap()), "{id}: {tag}");
        used.insert(tag.as_str().unwrap());
        let summary = json["summary"].as_str().unwrap_or_default();
        assert!(
            (3..=60).contains(&summary.len()),
            "summary of {id}: {summary}"
        );
        assert!(!summary.ends_with('.'), "summary of {id}: {summary}");
        let description = json["description"].as_str().unwrap_or_default();
        assert!(
            description.ends_with('.'),
            "description of {id}: {description}"
        );
        assert_ne!(summary, description, "{id}");
        for parameter in json["parameters"].as_array().into_iter().flatten() {
            let described = parameter["description"].as_str().unwrap_or_default();
            assert!(!described.is_empty(), "{id}: {parameter}");
        }
    }
    assert_eq!(tags, used, "a tag that no operation has");
}

#[test]
fn every_operation_says_whether_it_needs_a_credential() {
    let whole = &openapi()["security"];
    assert_eq!(
        *whole,
        json!([{ "bearer": [] }, { "api_key": [] }, { "basic": [] }])
    );
    assert_eq!(
        openapi()["components"]["securitySchemes"]["bearer"]["scheme"],
        "bearer"
    );
    for operation in operations() {
        let security = &operation.json["security"];
        if OPEN.contains(&operation.id) {
            assert_eq!(*security, json!([{}]), "{}", operation.id);
        } else {
            assert_eq!(*security, Value::Null, "{}", operation.id);
            assert!(operation.statuses().contains(&401), "{}", operation.id);
            assert!(operation.statuses().contains(&403), "{}", operation.id);
        }
    }
}

/// An example is worth what it is checked for.
#[test]
fn every_body_has_an_example_that_its_schema_accepts() {
    for operation in operations() {
        let body = &operation.json["requestBody"];
        if body.is_null() {
            assert!(
                !["post", "patch"].contains(&operation.method)
                    || WITHOUT_BODY.contains(&operation.id),
                "{}",
                operation.id
            );
            continue;
        }
        // A body that is no JSON is a file, shown as text.
        let content = &body["content"];
        let media = content
            .get("application/json")
            .unwrap_or(&content["text/csv"]);
        let schema = &media["schema"];
        let mut examples = examples(schema);
        examples.extend(media.get("example"));
        assert!(
            !examples.is_empty(),
            "{} has no example: {schema}",
            operation.id
        );
        for example in examples {
            let validator = validator_of_body(schema);
            let faults: Vec<String> = validator
                .iter_errors(example)
                .map(|fault| fault.to_string())
                .collect();
            assert!(faults.is_empty(), "{}: {example} {faults:?}", operation.id);
        }
    }
}

/// The examples of a schema, wherever they stand.
fn examples(schema: &'static Value) -> Vec<&'static Value> {
    if let Some(example) = schema.get("example") {
        return vec![example];
    }
    if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
        return examples(openapi().pointer(&reference[1..]).unwrap());
    }
    let alternatives = ["oneOf", "anyOf", "allOf"]
        .iter()
        .filter_map(|name| schema.get(name)?.as_array());
    alternatives.flatten().flat_map(examples).collect()
}

#[test]
fn successes_have_a_body_and_a_schema_or_neither() {
    for operation in operations() {
        let successes: Vec<u16> = operation
            .statuses()
            .into_iter()
            .filter(|status| *status < 400)
            .collect();
        assert!(!successes.is_empty(), "{}", operation.id);
        for status in successes {
            let content = operation.content(status);
            let has_body = ![204, 304].contains(&status);
            assert_eq!(content.is_some(), has_body, "{} {status}", operation.id);
        }
    }
}

/// The document names every code of a problem, each only where its status is
/// documented, and every documented failure is a problem.
#[test]
fn failures_are_problems_with_known_codes() {
    let mut named = BTreeSet::new();
    for operation in operations() {
        for status in operation
            .statuses()
            .into_iter()
            .filter(|status| *status >= 400)
        {
            let what = format!("{} {status}", operation.id);
            let response = operation.response(status);
            let problem = &response["content"]["application/problem+json"];
            assert_eq!(
                problem["schema"]["$ref"], "#/components/schemas/Problem",
                "{what}"
            );
            let description = response["description"].as_str().unwrap();
            let codes: Vec<&str> = CODES
                .iter()
                .filter(|(code, _)| description.contains(&format!("`{code}`")))
                .map(|(code, _)| *code)
                .collect();
            assert!(!codes.is_empty(), "{what} names no code: {description}");
            for code in &codes {
                assert_eq!(contract::status_of(code), status, "{what}: {code}");
            }
            named.extend(codes);
            let example = &problem["example"];
            let faults = validator_of_body(&problem["schema"]).validate(example);
            assert!(faults.is_ok(), "{what}: {faults:?}");
        }
    }
    let all: BTreeSet<&str> = CODES.iter().map(|(code, _)| *code).collect();
    // 405 belongs to no operation: it is the answer where there is none.
    named.insert("method_not_allowed");
    assert_eq!(named, all);
    let described = openapi().to_string();
    for code in all {
        assert!(
            described.contains(code),
            "the document does not know {code}"
        );
    }
}

/// The codes of the tests, copied from `api.md`, are those of the service.
#[test]
fn the_codes_are_those_of_the_service() {
    use shirube::http::problem::ProblemCode;
    let mut ours: Vec<(&str, u16)> = ProblemCode::CODES
        .iter()
        .map(|(code, problem)| (*code, problem.status().as_u16()))
        .collect();
    let mut expected = CODES.to_vec();
    ours.sort_unstable();
    expected.sort_unstable();
    assert_eq!(ours, expected);
}

/// Every handler of the source is in the document, under its method and path,
/// and nothing else is served but the documentation's pages.
#[test]
fn the_document_has_every_handler() {
    let mut handlers = BTreeSet::new();
    let mut others = BTreeSet::new();
    for (file, text) in sources() {
        for line in text.lines().map(str::trim) {
            for method in ["get", "post", "put", "patch", "delete", "head", "options"] {
                if let Some(path) = line
                    .strip_prefix(&format!("#[{method}(\""))
                    .and_then(|rest| rest.split('"').next())
                {
                    handlers.insert((method.to_owned(), path.to_owned()));
                }
            }
            for place in [
                "web::resource(\"",
                "SwaggerUi::new(\"",
                "web::scope(\"",
                ".route(\"",
            ] {
                if let Some((_, rest)) = line.split_once(place) {
                    let path = rest.split('"').next().unwrap();
                    others.insert((file.clone(), path.to_owned()));
                }
            }
        }
    }
    let documented: BTreeSet<(String, String)> = operations()
        .iter()
        .map(|operation| (operation.method.to_owned(), operation.path.to_owned()))
        .collect();
    assert_eq!(handlers, documented);
    let pages: BTreeSet<(String, String)> = PAGES
        .iter()
        .map(|path| ("server.rs".to_owned(), (*path).to_owned()))
        .collect();
    assert_eq!(others, pages);
}

/// A path answers exactly its documented methods; any other is 405 with them
/// in `Allow`, and `HEAD` goes wherever `GET` does.
#[actix_web::test]
async fn every_path_answers_exactly_its_methods() {
    let app = App::new().await;
    let release = json!({ "title": { "ja": "公開" }, "detail": "stages" });
    let made = app.as_prefecture().post("/v1/releases", &release).await;
    let made = made.expect(201);
    let mut by_path: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for operation in operations() {
        let methods = by_path.entry(operation.path).or_default();
        methods.insert(operation.method.to_ascii_uppercase());
        if operation.method == "get" {
            methods.insert("HEAD".to_owned());
        }
    }
    for (pattern, allowed) in by_path {
        let path: String = pattern
            .split('/')
            .map(|part| match part {
                // What is open answers 404 for what is not there.
                "{token}" => made["token"].as_str().unwrap(),
                part if part.starts_with('{') => "x",
                part => part,
            })
            .collect::<Vec<_>>()
            .join("/");
        for method in [
            "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW",
        ] {
            let verb = Method::from_bytes(method.as_bytes()).unwrap();
            let answer = app.anonymous().send(verb, &path, None).await;
            if allowed.contains(method) {
                assert_ne!(answer.status, 404, "{method} {path}");
                assert_ne!(answer.status, 405, "{method} {path}");
                continue;
            }
            answer.problem("method_not_allowed");
            let said: BTreeSet<String> = answer
                .header("allow")
                .unwrap()
                .split(", ")
                .map(str::to_owned)
                .collect();
            assert_eq!(said, allowed, "{method} {path}");
        }
    }
}

#[actix_web::test]
async fn unknown_paths_are_not_found() {
    let app = App::new().await;
    for path in [
        "/nowhere",
        "/v1",
        "/v1/",
        "/v2/scorecards",
        "/v1/scorecards/",
        "/v1/scorecards/a/b",
        "/v1/scorecards/a/months/2026-09",
        "/v1//hubs",
        "/V1/hubs",
        "/healthz/",
        "/v1/scorecards/%2e%2e/%2e%2e/healthz",
    ] {
        for caller in [app.anonymous(), app.client(Actor::National)] {
            caller.get(path).await.problem("not_found");
            caller.post(path, &json!({})).await.problem("not_found");
        }
    }
}

/// The documentation comes from the binary alone.
#[actix_web::test]
async fn the_documentation_is_served() {
    let app = App::new().await;
    let answer = app.anonymous().get("/docs").await;
    assert_eq!(answer.status, 307);
    assert_eq!(answer.header("location"), Some("/docs/"));
    let page = app.anonymous().get("/docs/").await;
    assert_eq!(page.status, 200);
    assert!(page.text().contains("swagger-ui"), "{}", page.text());
    assert!(
        !page.text().contains("://"),
        "loads from elsewhere: {}",
        page.text()
    );
}

/// The checker itself notices what it is there for.
#[test]
fn undocumented_and_absent_members_are_noticed() {
    let schema = json!({ "$ref": "#/components/schemas/Named" });
    let validator = contract::validator_of(&schema);
    let name = json!({ "ja": "山形県", "en": "Yamagata" });
    assert!(validator.is_valid(&json!({ "code": "06", "name": name })));
    assert!(!validator.is_valid(&json!({ "code": "06" })));
    assert!(!validator.is_valid(&json!({ "code": 6, "name": name })));
    assert!(!validator.is_valid(&json!({ "code": "06", "name": name, "more": 1 })));
    let cell = contract::validator_of(&json!({ "$ref": "#/components/schemas/ItemCell" }));
    assert!(
        !cell.is_valid(&json!({ "item": "a", "state": "reported" })),
        "nulls are left out"
    );
    let issue = json!({
        "severity": "error", "code": "missing", "path": "/month",
        "message": { "ja": "月がありません。", "en": "No month." }
    });
    check_issue(&issue, "a complete issue");
}

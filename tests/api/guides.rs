//! The guides for dashboards and spreadsheets: every request that they tell a
//! tool to make is made as the tool makes it, and answers what the tool then reads.

use std::collections::BTreeSet;
use std::path::Path;

use actix_web::http::Method;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use shirube::domain::fact::{COLUMNS, Kind};

use crate::facts::{history, link, names, of_csv, rows};
use crate::support::fixtures::LAST;
use crate::support::{Actor, Answer, App, Client};

const HOST: &str = "https://shirube.example";
const GUIDES: [&str; 2] = ["facts.md", "facts.ja.md"];

fn read(file: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("docs")
        .join(file);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn json_of(file: &str) -> Value {
    serde_json::from_str(&read(file)).unwrap()
}

/// The blocks of code in this language, in their order.
fn blocks(text: &str, language: &str) -> Vec<String> {
    // Outside, inside, outside, …
    let parts = text.split("```").enumerate();
    parts
        .filter(|(index, _)| index % 2 == 1)
        .filter_map(|(_, block)| block.split_once('\n'))
        .filter(|(named, _)| *named == language)
        .map(|(_, code)| code.to_owned())
        .collect()
}

/// The text between two others, from where the first one is.
fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    let start = text.find(before).unwrap_or_else(|| panic!("no {before}")) + before.len();
    let length = text[start..]
        .find(after)
        .unwrap_or_else(|| panic!("no {after}"));
    &text[start..start + length]
}

fn path_of(url: &str) -> &str {
    url.strip_prefix(HOST)
        .unwrap_or_else(|| panic!("another host: {url}"))
}

/// A reader with its key in the header that a tool sends.
fn as_basic(app: &App, key: &str) -> Client {
    let pair = STANDARD.encode(format!("anything:{key}"));
    app.anonymous()
        .with("Authorization", &format!("Basic {pair}"))
}

#[test]
fn both_languages_show_the_same_code() {
    for language in ["m", "sh", "python", "json", "yaml", "sql", "text", ""] {
        let [english, japanese] = GUIDES.map(|file| blocks(&read(file), language));
        assert_eq!(english, japanese, "{language}");
        let [english, japanese] =
            ["metabase.md", "metabase.ja.md"].map(|file| blocks(&read(file), language));
        assert_eq!(english, japanese, "{language}");
    }
}

/// Power Query: a constant address, `RelativePath` and `Query` beside it, the key
/// as the password of Basic.
#[actix_web::test]
async fn the_csv_of_power_query_has_the_columns_and_types_that_it_names() {
    let app = App::new().await;
    history(&app).await;
    let reader = as_basic(&app, app.key(Actor::ViewerOfNation));
    for file in GUIDES {
        let code = &blocks(&read(file), "m")[0];
        assert_eq!(between(code, "Web.Contents(\"", "\""), HOST);
        let path = format!(
            "/{}?{}",
            between(code, "RelativePath = \"", "\""),
            query_of(between(code, "Query = [", "]"), "")
        );
        let answer = reader.get(&path).await;
        assert_eq!(answer.status, 200, "{path}");
        let type_of = answer.header("content-type").unwrap();
        assert!(type_of.starts_with("text/csv; charset=utf-8"), "{type_of}");
        // 65001 is UTF-8, and a byte order mark would be part of the first heading.
        assert!(code.contains("Delimiter = \",\", Encoding = 65001"));
        let records = of_csv(answer.text());
        assert_eq!(records.len(), rows(&app.as_national(), "").await.len());
        let typed = between(code, "TransformColumnTypes(Table, {{", "}}");
        let mut named = BTreeSet::new();
        for pair in typed.split("}, {") {
            let (name, kind) = pair.split_once(", ").unwrap();
            let name = name.trim_matches('"');
            let column = COLUMNS.iter().find(|column| column.name == name).unwrap();
            let expected = match column.kind {
                Kind::Integer => "Int64.Type",
                Kind::Number => "type number",
                Kind::Boolean => "type logical",
                Kind::Text | Kind::Code | Kind::Month => "a text",
            };
            assert_eq!(kind, expected, "{name}");
            for record in &records {
                let value = &record[name];
                let fits = match column.kind {
                    Kind::Integer => value.parse::<i64>().is_ok(),
                    Kind::Number => value.is_empty() || value.parse::<f64>().is_ok(),
                    _ => ["true", "false"].contains(&value.as_str()),
                };
                assert!(fits, "{name} {value:?}");
            }
            named.insert(name);
        }
        let not_texts = COLUMNS
            .iter()
            .filter(|column| matches!(column.kind, Kind::Integer | Kind::Number | Kind::Boolean));
        assert_eq!(named, not_texts.map(|column| column.name).collect());
        // The months are made into days by this pattern.
        assert!(code.contains("[month] & \"-01\", [Format = \"yyyy-MM-dd\"]"));
        assert!(records.iter().all(|record| record["month"].len() == 7));
    }
}

/// `a = "b", c = d` as a query; `d` is the cursor.
fn query_of(record: &str, cursor: &str) -> String {
    let pairs = record.split(", ").map(|pair| {
        let (name, value) = pair.split_once(" = ").unwrap();
        match value.strip_prefix('"') {
            Some(text) => format!("{name}={}", text.trim_end_matches('"')),
            None => format!("{name}={cursor}"),
        }
    });
    pairs.collect::<Vec<_>>().join("&")
}

/// `List.Generate`: from the first page on, until one names no other.
#[actix_web::test]
async fn the_pages_of_power_query_end_and_are_one_table() {
    let app = App::new().await;
    history(&app).await;
    let reader = as_basic(&app, app.key(Actor::ViewerOfNation));
    let whole = rows(&app.as_national(), "").await;
    for file in GUIDES {
        let code = &blocks(&read(file), "m")[1];
        assert_eq!(between(code, "Web.Contents(\"", "\""), HOST);
        let path = between(code, "RelativePath = \"", "\"");
        let first = between(code, "if cursor = \"\" then [", "]");
        let later = between(code, "else [", "]");
        for limit in ["10000", "50"] {
            let (first, later) = (first.replace("10000", limit), later.replace("10000", limit));
            let (mut table, mut cursor, mut pages) = (Vec::new(), String::new(), 0);
            loop {
                let record = if cursor.is_empty() { &first } else { &later };
                let asked = format!("/{path}?{}", query_of(record, &cursor));
                let page = reader.get(&asked).await.expect(200);
                table.extend(page["items"].as_array().unwrap().clone());
                pages += 1;
                match page["next_cursor"].as_str() {
                    Some(next) => next.clone_into(&mut cursor),
                    None => break,
                }
            }
            assert_eq!(table, whole, "{file} {limit}");
            assert_eq!(pages > 1, limit == "50");
            // Table.FromRecords takes the columns of the first record for all.
            assert!(
                table
                    .iter()
                    .all(|row| row.as_object().unwrap().len() == names().len())
            );
        }
    }
}

/// `IMPORTDATA` sends no header, follows no sign-in, and reads a CSV.
#[actix_web::test]
async fn the_link_of_google_sheets_needs_no_header() {
    let app = App::new().await;
    history(&app).await;
    for file in GUIDES {
        let text = read(file);
        let shown = between(&text, "=IMPORTDATA(\"", "\")");
        let body: Value = serde_json::from_str(
            between(&text, "`POST /v1/fact-links`", "}`")
                .split_once('`')
                .map(|(_, json)| format!("{json}}}"))
                .unwrap()
                .replace("2028", "2026")
                .as_str(),
        )
        .unwrap();
        let (_, made) = link(&app.client(Actor::ViewerOfNation), &body).await;
        let token = path_of(shown).rsplit('/').next().unwrap();
        let asked = path_of(shown).replace(token, made.rsplit('/').next().unwrap());
        assert_eq!(asked, made, "the guide shows the address as it is made");
        let answer = app.anonymous().get(&asked).await;
        assert_eq!(answer.status, 200);
        assert!(answer.header("location").is_none());
        assert!(!of_csv(answer.text()).is_empty());
    }
}

/// What Infinity's back end does: the provisioned header, each query's address
/// as it stands, the rows below the root selector, one member for each column.
#[actix_web::test]
async fn the_infinity_dashboard_asks_for_what_is_there() {
    let app = App::new().await;
    history(&app).await;
    let provisioned = read("grafana/datasource.yaml");
    let key = app.key(Actor::ViewerOfNation);
    assert!(provisioned.contains("auth_method: bearerToken"));
    assert!(provisioned.contains("bearerToken: $SHIRUBE_KEY"));
    assert!(provisioned.contains(&format!("allowedHosts:\n        - {HOST}\n")));
    // The queries' addresses follow the data source's, so that it alone names the server.
    assert!(provisioned.contains(&format!("    url: {HOST}\n")));
    let reader = app
        .anonymous()
        .with("Authorization", &format!("Bearer {key}"));
    let health = between(&provisioned, "customHealthCheckUrl: ", "\n");
    reader.get(path_of(health)).await.expect(200);
    let dashboard = json_of("grafana/dashboard.json");
    assert!(!dashboard.to_string().contains("shirube.example"));
    for target in targets(&dashboard, "yesoreyeram-infinity-datasource", &provisioned) {
        assert_eq!(target["parser"], "backend");
        assert_eq!(target["url_options"]["method"], "GET");
        let path = target["url"].as_str().unwrap();
        let page = reader.get(path).await.expect(200);
        let found = page[target["root_selector"].as_str().unwrap()]
            .as_array()
            .unwrap()
            .clone();
        assert!(!found.is_empty(), "{}", target["url"]);
        for column in target["columns"].as_array().unwrap() {
            let name = column["selector"].as_str().unwrap();
            for row in &found {
                let value = member(row, name);
                let fits = match column["type"].as_str().unwrap() {
                    "string" => value.is_string() || value.is_null(),
                    "number" => value.is_number() || value.is_null(),
                    // Go's layout of `2028-09`.
                    "timestamp" => {
                        column["timestampFormat"] == "2006-01" && value.as_str().unwrap().len() == 7
                    }
                    other => panic!("{other}"),
                };
                assert!(fits, "{name} {value}");
            }
        }
    }
}

/// What the plugin "JSON API" does: Grafana's proxy adds the header, the path and
/// the parameters of a query follow the data source's address, and the values of
/// all fields are as many.
#[actix_web::test]
async fn the_json_api_dashboard_asks_for_what_is_there() {
    let app = App::new().await;
    history(&app).await;
    let provisioned = read("grafana/json-datasource.yaml");
    assert_eq!(
        between(&provisioned, "httpHeaderName1: ", "\n"),
        "X-API-Key"
    );
    assert_eq!(
        between(&provisioned, "httpHeaderValue1: ", "\n"),
        "$SHIRUBE_KEY"
    );
    let reader = app
        .anonymous()
        .with("X-API-Key", app.key(Actor::ViewerOfNation));
    let dashboard = json_of("grafana/json-dashboard.json");
    for target in targets(&dashboard, "marcusolsson-json-datasource", &provisioned) {
        assert_eq!(target["method"], "GET");
        let uid = target["datasource"]["uid"].as_str().unwrap();
        let source = between(&provisioned, &format!("uid: {uid}\n"), "jsonData:");
        let address = path_of(between(source, " url: ", "\n"));
        // "Save & test" asks for the address alone.
        reader.get(address).await.expect(200);
        let params = target["params"].as_array().unwrap().iter();
        let params = params.map(|pair| {
            format!(
                "{}={}",
                pair[0].as_str().unwrap(),
                pair[1].as_str().unwrap()
            )
        });
        let path = format!(
            "{address}{}?{}",
            target["urlPath"].as_str().unwrap(),
            params.collect::<Vec<_>>().join("&")
        );
        let page = reader.get(&path).await.expect(200);
        let found = page["items"].as_array().unwrap();
        assert!(!found.is_empty(), "{path}");
        for field in target["fields"].as_array().unwrap() {
            let selector = field["jsonPath"].as_str().unwrap();
            let name = selector.strip_prefix("$.items[*].").unwrap();
            // A member that were left out would shift the others' rows.
            for row in found {
                let value = member(row, name);
                let fits = match field["type"].as_str().unwrap() {
                    "number" => value.is_number() || value.is_null(),
                    _ => value.is_string() || value.is_null(),
                };
                assert!(fits, "{name} {value}");
            }
        }
    }
}

/// The member of a row that a tool finds by names with dots between them.
fn member<'a>(row: &'a Value, name: &str) -> &'a Value {
    let pointer = format!("/{}", name.replace('.', "/"));
    row.pointer(&pointer)
        .unwrap_or_else(|| panic!("no column {name}"))
}

/// What the guides call red now: the open alerts are the red items of the last month.
#[actix_web::test]
async fn open_alerts_are_what_is_red_now() {
    let app = App::new().await;
    history(&app).await;
    let reader = app.client(Actor::ViewerOfNation);
    let facts = rows(&reader, &format!("&flag=red&from={LAST}")).await;
    let alerts = reader.get("/v1/alerts?state=open&limit=200").await;
    let alerts = alerts.expect(200)["items"].as_array().unwrap().clone();
    let keys = |rows: &[Value]| -> BTreeSet<[String; 3]> {
        let names = ["scorecard", "item", "month"];
        let keys = rows
            .iter()
            .map(|row| names.map(|name| row[name].as_str().unwrap().to_owned()));
        keys.collect()
    };
    assert!(!facts.is_empty());
    assert_eq!(keys(&alerts), keys(&facts));
    // Over all months there are more rows than items.
    assert!(rows(&reader, "&flag=red").await.len() > facts.len());
}

/// Every query of a dashboard; each is of a data source that is provisioned.
fn targets(dashboard: &Value, kind: &str, provisioned: &str) -> Vec<Value> {
    let panels = dashboard["panels"].as_array().unwrap();
    let mut targets = Vec::new();
    for panel in panels {
        let source = &panel["datasource"];
        let uid = source["uid"].as_str().unwrap();
        assert_eq!(source["type"], kind);
        assert!(provisioned.contains(&format!("uid: {uid}\n    type: {kind}\n")));
        for target in panel["targets"].as_array().unwrap() {
            assert_eq!(target["datasource"], *source);
            targets.push(target.clone());
        }
    }
    assert_eq!(targets.len(), panels.len());
    targets
}

/// The scripts: pandas reads a CSV with one header, curl takes lines.
#[actix_web::test]
async fn the_scripts_read_what_they_ask_for() {
    let app = App::new().await;
    history(&app).await;
    let key = app.key(Actor::ViewerOfNation);
    for file in GUIDES {
        let text = read(file);
        let code = &blocks(&text, "python")[0];
        let header = between(code, "storage_options={\"", "\": key}");
        let reader = app.anonymous().with(header, key);
        let answer = reader
            .get(path_of(between(code, "read_csv(\"", "\"")))
            .await;
        let records = of_csv(answer.text());
        assert!(records.iter().any(|record| record["prefecture"] == "06"));
        let code = &blocks(&text, "sh")[0];
        let reader = app.anonymous().with(between(code, "-H \"", ":"), key);
        let answer = reader.get(path_of(between(code, "'", "'"))).await;
        let lines = answer.text().lines().map(serde_json::from_str::<Value>);
        assert_eq!(lines.flatten().count(), records.len());
    }
}

/// Tools ask with HEAD whether an address is good, some of them before they send
/// a key, and read what may be asked.
#[actix_web::test]
async fn tools_may_knock() {
    let app = App::new().await;
    history(&app).await;
    let client = app.client(Actor::ViewerOfNation);
    let (_, by_link) = link(&client, &json!({ "name": "x", "format": "csv" })).await;
    let alone = [
        "etag",
        "content-type",
        "content-disposition",
        "next-cursor",
        "cache-control",
    ];
    for path in [
        "/v1/facts",
        "/v1/facts?limit=10",
        "/v1/facts?format=csv",
        "/v1/facts?format=ndjson&limit=5",
        "/v1/facts/columns",
        &by_link,
    ] {
        let get = client.get(path).await;
        let head = client.send(Method::HEAD, path, None).await;
        assert_eq!((head.status, get.status), (200, 200), "{path}");
        for name in alone {
            assert_eq!(head.header(name), get.header(name), "{name} of {path}");
        }
    }
    let knock = |method: Method, path: &'static str| {
        let anonymous = app.anonymous();
        async move { anonymous.send(method, path, None).await }
    };
    for method in [Method::GET, Method::HEAD] {
        let answer = knock(method, "/v1/facts").await;
        assert_eq!(answer.status, 401);
        assert!(answer.header("www-authenticate").is_some());
    }
    for method in [
        Method::POST,
        Method::PUT,
        Method::DELETE,
        Method::PATCH,
        Method::OPTIONS,
    ] {
        let answer: Answer = knock(method.clone(), "/v1/facts").await;
        assert_eq!(answer.status, 405, "{method}");
        assert_eq!(answer.header("allow"), Some("GET, HEAD"));
    }
    // Two credentials that differ are nobody's, in whatever two headers.
    let two = client.with("X-API-Key", app.key(Actor::Hub));
    two.get("/v1/facts").await.problem("unauthenticated");
    let two = as_basic(&app, app.key(Actor::Hub)).with("X-API-Key", app.key(Actor::National));
    two.get("/v1/facts").await.problem("unauthenticated");
    // No page of another origin reads by a browser's leave.
    let crossing = client.with("Origin", "https://elsewhere.example");
    let answer = crossing.get("/v1/facts?limit=1").await;
    assert_eq!(answer.header("access-control-allow-origin"), None);
}

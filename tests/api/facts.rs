//! Facts: the same rows in every form, the same verdicts as the evaluated
//! scorecard, and links to them.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::TimeDelta;
use serde_json::{Value, json};
use shirube::domain::fact::COLUMNS;

use crate::support::fixtures::{self, LAST, item, month, month_on_plan, own_scorecard};
use crate::support::{Actor, App, Client};

/// `api.md`, Facts: the columns in their order.
const NAMES: &str = "scorecard, scorecard_key, prefecture, prefecture_name, hub, hub_name, \
    market_type, template, item, item_name, item_name_en, perspective, stage, track, measure, \
    unit, direction, high_hurdle, month, fiscal_year, fiscal_quarter, programme_year, \
    programme_month, cell_state, value, numerator, denominator, actual, plan, target, attainment, \
    shortfall, status, flag, plan_version";

pub fn names() -> Vec<&'static str> {
    NAMES.split(", ").collect()
}

/// Three scorecards with seven months each: as planned, with gaps, and with a
/// plan that was revised in between; names that Excel would take for formulas.
pub async fn history(app: &App) -> Vec<String> {
    let mut ids = Vec::new();
    for hub in ["ehime", "yamagata", "yonezawa"] {
        let mut card = own_scorecard(hub);
        let items = &mut card["definition"]["items"];
        items[0]["name"]["ja"] = "=HYPERLINK(\"x\"),研修".into();
        items[1]["name"]["en"] = "@staff".into();
        ids.push(app.scorecard(&card).await);
    }
    for (index, id) in ids.iter().enumerate() {
        for t in 1..=7 {
            let mut values = month_on_plan(t);
            if index > 0 {
                let list = values.as_array_mut().unwrap();
                list.retain(|value| value["item"] != "refer" || t % 3 != 0);
                list[6]["value"] = (t % 2).into();
                let fees = list.last_mut().unwrap();
                if t == 5 {
                    *fees = json!({ "item": "fees", "not_applicable": "請求なし" });
                }
            }
            app.report(id, &month(t), values).await;
        }
    }
    let revision = json!({ "effective_month": month(4), "reason": "見直し", "changes": [
        { "op": "retire", "kind": "item", "key": "hours" },
        { "op": "change", "kind": "item", "key": "consult", "after": { "high_hurdle": false } }
    ]});
    let path = format!("/v1/scorecards/{}/revisions", ids[1]);
    let made = app.as_prefecture().post(&path, &revision).await.expect(201);
    if made["state"] == "proposed" {
        let approve = format!("{path}/{}/approve", made["version"]);
        app.as_national()
            .post(&approve, &json!({}))
            .await
            .expect(200);
    }
    ids
}

pub async fn rows(client: &Client, query: &str) -> Vec<Value> {
    let page = client.get(&format!("/v1/facts?limit=10000{query}")).await;
    let page = page.expect(200);
    assert_eq!(page["next_cursor"], Value::Null);
    page["items"].as_array().unwrap().clone()
}

pub fn of_csv(text: &str) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    assert_eq!(
        reader.headers().unwrap().iter().collect::<Vec<_>>(),
        names()
    );
    reader.deserialize().map(Result::unwrap).collect()
}

/// A value as a CSV writes it.
fn written(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) if text.starts_with(['=', '+', '-', '@', '\t', '\r']) => {
            format!("'{text}")
        }
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[actix_web::test]
async fn every_form_has_every_column_of_every_row() {
    let app = App::new().await;
    history(&app).await;
    let national = app.as_national();
    let rows = rows(&national, "").await;
    // Three times 11 items in 7 months, without one from the fourth month on.
    assert_eq!(rows.len(), 3 * 11 * 7 - 4);
    let order: Vec<&str> = COLUMNS.iter().map(|column| column.name).collect();
    assert_eq!(order, names());
    let raw = national.get("/v1/facts?limit=1").await;
    let mut last = 0;
    for name in names() {
        let place = raw.text().find(&format!("\"{name}\":")).unwrap();
        assert!(place > last, "{name} out of order");
        last = place;
    }
    let lines = national.get("/v1/facts?format=ndjson").await;
    assert_eq!(lines.header("content-type"), Some("application/x-ndjson"));
    let lines: Vec<Value> = lines
        .text()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines, rows);
    let csv = national.get("/v1/facts?format=csv").await;
    assert_eq!(
        csv.header("content-type"),
        Some("text/csv; charset=utf-8; header=present")
    );
    let text = csv
        .text()
        .strip_prefix('\u{feff}')
        .expect("a mark for Excel");
    assert_eq!(text.matches("\r\n").count(), rows.len() + 1);
    let records = of_csv(text);
    assert_eq!(records.len(), rows.len());
    for (record, row) in records.iter().zip(&rows) {
        assert_eq!(row.as_object().unwrap().len(), COLUMNS.len());
        for name in names() {
            assert_eq!(record[name], written(&row[name]), "{name} of {row}");
        }
    }
    assert!(text.contains("'=HYPERLINK") && text.contains("'@staff"));
    let accepted = national.with("Accept", "text/csv").get("/v1/facts").await;
    assert_eq!(accepted.body, csv.body);
    let accepted = national
        .with("Accept", "text/html, application/x-ndjson")
        .get("/v1/facts")
        .await;
    assert_eq!(
        accepted.header("content-type"),
        Some("application/x-ndjson")
    );
    national
        .with("Accept", "image/png")
        .get("/v1/facts")
        .await
        .problem("not_acceptable");
}

/// Every row is what the evaluated scorecard shows of that month.
#[actix_web::test]
async fn rows_say_what_the_evaluated_scorecard_says() {
    let app = App::new().await;
    history(&app).await;
    let rows = rows(&app.as_national(), "").await;
    let mut cards: BTreeMap<(String, String), Value> = BTreeMap::new();
    let mut statuses = BTreeSet::new();
    for row in &rows {
        let text = |name: &str| row[name].as_str().unwrap().to_owned();
        let key = (text("scorecard"), text("month"));
        if !cards.contains_key(&key) {
            let path = format!("/v1/scorecards/{}?month={}", key.0, key.1);
            cards.insert(key.clone(), app.as_national().get(&path).await.expect(200));
        }
        let card = &cards[&key];
        let item = item(card, &text("item"));
        for name in [
            "measure",
            "unit",
            "direction",
            "high_hurdle",
            "actual",
            "plan",
            "target",
            "attainment",
            "shortfall",
            "status",
            "flag",
        ] {
            assert_eq!(row[name], item[name], "{name} of {row}");
        }
        statuses.insert(text("status"));
        assert_eq!(row["item_name"], item["name"]["ja"]);
        assert_eq!(row["item_name_en"], item["name"]["en"]);
        assert_eq!(row["cell_state"], item["cell"]["state"]);
        assert_eq!(row["numerator"], item["cell"]["numerator"]);
        assert_eq!(row["denominator"], item["cell"]["denominator"]);
        if row["measure"] != "ratio" {
            assert_eq!(row["value"], item["cell"]["value"]);
        }
        assert_eq!(row["plan_version"], card["plan_version"]);
        assert_eq!(row["scorecard_key"], card["key"]);
        for (name, of) in [("prefecture", "prefecture"), ("hub", "hub")] {
            assert_eq!(row[name], card[of]["code"]);
            assert_eq!(row[format!("{name}_name")], card[of]["name"]["ja"]);
        }
        let programme = &card["programme"];
        assert_eq!(row["programme_month"], programme["t"]);
        assert_eq!(row["programme_year"], programme["year"]);
        assert_eq!(row["fiscal_year"], programme["fiscal_year"]);
    }
    // As many rows as items, and figures such that it could have mattered.
    for ((id, month), card) in &cards {
        let counted = rows
            .iter()
            .filter(|row| row["scorecard"] == **id && row["month"] == **month);
        let items: usize = card["perspectives"]
            .as_array()
            .unwrap()
            .iter()
            .flat_map(|perspective| perspective["steps"].as_array().unwrap())
            .map(|step| step["items"].as_array().unwrap().len())
            .sum();
        assert_eq!(counted.count(), items, "{id} {month}");
    }
    for status in [
        "behind",
        "no_data",
        "on_track",
        "not_applicable",
        "achieved",
    ] {
        assert!(statuses.contains(status), "no {status}: {statuses:?}");
    }
}

#[actix_web::test]
async fn filters_choose_rows_and_pages_add_up_to_the_whole() {
    let app = App::new().await;
    let ids = history(&app).await;
    let national = app.as_national();
    let all = rows(&national, "").await;
    for (filter, name, value) in [
        ("prefecture=06", "prefecture", json!("06")),
        ("hub=ehime", "hub", json!("ehime")),
        (&format!("scorecard={}", ids[1]), "scorecard", json!(ids[1])),
        ("market_type=growth", "market_type", json!("growth")),
        ("market_type=mature", "market_type", json!("mature")),
        (
            "template=mature-hard-to-fill",
            "template",
            json!("mature-hard-to-fill"),
        ),
        ("stage=consult", "stage", json!("consult")),
        ("perspective=learning", "perspective", json!("learning")),
        ("item=fees", "item", json!("fees")),
        ("fiscal_year=2026", "fiscal_year", json!(2026)),
        ("fiscal_year=2027", "fiscal_year", json!(2027)),
        ("status=behind", "status", json!("behind")),
        ("flag=red", "flag", json!("red")),
        ("high_hurdle=true", "high_hurdle", json!(true)),
        ("high_hurdle=false", "high_hurdle", json!(false)),
    ] {
        let expected: Vec<Value> = all
            .iter()
            .filter(|row| row[name] == value)
            .cloned()
            .collect();
        assert_eq!(
            rows(&national, &format!("&{filter}")).await,
            expected,
            "{filter}"
        );
    }
    let between = |row: &&Value| {
        let month = row["month"].as_str().unwrap();
        ("2026-05"..="2026-06").contains(&month)
    };
    let expected: Vec<Value> = all.iter().filter(between).cloned().collect();
    assert_eq!(rows(&national, "&from=2026-05&to=2026-06").await, expected);
    for limit in [1, 7, 64, 500] {
        for (filter, whole) in [("", &all), ("&from=2026-05&to=2026-06", &expected)] {
            if limit == 1 && filter.is_empty() {
                continue;
            }
            let mut walked = Vec::new();
            let mut cursor = String::new();
            loop {
                let path = format!("/v1/facts?limit={limit}{filter}{cursor}");
                let page = national.get(&path).await.expect(200);
                let items = page["items"].as_array().unwrap();
                assert!(items.len() <= limit && !items.is_empty());
                walked.extend(items.iter().cloned());
                match page["next_cursor"].as_str() {
                    Some(next) => cursor = format!("&cursor={next}"),
                    None => break,
                }
            }
            assert_eq!(&walked, whole, "{limit} {filter}");
        }
    }
    // The other forms say in headers what JSON says in its body.
    let page = national
        .get("/v1/facts?format=csv&encoding=utf-8&limit=10")
        .await;
    let next = page.header("next-cursor").unwrap().to_owned();
    let rest = national
        .get(&format!(
            "/v1/facts?format=csv&encoding=utf-8&cursor={next}"
        ))
        .await;
    assert_eq!(
        of_csv(page.text()).len() + of_csv(rest.text()).len(),
        all.len()
    );
}

/// A scorecard goes on with the state that its first page was of.
#[actix_web::test]
async fn pages_of_a_scorecard_are_of_one_state() {
    let app = App::new().await;
    let id = app.own_scorecard().await;
    app.report(&id, LAST, month_on_plan(7)).await;
    let hub = app.as_hub();
    let before = rows(&hub, "").await;
    let first = hub.get("/v1/facts?limit=40").await.expect(200);
    app.clock.advance(TimeDelta::hours(1));
    app.report(&id, LAST, json!([{ "item": "consult", "value": 40 }]))
        .await;
    let path = format!(
        "/v1/facts?limit=1000&cursor={}",
        first["next_cursor"].as_str().unwrap()
    );
    let second = hub.get(&path).await.expect(200);
    let mut walked = first["items"].as_array().unwrap().clone();
    walked.extend(second["items"].as_array().unwrap().iter().cloned());
    assert_eq!(walked, before);
    assert_ne!(rows(&hub, "").await, before);
    assert_eq!(second["next_since"], first["next_since"]);
    // What was missed is in the next pull.
    let since = first["next_since"].as_str().unwrap();
    let later = rows(&hub, &format!("&since={since}")).await;
    assert_eq!(later, rows(&hub, "").await);
}

#[actix_web::test]
async fn a_pull_brings_what_has_changed_since() {
    let app = App::new().await;
    let ids = history(&app).await;
    let national = app.as_national();
    let pull = async |since: &str| {
        let page = national
            .get(&format!("/v1/facts?limit=10000{since}"))
            .await
            .expect(200);
        let changed: BTreeSet<String> = page["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| row["scorecard"].as_str().unwrap().to_owned())
            .collect();
        (
            changed,
            format!("&since={}", page["next_since"].as_str().unwrap()),
        )
    };
    let all: BTreeSet<String> = ids.iter().cloned().collect();
    app.clock.advance(TimeDelta::minutes(5));
    let (changed, since) = pull("").await;
    assert_eq!(changed, all);
    let (changed, since) = pull(&since).await;
    assert_eq!(changed, BTreeSet::new());
    app.clock.advance(TimeDelta::minutes(5));
    app.report(&ids[2], LAST, json!([{ "item": "consult", "value": 30 }]))
        .await;
    let (changed, recent) = pull(&since).await;
    assert_eq!(changed, BTreeSet::from([ids[2].clone()]));
    // Within the last minute a change may come twice, and never not at all.
    assert_eq!(pull(&recent).await.0, changed);
    app.clock.advance(TimeDelta::minutes(5));
    let (_, since) = pull(&recent).await;
    assert_eq!(pull(&since).await.0, BTreeSet::new());
    let renamed = json!({ "name": { "ja": "新山形拠点", "en": "New" } });
    national
        .patch("/v1/hubs/yamagata", &renamed)
        .await
        .expect(200);
    assert_eq!(pull(&since).await.0, BTreeSet::from([ids[1].clone()]));
    let stream = national
        .get(&format!("/v1/facts?format=ndjson{since}"))
        .await;
    assert!(
        stream
            .text()
            .lines()
            .all(|line| line.contains("新山形拠点"))
    );
    assert!(stream.header("next-since").is_some());
}

#[actix_web::test]
async fn a_page_is_known_by_its_tag_until_something_changes() {
    let app = App::new().await;
    let ids = history(&app).await;
    let hub = app.as_hub();
    app.clock.advance(TimeDelta::minutes(5));
    for path in [
        "/v1/facts",
        "/v1/facts?format=csv&limit=5",
        "/v1/facts?item=fees",
    ] {
        let first = hub.get(path).await;
        let tag = first.header("etag").unwrap().to_owned();
        app.clock.advance(TimeDelta::minutes(5));
        let again = hub.with("If-None-Match", &tag).get(path).await;
        assert_eq!(again.status, 304, "{path}");
        assert!(again.body.is_empty());
        let others = app.as_prefecture().with("If-None-Match", &tag);
        assert_eq!(others.get(path).await.status, 200, "{path}");
        let packed = hub.with("Accept-Encoding", "gzip").get("/v1/facts").await;
        assert_eq!(packed.header("content-encoding"), Some("gzip"));
    }
    let tag = hub
        .get("/v1/facts")
        .await
        .header("etag")
        .unwrap()
        .to_owned();
    app.report(&ids[1], LAST, json!([{ "item": "consult", "value": 31 }]))
        .await;
    let changed = hub.with("If-None-Match", &tag).get("/v1/facts").await;
    assert_eq!(changed.status, 200);
}

#[actix_web::test]
async fn everybody_sees_their_own_scope() {
    let app = App::new().await;
    history(&app).await;
    for (actor, hubs) in [
        (Actor::National, &["ehime", "yamagata", "yonezawa"][..]),
        (Actor::ViewerOfNation, &["ehime", "yamagata", "yonezawa"]),
        (Actor::Prefecture, &["yamagata", "yonezawa"]),
        (Actor::ViewerOfPrefecture, &["yamagata", "yonezawa"]),
        (Actor::Hub, &["yamagata"]),
        (Actor::ViewerOfHub, &["yamagata"]),
        (Actor::OtherPrefecture, &["ehime"]),
    ] {
        for query in ["", "&prefecture=38", "&prefecture=06"] {
            let rows = rows(&app.client(actor), query).await;
            let seen: BTreeSet<&str> = rows
                .iter()
                .map(|row| row["hub"].as_str().unwrap())
                .collect();
            let wanted = |hub: &&str| match query {
                "" => true,
                "&prefecture=38" => *hub == "ehime",
                _ => *hub != "ehime",
            };
            let expected: BTreeSet<&str> = hubs.iter().copied().filter(|hub| wanted(hub)).collect();
            assert_eq!(seen, expected, "{actor:?} {query}");
        }
        let csv = app
            .client(actor)
            .get("/v1/facts?format=csv&encoding=utf-8")
            .await;
        let seen: BTreeSet<String> = of_csv(csv.text())
            .into_iter()
            .map(|mut row| row.remove("hub").unwrap())
            .collect();
        assert!(
            seen.iter().map(String::as_str).eq(hubs.iter().copied()),
            "{actor:?}"
        );
    }
    app.as_operator()
        .get("/v1/facts?format=csv")
        .await
        .problem("forbidden");
}

#[actix_web::test]
async fn what_was_known_is_answered_for_ever() {
    let app = App::new().await;
    let ids = history(&app).await;
    let hub = app.as_hub();
    let then = "&known_at=2026-11-22T03:00:00Z";
    let before = rows(&hub, "").await;
    app.clock.advance(TimeDelta::minutes(5));
    let first = hub.get(&format!("/v1/facts?limit=50{then}")).await;
    app.report(&ids[1], LAST, json!([{ "item": "consult", "value": 31 }]))
        .await;
    let again = hub.get(&format!("/v1/facts?limit=50{then}")).await;
    assert_eq!(first.text(), again.text());
    assert_eq!(rows(&hub, then).await, before);
    let lines = hub.get(&format!("/v1/facts?format=ndjson{then}")).await;
    assert_eq!(lines.text().lines().count(), before.len());
}

#[actix_web::test]
async fn a_csv_comes_in_the_encodings_of_excel() {
    let app = App::new().await;
    let mut card = own_scorecard("yamagata");
    card["definition"]["items"][0]["name"]["ja"] = "10〜20髙﨑𠮷é".into();
    let id = app.scorecard(&card).await;
    app.report(&id, fixtures::START, month_on_plan(1)).await;
    let hub = app.as_hub();
    let get = async |query: &str| {
        hub.get(&format!("/v1/facts?format=csv&item=hours{query}"))
            .await
    };
    let old = get("&encoding=cp932&limit=10").await;
    assert_eq!(
        old.header("content-type"),
        Some("text/csv; charset=Shift_JIS; header=present")
    );
    assert_eq!(old.header("unmappable-characters"), Some("2"));
    let (text, _, is_broken) = encoding_rs::SHIFT_JIS.decode(&old.body);
    assert!(!is_broken);
    assert_eq!(of_csv(&text)[0]["item_name"], "10～20髙﨑〓〓");
    assert_eq!(get("&encoding=cp932").await.body, old.body);
    let plain = get("&encoding=utf-8").await;
    assert_eq!(of_csv(plain.text())[0]["item_name"], "10〜20髙﨑𠮷é");
    assert_eq!(get("").await.text(), format!("\u{feff}{}", plain.text()));
    // No rows are still a table.
    let empty = hub
        .get("/v1/facts?format=csv&encoding=utf-8&hub=nowhere")
        .await;
    assert_eq!(of_csv(empty.text()).len(), 0);
    assert_eq!(empty.text().matches("\r\n").count(), 1);
    assert_eq!(
        hub.get("/v1/facts?format=ndjson&hub=nowhere").await.text(),
        ""
    );
}

#[actix_web::test]
async fn bad_questions_are_refused_whole() {
    let app = App::new().await;
    let hub = app.as_hub();
    for (query, code, path) in [
        ("limit=0", "out_of_range", "/query/limit"),
        ("limit=10001", "out_of_range", "/query/limit"),
        ("cursor=x", "out_of_range", "/query/cursor"),
        ("since=x", "out_of_range", "/query/since"),
        (
            "since=OTk5OTk5OTk5OTk5OTk5OTk5OQ",
            "out_of_range",
            "/query/since",
        ),
        ("format=xml", "out_of_range", "/query/format"),
        ("encoding=utf-8", "wrong_shape", "/query/encoding"),
        (
            "format=csv&encoding=latin1",
            "out_of_range",
            "/query/encoding",
        ),
        ("market_type=x", "out_of_range", "/query/market_type"),
        ("stage=x", "out_of_range", "/query/stage"),
        ("perspective=x", "out_of_range", "/query/perspective"),
        ("status=x", "out_of_range", "/query/status"),
        ("flag=x", "out_of_range", "/query/flag"),
        ("high_hurdle=1", "out_of_range", "/query/high_hurdle"),
        ("fiscal_year=x", "out_of_range", "/query/fiscal_year"),
        ("from=2026-4", "wrong_type", "/query/from"),
        ("from=2026-05&to=2026-04", "out_of_range", "/query/from"),
        (
            "known_at=2027-01-01T00:00:00Z",
            "out_of_range",
            "/query/known_at",
        ),
        ("key=x", "unknown_parameter", "/query/key"),
    ] {
        let answer = hub.get(&format!("/v1/facts?{query}")).await;
        answer.problem("invalid").has_only(&[(code, path)]);
    }
    hub.get("/v1/facts?hub=a&hub=b")
        .await
        .problem("malformed_query");
    hub.get("/v1/facts/columns?x=1").await.problem("invalid");
    hub.post("/v1/facts", &json!({}))
        .await
        .problem("method_not_allowed");
}

#[actix_web::test]
async fn the_dictionary_knows_every_column_and_code() {
    let app = App::new().await;
    history(&app).await;
    let known = app.as_viewer().get("/v1/facts/columns").await.expect(200);
    let columns = known["columns"].as_array().unwrap();
    let listed: Vec<&str> = columns
        .iter()
        .map(|column| column["name"].as_str().unwrap())
        .collect();
    assert_eq!(listed, names());
    for row in rows(&app.as_national(), "").await {
        for column in columns {
            let value = &row[column["name"].as_str().unwrap()];
            let fits = match column["type"].as_str().unwrap() {
                "text" | "code" | "month" => value.is_string(),
                "integer" => value.is_i64(),
                "number" => value.is_number(),
                "boolean" => value.is_boolean(),
                other => panic!("{other}"),
            };
            assert!(
                fits || (value.is_null() && column["nullable"] == true),
                "{column} {value}"
            );
            if let Some(codes) = column["codes"].as_array() {
                assert!(
                    codes.iter().any(|code| code["code"] == *value),
                    "{column} {value}"
                );
            }
        }
    }
}

/// A key works in a header of its own and as a password, whatever the name.
#[actix_web::test]
async fn a_key_can_be_sent_in_three_ways() {
    let app = App::new().await;
    let key = app.key(Actor::Hub).to_owned();
    let basic = |pair: String| format!("Basic {}", STANDARD.encode(pair));
    let ways = [
        app.client(Actor::Hub),
        app.anonymous().with("X-API-Key", &key),
        app.anonymous()
            .with("Authorization", &basic(format!("anyone:{key}"))),
        app.anonymous()
            .with("Authorization", &basic(format!(":{key}"))),
        app.client(Actor::Hub).with("X-API-Key", &key),
        // The same twice is one.
        app.anonymous()
            .with("X-API-Key", &key)
            .besides("X-API-Key", &key),
    ];
    for way in &ways {
        for path in ["/v1/facts", "/v1/me", "/v1/scorecards"] {
            way.get(path).await.expect(200);
        }
    }
    let answer = app
        .anonymous()
        .with("Authorization", &basic("a:b".to_owned()))
        .get("/v1/facts")
        .await;
    answer.problem("unauthenticated");
    // A browser that is told of Basic would ask for a password over the dashboard.
    assert_eq!(
        answer.header("www-authenticate"),
        Some("Bearer realm=\"shirube\"")
    );
}

pub async fn link(client: &Client, body: &Value) -> (String, String) {
    let answer = client.post("/v1/fact-links", body).await;
    let made = answer.expect(201);
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let url = made["url"].as_str().unwrap();
    let path = url.strip_prefix("https://shirube.example").unwrap();
    (made["id"].as_str().unwrap().to_owned(), path.to_owned())
}

#[actix_web::test]
async fn a_link_shows_one_view_until_it_is_revoked() {
    let app = App::new().await;
    history(&app).await;
    let body = json!({
        "name": "Google Sheets", "filters": { "hub": "yamagata", "fiscal_year": 2026, "high_hurdle": true },
        "format": "csv", "encoding": "utf-8", "expires_at": "2027-04-01T00:00:00+09:00"
    });
    let prefecture = app.as_prefecture();
    let (id, path) = link(&prefecture, &body).await;
    let token = path.rsplit('/').next().unwrap().to_owned();
    assert!(path.starts_with("/v1/facts/link/shl_"), "{path}");
    assert!(!app.dump().holds(&token), "stored hashed only");
    let answer = app.anonymous().get(&path).await;
    assert_eq!(answer.status, 200);
    let same = prefecture
        .get("/v1/facts?format=csv&encoding=utf-8&hub=yamagata&high_hurdle=true")
        .await;
    assert_eq!(answer.text(), same.text());
    assert_eq!(of_csv(answer.text()).len(), 3);
    assert_eq!(answer.header("x-robots-tag"), Some("noindex"));
    assert_eq!(answer.header("referrer-policy"), Some("no-referrer"));
    // Nothing but its part can be chosen.
    let part = app.anonymous().get(&format!("{path}?limit=1")).await;
    assert_eq!(of_csv(part.text()).len(), 1);
    assert!(part.header("next-cursor").is_some());
    for query in [
        "hub=yonezawa",
        "format=json",
        "known_at=2026-11-22T00:00:00Z",
    ] {
        let refused = app.anonymous().get(&format!("{path}?{query}")).await;
        assert_eq!(
            refused.problem("invalid").issues()[0].0,
            "unknown_parameter"
        );
    }
    let list = prefecture.get("/v1/fact-links").await;
    assert!(!list.text().contains(&token));
    assert_eq!(
        list.expect(200)["items"],
        json!([{
            "id": id, "name": "Google Sheets", "scope": { "prefecture": "06" },
            "filters": { "hub": "yamagata", "fiscal_year": "2026", "high_hurdle": "true" },
            "format": "csv", "encoding": "utf-8", "expires_at": "2027-03-31T15:00:00Z",
            "created_at": "2026-11-22T03:00:00Z"
        }])
    );
    // It is no key, and a key is no link.
    let keys = prefecture.get("/v1/api-keys").await.expect(200);
    assert_eq!(keys["items"].as_array().unwrap().len(), 1);
    app.with_token(&token)
        .get("/v1/me")
        .await
        .problem("unauthenticated");
    prefecture
        .delete(&format!("/v1/api-keys/{id}"))
        .await
        .problem("not_found");
    let by_key = format!("/v1/facts/link/{}", app.key(Actor::Prefecture));
    app.anonymous()
        .get(&by_key)
        .await
        .problem("unauthenticated");
    app.as_national()
        .delete(&format!("/v1/fact-links/{id}"))
        .await
        .problem("not_found");
    assert_eq!(
        prefecture
            .delete(&format!("/v1/fact-links/{id}"))
            .await
            .status,
        204
    );
    let gone = app.anonymous().get(&path).await;
    gone.problem("unauthenticated");
    let never = app.anonymous().get("/v1/facts/link/shl_never").await;
    assert_eq!(gone.without_request_id(), never.without_request_id());
    assert!(crate::support::logs::lines_with(&token).is_empty());
}

#[actix_web::test]
async fn a_link_ends_with_its_time_and_with_its_makers_rights() {
    let app = App::new().await;
    history(&app).await;
    let body = json!({ "name": "x", "format": "json", "expires_at": "2026-11-22T04:00:00Z" });
    let (_, path) = link(&app.as_hub(), &body).await;
    let page = app
        .anonymous()
        .get(&format!("{path}?limit=5"))
        .await
        .expect(200);
    let next = page["next_cursor"].as_str().unwrap();
    app.anonymous()
        .get(&format!("{path}?cursor={next}"))
        .await
        .expect(200);
    let hubs: BTreeSet<&str> = page["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["hub"].as_str().unwrap())
        .collect();
    assert_eq!(hubs, BTreeSet::from(["yamagata"]));
    app.clock.advance(TimeDelta::hours(1));
    app.anonymous().get(&path).await.problem("unauthenticated");
    let body = json!({ "name": "x", "format": "ndjson", "scope": { "hub": "yonezawa" } });
    let (_, path) = link(&app.as_prefecture(), &body).await;
    assert!(
        app.anonymous()
            .get(&path)
            .await
            .text()
            .lines()
            .all(|line| line.contains("yonezawa"))
    );
    let account = format!("/v1/users/{}", Actor::Prefecture.user_id());
    let moved = json!({ "scope": { "prefecture": "38" } });
    app.as_national().patch(&account, &moved).await.expect(200);
    app.anonymous().get(&path).await.problem("unauthenticated");
}

#[actix_web::test]
async fn bad_links_are_refused_whole() {
    let app = App::new().await;
    let hub = app.as_hub();
    for (body, expected) in [
        (
            json!({}),
            &[("missing", "/name"), ("missing", "/format")][..],
        ),
        (
            json!({ "name": "x", "format": "xlsx" }),
            &[("out_of_range", "/format")],
        ),
        (
            json!({ "name": "x", "format": "json", "encoding": "utf-8" }),
            &[("wrong_shape", "/encoding")],
        ),
        (
            json!({ "name": "x", "format": "csv", "filters": { "status": "bad", "colour": "x" } }),
            &[
                ("out_of_range", "/filters/status"),
                ("unknown_field", "/filters/colour"),
            ],
        ),
        (
            json!({ "name": "x", "format": "csv", "filters": { "hub": [] } }),
            &[("wrong_type", "/filters/hub")],
        ),
        (
            json!({ "name": "x", "format": "csv", "expires_at": "2020-01-01T00:00:00Z" }),
            &[("out_of_range", "/expires_at")],
        ),
        (
            json!({ "name": "x", "format": "csv", "scope": { "hub": "ehime" } }),
            &[("unknown_reference", "/scope/hub")],
        ),
        (
            json!({ "name": "x", "format": "csv", "more": 1 }),
            &[("unknown_field", "/more")],
        ),
    ] {
        let answer = hub.post("/v1/fact-links", &body).await;
        answer.problem("invalid").has_only(expected);
    }
    let nation = json!({ "name": "x", "format": "csv", "scope": {} });
    hub.post("/v1/fact-links", &nation)
        .await
        .problem("forbidden");
    let any = json!({ "name": "x", "format": "csv" });
    app.as_operator()
        .post("/v1/fact-links", &any)
        .await
        .problem("forbidden");
}

//! Many at once: nothing is lost, nothing is done twice.

use std::collections::BTreeMap;

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::support::fixtures::{LAST, item, month};
use crate::support::{Actor, App};

const WRITERS: u32 = 8;
const REPORTS: u32 = 200;

/// A scorecard of few items, so that the time goes into writing.
fn small() -> Value {
    let flow = |key: &str, stage: &str| {
        json!({
            "key": key, "name": { "ja": key, "en": key }, "stage": stage, "measure": "flow",
            "unit": "cases", "targets": [{ "year": 1, "value": 1200 }]
        })
    };
    json!({
        "hub": "yamagata", "start_month": "2026-04",
        "definition": {
            "key": "small", "name": { "ja": "小", "en": "Small" }, "market_type": "growth",
            "stages": [{ "stage": "consult" }, { "stage": "refer" }],
            "items": [flow("consult", "consult"), flow("refer", "refer")]
        }
    })
}

/// Every report is applied, in some order: none fails, none is lost.
#[actix_web::test]
async fn writers_of_one_scorecard_take_turns() {
    let app = App::new().await;
    let id = app.scorecard(&small()).await;
    let path = format!("/v1/scorecards/{id}/actuals");
    let writer = async |writer: u32| {
        for number in 0..REPORTS {
            // No two reports of all writers hold the same figure.
            let value = writer * REPORTS + number + 1;
            let key = if writer.is_multiple_of(2) {
                "consult"
            } else {
                "refer"
            };
            let body = json!({ "month": LAST, "values": [{ "item": key, "value": value }] });
            let answer = app.as_hub().post(&path, &body).await.expect(200);
            assert_eq!(answer["outcome"], "applied");
            assert_eq!(answer["counts"]["received"], 1);
        }
    };
    join_all((0..WRITERS).map(writer)).await;
    let total = WRITERS * REPORTS;
    let card = app
        .as_hub()
        .get(&format!("/v1/scorecards/{id}"))
        .await
        .expect(200);
    assert_eq!(card["revision"], total + 1);
    let dump = app.dump();
    let count = usize::try_from(total).unwrap();
    assert_eq!(dump.count("cell_changes"), count);
    assert_eq!(dump.count("audit"), count + 1);
    assert_eq!(dump.count("cells"), 2);
    for (key, parity) in [("consult", 0), ("refer", 1)] {
        check_history(&app, &id, key, parity).await;
    }
}

/// That an item's history is a chain: each change begins where the one before
/// ended, every writer's reports in their order, and the cell is its end.
async fn check_history(app: &App, id: &str, key: &str, parity: u32) {
    let history = format!("/v1/scorecards/{id}/items/{key}/history?limit=200");
    let mut path = history.clone();
    let (mut last, mut revision, mut count) = (Value::Null, 1, 0);
    let mut by_writer: BTreeMap<u64, u64> = BTreeMap::new();
    loop {
        let page = app.as_hub().get(&path).await.expect(200);
        for change in page["changes"].as_array().unwrap() {
            assert_eq!(change["before"]["value"], last);
            last = change["after"]["value"].clone();
            let value = last.as_u64().unwrap() - 1;
            let (writer, number) = (value / u64::from(REPORTS), value % u64::from(REPORTS));
            assert_eq!(writer % 2, u64::from(parity));
            let expected = by_writer.entry(writer).or_default();
            assert_eq!(number, *expected, "of writer {writer}");
            *expected += 1;
            assert!(change["revision"].as_u64().unwrap() > revision);
            revision = change["revision"].as_u64().unwrap();
            count += 1;
        }
        match page["next_cursor"].as_str() {
            Some(cursor) => path = format!("{history}&cursor={cursor}"),
            None => break,
        }
    }
    assert_eq!(count, WRITERS * REPORTS / 2);
    let card = app
        .as_hub()
        .get(&format!("/v1/scorecards/{id}"))
        .await
        .expect(200);
    assert_eq!(item(&card, key)["cell"]["value"], last);
}

/// One is applied; the others replay its answer, or are told to come back.
#[actix_web::test]
async fn one_key_is_one_report() {
    let app = App::new().await;
    let id = app.scorecard(&small()).await;
    let path = format!("/v1/scorecards/{id}/actuals");
    let body = json!({ "month": LAST, "values": [{ "item": "consult", "value": 5 }] });
    let keyed = app.as_hub().with("Idempotency-Key", "race");
    // Two processes on one database, twenty-five requests to each.
    let other = app.restarted().await;
    let elsewhere = other.as_hub().with("Idempotency-Key", "race");
    let answers = join_all((0..50).map(|number| {
        let client = if number % 2 == 0 { &keyed } else { &elsewhere };
        client.post(&path, &body)
    }))
    .await;
    let mut bodies = Vec::new();
    let (mut first, mut replayed, mut refused) = (0, 0, 0);
    for answer in &answers {
        match (answer.status, answer.header("idempotency-replayed")) {
            (200, None) => first += 1,
            (200, Some("true")) => replayed += 1,
            _ => {
                answer.problem("in_progress");
                assert_eq!(answer.header("retry-after"), Some("2"));
                refused += 1;
                continue;
            }
        }
        bodies.push(&answer.body);
    }
    assert_eq!((first, replayed + refused), (1, 49));
    assert!(bodies.iter().all(|body| *body == bodies[0]));
    let dump = app.dump();
    assert_eq!(dump.count("cell_changes"), 1);
    assert_eq!(dump.count("idempotency_keys"), 1);
    let again = keyed.post(&path, &body).await;
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
}

/// Of two who read the same revision, one wins and one is told.
#[actix_web::test]
async fn only_one_of_two_editors_wins() {
    let app = App::new().await;
    let id = app.scorecard(&small()).await;
    let path = format!("/v1/scorecards/{id}/actuals");
    for round in 1..=10 {
        let editor = async |value: u32| {
            let body = json!({ "month": LAST, "values": [{ "item": "consult", "value": value }] });
            let client = app.as_hub().with("If-Match", &format!("\"{round}\""));
            client.post(&path, &body).await.status
        };
        let statuses = join_all([editor(round * 2), editor(round * 2 + 1)]).await;
        let mut statuses = statuses.clone();
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 412], "round {round}");
    }
}

/// Bulks over the same scorecards, each in another order, do not wait for each
/// other for ever.
#[actix_web::test]
async fn bulks_do_not_deadlock() {
    let app = App::new().await;
    let mut ids = Vec::new();
    for number in 0..6 {
        let mut body = small();
        body["key"] = format!("card-{number}").into();
        ids.push(app.scorecard(&body).await);
    }
    let other = app.restarted().await;
    let bulk = async |number: usize| {
        let mut order = ids.clone();
        order.rotate_left(number % 6);
        if number.is_multiple_of(2) {
            order.reverse();
        }
        let reports: Vec<Value> = order
            .iter()
            .map(|id| {
                json!({ "scorecard": id, "month": LAST,
                        "values": [{ "item": "consult", "value": number + 1 }] })
            })
            .collect();
        let client = if number.is_multiple_of(2) {
            app.as_hub()
        } else {
            other.as_hub()
        };
        client
            .post("/v1/actuals", &json!({ "reports": reports }))
            .await
            .expect(200)
    };
    join_all((0..24).map(bulk)).await;
    for id in &ids {
        let card = app
            .as_hub()
            .get(&format!("/v1/scorecards/{id}"))
            .await
            .expect(200);
        assert_eq!(card["revision"], 25);
    }
    // All scorecards hold the figure of the same bulk: each was whole.
    let mut last = Vec::new();
    for id in &ids {
        let card = app
            .as_hub()
            .get(&format!("/v1/scorecards/{id}"))
            .await
            .expect(200);
        last.push(item(&card, "consult")["cell"]["value"].clone());
    }
    assert!(last.iter().all(|value| *value == last[0]), "{last:?}");
}

/// Of many who create the same thing, one does.
#[actix_web::test]
async fn a_thing_is_created_once() {
    let app = App::new().await;
    let name = json!({ "ja": "庄内", "en": "Shonai" });
    let hub = json!({ "code": "shonai", "name": name, "prefecture": "06" });
    let prefecture = json!({ "code": "31", "name": name, "market_type": "growth" });
    for (path, body) in [
        ("/v1/hubs", hub),
        ("/v1/prefectures", prefecture),
        ("/v1/scorecards", small()),
    ] {
        let client = app.client(Actor::National);
        let answers = join_all((0..8).map(|_| client.post(path, &body))).await;
        let created = answers.iter().filter(|answer| answer.status == 201).count();
        assert_eq!(created, 1, "{path}");
        for answer in answers.iter().filter(|answer| answer.status != 201) {
            answer.problem("already_exists");
        }
    }
}

/// Readers see whole reports while they are being written.
#[actix_web::test]
async fn readers_never_see_half_a_report() {
    let app = App::new().await;
    let id = app.scorecard(&small()).await;
    let path = format!("/v1/scorecards/{id}/actuals");
    let writing = async {
        for value in 1..=60 {
            let month = month(value % 7 + 1);
            let body = json!({ "month": month, "values": [
                { "item": "consult", "value": value }, { "item": "refer", "value": value }
            ] });
            app.as_hub().post(&path, &body).await.expect(200);
        }
    };
    let reading = async |number: u32| {
        for _ in 0..30 {
            if number.is_multiple_of(2) {
                let cells = app.as_viewer().get(&path).await.expect(200);
                for month in cells["months"].as_array().unwrap() {
                    let cells = &month["cells"];
                    assert_eq!(cells[0]["value"], cells[1]["value"], "{month}");
                }
            } else {
                let card = app
                    .as_viewer()
                    .get(&format!("/v1/scorecards/{id}"))
                    .await
                    .expect(200);
                let (consult, refer) = (item(&card, "consult"), item(&card, "refer"));
                assert_eq!(
                    consult["actual"], refer["actual"],
                    "revision {}",
                    card["revision"]
                );
            }
        }
    };
    futures_util::future::join(writing, join_all((0..4).map(reading))).await;
}

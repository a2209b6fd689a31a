//! What if: the scorecard as it is beside the same as supposed.

use serde_json::{Value, json};

use crate::outlook::{outlook_of, slow_start};
use crate::support::fixtures::MISSING;
use crate::support::{Actor, App};

struct Scene {
    app: App,
    id: String,
}

impl Scene {
    async fn new() -> Self {
        let app = App::new().await;
        let id = slow_start(&app).await;
        Self { app, id }
    }

    fn path(&self) -> String {
        format!("/v1/scorecards/{}/what-if", self.id)
    }

    async fn ask(&self, body: Value) -> Value {
        let client = self.app.as_viewer();
        client.post(&self.path(), &body).await.expect(200)
    }
}

/// What differs of an item, or of the scorecard: field, today, then.
fn differences(answer: &Value, item: Option<&str>) -> Vec<Value> {
    let found = answer["differences"].as_array().unwrap().iter();
    found
        .filter(|entry| entry["item"].as_str() == item)
        .map(|entry| json!([entry["field"], entry["today"], entry["then"]]))
        .collect()
}

fn state<'a>(answer: &'a Value, when: &str, item: &str) -> &'a Value {
    let items = answer[when]["items"].as_array().unwrap();
    items.iter().find(|entry| entry["item"] == item).unwrap()
}

/// Who supposes nothing gets the scorecard as it is, twice.
#[actix_web::test]
async fn nothing_supposed_is_nothing_different() {
    let scene = Scene::new().await;
    let answer = scene.ask(json!({})).await;
    assert_eq!(answer["month"], "2026-06");
    assert_eq!(answer["today"], answer["then"]);
    assert_eq!(answer["differences"], json!([]));
    assert_eq!(answer["issues"], json!([]));
    let client = scene.app.as_viewer();
    let path = format!("/v1/scorecards/{}", scene.id);
    let outlook = client.get(&format!("{path}/outlook")).await.expect(200);
    assert_eq!(answer["today"]["revenue"], outlook["revenue"]);
    for entry in answer["today"]["items"].as_array().unwrap() {
        let key = entry["item"].as_str().unwrap();
        assert_eq!(entry["outlook"], *outlook_of(&outlook, key));
    }
    let card = client
        .get(&format!("{path}?include=causes"))
        .await
        .expect(200);
    let today = &answer["today"];
    for member in ["score", "coverage", "provisional", "flag", "counts"] {
        assert_eq!(today[member], card[member], "{member}");
    }
    let consult = crate::support::fixtures::item(&card, "consult");
    for member in ["status", "flag", "actual", "plan", "attainment", "cause"] {
        assert_eq!(state(&answer, "today", "consult")[member], consult[member]);
    }
}

#[actix_web::test]
async fn a_preparation_is_finished_earlier() {
    let scene = Scene::new().await;
    let answer = scene
        .ask(json!({ "finished": [{ "item": "kit", "month": "2026-05" }] }))
        .await;
    let kit = differences(&answer, Some("kit"));
    assert!(kit.contains(&json!(["actual", 30, 100])), "{kit:?}");
    assert!(kit.contains(&json!(["finish_month", "2027-01", "2026-05"])));
    assert_eq!(state(&answer, "today", "kit")["status"], "behind");
    assert_eq!(state(&answer, "then", "kit")["status"], "achieved");
    // It does not stand in anybody's way any more.
    let remedies = |when: &str| -> Vec<Value> {
        let cause = &state(&answer, when, "consult")["cause"];
        let remedies = cause["remedies"].as_array().unwrap().iter();
        remedies.map(|remedy| remedy["item"].clone()).collect()
    };
    assert!(remedies("today").contains(&json!("kit")));
    assert!(!remedies("then").contains(&json!("kit")));
}

/// 10 more consultations in June are 16 in a quarter of the year: 64.
#[actix_web::test]
async fn figures_can_be_others() {
    let scene = Scene::new().await;
    let answer = scene
        .ask(json!({ "values": [{ "month": "2026-06", "item": "consult", "value": 12 }] }))
        .await;
    let consult = differences(&answer, Some("consult"));
    for expected in [
        json!(["status", "behind", "on_track"]),
        json!(["flag", "red", "none"]),
        json!(["actual", 6, 16]),
        json!(["expected", 24, 64]),
        json!(["band", "stretch", "fine"]),
        json!(["shortfall", 6, -4]),
    ] {
        assert!(consult.contains(&expected), "{expected} in {consult:?}");
    }
    assert!(differences(&answer, None).contains(&json!(["flag", "red", "amber"])));
    assert!(differences(&answer, Some("visitors")).is_empty());
}

/// At 1 in 2 the 72 visitors to come bring 36, not 18; and so on, down to the
/// revenue.
#[actix_web::test]
async fn rates_and_volumes_change_the_months_left() {
    let scene = Scene::new().await;
    let rated = scene
        .ask(json!({ "rates": [{ "from": ["visitors"], "to": ["consult"], "rate": 0.5 }] }))
        .await;
    let consult = differences(&rated, Some("consult"));
    assert!(
        consult.contains(&json!(["expected", 24, 42])),
        "{consult:?}"
    );
    assert!(consult.iter().all(|entry| entry[0] != "actual"));
    assert_eq!(
        differences(&rated, None),
        [json!(["revenue", 450_000, 850_000])]
    );
    let doubled = scene
        .ask(json!({ "volumes": [{ "item": "visitors", "per_month": 16 }] }))
        .await;
    let visitors = differences(&doubled, Some("visitors"));
    assert!(
        visitors.contains(&json!(["expected", 96, 168])),
        "{visitors:?}"
    );
    assert_eq!(
        differences(&doubled, None),
        [json!(["revenue", 450_000, 850_000])]
    );
    let steps = doubled["then"]["revenue"]["steps"].as_array().unwrap();
    let step = steps
        .iter()
        .find(|step| step["item"] == "visitors")
        .unwrap();
    assert_eq!(step["origin"], "scenario");
}

#[actix_web::test]
async fn the_plan_can_be_another() {
    let scene = Scene::new().await;
    let answer = scene
        .ask(json!({ "changes": [
            { "op": "change", "kind": "item", "key": "consult",
              "after": { "targets": [{ "year": 1, "value": 24 }] } },
            { "op": "retire", "kind": "item", "key": "staff" },
            { "op": "add", "kind": "item", "key": "web",
              "after": { "name": { "ja": "ウェブ", "en": "Web" }, "stage": "attract",
                         "measure": "flow", "unit": "visits",
                         "targets": [{ "year": 1, "value": 12 }] } }
        ], "values": [{ "month": "2026-06", "item": "web", "value": 3 }] }))
        .await;
    let consult = differences(&answer, Some("consult"));
    for expected in [
        json!(["status", "behind", "on_track"]),
        json!(["plan", 12, 6]),
        json!(["target", 48, 24]),
    ] {
        assert!(consult.contains(&expected), "{expected} in {consult:?}");
    }
    let presence = |item: &str| differences(&answer, Some(item));
    assert_eq!(presence("staff"), [json!(["item", "staff", null])]);
    assert_eq!(presence("web"), [json!(["item", null, "web"])]);
    assert_eq!(state(&answer, "then", "web")["actual"], 3);
}

/// An earlier month has its own figures.
#[actix_web::test]
async fn another_month_can_be_asked_about() {
    let scene = Scene::new().await;
    let answer = scene.ask(json!({ "month": "2026-05" })).await;
    assert_eq!(answer["month"], "2026-05");
    assert_eq!(state(&answer, "today", "consult")["actual"], 4);
}

#[actix_web::test]
async fn every_fault_is_answered_at_once() {
    let scene = Scene::new().await;
    let client = scene.app.as_hub();
    let path = scene.path();
    let answer = client
        .post(
            &path,
            &json!({
                "month": "2026-03",
                "changes": [{ "op": "retire", "kind": "item", "key": "nobody" }],
                "values": [{ "month": "2026-05", "item": "consult", "value": -1 }],
                "finished": [{ "item": "consult", "month": "2026-07" }],
                "rates": [{ "from": ["fees"], "to": ["consult"], "rate": 1 }],
                "volumes": [{ "item": "kit", "factor": -1 }],
                "note": "x"
            }),
        )
        .await;
    answer.problem("invalid").has_only(&[
        ("month_before_start", "/month"),
        ("unknown_item", "/changes/0/key"),
        ("negative", "/values/0/value"),
        ("out_of_range", "/finished/0/month"),
        ("wrong_shape", "/finished/0/item"),
        ("unknown_reference", "/rates/0"),
        ("negative", "/volumes/0/factor"),
        ("wrong_shape", "/volumes/0/item"),
        ("unknown_field", "/note"),
    ]);
    let list = client.post(&path, &json!([])).await;
    list.problem("invalid").has_only(&[("wrong_type", "")]);
    let broken = client.post_bytes(&path, b"{").await;
    broken.problem("malformed_json");
    let asked = client
        .post(&format!("{path}?month=2026-05"), &json!({}))
        .await;
    asked
        .problem("invalid")
        .has_only(&[("unknown_parameter", "/query/month")]);
}

/// Whoever may read may ask, and only in the own scope.
#[actix_web::test]
async fn readers_may_ask() {
    let scene = Scene::new().await;
    let path = scene.path();
    for actor in Actor::ROLES {
        let answer = scene.app.client(actor).post(&path, &json!({})).await;
        if actor == Actor::Operator {
            answer.problem("forbidden");
        } else {
            answer.expect(200);
        }
    }
    for actor in [Actor::OtherPrefecture, Actor::Neighbour, Actor::OtherHub] {
        let answer = scene.app.client(actor).post(&path, &json!({})).await;
        answer.problem("not_found");
    }
    let missing = format!("/v1/scorecards/{MISSING}/what-if");
    let answer = scene.app.as_national().post(&missing, &json!({})).await;
    answer.problem("not_found");
    let anonymous = scene.app.anonymous().post(&path, &json!({})).await;
    anonymous.problem("unauthenticated");
}

#[actix_web::test]
async fn nothing_is_stored() {
    let scene = Scene::new().await;
    let before = scene.app.dump();
    scene
        .ask(json!({
            "changes": [{ "op": "retire", "kind": "item", "key": "staff" }],
            "values": [{ "month": "2026-06", "item": "consult", "value": 12 }],
            "finished": [{ "item": "kit", "month": "2026-05" }],
            "volumes": [{ "item": "visitors", "factor": 2 }]
        }))
        .await;
    assert_eq!(scene.app.dump(), before);
}

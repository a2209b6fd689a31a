//! Notes on a scorecard, an item of it, a month.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::support::fixtures::{LAST, MISSING};
use crate::support::{Actor, App, logs};

struct Scene {
    app: App,
    path: String,
}

impl Scene {
    async fn new() -> Self {
        let app = App::new().await;
        let id = app.own_scorecard().await;
        Self {
            app,
            path: format!("/v1/scorecards/{id}/comments"),
        }
    }

    async fn add(&self, actor: Actor, body: Value) -> Value {
        self.app.clock.advance(TimeDelta::minutes(1));
        let client = self.app.client(actor);
        client.post(&self.path, &body).await.expect(201)
    }

    /// Item, month and text of the comments, as they are listed.
    async fn listed(&self, query: &str) -> Value {
        let path = format!("{}?{query}", self.path);
        let list = self.app.as_viewer().get(&path).await.expect(200);
        let items = list["items"].as_array().unwrap().iter();
        items
            .map(|comment| json!([comment["item"], comment["month"], comment["text"]]))
            .collect()
    }
}

#[actix_web::test]
async fn hubs_and_prefectures_comment() {
    let scene = Scene::new().await;
    let body = json!({ "item": "consult", "month": LAST, "text": "台風で翌月に延期\n確認済み" });
    let answer = scene.app.as_hub().post(&scene.path, &body).await;
    let added = answer.expect(201);
    assert_eq!(
        added,
        json!({
            "id": added["id"], "item": "consult", "month": LAST, "text": "台風で翌月に延期\n確認済み",
            "at": "2026-11-22T03:00:00Z", "by": "担当 hub (テスト)", "revision": 2
        })
    );
    assert_eq!(answer.header("etag"), Some("\"2\""));
    scene
        .add(
            Actor::Prefecture,
            json!({ "item": "consult", "text": "了解" }),
        )
        .await;
    scene
        .add(
            Actor::National,
            json!({ "month": LAST, "item": null, "text": "全国" }),
        )
        .await;
    let last = scene.add(Actor::Hub, json!({ "text": "全体" })).await;
    assert_eq!(last["revision"], 5);
    // The latest first; each condition must hold.
    let [on_both, on_item, on_month, on_all] = [
        json!(["consult", LAST, "台風で翌月に延期\n確認済み"]),
        json!(["consult", null, "了解"]),
        json!([null, LAST, "全国"]),
        json!([null, null, "全体"]),
    ];
    for (query, expected) in [
        ("", json!([on_all, on_month, on_item, on_both])),
        ("item=consult", json!([on_item, on_both])),
        ("month=2026-10", json!([on_month, on_both])),
        ("month=2026-10&item=consult", json!([on_both])),
        ("item=nothing", json!([])),
    ] {
        assert_eq!(scene.listed(query).await, expected, "{query}");
    }
    let list = scene.app.as_hub().get(&scene.path).await.expect(200);
    assert_eq!(list["items"][3], added);
}

#[actix_web::test]
async fn comments_come_in_pages() {
    let scene = Scene::new().await;
    for number in 0..5 {
        scene
            .add(Actor::Hub, json!({ "text": format!("{number}") }))
            .await;
    }
    let mut found = Vec::new();
    let mut query = "limit=2".to_owned();
    loop {
        let page = scene
            .app
            .as_viewer()
            .get(&format!("{}?{query}", scene.path))
            .await
            .expect(200);
        let items = page["items"].as_array().unwrap();
        found.extend(items.iter().map(|comment| comment["text"].clone()));
        let Some(cursor) = page["next_cursor"].as_str() else {
            break;
        };
        query = format!("limit=2&cursor={cursor}");
    }
    assert_eq!(found, ["4", "3", "2", "1", "0"]);
}

/// It raises the revision, is found in the audit without its words, and does
/// nothing to the figures.
#[actix_web::test]
async fn a_comment_is_a_change_of_the_scorecard() {
    let scene = Scene::new().await;
    let card = scene.path.replace("/comments", "");
    let before = scene.app.as_viewer().get(&card).await;
    scene
        .add(
            Actor::Hub,
            json!({ "item": "consult", "text": "秘密の相談" }),
        )
        .await;
    let mut after = scene.app.as_viewer().get(&card).await.expect(200);
    assert_eq!(after["revision"], 2);
    after["revision"] = 1.into();
    assert_eq!(after, before.expect(200));
    let audit = scene.app.as_prefecture().get("/v1/audit").await.expect(200);
    let entry = &audit["items"][0];
    assert_eq!(entry["action"], "scorecard.commented");
    assert!(!audit.to_string().contains("秘密の相談"));
    assert_eq!(logs::lines_with("秘密の相談"), [""; 0]);
    // Known reads are known no longer.
    let tag = scene.app.as_viewer().get(&scene.path).await;
    let tag = tag.header("etag").unwrap();
    assert!(tag.starts_with("\"2-"), "{tag}");
    let known = scene.app.as_viewer().with("If-None-Match", tag);
    assert_eq!(known.get(&scene.path).await.status, 304);
    scene.add(Actor::Hub, json!({ "text": "x" })).await;
    assert_eq!(known.get(&scene.path).await.status, 200);
}

#[actix_web::test]
async fn comments_are_read_strictly() {
    let scene = Scene::new().await;
    let before = scene.app.dump();
    let client = scene.app.as_hub();
    for (body, issues) in [
        (json!({}), vec![("missing", "/text")]),
        (json!({ "text": null }), vec![("missing", "/text")]),
        (json!({ "text": "" }), vec![("out_of_range", "/text")]),
        (
            json!({ "text": "字".repeat(4_001) }),
            vec![("too_long", "/text")],
        ),
        (
            json!({ "text": "x", "note": 1 }),
            vec![("unknown_field", "/note")],
        ),
        (
            json!({ "text": 1, "month": "2026-9", "item": 2 }),
            vec![
                ("wrong_type", "/item"),
                ("wrong_type", "/month"),
                ("wrong_type", "/text"),
            ],
        ),
        (
            json!({ "text": "x", "month": "2026-03", "item": "nothing" }),
            vec![("unknown_item", "/item"), ("month_before_start", "/month")],
        ),
        (
            json!({ "text": "x", "month": "2099-01" }),
            vec![("out_of_range", "/month")],
        ),
        (json!([]), vec![("wrong_type", "")]),
    ] {
        let answer = client.post(&scene.path, &body).await;
        assert_eq!(answer.problem("invalid").issues(), issues, "{body}");
    }
    client
        .post_bytes(&scene.path, "{")
        .await
        .problem("malformed_json");
    let stale = client.with("If-Match", "\"7\"");
    stale
        .post(&scene.path, &json!({ "text": "x" }))
        .await
        .problem("stale_revision");
    for (query, issue) in [
        ("month=x", ("wrong_type", "/query/month")),
        ("cursor=x", ("out_of_range", "/query/cursor")),
        ("by=x", ("unknown_parameter", "/query/by")),
    ] {
        let answer = client.get(&format!("{}?{query}", scene.path)).await;
        answer.problem("invalid").has_only(&[issue]);
    }
    let foreign = scene.app.client(Actor::OtherHub);
    foreign.get(&scene.path).await.problem("not_found");
    foreign
        .post(&scene.path, &json!({ "text": "x" }))
        .await
        .problem("not_found");
    let viewer = scene.app.as_viewer();
    viewer
        .post(&scene.path, &json!({ "text": "x" }))
        .await
        .problem("forbidden");
    let missing = format!("/v1/scorecards/{MISSING}/comments");
    client
        .post(&missing, &json!({ "text": "x" }))
        .await
        .problem("not_found");
    assert!(scene.app.dump() == before);
    let longest = json!({ "text": "字".repeat(4_000) });
    scene.add(Actor::Hub, longest).await;
}

/// The same key and body add one comment.
#[actix_web::test]
async fn a_repetition_adds_nothing() {
    let scene = Scene::new().await;
    let client = scene.app.as_hub().with("Idempotency-Key", "note-1");
    let body = json!({ "text": "一度だけ" });
    let first = client.post(&scene.path, &body).await;
    let again = client.post(&scene.path, &body).await;
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    assert_eq!(first.expect(201), again.expect(201));
    assert_eq!(scene.app.dump().count("comments"), 1);
}

/// What is said about an alert stands in its timeline, and not here.
#[actix_web::test]
async fn comments_on_alerts_stay_with_the_alert() {
    let app = App::new().await;
    let id = crate::alerts::late_preparation(&app).await;
    let alerts = app
        .as_hub()
        .get(&format!("/v1/alerts?scorecard={id}"))
        .await
        .expect(200);
    let alert = alerts["items"][0]["id"].as_str().unwrap();
    let path = format!("/v1/alerts/{alert}/comments");
    app.as_hub()
        .post(&path, &json!({ "text": "対応中" }))
        .await
        .expect(200);
    let list = app
        .as_hub()
        .get(&format!("/v1/scorecards/{id}/comments"))
        .await
        .expect(200);
    assert_eq!(list["items"], json!([]));
}

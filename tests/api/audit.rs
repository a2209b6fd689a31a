//! Who changed what, when.

use serde_json::{Value, json};

use crate::support::fixtures::{LAST, own_scorecard};
use crate::support::{Actor, App};

const AUDIT: &str = "/v1/audit";

/// One change of every kind, an hour apart.
async fn history(app: &App) -> (String, Vec<&'static str>) {
    let hour = || app.clock.advance(chrono::TimeDelta::hours(1));
    let national = app.as_national();
    let mut actions = Vec::new();
    let name = |ja: &str| json!({ "ja": ja, "en": "x" });
    let body = json!({ "code": "31", "name": name("鳥取県"), "market_type": "challenge" });
    national.post("/v1/prefectures", &body).await.expect(201);
    actions.push("prefecture.created");
    hour();
    national
        .patch("/v1/prefectures/06", &json!({ "name": name("新県") }))
        .await
        .expect(200);
    actions.push("prefecture.changed");
    hour();
    let body = json!({ "code": "shonai", "name": name("庄内"), "prefecture": "06" });
    national.post("/v1/hubs", &body).await.expect(201);
    actions.push("hub.created");
    hour();
    national
        .patch("/v1/hubs/ehime", &json!({ "name": name("愛媛") }))
        .await
        .expect(200);
    actions.push("hub.changed");
    hour();
    let body = json!({ "email": "u@example.jp", "name": "利用者", "role": "viewer", "password": "a-secret-password" });
    let user = app.as_operator().post("/v1/users", &body).await.expect(201);
    actions.push("user.created");
    hour();
    let path = format!("/v1/users/{}", user["id"].as_str().unwrap());
    app.as_operator()
        .patch(&path, &json!({ "password": "another-secret" }))
        .await
        .expect(200);
    actions.push("user.changed");
    hour();
    let body = json!({ "name": "鍵", "role": "hub", "scope": { "hub": "yamagata" } });
    let key = app.as_hub().post("/v1/api-keys", &body).await.expect(201);
    actions.push("api_key.created");
    hour();
    app.as_hub()
        .delete(&format!("/v1/api-keys/{}", key["id"].as_str().unwrap()))
        .await;
    actions.push("api_key.revoked");
    hour();
    let id = app.scorecard(&own_scorecard("yamagata")).await;
    actions.push("scorecard.created");
    hour();
    let report = json!({ "month": LAST, "values": [{ "item": "consult", "value": 7 }], "note": "秘密の備考" });
    app.as_hub()
        .post(&format!("/v1/scorecards/{id}/actuals"), &report)
        .await
        .expect(200);
    actions.push("actuals.reported");
    hour();
    for (what, body) in [
        ("approve", json!({})),
        (
            "reopen",
            json!({ "reason": "r", "until": "2026-12-20T00:00:00Z" }),
        ),
        ("return", json!({ "note": "n" })),
    ] {
        let path = format!("/v1/scorecards/{id}/months/{LAST}/{what}");
        app.as_prefecture().post(&path, &body).await.expect(200);
        hour();
    }
    actions.extend(["month.approved", "month.reopened", "month.returned"]);
    (id, actions)
}

fn actions(page: &Value) -> Vec<&str> {
    page["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["action"].as_str().unwrap())
        .collect()
}

#[actix_web::test]
async fn every_change_is_recorded_once() {
    let app = App::new().await;
    let (id, mut expected) = history(&app).await;
    expected.reverse();
    let page = app.as_national().get(AUDIT).await.expect(200);
    assert_eq!(actions(&page), expected);
    let entry = |action: &str| {
        let items = page["items"].as_array().unwrap();
        let mut entry = items
            .iter()
            .find(|entry| entry["action"] == action)
            .unwrap()
            .clone();
        entry.as_object_mut().unwrap().remove("id");
        entry
    };
    assert_eq!(
        entry("actuals.reported"),
        json!({
            "at": "2026-11-22T12:00:00Z", "actor": "担当 hub (テスト)", "action": "actuals.reported",
            "subject_kind": "scorecard", "subject": id, "scorecard": id, "hub": "yamagata",
            "prefecture": "06",
            "detail": { "month": LAST, "revision": 2, "created": 1, "updated": 0, "cleared": 0, "source": "api" }
        })
    );
    assert_eq!(
        entry("hub.changed")["detail"],
        json!({
            "before": { "name": { "ja": "愛媛拠点", "en": "Ehime hub" } },
            "after": { "name": { "ja": "愛媛", "en": "x" } }
        })
    );
    assert_eq!(entry("user.changed")["detail"]["password_changed"], true);
    assert_eq!(entry("user.changed")["scorecard"], Value::Null);
    assert_eq!(
        entry("month.reopened")["detail"]["until"],
        "2026-12-20T00:00:00Z"
    );
    let text = page.to_string();
    for secret in [
        "a-secret-password",
        "another-secret",
        "argon2",
        "shk_",
        "秘密の備考",
    ] {
        assert!(!text.contains(secret), "{secret}");
    }
}

/// The nation sees all, a prefecture its own hubs, an operator accounts.
#[actix_web::test]
async fn everybody_sees_their_part() {
    let app = App::new().await;
    history(&app).await;
    let seen = async |actor: Actor| {
        let page = app.client(actor).get(AUDIT).await.expect(200);
        let mut seen: Vec<String> = actions(&page).into_iter().map(str::to_owned).collect();
        seen.reverse();
        seen
    };
    assert_eq!(
        seen(Actor::Prefecture).await,
        [
            "prefecture.changed",
            "hub.created",
            "scorecard.created",
            "actuals.reported",
            "month.approved",
            "month.reopened",
            "month.returned"
        ]
    );
    assert_eq!(seen(Actor::OtherPrefecture).await, ["hub.changed"]);
    assert_eq!(
        seen(Actor::Operator).await,
        [
            "user.created",
            "user.changed",
            "api_key.created",
            "api_key.revoked"
        ]
    );
    for actor in [
        Actor::Hub,
        Actor::ViewerOfNation,
        Actor::ViewerOfPrefecture,
        Actor::ViewerOfHub,
    ] {
        app.client(actor).get(AUDIT).await.problem("forbidden");
    }
}

/// Newest first, and no entry twice or never, also where many are of one time.
#[actix_web::test]
async fn pages_walk_all_entries() {
    let app = App::new().await;
    let (id, _) = history(&app).await;
    for value in 1..=5 {
        // All at one instant.
        app.report(&id, LAST, json!([{ "item": "refer", "value": value }]))
            .await;
    }
    let whole = app
        .as_national()
        .get(&format!("{AUDIT}?limit=200"))
        .await
        .expect(200);
    let whole = whole["items"].as_array().unwrap().clone();
    assert_eq!(whole.len(), 18);
    let times: Vec<&str> = whole
        .iter()
        .map(|entry| entry["at"].as_str().unwrap())
        .collect();
    assert!(times.is_sorted_by(|a, b| a >= b), "{times:?}");
    for limit in [1, 2, 7, 18] {
        let mut walked = Vec::new();
        let mut path = format!("{AUDIT}?limit={limit}");
        loop {
            let page = app.as_national().get(&path).await.expect(200);
            walked.extend(page["items"].as_array().unwrap().clone());
            match page["next_cursor"].as_str() {
                Some(cursor) => path = format!("{AUDIT}?limit={limit}&cursor={cursor}"),
                None => break,
            }
        }
        assert_eq!(walked, whole, "by {limit}");
    }
    // New entries do not disturb a walk that has begun.
    let first = app
        .as_national()
        .get(&format!("{AUDIT}?limit=10"))
        .await
        .expect(200);
    app.clock.advance(chrono::TimeDelta::hours(1));
    app.report(&id, LAST, json!([{ "item": "refer", "value": 9 }]))
        .await;
    let cursor = first["next_cursor"].as_str().unwrap();
    let rest = app
        .as_national()
        .get(&format!("{AUDIT}?limit=200&cursor={cursor}"))
        .await
        .expect(200);
    assert_eq!(rest["items"], json!(whole[10..]));
}

/// What changes nothing, and what is refused or tried, leaves no entry.
#[actix_web::test]
async fn only_changes_are_recorded() {
    let app = App::new().await;
    let (id, expected) = history(&app).await;
    let report =
        |value: i32| json!({ "month": LAST, "values": [{ "item": "consult", "value": value }] });
    let path = format!("/v1/scorecards/{id}/actuals");
    app.as_hub().post(&path, &report(7)).await.expect(200);
    app.as_hub()
        .post(&path, &report(-7))
        .await
        .problem("invalid");
    app.as_hub()
        .post(&format!("{path}?dry_run=true"), &report(8))
        .await
        .expect(200);
    app.as_national()
        .patch(
            "/v1/hubs/ehime",
            &json!({ "name": { "ja": "愛媛", "en": "x" } }),
        )
        .await
        .expect(200);
    app.as_hub().get(&path).await.expect(200);
    assert_eq!(app.dump().count("audit"), expected.len());
}

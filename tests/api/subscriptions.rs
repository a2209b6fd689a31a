//! Destinations of notices: made, shown without their secrets, changed, tested.

use chrono::TimeDelta;
use serde_json::{Value, json};
use shirube::app::{Sealer, subscriptions};
use shirube::domain::access::Scope;
use shirube::domain::delivery::{DisabledReason, Endpoint};
use shirube::domain::ids::SubscriptionId;
use shirube::storage;

use crate::support::fixtures::MISSING;
use crate::support::{Actor, Answer, App, SECRET, logs};

pub const SUBSCRIPTIONS: &str = "/v1/subscriptions";
/// What nobody may ever see again.
const CANARY: &str = "canary4711";

/// A webhook of the hub `yamagata`.
pub fn webhook() -> Value {
    json!({
        "name": "基幹システム", "channel": "webhook", "scope": { "hub": "yamagata" },
        "url": format!("https://receiver.example.jp/hook?key={CANARY}")
    })
}

/// The smallest body of a channel, with what is secret of it.
pub fn body(channel: &str) -> Value {
    let mut body = json!({ "name": "通知先", "channel": channel });
    match channel {
        "chatwork" => body["chatwork"] = json!({ "room": "123456", "token": CANARY }),
        "email" => {
            body["recipients"] = json!([
                format!("k-{CANARY}@pref.example.jp"),
                format!("s{CANARY}@example.com")
            ]);
        }
        _ => body["url"] = format!("https://hooks.example.jp/T0/{CANARY}").into(),
    }
    body
}

pub const CHANNELS: [&str; 6] = [
    "webhook",
    "slack",
    "teams",
    "chatwork",
    "line_works",
    "email",
];

pub fn path(made: &Value) -> String {
    format!("{SUBSCRIPTIONS}/{}", made["id"].as_str().unwrap())
}

pub async fn made(app: &App, body: &Value) -> Value {
    app.as_prefecture()
        .post(SUBSCRIPTIONS, body)
        .await
        .expect(201)
}

pub async fn refused(app: &App, body: &Value, issues: &[(&str, &str)]) {
    let answer = app.as_prefecture().post(SUBSCRIPTIONS, body).await;
    answer.problem("invalid").has_only(issues);
}

fn stored(app: &App, made: &Value) -> storage::subscriptions::Subscription {
    let id = SubscriptionId(made["id"].as_str().unwrap().to_owned());
    app.write(|conn| storage::subscriptions::find(conn, &id, &Scope::Nation))
        .unwrap()
}

#[actix_web::test]
async fn a_webhook_is_made_and_shown() {
    let app = App::new().await;
    let answer = app.as_prefecture().post(SUBSCRIPTIONS, &webhook()).await;
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let mut first = answer.expect(201);
    let location = answer.header("location").unwrap();
    assert_eq!(location, path(&first));
    let secret = first.as_object_mut().unwrap().remove("secret").unwrap();
    let secret = secret.as_str().unwrap();
    assert!(
        secret.starts_with("whsec_") && secret.len() == 50,
        "{secret}"
    );
    let id = first["id"].clone();
    let secret_id = first["secrets"][0]["id"].clone();
    assert_eq!(
        first,
        json!({
            "id": id, "name": "基幹システム", "channel": "webhook", "scope": { "hub": "yamagata" },
            "address": "https://receiver.example.jp/…",
            "filter": { "scorecards": [], "stages": [], "severity": null, "events": [] },
            "cadence": "immediate", "language": "ja", "escalation_days": 0, "digest_day": 11,
            "next_digest_at": null, "state": "active", "disabled_reason": null, "failing_since": null,
            "secrets": [{ "id": secret_id, "created_at": "2026-11-22T03:00:00Z", "expires_at": null }],
            "created_at": "2026-11-22T03:00:00Z", "created_by": "担当 prefecture (テスト)"
        })
    );
    let shown = app.as_hub().get(location).await.expect(200);
    assert_eq!(shown, first);
    let list = app.as_viewer().get(SUBSCRIPTIONS).await.expect(200);
    assert_eq!(list["items"], json!([first]));
    // What is stored opens with the service's key, for this destination alone.
    let row = stored(&app, &first);
    let sealer = Sealer::new(SECRET).unwrap();
    let endpoint = sealer.open(row.id.as_str(), &row.endpoint).unwrap();
    let endpoint: Endpoint = serde_json::from_str(&endpoint).unwrap();
    let url = format!("https://receiver.example.jp/hook?key={CANARY}");
    assert!(endpoint == Endpoint::Http { url });
    assert_eq!(sealer.open("another", &row.endpoint), None);
    let live = app.write(|conn| {
        Ok(subscriptions::live_secrets(conn, &app.state.office, &row.id, app.clock.now()).unwrap())
    });
    assert_eq!(live, [secret]);
}

#[actix_web::test]
async fn every_choice_is_kept() {
    let app = App::new().await;
    let card = app.own_scorecard().await;
    let filter = json!({
        "scorecards": [card], "stages": ["consult", "refer"], "severity": "critical",
        "events": ["alert.opened", "alert.resolved"]
    });
    let body = json!({
        "name": "月報", "channel": "email", "scope": { "prefecture": "06" },
        "recipients": ["kikaku@pref.example.jp", "Sato@Example.com"], "filter": filter,
        "cadence": "monthly", "language": "en", "escalation_days": 60, "digest_day": 28
    });
    let made = made(&app, &body).await;
    assert_eq!(made["secret"], Value::Null);
    assert_eq!(made["secrets"], json!([]));
    assert_eq!(made["address"], "k***@pref.example.jp, S***@Example.com");
    assert_eq!(made["filter"], filter);
    assert_eq!(made["scope"], json!({ "prefecture": "06" }));
    for (member, value) in [
        ("cadence", json!("monthly")),
        ("language", json!("en")),
        ("escalation_days", json!(60)),
        ("digest_day", json!(28)),
        ("next_digest_at", json!("2026-11-28T00:00:00Z")),
    ] {
        assert_eq!(made[member], value, "{member}");
    }
}

/// Absent choices: the caller's own scope, and the nation waits for others.
#[actix_web::test]
async fn every_channel_has_its_defaults() {
    let app = App::new().await;
    for (actor, scope, days) in [
        (Actor::Prefecture, json!({ "prefecture": "06" }), 0),
        (Actor::National, json!({}), 10),
    ] {
        for channel in CHANNELS {
            let answer = app.client(actor).post(SUBSCRIPTIONS, &body(channel)).await;
            let made = answer.expect(201);
            assert_eq!(made["scope"], scope, "{channel}");
            assert_eq!(made["escalation_days"], days, "{channel}");
            let shown = match channel {
                "webhook" | "slack" | "teams" | "line_works" => "https://hooks.example.jp/…",
                "chatwork" => "123456",
                _ => "k***@pref.example.jp, s***@example.com",
            };
            assert_eq!(made["address"], shown);
            assert_eq!(made["secret"].is_string(), channel == "webhook");
        }
    }
}

/// No address, token or secret is shown, logged, audited or stored in plain text.
#[actix_web::test]
async fn what_is_secret_is_never_seen_again() {
    let app = App::new().await;
    let mut secrets = vec![CANARY.to_owned()];
    let mut texts = Vec::new();
    for channel in CHANNELS {
        let made = made(&app, &body(channel)).await;
        let path = path(&made);
        if let Some(secret) = made["secret"].as_str() {
            secrets.push(secret.to_owned());
            let rotated = app
                .as_prefecture()
                .post(&format!("{path}/rotate-secret"), &json!({}))
                .await;
            secrets.push(rotated.expect(200)["secret"].as_str().unwrap().to_owned());
        } else {
            texts.push(made.to_string());
        }
        let test = format!("{path}/test");
        let sent = app.as_prefecture().post(&test, &json!({})).await;
        for id in sent.expect(202)["deliveries"].as_array().unwrap() {
            let delivery = format!("/v1/deliveries/{}", id.as_str().unwrap());
            texts.push(app.as_prefecture().get(&delivery).await.text().to_owned());
        }
        // What is refused is not repeated either.
        for bad in [
            json!({ "url": format!("https://{CANARY}@example.jp/") }),
            json!({ "recipients": [format!("{CANARY} x@example.jp")] }),
            json!({ "chatwork": { "room": "x", "token": CANARY } }),
        ] {
            let answer = app.as_prefecture().patch(&path, &bad).await;
            answer.problem("invalid");
            texts.push(answer.text().to_owned());
        }
        let again = body(channel);
        let mut change = json!({ "name": "改名" });
        for member in ["url", "chatwork", "recipients"] {
            if let Some(value) = again.get(member) {
                change[member] = value.clone();
            }
        }
        let changed = app.as_prefecture().patch(&path, &change).await;
        changed.expect(200);
        texts.push(changed.text().to_owned());
        for path in [path.clone(), format!("{path}/deliveries")] {
            texts.push(app.as_national().get(&path).await.text().to_owned());
        }
    }
    for path in [SUBSCRIPTIONS, "/v1/audit?limit=200", "/v1/outbox"] {
        let answer = app.as_national().get(path).await;
        answer.expect(200);
        texts.push(answer.text().to_owned());
    }
    let dump = app.dump();
    for secret in secrets {
        for text in &texts {
            assert!(!text.contains(&secret), "{secret} in {text}");
        }
        assert!(!dump.holds(&secret), "{secret} is stored");
        assert_eq!(logs::lines_with(&secret), [""; 0]);
    }
    assert!(!dump.holds("pref.example.jp/") && !dump.holds("@pref.example.jp\""));
}

#[actix_web::test]
async fn lists_go_by_scope_and_page() {
    let app = App::new().await;
    let mut names = Vec::new();
    for (actor, scope) in [
        (Actor::National, json!({})),
        (Actor::National, json!({ "prefecture": "06" })),
        (Actor::Prefecture, json!({ "hub": "yamagata" })),
        (Actor::Prefecture, json!({ "hub": "yonezawa" })),
        (Actor::OtherPrefecture, json!({ "hub": "ehime" })),
    ] {
        let mut body = webhook();
        body["name"] = scope.to_string().into();
        body["scope"] = scope;
        let made = app
            .client(actor)
            .post(SUBSCRIPTIONS, &body)
            .await
            .expect(201);
        names.push(made["name"].as_str().unwrap().to_owned());
    }
    for (actor, seen) in [
        (Actor::National, vec![0, 1, 2, 3, 4]),
        (Actor::ViewerOfNation, vec![0, 1, 2, 3, 4]),
        (Actor::Prefecture, vec![1, 2, 3]),
        (Actor::Hub, vec![2]),
        (Actor::ViewerOfHub, vec![2]),
        (Actor::OtherPrefecture, vec![4]),
    ] {
        let expected: Vec<&str> = seen.iter().map(|index| names[*index].as_str()).collect();
        let mut found = Vec::new();
        let mut next = Some(format!("{SUBSCRIPTIONS}?limit=2"));
        while let Some(path) = next {
            let page = app.client(actor).get(&path).await.expect(200);
            let items = page["items"].as_array().unwrap();
            assert!(items.len() <= 2);
            found.extend(
                items
                    .iter()
                    .map(|item| item["name"].as_str().unwrap().to_owned()),
            );
            next = page["next_cursor"]
                .as_str()
                .map(|cursor| format!("{SUBSCRIPTIONS}?limit=2&cursor={cursor}"));
        }
        assert_eq!(found, expected, "{actor:?}");
    }
    let bad = app.as_hub().get("/v1/subscriptions?cursor=x").await;
    bad.problem("invalid")
        .has_only(&[("out_of_range", "/query/cursor")]);
}

/// Another scope's destination answers like a missing one, whatever is asked of it.
#[actix_web::test]
async fn foreign_destinations_are_not_found() {
    let app = App::new().await;
    let made = made(&app, &webhook()).await;
    let foreign = path(&made);
    let missing = format!("{SUBSCRIPTIONS}/{MISSING}");
    let other = app.client(Actor::OtherPrefecture);
    let before = app.dump();
    let mut answers: Vec<(u16, Value)> = Vec::new();
    for path in [foreign, missing] {
        let mut all: Vec<Answer> = vec![
            other.get(&path).await,
            other.patch(&path, &json!({ "name": "x" })).await,
            other.delete(&path).await,
            other.get(&format!("{path}/deliveries")).await,
        ];
        for action in ["test", "rotate-secret", "replay"] {
            all.push(other.post(&format!("{path}/{action}"), &json!({})).await);
        }
        for answer in all {
            answer.problem("not_found");
            let (status, _, body) = answer.without_request_id();
            answers.push((status, body));
        }
    }
    answers.dedup();
    assert_eq!(answers.len(), 1);
    assert!(app.dump() == before);
}

#[actix_web::test]
async fn a_destination_is_changed() {
    let app = App::new().await;
    let card = app.own_scorecard().await;
    let first = made(&app, &webhook()).await;
    let path = path(&first);
    let change = json!({
        "name": "新しい名前", "url": "https://other.example.jp:8443/x",
        "filter": { "scorecards": [card], "severity": "high" }, "cadence": "monthly",
        "language": "en", "escalation_days": 3, "digest_day": 1
    });
    let changed = app.as_prefecture().patch(&path, &change).await.expect(200);
    for (member, value) in [
        ("name", json!("新しい名前")),
        ("address", json!("https://other.example.jp:8443/…")),
        (
            "filter",
            json!({ "scorecards": [card], "stages": [], "severity": "high", "events": [] }),
        ),
        ("cadence", json!("monthly")),
        ("language", json!("en")),
        ("escalation_days", json!(3)),
        ("digest_day", json!(1)),
        ("next_digest_at", json!("2026-12-01T00:00:00Z")),
    ] {
        assert_eq!(changed[member], value, "{member}");
    }
    assert_eq!(changed["secrets"], first["secrets"]);
    // Nothing asked, nothing changed, nothing told.
    let before = app.dump();
    let same = app
        .as_prefecture()
        .patch(&path, &json!({}))
        .await
        .expect(200);
    assert_eq!(same, changed);
    let same = app
        .as_prefecture()
        .patch(&path, &json!({ "digest_day": 1 }))
        .await;
    assert_eq!(same.expect(200), changed);
    assert!(app.dump() == before);
    // A filter is replaced as a whole.
    let empty = app
        .as_prefecture()
        .patch(&path, &json!({ "filter": {} }))
        .await;
    assert_eq!(empty.expect(200)["filter"], first["filter"]);
    let before = app.dump();
    for (change, code, place) in [
        (json!({ "channel": "slack" }), "unknown_field", "/channel"),
        (json!({ "scope": {} }), "unknown_field", "/scope"),
        (
            json!({ "recipients": ["a@example.jp"] }),
            "wrong_shape",
            "/recipients",
        ),
        (json!({ "state": "deleted" }), "out_of_range", "/state"),
        (json!({ "name": " " }), "out_of_range", "/name"),
        (
            json!({ "filter": { "scorecards": [MISSING] } }),
            "unknown_reference",
            "/filter/scorecards/0",
        ),
    ] {
        let answer = app.as_prefecture().patch(&path, &change).await;
        answer.problem("invalid").has_only(&[(code, place)]);
    }
    assert!(app.dump() == before);
    let actions = audit(&app, &first).await;
    assert_eq!(
        actions,
        [
            "subscription.changed",
            "subscription.changed",
            "subscription.created"
        ]
    );
}

/// What was done to a destination, newest first.
async fn audit(app: &App, made: &Value) -> Vec<String> {
    let entries = app.as_prefecture().get("/v1/audit").await.expect(200);
    entries["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|entry| entry["subject"] == made["id"])
        .map(|entry| entry["action"].as_str().unwrap().to_owned())
        .collect()
}

#[actix_web::test]
async fn a_destination_is_disabled_and_activated() {
    let app = App::new().await;
    let mut body = webhook();
    body["cadence"] = "monthly".into();
    let made = made(&app, &body).await;
    let path = path(&made);
    let off = app
        .as_prefecture()
        .patch(&path, &json!({ "state": "disabled" }))
        .await
        .expect(200);
    assert_eq!(off["state"], "disabled");
    assert_eq!(off["disabled_reason"]["code"], "by_hand");
    assert_eq!(off["next_digest_at"], Value::Null);
    let test = format!("{path}/test");
    let replay = format!("{path}/replay");
    for action in [&test, &replay] {
        let answer = app.as_prefecture().post(action, &json!({})).await;
        answer.problem("subscription_disabled");
    }
    // The digests of the time between are not made up for.
    app.clock.advance(TimeDelta::days(60));
    let on = app
        .as_prefecture()
        .patch(&path, &json!({ "state": "active" }))
        .await
        .expect(200);
    assert_eq!(on["state"], "active");
    assert_eq!(on["disabled_reason"], Value::Null);
    assert_eq!(on["next_digest_at"], "2027-02-11T00:00:00Z");
    app.as_prefecture()
        .post(&test, &json!({}))
        .await
        .expect(202);
    // The service itself takes a destination out of service, and says why.
    let row = stored(&app, &made);
    let now = app.clock.now();
    app.write(|conn| {
        subscriptions::disable(
            conn,
            &app.state.office,
            row.clone(),
            DisabledReason::Gone,
            now,
        )
        .unwrap();
        Ok(())
    });
    let gone = app.as_hub().get(&path).await.expect(200);
    assert_eq!(gone["disabled_reason"]["code"], "gone");
    assert_eq!(
        gone["disabled_reason"]["text"]["en"],
        "It answered that it is gone for good (410)."
    );
}

#[actix_web::test]
async fn a_destination_is_deleted() {
    let app = App::new().await;
    let made = made(&app, &webhook()).await;
    let path = path(&made);
    let test = format!("{path}/test");
    app.as_prefecture()
        .post(&test, &json!({}))
        .await
        .expect(202);
    app.as_prefecture().delete(&path).await.expect(204);
    app.as_prefecture().get(&path).await.problem("not_found");
    app.as_prefecture().delete(&path).await.problem("not_found");
    app.as_prefecture()
        .post(&test, &json!({}))
        .await
        .problem("not_found");
    let list = app.as_prefecture().get(SUBSCRIPTIONS).await.expect(200);
    assert_eq!(list["items"], json!([]));
    let outbox = app.as_operator().get("/v1/outbox").await.expect(200);
    assert_eq!(outbox["depth"]["cancelled"], 1);
    assert_eq!(outbox["depth"]["queued"], 0);
    let actions = audit(&app, &made).await;
    assert_eq!(
        actions,
        [
            "subscription.deleted",
            "subscription.tested",
            "subscription.created"
        ]
    );
}

/// A scope has ten places; a deleted destination leaves its own.
#[actix_web::test]
async fn a_scope_has_ten_destinations() {
    let app = App::new().await;
    let mut last = Value::Null;
    for _ in 0..10 {
        last = made(&app, &webhook()).await;
    }
    refused(&app, &webhook(), &[("out_of_range", "/scope")]).await;
    // Those of the scopes around it do not count.
    let mut other = webhook();
    other["scope"] = json!({ "prefecture": "06" });
    made(&app, &other).await;
    app.as_prefecture().delete(&path(&last)).await.expect(204);
    made(&app, &webhook()).await;
    refused(&app, &webhook(), &[("out_of_range", "/scope")]).await;
}

/// Five in an hour, however many recipients each has.
#[actix_web::test]
async fn tests_are_few() {
    let app = App::new().await;
    let made = made(&app, &body("email")).await;
    let test = format!("{}/test", path(&made));
    for _ in 0..5 {
        let sent = app
            .as_prefecture()
            .post(&test, &json!({}))
            .await
            .expect(202);
        assert_eq!(sent["deliveries"].as_array().unwrap().len(), 2);
        app.clock.advance(TimeDelta::minutes(10));
    }
    let answer = app.as_prefecture().post(&test, &json!({})).await;
    answer.problem("invalid").has_only(&[("out_of_range", "")]);
    app.clock.advance(TimeDelta::minutes(10));
    app.as_prefecture()
        .post(&test, &json!({}))
        .await
        .expect(202);
    let answer = app.as_prefecture().post(&test, &json!({ "x": 1 })).await;
    answer
        .problem("invalid")
        .has_only(&[("unknown_field", "/x")]);
    // Without a body, too.
    app.clock.advance(TimeDelta::hours(2));
    let answer = app
        .as_prefecture()
        .send(actix_web::http::Method::POST, &test, None)
        .await;
    answer.expect(202);
}

#[actix_web::test]
async fn secrets_are_rotated() {
    let app = App::new().await;
    let made = made(&app, &webhook()).await;
    let path = path(&made);
    let rotate = format!("{path}/rotate-secret");
    let id = SubscriptionId(made["id"].as_str().unwrap().to_owned());
    let live = |app: &App| {
        let now = app.clock.now();
        app.write(|conn| {
            Ok(subscriptions::live_secrets(conn, &app.state.office, &id, now).unwrap())
        })
    };
    let mut secrets = vec![made["secret"].as_str().unwrap().to_owned()];
    for round in 1..=4 {
        app.clock.advance(TimeDelta::hours(1));
        let answer = app.as_prefecture().post(&rotate, &json!({})).await;
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        let rotated = answer.expect(200);
        let until = app.clock.now() + TimeDelta::hours(24);
        assert_eq!(rotated["overlap_until"], json!(until));
        secrets.insert(0, rotated["secret"].as_str().unwrap().to_owned());
        // Never more than three, the newest first.
        let expected: Vec<String> = secrets.iter().take(3).cloned().collect();
        assert_eq!(live(&app), expected, "round {round}");
        let shown = app.as_hub().get(&path).await.expect(200);
        let shown = shown["secrets"].as_array().unwrap();
        assert_eq!(shown.len(), expected.len());
        assert_eq!(shown[0]["expires_at"], Value::Null);
        assert_eq!(shown[1]["expires_at"], json!(until));
    }
    // An emergency: the old ones stop at once, and a longer overlap brings none back.
    let body = json!({ "overlap_hours": 0 });
    let rotated = app.as_prefecture().post(&rotate, &body).await.expect(200);
    assert_eq!(rotated["overlap_until"], json!(app.clock.now()));
    let newest = rotated["secret"].as_str().unwrap().to_owned();
    assert_eq!(live(&app), std::slice::from_ref(&newest));
    let body = json!({ "overlap_hours": 168 });
    let rotated = app.as_prefecture().post(&rotate, &body).await.expect(200);
    let latest = rotated["secret"].as_str().unwrap().to_owned();
    assert_eq!(live(&app), [latest.clone(), newest]);
    app.clock.advance(TimeDelta::hours(168));
    assert_eq!(live(&app), [latest]);
    for (body, code) in [
        (json!({ "overlap_hours": 169 }), "out_of_range"),
        (json!({ "overlap_hours": "1" }), "wrong_type"),
    ] {
        let answer = app.as_prefecture().post(&rotate, &body).await;
        answer
            .problem("invalid")
            .has_only(&[(code, "/overlap_hours")]);
    }
}

#[actix_web::test]
async fn only_webhooks_have_secrets() {
    let app = App::new().await;
    for channel in ["slack", "email"] {
        let made = made(&app, &body(channel)).await;
        let rotate = format!("{}/rotate-secret", path(&made));
        let answer = app.as_prefecture().post(&rotate, &json!({})).await;
        answer.problem("invalid").has_only(&[("wrong_shape", "")]);
    }
}

/// An idempotency key keeps answers, but none with a secret.
#[actix_web::test]
async fn answers_with_a_secret_are_not_kept() {
    let app = App::new().await;
    let keyed = app.as_prefecture().with("Idempotency-Key", "once");
    let first = keyed.post(SUBSCRIPTIONS, &body("slack")).await.expect(201);
    let again = keyed.post(SUBSCRIPTIONS, &body("slack")).await;
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    assert_eq!(again.expect(201), first);
    let answer = keyed.post(SUBSCRIPTIONS, &webhook()).await;
    answer.problem("idempotency_key_reused");
    let keyed = app.as_prefecture().with("Idempotency-Key", "secret");
    let made = keyed.post(SUBSCRIPTIONS, &webhook()).await.expect(201);
    let again = keyed.post(SUBSCRIPTIONS, &webhook()).await;
    assert_eq!(again.header("idempotency-replayed"), None);
    let again = again.expect(201);
    assert_ne!(again["id"], made["id"]);
    let rotate = format!("{}/rotate-secret", path(&made));
    let first = keyed.post(&rotate, &json!({})).await.expect(200);
    let second = keyed.post(&rotate, &json!({})).await.expect(200);
    assert_ne!(first["secret"], second["secret"]);
    let dump = app.dump();
    for secret in [
        &made["secret"],
        &again["secret"],
        &first["secret"],
        &second["secret"],
    ] {
        assert!(!dump.holds(secret.as_str().unwrap()));
    }
    let test = format!("{}/test", path(&made));
    let first = keyed.post(&test, &json!({})).await.expect(202);
    let second = keyed.post(&test, &json!({})).await;
    assert_eq!(second.header("idempotency-replayed"), Some("true"));
    assert_eq!(second.expect(202), first);
}

//! What was sent, and the outbox. No worker runs here: the tests claim and
//! settle as it does.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use shirube::app::deliveries::{self, Ended, Job};
use shirube::app::housekeeping::forget_expired;
use shirube::domain::delivery::{DeliveryState, Outcome};
use shirube::domain::ids::DeliveryId;
use shirube::storage::deliveries::{Attempt, Claim};
use shirube::storage::{self, DatabaseUrl};

use crate::support::contract::{openapi, validator_of};
use crate::support::fixtures::MISSING;
use crate::support::{Actor, App};

const ANSWER: &str = "internal error, you said: endpoint.test";

/// A destination of the hub `yamagata`; returns its path.
async fn destination(app: &App, channel: &str) -> String {
    let mut body = json!({ "name": "通知先", "channel": channel, "scope": { "hub": "yamagata" } });
    match channel {
        "email" => body["recipients"] = json!(["kikaku@pref.example.jp", "sato@example.com"]),
        _ => body["url"] = "https://receiver.example.jp/hook".into(),
    }
    let made = app
        .as_prefecture()
        .post("/v1/subscriptions", &body)
        .await
        .expect(201);
    format!("/v1/subscriptions/{}", made["id"].as_str().unwrap())
}

/// Sends a test; returns the identifiers of its deliveries.
async fn test(app: &App, destination: &str) -> Vec<String> {
    let sent = app
        .as_prefecture()
        .post(&format!("{destination}/test"), &json!({}))
        .await
        .expect(202);
    let ids = sent["deliveries"].as_array().unwrap().iter();
    ids.map(|id| id.as_str().unwrap().to_owned()).collect()
}

/// Leases what is due.
fn claim(app: &App) -> Vec<Job> {
    let now = app.clock.now();
    let places = BTreeMap::new();
    let claim = Claim {
        owner: "test",
        now,
        lease_until: now + TimeDelta::seconds(30),
        places: &places,
        places_each: 1_000,
        limit: 1_000,
    };
    app.write(|conn| Ok(deliveries::claim(conn, &app.state.office, &claim).unwrap()))
}

/// Ends an attempt, to be retried in an hour or never.
fn settle(app: &App, job: &Job, outcome: Outcome, retry: bool) {
    let now = app.clock.now();
    let failed = outcome != Outcome::Delivered;
    let ended = Ended {
        outcome,
        retry_at: retry.then(|| now + TimeDelta::hours(1)),
        attempt: Attempt {
            number: job.delivery.attempts + 1,
            started_at: now,
            milliseconds: 12,
            outcome: outcome.code().to_owned(),
            status: Some(if failed { 500 } else { 200 }),
            error: failed.then(|| "status".to_owned()),
            excerpt: failed.then(|| ANSWER.to_owned()),
        },
        at: now,
    };
    app.write(|conn| {
        deliveries::settle(conn, &app.state.office, &job.delivery, &ended).unwrap();
        Ok(())
    });
}

/// Sends a test that ends so.
async fn ended(app: &App, destination: &str, outcome: Outcome) -> String {
    let id = test(app, destination).await.remove(0);
    for job in claim(app) {
        settle(app, &job, outcome, false);
    }
    app.clock.advance(TimeDelta::minutes(20));
    id
}

async fn state(app: &App, id: &str) -> Value {
    let path = format!("/v1/deliveries/{id}");
    app.as_hub().get(&path).await.expect(200)["state"].clone()
}

#[actix_web::test]
async fn a_delivery_is_shown_with_every_attempt() {
    let app = App::new().await;
    let destination = destination(&app, "webhook").await;
    let id = test(&app, &destination).await.remove(0);
    let path = format!("/v1/deliveries/{id}");
    let waiting = app.as_hub().get(&path).await.expect(200);
    assert_eq!(
        (
            waiting["state"].as_str(),
            waiting["due_at"].as_str(),
            &waiting["attempts"]
        ),
        (Some("queued"), Some("2026-11-22T03:00:00Z"), &json!([]))
    );
    let jobs = claim(&app);
    assert_eq!(state(&app, &id).await, "leased");
    settle(&app, &jobs[0], Outcome::Retry, true);
    assert_eq!(state(&app, &id).await, "retry_wait");
    app.clock.advance(TimeDelta::hours(1));
    settle(&app, &claim(&app)[0], Outcome::Delivered, false);
    let mut shown = app.as_hub().get(&path).await.expect(200);
    let message = shown.as_object_mut().unwrap().remove("message").unwrap();
    let subscription = destination.rsplit('/').next().unwrap();
    assert_eq!(
        shown,
        json!({
            "id": id, "subscription": subscription, "recipient": null, "event": "endpoint.test",
            "scorecard": null, "month": null, "state": "delivered", "attempt_count": 2, "due_at": null,
            "created_at": "2026-11-22T03:00:00Z", "ended_at": "2026-11-22T04:00:00Z",
            "attempts": [
                { "number": 1, "started_at": "2026-11-22T03:00:00Z", "milliseconds": 12, "outcome": "retry",
                  "status": 500, "error": "status", "excerpt": ANSWER },
                { "number": 2, "started_at": "2026-11-22T04:00:00Z", "milliseconds": 12, "outcome": "delivered",
                  "status": 200, "error": null, "excerpt": null }
            ]
        })
    );
    let event: Value = serde_json::from_str(message.as_str().unwrap()).unwrap();
    let body = &openapi()["webhooks"]["endpoint.test"]["post"]["requestBody"];
    let schema = &body["content"]["application/json"]["schema"];
    assert!(validator_of(schema).is_valid(&event), "{event}");
    // Operators see that it went, not what it said, nor what came back.
    let seen = app.as_operator().get(&path).await;
    assert!(!seen.text().contains("said"), "{}", seen.text());
    let seen = seen.expect(200);
    assert_eq!(seen["message"], Value::Null);
    assert_eq!(seen["attempts"][0]["excerpt"], Value::Null);
    assert_eq!(seen["attempts"][0]["status"], 500);
    app.client(Actor::Neighbour)
        .get(&path)
        .await
        .problem("not_found");
    let missing = format!("/v1/deliveries/{MISSING}");
    app.as_national().get(&missing).await.problem("not_found");
    app.as_hub()
        .get(&format!("{path}?x=1"))
        .await
        .problem("invalid");
}

#[actix_web::test]
async fn deliveries_are_listed_by_state_and_page() {
    let app = App::new().await;
    let destination = destination(&app, "webhook").await;
    let list = format!("{destination}/deliveries");
    let delivered = ended(&app, &destination, Outcome::Delivered).await;
    let exhausted = ended(&app, &destination, Outcome::Retry).await;
    let failed = ended(&app, &destination, Outcome::Refused).await;
    let queued = test(&app, &destination).await.remove(0);
    for (state, ids) in [
        ("delivered", vec![&delivered]),
        ("exhausted", vec![&exhausted]),
        ("failed", vec![&failed]),
        ("queued", vec![&queued]),
        ("parked", vec![]),
    ] {
        let page = app
            .as_viewer()
            .get(&format!("{list}?state={state}"))
            .await
            .expect(200);
        let found: Vec<&str> = ids_of(&page);
        assert_eq!(found, ids, "{state}");
    }
    let mut all = Vec::new();
    let mut next = Some(format!("{list}?limit=3"));
    while let Some(path) = next {
        let page = app.as_operator().get(&path).await.expect(200);
        all.extend(ids_of(&page).iter().map(|id| (*id).to_owned()));
        let cursor = page["next_cursor"].as_str();
        next = cursor.map(|cursor| format!("{list}?limit=3&cursor={cursor}"));
    }
    assert_eq!(all, [queued, failed, exhausted, delivered], "newest first");
    for (query, place) in [
        ("state=lost", "/query/state"),
        ("limit=201", "/query/limit"),
        ("cursor=x", "/query/cursor"),
    ] {
        let answer = app.as_hub().get(&format!("{list}?{query}")).await;
        answer
            .problem("invalid")
            .has_only(&[("out_of_range", place)]);
    }
}

fn ids_of(page: &Value) -> Vec<&str> {
    let items = page["items"].as_array().unwrap().iter();
    items.map(|item| item["id"].as_str().unwrap()).collect()
}

/// A delivery is sent again as it was, whatever became of it.
#[actix_web::test]
async fn one_delivery_is_sent_again() {
    let app = App::new().await;
    let destination = destination(&app, "webhook").await;
    for outcome in [Outcome::Delivered, Outcome::Retry, Outcome::Refused] {
        let id = ended(&app, &destination, outcome).await;
        let path = format!("/v1/deliveries/{id}");
        let before = app.as_hub().get(&path).await.expect(200);
        let again = app
            .as_prefecture()
            .post(&format!("{path}/replay"), &json!({}))
            .await;
        let again = again.expect(202);
        assert_eq!(again["state"], "queued", "{outcome}");
        assert_eq!(again["due_at"], json!(app.clock.now()));
        assert_eq!(again["ended_at"], Value::Null);
        assert_eq!(again["message"], before["message"]);
        assert_eq!(again["attempts"], before["attempts"]);
        // While it is on its way, once more changes nothing.
        let before = app.dump();
        let once_more = app
            .as_prefecture()
            .post(&format!("{path}/replay"), &json!({}))
            .await;
        assert_eq!(once_more.expect(202), again);
        assert!(app.dump() == before);
        let jobs = claim(&app);
        assert_eq!(jobs.len(), 1);
        assert_eq!(jobs[0].delivery.id.as_str(), id);
        settle(&app, &jobs[0], Outcome::Delivered, false);
        assert_eq!(state(&app, &id).await, "delivered");
    }
    let replay = format!("/v1/deliveries/{MISSING}/replay");
    app.as_national()
        .post(&replay, &json!({}))
        .await
        .problem("not_found");
}

#[actix_web::test]
async fn what_was_missed_is_sent_again() {
    let app = App::new().await;
    let destination = destination(&app, "webhook").await;
    let replay = format!("{destination}/replay");
    ended(&app, &destination, Outcome::Delivered).await;
    let early = ended(&app, &destination, Outcome::Retry).await;
    let since = app.clock.now();
    let late = ended(&app, &destination, Outcome::Refused).await;
    let parked = test(&app, &destination).await.remove(0);
    for switch in ["disabled", "active"] {
        let change = json!({ "state": switch });
        app.as_prefecture()
            .patch(&destination, &change)
            .await
            .expect(200);
    }
    assert_eq!(
        state(&app, &parked).await,
        "parked",
        "nothing is sent again by itself"
    );
    let again = app
        .as_prefecture()
        .post(&replay, &json!({ "since": since }))
        .await;
    assert_eq!(again.expect(202), json!({ "replayed": 2, "remaining": 0 }));
    assert_eq!(state(&app, &early).await, "exhausted");
    assert_eq!(state(&app, &late).await, "queued");
    assert_eq!(state(&app, &parked).await, "queued");
    let answer = app
        .as_prefecture()
        .send(actix_web::http::Method::POST, &replay, None)
        .await;
    assert_eq!(answer.expect(202), json!({ "replayed": 1, "remaining": 0 }));
    let before = app.dump();
    let none = app.as_prefecture().post(&replay, &json!({})).await;
    assert_eq!(none.expect(202), json!({ "replayed": 0, "remaining": 0 }));
    assert!(app.dump() == before, "nothing to tell of");
    for (body, code, place) in [
        (json!({ "since": "yesterday" }), "wrong_type", "/since"),
        (json!({ "until": since }), "unknown_field", "/until"),
    ] {
        let answer = app.as_prefecture().post(&replay, &body).await;
        answer.problem("invalid").has_only(&[(code, place)]);
    }
    let entries = app.as_prefecture().get("/v1/audit").await.expect(200);
    let replays = entries["items"].as_array().unwrap().iter();
    let replays: Vec<&Value> = replays
        .filter(|entry| entry["action"] == "deliveries.replayed")
        .map(|entry| &entry["detail"])
        .collect();
    assert_eq!(
        replays,
        [&json!({ "deliveries": 1 }), &json!({ "deliveries": 2 })]
    );
}

/// Five hundred at once, the oldest first; the answer says what is left.
#[actix_web::test]
async fn a_replay_says_what_is_left() {
    let app = App::new().await;
    let destination = destination(&app, "webhook").await;
    ended(&app, &destination, Outcome::Retry).await;
    let replay = format!("{destination}/replay");
    let first = test(&app, &destination).await;
    let pattern = claim(&app).remove(0).delivery;
    app.write(|conn| {
        (0..500).try_for_each(|number| {
            let mut delivery = pattern.clone();
            delivery.id = DeliveryId(format!("msg_{number:03}"));
            delivery.state = DeliveryState::Exhausted;
            storage::deliveries::enqueue(conn, &delivery, &BTreeSet::new())
        })
    });
    let again = app.as_prefecture().post(&replay, &json!({})).await;
    assert_eq!(
        again.expect(202),
        json!({ "replayed": 500, "remaining": 1 })
    );
    assert_eq!(state(&app, "msg_499").await, "exhausted");
    assert_eq!(state(&app, &first[0]).await, "leased");
    let rest = app.as_prefecture().post(&replay, &json!({})).await;
    assert_eq!(rest.expect(202), json!({ "replayed": 1, "remaining": 0 }));
}

/// What ended is kept for 13 months; what waits is kept.
#[actix_web::test]
async fn old_deliveries_are_forgotten() {
    let app = App::new().await;
    let destination = destination(&app, "webhook").await;
    let old = ended(&app, &destination, Outcome::Retry).await;
    let waiting = test(&app, &destination).await.remove(0);
    let rotate = format!("{destination}/rotate-secret");
    app.as_prefecture()
        .post(&rotate, &json!({}))
        .await
        .expect(200);
    app.clock.set("2027-12-22T03:00:00Z".parse().unwrap());
    let forget = |app: &App| forget_expired(&app.state.db, app.clock.now()).unwrap();
    assert_eq!(forget(&app), 1, "the old secret");
    assert_eq!(state(&app, &old).await, "exhausted");
    app.clock.advance(TimeDelta::seconds(1));
    assert_eq!(forget(&app), 1);
    let path = format!("/v1/deliveries/{old}");
    app.as_hub().get(&path).await.problem("not_found");
    assert_eq!(state(&app, &waiting).await, "queued");
    assert_eq!(app.dump().count("delivery_attempts"), 0);
}

/// A destination that is gone: what waits is parked, and a replay is refused until it is activated.
#[actix_web::test]
async fn a_disabled_destination_gets_nothing() {
    let app = App::new().await;
    let destination = destination(&app, "webhook").await;
    let waiting = test(&app, &destination).await.remove(0);
    let jobs = claim(&app);
    app.clock.advance(TimeDelta::seconds(1));
    let second = test(&app, &destination).await.remove(0);
    settle(&app, &jobs[0], Outcome::Gone, false);
    let shown = app.as_hub().get(&destination).await.expect(200);
    assert_eq!(shown["disabled_reason"]["code"], "gone");
    assert_eq!(shown["failing_since"], json!(app.clock.now()));
    assert_eq!(state(&app, &waiting).await, "parked");
    assert_eq!(state(&app, &second).await, "parked");
    let replay = format!("/v1/deliveries/{waiting}/replay");
    let answer = app.as_prefecture().post(&replay, &json!({})).await;
    answer.problem("subscription_disabled");
    assert!(claim(&app).is_empty());
}

/// Mails go to addresses that are nowhere in plain text, and to nobody who was taken off.
#[actix_web::test]
async fn mails_go_to_present_recipients_only() {
    let app = App::new().await;
    let destination = destination(&app, "email").await;
    let ids = test(&app, &destination).await;
    assert_eq!(ids.len(), 2);
    let list = format!("{destination}/deliveries");
    let page = app.as_hub().get(&list).await.expect(200);
    let mut shown: Vec<&str> = page["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["recipient"].as_str().unwrap())
        .collect();
    shown.sort_unstable();
    assert_eq!(shown, ["k***@pref.example.jp", "s***@example.com"]);
    for address in ["kikaku@pref.example.jp", "sato@example.com"] {
        assert!(!app.dump().holds(address));
    }
    let detail = app
        .as_hub()
        .get(&format!("/v1/deliveries/{}", ids[0]))
        .await
        .expect(200);
    let message = detail["message"].as_str().unwrap();
    assert!(message.contains("テスト"), "{message}");
    assert!(!message.contains("<html"), "{message}");
    let jobs = claim(&app);
    let mut to: Vec<&str> = jobs
        .iter()
        .map(|job| job.delivery.recipient.as_deref().unwrap())
        .collect();
    to.sort_unstable();
    assert_eq!(to, ["kikaku@pref.example.jp", "sato@example.com"]);
    for job in &jobs {
        settle(&app, job, Outcome::Retry, true);
    }
    let change = json!({ "recipients": ["KIKAKU@pref.example.jp"] });
    app.as_prefecture()
        .patch(&destination, &change)
        .await
        .expect(200);
    app.clock.advance(TimeDelta::hours(1));
    let jobs = claim(&app);
    let to: Vec<Option<&str>> = jobs
        .iter()
        .map(|job| job.delivery.recipient.as_deref())
        .collect();
    assert_eq!(to, [Some("KIKAKU@pref.example.jp")]);
    let gone = app
        .as_hub()
        .get(&format!("{list}?state=cancelled"))
        .await
        .expect(200);
    assert_eq!(gone["items"].as_array().unwrap().len(), 1);
    assert_eq!(gone["items"][0]["recipient"], Value::Null);
}

#[actix_web::test]
async fn the_outbox_is_paused_and_resumed() {
    let app = App::new().await;
    let outbox = app.as_operator().get("/v1/outbox").await.expect(200);
    assert_eq!(
        outbox,
        json!({
            "paused": false, "reason": null, "changed_at": null, "changed_by": null,
            "depth": {
                "queued": 0, "leased": 0, "retry_wait": 0, "delivered": 0, "exhausted": 0, "failed": 0,
                "cancelled": 0, "parked": 0
            },
            "oldest_due_at": null
        })
    );
    let destination = destination(&app, "webhook").await;
    test(&app, &destination).await;
    let pause = json!({ "reason": "メールサーバーの入れ替え" });
    let paused = app
        .as_operator()
        .post("/v1/outbox/pause", &pause)
        .await
        .expect(200);
    assert_eq!(paused["paused"], true);
    assert_eq!(paused["reason"], "メールサーバーの入れ替え");
    assert_eq!(paused["changed_by"], "担当 operator (テスト)");
    assert_eq!(paused["changed_at"], "2026-11-22T03:00:00Z");
    assert_eq!(paused["depth"]["queued"], 1);
    assert_eq!(paused["oldest_due_at"], "2026-11-22T03:00:00Z");
    assert!(claim(&app).is_empty(), "nothing is sent");
    let other = json!({ "reason": "別の理由" });
    let again = app
        .as_national()
        .post("/v1/outbox/pause", &other)
        .await
        .expect(200);
    assert_eq!(again, paused);
    app.clock.advance(TimeDelta::hours(1));
    let resumed = app
        .as_national()
        .post("/v1/outbox/resume", &json!({}))
        .await
        .expect(200);
    assert_eq!(resumed["paused"], false);
    assert_eq!(resumed["reason"], Value::Null);
    assert_eq!(resumed["changed_by"], "担当 national (テスト)");
    assert_eq!(claim(&app).len(), 1);
    for (path, body, code, place) in [
        ("/v1/outbox/pause", json!({}), "missing", "/reason"),
        (
            "/v1/outbox/pause",
            json!({ "reason": "" }),
            "out_of_range",
            "/reason",
        ),
        (
            "/v1/outbox/resume",
            json!({ "reason": "x" }),
            "unknown_field",
            "/reason",
        ),
    ] {
        let answer = app.as_operator().post(path, &body).await;
        answer.problem("invalid").has_only(&[(code, place)]);
    }
    let entries = app.as_operator().get("/v1/audit").await.expect(200);
    let actions: Vec<&str> = entries["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["action"].as_str().unwrap())
        .collect();
    assert_eq!(actions, ["outbox.resumed", "outbox.paused"]);
}

/// A copy of a database pauses by itself, and says so.
#[actix_web::test]
async fn a_restored_copy_waits_to_be_told() {
    let app = App::new().await;
    let now: DateTime<Utc> = app.clock.now();
    for (identity, is_copy) in [("here", false), ("there", true)] {
        let paused = app.write(|conn| {
            // A server of its own has an identity of its own, which is the same both times.
            Ok(deliveries::recognise(conn, identity, now).unwrap())
        });
        let has_own = matches!(app.database().url(), DatabaseUrl::Postgres(_));
        assert_eq!(paused, is_copy && !has_own, "{identity}");
        if paused {
            let outbox = app.as_operator().get("/v1/outbox").await.expect(200);
            assert_eq!(outbox["reason"], "restored");
            assert_eq!(outbox["changed_by"], Value::Null);
        }
    }
}

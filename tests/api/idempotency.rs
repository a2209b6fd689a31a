//! `Idempotency-Key`: a repetition answers what the first request answered.

use serde_json::{Value, json};

use crate::support::fixtures::{self, LAST, item};
use crate::support::{Actor, App};

fn path(id: &str) -> String {
    format!("/v1/scorecards/{id}/actuals")
}

fn report(value: u32) -> Value {
    json!({ "month": LAST, "values": [{ "item": "consult", "value": value }] })
}

#[actix_web::test]
async fn a_repetition_answers_the_first_answer() {
    let app = App::new().await;
    let id = app.own_scorecard().await;
    let keyed = app.as_hub().with("Idempotency-Key", "0190-abc/!~");
    let first = keyed.post(&path(&id), &report(3)).await;
    assert_eq!(first.header("idempotency-replayed"), None);
    assert_eq!(first.expect(200)["outcome"], "applied");
    // Others have written since; the answer is still that of its time.
    app.report(&id, LAST, json!([{ "item": "consult", "value": 4 }]))
        .await;
    app.clock.advance(chrono::TimeDelta::days(29));
    let before = app.dump();
    let again = keyed.post(&path(&id), &report(3)).await;
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    assert_eq!(again.body, first.body);
    assert_eq!(again.header("etag"), first.header("etag"));
    assert_eq!(again.header("content-type"), first.header("content-type"));
    assert_eq!(again.header("cache-control"), first.header("cache-control"));
    assert!(app.dump() == before);
    // The demand of a replay was met long ago.
    let demanding = keyed.with("If-Match", "\"1\"");
    assert_eq!(
        demanding.post(&path(&id), &report(3)).await.body,
        first.body
    );
}

#[actix_web::test]
async fn another_body_under_the_same_key_is_refused() {
    let app = App::new().await;
    let id = app.own_scorecard().await;
    let keyed = app.as_hub().with("Idempotency-Key", "one");
    keyed.post(&path(&id), &report(3)).await.expect(200);
    let before = app.dump();
    for body in [report(4), json!({ "values": [], "month": LAST })] {
        keyed
            .post(&path(&id), &body)
            .await
            .problem("idempotency_key_reused");
    }
    // The same body in other bytes is another body: bytes are what is compared.
    let spaced = report(3).to_string().replace(':', ": ");
    let answer = keyed.post_bytes(&path(&id), &spaced).await;
    answer.problem("idempotency_key_reused");
    assert!(app.dump() == before);
}

/// Keys are per caller, method and path.
#[actix_web::test]
async fn a_key_belongs_to_its_caller_and_path() {
    let app = App::new().await;
    let id = app.own_scorecard().await;
    let mut second_card = fixtures::own_scorecard("yamagata");
    second_card["key"] = "second".into();
    let second = app.scorecard(&second_card).await;
    let key = |actor: Actor| app.client(actor).with("Idempotency-Key", "same");
    key(Actor::Hub)
        .post(&path(&id), &report(3))
        .await
        .expect(200);
    for (actor, id, value) in [
        (Actor::National, &id, 4),
        (Actor::Hub, &second, 5),
        (Actor::National, &second, 6),
    ] {
        let answer = key(actor).post(&path(id), &report(value)).await;
        assert_eq!(answer.header("idempotency-replayed"), None, "{actor:?}");
        assert_eq!(answer.expect(200)["outcome"], "applied", "{actor:?}");
    }
    // Another key of the same account is another caller.
    let made = app
        .as_hub()
        .post(
            "/v1/api-keys",
            &json!({ "name": "second", "role": "hub", "scope": { "hub": "yamagata" } }),
        )
        .await
        .expect(201);
    let other = app
        .with_token(made["secret"].as_str().unwrap())
        .with("Idempotency-Key", "same");
    let answer = other.post(&path(&id), &report(7)).await;
    assert_eq!(answer.header("idempotency-replayed"), None);
    let approve = |id: &str| format!("/v1/scorecards/{id}/months/{LAST}/approve");
    let decided = key(Actor::National).post(&approve(&id), &json!({})).await;
    assert_eq!(decided.expect(200)["state"], "approved");
}

/// A query is part of what was asked.
#[actix_web::test]
async fn another_query_is_another_request() {
    let app = App::new().await;
    let id = app.own_scorecard().await;
    let keyed = app.as_hub().with("Idempotency-Key", "query");
    let bulk = json!({ "reports": [
        { "scorecard": id, "month": LAST, "values": [{ "item": "consult", "value": 1 }] }
    ] });
    keyed
        .post("/v1/actuals?mode=partial", &bulk)
        .await
        .expect(200);
    let answer = keyed.post("/v1/actuals?mode=atomic", &bulk).await;
    answer.problem("idempotency_key_reused");
    let again = keyed.post("/v1/actuals?mode=partial", &bulk).await;
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
}

/// What was refused or only tried may be asked again under its key.
#[actix_web::test]
async fn only_successes_are_kept() {
    let app = App::new().await;
    let id = app.own_scorecard().await;
    let keyed = app.as_hub().with("Idempotency-Key", "again");
    let bad = json!({ "month": LAST, "values": [{ "item": "nobody", "value": 1 }] });
    keyed.post(&path(&id), &bad).await.problem("invalid");
    let stale = keyed.with("If-Match", "\"99\"");
    stale
        .post(&path(&id), &report(3))
        .await
        .problem("stale_revision");
    let dry = format!("{}?dry_run=true", path(&id));
    keyed.post(&dry, &report(3)).await.expect(200);
    assert_eq!(app.dump().count("idempotency_keys"), 0);
    let answer = keyed.post(&path(&id), &report(3)).await;
    assert_eq!(answer.header("idempotency-replayed"), None);
    assert_eq!(answer.expect(200)["outcome"], "applied");
    assert_eq!(app.dump().count("idempotency_keys"), 1);
    // A dry run does not replay either: it says what would happen now.
    let answer = keyed.post(&dry, &report(3)).await;
    assert_eq!(answer.header("idempotency-replayed"), None);
    assert_eq!(answer.expect(200)["outcome"], "unchanged");
}

/// A created thing comes back with its status and address.
#[actix_web::test]
async fn a_creation_is_not_repeated() {
    let app = App::new().await;
    let keyed = app.as_prefecture().with("Idempotency-Key", "create");
    let body = fixtures::own_scorecard("yamagata");
    let first = keyed.post("/v1/scorecards", &body).await;
    first.expect(201);
    let again = keyed.post("/v1/scorecards", &body).await;
    again.expect(201);
    assert_eq!(again.body, first.body);
    assert_eq!(again.header("location"), first.header("location"));
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    let without = app.as_prefecture().post("/v1/scorecards", &body).await;
    without.problem("already_exists");
}

/// A secret is shown once: its answer is not kept, so the key does not bring
/// it back.
#[actix_web::test]
async fn a_secret_is_not_replayed() {
    let app = App::new().await;
    let keyed = app.as_hub().with("Idempotency-Key", "secret");
    let body = json!({ "name": "k", "role": "viewer", "scope": { "hub": "yamagata" } });
    let first = keyed.post("/v1/api-keys", &body).await;
    let secret = first.expect(201)["secret"].as_str().unwrap().to_owned();
    let again = keyed.post("/v1/api-keys", &body).await;
    assert_ne!(again.expect(201)["secret"], secret.as_str());
    assert_eq!(again.header("idempotency-replayed"), None);
    assert!(!app.dump().holds(&secret));
}

#[actix_web::test]
async fn keys_are_visible_ascii() {
    let app = App::new().await;
    let id = app.own_scorecard().await;
    let before = app.dump();
    let too_long = "k".repeat(256);
    for key in ["", "a b", "タイムスタンプ", "a\tb", too_long.as_str()] {
        let keyed = app.as_hub().with("Idempotency-Key", key);
        let answer = keyed.post(&path(&id), &report(3)).await;
        let fault = [("out_of_range", "/header/Idempotency-Key")];
        answer.problem("invalid").has_only(&fault);
        let dry = format!("{}?dry_run=true", path(&id));
        let answer = keyed.post(&dry, &report(3)).await;
        answer.problem("invalid").has_only(&fault);
    }
    let keyed = app.as_hub().with_bytes("Idempotency-Key", b"\xff\xfe");
    keyed.post(&path(&id), &report(3)).await.problem("invalid");
    // Together with what is wrong with the body.
    let bad = json!({ "month": LAST, "values": [{ "item": "nobody", "value": 1 }] });
    let keyed = app.as_hub().with("Idempotency-Key", "a b");
    let answer = keyed.post(&path(&id), &bad).await;
    answer.problem("invalid").has_only(&[
        ("unknown_item", "/values/0/item"),
        ("out_of_range", "/header/Idempotency-Key"),
    ]);
    assert!(app.dump() == before);
    let longest = app.as_hub().with("Idempotency-Key", &"k".repeat(255));
    longest.post(&path(&id), &report(3)).await.expect(200);
}

/// A key lives 30 days, then it is forgotten.
#[actix_web::test]
async fn a_key_is_forgotten_after_thirty_days() {
    let app = App::new().await;
    let id = app.own_scorecard().await;
    let keyed = app.as_hub().with("Idempotency-Key", "old");
    keyed.post(&path(&id), &report(3)).await.expect(200);
    let forget = |app: &App| {
        shirube::app::housekeeping::forget_expired(&app.state.db, app.clock.now()).unwrap();
    };
    app.clock.advance(chrono::TimeDelta::days(30));
    forget(&app);
    let again = keyed.post(&path(&id), &report(3)).await;
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    app.clock.advance(chrono::TimeDelta::seconds(1));
    forget(&app);
    let anew = keyed.post(&path(&id), &report(4)).await;
    assert_eq!(anew.header("idempotency-replayed"), None);
    assert_eq!(anew.expect(200)["outcome"], "applied");
    let card = app
        .as_hub()
        .get(&format!("/v1/scorecards/{id}"))
        .await
        .expect(200);
    assert_eq!(item(&card, "consult")["cell"]["value"], 4);
}

/// A caller who lost the right gets no replay.
#[actix_web::test]
async fn a_replay_needs_the_right() {
    let app = App::new().await;
    let id = app.own_scorecard().await;
    let keyed = app.as_hub().with("Idempotency-Key", "right");
    keyed.post(&path(&id), &report(3)).await.expect(200);
    let close = format!("/v1/users/{}", Actor::Hub.user_id());
    app.as_operator()
        .patch(&close, &json!({ "active": false }))
        .await
        .expect(200);
    keyed
        .post(&path(&id), &report(3))
        .await
        .problem("unauthenticated");
}

/// `GET`, `PATCH` and `DELETE` are repeatable by nature: the key says nothing.
#[actix_web::test]
async fn other_methods_need_no_key() {
    let app = App::new().await;
    let keyed = app.as_national().with("Idempotency-Key", "other");
    keyed.get("/v1/me").await.expect(200);
    let name = |text: &str| json!({ "name": { "ja": text, "en": text } });
    for text in ["一", "二"] {
        let answer = keyed.patch("/v1/hubs/ehime", &name(text)).await.expect(200);
        assert_eq!(answer["name"]["ja"], text);
    }
    assert_eq!(app.dump().count("idempotency_keys"), 0);
}

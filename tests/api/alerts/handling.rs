//! Acknowledgements, comments and silences, with whatever refuses them.

use serde_json::{Value, json};

use super::{Scene, acknowledgement, attend_now, items, kinds, subscribe};
use crate::support::fixtures::MISSING;

#[actix_web::test]
async fn an_alert_is_acknowledged() {
    let scene = Scene::own("2026-04").await;
    scene.consult("2026-04", 0).await;
    let id = scene.only().await["id"].clone();
    let answer = scene.act(&id, "acknowledge", &acknowledgement()).await;
    let alert = answer.expect(200);
    assert_eq!(
        alert["acknowledgement"],
        json!({ "cause": "型化の遅れ", "action": "研修を追加\n2回", "owner": "拠点 佐藤", "due": "2026-12-20",
                "at": "2026-11-22T03:00:00Z", "by": "担当 prefecture (テスト)" })
    );
    assert_eq!(answer.header("etag"), Some("\"3\""));
    assert_eq!(scene.revision().await, 3);
    assert_eq!(scene.only().await, alert);
    let detail = scene.detail(&id).await;
    assert_eq!(detail["acknowledged_until"], "2026-12-20T15:00:00Z");
    let change = &detail["timeline"][1];
    assert_eq!(
        [&change["kind"], &change["by"], &change["detail"]["owner"]],
        [
            &json!("acknowledged"),
            &json!("担当 prefecture (テスト)"),
            &json!("拠点 佐藤")
        ]
    );
    // A later one replaces it; both stay in the timeline.
    let mut later = acknowledgement();
    later["owner"] = "県庁".into();
    let alert = scene.act(&id, "acknowledge", &later).await.expect(200);
    assert_eq!(alert["acknowledgement"]["owner"], "県庁");
    assert_eq!(
        kinds(&scene.detail(&id).await),
        ["opened", "acknowledged", "acknowledged"]
    );
    // Who took it on did so for this time: when it comes back, it is new.
    scene.consult("2026-05", 7).await;
    assert_eq!(scene.only().await["acknowledgement"]["owner"], "県庁");
    scene.consult("2026-06", 0).await;
    scene.consult("2026-07", 0).await;
    assert_eq!(scene.only().await["acknowledgement"], Value::Null);
}

#[actix_web::test]
async fn an_alert_is_silenced() {
    let scene = Scene::own("2026-04").await;
    subscribe(&scene.app);
    scene.consult("2026-04", 0).await;
    let id = scene.only().await["id"].clone();
    let body = json!({ "until": "2026-11-23T09:00:00+09:00", "reason": "見直し中" });
    let answer = scene.act(&id, "silence", &body).await;
    assert_eq!(
        answer.expect(200)["silence"],
        json!({ "until": "2026-11-23T00:00:00Z", "reason": "見直し中", "at": "2026-11-22T03:00:00Z",
                "by": "担当 prefecture (テスト)" })
    );
    assert_eq!(answer.header("etag"), Some("\"3\""));
    scene.attend();
    let detail = scene.detail(&id).await;
    assert_eq!(
        [&detail["announced_at"], &detail["notices"]],
        [&Value::Null, &json!([])]
    );
    let path = format!("/v1/alerts/{}/silence", id.as_str().unwrap());
    let ended = scene.app.as_prefecture().delete(&path).await;
    assert_eq!(ended.expect(200)["silence"], Value::Null);
    assert_eq!(ended.header("etag"), Some("\"4\""));
    // There is none any more: nothing changes.
    let before = scene.app.dump();
    let again = scene.app.as_prefecture().delete(&path).await;
    assert_eq!(again.expect(200), ended.expect(200));
    assert!(scene.app.dump() == before);
    scene.attend();
    let detail = scene.detail(&id).await;
    assert_eq!(
        kinds(&detail),
        ["opened", "silenced", "unsilenced", "announced"]
    );
    assert_eq!(detail["notices"].as_array().unwrap().len(), 1);
}

/// A silence ends by itself.
#[actix_web::test]
async fn a_silence_is_over_at_its_time() {
    let scene = Scene::own("2026-04").await;
    scene.consult("2026-04", 0).await;
    let id = scene.only().await["id"].clone();
    let body = json!({ "until": "2026-11-23T00:00:00Z", "reason": "見直し中" });
    scene.act(&id, "silence", &body).await.expect(200);
    scene.app.clock.set("2026-11-22T23:59:59Z".parse().unwrap());
    attend_now(&scene.app, &scene.id);
    assert_eq!(scene.detail(&id).await["announced_at"], Value::Null);
    scene.app.clock.set("2026-11-23T00:00:00Z".parse().unwrap());
    attend_now(&scene.app, &scene.id);
    assert_eq!(
        scene.detail(&id).await["announced_at"],
        "2026-11-23T00:00:00Z"
    );
}

#[actix_web::test]
async fn hubs_comment() {
    let scene = Scene::own("2026-04").await;
    scene.consult("2026-04", 0).await;
    let before = scene.only().await;
    let id = before["id"].clone();
    let path = format!("/v1/alerts/{}/comments", id.as_str().unwrap());
    let body = json!({ "text": "地銀に\n確認中" });
    let answer = scene.app.as_hub().post(&path, &body).await;
    assert_eq!(answer.expect(200), before, "a comment is in the timeline");
    assert_eq!(answer.header("etag"), Some("\"3\""));
    let detail = scene.detail(&id).await;
    assert_eq!(
        detail["timeline"][1],
        json!({ "at": "2026-11-22T03:00:00Z", "kind": "commented", "by": "担当 hub (テスト)", "detail": body })
    );
    // Also when it is over.
    scene.consult("2026-05", 8).await;
    scene.app.as_hub().post(&path, &body).await.expect(200);
    assert_eq!(
        kinds(&scene.detail(&id).await),
        ["opened", "commented", "resolved", "commented"]
    );
}

#[actix_web::test]
async fn a_closed_alert_is_not_taken_on() {
    let scene = Scene::own("2026-04").await;
    scene.consult("2026-04", 0).await;
    let id = scene.only().await["id"].clone();
    scene.consult("2026-05", 8).await;
    let before = scene.app.dump();
    let silence = json!({ "until": "2026-12-01T00:00:00Z", "reason": "x" });
    scene
        .act(&id, "acknowledge", &acknowledgement())
        .await
        .problem("alert_closed");
    scene
        .act(&id, "silence", &silence)
        .await
        .problem("alert_closed");
    // That it is closed is said before that it has changed.
    let path = format!("/v1/alerts/{}/acknowledge", id.as_str().unwrap());
    let stale = scene.app.as_prefecture().with("If-Match", "\"1\"");
    let answer = stale.post(&path, &acknowledgement()).await;
    answer.problem("alert_closed");
    // What is wrong with the body is said first.
    scene
        .act(&id, "acknowledge", &json!({}))
        .await
        .problem("invalid");
    let path = format!("/v1/alerts/{}/silence", id.as_str().unwrap());
    scene.app.as_prefecture().delete(&path).await.expect(200);
    assert!(scene.app.dump() == before);
}

#[actix_web::test]
async fn what_people_say_is_read_strictly() {
    let scene = Scene::own("2026-04").await;
    scene.consult("2026-04", 0).await;
    let id = scene.only().await["id"].clone();
    let before = scene.app.dump();
    let with = |member: &str, value: Value| {
        let mut body = acknowledgement();
        body[member] = value;
        body
    };
    let silence = |until: &str| json!({ "until": until, "reason": "x" });
    let due = |code| vec![(code, "/due")];
    let until = |code| vec![(code, "/until")];
    for (what, body, issues) in [
        (
            "acknowledge",
            json!({}),
            vec![
                ("missing", "/cause"),
                ("missing", "/action"),
                ("missing", "/owner"),
                ("missing", "/due"),
            ],
        ),
        ("acknowledge", json!([]), vec![("wrong_type", "")]),
        (
            "acknowledge",
            with("more", json!(1)),
            vec![("unknown_field", "/more")],
        ),
        (
            "acknowledge",
            with("cause", json!(" ")),
            vec![("out_of_range", "/cause")],
        ),
        (
            "acknowledge",
            with("action", json!("x".repeat(4_001))),
            vec![("too_long", "/action")],
        ),
        (
            "acknowledge",
            with("owner", json!("a\nb")),
            vec![("out_of_range", "/owner")],
        ),
        (
            "acknowledge",
            with("owner", json!("x".repeat(201))),
            vec![("too_long", "/owner")],
        ),
        (
            "acknowledge",
            with("due", json!(20_261_220)),
            due("wrong_type"),
        ),
        (
            "acknowledge",
            with("due", json!("2026-12-1")),
            due("wrong_type"),
        ),
        (
            "acknowledge",
            with("due", json!("2026-11-31")),
            due("wrong_type"),
        ),
        (
            "acknowledge",
            with("due", json!("2026-12-20T00:00:00Z")),
            due("wrong_type"),
        ),
        (
            "acknowledge",
            with("due", json!("2026-11-21")),
            due("out_of_range"),
        ),
        (
            "acknowledge",
            with("due", json!("2027-11-24")),
            due("out_of_range"),
        ),
        (
            "acknowledge",
            with("due", json!("+12026-11-24")),
            due("wrong_type"),
        ),
        (
            "silence",
            json!({}),
            vec![("missing", "/until"), ("missing", "/reason")],
        ),
        ("silence", silence("2026-12-01"), until("wrong_type")),
        (
            "silence",
            silence("2026-11-22T03:00:00Z"),
            until("out_of_range"),
        ),
        (
            "silence",
            silence("2027-11-23T03:00:01Z"),
            until("out_of_range"),
        ),
        ("comments", json!({}), vec![("missing", "/text")]),
        (
            "comments",
            json!({ "text": "" }),
            vec![("out_of_range", "/text")],
        ),
        (
            "comments",
            json!({ "text": "x", "by": "y" }),
            vec![("unknown_field", "/by")],
        ),
    ] {
        let answer = scene.act(&id, what, &body).await;
        answer.problem("invalid").has_only(&issues);
    }
    for what in ["acknowledge", "silence", "comments"] {
        let path = format!("/v1/alerts/{}/{what}", id.as_str().unwrap());
        let client = scene.app.as_prefecture();
        client
            .post_bytes(&path, "{")
            .await
            .problem("malformed_json");
        let dry = client
            .post(&format!("{path}?dry_run=true"), &json!({}))
            .await;
        dry.problem("invalid")
            .has_only(&[("unknown_parameter", "/query/dry_run")]);
        let missing = format!("/v1/alerts/{MISSING}/{what}");
        client.post(&missing, &json!({})).await.problem("not_found");
    }
    assert!(scene.app.dump() == before);
    // Today and a year ahead are the bounds.
    for day in ["2026-11-22", "2027-11-23"] {
        scene
            .act(&id, "acknowledge", &with("due", json!(day)))
            .await
            .expect(200);
    }
    scene
        .act(&id, "silence", &silence("2027-11-23T03:00:00Z"))
        .await
        .expect(200);
}

/// Changes are made against the revision that was read, once for each key.
#[actix_web::test]
async fn changes_demand_revisions_and_keep_answers() {
    let scene = Scene::own("2026-04").await;
    scene.consult("2026-04", 0).await;
    let id = scene.only().await["id"].clone();
    let path = format!("/v1/alerts/{}", id.as_str().unwrap());
    let client = scene.app.as_prefecture();
    let silence = json!({ "until": "2026-12-01T00:00:00Z", "reason": "x" });
    let read = client.get(&path).await;
    let tag = read.header("etag").unwrap().to_owned();
    assert!(tag.starts_with("\"2-"), "{tag}");
    let unchanged = client.with("If-None-Match", &tag).get(&path).await;
    assert_eq!(unchanged.status, 304);
    scene.consult("2026-05", 0).await;
    let before = scene.app.dump();
    let stale = client.with("If-Match", &tag);
    for (what, body) in [
        ("acknowledge", acknowledgement()),
        ("silence", silence),
        ("comments", json!({ "text": "x" })),
    ] {
        stale
            .post(&format!("{path}/{what}"), &body)
            .await
            .problem("stale_revision");
    }
    stale
        .delete(&format!("{path}/silence"))
        .await
        .problem("stale_revision");
    assert!(scene.app.dump() == before);
    let fresh = client.get(&path).await.header("etag").unwrap().to_owned();
    let keyed = client
        .with("If-Match", &fresh)
        .with("Idempotency-Key", "k-1");
    let first = keyed
        .post(&format!("{path}/comments"), &json!({ "text": "x" }))
        .await;
    let again = keyed
        .post(&format!("{path}/comments"), &json!({ "text": "x" }))
        .await;
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    assert_eq!(again.expect(200), first.expect(200));
    assert_eq!(kinds(&scene.detail(&id).await), ["opened", "commented"]);
    let other = keyed
        .post(&format!("{path}/comments"), &json!({ "text": "y" }))
        .await;
    other.problem("idempotency_key_reused");
}

#[actix_web::test]
async fn what_people_do_is_in_the_audit() {
    let scene = Scene::own("2026-04").await;
    scene.consult("2026-04", 0).await;
    let id = scene.only().await["id"].clone();
    let silence = json!({ "until": "2026-12-01T00:00:00Z", "reason": "x" });
    scene
        .act(&id, "acknowledge", &acknowledgement())
        .await
        .expect(200);
    scene
        .act(&id, "comments", &json!({ "text": "x" }))
        .await
        .expect(200);
    scene.act(&id, "silence", &silence).await.expect(200);
    let path = format!("/v1/alerts/{}/silence", id.as_str().unwrap());
    scene.app.as_prefecture().delete(&path).await.expect(200);
    let audit = scene.app.as_prefecture().get("/v1/audit").await.expect(200);
    let mut actions: Vec<&str> = items(&audit)
        .iter()
        .filter(|entry| entry["subject_kind"] == "alert")
        .map(|entry| {
            assert_eq!(
                [&entry["subject"], &entry["scorecard"]],
                [&id, &json!(scene.id)]
            );
            entry["action"].as_str().unwrap()
        })
        .collect();
    actions.sort_unstable();
    assert_eq!(
        actions,
        [
            "alert.acknowledged",
            "alert.commented",
            "alert.silenced",
            "alert.unsilenced"
        ]
    );
}

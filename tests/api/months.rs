//! The prefecture approves, returns and reopens months.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::support::fixtures::{LAST, MISSING, month_on_plan};
use crate::support::{Answer, App};

struct Scene {
    app: App,
    id: String,
}

impl Scene {
    async fn new() -> Self {
        let app = App::new().await;
        let id = app.own_scorecard().await;
        app.report(&id, LAST, month_on_plan(7)).await;
        Self { app, id }
    }

    fn path(&self, what: &str) -> String {
        format!("/v1/scorecards/{}/months/{LAST}/{what}", self.id)
    }

    async fn decide(&self, what: &str, body: Value) -> Value {
        let answer = self.app.as_prefecture().post(&self.path(what), &body).await;
        let revision = answer.json()["revision"].clone();
        let month = answer.expect(200);
        assert_eq!(
            answer.header("etag"),
            Some(format!("\"{revision}\"").as_str())
        );
        month
    }

    async fn report(&self, value: u32) -> Answer {
        let body = json!({ "month": LAST, "values": [{ "item": "consult", "value": value }] });
        let path = format!("/v1/scorecards/{}/actuals", self.id);
        self.app.as_hub().post(&path, &body).await
    }

    /// State, note and end of the reopening, as the cells show them.
    async fn shown(&self) -> Value {
        let path = format!("/v1/scorecards/{}/actuals?from={LAST}", self.id);
        let month = self.app.as_viewer().get(&path).await.expect(200)["months"][0].clone();
        json!([month["state"], month["note"], month["reopened_until"]])
    }
}

#[actix_web::test]
async fn an_approval_locks_the_month() {
    let scene = Scene::new().await;
    let month = scene
        .decide("approve", json!({ "note": "確認しました\n以上" }))
        .await;
    assert_eq!(
        month,
        json!({
            "month": LAST, "state": "approved", "note": "確認しました\n以上",
            "changed_at": "2026-11-22T03:00:00Z", "changed_by": "担当 prefecture (テスト)",
            "reopened_until": null,
            "completeness": {
                "required": 11, "reported": 11, "complete": true, "due_on": "2026-11-10",
                "on_time": false, "missing": []
            },
            "revision": 3
        })
    );
    scene.report(9).await.problem("month_approved");
    assert_eq!(
        scene.shown().await,
        json!(["approved", "確認しました\n以上", null])
    );
    // Again: it is so already, with the words of the first time.
    let before = scene.app.dump();
    let again = scene.decide("approve", json!({ "note": "もう一度" })).await;
    assert_eq!(again, month);
    assert!(scene.app.dump() == before);
}

/// An approval needs no words, so it needs no body.
#[actix_web::test]
async fn an_approval_needs_no_body() {
    let scene = Scene::new().await;
    let client = scene.app.as_prefecture();
    let answer = client
        .send(actix_web::http::Method::POST, &scene.path("approve"), None)
        .await;
    assert_eq!(answer.expect(200)["note"], Value::Null);
    let scene = Scene::new().await;
    scene.decide("approve", json!({})).await;
    let scene = Scene::new().await;
    scene.decide("approve", json!({ "note": null })).await;
}

#[actix_web::test]
async fn a_returned_month_can_be_corrected_and_approved() {
    let scene = Scene::new().await;
    scene.decide("approve", json!({})).await;
    let returned = scene
        .decide("return", json!({ "note": "相談の内訳を" }))
        .await;
    assert_eq!(
        (&returned["state"], &returned["note"]),
        (&json!("returned"), &json!("相談の内訳を"))
    );
    assert_eq!(
        scene.shown().await,
        json!(["returned", "相談の内訳を", null])
    );
    assert_eq!(scene.report(9).await.expect(200)["outcome"], "applied");
    // Corrected, but still the prefecture's to approve.
    assert_eq!(scene.shown().await[0], "returned");
    assert_eq!(
        scene.decide("approve", json!({})).await["state"],
        "approved"
    );
    scene.report(8).await.problem("month_approved");
}

/// An open month can be returned too: look at it again.
#[actix_web::test]
async fn an_open_month_can_be_returned() {
    let scene = Scene::new().await;
    let returned = scene.decide("return", json!({ "note": "至急" })).await;
    assert_eq!(
        (&returned["state"], &returned["revision"]),
        (&json!("returned"), &json!(3))
    );
    let again = scene.decide("return", json!({ "note": "重ねて" })).await;
    assert_eq!(
        (&again["note"], &again["revision"]),
        (&json!("重ねて"), &json!(4))
    );
}

/// A reopening ends by itself, to the second.
#[actix_web::test]
async fn a_reopened_month_closes_by_itself() {
    let scene = Scene::new().await;
    scene.decide("approve", json!({ "note": "確認" })).await;
    let reopened = scene
        .decide(
            "reopen",
            json!({ "reason": "金融機関の訂正", "until": "2026-12-01T09:00:00+09:00" }),
        )
        .await;
    assert_eq!(
        (
            &reopened["state"],
            &reopened["note"],
            &reopened["reopened_until"]
        ),
        (
            &json!("open"),
            &json!("金融機関の訂正"),
            &json!("2026-12-01T00:00:00Z")
        )
    );
    scene.report(9).await.expect(200);
    scene.app.clock.set("2026-11-30T23:59:59Z".parse().unwrap());
    scene.report(10).await.expect(200);
    assert_eq!(scene.shown().await[0], "open");
    scene.app.clock.advance(TimeDelta::seconds(1));
    assert_eq!(
        scene.shown().await,
        json!(["approved", "金融機関の訂正", "2026-12-01T00:00:00Z"])
    );
    scene.report(11).await.problem("month_approved");
    // Once closed it can be reopened anew, or returned.
    let again = scene
        .decide(
            "reopen",
            json!({ "reason": "再度", "until": "2026-12-02T00:00:00Z" }),
        )
        .await;
    assert_eq!(again["state"], "open");
    scene.report(12).await.expect(200);
    // An approval before the time is up closes it for good.
    let approved = scene.decide("approve", json!({})).await;
    assert_eq!(
        (&approved["state"], &approved["reopened_until"]),
        (&json!("approved"), &Value::Null)
    );
    scene.report(13).await.problem("month_approved");
}

/// Only an approved month can be reopened; another stays as it is.
#[actix_web::test]
async fn a_month_that_is_open_stays_so() {
    let scene = Scene::new().await;
    let before = scene.app.dump();
    let body = json!({ "reason": "x", "until": "2026-12-01T00:00:00Z" });
    let month = scene.decide("reopen", body.clone()).await;
    assert_eq!(
        (
            &month["state"],
            &month["note"],
            &month["reopened_until"],
            &month["revision"]
        ),
        (&json!("open"), &Value::Null, &Value::Null, &json!(2))
    );
    assert!(scene.app.dump() == before);
    scene.decide("approve", json!({})).await;
    scene.decide("reopen", body.clone()).await;
    let before = scene.app.dump();
    let longer = json!({ "reason": "x", "until": "2026-12-31T00:00:00Z" });
    let month = scene.decide("reopen", longer).await;
    assert_eq!(
        month["reopened_until"], "2026-12-01T00:00:00Z",
        "the first end holds"
    );
    assert!(scene.app.dump() == before);
    scene.decide("return", json!({ "note": "y" })).await;
    assert_eq!(scene.decide("reopen", body).await["state"], "returned");
}

#[actix_web::test]
async fn decisions_are_read_strictly() {
    let scene = Scene::new().await;
    scene.decide("approve", json!({})).await;
    let before = scene.app.dump();
    let reopen = |until: &str| json!({ "reason": "x", "until": until });
    for (what, body, issues) in [
        (
            "approve",
            json!({ "note": "" }),
            vec![("out_of_range", "/note")],
        ),
        (
            "approve",
            json!({ "reason": "x" }),
            vec![("unknown_field", "/reason")],
        ),
        ("approve", json!([]), vec![("wrong_type", "")]),
        ("return", json!({}), vec![("missing", "/note")]),
        (
            "return",
            json!({ "note": null }),
            vec![("missing", "/note")],
        ),
        (
            "return",
            json!({ "note": "x".repeat(4_001) }),
            vec![("too_long", "/note")],
        ),
        (
            "reopen",
            json!({}),
            vec![("missing", "/reason"), ("missing", "/until")],
        ),
        (
            "reopen",
            reopen("2026-11-22T03:00:00Z"),
            vec![("out_of_range", "/until")],
        ),
        (
            "reopen",
            reopen("2026-01-01T00:00:00Z"),
            vec![("out_of_range", "/until")],
        ),
        // Ninety days ahead at most.
        (
            "reopen",
            reopen("2027-02-20T03:00:01Z"),
            vec![("out_of_range", "/until")],
        ),
        (
            "reopen",
            reopen("9999-12-31T23:59:59Z"),
            vec![("out_of_range", "/until")],
        ),
        (
            "reopen",
            reopen("2026-12-01"),
            vec![("wrong_type", "/until")],
        ),
        (
            "reopen",
            reopen("2026-12-01T00:00:00"),
            vec![("wrong_type", "/until")],
        ),
    ] {
        let answer = scene
            .app
            .as_prefecture()
            .post(&scene.path(what), &body)
            .await;
        assert_eq!(answer.problem("invalid").issues(), issues, "{what} {body}");
    }
    for what in ["return", "reopen"] {
        let answer = scene
            .app
            .as_prefecture()
            .send(actix_web::http::Method::POST, &scene.path(what), None)
            .await;
        answer.problem("invalid");
    }
    let malformed = scene
        .app
        .as_prefecture()
        .post_bytes(&scene.path("approve"), "{")
        .await;
    malformed.problem("malformed_json");
    let query = format!("{}?dry_run=true", scene.path("approve"));
    let answer = scene.app.as_prefecture().post(&query, &json!({})).await;
    answer
        .problem("invalid")
        .has_only(&[("unknown_parameter", "/query/dry_run")]);
    assert!(scene.app.dump() == before);
    scene.decide("reopen", reopen("2027-02-20T03:00:00Z")).await;
}

#[actix_web::test]
async fn months_that_cannot_be_decided() {
    let scene = Scene::new().await;
    let before = scene.app.dump();
    let path = |month: &str| format!("/v1/scorecards/{}/months/{month}/approve", scene.id);
    for (month, code) in [
        ("2026-03", "month_before_start"),
        ("2026-11", "month_not_ended"),
        ("2999-12", "month_not_ended"),
    ] {
        let answer = scene
            .app
            .as_prefecture()
            .post(&path(month), &json!({}))
            .await;
        answer.problem("invalid").has_only(&[(code, "/path/month")]);
    }
    for month in ["2026-9", "202609", "2026-13", "now", "3000-01", "%00"] {
        scene
            .app
            .as_prefecture()
            .post(&path(month), &json!({}))
            .await
            .problem("not_found");
    }
    let missing = path(LAST).replace(&scene.id, MISSING);
    scene
        .app
        .as_prefecture()
        .post(&missing, &json!({}))
        .await
        .problem("not_found");
    assert!(scene.app.dump() == before);
    // A month without any report can be approved: there was nothing.
    let empty = scene
        .app
        .as_prefecture()
        .post(&path("2026-05"), &json!({}))
        .await
        .expect(200);
    assert_eq!(empty["state"], "approved");
    assert_eq!(empty["completeness"]["complete"], false);
}

/// Every decision stays in the history, whatever came after.
#[actix_web::test]
async fn decisions_are_kept() {
    let scene = Scene::new().await;
    scene.decide("approve", json!({})).await;
    scene
        .decide(
            "reopen",
            json!({ "reason": "r", "until": "2026-12-01T00:00:00Z" }),
        )
        .await;
    scene.decide("return", json!({ "note": "n" })).await;
    scene.decide("approve", json!({ "note": "m" })).await;
    let dump = scene.app.dump();
    assert_eq!(dump.count("month_changes"), 4);
    assert_eq!(dump.count("months"), 1);
    let audit = scene.app.as_prefecture().get("/v1/audit").await.expect(200);
    let actions: Vec<&str> = audit["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["action"].as_str().unwrap())
        .collect();
    let mut decisions: Vec<&str> = actions
        .into_iter()
        .filter(|action| action.starts_with("month."))
        .collect();
    decisions.sort_unstable();
    assert_eq!(
        decisions,
        [
            "month.approved",
            "month.approved",
            "month.reopened",
            "month.returned"
        ]
    );
}

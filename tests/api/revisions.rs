//! Revisions of plans: proposed, decided, in force; and alerts that they answer.

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::alerts::attend_now;
use crate::support::fixtures::{self, MISSING, item, month_on_plan};
use crate::support::{Answer, App, Client};

/// A scorecard of `yamagata` from April 2026, reported on plan through August.
struct Scene {
    app: App,
    id: String,
}

impl Scene {
    async fn new() -> Self {
        let app = App::new().await;
        let id = app.own_scorecard().await;
        for t in 1..=5 {
            app.report(&id, &fixtures::month(t), month_on_plan(t)).await;
        }
        Self { app, id }
    }

    fn path(&self, what: &str) -> String {
        format!("/v1/scorecards/{}{what}", self.id)
    }

    async fn read(&self, what: &str) -> Value {
        self.app.as_viewer().get(&self.path(what)).await.expect(200)
    }

    async fn post(&self, client: &Client, body: &Value) -> Answer {
        client.post(&self.path("/revisions"), body).await
    }

    async fn propose(&self, changes: Value) -> Value {
        let body = revision("2026-08", changes);
        self.post(&self.app.as_hub(), &body).await.expect(201)
    }

    async fn decide(&self, version: &str, what: &str, body: Value) -> Answer {
        let path = self.path(&format!("/revisions/{version}/{what}"));
        self.app.as_prefecture().post(&path, &body).await
    }

    /// Every month before the effective one and that one, as they are shown.
    async fn months(&self) -> Vec<Value> {
        let mut months = Vec::new();
        for t in 1..=5 {
            let query = format!("?month={}&include=causes,links", fixtures::month(t));
            let mut month = self.read(&query).await;
            month["revision"].take();
            months.push(month);
        }
        months
    }
}

fn revision(effective: &str, changes: Value) -> Value {
    json!({ "effective_month": effective, "reason": "相談を増やすため", "changes": changes })
}

/// An item of the process that prepares consultations, and its link.
fn training() -> Value {
    json!([
        { "op": "add", "kind": "item", "key": "training", "after": {
            "name": { "ja": "相談員研修", "en": "Training" }, "stage": "study", "measure": "milestone",
            "unit": "percent", "bar": [5, 8], "targets": [{ "value": 100 }] } },
        { "op": "add", "kind": "link",
          "after": { "kind": "preparation", "from": ["training"], "to": ["consult"] } }
    ])
}

fn target(key: &str, value: u32) -> Value {
    json!([{ "op": "change", "kind": "item", "key": key,
             "after": { "targets": [{ "year": 1, "value": value }] } }])
}

#[actix_web::test]
async fn a_hubs_proposal_changes_nothing_until_it_is_approved() {
    let scene = Scene::new().await;
    let before = scene.months().await;
    let proposed = scene.propose(training()).await;
    assert_eq!(
        [
            &proposed["version"],
            &proposed["state"],
            &proposed["base_version"]
        ],
        [&json!(2), &json!("proposed"), &json!(1)]
    );
    assert_eq!(proposed["warnings"], json!([]));
    assert_eq!(proposed["changes"][0]["after"]["stage"], "study");
    assert_eq!(
        proposed["changes"][1]["key"],
        "preparation:training>consult"
    );
    assert_eq!(scene.months().await, before);
    let missing = scene.path("/plan?version=2");
    scene
        .app
        .as_viewer()
        .get(&missing)
        .await
        .problem("not_found");
    assert_eq!(scene.read("/revisions/2").await, proposed);
    let list = scene.read("/revisions").await;
    assert_eq!(
        list["items"][0]["changes"][0],
        json!({ "op": "add", "kind": "item", "key": "training" })
    );

    let approved = scene
        .decide("2", "approve", json!({ "note": "どうぞ" }))
        .await;
    let etag = approved.header("etag").unwrap().to_owned();
    let approved = approved.expect(200);
    assert_eq!(
        [
            &approved["state"],
            &approved["decided_by"],
            &approved["note"]
        ],
        [
            &json!("in_force"),
            &json!("担当 prefecture (テスト)"),
            &json!("どうぞ")
        ]
    );
    assert_eq!(scene.read("/revisions/2").await, approved);
    let months = scene.months().await;
    assert_eq!(months[..4], before[..4]);
    assert_eq!(months[4]["plan_version"], 2);
    assert_eq!(item(&months[4], "training")["status"], "no_data");
    assert_eq!(format!("\"{}\"", scene.read("").await["revision"]), etag);
    let plan = scene.read("/plan?version=2").await;
    assert_eq!(plan["changes"], approved["changes"]);
    assert_eq!(plan["author"], "担当 hub (テスト)");
    assert_eq!(plan["link_keys"][6], "preparation:training>consult");
    assert_eq!(
        scene.read("/plan/diff").await["changes"],
        approved["changes"]
    );
    assert_eq!(
        scene.read("/plan/diff?from=2&to=2").await["changes"],
        json!([])
    );
    let missing = scene.path("/plan/diff?from=1&to=3");
    scene
        .app
        .as_viewer()
        .get(&missing)
        .await
        .problem("not_found");
    // Decided is decided.
    for what in ["approve", "reject"] {
        let again = scene.decide("2", what, json!({ "note": "もう一度" })).await;
        again.problem("revision_decided");
    }
}

#[actix_web::test]
async fn a_prefectures_revision_is_in_force_at_once_and_a_rejected_one_never() {
    let scene = Scene::new().await;
    let proposed = scene.propose(target("contract", 12)).await;
    let warning = &proposed["warnings"][0];
    assert_eq!(
        [&warning["code"], &warning["path"], &warning["item"]],
        [
            &json!("above_upstream"),
            &json!("/changes/0/after"),
            &json!("contract")
        ]
    );
    let before = scene.months().await;
    scene
        .decide("2", "reject", json!({}))
        .await
        .problem("invalid")
        .has_only(&[("missing", "/note")]);
    let rejected = scene
        .decide("2", "reject", json!({ "note": "根拠を" }))
        .await
        .expect(200);
    assert_eq!(rejected["state"], "rejected");
    assert_eq!(scene.months().await, before);
    // Its number stays used.
    let answer = scene
        .post(
            &scene.app.as_prefecture(),
            &revision("2026-08", target("refer", 30)),
        )
        .await;
    assert_eq!(
        answer.header("location"),
        Some(scene.path("/revisions/3").as_str())
    );
    let made = answer.expect(201);
    assert_eq!(
        [&made["version"], &made["state"]],
        [&json!(3), &json!("in_force")]
    );
    let now = scene.months().await;
    assert_eq!(now[..4], before[..4]);
    let refer = item(&now[4], "refer");
    assert_eq!(refer["target"], 30);
    assert_eq!(refer["attainment"], 0.8);
    assert_eq!(refer["attainment_first"], 1);
    assert_eq!(scene.read("/plan").await["version"], 3);
    let states: Vec<Value> = scene.read("/revisions").await["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|revision| revision["state"].clone())
        .collect();
    assert_eq!(states, ["rejected", "in_force"]);
}

#[actix_web::test]
async fn parameters_settings_and_lags_are_revised() {
    let scene = Scene::new().await;
    let changes = json!([
        { "op": "change", "kind": "parameter", "key": "fee", "after": 2_400_000 },
        { "op": "change", "kind": "setting", "key": "due_day", "after": 15 },
        { "op": "change", "kind": "link", "key": "conversion:refer>contract", "after": { "lag_months": 2 } },
        { "op": "retire", "kind": "item", "key": "kit" }
    ]);
    let made = scene
        .post(&scene.app.as_national(), &revision("2026-08", changes))
        .await
        .expect(201);
    let lines: Vec<String> = made["changes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|change| {
            format!("{} {} {}", change["op"], change["kind"], change["key"]).replace('"', "")
        })
        .collect();
    assert_eq!(
        lines,
        [
            "retire item kit",
            "change item fees",
            "change link conversion:refer>contract",
            "retire link preparation:kit+partners>visitors",
            "add link preparation:partners>visitors",
            "change setting due_day",
            "change parameter fee",
        ]
    );
    let plan = scene.read("/plan?version=2").await;
    assert_eq!(plan["parameters"], json!({ "fee": 2_400_000 }));
    assert_eq!(plan["items"].as_array().unwrap().len(), 10);
    // The retired item's cells stay, and are refused from now on.
    let history = scene.read("/items/kit/history").await;
    assert_eq!(history["changes"].as_array().unwrap().len(), 5);
    let body = json!({ "month": "2026-08", "values": [{ "item": "kit", "value": 100 }] });
    let path = scene.path("/actuals");
    scene
        .app
        .as_hub()
        .post(&path, &body)
        .await
        .problem("invalid");
    let kit = json!([{ "op": "add", "kind": "item", "key": "kit", "after": {
        "name": { "ja": "新資料", "en": "New" }, "stage": "setup", "measure": "milestone",
        "unit": "percent", "bar": [6, 8], "targets": [{ "value": 100 }] } }]);
    let again = scene
        .post(&scene.app.as_hub(), &revision("2026-08", kit))
        .await;
    again
        .problem("invalid")
        .has_only(&[("item_retired", "/changes/0/key")]);
}

#[actix_web::test]
async fn every_fault_is_refused_and_stores_nothing() {
    let scene = Scene::new().await;
    let hub = scene.app.as_hub();
    let dump = scene.app.dump();
    let table: &[(Value, &[(&str, &str)])] = &[
        (
            json!({}),
            &[
                ("missing", "/effective_month"),
                ("missing", "/reason"),
                ("missing", "/changes"),
            ],
        ),
        (
            json!({ "effective_month": "2026-03", "reason": " ", "alert": MISSING, "changes": [], "x": 1 }),
            &[
                ("month_before_start", "/effective_month"),
                ("out_of_range", "/reason"),
                ("unknown_reference", "/alert"),
                ("missing", "/changes"),
                ("unknown_field", "/x"),
            ],
        ),
        (
            revision("2076-04", training()),
            &[("out_of_range", "/effective_month")],
        ),
        (
            revision("2026-08", target("nobody", 3)),
            &[("unknown_item", "/changes/0/key")],
        ),
        (
            revision(
                "2026-08",
                json!([{ "op": "add", "kind": "link",
                "after": { "kind": "preparation", "from": ["fees"], "to": ["kit"] } }]),
            ),
            &[("cycle", "/changes")],
        ),
        (
            revision(
                "2026-08",
                json!([{ "op": "change", "kind": "item", "key": "consult", "after": { "weight": 1 } }]),
            ),
            &[("missing", "/changes")],
        ),
    ];
    for (body, issues) in table {
        scene
            .post(&hub, body)
            .await
            .problem("invalid")
            .has_only(issues);
    }
    hub.post_bytes(&scene.path("/revisions"), "{")
        .await
        .problem("malformed_json");
    let stale = hub.with("If-Match", "\"1\"");
    scene
        .post(&stale, &revision("2026-08", training()))
        .await
        .problem("stale_revision");
    let viewer = scene.app.as_viewer();
    scene
        .post(&viewer, &revision("2026-08", training()))
        .await
        .problem("forbidden");
    // A dry run answers alike, and leaves nothing.
    let path = scene.path("/revisions?dry_run=true");
    let dry = hub
        .post(&path, &revision("2026-08", training()))
        .await
        .expect(201);
    assert_eq!(dry["version"], 2);
    assert!(scene.app.dump() == dump);
    for what in ["/revisions/2", "/revisions/x"] {
        viewer.get(&scene.path(what)).await.problem("not_found");
    }
    scene
        .decide("2", "approve", json!({}))
        .await
        .problem("not_found");
    // With a key the first answer comes again.
    let keyed = hub.with("Idempotency-Key", "once");
    let first = scene.post(&keyed, &revision("2026-08", training())).await;
    let second = scene.post(&keyed, &revision("2026-08", training())).await;
    assert_eq!(first.expect(201), second.expect(201));
    assert_eq!(
        scene.read("/revisions").await["items"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
}

#[actix_web::test]
async fn approved_months_keep_their_plan() {
    let scene = Scene::new().await;
    scene.propose(training()).await;
    let prefecture = scene.app.as_prefecture();
    let month = |what: &str| scene.path(&format!("/months/2026-08/{what}"));
    prefecture
        .post(&month("approve"), &json!({}))
        .await
        .expect(200);
    // Both when it is approved and when it is proposed.
    scene
        .decide("2", "approve", json!({}))
        .await
        .problem("month_approved");
    for effective in ["2026-04", "2026-08"] {
        let body = revision(effective, target("refer", 30));
        scene
            .post(&scene.app.as_hub(), &body)
            .await
            .problem("month_approved");
    }
    let body = revision("2026-09", target("refer", 30));
    scene.post(&scene.app.as_hub(), &body).await.expect(201);
    prefecture
        .post(&month("return"), &json!({ "note": "計画を改めます" }))
        .await
        .expect(200);
    scene.decide("2", "approve", json!({})).await.expect(200);
}

#[actix_web::test]
async fn a_proposal_is_applied_to_the_plan_as_it_is_by_then() {
    let scene = Scene::new().await;
    scene.propose(target("refer", 30)).await;
    scene.propose(target("refer", 36)).await;
    scene.propose(target("contract", 12)).await;
    // The later of the two with another item, then one that no longer fits.
    scene.decide("4", "approve", json!({})).await.expect(200);
    let problem = scene.decide("2", "approve", json!({})).await;
    problem.problem("revision_outdated");
    let other = revision("2026-10", target("refer", 48));
    scene
        .post(&scene.app.as_prefecture(), &other)
        .await
        .expect(201);
    let body = revision("2026-11", target("refer", 60));
    let later = scene.post(&scene.app.as_hub(), &body).await.expect(201);
    assert_eq!(later["base_version"], 5);
    let own = revision("2026-11", target("refer", 72));
    scene
        .post(&scene.app.as_prefecture(), &own)
        .await
        .expect(201);
    let shown = scene.read("/revisions/6").await;
    assert_eq!(shown["base_version"], 7);
    assert_eq!(shown["conflicts"][0]["path"], "/changes");
    let outdated = scene.decide("6", "approve", json!({})).await;
    outdated
        .problem("revision_outdated")
        .issue("unknown_reference", "/changes");
    // What begins earlier holds until the next version begins, and says so.
    let early = revision("2026-09", target("visitors", 144));
    let early = scene
        .post(&scene.app.as_prefecture(), &early)
        .await
        .expect(201);
    assert_eq!(early["base_version"], 4);
    assert_eq!(early["warnings"][0]["path"], "/effective_month");
    // What is based on a version holds its changes.
    for (version, unaware) in [(4, 0), (5, 0), (8, 2)] {
        let shown = scene.read(&format!("/revisions/{version}")).await;
        let warnings = shown["warnings"].as_array().unwrap().iter();
        let begins_later = warnings.filter(|warning| warning["path"] == "/effective_month");
        assert_eq!(begins_later.count(), unaware, "version {version}");
    }
}

#[actix_web::test]
async fn of_many_approvals_at_once_one_wins() {
    let scene = Scene::new().await;
    scene.propose(training()).await;
    let path = scene.path("/revisions/2/approve");
    let clients: Vec<Client> = (0..6).map(|_| scene.app.as_prefecture()).collect();
    let answers = join_all(
        clients
            .iter()
            .map(|client| async { client.post(&path, &json!({})).await }),
    )
    .await;
    let won = answers
        .iter()
        .filter(|answer| answer.json()["state"] == "in_force");
    assert_eq!(won.count(), 1);
    let lost = answers
        .iter()
        .filter(|answer| answer.json()["code"] == "revision_decided");
    assert_eq!(lost.count(), 5);
    assert_eq!(
        scene.read("/plan/versions").await["items"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
}

/// Who subscribes hears of a proposal and of its approval, once each.
#[actix_web::test]
async fn subscribers_hear_of_revisions_once() {
    let scene = Scene::new().await;
    let subscribe = |events: Value| {
        let mut body = json!({
            "name": "県庁", "channel": "webhook", "url": "https://receiver.example.jp/notices"
        });
        body["filter"] = json!({ "events": events });
        body
    };
    let prefecture = scene.app.as_prefecture();
    let mut ids = Vec::new();
    for events in [json!(["plan.revised"]), json!(["alert.opened"])] {
        let made = prefecture
            .post("/v1/subscriptions", &subscribe(events))
            .await
            .expect(201);
        ids.push(made["id"].as_str().unwrap().to_owned());
    }
    let path = scene.path("/revisions?dry_run=true");
    scene
        .app
        .as_hub()
        .post(&path, &revision("2026-08", training()))
        .await
        .expect(201);
    scene.propose(training()).await;
    scene.decide("2", "approve", json!({})).await.expect(200);
    attend_now(&scene.app, &scene.id);
    let sent = |id: &str| {
        let path = format!("/v1/subscriptions/{id}/deliveries");
        let client = scene.app.as_prefecture();
        async move { client.get(&path).await.expect(200)["items"].clone() }
    };
    let heard = sent(&ids[0]).await;
    let events: Vec<&Value> = heard
        .as_array()
        .unwrap()
        .iter()
        .map(|delivery| &delivery["event"])
        .collect();
    assert_eq!(events, ["plan.revised", "plan.revised"]);
    assert_eq!(sent(&ids[1]).await, json!([]));
}

/// An alert is closed by a revision that no longer watches its item.
#[actix_web::test]
async fn an_item_that_is_no_longer_watched_closes_its_alert() {
    let app = App::new().await;
    let id = app.own_scorecard().await;
    let scene = Scene { app, id };
    for month in ["2026-04", "2026-05"] {
        let none = json!([{ "item": "consult", "value": 0 }]);
        scene.app.report(&scene.id, month, none).await;
    }
    let alert = scene.app.as_viewer().get("/v1/alerts").await.expect(200)["items"][0].clone();
    assert_eq!(alert["state"], "open");
    let mut body = revision(
        "2026-05",
        json!([
            { "op": "change", "kind": "item", "key": "consult", "after": { "high_hurdle": false } }
        ]),
    );
    body["alert"] = alert["id"].clone();
    scene
        .post(&scene.app.as_prefecture(), &body)
        .await
        .expect(201);
    let path = format!("/v1/alerts/{}", alert["id"].as_str().unwrap());
    let alert = scene.app.as_viewer().get(&path).await.expect(200);
    assert_eq!(
        [
            &alert["state"],
            &alert["resolved_reason"],
            &alert["resolved_month"]
        ],
        [
            &json!("resolved"),
            &json!("plan_changed"),
            &json!("2026-05")
        ]
    );
    let overview = scene.app.as_viewer().get("/v1/overview").await.expect(200);
    assert_eq!(
        overview["scorecards"][0]["flag"],
        scene.read("").await["flag"]
    );
}

/// Where nothing upstream is left to be finished, only new preparation answers
/// an alert; the mark leaves it open.
#[actix_web::test]
async fn an_alert_is_handled_by_a_review_and_new_preparation() {
    let app = App::new().await;
    let mut card = fixtures::own_scorecard("yamagata");
    // Nothing prepares consultations.
    card["definition"]["links"] = json!([]);
    let id = app.scorecard(&card).await;
    let scene = Scene { app, id };
    let none = json!([{ "item": "consult", "value": 0 }]);
    scene.app.report(&scene.id, "2026-04", none).await;
    let viewer = scene.app.as_viewer();
    let alert = viewer.get("/v1/alerts").await.expect(200)["items"][0].clone();
    assert_eq!(
        [&alert["handled"], &alert["review"]],
        [&json!(false), &Value::Null]
    );
    assert_eq!(alert["cause"]["remedies"], json!([]));
    let path = format!("/v1/alerts/{}/review", alert["id"].as_str().unwrap());
    let prefecture = scene.app.as_prefecture();
    let note = json!({ "note": "研修を加えます" });
    prefecture
        .post(&path, &json!({}))
        .await
        .problem("invalid")
        .has_only(&[("missing", "/note")]);
    prefecture
        .post(&path, &note)
        .await
        .problem("preparation_missing");
    scene
        .app
        .as_hub()
        .post(&path, &note)
        .await
        .problem("forbidden");
    // A target is no preparation; neither is what leads elsewhere, or is rejected.
    let body = revision("2026-10", target("consult", 24));
    scene.post(&scene.app.as_hub(), &body).await.expect(201);
    let item_only = json!([training()[0]]);
    scene
        .post(&scene.app.as_hub(), &revision("2026-10", item_only))
        .await
        .expect(201);
    scene
        .post(&scene.app.as_hub(), &revision("2026-10", training()))
        .await
        .expect(201);
    scene
        .decide("4", "reject", json!({ "note": "時期尚早" }))
        .await
        .expect(200);
    prefecture
        .post(&path, &note)
        .await
        .problem("preparation_missing");
    scene
        .post(&scene.app.as_hub(), &revision("2026-10", training()))
        .await
        .expect(201);
    let handled = prefecture.post(&path, &note).await.expect(200);
    assert_eq!(
        [&handled["handled"], &handled["state"]],
        [&json!(true), &json!("open")]
    );
    assert_eq!(
        handled["review"],
        json!({ "note": "研修を加えます", "revision": 5, "at": "2026-11-22T03:00:00Z",
                "by": "担当 prefecture (テスト)" })
    );
    let path = format!("/v1/alerts/{}", alert["id"].as_str().unwrap());
    let detail = viewer.get(&path).await.expect(200);
    assert_eq!(detail["timeline"][1]["kind"], "reviewed");
    // With preparation left, the note is enough.
    let app = App::new().await;
    let id = app.own_scorecard().await;
    let none = json!([{ "item": "consult", "value": 0 }]);
    app.report(&id, "2026-04", none).await;
    let alert = app.as_viewer().get("/v1/alerts").await.expect(200)["items"][0].clone();
    let path = format!("/v1/alerts/{}/review", alert["id"].as_str().unwrap());
    let handled = app.as_prefecture().post(&path, &note).await.expect(200);
    assert_eq!(handled["review"]["revision"], Value::Null);
}

#[actix_web::test]
async fn foreign_revisions_are_not_found() {
    let scene = Scene::new().await;
    scene.propose(training()).await;
    let foreign = scene.app.client(crate::support::Actor::OtherHub);
    for what in ["/revisions", "/revisions/2", "/plan/diff", "/effects"] {
        foreign.get(&scene.path(what)).await.problem("not_found");
    }
    scene
        .post(&foreign, &revision("2026-08", training()))
        .await
        .problem("not_found");
    let path = scene.path("/revisions/2/approve");
    scene
        .app
        .as_hub()
        .post(&path, &json!({}))
        .await
        .problem("forbidden");
}

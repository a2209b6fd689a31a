//! Pages that a prefecture shows to everybody: what is on them, what never is,
//! and how a link begins and ends.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use serde_json::{Value, json};
use shirube::clock::Clock;

use crate::support::fixtures::{LAST, MISSING, from_template, month, month_on_plan, own_scorecard};
use crate::support::{Answer, App, limited_state, logs, now, service};

const RELEASES: &str = "/v1/releases";
/// What nobody outside may ever read.
const CANARY: &str = "canary4711";

fn body(detail: &str) -> Value {
    json!({
        "title": { "ja": "山形県の拠点の進み具合", "en": "How our hubs are doing" },
        "introduction": { "ja": "毎月、県が承認した状況を公開しています。\n山形県" },
        "detail": detail
    })
}

fn with(mut body: Value, member: &str, value: impl Into<Value>) -> Value {
    body[member] = value.into();
    body
}

fn path(made: &Value) -> String {
    format!("{RELEASES}/{}", made["id"].as_str().unwrap())
}

fn public(made: &Value) -> String {
    format!("/v1/public/{}", made["token"].as_str().unwrap())
}

/// The names of an object's members.
fn members(value: &Value) -> BTreeSet<&str> {
    value
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect()
}

fn list(value: &Value) -> &Vec<Value> {
    value.as_array().unwrap()
}

/// Two scorecards of the prefecture 06 with seven months of figures and words
/// that must not get out, and one of the prefecture 38.
struct Scene {
    app: App,
    card: String,
    neighbour: String,
    foreign: String,
}

impl Scene {
    async fn new() -> Self {
        let app = App::new().await;
        let card = app.own_scorecard().await;
        let neighbour = app.scorecard(&own_scorecard("yonezawa")).await;
        let foreign = app.scorecard(&own_scorecard("ehime")).await;
        let scene = Self {
            app,
            card,
            neighbour,
            foreign,
        };
        for t in 1..=7 {
            let mut values = month_on_plan(t);
            if t == 6 {
                values[4] = json!({ "item": "visitors", "not_applicable": CANARY });
            }
            let report = json!({ "month": month(t), "values": values, "note": CANARY });
            for id in [&scene.card, &scene.neighbour, &scene.foreign] {
                let path = format!("/v1/scorecards/{id}/actuals");
                let answer = scene.app.as_national().post(&path, &report).await;
                answer.expect(200);
            }
        }
        let path = format!("/v1/scorecards/{}/comments", scene.card);
        let comment = json!({ "item": "consult", "month": month(6), "text": CANARY });
        scene.app.as_hub().post(&path, &comment).await.expect(201);
        scene
    }

    async fn decide(&self, id: &str, t: u32, act: &str, body: Value) {
        let path = format!("/v1/scorecards/{id}/months/{}/{act}", month(t));
        let answer = self.app.as_national().post(&path, &body).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
    }

    async fn approve(&self, id: &str, t: u32) {
        self.decide(id, t, "approve", json!({ "note": CANARY }))
            .await;
    }

    async fn make(&self, body: &Value) -> Value {
        let answer = self.app.as_prefecture().post(RELEASES, body).await;
        answer.expect(201)
    }

    async fn read(&self, made: &Value) -> Answer {
        self.app.anonymous().get(&public(made)).await
    }

    /// The names of hubs and the months of what a page shows.
    async fn shown(&self, made: &Value) -> Vec<(Value, Value)> {
        let page = self.read(made).await.expect(200);
        list(&page["scorecards"])
            .iter()
            .map(|card| (card["hub"]["en"].clone(), card["month"].clone()))
            .collect()
    }

    async fn is_gone(&self, path: &str) {
        let wrong = "/v1/public/shp_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
        let answer = self.app.anonymous().get(path).await;
        answer.problem("not_found");
        let never = self.app.anonymous().get(wrong).await;
        assert_eq!(answer.without_request_id(), never.without_request_id());
    }
}

#[actix_web::test]
async fn a_page_is_made_shown_once_and_read_by_everybody() {
    let scene = Scene::new().await;
    scene.approve(&scene.card, 6).await;
    logs::capture();
    let answer = scene
        .app
        .as_prefecture()
        .post(RELEASES, &body("stages"))
        .await;
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let mut made = answer.expect(201);
    assert_eq!(answer.header("location"), Some(path(&made).as_str()));
    let token = made["token"].as_str().unwrap().to_owned();
    assert!(token.starts_with("shp_") && token.len() == 47, "{token}");
    assert_eq!(
        made["link"],
        format!("https://shirube.example/public/{token}")
    );
    let page = scene.read(&made).await.expect(200);
    for secret in ["token", "link"] {
        made.as_object_mut().unwrap().remove(secret);
    }
    let id = made["id"].clone();
    assert_eq!(
        made,
        json!({
            "id": id, "prefecture": "06", "state": "active",
            "title": { "ja": "山形県の拠点の進み具合", "en": "How our hubs are doing" },
            "introduction": { "ja": "毎月、県が承認した状況を公開しています。\n山形県", "en": null },
            "scorecards": null, "detail": "stages", "approved_only": true, "hub_names": false,
            "expires_at": null, "link_made_at": "2026-11-22T03:00:00Z",
            "created_at": "2026-11-22T03:00:00Z", "created_by": "担当 prefecture (テスト)",
            "revoked_at": null, "preview": page
        })
    );
    let shown = scene.app.as_prefecture().get(&path(&made)).await;
    assert_eq!(shown.expect(200), made);
    let listed = scene.app.as_national().get(RELEASES).await;
    made.as_object_mut().unwrap().remove("preview");
    assert_eq!(listed.expect(200)["items"], json!([made]));
    // A credential changes nothing, a bad one neither.
    let again = scene.app.with_token("shk_nonsense");
    let again = again.get(&format!("/v1/public/{token}")).await;
    assert_eq!(again.expect(200), page);
    assert!(!scene.app.dump().holds(&token), "stored hashed only");
    assert!(logs::lines_with(&token).is_empty());
}

#[actix_web::test]
async fn stages_show_status_flag_and_score_of_each_stage_and_nothing_else() {
    let scene = Scene::new().await;
    scene.approve(&scene.card, 6).await;
    let made = scene.make(&body("stages")).await;
    let page = scene.read(&made).await.expect(200);
    assert_eq!(
        members(&page),
        BTreeSet::from([
            "prefecture",
            "title",
            "introduction",
            "detail",
            "approved_only",
            "month",
            "scorecards"
        ])
    );
    assert_eq!(page["prefecture"]["code"], "06");
    assert_eq!(page["month"], month(6));
    let [card] = list(&page["scorecards"]).as_slice() else {
        panic!("{page}")
    };
    assert_eq!(
        members(card),
        BTreeSet::from(["name", "hub", "month", "stages"])
    );
    assert_eq!(card["hub"], Value::Null);
    assert_eq!(card["month"], month(6));
    // Just what those see who sign in.
    let path = format!("/v1/overview?month={}", month(6));
    let overview = scene.app.as_hub().get(&path).await.expect(200);
    let stages = &overview["scorecards"][0]["stages"];
    assert_eq!(list(&card["stages"]).len(), 7);
    for stage in list(&card["stages"]) {
        assert_eq!(
            members(stage),
            BTreeSet::from(["stage", "name", "status", "flag", "score"])
        );
        let known = &stages[stage["stage"].as_str().unwrap()];
        assert_eq!(
            (&stage["status"], &stage["flag"]),
            (&known["status"], &known["flag"])
        );
    }
    assert_eq!(card["stages"][0]["score"], 100);
}

#[actix_web::test]
async fn items_show_their_figures_and_reasons_and_nothing_else() {
    let scene = Scene::new().await;
    scene.approve(&scene.card, 6).await;
    let made = scene.make(&body("items")).await;
    let answer = scene.read(&made).await;
    let page = answer.expect(200);
    let path = format!("/v1/scorecards/{}?month={}", scene.card, month(6));
    let evaluated = scene.app.as_hub().get(&path).await.expect(200);
    let known: Vec<&Value> = list(&evaluated["perspectives"])
        .iter()
        .flat_map(|perspective| list(&perspective["steps"]))
        .flat_map(|step| list(&step["items"]))
        .collect();
    let stages = list(&page["scorecards"][0]["stages"]);
    let items: Vec<&Value> = stages
        .iter()
        .flat_map(|stage| list(&stage["items"]))
        .collect();
    assert_eq!(items.len(), known.len());
    for item in items {
        assert_eq!(
            members(item),
            BTreeSet::from([
                "name",
                "measure",
                "unit",
                "plan",
                "actual",
                "target",
                "attainment",
                "status",
                "reason"
            ])
        );
        let same = known
            .iter()
            .find(|known| known["name"] == item["name"])
            .unwrap();
        for member in [
            "measure",
            "unit",
            "plan",
            "actual",
            "target",
            "attainment",
            "status",
        ] {
            assert_eq!(item[member], same[member], "{member} of {item}");
        }
        let reason = json!({ "ja": same["reason"]["ja"], "en": same["reason"]["en"] });
        assert_eq!(item["reason"], reason);
    }
    // Not applicable: that it is so, and not the hub's words for it.
    assert!(answer.text().contains("対象外"), "{}", answer.text());
    for hidden in [CANARY, "担当 ", "yamagata", "Yamagata hub", &scene.card] {
        assert!(
            !answer.text().contains(hidden),
            "{hidden}: {}",
            answer.text()
        );
    }
}

/// Each scorecard in its last approved month; what is reported since, and what is
/// worked on again, is not seen.
#[actix_web::test]
async fn an_unapproved_month_does_not_leak() {
    let scene = Scene::new().await;
    let made = scene.make(&with(body("items"), "hub_names", true)).await;
    let empty = scene.read(&made).await.expect(200);
    assert_eq!(empty["month"], Value::Null);
    assert_eq!(
        empty["scorecards"],
        json!([]),
        "nothing approved: nothing shown"
    );

    scene.approve(&scene.card, 5).await;
    scene.approve(&scene.neighbour, 6).await;
    scene.approve(&scene.foreign, 7).await;
    let hubs = |own: u32, other: u32| {
        vec![
            (json!("Yamagata hub"), json!(month(own))),
            (json!("Yonezawa hub"), json!(month(other))),
        ]
    };
    assert_eq!(scene.shown(&made).await, hubs(5, 6));
    let page = scene.read(&made).await;

    // What is reported later changes nothing, not even the tag.
    let value = json!([{ "item": "consult", "value": 1 }]);
    scene.app.report(&scene.card, &month(7), value).await;
    let again = scene.read(&made).await;
    assert_eq!(again.text(), page.text());
    assert_eq!(again.header("etag"), page.header("etag"));

    // A month that is corrected takes those after it along, until it is approved.
    scene.approve(&scene.neighbour, 4).await;
    scene.approve(&scene.neighbour, 7).await;
    assert_eq!(scene.shown(&made).await, hubs(5, 7));
    let until = json!({ "reason": "訂正", "until": "2026-11-22T04:00:00Z" });
    scene.decide(&scene.neighbour, 6, "reopen", until).await;
    assert_eq!(scene.shown(&made).await, hubs(5, 4));
    scene.app.clock.advance(TimeDelta::hours(1));
    assert_eq!(scene.shown(&made).await, hubs(5, 7));
    let note = json!({ "note": "内訳を" });
    scene.decide(&scene.card, 5, "return", note).await;
    assert_eq!(scene.shown(&made).await, hubs(5, 7)[1..]);

    let all = scene
        .make(&with(
            with(body("stages"), "hub_names", true),
            "approved_only",
            false,
        ))
        .await;
    assert_eq!(scene.shown(&all).await, hubs(7, 7));
}

#[actix_web::test]
async fn chosen_scorecards_are_shown_and_no_others() {
    let scene = Scene::new().await;
    for id in [&scene.card, &scene.neighbour] {
        scene.approve(id, 7).await;
    }
    let named = with(body("stages"), "hub_names", true);
    let made = scene
        .make(&with(named.clone(), "scorecards", json!([scene.neighbour])))
        .await;
    assert_eq!(
        scene.shown(&made).await,
        [("Yonezawa hub".into(), LAST.into())]
    );
    // All are all, those that come later included.
    let all = scene.make(&named).await;
    assert_eq!(scene.shown(&all).await.len(), 2);
    let template = from_template("yonezawa", "challenge-employment", "2026-09");
    let late = scene.app.scorecard(&template).await;
    let value = json!([{ "item": "case-collection", "value": 1 }]);
    scene.app.report(&late, LAST, value).await;
    let approve = format!("/v1/scorecards/{late}/months/{LAST}/approve");
    scene
        .app
        .as_prefecture()
        .post(&approve, &json!({}))
        .await
        .expect(200);
    assert_eq!(scene.shown(&all).await.len(), 3);
    assert_eq!(scene.shown(&made).await.len(), 1);
}

#[actix_web::test]
async fn a_page_is_changed_and_its_link_stays() {
    let scene = Scene::new().await;
    scene.approve(&scene.card, 7).await;
    let made = scene.make(&body("stages")).await;
    let client = scene.app.as_prefecture();
    let before = scene.read(&made).await;
    let change = json!({
        "title": { "ja": "新しい題" }, "introduction": null, "scorecards": [scene.card],
        "detail": "items", "approved_only": false, "hub_names": true,
        "expires_at": "2026-12-01T00:00:00+09:00"
    });
    let dry = client
        .patch(&format!("{}?dry_run=true", path(&made)), &change)
        .await;
    let unchanged = scene.read(&made).await;
    assert_eq!(unchanged.text(), before.text(), "tried and not stored");
    let changed = client.patch(&path(&made), &change).await.expect(200);
    assert_eq!(dry.expect(200), changed);
    let page = scene.read(&made).await.expect(200);
    assert_eq!(changed["preview"], page);
    assert_eq!(page["title"], json!({ "ja": "新しい題", "en": null }));
    assert_eq!(page["introduction"], Value::Null);
    assert_eq!(page["scorecards"][0]["hub"]["en"], "Yamagata hub");
    // Absent stays, null takes away.
    let audits = |app: &App| app.dump().count("audit");
    let count = audits(&scene.app);
    let same = client.patch(&path(&made), &json!({})).await.expect(200);
    assert_eq!(same, changed);
    assert_eq!(audits(&scene.app), count, "nothing was changed");
    let nulls = json!({ "scorecards": null, "expires_at": null });
    let all = client.patch(&path(&made), &nulls).await.expect(200);
    assert_eq!(
        (&all["scorecards"], &all["expires_at"]),
        (&Value::Null, &Value::Null)
    );
    assert_eq!(scene.shown(&made).await.len(), 2);
}

#[actix_web::test]
async fn a_link_is_rotated_and_revoked() {
    let scene = Scene::new().await;
    let made = scene.make(&body("stages")).await;
    let client = scene.app.as_prefecture();
    let rotate = format!("{}/rotate-link", path(&made));
    scene.app.clock.advance(TimeDelta::minutes(1));
    let answer = client.post(&rotate, &json!({})).await;
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let rotated = answer.expect(200);
    assert_eq!(rotated["link_made_at"], "2026-11-22T03:01:00Z");
    assert_ne!(rotated["token"], made["token"]);
    scene.is_gone(&public(&made)).await;
    scene.read(&rotated).await.expect(200);

    let revoked = client.delete(&path(&made)).await;
    assert_eq!(revoked.status, 204);
    scene.is_gone(&public(&rotated)).await;
    // It is kept, and nothing can be done with it any more.
    let kept = client.get(&path(&made)).await.expect(200);
    assert_eq!(kept["state"], "revoked");
    assert_eq!(kept["revoked_at"], "2026-11-22T03:01:00Z");
    client.delete(&path(&made)).await.problem("not_found");
    client.post(&rotate, &json!({})).await.problem("not_found");
    let change = client
        .patch(&path(&made), &json!({ "detail": "items" }))
        .await;
    change.problem("not_found");
    let audit = client.get("/v1/audit?limit=3").await.expect(200);
    let actions: Vec<&str> = list(&audit["items"])
        .iter()
        .map(|entry| entry["action"].as_str().unwrap())
        .collect();
    assert_eq!(
        actions,
        ["release.revoked", "release.link_rotated", "release.created"]
    );
    assert_eq!(audit["items"][2]["detail"]["detail"], "stages");
}

#[actix_web::test]
async fn a_page_expires() {
    let scene = Scene::new().await;
    let end = "2026-11-22T04:00:00Z";
    let made = scene.make(&with(body("stages"), "expires_at", end)).await;
    scene
        .app
        .clock
        .set("2026-11-22T03:59:59.999999Z".parse().unwrap());
    scene.read(&made).await.expect(200);
    scene.app.clock.advance(TimeDelta::microseconds(1));
    scene.is_gone(&public(&made)).await;
    let client = scene.app.as_prefecture();
    let kept = client.get(&path(&made)).await.expect(200);
    assert_eq!(kept["state"], "expired");
    let change = json!({ "expires_at": "2026-12-01T00:00:00Z" });
    client.patch(&path(&made), &change).await.expect(200);
    scene.read(&made).await.expect(200);
}

#[actix_web::test]
async fn polls_are_cheap_and_nothing_else_finds_the_page() {
    let scene = Scene::new().await;
    for id in [&scene.card, &scene.neighbour] {
        scene.approve(id, 6).await;
    }
    let made = scene.make(&body("items")).await;
    let first = scene.read(&made).await;
    first.expect(200);
    for (name, value) in [
        ("cache-control", "private, no-cache"),
        ("x-robots-tag", "noindex"),
        ("referrer-policy", "no-referrer"),
    ] {
        assert_eq!(first.header(name), Some(value));
    }
    let tag = first.header("etag").unwrap().to_owned();
    assert!(!tag.starts_with("W/"), "{tag}");
    let poll = scene.app.anonymous().with("If-None-Match", &tag);
    let unchanged = poll.get(&public(&made)).await;
    assert_eq!((unchanged.status, unchanged.body.len()), (304, 0));
    assert_eq!(unchanged.header("etag"), Some(tag.as_str()));
    let small = scene.app.anonymous().with("Accept-Encoding", "br");
    let small = small.get(&public(&made)).await;
    assert_eq!(small.header("content-encoding"), Some("br"));
    let of_small = format!("\"{}-br\"", tag.trim_matches('"'));
    assert_eq!(small.header("etag"), Some(of_small.as_str()));
    // Another month approved, another page.
    scene.approve(&scene.card, 7).await;
    let next = poll.get(&public(&made)).await;
    next.expect(200);
    assert_ne!(next.header("etag"), Some(tag.as_str()));
    // The page for people and a refusal are not for search engines, too.
    let page = made["link"].as_str().unwrap();
    let page = page.strip_prefix("https://shirube.example").unwrap();
    for path in [page, "/v1/public/x"] {
        let answer = scene.app.anonymous().get(path).await;
        assert_eq!(answer.header("x-robots-tag"), Some("noindex"), "{path}");
    }
    let answer = scene
        .app
        .anonymous()
        .get(&format!("{}?month={LAST}", public(&made)))
        .await;
    answer
        .problem("invalid")
        .has_only(&[("unknown_parameter", "/query/month")]);
}

#[actix_web::test]
async fn an_address_that_asks_too_often_is_told_so() {
    let scene = Scene::new().await;
    let made = scene.make(&body("stages")).await;
    let db = scene.app.database().open();
    let limited = limited_state(db, Clock::fixed(now()), None, Some(3));
    let client = crate::support::Client::new(service(limited).await);
    for _ in 0..3 {
        client.get(&public(&made)).await.expect(200);
    }
    let answer = client.get(&public(&made)).await;
    answer.problem("rate_limited");
    assert!(answer.header("retry-after").is_some());
}

#[actix_web::test]
async fn trying_stores_nothing_and_a_key_brings_no_link_back() {
    let scene = Scene::new().await;
    scene.approve(&scene.card, 7).await;
    let client = scene.app.as_prefecture();
    let before = scene.app.dump();
    let dry = client
        .post(&format!("{RELEASES}?dry_run=true"), &body("items"))
        .await
        .expect(201);
    assert_eq!(dry["preview"]["scorecards"][0]["month"], LAST);
    assert!(scene.app.dump() == before);
    scene.is_gone(&public(&dry)).await;
    let keyed = client.with("Idempotency-Key", "page-1");
    let first = keyed.post(RELEASES, &body("stages")).await.expect(201);
    let again = keyed.post(RELEASES, &body("stages")).await;
    assert!(!again.text().contains(first["token"].as_str().unwrap()));
    assert!(!scene.app.dump().holds(first["token"].as_str().unwrap()));
}

#[actix_web::test]
async fn bodies_are_read_strictly() {
    let scene = Scene::new().await;
    let made = scene.make(&body("stages")).await;
    let client = scene.app.as_prefecture();
    let before = scene.app.dump();
    for (wrong, issues) in [
        (
            json!({}),
            &[("missing", "/title"), ("missing", "/detail")][..],
        ),
        (
            json!({ "title": { "en": "x" }, "detail": "everything", "comments": true }),
            &[
                ("missing", "/title/ja"),
                ("out_of_range", "/detail"),
                ("unknown_field", "/comments"),
            ],
        ),
        (
            with(
                body("stages"),
                "title",
                json!({ "ja": "x", "en": "y".repeat(201) }),
            ),
            &[("too_long", "/title/en")],
        ),
        (
            with(
                body("stages"),
                "introduction",
                json!({ "ja": "x".repeat(4001) }),
            ),
            &[("too_long", "/introduction/ja")],
        ),
        (
            with(body("stages"), "scorecards", json!([])),
            &[("out_of_range", "/scorecards")],
        ),
        (
            with(
                body("stages"),
                "scorecards",
                json!([scene.card, scene.card, 1]),
            ),
            &[
                ("duplicate_key", "/scorecards/1"),
                ("wrong_type", "/scorecards/2"),
            ],
        ),
        (
            with(
                body("stages"),
                "scorecards",
                json!([scene.card, scene.foreign, MISSING]),
            ),
            &[
                ("unknown_reference", "/scorecards/1"),
                ("unknown_reference", "/scorecards/2"),
            ],
        ),
        (
            with(with(body("stages"), "hub_names", "yes"), "approved_only", 1),
            &[
                ("wrong_type", "/approved_only"),
                ("wrong_type", "/hub_names"),
            ],
        ),
        (
            with(body("stages"), "expires_at", "2026-11-22T03:00:00Z"),
            &[("out_of_range", "/expires_at")],
        ),
        (
            with(body("stages"), "prefecture", "99"),
            &[("out_of_range", "/prefecture")],
        ),
        // Another prefecture, as one that is not there.
        (
            with(body("stages"), "prefecture", "38"),
            &[("unknown_reference", "/prefecture")],
        ),
        (
            with(body("stages"), "prefecture", "47"),
            &[("unknown_reference", "/prefecture")],
        ),
    ] {
        let answer = client.post(RELEASES, &wrong).await;
        answer.problem("invalid").has_only(issues);
    }
    for (wrong, issues) in [
        (
            json!({ "scorecards": [scene.foreign] }),
            &[("unknown_reference", "/scorecards/0")][..],
        ),
        (
            json!({ "prefecture": "06", "expires_at": "2020-01-01T00:00:00Z" }),
            &[
                ("out_of_range", "/expires_at"),
                ("unknown_field", "/prefecture"),
            ],
        ),
    ] {
        let answer = client.patch(&path(&made), &wrong).await;
        answer.problem("invalid").has_only(issues);
    }
    let nation = scene.app.as_national();
    let answer = nation.post(RELEASES, &body("stages")).await;
    answer
        .problem("invalid")
        .has_only(&[("missing", "/prefecture")]);
    for path in [format!("{RELEASES}?x=1"), format!("{}?x=1", path(&made))] {
        client.get(&path).await.problem("invalid");
    }
    let rotate = format!("{}/rotate-link", path(&made));
    let answer = client.post(&rotate, &json!({ "x": 1 })).await;
    answer
        .problem("invalid")
        .has_only(&[("unknown_field", "/x")]);
    assert!(scene.app.dump() == before, "nothing half stored");
}

#[actix_web::test]
async fn a_prefecture_has_so_many_pages_and_sees_them_in_pages() {
    let scene = Scene::new().await;
    let mut ids = Vec::new();
    for _ in 0..20 {
        ids.push(scene.make(&body("stages")).await["id"].clone());
    }
    let client = scene.app.as_prefecture();
    let answer = client.post(RELEASES, &body("stages")).await;
    answer
        .problem("invalid")
        .has_only(&[("out_of_range", "/prefecture")]);
    let other = with(body("stages"), "prefecture", "38");
    scene
        .app
        .as_national()
        .post(RELEASES, &other)
        .await
        .expect(201);
    // A revoked one leaves its place, and stays in the list.
    client
        .delete(&format!("{RELEASES}/{}", ids[0].as_str().unwrap()))
        .await;
    ids.push(scene.make(&body("stages")).await["id"].clone());
    let mut listed = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = client
            .get(&format!("{RELEASES}?limit=8{cursor}"))
            .await
            .expect(200);
        listed.extend(
            list(&page["items"])
                .iter()
                .map(|release| release["id"].clone()),
        );
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(listed, ids, "its own, oldest first");
}

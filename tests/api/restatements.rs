//! What was corrected between two instants.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::support::fixtures::{self, MISSING, month_on_plan};
use crate::support::{Actor, Answer, App};

const MADE: &str = "2026-11-22T03:00:00Z";
const REPORTED: &str = "2026-11-22T04:00:00Z";
const CORRECTED: &str = "2026-11-22T05:00:00Z";
const FUTURE: &str = "2026-11-22T05:00:00.000001Z";

struct Scene {
    app: App,
    id: String,
}

impl Scene {
    /// Made at three; August to October reported at four, but for October's
    /// `staff`; it is five.
    async fn new() -> Self {
        let app = App::new().await;
        let id = app.own_scorecard().await;
        app.clock.advance(TimeDelta::hours(1));
        for (t, month) in [(5, "2026-08"), (6, "2026-09"), (7, "2026-10")] {
            let mut values = month_on_plan(t);
            if t == 7 {
                values.as_array_mut().unwrap().remove(1);
            }
            app.report(&id, month, values).await;
        }
        app.clock.advance(TimeDelta::hours(1));
        Self { app, id }
    }

    async fn report(&self, month: &str, values: Value, note: &str) {
        let body = json!({ "month": month, "values": values, "note": note });
        let path = format!("/v1/scorecards/{}/actuals", self.id);
        let answer = self.app.as_hub().post(&path, &body).await.expect(200);
        assert_eq!(answer["outcome"], "applied");
    }

    async fn ask(&self, actor: Actor, query: &str) -> Answer {
        let path = format!("/v1/scorecards/{}/restatements?{query}", self.id);
        self.app.client(actor).get(&path).await
    }

    async fn list(&self, query: &str) -> Value {
        self.ask(Actor::ViewerOfHub, query).await.expect(200)
    }
}

/// Item, month and kinds of causes of every restatement.
fn lines(list: &Value) -> Vec<(String, String, Vec<String>)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let items = list["items"].as_array().unwrap().iter();
    items
        .map(|one| {
            let causes = one["causes"].as_array().unwrap().iter();
            let kinds = causes.map(|cause| text(&cause["kind"])).collect();
            (text(&one["item"]), text(&one["month"]), kinds)
        })
        .collect()
}

fn line(item: &str, month: &str, kinds: &[&str]) -> (String, String, Vec<String>) {
    let kinds = kinds.iter().map(|kind| (*kind).to_owned()).collect();
    (item.to_owned(), month.to_owned(), kinds)
}

#[actix_web::test]
async fn a_correction_restates_its_month_and_those_after_it() {
    let scene = Scene::new().await;
    let wrong = json!([{ "item": "consult", "value": 0 }]);
    scene.report("2026-09", wrong, "二重計上でした").await;
    let list = scene.list(&format!("from={REPORTED}")).await;
    let expected = [
        line("consult", "2026-09", &["correction"]),
        line("consult", "2026-10", &["correction"]),
    ];
    assert_eq!(lines(&list), expected);
    let first = &list["items"][0];
    assert_eq!(
        (&first["before"]["value"], &first["after"]["value"]),
        (&json!(5), &json!(0))
    );
    assert_eq!(
        (&first["before"]["actual"], &first["after"]["actual"]),
        (&json!(9), &json!(4))
    );
    assert_eq!(first["item_name"]["ja"], "相談");
    assert_eq!(
        first["causes"][0],
        json!({
            "kind": "correction", "at": CORRECTED, "by": "担当 hub (テスト)",
            "note": "二重計上でした", "month": "2026-09",
            "before": cell(5), "after": cell(0), "revision": 5, "plan_version": null
        })
    );
    assert_eq!(
        (&list["counts"]["restatements"], &list["counts"]["months"]),
        (&json!(2), &json!(2))
    );
    assert_eq!(
        (&list["counts"]["items"], &list["counts"]["correction"]),
        (&json!(1), &json!(2))
    );
    // What each instant was answered is what an as-of read answers.
    for (instant, side) in [(REPORTED, "before"), (CORRECTED, "after")] {
        let path = format!(
            "/v1/scorecards/{}?month=2026-09&known_at={instant}",
            scene.id
        );
        let card = scene.app.as_viewer().get(&path).await.expect(200);
        let item = fixtures::item(&card, "consult");
        for member in ["actual", "plan", "target", "attainment", "status", "flag"] {
            assert_eq!(item[member], first[side][member], "{member} {side}");
        }
    }
}

fn cell(value: u32) -> Value {
    json!({
        "state": "reported", "value": value, "numerator": null, "denominator": null,
        "reason": null, "reported_at": null, "reported_by": null
    })
}

#[actix_web::test]
async fn clears_and_late_reports_have_their_causes() {
    let scene = Scene::new().await;
    let clear = json!([{ "item": "refer", "clear": "他拠点の分" }]);
    scene.report("2026-10", clear, "取消").await;
    let late = json!([{ "item": "consult", "value": 3 }, { "item": "visitors", "value": 9 }]);
    scene.report("2026-07", late, "遅れて判明").await;
    let list = scene.list(&format!("from={REPORTED}")).await;
    let found = lines(&list);
    // July itself had not been answered; what was told of the sums after it had.
    let mut expected = Vec::new();
    for month in ["2026-08", "2026-09", "2026-10"] {
        expected.push(line("visitors", month, &["late_report"]));
        expected.push(line("consult", month, &["late_report"]));
    }
    expected.push(line("refer", "2026-10", &["clear"]));
    assert_eq!(found, expected);
    let last = &list["items"][6];
    assert_eq!(last["causes"][0]["note"], "他拠点の分");
    assert_eq!(last["after"]["state"], "not_reported");
    assert_eq!(last["after"]["status"], "no_data");
    let counts = &list["counts"];
    assert_eq!(
        (&counts["late_report"], &counts["clear"]),
        (&json!(6), &json!(1))
    );
}

#[actix_web::test]
async fn what_was_first_reported_in_between_is_no_restatement() {
    let scene = Scene::new().await;
    // From before the first report, nothing had been answered.
    for from in [MADE, "2020-01-01T00:00:00Z"] {
        let list = scene.list(&format!("from={from}")).await;
        assert_eq!(list["items"], json!([]));
        assert_eq!(list["counts"]["restatements"], 0);
    }
    // One cell of a month that was answered without it.
    let rest = json!([{ "item": "staff", "value": 3 }]);
    scene.report("2026-10", rest, "残り").await;
    let list = scene.list(&format!("from={REPORTED}")).await;
    assert_eq!(lines(&list), []);
}

#[actix_web::test]
async fn what_is_as_it_was_is_no_restatement() {
    let scene = Scene::new().await;
    for value in [0, 5] {
        let values = json!([{ "item": "consult", "value": value }]);
        scene.report("2026-09", values, "訂正").await;
        scene.app.clock.advance(TimeDelta::minutes(1));
    }
    let query = format!("from={REPORTED}");
    assert_eq!(lines(&scene.list(&query).await), []);
    let in_between = format!("from={REPORTED}&to={CORRECTED}");
    assert_eq!(lines(&scene.list(&in_between).await).len(), 2);
    let and_back = scene.list(&format!("from={CORRECTED}")).await;
    assert_eq!(and_back["items"][0]["before"]["value"], 0);
    assert_eq!(lines(&and_back).len(), 2);
    let no_time = scene
        .list(&format!("from={CORRECTED}&to={CORRECTED}"))
        .await;
    assert_eq!(lines(&no_time), []);
}

#[actix_web::test]
async fn pages_fit_together() {
    let scene = Scene::new().await;
    scene
        .report("2026-08", month_on_plan(2), "全体を訂正")
        .await;
    let query = format!("from={REPORTED}");
    let all = scene.list(&query).await;
    let mut found = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = scene.list(&format!("{query}&limit=3{cursor}")).await;
        assert_eq!(page["counts"], all["counts"]);
        found.extend(page["items"].as_array().unwrap().clone());
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert!(found.len() > 6);
    assert_eq!(json!(found), all["items"]);
}

#[actix_web::test]
async fn the_instants_are_checked() {
    let scene = Scene::new().await;
    for (query, issues) in [
        (String::new(), vec![("missing", "/query/from")]),
        ("from=soon".to_owned(), vec![("wrong_type", "/query/from")]),
        (
            format!("from={FUTURE}"),
            vec![("out_of_range", "/query/from")],
        ),
        (
            format!("from={REPORTED}&to={FUTURE}"),
            vec![("out_of_range", "/query/to")],
        ),
        (
            format!("from={REPORTED}&to={MADE}"),
            vec![("out_of_range", "/query/from")],
        ),
        (
            format!("from={REPORTED}&limit=201&known_at={MADE}"),
            vec![
                ("out_of_range", "/query/limit"),
                ("unknown_parameter", "/query/known_at"),
            ],
        ),
        (
            format!("from={REPORTED}&cursor=x"),
            vec![("out_of_range", "/query/cursor")],
        ),
    ] {
        let answer = scene.ask(Actor::Hub, &query).await;
        answer.problem("invalid").has_only(&issues);
    }
    let before = "2026-11-22T02:00:00Z";
    let answer = scene
        .ask(Actor::Hub, &format!("from={before}&to={before}"))
        .await;
    answer.problem("not_found");
}

#[actix_web::test]
async fn readers_in_scope_read_them_and_poll_by_revision() {
    let scene = Scene::new().await;
    let query = format!("from={REPORTED}");
    for actor in Actor::ROLES {
        let answer = scene.ask(actor, &query).await;
        match actor {
            Actor::Operator => {
                answer.problem("forbidden");
            }
            _ => {
                answer.expect(200);
            }
        }
    }
    for foreign in [Actor::OtherPrefecture, Actor::Neighbour, Actor::OtherHub] {
        scene.ask(foreign, &query).await.problem("not_found");
    }
    let missing = format!("/v1/scorecards/{MISSING}/restatements?{query}");
    scene.app.as_hub().get(&missing).await.problem("not_found");
    let path = format!("/v1/scorecards/{}/restatements?{query}", scene.id);
    let tag = scene.app.as_hub().get(&path).await;
    let tag = tag.header("etag").unwrap();
    assert_eq!(tag, "\"4\"");
    let poll = scene.app.as_hub().with("If-None-Match", tag);
    assert_eq!(poll.get(&path).await.status, 304);
    let wrong = json!([{ "item": "consult", "value": 0 }]);
    scene.report("2026-09", wrong, "訂正").await;
    assert_eq!(
        poll.get(&path).await.expect(200)["counts"]["restatements"],
        2
    );
}

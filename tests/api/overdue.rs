//! Reports that are not complete after their due day.

use serde_json::{Value, json};

use crate::alerts::attend_now;
use crate::support::fixtures::{self, MISSING, month_on_plan};
use crate::support::{Actor, App};

/// The last moment of November's due day, and the first after it.
const IN_TIME: &str = "2026-12-10T14:59:59Z";
const LATE: &str = "2026-12-10T15:00:00Z";

/// A service with a scorecard each of `yamagata`, `yonezawa` and `ehime`.
struct Scene {
    app: App,
    ids: Vec<String>,
}

impl Scene {
    async fn new() -> Self {
        let app = App::new().await;
        let mut ids = Vec::new();
        for hub in ["yamagata", "yonezawa", "ehime"] {
            ids.push(app.scorecard(&fixtures::own_scorecard(hub)).await);
        }
        Self { app, ids }
    }

    /// Lets the time come.
    fn attend(&self, now: &str) {
        self.app.clock.set(now.parse().unwrap());
        for id in &self.ids {
            attend_now(&self.app, id);
        }
    }

    async fn list(&self, actor: Actor, query: &str) -> Vec<Value> {
        let path = format!("/v1/overdue?{query}");
        let list = self.app.client(actor).get(&path).await.expect(200);
        list["items"].as_array().unwrap().clone()
    }
}

#[actix_web::test]
async fn a_report_is_overdue_after_its_due_day() {
    let scene = Scene::new().await;
    scene.attend(IN_TIME);
    assert_eq!(scene.list(Actor::National, "").await, [Value::Null; 0]);
    scene.attend(LATE);
    assert_eq!(
        scene.list(Actor::Hub, "").await,
        [json!({
            "scorecard": scene.ids[0], "scorecard_key": "own-plan",
            "scorecard_name": { "ja": "独自の計画", "en": "Own plan" },
            "hub": { "code": "yamagata", "name": { "ja": "山形拠点", "en": "Yamagata hub" } },
            "prefecture": { "code": "06", "name": { "ja": "山形県", "en": "Yamagata" } },
            "month": "2026-11", "due_on": "2026-12-10", "opened_at": LATE, "closed_at": null
        })]
    );
    // Months that were over before the scorecard was made are nobody's fault.
    assert_eq!(scene.list(Actor::National, "").await.len(), 3);
}

#[actix_web::test]
async fn the_completing_report_closes_it() {
    let scene = Scene::new().await;
    scene.attend(LATE);
    scene.app.clock.set("2026-12-12T01:02:03Z".parse().unwrap());
    let closed = async || scene.list(Actor::Hub, "").await[0]["closed_at"].clone();
    // A part is not all.
    let part = json!([{ "item": "consult", "value": 4 }]);
    scene.app.report(&scene.ids[0], "2026-11", part).await;
    assert_eq!(closed().await, Value::Null);
    let answer = scene
        .app
        .report(&scene.ids[0], "2026-11", month_on_plan(8))
        .await;
    assert_eq!(answer["completeness"]["complete"], true);
    assert_eq!(closed().await, "2026-12-12T01:02:03Z");
    // What was complete once does not become overdue again.
    let clear = json!([{ "item": "consult", "clear": "誤報" }]);
    scene.app.report(&scene.ids[0], "2026-11", clear).await;
    scene.attend("2026-12-20T00:00:00Z");
    assert_eq!(closed().await, "2026-12-12T01:02:03Z");
    assert_eq!(scene.list(Actor::Hub, "").await.len(), 1);
}

#[actix_web::test]
async fn a_complete_month_is_never_overdue() {
    let scene = Scene::new().await;
    scene.app.clock.set("2026-12-05T00:00:00Z".parse().unwrap());
    scene
        .app
        .report(&scene.ids[0], "2026-11", month_on_plan(8))
        .await;
    scene.attend(LATE);
    assert_eq!(scene.list(Actor::Hub, "").await, [Value::Null; 0]);
    assert_eq!(scene.list(Actor::National, "").await.len(), 2);
}

#[actix_web::test]
async fn overdue_reports_are_found_in_pages() {
    let scene = Scene::new().await;
    scene.attend(LATE);
    scene
        .app
        .report(&scene.ids[1], "2026-11", month_on_plan(8))
        .await;
    scene.attend("2027-01-12T00:00:00Z");
    let (first, second) = (&scene.ids[0], &scene.ids[1]);
    for (actor, query, count) in [
        (Actor::National, String::new(), 6),
        (Actor::National, "prefecture=38".to_owned(), 2),
        (Actor::National, "state=open".to_owned(), 5),
        (Actor::National, "state=closed".to_owned(), 1),
        (
            Actor::National,
            format!("scorecard={second}&state=closed"),
            1,
        ),
        (Actor::National, format!("scorecard={MISSING}"), 0),
        (Actor::Prefecture, String::new(), 4),
        (Actor::Prefecture, "hub=yonezawa&state=open".to_owned(), 1),
        (Actor::Prefecture, "prefecture=38".to_owned(), 0),
        (Actor::Hub, "hub=yonezawa".to_owned(), 0),
        (Actor::ViewerOfHub, format!("scorecard={first}"), 2),
    ] {
        let found = scene.list(actor, &query).await;
        assert_eq!(found.len(), count, "{actor:?} {query}");
    }
    // The latest month first, then by scorecard.
    let mut expected: Vec<(&str, &String)> = Vec::new();
    for month in ["2026-12", "2026-11"] {
        let mut ids: Vec<&String> = scene.ids.iter().collect();
        ids.sort();
        expected.extend(ids.into_iter().map(|id| (month, id)));
    }
    for limit in [1, 2, 4, 6] {
        let mut found: Vec<Value> = Vec::new();
        let mut cursor = String::new();
        loop {
            let path = format!("/v1/overdue?limit={limit}{cursor}");
            let page = scene.app.as_national().get(&path).await.expect(200);
            found.extend(page["items"].as_array().unwrap().iter().cloned());
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        let places: Vec<Value> = found
            .iter()
            .map(|o| json!([o["month"], o["scorecard"]]))
            .collect();
        assert_eq!(json!(places), json!(expected), "{limit}");
    }
}

#[actix_web::test]
async fn filters_are_read_strictly() {
    let app = App::new().await;
    for (query, issue) in [
        ("state=late", ("out_of_range", "/query/state")),
        ("month=2026-11", ("unknown_parameter", "/query/month")),
        ("cursor=x", ("out_of_range", "/query/cursor")),
    ] {
        let answer = app.as_viewer().get(&format!("/v1/overdue?{query}")).await;
        answer.problem("invalid").has_only(&[issue]);
    }
}

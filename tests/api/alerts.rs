//! Alerts: how they come and go with reports, how they are found, and what
//! people do about them.

use chrono::TimeDelta;
use serde_json::{Value, json};
use shirube::app::subscriptions::{self, NewSubscription};
use shirube::app::{Credential, Session, notices};
use shirube::domain::access::{Permission, Scope};
use shirube::domain::delivery::{Cadence, Channel, Endpoint, Filter};
use shirube::domain::ids::{PrefectureCode, ScorecardId};
use shirube::domain::text::Language;

use crate::support::fixtures::{self, MISSING, month_from};
use crate::support::{Actor, Answer, App};

/// The template whose preparation is late in these tests.
const TEMPLATE: &str = "mature-hard-to-fill";

/// A service with one scorecard of `yamagata`.
struct Scene {
    app: App,
    id: String,
}

impl Scene {
    /// With [`late_preparation`].
    async fn late() -> Self {
        let app = App::new().await;
        let id = late_preparation(&app).await;
        Self { app, id }
    }

    /// With the fixtures' own plan from a month on; `consult` is its only
    /// high-hurdle item, and planned with 4 a month in every year.
    async fn own(start: &str) -> Self {
        let app = App::new().await;
        let id = app.scorecard(&own_card("yamagata", start)).await;
        Self { app, id }
    }

    async fn report(&self, month: &str, values: &[(&str, u32)]) -> Value {
        let values: Vec<Value> = values
            .iter()
            .map(|(item, value)| json!({ "item": item, "value": value }))
            .collect();
        self.app.report(&self.id, month, values.into()).await
    }

    /// Reports `consult` alone; returns the states of the alerts that the
    /// report touched.
    async fn consult(&self, month: &str, value: u32) -> Vec<String> {
        let answer = self.report(month, &[("consult", value)]).await;
        let touched = answer["alerts"].as_array().unwrap();
        touched
            .iter()
            .map(|alert| alert["state"].as_str().unwrap().to_owned())
            .collect()
    }

    async fn list(&self, query: &str) -> Value {
        let path = format!("/v1/alerts?{query}");
        self.app.as_viewer().get(&path).await.expect(200)
    }

    /// The items of all alerts in a list, with their states.
    async fn states(&self, query: &str) -> Vec<(String, String)> {
        let list = self.list(query).await;
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        list["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|alert| (text(&alert["item"]), text(&alert["state"])))
            .collect()
    }

    /// The only alert there is.
    async fn only(&self) -> Value {
        let list = self.list("").await;
        assert_eq!(list["items"].as_array().unwrap().len(), 1, "{list}");
        list["items"][0].clone()
    }

    async fn detail(&self, id: &Value) -> Value {
        let path = format!("/v1/alerts/{}", id.as_str().unwrap());
        self.app.as_viewer().get(&path).await.expect(200)
    }

    async fn act(&self, id: &Value, what: &str, body: &Value) -> Answer {
        let path = format!("/v1/alerts/{}/{what}", id.as_str().unwrap());
        self.app.as_prefecture().post(&path, body).await
    }

    async fn revision(&self) -> i64 {
        let path = format!("/v1/scorecards/{}", self.id);
        let card = self.app.as_viewer().get(&path).await.expect(200);
        card["revision"].as_i64().unwrap()
    }

    /// Lets the notices of the last reports leave.
    fn attend(&self) {
        attend(&self.app, &self.id);
    }
}

/// Looks at a scorecard a quarter of an hour later.
fn attend(app: &App, id: &str) {
    app.clock.advance(TimeDelta::minutes(15));
    attend_now(app, id);
}

/// Looks at a scorecard at every moment up to now at which its time came.
pub fn attend_now(app: &App, id: &str) {
    let (office, now) = (&app.state.office, app.clock.now());
    let id = ScorecardId(id.to_owned());
    let attended = app
        .state
        .db
        .write(|conn| notices::catch_up(conn, office, &id, now));
    attended.unwrap();
}

/// A scorecard of the template in its third year, whose seminar format is half
/// done long after its due month: no company comes to a seminar, and in the
/// third month too few consultations follow to be chance.
pub async fn late_preparation(app: &App) -> String {
    let body = fixtures::from_template("yamagata", TEMPLATE, "2024-04");
    let id = app.scorecard(&body).await;
    for report in late_reports() {
        let month = report["month"].as_str().unwrap();
        app.report(&id, month, report["values"].clone()).await;
    }
    id
}

fn late_reports() -> Vec<Value> {
    let prepared = [
        ("target-industries", 100),
        ("external-talent-use", 100),
        ("seminar-format", 55),
        ("seminar-partners", 10),
        ("pr-material", 100),
    ];
    let monthly = [("seminar-companies", 0), ("consult-seminar", 0)];
    let value = |(item, value): &(&str, u32)| json!({ "item": item, "value": value });
    [
        (
            "2026-04",
            prepared.iter().chain(&monthly).map(value).collect(),
        ),
        ("2026-05", monthly.iter().map(value).collect()),
        ("2026-06", monthly.iter().map(value).collect::<Vec<_>>()),
    ]
    .into_iter()
    .map(|(month, values)| json!({ "month": month, "values": values }))
    .collect()
}

/// A webhook of the prefecture that hears of everything at once.
fn subscribe(app: &App) {
    let new = NewSubscription {
        scope: Scope::Prefecture(PrefectureCode("06".to_owned())),
        name: "県庁".to_owned(),
        channel: Channel::Webhook,
        endpoint: Endpoint::Http {
            url: "https://hooks.example/1".to_owned(),
        },
        address: "https://hooks.example/…".to_owned(),
        filter: Filter::default(),
        cadence: Cadence::Immediate,
        language: Language::Japanese,
        escalation_days: None,
        digest_day: 11,
    };
    let (office, now) = (&app.state.office, app.clock.now());
    let credential = Credential::api_key(app.key(Actor::Prefecture));
    let made = app.state.db.write(|conn| {
        let mut session = Session::begin(conn, office, &credential, Permission::Steer, now)?;
        subscriptions::create(&mut session, new.clone())
    });
    made.unwrap();
}

fn own_card(hub: &str, start: &str) -> Value {
    let mut card = fixtures::own_scorecard(hub);
    card["start_month"] = start.into();
    card["definition"]["items"][6]["targets"] =
        json!([{ "year": 1, "value": 48 }, { "year": 2, "value": 48 }]);
    card
}

fn acknowledgement() -> Value {
    json!({ "cause": "型化の遅れ", "action": "研修を追加\n2回", "owner": "拠点 佐藤", "due": "2026-12-20" })
}

fn kinds(detail: &Value) -> Vec<&str> {
    detail["timeline"]
        .as_array()
        .unwrap()
        .iter()
        .map(|change| change["kind"].as_str().unwrap())
        .collect()
}

fn items(list: &Value) -> &[Value] {
    list["items"].as_array().unwrap()
}

/// The alert of an item in a list.
fn of<'a>(list: &'a Value, item: &str) -> &'a Value {
    let found = items(list).iter().find(|alert| alert["item"] == item);
    found.unwrap_or_else(|| panic!("no alert of {item}: {list}"))
}

#[actix_web::test]
async fn a_red_step_opens_an_alert_with_its_cause() {
    let scene = Scene::late().await;
    let list = scene.list("").await;
    let (root, consequence) = (of(&list, "seminar-format"), of(&list, "consult-seminar"));
    let format = json!({ "ja": "業界特化セミナーの型化", "en": "Make the industry seminar a repeatable format" });
    let mut facts = consequence.clone();
    let mut taken = |member: &str| facts.as_object_mut().unwrap().remove(member).unwrap();
    assert_eq!(
        json!([
            taken("scorecard"),
            taken("scorecard_key"),
            taken("scorecard_name"),
            taken("hub"),
            taken("prefecture")
        ]),
        json!([
            scene.id,
            TEMPLATE,
            { "ja": "人材確保が難しい業種への支援", "en": "Hard-to-fill industries" },
            { "code": "yamagata", "name": { "ja": "山形拠点", "en": "Yamagata hub" } },
            { "code": "06", "name": { "ja": "山形県", "en": "Yamagata" } }
        ])
    );
    assert_eq!(
        taken("cause"),
        json!({
            "kind": "inherited", "volume": 5, "conversion": 0, "timing": 0.4545,
            "root_causes": [{
                "item": "seminar-format", "item_name": format, "stage": "setup", "status": "behind",
                "distance": 2, "path": ["seminar-format", "seminar-companies", "consult-seminar"]
            }],
            "remedies": [{
                "item": "seminar-format", "item_name": format, "stage": "setup", "measure": "milestone",
                "unit": "percent", "status": "behind", "actual": 55, "target": 100,
                "due_month": "2025-09", "distance": 2
            }],
            "advice": null
        })
    );
    let name = json!({ "ja": "セミナー経由の相談", "en": "Consultations from seminars" });
    assert_eq!(
        json!([taken("id"), taken("folded_under"), taken("item_name")]),
        json!([consequence["id"], root["id"], name])
    );
    assert_eq!(
        json!([taken("handled"), taken("acknowledgement"), taken("silence")]),
        json!([false, null, null])
    );
    assert_eq!(
        json!([
            taken("actual"),
            taken("plan"),
            taken("target"),
            taken("attainment"),
            taken("shortfall")
        ]),
        json!([0, 5.4545, 30, 0, 5.4545])
    );
    assert_eq!(
        facts,
        json!({
            "state": "open", "item": "consult-seminar", "stage": "consult", "track": null,
            "measure": "flow", "unit": "cases", "direction": "higher",
            "episode": 1, "reopened": false, "severity": "critical",
            "opened_month": "2026-06", "resolved_month": null, "resolved_reason": null,
            "month": "2026-06", "status": "behind"
        })
    );
    assert_eq!(root["opened_month"], "2026-04");
    assert_eq!(root["month"], "2026-06", "figures of the latest month");
    assert_eq!(root["cause"]["kind"], "execution");
    assert!(
        root["cause"]["advice"]["ja"]
            .as_str()
            .unwrap()
            .contains("見直して")
    );
}

/// What is read with one alert: what it drags down, its months, its past, and
/// the notice in which both stand.
#[actix_web::test]
async fn an_alert_is_read_with_everything_known_about_it() {
    let app = App::new().await;
    subscribe(&app);
    let id = late_preparation(&app).await;
    let scene = Scene { app, id };
    let list = scene.list("").await;
    let (root, consequence) = (of(&list, "seminar-format"), of(&list, "consult-seminar"));
    let before = scene.detail(&root["id"]).await;
    assert_eq!(before["announced_at"], Value::Null);
    assert_eq!(before["notices"], json!([]));
    assert_eq!(kinds(&before), ["opened"]);
    scene.attend();
    let detail = scene.detail(&root["id"]).await;
    assert_eq!(detail["folded"], json!([consequence]));
    for member in root.as_object().unwrap().keys() {
        assert_eq!(detail[member], root[member], "{member}");
    }
    // From the month before the opening on; the milestone was not known then.
    let months: Vec<Value> = detail["months"]
        .as_array()
        .unwrap()
        .iter()
        .map(|m| {
            json!([
                m["month"],
                m["actual"],
                m["plan"],
                m["attainment"],
                m["status"],
                m["flag"]
            ])
        })
        .collect();
    assert_eq!(
        json!(months),
        json!([
            ["2026-03", null, 100, null, "no_data", "none"],
            ["2026-04", 55, 100, 0.55, "behind", "red"],
            ["2026-05", 55, 100, 0.55, "behind", "red"],
            ["2026-06", 55, 100, 0.55, "behind", "red"]
        ])
    );
    assert_eq!(kinds(&detail), ["opened", "announced"]);
    assert_eq!(
        detail["timeline"][0],
        json!({
            "at": "2026-11-22T03:00:00Z", "kind": "opened", "by": null,
            "detail": { "month": "2026-04", "opened_month": "2026-04", "resolved_month": null,
                        "resolved_reason": null, "attainment": 0.55, "folded_under": null }
        })
    );
    assert_eq!(
        [
            &detail["announced_at"],
            &detail["acknowledged_until"],
            &detail["created_at"],
            &detail["changed_at"]
        ],
        [
            &json!("2026-11-22T03:15:00Z"),
            &Value::Null,
            &json!("2026-11-22T03:00:00Z"),
            &json!("2026-11-22T03:00:00Z")
        ]
    );
    // One notice for both; what is folded is not announced on its own.
    let folded = scene.detail(&consequence["id"]).await;
    assert_eq!(folded["announced_at"], Value::Null);
    assert_eq!(folded["notices"], detail["notices"]);
    let [notice] = detail["notices"].as_array().unwrap().as_slice() else {
        panic!("{}", detail["notices"]);
    };
    assert_eq!(
        *notice,
        json!({ "id": notice["id"], "event": "alert.opened", "created_at": "2026-11-22T03:15:00Z",
                "state": "queued", "attempts": 0 })
    );
}

#[actix_web::test]
async fn alerts_resolve_and_come_back() {
    let scene = Scene::own("2026-04").await;
    assert_eq!(scene.consult("2026-04", 0).await, ["open"]);
    let opened = scene.only().await;
    // Within chance of the plan, and nearer to it than what resolves.
    assert_eq!(scene.consult("2026-05", 7).await, ["resolved"]);
    let resolved = scene.only().await;
    assert_eq!(resolved["id"], opened["id"]);
    assert_eq!(
        [
            &resolved["state"],
            &resolved["resolved_month"],
            &resolved["resolved_reason"],
            &resolved["actual"]
        ],
        [
            &json!("resolved"),
            &json!("2026-05"),
            &json!("recovered"),
            &json!(7)
        ]
    );
    assert_eq!(scene.consult("2026-06", 0).await, [""; 0]);
    assert_eq!(scene.consult("2026-07", 0).await, ["open"]);
    let again = scene.only().await;
    assert_eq!(
        [
            &again["id"],
            &again["episode"],
            &again["reopened"],
            &again["opened_month"],
            &again["resolved_month"]
        ],
        [
            &opened["id"],
            &json!(1),
            &json!(true),
            &json!("2026-04"),
            &Value::Null
        ]
    );
    assert_eq!(scene.consult("2026-08", 20).await, ["resolved"]);
    let detail = scene.detail(&opened["id"]).await;
    assert_eq!(
        kinds(&detail),
        ["opened", "resolved", "reopened", "resolved"]
    );
    let flags: Vec<&str> = detail["months"]
        .as_array()
        .unwrap()
        .iter()
        .map(|month| month["flag"].as_str().unwrap())
        .collect();
    assert_eq!(flags, ["red", "none", "amber", "red", "none"]);
}

/// What is counted by the year begins anew with it.
#[actix_web::test]
async fn an_alert_ends_with_its_year() {
    let scene = Scene::own("2025-04").await;
    for t in 1..=12 {
        scene.consult(&month_from("2025-04", t), 1).await;
    }
    assert_eq!(scene.only().await["severity"], "critical");
    assert_eq!(scene.consult("2026-04", 0).await, ["resolved", "open"]);
    let list = scene.list("").await;
    let shown: Vec<Value> = items(&list)
        .iter()
        .map(|a| {
            json!([
                a["episode"],
                a["state"],
                a["opened_month"],
                a["resolved_month"],
                a["resolved_reason"],
                a["month"],
                a["actual"]
            ])
        })
        .collect();
    assert_eq!(
        json!(shown),
        json!([
            [2, "open", "2026-04", null, null, "2026-04", 0],
            [
                1,
                "resolved",
                "2025-05",
                "2026-04",
                "year_ended",
                "2026-03",
                12
            ]
        ]),
        "the latest opened first"
    );
}

#[actix_web::test]
async fn a_correction_withdraws_what_was_told() {
    let scene = Scene::own("2026-04").await;
    subscribe(&scene.app);
    scene.consult("2026-04", 0).await;
    scene.attend();
    let id = scene.only().await["id"].clone();
    assert_eq!(scene.consult("2026-04", 4).await, ["withdrawn"]);
    let alert = scene.only().await;
    assert_eq!([&alert["id"], &alert["state"]], [&id, &json!("withdrawn")]);
    assert_eq!(scene.list("state=open").await["items"], json!([]));
    scene.attend();
    let detail = scene.detail(&id).await;
    assert_eq!(kinds(&detail), ["opened", "announced", "withdrawn"]);
    let events: Vec<&str> = detail["notices"]
        .as_array()
        .unwrap()
        .iter()
        .map(|notice| notice["event"].as_str().unwrap())
        .collect();
    assert_eq!(events, ["alert.opened", "alert.withdrawn"]);
    // It was right the first time: the same alert, told once more.
    assert_eq!(scene.consult("2026-04", 0).await, ["open"]);
    assert_eq!(scene.only().await["id"], id);
}

/// What nobody was told of and nobody touched never was; a comment is enough
/// to keep it.
#[actix_web::test]
async fn a_correction_in_time_leaves_no_alert() {
    let scene = Scene::own("2026-04").await;
    scene.consult("2026-04", 0).await;
    let id = scene.only().await["id"].clone();
    assert_eq!(scene.consult("2026-04", 4).await, ["withdrawn"]);
    assert_eq!(scene.list("").await["items"], json!([]));
    let path = format!("/v1/alerts/{}", id.as_str().unwrap());
    scene.app.as_viewer().get(&path).await.problem("not_found");

    scene.consult("2026-05", 0).await;
    assert_eq!(scene.consult("2026-04", 0).await, ["open"]);
    let id = scene.only().await["id"].clone();
    scene
        .act(&id, "comments", &json!({ "text": "誤報かも" }))
        .await
        .expect(200);
    scene.report("2026-04", &[("consult", 4)]).await;
    scene.report("2026-05", &[("consult", 4)]).await;
    assert_eq!(scene.only().await["state"], "withdrawn");
}

#[actix_web::test]
async fn a_dry_run_names_the_alert_to_come() {
    let scene = Scene::own("2026-04").await;
    let path = format!("/v1/scorecards/{}/actuals", scene.id);
    let body = json!({ "month": "2026-04", "values": [{ "item": "consult", "value": 0 }] });
    let before = scene.app.dump();
    let dry = scene
        .app
        .as_hub()
        .post(&format!("{path}?dry_run=true"), &body)
        .await
        .expect(200);
    assert!(scene.app.dump() == before);
    let real = scene.app.as_hub().post(&path, &body).await.expect(200);
    assert_eq!(real["alerts"], dry["alerts"]);
    let id = scene.only().await["id"].clone();
    assert_eq!(
        real["alerts"],
        json!([{ "id": id, "item": "consult", "state": "open" }])
    );
    let again = scene.app.as_hub().post(&path, &body).await.expect(200);
    assert_eq!(
        [&again["outcome"], &again["alerts"]],
        [&json!("unchanged"), &json!([])]
    );
}

#[actix_web::test]
async fn a_bulk_names_the_alerts_of_each_report() {
    let scene = Scene::own("2026-04").await;
    let other = scene.app.scorecard(&own_card("yonezawa", "2026-04")).await;
    let report = |id: &str, month: &str, value: u32| json!({ "scorecard": id, "month": month, "values": [{ "item": "consult", "value": value }] });
    let body = json!({ "reports": [
        report(&scene.id, "2026-04", 0), report(&other, "2026-04", 4), report(&scene.id, "2026-05", 8)
    ] });
    let answer = scene
        .app
        .as_national()
        .post("/v1/actuals", &body)
        .await
        .expect(200);
    let id = scene.only().await["id"].clone();
    let touched: Vec<&Value> = answer["reports"]
        .as_array()
        .unwrap()
        .iter()
        .map(|r| &r["alerts"])
        .collect();
    assert_eq!(
        touched,
        [
            &json!([{ "id": id, "item": "consult", "state": "open" }]),
            &json!([]),
            &json!([{ "id": id, "item": "consult", "state": "resolved" }])
        ]
    );
}

/// Whatever the order and size of the reports, the alerts are the same.
#[actix_web::test]
async fn the_order_of_posting_makes_no_difference() {
    let mut expected: Option<Vec<String>> = None;
    for order in ["forward", "backward", "cell by cell, backward"] {
        let app = App::new().await;
        let body = fixtures::from_template("yamagata", TEMPLATE, "2024-04");
        let id = app.scorecard(&body).await;
        let mut reports = late_reports();
        if order.starts_with("cell") {
            reports = reports
                .iter()
                .flat_map(|report| {
                    let values = report["values"].as_array().unwrap().iter();
                    values.map(|value| json!({ "month": report["month"], "values": [value] }))
                })
                .collect();
        }
        if order != "forward" {
            reports.reverse();
        }
        for report in reports {
            let month = report["month"].as_str().unwrap();
            app.report(&id, month, report["values"].clone()).await;
        }
        let scene = Scene { app, id };
        let list = scene.list("").await;
        let mut shown: Vec<String> = items(&list)
            .iter()
            .map(|alert| {
                let mut alert = alert.clone();
                let root = items(&list)
                    .iter()
                    .find(|other| other["id"] == alert["folded_under"]);
                alert["folded_under"] = root.map_or(Value::Null, |root| root["item"].clone());
                alert["id"] = Value::Null;
                alert.to_string().replace(&scene.id, "<id>")
            })
            .collect();
        shown.sort();
        assert_eq!(
            *expected.get_or_insert_with(|| shown.clone()),
            shown,
            "{order}"
        );
    }
    assert_eq!(expected.unwrap().len(), 2);
}

#[actix_web::test]
async fn alerts_are_found_by_what_they_are() {
    let scene = Scene::late().await;
    let own = scene.app.scorecard(&own_card("yonezawa", "2026-04")).await;
    let far = scene.app.scorecard(&own_card("ehime", "2026-04")).await;
    for id in [&own, &far] {
        scene
            .app
            .report(id, "2026-04", json!([{ "item": "consult", "value": 0 }]))
            .await;
    }
    // Not so bad, and over again in the next month.
    scene
        .app
        .report(&own, "2026-05", json!([{ "item": "consult", "value": 8 }]))
        .await;
    let root = of(&scene.list("").await, "seminar-format")["id"].clone();
    scene
        .act(&root, "acknowledge", &acknowledgement())
        .await
        .expect(200);
    let (consult, format, own_consult) = ("consult-seminar", "seminar-format", "consult");
    for (query, found) in [
        ("", vec![consult, own_consult, format]),
        ("state=open", vec![consult, format]),
        ("state=resolved", vec![own_consult]),
        ("state=withdrawn", vec![]),
        ("severity=critical", vec![consult, own_consult, format]),
        ("severity=high", vec![]),
        ("stage=setup", vec![format]),
        ("stage=consult", vec![consult, own_consult]),
        ("item=consult", vec![own_consult]),
        ("hub=yonezawa", vec![own_consult]),
        ("hub=ehime", vec![]),
        ("prefecture=06&state=open&folded=false", vec![format]),
        ("opened_month=2026-06", vec![consult]),
        ("folded=true", vec![consult]),
        ("acknowledged=true", vec![format]),
        ("acknowledged=false", vec![consult, own_consult]),
        ("item=nobody", vec![]),
        (&format!("scorecard={own}"), vec![own_consult]),
        (&format!("scorecard={MISSING}"), vec![]),
    ] {
        let mut states = scene.states(query).await;
        states.sort();
        let mut found: Vec<&str> = found;
        found.sort_unstable();
        let items: Vec<&str> = states.iter().map(|(item, _)| item.as_str()).collect();
        assert_eq!(items, found, "{query}");
    }
    // Counted in every state, whatever the filter says of it.
    let expected = json!({ "open": 2, "resolved": 1, "withdrawn": 0, "critical": 2, "folded": 1,
                           "acknowledged": 1, "unacknowledged": 1 });
    for query in ["", "state=withdrawn", "limit=1", "prefecture=06"] {
        assert_eq!(scene.list(query).await["counts"], expected, "{query}");
    }
    let of_hub = scene.list("hub=yonezawa").await;
    assert_eq!(of_hub["counts"]["resolved"], 1);
    assert_eq!(of_hub["counts"]["open"], 0);
    let nation = scene.app.as_national().get("/v1/alerts").await.expect(200);
    assert_eq!(nation["counts"]["open"], 3);
    // An acknowledgement covers until the end of its day, in Japan.
    scene.app.clock.set("2026-12-20T14:59:59Z".parse().unwrap());
    assert_eq!(
        scene.list("acknowledged=true").await["counts"]["acknowledged"],
        1
    );
    scene.app.clock.set("2026-12-20T15:00:00Z".parse().unwrap());
    assert_eq!(scene.list("acknowledged=true").await["items"], json!([]));
    assert_eq!(scene.list("").await["counts"]["unacknowledged"], 2);
}

#[actix_web::test]
async fn lists_come_in_pages() {
    let app = App::new().await;
    let mut expected: Vec<(String, String)> = Vec::new();
    for month in ["2026-05", "2026-04", "2026-06"] {
        for hub in ["yamagata", "yonezawa"] {
            let mut card = own_card(hub, month);
            card["key"] = format!("plan-{month}").into();
            let id = app.scorecard(&card).await;
            let answer = app
                .report(&id, month, json!([{ "item": "consult", "value": 0 }]))
                .await;
            expected.push((
                month.to_owned(),
                answer["alerts"][0]["id"].as_str().unwrap().to_owned(),
            ));
        }
    }
    // The latest month first, then by identifier.
    expected.sort_by(|one, other| other.0.cmp(&one.0).then(one.1.cmp(&other.1)));
    let client = app.as_prefecture();
    for limit in [1, 2, 4, 6, 200] {
        let mut found = Vec::new();
        let mut cursor = String::new();
        loop {
            let path = format!("/v1/alerts?limit={limit}{cursor}");
            let page = client.get(&path).await.expect(200);
            assert!(items(&page).len() <= limit);
            assert_eq!(page["counts"]["open"], 6, "of all pages");
            found.extend(
                items(&page)
                    .iter()
                    .map(|alert| alert["id"].as_str().unwrap().to_owned()),
            );
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        let ids: Vec<&String> = expected.iter().map(|(_, id)| id).collect();
        assert_eq!(found.iter().collect::<Vec<_>>(), ids, "{limit}");
    }
}

#[actix_web::test]
async fn filters_are_read_strictly() {
    let app = App::new().await;
    for (query, issue) in [
        ("state=closed", ("out_of_range", "/query/state")),
        ("severity=low", ("out_of_range", "/query/severity")),
        ("stage=sales", ("out_of_range", "/query/stage")),
        ("folded=1", ("out_of_range", "/query/folded")),
        ("acknowledged=", ("out_of_range", "/query/acknowledged")),
        ("opened_month=2026-4", ("wrong_type", "/query/opened_month")),
        ("hub=", ("out_of_range", "/query/hub")),
        ("limit=201", ("out_of_range", "/query/limit")),
        ("cursor=x", ("out_of_range", "/query/cursor")),
        ("open=true", ("unknown_parameter", "/query/open")),
    ] {
        let answer = app.as_viewer().get(&format!("/v1/alerts?{query}")).await;
        answer.problem("invalid").has_only(&[issue]);
    }
    let twice = app
        .as_viewer()
        .get("/v1/alerts?state=open&state=open")
        .await;
    twice.problem("malformed_query");
}

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

/// The scorecard's answers show its alerts, so what people do changes them.
#[actix_web::test]
async fn the_scorecard_shows_its_alerts() {
    let scene = Scene::late().await;
    let path = format!("/v1/scorecards/{}?include=alerts", scene.id);
    let client = scene.app.as_viewer();
    let read = client.get(&path).await;
    assert_eq!(read.expect(200)["alerts"], scene.list("").await["items"]);
    let tag = read.header("etag").unwrap().to_owned();
    let known = client.with("If-None-Match", &tag);
    assert_eq!(known.get(&path).await.status, 304);
    let root = of(&scene.list("").await, "seminar-format")["id"].clone();
    scene
        .act(&root, "acknowledge", &acknowledgement())
        .await
        .expect(200);
    let read = known.get(&path).await.expect(200);
    assert_eq!(read["alerts"], scene.list("").await["items"]);
    let plain = client
        .get(&format!("/v1/scorecards/{}", scene.id))
        .await
        .expect(200);
    assert_eq!(plain.get("alerts"), None);
    let list = client.get("/v1/alerts").await;
    let tag = list.header("etag").unwrap();
    let unchanged = client.with("If-None-Match", tag).get("/v1/alerts").await;
    assert_eq!(unchanged.status, 304);
}

/// Alerts that other rules found are found anew, under a new revision.
#[actix_web::test]
async fn new_rules_raise_the_revision() {
    use shirube::storage::agenda::{self, Appointment};
    let scene = Scene::own("2026-04").await;
    scene.consult("2026-04", 0).await;
    scene.attend();
    let before = scene.revision().await;
    let (id, now) = (ScorecardId(scene.id.clone()), scene.app.clock.now());
    let appointment = Appointment {
        due_at: now,
        notice_at: None,
        rules: notices::RULES - 1,
    };
    scene.app.write(|conn| agenda::put(conn, &id, &appointment));
    attend_now(&scene.app, &scene.id);
    assert_eq!(scene.revision().await, before + 1);
    assert_eq!(scene.only().await["state"], "open");
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

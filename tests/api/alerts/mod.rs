//! Alerts: how they come and go with reports (`episodes`), how they are found
//! (`lists`), and what people do about them (`handling`).

mod episodes;
mod handling;
mod lists;

use chrono::TimeDelta;
use serde_json::{Value, json};
use shirube::app::subscriptions::{self, NewSubscription};
use shirube::app::{Credential, Session, notices};
use shirube::domain::access::{Permission, Scope};
use shirube::domain::delivery::{Cadence, Channel, Endpoint, Filter};
use shirube::domain::ids::{PrefectureCode, ScorecardId};
use shirube::domain::text::Language;

use crate::support::fixtures;
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
    let (office, now) = (&app.state.office, || app.clock.now());
    let credential = Credential::api_key(app.key(Actor::Prefecture));
    let made = app.state.db.write(|conn| {
        let mut session = Session::begin(conn, office, &credential, Permission::Steer, &now)?;
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

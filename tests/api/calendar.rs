//! A service through fourteen months of its calendar, with a clock that the test
//! turns: what every destination hears, when, and that nothing is left over.
//!
//! No worker runs here. [`Office::look`] does what the worker does at a moment,
//! and [`Office::walk`] takes the clock from appointment to appointment.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use shirube::app::{digests, notices};
use shirube::clock::Clock;
use shirube::domain::ids::{ScorecardId, SubscriptionId};
use shirube::storage::agenda::{self, Appointment};
use shirube::storage::deliveries;

use crate::support::{Actor, App};

/// Japan is nine hours ahead.
const JAPAN: TimeDelta = TimeDelta::hours(9);

/// A moment in Japan, as the tables name it.
pub fn moment(japan: &str) -> DateTime<Utc> {
    let utc: DateTime<Utc> = format!("{}:00Z", japan.replace(' ', "T")).parse().unwrap();
    utc - JAPAN
}

fn japan(utc: DateTime<Utc>) -> String {
    (utc + JAPAN).format("%Y-%m-%d %H:%M").to_string()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or("-")
}

fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap()
}

/// Two high-hurdle flows, the second from the first; a preparation of the
/// first; a level. So many that chance excuses nothing.
pub fn definition(settings: &Value) -> Value {
    let name = |text: &str| json!({ "ja": text, "en": text });
    let yearly = |value: u32| json!([{ "year": 1, "value": value }, { "year": 2, "value": value }]);
    json!({
        "key": "calendar", "name": name("calendar"), "market_type": "growth",
        "stages": [{ "stage": "setup" }, { "stage": "attract" }, { "stage": "consult" }],
        "settings": settings,
        "items": [
            { "key": "kit", "name": name("kit"), "stage": "setup", "measure": "milestone",
              "unit": "percent", "bar": [1, 5], "targets": [{ "value": 100 }] },
            { "key": "staff", "name": name("staff"), "stage": "setup", "measure": "level",
              "unit": "people", "targets": yearly(4) },
            { "key": "attract", "name": name("attract"), "stage": "attract", "measure": "flow",
              "unit": "companies", "high_hurdle": true, "targets": yearly(12_000) },
            { "key": "consult", "name": name("consult"), "stage": "consult", "measure": "flow",
              "unit": "cases", "high_hurdle": true, "targets": yearly(6_000) }
        ],
        "links": [
            { "kind": "preparation", "from": ["kit"], "to": ["attract"] },
            { "kind": "conversion", "from": ["attract"], "to": ["consult"] }
        ]
    })
}

/// A webhook, and the stages that it hears of; none: all.
struct Destination {
    name: &'static str,
    id: SubscriptionId,
    stages: Vec<String>,
}

impl Destination {
    fn hears_of(&self, alert: &Value) -> bool {
        self.stages.is_empty() || self.stages.iter().any(|stage| alert["stage"] == **stage)
    }
}

/// The service with its clock and its destinations.
pub struct Office {
    pub app: App,
    destinations: Vec<Destination>,
}

impl Office {
    pub async fn opens(japan: &str) -> Self {
        Self {
            app: App::with_clock(Clock::fixed(moment(japan))).await,
            destinations: Vec::new(),
        }
    }

    /// The same under a process that has just been started.
    pub async fn restarts(&mut self) {
        self.app = self.app.restarted().await;
    }

    pub async fn scorecard(&self, definition: Value) -> String {
        let body = json!({ "hub": "yamagata", "definition": definition, "start_month": "2026-04" });
        self.app.scorecard(&body).await
    }

    /// A webhook with its defaults but for `more`.
    pub async fn subscribe(&mut self, name: &'static str, actor: Actor, more: Value) {
        let mut body =
            json!({ "name": name, "channel": "webhook", "url": "https://hooks.example/1" });
        body.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        let client = self.app.client(actor);
        let made = client.post("/v1/subscriptions", &body).await.expect(201);
        let id = SubscriptionId(made["id"].as_str().unwrap().to_owned());
        let stages = made["filter"]["stages"].as_array().unwrap();
        let stages = stages.iter().map(|stage| text(stage).to_owned()).collect();
        self.destinations.push(Destination { name, id, stages });
    }

    pub async fn report(&self, card: &str, month: &str, values: &[(&str, u32)]) {
        let values: Vec<Value> = values
            .iter()
            .map(|(item, value)| json!({ "item": item, "value": value }))
            .collect();
        self.app.report(card, month, values.into()).await;
    }

    /// What a round of the worker does, but sending.
    pub fn look(&self) {
        let (office, now) = (&self.app.state.office, self.app.clock.now());
        let db = &self.app.state.db;
        for id in db.read(|conn| notices::due(conn, now, 100)).unwrap() {
            let attended = db.write(|conn| notices::attend(conn, office, &id, now));
            assert!(attended.unwrap());
        }
        for id in db.read(|conn| digests::due(conn, now, 100)).unwrap() {
            let attended = db.write(|conn| digests::attend(conn, office, &id, now));
            assert!(attended.unwrap());
        }
    }

    /// Takes the clock to a moment: to every appointment on the way, and to
    /// every midnight and every nine o'clock.
    pub fn walk(&self, until: DateTime<Utc>) {
        self.look();
        while self.app.clock.now() < until {
            let now = self.app.clock.now();
            let noted = self
                .app
                .state
                .db
                .read(|conn| notices::next_after(conn, now));
            let of_day = [0, 15, 24].map(|hour| {
                now.date_naive().and_hms_opt(0, 0, 0).unwrap().and_utc() + TimeDelta::hours(hour)
            });
            let next = of_day.into_iter().filter(|at| *at > now);
            let next = next.chain(noted.unwrap()).chain([until]).min().unwrap();
            self.app.clock.set(next);
            self.look();
        }
    }

    fn sent(&self, id: &SubscriptionId) -> Vec<(DateTime<Utc>, Value)> {
        let mut sent = self
            .app
            .write(|conn| deliveries::list(conn, id, None, None, 1_000));
        sent.sort_by_key(|delivery| (delivery.created_at, delivery.sequence));
        let event = |message: &str| serde_json::from_str(message).unwrap();
        sent.iter()
            .map(|delivery| (delivery.created_at, event(&delivery.message)))
            .collect()
    }

    fn id(&self, name: &str) -> &SubscriptionId {
        let mut found = self.destinations.iter().filter(|known| known.name == name);
        &found.next().unwrap().id
    }

    /// All that a destination was sent, a line each.
    pub fn told(&self, name: &str) -> Vec<String> {
        let sent = self.sent(self.id(name));
        sent.iter().map(|(at, event)| line(*at, event)).collect()
    }

    pub async fn alerts(&self, card: &str) -> Vec<Value> {
        let path = format!("/v1/alerts?scorecard={card}&limit=200");
        let found = self.app.as_national().get(&path).await.expect(200);
        list(&found["items"]).to_vec()
    }

    /// The open alert of an item.
    async fn open(&self, card: &str, item: &str) -> String {
        let alerts = self.alerts(card).await;
        let open = alerts
            .iter()
            .find(|alert| alert["item"] == item && alert["state"] == "open");
        text(&open.unwrap()["id"]).to_owned()
    }

    async fn act(&self, alert: &str, what: &str, body: Value) {
        let path = format!("/v1/alerts/{alert}/{what}");
        self.app
            .as_prefecture()
            .post(&path, &body)
            .await
            .expect(200);
    }

    /// That every destination knows what is so, was told nothing twice, and
    /// would be told nothing more. `late` ones may not have heard of an alert yet.
    pub async fn is_at_rest(&self, card: &str, late: &[&str]) {
        let alerts = self.alerts(card).await;
        for destination in &self.destinations {
            let (name, sent) = (destination.name, self.sent(&destination.id));
            for alert in alerts.iter().filter(|alert| destination.hears_of(alert)) {
                let story = story(&sent, &alert["id"]);
                let known = known_after(&story)
                    .unwrap_or_else(|| panic!("{name}, {}: {story:?}", alert["item"]));
                let root = alerts
                    .iter()
                    .find(|root| root["id"] == alert["folded_under"]);
                let open = alert["state"] == "open";
                let is_due = open && !root.is_some_and(|root| destination.hears_of(root));
                let fits = match known {
                    Knowledge::Open => open,
                    Knowledge::Nothing | Knowledge::Over => !is_due || late.contains(&name),
                };
                assert!(fits, "{name}: {known:?} of {alert}, after {story:?}");
            }
        }
        let before: Vec<Vec<String>> = self.everything();
        for rules in [notices::RULES, notices::RULES - 1] {
            let appointment = Appointment {
                due_at: self.app.clock.now(),
                notice_at: None,
                rules,
            };
            let id = ScorecardId(card.to_owned());
            self.app.write(|conn| agenda::put(conn, &id, &appointment));
            self.look();
        }
        assert_eq!(self.everything(), before, "a second look");
    }

    fn everything(&self) -> Vec<Vec<String>> {
        let known = self.destinations.iter();
        known.map(|known| self.told(known.name)).collect()
    }
}

/// What a destination knows of an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Knowledge {
    Nothing,
    Open,
    Over,
}

/// In which lists, and why, an alert stood on its own.
fn story(sent: &[(DateTime<Utc>, Value)], alert: &Value) -> Vec<(&'static str, String)> {
    let mut story = Vec::new();
    for (_, event) in sent {
        for part in LISTS {
            let entries = event["data"][part].as_array().into_iter().flatten();
            let of_alert = entries.filter(|entry| entry["id"] == *alert);
            story.extend(of_alert.map(|entry| (part, text(&entry["reason"]).to_owned())));
        }
    }
    story
}

/// What somebody knows after a story; `None` where it contradicts itself.
pub fn known_after(story: &[(&str, String)]) -> Option<Knowledge> {
    let mut known = Knowledge::Nothing;
    let mut was_withdrawn = false;
    for (part, reason) in story {
        known = match (known, *part, reason.as_str()) {
            (Knowledge::Nothing, "opened", _) | (Knowledge::Over, "opened", "unfolded") => {
                Knowledge::Open
            }
            (Knowledge::Over, "opened", _) if was_withdrawn => Knowledge::Open,
            (Knowledge::Over, "updated", "reopened") => Knowledge::Open,
            (Knowledge::Open, "updated", reason) if reason != "reopened" => Knowledge::Open,
            (Knowledge::Open, "resolved" | "withdrawn", _) => Knowledge::Over,
            _ => return None,
        };
        was_withdrawn = *part == "withdrawn";
    }
    Some(known)
}

const LISTS: [&str; 4] = ["opened", "updated", "resolved", "withdrawn"];

/// An event as a line of a table.
fn line(at: DateTime<Utc>, event: &Value) -> String {
    let data = &event["data"];
    let kind = text(&event["type"]);
    let what = match kind {
        "report.overdue" => {
            let missing: Vec<&str> = list(&data["missing"])
                .iter()
                .map(|item| text(&item["item"]))
                .collect();
            format!("due {}: {}", text(&data["due_on"]), missing.join(" "))
        }
        "digest.monthly" => digest(data),
        _ => LISTS.map(|part| entries(part, &data[part])).concat(),
    };
    assert_eq!(data["truncated"], 0);
    let (at, month) = (japan(at), text(&data["month"]));
    format!("{at} {kind} {month} {}", what.trim_end_matches(';'))
}

fn alert(alert: &Value) -> String {
    format!("{}#{}", text(&alert["item"]), alert["episode"])
}

fn entries(part: &str, entries: &Value) -> String {
    list(entries)
        .iter()
        .map(|entry| {
            let folded: Vec<String> = list(&entry["folded"]).iter().map(alert).collect();
            let folded = match folded.as_slice() {
                [] => String::new(),
                folded => format!(" (+{})", folded.join(" ")),
            };
            let (of, reason) = (alert(entry), text(&entry["reason"]));
            format!("{part} {of} {reason}{folded};")
        })
        .collect::<Vec<String>>()
        .concat()
}

/// Lines of each part in alphabetical order; `*`: acknowledged.
fn digest(data: &Value) -> String {
    let lines = |part: &str, member: &str| {
        let mut lines: Vec<String> = list(&data[part])
            .iter()
            .map(|line| match line["acknowledged"].as_bool() {
                Some(true) => format!("{}*", text(&line[member])),
                _ => text(&line[member]).to_owned(),
            })
            .collect();
        lines.sort();
        match lines.as_slice() {
            [] => String::new(),
            lines => format!(" {part} {},", lines.join(" ")),
        }
    };
    let parts = [
        lines("open", "item"),
        lines("amber", "item"),
        lines("resolved", "item"),
        lines("overdue", "month"),
    ];
    let parts = parts.concat();
    let cards = &data["scorecards"];
    format!("{cards}:{}", parts.trim_end_matches(','))
}

/// Moment in Japan, month, values.
type Report = (&'static str, &'static str, &'static [(&'static str, u32)]);

/// What is reported, and when.
#[rustfmt::skip]
const REPORTS: [Report; 17] = [
    // On plan and in time: nothing to tell.
    ("2026-05-08 10:00", "2026-04", &[("attract", 1000), ("consult", 500), ("staff", 4), ("kit", 40)]),
    // In parts, ten minutes apart: red, and red as its consequence.
    ("2026-06-05 10:00", "2026-05", &[("attract", 400)]),
    ("2026-06-05 10:10", "2026-05", &[("consult", 250)]),
    ("2026-06-08 10:00", "2026-05", &[("staff", 4), ("kit", 40)]),
    // Complete: told at once. Consultations at 0.80 are neither red nor well.
    ("2026-07-09 10:00", "2026-06", &[("attract", 500), ("consult", 450), ("staff", 4), ("kit", 60)]),
    // July is late; August comes before it.
    ("2026-09-07 10:00", "2026-08", &[("attract", 700), ("consult", 700), ("staff", 4), ("kit", 80)]),
    ("2026-09-24 10:00", "2026-07", &[("attract", 1000), ("consult", 500), ("staff", 4), ("kit", 80)]),
    // A part in the last minutes of the due day, a Saturday.
    ("2026-10-10 23:50", "2026-09", &[("attract", 600), ("consult", 500)]),
    ("2026-10-12 10:00", "2026-09", &[("staff", 3), ("kit", 100)]),
    ("2026-11-09 10:00", "2026-10", &[("attract", 2000), ("consult", 500), ("staff", 4)]),
    ("2026-12-08 10:00", "2026-11", &[("attract", 1000), ("consult", 0), ("staff", 4)]),
    ("2027-01-08 10:00", "2026-12", &[("attract", 1000), ("consult", 0), ("staff", 4)]),
    ("2027-02-08 10:00", "2027-01", &[("attract", 1000), ("consult", 1000), ("staff", 4)]),
    ("2027-03-09 10:00", "2027-02", &[("attract", 0), ("consult", 100), ("staff", 4)]),
    // The year is missed.
    ("2027-04-07 10:00", "2027-03", &[("attract", 0), ("consult", 0), ("staff", 4)]),
    // The next one begins badly.
    ("2027-05-07 10:00", "2027-04", &[("attract", 500), ("consult", 250), ("staff", 4)]),
    ("2027-06-07 10:00", "2027-05", &[("attract", 1500), ("consult", 100), ("staff", 4)]),
];

/// Everything, at once.
const PREFECTURE: [&str; 16] = [
    // A quarter of an hour after the last part.
    "2026-06-05 10:25 alert.opened 2026-05 opened attract#1 first (+consult#1)",
    "2026-07-09 10:00 alert.updated 2026-06 updated attract#1 repeat (+consult#1)",
    "2026-08-11 00:00 report.overdue 2026-07 due 2026-08-10: kit staff attract consult",
    // Acknowledged, the companies are not repeated; what holds up the
    // consultations is now the material, which has no alert.
    "2026-09-07 10:00 alert.opened 2026-08 opened consult#1 unfolded",
    // The acknowledgement has run out.
    "2026-09-16 00:00 alert.updated 2026-08 updated attract#1 repeat",
    // July at last: the sums of August change, and the consultations were well then.
    "2026-09-24 10:00 alert.updated 2026-08 updated attract#1 corrected;resolved consult#1 resolved",
    // Not a quarter past: the due day ends.
    "2026-10-11 00:00 report.overdue 2026-09 due 2026-10-10: kit staff",
    "2026-10-11 00:00 alert.updated 2026-09 updated attract#1 repeat",
    "2026-11-09 10:00 alert.resolved 2026-10 resolved attract#1 resolved",
    "2027-01-08 10:00 alert.opened 2026-12 opened consult#2 first",
    "2027-02-08 10:00 alert.resolved 2027-01 resolved consult#2 resolved",
    "2027-04-07 10:00 alert.opened 2027-03 opened attract#2 first (+consult#2)",
    // A root that is silenced hides nothing.
    "2027-04-08 10:00 alert.opened 2027-03 opened consult#2 unfolded",
    // The old year ends with the first report of the new one.
    "2027-05-07 10:00 alert.opened 2027-04 opened attract#3 first (+consult#3);resolved attract#2 resolved;resolved consult#2 resolved",
    "2027-06-07 10:00 alert.opened 2027-05 opened consult#3 unfolded;resolved attract#3 resolved",
    "2027-06-14 10:00 alert.withdrawn 2027-05 withdrawn consult#3 withdrawn",
];

/// Consultations only: a root that it does not hear of hides none of them.
const HUB: [&str; 12] = [
    "2026-06-05 10:25 alert.opened 2026-05 opened consult#1 first",
    "2026-07-09 10:00 alert.updated 2026-06 updated consult#1 repeat",
    "2026-08-11 00:00 report.overdue 2026-07 due 2026-08-10: kit staff attract consult",
    "2026-09-07 10:00 alert.updated 2026-08 updated consult#1 repeat",
    "2026-09-24 10:00 alert.resolved 2026-08 resolved consult#1 resolved",
    "2026-10-11 00:00 report.overdue 2026-09 due 2026-10-10: kit staff",
    "2027-01-08 10:00 alert.opened 2026-12 opened consult#2 first",
    "2027-02-08 10:00 alert.resolved 2027-01 resolved consult#2 resolved",
    // Red again two months after it was well: the same episode.
    "2027-04-07 10:00 alert.updated 2027-03 updated consult#2 reopened",
    "2027-05-07 10:00 alert.opened 2027-04 opened consult#3 first;resolved consult#2 resolved",
    "2027-06-07 10:00 alert.updated 2027-05 updated consult#3 worsened",
    "2027-06-14 10:00 alert.withdrawn 2027-05 withdrawn consult#3 withdrawn",
];

/// What nobody took on within ten business days.
const NATION: [&str; 11] = [
    "2026-06-20 00:00 alert.opened 2026-05 opened attract#1 escalated (+consult#1)",
    "2026-07-09 10:00 alert.updated 2026-06 updated attract#1 repeat (+consult#1)",
    "2026-09-16 00:00 alert.updated 2026-08 updated attract#1 repeat",
    "2026-09-24 10:00 alert.updated 2026-08 updated attract#1 corrected",
    "2026-10-11 00:00 alert.updated 2026-09 updated attract#1 repeat",
    "2026-11-09 10:00 alert.resolved 2026-10 resolved attract#1 resolved",
    // The consultations of December were taken on in time. Those of March wait
    // for the ten business days of their root, which is silenced then.
    "2027-04-22 00:00 alert.opened 2027-03 opened consult#2 escalated",
    "2027-04-30 00:00 alert.opened 2027-03 opened attract#2 escalated (+consult#2)",
    "2027-05-07 10:00 alert.resolved 2027-04 resolved attract#2 resolved;resolved consult#2 resolved",
    "2027-05-22 00:00 alert.opened 2027-04 opened attract#3 escalated (+consult#3)",
    "2027-06-07 10:00 alert.resolved 2027-05 resolved attract#3 resolved",
];

/// The same of consultations only: not hidden by roots that it does not hear of.
const MINISTRY: [&str; 9] = [
    "2026-06-20 00:00 alert.opened 2026-05 opened consult#1 escalated",
    "2026-07-09 10:00 alert.updated 2026-06 updated consult#1 repeat",
    "2026-09-07 10:00 alert.updated 2026-08 updated consult#1 repeat",
    "2026-09-24 10:00 alert.resolved 2026-08 resolved consult#1 resolved",
    "2027-04-22 00:00 alert.opened 2027-03 opened consult#2 escalated",
    "2027-05-07 10:00 alert.resolved 2027-04 resolved consult#2 resolved",
    "2027-05-22 00:00 alert.opened 2027-04 opened consult#3 escalated",
    "2027-06-07 10:00 alert.updated 2027-05 updated consult#3 worsened",
    "2027-06-14 10:00 alert.withdrawn 2027-05 withdrawn consult#3 withdrawn",
];

/// Once a month, whatever there is to tell.
const DIGEST: [&str; 15] = [
    "2026-04-11 09:00 digest.monthly 2026-03 1:",
    "2026-05-11 09:00 digest.monthly 2026-04 1:",
    "2026-06-11 09:00 digest.monthly 2026-05 1: open attract consult",
    "2026-07-11 09:00 digest.monthly 2026-06 1: open attract consult, amber consult",
    "2026-08-11 09:00 digest.monthly 2026-07 1: open attract* consult, amber consult, overdue 2026-07",
    "2026-09-11 09:00 digest.monthly 2026-08 1: open attract* consult, overdue 2026-07",
    "2026-10-11 09:00 digest.monthly 2026-09 1: open attract, resolved consult, overdue 2026-09",
    "2026-11-11 09:00 digest.monthly 2026-10 1: amber attract, resolved attract",
    "2026-12-11 09:00 digest.monthly 2026-11 1: amber attract consult",
    "2027-01-11 09:00 digest.monthly 2026-12 1: open consult, amber attract",
    "2027-02-11 09:00 digest.monthly 2027-01 1: amber attract consult, resolved consult*",
    "2027-03-11 09:00 digest.monthly 2027-02 1: amber attract consult",
    "2027-04-11 09:00 digest.monthly 2027-03 1: open attract consult",
    "2027-05-11 09:00 digest.monthly 2027-04 1: open attract consult, resolved attract consult",
    "2027-06-11 09:00 digest.monthly 2027-05 1: open consult, resolved attract",
];

#[actix_web::test]
async fn fourteen_months_are_told_once_each() {
    let mut office = Office::opens("2026-04-01 09:30").await;
    let card = office.scorecard(definition(&json!({}))).await;
    office
        .subscribe("prefecture", Actor::Prefecture, json!({}))
        .await;
    let of_stage = json!({ "filter": { "stages": ["consult"] } });
    office
        .subscribe("ministry", Actor::National, of_stage)
        .await;
    let of_hub = json!({ "scope": { "hub": "yamagata" }, "filter": { "stages": ["consult"] } });
    office.subscribe("hub", Actor::Prefecture, of_hub).await;
    office.subscribe("nation", Actor::National, json!({})).await;
    office
        .subscribe("digest", Actor::Prefecture, json!({ "cadence": "monthly" }))
        .await;
    for (at, month, values) in REPORTS {
        office.walk(moment(at));
        office.report(&card, month, values).await;
        office.look();
        match at {
            "2026-07-09 10:00" => {
                // Runs out in the middle of September, while the alert is open.
                office.walk(moment("2026-07-15 10:00"));
                acknowledge(&office, &card, "attract", "2026-09-15").await;
            }
            "2027-01-08 10:00" => {
                office.walk(moment("2027-01-12 10:00"));
                acknowledge(&office, &card, "consult", "2027-02-26").await;
            }
            "2027-04-07 10:00" => {
                office.walk(moment("2027-04-08 10:00"));
                let alert = office.open(&card, "attract").await;
                let body = json!({ "until": "2027-04-30T00:00:00+09:00", "reason": "見直し中" });
                office.act(&alert, "silence", body).await;
            }
            _ => {}
        }
    }
    // The consultations of April were counted elsewhere.
    office.walk(moment("2027-06-14 10:00"));
    office.report(&card, "2027-04", &[("consult", 1000)]).await;
    office.walk(moment("2027-07-01 00:00"));
    for (name, expected) in [
        ("prefecture", PREFECTURE.as_slice()),
        ("hub", &HUB),
        ("nation", &NATION),
        ("ministry", &MINISTRY),
        ("digest", &DIGEST),
    ] {
        assert_eq!(office.told(name), expected, "{name}");
    }
    office
        .is_at_rest(&card, &["nation", "ministry", "digest"])
        .await;
}

async fn acknowledge(office: &Office, card: &str, item: &str, due: &str) {
    let alert = office.open(card, item).await;
    let body =
        json!({ "cause": "型化の遅れ", "action": "研修を追加", "owner": "拠点 佐藤", "due": due });
    office.act(&alert, "acknowledge", body).await;
}

/// The due day of a month, by a plan as it is and by one that moves it to a day
/// on which offices work.
const DUE_DAYS: [(&str, &str, &str); 14] = [
    ("2026-04", "2026-05-10", "2026-05-11"),
    ("2026-05", "2026-06-10", "2026-06-10"),
    ("2026-06", "2026-07-10", "2026-07-10"),
    ("2026-07", "2026-08-10", "2026-08-10"),
    ("2026-08", "2026-09-10", "2026-09-10"),
    // A Saturday before Sports Day.
    ("2026-09", "2026-10-10", "2026-10-13"),
    ("2026-10", "2026-11-10", "2026-11-10"),
    ("2026-11", "2026-12-10", "2026-12-10"),
    // A Sunday before Coming of Age Day.
    ("2026-12", "2027-01-10", "2027-01-12"),
    ("2027-01", "2027-02-10", "2027-02-10"),
    ("2027-02", "2027-03-10", "2027-03-10"),
    ("2027-03", "2027-04-10", "2027-04-12"),
    ("2027-04", "2027-05-10", "2027-05-10"),
    ("2027-05", "2027-06-10", "2027-06-10"),
];

/// Nothing is ever reported: every month is overdue at the first midnight after
/// its due day, once.
#[actix_web::test]
async fn silence_is_overdue_every_month() {
    let mut office = Office::opens("2026-04-01 09:30").await;
    for (name, on_business_day) in [("plain", false), ("moved", true)] {
        let mut definition = definition(&json!({ "due_on_business_day": on_business_day }));
        definition["key"] = name.into();
        let card = office.scorecard(definition).await;
        let only = json!({ "filter": { "scorecards": [card] } });
        office.subscribe(name, Actor::Prefecture, only).await;
    }
    office.walk(moment("2027-07-01 00:00"));
    let expected = |due: fn(&(&str, &'static str, &'static str)) -> &'static str| {
        let lines = DUE_DAYS.iter().map(|row| {
            let midnight = moment(&format!("{} 00:00", due(row))) + TimeDelta::days(1);
            let (at, month, due) = (japan(midnight), row.0, due(row));
            format!("{at} report.overdue {month} due {due}: kit staff attract consult")
        });
        lines.collect::<Vec<String>>()
    };
    assert_eq!(office.told("plain"), expected(|row| row.1));
    assert_eq!(office.told("moved"), expected(|row| row.2));
}

//! Reading as of an instant: byte for byte what was answered then.

use std::collections::BTreeMap;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use rand::seq::IndexedRandom as _;
use rand::{RngExt as _, SeedableRng as _, rngs::SmallRng};
use serde_json::{Value, json};
use shirube::app::notices;
use shirube::domain::ids::ScorecardId;

use crate::support::fixtures::{self, ITEMS, LAST, MISSING, month};
use crate::support::{Actor, Answer, App};

/// Steps of a story.
const STEPS: usize = 24;
/// Stories, each from a seed of its own.
const STORIES: u64 = 1;

/// What was answered: status, entity tag, body.
type Told = (u16, Option<String>, String);

fn told(answer: &Answer) -> Told {
    let tag = answer.header("etag").map(str::to_owned);
    // Of a workbook, the bytes are compared by its tag.
    let text = String::from_utf8_lossy(&answer.body).into_owned();
    (answer.status, tag, text)
}

fn written(instant: DateTime<Utc>) -> String {
    instant.to_rfc3339_opts(SecondsFormat::Micros, true)
}

fn at(path: &str, instant: &str) -> String {
    let mark = if path.contains('?') { '&' } else { '?' };
    format!("{path}{mark}known_at={instant}")
}

struct Story {
    app: App,
    rng: SmallRng,
    scorecards: Vec<String>,
    alerts: Vec<String>,
    /// How many revisions were taken.
    revised: usize,
    /// Every answer by instant and path.
    answers: BTreeMap<(DateTime<Utc>, String), Told>,
}

impl Story {
    async fn new(seed: u64) -> Self {
        let app = App::new().await;
        let destination = json!({
            "name": "県庁", "channel": "webhook", "scope": { "prefecture": "06" },
            "url": "https://receiver.example.jp/notices"
        });
        let client = app.as_national();
        let made = client.post("/v1/subscriptions", &destination).await;
        made.expect(201);
        let mut story = Self {
            app,
            rng: SmallRng::seed_from_u64(seed),
            scorecards: Vec::new(),
            alerts: Vec::new(),
            revised: 0,
            answers: BTreeMap::new(),
        };
        story.add_scorecard("yamagata", "first").await;
        story.add_scorecard("yonezawa", "second").await;
        story
    }

    async fn add_scorecard(&mut self, hub: &str, key: &str) {
        let mut card = fixtures::own_scorecard(hub);
        card["key"] = key.into();
        card["definition"]["items"][2]["high_hurdle"] = true.into();
        let id = self.app.scorecard(&card).await;
        self.scorecards.push(id);
    }

    fn pick(&mut self) -> String {
        self.scorecards.choose(&mut self.rng).unwrap().clone()
    }

    fn month(&mut self) -> String {
        month(self.rng.random_range(1..=7))
    }

    fn figure(&mut self, item: &str) -> Value {
        let mut entry = match (self.rng.random_range(0..8), item) {
            (0, _) => json!({ "clear": "誤り" }),
            (1, _) => json!({ "not_applicable": "休み" }),
            (_, "visits" | "turnover") => {
                json!({ "numerator": self.rng.random_range(0..3), "denominator": 9 })
            }
            (_, "kit") => json!({ "value": self.rng.random_range(0..=100) }),
            _ => json!({ "value": self.rng.random_range(0..6) }),
        };
        entry["item"] = item.into();
        entry
    }

    async fn report(&mut self) {
        let (id, month) = (self.pick(), self.month());
        let some = ITEMS[..].sample(&mut self.rng, 7);
        let items: Vec<&str> = some.copied().collect();
        let values: Vec<Value> = items.iter().map(|item| self.figure(item)).collect();
        let body = json!({ "month": month, "values": values, "note": "速報" });
        let path = format!("/v1/scorecards/{id}/actuals");
        let answer = self.app.as_national().post(&path, &body).await;
        // An approved month takes none.
        assert!([200, 409].contains(&answer.status), "{}", answer.text());
    }

    async fn decide(&mut self) {
        let (id, month) = (self.pick(), self.month());
        let until = written(self.app.clock.now() + TimeDelta::hours(30));
        let decisions = [
            ("approve", json!({ "note": "確認" })),
            ("return", json!({ "note": "内訳を" })),
            ("reopen", json!({ "reason": "訂正", "until": until })),
        ];
        let (what, body) = decisions.choose(&mut self.rng).unwrap();
        let path = format!("/v1/scorecards/{id}/months/{month}/{what}");
        self.app.as_national().post(&path, body).await.expect(200);
    }

    async fn handle(&mut self) {
        let Some(id) = self.alerts.choose(&mut self.rng).cloned() else {
            return;
        };
        let now = self.app.clock.now();
        let due = (now + TimeDelta::days(3)).date_naive().to_string();
        let client = self.app.as_national();
        let path = format!("/v1/alerts/{id}");
        let answer = match self.rng.random_range(0..4) {
            0 => {
                let body =
                    json!({ "cause": "遅れ", "action": "増員", "owner": "佐藤", "due": due });
                client.post(&format!("{path}/acknowledge"), &body).await
            }
            1 => {
                let until = written(now + TimeDelta::hours(20));
                let body = json!({ "until": until, "reason": "見直し中" });
                client.post(&format!("{path}/silence"), &body).await
            }
            2 => client.delete(&format!("{path}/silence")).await,
            _ => {
                let body = json!({ "text": "確認中" });
                client.post(&format!("{path}/comments"), &body).await
            }
        };
        // One that is over takes no more than comments; one that was taken back is gone.
        assert!(
            [200, 404, 409].contains(&answer.status),
            "{}",
            answer.text()
        );
    }

    async fn rename(&mut self) {
        let name = format!("名前 {}", self.rng.random_range(0..9));
        let name = json!({ "ja": name, "en": "A name" });
        let types = ["mature", "growth", "challenge"];
        let market_type = *types.choose(&mut self.rng).unwrap();
        let (path, body) = match self.rng.random_range(0..3) {
            0 => ("/v1/hubs/yamagata", json!({ "name": name })),
            1 => ("/v1/prefectures/06", json!({ "name": name })),
            _ => ("/v1/prefectures/06", json!({ "market_type": market_type })),
        };
        self.app.as_national().patch(path, &body).await.expect(200);
    }

    /// Puts a revision in force: the months before the one in which it takes
    /// effect are answered as before.
    async fn revise(&mut self) {
        let (id, effective) = (self.pick(), self.rng.random_range(5..=12));
        let target = self.rng.random_range(2..40);
        let changes = [
            json!([{ "op": "change", "kind": "item", "key": "consult",
                     "after": { "targets": [{ "year": 1, "value": target }] } }]),
            json!([{ "op": "change", "kind": "item", "key": "kit",
                     "after": { "bar": [1, target.min(12)], "high_hurdle": target % 2 == 0 } }]),
            json!([{ "op": "change", "kind": "setting", "key": "on_track_at",
                     "after": f64::from(85 + target % 15) / 100.0 }]),
            json!([{ "op": "change", "kind": "link", "key": "conversion:consult>refer",
                     "after": { "lag_months": target % 4 } }]),
        ];
        let body = json!({ "effective_month": month(effective), "reason": "見直し",
                           "changes": changes.choose(&mut self.rng).unwrap() });
        let before = self.months_before(&id, effective).await;
        let path = format!("/v1/scorecards/{id}/revisions");
        let answer = self.app.as_national().post(&path, &body).await;
        // Nothing is revised in or before an approved month.
        assert!([201, 409].contains(&answer.status), "{}", answer.text());
        self.revised += usize::from(answer.status == 201);
        assert_eq!(self.months_before(&id, effective).await, before);
    }

    /// The programme months before `effective` as they are evaluated, without the
    /// number of the revision.
    async fn months_before(&self, id: &str, effective: u32) -> Vec<Value> {
        let client = self.app.client(Actor::ViewerOfNation);
        let mut months = Vec::new();
        for t in 1..effective {
            let path = format!(
                "/v1/scorecards/{id}?month={}&include=causes,links",
                month(t)
            );
            let mut month = client.get(&path).await.expect(200);
            month["revision"].take();
            months.push(month);
        }
        months
    }

    async fn comment(&mut self) {
        let (id, month) = (self.pick(), self.month());
        let body = json!({ "item": "consult", "month": month, "text": "夏は少ない" });
        let path = format!("/v1/scorecards/{id}/comments");
        self.app.as_national().post(&path, &body).await.expect(201);
    }

    /// Lets notices leave, and reports fall overdue.
    fn attend(&self) {
        for id in &self.scorecards {
            let (id, now) = (ScorecardId(id.clone()), self.app.clock.now());
            let office = &self.app.state.office;
            let attended = self
                .app
                .state
                .db
                .write(|conn| notices::attend(conn, office, &id, now));
            attended.unwrap();
        }
    }

    /// Lets some time pass: none at all, hardly any, or days.
    fn wait(&mut self) {
        let by = match self.rng.random_range(0..6) {
            0 => TimeDelta::zero(),
            1 => TimeDelta::microseconds(1),
            2 | 3 => TimeDelta::minutes(self.rng.random_range(1..60)),
            _ => TimeDelta::minutes(self.rng.random_range(1..4_000)),
        };
        self.app.clock.advance(by);
    }

    async fn step(&mut self, step: usize) {
        match self.rng.random_range(0..15) {
            0..=4 => self.report().await,
            5 | 6 => self.decide().await,
            7 | 8 => self.handle().await,
            9 => self.rename().await,
            10 | 11 => self.revise().await,
            12 => self.comment().await,
            _ => self.attend(),
        }
        if step == STEPS / 2 {
            self.add_scorecard("ehime", "third").await;
        }
    }

    fn paths(&self) -> Vec<String> {
        let mut paths: Vec<String> = [
            "/v1/scorecards",
            "/v1/scorecards?flag=red",
            "/v1/scorecards?flag=none&limit=1",
            "/v1/overview",
            "/v1/overview?group=stage&flag=red",
            "/v1/overview?group=market_type&month=2026-07",
            "/v1/facts?limit=10000&stage=consult",
            "/v1/facts?flag=red&limit=3",
            "/v1/alerts?limit=200",
            "/v1/alerts?state=open&limit=1",
            "/v1/alerts?acknowledged=true",
            "/v1/alerts?acknowledged=false&prefecture=06",
            "/v1/alerts?folded=false&stage=consult&severity=critical",
            "/v1/overdue",
            "/v1/overdue?state=open",
            "/v1/overdue?state=closed",
            "/v1/months?limit=200",
            "/v1/months?state=open",
            "/v1/months?state=approved&limit=1",
            "/v1/months?state=returned&prefecture=06",
        ]
        .map(str::to_owned)
        .into();
        for id in &self.scorecards {
            for part in [
                "?include=causes,links,alerts",
                "?month=2026-07",
                "/causes",
                "/series",
                "/actuals",
                "/actuals?from=2026-09",
                "/plan",
                "/plan/versions",
                "/plan/diff?from=1&to=2",
                "/roadmap",
                "/items/consult/history",
                "/items/kit/history?limit=2",
                "/actuals.csv?layout=wide",
                "/report.xlsx",
            ] {
                paths.push(format!("/v1/scorecards/{id}{part}"));
            }
        }
        let first = &self.scorecards[0];
        for part in [
            "revisions",
            "effects",
            "outlook",
            "funding",
            "peers",
            "comments",
            "months",
        ] {
            paths.push(format!("/v1/scorecards/{first}/{part}"));
        }
        paths.extend(self.alerts.iter().map(|id| format!("/v1/alerts/{id}")));
        paths
    }

    /// Asks for everything there is now.
    async fn look(&mut self) {
        let client = self.app.client(Actor::ViewerOfNation);
        let list = client.get("/v1/alerts?limit=200").await.expect(200);
        for alert in list["items"].as_array().unwrap() {
            let id = alert["id"].as_str().unwrap().to_owned();
            if !self.alerts.contains(&id) {
                self.alerts.push(id);
            }
        }
        let now = self.app.clock.now();
        for path in self.paths() {
            let answer = client.get(&path).await;
            self.answers.insert((now, path), told(&answer));
        }
    }

    /// Asks for everything again, as it was known then; returns how many
    /// answers differ from today's.
    async fn look_back(&self) -> usize {
        let client = self.app.client(Actor::ViewerOfNation);
        let mut today = BTreeMap::new();
        let mut different = 0;
        for ((instant, path), then) in &self.answers {
            let answer = client.get(&at(path, &written(*instant))).await;
            if then.0 == 404 {
                answer.problem("not_found");
                continue;
            }
            assert_eq!(told(&answer), *then, "{path} at {instant}");
            if !today.contains_key(path) {
                today.insert(path, told(&client.get(path).await));
            }
            different += usize::from(today[path] != *then);
        }
        different
    }
}

#[actix_web::test]
async fn every_answer_is_given_again_byte_for_byte() {
    for seed in 0..STORIES {
        let mut story = Story::new(seed).await;
        story.look().await;
        for step in 0..STEPS {
            story.step(step).await;
            story.look().await;
            story.wait();
        }
        let different = story.look_back().await;
        assert!(!story.alerts.is_empty());
        assert!(story.revised > 0);
        assert!(
            different > story.answers.len() / 3,
            "{different} of {}",
            story.answers.len()
        );
    }
}

/// What the tests' scorecard is read by.
const READS: [&str; 8] = [
    "",
    "/causes",
    "/series",
    "/actuals",
    "/plan",
    "/plan/versions",
    "/roadmap",
    "/items/consult/history",
];

/// A service with a scorecard that was made at ten and reported at eleven;
/// now it is twelve.
async fn scene() -> (App, String) {
    let app = App::new().await;
    let mut card = fixtures::own_scorecard("yamagata");
    card["definition"]["items"][2]["high_hurdle"] = true.into();
    let id = app.scorecard(&card).await;
    app.clock.advance(TimeDelta::hours(1));
    let values = json!([{ "item": "consult", "value": 4 }, { "item": "kit", "value": 10 }]);
    app.report(&id, LAST, values).await;
    app.clock.advance(TimeDelta::hours(1));
    (app, id)
}

const BEFORE: &str = "2026-11-22T02:59:59.999999Z";
const MADE: &str = "2026-11-22T03:00:00Z";
const REPORTED: &str = "2026-11-22T04:00:00Z";
const NOW: &str = "2026-11-22T05:00:00Z";
const FUTURE: &str = "2026-11-22T05:00:00.000001Z";

#[actix_web::test]
async fn the_future_is_refused() {
    let (app, id) = scene().await;
    let client = app.as_viewer();
    let mut paths: Vec<String> = READS
        .iter()
        .map(|part| format!("/v1/scorecards/{id}{part}"))
        .collect();
    paths.extend(
        [
            "/v1/scorecards",
            "/v1/overview",
            "/v1/alerts",
            "/v1/overdue",
        ]
        .map(str::to_owned),
    );
    let alerts = client.get("/v1/alerts").await.expect(200);
    let alert = alerts["items"][0]["id"].as_str().unwrap();
    paths.push(format!("/v1/alerts/{alert}"));
    for path in &paths {
        for (instant, code) in [
            (FUTURE, "out_of_range"),
            ("2026-11-22", "wrong_type"),
            ("yesterday", "wrong_type"),
            ("", "out_of_range"),
        ] {
            let answer = client.get(&at(path, instant)).await;
            answer
                .problem("invalid")
                .has_only(&[(code, "/query/known_at")]);
        }
        let answer = client.get(&at(&at(path, NOW), NOW)).await;
        answer.problem("malformed_query");
        // Up to now, in any zone, it is answered as it is.
        for instant in [
            NOW,
            "2026-11-22T14:00:00%2B09:00",
            "2026-11-22T14:00:00+09:00",
        ] {
            let known = client.get(&at(path, instant)).await;
            assert_eq!(told(&known), told(&client.get(path).await), "{path}");
        }
    }
}

#[actix_web::test]
async fn what_did_not_exist_yet_is_not_found() {
    let (app, id) = scene().await;
    let client = app.as_viewer();
    for part in READS {
        let path = format!("/v1/scorecards/{id}{part}");
        client.get(&at(&path, BEFORE)).await.problem("not_found");
        client.get(&at(&path, MADE)).await.expect(200);
    }
    let count = async |path: &str, instant: &str, list: &str| {
        let found = client.get(&at(path, instant)).await.expect(200);
        found[list].as_array().unwrap().len()
    };
    for (path, list) in [("/v1/scorecards", "items"), ("/v1/overview", "scorecards")] {
        assert_eq!(count(path, BEFORE, list).await, 0);
        assert_eq!(count(path, "0000-01-01T00:00:00Z", list).await, 0);
        assert_eq!(count(path, MADE, list).await, 1);
        let red = format!("{path}?flag=red");
        assert_eq!(count(&red, MADE, list).await, 0);
        assert_eq!(count(&red, REPORTED, list).await, 1);
    }
    let alerts = client.get("/v1/alerts").await.expect(200);
    let alert = format!("/v1/alerts/{}", alerts["items"][0]["id"].as_str().unwrap());
    assert_eq!(count("/v1/alerts", MADE, "items").await, 0);
    for list in ["/v1/alerts", "/v1/overdue"] {
        assert_eq!(count(list, "0000-01-01T00:00:00Z", "items").await, 0);
    }
    assert_eq!(count("/v1/alerts", REPORTED, "items").await, 1);
    client.get(&at(&alert, MADE)).await.problem("not_found");
    client.get(&at(&alert, REPORTED)).await.expect(200);
}

/// An alert that was taken back before anybody heard of it is gone, but was
/// there.
#[actix_web::test]
async fn a_forgotten_alert_is_found_as_of_its_time() {
    let (app, id) = scene().await;
    let client = app.as_viewer();
    let list = client.get("/v1/alerts").await.expect(200);
    let alert = format!("/v1/alerts/{}", list["items"][0]["id"].as_str().unwrap());
    let then = told(&client.get(&at(&alert, NOW)).await);
    app.clock.advance(TimeDelta::minutes(1));
    let clear = json!([{ "item": "kit", "clear": "誤り" }]);
    app.report(&id, LAST, clear).await;
    client.get(&alert).await.problem("not_found");
    assert_eq!(told(&client.get(&at(&alert, NOW)).await), then);
    assert_eq!(client.get(&at("/v1/alerts", NOW)).await.expect(200), list);
    client
        .get(&at(&alert, "2026-11-22T05:01:00Z"))
        .await
        .problem("not_found");
}

#[actix_web::test]
async fn the_entity_tag_is_that_of_the_time() {
    let (app, id) = scene().await;
    let client = app.as_viewer();
    let path = format!("/v1/scorecards/{id}");
    for (instant, tag) in [(MADE, "\"1\""), (REPORTED, "\"2\""), (NOW, "\"2\"")] {
        let path = at(&path, instant);
        let answer = client.get(&path).await;
        assert_eq!(answer.header("etag"), Some(tag));
        assert_eq!(
            answer.expect(200)["revision"].to_string(),
            tag.replace('"', "")
        );
        let again = client.with("If-None-Match", tag).get(&path).await;
        assert_eq!(again.status, 304);
    }
    // The one of another time is another body.
    let stale = client.with("If-None-Match", "\"2\"");
    stale.get(&at(&path, MADE)).await.expect(200);
}

#[actix_web::test]
async fn looking_back_takes_the_same_rights() {
    let (app, id) = scene().await;
    let path = at(&format!("/v1/scorecards/{id}"), MADE);
    for actor in Actor::ROLES {
        let answer = app.client(actor).get(&path).await;
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
        app.client(foreign).get(&path).await.problem("not_found");
        for list in ["/v1/scorecards", "/v1/alerts"] {
            let found = app.client(foreign).get(&at(list, NOW)).await.expect(200);
            assert_eq!(found["items"], json!([]), "{list} by {foreign:?}");
        }
    }
    let missing = at(&format!("/v1/scorecards/{MISSING}"), MADE);
    app.as_viewer().get(&missing).await.problem("not_found");
}

/// A list as of an instant goes on where its page ended.
#[actix_web::test]
async fn pages_of_the_past_fit_together() {
    let (app, _) = scene().await;
    app.scorecard(&fixtures::own_scorecard("yonezawa")).await;
    app.scorecard(&fixtures::own_scorecard("ehime")).await;
    let client = app.as_national();
    let all = client.get(&at("/v1/scorecards", NOW)).await.expect(200);
    let mut found = Vec::new();
    let mut cursor = String::new();
    loop {
        let path = at(&format!("/v1/scorecards?limit=1{cursor}"), NOW);
        let page = client.get(&path).await.expect(200);
        found.extend(page["items"].as_array().unwrap().clone());
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(json!(found), all["items"]);
    assert_eq!(found.len(), 3);
}

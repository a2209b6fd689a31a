//! Pulls of what has changed since the last one, merged as the guide says, give
//! the table that a whole pull gives, whatever has happened in between.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use rand::{RngExt as _, SeedableRng as _, rngs::SmallRng};
use serde_json::{Value, json};

use crate::support::fixtures::{month, month_on_plan, own_scorecard};
use crate::support::{App, Client};

/// Months of a scorecard that have ended by the tests' clock.
const MONTHS: u32 = 7;
const ITEMS: [&str; 6] = ["staff", "kit", "visitors", "consult", "refer", "fees"];

/// A table at a reader's, kept up to date by pulls.
struct Table {
    query: &'static str,
    since: Option<String>,
    rows: BTreeMap<String, Vec<Value>>,
}

impl Table {
    const fn new(query: &'static str) -> Self {
        Self {
            query,
            since: None,
            rows: BTreeMap::new(),
        }
    }

    /// What `docs/facts.md` tells a reader to do, in pages of some rows.
    async fn pull(&mut self, client: &Client, limit: u32) {
        let since = self.since.as_ref();
        let since = since.map_or_else(String::new, |since| format!("&since={since}"));
        let path = format!("/v1/facts?limit={limit}{since}{}", self.query);
        let first = client.get(&path).await.expect(200);
        let mut pages = vec![first];
        while let Some(cursor) = pages[pages.len() - 1]["next_cursor"].as_str() {
            let page = client.get(&format!("{path}&cursor={cursor}")).await;
            pages.push(page.expect(200));
            assert_eq!(pages[pages.len() - 1]["changed"], Value::Null);
        }
        if since.is_empty() {
            assert_eq!(pages[0]["changed"], Value::Null);
        }
        let rows: Vec<Value> = pages.iter().flat_map(items).collect();
        let changed = pages[0]["changed"].as_array().into_iter().flatten();
        for card in changed.chain(rows.iter().map(|row| &row["scorecard"])) {
            self.rows.remove(card.as_str().unwrap());
        }
        for row in rows {
            let card = row["scorecard"].as_str().unwrap().to_owned();
            self.rows.entry(card).or_default().push(row);
        }
        self.since = Some(pages[0]["next_since"].as_str().unwrap().to_owned());
    }
}

fn items(page: &Value) -> Vec<Value> {
    page["items"].as_array().unwrap().clone()
}

/// Something that people do; whether it was done.
async fn happens(app: &App, cards: &mut Vec<String>, random: &mut SmallRng) -> (String, bool) {
    let card = cards[random.random_range(0..cards.len())].clone();
    let at = month(random.random_range(1..=MONTHS));
    let item = ITEMS[random.random_range(0..ITEMS.len())];
    let national = app.as_national();
    let report = format!("/v1/scorecards/{card}/actuals");
    let number: u32 = random.random_range(0..1_000_000);
    let name = json!({ "name": { "ja": format!("新{number}"), "en": format!("New {number}") } });
    let (what, answer) = match random.random_range(0..12) {
        0..=3 => {
            let values = json!([{ "item": item, "value": number % 50 }]);
            let body = json!({ "month": at, "values": values });
            ("report", national.post(&report, &body).await)
        }
        4 => {
            let values = json!([{ "item": item, "clear": "誤り" }]);
            let body = json!({ "month": at, "values": values });
            ("clear", national.post(&report, &body).await)
        }
        5 => {
            // Every figure of a month: of a scorecard with one month, of all it has.
            let keys = month_on_plan(1);
            let keys = keys.as_array().unwrap().iter();
            let values: Vec<Value> = keys
                .map(|value| json!({ "item": value["item"], "clear": "誤り" }))
                .collect();
            let body = json!({ "month": at, "values": values });
            ("clear a month", national.post(&report, &body).await)
        }
        6 => {
            let changes = json!([
                { "op": "change", "kind": "item", "key": "consult", "after": { "high_hurdle": number.is_multiple_of(2) } }
            ]);
            let body = json!({ "effective_month": at, "reason": "見直し", "changes": changes });
            let path = format!("/v1/scorecards/{card}/revisions");
            let made = national.post(&path, &body).await;
            if made.status == 201 && made.json()["state"] == "proposed" {
                let approve = format!("{path}/{}/approve", made.json()["version"]);
                ("revise", national.post(&approve, &json!({})).await)
            } else {
                ("revise", made)
            }
        }
        7 => (
            "rename a hub",
            national.patch("/v1/hubs/yamagata", &name).await,
        ),
        8 => (
            "rename a prefecture",
            national.patch("/v1/prefectures/06", &name).await,
        ),
        9 => {
            let path = format!("/v1/scorecards/{card}/months/{at}/approve");
            ("approve", national.post(&path, &json!({})).await)
        }
        10 => {
            let path = format!("/v1/scorecards/{card}/months/{at}");
            let approve = format!("{path}/approve");
            national.post(&approve, &json!({})).await;
            let path = format!("{path}/reopen");
            let body = json!({ "reason": "訂正", "until": app.clock.now() + TimeDelta::days(1) });
            ("reopen", national.post(&path, &body).await)
        }
        _ => {
            let hub = ["ehime", "yamagata", "yonezawa"][random.random_range(0..3)];
            let mut body = own_scorecard(hub);
            body["key"] = format!("plan-{number}").into();
            let made = national.post("/v1/scorecards", &body).await;
            if made.status == 201 {
                let id = made.json()["id"].as_str().unwrap().to_owned();
                app.report(&id, &at, month_on_plan(1)).await;
                cards.push(id);
            }
            ("create", made)
        }
    };
    (what.to_owned(), answer.status < 300)
}

#[actix_web::test]
async fn pulls_of_what_is_new_add_up_to_the_whole() {
    let mut done: BTreeMap<String, usize> = BTreeMap::new();
    let mut emptied = 0;
    for seed in 0..6 {
        let mut random = SmallRng::seed_from_u64(seed);
        let app = App::new().await;
        let mut cards = Vec::new();
        for hub in ["ehime", "yamagata"] {
            let id = app.scorecard(&own_scorecard(hub)).await;
            app.report(&id, &month(1), month_on_plan(1)).await;
            cards.push(id);
        }
        let reader = app.as_national();
        let mut tables = ["", "&status=behind", "&flag=red&fiscal_year=2026"].map(Table::new);
        for _ in 0..10 {
            for _ in 0..random.random_range(0..5) {
                let (what, was_done) = happens(&app, &mut cards, &mut random).await;
                *done.entry(what).or_default() += usize::from(was_done);
                let seconds = [0, 1, 20, 300][random.random_range(0..4)];
                app.clock.advance(TimeDelta::seconds(seconds));
            }
            for table in &mut tables {
                let before: BTreeSet<String> = table.rows.keys().cloned().collect();
                table
                    .pull(&reader, [25, 90, 10_000][random.random_range(0..3)])
                    .await;
                let mut whole = Table::new(table.query);
                whole.pull(&reader, 10_000).await;
                assert_eq!(table.rows, whole.rows, "{seed} {:?} {done:?}", table.query);
                emptied += before
                    .iter()
                    .filter(|card| !table.rows.contains_key(*card))
                    .count();
            }
        }
    }
    // Each has happened, and rows have gone.
    assert!(
        done.len() == 9 && done.values().all(|count| *count > 0),
        "{done:?}"
    );
    assert!(emptied > 0);
}

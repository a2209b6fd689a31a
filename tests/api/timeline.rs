//! One hub through eleven months of reports and corrections: what they make of
//! the alerts, and what is told. Then the same reports in other orders, batches
//! and processes: the same alerts, and everybody told once.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use rand::seq::SliceRandom as _;
use rand::{RngExt as _, SeedableRng as _, rngs::SmallRng};
use serde_json::{Value, json};
use shirube::app::plans::{PlanCache, plan_history};
use shirube::domain::alert::{
    AlertFacts, AlertState, Episode, Known, Replayed, episodes, match_episodes, replay,
};
use shirube::domain::amount::Amount;
use shirube::domain::event::NoticeReason;
use shirube::domain::ids::{AlertId, ScorecardId};
use shirube::domain::ledger::{Cell, Figure, Ledger};
use shirube::domain::month::{Month, ProgrammeMonth};
use shirube::domain::notice::{Entry, Subject, Told, decide};
use shirube::domain::roadmap::PlanHistory;
use shirube::storage::plans;

use crate::calendar::{self, Knowledge, Office, known_after, moment};
use crate::support::Actor;

const START: &str = "2026-04";

/// A report, what the alerts are then, and what its notice says.
struct Row {
    at: &'static str,
    month: &'static str,
    attract: u32,
    consult: u32,
    /// Item, episode, months, severity, cause, `<` root: in the order of the plan.
    alerts: &'static [&'static str],
    /// Empty: there is no notice.
    told: &'static str,
}

const fn row(
    at: &'static str,
    month: &'static str,
    attract: u32,
    consult: u32,
    alerts: &'static [&'static str],
    told: &'static str,
) -> Row {
    Row {
        at,
        month,
        attract,
        consult,
        alerts,
        told,
    }
}

/// Plan: 1000 companies a month, and half as many consultations a month later.
/// Red below 0.80 of the sum, well again from 0.85, reopened within two months.
#[rustfmt::skip]
const ROWS: [Row; 14] = [
    // 0.70 of the plan; consultations are not due yet.
    row("2026-05-08 10:00", "2026-04", 700, 0,
        &["attract#1 2026-04- high execution"],
        "alert.opened 2026-04 opened attract#1 first"),
    // 0.675; 0.70, all of it for want of companies.
    row("2026-06-08 10:00", "2026-05", 650, 350,
        &["attract#1 2026-04- high execution", "consult#1 2026-05- high inherited <attract#1"],
        "alert.updated 2026-05 updated attract#1 new_consequence (+consult#1)"),
    // June is not reported: nothing changes. July is, at 0.525 and 0.40.
    row("2026-08-07 10:00", "2026-07", 750, 250,
        &["attract#1 2026-04- high execution", "consult#1 2026-05- critical inherited <attract#1"],
        "alert.updated 2026-07 updated attract#1 repeat (+consult#1)"),
    // April was not red after all, May is: the same alert opened later.
    row("2026-08-17 10:00", "2026-04", 850, 0,
        &["attract#1 2026-05- high execution", "consult#1 2026-05- critical inherited <attract#1"],
        "alert.updated 2026-07 updated attract#1 corrected (+consult#1)"),
    // June at last: other sums in July, 0.7625 and 0.70.
    row("2026-08-20 10:00", "2026-06", 800, 450,
        &["attract#1 2026-05- high execution", "consult#1 2026-05- high inherited <attract#1"],
        "alert.updated 2026-07 updated attract#1 corrected (+consult#1)"),
    // 1.01; 0.725, which nothing explains any more.
    row("2026-09-08 10:00", "2026-08", 2000, 400,
        &["attract#1 2026-05-2026-08 high execution", "consult#1 2026-05- high execution"],
        "alert.opened 2026-08 opened consult#1 unfolded;resolved attract#1 resolved"),
    // 0.8417, and 0.85 exactly: well again.
    row("2026-10-08 10:00", "2026-09", 0, 675,
        &["attract#1 2026-05-2026-08 high execution", "consult#1 2026-05-2026-09 high execution"],
        "alert.resolved 2026-09 resolved consult#1 resolved"),
    // 0.7214, two months after it was well.
    row("2026-11-09 10:00", "2026-10", 0, 500,
        &["attract#1 2026-05- high execution", "consult#1 2026-05-2026-09 high execution"],
        "alert.updated 2026-10 updated attract#1 reopened"),
    // It was 0.9357.
    row("2026-11-12 10:00", "2026-10", 1500, 500,
        &["attract#1 2026-05-2026-08 high execution", "consult#1 2026-05-2026-09 high execution"],
        "alert.resolved 2026-10 resolved attract#1 resolved"),
    row("2026-12-08 10:00", "2026-11", 500, 500,
        &["attract#1 2026-05-2026-08 high execution", "consult#1 2026-05-2026-09 high execution"],
        ""),
    // 0.7833, too late to be the same.
    row("2027-01-08 10:00", "2026-12", 0, 500,
        &["attract#1 2026-05-2026-08 high execution", "attract#2 2026-12- high execution",
          "consult#1 2026-05-2026-09 high execution"],
        "alert.opened 2026-12 opened attract#2 first"),
    // It never was.
    row("2027-01-12 10:00", "2026-12", 1000, 500,
        &["attract#1 2026-05-2026-08 high execution", "consult#1 2026-05-2026-09 high execution"],
        "alert.withdrawn 2026-12 withdrawn attract#2 withdrawn"),
    row("2027-02-08 10:00", "2027-01", 0, 0,
        &["attract#1 2026-05-2026-08 high execution", "consult#1 2026-05-2026-09 high execution"],
        ""),
    // 0.7318; 0.745, for want of companies.
    row("2027-03-08 10:00", "2027-02", 0, 100,
        &["attract#1 2026-05-2026-08 high execution", "attract#2 2027-02- high execution",
          "consult#1 2026-05-2026-09 high execution",
          "consult#2 2027-02- high inherited <attract#2"],
        "alert.opened 2027-02 opened attract#2 first (+consult#2)"),
];

/// Two high-hurdle flows, linked with a lag of one month.
fn definition() -> Value {
    let mut plan = calendar::definition(&json!({}));
    let items = plan["items"].as_array().unwrap()[2..].to_vec();
    plan["items"] = items.into();
    plan["items"][1]["phasing"] =
        json!({ "kind": "weights", "weights": [0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2] });
    plan["links"] = json!([
        { "kind": "conversion", "from": ["attract"], "to": ["consult"], "lag_months": 1 }
    ]);
    plan["stages"] = json!([{ "stage": "attract" }, { "stage": "consult" }]);
    plan
}

/// A service with the plan, and a webhook that hears of alerts.
async fn scene(at: &str) -> (Office, String) {
    let mut office = Office::opens(at).await;
    let card = office.scorecard(definition()).await;
    let events = ["opened", "updated", "resolved", "withdrawn"].map(|kind| format!("alert.{kind}"));
    let filter = json!({ "filter": { "events": events } });
    office.subscribe("webhook", Actor::Prefecture, filter).await;
    (office, card)
}

fn values(row: &Row) -> [(&'static str, u32); 2] {
    [("attract", row.attract), ("consult", row.consult)]
}

/// The alerts of a scorecard but for those withdrawn, as the tables name them,
/// each with everything that is known of it but its identifiers.
async fn alerts(office: &Office, card: &str) -> Vec<(String, Value)> {
    let found = office.alerts(card).await;
    let named = |alert: &Value| format!("{}#{}", alert["item"].as_str().unwrap(), alert["episode"]);
    let mut alerts: Vec<(String, Value)> = found
        .iter()
        .filter(|alert| alert["state"] != "withdrawn")
        .map(|alert| {
            let text = |member: &str| alert[member].as_str().unwrap_or_default();
            let root = found
                .iter()
                .find(|root| root["id"] == alert["folded_under"]);
            let root = root.map_or_else(String::new, |root| format!(" <{}", named(root)));
            let line = format!(
                "{} {}-{} {} {}{root}",
                named(alert),
                text("opened_month"),
                text("resolved_month"),
                text("severity"),
                alert["cause"]["kind"].as_str().unwrap()
            );
            let mut facts = alert.clone();
            for member in ["id", "scorecard", "folded_under"] {
                facts[member] = Value::Null;
            }
            (line, facts)
        })
        .collect();
    alerts.sort_by(|one, other| one.0.cmp(&other.0));
    alerts
}

fn lines(alerts: &[(String, Value)]) -> Vec<&str> {
    alerts.iter().map(|(line, _)| line.as_str()).collect()
}

#[actix_web::test]
async fn the_months_tell_their_story() {
    let (mut office, card) = scene("2026-04-01 09:30").await;
    let mut known = 0;
    for row in &ROWS {
        office.walk(moment(row.at));
        assert_eq!(office.told("webhook").len(), known, "before {}", row.at);
        office.report(&card, row.month, &values(row)).await;
        office.look();
        assert_eq!(
            lines(&alerts(&office, &card).await),
            row.alerts,
            "{}",
            row.at
        );
        let told = office.told("webhook").split_off(known);
        known += told.len();
        let expected = match row.told {
            "" => vec![],
            told => vec![format!("{} {told}", row.at)],
        };
        assert_eq!(told, expected);
        office.is_at_rest(&card, &[]).await;
        office.restarts().await;
    }
}

/// Corrections come after what they correct.
fn is_in_order(order: &[usize]) -> bool {
    order.iter().enumerate().all(|(place, row)| {
        let earlier = &order[place..];
        !earlier
            .iter()
            .any(|later| later < row && ROWS[*later].month == ROWS[*row].month)
    })
}

/// A few dozen orders through the API, in batches of any size, with notices,
/// time and restarts in between: the alerts of the story's end.
#[actix_web::test]
async fn any_order_of_posting_ends_the_same() {
    const LATER: &str = "2027-03-15 10:00";
    let mut expected: Option<Vec<(String, Value)>> = None;
    for seed in 0..24 {
        let mut random = SmallRng::seed_from_u64(seed);
        let mut order: Vec<usize> = (0..ROWS.len()).collect();
        while seed > 0 && (order.is_sorted() || !is_in_order(&order)) {
            order.shuffle(&mut random);
        }
        let (mut office, card) = scene(LATER).await;
        let mut rest = order.as_slice();
        while !rest.is_empty() {
            let size = if seed == 0 {
                1
            } else {
                random.random_range(1..=rest.len().min(6))
            };
            let (batch, others) = rest.split_at(size);
            rest = others;
            post(&office, &card, batch).await;
            match random.random_range(0..4) {
                0 => office.restarts().await,
                1 => office.walk(office.app.clock.now() + TimeDelta::minutes(20)),
                _ => office.look(),
            }
        }
        office.walk(office.app.clock.now() + TimeDelta::days(1));
        office.is_at_rest(&card, &[]).await;
        let found = alerts(&office, &card).await;
        assert_eq!(lines(&found), ROWS[ROWS.len() - 1].alerts, "{order:?}");
        assert_eq!(
            *expected.get_or_insert_with(|| found.clone()),
            found,
            "{order:?}"
        );
    }
}

/// Reports in one request, or in two where one corrects another.
async fn post(office: &Office, card: &str, batch: &[usize]) {
    let mut reports: Vec<Value> = Vec::new();
    for row in batch.iter().map(|row| &ROWS[*row]) {
        if reports.iter().any(|report| report["month"] == row.month) {
            send(office, &mut reports).await;
        }
        let values = values(row).map(|(item, value)| json!({ "item": item, "value": value }));
        reports.push(json!({ "scorecard": card, "month": row.month, "values": values }));
    }
    send(office, &mut reports).await;
}

async fn send(office: &Office, reports: &mut Vec<Value>) {
    let body = json!({ "reports": std::mem::take(reports) });
    let client = office.app.as_national();
    client.post("/v1/actuals", &body).await.expect(200);
}

/// A destination and the alerts that it hears of, as the service keeps them,
/// without its database.
#[derive(Default)]
struct Desk {
    alerts: Vec<Kept>,
    told: BTreeMap<AlertId, Told>,
    stories: BTreeMap<AlertId, Vec<(&'static str, String)>>,
    made: u32,
}

#[derive(Clone)]
struct Kept {
    id: AlertId,
    state: AlertState,
    facts: AlertFacts,
    folded_under: Option<AlertId>,
}

impl Desk {
    /// Brings the alerts up to date, each with its identity.
    fn refresh(&mut self, (episodes, found): &(Vec<Episode>, Vec<Replayed>)) {
        let mut ids: Vec<AlertId> = Vec::new();
        for of_item in episodes.chunk_by(|one, other| one.item == other.item) {
            let stored: Vec<&Kept> = self
                .alerts
                .iter()
                .filter(|kept| kept.facts.item == of_item[0].item)
                .collect();
            let known: Vec<Known> = stored.iter().map(|kept| kept.known()).collect();
            for matched in match_episodes(&known, of_item) {
                self.made += 1;
                let new = || AlertId(self.made.to_string());
                ids.push(matched.map_or_else(new, |position| stored[position].id.clone()));
            }
        }
        let named = |item: &str, episode: u32| {
            let mut all = found.iter().zip(&ids);
            let root =
                all.find(|(root, _)| (&*root.facts.item, root.facts.episode) == (item, episode));
            root.map(|(_, id)| id.clone())
        };
        let mut next: Vec<Kept> = found
            .iter()
            .zip(&ids)
            .map(|(found, id)| Kept {
                id: id.clone(),
                state: if found.facts.is_open() {
                    AlertState::Open
                } else {
                    AlertState::Resolved
                },
                facts: found.facts.clone(),
                folded_under: found
                    .folded_under
                    .as_ref()
                    .and_then(|(item, n)| named(item, *n)),
            })
            .collect();
        let gone = self.alerts.iter().filter(|kept| !ids.contains(&kept.id));
        next.extend(gone.cloned().map(|kept| Kept {
            state: AlertState::Withdrawn,
            folded_under: None,
            ..kept
        }));
        self.alerts = next;
    }

    /// Tells what is new. Returns whether there was anything.
    fn tell(&mut self) -> bool {
        let subjects: Vec<Subject<'_>> = self
            .alerts
            .iter()
            .map(|kept| Subject {
                id: &kept.id,
                state: kept.state,
                facts: &kept.facts,
                folded_under: kept.folded_under.as_ref(),
                wanted: true,
                silenced: false,
                acknowledged: false,
            })
            .collect();
        let decision = decide(&subjects, &self.told, NoticeReason::First);
        let told_anything = !decision.is_empty();
        let mut note = |part: &'static str, entries: &[Entry]| {
            for entry in entries {
                let story = self.stories.entry(subjects[entry.subject].id.clone());
                story
                    .or_default()
                    .push((part, entry.reason.code().to_owned()));
            }
        };
        note("opened", &decision.opened);
        note("updated", &decision.updated);
        note("resolved", &decision.resolved);
        note("withdrawn", &decision.withdrawn);
        self.told.extend(decision.told);
        told_anything
    }

    /// That it knows what is so, was told nothing twice, and hears no more.
    fn is_at_rest(&mut self) -> bool {
        let knows = self.alerts.iter().all(|kept| {
            let story = self.stories.get(&kept.id);
            match story.map_or(Some(Knowledge::Nothing), |story| known_after(story)) {
                Some(Knowledge::Open) => kept.state == AlertState::Open,
                Some(Knowledge::Nothing | Knowledge::Over) => {
                    kept.state != AlertState::Open || kept.folded_under.is_some()
                }
                None => false,
            }
        });
        knows && !self.tell()
    }
}

impl Kept {
    fn known(&self) -> Known {
        Known {
            opened: self.facts.opened_month,
            resolved: self.facts.resolved_month,
            withdrawn: self.state == AlertState::Withdrawn,
        }
    }
}

/// The plan as the service reads it.
async fn plan() -> PlanHistory {
    let (office, card) = scene("2026-04-01 09:30").await;
    let id = ScorecardId(card);
    let versions = office.app.write(|conn| plans::history(conn, &id));
    plan_history(&PlanCache::default(), versions, START.parse().unwrap()).unwrap()
}

fn set(ledger: &mut Ledger, row: &Row) {
    let month: Month = row.month.parse().unwrap();
    let at = ProgrammeMonth::of(month, START.parse().unwrap()).unwrap();
    for (item, value) in values(row) {
        let figure = Figure::Amount(Amount::whole(value.into()));
        ledger.set(item, at, Cell::Reported(figure));
    }
}

/// Every order of these rows in which corrections come after what they correct.
fn orders(rows: &[usize]) -> Vec<Vec<usize>> {
    let [first, rest @ ..] = rows else {
        return vec![Vec::new()];
    };
    let mut orders = Vec::new();
    for shorter in self::orders(rest) {
        for place in 0..=shorter.len() {
            let mut order = shorter.clone();
            order.insert(place, *first);
            orders.push(order);
        }
    }
    orders.retain(|order| is_in_order(order));
    orders
}

/// Every order of seven reports, with a notice after each.
#[actix_web::test]
async fn every_order_of_seven_reports_ends_the_same() {
    let plans = plan().await;
    for (rows, count) in [([0, 1, 2, 3, 4, 5, 6], 2520), ([1, 2, 3, 4, 5, 6, 7], 5040)] {
        let orders = orders(&rows);
        assert_eq!(orders.len(), count);
        let mut straight = Ledger::default();
        for row in rows {
            set(&mut straight, &ROWS[row]);
        }
        let expected = replay(&plans, &straight);
        let mut replays: BTreeMap<Vec<usize>, (Vec<Episode>, Vec<Replayed>)> = BTreeMap::new();
        for order in orders {
            let (mut ledger, mut desk) = (Ledger::default(), Desk::default());
            for end in 1..=order.len() {
                set(&mut ledger, &ROWS[order[end - 1]]);
                let mut posted = order[..end].to_vec();
                posted.sort_unstable();
                let found = replays
                    .entry(posted)
                    .or_insert_with(|| (episodes(&plans, &ledger), replay(&plans, &ledger)));
                desk.refresh(found);
                desk.tell();
                assert!(desk.is_at_rest(), "{:?}: {:?}", &order[..end], desk.stories);
            }
            assert_eq!(replay(&plans, &ledger), expected, "{order:?}");
        }
    }
}

//! Months with what became of them: of one scorecard, and of many; and the
//! table of states, in the code and in the docs.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use shirube::domain::access::{Role, allows};
use shirube::domain::month_state::{MonthAct, MonthOutcome, MonthPhase, after_its_time, outcome};

use crate::support::fixtures::{self, LAST, MISSING, month, month_on_plan};
use crate::support::{Actor, App};

/// What a table of the docs calls things.
struct Words {
    file: &'static str,
    /// Of the phases, in their order.
    phases: [&'static str; 4],
    unchanged: &'static str,
    who: &'static str,
    /// Of the roles national, prefecture, hub.
    roles: [&'static str; 3],
    comma: &'static str,
}

const ENGLISH: Words = Words {
    file: include_str!("../../docs/months.md"),
    phases: ["open", "returned", "approved", "reopened"],
    unchanged: "unchanged",
    who: "who may",
    roles: ["national", "prefecture", "hub"],
    comma: ", ",
};
const JAPANESE: Words = Words {
    file: include_str!("../../docs/months.ja.md"),
    phases: ["受付中", "差し戻し中", "承認済み", "再開中"],
    unchanged: "変わらない",
    who: "行える人",
    roles: ["全国", "道府県", "拠点"],
    comma: "、",
};

impl Words {
    fn phase(&self, phase: MonthPhase) -> &'static str {
        let index = MonthPhase::all().position(|known| known == phase).unwrap();
        self.phases[index]
    }

    fn row(&self, phase: MonthPhase) -> String {
        let mut cells = vec![self.phase(phase)];
        cells.extend(MonthAct::all().map(|act| match outcome(phase, act) {
            MonthOutcome::Becomes(next) => self.phase(next),
            MonthOutcome::Unchanged => self.unchanged,
            MonthOutcome::Refused => "409 `month_approved`",
        }));
        let next = after_its_time(phase);
        cells.push(if next == phase {
            "–"
        } else {
            self.phase(next)
        });
        format!("| {} |", cells.join(" | "))
    }

    fn who(&self) -> String {
        let roles = [Role::National, Role::Prefecture, Role::Hub];
        let mut cells = vec![self.who.to_owned()];
        cells.extend(MonthAct::all().map(|act| {
            let may = roles.iter().zip(self.roles);
            let may: Vec<&str> = may
                .filter(|(role, _)| allows(**role, act.permission()))
                .map(|(_, word)| word)
                .collect();
            may.join(self.comma)
        }));
        format!("| {} | |", cells.join(" | "))
    }
}

#[test]
fn the_docs_show_the_table_of_states() {
    for words in [ENGLISH, JAPANESE] {
        let mut expected: Vec<String> = MonthPhase::all().map(|phase| words.row(phase)).collect();
        expected.push(words.who());
        let shown: Vec<&str> = words
            .file
            .lines()
            .skip_while(|line| !line.starts_with("| ---"))
            .skip(1)
            .take_while(|line| line.starts_with('|'))
            .collect();
        assert_eq!(shown, expected);
    }
    // Viewers and operators do nothing with months.
    for role in [Role::Viewer, Role::Operator] {
        assert!(MonthAct::all().all(|act| !allows(role, act.permission())));
    }
}

fn instant(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

async fn list(app: &App, id: &str, query: &str) -> Value {
    let path = format!("/v1/scorecards/{id}/months?{query}");
    app.as_viewer().get(&path).await.expect(200)
}

/// Every phase under every act, through the API: what the table says is what happens.
#[actix_web::test]
async fn the_service_decides_by_the_table() {
    let app = App::new().await;
    for phase in MonthPhase::all() {
        for act in MonthAct::all() {
            let mut card = fixtures::own_scorecard("yamagata");
            card["key"] = format!("{phase}-{act}").into();
            let id = app.scorecard(&card).await;
            reach(&app, &id, phase).await;
            let before = app.dump();
            let answer = perform(&app, &id, act).await;
            let shown = &list(&app, &id, &format!("from={LAST}")).await["months"][0];
            let until = shown["reopened_until"].as_str().is_some();
            let state = shown["state"].as_str().unwrap();
            let (status, expected) = match outcome(phase, act) {
                MonthOutcome::Becomes(next) => (200, next),
                MonthOutcome::Unchanged => (200, phase),
                MonthOutcome::Refused => (409, phase),
            };
            assert_eq!(answer, status, "{phase} {act}");
            assert_eq!(state, expected.state().code(), "{phase} {act}");
            assert_eq!(until, expected == MonthPhase::Reopened, "{phase} {act}");
            let is_written = matches!(outcome(phase, act), MonthOutcome::Becomes(_));
            assert_eq!(app.dump() != before, is_written, "{phase} {act}");
        }
    }
}

/// Brings the last month into a phase.
async fn reach(app: &App, id: &str, phase: MonthPhase) {
    let acts: &[MonthAct] = match phase {
        MonthPhase::Open => &[],
        MonthPhase::Returned => &[MonthAct::Return],
        MonthPhase::Approved => &[MonthAct::Approve],
        MonthPhase::Reopened => &[MonthAct::Approve, MonthAct::Reopen],
    };
    for act in acts {
        assert_eq!(perform(app, id, *act).await, 200);
    }
}

async fn perform(app: &App, id: &str, act: MonthAct) -> u16 {
    let path = format!("/v1/scorecards/{id}/months/{LAST}/{act}");
    let (client, path, body) = match act {
        MonthAct::Report => (
            app.as_hub(),
            format!("/v1/scorecards/{id}/actuals"),
            json!({ "month": LAST, "values": [{ "item": "consult", "value": 3 }] }),
        ),
        MonthAct::Approve => (app.as_prefecture(), path, json!({})),
        MonthAct::Return => (app.as_prefecture(), path, json!({ "note": "内訳を" })),
        MonthAct::Reopen => (
            app.as_prefecture(),
            path,
            json!({ "reason": "訂正", "until": "2026-12-01T00:00:00Z" }),
        ),
    };
    client.post(&path, &body).await.status
}

#[actix_web::test]
async fn a_scorecard_lists_its_months() {
    let app = App::new().await;
    let id = app.own_scorecard().await;
    app.clock.set(instant("2026-05-10T14:59:59Z"));
    app.report(&id, "2026-04", month_on_plan(1)).await;
    app.clock.set(instant("2026-06-10T15:00:00Z"));
    app.report(&id, "2026-05", month_on_plan(2)).await;
    let path = format!("/v1/scorecards/{id}/months/2026-04/approve");
    app.as_prefecture()
        .post(&path, &json!({ "note": "確認" }))
        .await
        .expect(200);
    let found = list(&app, &id, "").await;
    let months = found["months"].as_array().unwrap();
    assert_eq!(
        months[0],
        json!({
            "month": "2026-04", "state": "approved", "note": "確認",
            "changed_at": "2026-06-10T15:00:00Z", "changed_by": "担当 prefecture (テスト)",
            "reopened_until": null, "first_complete_at": "2026-05-10T14:59:59Z",
            "completeness": {
                "required": 10, "reported": 10, "complete": true, "due_on": "2026-05-10",
                "on_time": true, "missing": []
            }
        })
    );
    let brief: Vec<Value> = months
        .iter()
        .map(|month| {
            let completeness = &month["completeness"];
            json!([
                month["month"],
                month["state"],
                completeness["complete"],
                completeness["on_time"]
            ])
        })
        .collect();
    assert_eq!(
        json!(brief),
        json!([
            ["2026-04", "approved", true, true],
            ["2026-05", "open", true, false]
        ])
    );
    assert_eq!(
        found["timeliness"],
        json!({ "months": 2, "on_time": 1, "share": 0.5 })
    );
    assert_eq!(found["overdue"], json!([]));
    assert_eq!(
        list(&app, &id, "from=2026-05&to=2026-05").await["months"],
        json!([months[1]])
    );
    // A correction later does not make it late; the figure is the first one's.
    let reopen = format!("/v1/scorecards/{id}/months/2026-04/return");
    app.as_prefecture()
        .post(&reopen, &json!({ "note": "訂正を" }))
        .await
        .expect(200);
    app.report(
        &id,
        "2026-04",
        json!([{ "item": "consult", "clear": "誤り" }]),
    )
    .await;
    let found = list(&app, &id, "").await;
    let first = &found["months"][0]["completeness"];
    assert_eq!(
        (&first["complete"], &first["on_time"]),
        (&json!(false), &json!(true))
    );
    assert_eq!(found["months"][0]["state"], "returned");
}

/// What is due next changes with the clock: at the very instant a month ends,
/// and at that at which its due day is over.
#[actix_web::test]
async fn the_next_report_is_due_by_the_clock() {
    let app = App::new().await;
    let id = app.own_scorecard().await;
    let next = |now: &'static str| {
        app.clock.set(instant(now));
        let (app, id) = (&app, &id);
        async move {
            let found = list(app, id, "").await;
            let next = &found["next_due"];
            let missing = next["missing"].as_array().unwrap().len();
            json!([next["month"], next["due_on"], missing, found["overdue"]])
        }
    };
    for (now, expected) in [
        // Before anything has ended.
        (
            "2026-04-15T00:00:00Z",
            json!(["2026-04", "2026-05-10", 10, []]),
        ),
        (
            "2026-04-30T15:00:00Z",
            json!(["2026-04", "2026-05-10", 10, []]),
        ),
        (
            "2026-05-10T14:59:59Z",
            json!(["2026-04", "2026-05-10", 10, []]),
        ),
        (
            "2026-05-10T15:00:00Z",
            json!(["2026-05", "2026-06-10", 11, ["2026-04"]]),
        ),
    ] {
        assert_eq!(next(now).await, expected, "{now}");
    }
    // Complete before the day is over: the next one is due.
    app.report(&id, "2026-04", month_on_plan(1)).await;
    app.clock.set(instant("2026-06-05T00:00:00Z"));
    app.report(&id, "2026-05", month_on_plan(2)).await;
    assert_eq!(
        next("2026-06-05T00:00:01Z").await,
        json!(["2026-06", "2026-07-10", 11, []])
    );
    // A month that is approved without a report is nobody's to report.
    app.clock.set(instant("2026-07-10T15:00:00Z"));
    assert_eq!(list(&app, &id, "").await["overdue"], json!(["2026-06"]));
    let path = format!("/v1/scorecards/{id}/months/2026-06/approve");
    app.as_prefecture()
        .post(&path, &json!({}))
        .await
        .expect(200);
    let found = list(&app, &id, "").await;
    assert_eq!(found["overdue"], json!([]));
    assert_eq!(
        found["timeliness"],
        json!({ "months": 3, "on_time": 1, "share": 0.3333 })
    );
}

/// A hub is as timely as all of its scorecards together.
#[actix_web::test]
async fn timeliness_is_also_of_the_hub() {
    let app = App::new().await;
    let id = app.own_scorecard().await;
    let mut second = fixtures::own_scorecard("yamagata");
    second["key"] = "second".into();
    second["start_month"] = "2026-10".into();
    let second = app.scorecard(&second).await;
    app.scorecard(&fixtures::own_scorecard("yonezawa")).await;
    app.clock.set(instant("2026-11-05T00:00:00Z"));
    app.report(&second, "2026-10", month_on_plan(1)).await;
    app.clock.set(instant("2026-11-22T00:00:00Z"));
    let found = list(&app, &id, "").await;
    assert_eq!(
        [&found["timeliness"], &found["hub_timeliness"]],
        [
            &json!({ "months": 7, "on_time": 0, "share": 0 }),
            &json!({ "months": 8, "on_time": 1, "share": 0.125 })
        ]
    );
    let young = list(&app, &second, "").await;
    assert_eq!(
        young["timeliness"],
        json!({ "months": 1, "on_time": 1, "share": 1 })
    );
}

/// Months of many scorecards: those once complete or decided about.
#[actix_web::test]
async fn a_prefecture_finds_the_months_to_approve() {
    let app = App::new().await;
    let mut ids = Vec::new();
    for hub in ["yamagata", "yonezawa", "ehime"] {
        let id = app.scorecard(&fixtures::own_scorecard(hub)).await;
        for t in 1..=2 {
            app.report(&id, &month(t), month_on_plan(t)).await;
        }
        // Begun, but not complete.
        app.report(&id, &month(3), json!([{ "item": "consult", "value": 1 }]))
            .await;
        ids.push(id);
    }
    let decide = |id: &str, what: &str, body: Value| {
        let path = format!("/v1/scorecards/{id}/months/2026-04/{what}");
        let client = app.as_national();
        async move { client.post(&path, &body).await.expect(200) }
    };
    decide(&ids[0], "approve", json!({})).await;
    decide(&ids[1], "return", json!({ "note": "内訳を" })).await;
    decide(&ids[2], "approve", json!({})).await;
    let until = json!({ "reason": "訂正", "until": "2026-12-01T00:00:00Z" });
    decide(&ids[2], "reopen", until).await;
    let found = |actor: Actor, query: &'static str| {
        let client = app.client(actor);
        async move {
            let list = client.get(&format!("/v1/months?{query}")).await.expect(200);
            let items = list["items"].as_array().unwrap().iter();
            items
                .map(|item| json!([item["hub"]["code"], item["month"], item["state"]]))
                .collect::<Vec<Value>>()
        }
    };
    let row = |hub: &str, month: &str, state: &str| json!([hub, month, state]);
    let own = [
        row("yamagata", "2026-05", "open"),
        row("yonezawa", "2026-05", "open"),
        row("yamagata", "2026-04", "approved"),
        row("yonezawa", "2026-04", "returned"),
    ];
    assert_eq!(found(Actor::Prefecture, "").await, own);
    assert_eq!(found(Actor::Prefecture, "state=open").await, own[..2]);
    assert_eq!(found(Actor::Prefecture, "state=approved").await, own[2..3]);
    assert_eq!(found(Actor::Prefecture, "state=returned").await, own[3..]);
    assert_eq!(
        found(Actor::Hub, "").await,
        [own[0].clone(), own[2].clone()]
    );
    assert_eq!(
        found(Actor::National, "hub=yonezawa&month=2026-04").await,
        own[3..]
    );
    assert_eq!(
        found(Actor::Prefecture, "prefecture=38").await,
        [Value::Null; 0]
    );
    // Reopened until a time: open before it, approved at it.
    let reopened = "prefecture=38&month=2026-04&state=open";
    let approved = "prefecture=38&month=2026-04&state=approved";
    app.clock.set(instant("2026-11-30T23:59:59Z"));
    assert_eq!(
        found(Actor::National, reopened).await,
        [row("ehime", "2026-04", "open")]
    );
    assert_eq!(found(Actor::National, approved).await, [Value::Null; 0]);
    app.clock.advance(TimeDelta::seconds(1));
    assert_eq!(found(Actor::National, reopened).await, [Value::Null; 0]);
    assert_eq!(
        found(Actor::National, approved).await,
        [row("ehime", "2026-04", "approved")]
    );
    // All of it, page by page.
    let mut paged = Vec::new();
    let mut query = "limit=2".to_owned();
    loop {
        let path = format!("/v1/months?{query}");
        let page = app.as_national().get(&path).await.expect(200);
        let items = page["items"].as_array().unwrap();
        paged.extend(
            items
                .iter()
                .map(|item| json!([item["scorecard"], item["month"]])),
        );
        let Some(cursor) = page["next_cursor"].as_str() else {
            break;
        };
        query = format!("limit=2&cursor={cursor}");
    }
    let expected: Vec<Value> = ["2026-05", "2026-04"]
        .iter()
        .flat_map(|month| ids.iter().map(move |id| json!([id, month])))
        .collect();
    assert_eq!(paged, expected);
    let whole = app
        .as_hub()
        .get("/v1/months?state=approved")
        .await
        .expect(200);
    let first = &whole["items"][0];
    assert_eq!(
        [
            &first["scorecard_key"],
            &first["prefecture"]["code"],
            &first["completeness"]["complete"]
        ],
        [&json!("own-plan"), &json!("06"), &json!(true)]
    );
}

#[actix_web::test]
async fn months_are_asked_for_strictly() {
    let app = App::new().await;
    let id = app.own_scorecard().await;
    let path = format!("/v1/scorecards/{id}/months");
    let client = app.as_hub();
    for (query, issue) in [
        ("from=2026-03", ("month_before_start", "/query/from")),
        ("to=2099-01", ("out_of_range", "/query/to")),
        ("from=x", ("wrong_type", "/query/from")),
        ("state=open", ("unknown_parameter", "/query/state")),
    ] {
        let answer = client.get(&format!("{path}?{query}")).await;
        answer.problem("invalid").has_only(&[issue]);
    }
    for (query, issue) in [
        ("state=closed", ("out_of_range", "/query/state")),
        ("month=x", ("wrong_type", "/query/month")),
        ("limit=201", ("out_of_range", "/query/limit")),
        ("cursor=x", ("out_of_range", "/query/cursor")),
        ("from=2026-04", ("unknown_parameter", "/query/from")),
    ] {
        let answer = client.get(&format!("/v1/months?{query}")).await;
        answer.problem("invalid").has_only(&[issue]);
    }
    // The wrong way round there are none.
    let none = list(&app, &id, "from=2026-06&to=2026-05").await;
    assert_eq!(none["months"], json!([]));
    app.client(Actor::OtherHub)
        .get(&path)
        .await
        .problem("not_found");
    let missing = format!("/v1/scorecards/{MISSING}/months");
    client.get(&missing).await.problem("not_found");
    let first = client.get(&path).await;
    let known = client.with("If-None-Match", first.header("etag").unwrap());
    assert_eq!(known.get(&path).await.status, 304);
    app.clock.advance(TimeDelta::days(30));
    assert_eq!(known.get(&path).await.status, 200, "time changes it, too");
}

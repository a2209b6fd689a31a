//! The same history gives the same answers: in whatever order it was posted,
//! on either database, today and after the next change of this program.

use actix_web::http::Method;
use rand::seq::SliceRandom as _;
use rand::{SeedableRng as _, rngs::SmallRng};
use serde_json::{Value, json};

use crate::support::fixtures::{self, ITEMS, LAST, MISSING, month, month_from};
use crate::support::golden::{Names, assert_golden};
use crate::support::{Actor, Answer, App};

/// The first of the twelve months of the reports below.
const FIRST: &str = "2025-11";
/// Reports of one month: its items in so many parts.
const PARTS: usize = 5;

/// A figure that depends on item and month alone: on plan, short of it, far
/// off, zero, missing or not applicable.
fn figure(item: usize, t: u32) -> Option<Value> {
    let key = ITEMS[item];
    let mix = (u32::try_from(item).unwrap() * 7 + t * 5) % 11;
    if mix == 3 {
        return None;
    }
    let mut entry = match key {
        _ if mix == 4 => json!({ "not_applicable": format!("理由 {t}") }),
        "visits" => json!({ "numerator": 10 + mix * 3, "denominator": 10 }),
        "turnover" => json!({ "numerator": mix % 3, "denominator": 9 + mix }),
        "kit" => json!({ "value": (t * 9 + mix).min(100) }),
        "fees" => json!({ "value": 40_000 * mix }),
        "hours" => json!({ "value": f64::from(mix) * 0.375 }),
        _ => json!({ "value": mix }),
    };
    entry["item"] = key.into();
    Some(entry)
}

/// Sixty reports that touch different cells.
fn reports() -> Vec<Value> {
    let mut reports = Vec::new();
    for t in 1..=12 {
        for part in 0..PARTS {
            let values: Vec<Value> = (0..ITEMS.len())
                .filter(|item| item % PARTS == part)
                .filter_map(|item| figure(item, t))
                .collect();
            reports.push(json!({ "month": month_from(FIRST, t), "values": values }));
        }
    }
    assert_eq!(reports.len(), 60);
    reports
}

/// Everything that shows the reports, without what tells when they were made.
async fn shown(app: &App, id: &str) -> String {
    let mut paths = vec![
        format!("/v1/scorecards/{id}?include=links,causes"),
        format!("/v1/scorecards/{id}/causes"),
        format!("/v1/scorecards/{id}/outlook"),
        format!("/v1/scorecards/{id}/series"),
        format!("/v1/scorecards/{id}/actuals"),
        "/v1/overview".to_owned(),
        "/v1/overview?group=stage&month=2026-09".to_owned(),
        "/v1/scorecards?flag=red".to_owned(),
        "/v1/scorecards?flag=none".to_owned(),
    ];
    for t in 1..=12 {
        let month = month_from(FIRST, t);
        paths.push(format!("/v1/scorecards/{id}?month={month}"));
        paths.push(format!("/v1/overview?month={month}"));
    }
    let mut texts = Vec::new();
    for path in paths {
        let answer = app.as_hub().get(&path).await;
        let mut body = answer.expect(200);
        forget(&mut body);
        // As text, so that not a digit differs.
        texts.push(format!("{path} {body}").replace(id, "<id>"));
    }
    for alert in alerts(app).await {
        texts.push(alert.replace(id, "<id>"));
    }
    texts.join("\n")
}

/// All alerts, by what they are about: which identifier one has, and so its
/// place in lists, depends on the month in which it was first seen.
async fn alerts(app: &App) -> Vec<String> {
    let found = app.as_hub().get("/v1/alerts?limit=200").await.expect(200);
    let items = found["items"].as_array().unwrap();
    let about = |id: &Value| {
        let alert = items.iter().find(|alert| alert["id"] == *id);
        alert.map_or(Value::Null, |alert| {
            json!([alert["item"], alert["episode"]])
        })
    };
    let mut alerts: Vec<String> = items
        .iter()
        .map(|alert| {
            let mut shown = alert.clone();
            shown["id"] = about(&alert["id"]);
            shown["folded_under"] = about(&alert["folded_under"]);
            shown.to_string()
        })
        .collect();
    alerts.sort();
    alerts.push(found["counts"].to_string());
    alerts
}

/// Takes out what depends on the order of writing: revisions.
fn forget(body: &mut Value) {
    match body {
        Value::Object(members) => {
            members.remove("revision");
            members.values_mut().for_each(forget);
        }
        Value::Array(elements) => elements.iter_mut().for_each(forget),
        _ => {}
    }
}

/// Post them in any order, in any batches: the answers are the same.
#[actix_web::test]
async fn the_order_of_posting_changes_nothing() {
    let mut expected: Option<String> = None;
    for seed in 0..5 {
        let app = App::new().await;
        let mut body = fixtures::own_scorecard("yamagata");
        body["start_month"] = FIRST.into();
        let id = app.scorecard(&body).await;
        let mut reports = reports();
        if seed > 0 {
            reports.shuffle(&mut SmallRng::seed_from_u64(seed));
        }
        if seed < 4 {
            let path = format!("/v1/scorecards/{id}/actuals");
            for report in &reports {
                app.as_hub().post(&path, report).await.expect(200);
            }
        } else {
            for batch in reports.chunks(7) {
                let batch: Vec<Value> = batch
                    .iter()
                    .map(|report| {
                        let mut report = report.clone();
                        report["scorecard"] = id.clone().into();
                        report
                    })
                    .collect();
                app.as_hub()
                    .post("/v1/actuals", &json!({ "reports": batch }))
                    .await
                    .expect(200);
            }
        }
        let shown = shown(&app, &id).await;
        let expected = expected.get_or_insert_with(|| shown.clone());
        let different = expected
            .lines()
            .zip(shown.lines())
            .find(|(known, new)| known != new);
        assert_eq!(different, None, "seed {seed}");
    }
    // The figures are such that it could have mattered.
    let shown = expected.unwrap();
    for text in [
        "behind",
        "at_risk",
        "on_track",
        "no_data",
        "achieved",
        "not_applicable",
        "\"red\"",
        "\"amber\"",
        "within_noise\":true",
    ] {
        assert!(shown.contains(text), "no {text} in these figures");
    }
}

/// Detours leave no trace: what was corrected, cleared and posted again is as
/// if it had been right from the start.
#[actix_web::test]
async fn corrections_leave_the_same_answers() {
    let straight = App::new().await;
    let detour = App::new().await;
    let mut shown_by = Vec::new();
    for app in [&straight, &detour] {
        let mut body = fixtures::own_scorecard("yamagata");
        body["start_month"] = FIRST.into();
        let id = app.scorecard(&body).await;
        let path = format!("/v1/scorecards/{id}/actuals");
        let reports = reports();
        if std::ptr::eq(app, &raw const detour) {
            // A year of nonsense, then all of it taken back, bit by bit.
            for t in (1..=12).rev() {
                let wild: Vec<Value> = ["consult", "refer", "staff"]
                    .map(|item| json!({ "item": item, "value": 900 + t }))
                    .to_vec();
                app.as_hub()
                    .post(
                        &path,
                        &json!({ "month": month_from(FIRST, t), "values": wild }),
                    )
                    .await
                    .expect(200);
            }
            for t in [5, 12, 1, 7, 11, 2, 3, 10, 4, 6, 9, 8] {
                let clear: Vec<Value> = ["consult", "refer", "staff"]
                    .map(|item| json!({ "item": item, "clear": "誤報" }))
                    .to_vec();
                app.as_hub()
                    .post(
                        &path,
                        &json!({ "month": month_from(FIRST, t), "values": clear }),
                    )
                    .await
                    .expect(200);
            }
            let card = app
                .as_hub()
                .get(&format!("/v1/scorecards/{id}"))
                .await
                .expect(200);
            assert_eq!(card["reported_through"], Value::Null);
            assert_eq!(app.dump().count("cells"), 0);
        }
        for report in &reports {
            app.as_hub().post(&path, report).await.expect(200);
        }
        shown_by.push(shown(app, &id).await);
    }
    let different = shown_by[0]
        .lines()
        .zip(shown_by[1].lines())
        .find(|(a, b)| a != b);
    assert_eq!(different, None);
}

/// A script of requests, and what was answered.
struct Script<'a> {
    app: &'a App,
    names: Names,
    answers: Vec<String>,
}

impl Script<'_> {
    async fn ask(
        &mut self,
        actor: Actor,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Answer {
        self.ask_with(actor, method, path, body, &[]).await
    }

    async fn ask_with(
        &mut self,
        actor: Actor,
        method: Method,
        path: &str,
        body: Option<&Value>,
        headers: &[(&str, &str)],
    ) -> Answer {
        let mut client = self.app.client(actor);
        for (name, value) in headers {
            client = client.with(name, value);
        }
        let text = body.map(Value::to_string);
        let answer = client
            .send(method.clone(), path, text.as_deref().map(str::as_bytes))
            .await;
        let shown: Vec<String> = [
            "etag",
            "location",
            "allow",
            "idempotency-replayed",
            "content-language",
        ]
        .iter()
        .filter_map(|name| Some((name, answer.header(name)?)))
        .map(|(name, value)| format!("{}:{}", json!(name), json!(without_digest(value))))
        .collect();
        let line = format!(
            r#"{{"request":{},"status":{},"headers":{{{}}},"body":{}}}"#,
            json!(format!("{method} {path} by {actor:?}")),
            answer.status,
            shown.join(","),
            if answer.body.is_empty() {
                "null"
            } else {
                answer.text()
            }
        );
        self.answers.push(self.names.replaced(&line));
        answer
    }

    async fn get(&mut self, actor: Actor, path: &str) -> Answer {
        self.ask(actor, Method::GET, path, None).await
    }

    async fn post(&mut self, actor: Actor, path: &str, body: Value) -> Answer {
        self.ask(actor, Method::POST, path, Some(&body)).await
    }
}

/// An entity tag without the digest of its body, which holds identifiers.
fn without_digest(tag: &str) -> String {
    const DIGEST_CHARS: usize = 16;
    let text = tag.trim_matches('"');
    let digest = text.rsplit('-').next().unwrap();
    if tag.starts_with('"') && digest.len() == DIGEST_CHARS {
        tag.replace(digest, "<digest>")
    } else {
        tag.to_owned()
    }
}

/// One history from the first organisation to the last correction, with every
/// kind of answer. The kept answers are those of both databases.
#[actix_web::test]
async fn a_history_gives_the_kept_answers() {
    use Actor::{Hub, National, Operator, OtherHub, Prefecture, ViewerOfPrefecture};
    let app = App::new().await;
    let mut script = Script {
        app: &app,
        names: Names::default(),
        answers: Vec::new(),
    };
    let s = &mut script;
    let name = |ja: &str, en: &str| json!({ "ja": ja, "en": en });
    s.post(
        National,
        "/v1/prefectures",
        json!({ "code": "31", "name": name("鳥取県", "Tottori"), "market_type": "challenge" }),
    )
    .await;
    s.post(
        National,
        "/v1/hubs",
        json!({ "code": "tottori", "name": name("鳥取拠点", "Tottori hub"), "prefecture": "31" }),
    )
    .await;
    s.post(Operator, "/v1/users", json!({ "email": "S@example.jp", "name": "佐藤", "role": "viewer", "scope": { "prefecture": "31" }, "password": "a long password" })).await;
    s.post(Hub, "/v1/api-keys", json!({ "name": "Excel", "role": "viewer", "scope": { "hub": "yamagata" }, "expires_at": "2027-03-31T15:00:00Z" })).await;
    let own = s
        .post(
            Prefecture,
            "/v1/scorecards",
            fixtures::own_scorecard("yamagata"),
        )
        .await;
    let own = own.expect(201)["id"].as_str().unwrap().to_owned();
    let template = s
        .post(
            National,
            "/v1/scorecards",
            fixtures::from_template("tottori", "challenge-employment", "2024-04"),
        )
        .await;
    let template = template.expect(201)["id"].as_str().unwrap().to_owned();
    let actuals = format!("/v1/scorecards/{own}/actuals");
    for t in 1..=6 {
        let values: Vec<Value> = (0..ITEMS.len())
            .filter_map(|item| figure(item, t + 2))
            .collect();
        app.clock.set(
            format!("2026-{:02}-08T01:02:03.456789Z", t + 4)
                .parse()
                .unwrap(),
        );
        s.post(
            Hub,
            &actuals,
            json!({ "month": month(t), "values": values, "note": format!("{t}回目") }),
        )
        .await;
    }
    app.clock.set("2026-11-09T00:00:00Z".parse().unwrap());
    let last = json!({ "month": LAST, "values": [
        { "item": "consult", "value": 60 }, { "item": "visits", "numerator": 7, "denominator": 0 },
        { "item": "kit", "value": 12.5 }, { "item": "fees", "value": -30_000 }, { "item": "staff", "clear": "なし" }
    ] });
    let keyed = [("Idempotency-Key", "k-1"), ("If-Match", "\"7\"")];
    s.ask_with(
        Hub,
        Method::POST,
        &format!("{actuals}?dry_run=true"),
        Some(&last),
        &[],
    )
    .await;
    s.ask_with(Hub, Method::POST, &actuals, Some(&last), &keyed)
        .await;
    s.ask_with(Hub, Method::POST, &actuals, Some(&last), &keyed)
        .await;
    s.ask_with(Hub, Method::POST, &actuals, Some(&json!({})), &keyed[..1])
        .await;
    s.ask_with(
        Hub,
        Method::POST,
        &actuals,
        Some(&last),
        &[("If-Match", "\"7\"")],
    )
    .await;
    s.post(Hub, &actuals, last).await;
    s.post(Hub, &actuals, json!({ "month": "2026-11", "values": [
        { "item": "consult", "value": -0.5 }, { "item": "consult", "value": 1e30 }, { "item": "相談", "value": 1 },
        { "item": "turnover", "numerator": 3, "denominator": 2 }
    ] })).await;
    s.ask_with(
        Hub,
        Method::POST,
        &actuals,
        Some(&json!({ "month": "x" })),
        &[("Accept-Language", "en")],
    )
    .await;
    s.post(OtherHub, &actuals, json!({ "month": LAST, "values": [] }))
        .await;
    s.post(
        ViewerOfPrefecture,
        &actuals,
        json!({ "month": LAST, "values": [] }),
    )
    .await;
    s.post(National, "/v1/actuals?mode=partial", json!({ "reports": [
        { "scorecard": template, "month": "2026-08", "values": [
            { "item": "turnover", "numerator": 3, "denominator": 20 },
            { "item": "company-assessment", "numerator": 41, "denominator": 20 },
            { "item": "support-format", "value": 80 } ] },
        { "hub": "tottori", "key": "challenge-employment", "month": "2026-09", "values": [
            { "item": "turnover", "numerator": 0, "denominator": 9 }, { "item": "case-analysis", "value": 100 } ] },
        { "scorecard": MISSING, "month": "2026-08", "values": [] },
        { "scorecard": own, "month": "2026-03", "values": [{ "item": "consult", "value": 1 }] }
    ] })).await;
    app.clock.set("2026-11-20T12:34:56.5Z".parse().unwrap());
    let decide = |what: &str| format!("/v1/scorecards/{own}/months/2026-06/{what}");
    s.post(
        Prefecture,
        &decide("approve"),
        json!({ "note": "確認\n済み" }),
    )
    .await;
    s.post(
        Hub,
        &actuals,
        json!({ "month": "2026-06", "values": [{ "item": "consult", "value": 1 }] }),
    )
    .await;
    s.post(
        Prefecture,
        &decide("reopen"),
        json!({ "reason": "訂正", "until": "2026-12-01T09:00:00+09:00" }),
    )
    .await;
    s.post(Hub, &actuals, json!({ "month": "2026-06", "values": [{ "item": "consult", "value": 1 }, { "item": "refer", "not_applicable": "移管" }] })).await;
    s.post(Prefecture, &decide("return"), json!({ "note": "内訳を" }))
        .await;
    s.ask(
        National,
        Method::PATCH,
        "/v1/hubs/yamagata",
        Some(&json!({ "name": name("山形県拠点", "Yamagata") })),
    )
    .await;
    for path in [
        format!("/v1/scorecards/{own}?include=links"),
        format!("/v1/scorecards/{own}?month=2026-06"),
        format!("/v1/scorecards/{template}"),
        format!("/v1/scorecards/{own}/series?from=2026-08"),
        format!("{actuals}?from=2026-06&to=2026-07"),
        format!("/v1/scorecards/{own}/items/consult/history"),
        format!("/v1/scorecards/{own}/items/refer/history?limit=2"),
        format!("/v1/scorecards/{own}/plan/versions"),
        format!("/v1/scorecards/{own}?month=2026-02"),
        format!("/v1/scorecards/{MISSING}"),
        "/v1/scorecards".to_owned(),
        "/v1/scorecards?limit=1".to_owned(),
        "/v1/overview?group=stage".to_owned(),
        "/v1/overview?month=2026-07&prefecture=06".to_owned(),
        "/v1/prefectures".to_owned(),
        "/v1/hubs?prefecture=31".to_owned(),
        "/v1/scorecards?limit=0&x=1".to_owned(),
        "/v1/scorecards?limit=1&limit=2".to_owned(),
        "/v1/nowhere".to_owned(),
    ] {
        s.get(National, &path).await;
    }
    let alerts = format!("/v1/alerts?scorecard={template}");
    let found = s.get(National, &alerts).await.expect(200);
    let alert = found["items"][0]["id"].as_str().unwrap();
    let alert = format!("/v1/alerts/{alert}");
    s.post(
        National,
        &format!("{alert}/comments"),
        json!({ "text": "確認\n中" }),
    )
    .await;
    s.post(
        National,
        &format!("{alert}/acknowledge"),
        json!({ "cause": "周知不足", "action": "説明会を開く", "owner": "佐藤", "due": "2026-12-20" }),
    )
    .await;
    s.post(
        National,
        &format!("{alert}/silence"),
        json!({ "until": "2026-12-01T09:00:00+09:00", "reason": "見直し中" }),
    )
    .await;
    s.post(Prefecture, &format!("{alert}/silence"), json!({}))
        .await;
    for path in [
        alert,
        alerts,
        format!("/v1/scorecards/{template}?include=causes,alerts"),
        format!("/v1/scorecards/{template}/causes"),
        format!("/v1/alerts/{MISSING}"),
        "/v1/overdue".to_owned(),
    ] {
        s.get(National, &path).await;
    }
    s.get(Prefecture, "/v1/audit").await;
    s.ask(National, Method::DELETE, "/v1/hubs", None).await;
    let json = format!("[{}]", script.answers.join(","));
    assert_golden("history.json", &json);
}

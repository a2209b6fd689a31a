//! The outlook of a scorecard, alone and with the scorecard.

use serde_json::{Value, json};

use crate::support::App;
use crate::support::fixtures::{MISSING, item, month};

/// Three months in which half as much comes as planned, and the material is
/// three tenths done.
pub async fn slow_start(app: &App) -> String {
    let id = app.own_scorecard().await;
    for t in 1..=3 {
        let values = json!([
            { "item": "kit", "value": t * 10 },
            { "item": "visitors", "value": 8 },
            { "item": "consult", "value": 2 },
            { "item": "refer", "value": 1 },
            { "item": "contract", "value": 0 },
            { "item": "fees", "value": 0 }
        ]);
        app.report(&id, &month(t), values).await;
    }
    id
}

pub fn outlook_of<'a>(answer: &'a Value, key: &str) -> &'a Value {
    let items = answer["items"].as_array().unwrap();
    let item = items.iter().find(|item| item["item"] == key).unwrap();
    &item["outlook"]
}

/// 6 of 48 consultations after a quarter of the year: the figures by hand.
#[actix_web::test]
async fn a_flow_has_its_years_end() {
    let app = App::new().await;
    let id = slow_start(&app).await;
    let path = format!("/v1/scorecards/{id}/outlook");
    let answer = app.as_viewer().get(&path).await.expect(200);
    assert_eq!(answer["month"], "2026-06");
    let consult = outlook_of(&answer, "consult");
    for (member, expected) in [
        ("kind", json!("flow")),
        ("expected", json!(24)),
        ("required_factor", json!(1.1667)),
        ("band", json!("stretch")),
        ("required_per_month", json!(4.6667)),
        ("recent_per_month", json!(2)),
        ("months_left", json!(9)),
        ("finish_month", Value::Null),
    ] {
        assert_eq!(consult[member], expected, "{member}");
    }
    let figure = |member: &str| consult[member].as_f64().unwrap();
    // A negative binomial of size 6.5 and success 1/4 reaches 42.
    assert_eq!(consult["chance"], 0.0187);
    assert!(6.0 < figure("low") && figure("low") < 24.0);
    assert!(24.0 < figure("high") && figure("high") < 48.0);
    assert_eq!(
        consult["debts"],
        json!([{
            "from": ["visitors"], "to": ["consult"], "lag_months": 0, "actual_rate": 0.25,
            "need": 168, "planned": 90, "debt": 78
        }])
    );
    let words = consult["words"]["ja"].as_str().unwrap();
    assert!(words.starts_with(
        "このままの進み方では、年度末は 24 件の見込みで、目標 48 件に届く見込みは 2％です。"
    ));
    assert!(words.ends_with("残り 9 か月は計画の 1.2 倍の進み方が必要です。"));
    assert_eq!(outlook_of(&answer, "visits"), &Value::Null);
    assert_eq!(outlook_of(&answer, "staff"), &Value::Null);
}

#[actix_web::test]
async fn a_bar_has_its_finish() {
    let app = App::new().await;
    let id = slow_start(&app).await;
    let path = format!("/v1/scorecards/{id}/outlook");
    let answer = app.as_viewer().get(&path).await.expect(200);
    let kit = outlook_of(&answer, "kit");
    assert_eq!(
        [&kit["kind"], &kit["finish_month"], &kit["months_late"]],
        [&json!("bar"), &json!("2027-01"), &json!(5)]
    );
    assert_eq!(
        kit["words"]["ja"],
        "このままの進み方では、2027年1月に終わる見込みで、期限（2026年8月）より 5 か月遅れます。"
    );
    let partners = outlook_of(&answer, "partners");
    assert_eq!(partners["finish_month"], Value::Null);
}

/// Work on what lies before the referrals lands a month later.
#[actix_web::test]
async fn last_months_come_from_the_lags() {
    let app = App::new().await;
    let id = slow_start(&app).await;
    let path = format!("/v1/scorecards/{id}/outlook");
    let answer = app.as_viewer().get(&path).await.expect(200);
    let last: Vec<Value> = outlook_of(&answer, "fees")["last_months"]
        .as_array()
        .unwrap()
        .iter()
        .map(|last| {
            json!([
                last["item"],
                last["lag_months"],
                last["month"],
                last["open"]
            ])
        })
        .collect();
    let early = |item: &str| json!([item, 1, "2027-02", true]);
    assert_eq!(
        last,
        [
            early("staff"),
            early("kit"),
            early("partners"),
            early("visitors"),
            early("consult"),
            early("refer"),
            json!(["contract", 0, "2027-03", true])
        ]
    );
}

/// 96 visitors at 1 in 4 and 1 in 2 are 12 referrals; those of March to
/// February become contracts a month later, at the planned 9 in 24, for
/// 1,200,000 yen over 9 contracts.
#[actix_web::test]
async fn the_revenue_follows_the_funnel() {
    let app = App::new().await;
    let id = slow_start(&app).await;
    let path = format!("/v1/scorecards/{id}/outlook");
    let answer = app.as_viewer().get(&path).await.expect(200);
    let revenue = &answer["revenue"];
    assert_eq!(
        [&revenue["year"], &revenue["expected"], &revenue["target"]],
        [&json!(1), &json!(450_000), &json!(1_200_000)]
    );
    let list = |name: &str, members: [&str; 3]| -> Vec<Value> {
        let entries = revenue[name].as_array().unwrap().iter();
        entries
            .map(|entry| json!(members.map(|member| &entry[member])))
            .collect()
    };
    assert_eq!(
        list("steps", ["item", "expected", "origin"]),
        [
            json!(["hours", 24, "plan"]),
            json!(["visitors", 96, "own_pace"]),
            json!(["consult", 24, "funnel"]),
            json!(["refer", 12, "funnel"]),
            json!(["contract", 3.375, "funnel"]),
            json!(["fees", 450_000, "funnel"]),
        ]
    );
    assert_eq!(
        list("rates", ["lag_months", "rate", "origin"]),
        [
            json!([0, 0.25, "actual"]),
            json!([0, 0.5, "actual"]),
            json!([1, 0.375, "planned"]),
            json!([0, 133_333.333_3, "planned"]),
        ]
    );
}

/// With the scorecard it is the same, and absent where nobody asks.
#[actix_web::test]
async fn a_scorecard_includes_its_outlook() {
    let app = App::new().await;
    let id = slow_start(&app).await;
    let client = app.as_viewer();
    let path = format!("/v1/scorecards/{id}");
    let alone = client.get(&format!("{path}/outlook")).await.expect(200);
    let card = client
        .get(&format!("{path}?include=outlook,causes"))
        .await
        .expect(200);
    for entry in alone["items"].as_array().unwrap() {
        let with_card = item(&card, entry["item"].as_str().unwrap());
        assert_eq!(with_card.get("outlook"), Some(&entry["outlook"]));
        assert_eq!(with_card["status"], entry["status"]);
    }
    let plain = client.get(&path).await.expect(200);
    assert_eq!(item(&plain, "consult").get("outlook"), None);
}

#[actix_web::test]
async fn the_outlook_is_asked_for_strictly() {
    let app = App::new().await;
    let id = app.own_scorecard().await;
    let client = app.as_viewer();
    let path = format!("/v1/scorecards/{id}/outlook");
    let nothing = client.get(&path).await.expect(200);
    assert_eq!(nothing["month"], "2026-04");
    // As planned: the referrals of the last month become contracts next year.
    assert_eq!(nothing["revenue"]["expected"], 1_100_000);
    let consult = outlook_of(&nothing, "consult");
    assert_eq!(consult["expected"], Value::Null);
    assert_eq!(
        consult["words"]["en"],
        "Nothing is reported for the year yet, so there is no outlook."
    );
    for (query, issue) in [
        ("month=2026-03", ("month_before_start", "/query/month")),
        ("month=x", ("wrong_type", "/query/month")),
        ("item=consult", ("unknown_parameter", "/query/item")),
    ] {
        let answer = client.get(&format!("{path}?{query}")).await;
        answer.problem("invalid").has_only(&[issue]);
    }
    let missing = client
        .get(&format!("/v1/scorecards/{MISSING}/outlook"))
        .await;
    missing.problem("not_found");
    app.as_operator().get(&path).await.problem("forbidden");
}

#[actix_web::test]
async fn the_outlook_is_cached_by_revision() {
    let app = App::new().await;
    let id = slow_start(&app).await;
    let client = app.as_viewer();
    let path = format!("/v1/scorecards/{id}/outlook");
    let first = client.get(&path).await;
    let tag = first.header("etag").unwrap().to_owned();
    let known = client.with("If-None-Match", &tag);
    assert_eq!(known.get(&path).await.status, 304);
    assert_eq!(client.get(&path).await.body, first.body);
    app.report(&id, "2026-06", json!([{ "item": "consult", "value": 12 }]))
        .await;
    let after = known.get(&path).await.expect(200);
    // 16 in a quarter of the year.
    assert_eq!(outlook_of(&after, "consult")["expected"], 64);
}

//! Whether a hub can stand on its own feet.

use serde_json::{Value, json};

use crate::support::fixtures::{self, LAST, MISSING, from_template, item};
use crate::support::{Actor, App};

/// October 2026 is the seventh month of the third year: incomes are planned
/// from the fifth on, so that a month is an eighth of the year.
const START: &str = "2024-04";

async fn card(app: &App, template: &str, parameters: Value) -> String {
    let mut body = from_template("yamagata", template, START);
    body["parameters"] = parameters;
    app.scorecard(&body).await
}

async fn external_funding(app: &App) -> String {
    let parameters = json!({ "operating_cost": 30_000_000, "fee_income_target": 6_000_000 });
    let id = card(app, "mature-external-funding", parameters).await;
    let donations = json!([{ "item": "donation-income", "value": 1_000_000 }]);
    app.report(&id, LAST, donations).await;
    id
}

async fn funding(app: &App, id: &str, query: &str) -> Value {
    let path = format!("/v1/scorecards/{id}/funding?{query}");
    app.as_viewer().get(&path).await.expect(200)
}

/// To date, expected, whether it is too low, both coverages, gap, and the verdict.
fn figures(found: &Value) -> Value {
    let members = [
        "to_date",
        "expected",
        "provisional",
        "coverage_to_date",
        "coverage_expected",
        "gap",
        "self_sufficient",
    ];
    json!(members.map(|member| found[member].clone()))
}

fn missing(found: &Value) -> Vec<&str> {
    let missing = found["missing"].as_array().unwrap().iter();
    missing
        .map(|reason| reason["code"].as_str().unwrap())
        .collect()
}

#[actix_web::test]
async fn a_hub_is_funded_by_all_of_its_scorecards() {
    let app = App::new().await;
    let id = external_funding(&app).await;
    let found = funding(&app, &id, "").await;
    assert_eq!(found["month"], LAST);
    assert_eq!(found["year"], json!(["2026-04", "2027-03"]));
    assert_eq!(
        found["operating_cost"],
        json!({ "value": 30_000_000, "source": "parameter" })
    );
    assert_eq!(
        figures(&found),
        json!([1_000_000, 8_000_000, true, 0.0333, 0.2667, 22_000_000, null])
    );
    let incomes = &found["incomes"];
    assert_eq!(
        incomes[0],
        json!({
            "scorecard": id, "item": "donation-income", "name": incomes[0]["name"],
            "to_date": 1_000_000, "target": 24_000_000, "expected": 8_000_000, "not_expected": null
        })
    );
    assert_eq!(
        [
            &incomes[1]["to_date"],
            &incomes[1]["expected"],
            &incomes[1]["not_expected"]["code"]
        ],
        [&Value::Null, &Value::Null, &json!("not_reported")]
    );
    assert_eq!(missing(&found), [""; 0]);
    // The fees of another scorecard are the same hub's; its cost is the same, too.
    let fees = card(
        &app,
        "mature-hard-to-fill",
        json!({ "fee_income_target": 6_000_000 }),
    )
    .await;
    app.report(
        &fees,
        LAST,
        json!([{ "item": "fee-income", "value": 500_000 }]),
    )
    .await;
    app.report(
        &id,
        LAST,
        json!([{ "item": "investment-income", "value": 0 }]),
    )
    .await;
    for id in [&id, &fees] {
        let found = funding(&app, id, "").await;
        assert_eq!(
            figures(&found),
            json!([1_500_000, 12_000_000, false, 0.05, 0.4, 18_000_000, false])
        );
        assert_eq!(
            found["summary"]["ja"],
            "年次末の収入は 1,200 万円の見込みで、年間運営費 3,000 万円の 40％です。1,800 万円不足します。"
        );
    }
    let by_fees = funding(&app, &fees, "").await;
    assert_eq!(by_fees["incomes"][0]["item"], "fee-income", "its own first");
    // In the year before nothing was planned, and nothing reported.
    let before = funding(&app, &id, "month=2026-03").await;
    assert_eq!(
        figures(&before),
        json!([0, 0, true, 0, 0, 30_000_000, null])
    );
    assert_eq!(before["year"], json!(["2025-04", "2026-03"]));
}

/// Without a cost there is no coverage, and the answer says how to set it.
#[actix_web::test]
async fn a_cost_that_is_not_set_can_be_tried() {
    let app = App::new().await;
    let id = card(
        &app,
        "mature-hard-to-fill",
        json!({ "fee_income_target": 6_000_000 }),
    )
    .await;
    app.report(
        &id,
        LAST,
        json!([{ "item": "fee-income", "value": 1_000_000 }]),
    )
    .await;
    let found = funding(&app, &id, "").await;
    assert_eq!(
        figures(&found),
        json!([1_000_000, 8_000_000, false, null, null, null, null])
    );
    assert_eq!(found["operating_cost"], Value::Null);
    assert_eq!(missing(&found), ["operating_cost_unset"]);
    assert!(
        found["missing"][0]["ja"]
            .as_str()
            .unwrap()
            .contains("operating_cost")
    );
    let before = app.dump();
    let tried = funding(&app, &id, "operating_cost=5000000").await;
    assert_eq!(
        figures(&tried),
        json!([1_000_000, 8_000_000, false, 0.2, 1.6, -3_000_000, true])
    );
    assert_eq!(tried["operating_cost"]["source"], "query");
    assert!(app.dump() == before);
}

#[actix_web::test]
async fn costs_that_differ_and_hubs_without_income_say_so() {
    let app = App::new().await;
    let mut plan = fixtures::definition();
    plan["parameters"] = json!([
        { "key": "fee", "name": { "ja": "手数料目標", "en": "Fees" }, "unit": "JPY", "default": 1_200_000 },
        { "key": "operating_cost", "name": { "ja": "運営費", "en": "Cost" }, "unit": "JPY", "default": 10_000_000 }
    ]);
    let own =
        json!({ "hub": "yamagata", "definition": plan, "start_month": "2026-04", "key": "own" });
    app.scorecard(&own).await;
    let without = card(&app, "challenge-industry", json!({})).await;
    let found = funding(&app, &without, "month=2026-10").await;
    assert_eq!(found["operating_cost"]["value"], 10_000_000);
    external_funding(&app).await;
    let found = funding(&app, &without, "month=2026-10").await;
    assert_eq!(missing(&found), ["operating_cost_differs"]);
    // Of another hub there is nothing here.
    let elsewhere = app
        .scorecard(&from_template("yonezawa", "challenge-industry", START))
        .await;
    let found = funding(&app, &elsewhere, "").await;
    assert_eq!(missing(&found), ["operating_cost_unset", "no_income_items"]);
    assert_eq!(
        figures(&found),
        json!([null, null, false, null, null, null, null])
    );
    assert_eq!(found["summary"], Value::Null);
}

/// Years that begin in another month are other twelve months.
#[actix_web::test]
async fn incomes_of_other_years_are_left_out() {
    let app = App::new().await;
    let id = external_funding(&app).await;
    let mut other = from_template("yamagata", "mature-hard-to-fill", "2024-10");
    other["parameters"] = json!({ "fee_income_target": 6_000_000 });
    let other = app.scorecard(&other).await;
    let mut later = from_template("yamagata", "mature-white-space", "2027-04");
    later["parameters"] = json!({ "fee_income_target": 6_000_000 });
    app.scorecard(&later).await;
    let found = funding(&app, &id, "").await;
    assert_eq!(found["left_out"].as_array().unwrap().len(), 1);
    assert_eq!(
        [
            &found["left_out"][0]["id"],
            &found["left_out"][0]["start_month"]
        ],
        [&json!(other), &json!("2024-10")]
    );
    assert_eq!(found["incomes"].as_array().unwrap().len(), 2);
}

/// The share of items met, and whether any is, side by side; and the grade of
/// each item's effect.
#[actix_web::test]
async fn items_have_a_grade_of_effect() {
    let app = App::new().await;
    let id = app.own_scorecard().await;
    app.report(
        &id,
        "2026-04",
        json!([
            { "item": "visitors", "value": 10 },
            { "item": "consult", "value": 3 },
            { "item": "refer", "value": 1 },
            { "item": "kit", "value": 5 },
            { "item": "turnover", "numerator": 1, "denominator": 10 },
            { "item": "hours", "value": 0 }
        ]),
    )
    .await;
    let path = format!("/v1/scorecards/{id}");
    let found = app.as_viewer().get(&path).await.expect(200);
    for (key, grade) in [
        ("visitors", json!(1)),
        ("consult", json!(2)),
        ("refer", Value::Null),
        ("kit", json!(3)),
        ("turnover", json!(2)),
        ("staff", Value::Null),
        ("contract", Value::Null),
    ] {
        assert_eq!(item(&found, key)["effect_grade"], grade, "{key}");
    }
    assert_eq!(found["counts"]["any_met"], true);
    let counts = &funding(&app, &id, "").await["counts"];
    assert_eq!(counts, &found["counts"]);
}

#[actix_web::test]
async fn funding_is_asked_for_strictly() {
    let app = App::new().await;
    let id = external_funding(&app).await;
    let path = format!("/v1/scorecards/{id}/funding");
    let client = app.as_hub();
    for (query, issue) in [
        ("month=2024-03", ("month_before_start", "/query/month")),
        ("month=x", ("wrong_type", "/query/month")),
        (
            "operating_cost=0",
            ("out_of_range", "/query/operating_cost"),
        ),
        (
            "operating_cost=1.5",
            ("out_of_range", "/query/operating_cost"),
        ),
        (
            "operating_cost=100000000000",
            ("out_of_range", "/query/operating_cost"),
        ),
        ("cost=1", ("unknown_parameter", "/query/cost")),
    ] {
        let answer = client.get(&format!("{path}?{query}")).await;
        answer.problem("invalid").has_only(&[issue]);
    }
    app.client(Actor::Neighbour)
        .get(&path)
        .await
        .problem("not_found");
    client
        .get(&path.replace(&id, MISSING))
        .await
        .problem("not_found");
    let first = client.get(&path).await;
    let known = client.with("If-None-Match", first.header("etag").unwrap());
    assert_eq!(known.get(&path).await.status, 304);
    // Another scorecard of the hub changes it.
    let fees = card(
        &app,
        "mature-hard-to-fill",
        json!({ "fee_income_target": 6_000_000 }),
    )
    .await;
    app.report(&fees, LAST, json!([{ "item": "fee-income", "value": 1 }]))
        .await;
    assert_eq!(known.get(&path).await.status, 200);
}

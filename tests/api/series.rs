//! Plan and actual of every item, month by month.

use serde_json::{Value, json};

use crate::support::App;
use crate::support::fixtures::{ITEMS, MISSING, item, month, month_on_plan};

fn of<'a>(series: &'a Value, key: &str) -> &'a Value {
    let items = series["items"].as_array().unwrap();
    items.iter().find(|item| item["key"] == key).unwrap()
}

#[actix_web::test]
async fn every_list_has_one_entry_a_month() {
    let app = App::new().await;
    let id = app.own_scorecard().await;
    for t in [1, 2, 4] {
        app.report(&id, &month(t), month_on_plan(t)).await;
    }
    app.report(
        &id,
        &month(4),
        json!([
            { "item": "turnover", "numerator": 0, "denominator": 0 },
            { "item": "staff", "clear": "未確認" },
            { "item": "hours", "not_applicable": "休み" }
        ]),
    )
    .await;
    let series = app
        .as_viewer()
        .get(&format!("/v1/scorecards/{id}/series"))
        .await
        .expect(200);
    assert_eq!(
        series["months"],
        json!(["2026-04", "2026-05", "2026-06", "2026-07"])
    );
    let keys: Vec<&str> = series["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["key"].as_str().unwrap())
        .collect();
    assert_eq!(keys, ITEMS);
    for item in series["items"].as_array().unwrap() {
        for name in ["value", "actual", "plan", "target", "status", "flag"] {
            assert_eq!(item[name].as_array().unwrap().len(), 4, "{name} of {item}");
        }
    }
    let consult = of(&series, "consult");
    assert_eq!(consult["value"], json!([4, 5, null, 5]));
    assert_eq!(consult["actual"], json!([4, 9, 9, 14]));
    assert_eq!(consult["plan"], json!([4, 8, 12, 16]));
    assert_eq!(consult["target"], json!([48, 48, 48, 48]));
    // 9 of 12 without June's figure; 14 of 16 may be chance.
    assert_eq!(
        consult["status"],
        json!(["on_track", "on_track", "no_data", "on_track"])
    );
    assert_eq!(consult["flag"], json!(["none", "none", "none", "none"]));
    // A ratio's own month, and to date; nothing over nothing is no value.
    assert_eq!(of(&series, "visits")["value"], json!([2.1, 2.2, null, 2.4]));
    assert_eq!(
        of(&series, "visits")["actual"],
        json!([2.1, 2.15, 2.15, 2.2333])
    );
    assert_eq!(of(&series, "turnover")["value"], json!([0, 0, null, null]));
    assert_eq!(of(&series, "staff")["value"], json!([4, 4, null, null]));
    assert_eq!(of(&series, "staff")["actual"], json!([4, 4, 4, 4]));
    assert_eq!(
        of(&series, "hours")["value"],
        json!([2.25, 2.25, null, null])
    );
    assert_eq!(of(&series, "hours")["status"][3], "not_applicable");
}

/// Each month of a series is the scorecard of that month.
#[actix_web::test]
async fn a_series_agrees_with_the_scorecards() {
    let app = App::new().await;
    let id = app.own_scorecard().await;
    for t in [1, 2, 3, 5, 7] {
        app.report(&id, &month(t), month_on_plan(t)).await;
    }
    let path = format!("/v1/scorecards/{id}");
    let series = app
        .as_viewer()
        .get(&format!("{path}/series?to=2026-12"))
        .await
        .expect(200);
    for (index, month) in series["months"].as_array().unwrap().iter().enumerate() {
        let month = month.as_str().unwrap();
        let card = app
            .as_viewer()
            .get(&format!("{path}?month={month}"))
            .await
            .expect(200);
        for key in ITEMS {
            let (shown, item) = (of(&series, key), item(&card, key));
            for name in ["actual", "plan", "target", "status", "flag"] {
                assert_eq!(shown[name][index], item[name], "{name} of {key} in {month}");
            }
        }
    }
}

#[actix_web::test]
async fn a_part_of_a_series_is_that_part() {
    let app = App::new().await;
    let id = app.own_scorecard().await;
    let path = format!("/v1/scorecards/{id}/series");
    let months = async |query: &str| {
        app.as_viewer()
            .get(&format!("{path}{query}"))
            .await
            .expect(200)["months"]
            .clone()
    };
    assert_eq!(months("").await, json!(["2026-04"]));
    for t in 1..=3 {
        app.report(&id, &month(t), month_on_plan(t)).await;
    }
    assert_eq!(months("?from=2026-05").await, json!(["2026-05", "2026-06"]));
    assert_eq!(months("?to=2026-05").await, json!(["2026-04", "2026-05"]));
    assert_eq!(months("?from=2026-08").await, json!(["2026-08"]));
    let whole = app.as_viewer().get(&path).await.expect(200);
    let part = app
        .as_viewer()
        .get(&format!("{path}?from=2026-06&to=2026-06"))
        .await
        .expect(200);
    assert_eq!(
        of(&part, "consult")["actual"][0],
        of(&whole, "consult")["actual"][2],
        "to date, not from there"
    );
    for (query, issue) in [
        ("?from=2026-03", ("month_before_start", "/query/from")),
        ("?to=2126-04", ("out_of_range", "/query/to")),
        ("?from=x", ("wrong_type", "/query/from")),
        ("?month=2026-04", ("unknown_parameter", "/query/month")),
    ] {
        let answer = app.as_viewer().get(&format!("{path}{query}")).await;
        answer.problem("invalid").has_only(&[issue]);
    }
    let missing = path.replace(&id, MISSING);
    app.as_viewer().get(&missing).await.problem("not_found");
}

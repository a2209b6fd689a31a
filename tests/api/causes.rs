//! Causes of flagged items, alone and with the scorecard.

use serde_json::{Value, json};

use crate::alerts::late_preparation;
use crate::support::App;
use crate::support::fixtures::{MISSING, item};

fn items(causes: &Value) -> Vec<Value> {
    let items = causes["items"].as_array().unwrap().iter();
    items
        .map(|item| {
            let cause = &item["cause"];
            let keys = |list: &str| -> Vec<Value> {
                let entries = cause[list].as_array().unwrap().iter();
                entries.map(|entry| entry["item"].clone()).collect()
            };
            json!([
                item["item"],
                item["flag"],
                cause["kind"],
                keys("root_causes"),
                keys("remedies")
            ])
        })
        .collect()
}

/// Every red or amber item says where its shortage begins and what to prepare.
#[actix_web::test]
async fn flagged_items_have_causes() {
    let app = App::new().await;
    let id = late_preparation(&app).await;
    let client = app.as_viewer();
    let path = format!("/v1/scorecards/{id}/causes");
    let causes = client.get(&path).await.expect(200);
    assert_eq!(causes["month"], "2026-06", "the last month reported");
    let format = ["seminar-format"];
    assert_eq!(
        json!(items(&causes)),
        json!([
            ["seminar-format", "red", "execution", format, []],
            ["seminar-companies", "amber", "preparation", format, format],
            ["consult-seminar", "red", "inherited", format, format]
        ])
    );
    let companies = &causes["items"][1];
    assert_eq!(
        [
            &companies["name"]["ja"],
            &companies["stage"],
            &companies["status"]
        ],
        [
            &json!("セミナー参加企業"),
            &json!("attract"),
            &json!("behind")
        ]
    );
    let earlier = client
        .get(&format!("{path}?month=2026-04"))
        .await
        .expect(200);
    assert_eq!(earlier["month"], "2026-04");
    assert_eq!(
        json!(items(&earlier)),
        json!([["seminar-format", "red", "execution", format, []]])
    );
    let unreported = client
        .get(&format!("{path}?month=2024-04"))
        .await
        .expect(200);
    assert_eq!(unreported["items"], json!([]));
}

/// With the scorecard they are the same, null where nothing is flagged, and
/// absent where nobody asks.
#[actix_web::test]
async fn a_scorecard_includes_its_causes() {
    let app = App::new().await;
    let id = late_preparation(&app).await;
    let client = app.as_viewer();
    let causes = client
        .get(&format!("/v1/scorecards/{id}/causes"))
        .await
        .expect(200);
    let card = client
        .get(&format!("/v1/scorecards/{id}?include=causes,links"))
        .await
        .expect(200);
    assert!(card["links"].is_array());
    assert_eq!(card.get("alerts"), None);
    for entry in causes["items"].as_array().unwrap() {
        let with_card = &item(&card, entry["item"].as_str().unwrap())["cause"];
        assert_eq!(*with_card, entry["cause"]);
    }
    assert_eq!(item(&card, "pr-material").get("cause"), Some(&Value::Null));
    let plain = client
        .get(&format!("/v1/scorecards/{id}"))
        .await
        .expect(200);
    assert_eq!(item(&plain, "seminar-format").get("cause"), None);
}

#[actix_web::test]
async fn causes_are_cached_by_revision() {
    let app = App::new().await;
    let id = late_preparation(&app).await;
    let client = app.as_viewer();
    let path = format!("/v1/scorecards/{id}/causes");
    let first = client.get(&path).await;
    assert_eq!(first.header("etag"), Some("\"4\""));
    let known = client.with("If-None-Match", "\"4\"");
    assert_eq!(known.get(&path).await.status, 304);
    assert_eq!(client.get(&path).await.body, first.body);
    let finished = json!([{ "item": "seminar-format", "value": 100 }]);
    app.report(&id, "2026-06", finished).await;
    let after = known.get(&path).await;
    assert_eq!(after.header("etag"), Some("\"5\""));
    assert_eq!(after.expect(200)["items"][0]["item"], "seminar-companies");
}

#[actix_web::test]
async fn causes_are_asked_for_strictly() {
    let app = App::new().await;
    let id = app.own_scorecard().await;
    let client = app.as_viewer();
    let path = format!("/v1/scorecards/{id}/causes");
    let none = client.get(&path).await.expect(200);
    assert_eq!(none, json!({ "month": "2026-04", "items": [] }));
    for (query, issue) in [
        ("month=2026-03", ("month_before_start", "/query/month")),
        ("month=x", ("wrong_type", "/query/month")),
        ("item=consult", ("unknown_parameter", "/query/item")),
    ] {
        let answer = client.get(&format!("{path}?{query}")).await;
        answer.problem("invalid").has_only(&[issue]);
    }
    let include = client
        .get(&format!("/v1/scorecards/{id}?include=cause"))
        .await;
    include
        .problem("invalid")
        .has_only(&[("out_of_range", "/query/include")]);
    let missing = client
        .get(&format!("/v1/scorecards/{MISSING}/causes"))
        .await;
    missing.problem("not_found");
}

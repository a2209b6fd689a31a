//! The eight templates of the report.

use serde_json::{Value, json};

use crate::support::{Actor, App};

const KEYS: [&str; 8] = [
    "mature-hard-to-fill",
    "mature-white-space",
    "mature-external-funding",
    "growth-tailored-support",
    "growth-market-opening",
    "challenge-employment",
    "challenge-industry",
    "challenge-population",
];

#[actix_web::test]
async fn all_templates_are_listed_whole() {
    let app = App::new().await;
    let list = app
        .client(Actor::Operator)
        .get("/v1/templates")
        .await
        .expect(200);
    let items = list["items"].as_array().unwrap();
    let keys: Vec<&str> = items
        .iter()
        .map(|template| template["key"].as_str().unwrap())
        .collect();
    assert_eq!(keys, KEYS);
    assert_eq!(list["next_cursor"], Value::Null);
    for template in items {
        let key = template["key"].as_str().unwrap();
        let one = app
            .as_viewer()
            .get(&format!("/v1/templates/{key}"))
            .await
            .expect(200);
        assert_eq!(one, *template);
    }
}

/// As the files in `scorecards/` say, with every default spelt out.
#[actix_web::test]
async fn a_template_shows_all_that_its_file_says() {
    let app = App::new().await;
    let template = app
        .as_hub()
        .get("/v1/templates/mature-hard-to-fill")
        .await
        .expect(200);
    assert_eq!(
        template["name"],
        json!({ "ja": "人材確保が難しい業種への支援", "en": "Hard-to-fill industries" })
    );
    assert_eq!(template["market_type"], "mature");
    assert_eq!(
        template["parameters"],
        json!([{
            "key": "fee_income_target", "name": { "ja": "手数料収入の年間目標額", "en": "Annual fee income target" },
            "unit": "JPY", "default": null
        }])
    );
    assert_eq!(
        template["stages"][3],
        json!({ "stage": "consult", "perspective": "customer", "name": { "ja": "相談", "en": "Consultation" } })
    );
    let item = |key: &str| {
        let items = template["items"].as_array().unwrap();
        items
            .iter()
            .find(|item| item["key"] == key)
            .unwrap()
            .clone()
    };
    assert_eq!(
        item("consult-seminar"),
        json!({
            "key": "consult-seminar", "name": { "ja": "セミナー経由の相談", "en": "Consultations from seminars" },
            "stage": "consult", "track": null, "measure": "flow", "unit": "cases", "direction": "higher",
            "strict": false, "proportion": false, "high_hurdle": true, "weight": 1, "bar": null,
            "phasing": { "kind": "even", "sessions": null, "weights": null, "first_month": 2 },
            "targets": [{ "year": 3, "value": 30, "formula": null }]
        })
    );
    assert_eq!(item("seminar-format")["bar"], json!([10, 18]));
    assert_eq!(
        item("seminar-format")["targets"],
        json!([{ "year": null, "value": 100, "formula": null }])
    );
    assert_eq!(
        item("seminar-companies")["phasing"],
        json!({ "kind": "sessions", "sessions": 6, "weights": null, "first_month": null })
    );
    assert_eq!(
        item("fee-income")["targets"],
        json!([{ "year": 3, "value": null, "formula": { "op": "+", "args": [{ "parameter": "fee_income_target" }] } }])
    );
    assert_eq!(
        template["links"][1],
        json!({
            "kind": "conversion", "from": ["consult-seminar", "consult-bank"],
            "to": ["refer-full-time", "refer-side-job"], "lag_months": 0
        })
    );
    assert_eq!(
        template["settings"],
        json!({
            "on_track_at": 0.95, "behind_below": 0.8, "gap_at_risk": 0.05, "gap_behind": 0.2,
            "pi_at_risk": 0.2, "pi_behind": 0.05, "inherited_share": 0.75, "coverage_min": 0.5,
            "for_months": 1, "resolve_at": 0.85, "resolve_gap": 0.15, "reopen_within": 2, "due_day": 10,
            "due_on_business_day": false
        })
    );
    assert_eq!(template["items"].as_array().unwrap().len(), 17);
    assert_eq!(template["links"].as_array().unwrap().len(), 13);
}

#[actix_web::test]
async fn unknown_templates_are_not_found() {
    let app = App::new().await;
    for key in [
        "nothing",
        "Mature-hard-to-fill",
        "mature-hard-to-fill.json",
        "%2e%2e",
        "%00",
    ] {
        app.as_hub()
            .get(&format!("/v1/templates/{key}"))
            .await
            .problem("not_found");
    }
    for path in [
        "/v1/templates?limit=1",
        "/v1/templates/challenge-industry?x=1",
    ] {
        app.as_hub().get(path).await.problem("invalid");
    }
}

/// What a template says can be given back as an own definition, and says the
/// same then.
#[actix_web::test]
async fn a_template_goes_back_in_as_a_definition() {
    let app = App::new().await;
    for key in KEYS {
        let template = app
            .as_prefecture()
            .get(&format!("/v1/templates/{key}"))
            .await
            .expect(200);
        let body = json!({
            "hub": "yamagata", "key": format!("own-{key}"), "definition": template, "start_month": "2026-04"
        });
        let made = app.as_prefecture().post("/v1/scorecards", &body).await;
        let made = made.expect(201);
        let from_template = json!({ "hub": "yamagata", "template": key, "start_month": "2026-04" });
        let other = app
            .as_prefecture()
            .post("/v1/scorecards", &from_template)
            .await
            .expect(201);
        for part in [
            "perspectives",
            "counts",
            "score",
            "coverage",
            "issues",
            "market_type",
            "name",
        ] {
            assert_eq!(made[part], other[part], "{part} of {key}");
        }
    }
}

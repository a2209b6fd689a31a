//! Plans and roadmaps.

use serde_json::{Value, json};

use crate::support::App;
use crate::support::fixtures::{self, MISSING, definition, month};

#[actix_web::test]
async fn a_plan_shows_the_whole_definition() {
    let app = App::new().await;
    let id = app.own_scorecard().await;
    let path = format!("/v1/scorecards/{id}/plan");
    let plan = app.as_viewer().get(&path).await.expect(200);
    for (name, value) in [
        ("version", json!(1)),
        ("effective_month", json!("2026-04")),
        ("author", json!("担当 national (テスト)")),
        ("reason", json!("当初計画 / Initial plan")),
        ("alert", Value::Null),
        ("created_at", json!("2026-11-22T03:00:00Z")),
        ("parameters", json!({ "fee": 1_200_000 })),
        ("changes", json!([])),
        ("key", json!("own-plan")),
        ("name", json!({ "ja": "独自の計画", "en": "Own plan" })),
        ("market_type", json!("growth")),
        ("basis", Value::Null),
        ("tracks", json!([])),
        ("checks", json!([])),
    ] {
        assert_eq!(plan[name], value, "{name}");
    }
    assert_eq!(
        plan["parameter_definitions"],
        json!([{
            "key": "fee", "name": { "ja": "手数料目標", "en": "Fee target" }, "unit": "JPY",
            "default": 1_200_000
        }])
    );
    let given = definition();
    for (index, item) in given["items"].as_array().unwrap().iter().enumerate() {
        for (name, value) in item.as_object().unwrap() {
            let shown = &plan["items"][index][name];
            match name.as_str() {
                // With every member spelt out.
                "targets" | "phasing" => {}
                _ => assert_eq!(shown, value, "{name} of {item}"),
            }
        }
    }
    assert_eq!(
        plan["items"][10]["targets"],
        json!([{
            "year": 1, "value": 1_200_000,
            "formula": { "op": "+", "args": [{ "parameter": "fee" }] }
        }])
    );
    assert_eq!(plan["links"][2]["lag_months"], 1);
    assert_eq!(plan["links"][0]["lag_months"], 0);
    assert_eq!(plan["settings"]["due_day"], 10);
    let first = app
        .as_viewer()
        .get(&format!("{path}?version=1"))
        .await
        .expect(200);
    assert_eq!(first, plan);
    app.as_viewer()
        .get(&format!("{path}?version=2"))
        .await
        .problem("not_found");
    for version in ["0", "-1", "1.0", "one", "1000001", "4294967297"] {
        let answer = app
            .as_viewer()
            .get(&format!("{path}?version={version}"))
            .await;
        answer
            .problem("invalid")
            .has_only(&[("out_of_range", "/query/version")]);
    }
    let versions = app
        .as_viewer()
        .get(&format!("{path}/versions"))
        .await
        .expect(200);
    assert_eq!(
        versions,
        json!({
            "items": [{
                "version": 1, "effective_month": "2026-04", "author": "担当 national (テスト)",
                "reason": "当初計画 / Initial plan", "alert": null,
                "created_at": "2026-11-22T03:00:00Z"
            }],
            "next_cursor": null
        })
    );
    for path in ["plan", "plan/versions", "roadmap"] {
        let path = format!("/v1/scorecards/{MISSING}/{path}");
        app.as_viewer().get(&path).await.problem("not_found");
        let path = format!("{}?x=1", path.replace(MISSING, &id));
        app.as_viewer().get(&path).await.problem("invalid");
    }
}

/// Formulas with numbers, and phasing by weights, survive being stored.
#[actix_web::test]
async fn every_kind_of_plan_is_read_back() {
    let app = App::new().await;
    let mut body = fixtures::own_scorecard("yamagata");
    let weights = json!([0.5, 1.25, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3.25]);
    let items = &mut body["definition"]["items"];
    items[6]["phasing"] = json!({ "kind": "weights", "weights": weights });
    items[7]["phasing"] = json!({ "kind": "sessions", "sessions": 4 });
    items[10]["targets"][0]["formula"] =
        json!({ "op": "*", "args": [0.5, { "parameter": "fee" }, 3] });
    items[4]["weight"] = json!(2.5);
    body["definition"]["checks"] = json!([{
        "item": "fees", "estimate": { "op": "-", "args": [{ "parameter": "fee" }, 1] },
        "message": { "ja": "足りません", "en": "Falls short" }
    }]);
    let card = app
        .as_prefecture()
        .post("/v1/scorecards", &body)
        .await
        .expect(201);
    let id = card["id"].as_str().unwrap();
    // The second estimate is below the target: a remark.
    assert_eq!(card["issues"][0]["code"], "implausible");
    let plan = app
        .as_hub()
        .get(&format!("/v1/scorecards/{id}/plan"))
        .await
        .expect(200);
    assert_eq!(
        plan["items"][6]["phasing"],
        json!({ "kind": "weights", "sessions": null, "first_month": null,
                "weights": weights })
    );
    assert_eq!(
        plan["items"][10]["targets"][0],
        json!({ "year": 1, "value": 1_800_000, "formula": { "op": "*", "args": [0.5, { "parameter": "fee" }, 3] } })
    );
    assert_eq!(plan["items"][4]["weight"], 2.5);
    let roadmap = app
        .as_hub()
        .get(&format!("/v1/scorecards/{id}/roadmap"))
        .await
        .expect(200);
    let planned =
        |index: usize| roadmap["items"][index]["planned"].as_array().unwrap()[..12].to_vec();
    // 48 by 0.1, 0.35 and 1; 24 in four sessions, each due a month later.
    assert_eq!(
        json!(planned(6)),
        json!([
            4.8, 16.8, 16.8, 16.8, 16.8, 16.8, 16.8, 16.8, 16.8, 16.8, 16.8, 48
        ])
    );
    assert_eq!(
        json!(planned(7)),
        json!([0, 0, 0, 6, 6, 6, 12, 12, 12, 18, 18, 24])
    );
}

#[actix_web::test]
async fn a_roadmap_shows_every_month_of_every_item() {
    let app = App::new().await;
    let id = app.own_scorecard().await;
    let roadmap = app
        .as_viewer()
        .get(&format!("/v1/scorecards/{id}/roadmap"))
        .await
        .expect(200);
    assert_eq!(roadmap["version"], 1);
    let months: Vec<String> = (1..=36).map(month).collect();
    assert_eq!(roadmap["months"], json!(months));
    assert_eq!(months[35], "2029-03");
    let planned = |key: &str| -> Vec<Value> {
        let items = roadmap["items"].as_array().unwrap();
        let item = items.iter().find(|item| item["key"] == key).unwrap();
        let planned = item["planned"].as_array().unwrap().clone();
        assert_eq!(planned.len(), 36, "{key}");
        planned
    };
    let firsts = |key: &str, count: usize| json!(planned(key)[..count]);
    assert_eq!(
        firsts("consult", 13),
        json!([4, 8, 12, 16, 20, 24, 28, 32, 36, 40, 44, 48, 4])
    );
    assert_eq!(
        firsts("contract", 14),
        json!([0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0.75, 1.5])
    );
    assert_eq!(firsts("kit", 7), json!([20, 40, 60, 80, 100, 100, 100]));
    assert_eq!(
        firsts("partners", 13),
        json!([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 11])
    );
    assert!(planned("staff").iter().all(|value| *value == 4));
    assert!(planned("turnover").iter().all(|value| *value == 0.1));
    assert_eq!(roadmap["items"][2]["bar"], json!([1, 5]));
    assert_eq!(roadmap["items"][6]["bar"], Value::Null);
    assert_eq!(
        roadmap["items"][6]["targets"],
        json!([{ "year": 1, "value": 48, "formula": null }])
    );
    // As far as the bars reach, in whole years.
    let mut long = fixtures::own_scorecard("yonezawa");
    long["definition"]["items"][2]["bar"] = json!([1, 109]);
    let id = app.scorecard(&long).await;
    let roadmap = app
        .as_viewer()
        .get(&format!("/v1/scorecards/{id}/roadmap?version=1"))
        .await
        .expect(200);
    assert_eq!(roadmap["months"].as_array().unwrap().len(), 120);
}

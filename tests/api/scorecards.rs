//! Scorecards: creating, listing, and reading them evaluated.

use serde_json::{Value, json};

use crate::support::fixtures::{
    self, LAST, MISSING, definition, from_template, item, month, month_on_plan, own_scorecard,
};
use crate::support::{App, issues};

const SCORECARDS: &str = "/v1/scorecards";

#[actix_web::test]
async fn a_scorecard_is_created_from_a_template() {
    let app = App::new().await;
    let body = from_template("yamagata", "mature-hard-to-fill", "2026-04");
    let answer = app.as_prefecture().post(SCORECARDS, &body).await;
    assert_eq!(answer.header("etag"), Some("\"1\""));
    let card = answer.expect(201);
    let id = card["id"].as_str().unwrap();
    let location = format!("{SCORECARDS}/{id}");
    assert_eq!(answer.header("location"), Some(location.as_str()));
    for (name, value) in [
        ("key", json!("mature-hard-to-fill")),
        (
            "name",
            json!({ "ja": "人材確保が難しい業種への支援", "en": "Hard-to-fill industries" }),
        ),
        ("template", json!("mature-hard-to-fill")),
        (
            "hub",
            json!({ "code": "yamagata", "name": { "ja": "山形拠点", "en": "Yamagata hub" } }),
        ),
        (
            "prefecture",
            json!({ "code": "06", "name": { "ja": "山形県", "en": "Yamagata" } }),
        ),
        ("market_type", json!("mature")),
        ("start_month", json!("2026-04")),
        ("month", json!("2026-04")),
        (
            "programme",
            json!({ "t": 1, "year": 1, "month_of_year": 1, "fiscal_year": 2026, "fiscal_quarter": 1 }),
        ),
        ("reported_through", Value::Null),
        ("plan_version", json!(1)),
        ("revision", json!(1)),
        ("score", Value::Null),
        ("coverage", json!(0)),
        ("provisional", json!(true)),
        ("flag", json!("none")),
    ] {
        assert_eq!(card[name], value, "{name}");
    }
    assert_eq!(
        issues(&card),
        [
            ("parameter_unset", "/parameters"),
            ("market_type_differs", "/template")
        ]
    );
    let unset = &card["issues"][0];
    assert_eq!(unset["item"], "fee-income");
    for language in ["ja", "en"] {
        assert!(
            unset["message"][language]
                .as_str()
                .unwrap()
                .contains("fee_income_target")
        );
    }
    // Read back: the same without the remarks on its creation.
    let mut read = app.as_hub().get(&location).await.expect(200);
    assert_eq!(read["issues"], Value::Null);
    read["issues"] = card["issues"].clone();
    assert_eq!(read, card);
    let again = app.as_prefecture().post(SCORECARDS, &body).await;
    again.problem("already_exists");
    // Another hub may have one of the same key.
    let neighbour = from_template("yonezawa", "mature-hard-to-fill", "2026-04");
    app.as_prefecture()
        .post(SCORECARDS, &neighbour)
        .await
        .expect(201);
}

#[actix_web::test]
async fn what_is_said_replaces_what_the_template_says() {
    let app = App::new().await;
    let mut body = from_template("ehime", "mature-hard-to-fill", "2026-10");
    body["key"] = "second_Card-1".into();
    body["name"] = json!({ "ja": "二枚目", "en": "Second" });
    body["parameters"] = json!({ "fee_income_target": 3_000_001 });
    body["overrides"] = json!({
        "items": {
            "consult-bank": { "targets": [{ "year": 1, "value": 12 }], "high_hurdle": false },
            "target-industries": { "bar": [1, 36] }
        },
        "settings": { "due_day": 20, "due_on_business_day": true, "on_track_at": 0.9 }
    });
    let card = app.as_national().post(SCORECARDS, &body).await.expect(201);
    assert_eq!(
        card["issues"],
        json!([]),
        "mature in a mature prefecture, nothing unset"
    );
    assert_eq!(card["key"], "second_Card-1");
    assert_eq!(card["name"], json!({ "ja": "二枚目", "en": "Second" }));
    assert_eq!(card["programme"]["fiscal_quarter"], 3);
    assert_eq!(item(&card, "consult-bank")["target"], 12);
    assert_eq!(item(&card, "consult-bank")["high_hurdle"], false);
    let path = format!("{SCORECARDS}/{}/plan", card["id"].as_str().unwrap());
    let plan = app.as_national().get(&path).await.expect(200);
    assert_eq!(plan["settings"]["due_day"], 20);
    assert_eq!(plan["settings"]["due_on_business_day"], true);
    assert_eq!(plan["settings"]["on_track_at"], 0.9);
    assert_eq!(plan["settings"]["behind_below"], 0.8);
    assert_eq!(
        plan["parameters"],
        json!({ "fee_income_target": 3_000_001 })
    );
    let items = plan["items"].as_array().unwrap();
    let fee = items
        .iter()
        .find(|item| item["key"] == "fee-income")
        .unwrap();
    assert_eq!(fee["targets"][0]["value"], 3_000_001);
}

/// A default can be replaced, and taken away.
#[actix_web::test]
async fn parameters_decide_targets() {
    let app = App::new().await;
    for (key, parameters, target, expected) in [
        ("a", json!({}), json!(1_200_000), vec![]),
        ("b", json!({ "fee": 999.5 }), json!(1_000), vec![]),
        (
            "c",
            json!({ "fee": 0.4 }),
            Value::Null,
            vec![("target_not_positive", "/parameters")],
        ),
        (
            "d",
            json!({ "fee": 0 }),
            Value::Null,
            vec![("target_not_positive", "/parameters")],
        ),
        (
            "e",
            json!({ "fee": null }),
            Value::Null,
            vec![("parameter_unset", "/parameters")],
        ),
    ] {
        let mut body = own_scorecard("yamagata");
        body["key"] = key.into();
        body["parameters"] = parameters;
        let card = app
            .as_prefecture()
            .post(SCORECARDS, &body)
            .await
            .expect(201);
        assert_eq!(item(&card, "fees")["target"], target, "{key}");
        assert_eq!(issues(&card), expected, "{key}");
        let status = if target.is_null() {
            "untargeted"
        } else {
            "no_data"
        };
        assert_eq!(item(&card, "fees")["status"], status, "{key}");
    }
    for (parameters, issue) in [
        (
            json!({ "fees": 1 }),
            ("unknown_parameter", "/parameters/fees"),
        ),
        (json!({ "fee": -1 }), ("negative", "/parameters/fee")),
        (json!({ "fee": "1" }), ("wrong_type", "/parameters/fee")),
        (json!({ "fee": 1e11 }), ("out_of_range", "/parameters/fee")),
        (json!([]), ("wrong_type", "/parameters")),
    ] {
        let mut body = own_scorecard("yamagata");
        body["key"] = "z".into();
        body["parameters"] = parameters;
        let answer = app.as_prefecture().post(SCORECARDS, &body).await;
        answer.problem("invalid").has_only(&[issue]);
    }
}

#[actix_web::test]
async fn bodies_are_read_strictly() {
    let app = App::new().await;
    let template = || from_template("yamagata", "challenge-employment", "2026-04");
    let with = |name: &str, value: Value| {
        let mut body = template();
        body[name] = value;
        body
    };
    let before = app.dump();
    for (body, issues) in [
        (
            json!({}),
            vec![
                ("missing", "/hub"),
                ("wrong_shape", ""),
                ("missing", "/start_month"),
            ],
        ),
        (with("definition", definition()), vec![("wrong_shape", "")]),
        (
            with("template", json!("nothing")),
            vec![("unknown_reference", "/template")],
        ),
        (
            with("template", json!(7)),
            vec![("wrong_type", "/template")],
        ),
        (
            with("hub", json!("nowhere")),
            vec![("unknown_reference", "/hub")],
        ),
        (
            with("hub", json!(["yamagata"])),
            vec![("wrong_type", "/hub")],
        ),
        (with("key", json!("a b")), vec![("out_of_range", "/key")]),
        (with("key", json!("")), vec![("out_of_range", "/key")]),
        (
            with("name", json!({ "ja": "x" })),
            vec![("missing", "/name/en")],
        ),
        (
            with("start_month", json!("2026-4")),
            vec![("wrong_type", "/start_month")],
        ),
        (
            with("start_month", json!("1899-12")),
            vec![("wrong_type", "/start_month")],
        ),
        (
            with("overrides", json!({ "links": [] })),
            vec![("unknown_field", "/overrides/links")],
        ),
        (
            with("overrides", json!({ "items": { "nobody": {}, "a/b": {} } })),
            vec![
                ("unknown_item", "/overrides/items/a~1b"),
                ("unknown_item", "/overrides/items/nobody"),
            ],
        ),
        (
            with(
                "overrides",
                json!({ "items": { "turnover": { "bar": [1, 2] } } }),
            ),
            vec![("wrong_shape", "/overrides/items/turnover/bar")],
        ),
        (
            with(
                "overrides",
                json!({ "items": { "case-collection": { "bar": [1, 37] } } }),
            ),
            vec![(
                "bar_outside_horizon",
                "/overrides/items/case-collection/bar",
            )],
        ),
        (
            with(
                "overrides",
                json!({ "settings": { "gap_at_risk": 0.21, "due_day": 32 } }),
            ),
            vec![
                ("out_of_range", "/overrides/settings/due_day"),
                ("out_of_range", "/overrides/settings/gap_at_risk"),
            ],
        ),
    ] {
        let answer = app.as_prefecture().post(SCORECARDS, &body).await;
        assert_eq!(answer.problem("invalid").issues(), issues, "{body}");
    }
    app.as_prefecture()
        .post_bytes(SCORECARDS, "{\"hub\":1,\"hub\":2}")
        .await
        .problem("malformed_json");
    let answer = app
        .as_prefecture()
        .post(&format!("{SCORECARDS}?dry_run=true"), &template())
        .await;
    answer
        .problem("invalid")
        .has_only(&[("unknown_parameter", "/query/dry_run")]);
    assert!(app.dump() == before);
}

/// An own definition is under the same checks as the templates; each fault has
/// its code and its pointer.
#[actix_web::test]
async fn own_definitions_are_checked() {
    let app = App::new().await;
    let before = app.dump();
    let changed = |pointer: &str, value: Value| {
        let mut body = own_scorecard("yamagata");
        *body.pointer_mut(pointer).unwrap() = value;
        body
    };
    let added = |pointer: &str, value: Value| {
        let mut body = own_scorecard("yamagata");
        body.pointer_mut(pointer)
            .unwrap()
            .as_array_mut()
            .unwrap()
            .push(value);
        body
    };
    let link =
        |kind: &str, from: &[&str], to: &[&str]| json!({ "kind": kind, "from": from, "to": to });
    for (body, code, place) in [
        (
            changed("/definition/key", json!("a b")),
            "out_of_range",
            "/definition/key",
        ),
        (
            changed("/definition/market_type", json!("grown")),
            "out_of_range",
            "/definition/market_type",
        ),
        (
            changed("/definition/items/0/measure", json!("sum")),
            "out_of_range",
            "/definition/items/0/measure",
        ),
        (
            changed("/definition/items/2/bar", json!([0, 5])),
            "bar_outside_horizon",
            "/definition/items/2/bar",
        ),
        (
            changed("/definition/items/2/bar", json!([5, 4])),
            "bar_outside_horizon",
            "/definition/items/2/bar",
        ),
        (
            changed("/definition/items/2/bar", json!([1, 121])),
            "bar_outside_horizon",
            "/definition/items/2/bar",
        ),
        (
            changed("/definition/items/6/key", json!("refer")),
            "duplicate_key",
            "/definition/items/7/key",
        ),
        (
            changed("/definition/items/6/stage", json!("sales")),
            "out_of_range",
            "/definition/items/6/stage",
        ),
        (
            changed("/definition/items/6/targets/0/value", json!(0)),
            "target_not_positive",
            "/definition/items/6/targets/0/value",
        ),
        (
            changed("/definition/items/6/targets/0/value", json!(4.5)),
            "not_whole",
            "/definition/items/6/targets/0/value",
        ),
        (
            changed("/definition/items/9/targets/0/value", json!(1.1)),
            "share_above_one",
            "/definition/items/9/targets/0/value",
        ),
        (
            changed(
                "/definition/items/10/targets/0/formula/args/0/parameter",
                json!("feee"),
            ),
            "unknown_parameter",
            "/definition/items/10/targets/0/formula/args/0/parameter",
        ),
        (
            changed("/definition/links/0/to/0", json!("nobody")),
            "unknown_item",
            "/definition/links/0/to/0",
        ),
        (
            changed("/definition/links/0/to/0", json!("other-card/consult")),
            "crosses_scorecards",
            "/definition/links/0/to/0",
        ),
        (
            changed("/definition/links/2/lag_months", json!(25)),
            "out_of_range",
            "/definition/links/2/lag_months",
        ),
        (
            added(
                "/definition/links",
                link("conversion", &["kit"], &["visitors"]),
            ),
            "conversion_needs_flows",
            "/definition/links/6/from",
        ),
        (
            added(
                "/definition/links",
                link("conversion", &["consult", "visitors"], &["contract"]),
            ),
            "mixed_units",
            "/definition/links/6/from",
        ),
        (
            added(
                "/definition/links",
                link("preparation", &["contract"], &["kit"]),
            ),
            "cycle",
            "/definition/links",
        ),
        (
            added(
                "/definition/items",
                json!({ "key": "x", "name": { "ja": "x", "en": "x" },
                "stage": "study", "measure": "level", "unit": "people", "colour": "red",
                "targets": [] }),
            ),
            "unknown_field",
            "/definition/items/11/colour",
        ),
    ] {
        let answer = app.as_prefecture().post(SCORECARDS, &body).await;
        answer.problem("invalid").issue(code, place);
    }
    assert!(app.dump() == before);
    // The path of a cycle is named.
    let body = added(
        "/definition/links",
        link("preparation", &["contract"], &["kit"]),
    );
    let answer = app.as_prefecture().post(SCORECARDS, &body).await;
    let problem = answer.problem("invalid");
    let words = problem.issue("cycle", "/definition/links")["message"]["en"]
        .as_str()
        .unwrap();
    for key in ["kit", "visitors", "consult", "refer", "contract"] {
        assert!(words.contains(key), "{words}");
    }
    // Ten years are within an own definition's horizon.
    let body = changed("/definition/items/2/bar", json!([1, 120]));
    app.as_prefecture()
        .post(SCORECARDS, &body)
        .await
        .expect(201);
}

/// Every figure of a month on plan, worked out by hand.
#[actix_web::test]
async fn a_scorecard_on_plan_is_evaluated() {
    let app = App::new().await;
    let id = app.own_scorecard().await;
    for t in 1..=7 {
        app.report(&id, &month(t), month_on_plan(t)).await;
    }
    let card = app
        .as_viewer()
        .get(&format!("{SCORECARDS}/{id}"))
        .await
        .expect(200);
    assert_eq!(card["month"], LAST);
    assert_eq!(card["reported_through"], LAST);
    assert_eq!(
        card["programme"],
        json!({ "t": 7, "year": 1, "month_of_year": 7, "fiscal_year": 2026, "fiscal_quarter": 3 })
    );
    assert_eq!(card["revision"], 8);
    assert_eq!(
        (&card["score"], &card["coverage"]),
        (&json!(100), &json!(1))
    );
    assert_eq!(card["provisional"], false);
    assert_eq!(card["flag"], "none");
    assert_eq!(
        card["counts"],
        json!({
            "behind": 0, "no_data": 0, "at_risk": 0, "on_track": 10, "not_due": 0, "achieved": 1,
            "untargeted": 0, "not_applicable": 0, "red": 0, "amber": 0, "due": 11, "met": 11,
            "met_share": 1, "any_met": true
        })
    );
    // actual, plan, target, attainment, shortfall
    for (key, figures) in [
        ("hours", json!([15.75, 14, 24, 1.125, -1.75])),
        ("staff", json!([4, 4, 4, 1, 0])),
        ("kit", json!([100, 100, 100, 1, 0])),
        ("partners", json!([6, 6, 11, 1, 0])),
        ("visitors", json!([73, 70, 120, 1.0429, -3])),
        ("visits", json!([2.4, 2, 2, 1.2, -0.4])),
        ("consult", json!([31, 28, 48, 1.1071, -3])),
        ("refer", json!([14, 14, 24, 1, 0])),
        ("contract", json!([4, 4, 9, 1, 0])),
        ("turnover", json!([0, 0.1, 0.1, null, -0.1])),
        ("fees", json!([700_028, 700_000, 1_200_000, 1, -28])),
    ] {
        let item = item(&card, key);
        let shown =
            ["actual", "plan", "target", "attainment", "shortfall"].map(|name| item[name].clone());
        assert_eq!(json!(shown), figures, "{key}");
        let (status, rule) = if key == "kit" {
            ("achieved", "achieved")
        } else {
            ("on_track", "met")
        };
        assert_eq!(item["status"], status, "{key}");
        assert_eq!(item["reason"]["rule"], rule, "{key}");
        assert_eq!(item["cell"]["state"], "reported");
        assert_eq!(item["gap_months"], json!([]));
        assert_eq!(item["within_noise"], false);
        for language in ["ja", "en"] {
            assert!(!item["reason"][language].as_str().unwrap().is_empty());
        }
    }
    let keys: Vec<&str> = card["perspectives"]
        .as_array()
        .unwrap()
        .iter()
        .map(|p| p["key"].as_str().unwrap())
        .collect();
    assert_eq!(keys, ["learning", "process", "customer", "financial"]);
    let stages: Vec<&str> = card["perspectives"][2]["steps"]
        .as_array()
        .unwrap()
        .iter()
        .map(|step| step["stage"].as_str().unwrap())
        .collect();
    assert_eq!(stages, ["attract", "consult", "refer", "contract"]);
}

/// Behind, at risk, excused, missing, not applicable: worked out by hand.
#[actix_web::test]
async fn a_scorecard_off_plan_is_evaluated() {
    let app = App::new().await;
    let id = app.own_scorecard().await;
    for t in 1..=7 {
        app.report(
            &id,
            &month(t),
            json!([
                // 7 of 28: behind, and a high hurdle.
                { "item": "consult", "value": 1 },
                // 63 of 70, by chance once in five: at risk is 0.95, and pi 0.22 excuses it.
                { "item": "visitors", "value": 9 },
                // 20 % of 70 visits: lower than 0.1 is asked, 0.2 is twice that.
                { "item": "turnover", "numerator": 2, "denominator": 10 },
                { "item": "fees", "value": 90_000 },
                { "item": "hours", "value": 1.8 }
            ]),
        )
        .await;
    }
    app.report(
        &id,
        LAST,
        json!([{ "item": "refer", "not_applicable": "休止" }, { "item": "kit", "value": 79 }]),
    )
    .await;
    let card = app
        .as_viewer()
        .get(&format!("{SCORECARDS}/{id}?month={LAST}"))
        .await
        .expect(200);
    for (key, status, flag, rule, actual, attainment) in [
        ("consult", "behind", "red", "behind", json!(7), json!(0.25)),
        (
            "visitors",
            "on_track",
            "none",
            "noise",
            json!(63),
            json!(0.9),
        ),
        (
            "turnover",
            "behind",
            "amber",
            "behind",
            json!(0.2),
            json!(0.5),
        ),
        // 70,000 yen short is 5.8 % of the year's target.
        (
            "fees",
            "at_risk",
            "none",
            "at_risk",
            json!(630_000),
            json!(0.9),
        ),
        // 12.6 of 14: 1.4 hours are 5.8 % of 24.
        (
            "hours",
            "at_risk",
            "none",
            "at_risk",
            json!(12.6),
            json!(0.9),
        ),
        (
            "refer",
            "not_applicable",
            "none",
            "not_applicable",
            Value::Null,
            Value::Null,
        ),
        // Two months past due by now, 21 short: more than a fifth.
        ("kit", "behind", "amber", "behind", json!(79), json!(0.79)),
        (
            "staff",
            "no_data",
            "none",
            "missing",
            Value::Null,
            Value::Null,
        ),
        (
            "contract",
            "no_data",
            "none",
            "missing",
            Value::Null,
            Value::Null,
        ),
    ] {
        let item = item(&card, key);
        assert_eq!(item["status"], status, "{key}: {item}");
        assert_eq!(item["flag"], flag, "{key}");
        assert_eq!(item["reason"]["rule"], rule, "{key}");
        assert_eq!(item["actual"], actual, "{key}");
        assert_eq!(item["attainment"], attainment, "{key}");
    }
    assert_eq!(item(&card, "visitors")["within_noise"], true);
    assert_eq!(card["flag"], "red");
    assert_eq!(card["provisional"], true);
    let counts = &card["counts"];
    assert_eq!(
        (&counts["behind"], &counts["red"], &counts["amber"]),
        (&json!(3), &json!(1), &json!(2))
    );
    assert_eq!(
        (&counts["due"], &counts["met"], &counts["met_share"]),
        (&json!(10), &json!(1), &json!(0.1))
    );
    let consult = card["perspectives"][2]["steps"].as_array().unwrap();
    let step = consult
        .iter()
        .find(|step| step["stage"] == "consult")
        .unwrap();
    assert_eq!(
        (&step["status"], &step["flag"]),
        (&json!("behind"), &json!("red"))
    );
}

#[actix_web::test]
async fn links_come_when_asked_for() {
    let app = App::new().await;
    let id = app.own_scorecard().await;
    for t in 1..=7 {
        app.report(
            &id,
            &month(t),
            json!([{ "item": "visitors", "value": 10 }, { "item": "consult", "value": 3 }]),
        )
        .await;
    }
    let path = format!("{SCORECARDS}/{id}");
    let card = app
        .as_viewer()
        .get(&format!("{path}?include=links"))
        .await
        .expect(200);
    assert_eq!(card["links"].as_array().unwrap().len(), 6);
    assert_eq!(
        card["links"][0],
        json!({
            "kind": "conversion", "from": ["visitors"], "to": ["consult"], "lag_months": 0,
            // 48 of 120 were planned, 21 of 70 came: 28 - 21 = 0 + (28 - 21) + 0.
            "planned_rate": 0.4, "actual_rate": 0.3, "volume": 0, "conversion": 7, "timing": 0,
            "complete": true
        })
    );
    assert_eq!(
        card["links"][4],
        json!({
            "kind": "preparation", "from": ["kit", "partners"], "to": ["visitors"], "lag_months": 0,
            "planned_rate": null, "actual_rate": null, "volume": null, "conversion": null,
            "timing": null, "complete": null
        })
    );
    for (query, issue) in [
        ("include=everything", ("out_of_range", "/query/include")),
        ("include=", ("out_of_range", "/query/include")),
        ("month=2026-03", ("month_before_start", "/query/month")),
        ("month=2076-04", ("out_of_range", "/query/month")),
        ("month=2999-12", ("out_of_range", "/query/month")),
        ("month=26-04", ("wrong_type", "/query/month")),
        ("mnth=2026-04", ("unknown_parameter", "/query/mnth")),
    ] {
        let answer = app.as_viewer().get(&format!("{path}?{query}")).await;
        answer.problem("invalid").has_only(&[issue]);
    }
    app.as_viewer()
        .get(&format!("{path}?month=2026-04&month=2026-05"))
        .await
        .problem("malformed_query");
    for id in [MISSING, "x", "%00", "%F0%9F%90%8C"] {
        app.as_viewer()
            .get(&format!("{SCORECARDS}/{id}"))
            .await
            .problem("not_found");
    }
}

/// A month after the last report can be asked for: what needs data has none.
#[actix_web::test]
async fn months_without_data_are_answered() {
    let app = App::new().await;
    let id = app.own_scorecard().await;
    app.report(&id, &month(1), month_on_plan(1)).await;
    let path = format!("{SCORECARDS}/{id}");
    let card = app
        .as_viewer()
        .get(&format!("{path}?month={LAST}"))
        .await
        .expect(200);
    assert_eq!(card["month"], LAST);
    assert_eq!(card["reported_through"], "2026-04");
    // `kit` still stands at 20, and the visits so far are enough of them.
    for (key, status) in [
        ("consult", "no_data"),
        ("fees", "no_data"),
        ("kit", "behind"),
        ("visits", "on_track"),
    ] {
        assert_eq!(item(&card, key)["status"], status, "{key}");
        assert_eq!(item(&card, key)["cell"]["state"], "not_reported");
    }
    // A level is good for three months.
    let status = async |month: &str| {
        let card = app
            .as_viewer()
            .get(&format!("{path}?month={month}"))
            .await
            .expect(200);
        item(&card, "staff")["status"].clone()
    };
    assert_eq!(status("2026-07").await, "on_track");
    assert_eq!(status("2026-08").await, "no_data");
    let far = app
        .as_viewer()
        .get(&format!("{path}?month=2076-03"))
        .await
        .expect(200);
    assert_eq!(far["programme"]["t"], 600);
}

/// Three hubs with some scorecards, of different templates, keys and flags.
async fn several(app: &App) -> Vec<(String, String)> {
    let mut made = Vec::new();
    for (hub, template, keys) in [
        ("ehime", "mature-hard-to-fill", &["z", "B", "a"][..]),
        ("yamagata", "challenge-employment", &["one", "two"]),
        ("yonezawa", "growth-market-opening", &["one"]),
    ] {
        for key in keys {
            let mut body = from_template(hub, template, "2026-04");
            body["key"] = (*key).into();
            app.scorecard(&body).await;
            made.push((hub.to_owned(), (*key).to_owned()));
        }
    }
    let mut body = own_scorecard("yamagata");
    body["key"] = "own".into();
    let id = app.scorecard(&body).await;
    for t in 1..=7 {
        app.report(&id, &month(t), json!([{ "item": "consult", "value": 0 }]))
            .await;
    }
    made.push(("yamagata".to_owned(), "own".to_owned()));
    made
}

/// Walks all pages of a list; returns hub and key of each entry.
async fn walked(app: &App, query: &str, limit: usize) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut path = format!("{SCORECARDS}?limit={limit}{query}");
    loop {
        let page = app.as_national().get(&path).await.expect(200);
        let items = page["items"].as_array().unwrap();
        assert!(items.len() <= limit, "{query}");
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        found.extend(
            items
                .iter()
                .map(|card| (text(&card["hub"]["code"]), text(&card["key"]))),
        );
        match page["next_cursor"].as_str() {
            Some(cursor) => {
                assert_eq!(items.len(), limit, "a page is full unless it is the last");
                path = format!("{SCORECARDS}?limit={limit}{query}&cursor={cursor}");
            }
            None => return found,
        }
    }
}

#[actix_web::test]
async fn pages_walk_all_scorecards_once_in_order() {
    let app = App::new().await;
    several(&app).await;
    let pairs = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
        pairs
            .iter()
            .map(|(hub, key)| ((*hub).to_owned(), (*key).to_owned()))
            .collect()
    };
    // By prefecture, hub, key; in the order of bytes on either database.
    let all = pairs(&[
        ("yamagata", "one"),
        ("yamagata", "own"),
        ("yamagata", "two"),
        ("yonezawa", "one"),
        ("ehime", "B"),
        ("ehime", "a"),
        ("ehime", "z"),
    ]);
    for limit in [1, 2, 3, 6, 7, 200] {
        assert_eq!(walked(&app, "", limit).await, all, "by {limit}");
    }
    for (query, expected) in [
        ("&hub=yamagata", &all[..3]),
        ("&hub=nowhere", &[]),
        ("&key=one", &[all[0].clone(), all[3].clone()]),
        ("&hub=yonezawa&key=one", &all[3..4]),
        ("&hub=yonezawa&key=two", &[]),
        ("&prefecture=06", &all[..4]),
        ("&prefecture=38", &all[4..]),
        (
            "&template=challenge-employment",
            &[all[0].clone(), all[2].clone()],
        ),
        ("&template=nothing", &[]),
        ("&market_type=mature", &all[4..]),
        ("&market_type=growth", &[all[1].clone(), all[3].clone()]),
        (
            "&market_type=challenge&prefecture=06",
            &[all[0].clone(), all[2].clone()],
        ),
        ("&flag=red", &all[1..2]),
        ("&flag=amber", &[]),
        ("&flag=none&hub=yamagata", &[all[0].clone(), all[2].clone()]),
        ("&key=%25", &[]),
        ("&key=o_e", &[]),
        ("&hub=%27%20OR%201%3D1", &[]),
    ] {
        for limit in [1, 2, 200] {
            assert_eq!(
                walked(&app, query, limit).await,
                expected,
                "{query} by {limit}"
            );
        }
    }
    for (query, issue) in [
        ("flag=green", ("out_of_range", "/query/flag")),
        ("market_type=x", ("out_of_range", "/query/market_type")),
        ("hub=", ("out_of_range", "/query/hub")),
        ("sort=key", ("unknown_parameter", "/query/sort")),
    ] {
        let answer = app
            .as_national()
            .get(&format!("{SCORECARDS}?{query}"))
            .await;
        answer.problem("invalid").has_only(&[issue]);
    }
}

/// A list shows what the scorecard itself shows.
#[actix_web::test]
async fn a_list_agrees_with_its_scorecards() {
    let app = App::new().await;
    several(&app).await;
    let list = app.as_national().get(SCORECARDS).await.expect(200);
    for entry in list["items"].as_array().unwrap() {
        let path = format!("{SCORECARDS}/{}", entry["id"].as_str().unwrap());
        let card = app.as_national().get(&path).await.expect(200);
        for name in [
            "id",
            "key",
            "name",
            "template",
            "hub",
            "prefecture",
            "market_type",
            "start_month",
            "reported_through",
            "flag",
            "score",
            "revision",
        ] {
            assert_eq!(entry[name], card[name], "{name} of {}", entry["key"]);
        }
    }
}

/// A cursor stays good while the list changes under it.
#[actix_web::test]
async fn a_cursor_survives_changes() {
    let app = App::new().await;
    several(&app).await;
    let first = app
        .as_national()
        .get(&format!("{SCORECARDS}?limit=4"))
        .await
        .expect(200);
    let mut body = own_scorecard("ehime");
    body["key"] = "C".into();
    app.scorecard(&body).await;
    let mut body = own_scorecard("yamagata");
    body["key"] = "aaa".into();
    app.scorecard(&body).await;
    let cursor = first["next_cursor"].as_str().unwrap();
    let rest = app
        .as_national()
        .get(&format!("{SCORECARDS}?cursor={cursor}"))
        .await
        .expect(200);
    let keys: Vec<&str> = rest["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|card| card["key"].as_str().unwrap())
        .collect();
    assert_eq!(keys, ["B", "C", "a", "z"]);
}

/// Its own definition and its template's settings: what a hub starts with.
#[actix_web::test]
async fn every_template_makes_a_scorecard() {
    let app = App::new().await;
    for key in [
        "mature-hard-to-fill",
        "mature-white-space",
        "mature-external-funding",
        "growth-tailored-support",
        "growth-market-opening",
        "challenge-employment",
        "challenge-industry",
        "challenge-population",
    ] {
        let card = app
            .as_prefecture()
            .post(
                SCORECARDS,
                &fixtures::from_template("yamagata", key, "2024-01"),
            )
            .await
            .expect(201);
        let id = card["id"].as_str().unwrap();
        for part in [
            "",
            "?month=2026-12&include=links",
            "/plan",
            "/plan/versions",
            "/roadmap",
            "/series",
            "/actuals",
        ] {
            app.as_hub()
                .get(&format!("{SCORECARDS}/{id}{part}"))
                .await
                .expect(200);
        }
    }
}

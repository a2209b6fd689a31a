//! Reporting a month and reading it back. What is refused: `refusals.rs`.

use serde_json::{Value, json};

use crate::support::fixtures::{self, ITEMS, LAST, MISSING, START, item, month, month_on_plan};
use crate::support::{Actor, App, issues};

fn path(id: &str) -> String {
    format!("/v1/scorecards/{id}/actuals")
}

fn body(month: &str, values: impl Into<Value>) -> Value {
    json!({ "month": month, "values": values.into() })
}

/// The cells of one month, by item.
async fn cells(app: &App, id: &str, month: &str) -> Value {
    let answer = app
        .as_viewer()
        .get(&format!("{}?from={month}&to={month}", path(id)))
        .await
        .expect(200);
    assert_eq!(answer["months"].as_array().unwrap().len(), 1);
    answer["months"][0].clone()
}

fn cell<'a>(month: &'a Value, key: &str) -> &'a Value {
    let cells = month["cells"].as_array().unwrap();
    cells.iter().find(|cell| cell["item"] == key).unwrap()
}

#[actix_web::test]
async fn a_report_answers_all_that_it_did() {
    let app = App::new().await;
    let id = app.own_scorecard().await;
    let values = json!([
        { "item": "consult", "value": 0 },
        { "item": "visits", "numerator": 12, "denominator": 6 },
        { "item": "hours", "not_applicable": "研修なし" },
        { "item": "refer", "clear": "まだ無い" }
    ]);
    let answer = app.as_hub().post(&path(&id), &body(LAST, values)).await;
    assert_eq!(answer.header("etag"), Some("\"2\""));
    assert_eq!(answer.header("cache-control"), Some("private, no-cache"));
    let answer = answer.expect(200);
    assert_eq!(
        answer,
        json!({
            "outcome": "applied",
            "dry_run": false,
            "revision": 2,
            "counts": {
                "received": 4, "created": 3, "updated": 0, "unchanged": 1, "cleared": 0, "rejected": 0
            },
            "completeness": {
                // `kit` is past its due month, but not achieved: still required.
                "required": 11,
                "reported": 3,
                "complete": false,
                "due_on": "2026-11-10",
                "on_time": false,
                "missing": [
                    "staff", "kit", "partners", "visitors", "refer", "contract", "turnover", "fees"
                ]
            },
            "issues": [],
            "changes": [
                { "item": "hours",
                  "from": { "status": "no_data", "flag": "none" },
                  "to": { "status": "not_applicable", "flag": "none" } },
                // Without its earlier months `consult` cannot be judged yet.
                { "item": "visits",
                  "from": { "status": "no_data", "flag": "none" },
                  "to": { "status": "on_track", "flag": "none" } }
            ],
            "alerts": []
        })
    );
}

#[actix_web::test]
async fn every_statement_is_read_back_as_it_was_made() {
    let app = App::new().await;
    let id = app.own_scorecard().await;
    let values = json!([
        { "item": "consult", "value": 0 },
        { "item": "fees", "value": -50000 },
        { "item": "hours", "value": 1.2345 },
        { "item": "kit", "value": 99.9999 },
        { "item": "visits", "numerator": 12, "denominator": 0 },
        { "item": "turnover", "not_applicable": "離職の\n集計が未了" }
    ]);
    app.report(&id, LAST, values).await;
    let month = cells(&app, &id, LAST).await;
    let order: Vec<&str> = month["cells"]
        .as_array()
        .unwrap()
        .iter()
        .map(|cell| cell["item"].as_str().unwrap())
        .collect();
    assert_eq!(order, ITEMS, "plan order");
    let reported = |value: Value, numerator: Value, denominator: Value| {
        json!({
            "state": "reported", "value": value, "numerator": numerator,
            "denominator": denominator, "reason": null,
            "reported_at": "2026-11-22T03:00:00Z", "reported_by": "担当 national (テスト)"
        })
    };
    for (key, expected) in [
        ("consult", reported(json!(0), Value::Null, Value::Null)),
        ("fees", reported(json!(-50000), Value::Null, Value::Null)),
        ("hours", reported(json!(1.2345), Value::Null, Value::Null)),
        ("kit", reported(json!(99.9999), Value::Null, Value::Null)),
        ("visits", reported(Value::Null, json!(12), json!(0))),
        (
            "turnover",
            json!({
                "state": "not_applicable", "value": null, "numerator": null, "denominator": null,
                "reason": "離職の\n集計が未了",
                "reported_at": "2026-11-22T03:00:00Z", "reported_by": "担当 national (テスト)"
            }),
        ),
        (
            "refer",
            json!({
                "state": "not_reported", "value": null, "numerator": null, "denominator": null,
                "reason": null, "reported_at": null, "reported_by": null
            }),
        ),
    ] {
        let mut expected = expected;
        expected["item"] = key.into();
        assert_eq!(*cell(&month, key), expected);
    }
    assert_eq!(month["state"], "open");
    assert_eq!(month["note"], Value::Null);
    assert_eq!(month["reopened_until"], Value::Null);
}

/// The digits of a number are those of the body: nothing passes a float.
#[actix_web::test]
async fn figures_keep_their_digits() {
    let app = App::new().await;
    let id = app.own_scorecard().await;
    for (sent, kept) in [
        ("99999999999", "99999999999"),
        ("-99999999999", "-99999999999"),
        ("1e3", "1000"),
        ("100e-2", "1"),
        ("3.0000", "3"),
        ("-0", "0"),
        ("0.0", "0"),
    ] {
        let report = format!(
            r#"{{"month":"{LAST}","values":[{{"item":"fees","value":7}},{{"item":"hours","value":1}}]}}"#
        );
        app.as_hub()
            .post_bytes(&path(&id), report)
            .await
            .expect(200);
        let report = format!(r#"{{"month":"{LAST}","values":[{{"item":"fees","value":{sent}}}]}}"#);
        app.as_hub()
            .post_bytes(&path(&id), report)
            .await
            .expect(200);
        let text = app.as_hub().get(&path(&id)).await.text().to_owned();
        assert!(
            text.contains(&format!(
                r#""item":"fees","state":"reported","value":{kept},"#
            )),
            "{sent}: {text}"
        );
    }
    for (sent, kept) in [("0.0001", "0.0001"), ("1.5E-1", "0.15"), ("2.50", "2.5")] {
        let report =
            format!(r#"{{"month":"{LAST}","values":[{{"item":"hours","value":{sent}}}]}}"#);
        app.as_hub()
            .post_bytes(&path(&id), report)
            .await
            .expect(200);
        let text = app.as_hub().get(&path(&id)).await.text().to_owned();
        assert!(
            text.contains(&format!(
                r#""item":"hours","state":"reported","value":{kept},"#
            )),
            "{sent}: {text}"
        );
    }
}

#[actix_web::test]
async fn the_same_again_changes_nothing() {
    let app = App::new().await;
    let id = app.own_scorecard().await;
    let report = body(LAST, month_on_plan(7));
    let first = app.as_hub().post(&path(&id), &report).await.expect(200);
    assert_eq!(first["outcome"], "applied");
    let before = app.dump();
    // Other digits of the same numbers are the same figures.
    let again = report
        .to_string()
        .replace("2.25", "2.2500")
        .replace(":4}", ":4e0}");
    assert_ne!(again, report.to_string());
    for text in [report.to_string(), again] {
        let answer = app.as_hub().post_bytes(&path(&id), &text).await.expect(200);
        assert_eq!(answer["outcome"], "unchanged");
        assert_eq!(answer["revision"], first["revision"]);
        assert_eq!(answer["changes"], json!([]));
        assert_eq!(answer["completeness"], first["completeness"]);
        assert_eq!(answer["counts"]["unchanged"], 11);
        assert_eq!(answer["counts"]["received"], 11);
    }
    assert!(app.dump() == before);
    let nothing = app.as_hub().post(&path(&id), &body(LAST, json!([]))).await;
    assert_eq!(nothing.expect(200)["outcome"], "unchanged");
    assert!(app.dump() == before);
}

#[actix_web::test]
async fn counts_tell_created_updated_cleared_and_unchanged() {
    let app = App::new().await;
    let id = app.own_scorecard().await;
    app.report(
        &id,
        LAST,
        json!([
            { "item": "consult", "value": 3 },
            { "item": "refer", "value": 1 },
            { "item": "contract", "value": 1 },
            { "item": "staff", "not_applicable": "異動" }
        ]),
    )
    .await;
    let answer = app
        .report(
            &id,
            LAST,
            json!([
                { "item": "hours", "value": 1 },
                { "item": "consult", "value": 4 },
                { "item": "refer", "value": 1 },
                { "item": "contract", "clear": "二重計上" },
                { "item": "staff", "not_applicable": "異動のため" },
                { "item": "fees", "clear": "無いはず" }
            ]),
        )
        .await;
    assert_eq!(
        answer["counts"],
        json!({ "received": 6, "created": 1, "updated": 2, "unchanged": 2, "cleared": 1, "rejected": 0 })
    );
    let month = cells(&app, &id, LAST).await;
    assert_eq!(cell(&month, "contract")["state"], "not_reported");
    assert_eq!(cell(&month, "staff")["reason"], "異動のため");
    assert_eq!(answer["revision"], 3);
}

/// A dry run answers what the report would, and stores nothing.
#[actix_web::test]
async fn a_dry_run_is_the_report_without_the_storing() {
    let app = App::new().await;
    let id = app.own_scorecard().await;
    app.report(&id, "2026-09", month_on_plan(6)).await;
    let report = body(LAST, month_on_plan(7));
    let before = app.dump();
    for query in ["dry_run=true", "dry_run=%74rue", "dry%5Frun=true"] {
        let dry = app
            .as_hub()
            .with("Idempotency-Key", "dry")
            .post(&format!("{}?{query}", path(&id)), &report)
            .await;
        assert_eq!(dry.header("etag"), Some("\"2\""));
        assert_eq!(dry.expect(200)["dry_run"], true);
        assert!(app.dump() == before, "{query} stored something");
    }
    let dry = app
        .as_hub()
        .post(&format!("{}?dry_run=true", path(&id)), &report)
        .await;
    let real = app
        .as_hub()
        .post(&format!("{}?dry_run=false", path(&id)), &report)
        .await;
    let (mut dry, mut real) = (dry.expect(200), real.expect(200));
    assert_eq!(dry["revision"], 2);
    assert_eq!(real["revision"], 3);
    assert_eq!(real["dry_run"], false);
    for answer in [&mut dry, &mut real] {
        answer
            .as_object_mut()
            .unwrap()
            .retain(|name, _| name != "dry_run" && name != "revision");
    }
    assert_eq!(dry, real);
    // A dry run finds the same faults.
    let bad = body("2026-12", json!([{ "item": "nobody", "value": 1 }]));
    let answer = app
        .as_hub()
        .post(&format!("{}?dry_run=true", path(&id)), &bad)
        .await;
    assert_eq!(answer.problem("invalid").issues().len(), 2);
}

/// Required, reported, missing; `kit` and `partners` only until they are done.
#[actix_web::test]
async fn completeness_follows_what_the_month_requires() {
    let app = App::new().await;
    let id = app.own_scorecard().await;
    let first = app.report(&id, START, month_on_plan(1)).await;
    // `partners` begins in the second month; saying something of it is no fault.
    assert_eq!(first["completeness"]["required"], 10);
    assert_eq!(first["completeness"]["complete"], true);
    for t in 2..=5 {
        app.report(&id, &month(t), month_on_plan(t)).await;
    }
    // `kit` reached 100 in the fifth month, its due month.
    let sixth = app
        .report(&id, &month(6), json!([{ "item": "consult", "value": 4 }]))
        .await;
    assert_eq!(sixth["completeness"]["required"], 10);
    assert_eq!(sixth["completeness"]["reported"], 1);
    assert_eq!(sixth["completeness"]["due_on"], "2026-10-10");
    assert_eq!(
        sixth["completeness"]["missing"],
        json!([
            "hours", "staff", "partners", "visitors", "visits", "refer", "contract", "turnover",
            "fees"
        ])
    );
    let rest: Vec<Value> = month_on_plan(6)
        .as_array()
        .unwrap()
        .iter()
        .filter(|value| !["consult", "kit", "staff"].contains(&value["item"].as_str().unwrap()))
        .cloned()
        .chain([json!({ "item": "staff", "not_applicable": "欠員" })])
        .collect();
    let sixth = app.report(&id, &month(6), Value::Array(rest)).await;
    assert_eq!(
        sixth["completeness"]["complete"], true,
        "not applicable is an answer"
    );
    assert_eq!(sixth["completeness"]["missing"], json!([]));
    let cleared = app
        .report(
            &id,
            &month(6),
            json!([{ "item": "refer", "clear": "誤り" }]),
        )
        .await;
    assert_eq!(cleared["completeness"]["complete"], false);
    assert_eq!(cleared["completeness"]["missing"], json!(["refer"]));
}

/// On time is what was first complete before the end of the due day in Japan.
#[actix_web::test]
async fn on_time_is_decided_by_the_first_completion() {
    let app = App::new().await;
    let id = app.own_scorecard().await;
    let on_time = |answer: &Value| answer["completeness"]["on_time"].clone();
    // The 10th of October ends in Japan at 15:00 UTC.
    app.clock.set("2026-10-10T14:59:59Z".parse().unwrap());
    let part = app
        .report(&id, "2026-09", json!([{ "item": "consult", "value": 4 }]))
        .await;
    assert_eq!(on_time(&part), Value::Null, "still time");
    let august = app.report(&id, "2026-08", month_on_plan(5)).await;
    assert_eq!(on_time(&august), false, "due a month ago");
    let whole = app.report(&id, "2026-09", month_on_plan(6)).await;
    assert_eq!(on_time(&whole), true);
    app.clock.set("2026-10-10T15:00:00Z".parse().unwrap());
    let read = cells(&app, &id, "2026-09").await;
    assert_eq!(on_time(&read), true);
    // A correction afterwards does not make it late …
    let corrected = app
        .report(&id, "2026-09", json!([{ "item": "consult", "value": 6 }]))
        .await;
    assert_eq!(on_time(&corrected), true);
    // … nor does a gap, which is reported as one.
    let cleared = app
        .report(&id, "2026-09", json!([{ "item": "consult", "clear": "x" }]))
        .await;
    assert_eq!(on_time(&cleared), true);
    assert_eq!(cleared["completeness"]["complete"], false);
    // Nothing of July: late by now, without anybody having reported.
    assert_eq!(on_time(&cells(&app, &id, "2026-07").await), false);
    let other = app.scorecard(&fixtures::own_scorecard("yonezawa")).await;
    let late = app.report(&other, "2026-09", month_on_plan(6)).await;
    assert_eq!(on_time(&late), false, "one second late");
    assert_eq!(late["completeness"]["complete"], true);
}

/// Status and flag before and after, in plan order, of this month only.
#[actix_web::test]
async fn changes_are_those_of_the_month_in_plan_order() {
    let app = App::new().await;
    let id = app.own_scorecard().await;
    let answer = app
        .report(
            &id,
            LAST,
            // Not in plan order.
            json!([
                { "item": "fees", "value": 1 },
                { "item": "consult", "value": 1 },
                { "item": "staff", "value": 1 },
                { "item": "kit", "value": 100 }
            ]),
        )
        .await;
    let change = |item: &str, from: [&str; 2], to: [&str; 2]| {
        json!({
            "item": item,
            "from": { "status": from[0], "flag": from[1] },
            "to": { "status": to[0], "flag": to[1] }
        })
    };
    assert_eq!(
        answer["changes"],
        json!([
            change("staff", ["no_data", "none"], ["behind", "amber"]),
            change("kit", ["no_data", "none"], ["achieved", "none"]),
            // Short even if every month before had been on plan; `consult` is not.
            change("fees", ["no_data", "none"], ["at_risk", "none"]),
        ])
    );
    for t in 1..=6 {
        app.report(
            &id,
            &month(t),
            json!([{ "item": "consult", "value": 0 }, { "item": "fees", "value": 0 }]),
        )
        .await;
    }
    let answer = app
        .report(
            &id,
            LAST,
            json!([{ "item": "fees", "value": 2 }, { "item": "consult", "value": 0 }]),
        )
        .await;
    assert_eq!(answer["changes"], json!([]), "as behind as before");
    let evaluated = app
        .as_hub()
        .get(&format!("/v1/scorecards/{id}"))
        .await
        .expect(200);
    for (key, status, flag) in [
        ("staff", "behind", "amber"),
        ("consult", "behind", "red"),
        ("fees", "behind", "amber"),
        ("kit", "achieved", "none"),
    ] {
        assert_eq!(item(&evaluated, key)["status"], status, "{key}");
        assert_eq!(item(&evaluated, key)["flag"], flag, "{key}");
    }
    let better = app
        .report(&id, LAST, json!([{ "item": "consult", "value": 40 }]))
        .await;
    assert_eq!(
        better["changes"],
        json!([change("consult", ["behind", "red"], ["on_track", "none"])])
    );
}

/// Remarks are given, and refuse nothing.
#[actix_web::test]
async fn unlikely_figures_are_remarked_on() {
    let app = App::new().await;
    let id = app.own_scorecard().await;
    for t in 1..=6 {
        app.report(&id, &month(t), month_on_plan(t)).await;
    }
    let answer = app
        .report(
            &id,
            LAST,
            json!([
                // More than ten times the plan of four a month; and more
                // referrals than consultations this year.
                { "item": "consult", "value": 41 },
                { "item": "refer", "value": 100 },
                { "item": "kit", "value": 80 },
                { "item": "visitors", "value": 10 },
                { "item": "staff", "value": 40 },
                { "item": "fees", "value": 1_000_001 }
            ]),
        )
        .await;
    assert_eq!(
        issues(&answer),
        [
            ("implausible", "/values/0"),
            ("implausible", "/values/1"),
            ("above_upstream", "/values/1"),
            ("milestone_backwards", "/values/2"),
            ("implausible", "/values/5"),
        ]
    );
    for issue in answer["issues"].as_array().unwrap() {
        assert_eq!(issue["severity"], "warning");
        assert_eq!(issue["scorecard"], id);
        assert_eq!(issue["month"], LAST);
        assert!(issue["item"].is_string());
    }
    assert_eq!(answer["outcome"], "applied");
    // Exactly ten times is still believed.
    let answer = app
        .report(
            &id,
            LAST,
            json!([{ "item": "consult", "value": 40 }, { "item": "fees", "value": 1_000_000 }]),
        )
        .await;
    assert_eq!(issues(&answer), []);
    // Remarks come with an unchanged report too.
    let again = app
        .as_hub()
        .post(
            &path(&id),
            &body(LAST, json!([{ "item": "kit", "value": 80 }])),
        )
        .await
        .expect(200);
    assert_eq!(again["outcome"], "unchanged");
    assert_eq!(issues(&again), [("milestone_backwards", "/values/0")]);
}

#[actix_web::test]
async fn the_history_keeps_every_change_in_order() {
    let app = App::new().await;
    let id = app.own_scorecard().await;
    let post = async |actor: Actor, at: &str, report: Value| {
        app.clock.set(at.parse().unwrap());
        app.client(actor)
            .post(&path(&id), &report)
            .await
            .expect(200);
    };
    let value = |month: &str, statement: Value, note: Option<&str>| {
        let mut entry = statement;
        entry["item"] = "consult".into();
        json!({ "month": month, "values": [entry, { "item": "refer", "value": 1 }], "note": note })
    };
    post(
        Actor::Hub,
        "2026-11-01T00:00:00Z",
        value(LAST, json!({ "value": 3 }), Some("速報")),
    )
    .await;
    post(
        Actor::National,
        "2026-11-02T00:00:00Z",
        value(LAST, json!({ "value": 4 }), None),
    )
    .await;
    // Nothing new: nothing added.
    post(
        Actor::Hub,
        "2026-11-03T00:00:00Z",
        value(LAST, json!({ "value": 4 }), Some("同じ")),
    )
    .await;
    post(
        Actor::Hub,
        "2026-11-04T00:00:00Z",
        value(LAST, json!({ "not_applicable": "休止" }), None),
    )
    .await;
    post(
        Actor::Hub,
        "2026-11-05T00:00:00Z",
        value(LAST, json!({ "clear": "誤報" }), Some("訂正\n二行目")),
    )
    .await;
    // An earlier month, later.
    post(
        Actor::Hub,
        "2026-11-06T00:00:00Z",
        value("2026-04", json!({ "value": 0 }), None),
    )
    .await;
    let history = format!("/v1/scorecards/{id}/items/consult/history");
    let answer = app.as_viewer().get(&history).await.expect(200);
    let state = |state: &str, value: Value, reason: Value| {
        json!({
            "state": state, "value": value, "numerator": null, "denominator": null,
            "reason": reason, "reported_at": null, "reported_by": null
        })
    };
    let none = || state("not_reported", Value::Null, Value::Null);
    let reported = |value: u32| state("reported", value.into(), Value::Null);
    let by_hub = "担当 hub (テスト)";
    let change = |at: &str,
                  by: &str,
                  month: &str,
                  [before, after]: [Value; 2],
                  note: Value,
                  revision: u32| {
        json!({
            "at": at, "by": by, "month": month, "before": before, "after": after,
            "note": note, "source": "api", "revision": revision
        })
    };
    let not_applicable = || state("not_applicable", Value::Null, "休止".into());
    assert_eq!(
        answer["changes"],
        json!([
            change(
                "2026-11-01T00:00:00Z",
                by_hub,
                LAST,
                [none(), reported(3)],
                "速報".into(),
                2
            ),
            change(
                "2026-11-02T00:00:00Z",
                "担当 national (テスト)",
                LAST,
                [reported(3), reported(4)],
                Value::Null,
                3
            ),
            change(
                "2026-11-04T00:00:00Z",
                by_hub,
                LAST,
                [reported(4), not_applicable()],
                Value::Null,
                4
            ),
            change(
                "2026-11-05T00:00:00Z",
                by_hub,
                LAST,
                [
                    not_applicable(),
                    state("not_reported", Value::Null, "誤報".into())
                ],
                "訂正\n二行目".into(),
                5
            ),
            change(
                "2026-11-06T00:00:00Z",
                by_hub,
                "2026-04",
                [none(), reported(0)],
                Value::Null,
                6
            ),
        ])
    );
    assert_eq!(answer["next_cursor"], Value::Null);
    // In pages of two: the same, whole.
    let mut pages = Vec::new();
    let mut next = format!("{history}?limit=2");
    loop {
        let page = app.as_viewer().get(&next).await.expect(200);
        pages.extend(page["changes"].as_array().unwrap().clone());
        match page["next_cursor"].as_str() {
            Some(cursor) => next = format!("{history}?limit=2&cursor={cursor}"),
            None => break,
        }
    }
    assert_eq!(Value::Array(pages), answer["changes"]);
    let other = app
        .as_viewer()
        .get(&history.replace("consult", "hours"))
        .await
        .expect(200);
    assert_eq!(other["changes"], json!([]));
    for unknown in [
        history.replace("consult", "nobody"),
        history.replace(&id, MISSING),
        history.replace("consult", "%00"),
        history.replace("consult", "%E7%9B%B8"),
    ] {
        app.as_viewer().get(&unknown).await.problem("not_found");
    }
}

#[actix_web::test]
async fn cells_are_read_by_month() {
    let app = App::new().await;
    let id = app.own_scorecard().await;
    let months = async |query: &str| -> Vec<String> {
        let answer = app
            .as_viewer()
            .get(&format!("{}{query}", path(&id)))
            .await
            .expect(200);
        let months = answer["months"].as_array().unwrap();
        months
            .iter()
            .map(|month| month["month"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(months("").await, [START], "nothing is reported yet");
    app.report(&id, "2026-06", json!([{ "item": "consult", "value": 1 }]))
        .await;
    assert_eq!(months("").await, ["2026-04", "2026-05", "2026-06"]);
    assert_eq!(months("?from=2026-06").await, ["2026-06"]);
    assert_eq!(months("?from=2026-07").await, ["2026-07"]);
    assert_eq!(months("?to=2026-05").await, ["2026-04", "2026-05"]);
    assert_eq!(
        months("?from=2026-12&to=2027-01").await,
        ["2026-12", "2027-01"]
    );
    for (query, code, place) in [
        ("?from=2026-03", "month_before_start", "/query/from"),
        ("?to=2026-03", "month_before_start", "/query/to"),
        ("?to=2077-01", "out_of_range", "/query/to"),
        ("?from=2026-4", "wrong_type", "/query/from"),
        ("?month=2026-04", "unknown_parameter", "/query/month"),
    ] {
        let answer = app.as_viewer().get(&format!("{}{query}", path(&id))).await;
        answer.problem("invalid").has_only(&[(code, place)]);
    }
}

/// What is stored is what a service that starts anew serves.
#[actix_web::test]
async fn a_restart_changes_no_answer() {
    let app = App::new().await;
    let id = app.own_scorecard().await;
    for t in 1..=4 {
        app.report(&id, &month(t), month_on_plan(t)).await;
    }
    let approve = format!("/v1/scorecards/{id}/months/{}/approve", month(1));
    app.as_prefecture()
        .post(&approve, &json!({}))
        .await
        .expect(200);
    let keyed = app.as_hub().with("Idempotency-Key", "before-the-restart");
    let report = body(&month(5), month_on_plan(5));
    let first = keyed.post(&path(&id), &report).await;
    first.expect(200);
    let paths = [
        format!("/v1/scorecards/{id}?include=links"),
        format!("/v1/scorecards/{id}?month={}", month(2)),
        path(&id),
        format!("/v1/scorecards/{id}/series"),
        format!("/v1/scorecards/{id}/roadmap"),
        format!("/v1/scorecards/{id}/plan"),
        format!("/v1/scorecards/{id}/plan/versions"),
        format!("/v1/scorecards/{id}/items/consult/history"),
        "/v1/scorecards".to_owned(),
        "/v1/overview?group=stage".to_owned(),
        "/v1/audit".to_owned(),
        "/v1/users".to_owned(),
        "/v1/hubs".to_owned(),
    ];
    let mut before = Vec::new();
    for path in &paths {
        before.push(app.as_national().get(path).await);
    }
    let dump = app.dump();
    let app = app.restarted().await;
    for (path, before) in paths.iter().zip(before) {
        let after = app.as_national().get(path).await;
        assert_eq!(after.body, before.body, "{path}");
        assert_eq!(after.header("etag"), before.header("etag"), "{path}");
    }
    let again = app
        .as_hub()
        .with("Idempotency-Key", "before-the-restart")
        .post(&path(&id), &report)
        .await;
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    assert_eq!(again.body, first.body);
    assert!(app.dump() == dump);
}

/// A read after a write sees it, whichever process answers.
#[actix_web::test]
async fn every_replica_sees_a_write_at_once() {
    let first = App::new().await;
    let second = first.restarted().await;
    let id = first.own_scorecard().await;
    let read = format!("/v1/scorecards/{id}");
    for value in 1..=5 {
        let (writer, reader) = if value % 2 == 0 {
            (&second, &first)
        } else {
            (&first, &second)
        };
        let report = body(LAST, json!([{ "item": "consult", "value": value }]));
        let written = writer.as_hub().post(&path(&id), &report).await.expect(200);
        let answer = reader.as_hub().get(&read).await.expect(200);
        assert_eq!(answer["revision"], written["revision"]);
        assert_eq!(item(&answer, "consult")["cell"]["value"], value);
    }
}

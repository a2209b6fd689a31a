//! Reports on many scorecards in one request.

use serde_json::{Value, json};

use crate::support::fixtures::{self, LAST, MISSING, item, month_on_plan};
use crate::support::{App, issues};

const BULK: &str = "/v1/actuals";
const PARTIAL: &str = "/v1/actuals?mode=partial";

/// Scorecards of `yamagata`, a second one of it, and one of `yonezawa`.
struct Scene {
    app: App,
    first: String,
    second: String,
    third: String,
}

impl Scene {
    async fn new() -> Self {
        let app = App::new().await;
        let first = app.own_scorecard().await;
        let mut second = fixtures::own_scorecard("yamagata");
        second["key"] = "second".into();
        let second = app.scorecard(&second).await;
        let third = app.scorecard(&fixtures::own_scorecard("yonezawa")).await;
        Self {
            app,
            first,
            second,
            third,
        }
    }

    async fn consult(&self, id: &str) -> Value {
        let path = format!("/v1/scorecards/{id}?month={LAST}");
        let card = self.app.as_national().get(&path).await.expect(200);
        item(&card, "consult")["cell"]["value"].clone()
    }
}

fn values(value: impl Into<Value>) -> Value {
    json!([{ "item": "consult", "value": value.into() }])
}

fn report(scorecard: &str, value: impl Into<Value>) -> Value {
    json!({ "scorecard": scorecard, "month": LAST, "values": values(value) })
}

fn bulk(reports: &[Value]) -> Value {
    json!({ "reports": reports })
}

#[actix_web::test]
async fn many_reports_are_applied_together() {
    let scene = Scene::new().await;
    let app = &scene.app;
    let body = bulk(&[
        report(&scene.first, 3),
        json!({ "hub": "yonezawa", "key": "own-plan", "month": LAST, "values": month_on_plan(7), "note": "速報" }),
        json!({ "scorecard": scene.first, "month": "2026-09", "values": values(2) }),
        json!({ "scorecard": scene.first, "month": LAST, "values": [{ "item": "refer", "value": 1 }] }),
    ]);
    let answer = app.as_national().post(BULK, &body).await.expect(200);
    assert_eq!(answer["outcome"], "applied");
    assert_eq!(answer["dry_run"], false);
    assert_eq!(
        answer["counts"],
        json!({ "received": 14, "created": 14, "updated": 0, "unchanged": 0, "cleared": 0, "rejected": 0 })
    );
    let reports = answer["reports"].as_array().unwrap();
    let seen: Vec<_> = reports
        .iter()
        .map(|report| {
            (
                &report["index"],
                &report["scorecard"],
                &report["outcome"],
                &report["revision"],
            )
        })
        .collect();
    let applied = json!("applied");
    assert_eq!(
        seen,
        [
            (&json!(0), &json!(scene.first), &applied, &json!(2)),
            (&json!(1), &json!(scene.third), &applied, &json!(2)),
            (&json!(2), &json!(scene.first), &applied, &json!(3)),
            (&json!(3), &json!(scene.first), &applied, &json!(4)),
        ]
    );
    assert_eq!(reports[1]["counts"]["created"], 11);
    assert_eq!(reports[1]["completeness"]["complete"], true);
    assert_eq!(reports[2]["completeness"]["due_on"], "2026-10-10");
    assert_eq!(reports[0]["alerts"], json!([]));
    // Each is what the same report alone would have answered.
    let alone = app.restarted().await;
    let mut other = fixtures::own_scorecard("ehime");
    other["key"] = "alone".into();
    let other = alone.scorecard(&other).await;
    let body = json!({ "month": LAST, "values": month_on_plan(7) });
    let single = alone
        .as_national()
        .post(&format!("/v1/scorecards/{other}/actuals"), &body)
        .await
        .expect(200);
    for part in ["counts", "completeness", "changes", "outcome", "revision"] {
        assert_eq!(reports[1][part], single[part], "{part}");
    }
    assert_eq!(scene.consult(&scene.first).await, 3);
    assert_eq!(scene.consult(&scene.third).await, 4);
}

#[actix_web::test]
async fn the_same_again_changes_nothing() {
    let scene = Scene::new().await;
    let body = bulk(&[report(&scene.first, 3), report(&scene.second, 4)]);
    scene.app.as_hub().post(BULK, &body).await.expect(200);
    let before = scene.app.dump();
    for path in [BULK, PARTIAL] {
        let again = scene.app.as_hub().post(path, &body).await.expect(200);
        assert_eq!(again["outcome"], "unchanged");
        assert_eq!(again["reports"][1]["outcome"], "unchanged");
        assert_eq!(again["reports"][1]["revision"], 2);
        assert_eq!(again["counts"]["unchanged"], 2);
    }
    assert!(scene.app.dump() == before);
    let mixed = bulk(&[report(&scene.first, 3), report(&scene.second, 5)]);
    let answer = scene.app.as_hub().post(BULK, &mixed).await.expect(200);
    assert_eq!(answer["outcome"], "applied");
    assert_eq!(answer["reports"][0]["outcome"], "unchanged");
    let none = scene.app.as_hub().post(BULK, &bulk(&[])).await.expect(200);
    assert_eq!(
        (&none["outcome"], &none["reports"]),
        (&json!("unchanged"), &json!([]))
    );
}

/// Atomic: one bad report refuses all, with pointers to every fault.
#[actix_web::test]
async fn atomic_stores_all_or_nothing() {
    let scene = Scene::new().await;
    let app = &scene.app;
    let before = app.dump();
    let body = bulk(&[
        report(&scene.first, 3),
        report(&scene.second, -1),
        json!({ "scorecard": scene.third, "month": "2026-12", "values": [
            { "item": "nobody", "value": 1 }, { "item": "turnover", "numerator": 2 }
        ], "nte": "" }),
        json!(7),
        json!({ "scorecard": MISSING, "month": LAST, "values": values(1) }),
        json!({ "hub": "yamagata", "month": LAST, "values": values(1) }),
        json!({ "scorecard": scene.first, "hub": "yamagata", "key": "own-plan", "month": LAST, "values": values(1) }),
        json!({ "hub": 1, "key": "x", "month": LAST, "values": values(1) }),
    ]);
    for path in [BULK, "/v1/actuals?mode=atomic", "/v1/actuals?dry_run=true"] {
        let answer = app.as_national().post(path, &body).await;
        let problem = answer.problem("invalid");
        for (code, place) in [
            ("negative", "/reports/1/values/0/value"),
            ("month_not_ended", "/reports/2/month"),
            ("unknown_item", "/reports/2/values/0/item"),
            ("wrong_shape", "/reports/2/values/1"),
            ("unknown_field", "/reports/2/nte"),
            ("wrong_type", "/reports/3"),
            ("unknown_reference", "/reports/4/scorecard"),
            ("missing", "/reports/5/scorecard"),
            ("missing", "/reports/6/scorecard"),
            ("wrong_type", "/reports/7/hub"),
        ] {
            problem.issue(code, place);
        }
        assert_eq!(problem.issues().len(), 10, "{:?}", problem.issues());
        let negative = problem.issue("negative", "/reports/1/values/0/value");
        assert_eq!(negative["scorecard"], scene.second);
        assert_eq!(negative["month"], LAST);
        assert_eq!(negative["item"], "consult");
    }
    assert!(app.dump() == before);
}

#[actix_web::test]
async fn approved_months_refuse_a_bulk() {
    let scene = Scene::new().await;
    let app = &scene.app;
    let approve = format!("/v1/scorecards/{}/months/{LAST}/approve", scene.second);
    app.as_prefecture()
        .post(&approve, &json!({}))
        .await
        .expect(200);
    let before = app.dump();
    let body = bulk(&[report(&scene.first, 3), report(&scene.second, 4)]);
    let problem = app
        .as_hub()
        .post(BULK, &body)
        .await
        .problem("month_approved");
    problem.has_only(&[("month_approved", "/reports/1/month")]);
    let issue = problem.issue("month_approved", "/reports/1/month");
    assert_eq!(
        (&issue["scorecard"], &issue["month"]),
        (&json!(scene.second), &json!(LAST))
    );
    // Content that is wrong goes first, and the approved month is told too.
    let body = bulk(&[report(&scene.first, -3), report(&scene.second, 4)]);
    let problem = app.as_hub().post(BULK, &body).await.problem("invalid");
    problem.has_only(&[
        ("negative", "/reports/0/values/0/value"),
        ("month_approved", "/reports/1/month"),
    ]);
    let alone = bulk(&[report(&scene.second, 4)]);
    app.as_hub()
        .post(PARTIAL, &alone)
        .await
        .problem("month_approved");
    assert!(app.dump() == before);
}

/// Partial: each sound report is stored, each other one says why not.
#[actix_web::test]
async fn partial_stores_what_is_sound() {
    let scene = Scene::new().await;
    let app = &scene.app;
    let approve = format!("/v1/scorecards/{}/months/{LAST}/approve", scene.second);
    app.as_prefecture()
        .post(&approve, &json!({}))
        .await
        .expect(200);
    let body = bulk(&[
        report(&scene.first, -1),
        json!({ "scorecard": scene.first, "month": "2026-09", "values": values(400) }),
        report(&scene.second, 5),
        report(MISSING, 6),
        json!({ "hub": "yonezawa", "key": "own-plan", "month": LAST, "values": values(7) }),
        json!([]),
    ]);
    let answer = app.as_national().post(PARTIAL, &body).await.expect(207);
    assert_eq!(answer["outcome"], "partial");
    assert_eq!(
        answer["counts"],
        json!({ "received": 5, "created": 2, "updated": 0, "unchanged": 0, "cleared": 0, "rejected": 3 })
    );
    let reports = answer["reports"].as_array().unwrap();
    for (index, scorecard, outcome, found) in [
        (
            0,
            json!(scene.first),
            "rejected",
            vec![("negative", "/reports/0/values/0/value")],
        ),
        (
            1,
            json!(scene.first),
            "applied",
            vec![("implausible", "/reports/1/values/0")],
        ),
        (
            2,
            json!(scene.second),
            "rejected",
            vec![("month_approved", "/reports/2/month")],
        ),
        (
            3,
            Value::Null,
            "rejected",
            vec![("unknown_reference", "/reports/3/scorecard")],
        ),
        (4, json!(scene.third), "applied", vec![]),
        (
            5,
            Value::Null,
            "rejected",
            vec![("wrong_type", "/reports/5")],
        ),
    ] {
        let report = &reports[index];
        assert_eq!(report["index"], index);
        assert_eq!(report["scorecard"], scorecard, "{index}");
        assert_eq!(report["outcome"], outcome, "{index}");
        assert_eq!(issues(report), found, "{index}");
        let is_applied = outcome == "applied";
        assert_eq!(report["revision"].is_number(), is_applied, "{index}");
        assert_eq!(report["completeness"].is_object(), is_applied, "{index}");
        for issue in report["issues"].as_array().unwrap() {
            crate::support::contract::check_issue(issue, "a bulk");
            assert_eq!(issue["severity"] == "warning", is_applied);
        }
    }
    assert_eq!(scene.consult(&scene.first).await, Value::Null);
    assert_eq!(scene.consult(&scene.second).await, Value::Null);
    assert_eq!(scene.consult(&scene.third).await, 7);
    // Where nothing is sound there is nothing to store.
    let before = app.dump();
    let all_bad = bulk(&[report(&scene.first, -1), report(&scene.second, 5)]);
    let problem = app
        .as_national()
        .post(PARTIAL, &all_bad)
        .await
        .problem("invalid");
    problem.has_only(&[
        ("negative", "/reports/0/values/0/value"),
        ("month_approved", "/reports/1/month"),
    ]);
    assert!(app.dump() == before);
}

#[actix_web::test]
async fn a_cell_may_be_named_once_in_a_body() {
    let scene = Scene::new().await;
    let app = &scene.app;
    let body = bulk(&[
        report(&scene.first, 1),
        report(&scene.second, 1),
        json!({ "hub": "yamagata", "key": "own-plan", "month": LAST, "values": [
            { "item": "refer", "value": 1 }, { "item": "consult", "value": 1 }
        ] }),
        json!({ "scorecard": scene.first, "month": "2026-09", "values": values(1) }),
    ]);
    let before = app.dump();
    let problem = app.as_hub().post(BULK, &body).await.problem("invalid");
    problem.has_only(&[("duplicate_cell", "/reports/2/values/1")]);
    let words = problem.issue("duplicate_cell", "/reports/2/values/1")["message"]["en"]
        .as_str()
        .unwrap();
    assert!(words.contains("/reports/0/values/0"), "{words}");
    assert!(app.dump() == before);
    let answer = app.as_hub().post(PARTIAL, &body).await.expect(207);
    let outcomes: Vec<&str> = answer["reports"]
        .as_array()
        .unwrap()
        .iter()
        .map(|report| report["outcome"].as_str().unwrap())
        .collect();
    assert_eq!(outcomes, ["applied", "applied", "rejected", "applied"]);
}

#[actix_web::test]
async fn a_bulk_can_be_tried() {
    let scene = Scene::new().await;
    let app = &scene.app;
    app.report(&scene.first, "2026-09", values(1)).await;
    let before = app.dump();
    let body = bulk(&[
        report(&scene.first, 3),
        json!({ "scorecard": scene.first, "month": "2026-08", "values": values(1) }),
        report(&scene.second, -1),
    ]);
    let path = format!("{PARTIAL}&dry_run=true");
    let mut dry = app
        .as_hub()
        .with("Idempotency-Key", "k")
        .post(&path, &body)
        .await
        .expect(207);
    assert!(app.dump() == before);
    assert_eq!(dry["dry_run"], true);
    assert_eq!(dry["reports"][0]["revision"], 2);
    assert_eq!(dry["reports"][1]["revision"], 2, "as before, all of it");
    let mut real = app.as_hub().post(PARTIAL, &body).await.expect(207);
    assert_eq!(real["reports"][1]["revision"], 4);
    for answer in [&mut dry, &mut real] {
        answer["dry_run"] = Value::Null;
        for report in answer["reports"].as_array_mut().unwrap() {
            report["revision"] = Value::Null;
        }
    }
    assert_eq!(dry, real);
}

#[actix_web::test]
async fn limits_and_forms_are_checked() {
    let scene = Scene::new().await;
    let app = &scene.app;
    let before = app.dump();
    for (body, issue) in [
        (json!([]), ("wrong_type", "")),
        (json!({}), ("missing", "/reports")),
        (json!({ "reports": {} }), ("wrong_type", "/reports")),
        (
            json!({ "reports": [], "mode": "partial" }),
            ("unknown_field", "/mode"),
        ),
    ] {
        for path in [BULK, PARTIAL] {
            let answer = app.as_hub().post(path, &body).await;
            answer.problem("invalid").has_only(&[issue]);
        }
    }
    let empty = json!({ "scorecard": scene.first, "month": LAST, "values": [] });
    let reports = vec![empty; 1_001];
    let answer = app.as_hub().post(BULK, &bulk(&reports)).await;
    answer
        .problem("invalid")
        .has_only(&[("out_of_range", "/reports")]);
    // Ten thousand values over all reports.
    let many = |count: usize| {
        json!({
            "scorecard": scene.first, "month": LAST, "values": vec![json!({ "item": "x", "value": 1 }); count]
        })
    };
    let answer = app
        .as_hub()
        .post(BULK, &bulk(&[many(5_000), many(5_001)]))
        .await;
    answer
        .problem("invalid")
        .has_only(&[("out_of_range", "/reports")]);
    let answer = app.as_hub().post("/v1/actuals?mode=some", &bulk(&[])).await;
    answer
        .problem("invalid")
        .has_only(&[("out_of_range", "/query/mode")]);
    app.as_hub()
        .post_bytes(BULK, "{\"reports\":[")
        .await
        .problem("malformed_json");
    app.as_hub().get(BULK).await.problem("method_not_allowed");
    assert!(app.dump() == before);
}

/// Remarks come per report, with pointers into the whole body.
#[actix_web::test]
async fn remarks_point_into_the_body() {
    let scene = Scene::new().await;
    let body = bulk(&[report(&scene.first, 3), report(&scene.second, 4_000)]);
    let answer = scene.app.as_hub().post(BULK, &body).await.expect(200);
    assert_eq!(answer["reports"][0]["issues"], json!([]));
    assert_eq!(
        issues(&answer["reports"][1]),
        [("implausible", "/reports/1/values/0")]
    );
    assert_eq!(answer["reports"][1]["issues"][0]["scorecard"], scene.second);
}

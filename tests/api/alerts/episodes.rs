//! Alerts come and go with what is reported, in whatever order.

use serde_json::{Value, json};
use shirube::app::notices;
use shirube::domain::ids::ScorecardId;

use super::{
    Scene, TEMPLATE, attend_now, items, kinds, late_preparation, late_reports, of, own_card,
    subscribe,
};
use crate::support::App;
use crate::support::fixtures::{self, month_from};

#[actix_web::test]
async fn a_red_step_opens_an_alert_with_its_cause() {
    let scene = Scene::late().await;
    let list = scene.list("").await;
    let (root, consequence) = (of(&list, "seminar-format"), of(&list, "consult-seminar"));
    let format = json!({ "ja": "業界特化セミナーの型化", "en": "Make the industry seminar a repeatable format" });
    let mut facts = consequence.clone();
    let mut taken = |member: &str| facts.as_object_mut().unwrap().remove(member).unwrap();
    assert_eq!(
        json!([
            taken("scorecard"),
            taken("scorecard_key"),
            taken("scorecard_name"),
            taken("hub"),
            taken("prefecture")
        ]),
        json!([
            scene.id,
            TEMPLATE,
            { "ja": "人材確保が難しい業種への支援", "en": "Hard-to-fill industries" },
            { "code": "yamagata", "name": { "ja": "山形拠点", "en": "Yamagata hub" } },
            { "code": "06", "name": { "ja": "山形県", "en": "Yamagata" } }
        ])
    );
    assert_eq!(
        taken("cause"),
        json!({
            "kind": "inherited", "volume": 5, "conversion": 0, "timing": 0.4545,
            "root_causes": [{
                "item": "seminar-format", "item_name": format, "stage": "setup", "status": "behind",
                "distance": 2, "path": ["seminar-format", "seminar-companies", "consult-seminar"]
            }],
            "remedies": [{
                "item": "seminar-format", "item_name": format, "stage": "setup", "measure": "milestone",
                "unit": "percent", "status": "behind", "actual": 55, "target": 100,
                "due_month": "2025-09", "distance": 2
            }],
            "advice": null
        })
    );
    let name = json!({ "ja": "セミナー経由の相談", "en": "Consultations from seminars" });
    assert_eq!(
        json!([taken("id"), taken("folded_under"), taken("item_name")]),
        json!([consequence["id"], root["id"], name])
    );
    assert_eq!(
        json!([
            taken("handled"),
            taken("review"),
            taken("acknowledgement"),
            taken("silence")
        ]),
        json!([false, null, null, null])
    );
    assert_eq!(
        json!([
            taken("actual"),
            taken("plan"),
            taken("target"),
            taken("attainment"),
            taken("shortfall")
        ]),
        json!([0, 5.4545, 30, 0, 5.4545])
    );
    assert_eq!(
        facts,
        json!({
            "state": "open", "item": "consult-seminar", "stage": "consult", "track": null,
            "measure": "flow", "unit": "cases", "direction": "higher",
            "episode": 1, "reopened": false, "severity": "critical",
            "opened_month": "2026-06", "resolved_month": null, "resolved_reason": null,
            "month": "2026-06", "status": "behind", "year_over": false
        })
    );
    assert_eq!(root["opened_month"], "2026-04");
    assert_eq!(root["month"], "2026-06", "figures of the latest month");
    assert_eq!(root["cause"]["kind"], "execution");
    assert!(
        root["cause"]["advice"]["ja"]
            .as_str()
            .unwrap()
            .contains("見直して")
    );
}

/// What is read with one alert: what it drags down, its months, its past, and
/// the notice in which both stand.
#[actix_web::test]
async fn an_alert_is_read_with_everything_known_about_it() {
    let app = App::new().await;
    subscribe(&app);
    let id = late_preparation(&app).await;
    let scene = Scene { app, id };
    let list = scene.list("").await;
    let (root, consequence) = (of(&list, "seminar-format"), of(&list, "consult-seminar"));
    let before = scene.detail(&root["id"]).await;
    assert_eq!(before["announced_at"], Value::Null);
    assert_eq!(before["notices"], json!([]));
    assert_eq!(kinds(&before), ["opened"]);
    scene.attend();
    let detail = scene.detail(&root["id"]).await;
    assert_eq!(detail["folded"], json!([consequence]));
    for member in root.as_object().unwrap().keys() {
        assert_eq!(detail[member], root[member], "{member}");
    }
    // From the month before the opening on; the milestone was not known then.
    let months: Vec<Value> = detail["months"]
        .as_array()
        .unwrap()
        .iter()
        .map(|m| {
            json!([
                m["month"],
                m["actual"],
                m["plan"],
                m["attainment"],
                m["status"],
                m["flag"]
            ])
        })
        .collect();
    assert_eq!(
        json!(months),
        json!([
            ["2026-03", null, 100, null, "no_data", "none"],
            ["2026-04", 55, 100, 0.55, "behind", "red"],
            ["2026-05", 55, 100, 0.55, "behind", "red"],
            ["2026-06", 55, 100, 0.55, "behind", "red"]
        ])
    );
    assert_eq!(kinds(&detail), ["opened", "announced"]);
    assert_eq!(
        detail["timeline"][0],
        json!({
            "at": "2026-11-22T03:00:00Z", "kind": "opened", "by": null,
            "detail": { "month": "2026-04", "opened_month": "2026-04", "resolved_month": null,
                        "resolved_reason": null, "attainment": 0.55, "folded_under": null }
        })
    );
    assert_eq!(
        [
            &detail["announced_at"],
            &detail["acknowledged_until"],
            &detail["created_at"],
            &detail["changed_at"]
        ],
        [
            &json!("2026-11-22T03:15:00Z"),
            &Value::Null,
            &json!("2026-11-22T03:00:00Z"),
            &json!("2026-11-22T03:00:00Z")
        ]
    );
    // One notice for both; what is folded is not announced on its own.
    let folded = scene.detail(&consequence["id"]).await;
    assert_eq!(folded["announced_at"], Value::Null);
    assert_eq!(folded["notices"], detail["notices"]);
    let [notice] = detail["notices"].as_array().unwrap().as_slice() else {
        panic!("{}", detail["notices"]);
    };
    assert_eq!(
        *notice,
        json!({ "id": notice["id"], "event": "alert.opened", "created_at": "2026-11-22T03:15:00Z",
                "state": "queued", "attempts": 0 })
    );
}

#[actix_web::test]
async fn alerts_resolve_and_come_back() {
    let scene = Scene::own("2026-04").await;
    assert_eq!(scene.consult("2026-04", 0).await, ["open"]);
    let opened = scene.only().await;
    // Within chance of the plan, and nearer to it than what resolves.
    assert_eq!(scene.consult("2026-05", 7).await, ["resolved"]);
    let resolved = scene.only().await;
    assert_eq!(resolved["id"], opened["id"]);
    assert_eq!(
        [
            &resolved["state"],
            &resolved["resolved_month"],
            &resolved["resolved_reason"],
            &resolved["actual"]
        ],
        [
            &json!("resolved"),
            &json!("2026-05"),
            &json!("recovered"),
            &json!(7)
        ]
    );
    assert_eq!(scene.consult("2026-06", 0).await, [""; 0]);
    assert_eq!(scene.consult("2026-07", 0).await, ["open"]);
    let again = scene.only().await;
    assert_eq!(
        [
            &again["id"],
            &again["episode"],
            &again["reopened"],
            &again["opened_month"],
            &again["resolved_month"]
        ],
        [
            &opened["id"],
            &json!(1),
            &json!(true),
            &json!("2026-04"),
            &Value::Null
        ]
    );
    assert_eq!(scene.consult("2026-08", 20).await, ["resolved"]);
    let detail = scene.detail(&opened["id"]).await;
    assert_eq!(
        kinds(&detail),
        ["opened", "resolved", "reopened", "resolved"]
    );
    let flags: Vec<&str> = detail["months"]
        .as_array()
        .unwrap()
        .iter()
        .map(|month| month["flag"].as_str().unwrap())
        .collect();
    assert_eq!(flags, ["red", "none", "amber", "red", "none"]);
}

/// What is counted by the year begins anew with it.
#[actix_web::test]
async fn an_alert_ends_with_its_year() {
    let scene = Scene::own("2025-04").await;
    for t in 1..=12 {
        scene.consult(&month_from("2025-04", t), 1).await;
    }
    assert_eq!(scene.only().await["severity"], "critical");
    assert_eq!(scene.consult("2026-04", 0).await, ["resolved", "open"]);
    let list = scene.list("").await;
    let shown: Vec<Value> = items(&list)
        .iter()
        .map(|a| {
            json!([
                a["episode"],
                a["state"],
                a["opened_month"],
                a["resolved_month"],
                a["resolved_reason"],
                a["month"],
                a["actual"]
            ])
        })
        .collect();
    assert_eq!(
        json!(shown),
        json!([
            [2, "open", "2026-04", null, null, "2026-04", 0],
            [
                1,
                "resolved",
                "2025-05",
                "2026-04",
                "year_ended",
                "2026-03",
                12
            ]
        ]),
        "the latest opened first"
    );
}

#[actix_web::test]
async fn a_correction_withdraws_what_was_told() {
    let scene = Scene::own("2026-04").await;
    subscribe(&scene.app);
    scene.consult("2026-04", 0).await;
    scene.attend();
    let id = scene.only().await["id"].clone();
    assert_eq!(scene.consult("2026-04", 4).await, ["withdrawn"]);
    let alert = scene.only().await;
    assert_eq!([&alert["id"], &alert["state"]], [&id, &json!("withdrawn")]);
    assert_eq!(scene.list("state=open").await["items"], json!([]));
    scene.attend();
    let detail = scene.detail(&id).await;
    assert_eq!(kinds(&detail), ["opened", "announced", "withdrawn"]);
    let events: Vec<&str> = detail["notices"]
        .as_array()
        .unwrap()
        .iter()
        .map(|notice| notice["event"].as_str().unwrap())
        .collect();
    assert_eq!(events, ["alert.opened", "alert.withdrawn"]);
    // It was right the first time: the same alert, told once more.
    assert_eq!(scene.consult("2026-04", 0).await, ["open"]);
    assert_eq!(scene.only().await["id"], id);
}

/// What nobody was told of and nobody touched never was; a comment is enough
/// to keep it.
#[actix_web::test]
async fn a_correction_in_time_leaves_no_alert() {
    let scene = Scene::own("2026-04").await;
    scene.consult("2026-04", 0).await;
    let id = scene.only().await["id"].clone();
    assert_eq!(scene.consult("2026-04", 4).await, ["withdrawn"]);
    assert_eq!(scene.list("").await["items"], json!([]));
    let path = format!("/v1/alerts/{}", id.as_str().unwrap());
    scene.app.as_viewer().get(&path).await.problem("not_found");

    scene.consult("2026-05", 0).await;
    assert_eq!(scene.consult("2026-04", 0).await, ["open"]);
    let id = scene.only().await["id"].clone();
    scene
        .act(&id, "comments", &json!({ "text": "誤報かも" }))
        .await
        .expect(200);
    scene.report("2026-04", &[("consult", 4)]).await;
    scene.report("2026-05", &[("consult", 4)]).await;
    assert_eq!(scene.only().await["state"], "withdrawn");
}

#[actix_web::test]
async fn a_dry_run_names_the_alert_to_come() {
    let scene = Scene::own("2026-04").await;
    let path = format!("/v1/scorecards/{}/actuals", scene.id);
    let body = json!({ "month": "2026-04", "values": [{ "item": "consult", "value": 0 }] });
    let before = scene.app.dump();
    let dry = scene
        .app
        .as_hub()
        .post(&format!("{path}?dry_run=true"), &body)
        .await
        .expect(200);
    assert!(scene.app.dump() == before);
    let real = scene.app.as_hub().post(&path, &body).await.expect(200);
    assert_eq!(real["alerts"], dry["alerts"]);
    let id = scene.only().await["id"].clone();
    assert_eq!(
        real["alerts"],
        json!([{ "id": id, "item": "consult", "state": "open" }])
    );
    let again = scene.app.as_hub().post(&path, &body).await.expect(200);
    assert_eq!(
        [&again["outcome"], &again["alerts"]],
        [&json!("unchanged"), &json!([])]
    );
}

#[actix_web::test]
async fn a_bulk_names_the_alerts_of_each_report() {
    let scene = Scene::own("2026-04").await;
    let other = scene.app.scorecard(&own_card("yonezawa", "2026-04")).await;
    let report = |id: &str, month: &str, value: u32| json!({ "scorecard": id, "month": month, "values": [{ "item": "consult", "value": value }] });
    let body = json!({ "reports": [
        report(&scene.id, "2026-04", 0), report(&other, "2026-04", 4), report(&scene.id, "2026-05", 8)
    ] });
    let answer = scene
        .app
        .as_national()
        .post("/v1/actuals", &body)
        .await
        .expect(200);
    let id = scene.only().await["id"].clone();
    let touched: Vec<&Value> = answer["reports"]
        .as_array()
        .unwrap()
        .iter()
        .map(|r| &r["alerts"])
        .collect();
    assert_eq!(
        touched,
        [
            &json!([{ "id": id, "item": "consult", "state": "open" }]),
            &json!([]),
            &json!([{ "id": id, "item": "consult", "state": "resolved" }])
        ]
    );
}

/// Whatever the order and size of the reports, the alerts are the same.
#[actix_web::test]
async fn the_order_of_posting_makes_no_difference() {
    let mut expected: Option<Vec<String>> = None;
    for order in ["forward", "backward", "cell by cell, backward"] {
        let app = App::new().await;
        let body = fixtures::from_template("yamagata", TEMPLATE, "2024-04");
        let id = app.scorecard(&body).await;
        let mut reports = late_reports();
        if order.starts_with("cell") {
            reports = reports
                .iter()
                .flat_map(|report| {
                    let values = report["values"].as_array().unwrap().iter();
                    values.map(|value| json!({ "month": report["month"], "values": [value] }))
                })
                .collect();
        }
        if order != "forward" {
            reports.reverse();
        }
        for report in reports {
            let month = report["month"].as_str().unwrap();
            app.report(&id, month, report["values"].clone()).await;
        }
        let scene = Scene { app, id };
        let list = scene.list("").await;
        let mut shown: Vec<String> = items(&list)
            .iter()
            .map(|alert| {
                let mut alert = alert.clone();
                let root = items(&list)
                    .iter()
                    .find(|other| other["id"] == alert["folded_under"]);
                alert["folded_under"] = root.map_or(Value::Null, |root| root["item"].clone());
                alert["id"] = Value::Null;
                alert.to_string().replace(&scene.id, "<id>")
            })
            .collect();
        shown.sort();
        assert_eq!(
            *expected.get_or_insert_with(|| shown.clone()),
            shown,
            "{order}"
        );
    }
    assert_eq!(expected.unwrap().len(), 2);
}

/// Alerts that other rules found are found anew, under a new revision.
#[actix_web::test]
async fn new_rules_raise_the_revision() {
    use shirube::storage::agenda::{self, Appointment};
    let scene = Scene::own("2026-04").await;
    scene.consult("2026-04", 0).await;
    scene.attend();
    let before = scene.revision().await;
    let (id, now) = (ScorecardId(scene.id.clone()), scene.app.clock.now());
    let appointment = Appointment {
        due_at: now,
        notice_at: None,
        rules: notices::RULES - 1,
    };
    scene.app.write(|conn| agenda::put(conn, &id, &appointment));
    attend_now(&scene.app, &scene.id);
    assert_eq!(scene.revision().await, before + 1);
    assert_eq!(scene.only().await["state"], "open");
}

//! Did it work? What revisions brought about, and how soon red was answered.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::support::App;
use crate::support::fixtures::{self, month_from};

const START: &str = "2024-10";

/// Two years in which every month 20 companies come and so many of them consult,
/// as the month has it; a training begins in month 11 and is done in month 12.
async fn two_years(app: &App, consult: fn(u32) -> u32) -> String {
    let mut card = fixtures::own_scorecard("yamagata");
    card["start_month"] = START.into();
    let id = app.scorecard(&card).await;
    for t in 1..=24 {
        if t == 11 {
            revise(app, &id).await;
        }
        let mut values = vec![
            json!({ "item": "visitors", "value": 20 }),
            json!({ "item": "consult", "value": consult(t) }),
        ];
        if t >= 11 {
            values.push(json!({ "item": "training", "value": (t - 10).min(2) * 50 }));
        }
        app.report(&id, &month_from(START, t), values.into()).await;
    }
    id
}

async fn revise(app: &App, id: &str) {
    let body = json!({ "effective_month": month_from(START, 11), "reason": "相談を増やすため", "changes": [
        { "op": "add", "kind": "item", "key": "training", "after": {
            "name": { "ja": "相談員研修", "en": "Training" }, "stage": "study", "measure": "milestone",
            "unit": "percent", "bar": [11, 12], "targets": [{ "value": 100 }] } },
        { "op": "add", "kind": "link",
          "after": { "kind": "preparation", "from": ["training"], "to": ["consult"] } }
    ]});
    let path = format!("/v1/scorecards/{id}/revisions");
    app.as_prefecture().post(&path, &body).await.expect(201);
}

async fn effects(app: &App, id: &str) -> Value {
    let path = format!("/v1/scorecards/{id}/effects");
    app.as_viewer().get(&path).await.expect(200)
}

#[actix_web::test]
async fn an_added_item_is_followed_up() {
    let app = App::new().await;
    let id = two_years(&app, |t| if t <= 12 { 2 } else { 5 }).await;
    let found = effects(&app, &id).await["items"].clone();
    assert_eq!(found.as_array().unwrap().len(), 1);
    let found = &found[0];
    assert_eq!(
        json!([
            found["item"],
            found["version"],
            found["effective_month"],
            found["ready_month"],
            found["ready_by"]
        ]),
        json!(["training", 2, "2025-08", "2025-09", "achieved"])
    );
    assert_eq!(
        [&found["verdict"], &found["ground"]],
        [&json!("better"), &json!("tested")]
    );
    let comparison = &found["comparisons"][0];
    assert_eq!(comparison["link"], "conversion:visitors>consult");
    assert_eq!(
        comparison["before"],
        json!({ "months": 12, "from_month": "2024-10", "to_month": "2025-09", "upstream": 240,
                "downstream": 24, "rate": 0.1 })
    );
    assert_eq!(
        [
            &comparison["after"]["downstream"],
            &comparison["after"]["rate"]
        ],
        [&json!(60), &json!(0.25)]
    );
    assert!(comparison["probability"].as_f64().unwrap() < 0.001);
    assert_eq!(
        comparison["words"]["ja"],
        "「来場企業」から「相談」への転換：前は 10% (24/240)、後は 25% (60/240)。上がりました。\
         何も変わっていないのに、偶然これほどになる確率は1% 未満です。"
    );
    let app = App::new().await;
    let id = two_years(&app, |_| 5).await;
    let found = effects(&app, &id).await["items"][0].clone();
    assert_ne!(found["verdict"], "better");
}

/// From red to action and to recovery.
#[actix_web::test]
async fn alerts_tell_how_soon_they_were_answered() {
    let app = App::new().await;
    let id = app.own_scorecard().await;
    let report = |month: &'static str, value: u32| {
        app.report(&id, month, json!([{ "item": "consult", "value": value }]))
    };
    report("2026-04", 0).await;
    let open = effects(&app, &id).await["responses"].clone();
    assert_eq!(
        json!([
            open[0]["state"],
            open[0]["action"],
            open[0]["days_to_action"],
            open[0]["recovered_month"]
        ]),
        json!(["open", null, null, null])
    );
    app.clock.advance(TimeDelta::hours(75));
    let alert = open[0]["alert"].as_str().unwrap();
    let path = format!("/v1/alerts/{alert}/comments");
    app.as_hub()
        .post(&path, &json!({ "text": "確認中" }))
        .await
        .expect(200);
    let path = format!("/v1/alerts/{alert}/acknowledge");
    let body = json!({ "cause": "遅れ", "action": "増員", "owner": "佐藤", "due": "2026-12-20" });
    app.as_prefecture().post(&path, &body).await.expect(200);
    report("2026-07", 30).await;
    let answered = effects(&app, &id).await["responses"].clone();
    assert_eq!(answered.as_array().unwrap().len(), 1);
    let answered = &answered[0];
    assert_eq!(
        json!([
            answered["state"],
            answered["action"],
            answered["days_to_action"],
            answered["recovered_month"],
            answered["months_to_recovery"]
        ]),
        json!(["resolved", "commented", 3, "2026-07", 3])
    );
    let path = format!("/v1/scorecards/{id}/effects?x=1");
    app.as_viewer().get(&path).await.problem("invalid");
}

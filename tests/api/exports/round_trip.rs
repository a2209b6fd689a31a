//! What goes out comes in again: an export imported changes nothing, and what
//! was exported fills another scorecard with the same figures.

use serde_json::{Value, json};

use super::{get, scene};
use crate::support::fixtures::{LAST, month, month_on_plan};
use crate::support::{Answer, App};

async fn import(app: &App, query: &str, file: &[u8]) -> Answer {
    let client = app
        .as_hub()
        .with("Content-Type", "application/octet-stream");
    client
        .post_bytes(&format!("/v1/imports{query}"), file)
        .await
}

async fn actuals(app: &App, id: &str) -> Value {
    let path = format!("/v1/scorecards/{id}/actuals");
    let mut months = app.as_viewer().get(&path).await.expect(200)["months"].clone();
    for cell in months
        .as_array_mut()
        .unwrap()
        .iter_mut()
        .flat_map(|month| month["cells"].as_array_mut().unwrap())
    {
        cell.as_object_mut().unwrap().remove("reported_at");
        cell.as_object_mut().unwrap().remove("reported_by");
    }
    months
}

const CSV_FILES: [&str; 4] = [
    "actuals.csv",
    "actuals.csv?layout=wide&encoding=utf-8",
    "actuals.csv?encoding=cp932",
    "actuals.csv?layout=wide&encoding=cp932",
];

#[actix_web::test]
async fn an_export_imported_again_changes_nothing() {
    let (app, id) = scene().await;
    app.report(&id, &month(3), month_on_plan(3)).await;
    let reason = json!([{ "item": "turnover", "not_applicable": "=在籍者\nなし" }]);
    app.report(&id, &month(2), reason).await;
    let forms = (1..=3).map(|t| format!("workbook.xlsx?month={}", month(t)));
    for file in forms.chain(CSV_FILES.map(str::to_owned)) {
        let exported = get(&app, &id, &file).await;
        let answer = import(&app, "", &exported.body).await;
        let result = answer.expect(200);
        assert_eq!(result["outcome"], "unchanged", "{file}: {result}");
        let counts = &result["counts"];
        assert_eq!(counts["received"], counts["unchanged"], "{file}: {counts}");
        assert!(counts["received"].as_u64() > Some(4), "{file}: {counts}");
        assert_eq!(result["issues"], json!([]), "{file}");
        let read: Vec<&Value> = result["understood"]["sheets"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|sheet| sheet["read"] == true)
            .collect();
        assert_eq!(read.len(), 1, "{file}: {result}");
        assert_eq!(get(&app, &id, &file).await.body, exported.body);
    }
}

/// What CP932 says otherwise is no correction, and no attempt at an approved month.
#[actix_web::test]
async fn an_export_that_cp932_folds_changes_nothing() {
    let (app, id) = scene().await;
    let reason = "10〜20日−休会—😀é";
    let said = json!([
        { "item": "turnover", "not_applicable": reason },
        { "item": "consult", "value": 1 }
    ]);
    for month in [month(2), month(3)] {
        app.report(&id, &month, said.clone()).await;
    }
    let approve = format!("/v1/scorecards/{id}/months/{}/approve", month(2));
    app.as_prefecture()
        .post(&approve, &json!({}))
        .await
        .expect(200);
    for file in [
        "actuals.csv?encoding=cp932",
        "actuals.csv?layout=wide&encoding=cp932",
    ] {
        let exported = get(&app, &id, file).await;
        assert_eq!(exported.header("unmappable-characters"), Some("4"));
        let result = import(&app, "", &exported.body).await.expect(200);
        assert_eq!(result["outcome"], "unchanged", "{file}: {result}");
        assert!(actuals(&app, &id).await.to_string().contains(reason));
        // The same words in a file that can say all of them are a correction.
        let (text, _, _) = encoding_rs::SHIFT_JIS.decode(&exported.body);
        let answer = import(&app, "", text.as_bytes()).await;
        answer.problem("month_approved");
    }
}

#[actix_web::test]
async fn reasons_come_back_as_they_were() {
    let (app, id) = scene().await;
    for reason in [
        "'=quoted", "''=twice", "=formula", "'tis", "'", "_x0041_", "a\tb",
    ] {
        let reported = json!([{ "item": "hours", "not_applicable": reason }]);
        app.report(&id, &month(2), reported).await;
        for file in ["workbook.xlsx?month=2026-05"]
            .iter()
            .chain(&CSV_FILES[..2])
        {
            let exported = get(&app, &id, file).await;
            let result = import(&app, "", &exported.body).await.expect(200);
            assert_eq!(
                result["outcome"], "unchanged",
                "{reason} in {file}: {result}"
            );
        }
    }
}

#[actix_web::test]
async fn an_export_fills_another_scorecard() {
    for file in CSV_FILES {
        let (app, id) = scene().await;
        app.report(&id, LAST, month_on_plan(7)).await;
        let reason = json!([{ "item": "turnover", "not_applicable": "=在籍者\nなし" }]);
        app.report(&id, &month(2), reason).await;
        let exported = get(&app, &id, file).await;
        let other = App::new().await;
        let copy = other.own_scorecard().await;
        let result = import(&other, "", &exported.body).await.expect(200);
        assert_eq!(result["outcome"], "applied", "{file}: {result}");
        assert_eq!(
            actuals(&other, &copy).await,
            actuals(&app, &id).await,
            "{file}"
        );
    }
}

#[actix_web::test]
async fn a_report_is_not_taken_for_figures() {
    let (app, id) = scene().await;
    let report = get(&app, &id, "report.xlsx").await;
    let answer = import(&app, "?month=2026-05", &report.body).await;
    answer
        .problem("invalid")
        .has_only(&[("nothing_to_read", "")]);
}

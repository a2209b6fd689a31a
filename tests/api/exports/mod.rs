//! Files for people: CSV, the form of a month, its report.

mod csv;
mod forms;
mod reports;
mod round_trip;
mod workbook;

use serde_json::json;

use crate::support::fixtures::{MISSING, month, month_on_plan};
use crate::support::{Actor, Answer, App};

/// A scorecard with a figure of every kind in April, and less in May.
async fn scene() -> (App, String) {
    let app = App::new().await;
    let id = app.own_scorecard().await;
    app.report(&id, &month(1), month_on_plan(1)).await;
    app.report(
        &id,
        &month(2),
        json!([
            { "item": "consult", "value": 0 },
            { "item": "visits", "numerator": 3, "denominator": 2 },
            { "item": "turnover", "not_applicable": "=在籍〜者\r\nなし" },
            { "item": "hours", "not_applicable": "休み" },
            { "item": "fees", "value": -300 }
        ]),
    )
    .await;
    (app, id)
}

const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

async fn get(app: &App, id: &str, file: &str) -> Answer {
    app.as_viewer()
        .get(&format!("/v1/scorecards/{id}/{file}"))
        .await
}

const FILES: [&str; 3] = ["actuals.csv", "workbook.xlsx", "report.xlsx"];

#[actix_web::test]
async fn files_are_tagged_by_their_bytes() {
    for file in FILES {
        let (app, id) = scene().await;
        let first = get(&app, &id, file).await;
        assert_eq!(first.status, 200);
        let tag = first.header("etag").unwrap();
        assert!(tag.starts_with("\"3-"), "{tag}");
        assert_eq!(first.header("cache-control"), Some("private, no-cache"));
        app.clock.advance(chrono::TimeDelta::hours(3));
        let again = get(&app, &id, file).await;
        assert_eq!(again.body, first.body, "{file}");
        let client = app.as_viewer().with("If-None-Match", tag);
        let path = format!("/v1/scorecards/{id}/{file}");
        assert_eq!(client.get(&path).await.status, 304);
        app.report(&id, &month(2), json!([{ "item": "staff", "value": 3 }]))
            .await;
        let later = client.get(&path).await;
        assert_eq!(later.status, 200);
        assert_ne!(later.body, first.body);
    }
}

#[actix_web::test]
async fn files_are_for_readers_of_the_scope() {
    let (app, id) = scene().await;
    for file in FILES {
        let path = format!("/v1/scorecards/{id}/{file}");
        for actor in Actor::ROLES {
            let answer = app.client(actor).get(&path).await;
            match actor {
                Actor::Operator => {
                    answer.problem("forbidden");
                }
                _ => assert_eq!(answer.status, 200, "{actor:?}"),
            }
        }
        for actor in [Actor::Neighbour, Actor::OtherHub, Actor::OtherPrefecture] {
            app.client(actor).get(&path).await.problem("not_found");
        }
        app.anonymous().get(&path).await.problem("unauthenticated");
        get(&app, MISSING, file).await.problem("not_found");
    }
}

#[actix_web::test]
async fn workbooks_have_a_name_and_a_type() {
    let (app, id) = scene().await;
    for (file, ascii, full) in [
        ("workbook.xlsx?month=2026-05", "entry", "%E5%85%A5%E5%8A%9B"),
        ("report.xlsx", "report", "%E5%A0%B1%E5%91%8A"),
    ] {
        let answer = get(&app, &id, file).await;
        assert_eq!(answer.header("content-type"), Some(XLSX));
        let name = answer.header("content-disposition").unwrap();
        let start = format!(
            "attachment; filename=\"yamagata_own-plan_2026-05_{ascii}.xlsx\"; filename*=UTF-8''%E5"
        );
        assert!(name.starts_with(&start), "{name}");
        // A hub's scorecards may bear one name.
        let end = format!("_own-plan_2026-05_{full}.xlsx");
        assert!(name.ends_with(&end), "{name}");
    }
}

/// With one of these, a name may be shown with another ending than it has.
#[actix_web::test]
async fn names_of_files_have_no_character_that_turns_text_or_ends_a_line() {
    let (app, id) = scene().await;
    let name = "山形\u{202e}xslx\u{2066}\u{2028}拠点";
    let hub = json!({ "name": { "ja": name, "en": name } });
    let renamed = app.as_national().patch("/v1/hubs/yamagata", &hub).await;
    assert_eq!(renamed.status, 200, "{}", renamed.text());
    for file in FILES {
        let answer = get(&app, &id, file).await;
        let name = answer.header("content-disposition").unwrap();
        let start = "filename*=UTF-8''%E5%B1%B1%E5%BD%A2_xslx__%E6%8B%A0%E7%82%B9_";
        assert!(name.contains(start), "{name}");
    }
}

#[actix_web::test]
async fn a_file_is_refused_to_who_takes_no_such() {
    let (app, id) = scene().await;
    for (file, accept, is_given) in [
        ("actuals.csv", "text/csv", true),
        ("actuals.csv", "text/html, */*;q=0.8", true),
        ("actuals.csv", "application/json", false),
        ("actuals.csv", "text/csv;q=0", false),
        ("report.xlsx", XLSX, true),
        ("report.xlsx", "application/*", true),
        ("workbook.xlsx", "text/html,*/*;q=0.8", true),
        ("workbook.xlsx", "text/csv", false),
        ("workbook.xlsx", "application/json", false),
    ] {
        let client = app.as_viewer().with("Accept", accept);
        let answer = client.get(&format!("/v1/scorecards/{id}/{file}")).await;
        if is_given {
            assert_eq!(answer.status, 200, "{file} as {accept}");
        } else {
            answer.problem("not_acceptable");
        }
    }
}

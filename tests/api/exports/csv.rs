//! What was reported as CSV.

use serde_json::json;

use super::{get, scene};
use crate::support::App;
use crate::support::fixtures::month;

const MARK: &str = "\u{feff}";

#[actix_web::test]
async fn long_has_one_row_a_cell() {
    let (app, id) = scene().await;
    let answer = get(&app, &id, "actuals.csv?from=2026-05").await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(
        answer.text(),
        [
            MARK,
            "拠点コード,スコアカードキー,対象月,項目コード,項目名,段階,単位,実績値,分子,分母,対象外の理由\r\n",
            "yamagata,own-plan,2026-05,hours,研修時間,現状把握・学習,時間,,,,休み\r\n",
            "yamagata,own-plan,2026-05,visits,1社あたり訪問,集客,,,3,2,\r\n",
            "yamagata,own-plan,2026-05,consult,相談,相談,件,0,,,\r\n",
            "yamagata,own-plan,2026-05,turnover,離職率,成約,％,,,,\"'=在籍〜者\r\nなし\"\r\n",
            "yamagata,own-plan,2026-05,fees,手数料,収入,円,-300,,,\r\n",
        ]
        .concat()
    );
    assert_eq!(
        answer.header("content-type"),
        Some("text/csv; charset=utf-8; header=present")
    );
    let name = answer.header("content-disposition").unwrap();
    assert!(
        name.starts_with(
            "attachment; filename=\"yamagata_own-plan_2026-05_actuals.csv\"; filename*=UTF-8''%E5"
        ),
        "{name}"
    );
}

#[actix_web::test]
async fn wide_has_one_column_a_month() {
    let (app, id) = scene().await;
    let answer = get(&app, &id, "actuals.csv?layout=wide&encoding=utf-8").await;
    let text = answer.text();
    assert!(text.starts_with(
        "拠点コード,スコアカードキー,項目コード,項目名,段階,単位,区分,2026-04,2026-05\r\n"
    ));
    for row in [
        "yamagata,own-plan,hours,研修時間,現状把握・学習,時間,実績値,2.25,対象外：休み\r\n",
        "yamagata,own-plan,staff,担当者数,現状把握・学習,人,実績値,4,\r\n",
        "yamagata,own-plan,visits,1社あたり訪問,集客,,分子,21,3\r\n",
        "yamagata,own-plan,visits,1社あたり訪問,集客,,分母,10,2\r\n",
        "yamagata,own-plan,turnover,離職率,成約,％,分子,0,\"対象外：=在籍〜者\r\nなし\"\r\n",
        "yamagata,own-plan,turnover,離職率,成約,％,分母,11,\r\n",
        "yamagata,own-plan,fees,手数料,収入,円,実績値,100001,-300\r\n",
    ] {
        assert!(text.contains(row), "{row} of {text}");
    }
    assert_eq!(text.matches("\r\n").count(), 1 + 11 + 2 + 1);
}

#[actix_web::test]
async fn what_windows_lacks_is_counted() {
    let (app, id) = scene().await;
    app.report(
        &id,
        &month(2),
        json!([{ "item": "hours", "not_applicable": "😀髙﨑㈱" }]),
    )
    .await;
    let answer = get(&app, &id, "actuals.csv?encoding=cp932").await;
    let (text, _, has_faults) = encoding_rs::SHIFT_JIS.decode(&answer.body);
    assert!(!has_faults);
    assert!(text.starts_with("拠点コード,"));
    assert!(text.contains("'=在籍～者"), "the wave of Windows");
    assert!(text.contains(",〓髙﨑㈱\r\n"), "{text}");
    assert_eq!(answer.header("unmappable-characters"), Some("1"));
    assert_eq!(
        answer.header("content-type"),
        Some("text/csv; charset=Shift_JIS; header=present")
    );
    let other = get(&app, &id, "actuals.csv").await;
    assert_eq!(other.header("unmappable-characters"), None);
}

#[actix_web::test]
async fn months_and_words_are_checked() {
    let (app, id) = scene().await;
    for (query, issue) in [
        ("from=2026-03", ("month_before_start", "/query/from")),
        ("to=2126-04", ("out_of_range", "/query/to")),
        ("from=2026-06&to=2026-05", ("out_of_range", "/query/from")),
        ("from=x", ("wrong_type", "/query/from")),
        ("layout=tall", ("out_of_range", "/query/layout")),
        ("encoding=euc-jp", ("out_of_range", "/query/encoding")),
        ("month=2026-05", ("unknown_parameter", "/query/month")),
        ("known_at=x", ("wrong_type", "/query/known_at")),
    ] {
        let answer = get(&app, &id, &format!("actuals.csv?{query}")).await;
        answer.problem("invalid").has_only(&[issue]);
    }
}

#[actix_web::test]
async fn nothing_reported_is_a_heading() {
    let app = App::new().await;
    let id = app.own_scorecard().await;
    let long = get(&app, &id, "actuals.csv").await;
    assert_eq!(long.text().matches("\r\n").count(), 1);
    let wide = get(&app, &id, "actuals.csv?layout=wide").await;
    assert!(wide.text().contains("区分,2026-04\r\n"));
}

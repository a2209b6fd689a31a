//! The form in which a hub fills in a month.

use serde_json::json;

use super::workbook::{Workbook, between};
use super::{get, scene};
use crate::support::App;
use crate::support::fixtures::{self, ITEMS, LAST, month, month_on_plan};

const HEADINGS: [&str; 14] = [
    "項目コード",
    "段階",
    "項目名",
    "単位",
    "集計方法",
    "目標",
    "計画",
    "前年同月",
    "前月",
    "実績値",
    "分子",
    "分母",
    "対象外の理由",
    "状態",
];
const HEADING_ROW: usize = 6;
const FIRST_ROW: usize = 7;

async fn form(app: &App, id: &str, query: &str) -> Workbook {
    let answer = get(app, id, &format!("workbook.xlsx{query}")).await;
    assert_eq!(answer.status, 200);
    Workbook::of(&answer.body)
}

#[actix_web::test]
async fn a_form_shows_the_plan_and_what_is_reported() {
    let (app, id) = scene().await;
    let mut form = form(&app, &id, "?month=2026-05").await;
    assert_eq!(form.sheets(), ["入力", "ロードマップ", "記入方法"]);
    let sheet = form.sheet("入力");
    assert_eq!(sheet.row(HEADING_ROW), HEADINGS);
    for (label, value) in [
        ("対象月", "2026-05"),
        ("拠点コード", "yamagata"),
        ("スコアカードキー", "own-plan"),
    ] {
        assert_eq!(sheet.at(sheet.row_of(0, label), 1), value);
    }
    for (label, value) in [
        ("スコアカードID", id.as_str()),
        ("スコアカード名", "独自の計画"),
    ] {
        assert_eq!(sheet.at(sheet.row_of(4, label), 5), value);
    }
    for row in 2..=4 {
        let beside = (2..4).map(|column| sheet.at(row, column));
        assert!(
            beside.into_iter().all(|text| text.is_empty()),
            "room for long keys"
        );
    }
    let keys: Vec<String> = (FIRST_ROW..=sheet.last_row())
        .map(|row| sheet.at(row, 0))
        .collect();
    assert_eq!(keys, ITEMS);
    let row = |key: &str| sheet.row(sheet.row_of(0, key));
    let shown = |cells: [&str; 14]| cells.map(str::to_owned).to_vec();
    for cells in [
        [
            "hours",
            "現状把握・学習",
            "研修時間",
            "時間",
            "年度の累計",
            "24",
            "4",
            "",
            "2.25",
            "",
            "",
            "",
            "休み",
            "× 対象外",
        ],
        [
            "consult",
            "● 相談",
            "相談",
            "件",
            "年度の累計",
            "48",
            "8",
            "",
            "4",
            "0",
            "",
            "",
            "",
            "● 入力済み",
        ],
        [
            "visits",
            "集客",
            "1社あたり訪問",
            "",
            "割合（年度の累計）",
            "2",
            "2",
            "",
            "2.1",
            "",
            "3",
            "2",
            "",
            "● 入力済み",
        ],
        [
            "turnover",
            "成約",
            "離職率",
            "％",
            "割合（年度の累計）",
            "0.1",
            "0.1",
            "",
            "0",
            "",
            "",
            "",
            "=在籍〜者\r\nなし",
            "× 対象外",
        ],
        [
            "staff",
            "現状把握・学習",
            "担当者数",
            "人",
            "月末の値",
            "4",
            "4",
            "",
            "4",
            "",
            "",
            "",
            "",
            "◇ 未入力",
        ],
        [
            "fees",
            "収入",
            "手数料",
            "円",
            "年度の累計",
            "1200000",
            "200000",
            "",
            "100001",
            "-300",
            "",
            "",
            "",
            "● 入力済み",
        ],
    ] {
        assert_eq!(row(cells[0]), shown(cells), "{}", cells[0]);
    }
}

#[actix_web::test]
async fn only_what_is_to_be_filled_in_can_be_written_over() {
    let (app, id) = scene().await;
    let mut form = form(&app, &id, "?month=2026-05").await;
    let mut expected = Vec::new();
    for (row, key) in (FIRST_ROW + 1..).zip(ITEMS) {
        let columns: &[&str] = match key {
            "visits" | "turnover" => &["K", "L", "M"],
            _ => &["J", "M"],
        };
        expected.extend(columns.iter().map(|column| format!("{column}{row}")));
    }
    assert_eq!(form.unlocked(1), expected);
    for sheet in 1..=3 {
        let xml = form.xml(&format!("xl/worksheets/sheet{sheet}.xml"));
        assert!(xml.contains("<sheetProtection sheet=\"1\""), "{sheet}");
        assert!(!xml.contains("password="), "it can be lifted");
    }
    for sheet in 2..=3 {
        assert_eq!(form.unlocked(sheet), Vec::<String>::new());
    }
    for sheet in ["ロードマップ", "記入方法"] {
        assert_eq!(form.sheet(sheet).at(0, 0), "取込対象外");
    }
}

#[actix_web::test]
async fn entries_are_checked_as_reports_are() {
    let (app, id) = scene().await;
    let mut form = form(&app, &id, "").await;
    let xml = form.xml("xl/worksheets/sheet1.xml");
    let rule_of = |place: &str| {
        xml.split("<dataValidation ")
            .skip(1)
            .find(|rule| rule.contains(&format!("sqref=\"{place}\"")))
            .unwrap_or_else(|| panic!("no rule for {place}"))
    };
    let at = |key: &str, column: &str| {
        let row = FIRST_ROW + 1 + ITEMS.iter().position(|item| *item == key).unwrap();
        format!("{column}{row}")
    };
    for (key, column, kind, formulas) in [
        (
            "consult",
            "J",
            "whole",
            "<formula1>0</formula1><formula2>99999999999</formula2>",
        ),
        (
            "fees",
            "J",
            "whole",
            "<formula1>-99999999999</formula1><formula2>99999999999</formula2>",
        ),
        (
            "kit",
            "J",
            "decimal",
            "<formula1>0</formula1><formula2>100</formula2>",
        ),
        (
            "hours",
            "J",
            "decimal",
            "<formula1>0</formula1><formula2>99999999999</formula2>",
        ),
        ("visits", "K", "whole", "<formula1>0</formula1>"),
        (
            "turnover",
            "K",
            "custom",
            "<formula1>AND(ISNUMBER(K17),K17&gt;=0,K17=INT(K17),OR(L17=\"\",K17&lt;=L17))</formula1>",
        ),
        (
            "turnover",
            "L",
            "custom",
            "<formula1>AND(ISNUMBER(L17),L17&gt;=0,L17=INT(L17),OR(K17=\"\",K17&lt;=L17))</formula1>",
        ),
        ("turnover", "M", "textLength", "<formula1>4000</formula1>"),
    ] {
        let rule = rule_of(&at(key, column));
        assert!(rule.contains(&format!("type=\"{kind}\"")), "{rule}");
        assert!(rule.contains(formulas), "{rule}");
        assert!(rule.contains("prompt=\"") && rule.contains("error=\""));
    }
    assert!(
        !xml.contains("sqref=\"K8\""),
        "what is barred takes nothing"
    );
    let marked = between(&xml, "<conditionalFormatting sqref=\"", "\"");
    assert!(
        marked.starts_with("J8 J9 J10 J11 J12 K13:L13 J14"),
        "{marked}"
    );
}

#[actix_web::test]
async fn texts_are_neither_formulas_nor_links() {
    let app = App::new().await;
    let mut card = fixtures::own_scorecard("yamagata");
    let dangerous = "=HYPERLINK(\"http://evil.example\",\"x\")";
    card["definition"]["items"][0]["name"]["ja"] = dangerous.into();
    card["definition"]["items"][1]["name"]["ja"] = "https://example.jp/".into();
    card["definition"]["items"][2]["name"]["ja"] = "+81-3&<b>".into();
    let id = app.scorecard(&card).await;
    let reason = json!([{ "item": "hours", "not_applicable": "@SUM(A1)" }]);
    app.report(&id, LAST, reason).await;
    for file in ["workbook.xlsx", "report.xlsx"] {
        let mut book = Workbook::of(&get(&app, &id, file).await.body);
        for path in book.files() {
            if path.starts_with("xl/worksheets/sheet") {
                let xml = book.xml(&path);
                assert!(!xml.contains("hyperlink"), "{file} {path}");
                assert!(!xml.contains("<f>HYPERLINK"), "{file} {path}");
            }
        }
        let (name, row) = match file {
            "workbook.xlsx" => (book.sheet("入力"), FIRST_ROW),
            _ => (book.sheet("項目別"), 4),
        };
        assert_eq!(name.at(row, if row == 4 { 1 } else { 2 }), dangerous);
    }
}

#[actix_web::test]
async fn reasons_are_shown_whole() {
    let (app, id) = scene().await;
    for (reason, height) in [
        ("休館のため".to_owned(), 20.25),
        (
            "移転に伴い、この月は相談窓口を閉じていたため。再開は翌月の予定です。".to_owned(),
            65.25,
        ),
        ("長".repeat(4_000), 408.75),
    ] {
        let reported = json!([{ "item": "hours", "not_applicable": reason }]);
        app.report(&id, &month(2), reported).await;
        let mut form = form(&app, &id, "?month=2026-05").await;
        assert_eq!(form.height(1, FIRST_ROW), Some(height));
    }
}

#[actix_web::test]
async fn the_month_is_the_next_to_report() {
    let app = App::new().await;
    let id = app.own_scorecard().await;
    let month_of = async |query: &str| {
        let mut form = form(&app, &id, query).await;
        form.sheet("入力").at(2, 1)
    };
    assert_eq!(month_of("").await, "2026-04", "the start");
    app.report(&id, &month(2), month_on_plan(2)).await;
    assert_eq!(month_of("").await, "2026-06");
    app.report(&id, LAST, month_on_plan(7)).await;
    assert_eq!(month_of("").await, LAST, "the next one has not ended");
    assert_eq!(month_of("?month=2027-03").await, "2027-03");
    for (query, issue) in [
        ("month=2026-03", ("month_before_start", "/query/month")),
        ("month=2126-04", ("out_of_range", "/query/month")),
        ("month=x", ("wrong_type", "/query/month")),
        ("from=2026-04", ("unknown_parameter", "/query/from")),
        (
            "known_at=2026-11-22T00:00:00Z",
            ("unknown_parameter", "/query/known_at"),
        ),
    ] {
        let answer = get(&app, &id, &format!("workbook.xlsx?{query}")).await;
        answer.problem("invalid").has_only(&[issue]);
    }
}

#[actix_web::test]
async fn an_approved_month_says_that_it_takes_nothing() {
    let (app, id) = scene().await;
    let remark = async || {
        form(&app, &id, "?month=2026-05")
            .await
            .sheet("入力")
            .at(1, 0)
    };
    assert!(remark().await.contains("黄色の欄"));
    let path = format!("/v1/scorecards/{id}/months/2026-05/approve");
    app.as_prefecture()
        .post(&path, &json!({}))
        .await
        .expect(200);
    assert!(remark().await.contains("承認済み"));
}

#[actix_web::test]
async fn the_roadmap_stands_beside() {
    let (app, id) = scene().await;
    let mut form = form(&app, &id, "?month=2026-05").await;
    let sheet = form.sheet("ロードマップ");
    let path = format!("/v1/scorecards/{id}/roadmap");
    let roadmap = app.as_viewer().get(&path).await.expect(200);
    for (row, item) in (4..).zip(roadmap["items"].as_array().unwrap()) {
        for (column, planned) in (3..).zip(item["planned"].as_array().unwrap()) {
            let shown: f64 = sheet.at(row, column).parse().unwrap();
            let planned = planned.as_f64().unwrap();
            assert!(
                (shown - planned).abs() < 0.000_1,
                "{} {column}",
                item["key"]
            );
        }
    }
    // What stands above is within the columns that every page repeats.
    assert_eq!(
        form.printed("Print_Titles", "ロードマップ"),
        "$A:$C,ロードマップ!$3:$4"
    );
    let xml = form.xml("xl/worksheets/sheet2.xml");
    assert!(xml.contains("<mergeCell ref=\"A2:C2\"/>"));
    assert_eq!(sheet.at(0, 1), "ロードマップ（計画値）");
    assert!(
        sheet
            .at(1, 0)
            .contains("入力する月（2026年5月（令和8年5月））")
    );
    assert_eq!(form.height(2, 1), Some(50.25));
    assert_eq!(sheet.at(3, 4), "▼5月");
    assert_eq!(sheet.at(2, 3), "令和8年度");
    assert_eq!(sheet.at(2, 15), "令和9年度");
}

/// A form without ratios and tracks has no column for them; one with tracks has.
#[actix_web::test]
async fn a_form_has_the_columns_that_it_needs() {
    let app = App::new().await;
    for (template, has_tracks) in [
        ("mature-hard-to-fill", false),
        ("growth-tailored-support", true),
    ] {
        let card = fixtures::from_template("yamagata", template, "2026-04");
        let id = app.scorecard(&card).await;
        let mut form = form(&app, &id, "").await;
        let headings = form.sheet("入力").row(HEADING_ROW);
        let has = |heading: &str| headings.iter().any(|known| known == heading);
        assert_eq!(has("トラック"), has_tracks, "{template}");
        assert!(!has("分子") && !has("分母"), "{template}");
        assert!(has("実績値") && has("対象外の理由"));
    }
}

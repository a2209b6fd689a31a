//! The monthly report as a workbook.

use serde_json::{Value, json};

use super::get;
use super::workbook::{Workbook, between};
use crate::support::App;
use crate::support::fixtures::{self, ITEMS, item, month, month_on_plan};

const WORDS: [(&str, &str); 8] = [
    ("behind", "■ 遅れ"),
    ("no_data", "◇ 未報告"),
    ("at_risk", "▲ 注意"),
    ("on_track", "● 順調"),
    ("achieved", "★ 達成"),
    ("not_due", "○ 開始前"),
    ("untargeted", "－ 目標なし"),
    ("not_applicable", "× 対象外"),
];

fn word(status: &Value) -> &'static str {
    let found = WORDS.iter().find(|(code, _)| *code == status);
    found.map(|(_, word)| *word).unwrap()
}

/// Four months, the last of them with a high hurdle that fell behind.
async fn scene() -> (App, String) {
    let app = App::new().await;
    let id = app.own_scorecard().await;
    for t in 1..=3 {
        app.report(&id, &month(t), month_on_plan(t)).await;
    }
    for t in 4..=6 {
        app.report(
            &id,
            &month(t),
            json!([
                { "item": "consult", "value": 0 },
                { "item": "visitors", "value": 0 },
                { "item": "kit", "value": 60 },
                { "item": "refer", "value": 0 },
                { "item": "staff", "not_applicable": "異動" },
            ]),
        )
        .await;
    }
    (app, id)
}

async fn report(app: &App, id: &str, query: &str) -> Workbook {
    let answer = get(app, id, &format!("report.xlsx{query}")).await;
    assert_eq!(answer.status, 200);
    Workbook::of(&answer.body)
}

#[actix_web::test]
async fn its_figures_are_those_of_the_scorecard() {
    let (app, id) = scene().await;
    for query in ["", "?month=2026-05", "?month=2027-06"] {
        let mut report = report(&app, &id, query).await;
        let path = format!("/v1/scorecards/{id}{query}");
        let card = app.as_viewer().get(&path).await.expect(200);
        assert_eq!(
            report.sheets(),
            ["概況", "項目別", "グラフ", "推移", "データ"]
        );
        let sheet = report.sheet("項目別");
        for (row, key) in (4..).zip(ITEMS) {
            let item = item(&card, key);
            assert_eq!(sheet.at(row, 1), item["name"]["ja"], "{key}");
            let has_target = !item["target"].is_null();
            let same = |column: usize, name: &str| {
                let shown = sheet.at(row, column);
                let value = item[name]
                    .as_f64()
                    .filter(|_| has_target || name == "actual");
                match value {
                    None => assert_eq!(shown, "－", "{name} of {key}"),
                    Some(value) => {
                        let shown: f64 = shown.parse().unwrap();
                        assert!((shown - value).abs() < 0.000_1, "{name} of {key}: {shown}");
                    }
                }
            };
            for (column, name) in [(4, "target"), (5, "plan"), (6, "actual")] {
                same(column, name);
            }
            let attainment = item["attainment"].as_f64().filter(|_| has_target);
            assert_eq!(sheet.at(row, 7), attainment.map_or("－".into(), full));
            assert_eq!(sheet.at(row, 8), word(&item["status"]), "{key}");
            assert_eq!(sheet.at(row, 9), item["reason"]["ja"], "{key}");
        }
        let overview = report.sheet("概況");
        let score: Option<f64> = overview.at(6, 1).parse().ok();
        match card["score"].as_f64() {
            None => assert_eq!(score, None),
            Some(expected) => assert!((score.unwrap() - expected).abs() < 0.000_1),
        }
        let coverage = card["coverage"].as_f64();
        assert_eq!(overview.at(6, 2), coverage.map_or("－".into(), full));
        for (code, word) in WORDS {
            let row = overview.row_of(0, word);
            assert_eq!(
                overview.at(row, 1),
                card["counts"][code].to_string(),
                "{code}"
            );
        }
    }
}

/// A share cut to whole percents.
fn full(share: f64) -> String {
    let percent = ((share * 10_000.0).round() / 100.0).floor();
    (percent / 100.0).to_string()
}

#[actix_web::test]
async fn the_table_shows_the_percentages_of_the_words() {
    let (app, id) = scene().await;
    let mut report = report(&app, &id, "").await;
    let sheet = report.sheet("項目別");
    let mut rounded_otherwise = 0;
    for row in 4..=sheet.last_row() {
        let reason = sheet.at(row, 9);
        let Some((_, said)) = reason.split_once('（') else {
            continue;
        };
        let Ok(said) = said.split('％').next().unwrap().parse::<f64>() else {
            continue;
        };
        let shown: f64 = sheet.at(row, 7).parse().unwrap();
        assert!((shown * 100.0 - said).abs() < 0.000_1, "{shown}: {reason}");
        let [plan, actual] = [5, 6].map(|column| sheet.at(row, column).parse::<f64>().unwrap());
        rounded_otherwise += u32::from((actual / plan * 100.0).round() > said);
    }
    assert!(rounded_otherwise > 0, "it makes no difference here");
}

#[actix_web::test]
async fn it_says_what_to_look_at_and_to_prepare() {
    let (app, id) = scene().await;
    let mut report = report(&app, &id, "").await;
    let sheet = report.sheet("概況");
    assert_eq!(sheet.at(6, 0), "■ 赤信号");
    let row = sheet.row_of(2, "相談");
    assert_eq!(sheet.at(row, 0), "■ 遅れ");
    assert_eq!(sheet.at(row, 1), "● 相談");
    assert_eq!(sheet.at(row, 4), "13 件");
    assert!(sheet.at(row, 5).contains("計画 24 件に対し実績 13 件"));
    assert!(
        sheet.at(row, 6).contains("「説明資料」を進める"),
        "{}",
        sheet.at(row, 6)
    );
    let causes = app
        .as_viewer()
        .get(&format!("/v1/scorecards/{id}/causes"))
        .await
        .expect(200);
    let flagged = causes["items"].as_array().unwrap().len();
    let headings = sheet.row_of(6, "取り組むこと");
    assert_eq!(sheet.last_row() - headings, flagged);
    let row = headings + 1;
    assert_eq!(
        report.printed("Print_Titles", "概況"),
        format!("${row}:${row}"),
        "on each page"
    );
}

#[actix_web::test]
async fn every_step_of_the_first_page_has_room() {
    let app = App::new().await;
    let mut card = fixtures::own_scorecard("yamagata");
    let items = card["definition"]["items"].as_array_mut().unwrap();
    for unit in ["people", "sessions", "posts", "organisations"] {
        let mut item = items[6].clone();
        item["key"] = unit.into();
        item["unit"] = unit.into();
        items.push(item);
    }
    let id = app.scorecard(&card).await;
    let mut report = report(&app, &id, "").await;
    let funnel = report.xml("xl/charts/chart1.xml");
    let last: usize = between(&funnel, "データ!$B$4:$B$", "<").parse().unwrap();
    let steps = last - 3;
    assert_eq!(steps, 8);
    let drawing = report.xml("xl/drawings/drawing1.xml");
    let row_of = |end| -> usize {
        let place = between(&drawing, &format!("<xdr:{end}>"), &format!("</xdr:{end}>"));
        between(place, "<xdr:row>", "</xdr:row>").parse().unwrap()
    };
    let (first, last) = (row_of("from"), row_of("to"));
    assert!(last - first > steps + steps / 2, "{first} to {last}");
    let below = "重点的に取り組むステップ（赤信号・黄信号）";
    assert!(last < report.sheet("概況").row_of(0, below));
}

#[actix_web::test]
async fn the_grid_shows_every_month() {
    let (app, id) = scene().await;
    let mut report = report(&app, &id, "").await;
    let sheet = report.sheet("推移");
    let path = format!("/v1/scorecards/{id}/series");
    let series = app.as_viewer().get(&path).await.expect(200);
    for (row, item) in (6..).zip(series["items"].as_array().unwrap()) {
        for (column, status) in (2..).zip(item["status"].as_array().unwrap()) {
            let glyph = word(status).split(' ').next().unwrap();
            assert_eq!(sheet.at(row, column), glyph, "{} {column}", item["key"]);
        }
    }
    assert_eq!(
        sheet.row(5)[2..],
        ["4月", "5月", "6月", "7月", "8月", "9月"]
    );
}

/// What is shown of the first months is narrower than the words above it.
#[actix_web::test]
async fn the_grid_of_the_first_month_is_printed_with_its_legend() {
    let (app, id) = scene().await;
    let mut report = report(&app, &id, "?month=2026-04").await;
    let sheet = report.sheet("推移");
    assert_eq!(sheet.row(5)[2..], ["4月"]);
    assert_eq!(sheet.at(4, 2), "令和8年度");
    let area = report.printed("Print_Area", "推移");
    let xml = report.xml("xl/worksheets/sheet4.xml");
    let width_of = |column: u16| -> f64 {
        let columns = xml.split("<col min=\"").skip(1);
        let found = columns
            .filter(|each| each.starts_with(&format!("{column}\"")))
            .map(|each| between(each, " width=\"", "\""));
        found.last().map_or(9.0, |width| width.parse().unwrap())
    };
    let wide = |text: &str| -> f64 {
        text.chars()
            .map(|c| if c.is_ascii() { 1.0 } else { 2.0 })
            .sum()
    };
    assert!(width_of(3) > wide("令和8年度"), "the year's name");
    let last = between(&area, ":$", "$");
    assert_eq!(last.len(), 1, "{area}");
    let printed: f64 = (1..=u16::from(last.as_bytes()[0] - b'A' + 1))
        .map(width_of)
        .sum();
    for row in 2..=3 {
        let legend = sheet.at(row, 0);
        assert!(
            !legend.is_empty() && wide(&legend) <= printed,
            "{legend}: {area}"
        );
    }
}

/// Each chart refers to cells that hold what it draws.
#[actix_web::test]
async fn charts_are_drawn_from_cells() {
    let (app, id) = scene().await;
    let mut report = report(&app, &id, "").await;
    let charts = report
        .files()
        .iter()
        .filter(|path| path.starts_with("xl/charts/chart"))
        .count();
    // The funnel twice, and the one high hurdle.
    assert_eq!(charts, 3);
    let funnel = report.xml("xl/charts/chart1.xml");
    for range in ["$A$4:$A$7", "$B$4:$B$7", "$C$4:$C$7"] {
        assert!(funnel.contains(&format!("データ!{range}")), "{range}");
    }
    let trend = report.xml("xl/charts/chart3.xml");
    for range in ["$D$10:$D$21", "$B$10:$B$21", "$C$10:$C$21"] {
        assert!(trend.contains(&format!("データ!{range}")), "{range}");
    }
    assert!(between(&trend, "<c:title>", "</c:title>").contains("相談（件）"));
    let data = report.sheet("データ");
    let rows: Vec<Vec<String>> = (3..7).map(|row| data.row(row)[..3].to_vec()).collect();
    assert_eq!(
        rows,
        [
            ["集客（社）", "60", "31"],
            ["相談（件）", "24", "13"],
            ["とりつなぎ（件）", "12", "6"],
            ["成約（件）", "3", "0"],
        ]
    );
    assert_eq!(data.at(8, 0), "相談（件）");
    assert_eq!(data.row(9), ["2026年4月", "4", "4", "4月"]);
    assert_eq!(data.row(14), ["2026年9月", "24", "13", "9月"]);
    assert_eq!(data.row(15), ["2026年10月", "28", "", "10月"]);
    assert_eq!(data.row(20), ["2027年3月", "48", "", "3月"]);
}

#[actix_web::test]
async fn the_data_show_long_headings_whole() {
    let app = App::new().await;
    let mut card = fixtures::own_scorecard("yamagata");
    let consult = &mut card["definition"]["items"][6];
    consult["name"]["ja"] = "金融機関からのとりつなぎによる新規の相談企業".into();
    let id = app.scorecard(&card).await;
    let mut report = report(&app, &id, "").await;
    let heading = "金融機関からのとりつなぎによる新規の相談企業（件）";
    let row = report.sheet("データ").row_of(0, heading);
    assert_eq!(report.height(5, row), Some(35.25), "two lines");
}

#[actix_web::test]
async fn without_any_report_it_says_so() {
    let app = App::new().await;
    let id = app.own_scorecard().await;
    let mut report = report(&app, &id, "").await;
    let sheet = report.sheet("概況");
    assert!(sheet.at(1, 0).contains("2026年4月（令和8年4月）"));
    assert!(sheet.at(4, 0).contains("まだ一度も報告がありません"));
    assert_eq!(sheet.at(6, 0), "◇ 報告なし");
    assert_eq!(report.sheet("データ").row(3), ["集客（社）", "10", "", ""]);
}

#[actix_web::test]
async fn it_is_given_again_as_it_was_known() {
    let (app, id) = scene().await;
    let then = get(&app, &id, "report.xlsx").await;
    let csv = get(&app, &id, "actuals.csv").await;
    app.clock.advance(chrono::TimeDelta::hours(1));
    let correction = json!([{ "item": "consult", "value": 30 }]);
    app.report(&id, &month(6), correction).await;
    let at = "known_at=2026-11-22T03:30:00Z";
    for (file, then) in [("report.xlsx", then), ("actuals.csv", csv)] {
        let now = get(&app, &id, file).await;
        assert_ne!(now.body, then.body);
        let known = get(&app, &id, &format!("{file}?{at}")).await;
        assert_eq!(known.body, then.body);
        assert_eq!(known.header("etag"), then.header("etag"));
    }
}

#[actix_web::test]
async fn months_are_checked() {
    let (app, id) = scene().await;
    for (query, issue) in [
        ("month=2026-03", ("month_before_start", "/query/month")),
        ("month=2126-04", ("out_of_range", "/query/month")),
        ("month=x", ("wrong_type", "/query/month")),
        ("to=2026-04", ("unknown_parameter", "/query/to")),
        ("known_at=x", ("wrong_type", "/query/known_at")),
    ] {
        let answer = get(&app, &id, &format!("report.xlsx?{query}")).await;
        answer.problem("invalid").has_only(&[issue]);
    }
}

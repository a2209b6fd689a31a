//! Reports from Excel and CSV files.

use rust_xlsxwriter::{Format, Workbook, Worksheet};
use serde_json::{Value, json};

use crate::support::fixtures::{self, LAST, MISSING, item, month_on_plan};
use crate::support::{Answer, App, issues};

const IMPORTS: &str = "/v1/imports";
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// A hub's scorecard, to be filled from files.
struct Scene {
    app: App,
    card: String,
}

impl Scene {
    async fn new() -> Self {
        let app = App::new().await;
        let card = app.own_scorecard().await;
        Self { app, card }
    }

    async fn import(&self, query: &str, file: impl AsRef<[u8]>) -> Answer {
        let client = self
            .app
            .as_hub()
            .with("Content-Type", "application/octet-stream");
        client.post_bytes(&format!("{IMPORTS}{query}"), file).await
    }

    async fn evaluated(&self) -> Value {
        let path = format!("/v1/scorecards/{}?month={LAST}", self.card);
        self.app.as_national().get(&path).await.expect(200)
    }

    async fn cell(&self, key: &str) -> Value {
        let card = self.evaluated().await;
        item(&card, key)["cell"].clone()
    }
}

/// A workbook with one sheet that a function fills.
fn xlsx(name: &str, fill: impl FnOnce(&mut Worksheet)) -> Vec<u8> {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    sheet.set_name(name).unwrap();
    fill(sheet);
    workbook.save_to_buffer().unwrap()
}

/// A month's values as rows of item, value, numerator, denominator.
fn rows(values: &Value) -> Vec<[String; 4]> {
    let text = |value: &Value| match value {
        Value::Null => String::new(),
        other => other.to_string(),
    };
    let values = values.as_array().unwrap();
    values
        .iter()
        .map(|value| {
            [
                value["item"].as_str().unwrap().to_owned(),
                text(&value["value"]),
                text(&value["numerator"]),
                text(&value["denominator"]),
            ]
        })
        .collect()
}

fn csv_of(values: &Value) -> String {
    let lines = rows(values)
        .into_iter()
        .map(|[item, value, numerator, denominator]| {
            format!("{item},{LAST},{value},{numerator},{denominator}\r\n")
        });
    format!(
        "項目コード,対象月,実績値,分子,分母\r\n{}",
        lines.collect::<String>()
    )
}

fn xlsx_of(values: &Value) -> Vec<u8> {
    xlsx("実績", |sheet| {
        let era = Format::new().set_num_format("[$-411]ggge\"年\"m\"月\"");
        let month = rust_xlsxwriter::ExcelDateTime::parse_from_str(&format!("{LAST}-01")).unwrap();
        for (column, heading) in ["項目", "月", "実績", "分子", "分母"]
            .into_iter()
            .enumerate()
        {
            sheet
                .write_string(0, u16::try_from(column).unwrap(), heading)
                .unwrap();
        }
        for (row, cells) in rows(values).into_iter().enumerate() {
            let row = u32::try_from(row).unwrap() + 1;
            sheet.write_string(row, 0, &cells[0]).unwrap();
            sheet
                .write_datetime_with_format(row, 1, &month, &era)
                .unwrap();
            for (column, cell) in (2..).zip(&cells[1..]) {
                if let Ok(number) = cell.parse::<f64>() {
                    sheet.write_number(row, column, number).unwrap();
                }
            }
        }
    })
}

#[actix_web::test]
async fn the_same_figures_give_the_same_answer_in_every_form() {
    let values = month_on_plan(7);
    let mut answers = Vec::new();
    let by_json = Scene::new().await;
    by_json
        .app
        .report(&by_json.card, LAST, values.clone())
        .await;
    answers.push(by_json.evaluated().await);
    let cp932 = encoding_rs::SHIFT_JIS
        .encode(&csv_of(&values))
        .0
        .into_owned();
    for file in [csv_of(&values).into_bytes(), cp932, xlsx_of(&values)] {
        let scene = Scene::new().await;
        let answer = scene.import("", file).await.expect(200);
        assert_eq!(answer["outcome"], "applied");
        assert_eq!(answer["counts"]["created"], 11);
        assert_eq!(answer["issues"], json!([]), "{answer}");
        answers.push(scene.evaluated().await);
    }
    for answer in &answers {
        for part in ["score", "coverage", "counts", "flag", "revision"] {
            assert_eq!(answer[part], answers[0][part], "{part}");
        }
        for key in ["consult", "turnover", "kit", "fees"] {
            for part in ["status", "actual", "attainment", "reason"] {
                assert_eq!(
                    item(answer, key)[part],
                    item(&answers[0], key)[part],
                    "{key} {part}"
                );
            }
        }
    }
}

#[actix_web::test]
async fn a_preview_says_what_was_understood_and_stores_nothing() {
    let scene = Scene::new().await;
    let before = scene.app.dump();
    let table = "令和8年度 実績,,,\r\n項目,9月,10月,計\r\nconsult,3,4,7\r\n合計,3,4,7\r\n";
    let (file, _, _) = encoding_rs::SHIFT_JIS.encode(table);
    let preview = scene.import("?dry_run=true", &file).await.expect(200);
    assert!(scene.app.dump() == before);
    assert_eq!(preview["dry_run"], true);
    let understood = &preview["understood"];
    assert_eq!(
        [
            &understood["format"],
            &understood["encoding"],
            &understood["delimiter"],
            &understood["mapping"]
        ],
        [&json!("csv"), &json!("cp932"), &json!(","), &json!(false)]
    );
    let sheet = &understood["sheets"][0];
    assert_eq!(sheet["layout"], "items_by_months");
    assert_eq!(sheet["heading_row"], 2);
    assert_eq!(sheet["months"], json!(["2026-09", "2026-10"]));
    let columns: Vec<_> = sheet["columns"]
        .as_array()
        .unwrap()
        .iter()
        .map(|column| (&column["column"], &column["meaning"], &column["month"]))
        .collect();
    assert_eq!(
        columns,
        [
            (&json!("A"), &json!("name"), &Value::Null),
            (&json!("B"), &json!("value"), &json!("2026-09")),
            (&json!("C"), &json!("value"), &json!("2026-10")),
            (&json!("D"), &json!("ignored"), &Value::Null),
        ]
    );
    assert_eq!(
        (&sheet["left_out"][0]["row"], &sheet["left_out"][0]["text"]),
        (&json!(4), &json!("合計"))
    );
    let cell = &preview["cells"][1];
    assert_eq!(
        cell["place"],
        json!({ "sheet": "", "row": 3, "column": "C", "cell": "C3", "value": "4" })
    );
    assert_eq!(
        (&cell["item"], &cell["month"]),
        (&json!("consult"), &json!("2026-10"))
    );
    assert_eq!(
        (&cell["before"]["state"], &cell["after"]["value"]),
        (&json!("not_reported"), &json!(4))
    );
    assert_eq!(preview["reports"][1]["completeness"]["reported"], 1);
    let applied = scene.import("", &file).await.expect(200);
    for part in ["understood", "counts", "cells", "issues"] {
        assert_eq!(applied[part], preview[part], "{part}");
    }
    let again = scene.import("", &file).await.expect(200);
    assert_eq!(
        (&again["outcome"], &again["cells"]),
        (&json!("unchanged"), &json!([]))
    );
    let history = format!("/v1/scorecards/{}/items/consult/history", scene.card);
    let history = scene.app.as_hub().get(&history).await.expect(200);
    assert_eq!(history["changes"][0]["source"], "import");
}

#[actix_web::test]
async fn all_or_nothing_with_every_problem_at_its_cell() {
    let scene = Scene::new().await;
    let before = scene.app.dump();
    let file = "項目,月,実績\nconsult,2026-10,3\nconsult,2026-09,約5\nrefer,2026-10,1.5\nnobody,2026-10,1\nvisitors,2026-12,4\nrefer,2026-10,1\n";
    let answer = scene.import("", file).await;
    let problem = answer.problem("invalid");
    assert!(scene.app.dump() == before);
    let found: Vec<_> = problem.0["issues"]
        .as_array()
        .unwrap()
        .iter()
        .map(|issue| {
            assert!(issue["remedy"]["ja"].is_string(), "{issue}");
            (
                issue["code"].as_str().unwrap(),
                issue["place"]["cell"].as_str().unwrap(),
                issue["place"]["value"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        found,
        [
            ("unreadable_figure", "C3", "約5"),
            ("unknown_item", "A5", "nobody"),
            ("duplicate_cell", "C7", "1"),
            ("not_whole", "C4", "1.5"),
            ("month_not_ended", "C6", "4"),
        ]
    );
    let alike = scene.import("", "項目,月,実績\nconsultt,2026-10,3\n").await;
    let alike = &alike.problem("invalid").0["issues"][0];
    assert!(
        alike["remedy"]["ja"].as_str().unwrap().contains("consult"),
        "{alike}"
    );
}

#[actix_web::test]
async fn an_approved_month_is_a_conflict_that_names_its_cells() {
    let scene = Scene::new().await;
    scene
        .app
        .report(
            &scene.card,
            LAST,
            json!([{ "item": "consult", "value": 3 }]),
        )
        .await;
    let approve = format!("/v1/scorecards/{}/months/{LAST}/approve", scene.card);
    scene
        .app
        .as_prefecture()
        .post(&approve, &json!({}))
        .await
        .expect(200);
    let file = format!("項目,月,実績\nconsult,{LAST},4\n");
    let answer = scene.import("", &file).await;
    let problem = answer.problem("month_approved");
    assert_eq!(problem.0["issues"][0]["place"]["cell"], "C2");
    // What has not changed is no cause, wherever it stands: those that have are named.
    let file = format!("項目,月,実績\nconsult,{LAST},3\nrefer,{LAST},1\nfees,{LAST},500\n");
    let answer = scene.import("", &file).await;
    let problem = answer.problem("month_approved");
    let named: Vec<[&str; 2]> = problem.0["issues"]
        .as_array()
        .unwrap()
        .iter()
        .map(|issue| [&issue["place"]["cell"], &issue["item"]].map(|text| text.as_str().unwrap()))
        .collect();
    assert_eq!(named, [["C3", "refer"], ["C4", "fees"]]);
    // What changes nothing is no conflict: an export goes back in.
    let same = format!("項目,月,実績\nconsult,{LAST},3\n");
    let answer = scene.import("", same).await.expect(200);
    assert_eq!(answer["outcome"], "unchanged");
}

#[actix_web::test]
async fn a_note_may_be_as_long_as_in_a_body() {
    let scene = Scene::new().await;
    let file = format!("項目,月,実績\nconsult,{LAST},4\n");
    let note = |text: &str| format!("?note={text}");
    // Two lines, with a break.
    let long = format!("{}%0A{}", "a".repeat(3_000), "b".repeat(999));
    scene.import(&note(&long), &file).await.expect(200);
    let path = format!("/v1/scorecards/{}/items/consult/history", scene.card);
    let history = scene.app.as_hub().get(&path).await.expect(200);
    let kept = history["changes"][0]["note"].as_str().unwrap();
    assert_eq!(kept, long.replace("%0A", "\n"));
    for (text, code) in [
        ("a".repeat(4_001), "too_long"),
        ("%20".to_owned(), "out_of_range"),
        ("%00".to_owned(), "out_of_range"),
    ] {
        let answer = scene.import(&note(&text), &file).await;
        let expected = [(code, "/query/note")];
        answer.problem("invalid").has_only(&expected);
    }
}

#[actix_web::test]
async fn the_scorecard_is_named_by_query_sheet_or_scope() {
    let scene = Scene::new().await;
    let file = format!("項目,月,実績\nconsult,{LAST},4\n");
    let preview = |query: String| {
        let file = file.clone();
        let scene = &scene;
        async move { scene.import(&format!("?dry_run=true{query}"), file).await }
    };
    preview(String::new()).await.expect(200);
    let mut second = fixtures::own_scorecard("yamagata");
    second["key"] = "second".into();
    let second = scene.app.scorecard(&second).await;
    let unclear = preview(String::new()).await;
    assert_eq!(
        unclear.problem("invalid").issues(),
        [("unknown_reference", "/A2")]
    );
    for query in [
        format!("&scorecard={second}"),
        "&hub=yamagata&key=second".to_owned(),
    ] {
        let answer = preview(query).await.expect(200);
        assert_eq!(answer["reports"][0]["scorecard"], second);
    }
    for (query, path) in [
        (format!("&scorecard={MISSING}"), "/query/scorecard"),
        ("&hub=ehime&key=own-plan".to_owned(), "/query/hub"),
        ("&hub=nowhere".to_owned(), "/query/hub"),
    ] {
        let answer = preview(query).await;
        assert_eq!(
            answer.problem("invalid").issues(),
            [("unknown_reference", path)]
        );
    }
    let alone = preview("&key=second".to_owned()).await;
    assert_eq!(
        alone.problem("invalid").issues(),
        [("missing", "/query/hub")]
    );
    // What the sheet says must agree with what was asked for.
    let other = format!("拠点,項目,月,実績\nehime,consult,{LAST},4\n");
    let answer = scene.import(&format!("?scorecard={second}"), &other).await;
    assert_eq!(
        answer.problem("invalid").issues(),
        [("unknown_reference", "/B2")]
    );
}

/// The national office imports for many hubs at once; a hub only for itself.
#[actix_web::test]
async fn a_file_of_many_hubs_is_for_those_who_see_them() {
    let scene = Scene::new().await;
    scene.app.scorecard(&fixtures::own_scorecard("ehime")).await;
    let file = format!(
        "拠点コード,スコアカードキー,項目,月,実績\nyamagata,own-plan,consult,{LAST},4\nehime,own-plan,consult,{LAST},5\n"
    );
    let before = scene.app.dump();
    let answer = scene.import("", &file).await;
    assert_eq!(
        answer.problem("invalid").issues(),
        [("unknown_reference", "/C3")]
    );
    assert!(scene.app.dump() == before);
    let national = scene.app.as_national().with("Content-Type", "text/csv");
    let answer = national.post_bytes(IMPORTS, &file).await.expect(200);
    assert_eq!(answer["counts"]["created"], 2);
    assert_eq!(answer["reports"].as_array().unwrap().len(), 2);
}

#[actix_web::test]
async fn query_and_media_type_are_checked_first() {
    let scene = Scene::new().await;
    for (query, code, path) in [
        ("?month=2026-13", "wrong_type", "/query/month"),
        ("?encoding=latin1", "out_of_range", "/query/encoding"),
        ("?fiscal_year=28", "out_of_range", "/query/fiscal_year"),
        ("?sheets=1", "unknown_parameter", "/query/sheets"),
    ] {
        let answer = scene.import(query, "項目,月,実績\n").await;
        assert_eq!(answer.problem("invalid").issues(), [(code, path)]);
    }
    for media_type in [
        "application/json",
        "text/html",
        "multipart/form-data; boundary=x",
    ] {
        let client = scene.app.as_hub().with("Content-Type", media_type);
        client
            .post_bytes(IMPORTS, "x")
            .await
            .problem("unsupported_media_type");
    }
    for media_type in [
        XLSX,
        "text/csv; charset=Shift_JIS",
        "text/plain",
        "text/tab-separated-values",
    ] {
        let client = scene.app.as_hub().with("Content-Type", media_type);
        let answer = client
            .post_bytes(IMPORTS, format!("項目,月,実績\nconsult,{LAST},4\n"))
            .await;
        answer.expect(200);
    }
    let client = scene.app.as_hub().with("Content-Type", "text/csv");
    client
        .post_bytes(IMPORTS, vec![b'a'; 5 * 1_024 * 1_024 + 1])
        .await
        .problem("too_large");
    scene.import("", "").await.problem("invalid");
}

#[actix_web::test]
async fn files_that_are_no_tables_say_what_to_do() {
    let scene = Scene::new().await;
    for (file, code) in [
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec(),
            "unreadable_file",
        ),
        (b"%PDF-1.7\n".to_vec(), "unreadable_file"),
        (b"PK\x03\x04broken".to_vec(), "unreadable_file"),
        ("ただの文章です。\n".as_bytes().to_vec(), "nothing_to_read"),
    ] {
        let answer = scene.import("", &file).await;
        let problem = answer.problem("invalid");
        let issue = &problem.0["issues"][0];
        assert_eq!(issue["code"], code, "{issue}");
        assert!(!issue["message"]["ja"].as_str().unwrap().is_empty());
    }
    let wrong = scene
        .import(
            "?encoding=utf-8",
            encoding_rs::SHIFT_JIS.encode("項目,月,実績\n").0,
        )
        .await;
    assert_eq!(wrong.problem("invalid").issues(), [("unreadable_file", "")]);
}

#[actix_web::test]
async fn a_hub_explains_its_own_words_once() {
    let scene = Scene::new().await;
    let path = "/v1/hubs/yamagata/import-mapping";
    let file = format!("管理番号,業務,時期,数\n7,銀行さん,{LAST},4\n");
    scene.import("", &file).await.problem("invalid");
    let none = scene.app.as_hub().get(path).await.expect(200);
    assert_eq!(
        none,
        json!({ "headings": {}, "items": {}, "updated_at": null, "updated_by": null })
    );
    let mapping = json!({
        "headings": { "管理番号": "ignored", "業務": "name", "時期": "month", "数": "value" },
        "items": { "銀行さん": "consult" }
    });
    let saved = scene.app.as_hub().put(path, &mapping).await.expect(200);
    assert_eq!(
        (&saved["headings"], &saved["items"]),
        (&mapping["headings"], &mapping["items"])
    );
    assert_eq!(scene.app.as_viewer().get(path).await.expect(200), saved);
    let answer = scene.import("", &file).await.expect(200);
    assert_eq!(
        (
            &answer["understood"]["mapping"],
            &answer["counts"]["created"]
        ),
        (&json!(true), &json!(1))
    );
    assert_eq!(scene.cell("consult").await["value"], 4);
    // Saving the same again changes nothing.
    let before = scene.app.dump();
    scene.app.as_hub().put(path, &mapping).await.expect(200);
    assert!(scene.app.dump() == before);
    for (body, expected) in [
        (
            json!({ "headings": { "数": "figure" }, "items": {} }),
            ("out_of_range", "/headings/数"),
        ),
        (
            json!({ "headings": {}, "items": { "x": "not a code!" } }),
            ("out_of_range", "/items/x"),
        ),
        (
            json!({ "headings": {}, "items": {}, "more": 1 }),
            ("unknown_field", "/more"),
        ),
        (json!({ "headings": {} }), ("missing", "/items")),
        (
            json!({ "headings": { " ": "value" }, "items": {} }),
            ("out_of_range", "/headings/ "),
        ),
        (
            json!({ "headings": {}, "items": { "a/b": "nope" } }),
            ("unknown_item", "/items/a~1b"),
        ),
    ] {
        let answer = scene.app.as_hub().put(path, &body).await;
        assert_eq!(
            answer.problem("invalid").issues()[0].1,
            expected.1,
            "{body}"
        );
    }
    scene.app.as_hub().delete(path).await;
    scene.app.as_hub().delete(path).await.problem("not_found");
    scene.import("", &file).await.problem("invalid");
}

#[actix_web::test]
async fn a_mapping_does_not_give_one_word_two_meanings() {
    let scene = Scene::new().await;
    let path = "/v1/hubs/yamagata/import-mapping";
    let hub = scene.app.as_hub();
    let two = json!({
        "headings": { "移住 相談": "value", "移住相談": "ignored", "数": "value" },
        "items": { "ﾌﾟﾛ人材": "consult", "プロ人材": "refer" }
    });
    hub.put(path, &two).await.problem("invalid").has_only(&[
        ("duplicate_key", "/headings/移住 相談"),
        ("duplicate_key", "/headings/移住相談"),
        ("duplicate_key", "/items/プロ人材"),
        ("duplicate_key", "/items/ﾌﾟﾛ人材"),
    ]);
    // What says the same twice harms nobody.
    let same = json!({
        "headings": { "移住 相談": "value", "移住相談": "value" },
        "items": { "ﾌﾟﾛ人材": "consult", "プロ人材": "consult" }
    });
    hub.put(path, &same).await.expect(200);
    // Without a scorecard there is no plan to compare with.
    let early = json!({ "headings": {}, "items": { "相談": "consult-bank" } });
    let other = "/v1/hubs/yonezawa/import-mapping";
    let national = scene.app.as_national();
    national.put(other, &early).await.expect(200);
}

#[actix_web::test]
async fn a_key_makes_an_import_happen_once() {
    let scene = Scene::new().await;
    let client = scene
        .app
        .as_hub()
        .with("Content-Type", "text/csv")
        .with("Idempotency-Key", "\"import-1\"");
    let file = format!("項目,月,実績\nconsult,{LAST},4\n");
    let first = client.post_bytes(IMPORTS, &file).await;
    let second = client.post_bytes(IMPORTS, &file).await;
    assert_eq!(first.expect(200), second.expect(200));
    assert_eq!(second.header("idempotency-replayed"), Some("true"));
    let other = client.post_bytes(IMPORTS, file.replace('4', "5")).await;
    other.problem("idempotency_key_reused");
}

/// Remarks that refuse nothing come with their cells, too.
#[actix_web::test]
async fn unlikely_figures_are_remarked_at_their_cells() {
    let scene = Scene::new().await;
    let answer = scene
        .import(
            "",
            format!("項目,月,実績\nconsult,{LAST},400\nrefer,{LAST},－\n"),
        )
        .await
        .expect(200);
    let found = answer["issues"].as_array().unwrap();
    let cells: Vec<_> = found
        .iter()
        .map(|issue| (&issue["severity"], &issue["code"], &issue["place"]["cell"]))
        .collect();
    let warning = json!("warning");
    assert!(
        cells.contains(&(&warning, &json!("implausible"), &json!("C2"))),
        "{answer}"
    );
    assert!(
        cells.contains(&(&warning, &json!("unreadable_figure"), &json!("C3"))),
        "{answer}"
    );
    assert_eq!(issues(&answer).len(), 2);
}

/// What is exported goes back in and changes nothing, in every form.
#[actix_web::test]
async fn an_export_imported_again_changes_nothing() {
    let scene = Scene::new().await;
    let app = &scene.app;
    app.report(&scene.card, "2026-09", month_on_plan(6)).await;
    let odd = json!([
        { "item": "consult", "not_applicable": "=休会中（銀行の協定）" },
        { "item": "refer", "value": 0 },
        { "item": "fees", "value": -1500 },
        { "item": "hours", "value": 1.25 },
        { "item": "turnover", "numerator": 1, "denominator": 12 },
        { "item": "visits", "not_applicable": "－二期、改行\nあり" },
        { "item": "kit", "value": 33.5 }
    ]);
    app.report(&scene.card, LAST, odd).await;
    let before = app.dump();
    let of_card = |rest: &str| format!("/v1/scorecards/{}/{rest}", scene.card);
    for path in [
        of_card(&format!("workbook.xlsx?month={LAST}")),
        of_card("workbook.xlsx?month=2026-09"),
        of_card("actuals.csv"),
        of_card("actuals.csv?layout=wide"),
        of_card("actuals.csv?encoding=cp932"),
        of_card("actuals.csv?layout=wide&encoding=cp932"),
        of_card("actuals.csv?encoding=utf-8&from=2026-10"),
        "/v1/facts?format=csv".to_owned(),
        "/v1/facts?format=csv&encoding=cp932".to_owned(),
    ] {
        let export = app.as_hub().get(&path).await;
        assert_eq!(export.status, 200, "{path}");
        let answer = scene.import("", &export.body).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        let answer = answer.expect(200);
        assert_eq!(
            answer["outcome"], "unchanged",
            "{path}: {}",
            answer["cells"]
        );
        assert!(
            answer["counts"]["received"].as_u64().unwrap() >= 6,
            "{path}: {}",
            answer["counts"]
        );
        assert!(app.dump() == before, "{path}");
    }
}

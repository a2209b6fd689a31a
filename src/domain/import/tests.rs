//! Whole sheets, understood.

mod offices;

use proptest::prelude::*;

use super::*;
use crate::domain::ids::{HubCode, ScorecardId};
use crate::domain::report::Statement;
use crate::domain::roadmap::{Plan, PlanHistory};
use crate::domain::scorecard::ParameterValues;
use crate::domain::sheet::{Cell, FileFormat, Merged, Row};
use crate::domain::template::Templates;

/// A scorecard of a template, of the hub `yamagata`.
fn candidate(template: &str) -> Candidate {
    let templates = Templates::embedded().unwrap();
    let start = "2024-04".parse().unwrap();
    let plan = Plan {
        version: 1,
        start,
        effective: start,
        definition: templates.find(template).unwrap().clone().into(),
        parameters: ParameterValues::new(),
    };
    Candidate::new(
        ScorecardId(format!("id-of-{template}")),
        (
            HubCode("yamagata".to_owned()),
            Text::new("山形拠点", "Yamagata hub"),
        ),
        template.to_owned(),
        Text::new("計画", "Plan"),
        &PlanHistory::new(plan, Vec::new()),
    )
}

/// A sheet from a table: one line a row, cells parted by `|`. What looks like a
/// number stays text, as in a CSV.
fn sheet(name: &str, table: &str) -> Sheet {
    let rows = table.trim().lines().enumerate().map(|(index, line)| Row {
        index: u32::try_from(index).unwrap(),
        cells: line
            .split('|')
            .enumerate()
            .map(|(column, text)| (u32::try_from(column).unwrap(), text.trim()))
            .filter(|(_, text)| !text.is_empty())
            .map(|(column, text)| (column, Cell::Text(text.to_owned())))
            .collect(),
    });
    Sheet {
        name: name.to_owned(),
        rows: rows.filter(|row: &Row| !row.cells.is_empty()).collect(),
        ..Sheet::default()
    }
}

fn workbook(sheets: Vec<Sheet>) -> Workbook {
    Workbook {
        format: FileFormat::Xlsx,
        encoding: None,
        delimiter: None,
        sheets,
    }
}

/// How an import of these sheets ends.
#[derive(Default)]
struct Given {
    mapping: Mapping,
    month: Option<Month>,
    fiscal_year: Option<i32>,
    sheet: Option<&'static str>,
}

/// Statements as `2028-09 item=3`, then issues as `code@cell`.
fn outcome_of(
    given: &Given,
    sheets: Vec<Sheet>,
    candidates: &[Candidate],
) -> (Vec<String>, Vec<String>) {
    let words = ForeignWords::from(&given.mapping);
    let items = ItemNames::of(candidates, &words);
    let guidance = Guidance {
        sheet: given.sheet,
        month: given.month,
        fiscal_year: given.fiscal_year,
        words: &words,
        items: &items,
    };
    let found = survey(&workbook(sheets), &guidance);
    let only = best_fitting(&found.parts, candidates, &words);
    let circumstances = Circumstances {
        only: only.as_ref(),
        words: &words,
        note: None,
        last_ended: "2026-10".parse().unwrap(),
    };
    let gathered = gather(&found.parts, candidates, &circumstances);
    let mut said = Vec::new();
    for (scorecard, report) in &gathered.reports {
        let month = report.month.unwrap();
        for entry in &report.entries {
            let what = match &entry.statement {
                Statement::Value(value) => value.to_string(),
                Statement::Ratio {
                    numerator,
                    denominator,
                } => format!("{numerator}/{denominator}"),
                Statement::NotApplicable { reason } => format!("n/a {reason}"),
                Statement::Clear { reason } => format!("clear {reason}"),
            };
            let whose = if candidates.len() > 1 {
                format!("{scorecard} ")
            } else {
                String::new()
            };
            said.push(format!("{whose}{month} {}={what}", entry.item));
        }
    }
    let issues = found
        .issues
        .into_vec()
        .into_iter()
        .chain(gathered.issues.into_vec());
    let issues = issues
        .map(|issue| {
            let place = issue
                .place
                .as_ref()
                .map_or_else(|| issue.path.clone(), |place| place.position.to_string());
            let mark = if issue.is_error() { "" } else { "?" };
            format!("{mark}{}@{place}", issue.code)
        })
        .collect();
    (said, issues)
}

fn understood(table: &str) -> (Vec<String>, Vec<String>) {
    let candidates = [candidate("mature-hard-to-fill")];
    outcome_of(&Given::default(), vec![sheet("実績", table)], &candidates)
}

fn issues(table: &str) -> Vec<String> {
    understood(table).1
}

const THREE: [&str; 3] = [
    "2025-09 consult-seminar=3",
    "2025-09 consult-bank=4",
    "2025-10 consult-seminar=5",
];

/// The same three figures in every layout.
#[test]
fn one_truth_in_every_layout() {
    for table in [
        "項目コード|対象月|実績値\nconsult-seminar|2025-09|3\nconsult-bank|2025-09|4\nconsult-seminar|2025-10|5",
        "item|month|value\nconsult-seminar|2025-09|3\nconsult-bank|2025/9|4\nconsult-seminar|Oct 2025|5",
        "月|項目|実績\n令和7年9月|consult-seminar|３\nR7.9|consult-bank|4件\n2025年10月|consult-seminar|5",
        "項目コード|2025-09|2025-10\nconsult-seminar|3|5\nconsult-bank|4|",
        "項目|令和7年9月|R7.10|合計\nconsult-seminar|3|5|8\nconsult-bank|4||4\n合計|7|5|12\n※速報値",
        "月|consult-seminar|consult-bank\n2025-09|3|4\n2025-10|5|",
        "|令和7年度||\n項目|9月|10月\nconsult-seminar|3|5\nconsult-bank|4|",
        "令和7年度 実績表\n\n項目|4月|9月|10月|3月\nconsult-seminar||3|5|\nconsult-bank||4||",
        "年度|月|項目|実績\n2025|9月|consult-seminar|3\n2025|9月|consult-bank|4\n2025|10月|consult-seminar|5",
        "|2025-09|2025-10\nconsult-seminar|3|5\nconsult-bank|4|",
        "|consult-seminar|consult-bank\n2025-09|3|4\n2025-10|5|",
    ] {
        let (mut said, issues) = understood(table);
        said.sort();
        let mut expected = THREE.map(str::to_owned);
        expected.sort();
        assert_eq!(said, expected, "{table}");
        assert_eq!(issues, Vec::<String>::new(), "{table}");
    }
}

#[test]
fn a_form_of_one_month_names_it_above_the_table() {
    for head in [
        "対象月|2025-09",
        "対象月：令和7年9月",
        "令和7年9月 実績報告書（山形県拠点）",
        "拠点コード|yamagata\n対象月||2025年9月",
    ] {
        let table = format!(
            "{head}\n\n項目コード|段階|項目名|計画|前年同月|実績値|分子|分母|対象外の理由\nconsult-bank|相談|x|12|9|4||||\nconsult-seminar|相談|y|12|9|||| 休会中"
        );
        let (said, issues) = understood(&table);
        assert_eq!(
            said,
            [
                "2025-09 consult-bank=4",
                "2025-09 consult-seminar=n/a 休会中"
            ],
            "{head}"
        );
        assert_eq!(issues, Vec::<String>::new(), "{head}");
    }
    let candidates = [candidate("mature-hard-to-fill")];
    let given = Given {
        month: "2025-09".parse().ok(),
        ..Given::default()
    };
    let form = "項目コード|実績値\nconsult-bank|4";
    let (said, _) = outcome_of(&given, vec![sheet("入力", form)], &candidates);
    assert_eq!(said, ["2025-09 consult-bank=4"]);
    assert_eq!(issues(form), ["unreadable_month@B2"]);
    let dated = format!("対象月|2025-10\n{form}");
    let (_, found) = outcome_of(&given, vec![sheet("入力", &dated)], &candidates);
    assert_eq!(found, ["unreadable_month@/query/month"]);
}

#[test]
fn ratios_have_two_parts_in_every_layout() {
    let candidates = [candidate("challenge-employment")];
    for table in [
        "項目コード|月|分子|分母\nturnover|2025-09|1|12",
        "項目コード|月|実績値|分子|分母\nturnover|2025-09|0.0833|1|12",
        "項目コード|区分|2025-09\nturnover|分子|1\nturnover|分母|12",
        "項目コード|区分|2025-09\nturnover|分子|1\n|分母|12",
        "項目|2025-09\nマッチングした人材の離職率（基準15％）（分子）|1\nマッチングした人材の離職率（基準15％）（分母）|12",
        "月|turnover（分子）|turnover（分母）\n2025-09|1|12",
        "|2025-09|\n項目|分子|分母\nturnover|1|12",
    ] {
        let (said, issues) = outcome_of(&Given::default(), vec![sheet("", table)], &candidates);
        assert_eq!(said, ["2025-09 turnover=1/12"], "{table} {issues:?}");
        assert_eq!(issues, Vec::<String>::new(), "{table}");
    }
    let lacking =
        |table: &str| outcome_of(&Given::default(), vec![sheet("", table)], &candidates).1;
    assert_eq!(
        lacking("項目|月|分子|分母\nturnover|2025-09|1|"),
        ["wrong_shape@C2"]
    );
    assert_eq!(
        lacking("項目|月|実績\nturnover|2025-09|8%"),
        ["wrong_shape@C2"]
    );
}

#[test]
fn joined_headings_reach_over_their_columns() {
    let mut merged = sheet(
        "実績",
        "項目|令和7年度|||\n|9月||10月|\n|計画|実績|計画|実績\nconsult-seminar|9|3|9|5\nconsult-bank|9|4|9|",
    );
    let at = |row, column| Position { row, column };
    merged.merged = vec![
        Merged {
            first: at(0, 0),
            last: at(2, 0),
        },
        Merged {
            first: at(0, 1),
            last: at(0, 4),
        },
        Merged {
            first: at(1, 1),
            last: at(1, 2),
        },
        Merged {
            first: at(1, 3),
            last: at(1, 4),
        },
    ];
    let (mut said, issues) = outcome_of(
        &Given::default(),
        vec![merged],
        &[candidate("mature-hard-to-fill")],
    );
    said.sort();
    let mut expected = THREE;
    expected.sort_unstable();
    assert_eq!(said, expected, "{issues:?}");
    assert_eq!(issues, Vec::<String>::new());
}

#[test]
fn what_stands_for_nothing_is_left_as_it_is_and_said() {
    let (said, issues) = understood(
        "項目|月|実績\nconsult-seminar|2025-09|－\nconsult-bank|2025-09|対象外：改装中\nrefer-full-time|2025-09|0",
    );
    assert_eq!(
        said,
        [
            "2025-09 consult-bank=n/a 改装中",
            "2025-09 refer-full-time=0"
        ]
    );
    assert_eq!(issues, ["?unreadable_figure@C2"]);
}

#[test]
fn a_cleared_cell_needs_a_reason_of_its_own() {
    let (said, issues) = understood(
        "項目|月|実績|取消の理由\nconsult-seminar|2025-09||二重計上\nconsult-bank|2025-09|4|",
    );
    assert_eq!(
        said,
        [
            "2025-09 consult-seminar=clear 二重計上",
            "2025-09 consult-bank=4"
        ]
    );
    assert_eq!(issues, Vec::<String>::new());
    assert_eq!(
        self::issues("項目|月|実績|取消の理由\nconsult-seminar|2025-09|3|二重計上"),
        ["wrong_shape@D2"]
    );
}

#[test]
fn every_problem_names_its_cell() {
    for (table, expected) in [
        (
            "項目|月|実績\nconsult-seminar|2025-09|約30",
            vec!["unreadable_figure@C2"],
        ),
        (
            "項目|月|実績\nconsult-seminar|2025-09|1,5",
            vec!["unreadable_figure@C2"],
        ),
        (
            "項目|月|実績\nconsult-seminar|2025-09|1.00001",
            vec!["too_many_decimals@C2"],
        ),
        (
            "項目|月|実績\nconsult-seminar|2025-09|12%",
            vec!["unreadable_figure@C2"],
        ),
        (
            "項目|月|実績\nconsult-seminar|9月|3",
            vec!["unreadable_month@B2"],
        ),
        (
            "項目|月|実績\nconsult-seminar|来月|3",
            vec!["unreadable_month@B2"],
        ),
        (
            "項目|月|実績\nconsult-semina|2025-09|3",
            vec!["unknown_item@A2"],
        ),
        ("項目|月|実績\n|2025-09|3", vec!["missing@A2"]),
        (
            "項目|2025-09|2025-09\nconsult-seminar|3|4",
            vec!["duplicate_key@C1", "duplicate_cell@C2"],
        ),
        (
            "項目|2025-09|R7.9\nconsult-seminar|3|3",
            vec!["duplicate_key@C1", "duplicate_cell@C2"],
        ),
        (
            "項目|月|実績\nconsult-seminar|2025-09|3\nconsult-seminar|2025-09|3",
            vec!["duplicate_cell@C3"],
        ),
        (
            "項目|2025-09|2025年13月\nconsult-seminar|3|4",
            vec!["unknown_heading@C1"],
        ),
        (
            "項目|2025-09|\nconsult-seminar|3|4",
            vec!["unknown_heading@C1"],
        ),
        ("項目|9月\nconsult-seminar|3", vec!["unreadable_month@B1"]),
        (
            "項目|手数料（千円）|月\nfee-income|30|2025-09",
            vec!["unknown_heading@B1"],
        ),
        (
            "|2025-09|2025-10\n相談のうち銀行|3|4",
            vec!["unknown_item@A2"],
        ),
        (
            "項目|実績（千円）|月\nfee-income|30|2025-09",
            vec!["unreadable_figure@A2"],
        ),
        (
            "項目|単位|実績|月\nfee-income|千円|30|2025-09",
            vec!["unreadable_figure@A2"],
        ),
        ("これは|表では|ない\n1|2|3", vec!["nothing_to_read@"]),
        (
            "項目|月|実績\nconsult-seminar|2025-09|",
            vec!["nothing_to_read@"],
        ),
        (
            "項目|月|実績|謎\nconsult-seminar|2025-09|3|9",
            vec!["?unknown_heading@D1"],
        ),
        (
            "項目|月|実績|担当|電話\nconsult-seminar|2025-09|3|佐藤|内線",
            vec![],
        ),
    ] {
        let found: Vec<String> = issues(table);
        let expected: Vec<String> = expected.into_iter().map(str::to_owned).collect();
        assert_eq!(found, expected, "{table}");
    }
}

#[test]
fn cells_of_workbooks_have_kinds() {
    let mut dated = sheet(
        "実績",
        "項目|x|実績\nconsult-seminar|x|x\nconsult-bank|x|x\nrefer-full-time|x|x",
    );
    let put = |sheet: &mut Sheet, row: usize, column: usize, cell: Cell| {
        sheet.rows[row].cells[column].1 = cell;
    };
    put(&mut dated, 0, 1, Cell::Text("月".to_owned()));
    for row in 1..4 {
        put(
            &mut dated,
            row,
            1,
            Cell::Date("2025-09-30".parse().unwrap()),
        );
    }
    put(
        &mut dated,
        1,
        2,
        Cell::Number {
            digits: "3".to_owned(),
            is_percent: false,
        },
    );
    put(&mut dated, 2, 2, Cell::NotCalculated);
    put(&mut dated, 3, 2, Cell::Error("#DIV/0!".to_owned()));
    let (said, issues) = outcome_of(
        &Given::default(),
        vec![dated],
        &[candidate("mature-hard-to-fill")],
    );
    assert_eq!(said, ["2025-09 consult-seminar=3"]);
    assert_eq!(issues, ["formula_without_value@C3", "unreadable_figure@C4"]);
}

#[test]
fn milestones_are_percent() {
    let said = |value: &str| understood(&format!("項目|月|実績\nseminar-format|2025-09|{value}")).0;
    for (value, expected) in [
        ("55", "55"),
        ("55%", "55"),
        ("完了", "100"),
        ("１００％", "100"),
    ] {
        assert_eq!(
            said(value),
            [format!("2025-09 seminar-format={expected}")],
            "{value}"
        );
    }
}

#[test]
fn items_go_by_code_name_or_the_hubs_own_words() {
    let own = candidate("mature-hard-to-fill");
    let item = own.items().find(|item| item.key == "consult-bank").unwrap();
    let (ja, en) = (item.name.ja.clone(), item.name.en.clone());
    for name in [
        ja.as_str(),
        en.as_str(),
        "consult-bank",
        "ＣＯＮＳＵＬＴ-BANK",
    ] {
        let (said, issues) = understood(&format!("項目名|月|実績\n{name}|2025-09|4"));
        assert_eq!(said, ["2025-09 consult-bank=4"], "{name} {issues:?}");
    }
    let given = Given {
        mapping: Mapping {
            headings: [
                ("謎の数".to_owned(), Meaning::Value),
                ("整理番号".to_owned(), Meaning::Ignored),
            ]
            .into(),
            items: [("銀行さん".to_owned(), "consult-bank".to_owned())].into(),
        },
        ..Given::default()
    };
    let table = "整理番号|項目|月|謎の数\n12|銀行さん|2025-09|4";
    let (said, issues) = outcome_of(&given, vec![sheet("", table)], &[own]);
    assert_eq!(
        (said, issues),
        (vec!["2025-09 consult-bank=4".to_owned()], Vec::new())
    );
}

#[test]
fn rows_can_name_their_scorecards() {
    let both = [
        candidate("mature-hard-to-fill"),
        candidate("challenge-employment"),
    ];
    let outcome = |table: &str| outcome_of(&Given::default(), vec![sheet("", table)], &both);
    let (said, found) = outcome(
        "拠点コード|スコアカードキー|項目|月|実績|分子|分母\nyamagata|mature-hard-to-fill|consult-bank|2025-09|4||\n山形拠点|challenge-employment|turnover|2025-09||1|12",
    );
    assert_eq!(found, Vec::<String>::new());
    assert_eq!(
        said,
        [
            "id-of-challenge-employment 2025-09 turnover=1/12",
            "id-of-mature-hard-to-fill 2025-09 consult-bank=4"
        ]
    );
    // Nothing is named, and one of them has these items.
    let (said, found) = outcome("項目|月|実績\nconsult-bank|2025-09|4");
    assert_eq!(found, Vec::<String>::new());
    assert_eq!(said, ["id-of-mature-hard-to-fill 2025-09 consult-bank=4"]);
    let (said, found) = outcome("項目|月|実績\nconsult-bank|2025-09|4\nturnover|2025-09|1");
    assert_eq!(
        (said, found),
        (Vec::new(), vec!["unknown_reference@A2".to_owned()])
    );
    let (_, found) = outcome("拠点|項目|月|実績\nakita|consult-bank|2025-09|4");
    assert_eq!(found, ["unknown_reference@B2"]);
}

#[test]
fn the_sheet_is_the_one_meant() {
    let table = "項目|月|実績\nconsult-bank|2025-09|4";
    let other = "項目|月|実績\nconsult-bank|2025-09|9";
    let own = [candidate("mature-hard-to-fill")];
    let of = |given: &Given, sheets: Vec<Sheet>| outcome_of(given, sheets, &own);
    let four = vec!["2025-09 consult-bank=4".to_owned()];
    let (said, found) = of(
        &Given::default(),
        vec![sheet("控え", other), sheet("入力", table)],
    );
    assert_eq!(
        (said, found),
        (four.clone(), vec!["?nothing_to_read@/控え".to_owned()])
    );
    let mut hidden = sheet("控え", other);
    hidden.is_hidden = true;
    let (said, found) = of(
        &Given::default(),
        vec![hidden, sheet("表紙", "ご案内"), sheet("実績", table)],
    );
    assert_eq!((said, found), (four.clone(), Vec::new()));
    let marked = sheet("控え", &format!("取込対象外\n{other}"));
    let (said, found) = of(&Given::default(), vec![marked, sheet("実績", table)]);
    assert_eq!((said, found), (four.clone(), Vec::new()));
    let named = Given {
        sheet: Some("控え"),
        ..Given::default()
    };
    let (said, _) = of(&named, vec![sheet("入力", other), sheet("控え", table)]);
    assert_eq!(said, four);
    let (_, found) = of(
        &Given {
            sheet: Some("ない"),
            ..Given::default()
        },
        vec![sheet("控え", table)],
    );
    assert_eq!(found, ["unknown_reference@/query/sheet"]);
}

#[test]
fn headings_on_every_page_are_not_rows() {
    let (said, issues) =
        understood("項目|月|実績\nconsult-seminar|2025-09|3\n項目|月|実績\nconsult-bank|2025-09|4");
    assert_eq!(said.len(), 2);
    assert_eq!(issues, Vec::<String>::new());
}

#[test]
fn a_wrong_file_is_not_read_to_its_end() {
    let rows = (0..5_000).map(|row| format!("nobody-{row}|2025-09|x{row}\n"));
    let table = format!("項目|月|実績\n{}", rows.collect::<String>());
    let (said, issues) = understood(&table);
    assert!(said.is_empty());
    assert!(
        (ISSUES_MAX..2 * ISSUES_MAX).contains(&issues.len()),
        "{}",
        issues.len()
    );
}

proptest! {
    /// However rows and columns are ordered, the same is understood.
    #[test]
    fn the_order_of_rows_does_not_matter(mut rows in Just(vec![
        "consult-seminar|2025-09|3", "consult-bank|2025-09|4", "consult-seminar|2025-10|5", "||", "合計||12", "※注|",
    ]).prop_shuffle()) {
        rows.insert(0, "項目|月|実績");
        let (mut said, issues) = understood(&rows.join("\n"));
        said.sort();
        let mut expected = THREE.map(str::to_owned);
        expected.sort();
        prop_assert_eq!(said, expected);
        prop_assert!(issues.is_empty());
    }

    /// No grid makes it fail, and nothing is both taken and refused in silence.
    #[test]
    fn any_grid_ends_in_reports_or_issues(rows in prop::collection::vec(prop::collection::vec(
        prop_oneof![
            Just("項目".to_owned()), Just("月".to_owned()), Just("実績".to_owned()), Just("2025-09".to_owned()), Just("9月".to_owned()),
            Just("令和7年度".to_owned()), Just("consult-bank".to_owned()), Just("分子".to_owned()), Just("合計".to_owned()), Just(String::new()),
            "[0-9]{1,3}", "\\PC{0,6}",
        ], 1..6), 1..8)) {
        let table: Vec<String> = rows.iter().map(|row| row.join("|").replace(['\n', '\r'], " ")).collect();
        let (said, issues) = understood(&table.join("\n"));
        prop_assert!(!said.is_empty() || !issues.is_empty());
    }
}

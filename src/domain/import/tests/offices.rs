//! Sheets as offices have them, with plans, sums and dates of the paper around the
//! figures: what is no actual is never taken for one.

use super::*;

/// A table on a sheet of its own name.
fn read(name: &str, table: &str) -> (Vec<String>, Vec<String>) {
    let candidates = [candidate("mature-hard-to-fill")];
    outcome_of(&Given::default(), vec![sheet(name, table)], &candidates)
}

/// The only figure is the bank's consultations of September.
fn only_the_actual(tables: &[&str]) {
    for table in tables {
        let (said, issues) = read("実績", table);
        assert_eq!(said, ["2025-09 consult-bank=4"], "{table} {issues:?}");
        assert!(
            !issues.iter().any(|issue| !issue.starts_with('?')),
            "{table} {issues:?}"
        );
    }
}

fn refused(table: &str, expected: &[&str]) {
    let (said, issues) = read("実績", table);
    let errors: Vec<&String> = issues
        .iter()
        .filter(|issue| !issue.starts_with('?'))
        .collect();
    assert_eq!(errors, expected, "{table} {said:?}");
}

#[test]
fn plans_sums_and_last_years_are_no_actuals() {
    only_the_actual(&[
        "項目|区分|2025-09\nconsult-seminar|計画|5\nconsult-seminar|実績|\nconsult-bank|計画|9\nconsult-bank|実績|4",
        "項目|種別|2025-09\nconsult-bank|目標|9\n|実績|4\n|達成率|44%",
        "項目|月|区分|値\nconsult-bank|2025-09|計画|9\nconsult-bank|2025-09|実績|4",
        "項目|分|2025-09\nconsult-bank|計画|9\nconsult-bank|実績|4",
        "月|区分|consult-bank\n2025-09|計画|9\n2025-09|実績|4",
        "項目|2025-09\nconsult-bank|4\nconsult-bank（計画）|9\nconsult-bank（累計）|55",
        "月|consult-bank|consult-bank（目標）\n2025-09|4|9",
        "項目|月|実績|実績（累計）|件数（前年）\nconsult-bank|2025-09|4|55|3",
        "項目|月|単月|累計実績\nconsult-bank|2025-09|4|55",
        "|計画||実績|\n項目|2025-09|2025-10|2025-09|2025-10\nconsult-bank|9|9|4|",
        "|2025-09||年度累計|\n項目|計画|実績|計画|実績\nconsult-bank|9|4|90|40",
        "項目|2025-09|上期|前年度実績|年間目標値\nconsult-bank|4|20|30|99",
        "項番|取組|KPI|2025-09\n1|相談の充実|consult-bank|4",
        "項目|2025-09\n（件）|（件）\nconsult-bank|4\n＜合計＞|4\n上半期計|4\n累計|4",
        "令和7年度\n項目|9月（件）\nconsult-bank|4",
        "項目|2025-09\n①consult-bank|4",
        "項目|2025-09\n※consult-bank|4",
        "年|月|項目|実績\n2025|9|consult-bank|4",
        "年度|月|項目|実績\n2025|9月|consult-bank|4",
    ]);
}

#[test]
fn dates_of_the_paper_are_no_month() {
    only_the_actual(&[
        "対象月|2025年9月\n提出日|2025年10月5日\n項目|実績\nconsult-bank|4",
        "対象月|2025年9月\n|令和7年10月5日\n項目|実績\nconsult-bank|4",
        "様式第3号（R6.4改定）\n2025年9月分 実績\n項目|実績\nconsult-bank|4",
        "令和7年度 9月分\n作成日|2025年10月\n対象月|9月\n項目|実績\nconsult-bank|4",
        "令和7年度\n対象月|9\n項目|実績\nconsult-bank|4",
    ]);
    refused(
        "作成日 2025年10月5日\n項目|実績\nconsult-bank|4",
        &["unreadable_month@B3"],
    );
    refused(
        "計画期間 令和6年度～8年度\n項目|9月\nconsult-bank|4",
        &["unreadable_month@B2"],
    );
    refused(
        "2025年\n項目|12月|1月\nconsult-bank|4|5",
        &["unreadable_month@C2"],
    );
    for month in ["R7.4-9", "2025/4-9", "2025.7-9", "R7.10-12", "2025.1"] {
        refused(
            &format!("項目|月|実績\nconsult-bank|{month}|4"),
            &["unreadable_month@B2"],
        );
    }
}

#[test]
fn a_field_that_cannot_be_read_is_not_overruled_by_the_title() {
    for month in ["9月末頃", "先月", "2025-13", "10年9月"] {
        refused(
            &format!("2025年10月 実績\n対象月|{month}\n項目|実績\nconsult-bank|4"),
            &["unreadable_month@B2"],
        );
    }
    let (said, issues) = read(
        "",
        "2025年10月 実績\n対象月|2025-09\n\n項目|実績\nconsult-bank|4",
    );
    assert_eq!(said, ["2025-09 consult-bank=4"]);
    assert_eq!(issues, ["?unreadable_month@/"]);
    let (said, _) = read("", "2025年9月 実績\n対象月|9月\n項目|実績\nconsult-bank|4");
    assert_eq!(said, ["2025-09 consult-bank=4"], "the title knows the year");
}

#[test]
fn a_sheet_is_named_by_its_month() {
    let table = "項目|実績\nconsult-bank|4";
    assert_eq!(read("2025年9月", table).0, ["2025-09 consult-bank=4"]);
    assert_eq!(read("R7.9", table).0, ["2025-09 consult-bank=4"]);
    let dated = format!("令和7年度 実績\n{table}");
    assert_eq!(read("9月", &dated).0, ["2025-09 consult-bank=4"]);
    let copied = format!("令和7年9月 実績\n{table}");
    assert_eq!(read("10月", &copied).1, ["unreadable_month@B3"]);
}

#[test]
fn another_table_below_is_not_read_as_the_first() {
    for below in [
        "項目|2025-10\nconsult-bank|5",
        "前年度\n項目|2025-09\nconsult-bank|5",
        "計画\n項目|2025-09\nconsult-bank|5",
    ] {
        let (_, issues) = read(
            "実績",
            &format!("項目|2025-09\nconsult-bank|\nconsult-seminar|3\n\n{below}"),
        );
        assert_eq!(issues.len(), 1, "{below} {issues:?}");
        assert!(
            issues[0].starts_with("unknown_heading@A"),
            "{below} {issues:?}"
        );
    }
}

#[test]
fn parts_of_a_sum_are_not_taken_for_it() {
    refused(
        "項目|内訳|2025-09\nconsult-bank|副業|2\nconsult-bank|常勤|",
        &["unknown_heading@A2"],
    );
    only_the_actual(&["項目|区分|2025-09\nconsult-bank|相談|4"]);
    let candidates = [candidate("challenge-employment")];
    let (said, issues) = outcome_of(
        &Given::default(),
        vec![sheet(
            "",
            "項目|2025-09\nマッチングした人材の離職率（うち副業）|3",
        )],
        &candidates,
    );
    assert_eq!(said, Vec::<String>::new());
    assert_eq!(issues, ["unknown_item@A2"]);
}

#[test]
fn the_sheet_with_actuals_is_chosen() {
    let candidates = [candidate("mature-hard-to-fill")];
    let plan = sheet("計画", "項目|2025-09\nconsult-bank|9");
    let blank = sheet("令和6年度", "項目|2024-09\nconsult-bank|");
    let actual = sheet("令和7年度", "項目|2025-09\nconsult-bank|4");
    let sheets = vec![plan.clone(), blank, actual];
    let (said, _) = outcome_of(&Given::default(), sheets, &candidates);
    assert_eq!(said, ["2025-09 consult-bank=4"]);
    let (_, issues) = outcome_of(&Given::default(), vec![plan], &candidates);
    assert_eq!(issues, ["?unknown_heading@/計画"], "a person has to look");
}

#[test]
fn thousands_of_yen_above_the_table_are_no_yen() {
    refused(
        "（単位：千円）\n項目|月|実績\nconsult-bank|2025-09|4\nfee-income|2025-09|1200",
        &["unreadable_figure@C4"],
    );
    refused(
        "項目|月|実績\nfee-income|2025-09|1200\n※金額は千円単位",
        &["unreadable_figure@C2"],
    );
}

#[test]
fn an_item_with_a_slip_of_the_pen_is_no_plan() {
    refused(
        "月|consult-bank|相談計画の策定件数\n2025-09|4|5",
        &["unknown_heading@C1"],
    );
    only_the_actual(&["月|consult-bank|4～9月計|累計実績|年度目標\n2025-09|4|5|6|7"]);
}

#[test]
fn an_amount_in_a_name_is_no_unit() {
    let name = "寄付金額100万円以上の相談";
    let mut given = Given::default();
    given
        .mapping
        .items
        .insert(name.to_owned(), "consult-bank".to_owned());
    let table = format!("項目|月|実績\n{name}|2025-09|4\nfee-income|2025-09|1200");
    let candidates = [candidate("mature-hard-to-fill")];
    let (said, issues) = outcome_of(&given, vec![sheet("", &table)], &candidates);
    assert_eq!(
        said,
        ["2025-09 consult-bank=4", "2025-09 fee-income=1200"],
        "{issues:?}"
    );
}

#[test]
fn commas_that_part_a_figure_are_seen() {
    refused(
        "項目|月|実績\nfee-income|2025-09|1|234",
        &["unreadable_figure@D2"],
    );
    refused(
        "項目|月|実績|備考\nfee-income|2025-09|1|234|メモ",
        &["unreadable_figure@E2"],
    );
}

#[test]
fn two_figures_in_a_cell_are_none() {
    for figure in ["3 5", "3\n5", "3¹", "該当なし", "N/A"] {
        let cells = vec![(0, "consult-bank"), (1, "2025-09"), (2, figure)];
        let mut read = sheet("", "項目|月|実績\nx|x|x");
        read.rows[1].cells = cells
            .into_iter()
            .map(|(column, text)| (column, Cell::Text(text.to_owned())))
            .collect();
        let candidates = [candidate("mature-hard-to-fill")];
        let (_, issues) = outcome_of(&Given::default(), vec![read], &candidates);
        assert_eq!(issues, ["unreadable_figure@C2"], "{figure}");
    }
}

#[test]
fn code_and_name_of_a_row_must_agree() {
    let name = candidate("mature-hard-to-fill");
    let name = name
        .items()
        .find(|item| item.key == "consult-bank")
        .unwrap()
        .name
        .ja
        .clone();
    let table = |code: &str| format!("項目コード|項目名|月|実績\n{code}|{name}|2025-09|4");
    assert_eq!(
        read("", &table("consult-bank")).0,
        ["2025-09 consult-bank=4"]
    );
    assert_eq!(
        read("", &table("17")).0,
        ["2025-09 consult-bank=4"],
        "a number of their own"
    );
    refused(&table("consult-seminar"), &["ambiguous_item@A2"]);
}

#[test]
fn the_first_row_of_figures_is_no_row_of_headings() {
    let given = Given {
        month: "2025-09".parse().ok(),
        ..Given::default()
    };
    let candidates = [candidate("mature-hard-to-fill")];
    for table in [
        "|2025-09\nconsult-bank|4",
        "項目|実績件数\nconsult-bank|4",
        "項目＼月|2025-09\nconsult-bank|4",
    ] {
        let (said, issues) = outcome_of(&given, vec![sheet("", table)], &candidates);
        assert_eq!(said, ["2025-09 consult-bank=4"], "{table} {issues:?}");
    }
}

#[test]
fn zeros_of_months_ahead_wait() {
    let (said, issues) = read("実績", "項目|2025-09|2026-11|2026-12\nconsult-bank|4|0|0");
    assert_eq!(said, ["2025-09 consult-bank=4"]);
    assert_eq!(issues, ["?month_not_ended@C2"]);
}

#[test]
fn what_is_wrong_is_told_of_the_scorecard_that_fits_best() {
    let candidates = [
        candidate("mature-hard-to-fill"),
        candidate("challenge-employment"),
    ];
    let table = "項目|2025-09\nconsult-bank|4\nconsult-seminar|3\nconsult-bnk|4";
    let (_, issues) = outcome_of(&Given::default(), vec![sheet("", table)], &candidates);
    assert_eq!(issues, ["unknown_item@A4"]);
}

#[test]
fn words_in_remarks_and_groups_are_no_plans() {
    only_the_actual(&[
        "項目|2025-09|進捗状況\nconsult-bank|4|計画どおり",
        "項目|2025-09|\nconsult-bank|4|計画",
        "主担当|項目|2025-09\n企画計画課|consult-bank|4",
        "区分|項目|2025-09\n活動目標|consult-bank|4",
        "区分|項目|2025-09\n相談|consult-bank|4\n成果|consult-seminar|\n合計||4",
        "月|consult-bank|主な行事\n2025-09|4|年間計画説明会",
        "令和7年度\n項目|上半期\n|9月\nconsult-bank|4",
        "|（計画値は別紙）\n項目|2025-09\nconsult-bank|4",
        "項目|2025-09\nconsult-bank|4\n\n２．成約\n項目|2025-09\nconsult-seminar|",
        "項目|計画|実績\n|2025-09|2025-09\nconsult-bank|9|4",
        "令和7年9月分\n項目|当月||累計|\n|計画|実績|計画|実績\nconsult-bank|9|4|90|40",
        "項目|区分|2025-09\nconsult-bank|前年実績|9\nconsult-bank|累計実績|55\nconsult-bank|実績|4",
        "項目|前年実績|実績見込|実績（累計）|実績|月\nconsult-bank|9|9|9|4|2025-09",
        "|前年実績|当月実績\n項目|2025-09|2025-09\nconsult-bank|9|4",
    ]);
    let mut titled = sheet("", "自走化計画||\n項目|2025-09|2025-10\nconsult-bank|4|");
    titled.merged = vec![Merged {
        first: Position { row: 0, column: 0 },
        last: Position { row: 0, column: 2 },
    }];
    let candidates = [candidate("mature-hard-to-fill")];
    let (said, _) = outcome_of(&Given::default(), vec![titled], &candidates);
    assert_eq!(said, ["2025-09 consult-bank=4"]);
}

#[test]
fn a_plan_below_the_actuals_stops_the_import() {
    for table in [
        "実績\n月|consult-bank\n2025-09|4\n\n計画\n月|consult-bank\n2025-10|9",
        "項目|2025-09|2025-10\nconsult-bank|4|\n\n令和6年度\nconsult-bank||9",
        "2025年9月分\n項目|実績\nconsult-bank|4\n\n2025年10月分\nconsult-seminar|9",
    ] {
        let (_, issues) = read("実績", table);
        let errors: Vec<_> = issues
            .iter()
            .filter(|issue| !issue.starts_with('?'))
            .collect();
        assert!(
            errors[0].starts_with("unknown_heading@A"),
            "{table} {issues:?}"
        );
    }
    let mut dates = sheet("", "項目|2025-09\nconsult-bank|4\n報告日|x");
    dates.rows[2].cells[1].1 = Cell::Date("2025-10-05".parse().unwrap());
    let candidates = [candidate("mature-hard-to-fill")];
    let (said, issues) = outcome_of(&Given::default(), vec![dates], &candidates);
    assert_eq!(said, ["2025-09 consult-bank=4"]);
    assert_eq!(issues, Vec::<String>::new());
}

#[test]
fn what_contradicts_the_field_of_the_month_is_refused() {
    refused(
        "対象月|2025年9月\n|令和7年10月\n項目|実績\nconsult-bank|4",
        &["unreadable_month@B3"],
    );
    refused(
        "対象月||スコアカード名|x\n\n項目|実績\nconsult-bank|4",
        &["unreadable_month@B4"],
    );
    for thousands in ["（千円）", "千円", "金額（千円）", "注）金額は千円"] {
        refused(
            &format!("{thousands}\n項目|月|実績\nfee-income|2025-09|1200"),
            &["unreadable_figure@C3"],
        );
    }
    refused(
        "項目|月|実績|備考\nfee-income|2025-09|1|234",
        &["unreadable_figure@D2"],
    );
}

//! The first page: score and signal, how many items stand where, and what to
//! look at and to prepare.

use rust_xlsxwriter::{Format, Worksheet, XlsxError};

use super::{OVERVIEW_SHEET, charts};
use crate::domain::amount::Exact;
use crate::domain::causes::{CauseKind, RemedyDocument};
use crate::domain::evaluate::Counts;
use crate::domain::export::headings::NOT_IMPORTED;
use crate::domain::export::words::{flag, marked, month_with_era};
use crate::domain::export::{Attention, MonthlyReport, ReportRow};
use crate::domain::month_state::MonthState;
use crate::domain::status::{Flag, Status};
use crate::domain::words::{figure, full_percent_share, month_name};
use crate::sheets::{look, paper};

const TITLE_ROW: u32 = 1;
const SUMMARY_ROW: u32 = 5;
const COUNTS_ROW: u32 = 8;
/// Rows of the counts, with that of the title below.
const COUNTS_ROWS: u32 = 11;
const SCORE_POINTS: f64 = 18.0;
/// Widths of the columns, from the left.
const WIDTHS: [f64; 7] = [16.0, 20.0, 34.0, 14.0, 14.0, 48.0, 48.0];
/// Where the funnel stands, and its pixels: as high as the counts beside it, and
/// higher where its steps are too many for that.
const FUNNEL_COLUMN: u16 = 5;
const FUNNEL_WIDTH: u32 = 680;
const FUNNEL_HEIGHT_MIN: u32 = 230;
const FUNNEL_FRAME: u32 = 90;
const FUNNEL_BAR: u32 = 34;
/// Preparations shown of one item; the rest is on the screen.
const REMEDIES_SHOWN: usize = 4;

/// Writes the page.
pub(super) fn write(
    sheet: &mut Worksheet,
    report: &MonthlyReport,
    title: &str,
) -> Result<(), XlsxError> {
    sheet.set_name(OVERVIEW_SHEET)?.set_screen_gridlines(false);
    for (column, width) in (0..).zip(WIDTHS) {
        sheet.set_column_width(column, width)?;
    }
    write_head(sheet, report, title)?;
    write_summary(sheet, report)?;
    write_counts(sheet, &report.evaluation.counts)?;
    write_perspectives(sheet, report)?;
    let funnel_rows = write_funnel(sheet, report)?;
    let attention_row = COUNTS_ROW + COUNTS_ROWS.max(funnel_rows);
    let last = write_attention(sheet, report, attention_row)?;
    if last > attention_row {
        sheet.set_repeat_rows(attention_row, attention_row)?;
    }
    let subject = format!("{}分 月次報告書", month_with_era(report.month));
    paper::set_up(sheet, &report.about, &subject);
    sheet.set_print_area(TITLE_ROW, 0, last, 6)?;
    Ok(())
}

fn write_head(sheet: &mut Worksheet, report: &MonthlyReport, title: &str) -> Result<(), XlsxError> {
    let about = &report.about;
    sheet.write_string_with_format(0, 0, NOT_IMPORTED, &look::remark())?;
    sheet.write_string_with_format(TITLE_ROW, 0, title, &look::title())?;
    sheet.set_row_height(TITLE_ROW, 30.0)?;
    let place = format!(
        "{}　{}　／　{}",
        about.prefecture_name.ja, about.hub_name.ja, about.name.ja
    );
    sheet.write_string_with_format(TITLE_ROW + 1, 0, place, &look::section())?;
    let when = format!(
        "取組 {} 年目の {} か月目（開始 {}）",
        report.at.year(),
        report.at.month_of_year(),
        month_name(about.start).ja
    );
    sheet.write_string_with_format(TITLE_ROW + 2, 0, when, &look::remark())?;
    Ok(())
}

fn write_summary(sheet: &mut Worksheet, report: &MonthlyReport) -> Result<(), XlsxError> {
    let evaluation = &report.evaluation;
    let headings = [
        "判定",
        "総合得点（100 点満点）",
        "報告のそろい具合",
        "期日の来た項目",
        "うち計画どおり",
        "承認",
    ];
    for (column, text) in (0..).zip(headings) {
        sheet.write_string_with_format(SUMMARY_ROW, column, text, &look::heading())?;
    }
    let row = SUMMARY_ROW + 1;
    sheet.set_row_height(row, 34.0)?;
    let large = |format: Format| format.set_font_size(SCORE_POINTS).set_bold();
    let signal = match evaluation.flag {
        Flag::Red | Flag::Amber => look::status(Status::Behind, evaluation.flag),
        Flag::None => look::status(Status::OnTrack, Flag::None),
    };
    if report.has_report {
        sheet.write_string_with_format(
            row,
            0,
            flag(evaluation.flag),
            &signal.set_font_size(14.0),
        )?;
    } else {
        sheet.write_string_with_format(row, 0, "◇ 報告なし", &look::centered().set_bold())?;
    }
    let number = |format: &str| large(look::centered()).set_num_format(format);
    write_figure(sheet, (row, 1), evaluation.score.as_ref(), &number("0.0"))?;
    // 100% only where nothing is missing.
    let coverage = evaluation.coverage.as_ref().map(full_percent_share);
    write_figure(sheet, (row, 2), coverage.as_ref(), &number("0%"))?;
    for (column, count) in [(3, evaluation.counts.due), (4, evaluation.counts.met)] {
        sheet.write_number_with_format(row, column, count, &number("0\" 項目\""))?;
    }
    let state = match report.state {
        MonthState::Open => "未承認",
        MonthState::Approved => "承認済み",
        MonthState::Returned => "差し戻し中",
    };
    sheet.write_string_with_format(row, 5, state, &look::centered().set_font_size(14.0))?;
    if let Some(remark) = remark(report) {
        sheet.write_string_with_format(SUMMARY_ROW - 1, 0, remark, &look::section())?;
    }
    Ok(())
}

/// What to know before reading on.
fn remark(report: &MonthlyReport) -> Option<&'static str> {
    if !report.has_report {
        Some(
            "◇ まだ一度も報告がありません。入力表（入力用ブック）に記入して取り込むと、ここに評価が出ます。",
        )
    } else if report.evaluation.provisional {
        Some("◇ 報告がそろっていないため、得点は暫定です。")
    } else {
        None
    }
}

fn write_figure(
    sheet: &mut Worksheet,
    (row, column): (u32, u16),
    value: Option<&Exact>,
    format: &Format,
) -> Result<(), XlsxError> {
    match value {
        Some(value) => sheet.write_number_with_format(row, column, value.to_f64(), format)?,
        None => sheet.write_string_with_format(row, column, "－", &look::centered())?,
    };
    Ok(())
}

/// Every status with the number of its items.
fn write_counts(sheet: &mut Worksheet, counts: &Counts) -> Result<(), XlsxError> {
    for (column, text) in [(0, "状態"), (1, "項目の数")] {
        sheet.write_string_with_format(COUNTS_ROW, column, text, &look::heading())?;
    }
    let all = [
        (Status::Behind, counts.behind),
        (Status::AtRisk, counts.at_risk),
        (Status::NoData, counts.no_data),
        (Status::OnTrack, counts.on_track),
        (Status::Achieved, counts.achieved),
        (Status::NotDue, counts.not_due),
        (Status::Untargeted, counts.untargeted),
        (Status::NotApplicable, counts.not_applicable),
    ];
    for (row, (status, count)) in (COUNTS_ROW + 1..).zip(all) {
        sheet.write_string_with_format(row, 0, marked(status), &look::text())?;
        sheet.write_number_with_format(row, 1, count, &look::centered())?;
    }
    Ok(())
}

fn write_perspectives(sheet: &mut Worksheet, report: &MonthlyReport) -> Result<(), XlsxError> {
    for (column, text) in [(2, "視点"), (3, "得点"), (4, "そろい具合")] {
        sheet.write_string_with_format(COUNTS_ROW, column, text, &look::heading())?;
    }
    for (row, each) in (COUNTS_ROW + 1..).zip(&report.evaluation.perspectives) {
        let name = each.perspective.name().ja;
        sheet.write_string_with_format(row, 2, name, &look::text())?;
        let number = |format: &str| look::centered().set_num_format(format);
        write_figure(sheet, (row, 3), each.score.as_ref(), &number("0.0"))?;
        let coverage = each.coverage.as_ref().map(full_percent_share);
        write_figure(sheet, (row, 4), coverage.as_ref(), &number("0%"))?;
    }
    Ok(())
}

/// Draws the funnel beside the counts; returns the rows that it takes, with that of
/// the title below.
fn write_funnel(sheet: &mut Worksheet, report: &MonthlyReport) -> Result<u32, XlsxError> {
    if report.funnel.is_empty() {
        return Ok(0);
    }
    let bars = u32::try_from(report.funnel.len()).unwrap_or(0);
    let height = FUNNEL_HEIGHT_MIN.max(FUNNEL_FRAME + bars * FUNNEL_BAR);
    let mut chart = charts::funnel(&report.funnel);
    chart.set_width(FUNNEL_WIDTH).set_height(height);
    sheet.insert_chart_with_offset(COUNTS_ROW, FUNNEL_COLUMN, &chart, 8, 0)?;
    Ok(height / look::ROW_PIXELS + 2)
}

/// What is red or amber, why, and what to prepare, with its headings in this row;
/// returns the last row.
fn write_attention(
    sheet: &mut Worksheet,
    report: &MonthlyReport,
    heading_row: u32,
) -> Result<u32, XlsxError> {
    let title = "重点的に取り組むステップ（赤信号・黄信号）";
    sheet.write_string_with_format(heading_row - 1, 0, title, &look::section())?;
    if report.attention.is_empty() {
        let none = if report.has_report {
            "赤信号・黄信号の項目はありません。"
        } else {
            "報告がまだないため、判定していません。"
        };
        sheet.write_string_with_format(heading_row, 0, none, &look::plain())?;
        return Ok(heading_row);
    }
    let headings = [
        "状態",
        "段階",
        "項目",
        "計画",
        "実績",
        "理由",
        "取り組むこと",
    ];
    for (column, text) in (0..).zip(headings) {
        sheet.write_string_with_format(heading_row, column, text, &look::heading())?;
    }
    let mut last = heading_row;
    for attention in &report.attention {
        if let Some(row) = report.rows.get(attention.position) {
            last += 1;
            write_attended(sheet, last, row, attention)?;
        }
    }
    Ok(last)
}

fn write_attended(
    sheet: &mut Worksheet,
    at: u32,
    row: &ReportRow,
    attention: &Attention,
) -> Result<(), XlsxError> {
    let (line, evaluated) = (&row.line, &row.evaluated);
    let item = &line.item;
    let stage = match &line.track {
        Some(track) => format!("{}\n{track}", line.marked_stage()),
        None => line.marked_stage(),
    };
    let shown = |value: Option<&Exact>| {
        value.map_or_else(
            || "－".to_owned(),
            |value| figure(item.measure, &item.unit, value).ja,
        )
    };
    let texts = [
        stage,
        item.name.ja.clone(),
        shown(Some(&evaluated.plan)),
        shown(evaluated.actual.as_ref()),
        evaluated.reason.ja.clone(),
        to_do(attention),
    ];
    let format = look::status(evaluated.status, evaluated.flag);
    sheet.write_string_with_format(at, 0, marked(evaluated.status), &format)?;
    let left = look::text();
    let right = look::number();
    let mut heights = Vec::new();
    for ((column, width), text) in (1..).zip(WIDTHS.into_iter().skip(1)).zip(&texts) {
        let format = if (3..=4).contains(&column) {
            &right
        } else {
            &left
        };
        sheet.write_string_with_format(at, column, text, format)?;
        heights.push((text.as_str(), width));
    }
    sheet.set_row_height(at, look::height(&heights))?;
    Ok(())
}

/// Where the shortage begins, and the preparation to work on.
fn to_do(attention: &Attention) -> String {
    let cause = &attention.cause;
    let mut lines = Vec::new();
    let kind = match cause.kind {
        CauseKind::Inherited => "上流から届く件数が足りません。",
        CauseKind::Preparation => "前段の準備が整っていません。",
        CauseKind::Timing => "上流より先に計画が始まっています。",
        CauseKind::Conversion => "届いていますが、次へ進む割合が足りません。",
        CauseKind::Execution => "この項目そのものの取組が遅れています。",
    };
    let upstream = cause.root_causes.iter().filter(|root| root.distance > 0);
    let names: Vec<String> = upstream
        .map(|root| format!("「{}」", root.item_name.ja))
        .collect();
    if names.is_empty() {
        lines.push(kind.to_owned());
    } else {
        lines.push(format!("{kind}起点：{}", names.concat()));
    }
    lines.extend(cause.remedies.iter().take(REMEDIES_SHOWN).map(prepared));
    let left = cause.remedies.len().saturating_sub(REMEDIES_SHOWN);
    if left > 0 {
        lines.push(format!("ほか {left} 件の準備"));
    }
    lines.extend(cause.advice.as_ref().map(|advice| advice.ja.clone()));
    lines.join("\n")
}

/// "・「説明資料」を進める（▲ 注意、期限 2026年8月）".
fn prepared(remedy: &RemedyDocument) -> String {
    let due = remedy.due_month.map_or_else(String::new, |month| {
        format!("、期限 {}", month_name(month).ja)
    });
    format!(
        "・「{}」を進める（{}{due}）",
        remedy.item_name.ja,
        marked(remedy.status)
    )
}

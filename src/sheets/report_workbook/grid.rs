//! The grid of statuses: a shape in a colour for every item and month.

use rust_xlsxwriter::{FormatAlign, Worksheet, XlsxError};

use super::GRID_SHEET;
use crate::domain::export::headings::NOT_IMPORTED;
use crate::domain::export::words::{fiscal_year_with_era, glyph, month_with_era};
use crate::domain::export::{MonthlyReport, ReportRow};
use crate::domain::month::Month;
use crate::domain::status::Status;
use crate::sheets::{look, paper};

/// The legend takes this row and the next.
const LEGEND_ROW: u32 = 2;
const YEAR_ROW: u32 = 4;
const HEADING_ROW: u32 = 5;
const FIRST_ROW: u32 = 6;
const FIRST_MONTH: u16 = 2;
const STAGE_WIDTH: f64 = 18.0;
const NAME_WIDTH: f64 = 38.0;
const MONTH_WIDTH: f64 = 5.0;
/// The name of a fiscal year, which runs over its months, in widths of a digit.
const YEAR_WIDTH: f64 = 13.0;
/// Of a column that nothing is set of, a little less than it has.
const OTHER_WIDTH: f64 = 9.0;

/// What each line of the legend explains.
const LEGEND: [&[(Status, &str)]; 2] = [
    &[
        (Status::Behind, "遅れ（ハードルの高いステップ：赤信号）"),
        (Status::Behind, "遅れ（黄信号）"),
        (Status::AtRisk, "注意（ハードルの高いステップ：黄信号）"),
        (Status::AtRisk, "注意"),
    ],
    &[
        (Status::NoData, "未報告"),
        (Status::OnTrack, "順調"),
        (Status::Achieved, "達成"),
        (Status::NotDue, "開始前"),
        (Status::Untargeted, "目標なし"),
        (Status::NotApplicable, "対象外"),
    ],
];

/// Writes the grid.
pub(super) fn write(sheet: &mut Worksheet, report: &MonthlyReport) -> Result<(), XlsxError> {
    sheet.set_name(GRID_SHEET)?.set_screen_gridlines(false);
    sheet.write_string_with_format(0, 0, NOT_IMPORTED, &look::remark())?;
    let title = format!("状態の推移　{}まで", month_with_era(report.month));
    sheet.write_string_with_format(1, 0, title, &look::section())?;
    let legend_width = write_legend(sheet)?;
    write_headings(sheet, report)?;
    let mut last = HEADING_ROW;
    for (at, row) in (FIRST_ROW..).zip(&report.rows) {
        write_row(sheet, at, row)?;
        last = at;
    }
    sheet.set_freeze_panes(FIRST_ROW, FIRST_MONTH)?;
    sheet.set_repeat_rows(YEAR_ROW, HEADING_ROW)?;
    paper::set_up(sheet, &report.about, "状態の推移");
    sheet.set_print_area(1, 0, last, last_printed(report, legend_width))?;
    Ok(())
}

/// The last column on paper: that of the last month, or that in which the legend
/// ends where there are few months yet.
fn last_printed(report: &MonthlyReport, legend_width: f64) -> u16 {
    let months = u16::try_from(report.months.len()).unwrap_or(u16::MAX);
    let last = FIRST_MONTH.saturating_add(months).saturating_sub(1);
    let widths = report
        .months
        .iter()
        .map(|month| month_width(report, *month));
    let mut lacking = legend_width - STAGE_WIDTH - NAME_WIDTH - widths.sum::<f64>();
    let mut beyond = 0;
    while lacking > 0.0 {
        lacking -= OTHER_WIDTH;
        beyond += 1;
    }
    last.saturating_add(beyond)
}

/// The width of a month's column: wider where its fiscal year shows so few
/// months that the year's name would not fit over them.
fn month_width(report: &MonthlyReport, month: Month) -> f64 {
    let year = month.fiscal_year();
    let months = report.months.iter();
    let shown: f64 = months
        .filter(|other| other.fiscal_year() == year)
        .map(|_| 1.0)
        .sum();
    MONTH_WIDTH.max(YEAR_WIDTH / shown)
}

/// Each shape with its words, on two lines; returns the width of the longer one.
fn write_legend(sheet: &mut Worksheet) -> Result<f64, XlsxError> {
    let mut width: f64 = 0.0;
    for (row, entries) in (LEGEND_ROW..).zip(LEGEND) {
        let entries = entries.iter();
        let words: Vec<String> = entries
            .map(|(status, words)| format!("{} {words}", glyph(*status)))
            .collect();
        let line = words.join("　");
        sheet.write_string_with_format(row, 0, &line, &look::remark())?;
        width = width.max(look::width(&line));
    }
    Ok(width)
}

fn write_headings(sheet: &mut Worksheet, report: &MonthlyReport) -> Result<(), XlsxError> {
    for (column, text, width) in [(0, "段階", STAGE_WIDTH), (1, "項目", NAME_WIDTH)] {
        sheet.set_column_width(column, width)?;
        sheet.write_blank(YEAR_ROW, column, &look::heading())?;
        sheet.write_string_with_format(HEADING_ROW, column, text, &look::heading())?;
    }
    let mut shown = None;
    for (column, month) in (FIRST_MONTH..).zip(&report.months) {
        sheet.set_column_width(column, month_width(report, *month))?;
        // A year's name runs over the months beside it.
        let over = look::heading()
            .set_align(FormatAlign::Left)
            .unset_text_wrap();
        let year = month.fiscal_year();
        if shown.replace(year) == Some(year) {
            sheet.write_blank(YEAR_ROW, column, &over)?;
        } else {
            sheet.write_string_with_format(
                YEAR_ROW,
                column,
                fiscal_year_with_era(*month),
                &over,
            )?;
        }
        let text = format!("{}月", month.month_of_year());
        sheet.write_string_with_format(HEADING_ROW, column, text, &look::heading())?;
    }
    Ok(())
}

fn write_row(sheet: &mut Worksheet, at: u32, row: &ReportRow) -> Result<(), XlsxError> {
    let item = &row.line.item;
    let stage = row.line.marked_stage();
    let name = item.name.ja.as_str();
    sheet.set_row_height(
        at,
        look::height(&[(&stage, STAGE_WIDTH), (name, NAME_WIDTH)]),
    )?;
    sheet.write_string_with_format(at, 0, &stage, &look::text())?;
    sheet.write_string_with_format(at, 1, name, &look::text())?;
    for (column, status) in (FIRST_MONTH..).zip(&row.statuses) {
        match status {
            Some((status, flag)) => {
                let format = look::status(*status, *flag);
                sheet.write_string_with_format(at, column, glyph(*status), &format)?;
            }
            None => {
                sheet.write_blank(at, column, &look::barred())?;
            }
        }
    }
    Ok(())
}

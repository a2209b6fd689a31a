//! The grid of statuses: a shape in a colour for every item and month.

use rust_xlsxwriter::{FormatAlign, Worksheet, XlsxError};

use super::GRID_SHEET;
use crate::domain::export::headings::NOT_IMPORTED;
use crate::domain::export::words::{fiscal_year_with_era, glyph, month_with_era};
use crate::domain::export::{MonthlyReport, ReportRow};
use crate::domain::status::{Flag, Status};
use crate::sheets::{look, paper};

const LEGEND_ROW: u32 = 2;
const YEAR_ROW: u32 = 4;
const HEADING_ROW: u32 = 5;
const FIRST_ROW: u32 = 6;
const FIRST_MONTH: u16 = 2;
const STAGE_WIDTH: f64 = 18.0;
const NAME_WIDTH: f64 = 38.0;
const MONTH_WIDTH: f64 = 5.0;

/// Writes the grid.
pub(super) fn write(sheet: &mut Worksheet, report: &MonthlyReport) -> Result<(), XlsxError> {
    sheet.set_name(GRID_SHEET)?.set_screen_gridlines(false);
    sheet.write_string_with_format(0, 0, NOT_IMPORTED, &look::remark())?;
    let title = format!("状態の推移　{}まで", month_with_era(report.month));
    sheet.write_string_with_format(1, 0, title, &look::section())?;
    write_legend(sheet)?;
    write_headings(sheet, report)?;
    let mut last = HEADING_ROW;
    for (at, row) in (FIRST_ROW..).zip(&report.rows) {
        write_row(sheet, at, row)?;
        last = at;
    }
    sheet.set_freeze_panes(FIRST_ROW, FIRST_MONTH)?;
    sheet.set_repeat_rows(YEAR_ROW, HEADING_ROW)?;
    paper::set_up(sheet, &report.about, "状態の推移");
    let months = u16::try_from(report.months.len()).unwrap_or(u16::MAX);
    sheet.set_print_area(
        1,
        0,
        last,
        FIRST_MONTH.saturating_add(months).saturating_sub(1),
    )?;
    Ok(())
}

/// Each shape in its colour, with its words beside.
fn write_legend(sheet: &mut Worksheet) -> Result<(), XlsxError> {
    let entries = [
        (
            Status::Behind,
            Flag::Red,
            "遅れ（ハードルの高いステップ：赤信号）",
        ),
        (Status::Behind, Flag::Amber, "遅れ（黄信号）"),
        (
            Status::AtRisk,
            Flag::Amber,
            "注意（ハードルの高いステップ：黄信号）",
        ),
        (Status::AtRisk, Flag::None, "注意"),
        (Status::NoData, Flag::None, "未報告"),
        (Status::OnTrack, Flag::None, "順調"),
        (Status::Achieved, Flag::None, "達成"),
        (Status::NotDue, Flag::None, "開始前"),
        (Status::Untargeted, Flag::None, "目標なし"),
        (Status::NotApplicable, Flag::None, "対象外"),
    ];
    let words: Vec<String> = entries
        .iter()
        .map(|(status, _, words)| format!("{} {words}", glyph(*status)))
        .collect();
    sheet.write_string_with_format(LEGEND_ROW, 0, words.join("　"), &look::remark())?;
    Ok(())
}

fn write_headings(sheet: &mut Worksheet, report: &MonthlyReport) -> Result<(), XlsxError> {
    for (column, text, width) in [(0, "段階", STAGE_WIDTH), (1, "項目", NAME_WIDTH)] {
        sheet.set_column_width(column, width)?;
        sheet.write_blank(YEAR_ROW, column, &look::heading())?;
        sheet.write_string_with_format(HEADING_ROW, column, text, &look::heading())?;
    }
    let mut shown = None;
    for (column, month) in (FIRST_MONTH..).zip(&report.months) {
        sheet.set_column_width(column, MONTH_WIDTH)?;
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

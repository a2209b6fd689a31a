//! Every item with plan, actual, attainment, status and reason.

use rust_xlsxwriter::{Format, Worksheet, XlsxError};

use super::ITEMS_SHEET;
use crate::domain::amount::{Amount, Exact};
use crate::domain::export::headings::NOT_IMPORTED;
use crate::domain::export::words::{marked, measure, month_with_era};
use crate::domain::export::{MonthlyReport, ReportRow};
use crate::domain::scorecard::Item;
use crate::domain::words::{full_percent_share, unit_name};
use crate::sheets::{look, paper};

const HEADING_ROW: u32 = 3;
const FIRST_ROW: u32 = 4;

/// What a column shows.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Column {
    Stage,
    Track,
    Name,
    Unit,
    Measure,
    Target,
    Plan,
    Actual,
    Attainment,
    Status,
    Reason,
}

/// Every column with its heading and width, from the left.
const COLUMNS: [(Column, &str, f64); 11] = [
    (Column::Stage, "段階", 18.0),
    (Column::Track, "トラック", 17.0),
    (Column::Name, "項目", 38.0),
    (Column::Unit, "単位", 6.0),
    (Column::Measure, "集計方法", 16.0),
    (Column::Target, "目標", 13.0),
    (Column::Plan, "計画", 13.0),
    (Column::Actual, "実績", 13.0),
    (Column::Attainment, "達成率", 9.0),
    (Column::Status, "状態", 12.0),
    (Column::Reason, "理由", 60.0),
];

/// Writes the table.
pub(super) fn write(sheet: &mut Worksheet, report: &MonthlyReport) -> Result<(), XlsxError> {
    sheet.set_name(ITEMS_SHEET)?.set_screen_gridlines(false);
    sheet.write_string_with_format(0, 0, NOT_IMPORTED, &look::remark())?;
    let title = format!("項目別の状況　{}分", month_with_era(report.month));
    sheet.write_string_with_format(1, 0, title, &look::section())?;
    let legend = "計画と実績は、この月までの値です　　● ハードルの高いステップ　　状態：■ 遅れ　▲ 注意　◇ 未報告　● 順調　★ 達成　○ 開始前　－ 目標なし　× 対象外";
    sheet.write_string_with_format(2, 0, legend, &look::remark())?;
    let has_tracks = report.rows.iter().any(|row| row.line.track.is_some());
    let columns: Vec<(u16, Column, f64)> = (0..)
        .zip(
            COLUMNS
                .into_iter()
                .filter(|(column, ..)| has_tracks || *column != Column::Track),
        )
        .map(|(at, (column, _, width))| (at, column, width))
        .collect();
    let headings = COLUMNS.into_iter();
    for (at, column, width) in &columns {
        let found = headings.clone().find(|(known, ..)| known == column);
        let heading = found.map_or("", |(_, heading, _)| heading);
        sheet.set_column_width(*at, *width)?;
        sheet.write_string_with_format(HEADING_ROW, *at, heading, &look::heading())?;
    }
    let mut last = HEADING_ROW;
    for (at, row) in (FIRST_ROW..).zip(&report.rows) {
        write_row(sheet, at, row, &columns)?;
        last = at;
    }
    let last_column = columns.last().map_or(0, |(at, ..)| *at);
    sheet.autofilter(HEADING_ROW, 0, last, last_column)?;
    sheet.set_freeze_panes(FIRST_ROW, if has_tracks { 3 } else { 2 })?;
    sheet.set_repeat_rows(HEADING_ROW, HEADING_ROW)?;
    let subject = format!("{}分 項目別", month_with_era(report.month));
    paper::set_up(sheet, &report.about, &subject);
    sheet.set_print_area(1, 0, last, last_column)?;
    Ok(())
}

fn write_row(
    sheet: &mut Worksheet,
    at: u32,
    row: &ReportRow,
    columns: &[(u16, Column, f64)],
) -> Result<(), XlsxError> {
    let (line, evaluated) = (&row.line, &row.evaluated);
    let item = &line.item;
    let target = evaluated.target.map(Amount::exact);
    let plan = target.as_ref().map(|_| &evaluated.plan);
    let mut heights: Vec<(String, f64)> = Vec::new();
    for (column, what, width) in columns {
        let place = (at, *column);
        let text = match what {
            Column::Stage => line.marked_stage(),
            Column::Track => line.track.clone().unwrap_or_default(),
            Column::Name => item.name.ja.clone(),
            Column::Unit => unit_name(item.measure, &item.unit).ja,
            Column::Measure => measure(item.measure).to_owned(),
            Column::Reason => evaluated.reason.ja.clone(),
            Column::Target => {
                write_figure(sheet, place, target.as_ref(), item)?;
                continue;
            }
            Column::Plan => {
                write_figure(sheet, place, plan, item)?;
                continue;
            }
            Column::Actual => {
                write_figure(sheet, place, evaluated.actual.as_ref(), item)?;
                continue;
            }
            Column::Attainment => {
                let attainment = evaluated.attainment.as_ref().map(full_percent_share);
                write_number(sheet, place, attainment.as_ref(), "0%")?;
                continue;
            }
            Column::Status => {
                let format = look::status(evaluated.status, evaluated.flag);
                sheet.write_string_with_format(at, *column, marked(evaluated.status), &format)?;
                continue;
            }
        };
        sheet.write_string_with_format(at, *column, &text, &look::text())?;
        heights.push((text, *width));
    }
    let heights: Vec<(&str, f64)> = heights
        .iter()
        .map(|(text, width)| (text.as_str(), *width))
        .collect();
    sheet.set_row_height(at, look::height(&heights))?;
    Ok(())
}

fn write_figure(
    sheet: &mut Worksheet,
    place: (u32, u16),
    value: Option<&Exact>,
    item: &Item,
) -> Result<(), XlsxError> {
    let format = value.map_or("General", |value| look::of_figure(item, value));
    write_number(sheet, place, value, format)
}

fn write_number(
    sheet: &mut Worksheet,
    (row, column): (u32, u16),
    value: Option<&Exact>,
    format: &str,
) -> Result<(), XlsxError> {
    let cell: Format = look::number();
    match value {
        Some(value) => {
            let cell = cell.set_num_format(format);
            sheet.write_number_with_format(row, column, value.to_f64(), &cell)?;
        }
        None => {
            sheet.write_string_with_format(row, column, "－", &cell)?;
        }
    }
    Ok(())
}

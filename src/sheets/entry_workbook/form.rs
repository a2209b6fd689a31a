//! The sheet to fill in: one row an item. Only what is to be filled in can be
//! written over; a mark in words says what is still missing.

use rust_xlsxwriter::{
    ConditionalFormatFormula, Format, FormatAlign, Formula, ProtectionOptions, Worksheet, XlsxError,
};

use super::FORM_SHEET;
use super::checks;
use crate::domain::amount::{Amount, Exact};
use crate::domain::export::headings as h;
use crate::domain::export::words::{measure, month_with_era};
use crate::domain::export::{EntryForm, EntryRow};
use crate::domain::ledger::{Cell, Figure};
use crate::domain::scorecard::{Item, Measure};
use crate::domain::sheet::Position;
use crate::domain::words::unit_name;
use crate::sheets::{kept_in_a_cell, look, paper};

const REMARK_ROW: u32 = 1;
const PAIRS_ROW: u32 = 2;
const LEGEND_ROW: u32 = 5;
const HEADING_ROW: u32 = 6;
const FIRST_ROW: u32 = 7;
const HEADING_POINTS: f64 = 30.0;

/// The marks of the last column; the first character says it without colour.
const DONE: &str = "● 入力済み";
const EXCUSED: &str = "× 対象外";
const MISSING: &str = "◇ 未入力";
const OPTIONAL: &str = "○ 任意";
const HALF: &str = "▲ 分子か分母だけ";
const BOTH: &str = "▲ 値と理由の両方";

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Column {
    Item,
    Stage,
    Track,
    Name,
    Unit,
    Measure,
    Target,
    Plan,
    LastYear,
    PreviousMonth,
    Value,
    Numerator,
    Denominator,
    NotApplicable,
    Status,
}

/// Every column with its heading and width, from the left.
const COLUMNS: [(Column, &str, f64); 15] = [
    (Column::Item, h::ITEM, 22.0),
    (Column::Stage, h::STAGE, 17.0),
    (Column::Track, h::TRACK, 17.0),
    (Column::Name, h::NAME, 34.0),
    (Column::Unit, h::UNIT, 6.0),
    (Column::Measure, h::MEASURE, 15.0),
    (Column::Target, h::TARGET, 10.0),
    (Column::Plan, h::PLAN, 10.0),
    (Column::LastYear, h::LAST_YEAR, 10.0),
    (Column::PreviousMonth, h::PREVIOUS_MONTH, 10.0),
    (Column::Value, h::VALUE, 12.0),
    (Column::Numerator, h::NUMERATOR, 9.0),
    (Column::Denominator, h::DENOMINATOR, 9.0),
    (Column::NotApplicable, h::NOT_APPLICABLE, 22.0),
    (Column::Status, h::STATUS, 16.0),
];

/// The columns of a form: without those that none of its items has a use for.
pub(super) struct Columns(Vec<(Column, &'static str, f64)>);

impl Columns {
    fn of(entry: &EntryForm) -> Self {
        let mut lines = entry.rows.iter().map(|row| &row.line);
        let has_tracks = lines.clone().any(|line| line.track.is_some());
        let has_ratios = lines.any(|line| line.item.measure == Measure::Ratio);
        let shown = COLUMNS.into_iter().filter(|(column, ..)| match column {
            Column::Track => has_tracks,
            Column::Numerator | Column::Denominator => has_ratios,
            _ => true,
        });
        Self(shown.collect())
    }

    fn has(&self, wanted: Column) -> bool {
        self.0.iter().any(|(column, ..)| *column == wanted)
    }

    /// From 0.
    pub(super) fn at(&self, wanted: Column) -> u16 {
        let index = self.0.iter().position(|(column, ..)| *column == wanted);
        index
            .and_then(|index| u16::try_from(index).ok())
            .unwrap_or(0)
    }

    fn width(&self, wanted: Column) -> f64 {
        let found = self.0.iter().find(|(column, ..)| *column == wanted);
        found.map_or(0.0, |(_, _, width)| *width)
    }

    /// `K8`, for formulas.
    pub(super) fn place(&self, column: Column, row: u32) -> String {
        let column = u32::from(self.at(column));
        Position { row, column }.to_string()
    }
}

/// Writes the form.
pub(super) fn write(
    sheet: &mut Worksheet,
    entry: &EntryForm,
    title: &str,
) -> Result<(), XlsxError> {
    let columns = Columns::of(entry);
    sheet.set_name(FORM_SHEET)?.set_screen_gridlines(false);
    set_up(sheet, entry, &columns)?;
    write_head(sheet, entry, &columns, title)?;
    for (row, line) in (FIRST_ROW..).zip(&entry.rows) {
        write_row(sheet, row, line, &columns)?;
    }
    let to_fill_in = |row: &EntryRow| row.is_required && row.cell == Cell::NotReported;
    let first = entry.rows.iter().position(to_fill_in).unwrap_or(0);
    let first = FIRST_ROW + u32::try_from(first).unwrap_or(0);
    let at = columns.at(Column::Value);
    sheet.set_selection(first, at, first, at)?;
    mark_what_is_missing(sheet, entry, &columns)
}

fn set_up(sheet: &mut Worksheet, entry: &EntryForm, columns: &Columns) -> Result<(), XlsxError> {
    for (index, (_, heading, width)) in (0..).zip(&columns.0) {
        sheet.set_column_width(index, *width)?;
        sheet.write_string_with_format(HEADING_ROW, index, *heading, &look::heading())?;
    }
    sheet.set_row_height(HEADING_ROW, HEADING_POINTS)?;
    sheet.set_freeze_panes(FIRST_ROW, columns.at(Column::Name) + 1)?;
    sheet.set_repeat_rows(HEADING_ROW, HEADING_ROW)?;
    let subject = format!("{}分 入力表", month_with_era(entry.month));
    paper::set_up(sheet, &entry.about, &subject);
    sheet.protect_with_options(&ProtectionOptions {
        format_columns: true,
        format_rows: true,
        ..ProtectionOptions::default()
    });
    Ok(())
}

/// Title, what the form is about, and what its marks mean.
fn write_head(
    sheet: &mut Worksheet,
    entry: &EntryForm,
    columns: &Columns,
    title: &str,
) -> Result<(), XlsxError> {
    let about = &entry.about;
    sheet.set_row_height(0, HEADING_POINTS)?;
    sheet.write_string_with_format(0, 0, title, &look::title())?;
    let remark = if entry.is_approved {
        "この月は承認済みです。訂正するときは、先に道府県に差し戻し（または再開）を依頼してください。そのままでは取り込めません。"
    } else {
        "黄色の欄に、この月の分だけを入力してください（計画はこの月までの累計、前年同月と前月はその月だけの値です）。0 のときは 0、報告しないときは空欄のままにします。"
    };
    sheet.write_string_with_format(REMARK_ROW, 0, remark, &look::plain())?;
    let month = entry.month.to_string();
    let pairs = [
        [
            (h::MONTH, month.as_str()),
            (h::SCORECARD_NAME, about.name.ja.as_str()),
        ],
        [
            (h::HUB, about.hub.as_str()),
            (h::HUB_NAME, about.hub_name.ja.as_str()),
        ],
        [
            (h::SCORECARD_KEY, about.key.as_str()),
            (h::SCORECARD, about.id.as_str()),
        ],
    ];
    // Far enough apart that keys of any length run over the blank cells beside.
    let places = [0, columns.at(Column::Measure)];
    for (row, pairs) in (PAIRS_ROW..).zip(pairs) {
        for (column, (label, value)) in places.into_iter().zip(pairs) {
            sheet.write_string_with_format(row, column, label, &look::label())?;
            sheet.write_string_with_format(row, column + 1, value, &look::beside_label())?;
        }
    }
    let legend = "● ハードルの高いステップ（一層の準備が必要な項目）　　斜線の欄は使いません　　状態：◇ 未入力　● 入力済み　× 対象外　○ 任意　▲ 要確認";
    sheet.write_string_with_format(LEGEND_ROW, 0, legend, &look::remark())?;
    Ok(())
}

fn write_row(
    sheet: &mut Worksheet,
    row: u32,
    line: &EntryRow,
    columns: &Columns,
) -> Result<(), XlsxError> {
    let item = &line.line.item;
    let stage = line.line.marked_stage();
    let unit = unit_name(item.measure, &item.unit).ja;
    let mut texts = vec![
        (Column::Item, item.key.as_str()),
        (Column::Stage, stage.as_str()),
        (Column::Name, item.name.ja.as_str()),
        (Column::Unit, unit.as_str()),
        (Column::Measure, measure(item.measure)),
    ];
    if columns.has(Column::Track) {
        texts.push((Column::Track, line.line.track.as_deref().unwrap_or("")));
    }
    let reason = reason_of(line).map(|reason| (Column::NotApplicable, reason));
    let widths: Vec<(&str, f64)> = texts
        .iter()
        .copied()
        .chain(reason)
        .map(|(column, text)| (text, columns.width(column)))
        .collect();
    sheet.set_row_height(row, look::height(&widths))?;
    for (column, text) in texts {
        sheet.write_string_with_format(row, columns.at(column), text, &look::locked_text())?;
    }
    for (column, value) in [
        (Column::Target, line.target.map(Amount::exact)),
        (Column::Plan, line.target.map(|_| line.plan.clone())),
        (Column::LastYear, line.last_year.clone()),
        (Column::PreviousMonth, line.previous_month.clone()),
    ] {
        write_figure(sheet, (row, columns.at(column)), item, value.as_ref())?;
    }
    write_entries(sheet, row, line, columns)?;
    write_status(sheet, row, line, columns)
}

/// Why the month does not count, where that is reported.
fn reason_of(line: &EntryRow) -> Option<&str> {
    match &line.cell {
        Cell::NotApplicable { reason } => Some(reason),
        Cell::Reported(_) | Cell::NotReported => None,
    }
}

fn write_figure(
    sheet: &mut Worksheet,
    (row, column): (u32, u16),
    item: &Item,
    value: Option<&Exact>,
) -> Result<(), XlsxError> {
    match value {
        Some(value) => {
            let format = look::locked().set_num_format(look::of_figure(item, value));
            sheet.write_number_with_format(row, column, value.to_f64(), &format)?;
        }
        None => {
            sheet.write_blank(row, column, &look::locked())?;
        }
    }
    Ok(())
}

/// What is to be filled in, with what is reported already.
fn write_entries(
    sheet: &mut Worksheet,
    row: u32,
    line: &EntryRow,
    columns: &Columns,
) -> Result<(), XlsxError> {
    let item = &line.line.item;
    let is_ratio = item.measure == Measure::Ratio;
    let (value, numerator, denominator) = match &line.cell {
        Cell::Reported(Figure::Amount(value)) => (Some(*value), None, None),
        Cell::Reported(Figure::Ratio {
            numerator,
            denominator,
        }) => (None, Some(*numerator), Some(*denominator)),
        Cell::NotReported | Cell::NotApplicable { .. } => (None, None, None),
    };
    let figure: Format = look::entry()
        .set_align(FormatAlign::Right)
        .set_indent(1)
        .set_num_format(look::of_entry(item));
    for (column, amount, is_open) in [
        (Column::Value, value, !is_ratio),
        (Column::Numerator, numerator, is_ratio),
        (Column::Denominator, denominator, is_ratio),
    ] {
        if !columns.has(column) {
            continue;
        }
        let at = columns.at(column);
        if !is_open {
            sheet.write_blank(row, at, &look::barred())?;
            continue;
        }
        match amount {
            Some(amount) => {
                sheet.write_number_with_format(row, at, look::float(amount), &figure)?
            }
            None => sheet.write_blank(row, at, &figure)?,
        };
        sheet.add_data_validation(
            row,
            at,
            row,
            at,
            &checks::figure(item, column, row, columns)?,
        )?;
    }
    let at = columns.at(Column::NotApplicable);
    let text = look::entry()
        .set_align(FormatAlign::Left)
        .set_indent(1)
        .set_text_wrap();
    match reason_of(line) {
        Some(reason) => sheet.write_string_with_format(row, at, kept_in_a_cell(reason), &text)?,
        None => sheet.write_blank(row, at, &text)?,
    };
    sheet.add_data_validation(row, at, row, at, &checks::reason()?)?;
    Ok(())
}

/// A mark that follows what is filled in.
fn write_status(
    sheet: &mut Worksheet,
    row: u32,
    line: &EntryRow,
    columns: &Columns,
) -> Result<(), XlsxError> {
    let place = |column| columns.place(column, row);
    let (value, reason) = (place(Column::Value), place(Column::NotApplicable));
    let (numerator, denominator) = (place(Column::Numerator), place(Column::Denominator));
    let missing = if line.is_required { MISSING } else { OPTIONAL };
    let rest = format!("IF({reason}<>\"\",\"{EXCUSED}\",\"{missing}\")");
    let formula = if line.line.item.measure == Measure::Ratio {
        let any = format!("{numerator}&{denominator}<>\"\"");
        format!(
            "=IF(AND({any},{reason}<>\"\"),\"{BOTH}\",IF(AND({numerator}<>\"\",{denominator}<>\"\"),\"{DONE}\",IF({any},\"{HALF}\",{rest})))"
        )
    } else {
        format!(
            "=IF(AND({value}<>\"\",{reason}<>\"\"),\"{BOTH}\",IF({value}<>\"\",\"{DONE}\",{rest}))"
        )
    };
    let now = match &line.cell {
        Cell::Reported(_) => DONE,
        Cell::NotApplicable { .. } => EXCUSED,
        Cell::NotReported => missing,
    };
    let formula = Formula::new(formula).set_result(now);
    sheet.write_formula_with_format(
        row,
        columns.at(Column::Status),
        formula,
        &look::locked_text(),
    )?;
    Ok(())
}

/// Where a figure of an item is filled in: `J8`, of a ratio `K8:L8`.
fn open_places(line: &EntryRow, row: u32, columns: &Columns) -> String {
    let place = |column| columns.place(column, row);
    if line.line.item.measure == Measure::Ratio {
        let (numerator, denominator) = (Column::Numerator, Column::Denominator);
        format!("{}:{}", place(numerator), place(denominator))
    } else {
        place(Column::Value)
    }
}

/// A deeper colour where a required figure is missing, red where an entry
/// cannot be so, and the count of what is missing over the column.
fn mark_what_is_missing(
    sheet: &mut Worksheet,
    entry: &EntryForm,
    columns: &Columns,
) -> Result<(), XlsxError> {
    let Some(last) = u32::try_from(entry.rows.len())
        .ok()
        .and_then(|count| (FIRST_ROW + count).checked_sub(1))
        .filter(|last| *last >= FIRST_ROW)
    else {
        return Ok(());
    };
    let status = columns.at(Column::Status);
    let first_status = format!("${}", columns.place(Column::Status, FIRST_ROW));
    let open: Vec<String> = (FIRST_ROW..)
        .zip(&entry.rows)
        .map(|(row, line)| open_places(line, row, columns))
        .collect();
    let missing = ConditionalFormatFormula::new()
        .set_rule(format!("=LEFT({first_status},1)=\"◇\"").as_str())
        .set_multi_range(open.join(" "))
        .set_format(look::missing());
    let first = columns.at(Column::Value);
    sheet.add_conditional_format(FIRST_ROW, first, last, first, &missing)?;
    for (mark, format) in [("◇", look::missing()), ("▲", look::wrong())] {
        let rule = ConditionalFormatFormula::new()
            .set_rule(format!("=LEFT({first_status},1)=\"{mark}\"").as_str())
            .set_format(format);
        sheet.add_conditional_format(FIRST_ROW, status, last, status, &rule)?;
    }
    let is_missing = |row: &&EntryRow| row.is_required && row.cell == Cell::NotReported;
    let count = entry.rows.iter().filter(is_missing).count();
    let range = format!(
        "{}:{}",
        columns.place(Column::Status, FIRST_ROW),
        columns.place(Column::Status, last)
    );
    let formula = Formula::new(format!("=\"未入力 \"&COUNTIF({range},\"◇*\")&\" 項目\""))
        .set_result(format!("未入力 {count} 項目"));
    sheet.write_formula_with_format(LEGEND_ROW, status, formula, &look::section())?;
    Ok(())
}

//! The roadmap beside the form: planned value of every item by month. It is to
//! be read, not to be imported.

use rust_xlsxwriter::{FormatAlign, FormatBorder, Worksheet, XlsxError};

use super::ROADMAP_SHEET;
use crate::domain::export::EntryForm;
use crate::domain::export::headings::NOT_IMPORTED;
use crate::domain::export::words::{fiscal_year_with_era, month_with_era};
use crate::domain::month::MONTHS_PER_YEAR;
use crate::domain::words::unit_name;
use crate::sheets::{look, paper};

const REMARK_ROW: u32 = 1;
const YEAR_ROW: u32 = 2;
const HEADING_ROW: u32 = 3;
const FIRST_ROW: u32 = 4;
const NAME: u16 = 1;
const UNIT: u16 = 2;
const FIRST_MONTH: u16 = 3;
const STAGE_WIDTH: f64 = 18.0;
const NAME_WIDTH: f64 = 38.0;
const UNIT_WIDTH: f64 = 6.0;
const MONTH_WIDTH: f64 = 10.0;
/// Percent of full size, at which names and a year's months fit on a page across.
const PRINT_SCALE: u16 = 62;

/// Writes the roadmap.
pub(super) fn write(sheet: &mut Worksheet, entry: &EntryForm) -> Result<(), XlsxError> {
    sheet.set_name(ROADMAP_SHEET)?.set_screen_gridlines(false);
    sheet.write_string_with_format(0, 0, NOT_IMPORTED, &look::remark())?;
    let title = "ロードマップ（計画値）";
    sheet.write_string_with_format(0, NAME, title, &look::section())?;
    write_remark(sheet, entry)?;
    write_headings(sheet, entry)?;
    for (row, line) in (FIRST_ROW..).zip(&entry.rows) {
        let item = &line.line.item;
        let (stage, name) = (line.line.stage.as_str(), item.name.ja.as_str());
        let unit = unit_name(item.measure, &item.unit).ja;
        sheet.set_row_height(
            row,
            look::height(&[(stage, STAGE_WIDTH), (name, NAME_WIDTH)]),
        )?;
        for (column, text) in [(0, stage), (NAME, name), (UNIT, unit.as_str())] {
            sheet.write_string_with_format(row, column, text, &look::locked_text())?;
        }
        for ((column, month), value) in (FIRST_MONTH..).zip(&entry.roadmap).zip(&line.planned) {
            let mut format = look::number().set_num_format(look::of_figure(item, value));
            if *month == entry.month {
                format = format.set_bold().set_border(FormatBorder::Medium);
            }
            sheet.write_number_with_format(row, column, value.to_f64(), &format)?;
        }
    }
    set_up(sheet, entry)
}

/// What the figures are. It stays within the columns that every printed page
/// repeats, beyond which it would be cut from the second page on.
fn write_remark(sheet: &mut Worksheet, entry: &EntryForm) -> Result<(), XlsxError> {
    let remark = format!(
        "3 年間の、その月までの計画です。年度の累計の項目は、取組年ごとに 0 から数えます。▼ は入力する月（{}）です。このシートは取り込まれません。",
        month_with_era(entry.month)
    );
    let format = look::remark()
        .set_text_wrap()
        .set_align(FormatAlign::Left)
        .set_indent(1);
    let width = STAGE_WIDTH + NAME_WIDTH + UNIT_WIDTH;
    sheet.set_row_height(REMARK_ROW, look::height(&[(&remark, width)]))?;
    sheet.merge_range(REMARK_ROW, 0, REMARK_ROW, UNIT, &remark, &format)?;
    Ok(())
}

fn write_headings(sheet: &mut Worksheet, entry: &EntryForm) -> Result<(), XlsxError> {
    for (column, text) in [(0, "段階"), (NAME, "計画する項目"), (UNIT, "単位")] {
        sheet.write_blank(YEAR_ROW, column, &look::heading())?;
        sheet.write_string_with_format(HEADING_ROW, column, text, &look::heading())?;
    }
    let mut shown_year = None;
    for (column, month) in (FIRST_MONTH..).zip(&entry.roadmap) {
        let year = month.fiscal_year();
        let text = if shown_year.replace(year) == Some(year) {
            String::new()
        } else {
            fiscal_year_with_era(*month)
        };
        let over = look::heading().set_align(FormatAlign::Left);
        // A year's name runs over the months beside it.
        let over = over.unset_text_wrap();
        if text.is_empty() {
            sheet.write_blank(YEAR_ROW, column, &over)?;
        } else {
            sheet.write_string_with_format(YEAR_ROW, column, text, &over)?;
        }
        let mark = if *month == entry.month { "▼" } else { "" };
        let text = format!("{mark}{}月", month.month_of_year());
        sheet.write_string_with_format(HEADING_ROW, column, text, &look::heading())?;
    }
    Ok(())
}

fn set_up(sheet: &mut Worksheet, entry: &EntryForm) -> Result<(), XlsxError> {
    sheet.set_column_width(0, STAGE_WIDTH)?;
    sheet.set_column_width(NAME, NAME_WIDTH)?;
    sheet.set_column_width(UNIT, UNIT_WIDTH)?;
    let mut breaks = Vec::new();
    for (index, (column, _)) in (0..).zip((FIRST_MONTH..).zip(&entry.roadmap)) {
        sheet.set_column_width(column, MONTH_WIDTH)?;
        if index > 0 && index % MONTHS_PER_YEAR == 0 {
            breaks.push(u32::from(column));
        }
    }
    sheet.set_freeze_panes(FIRST_ROW, FIRST_MONTH)?;
    sheet.set_repeat_rows(YEAR_ROW, HEADING_ROW)?;
    sheet.set_repeat_columns(0, UNIT)?;
    paper::set_up(sheet, &entry.about, "ロードマップ");
    // A year a page, instead of all on one.
    sheet.set_print_scale(PRINT_SCALE);
    sheet.set_vertical_page_breaks(&breaks)?;
    sheet.protect();
    Ok(())
}

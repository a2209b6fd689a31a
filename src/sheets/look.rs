//! How cells look: one typeface, few colours, and the formats of figures. A
//! colour never stands alone: a shape or a word goes with it.

use rust_xlsxwriter::{
    Color, DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, FormatPattern, Workbook,
};

use super::Unwritten;
use crate::domain::amount::{Amount, Exact};
use crate::domain::export::About;
use crate::domain::scorecard::{Item, Measure};
use crate::domain::status::{Flag, Status};

/// What Japanese editions of Excel write in.
const TYPEFACE: &str = "游ゴシック";
const POINTS: f64 = 10.0;
/// Of a row and a column by default, in pixels.
pub const ROW_PIXELS: u32 = 24;
const COLUMN_PIXELS: u32 = 72;
/// Points of a line of text.
const LINE_POINTS: f64 = 15.0;
/// Points around the lines of a row.
const ROW_PADDING: f64 = 5.0;
/// Points of a row at most, as Excel takes them.
const ROW_POINTS_MAX: f64 = 409.0;

/// What words stand away from the border, in widths of a digit.
const INDENT_WIDTH: f64 = 1.5;

pub const BLUE: Color = Color::RGB(0x0000_31D8);
pub const YELLOW: Color = Color::RGB(0x00FF_C700);
pub const RED: Color = Color::RGB(0x00EC_0000);
pub const GREY: Color = Color::RGB(0x0059_5959);
const INK: Color = Color::RGB(0x001A_1A1C);
const LINE: Color = Color::RGB(0x00B3_B3B3);
const PAPER: Color = Color::RGB(0x00FF_FFFF);
const HEADING_BACK: Color = Color::RGB(0x0000_17C1);
const LOCKED_BACK: Color = Color::RGB(0x00F2_F2F2);
const ENTRY_BACK: Color = Color::RGB(0x00FF_FBE6);
const MISSING_BACK: Color = Color::RGB(0x00FF_E58A);
const GOOD_BACK: Color = Color::RGB(0x00DC_E8FF);
const WATCH_BACK: Color = Color::RGB(0x00FF_F3C4);

/// A workbook that carries its scorecard's date: the same state makes the same bytes.
///
/// # Errors
/// For a date that Excel does not know.
pub fn workbook(about: &About, title: &str) -> Result<Workbook, Unwritten> {
    let seconds = about.created_at.timestamp();
    let made = ExcelDateTime::from_timestamp(seconds)?;
    let mut workbook = Workbook::new();
    workbook.set_default_format(&plain(), ROW_PIXELS, COLUMN_PIXELS)?;
    workbook.set_properties(
        &DocProperties::new()
            .set_title(title)
            .set_company(&about.hub_name.ja)
            .set_creation_datetime(&made),
    );
    Ok(workbook)
}

pub fn plain() -> Format {
    Format::new()
        .set_font_name(TYPEFACE)
        .set_font_size(POINTS)
        .set_font_color(INK)
        .set_align(FormatAlign::VerticalCenter)
}

pub fn title() -> Format {
    plain().set_bold().set_font_size(16.0)
}

pub fn section() -> Format {
    plain().set_bold().set_font_size(12.0)
}

pub fn remark() -> Format {
    plain().set_font_color(GREY)
}

pub fn wrapped() -> Format {
    plain().set_text_wrap().set_align(FormatAlign::Top)
}

pub fn label() -> Format {
    plain().set_font_color(GREY).set_align(FormatAlign::Right)
}

/// What stands beside a label.
pub fn beside_label() -> Format {
    plain().set_align(FormatAlign::Left).set_indent(1)
}

pub fn heading() -> Format {
    bordered(plain())
        .set_bold()
        .set_font_color(PAPER)
        .set_background_color(HEADING_BACK)
        .set_align(FormatAlign::Center)
        .set_text_wrap()
}

fn bordered(format: Format) -> Format {
    format.set_border(FormatBorder::Thin).set_border_color(LINE)
}

/// A cell of a table.
pub fn cell() -> Format {
    bordered(plain()).set_text_wrap()
}

/// A cell with words.
pub fn text() -> Format {
    cell().set_align(FormatAlign::Left).set_indent(1)
}

pub fn centered() -> Format {
    cell().set_align(FormatAlign::Center)
}

/// A cell with a figure.
pub fn number() -> Format {
    bordered(plain())
        .set_align(FormatAlign::Right)
        .set_indent(1)
}

/// A figure that nobody fills in.
pub fn locked() -> Format {
    number().set_background_color(LOCKED_BACK)
}

/// The same with words.
pub fn locked_text() -> Format {
    text().set_background_color(LOCKED_BACK)
}

/// A cell that this item does not have.
pub fn barred() -> Format {
    bordered(plain())
        .set_pattern(FormatPattern::LightUp)
        .set_background_color(LOCKED_BACK)
        .set_foreground_color(LINE)
}

/// A cell to be filled in.
pub fn entry() -> Format {
    bordered(plain())
        .set_background_color(ENTRY_BACK)
        .set_unlocked()
}

/// Over an entry that is still missing.
pub fn missing() -> Format {
    Format::new().set_background_color(MISSING_BACK)
}

/// Over a mark of something that cannot be so.
pub fn wrong() -> Format {
    Format::new().set_font_color(RED).set_bold()
}

/// A cell that shows a status by its colour, beside its shape.
pub fn status(status: Status, flag: Flag) -> Format {
    let cell = centered();
    match (flag, status) {
        (Flag::Red, _) => cell
            .set_background_color(RED)
            .set_font_color(PAPER)
            .set_bold(),
        (Flag::Amber, _) => cell.set_background_color(YELLOW).set_bold(),
        (Flag::None, Status::AtRisk | Status::Behind) => cell.set_background_color(WATCH_BACK),
        (Flag::None, Status::OnTrack | Status::Achieved) => {
            cell.set_background_color(GOOD_BACK).set_font_color(BLUE)
        }
        (Flag::None, Status::NoData) => cell.set_bold(),
        (Flag::None, Status::NotDue | Status::Untargeted | Status::NotApplicable) => {
            cell.set_font_color(GREY)
        }
    }
}

/// How a figure of an item is shown: negative ones with △.
pub fn of_figure(item: &Item, value: &Exact) -> &'static str {
    if is_share(item) {
        "0.0%;△0.0%"
    } else if value.is_whole() {
        "#,##0;△#,##0"
    } else if item.measure == Measure::Ratio {
        "#,##0.00;△#,##0.00"
    } else {
        "#,##0.0;△#,##0.0"
    }
}

/// How what is filled in is shown.
pub fn of_entry(item: &Item) -> &'static str {
    if item.reports_whole() {
        "#,##0;△#,##0"
    } else if is_share(item) && item.measure != Measure::Ratio {
        "0.0###%;△0.0###%"
    } else {
        "#,##0.0###;△#,##0.0###"
    }
}

/// Whether a figure of an item is a part of one, and shown in percents.
pub fn is_share(item: &Item) -> bool {
    item.unit.0 == "share"
}

/// A figure as spreadsheets keep it: exact to 15 digits, as far as reports go.
pub fn float(amount: Amount) -> f64 {
    amount.exact().to_f64()
}

/// The height of a row whose texts stand in columns of these widths.
pub fn height(texts: &[(&str, f64)]) -> f64 {
    let lines = texts
        .iter()
        .map(|(text, width)| lines(text, width - INDENT_WIDTH));
    let height = f64::from(lines.max().unwrap_or(1)) * LINE_POINTS + ROW_PADDING;
    height.min(ROW_POINTS_MAX)
}

/// What a text takes on one line, in widths of a digit.
pub fn width(text: &str) -> f64 {
    text.chars().map(width_of).sum()
}

/// A Japanese character is as wide as two digits.
const fn width_of(character: char) -> f64 {
    if character.is_ascii() { 1.0 } else { 2.0 }
}

/// Lines of a text in a column.
fn lines(text: &str, width: f64) -> u32 {
    let mut lines = 0;
    for line in text.split('\n') {
        let mut used = 0.0;
        lines += 1;
        for character in line.chars() {
            let wide = width_of(character);
            if used + wide > width {
                lines += 1;
                used = 0.0;
            }
            used += wide;
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_as_high_as_their_longest_text() {
        for (text, width, count) in [
            ("", 10.0, 1),
            ("abc", 10.0, 1),
            ("相談件数", 10.0, 1),
            ("相談件数（銀行経由）", 10.0, 2),
            ("a\nb", 10.0, 2),
        ] {
            assert_eq!(lines(text, width), count, "{text}");
        }
    }

    #[test]
    fn no_row_is_higher_than_spreadsheets_take() {
        let long = "長".repeat(4_000);
        assert!((height(&[(&long, 22.0)]) - ROW_POINTS_MAX).abs() < f64::EPSILON);
    }
}

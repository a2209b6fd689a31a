//! What is said of a whole table has to be clear: its month, that it holds actuals,
//! and what its columns are.

use std::collections::BTreeSet;

use super::super::issue::{Issue, IssueCode, Issues, pointer_to};
use super::super::sheet::{Position, Row, Sheet};
use super::super::text::Text;
use super::complaints::{two_months, unknown_heading, unreadable_month};
use super::figure_text::is_figure;
use super::no_actuals::{is_actual, is_no_actual, is_no_actual_alone, is_period};
use super::rows::{is_said_by_figures, shown_place, texts_of};
use super::table::{Column, Table};
use super::vocabulary::Meaning;
use super::{Guidance, Layout};

/// What is said of the month of the whole sheet must be clear.
pub fn check_month(sheet: &Sheet, table: &Table, guidance: &Guidance<'_>, issues: &mut Issues) {
    let labels = &table.labels;
    if let (Some(said), Some(written)) = (guidance.month, labels.month)
        && said != written
    {
        issues.push(Issue::error(
            IssueCode::UnreadableMonth,
            "/query/month",
            Text::new(
                format!("指定された月は {said} ですが、シート「{}」の対象月は {written} です。どちらかを直してください。", sheet.name),
                format!("The month given is {said}, but the sheet \"{}\" is of {written}. Correct one of them.", sheet.name),
            ),
        ));
        return;
    }
    if let (Some(field), Some(heading)) = (labels.month, only_month(table))
        && labels.has_month_field
        && field != heading.month.unwrap_or(field)
    {
        let position = Position {
            row: table.heading_row,
            column: heading.column,
        };
        issues.push(two_months(shown_place(sheet, position), field));
    }
    let has_own = table.layout == Layout::ItemsByMonths || table.column(Meaning::Month).is_some();
    if has_own || guidance.month.is_some() {
        return;
    }
    if let Some(unread) = &labels.unread_month {
        let place = shown_place(sheet, unread.position);
        issues.push(unreadable_month(place, unread.number.is_some()));
    }
    if let (Some(month), Some(other)) = (labels.month, labels.other_month) {
        issues.push(Issue::warning(
            IssueCode::UnreadableMonth,
            pointer_to("", &sheet.name),
            Text::new(
                format!("表の上に {other} とも書かれていますが、対象月の欄のとおり {month} の値として取り込みます。"),
                format!("{other} is mentioned above the table, too; the figures are taken as of {month}, as the field of the month says."),
            ),
        ).mended_by(Text::new(
            "月が違うときは、対象月の欄を直してください。",
            "Correct the field of the month where it is another.",
        )));
    }
}

/// The one column with a month of its own.
fn only_month(table: &Table) -> Option<&Column> {
    let mut months = table.columns.iter().filter(|column| column.month.is_some());
    let first = months.next()?;
    months
        .all(|other| other.month == first.month)
        .then_some(first)
}

/// A title or a sheet's name that speaks of a plan is worth a word: only a person can
/// tell a plan of the work from a table of planned figures.
pub fn check_title(sheet: &Sheet, table: &Table, guidance: &Guidance<'_>, issues: &mut Issues) {
    let head = sheet
        .rows
        .iter()
        .take_while(|row| row.index < table.heading_row);
    let mut texts: Vec<String> = head.flat_map(texts_of).collect();
    // 合計 or 下半期 over some of the columns is no title.
    texts.retain(|text| !is_period(text) && !is_no_actual_alone(text));
    texts.extend(sheet.rows.first().and_then(|row| texts_of(row).next()));
    texts.push(sheet.name.clone());
    if guidance.sheet.is_some() || texts.iter().any(|text| is_actual(text)) {
        return;
    }
    let is_title = |text: &&String| !guidance.items.knows(text) && is_no_actual(text);
    let Some(title) = texts.iter().find(is_title) else {
        return;
    };
    issues.push(Issue::warning(
        IssueCode::UnknownHeading,
        pointer_to("", &sheet.name),
        Text::new(
            format!("「{title}」とあります。実績の表か確かめてください。"),
            format!("It says \"{title}\". See that the table holds actuals."),
        ),
    ).mended_by(Text::new(
        "計画や目標、累計の表なら取り込まずに、実績のシートを指定してください。",
        "Do not import it where it holds plans, targets or sums: name the sheet with the actuals.",
    )));
}

/// Headings that are not known. In a wide table one may be a month or an item with
/// a slip of the pen, whose figures must not be lost; in a long one they cannot be
/// anything to import.
pub fn refuse_unknown<'a>(
    sheet: &Sheet,
    table: &Table,
    below: impl Iterator<Item = &'a Row> + Clone,
    issues: &mut Issues,
) {
    let wide = table.layout != Layout::Long;
    for column in &table.columns {
        let is_stray = wide
            && column.meaning.is_some_and(is_said_by_figures)
            && column.month.is_none()
            && column.item.is_none();
        if column.meaning.is_some() && !is_stray {
            continue;
        }
        let mut cells = below.clone().filter_map(|row| row.cell(column.column));
        if !cells.any(is_figure) {
            continue;
        }
        issues.push(unknown_heading(sheet, table.heading_row, column, wide));
    }
    for column in untitled(table, below) {
        let nameless = Column {
            column,
            heading: String::new(),
            meaning: None,
            month: None,
            is_month: false,
            item: None,
            unit: None,
        };
        issues.push(unknown_heading(sheet, table.heading_row, &nameless, wide));
    }
}

/// Columns with figures and without a heading.
fn untitled<'a>(table: &Table, below: impl Iterator<Item = &'a Row>) -> BTreeSet<u32> {
    let titled: BTreeSet<u32> = table.columns.iter().map(|column| column.column).collect();
    let mut found = BTreeSet::new();
    for (column, cell) in below.flat_map(|row| &row.cells) {
        if !titled.contains(column) && !found.contains(column) && is_figure(cell) {
            found.insert(*column);
        }
    }
    found
}

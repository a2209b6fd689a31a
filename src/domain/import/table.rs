//! Where the table of a sheet is, and what its columns mean.

use std::collections::{BTreeMap, BTreeSet};

use super::super::issue::{IssueCode, Issues};
use super::super::month::Month;
use super::super::sheet::{Cell, Merged, Place, Position, Row, Sheet};
use super::super::text::Text;
use super::figure_text::is_figure;
use super::folded::{folded, one_width, remark};
use super::month_text::{self, MonthText, Year, month_of, read_month, read_year};
use super::rows::unknown_heading;
use super::vocabulary::{Meaning, meaning_of, multiplying_unit, part_of};
use super::{Guidance, Layout, error_at};

/// Rows from the top among which the headings stand.
pub const HEADING_ROWS_MAX: u32 = 60;
/// Rows above a month that may say its year.
const YEAR_ROWS: u32 = 3;
/// Columns between a label and its value.
const LABEL_GAP: u32 = 4;
/// Rows that tell what an untitled column holds.
const SAMPLE_ROWS: usize = 200;

/// A column with its meaning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// From 0.
    pub column: u32,
    pub heading: String,
    /// `None`: the heading is not known.
    pub meaning: Option<Meaning>,
    /// The month that its figures are of, where the heading says so.
    pub month: Option<Month>,
    /// The heading is a month, whose year may not be known.
    pub is_month: bool,
    /// The item that its figures are of, where the heading says so.
    pub item: Option<String>,
    /// A unit that its figures would have to be multiplied by.
    pub unit: Option<&'static str>,
}

/// Values that stand beside labels, above the table or in its title.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Labels {
    pub month: Option<Month>,
    pub hub: Option<String>,
    pub key: Option<String>,
    pub scorecard: Option<String>,
    /// The fiscal year of a title.
    pub year: Option<Year>,
}

/// A table, found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    pub layout: Layout,
    /// From 0.
    pub heading_row: u32,
    pub columns: Vec<Column>,
    pub labels: Labels,
}

impl Table {
    /// The first column of a meaning.
    #[must_use]
    pub fn column(&self, meaning: Meaning) -> Option<u32> {
        let found = self
            .columns
            .iter()
            .find(|column| column.meaning == Some(meaning));
        found.map(|column| column.column)
    }
}

/// Finds the table of a sheet: the first row whose headings make one.
pub fn find(sheet: &Sheet, guidance: &Guidance<'_>, issues: &mut Issues) -> Option<Table> {
    let head: Vec<&Row> = sheet
        .rows
        .iter()
        .take_while(|row| row.index < HEADING_ROWS_MAX)
        .collect();
    let read = |row: &Row, by_content: bool| -> Option<(Table, Issues)> {
        let labels = labels(sheet, row.index, guidance);
        let mut found = Issues::default();
        let mut columns = columns(sheet, row, guidance, &labels, &mut found);
        let layout = layout(
            sheet,
            row.index,
            &mut columns,
            guidance,
            &labels,
            by_content,
        )?;
        let table = Table {
            layout,
            heading_row: row.index,
            columns,
            labels,
        };
        Some((table, found))
    };
    // Headings are believed first; what stands below them only where there are none.
    for by_content in [false, true] {
        for (index, row) in head.iter().enumerate() {
            let Some(upper) = read(row, by_content) else {
                continue;
            };
            let below = head
                .get(index + 1)
                .filter(|next| next.index == row.index + 1);
            let lower = below
                .and_then(|next| read(next, by_content))
                .filter(|(table, _)| is_second_row(table));
            let (table, found) = lower.unwrap_or(upper);
            issues.extend(found.into_vec());
            refuse_repeated(sheet, &table, issues);
            return Some(table);
        }
    }
    explain_headings(sheet, &head, guidance, issues);
    None
}

/// Where headings name items but no figures: which ones are not known.
fn explain_headings(sheet: &Sheet, head: &[&Row], guidance: &Guidance<'_>, issues: &mut Issues) {
    for row in head {
        let labels = labels(sheet, row.index, guidance);
        let mut unused = Issues::default();
        let columns = columns(sheet, row, guidance, &labels, &mut unused);
        let names_items = columns
            .iter()
            .any(|column| matches!(column.meaning, Some(Meaning::Item | Meaning::Name)));
        if !names_items {
            continue;
        }
        let below = || {
            let below = sheet.rows.iter().filter(|below| below.index > row.index);
            below.take(SAMPLE_ROWS)
        };
        let unknown: Vec<&Column> = columns
            .iter()
            .filter(|column| column.meaning.is_none())
            .filter(|column| {
                below()
                    .filter_map(|row| row.cell(column.column))
                    .any(is_figure)
            })
            .collect();
        if !unknown.is_empty() {
            let told = unknown
                .into_iter()
                .map(|column| unknown_heading(sheet, row.index, column, true));
            issues.extend(told);
            return;
        }
    }
}

/// Whether headings say what the months or items above them hold.
fn is_second_row(table: &Table) -> bool {
    table.columns.iter().any(|column| {
        let is_of_something = column.is_month || column.item.is_some();
        is_of_something && meaning_of(&column.heading).is_some()
    })
}

/// What a person sees in a cell.
pub fn shown_text(sheet: &Sheet, position: Position) -> String {
    sheet
        .shown(position)
        .map(|cell| one_width(&cell.to_string()))
        .unwrap_or_default()
}

/// What stands above a cell: there, or (where that is blank and not joined to
/// something that ends before) the next to the left.
fn above(sheet: &Sheet, row: u32, column: u32) -> Option<&Cell> {
    let at = |column| Position { row, column };
    if let Some(cell) = sheet.shown(at(column)) {
        return Some(cell);
    }
    let line = sheet.rows.iter().find(|line| line.index == row)?;
    let (left, cell) = line.cells.iter().rev().find(|(left, _)| *left < column)?;
    let joined = sheet.merged.iter().find(|merged| merged.covers(at(*left)));
    joined
        .is_none_or(|merged| merged.first.column == merged.last.column)
        .then_some(cell)
}

fn columns(
    sheet: &Sheet,
    row: &Row,
    guidance: &Guidance<'_>,
    labels: &Labels,
    issues: &mut Issues,
) -> Vec<Column> {
    let line_above = row.index.checked_sub(1);
    let upper = line_above.and_then(|above| sheet.rows.iter().find(|line| line.index == above));
    let mut places: BTreeSet<u32> = row.cells.iter().map(|(column, _)| *column).collect();
    places.extend(
        upper
            .into_iter()
            .flat_map(|line| line.cells.iter().map(|(column, _)| *column)),
    );
    let reaches_here = |merged: &&Merged| {
        let Merged { first, last } = merged;
        first.row < row.index && row.index <= last.row
    };
    let joined = sheet.merged.iter().filter(reaches_here);
    places.extend(joined.map(|merged| merged.first.column));
    let mut columns: Vec<Column> = places
        .into_iter()
        .filter_map(|column| read_heading(sheet, row.index, column, guidance, labels, issues))
        .collect();
    // Of facts, `value` is the month's and `actual` the sum to date.
    if columns
        .iter()
        .any(|column| folded(&column.heading) == "value")
    {
        for column in &mut columns {
            if folded(&column.heading) == "actual" {
                column.meaning = Some(Meaning::Ignored);
            }
        }
    }
    columns
}

/// What one heading means, together with what stands above it.
fn read_heading(
    sheet: &Sheet,
    row: u32,
    column: u32,
    guidance: &Guidance<'_>,
    labels: &Labels,
    issues: &mut Issues,
) -> Option<Column> {
    let position = Position { row, column };
    let over = row.checked_sub(1).and_then(|row| above(sheet, row, column));
    let own = sheet.shown(position);
    // A label may stand in the upper of two rows only.
    let cell = own.or_else(|| over.filter(|cell| meaning_of(&cell.to_string()).is_some()))?;
    let heading = one_width(&cell.to_string());
    if heading.is_empty() {
        return None;
    }
    let unit = remark(&heading).and_then(|unit| multiplying_unit(&unit));
    let mut read = Column {
        column,
        heading: heading.clone(),
        meaning: None,
        month: None,
        is_month: false,
        item: None,
        unit,
    };
    if let Some(meaning) = guidance.mapping.meaning(&heading) {
        read.meaning = Some(meaning);
        return Some(read);
    }
    if let Some(found) = own.and_then(month_of) {
        read.month = resolved(sheet, position, found, guidance, labels);
        read.is_month = true;
        read.meaning = Some(Meaning::Value);
        if read.month.is_none() {
            issues.push(month_without_year(sheet, position));
            read.meaning = Some(Meaning::Ignored);
        }
        return Some(read);
    }
    read.meaning = meaning_of(&heading);
    if matches!(
        read.meaning,
        Some(Meaning::Value | Meaning::Numerator | Meaning::Denominator | Meaning::NotApplicable)
    ) {
        let group = over.filter(|_| own.is_some());
        match group.and_then(month_of) {
            Some(found) => {
                let at = Position {
                    row: row.saturating_sub(1),
                    column,
                };
                read.month = resolved(sheet, at, found, guidance, labels);
                read.is_month = true;
                if read.month.is_none() {
                    issues.push(month_without_year(sheet, at));
                    read.meaning = Some(Meaning::Ignored);
                }
            }
            None => {
                read.item = group
                    .map(ToString::to_string)
                    .filter(|text| guidance.items.knows(text));
            }
        }
        return Some(read);
    }
    if read.meaning.is_none() {
        (read.item, read.meaning) = item_heading(&heading, guidance);
    }
    Some(read)
}

/// A heading that is an item, with the part of a ratio in brackets: `定着率（分子）`.
fn item_heading(heading: &str, guidance: &Guidance<'_>) -> (Option<String>, Option<Meaning>) {
    if let Some(part) = remark(heading).and_then(|part| part_of(&part)) {
        let whole = heading
            .rsplit_once(['(', '[', '〔', '【'])
            .map_or(heading, |(before, _)| before);
        if guidance.items.knows(whole) {
            return (Some(whole.trim().to_owned()), Some(part));
        }
    }
    if guidance.items.knows(heading) {
        return (Some(heading.to_owned()), Some(Meaning::Value));
    }
    (None, None)
}

fn month_without_year(sheet: &Sheet, position: Position) -> super::super::issue::Issue {
    let value = shown_text(sheet, position);
    let message = Text::new(
        format!("「{value}」が何年の月か分かりません。"),
        format!("The year of \"{value}\" is not known."),
    );
    let place = Place {
        sheet: sheet.name.clone(),
        position,
        value,
    };
    error_at(IssueCode::UnreadableMonth, place, message).mended_by(Text::new(
        "見出しを「2028年9月」のように書くか、上の行やシート名に「令和10年度」と入れるか、取り込みのときに年度を指定してください。",
        "Write the heading like 2028-09, put a fiscal year (2028年度) above it or into the sheet's name, or give the fiscal year with the import.",
    ))
}

/// The month of a heading, with the year that stands above it or is known otherwise.
fn resolved(
    sheet: &Sheet,
    at: Position,
    found: MonthText,
    guidance: &Guidance<'_>,
    labels: &Labels,
) -> Option<Month> {
    let number = match found {
        MonthText::Month(month) => return Some(month),
        MonthText::OfSomeYear(number) => number,
    };
    let near = (1..=YEAR_ROWS)
        .filter_map(|rows| at.row.checked_sub(rows))
        .find_map(|row| read_year(&above(sheet, row, at.column)?.to_string()));
    let year = near.or_else(|| known_year(guidance, labels))?;
    year.month(number)
}

/// The year of months without one, from what was said or from a title.
pub fn known_year(guidance: &Guidance<'_>, labels: &Labels) -> Option<Year> {
    guidance.fiscal_year.map(Year::Fiscal).or(labels.year)
}

/// What the rows above a table say.
fn labels(sheet: &Sheet, heading_row: u32, guidance: &Guidance<'_>) -> Labels {
    let mut labels = Labels::default();
    let mut mentioned: BTreeSet<Month> = BTreeSet::new();
    let mut years: Vec<Year> = month_text::fiscal_year_mentioned(&sheet.name)
        .into_iter()
        .collect();
    for row in sheet.rows.iter().take_while(|row| row.index < heading_row) {
        for (column, cell) in &row.cells {
            let text = one_width(&cell.to_string());
            years.extend(month_text::fiscal_year_mentioned(&text));
            mentioned.extend(match cell {
                Cell::Text(_) => month_text::months_mentioned(&text),
                other => match month_of(other) {
                    Some(MonthText::Month(month)) => vec![month],
                    _ => Vec::new(),
                },
            });
            let (label, inline) = match text.split_once(':') {
                Some((label, value)) => (label.trim().to_owned(), Some(value.trim().to_owned())),
                None => (text, None),
            };
            let Some(meaning) = guidance
                .mapping
                .meaning(&label)
                .or_else(|| meaning_of(&label))
            else {
                continue;
            };
            let value = inline
                .filter(|value| !value.is_empty())
                .or_else(|| beside(row, *column).map(ToString::to_string));
            match (meaning, value) {
                (Meaning::Month, Some(value)) => {
                    let cell = beside(row, *column).and_then(month_of);
                    if let Some(MonthText::Month(month)) = read_month(&value).or(cell) {
                        labels.month.get_or_insert(month);
                    }
                }
                (Meaning::Hub, Some(value)) => {
                    labels.hub.get_or_insert(value);
                }
                (Meaning::Key, Some(value)) => {
                    labels.key.get_or_insert(value);
                }
                (Meaning::Scorecard, Some(value)) => {
                    labels.scorecard.get_or_insert(value);
                }
                _ => {}
            }
        }
    }
    years.dedup();
    labels.year = match years.as_slice() {
        [year] => Some(*year),
        _ => None,
    };
    if labels.month.is_none() && mentioned.len() == 1 {
        labels.month = mentioned.into_iter().next();
    }
    labels
}

/// What stands to the right of a label.
fn beside(row: &Row, column: u32) -> Option<&Cell> {
    let next = row.cells.iter().find(|(at, _)| *at > column);
    next.filter(|(at, _)| at - column <= LABEL_GAP)
        .map(|(_, cell)| cell)
}

/// What kind of table these headings make, if any. A column of items or months
/// without a heading of its own is known by what it holds.
fn layout(
    sheet: &Sheet,
    heading_row: u32,
    columns: &mut Vec<Column>,
    guidance: &Guidance<'_>,
    labels: &Labels,
    by_content: bool,
) -> Option<Layout> {
    let has = |columns: &[Column], meaning: Meaning| {
        columns.iter().any(|column| column.meaning == Some(meaning))
    };
    let has_months = columns.iter().any(|column| column.is_month);
    let has_items = columns.iter().any(|column| column.item.is_some());
    let has_figures = columns.iter().any(|column| {
        matches!(
            column.meaning,
            Some(Meaning::Value | Meaning::Numerator | Meaning::NotApplicable)
        ) && column.month.is_none()
            && column.item.is_none()
    });
    if by_content && has_months && !has(columns, Meaning::Name) && !has(columns, Meaning::Item) {
        let knows = |cell: &Cell| guidance.items.knows(&cell.to_string());
        name_by_content(sheet, heading_row, columns, Meaning::Name, knows);
        if !has(columns, Meaning::Name) {
            // None of the names is known: that is told row by row.
            let is_text = |cell: &Cell| matches!(cell, Cell::Text(_)) && !is_figure(cell);
            name_by_content(sheet, heading_row, columns, Meaning::Name, is_text);
        }
    }
    if by_content && has_items && !has(columns, Meaning::Month) {
        name_by_content(sheet, heading_row, columns, Meaning::Month, |cell| {
            month_of(cell).is_some()
        });
    }
    let has_label = has(columns, Meaning::Name) || has(columns, Meaning::Item);
    let month_known =
        has(columns, Meaning::Month) || guidance.month.is_some() || labels.month.is_some();
    if has_months && has_label {
        Some(Layout::ItemsByMonths)
    } else if has_label && has_figures {
        Some(Layout::Long)
    } else if has_items && !has_label && month_known {
        Some(Layout::MonthsByItems)
    } else {
        None
    }
}

/// Gives a meaning to the column left of the figures that mostly holds such cells.
fn name_by_content(
    sheet: &Sheet,
    heading_row: u32,
    columns: &mut Vec<Column>,
    meaning: Meaning,
    fits: impl Fn(&Cell) -> bool,
) {
    let first_figure = columns
        .iter()
        .filter(|column| column.is_month || column.item.is_some())
        .map(|column| column.column)
        .min();
    let Some(first_figure) = first_figure else {
        return;
    };
    let mut counts: BTreeMap<u32, (usize, usize)> = BTreeMap::new();
    for row in sheet
        .rows
        .iter()
        .filter(|row| row.index > heading_row)
        .take(SAMPLE_ROWS)
    {
        for (column, cell) in row
            .cells
            .iter()
            .take_while(|(column, _)| *column < first_figure)
        {
            let count = counts.entry(*column).or_default();
            count.0 += 1;
            count.1 += usize::from(fits(cell));
        }
    }
    let best = counts
        .into_iter()
        .filter(|(_, (all, fitting))| *fitting > 0 && fitting * 2 >= *all)
        .max_by_key(|(column, (_, fitting))| (*fitting, u32::MAX - column));
    let Some((column, _)) = best else {
        return;
    };
    if let Some(known) = columns.iter_mut().find(|known| known.column == column) {
        known.meaning = Some(meaning);
    } else {
        let nameless = Column {
            column,
            heading: String::new(),
            meaning: Some(meaning),
            month: None,
            is_month: false,
            item: None,
            unit: None,
        };
        columns.insert(0, nameless);
    }
}

/// Two columns that say the same, or of the same month, cannot both be right.
fn refuse_repeated(sheet: &Sheet, table: &Table, issues: &mut Issues) {
    let mut first_of: BTreeMap<(Meaning, Option<Month>, Option<String>), u32> = BTreeMap::new();
    for column in &table.columns {
        let Some(meaning) = column
            .meaning
            .filter(|meaning| *meaning != Meaning::Ignored)
        else {
            continue;
        };
        // In wide tables a heading of figures without a month is of none of them.
        let key = (
            meaning,
            column.month,
            column.item.as_ref().map(|item| folded(item)),
        );
        let Some(first) = first_of.get(&key) else {
            first_of.insert(key, column.column);
            continue;
        };
        let position = Position {
            row: table.heading_row,
            column: column.column,
        };
        let other = Position {
            row: table.heading_row,
            column: *first,
        };
        let heading = &column.heading;
        let message = match column.month {
            Some(month) => Text::new(
                format!("{month} の列が二つあります（{other} と {position}）。"),
                format!("There are two columns for {month} ({other} and {position})."),
            ),
            None => Text::new(
                format!("同じ意味の列が二つあります（{other} と {position}「{heading}」）。"),
                format!("Two columns mean the same ({other} and {position}, \"{heading}\")."),
            ),
        };
        let place = Place {
            sheet: sheet.name.clone(),
            position,
            value: heading.clone(),
        };
        issues.push(
            error_at(IssueCode::DuplicateKey, place, message).mended_by(Text::new(
                "一方を消すか、見出しを変えるか、拠点の対応表で「取り込まない」にしてください。",
                "Delete one of them, rename it, or mark it as ignored in the hub's mapping.",
            )),
        );
    }
}

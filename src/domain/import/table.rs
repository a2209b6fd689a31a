//! Where the table of a sheet is, and what its columns mean.

use std::collections::{BTreeMap, BTreeSet};

use super::super::issue::{IssueCode, Issues};
use super::super::month::Month;
use super::super::sheet::{Cell, Merged, Place, Position, Row, Sheet};
use super::super::text::Text;
use super::complaints::unknown_heading;
use super::figure_text::is_figure;
use super::folded::{folded, label_of, remark};
use super::labels::{Labels, Said};
use super::month_text::{MonthText, Year, month_of, month_of_whole, read_year};
use super::no_actuals::{is_no_actual_alone, is_period};
use super::vocabulary::{Meaning, is_total, meaning_of, multiplying_unit, part_of};
use super::{Guidance, Layout, error_at};

/// Rows from the top among which the headings stand.
pub const HEADING_ROWS_MAX: u32 = 60;
/// Rows above a month that may say its year.
const YEAR_ROWS: u32 = 3;
/// Rows that tell what an untitled column holds.
const SAMPLE_ROWS: usize = 50;
/// Columns from the left among which the items or months are named.
const LABEL_COLUMNS_MAX: u32 = 20;

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

/// A row among the first, read as headings.
struct Headings<'a> {
    row: &'a Row,
    labels: Labels,
    columns: Vec<Column>,
    issues: Issues,
}

impl Headings<'_> {
    /// The table that these headings make, if any.
    fn table(&self, sheet: &Sheet, guidance: &Guidance<'_>, by_content: bool) -> Option<Table> {
        let mut columns = self.columns.clone();
        let row = self.row.index;
        let layout = layout(sheet, row, &mut columns, guidance, &self.labels, by_content)?;
        Some(Table {
            layout,
            heading_row: row,
            columns,
            labels: self.labels.clone(),
        })
    }
}

/// The first rows of a sheet, each read as headings once.
fn headings<'a>(sheet: &'a Sheet, guidance: &Guidance<'_>) -> Vec<Headings<'a>> {
    let head = sheet
        .rows
        .iter()
        .take_while(|row| row.index < HEADING_ROWS_MAX);
    let mut said = Said::of_name(&sheet.name);
    head.map(|row| {
        let labels = said.labels(guidance);
        let mut issues = Issues::default();
        let columns = columns(sheet, row, guidance, &labels, &mut issues);
        said.add(row, guidance);
        Headings {
            row,
            labels,
            columns,
            issues,
        }
    })
    .collect()
}

/// Finds the table of a sheet: the first row whose headings make one.
pub fn find(sheet: &Sheet, guidance: &Guidance<'_>, issues: &mut Issues) -> Option<Table> {
    let headings = headings(sheet, guidance);
    // Headings are believed first; what stands below them only where there are none.
    for by_content in [false, true] {
        for (index, upper) in headings.iter().enumerate() {
            let Some(table) = upper.table(sheet, guidance, by_content) else {
                continue;
            };
            let below = headings.get(index + 1);
            let below = below.filter(|next| next.row.index == upper.row.index + 1);
            let lower = below.and_then(|lower| {
                let second = lower.table(sheet, guidance, by_content)?;
                is_second_row(&table, &second, lower.row).then_some((second, lower))
            });
            let (mut table, read) = lower.unwrap_or((table, upper));
            choose_names(sheet, &mut table, guidance);
            issues.extend(read.issues.as_slice().iter().cloned());
            refuse_repeated(sheet, &table, issues);
            return Some(table);
        }
    }
    explain_headings(sheet, &headings, issues);
    None
}

/// Where headings name items but no figures: which ones are not known.
fn explain_headings(sheet: &Sheet, headings: &[Headings<'_>], issues: &mut Issues) {
    let figures = last_figures(sheet);
    for Headings { row, columns, .. } in headings {
        let names_items = columns
            .iter()
            .any(|column| matches!(column.meaning, Some(Meaning::Item | Meaning::Name)));
        let has_figures = |column: &&Column| {
            let last = figures.get(&column.column);
            column.meaning.is_none() && last.is_some_and(|last| *last > row.index)
        };
        let mut unknown = columns.iter().filter(has_figures).peekable();
        if names_items && unknown.peek().is_some() {
            issues.extend(unknown.map(|column| unknown_heading(sheet, row.index, column, true)));
            return;
        }
    }
}

/// The last row of each column that holds a figure, among the first rows.
fn last_figures(sheet: &Sheet) -> BTreeMap<u32, u32> {
    let rows = sheet
        .rows
        .iter()
        .take_while(|row| row.index < HEADING_ROWS_MAX * 2);
    let cells = rows.flat_map(|row| {
        row.cells
            .iter()
            .map(|(column, cell)| (*column, row.index, cell))
    });
    let figures = cells.filter(|(_, _, cell)| is_figure(cell));
    figures.map(|(column, row, _)| (column, row)).collect()
}

/// Whether headings say what the months, items or other headings above them hold.
fn is_second_row(upper: &Table, lower: &Table, row: &Row) -> bool {
    let divides = lower.columns.iter().any(|column| {
        let is_of_something = column.is_month || column.item.is_some();
        is_of_something && meaning_of(&column.heading).is_some()
    });
    let holds_figures = row.cells.iter().any(|(_, cell)| is_figure(cell));
    let gives_months =
        upper.layout == Layout::Long && lower.layout == Layout::ItemsByMonths && !holds_figures;
    let mut cells = row.cells.iter().map(|(_, cell)| label_of(cell));
    divides || gives_months || cells.all(|text| meaning_of(&text).is_some())
}

/// What a person sees in a cell.
pub fn shown_text(sheet: &Sheet, position: Position) -> String {
    sheet.shown(position).map(label_of).unwrap_or_default()
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
    refuse_turning_years(sheet, row.index, &mut columns, issues);
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

/// Below a calendar year, 12月 | 1月 goes on in the next: whether the heading means
/// the fiscal year has to be said.
fn refuse_turning_years(sheet: &Sheet, row: u32, columns: &mut [Column], issues: &mut Issues) {
    let mut last: Option<Month> = None;
    for column in columns {
        let Some(month) = column.month else {
            continue;
        };
        let position = Position {
            row,
            column: column.column,
        };
        let lacks_year = |cell: &Cell| matches!(month_of(cell), Some(MonthText::OfSomeYear(_)));
        let has_turned = last.is_some_and(|last| month < last && month.year() == last.year());
        if has_turned && sheet.shown(position).is_some_and(lacks_year) {
            issues.push(month_without_year(sheet, position));
            column.meaning = Some(Meaning::Ignored);
        }
        last = Some(month);
    }
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
    let cell = own.or_else(|| over.filter(|cell| meaning_of(&label_of(cell)).is_some()))?;
    let heading = label_of(cell);
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
    if let Some(meaning) = guidance.words.meaning(&heading) {
        read.meaning = Some(meaning);
        return Some(read);
    }
    let group = over.filter(|_| own.is_some() && is_below_group(sheet, position));
    let month = own.and_then(month_of);
    let is_of_no_actuals =
        group.is_some_and(|group| is_group_of_no_actuals(group, month.is_some(), guidance));
    if let Some(found) = month {
        read.is_month = true;
        if is_of_no_actuals {
            read.meaning = Some(Meaning::Ignored);
            return Some(read);
        }
        read.month = resolved(sheet, position, found, guidance, labels);
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
        if is_of_no_actuals {
            read.meaning = Some(Meaning::Ignored);
            return Some(read);
        }
        match group.and_then(month_of_group) {
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
                    .map(label_of)
                    .filter(|text| guidance.items.knows(text));
            }
        }
        return Some(read);
    }
    if read.meaning.is_none() || guidance.items.knows_whole(&heading) {
        (read.item, read.meaning) = item_heading(&heading, guidance);
    }
    if read.meaning.is_none() && is_sum_or_plan(&heading) {
        read.meaning = Some(Meaning::Ignored);
    }
    Some(read)
}

/// Whether a heading is nothing but a word for plans or sums. One that only has such
/// a word in it may be an item with a slip of the pen.
fn is_sum_or_plan(heading: &str) -> bool {
    is_no_actual_alone(heading) || is_period(heading) || is_total(heading)
}

/// Whether headings stand below 計画, 合計 or 前年度, which makes them no actuals. Half a
/// year over its months only groups them.
fn is_group_of_no_actuals(group: &Cell, is_month: bool, guidance: &Guidance<'_>) -> bool {
    let group = label_of(group);
    let is_sum = is_no_actual_alone(&group) || !is_month && is_period(&group);
    is_sum && !guidance.items.knows(&group)
}

/// Whether what stands above a heading is one over several: neither the title of the
/// whole table, which begins above the names, nor the value beside a label.
fn is_below_group(sheet: &Sheet, heading: Position) -> bool {
    let Some(row) = heading.row.checked_sub(1) else {
        return false;
    };
    let at = Position { row, ..heading };
    let line = sheet.rows.iter().find(|line| line.index == row);
    let mut left = line.into_iter().flat_map(|line| line.cells.iter().rev());
    let left = left.find(|(column, _)| *column < heading.column);
    let joined = sheet.merged.iter().find(|merged| merged.covers(at));
    let begins = match joined {
        Some(merged) => Some(merged.first.column),
        None if sheet.cell(at).is_some() => None,
        None => left.map(|(column, _)| *column),
    };
    let Some(begins) = begins else {
        let label = left.and_then(|(_, beside)| meaning_of(&label_of(beside)));
        return !matches!(
            label,
            Some(Meaning::Month | Meaning::Hub | Meaning::Key | Meaning::Scorecard)
        );
    };
    let over = sheet.shown(Position {
        column: begins,
        ..heading
    });
    let meaning = over.and_then(|cell| meaning_of(&label_of(cell)));
    !matches!(
        meaning,
        Some(Meaning::Item | Meaning::Name | Meaning::Month)
    )
}

/// The month of the heading over others. A day there is that of the paper.
fn month_of_group(cell: &Cell) -> Option<MonthText> {
    match (month_of(cell)?, month_of_whole(cell)) {
        (MonthText::Month(_), None) => None,
        (found, _) => Some(found),
    }
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
        .find_map(|row| read_year(&label_of(above(sheet, row, at.column)?)));
    let year = near.or_else(|| known_year(guidance, labels))?;
    year.month(number)
}

/// The year of months without one, from what was said or from a title.
pub fn known_year(guidance: &Guidance<'_>, labels: &Labels) -> Option<Year> {
    guidance.fiscal_year.map(Year::Fiscal).or(labels.year)
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
        let knows = |cell: &Cell| guidance.items.knows(&label_of(cell));
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
    let month_said = has(columns, Meaning::Month)
        || guidance.month.is_some()
        || labels.month.is_some()
        || labels.unread_month.is_some();
    if has_months && has_label {
        Some(Layout::ItemsByMonths)
    } else if has_label && has_figures {
        Some(Layout::Long)
    } else if has_items && !has_label && month_said && !holds_figures(sheet, heading_row, columns) {
        Some(Layout::MonthsByItems)
    } else {
        None
    }
}

/// Whether a row holds figures itself: `相談 | 3` is no row of headings.
fn holds_figures(sheet: &Sheet, row: u32, columns: &[Column]) -> bool {
    let nameless = columns.iter().filter(|column| column.meaning.is_none());
    let mut cells = nameless.filter_map(|column| {
        sheet.shown(Position {
            row,
            column: column.column,
        })
    });
    cells.any(is_figure)
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
            .take_while(|(column, _)| *column < first_figure.min(LABEL_COLUMNS_MAX))
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

/// Of several columns of names, such as 取組 | KPI, the one that holds known items.
fn choose_names(sheet: &Sheet, table: &mut Table, guidance: &Guidance<'_>) {
    let names = |column: &&Column| column.meaning == Some(Meaning::Name);
    if table.columns.iter().filter(names).count() < 2 {
        return;
    }
    let known = |column: u32| {
        let rows = sheet
            .rows
            .iter()
            .filter(|row| row.index > table.heading_row);
        let cells = rows.take(SAMPLE_ROWS).filter_map(|row| row.cell(column));
        cells
            .filter(|cell| guidance.items.knows(&label_of(cell)))
            .count()
    };
    let counts: Vec<(u32, usize)> = table
        .columns
        .iter()
        .filter(names)
        .map(|column| (column.column, known(column.column)))
        .collect();
    let best = counts.iter().map(|(_, count)| *count).max().unwrap_or(0);
    let mut chosen = counts.iter().filter(|(_, count)| *count == best);
    let (Some((chosen, _)), None) = (chosen.next(), chosen.next()) else {
        return;
    };
    for column in &mut table.columns {
        if column.meaning == Some(Meaning::Name) && column.column != *chosen {
            column.meaning = Some(Meaning::Ignored);
        }
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

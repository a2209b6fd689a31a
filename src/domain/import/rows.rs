//! The figures of a table, each with the texts that say what it is of.

mod words;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use self::words::RowPart;
use super::super::issue::{Issue, Issues};
use super::super::month::Month;
use super::super::report::VALUES_MAX;
use super::super::sheet::{Cell, Place, Position, Row, Sheet};
use super::super::text::Text;
use super::complaints::{
    dash, monthless, nameless, parted_figure, second_table, split_item, too_many_figures,
    unit_multiplies, unreadable_month,
};
use super::figure_text::{FigureText, is_counter, is_figure, read_figure};
use super::folded::{folded, folded_whole, label_of, remark};
use super::month_text::{
    MonthText, Year, fiscal_year_mentioned, month_in_field, month_of, month_of_whole,
    months_mentioned, read_year,
};
use super::no_actuals::is_no_actual_alone;
use super::table::{Column, Table, known_year, shown_text};
use super::table_checks::{check_month, check_title, refuse_unknown};
use super::vocabulary::{
    Meaning, is_note, is_remark_heading, is_total, multiplying_unit, stated_money_unit,
};
use super::{Guidance, Layout, LeftOut, SheetReading, Survey, is_enough};

/// Cells that can speak of so many figures: a ratio has two, and its quotient beside.
const PARTS_MAX: usize = 3 * VALUES_MAX;
/// The scorecard that a row or a title names, as far as it does.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Target {
    pub scorecard: Option<String>,
    pub hub: Option<String>,
    pub key: Option<String>,
}

impl Target {
    /// As names are compared.
    #[must_use]
    pub fn folded(&self) -> Self {
        let folded = |text: &Option<String>| text.as_deref().map(folded_whole);
        Self {
            scorecard: folded(&self.scorecard),
            hub: folded(&self.hub),
            key: folded(&self.key),
        }
    }
}

/// One cell that says something about an item in a month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    pub place: Place,
    pub target: Arc<Target>,
    /// What names the item: its code, its name.
    pub texts: Arc<[String]>,
    /// Where the item is named.
    pub label: Arc<Place>,
    /// A unit such as thousands of yen that is said of all amounts of money.
    pub money_unit: Option<&'static str>,
    pub month: Month,
    /// Value, numerator, denominator, not applicable or clear.
    pub kind: Meaning,
    pub figure: FigureText,
}

/// Reads the rows below the headings.
pub fn read(
    sheet: &Sheet,
    table: &Table,
    guidance: &Guidance<'_>,
    survey: &mut Survey,
) -> SheetReading {
    check_month(sheet, table, guidance, &mut survey.issues);
    check_title(sheet, table, guidance, &mut survey.issues);
    let below = sheet
        .rows
        .iter()
        .filter(|row| row.index > table.heading_row);
    let mut reader = Reader::new(sheet, table, guidance);
    reader.learn_parts(below.clone());
    for row in below.clone() {
        if is_enough(&survey.issues) {
            break;
        }
        if survey.parts.len() > PARTS_MAX {
            survey.issues.push(too_many_figures());
            break;
        }
        reader.row(row, survey);
    }
    let Reader {
        left_out, months, ..
    } = reader;
    refuse_unknown(sheet, table, below, &mut survey.issues);
    SheetReading {
        name: sheet.name.clone(),
        skipped: None,
        layout: Some(table.layout),
        heading_row: Some(table.heading_row),
        columns: table.columns.clone(),
        months,
        left_out,
    }
}

/// The texts of a row.
pub fn texts_of(row: &Row) -> impl Iterator<Item = String> {
    let texts = row.cells.iter();
    texts
        .filter(|(_, cell)| matches!(cell, Cell::Text(_)))
        .map(|(_, cell)| label_of(cell))
        .filter(|text| !text.is_empty())
}

/// The unit that a sheet gives all its amounts of money in, where it is no single
/// yen: `（単位：千円）` above the table, or in a note. An amount in an item's name is none.
fn money_unit(sheet: &Sheet, guidance: &Guidance<'_>) -> Option<&'static str> {
    let texts = sheet.rows.iter().flat_map(|row| &row.cells);
    let texts = texts.filter(|(_, cell)| matches!(cell, Cell::Text(text) if text.contains('円')));
    texts
        .map(|(_, cell)| label_of(cell))
        .filter(|text| !guidance.items.knows(text))
        .find_map(|text| stated_money_unit(&text))
}

fn row_of_dates() -> Text {
    Text::new("日付の行です。", "A row of dates.")
}

/// Whether a cell only says what is counted: `（件）`.
fn is_unit(cell: &Cell) -> bool {
    let text = folded_whole(&label_of(cell));
    is_counter(text.trim_matches(['(', ')']))
}

/// What a row says about its month.
#[derive(Clone, Copy)]
enum RowMonth {
    Of(Month),
    /// Nothing.
    Unsaid,
    /// What is an issue already.
    Unreadable,
}

struct Reader<'a> {
    sheet: &'a Sheet,
    table: &'a Table,
    guidance: &'a Guidance<'a>,
    /// The year of months that stand without one.
    year: Option<Year>,
    /// The column that says the year of each row, and whether it is a fiscal one.
    year_column: Option<(u32, bool)>,
    /// Columns that say the unit of each row, and a unit in the headings.
    unit_columns: Vec<u32>,
    heading_unit: Option<&'static str>,
    money_unit: Option<&'static str>,
    /// What named the item in the row above, for rows of its further parts.
    label_above: Vec<String>,
    /// The words beside each item that tell its rows from each other.
    parts: BTreeMap<Vec<String>, BTreeSet<String>>,
    /// Texts since the last figures that name no item: perhaps the title of another
    /// table.
    title: BTreeSet<String>,
    /// Texts above the headings.
    head: BTreeSet<String>,
    left_out: Vec<LeftOut>,
    months: BTreeSet<Month>,
}

impl<'a> Reader<'a> {
    fn new(sheet: &'a Sheet, table: &'a Table, guidance: &'a Guidance<'a>) -> Self {
        let with_heading = |wanted: &'static [&'static str]| {
            table
                .columns
                .iter()
                .filter(move |column| wanted.contains(&folded(&column.heading).as_str()))
        };
        let fiscal = with_heading(&["年度", "会計年度", "fiscalyear"]).next();
        let calendar = with_heading(&["年", "西暦", "year"]).next();
        let figures = table
            .columns
            .iter()
            .filter(|column| column.meaning.is_some_and(is_said_by_figures));
        let head = sheet
            .rows
            .iter()
            .take_while(|row| row.index <= table.heading_row);
        Self {
            sheet,
            table,
            guidance,
            year: known_year(guidance, &table.labels),
            year_column: fiscal
                .map(|column| (column.column, true))
                .or(calendar.map(|column| (column.column, false))),
            unit_columns: with_heading(&["単位"])
                .map(|column| column.column)
                .collect(),
            heading_unit: figures.into_iter().find_map(|column| column.unit),
            money_unit: money_unit(sheet, guidance),
            label_above: Vec::new(),
            parts: BTreeMap::new(),
            title: BTreeSet::new(),
            head: head.flat_map(texts_of).collect(),
            left_out: Vec::new(),
            months: BTreeSet::new(),
        }
    }

    fn row(&mut self, row: &'a Row, survey: &mut Survey) {
        if self.is_heading_again(row) {
            if self.is_other_table() {
                survey.issues.push(second_table(self.first_place(row)));
                self.title.clear();
            }
            return;
        }
        if row.cells.iter().all(|(_, cell)| is_unit(cell)) {
            return;
        }
        if self.is_months_again(row) {
            survey.issues.push(second_table(self.first_place(row)));
            return;
        }
        let (texts, part) = self.label(row);
        let label = texts.first().cloned().unwrap_or_default();
        let is_dates = || !self.guidance.items.knows(&label) && self.holds_dates_only(row);
        let reason = self.reason_to_leave_out(row, &label, &part);
        if let Some(reason) = reason.or_else(|| is_dates().then(row_of_dates)) {
            let first = row.cells.first().map(|(_, cell)| label_of(cell));
            let text = if label.is_empty() {
                first.unwrap_or_default()
            } else {
                label
            };
            self.left_out.push(LeftOut {
                row: row.index,
                text,
                reason,
            });
            return;
        }
        let kind = match &part {
            RowPart::Of(kind) => Some(*kind),
            _ => None,
        };
        let figures = self.figures(row, kind);
        if figures.is_empty() && !self.guidance.items.knows(&label) {
            self.title.extend(texts_of(row));
        } else if !figures.is_empty() {
            if self.is_other_table() {
                survey.issues.push(second_table(self.first_place(row)));
            }
            self.title.clear();
        }
        if let RowPart::Split(word) = &part
            && figures.iter().any(|(_, _, cell)| is_figure(cell))
        {
            survey.issues.push(split_item(self.label_place(row), word));
            return;
        }
        let month = self.row_month(row, !figures.is_empty(), &mut survey.issues);
        if figures.is_empty() {
            return;
        }
        let fault = self.fault_of(row, &texts, &figures);
        match fault {
            Some(fault) => survey.issues.push(fault),
            None => self.add(row, texts, figures, month, survey),
        }
    }

    /// What is wrong with a row as a whole.
    fn fault_of(
        &self,
        row: &Row,
        texts: &[String],
        figures: &[(&Column, Meaning, &Cell)],
    ) -> Option<Issue> {
        if self.table.layout != Layout::MonthsByItems && texts.is_empty() {
            return Some(nameless(self.label_place(row)));
        }
        if let Some(unit) = self.unit_of(row) {
            return Some(unit_multiplies(self.label_place(row), unit));
        }
        let last = row.cells.last().map_or(0, |(column, _)| *column);
        let at_end = Position {
            row: row.index,
            column: last,
        };
        self.is_split_figure(row, figures)
            .then(|| parted_figure(shown_place(self.sheet, at_end)))
    }

    /// Adds the figures of a row.
    fn add(
        &mut self,
        row: &'a Row,
        texts: Vec<String>,
        figures: Vec<(&'a Column, Meaning, &'a Cell)>,
        row_month: RowMonth,
        survey: &mut Survey,
    ) {
        let by_row = self.table.layout != Layout::MonthsByItems;
        let target = Arc::new(self.target(row));
        let texts: Arc<[String]> = texts.into();
        let row_label = Arc::new(self.label_place(row));
        for (column, kind, cell) in figures {
            let place = self.place(row, column.column, cell);
            let month = match (column.month, row_month) {
                (Some(month), _) | (None, RowMonth::Of(month)) => month,
                (None, RowMonth::Unsaid) => {
                    survey.issues.push(monthless(place));
                    continue;
                }
                (None, RowMonth::Unreadable) => continue,
            };
            self.months.insert(month);
            let texts = match (&column.item, by_row) {
                (Some(item), false) => Arc::from([item.clone()]),
                _ => Arc::clone(&texts),
            };
            let figure = match (kind, read_figure(cell)) {
                // Words are kept as they were written.
                (Meaning::NotApplicable | Meaning::Clear, figure)
                    if figure != FigureText::Unreported =>
                {
                    FigureText::NotApplicable {
                        reason: cell.to_string(),
                    }
                }
                (_, figure) => figure,
            };
            if figure == FigureText::Unreported {
                survey.issues.push(dash(place));
                continue;
            }
            let label = if by_row {
                Arc::clone(&row_label)
            } else {
                Arc::new(self.heading_place(column))
            };
            survey.parts.push(Part {
                place,
                target: Arc::clone(&target),
                texts,
                label,
                money_unit: self.money_unit,
                month,
                kind,
                figure,
            });
        }
    }

    fn text(&self, row: &Row, meaning: Meaning) -> Option<String> {
        let column = self.table.column(meaning)?;
        let text = shown_text(
            self.sheet,
            Position {
                row: row.index,
                column,
            },
        );
        (!text.is_empty()).then_some(text)
    }

    /// Headings that come again, as on every printed page.
    fn is_heading_again(&self, row: &Row) -> bool {
        let mut cells = row
            .cells
            .iter()
            .filter(|(_, cell)| matches!(cell, Cell::Text(_) | Cell::Date(_)))
            .peekable();
        cells.peek().is_some()
            && cells.all(|(column, cell)| {
                let heading = self
                    .table
                    .columns
                    .iter()
                    .find(|known| known.column == *column);
                heading.is_some_and(|known| known.heading == label_of(cell))
            })
    }

    /// Whether texts since the last figures are the title of another table: a plan, or
    /// figures of another year or month.
    fn is_other_table(&self) -> bool {
        let has_months = self.table.column(Meaning::Month).is_some();
        let mut new = self.title.difference(&self.head);
        new.any(|text| {
            let is_dated = !months_mentioned(text).is_empty()
                || fiscal_year_mentioned(text).is_some()
                || read_year(text).is_some();
            is_no_actual_alone(text) || is_dated && !has_months
        })
    }

    /// Whether all that a row has below the headings of figures are days.
    fn holds_dates_only(&self, row: &Row) -> bool {
        let mut cells = self
            .figures(row, None)
            .into_iter()
            .map(|(_, _, cell)| cell)
            .peekable();
        cells.peek().is_some() && cells.all(|cell| matches!(cell, Cell::Date(_)))
    }

    /// Headings of other months below each other's figures.
    fn is_months_again(&self, row: &Row) -> bool {
        let mut below = self.table.columns.iter().filter(|column| column.is_month);
        below.any(|column| {
            let cell = row.cell(column.column);
            cell.is_some_and(|cell| match cell {
                Cell::Date(_) => month_of_whole(cell).is_some(),
                Cell::Text(_) => month_of(cell).is_some() && !is_figure(cell),
                _ => false,
            })
        })
    }

    /// A comma of thousands that has parted a figure in a text file: `1,234` in two
    /// cells, so that the row is longer than the headings.
    fn is_split_figure(&self, row: &Row, figures: &[(&Column, Meaning, &Cell)]) -> bool {
        let last_heading = self.table.columns.iter().map(|column| column.column).max();
        let last_cell = row.cells.last().map(|(column, _)| *column);
        let is_longer = last_cell > last_heading;
        let groups = |cell: &Cell, fits: fn(usize) -> bool| match cell {
            Cell::Text(text) => {
                let text = text.trim().trim_start_matches('-');
                fits(text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
            }
            _ => false,
        };
        let is_remark = |column: u32| {
            let known = self
                .table
                .columns
                .iter()
                .find(|known| known.column == column);
            known.is_some_and(|known| is_remark_heading(&known.heading))
        };
        figures.iter().any(|(column, _, cell)| {
            let beside = column.column + 1;
            (is_longer || is_remark(beside))
                && groups(cell, |length| (1..=3).contains(&length))
                && row
                    .cell(beside)
                    .is_some_and(|next| groups(next, |length| length == 3))
        })
    }

    fn reason_to_leave_out(&self, row: &Row, label: &str, part: &RowPart) -> Option<Text> {
        if let RowPart::NoActuals(word) = part {
            return Some(Text::new(
                format!("「{word}」の行です。実績だけを取り込みます。"),
                format!("A row of \"{word}\": only actuals are imported."),
            ));
        }
        let label = if label.is_empty() {
            row.cells
                .first()
                .map(|(_, cell)| label_of(cell))
                .unwrap_or_default()
        } else {
            label.to_owned()
        };
        if self.guidance.items.knows(&label) {
            return None;
        }
        if is_total(&label) {
            return Some(Text::new(
                "合計などの行です。",
                "A row that sums up others.",
            ));
        }
        is_note(&label).then(|| Text::new("注記の行です。", "A row with a note."))
    }

    /// The cells of a row that say something, with what they say.
    fn figures<'r>(
        &self,
        row: &'r Row,
        part: Option<Meaning>,
    ) -> Vec<(&'a Column, Meaning, &'r Cell)> {
        let wide = self.table.layout != Layout::Long;
        let mut figures = Vec::new();
        for column in &self.table.columns {
            let Some(meaning) = column
                .meaning
                .filter(|meaning| is_said_by_figures(*meaning))
            else {
                continue;
            };
            if wide && column.month.is_none() && column.item.is_none() {
                continue;
            }
            let Some(cell) = row.cell(column.column) else {
                continue;
            };
            if matches!(cell, Cell::Text(text) if text.trim().is_empty()) {
                continue;
            }
            let kind = match (meaning, part) {
                (Meaning::Value, Some(part)) => part,
                _ => meaning,
            };
            figures.push((column, kind, cell));
        }
        figures
    }

    /// The month of a row, from its column or from what is known of the sheet.
    fn row_month(&mut self, row: &Row, has_figures: bool, issues: &mut Issues) -> RowMonth {
        let Some(column) = self.table.column(Meaning::Month) else {
            let labels = &self.table.labels;
            return match labels.month.or(self.guidance.month) {
                Some(month) => RowMonth::Of(month),
                None if labels.unread_month.is_some() => RowMonth::Unreadable,
                None => RowMonth::Unsaid,
            };
        };
        let position = Position {
            row: row.index,
            column,
        };
        let Some(cell) = self.sheet.shown(position) else {
            return RowMonth::Unsaid;
        };
        if let Some(year) = read_year(&label_of(cell)) {
            self.year = Some(year);
        }
        let found = month_in_field(cell);
        let month = match found {
            Some(MonthText::Month(month)) => Some(month),
            Some(MonthText::OfSomeYear(number)) => {
                self.year_of(row).and_then(|year| year.month(number))
            }
            None => None,
        };
        if month.is_none() && has_figures {
            let place = shown_place(self.sheet, position);
            issues.push(unreadable_month(place, found.is_some()));
        }
        month.map_or(RowMonth::Unreadable, RowMonth::Of)
    }

    /// The year of a row, from a column of its own.
    fn year_of(&self, row: &Row) -> Option<Year> {
        let year = self.year_column.and_then(|(column, is_fiscal)| {
            let (Year::Calendar(year) | Year::Fiscal(year)) =
                read_year(&label_of(row.cell(column)?))?;
            Some(if is_fiscal {
                Year::Fiscal(year)
            } else {
                Year::Calendar(year)
            })
        });
        year.or(self.year)
    }

    fn target(&self, row: &Row) -> Target {
        let labels = &self.table.labels;
        Target {
            scorecard: self
                .text(row, Meaning::Scorecard)
                .or_else(|| labels.scorecard.clone()),
            hub: self.text(row, Meaning::Hub).or_else(|| labels.hub.clone()),
            key: self.text(row, Meaning::Key).or_else(|| labels.key.clone()),
        }
    }

    /// A unit such as thousands of yen, in the row or the table's headings.
    fn unit_of(&self, row: &Row) -> Option<&'static str> {
        let beside = || {
            let cells = self
                .unit_columns
                .iter()
                .filter_map(|column| row.cell(*column));
            cells.map(label_of).find_map(|unit| multiplying_unit(&unit))
        };
        let named = || {
            let unit = remark(&self.text(row, Meaning::Name)?)?;
            multiplying_unit(&unit)
        };
        self.heading_unit.or_else(beside).or_else(named)
    }

    fn place(&self, row: &Row, column: u32, cell: &Cell) -> Place {
        Place {
            sheet: self.sheet.name.clone(),
            position: Position {
                row: row.index,
                column,
            },
            value: cell.excerpt(),
        }
    }

    fn first_place(&self, row: &Row) -> Place {
        let column = row.cells.first().map_or(0, |(column, _)| *column);
        shown_place(
            self.sheet,
            Position {
                row: row.index,
                column,
            },
        )
    }

    fn label_place(&self, row: &Row) -> Place {
        let column = self
            .table
            .column(Meaning::Item)
            .filter(|column| row.cell(*column).is_some());
        let column = column
            .or_else(|| self.table.column(Meaning::Name))
            .unwrap_or(0);
        shown_place(
            self.sheet,
            Position {
                row: row.index,
                column,
            },
        )
    }

    fn heading_place(&self, column: &Column) -> Place {
        shown_place(
            self.sheet,
            Position {
                row: self.table.heading_row,
                column: column.column,
            },
        )
    }
}

/// Whether the cells of a column are to be imported.
pub const fn is_said_by_figures(meaning: Meaning) -> bool {
    matches!(
        meaning,
        Meaning::Value
            | Meaning::Numerator
            | Meaning::Denominator
            | Meaning::NotApplicable
            | Meaning::Clear
    )
}

/// A cell with what a person sees in it.
pub fn shown_place(sheet: &Sheet, position: Position) -> Place {
    Place {
        sheet: sheet.name.clone(),
        position,
        value: shown_text(sheet, position),
    }
}

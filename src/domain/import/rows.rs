//! The figures of a table, each with the texts that say what it is of.

use std::collections::BTreeSet;

use super::super::issue::{Issue, IssueCode, Issues};
use super::super::month::Month;
use super::super::sheet::{Cell, Place, Position, Row, Sheet};
use super::super::text::Text;
use super::figure_text::{FigureText, is_figure, read_figure};
use super::folded::{folded, one_width, remark};
use super::month_text::{MonthText, Year, month_of, read_year};
use super::table::{Column, Table, known_year, shown_text};
use super::vocabulary::{Meaning, is_note, is_total, multiplying_unit, part_of};
use super::{Guidance, Layout, LeftOut, SheetReading, Survey, error_at, is_enough, pointer};

/// The scorecard that a row or a title names, as far as it does.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Target {
    pub scorecard: Option<String>,
    pub hub: Option<String>,
    pub key: Option<String>,
}

/// One cell that says something about an item in a month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    pub place: Place,
    pub target: Target,
    /// What names the item: its code, its name.
    pub texts: Vec<String>,
    /// Where the item is named.
    pub label: Place,
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
    let mut reader = Reader {
        sheet,
        table,
        guidance,
        year: known_year(guidance, &table.labels),
        label_above: Vec::new(),
        left_out: Vec::new(),
        months: BTreeSet::new(),
    };
    let below = sheet
        .rows
        .iter()
        .filter(|row| row.index > table.heading_row);
    for row in below.clone() {
        if is_enough(&survey.issues) {
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

/// The month that was said beforehand must be that of the sheet.
fn check_month(sheet: &Sheet, table: &Table, guidance: &Guidance<'_>, issues: &mut Issues) {
    if let (Some(said), Some(written)) = (guidance.month, table.labels.month)
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
    }
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
    /// What named the item in the row above, for rows of its further parts.
    label_above: Vec<String>,
    left_out: Vec<LeftOut>,
    months: BTreeSet<Month>,
}

impl<'a> Reader<'a> {
    fn row(&mut self, row: &'a Row, survey: &mut Survey) {
        let (texts, part) = self.label(row);
        let label = texts.first().cloned().unwrap_or_default();
        if self.is_heading_again(row) {
            return;
        }
        if let Some(reason) = self.reason_to_leave_out(row, &label) {
            let first = row.cells.first().map(|(_, cell)| cell.to_string());
            let text = if label.is_empty() {
                one_width(&first.unwrap_or_default())
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
        let figures = self.figures(row, part);
        let row_month = self.row_month(row, !figures.is_empty(), &mut survey.issues);
        if figures.is_empty() {
            return;
        }
        let by_row = self.table.layout != Layout::MonthsByItems;
        if by_row && texts.is_empty() {
            survey.issues.push(self.nameless(row));
            return;
        }
        if let Some(unit) = self.unit_of(row) {
            survey.issues.push(self.unit_multiplies(row, unit));
            return;
        }
        let target = self.target(row);
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
                (Some(item), false) => vec![item.clone()],
                _ => texts.clone(),
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
                self.label_place(row)
            } else {
                self.heading_place(column)
            };
            survey.parts.push(Part {
                place,
                target: target.clone(),
                texts,
                label,
                month,
                kind,
                figure,
            });
        }
    }

    /// What names the item of a row, and which part of a ratio the row holds.
    fn label(&mut self, row: &Row) -> (Vec<String>, Option<Meaning>) {
        if self.table.layout == Layout::MonthsByItems {
            return (Vec::new(), None);
        }
        let mut part = self
            .text(row, Meaning::Part)
            .and_then(|text| part_of(&text));
        let columns = [Meaning::Item, Meaning::Name];
        let mut texts: Vec<String> = columns
            .iter()
            .filter_map(|meaning| self.text(row, *meaning))
            .collect();
        for text in &mut texts {
            if let Some(named) = remark(text).and_then(|part| part_of(&part))
                && !self.guidance.items.knows_whole(text)
            {
                part = part.or(Some(named));
                if let Some((before, _)) = text.rsplit_once(['(', '[', '〔', '【']) {
                    *text = before.trim().to_owned();
                }
            }
        }
        if texts.is_empty() && part.is_some() {
            texts.clone_from(&self.label_above);
        }
        self.label_above.clone_from(&texts);
        (texts, part)
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
        let mut texts = row
            .cells
            .iter()
            .filter(|(_, cell)| matches!(cell, Cell::Text(_)))
            .peekable();
        texts.peek().is_some()
            && texts.all(|(column, cell)| {
                let heading = self
                    .table
                    .columns
                    .iter()
                    .find(|known| known.column == *column);
                heading.is_some_and(|known| known.heading == one_width(&cell.to_string()))
            })
    }

    fn reason_to_leave_out(&self, row: &Row, label: &str) -> Option<Text> {
        let label = if label.is_empty() {
            row.cells
                .first()
                .map(|(_, cell)| cell.to_string())
                .unwrap_or_default()
        } else {
            label.to_owned()
        };
        if is_total(&label) && !self.guidance.items.knows(&label) {
            return Some(Text::new(
                "合計などの行です。",
                "A row that sums up others.",
            ));
        }
        is_note(&label).then(|| Text::new("注記の行です。", "A row with a note."))
    }

    /// The cells of a row that say something, with what they say.
    fn figures(&self, row: &'a Row, part: Option<Meaning>) -> Vec<(&'a Column, Meaning, &'a Cell)> {
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
            if matches!(cell, Cell::Text(text) if one_width(text).is_empty()) {
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
            let known = self.table.labels.month.or(self.guidance.month);
            return known.map_or(RowMonth::Unsaid, RowMonth::Of);
        };
        let position = Position {
            row: row.index,
            column,
        };
        let Some(cell) = self.sheet.shown(position) else {
            return RowMonth::Unsaid;
        };
        if let Some(year) = read_year(&cell.to_string()) {
            self.year = Some(year);
        }
        let found = month_of(cell);
        let month = match found {
            Some(MonthText::Month(month)) => Some(month),
            Some(MonthText::OfSomeYear(number)) => {
                self.year_of(row).and_then(|year| year.month(number))
            }
            None => None,
        };
        if month.is_none() && has_figures {
            issues.push(self.unreadable_month(position, found.is_some()));
        }
        month.map_or(RowMonth::Unreadable, RowMonth::Of)
    }

    /// The fiscal year of a row, from a column of its own.
    fn year_of(&self, row: &Row) -> Option<Year> {
        let column = self.table.columns.iter().find(|column| {
            matches!(
                folded(&column.heading).as_str(),
                "年度" | "会計年度" | "fiscalyear"
            )
        });
        let cell = column.and_then(|column| row.cell(column.column));
        let year = cell.and_then(|cell| match read_year(&cell.to_string())? {
            Year::Calendar(year) | Year::Fiscal(year) => Some(Year::Fiscal(year)),
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
        let in_headings = self
            .table
            .columns
            .iter()
            .filter(|column| column.meaning.is_some_and(is_said_by_figures))
            .find_map(|column| column.unit);
        let units = self
            .table
            .columns
            .iter()
            .filter(|column| folded(&column.heading) == "単位");
        let beside = units
            .filter_map(|column| row.cell(column.column))
            .find_map(|cell| multiplying_unit(&cell.to_string()));
        let named = self
            .text(row, Meaning::Name)
            .and_then(|name| remark(&name))
            .and_then(|unit| multiplying_unit(&unit));
        in_headings.or(beside).or(named)
    }

    fn place(&self, row: &Row, column: u32, cell: &Cell) -> Place {
        Place {
            sheet: self.sheet.name.clone(),
            position: Position {
                row: row.index,
                column,
            },
            value: cell.to_string(),
        }
    }

    fn label_place(&self, row: &Row) -> Place {
        let column = self
            .table
            .column(Meaning::Item)
            .filter(|column| row.cell(*column).is_some());
        let column = column
            .or_else(|| self.table.column(Meaning::Name))
            .unwrap_or(0);
        self.shown_place(Position {
            row: row.index,
            column,
        })
    }

    fn heading_place(&self, column: &Column) -> Place {
        self.shown_place(Position {
            row: self.table.heading_row,
            column: column.column,
        })
    }

    fn shown_place(&self, position: Position) -> Place {
        Place {
            sheet: self.sheet.name.clone(),
            position,
            value: shown_text(self.sheet, position),
        }
    }

    fn nameless(&self, row: &Row) -> Issue {
        error_at(
            IssueCode::Missing,
            self.label_place(row),
            Text::new("値がありますが、項目が書かれていません。", "There are figures, but no item is named."),
        )
        .mended_by(Text::new(
            "この行に項目コードか項目名を入れるか、合計や注記ならその言葉（合計、※）を行の頭に入れてください。",
            "Put the item's code or name into this row, or begin it with the word for what it is (total, ※).",
        ))
    }

    fn unreadable_month(&self, position: Position, lacks_year: bool) -> Issue {
        let place = self.shown_place(position);
        let value = place.value.clone();
        let message = if lacks_year {
            Text::new(
                format!("「{value}」が何年の月か分かりません。"),
                format!("The year of \"{value}\" is not known."),
            )
        } else {
            Text::new(
                format!("「{value}」は月として読めません。"),
                format!("\"{value}\" cannot be read as a month."),
            )
        };
        error_at(IssueCode::UnreadableMonth, place, message).mended_by(Text::new(
            "2028-09、2028年9月、令和10年9月、R10.9 のように書いてください。",
            "Write it like 2028-09, 2028/9 or Sep 2028.",
        ))
    }

    fn unit_multiplies(&self, row: &Row, unit: &str) -> Issue {
        error_at(
            IssueCode::UnreadableFigure,
            self.label_place(row),
            Text::new(
                format!("単位が「{unit}」です。"),
                format!("The unit is \"{unit}\"."),
            ),
        )
        .mended_by(Text::new(
            "1 円、1 人、1 件を単位とする数字に直し、単位の表示も改めてください。",
            "Give the figures in single yen, people or cases, and correct the unit.",
        ))
    }
}

const fn is_said_by_figures(meaning: Meaning) -> bool {
    matches!(
        meaning,
        Meaning::Value
            | Meaning::Numerator
            | Meaning::Denominator
            | Meaning::NotApplicable
            | Meaning::Clear
    )
}

fn monthless(place: Place) -> Issue {
    error_at(
        IssueCode::UnreadableMonth,
        place,
        Text::new("何月の値か分かりません。", "The month of this figure is not known."),
    )
    .mended_by(Text::new(
        "「対象月」の列か、表の上に「対象月　2028-09」を入れるか、取り込みのときに月を指定してください。",
        "Add a column \"month\", or \"month  2028-09\" above the table, or give the month with the import.",
    ))
}

/// A dash says nothing; that it was taken so has to be seen.
fn dash(place: Place) -> Issue {
    let value = &place.value;
    let message = Text::new(
        format!("「{value}」は未報告として、そのままにします。"),
        format!("\"{value}\" is taken as not reported; the cell stays as it is."),
    );
    let path = pointer(&place.sheet, place.position);
    Issue::warning(IssueCode::UnreadableFigure, path, message)
        .at(place)
        .mended_by(Text::new(
            "0 件なら 0、対象にならない月なら「対象外：理由」と入れてください。",
            "Write 0 for none, and \"対象外：reason\" where the month does not apply.",
        ))
}

/// Headings that are not known. In a wide table one may be a month or an item with
/// a slip of the pen, whose figures must not be lost; in a long one they cannot be
/// anything to import.
fn refuse_unknown<'a>(
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

/// A heading that is not known: an error where its figures must not be lost.
pub fn unknown_heading(sheet: &Sheet, heading_row: u32, column: &Column, is_error: bool) -> Issue {
    let place = Place {
        sheet: sheet.name.clone(),
        position: Position {
            row: heading_row,
            column: column.column,
        },
        value: column.heading.clone(),
    };
    let shown = if column.heading.is_empty() {
        "（見出しなし）"
    } else {
        &column.heading
    };
    if is_error {
        let message = Text::new(
            format!("数字の入った列の見出し「{shown}」の意味が分かりません。"),
            format!("The heading \"{shown}\" of a column with figures is not known."),
        );
        return error_at(IssueCode::UnknownHeading, place, message).mended_by(Text::new(
            "月（2028年9月）や項目名なら正しく書き直し、取り込まない列なら拠点の対応表で「取り込まない」にするか、列を消してください。",
            "Correct it where it is a month or an item; mark it as ignored in the hub's mapping, or delete the column, where it is not to be imported.",
        ));
    }
    let message = Text::new(
        format!("列「{shown}」は取り込みません。"),
        format!("The column \"{shown}\" is not imported."),
    );
    let path = pointer(&place.sheet, place.position);
    Issue::warning(IssueCode::UnknownHeading, path, message)
        .at(place)
        .mended_by(Text::new(
            "取り込むときは、拠点の対応表にこの見出しの意味を登録してください。",
            "To import it, put the meaning of this heading into the hub's mapping.",
        ))
}

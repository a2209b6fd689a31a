//! What a spreadsheet says: where its figures stand, of which item, month and
//! scorecard they are, and the reports that follow (`product.md` §5).
//!
//! [`survey`] looks at the cells alone; [`gather`] joins what it found with the
//! plans of the scorecards that it names. Neither guesses: what could mean two
//! things is an issue that says how to mend it.

mod complaints;
mod figure_text;
mod folded;
mod gather;
mod items;
mod labels;
mod month_text;
mod no_actuals;
mod remedy;
mod rows;
mod table;
mod table_checks;
mod vocabulary;

use std::collections::BTreeSet;

use super::code::coded_enum;
use super::export::headings::NOT_IMPORTED;
use super::issue::{Issue, IssueCode, Issues, pointer_to};
use super::month::Month;
use super::sheet::{Place, Position, Row, Sheet, Workbook};
use super::text::Text;
use figure_text::is_figure;
pub use folded::folded_whole;
use folded::label_of;
pub use gather::{Circumstances, Gathered, best_fitting, gather};
pub use items::{Candidate, ItemNames};
pub use remedy::with_remedies;
pub use rows::{Part, Target};
pub use table::{Column, HEADING_ROWS_MAX};
pub use vocabulary::{ForeignWords, Mapping, Meaning};

coded_enum! {
    /// How a table is laid out.
    pub enum Layout {
        /// A row for each figure, or for each item of one month.
        Long => "long",
        /// Items below each other, months beside each other.
        ItemsByMonths => "items_by_months",
        /// Months below each other, items beside each other.
        MonthsByItems => "months_by_items",
    }
}

/// Problems after which a file is not read on: it is the wrong file, or one fault
/// in all its rows.
pub const ISSUES_MAX: usize = 500;

/// Sheets that are meant to be filled in, by name.
const ENTRY_SHEETS: [&str; 3] = ["入力", "entry", "input"];

/// What is known beforehand.
#[derive(Clone, Copy, Debug)]
pub struct Guidance<'a> {
    /// The one sheet to be read.
    pub sheet: Option<&'a str>,
    /// The month of figures that stand below none.
    pub month: Option<Month>,
    /// The fiscal year of months without a year.
    pub fiscal_year: Option<i32>,
    /// Headings and names of the hub's own.
    pub words: &'a ForeignWords,
    /// Codes and names of items that may occur.
    pub items: &'a ItemNames,
}

/// A row that was left out on purpose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// From 0.
    pub row: u32,
    pub text: String,
    pub reason: Text,
}

/// What became of one sheet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SheetReading {
    pub name: String,
    /// Why it was not read; `None` of one that was.
    pub skipped: Option<Text>,
    pub layout: Option<Layout>,
    pub heading_row: Option<u32>,
    pub columns: Vec<Column>,
    pub months: BTreeSet<Month>,
    pub left_out: Vec<LeftOut>,
}

impl SheetReading {
    fn skipped(sheet: &Sheet, reason: Text) -> Self {
        Self {
            name: sheet.name.clone(),
            skipped: Some(reason),
            layout: None,
            heading_row: None,
            columns: Vec::new(),
            months: BTreeSet::new(),
            left_out: Vec::new(),
        }
    }
}

/// What was found in a workbook, before anything is known of the scorecards.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Survey {
    pub sheets: Vec<SheetReading>,
    pub parts: Vec<Part>,
    pub issues: Issues,
}

/// Finds the table of a workbook and takes its figures.
#[must_use]
pub fn survey(workbook: &Workbook, guidance: &Guidance<'_>) -> Survey {
    let mut survey = Survey::default();
    let Some(chosen) = chosen_sheet(workbook, guidance, &mut survey.issues) else {
        return survey;
    };
    for (index, sheet) in workbook.sheets.iter().enumerate() {
        if index == chosen.index {
            let reading = rows::read(sheet, &chosen.table, guidance, &mut survey);
            survey.sheets.push(reading);
        } else {
            survey
                .sheets
                .push(passed_over(sheet, guidance, &mut survey.issues));
        }
    }
    if survey.parts.is_empty() && !survey.issues.has_errors() {
        survey
            .issues
            .push(nothing_to_read(&no_actual_in(&survey.sheets)));
    }
    survey
}

/// Why a table has nothing to import.
fn no_actual_in(sheets: &[SheetReading]) -> Text {
    if sheets.iter().all(|sheet| sheet.left_out.is_empty()) {
        return Text::new(
            "表はありましたが、値が一つも入っていません。実績値を入れてから、もう一度取り込んでください。",
            "There is a table, but no figure in it. Fill in the figures, then import it again.",
        );
    }
    Text::new(
        "表はありましたが、実績として読める値がありません。計画、目標、累計、合計などの行と列は読み飛ばしました。実績の行か列に値を入れるか、見出しを直してください。",
        "There is a table, but no actual in it: rows and columns of plans, targets and sums are left out. Fill in the actuals, or correct the headings.",
    )
}

struct Chosen {
    index: usize,
    table: table::Table,
}

/// The sheet that is read: the one named, one made to be filled in, or the first
/// visible one with a table and figures in it; one called a plan only where there is
/// no other.
fn chosen_sheet(
    workbook: &Workbook,
    guidance: &Guidance<'_>,
    issues: &mut Issues,
) -> Option<Chosen> {
    let sheets = &workbook.sheets;
    let table_of = |index: usize, issues: &mut Issues| {
        let table = table::find(sheets.get(index)?, guidance, issues)?;
        Some(Chosen { index, table })
    };
    if let Some(wanted) = guidance.sheet {
        let wanted_name = folded_whole(wanted);
        let Some(index) = sheets
            .iter()
            .position(|sheet| folded_whole(&sheet.name) == wanted_name)
        else {
            issues.push(no_such_sheet(wanted, workbook));
            return None;
        };
        let found = table_of(index, issues);
        if found.is_none() && !issues.has_errors() {
            issues.push(no_table());
        }
        return found;
    }
    let is_entry = |sheet: &Sheet| ENTRY_SHEETS.contains(&folded_whole(&sheet.name).as_str());
    let may_be_read = |index: &usize| {
        let sheet = sheets.get(*index);
        sheet.is_some_and(|sheet| !sheet.is_hidden && !is_set_aside(sheet))
    };
    let mut order: Vec<usize> = (0..sheets.len()).filter(may_be_read).collect();
    order.sort_by_key(|index| {
        sheets
            .get(*index)
            .map(|sheet| (!is_entry(sheet), is_of_no_actuals(sheet)))
    });
    let mut blank = None;
    for index in order {
        let Some(chosen) = table_of(index, issues) else {
            if issues.has_errors() {
                return None;
            }
            continue;
        };
        let has_figures = sheets.get(index).is_some_and(|sheet| {
            let below = |row: &&Row| row.index > chosen.table.heading_row;
            let mut cells = sheet.rows.iter().filter(below).flat_map(|row| &row.cells);
            cells.any(|(_, cell)| is_figure(cell))
        });
        if has_figures {
            return Some(chosen);
        }
        blank.get_or_insert(chosen);
    }
    if blank.is_none() {
        issues.push(no_table());
    }
    blank
}

/// Whether a sheet is called a plan, a target or a sum.
fn is_of_no_actuals(sheet: &Sheet) -> bool {
    no_actuals::is_no_actual(&sheet.name) && !no_actuals::is_actual(&sheet.name)
}

/// A sheet beside the one that is read; one with a table of its own is worth a word.
fn passed_over(sheet: &Sheet, guidance: &Guidance<'_>, issues: &mut Issues) -> SheetReading {
    if sheet.is_hidden {
        let reason = Text::new("非表示のシートです。", "The sheet is hidden.");
        return SheetReading::skipped(sheet, reason);
    }
    if is_set_aside(sheet) {
        let reason = Text::new(
            format!("先頭のセルに「{NOT_IMPORTED}」とあるシートです。"),
            format!("Its first cell says \"{NOT_IMPORTED}\": not to be imported."),
        );
        return SheetReading::skipped(sheet, reason);
    }
    let mut unused = Issues::default();
    if table::find(sheet, guidance, &mut unused).is_none() {
        let reason = Text::new("取り込む表がありません。", "It has no table to import.");
        return SheetReading::skipped(sheet, reason);
    }
    let name = &sheet.name;
    issues.push(Issue::warning(
        IssueCode::NothingToRead,
        pointer_to("", name),
        Text::new(
            format!("シート「{name}」にも表がありますが、取り込みません。取り込むには、このシートを指定してもう一度実行してください。"),
            format!("The sheet \"{name}\" has a table, too, and is not imported. To import it, name it and run the import again."),
        ),
    ));
    SheetReading::skipped(
        sheet,
        Text::new(
            "一度に取り込むシートは一つです。",
            "One sheet is imported at a time.",
        ),
    )
}

/// Whether a sheet says itself that it is there to be read only.
fn is_set_aside(sheet: &Sheet) -> bool {
    let first = sheet.cell(Position::default());
    first.is_some_and(|cell| folded_whole(&label_of(cell)) == NOT_IMPORTED)
}

fn nothing_to_read(message: &Text) -> Issue {
    Issue::error(IssueCode::NothingToRead, "", message.clone())
}

fn no_table() -> Issue {
    nothing_to_read(&Text::new(
        format!(
            "取り込む表が見つかりません。上から {HEADING_ROWS_MAX} 行の中に、「項目コード」か「項目名」と「実績値」か月（例 2028年9月）の見出しを置いてください。見出しが独自の言葉のときは、拠点の対応表に登録できます。"
        ),
        format!(
            "No table was found. Within the first {HEADING_ROWS_MAX} rows there must be headings such as \"item\" with \"value\" or months (2028-09). Headings of your own can be put into the hub's mapping."
        ),
    ))
}

fn no_such_sheet(wanted: &str, workbook: &Workbook) -> Issue {
    let names: Vec<&str> = workbook
        .sheets
        .iter()
        .map(|sheet| sheet.name.as_str())
        .collect();
    let names = names.join("、");
    if names.is_empty() {
        return Issue::error(
            IssueCode::UnreadableFile,
            "/query/sheet",
            Text::new(
                "CSV にはシートがありません。シートの指定を外してください。",
                "A text file has no sheets. Do not name one.",
            ),
        );
    }
    Issue::error(
        IssueCode::UnknownReference,
        "/query/sheet",
        Text::new(
            format!("シート「{wanted}」はありません。あるのは: {names}。"),
            format!("There is no sheet \"{wanted}\"; there are: {names}."),
        ),
    )
}

/// Whether so much is wrong that more would not help.
fn is_enough(issues: &Issues) -> bool {
    issues.as_slice().len() >= ISSUES_MAX
}

/// The pointer to a cell: `/実績/C5`, of a text file `/C5`.
#[must_use]
pub fn pointer(sheet: &str, position: Position) -> String {
    let parent = if sheet.is_empty() {
        String::new()
    } else {
        pointer_to("", sheet)
    };
    pointer_to(&parent, &position.to_string())
}

/// An error at a cell.
fn error_at(code: IssueCode, place: Place, message: Text) -> Issue {
    Issue::error(code, pointer(&place.sheet, place.position), message).at(place)
}

#[cfg(test)]
mod tests;

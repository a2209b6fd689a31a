//! A month's report: reading it, checking it against the plan, and finding
//! what it changes (`api.md`, Report).

mod plausibility;
mod read;

use std::collections::BTreeMap;

use super::amount::Amount;
use super::issue::{Issue, IssueCode, Issues};
use super::ledger::{Cell, Figure, Ledger};
use super::month::{Month, ProgrammeMonth};
use super::roadmap::Plan;
use super::scorecard::{Item, Measure};
use super::text::Text;
pub use plausibility::warnings;
pub use read::read_report;
pub(super) use read::read_statement;

/// Values in one request, over all of its reports.
pub const VALUES_MAX: usize = 10_000;

/// A report as far as it was readable; what was not is already an issue.
#[derive(Clone, Debug)]
pub struct Report {
    /// JSON pointer to the report: empty, or `/reports/3`.
    pub path: String,
    pub month: Option<Month>,
    pub entries: Vec<Entry>,
    pub note: Option<String>,
    /// Entries of the body, the unreadable ones included.
    pub received: usize,
}

impl Report {
    /// A report of which nothing could be read.
    #[must_use]
    pub fn unreadable(path: &str) -> Self {
        Self {
            path: path.to_owned(),
            month: None,
            entries: Vec::new(),
            note: None,
            received: 0,
        }
    }
}

/// What a report says of one item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// JSON pointer to the entry.
    pub path: String,
    pub item: String,
    pub statement: Statement,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Statement {
    Value(Amount),
    Ratio {
        numerator: Amount,
        denominator: Amount,
    },
    NotApplicable {
        reason: String,
    },
    Clear {
        reason: String,
    },
}

impl Statement {
    pub(super) fn cell(&self) -> Cell {
        match self {
            Self::Value(amount) => Cell::Reported(Figure::Amount(*amount)),
            Self::Ratio {
                numerator,
                denominator,
            } => Cell::Reported(Figure::Ratio {
                numerator: *numerator,
                denominator: *denominator,
            }),
            Self::NotApplicable { reason } => Cell::NotApplicable {
                reason: reason.clone(),
            },
            Self::Clear { .. } => Cell::NotReported,
        }
    }
}

/// How one cell changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CellChange {
    pub item: String,
    pub before: Cell,
    pub after: Cell,
    /// Why the cell was cleared.
    pub clear_reason: Option<String>,
}

/// The outcome of a report for the cells: counts add up to the entries.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Difference {
    pub changes: Vec<CellChange>,
    pub created: usize,
    pub updated: usize,
    pub cleared: usize,
    pub unchanged: usize,
}

/// Checks a report against the plan in force in its month. `last_ended` is the
/// last month that is over.
pub fn check(report: &Report, plan: &Plan, last_ended: Month, issues: &mut Issues) {
    if let Some(month) = report.month {
        check_month(report, month, plan, last_ended, issues);
    }
    let mut first_of: BTreeMap<&str, &str> = BTreeMap::new();
    for entry in &report.entries {
        if let Some(first) = first_of.insert(&entry.item, &entry.path) {
            issues.push(duplicate_cell(entry, first));
        }
        match plan.definition.item(&entry.item) {
            None => issues.push(super::definition::unknown_item(
                &format!("{}/item", entry.path),
                &entry.item,
            )),
            Some(item) => check_statement(item, entry, issues),
        }
    }
}

/// The issue of a cell that one body names twice.
#[must_use]
pub fn duplicate_cell(entry: &Entry, first: &str) -> Issue {
    let path = &entry.path;
    Issue::error(
        IssueCode::DuplicateCell,
        path,
        Text::new(
            format!(
                "「{}」が同じ月に二度あります（{first} と {path}）。",
                entry.item
            ),
            format!(
                "\"{}\" is given twice for the same month ({first} and {path}).",
                entry.item
            ),
        ),
    )
    .about_item(&entry.item)
}

fn check_month(report: &Report, month: Month, plan: &Plan, last_ended: Month, issues: &mut Issues) {
    let path = format!("{}/month", report.path);
    let start = plan.start;
    if month < start {
        issues.push(
            Issue::error(
                IssueCode::MonthBeforeStart,
                path,
                Text::new(
                    format!("{month} は開始月 {start} より前です。"),
                    format!("{month} is before the scorecard's first month, {start}."),
                ),
            )
            .about_month(month),
        );
    } else if month > last_ended {
        issues.push(
            Issue::error(
                IssueCode::MonthNotEnded,
                path,
                Text::new(
                    format!(
                        "{month} はまだ終わっていません。報告できるのは {last_ended} までです。"
                    ),
                    format!(
                        "{month} has not ended yet; months up to {last_ended} can be reported."
                    ),
                ),
            )
            .about_month(month),
        );
    }
}

pub(super) fn check_statement(item: &Item, entry: &Entry, issues: &mut Issues) {
    let mut problems = Issues::default();
    match (&entry.statement, item.measure) {
        (Statement::NotApplicable { .. } | Statement::Clear { .. }, _) => {}
        (Statement::Value(_), Measure::Ratio) => problems.error(
            IssueCode::WrongShape,
            &entry.path,
            Text::new(
                format!(
                    "「{}」は比率です。numerator（分子）と denominator（分母）を入れてください。",
                    item.name.ja
                ),
                format!(
                    "\"{}\" is a ratio: give numerator and denominator.",
                    item.name.en
                ),
            ),
        ),
        (
            Statement::Ratio {
                numerator,
                denominator,
            },
            Measure::Ratio,
        ) => {
            check_part(
                item,
                *numerator,
                &format!("{}/numerator", entry.path),
                &mut problems,
            );
            check_part(
                item,
                *denominator,
                &format!("{}/denominator", entry.path),
                &mut problems,
            );
            if item.proportion && numerator > denominator {
                problems.error(
                    IssueCode::ShareAboveOne,
                    format!("{}/numerator", entry.path),
                    Text::new(
                        format!("「{}」の分子は分母以下のはずです（{numerator} ／ {denominator}）。", item.name.ja),
                        format!("The numerator of \"{}\" is part of its denominator ({numerator} of {denominator}).", item.name.en),
                    ),
                );
            }
        }
        (Statement::Ratio { .. }, _) => problems.error(
            IssueCode::WrongShape,
            &entry.path,
            Text::new(
                format!(
                    "「{}」は比率ではありません。value を入れてください。",
                    item.name.ja
                ),
                format!("\"{}\" is no ratio: give value.", item.name.en),
            ),
        ),
        (Statement::Value(value), _) => {
            check_part(
                item,
                *value,
                &format!("{}/value", entry.path),
                &mut problems,
            );
        }
    }
    issues.extend(
        problems
            .into_vec()
            .into_iter()
            .map(|issue| issue.about_item(&item.key)),
    );
}

fn check_part(item: &Item, value: Amount, path: &str, issues: &mut Issues) {
    let name = &item.name;
    if item.measure == Measure::Milestone {
        if value.is_negative() || value > Amount::whole(100) {
            issues.error(
                IssueCode::OutOfRange,
                path,
                Text::new(
                    format!("「{}」の進捗は 0 から 100（％）で入れてください。", name.ja),
                    format!(
                        "The progress of \"{}\" is a percentage from 0 to 100.",
                        name.en
                    ),
                ),
            );
        }
        return;
    }
    let may_be_negative =
        item.unit.is_money() && matches!(item.measure, Measure::Flow | Measure::Cumulative);
    if value.is_negative() && !may_be_negative {
        issues.error(
            IssueCode::Negative,
            path,
            Text::new(
                format!("「{}」に負の値は使えません（{value}）。", name.ja),
                format!("\"{}\" cannot be negative ({value}).", name.en),
            ),
        );
    }
    if item.reports_whole() && !value.is_whole() {
        issues.error(
            IssueCode::NotWhole,
            path,
            Text::new(
                format!("「{}」は整数で入れてください（{value}）。", name.ja),
                format!("\"{}\" counts whole units ({value}).", name.en),
            ),
        );
    }
}

/// What a checked report changes in the ledger.
#[must_use]
pub fn difference(report: &Report, month: ProgrammeMonth, ledger: &Ledger) -> Difference {
    let mut difference = Difference::default();
    for entry in &report.entries {
        let before = ledger.cell(&entry.item, month);
        let after = entry.statement.cell();
        let counter = match (before, &after) {
            (before, after) if before == after => &mut difference.unchanged,
            (_, Cell::NotReported) => &mut difference.cleared,
            (Cell::NotReported, _) => &mut difference.created,
            _ => &mut difference.updated,
        };
        *counter += 1;
        if *before != after {
            difference.changes.push(CellChange {
                item: entry.item.clone(),
                before: before.clone(),
                after,
                clear_reason: match &entry.statement {
                    Statement::Clear { reason } => Some(reason.clone()),
                    _ => None,
                },
            });
        }
    }
    difference
}

#[cfg(test)]
mod tests;

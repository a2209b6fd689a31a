//! What an import understood and did.

use serde::Deserialize;

use super::reports::turned_red;
use super::{Cell, Completeness, Issue, Name, Place, ReportCounts, StatusChange};

/// What an import did, or would do.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct ImportResult {
    /// `applied` or `unchanged`.
    pub outcome: String,
    /// Whether nothing was stored.
    pub dry_run: bool,
    /// How the file was read.
    pub understood: Understood,
    /// What became of the figures.
    pub counts: ReportCounts,
    /// The cells that change.
    pub cells: Vec<ImportedCell>,
    /// One for each scorecard and month.
    pub reports: Vec<ImportedReport>,
    /// Warnings.
    pub issues: Vec<Issue>,
}

impl ImportResult {
    /// The items that turned red, each with its scorecard's identifier.
    pub fn turned_red(&self) -> impl Iterator<Item = (&str, &str)> {
        self.reports.iter().flat_map(|report| {
            let scorecard = report.scorecard.as_deref().unwrap_or_default();
            turned_red(&report.changes).map(move |item| (scorecard, item))
        })
    }
}

/// How a file was read.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Understood {
    /// `xlsx` or `csv`.
    pub format: String,
    /// How characters are written.
    pub encoding: Option<String>,
    /// What stands between two cells of a CSV.
    pub delimiter: Option<String>,
    /// Whether the hub's own headings were used.
    pub mapping: bool,
    /// The sheets; a CSV has one.
    pub sheets: Vec<UnderstoodSheet>,
}

/// How a sheet was read.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct UnderstoodSheet {
    /// Its name.
    pub name: Option<String>,
    /// Whether its figures are taken.
    pub read: bool,
    /// Why they are not.
    pub reason: Option<Name>,
    /// `long`, `items_by_months` or `months_by_items`.
    pub layout: Option<String>,
    /// The row of the headings, counted from 1.
    pub heading_row: Option<u32>,
    /// The columns.
    pub columns: Vec<UnderstoodColumn>,
    /// The months.
    pub months: Vec<String>,
    /// Rows that are no figures, such as sums.
    pub left_out: Vec<LeftOut>,
}

/// How a column was read.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct UnderstoodColumn {
    /// Such as `C`.
    pub column: String,
    /// What stands above it.
    pub heading: Option<String>,
    /// What it means, such as `value`.
    pub meaning: String,
    /// The month it is of.
    pub month: Option<String>,
    /// The item it is of.
    pub item: Option<String>,
}

/// A row that is no figure.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct LeftOut {
    /// Counted from 1.
    pub row: u32,
    /// How it begins.
    pub text: Option<String>,
    /// Why it is left out.
    pub reason: Name,
}

/// A cell that changes.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct ImportedCell {
    /// The scorecard's identifier.
    pub scorecard: String,
    /// The item's key.
    pub item: String,
    /// The item's name.
    pub name: Name,
    /// The month.
    pub month: String,
    /// What is reported so far.
    pub before: Cell,
    /// What is reported then.
    pub after: Cell,
    /// Where it stands in the file.
    pub place: Option<Place>,
}

/// What becomes of a scorecard's month.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct ImportedReport {
    /// The scorecard's identifier.
    pub scorecard: Option<String>,
    /// `applied` or `unchanged`.
    pub outcome: String,
    /// What became of the figures.
    pub counts: ReportCounts,
    /// How complete the month is.
    pub completeness: Option<Completeness>,
    /// Items whose status or flag turned.
    pub changes: Vec<StatusChange>,
    /// Warnings.
    pub issues: Vec<Issue>,
}

//! What a report did.

use serde::Deserialize;

use super::Issue;

/// What a report did, or would do.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct ReportResult {
    /// `applied` or `unchanged`.
    pub outcome: String,
    /// Whether nothing was stored.
    pub dry_run: bool,
    /// The scorecard's revision.
    pub revision: u64,
    /// What became of the figures.
    pub counts: ReportCounts,
    /// How complete the month is.
    pub completeness: Completeness,
    /// Items whose status or flag turned.
    pub changes: Vec<StatusChange>,
    /// Alerts that it touched.
    pub alerts: Vec<AlertReference>,
    /// Warnings.
    pub issues: Vec<Issue>,
}

impl ReportResult {
    /// The keys of the items that turned red.
    pub fn turned_red(&self) -> impl Iterator<Item = &str> {
        turned_red(&self.changes)
    }
}

pub(super) fn turned_red(changes: &[StatusChange]) -> impl Iterator<Item = &str> {
    changes
        .iter()
        .filter(|change| change.to.flag == "red" && change.from.flag != "red")
        .map(|change| change.item.as_str())
}

/// What became of figures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct ReportCounts {
    /// All of them.
    pub received: u64,
    /// New ones.
    pub created: u64,
    /// Other ones than before.
    pub updated: u64,
    /// The same as before.
    pub unchanged: u64,
    /// Taken back.
    pub cleared: u64,
    /// Refused.
    pub rejected: u64,
}

/// How complete a month is.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Completeness {
    /// Items that the month requires.
    pub required: u32,
    /// Those that are there.
    pub reported: u32,
    /// Whether all are.
    pub complete: bool,
    /// Until when, `YYYY-MM-DD`.
    pub due_on: String,
    /// The keys of those that are not there.
    pub missing: Vec<String>,
}

/// An item whose status or flag turned.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct StatusChange {
    /// Its key.
    pub item: String,
    /// What it was.
    pub from: StatusAndFlag,
    /// What it is.
    pub to: StatusAndFlag,
}

/// A status and its flag.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct StatusAndFlag {
    /// Such as `on_track` or `behind`.
    pub status: String,
    /// `red`, `amber` or `none`.
    pub flag: String,
}

/// An alert that a report touched.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct AlertReference {
    /// Its identifier.
    pub id: String,
    /// The item's key.
    pub item: String,
    /// `open`, `resolved` or `withdrawn`.
    pub state: String,
}

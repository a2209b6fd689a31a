//! Alerts, and why an item is short.

use serde::Deserialize;

use super::{Name, Named};

/// A page of alerts.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct AlertList {
    /// How many there are.
    pub counts: AlertCounts,
    /// The alerts.
    pub items: Vec<Alert>,
    /// Where the next page begins.
    pub next_cursor: Option<String>,
}

/// How many alerts there are of each kind, on all pages.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct AlertCounts {
    /// Not recovered yet.
    pub open: u32,
    /// Over.
    pub resolved: u32,
    /// Taken back after a correction.
    pub withdrawn: u32,
    /// Open ones below half of the plan, or too late to recover.
    pub critical: u32,
}

/// A high-hurdle item that has fallen behind.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Alert {
    /// Its identifier.
    pub id: String,
    /// The scorecard's identifier.
    pub scorecard: String,
    /// The scorecard's key at its hub.
    pub scorecard_key: String,
    /// The scorecard's name.
    pub scorecard_name: Name,
    /// Whose it is.
    pub hub: Named,
    /// The hub's prefecture.
    pub prefecture: Named,
    /// `open`, `resolved` or `withdrawn`.
    pub state: String,
    /// `critical` or `high`.
    pub severity: String,
    /// The item's key.
    pub item: String,
    /// The item's name.
    pub item_name: Name,
    /// The item's stage.
    pub stage: String,
    /// The item's track, where there are several.
    pub track: Option<String>,
    /// `flow`, `cumulative`, `level`, `ratio` or `milestone`.
    pub measure: String,
    /// The code of its unit.
    pub unit: String,
    /// The month that the figures are of.
    pub month: String,
    /// Since when it is red.
    pub opened_month: String,
    /// When it was over.
    pub resolved_month: Option<String>,
    /// Actual to date.
    pub actual: Option<f64>,
    /// Plan to date.
    pub plan: f64,
    /// Actual over plan.
    pub attainment: Option<f64>,
    /// Why it is short, and what to do.
    pub cause: Cause,
    /// Who has taken it on.
    pub acknowledgement: Option<Acknowledgement>,
}

/// Why an item is short.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Cause {
    /// `inherited`, `preparation`, `timing`, `conversion` or `execution`.
    pub kind: String,
    /// Where the shortage begins.
    pub root_causes: Vec<RootCause>,
    /// Unfinished preparation upstream, in the order in which to work on it.
    pub remedies: Vec<Remedy>,
    /// What to do where no preparation is left unfinished.
    pub advice: Option<Name>,
}

/// Where a shortage begins.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct RootCause {
    /// The item's key.
    pub item: String,
    /// The item's name.
    pub item_name: Name,
    /// Its stage.
    pub stage: String,
    /// Its status.
    pub status: String,
}

/// Preparation that is not finished.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Remedy {
    /// The item's key.
    pub item: String,
    /// The item's name.
    pub item_name: Name,
    /// Its stage.
    pub stage: String,
    /// Its status.
    pub status: String,
    /// Its measure.
    pub measure: String,
    /// The code of its unit.
    pub unit: String,
    /// How far it is.
    pub actual: Option<f64>,
    /// How far it should come.
    pub target: Option<f64>,
    /// By when.
    pub due_month: Option<String>,
}

/// Who has taken an alert on.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Acknowledgement {
    /// Why it came about.
    pub cause: String,
    /// What is done.
    pub action: String,
    /// By whom.
    pub owner: String,
    /// Until when, `YYYY-MM-DD`.
    pub due: String,
}

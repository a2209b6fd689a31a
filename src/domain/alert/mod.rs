//! Alerts: high-hurdle steps that fall behind, as episodes with a cause
//! (`semantics.md` §8).
//!
//! [`episodes`] replays the months of a scorecard; [`Replay`] tells of each
//! episode its figures, its cause and where it is folded; [`match_episodes`]
//! finds again, after a correction, what was stored before.

mod episode;
mod matching;
mod replay;

pub use episode::{Closed, Episode, Relapse, episodes};
pub use matching::{Known, match_episodes};
pub use replay::{Replay, replay};

use serde::{Deserialize, Serialize};

use super::amount::Amount;
use super::causes::CauseDocument;
use super::code::coded_enum;
use super::month::Month;
use super::scorecard::{Direction, Measure, Stage, Unit};
use super::status::Status;
use super::text::Text;

coded_enum! {
    /// Where an alert stands.
    pub enum AlertState {
        Open => "open",
        Resolved => "resolved",
        /// A correction took back what had been told.
        Withdrawn => "withdrawn",
    }
}

coded_enum! {
    /// Why an alert is no longer open.
    pub enum ResolvedReason {
        Recovered => "recovered",
        /// The programme year that it belonged to is over.
        YearEnded => "year_ended",
        /// The item was retired, or is no longer high-hurdle or targeted.
        PlanChanged => "plan_changed",
    }
}

coded_enum! {
    /// How bad a red step is; the worst first.
    pub enum Severity {
        /// Below half of the plan, or past the time in which it could recover:
        /// the year's last month, a due month that is over.
        Critical => "critical",
        High => "high",
    }
}

/// An episode of one item, with the figures and the cause of the month that
/// tells most about it: the latest reported one while it is open; the
/// recovering one when it recovered; else the last before its end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlertFacts {
    pub item: String,
    pub item_name: Text,
    pub stage: Stage,
    pub track: Option<String>,
    pub measure: Measure,
    pub unit: Unit,
    pub direction: Direction,
    /// Counted from 1 for each item of a scorecard.
    pub episode: u32,
    pub reopened: bool,
    pub opened_month: Month,
    pub resolved_month: Option<Month>,
    pub resolved_reason: Option<ResolvedReason>,
    pub severity: Severity,
    /// The item's programme year is over: what it missed is a fact.
    pub year_over: bool,
    /// The month of the figures.
    pub month: Month,
    pub status: Status,
    pub actual: Option<Amount>,
    pub plan: Amount,
    pub target: Option<Amount>,
    pub attainment: Option<Amount>,
    pub shortfall: Option<Amount>,
    /// Of the latest reported month while the alert was open.
    pub cause: CauseDocument,
}

/// One episode as the replay finds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replayed {
    pub facts: AlertFacts,
    /// Item and episode of the alert in whose notices this one stands.
    pub folded_under: Option<(String, u32)>,
}

impl AlertFacts {
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.resolved_month.is_none()
    }
}

#[cfg(test)]
mod tests;

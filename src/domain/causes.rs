//! Why an item is short, and what to prepare (`semantics.md` §5).

use serde::{Deserialize, Serialize};

use super::amount::Amount;
use super::code::coded_enum;
use super::scorecard::{Measure, Stage, Unit};
use super::status::Status;
use super::text::Text;

coded_enum! {
    /// What lies behind a shortfall, in the order in which §5 asks.
    pub enum CauseKind {
        /// Starved from upstream: too little arrives.
        Inherited => "inherited",
        /// What prepares it is not there.
        Preparation => "preparation",
        /// The plan asks for it before its upstream is planned.
        Timing => "timing",
        /// Enough arrives, too little goes on.
        Conversion => "conversion",
        /// Its own work.
        Execution => "execution",
    }
}

/// A cause as answers and notices show it, with figures rounded for reading.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CauseDocument {
    pub kind: CauseKind,
    /// The split of the gap over the deciding link; absent without one.
    pub volume: Option<Amount>,
    pub conversion: Option<Amount>,
    pub timing: Option<Amount>,
    pub root_causes: Vec<RootDocument>,
    /// Unfinished preparation upstream, in the order in which to work on it.
    pub remedies: Vec<RemedyDocument>,
    /// What to do where no preparation is left unfinished.
    pub advice: Option<Text>,
}

/// An item at which a cause begins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RootDocument {
    pub item: String,
    pub item_name: Text,
    pub stage: Stage,
    pub status: Status,
    /// Links on the shortest path; 0 for the item itself.
    pub distance: u32,
    /// Item keys from the root to the item, both included.
    pub path: Vec<String>,
}

/// A preparation upstream that is not finished.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemedyDocument {
    pub item: String,
    pub item_name: Text,
    pub stage: Stage,
    pub measure: Measure,
    pub unit: Unit,
    pub status: Status,
    pub actual: Option<Amount>,
    pub target: Option<Amount>,
    /// Programme due month of its bar, as a calendar month.
    pub due_month: Option<super::month::Month>,
    pub distance: u32,
}

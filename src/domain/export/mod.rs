//! What files for people show of a scorecard: plain figures and words, ready to
//! be written down. Which file it becomes is the business of `sheets`.
//!
//! Files: `cells` (what was reported, as a table), `entry` (the form of a month),
//! `report` (a month for reading), `words` (codes as offices call them).

mod cells;
mod entry;
pub mod headings;
mod report;
pub mod words;

use chrono::{DateTime, Utc};

pub use cells::{CellRow, CellTable};
pub use entry::{EntryForm, EntryRow};
pub use report::{Attention, FunnelBar, MonthlyReport, ReportRow, Trend};

use super::month::Month;
use super::roadmap::Plan;
use super::scorecard::{Definition, Item};
use super::text::Text;

/// The scorecard that a file is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct About {
    pub id: String,
    pub key: String,
    pub name: Text,
    pub hub: String,
    pub hub_name: Text,
    pub prefecture_name: Text,
    /// Programme month 1.
    pub start: Month,
    /// When the scorecard was made: the date that its files carry, so that the
    /// same state makes the same file.
    pub created_at: DateTime<Utc>,
}

/// An item with the names of its places, in Japanese.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub item: Item,
    pub stage: String,
    pub track: Option<String>,
}

impl Line {
    fn of(definition: &Definition, item: &Item) -> Self {
        let heading = definition
            .stages
            .iter()
            .find(|stage| stage.stage == item.stage);
        let track = item.track.as_ref().map(|key| {
            let named = definition.tracks.iter().find(|track| track.key == *key);
            named.map_or_else(|| key.clone(), |track| track.name.ja.clone())
        });
        Self {
            item: item.clone(),
            stage: heading.map_or_else(|| item.stage.name().ja, |heading| heading.name.ja.clone()),
            track,
        }
    }

    /// The stage, with a mark where the step is a high hurdle: "● 相談".
    #[must_use]
    pub fn marked_stage(&self) -> String {
        if self.item.high_hurdle {
            format!("● {}", self.stage)
        } else {
            self.stage.clone()
        }
    }
}

/// The items of a plan, in its order.
fn lines(plan: &Plan) -> Vec<Line> {
    let definition = &plan.definition;
    let items = definition.items.iter();
    items.map(|item| Line::of(definition, item)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A scorecard of somebody's.
    pub(super) fn about(start: Month) -> About {
        About {
            id: "id".to_owned(),
            key: "key".to_owned(),
            name: Text::new("計画", "Plan"),
            hub: "hub".to_owned(),
            hub_name: Text::new("拠点", "Hub"),
            prefecture_name: Text::new("県", "Prefecture"),
            start,
            created_at: DateTime::UNIX_EPOCH,
        }
    }
}

//! A cause as answers and notices show it.

use serde::{Deserialize, Serialize};

use super::{Cause, Remedy, Root};
use crate::domain::amount::Amount;
use crate::domain::code::coded_enum;
use crate::domain::evaluate::{Evaluation, ItemEvaluation};
use crate::domain::month::{Month, ProgrammeMonth};
use crate::domain::roadmap::Plan;
use crate::domain::scorecard::{Item, Measure, Stage, Unit};
use crate::domain::status::Status;
use crate::domain::text::Text;

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
    pub due_month: Option<Month>,
    pub distance: u32,
}

impl Cause {
    /// The cause with names and rounded figures; `plan` and `evaluation` are
    /// those that it was found in.
    #[must_use]
    pub fn document(&self, plan: &Plan, evaluation: &Evaluation) -> CauseDocument {
        let card = Card { plan, evaluation };
        let part = |part: fn(&super::Split) -> &super::Exact| {
            self.split.as_ref().map(|split| part(split).shown())
        };
        CauseDocument {
            kind: self.kind,
            volume: part(|split| &split.volume),
            conversion: part(|split| &split.conversion),
            timing: part(|split| &split.timing),
            root_causes: self
                .roots
                .iter()
                .filter_map(|root| card.root(root))
                .collect(),
            remedies: self
                .remedies
                .iter()
                .filter_map(|remedy| card.remedy(remedy))
                .collect(),
            advice: self.advice.clone(),
        }
    }
}

/// An evaluated scorecard, in which positions become items.
struct Card<'a> {
    plan: &'a Plan,
    evaluation: &'a Evaluation,
}

impl Card<'_> {
    fn item(&self, position: usize) -> Option<(&Item, &ItemEvaluation)> {
        let item = self.plan.definition.items.get(position)?;
        Some((item, self.evaluation.items.get(position)?))
    }

    fn root(&self, root: &Root) -> Option<RootDocument> {
        let (item, evaluated) = self.item(root.item)?;
        let path = root
            .path
            .iter()
            .filter_map(|position| self.item(*position))
            .map(|(item, _)| item.key.clone());
        Some(RootDocument {
            item: item.key.clone(),
            item_name: item.name.clone(),
            stage: item.stage,
            status: evaluated.status,
            distance: root.distance,
            path: path.collect(),
        })
    }

    fn remedy(&self, remedy: &Remedy) -> Option<RemedyDocument> {
        let (item, evaluated) = self.item(remedy.item)?;
        let due = item.bar.filter(|_| item.measure.has_bar());
        Some(RemedyDocument {
            item: item.key.clone(),
            item_name: item.name.clone(),
            stage: item.stage,
            measure: item.measure,
            unit: item.unit.clone(),
            status: evaluated.status,
            actual: evaluated.actual.as_ref().map(super::Exact::shown),
            target: evaluated.target,
            due_month: due.map(|bar| ProgrammeMonth::new(bar.due).calendar(self.plan.start)),
            distance: remedy.distance,
        })
    }
}

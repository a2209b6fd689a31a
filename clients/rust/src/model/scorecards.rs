//! Scorecards: in lists, evaluated, many at once.

use serde::Deserialize;

use super::{Alert, Cause, Issue, Name, Named};

/// A page of scorecards.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct ScorecardList {
    /// The scorecards.
    pub items: Vec<ScorecardSummary>,
    /// Where the next page begins.
    pub next_cursor: Option<String>,
}

/// A scorecard in a list.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct ScorecardSummary {
    /// Its identifier.
    pub id: String,
    /// Its key at its hub.
    pub key: String,
    /// Its name.
    pub name: Name,
    /// Whose it is.
    pub hub: Named,
    /// The hub's prefecture.
    pub prefecture: Named,
    /// The template it was made from.
    pub template: Option<String>,
    /// `mature`, `growth` or `challenge`.
    pub market_type: String,
    /// Its first month.
    pub start_month: String,
    /// Its last reported month.
    pub reported_through: Option<String>,
    /// Rises with every change.
    pub revision: u64,
    /// How far its items are, 0 to 1.
    pub score: Option<f64>,
    /// `red`, `amber` or `none`.
    pub flag: String,
}

/// A scorecard as it stands in a month.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct EvaluatedScorecard {
    /// Its identifier.
    pub id: String,
    /// Its key at its hub.
    pub key: String,
    /// Its name.
    pub name: Name,
    /// Whose it is.
    pub hub: Named,
    /// The hub's prefecture.
    pub prefecture: Named,
    /// The evaluated month.
    pub month: String,
    /// Its last reported month.
    pub reported_through: Option<String>,
    /// Rises with every change.
    pub revision: u64,
    /// How far its items are, 0 to 1.
    pub score: Option<f64>,
    /// Which share of them has a figure.
    pub coverage: Option<f64>,
    /// Whether the month's report is not complete yet.
    pub provisional: bool,
    /// `red`, `amber` or `none`.
    pub flag: String,
    /// How many items there are of each kind.
    pub counts: Counts,
    /// The four perspectives.
    pub perspectives: Vec<Perspective>,
    /// With `include=alerts`: its alerts.
    pub alerts: Option<Vec<Alert>>,
    /// Warnings about its plan.
    pub issues: Option<Vec<Issue>>,
}

impl EvaluatedScorecard {
    /// Every item, with the step it belongs to.
    pub fn items(&self) -> impl Iterator<Item = (&Step, &EvaluatedItem)> {
        self.perspectives
            .iter()
            .flat_map(|perspective| &perspective.steps)
            .flat_map(|step| step.items.iter().map(move |item| (step, item)))
    }

    /// An item by its key.
    #[must_use]
    pub fn item(&self, key: &str) -> Option<&EvaluatedItem> {
        let mut items = self.items().map(|(_, item)| item);
        items.find(|item| item.key == key)
    }
}

/// How many items there are of each kind.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Counts {
    /// Behind at a high hurdle.
    pub red: u32,
    /// To be watched.
    pub amber: u32,
    /// With something planned by now.
    pub due: u32,
    /// As planned.
    pub met: u32,
    /// Without a figure that is due.
    pub no_data: u32,
}

/// A perspective of a scorecard.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Perspective {
    /// `learning`, `process`, `customer` or `financial`.
    pub key: String,
    /// Its name.
    pub name: Name,
    /// `red`, `amber` or `none`.
    pub flag: String,
    /// Its steps, in order.
    pub steps: Vec<Step>,
}

/// A step on the way.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Step {
    /// `study`, `setup`, `attract`, `consult`, `refer`, `contract` or `revenue`.
    pub stage: String,
    /// The track, where there are several.
    pub track: Option<String>,
    /// Its name.
    pub name: Name,
    /// The status of its worst item.
    pub status: String,
    /// `red`, `amber` or `none`.
    pub flag: String,
    /// Its items.
    pub items: Vec<EvaluatedItem>,
}

/// An item as it stands in a month.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct EvaluatedItem {
    /// Its key.
    pub key: String,
    /// Its name.
    pub name: Name,
    /// `flow`, `cumulative`, `level`, `ratio` or `milestone`.
    pub measure: String,
    /// The code of its unit.
    pub unit: String,
    /// Whether it is a high hurdle, red when it falls behind.
    pub high_hurdle: bool,
    /// Such as `on_track` or `behind`.
    pub status: String,
    /// `red`, `amber` or `none`.
    pub flag: String,
    /// Actual to date.
    pub actual: Option<f64>,
    /// Plan to date.
    pub plan: f64,
    /// The whole target in force.
    pub target: Option<f64>,
    /// Actual over plan.
    pub attainment: Option<f64>,
    /// How far short of the plan.
    pub shortfall: Option<f64>,
    /// The rule that decided, and why in words.
    pub reason: Reason,
    /// What is reported for the month itself.
    pub cell: Cell,
    /// With `include=causes`: why it is short.
    pub cause: Option<Cause>,
}

/// Why an item has its status.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Reason {
    /// The rule that decided.
    pub rule: String,
    /// 日本語
    pub ja: String,
    /// English
    pub en: String,
}

impl Reason {
    /// The words in both languages.
    #[must_use]
    pub fn words(&self) -> Name {
        Name {
            ja: self.ja.clone(),
            en: self.en.clone(),
        }
    }
}

/// What is reported for an item and month.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Cell {
    /// `reported`, `not_reported` or `not_applicable`.
    pub state: String,
    /// The figure.
    pub value: Option<f64>,
    /// Of a ratio, what is divided.
    pub numerator: Option<f64>,
    /// Of a ratio, what it is divided by.
    pub denominator: Option<f64>,
    /// Why there is nothing to report.
    pub reason: Option<String>,
}

/// Many scorecards at once.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Overview {
    /// The month asked for.
    pub month: Option<String>,
    /// The groups asked for.
    pub groups: Vec<Group>,
    /// The scorecards.
    pub scorecards: Vec<OverviewScorecard>,
}

/// Scorecards, or a stage of them, taken together.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Group {
    /// Of the prefecture, template, market or stage.
    pub key: String,
    /// Its name.
    pub name: Name,
    /// How many scorecards it has.
    pub scorecards: u32,
    /// How many items there are of each kind.
    pub counts: Counts,
    /// How far its items are, 0 to 1.
    pub score: Option<f64>,
    /// `red`, `amber` or `none`.
    pub flag: String,
}

/// A scorecard in an overview.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct OverviewScorecard {
    /// Its identifier.
    pub id: String,
    /// Its key at its hub.
    pub key: String,
    /// Its name.
    pub name: Name,
    /// Whose it is.
    pub hub: Named,
    /// The hub's prefecture.
    pub prefecture: Named,
    /// The evaluated month.
    pub month: String,
    /// How far its items are, 0 to 1.
    pub score: Option<f64>,
    /// `red`, `amber` or `none`.
    pub flag: String,
    /// Its worst items.
    pub worst: Vec<WorstItem>,
}

/// One of the worst items of a scorecard.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct WorstItem {
    /// Its key.
    pub item: String,
    /// Its stage.
    pub stage: String,
    /// Such as `behind`.
    pub status: String,
    /// `red`, `amber` or `none`.
    pub flag: String,
    /// Actual over plan.
    pub attainment: Option<f64>,
}

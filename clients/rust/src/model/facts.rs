//! Facts: scorecards as a flat table.

use serde::Deserialize;

/// A page of facts.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct FactPage {
    /// The rows.
    pub items: Vec<FactRow>,
    /// Where the next page begins.
    pub next_cursor: Option<String>,
    /// What to give as `since` next time.
    pub next_since: String,
    /// On the first page of a pull with `since`: every scorecard that has changed,
    /// by identifier. Its rows are replaced by those that come, if any come.
    pub changed: Option<Vec<String>>,
}

/// An item and month.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct FactRow {
    /// The scorecard's identifier.
    pub scorecard: String,
    /// Its key at its hub.
    pub scorecard_key: String,
    /// The prefecture's JIS code.
    pub prefecture: String,
    /// The prefecture's name, in Japanese.
    pub prefecture_name: String,
    /// The hub's code.
    pub hub: String,
    /// The hub's name, in Japanese.
    pub hub_name: String,
    /// `mature`, `growth` or `challenge`.
    pub market_type: String,
    /// The template it was made from.
    pub template: Option<String>,
    /// The item's key.
    pub item: String,
    /// The item's name, in Japanese.
    pub item_name: String,
    /// The item's name, in English.
    pub item_name_en: String,
    /// The item's perspective.
    pub perspective: String,
    /// The item's stage.
    pub stage: String,
    /// The item's track, where there are several.
    pub track: Option<String>,
    /// `flow`, `cumulative`, `level`, `ratio` or `milestone`.
    pub measure: String,
    /// The code of its unit.
    pub unit: String,
    /// Whether `higher` or `lower` is better.
    pub direction: String,
    /// Whether it is a high hurdle.
    pub high_hurdle: bool,
    /// The month.
    pub month: String,
    /// Its fiscal year, by the year of its April.
    pub fiscal_year: i32,
    /// Its quarter of the fiscal year.
    pub fiscal_quarter: i32,
    /// The year of the scorecard's programme.
    pub programme_year: i32,
    /// The month of the scorecard's programme.
    pub programme_month: i32,
    /// `reported`, `not_reported` or `not_applicable`.
    pub cell_state: String,
    /// The figure of the month.
    pub value: Option<f64>,
    /// Of a ratio, what is divided.
    pub numerator: Option<f64>,
    /// Of a ratio, what it is divided by.
    pub denominator: Option<f64>,
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
    /// Such as `on_track` or `behind`.
    pub status: String,
    /// `red`, `amber` or `none`.
    pub flag: String,
    /// The version of the plan that judged it.
    pub plan_version: i32,
}

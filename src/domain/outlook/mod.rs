//! How the year will end, what it takes, and until when to act
//! (`semantics.md` §6).
//!
//! [`outlook`] is a pure function of plan version, reported cells, the evaluation
//! of a month, and what a caller supposes of the months left. Files: `pace` and
//! `chance` (flows), `finish` (bars), `debt` (what upstream owes), `last_months`
//! (until when to act), `forecast` (the revenue along the funnel), `words` (for
//! people).

mod chance;
mod debt;
mod finish;
mod forecast;
mod last_months;
mod pace;
mod words;

pub use debt::LinkDebt;
pub use finish::BarOutlook;
pub use forecast::{Forecast, Rate, RateOrigin, Scenario, Supposed, Volume, VolumeOrigin};
pub use last_months::LastMonth;
pub use pace::{Band, FlowOutlook};

use super::amount::Exact;
use super::evaluate::{Evaluation, ItemEvaluation};
use super::ledger::Ledger;
use super::roadmap::Plan;
use super::scorecard::Item;
use super::text::Text;
use pace::{Pace, Year};

/// The outlook of a scorecard in a month.
#[derive(Clone, Debug, PartialEq)]
pub struct Outlook {
    /// Parallel to the definition's items; `None` for a level or ratio, and
    /// without a target.
    pub items: Vec<Option<ItemOutlook>>,
    pub forecast: Forecast,
}

/// The outlook of an item.
#[derive(Clone, Debug, PartialEq)]
pub struct ItemOutlook {
    pub end: End,
    /// Of a flow that is short of its plan: what upstream owes it, from its own
    /// links back to the first step.
    pub debts: Vec<LinkDebt>,
    /// Of a flow: until when work upstream still lands in the year.
    pub last_months: Vec<LastMonth>,
    /// In a sentence.
    pub words: Text,
}

/// How an item will end.
#[derive(Clone, Debug, PartialEq)]
pub enum End {
    Flow(FlowOutlook),
    Bar(BarOutlook),
}

/// The outlook of a scorecard in the month of `evaluation`, which is that of
/// `plan` and `ledger`.
#[must_use]
pub fn outlook(
    plan: &Plan,
    ledger: &Ledger,
    evaluation: &Evaluation,
    scenario: &Scenario,
) -> Outlook {
    let expected = Forecast::of(plan, ledger, evaluation.month, &Scenario::default());
    let supposed = if *scenario == Scenario::default() {
        None
    } else {
        Some(Forecast::of(plan, ledger, evaluation.month, scenario))
    };
    let view = View {
        plan,
        ledger,
        evaluation,
        scenario,
        expected: &expected,
        supposed: supposed.as_ref(),
    };
    let items = plan
        .definition
        .items
        .iter()
        .zip(&evaluation.items)
        .enumerate()
        .map(|(position, (item, evaluated))| view.item(position, item, evaluated))
        .collect();
    Outlook {
        items,
        forecast: supposed.unwrap_or(expected),
    }
}

struct View<'a> {
    plan: &'a Plan,
    ledger: &'a Ledger,
    evaluation: &'a Evaluation,
    scenario: &'a Scenario,
    expected: &'a Forecast,
    /// The forecast of the scenario, where there is one.
    supposed: Option<&'a Forecast>,
}

impl View<'_> {
    fn item(
        &self,
        position: usize,
        item: &Item,
        evaluated: &ItemEvaluation,
    ) -> Option<ItemOutlook> {
        let month = self.evaluation.month;
        let cells = self.ledger.item(&item.key);
        let actual = evaluated.actual.as_ref();
        if let Some(bar) = finish::outlook(item, cells, month, actual) {
            return Some(ItemOutlook {
                words: words::of_bar(self.plan.start, &bar, actual),
                end: End::Bar(bar),
                debts: Vec::new(),
                last_months: Vec::new(),
            });
        }
        let year = Year::of(item, cells, month)?;
        let flow = year.outlook(&self.pace(position, &year));
        let debts = if evaluated.status.is_short() {
            debt::debts(self.plan, self.ledger, self.evaluation, item)
        } else {
            Vec::new()
        };
        Some(ItemOutlook {
            words: words::of_flow(item, evaluated, &flow),
            end: End::Flow(flow),
            debts,
            last_months: last_months::last_months(&self.plan.definition, position, month),
        })
    }

    /// How the scenario changes the months left of a flow: as much as the
    /// forecast of what they bring changes.
    fn pace(&self, position: usize, year: &Year<'_>) -> Pace {
        let rest = |forecast: &Forecast| {
            let volume = forecast.volumes.get(position)?.as_ref()?;
            Some(&volume.expected - &volume.actual)
        };
        let is_this_year = self.expected.year == self.evaluation.month.year();
        let Some(supposed) = self.supposed.filter(|_| is_this_year).and_then(rest) else {
            return Pace::Own;
        };
        let expected = rest(self.expected);
        if expected.as_ref() == Some(&supposed) {
            return Pace::Own;
        }
        let is_given = matches!(
            self.scenario.volumes.get(&position),
            Some(Supposed::PerMonth(_))
        );
        expected
            .filter(|_| !is_given && year.speed().is_some())
            .and_then(|expected| supposed.checked_div(&expected))
            .filter(|factor| *factor >= Exact::zero())
            .map_or(Pace::Given(supposed), Pace::Times)
    }
}

#[cfg(test)]
mod tests;

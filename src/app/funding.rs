//! Whether a hub can stand on its own feet: the incomes of all its scorecards
//! over its operating cost, in the programme year of one of them.

use super::scorecards::{Evaluated, evaluated};
use super::{AppError, Session, as_of, plans};
use crate::domain::access::Scope;
use crate::domain::amount::Amount;
use crate::domain::code::coded_enum;
use crate::domain::funding::{Coverage, Income, OPERATING_COST, coverage, incomes};
use crate::domain::ids::ScorecardId;
use crate::domain::month::{Month, ProgrammeMonth};
use crate::domain::roadmap::Plan;
use crate::domain::text::Text;
use crate::storage::plans as plan_rows;
use crate::storage::scorecards::{self, Filter, Scorecard};

/// Months from the first of a year to its last.
const LAST_OF_YEAR: i32 = 11;

coded_enum! {
    /// Where the operating cost comes from.
    pub enum CostSource {
        /// From the caller, for this answer only.
        Query => "query",
        /// From the parameter `operating_cost` of a plan.
        Parameter => "parameter",
    }
}

coded_enum! {
    /// What the coverage lacks.
    pub enum Missing {
        /// No plan of the hub has the parameter `operating_cost`, or it is unset.
        OperatingCostUnset => "operating_cost_unset",
        /// Plans of the hub say different costs, and this scorecard's says none.
        OperatingCostDiffers => "operating_cost_differs",
        /// No plan of the hub has an item that brings income.
        NoIncomeItems => "no_income_items",
    }
}

impl Missing {
    #[must_use]
    pub fn words(self) -> Text {
        match self {
            Self::OperatingCostUnset => Text::new(
                "年間運営費が設定されていません。計画のパラメーター operating_cost に設定するか、この取得に operating_cost を付けて試算してください。",
                "No operating cost is set. Set the plan's parameter operating_cost, or add operating_cost to this request to try one.",
            ),
            Self::OperatingCostDiffers => Text::new(
                "拠点のスコアカードによって年間運営費が異なります。パラメーター operating_cost をそろえてください。",
                "The hub's scorecards say different operating costs. Make the parameter operating_cost the same.",
            ),
            Self::NoIncomeItems => Text::new(
                "収入のステップに円単位の項目がないため、収入を把握できません。",
                "No item of the step revenue is in yen, so there is no income to count.",
            ),
        }
    }
}

/// The operating cost of a year.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OperatingCost {
    pub value: Amount,
    pub source: CostSource,
}

/// The funding of a scorecard's hub.
#[derive(Clone, Debug)]
pub struct Funding {
    /// The scorecard asked for, in the month.
    pub card: Evaluated,
    /// First and last month of its programme year.
    pub year: (Month, Month),
    pub operating_cost: Option<OperatingCost>,
    /// With the scorecard that reports it; the one asked for first.
    pub incomes: Vec<(ScorecardId, Income)>,
    /// Scorecards of the hub whose programme years begin in another month, so
    /// that their incomes are those of another twelve months.
    pub left_out: Vec<Scorecard>,
    pub coverage: Option<Coverage>,
    pub missing: Vec<Missing>,
}

/// The funding of a scorecard's hub in a month; without one, in the last month
/// reported. `operating_cost` is the caller's, for this answer only.
///
/// # Errors
/// `Invalid` for a month outside the programme.
pub fn funding(
    session: &mut Session<'_>,
    scorecard: Scorecard,
    month: Option<Month>,
    operating_cost: Option<Amount>,
) -> Result<Funding, AppError> {
    let card = evaluated(session, scorecard, month)?;
    let (others, left_out) = others_of_the_hub(session, &card)?;
    let mut found = vec![(
        card.scorecard.id.clone(),
        incomes(&card.plan, &card.ledger, card.at),
    )];
    let mut costs = Vec::new();
    for (id, plan, income) in incomes_of(session, &others, card.month)? {
        costs.extend(cost_in(&plan));
        found.push((id, income));
    }
    let (cost, cost_missing) = match operating_cost.map(|value| (value, CostSource::Query)) {
        Some((value, source)) => (Some(OperatingCost { value, source }), None),
        None => cost_of(cost_in(&card.plan), &costs),
    };
    let incomes: Vec<(ScorecardId, Income)> = found
        .into_iter()
        .flat_map(|(id, incomes)| incomes.into_iter().map(move |income| (id.clone(), income)))
        .collect();
    let all: Vec<&Income> = incomes.iter().map(|(_, income)| income).collect();
    let coverage = coverage(&all, cost.as_ref().map(|cost| cost.value));
    let no_income = incomes.is_empty().then_some(Missing::NoIncomeItems);
    let first = card.at.year_start().calendar(card.scorecard.start);
    Ok(Funding {
        year: (first, first.plus(LAST_OF_YEAR)),
        operating_cost: cost,
        missing: cost_missing.into_iter().chain(no_income).collect(),
        incomes,
        left_out,
        coverage,
        card,
    })
}

/// The operating cost that a plan says.
fn cost_in(plan: &Plan) -> Option<Amount> {
    let cost = plan.parameters.get(OPERATING_COST).copied().flatten();
    cost.filter(|cost| *cost > Amount::ZERO)
}

/// The own plan's; else what the other ones agree on.
fn cost_of(own: Option<Amount>, others: &[Amount]) -> (Option<OperatingCost>, Option<Missing>) {
    let of = |value| OperatingCost {
        value,
        source: CostSource::Parameter,
    };
    match (own, others) {
        (Some(own), _) => (Some(of(own)), None),
        (None, []) => (None, Some(Missing::OperatingCostUnset)),
        (None, [first, rest @ ..]) if rest.iter().all(|other| other == first) => {
            (Some(of(*first)), None)
        }
        (None, _) => (None, Some(Missing::OperatingCostDiffers)),
    }
}

/// The hub's other scorecards that have begun, of several with one template the
/// one that began last; and those whose years are not the same twelve months.
fn others_of_the_hub(
    session: &mut Session<'_>,
    card: &Evaluated,
) -> Result<(Vec<Scorecard>, Vec<Scorecard>), AppError> {
    let own = &card.scorecard;
    let filter = Filter {
        hub: Some(own.hub.code.clone()),
        ..Filter::default()
    };
    let scope = Scope::Hub(own.hub.code.clone());
    let found = scorecards::list_all(session.conn, &filter, &scope)?;
    let mut others: Vec<Scorecard> = as_of::scorecards(session, found)?
        .into_iter()
        .filter(|other| other.id != own.id && other.start <= card.month)
        .filter(|other| other.template.is_none() || other.template != own.template)
        .collect();
    others.sort_by_key(|other| std::cmp::Reverse(other.start));
    let mut templates = std::collections::BTreeSet::new();
    others.retain(|other| match &other.template {
        Some(template) => templates.insert(template.clone()),
        None => true,
    });
    let is_same_year = |other: &Scorecard| other.start.month_of_year() == own.start.month_of_year();
    Ok(others.into_iter().partition(is_same_year))
}

/// Plan in force and incomes of several scorecards, in two queries.
fn incomes_of(
    session: &mut Session<'_>,
    cards: &[Scorecard],
    month: Month,
) -> Result<Vec<(ScorecardId, Plan, Vec<Income>)>, AppError> {
    let ids: Vec<ScorecardId> = cards.iter().map(|card| card.id.clone()).collect();
    let starts: Vec<(&ScorecardId, Month)> =
        cards.iter().map(|card| (&card.id, card.start)).collect();
    let mut histories = plan_rows::histories(session.conn, &ids)?;
    let mut ledgers = as_of::ledgers(session, &starts, Some(month))?;
    let mut found = Vec::with_capacity(cards.len());
    for card in cards {
        let rows = histories.remove(&card.id).unwrap_or_default();
        let rows = as_of::plan_versions(session, rows);
        let history = plans::plan_history(&session.office.plans, rows, card.start)?;
        let plan = history.in_force(month).clone();
        let ledger = ledgers.remove(&card.id).unwrap_or_default();
        if let Some(at) = ProgrammeMonth::of(month, card.start) {
            let income = incomes(&plan, &ledger, at);
            found.push((card.id.clone(), plan, income));
        }
    }
    Ok(found)
}

//! Plan and actual of every item, month by month.

use super::scorecards::programme_month;
use super::{AppError, Session, as_of, plans};
use crate::domain::amount::{Amount, Exact};
use crate::domain::evaluate::{Evaluation, evaluate};
use crate::domain::ledger::Ledger;
use crate::domain::month::{Month, ProgrammeMonth};
use crate::domain::roadmap::Plan;
use crate::domain::scorecard::Item;
use crate::domain::status::{Flag, Status};
use crate::storage::scorecards::Scorecard;

/// One item over the months; every list has one entry a month.
#[derive(Clone, Debug)]
pub struct ItemSeries {
    pub key: String,
    /// Of the month alone: what was reported; of a ratio, its quotient.
    pub value: Vec<Option<Exact>>,
    /// To date, as it is compared with the plan.
    pub actual: Vec<Option<Exact>>,
    pub plan: Vec<Option<Exact>>,
    pub target: Vec<Option<Amount>>,
    pub status: Vec<Option<Status>>,
    pub flag: Vec<Option<Flag>>,
}

#[derive(Clone, Debug)]
pub struct Series {
    pub months: Vec<Month>,
    pub items: Vec<ItemSeries>,
}

/// The months from `from` (the start) to `to` (the last reported one). Items of
/// the plan in force in the last of them; in months whose plan lacks an item,
/// its entries are null.
///
/// # Errors
/// `Invalid` for months outside the programme.
pub fn series(
    session: &mut Session<'_>,
    scorecard: &Scorecard,
    from: Option<Month>,
    to: Option<Month>,
) -> Result<Series, AppError> {
    let from = from.unwrap_or(scorecard.start);
    let to = to
        .or(scorecard.reported_through)
        .unwrap_or(scorecard.start)
        .max(from);
    let first = programme_month(from, scorecard, "/query/from")?;
    let last = programme_month(to, scorecard, "/query/to")?;
    let history = plans::history(session, scorecard)?;
    let ledger = as_of::ledger(session, scorecard, Some(to))?;
    let months: Vec<Month> = first
        .through(last)
        .map(|at| at.calendar(scorecard.start))
        .collect();
    let evaluated: Vec<(ProgrammeMonth, &Plan, Evaluation)> = first
        .through(last)
        .map(|at| {
            let plan = history.in_force(at.calendar(scorecard.start));
            (at, plan, evaluate(plan, &ledger, at))
        })
        .collect();
    let items = history
        .in_force(to)
        .definition
        .items
        .iter()
        .map(|item| item_series(item, &evaluated, &ledger))
        .collect();
    Ok(Series { months, items })
}

fn item_series(
    item: &Item,
    evaluated: &[(ProgrammeMonth, &Plan, Evaluation)],
    ledger: &Ledger,
) -> ItemSeries {
    let mut series = ItemSeries {
        key: item.key.clone(),
        value: Vec::with_capacity(evaluated.len()),
        actual: Vec::with_capacity(evaluated.len()),
        plan: Vec::with_capacity(evaluated.len()),
        target: Vec::with_capacity(evaluated.len()),
        status: Vec::with_capacity(evaluated.len()),
        flag: Vec::with_capacity(evaluated.len()),
    };
    for (at, plan, evaluation) in evaluated {
        let of_month = plan
            .definition
            .item_index(&item.key)
            .and_then(|index| evaluation.items.get(index));
        series.value.push(ledger.cell(&item.key, *at).value());
        series
            .actual
            .push(of_month.and_then(|item| item.actual.clone()));
        series.plan.push(of_month.map(|item| item.plan.clone()));
        series.target.push(of_month.and_then(|item| item.target));
        series.status.push(of_month.map(|item| item.status));
        series.flag.push(of_month.map(|item| item.flag));
    }
    series
}

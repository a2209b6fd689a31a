//! What files for people are made of.

use super::months::effective_state;
use super::{AppError, Session, as_of, plans, scorecards};
use crate::domain::export::{About, CellTable, EntryForm, MonthlyReport};
use crate::domain::month::Month;
use crate::domain::month_state::MonthState;
use crate::storage::scorecards::Scorecard;

fn about(scorecard: &Scorecard) -> About {
    About {
        id: scorecard.id.0.clone(),
        key: scorecard.key.clone(),
        name: scorecard.name.clone(),
        hub: scorecard.hub.code.0.clone(),
        hub_name: scorecard.hub.name.clone(),
        prefecture_name: scorecard.hub.prefecture.name.clone(),
        start: scorecard.start,
        created_at: scorecard.created_at,
    }
}

/// What was reported of the months from `from` (the start) to `to` (the last
/// reported one).
///
/// # Errors
/// `Invalid` for months outside the programme.
pub fn cell_table(
    session: &mut Session<'_>,
    scorecard: &Scorecard,
    from: Option<Month>,
    to: Option<Month>,
) -> Result<CellTable, AppError> {
    let from = from.unwrap_or(scorecard.start);
    let last = scorecard.reported_through.unwrap_or(scorecard.start);
    let to = to.unwrap_or_else(|| last.max(from));
    let first = scorecards::programme_month(from, scorecard, "/query/from")?;
    let through = scorecards::programme_month(to, scorecard, "/query/to")?;
    let plans = plans::history(session, scorecard)?;
    let ledger = as_of::ledger(session, scorecard, Some(to))?;
    Ok(CellTable::of(
        about(scorecard),
        &plans,
        &ledger,
        (first, through),
    ))
}

/// The form of a month; without one, of the first ended month that has no
/// report yet: the one after the last reported, or where that has not ended, the
/// last reported itself.
///
/// # Errors
/// `Invalid` for a month outside the programme.
pub fn entry_form(
    session: &mut Session<'_>,
    scorecard: &Scorecard,
    month: Option<Month>,
) -> Result<EntryForm, AppError> {
    let month = month.unwrap_or_else(|| match scorecard.reported_through {
        Some(last) if last.next().has_ended(session.now) => last.next(),
        Some(last) => last,
        None => scorecard.start,
    });
    let at = scorecards::programme_month(month, scorecard, "/query/month")?;
    let plans = plans::history(session, scorecard)?;
    let ledger = as_of::ledger(session, scorecard, Some(month))?;
    let rows = as_of::months(session, scorecard, month, month)?;
    let is_approved = effective_state(rows.first(), session.now) == MonthState::Approved;
    let plan = plans.in_force(month);
    Ok(EntryForm::of(
        about(scorecard),
        plan,
        &ledger,
        at,
        is_approved,
    ))
}

/// The report of a month; without one, of the last reported.
///
/// # Errors
/// `Invalid` for a month outside the programme.
pub fn monthly_report(
    session: &mut Session<'_>,
    scorecard: &Scorecard,
    month: Option<Month>,
) -> Result<MonthlyReport, AppError> {
    let month = month
        .or(scorecard.reported_through)
        .unwrap_or(scorecard.start);
    let at = scorecards::programme_month(month, scorecard, "/query/month")?;
    let plans = plans::history(session, scorecard)?;
    let ledger = as_of::ledger(session, scorecard, Some(month))?;
    let rows = as_of::months(session, scorecard, month, month)?;
    let state = effective_state(rows.first(), session.now);
    Ok(MonthlyReport::of(
        about(scorecard),
        &plans,
        &ledger,
        at,
        state,
    ))
}

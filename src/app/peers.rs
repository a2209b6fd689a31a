//! A scorecard among its peers in the whole nation. What other hubs report is
//! read outside the caller's scope here, and only here; what leaves is made by
//! `domain::comparison`, which withholds whatever could be traced to one hub.

use std::collections::BTreeMap;

use super::scorecards::programme_month;
use super::{AppError, Session, as_of, plans};
use crate::domain::access::Scope;
use crate::domain::comparison::{Comparison, Peer, cells_read, compare};
use crate::domain::ids::{HubCode, ScorecardId};
use crate::domain::month::{Month, ProgrammeMonth};
use crate::domain::roadmap::Plan;
use crate::storage::scorecards::{self, Filter, Scorecard};
use crate::storage::{actuals, plans as plan_rows};

/// A scorecard compared with its peers.
#[derive(Clone, Debug)]
pub struct Compared {
    pub scorecard: Scorecard,
    pub month: Month,
    pub at: ProgrammeMonth,
    /// The version in force in the month.
    pub plan: Plan,
    pub comparison: Comparison,
}

/// Compares a scorecard at a month; without one, at its last reported month.
/// Peers are compared at the same month of their own programmes.
///
/// # Errors
/// `Invalid` for a month outside the programme.
pub fn peers(
    session: &mut Session<'_>,
    scorecard: Scorecard,
    month: Option<Month>,
) -> Result<Compared, AppError> {
    let month = month
        .or(scorecard.reported_through)
        .unwrap_or(scorecard.start);
    let at = programme_month(month, &scorecard, "/query/month")?;
    let others = candidates(session, &scorecard, at)?;
    let cards: Vec<&Scorecard> = std::iter::once(&scorecard).chain(&others).collect();
    let ids: Vec<ScorecardId> = cards.iter().map(|card| card.id.clone()).collect();
    let starts: Vec<(&ScorecardId, Month)> =
        cards.iter().map(|card| (&card.id, card.start)).collect();
    let mut histories = plan_rows::histories(session.conn, &ids)?;
    let mut in_force = Vec::with_capacity(cards.len());
    for card in &cards {
        let rows = histories.remove(&card.id).unwrap_or_default();
        let rows = as_of::plan_versions(session, rows);
        let history = plans::plan_history(&session.office.plans, rows, card.start)?;
        in_force.push(history.in_force(at.calendar(card.start)).clone());
    }
    let (first, from_the_start) = cells_read(in_force.iter(), at);
    let from_the_start: Vec<&str> = from_the_start.into_iter().collect();
    let calendars = || cards.iter().map(|card| card.start);
    let from = calendars().map(|start| first.calendar(start)).min();
    let through = calendars().map(|start| at.calendar(start)).max();
    let through = through.unwrap_or(month);
    let ledgers = match session.known_at {
        Some(_) => as_of::ledgers(session, &starts, Some(through))?,
        None => actuals::ledgers_between(
            session.conn,
            &starts,
            (from.unwrap_or(month), through),
            &from_the_start,
        )?,
    };
    let nothing = crate::domain::ledger::Ledger::default();
    let mut compared = cards.iter().zip(&in_force).map(|(card, plan)| Peer {
        is_seen: session.caller.scope.covers_hub(&card.hub),
        plan,
        ledger: ledgers.get(&card.id).unwrap_or(&nothing),
    });
    let own = compared
        .next()
        .ok_or_else(|| AppError::Internal("a comparison without a scorecard".to_owned()))?;
    let comparison = compare(own, &compared.collect::<Vec<_>>(), at);
    let plan = own.plan.clone();
    Ok(Compared {
        scorecard,
        month,
        at,
        plan,
        comparison,
    })
}

/// The other hubs' scorecards of the same template and market type that have
/// come as far; of a hub with several, the one that began last. An own
/// definition has none.
fn candidates(
    session: &mut Session<'_>,
    scorecard: &Scorecard,
    at: ProgrammeMonth,
) -> Result<Vec<Scorecard>, AppError> {
    if scorecard.template.is_none() {
        return Ok(Vec::new());
    }
    let filter = Filter {
        template: scorecard.template.clone(),
        market_type: Some(scorecard.market_type),
        ..Filter::default()
    };
    let mut by_hub: BTreeMap<HubCode, Scorecard> = BTreeMap::new();
    let found = scorecards::list_all(session.conn, &filter, &Scope::Nation)?;
    for card in as_of::scorecards(session, found)? {
        let has_come_as_far = card
            .reported_through
            .is_some_and(|through| through >= at.calendar(card.start));
        let is_later = by_hub
            .get(&card.hub.code)
            .is_none_or(|known| known.start < card.start);
        if has_come_as_far && is_later && card.hub.code != scorecard.hub.code {
            by_hub.insert(card.hub.code.clone(), card);
        }
    }
    Ok(by_hub.into_values().collect())
}

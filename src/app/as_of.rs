//! Reading as of an instant (`semantics.md` §7): what was stored at or before it,
//! and the clock as it stood then.
//!
//! A [`Session`] that looks back answers every read of scorecard data from the
//! histories instead of the present tables; the readers here choose between them.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::{AppError, Session};
use crate::domain::ids::ScorecardId;
use crate::domain::ledger::Ledger;
use crate::domain::month::Month;
use crate::storage::actuals::{self, StoredCell};
use crate::storage::months::{self, MonthRecord};
use crate::storage::revisions::Revision;
use crate::storage::scorecards::Scorecard;
use crate::storage::{known, plans};

/// From here on the session answers what was known at `instant`; absent, what
/// is known now.
pub fn look_back(session: &mut Session<'_>, instant: Option<DateTime<Utc>>) {
    if let Some(instant) = instant {
        session.known_at = Some(instant);
        session.now = instant;
    }
}

/// A scorecard that was found, as it was known at `instant`; absent, as it is.
///
/// # Errors
/// `NotFound` where there was none yet.
pub fn scorecard(
    session: &mut Session<'_>,
    scorecard: Scorecard,
    instant: Option<DateTime<Utc>>,
) -> Result<Scorecard, AppError> {
    look_back(session, instant);
    scorecards(session, vec![scorecard])?
        .pop()
        .ok_or(AppError::NotFound)
}

/// Those of some scorecards that the session knows of, as it knows them.
///
/// # Errors
/// Those of the storage.
pub fn scorecards(
    session: &mut Session<'_>,
    cards: Vec<Scorecard>,
) -> Result<Vec<Scorecard>, AppError> {
    match session.known_at {
        Some(instant) => Ok(known::heads(session.conn, cards, instant)?),
        None => Ok(cards),
    }
}

/// Things with their scorecards, as the session knows those.
///
/// # Errors
/// Those of the storage.
pub fn with_scorecards<T>(
    session: &mut Session<'_>,
    found: Vec<(T, Scorecard)>,
) -> Result<Vec<(T, Scorecard)>, AppError> {
    let mut cards: BTreeMap<ScorecardId, Scorecard> = BTreeMap::new();
    for (_, card) in &found {
        cards.insert(card.id.clone(), card.clone());
    }
    let known: BTreeMap<ScorecardId, Scorecard> =
        scorecards(session, cards.into_values().collect())?
            .into_iter()
            .map(|card| (card.id.clone(), card))
            .collect();
    Ok(found
        .into_iter()
        .filter_map(|(thing, card)| Some((thing, known.get(&card.id)?.clone())))
        .collect())
}

/// A scorecard's cells up to `through`; absent, all of them.
///
/// # Errors
/// Those of the storage.
pub fn ledger(
    session: &mut Session<'_>,
    scorecard: &Scorecard,
    through: Option<Month>,
) -> Result<Ledger, AppError> {
    let (id, start) = (&scorecard.id, scorecard.start);
    Ok(match session.known_at {
        Some(instant) => actuals::ledger_known_at(session.conn, id, start, through, instant)?,
        None => actuals::ledger(session.conn, id, start, through)?,
    })
}

/// [`ledger`] of many scorecards at once, each with its start, up to `through`.
///
/// # Errors
/// Those of the storage.
pub fn ledgers(
    session: &mut Session<'_>,
    starts: &[(&ScorecardId, Month)],
    through: Option<Month>,
) -> Result<BTreeMap<ScorecardId, Ledger>, AppError> {
    Ok(match session.known_at {
        Some(instant) => actuals::ledgers_known_at(session.conn, starts, through, instant)?,
        None => actuals::ledgers(session.conn, starts, through)?,
    })
}

/// The cells of the months from `from` to `to`, both included.
///
/// # Errors
/// Those of the storage.
pub fn cells(
    session: &mut Session<'_>,
    scorecard: &Scorecard,
    from: Month,
    to: Month,
) -> Result<Vec<StoredCell>, AppError> {
    let id = &scorecard.id;
    Ok(match session.known_at {
        Some(instant) => actuals::cells_known_at(session.conn, id, from, to, instant)?,
        None => actuals::cells(session.conn, id, from, to)?,
    })
}

/// What became of the months from `from` to `to`, both included.
///
/// # Errors
/// Those of the storage.
pub fn months(
    session: &mut Session<'_>,
    scorecard: &Scorecard,
    from: Month,
    to: Month,
) -> Result<Vec<MonthRecord>, AppError> {
    let id = &scorecard.id;
    Ok(match session.known_at {
        Some(instant) => months::range_known_at(session.conn, id, from, to, instant)?,
        None => months::range(session.conn, id, from, to)?,
    })
}

/// [`months`] of many scorecards, all of each.
///
/// # Errors
/// Those of the storage.
pub fn months_of_all(
    session: &mut Session<'_>,
    ids: &[ScorecardId],
) -> Result<BTreeMap<ScorecardId, Vec<MonthRecord>>, AppError> {
    Ok(match session.known_at {
        Some(instant) => months::of_scorecards_known_at(session.conn, ids, instant)?,
        None => months::of_scorecards(session.conn, ids)?,
    })
}

/// Those revisions of a plan that the session knows of, each with a decision
/// that it knows of.
#[must_use]
pub fn revisions(session: &Session<'_>, mut rows: Vec<Revision>) -> Vec<Revision> {
    if let Some(instant) = session.known_at {
        rows.retain(|revision| revision.proposal.proposed_at <= instant);
        for revision in &mut rows {
            revision.decision.take_if(|decision| decision.at > instant);
        }
    }
    rows
}

/// Those versions of a plan that the session knows of.
#[must_use]
pub fn plan_versions(
    session: &Session<'_>,
    mut rows: Vec<plans::PlanVersion>,
) -> Vec<plans::PlanVersion> {
    if let Some(instant) = session.known_at {
        rows.retain(|version| version.created_at <= instant);
    }
    rows
}

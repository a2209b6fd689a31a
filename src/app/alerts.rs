//! Alerts: brought up to date with every change of cells or plan, read, and
//! taken on by people (`semantics.md` §8). What people do is in `handling`.

mod handling;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

pub use handling::{
    ACTION_DAYS_MAX, NewAcknowledgement, SILENCE_DAYS_MAX, acknowledge, comment, lock, review,
    silence, unsilence,
};

use super::secrets::alert_id;
use super::{AppError, Session, as_of, plans};
use crate::domain::alert::{self, AlertState, Episode, Known, Replay, Replayed};
use crate::domain::code::coded_enum;
use crate::domain::evaluate::{ItemEvaluation, evaluate_item};
use crate::domain::event::{AlertDocument, Named, ScorecardRef};
use crate::domain::ids::{AlertId, ScorecardId};
use crate::domain::ledger::Ledger;
use crate::domain::month::{Month, ProgrammeMonth};
use crate::domain::roadmap::PlanHistory;
use crate::storage::alerts::{self, Alert, AlertChange, AlertCounts, Filter, Position};
use crate::storage::deliveries::{self, Delivery};
use crate::storage::scorecards::Scorecard;
use crate::storage::{Conn, alert_versions as versions};

coded_enum! {
    /// What happens to an alert.
    pub enum ChangeKind {
        Opened => "opened",
        Reopened => "reopened",
        Resolved => "resolved",
        Withdrawn => "withdrawn",
        /// A correction moved the month of its opening.
        Corrected => "corrected",
        Folded => "folded",
        Unfolded => "unfolded",
        /// Its first notice left.
        Announced => "announced",
        Acknowledged => "acknowledged",
        Commented => "commented",
        /// Somebody reviewed it: the plan answers it.
        Reviewed => "reviewed",
        Silenced => "silenced",
        Unsilenced => "unsilenced",
    }
}

/// An alert that a report touched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TouchedAlert {
    pub id: AlertId,
    pub item: String,
    pub state: AlertState,
}

/// Brings a locked scorecard's alerts up to date with its plan and cells, of
/// which nothing before `since` has changed. Returns those that opened, ended,
/// or came back.
///
/// # Errors
/// Those of the storage.
pub fn refresh(
    conn: &mut Conn,
    scorecard: &ScorecardId,
    plans: &PlanHistory,
    ledger: &Ledger,
    since: Month,
    now: DateTime<Utc>,
) -> Result<Vec<TouchedAlert>, AppError> {
    let stored = alerts::of_scorecard(conn, scorecard)?;
    let episodes = alert::episodes(plans, ledger);
    let continued = continued(&stored, &episodes);
    let ids = identify(conn, scorecard, &stored, &episodes, &continued)?;
    let by_episode: BTreeMap<(&str, u32), &AlertId> = episodes
        .iter()
        .zip(&ids)
        .map(|(episode, id)| ((episode.item.as_str(), episode.number), id))
        .collect();
    let mut replay = Replay::new(plans, ledger, &episodes);
    let mut touched = Vec::new();
    for (index, (episode, id)) in episodes.iter().zip(&ids).enumerate() {
        let known = continued
            .get(index)
            .copied()
            .flatten()
            .and_then(|position| stored.get(position));
        if known.is_some_and(|known| is_as_before(known, episode, since)) {
            continue;
        }
        let Some(found) = replay.describe(index) else {
            continue;
        };
        let folded_under = found
            .folded_under
            .as_ref()
            .and_then(|(item, number)| by_episode.get(&(item.as_str(), *number)))
            .map(|root| (*root).clone());
        let next = next_of(scorecard, id, known, &found, folded_under, now);
        let changes = changes_between(known, &next);
        if known != Some(&next) {
            alerts::put(conn, &next, now)?;
        }
        note(conn, &next, &changes, now, &mut touched)?;
    }
    let kept: BTreeSet<usize> = continued.iter().copied().flatten().collect();
    for (index, gone) in stored.iter().enumerate() {
        if !kept.contains(&index) && gone.state != AlertState::Withdrawn {
            withdraw(conn, gone, now, &mut touched)?;
        }
    }
    Ok(touched)
}

/// Whether an episode was over before the first month that changed, and so is
/// what it was.
fn is_as_before(known: &Alert, episode: &Episode, since: Month) -> bool {
    let facts = &known.facts;
    known.state == AlertState::Resolved
        && facts.resolved_month.is_some_and(|month| month < since)
        && facts.resolved_month == episode.closed.map(|closed| closed.month)
        && facts.opened_month == episode.opened
        && facts.episode == episode.number
}

/// For each replayed episode the position of the stored alert that it continues.
fn continued(stored: &[Alert], episodes: &[Episode]) -> Vec<Option<usize>> {
    let mut result = Vec::with_capacity(episodes.len());
    for of_item in episodes.chunk_by(|one, other| one.item == other.item) {
        let item = of_item.first().map_or("", |episode| episode.item.as_str());
        let (positions, known): (Vec<usize>, Vec<Known>) = stored
            .iter()
            .enumerate()
            .filter(|(_, alert)| alert.facts.item == item)
            .map(|(position, alert)| {
                let known = Known {
                    opened: alert.facts.opened_month,
                    resolved: alert.facts.resolved_month,
                    withdrawn: alert.state == AlertState::Withdrawn,
                };
                (position, known)
            })
            .unzip();
        let matched = alert::match_episodes(&known, of_item).into_iter();
        result.extend(matched.map(|index| positions.get(index?).copied()));
    }
    result
}

/// The identifier of each replayed episode: its alert's, or a new one that
/// follows from what it is, so that a dry run names the one to come.
fn identify(
    conn: &mut Conn,
    scorecard: &ScorecardId,
    stored: &[Alert],
    episodes: &[Episode],
    continued: &[Option<usize>],
) -> Result<Vec<AlertId>, AppError> {
    let mut ids: Vec<AlertId> = Vec::with_capacity(episodes.len());
    for (episode, known) in episodes.iter().zip(continued) {
        if let Some(alert) = known.and_then(|index| stored.get(index)) {
            ids.push(alert.id.clone());
            continue;
        }
        let mut attempt = 0;
        let id = loop {
            let id = alert_id(scorecard, &episode.item, episode.opened, attempt);
            if !ids.contains(&id) && !alerts::exists(conn, &id)? {
                break id;
            }
            attempt += 1;
        };
        ids.push(id);
    }
    Ok(ids)
}

fn next_of(
    scorecard: &ScorecardId,
    id: &AlertId,
    known: Option<&Alert>,
    found: &Replayed,
    folded_under: Option<AlertId>,
    now: DateTime<Utc>,
) -> Alert {
    let state = if found.facts.is_open() {
        AlertState::Open
    } else {
        AlertState::Resolved
    };
    let came_back =
        known.is_some_and(|known| known.state != AlertState::Open) && state == AlertState::Open;
    let same = known.is_some_and(|known| {
        known.facts == found.facts && known.state == state && known.folded_under == folded_under
    });
    Alert {
        id: id.clone(),
        scorecard: scorecard.clone(),
        state,
        facts: found.facts.clone(),
        folded_under,
        // What somebody took on is over when it comes back.
        acknowledgement: known
            .filter(|_| !came_back)
            .and_then(|known| known.acknowledgement.clone()),
        silence: known.and_then(|known| known.silence.clone()),
        review: known
            .filter(|_| !came_back)
            .and_then(|known| known.review.clone()),
        announced_at: known.and_then(|known| known.announced_at),
        created_at: known.map_or(now, |known| known.created_at),
        changed_at: known.filter(|_| same).map_or(now, |known| known.changed_at),
    }
}

fn changes_between(known: Option<&Alert>, next: &Alert) -> Vec<ChangeKind> {
    let mut changes = Vec::new();
    match (known.map(|known| known.state), next.state) {
        (None | Some(AlertState::Withdrawn), _) => {
            changes.push(ChangeKind::Opened);
            if next.state == AlertState::Resolved {
                changes.push(ChangeKind::Resolved);
            }
        }
        (Some(AlertState::Resolved), AlertState::Open) => changes.push(ChangeKind::Reopened),
        (Some(AlertState::Open), AlertState::Resolved) => changes.push(ChangeKind::Resolved),
        _ => {}
    }
    let Some(known) = known else {
        return changes;
    };
    if known.facts.opened_month != next.facts.opened_month {
        changes.push(ChangeKind::Corrected);
    }
    match (&known.folded_under, &next.folded_under) {
        (None, Some(_)) => changes.push(ChangeKind::Folded),
        (Some(_), None) => changes.push(ChangeKind::Unfolded),
        _ => {}
    }
    changes
}

fn note(
    conn: &mut Conn,
    alert: &Alert,
    changes: &[ChangeKind],
    now: DateTime<Utc>,
    touched: &mut Vec<TouchedAlert>,
) -> Result<(), AppError> {
    for kind in changes {
        let detail = json!({
            "month": alert.facts.month,
            "opened_month": alert.facts.opened_month,
            "resolved_month": alert.facts.resolved_month,
            "resolved_reason": alert.facts.resolved_reason,
            "attainment": alert.facts.attainment,
            "folded_under": alert.folded_under,
        });
        append(conn, &alert.id, *kind, None, &detail, now)?;
    }
    let turned = changes.iter().any(|kind| {
        matches!(
            kind,
            ChangeKind::Opened
                | ChangeKind::Reopened
                | ChangeKind::Resolved
                | ChangeKind::Withdrawn
        )
    });
    if turned {
        touched.push(TouchedAlert {
            id: alert.id.clone(),
            item: alert.facts.item.clone(),
            state: alert.state,
        });
    }
    Ok(())
}

/// Takes back an alert that the figures no longer show. One that nobody was
/// told of and nobody touched never was.
fn withdraw(
    conn: &mut Conn,
    gone: &Alert,
    now: DateTime<Utc>,
    touched: &mut Vec<TouchedAlert>,
) -> Result<(), AppError> {
    let next = Alert {
        state: AlertState::Withdrawn,
        folded_under: None,
        changed_at: now,
        ..gone.clone()
    };
    let is_touched = alerts::timeline(conn, &gone.id, None)?
        .iter()
        .any(|change| change.by.is_some());
    if gone.announced_at.is_some() || is_touched || !alerts::forget(conn, gone, now)? {
        alerts::put(conn, &next, now)?;
    }
    note(conn, &next, &[ChangeKind::Withdrawn], now, touched)
}

/// Adds to an alert's timeline.
///
/// # Errors
/// Those of the storage.
pub fn append(
    conn: &mut Conn,
    id: &AlertId,
    kind: ChangeKind,
    by: Option<(String, String)>,
    detail: &Value,
    now: DateTime<Utc>,
) -> Result<(), AppError> {
    let change = AlertChange {
        at: now,
        kind: kind.code().to_owned(),
        by,
        detail: detail.to_string(),
    };
    Ok(alerts::append(conn, id, &change)?)
}

/// The scorecard that answers and events name.
#[must_use]
pub fn scorecard_ref(scorecard: &Scorecard) -> ScorecardRef {
    ScorecardRef {
        scorecard: scorecard.id.clone(),
        scorecard_key: scorecard.key.clone(),
        scorecard_name: scorecard.name.clone(),
        hub: Named {
            code: scorecard.hub.code.to_string(),
            name: scorecard.hub.name.clone(),
        },
        prefecture: Named {
            code: scorecard.hub.prefecture.code.to_string(),
            name: scorecard.hub.prefecture.name.clone(),
        },
    }
}

/// An alert as answers and events show it.
#[must_use]
pub fn document(alert: &Alert, scorecard: &Scorecard) -> AlertDocument {
    AlertDocument {
        id: alert.id.clone(),
        about: scorecard_ref(scorecard),
        state: alert.state,
        folded_under: alert.folded_under.clone(),
        facts: alert.facts.clone(),
        handled: alert.review.is_some(),
        review: alert.review.clone(),
        acknowledgement: alert
            .acknowledgement
            .as_ref()
            .map(|(acknowledgement, _)| acknowledgement.clone()),
        silence: alert.silence.clone(),
    }
}

/// Alerts in the caller's scope: latest opened first.
///
/// # Errors
/// Those of the storage.
pub fn list(
    session: &mut Session<'_>,
    filter: &Filter,
    after: Option<&Position>,
    limit: u32,
) -> Result<Vec<(Alert, Scorecard)>, AppError> {
    let scope = session.caller.scope.clone();
    let limit = i64::from(limit);
    let Some(at) = session.known_at else {
        return Ok(alerts::list(session.conn, filter, &scope, after, limit)?);
    };
    let found = versions::list(session.conn, filter, &scope, after, limit, at)?;
    as_of::with_scorecards(session, found)
}

/// How many alerts a filter finds in the caller's scope.
///
/// # Errors
/// Those of the storage.
pub fn counts(session: &mut Session<'_>, filter: &Filter) -> Result<AlertCounts, AppError> {
    let scope = session.caller.scope.clone();
    Ok(match session.known_at {
        Some(at) => versions::counts(session.conn, filter, &scope, at)?,
        None => alerts::counts(session.conn, filter, &scope, session.now)?,
    })
}

/// A scorecard's alerts, in the order of [`list`].
///
/// # Errors
/// Those of the storage.
pub fn of_scorecard(
    session: &mut Session<'_>,
    scorecard: &Scorecard,
) -> Result<Vec<AlertDocument>, AppError> {
    let mut found = all_of(session, scorecard)?;
    found.sort_by(|one, other| place(one).cmp(&place(other)));
    Ok(found
        .iter()
        .map(|alert| document(alert, scorecard))
        .collect())
}

/// The same as stored, in no order.
///
/// # Errors
/// Those of the storage.
pub(super) fn all_of(
    session: &mut Session<'_>,
    scorecard: &Scorecard,
) -> Result<Vec<Alert>, AppError> {
    let id = &scorecard.id;
    Ok(match session.known_at {
        Some(at) => versions::of_scorecard(session.conn, id, at)?,
        None => alerts::of_scorecard(session.conn, id)?,
    })
}

/// Latest opened first, then by identifier.
fn place(alert: &Alert) -> (Reverse<Month>, &AlertId) {
    (Reverse(alert.facts.opened_month), &alert.id)
}

/// One alert with everything that is known about it.
#[derive(Clone, Debug)]
pub struct AlertDetail {
    pub alert: Alert,
    pub scorecard: Scorecard,
    pub timeline: Vec<AlertChange>,
    pub deliveries: Vec<Delivery>,
    /// What it drags down.
    pub folded: Vec<Alert>,
    pub months: Vec<AlertMonth>,
}

/// A month of the item that an alert is about.
#[derive(Clone, Debug)]
pub struct AlertMonth {
    pub month: Month,
    /// `None` where the plan in force lacks the item.
    pub evaluated: Option<ItemEvaluation>,
}

/// One alert with its timeline and the months that it is about.
///
/// # Errors
/// `NotFound`, for another scope's too.
pub fn detail(session: &mut Session<'_>, id: &AlertId) -> Result<AlertDetail, AppError> {
    let (alert, scorecard) = find(session, id)?;
    let folded = all_of(session, &scorecard)?
        .into_iter()
        .filter(|other| other.folded_under.as_ref() == Some(id))
        .collect();
    Ok(AlertDetail {
        timeline: alerts::timeline(session.conn, id, session.known_at)?,
        deliveries: deliveries::about_alert(session.conn, id, session.known_at)?,
        months: months_of(session, &alert, &scorecard)?,
        folded,
        alert,
        scorecard,
    })
}

/// The item's months from the one before the opening to the last reported one,
/// by the plan version in force in each.
fn months_of(
    session: &mut Session<'_>,
    alert: &Alert,
    scorecard: &Scorecard,
) -> Result<Vec<AlertMonth>, AppError> {
    let start = scorecard.start;
    let first = alert.facts.opened_month.plus(-1).max(start);
    let last = scorecard.reported_through.unwrap_or(start);
    let (Some(from), Some(to)) = (
        ProgrammeMonth::of(first, start),
        ProgrammeMonth::of(last, start),
    ) else {
        return Ok(Vec::new());
    };
    let plans = plans::history(session, scorecard)?;
    let ledger = as_of::ledger(session, scorecard, None)?;
    Ok(from
        .through(to)
        .map(|at| {
            let month = at.calendar(start);
            let plan = plans.in_force(month);
            let item = plan.definition.item(&alert.facts.item);
            AlertMonth {
                month,
                evaluated: item.map(|item| evaluate_item(plan, &ledger, item, at)),
            }
        })
        .collect())
}

fn find(session: &mut Session<'_>, id: &AlertId) -> Result<(Alert, Scorecard), AppError> {
    let scope = session.caller.scope.clone();
    let Some(at) = session.known_at else {
        return alerts::find(session.conn, id, &scope)?.ok_or(AppError::NotFound);
    };
    let found = versions::find(session.conn, id, &scope, at)?;
    as_of::with_scorecards(session, found.into_iter().collect())?
        .pop()
        .ok_or(AppError::NotFound)
}

/// Demands that there is, or ever was, an alert in the caller's scope.
///
/// # Errors
/// `NotFound`, for another scope's too.
pub fn demand_ever(session: &mut Session<'_>, id: &AlertId) -> Result<(), AppError> {
    let scope = session.caller.scope.clone();
    if versions::exists(session.conn, id, &scope)? {
        Ok(())
    } else {
        Err(AppError::NotFound)
    }
}

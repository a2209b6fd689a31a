//! Did it work? What revisions brought about, and how soon red was answered.

use chrono::{DateTime, Utc};

use super::alerts::ChangeKind;
use super::{AppError, Session, alerts as app_alerts, as_of, plans, revisions};
use crate::domain::alert::{AlertState, ResolvedReason};
use crate::domain::code::coded_enum;
use crate::domain::effect::{Effect, effects as effects_of};
use crate::domain::ids::AlertId;
use crate::domain::month::Month;
use crate::storage::alerts;
use crate::storage::scorecards::Scorecard;

coded_enum! {
    /// What somebody did about an alert first.
    pub enum ActionKind {
        Acknowledged => "acknowledged",
        Commented => "commented",
        Reviewed => "reviewed",
        /// A revision was proposed that the alert prompted.
        Revised => "revised",
    }
}

/// How an alert was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    pub alert: AlertId,
    pub item: String,
    pub state: AlertState,
    pub opened_month: Month,
    /// When the service first saw it.
    pub opened_at: DateTime<Utc>,
    /// The first thing that somebody did about it.
    pub action: Option<(ActionKind, DateTime<Utc>)>,
    /// The month in which figures resolved it.
    pub recovered_month: Option<Month>,
}

/// What became of a scorecard's revisions and alerts.
#[derive(Clone, Debug)]
pub struct Effects {
    pub effects: Vec<Effect>,
    /// By item and month of opening, without what was withdrawn.
    pub responses: Vec<Response>,
}

/// The effect of every item that a revision added, and the response to every
/// alert.
///
/// # Errors
/// Those of the storage.
pub fn effects(session: &mut Session<'_>, scorecard: &Scorecard) -> Result<Effects, AppError> {
    let plans = plans::history(session, scorecard)?;
    let ledger = as_of::ledger(session, scorecard, None)?;
    Ok(Effects {
        effects: effects_of(&plans, &ledger),
        responses: responses(session, scorecard)?,
    })
}

fn responses(session: &mut Session<'_>, scorecard: &Scorecard) -> Result<Vec<Response>, AppError> {
    let handled = alerts::handling_of_scorecard(session.conn, &scorecard.id, session.known_at)?;
    let revised = revisions::list(session, scorecard)?;
    let first_action = |alert: &AlertId| {
        let handled = handled
            .iter()
            .filter(|(id, ..)| id == alert)
            .filter_map(|(_, kind, at)| Some((action_of(kind)?, *at)));
        let revised = revised
            .iter()
            .map(|revision| &revision.proposal)
            .filter(|proposal| proposal.alert.as_deref() == Some(alert.as_str()))
            .map(|proposal| (ActionKind::Revised, proposal.proposed_at));
        handled.chain(revised).min_by_key(|(_, at)| *at)
    };
    Ok(app_alerts::all_of(session, scorecard)?
        .into_iter()
        .filter(|alert| alert.state != AlertState::Withdrawn)
        .map(|alert| Response {
            action: first_action(&alert.id),
            item: alert.facts.item.clone(),
            state: alert.state,
            opened_month: alert.facts.opened_month,
            opened_at: alert.created_at,
            recovered_month: alert
                .facts
                .resolved_month
                .filter(|_| alert.facts.resolved_reason == Some(ResolvedReason::Recovered)),
            alert: alert.id,
        })
        .collect())
}

/// What an entry of a timeline counts as; silences answer nothing.
fn action_of(kind: &str) -> Option<ActionKind> {
    match ChangeKind::of_code(kind)? {
        ChangeKind::Acknowledged => Some(ActionKind::Acknowledged),
        ChangeKind::Commented => Some(ActionKind::Commented),
        ChangeKind::Reviewed => Some(ActionKind::Reviewed),
        _ => None,
    }
}

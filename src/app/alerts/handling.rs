//! What people do about an alert: take it on, comment on it, hold its notices
//! back. Everything is kept in its timeline, and raises the scorecard's revision.

use chrono::{DateTime, Duration, NaiveDate, Utc};
use serde_json::{Value, json};

use super::{ChangeKind, append, find};
use crate::app::audit::{self, Action, Subject};
use crate::app::scorecards::{self, demand_revision};
use crate::app::{AppError, Conflict, Session, revisions};
use crate::domain::alert::AlertState;
use crate::domain::event::{Acknowledgement, Review, Silence};
use crate::domain::ids::AlertId;
use crate::domain::issue::{Issue, IssueCode};
use crate::domain::month::{end_of_day, japan_date};
use crate::domain::text::Text;
use crate::storage::agenda;
use crate::storage::alerts::{self, Alert};
use crate::storage::scorecards::{self as scorecard_rows, Scorecard};

/// Days ahead by which an action can be due at most.
pub const ACTION_DAYS_MAX: i64 = 366;
/// Days for which notices can be held back at most.
pub const SILENCE_DAYS_MAX: i64 = 366;

/// The alert with its scorecard locked.
///
/// # Errors
/// `NotFound`, for another scope's too.
pub fn lock(session: &mut Session<'_>, id: &AlertId) -> Result<(Alert, Scorecard), AppError> {
    let (_, scorecard) = find(session, id)?;
    let scorecard = scorecards::lock(session, &scorecard.id)?;
    let (alert, _) = find(session, id)?;
    Ok((alert, scorecard))
}

/// What somebody who takes an alert on says.
#[derive(Clone, Debug)]
pub struct NewAcknowledgement {
    pub cause: String,
    pub action: String,
    pub owner: String,
    /// It expires at the end of this day, in Japan.
    pub due: NaiveDate,
}

/// Takes an open alert on: repeats and escalation stop until the action is due.
///
/// # Errors
/// `Invalid` for a day in the past or too far ahead; `Conflict` where the alert
/// is not open; `Stale`.
pub fn acknowledge(
    session: &mut Session<'_>,
    (mut alert, mut scorecard): (Alert, Scorecard),
    new: NewAcknowledgement,
    expected: Option<i64>,
) -> Result<(Alert, Scorecard), AppError> {
    let today = japan_date(session.now);
    if new.due < today || new.due > today + Duration::days(ACTION_DAYS_MAX) {
        return Err(AppError::Invalid(vec![Issue::error(
            IssueCode::OutOfRange,
            "/due",
            Text::new(
                format!("期限は、今日から {ACTION_DAYS_MAX} 日以内の日にしてください。"),
                format!("Choose a day from today, at most {ACTION_DAYS_MAX} days ahead."),
            ),
        )]));
    }
    demand_open(&alert)?;
    demand_revision(&scorecard, expected)?;
    let acknowledgement = Acknowledgement {
        cause: new.cause,
        action: new.action,
        owner: new.owner,
        due: new.due,
        at: session.now,
        by: session.caller.name.clone(),
    };
    let detail = json!(acknowledgement);
    alert.acknowledgement = Some((acknowledgement, end_of_day(new.due)));
    save(
        session,
        &mut scorecard,
        &alert,
        ChangeKind::Acknowledged,
        &detail,
    )?;
    let detail = json!({ "item": alert.facts.item, "due": new.due });
    record(
        session,
        Action::AlertAcknowledged,
        &scorecard,
        &alert,
        &detail,
    )?;
    Ok((alert, scorecard))
}

/// Adds a comment to the timeline of an alert, open or over.
///
/// # Errors
/// `Stale`.
pub fn comment(
    session: &mut Session<'_>,
    (alert, mut scorecard): (Alert, Scorecard),
    text: &str,
    expected: Option<i64>,
) -> Result<(Alert, Scorecard), AppError> {
    demand_revision(&scorecard, expected)?;
    let detail = json!({ "text": text });
    save(
        session,
        &mut scorecard,
        &alert,
        ChangeKind::Commented,
        &detail,
    )?;
    let detail = json!({ "item": alert.facts.item });
    record(session, Action::AlertCommented, &scorecard, &alert, &detail)?;
    Ok((alert, scorecard))
}

/// Holds an alert's notices back until a time. What was announced still gets
/// its resolve.
///
/// # Errors
/// `Invalid` for a time in the past or too far ahead; `Conflict` where the
/// alert is not open; `Stale`.
pub fn silence(
    session: &mut Session<'_>,
    (mut alert, mut scorecard): (Alert, Scorecard),
    until: DateTime<Utc>,
    reason: String,
    expected: Option<i64>,
) -> Result<(Alert, Scorecard), AppError> {
    if until <= session.now || until > session.now + Duration::days(SILENCE_DAYS_MAX) {
        return Err(AppError::Invalid(vec![Issue::error(
            IssueCode::OutOfRange,
            "/until",
            Text::new(
                format!("終了日時は、今から {SILENCE_DAYS_MAX} 日以内の将来の日時にしてください。"),
                format!("Choose a time in the future, at most {SILENCE_DAYS_MAX} days ahead."),
            ),
        )]));
    }
    demand_open(&alert)?;
    demand_revision(&scorecard, expected)?;
    let silence = Silence {
        until,
        reason,
        at: session.now,
        by: session.caller.name.clone(),
    };
    let detail = json!(silence);
    alert.silence = Some(silence);
    save(
        session,
        &mut scorecard,
        &alert,
        ChangeKind::Silenced,
        &detail,
    )?;
    let detail = json!({ "item": alert.facts.item, "until": until });
    record(session, Action::AlertSilenced, &scorecard, &alert, &detail)?;
    Ok((alert, scorecard))
}

/// Ends a silence before its time; where there is none, nothing changes.
///
/// # Errors
/// `Stale`.
pub fn unsilence(
    session: &mut Session<'_>,
    (mut alert, mut scorecard): (Alert, Scorecard),
    expected: Option<i64>,
) -> Result<(Alert, Scorecard), AppError> {
    demand_revision(&scorecard, expected)?;
    if alert.silence.take().is_some() {
        let detail = json!({});
        save(
            session,
            &mut scorecard,
            &alert,
            ChangeKind::Unsilenced,
            &detail,
        )?;
        let detail = json!({ "item": alert.facts.item });
        record(
            session,
            Action::AlertUnsilenced,
            &scorecard,
            &alert,
            &detail,
        )?;
    }
    Ok((alert, scorecard))
}

/// Marks an open alert as handled. It stays open until figures resolve it. Where
/// no preparation upstream is left unfinished, a revision that is proposed or in
/// force has to bring a new one (the report's rule).
///
/// # Errors
/// `Conflict` where the alert is not open, or asks for preparation that no
/// revision since it opened adds; `Stale`.
pub fn review(
    session: &mut Session<'_>,
    (mut alert, mut scorecard): (Alert, Scorecard),
    note: String,
    expected: Option<i64>,
) -> Result<(Alert, Scorecard), AppError> {
    demand_open(&alert)?;
    let revision = revisions::answering(session, &scorecard, &alert)?;
    if alert.facts.cause.remedies.is_empty() && revision.is_none() {
        return Err(AppError::conflict(Conflict::PreparationMissing));
    }
    demand_revision(&scorecard, expected)?;
    let review = Review {
        note,
        revision,
        at: session.now,
        by: session.caller.name.clone(),
    };
    let detail = json!(review);
    alert.review = Some(review);
    save(
        session,
        &mut scorecard,
        &alert,
        ChangeKind::Reviewed,
        &detail,
    )?;
    let detail = json!({ "item": alert.facts.item, "plan_version": revision });
    record(session, Action::AlertReviewed, &scorecard, &alert, &detail)?;
    Ok((alert, scorecard))
}

fn demand_open(alert: &Alert) -> Result<(), AppError> {
    if alert.state == AlertState::Open {
        Ok(())
    } else {
        Err(AppError::conflict(Conflict::AlertClosed))
    }
}

/// Writes what a person did to an alert, and has the scorecard looked at: who
/// should know what may have changed.
fn save(
    session: &mut Session<'_>,
    scorecard: &mut Scorecard,
    alert: &Alert,
    kind: ChangeKind,
    detail: &Value,
) -> Result<(), AppError> {
    let by = (session.caller.id().to_owned(), session.caller.name.clone());
    alerts::put(session.conn, alert, session.now)?;
    append(session.conn, &alert.id, kind, Some(by), detail, session.now)?;
    scorecard.revision = scorecard_rows::bump(session.conn, &scorecard.id, session.now)?;
    if let Some(mut appointment) = agenda::find(session.conn, &scorecard.id)? {
        appointment.due_at = appointment.due_at.min(session.now);
        agenda::put(session.conn, &scorecard.id, &appointment)?;
    }
    Ok(())
}

fn record(
    session: &mut Session<'_>,
    action: Action,
    scorecard: &Scorecard,
    alert: &Alert,
    detail: &Value,
) -> Result<(), AppError> {
    let subject = Subject::alert(alert.id.as_str(), scorecard);
    audit::record(session, action, subject, detail)
}

//! The state of a reported month: the prefecture approves (locks), returns, or
//! reopens it.

use chrono::{DateTime, Duration, Utc};
use serde_json::json;

use super::actuals::{MonthCompleteness, month_completeness};
use super::audit::{self, Action, Subject};
use super::scorecards::demand_revision;
use super::{AppError, Conflict, Session, plans};
use crate::domain::issue::{Issue, IssueCode};
use crate::domain::month::{Month, ProgrammeMonth, end_of_day};
pub use crate::domain::month_state::MonthState;
use crate::domain::month_state::{MonthAct, MonthOutcome, MonthPhase, outcome};
use crate::domain::scorecard::Settings;
use crate::domain::text::Text;
use crate::storage::actuals;
use crate::storage::months::{self, MonthChange, MonthRecord};
use crate::storage::scorecards::{self as scorecard_rows, Scorecard};

/// Days for which a month can be reopened at most.
pub const REOPEN_DAYS_MAX: i64 = 90;

/// Where a month stands at an instant; without a record it is open.
#[must_use]
pub fn phase(row: Option<&MonthRecord>, now: DateTime<Utc>) -> MonthPhase {
    row.map_or(MonthPhase::Open, |row| {
        MonthPhase::at(row.state, row.reopened_until, now)
    })
}

/// [`phase`] as answers show it.
#[must_use]
pub fn effective_state(row: Option<&MonthRecord>, now: DateTime<Utc>) -> MonthState {
    phase(row, now).state()
}

/// The first instant after the due day of a month, in Japan.
#[must_use]
pub fn due_moment(month: Month, settings: &Settings) -> DateTime<Utc> {
    end_of_day(settings.due_on(month))
}

/// What the prefecture decides about a month.
#[derive(Clone, Debug)]
pub enum Decision {
    Approve {
        note: Option<String>,
    },
    Return {
        note: String,
    },
    Reopen {
        reason: String,
        until: DateTime<Utc>,
    },
}

impl Decision {
    const fn act(&self) -> MonthAct {
        match self {
            Self::Approve { .. } => MonthAct::Approve,
            Self::Return { .. } => MonthAct::Return,
            Self::Reopen { .. } => MonthAct::Reopen,
        }
    }

    const fn action(&self) -> Action {
        match self {
            Self::Approve { .. } => Action::MonthApproved,
            Self::Return { .. } => Action::MonthReturned,
            Self::Reopen { .. } => Action::MonthReopened,
        }
    }
}

/// A month after a decision.
#[derive(Clone, Debug)]
pub struct Decided {
    pub revision: i64,
    pub month: Month,
    pub state: MonthState,
    pub row: Option<MonthRecord>,
    pub completeness: MonthCompleteness,
}

/// Applies a decision to a month of a locked scorecard. What is so already
/// stays unchanged; only an approved month can be reopened.
///
/// # Errors
/// `Invalid` for a month outside the programme, one that has not ended, or an
/// end in the past or too far ahead; `Stale`.
pub fn decide(
    session: &mut Session<'_>,
    mut scorecard: Scorecard,
    month: Month,
    decision: &Decision,
    expected: Option<i64>,
) -> Result<Decided, AppError> {
    check(session, &scorecard, month, decision)?;
    demand_revision(&scorecard, expected)?;
    let before = months::find(session.conn, &scorecard.id, month)?;
    let from = phase(before.as_ref(), session.now);
    match outcome(from, decision.act()) {
        MonthOutcome::Becomes(to) => {
            write(session, &mut scorecard, month, (from, to), decision)?;
        }
        MonthOutcome::Unchanged => {}
        MonthOutcome::Refused => return Err(AppError::conflict(Conflict::MonthApproved(month))),
    }
    let row = months::find(session.conn, &scorecard.id, month)?;
    let plans = plans::history(session, &scorecard)?;
    let ledger = actuals::ledger(session.conn, &scorecard.id, scorecard.start, Some(month))?;
    Ok(Decided {
        revision: scorecard.revision,
        month,
        state: effective_state(row.as_ref(), session.now),
        completeness: month_completeness(
            plans.in_force(month),
            &ledger,
            month,
            row.as_ref(),
            session,
        ),
        row,
    })
}

fn write(
    session: &mut Session<'_>,
    scorecard: &mut Scorecard,
    month: Month,
    (from, to): (MonthPhase, MonthPhase),
    decision: &Decision,
) -> Result<(), AppError> {
    let (note, until) = match decision {
        Decision::Approve { note } => (note.clone(), None),
        Decision::Return { note } => (Some(note.clone()), None),
        Decision::Reopen { reason, until } => (Some(reason.clone()), Some(*until)),
    };
    scorecard.revision = scorecard_rows::bump(session.conn, &scorecard.id, session.now)?;
    let change = MonthChange {
        revision: scorecard.revision,
        month,
        at: session.now,
        by_id: session.caller.id().to_owned(),
        by_name: session.caller.name.clone(),
        before: from.state(),
        after: to.state(),
        note,
        reopened_until: until,
    };
    months::change(session.conn, &scorecard.id, &change)?;
    let detail = json!({ "month": month, "revision": scorecard.revision, "note": change.note, "until": until });
    audit::record(
        session,
        decision.action(),
        Subject::scorecard(scorecard),
        &detail,
    )
}

fn check(
    session: &Session<'_>,
    scorecard: &Scorecard,
    month: Month,
    decision: &Decision,
) -> Result<(), AppError> {
    let mut issues = Vec::new();
    if ProgrammeMonth::of(month, scorecard.start).is_none() {
        issues.push(Issue::error(
            IssueCode::MonthBeforeStart,
            "/path/month",
            Text::new(
                format!("{month} は開始月 {} より前です。", scorecard.start),
                format!(
                    "{month} is before the scorecard's first month, {}.",
                    scorecard.start
                ),
            ),
        ));
    } else if !month.has_ended(session.now) {
        issues.push(Issue::error(
            IssueCode::MonthNotEnded,
            "/path/month",
            Text::new(
                format!("{month} はまだ終わっていません。"),
                format!("{month} has not ended yet."),
            ),
        ));
    }
    if let Decision::Reopen { until, .. } = decision {
        let latest = session.now + Duration::days(REOPEN_DAYS_MAX);
        if *until <= session.now || *until > latest {
            issues.push(Issue::error(
                IssueCode::OutOfRange,
                "/until",
                Text::new(
                    format!(
                        "再開の期限は、今から {REOPEN_DAYS_MAX} 日以内の将来の日時にしてください。"
                    ),
                    format!(
                        "Reopen until a time in the future, at most {REOPEN_DAYS_MAX} days ahead."
                    ),
                ),
            ));
        }
    }
    if issues.is_empty() {
        Ok(())
    } else {
        Err(AppError::Invalid(issues))
    }
}

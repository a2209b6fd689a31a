//! When each scorecard is to be looked at next, because time alone changes
//! what somebody should know.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;

use super::conn::Conn;
use super::error::StorageError;
use super::schema::agenda;
use crate::domain::ids::ScorecardId;

/// What a scorecard waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Appointment {
    /// When to look at it.
    pub due_at: DateTime<Utc>,
    /// When the notice of its latest reports leaves, if one is waiting.
    pub notice_at: Option<DateTime<Utc>>,
    /// The version of the rules by which its alerts were found.
    pub rules: i64,
}

pub fn find(conn: &mut Conn, scorecard: &ScorecardId) -> Result<Option<Appointment>, StorageError> {
    let row: Option<(NaiveDateTime, Option<NaiveDateTime>, i64)> = agenda::table
        .find(scorecard.as_str())
        .select((agenda::due_at, agenda::notice_at, agenda::rules))
        .first(conn)
        .optional()?;
    Ok(row.map(|(due_at, notice_at, rules)| Appointment {
        rules,
        due_at: due_at.and_utc(),
        notice_at: notice_at.map(|at| at.and_utc()),
    }))
}

/// Writes a scorecard's appointment. The scorecard is locked.
pub fn put(
    conn: &mut Conn,
    scorecard: &ScorecardId,
    appointment: &Appointment,
) -> Result<(), StorageError> {
    let values = (
        agenda::due_at.eq(appointment.due_at.naive_utc()),
        agenda::notice_at.eq(appointment.notice_at.map(|at| at.naive_utc())),
        agenda::rules.eq(appointment.rules),
    );
    let updated = diesel::update(agenda::table.find(scorecard.as_str()))
        .set(values)
        .execute(conn)?;
    if updated == 0 {
        diesel::insert_into(agenda::table)
            .values((agenda::scorecard_id.eq(scorecard.as_str()), values))
            .execute(conn)?;
    }
    Ok(())
}

/// Scorecards whose time has come, the longest waiting first.
pub fn due(
    conn: &mut Conn,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<ScorecardId>, StorageError> {
    let ids: Vec<String> = agenda::table
        .filter(agenda::due_at.le(now.naive_utc()))
        .order((agenda::due_at, agenda::scorecard_id))
        .select(agenda::scorecard_id)
        .limit(limit)
        .load(conn)?;
    Ok(ids.into_iter().map(ScorecardId).collect())
}

/// When the next scorecard's time comes, after `now`.
pub fn next_after(
    conn: &mut Conn,
    now: DateTime<Utc>,
) -> Result<Option<DateTime<Utc>>, StorageError> {
    let at: Option<NaiveDateTime> = agenda::table
        .filter(agenda::due_at.gt(now.naive_utc()))
        .select(diesel::dsl::min(agenda::due_at))
        .first(conn)?;
    Ok(at.map(|at| at.and_utc()))
}

/// Makes every scorecard due whose alerts were found by other rules. Returns
/// how many.
pub fn call_up(conn: &mut Conn, rules: i64, now: DateTime<Utc>) -> Result<usize, StorageError> {
    Ok(diesel::update(agenda::table)
        .filter(agenda::rules.ne(rules))
        .filter(agenda::due_at.gt(now.naive_utc()))
        .set(agenda::due_at.eq(now.naive_utc()))
        .execute(conn)?)
}

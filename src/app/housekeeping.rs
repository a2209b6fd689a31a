//! What may be forgotten: answers kept under idempotency keys, and refresh
//! tokens that have expired. Histories are never shortened.

use chrono::{DateTime, Duration, Utc};

use super::AppError;
use crate::storage::{Db, idempotency, refresh_tokens};

/// Days for which an answer is kept under its idempotency key.
pub const KEPT_ANSWER_DAYS: i64 = 30;

/// Deletes what is out of date; returns how many rows.
///
/// # Errors
/// Those of the storage.
pub fn forget_expired(db: &Db, now: DateTime<Utc>) -> Result<usize, AppError> {
    db.write(|conn| {
        let answers = idempotency::delete_older(conn, now - Duration::days(KEPT_ANSWER_DAYS))?;
        let tokens = refresh_tokens::delete_expired(conn, now)?;
        Ok(answers + tokens)
    })
}

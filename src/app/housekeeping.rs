//! What may be forgotten: answers kept under idempotency keys, refresh tokens
//! and signing secrets that have expired, and what was sent long ago. Histories
//! are never shortened.

use chrono::{DateTime, Duration, Months, Utc};

use super::AppError;
use crate::storage::{Db, delivery_log, idempotency, refresh_tokens, subscriptions};

/// Days for which an answer is kept under its idempotency key.
pub const KEPT_ANSWER_DAYS: i64 = 30;
/// Months for which a delivery is kept after it ended.
pub const KEPT_DELIVERY_MONTHS: u32 = 13;
/// Deliveries forgotten at once, so that no other writer waits for long.
const FORGOTTEN_AT_ONCE: i64 = 1_000;

/// Deletes what is out of date; returns how many rows.
///
/// # Errors
/// Those of the storage.
pub fn forget_expired(db: &Db, now: DateTime<Utc>) -> Result<usize, AppError> {
    db.write(|conn| {
        let answers = idempotency::delete_older(conn, now - Duration::days(KEPT_ANSWER_DAYS))?;
        let tokens = refresh_tokens::delete_expired(conn, now)?;
        let secrets = subscriptions::forget_expired_secrets(conn, now)?;
        let sent = now
            .checked_sub_months(Months::new(KEPT_DELIVERY_MONTHS))
            .map_or(Ok(0), |before| {
                delivery_log::forget_ended(conn, before, FORGOTTEN_AT_ONCE)
            })?;
        Ok(answers + tokens + secrets + sent)
    })
}

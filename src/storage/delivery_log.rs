//! What became of deliveries: their attempts, what was missed, and forgetting.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;

use super::conn::Conn;
use super::deliveries::Attempt;
use super::error::StorageError;
use super::schema::{deliveries, delivery_alerts, delivery_attempts};
use super::stored;
use crate::domain::delivery::DeliveryState;
use crate::domain::ids::{DeliveryId, SubscriptionId};

/// Every attempt of a delivery, in order.
pub fn attempts(conn: &mut Conn, id: &DeliveryId) -> Result<Vec<Attempt>, StorageError> {
    type Row = (
        i64,
        NaiveDateTime,
        i64,
        String,
        Option<i64>,
        Option<String>,
        Option<String>,
    );
    let rows: Vec<Row> = delivery_attempts::table
        .filter(delivery_attempts::delivery_id.eq(id.as_str()))
        .select((
            delivery_attempts::number,
            delivery_attempts::started_at,
            delivery_attempts::milliseconds,
            delivery_attempts::outcome,
            delivery_attempts::status,
            delivery_attempts::error,
            delivery_attempts::excerpt,
        ))
        .order(delivery_attempts::number)
        .load(conn)?;
    rows.into_iter()
        .map(
            |(number, started_at, milliseconds, outcome, status, error, excerpt)| {
                Ok(Attempt {
                    number: stored::count("delivery_attempts", number)?,
                    started_at: started_at.and_utc(),
                    milliseconds,
                    outcome,
                    status,
                    error,
                    excerpt,
                })
            },
        )
        .collect()
}

/// How often an event was put into the outbox for a destination since a time,
/// each time counted once, however many recipients it has.
pub fn count_since(
    conn: &mut Conn,
    subscription: &SubscriptionId,
    event: &str,
    since: DateTime<Utc>,
) -> Result<i64, StorageError> {
    let times: i64 = deliveries::table
        .filter(deliveries::subscription_id.eq(subscription.as_str()))
        .filter(deliveries::event.eq(event))
        .filter(deliveries::created_at.gt(since.naive_utc()))
        .select(diesel::dsl::count(deliveries::created_at).aggregate_distinct())
        .first(conn)?;
    Ok(times)
}

/// What a destination missed since a time: ended without arriving, oldest first.
pub fn missed(
    conn: &mut Conn,
    subscription: &SubscriptionId,
    since: Option<DateTime<Utc>>,
) -> Result<Vec<DeliveryId>, StorageError> {
    let mut query = deliveries::table
        .filter(deliveries::subscription_id.eq(subscription.as_str()))
        .filter(deliveries::state.eq_any([
            DeliveryState::Exhausted.code(),
            DeliveryState::Failed.code(),
            DeliveryState::Parked.code(),
        ]))
        .select(deliveries::id)
        .order((deliveries::created_at, deliveries::id))
        .into_boxed();
    if let Some(since) = since {
        query = query.filter(deliveries::created_at.ge(since.naive_utc()));
    }
    let ids: Vec<String> = query.load(conn)?;
    Ok(ids.into_iter().map(DeliveryId).collect())
}

/// Forgets what ended before a time, with its attempts. Returns how many.
pub fn forget_ended(
    conn: &mut Conn,
    before: DateTime<Utc>,
    limit: i64,
) -> Result<usize, StorageError> {
    let ids: Vec<String> = deliveries::table
        .filter(deliveries::ended_at.lt(before.naive_utc()))
        .select(deliveries::id)
        .limit(limit)
        .load(conn)?;
    diesel::delete(delivery_attempts::table)
        .filter(delivery_attempts::delivery_id.eq_any(&ids))
        .execute(conn)?;
    diesel::delete(delivery_alerts::table)
        .filter(delivery_alerts::delivery_id.eq_any(&ids))
        .execute(conn)?;
    Ok(diesel::delete(deliveries::table)
        .filter(deliveries::id.eq_any(&ids))
        .execute(conn)?)
}

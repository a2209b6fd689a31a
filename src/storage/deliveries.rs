//! The outbox: what is on its way to a destination, and every attempt.
//!
//! Guarantees: a delivery is stored in the transaction of what it tells, so
//! neither exists without the other. At most one worker holds its lease at a
//! time; who lost the lease (its token has moved on) changes nothing any more.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeDelta, Utc};
use diesel::helper_types::IntoBoxed;
use diesel::prelude::*;

use super::conn::{Conn, MultiBackend, columns};
use super::error::StorageError;
use super::schema::{deliveries, delivery_alerts, delivery_attempts};
use super::stored::{self, Selecting};
use crate::domain::delivery::DeliveryState;
use crate::domain::ids::{AlertId, DeliveryId, ScorecardId, SubscriptionId};
use crate::domain::month::Month;

/// Due deliveries looked at for one claim; those of busy destinations and those
/// that wait for an earlier one are passed over.
const CANDIDATES: i64 = 200;

/// A delivery as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// The `webhook-id`, the same on every attempt.
    pub id: DeliveryId,
    pub subscription: SubscriptionId,
    /// Of an e-mail: what stands for its recipient's address.
    pub recipient: Option<String>,
    pub scorecard: Option<ScorecardId>,
    /// Order among what one destination is told about one scorecard.
    pub sequence: i64,
    pub event: String,
    pub month: Option<Month>,
    /// What is sent, as it was written once.
    pub message: String,
    pub state: DeliveryState,
    pub due_at: DateTime<Utc>,
    pub attempts: u32,
    pub created_at: DateTime<Utc>,
    pub ended_at: Option<DateTime<Utc>>,
    /// Rises with every lease.
    pub lease_token: i64,
}

/// One try, for the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    pub number: u32,
    pub started_at: DateTime<Utc>,
    pub milliseconds: i64,
    pub outcome: String,
    /// HTTP status or SMTP code.
    pub status: Option<i64>,
    /// Class of the error.
    pub error: Option<String>,
    pub excerpt: Option<String>,
}

/// A delivery's place in lists.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Position {
    pub created_at: DateTime<Utc>,
    pub id: DeliveryId,
}

impl Position {
    #[must_use]
    pub fn of(delivery: &Delivery) -> Self {
        Self {
            created_at: delivery.created_at,
            id: delivery.id.clone(),
        }
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = deliveries)]
struct DeliveryRow {
    id: String,
    subscription_id: String,
    recipient: Option<String>,
    scorecard_id: Option<String>,
    sequence: i64,
    event: String,
    month: Option<NaiveDate>,
    message: String,
    state: String,
    due_at: NaiveDateTime,
    attempts: i64,
    created_at: NaiveDateTime,
    ended_at: Option<NaiveDateTime>,
    lease_token: i64,
}

impl TryFrom<DeliveryRow> for Delivery {
    type Error = StorageError;

    fn try_from(row: DeliveryRow) -> Result<Self, StorageError> {
        const TABLE: &str = "deliveries";
        Ok(Self {
            id: DeliveryId(row.id),
            subscription: SubscriptionId(row.subscription_id),
            recipient: row.recipient,
            scorecard: row.scorecard_id.map(ScorecardId),
            sequence: row.sequence,
            event: row.event,
            month: row.month.map(|day| stored::month(TABLE, day)).transpose()?,
            message: row.message,
            state: stored::coded(TABLE, &row.state, DeliveryState::of_code)?,
            due_at: row.due_at.and_utc(),
            attempts: stored::count(TABLE, row.attempts)?,
            created_at: row.created_at.and_utc(),
            ended_at: row.ended_at.map(|at| at.and_utc()),
            lease_token: row.lease_token,
        })
    }
}

/// The next place in the order of what a destination is told about a scorecard.
/// Whoever asks has the scorecard locked, or tells nothing about one.
pub fn next_sequence(
    conn: &mut Conn,
    subscription: &SubscriptionId,
    scorecard: Option<&ScorecardId>,
) -> Result<i64, StorageError> {
    let Some(scorecard) = scorecard else {
        return Ok(1);
    };
    let last: Option<i64> = deliveries::table
        .filter(deliveries::subscription_id.eq(subscription.as_str()))
        .filter(deliveries::scorecard_id.eq(scorecard.as_str()))
        .select(diesel::dsl::max(deliveries::sequence))
        .first(conn)?;
    Ok(last.unwrap_or(0) + 1)
}

/// Puts a delivery into the outbox, with the alerts that it speaks of.
pub fn enqueue(
    conn: &mut Conn,
    delivery: &Delivery,
    alerts: &BTreeSet<AlertId>,
) -> Result<(), StorageError> {
    diesel::insert_into(deliveries::table)
        .values((
            deliveries::id.eq(delivery.id.as_str()),
            deliveries::subscription_id.eq(delivery.subscription.as_str()),
            deliveries::recipient.eq(&delivery.recipient),
            deliveries::scorecard_id.eq(delivery.scorecard.as_ref().map(ScorecardId::as_str)),
            deliveries::sequence.eq(delivery.sequence),
            deliveries::event.eq(&delivery.event),
            deliveries::month.eq(delivery.month.map(Month::first_day)),
            deliveries::message.eq(&delivery.message),
            deliveries::state.eq(delivery.state.code()),
            deliveries::due_at.eq(delivery.due_at.naive_utc()),
            deliveries::attempts.eq(i64::from(delivery.attempts)),
            deliveries::lease_token.eq(delivery.lease_token),
            deliveries::created_at.eq(delivery.created_at.naive_utc()),
        ))
        .execute(conn)?;
    for alert in alerts {
        diesel::insert_into(delivery_alerts::table)
            .values((
                delivery_alerts::alert_id.eq(alert.as_str()),
                delivery_alerts::delivery_id.eq(delivery.id.as_str()),
            ))
            .execute(conn)?;
    }
    Ok(())
}

/// Whether anything could be claimed at `now`.
pub fn has_due(conn: &mut Conn, now: DateTime<Utc>) -> Result<bool, StorageError> {
    let now = now.naive_utc();
    let waiting: Option<String> = deliveries::table
        .filter(
            deliveries::state
                .eq_any([
                    DeliveryState::Queued.code(),
                    DeliveryState::RetryWait.code(),
                ])
                .and(deliveries::due_at.le(now))
                .or(deliveries::state
                    .eq(DeliveryState::Leased.code())
                    .and(deliveries::leased_until.assume_not_null().le(now))),
        )
        .select(deliveries::id)
        .first(conn)
        .optional()?;
    Ok(waiting.is_some())
}

/// Which deliveries a worker may take.
#[derive(Clone, Debug)]
pub struct Claim<'a> {
    pub owner: &'a str,
    pub now: DateTime<Utc>,
    pub lease_until: DateTime<Utc>,
    /// Free places at each destination that has fewer than usual.
    pub places: &'a BTreeMap<SubscriptionId, usize>,
    /// Free places at every other destination.
    pub places_each: usize,
    pub limit: usize,
}

/// Leases due deliveries: those queued or waiting to be retried, and those whose
/// worker let its lease run out. What one destination is told about one
/// scorecard goes in order: nothing leaves while an earlier one has never been
/// tried, or is being sent.
pub fn claim(conn: &mut Conn, claim: &Claim<'_>) -> Result<Vec<Delivery>, StorageError> {
    let mut places = claim.places.clone();
    let mut claimed = Vec::new();
    // Who has its places taken, or waits for its own order, must not hide others.
    let mut passed_over: BTreeSet<SubscriptionId> = BTreeSet::new();
    loop {
        let taken = places
            .iter()
            .filter(|(_, left)| **left == 0)
            .map(|(id, _)| id);
        let full: Vec<&str> = passed_over
            .iter()
            .chain(taken)
            .map(SubscriptionId::as_str)
            .collect();
        let candidates = candidates(conn, claim.now, &full)?;
        let is_last = i64::try_from(candidates.len()).is_ok_and(|count| count < CANDIDATES);
        let ahead = untried(conn, &candidates)?;
        for delivery in candidates {
            let waits = delivery.scorecard.is_some()
                && ahead
                    .get(&stream_of(&delivery))
                    .is_some_and(|first| *first < delivery.sequence);
            let left = places
                .entry(delivery.subscription.clone())
                .or_insert(claim.places_each);
            if claimed.len() == claim.limit {
                return Ok(claimed);
            }
            passed_over.insert(delivery.subscription.clone());
            if !waits && *left > 0 {
                *left -= 1;
                claimed.push(lease(conn, delivery, claim)?);
            }
        }
        if is_last {
            return Ok(claimed);
        }
    }
}

fn lease(
    conn: &mut Conn,
    mut delivery: Delivery,
    claim: &Claim<'_>,
) -> Result<Delivery, StorageError> {
    delivery.lease_token += 1;
    delivery.state = DeliveryState::Leased;
    diesel::update(deliveries::table.find(delivery.id.as_str()))
        .set((
            deliveries::state.eq(DeliveryState::Leased.code()),
            deliveries::lease_owner.eq(claim.owner),
            deliveries::lease_token.eq(delivery.lease_token),
            deliveries::leased_until.eq(claim.lease_until.naive_utc()),
        ))
        .execute(conn)?;
    Ok(delivery)
}

/// What belongs in order: destination, recipient, scorecard.
type Stream = (String, Option<String>, Option<String>);

fn stream_of(delivery: &Delivery) -> Stream {
    (
        delivery.subscription.to_string(),
        delivery.recipient.clone(),
        delivery.scorecard.as_ref().map(ToString::to_string),
    )
}

fn candidates(
    conn: &mut Conn,
    now: DateTime<Utc>,
    full: &[&str],
) -> Result<Vec<Delivery>, StorageError> {
    let now = now.naive_utc();
    // The same text twice: skipping locked rows exists on one database only.
    macro_rules! due {
        () => {
            deliveries::table
                .filter(
                    deliveries::state
                        .eq_any([
                            DeliveryState::Queued.code(),
                            DeliveryState::RetryWait.code(),
                        ])
                        .and(deliveries::due_at.le(now))
                        .or(deliveries::state
                            .eq(DeliveryState::Leased.code())
                            .and(deliveries::leased_until.le(now))),
                )
                .filter(deliveries::subscription_id.ne_all(full))
                .order((deliveries::due_at, deliveries::sequence, deliveries::id))
                .limit(CANDIDATES)
        };
    }
    let rows: Vec<DeliveryRow> = match conn {
        Conn::Postgres(conn) => {
            let ids: Vec<String> = due!()
                .select(deliveries::id)
                .for_update()
                .skip_locked()
                .load(conn)?;
            deliveries::table
                .filter(deliveries::id.eq_any(ids))
                .order((deliveries::due_at, deliveries::sequence, deliveries::id))
                .select(columns_of_delivery())
                .load(conn)?
        }
        Conn::Sqlite(conn) => due!().select(columns_of_delivery()).load(conn)?,
    };
    rows.into_iter().map(Delivery::try_from).collect()
}

fn columns_of_delivery() -> <DeliveryRow as Selectable<MultiBackend>>::SelectExpression {
    columns::<DeliveryRow>()
}

/// The first place in each stream that has never been tried or is being sent.
fn untried(
    conn: &mut Conn,
    candidates: &[Delivery],
) -> Result<BTreeMap<Stream, i64>, StorageError> {
    let of: BTreeSet<&str> = candidates
        .iter()
        .filter(|delivery| delivery.scorecard.is_some())
        .map(|delivery| delivery.subscription.as_str())
        .collect();
    let rows: Vec<(String, Option<String>, Option<String>, i64)> = deliveries::table
        .filter(deliveries::subscription_id.eq_any(of))
        .filter(
            deliveries::state.eq_any([DeliveryState::Queued.code(), DeliveryState::Leased.code()]),
        )
        .filter(deliveries::scorecard_id.is_not_null())
        .select((
            deliveries::subscription_id,
            deliveries::recipient,
            deliveries::scorecard_id,
            deliveries::sequence,
        ))
        .load(conn)?;
    let mut first = BTreeMap::new();
    for (subscription, recipient, scorecard, sequence) in rows {
        let earliest = first
            .entry((subscription, recipient, scorecard))
            .or_insert(sequence);
        *earliest = sequence.min(*earliest);
    }
    Ok(first)
}

/// Where a delivery stands after an attempt.
#[derive(Clone, Debug)]
pub struct Settled<'a> {
    pub state: DeliveryState,
    /// When to try again.
    pub due_at: DateTime<Utc>,
    pub at: DateTime<Utc>,
    pub attempt: &'a Attempt,
}

/// Ends a lease with the outcome of its attempt. `false` where the lease was
/// lost meanwhile: then nothing is changed.
pub fn settle(
    conn: &mut Conn,
    id: &DeliveryId,
    lease_token: i64,
    settled: &Settled<'_>,
) -> Result<bool, StorageError> {
    let ended = settled.state.is_final().then(|| settled.at.naive_utc());
    let updated = diesel::update(deliveries::table.find(id.as_str()))
        .filter(deliveries::lease_token.eq(lease_token))
        .filter(deliveries::state.eq(DeliveryState::Leased.code()))
        .set((
            deliveries::state.eq(settled.state.code()),
            deliveries::due_at.eq(settled.due_at.naive_utc()),
            deliveries::attempts.eq(i64::from(settled.attempt.number)),
            deliveries::lease_owner.eq(None::<String>),
            deliveries::leased_until.eq(None::<NaiveDateTime>),
            deliveries::ended_at.eq(ended),
        ))
        .execute(conn)?;
    if updated == 0 {
        return Ok(false);
    }
    let attempt = settled.attempt;
    diesel::insert_into(delivery_attempts::table)
        .values((
            delivery_attempts::delivery_id.eq(id.as_str()),
            delivery_attempts::number.eq(i64::from(attempt.number)),
            delivery_attempts::started_at.eq(attempt.started_at.naive_utc()),
            delivery_attempts::milliseconds.eq(attempt.milliseconds),
            delivery_attempts::outcome.eq(&attempt.outcome),
            delivery_attempts::status.eq(attempt.status),
            delivery_attempts::error.eq(&attempt.error),
            delivery_attempts::excerpt.eq(&attempt.excerpt),
        ))
        .execute(conn)?;
    Ok(true)
}

/// Gives back what an owner has leased and not sent (`None`: whoever had it).
pub fn release(conn: &mut Conn, owner: Option<&str>) -> Result<usize, StorageError> {
    let mut of = deliveries::table
        .filter(deliveries::state.eq(DeliveryState::Leased.code()))
        .select(deliveries::id)
        .into_boxed();
    if let Some(owner) = owner {
        of = of.filter(deliveries::lease_owner.eq(owner.to_owned()));
    }
    let ids: Vec<String> = of.load(conn)?;
    Ok(
        diesel::update(deliveries::table.filter(deliveries::id.eq_any(ids)))
            .filter(deliveries::state.eq(DeliveryState::Leased.code()))
            .set((
                deliveries::state.eq(DeliveryState::Queued.code()),
                deliveries::lease_owner.eq(None::<String>),
                deliveries::leased_until.eq(None::<NaiveDateTime>),
            ))
            .execute(conn)?,
    )
}

/// Ends what a destination has waiting: parked where it is disabled, cancelled
/// where it is deleted. Returns how many.
pub fn end_waiting(
    conn: &mut Conn,
    subscription: &SubscriptionId,
    state: DeliveryState,
    at: DateTime<Utc>,
) -> Result<usize, StorageError> {
    Ok(diesel::update(deliveries::table)
        .filter(deliveries::subscription_id.eq(subscription.as_str()))
        .filter(deliveries::state.eq_any([
            DeliveryState::Queued.code(),
            DeliveryState::Leased.code(),
            DeliveryState::RetryWait.code(),
        ]))
        .set((
            deliveries::state.eq(state.code()),
            deliveries::lease_owner.eq(None::<String>),
            deliveries::leased_until.eq(None::<NaiveDateTime>),
            deliveries::ended_at.eq(at.naive_utc()),
        ))
        .execute(conn)?)
}

type Deliveries<'a> = IntoBoxed<'a, Selecting<deliveries::table, DeliveryRow>, MultiBackend>;

fn all<'a>() -> Deliveries<'a> {
    deliveries::table
        .select(columns::<DeliveryRow>())
        .into_boxed()
}

pub fn find(conn: &mut Conn, id: &DeliveryId) -> Result<Option<Delivery>, StorageError> {
    all()
        .filter(deliveries::id.eq(id.as_str()))
        .first::<DeliveryRow>(conn)
        .optional()?
        .map(Delivery::try_from)
        .transpose()
}

/// A page of what a destination was or will be sent, newest first.
pub fn list(
    conn: &mut Conn,
    subscription: &SubscriptionId,
    state: Option<DeliveryState>,
    before: Option<&Position>,
    limit: i64,
) -> Result<Vec<Delivery>, StorageError> {
    let mut query = all().filter(deliveries::subscription_id.eq(subscription.as_str()));
    if let Some(state) = state {
        query = query.filter(deliveries::state.eq(state.code()));
    }
    if let Some(Position { created_at, id }) = before {
        let at = created_at.naive_utc();
        query = query.filter(
            deliveries::created_at.lt(at).or(deliveries::created_at
                .eq(at)
                .and(deliveries::id.lt(id.as_str()))),
        );
    }
    query
        .order((deliveries::created_at.desc(), deliveries::id.desc()))
        .limit(limit)
        .load::<DeliveryRow>(conn)?
        .into_iter()
        .map(Delivery::try_from)
        .collect()
}

/// What was sent about an alert, oldest first.
pub fn about_alert(
    conn: &mut Conn,
    alert: &AlertId,
    known_at: Option<DateTime<Utc>>,
) -> Result<Vec<Delivery>, StorageError> {
    let ids = delivery_alerts::table
        .filter(delivery_alerts::alert_id.eq(alert.as_str()))
        .select(delivery_alerts::delivery_id);
    let mut query = all().filter(deliveries::id.eq_any(ids));
    if let Some(instant) = known_at {
        query = query.filter(deliveries::created_at.le(instant.naive_utc()));
    }
    let mut found: Vec<Delivery> = query
        .order((deliveries::created_at, deliveries::id))
        .load::<DeliveryRow>(conn)?
        .into_iter()
        .map(Delivery::try_from)
        .collect::<Result<_, _>>()?;
    if let Some(instant) = known_at {
        turn_back(conn, &mut found, instant)?;
    }
    Ok(found)
}

/// Deliveries as they were at an instant, by their attempts until then.
fn turn_back(
    conn: &mut Conn,
    found: &mut [Delivery],
    instant: DateTime<Utc>,
) -> Result<(), StorageError> {
    let ids: Vec<&str> = found.iter().map(|delivery| delivery.id.as_str()).collect();
    let attempts: Vec<(String, i64, NaiveDateTime, i64)> = delivery_attempts::table
        .filter(delivery_attempts::delivery_id.eq_any(ids))
        .filter(delivery_attempts::started_at.le(instant.naive_utc()))
        .select((
            delivery_attempts::delivery_id,
            delivery_attempts::number,
            delivery_attempts::started_at,
            delivery_attempts::milliseconds,
        ))
        .load(conn)?;
    let mut made: BTreeMap<String, u32> = BTreeMap::new();
    for (id, number, started_at, milliseconds) in attempts {
        if started_at.and_utc() + TimeDelta::milliseconds(milliseconds) <= instant {
            let count = made.entry(id).or_default();
            *count = (*count).max(stored::count("delivery_attempts", number)?);
        }
    }
    for delivery in found {
        delivery.attempts = made.get(delivery.id.as_str()).copied().unwrap_or(0);
        if delivery.ended_at.is_none_or(|ended| ended > instant) {
            delivery.ended_at = None;
            delivery.state = match delivery.attempts {
                0 => DeliveryState::Queued,
                _ => DeliveryState::RetryWait,
            };
        }
    }
    Ok(())
}

/// Sends again, from now, what had come to an end: the same identifier, the
/// same bytes. Returns how many.
pub fn replay(
    conn: &mut Conn,
    ids: &[DeliveryId],
    now: DateTime<Utc>,
) -> Result<usize, StorageError> {
    let ids: Vec<&str> = ids.iter().map(DeliveryId::as_str).collect();
    Ok(diesel::update(deliveries::table)
        .filter(deliveries::id.eq_any(ids))
        .filter(
            deliveries::state.ne_all([DeliveryState::Queued.code(), DeliveryState::Leased.code()]),
        )
        .set((
            deliveries::state.eq(DeliveryState::Queued.code()),
            deliveries::due_at.eq(now.naive_utc()),
            deliveries::ended_at.eq(None::<NaiveDateTime>),
        ))
        .execute(conn)?)
}

/// How many deliveries there are in each state.
pub fn depth(conn: &mut Conn) -> Result<BTreeMap<DeliveryState, i64>, StorageError> {
    let rows: Vec<(String, i64)> = deliveries::table
        .group_by(deliveries::state)
        .select((deliveries::state, diesel::dsl::count_star()))
        .load(conn)?;
    rows.into_iter()
        .map(|(code, count)| {
            Ok((
                stored::coded("deliveries", &code, DeliveryState::of_code)?,
                count,
            ))
        })
        .collect()
}

/// When the next delivery is due, or the next lease ends, after `now`.
pub fn next_after(
    conn: &mut Conn,
    now: DateTime<Utc>,
) -> Result<Option<DateTime<Utc>>, StorageError> {
    let now = now.naive_utc();
    let waiting: Option<NaiveDateTime> = deliveries::table
        .filter(deliveries::state.eq_any([
            DeliveryState::Queued.code(),
            DeliveryState::RetryWait.code(),
        ]))
        .filter(deliveries::due_at.gt(now))
        .select(diesel::dsl::min(deliveries::due_at))
        .first(conn)?;
    let leased: Option<NaiveDateTime> = deliveries::table
        .filter(deliveries::state.eq(DeliveryState::Leased.code()))
        .filter(deliveries::leased_until.gt(now))
        .select(diesel::dsl::min(deliveries::leased_until))
        .first(conn)?;
    Ok(waiting
        .into_iter()
        .chain(leased)
        .min()
        .map(|at| at.and_utc()))
}

/// When what is due longest became due.
pub fn oldest_due(conn: &mut Conn) -> Result<Option<DateTime<Utc>>, StorageError> {
    let waiting: Option<NaiveDateTime> = deliveries::table
        .filter(deliveries::state.eq_any([
            DeliveryState::Queued.code(),
            DeliveryState::RetryWait.code(),
        ]))
        .select(diesel::dsl::min(deliveries::due_at))
        .first(conn)?;
    Ok(waiting.map(|at| at.and_utc()))
}

/// Ends a leased delivery that nobody is to get any more.
pub fn cancel(conn: &mut Conn, id: &DeliveryId, at: DateTime<Utc>) -> Result<(), StorageError> {
    diesel::update(deliveries::table.find(id.as_str()))
        .set((
            deliveries::state.eq(DeliveryState::Cancelled.code()),
            deliveries::lease_owner.eq(None::<String>),
            deliveries::leased_until.eq(None::<NaiveDateTime>),
            deliveries::ended_at.eq(at.naive_utc()),
        ))
        .execute(conn)?;
    Ok(())
}

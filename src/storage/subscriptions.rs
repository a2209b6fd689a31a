//! Destinations of notices, and the secrets that sign what is sent to them.
//! Addresses and secrets arrive here encrypted.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::helper_types::IntoBoxed;
use diesel::prelude::*;

use super::conn::{Conn, MultiBackend, columns};
use super::error::StorageError;
use super::schema::{hubs, subscription_secrets, subscriptions};
use super::stored::{self, IDS_PER_QUERY, Selecting};
use crate::domain::access::Scope;
use crate::domain::delivery::{Cadence, Channel, DisabledReason, Filter, SubscriptionState};
use crate::domain::ids::SubscriptionId;
use crate::domain::organisation::Hub;
use crate::domain::text::Language;

/// A destination as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subscription {
    pub id: SubscriptionId,
    /// Whose scorecards it is told about.
    pub scope: Scope,
    pub name: String,
    pub channel: Channel,
    /// The address as it may be shown: without its secret parts.
    pub address: String,
    /// The address with everything, encrypted.
    pub endpoint: String,
    pub filter: Filter,
    pub cadence: Cadence,
    pub language: Language,
    /// Business days without an acknowledgement after which it is told.
    pub escalation_days: u32,
    /// Day of the month on which a digest leaves.
    pub digest_day: u32,
    pub next_digest_at: Option<DateTime<Utc>>,
    pub state: SubscriptionState,
    pub disabled_reason: Option<DisabledReason>,
    /// Since when nothing has arrived; one success clears it.
    pub failing_since: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
    pub created_by: String,
}

/// A signing secret, encrypted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredSecret {
    pub id: String,
    pub secret: String,
    pub created_at: DateTime<Utc>,
    /// Until when an old one still signs beside the new one.
    pub expires_at: Option<DateTime<Utc>>,
}

/// A destination's place in lists.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Position {
    pub id: SubscriptionId,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = subscriptions)]
struct SubscriptionRow {
    id: String,
    prefecture_code: Option<String>,
    hub_code: Option<String>,
    name: String,
    channel: String,
    address: String,
    endpoint: String,
    filter: String,
    cadence: String,
    language: String,
    escalation_days: i64,
    digest_day: i64,
    next_digest_at: Option<NaiveDateTime>,
    state: String,
    disabled_reason: Option<String>,
    failing_since: Option<NaiveDateTime>,
    created_at: NaiveDateTime,
    created_by: String,
}

impl TryFrom<SubscriptionRow> for Subscription {
    type Error = StorageError;

    fn try_from(row: SubscriptionRow) -> Result<Self, StorageError> {
        const TABLE: &str = "subscriptions";
        Ok(Self {
            id: SubscriptionId(row.id),
            scope: stored::scope(TABLE, row.prefecture_code, row.hub_code)?,
            name: row.name,
            channel: stored::coded(TABLE, &row.channel, Channel::of_code)?,
            address: row.address,
            endpoint: row.endpoint,
            filter: serde_json::from_str(&row.filter)
                .map_err(|error| StorageError::corrupt(TABLE, error.to_string()))?,
            cadence: stored::coded(TABLE, &row.cadence, Cadence::of_code)?,
            language: stored::coded(TABLE, &row.language, Language::of_code)?,
            escalation_days: stored::count(TABLE, row.escalation_days)?,
            digest_day: stored::count(TABLE, row.digest_day)?,
            next_digest_at: row.next_digest_at.map(|at| at.and_utc()),
            state: stored::coded(TABLE, &row.state, SubscriptionState::of_code)?,
            disabled_reason: row
                .disabled_reason
                .map(|code| stored::coded(TABLE, &code, DisabledReason::of_code))
                .transpose()?,
            failing_since: row.failing_since.map(|at| at.and_utc()),
            created_at: row.created_at.and_utc(),
            created_by: row.created_by,
        })
    }
}

type Subscriptions<'a> =
    IntoBoxed<'a, Selecting<subscriptions::table, SubscriptionRow>, MultiBackend>;

/// Those that a scope may see: its own, and those of the hubs in it.
fn in_scope(scope: &Scope) -> Subscriptions<'_> {
    let all = subscriptions::table
        .select(columns::<SubscriptionRow>())
        .filter(subscriptions::state.ne(SubscriptionState::Deleted.code()))
        .into_boxed();
    match scope {
        Scope::Nation => all,
        Scope::Prefecture(code) => {
            let its_hubs = hubs::table
                .filter(hubs::prefecture_code.eq(code.as_str()))
                .select(hubs::code);
            all.filter(
                subscriptions::prefecture_code
                    .eq(code.as_str())
                    .or(subscriptions::hub_code.assume_not_null().eq_any(its_hubs)),
            )
        }
        Scope::Hub(code) => all.filter(subscriptions::hub_code.eq(code.as_str())),
    }
}

pub fn find(
    conn: &mut Conn,
    id: &SubscriptionId,
    scope: &Scope,
) -> Result<Option<Subscription>, StorageError> {
    in_scope(scope)
        .filter(subscriptions::id.eq(id.as_str()))
        .first::<SubscriptionRow>(conn)
        .optional()?
        .map(Subscription::try_from)
        .transpose()
}

/// Several by identifier, deleted ones too, for their deliveries.
pub fn by_ids(conn: &mut Conn, ids: &[SubscriptionId]) -> Result<Vec<Subscription>, StorageError> {
    let ids: Vec<&str> = ids.iter().map(SubscriptionId::as_str).collect();
    let mut found = Vec::with_capacity(ids.len());
    for chunk in ids.chunks(IDS_PER_QUERY) {
        let rows: Vec<SubscriptionRow> = subscriptions::table
            .filter(subscriptions::id.eq_any(chunk))
            .select(columns::<SubscriptionRow>())
            .load(conn)?;
        for row in rows {
            found.push(Subscription::try_from(row)?);
        }
    }
    Ok(found)
}

/// A page of those that a scope may see, oldest first.
pub fn list(
    conn: &mut Conn,
    scope: &Scope,
    after: Option<&Position>,
    limit: i64,
) -> Result<Vec<Subscription>, StorageError> {
    let mut query = in_scope(scope);
    if let Some(Position { id }) = after {
        query = query.filter(subscriptions::id.gt(id.as_str()));
    }
    query
        .order(subscriptions::id)
        .limit(limit)
        .load::<SubscriptionRow>(conn)?
        .into_iter()
        .map(Subscription::try_from)
        .collect()
}

/// Lets one destination be made at a time, so that counting them says the truth
/// until the transaction ends.
pub fn lock_making(conn: &mut Conn) -> Result<(), StorageError> {
    if let Conn::Postgres(conn) = conn {
        diesel::sql_query(
            "SELECT pg_advisory_xact_lock(hashtextextended(current_schema() || ' subscriptions', 0))",
        )
        .execute(conn)?;
    }
    Ok(())
}

/// How many a scope itself has, without those of its parts.
pub fn count_of(conn: &mut Conn, scope: &Scope) -> Result<i64, StorageError> {
    let all = subscriptions::table
        .filter(subscriptions::state.ne(SubscriptionState::Deleted.code()))
        .select(diesel::dsl::count_star())
        .into_boxed();
    let of = match scope {
        Scope::Nation => all
            .filter(subscriptions::prefecture_code.is_null())
            .filter(subscriptions::hub_code.is_null()),
        Scope::Prefecture(code) => all.filter(subscriptions::prefecture_code.eq(code.as_str())),
        Scope::Hub(code) => all.filter(subscriptions::hub_code.eq(code.as_str())),
    };
    Ok(of.first(conn)?)
}

/// The active ones that are told about a hub, oldest first.
pub fn covering(conn: &mut Conn, hub: &Hub) -> Result<Vec<Subscription>, StorageError> {
    // NULL OR TRUE is true, and NULL alone filters out.
    let nation = subscriptions::prefecture_code
        .is_null()
        .and(subscriptions::hub_code.is_null());
    subscriptions::table
        .filter(subscriptions::state.eq(SubscriptionState::Active.code()))
        .filter(
            nation
                .or(subscriptions::prefecture_code
                    .assume_not_null()
                    .eq(hub.prefecture.code.as_str()))
                .or(subscriptions::hub_code
                    .assume_not_null()
                    .eq(hub.code.as_str())),
        )
        .select(columns::<SubscriptionRow>())
        .order(subscriptions::id)
        .load::<SubscriptionRow>(conn)?
        .into_iter()
        .map(Subscription::try_from)
        .collect()
}

/// The active ones of a scope itself and of those that contain it.
pub fn above(conn: &mut Conn, scope: &Scope) -> Result<Vec<Subscription>, StorageError> {
    if let Scope::Hub(code) = scope {
        let hub = super::hubs::find(conn, code)?.ok_or(StorageError::NotFound)?;
        return covering(conn, &hub);
    }
    let nation = subscriptions::prefecture_code
        .is_null()
        .and(subscriptions::hub_code.is_null());
    let mut query = subscriptions::table
        .filter(subscriptions::state.eq(SubscriptionState::Active.code()))
        .select(columns::<SubscriptionRow>())
        .order(subscriptions::id)
        .into_boxed();
    query = match scope {
        Scope::Prefecture(code) => query.filter(
            nation.or(subscriptions::prefecture_code
                .assume_not_null()
                .eq(code.as_str())),
        ),
        Scope::Nation | Scope::Hub(_) => query.filter(nation),
    };
    query
        .load::<SubscriptionRow>(conn)?
        .into_iter()
        .map(Subscription::try_from)
        .collect()
}

/// The active ones whose digest is due, the longest waiting first.
pub fn with_digest_due(
    conn: &mut Conn,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<SubscriptionId>, StorageError> {
    let ids: Vec<String> = subscriptions::table
        .filter(subscriptions::state.eq(SubscriptionState::Active.code()))
        .filter(subscriptions::next_digest_at.le(now.naive_utc()))
        .order((subscriptions::next_digest_at, subscriptions::id))
        .select(subscriptions::id)
        .limit(limit)
        .load(conn)?;
    Ok(ids.into_iter().map(SubscriptionId).collect())
}

/// Loads a destination to change it: nobody else gets past this call for it
/// until the transaction ends.
pub fn lock(
    conn: &mut Conn,
    id: &SubscriptionId,
    scope: &Scope,
) -> Result<Option<Subscription>, StorageError> {
    if let Conn::Postgres(conn) = conn {
        subscriptions::table
            .filter(subscriptions::id.eq(id.as_str()))
            .select(subscriptions::id)
            .for_no_key_update()
            .load::<String>(conn)?;
    }
    find(conn, id, scope)
}

/// Inserts a destination.
///
/// # Errors
/// [`StorageError::Reference`] where its prefecture or hub does not exist.
pub fn insert(conn: &mut Conn, subscription: &Subscription) -> Result<(), StorageError> {
    let (prefecture, hub) = stored::scope_columns(&subscription.scope);
    diesel::insert_into(subscriptions::table)
        .values((
            subscriptions::id.eq(subscription.id.as_str()),
            subscriptions::prefecture_code.eq(prefecture),
            subscriptions::hub_code.eq(hub),
            subscriptions::channel.eq(subscription.channel.code()),
            subscriptions::created_at.eq(subscription.created_at.naive_utc()),
            subscriptions::created_by.eq(&subscription.created_by),
            subscriptions::name.eq(&subscription.name),
            subscriptions::address.eq(&subscription.address),
            subscriptions::endpoint.eq(&subscription.endpoint),
            subscriptions::filter.eq(filter_text(&subscription.filter)?),
            subscriptions::cadence.eq(subscription.cadence.code()),
            subscriptions::language.eq(subscription.language.code()),
            subscriptions::escalation_days.eq(i64::from(subscription.escalation_days)),
            subscriptions::digest_day.eq(i64::from(subscription.digest_day)),
            subscriptions::next_digest_at.eq(subscription.next_digest_at.map(|at| at.naive_utc())),
            subscriptions::state.eq(subscription.state.code()),
            subscriptions::disabled_reason
                .eq(subscription.disabled_reason.map(DisabledReason::code)),
            subscriptions::failing_since.eq(subscription.failing_since.map(|at| at.naive_utc())),
        ))
        .execute(conn)?;
    Ok(())
}

/// Writes what can change of a destination.
///
/// # Errors
/// [`StorageError::NotFound`].
pub fn update(conn: &mut Conn, subscription: &Subscription) -> Result<(), StorageError> {
    let updated = diesel::update(subscriptions::table.find(subscription.id.as_str()))
        .set((
            subscriptions::name.eq(&subscription.name),
            subscriptions::address.eq(&subscription.address),
            subscriptions::endpoint.eq(&subscription.endpoint),
            subscriptions::filter.eq(filter_text(&subscription.filter)?),
            subscriptions::cadence.eq(subscription.cadence.code()),
            subscriptions::language.eq(subscription.language.code()),
            subscriptions::escalation_days.eq(i64::from(subscription.escalation_days)),
            subscriptions::digest_day.eq(i64::from(subscription.digest_day)),
            subscriptions::next_digest_at.eq(subscription.next_digest_at.map(|at| at.naive_utc())),
            subscriptions::state.eq(subscription.state.code()),
            subscriptions::disabled_reason
                .eq(subscription.disabled_reason.map(DisabledReason::code)),
            subscriptions::failing_since.eq(subscription.failing_since.map(|at| at.naive_utc())),
        ))
        .execute(conn)?;
    match updated {
        0 => Err(StorageError::NotFound),
        _ => Ok(()),
    }
}

fn filter_text(filter: &Filter) -> Result<String, StorageError> {
    serde_json::to_string(filter).map_err(StorageError::failed)
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = subscription_secrets)]
struct SecretRow {
    id: String,
    secret: String,
    created_at: NaiveDateTime,
    expires_at: Option<NaiveDateTime>,
}

impl From<SecretRow> for StoredSecret {
    fn from(row: SecretRow) -> Self {
        Self {
            id: row.id,
            secret: row.secret,
            created_at: row.created_at.and_utc(),
            expires_at: row.expires_at.map(|at| at.and_utc()),
        }
    }
}

pub fn insert_secret(
    conn: &mut Conn,
    subscription: &SubscriptionId,
    secret: &StoredSecret,
) -> Result<(), StorageError> {
    diesel::insert_into(subscription_secrets::table)
        .values((
            subscription_secrets::id.eq(&secret.id),
            subscription_secrets::subscription_id.eq(subscription.as_str()),
            subscription_secrets::secret.eq(&secret.secret),
            subscription_secrets::created_at.eq(secret.created_at.naive_utc()),
            subscription_secrets::expires_at.eq(secret.expires_at.map(|at| at.naive_utc())),
        ))
        .execute(conn)?;
    Ok(())
}

/// The secrets that still sign at `now`, newest first.
pub fn live_secrets(
    conn: &mut Conn,
    subscription: &SubscriptionId,
    now: DateTime<Utc>,
) -> Result<Vec<StoredSecret>, StorageError> {
    let mut found = live_secrets_of(conn, std::slice::from_ref(subscription), now)?;
    Ok(found.remove(subscription).unwrap_or_default())
}

/// The secrets of several destinations that still sign at `now`, newest first.
pub fn live_secrets_of(
    conn: &mut Conn,
    ids: &[SubscriptionId],
    now: DateTime<Utc>,
) -> Result<BTreeMap<SubscriptionId, Vec<StoredSecret>>, StorageError> {
    let ids: Vec<&str> = ids.iter().map(SubscriptionId::as_str).collect();
    let mut found: BTreeMap<SubscriptionId, Vec<StoredSecret>> = BTreeMap::new();
    for chunk in ids.chunks(IDS_PER_QUERY) {
        let rows: Vec<(String, SecretRow)> = subscription_secrets::table
            .filter(subscription_secrets::subscription_id.eq_any(chunk))
            .filter(
                subscription_secrets::expires_at
                    .is_null()
                    .or(subscription_secrets::expires_at.gt(now.naive_utc())),
            )
            .select((
                subscription_secrets::subscription_id,
                columns::<SecretRow>(),
            ))
            .order((
                subscription_secrets::created_at.desc(),
                subscription_secrets::id.desc(),
            ))
            .load(conn)?;
        for (id, row) in rows {
            found
                .entry(SubscriptionId(id))
                .or_default()
                .push(row.into());
        }
    }
    Ok(found)
}

/// Lets a secret sign until `at` and no longer.
pub fn expire_secret(conn: &mut Conn, id: &str, at: DateTime<Utc>) -> Result<(), StorageError> {
    diesel::update(subscription_secrets::table.find(id))
        .set(subscription_secrets::expires_at.eq(at.naive_utc()))
        .execute(conn)?;
    Ok(())
}

/// Forgets the secrets that no longer sign.
pub fn forget_expired_secrets(conn: &mut Conn, now: DateTime<Utc>) -> Result<usize, StorageError> {
    Ok(diesel::delete(subscription_secrets::table)
        .filter(subscription_secrets::expires_at.le(now.naive_utc()))
        .execute(conn)?)
}

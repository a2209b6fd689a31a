//! Subscriptions: destinations of notices, by whom and how they are kept.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Duration, Utc};
use serde_json::json;

use super::audit::{self, Action, Subject};
use super::deliveries::{self, Outgoing};
use super::digests::next_digest_at;
use super::secrets::{new_id, new_webhook_secret};
use super::{AppError, Conflict, Office, Session, access, notices, users};
use crate::domain::access::Scope;
use crate::domain::delivery::{
    Cadence, Channel, DeliveryState, DisabledReason, Endpoint, Filter, SubscriptionState,
};
use crate::domain::event::{DisabledEndpoint, EndpointTest, Event, EventData, EventType};
use crate::domain::ids::{DeliveryId, SubscriptionId};
use crate::domain::issue::{Issue, IssueCode};
use crate::domain::text::{Language, Text};
use crate::storage::Conn;
use crate::storage::deliveries as delivery_rows;
use crate::storage::subscriptions::{self, Position, StoredSecret, Subscription};
use crate::storage::{delivery_log, scorecards};

/// Destinations that a prefecture, a hub or the nation can have.
pub const SUBSCRIPTIONS_MAX: i64 = 10;
/// Test events that a destination can be sent in an hour.
pub const TESTS_PER_HOUR: i64 = 5;
/// Hours for which an old secret signs beside the new one, unless said otherwise.
pub const OVERLAP_HOURS: i64 = 24;
/// Hours for which an old secret can sign beside the new one at most.
pub const OVERLAP_HOURS_MAX: i64 = 168;
/// Secrets that can sign at the same time.
pub const LIVE_SECRETS_MAX: usize = 3;
/// Business days without an acknowledgement after which the nation is told.
pub const ESCALATION_DAYS: u32 = 10;
/// Most that can be waited for.
pub const ESCALATION_DAYS_MAX: u32 = 60;
/// Day of the month on which a digest leaves, unless said otherwise.
pub const DIGEST_DAY: u32 = 11;

/// A destination to be made.
#[derive(Clone, Debug)]
pub struct NewSubscription {
    pub scope: Scope,
    pub name: String,
    pub channel: Channel,
    pub endpoint: Endpoint,
    /// The address as it may be shown.
    pub address: String,
    pub filter: Filter,
    pub cadence: Cadence,
    pub language: Language,
    pub escalation_days: Option<u32>,
    pub digest_day: u32,
}

/// What is to be changed of a destination; `None` stays.
#[derive(Clone, Debug, Default)]
pub struct SubscriptionChange {
    pub name: Option<String>,
    /// With the address as it may be shown.
    pub endpoint: Option<(Endpoint, String)>,
    pub filter: Option<Filter>,
    pub cadence: Option<Cadence>,
    pub language: Option<Language>,
    pub escalation_days: Option<u32>,
    pub digest_day: Option<u32>,
    pub active: Option<bool>,
}

/// Makes a destination. A webhook's secret is returned this once.
///
/// # Errors
/// `Forbidden` for the nation by who is not its; `Invalid` for a scope that is
/// unknown or beyond the caller's, unknown scorecards, or one too many.
pub fn create(
    session: &mut Session<'_>,
    new: NewSubscription,
) -> Result<(Subscription, Option<String>), AppError> {
    let caller_scope = session.caller.scope.clone();
    if !access::scope_exists(session.conn, &new.scope)?
        || !access::scope_within(session.conn, &new.scope, &caller_scope)?
    {
        return Err(match new.scope {
            Scope::Nation => AppError::Forbidden,
            foreign => users::unknown_scope(&foreign),
        });
    }
    check_scorecards(session, &new.scope, &new.filter)?;
    subscriptions::lock_making(session.conn)?;
    if subscriptions::count_of(session.conn, &new.scope)? >= SUBSCRIPTIONS_MAX {
        return Err(refused(
            "/scope",
            IssueCode::OutOfRange,
            Text::new(
                format!("通知先は一つの範囲に {SUBSCRIPTIONS_MAX} 件までです。"),
                format!("A scope can have at most {SUBSCRIPTIONS_MAX} subscriptions."),
            ),
        ));
    }
    let id = SubscriptionId(new_id());
    let escalation_days = new.escalation_days.unwrap_or(match new.scope {
        Scope::Nation => ESCALATION_DAYS,
        Scope::Prefecture(_) | Scope::Hub(_) => 0,
    });
    let subscription = Subscription {
        endpoint: sealed(session.office, &id, &new.endpoint)?,
        scope: new.scope,
        name: new.name,
        channel: new.channel,
        address: new.address,
        filter: new.filter,
        cadence: new.cadence,
        language: new.language,
        escalation_days,
        digest_day: new.digest_day,
        next_digest_at: digest_moment(new.cadence, new.digest_day, session.now),
        state: SubscriptionState::Active,
        disabled_reason: None,
        failing_since: None,
        created_at: session.now,
        created_by: session.caller.name.clone(),
        id,
    };
    subscriptions::insert(session.conn, &subscription)?;
    let secret = match subscription.channel {
        Channel::Webhook => Some(add_secret(session, &subscription.id)?),
        _ => None,
    };
    let detail = json!({ "name": subscription.name, "channel": subscription.channel });
    record(session, Action::SubscriptionCreated, &subscription, &detail)?;
    Ok((subscription, secret))
}

/// Refuses a filter with scorecards that the destination would never hear of.
fn check_scorecards(
    session: &mut Session<'_>,
    scope: &Scope,
    filter: &Filter,
) -> Result<(), AppError> {
    let known = scorecards::existing(session.conn, &filter.scorecards, scope)?;
    let unknown = filter
        .scorecards
        .iter()
        .enumerate()
        .filter(|(_, id)| !known.contains(*id));
    let issues: Vec<Issue> = unknown
        .map(|(index, id)| {
            Issue::error(
                IssueCode::UnknownReference,
                format!("/filter/scorecards/{index}"),
                Text::new(
                    format!("通知の範囲に、スコアカード「{id}」はありません。"),
                    format!("There is no scorecard \"{id}\" in the subscription's scope."),
                ),
            )
        })
        .collect();
    if issues.is_empty() {
        Ok(())
    } else {
        Err(AppError::Invalid(issues))
    }
}

fn digest_moment(cadence: Cadence, day: u32, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    (cadence == Cadence::Monthly).then(|| next_digest_at(day, now))
}

/// A destination in the caller's scope.
///
/// # Errors
/// `NotFound`, for another scope's too.
pub fn find(session: &mut Session<'_>, id: &SubscriptionId) -> Result<Subscription, AppError> {
    let scope = session.caller.scope.clone();
    subscriptions::find(session.conn, id, &scope)?.ok_or(AppError::NotFound)
}

/// The same, and nobody else changes it until the transaction ends.
///
/// # Errors
/// `NotFound`, for another scope's too.
pub fn lock(session: &mut Session<'_>, id: &SubscriptionId) -> Result<Subscription, AppError> {
    let scope = session.caller.scope.clone();
    subscriptions::lock(session.conn, id, &scope)?.ok_or(AppError::NotFound)
}

/// Destinations in the caller's scope, oldest first.
///
/// # Errors
/// Those of the storage.
pub fn list(
    session: &mut Session<'_>,
    after: Option<&Position>,
    limit: u32,
) -> Result<Vec<Subscription>, AppError> {
    let scope = session.caller.scope.clone();
    Ok(subscriptions::list(
        session.conn,
        &scope,
        after,
        i64::from(limit),
    )?)
}

/// Changes a destination. Activating it again sends nothing of what waited:
/// that takes a replay.
///
/// # Errors
/// `Invalid` for unknown scorecards.
pub fn change(
    session: &mut Session<'_>,
    mut subscription: Subscription,
    change: SubscriptionChange,
) -> Result<Subscription, AppError> {
    let before = subscription.clone();
    if let Some(name) = change.name {
        subscription.name = name;
    }
    if let Some((endpoint, address)) = change.endpoint {
        subscription.endpoint = sealed(session.office, &subscription.id, &endpoint)?;
        subscription.address = address;
    }
    if let Some(filter) = change.filter {
        check_scorecards(session, &subscription.scope, &filter)?;
        subscription.filter = filter;
    }
    if let Some(language) = change.language {
        subscription.language = language;
    }
    if let Some(days) = change.escalation_days {
        subscription.escalation_days = days;
    }
    let cadence = change.cadence.unwrap_or(subscription.cadence);
    let day = change.digest_day.unwrap_or(subscription.digest_day);
    if (cadence, day) != (subscription.cadence, subscription.digest_day) {
        subscription.next_digest_at = digest_moment(cadence, day, session.now);
    }
    (subscription.cadence, subscription.digest_day) = (cadence, day);
    match change.active {
        Some(true) if subscription.state == SubscriptionState::Disabled => {
            subscription.state = SubscriptionState::Active;
            subscription.disabled_reason = None;
            subscription.failing_since = None;
            subscription.next_digest_at = digest_moment(cadence, day, session.now);
        }
        Some(false) if subscription.state == SubscriptionState::Active => {
            switch_off(
                session.conn,
                &mut subscription,
                DisabledReason::ByHand,
                session.now,
            )?;
        }
        _ => {}
    }
    if subscription != before {
        subscriptions::update(session.conn, &subscription)?;
        let detail = json!({
            "name": subscription.name,
            "state": subscription.state,
            "address_changed": subscription.endpoint != before.endpoint,
        });
        record(session, Action::SubscriptionChanged, &subscription, &detail)?;
    }
    Ok(subscription)
}

/// Deletes a destination; what waited for it is cancelled. The log stays.
///
/// # Errors
/// Those of the storage.
pub fn delete(session: &mut Session<'_>, mut subscription: Subscription) -> Result<(), AppError> {
    subscription.state = SubscriptionState::Deleted;
    subscription.disabled_reason = None;
    subscription.next_digest_at = None;
    delivery_rows::end_waiting(
        session.conn,
        &subscription.id,
        DeliveryState::Cancelled,
        session.now,
    )?;
    for secret in subscriptions::live_secrets(session.conn, &subscription.id, session.now)? {
        subscriptions::expire_secret(session.conn, &secret.id, session.now)?;
    }
    subscriptions::update(session.conn, &subscription)?;
    let detail = json!({ "name": subscription.name });
    record(session, Action::SubscriptionDeleted, &subscription, &detail)
}

/// Gives a webhook a new secret, returned this once. The old ones sign beside
/// it for `overlap`, so that the receiver can change over.
///
/// # Errors
/// `Invalid` for another channel.
pub fn rotate_secret(
    session: &mut Session<'_>,
    subscription: &Subscription,
    overlap: Duration,
) -> Result<(String, DateTime<Utc>), AppError> {
    if subscription.channel != Channel::Webhook {
        return Err(refused(
            "",
            IssueCode::WrongShape,
            Text::new(
                "署名の鍵があるのは Webhook だけです。",
                "Only webhooks have a secret.",
            ),
        ));
    }
    let until = session.now + overlap;
    let live = subscriptions::live_secrets(session.conn, &subscription.id, session.now)?;
    for (position, secret) in live.iter().enumerate() {
        let end = if position + 1 < LIVE_SECRETS_MAX {
            secret.expires_at.map_or(until, |end| end.min(until))
        } else {
            session.now
        };
        subscriptions::expire_secret(session.conn, &secret.id, end)?;
    }
    let secret = add_secret(session, &subscription.id)?;
    let detail = json!({ "overlap_until": until });
    record(
        session,
        Action::SubscriptionSecretRotated,
        subscription,
        &detail,
    )?;
    Ok((secret, until))
}

fn add_secret(session: &mut Session<'_>, id: &SubscriptionId) -> Result<String, AppError> {
    let secret = new_webhook_secret();
    let stored = StoredSecret {
        id: new_id(),
        secret: session.office.sealer.seal(id.as_str(), &secret)?,
        created_at: session.now,
        expires_at: None,
    };
    subscriptions::insert_secret(session.conn, id, &stored)?;
    Ok(secret)
}

/// Puts a test event into the outbox.
///
/// # Errors
/// `Conflict` where the destination is disabled; `Invalid` after too many.
pub fn test(
    session: &mut Session<'_>,
    subscription: &Subscription,
) -> Result<Vec<DeliveryId>, AppError> {
    demand_active(subscription)?;
    let recent = delivery_log::count_since(
        session.conn,
        &subscription.id,
        EventType::EndpointTest.code(),
        session.now - Duration::hours(1),
    )?;
    if recent >= TESTS_PER_HOUR {
        return Err(refused(
            "",
            IssueCode::OutOfRange,
            Text::new(
                format!("テスト送信は 1 時間に {TESTS_PER_HOUR} 回までです。"),
                format!("At most {TESTS_PER_HOUR} test events can be sent in an hour."),
            ),
        ));
    }
    let event = Event {
        at: session.now,
        data: EventData::Test(EndpointTest {
            subscription: subscription.id.clone(),
            name: subscription.name.clone(),
            message: Text::new(
                "標（しるべ）からのテスト送信です。この通知先は正しく設定されています。",
                "This is a test from shirube. The destination is set up correctly.",
            ),
        }),
    };
    let outgoing = Outgoing {
        event: &event,
        scorecard: None,
        month: None,
        alerts: BTreeSet::new(),
    };
    let sent = deliveries::enqueue(session.conn, session.office, subscription, &outgoing)?;
    let detail = json!({ "deliveries": sent.len() });
    record(session, Action::SubscriptionTested, subscription, &detail)?;
    Ok(sent)
}

/// The secrets that sign for some destinations now, newest first, encrypted.
///
/// # Errors
/// Those of the storage.
pub fn signing(
    session: &mut Session<'_>,
    found: &[Subscription],
) -> Result<BTreeMap<SubscriptionId, Vec<StoredSecret>>, AppError> {
    let ids: Vec<SubscriptionId> = found.iter().map(|known| known.id.clone()).collect();
    Ok(subscriptions::live_secrets_of(
        session.conn,
        &ids,
        session.now,
    )?)
}

/// Refuses what a disabled destination cannot do.
///
/// # Errors
/// `Conflict`.
pub fn demand_active(subscription: &Subscription) -> Result<(), AppError> {
    if subscription.state == SubscriptionState::Active {
        Ok(())
    } else {
        Err(AppError::conflict(Conflict::SubscriptionDisabled))
    }
}

/// Takes a destination out of service, parks what waits for it, and tells the
/// other destinations of its scope and those above it.
///
/// # Errors
/// Those of the storage.
pub fn disable(
    conn: &mut Conn,
    office: &Office,
    mut subscription: Subscription,
    reason: DisabledReason,
    now: DateTime<Utc>,
) -> Result<(), AppError> {
    let waiting = switch_off(conn, &mut subscription, reason, now)?;
    subscriptions::update(conn, &subscription)?;
    log::warn!("subscription {} is disabled: {reason}", subscription.id);
    let event = Event {
        at: now,
        data: EventData::Disabled(DisabledEndpoint {
            subscription: subscription.id.clone(),
            name: subscription.name.clone(),
            reason: disabled_words(reason),
            failing_since: subscription.failing_since,
            waiting: u32::try_from(waiting).unwrap_or(u32::MAX),
            url: office.link("/subscriptions"),
        }),
    };
    for other in subscriptions::above(conn, &subscription.scope)? {
        if other.id != subscription.id && notices::wants(&other.filter, EventType::EndpointDisabled)
        {
            let outgoing = Outgoing {
                event: &event,
                scorecard: None,
                month: None,
                alerts: BTreeSet::new(),
            };
            deliveries::enqueue(conn, office, &other, &outgoing)?;
        }
    }
    Ok(())
}

/// Why a destination gets nothing, for people.
#[must_use]
pub fn disabled_words(reason: DisabledReason) -> Text {
    match reason {
        DisabledReason::Gone => Text::new(
            "送信先が「廃止済み」（410）と応答したため、停止しました。",
            "It answered that it is gone for good (410).",
        ),
        DisabledReason::Failing => Text::new(
            "5 日間すべての送信に失敗したため、停止しました。",
            "Nothing has arrived for five days.",
        ),
        DisabledReason::ByHand => Text::new("手動で停止しました。", "It was switched off."),
    }
}

fn switch_off(
    conn: &mut Conn,
    subscription: &mut Subscription,
    reason: DisabledReason,
    now: DateTime<Utc>,
) -> Result<usize, AppError> {
    subscription.state = SubscriptionState::Disabled;
    subscription.disabled_reason = Some(reason);
    Ok(delivery_rows::end_waiting(
        conn,
        &subscription.id,
        DeliveryState::Parked,
        now,
    )?)
}

/// A destination's address, decrypted.
///
/// # Errors
/// `Internal` where this service's key does not open it.
pub fn endpoint(office: &Office, subscription: &Subscription) -> Result<Endpoint, AppError> {
    office
        .sealer
        .open(subscription.id.as_str(), &subscription.endpoint)
        .and_then(|text| serde_json::from_str(&text).ok())
        .ok_or_else(|| {
            AppError::Internal(format!(
                "the address of subscription {} was encrypted with another key",
                subscription.id
            ))
        })
}

/// The secrets that sign now, newest first, decrypted.
///
/// # Errors
/// Those of the storage.
pub fn live_secrets(
    conn: &mut Conn,
    office: &Office,
    id: &SubscriptionId,
    now: DateTime<Utc>,
) -> Result<Vec<String>, AppError> {
    Ok(subscriptions::live_secrets(conn, id, now)?
        .iter()
        .filter_map(|stored| office.sealer.open(id.as_str(), &stored.secret))
        .collect())
}

fn sealed(office: &Office, id: &SubscriptionId, endpoint: &Endpoint) -> Result<String, AppError> {
    let text =
        serde_json::to_string(endpoint).map_err(|error| AppError::Internal(error.to_string()))?;
    office.sealer.seal(id.as_str(), &text)
}

fn refused(path: &str, code: IssueCode, message: Text) -> AppError {
    AppError::Invalid(vec![Issue::error(code, path, message)])
}

fn record(
    session: &mut Session<'_>,
    action: Action,
    subscription: &Subscription,
    detail: &serde_json::Value,
) -> Result<(), AppError> {
    let subject = Subject::subscription(session.conn, subscription)?;
    audit::record(session, action, subject, detail)
}

//! The outbox: putting events in, handing them to the workers, and the log.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::audit::{self, Action, Subject};
use super::secrets::new_delivery_id;
use super::{AppError, Office, Session, messages, subscriptions};
use crate::domain::access::{Permission, Scope};
use crate::domain::delivery::{
    Channel, DeliveryState, DisabledReason, Endpoint, Outcome, SubscriptionState, masked_email,
};
use crate::domain::event::Event;
use crate::domain::ids::{AlertId, DeliveryId, ScorecardId, SubscriptionId};
use crate::domain::month::Month;
use crate::storage::deliveries::{self, Attempt, Claim, Delivery, Position, Settled};
use crate::storage::outbox::{self, Outbox};
use crate::storage::subscriptions::{self as subscription_rows, Subscription};
use crate::storage::{Conn, delivery_log};

/// Hours of nothing but failures after which a destination is disabled.
pub const FAILING_HOURS_MAX: i64 = 120;
/// Deliveries that one request can send again at most.
pub const REPLAY_MAX: usize = 500;

/// An event for one destination.
#[derive(Debug)]
pub struct Outgoing<'a> {
    pub event: &'a Event,
    pub scorecard: Option<&'a ScorecardId>,
    pub month: Option<Month>,
    /// The alerts that it speaks of.
    pub alerts: BTreeSet<AlertId>,
}

/// An e-mail as it waits in the outbox.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredMail {
    pub subject: String,
    pub text: String,
    pub html: String,
    /// What it belongs to: identifiers of alerts, the same in every mail about them.
    pub thread: Vec<String>,
}

/// Puts an event into the outbox, in the transaction of what it tells: one
/// delivery, and by e-mail one for each recipient. Its text is written here,
/// once, and sent unchanged however often.
///
/// # Errors
/// `Internal` where the destination cannot be opened with this service's key.
pub fn enqueue(
    conn: &mut Conn,
    office: &Office,
    subscription: &Subscription,
    outgoing: &Outgoing<'_>,
) -> Result<Vec<DeliveryId>, AppError> {
    let event = outgoing.event;
    let (message, recipients) = match subscription.channel {
        Channel::Webhook => (messages::json(event), vec![None]),
        Channel::Email => {
            let mail = messages::mail(event, subscription.language);
            let stored = StoredMail {
                subject: mail.subject,
                text: mail.text,
                html: mail.html,
                thread: mail.thread,
            };
            let text = serde_json::to_string(&stored)
                .map_err(|error| AppError::Internal(error.to_string()))?;
            (text, recipients(office, subscription)?)
        }
        channel => (
            messages::chat(channel, event, subscription.language),
            vec![None],
        ),
    };
    let sequence = deliveries::next_sequence(conn, &subscription.id, outgoing.scorecard)?;
    let mut ids = Vec::with_capacity(recipients.len());
    for recipient in recipients {
        let delivery = Delivery {
            id: DeliveryId(new_delivery_id()),
            subscription: subscription.id.clone(),
            recipient,
            scorecard: outgoing.scorecard.cloned(),
            sequence,
            event: event.event_type().code().to_owned(),
            month: outgoing.month,
            message: message.clone(),
            state: DeliveryState::Queued,
            due_at: event.at,
            attempts: 0,
            created_at: event.at,
            ended_at: None,
            lease_token: 0,
        };
        deliveries::enqueue(conn, &delivery, &outgoing.alerts)?;
        ids.push(delivery.id);
    }
    Ok(ids)
}

fn recipients(
    office: &Office,
    subscription: &Subscription,
) -> Result<Vec<Option<String>>, AppError> {
    let known = addressees(office, subscription)?;
    Ok(known.into_keys().map(Some).collect())
}

/// The recipients of an e-mail destination by what stands for them in the outbox,
/// where no address is stored in plain text.
fn addressees(
    office: &Office,
    subscription: &Subscription,
) -> Result<BTreeMap<String, String>, AppError> {
    let Endpoint::Email { recipients } = subscriptions::endpoint(office, subscription)? else {
        return Ok(BTreeMap::new());
    };
    let named = |address: String| {
        let name = office
            .sealer
            .pseudonym(subscription.id.as_str(), &address.to_lowercase());
        (name, address)
    };
    Ok(recipients.into_iter().map(named).collect())
}

/// A leased delivery with all that sending it takes.
#[derive(Clone, Debug)]
pub struct Job {
    /// Of an e-mail, with its recipient's address.
    pub delivery: Delivery,
    pub channel: Channel,
    /// `None` where this service's key does not open it.
    pub endpoint: Option<Endpoint>,
    /// The secrets that sign, newest first.
    pub secrets: Vec<String>,
}

/// Whether anything is due, unless the outbox is paused: a look that locks nothing.
///
/// # Errors
/// Those of the storage.
pub fn has_due(conn: &mut Conn, now: DateTime<Utc>) -> Result<bool, AppError> {
    Ok(!outbox::get(conn)?.paused && deliveries::has_due(conn, now)?)
}

/// When the next delivery is due, after `now`.
///
/// # Errors
/// Those of the storage.
pub fn next_after(conn: &mut Conn, now: DateTime<Utc>) -> Result<Option<DateTime<Utc>>, AppError> {
    Ok(deliveries::next_after(conn, now)?)
}

/// Leases what is due, unless the outbox is paused.
///
/// # Errors
/// Those of the storage.
pub fn claim(conn: &mut Conn, office: &Office, claim: &Claim<'_>) -> Result<Vec<Job>, AppError> {
    if outbox::get(conn)?.paused {
        return Ok(Vec::new());
    }
    let leased = deliveries::claim(conn, claim)?;
    let ids: BTreeSet<SubscriptionId> = leased
        .iter()
        .map(|delivery| delivery.subscription.clone())
        .collect();
    let ids: Vec<SubscriptionId> = ids.into_iter().collect();
    let mut known = BTreeMap::new();
    for subscription in subscription_rows::by_ids(conn, &ids)? {
        let sending = Sending::of(conn, office, &subscription, claim.now)?;
        known.insert(subscription.id, sending);
    }
    let mut jobs = Vec::with_capacity(leased.len());
    for delivery in leased {
        let Some(sending) = known.get(&delivery.subscription) else {
            continue;
        };
        let id = delivery.id.clone();
        match sending.job(delivery) {
            Some(job) => jobs.push(job),
            None => deliveries::cancel(conn, &id, claim.now)?,
        }
    }
    Ok(jobs)
}

/// What all deliveries of one destination share.
struct Sending {
    channel: Channel,
    endpoint: Option<Endpoint>,
    secrets: Vec<String>,
    addressees: BTreeMap<String, String>,
}

impl Sending {
    fn of(
        conn: &mut Conn,
        office: &Office,
        subscription: &Subscription,
        now: DateTime<Utc>,
    ) -> Result<Self, AppError> {
        let secrets = if subscription.channel == Channel::Webhook {
            subscriptions::live_secrets(conn, office, &subscription.id, now)?
        } else {
            Vec::new()
        };
        Ok(Self {
            channel: subscription.channel,
            endpoint: subscriptions::endpoint(office, subscription).ok(),
            secrets,
            addressees: addressees(office, subscription).unwrap_or_default(),
        })
    }

    /// `None` where the recipient of a mail is no longer one.
    fn job(&self, mut delivery: Delivery) -> Option<Job> {
        // An endpoint that does not open is the worker's to report.
        if self.endpoint.is_some() && self.channel == Channel::Email {
            let name = delivery.recipient.as_ref()?;
            delivery.recipient = Some(self.addressees.get(name)?.clone());
        }
        Some(Job {
            delivery,
            channel: self.channel,
            endpoint: self.endpoint.clone(),
            secrets: self.secrets.clone(),
        })
    }
}

/// How an attempt ended.
#[derive(Clone, Debug)]
pub struct Ended {
    pub outcome: Outcome,
    /// When to try again; `None` where the schedule is exhausted.
    pub retry_at: Option<DateTime<Utc>>,
    pub attempt: Attempt,
    pub at: DateTime<Utc>,
}

/// Ends a lease. A success clears the destination's record of failures; a
/// destination that is gone, or has failed for days, is disabled.
///
/// # Errors
/// Those of the storage.
pub fn settle(
    conn: &mut Conn,
    office: &Office,
    delivery: &Delivery,
    ended: &Ended,
) -> Result<(), AppError> {
    let subscription = subscription_rows::lock(conn, &delivery.subscription, &Scope::Nation)?;
    let state = match (ended.outcome, ended.retry_at) {
        (Outcome::Delivered, _) => DeliveryState::Delivered,
        (Outcome::Retry, Some(_)) => DeliveryState::RetryWait,
        (Outcome::Retry, None) => DeliveryState::Exhausted,
        (Outcome::Refused, _) => DeliveryState::Failed,
        (Outcome::Gone, _) => DeliveryState::Parked,
    };
    let settled = Settled {
        state,
        due_at: ended.retry_at.unwrap_or(ended.at),
        at: ended.at,
        attempt: &ended.attempt,
    };
    if !deliveries::settle(conn, &delivery.id, delivery.lease_token, &settled)? {
        return Ok(());
    }
    let Some(mut subscription) =
        subscription.filter(|known| known.state == SubscriptionState::Active)
    else {
        return Ok(());
    };
    let failing_since = match ended.outcome {
        Outcome::Delivered => None,
        Outcome::Retry | Outcome::Refused | Outcome::Gone => {
            Some(subscription.failing_since.unwrap_or(ended.at))
        }
    };
    if failing_since != subscription.failing_since {
        subscription.failing_since = failing_since;
        subscription_rows::update(conn, &subscription)?;
    }
    let has_failed_for_days =
        failing_since.is_some_and(|since| ended.at - since >= Duration::hours(FAILING_HOURS_MAX));
    if ended.outcome == Outcome::Gone {
        subscriptions::disable(conn, office, subscription, DisabledReason::Gone, ended.at)?;
    } else if has_failed_for_days {
        subscriptions::disable(
            conn,
            office,
            subscription,
            DisabledReason::Failing,
            ended.at,
        )?;
    }
    Ok(())
}

/// Gives back what a worker has leased and not sent; `None`: all leases, for a
/// database that has one process only, which is starting.
///
/// # Errors
/// Those of the storage.
pub fn release(conn: &mut Conn, owner: Option<&str>) -> Result<usize, AppError> {
    Ok(deliveries::release(conn, owner)?)
}

/// What the log shows of a delivery.
#[derive(Clone, Debug)]
pub struct Logged {
    pub delivery: Delivery,
    /// The recipient of a mail as it may be shown; `None` where it is no longer one.
    pub recipient: Option<String>,
}

/// What a destination in the caller's scope was and will be sent, newest first.
///
/// # Errors
/// `NotFound`, for another scope's too.
pub fn list(
    session: &mut Session<'_>,
    subscription: &Subscription,
    state: Option<DeliveryState>,
    after: Option<&Position>,
    limit: u32,
) -> Result<Vec<Logged>, AppError> {
    let found = deliveries::list(
        session.conn,
        &subscription.id,
        state,
        after,
        i64::from(limit),
    )?;
    Ok(logged(session, subscription, found))
}

fn logged(session: &Session<'_>, subscription: &Subscription, found: Vec<Delivery>) -> Vec<Logged> {
    let known = addressees(session.office, subscription).unwrap_or_default();
    let logged = found.into_iter().map(|delivery| Logged {
        recipient: delivery
            .recipient
            .as_ref()
            .and_then(|name| known.get(name))
            .map(|address| masked_email(address)),
        delivery,
    });
    logged.collect()
}

/// One delivery with every attempt.
///
/// # Errors
/// `NotFound`, for another scope's too.
pub fn detail(
    session: &mut Session<'_>,
    id: &DeliveryId,
) -> Result<(Logged, Vec<Attempt>), AppError> {
    let delivery = deliveries::find(session.conn, id)?.ok_or(AppError::NotFound)?;
    let subscription = subscriptions::find(session, &delivery.subscription)?;
    let attempts = delivery_log::attempts(session.conn, id)?;
    let logged = logged(session, &subscription, vec![delivery]).pop();
    Ok((logged.ok_or(AppError::NotFound)?, attempts))
}

/// Locks the destination of a delivery.
///
/// # Errors
/// `NotFound`, for another scope's too.
pub fn lock(session: &mut Session<'_>, id: &DeliveryId) -> Result<Subscription, AppError> {
    let delivery = deliveries::find(session.conn, id)?.ok_or(AppError::NotFound)?;
    subscriptions::lock(session, &delivery.subscription)
}

/// Sends one delivery again, with the same identifier and text.
///
/// # Errors
/// `Conflict` where its destination is disabled.
pub fn replay(
    session: &mut Session<'_>,
    subscription: &Subscription,
    id: &DeliveryId,
) -> Result<(Logged, Vec<Attempt>), AppError> {
    subscriptions::demand_active(subscription)?;
    let sent = deliveries::replay(session.conn, std::slice::from_ref(id), session.now)?;
    if sent > 0 {
        record_replay(session, subscription, sent)?;
    }
    detail(session, id)
}

/// What a request to send again came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Replayed {
    pub replayed: usize,
    /// What is left for another request.
    pub remaining: usize,
}

/// Sends again what a destination missed since a time: everything that ended
/// without arriving, the oldest first, at most [`REPLAY_MAX`] at once.
///
/// # Errors
/// `Conflict` where the destination is disabled.
pub fn replay_missed(
    session: &mut Session<'_>,
    subscription: &Subscription,
    since: Option<DateTime<Utc>>,
) -> Result<Replayed, AppError> {
    subscriptions::demand_active(subscription)?;
    let mut missed = delivery_log::missed(session.conn, &subscription.id, since)?;
    let remaining = missed.len().saturating_sub(REPLAY_MAX);
    missed.truncate(REPLAY_MAX);
    let replayed = deliveries::replay(session.conn, &missed, session.now)?;
    if replayed > 0 {
        record_replay(session, subscription, replayed)?;
    }
    Ok(Replayed {
        replayed,
        remaining,
    })
}

fn record_replay(
    session: &mut Session<'_>,
    subscription: &Subscription,
    count: usize,
) -> Result<(), AppError> {
    let detail = json!({ "deliveries": count });
    let subject = Subject::subscription(session.conn, subscription)?;
    audit::record(session, Action::DeliveriesReplayed, subject, &detail)
}

/// How full the outbox is, and whether it sends.
#[derive(Clone, Debug)]
pub struct OutboxReport {
    pub outbox: Outbox,
    pub depth: BTreeMap<DeliveryState, i64>,
    /// Since when, or until when, the first waiting delivery waits.
    pub oldest_due: Option<DateTime<Utc>>,
}

/// The state of the outbox.
///
/// # Errors
/// Those of the storage.
pub fn outbox_report(conn: &mut Conn) -> Result<OutboxReport, AppError> {
    Ok(OutboxReport {
        outbox: outbox::get(conn)?,
        depth: deliveries::depth(conn)?,
        oldest_due: deliveries::oldest_due(conn)?,
    })
}

/// Stops or resumes all sending. What happens meanwhile waits in the outbox.
///
/// # Errors
/// Those of the storage.
pub fn switch_outbox(
    session: &mut Session<'_>,
    paused: bool,
    reason: Option<String>,
) -> Result<OutboxReport, AppError> {
    let known = outbox::get(session.conn)?;
    if known.paused != paused {
        let next = Outbox {
            paused,
            reason,
            identity: known.identity,
            changed_at: Some(session.now),
            changed_by: Some(session.caller.name.clone()),
        };
        outbox::put(session.conn, &next)?;
        let action = if paused {
            Action::OutboxPaused
        } else {
            Action::OutboxResumed
        };
        let detail = json!({ "reason": next.reason });
        audit::record(session, action, Subject::account("outbox", "1"), &detail)?;
    }
    outbox_report(session.conn)
}

/// Pauses the outbox of a database that is a copy of the one that last sent:
/// what was told once is not told again until somebody says so. `identity` is
/// what this installation calls itself. Returns whether it paused.
///
/// # Errors
/// Those of the storage.
pub fn recognise(conn: &mut Conn, identity: &str, now: DateTime<Utc>) -> Result<bool, AppError> {
    let known = outbox::get(conn)?;
    let identity = outbox::server_identity(conn)?.unwrap_or_else(|| identity.to_owned());
    let is_copy = known
        .identity
        .as_ref()
        .is_some_and(|known| *known != identity);
    if known.identity.as_ref() == Some(&identity) {
        return Ok(false);
    }
    let next = Outbox {
        identity: Some(identity),
        ..known
    };
    let next = if is_copy {
        Outbox {
            paused: true,
            reason: Some(RESTORED.to_owned()),
            changed_at: Some(now),
            changed_by: None,
            ..next
        }
    } else {
        next
    };
    outbox::put(conn, &next)?;
    Ok(is_copy)
}

/// Pauses the outbox of a database that is being restored.
///
/// # Errors
/// Those of the storage.
pub fn pause_restored(conn: &mut Conn, now: DateTime<Utc>) -> Result<(), AppError> {
    let known = outbox::get(conn)?;
    let next = Outbox {
        paused: true,
        reason: Some(RESTORED.to_owned()),
        identity: known.identity,
        changed_at: Some(now),
        changed_by: None,
    };
    Ok(outbox::put(conn, &next)?)
}

/// Why the outbox of a restored copy is paused.
pub const RESTORED: &str = "restored";

/// Whether a caller sees what a delivery says.
#[must_use]
pub fn shows_message(session: &Session<'_>) -> bool {
    session.caller.may(Permission::ReadData)
}

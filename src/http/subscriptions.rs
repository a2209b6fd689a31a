//! Destinations of notices. Addresses, tokens and secrets are taken in and
//! never shown again, but for a webhook's new secret, once.

use std::collections::BTreeMap;

use actix_web::http::{StatusCode, header};
use actix_web::{delete, get, patch, post};
use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::call::{Answer, Call, Input};
use super::cursor::{List, list, load_limit, position};
use super::deliveries::ReplayedView;
use super::destinations::{
    SubscriptionBody, SubscriptionChangeBody, new_subscription, subscription_change,
};
use super::fields::{self, ScopeView, read_body};
use super::openapi::{IdempotencyKeyHeader, PageParameters, SubscriptionPath};
use super::problems_doc::{
    ActionProblems, ChangeProblems, CommandProblems, ListProblems, SendProblems, ThingProblems,
};
use super::reply::Reply;
use super::views::{Name, name};
use crate::app::subscriptions::{self, OVERLAP_HOURS, OVERLAP_HOURS_MAX};
use crate::app::{AppError, Session, deliveries};
use crate::domain::access::Permission;
use crate::domain::delivery::{Filter, SubscriptionState};
use crate::domain::ids::SubscriptionId;
use crate::storage::subscriptions::{Position, StoredSecret, Subscription};

/// For how long the old secret goes on signing.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(
    dead_code,
    reason = "documents the body, which `rotate_subscription_secret` reads strictly"
)]
#[schema(example = json!({"overlap_hours": 48}))]
struct RotateBody {
    /// Hours for which the old secret signs beside the new one; 24 where absent, 0 stops it at once.
    #[schema(minimum = 0, maximum = 168)]
    overlap_hours: Option<u32>,
}

/// From when on to send again.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(
    dead_code,
    reason = "documents the body, which `replay_subscription` reads strictly"
)]
#[schema(example = json!({"since": "2028-10-01T00:00:00+09:00"}))]
struct ReplayBody {
    /// Only what was created then or later; everything where absent.
    since: Option<DateTime<Utc>>,
}

/// What a destination hears of; empty lists choose everything.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SubscriptionFilter)]
struct FilterView {
    scorecards: Vec<String>,
    #[schema(example = json!(["consult"]))]
    stages: Vec<String>,
    /// Only alerts at least as severe.
    #[schema(example = "critical")]
    severity: Option<String>,
    #[schema(example = json!(["alert.opened"]))]
    events: Vec<String>,
}

impl From<&Filter> for FilterView {
    fn from(filter: &Filter) -> Self {
        Self {
            scorecards: filter.scorecards.iter().map(ToString::to_string).collect(),
            stages: filter.stages.iter().map(ToString::to_string).collect(),
            severity: filter.severity.map(|severity| severity.to_string()),
            events: filter.events.iter().map(ToString::to_string).collect(),
        }
    }
}

/// Why a destination gets nothing.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DisabledReason)]
struct DisabledReasonView {
    /// `gone`: it answered 410; `failing`: nothing arrived for five days; `by_hand`.
    #[schema(example = "gone")]
    code: &'static str,
    text: Name,
}

/// A secret that signs, without the secret.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SigningSecret)]
struct SecretView {
    id: String,
    created_at: DateTime<Utc>,
    /// Until when an old one signs beside the new one.
    expires_at: Option<DateTime<Utc>>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Subscription)]
pub struct SubscriptionView {
    id: String,
    name: String,
    #[schema(example = "slack")]
    channel: &'static str,
    /// Whose scorecards it is told about.
    scope: ScopeView,
    /// The address without its secret parts: scheme and host, the number of a room, or the beginnings of
    /// e-mail addresses.
    #[schema(example = "https://hooks.slack.com/…")]
    address: String,
    filter: FilterView,
    /// `immediate` or `monthly`.
    #[schema(example = "immediate")]
    cadence: &'static str,
    #[schema(example = "ja")]
    language: &'static str,
    /// Business days without an acknowledgement after which it hears of an alert.
    escalation_days: u32,
    digest_day: u32,
    next_digest_at: Option<DateTime<Utc>>,
    /// `active` or `disabled`.
    #[schema(example = "active")]
    state: &'static str,
    disabled_reason: Option<DisabledReasonView>,
    /// Since when nothing has arrived; a success clears it.
    failing_since: Option<DateTime<Utc>>,
    /// Of webhooks: what signs now, newest first.
    secrets: Vec<SecretView>,
    created_at: DateTime<Utc>,
    /// Who made it: the name at that time.
    created_by: String,
}

impl SubscriptionView {
    fn of(
        subscription: &Subscription,
        signing: &BTreeMap<SubscriptionId, Vec<StoredSecret>>,
    ) -> Self {
        let secrets = signing.get(&subscription.id);
        let is_active = subscription.state == SubscriptionState::Active;
        Self {
            id: subscription.id.to_string(),
            name: subscription.name.clone(),
            channel: subscription.channel.code(),
            scope: ScopeView::from(&subscription.scope),
            address: subscription.address.clone(),
            filter: FilterView::from(&subscription.filter),
            cadence: subscription.cadence.code(),
            language: subscription.language.code(),
            escalation_days: subscription.escalation_days,
            digest_day: subscription.digest_day,
            next_digest_at: subscription.next_digest_at.filter(|_| is_active),
            state: subscription.state.code(),
            disabled_reason: subscription
                .disabled_reason
                .map(|reason| DisabledReasonView {
                    code: reason.code(),
                    text: name(&subscriptions::disabled_words(reason)),
                }),
            failing_since: subscription.failing_since,
            secrets: secrets
                .into_iter()
                .flatten()
                .map(|secret| SecretView {
                    id: secret.id.clone(),
                    created_at: secret.created_at,
                    expires_at: secret.expires_at,
                })
                .collect(),
            created_at: subscription.created_at,
            created_by: subscription.created_by.clone(),
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = NewSubscription)]
pub struct NewSubscriptionView {
    #[serde(flatten)]
    subscription: SubscriptionView,
    /// Of a webhook: signs what is sent. Shown only here.
    #[schema(example = "whsec_…")]
    secret: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RotatedSecret)]
pub struct RotatedView {
    /// The new secret. Shown only here.
    #[schema(example = "whsec_…")]
    secret: String,
    /// Until when the old secret signs, too.
    overlap_until: DateTime<Utc>,
}

/// What was put into the outbox.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SentTest)]
pub struct SentTestView {
    /// Identifiers of the deliveries: one, or one for each recipient of a mail.
    #[schema(example = json!(["msg_…"]))]
    deliveries: Vec<String>,
}

fn id_of(input: &Input) -> SubscriptionId {
    SubscriptionId(input.parameter("id").to_owned())
}

fn view(
    session: &mut Session<'_>,
    subscription: &Subscription,
) -> Result<SubscriptionView, AppError> {
    let signing = subscriptions::signing(session, std::slice::from_ref(subscription))?;
    Ok(SubscriptionView::of(subscription, &signing))
}

/// List subscriptions
///
/// The destinations of the caller's scope and of the scopes within it, oldest first.
#[utoipa::path(
    operation_id = "list_subscriptions",
    tag = "subscriptions",
    params(PageParameters),
    responses((status = 200, description = "A page of destinations.", body = List<SubscriptionView>), ListProblems),
)]
#[get("/v1/subscriptions")]
pub async fn list_subscriptions(call: Call) -> Answer {
    call.read(Permission::ReadData, |session, input, _| {
        let query = input.query()?;
        let mut query = query.read();
        let page = query.page();
        let after: Option<Position> = position(&page, &mut query);
        query.finish()?;
        let found = subscriptions::list(session, after.as_ref(), load_limit(&page))?;
        let signing = subscriptions::signing(session, &found)?;
        Reply::ok(&list(
            found,
            &page,
            |subscription| Position {
                id: subscription.id.clone(),
            },
            |subscription| SubscriptionView::of(subscription, &signing),
        )?)
    })
    .await
}

/// Subscribe
///
/// Makes a destination of notices. A webhook's secret is in this answer only; an idempotency key does
/// not bring it back. Whether a name leads to an address that may be called is checked at every
/// delivery. A scope has at most 10 destinations.
#[utoipa::path(
    operation_id = "create_subscription",
    tag = "subscriptions",
    params(IdempotencyKeyHeader),
    request_body = SubscriptionBody,
    responses((status = 201, description = "The destination, with the secret of a webhook.", body = NewSubscriptionView), CommandProblems),
)]
#[post("/v1/subscriptions")]
pub async fn create_subscription(call: Call) -> Answer {
    call.write(Permission::Steer, |session, input, state| {
        input.no_query()?;
        let json = input.json()?;
        let own = session.caller.scope.clone();
        let new = read_body(&json, |object, issues| {
            new_subscription(object, issues, &own, &state.addresses)
        })?;
        let (subscription, secret) = subscriptions::create(session, new)?;
        let has_secret = secret.is_some();
        let location = format!("/v1/subscriptions/{}", subscription.id);
        let view = NewSubscriptionView {
            subscription: view(session, &subscription)?,
            secret,
        };
        let reply =
            Reply::json(StatusCode::CREATED, &view)?.with_header(header::LOCATION, &location);
        Ok(if has_secret {
            reply.with_secret()
        } else {
            reply
        })
    })
    .await
}

/// Read a subscription
#[utoipa::path(
    operation_id = "get_subscription",
    description = "One destination. Its address is shown without its secret parts.",
    tag = "subscriptions",
    params(SubscriptionPath),
    responses((status = 200, description = "The destination.", body = SubscriptionView), ThingProblems),
)]
#[get("/v1/subscriptions/{id}")]
pub async fn get_subscription(call: Call) -> Answer {
    call.read(Permission::ReadData, |session, input, _| {
        let subscription = subscriptions::find(session, &id_of(input))?;
        input.no_query()?;
        Reply::ok(&view(session, &subscription)?)
    })
    .await
}

/// Change a subscription
///
/// What is absent stays; channel and scope cannot be changed. Disabling parks what waits. Activating
/// again sends nothing of that: replay it.
#[utoipa::path(
    operation_id = "change_subscription",
    tag = "subscriptions",
    params(SubscriptionPath),
    request_body = SubscriptionChangeBody,
    responses((status = 200, description = "Changed.", body = SubscriptionView), ChangeProblems),
)]
#[patch("/v1/subscriptions/{id}")]
pub async fn change_subscription(call: Call) -> Answer {
    call.write(Permission::Steer, |session, input, state| {
        let before = subscriptions::lock(session, &id_of(input))?;
        input.no_query()?;
        let json = input.json()?;
        let change = read_body(&json, |object, issues| {
            Some(subscription_change(
                object,
                issues,
                before.channel,
                &state.addresses,
            ))
        })?;
        let after = subscriptions::change(session, before, change)?;
        Reply::ok(&view(session, &after)?)
    })
    .await
}

/// Unsubscribe
///
/// Nothing more is sent; what waits is cancelled, and secrets stop signing.
#[utoipa::path(
    operation_id = "delete_subscription",
    tag = "subscriptions",
    params(SubscriptionPath),
    responses((status = 204, description = "Deleted."), ThingProblems),
)]
#[delete("/v1/subscriptions/{id}")]
pub async fn delete_subscription(call: Call) -> Answer {
    call.write(Permission::Steer, |session, input, _| {
        let subscription = subscriptions::lock(session, &id_of(input))?;
        input.no_query()?;
        subscriptions::delete(session, subscription)?;
        Ok(Reply::empty(StatusCode::NO_CONTENT))
    })
    .await
}

/// Send a test
///
/// Puts an `endpoint.test` event into the outbox; how it went stands in the deliveries. At most 5 in an
/// hour.
#[utoipa::path(
    operation_id = "test_subscription",
    tag = "subscriptions",
    params(SubscriptionPath, IdempotencyKeyHeader),
    responses((status = 202, description = "On its way.", body = SentTestView), SendProblems),
)]
#[post("/v1/subscriptions/{id}/test")]
pub async fn test_subscription(call: Call) -> Answer {
    call.write(Permission::Steer, |session, input, _| {
        let subscription = subscriptions::lock(session, &id_of(input))?;
        input.no_query()?;
        input.no_members()?;
        let sent = subscriptions::test(session, &subscription)?;
        let deliveries = sent.iter().map(ToString::to_string).collect();
        Reply::json(StatusCode::ACCEPTED, &SentTestView { deliveries })
    })
    .await
}

/// Give a webhook a new secret
///
/// The old secret signs beside it for the overlap, so that the receiver can change over; at most 3
/// secrets sign at a time. The new one is in this answer only; an idempotency key does not bring it back.
#[utoipa::path(
    operation_id = "rotate_subscription_secret",
    tag = "subscriptions",
    params(SubscriptionPath, IdempotencyKeyHeader),
    request_body = Option<RotateBody>,
    responses((status = 200, description = "The new secret.", body = RotatedView), ActionProblems),
)]
#[post("/v1/subscriptions/{id}/rotate-secret")]
pub async fn rotate_subscription_secret(call: Call) -> Answer {
    call.write(Permission::Steer, |session, input, _| {
        let subscription = subscriptions::lock(session, &id_of(input))?;
        input.no_query()?;
        let max = u32::try_from(OVERLAP_HOURS_MAX).unwrap_or(u32::MAX);
        let hours = read_body(&input.json_or_nothing()?, |object, issues| {
            let hours = object.optional("overlap_hours");
            Some(hours.and_then(|v| v.integer(issues, 0, max)))
        })?;
        let overlap = Duration::hours(hours.map_or(OVERLAP_HOURS, i64::from));
        let (secret, overlap_until) =
            subscriptions::rotate_secret(session, &subscription, overlap)?;
        let view = RotatedView {
            secret,
            overlap_until,
        };
        Ok(Reply::ok(&view)?.with_secret())
    })
    .await
}

/// Send again what was missed
///
/// Everything that ended without arriving, with the same identifiers and texts; at most 500 at once,
/// the oldest first.
#[utoipa::path(
    operation_id = "replay_subscription",
    tag = "subscriptions",
    params(SubscriptionPath, IdempotencyKeyHeader),
    request_body = Option<ReplayBody>,
    responses((status = 202, description = "On their way.", body = ReplayedView), SendProblems),
)]
#[post("/v1/subscriptions/{id}/replay")]
pub async fn replay_subscription(call: Call) -> Answer {
    call.write(Permission::Steer, |session, input, _| {
        let subscription = subscriptions::lock(session, &id_of(input))?;
        input.no_query()?;
        let since = read_body(&input.json_or_nothing()?, |object, issues| {
            let since = object.optional("since");
            Some(since.and_then(|v| fields::instant(&v, issues)))
        })?;
        let replayed = deliveries::replay_missed(session, &subscription, since)?;
        Reply::json(StatusCode::ACCEPTED, &ReplayedView::from(replayed))
    })
    .await
}

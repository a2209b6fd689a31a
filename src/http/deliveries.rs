//! What was and will be sent to destinations.

use actix_web::http::StatusCode;
use actix_web::{get, post};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use super::call::{Answer, Call, Input};
use super::cursor::{List, list, load_limit, position};
use super::openapi::{IdempotencyKeyHeader, PageParameters, SubscriptionPath};
use super::problems_doc::{SendProblems, ThingProblems};
use super::reply::Reply;
use crate::app::deliveries::{self, Logged, Replayed, StoredMail};
use crate::app::{AppError, Session, subscriptions};
use crate::domain::access::Permission;
use crate::domain::delivery::DeliveryState;
use crate::domain::ids::{DeliveryId, SubscriptionId};
use crate::domain::month::Month;
use crate::storage::deliveries::{Attempt, Delivery, Position};

/// The states of a delivery, for the contract.
#[derive(Debug, serde::Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryStateDoc {
    Queued,
    Leased,
    RetryWait,
    Delivered,
    Exhausted,
    Failed,
    Cancelled,
    Parked,
}

/// Which deliveries.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "documents what `list_deliveries` reads")]
struct DeliveryFilters {
    /// Only those in this state.
    #[param(inline)]
    state: Option<DeliveryStateDoc>,
}

/// Which delivery.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "documents a part of the path")]
struct DeliveryPath {
    /// Identifier of the delivery: the `webhook-id`.
    id: String,
}

/// One event on its way to one destination, or to one recipient of it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Delivery)]
pub struct DeliveryView {
    /// The `webhook-id`, the same on every attempt.
    #[schema(example = "msg_…")]
    id: String,
    subscription: String,
    /// Of a mail, without its secret part; null where it is no longer a recipient.
    #[schema(example = "k***@pref.example.jp")]
    recipient: Option<String>,
    #[schema(example = "alert.opened")]
    event: String,
    /// Identifier of the scorecard that it tells about.
    scorecard: Option<String>,
    #[schema(value_type = Option<String>, example = "2028-09")]
    month: Option<Month>,
    /// `queued`, `leased` (being sent), `retry_wait`, `delivered`, `exhausted` (every attempt failed), `failed`
    /// (refused for good), `cancelled` (destination or recipient deleted), `parked` (destination disabled).
    #[schema(example = "delivered")]
    state: &'static str,
    /// How often it was tried.
    attempt_count: u32,
    /// When it is tried next; null where nothing more will happen by itself.
    due_at: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
    ended_at: Option<DateTime<Utc>>,
}

impl From<&Logged> for DeliveryView {
    fn from(logged: &Logged) -> Self {
        let delivery = &logged.delivery;
        Self {
            id: delivery.id.to_string(),
            subscription: delivery.subscription.to_string(),
            recipient: logged.recipient.clone(),
            event: delivery.event.clone(),
            scorecard: delivery.scorecard.as_ref().map(ToString::to_string),
            month: delivery.month,
            state: delivery.state.code(),
            attempt_count: delivery.attempts,
            due_at: (!delivery.state.is_final()).then_some(delivery.due_at),
            created_at: delivery.created_at,
            ended_at: delivery.ended_at,
        }
    }
}

/// One try.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DeliveryAttempt)]
struct AttemptView {
    /// From 1.
    number: u32,
    started_at: DateTime<Utc>,
    milliseconds: i64,
    /// `delivered`, `retry`, `gone` or `refused`.
    #[schema(example = "retry")]
    outcome: String,
    /// The receiver's status: of HTTP, or of the mail server.
    status: Option<i64>,
    /// `timeout`, `dns`, `connect`, `tls`, `reset`, `redirect`, `blocked`, `status` or `other`; null where it
    /// arrived.
    #[schema(example = "status")]
    error: Option<String>,
    /// The beginning of the receiver's answer; null for callers without a right to data.
    excerpt: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DeliveryDetail)]
pub struct DeliveryDetailView {
    #[serde(flatten)]
    delivery: DeliveryView,
    attempts: Vec<AttemptView>,
    /// What is sent, the same at every attempt: JSON, or text for Chatwork; of a mail its subject, an empty
    /// line and its text. Null for callers without a right to data.
    message: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Replayed)]
pub struct ReplayedView {
    /// How many are on their way again.
    replayed: usize,
    /// How many are left for another request.
    remaining: usize,
}

impl From<Replayed> for ReplayedView {
    fn from(replayed: Replayed) -> Self {
        Self {
            replayed: replayed.replayed,
            remaining: replayed.remaining,
        }
    }
}

fn detail_view(
    session: &Session<'_>,
    (logged, attempts): &(Logged, Vec<Attempt>),
) -> DeliveryDetailView {
    let shows = deliveries::shows_message(session);
    let attempt = |attempt: &Attempt| AttemptView {
        number: attempt.number,
        started_at: attempt.started_at,
        milliseconds: attempt.milliseconds,
        outcome: attempt.outcome.clone(),
        status: attempt.status,
        error: attempt.error.clone(),
        // Receivers may answer with what they were sent.
        excerpt: attempt.excerpt.clone().filter(|_| shows),
    };
    DeliveryDetailView {
        delivery: DeliveryView::from(logged),
        attempts: attempts.iter().map(attempt).collect(),
        message: shows.then(|| message(&logged.delivery)),
    }
}

fn message(delivery: &Delivery) -> String {
    let mail: Option<StoredMail> = delivery
        .recipient
        .as_ref()
        .and_then(|_| serde_json::from_str(&delivery.message).ok());
    match mail {
        Some(mail) => format!("{}\n\n{}", mail.subject, mail.text),
        None => delivery.message.clone(),
    }
}

fn id_of(input: &Input) -> DeliveryId {
    DeliveryId(input.parameter("id").to_owned())
}

/// List deliveries
///
/// What a destination was and will be sent, newest first. Kept for 13 months.
#[utoipa::path(
    operation_id = "list_deliveries",
    tag = "deliveries",
    params(SubscriptionPath, DeliveryFilters, PageParameters),
    responses((status = 200, description = "A page of deliveries.", body = List<DeliveryView>), ThingProblems),
)]
#[get("/v1/subscriptions/{id}/deliveries")]
pub async fn list_deliveries(call: Call) -> Answer {
    call.read(Permission::Own, |session, input, _| {
        let id = SubscriptionId(input.parameter("id").to_owned());
        let subscription = subscriptions::find(session, &id)?;
        let query = input.query()?;
        let mut query = query.read();
        let state = query.one_of("state", DeliveryState::CODES);
        let page = query.page();
        let after: Option<Position> = position(&page, &mut query);
        query.finish()?;
        let found = deliveries::list(
            session,
            &subscription,
            state,
            after.as_ref(),
            load_limit(&page),
        )?;
        let view = list(
            found,
            &page,
            |logged| Position::of(&logged.delivery),
            |logged| DeliveryView::from(logged),
        )?;
        Reply::ok(&view)
    })
    .await
}

/// Read a delivery
///
/// With every attempt. What it says is shown to callers who may read data.
#[utoipa::path(
    operation_id = "get_delivery",
    tag = "deliveries",
    params(DeliveryPath),
    responses((status = 200, description = "The delivery.", body = DeliveryDetailView), ThingProblems),
)]
#[get("/v1/deliveries/{id}")]
pub async fn get_delivery(call: Call) -> Answer {
    call.read(Permission::Own, |session, input, _| {
        let found = deliveries::detail(session, &id_of(input))?;
        input.no_query()?;
        Reply::ok(&detail_view(session, &found))
    })
    .await
}

/// Send a delivery again
///
/// With the same identifier and text, whatever became of it; one that is on its way stays so.
#[utoipa::path(
    operation_id = "replay_delivery",
    tag = "deliveries",
    params(DeliveryPath, IdempotencyKeyHeader),
    responses((status = 202, description = "On its way.", body = DeliveryDetailView), SendProblems),
)]
#[post("/v1/deliveries/{id}/replay")]
pub async fn replay_delivery(call: Call) -> Answer {
    call.write(
        Permission::Steer,
        |session, input, _| -> Result<Reply, AppError> {
            let id = id_of(input);
            let subscription = deliveries::lock(session, &id)?;
            input.no_query()?;
            input.no_members()?;
            let found = deliveries::replay(session, &subscription, &id)?;
            Reply::json(StatusCode::ACCEPTED, &detail_view(session, &found))
        },
    )
    .await
}

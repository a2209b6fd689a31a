//! The outbox as its operators see it: how full, and whether it sends.

use actix_web::{get, post};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::call::{Answer, Call};
use super::fields::read_body;
use super::openapi::IdempotencyKeyHeader;
use super::problems_doc::{CommandProblems, ListProblems};
use super::reply::Reply;
use crate::app::deliveries::{self, OutboxReport};
use crate::domain::access::Permission;
use crate::domain::delivery::DeliveryState;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(
    dead_code,
    reason = "documents the body, which `pause_outbox` reads strictly"
)]
#[schema(example = json!({"reason": "メールサーバーの入れ替え"}))]
struct PauseBody {
    #[schema(min_length = 1, max_length = 4000)]
    reason: String,
}

/// Deliveries in each state.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OutboxDepth)]
struct DepthView {
    queued: i64,
    leased: i64,
    retry_wait: i64,
    delivered: i64,
    exhausted: i64,
    failed: i64,
    cancelled: i64,
    parked: i64,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Outbox)]
pub struct OutboxView {
    /// Nothing is sent; what happens meanwhile waits.
    paused: bool,
    /// Why; `restored`: this database is a copy of one that has sent.
    reason: Option<String>,
    changed_at: Option<DateTime<Utc>>,
    /// The name at that time; null where the service itself paused.
    changed_by: Option<String>,
    depth: DepthView,
    /// When the first of what waits is or was due.
    oldest_due_at: Option<DateTime<Utc>>,
}

impl From<&OutboxReport> for OutboxView {
    fn from(report: &OutboxReport) -> Self {
        let count = |state| report.depth.get(&state).copied().unwrap_or_default();
        Self {
            paused: report.outbox.paused,
            reason: report.outbox.reason.clone(),
            changed_at: report.outbox.changed_at,
            changed_by: report.outbox.changed_by.clone(),
            depth: DepthView {
                queued: count(DeliveryState::Queued),
                leased: count(DeliveryState::Leased),
                retry_wait: count(DeliveryState::RetryWait),
                delivered: count(DeliveryState::Delivered),
                exhausted: count(DeliveryState::Exhausted),
                failed: count(DeliveryState::Failed),
                cancelled: count(DeliveryState::Cancelled),
                parked: count(DeliveryState::Parked),
            },
            oldest_due_at: report.oldest_due,
        }
    }
}

/// Read the outbox
///
/// Whether anything is sent, and how much waits, over all destinations. For the national office and
/// operators.
#[utoipa::path(
    operation_id = "get_outbox",
    tag = "deliveries",
    responses((status = 200, description = "The outbox.", body = OutboxView), ListProblems),
)]
#[get("/v1/outbox")]
pub async fn get_outbox(call: Call) -> Answer {
    call.read(Permission::RunOutbox, |session, input, _| {
        input.no_query()?;
        let report = deliveries::outbox_report(session.conn)?;
        Reply::ok(&OutboxView::from(&report))
    })
    .await
}

/// Pause the outbox
///
/// Nothing is sent until it is resumed; what is being sent now still ends. One that is paused already
/// keeps its reason.
#[utoipa::path(
    operation_id = "pause_outbox",
    tag = "deliveries",
    params(IdempotencyKeyHeader),
    request_body = PauseBody,
    responses((status = 200, description = "The outbox.", body = OutboxView), CommandProblems),
)]
#[post("/v1/outbox/pause")]
pub async fn pause_outbox(call: Call) -> Answer {
    call.write(Permission::RunOutbox, |session, input, _| {
        input.no_query()?;
        let reason = read_body(&input.json()?, |object, issues| {
            object
                .required("reason", issues)
                .and_then(|v| v.note(issues))
        })?;
        let report = deliveries::switch_outbox(session, true, Some(reason))?;
        Reply::ok(&OutboxView::from(&report))
    })
    .await
}

/// Resume the outbox
///
/// Sends what waits. After restoring a copy: what the original sent meanwhile is told again by the copy.
#[utoipa::path(
    operation_id = "resume_outbox",
    tag = "deliveries",
    params(IdempotencyKeyHeader),
    responses((status = 200, description = "The outbox.", body = OutboxView), CommandProblems),
)]
#[post("/v1/outbox/resume")]
pub async fn resume_outbox(call: Call) -> Answer {
    call.write(Permission::RunOutbox, |session, input, _| {
        input.no_query()?;
        input.no_members()?;
        let report = deliveries::switch_outbox(session, false, None)?;
        Reply::ok(&OutboxView::from(&report))
    })
    .await
}

//! Who changed what, when.

use actix_web::get;
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use super::call::{Answer, Call};
use super::cursor::{List, list, load_limit, position};
use super::problems_doc::ListProblems;
use super::reply::Reply;
use crate::app::audit::{self, Position};
use crate::domain::access::Permission;
use crate::storage::audit::AuditEntry;

/// One change.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AuditEntry)]
pub struct AuditEntryView {
    id: String,
    at: DateTime<Utc>,
    /// Who did it: the name at that time.
    actor: String,
    #[schema(example = "actuals.reported")]
    action: String,
    /// The kind of thing that was changed.
    #[schema(example = "scorecard")]
    subject_kind: String,
    subject: String,
    scorecard: Option<String>,
    hub: Option<String>,
    prefecture: Option<String>,
    /// What changed.
    #[schema(value_type = Object)]
    detail: Option<Box<RawValue>>,
}

impl From<&AuditEntry> for AuditEntryView {
    fn from(entry: &AuditEntry) -> Self {
        Self {
            id: entry.id.clone(),
            at: entry.at,
            actor: entry.actor_name.clone(),
            action: entry.action.clone(),
            subject_kind: entry.subject_kind.clone(),
            subject: entry.subject_id.clone(),
            scorecard: entry.scorecard.as_ref().map(ToString::to_string),
            hub: entry.hub.as_ref().map(ToString::to_string),
            prefecture: entry.prefecture.as_ref().map(ToString::to_string),
            detail: RawValue::from_string(entry.detail.clone()).ok(),
        }
    }
}

/// List changes
///
/// Newest first: the nation sees all, a prefecture its own hubs, an operator accounts.
#[utoipa::path(
    operation_id = "list_audit",
    tag = "audit",
    params(super::openapi::PageParameters),
    responses((status = 200, description = "A page of changes.", body = List<AuditEntryView>), ListProblems),
)]
#[get("/v1/audit")]
pub async fn list_audit(call: Call) -> Answer {
    call.read(Permission::ReadAudit, |session, input, _| {
        let query = input.query()?;
        let mut query = query.read();
        let page = query.page();
        let after: Option<Position> = position(&page, &mut query);
        query.finish()?;
        let found = audit::list(session, after.as_ref(), load_limit(&page))?;
        let view = list(
            found,
            &page,
            |entry| Position {
                at: entry.at,
                id: entry.id.clone(),
            },
            |entry| AuditEntryView::from(entry),
        )?;
        Reply::ok(&view)
    })
    .await
}

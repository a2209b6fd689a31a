//! Who changed what, when: written with every change, never rewritten.

use chrono::{DateTime, Datelike, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::secrets::new_id;
use super::{AppError, Session};
use crate::domain::access::{Role, Scope};
use crate::domain::code::coded_enum;
use crate::domain::ids::{HubCode, PrefectureCode, ScorecardId};
use crate::domain::organisation::Hub;
use crate::domain::release::Release;
use crate::storage::audit::{self, AuditEntry, AuditKind};
use crate::storage::scorecards::Scorecard;
use crate::storage::subscriptions::Subscription;
use crate::storage::{Conn, hubs};

coded_enum! {
    /// What was done.
    pub enum Action {
        PrefectureCreated => "prefecture.created",
        PrefectureChanged => "prefecture.changed",
        HubCreated => "hub.created",
        HubChanged => "hub.changed",
        ImportMappingChanged => "hub.import_mapping_changed",
        UserCreated => "user.created",
        UserChanged => "user.changed",
        SessionsEnded => "user.sessions_ended",
        ApiKeyCreated => "api_key.created",
        ApiKeyRevoked => "api_key.revoked",
        FactLinkCreated => "fact_link.created",
        FactLinkRevoked => "fact_link.revoked",
        ScorecardCreated => "scorecard.created",
        ActualsReported => "actuals.reported",
        MonthApproved => "month.approved",
        MonthReturned => "month.returned",
        MonthReopened => "month.reopened",
        RevisionProposed => "revision.proposed",
        RevisionApproved => "revision.approved",
        RevisionRejected => "revision.rejected",
        AlertReviewed => "alert.reviewed",
        AlertAcknowledged => "alert.acknowledged",
        AlertCommented => "alert.commented",
        ScorecardCommented => "scorecard.commented",
        AlertSilenced => "alert.silenced",
        AlertUnsilenced => "alert.unsilenced",
        SubscriptionCreated => "subscription.created",
        SubscriptionChanged => "subscription.changed",
        SubscriptionDeleted => "subscription.deleted",
        SubscriptionTested => "subscription.tested",
        SubscriptionSecretRotated => "subscription.secret_rotated",
        ReleaseCreated => "release.created",
        ReleaseChanged => "release.changed",
        ReleaseLinkRotated => "release.link_rotated",
        ReleaseRevoked => "release.revoked",
        DeliveriesReplayed => "deliveries.replayed",
        OutboxPaused => "outbox.paused",
        OutboxResumed => "outbox.resumed",
    }
}

/// What a change was made to.
#[derive(Clone, Debug)]
pub struct Subject {
    kind: AuditKind,
    thing: &'static str,
    id: String,
    scorecard: Option<ScorecardId>,
    hub: Option<HubCode>,
    prefecture: Option<PrefectureCode>,
}

impl Subject {
    #[must_use]
    pub fn prefecture(code: &PrefectureCode) -> Self {
        Self {
            kind: AuditKind::Data,
            thing: "prefecture",
            id: code.to_string(),
            scorecard: None,
            hub: None,
            prefecture: Some(code.clone()),
        }
    }

    #[must_use]
    pub fn hub(hub: &Hub) -> Self {
        Self {
            kind: AuditKind::Data,
            thing: "hub",
            id: hub.code.to_string(),
            scorecard: None,
            hub: Some(hub.code.clone()),
            prefecture: Some(hub.prefecture.code.clone()),
        }
    }

    #[must_use]
    pub fn scorecard(scorecard: &Scorecard) -> Self {
        Self {
            kind: AuditKind::Data,
            thing: "scorecard",
            id: scorecard.id.to_string(),
            scorecard: Some(scorecard.id.clone()),
            hub: Some(scorecard.hub.code.clone()),
            prefecture: Some(scorecard.hub.prefecture.code.clone()),
        }
    }

    /// An alert of a scorecard.
    #[must_use]
    pub fn alert(id: &str, scorecard: &Scorecard) -> Self {
        Self {
            thing: "alert",
            id: id.to_owned(),
            ..Self::scorecard(scorecard)
        }
    }

    /// A destination of notices.
    ///
    /// # Errors
    /// Those of the storage.
    pub fn subscription(conn: &mut Conn, subscription: &Subscription) -> Result<Self, AppError> {
        let (hub, prefecture) = match &subscription.scope {
            Scope::Nation => (None, None),
            Scope::Prefecture(code) => (None, Some(code.clone())),
            Scope::Hub(code) => {
                let hub = hubs::find(conn, code)?;
                (Some(code.clone()), hub.map(|hub| hub.prefecture.code))
            }
        };
        Ok(Self {
            kind: AuditKind::Data,
            thing: "subscription",
            id: subscription.id.to_string(),
            scorecard: None,
            hub,
            prefecture,
        })
    }

    /// A page that a prefecture shows to everybody.
    #[must_use]
    pub fn release(release: &Release) -> Self {
        Self {
            thing: "release",
            id: release.id.to_string(),
            ..Self::prefecture(&release.prefecture)
        }
    }

    /// An account, one of its keys, or the service itself.
    #[must_use]
    pub fn account(thing: &'static str, id: &str) -> Self {
        Self {
            kind: AuditKind::Accounts,
            thing,
            id: id.to_owned(),
            scorecard: None,
            hub: None,
            prefecture: None,
        }
    }
}

/// Writes one entry in the transaction of the change itself. `detail` names
/// what changed, never a secret.
///
/// # Errors
/// Those of the storage.
pub fn record(
    session: &mut Session<'_>,
    action: Action,
    subject: Subject,
    detail: &Value,
) -> Result<(), AppError> {
    let entry = AuditEntry {
        id: new_id(),
        at: session.now,
        actor_id: session.caller.id().to_owned(),
        actor_name: session.caller.name.clone(),
        action: action.code().to_owned(),
        subject_kind: subject.thing.to_owned(),
        subject_id: subject.id,
        kind: subject.kind,
        scorecard: subject.scorecard,
        hub: subject.hub,
        prefecture: subject.prefecture,
        detail: detail.to_string(),
    };
    Ok(audit::insert(session.conn, &entry)?)
}

/// Where a page of entries begins: after this one, going back in time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    pub at: DateTime<Utc>,
    pub id: String,
}

/// Entries that the caller may see, newest first.
///
/// # Errors
/// Those of the storage.
pub fn list(
    session: &mut Session<'_>,
    after: Option<&Position>,
    limit: u32,
) -> Result<Vec<AuditEntry>, AppError> {
    let kinds: &[AuditKind] = match session.caller.role {
        Role::National => &[AuditKind::Data, AuditKind::Accounts],
        Role::Operator => &[AuditKind::Accounts],
        Role::Prefecture => &[AuditKind::Data],
        Role::Hub | Role::Viewer => return Err(AppError::Forbidden),
    };
    let scope = session.caller.scope.clone();
    // A forged position outside the databases' calendar is no position.
    let after = after.filter(|position| (1970..=9999).contains(&position.at.year()));
    let before = after.map(|position| (position.at, position.id.as_str()));
    Ok(audit::list(
        session.conn,
        &scope,
        kinds,
        before,
        i64::from(limit),
    )?)
}

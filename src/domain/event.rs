//! Events: what destinations are told, a public contract (`api.md`, Event).
//! Members are only ever added.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::alert::{AlertFacts, AlertState, Severity};
use super::amount::Amount;
use super::code::coded_enum;
use super::ids::{AlertId, ScorecardId, SubscriptionId};
use super::month::Month;
use super::revision::{Kind, Op, RevisionState};
use super::scorecard::Stage;
use super::status::Status;
use super::text::Text;

coded_enum! {
    pub enum EventType {
        AlertOpened => "alert.opened",
        AlertUpdated => "alert.updated",
        AlertResolved => "alert.resolved",
        AlertWithdrawn => "alert.withdrawn",
        ReportOverdue => "report.overdue",
        PlanRevised => "plan.revised",
        DigestMonthly => "digest.monthly",
        EndpointDisabled => "endpoint.disabled",
        EndpointTest => "endpoint.test",
    }
}

coded_enum! {
    /// Why a destination is told about an alert.
    pub enum NoticeReason {
        /// For the first time.
        First => "first",
        /// No longer explained by its root, or its root has recovered.
        Unfolded => "unfolded",
        Reopened => "reopened",
        Worsened => "worsened",
        /// A new consequence of a root that was told before.
        NewConsequence => "new_consequence",
        /// A correction changed what had been told.
        Corrected => "corrected",
        /// Nobody acknowledged it in time.
        Escalated => "escalated",
        /// Still open after another reported month, and not acknowledged.
        Repeat => "repeat",
        Resolved => "resolved",
        Withdrawn => "withdrawn",
    }
}

/// A code with its name: a hub, a prefecture.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Named {
    pub code: String,
    pub name: Text,
}

/// The scorecard that something is said about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ScorecardRef {
    pub scorecard: ScorecardId,
    pub scorecard_key: String,
    pub scorecard_name: Text,
    pub hub: Named,
    pub prefecture: Named,
}

/// Who took on an alert, and what will be done by when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acknowledgement {
    pub cause: String,
    pub action: String,
    pub owner: String,
    /// The acknowledgement expires at the end of this day, in Japan.
    pub due: NaiveDate,
    pub at: DateTime<Utc>,
    pub by: String,
}

/// Notices of an alert held back, until a time and for a reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Silence {
    pub until: DateTime<Utc>,
    pub reason: String,
    pub at: DateTime<Utc>,
    pub by: String,
}

/// What somebody concluded who reviewed an alert, and the revision that answers
/// it, where the alert asked for one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Review {
    pub note: String,
    /// Number of the plan version.
    pub revision: Option<u32>,
    pub at: DateTime<Utc>,
    pub by: String,
}

/// An alert as answers and events show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AlertDocument {
    pub id: AlertId,
    #[serde(flatten)]
    pub about: ScorecardRef,
    pub state: AlertState,
    /// The alert in whose notices this one stands.
    pub folded_under: Option<AlertId>,
    #[serde(flatten)]
    pub facts: AlertFacts,
    /// Somebody reviewed it, and nothing upstream is left to be planned.
    pub handled: bool,
    pub review: Option<Review>,
    pub acknowledgement: Option<Acknowledgement>,
    pub silence: Option<Silence>,
}

/// An alert in a notice: why now, and what it drags down.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NoticeAlert {
    pub reason: NoticeReason,
    #[serde(flatten)]
    pub alert: AlertDocument,
    pub folded: Vec<AlertDocument>,
}

/// One notice: everything that turned in one scorecard.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Notice {
    #[serde(flatten)]
    pub about: ScorecardRef,
    pub month: Month,
    pub opened: Vec<NoticeAlert>,
    pub updated: Vec<NoticeAlert>,
    pub resolved: Vec<NoticeAlert>,
    pub withdrawn: Vec<NoticeAlert>,
    /// Alerts left out because the notice would be too long.
    pub truncated: u32,
    pub url: Option<String>,
}

/// A month's report that is not complete after its due day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Overdue {
    #[serde(flatten)]
    pub about: ScorecardRef,
    pub month: Month,
    pub due_on: NaiveDate,
    pub missing: Vec<MissingItem>,
    /// Missing items left out because the event would be too long.
    pub truncated: u32,
    pub url: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MissingItem {
    pub item: String,
    pub item_name: Text,
}

/// A revision of a plan that was proposed, came into force or was rejected.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PlanRevised {
    #[serde(flatten)]
    pub about: ScorecardRef,
    /// The number of the plan version that it is, or would have become.
    pub version: u32,
    pub state: RevisionState,
    pub effective_month: Month,
    pub author: String,
    pub reason: String,
    /// The alert that prompted it.
    pub alert: Option<AlertId>,
    pub decided_by: Option<String>,
    pub note: Option<String>,
    pub changes: Vec<RevisedPart>,
    /// Changes left out because the event would be too long.
    pub truncated: u32,
    pub url: Option<String>,
}

/// One change of a revision, in brief.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RevisedPart {
    pub op: Op,
    pub kind: Kind,
    pub key: String,
    /// Name of an item or parameter.
    pub name: Option<Text>,
}

/// A month in brief, for one destination.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Digest {
    /// Name of the destination's scope: the nation, a prefecture, a hub.
    pub scope: Text,
    pub month: Month,
    pub scorecards: u32,
    pub open: Vec<DigestLine>,
    pub amber: Vec<DigestLine>,
    pub resolved: Vec<DigestLine>,
    pub overdue: Vec<DigestOverdue>,
    /// Lines left out because the digest would be too long.
    pub truncated: u32,
    pub url: Option<String>,
}

/// One item of a scorecard in a digest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DigestLine {
    #[serde(flatten)]
    pub about: ScorecardRef,
    pub alert: Option<AlertId>,
    pub item: String,
    pub item_name: Text,
    pub stage: Stage,
    pub month: Month,
    pub status: Status,
    pub severity: Option<Severity>,
    pub attainment: Option<Amount>,
    pub opened_month: Option<Month>,
    pub acknowledged: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DigestOverdue {
    #[serde(flatten)]
    pub about: ScorecardRef,
    pub month: Month,
    pub due_on: NaiveDate,
    pub missing: u32,
}

/// A destination that gets nothing any more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DisabledEndpoint {
    pub subscription: SubscriptionId,
    pub name: String,
    pub reason: Text,
    pub failing_since: Option<DateTime<Utc>>,
    pub waiting: u32,
    pub url: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EndpointTest {
    pub subscription: SubscriptionId,
    pub name: String,
    pub message: Text,
}

/// What a destination is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EventData {
    Notice(Notice),
    Overdue(Overdue),
    Revised(PlanRevised),
    Digest(Digest),
    Disabled(DisabledEndpoint),
    Test(EndpointTest),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    pub at: DateTime<Utc>,
    pub data: EventData,
}

impl Event {
    /// For alerts the first of opened, updated, resolved, withdrawn that is not empty.
    #[must_use]
    pub fn event_type(&self) -> EventType {
        match &self.data {
            EventData::Notice(notice) if !notice.opened.is_empty() => EventType::AlertOpened,
            EventData::Notice(notice) if !notice.updated.is_empty() => EventType::AlertUpdated,
            EventData::Notice(notice) if !notice.resolved.is_empty() => EventType::AlertResolved,
            EventData::Notice(_) => EventType::AlertWithdrawn,
            EventData::Overdue(_) => EventType::ReportOverdue,
            EventData::Revised(_) => EventType::PlanRevised,
            EventData::Digest(_) => EventType::DigestMonthly,
            EventData::Disabled(_) => EventType::EndpointDisabled,
            EventData::Test(_) => EventType::EndpointTest,
        }
    }
}

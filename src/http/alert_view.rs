//! Alerts and causes, as `api.md` fixes them. Answers show the documents that
//! events carry, so that both have one shape; the structs here describe them.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use super::views::{Name, Named, Number, number};
use crate::app::alerts::{self, AlertDetail, AlertMonth};
use crate::domain::event::AlertDocument;
use crate::domain::month::Month;
use crate::storage::alerts::AlertChange;
use crate::storage::deliveries::Delivery;

/// An alert: an episode in which a high-hurdle step was red. Its figures and
/// severity are of `month`: the latest reported one while it is open, the
/// recovering one when it recovered, else the last before its end.
#[derive(Serialize, ToSchema)]
#[schema(as = Alert)]
pub struct AlertDoc {
    id: String,
    /// Identifier of the scorecard.
    scorecard: String,
    #[schema(example = "mature-hard-to-fill")]
    scorecard_key: String,
    scorecard_name: Name,
    hub: Named,
    prefecture: Named,
    /// `open`, `resolved` or `withdrawn`.
    #[schema(example = "open")]
    state: String,
    /// The alert in whose notices this one stands.
    folded_under: Option<String>,
    #[schema(example = "consult-seminar")]
    item: String,
    item_name: Name,
    #[schema(example = "consult")]
    stage: String,
    track: Option<String>,
    #[schema(example = "flow")]
    measure: String,
    #[schema(example = "cases")]
    unit: String,
    #[schema(example = "higher")]
    direction: String,
    /// Counted from 1 for each item of a scorecard.
    episode: u32,
    /// Whether it recovered once and was soon red again.
    reopened: bool,
    #[schema(example = "2028-09")]
    opened_month: String,
    resolved_month: Option<String>,
    /// `recovered`, `year_ended` or `plan_changed`; null while it is open.
    resolved_reason: Option<String>,
    /// `critical`: below half of the plan, or past the time in which it could
    /// recover; else `high`.
    #[schema(example = "critical")]
    severity: String,
    /// Whether the programme year is over, and what it missed a fact.
    year_over: bool,
    #[schema(example = "2028-09")]
    month: String,
    /// Of the item in that month.
    #[schema(example = "behind")]
    status: String,
    /// Actual to date.
    actual: Option<Number>,
    /// Plan to date.
    plan: Number,
    /// The whole target in force.
    target: Option<Number>,
    /// Actual over plan (plan over actual where lower is better).
    attainment: Option<Number>,
    /// How far short of the plan.
    shortfall: Option<Number>,
    cause: CauseDoc,
    /// Whether somebody reviewed it and its plan answers it; it stays open until
    /// figures resolve it.
    handled: bool,
    /// What they concluded.
    review: Option<ReviewDoc>,
    /// Who took it on, until their action is due; also when that is over.
    acknowledgement: Option<AcknowledgementDoc>,
    /// Notices held back; also when that is over.
    silence: Option<SilenceDoc>,
}

/// Why an item is short.
#[derive(Serialize, ToSchema)]
#[schema(as = Cause)]
pub struct CauseDoc {
    /// `inherited`, `preparation`, `timing`, `conversion` or `execution`.
    #[schema(example = "preparation")]
    kind: String,
    /// The part of the gap that is missing upstream; null without a link that
    /// splits it.
    volume: Option<Number>,
    /// The part of the gap that is lost on the way.
    conversion: Option<Number>,
    /// The part of the gap that the plan asks for before its upstream is planned.
    timing: Option<Number>,
    /// Where the shortage begins.
    root_causes: Vec<RootCauseDoc>,
    /// Unfinished preparation upstream, in the order in which to work on it.
    remedies: Vec<RemedyDoc>,
    /// What to do where no preparation is left unfinished.
    advice: Option<Name>,
}

/// An item at which a shortage begins.
#[derive(Serialize, ToSchema)]
#[schema(as = RootCause)]
struct RootCauseDoc {
    #[schema(example = "seminar-format")]
    item: String,
    item_name: Name,
    #[schema(example = "setup")]
    stage: String,
    #[schema(example = "behind")]
    status: String,
    /// Links on the shortest path; 0 for the item itself.
    distance: u32,
    /// Item keys from the root to the item, both included.
    path: Vec<String>,
}

/// A preparation upstream that is not finished.
#[derive(Serialize, ToSchema)]
#[schema(as = Remedy)]
struct RemedyDoc {
    #[schema(example = "seminar-format")]
    item: String,
    item_name: Name,
    #[schema(example = "setup")]
    stage: String,
    #[schema(example = "milestone")]
    measure: String,
    #[schema(example = "percent")]
    unit: String,
    #[schema(example = "behind")]
    status: String,
    actual: Option<Number>,
    target: Option<Number>,
    /// Due month of its bar.
    #[schema(example = "2027-09")]
    due_month: Option<String>,
    /// Links on the shortest path.
    distance: u32,
}

/// Who took an alert on, and what will be done by when.
#[derive(Serialize, ToSchema)]
#[schema(as = Acknowledgement)]
struct AcknowledgementDoc {
    cause: String,
    action: String,
    owner: String,
    /// The acknowledgement holds until the end of this day, in Japan.
    due: NaiveDate,
    at: DateTime<Utc>,
    by: String,
}

/// What somebody concluded who reviewed an alert.
#[derive(Serialize, ToSchema)]
#[schema(as = Review)]
struct ReviewDoc {
    note: String,
    /// Number of the revision that answers it, where one does.
    revision: Option<u32>,
    at: DateTime<Utc>,
    by: String,
}

/// Notices of an alert held back.
#[derive(Serialize, ToSchema)]
#[schema(as = Silence)]
struct SilenceDoc {
    until: DateTime<Utc>,
    reason: String,
    at: DateTime<Utc>,
    by: String,
}

/// A month of the item that an alert is about; null where the plan in force
/// lacks it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AlertMonth)]
pub struct AlertMonthView {
    #[schema(value_type = String, example = "2028-09")]
    month: Month,
    /// Actual to date.
    actual: Option<Number>,
    /// Plan to date.
    plan: Option<Number>,
    attainment: Option<Number>,
    #[schema(example = "behind")]
    status: Option<&'static str>,
    #[schema(example = "red")]
    flag: Option<&'static str>,
}

impl From<&AlertMonth> for AlertMonthView {
    fn from(of: &AlertMonth) -> Self {
        let item = of.evaluated.as_ref();
        Self {
            month: of.month,
            actual: number(item.and_then(|item| item.actual.as_ref())),
            plan: number(item.map(|item| &item.plan)),
            attainment: number(item.and_then(|item| item.attainment.as_ref())),
            status: item.map(|item| item.status.code()),
            flag: item.map(|item| item.flag.code()),
        }
    }
}

/// Something that happened to an alert.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AlertChange)]
pub struct AlertChangeView {
    at: DateTime<Utc>,
    /// `opened`, `reopened`, `resolved`, `withdrawn`, `corrected`, `folded`,
    /// `unfolded`, `announced`, `acknowledged`, `commented`, `reviewed`,
    /// `silenced` or `unsilenced`.
    #[schema(example = "opened")]
    kind: String,
    /// Who did it, by the name at that time; null: the service.
    by: Option<String>,
    /// What belongs to it: figures, an acknowledgement, a comment.
    #[schema(value_type = Object)]
    detail: Option<Box<RawValue>>,
}

impl From<&AlertChange> for AlertChangeView {
    fn from(change: &AlertChange) -> Self {
        Self {
            at: change.at,
            kind: change.kind.clone(),
            by: change.by.as_ref().map(|(_, name)| name.clone()),
            detail: RawValue::from_string(change.detail.clone()).ok(),
        }
    }
}

/// A notice in which an alert stood, on its way to one destination.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AlertNotice)]
pub struct AlertNoticeView {
    /// Identifier of the delivery.
    id: String,
    #[schema(example = "alert.opened")]
    event: String,
    created_at: DateTime<Utc>,
    /// `queued`, `leased`, `retry_wait`, `delivered`, `exhausted`, `failed`,
    /// `cancelled` or `parked`.
    #[schema(example = "delivered")]
    state: &'static str,
    attempts: u32,
}

impl From<&Delivery> for AlertNoticeView {
    fn from(delivery: &Delivery) -> Self {
        Self {
            id: delivery.id.to_string(),
            event: delivery.event.clone(),
            created_at: delivery.created_at,
            state: delivery.state.code(),
            attempts: delivery.attempts,
        }
    }
}

/// An alert with everything that is known about it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AlertDetail)]
pub struct AlertDetailView {
    #[serde(flatten)]
    #[schema(value_type = AlertDoc)]
    alert: AlertDocument,
    /// When its first notice left, whoever it went to.
    announced_at: Option<DateTime<Utc>>,
    /// The end of the acknowledgement's due day, in Japan.
    acknowledged_until: Option<DateTime<Utc>>,
    /// When it was first seen.
    created_at: DateTime<Utc>,
    /// When its state or figures last changed.
    changed_at: DateTime<Utc>,
    /// Alerts that stand in its notices.
    #[schema(value_type = Vec<AlertDoc>)]
    folded: Vec<AlertDocument>,
    /// From the month before the opening to the last reported one.
    months: Vec<AlertMonthView>,
    /// Everything that happened to it, oldest first.
    timeline: Vec<AlertChangeView>,
    /// The notices in which it stood, oldest first.
    notices: Vec<AlertNoticeView>,
}

impl From<&AlertDetail> for AlertDetailView {
    fn from(detail: &AlertDetail) -> Self {
        let AlertDetail {
            alert, scorecard, ..
        } = detail;
        Self {
            alert: alerts::document(alert, scorecard),
            announced_at: alert.announced_at,
            acknowledged_until: alert.acknowledgement.as_ref().map(|(_, until)| *until),
            created_at: alert.created_at,
            changed_at: alert.changed_at,
            folded: detail
                .folded
                .iter()
                .map(|folded| alerts::document(folded, scorecard))
                .collect(),
            months: detail.months.iter().map(AlertMonthView::from).collect(),
            timeline: detail.timeline.iter().map(AlertChangeView::from).collect(),
            notices: detail
                .deliveries
                .iter()
                .map(AlertNoticeView::from)
                .collect(),
        }
    }
}

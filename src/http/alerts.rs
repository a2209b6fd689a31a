//! Alerts: listing and reading them, and what people do about them.

use actix_web::{delete, get, post};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::actuals::expected_revision;
use super::alert_view::{AlertDetailView, AlertDoc};
use super::call::{Answer, Call, Input};
use super::cursor::{List, list, load_limit, position};
use super::entity_tag::EntityTag;
use super::fields::{self, read_body};
use super::problems_doc::{
    AlertProblems, DecisionProblems, ListProblems, ReleaseProblems, ReviewProblems, ThingProblems,
};
use super::query::QueryReader;
use super::reply::Reply;
use crate::app::alerts::{self, NewAcknowledgement};
use crate::app::{AppError, Session, as_of};
use crate::domain::access::Permission;
use crate::domain::alert::{AlertState, Severity};
use crate::domain::event::AlertDocument;
use crate::domain::ids::{AlertId, HubCode, PrefectureCode, ScorecardId};
use crate::domain::scorecard::Stage;
use crate::storage::alerts::{Alert, AlertCounts, Filter, Position};
use crate::storage::scorecards::Scorecard;

/// Which alerts.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "documents what `filter` reads")]
struct AlertFilters {
    /// `open`, `resolved` or `withdrawn`.
    #[param(inline)]
    state: Option<AlertStateDoc>,
    /// `critical` or `high`.
    #[param(inline)]
    severity: Option<SeverityDoc>,
    /// Only alerts of this stage.
    #[param(inline)]
    stage: Option<StageDoc>,
    /// Only alerts of items with this key.
    #[param(min_length = 1, max_length = 512, example = "consult-seminar")]
    item: Option<String>,
    /// Only alerts of this scorecard, by identifier.
    #[param(min_length = 1, max_length = 512)]
    scorecard: Option<String>,
    /// Only this hub's.
    #[param(min_length = 1, max_length = 512)]
    hub: Option<String>,
    /// Only this prefecture's.
    #[param(min_length = 1, max_length = 512, example = "06")]
    prefecture: Option<String>,
    /// Only alerts that opened in this month, `YYYY-MM`.
    #[param(example = "2028-09")]
    opened_month: Option<String>,
    /// Whether the alert stands in the notices of another one.
    folded: Option<bool>,
    /// Whether somebody has taken it on, and their action is not overdue.
    acknowledged: Option<bool>,
}

/// The states, for the contract.
#[derive(ToSchema, Deserialize)]
#[serde(rename_all = "snake_case")]
enum AlertStateDoc {
    Open,
    Resolved,
    Withdrawn,
}

/// The severities, for the contract.
#[derive(ToSchema, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SeverityDoc {
    Critical,
    High,
}

/// The stages, for the contract.
#[derive(ToSchema, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StageDoc {
    Study,
    Setup,
    Attract,
    Consult,
    Refer,
    Contract,
    Revenue,
}

/// Which alert.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "documents a part of the path")]
struct AlertPath {
    /// Identifier of the alert.
    id: String,
}

/// How many alerts the filter finds in the caller's scope, whatever their
/// state and page.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AlertCounts)]
struct AlertCountsView {
    open: u32,
    resolved: u32,
    withdrawn: u32,
    /// Open ones that are critical.
    critical: u32,
    /// Open ones that stand in the notices of another one.
    folded: u32,
    /// Open ones that somebody has taken on, whose action is not overdue.
    acknowledged: u32,
    /// Open ones that nobody has.
    unacknowledged: u32,
}

impl From<AlertCounts> for AlertCountsView {
    fn from(counts: AlertCounts) -> Self {
        Self {
            open: counts.open,
            resolved: counts.resolved,
            withdrawn: counts.withdrawn,
            critical: counts.critical,
            folded: counts.folded,
            acknowledged: counts.acknowledged,
            unacknowledged: counts.open.saturating_sub(counts.acknowledged),
        }
    }
}

/// One page of alerts.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AlertList)]
struct AlertListView {
    #[schema(value_type = Vec<AlertDoc>)]
    items: Vec<AlertDocument>,
    /// Pass it as `cursor` to get the next page; null on the last one.
    next_cursor: Option<String>,
    counts: AlertCountsView,
}

/// What somebody who takes an alert on says.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(
    dead_code,
    reason = "documents the body, which `acknowledge_alert` reads strictly"
)]
#[schema(as = NewAcknowledgement, example = json!({
    "cause": "セミナーの型化が遅れている", "action": "研修会を2回追加する",
    "owner": "山形拠点 佐藤", "due": "2028-12-20"
}))]
struct AcknowledgeBody {
    #[schema(min_length = 1, max_length = 4000)]
    cause: String,
    #[schema(min_length = 1, max_length = 4000)]
    action: String,
    #[schema(min_length = 1, max_length = 200)]
    owner: String,
    /// The day by whose end the action is done, in Japan; at most 366 days ahead.
    due: NaiveDate,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(
    dead_code,
    reason = "documents the body, which `comment_on_alert` reads strictly"
)]
#[schema(as = NewComment, example = json!({"text": "地銀と来月の紹介件数を確認しました"}))]
struct CommentBody {
    #[schema(min_length = 1, max_length = 4000)]
    text: String,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(
    dead_code,
    reason = "documents the body, which `silence_alert` reads strictly"
)]
#[schema(as = NewSilence, example = json!({"until": "2028-12-01T09:00:00+09:00", "reason": "計画を見直しているため"}))]
struct SilenceBody {
    /// When notices leave again; at most 366 days ahead.
    until: DateTime<Utc>,
    #[schema(min_length = 1, max_length = 4000)]
    reason: String,
}

/// What a review of an alert concluded.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(
    dead_code,
    reason = "documents the body, which `review_alert` reads strictly"
)]
#[schema(example = json!({"note": "セミナーの型を見直し、来月から新しい形式で実施します"}))]
struct ReviewBody {
    /// What the review concluded.
    #[schema(min_length = 1, max_length = 4000)]
    note: String,
}

fn filter(query: &mut QueryReader<'_>, now: DateTime<Utc>) -> Filter {
    let choice = &[("true", true), ("false", false)];
    Filter {
        state: query.one_of("state", AlertState::CODES),
        severity: query.one_of("severity", Severity::CODES),
        stage: query.one_of("stage", Stage::CODES),
        item: query.text("item").map(str::to_owned),
        scorecard: query.text("scorecard").map(|id| ScorecardId(id.to_owned())),
        hub: query.text("hub").map(|code| HubCode(code.to_owned())),
        prefecture: query
            .text("prefecture")
            .map(|code| PrefectureCode(code.to_owned())),
        opened_month: query.month("opened_month"),
        folded: query.one_of("folded", choice),
        acknowledged: query
            .one_of("acknowledged", choice)
            .map(|covered| (covered, now)),
    }
}

/// List alerts
///
/// Those in the caller's scope, latest opened first, with counts over all that
/// the filter finds, whatever their state.
#[utoipa::path(
    operation_id = "list_alerts",
    tag = "alerts",
    params(AlertFilters, super::openapi::PageParameters, super::openapi::KnownAt, super::openapi::IfNoneMatchHeader),
    responses(
        (status = 200, description = "A page of alerts.", body = AlertListView, headers(("ETag" = String, description = "Of these very bytes."))),
        (status = 304, description = "Unchanged since the answer named in `If-None-Match`."),
        ListProblems,
    ),
)]
#[get("/v1/alerts")]
pub async fn list_alerts(call: Call) -> Answer {
    call.read(Permission::ReadData, |session, input, _| {
        let query = input.query()?;
        let mut query = query.read();
        let known_at = query.known_at(session.now);
        let filter = filter(&mut query, known_at.unwrap_or(session.now));
        let page = query.page();
        let after: Option<Position> = position(&page, &mut query);
        query.finish()?;
        as_of::look_back(session, known_at);
        let found = alerts::list(session, &filter, after.as_ref(), load_limit(&page))?;
        let List { items, next_cursor } = list(
            found,
            &page,
            |(alert, _)| Position::of(alert),
            |(alert, scorecard)| alerts::document(alert, scorecard),
        )?;
        let in_any_state = Filter {
            state: None,
            ..filter
        };
        let view = AlertListView {
            items,
            next_cursor,
            counts: AlertCountsView::from(alerts::counts(session, &in_any_state)?),
        };
        input.answer(None, &view)
    })
    .await
}

/// Read an alert
///
/// With the alerts folded under it, the months around it, everything that
/// happened to it, and the notices in which it stood. With `known_at`, the
/// notices are what the log of deliveries still has of that time.
#[utoipa::path(
    operation_id = "get_alert",
    tag = "alerts",
    params(AlertPath, super::openapi::KnownAt, super::openapi::IfNoneMatchHeader),
    responses(
        (status = 200, description = "The alert.", body = AlertDetailView, headers(("ETag" = String, description = "The scorecard's revision, and of these very bytes."))),
        (status = 304, description = "Unchanged since the answer named in `If-None-Match`."),
        ThingProblems,
    ),
)]
#[get("/v1/alerts/{id}")]
pub async fn get_alert(call: Call) -> Answer {
    call.read(Permission::ReadData, |session, input, _| {
        let id = alert_id(input);
        alerts::demand_ever(session, &id)?;
        let query = input.query()?;
        let mut query = query.read();
        let known_at = query.known_at(session.now);
        query.finish()?;
        as_of::look_back(session, known_at);
        let detail = alerts::detail(session, &id)?;
        let revision = detail.scorecard.revision;
        input.answer(Some(revision), &AlertDetailView::from(&detail))
    })
    .await
}

fn alert_id(input: &Input) -> AlertId {
    AlertId(input.parameter("id").to_owned())
}

/// The alert of the path with its scorecard locked, once the query is read.
fn opened(session: &mut Session<'_>, input: &Input) -> Result<(Alert, Scorecard), AppError> {
    let held = alerts::lock(session, &alert_id(input))?;
    input.no_query()?;
    Ok(held)
}

fn answer((alert, scorecard): &(Alert, Scorecard)) -> Result<Reply, AppError> {
    let tag = EntityTag::of_revision(scorecard.revision);
    Ok(Reply::ok(&alerts::document(alert, scorecard))?.tagged(&tag))
}

/// Acknowledge an alert
///
/// Takes it on: cause, action, owner and due day. Until the end of that day
/// nobody is reminded; a later acknowledgement replaces an earlier one.
#[utoipa::path(
    operation_id = "acknowledge_alert",
    tag = "alerts",
    params(AlertPath, super::openapi::IdempotencyKeyHeader, super::openapi::IfMatchHeader),
    request_body = AcknowledgeBody,
    responses((status = 200, description = "The alert.", body = AlertDoc, headers(("ETag" = String, description = "The scorecard's revision."))), AlertProblems),
)]
#[post("/v1/alerts/{id}/acknowledge")]
pub async fn acknowledge_alert(call: Call) -> Answer {
    call.write(Permission::Steer, |session, input, _| {
        let held = opened(session, input)?;
        let new = read_body(&input.json()?, |object, issues| {
            let cause = object
                .required("cause", issues)
                .and_then(|v| v.note(issues));
            let action = object
                .required("action", issues)
                .and_then(|v| v.note(issues));
            let owner = object
                .required("owner", issues)
                .and_then(|v| v.line(issues));
            let due = object
                .required("due", issues)
                .and_then(|v| fields::day(&v, issues));
            Some(NewAcknowledgement {
                cause: cause?,
                action: action?,
                owner: owner?,
                due: due?,
            })
        })?;
        let expected = expected_revision(input.demanded());
        answer(&alerts::acknowledge(session, held, new, expected)?)
    })
    .await
}

/// Comment on an alert
///
/// Adds to its timeline, whether it is open or over.
#[utoipa::path(
    operation_id = "comment_on_alert",
    tag = "alerts",
    params(AlertPath, super::openapi::IdempotencyKeyHeader, super::openapi::IfMatchHeader),
    request_body = CommentBody,
    responses((status = 200, description = "The alert.", body = AlertDoc, headers(("ETag" = String, description = "The scorecard's revision."))), DecisionProblems),
)]
#[post("/v1/alerts/{id}/comments")]
pub async fn comment_on_alert(call: Call) -> Answer {
    call.write(Permission::Comment, |session, input, _| {
        let held = opened(session, input)?;
        let text = read_body(&input.json()?, |object, issues| {
            object.required("text", issues)?.note(issues)
        })?;
        let expected = expected_revision(input.demanded());
        answer(&alerts::comment(session, held, &text, expected)?)
    })
    .await
}

/// Mark an alert as handled
///
/// With what the review concluded. It stays open until figures resolve it. Where
/// no preparation upstream is left unfinished, a revision proposed or in force
/// since it opened has to add an item of learning and growth or of the process
/// that leads to its item.
#[utoipa::path(
    operation_id = "review_alert",
    tag = "alerts",
    params(AlertPath, super::openapi::IdempotencyKeyHeader, super::openapi::IfMatchHeader),
    request_body = ReviewBody,
    responses((status = 200, description = "The alert.", body = AlertDoc, headers(("ETag" = String, description = "The scorecard's revision."))), ReviewProblems),
)]
#[post("/v1/alerts/{id}/review")]
pub async fn review_alert(call: Call) -> Answer {
    call.write(Permission::Steer, |session, input, _| {
        let held = opened(session, input)?;
        let note = read_body(&input.json()?, |object, issues| {
            object.required("note", issues)?.note(issues)
        })?;
        let expected = expected_revision(input.demanded());
        answer(&alerts::review(session, held, note, expected)?)
    })
    .await
}

/// Silence an alert
///
/// Holds its notices back until a time; what was announced still gets its
/// end. A later silence replaces an earlier one.
#[utoipa::path(
    operation_id = "silence_alert",
    tag = "alerts",
    params(AlertPath, super::openapi::IdempotencyKeyHeader, super::openapi::IfMatchHeader),
    request_body = SilenceBody,
    responses((status = 200, description = "The alert.", body = AlertDoc, headers(("ETag" = String, description = "The scorecard's revision."))), AlertProblems),
)]
#[post("/v1/alerts/{id}/silence")]
pub async fn silence_alert(call: Call) -> Answer {
    call.write(Permission::Steer, |session, input, _| {
        let held = opened(session, input)?;
        let (until, reason) = read_body(&input.json()?, |object, issues| {
            let until = object
                .required("until", issues)
                .and_then(|v| fields::instant(&v, issues));
            let reason = object
                .required("reason", issues)
                .and_then(|v| v.note(issues));
            until.zip(reason)
        })?;
        let expected = expected_revision(input.demanded());
        answer(&alerts::silence(session, held, until, reason, expected)?)
    })
    .await
}

/// End a silence
///
/// Notices leave again. Where there is no silence, nothing changes.
#[utoipa::path(
    operation_id = "unsilence_alert",
    tag = "alerts",
    params(AlertPath, super::openapi::IfMatchHeader),
    responses((status = 200, description = "The alert.", body = AlertDoc, headers(("ETag" = String, description = "The scorecard's revision."))), ReleaseProblems),
)]
#[delete("/v1/alerts/{id}/silence")]
pub async fn unsilence_alert(call: Call) -> Answer {
    call.write(Permission::Steer, |session, input, _| {
        let held = opened(session, input)?;
        let expected = expected_revision(input.demanded());
        answer(&alerts::unsilence(session, held, expected)?)
    })
    .await
}

//! Revisions of plans: proposing them, reading them, deciding about them.

use actix_web::http::StatusCode;
use actix_web::http::header::LOCATION;
use actix_web::{get, post};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::actuals::expected_revision;
use super::call::{Answer, Call, Input};
use super::cursor::List;
use super::definitions::{ItemView, LinkView, item, link};
use super::entity_tag::EntityTag;
use super::fields::read_body;
use super::issue_view::IssueView;
use super::problems_doc::{ApprovalProblems, ProposalProblems, ThingProblems};
use super::reply::Reply;
use super::views::Number;
use crate::app::revisions::{self, NewRevision, RevisionDetail, Verdict};
use crate::app::{AppError, Session, as_of, plans, scorecards};
use crate::domain::access::Permission;
use crate::domain::ids::AlertId;
use crate::domain::issue::Issues;
use crate::domain::month::Month;
use crate::domain::revision::{Basis, Change, Edit, Part, read_changes};
use crate::domain::roadmap::PlanHistory;
use crate::domain::scorecard::SettingValue;
use crate::domain::strict_json::{Object, Value};
use crate::storage::revisions::Revision;
use crate::storage::scorecards::Scorecard;

/// Which revision.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "documents a part of the path")]
struct RevisionPath {
    /// Identifier of the scorecard.
    id: String,
    /// Number of the revision.
    #[param(minimum = 2, example = 2)]
    version: u32,
}

/// One change of a plan.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Change)]
pub struct ChangeView {
    /// `add`, `change` or `retire`.
    #[schema(example = "change")]
    op: &'static str,
    /// `item`, `link`, `setting` or `parameter`.
    #[schema(example = "parameter")]
    kind: &'static str,
    /// Of an item, setting or parameter its key; of a link kind and ends.
    #[schema(example = "fee_income_target")]
    key: String,
    /// The whole part as it was; null where it is new, and of an unset parameter.
    #[schema(value_type = Option<serde_json::Value>)]
    before: Option<PartView>,
    /// The whole part as it is then; null where it is retired, and of an unset
    /// parameter.
    #[schema(value_type = Option<serde_json::Value>)]
    after: Option<PartView>,
}

/// An item, a link, or the value of a setting or parameter.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum PartView {
    Item(Box<ItemView>),
    Link(LinkView),
    Setting(SettingValue),
    Parameter(Number),
}

/// A change list as answers show it.
#[must_use]
pub fn change_views(changes: &[Change]) -> Vec<ChangeView> {
    changes.iter().map(ChangeView::from).collect()
}

impl From<&Change> for ChangeView {
    fn from(change: &Change) -> Self {
        fn sides<T>(
            edit: &Edit<T>,
            view: impl Fn(&T) -> Option<PartView>,
        ) -> (Option<PartView>, Option<PartView>) {
            (
                edit.before.as_ref().and_then(&view),
                edit.after.as_ref().and_then(&view),
            )
        }
        let (before, after) = match &change.part {
            Part::Item(edit) => sides(edit, |of| Some(PartView::Item(Box::new(item(of))))),
            Part::Link(edit) => sides(edit, |of| Some(PartView::Link(link(of)))),
            Part::Setting(edit) => sides(edit, |of| Some(PartView::Setting(*of))),
            Part::Parameter(edit) => {
                sides(edit, |of| of.map(|value| PartView::Parameter(value.into())))
            }
        };
        Self {
            op: change.op().code(),
            kind: change.kind().code(),
            key: change.key.clone(),
            before,
            after,
        }
    }
}

/// One change in brief.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ChangeLine)]
pub struct ChangeLineView {
    #[schema(example = "add")]
    op: &'static str,
    #[schema(example = "item")]
    kind: &'static str,
    #[schema(example = "seminar-follow-up")]
    key: String,
}

/// A revision in a list.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RevisionSummary)]
pub struct RevisionSummaryView {
    #[serde(flatten)]
    head: RevisionHeadView,
    /// What was asked for, in brief.
    changes: Vec<ChangeLineView>,
}

/// Who proposed a revision, and what became of it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RevisionHead)]
pub struct RevisionHeadView {
    /// The number of the plan version that it is, or would become.
    #[schema(example = 2)]
    version: u32,
    /// `proposed`, `in_force` or `rejected`.
    #[schema(example = "proposed")]
    state: &'static str,
    #[schema(value_type = String, example = "2028-10")]
    effective_month: Month,
    author: String,
    reason: String,
    /// The alert that prompted it.
    alert: Option<String>,
    proposed_at: DateTime<Utc>,
    decided_at: Option<DateTime<Utc>>,
    decided_by: Option<String>,
    /// What was said with the decision.
    note: Option<String>,
}

/// A revision, whole.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Revision)]
pub struct RevisionView {
    #[serde(flatten)]
    head: RevisionHeadView,
    /// The version that it changes: of a proposal, the one in force in the
    /// effective month; else the one in force there when it was decided.
    #[schema(example = 1)]
    base_version: u32,
    /// The whole difference to that version: what was asked for, and what
    /// follows from it.
    changes: Vec<ChangeView>,
    /// Remarks that refuse nothing: targets that do not feed one another.
    warnings: Vec<IssueView>,
    /// Of a proposal: why it cannot come into force as it is.
    conflicts: Vec<IssueView>,
}

impl From<&Revision> for RevisionHeadView {
    fn from(revision: &Revision) -> Self {
        let (proposal, decision) = (&revision.proposal, revision.decision.as_ref());
        Self {
            version: proposal.version,
            state: revisions::state(revision).code(),
            effective_month: proposal.effective,
            author: proposal.author_name.clone(),
            reason: proposal.reason.clone(),
            alert: proposal.alert.clone(),
            proposed_at: proposal.proposed_at,
            decided_at: decision.map(|decision| decision.at),
            decided_by: decision.map(|decision| decision.by_name.clone()),
            note: decision.and_then(|decision| decision.note.clone()),
        }
    }
}

impl RevisionSummaryView {
    fn of(revision: &Revision) -> Result<Self, AppError> {
        let changes = plans::read_changes(&revision.proposal.changes)?;
        Ok(Self {
            head: RevisionHeadView::from(revision),
            changes: changes
                .iter()
                .map(|change| ChangeLineView {
                    op: change.op().code(),
                    kind: change.kind().code(),
                    key: change.key.clone(),
                })
                .collect(),
        })
    }
}

impl From<&RevisionDetail> for RevisionView {
    fn from(detail: &RevisionDetail) -> Self {
        let issues = |issues: &[crate::domain::issue::Issue]| {
            issues.iter().cloned().map(IssueView::from).collect()
        };
        Self {
            head: RevisionHeadView::from(&detail.revision),
            base_version: detail.base,
            changes: change_views(&detail.changes),
            warnings: issues(&detail.warnings),
            conflicts: issues(&detail.conflicts),
        }
    }
}

/// A revision to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(
    dead_code,
    reason = "documents the body, which `create_revision` reads strictly"
)]
#[schema(as = NewRevision, example = json!({
    "effective_month": "2028-10", "reason": "相談につながるよう、セミナー後の個別フォローを型にするため",
    "changes": [
        {"op": "add", "kind": "item", "key": "seminar-follow-up", "after": {
            "name": {"ja": "セミナー後フォローの型化", "en": "Follow-up after seminars"}, "stage": "study",
            "measure": "milestone", "unit": "percent", "bar": [31, 33], "targets": [{"value": 100}]}},
        {"op": "add", "kind": "link", "after": {"kind": "preparation", "from": ["seminar-follow-up"], "to": ["consult-seminar"]}}
    ]
}))]
struct RevisionBody {
    /// The first month that it governs: after every approved month.
    #[schema(example = "2028-10")]
    effective_month: String,
    #[schema(min_length = 1, max_length = 4000)]
    reason: String,
    /// Identifier of the alert that prompts it.
    alert: Option<String>,
    /// What changes, 1 to 500.
    #[schema(min_items = 1, max_items = 500)]
    changes: Vec<ChangeDoc>,
}

/// One change in a body. Items and links are added, changed or retired; settings
/// and parameters are only changed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "documents what `domain::revision` reads strictly")]
#[schema(as = ChangeInput)]
struct ChangeDoc {
    #[schema(inline)]
    op: OpDoc,
    #[schema(inline)]
    kind: KindDoc,
    /// Of a link one of the plan's `link_keys`; of an added link it may be left out.
    key: Option<String>,
    /// Of an item its members, where what stays may be left out; of a link
    /// `{kind, from, to, lag_months?}`, where only the lag changes; of a setting or
    /// parameter its value. Left out where something is retired.
    after: Option<serde_json::Value>,
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[derive(Debug)]
enum OpDoc {
    Add,
    Change,
    Retire,
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[derive(Debug)]
enum KindDoc {
    Item,
    Link,
    Setting,
    Parameter,
}

/// Propose a revision
///
/// A hub's waits for the prefecture and changes nothing until then; a
/// prefecture's or the nation's comes into force at once. Months before the
/// effective month keep their statuses. `dry_run` shows what it would change.
#[utoipa::path(
    operation_id = "create_revision",
    tag = "plans",
    params(
        super::openapi::ScorecardPath,
        ("dry_run" = Option<bool>, Query, description = "Do everything, store nothing."),
        super::openapi::IdempotencyKeyHeader,
        super::openapi::IfMatchHeader,
    ),
    request_body = RevisionBody,
    responses(
        (status = 201, description = "Proposed, or in force.", body = RevisionView, headers(("Location" = String, description = "The revision's address."))),
        ProposalProblems,
    ),
)]
#[post("/v1/scorecards/{id}/revisions")]
pub async fn create_revision(call: Call) -> Answer {
    call.write(Permission::Propose, |session, input, _| {
        let scorecard = scorecards::lock(session, &input.scorecard())?;
        let query = input.query()?;
        let mut query = query.read();
        query.switch("dry_run");
        query.finish()?;
        let plans = plans::history(session, &scorecard)?;
        let json = input.json()?;
        let mut issues = Issues::default();
        let new = match Value::root(&json).object(&mut issues) {
            Some(object) => read_revision(session, &scorecard, &plans, object, &mut issues)?,
            None => None,
        };
        let Some(new) = new.filter(|_| !issues.has_errors()) else {
            return Err(AppError::Invalid(issues.into_vec()));
        };
        let expected = expected_revision(input.demanded());
        let (scorecard, detail) = revisions::propose(session, scorecard, &plans, new, expected)?;
        let view = RevisionView::from(&detail);
        let place = format!(
            "/v1/scorecards/{}/revisions/{}",
            scorecard.id, view.head.version
        );
        Ok(Reply::json(StatusCode::CREATED, &view)?.with_header(LOCATION, &place))
    })
    .await
}

fn read_revision(
    session: &mut Session<'_>,
    scorecard: &Scorecard,
    plans: &PlanHistory,
    mut object: Object<'_>,
    issues: &mut Issues,
) -> Result<Option<NewRevision>, AppError> {
    let effective = object
        .required("effective_month", issues)
        .and_then(|v| v.month(issues));
    if let Some(effective) = effective {
        revisions::check_effective(scorecard, effective, issues);
    }
    let reason = object
        .required("reason", issues)
        .and_then(|v| v.note(issues));
    let alert = object.optional("alert").and_then(|v| v.line(issues));
    if let Some(alert) = &alert {
        revisions::check_alert(session, scorecard, &AlertId(alert.clone()), issues)?;
    }
    let basis = Basis::of(plans, effective.unwrap_or(scorecard.start));
    let changes = object
        .required("changes", issues)
        .and_then(|v| read_changes(&v, &basis, revisions::horizon(scorecard), issues));
    object.finish(issues);
    Ok(effective
        .zip(reason)
        .zip(changes)
        .map(|((effective, reason), changes)| NewRevision {
            effective,
            reason,
            alert: alert.map(AlertId),
            changes,
        }))
}

/// List revisions
///
/// Every revision that was proposed, oldest first, with what became of it.
#[utoipa::path(
    operation_id = "list_revisions",
    tag = "plans",
    params(super::openapi::IfNoneMatchHeader, super::openapi::ScorecardPath, super::openapi::KnownAt),
    responses((status = 200, description = "All revisions.", body = List<RevisionSummaryView>, headers(("ETag" = String, description = "Of these very bytes; the revision where one decides."))),
        (status = 304, description = "Unchanged since the answer named in `If-None-Match`."), ThingProblems),
)]
#[get("/v1/scorecards/{id}/revisions")]
pub async fn list_revisions(call: Call) -> Answer {
    call.read(Permission::ReadData, |session, input, _| {
        let scorecard = scorecards::find(session, &input.scorecard())?;
        let query = input.query()?;
        let mut query = query.read();
        let known_at = query.known_at(session.now);
        query.finish()?;
        let scorecard = as_of::scorecard(session, scorecard, known_at)?;
        let items = revisions::list(session, &scorecard)?
            .iter()
            .map(RevisionSummaryView::of)
            .collect::<Result<_, _>>()?;
        let view = List {
            items,
            next_cursor: None,
        };
        input.answer(Some(scorecard.revision), &view)
    })
    .await
}

/// Read a revision
///
/// Whole, with the difference to the version that it changes and the remarks on
/// it; of a proposal, as if it came into force now.
#[utoipa::path(
    operation_id = "get_revision",
    tag = "plans",
    params(super::openapi::IfNoneMatchHeader, RevisionPath, super::openapi::KnownAt),
    responses((status = 200, description = "The revision.", body = RevisionView, headers(("ETag" = String, description = "Of these very bytes; the revision where one decides."))),
        (status = 304, description = "Unchanged since the answer named in `If-None-Match`."), ThingProblems),
)]
#[get("/v1/scorecards/{id}/revisions/{version}")]
pub async fn get_revision(call: Call) -> Answer {
    call.read(Permission::ReadData, |session, input, _| {
        let scorecard = scorecards::find(session, &input.scorecard())?;
        let version = version_of(input)?;
        let query = input.query()?;
        let mut query = query.read();
        let known_at = query.known_at(session.now);
        query.finish()?;
        let scorecard = as_of::scorecard(session, scorecard, known_at)?;
        let detail = revisions::detail(session, &scorecard, version)?;
        input.answer(Some(scorecard.revision), &RevisionView::from(&detail))
    })
    .await
}

fn version_of(input: &Input) -> Result<u32, AppError> {
    input
        .parameter("version")
        .parse()
        .map_err(|_unknown| AppError::NotFound)
}

fn decide(
    session: &mut Session<'_>,
    input: &Input,
    read: impl FnOnce(&mut Object<'_>, &mut Issues) -> Option<Verdict>,
) -> Result<Reply, AppError> {
    let scorecard = scorecards::lock(session, &input.scorecard())?;
    let version = version_of(input)?;
    input.no_query()?;
    let verdict = read_body(&input.json_or_nothing()?, read)?;
    let expected = expected_revision(input.demanded());
    let (scorecard, detail) = revisions::decide(session, scorecard, version, verdict, expected)?;
    let tag = EntityTag::of_revision(scorecard.revision);
    Ok(Reply::ok(&RevisionView::from(&detail))?.tagged(&tag))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(
    dead_code,
    reason = "documents the body, which `approve_revision` reads strictly"
)]
#[schema(example = json!({"note": "提案どおり進めてください"}))]
struct ApproveRevisionBody {
    #[schema(min_length = 1, max_length = 4000)]
    note: Option<String>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(
    dead_code,
    reason = "documents the body, which `reject_revision` reads strictly"
)]
#[schema(example = json!({"note": "目標を下げる前に、集客の型を見直してください"}))]
struct RejectRevisionBody {
    /// Why.
    #[schema(min_length = 1, max_length = 4000)]
    note: String,
}

/// Approve a revision
///
/// It is applied to the version in force by now, and comes into force as the
/// plan version of its number. Refused where what it changes has changed since it
/// was proposed.
#[utoipa::path(
    operation_id = "approve_revision",
    tag = "plans",
    params(RevisionPath, super::openapi::IdempotencyKeyHeader, super::openapi::IfMatchHeader),
    request_body = Option<ApproveRevisionBody>,
    responses((status = 200, description = "The revision.", body = RevisionView, headers(("ETag" = String, description = "The scorecard's revision."))), ApprovalProblems),
)]
#[post("/v1/scorecards/{id}/revisions/{version}/approve")]
pub async fn approve_revision(call: Call) -> Answer {
    call.write(Permission::Steer, |session, input, _| {
        decide(session, input, |object, issues| {
            let note = object.optional("note").and_then(|v| v.note(issues));
            Some(Verdict::Approve { note })
        })
    })
    .await
}

/// Reject a revision
///
/// With a note. The plan stays as it is, and the number stays used.
#[utoipa::path(
    operation_id = "reject_revision",
    tag = "plans",
    params(RevisionPath, super::openapi::IdempotencyKeyHeader, super::openapi::IfMatchHeader),
    request_body = RejectRevisionBody,
    responses((status = 200, description = "The revision.", body = RevisionView, headers(("ETag" = String, description = "The scorecard's revision."))), ApprovalProblems),
)]
#[post("/v1/scorecards/{id}/revisions/{version}/reject")]
pub async fn reject_revision(call: Call) -> Answer {
    call.write(Permission::Steer, |session, input, _| {
        decide(session, input, |object, issues| {
            let note = object.required("note", issues).and_then(|v| v.note(issues));
            Some(Verdict::Reject { note: note? })
        })
    })
    .await
}

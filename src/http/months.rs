//! Decisions of the prefecture about a reported month.

use actix_web::post;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::actuals::{CompletenessView, expected_revision};
use super::call::{Answer, Call, Input};
use super::entity_tag::EntityTag;
use super::fields::{self, read_body};
use super::problems_doc::DecisionProblems;
use super::reply::Reply;
use crate::app::months::{self, Decided, Decision};
use crate::app::{AppError, Session, scorecards};
use crate::domain::issue::Issues;
use crate::domain::month::Month;
use crate::domain::month_state::MonthAct;
use crate::domain::strict_json::Object;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(
    dead_code,
    reason = "documents the body, which `approve_month` reads strictly"
)]
#[schema(example = json!({"note": "確認しました"}))]
struct ApproveBody {
    #[schema(min_length = 1, max_length = 4000)]
    note: Option<String>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(
    dead_code,
    reason = "documents the body, which `return_month` reads strictly"
)]
#[schema(example = json!({"note": "相談件数の内訳を確認してください"}))]
struct ReturnBody {
    /// What the hub is to mend.
    #[schema(min_length = 1, max_length = 4000)]
    note: String,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(
    dead_code,
    reason = "documents the body, which `reopen_month` reads strictly"
)]
#[schema(example = json!({"reason": "金融機関から訂正の連絡があったため", "until": "2028-10-31T17:00:00+09:00"}))]
struct ReopenBody {
    #[schema(min_length = 1, max_length = 4000)]
    reason: String,
    /// When the month is approved again by itself; at most 90 days ahead.
    until: DateTime<Utc>,
}

/// A month after a decision.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Month)]
pub struct MonthView {
    #[schema(value_type = String, example = "2028-09")]
    month: Month,
    /// `open`, `approved` or `returned`.
    #[schema(example = "approved")]
    state: &'static str,
    note: Option<String>,
    changed_at: Option<DateTime<Utc>>,
    changed_by: Option<String>,
    reopened_until: Option<DateTime<Utc>>,
    completeness: CompletenessView,
    revision: i64,
}

impl From<&Decided> for MonthView {
    fn from(decided: &Decided) -> Self {
        let row = decided.row.as_ref();
        Self {
            month: decided.month,
            state: decided.state.code(),
            note: row.and_then(|row| row.note.clone()),
            changed_at: row.and_then(|row| row.changed_at),
            changed_by: row.and_then(|row| row.changed_by.clone()),
            reopened_until: row.and_then(|row| row.reopened_until),
            completeness: CompletenessView::from(&decided.completeness),
            revision: decided.revision,
        }
    }
}

fn decide(
    session: &mut Session<'_>,
    input: &Input,
    read: impl FnOnce(&mut Object<'_>, &mut Issues) -> Option<Decision>,
) -> Result<Reply, AppError> {
    let scorecard = scorecards::lock(session, &input.scorecard())?;
    let month: Month = input
        .parameter("month")
        .parse()
        .map_err(|_unknown| AppError::NotFound)?;
    input.no_query()?;
    let decision = if input.body.is_empty() {
        // An approval needs no words, so it needs no body.
        read_body(&crate::domain::strict_json::Json::Object(Vec::new()), read)?
    } else {
        read_body(&input.json()?, read)?
    };
    let expected = expected_revision(input.demanded());
    let decided = months::decide(session, scorecard, month, &decision, expected)?;
    Ok(Reply::ok(&MonthView::from(&decided))?.tagged(&EntityTag::of_revision(decided.revision)))
}

/// Approve a month
///
/// Locks it: reports and corrections are refused from now on. A month that is
/// approved already stays so.
#[utoipa::path(
    operation_id = "approve_month",
    tag = "months",
    params(super::openapi::ScorecardPath, super::openapi::MonthPath, super::openapi::IdempotencyKeyHeader, super::openapi::IfMatchHeader),
    request_body = Option<ApproveBody>,
    responses((status = 200, description = "The month.", body = MonthView), DecisionProblems),
)]
#[post("/v1/scorecards/{id}/months/{month}/approve")]
pub async fn approve_month(call: Call) -> Answer {
    call.write(MonthAct::Approve.permission(), |session, input, _| {
        decide(session, input, |object, issues| {
            let note = object.optional("note").and_then(|v| v.note(issues));
            Some(Decision::Approve { note })
        })
    })
    .await
}

/// Return a month
///
/// Sends it back to the hub with a note; the hub can correct it.
#[utoipa::path(
    operation_id = "return_month",
    tag = "months",
    params(super::openapi::ScorecardPath, super::openapi::MonthPath, super::openapi::IdempotencyKeyHeader, super::openapi::IfMatchHeader),
    request_body = ReturnBody,
    responses((status = 200, description = "The month.", body = MonthView), DecisionProblems),
)]
#[post("/v1/scorecards/{id}/months/{month}/return")]
pub async fn return_month(call: Call) -> Answer {
    call.write(MonthAct::Return.permission(), |session, input, _| {
        decide(session, input, |object, issues| {
            let note = object.required("note", issues).and_then(|v| v.note(issues));
            Some(Decision::Return { note: note? })
        })
    })
    .await
}

/// Reopen a month
///
/// Lets the hub correct an approved month until a set time, when it is approved
/// again by itself. A month that is not approved stays as it is.
#[utoipa::path(
    operation_id = "reopen_month",
    tag = "months",
    params(super::openapi::ScorecardPath, super::openapi::MonthPath, super::openapi::IdempotencyKeyHeader, super::openapi::IfMatchHeader),
    request_body = ReopenBody,
    responses((status = 200, description = "The month.", body = MonthView), DecisionProblems),
)]
#[post("/v1/scorecards/{id}/months/{month}/reopen")]
pub async fn reopen_month(call: Call) -> Answer {
    call.write(MonthAct::Reopen.permission(), |session, input, _| {
        decide(session, input, |object, issues| {
            let reason = object
                .required("reason", issues)
                .and_then(|v| v.note(issues));
            let until = object
                .required("until", issues)
                .and_then(|v| fields::instant(&v, issues));
            Some(Decision::Reopen {
                reason: reason?,
                until: until?,
            })
        })
    })
    .await
}

//! Notes on a scorecard, an item of it, a month.

use actix_web::http::StatusCode;
use actix_web::{get, post};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::actuals::expected_revision;
use super::call::{Answer, Call};
use super::cursor::{List, list, load_limit, position};
use super::entity_tag::EntityTag;
use super::fields::read_body;
use super::problems_doc::{DecisionProblems, ThingProblems};
use super::reply::Reply;
use crate::app::comments::{self, Comment, Filter, NewComment};
use crate::app::{as_of, scorecards};
use crate::domain::access::Permission;
use crate::domain::month::Month;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(
    dead_code,
    reason = "documents the body, which `comment_on_scorecard` reads strictly"
)]
#[schema(as = NewScorecardComment, example = json!({
    "item": "consult-seminar", "month": "2028-09", "text": "セミナーが台風で翌月に延期されました"
}))]
struct CommentBody {
    /// Key of an item of any version of the plan; null: on all of them.
    #[schema(min_length = 1, max_length = 200)]
    item: Option<String>,
    /// `YYYY-MM`; null: on no month in particular.
    #[schema(pattern = "^[0-9]{4}-(0[1-9]|1[0-2])$")]
    month: Option<String>,
    #[schema(min_length = 1, max_length = 4000)]
    text: String,
}

/// Which comments.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "documents what `list_comments` reads")]
struct CommentFilters {
    /// Only on this item, by key.
    #[param(min_length = 1, max_length = 512, example = "consult-seminar")]
    item: Option<String>,
    /// Only on this month.
    #[param(example = "2028-09")]
    month: Option<String>,
}

/// A note; it is never changed.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ScorecardComment)]
struct CommentView {
    id: String,
    #[schema(example = "consult-seminar")]
    item: Option<String>,
    #[schema(value_type = Option<String>, example = "2028-09")]
    month: Option<Month>,
    text: String,
    at: DateTime<Utc>,
    /// Who wrote it, as they were named then.
    by: String,
    /// Of the scorecard, after the comment.
    #[schema(example = 32)]
    revision: i64,
}

impl From<&Comment> for CommentView {
    fn from(comment: &Comment) -> Self {
        Self {
            id: comment.id.clone(),
            item: comment.item.clone(),
            month: comment.month,
            text: comment.text.clone(),
            at: comment.at,
            by: comment.by_name.clone(),
            revision: comment.revision,
        }
    }
}

/// List comments
///
/// Notes on the scorecard, the latest first. What is said about an alert stands
/// in that alert's timeline.
#[utoipa::path(
    operation_id = "list_comments",
    tag = "scorecards",
    params(super::openapi::ScorecardPath, CommentFilters, super::openapi::PageParameters, super::openapi::IfNoneMatchHeader, super::openapi::KnownAt),
    responses(
        (status = 200, description = "A page of comments.", body = List<CommentView>, headers(("ETag" = String, description = "Of these very bytes; the revision where one decides."))),
        (status = 304, description = "Unchanged since the answer named in `If-None-Match`."),
        ThingProblems,
    ),
)]
#[get("/v1/scorecards/{id}/comments")]
pub async fn list_comments(call: Call) -> Answer {
    call.read(Permission::ReadData, |session, input, _| {
        let scorecard = scorecards::find(session, &input.scorecard())?;
        let query = input.query()?;
        let mut query = query.read();
        let filter = Filter {
            item: query.text("item").map(str::to_owned),
            month: query.month("month"),
        };
        let page = query.page();
        let before: Option<i64> = position(&page, &mut query);
        let known_at = query.known_at(session.now);
        query.finish()?;
        let scorecard = as_of::scorecard(session, scorecard, known_at)?;
        let found = comments::list(session, &scorecard, &filter, before, load_limit(&page))?;
        let view = list(
            found,
            &page,
            |comment| comment.revision,
            |comment| CommentView::from(comment),
        )?;
        input.answer(Some(scorecard.revision), &view)
    })
    .await
}

/// Comment
///
/// Adds a note to the scorecard, to an item, to a month, or to an item in a
/// month. Notes are never changed. They raise the revision.
#[utoipa::path(
    operation_id = "comment_on_scorecard",
    tag = "scorecards",
    params(super::openapi::ScorecardPath, super::openapi::IdempotencyKeyHeader, super::openapi::IfMatchHeader),
    request_body = CommentBody,
    responses(
        (status = 201, description = "The comment.", body = CommentView, headers(("ETag" = String, description = "The scorecard's revision."))),
        DecisionProblems,
    ),
)]
#[post("/v1/scorecards/{id}/comments")]
pub async fn comment_on_scorecard(call: Call) -> Answer {
    call.write(Permission::Comment, |session, input, _| {
        let scorecard = scorecards::lock(session, &input.scorecard())?;
        input.no_query()?;
        let new = read_body(&input.json()?, |object, issues| {
            let item = object.optional("item").map(|v| v.line(issues).ok_or(()));
            let month = object.optional("month").map(|v| v.month(issues).ok_or(()));
            let text = object.required("text", issues).and_then(|v| v.note(issues));
            Some(NewComment {
                item: item.transpose().ok()?,
                month: month.transpose().ok()?,
                text: text?,
            })
        })?;
        let expected = expected_revision(input.demanded());
        let comment = comments::comment(session, &scorecard, new, expected)?;
        let tag = EntityTag::of_revision(comment.revision);
        Ok(Reply::json(StatusCode::CREATED, &CommentView::from(&comment))?.tagged(&tag))
    })
    .await
}

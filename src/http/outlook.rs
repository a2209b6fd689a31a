//! How the year will end, and what would change it (`semantics.md` §6).

use actix_web::get;

use super::call::{Answer, Call};
use super::outlook_view::OutlookView;
use super::problems_doc::ThingProblems;
use super::scorecards::cached;
use crate::app::{as_of, scorecards};
use crate::domain::access::Permission;

/// Read the outlook
///
/// How every item will end at its present pace, with the chance to reach its
/// target, what it takes, what upstream owes and until when to act; and the
/// revenue to which the funnel leads. Without `month`, as of the last month
/// reported.
#[utoipa::path(
    operation_id = "get_outlook",
    tag = "scorecards",
    params(
        super::openapi::ScorecardPath,
        ("month" = Option<String>, Query, description = "The month, `YYYY-MM`.", example = "2028-09"),
        super::openapi::IfNoneMatchHeader, super::openapi::KnownAt,
    ),
    responses(
        (status = 200, description = "The outlook.", body = OutlookView, headers(("ETag" = String, description = "The revision."))),
        (status = 304, description = "Unchanged since the revision in `If-None-Match`."),
        ThingProblems,
    ),
)]
#[get("/v1/scorecards/{id}/outlook")]
pub async fn get_outlook(call: Call) -> Answer {
    call.read(Permission::ReadData, |session, input, state| {
        let scorecard = scorecards::find(session, &input.scorecard())?;
        let query = input.query()?;
        let mut query = query.read();
        let month = query.month("month");
        let known_at = query.known_at(session.now);
        query.finish()?;
        let scorecard = as_of::scorecard(session, scorecard, known_at)?;
        cached(input, state, scorecard, |scorecard| {
            let evaluated = scorecards::evaluated(session, scorecard, month)?;
            Ok(OutlookView::from(&evaluated))
        })
    })
    .await
}

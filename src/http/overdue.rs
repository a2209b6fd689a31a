//! Months whose report was not complete after its due day.

use actix_web::get;
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::call::{Answer, Call};
use super::cursor::{List, list, load_limit, position};
use super::problems_doc::ListProblems;
use super::query::QueryReader;
use super::reply::Reply;
use super::views::{Name, Named, name};
use crate::app::{as_of, overdue};
use crate::domain::access::Permission;
use crate::domain::ids::{HubCode, PrefectureCode, ScorecardId};
use crate::domain::month::Month;
use crate::storage::overdue::{Filter, OverdueReport, Position};
use crate::storage::scorecards::Scorecard;

/// Which overdue reports.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "documents what `filter` reads")]
struct OverdueFilters {
    /// `open`, or `closed` by the report that completed the month.
    #[param(inline)]
    state: Option<OverdueStateDoc>,
    /// Only of this scorecard, by identifier.
    #[param(min_length = 1, max_length = 512)]
    scorecard: Option<String>,
    /// Only this hub's.
    #[param(min_length = 1, max_length = 512)]
    hub: Option<String>,
    /// Only this prefecture's.
    #[param(min_length = 1, max_length = 512, example = "06")]
    prefecture: Option<String>,
}

/// The states, for the contract.
#[derive(ToSchema, Deserialize)]
#[serde(rename_all = "snake_case")]
enum OverdueStateDoc {
    Open,
    Closed,
}

/// A month whose report was not complete after its due day.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OverdueReport)]
struct OverdueReportView {
    /// Identifier of the scorecard.
    scorecard: String,
    #[schema(example = "mature-hard-to-fill")]
    scorecard_key: String,
    scorecard_name: Name,
    hub: Named,
    prefecture: Named,
    #[schema(value_type = String, example = "2028-09")]
    month: Month,
    /// The day by whose end the report was due, in Japan.
    due_on: NaiveDate,
    opened_at: DateTime<Utc>,
    /// When the report came that completed the month; null until then.
    closed_at: Option<DateTime<Utc>>,
}

impl OverdueReportView {
    fn of(report: &OverdueReport, scorecard: &Scorecard) -> Self {
        Self {
            scorecard: scorecard.id.to_string(),
            scorecard_key: scorecard.key.clone(),
            scorecard_name: name(&scorecard.name),
            hub: Named::from(&scorecard.hub),
            prefecture: Named::from(&scorecard.hub.prefecture),
            month: report.month,
            due_on: report.due_on,
            opened_at: report.opened_at,
            closed_at: report.closed_at,
        }
    }
}

fn filter(query: &mut QueryReader<'_>) -> Filter {
    Filter {
        open: query.one_of("state", &[("open", true), ("closed", false)]),
        scorecard: query.text("scorecard").map(|id| ScorecardId(id.to_owned())),
        hub: query.text("hub").map(|code| HubCode(code.to_owned())),
        prefecture: query
            .text("prefecture")
            .map(|code| PrefectureCode(code.to_owned())),
    }
}

/// List overdue reports
///
/// Months of the caller's scope whose report was not complete at the end of
/// its due day, latest month first; since then completed ones are closed.
#[utoipa::path(
    operation_id = "list_overdue",
    tag = "alerts",
    params(OverdueFilters, super::openapi::PageParameters, super::openapi::KnownAt),
    responses((status = 200, description = "A page of overdue reports.", body = List<OverdueReportView>), ListProblems),
)]
#[get("/v1/overdue")]
pub async fn list_overdue(call: Call) -> Answer {
    call.read(Permission::ReadData, |session, input, _| {
        let query = input.query()?;
        let mut query = query.read();
        let filter = filter(&mut query);
        let page = query.page();
        let after: Option<Position> = position(&page, &mut query);
        let known_at = query.known_at(session.now);
        query.finish()?;
        as_of::look_back(session, known_at);
        let found = overdue::list(session, &filter, after.as_ref(), load_limit(&page))?;
        let view = list(
            found,
            &page,
            |(report, scorecard)| Position {
                month: report.month,
                scorecard: scorecard.id.clone(),
            },
            |(report, scorecard)| OverdueReportView::of(report, scorecard),
        )?;
        Reply::ok(&view)
    })
    .await
}

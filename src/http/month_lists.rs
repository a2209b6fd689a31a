//! Months with what became of them: of one scorecard, and of many.

use actix_web::get;
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::actuals::CompletenessView;
use super::call::{Answer, Call};
use super::cursor::{List, list, load_limit, position};
use super::problems_doc::{ListProblems, ThingProblems};
use super::query::QueryReader;
use super::reply::Reply;
use super::views::{Name, Named, Number, name, number};
use crate::app::month_lists::{
    self, Filter, ListedMonth, MonthList, NextDue, Position, Timeliness,
};
use crate::app::months::MonthState;
use crate::app::{as_of, scorecards};
use crate::domain::access::Permission;
use crate::domain::amount::Exact;
use crate::domain::ids::{HubCode, PrefectureCode};
use crate::domain::month::Month;
use crate::storage::scorecards::Scorecard;

/// A month with its state and completeness.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ListedMonth)]
struct ListedMonthView {
    #[schema(value_type = String, example = "2028-09")]
    month: Month,
    /// `open`, `approved` or `returned`.
    #[schema(example = "approved")]
    state: &'static str,
    /// The prefecture's words with its last decision.
    note: Option<String>,
    changed_at: Option<DateTime<Utc>>,
    changed_by: Option<String>,
    /// Until when a reopened month takes reports; it is approved from then on.
    reopened_until: Option<DateTime<Utc>>,
    /// When the month was complete for the first time.
    first_complete_at: Option<DateTime<Utc>>,
    completeness: CompletenessView,
}

impl From<&ListedMonth> for ListedMonthView {
    fn from(month: &ListedMonth) -> Self {
        let record = month.record.as_ref();
        Self {
            month: month.month,
            state: month.phase.state().code(),
            note: record.and_then(|record| record.note.clone()),
            changed_at: record.and_then(|record| record.changed_at),
            changed_by: record.and_then(|record| record.changed_by.clone()),
            reopened_until: record.and_then(|record| record.reopened_until),
            first_complete_at: record.and_then(|record| record.first_completed_at),
            completeness: CompletenessView::from(&month.completeness),
        }
    }
}

/// The report that is due next.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = NextDue)]
struct NextDueView {
    #[schema(value_type = String, example = "2028-09")]
    month: Month,
    /// The day by whose end it is due, in Japan.
    due_on: NaiveDate,
    /// Keys of the items that are missing.
    missing: Vec<String>,
}

impl From<&NextDue> for NextDueView {
    fn from(next: &NextDue) -> Self {
        Self {
            month: next.month,
            due_on: next.due_on,
            missing: next.missing.clone(),
        }
    }
}

/// How many months were complete in time.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Timeliness)]
struct TimelinessView {
    /// Months that have ended and are complete, or whose due day is over.
    #[schema(example = 30)]
    months: u32,
    #[schema(example = 28)]
    on_time: u32,
    /// Null while there are no such months.
    share: Option<Number>,
}

impl From<Timeliness> for TimelinessView {
    fn from(timeliness: Timeliness) -> Self {
        let share = Exact::quotient(timeliness.on_time.into(), timeliness.months.into());
        Self {
            months: timeliness.months,
            on_time: timeliness.on_time,
            share: number(share.as_ref()),
        }
    }
}

/// The months of a scorecard.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MonthList)]
struct MonthListView {
    months: Vec<ListedMonthView>,
    next_due: NextDueView,
    /// Months that are not complete after their due day and still take reports.
    #[schema(value_type = Vec<String>, example = json!(["2028-08"]))]
    overdue: Vec<Month>,
    /// Of all months of the scorecard.
    timeliness: TimelinessView,
    /// Of all scorecards of its hub.
    hub_timeliness: TimelinessView,
}

impl From<&MonthList> for MonthListView {
    fn from(list: &MonthList) -> Self {
        Self {
            months: list.months.iter().map(ListedMonthView::from).collect(),
            next_due: NextDueView::from(&list.next_due),
            overdue: list.overdue.clone(),
            timeliness: list.timeliness.into(),
            hub_timeliness: list.hub_timeliness.into(),
        }
    }
}

/// A month of one of many scorecards.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MonthOfScorecard)]
struct MonthOfScorecardView {
    /// Identifier of the scorecard.
    scorecard: String,
    #[schema(example = "mature-hard-to-fill")]
    scorecard_key: String,
    scorecard_name: Name,
    hub: Named,
    prefecture: Named,
    #[serde(flatten)]
    month: ListedMonthView,
}

impl MonthOfScorecardView {
    fn of(month: &ListedMonth, scorecard: &Scorecard) -> Self {
        Self {
            scorecard: scorecard.id.to_string(),
            scorecard_key: scorecard.key.clone(),
            scorecard_name: name(&scorecard.name),
            hub: Named::from(&scorecard.hub),
            prefecture: Named::from(&scorecard.hub.prefecture),
            month: ListedMonthView::from(month),
        }
    }
}

/// Which months.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "documents what `filter` reads")]
struct MonthFilters {
    /// In which state a month is now; a reopened one is open until its time is up.
    #[param(inline)]
    state: Option<MonthStateDoc>,
    /// Only this month.
    #[param(example = "2028-09")]
    month: Option<String>,
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
enum MonthStateDoc {
    Open,
    Approved,
    Returned,
}

fn filter(query: &mut QueryReader<'_>, now: DateTime<Utc>) -> Filter {
    Filter {
        state: query
            .one_of("state", MonthState::CODES)
            .map(|state| (state, now)),
        month: query.month("month"),
        hub: query.text("hub").map(|code| HubCode(code.to_owned())),
        prefecture: query
            .text("prefecture")
            .map(|code| PrefectureCode(code.to_owned())),
    }
}

/// List the months of a scorecard
///
/// State, completeness and timeliness of every month from the start to the last
/// that has ended, or from `from` to `to`; which report is due next, and which
/// are overdue.
#[utoipa::path(
    operation_id = "list_months_of_scorecard",
    tag = "months",
    params(
        super::openapi::ScorecardPath,
        ("from" = Option<String>, Query, description = "The first month, `YYYY-MM`.", example = "2028-04"),
        ("to" = Option<String>, Query, description = "The last month, `YYYY-MM`.", example = "2028-09"),
        super::openapi::IfNoneMatchHeader, super::openapi::KnownAt,
    ),
    responses(
        (status = 200, description = "The months.", body = MonthListView, headers(("ETag" = String, description = "Of these very bytes; the revision where one decides."))),
        (status = 304, description = "Unchanged since the answer named in `If-None-Match`."),
        ThingProblems,
    ),
)]
#[get("/v1/scorecards/{id}/months")]
pub async fn list_months_of_scorecard(call: Call) -> Answer {
    call.read(Permission::ReadData, |session, input, _| {
        let scorecard = scorecards::find(session, &input.scorecard())?;
        let query = input.query()?;
        let mut query = query.read();
        let (from, to) = (query.month("from"), query.month("to"));
        let known_at = query.known_at(session.now);
        query.finish()?;
        let scorecard = as_of::scorecard(session, scorecard, known_at)?;
        let found = month_lists::of_scorecard(session, &scorecard, from, to)?;
        input.answer(Some(scorecard.revision), &MonthListView::from(&found))
    })
    .await
}

/// List months
///
/// Months of the caller's scope that were complete once or decided about, the
/// latest first; `state=open` are those to approve. Months that never were
/// complete are in `/v1/overdue` after their due day.
#[utoipa::path(
    operation_id = "list_months",
    tag = "months",
    params(MonthFilters, super::openapi::PageParameters, super::openapi::KnownAt),
    responses((status = 200, description = "A page of months.", body = List<MonthOfScorecardView>), ListProblems),
)]
#[get("/v1/months")]
pub async fn list_months(call: Call) -> Answer {
    call.read(Permission::ReadData, |session, input, _| {
        let query = input.query()?;
        let mut query = query.read();
        let known_at = query.known_at(session.now);
        let filter = filter(&mut query, known_at.unwrap_or(session.now));
        let page = query.page();
        let after: Option<Position> = position(&page, &mut query);
        query.finish()?;
        as_of::look_back(session, known_at);
        let found = month_lists::list(session, &filter, after.as_ref(), load_limit(&page))?;
        let view = list(
            found,
            &page,
            |(month, scorecard)| Position {
                month: month.month,
                scorecard: scorecard.id.clone(),
            },
            |(month, scorecard)| MonthOfScorecardView::of(month, scorecard),
        )?;
        Reply::ok(&view)
    })
    .await
}

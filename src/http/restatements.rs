//! What was corrected between two instants.

use actix_web::get;
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::call::{Answer, Call};
use super::cursor::{List, list, load_limit, position};
use super::evaluated_view::CellView;
use super::problems_doc::ThingProblems;
use super::query::QueryReader;
use super::scorecards::cached;
use super::views::{Name, Number, name, number};
use crate::app::restatements::{self, Cause, Counts, Explained, Position};
use crate::app::{as_of, scorecards};
use crate::domain::access::Permission;
use crate::domain::issue::IssueCode;
use crate::domain::month::Month;
use crate::domain::restatement::Answered;
use crate::domain::text::Text;

/// What is answered about an item in a month.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AnsweredItem)]
pub struct AnsweredView {
    /// `reported`, `not_reported` or `not_applicable`.
    #[schema(example = "reported")]
    state: &'static str,
    /// Of the month alone, as are numerator and denominator.
    value: Option<Number>,
    numerator: Option<Number>,
    denominator: Option<Number>,
    /// Actual to date.
    actual: Option<Number>,
    /// Plan to date.
    plan: Number,
    target: Option<Number>,
    attainment: Option<Number>,
    #[schema(example = "behind")]
    status: &'static str,
    #[schema(example = "red")]
    flag: &'static str,
    plan_version: u32,
}

impl From<&Answered> for AnsweredView {
    fn from(answered: &Answered) -> Self {
        let cell = CellView::of_cell(&answered.cell);
        Self {
            state: cell.state,
            value: cell.value,
            numerator: cell.numerator,
            denominator: cell.denominator,
            actual: number(answered.actual.as_ref()),
            plan: Number::from(&answered.plan),
            target: answered.target.map(Number::from),
            attainment: number(answered.attainment.as_ref()),
            status: answered.status.code(),
            flag: answered.flag.code(),
            plan_version: answered.plan_version,
        }
    }
}

/// Why it is answered otherwise.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RestatementCause)]
pub struct CauseView {
    /// `correction`, `clear`, `late_report` (a cell of the same sum, first
    /// reported after the month was answered) or `plan_revision`.
    #[schema(example = "correction")]
    kind: &'static str,
    at: DateTime<Utc>,
    /// Who, by the name at that time.
    by: String,
    /// What they said: the report's note, why a cell was cleared, why the plan
    /// was revised.
    note: Option<String>,
    /// The month of the changed cell; of a plan, the first one that it governs.
    #[schema(value_type = String, example = "2028-08")]
    month: Month,
    /// The cell as it was, and as it is; null of a plan.
    before: Option<CellView>,
    after: Option<CellView>,
    /// The scorecard's revision that the change of a cell made.
    revision: Option<i64>,
    plan_version: Option<u32>,
}

impl From<&Cause> for CauseView {
    fn from(cause: &Cause) -> Self {
        let cells = cause.cells.as_ref();
        Self {
            kind: cause.kind.code(),
            at: cause.at,
            by: cause.by.clone(),
            note: cause.note.clone(),
            month: cause.month,
            before: cells.map(|(before, _)| CellView::of_cell(before)),
            after: cells.map(|(_, after)| CellView::of_cell(after)),
            revision: cause.revision,
            plan_version: cause.plan_version,
        }
    }
}

/// An item in a month that is answered otherwise.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Restatement)]
pub struct RestatementView {
    #[schema(example = "consult-seminar")]
    item: String,
    item_name: Name,
    #[schema(value_type = String, example = "2028-09")]
    month: Month,
    before: AnsweredView,
    /// Null where the plan in force lacks the item now.
    after: Option<AnsweredView>,
    /// By month; the plan last.
    causes: Vec<CauseView>,
}

impl From<&Explained> for RestatementView {
    fn from(explained: &Explained) -> Self {
        let restatement = &explained.restatement;
        Self {
            item: restatement.item.clone(),
            item_name: name(&restatement.name),
            month: restatement.month,
            before: AnsweredView::from(&restatement.before),
            after: restatement.after.as_ref().map(AnsweredView::from),
            causes: explained.causes.iter().map(CauseView::from).collect(),
        }
    }
}

/// How much was restated, on all pages.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RestatementCounts)]
struct CountsView {
    restatements: usize,
    months: usize,
    items: usize,
    /// Restatements with another status.
    status: usize,
    /// Restatements with another flag.
    flag: usize,
    /// Restatements in which a correction has a part; one can have several causes.
    correction: usize,
    clear: usize,
    late_report: usize,
    plan_revision: usize,
}

impl From<Counts> for CountsView {
    fn from(counts: Counts) -> Self {
        Self {
            restatements: counts.restatements,
            months: counts.months,
            items: counts.items,
            status: counts.status,
            flag: counts.flag,
            correction: counts.correction,
            clear: counts.clear,
            late_report: counts.late_report,
            plan_revision: counts.plan_revision,
        }
    }
}

/// A page of restatements.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RestatementList)]
struct RestatementsView {
    /// By month, then in plan order.
    items: Vec<RestatementView>,
    /// Pass it as `cursor` to get the next page; null on the last one.
    next_cursor: Option<String>,
    counts: CountsView,
}

/// `from`, which has to be given, and `to`.
fn between(
    query: &mut QueryReader<'_>,
    now: DateTime<Utc>,
) -> (Option<DateTime<Utc>>, Option<DateTime<Utc>>) {
    let (from, to) = (
        query.past_instant("from", now),
        query.past_instant("to", now),
    );
    if !query.has("from") {
        query.refuse(
            IssueCode::Missing,
            "from",
            Text::new(
                "from に、比べる元の日時を指定してください。",
                "Give from: the instant to compare with.",
            ),
        );
    }
    if from.zip(to).is_some_and(|(from, to)| from > to) {
        query.refuse(
            IssueCode::OutOfRange,
            "from",
            Text::new(
                "from は to より後にできません。",
                "from cannot be later than to.",
            ),
        );
    }
    (from, to)
}

/// List restatements
///
/// Items in months about which something was answered at `from` that is answered
/// otherwise at `to`: figures, status or flag; with who changed what, when and
/// why. A month that was first reported in between is no restatement, and
/// neither is an item's.
#[utoipa::path(
    operation_id = "list_restatements",
    tag = "actuals",
    params(
        super::openapi::ScorecardPath,
        ("from" = DateTime<Utc>, Query, description = "The earlier instant (RFC 3339).", example = "2028-10-10T15:00:00Z"),
        ("to" = Option<DateTime<Utc>>, Query, description = "The later instant, not in the future; now where absent.", example = "2028-11-10T15:00:00Z"),
        super::openapi::PageParameters,
        super::openapi::IfNoneMatchHeader,
    ),
    responses(
        (status = 200, description = "A page of restatements.", body = RestatementsView, headers(("ETag" = String, description = "The revision at `to`."))),
        (status = 304, description = "Unchanged since the revision in `If-None-Match`."),
        ThingProblems,
    ),
)]
#[get("/v1/scorecards/{id}/restatements")]
pub async fn list_restatements(call: Call) -> Answer {
    call.read(Permission::ReadData, |session, input, state| {
        let scorecard = scorecards::find(session, &input.scorecard())?;
        let query = input.query()?;
        let mut query = query.read();
        let (from, to) = between(&mut query, session.now);
        let page = query.page();
        let after: Option<Position> = position(&page, &mut query);
        query.finish()?;
        let from = from.unwrap_or(session.now);
        let scorecard = as_of::scorecard(session, scorecard, to)?;
        cached(input, state, scorecard, |scorecard| {
            let all = restatements::list(session, &scorecard, from)?;
            let counts = CountsView::from(restatements::counts(&all));
            let found = restatements::page(all, after.as_ref(), load_limit(&page));
            let List { items, next_cursor } =
                list(found, &page, Position::of, |one| RestatementView::from(one))?;
            Ok(RestatementsView {
                items,
                next_cursor,
                counts,
            })
        })
    })
    .await
}

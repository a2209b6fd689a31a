//! Monthly actuals: reporting them, one scorecard or many, and reading them back.

use actix_web::http::StatusCode;
use actix_web::{get, post};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::bulk;
use super::call::{Answer, Call};
use super::cursor::{List, list, load_limit, position};
use super::entity_tag::{Demanded, EntityTag};
use super::evaluated_view::CellView;
use super::issue_view::IssueView;
use super::problems_doc::{BulkProblems, ReportProblems, ThingProblems};
use super::reply::Reply;
use super::scorecards::cached;
use crate::app::actuals::{
    self, Book, HistoryPosition, MonthCells, MonthCompleteness, Recorded, StatusChange,
};
use crate::app::alerts::TouchedAlert;
use crate::app::bulk::Mode;
use crate::app::{as_of, scorecards};
use crate::domain::access::Permission;
use crate::domain::issue::Issues;
use crate::domain::month::Month;
use crate::domain::month_state::MonthAct;
use crate::domain::report::{Difference, read_report};
use crate::domain::strict_json::Value;
use crate::storage::actuals::PastChange;

/// Where a report came from, for the history.
const SOURCE: &str = "api";

/// A report of one month. Items that are not named stay as they are.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(
    dead_code,
    reason = "documents the body, which `read_report` reads strictly"
)]
#[schema(as = Report, example = json!({
    "month": "2028-09",
    "values": [
        {"item": "consult-seminar", "value": 3},
        {"item": "consult-bank", "not_applicable": "協定の見直し中"},
        {"item": "refer-full-time", "clear": "二重に計上したため"}
    ],
    "note": "9月分"
}))]
pub struct ReportDoc {
    /// The month, `YYYY-MM`; it must have ended.
    #[schema(pattern = "^[0-9]{4}-(0[1-9]|1[0-2])$")]
    month: String,
    #[schema(max_items = 10_000)]
    values: Vec<ReportValueDoc>,
    /// Kept with every change of the report.
    #[schema(min_length = 1, max_length = 4000)]
    note: Option<String>,
}

/// What a report says of one item: a figure, a numerator with its denominator,
/// why the month does not count, or why an earlier figure is taken back. Zero
/// is a figure; absent is not zero.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(untagged, deny_unknown_fields)]
#[schema(as = ReportValue)]
pub enum ReportValueDoc {
    Value {
        item: String,
        value: f64,
    },
    Ratio {
        item: String,
        numerator: f64,
        denominator: f64,
    },
    NotApplicable {
        item: String,
        #[schema(min_length = 1, max_length = 4000)]
        not_applicable: String,
    },
    Clear {
        item: String,
        #[schema(min_length = 1, max_length = 4000)]
        clear: String,
    },
}

/// What happened to the values of a body; `received` is the sum of the others.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ReportCounts)]
pub struct ReportCountsView {
    pub received: usize,
    pub created: usize,
    pub updated: usize,
    pub unchanged: usize,
    pub cleared: usize,
    pub rejected: usize,
}

impl ReportCountsView {
    #[must_use]
    pub fn of(difference: &Difference, received: usize) -> Self {
        Self {
            received,
            created: difference.created,
            updated: difference.updated,
            unchanged: difference.unchanged,
            cleared: difference.cleared,
            rejected: 0,
        }
    }

    #[must_use]
    pub fn sum(counts: impl Iterator<Item = Self>) -> Self {
        counts.fold(Self::default(), |sum, counts| Self {
            received: sum.received + counts.received,
            created: sum.created + counts.created,
            updated: sum.updated + counts.updated,
            unchanged: sum.unchanged + counts.unchanged,
            cleared: sum.cleared + counts.cleared,
            rejected: sum.rejected + counts.rejected,
        })
    }

    #[must_use]
    pub fn rejected(received: usize) -> Self {
        Self {
            received,
            rejected: received,
            ..Self::default()
        }
    }
}

/// How complete a month is.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Completeness)]
pub struct CompletenessView {
    /// Items that have to be reported in this month.
    required: u32,
    /// Of these, reported or not applicable.
    reported: u32,
    complete: bool,
    /// The day by whose end the report is due, in Japan.
    due_on: NaiveDate,
    /// Whether the month first became complete in time; null while that is open.
    on_time: Option<bool>,
    /// Keys of the items that are missing.
    missing: Vec<String>,
}

impl From<&MonthCompleteness> for CompletenessView {
    fn from(month: &MonthCompleteness) -> Self {
        Self {
            required: month.completeness.required,
            reported: month.completeness.reported,
            complete: month.completeness.complete,
            due_on: month.due_on,
            on_time: month.on_time,
            missing: month.completeness.missing.clone(),
        }
    }
}

/// Status and flag.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = StatusAndFlag)]
pub struct StatusAndFlagView {
    #[schema(example = "behind")]
    status: &'static str,
    #[schema(example = "red")]
    flag: &'static str,
}

/// An item whose status or flag the report changed.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = StatusChange)]
pub struct StatusChangeView {
    item: String,
    from: StatusAndFlagView,
    to: StatusAndFlagView,
}

impl From<&StatusChange> for StatusChangeView {
    fn from(change: &StatusChange) -> Self {
        let view =
            |(status, flag): (crate::domain::status::Status, crate::domain::status::Flag)| {
                StatusAndFlagView {
                    status: status.code(),
                    flag: flag.code(),
                }
            };
        Self {
            item: change.item.clone(),
            from: view(change.from),
            to: view(change.to),
        }
    }
}

/// An alert that a report touched.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AlertReference)]
pub struct AlertReferenceView {
    id: String,
    item: String,
    /// `open`, `resolved` or `withdrawn`.
    #[schema(example = "open")]
    state: &'static str,
}

impl From<&TouchedAlert> for AlertReferenceView {
    fn from(touched: &TouchedAlert) -> Self {
        Self {
            id: touched.id.to_string(),
            item: touched.item.clone(),
            state: touched.state.code(),
        }
    }
}

/// What a report did.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReportResult)]
pub struct ReportResultView {
    /// `applied`, or `unchanged` where everything was so already.
    #[schema(example = "applied")]
    outcome: &'static str,
    dry_run: bool,
    /// After the write; of a dry run, as before.
    revision: i64,
    counts: ReportCountsView,
    completeness: CompletenessView,
    /// Warnings; errors refuse a report as a whole.
    issues: Vec<IssueView>,
    /// Items whose status or flag in this month differs now, in plan order.
    changes: Vec<StatusChangeView>,
    alerts: Vec<AlertReferenceView>,
}

/// `applied` or `unchanged`.
#[must_use]
pub fn outcome(recorded: &Recorded) -> &'static str {
    if recorded.difference.changes.is_empty() {
        "unchanged"
    } else {
        "applied"
    }
}

impl ReportResultView {
    fn of(recorded: &Recorded, dry_run: bool) -> Self {
        Self {
            outcome: outcome(recorded),
            dry_run,
            revision: if dry_run {
                recorded.revision_before
            } else {
                recorded.revision
            },
            counts: ReportCountsView::of(&recorded.difference, recorded.received),
            completeness: CompletenessView::from(&recorded.completeness),
            issues: recorded
                .warnings
                .iter()
                .cloned()
                .map(IssueView::from)
                .collect(),
            changes: recorded
                .changes
                .iter()
                .map(StatusChangeView::from)
                .collect(),
            alerts: recorded
                .alerts
                .iter()
                .map(AlertReferenceView::from)
                .collect(),
        }
    }
}

/// Report a month
///
/// Stores the month's figures, all or none, and answers what turned. Posting
/// the same again changes nothing; `dry_run` checks without storing.
#[utoipa::path(
    operation_id = "report_actuals",
    tag = "actuals",
    params(
        super::openapi::ScorecardPath,
        ("dry_run" = Option<bool>, Query, description = "Do everything, store nothing."),
        super::openapi::IdempotencyKeyHeader,
        super::openapi::IfMatchHeader,
    ),
    request_body = ReportDoc,
    responses(
        (status = 200, description = "Applied, or unchanged.", body = ReportResultView, headers(("ETag" = String, description = "The revision."))),
        ReportProblems,
    ),
)]
#[post("/v1/scorecards/{id}/actuals")]
pub async fn report_actuals(call: Call) -> Answer {
    call.write(MonthAct::Report.permission(), |session, input, _| {
        let book = Book::open(session, &input.scorecard())?;
        let query = input.query()?;
        let mut query = query.read();
        let dry_run = query.switch("dry_run");
        query.finish()?;
        let json = input.json()?;
        let mut issues = Issues::default();
        let Some(mut object) = Value::root(&json).object(&mut issues) else {
            return Err(crate::app::AppError::Invalid(issues.into_vec()));
        };
        let report = read_report(&mut object, &mut issues);
        object.finish(&mut issues);
        let expected = expected_revision(input.demanded());
        let recorded = actuals::record_one(session, book, &report, issues, expected, SOURCE)?;
        let view = ReportResultView::of(&recorded, dry_run);
        Ok(Reply::ok(&view)?.tagged(&EntityTag::of_revision(view.revision)))
    })
    .await
}

/// The revision that an operation has to find; one that none has, for a tag
/// that is not of ours.
#[must_use]
pub const fn expected_revision(demanded: Demanded) -> Option<i64> {
    match demanded {
        Demanded::Any => None,
        Demanded::Revision(revision) => Some(revision),
        Demanded::Never => Some(i64::MIN),
    }
}

/// Reports on many scorecards and months.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "documents the body, which `bulk` reads strictly")]
#[schema(example = json!({"reports": [
    {"hub": "yamagata", "key": "mature-hard-to-fill", "month": "2028-09", "values": [{"item": "consult-bank", "value": 1}]}
]}))]
struct BulkBody {
    #[schema(max_items = 1_000)]
    reports: Vec<BulkReportDoc>,
}

/// A report that names its scorecard, by identifier or by hub and key.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "documents the body, which `bulk` reads strictly")]
#[schema(as = BulkReport)]
struct BulkReportDoc {
    scorecard: Option<String>,
    hub: Option<String>,
    key: Option<String>,
    #[schema(pattern = "^[0-9]{4}-(0[1-9]|1[0-2])$")]
    month: String,
    values: Vec<ReportValueDoc>,
    #[schema(min_length = 1, max_length = 4000)]
    note: Option<String>,
}

/// Report many months
///
/// `mode=atomic` stores all reports or none; `mode=partial` stores each report
/// that is sound and says why the others are not (207).
#[utoipa::path(
    operation_id = "report_actuals_in_bulk",
    tag = "actuals",
    params(
        ("mode" = Option<String>, Query, description = "`atomic` (default) or `partial`.", example = "partial"),
        ("dry_run" = Option<bool>, Query, description = "Do everything, store nothing."),
        super::openapi::IdempotencyKeyHeader,
    ),
    request_body = BulkBody,
    responses(
        (status = 200, description = "All applied, or unchanged.", body = bulk::BulkResultView),
        (status = 207, description = "Some reports were refused, the others applied.", body = bulk::BulkResultView),
        BulkProblems,
    ),
)]
#[post("/v1/actuals")]
pub async fn report_actuals_in_bulk(call: Call) -> Answer {
    call.write(MonthAct::Report.permission(), |session, input, _| {
        let query = input.query()?;
        let mut query = query.read();
        let mode = query.one_of("mode", Mode::CODES).unwrap_or(Mode::Atomic);
        let dry_run = query.switch("dry_run");
        query.finish()?;
        let json = input.json()?;
        let (status, view) = bulk::record(session, &json, mode, dry_run, SOURCE)?;
        Reply::json(status, &view)
    })
    .await
}

/// A cell with its item.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ItemCell)]
pub struct ItemCellView {
    item: String,
    #[serde(flatten)]
    cell: CellView,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MonthOfCells)]
pub struct MonthCellsView {
    #[schema(value_type = String, example = "2028-09")]
    month: Month,
    /// `open`, `approved` or `returned`.
    #[schema(example = "open")]
    state: &'static str,
    /// The prefecture's words with its last decision.
    note: Option<String>,
    /// Until when a reopened month can be corrected.
    reopened_until: Option<DateTime<Utc>>,
    completeness: CompletenessView,
    /// Every item of the plan, in its order.
    cells: Vec<ItemCellView>,
}

impl From<&MonthCells> for MonthCellsView {
    fn from(month: &MonthCells) -> Self {
        Self {
            month: month.month,
            state: month.state.code(),
            note: month.row.as_ref().and_then(|row| row.note.clone()),
            reopened_until: month.row.as_ref().and_then(|row| row.reopened_until),
            completeness: CompletenessView::from(&month.completeness),
            cells: month
                .items
                .iter()
                .map(|item| ItemCellView {
                    item: item.clone(),
                    cell: CellView::of(month.cells.get(item)),
                })
                .collect(),
        }
    }
}

/// The cells of some months.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Cells)]
pub struct CellsView {
    months: Vec<MonthCellsView>,
}

/// Read actuals
///
/// What was reported, month by month, with each month's state and completeness.
#[utoipa::path(
    operation_id = "list_actuals",
    tag = "actuals",
    params(super::openapi::IfNoneMatchHeader,
        super::openapi::ScorecardPath,
        ("from" = Option<String>, Query, description = "First month; the start where absent.", example = "2028-04"),
        ("to" = Option<String>, Query, description = "Last month; the last reported one where absent.", example = "2028-09"),
        super::openapi::KnownAt,
    ),
    responses((status = 200, description = "The cells.", body = CellsView, headers(("ETag" = String, description = "Of these very bytes; the revision where one decides."))),
        (status = 304, description = "Unchanged since the answer named in `If-None-Match`."), ThingProblems),
)]
#[get("/v1/scorecards/{id}/actuals")]
pub async fn list_actuals(call: Call) -> Answer {
    call.read(Permission::ReadData, |session, input, _| {
        let scorecard = scorecards::find(session, &input.scorecard())?;
        let query = input.query()?;
        let mut query = query.read();
        let (from, to) = (query.month("from"), query.month("to"));
        let known_at = query.known_at(session.now);
        query.finish()?;
        let scorecard = as_of::scorecard(session, scorecard, known_at)?;
        let months = actuals::list_cells(session, &scorecard, from, to)?;
        let view = CellsView {
            months: months.iter().map(MonthCellsView::from).collect(),
        };
        input.answer(Some(scorecard.revision), &view)
    })
    .await
}

/// One change of a cell.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CellChange)]
pub struct CellChangeView {
    at: DateTime<Utc>,
    by: String,
    #[schema(value_type = String, example = "2028-09")]
    month: Month,
    before: CellView,
    after: CellView,
    note: Option<String>,
    /// Where the change came from.
    #[schema(example = "api")]
    source: String,
    /// The scorecard's revision that the change made.
    revision: i64,
}

impl From<&PastChange> for CellChangeView {
    fn from(entry: &PastChange) -> Self {
        let mut after = CellView::of_cell(&entry.after);
        // A cleared cell keeps why it was cleared.
        after.reason = after.reason.or_else(|| entry.clear_reason.clone());
        Self {
            at: entry.at,
            by: entry.by_name.clone(),
            month: entry.month,
            before: CellView::of_cell(&entry.before),
            after,
            note: entry.note.clone(),
            source: entry.source.clone(),
            revision: entry.revision,
        }
    }
}

/// The changes of an item's cells.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ItemHistory)]
pub struct ItemHistoryView {
    changes: Vec<CellChangeView>,
    /// Pass it as `cursor` to get the next page; null on the last one.
    next_cursor: Option<String>,
}

/// Read the history of an item
///
/// Every change of its cells, oldest first. History cannot be rewritten.
#[utoipa::path(
    operation_id = "get_item_history",
    tag = "actuals",
    params(super::openapi::IfNoneMatchHeader,
        super::openapi::ScorecardPath,
        ("item" = String, Path, description = "Key of the item.", example = "consult-seminar"),
        super::openapi::PageParameters, super::openapi::KnownAt,
    ),
    responses((status = 200, description = "A page of changes.", body = ItemHistoryView, headers(("ETag" = String, description = "Of these very bytes; the revision where one decides."))),
        (status = 304, description = "Unchanged since the answer named in `If-None-Match`."), ThingProblems),
)]
#[get("/v1/scorecards/{id}/items/{item}/history")]
pub async fn get_item_history(call: Call) -> Answer {
    call.read(Permission::ReadData, |session, input, _| {
        let scorecard = scorecards::find(session, &input.scorecard())?;
        let query = input.query()?;
        let mut query = query.read();
        let page = query.page();
        let after: Option<HistoryPosition> = position(&page, &mut query);
        let known_at = query.known_at(session.now);
        query.finish()?;
        let scorecard = as_of::scorecard(session, scorecard, known_at)?;
        let item = input.parameter("item");
        let found =
            actuals::item_history(session, &scorecard, item, after.as_ref(), load_limit(&page))?;
        let List { items, next_cursor } = list(found, &page, HistoryPosition::of, |entry| {
            CellChangeView::from(entry)
        })?;
        let view = ItemHistoryView {
            changes: items,
            next_cursor,
        };
        input.answer(Some(scorecard.revision), &view)
    })
    .await
}

/// Read the series
///
/// Plan and actual of every item, month by month; every list has one entry a month.
#[utoipa::path(
    operation_id = "get_series",
    tag = "actuals",
    params(
        super::openapi::ScorecardPath,
        ("from" = Option<String>, Query, description = "First month; the start where absent.", example = "2028-04"),
        ("to" = Option<String>, Query, description = "Last month; the last reported one where absent.", example = "2028-09"),
        super::openapi::KnownAt,
        super::openapi::IfNoneMatchHeader,
    ),
    responses(
        (status = 200, description = "The series.", body = super::series::SeriesView, headers(("ETag" = String, description = "The revision."))),
        (status = 304, description = "Unchanged since the revision in `If-None-Match`."),
        ThingProblems,
    ),
)]
#[get("/v1/scorecards/{id}/series")]
pub async fn get_series(call: Call) -> Answer {
    call.read(Permission::ReadData, |session, input, state| {
        let scorecard = scorecards::find(session, &input.scorecard())?;
        let query = input.query()?;
        let mut query = query.read();
        let (from, to) = (query.month("from"), query.month("to"));
        let known_at = query.known_at(session.now);
        query.finish()?;
        let scorecard = as_of::scorecard(session, scorecard, known_at)?;
        cached(input, state, scorecard, |scorecard| {
            let series = crate::app::series::series(session, &scorecard, from, to)?;
            Ok(super::series::SeriesView::from(&series))
        })
    })
    .await
}

/// 200, or 207 where some reports of a bulk were refused.
#[must_use]
pub const fn bulk_status(some_refused: bool) -> StatusCode {
    if some_refused {
        StatusCode::MULTI_STATUS
    } else {
        StatusCode::OK
    }
}

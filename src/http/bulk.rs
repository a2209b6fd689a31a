//! Reports on many scorecards in one request: atomic, or report by report.

use std::collections::{BTreeMap, BTreeSet};

use actix_web::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use super::actuals::{
    AlertReferenceView, CompletenessView, ReportCountsView, StatusChangeView, bulk_status, outcome,
};
use super::issue_view::IssueView;
use crate::app::actuals::{self, Book, Recorded, Refusal};
use crate::app::{AppError, Conflict, Session};
use crate::domain::code::coded_enum;
use crate::domain::ids::{HubCode, ScorecardId};
use crate::domain::issue::{Issue, IssueCode, Issues};
use crate::domain::report::{Report, VALUES_MAX, duplicate_cell, read_report};
use crate::domain::strict_json::{Json, Object, Value};
use crate::domain::text::Text;

/// Reports in one request.
const REPORTS_MAX: usize = 1_000;

coded_enum! {
    /// What a refused report does to the others.
    pub enum Mode {
        /// All are stored, or none.
        Atomic => "atomic",
        /// The others are stored.
        Partial => "partial",
    }
}

/// One report of a bulk.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = BulkReportResult)]
pub struct BulkReportView {
    /// Position in the body.
    index: usize,
    scorecard: Option<String>,
    /// `applied`, `unchanged` or `rejected`.
    #[schema(example = "applied")]
    outcome: &'static str,
    revision: Option<i64>,
    counts: ReportCountsView,
    completeness: Option<CompletenessView>,
    changes: Vec<StatusChangeView>,
    alerts: Vec<AlertReferenceView>,
    /// Errors of a rejected report, warnings of the others.
    issues: Vec<IssueView>,
}

/// What a bulk did.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = BulkResult)]
pub struct BulkResultView {
    /// `applied`, `unchanged`, or `partial` where some reports were refused.
    #[schema(example = "applied")]
    outcome: &'static str,
    dry_run: bool,
    /// Sums over all reports.
    counts: ReportCountsView,
    reports: Vec<BulkReportView>,
}

/// A report of the body with the scorecard that it names.
struct BulkReport {
    index: usize,
    scorecard: Option<ScorecardId>,
    report: Report,
    issues: Issues,
    refusal: Option<Refusal>,
}

/// Records the reports of a body.
///
/// # Errors
/// `Invalid` or `Conflict`: atomic, where any report is refused; partial, where
/// all are. Nothing is stored then.
pub fn record(
    session: &mut Session<'_>,
    json: &Json<'_>,
    mode: Mode,
    dry_run: bool,
    source: &'static str,
) -> Result<(StatusCode, BulkResultView), AppError> {
    let mut reports = read_reports(session, json)?;
    refuse_duplicates(&mut reports);
    let mut books = open_books(session, &mut reports)?;
    for bulk in &mut reports {
        let issues = std::mem::take(&mut bulk.issues);
        bulk.refusal = match bulk.scorecard.as_ref().and_then(|id| books.get(id)) {
            Some(book) => actuals::refusal(session, book, &bulk.report, issues)?,
            None => Some(Refusal::Issues(issues.into_vec())),
        };
    }
    let refused = reports.iter().filter(|bulk| bulk.refusal.is_some()).count();
    if refused > 0 && (mode == Mode::Atomic || refused == reports.len()) {
        return Err(refused_as_a_whole(reports));
    }
    let mut views = Vec::with_capacity(reports.len());
    for bulk in &reports {
        let book = bulk.scorecard.as_ref().and_then(|id| books.get_mut(id));
        views.push(match (&bulk.refusal, book) {
            (None, Some(book)) => {
                let recorded = actuals::record(session, book, &bulk.report, source)?;
                applied_view(bulk, &recorded, dry_run)
            }
            _ => rejected_view(bulk),
        });
    }
    Ok((
        bulk_status(refused > 0),
        result_view(views, dry_run, refused > 0),
    ))
}

fn read_reports(session: &mut Session<'_>, json: &Json<'_>) -> Result<Vec<BulkReport>, AppError> {
    let mut issues = Issues::default();
    let values = Value::root(json).object(&mut issues).map(|mut object| {
        let values = object
            .required("reports", &mut issues)
            .and_then(|v| v.array(&mut issues, REPORTS_MAX))
            .unwrap_or_default();
        object.finish(&mut issues);
        values
    });
    let values = match values {
        Some(values) if !issues.has_errors() => values,
        _ => return Err(AppError::Invalid(issues.into_vec())),
    };
    let mut reports = Vec::with_capacity(values.len());
    for (index, value) in values.iter().enumerate() {
        let mut issues = Issues::default();
        let (scorecard, report) = match value.object(&mut issues) {
            Some(mut object) => {
                let scorecard = read_scorecard(session, &mut object, &mut issues)?;
                let report = read_report(&mut object, &mut issues);
                object.finish(&mut issues);
                (scorecard, report)
            }
            None => (None, Report::unreadable(value.path())),
        };
        reports.push(BulkReport {
            index,
            scorecard,
            report,
            issues,
            refusal: None,
        });
    }
    let received: usize = reports.iter().map(|bulk| bulk.report.received).sum();
    if received > VALUES_MAX {
        return Err(AppError::Invalid(vec![Issue::error(
            IssueCode::OutOfRange,
            "/reports",
            Text::new(
                format!("一度に {VALUES_MAX} 件の値までです（{received} 件あります）。"),
                format!("At most {VALUES_MAX} values at a time; there are {received}."),
            ),
        )]));
    }
    Ok(reports)
}

/// The scorecard a report names, by identifier or by hub and key.
fn read_scorecard(
    session: &mut Session<'_>,
    object: &mut Object<'_>,
    issues: &mut Issues,
) -> Result<Option<ScorecardId>, AppError> {
    let id = object.optional("scorecard");
    let hub = object.optional("hub");
    let key = object.optional("key");
    let (place, found) = match (id, hub, key) {
        (Some(id), None, None) => {
            let Some(text) = id.line(issues) else {
                return Ok(None);
            };
            (id.path().to_owned(), Some(ScorecardId(text)))
        }
        (None, Some(hub), Some(key)) => {
            let (Some(hub_code), Some(key)) = (hub.line(issues), key.line(issues)) else {
                return Ok(None);
            };
            let found = actuals::find_by_key(session, &HubCode(hub_code), &key)?;
            (hub.path().to_owned(), found)
        }
        _ => {
            issues.error(
                IssueCode::Missing,
                format!("{}/scorecard", object.path()),
                Text::new(
                    "scorecard か、hub と key の組を指定してください。",
                    "Give scorecard, or hub and key.",
                ),
            );
            return Ok(None);
        }
    };
    let visible = match found {
        Some(id) => actuals::is_visible(session, &id)?.then_some(id),
        None => None,
    };
    if visible.is_none() {
        issues.error(
            IssueCode::UnknownReference,
            place,
            Text::new(
                "このスコアカードは存在しないか、担当の範囲外です。",
                "This scorecard does not exist, or lies outside your scope.",
            ),
        );
    }
    Ok(visible)
}

/// One body names each cell at most once, over all of its reports.
fn refuse_duplicates(reports: &mut [BulkReport]) {
    let mut first_of: BTreeMap<
        (ScorecardId, crate::domain::month::Month, String),
        (usize, String),
    > = BTreeMap::new();
    for bulk in reports {
        let (Some(id), Some(month)) = (&bulk.scorecard, bulk.report.month) else {
            continue;
        };
        for entry in &bulk.report.entries {
            let cell = (id.clone(), month, entry.item.clone());
            match first_of.get(&cell) {
                // Twice in one report is found where the report is checked.
                Some((index, _)) if *index == bulk.index => {}
                Some((_, first)) => bulk.issues.push(duplicate_cell(entry, first)),
                None => {
                    first_of.insert(cell, (bulk.index, entry.path.clone()));
                }
            }
        }
    }
}

/// Locks every scorecard once, in the order of their identifiers, so that two
/// bulks never wait for each other.
fn open_books(
    session: &mut Session<'_>,
    reports: &mut [BulkReport],
) -> Result<BTreeMap<ScorecardId, Book>, AppError> {
    let ids: BTreeSet<ScorecardId> = reports
        .iter()
        .filter_map(|bulk| bulk.scorecard.clone())
        .collect();
    ids.into_iter()
        .map(|id| Book::open(session, &id).map(|book| (id, book)))
        .collect()
}

/// 422 where any report has errors, else 409 for the approved months.
fn refused_as_a_whole(reports: Vec<BulkReport>) -> AppError {
    let mut issues = Vec::new();
    let mut approved = None;
    let mut conflicts = Vec::new();
    for bulk in reports {
        match bulk.refusal {
            Some(Refusal::Issues(found)) => issues.extend(found),
            Some(Refusal::MonthApproved(month)) => {
                approved.get_or_insert(month);
                conflicts.push(month_approved(
                    &bulk.report.path,
                    month,
                    bulk.scorecard.as_ref(),
                ));
            }
            None => {}
        }
    }
    match approved {
        Some(month) if issues.is_empty() => {
            AppError::Conflict(Conflict::MonthApproved(month), conflicts)
        }
        _ => {
            issues.extend(conflicts);
            AppError::Invalid(issues)
        }
    }
}

fn month_approved(
    path: &str,
    month: crate::domain::month::Month,
    scorecard: Option<&ScorecardId>,
) -> Issue {
    let issue = Issue::error(
        IssueCode::MonthApproved,
        format!("{path}/month"),
        Text::new(
            format!("{month} は承認済みのため変更できません。"),
            format!("{month} is approved and cannot be changed."),
        ),
    )
    .about_month(month);
    match scorecard {
        Some(id) => issue.about_scorecard(id.as_str()),
        None => issue,
    }
}

fn applied_view(bulk: &BulkReport, recorded: &Recorded, dry_run: bool) -> BulkReportView {
    BulkReportView {
        index: bulk.index,
        scorecard: Some(recorded.scorecard.to_string()),
        outcome: outcome(recorded),
        revision: Some(if dry_run {
            recorded.revision_before
        } else {
            recorded.revision
        }),
        counts: ReportCountsView::of(&recorded.difference, recorded.received),
        completeness: Some(CompletenessView::from(&recorded.completeness)),
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
        issues: recorded
            .warnings
            .iter()
            .cloned()
            .map(IssueView::from)
            .collect(),
    }
}

fn rejected_view(bulk: &BulkReport) -> BulkReportView {
    let issues = match &bulk.refusal {
        Some(Refusal::Issues(issues)) => issues.clone(),
        Some(Refusal::MonthApproved(month)) => {
            vec![month_approved(
                &bulk.report.path,
                *month,
                bulk.scorecard.as_ref(),
            )]
        }
        None => Vec::new(),
    };
    BulkReportView {
        index: bulk.index,
        scorecard: bulk.scorecard.as_ref().map(ToString::to_string),
        outcome: "rejected",
        revision: None,
        counts: ReportCountsView::rejected(bulk.report.received),
        completeness: None,
        changes: Vec::new(),
        alerts: Vec::new(),
        issues: issues.into_iter().map(IssueView::from).collect(),
    }
}

fn result_view(reports: Vec<BulkReportView>, dry_run: bool, some_refused: bool) -> BulkResultView {
    let counts = reports
        .iter()
        .fold(ReportCountsView::default(), |sum, report| {
            ReportCountsView {
                received: sum.received + report.counts.received,
                created: sum.created + report.counts.created,
                updated: sum.updated + report.counts.updated,
                unchanged: sum.unchanged + report.counts.unchanged,
                cleared: sum.cleared + report.counts.cleared,
                rejected: sum.rejected + report.counts.rejected,
            }
        });
    let outcome = if some_refused {
        "partial"
    } else if reports.iter().any(|report| report.outcome == "applied") {
        "applied"
    } else {
        "unchanged"
    };
    BulkResultView {
        outcome,
        dry_run,
        counts,
        reports,
    }
}

//! Reports on many scorecards in one request: atomic, or report by report.

use actix_web::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use super::actuals::{
    AlertReferenceView, CompletenessView, ReportCountsView, StatusChangeView, bulk_status, outcome,
};
use super::issue_view::IssueView;
use crate::app::actuals::{self, Recorded, Refusal};
use crate::app::bulk::{self, BulkReport, Mode, Outcome, Pointing};
use crate::app::{AppError, Session};
use crate::domain::ids::{HubCode, ScorecardId};
use crate::domain::issue::{Issue, IssueCode, Issues};
use crate::domain::report::{Report, VALUES_MAX, read_report};
use crate::domain::strict_json::{Json, Object, Value};
use crate::domain::text::Text;

/// Reports in one request.
const REPORTS_MAX: usize = 1_000;

/// One report of a bulk.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = BulkReportResult)]
pub struct BulkReportView {
    /// Position in the body.
    index: usize,
    scorecard: Option<String>,
    /// Null where it could not be read.
    #[schema(example = "2028-09")]
    month: Option<String>,
    /// `applied`, `unchanged` or `rejected`.
    #[schema(example = "applied")]
    outcome: &'static str,
    revision: Option<i64>,
    pub counts: ReportCountsView,
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
    let reports = read_reports(session, json)?;
    let examined = bulk::examine(session, reports)?;
    if let Some(refusal) = examined.refusal(mode, Pointing::AtMonth) {
        return Err(refusal);
    }
    let outcomes = examined.record(session, source)?;
    let some_refused = outcomes.iter().any(|(_, outcome)| outcome.is_err());
    Ok((
        bulk_status(some_refused),
        BulkResultView::of(&outcomes, dry_run),
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
    for value in &values {
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
            scorecard,
            report,
            issues,
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

impl BulkReportView {
    /// What became of one report of a bulk.
    #[must_use]
    pub fn of(index: usize, bulk: &BulkReport, outcome: &Outcome, dry_run: bool) -> Self {
        match outcome {
            Ok(recorded) => Self::applied(index, bulk, recorded, dry_run),
            Err(refusal) => Self::rejected(index, bulk, refusal),
        }
    }

    fn applied(index: usize, bulk: &BulkReport, recorded: &Recorded, dry_run: bool) -> Self {
        Self {
            index,
            scorecard: Some(recorded.scorecard.to_string()),
            month: bulk.report.month.map(|month| month.to_string()),
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

    fn rejected(index: usize, bulk: &BulkReport, refusal: &Refusal) -> Self {
        Self {
            index,
            scorecard: bulk.scorecard.as_ref().map(ToString::to_string),
            month: bulk.report.month.map(|month| month.to_string()),
            outcome: "rejected",
            revision: None,
            counts: ReportCountsView::rejected(bulk.report.received),
            completeness: None,
            changes: Vec::new(),
            alerts: Vec::new(),
            issues: bulk::issues_of(bulk, refusal)
                .into_iter()
                .map(IssueView::from)
                .collect(),
        }
    }
}

impl BulkResultView {
    fn of(outcomes: &[(BulkReport, Outcome)], dry_run: bool) -> Self {
        let reports: Vec<BulkReportView> = outcomes
            .iter()
            .enumerate()
            .map(|(index, (bulk, outcome))| BulkReportView::of(index, bulk, outcome, dry_run))
            .collect();
        let some_refused = outcomes.iter().any(|(_, outcome)| outcome.is_err());
        Self {
            outcome: outcome_of_all(&reports, some_refused),
            dry_run,
            counts: ReportCountsView::sum(reports.iter().map(|report| report.counts)),
            reports,
        }
    }
}

/// `partial` where some were refused, else `applied` where any changed anything.
#[must_use]
pub fn outcome_of_all(reports: &[BulkReportView], some_refused: bool) -> &'static str {
    if some_refused {
        "partial"
    } else if reports.iter().any(|report| report.outcome == "applied") {
        "applied"
    } else {
        "unchanged"
    }
}

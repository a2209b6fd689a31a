//! Reporting a month: the main job (`product.md` §3).

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::alerts::{self, TouchedAlert};
use super::audit::{self, Action, Subject};
use super::months::{MonthState, due_moment, effective_state, phase};
use super::notices::{self, Reported};
use super::scorecards::{self, demand_revision, lock};
use super::summaries;
use super::{AppError, Conflict, Session, as_of, plans};
use crate::domain::completeness::{Completeness, completeness};
use crate::domain::evaluate::{Evaluation, evaluate};
use crate::domain::ids::{HubCode, ScorecardId};
use crate::domain::issue::{Issue, Issues};
use crate::domain::ledger::{Cell, Ledger};
use crate::domain::month::{Month, ProgrammeMonth};
use crate::domain::month_state::{MonthAct, MonthOutcome, outcome};
use crate::domain::report::{self, CellChange, Difference, Entry, Report, Statement};
use crate::domain::roadmap::{Plan, PlanHistory};
use crate::domain::status::{Flag, Status};
use crate::storage::actuals::{self as cells, ChangeContext, PastChange, StoredCell};
use crate::storage::months::{self, MonthRecord};
use crate::storage::overdue;
use crate::storage::scorecards::{self as scorecard_rows, Scorecard};

/// Status and flag of an item before and after a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusChange {
    pub item: String,
    pub from: (Status, Flag),
    pub to: (Status, Flag),
}

/// How complete a month is, and whether it was in time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MonthCompleteness {
    pub completeness: Completeness,
    pub due_on: NaiveDate,
    /// `None` while the month is not complete and its due day is not over.
    pub on_time: Option<bool>,
}

/// What one report did.
#[derive(Clone, Debug)]
pub struct Recorded {
    pub scorecard: ScorecardId,
    /// After the write.
    pub revision: i64,
    pub revision_before: i64,
    pub received: usize,
    pub difference: Difference,
    pub completeness: MonthCompleteness,
    /// Remarks; errors refuse a report.
    pub warnings: Vec<Issue>,
    pub changes: Vec<StatusChange>,
    /// Alerts that opened, ended or came back.
    pub alerts: Vec<TouchedAlert>,
}

/// Why a report was not recorded.
#[derive(Debug)]
pub enum Refusal {
    Issues(Vec<Issue>),
    MonthApproved(Month),
}

impl From<Refusal> for AppError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Issues(issues) => Self::Invalid(issues),
            Refusal::MonthApproved(month) => Self::conflict(Conflict::MonthApproved(month)),
        }
    }
}

/// A scorecard opened for writing: locked, with its plan and all its cells.
#[derive(Debug)]
pub struct Book {
    pub scorecard: Scorecard,
    plans: PlanHistory,
    ledger: Ledger,
    revision_before: i64,
}

impl Book {
    /// Locks a scorecard and loads what a report needs.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn open(session: &mut Session<'_>, id: &ScorecardId) -> Result<Self, AppError> {
        let scorecard = lock(session, id)?;
        let plans = plans::history(session, &scorecard)?;
        let ledger = cells::ledger(session.conn, id, scorecard.start, None)?;
        let revision_before = scorecard.revision;
        Ok(Self {
            scorecard,
            plans,
            ledger,
            revision_before,
        })
    }

    /// Whether a report says anything new.
    #[must_use]
    pub fn is_changed_by(&self, report: &Report) -> bool {
        report.month.is_none() || self.changed_entries(report).next().is_some()
    }

    /// What a report says otherwise than the cells.
    pub fn changed_entries<'a>(&self, report: &'a Report) -> impl Iterator<Item = &'a Entry> {
        let changes = |month| report::difference(report, self.at(month), &self.ledger).changes;
        let changes = report.month.map_or_else(Vec::new, changes);
        let items: BTreeSet<String> = changes.into_iter().map(|change| change.item).collect();
        let entries = report.entries.iter();
        entries.filter(move |entry| items.contains(&entry.item))
    }

    /// Puts the stored reasons into a report that has what `folded` makes of them.
    /// Blanks around a reason are lost where it stands behind 対象外 in a cell.
    pub fn keep_words(&self, report: &mut Report, folded: fn(&str) -> String) {
        let Some(month) = report.month else { return };
        for entry in &mut report.entries {
            if let Statement::NotApplicable { reason } = &mut entry.statement
                && let Cell::NotApplicable { reason: stored } =
                    self.ledger.cell(&entry.item, self.at(month))
                && folded(stored).trim() == reason.trim()
            {
                reason.clone_from(stored);
            }
        }
    }

    fn at(&self, month: Month) -> ProgrammeMonth {
        ProgrammeMonth::of(month, self.scorecard.start).unwrap_or(ProgrammeMonth::FIRST)
    }

    fn plan(&self, month: Month) -> &Plan {
        self.plans.in_force(month)
    }
}

/// Everything that can be wrong with a report, found before anything is
/// written; `issues` holds what its body already showed.
///
/// # Errors
/// Those of the storage.
pub fn refusal(
    session: &mut Session<'_>,
    book: &Book,
    report: &Report,
    mut issues: Issues,
) -> Result<Option<Refusal>, AppError> {
    let month = report.month.unwrap_or(book.scorecard.start);
    report::check(
        report,
        book.plan(month),
        Month::last_ended(session.now),
        &mut issues,
    );
    if issues.has_errors() {
        let id = book.scorecard.id.as_str();
        let issues = issues.into_vec();
        return Ok(Some(Refusal::Issues(
            issues
                .into_iter()
                .map(|issue| about(issue, id, report.month))
                .collect(),
        )));
    }
    let row = months::find(session.conn, &book.scorecard.id, month)?;
    let outcome = outcome(phase(row.as_ref(), session.now), MonthAct::Report);
    Ok((outcome == MonthOutcome::Refused).then_some(Refusal::MonthApproved(month)))
}

fn about(issue: Issue, scorecard: &str, month: Option<Month>) -> Issue {
    let issue = issue.about_scorecard(scorecard);
    match month {
        Some(month) if issue.month.is_none() => issue.about_month(month),
        _ => issue,
    }
}

/// Records one report on one scorecard.
///
/// # Errors
/// `Invalid`, then `Conflict` for an approved month, then `Stale`.
pub fn record_one(
    session: &mut Session<'_>,
    mut book: Book,
    report: &Report,
    issues: Issues,
    expected: Option<i64>,
    source: &'static str,
) -> Result<Recorded, AppError> {
    if let Some(refusal) = refusal(session, &book, report, issues)? {
        return Err(refusal.into());
    }
    demand_revision(&book.scorecard, expected)?;
    record(session, &mut book, report, source)
}

/// Writes a report that [`refusal`] found nothing against. Nothing changed is
/// nothing written, and no new revision.
///
/// # Errors
/// Those of the storage.
pub fn record(
    session: &mut Session<'_>,
    book: &mut Book,
    report: &Report,
    source: &'static str,
) -> Result<Recorded, AppError> {
    let month = report
        .month
        .ok_or_else(|| AppError::Internal("an unchecked report".to_owned()))?;
    let at = book.at(month);
    let difference = report::difference(report, at, &book.ledger);
    let before = evaluate(book.plan(month), &book.ledger, at);
    let mut changes = Vec::new();
    let mut touched = Vec::new();
    if !difference.changes.is_empty() {
        write_cells(session, book, report, month, &difference, source)?;
        for change in &difference.changes {
            book.ledger.set(&change.item, at, change.after.clone());
        }
        let after = evaluate(book.plan(month), &book.ledger, at);
        changes = status_changes(book.plan(month), &before, &after);
        complete_months(session, &book.scorecard, &book.plans, &book.ledger, month)?;
        summaries::refresh(
            session,
            &mut book.scorecard,
            &book.plans,
            &book.ledger,
            month,
        )?;
        touched = tell(session, book, month)?;
        audit_report(session, &book.scorecard, month, &difference, source)?;
    }
    let row = months::find(session.conn, &book.scorecard.id, month)?;
    Ok(Recorded {
        scorecard: book.scorecard.id.clone(),
        revision: book.scorecard.revision,
        revision_before: book.revision_before,
        received: report.received,
        warnings: report::warnings(report, at, book.plan(month), &book.ledger)
            .into_iter()
            .map(|issue| about(issue, book.scorecard.id.as_str(), Some(month)))
            .collect(),
        completeness: month_completeness(
            book.plan(month),
            &book.ledger,
            month,
            row.as_ref(),
            session,
        ),
        difference,
        changes,
        alerts: touched,
    })
}

/// Finds what became of the alerts, and arranges for who has to know.
fn tell(
    session: &mut Session<'_>,
    book: &Book,
    month: Month,
) -> Result<Vec<TouchedAlert>, AppError> {
    let id = &book.scorecard.id;
    let (plans, ledger) = (&book.plans, &book.ledger);
    let touched = alerts::refresh(session.conn, id, plans, ledger, month, session.now)?;
    let reported = Reported {
        complete: completeness(book.plan(month), ledger, book.at(month)).complete,
        due_moment: due_moment(month, &book.plan(month).definition.settings),
    };
    notices::arrange(session.conn, session.office, id, &reported, session.now)?;
    Ok(touched)
}

fn write_cells(
    session: &mut Session<'_>,
    book: &mut Book,
    report: &Report,
    month: Month,
    difference: &Difference,
    source: &'static str,
) -> Result<(), AppError> {
    book.scorecard.revision = scorecard_rows::bump(session.conn, &book.scorecard.id, session.now)?;
    let changes: Vec<(Month, &CellChange)> = difference
        .changes
        .iter()
        .map(|change| (month, change))
        .collect();
    let context = ChangeContext {
        by_id: session.caller.id(),
        by_name: &session.caller.name,
        at: session.now,
        note: report.note.as_deref(),
        source,
    };
    Ok(cells::apply(
        session.conn,
        &book.scorecard.id,
        book.scorecard.revision,
        &changes,
        &context,
    )?)
}

fn status_changes(plan: &Plan, before: &Evaluation, after: &Evaluation) -> Vec<StatusChange> {
    plan.definition
        .items
        .iter()
        .zip(before.items.iter().zip(&after.items))
        .map(|(item, (before, after))| StatusChange {
            item: item.key.clone(),
            from: (before.status, before.flag),
            to: (after.status, after.flag),
        })
        .filter(|change| change.from != change.to)
        .collect()
}

/// Notes when months first became complete. A report can complete later months
/// too: what is achieved need not be reported any more.
///
/// # Errors
/// Those of the storage.
pub fn complete_months(
    session: &mut Session<'_>,
    scorecard: &Scorecard,
    plans: &PlanHistory,
    ledger: &Ledger,
    month: Month,
) -> Result<(), AppError> {
    let start = scorecard.start;
    let through = ledger
        .reported_through()
        .map_or(month, |last| last.calendar(start))
        .max(month);
    let known: BTreeMap<Month, MonthRecord> =
        months::range(session.conn, &scorecard.id, month, through)?
            .into_iter()
            .map(|row| (row.month, row))
            .collect();
    let at = |month| ProgrammeMonth::of(month, start).unwrap_or(ProgrammeMonth::FIRST);
    for at in at(month).through(at(through)) {
        let later = at.calendar(start);
        let was_complete = known
            .get(&later)
            .is_some_and(|row| row.first_completed_at.is_some());
        if !was_complete && completeness(plans.in_force(later), ledger, at).complete {
            months::set_first_completed(session.conn, &scorecard.id, later, session.now)?;
            overdue::close(session.conn, &scorecard.id, later, session.now)?;
        }
    }
    Ok(())
}

fn audit_report(
    session: &mut Session<'_>,
    scorecard: &Scorecard,
    month: Month,
    difference: &Difference,
    source: &'static str,
) -> Result<(), AppError> {
    let detail = json!({
        "month": month,
        "revision": scorecard.revision,
        "created": difference.created,
        "updated": difference.updated,
        "cleared": difference.cleared,
        "source": source,
    });
    audit::record(
        session,
        Action::ActualsReported,
        Subject::scorecard(scorecard),
        &detail,
    )
}

/// Completeness of a month with its due day (`semantics.md` §1).
#[must_use]
pub fn month_completeness(
    plan: &Plan,
    ledger: &Ledger,
    month: Month,
    row: Option<&MonthRecord>,
    session: &Session<'_>,
) -> MonthCompleteness {
    let at = ProgrammeMonth::of(month, plan.start).unwrap_or(ProgrammeMonth::FIRST);
    let settings = &plan.definition.settings;
    let deadline = due_moment(month, settings);
    let completeness = completeness(plan, ledger, at);
    let on_time = match row.and_then(|row| row.first_completed_at) {
        Some(completed) => Some(completed < deadline),
        // Nothing is required, and never was: complete from the first day.
        None if completeness.complete => Some(true),
        None if session.now >= deadline => Some(false),
        None => None,
    };
    MonthCompleteness {
        completeness,
        due_on: settings.due_on(month),
        on_time,
    }
}

/// The identifier of a hub's scorecard.
///
/// # Errors
/// Those of the storage.
pub fn find_by_key(
    session: &mut Session<'_>,
    hub: &HubCode,
    key: &str,
) -> Result<Option<ScorecardId>, AppError> {
    let scope = session.caller.scope.clone();
    Ok(scorecard_rows::find_by_key(session.conn, hub, key, &scope)?.map(|scorecard| scorecard.id))
}

/// The reported cells of some months, with each month's state and completeness.
#[derive(Clone, Debug)]
pub struct MonthCells {
    pub month: Month,
    pub state: MonthState,
    pub row: Option<MonthRecord>,
    pub completeness: MonthCompleteness,
    pub cells: BTreeMap<String, StoredCell>,
    /// Keys of the plan's items in that month, in order.
    pub items: Vec<String>,
}

/// Cells month by month.
///
/// # Errors
/// `Invalid` for months outside the programme.
pub fn list_cells(
    session: &mut Session<'_>,
    scorecard: &Scorecard,
    from: Option<Month>,
    to: Option<Month>,
) -> Result<Vec<MonthCells>, AppError> {
    let last = scorecard.reported_through.unwrap_or(scorecard.start);
    let from = from.unwrap_or(scorecard.start);
    let to = to.unwrap_or_else(|| last.max(from));
    let first = scorecards::programme_month(from, scorecard, "/query/from")?;
    let through = scorecards::programme_month(to, scorecard, "/query/to")?;
    let plans = plans::history(session, scorecard)?;
    let ledger = as_of::ledger(session, scorecard, Some(to))?;
    let mut by_month: BTreeMap<Month, BTreeMap<String, StoredCell>> = BTreeMap::new();
    for cell in as_of::cells(session, scorecard, from, to)? {
        by_month
            .entry(cell.month)
            .or_default()
            .insert(cell.item.clone(), cell);
    }
    let mut rows: BTreeMap<Month, MonthRecord> = as_of::months(session, scorecard, from, to)?
        .into_iter()
        .map(|row| (row.month, row))
        .collect();
    Ok(first
        .through(through)
        .map(|at| {
            let month = at.calendar(scorecard.start);
            let plan = plans.in_force(month);
            let row = rows.remove(&month);
            MonthCells {
                month,
                state: effective_state(row.as_ref(), session.now),
                completeness: month_completeness(plan, &ledger, month, row.as_ref(), session),
                row,
                cells: by_month.remove(&month).unwrap_or_default(),
                items: plan
                    .definition
                    .items
                    .iter()
                    .map(|item| item.key.clone())
                    .collect(),
            }
        })
        .collect())
}

/// Every change of one item's cells, oldest first.
///
/// # Errors
/// `NotFound` for an item that no plan version has.
pub fn item_history(
    session: &mut Session<'_>,
    scorecard: &Scorecard,
    item: &str,
    after: Option<&HistoryPosition>,
    limit: u32,
) -> Result<Vec<PastChange>, AppError> {
    let known = plans::versions(session, scorecard)?
        .iter()
        .any(|version| version.plan.definition.item(item).is_some());
    if !known {
        return Err(AppError::NotFound);
    }
    let after = after.map(|position| (position.revision, position.month));
    Ok(cells::history(
        session.conn,
        &scorecard.id,
        item,
        after,
        i64::from(limit),
        session.known_at,
    )?)
}

/// Where a page of an item's history begins: after this change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryPosition {
    pub revision: i64,
    pub month: Month,
}

impl HistoryPosition {
    #[must_use]
    pub fn of(change: &PastChange) -> Self {
        Self {
            revision: change.revision,
            month: change.month,
        }
    }
}

/// Whether a scorecard lies in the caller's scope.
///
/// # Errors
/// Those of the storage.
pub fn is_visible(session: &mut Session<'_>, id: &ScorecardId) -> Result<bool, AppError> {
    let scope = session.caller.scope.clone();
    Ok(scorecard_rows::find(session.conn, id, &scope)?.is_some())
}

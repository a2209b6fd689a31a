//! Reports on many scorecards and months at once: atomic, or report by report.

use std::collections::{BTreeMap, BTreeSet};

use super::actuals::{self, Book, Recorded, Refusal};
use super::{AppError, Conflict, Session};
use crate::domain::code::coded_enum;
use crate::domain::ids::ScorecardId;
use crate::domain::issue::{Issue, IssueCode, Issues};
use crate::domain::month::Month;
use crate::domain::report::{Entry, Report, duplicate_cell};
use crate::domain::text::Text;

coded_enum! {
    /// What a refused report does to the others.
    pub enum Mode {
        /// All are stored, or none.
        Atomic => "atomic",
        /// The others are stored.
        Partial => "partial",
    }
}

/// What the issues of an approved month point at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pointing {
    /// The month, where a report names it once.
    AtMonth,
    /// Each entry that would change the month, where every row names it.
    AtChanges,
}

/// A report with the scorecard that it names, and what its reader found wrong.
#[derive(Debug)]
pub struct BulkReport {
    pub scorecard: Option<ScorecardId>,
    pub report: Report,
    pub issues: Issues,
}

/// What became of one report.
pub type Outcome = Result<Recorded, Refusal>;

/// Reports held against their scorecards, which stay locked.
#[derive(Debug)]
pub struct Examined {
    reports: Vec<BulkReport>,
    refusals: Vec<Option<Refusal>>,
    books: BTreeMap<ScorecardId, Book>,
}

/// Finds everything that is wrong with reports, before anything is written.
///
/// # Errors
/// Those of the storage.
pub fn examine(
    session: &mut Session<'_>,
    mut reports: Vec<BulkReport>,
) -> Result<Examined, AppError> {
    refuse_duplicates(&mut reports);
    let books = open_books(session, &reports)?;
    let mut refusals = Vec::with_capacity(reports.len());
    for bulk in &mut reports {
        let issues = std::mem::take(&mut bulk.issues);
        let book = bulk.scorecard.as_ref().and_then(|id| books.get(id));
        refusals.push(match book {
            Some(book) => actuals::refusal(session, book, &bulk.report, issues)?,
            None => Some(Refusal::Issues(issues.into_vec())),
        });
    }
    Ok(Examined {
        reports,
        refusals,
        books,
    })
}

impl Examined {
    /// Takes the stored words for those of a report where the report comes from a
    /// text that cannot say them: `folded` is what its encoding makes of them.
    pub fn keep_words(&mut self, folded: fn(&str) -> String) {
        for bulk in &mut self.reports {
            let book = bulk.scorecard.as_ref().and_then(|id| self.books.get(id));
            if let Some(book) = book {
                book.keep_words(&mut bulk.report, folded);
            }
        }
    }

    /// Lets reports of approved months stand that change nothing: what was exported
    /// may be imported again.
    pub fn excuse_unchanged(&mut self) {
        for (bulk, refusal) in self.reports.iter().zip(&mut self.refusals) {
            let book = bulk.scorecard.as_ref().and_then(|id| self.books.get(id));
            if matches!(refusal, Some(Refusal::MonthApproved(_)))
                && book.is_some_and(|book| !book.is_changed_by(&bulk.report))
            {
                *refusal = None;
            }
        }
    }

    /// Why the reports are refused as a whole, if they are: 422 where any has
    /// errors, else 409 for the approved months.
    #[must_use]
    pub fn refusal(&self, mode: Mode, pointing: Pointing) -> Option<AppError> {
        let refused = self.refusals.iter().flatten().count();
        let stands = refused == 0 || (mode == Mode::Partial && refused < self.reports.len());
        if stands {
            return None;
        }
        let mut approved = None;
        let mut issues = Vec::new();
        let mut conflicts = Vec::new();
        for (bulk, refusal) in self.reports.iter().zip(&self.refusals) {
            match refusal {
                Some(Refusal::Issues(found)) => issues.extend(found.iter().cloned()),
                Some(Refusal::MonthApproved(month)) => {
                    approved.get_or_insert(*month);
                    conflicts.extend(self.conflicts(bulk, *month, pointing));
                }
                None => {}
            }
        }
        Some(match approved {
            Some(month) if issues.is_empty() => {
                AppError::Conflict(Conflict::MonthApproved(month), conflicts)
            }
            _ => {
                issues.extend(conflicts);
                AppError::Invalid(issues)
            }
        })
    }

    /// Why a report cannot be recorded whose month is approved.
    fn conflicts(&self, bulk: &BulkReport, month: Month, pointing: Pointing) -> Vec<Issue> {
        let book = bulk.scorecard.as_ref().and_then(|id| self.books.get(id));
        match (pointing, book) {
            (Pointing::AtChanges, Some(book)) => book
                .changed_entries(&bulk.report)
                .map(|entry| change_of_approved(bulk, entry, month))
                .collect(),
            _ => vec![month_approved(bulk, month)],
        }
    }

    /// Records the reports that nothing was found against.
    ///
    /// # Errors
    /// Those of the storage.
    pub fn record(
        mut self,
        session: &mut Session<'_>,
        source: &'static str,
    ) -> Result<Vec<(BulkReport, Outcome)>, AppError> {
        let mut outcomes = Vec::with_capacity(self.reports.len());
        for (bulk, refusal) in self.reports.into_iter().zip(self.refusals) {
            let book = bulk
                .scorecard
                .as_ref()
                .and_then(|id| self.books.get_mut(id));
            let outcome = match (refusal, book) {
                (Some(refusal), _) => Err(refusal),
                (None, Some(book)) => Ok(actuals::record(session, book, &bulk.report, source)?),
                (None, None) => return Err(AppError::Internal("a report of nothing".to_owned())),
            };
            outcomes.push((bulk, outcome));
        }
        Ok(outcomes)
    }
}

/// One body names each cell at most once, over all of its reports.
fn refuse_duplicates(reports: &mut [BulkReport]) {
    let mut first_of: BTreeMap<(ScorecardId, Month, String), (usize, String)> = BTreeMap::new();
    for (position, bulk) in reports.iter_mut().enumerate() {
        let (Some(id), Some(month)) = (&bulk.scorecard, bulk.report.month) else {
            continue;
        };
        for entry in &bulk.report.entries {
            let cell = (id.clone(), month, entry.item.clone());
            match first_of.get(&cell) {
                // Twice in one report is found where the report is checked.
                Some((index, _)) if *index == position => {}
                Some((_, first)) => bulk.issues.push(duplicate_cell(entry, first)),
                None => {
                    first_of.insert(cell, (position, entry.path.clone()));
                }
            }
        }
    }
}

/// Locks every scorecard once, in the order of their identifiers, so that two
/// bulks never wait for each other.
fn open_books(
    session: &mut Session<'_>,
    reports: &[BulkReport],
) -> Result<BTreeMap<ScorecardId, Book>, AppError> {
    let ids: BTreeSet<ScorecardId> = reports
        .iter()
        .filter_map(|bulk| bulk.scorecard.clone())
        .collect();
    ids.into_iter()
        .map(|id| Book::open(session, &id).map(|book| (id, book)))
        .collect()
}

/// Why one report was refused, as issues.
#[must_use]
pub fn issues_of(bulk: &BulkReport, refusal: &Refusal) -> Vec<Issue> {
    match refusal {
        Refusal::Issues(issues) => issues.clone(),
        Refusal::MonthApproved(month) => vec![month_approved(bulk, *month)],
    }
}

fn month_approved(bulk: &BulkReport, month: Month) -> Issue {
    let message = Text::new(
        format!("{month} は承認済みのため変更できません。"),
        format!("{month} is approved and cannot be changed."),
    );
    of_approved(bulk, format!("{}/month", bulk.report.path), month, message)
}

fn change_of_approved(bulk: &BulkReport, entry: &Entry, month: Month) -> Issue {
    let item = &entry.item;
    let message = Text::new(
        format!("{month} は承認済みのため変更できません。「{item}」が承認された値と違います。"),
        format!(
            "{month} is approved and cannot be changed; \"{item}\" differs from what was approved."
        ),
    );
    of_approved(bulk, entry.path.clone(), month, message).about_item(item)
}

fn of_approved(bulk: &BulkReport, path: String, month: Month, message: Text) -> Issue {
    let issue = Issue::error(IssueCode::MonthApproved, path, message).about_month(month);
    match &bulk.scorecard {
        Some(id) => issue.about_scorecard(id.as_str()),
        None => issue,
    }
}

//! Reports from a spreadsheet: understood, held against the plans, and recorded
//! as any other report. All of a file is stored, or nothing.

use std::collections::{BTreeMap, BTreeSet};

use super::actuals::Recorded;
use super::bulk::{self, BulkReport, Mode, Outcome, Pointing};
use super::{AppError, Session, import_mappings, plans, scorecards};
use crate::domain::ids::{HubCode, ScorecardId};
use crate::domain::import::{
    self, Candidate, Circumstances, ForeignWords, Guidance, ISSUES_MAX, ItemNames, Mapping,
    SheetReading, Survey, Target,
};
use crate::domain::issue::{Issue, IssueCode, Issues};
use crate::domain::ledger::Cell;
use crate::domain::month::Month;
use crate::domain::sheet::{Place, Workbook};
use crate::domain::text::Text;
use crate::storage::scorecards::{Filter, Scorecard};

/// Where a report came from, for the history.
const SOURCE: &str = "import";
/// Scorecards whose items are looked at to find a table by.
const VOCABULARY_MAX: usize = 20;

/// What is to be imported, and what its sender says about it.
#[derive(Clone, Debug)]
pub struct Command {
    pub scorecard: Option<ScorecardId>,
    pub hub: Option<HubCode>,
    /// Of the scorecard within `hub`.
    pub key: Option<String>,
    pub month: Option<Month>,
    pub fiscal_year: Option<i32>,
    pub sheet: Option<String>,
    pub note: Option<String>,
    /// What the encoding of the file makes of a text; `None`: it can say every one.
    pub folded: Option<fn(&str) -> String>,
}

/// A cell of a scorecard that an import changes.
#[derive(Clone, Debug)]
pub struct ChangedCell {
    pub scorecard: ScorecardId,
    pub item: String,
    pub name: Text,
    pub month: Month,
    pub before: Cell,
    pub after: Cell,
    pub place: Place,
}

/// What an import understood and did.
#[derive(Debug)]
pub struct Imported {
    /// Whether the hub's own headings were used.
    pub is_mapped: bool,
    pub sheets: Vec<SheetReading>,
    pub outcomes: Vec<(BulkReport, Outcome)>,
    pub cells: Vec<ChangedCell>,
    pub warnings: Vec<Issue>,
}

/// A workbook, looked at beside the scorecards that it may be of.
#[derive(Debug)]
pub struct Looked {
    survey: Survey,
    /// The scorecards that it may be of, and the one that it is of where it names none.
    may_be_of: BTreeSet<ScorecardId>,
    only: Option<ScorecardId>,
}

/// Finds the figures of a workbook. This takes the time of an import, and needs no
/// transaction that writes.
///
/// # Errors
/// `Invalid` where no scorecard is in question.
pub fn look_at(
    session: &mut Session<'_>,
    workbook: &Workbook,
    command: &Command,
) -> Result<Looked, AppError> {
    let visible = in_question(session, command)?;
    let words = ForeignWords::from(&mapping(session, &visible)?);
    let is_small = visible.len() <= VOCABULARY_MAX;
    let candidates = if is_small {
        candidates(session, &visible)?
    } else {
        Vec::new()
    };
    let items = ItemNames::of(&candidates, &words);
    let guidance = Guidance {
        sheet: command.sheet.as_deref(),
        month: command.month,
        fiscal_year: command.fiscal_year,
        words: &words,
        items: &items,
    };
    let mut survey = import::survey(workbook, &guidance);
    if !is_small {
        survey.issues = with_a_word_about_scorecards(survey.issues);
    }
    let only = match visible.as_slice() {
        [only] => Some(only.id.clone()),
        _ => import::best_fitting(&survey.parts, &candidates, &words),
    };
    let may_be_of = if is_small {
        visible.into_iter().map(|card| card.id).collect()
    } else {
        named_scorecards(&visible, &survey)
    };
    Ok(Looked {
        survey,
        may_be_of,
        only,
    })
}

/// Imports what was found in a workbook.
///
/// # Errors
/// `Invalid` with every problem of the file; `Conflict` for approved months.
pub fn import(
    session: &mut Session<'_>,
    looked: &Looked,
    command: &Command,
) -> Result<Imported, AppError> {
    let survey = &looked.survey;
    let visible = in_question(session, command)?;
    let mapping = mapping(session, &visible)?;
    let may_be = |card: &&Scorecard| looked.may_be_of.contains(&card.id);
    let named: Vec<Scorecard> = visible.iter().filter(may_be).cloned().collect();
    let candidates = candidates(session, &named)?;
    let circumstances = Circumstances {
        only: looked.only.as_ref(),
        words: &ForeignWords::from(&mapping),
        note: command.note.as_deref(),
        last_ended: Month::last_ended(session.now),
    };
    let gathered = import::gather(&survey.parts, &candidates, &circumstances);
    let mut found = survey.issues.clone();
    found.extend(gathered.issues.into_vec());
    let reports = gathered.reports.into_iter().map(|(id, report)| BulkReport {
        scorecard: Some(id),
        report,
        issues: Issues::default(),
    });
    let mut examined = bulk::examine(session, reports.collect())?;
    examined.keep_words(command.folded.unwrap_or(str::to_owned));
    examined.excuse_unchanged();
    let refusal = examined.refusal(Mode::Atomic, Pointing::AtChanges);
    let refusal = placed_refusal(refusal, found, &gathered.places);
    let warnings = refusal?;
    let outcomes = examined.record(session, SOURCE)?;
    Ok(Imported {
        is_mapped: !mapping.is_empty(),
        cells: changed_cells(&outcomes, &candidates, &gathered.places),
        warnings: all_warnings(warnings, &outcomes, &gathered.places),
        sheets: survey.sheets.clone(),
        outcomes,
    })
}

/// The scorecards that the sender means, or may mean.
fn in_question(session: &mut Session<'_>, command: &Command) -> Result<Vec<Scorecard>, AppError> {
    let filter = Filter {
        id: command.scorecard.clone(),
        hub: command.hub.clone(),
        key: command.key.clone(),
        ..Filter::default()
    };
    let visible = scorecards::list_all(session, &filter)?;
    if !visible.is_empty() {
        return Ok(visible);
    }
    let place = match (&command.scorecard, &command.hub) {
        (Some(_), _) => "/query/scorecard",
        (None, Some(_)) => "/query/hub",
        (None, None) => "",
    };
    Err(AppError::Invalid(vec![Issue::error(
        IssueCode::UnknownReference,
        place,
        Text::new(
            "このスコアカードは存在しないか、担当の範囲外です。",
            "This scorecard does not exist, or lies outside your scope.",
        ),
    )]))
}

/// The headings that the hub has explained, where one hub is in question.
fn mapping(session: &mut Session<'_>, visible: &[Scorecard]) -> Result<Mapping, AppError> {
    let Some((first, others)) = visible.split_first() else {
        return Ok(Mapping::default());
    };
    if others.iter().any(|other| other.hub.code != first.hub.code) {
        return Ok(Mapping::default());
    }
    let saved = import_mappings::find(session, &first.hub.code)?;
    Ok(saved.map(|saved| saved.mapping).unwrap_or_default())
}

fn candidates(
    session: &mut Session<'_>,
    scorecards: &[Scorecard],
) -> Result<Vec<Candidate>, AppError> {
    scorecards
        .iter()
        .map(|card| {
            let plans = plans::history(session, card)?;
            let hub = (card.hub.code.clone(), card.hub.name.clone());
            Ok(Candidate::new(
                card.id.clone(),
                hub,
                card.key.clone(),
                card.name.clone(),
                &plans,
            ))
        })
        .collect()
}

/// Of many scorecards, those that the sheet names, or whose hub it names: only their
/// plans are loaded.
fn named_scorecards(visible: &[Scorecard], survey: &Survey) -> BTreeSet<ScorecardId> {
    let targets: BTreeSet<&Target> = survey
        .parts
        .iter()
        .map(|part| part.target.as_ref())
        .collect();
    let wanted: BTreeSet<String> = targets
        .into_iter()
        .map(Target::folded)
        .flat_map(|target| [target.scorecard, target.hub])
        .flatten()
        .collect();
    let is_named = |card: &&Scorecard| {
        let names = [
            card.id.as_str(),
            card.hub.code.as_str(),
            &card.hub.name.ja,
            &card.hub.name.en,
        ];
        let mut names = names.into_iter().map(import::folded_whole);
        names.any(|name| wanted.contains(&name))
    };
    let found = visible.iter().filter(is_named);
    found.map(|card| card.id.clone()).collect()
}

/// Where items stand side by side, a table is known by their names; those of the
/// whole nation are not looked at.
fn with_a_word_about_scorecards(issues: Issues) -> Issues {
    let mut worded = Issues::default();
    worded.extend(issues.into_vec().into_iter().map(|issue| {
        if issue.code == IssueCode::NothingToRead && issue.is_error() {
            issue.mended_by(Text::new(
                "項目を横に並べた表は、スコアカードを指定して取り込んでください。",
                "Name the scorecard, if items stand side by side in the table.",
            ))
        } else {
            issue
        }
    }));
    worded
}

/// What was found wrong in the file and in its reports, each at its cell; the
/// warnings where nothing was.
fn placed_refusal(
    refusal: Option<AppError>,
    found: Issues,
    places: &BTreeMap<String, Place>,
) -> Result<Vec<Issue>, AppError> {
    let is_wrong = found.has_errors();
    let mut issues = found.into_vec();
    match refusal {
        None if !is_wrong => return Ok(issues),
        None => {}
        Some(AppError::Conflict(conflict, more)) if !is_wrong => {
            let more = limited(import::with_remedies(at_their_cells(more, places)));
            return Err(AppError::Conflict(conflict, more));
        }
        Some(AppError::Invalid(more) | AppError::Conflict(_, more)) => {
            issues.extend(at_their_cells(more, places));
        }
        Some(other) => return Err(other),
    }
    Err(AppError::Invalid(limited(import::with_remedies(issues))))
}

/// At most [`ISSUES_MAX`], errors first, and a word about the others.
fn limited(mut issues: Vec<Issue>) -> Vec<Issue> {
    issues.sort_by_key(|issue| !issue.is_error());
    let more = issues.len().saturating_sub(ISSUES_MAX);
    if more > 0 {
        issues.truncate(ISSUES_MAX);
        issues.push(Issue::warning(
            IssueCode::OutOfRange,
            "",
            Text::new(
                format!("ほかに少なくとも {more} 件あります。上の問題を直してから、もう一度確かめてください。"),
                format!("There are at least {more} more. Mend these, then check again."),
            ),
        ));
    }
    issues
}

/// Issues of reports, with the cells that their paths point to.
fn at_their_cells(issues: Vec<Issue>, places: &BTreeMap<String, Place>) -> Vec<Issue> {
    issues
        .into_iter()
        .map(|mut issue| {
            if issue.place.is_none()
                && let Some((path, place)) = place_of(&issue.path, places)
            {
                issue.place = Some(Box::new(place.clone()));
                issue.path = path.to_owned();
            }
            issue
        })
        .collect()
}

/// The cell that a path names, itself or a member of what was read from it.
fn place_of<'a>(
    path: &'a str,
    places: &'a BTreeMap<String, Place>,
) -> Option<(&'a str, &'a Place)> {
    let parent = path.rsplit_once('/').map(|(parent, _)| parent);
    [Some(path), parent]
        .into_iter()
        .flatten()
        .find_map(|path| Some((path, places.get(path)?)))
}

fn changed_cells(
    outcomes: &[(BulkReport, Outcome)],
    candidates: &[Candidate],
    places: &BTreeMap<String, Place>,
) -> Vec<ChangedCell> {
    let names: BTreeMap<(&ScorecardId, &str), &Text> = candidates
        .iter()
        .flat_map(|candidate| {
            let named = candidate.items();
            named.map(|item| ((&candidate.id, item.key.as_str()), &item.name))
        })
        .collect();
    let mut cells = Vec::new();
    for (bulk, outcome) in outcomes {
        let (Ok(recorded), Some(month)) = (outcome, bulk.report.month) else {
            continue;
        };
        let paths: BTreeMap<&str, &str> = bulk
            .report
            .entries
            .iter()
            .map(|entry| (entry.item.as_str(), entry.path.as_str()))
            .collect();
        for change in &recorded.difference.changes {
            let item = change.item.as_str();
            let place = paths.get(item).and_then(|path| places.get(*path));
            let name = names.get(&(&recorded.scorecard, item));
            if let (Some(place), Some(name)) = (place, name) {
                cells.push(ChangedCell {
                    scorecard: recorded.scorecard.clone(),
                    item: item.to_owned(),
                    name: (*name).clone(),
                    month,
                    before: change.before.clone(),
                    after: change.after.clone(),
                    place: place.clone(),
                });
            }
        }
    }
    cells
}

/// The warnings of the file and of its reports.
fn all_warnings(
    mut warnings: Vec<Issue>,
    outcomes: &[(BulkReport, Outcome)],
    places: &BTreeMap<String, Place>,
) -> Vec<Issue> {
    let of_reports = outcomes
        .iter()
        .filter_map(|(_, outcome)| outcome.as_ref().ok());
    for Recorded { warnings: more, .. } in of_reports {
        warnings.extend(at_their_cells(more.clone(), places));
    }
    limited(import::with_remedies(warnings))
}

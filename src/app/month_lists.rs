//! The months of a scorecard with what became of them, what is due next and how
//! timely its hub reports; and the months of many scorecards, to be approved.
//! Completeness and timeliness follow from the cells; nobody types them in.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::actuals::{MonthCompleteness, month_completeness};
use super::months::{due_moment, phase};
use super::scorecards::programme_month;
use super::{AppError, Session, as_of, plans};
use crate::domain::access::Scope;
use crate::domain::completeness::completeness;
use crate::domain::ids::ScorecardId;
use crate::domain::ledger::Ledger;
use crate::domain::month::{Month, ProgrammeMonth};
use crate::domain::month_state::MonthPhase;
use crate::domain::roadmap::PlanHistory;
use crate::storage::months::{self, MonthRecord};
pub use crate::storage::months::{Filter, Position};
use crate::storage::plans as plan_rows;
use crate::storage::scorecards::{self, Scorecard};

/// One month of a scorecard.
#[derive(Clone, Debug)]
pub struct ListedMonth {
    pub month: Month,
    pub phase: MonthPhase,
    /// Absent where nobody has completed it or decided about it.
    pub record: Option<MonthRecord>,
    pub completeness: MonthCompleteness,
}

/// The report that is due next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NextDue {
    pub month: Month,
    pub due_on: NaiveDate,
    /// Required items without a figure, in plan order.
    pub missing: Vec<String>,
}

/// How many months were complete in time, of those of which it can be said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Timeliness {
    pub months: u32,
    pub on_time: u32,
}

impl Timeliness {
    fn of(months: &[ListedMonth]) -> Self {
        let decided = || months.iter().filter_map(|month| month.completeness.on_time);
        let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        Self {
            months: count(decided().count()),
            on_time: count(decided().filter(|on_time| *on_time).count()),
        }
    }
}

/// The months of a scorecard.
#[derive(Clone, Debug)]
pub struct MonthList {
    /// Those asked for.
    pub months: Vec<ListedMonth>,
    pub next_due: NextDue,
    /// Months that are not complete after their due day and still take reports.
    pub overdue: Vec<Month>,
    /// Of all its months that have ended.
    pub timeliness: Timeliness,
    /// Of all scorecards of its hub.
    pub hub_timeliness: Timeliness,
}

/// A scorecard with everything that its months follow from.
struct Book {
    scorecard: Scorecard,
    plans: PlanHistory,
    ledger: Ledger,
    records: BTreeMap<Month, MonthRecord>,
}

/// The months from `from` (the start) to `to` (the last that has ended).
///
/// # Errors
/// `Invalid` for months outside the programme.
pub fn of_scorecard(
    session: &mut Session<'_>,
    scorecard: &Scorecard,
    from: Option<Month>,
    to: Option<Month>,
) -> Result<MonthList, AppError> {
    let last_ended = Month::last_ended(session.now);
    let from = from.unwrap_or(scorecard.start);
    let to = to.unwrap_or_else(|| last_ended.max(from));
    programme_month(from, scorecard, "/query/from")?;
    programme_month(to, scorecard, "/query/to")?;
    let filter = scorecards::Filter {
        hub: Some(scorecard.hub.code.clone()),
        ..scorecards::Filter::default()
    };
    let scope = Scope::Hub(scorecard.hub.code.clone());
    let cards = scorecards::list_all(session.conn, &filter, &scope)?;
    let cards = as_of::scorecards(session, cards)?;
    let mut hub_timeliness = Timeliness::default();
    let mut own = None;
    for book in books(session, cards)? {
        let ended = book.months(session, book.scorecard.start, last_ended);
        let timeliness = Timeliness::of(&ended);
        hub_timeliness.months += timeliness.months;
        hub_timeliness.on_time += timeliness.on_time;
        if book.scorecard.id == scorecard.id {
            own = Some((book, ended, timeliness));
        }
    }
    let (book, ended, timeliness) = own.ok_or(AppError::NotFound)?;
    Ok(MonthList {
        months: book.months(session, from, to),
        next_due: book.next_due(session, last_ended),
        overdue: ended
            .iter()
            .filter(|month| month.is_overdue())
            .map(|month| month.month)
            .collect(),
        timeliness,
        hub_timeliness,
    })
}

impl ListedMonth {
    fn is_overdue(&self) -> bool {
        self.completeness.on_time == Some(false)
            && !self.completeness.completeness.complete
            && self.phase != MonthPhase::Approved
    }
}

impl Book {
    /// The months from `from` to `to`, none where that is before it.
    fn months(&self, session: &Session<'_>, from: Month, to: Month) -> Vec<ListedMonth> {
        let start = self.scorecard.start;
        let at = |month| ProgrammeMonth::of(month, start);
        let Some((first, last)) = at(from).zip(at(to)) else {
            return Vec::new();
        };
        first
            .through(last)
            .map(|at| self.month(session, at.calendar(start)))
            .collect()
    }

    fn month(&self, session: &Session<'_>, month: Month) -> ListedMonth {
        let record = self.records.get(&month);
        let plan = self.plans.in_force(month);
        ListedMonth {
            month,
            phase: phase(record, session.now),
            completeness: month_completeness(plan, &self.ledger, month, record, session),
            record: record.cloned(),
        }
    }

    /// The last month that has ended while its due day is not over and it is
    /// not complete; else the one after it.
    fn next_due(&self, session: &Session<'_>, last_ended: Month) -> NextDue {
        let start = self.scorecard.start;
        let settings = |month| &self.plans.in_force(month).definition.settings;
        let missing = |month| {
            let at = ProgrammeMonth::of(month, start).unwrap_or(ProgrammeMonth::FIRST);
            completeness(self.plans.in_force(month), &self.ledger, at).missing
        };
        let is_open = last_ended >= start
            && session.now < due_moment(last_ended, settings(last_ended))
            && !missing(last_ended).is_empty();
        let month = if is_open {
            last_ended
        } else {
            last_ended.next().max(start)
        };
        NextDue {
            month,
            due_on: settings(month).due_on(month),
            missing: missing(month),
        }
    }
}

/// Plans, cells and months of many scorecards, one query each.
fn books(session: &mut Session<'_>, cards: Vec<Scorecard>) -> Result<Vec<Book>, AppError> {
    let ids: Vec<ScorecardId> = cards.iter().map(|card| card.id.clone()).collect();
    let starts: Vec<(&ScorecardId, Month)> =
        cards.iter().map(|card| (&card.id, card.start)).collect();
    let mut histories = plan_rows::histories(session.conn, &ids)?;
    let mut ledgers = as_of::ledgers(session, &starts, None)?;
    let mut records = as_of::months_of_all(session, &ids)?;
    cards
        .into_iter()
        .map(|scorecard| {
            let id = &scorecard.id;
            let versions = histories.remove(id).unwrap_or_default();
            Ok(Book {
                plans: plans::plan_history(
                    &session.office.plans,
                    as_of::plan_versions(session, versions),
                    scorecard.start,
                )?,
                ledger: ledgers.remove(id).unwrap_or_default(),
                records: records
                    .remove(id)
                    .unwrap_or_default()
                    .into_iter()
                    .map(|record| (record.month, record))
                    .collect(),
                scorecard,
            })
        })
        .collect()
}

/// Months of the caller's scope that were complete once or decided about,
/// latest month first: what a prefecture has to approve, and what it has
/// approved. A month that never was complete is no matter for it yet.
///
/// # Errors
/// Those of the storage.
pub fn list(
    session: &mut Session<'_>,
    filter: &Filter,
    after: Option<&Position>,
    limit: u32,
) -> Result<Vec<(ListedMonth, Scorecard)>, AppError> {
    let scope = session.caller.scope.clone();
    let (limit, at) = (i64::from(limit), session.known_at);
    let rows = months::list(session.conn, filter, &scope, after, limit, at)?;
    let rows = as_of::with_scorecards(session, rows)?;
    let cards: BTreeMap<ScorecardId, Scorecard> = rows
        .iter()
        .map(|(_, card)| (card.id.clone(), card.clone()))
        .collect();
    let books: BTreeMap<ScorecardId, Book> = books(session, cards.into_values().collect())?
        .into_iter()
        .map(|book| (book.scorecard.id.clone(), book))
        .collect();
    Ok(rows
        .into_iter()
        .filter_map(|(month, card)| {
            let listed = books.get(&card.id)?.month(session, month);
            Some((listed, card))
        })
        .collect())
}

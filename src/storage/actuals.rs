//! What was reported: the cells as they are, and every change that made them so.

#![expect(clippy::ref_option_ref, reason = "in derived code")]

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use diesel::prelude::*;
use diesel::upsert::excluded;

use super::conn::{Conn, columns, per_backend};
use super::error::StorageError;
use super::schema::{cell_changes, cells};
use super::stored::{self, CellColumns, IDS_PER_QUERY};
use crate::domain::ids::ScorecardId;
use crate::domain::ledger::{Cell, Ledger};
use crate::domain::month::{Month, ProgrammeMonth};
use crate::domain::report::CellChange;

/// Rows in one statement: 19 columns each stay far below `SQLite`'s 32,766
/// parameters.
const ROWS_PER_STATEMENT: usize = 500;

/// The table of the history.
const PAST: &str = "cell_changes";

/// A cell that is not `not_reported`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredCell {
    pub item: String,
    pub month: Month,
    pub cell: Cell,
    pub reported_at: DateTime<Utc>,
    pub reported_by: String,
}

/// Who makes a change, when, and by which way.
#[derive(Clone, Copy, Debug)]
pub struct ChangeContext<'a> {
    pub by_id: &'a str,
    pub by_name: &'a str,
    pub at: DateTime<Utc>,
    pub note: Option<&'a str>,
    pub source: &'a str,
}

/// One change of one cell, as the history keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastChange {
    pub revision: i64,
    pub month: Month,
    pub item: String,
    pub at: DateTime<Utc>,
    pub by_id: String,
    pub by_name: String,
    pub before: Cell,
    pub after: Cell,
    /// Why the cell was cleared.
    pub clear_reason: Option<String>,
    pub note: Option<String>,
    pub source: String,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = cells)]
struct CellRow {
    scorecard_id: String,
    item: String,
    month: NaiveDate,
    state: String,
    value: Option<i64>,
    numerator: Option<i64>,
    denominator: Option<i64>,
    reason: Option<String>,
}

#[derive(Insertable)]
#[diesel(table_name = cells, treat_none_as_default_value = false)]
struct NewCell<'a> {
    scorecard_id: &'a str,
    item: &'a str,
    month: NaiveDate,
    state: &'static str,
    value: Option<i64>,
    numerator: Option<i64>,
    denominator: Option<i64>,
    reason: Option<&'a str>,
    reported_at: NaiveDateTime,
    reported_by: &'a str,
}

#[derive(Insertable)]
#[diesel(table_name = cell_changes, treat_none_as_default_value = false)]
struct NewCellChange<'a> {
    scorecard_id: &'a str,
    revision: i64,
    month: NaiveDate,
    item: &'a str,
    at: NaiveDateTime,
    by_id: &'a str,
    by_name: &'a str,
    before_state: &'static str,
    before_value: Option<i64>,
    before_numerator: Option<i64>,
    before_denominator: Option<i64>,
    before_reason: Option<&'a str>,
    after_state: &'static str,
    after_value: Option<i64>,
    after_numerator: Option<i64>,
    after_denominator: Option<i64>,
    after_reason: Option<&'a str>,
    note: Option<&'a str>,
    source: &'a str,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = cell_changes)]
struct CellChangeRow {
    revision: i64,
    month: NaiveDate,
    item: String,
    at: NaiveDateTime,
    by_id: String,
    by_name: String,
    before_state: String,
    before_value: Option<i64>,
    before_numerator: Option<i64>,
    before_denominator: Option<i64>,
    before_reason: Option<String>,
    after_state: String,
    after_value: Option<i64>,
    after_numerator: Option<i64>,
    after_denominator: Option<i64>,
    after_reason: Option<String>,
    note: Option<String>,
    source: String,
}

/// A cell after one of its changes.
#[derive(Queryable, Selectable)]
#[diesel(table_name = cell_changes)]
struct PastCellRow {
    scorecard_id: String,
    month: NaiveDate,
    item: String,
    after_state: String,
    after_value: Option<i64>,
    after_numerator: Option<i64>,
    after_denominator: Option<i64>,
    after_reason: Option<String>,
}

impl PastCellRow {
    fn cell(self) -> Result<Cell, StorageError> {
        stored::cell(
            PAST,
            &self.after_state,
            (
                self.after_value,
                self.after_numerator,
                self.after_denominator,
            ),
            self.after_reason,
        )
    }
}

impl CellRow {
    fn cell(self) -> Result<Cell, StorageError> {
        stored::cell(
            "cells",
            &self.state,
            (self.value, self.numerator, self.denominator),
            self.reason,
        )
    }

    fn put_into(self, ledger: &mut Ledger, start: Month) -> Result<(), StorageError> {
        let month = programme_month("cells", self.month, start)?;
        let item = self.item.clone();
        ledger.set(&item, month, self.cell()?);
        Ok(())
    }
}

impl TryFrom<CellChangeRow> for PastChange {
    type Error = StorageError;

    fn try_from(row: CellChangeRow) -> Result<Self, StorageError> {
        let before = stored::cell(
            PAST,
            &row.before_state,
            (
                row.before_value,
                row.before_numerator,
                row.before_denominator,
            ),
            row.before_reason,
        )?;
        let after = stored::cell(
            PAST,
            &row.after_state,
            (row.after_value, row.after_numerator, row.after_denominator),
            row.after_reason.clone(),
        )?;
        Ok(Self {
            revision: row.revision,
            month: stored::month(PAST, row.month)?,
            item: row.item,
            at: row.at.and_utc(),
            by_id: row.by_id,
            by_name: row.by_name,
            before,
            clear_reason: row.after_reason.filter(|_| after == Cell::NotReported),
            after,
            note: row.note,
            source: row.source,
        })
    }
}

fn programme_month(
    table: &'static str,
    day: NaiveDate,
    start: Month,
) -> Result<ProgrammeMonth, StorageError> {
    let month = stored::month(table, day)?;
    ProgrammeMonth::of(month, start)
        .ok_or_else(|| StorageError::corrupt(table, format!("{month} is before the start {start}")))
}

/// All cells of a scorecard that starts in `start`, up to `through` if given.
pub fn ledger(
    conn: &mut Conn,
    scorecard: &ScorecardId,
    start: Month,
    through: Option<Month>,
) -> Result<Ledger, StorageError> {
    let mut ledgers = ledgers(conn, &[(scorecard, start)], through)?;
    Ok(ledgers.remove(scorecard).unwrap_or_default())
}

/// [`ledger`] of many scorecards at once, each with its start. A scorecard
/// without cells is absent.
pub fn ledgers(
    conn: &mut Conn,
    scorecards: &[(&ScorecardId, Month)],
    through: Option<Month>,
) -> Result<BTreeMap<ScorecardId, Ledger>, StorageError> {
    let part = Part {
        through,
        from: None,
    };
    ledgers_of(conn, scorecards, &part)
}

/// The cells from `from` to `through`, and those of `items` from the start on:
/// what comparing many scorecards at one month takes.
pub fn ledgers_between(
    conn: &mut Conn,
    scorecards: &[(&ScorecardId, Month)],
    (from, through): (Month, Month),
    items: &[&str],
) -> Result<BTreeMap<ScorecardId, Ledger>, StorageError> {
    let part = Part {
        through: Some(through),
        from: Some((from, items)),
    };
    ledgers_of(conn, scorecards, &part)
}

/// Which cells: up to a month; from a month on, except of some items.
struct Part<'a> {
    through: Option<Month>,
    from: Option<(Month, &'a [&'a str])>,
}

fn ledgers_of(
    conn: &mut Conn,
    scorecards: &[(&ScorecardId, Month)],
    part: &Part<'_>,
) -> Result<BTreeMap<ScorecardId, Ledger>, StorageError> {
    let mut ledgers = BTreeMap::new();
    for chunk in scorecards.chunks(IDS_PER_QUERY) {
        let starts: BTreeMap<&str, Month> = chunk
            .iter()
            .map(|(id, start)| (id.as_str(), *start))
            .collect();
        let mut query = cells::table
            .select(columns::<CellRow>())
            .filter(cells::scorecard_id.eq_any(starts.keys()))
            .into_boxed();
        if let Some(through) = part.through {
            query = query.filter(cells::month.le(through.first_day()));
        }
        if let Some((from, items)) = part.from {
            let is_recent = cells::month.ge(from.first_day());
            query = query.filter(is_recent.or(cells::item.eq_any(items)));
        }
        let rows: Vec<CellRow> = query.load(conn)?;
        for row in rows {
            let Some(start) = starts.get(row.scorecard_id.as_str()) else {
                continue;
            };
            let ledger: &mut Ledger = match ledgers.get_mut(row.scorecard_id.as_str()) {
                Some(ledger) => ledger,
                None => ledgers.entry(row.scorecard_id.clone()).or_default(),
            };
            row.put_into(ledger, *start)?;
        }
    }
    Ok(ledgers
        .into_iter()
        .map(|(id, ledger)| (ScorecardId(id), ledger))
        .collect())
}

/// [`ledger`] as it was known at an instant: what had been stored at or before it.
pub fn ledger_known_at(
    conn: &mut Conn,
    scorecard: &ScorecardId,
    start: Month,
    through: Option<Month>,
    instant: DateTime<Utc>,
) -> Result<Ledger, StorageError> {
    let mut ledgers = ledgers_known_at(conn, &[(scorecard, start)], through, instant)?;
    Ok(ledgers.remove(scorecard).unwrap_or_default())
}

/// [`ledgers`] as they were known at an instant.
pub fn ledgers_known_at(
    conn: &mut Conn,
    scorecards: &[(&ScorecardId, Month)],
    through: Option<Month>,
    instant: DateTime<Utc>,
) -> Result<BTreeMap<ScorecardId, Ledger>, StorageError> {
    let mut ledgers: BTreeMap<ScorecardId, Ledger> = BTreeMap::new();
    for chunk in scorecards.chunks(IDS_PER_QUERY) {
        let starts: BTreeMap<&str, Month> = chunk
            .iter()
            .map(|(id, start)| (id.as_str(), *start))
            .collect();
        let mut query = cell_changes::table
            .filter(cell_changes::scorecard_id.eq_any(starts.keys()))
            .filter(cell_changes::at.le(instant.naive_utc()))
            .select(columns::<PastCellRow>())
            .into_boxed();
        if let Some(through) = through {
            query = query.filter(cell_changes::month.le(through.first_day()));
        }
        let rows: Vec<PastCellRow> = query
            .order((cell_changes::scorecard_id, cell_changes::revision))
            .load(conn)?;
        for row in rows {
            let Some(start) = starts.get(row.scorecard_id.as_str()) else {
                continue;
            };
            let month = programme_month(PAST, row.month, *start)?;
            let (id, item) = (row.scorecard_id.clone(), row.item.clone());
            let ledger = ledgers.entry(ScorecardId(id)).or_default();
            ledger.set(&item, month, row.cell()?);
        }
    }
    Ok(ledgers)
}

/// Every change of a scorecard's cells stored at or before an instant, oldest first.
pub fn changes_known_at(
    conn: &mut Conn,
    scorecard: &ScorecardId,
    instant: DateTime<Utc>,
) -> Result<Vec<PastChange>, StorageError> {
    cell_changes::table
        .filter(cell_changes::scorecard_id.eq(scorecard.as_str()))
        .filter(cell_changes::at.le(instant.naive_utc()))
        .select(columns::<CellChangeRow>())
        .order((
            cell_changes::revision,
            cell_changes::month,
            cell_changes::item,
        ))
        .load::<CellChangeRow>(conn)?
        .into_iter()
        .map(PastChange::try_from)
        .collect()
}

/// [`cells`] as they were known at an instant.
pub fn cells_known_at(
    conn: &mut Conn,
    scorecard: &ScorecardId,
    from: Month,
    to: Month,
    instant: DateTime<Utc>,
) -> Result<Vec<StoredCell>, StorageError> {
    let rows: Vec<(PastCellRow, NaiveDateTime, String)> = cell_changes::table
        .filter(cell_changes::scorecard_id.eq(scorecard.as_str()))
        .filter(cell_changes::month.between(from.first_day(), to.first_day()))
        .filter(cell_changes::at.le(instant.naive_utc()))
        .select((
            columns::<PastCellRow>(),
            cell_changes::at,
            cell_changes::by_name,
        ))
        .order(cell_changes::revision)
        .load(conn)?;
    let mut known: BTreeMap<(NaiveDate, String), StoredCell> = BTreeMap::new();
    for (row, reported_at, reported_by) in rows {
        let cell = StoredCell {
            item: row.item.clone(),
            month: stored::month(PAST, row.month)?,
            reported_at: reported_at.and_utc(),
            reported_by,
            cell: row.cell()?,
        };
        known.insert((cell.month.first_day(), cell.item.clone()), cell);
    }
    Ok(known
        .into_values()
        .filter(|cell| cell.cell != Cell::NotReported)
        .collect())
}

/// The cells of the months from `from` to `to`, both included, by month and item.
pub fn cells(
    conn: &mut Conn,
    scorecard: &ScorecardId,
    from: Month,
    to: Month,
) -> Result<Vec<StoredCell>, StorageError> {
    let rows: Vec<(CellRow, NaiveDateTime, String)> = cells::table
        .filter(cells::scorecard_id.eq(scorecard.as_str()))
        .filter(cells::month.between(from.first_day(), to.first_day()))
        .select((columns::<CellRow>(), cells::reported_at, cells::reported_by))
        .order((cells::month, cells::item))
        .load(conn)?;
    rows.into_iter()
        .map(|(row, reported_at, reported_by)| {
            Ok(StoredCell {
                item: row.item.clone(),
                month: stored::month("cells", row.month)?,
                cell: row.cell()?,
                reported_at: reported_at.and_utc(),
                reported_by,
            })
        })
        .collect()
}

/// Makes changes, each of another cell, and adds them to the history under
/// `revision`. The scorecard is locked.
///
/// # Errors
/// [`StorageError::Unique`] where this revision changed one of the cells already.
pub fn apply(
    conn: &mut Conn,
    scorecard: &ScorecardId,
    revision: i64,
    changes: &[(Month, &CellChange)],
    context: &ChangeContext<'_>,
) -> Result<(), StorageError> {
    append(conn, scorecard, revision, changes, context)?;
    put(conn, scorecard, changes, context)?;
    clear(conn, scorecard, changes)
}

fn append(
    conn: &mut Conn,
    scorecard: &ScorecardId,
    revision: i64,
    changes: &[(Month, &CellChange)],
    context: &ChangeContext<'_>,
) -> Result<(), StorageError> {
    let rows: Vec<NewCellChange<'_>> = changes
        .iter()
        .map(|(month, change)| {
            let before = CellColumns::of(&change.before);
            let after = CellColumns::of(&change.after);
            NewCellChange {
                scorecard_id: scorecard.as_str(),
                revision,
                month: month.first_day(),
                item: &change.item,
                at: context.at.naive_utc(),
                by_id: context.by_id,
                by_name: context.by_name,
                before_state: before.state,
                before_value: before.value,
                before_numerator: before.numerator,
                before_denominator: before.denominator,
                before_reason: before.reason,
                after_state: after.state,
                after_value: after.value,
                after_numerator: after.numerator,
                after_denominator: after.denominator,
                after_reason: after.reason.or(change.clear_reason.as_deref()),
                note: context.note,
                source: context.source,
            }
        })
        .collect();
    for chunk in rows.chunks(ROWS_PER_STATEMENT) {
        per_backend!(conn, |conn| diesel::insert_into(cell_changes::table)
            .values(chunk)
            .execute(conn))?;
    }
    Ok(())
}

fn put(
    conn: &mut Conn,
    scorecard: &ScorecardId,
    changes: &[(Month, &CellChange)],
    context: &ChangeContext<'_>,
) -> Result<(), StorageError> {
    let rows: Vec<NewCell<'_>> = changes
        .iter()
        .filter(|(_, change)| change.after != Cell::NotReported)
        .map(|(month, change)| {
            let after = CellColumns::of(&change.after);
            NewCell {
                scorecard_id: scorecard.as_str(),
                item: &change.item,
                month: month.first_day(),
                state: after.state,
                value: after.value,
                numerator: after.numerator,
                denominator: after.denominator,
                reason: after.reason,
                reported_at: context.at.naive_utc(),
                reported_by: context.by_name,
            }
        })
        .collect();
    for chunk in rows.chunks(ROWS_PER_STATEMENT) {
        per_backend!(conn, |conn| diesel::insert_into(cells::table)
            .values(chunk)
            .on_conflict((cells::scorecard_id, cells::month, cells::item))
            .do_update()
            .set((
                cells::state.eq(excluded(cells::state)),
                cells::value.eq(excluded(cells::value)),
                cells::numerator.eq(excluded(cells::numerator)),
                cells::denominator.eq(excluded(cells::denominator)),
                cells::reason.eq(excluded(cells::reason)),
                cells::reported_at.eq(excluded(cells::reported_at)),
                cells::reported_by.eq(excluded(cells::reported_by)),
            ))
            .execute(conn))?;
    }
    Ok(())
}

/// Deletes the cleared cells: no row means not reported.
fn clear(
    conn: &mut Conn,
    scorecard: &ScorecardId,
    changes: &[(Month, &CellChange)],
) -> Result<(), StorageError> {
    let mut cleared: BTreeMap<Month, Vec<&str>> = BTreeMap::new();
    for (month, change) in changes {
        if change.after == Cell::NotReported {
            cleared.entry(*month).or_default().push(&change.item);
        }
    }
    for (month, items) in cleared {
        for chunk in items.chunks(IDS_PER_QUERY) {
            diesel::delete(cells::table)
                .filter(cells::scorecard_id.eq(scorecard.as_str()))
                .filter(cells::month.eq(month.first_day()))
                .filter(cells::item.eq_any(chunk))
                .execute(conn)?;
        }
    }
    Ok(())
}

/// A page of the changes of one item's cells, oldest first: those after a
/// revision and month, stored at or before `known_at` if given.
pub fn history(
    conn: &mut Conn,
    scorecard: &ScorecardId,
    item: &str,
    after: Option<(i64, Month)>,
    limit: i64,
    known_at: Option<DateTime<Utc>>,
) -> Result<Vec<PastChange>, StorageError> {
    let mut query = cell_changes::table
        .select(columns::<CellChangeRow>())
        .filter(cell_changes::scorecard_id.eq(scorecard.as_str()))
        .filter(cell_changes::item.eq(item))
        .into_boxed();
    if let Some((revision, month)) = after {
        query = query.filter(
            cell_changes::revision
                .gt(revision)
                .or(cell_changes::revision
                    .eq(revision)
                    .and(cell_changes::month.gt(month.first_day()))),
        );
    }
    if let Some(instant) = known_at {
        query = query.filter(cell_changes::at.le(instant.naive_utc()));
    }
    query
        .order((cell_changes::revision, cell_changes::month))
        .limit(limit)
        .load::<CellChangeRow>(conn)?
        .into_iter()
        .map(PastChange::try_from)
        .collect()
}

//! What became of a scorecard's months: open, approved or returned, and when
//! they were first complete. A month without a row is open.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use diesel::dsl::sql;
use diesel::helper_types::IntoBoxed;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text, Timestamp};

use super::conn::{Conn, MultiBackend, columns};
use super::error::StorageError;
use super::hubs::HubRow;
use super::prefectures::PrefectureRow;
use super::schema::{hubs, month_changes, months, prefectures, scorecards};
use super::scorecards::{Scorecard, ScorecardRow, scorecard};
use super::stored::{self, IDS_PER_QUERY, Selecting};
use crate::domain::access::Scope;
use crate::domain::ids::{HubCode, PrefectureCode, ScorecardId};
use crate::domain::month::Month;
pub use crate::domain::month_state::MonthState;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MonthRecord {
    pub month: Month,
    pub state: MonthState,
    pub note: Option<String>,
    pub changed_at: Option<DateTime<Utc>>,
    pub changed_by: Option<String>,
    /// Until when a reopened month takes reports.
    pub reopened_until: Option<DateTime<Utc>>,
    pub first_completed_at: Option<DateTime<Utc>>,
}

/// One approval, return or reopening.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MonthChange {
    pub revision: i64,
    pub month: Month,
    pub at: DateTime<Utc>,
    pub by_id: String,
    pub by_name: String,
    pub before: MonthState,
    pub after: MonthState,
    pub note: Option<String>,
    pub reopened_until: Option<DateTime<Utc>>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = months)]
struct MonthRow {
    month: NaiveDate,
    state: String,
    note: Option<String>,
    changed_at: Option<NaiveDateTime>,
    changed_by: Option<String>,
    reopened_until: Option<NaiveDateTime>,
    first_completed_at: Option<NaiveDateTime>,
}

impl TryFrom<MonthRow> for MonthRecord {
    type Error = StorageError;

    fn try_from(row: MonthRow) -> Result<Self, StorageError> {
        Ok(Self {
            month: stored::month("months", row.month)?,
            state: stored::coded("months", &row.state, MonthState::of_code)?,
            note: row.note,
            changed_at: row.changed_at.map(|at| at.and_utc()),
            changed_by: row.changed_by,
            reopened_until: row.reopened_until.map(|at| at.and_utc()),
            first_completed_at: row.first_completed_at.map(|at| at.and_utc()),
        })
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = month_changes)]
struct MonthChangeRow {
    revision: i64,
    month: NaiveDate,
    at: NaiveDateTime,
    by_id: String,
    by_name: String,
    before_state: String,
    after_state: String,
    note: Option<String>,
    reopened_until: Option<NaiveDateTime>,
}

impl TryFrom<MonthChangeRow> for MonthChange {
    type Error = StorageError;

    fn try_from(row: MonthChangeRow) -> Result<Self, StorageError> {
        const TABLE: &str = "month_changes";
        Ok(Self {
            revision: row.revision,
            month: stored::month(TABLE, row.month)?,
            at: row.at.and_utc(),
            by_id: row.by_id,
            by_name: row.by_name,
            before: stored::coded(TABLE, &row.before_state, MonthState::of_code)?,
            after: stored::coded(TABLE, &row.after_state, MonthState::of_code)?,
            note: row.note,
            reopened_until: row.reopened_until.map(|at| at.and_utc()),
        })
    }
}

pub fn find(
    conn: &mut Conn,
    scorecard: &ScorecardId,
    month: Month,
) -> Result<Option<MonthRecord>, StorageError> {
    months::table
        .find((scorecard.as_str(), month.first_day()))
        .select(columns::<MonthRow>())
        .first::<MonthRow>(conn)
        .optional()?
        .map(MonthRecord::try_from)
        .transpose()
}

/// The months from `from` to `to`, both included, that have a record.
pub fn range(
    conn: &mut Conn,
    scorecard: &ScorecardId,
    from: Month,
    to: Month,
) -> Result<Vec<MonthRecord>, StorageError> {
    months::table
        .filter(months::scorecard_id.eq(scorecard.as_str()))
        .filter(months::month.between(from.first_day(), to.first_day()))
        .select(columns::<MonthRow>())
        .order(months::month)
        .load::<MonthRow>(conn)?
        .into_iter()
        .map(MonthRecord::try_from)
        .collect()
}

/// [`range`] as it was known at an instant: what had been stored at or before it.
pub fn range_known_at(
    conn: &mut Conn,
    scorecard: &ScorecardId,
    from: Month,
    to: Month,
    instant: DateTime<Utc>,
) -> Result<Vec<MonthRecord>, StorageError> {
    let rows: Vec<MonthChangeRow> = month_changes::table
        .filter(month_changes::scorecard_id.eq(scorecard.as_str()))
        .filter(month_changes::month.between(from.first_day(), to.first_day()))
        .filter(month_changes::at.le(instant.naive_utc()))
        .select(columns::<MonthChangeRow>())
        .order(month_changes::revision)
        .load(conn)?;
    let changes = rows
        .into_iter()
        .map(MonthChange::try_from)
        .collect::<Result<Vec<_>, _>>()?;
    let now = range(conn, scorecard, from, to)?;
    Ok(known_at(now, changes, instant))
}

/// [`of_scorecards`] as it was known at an instant.
pub fn of_scorecards_known_at(
    conn: &mut Conn,
    scorecards: &[ScorecardId],
    instant: DateTime<Utc>,
) -> Result<BTreeMap<ScorecardId, Vec<MonthRecord>>, StorageError> {
    let mut changes: BTreeMap<ScorecardId, Vec<MonthChange>> = BTreeMap::new();
    for chunk in scorecards.chunks(IDS_PER_QUERY) {
        let rows: Vec<(String, MonthChangeRow)> = month_changes::table
            .filter(month_changes::scorecard_id.eq_any(chunk.iter().map(ScorecardId::as_str)))
            .filter(month_changes::at.le(instant.naive_utc()))
            .select((month_changes::scorecard_id, columns::<MonthChangeRow>()))
            .order((month_changes::scorecard_id, month_changes::revision))
            .load(conn)?;
        for (id, row) in rows {
            let of_scorecard = changes.entry(ScorecardId(id)).or_default();
            of_scorecard.push(row.try_into()?);
        }
    }
    Ok(of_scorecards(conn, scorecards)?
        .into_iter()
        .map(|(id, now)| {
            let changes = changes.remove(&id).unwrap_or_default();
            let known = known_at(now, changes, instant);
            (id, known)
        })
        .collect())
}

/// Today's records as they were at an instant, by the changes until then. When a
/// month was first complete is noted once and for all.
fn known_at(
    now: Vec<MonthRecord>,
    changes: Vec<MonthChange>,
    instant: DateTime<Utc>,
) -> Vec<MonthRecord> {
    let mut decided: BTreeMap<Month, MonthChange> = changes
        .into_iter()
        .map(|change| (change.month, change))
        .collect();
    now.into_iter()
        .filter_map(|row| {
            let first_completed_at = row.first_completed_at.filter(|at| *at <= instant);
            let change = decided.remove(&row.month);
            if change.is_none() && first_completed_at.is_none() {
                return None;
            }
            let (at, by) = (
                change.as_ref().map(|change| change.at),
                change.as_ref().map(|change| change.by_name.clone()),
            );
            Some(MonthRecord {
                month: row.month,
                state: change
                    .as_ref()
                    .map_or(MonthState::Open, |change| change.after),
                reopened_until: change.as_ref().and_then(|change| change.reopened_until),
                note: change.and_then(|change| change.note),
                changed_at: at,
                changed_by: by,
                first_completed_at,
            })
        })
        .collect()
}

/// Every month with a record of many scorecards at once. A scorecard without
/// any is absent.
pub fn of_scorecards(
    conn: &mut Conn,
    scorecards: &[ScorecardId],
) -> Result<BTreeMap<ScorecardId, Vec<MonthRecord>>, StorageError> {
    let mut found: BTreeMap<ScorecardId, Vec<MonthRecord>> = BTreeMap::new();
    for chunk in scorecards.chunks(IDS_PER_QUERY) {
        let rows: Vec<(String, MonthRow)> = months::table
            .filter(months::scorecard_id.eq_any(chunk.iter().map(ScorecardId::as_str)))
            .select((months::scorecard_id, columns::<MonthRow>()))
            .order((months::scorecard_id, months::month))
            .load(conn)?;
        for (id, row) in rows {
            let months = found.entry(ScorecardId(id)).or_default();
            months.push(row.try_into()?);
        }
    }
    Ok(found)
}

/// Which months; every condition that is set must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// As it is at an instant: a reopening ends by itself.
    pub state: Option<(MonthState, DateTime<Utc>)>,
    pub month: Option<Month>,
    pub hub: Option<HubCode>,
    pub prefecture: Option<PrefectureCode>,
}

/// A month's place in lists.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Position {
    pub month: Month,
    pub scorecard: ScorecardId,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = months)]
struct PlaceRow {
    month: NaiveDate,
}

type Rows = (PlaceRow, (ScorecardRow, HubRow, PrefectureRow));

#[diesel::dsl::auto_type]
fn with_hub() -> _ {
    months::table
        .inner_join(scorecards::table.inner_join(hubs::table.inner_join(prefectures::table)))
}

type Listed<'a> = IntoBoxed<'a, Selecting<with_hub, Rows>, MultiBackend>;

/// A page of the months with a record of a scope: the latest month first, then
/// by scorecard; those that had a record at `known_at`, by their state then.
pub fn list(
    conn: &mut Conn,
    filter: &Filter,
    scope: &Scope,
    after: Option<&Position>,
    limit: i64,
    known_at: Option<DateTime<Utc>>,
) -> Result<Vec<(Month, Scorecard)>, StorageError> {
    let mut query = with_hub().select(columns::<Rows>()).into_boxed();
    match scope {
        Scope::Nation => {}
        Scope::Prefecture(code) => query = query.filter(hubs::prefecture_code.eq(code.as_str())),
        Scope::Hub(code) => query = query.filter(scorecards::hub_code.eq(code.as_str())),
    }
    query = match known_at {
        Some(instant) => recorded_at(query, filter.state, instant),
        None => in_state(query, filter.state),
    };
    if let Some(month) = filter.month {
        query = query.filter(months::month.eq(month.first_day()));
    }
    if let Some(hub) = &filter.hub {
        query = query.filter(scorecards::hub_code.eq(hub.as_str()));
    }
    if let Some(prefecture) = &filter.prefecture {
        query = query.filter(hubs::prefecture_code.eq(prefecture.as_str()));
    }
    if let Some(Position { month, scorecard }) = after {
        let day = month.first_day();
        query = query.filter(
            months::month.lt(day).or(months::month
                .eq(day)
                .and(months::scorecard_id.gt(scorecard.as_str()))),
        );
    }
    let rows: Vec<Rows> = query
        .order((months::month.desc(), months::scorecard_id))
        .limit(limit)
        .load(conn)?;
    rows.into_iter()
        .map(|(place, of)| Ok((stored::month("months", place.month)?, scorecard(of)?)))
        .collect()
}

/// Months that are in a state now: a reopening ends by itself.
fn in_state(query: Listed<'_>, state: Option<(MonthState, DateTime<Utc>)>) -> Listed<'_> {
    let Some((state, now)) = state else {
        return query;
    };
    let now = now.naive_utc();
    let is_stored = months::state.eq(state.code());
    match state {
        MonthState::Approved => query.filter(is_stored.or(months::reopened_until.le(now))),
        MonthState::Open => query.filter(
            is_stored.and(
                months::reopened_until
                    .is_null()
                    .or(months::reopened_until.gt(now)),
            ),
        ),
        MonthState::Returned => query.filter(is_stored),
    }
}

/// [`in_state`] as it was known at an instant: months that had been complete, or
/// decided about, by then; the last decision until then gives the state.
fn recorded_at(
    query: Listed<'_>,
    state: Option<(MonthState, DateTime<Utc>)>,
    instant: DateTime<Utc>,
) -> Listed<'_> {
    const DECIDED: &str = "FROM month_changes AS known
        WHERE known.scorecard_id = months.scorecard_id
          AND known.month = months.month AND known.at <= ";
    let instant = instant.naive_utc();
    let query = query.filter(
        sql::<Bool>("(months.first_completed_at <= ")
            .bind::<Timestamp, _>(instant)
            .sql(" OR EXISTS (SELECT 1 ")
            .sql(DECIDED)
            .bind::<Timestamp, _>(instant)
            .sql("))"),
    );
    let Some((state, now)) = state else {
        return query;
    };
    query.filter(
        sql::<Bool>("coalesce((SELECT CASE WHEN known.reopened_until <= ")
            .bind::<Timestamp, _>(now.naive_utc())
            .sql(" THEN 'approved' ELSE known.after_state END ")
            .sql(DECIDED)
            .bind::<Timestamp, _>(instant)
            .sql(" ORDER BY known.revision DESC LIMIT 1), 'open') = ")
            .bind::<Text, _>(state.code()),
    )
}

/// Approves, returns or reopens a month, and adds that to its history. The
/// scorecard is locked.
///
/// # Errors
/// [`StorageError::Unique`] where this revision changed the month already.
pub fn change(
    conn: &mut Conn,
    scorecard: &ScorecardId,
    change: &MonthChange,
) -> Result<(), StorageError> {
    append(conn, scorecard, change)?;
    let new_state = (
        months::state.eq(change.after.code()),
        months::note.eq(&change.note),
        months::changed_at.eq(change.at.naive_utc()),
        months::changed_by.eq(&change.by_name),
        months::reopened_until.eq(change.reopened_until.map(|at| at.naive_utc())),
    );
    let key = (scorecard.as_str(), change.month.first_day());
    let updated = diesel::update(months::table.find(key))
        .set(new_state)
        .execute(conn)?;
    if updated == 0 {
        diesel::insert_into(months::table)
            .values((
                months::scorecard_id.eq(key.0),
                months::month.eq(key.1),
                new_state,
            ))
            .execute(conn)?;
    }
    Ok(())
}

fn append(
    conn: &mut Conn,
    scorecard: &ScorecardId,
    change: &MonthChange,
) -> Result<(), StorageError> {
    diesel::insert_into(month_changes::table)
        .values((
            month_changes::scorecard_id.eq(scorecard.as_str()),
            month_changes::revision.eq(change.revision),
            month_changes::month.eq(change.month.first_day()),
            month_changes::at.eq(change.at.naive_utc()),
            month_changes::by_id.eq(&change.by_id),
            month_changes::by_name.eq(&change.by_name),
            month_changes::before_state.eq(change.before.code()),
            month_changes::after_state.eq(change.after.code()),
            month_changes::note.eq(&change.note),
            month_changes::reopened_until.eq(change.reopened_until.map(|at| at.naive_utc())),
        ))
        .execute(conn)?;
    Ok(())
}

/// Every change of a scorecard's months, oldest first.
pub fn history(conn: &mut Conn, scorecard: &ScorecardId) -> Result<Vec<MonthChange>, StorageError> {
    month_changes::table
        .filter(month_changes::scorecard_id.eq(scorecard.as_str()))
        .select(columns::<MonthChangeRow>())
        .order((month_changes::revision, month_changes::month))
        .load::<MonthChangeRow>(conn)?
        .into_iter()
        .map(MonthChange::try_from)
        .collect()
}

/// Notes that a month is complete, unless it has been before. The scorecard is
/// locked.
pub fn set_first_completed(
    conn: &mut Conn,
    scorecard: &ScorecardId,
    month: Month,
    at: DateTime<Utc>,
) -> Result<(), StorageError> {
    match find(conn, scorecard, month)? {
        Some(MonthRecord {
            first_completed_at: Some(_),
            ..
        }) => {}
        Some(_) => {
            diesel::update(months::table.find((scorecard.as_str(), month.first_day())))
                .set(months::first_completed_at.eq(at.naive_utc()))
                .execute(conn)?;
        }
        None => {
            diesel::insert_into(months::table)
                .values((
                    months::scorecard_id.eq(scorecard.as_str()),
                    months::month.eq(month.first_day()),
                    months::state.eq(MonthState::Open.code()),
                    months::first_completed_at.eq(at.naive_utc()),
                ))
                .execute(conn)?;
        }
    }
    Ok(())
}

//! Months whose report was not complete after its due day.

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use diesel::prelude::*;

use super::conn::{Conn, columns};
use super::error::StorageError;
use super::hubs::HubRow;
use super::prefectures::PrefectureRow;
use super::schema::{hubs, overdue_reports, prefectures, scorecards};
use super::scorecards::{Scorecard, ScorecardRow, scorecard};
use super::stored;
use crate::domain::access::Scope;
use crate::domain::ids::{HubCode, PrefectureCode, ScorecardId};
use crate::domain::month::Month;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OverdueReport {
    pub month: Month,
    pub due_on: NaiveDate,
    pub opened_at: DateTime<Utc>,
    /// When the report that completed the month came.
    pub closed_at: Option<DateTime<Utc>>,
}

/// Which overdue reports; every condition that is set must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    pub open: Option<bool>,
    pub scorecard: Option<ScorecardId>,
    pub hub: Option<HubCode>,
    pub prefecture: Option<PrefectureCode>,
}

/// An overdue report's place in lists.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Position {
    pub month: Month,
    pub scorecard: ScorecardId,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = overdue_reports)]
struct OverdueRow {
    month: NaiveDate,
    due_on: NaiveDate,
    opened_at: NaiveDateTime,
    closed_at: Option<NaiveDateTime>,
}

impl TryFrom<OverdueRow> for OverdueReport {
    type Error = StorageError;

    fn try_from(row: OverdueRow) -> Result<Self, StorageError> {
        Ok(Self {
            month: stored::month("overdue_reports", row.month)?,
            due_on: row.due_on,
            opened_at: row.opened_at.and_utc(),
            closed_at: row.closed_at.map(|at| at.and_utc()),
        })
    }
}

/// All of a scorecard, oldest first.
pub fn of_scorecard(
    conn: &mut Conn,
    scorecard: &ScorecardId,
) -> Result<Vec<OverdueReport>, StorageError> {
    overdue_reports::table
        .filter(overdue_reports::scorecard_id.eq(scorecard.as_str()))
        .select(columns::<OverdueRow>())
        .order(overdue_reports::month)
        .load::<OverdueRow>(conn)?
        .into_iter()
        .map(OverdueReport::try_from)
        .collect()
}

/// A page of the overdue reports of a scope: latest month first, then by
/// scorecard; those that were noted at or before `known_at`, as they were then.
pub fn list(
    conn: &mut Conn,
    filter: &Filter,
    scope: &Scope,
    after: Option<&Position>,
    limit: i64,
    known_at: Option<DateTime<Utc>>,
) -> Result<Vec<(OverdueReport, Scorecard)>, StorageError> {
    let mut query = overdue_reports::table
        .inner_join(scorecards::table.inner_join(hubs::table.inner_join(prefectures::table)))
        .select((
            columns::<OverdueRow>(),
            columns::<(ScorecardRow, HubRow, PrefectureRow)>(),
        ))
        .into_boxed();
    match scope {
        Scope::Nation => {}
        Scope::Prefecture(code) => query = query.filter(hubs::prefecture_code.eq(code.as_str())),
        Scope::Hub(code) => query = query.filter(scorecards::hub_code.eq(code.as_str())),
    }
    if let Some(instant) = known_at {
        query = query.filter(overdue_reports::opened_at.le(instant.naive_utc()));
    }
    // What was closed later was open then.
    let horizon = known_at.unwrap_or(DateTime::<Utc>::MAX_UTC);
    match (filter.open, known_at) {
        (Some(true), None) => query = query.filter(overdue_reports::closed_at.is_null()),
        (Some(true), Some(instant)) => {
            query = query.filter(
                overdue_reports::closed_at
                    .is_null()
                    .or(overdue_reports::closed_at.gt(instant.naive_utc())),
            );
        }
        (Some(false), None) => query = query.filter(overdue_reports::closed_at.is_not_null()),
        (Some(false), Some(instant)) => {
            query = query.filter(overdue_reports::closed_at.le(instant.naive_utc()));
        }
        (None, _) => {}
    }
    if let Some(scorecard) = &filter.scorecard {
        query = query.filter(overdue_reports::scorecard_id.eq(scorecard.as_str()));
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
            overdue_reports::month.lt(day).or(overdue_reports::month
                .eq(day)
                .and(overdue_reports::scorecard_id.gt(scorecard.as_str()))),
        );
    }
    let rows: Vec<(OverdueRow, (ScorecardRow, HubRow, PrefectureRow))> = query
        .order((overdue_reports::month.desc(), overdue_reports::scorecard_id))
        .limit(limit)
        .load(conn)?;
    rows.into_iter()
        .map(|(row, of)| {
            let mut report = OverdueReport::try_from(row)?;
            report.closed_at = report.closed_at.filter(|at| *at <= horizon);
            Ok((report, scorecard(of)?))
        })
        .collect()
}

/// Notes that a month is overdue. The scorecard is locked.
///
/// # Errors
/// [`StorageError::Unique`] where it is noted already.
pub fn open(
    conn: &mut Conn,
    scorecard: &ScorecardId,
    month: Month,
    due_on: NaiveDate,
    at: DateTime<Utc>,
) -> Result<(), StorageError> {
    diesel::insert_into(overdue_reports::table)
        .values((
            overdue_reports::scorecard_id.eq(scorecard.as_str()),
            overdue_reports::month.eq(month.first_day()),
            overdue_reports::due_on.eq(due_on),
            overdue_reports::opened_at.eq(at.naive_utc()),
        ))
        .execute(conn)?;
    Ok(())
}

/// Notes that an overdue month is complete; nothing happens to others.
pub fn close(
    conn: &mut Conn,
    scorecard: &ScorecardId,
    month: Month,
    at: DateTime<Utc>,
) -> Result<(), StorageError> {
    diesel::update(overdue_reports::table.find((scorecard.as_str(), month.first_day())))
        .filter(overdue_reports::closed_at.is_null())
        .set(overdue_reports::closed_at.eq(at.naive_utc()))
        .execute(conn)?;
    Ok(())
}

//! Evaluated months, so that many scorecards can be read at once. Derived:
//! whoever changes a plan or a cell writes the summaries in the same
//! transaction, and any of them can be computed anew.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use diesel::helper_types::{InnerJoin, IntoBoxed};
use diesel::prelude::*;
use diesel::upsert::excluded;

use super::conn::{Conn, MultiBackend, columns, per_backend};
use super::error::StorageError;
use super::schema::{month_summaries, scorecards};
use super::stored::{self, IDS_PER_QUERY, Selecting};
use crate::domain::ids::ScorecardId;
use crate::domain::month::Month;

/// Rows in one statement.
const ROWS_PER_STATEMENT: usize = 500;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MonthSummary {
    pub scorecard: ScorecardId,
    pub month: Month,
    /// Version of the evaluation's rules and of the document.
    pub rules: i32,
    pub plan_version: u32,
    pub flag: String,
    /// JSON of the application's making.
    pub document: String,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = month_summaries)]
struct MonthSummaryRow {
    scorecard_id: String,
    month: NaiveDate,
    rules: i32,
    plan_version: i64,
    flag: String,
    document: String,
}

#[derive(Insertable)]
#[diesel(table_name = month_summaries, treat_none_as_default_value = false)]
struct NewMonthSummary<'a> {
    scorecard_id: &'a str,
    month: NaiveDate,
    rules: i32,
    plan_version: i64,
    flag: &'a str,
    document: &'a str,
}

impl TryFrom<MonthSummaryRow> for MonthSummary {
    type Error = StorageError;

    fn try_from(row: MonthSummaryRow) -> Result<Self, StorageError> {
        const TABLE: &str = "month_summaries";
        Ok(Self {
            scorecard: ScorecardId(row.scorecard_id),
            month: stored::month(TABLE, row.month)?,
            rules: row.rules,
            plan_version: stored::count(TABLE, row.plan_version)?,
            flag: row.flag,
            document: row.document,
        })
    }
}

/// Writes summaries over what there was of their months.
pub fn upsert(conn: &mut Conn, summaries: &[MonthSummary]) -> Result<(), StorageError> {
    for chunk in summaries.chunks(ROWS_PER_STATEMENT) {
        let rows: Vec<NewMonthSummary<'_>> = chunk
            .iter()
            .map(|summary| NewMonthSummary {
                scorecard_id: summary.scorecard.as_str(),
                month: summary.month.first_day(),
                rules: summary.rules,
                plan_version: i64::from(summary.plan_version),
                flag: &summary.flag,
                document: &summary.document,
            })
            .collect();
        per_backend!(conn, |conn| diesel::insert_into(month_summaries::table)
            .values(&rows)
            .on_conflict((month_summaries::scorecard_id, month_summaries::month))
            .do_update()
            .set((
                month_summaries::rules.eq(excluded(month_summaries::rules)),
                month_summaries::plan_version.eq(excluded(month_summaries::plan_version)),
                month_summaries::flag.eq(excluded(month_summaries::flag)),
                month_summaries::document.eq(excluded(month_summaries::document)),
            ))
            .execute(conn))?;
    }
    Ok(())
}

/// Deletes the summaries of a scorecard's months after `month`.
pub fn delete_after(
    conn: &mut Conn,
    scorecard: &ScorecardId,
    month: Month,
) -> Result<usize, StorageError> {
    Ok(diesel::delete(month_summaries::table)
        .filter(month_summaries::scorecard_id.eq(scorecard.as_str()))
        .filter(month_summaries::month.gt(month.first_day()))
        .execute(conn)?)
}

/// The summaries of given months of given scorecards, as far as there are
/// any, by scorecard and month.
pub fn of_months(
    conn: &mut Conn,
    wanted: &[(&ScorecardId, Month)],
) -> Result<Vec<MonthSummary>, StorageError> {
    let mut found = Vec::with_capacity(wanted.len());
    for chunk in wanted.chunks(IDS_PER_QUERY) {
        let mut scorecards_of: BTreeMap<Month, Vec<&str>> = BTreeMap::new();
        for (scorecard, month) in chunk {
            scorecards_of
                .entry(*month)
                .or_default()
                .push(scorecard.as_str());
        }
        let mut query = all();
        for (month, scorecards) in scorecards_of {
            query = query.or_filter(
                month_summaries::month
                    .eq(month.first_day())
                    .and(month_summaries::scorecard_id.eq_any(scorecards)),
            );
        }
        found.extend(load(conn, query)?);
    }
    Ok(by_scorecard_and_month(found))
}

/// The summaries of one month of given scorecards, as far as there are any,
/// by scorecard.
pub fn of_month(
    conn: &mut Conn,
    scorecards: &[ScorecardId],
    month: Month,
) -> Result<Vec<MonthSummary>, StorageError> {
    let mut found = Vec::with_capacity(scorecards.len());
    for chunk in scorecards.chunks(IDS_PER_QUERY) {
        let query = all()
            .filter(month_summaries::month.eq(month.first_day()))
            .filter(month_summaries::scorecard_id.eq_any(chunk.iter().map(ScorecardId::as_str)));
        found.extend(load(conn, query)?);
    }
    Ok(by_scorecard_and_month(found))
}

/// The summary of each given scorecard at the month that it has reported
/// through, by scorecard. Those that have reported nothing yet are absent.
pub fn latest(
    conn: &mut Conn,
    scorecards: &[ScorecardId],
) -> Result<Vec<MonthSummary>, StorageError> {
    let mut found = Vec::with_capacity(scorecards.len());
    for chunk in scorecards.chunks(IDS_PER_QUERY) {
        let query = all()
            .filter(scorecards::reported_through.eq(month_summaries::month.nullable()))
            .filter(month_summaries::scorecard_id.eq_any(chunk.iter().map(ScorecardId::as_str)));
        found.extend(load(conn, query)?);
    }
    Ok(by_scorecard_and_month(found))
}

type Summaries<'a> = IntoBoxed<
    'a,
    Selecting<InnerJoin<month_summaries::table, scorecards::table>, MonthSummaryRow>,
    MultiBackend,
>;

fn all<'a>() -> Summaries<'a> {
    month_summaries::table
        .inner_join(scorecards::table)
        .select(columns::<MonthSummaryRow>())
        .into_boxed()
}

fn load(conn: &mut Conn, query: Summaries<'_>) -> Result<Vec<MonthSummary>, StorageError> {
    query
        .load::<MonthSummaryRow>(conn)?
        .into_iter()
        .map(MonthSummary::try_from)
        .collect()
}

/// Sorted here: `SQLite` would move whole documents through a temporary file.
fn by_scorecard_and_month(mut summaries: Vec<MonthSummary>) -> Vec<MonthSummary> {
    summaries.sort_unstable_by(|one, other| {
        (&one.scorecard, one.month).cmp(&(&other.scorecard, other.month))
    });
    summaries
}

//! Versions of plans: only ever added.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use diesel::prelude::*;

use super::conn::{Conn, columns};
use super::error::StorageError;
use super::schema::plan_versions;
use super::stored::{self, IDS_PER_QUERY};
use crate::domain::ids::ScorecardId;
use crate::domain::month::Month;

/// One version as stored; its documents are JSON of the application's making.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanVersion {
    pub version: u32,
    /// The first month that it governs.
    pub effective: Month,
    pub author_id: String,
    pub author_name: String,
    pub reason: String,
    /// The alert that prompted it.
    pub alert: Option<String>,
    pub changes: String,
    pub document: String,
    pub created_at: DateTime<Utc>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = plan_versions)]
struct PlanVersionRow {
    scorecard_id: String,
    version: i64,
    effective_month: NaiveDate,
    author_id: String,
    author_name: String,
    reason: String,
    alert_id: Option<String>,
    changes: String,
    document: String,
    created_at: NaiveDateTime,
}

impl TryFrom<PlanVersionRow> for PlanVersion {
    type Error = StorageError;

    fn try_from(row: PlanVersionRow) -> Result<Self, StorageError> {
        const TABLE: &str = "plan_versions";
        Ok(Self {
            version: stored::count(TABLE, row.version)?,
            effective: stored::month(TABLE, row.effective_month)?,
            author_id: row.author_id,
            author_name: row.author_name,
            reason: row.reason,
            alert: row.alert_id,
            changes: row.changes,
            document: row.document,
            created_at: row.created_at.and_utc(),
        })
    }
}

/// Adds a version.
///
/// # Errors
/// [`StorageError::Unique`] where the number is taken.
pub fn insert(
    conn: &mut Conn,
    scorecard: &ScorecardId,
    version: &PlanVersion,
) -> Result<(), StorageError> {
    diesel::insert_into(plan_versions::table)
        .values((
            plan_versions::scorecard_id.eq(scorecard.as_str()),
            plan_versions::version.eq(i64::from(version.version)),
            plan_versions::effective_month.eq(version.effective.first_day()),
            plan_versions::author_id.eq(&version.author_id),
            plan_versions::author_name.eq(&version.author_name),
            plan_versions::reason.eq(&version.reason),
            plan_versions::alert_id.eq(&version.alert),
            plan_versions::changes.eq(&version.changes),
            plan_versions::document.eq(&version.document),
            plan_versions::created_at.eq(version.created_at.naive_utc()),
        ))
        .execute(conn)?;
    Ok(())
}

/// All versions of a scorecard's plan, by number.
pub fn history(conn: &mut Conn, scorecard: &ScorecardId) -> Result<Vec<PlanVersion>, StorageError> {
    plan_versions::table
        .filter(plan_versions::scorecard_id.eq(scorecard.as_str()))
        .select(columns::<PlanVersionRow>())
        .order(plan_versions::version)
        .load::<PlanVersionRow>(conn)?
        .into_iter()
        .map(PlanVersion::try_from)
        .collect()
}

/// [`history`] of many scorecards at once. A scorecard without any is absent.
pub fn histories(
    conn: &mut Conn,
    scorecards: &[ScorecardId],
) -> Result<BTreeMap<ScorecardId, Vec<PlanVersion>>, StorageError> {
    let mut histories: BTreeMap<ScorecardId, Vec<PlanVersion>> = BTreeMap::new();
    for chunk in scorecards.chunks(IDS_PER_QUERY) {
        let rows: Vec<PlanVersionRow> = plan_versions::table
            .filter(plan_versions::scorecard_id.eq_any(chunk.iter().map(ScorecardId::as_str)))
            .select(columns::<PlanVersionRow>())
            .order((plan_versions::scorecard_id, plan_versions::version))
            .load(conn)?;
        for row in rows {
            histories
                .entry(ScorecardId(row.scorecard_id.clone()))
                .or_default()
                .push(row.try_into()?);
        }
    }
    Ok(histories)
}

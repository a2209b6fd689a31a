//! Plans: the versions of a scorecard's definition, and its roadmap.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use moka::sync::Cache;
use serde::{Deserialize, Serialize};

use super::{AppError, Session, as_of};
use crate::domain::month::Month;
use crate::domain::revision::{self, Change, ChangeDocument};
use crate::domain::roadmap::{Plan, PlanHistory};
use crate::domain::scorecard::{Definition, ParameterValues};
use crate::storage::plans;
use crate::storage::scorecards::Scorecard;

/// Plan documents kept in memory.
const PLANS_MAX: u64 = 1_000;

/// What a version's document holds.
#[derive(Serialize, Deserialize)]
struct PlanDocument {
    definition: Arc<Definition>,
    parameters: ParameterValues,
}

/// Plan documents that were read before, by their text: a version never changes,
/// so that what is found is never stale, whatever becomes of the transaction.
#[derive(Clone)]
pub struct PlanCache(Cache<blake3::Hash, Arc<PlanDocument>>);

impl Default for PlanCache {
    fn default() -> Self {
        Self(Cache::new(PLANS_MAX))
    }
}

impl std::fmt::Debug for PlanCache {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PlanCache")
    }
}

impl PlanCache {
    fn read(&self, text: &str) -> Result<Arc<PlanDocument>, serde_json::Error> {
        let key = blake3::hash(text.as_bytes());
        if let Some(known) = self.0.get(&key) {
            return Ok(known);
        }
        let document = Arc::new(serde_json::from_str(text)?);
        self.0.insert(key, Arc::clone(&document));
        Ok(document)
    }
}

/// A plan version with its author and reason.
#[derive(Clone, Debug)]
pub struct PlanVersion {
    pub plan: Plan,
    pub author: String,
    pub reason: String,
    pub alert: Option<String>,
    /// The change list, as JSON.
    pub changes: String,
    pub created_at: DateTime<Utc>,
}

/// Adds the first version of a new scorecard.
///
/// # Errors
/// Those of the storage.
pub fn add_first(
    session: &mut Session<'_>,
    scorecard: &Scorecard,
    plan: &Plan,
) -> Result<(), AppError> {
    let origin = Origin {
        author_id: session.caller.id(),
        author_name: &session.caller.name,
        reason: "当初計画 / Initial plan",
        alert: None,
    };
    let row = row_of(plan, &origin, &[], session.now)?;
    Ok(plans::insert(session.conn, &scorecard.id, &row)?)
}

/// Whose idea a version is, and why.
#[derive(Clone, Copy, Debug)]
pub struct Origin<'a> {
    pub author_id: &'a str,
    pub author_name: &'a str,
    pub reason: &'a str,
    pub alert: Option<&'a str>,
}

/// Adds a version that comes into force now.
///
/// # Errors
/// Those of the storage.
pub fn add(
    session: &mut Session<'_>,
    scorecard: &Scorecard,
    plan: &Plan,
    origin: &Origin<'_>,
    changes: &[Change],
) -> Result<(), AppError> {
    let row = row_of(plan, origin, changes, session.now)?;
    Ok(plans::insert(session.conn, &scorecard.id, &row)?)
}

fn row_of(
    plan: &Plan,
    origin: &Origin<'_>,
    changes: &[Change],
    now: DateTime<Utc>,
) -> Result<plans::PlanVersion, AppError> {
    let document = PlanDocument {
        definition: Arc::clone(&plan.definition),
        parameters: plan.parameters.clone(),
    };
    Ok(plans::PlanVersion {
        version: plan.version,
        effective: plan.effective,
        author_id: origin.author_id.to_owned(),
        author_name: origin.author_name.to_owned(),
        reason: origin.reason.to_owned(),
        alert: origin.alert.map(str::to_owned),
        changes: written_changes(changes)?,
        document: serde_json::to_string(&document)
            .map_err(|error| AppError::Internal(error.to_string()))?,
        created_at: now,
    })
}

/// A change list as it is stored.
///
/// # Errors
/// `Internal`; there are none for changes.
pub fn written_changes(changes: &[Change]) -> Result<String, AppError> {
    revision::documents(changes)
        .and_then(|documents| serde_json::to_string(&documents))
        .map_err(|error| AppError::Internal(error.to_string()))
}

/// The change list that [`written_changes`] stored.
///
/// # Errors
/// `Internal` where it cannot be read.
pub fn read_changes(stored: &str) -> Result<Vec<Change>, AppError> {
    serde_json::from_str::<Vec<ChangeDocument>>(stored)
        .and_then(|documents| documents.iter().map(ChangeDocument::change).collect())
        .map_err(|error| AppError::Internal(format!("a change list: {error}")))
}

/// What changes between two versions.
///
/// # Errors
/// `NotFound` for a number that does not exist.
pub fn difference(
    session: &mut Session<'_>,
    scorecard: &Scorecard,
    (from, to): (Option<u32>, Option<u32>),
) -> Result<(u32, u32, Vec<Change>), AppError> {
    let plans = history(session, scorecard)?;
    let month = Month::last_ended(session.now).next().max(scorecard.start);
    let old = plans.version(from.unwrap_or(1)).ok_or(AppError::NotFound)?;
    let new = match to {
        Some(number) => plans.version(number).ok_or(AppError::NotFound)?,
        None => plans.in_force(month),
    };
    Ok((old.version, new.version, revision::diff(old, new)))
}

/// Every version of a scorecard's plan.
///
/// # Errors
/// `Internal` where a scorecard has no plan or one cannot be read.
pub fn history(session: &mut Session<'_>, scorecard: &Scorecard) -> Result<PlanHistory, AppError> {
    let rows = rows(session, scorecard)?;
    plan_history(&session.office.plans, rows, scorecard.start)
}

/// The versions that the session knows of.
fn rows(
    session: &mut Session<'_>,
    scorecard: &Scorecard,
) -> Result<Vec<plans::PlanVersion>, AppError> {
    let rows = plans::history(session.conn, &scorecard.id)?;
    Ok(as_of::plan_versions(session, rows))
}

/// The versions of a plan from their rows.
///
/// # Errors
/// `Internal` where there are none or one cannot be read.
pub fn plan_history(
    cache: &PlanCache,
    rows: Vec<plans::PlanVersion>,
    start: Month,
) -> Result<PlanHistory, AppError> {
    let mut plans = Vec::with_capacity(rows.len());
    for row in rows {
        plans.push(version_of(cache, row, start)?.plan);
    }
    let mut plans = plans.into_iter();
    let first = plans
        .next()
        .ok_or_else(|| AppError::Internal("a scorecard without a plan".to_owned()))?;
    Ok(PlanHistory::new(first, plans.collect()))
}

fn version_of(
    cache: &PlanCache,
    row: plans::PlanVersion,
    start: Month,
) -> Result<PlanVersion, AppError> {
    let document = cache
        .read(&row.document)
        .map_err(|error| AppError::Internal(format!("plan version {}: {error}", row.version)))?;
    Ok(PlanVersion {
        plan: Plan {
            version: row.version,
            start,
            effective: row.effective,
            definition: Arc::clone(&document.definition),
            parameters: document.parameters.clone(),
        },
        author: row.author_name,
        reason: row.reason,
        alert: row.alert,
        changes: row.changes,
        created_at: row.created_at,
    })
}

/// All versions with their authors, oldest first.
///
/// # Errors
/// Those of the storage.
pub fn versions(
    session: &mut Session<'_>,
    scorecard: &Scorecard,
) -> Result<Vec<PlanVersion>, AppError> {
    rows(session, scorecard)?
        .into_iter()
        .map(|row| version_of(&session.office.plans, row, scorecard.start))
        .collect()
}

/// One version; without a number, the one in force now.
///
/// # Errors
/// `NotFound` for a number that does not exist.
pub fn version(
    session: &mut Session<'_>,
    scorecard: &Scorecard,
    number: Option<u32>,
) -> Result<PlanVersion, AppError> {
    let versions = versions(session, scorecard)?;
    let wanted = match number {
        Some(number) => number,
        None => {
            let month = Month::last_ended(session.now).next().max(scorecard.start);
            history(session, scorecard)?.in_force(month).version
        }
    };
    versions
        .into_iter()
        .find(|version| version.plan.version == wanted)
        .ok_or(AppError::NotFound)
}

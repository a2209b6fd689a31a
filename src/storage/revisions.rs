//! Revisions of plans: what was proposed, and what became of it. Both only grow.

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use diesel::prelude::*;

use super::conn::{Conn, columns};
use super::error::StorageError;
use super::schema::{revision_decisions, revisions};
use super::stored;
use crate::domain::ids::ScorecardId;
use crate::domain::month::Month;
use crate::domain::revision::RevisionState;

/// A revision as it was proposed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// The number of the plan version that it becomes where it comes into force.
    pub version: u32,
    pub effective: Month,
    /// The version in force in the effective month, when it was proposed.
    pub base: u32,
    pub author_id: String,
    pub author_name: String,
    pub reason: String,
    /// The alert that prompted it.
    pub alert: Option<String>,
    /// JSON of the application's making.
    pub changes: String,
    pub proposed_at: DateTime<Utc>,
}

/// The decision about a revision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// In force or rejected.
    pub state: RevisionState,
    /// The version that it was applied to.
    pub base: u32,
    pub by_id: String,
    pub by_name: String,
    pub note: Option<String>,
    pub at: DateTime<Utc>,
}

/// A revision with what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revision {
    pub proposal: Proposal,
    pub decision: Option<Decision>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = revisions)]
struct ProposalRow {
    version: i64,
    effective_month: NaiveDate,
    base_version: i64,
    author_id: String,
    author_name: String,
    reason: String,
    alert_id: Option<String>,
    changes: String,
    proposed_at: NaiveDateTime,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = revision_decisions)]
struct DecisionRow {
    version: i64,
    state: String,
    base_version: i64,
    by_id: String,
    by_name: String,
    note: Option<String>,
    decided_at: NaiveDateTime,
}

impl TryFrom<ProposalRow> for Proposal {
    type Error = StorageError;

    fn try_from(row: ProposalRow) -> Result<Self, StorageError> {
        const TABLE: &str = "revisions";
        Ok(Self {
            version: stored::count(TABLE, row.version)?,
            effective: stored::month(TABLE, row.effective_month)?,
            base: stored::count(TABLE, row.base_version)?,
            author_id: row.author_id,
            author_name: row.author_name,
            reason: row.reason,
            alert: row.alert_id,
            changes: row.changes,
            proposed_at: row.proposed_at.and_utc(),
        })
    }
}

impl TryFrom<DecisionRow> for Decision {
    type Error = StorageError;

    fn try_from(row: DecisionRow) -> Result<Self, StorageError> {
        const TABLE: &str = "revision_decisions";
        Ok(Self {
            state: stored::coded(TABLE, &row.state, RevisionState::of_code)?,
            base: stored::count(TABLE, row.base_version)?,
            by_id: row.by_id,
            by_name: row.by_name,
            note: row.note,
            at: row.decided_at.and_utc(),
        })
    }
}

/// Every revision of a scorecard's plan, by number: two queries.
pub fn of_scorecard(
    conn: &mut Conn,
    scorecard: &ScorecardId,
) -> Result<Vec<Revision>, StorageError> {
    let proposals: Vec<ProposalRow> = revisions::table
        .filter(revisions::scorecard_id.eq(scorecard.as_str()))
        .select(columns::<ProposalRow>())
        .order(revisions::version)
        .load(conn)?;
    let decisions: Vec<DecisionRow> = revision_decisions::table
        .filter(revision_decisions::scorecard_id.eq(scorecard.as_str()))
        .select(columns::<DecisionRow>())
        .order(revision_decisions::version)
        .load(conn)?;
    let mut decisions = decisions.into_iter().peekable();
    proposals
        .into_iter()
        .map(|row| {
            let version = row.version;
            Ok(Revision {
                proposal: row.try_into()?,
                decision: decisions
                    .next_if(|decision| decision.version == version)
                    .map(Decision::try_from)
                    .transpose()?,
            })
        })
        .collect()
}

/// Adds a proposal.
///
/// # Errors
/// [`StorageError::Unique`] where the number is taken.
pub fn propose(
    conn: &mut Conn,
    scorecard: &ScorecardId,
    proposal: &Proposal,
) -> Result<(), StorageError> {
    diesel::insert_into(revisions::table)
        .values((
            revisions::scorecard_id.eq(scorecard.as_str()),
            revisions::version.eq(i64::from(proposal.version)),
            revisions::effective_month.eq(proposal.effective.first_day()),
            revisions::base_version.eq(i64::from(proposal.base)),
            revisions::author_id.eq(&proposal.author_id),
            revisions::author_name.eq(&proposal.author_name),
            revisions::reason.eq(&proposal.reason),
            revisions::alert_id.eq(&proposal.alert),
            revisions::changes.eq(&proposal.changes),
            revisions::proposed_at.eq(proposal.proposed_at.naive_utc()),
        ))
        .execute(conn)?;
    Ok(())
}

/// Adds the decision about a proposal.
///
/// # Errors
/// [`StorageError::Unique`] where it was decided before.
pub fn decide(
    conn: &mut Conn,
    scorecard: &ScorecardId,
    version: u32,
    decision: &Decision,
) -> Result<(), StorageError> {
    diesel::insert_into(revision_decisions::table)
        .values((
            revision_decisions::scorecard_id.eq(scorecard.as_str()),
            revision_decisions::version.eq(i64::from(version)),
            revision_decisions::state.eq(decision.state.code()),
            revision_decisions::base_version.eq(i64::from(decision.base)),
            revision_decisions::by_id.eq(&decision.by_id),
            revision_decisions::by_name.eq(&decision.by_name),
            revision_decisions::note.eq(&decision.note),
            revision_decisions::decided_at.eq(decision.at.naive_utc()),
        ))
        .execute(conn)?;
    Ok(())
}

//! Who changed what, when: only ever added.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;

use super::conn::{Conn, columns};
use super::error::StorageError;
use super::schema::audit;
use super::stored;
use crate::domain::access::Scope;
use crate::domain::code::coded_enum;
use crate::domain::ids::{HubCode, PrefectureCode, ScorecardId};

coded_enum! {
    /// Which readers an entry is for.
    pub enum AuditKind {
        Data => "data",
        Accounts => "accounts",
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEntry {
    pub id: String,
    pub at: DateTime<Utc>,
    pub actor_id: String,
    pub actor_name: String,
    pub action: String,
    pub subject_kind: String,
    pub subject_id: String,
    pub kind: AuditKind,
    pub scorecard: Option<ScorecardId>,
    pub hub: Option<HubCode>,
    pub prefecture: Option<PrefectureCode>,
    /// JSON of the application's making.
    pub detail: String,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = audit)]
struct AuditRow {
    id: String,
    at: NaiveDateTime,
    actor_id: String,
    actor_name: String,
    action: String,
    subject_kind: String,
    subject_id: String,
    kind: String,
    scorecard_id: Option<String>,
    hub_code: Option<String>,
    prefecture_code: Option<String>,
    detail: String,
}

impl TryFrom<AuditRow> for AuditEntry {
    type Error = StorageError;

    fn try_from(row: AuditRow) -> Result<Self, StorageError> {
        Ok(Self {
            id: row.id,
            at: row.at.and_utc(),
            actor_id: row.actor_id,
            actor_name: row.actor_name,
            action: row.action,
            subject_kind: row.subject_kind,
            subject_id: row.subject_id,
            kind: stored::coded("audit", &row.kind, AuditKind::of_code)?,
            scorecard: row.scorecard_id.map(ScorecardId),
            hub: row.hub_code.map(HubCode),
            prefecture: row.prefecture_code.map(PrefectureCode),
            detail: row.detail,
        })
    }
}

pub fn insert(conn: &mut Conn, entry: &AuditEntry) -> Result<(), StorageError> {
    diesel::insert_into(audit::table)
        .values((
            audit::id.eq(&entry.id),
            audit::at.eq(entry.at.naive_utc()),
            audit::actor_id.eq(&entry.actor_id),
            audit::actor_name.eq(&entry.actor_name),
            audit::action.eq(&entry.action),
            audit::subject_kind.eq(&entry.subject_kind),
            audit::subject_id.eq(&entry.subject_id),
            audit::kind.eq(entry.kind.code()),
            audit::scorecard_id.eq(entry.scorecard.as_ref().map(ScorecardId::as_str)),
            audit::hub_code.eq(entry.hub.as_ref().map(HubCode::as_str)),
            audit::prefecture_code.eq(entry.prefecture.as_ref().map(PrefectureCode::as_str)),
            audit::detail.eq(&entry.detail),
        ))
        .execute(conn)?;
    Ok(())
}

/// A page of the entries of a scope and of certain kinds, latest first: those
/// before a time and identifier.
pub fn list(
    conn: &mut Conn,
    scope: &Scope,
    kinds: &[AuditKind],
    before: Option<(DateTime<Utc>, &str)>,
    limit: i64,
) -> Result<Vec<AuditEntry>, StorageError> {
    let mut query = audit::table
        .select(columns::<AuditRow>())
        .filter(audit::kind.eq_any(kinds.iter().map(|kind| kind.code())))
        .into_boxed();
    match scope {
        Scope::Nation => {}
        Scope::Prefecture(code) => {
            query = query.filter(audit::prefecture_code.eq(code.as_str()));
        }
        Scope::Hub(code) => query = query.filter(audit::hub_code.eq(code.as_str())),
    }
    if let Some((at, id)) = before {
        let at = at.naive_utc();
        query = query.filter(audit::at.lt(at).or(audit::at.eq(at).and(audit::id.lt(id))));
    }
    query
        .order((audit::at.desc(), audit::id.desc()))
        .limit(limit)
        .load::<AuditRow>(conn)?
        .into_iter()
        .map(AuditEntry::try_from)
        .collect()
}

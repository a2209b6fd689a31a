//! Scorecards: whose they are, where they stand, and the lock that makes
//! their writers take turns.
//!
//! Every function that a request reaches first takes a scope; another scope's
//! scorecard is not found.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use diesel::dsl::sql;
use diesel::helper_types::IntoBoxed;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Timestamp};

use super::conn::{Conn, MultiBackend, columns};
use super::error::StorageError;
use super::hubs::{HubRow, hub};
use super::known;
use super::prefectures::PrefectureRow;
use super::schema::{hubs, prefectures, scorecards};
use super::stored::{self, IDS_PER_QUERY, Selecting};
use crate::domain::access::Scope;
use crate::domain::amount::Amount;
use crate::domain::ids::{HubCode, PrefectureCode, ScorecardId};
use crate::domain::month::Month;
use crate::domain::organisation::Hub;
use crate::domain::scorecard::MarketType;
use crate::domain::text::Text;

/// A scorecard without its plan and cells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scorecard {
    pub id: ScorecardId,
    /// Unique within the hub.
    pub key: String,
    pub name: Text,
    pub hub: Hub,
    pub template: Option<String>,
    pub market_type: MarketType,
    /// Programme month 1.
    pub start: Month,
    /// Rises with whatever changes an answer about this scorecard.
    pub revision: i64,
    pub reported_through: Option<Month>,
    /// At [`Self::reported_through`], as is the score.
    pub flag: String,
    pub score: Option<Amount>,
    pub created_at: DateTime<Utc>,
}

/// Which scorecards; every condition that is set must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    pub id: Option<ScorecardId>,
    pub hub: Option<HubCode>,
    pub key: Option<String>,
    pub prefecture: Option<PrefectureCode>,
    pub template: Option<String>,
    pub market_type: Option<MarketType>,
    pub flag: Option<String>,
    /// Only those whose present revision holds from a later instant.
    pub changed_after: Option<DateTime<Utc>>,
}

/// A scorecard's place in lists.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub struct Position {
    pub prefecture: PrefectureCode,
    pub hub: HubCode,
    pub key: String,
}

impl Scorecard {
    #[must_use]
    pub fn position(&self) -> Position {
        Position {
            prefecture: self.hub.prefecture.code.clone(),
            hub: self.hub.code.clone(),
            key: self.key.clone(),
        }
    }
}

impl Position {
    /// The position of a scorecard in lists.
    #[must_use]
    pub fn of(scorecard: &Scorecard) -> Self {
        Self {
            prefecture: scorecard.hub.prefecture.code.clone(),
            hub: scorecard.hub.code.clone(),
            key: scorecard.key.clone(),
        }
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = scorecards)]
pub(super) struct ScorecardRow {
    id: String,
    key: String,
    name_ja: String,
    name_en: String,
    template: Option<String>,
    market_type: String,
    start_month: NaiveDate,
    revision: i64,
    reported_through: Option<NaiveDate>,
    flag: String,
    score: Option<i64>,
    created_at: NaiveDateTime,
}

pub(super) type Rows = (ScorecardRow, HubRow, PrefectureRow);

pub(super) fn scorecard((row, hub_row, prefecture): Rows) -> Result<Scorecard, StorageError> {
    const TABLE: &str = "scorecards";
    Ok(Scorecard {
        id: ScorecardId(row.id),
        key: row.key,
        name: Text::new(row.name_ja, row.name_en),
        hub: hub((hub_row, prefecture))?,
        template: row.template,
        market_type: stored::coded(TABLE, &row.market_type, MarketType::of_code)?,
        start: stored::month(TABLE, row.start_month)?,
        revision: row.revision,
        reported_through: row
            .reported_through
            .map(|day| stored::month(TABLE, day))
            .transpose()?,
        flag: row.flag,
        score: row.score.map(Amount::from_scaled),
        created_at: row.created_at.and_utc(),
    })
}

#[diesel::dsl::auto_type]
fn with_hub() -> _ {
    scorecards::table.inner_join(hubs::table.inner_join(prefectures::table))
}

type Scorecards<'a> = IntoBoxed<'a, Selecting<with_hub, Rows>, MultiBackend>;

fn in_scope(scope: &Scope) -> Scorecards<'_> {
    let all = with_hub().select(columns::<Rows>()).into_boxed();
    match scope {
        Scope::Nation => all,
        Scope::Prefecture(code) => all.filter(hubs::prefecture_code.eq(code.as_str())),
        Scope::Hub(code) => all.filter(scorecards::hub_code.eq(code.as_str())),
    }
}

/// Inserts a scorecard of an existing hub.
///
/// # Errors
/// [`StorageError::Unique`] where the hub has one of this key,
/// [`StorageError::Reference`] where the hub does not exist.
pub fn insert(
    conn: &mut Conn,
    scorecard: &Scorecard,
    created_by: &str,
) -> Result<(), StorageError> {
    diesel::insert_into(scorecards::table)
        .values((
            scorecards::id.eq(scorecard.id.as_str()),
            scorecards::hub_code.eq(scorecard.hub.code.as_str()),
            scorecards::key.eq(&scorecard.key),
            scorecards::name_ja.eq(&scorecard.name.ja),
            scorecards::name_en.eq(&scorecard.name.en),
            scorecards::template.eq(&scorecard.template),
            scorecards::market_type.eq(scorecard.market_type.code()),
            scorecards::start_month.eq(scorecard.start.first_day()),
            scorecards::revision.eq(scorecard.revision),
            scorecards::reported_through.eq(scorecard.reported_through.map(Month::first_day)),
            scorecards::flag.eq(&scorecard.flag),
            scorecards::score.eq(scorecard.score.map(Amount::scaled)),
            scorecards::created_at.eq(scorecard.created_at.naive_utc()),
            scorecards::created_by.eq(created_by),
        ))
        .execute(conn)?;
    known::note_revisions(conn, &[scorecard.id.as_str()], scorecard.created_at)?;
    known::note_standing(conn, scorecard, scorecard.created_at)
}

pub fn find(
    conn: &mut Conn,
    id: &ScorecardId,
    scope: &Scope,
) -> Result<Option<Scorecard>, StorageError> {
    in_scope(scope)
        .filter(scorecards::id.eq(id.as_str()))
        .first(conn)
        .optional()?
        .map(scorecard)
        .transpose()
}

/// Which of several there are in a scope.
pub fn existing(
    conn: &mut Conn,
    ids: &[ScorecardId],
    scope: &Scope,
) -> Result<BTreeSet<ScorecardId>, StorageError> {
    let ids: Vec<&str> = ids.iter().map(ScorecardId::as_str).collect();
    let mut found = BTreeSet::new();
    for chunk in ids.chunks(IDS_PER_QUERY) {
        let rows: Vec<Rows> = in_scope(scope)
            .filter(scorecards::id.eq_any(chunk))
            .load(conn)?;
        found.extend(rows.into_iter().map(|(row, _, _)| ScorecardId(row.id)));
    }
    Ok(found)
}

/// Finds by natural key.
pub fn find_by_key(
    conn: &mut Conn,
    hub: &HubCode,
    key: &str,
    scope: &Scope,
) -> Result<Option<Scorecard>, StorageError> {
    in_scope(scope)
        .filter(scorecards::hub_code.eq(hub.as_str()))
        .filter(scorecards::key.eq(key))
        .first(conn)
        .optional()?
        .map(scorecard)
        .transpose()
}

/// The name of the lock that writers share and [`await_writers`] takes alone.
const WRITERS: &str = "hashtextextended('shirube writers ' || current_schema(), 0)";

/// Says that this transaction is about to change scorecards. On `SQLite` it has
/// the whole database to itself.
pub fn enter(conn: &mut Conn) -> Result<(), StorageError> {
    advisory_lock(conn, "pg_advisory_xact_lock_shared")
}

/// Waits until every transaction that has said [`enter`] is over, so that what
/// they store is seen from here on.
pub fn await_writers(conn: &mut Conn) -> Result<(), StorageError> {
    advisory_lock(conn, "pg_advisory_xact_lock")
}

fn advisory_lock(conn: &mut Conn, function: &str) -> Result<(), StorageError> {
    if let Conn::Postgres(conn) = conn {
        diesel::sql_query(format!("SELECT {function}({WRITERS})")).execute(conn)?;
    }
    Ok(())
}

/// Loads a scorecard to change it: until this transaction ends nobody else
/// gets past this call for it, and what is loaded is what was last committed.
/// First statement of every write to a scorecard, its cells, plan or months.
pub fn lock(
    conn: &mut Conn,
    id: &ScorecardId,
    scope: &Scope,
) -> Result<Option<Scorecard>, StorageError> {
    Ok(lock_all(conn, std::slice::from_ref(id), scope)?.pop())
}

/// [`lock`] for several at once, in one order whatever the caller's, so that
/// two such writers never wait for each other. Those out of scope are left out.
pub fn lock_all(
    conn: &mut Conn,
    ids: &[ScorecardId],
    scope: &Scope,
) -> Result<Vec<Scorecard>, StorageError> {
    let mut ids: Vec<&str> = ids.iter().map(ScorecardId::as_str).collect();
    ids.sort_unstable();
    ids.dedup();
    enter(conn)?;
    let mut locked = Vec::with_capacity(ids.len());
    for chunk in ids.chunks(IDS_PER_QUERY) {
        // On SQLite the transaction has the whole database to itself.
        if let Conn::Postgres(conn) = conn {
            scorecards::table
                .filter(scorecards::id.eq_any(chunk))
                .order(scorecards::id)
                .select(scorecards::id)
                .for_no_key_update()
                .load::<String>(conn)?;
        }
        let rows: Vec<Rows> = in_scope(scope)
            .filter(scorecards::id.eq_any(chunk))
            .order(scorecards::id)
            .load(conn)?;
        for row in rows {
            locked.push(scorecard(row)?);
        }
    }
    Ok(locked)
}

/// Raises the revision, which holds from `at`; returns the new one. The
/// scorecard is locked, and `at` is not before its last change.
///
/// # Errors
/// [`StorageError::NotFound`] where there is no such scorecard.
pub fn bump(conn: &mut Conn, id: &ScorecardId, at: DateTime<Utc>) -> Result<i64, StorageError> {
    let revision = diesel::update(scorecards::table.find(id.as_str()))
        .set(scorecards::revision.eq(scorecards::revision + 1))
        .returning(scorecards::revision)
        .get_result(conn)?;
    known::note_revisions(conn, &[id.as_str()], at)?;
    Ok(revision)
}

/// [`bump`] for several at once, whose answers name what has another name now.
pub fn bump_all(
    conn: &mut Conn,
    ids: &[ScorecardId],
    at: DateTime<Utc>,
) -> Result<(), StorageError> {
    let ids: Vec<&str> = ids.iter().map(ScorecardId::as_str).collect();
    for chunk in ids.chunks(IDS_PER_QUERY) {
        diesel::update(scorecards::table)
            .filter(scorecards::id.eq_any(chunk))
            .set(scorecards::revision.eq(scorecards::revision + 1))
            .execute(conn)?;
    }
    known::note_revisions(conn, &ids, at)
}

/// Writes where a scorecard stands from its present revision on: the last
/// reported month, its flag and its score.
///
/// # Errors
/// [`StorageError::NotFound`] where there is no such scorecard,
/// [`StorageError::Unique`] where this revision said so already.
pub fn update_current(
    conn: &mut Conn,
    scorecard: &Scorecard,
    at: DateTime<Utc>,
) -> Result<(), StorageError> {
    let updated = diesel::update(scorecards::table.find(scorecard.id.as_str()))
        .set((
            scorecards::reported_through.eq(scorecard.reported_through.map(Month::first_day)),
            scorecards::flag.eq(&scorecard.flag),
            scorecards::score.eq(scorecard.score.map(Amount::scaled)),
        ))
        .execute(conn)?;
    match updated {
        0 => Err(StorageError::NotFound),
        _ => known::note_standing(conn, scorecard, at),
    }
}

/// A page of the scorecards of a scope, by prefecture, hub, key.
pub fn list(
    conn: &mut Conn,
    filter: &Filter,
    scope: &Scope,
    after: Option<&Position>,
    limit: i64,
) -> Result<Vec<Scorecard>, StorageError> {
    let mut query = filtered(filter, scope).limit(limit);
    if let Some(Position {
        prefecture,
        hub,
        key,
    }) = after
    {
        query = query.filter(
            hubs::prefecture_code
                .gt(prefecture.as_str())
                .or(hubs::prefecture_code.eq(prefecture.as_str()).and(
                    hubs::code
                        .gt(hub.as_str())
                        .or(hubs::code.eq(hub.as_str()).and(scorecards::key.gt(key))),
                )),
        );
    }
    query.load(conn)?.into_iter().map(scorecard).collect()
}

/// All scorecards of a scope, by prefecture, hub, key.
pub fn list_all(
    conn: &mut Conn,
    filter: &Filter,
    scope: &Scope,
) -> Result<Vec<Scorecard>, StorageError> {
    filtered(filter, scope)
        .load(conn)?
        .into_iter()
        .map(scorecard)
        .collect()
}

fn filtered<'a>(filter: &'a Filter, scope: &'a Scope) -> Scorecards<'a> {
    let mut query = in_scope(scope).order((hubs::prefecture_code, hubs::code, scorecards::key));
    if let Some(id) = &filter.id {
        query = query.filter(scorecards::id.eq(id.as_str()));
    }
    if let Some(hub) = &filter.hub {
        query = query.filter(scorecards::hub_code.eq(hub.as_str()));
    }
    if let Some(key) = &filter.key {
        query = query.filter(scorecards::key.eq(key));
    }
    if let Some(prefecture) = &filter.prefecture {
        query = query.filter(hubs::prefecture_code.eq(prefecture.as_str()));
    }
    if let Some(template) = &filter.template {
        query = query.filter(scorecards::template.eq(template));
    }
    if let Some(market_type) = filter.market_type {
        query = query.filter(scorecards::market_type.eq(market_type.code()));
    }
    if let Some(flag) = &filter.flag {
        query = query.filter(scorecards::flag.eq(flag));
    }
    if let Some(instant) = filter.changed_after {
        let changed = sql::<Bool>(known::CHANGED_AFTER).bind::<Timestamp, _>(instant.naive_utc());
        query = query.filter(changed.sql(")"));
    }
    query
}

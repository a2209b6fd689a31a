//! Whether anything is sent at all, and which database this is.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Text;

use super::conn::Conn;
use super::error::StorageError;
use super::schema::outbox;

/// The only row.
const ROW: i64 = 1;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outbox {
    /// Nothing is sent.
    pub paused: bool,
    pub reason: Option<String>,
    /// Which database this was when it last sent.
    pub identity: Option<String>,
    pub changed_at: Option<DateTime<Utc>>,
    pub changed_by: Option<String>,
}

type Row = (
    bool,
    Option<String>,
    Option<String>,
    Option<NaiveDateTime>,
    Option<String>,
);

pub fn get(conn: &mut Conn) -> Result<Outbox, StorageError> {
    let (paused, reason, identity, changed_at, changed_by): Row = outbox::table
        .find(ROW)
        .select((
            outbox::paused,
            outbox::reason,
            outbox::identity,
            outbox::changed_at,
            outbox::changed_by,
        ))
        .first(conn)?;
    Ok(Outbox {
        paused,
        reason,
        identity,
        changed_at: changed_at.map(|at| at.and_utc()),
        changed_by,
    })
}

pub fn put(conn: &mut Conn, state: &Outbox) -> Result<(), StorageError> {
    diesel::update(outbox::table.find(ROW))
        .set((
            outbox::paused.eq(state.paused),
            outbox::reason.eq(&state.reason),
            outbox::identity.eq(&state.identity),
            outbox::changed_at.eq(state.changed_at.map(|at| at.naive_utc())),
            outbox::changed_by.eq(&state.changed_by),
        ))
        .execute(conn)?;
    Ok(())
}

/// What tells this `PostgreSQL` database from a restored copy of it: its object
/// number, new with every restore. `None` on `SQLite`, which a file cannot know
/// of itself.
pub fn server_identity(conn: &mut Conn) -> Result<Option<String>, StorageError> {
    let Conn::Postgres(conn) = conn else {
        return Ok(None);
    };
    let oid: String = diesel::select(sql::<Text>(
        "(SELECT oid::text FROM pg_database WHERE datname = current_database())",
    ))
    .get_result(conn)?;
    Ok(Some(format!("postgres {oid}")))
}

/// The time of the database, which all replicas share; `None` on `SQLite`,
/// which has one process and its clock.
pub fn server_time(conn: &mut Conn) -> Result<Option<DateTime<Utc>>, StorageError> {
    let Conn::Postgres(conn) = conn else {
        return Ok(None);
    };
    let now: NaiveDateTime = diesel::select(sql::<diesel::sql_types::Timestamp>(
        "clock_timestamp() AT TIME ZONE 'UTC'",
    ))
    .get_result(conn)?;
    Ok(Some(now.and_utc()))
}

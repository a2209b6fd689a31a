//! The first answers to requests with an `Idempotency-Key`, for their repetitions.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool};

use super::conn::{Conn, columns};
use super::error::StorageError;
use super::schema::idempotency_keys;

/// What identifies a request: a key belongs to a caller, method and path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestKey<'a> {
    pub caller: &'a str,
    pub method: &'a str,
    pub path: &'a str,
    pub key: &'a str,
}

/// The answer to the first request of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FirstAnswer {
    /// Of the request's body.
    pub body_hash: String,
    pub status: u16,
    /// JSON of the application's making.
    pub headers: String,
    pub body: String,
    pub created_at: DateTime<Utc>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = idempotency_keys)]
struct FirstAnswerRow {
    body_hash: String,
    status: i32,
    headers: String,
    body: String,
    created_at: NaiveDateTime,
}

impl TryFrom<FirstAnswerRow> for FirstAnswer {
    type Error = StorageError;

    fn try_from(row: FirstAnswerRow) -> Result<Self, StorageError> {
        Ok(Self {
            body_hash: row.body_hash,
            status: u16::try_from(row.status).map_err(|error| {
                StorageError::corrupt(
                    "idempotency_keys",
                    format!("status {}: {error}", row.status),
                )
            })?,
            headers: row.headers,
            body: row.body,
            created_at: row.created_at.and_utc(),
        })
    }
}

/// Whether this transaction may work on the request of a hash: until it ends,
/// no other gets `true` for it. On `SQLite` a writing transaction is alone anyway.
pub fn try_claim(conn: &mut Conn, hash: i64) -> Result<bool, StorageError> {
    match conn {
        Conn::Sqlite(_) => Ok(true),
        Conn::Postgres(conn) => Ok(sql::<Bool>(
            "SELECT pg_try_advisory_xact_lock(hashtextextended(current_schema(), ",
        )
        .bind::<BigInt, _>(hash)
        .sql("))")
        .get_result(conn)?),
    }
}

pub fn find(conn: &mut Conn, key: &RequestKey<'_>) -> Result<Option<FirstAnswer>, StorageError> {
    idempotency_keys::table
        .find((key.caller, key.method, key.path, key.key))
        .select(columns::<FirstAnswerRow>())
        .first::<FirstAnswerRow>(conn)
        .optional()?
        .map(FirstAnswer::try_from)
        .transpose()
}

/// # Errors
/// [`StorageError::Unique`] where the key has an answer.
pub fn insert(
    conn: &mut Conn,
    key: &RequestKey<'_>,
    answer: &FirstAnswer,
) -> Result<(), StorageError> {
    diesel::insert_into(idempotency_keys::table)
        .values((
            idempotency_keys::caller.eq(key.caller),
            idempotency_keys::method.eq(key.method),
            idempotency_keys::path.eq(key.path),
            idempotency_keys::key.eq(key.key),
            idempotency_keys::body_hash.eq(&answer.body_hash),
            idempotency_keys::status.eq(i32::from(answer.status)),
            idempotency_keys::headers.eq(&answer.headers),
            idempotency_keys::body.eq(&answer.body),
            idempotency_keys::created_at.eq(answer.created_at.naive_utc()),
        ))
        .execute(conn)?;
    Ok(())
}

/// Deletes the answers given before `instant`; returns how many.
pub fn delete_older(conn: &mut Conn, instant: DateTime<Utc>) -> Result<usize, StorageError> {
    Ok(diesel::delete(idempotency_keys::table)
        .filter(idempotency_keys::created_at.lt(instant.naive_utc()))
        .execute(conn)?)
}

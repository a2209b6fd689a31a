//! Refresh tokens. Each is good for one use and begets the next of its family;
//! a second use betrays a copy.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;

use super::conn::{Conn, columns};
use super::error::StorageError;
use super::schema::refresh_tokens;
use crate::domain::ids::UserId;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefreshToken {
    pub id: String,
    pub user: UserId,
    /// All tokens that descend from one sign-in.
    pub family: String,
    pub token_hash: String,
    pub issued_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
    pub used_at: Option<DateTime<Utc>>,
    pub revoked_at: Option<DateTime<Utc>>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = refresh_tokens)]
struct RefreshTokenRow {
    id: String,
    user_id: String,
    family: String,
    token_hash: String,
    issued_at: NaiveDateTime,
    expires_at: NaiveDateTime,
    used_at: Option<NaiveDateTime>,
    revoked_at: Option<NaiveDateTime>,
}

impl From<RefreshTokenRow> for RefreshToken {
    fn from(row: RefreshTokenRow) -> Self {
        Self {
            id: row.id,
            user: UserId(row.user_id),
            family: row.family,
            token_hash: row.token_hash,
            issued_at: row.issued_at.and_utc(),
            expires_at: row.expires_at.and_utc(),
            used_at: row.used_at.map(|at| at.and_utc()),
            revoked_at: row.revoked_at.map(|at| at.and_utc()),
        }
    }
}

/// # Errors
/// [`StorageError::Reference`] where the account does not exist.
pub fn insert(conn: &mut Conn, token: &RefreshToken) -> Result<(), StorageError> {
    diesel::insert_into(refresh_tokens::table)
        .values((
            refresh_tokens::id.eq(&token.id),
            refresh_tokens::user_id.eq(token.user.as_str()),
            refresh_tokens::family.eq(&token.family),
            refresh_tokens::token_hash.eq(&token.token_hash),
            refresh_tokens::issued_at.eq(token.issued_at.naive_utc()),
            refresh_tokens::expires_at.eq(token.expires_at.naive_utc()),
            refresh_tokens::used_at.eq(token.used_at.map(|at| at.naive_utc())),
            refresh_tokens::revoked_at.eq(token.revoked_at.map(|at| at.naive_utc())),
        ))
        .execute(conn)?;
    Ok(())
}

/// The token of a hash, whether or not it is still good.
pub fn find_by_hash(
    conn: &mut Conn,
    token_hash: &str,
) -> Result<Option<RefreshToken>, StorageError> {
    let found: Option<RefreshTokenRow> = refresh_tokens::table
        .filter(refresh_tokens::token_hash.eq(token_hash))
        .select(columns::<RefreshTokenRow>())
        .first(conn)
        .optional()?;
    Ok(found.map(RefreshToken::from))
}

/// Uses a token up. Of several callers at once one gets `true`; a token that
/// was used or revoked before gives `false`.
pub fn mark_used(conn: &mut Conn, id: &str, at: DateTime<Utc>) -> Result<bool, StorageError> {
    let marked = diesel::update(refresh_tokens::table.find(id))
        .filter(refresh_tokens::used_at.is_null())
        .filter(refresh_tokens::revoked_at.is_null())
        .set(refresh_tokens::used_at.eq(at.naive_utc()))
        .execute(conn)?;
    Ok(marked > 0)
}

/// Revokes every token of a family; returns how many were in force.
pub fn revoke_family(
    conn: &mut Conn,
    family: &str,
    at: DateTime<Utc>,
) -> Result<usize, StorageError> {
    Ok(diesel::update(refresh_tokens::table)
        .filter(refresh_tokens::family.eq(family))
        .filter(refresh_tokens::revoked_at.is_null())
        .set(refresh_tokens::revoked_at.eq(at.naive_utc()))
        .execute(conn)?)
}

/// Revokes every token of an account; returns how many were in force.
pub fn revoke_all(
    conn: &mut Conn,
    user: &UserId,
    at: DateTime<Utc>,
) -> Result<usize, StorageError> {
    Ok(diesel::update(refresh_tokens::table)
        .filter(refresh_tokens::user_id.eq(user.as_str()))
        .filter(refresh_tokens::revoked_at.is_null())
        .set(refresh_tokens::revoked_at.eq(at.naive_utc()))
        .execute(conn)?)
}

/// Deletes the tokens that expired before `instant`; returns how many.
pub fn delete_expired(conn: &mut Conn, instant: DateTime<Utc>) -> Result<usize, StorageError> {
    Ok(diesel::delete(refresh_tokens::table)
        .filter(refresh_tokens::expires_at.lt(instant.naive_utc()))
        .execute(conn)?)
}

//! Keys of machines. Only the hash of a secret is stored.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;

use super::conn::{Conn, MultiBackend, columns};
use super::error::StorageError;
use super::schema::{api_keys, users};
use super::stored::{self, IDS_PER_QUERY};
use super::users::UserRow;
use crate::domain::access::Role;
use crate::domain::ids::{ApiKeyId, UserId};
use crate::domain::organisation::{ApiKey, User};

#[derive(Queryable, Selectable)]
#[diesel(table_name = api_keys)]
pub(super) struct ApiKeyRow {
    id: String,
    owner_id: String,
    name: String,
    role: String,
    prefecture_code: Option<String>,
    hub_code: Option<String>,
    expires_at: Option<NaiveDateTime>,
    created_at: NaiveDateTime,
    made_with: Option<String>,
}

impl TryFrom<ApiKeyRow> for ApiKey {
    type Error = StorageError;

    fn try_from(row: ApiKeyRow) -> Result<Self, StorageError> {
        Ok(Self {
            id: ApiKeyId(row.id),
            owner: UserId(row.owner_id),
            name: row.name,
            role: stored::coded("api_keys", &row.role, Role::of_code)?,
            scope: stored::scope("api_keys", row.prefecture_code, row.hub_code)?,
            expires_at: row.expires_at.map(|at| at.and_utc()),
            created_at: row.created_at.and_utc(),
            made_with: row.made_with.map(ApiKeyId),
        })
    }
}

/// # Errors
/// [`StorageError::Reference`] where owner or scope do not exist.
pub fn insert(conn: &mut Conn, key: &ApiKey, secret_hash: &str) -> Result<(), StorageError> {
    insert_key(conn, key, secret_hash, None)
}

/// [`insert`] of a key that goes into a header, or of a link with what it shows.
pub(super) fn insert_key(
    conn: &mut Conn,
    key: &ApiKey,
    secret_hash: &str,
    link: Option<&str>,
) -> Result<(), StorageError> {
    let (prefecture, hub) = stored::scope_columns(&key.scope);
    diesel::insert_into(api_keys::table)
        .values((
            api_keys::id.eq(key.id.as_str()),
            api_keys::owner_id.eq(key.owner.as_str()),
            api_keys::name.eq(&key.name),
            api_keys::role.eq(key.role.code()),
            api_keys::prefecture_code.eq(prefecture),
            api_keys::hub_code.eq(hub),
            api_keys::secret_hash.eq(secret_hash),
            api_keys::link.eq(link),
            api_keys::expires_at.eq(key.expires_at.map(|at| at.naive_utc())),
            api_keys::created_at.eq(key.created_at.naive_utc()),
            api_keys::made_with.eq(key.made_with.as_ref().map(ApiKeyId::as_str)),
        ))
        .execute(conn)?;
    Ok(())
}

/// The key of a secret's hash, with its owner, unless it was revoked. Whether
/// it has expired and whether the account is open is for the caller to see.
pub fn find_by_hash(
    conn: &mut Conn,
    secret_hash: &str,
) -> Result<Option<(ApiKey, User)>, StorageError> {
    let found: Option<(ApiKeyRow, UserRow)> = api_keys::table
        .inner_join(users::table)
        .filter(api_keys::secret_hash.eq(secret_hash))
        .filter(api_keys::link.is_null())
        .filter(api_keys::revoked_at.is_null())
        .select(columns::<(ApiKeyRow, UserRow)>())
        .first(conn)
        .optional()?;
    found
        .map(|(key, owner)| Ok((key.try_into()?, owner.try_into()?)))
        .transpose()
}

/// Whose keys and links are meant: all of an account, or, of one of its keys, that
/// key and what was made with it.
#[derive(Clone, Debug)]
pub struct Holder {
    pub owner: UserId,
    pub key: Option<ApiKeyId>,
}

/// The keys and links of a holder that were not revoked.
pub(super) fn held(holder: &Holder) -> api_keys::BoxedQuery<'_, MultiBackend> {
    let all = api_keys::table
        .filter(api_keys::owner_id.eq(holder.owner.as_str()))
        .filter(api_keys::revoked_at.is_null())
        .into_boxed();
    match &holder.key {
        None => all,
        Some(key) => all.filter(
            api_keys::id
                .eq(key.as_str())
                .or(api_keys::made_with.eq(key.as_str())),
        ),
    }
}

/// The keys of a holder that were not revoked, in the order of their making.
pub fn list(
    conn: &mut Conn,
    holder: &Holder,
    after: Option<&ApiKeyId>,
    limit: i64,
) -> Result<Vec<ApiKey>, StorageError> {
    let mut query = held(holder).filter(api_keys::link.is_null());
    if let Some(id) = after {
        query = query.filter(api_keys::id.gt(id.as_str()));
    }
    query
        .select(columns::<ApiKeyRow>())
        .order(api_keys::id)
        .limit(limit)
        .load::<ApiKeyRow>(conn)?
        .into_iter()
        .map(ApiKey::try_from)
        .collect()
}

/// A key that something is about to be made with, unless it was revoked: until
/// this transaction ends nobody revokes it without finding what was made.
pub fn lock(conn: &mut Conn, id: &ApiKeyId) -> Result<Option<ApiKey>, StorageError> {
    // On SQLite the transaction has the whole database to itself.
    if let Conn::Postgres(conn) = conn {
        api_keys::table
            .find(id.as_str())
            .select(api_keys::id)
            .for_no_key_update()
            .load::<String>(conn)?;
    }
    let found: Option<ApiKeyRow> = api_keys::table
        .find(id.as_str())
        .filter(api_keys::revoked_at.is_null())
        .select(columns::<ApiKeyRow>())
        .first(conn)
        .optional()?;
    found.map(ApiKey::try_from).transpose()
}

/// Revokes a key of a holder, for good, and all that was made with it; `false`
/// where the holder has no such key in force.
pub fn revoke(
    conn: &mut Conn,
    holder: &Holder,
    id: &ApiKeyId,
    at: DateTime<Utc>,
) -> Result<bool, StorageError> {
    let is_key: Option<String> = held(holder)
        .filter(api_keys::id.eq(id.as_str()))
        .filter(api_keys::link.is_null())
        .select(api_keys::id)
        .first(conn)
        .optional()?;
    if is_key.is_none() {
        return Ok(false);
    }
    revoke_with_all_made(conn, id, at)
}

/// Ends a key or link and what was made with it. Each generation is held before
/// the next is looked for, so that none is born meanwhile.
pub(super) fn revoke_with_all_made(
    conn: &mut Conn,
    id: &ApiKeyId,
    at: DateTime<Utc>,
) -> Result<bool, StorageError> {
    let is_revoked = revoke_rows(conn, &[id.as_str()], at)? > 0;
    let mut generation = vec![id.to_string()];
    while !generation.is_empty() {
        let mut next: Vec<String> = Vec::new();
        for makers in generation.chunks(IDS_PER_QUERY) {
            let made = api_keys::table
                .filter(api_keys::made_with.eq_any(makers))
                .filter(api_keys::revoked_at.is_null())
                .select(api_keys::id);
            next.extend(made.load::<String>(conn)?);
        }
        for made in next.chunks(IDS_PER_QUERY) {
            let made: Vec<&str> = made.iter().map(String::as_str).collect();
            revoke_rows(conn, &made, at)?;
        }
        generation = next;
    }
    Ok(is_revoked)
}

fn revoke_rows(conn: &mut Conn, ids: &[&str], at: DateTime<Utc>) -> Result<usize, StorageError> {
    Ok(diesel::update(api_keys::table)
        .filter(api_keys::id.eq_any(ids))
        .filter(api_keys::revoked_at.is_null())
        .set(api_keys::revoked_at.eq(at.naive_utc()))
        .execute(conn)?)
}

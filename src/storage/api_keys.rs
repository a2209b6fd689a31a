//! Keys of machines. Only the hash of a secret is stored.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;

use super::conn::{Conn, columns};
use super::error::StorageError;
use super::schema::{api_keys, users};
use super::stored;
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

/// The keys of an account that were not revoked, in the order of their making.
pub fn list(
    conn: &mut Conn,
    owner: &UserId,
    after: Option<&ApiKeyId>,
    limit: i64,
) -> Result<Vec<ApiKey>, StorageError> {
    let mut query = api_keys::table
        .select(columns::<ApiKeyRow>())
        .filter(api_keys::owner_id.eq(owner.as_str()))
        .filter(api_keys::link.is_null())
        .filter(api_keys::revoked_at.is_null())
        .into_boxed();
    if let Some(id) = after {
        query = query.filter(api_keys::id.gt(id.as_str()));
    }
    query
        .order(api_keys::id)
        .limit(limit)
        .load::<ApiKeyRow>(conn)?
        .into_iter()
        .map(ApiKey::try_from)
        .collect()
}

/// Revokes a key of an account, for good; `false` where the account has no
/// such key in force.
pub fn revoke(
    conn: &mut Conn,
    owner: &UserId,
    id: &ApiKeyId,
    at: DateTime<Utc>,
) -> Result<bool, StorageError> {
    let is_key: Option<String> = api_keys::table
        .find(id.as_str())
        .filter(api_keys::link.is_null())
        .select(api_keys::id)
        .first(conn)
        .optional()?;
    if is_key.is_none() {
        return Ok(false);
    }
    revoke_key(conn, owner, id, at)
}

/// [`revoke`], of keys and links alike.
pub(super) fn revoke_key(
    conn: &mut Conn,
    owner: &UserId,
    id: &ApiKeyId,
    at: DateTime<Utc>,
) -> Result<bool, StorageError> {
    let revoked = diesel::update(api_keys::table.find(id.as_str()))
        .filter(api_keys::owner_id.eq(owner.as_str()))
        .filter(api_keys::revoked_at.is_null())
        .set(api_keys::revoked_at.eq(at.naive_utc()))
        .execute(conn)?;
    Ok(revoked > 0)
}

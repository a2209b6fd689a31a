//! Read-only links: keys that show one view of the facts, and nothing else. They
//! stand among the keys of machines, each with what it shows.

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::api_keys::{ApiKeyRow, Holder, held, insert_key, revoke_with_all_made};
use super::conn::{Conn, columns};
use super::error::StorageError;
use super::schema::{api_keys, users};
use super::users::UserRow;
use crate::domain::ids::ApiKeyId;
use crate::domain::organisation::{ApiKey, User};

/// A link with what it shows, as the application wrote it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FactLink {
    pub key: ApiKey,
    pub shows: String,
}

/// # Errors
/// [`StorageError::Reference`] where owner or scope do not exist.
pub fn insert(conn: &mut Conn, link: &FactLink, secret_hash: &str) -> Result<(), StorageError> {
    insert_key(conn, &link.key, secret_hash, Some(&link.shows))
}

/// The link of a secret's hash, with its owner, unless it was revoked. Whether
/// it has expired and whether the account is open is for the caller to see.
pub fn find_by_hash(
    conn: &mut Conn,
    secret_hash: &str,
) -> Result<Option<(ApiKey, User)>, StorageError> {
    let found: Option<(ApiKeyRow, UserRow)> = api_keys::table
        .inner_join(users::table)
        .filter(api_keys::secret_hash.eq(secret_hash))
        .filter(api_keys::link.is_not_null())
        .filter(api_keys::revoked_at.is_null())
        .select(columns::<(ApiKeyRow, UserRow)>())
        .first(conn)
        .optional()?;
    found
        .map(|(key, owner)| Ok((key.try_into()?, owner.try_into()?)))
        .transpose()
}

/// What a link in force shows.
pub fn shows(conn: &mut Conn, id: &ApiKeyId) -> Result<Option<String>, StorageError> {
    let found: Option<Option<String>> = api_keys::table
        .find(id.as_str())
        .filter(api_keys::revoked_at.is_null())
        .select(api_keys::link)
        .first(conn)
        .optional()?;
    Ok(found.flatten())
}

/// The links of a holder that were not revoked, in the order of their making.
pub fn list(
    conn: &mut Conn,
    holder: &Holder,
    after: Option<&ApiKeyId>,
    limit: i64,
) -> Result<Vec<FactLink>, StorageError> {
    let mut query = held(holder).filter(api_keys::link.is_not_null());
    if let Some(id) = after {
        query = query.filter(api_keys::id.gt(id.as_str()));
    }
    query
        .select((columns::<ApiKeyRow>(), api_keys::link))
        .order(api_keys::id)
        .limit(limit)
        .load::<(ApiKeyRow, Option<String>)>(conn)?
        .into_iter()
        .map(|(key, shows)| {
            Ok(FactLink {
                key: key.try_into()?,
                shows: shows.unwrap_or_default(),
            })
        })
        .collect()
}

/// Revokes a link of a holder, for good; `false` where the holder has no such
/// link in force.
pub fn revoke(
    conn: &mut Conn,
    holder: &Holder,
    id: &ApiKeyId,
    at: DateTime<Utc>,
) -> Result<bool, StorageError> {
    let is_link: Option<String> = held(holder)
        .filter(api_keys::id.eq(id.as_str()))
        .filter(api_keys::link.is_not_null())
        .select(api_keys::id)
        .first(conn)
        .optional()?;
    if is_link.is_none() {
        return Ok(false);
    }
    revoke_with_all_made(conn, id, at)
}

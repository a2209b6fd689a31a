//! Keys for machines: the secret is shown once and stored hashed; a key has at
//! most its maker's rights.

use chrono::{DateTime, Utc};
use serde_json::json;

use super::access::scope_within;
use super::audit::{self, Action, Subject};
use super::secrets::{hash_of_secret, new_api_key, new_id};
use super::users::{check_scope, unknown_scope};
use super::{AppError, Session};
use crate::domain::access::{Role, Scope, includes};
use crate::domain::ids::ApiKeyId;
use crate::domain::organisation::ApiKey;
use crate::storage::api_keys;

/// A key to be made.
#[derive(Clone, Debug)]
pub struct NewApiKey {
    pub name: String,
    pub role: Role,
    pub scope: Scope,
    pub expires_at: Option<DateTime<Utc>>,
}

/// The caller's own keys, oldest first.
///
/// # Errors
/// Those of the storage.
pub fn list(
    session: &mut Session<'_>,
    after: Option<&ApiKeyId>,
    limit: u32,
) -> Result<Vec<ApiKey>, AppError> {
    let owner = session.caller.user.clone();
    Ok(api_keys::list(
        session.conn,
        &owner,
        after,
        i64::from(limit),
    )?)
}

/// Makes a key; returns it with its secret, which is not kept.
///
/// # Errors
/// `Forbidden` where the key would have more rights than its maker.
pub fn create(session: &mut Session<'_>, new: NewApiKey) -> Result<(ApiKey, String), AppError> {
    let key = with_own_rights(session, new)?;
    let secret = new_api_key();
    api_keys::insert(session.conn, &key, &hash_of_secret(&secret))?;
    let detail = json!({ "name": key.name, "role": key.role, "expires_at": key.expires_at });
    audit::record(
        session,
        Action::ApiKeyCreated,
        Subject::account("api_key", key.id.as_str()),
        &detail,
    )?;
    Ok((key, secret))
}

/// A key, not yet stored, with no more rights than the caller has.
///
/// # Errors
/// `Forbidden` where it would have more, `Invalid` where it names a scope that
/// the caller does not see.
pub(super) fn with_own_rights(
    session: &mut Session<'_>,
    new: NewApiKey,
) -> Result<ApiKey, AppError> {
    if !includes(session.caller.role, new.role) {
        return Err(AppError::Forbidden);
    }
    check_scope(session, new.role, &new.scope)?;
    let own_scope = session.caller.scope.clone();
    if !scope_within(session.conn, &new.scope, &own_scope)? {
        return Err(match new.scope {
            Scope::Nation => AppError::Forbidden,
            foreign => unknown_scope(&foreign),
        });
    }
    Ok(ApiKey {
        id: ApiKeyId(new_id()),
        owner: session.caller.user.clone(),
        name: new.name,
        role: new.role,
        scope: new.scope,
        expires_at: new.expires_at,
        created_at: session.now,
    })
}

/// Revokes one of the caller's own keys.
///
/// # Errors
/// `NotFound`, for another account's key too.
pub fn revoke(session: &mut Session<'_>, id: &ApiKeyId) -> Result<(), AppError> {
    let (owner, now) = (session.caller.user.clone(), session.now);
    if !api_keys::revoke(session.conn, &owner, id, now)? {
        return Err(AppError::NotFound);
    }
    audit::record(
        session,
        Action::ApiKeyRevoked,
        Subject::account("api_key", id.as_str()),
        &json!({}),
    )
}

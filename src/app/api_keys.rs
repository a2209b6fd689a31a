//! Keys for machines: the secret is shown once and stored hashed; a key has at
//! most its maker's rights. What is made with a key ends with it at the latest, and
//! a key sees and revokes only itself and what was made with it: whoever finds one
//! gains nothing that lasts, and harms nothing that is not its own.

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::json;

use super::access::scope_within;
use super::audit::{self, Action, Subject};
use super::secrets::{hash_of_secret, new_api_key, new_id};
use super::users::{check_scope, unknown_scope};
use super::{AppError, Session};
use crate::domain::access::{Role, Scope, includes};
use crate::domain::ids::ApiKeyId;
use crate::domain::issue::{Issue, IssueCode};
use crate::domain::organisation::ApiKey;
use crate::domain::text::Text;
use crate::storage::api_keys::{self, Holder};

/// A key to be made.
#[derive(Clone, Debug)]
pub struct NewApiKey {
    pub name: String,
    pub role: Role,
    pub scope: Scope,
    pub expires_at: Option<DateTime<Utc>>,
}

/// Whose keys and links the caller may see and revoke.
pub(super) fn holder(session: &Session<'_>) -> Holder {
    Holder {
        owner: session.caller.user.clone(),
        key: session.caller.key.clone(),
    }
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
    let holder = holder(session);
    Ok(api_keys::list(
        session.conn,
        &holder,
        after,
        i64::from(limit),
    )?)
}

/// Makes a key; returns it with its secret, which is not kept.
///
/// # Errors
/// `Forbidden` where the key would have more rights than its maker, `Invalid` where
/// it would outlive the key that makes it.
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

/// A key, not yet stored, with no more rights than the caller has, and for no
/// longer.
///
/// # Errors
/// `Forbidden` where it would have more, `Invalid` where it names a scope that
/// the caller does not see, or would outlive the key that makes it.
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
    let expires_at = within_makers_time(session, new.expires_at)?;
    Ok(ApiKey {
        id: ApiKeyId(new_id()),
        owner: session.caller.user.clone(),
        name: new.name,
        role: new.role,
        scope: new.scope,
        expires_at,
        created_at: session.now,
        made_with: session.caller.key.clone(),
    })
}

/// When what the caller makes ends: with the key that makes it where nothing is
/// said, and never after that.
fn within_makers_time(
    session: &mut Session<'_>,
    wanted: Option<DateTime<Utc>>,
) -> Result<Option<DateTime<Utc>>, AppError> {
    let Some(id) = session.caller.key.clone() else {
        return Ok(wanted);
    };
    let maker = api_keys::lock(session.conn, &id)?.ok_or(AppError::Unauthenticated)?;
    match (wanted, maker.expires_at) {
        (Some(wanted), Some(end)) if wanted > end => Err(outlives_maker(end)),
        (wanted, end) => Ok(wanted.or(end)),
    }
}

fn outlives_maker(end: DateTime<Utc>) -> AppError {
    let end = end.to_rfc3339_opts(SecondsFormat::AutoSi, true);
    AppError::Invalid(vec![Issue::error(
        IssueCode::OutOfRange,
        "/expires_at",
        Text::new(
            format!(
                "このキーで作るものの期限は、キーの期限（{end}）までです。それより長く使うものは、サインインして作ってください。"
            ),
            format!(
                "What this key makes ends with it, on {end} at the latest. Sign in to make what lasts longer."
            ),
        ),
    )])
}

/// Revokes one of the caller's own keys, with all that was made with it.
///
/// # Errors
/// `NotFound`, for a key that the caller does not see too.
pub fn revoke(session: &mut Session<'_>, id: &ApiKeyId) -> Result<(), AppError> {
    let (holder, now) = (holder(session), session.now);
    if !api_keys::revoke(session.conn, &holder, id, now)? {
        return Err(AppError::NotFound);
    }
    audit::record(
        session,
        Action::ApiKeyRevoked,
        Subject::account("api_key", id.as_str()),
        &json!({}),
    )
}

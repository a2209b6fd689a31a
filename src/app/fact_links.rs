//! Read-only links: one view of the facts for tools that cannot send a header.
//! The secret is shown once and stored hashed; a link has at most its maker's
//! rights and loses its force with them, as a key does, and ends with the key that
//! it was made with.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::api_keys::{NewApiKey, holder, with_own_rights};
use super::audit::{self, Action, Subject};
use super::secrets::{hash_of_secret, new_link_token};
use super::{AppError, Session};
use crate::domain::access::{Role, Scope};
use crate::domain::ids::ApiKeyId;
use crate::domain::organisation::ApiKey;
use crate::storage::fact_links;

/// What a link shows: the filters of a query and the form of the answer, by the
/// names that a query gives them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shown {
    pub filters: BTreeMap<String, String>,
    pub format: String,
    pub encoding: Option<String>,
}

/// A link to be made.
#[derive(Clone, Debug)]
pub struct NewFactLink {
    pub name: String,
    /// `None`: all that the caller sees.
    pub scope: Option<Scope>,
    pub shown: Shown,
    pub expires_at: Option<DateTime<Utc>>,
}

/// A link in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FactLink {
    pub key: ApiKey,
    pub shown: Shown,
}

/// The caller's own links, oldest first.
///
/// # Errors
/// Those of the storage.
pub fn list(
    session: &mut Session<'_>,
    after: Option<&ApiKeyId>,
    limit: u32,
) -> Result<Vec<FactLink>, AppError> {
    let holder = holder(session);
    fact_links::list(session.conn, &holder, after, i64::from(limit))?
        .into_iter()
        .map(|row| {
            Ok(FactLink {
                key: row.key,
                shown: read(&row.shows)?,
            })
        })
        .collect()
}

/// Makes a link; returns it with its secret, which is not kept.
///
/// # Errors
/// `Forbidden` where it would have more rights than its maker, `Invalid` where it
/// would outlive the key that makes it.
pub fn create(session: &mut Session<'_>, new: NewFactLink) -> Result<(FactLink, String), AppError> {
    let scope = new.scope.unwrap_or_else(|| session.caller.scope.clone());
    let key = NewApiKey {
        name: new.name,
        role: Role::Viewer,
        scope,
        expires_at: new.expires_at,
    };
    let link = FactLink {
        key: with_own_rights(session, key)?,
        shown: new.shown,
    };
    let row = fact_links::FactLink {
        key: link.key.clone(),
        shows: serde_json::to_string(&link.shown)
            .map_err(|error| AppError::Internal(error.to_string()))?,
    };
    let token = new_link_token();
    fact_links::insert(session.conn, &row, &hash_of_secret(&token))?;
    let detail = json!({ "name": link.key.name, "expires_at": link.key.expires_at });
    audit::record(
        session,
        Action::FactLinkCreated,
        Subject::account("fact_link", link.key.id.as_str()),
        &detail,
    )?;
    Ok((link, token))
}

/// Revokes one of the caller's own links.
///
/// # Errors
/// `NotFound`, for a link that the caller does not see too.
pub fn revoke(session: &mut Session<'_>, id: &ApiKeyId) -> Result<(), AppError> {
    let (holder, now) = (holder(session), session.now);
    if !fact_links::revoke(session.conn, &holder, id, now)? {
        return Err(AppError::NotFound);
    }
    audit::record(
        session,
        Action::FactLinkRevoked,
        Subject::account("fact_link", id.as_str()),
        &json!({}),
    )
}

/// What the link shows that the session came in by.
///
/// # Errors
/// `Unauthenticated` where it came in by something else.
pub fn shown(session: &mut Session<'_>) -> Result<Shown, AppError> {
    let id = session.caller.key.clone();
    let id = id.ok_or(AppError::Unauthenticated)?;
    let shows = fact_links::shows(session.conn, &id)?;
    read(&shows.ok_or(AppError::Unauthenticated)?)
}

fn read(shows: &str) -> Result<Shown, AppError> {
    serde_json::from_str(shows).map_err(|error| AppError::Internal(format!("a link: {error}")))
}

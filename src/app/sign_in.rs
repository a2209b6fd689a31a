//! Sign-in with a password, and refresh tokens that rotate: each is good once,
//! and one that comes a second time ends its whole family.

use chrono::{DateTime, Duration, Utc};

use super::AppError;
use super::secrets::{hash_of_secret, new_id, new_refresh_token};
use crate::domain::ids::UserId;
use crate::domain::organisation::User;
use crate::storage::refresh_tokens::{self, RefreshToken};
use crate::storage::users::{self, Credentials};
use crate::storage::{Conn, StorageError};

/// Days for which a refresh token is valid.
const REFRESH_DAYS: i64 = 30;

/// A begun or continued session.
#[derive(Clone, Debug)]
pub struct SignedIn {
    pub user: User,
    pub refresh_token: String,
}

/// The outcome of a refresh token: the session goes on, or is over. Ending a
/// family is itself a change that has to be stored, so it is no error here.
#[derive(Clone, Debug)]
pub enum Refreshed {
    SignedIn(SignedIn),
    Refused,
}

/// The account of an address with its password's hash, active or not.
///
/// # Errors
/// Those of the storage.
pub fn credentials(conn: &mut Conn, email: &str) -> Result<Option<Credentials>, AppError> {
    Ok(users::find_by_email(conn, email)?)
}

/// Begins a session for an account whose password was right.
///
/// # Errors
/// `InvalidCredentials` where the account has been closed.
pub fn begin(conn: &mut Conn, user: &UserId, now: DateTime<Utc>) -> Result<SignedIn, AppError> {
    let user = users::find(conn, user)?
        .filter(|user| user.active)
        .ok_or(AppError::InvalidCredentials)?;
    let refresh_token = add_token(conn, &user.id, &new_id(), now)?;
    Ok(SignedIn {
        user,
        refresh_token,
    })
}

/// Exchanges a refresh token for the next one.
///
/// # Errors
/// Those of the storage.
pub fn refresh(conn: &mut Conn, secret: &str, now: DateTime<Utc>) -> Result<Refreshed, AppError> {
    let Some(token) = refresh_tokens::find_by_hash(conn, &hash_of_secret(secret))? else {
        return Ok(Refreshed::Refused);
    };
    if token.revoked_at.is_some() || token.expires_at <= now {
        return Ok(Refreshed::Refused);
    }
    // Two uses of one token mean that two parties hold it.
    if !refresh_tokens::mark_used(conn, &token.id, now)? {
        refresh_tokens::revoke_family(conn, &token.family, now)?;
        return Ok(Refreshed::Refused);
    }
    let Some(user) = users::find(conn, &token.user)?.filter(|user| user.active) else {
        return Ok(Refreshed::Refused);
    };
    let refresh_token = add_token(conn, &user.id, &token.family, now)?;
    Ok(Refreshed::SignedIn(SignedIn {
        user,
        refresh_token,
    }))
}

fn add_token(
    conn: &mut Conn,
    user: &UserId,
    family: &str,
    now: DateTime<Utc>,
) -> Result<String, StorageError> {
    let secret = new_refresh_token();
    refresh_tokens::insert(
        conn,
        &RefreshToken {
            id: new_id(),
            user: user.clone(),
            family: family.to_owned(),
            token_hash: hash_of_secret(&secret),
            issued_at: now,
            expires_at: now + Duration::days(REFRESH_DAYS),
            used_at: None,
            revoked_at: None,
        },
    )?;
    Ok(secret)
}

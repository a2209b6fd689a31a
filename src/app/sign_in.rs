//! Sign-in with a password, and refresh tokens that rotate: each is good once,
//! and one that comes a second time ends its whole family. Sign-out ends one
//! family, or all of an account.

use chrono::{DateTime, Duration, Utc};

use super::audit::{self, Action, Subject};
use super::secrets::{hash_of_secret, new_id, new_refresh_token};
use super::{AppError, Session};
use crate::domain::ids::UserId;
use crate::domain::organisation::User;
use crate::storage::refresh_tokens::{self, RefreshToken};
use crate::storage::users::{self, Credentials};
use crate::storage::{Conn, StorageError};

/// Days for which a refresh token is valid.
pub const REFRESH_DAYS: i64 = 30;
/// For so long a browser may send a token that it has used already: a page that
/// is left while its request is under way never learns the next one.
const BROWSER_GRACE: Duration = Duration::seconds(60);

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

/// Who holds a refresh token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holder {
    /// A program, which sees the token and keeps the latest one.
    Program,
    /// A browser, in a cookie that scripts cannot read.
    Browser,
}

/// Exchanges a refresh token for the next one.
///
/// # Errors
/// Those of the storage.
pub fn refresh(
    conn: &mut Conn,
    secret: &str,
    holder: Holder,
    now: DateTime<Utc>,
) -> Result<Refreshed, AppError> {
    let Some(token) = refresh_tokens::find_by_hash(conn, &hash_of_secret(secret))? else {
        return Ok(Refreshed::Refused);
    };
    if token.revoked_at.is_some() || token.expires_at <= now {
        return Ok(Refreshed::Refused);
    }
    // Two uses of one token mean that two parties hold it.
    if !refresh_tokens::mark_used(conn, &token.id, now)? && !is_tolerated(&token, holder, now) {
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

/// Whether a second use is that of a browser which lost the first answer. The
/// token was read before it was found used: unused then, it was used just now.
fn is_tolerated(token: &RefreshToken, holder: Holder, now: DateTime<Utc>) -> bool {
    holder == Holder::Browser && token.used_at.is_none_or(|used| now - used < BROWSER_GRACE)
}

/// Which sessions a sign-out ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The one of this refresh token; none where there is no token.
    One(Option<String>),
    /// All of the account, at once.
    Everywhere,
}

/// Ends sessions of the caller. A token of somebody else is passed over.
///
/// # Errors
/// `Forbidden` for a key, which has no session.
pub fn end(session: &mut Session<'_>, ending: &Ending) -> Result<(), AppError> {
    if session.caller.key.is_some() {
        return Err(AppError::Forbidden);
    }
    let now = session.now;
    let user = session.caller.user.clone();
    match ending {
        Ending::One(None) => Ok(()),
        Ending::One(Some(secret)) => {
            let token = refresh_tokens::find_by_hash(session.conn, &hash_of_secret(secret))?;
            if let Some(token) = token.filter(|token| token.user == user) {
                refresh_tokens::revoke_family(session.conn, &token.family, now)?;
            }
            Ok(())
        }
        Ending::Everywhere => {
            let mut user = users::find(session.conn, &user)?.ok_or(AppError::Unauthenticated)?;
            // Access tokens carry the epoch; those of an earlier one are refused.
            user.sessions_epoch += 1;
            users::update(session.conn, &user)?;
            refresh_tokens::revoke_all(session.conn, &user.id, now)?;
            audit::record(
                session,
                Action::SessionsEnded,
                Subject::account("user", user.id.as_str()),
                &serde_json::json!({}),
            )
        }
    }
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

//! The refresh token of a browser's session: a cookie that no script reads,
//! that only our own pages send, and only to where sessions are kept.

use actix_web::http::header;

use super::call::Input;
use super::reply::Reply;
use super::state::State;
use crate::app::sign_in::REFRESH_DAYS;

const NAME: &str = "shirube_session";
/// Sign-in, renewal and sign-out; nothing else is sent the cookie.
const PATH: &str = "/v1/auth";
const DAY_SECONDS: i64 = 24 * 60 * 60;

/// The refresh token that the browser holds.
#[must_use]
pub fn refresh_token(input: &Input) -> Option<&str> {
    input.cookie(NAME).filter(|value| !value.is_empty())
}

/// An answer that gives the browser its next refresh token.
#[must_use]
pub fn given(reply: Reply, state: &State, refresh_token: &str) -> Reply {
    with_cookie(reply, state, refresh_token, REFRESH_DAYS * DAY_SECONDS)
}

/// An answer that makes the browser forget its refresh token.
#[must_use]
pub fn taken_back(reply: Reply, state: &State) -> Reply {
    with_cookie(reply, state, "", 0)
}

fn with_cookie(reply: Reply, state: &State, value: &str, seconds: i64) -> Reply {
    let public = state.office.public_url.as_deref().unwrap_or_default();
    // A browser drops a secure cookie that comes without encryption.
    let secure = if public.starts_with("https:") {
        "; Secure"
    } else {
        ""
    };
    let cookie = format!(
        "{NAME}={value}; Path={PATH}; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}"
    );
    reply.with_header(header::SET_COOKIE, &cookie)
}

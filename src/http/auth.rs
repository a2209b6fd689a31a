//! Sign-in, sign-out, and who am I.

use actix_web::http::StatusCode;
use actix_web::{get, post};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::call::{Answer, Call, OpenCall};
use super::fields::{ScopeView, read_body};
use super::problem::Problem;
use super::problems_doc::{CommandProblems, ListProblems, SignInProblems};
use super::reply::Reply;
use super::session_cookie;
use super::state::State;
use super::tokens::{ACCESS_SECONDS, AccessToken};
use crate::app::AppError;
use crate::app::secrets::password_fits;
use crate::app::sign_in::{self as sessions, Ending, Holder, Refreshed, SignedIn};
use crate::domain::access::Permission;
use crate::domain::issue::Issues;
use crate::domain::strict_json::Object;

/// Signs in: with a password, or with the refresh token of an earlier answer.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(tag = "grant_type", rename_all = "snake_case", deny_unknown_fields)]
#[expect(dead_code, reason = "documents the body, which `grant` reads strictly")]
#[schema(example = json!({"grant_type": "password", "email": "hub@example.jp", "password": "correct horse"}))]
enum TokenBody {
    Password {
        /// The account's e-mail address.
        email: String,
        password: String,
        /// For pages in a browser: the refresh token comes as a cookie that
        /// scripts cannot read, and not in the answer.
        cookie: Option<bool>,
    },
    RefreshToken {
        /// Good once; the answer holds the next one. Without it, that of the
        /// cookie counts, and the next one comes as a cookie.
        refresh_token: Option<String>,
    },
}

/// A session: a short-lived access token and the token that renews it.
#[derive(Debug, Serialize, ToSchema)]
pub struct TokenView {
    /// Send it as `Authorization: Bearer`.
    access_token: String,
    #[schema(example = "Bearer")]
    token_type: &'static str,
    /// Seconds for which the access token is valid.
    #[schema(example = 900)]
    expires_in: i64,
    /// Good once; exchange it for the next pair. Null where it comes as a cookie.
    refresh_token: Option<String>,
    /// Who signed in, as `GET /v1/me` says it.
    me: MeView,
}

/// What signs in, and who keeps the refresh token.
struct Grant {
    proof: Proof,
    holder: Holder,
}

enum Proof {
    Password { email: String, password: String },
    RefreshToken(String),
}

#[derive(Clone, Copy)]
enum GrantType {
    Password,
    RefreshToken,
}

const GRANT_TYPES: [(&str, GrantType); 2] = [
    ("password", GrantType::Password),
    ("refresh_token", GrantType::RefreshToken),
];

fn grant(object: &mut Object<'_>, cookie: Option<&str>, issues: &mut Issues) -> Option<Grant> {
    let kind = object
        .required("grant_type", issues)?
        .one_of(issues, &GRANT_TYPES)?;
    match kind {
        GrantType::Password => {
            let email = object
                .required("email", issues)
                .and_then(|v| v.line(issues));
            let password = object
                .required("password", issues)
                .and_then(|v| v.line(issues));
            let in_cookie = object
                .optional("cookie")
                .is_some_and(|v| v.boolean(issues) == Some(true));
            Some(Grant {
                proof: Proof::Password {
                    email: email?.to_ascii_lowercase(),
                    password: password?,
                },
                holder: if in_cookie {
                    Holder::Browser
                } else {
                    Holder::Program
                },
            })
        }
        GrantType::RefreshToken => match (object.optional("refresh_token"), cookie) {
            (None, Some(cookie)) => Some(Grant {
                proof: Proof::RefreshToken(cookie.to_owned()),
                holder: Holder::Browser,
            }),
            (given, _) => {
                let given = given.or_else(|| object.required("refresh_token", issues));
                Some(Grant {
                    proof: Proof::RefreshToken(given?.line(issues)?),
                    holder: Holder::Program,
                })
            }
        },
    }
}

/// Sign in
///
/// Begins a session with a password, or continues one with its refresh token.
/// A refresh token that comes a second time ends its session. Pages in a browser
/// ask for a `cookie`, and continue with `{"grant_type": "refresh_token"}` alone.
#[utoipa::path(
    operation_id = "sign_in",
    tag = "auth",
    request_body = TokenBody,
    responses((status = 200, description = "Signed in.", body = TokenView), SignInProblems),
    security(()),
)]
#[post("/v1/auth/token")]
pub async fn sign_in(call: OpenCall) -> Answer {
    call.input.no_query().map_err(Problem::from)?;
    let grant = {
        let cookie = session_cookie::refresh_token(&call.input);
        let json = call.input.json().map_err(Problem::from)?;
        read_body(&json, |object, issues| grant(object, cookie, issues)).map_err(Problem::from)?
    };
    if let Proof::Password { email, .. } = &grant.proof {
        call.state.limits.sign_in(call.input.address, email)?;
    }
    let reply = call
        .run(move |state, _| {
            let now = state.clock.now();
            let signed_in = signed_in(state, grant.proof, grant.holder, now)?;
            answered(state, signed_in, grant.holder, now)
        })
        .await?;
    Ok(reply.into_response())
}

fn signed_in(
    state: &State,
    proof: Proof,
    holder: Holder,
    now: DateTime<Utc>,
) -> Result<SignedIn, AppError> {
    match proof {
        Proof::Password { email, password } => {
            let known = state.db.read(|conn| sessions::credentials(conn, &email))?;
            let hash = known.as_ref().map(|known| known.password_hash.as_str());
            let fits = password_fits(&password, hash);
            let user = known
                .filter(|_| fits)
                .ok_or(AppError::InvalidCredentials)?
                .user;
            state.db.write(|conn| sessions::begin(conn, &user.id, now))
        }
        Proof::RefreshToken(secret) => {
            match state
                .db
                .write(|conn| sessions::refresh(conn, &secret, holder, now))?
            {
                Refreshed::SignedIn(signed_in) => Ok(signed_in),
                Refreshed::Refused => Err(AppError::InvalidCredentials),
            }
        }
    }
}

fn answered(
    state: &State,
    signed_in: SignedIn,
    holder: Holder,
    now: DateTime<Utc>,
) -> Result<Reply, AppError> {
    let SignedIn {
        user,
        refresh_token,
    } = signed_in;
    let token = AccessToken {
        user: user.id.clone(),
        epoch: user.sessions_epoch,
    };
    let mut view = TokenView {
        access_token: state.tokens.issue(&token, now)?,
        token_type: "Bearer",
        expires_in: ACCESS_SECONDS,
        refresh_token: None,
        me: MeView {
            user: Some(IdentityView {
                id: user.id.to_string(),
                name: user.name,
            }),
            key: None,
            role: user.role.code().to_owned(),
            scope: ScopeView::from(&user.scope),
        },
    };
    match holder {
        Holder::Program => {
            view.refresh_token = Some(refresh_token);
            Ok(Reply::ok(&view)?.with_secret())
        }
        Holder::Browser => {
            let reply = Reply::ok(&view)?.with_secret();
            Ok(session_cookie::given(reply, state, &refresh_token))
        }
    }
}

/// Which sessions end.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(
    dead_code,
    reason = "documents the body, which `ending` reads strictly"
)]
#[schema(example = json!({"everywhere": true}))]
struct SignOutBody {
    /// All sessions of the account, on all devices, their access tokens included.
    everywhere: Option<bool>,
    /// That of the session to end. Without it, that of the cookie counts.
    refresh_token: Option<String>,
}

fn ending(object: &mut Object<'_>, cookie: Option<&str>, issues: &mut Issues) -> Option<Ending> {
    let everywhere = object
        .optional("everywhere")
        .is_some_and(|v| v.boolean(issues) == Some(true));
    let given = match object.optional("refresh_token") {
        Some(value) => Some(value.line(issues)?),
        None => cookie.map(str::to_owned),
    };
    Some(if everywhere {
        Ending::Everywhere
    } else {
        Ending::One(given)
    })
}

/// Sign out
///
/// Ends the session of a refresh token, or all sessions of the account. The
/// access token of one ended session is good until it expires; after
/// `everywhere` none is good.
#[utoipa::path(
    operation_id = "sign_out",
    tag = "auth",
    params(super::openapi::IdempotencyKeyHeader),
    request_body = SignOutBody,
    responses((status = 204, description = "Signed out."), CommandProblems),
)]
#[post("/v1/auth/sign-out")]
pub async fn sign_out(call: Call) -> Answer {
    call.write(Permission::Own, |session, input, state| {
        input.no_query()?;
        let cookie = session_cookie::refresh_token(input);
        let json = input.json()?;
        let ending = read_body(&json, |object, issues| ending(object, cookie, issues))?;
        sessions::end(session, &ending)?;
        let reply = Reply::empty(StatusCode::NO_CONTENT);
        Ok(session_cookie::taken_back(reply, state))
    })
    .await
}

/// The caller: an account, or one of its keys.
#[derive(Debug, Serialize, ToSchema)]
pub struct MeView {
    /// The account; null for a key.
    user: Option<IdentityView>,
    /// The key; null for an account.
    key: Option<IdentityView>,
    #[schema(example = "hub")]
    role: String,
    scope: ScopeView,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Identity)]
pub struct IdentityView {
    id: String,
    name: String,
}

/// Who am I
///
/// The account or key behind the credential, its role and its scope.
#[utoipa::path(
    operation_id = "get_me",
    tag = "auth",
    responses((status = 200, description = "The caller.", body = MeView), ListProblems),
)]
#[get("/v1/me")]
pub async fn get_me(call: Call) -> Answer {
    call.read(Permission::Own, |session, input, _| {
        input.no_query()?;
        let caller = &session.caller;
        let identity = IdentityView {
            id: caller.id().to_owned(),
            name: caller.name.clone(),
        };
        let (user, key) = if caller.key.is_some() {
            (None, Some(identity))
        } else {
            (Some(identity), None)
        };
        Reply::ok(&MeView {
            user,
            key,
            role: caller.role.code().to_owned(),
            scope: ScopeView::from(&caller.scope),
        })
    })
    .await
}

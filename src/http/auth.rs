//! Sign-in, and who am I.

use actix_web::{get, post};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::call::{Answer, Call, OpenCall};
use super::fields::{ScopeView, read_body};
use super::problem::Problem;
use super::problems_doc::{ListProblems, SignInProblems};
use super::reply::Reply;
use super::tokens::{ACCESS_SECONDS, AccessToken};
use crate::app::AppError;
use crate::app::secrets::password_fits;
use crate::app::sign_in::{self as sessions, Refreshed, SignedIn};
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
    },
    RefreshToken {
        /// Good once; the answer holds the next one.
        refresh_token: String,
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
    /// Good once; exchange it for the next pair.
    refresh_token: String,
}

enum Grant {
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

fn grant(object: &mut Object<'_>, issues: &mut Issues) -> Option<Grant> {
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
            Some(Grant::Password {
                email: email?.to_ascii_lowercase(),
                password: password?,
            })
        }
        GrantType::RefreshToken => {
            let token = object
                .required("refresh_token", issues)
                .and_then(|v| v.line(issues));
            Some(Grant::RefreshToken(token?))
        }
    }
}

/// Sign in
///
/// Begins a session with a password, or continues one with its refresh token.
/// A refresh token that comes a second time ends its session.
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
        let json = call.input.json().map_err(Problem::from)?;
        read_body(&json, grant).map_err(Problem::from)?
    };
    if let Grant::Password { email, .. } = &grant {
        call.state.limits.sign_in(call.input.address, email)?;
    }
    let reply = call
        .run(move |state, _| {
            let now = state.clock.now();
            let signed_in = match grant {
                Grant::Password { email, password } => {
                    let known = state.db.read(|conn| sessions::credentials(conn, &email))?;
                    let hash = known.as_ref().map(|known| known.password_hash.as_str());
                    let fits = password_fits(&password, hash);
                    let user = known
                        .filter(|_| fits)
                        .ok_or(AppError::InvalidCredentials)?
                        .user;
                    state
                        .db
                        .write(|conn| sessions::begin(conn, &user.id, now))?
                }
                Grant::RefreshToken(secret) => {
                    match state
                        .db
                        .write(|conn| sessions::refresh(conn, &secret, now))?
                    {
                        Refreshed::SignedIn(signed_in) => signed_in,
                        Refreshed::Refused => return Err(AppError::InvalidCredentials),
                    }
                }
            };
            let SignedIn {
                user,
                refresh_token,
            } = signed_in;
            let token = AccessToken {
                user: user.id,
                epoch: user.sessions_epoch,
            };
            let view = TokenView {
                access_token: state.tokens.issue(&token, now)?,
                token_type: "Bearer",
                expires_in: ACCESS_SECONDS,
                refresh_token,
            };
            Ok(Reply::ok(&view)?.with_secret())
        })
        .await?;
    Ok(reply.into_response())
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

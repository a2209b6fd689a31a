//! A request on its way to an operation.
//!
//! [`Call`] is the one extractor of authenticated routes, [`OpenCall`] that of
//! the few open ones. They fix the order in which faults are answered
//! (`api.md`, Errors): credential, then role, then the thing itself, then the
//! body's form, then its content, then conflicts.

use std::collections::BTreeMap;
use std::future::Future;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::http::{Method, header};
use actix_web::web::{self, Bytes};
use actix_web::{FromRequest, HttpRequest, HttpResponse};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use futures_util::stream;

use super::body::{BodyRules, FILE_BODY, JSON_BODY, closing, read_body};
use super::entity_tag::{Demanded, EntityTag};
use super::fields::read_body as read_object;
use super::idempotency;
use super::limits::{HANDLER_TIMEOUT, SETTLED_AFTER};
use super::problem::{Problem, ProblemCode};
use super::query::Query;
use super::reply::Reply;
use super::state::State;
use super::tokens::{AccessToken, Identity};
use crate::app::{self, AppError, Credential, Session};
use crate::domain::access::Permission;
use crate::domain::ids::ScorecardId;
use crate::domain::strict_json::{self, Json};

/// Where tools that cannot write an `Authorization` header send an API key.
const API_KEY_HEADER: &str = "x-api-key";

/// What a handler answers.
pub type Answer = Result<HttpResponse, Problem>;

/// Everything of a request that an operation may need, detached from the event loop.
#[derive(Clone, Debug)]
pub struct Input {
    pub method: Method,
    pub path: String,
    parameters: BTreeMap<String, String>,
    query: String,
    pub body: Bytes,
    if_match: Option<String>,
    if_none_match: Option<String>,
    cookies: Option<String>,
    pub accept: Option<String>,
    pub accept_encoding: String,
    pub idempotency_key: Option<String>,
    pub address: Option<IpAddr>,
}

impl Input {
    fn of(request: &HttpRequest, body: Bytes) -> Self {
        let text = |name: header::HeaderName| {
            // What is no text must be refused by its reader, not passed over.
            let value = request.headers().get(name)?;
            Some(String::from_utf8_lossy(value.as_bytes()).into_owned())
        };
        Self {
            method: request.method().clone(),
            path: request.path().to_owned(),
            parameters: request
                .match_info()
                .iter()
                // Nothing of ours is named with a control character: not found.
                .filter(|(_, value)| !value.contains(char::is_control))
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
            query: request.query_string().to_owned(),
            body,
            if_match: text(header::IF_MATCH),
            if_none_match: text(header::IF_NONE_MATCH),
            cookies: text(header::COOKIE),
            accept: text(header::ACCEPT),
            accept_encoding: text(header::ACCEPT_ENCODING).unwrap_or_default(),
            idempotency_key: text(header::HeaderName::from_static("idempotency-key")),
            address: request.peer_addr().map(|address| address.ip()),
        }
    }

    /// A part of the path, by its name in the route.
    #[must_use]
    pub fn parameter(&self, name: &str) -> &str {
        self.parameters.get(name).map_or("", String::as_str)
    }

    #[must_use]
    pub fn scorecard(&self) -> ScorecardId {
        ScorecardId(self.parameter("id").to_owned())
    }

    /// The value of a cookie.
    #[must_use]
    pub fn cookie(&self, name: &str) -> Option<&str> {
        let pairs = self.cookies.as_deref()?.split(';');
        pairs
            .filter_map(|pair| pair.trim().split_once('='))
            .find_map(|(known, value)| (known == name).then_some(value))
    }

    /// The query part, decoded.
    ///
    /// # Errors
    /// `MalformedQuery`.
    pub fn query(&self) -> Result<Query, AppError> {
        Query::parse(&self.query)
    }

    /// Refuses every query parameter.
    ///
    /// # Errors
    /// `MalformedQuery`, `Invalid`.
    pub fn no_query(&self) -> Result<(), AppError> {
        self.query()?.read().finish()
    }

    /// The body as a JSON tree.
    ///
    /// # Errors
    /// `MalformedBody`.
    pub fn json(&self) -> Result<Json<'_>, AppError> {
        Ok(strict_json::parse(&self.body)?)
    }

    /// The same, where an absent body stands for an empty object.
    ///
    /// # Errors
    /// `MalformedBody`.
    pub fn json_or_nothing(&self) -> Result<Json<'_>, AppError> {
        if self.body.is_empty() {
            return Ok(Json::Object(Vec::new()));
        }
        self.json()
    }

    /// Refuses every member of a body that says nothing.
    ///
    /// # Errors
    /// `MalformedBody`, `Invalid`.
    pub fn no_members(&self) -> Result<(), AppError> {
        read_object(&self.json_or_nothing()?, |_, _| Some(()))
    }

    /// The revision that the caller demands with `If-Match`.
    #[must_use]
    pub fn demanded(&self) -> Demanded {
        Demanded::read(self.if_match.as_deref())
    }

    /// 304 where the caller already has this version.
    #[must_use]
    pub fn not_modified(&self, tag: &EntityTag) -> Option<Reply> {
        let known = self.if_none_match.as_deref()?;
        tag.is_named_in(known).then(|| {
            Reply::empty(actix_web::http::StatusCode::NOT_MODIFIED)
                .with_header(header::CACHE_CONTROL, "private, no-cache")
                .tagged(tag)
        })
    }

    /// Answers a read whose content time can change without a new revision:
    /// 304 where the caller has these very bytes.
    ///
    /// # Errors
    /// `Internal` where the body cannot be written.
    pub fn answer<T: serde::Serialize>(
        &self,
        revision: Option<i64>,
        body: &T,
    ) -> Result<Reply, AppError> {
        let reply = Reply::ok(body)?;
        let tag = EntityTag::of_body(revision, &reply.body);
        Ok(self
            .not_modified(&tag)
            .unwrap_or_else(|| reply.tagged(&tag)))
    }

    /// Identifies the resource for the cache of bodies.
    #[must_use]
    pub fn resource(&self) -> String {
        format!("{}?{}", self.path, self.query)
    }

    /// The same where the path holds a secret, which no cache may know.
    #[must_use]
    pub fn resource_named(&self, name: &str) -> String {
        format!("{name}?{}", self.query)
    }

    /// Whether the query names an instant at which a write may still be under way.
    fn asks_for_a_moment_ago(&self, now: DateTime<Utc>) -> bool {
        let settled = now - SETTLED_AFTER;
        self.query().is_ok_and(|query| {
            ["known_at", "from", "to"].into_iter().any(|name| {
                let instant = query.read().past_instant(name, now);
                instant.is_some_and(|instant| instant >= settled)
            })
        })
    }

    fn asks_for_dry_run(&self) -> bool {
        self.query()
            .is_ok_and(|query| query.read().switch("dry_run"))
    }
}

/// A request without a credential: sign-in, health, the contract.
pub struct OpenCall {
    pub state: web::Data<State>,
    pub input: Input,
}

/// A request with a well-formed credential; the account behind it is looked up
/// in the same transaction as everything else.
pub struct Call {
    state: web::Data<State>,
    input: Input,
    credential: Credential,
}

/// The same with a file as its body.
pub struct FileCall(Call);

impl FromRequest for OpenCall {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        let payload = payload.take();
        Box::pin(async move {
            let state = state_of(&request)?;
            state.limits.request(&address_of(&request))?;
            // Counted by address, and nobody has to be known.
            let expect_known = async || Ok(());
            let body = read_body(&request, payload, &JSON_BODY, expect_known).await?;
            Ok(Self {
                state,
                input: Input::of(&request, body),
            })
        })
    }
}

impl FromRequest for Call {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        Box::pin(received(request.clone(), payload.take(), &JSON_BODY))
    }
}

impl FromRequest for FileCall {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let call = received(request.clone(), payload.take(), &FILE_BODY);
        Box::pin(async { call.await.map(Self) })
    }
}

async fn received(
    request: HttpRequest,
    payload: Payload,
    body: &BodyRules,
) -> Result<Call, Problem> {
    let state = state_of(&request)?;
    let Some(credential) = credential_of(&request, &state) else {
        state.limits.request(&address_of(&request))?;
        return Err(Problem::new(ProblemCode::Unauthenticated));
    };
    state.limits.request(credential.identity())?;
    let expect_known = async || expect_known(&request, &state, &credential).await;
    let body = read_body(&request, payload, body, expect_known).await?;
    Ok(Call {
        state,
        input: Input::of(&request, body),
        credential,
    })
}

/// Whoever sends much has to be known before it is read. A stranger may call
/// themselves anything, and counts by address.
async fn expect_known(
    request: &HttpRequest,
    state: &web::Data<State>,
    credential: &Credential,
) -> Result<(), Problem> {
    let (known, sent) = (state.clone(), credential.clone());
    let found = blocking(move || {
        let now = known.clock.now();
        known
            .db
            .read(|conn| app::access::authenticate(conn, &sent, now).map(|_caller| ()))
    });
    let refused = found.await.map_err(closing);
    if refused.is_err() {
        state.limits.request(&address_of(request))?;
    }
    refused
}

fn state_of(request: &HttpRequest) -> Result<web::Data<State>, Problem> {
    request
        .app_data::<web::Data<State>>()
        .cloned()
        .ok_or_else(|| Problem::new(ProblemCode::Internal))
}

/// Who sends a request without a credential, for its limit.
fn address_of(request: &HttpRequest) -> String {
    let address = request.peer_addr().map(|address| address.ip().to_string());
    format!("address {}", address.unwrap_or_default())
}

/// The credential of a request: a token or key in `Authorization: Bearer`, or a
/// key as the password of `Basic`, or in `X-API-Key`. Whoever sends two that
/// differ, be it in one header twice, is nobody: guessing which one was meant could
/// show another's data.
fn credential_of(request: &HttpRequest, state: &State) -> Option<Credential> {
    let headers = request.headers();
    let authorized = headers
        .get_all(header::AUTHORIZATION)
        .map(|value| credential_of_authorization(value, state));
    let keyed = headers
        .get_all(API_KEY_HEADER)
        .map(|value| key_of(value.to_str().ok()?));
    let mut all = authorized.chain(keyed);
    let one = all.next()??;
    all.all(|other| other.as_ref() == Some(&one)).then_some(one)
}

fn key_of(text: &str) -> Option<Credential> {
    let text = text.trim();
    app::is_api_key(text).then(|| Credential::api_key(text))
}

fn credential_of_authorization(value: &header::HeaderValue, state: &State) -> Option<Credential> {
    let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
    let token = token.trim();
    if scheme.eq_ignore_ascii_case("Basic") {
        let pair = String::from_utf8(STANDARD.decode(token).ok()?).ok()?;
        let (_any_name, password) = pair.split_once(':')?;
        return key_of(password);
    }
    if !scheme.eq_ignore_ascii_case("Bearer") {
        return None;
    }
    if app::is_api_key(token) {
        return Some(Credential::api_key(token));
    }
    Some(match state.tokens.verify(token)? {
        Identity::Account(AccessToken { user, epoch }) => Credential::Session { user, epoch },
        Identity::Email(email) => Credential::Email(email),
    })
}

/// What a read answers: everything at once, or a head with a body that is made
/// piece by piece, as fast as the caller takes it.
pub enum Flow {
    Whole(Reply),
    Pieces(Reply, Box<dyn Pieces>),
}

/// A body in the making. Between two pieces it holds neither a connection to the
/// database nor a thread.
pub trait Pieces: Send {
    /// The next piece, which may be empty; `None` after the last one.
    ///
    /// # Errors
    /// Those of the reading; the body then ends without its end.
    fn next(&mut self, reader: &Reader) -> Result<Option<Bytes>, AppError>;
}

/// Reads for one caller, who is looked up anew each time: a key that is revoked
/// ends what it had begun to read.
pub struct Reader {
    state: web::Data<State>,
    credential: Credential,
    permission: Permission,
}

impl Reader {
    /// Runs a part of a read in a transaction of its own.
    ///
    /// # Errors
    /// Those of `work`; `Unauthenticated`, `Forbidden`.
    pub fn read<T>(
        &self,
        work: impl FnOnce(&mut Session<'_>) -> Result<T, AppError>,
    ) -> Result<T, AppError> {
        let clock = || self.state.clock.now();
        self.state.db.read(|conn| {
            let (office, credential) = (&self.state.office, &self.credential);
            let mut session = Session::begin(conn, office, credential, self.permission, &clock)?;
            work(&mut session)
        })
    }
}

/// The body of an answer that is made piece by piece.
fn body_of(
    reader: Reader,
    first: Option<Bytes>,
    pieces: Box<dyn Pieces>,
) -> impl stream::Stream<Item = Result<Bytes, std::io::Error>> {
    let begin = first.map(|first| (first, reader, pieces));
    stream::unfold(begin, |state| async move {
        let (piece, reader, mut pieces) = state?;
        if !piece.is_empty() {
            return Some((Ok(piece), Some((Bytes::new(), reader, pieces))));
        }
        let made = blocking(move || {
            let piece = pieces.next(&reader)?;
            Ok(piece.map(|piece| (piece, reader, pieces)))
        });
        match made.await {
            // An empty piece goes out as none, and the next one is asked for.
            Ok(Some((piece, reader, pieces))) => {
                Some((Ok(piece), Some((Bytes::new(), reader, pieces))))
            }
            Ok(None) => None,
            Err(problem) => Some((Err(std::io::Error::other(problem.to_string())), None)),
        }
    })
}

impl OpenCall {
    /// The same request by whoever its path names.
    #[must_use]
    pub fn with(self, credential: Credential) -> Call {
        Call {
            state: self.state,
            input: self.input,
            credential,
        }
    }

    /// Runs a blocking part of an open request.
    ///
    /// # Errors
    /// Those of `work`, as problems; `unavailable` after [`HANDLER_TIMEOUT`].
    pub async fn run<T: Send + 'static>(
        self,
        work: impl FnOnce(&State, &Input) -> Result<T, AppError> + Send + 'static,
    ) -> Result<T, Problem> {
        blocking(move || work(&self.state, &self.input)).await
    }
}

impl Call {
    /// Runs a reading operation for a caller who has `permission`.
    ///
    /// # Errors
    /// Those of `work`, as problems.
    pub async fn read(
        self,
        permission: Permission,
        work: impl FnOnce(&mut Session<'_>, &Input, &State) -> Result<Reply, AppError> + Send + 'static,
    ) -> Answer {
        let reply = blocking(move || {
            let (reader, input) = self.reader(permission)?;
            reader.read(|session| work(session, &input, &reader.state))
        })
        .await?;
        Ok(reply.into_response())
    }

    /// Runs a reading operation whose answer may be longer than one transaction
    /// or one answer's time.
    ///
    /// # Errors
    /// Those of `work` and of the first piece, as problems.
    pub async fn read_on(
        self,
        permission: Permission,
        work: impl FnOnce(&mut Session<'_>, &Input, &State) -> Result<Flow, AppError> + Send + 'static,
    ) -> Answer {
        let begun = blocking(move || {
            let (reader, input) = self.reader(permission)?;
            match reader.read(|session| work(session, &input, &reader.state))? {
                Flow::Whole(reply) => Ok((reply, None)),
                Flow::Pieces(reply, mut pieces) => {
                    let first = pieces.next(&reader)?;
                    Ok((reply, Some((reader, first, pieces))))
                }
            }
        });
        let (reply, rest) = begun.await?;
        Ok(match rest {
            None => reply.into_response(),
            Some((reader, first, pieces)) => reply.into_streamed(body_of(reader, first, pieces)),
        })
    }

    /// A reader for the caller. Where a moment ago is asked for, what is being
    /// written has been stored when it returns.
    fn reader(self, permission: Permission) -> Result<(Reader, Input), AppError> {
        let Self {
            state,
            input,
            credential,
        } = self;
        let reader = Reader {
            state,
            credential,
            permission,
        };
        if input.asks_for_a_moment_ago(reader.state.clock.now()) {
            reader.read(|_| Ok(()))?;
            reader.state.db.await_writers()?;
        }
        Ok((reader, input))
    }

    /// Runs a writing operation for a caller who has `permission`: all of it is
    /// stored, or nothing. `?dry_run=true` stores nothing; an idempotency key
    /// makes a repetition answer what the first request answered.
    ///
    /// # Errors
    /// Those of `work`, as problems.
    pub async fn write(
        self,
        permission: Permission,
        work: impl Fn(&mut Session<'_>, &Input, &State) -> Result<Reply, AppError> + Send + 'static,
    ) -> Answer {
        let reply = blocking(move || {
            let clock = || self.state.clock.now();
            let Self {
                state,
                input,
                credential,
            } = &self;
            if input.asks_for_dry_run() {
                return state.db.write_and_discard(|conn| {
                    let mut session =
                        Session::begin(conn, &state.office, credential, permission, &clock)?;
                    idempotency::rehearse(&mut session, input, |session| {
                        work(session, input, state)
                    })
                });
            }
            let _guard = idempotency::claim(state, input, credential)?;
            let reply = state.db.write(|conn| {
                let mut session =
                    Session::begin(conn, &state.office, credential, permission, &clock)?;
                idempotency::answer_once(&mut session, input, |session| work(session, input, state))
            });
            // Whoever has to hear of it, the worker finds out.
            state.waker.wake();
            reply
        })
        .await?;
        Ok(reply.into_response())
    }

    /// The same with a part that writes nothing and takes its time: it is done before
    /// the transaction begins, for a caller who may go on, and for few at once.
    ///
    /// # Errors
    /// Those of `prepare` and `work`, as problems.
    pub async fn write_prepared<T: Send + 'static>(
        self,
        permission: Permission,
        prepare: impl FnOnce(&Reader, &Input) -> Result<T, AppError> + Send + 'static,
        work: impl Fn(&mut Session<'_>, &Input, &T) -> Result<Reply, AppError> + Send + 'static,
    ) -> Answer {
        let turns = Arc::clone(&self.state.imports);
        let turn = tokio::time::timeout(HANDLER_TIMEOUT, turns.acquire_owned()).await;
        let Ok(Ok(turn)) = turn else {
            return Err(
                Problem::new(ProblemCode::Unavailable).retry_after(HANDLER_TIMEOUT.as_secs())
            );
        };
        let (prepared, turn, call) = blocking(move || {
            let reader = Reader {
                state: self.state.clone(),
                credential: self.credential.clone(),
                permission,
            };
            reader.read(|_| Ok(()))?;
            let prepared = prepare(&reader, &self.input)?;
            Ok((prepared, turn, self))
        })
        .await?;
        let work = move |session: &mut Session<'_>, input: &Input, _: &State| {
            // What was prepared takes memory until the end.
            let _turn = &turn;
            work(session, input, &prepared)
        };
        call.write(permission, work).await
    }

    /// Now, for handlers that need no database.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.state.clock.now()
    }
}

impl FileCall {
    /// Runs a writing operation on what a file holds.
    ///
    /// # Errors
    /// Those of `read` and `work`, as problems.
    pub async fn write<T: Send + 'static>(
        self,
        permission: Permission,
        read: impl FnOnce(&Reader, &Input) -> Result<T, AppError> + Send + 'static,
        work: impl Fn(&mut Session<'_>, &Input, &T) -> Result<Reply, AppError> + Send + 'static,
    ) -> Answer {
        self.0.write_prepared(permission, read, work).await
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, AppError> + Send + 'static,
) -> Result<T, Problem> {
    match tokio::time::timeout(HANDLER_TIMEOUT, web::block(work)).await {
        Ok(Ok(result)) => result.map_err(Problem::from),
        Ok(Err(panicked)) => {
            log::error!("an operation panicked: {panicked}");
            Err(Problem::new(ProblemCode::Internal))
        }
        Err(_elapsed) => {
            log::error!("an operation took longer than {HANDLER_TIMEOUT:?}");
            Err(Problem::new(ProblemCode::Unavailable).retry_after(HANDLER_TIMEOUT.as_secs()))
        }
    }
}

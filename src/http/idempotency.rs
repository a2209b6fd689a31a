//! `Idempotency-Key`: the first answer again, instead of the work again. The
//! answer is kept in the transaction of the work (`product.md` §3).

use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};

use super::call::Input;
use super::reply::Reply;
use super::state::{InFlightGuard, State};
use crate::app::idempotency::{KeptAnswer, RequestKey, find, keep, try_claim};
use crate::app::{AppError, Conflict, Credential, Session};
use crate::domain::issue::{Issue, IssueCode};
use crate::domain::text::Text;

/// Characters of a key.
const KEY_CHARS_MAX: usize = 255;
const REPLAYED: &str = "idempotency-replayed";

/// The key of a POST, if it has one; the fault of one that is not well-formed.
fn key_of(input: &Input) -> Result<Option<&str>, Box<Issue>> {
    let Some(key) = input
        .idempotency_key
        .as_deref()
        .filter(|_| input.method == Method::POST)
    else {
        return Ok(None);
    };
    if (1..=KEY_CHARS_MAX).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Ok(Some(key));
    }
    Err(Box::new(Issue::error(
        IssueCode::OutOfRange,
        "/header/Idempotency-Key",
        Text::new(
            format!("Idempotency-Key は空白のない ASCII 1 から {KEY_CHARS_MAX} 文字です。"),
            format!("An Idempotency-Key has 1 to {KEY_CHARS_MAX} visible ASCII characters."),
        ),
    )))
}

/// Claims the key in this process, until the guard is dropped.
///
/// # Errors
/// `InProgress` while another request with the key is at work.
pub fn claim(
    state: &State,
    input: &Input,
    credential: &Credential,
) -> Result<Option<InFlightGuard>, AppError> {
    // A fault of the key is answered in its turn, by `answer_once`.
    let Ok(Some(key)) = key_of(input) else {
        return Ok(None);
    };
    let name = format!(
        "{} {} {} {key}",
        credential.identity(),
        input.method,
        input.path
    );
    match state.in_flight.claim(name) {
        Some(guard) => Ok(Some(guard)),
        None => Err(AppError::conflict(Conflict::InProgress)),
    }
}

/// Does the work of a dry run, for which no answer is kept; a key that is not
/// well-formed is refused as it would be.
///
/// # Errors
/// Those of `work`; `Invalid` for the key.
pub fn rehearse(
    session: &mut Session<'_>,
    input: &Input,
    work: impl FnOnce(&mut Session<'_>) -> Result<Reply, AppError>,
) -> Result<Reply, AppError> {
    let outcome = work(session);
    match key_of(input) {
        Ok(_) => outcome,
        Err(fault) => Err(refused(*fault, outcome)),
    }
}

/// Does the work once: with a key that was used before, its first answer.
///
/// # Errors
/// Those of `work`; `IdempotencyKeyReused` for another body; `InProgress`
/// while another replica works on the key.
pub fn answer_once(
    session: &mut Session<'_>,
    input: &Input,
    work: impl FnOnce(&mut Session<'_>) -> Result<Reply, AppError>,
) -> Result<Reply, AppError> {
    let key = match key_of(input) {
        Ok(Some(key)) => key,
        Ok(None) => return work(session),
        Err(fault) => return Err(refused(*fault, work(session))),
    };
    let request = RequestKey {
        method: input.method.to_string(),
        path: input.path.clone(),
        key: key.to_owned(),
        body_hash: blake3::hash(
            &[input.resource().as_bytes(), b"\n", input.body.as_ref()].concat(),
        )
        .to_string(),
    };
    if !try_claim(session, &request)? {
        return Err(AppError::conflict(Conflict::InProgress));
    }
    if let Some(kept) = find(session, &request)? {
        return Ok(replayed(&kept));
    }
    let reply = work(session)?;
    if reply.may_be_kept && reply.status.is_success() {
        keep(session, &request, &kept(&reply))?;
    }
    Ok(reply)
}

/// A fault of the key in its place among those of the work (`api.md`, Errors).
fn refused(fault: Issue, outcome: Result<Reply, AppError>) -> AppError {
    match outcome {
        Ok(_) | Err(AppError::Conflict(..) | AppError::Stale { .. }) => {
            AppError::Invalid(vec![fault])
        }
        Err(AppError::Invalid(mut issues)) => {
            issues.push(fault);
            AppError::Invalid(issues)
        }
        Err(first) => first,
    }
}

fn kept(reply: &Reply) -> KeptAnswer {
    KeptAnswer {
        status: reply.status.as_u16(),
        headers: reply
            .headers
            .iter()
            .filter_map(|(name, value)| Some((name.to_string(), value.to_str().ok()?.to_owned())))
            .collect(),
        body: String::from_utf8_lossy(&reply.body).into_owned(),
    }
}

fn replayed(kept: &KeptAnswer) -> Reply {
    let status = StatusCode::from_u16(kept.status).unwrap_or(StatusCode::OK);
    let mut reply = Reply::empty(status);
    for (name, value) in &kept.headers {
        if let (Ok(name), Ok(value)) = (
            HeaderName::try_from(name.as_str()),
            HeaderValue::from_str(value),
        ) {
            reply.headers.push((name, value));
        }
    }
    reply.body = kept.body.clone().into_bytes().into();
    reply.with_header(HeaderName::from_static(REPLAYED), "true")
}

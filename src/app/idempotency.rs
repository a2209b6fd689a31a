//! Answers kept under a caller's idempotency key.

use std::collections::BTreeMap;

use super::{AppError, Session};
use crate::storage::idempotency::{self, FirstAnswer, RequestKey as StoredKey};

/// What a key belongs to: keys are per caller, method and path.
#[derive(Clone, Debug)]
pub struct RequestKey {
    pub method: String,
    pub path: String,
    pub key: String,
    pub body_hash: String,
}

/// An answer as it was first given.
#[derive(Clone, Debug)]
pub struct KeptAnswer {
    pub status: u16,
    pub headers: BTreeMap<String, String>,
    pub body: String,
}

/// Claims the key among all replicas until the transaction ends.
///
/// # Errors
/// Those of the storage.
pub fn try_claim(session: &mut Session<'_>, request: &RequestKey) -> Result<bool, AppError> {
    let name = [
        session.caller.id(),
        &request.method,
        &request.path,
        &request.key,
    ]
    .join(" ");
    let hash = blake3::hash(name.as_bytes());
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&hash.as_bytes()[..8]);
    Ok(idempotency::try_claim(
        session.conn,
        i64::from_le_bytes(bytes),
    )?)
}

/// The answer kept for this request, if any.
///
/// # Errors
/// `IdempotencyKeyReused` where it belongs to another body.
pub fn find(
    session: &mut Session<'_>,
    request: &RequestKey,
) -> Result<Option<KeptAnswer>, AppError> {
    let caller = session.caller.id().to_owned();
    let kept = idempotency::find(session.conn, &stored_key(&caller, request))?;
    let Some(kept) = kept else { return Ok(None) };
    if kept.body_hash != request.body_hash {
        return Err(AppError::IdempotencyKeyReused);
    }
    let headers = serde_json::from_str(&kept.headers)
        .map_err(|error| AppError::Internal(format!("a kept answer: {error}")))?;
    Ok(Some(KeptAnswer {
        status: kept.status,
        headers,
        body: kept.body,
    }))
}

/// Keeps an answer in the transaction of its work.
///
/// # Errors
/// Those of the storage.
pub fn keep(
    session: &mut Session<'_>,
    request: &RequestKey,
    answer: &KeptAnswer,
) -> Result<(), AppError> {
    let headers = serde_json::to_string(&answer.headers)
        .map_err(|error| AppError::Internal(error.to_string()))?;
    let answer = FirstAnswer {
        body_hash: request.body_hash.clone(),
        status: answer.status,
        headers,
        body: answer.body.clone(),
        created_at: session.now,
    };
    let caller = session.caller.id().to_owned();
    Ok(idempotency::insert(
        session.conn,
        &stored_key(&caller, request),
        &answer,
    )?)
}

fn stored_key<'a>(caller: &'a str, request: &'a RequestKey) -> StoredKey<'a> {
    StoredKey {
        caller,
        method: &request.method,
        path: &request.path,
        key: &request.key,
    }
}

//! Positions in lists, opaque to callers.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde::de::DeserializeOwned;
use utoipa::ToSchema;

use super::query::{Page, QueryReader};
use crate::app::AppError;
use crate::domain::issue::IssueCode;
use crate::domain::text::Text;

/// One page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct List<T> {
    pub items: Vec<T>,
    /// Pass it as `cursor` to get the next page; null on the last one.
    pub next_cursor: Option<String>,
}

/// How many entries to load: one more than the page shows, to know whether
/// there is a next one.
#[must_use]
pub const fn load_limit(page: &Page) -> u32 {
    page.limit + 1
}

/// A page from what [`load_limit`] loaded.
///
/// # Errors
/// `Internal` where a position cannot be written.
pub fn list<R, T, P: Serialize>(
    mut rows: Vec<R>,
    page: &Page,
    position: impl FnOnce(&R) -> P,
    view: impl Fn(&R) -> T,
) -> Result<List<T>, AppError> {
    let limit = usize::try_from(page.limit).unwrap_or(usize::MAX);
    let has_more = rows.len() > limit;
    rows.truncate(limit);
    let next_cursor = match rows.last().filter(|_| has_more) {
        Some(last) => Some(encode(&position(last))?),
        None => None,
    };
    Ok(List {
        items: rows.iter().map(view).collect(),
        next_cursor,
    })
}

/// A position as callers see it.
///
/// # Errors
/// `Internal` where it cannot be written.
pub fn encode<P: Serialize>(position: &P) -> Result<String, AppError> {
    let json =
        serde_json::to_vec(position).map_err(|error| AppError::Internal(error.to_string()))?;
    Ok(URL_SAFE_NO_PAD.encode(json))
}

/// A position of ours; `None` for any other text.
#[must_use]
pub fn decode<P: DeserializeOwned>(cursor: &str) -> Option<P> {
    let json = URL_SAFE_NO_PAD.decode(cursor).ok()?;
    // An escaped control character is no part of any position of ours.
    let is_ours = !json.windows(4).any(|bytes| bytes == b"\\u00");
    is_ours
        .then(|| serde_json::from_slice(&json).ok())
        .flatten()
}

/// The position of a page's cursor; a foreign text is an issue.
pub fn position<P: DeserializeOwned>(page: &Page, query: &mut QueryReader<'_>) -> Option<P> {
    let cursor = page.cursor.as_deref()?;
    let position = decode(cursor);
    if position.is_none() {
        query.refuse(
            IssueCode::OutOfRange,
            "cursor",
            Text::new(
                "cursor には前の応答の next_cursor をそのまま指定してください。",
                "Give cursor the next_cursor of the page before, unchanged.",
            ),
        );
    }
    position
}

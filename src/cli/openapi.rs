//! `shirube openapi`.

use super::{CommandResult, answer};
use crate::http::openapi::Document;

pub(super) fn print() -> CommandResult {
    let document = Document::new().map_err(|error| error.to_string())?;
    let text = String::from_utf8_lossy(&document.json).into_owned();
    answer(text.trim_end())
}

//! Refusals (RFC 9457), and what is wrong with which part of an input.

use std::fmt;

use serde::Deserialize;

use super::Name;

/// Why the service refused.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Problem {
    /// The HTTP status.
    pub status: u16,
    /// Its stable code, such as `invalid` or `month_approved`.
    pub code: String,
    /// What kind of problem it is, in words.
    pub title: String,
    /// What is wrong, in words.
    pub detail: String,
    /// All faults of the input.
    #[serde(default)]
    pub issues: Vec<Issue>,
    /// By which the service's log knows the request.
    pub request_id: String,
    /// The document as it came.
    #[serde(skip)]
    pub text: String,
}

/// One fault, or a warning.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Issue {
    /// `error` or `warning`.
    pub severity: String,
    /// Its stable code.
    pub code: String,
    /// Where in the body: a JSON pointer.
    pub path: String,
    /// What is wrong.
    pub message: Name,
    /// The scorecard concerned.
    pub scorecard: Option<String>,
    /// The item concerned.
    pub item: Option<String>,
    /// The month concerned.
    pub month: Option<String>,
    /// Where in a file.
    pub place: Option<Place>,
    /// A way to mend it.
    pub remedy: Option<Name>,
}

/// A place in a file.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Place {
    /// The sheet's name.
    pub sheet: Option<String>,
    /// The row, counted from 1.
    pub row: Option<u32>,
    /// The column, such as `C`.
    pub column: Option<String>,
    /// Both, such as `C5`.
    pub cell: Option<String>,
    /// What stands there.
    pub value: Option<String>,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.detail)?;
        for issue in &self.issues {
            let Issue { path, message, .. } = issue;
            write!(f, "\n{path}: {} / {}", message.ja, message.en)?;
        }
        Ok(())
    }
}

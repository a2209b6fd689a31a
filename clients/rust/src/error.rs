//! What can go wrong with a call.

use crate::model::Problem;

/// Why a call came to nothing.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The service refused, and says why.
    #[error("{0}")]
    Problem(Box<Problem>),
    /// What was given to the client cannot be sent.
    #[error("{0}")]
    Argument(String),
    /// No connection came about.
    #[error("{server} does not answer: {reason}")]
    Unreachable {
        /// The address that was called.
        server: String,
        /// What the system says.
        reason: String,
    },
    /// The connection broke off, or the answer took too long.
    #[error("the answer did not come to its end: {0}")]
    Interrupted(String),
    /// The server answers from elsewhere; the key is not sent there.
    #[error("the server points to {0}; give that address, if it is right")]
    Redirected(String),
    /// An answer that this service does not give: another program answers
    /// there, or a proxy before it.
    #[error("status {status} without a problem document: {excerpt}")]
    Unexpected {
        /// Its HTTP status.
        status: u16,
        /// How its body begins.
        excerpt: String,
    },
    /// An answer whose body is not what the contract says.
    #[error("the answer cannot be read: {0}")]
    Unreadable(String),
}

impl Error {
    /// What the service says about a refusal.
    #[must_use]
    pub fn problem(&self) -> Option<&Problem> {
        match self {
            Self::Problem(problem) => Some(problem),
            _ => None,
        }
    }
}

/// An error with what is behind it, in one line.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let words = cause.to_string();
        if !text.contains(&words) {
            text.push_str(": ");
            text.push_str(&words);
        }
        next = cause.source();
    }
    text
}

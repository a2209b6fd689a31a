//! What an operation can answer instead of a result.

use crate::domain::issue::Issue;
use crate::domain::month::Month;
use crate::domain::strict_json::Malformed;
use crate::domain::text::Text;
use crate::storage::StorageError;

/// Why the present state does not allow an operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Conflict {
    /// The month is approved; the prefecture has to return or reopen it.
    MonthApproved(Month),
    /// A thing with this code or key exists.
    AlreadyExists(Text),
    /// The same request is being worked on.
    InProgress,
    /// Somebody has approved or rejected the revision before.
    RevisionDecided,
    /// The plan has changed since the revision was proposed.
    RevisionOutdated(Text),
    /// The alert asks for new preparation, and no revision brings any.
    PreparationMissing,
    /// The alert is not open any more.
    AlertClosed,
    /// The destination gets nothing until it is activated again.
    SubscriptionDisabled,
}

/// The outcomes of an operation other than success, in the order in which they
/// win over one another (`api.md`, Errors).
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    #[error("no valid credential")]
    Unauthenticated,
    #[error("wrong e-mail address or password")]
    InvalidCredentials,
    #[error("the role does not allow this")]
    Forbidden,
    /// Missing, or another tenant's: the same answer on purpose.
    #[error("not found")]
    NotFound,
    #[error("malformed body")]
    MalformedBody(Text),
    #[error("malformed query")]
    MalformedQuery(Text),
    /// More than is read of a file.
    #[error("the file is too large")]
    TooLarge(Text),
    #[error("the content is refused")]
    Invalid(Vec<Issue>),
    #[error("the idempotency key was used with another body")]
    IdempotencyKeyReused,
    #[error("conflict with the present state")]
    Conflict(Conflict, Vec<Issue>),
    #[error("the thing has changed since it was read")]
    Stale { current: i64 },
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// A part of this program failed in a way that no input explains.
    #[error("internal: {0}")]
    Internal(String),
}

impl From<Malformed> for AppError {
    fn from(malformed: Malformed) -> Self {
        Self::MalformedBody(malformed.message)
    }
}

impl AppError {
    /// A conflict without issues of its own.
    #[must_use]
    pub const fn conflict(conflict: Conflict) -> Self {
        Self::Conflict(conflict, Vec::new())
    }
}

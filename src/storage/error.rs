//! What can go wrong below the application, classified once.

use diesel::result::{DatabaseErrorKind, Error as DieselError};

/// Messages of outages for which neither database has a kind of its own:
/// the server's in English and Japanese (it speaks the language of its
/// configuration), `SQLite`'s always in English.
const OUTAGES: [&str; 16] = [
    "deadlock detected",
    "デッドロックを検出しました",
    "canceling statement due to",
    "ステートメントをキャンセルしています",
    "terminating connection due to",
    "接続を終了しています",
    "No space left on device",
    "デバイスに空き領域がありません",
    "database is locked",
    "database table is locked",
    "database schema is locked",
    "database or disk is full",
    "disk I/O error",
    "unable to open database file",
    "attempt to write a readonly database",
    "locking protocol",
];

/// The messages among [`OUTAGES`] of a deadlock, which passes when one of its
/// transactions starts over.
const DEADLOCKS: [&str; 2] = ["deadlock detected", "デッドロックを検出しました"];

/// Why the storage could not do as told. No variant carries a stored value.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    #[error("not found")]
    NotFound,
    /// Something with the same key exists.
    #[error("a unique rule is violated")]
    Unique,
    /// Something refers to what does not exist, or is still referred to.
    #[error("a reference is violated")]
    Reference,
    /// The database is gone, locked, full or too busy. Trying again later may
    /// help; the pool heals by itself. After a failed commit on `PostgreSQL` the
    /// transaction may have been committed.
    #[error("the database is unavailable: {0}")]
    Unavailable(String),
    /// A stored value that this program cannot have written.
    #[error("corrupt data in {table}: {what}")]
    Corrupt { table: &'static str, what: String },
    /// The database refused a statement: a fault of this program.
    #[error("the database refused a statement")]
    Failed(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl StorageError {
    pub(super) fn failed(
        cause: impl Into<Box<dyn std::error::Error + Send + Sync + 'static>>,
    ) -> Self {
        Self::Failed(cause.into())
    }

    pub(super) fn corrupt(table: &'static str, what: impl Into<String>) -> Self {
        Self::Corrupt {
            table,
            what: what.into(),
        }
    }

    /// Gives a violated unique rule its meaning, where the insert happens:
    /// `insert(…).map_err(|error| error.on_unique(AppError::EmailTaken))`.
    /// `SQLite` does not say which rule it was, so a statement may violate at
    /// most one.
    pub fn on_unique<E: From<Self>>(self, meaning: E) -> E {
        match self {
            Self::Unique => meaning,
            other => other.into(),
        }
    }
}

impl From<DieselError> for StorageError {
    fn from(error: DieselError) -> Self {
        use DatabaseErrorKind as Kind;
        match error {
            DieselError::NotFound => Self::NotFound,
            DieselError::DatabaseError(kind, information) => match kind {
                Kind::UniqueViolation => Self::Unique,
                Kind::ForeignKeyViolation | Kind::RestrictViolation => Self::Reference,
                Kind::ClosedConnection
                | Kind::UnableToSendCommand
                | Kind::SerializationFailure
                | Kind::ReadOnlyTransaction => Self::Unavailable(information.message().to_owned()),
                _ if mentions(information.message(), &OUTAGES) => {
                    Self::Unavailable(information.message().to_owned())
                }
                _ => Self::failed(DieselError::DatabaseError(kind, information)),
            },
            DieselError::BrokenTransactionManager => {
                Self::Unavailable("the connection was lost".to_owned())
            }
            DieselError::RollbackErrorOnCommit { commit_error, .. } => Self::from(*commit_error),
            other => Self::failed(other),
        }
    }
}

/// Whether starting the transaction over may succeed at once.
pub(super) fn passes_on_retry(error: &DieselError) -> bool {
    match error {
        DieselError::DatabaseError(DatabaseErrorKind::SerializationFailure, _) => true,
        DieselError::DatabaseError(_, information) => mentions(information.message(), &DEADLOCKS),
        _ => false,
    }
}

fn mentions(message: &str, phrases: &[&str]) -> bool {
    phrases.iter().any(|phrase| message.contains(phrase))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_message(message: &str) -> StorageError {
        DieselError::DatabaseError(DatabaseErrorKind::Unknown, Box::new(message.to_owned())).into()
    }

    #[test]
    fn outages_are_told_from_faults() {
        for message in [
            "database is locked",
            "canceling statement due to statement timeout",
            "ロックのタイムアウトのためステートメントをキャンセルしています",
            "could not extend file \"base/1/2\": No space left on device",
        ] {
            assert!(
                matches!(of_message(message), StorageError::Unavailable(_)),
                "{message}"
            );
        }
        for message in ["no such table: cells", "audit is append-only"] {
            assert!(
                matches!(of_message(message), StorageError::Failed(_)),
                "{message}"
            );
        }
    }

    #[test]
    fn a_violated_unique_rule_gets_its_meaning_at_the_insert() {
        let mapped: StorageError = StorageError::Unique.on_unique(StorageError::NotFound);
        assert!(matches!(mapped, StorageError::NotFound));
        let kept: StorageError = StorageError::Reference.on_unique(StorageError::NotFound);
        assert!(matches!(kept, StorageError::Reference));
    }
}

//! The databases: `SQLite` and `PostgreSQL`, with the same answers.
//!
//! Guarantees: every access is one transaction. What [`Db::write`] returns as
//! done is durable; what fails is undone. Other scopes' things are not found.
//! Only this module knows diesel. Nothing here reads a clock or makes an
//! identifier; both come from the caller.
//!
//! Queries stand in one file for each group of tables. Each can fail as
//! [`StorageError`] says; where a caller has to expect a certain failure, the
//! function says so.

#![allow(clippy::missing_errors_doc, reason = "said once, above")]

pub mod actuals;
pub mod agenda;
pub mod alert_versions;
pub mod alerts;
pub mod api_keys;
pub mod audit;
pub mod comments;
mod conn;
pub mod deliveries;
pub mod delivery_log;
mod error;
pub mod fact_links;
pub mod hubs;
pub mod idempotency;
pub mod import_mappings;
pub mod known;
mod migrate;
pub mod months;
pub mod outbox;
pub mod overdue;
pub mod plans;
pub mod prefectures;
pub mod refresh_tokens;
pub mod releases;
pub mod revisions;
mod schema;
pub mod scorecards;
mod stored;
pub mod subscriptions;
pub mod summaries;
pub mod tellings;
mod url;
pub mod users;

use std::time::{Duration, Instant};

use diesel::r2d2::{Pool, PooledConnection};

pub use conn::Conn;
use conn::{Manager, Mode, Session};
pub use error::StorageError;
pub use url::{DatabaseUrl, DatabaseUrlError};

/// `SQLite` writes through one connection, so that writers queue instead of colliding.
const SQLITE_WRITERS: u32 = 1;
/// How often a transaction that lost to another one is started over.
const RETRIES_MAX: u32 = 3;
/// Pause before the first retry; doubled before each further one.
const RETRY_PAUSE: Duration = Duration::from_millis(10);

/// How many connections there are, and how long a request waits for one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolSettings {
    /// `SQLite`: readers, beside the one writer. `PostgreSQL`: all.
    pub connections: u32,
    pub acquire_timeout: Duration,
}

impl PoolSettings {
    /// 4 readers on `SQLite`, 8 connections on `PostgreSQL`; 5 s.
    #[must_use]
    pub const fn default_for(url: &DatabaseUrl) -> Self {
        Self {
            connections: match url {
                DatabaseUrl::Sqlite(_) => 4,
                DatabaseUrl::Postgres(_) => 8,
            },
            acquire_timeout: Duration::from_secs(5),
        }
    }
}

/// The door to the database. Cheap to clone. Calls block the thread: from
/// asynchronous code they belong into `web::block`.
#[derive(Clone)]
pub struct Db {
    url: DatabaseUrl,
    readers: Pool<Manager>,
    writers: Pool<Manager>,
    acquire_timeout: Duration,
}

impl Db {
    /// Connects; makes an absent `SQLite` file, but no tables.
    ///
    /// # Errors
    /// [`StorageError::Unavailable`] where the database cannot be reached now,
    /// [`StorageError::Failed`] where it never will with this URL.
    pub fn open(url: &DatabaseUrl, settings: &PoolSettings) -> Result<Self, StorageError> {
        if let DatabaseUrl::Sqlite(path) = url {
            create_private(path)?;
        }
        conn::prepare_file(url)?;
        let pool = |mode, size: u32| {
            Pool::builder()
                .max_size(size.max(1))
                .min_idle(Some(1))
                .connection_timeout(settings.acquire_timeout)
                .test_on_check_out(false)
                .build_unchecked(Manager::new(url.clone(), mode))
        };
        let (readers, writers) = match url {
            DatabaseUrl::Sqlite(_) => (
                pool(Mode::Read, settings.connections),
                pool(Mode::Write, SQLITE_WRITERS),
            ),
            DatabaseUrl::Postgres(_) => {
                let all = pool(Mode::Write, settings.connections);
                (all.clone(), all)
            }
        };
        Ok(Self {
            url: url.clone(),
            readers,
            writers,
            acquire_timeout: settings.acquire_timeout,
        })
    }

    /// Runs `work` on one unchanging state of the database.
    ///
    /// # Errors
    /// Those of `work`; [`StorageError::Unavailable`].
    pub fn read<T, E: From<StorageError>>(
        &self,
        work: impl FnOnce(&mut Conn) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut session = self.begin(Mode::Read)?;
        let outcome = work(&mut session.conn);
        // Nothing was changed, so nothing is lost where this fails.
        if session.commit().is_err() {
            session.roll_back();
        }
        outcome
    }

    /// Runs `work` in a transaction that is committed when it returns `Ok` and
    /// undone when it returns `Err` or panics.
    ///
    /// On `PostgreSQL` a transaction that lost to another one (deadlock, failed
    /// serialization) is undone and `work` runs again, at most three times
    /// more: it must not have effects outside the database.
    ///
    /// A statement that the database refused spoils the transaction, even if
    /// `work` goes on and returns `Ok`: `PostgreSQL` would roll back, so both do.
    ///
    /// # Errors
    /// Those of `work`; [`StorageError::Unavailable`]; [`StorageError::Failed`]
    /// for a spoilt transaction.
    pub fn write<T, E: From<StorageError>>(
        &self,
        work: impl FnMut(&mut Conn) -> Result<T, E>,
    ) -> Result<T, E> {
        self.transact(work, Session::commit)
    }

    /// Like [`Db::write`], but nothing stays: a dry run.
    ///
    /// # Errors
    /// Those of [`Db::write`].
    pub fn write_and_discard<T, E: From<StorageError>>(
        &self,
        work: impl FnMut(&mut Conn) -> Result<T, E>,
    ) -> Result<T, E> {
        self.transact(work, |session| {
            session.roll_back();
            Ok(())
        })
    }

    /// Waits for the writes that have begun to change a scorecard. Who reads
    /// afterwards sees them, and whoever writes later does so at a later instant.
    ///
    /// # Errors
    /// Those of [`Db::write`].
    pub fn await_writers(&self) -> Result<(), StorageError> {
        self.write(scorecards::await_writers)
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// [`StorageError::Unavailable`] where it does not.
    pub fn ping(&self) -> Result<(), StorageError> {
        use diesel::RunQueryDsl;
        self.read(|conn| {
            diesel::sql_query("SELECT 1").execute(conn)?;
            Ok(())
        })
    }

    /// Copies an `SQLite` database as it is now into a new file, while others use it.
    ///
    /// # Errors
    /// [`StorageError::Failed`] on `PostgreSQL`, which has its own programs for it.
    pub fn copy_to(&self, file: &std::path::Path) -> Result<(), StorageError> {
        self.lone()?
            .batch(&format!("VACUUM INTO {}", quoted(file)?))
    }

    /// Whether an `SQLite` file is sound, and every reference in it holds.
    ///
    /// # Errors
    /// [`StorageError::Corrupt`] where it is not.
    pub fn check(&self) -> Result<(), StorageError> {
        self.lone()?.check()
    }

    /// Moves everything from `SQLite`'s log into the file, so that the file alone
    /// is the database. Nothing to do on `PostgreSQL`.
    ///
    /// # Errors
    /// [`StorageError::Unavailable`] while others use it.
    pub fn checkpoint(&self) -> Result<(), StorageError> {
        if self.url.is_embedded() {
            self.lone()?.batch("PRAGMA wal_checkpoint(TRUNCATE)")?;
        }
        Ok(())
    }

    /// [`Self::checkpoint`], and the log goes away: for files that are moved.
    ///
    /// # Errors
    /// Those of [`Self::checkpoint`].
    pub fn settle(self) -> Result<(), StorageError> {
        self.checkpoint()?;
        let url = self.url.clone();
        drop(self);
        conn::Lone::connect(&url)?.batch("PRAGMA journal_mode = DELETE")
    }

    fn lone(&self) -> Result<conn::Lone, StorageError> {
        conn::Lone::connect(&self.url)
    }

    /// Brings the tables up to this program's version; returns the versions
    /// applied. Replicas that start together wait for one another; all pending
    /// migrations happen or none.
    ///
    /// # Errors
    /// [`StorageError::Corrupt`] where a newer program has migrated the
    /// database; that program's data is left alone.
    pub fn migrate(&self) -> Result<Vec<String>, StorageError> {
        migrate::run(&self.url)
    }

    /// The versions that [`Db::migrate`] would apply. Changes nothing.
    ///
    /// # Errors
    /// Those of [`Db::migrate`].
    pub fn pending_migrations(&self) -> Result<Vec<String>, StorageError> {
        self.read(migrate::pending)
    }

    fn transact<T, E: From<StorageError>>(
        &self,
        mut work: impl FnMut(&mut Conn) -> Result<T, E>,
        end: impl Fn(&mut Session) -> diesel::QueryResult<()>,
    ) -> Result<T, E> {
        let mut retries = 0;
        loop {
            let mut session = self.begin(Mode::Write)?;
            let outcome = attempt(&mut session, &mut work, &end);
            if outcome.is_ok() || retries == RETRIES_MAX || !session.lost_to_another() {
                return outcome;
            }
            drop(session);
            std::thread::sleep(RETRY_PAUSE * 2_u32.pow(retries));
            retries += 1;
        }
    }

    /// A session with a transaction begun. Pooled connections whose server has
    /// gone away meanwhile are forgotten, and others tried.
    fn begin(&self, mode: Mode) -> Result<PooledConnection<Manager>, StorageError> {
        let pool = match mode {
            Mode::Read => &self.readers,
            Mode::Write => &self.writers,
        };
        let deadline = Instant::now() + self.acquire_timeout;
        let left = || deadline.saturating_duration_since(Instant::now());
        let mut spares = pool.max_size();
        loop {
            let mut session = pool
                .get_timeout(left())
                .map_err(|error| StorageError::Unavailable(error.to_string()))?;
            match session.begin(mode, left()) {
                Ok(()) => return Ok(session),
                Err(_) if session.is_broken() && spares > 0 => spares -= 1,
                Err(error) => return Err(error.into()),
            }
        }
    }
}

/// One run of `work`, to its end: the transaction is over afterwards.
fn attempt<T, E: From<StorageError>>(
    session: &mut Session,
    work: &mut impl FnMut(&mut Conn) -> Result<T, E>,
    end: &impl Fn(&mut Session) -> diesel::QueryResult<()>,
) -> Result<T, E> {
    match work(&mut session.conn) {
        Ok(_) if session.statement_failed() => {
            session.roll_back();
            Err(StorageError::failed("a failed statement was ignored; nothing was stored").into())
        }
        Ok(value) => {
            end(session).map_err(StorageError::from)?;
            Ok(value)
        }
        Err(error) => {
            session.roll_back();
            Err(error)
        }
    }
}

/// A path as a text of SQL.
fn quoted(path: &std::path::Path) -> Result<String, StorageError> {
    let path = std::path::absolute(path).map_err(StorageError::failed)?;
    let path = path
        .to_str()
        .ok_or_else(|| StorageError::failed("the file's path is not UTF-8"))?;
    Ok(format!("'{}'", path.replace('\'', "''")))
}

/// Makes an absent file that only its owner can read: it will hold hashes of
/// secrets. `SQLite` gives its companions (`-wal`, `-shm`) the same mode.
fn create_private(path: &std::path::Path) -> Result<(), StorageError> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(
            StorageError::Unavailable(format!("cannot make {}: {error}", path.display())),
        ),
        _ => Ok(()),
    }
}

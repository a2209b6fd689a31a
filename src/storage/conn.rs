//! One connection to either database: how it is set up, and how a transaction
//! on it begins and ends.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use diesel::Selectable;
use diesel::connection::{
    AnsiTransactionManager, Connection, Instrumentation, InstrumentationEvent, SimpleConnection,
    TransactionManager,
};
use diesel::dsl::sql;
use diesel::pg::PgConnection;
use diesel::query_dsl::RunQueryDsl;
use diesel::r2d2::{ManageConnection, R2D2Connection};
use diesel::result::{ConnectionError, QueryResult};
use diesel::sql_types::Text;
use diesel::sqlite::SqliteConnection;

use super::error::{StorageError, passes_on_retry};
use super::url::{DatabaseUrl, with_postgres_defaults};

/// How long a statement waits for another process that has `SQLite`'s file locked.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// Differences of waiting time that are not worth two statements.
const BUSY_SLACK: Duration = Duration::from_millis(100);

/// `SQLite`: wait for locks before anything else; references hold; a commit is
/// on the disk when it returns. Caches are small because the operating system
/// has the file in its own, and idle memory counts.
const SQLITE_SESSION: &str = "
    PRAGMA busy_timeout = 5000;
    PRAGMA foreign_keys = ON;
    PRAGMA synchronous = FULL;
    PRAGMA journal_size_limit = 8388608;";
const SQLITE_READER: &str = "PRAGMA cache_size = -1024; PRAGMA query_only = ON;";
const SQLITE_WRITER: &str = "PRAGMA cache_size = -2048;";

/// `PostgreSQL`: nothing runs or waits longer than a request may.
const POSTGRES_SESSION: &str = "
    SET TIME ZONE 'UTC';
    SET statement_timeout = '8s';
    SET lock_timeout = '5s';
    SET idle_in_transaction_session_timeout = '10s';";

/// A connection to whichever database was chosen. Queries are written once,
/// against this type; the few that cannot be go through `per_backend!`.
#[derive(diesel::MultiConnection)]
pub enum Conn {
    Postgres(PgConnection),
    Sqlite(SqliteConnection),
}

/// The columns of `R`, for `select` and `returning` (`as_select` and
/// `as_returning` do not compile on [`Conn`]).
pub(super) fn columns<R: Selectable<MultiBackend>>() -> R::SelectExpression {
    R::construct_selection()
}

/// The same text, type-checked once for each database: the only door to
/// `ON CONFLICT` and to inserts of many rows, which do not compile on [`Conn`].
macro_rules! per_backend {
    ($conn:expr, |$inner:ident| $body:expr) => {
        match $conn {
            $crate::storage::conn::Conn::Postgres($inner) => $body,
            $crate::storage::conn::Conn::Sqlite($inner) => $body,
        }
    };
}
pub(super) use per_backend;

/// What a transaction may do, and what it sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    /// One unchanging state of the database; changes are refused.
    Read,
    /// `SQLite`: alone from the start, so that it never fails half-way because
    /// another wrote first. `PostgreSQL`: sees what others have committed.
    Write,
}

/// A pooled connection, with what the driver said about its transaction.
pub(super) struct Session {
    pub(super) conn: Conn,
    watch: Watch,
}

impl Session {
    fn new(mut conn: Conn) -> Self {
        let watch = Watch::default();
        conn.set_instrumentation(watch.clone());
        Self { conn, watch }
    }

    /// Begins a transaction. `patience` is what is left of the time that the
    /// caller may wait for `SQLite`'s write lock.
    pub(super) fn begin(&mut self, mode: Mode, patience: Duration) -> QueryResult<()> {
        match (&mut self.conn, mode) {
            (Conn::Sqlite(conn), Mode::Read) => AnsiTransactionManager::begin_transaction(conn),
            (Conn::Sqlite(conn), Mode::Write) => begin_immediate(conn, patience),
            (Conn::Postgres(conn), Mode::Read) => AnsiTransactionManager::begin_transaction_sql(
                conn,
                "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
            ),
            (Conn::Postgres(conn), Mode::Write) => AnsiTransactionManager::begin_transaction_sql(
                conn,
                "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE",
            ),
        }?;
        self.watch.forget();
        Ok(())
    }

    pub(super) fn commit(&mut self) -> QueryResult<()> {
        Conn::commit_transaction(&mut self.conn)
    }

    /// Rolls back. Where that fails the connection is broken: the pool drops
    /// it, and the database rolls back.
    pub(super) fn roll_back(&mut self) {
        if let Err(error) = Conn::rollback_transaction(&mut self.conn) {
            log::debug!("rollback: {error}");
        }
    }

    pub(super) fn is_broken(&mut self) -> bool {
        self.conn.is_broken()
    }

    /// Whether a statement of this transaction failed.
    pub(super) fn statement_failed(&self) -> bool {
        self.watch.saw(STATEMENT_FAILED)
    }

    /// Whether the transaction fell victim to another one, and may succeed if
    /// started over.
    pub(super) fn lost_to_another(&self) -> bool {
        self.watch.saw(LOST_TO_ANOTHER)
    }
}

/// `BEGIN IMMEDIATE`, waiting at most `patience` for another process.
fn begin_immediate(conn: &mut SqliteConnection, patience: Duration) -> QueryResult<()> {
    let shortened = patience + BUSY_SLACK < BUSY_TIMEOUT;
    if shortened {
        conn.batch_execute(&format!("PRAGMA busy_timeout = {}", patience.as_millis()))?;
    }
    let begun = AnsiTransactionManager::begin_transaction_sql(conn, "BEGIN IMMEDIATE");
    if shortened {
        conn.batch_execute(&format!(
            "PRAGMA busy_timeout = {}",
            BUSY_TIMEOUT.as_millis()
        ))?;
    }
    begun
}

const STATEMENT_FAILED: u8 = 1;
const LOST_TO_ANOTHER: u8 = 2;

/// Remembers failures of statements, whatever the caller makes of them.
#[derive(Clone, Default)]
struct Watch(Arc<AtomicU8>);

impl Watch {
    fn saw(&self, what: u8) -> bool {
        self.0.load(Ordering::Relaxed) & what != 0
    }

    fn forget(&self) {
        self.0.store(0, Ordering::Relaxed);
    }
}

impl Instrumentation for Watch {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        if let InstrumentationEvent::FinishQuery {
            error: Some(error), ..
        } = event
        {
            let lost = if passes_on_retry(error) {
                LOST_TO_ANOTHER
            } else {
                0
            };
            self.0.fetch_or(STATEMENT_FAILED | lost, Ordering::Relaxed);
        }
    }
}

/// Makes the connections of one pool.
pub(super) struct Manager {
    url: DatabaseUrl,
    mode: Mode,
}

impl Manager {
    pub(super) const fn new(url: DatabaseUrl, mode: Mode) -> Self {
        Self { url, mode }
    }
}

impl ManageConnection for Manager {
    type Connection = Session;
    type Error = StorageError;

    fn connect(&self) -> Result<Session, StorageError> {
        let mut conn = connect(&self.url)?;
        if matches!(conn, Conn::Sqlite(_)) {
            conn.batch_execute(match self.mode {
                Mode::Read => SQLITE_READER,
                Mode::Write => SQLITE_WRITER,
            })?;
        }
        Ok(Session::new(conn))
    }

    /// Every use begins a transaction, and that is the test.
    fn is_valid(&self, _: &mut Session) -> Result<(), StorageError> {
        Ok(())
    }

    fn has_broken(&self, session: &mut Session) -> bool {
        std::thread::panicking() || session.is_broken()
    }
}

/// A lone connection, set up but for what readers and writers differ in.
pub(super) fn connect(url: &DatabaseUrl) -> Result<Conn, StorageError> {
    match url {
        DatabaseUrl::Sqlite(path) => {
            let path = std::path::absolute(path).map_err(StorageError::failed)?;
            let path = path
                .to_str()
                .ok_or_else(|| StorageError::failed("the database's path is not UTF-8"))?;
            let mut conn = SqliteConnection::establish(path).map_err(refused)?;
            conn.batch_execute(SQLITE_SESSION)?;
            Ok(Conn::Sqlite(conn))
        }
        DatabaseUrl::Postgres(url) => {
            let url = with_postgres_defaults(url);
            // libpq quotes a URL that it cannot read.
            let mut conn = PgConnection::establish(&url).map_err(|error| match error {
                ConnectionError::BadConnection(message) if message.contains(&url) => {
                    StorageError::failed("DATABASE_URL is not a URL that libpq can read")
                }
                other => refused(other),
            })?;
            conn.batch_execute(POSTGRES_SESSION)?;
            Ok(Conn::Postgres(conn))
        }
    }
}

fn refused(error: ConnectionError) -> StorageError {
    match error {
        ConnectionError::BadConnection(message) => {
            StorageError::Unavailable(message.trim_end().to_owned())
        }
        ConnectionError::CouldntSetupConfiguration(error) => error.into(),
        other => StorageError::failed(other),
    }
}

/// Switches an `SQLite` file to write-ahead logging, which lasts. Done by a
/// lone connection: with others about, the switch could fail as locked.
pub(super) fn prepare_file(url: &DatabaseUrl) -> Result<(), StorageError> {
    let mut conn = connect(url)?;
    if let Conn::Sqlite(conn) = &mut conn {
        let mode: String = sql::<Text>("PRAGMA journal_mode = WAL").get_result(conn)?;
        if mode != "wal" {
            return Err(StorageError::failed(format!(
                "the file system refuses write-ahead logging (journal mode {mode})"
            )));
        }
    }
    Ok(())
}

/// A connection to an `SQLite` file outside of any pool, for what is done to the
/// file as a whole.
pub(super) struct Lone(SqliteConnection);

impl Lone {
    pub(super) fn connect(url: &DatabaseUrl) -> Result<Self, StorageError> {
        match connect(url)? {
            Conn::Sqlite(conn) => Ok(Self(conn)),
            Conn::Postgres(_) => Err(StorageError::failed("this is for SQLite files")),
        }
    }

    pub(super) fn batch(&mut self, statements: &str) -> Result<(), StorageError> {
        Ok(self.0.batch_execute(statements)?)
    }

    /// Looks at every page and reference.
    pub(super) fn check(&mut self) -> Result<(), StorageError> {
        let found: String = sql::<Text>("PRAGMA integrity_check(1)").get_result(&mut self.0)?;
        if found != "ok" {
            return Err(StorageError::corrupt("the file", found));
        }
        let broken: i64 = diesel::select(sql::<diesel::sql_types::BigInt>(
            "(SELECT count(*) FROM pragma_foreign_key_check)",
        ))
        .get_result(&mut self.0)?;
        match broken {
            0 => Ok(()),
            count => Err(StorageError::corrupt(
                "the file",
                format!("{count} references lead nowhere"),
            )),
        }
    }
}

//! A fresh, migrated database for one test, gone when the test is over.
//!
//! `SQLite`: a copy of a file that was migrated once. `PostgreSQL` (the server
//! of `TEST_DATABASE_URL`): a schema of its own.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

use diesel::connection::SimpleConnection;
use diesel::sql_types::Text;
use diesel::{Connection, PgConnection, QueryableByName, RunQueryDsl, SqliteConnection, sql_query};
use shirube::storage::{DatabaseUrl, Db, PoolSettings};
use tempfile::TempDir;

/// Where the `PostgreSQL` server for tests is; tests must not skip it when set.
pub const SERVER_VARIABLE: &str = "TEST_DATABASE_URL";

/// A fresh database. Open as many [`Db`]s on it as a test needs.
pub struct TestDatabase {
    url: DatabaseUrl,
    place: Place,
}

enum Place {
    Folder(#[allow(dead_code, reason = "lives as long as the test")] TempDir),
    Schema { server: String, name: String },
}

#[allow(dead_code, reason = "each test binary uses its own part")]
impl TestDatabase {
    /// A migrated `SQLite` file.
    pub fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("shirube.sqlite3");
        std::fs::write(&path, template()).unwrap();
        Self {
            url: DatabaseUrl::Sqlite(path),
            place: Place::Folder(folder),
        }
    }

    /// An `SQLite` file yet to be made.
    pub fn sqlite_without_tables() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self {
            url: DatabaseUrl::Sqlite(folder.path().join("shirube.sqlite3")),
            place: Place::Folder(folder),
        }
    }

    /// A migrated schema on the server of `TEST_DATABASE_URL`. The first one of a
    /// test binary is migrated as the service does it; the others are made by the
    /// same statements at once, on one connection for all of them.
    pub fn postgres() -> Self {
        static STATEMENTS: OnceLock<String> = OnceLock::new();
        let mut first = None;
        let statements = STATEMENTS.get_or_init(|| {
            let database = Self::postgres_without_tables();
            database.open().migrate().unwrap();
            let statements = statements_of(&database);
            first = Some(database);
            statements
        });
        first.unwrap_or_else(|| {
            let database = Self::postgres_without_tables();
            let Place::Schema { server, name } = &database.place else {
                unreachable!("it is on a server")
            };
            execute(
                server,
                &format!("BEGIN; SET LOCAL search_path = {name}; {statements}; COMMIT"),
            );
            database
        })
    }

    /// An empty schema on the server of `TEST_DATABASE_URL`.
    pub fn postgres_without_tables() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let server = postgres_server().expect("TEST_DATABASE_URL is not set");
        let name = format!(
            "test_{}_{}",
            std::process::id(),
            COUNT.fetch_add(1, Ordering::Relaxed)
        );
        execute(
            &server,
            &format!("DROP SCHEMA IF EXISTS {name} CASCADE; CREATE SCHEMA {name}"),
        );
        let separator = if server.contains('?') { '&' } else { '?' };
        Self {
            url: DatabaseUrl::Postgres(format!(
                "{server}{separator}options=-csearch_path%3D{name}"
            )),
            place: Place::Schema { server, name },
        }
    }

    /// `PostgreSQL` where `TEST_DATABASE_URL` is set, else `SQLite`.
    pub fn from_env() -> Self {
        match postgres_server() {
            Some(_) => Self::postgres(),
            None => Self::sqlite(),
        }
    }

    pub fn url(&self) -> &DatabaseUrl {
        &self.url
    }

    /// Opens it with the service's own settings.
    pub fn open(&self) -> Db {
        Db::open(&self.url, &PoolSettings::default_for(&self.url)).unwrap()
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        // Perhaps amid a failing test, which is not to fail twice.
        if let Place::Schema { server, name } = &self.place {
            let _ = try_execute(server, &format!("DROP SCHEMA {name} CASCADE"));
        }
    }
}

/// The `PostgreSQL` server for tests, if there is one.
#[expect(clippy::disallowed_methods, reason = "tests have no configuration")]
pub fn postgres_server() -> Option<String> {
    std::env::var(SERVER_VARIABLE)
        .ok()
        .filter(|url| !url.is_empty())
}

/// What makes the tables of a migrated schema, and its list of migrations.
fn statements_of(database: &TestDatabase) -> String {
    #[derive(QueryableByName)]
    struct Applied {
        #[diesel(sql_type = Text)]
        version: String,
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations/postgres");
    let mut folders: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    folders.sort();
    let mut statements: String = folders
        .iter()
        .map(|folder| std::fs::read_to_string(folder.join("up.sql")).unwrap() + ";\n")
        .collect();
    statements.push_str(
        "CREATE TABLE __diesel_schema_migrations (version VARCHAR(50) PRIMARY KEY NOT NULL, \
         run_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP)",
    );
    let DatabaseUrl::Postgres(url) = database.url() else {
        unreachable!("it is on a server")
    };
    let mut conn = PgConnection::establish(url).unwrap();
    let applied: Vec<Applied> = sql_query("SELECT version FROM __diesel_schema_migrations")
        .load(&mut conn)
        .unwrap();
    assert_eq!(applied.len(), folders.len());
    for Applied { version } in applied {
        write!(
            statements,
            ";INSERT INTO __diesel_schema_migrations (version) VALUES ('{version}')"
        )
        .unwrap();
    }
    statements
}

fn execute(server: &str, statements: &str) {
    try_execute(server, statements).unwrap_or_else(|error| panic!("{SERVER_VARIABLE}: {error}"));
}

/// Executes statements on the connection that makes and drops schemas. One that
/// failed is not used again.
fn try_execute(server: &str, statements: &str) -> Result<(), String> {
    static CONNECTION: Mutex<Option<PgConnection>> = Mutex::new(None);
    let mut kept = CONNECTION.lock().unwrap_or_else(PoisonError::into_inner);
    let mut conn = match kept.take() {
        Some(conn) => conn,
        None => PgConnection::establish(server).map_err(|error| error.to_string())?,
    };
    conn.batch_execute(statements)
        .map_err(|error| error.to_string())?;
    *kept = Some(conn);
    Ok(())
}

/// The bytes of a migrated file, made once per test binary.
fn template() -> &'static [u8] {
    static TEMPLATE: OnceLock<Vec<u8>> = OnceLock::new();
    TEMPLATE.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("migrated.sqlite3");
        let url = DatabaseUrl::Sqlite(path.clone());
        let db = Db::open(&url, &PoolSettings::default_for(&url)).unwrap();
        db.migrate().unwrap();
        drop(db);
        // Whole, whatever still stands in the write-ahead log.
        let whole = folder.path().join("whole.sqlite3");
        SqliteConnection::establish(path.to_str().unwrap())
            .unwrap()
            .batch_execute(&format!(
                "PRAGMA busy_timeout = 5000; VACUUM INTO '{}'",
                whole.display()
            ))
            .unwrap();
        std::fs::read(whole).unwrap()
    })
}

//! A fresh, migrated database for one test, gone when the test is over.
//!
//! `SQLite`: a copy of a file that was migrated once. `PostgreSQL` (the server
//! of `TEST_DATABASE_URL`): a schema of its own.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection, SqliteConnection};
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

    /// A migrated schema on the server of `TEST_DATABASE_URL`.
    pub fn postgres() -> Self {
        let database = Self::postgres_without_tables();
        database.open().migrate().unwrap();
        database
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
        if let Place::Schema { server, name } = &self.place
            && let Ok(mut conn) = PgConnection::establish(server)
        {
            let _ = conn.batch_execute(&format!("DROP SCHEMA {name} CASCADE"));
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

fn execute(server: &str, statements: &str) {
    PgConnection::establish(server)
        .unwrap_or_else(|error| panic!("{SERVER_VARIABLE}: {error}"))
        .batch_execute(statements)
        .unwrap();
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

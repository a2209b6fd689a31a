//! The databases under load: a file in a folder of its own, or a schema of its own.

use std::path::PathBuf;

use clap::ValueEnum;
use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use diesel::sql_types::Text;
use diesel::{PgConnection, SqliteConnection};
use tempfile::TempDir;

use super::Outcome;

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    Sqlite,
    Postgres,
}

impl Kind {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        }
    }
}

/// A database that is gone when this is dropped.
pub struct Database {
    pub kind: Kind,
    /// Holds whatever a run writes.
    pub folder: TempDir,
    /// The server's address and the schema on it.
    schema: Option<(String, String)>,
}

impl Database {
    /// An empty database; `server` is the address of a PostgreSQL server.
    pub fn create(kind: Kind, server: Option<&str>) -> Outcome<Self> {
        let folder = tempfile::Builder::new().prefix("shirube-load-").tempdir()?;
        let schema = match kind {
            Kind::Sqlite => None,
            Kind::Postgres => {
                let server = server.ok_or("--server is missing")?;
                let name = format!("load_{}", std::process::id());
                PgConnection::establish(server)?.batch_execute(&format!("CREATE SCHEMA {name}"))?;
                Some((server.to_owned(), name))
            }
        };
        Ok(Self {
            kind,
            folder,
            schema,
        })
    }

    pub fn data_folder(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// For `DATABASE_URL`.
    pub fn url(&self) -> String {
        match &self.schema {
            None => format!("sqlite:{}", self.file().display()),
            Some((server, schema)) => {
                let separator = if server.contains('?') { '&' } else { '?' };
                format!("{server}{separator}options=-csearch_path%3D{schema}")
            }
        }
    }

    fn file(&self) -> PathBuf {
        self.data_folder().join(shirube::config::DATABASE_FILE)
    }

    /// A connection with the durability of the service's own.
    pub fn connect(&self) -> Outcome<Conn> {
        Ok(match self.kind {
            Kind::Sqlite => {
                let path = self.file();
                let path = path.to_str().ok_or("the folder's path is not UTF-8")?;
                let mut conn = SqliteConnection::establish(path)?;
                conn.batch_execute(
                    "PRAGMA busy_timeout = 10000; PRAGMA synchronous = FULL;
                     PRAGMA cache_size = -16384; PRAGMA journal_size_limit = 8388608;",
                )?;
                Conn::Sqlite(conn)
            }
            Kind::Postgres => Conn::Postgres(PgConnection::establish(&self.url())?),
        })
    }

    /// Raises every revision, as reports do: what the service has made of a
    /// scorecard is out of date.
    pub fn age(conn: &mut Conn) -> Outcome<()> {
        conn.execute("UPDATE scorecards SET revision = revision + 1")
    }

    /// How the database makes things last, for the head of the table.
    pub fn durability(&self) -> Outcome<String> {
        let mut conn = self.connect()?;
        let mut text = self.kind.name().to_owned();
        let settings = match self.kind {
            Kind::Sqlite => [
                "sqlite_version()",
                "'synchronous FULL'",
                "'write-ahead log'",
            ],
            Kind::Postgres => [
                "current_setting('server_version')",
                "'fsync ' || current_setting('fsync')",
                "'synchronous_commit ' || current_setting('synchronous_commit')",
            ],
        };
        for setting in settings {
            text.push(' ');
            text.push_str(&conn.value(setting)?);
        }
        Ok(text)
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if let Some((server, schema)) = &self.schema
            && let Ok(mut conn) = PgConnection::establish(server)
        {
            // Perhaps the server is gone already, and the schema with it.
            let _ = conn.batch_execute(&format!("DROP SCHEMA {schema} CASCADE"));
        }
    }
}

/// A lone connection.
pub enum Conn {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

#[derive(QueryableByName)]
struct Value {
    #[diesel(sql_type = Text)]
    value: String,
}

impl Conn {
    pub fn execute(&mut self, statements: &str) -> Outcome<()> {
        match self {
            Self::Sqlite(conn) => conn.batch_execute(statements)?,
            Self::Postgres(conn) => conn.batch_execute(statements)?,
        }
        Ok(())
    }

    fn value(&mut self, expression: &str) -> Outcome<String> {
        let query = diesel::sql_query(format!("SELECT {expression} AS value"));
        let found: Value = match self {
            Self::Sqlite(conn) => query.get_result(conn)?,
            Self::Postgres(conn) => query.get_result(conn)?,
        };
        Ok(found.value)
    }
}

//! The tables' versions. Both databases have the same ones (tested).

use std::collections::BTreeSet;

use diesel::connection::{AnsiTransactionManager, SimpleConnection, TransactionManager};
use diesel::dsl::sql;
use diesel::migration::{Migration, MigrationSource};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool};
use diesel::sqlite::Sqlite;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::conn::{self, Conn};
use super::{DatabaseUrl, StorageError};

const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");

diesel::table! {
    __diesel_schema_migrations (version) {
        version -> Text,
    }
}

/// Applies what is pending, all or nothing, on a connection of its own:
/// without time limits, and on `SQLite` without enforced references, so that a
/// migration can rebuild a table; they are checked before the commit instead.
pub(super) fn run(url: &DatabaseUrl) -> Result<Vec<String>, StorageError> {
    let mut conn = conn::connect(url)?;
    match &mut conn {
        Conn::Sqlite(conn) => {
            conn.batch_execute("PRAGMA foreign_keys = OFF")?;
            AnsiTransactionManager::begin_transaction_sql(conn, "BEGIN IMMEDIATE")?;
        }
        Conn::Postgres(conn) => {
            conn.batch_execute("SET statement_timeout = 0; SET lock_timeout = 0")?;
            AnsiTransactionManager::begin_transaction(conn)?;
            // Several replicas start at once; one of them migrates the schema.
            conn.batch_execute(
                "SELECT pg_advisory_xact_lock(hashtextextended('shirube ' || current_schema(), 0))",
            )?;
        }
    }
    let applied = pending(&mut conn)?;
    match &mut conn {
        Conn::Sqlite(conn) => {
            conn.run_pending_migrations(SQLITE)
                .map_err(StorageError::Failed)?;
            check_references(conn)?;
        }
        Conn::Postgres(conn) => {
            conn.run_pending_migrations(POSTGRES)
                .map_err(StorageError::Failed)?;
        }
    }
    Conn::commit_transaction(&mut conn)?;
    Ok(applied)
}

/// The migrations of this program that the database lacks, in order. Refuses a
/// database that has had others.
pub(super) fn pending(conn: &mut Conn) -> Result<Vec<String>, StorageError> {
    let mut applied = applied(conn)?;
    let mut pending: Vec<String> = known()?
        .into_iter()
        .filter_map(|(version, name)| (!applied.remove(&version)).then_some(name))
        .collect();
    pending.sort();
    match applied.first() {
        None => Ok(pending),
        Some(unknown) => Err(StorageError::corrupt(
            "__diesel_schema_migrations",
            format!("migration {unknown} is of a newer version of shirube"),
        )),
    }
}

/// Version and full name of this program's migrations, the same for both databases.
fn known() -> Result<Vec<(String, String)>, StorageError> {
    let migrations: Vec<Box<dyn Migration<Sqlite>>> =
        SQLITE.migrations().map_err(StorageError::Failed)?;
    Ok(migrations
        .iter()
        .map(|migration| {
            let name = migration.name();
            (name.version().to_string(), name.to_string())
        })
        .collect())
}

fn applied(conn: &mut Conn) -> Result<BTreeSet<String>, StorageError> {
    let any: bool = match conn {
        Conn::Sqlite(conn) => sql::<Bool>(
            "SELECT count(*) FROM sqlite_master WHERE name = '__diesel_schema_migrations'",
        )
        .get_result(conn),
        Conn::Postgres(conn) => {
            sql::<Bool>("SELECT to_regclass('__diesel_schema_migrations') IS NOT NULL")
                .get_result(conn)
        }
    }?;
    if !any {
        return Ok(BTreeSet::new());
    }
    let versions: Vec<String> = __diesel_schema_migrations::table
        .select(__diesel_schema_migrations::version)
        .load(conn)?;
    Ok(versions.into_iter().collect())
}

fn check_references(conn: &mut SqliteConnection) -> Result<(), StorageError> {
    let dangling: i64 =
        sql::<BigInt>("SELECT count(*) FROM pragma_foreign_key_check").get_result(conn)?;
    match dangling {
        0 => Ok(()),
        _ => Err(StorageError::Reference),
    }
}

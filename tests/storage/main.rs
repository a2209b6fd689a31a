//! The storage on both databases: always on `SQLite`, and on `PostgreSQL` when
//! `TEST_DATABASE_URL` names a server (then an unreachable one is a failure).

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod accounts;
mod actuals;
#[path = "../support/database.rs"]
mod database;
mod fixtures;
mod known;
mod organisations;
mod outages;
mod requests;
mod schema;
mod scorecards;
mod sessions;
mod transactions;

use database::{TestDatabase, postgres_server};
use shirube::storage::Db;

/// Runs a check on a fresh database of each kind.
fn on_each_database(check: impl Fn(&TestDatabase, &Db)) {
    let sqlite = TestDatabase::sqlite();
    eprintln!("on SQLite");
    check(&sqlite, &sqlite.open());
    if postgres_server().is_some() {
        let postgres = TestDatabase::postgres();
        eprintln!("on PostgreSQL");
        check(&postgres, &postgres.open());
    }
}

//! The storage on both databases: always on `SQLite`, and on `PostgreSQL` when
//! `TEST_DATABASE_URL` names a server (then an unreachable one is a failure).

#[path = "../support/database.rs"]
mod database;
mod transactions;

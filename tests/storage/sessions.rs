//! How connections are set up. The test server's time zone is not UTC.

use diesel::dsl::sql;
use diesel::sql_types::Text;
use diesel::{QueryResult, RunQueryDsl};
use shirube::storage::{Conn, StorageError};

use crate::database::{TestDatabase, postgres_server};
use crate::fixtures::{read, write};

/// The one value of each query.
fn values(conn: &mut Conn, queries: &[String]) -> Result<Vec<String>, StorageError> {
    let values: QueryResult<Vec<String>> = queries
        .iter()
        .map(|query| sql::<Text>(query).get_result(conn))
        .collect();
    Ok(values?)
}

#[test]
fn on_sqlite_references_hold_and_commits_are_durable() {
    let database = TestDatabase::sqlite();
    let db = database.open();
    let queries = ["foreign_keys", "synchronous", "journal_mode", "query_only"]
        .map(|pragma| format!("SELECT CAST({pragma} AS TEXT) FROM pragma_{pragma}"));
    let full = "2";
    let reader = read(&db, |conn| values(conn, &queries));
    assert_eq!(reader, ["1", full, "wal", "1"]);
    let writer = write(&db, |conn| values(conn, &queries));
    assert_eq!(writer, ["1", full, "wal", "0"]);
    let timeout = ["SELECT CAST(timeout AS TEXT) FROM pragma_busy_timeout".to_owned()];
    assert_eq!(write(&db, |conn| values(conn, &timeout)), ["5000"]);
}

#[test]
fn on_postgres_nothing_waits_for_ever() {
    if postgres_server().is_none() {
        return;
    }
    let database = TestDatabase::postgres();
    let db = database.open();
    let queries = [
        "TimeZone",
        "statement_timeout",
        "lock_timeout",
        "idle_in_transaction_session_timeout",
        "application_name",
        "transaction_isolation",
        "transaction_read_only",
    ]
    .map(|setting| format!("SELECT current_setting('{setting}')"));
    let always = ["UTC", "8s", "5s", "10s", "shirube"];
    let reader = read(&db, |conn| values(conn, &queries));
    assert_eq!(reader[..5], always);
    assert_eq!(reader[5..], ["repeatable read", "on"]);
    let writer = write(&db, |conn| values(conn, &queries));
    assert_eq!(writer[..5], always);
    assert_eq!(writer[5..], ["read committed", "off"]);
}

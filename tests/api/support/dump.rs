//! Everything that a database holds, as text: to see that nothing changed.

use std::collections::BTreeMap;

use diesel::sql_types::Text;
use diesel::{
    Connection as _, PgConnection, QueryableByName, RunQueryDsl as _, SqliteConnection, sql_query,
};
use shirube::storage::DatabaseUrl;

/// The rows of every table, sorted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dump(BTreeMap<String, Vec<String>>);

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

impl Dump {
    pub fn of(url: &DatabaseUrl) -> Self {
        match url {
            DatabaseUrl::Sqlite(path) => {
                let mut conn = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
                let mut lines = |sql: &str| -> Vec<String> {
                    let rows: Vec<Line> = sql_query(sql).load(&mut conn).unwrap();
                    rows.into_iter().map(|row| row.line).collect()
                };
                let tables = lines(
                    "SELECT name AS line FROM sqlite_master WHERE type = 'table' ORDER BY name",
                );
                let dump = tables.into_iter().map(|table| {
                    let columns = lines(&format!(
                        "SELECT 'quote(' || name || ')' AS line FROM pragma_table_info('{table}')"
                    ));
                    let row = columns.join(" || ' | ' || ");
                    let rows = lines(&format!("SELECT {row} AS line FROM {table} ORDER BY 1"));
                    (table, rows)
                });
                Self(dump.collect())
            }
            DatabaseUrl::Postgres(url) => {
                let mut conn = PgConnection::establish(url).unwrap();
                let mut lines = |sql: &str| -> Vec<String> {
                    let rows: Vec<Line> = sql_query(sql).load(&mut conn).unwrap();
                    rows.into_iter().map(|row| row.line).collect()
                };
                let tables = lines(
                    "SELECT relname::text AS line FROM pg_class WHERE relkind = 'r' \
                     AND relnamespace = current_schema()::regnamespace ORDER BY 1",
                );
                let dump = tables.into_iter().map(|table| {
                    let rows = lines(&format!(
                        "SELECT t::text AS line FROM {table} AS t ORDER BY 1"
                    ));
                    (table, rows)
                });
                Self(dump.collect())
            }
        }
    }

    /// How many rows a table has.
    pub fn count(&self, table: &str) -> usize {
        self.0[table].len()
    }

    /// Whether any value anywhere holds this text.
    pub fn holds(&self, text: &str) -> bool {
        self.0.values().flatten().any(|row| row.contains(text))
    }
}

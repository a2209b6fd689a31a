//! The tables: the same on both databases, as `schema.rs` says, migrated there
//! and back, and with a history that nobody rewrites.

use std::collections::BTreeSet;

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection, QueryableByName, RunQueryDsl, SqliteConnection};
use diesel_migrations::{FileBasedMigrations, MigrationHarness};
use shirube::domain::ledger::Cell;
use shirube::domain::revision::RevisionState;
use shirube::storage::audit::{self, AuditEntry, AuditKind};
use shirube::storage::comments::{self, Comment};
use shirube::storage::months::{self, MonthChange, MonthState};
use shirube::storage::plans::{self, PlanVersion};
use shirube::storage::revisions::{self, Decision, Proposal};
use shirube::storage::{DatabaseUrl, Db, StorageError, actuals};

use crate::database::{TestDatabase, postgres_server};
use crate::fixtures::{amount, by_the_hub, change, instant, one_scorecard, write};
use crate::on_each_database;

const MIGRATIONS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/migrations");
const APPEND_ONLY: [&str; 12] = [
    "plan_versions",
    "revisions",
    "revision_decisions",
    "cell_changes",
    "month_changes",
    "audit",
    "scorecard_revisions",
    "scorecard_standings",
    "hub_names",
    "prefecture_names",
    "alert_versions",
    "comments",
];

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = diesel::sql_types::Text)]
    line: String,
}

fn sqlite(database: &TestDatabase) -> SqliteConnection {
    match database.url() {
        DatabaseUrl::Sqlite(path) => {
            let mut conn = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
            conn.batch_execute("PRAGMA busy_timeout = 5000; PRAGMA foreign_keys = ON")
                .unwrap();
            conn
        }
        DatabaseUrl::Postgres(_) => unreachable!(),
    }
}

fn postgres(database: &TestDatabase) -> PgConnection {
    match database.url() {
        DatabaseUrl::Sqlite(_) => unreachable!(),
        DatabaseUrl::Postgres(url) => PgConnection::establish(url).unwrap(),
    }
}

/// The column `line` of a query of the database's own kind.
fn lines(database: &TestDatabase, on_sqlite: &str, on_postgres: &str) -> BTreeSet<String> {
    let found: Vec<Line> = match database.url() {
        DatabaseUrl::Sqlite(_) => diesel::sql_query(on_sqlite)
            .load(&mut sqlite(database))
            .unwrap(),
        DatabaseUrl::Postgres(_) => diesel::sql_query(on_postgres)
            .load(&mut postgres(database))
            .unwrap(),
    };
    found.into_iter().map(|Line { line }| line).collect()
}

fn execute(database: &TestDatabase, statement: &str) -> diesel::QueryResult<()> {
    match database.url() {
        DatabaseUrl::Sqlite(_) => sqlite(database).batch_execute(statement),
        DatabaseUrl::Postgres(_) => postgres(database).batch_execute(statement),
    }
}

/// Everything that migrations have made, as the database itself writes it.
fn dump(database: &TestDatabase) -> BTreeSet<String> {
    lines(
        database,
        "SELECT type || ' ' || name || ': ' || coalesce(sql, '') AS line FROM sqlite_master
         WHERE tbl_name NOT LIKE '\\_\\_%' ESCAPE '\\'",
        "WITH ours AS (
             SELECT c.oid, c.relname, c.relkind FROM pg_class c
             WHERE c.relnamespace = current_schema()::regnamespace
               AND c.relname NOT LIKE '\\_\\_%')
         SELECT relname || '.' || attname || ' ' || format_type(atttypid, atttypmod)
                || ' ' || attnotnull || ' ' || attnum AS line
         FROM pg_attribute JOIN ours ON attrelid = ours.oid AND attnum > 0
         UNION ALL SELECT relname || ' ' || conname || ' ' || pg_get_constraintdef(k.oid)
         FROM pg_constraint k JOIN ours ON conrelid = ours.oid
         UNION ALL SELECT relname || ' ' || pg_get_indexdef(ours.oid) FROM ours WHERE relkind = 'i'
         UNION ALL SELECT relname || ' ' || pg_get_triggerdef(t.oid)
         FROM pg_trigger t JOIN ours ON tgrelid = ours.oid AND NOT tgisinternal
         UNION ALL SELECT pg_get_functiondef(oid) FROM pg_proc
         WHERE pronamespace = current_schema()::regnamespace",
    )
}

fn names_of_migrations(kind: &str) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(format!("{MIGRATIONS}/{kind}"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

fn without_tables(check: impl Fn(&TestDatabase, &Db)) {
    let file = TestDatabase::sqlite_without_tables();
    check(&file, &file.open());
    if postgres_server().is_some() {
        let schema = TestDatabase::postgres_without_tables();
        check(&schema, &schema.open());
    }
}

#[test]
fn both_databases_have_the_same_migrations_and_this_program_knows_them_all() {
    let names = names_of_migrations("sqlite");
    assert_eq!(names, names_of_migrations("postgres"));
    without_tables(|_, db| {
        assert_eq!(db.pending_migrations().unwrap(), names);
        assert_eq!(db.migrate().unwrap(), names);
        assert!(db.pending_migrations().unwrap().is_empty());
        assert!(db.migrate().unwrap().is_empty());
    });
}

#[test]
fn migrations_lead_there_and_back() {
    on_each_database(|database, db| {
        let before = dump(database);
        assert!(before.len() > 30);
        match database.url() {
            DatabaseUrl::Sqlite(_) => {
                let source = FileBasedMigrations::from_path(format!("{MIGRATIONS}/sqlite"));
                sqlite(database)
                    .revert_all_migrations(source.unwrap())
                    .unwrap();
            }
            DatabaseUrl::Postgres(_) => {
                let source = FileBasedMigrations::from_path(format!("{MIGRATIONS}/postgres"));
                postgres(database)
                    .revert_all_migrations(source.unwrap())
                    .unwrap();
            }
        }
        assert_eq!(dump(database), BTreeSet::new());
        db.migrate().unwrap();
        assert_eq!(dump(database), before);
    });
}

#[test]
fn replicas_that_start_together_migrate_once() {
    without_tables(|database, _| {
        let applied: usize = std::thread::scope(|threads| {
            let replicas: Vec<_> = (0..4)
                .map(|_| threads.spawn(|| database.open().migrate().unwrap().len()))
                .collect();
            replicas
                .into_iter()
                .map(|replica| replica.join().unwrap())
                .sum()
        });
        assert_eq!(applied, names_of_migrations("sqlite").len());
    });
}

#[test]
fn a_database_of_a_newer_program_is_left_alone() {
    on_each_database(|database, db| {
        execute(
            database,
            "INSERT INTO __diesel_schema_migrations (version) VALUES ('9999')",
        )
        .unwrap();
        for refused in [db.migrate(), db.pending_migrations()] {
            assert!(
                matches!(&refused, Err(StorageError::Corrupt { what, .. }) if what.contains("9999")),
                "{refused:?}"
            );
        }
    });
}

/// Columns, as `table.name type null?`, with the types of `schema.rs`; both of
/// `SQLite`'s types stand for several.
fn stored_columns(database: &TestDatabase) -> BTreeSet<String> {
    lines(
        database,
        r#"SELECT t.name || '.' || c.name || ' ' || c.type || iif(c."notnull", '', ' null') AS line
           FROM sqlite_master t, pragma_table_info(t.name) c
           WHERE t.type = 'table' AND t.name NOT LIKE '\_\_%' ESCAPE '\'"#,
        "SELECT table_name || '.' || column_name || ' ' || CASE data_type
             WHEN 'text' THEN 'Text' WHEN 'bigint' THEN 'BigInt' WHEN 'integer' THEN 'Integer'
             WHEN 'boolean' THEN 'Bool' WHEN 'date' THEN 'Date'
             WHEN 'timestamp without time zone' THEN 'Timestamp' ELSE data_type END
             || CASE is_nullable WHEN 'YES' THEN ' null' ELSE '' END AS line
         FROM information_schema.columns
         WHERE table_schema = current_schema() AND table_name NOT LIKE '\\_\\_%'",
    )
}

/// The same of `schema.rs`.
fn declared_columns() -> BTreeSet<String> {
    let mut columns = BTreeSet::new();
    let mut table = "";
    for line in include_str!("../../src/storage/schema.rs").lines() {
        let line = line.trim();
        if let Some((name, _)) = line.split_once(" (").filter(|_| line.ends_with(") {")) {
            table = name;
        } else if let Some((name, kind)) = line.split_once(" -> ").filter(|_| line.ends_with(',')) {
            let kind = kind.trim_end_matches(',');
            let column = match kind.strip_prefix("Nullable<") {
                Some(inner) => format!("{table}.{name} {} null", inner.trim_end_matches('>')),
                None => format!("{table}.{name} {kind}"),
            };
            columns.insert(column);
        }
    }
    columns
}

/// Primary keys, unique keys, other indexes and references.
fn keys(database: &TestDatabase) -> BTreeSet<String> {
    lines(
        database,
        r#"SELECT t.name || CASE l.origin WHEN 'pk' THEN ' primary' WHEN 'u' THEN ' unique'
                                          ELSE ' index' END
               || ' (' || (SELECT group_concat(i.name, ', ' ORDER BY i.seqno)
                           FROM pragma_index_info(l.name) i) || ')' AS line
           FROM sqlite_master t, pragma_index_list(t.name) l
           WHERE t.type = 'table' AND t.name NOT LIKE '\_\_%' ESCAPE '\'
           UNION ALL
           SELECT t.name || ' (' || f."from" || ') to ' || f."table" || ' (' || f."to" || ')'
           FROM sqlite_master t, pragma_foreign_key_list(t.name) f WHERE t.type = 'table'"#,
        "SELECT t.relname || CASE WHEN i.indisprimary THEN ' primary'
                                  WHEN i.indisunique THEN ' unique' ELSE ' index' END
             || ' (' || (SELECT string_agg(a.attname, ', ' ORDER BY k.n)
                         FROM unnest(i.indkey) WITH ORDINALITY k (attnum, n)
                         JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.attnum)
             || ')' AS line
         FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid
         WHERE t.relnamespace = current_schema()::regnamespace AND t.relname NOT LIKE '\\_\\_%'
         UNION ALL
         SELECT t.relname || ' (' || a.attname || ') to ' || f.relname || ' (' || b.attname || ')'
         FROM pg_constraint k JOIN pg_class t ON t.oid = k.conrelid
         JOIN pg_class f ON f.oid = k.confrelid
         JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.conkey[1]
         JOIN pg_attribute b ON b.attrelid = f.oid AND b.attnum = k.confkey[1]
         WHERE k.contype = 'f' AND t.relnamespace = current_schema()::regnamespace",
    )
}

#[test]
fn the_tables_are_as_declared_and_alike() {
    let file = TestDatabase::sqlite();
    let declared_on_sqlite: BTreeSet<String> = declared_columns()
        .iter()
        .map(|column| {
            let (name, kind) = column.split_once(' ').unwrap();
            let (kind, null) = kind.split_once(' ').unwrap_or((kind, ""));
            let kind = match kind {
                "BigInt" | "Integer" | "Bool" => "INTEGER",
                _ => "TEXT",
            };
            format!("{name} {kind} {null}").trim_end().to_owned()
        })
        .collect();
    assert_eq!(stored_columns(&file), declared_on_sqlite);
    assert!(keys(&file).len() > 40);
    if postgres_server().is_some() {
        let schema = TestDatabase::postgres();
        assert_eq!(stored_columns(&schema), declared_columns());
        assert_eq!(keys(&schema), keys(&file));
    }
}

/// Lists are sorted by bytes on both databases, whatever the server's language.
#[test]
fn text_of_keys_and_indexes_is_compared_by_bytes() {
    if postgres_server().is_none() {
        return;
    }
    let by_language = lines(
        &TestDatabase::postgres(),
        "",
        "SELECT DISTINCT t.relname || '.' || a.attname AS line
         FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid
         JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = ANY (i.indkey)
         WHERE t.relnamespace = current_schema()::regnamespace AND t.relname NOT LIKE '\\_\\_%'
           AND a.atttypid = 'text'::regtype
           AND a.attcollation <> (SELECT oid FROM pg_collation WHERE collname = 'C')",
    );
    assert_eq!(by_language, BTreeSet::new());
}

/// Some rows in every table of [`APPEND_ONLY`].
fn some_history(database: &TestDatabase, db: &Db) {
    let card = one_scorecard(db);
    let cell = change("refer", Cell::NotReported, amount(1));
    let version = PlanVersion {
        version: 1,
        effective: card.start,
        author_id: "u-1".to_owned(),
        author_name: "県 花子".to_owned(),
        reason: "開始".to_owned(),
        alert: None,
        changes: "[]".to_owned(),
        document: "{}".to_owned(),
        created_at: instant(),
    };
    let approval = MonthChange {
        revision: 2,
        month: card.start,
        at: instant(),
        by_id: "u-1".to_owned(),
        by_name: "県 花子".to_owned(),
        before: MonthState::Open,
        after: MonthState::Approved,
        note: None,
        reopened_until: None,
    };
    let entry = AuditEntry {
        id: "a-1".to_owned(),
        at: instant(),
        actor_id: "u-1".to_owned(),
        actor_name: "県 花子".to_owned(),
        action: "scorecard.create".to_owned(),
        subject_kind: "scorecard".to_owned(),
        subject_id: card.id.0.clone(),
        kind: AuditKind::Data,
        scorecard: Some(card.id.clone()),
        hub: None,
        prefecture: None,
        detail: "{}".to_owned(),
    };
    let comment = Comment {
        id: "c-1".to_owned(),
        revision: 3,
        item: Some("refer".to_owned()),
        month: Some(card.start),
        text: "台風".to_owned(),
        at: instant(),
        by_id: "u-1".to_owned(),
        by_name: "県 花子".to_owned(),
    };
    write(db, |conn| {
        plans::insert(conn, &card.id, &version)?;
        let proposal = Proposal {
            version: 2,
            effective: version.effective,
            base: 1,
            author_id: "u-1".to_owned(),
            author_name: "県庁".to_owned(),
            reason: "見直し".to_owned(),
            alert: None,
            changes: "[]".to_owned(),
            proposed_at: version.created_at,
        };
        revisions::propose(conn, &card.id, &proposal)?;
        let decision = Decision {
            state: RevisionState::Rejected,
            base: 1,
            by_id: "u-1".to_owned(),
            by_name: "県庁".to_owned(),
            note: None,
            at: version.created_at,
        };
        revisions::decide(conn, &card.id, 2, &decision)?;
        actuals::apply(conn, &card.id, 1, &[(card.start, &cell)], &by_the_hub())?;
        months::change(conn, &card.id, &approval)?;
        comments::insert(conn, &card.id, &comment)?;
        audit::insert(conn, &entry)
    });
    // Alerts are the application's to make; a row is enough here.
    execute(
        database,
        "INSERT INTO alert_versions (alert_id, sequence, at, scorecard_id, item, stage, state,
             severity, opened_month, facts, created_at, changed_at)
         VALUES ('a-1', 1, '2026-01-01 00:00:00', 's-1', 'refer', 'refer', 'open', 'high',
             '2026-01-01', '{}', '2026-01-01 00:00:00', '2026-01-01 00:00:00')",
    )
    .unwrap();
}

#[test]
fn history_is_only_ever_added_to() {
    on_each_database(|database, db| {
        some_history(database, db);
        for table in APPEND_ONLY {
            let mut attempts = vec![
                format!("UPDATE {table} SET {}", harmless_change(table)),
                format!("DELETE FROM {table}"),
            ];
            if matches!(database.url(), DatabaseUrl::Postgres(_)) {
                attempts.push(format!("TRUNCATE {table}"));
            }
            for attempt in attempts {
                let error = execute(database, &attempt).expect_err(&attempt).to_string();
                assert_eq!(error, format!("{table} is append-only"), "{attempt}");
            }
            let count = format!("SELECT CAST(count(*) AS TEXT) AS line FROM {table}");
            assert!(!lines(database, &count, &count).contains("0"), "{table}");
        }
    });
}

fn harmless_change(table: &str) -> &'static str {
    match table {
        "plan_versions" | "revisions" => "reason = reason",
        "audit" => "detail = detail",
        "scorecard_revisions" | "scorecard_standings" | "alert_versions" => "at = at",
        "hub_names" | "prefecture_names" => "name_ja = name_ja",
        _ => "by_name = by_name",
    }
}

#[test]
fn what_this_program_never_writes_is_refused() {
    const CELL: &str = "INSERT INTO cells (scorecard_id, item, month, reported_at, reported_by, \
                        state, value, numerator, denominator, reason) \
                        VALUES ('s-1', 'i', '2026-01-01', '2026-01-01 00:00:00', 'x', ";
    on_each_database(|database, db| {
        one_scorecard(db);
        execute(
            database,
            &format!("{CELL} 'reported', 1, NULL, NULL, NULL)"),
        )
        .unwrap();
        for cell in [
            "'not_reported', NULL, NULL, NULL, NULL)",
            "'reported', NULL, NULL, NULL, NULL)",
            "'reported', 1, 1, 1, NULL)",
            "'reported', NULL, 1, NULL, NULL)",
            "'reported', 1, NULL, NULL, 'why')",
            "'not_applicable', 1, NULL, NULL, 'why')",
            "'not_applicable', NULL, NULL, NULL, NULL)",
        ] {
            let statement = format!("{CELL} {cell}").replace("'i'", "'j'");
            execute(database, &statement).expect_err(cell);
        }
        for statement in [
            "UPDATE cells SET month = '2026-01-02'",
            "UPDATE cells SET value = 'many'",
            "UPDATE scorecards SET start_month = '2026-01-31'",
            "UPDATE scorecards SET reported_through = '2026-01-31'",
            "UPDATE scorecards SET market_type = 'booming'",
            "UPDATE scorecards SET revision = -1",
            "UPDATE prefectures SET market_type = 'booming'",
            "UPDATE hubs SET prefecture_code = '99' WHERE code = 'ehime'",
            "DELETE FROM prefectures",
        ] {
            execute(database, statement).expect_err(statement);
        }
    });
}

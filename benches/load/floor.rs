//! What the service is measured against: the least that the same machine can
//! do. A bare actix handler that returns as many bytes, and a bare
//! transaction that writes as many rows.

use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};

use actix_web::http::header;
use actix_web::web::{self, Bytes};
use actix_web::{App, HttpResponse, HttpServer};
use diesel::backend::Backend;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::serialize::ToSql;
use diesel::sql_types::{BigInt, HasSqlType, Text};

use super::Outcome;
use super::client::{Round, Span, round};
use super::database::{Conn, Database, Kind};
use super::process::Server;

/// Bytes that the handler has at hand.
const BYTES_MAX: usize = 4 * 1_024 * 1_024;
/// Bytes of a piece of a stream.
const PIECE_BYTES: usize = 128 * 1_024;
/// Rows of a statement.
pub const ROWS_PER_STATEMENT: usize = 30;

/// Serves bytes until it is killed.
pub fn serve(listen: SocketAddr, workers: Option<usize>) -> Outcome<()> {
    actix_web::rt::System::new().block_on(async move {
        let bytes = web::Data::new(Bytes::from(vec![b'x'; BYTES_MAX]));
        let server = HttpServer::new(move || {
            App::new()
                .app_data(bytes.clone())
                .route("/unchanged", web::get().to(unchanged))
                .route("/stream/{count}", web::get().to(stream))
                .service(
                    web::resource("/bytes/{count}")
                        .get(some_bytes)
                        .post(some_bytes),
                )
        })
        .tcp_nodelay(true)
        .disable_signals();
        let server = match workers {
            Some(workers) => server.workers(workers),
            None => server,
        };
        server.bind(listen)?.run().await?;
        Ok(())
    })
}

async fn unchanged() -> HttpResponse {
    HttpResponse::NotModified()
        .insert_header((header::ETAG, "\"1\""))
        .finish()
}

/// So many bytes in pieces, as the service streams its own.
async fn stream(count: web::Path<usize>, bytes: web::Data<Bytes>) -> HttpResponse {
    let (count, bytes) = (count.into_inner(), bytes.get_ref().clone());
    let pieces = (0..count.div_ceil(PIECE_BYTES)).map(move |index| {
        let length = PIECE_BYTES.min(count - index * PIECE_BYTES);
        Ok::<_, actix_web::Error>(bytes.slice(..length))
    });
    HttpResponse::Ok().streaming(futures_util::stream::iter(pieces))
}

async fn some_bytes(
    count: web::Path<usize>,
    bytes: web::Data<Bytes>,
    _body: Bytes,
) -> HttpResponse {
    let count = count.into_inner().min(bytes.len());
    HttpResponse::Ok()
        .content_type("application/json")
        .insert_header((header::ETAG, "\"1\""))
        .body(bytes.slice(..count))
}

/// Starts [`serve`] as a process of its own, as the service is one.
pub fn start(database: &Database, workers: Option<usize>) -> Outcome<Server> {
    let workers = workers.map(|count| count.to_string());
    let mut arguments = vec!["floor", "{address}"];
    arguments.extend(workers.as_deref());
    Server::start(
        &std::env::current_exe()?,
        &arguments,
        &[],
        &database.folder.path().join("floor.log"),
        "/bytes/1",
    )
}

/// The tables of the bare transactions: what a cell and its history need, and
/// neither checks nor references nor further indexes.
pub fn create_tables(database: &Database) -> Outcome<()> {
    let integer = match database.kind {
        Kind::Sqlite => "INTEGER",
        Kind::Postgres => "BIGINT",
    };
    let tail = match database.kind {
        Kind::Sqlite => "WITHOUT ROWID",
        Kind::Postgres => "",
    };
    database.connect()?.execute(&format!(
        "CREATE TABLE floor_cells (
            scorecard TEXT, month TEXT, item TEXT, value {integer}, reported_at TEXT, reported_by TEXT,
            PRIMARY KEY (scorecard, month, item)
         ) {tail};
         CREATE TABLE floor_changes (
            scorecard TEXT, revision {integer}, month TEXT, item TEXT, at TEXT, by_name TEXT,
            before_value {integer}, after_value {integer},
            PRIMARY KEY (scorecard, revision, month, item)
         ) {tail};"
    ))
}

/// What one bare transaction writes: so many times [`ROWS_PER_STATEMENT`]
/// cells, each with its history, spread over so many scorecards.
#[derive(Clone, Copy, Debug)]
pub struct Writing {
    pub scorecards: u64,
    pub statements: u64,
}

/// A round of bare transactions. `SQLite` has one writer at a time anyway:
/// there, all threads take turns on one connection.
pub fn transactions(
    database: &Database,
    threads: usize,
    span: Span,
    first: u64,
    writing: Writing,
) -> Outcome<Round> {
    let shared = match database.kind {
        Kind::Sqlite => Some(Mutex::new(database.connect()?)),
        Kind::Postgres => None,
    };
    round(
        threads,
        span,
        first,
        || match &shared {
            Some(shared) => Ok(Handle::Shared(shared)),
            None => database.connect().map(Handle::Own),
        },
        |handle, number| match handle {
            Handle::Shared(shared) => {
                let mut conn = shared.lock().unwrap_or_else(PoisonError::into_inner);
                transaction(&mut conn, number, writing)
            }
            Handle::Own(conn) => transaction(conn, number, writing),
        },
    )
}

enum Handle<'a> {
    Shared(&'a Mutex<Conn>),
    Own(Conn),
}

fn transaction(conn: &mut Conn, number: u64, writing: Writing) -> Outcome<()> {
    conn.execute(match conn {
        Conn::Sqlite(_) => "BEGIN IMMEDIATE",
        Conn::Postgres(_) => "BEGIN",
    })?;
    for statement in 0..writing.statements {
        let rows = Rows::of(number * writing.statements + statement, writing.scorecards)?;
        let (cells, changes) = (Cells(&rows), Changes(&rows));
        match conn {
            Conn::Sqlite(conn) => cells.execute(conn)? + changes.execute(conn)?,
            Conn::Postgres(conn) => cells.execute(conn)? + changes.execute(conn)?,
        };
    }
    conn.execute("COMMIT")
}

/// The figures of one scorecard in one month.
struct Rows {
    scorecard: String,
    month: &'static str,
    items: Vec<String>,
    revision: i64,
    before: i64,
    at: &'static str,
    by: &'static str,
}

impl Rows {
    fn of(number: u64, scorecards: u64) -> Outcome<Self> {
        let revision = i64::try_from(number)?;
        Ok(Self {
            scorecard: format!("01890a5d-ac96-774b-bcce-{:012}", number % scorecards),
            month: "2026-10-01",
            items: (0..ROWS_PER_STATEMENT)
                .map(|item| format!("consult-seminar-{item:02}"))
                .collect(),
            revision,
            before: revision - 1,
            at: "2026-11-10 09:30:00.123456",
            by: "担当者 (報告用の鍵)",
        })
    }
}

/// Writes the rows over what there was of these cells.
struct Cells<'a>(&'a Rows);

/// Adds the rows to the history.
struct Changes<'a>(&'a Rows);

// The text never changes, so diesel keeps the prepared statement.
impl QueryId for Cells<'_> {
    type QueryId = Cells<'static>;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl QueryId for Changes<'_> {
    type QueryId = Changes<'static>;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl<Conn> RunQueryDsl<Conn> for Cells<'_> {}
impl<Conn> RunQueryDsl<Conn> for Changes<'_> {}

impl<DB> QueryFragment<DB> for Cells<'_>
where
    DB: Backend + HasSqlType<Text> + HasSqlType<BigInt>,
    str: ToSql<Text, DB>,
    String: ToSql<Text, DB>,
    i64: ToSql<BigInt, DB>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        let rows = self.0;
        out.push_sql("INSERT INTO floor_cells VALUES ");
        for (index, item) in rows.items.iter().enumerate() {
            out.push_sql(if index == 0 { "(" } else { ", (" });
            out.push_bind_param::<Text, _>(&rows.scorecard)?;
            out.push_sql(", ");
            out.push_bind_param::<Text, _>(rows.month)?;
            out.push_sql(", ");
            out.push_bind_param::<Text, _>(item)?;
            out.push_sql(", ");
            out.push_bind_param::<BigInt, _>(&rows.revision)?;
            out.push_sql(", ");
            out.push_bind_param::<Text, _>(rows.at)?;
            out.push_sql(", ");
            out.push_bind_param::<Text, _>(rows.by)?;
            out.push_sql(")");
        }
        out.push_sql(
            " ON CONFLICT (scorecard, month, item) DO UPDATE SET value = excluded.value,
             reported_at = excluded.reported_at, reported_by = excluded.reported_by",
        );
        Ok(())
    }
}

impl<DB> QueryFragment<DB> for Changes<'_>
where
    DB: Backend + HasSqlType<Text> + HasSqlType<BigInt>,
    str: ToSql<Text, DB>,
    String: ToSql<Text, DB>,
    i64: ToSql<BigInt, DB>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        let rows = self.0;
        out.push_sql("INSERT INTO floor_changes VALUES ");
        for (index, item) in rows.items.iter().enumerate() {
            out.push_sql(if index == 0 { "(" } else { ", (" });
            out.push_bind_param::<Text, _>(&rows.scorecard)?;
            out.push_sql(", ");
            out.push_bind_param::<BigInt, _>(&rows.revision)?;
            out.push_sql(", ");
            out.push_bind_param::<Text, _>(rows.month)?;
            out.push_sql(", ");
            out.push_bind_param::<Text, _>(item)?;
            out.push_sql(", ");
            out.push_bind_param::<Text, _>(rows.at)?;
            out.push_sql(", ");
            out.push_bind_param::<Text, _>(rows.by)?;
            out.push_sql(", ");
            out.push_bind_param::<BigInt, _>(&rows.before)?;
            out.push_sql(", ");
            out.push_bind_param::<BigInt, _>(&rows.revision)?;
            out.push_sql(")");
        }
        Ok(())
    }
}

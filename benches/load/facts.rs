//! The flat table of a nation many times over: how fast it comes, what it costs
//! the service, and how much memory, beside the same bytes from a bare handler
//! and the same rows from a bare serializer.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::client::{Connection, Expected, request};
use super::data::{Data, text};
use super::database::Database;
use super::process::Server;
use super::{Outcome, median, number};

/// Rows of a page of JSON.
const PAGE_ROWS: usize = 10_000;
/// Pages at the beginning, in the middle and at the end that are compared.
const PAGES_COMPARED: usize = 10;
/// Times that a short pull is made.
const PULLS: usize = 20;
const FOUND: Expected = Expected {
    status: 200,
    text: "",
};

/// Copies every scorecard with its plans and cells until the table has so many
/// rows. As statements, since nobody could report as much in an evening.
pub fn enlarge(database: &Database, there_are: usize, wanted: usize) -> Outcome<()> {
    let mut conn = database.connect()?;
    let originals = "id NOT LIKE '%#%'";
    for copy in 1..wanted.div_ceil(there_are.max(1)) {
        let id = |column: &str| format!("{column} || '#{copy:04}'");
        conn.execute("BEGIN")?;
        conn.execute(&format!(
            "INSERT INTO scorecards (id, hub_code, key, name_ja, name_en, template, market_type,
                start_month, revision, reported_through, flag, score, created_at, created_by)
             SELECT {}, hub_code, {}, name_ja, name_en, template, market_type,
                start_month, revision, reported_through, flag, score, created_at, created_by
             FROM scorecards WHERE {originals}",
            id("id"),
            id("key"),
        ))?;
        for (table, columns) in [
            (
                "plan_versions",
                "version, effective_month, author_id, author_name, reason, alert_id, changes, document, created_at",
            ),
            ("scorecard_revisions", "revision, at"),
            (
                "cells",
                "item, month, state, value, numerator, denominator, reason, reported_at, reported_by",
            ),
        ] {
            conn.execute(&format!(
                "INSERT INTO {table} (scorecard_id, {columns})
                 SELECT {}, {columns} FROM {table} WHERE scorecard_{originals}",
                id("scorecard_id"),
            ))?;
        }
        conn.execute("COMMIT")?;
    }
    Ok(())
}

/// Rows of the table, as the service counts them.
pub fn count(data: &Data, service: &Server) -> Outcome<usize> {
    let ask = data.get("/v1/facts?format=csv&encoding=utf-8", &[]);
    Ok(stream(service.address, &ask)?.lines.saturating_sub(1))
}

/// Measures and prints; the service is to be a process that has done nothing yet.
pub fn print_table(data: &Data, service: &Server, bare: &Server) -> Outcome<()> {
    let idle = service.usage().memory().map_or(f64::NAN, |(_, peak)| peak);
    println!();
    println!(
        "{:<28}{:>10}{:>9}{:>11}{:>9}{:>10}{:>9}{:>12}{:>8}",
        "facts, all rows",
        "rows",
        "MB",
        "rows/s",
        "MB/s",
        "first ms",
        "cpu s",
        "floor MB/s",
        "ratio"
    );
    for (name, query) in [
        ("NDJSON", "format=ndjson"),
        ("CSV, UTF-8", "format=csv&encoding=utf-8"),
        ("CSV, CP932", "format=csv&encoding=cp932"),
    ] {
        let ask = data.get(&format!("/v1/facts?{query}"), &[]);
        let before = service.usage().processor();
        let all = stream(service.address, &ask)?;
        let after = service.usage().processor();
        let spent = after
            .zip(before)
            .map(|(after, before)| after.saturating_sub(before));
        let floor = request("GET", &format!("/stream/{}", all.bytes), &[], "");
        let floor = stream(bare.address, &floor)?;
        let heading = usize::from(query.starts_with("format=csv"));
        let rows = all.lines - heading;
        println!(
            "{name:<28}{rows:>10}{:>9.0}{:>11.0}{:>9.1}{:>10.1}{:>9.1}{:>12.0}{:>8.3}",
            number(all.bytes) / 1e6,
            number(rows) / all.elapsed.as_secs_f64(),
            all.megabytes_per_second(),
            all.first_byte.as_secs_f64() * 1e3,
            spent.map_or(f64::NAN, |spent| spent.as_secs_f64()),
            floor.megabytes_per_second(),
            all.megabytes_per_second() / floor.megabytes_per_second(),
        );
    }
    let streamed = service.usage().memory().map_or(f64::NAN, |(_, peak)| peak);
    println!(
        "memory: at most {idle:.0} MiB before, {streamed:.0} MiB while all rows were streamed"
    );
    print_serializers(data, service)?;
    print_pages(data, service)?;
    print_pulls(data, service)
}

/// An answer that was read and thrown away.
struct Streamed {
    bytes: usize,
    lines: usize,
    first_byte: Duration,
    elapsed: Duration,
}

impl Streamed {
    fn megabytes_per_second(&self) -> f64 {
        number(self.bytes) / 1e6 / self.elapsed.as_secs_f64()
    }
}

/// Reads an answer in chunks to its last one without keeping it.
fn stream(address: SocketAddr, ask: &[u8]) -> Outcome<Streamed> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(Duration::from_secs(60)))?;
    let began = Instant::now();
    stream.write_all(ask)?;
    let mut buffer = vec![0; 256 * 1_024];
    let mut head = Vec::new();
    let mut first_byte = None;
    let mut chunks = Chunks::default();
    while !chunks.has_ended {
        let count = stream.read(&mut buffer)?;
        if count == 0 {
            return Err("the answer broke off".into());
        }
        let received = buffer.get(..count).unwrap_or_default();
        if first_byte.is_some() {
            chunks.take(received)?;
            continue;
        }
        head.extend_from_slice(received);
        let Some(end) = head.windows(4).position(|bytes| bytes == b"\r\n\r\n") else {
            continue;
        };
        if !head.starts_with(b"HTTP/1.1 200") {
            return Err(String::from_utf8_lossy(&head).into_owned().into());
        }
        let body = head.split_off(end + 4);
        if !body.is_empty() {
            first_byte = Some(began.elapsed());
            chunks.take(&body)?;
        }
    }
    Ok(Streamed {
        bytes: chunks.bytes,
        lines: chunks.lines,
        first_byte: first_byte.unwrap_or_default(),
        elapsed: began.elapsed(),
    })
}

/// Chunked coding, read piece by piece.
#[derive(Default)]
struct Chunks {
    bytes: usize,
    lines: usize,
    /// Bytes of the present chunk that are still to come, with its line end.
    left: usize,
    size: String,
    has_ended: bool,
}

impl Chunks {
    fn take(&mut self, mut received: &[u8]) -> Outcome<()> {
        while let Some((first, rest)) = received.split_first() {
            if self.left == 0 {
                received = rest;
                match first {
                    b'\r' => {}
                    b'\n' => {
                        let size = usize::from_str_radix(&self.size, 16)?;
                        self.size.clear();
                        self.has_ended |= size == 0;
                        self.left = size + 2;
                    }
                    digit => self.size.push(char::from(*digit)),
                }
                continue;
            }
            let (taken, rest) = received.split_at(received.len().min(self.left));
            received = rest;
            self.left -= taken.len();
            // The line end of a chunk is none of its bytes.
            let ends = 2_usize.saturating_sub(self.left).min(taken.len());
            let of_body = taken.get(..taken.len() - ends).unwrap_or_default();
            self.bytes += of_body.len();
            self.lines += of_body.split(|byte| *byte == b'\n').count() - 1;
        }
        Ok(())
    }
}

/// A row with its types, as a program would hold it.
#[derive(Deserialize, Serialize)]
struct Row {
    scorecard: String,
    scorecard_key: String,
    prefecture: String,
    prefecture_name: String,
    hub: String,
    hub_name: String,
    market_type: String,
    template: Option<String>,
    item: String,
    item_name: String,
    item_name_en: String,
    perspective: String,
    stage: String,
    track: Option<String>,
    measure: String,
    unit: String,
    direction: String,
    high_hurdle: bool,
    month: String,
    fiscal_year: i32,
    fiscal_quarter: u32,
    programme_year: u32,
    programme_month: u32,
    cell_state: String,
    value: Option<f64>,
    numerator: Option<f64>,
    denominator: Option<f64>,
    actual: Option<f64>,
    plan: f64,
    target: Option<f64>,
    attainment: Option<f64>,
    shortfall: Option<f64>,
    status: String,
    flag: String,
    plan_version: u32,
}

/// The floor of writing: rows that are there already, by `serde_json` and csv alone.
fn print_serializers(data: &Data, service: &Server) -> Outcome<()> {
    #[derive(Deserialize)]
    struct Page {
        items: Vec<Row>,
    }
    let ask = data.get(&format!("/v1/facts?limit={PAGE_ROWS}"), &[]);
    let mut connection = Connection::open(service.address)?;
    let answer = connection.send(&ask)?.expect(FOUND)?;
    let rows = serde_json::from_slice::<Page>(answer.body)?.items;
    let time = |write: &dyn Fn() -> Outcome<()>| -> Outcome<f64> {
        let mut seconds = Vec::new();
        for _ in 0..PULLS {
            let began = Instant::now();
            write()?;
            seconds.push(began.elapsed().as_secs_f64());
        }
        Ok(number(rows.len()) / median(seconds))
    };
    let json = time(&|| {
        let mut bytes = Vec::new();
        for row in &rows {
            serde_json::to_writer(&mut bytes, row)?;
            bytes.push(b'\n');
        }
        std::hint::black_box(bytes);
        Ok(())
    })?;
    let csv = time(&|| {
        let mut writer = csv::Writer::from_writer(Vec::new());
        for row in &rows {
            writer.serialize(row)?;
        }
        std::hint::black_box(writer.into_inner()?);
        Ok(())
    })?;
    println!(
        "bare serializer, no database, no verdicts: {json:.0} rows/s of JSON, {csv:.0} rows/s of CSV"
    );
    Ok(())
}

/// Whether a page costs more the deeper it is.
fn print_pages(data: &Data, service: &Server) -> Outcome<()> {
    let mut connection = Connection::open(service.address)?;
    let (mut times, mut cursor, mut rows) = (Vec::new(), String::new(), 0);
    let began = Instant::now();
    loop {
        let path = match cursor.as_str() {
            "" => format!("/v1/facts?limit={PAGE_ROWS}"),
            cursor => format!("/v1/facts?limit={PAGE_ROWS}&cursor={cursor}"),
        };
        let asked = Instant::now();
        let answer = connection.send(&data.get(&path, &[]))?.expect(FOUND)?;
        times.push(asked.elapsed().as_secs_f64() * 1e3);
        rows += answer
            .body
            .windows(13)
            .filter(|bytes| *bytes == b"{\"scorecard\":")
            .count();
        // The members after the rows are at the end.
        let from = answer.body.len().saturating_sub(1_000);
        let end = String::from_utf8_lossy(answer.body.get(from..).unwrap_or_default()).into_owned();
        match end
            .rsplit_once("\"next_cursor\":\"")
            .and_then(|(_, rest)| rest.split_once('"'))
        {
            Some((next, _)) => next.clone_into(&mut cursor),
            None => break,
        }
    }
    let elapsed = began.elapsed().as_secs_f64();
    let pages = times.len();
    let around = |middle: usize| {
        let from = middle.saturating_sub(PAGES_COMPARED / 2);
        let some = times.iter().skip(from).take(PAGES_COMPARED);
        median(some.copied().collect())
    };
    println!(
        "JSON in {pages} pages of {PAGE_ROWS}: {:.0} rows/s; a page takes {:.0} ms at first, {:.0} ms in the middle, {:.0} ms at the end",
        number(rows) / elapsed,
        around(0),
        around(pages / 2),
        around(pages.saturating_sub(1 + PAGES_COMPARED / 2)),
    );
    Ok(())
}

/// A pull of what is new while nothing is, and after one report.
fn print_pulls(data: &Data, service: &Server) -> Outcome<()> {
    let mut connection = Connection::open(service.address)?;
    let mut turn = 0;
    let pull = |since: &str, connection: &mut Connection| -> Outcome<(f64, Value)> {
        let path = format!("/v1/facts?limit={PAGE_ROWS}&since={since}");
        let asked = Instant::now();
        let answer = connection.send(&data.get(&path, &[]))?.expect(FOUND)?;
        Ok((asked.elapsed().as_secs_f64() * 1e3, answer.json()?))
    };
    let first = connection
        .send(&data.get("/v1/facts?limit=1", &[]))?
        .expect(FOUND)?
        .json()?;
    let since = text(&first, "next_since")?;
    let (mut idle, mut busy, mut rows) = (Vec::new(), Vec::new(), 0);
    for _ in 0..PULLS {
        idle.push(pull(&since, &mut connection)?.0);
    }
    for _ in 0..PULLS {
        let mut report = Vec::new();
        data.write_report(1, turn, &mut report);
        turn += 1;
        connection.send(&report)?.expect(FOUND)?;
        let (time, page) = pull(&since, &mut connection)?;
        busy.push(time);
        rows = page
            .get("items")
            .and_then(Value::as_array)
            .map_or(0, Vec::len);
    }
    println!(
        "since: {:.1} ms while nothing is new, {:.1} ms after a report ({rows} rows)",
        median(idle),
        median(busy)
    );
    Ok(())
}

//! What is asked of the service, and what of the floor beside it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use super::client::{Connection, Expected, Round, Span, request, requests};
use super::data::{APPLIED, Data, REPORT_VALUES, UNCHANGED};
use super::database::{Conn, Database};
use super::floor::{self, Writing};
use super::outbox::Outbox;
use super::process::{Server, Usage};
use super::receiver::{Manner, Receiver};
use super::{Outcome, median, number};

/// Connections that write while others read.
const WRITERS: usize = 4;
/// More operations than a round can have.
pub const NUMBERS_OF_ROUND: u64 = 10_000_000;
/// Months beyond the last report, for which there are no summaries.
const BEYOND: i32 = 3;

pub struct Context<'a> {
    pub database: &'a Database,
    pub data: &'a Data,
    pub service: &'a Server,
    pub bare: &'a Server,
    pub rounds: usize,
    pub span: Span,
    /// Where the next round begins to count, so that no number comes twice.
    pub numbers: AtomicU64,
}

/// One kind of request.
#[derive(Clone)]
enum Load {
    /// A report of 30 values on one of so many scorecards, of which so many
    /// destinations are told.
    Report { among: usize, told: usize },
    /// The same report again.
    Repeated,
    /// The largest bulk.
    Bulk,
    /// A read of one of so many evaluated scorecards.
    Read {
        among: usize,
        /// What follows the scorecard's path.
        rest: &'static str,
        headers: Vec<(&'static str, String)>,
        /// Every revision rises before a scorecard comes round again.
        aged: bool,
        /// Meanwhile, others report.
        amid_reports: bool,
    },
    /// A read of this path.
    Path(String),
    /// A question what would be if, about one of so many scorecards.
    WhatIf { among: usize },
}

struct Scenario {
    name: &'static str,
    connections: usize,
    load: Load,
}

/// Every scenario, in the order of the table.
fn scenarios(context: &Context<'_>) -> Outcome<Vec<Scenario>> {
    let mut all = Scenarios::default();
    all.add_reads(context)?;
    all.add_overviews(context);
    all.add_facts();
    all.add_reports(context);
    Ok(all.0)
}

#[derive(Default)]
struct Scenarios(Vec<Scenario>);

impl Scenarios {
    fn add(&mut self, name: &'static str, connections: &[usize], load: &Load) {
        self.0
            .extend(connections.iter().map(|connections| Scenario {
                name,
                connections: *connections,
                load: load.clone(),
            }));
    }

    fn add_reads(&mut self, context: &Context<'_>) -> Outcome<()> {
        let data = context.data;
        let many = data.reported_count();
        let read = |among, aged, header: Option<(&'static str, String)>| Load::Read {
            among,
            rest: "",
            headers: header.into_iter().collect(),
            aged,
            amid_reports: false,
        };
        let tag = {
            let mut connection = Connection::open(context.service.address)?;
            let answer = connection.send(&data.read(1, 0, "", &[]))?;
            answer
                .header("etag")
                .ok_or("an answer without ETag")?
                .to_owned()
        };
        let gzip = || Some(("Accept-Encoding", "gzip".to_owned()));
        let known = read(1, false, Some(("If-None-Match", tag)));
        self.add("read, If-None-Match", &[1, 8], &known);
        self.add("read, known body", &[1, 8], &read(1, false, None));
        self.add("read, known body, gzip", &[1, 8], &read(1, false, gzip()));
        self.add("read, evaluated anew", &[1, 8], &read(many, true, None));
        let packed = read(many, true, gzip());
        self.add("read, evaluated anew, gzip", &[1, 8], &packed);
        for (name, rest) in [
            ("read with causes, anew", "?include=causes"),
            ("read with causes, outlook", "?include=causes,outlook"),
            ("outlook, anew", "/outlook"),
            ("peers, anew", "/peers"),
        ] {
            let anew = Load::Read {
                among: many,
                rest,
                headers: Vec::new(),
                aged: true,
                amid_reports: false,
            };
            self.add(name, &[1], &anew);
        }
        self.add("what if", &[1, 8], &Load::WhatIf { among: many });
        Ok(())
    }

    fn add_overviews(&mut self, context: &Context<'_>) {
        let (last, beyond) = (context.data.last, context.data.last.plus(BEYOND));
        for (name, connections, query) in [
            (
                "overview of a hub, month given",
                &[1, 8][..],
                format!("?hub=hub-01&month={last}"),
            ),
            ("overview of a hub, latest", &[1], "?hub=hub-01".to_owned()),
            (
                "overview of a hub, beyond",
                &[1],
                format!("?hub=hub-01&month={beyond}"),
            ),
            (
                "overview of all, month given",
                &[1, 8],
                format!("?month={last}"),
            ),
            ("overview of all, latest", &[1], String::new()),
            ("overview of all, beyond", &[1], format!("?month={beyond}")),
        ] {
            let path = Load::Path(format!("/v1/overview{query}"));
            self.add(name, connections, &path);
        }
    }

    /// A page from the cache of bodies, pages made anew, and everything streamed:
    /// what a second brings is the floor's bytes times the requests.
    fn add_facts(&mut self) {
        for (name, query) in [
            ("facts, page of 1,000, known", "?limit=1000"),
            ("facts, page of 1,000, CSV", "?limit=1000&format=csv"),
            (
                "facts, page of 10,000, NDJSON",
                "?limit=10000&format=ndjson",
            ),
            ("facts, all, NDJSON", "?format=ndjson"),
            ("facts, all, CSV", "?format=csv"),
            ("facts, all, CP932", "?format=csv&encoding=cp932"),
        ] {
            let path = Load::Path(format!("/v1/facts{query}"));
            self.add(name, &[1], &path);
        }
    }

    fn add_reports(&mut self, context: &Context<'_>) {
        let many = context.data.reported_count();
        let report = |among, told| Load::Report { among, told };
        self.add("report of 30, same scorecard", &[1, 8], &report(1, 0));
        self.add("report of 30, many scorecards", &[1, 8], &report(many, 0));
        self.add("report of 30, 1 subscription", &[1], &report(many, 1));
        self.add("report of 30, 10 subscriptions", &[1], &report(many, 10));
        self.add("report of 30, unchanged", &[1, 8], &Load::Repeated);
        self.add("bulk of 10,000", &[1], &Load::Bulk);
        let amid = Load::Read {
            among: many,
            rest: "",
            headers: Vec::new(),
            aged: false,
            amid_reports: true,
        };
        self.add("read amid 4 who report", &[16], &amid);
    }
}

/// A round with the processor time that its server used.
struct Measured {
    round: Round,
    processor: Option<Duration>,
}

impl Measured {
    fn of(usage: &Usage, work: impl FnOnce() -> Outcome<Round>) -> Outcome<Self> {
        let before = usage.processor();
        let round = work()?;
        let processor = usage
            .processor()
            .zip(before)
            .map(|(after, before)| after.saturating_sub(before));
        Ok(Self { round, processor })
    }
}

/// Runs every scenario, service and floor in turn, and prints a line of each.
pub fn print_table(context: &Context<'_>, only: Option<&str>) -> Outcome<()> {
    println!();
    println!(
        "| scenario | database | connections | requests/s | p50 ms | p99 ms | cpu ms | floor | floor/s | floor cpu ms | ratio |"
    );
    println!("|---|---|--:|--:|--:|--:|--:|---|--:|--:|--:|");
    for scenario in scenarios(context)? {
        if only.is_none_or(|text| scenario.name.contains(text)) {
            print_line(context, &scenario)?;
        }
    }
    Ok(())
}

fn print_line(context: &Context<'_>, scenario: &Scenario) -> Outcome<()> {
    let floor = floor_of(context, &scenario.load)?;
    let mut service = Vec::new();
    let mut bare = Vec::new();
    for _ in 0..context.rounds {
        let first = context
            .numbers
            .fetch_add(NUMBERS_OF_ROUND, Ordering::Relaxed);
        service.push(run_told(context, scenario, first)?);
        bare.push(run_floor(context, scenario, &floor, first)?);
    }
    let of = |rounds: &[Measured], figure: fn(&Round) -> f64| {
        median(
            rounds
                .iter()
                .map(|measured| figure(&measured.round))
                .collect(),
        )
    };
    let ratios = service
        .iter()
        .zip(&bare)
        .map(|(service, bare)| service.round.per_second() / bare.round.per_second())
        .collect();
    println!(
        "| {} | {} | {} | {} | {:.2} | {:.2} | {} | {} | {} | {} | {:.3} |",
        scenario.name,
        context.database.kind.name(),
        scenario.connections,
        rate(of(&service, Round::per_second)),
        of(&service, |round| round.percentile(50)),
        of(&service, |round| round.percentile(99)),
        processor(&service),
        floor.name(),
        rate(of(&bare, Round::per_second)),
        processor(&bare),
        median(ratios),
    );
    Ok(())
}

pub fn rate(per_second: f64) -> String {
    if per_second < 10.0 {
        format!("{per_second:.2}")
    } else {
        format!("{per_second:.0}")
    }
}

/// Median milliseconds of processor time for each operation.
fn processor(rounds: &[Measured]) -> String {
    let each: Option<Vec<f64>> = rounds
        .iter()
        .map(|measured| {
            let all = measured.processor?.as_secs_f64() * 1_000.0;
            Some(all / number(measured.round.all()))
        })
        .collect();
    each.map_or_else(|| "-".to_owned(), |each| format!("{:.3}", median(each)))
}

/// What the same machine does at least.
enum Floor {
    /// A request that is answered with so many bytes.
    Bytes(Vec<u8>, Expected, usize),
    Rows(Writing),
}

impl Floor {
    fn name(&self) -> String {
        match self {
            Self::Bytes(_, Expected { status: 304, .. }, _) => "304".to_owned(),
            Self::Bytes(_, _, count) => format!("{count} bytes"),
            Self::Rows(writing) => {
                let rows = usize::try_from(writing.statements).unwrap_or_default() * REPORT_VALUES;
                format!("2 x {rows} rows")
            }
        }
    }
}

fn floor_of(context: &Context<'_>, load: &Load) -> Outcome<Floor> {
    let rows = |scorecards: usize, statements: usize| -> Outcome<Floor> {
        Ok(Floor::Rows(Writing {
            scorecards: u64::try_from(scorecards)?,
            statements: u64::try_from(statements)?,
        }))
    };
    match load {
        Load::Report { among, .. } => rows(*among, 1),
        Load::Bulk => {
            let statements = context.data.largest_bulk_statements();
            rows(context.data.count(), statements)
        }
        Load::Repeated | Load::Read { .. } | Load::Path(_) | Load::WhatIf { .. } => {
            let mut buffer = Vec::new();
            write(context.data, load, 0, &mut buffer);
            let mut connection = Connection::open(context.service.address)?;
            let answer = connection.send(&buffer)?;
            let (status, count) = (answer.status, answer.body.len());
            let expected = Expected { status, text: "" };
            let bare = match (status, load) {
                (304, _) => request("GET", "/unchanged", &[], ""),
                (_, Load::Repeated | Load::WhatIf { .. }) => {
                    let head_end = buffer
                        .windows(4)
                        .position(|w| w == b"\r\n\r\n")
                        .unwrap_or(0);
                    let body = String::from_utf8_lossy(buffer.get(head_end + 4..).unwrap_or(&[]))
                        .into_owned();
                    request("POST", &format!("/bytes/{count}"), &[], &body)
                }
                _ => request("GET", &format!("/bytes/{count}"), &[], ""),
            };
            Ok(Floor::Bytes(bare, expected, count))
        }
    }
}

/// The request of a number.
fn write(data: &Data, load: &Load, number: u64, buffer: &mut Vec<u8>) {
    match load {
        Load::Report { among, .. } => data.write_report(*among, number, buffer),
        Load::Repeated => data.write_report(1, 0, buffer),
        Load::Bulk => data.write_largest_bulk(number, buffer),
        Load::Read {
            among,
            rest,
            headers,
            ..
        } => {
            let headers: Vec<(&str, &str)> = headers
                .iter()
                .map(|(name, value)| (*name, value.as_str()))
                .collect();
            buffer.extend(data.read(*among, number, rest, &headers));
        }
        Load::Path(path) => buffer.extend(data.get(path, &[])),
        Load::WhatIf { among } => data.write_what_if(*among, number, buffer),
    }
}

const OK: Expected = Expected {
    status: 200,
    text: "",
};

/// A round with the destinations that its load has. The processor time is that
/// of sending, too.
fn run_told(context: &Context<'_>, scenario: &Scenario, first: u64) -> Outcome<Measured> {
    let run = || run_service(context, scenario, first);
    let Load::Report { told, .. } = scenario.load else {
        return Measured::of(&context.service.usage(), run);
    };
    let receivers: Vec<Receiver> = (0..told)
        .map(|_| Receiver::start(Manner::Answers))
        .collect::<Outcome<_>>()?;
    let connection = Connection::open(context.service.address)?;
    let mut outbox = Outbox::new(context.data, connection);
    let ids = outbox.subscribe(&receivers, None)?;
    let measured = Measured::of(&context.service.usage(), || {
        let round = run()?;
        outbox.drain()?;
        Ok(round)
    })?;
    outbox.unsubscribe(&ids)?;
    Ok(measured)
}

fn run_service(context: &Context<'_>, scenario: &Scenario, first: u64) -> Outcome<Round> {
    let (data, address) = (context.data, context.service.address);
    let load = &scenario.load;
    let expected = match load {
        Load::Report { among, .. } => {
            // Whatever stands there, the round's first reports change it.
            let mut connection = Connection::open(address)?;
            let among = u64::try_from(*among)?;
            for number in first - among * 2..first {
                let mut buffer = Vec::new();
                write(data, load, number, &mut buffer);
                connection.send(&buffer)?.expect(OK)?;
            }
            APPLIED
        }
        Load::Repeated => {
            let mut buffer = Vec::new();
            write(data, load, 0, &mut buffer);
            Connection::open(address)?.send(&buffer)?.expect(OK)?;
            UNCHANGED
        }
        Load::Bulk => APPLIED,
        Load::Read { headers, .. } if headers.iter().any(|(name, _)| *name == "If-None-Match") => {
            Expected {
                status: 304,
                text: "",
            }
        }
        Load::Read { .. } | Load::Path(_) | Load::WhatIf { .. } => OK,
    };
    let requests_of = |connections, load: &Load, expected| {
        requests(
            address,
            connections,
            context.span,
            first,
            expected,
            |number, buffer| {
                write(data, load, number, buffer);
            },
        )
    };
    match load {
        Load::Read {
            among, aged: true, ..
        } => {
            let database = context.database;
            let aging: Mutex<Conn> = Mutex::new(database.connect()?);
            let among = u64::try_from(*among)?;
            requests(
                address,
                scenario.connections,
                context.span,
                first,
                expected,
                |number, buffer| {
                    if number % among == 0 {
                        let mut conn = aging.lock().unwrap_or_else(PoisonError::into_inner);
                        // Should it fail, the figures show it.
                        let _ = Database::age(&mut conn);
                    }
                    write(data, load, number, buffer);
                },
            )
        }
        Load::Read {
            among,
            amid_reports: true,
            ..
        } => {
            let reports = Load::Report {
                among: *among,
                told: 0,
            };
            amid(
                || requests_of(WRITERS, &reports, OK),
                || requests_of(scenario.connections, load, expected),
            )
        }
        _ => requests_of(scenario.connections, load, expected),
    }
}

fn run_floor(
    context: &Context<'_>,
    scenario: &Scenario,
    floor: &Floor,
    first: u64,
) -> Outcome<Measured> {
    let transactions = |threads, writing| {
        floor::transactions(context.database, threads, context.span, first, writing)
    };
    match floor {
        Floor::Rows(writing) => Measured::of(&Usage::own(), || {
            transactions(scenario.connections, *writing)
        }),
        Floor::Bytes(request, expected, _) => {
            let bytes = || {
                let address = context.bare.address;
                let write = |_, buffer: &mut Vec<u8>| buffer.extend_from_slice(request);
                requests(
                    address,
                    scenario.connections,
                    context.span,
                    first,
                    *expected,
                    write,
                )
            };
            Measured::of(&context.bare.usage(), || match &scenario.load {
                Load::Read {
                    among,
                    amid_reports: true,
                    ..
                } => {
                    let writing = Writing {
                        scorecards: u64::try_from(*among)?,
                        statements: 1,
                    };
                    amid(|| transactions(WRITERS, writing), bytes)
                }
                _ => bytes(),
            })
        }
    }
}

/// What comes of `main` while `other` goes on.
fn amid(
    other: impl FnOnce() -> Outcome<Round> + Send,
    main: impl FnOnce() -> Outcome<Round>,
) -> Outcome<Round> {
    thread::scope(|scope| {
        let other = scope.spawn(other);
        let round = main();
        other
            .join()
            .unwrap_or_else(|_| Err("a thread panicked".into()))?;
        round
    })
}

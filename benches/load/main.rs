//! The service under load, beside the floor: how many requests it answers, how
//! long they take and how its notices get out, against the least that the same
//! machine can do in the same run. Prints figures and ratios; judges nothing. `tests/load/run`
//! prepares the databases and starts it.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a table on standard output is what it is for"
)]

mod client;
mod data;
mod database;
mod facts;
mod floor;
mod notices;
mod outbox;
mod process;
mod receiver;
mod scenarios;

use std::error::Error;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use clap::{Parser, Subcommand};

use client::Span;
use data::{Data, Size};
use database::{Database, Kind};
use process::{Server, Usage};

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// Of the service under load.
const JWT_SECRET: &str = "0123456789abcdef0123456789abcdef";
const SERVICE: &str = env!("CARGO_BIN_EXE_shirube");
const SERVICE_LOG: &str = "service.log";
/// How often start-up is measured.
const STARTS: usize = 5;

/// Loads the service and the floor in turn; prints figures and ratios.
#[derive(Debug, Parser)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    /// Databases to run on; nothing is run without any.
    #[arg(long = "database", value_enum)]
    databases: Vec<Kind>,
    /// URL of the PostgreSQL server; the run keeps to a schema of its own.
    #[arg(long)]
    server: Option<String>,
    /// Rounds of each scenario; figures are medians over them.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Seconds of a round, once for the service and once for the floor.
    #[arg(long, default_value_t = 2.0)]
    seconds: f64,
    /// Hubs, each with a scorecard of every template.
    #[arg(long, default_value_t = 47, value_parser = clap::value_parser!(u8).range(1..=47))]
    hubs: u8,
    /// Reported months of every scorecard.
    #[arg(long, default_value_t = 36, value_parser = clap::value_parser!(u8).range(2..=120))]
    months: u8,
    /// Deliveries in a queue; a tenth as many notices are timed.
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u16).range(10..))]
    deliveries: u16,
    /// Only scenarios with this text in their name.
    #[arg(long)]
    only: Option<String>,
    /// Instead of all else: the flat table with so many rows.
    #[arg(long)]
    facts: Option<usize>,
    /// Worker threads of the service and of the floor; one a core where absent.
    #[arg(long)]
    workers: Option<usize>,
    /// What `cargo bench` says to every bench.
    #[arg(long, hide = true)]
    bench: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// The bare handler, as a process of its own.
    #[command(hide = true)]
    Floor {
        listen: SocketAddr,
        workers: Option<usize>,
    },
}

fn main() -> Outcome<()> {
    let cli = Cli::parse();
    if let Some(Command::Floor { listen, workers }) = cli.command {
        return floor::serve(listen, workers);
    }
    if cli.databases.is_empty() {
        println!("load: nothing to do; tests/load/run prepares the databases and runs it on them");
    }
    for kind in &cli.databases {
        let database = Database::create(*kind, cli.server.as_deref())?;
        run(&cli, &database).inspect_err(|_| {
            let log = std::fs::read_to_string(database.folder.path().join(SERVICE_LOG));
            eprintln!("{}", log.unwrap_or_default());
        })?;
    }
    Ok(())
}

fn run(cli: &Cli, database: &Database) -> Outcome<()> {
    std::fs::create_dir_all(database.data_folder())?;
    let size = Size {
        hubs: usize::from(cli.hubs),
        months: i32::from(cli.months),
    };
    let service = start(database, cli.workers)?;
    let data = Data::seed(database, Path::new(SERVICE), service.address, size)?;
    if let Some(rows) = cli.facts {
        facts::enlarge(database, facts::count(&data, &service)?, rows)?;
        drop(service);
        let service = start(database, cli.workers)?;
        let bare = floor::start(database, cli.workers)?;
        println!();
        println!(
            "{}; load average {}",
            database.durability()?,
            load_average()
        );
        return facts::print_table(&data, &service, &bare);
    }
    floor::create_tables(database)?;
    // From here on a process that has not done the seeding's work.
    drop(service);
    let starts = (0..STARTS)
        .map(|_| Ok(start(database, cli.workers)?.started_within.as_secs_f64() * 1_000.0))
        .collect::<Outcome<Vec<f64>>>()?;
    let service = start(database, cli.workers)?;
    let bare = floor::start(database, cli.workers)?;
    println!();
    println!(
        "{}; {} scorecards x {} months; {} rounds of {} s; load average {}",
        database.durability()?,
        data.count(),
        cli.months,
        cli.rounds,
        cli.seconds,
        load_average(),
    );
    let idle = (service.usage().memory(), bare.usage().memory());
    let context = scenarios::Context {
        database,
        data: &data,
        service: &service,
        bare: &bare,
        rounds: cli.rounds.max(1),
        numbers: AtomicU64::new(scenarios::NUMBERS_OF_ROUND),
        span: Span {
            warm_up: Duration::from_secs_f64(cli.seconds / 4.0),
            measured: Duration::from_secs_f64(cli.seconds),
        },
    };
    scenarios::print_table(&context, cli.only.as_deref())?;
    notices::print_tables(&context, usize::from(cli.deliveries), cli.only.as_deref())?;
    println!();
    println!(
        "first answer {:.0} ms after the start of the process",
        median(starts)
    );
    print_memory("service", idle.0, &service.usage());
    print_memory("bare handler", idle.1, &bare.usage());
    let bytes = std::fs::metadata(SERVICE)?.len();
    println!(
        "binary {:.1} MB; load average {}",
        number(usize::try_from(bytes)?) / 1e6,
        load_average()
    );
    Ok(())
}

fn start(database: &Database, workers: Option<usize>) -> Outcome<Server> {
    let (url, folder) = (database.url(), database.data_folder());
    let folder = folder.to_str().ok_or("the folder's path is not UTF-8")?;
    let workers = workers.map(|count| count.to_string()).unwrap_or_default();
    let variables = [
        ("DATABASE_URL", url.as_str()),
        ("SHIRUBE_DATA_DIR", folder),
        ("SHIRUBE_JWT_SECRET", JWT_SECRET),
        ("SHIRUBE_LISTEN", "{address}"),
        ("SHIRUBE_RATE_REQUESTS", "0"),
        ("SHIRUBE_RATE_SIGN_IN", "0"),
        ("SHIRUBE_OUTBOUND_ALLOW", "127.0.0.0/8"),
        ("SHIRUBE_WORKERS", &workers),
    ];
    let log = database.folder.path().join(SERVICE_LOG);
    Server::start(Path::new(SERVICE), &["serve"], &variables, &log, "/readyz")
}

fn print_memory(who: &str, idle: Option<(f64, f64)>, usage: &Usage) {
    if let (Some((idle, _)), Some((loaded, peak))) = (idle, usage.memory()) {
        println!(
            "{who}: {idle:.0} MiB idle, {loaded:.0} MiB after the load, {peak:.0} MiB at most"
        );
    }
}

fn load_average() -> String {
    std::fs::read_to_string("/proc/loadavg")
        .ok()
        .and_then(|text| text.split_whitespace().next().map(str::to_owned))
        .unwrap_or_else(|| "unknown".to_owned())
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

fn number(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::INFINITY, f64::from)
}

//! The command line. Results go to standard output, words for people to
//! standard error.

mod admin;
mod backup;
mod demo;
mod openapi;
mod outbox;
mod remote;
mod serve;
mod stop_signal;

use std::fs::{File, TryLockError};
use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::config::{Config, DATABASE_FILE};
use crate::storage::{DatabaseUrl, Db, PoolSettings};

/// shirube (標): balanced-scorecard KPI tracking for regional professional-talent hubs.
#[derive(Debug, Parser)]
#[command(version, propagate_version = true)]
pub struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve (the default): SQLite under ./data unless DATABASE_URL says otherwise.
    Serve,
    /// Serve an invented nation of hubs from a file of its own, for looking around.
    Demo,
    /// Bring the database's tables up to this program's version.
    Migrate,
    /// Print the OpenAPI document.
    Openapi,
    /// Copy the embedded database to a new file, while it is in use.
    Backup {
        /// The file to make.
        file: PathBuf,
    },
    /// Put a backup in the place of the embedded database; its outbox starts paused.
    Restore {
        /// The backup.
        file: PathBuf,
        /// Put it in the place of a database that exists; the old file is kept.
        #[arg(long)]
        replace: bool,
    },
    /// See whether notices are sent; pause or resume sending.
    #[command(subcommand)]
    Outbox(OutboxCommand),
    /// Manage accounts from the machine itself.
    #[command(subcommand)]
    Admin(AdminCommand),
    #[command(flatten)]
    Remote(remote::RemoteCommand),
}

#[derive(Debug, Subcommand)]
enum OutboxCommand {
    /// Whether notices are sent, and how many wait.
    Status,
    /// Stop sending; what happens meanwhile waits.
    Pause {
        /// Why, for those who find it paused.
        #[arg(long)]
        reason: String,
    },
    /// Send again, beginning with what waits.
    Resume,
}

#[derive(Debug, Subcommand)]
enum AdminCommand {
    /// Open an account, for example the first one.
    Create(CreateAccount),
}

/// The account to be opened.
#[derive(Debug, Args)]
pub struct CreateAccount {
    /// E-mail address to sign in with.
    #[arg(long)]
    email: String,
    /// national, prefecture, hub, viewer or operator.
    #[arg(long)]
    role: String,
    /// prefecture:06 or hub:CODE; nothing for the nation.
    #[arg(long)]
    scope: Option<String>,
    /// The person's name; the address where absent.
    #[arg(long)]
    name: Option<String>,
    /// Read the password from standard input.
    #[arg(long, required = true)]
    password_stdin: bool,
}

/// What a command ends with when it fails: words for a person.
pub type CommandResult = Result<(), String>;

/// Runs the command line.
#[must_use]
pub fn run(cli: Cli) -> ExitCode {
    let outcome = match cli.command.unwrap_or(Command::Serve) {
        Command::Remote(command) => return remote::run(&command),
        Command::Openapi => openapi::print(),
        Command::Serve => configured().and_then(|config| serve::serve(&config)),
        Command::Demo => configured().and_then(|config| demo::demo(&config)),
        Command::Migrate => configured().and_then(|config| migrate(&config)),
        Command::Backup { file } => configured().and_then(|config| backup::backup(&config, &file)),
        Command::Restore { file, replace } => {
            configured().and_then(|config| backup::restore(&config, &file, replace))
        }
        Command::Outbox(command) => {
            configured().and_then(|config| outbox::outbox(&config, &command))
        }
        Command::Admin(AdminCommand::Create(account)) => {
            configured().and_then(|config| admin::create(&config, &account))
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            tell(&format!("shirube: {message}"));
            ExitCode::FAILURE
        }
    }
}

/// A line for a person. A closed standard error is no reason to fail.
pub(crate) fn tell(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// A line for a program.
pub(crate) fn answer(line: &str) -> CommandResult {
    writeln!(std::io::stdout(), "{line}").map_err(|error| format!("standard output: {error}"))
}

pub(crate) fn configured() -> Result<Config, String> {
    Config::from_environment().map_err(|problems| {
        let list: Vec<String> = problems
            .iter()
            .map(|problem| format!("  - {problem}"))
            .collect();
        format!("the configuration has problems:\n{}", list.join("\n"))
    })
}

fn migrate(config: &Config) -> CommandResult {
    let db = open_database(config)?;
    let applied = db
        .migrate()
        .map_err(|error| format!("migrating: {error}"))?;
    if applied.is_empty() {
        tell("The database is up to date.");
    }
    for version in applied {
        answer(&version)?;
    }
    Ok(())
}

/// Opens the configured database; an embedded one's folder is made where absent.
pub(crate) fn open_database(config: &Config) -> Result<Db, String> {
    let url = database_url(config)?;
    Db::open(&url, &PoolSettings::default_for(&url))
        .map_err(|error| format!("opening the database: {error}"))
}

/// Which database is configured.
pub(crate) fn database_url(config: &Config) -> Result<DatabaseUrl, String> {
    match &config.database_url {
        Some(url) => url
            .0
            .parse()
            .map_err(|error| format!("DATABASE_URL: {error}")),
        None => Ok(DatabaseUrl::Sqlite(data_file(config, DATABASE_FILE)?)),
    }
}

/// Keeps other servers away from an embedded database for as long as the
/// returned file is open: one process sends its notices. `None` for a server
/// that many can use.
pub(crate) fn lock_database(config: &Config) -> Result<Option<File>, String> {
    let DatabaseUrl::Sqlite(path) = database_url(config)? else {
        return Ok(None);
    };
    let mut name = path.clone().into_os_string();
    name.push(".lock");
    let shown = path.display();
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&name)
        .map_err(|error| format!("{shown}.lock: {error}"))?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Err(format!(
            "another shirube serves {shown}; an embedded database has one server, \
             PostgreSQL can have many"
        )),
        Err(TryLockError::Error(error)) => Err(format!("{shown}.lock: {error}")),
    }
}

/// A file in the data folder, which is made where absent.
pub(crate) fn data_file(config: &Config, name: &str) -> Result<PathBuf, String> {
    std::fs::create_dir_all(&config.data_dir)
        .map_err(|error| format!("{}: {error}", config.data_dir.display()))?;
    Ok(config.data_dir.join(name))
}

//! The command line. Results go to standard output, words for people to
//! standard error.

mod admin;
mod demo;
mod openapi;
mod serve;

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
    /// Manage accounts from the machine itself.
    #[command(subcommand)]
    Admin(AdminCommand),
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
        Command::Openapi => openapi::print(),
        Command::Serve => configured().and_then(|config| serve::serve(&config)),
        Command::Demo => configured().and_then(|config| demo::demo(&config)),
        Command::Migrate => configured().and_then(|config| migrate(&config)),
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

fn configured() -> Result<Config, String> {
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
    let url = match &config.database_url {
        Some(url) => url
            .0
            .parse::<DatabaseUrl>()
            .map_err(|error| format!("DATABASE_URL: {error}"))?,
        None => DatabaseUrl::Sqlite(data_file(config, DATABASE_FILE)?),
    };
    Db::open(&url, &PoolSettings::default_for(&url))
        .map_err(|error| format!("opening the database: {error}"))
}

/// A file in the data folder, which is made where absent.
pub(crate) fn data_file(config: &Config, name: &str) -> Result<PathBuf, String> {
    std::fs::create_dir_all(&config.data_dir)
        .map_err(|error| format!("{}: {error}", config.data_dir.display()))?;
    Ok(config.data_dir.join(name))
}

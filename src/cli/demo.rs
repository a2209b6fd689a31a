//! `shirube demo`: serves a realistic, invented nation of hubs from a database
//! file of its own, made anew at every start.
//!
//! Who acts is in `cast`, what happens in `stories`; `figures` and `timeline`
//! turn a story into reports and decisions (pure, from a seed), `seed` plays
//! them through the service's own operations, and `tour` tells a visitor where
//! to go.

mod cast;
mod dice;
mod figures;
mod seed;
mod stories;
#[cfg(test)]
mod tests;
mod timeline;
mod tour;

use std::fs::{File, TryLockError};
use std::io::{ErrorKind, IsTerminal as _, Write as _};
use std::path::Path;

use super::{CommandResult, answer, data_file, serve, tell};
use crate::app::secrets::new_signing_secret;
use crate::clock::Clock;
use crate::config::{Config, Secret};
use crate::storage::{DatabaseUrl, Db, PoolSettings};
use timeline::Calendar;

/// The demo's own file in the data folder.
const DEMO_FILE: &str = "demo.sqlite3";
/// Locked by the demo that is running.
const LOCK_FILE: &str = "demo.lock";
/// What `SQLite` keeps beside a database file.
const COMPANIONS: [&str; 3] = ["-wal", "-shm", "-journal"];

pub(super) fn demo(config: &Config) -> CommandResult {
    if config.database_url.is_some() {
        return Err(format!(
            "the demo keeps its data in {DEMO_FILE} in the data folder and touches no other \
             database; unset DATABASE_URL to run it"
        ));
    }
    let _alone = lock(config)?;
    let db = fresh_database(config)?;
    let calendar = Calendar::of(Clock::system().now(), config.due_day);
    let config = Config {
        // The demo's accounts are of this start only, and so are its sessions.
        jwt_secret: Some(Secret(new_signing_secret())),
        ..config.clone()
    };
    let seeded = seed::seed(&db, &serve::office(&config)?, &calendar, show_progress)?;
    serve::run(&config, db, |address| {
        // Listening everywhere is not an address to connect to.
        let address = address.replacen("//0.0.0.0:", "//127.0.0.1:", 1);
        tell(&tour::for_people(&address, &seeded));
        answer(&tour::for_programs(&address, &seeded)?)
    })
}

/// Keeps other demos, which would replace this one's file, out of the data
/// folder for as long as the returned file is open.
fn lock(config: &Config) -> Result<File, String> {
    let path = data_file(config, LOCK_FILE)?;
    let shown = path.display();
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .map_err(|error| format!("{shown}: {error}"))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(format!(
            "another demo runs in {}; stop it, or set SHIRUBE_DATA_DIR to another folder",
            config.data_dir.display()
        )),
        Err(TryLockError::Error(error)) => Err(format!("{shown}: {error}")),
    }
}

/// An empty, migrated database in the place of an older demo's.
fn fresh_database(config: &Config) -> Result<Db, String> {
    let path = data_file(config, DEMO_FILE)?;
    remove(&path)?;
    for companion in COMPANIONS {
        remove(&data_file(config, &format!("{DEMO_FILE}{companion}"))?)?;
    }
    let url = DatabaseUrl::Sqlite(path);
    let db = Db::open(&url, &PoolSettings::default_for(&url))
        .map_err(|error| format!("opening the database: {error}"))?;
    db.migrate()
        .map_err(|error| format!("migrating: {error}"))?;
    Ok(db)
}

fn remove(path: &Path) -> CommandResult {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(format!("{}: {error}", path.display()))
        }
        _ => Ok(()),
    }
}

/// Tells a person who watches that something happens.
fn show_progress(number: usize) {
    let mut stderr = std::io::stderr();
    if stderr.is_terminal() {
        let total = stories::STORIES.len();
        let _ = write!(
            stderr,
            "\rMaking the demo's data: scorecard {number} of {total}"
        );
        let _ = stderr.flush();
    }
}

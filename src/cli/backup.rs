//! `shirube backup` and `shirube restore`, for the embedded database. A restored
//! copy starts with its outbox paused: what was told once is not told again.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::{CommandResult, database_url, lock_database, open_database, tell};
use crate::app::deliveries;
use crate::clock::Clock;
use crate::config::Config;
use crate::storage::{DatabaseUrl, Db, PoolSettings, StorageError};

/// What `SQLite` keeps beside a database file.
const COMPANIONS: [&str; 2] = ["-wal", "-shm"];

/// Copies the database as it is now into a new file, while it is in use.
pub(super) fn backup(config: &Config, file: &Path) -> CommandResult {
    embedded(
        config,
        "pg_dump --format=custom --file=FILE \"$DATABASE_URL\"",
    )?;
    if file.exists() {
        return Err(format!("{} exists already", file.display()));
    }
    let db = open_database(config)?;
    db.copy_to(file)
        .map_err(|error| format!("{}: {error}", file.display()))?;
    tell(&format!("The database was copied to {}.", file.display()));
    Ok(())
}

/// Puts a backup in the place of the database. What was there is kept beside it.
pub(super) fn restore(config: &Config, file: &Path, replace: bool) -> CommandResult {
    let target = embedded(
        config,
        "pg_restore --clean --if-exists --dbname=\"$DATABASE_URL\" FILE",
    )?;
    let _alone = lock_database(config)?;
    if target.exists() && !replace {
        return Err(format!(
            "{} exists; --replace puts the backup in its place and keeps the old file",
            target.display()
        ));
    }
    let arriving = beside(&target, ".restoring");
    remove(&arriving)?;
    std::fs::copy(file, &arriving).map_err(|error| format!("{}: {error}", file.display()))?;
    let checked = check_and_pause(&arriving);
    for companion in COMPANIONS {
        remove(&beside(&arriving, companion))?;
    }
    if let Err(problem) = checked {
        remove(&arriving)?;
        return Err(format!("{}: {problem}", file.display()));
    }
    if target.exists() {
        let now = Clock::system().now().format("%Y%m%dT%H%M%SZ");
        for companion in ["", "-wal", "-shm"] {
            let old = beside(&target, companion);
            if old.exists() {
                rename(&old, &beside(&target, &format!(".{now}.old{companion}")))?;
            }
        }
    }
    rename(&arriving, &target)?;
    tell(&format!(
        "{} is restored. Its outbox is paused: `shirube outbox resume` starts sending.",
        target.display()
    ));
    Ok(())
}

/// The file of the embedded database; `otherwise` is how a server's is done.
fn embedded(config: &Config, otherwise: &str) -> Result<PathBuf, String> {
    match database_url(config)? {
        DatabaseUrl::Sqlite(path) => Ok(path),
        DatabaseUrl::Postgres(_) => Err(format!(
            "this is for the embedded database; with PostgreSQL use: {otherwise}"
        )),
    }
}

fn check_and_pause(file: &Path) -> Result<(), String> {
    let url = DatabaseUrl::Sqlite(file.to_owned());
    let described = |error: &StorageError| format!("is no sound backup: {error}");
    let db = Db::open(&url, &PoolSettings::default_for(&url)).map_err(|e| described(&e))?;
    db.check().map_err(|error| described(&error))?;
    db.migrate().map_err(|error| described(&error))?;
    db.write(|conn| deliveries::pause_restored(conn, Clock::system().now()))
        .map_err(|error| format!("cannot be paused: {error}"))?;
    db.settle().map_err(|error| described(&error))
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.to_owned().into_os_string();
    name.push(suffix);
    name.into()
}

fn rename(from: &Path, to: &Path) -> CommandResult {
    std::fs::rename(from, to).map_err(|error| format!("{}: {error}", from.display()))
}

fn remove(path: &Path) -> CommandResult {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(format!("{}: {error}", path.display()))
        }
        _ => Ok(()),
    }
}

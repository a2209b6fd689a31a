//! `shirube serve`.

use std::io::Write as _;
use std::net::SocketAddr;
use std::time::Duration;

use super::stop_signal::StopSignal;
use super::{CommandResult, data_file, database_url, lock_database, open_database, tell};
use crate::app::housekeeping::forget_expired;
use crate::app::plans::PlanCache;
use crate::app::secrets::{new_id, new_signing_secret};
use crate::app::{AppError, deliveries, notices};
use crate::app::{Office, Sealer};
use crate::clock::Clock;
use crate::config::{Config, JWT_SECRET_BYTES_MIN};
use crate::domain::scorecard::Settings;
use crate::domain::template::Templates;
use crate::http::oidc::ExternalIssuer;
use crate::http::openapi::Document;
use crate::http::server;
use crate::http::state::State;
use crate::http::tokens::TokenKeys;
use crate::notify::Timeouts;
use crate::notify::address::AddressPolicy;
use crate::notify::client::HttpClient;
use crate::notify::mail::Mailer;
use crate::notify::preset::Presets;
use crate::notify::retry::Schedule;
use crate::notify::worker::{self, Worker};
use crate::storage::Db;

/// Time between two rounds of housekeeping.
const HOUSEKEEPING_INTERVAL: Duration = Duration::from_secs(3_600);
/// File of the signing secret that a first start makes.
const SECRET_FILE: &str = "jwt-secret";
/// File of the name that a first start gives this installation.
const INSTANCE_FILE: &str = "instance-id";

pub(super) fn serve(config: &Config) -> CommandResult {
    let _alone = lock_database(config)?;
    let db = open_database(config)?;
    db.migrate()
        .map_err(|error| format!("migrating: {error}"))?;
    run(config, db, |address| {
        tell(&format!(
            "shirube listens on {address} (documentation: {address}/docs)"
        ));
        Ok(())
    })
}

/// Serves a migrated database until the process is told to stop; `ready` is
/// called with the address once requests are answered.
pub(super) fn run(
    config: &Config,
    db: Db,
    ready: impl FnOnce(&str) -> CommandResult,
) -> CommandResult {
    let state = state(config, db, token_keys(config)?)?;
    let document = Document::new().map_err(|error| error.to_string())?;
    actix_web::rt::System::new().block_on(async move {
        let (server, address) = server::bind(
            state.clone(),
            document,
            config.http.listen,
            config.http.workers,
        )
        .map_err(|error| format!("{}: {error}", config.http.listen))?;
        let (stop, stopping) = tokio::sync::watch::channel(false);
        let notices = worker::start(worker_of(config, &state)?, stopping)
            .map_err(|error| format!("the worker of notices: {error}"))?;
        let stop_signal = StopSignal::listen().map_err(|error| format!("signals: {error}"))?;
        ready(&format!("http://{address}"))?;
        let handle = server.handle();
        let running = actix_web::rt::spawn(server);
        let housekeeping = actix_web::rt::spawn(housekeeping(state.clone()));
        stop_signal
            .heard()
            .await
            .map_err(|error| format!("signals: {error}"))?;
        tell("Stopping: finishing requests in flight.");
        state.stop();
        housekeeping.abort();
        // A stopped worker gives back what it has leased and not sent.
        stop.send_replace(true);
        handle.stop(true).await;
        let finished = actix_web::web::block(move || notices.join()).await;
        if !matches!(finished, Ok(Ok(()))) {
            log::error!("the worker of notices did not end well");
        }
        match running.await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => return Err(format!("the server failed: {error}")),
            Err(error) => return Err(format!("the server failed: {error}")),
        }
        // Connections may still be open: without this, whoever copies only the
        // file of a stopped server would lose its last changes.
        state
            .db
            .checkpoint()
            .map_err(|error| format!("the database's log: {error}"))
    })
}

/// Serves for as long as some work takes that is given the address.
pub(super) fn serve_alone<T>(
    state: &State,
    listen: SocketAddr,
    work: impl AsyncFnOnce(String) -> T,
) -> Result<T, String> {
    let document = Document::new().map_err(|error| error.to_string())?;
    let done = actix_web::rt::System::new().block_on(async {
        let (server, address) = server::bind(state.clone(), document, listen, Some(1))
            .map_err(|error| format!("{listen}: {error}"))?;
        let handle = server.handle();
        let running = actix_web::rt::spawn(server);
        let done = work(format!("http://{address}")).await;
        handle.stop(true).await;
        match running.await {
            Ok(Ok(())) => Ok(done),
            Ok(Err(error)) => Err(format!("the server failed: {error}")),
            Err(error) => Err(format!("the server failed: {error}")),
        }
    });
    // As at the end of a server: whoever copies the file has all of it.
    let settled = state.db.checkpoint();
    settled.map_err(|error| format!("the database's log: {error}"))?;
    done
}

/// What the requests to a migrated database share.
pub(super) fn state(config: &Config, db: Db, tokens: TokenKeys) -> Result<State, String> {
    let templates = Templates::embedded().map_err(|error| error.to_string())?;
    let settings = Settings {
        due_day: config.due_day,
        ..Settings::default()
    };
    let state = State::new(
        db,
        Clock::system(),
        office(config)?,
        templates,
        settings,
        tokens,
        &config.http,
    );
    Ok(state.with_addresses(AddressPolicy::new(config.notify.allow.clone())))
}

/// What sends notices, with a database that has been recognised: a restored copy
/// waits to be told.
fn worker_of(config: &Config, state: &State) -> Result<Worker, String> {
    let now = state.clock.now();
    let identity = instance_identity(config)?;
    let is_embedded = database_url(config)?.is_embedded();
    let is_copy = state
        .db
        .write(|conn| {
            notices::call_up(conn, now)?;
            if is_embedded {
                // No other process sends from this file.
                deliveries::release(conn, None)?;
            }
            deliveries::recognise(conn, &identity, now)
        })
        .map_err(|error: AppError| format!("the outbox: {error}"))?;
    if is_copy {
        tell(
            "This database is a copy of another one: its outbox is paused. \
             `shirube outbox resume` starts sending.",
        );
    }
    let mail = config.notify.mail.as_ref();
    Ok(Worker {
        db: state.db.clone(),
        office: state.office.clone(),
        clock: state.clock.clone(),
        waker: state.waker.clone(),
        http: HttpClient::new(
            AddressPolicy::new(config.notify.allow.clone()),
            Timeouts::HTTP,
            state.clock.clone(),
        ),
        mailer: mail.map(|mail| Mailer::new(mail, Timeouts::MAIL, state.clock.clone())),
        mail_domain: mail.map_or_else(
            || "shirube.invalid".to_owned(),
            |mail| mail.from.email.domain().to_owned(),
        ),
        presets: Presets::default(),
        schedule: Schedule::new(config.notify.schedule.clone()),
        owner: new_id(),
        lease: worker::LEASE,
    })
}

/// What this installation calls itself: a name made at its first start, kept in
/// the data folder and not in the database.
fn instance_identity(config: &Config) -> Result<String, String> {
    let path = data_file(config, INSTANCE_FILE)?;
    let shown = path.display().to_string();
    match std::fs::read_to_string(&path) {
        Ok(identity) => Ok(identity.trim().to_owned()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let identity = new_id();
            std::fs::write(&path, &identity).map_err(|error| format!("{shown}: {error}"))?;
            Ok(identity)
        }
        Err(error) => Err(format!("{shown}: {error}")),
    }
}

/// Forgets what has expired, now and every hour.
async fn housekeeping(state: State) {
    let mut hours = tokio::time::interval(HOUSEKEEPING_INTERVAL);
    loop {
        hours.tick().await;
        let state = state.clone();
        let forgotten = actix_web::web::block(move || forget_expired(&state.db, state.clock.now()));
        match forgotten.await {
            Ok(Ok(rows)) => log::debug!("housekeeping forgot {rows} rows"),
            Ok(Err(error)) => log::warn!("housekeeping: {error}"),
            Err(error) => log::error!("housekeeping: {error}"),
        }
    }
}

/// The keys of our own tokens, and those of another issuer where one is configured.
fn token_keys(config: &Config) -> Result<TokenKeys, String> {
    let own = TokenKeys::from_secret(&signing_secret(config)?)
        .map_err(|error| format!("SHIRUBE_JWT_SECRET: {error}"))?;
    let Some(oidc) = &config.oidc else {
        return Ok(own);
    };
    let shown = oidc.jwks.display();
    let key_set =
        std::fs::read_to_string(&oidc.jwks).map_err(|error| format!("{shown}: {error}"))?;
    let external = ExternalIssuer::new(&oidc.issuer, &oidc.audience, &key_set)
        .map_err(|error| format!("{shown} {error}"))?;
    Ok(own.with_external(external))
}

/// What operations know of this service.
pub(super) fn office(config: &Config) -> Result<Office, String> {
    let key = match &config.notify.encryption_key {
        Some(key) => key.0.clone(),
        None => signing_secret(config)?,
    };
    Ok(Office {
        sealer: Sealer::new(&key).map_err(|error| error.to_string())?,
        public_url: config.http.public_url.clone(),
        quiet: config.notify.quiet,
        plans: PlanCache::default(),
    })
}

/// The configured secret; else, with the embedded database, one of our own
/// that survives restarts and that only the owner can read.
fn signing_secret(config: &Config) -> Result<String, String> {
    if let Some(secret) = &config.jwt_secret {
        return Ok(secret.0.clone());
    }
    let path = data_file(config, SECRET_FILE)?;
    let shown = path.display().to_string();
    match std::fs::read_to_string(&path) {
        Ok(text) if text.trim().len() >= JWT_SECRET_BYTES_MIN => Ok(text.trim().to_owned()),
        Ok(_) => Err(format!(
            "{shown} is shorter than {JWT_SECRET_BYTES_MIN} bytes"
        )),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let secret = new_signing_secret();
            let mut options = std::fs::OpenOptions::new();
            options.write(true).create_new(true);
            #[cfg(unix)]
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
            options
                .open(&path)
                .and_then(|mut file| file.write_all(secret.as_bytes()))
                .map_err(|error| format!("{shown}: {error}"))?;
            Ok(secret)
        }
        Err(error) => Err(format!("{shown}: {error}")),
    }
}

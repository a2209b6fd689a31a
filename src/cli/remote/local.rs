//! The same commands without a running server: this process serves the
//! configured database to itself, as one of its accounts, for as long as the
//! command runs. Notices that come of it are sent by the next server.

use std::net::Ipv4Addr;

use super::{Connection, Exit, Failure, Outcome, Remote, RemoteCommand, in_language, language};
use crate::app::AppError;
use crate::app::secrets::new_signing_secret;
use crate::app::sign_in;
use crate::cli::{database_url, lock_database, open_database, serve};
use crate::config::{Config, HttpConfig};
use crate::http::state::State;
use crate::http::tokens::{AccessToken, TokenKeys};
use crate::storage::DatabaseUrl;

/// For this process alone; the system picks the port.
const LISTEN: (Ipv4Addr, u16) = (Ipv4Addr::LOCALHOST, 0);

/// Runs a command on the configured database as the account of an address.
pub fn run(connection: &Connection, email: &str, command: &RemoteCommand) -> Outcome {
    let locale = super::configured()?.locale;
    let language = language(connection.language, locale.as_deref());
    let config = crate::cli::configured().map_err(|words| Failure::new(Exit::Usage, words))?;
    let config = Config {
        http: HttpConfig {
            listen: LISTEN.into(),
            requests: None,
            ..config.http.clone()
        },
        ..config
    };
    let words = |ja: &str, en: &str| in_language(language, ja, en).to_owned();
    expect_database(&config, words)?;
    let _alone = lock_database(&config).map_err(|error| {
        let advice = words(
            "動いているサーバーには、--as を付けずに API キーで接続してください。",
            "Speak to a running server without --as, with an API key.",
        );
        Failure::new(Exit::Unavailable, format!("{error}\n{advice}"))
    })?;
    // A token of keys that nobody else has and that are not kept.
    let tokens = TokenKeys::from_secret(&new_signing_secret()).map_err(failed)?;
    let state = opened(&config, tokens, words)?;
    let token = token(&state, email)?.ok_or_else(|| {
        let words = words(
            "{email} の利用者はいないか、停止されています。",
            "There is no account {email}, or it is closed.",
        );
        Failure::new(Exit::NotAllowed, words.replace("{email}", email))
    })?;
    let served = serve::serve_alone(&state, config.http.listen, async |server| {
        let remote = Remote::new(connection, &server, &token, language)?;
        command.outcome(&remote).await
    });
    served.unwrap_or_else(|error| Err(failed(error)))
}

/// A command that reads or reports makes no database.
fn expect_database(config: &Config, words: impl Fn(&str, &str) -> String) -> Result<(), Failure> {
    match database_url(config).map_err(failed)? {
        DatabaseUrl::Sqlite(path) if !path.exists() => {
            let words = words(
                "{path} にデータベースがありません。SHIRUBE_DATA_DIR または DATABASE_URL を確認してください。",
                "There is no database at {path}. See that SHIRUBE_DATA_DIR or DATABASE_URL is right.",
            );
            let words = words.replace("{path}", &path.display().to_string());
            Err(Failure::new(Exit::Usage, words))
        }
        _ => Ok(()),
    }
}

/// The database as it is: its tables are not taken to another version under
/// servers that may be running.
fn opened(
    config: &Config,
    tokens: TokenKeys,
    words: impl Fn(&str, &str) -> String,
) -> Result<State, Failure> {
    let unavailable = |error: String| Failure::new(Exit::Unavailable, error);
    let db = open_database(config).map_err(unavailable)?;
    let pending = db.pending_migrations();
    let pending = pending.map_err(|error| unavailable(error.to_string()))?;
    if !pending.is_empty() {
        return Err(Failure::new(
            Exit::Failed,
            words(
                "データベースがこのプログラムより古い版です。先に shirube migrate を実行してください。",
                "The database is of an older version. Run shirube migrate first.",
            ),
        ));
    }
    serve::state(config, db, tokens).map_err(failed)
}

/// A token of the account, if there is one that is not closed.
fn token(state: &State, email: &str) -> Result<Option<String>, Failure> {
    let email = email.to_ascii_lowercase();
    let found = state.db.read(|conn| sign_in::credentials(conn, &email));
    let found = found.map_err(|error: AppError| failed(error.to_string()))?;
    let Some(user) = found.map(|found| found.user).filter(|user| user.active) else {
        return Ok(None);
    };
    let token = AccessToken {
        user: user.id,
        epoch: user.sessions_epoch,
    };
    let token = state.tokens.issue(&token, state.clock.now());
    token.map(Some).map_err(|error| failed(error.to_string()))
}

fn failed(words: String) -> Failure {
    Failure::new(Exit::Failed, words)
}

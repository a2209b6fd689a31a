//! Commands that talk to a running server, through its public API only; or, told
//! `--as` whom, to one of their own that ends with them. Results go to standard
//! output, words and progress to standard error.

mod confirm;
mod export;
mod import;
mod local;
mod output;
mod place;
mod preview;
mod report;
mod scope;
mod status;
mod words;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Subcommand, ValueEnum};
use shirube_client::{Client, Error, Language, ScorecardsQuery};

use self::output::{Format, clean};
use super::tell;
use crate::config::RemoteConfig;

/// What the exit codes of these commands mean, for `--help`.
const EXIT_CODES: &str = "Exit codes:
  0   done
  1   failed
  2   wrong usage
  3   refused because of the content; nothing was stored
  4   not signed in, or not allowed
  5   the server does not answer, or cannot now
  6   preview only, because nobody could confirm it
  10  status --fail-on red: something is red; 1 where nothing is reported
  130 interrupted; no half file is left";

#[derive(Debug, Subcommand)]
pub enum RemoteCommand {
    /// Report what an Excel or CSV file says; shows what it changes, and asks first.
    #[command(after_help = EXIT_CODES)]
    Import(import::Arguments),
    /// Save workbooks, monthly reports, cells or facts as files.
    #[command(after_help = EXIT_CODES)]
    Export(export::Arguments),
    /// Show a scorecard's month: plan, actual, and why each item has its status.
    #[command(after_help = EXIT_CODES)]
    Report(report::Arguments),
    /// Show the red steps of all scorecards, since when, why, and what to prepare.
    #[command(after_help = EXIT_CODES)]
    Status(status::Arguments),
}

/// Which server, as whom, and how it is shown.
#[derive(Debug, Args)]
#[command(next_help_heading = "Server and output")]
pub struct Connection {
    #[arg(
        long,
        value_name = "URL",
        help = "Address of the server; SHIRUBE_SERVER, else http://127.0.0.1:8080"
    )]
    server: Option<String>,
    #[arg(
        long,
        value_name = "FILE",
        help = "File that holds the API key; else SHIRUBE_API_KEY or SHIRUBE_API_KEY_FILE"
    )]
    key_file: Option<PathBuf>,
    /// Without a server: on the configured database, as the account with this
    /// address.
    #[arg(long = "as", value_name = "EMAIL", conflicts_with_all = ["server", "key_file"])]
    account: Option<String>,
    /// How results are written; json is the server's answer untouched.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    /// Language of words; as LANG says where absent, else Japanese.
    #[arg(long, value_enum)]
    language: Option<LanguageCode>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum LanguageCode {
    Ja,
    En,
}

/// One scorecard, by its identifier or by hub and key.
#[derive(Clone, Debug, Args)]
pub struct Which {
    /// The scorecard, by its identifier.
    #[arg(long, value_name = "ID", conflicts_with_all = ["hub", "key"])]
    scorecard: Option<String>,
    /// The scorecard's hub, by code; with --key.
    #[arg(long, value_name = "CODE")]
    hub: Option<String>,
    /// The scorecard's key at its hub. (An API key is never given here.)
    #[arg(long, value_name = "KEY", requires = "hub")]
    key: Option<String>,
}

/// What a command ends with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    Done,
    Failed,
    Usage,
    Refused,
    NotAllowed,
    Unavailable,
    Unconfirmed,
    Red,
    Interrupted,
}

/// Why a command failed, in words for a person.
#[derive(Debug)]
pub struct Failure {
    exit: Exit,
    words: String,
}

type Outcome = Result<Exit, Failure>;

/// A server to talk to, and a person to talk to.
#[derive(Debug)]
pub struct Remote {
    client: Client,
    format: Format,
    language: Language,
}

/// Runs one of the commands.
pub fn run(command: &RemoteCommand) -> ExitCode {
    let connection = command.connection();
    let outcome = match &connection.account {
        Some(email) => local::run(connection, email, command),
        None => Remote::connect(connection).and_then(|remote| {
            tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .map_err(|error| Failure::new(Exit::Failed, error.to_string()))?
                .block_on(command.outcome(&remote))
        }),
    };
    let exit = outcome.unwrap_or_else(|failure| {
        if !failure.words.is_empty() {
            tell(&format!("shirube: {}", clean(&failure.words)));
        }
        failure.exit
    });
    ExitCode::from(exit.code())
}

impl RemoteCommand {
    const fn connection(&self) -> &Connection {
        match self {
            Self::Import(arguments) => &arguments.connection,
            Self::Export(arguments) => &arguments.connection,
            Self::Report(arguments) => &arguments.connection,
            Self::Status(arguments) => &arguments.connection,
        }
    }

    async fn outcome(&self, remote: &Remote) -> Outcome {
        match self {
            Self::Import(arguments) => import::import(remote, arguments).await,
            Self::Export(arguments) => export::export(remote, arguments).await,
            Self::Report(arguments) => report::report(remote, arguments).await,
            Self::Status(arguments) => status::status(remote, arguments).await,
        }
    }
}

impl Exit {
    const fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            Self::Refused => 3,
            Self::NotAllowed => 4,
            Self::Unavailable => 5,
            Self::Unconfirmed => 6,
            Self::Red => 10,
            // As shells call what SIGINT has ended.
            Self::Interrupted => 130,
        }
    }

    const fn of_status(status: u16) -> Self {
        match status {
            401 | 403 => Self::NotAllowed,
            409 | 412 | 413 | 415 | 422 => Self::Refused,
            408 | 429 | 502..=504 => Self::Unavailable,
            _ => Self::Failed,
        }
    }
}

impl Failure {
    fn new(exit: Exit, words: impl Into<String>) -> Self {
        Self {
            exit,
            words: words.into(),
        }
    }
}

impl Remote {
    fn connect(connection: &Connection) -> Result<Self, Failure> {
        let config = configured()?;
        let language = language(connection.language, config.locale.as_deref());
        let words = |ja: &str, en: &str| in_language(language, ja, en).to_owned();
        let key = match &connection.key_file {
            Some(file) => {
                std::fs::read_to_string(file).map_err(|error| unreadable(language, file, &error))?
            }
            None => config.api_key.map(|key| key.0).unwrap_or_default(),
        };
        if key.trim().is_empty() {
            let words = words(
                "API キーがありません。--key-file でキーを入れたファイルを指定するか、SHIRUBE_API_KEY または SHIRUBE_API_KEY_FILE を設定してください。",
                "There is no API key. Name a file that holds one by --key-file, or set SHIRUBE_API_KEY or SHIRUBE_API_KEY_FILE.",
            );
            return Err(Failure::new(Exit::NotAllowed, words));
        }
        let server = connection
            .server
            .as_deref()
            .or(config.server.as_deref())
            .unwrap_or(RemoteConfig::default_server());
        let remote = Self::new(connection, server, &key, language)?;
        if remote.client.is_unencrypted() {
            tell(remote.words(
                "注意: http:// のアドレスです。API キーと数値が暗号化されずに送られます。https:// のアドレスを使ってください。",
                "Warning: the address begins with http://, so the API key and the figures are sent unencrypted. Use an https:// address.",
            ));
        }
        Ok(remote)
    }

    fn new(
        connection: &Connection,
        server: &str,
        key: &str,
        language: Language,
    ) -> Result<Self, Failure> {
        let client = Client::new(server, key)
            .map_err(|error| Failure::new(Exit::Usage, error.to_string()))?;
        Ok(Self {
            client: client.in_language(language),
            format: connection.format,
            language,
        })
    }

    /// Words in the language of the person at the terminal.
    fn words<'a>(&self, ja: &'a str, en: &'a str) -> &'a str {
        in_language(self.language, ja, en)
    }

    /// What a failed read comes to: values that the server does not take in the
    /// query stood in options of the same names.
    fn failure_of_read(&self, error: &Error) -> Failure {
        self.failure_of_options(error, |name| name)
    }

    /// The same where options have other names than the query's parameters.
    fn failure_of_options(&self, error: &Error, option_of: fn(&str) -> &str) -> Failure {
        let issues = error.problem().map(|problem| problem.issues.as_slice());
        let mut lines = Vec::new();
        for issue in issues.unwrap_or_default() {
            let Some(name) = issue.path.strip_prefix("/query/") else {
                return self.failure(error);
            };
            let option = option_of(name).replace('_', "-");
            let message = issue.message.in_language(self.language);
            // The server names its parameter in quotation marks.
            let message = message
                .replace(&format!("「{name}」"), &format!("「{option}」"))
                .replace(&format!("\"{name}\""), &format!("\"{option}\""));
            let line = format!("--{option}: {message}");
            if !lines.contains(&line) {
                lines.push(line);
            }
        }
        if lines.is_empty() {
            return self.failure(error);
        }
        Failure::new(Exit::Usage, lines.join("\n"))
    }

    /// What a failed call comes to.
    fn failure(&self, error: &Error) -> Failure {
        let (exit, words) = match error {
            Error::Problem(problem) => {
                let mut lines = vec![problem.detail.clone()];
                lines.extend(problem.issues.iter().map(|issue| {
                    let message = issue.message.in_language(self.language);
                    if issue.path.is_empty() {
                        format!("  - {message}")
                    } else {
                        format!("  - {}: {message}", issue.path)
                    }
                }));
                (Exit::of_status(problem.status), lines.join("\n"))
            }
            Error::Argument(words) => (Exit::Usage, words.clone()),
            Error::Unreachable { server, reason } => (
                Exit::Unavailable,
                self.words(
                    "{server} のサーバーが応答しません（{reason}）。サーバーが動いているか、--server または SHIRUBE_SERVER の値が正しいかを確認してください。",
                    "Nothing answers at {server} ({reason}). See that the server runs, and that --server or SHIRUBE_SERVER is right.",
                )
                .replace("{server}", server)
                .replace("{reason}", reason),
            ),
            Error::Interrupted(reason) => (
                Exit::Unavailable,
                self.words(
                    "応答が途中で切れました（{reason}）。同じ内容をもう一度送っても、二重には記録されません。",
                    "The answer did not come to its end ({reason}). Sending the same again stores nothing twice.",
                )
                .replace("{reason}", reason),
            ),
            Error::Redirected(to) => (
                Exit::Failed,
                self.words(
                    "サーバーが別の場所（{to}）を指しています。キーはそこには送りません。正しければ、その住所を --server に指定してください。",
                    "The server points to another place, {to}. The key is not sent there; if it is right, give that address by --server.",
                )
                .replace("{to}", to),
            ),
            Error::Unexpected { status, excerpt } => (
                if Exit::of_status(*status) == Exit::Unavailable {
                    Exit::Unavailable
                } else {
                    Exit::Failed
                },
                self.words(
                    "shirube の応答ではありません（状態 {status}）: {excerpt}",
                    "This is not an answer of shirube (status {status}): {excerpt}",
                )
                .replace("{status}", &status.to_string())
                .replace("{excerpt}", excerpt),
            ),
            other => (Exit::Failed, other.to_string()),
        };
        Failure::new(exit, words)
    }

    /// The identifier of the scorecard that is meant; with neither identifier
    /// nor hub the only one that may be seen.
    async fn scorecard(&self, which: &Which) -> Result<String, Failure> {
        if let Some(id) = &which.scorecard {
            return Ok(id.clone());
        }
        let query = ScorecardsQuery {
            hub: which.hub.clone(),
            key: which.key.clone(),
            ..ScorecardsQuery::default()
        };
        let page = self.client.scorecards(&query).await;
        let page = page.map_err(|error| self.failure_of_read(&error))?;
        match page.items.as_slice() {
            [only] => Ok(only.id.clone()),
            [] => Err(self.no_scorecard(&query)),
            several => {
                let mut lines = vec![
                    self.words(
                        "スコアカードが複数あります。--scorecard、または --hub と --key で 1 つを指定してください。",
                        "There are several scorecards. Choose one by --scorecard, or by --hub and --key.",
                    )
                    .to_owned(),
                ];
                lines.extend(several.iter().map(|card| {
                    let name = card.name.in_language(self.language);
                    format!("  --hub {} --key {}  {name}", card.hub.code, card.key)
                }));
                Err(Failure::new(Exit::Usage, lines.join("\n")))
            }
        }
    }
}

fn configured() -> Result<RemoteConfig, Failure> {
    RemoteConfig::from_environment().map_err(|problems| {
        let list: Vec<String> = problems.iter().map(ToString::to_string).collect();
        Failure::new(Exit::Usage, list.join("\n"))
    })
}

/// Why a file that was named cannot be read.
fn unreadable(language: Language, file: &Path, error: &std::io::Error) -> Failure {
    let words = in_language(
        language,
        "{file} を読めません（{reason}）。ファイルの場所と名前を確認してください。",
        "{file} cannot be read ({reason}). See that its place and name are right.",
    );
    let words = words
        .replace("{file}", &file.display().to_string())
        .replace("{reason}", &error.to_string());
    Failure::new(Exit::Usage, words)
}

fn language(chosen: Option<LanguageCode>, locale: Option<&str>) -> Language {
    let is_english = match chosen {
        Some(code) => code == LanguageCode::En,
        None => locale.is_some_and(|locale| locale.starts_with("en")),
    };
    if is_english {
        Language::English
    } else {
        Language::Japanese
    }
}

const fn in_language<'a>(language: Language, ja: &'a str, en: &'a str) -> &'a str {
    match language {
        Language::Japanese => ja,
        Language::English => en,
    }
}

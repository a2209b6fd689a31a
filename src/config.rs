//! Configuration, read once from `SHIRUBE_*`, `DATABASE_URL` and `RUST_LOG`.
//!
//! Every variable has a default or a reason to be required; an unknown
//! `SHIRUBE_*` name or a bad value is a problem, and all problems are reported
//! at once. `.env.example` lists the same variables (a test compares them).

mod cidr;
mod duration;
mod mail;
mod remote;

use std::collections::BTreeMap;
use std::fmt;
use std::net::{SocketAddr, ToSocketAddrs};
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Duration;

pub use cidr::Cidr;
pub use mail::{MailConfig, SmtpServer, SmtpTls};
pub use remote::RemoteConfig;

/// Shortest secret that may sign tokens.
pub const JWT_SECRET_BYTES_MIN: usize = 32;
/// Shortest secret that may encrypt addresses and secrets of destinations.
pub const ENCRYPTION_KEY_BYTES_MIN: usize = 32;
/// Most steps of a delivery schedule.
const DELIVERY_STEPS_MAX: usize = 20;
/// Longest wait between two attempts of a delivery.
const DELIVERY_STEP_MAX: Duration = Duration::from_secs(7 * 24 * 3600);
/// Longest quiet time before a notice.
const NOTICE_QUIET_MAX: Duration = Duration::from_secs(24 * 3600);
/// File name of the embedded database in the data folder.
pub const DATABASE_FILE: &str = "shirube.sqlite3";

/// Every variable of this service with its default, as documented.
pub const VARIABLES: &[(&str, &str)] = &[
    ("SHIRUBE_LISTEN", "127.0.0.1:8080"),
    ("SHIRUBE_DATA_DIR", "./data"),
    ("DATABASE_URL", ""),
    ("SHIRUBE_JWT_SECRET", ""),
    ("SHIRUBE_OIDC_ISSUER", ""),
    ("SHIRUBE_OIDC_AUDIENCE", ""),
    ("SHIRUBE_OIDC_JWKS", ""),
    ("SHIRUBE_PUBLIC_URL", ""),
    ("SHIRUBE_DUE_DAY", "10"),
    ("SHIRUBE_RATE_SIGN_IN", "10/min"),
    ("SHIRUBE_RATE_REQUESTS", "600/min"),
    ("SHIRUBE_WORKERS", ""),
    ("SHIRUBE_OUTBOUND_ALLOW", ""),
    (
        "SHIRUBE_DELIVERY_SCHEDULE",
        "5s,5m,30m,2h,5h,10h,14h,20h,24h",
    ),
    ("SHIRUBE_NOTICE_QUIET", "15m"),
    ("SHIRUBE_SMTP_URL", ""),
    ("SHIRUBE_MAIL_FROM", ""),
    ("SHIRUBE_ENCRYPTION_KEY", ""),
    // What the commands that talk to a server read; the server passes over them.
    (remote::SERVER, "http://127.0.0.1:8080"),
    (remote::API_KEY, ""),
];

/// Variables that hold secrets may instead name a file: `…_FILE`.
const FILE_SUFFIX: &str = "_FILE";
const SECRET_VARIABLES: [&str; 5] = [
    "SHIRUBE_JWT_SECRET",
    "DATABASE_URL",
    "SHIRUBE_SMTP_URL",
    "SHIRUBE_ENCRYPTION_KEY",
    remote::API_KEY,
];

/// A text that never shows itself.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(pub String);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// So many events a minute; `None` is without limit.
pub type PerMinute = Option<NonZeroU32>;

#[derive(Clone, Debug)]
pub struct Config {
    pub http: HttpConfig,
    pub data_dir: PathBuf,
    /// `None`: the embedded database in the data folder.
    pub database_url: Option<Secret>,
    /// `None`: made at the first start and kept in the data folder (SQLite only).
    pub jwt_secret: Option<Secret>,
    /// Another issuer whose tokens count.
    pub oidc: Option<OidcConfig>,
    /// Day of the next month on which a report is due, for new scorecards.
    pub due_day: u32,
    pub notify: NotifyConfig,
}

#[derive(Clone, Debug)]
pub struct HttpConfig {
    pub listen: SocketAddr,
    /// Address under which people reach the service, for links.
    pub public_url: Option<String>,
    pub sign_ins: PerMinute,
    pub requests: PerMinute,
    /// Worker threads; `None`: one a core.
    pub workers: Option<usize>,
}

/// An OpenID Connect issuer.
#[derive(Clone, Debug)]
pub struct OidcConfig {
    pub issuer: String,
    pub audience: String,
    /// File of the issuer's JSON Web Key Set.
    pub jwks: PathBuf,
}

/// How notices are sent.
#[derive(Clone, Debug)]
pub struct NotifyConfig {
    /// Addresses that may be called although they are not public, and without TLS.
    pub allow: Vec<Cidr>,
    /// Waits between the attempts of a delivery; the first attempt is at once.
    pub schedule: Vec<Duration>,
    /// How long after a report its notice waits for more.
    pub quiet: Duration,
    /// `None`: no mail is sent.
    pub mail: Option<MailConfig>,
    /// Encrypts addresses and secrets of destinations; `None`: derived from the
    /// secret that signs tokens.
    pub encryption_key: Option<Secret>,
}

/// One thing that is wrong with the configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem(pub String);

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Config {
    /// Reads the process environment.
    ///
    /// # Errors
    /// Every problem, never only the first.
    pub fn from_environment() -> Result<Self, Vec<Problem>> {
        Self::from_map(&environment())
    }

    /// Reads a map of variables; files named by `…_FILE` are read too.
    ///
    /// # Errors
    /// Every problem, never only the first.
    pub fn from_map(variables: &BTreeMap<String, String>) -> Result<Self, Vec<Problem>> {
        let mut reader = Reader {
            variables,
            problems: Vec::new(),
        };
        reader.refuse_unknown_names();
        let listen = reader.parsed("SHIRUBE_LISTEN", socket_address);
        let data_dir = reader.parsed("SHIRUBE_DATA_DIR", |text| Ok(PathBuf::from(text)));
        let database_url = reader.secret("DATABASE_URL");
        let jwt_secret = reader.secret("SHIRUBE_JWT_SECRET");
        let due_day = reader.parsed("SHIRUBE_DUE_DAY", due_day);
        let sign_ins = reader.parsed("SHIRUBE_RATE_SIGN_IN", per_minute);
        let requests = reader.parsed("SHIRUBE_RATE_REQUESTS", per_minute);
        let public_url = reader.optional("SHIRUBE_PUBLIC_URL", public_url);
        let workers = reader.optional("SHIRUBE_WORKERS", |text| match text.parse() {
            Ok(count) if (1..=64).contains(&count) => Ok(count),
            _ => Err("give a number from 1 to 64".to_owned()),
        });
        let oidc = reader.oidc();
        let notify = reader.notify();
        reader.check_database(database_url.as_ref(), jwt_secret.as_ref());
        match (listen, data_dir, due_day, sign_ins, requests, notify) {
            (
                Some(listen),
                Some(data_dir),
                Some(due_day),
                Some(sign_ins),
                Some(requests),
                Some(notify),
            ) if reader.problems.is_empty() => Ok(Self {
                http: HttpConfig {
                    listen,
                    public_url,
                    sign_ins,
                    requests,
                    workers,
                },
                data_dir,
                database_url,
                jwt_secret,
                oidc,
                due_day,
                notify,
            }),
            _ => Err(reader.problems),
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the one place that reads the environment"
)]
fn environment() -> BTreeMap<String, String> {
    std::env::vars().collect()
}

struct Reader<'a> {
    variables: &'a BTreeMap<String, String>,
    problems: Vec<Problem>,
}

impl Reader<'_> {
    fn problem(&mut self, name: &str, what: &str) {
        self.problems.push(Problem(format!("{name}: {what}")));
    }

    fn refuse_unknown_names(&mut self) {
        let known = |name: &str| {
            let base = name
                .strip_suffix(FILE_SUFFIX)
                .filter(|base| SECRET_VARIABLES.contains(base));
            VARIABLES
                .iter()
                .any(|(variable, _)| *variable == base.unwrap_or(name))
        };
        for name in self.variables.keys() {
            if name.starts_with("SHIRUBE_") && !known(name) {
                self.problems
                    .push(Problem(format!("{name}: there is no such variable")));
            }
        }
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.variables
            .get(name)
            .map(|text| text.trim())
            .filter(|text| !text.is_empty())
    }

    fn parsed<T>(
        &mut self,
        name: &str,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<T> {
        let default = VARIABLES
            .iter()
            .find(|(known, _)| *known == name)
            .map_or("", |(_, text)| text);
        let result = parse(self.text(name).unwrap_or(default));
        result.map_err(|what| self.problem(name, &what)).ok()
    }

    fn optional<T>(
        &mut self,
        name: &str,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<T> {
        let result = parse(self.text(name)?);
        result.map_err(|what| self.problem(name, &what)).ok()
    }

    fn secret(&mut self, name: &str) -> Option<Secret> {
        let file_name = format!("{name}{FILE_SUFFIX}");
        let file = self.text(&file_name).map(str::to_owned);
        let direct = self.text(name).map(|text| Secret(text.to_owned()));
        match (direct, file) {
            (Some(_), Some(_)) => {
                self.problem(name, &format!("is given twice, also as {file_name}"));
                None
            }
            (None, Some(path)) => match std::fs::read_to_string(&path) {
                Ok(text) => Some(Secret(text.trim().to_owned())),
                Err(error) => {
                    self.problem(&file_name, &format!("{path} cannot be read: {error}"));
                    None
                }
            },
            (direct, None) => direct,
        }
    }

    /// All three variables, or none.
    fn oidc(&mut self) -> Option<OidcConfig> {
        let text = |name| self.text(name).map(str::to_owned);
        let parts = (
            text("SHIRUBE_OIDC_ISSUER"),
            text("SHIRUBE_OIDC_AUDIENCE"),
            text("SHIRUBE_OIDC_JWKS"),
        );
        match parts {
            (None, None, None) => None,
            (Some(_), Some(_), Some(jwks)) if jwks.contains("://") => {
                self.problem(
                    "SHIRUBE_OIDC_JWKS",
                    "names a file; fetching an address is not supported",
                );
                None
            }
            (Some(issuer), Some(audience), Some(jwks)) => Some(OidcConfig {
                issuer,
                audience,
                jwks: PathBuf::from(jwks),
            }),
            _ => {
                self.problem(
                    "SHIRUBE_OIDC_ISSUER",
                    "goes with SHIRUBE_OIDC_AUDIENCE and SHIRUBE_OIDC_JWKS",
                );
                None
            }
        }
    }

    fn notify(&mut self) -> Option<NotifyConfig> {
        let allow = self.parsed("SHIRUBE_OUTBOUND_ALLOW", |text| {
            listed(text).map(str::parse).collect()
        });
        let schedule = self.parsed("SHIRUBE_DELIVERY_SCHEDULE", delivery_schedule);
        let quiet = self.parsed("SHIRUBE_NOTICE_QUIET", |text| {
            duration::duration(text, NOTICE_QUIET_MAX)
        });
        let mail = self.mail();
        let encryption_key = self.secret("SHIRUBE_ENCRYPTION_KEY");
        let is_short = |key: &Secret| key.0.len() < ENCRYPTION_KEY_BYTES_MIN;
        if encryption_key.as_ref().is_some_and(is_short) {
            self.problem(
                "SHIRUBE_ENCRYPTION_KEY",
                &format!("has fewer than {ENCRYPTION_KEY_BYTES_MIN} bytes"),
            );
        }
        Some(NotifyConfig {
            allow: allow?,
            schedule: schedule?,
            quiet: quiet?,
            mail,
            encryption_key,
        })
    }

    /// Both variables, or none.
    fn mail(&mut self) -> Option<MailConfig> {
        let server = self.secret("SHIRUBE_SMTP_URL");
        let from = self.optional("SHIRUBE_MAIL_FROM", mail::mail_from);
        if server.is_some() != self.text("SHIRUBE_MAIL_FROM").is_some() {
            self.problem("SHIRUBE_SMTP_URL", "goes with SHIRUBE_MAIL_FROM");
        }
        let server = mail::smtp_server(&server?.0)
            .map_err(|what| self.problem("SHIRUBE_SMTP_URL", &what))
            .ok()?;
        Some(MailConfig {
            server,
            from: from?,
        })
    }

    fn check_database(&mut self, url: Option<&Secret>, jwt_secret: Option<&Secret>) {
        if let Some(Secret(url)) = url {
            let is_postgres = ["postgres://", "postgresql://"]
                .iter()
                .any(|p| url.starts_with(p));
            if !is_postgres && !url.starts_with("sqlite:") {
                self.problem("DATABASE_URL", "begins with postgres:// or sqlite:");
            }
            if is_postgres && jwt_secret.is_none() {
                self.problem(
                    "SHIRUBE_JWT_SECRET",
                    "is required with PostgreSQL, so that all replicas share it",
                );
            }
        }
        if jwt_secret.is_some_and(|secret| secret.0.len() < JWT_SECRET_BYTES_MIN) {
            self.problem(
                "SHIRUBE_JWT_SECRET",
                &format!("has fewer than {JWT_SECRET_BYTES_MIN} bytes"),
            );
        }
    }
}

fn socket_address(text: &str) -> Result<SocketAddr, String> {
    text.to_socket_addrs()
        .ok()
        .and_then(|mut addresses| addresses.next())
        .ok_or_else(|| format!("\"{text}\" is not an address like 127.0.0.1:8080"))
}

fn due_day(text: &str) -> Result<u32, String> {
    match text.parse() {
        Ok(day) if (1..=31).contains(&day) => Ok(day),
        _ => Err("give a day from 1 to 31".to_owned()),
    }
}

fn per_minute(text: &str) -> Result<PerMinute, String> {
    let count = text.strip_suffix("/min").unwrap_or(text);
    count
        .parse()
        .map(NonZeroU32::new)
        .map_err(|_invalid| "give a rate like 600/min, or 0 for no limit".to_owned())
}

/// The parts of a list with commas; none of an empty text.
fn listed(text: &str) -> impl Iterator<Item = &str> {
    text.split(',')
        .map(str::trim)
        .filter(move |_| !text.is_empty())
}

fn delivery_schedule(text: &str) -> Result<Vec<Duration>, String> {
    let steps: Vec<Duration> = listed(text)
        .map(|step| duration::duration(step, DELIVERY_STEP_MAX))
        .collect::<Result<_, _>>()?;
    if steps.len() > DELIVERY_STEPS_MAX {
        return Err(format!("has more than {DELIVERY_STEPS_MAX} steps"));
    }
    Ok(steps)
}

fn public_url(text: &str) -> Result<String, String> {
    if text.starts_with("https://") || text.starts_with("http://") {
        Ok(text.trim_end_matches('/').to_owned())
    } else {
        Err("begins with https:// or http://".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<Config, Vec<String>> {
        let map = pairs
            .iter()
            .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
            .collect();
        Config::from_map(&map).map_err(|problems| problems.into_iter().map(|p| p.0).collect())
    }

    #[test]
    fn starts_with_nothing_set() {
        let config = read(&[]).unwrap();
        assert_eq!(config.http.listen.to_string(), "127.0.0.1:8080");
        assert_eq!(config.due_day, 10);
        assert_eq!(config.http.requests, NonZeroU32::new(600));
    }

    #[test]
    fn zero_lifts_a_rate() {
        assert_eq!(
            read(&[("SHIRUBE_RATE_REQUESTS", "0")])
                .unwrap()
                .http
                .requests,
            None
        );
    }

    #[test]
    fn reports_all_problems_at_once() {
        let problems = read(&[
            ("SHIRUBE_LISTNE", "x"),
            ("SHIRUBE_LISTEN", "nowhere"),
            ("SHIRUBE_DUE_DAY", "32"),
            ("SHIRUBE_RATE_REQUESTS", "many"),
            ("DATABASE_URL", "mysql://x"),
            ("SHIRUBE_JWT_SECRET", "short"),
            ("SHIRUBE_PUBLIC_URL", "example.jp"),
        ])
        .unwrap_err();
        assert_eq!(problems.len(), 7, "{problems:#?}");
    }

    #[test]
    fn postgres_needs_a_shared_secret() {
        assert!(read(&[("DATABASE_URL", "postgres://h/d")]).is_err());
        let secret = "0123456789abcdef0123456789abcdef";
        assert!(
            read(&[
                ("DATABASE_URL", "postgres://h/d"),
                ("SHIRUBE_JWT_SECRET", secret)
            ])
            .is_ok()
        );
    }

    #[test]
    fn notices_have_defaults() {
        let notify = read(&[]).unwrap().notify;
        assert!(notify.allow.is_empty() && notify.mail.is_none());
        assert_eq!(notify.schedule.len(), 9);
        assert_eq!(notify.schedule.first(), Some(&Duration::from_secs(5)));
        assert_eq!(notify.quiet, Duration::from_secs(15 * 60));
    }

    #[test]
    fn notices_are_configured() {
        let notify = read(&[
            ("SHIRUBE_OUTBOUND_ALLOW", "10.0.0.0/8, fd00::/8"),
            ("SHIRUBE_DELIVERY_SCHEDULE", "10ms, 1s"),
            ("SHIRUBE_NOTICE_QUIET", "0s"),
            ("SHIRUBE_SMTP_URL", "smtp://localhost:1025"),
            ("SHIRUBE_MAIL_FROM", "KPI 通知 <alerts@example.jp>"),
            ("SHIRUBE_ENCRYPTION_KEY", "0123456789abcdef0123456789abcdef"),
        ])
        .unwrap()
        .notify;
        assert_eq!(notify.allow.len(), 2);
        assert_eq!(notify.schedule, [10, 1_000].map(Duration::from_millis));
        assert_eq!(notify.quiet, Duration::ZERO);
        assert_eq!(notify.mail.unwrap().server.port, 1025);
        assert!(notify.encryption_key.is_some());
    }

    #[test]
    fn reports_all_problems_of_notices_at_once() {
        let problems = read(&[
            ("SHIRUBE_OUTBOUND_ALLOW", "10.0.0.0/8,,everything"),
            ("SHIRUBE_DELIVERY_SCHEDULE", "5s,soon"),
            ("SHIRUBE_NOTICE_QUIET", "25h"),
            ("SHIRUBE_SMTP_URL", "smtp://user:hunter2@host?tls=maybe"),
            ("SHIRUBE_MAIL_FROM", "nobody"),
            ("SHIRUBE_ENCRYPTION_KEY", "short"),
        ])
        .unwrap_err();
        assert_eq!(problems.len(), 6, "{problems:#?}");
        assert!(!problems.concat().contains("hunter2"));
        let alone = read(&[("SHIRUBE_MAIL_FROM", "a@example.jp")]).unwrap_err();
        assert_eq!(alone, ["SHIRUBE_SMTP_URL: goes with SHIRUBE_MAIL_FROM"]);
        let many = vec!["1s"; DELIVERY_STEPS_MAX + 1].join(",");
        assert!(read(&[("SHIRUBE_DELIVERY_SCHEDULE", &many)]).is_err());
    }

    #[test]
    fn secrets_never_show() {
        let config = read(&[("SHIRUBE_JWT_SECRET", "0123456789abcdef0123456789abcdef")]).unwrap();
        assert!(!format!("{config:?}").contains("0123456789"));
    }
}

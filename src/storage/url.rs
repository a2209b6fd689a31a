//! Which database, from `DATABASE_URL`.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

/// What libpq is told unless the URL says otherwise: give up on a server that
/// does not answer, notice one that is gone.
const POSTGRES_DEFAULTS: [(&str, &str); 7] = [
    ("connect_timeout", "3"),
    ("fallback_application_name", "shirube"),
    ("keepalives", "1"),
    ("keepalives_idle", "5"),
    ("keepalives_interval", "2"),
    ("keepalives_count", "3"),
    ("tcp_user_timeout", "10000"),
];

/// Where the data lives. Prints without the password.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// A file; made if absent, in a folder that exists.
    Sqlite(PathBuf),
    /// A libpq URL.
    Postgres(String),
}

impl DatabaseUrl {
    /// Whether the database is a file of this process's own.
    #[must_use]
    pub const fn is_embedded(&self) -> bool {
        matches!(self, Self::Sqlite(_))
    }
}

/// Why a text is not a database URL. Never repeats the text: it may hold a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DatabaseUrlError {
    #[error("must begin with sqlite:, postgres:// or postgresql://")]
    UnknownScheme,
    #[error("sqlite: needs the path of a file")]
    NoFile,
    #[error("sqlite: takes no parameters after the path")]
    SqliteParameters,
}

impl FromStr for DatabaseUrl {
    type Err = DatabaseUrlError;

    /// Reads `sqlite:PATH` (also `sqlite://PATH`), `postgres://…` or `postgresql://…`.
    fn from_str(text: &str) -> Result<Self, DatabaseUrlError> {
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Ok(Self::Postgres(text.to_owned()));
        }
        let rest = text
            .strip_prefix("sqlite:")
            .ok_or(DatabaseUrlError::UnknownScheme)?;
        let path = rest.strip_prefix("//").unwrap_or(rest);
        if path.contains('?') {
            return Err(DatabaseUrlError::SqliteParameters);
        }
        if path.is_empty() || path.starts_with(':') || path.ends_with('/') {
            return Err(DatabaseUrlError::NoFile);
        }
        Ok(Self::Sqlite(PathBuf::from(path)))
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Self::Postgres(_) => f.write_str("postgres://***"),
        }
    }
}

/// `url` with every parameter of [`POSTGRES_DEFAULTS`] that it leaves open.
pub(super) fn with_postgres_defaults(url: &str) -> String {
    let after_scheme = url.find("://").map_or(0, |at| at + 3);
    let after_user = match url[after_scheme..].find(['@', '/']) {
        Some(at) if url[after_scheme + at..].starts_with('@') => after_scheme + at,
        _ => after_scheme,
    };
    let query = url[after_user..].split_once('?').map(|(_, query)| query);
    let named = |name: &str| {
        query
            .unwrap_or_default()
            .split('&')
            .any(|pair| pair.split('=').next() == Some(name))
    };
    let missing: Vec<String> = POSTGRES_DEFAULTS
        .iter()
        .filter(|(name, _)| !named(name))
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let separator = match query {
        None => "?",
        Some("") => "",
        Some(_) if missing.is_empty() => "",
        Some(_) => "&",
    };
    format!("{url}{separator}{}", missing.join("&"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scheme_chooses_the_database() {
        let sqlite = |path: &str| Ok(DatabaseUrl::Sqlite(PathBuf::from(path)));
        for (text, expected) in [
            (
                "sqlite:data/shirube.sqlite3",
                sqlite("data/shirube.sqlite3"),
            ),
            ("sqlite:///var/lib/s.sqlite3", sqlite("/var/lib/s.sqlite3")),
            ("sqlite:/var/lib/s.sqlite3", sqlite("/var/lib/s.sqlite3")),
            (
                "postgres://h/d",
                Ok(DatabaseUrl::Postgres("postgres://h/d".to_owned())),
            ),
            ("sqlite:", Err(DatabaseUrlError::NoFile)),
            ("sqlite::memory:", Err(DatabaseUrlError::NoFile)),
            ("sqlite:a?mode=rwc", Err(DatabaseUrlError::SqliteParameters)),
            ("data/shirube.sqlite3", Err(DatabaseUrlError::UnknownScheme)),
            ("mysql://h/d", Err(DatabaseUrlError::UnknownScheme)),
            ("postgres:h", Err(DatabaseUrlError::UnknownScheme)),
        ] {
            assert_eq!(text.parse(), expected, "{text}");
        }
    }

    #[test]
    fn a_printed_url_shows_no_password() {
        let url = DatabaseUrl::Postgres("postgres://u:secret@h/d".to_owned());
        assert!(!format!("{url:?}").contains("secret"));
    }

    #[test]
    fn parameters_of_the_url_win_over_defaults() {
        let url = with_postgres_defaults("postgres://u:p?w@h/d?connect_timeout=9&sslmode=disable");
        assert!(url.starts_with(
            "postgres://u:p?w@h/d?connect_timeout=9&sslmode=disable&fallback_application_name=shirube&"
        ));
        assert_eq!(url.matches("connect_timeout").count(), 1);
        let plain = with_postgres_defaults("postgres://h/d");
        assert!(plain.starts_with("postgres://h/d?connect_timeout=3&"));
        assert_eq!(with_postgres_defaults(&plain), plain);
    }
}

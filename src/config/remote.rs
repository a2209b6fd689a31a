//! Where commands find a running server, and as whom they speak to it. They
//! need nothing of the server's own configuration.

use std::collections::BTreeMap;

use super::{Problem, Reader, Secret, VARIABLES, environment};

/// The address of the server.
pub(super) const SERVER: &str = "SHIRUBE_SERVER";
/// The key to speak with.
pub(super) const API_KEY: &str = "SHIRUBE_API_KEY";
/// Which language the terminal's user reads, strongest first.
const LOCALE: [&str; 3] = ["LC_ALL", "LC_MESSAGES", "LANG"];

/// What commands that talk to a server read from the environment.
#[derive(Clone, Debug)]
pub struct RemoteConfig {
    /// `None`: the address at which a server listens by default.
    pub server: Option<String>,
    pub api_key: Option<Secret>,
    /// The terminal's locale, such as `en_GB.UTF-8`.
    pub locale: Option<String>,
}

impl RemoteConfig {
    /// Reads the process environment.
    ///
    /// # Errors
    /// Every problem, never only the first.
    pub fn from_environment() -> Result<Self, Vec<Problem>> {
        Self::from_map(&environment())
    }

    /// Reads a map of variables; a file named by `…_FILE` is read too.
    ///
    /// # Errors
    /// Every problem, never only the first.
    pub fn from_map(variables: &BTreeMap<String, String>) -> Result<Self, Vec<Problem>> {
        let mut reader = Reader {
            variables,
            problems: Vec::new(),
        };
        reader.refuse_unknown_names();
        let server = reader.text(SERVER).map(str::to_owned);
        let api_key = reader.secret(API_KEY);
        let mut locale = LOCALE.iter().filter_map(|name| reader.text(name));
        let locale = locale.next().map(str::to_owned);
        if reader.problems.is_empty() {
            Ok(Self {
                server,
                api_key,
                locale,
            })
        } else {
            Err(reader.problems)
        }
    }

    /// The address at which a server listens by default.
    #[must_use]
    pub fn default_server() -> &'static str {
        let mut variables = VARIABLES.iter();
        variables
            .find(|(name, _)| *name == SERVER)
            .map_or("", |(_, address)| address)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<RemoteConfig, Vec<String>> {
        let map = pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        RemoteConfig::from_map(&map).map_err(|problems| problems.into_iter().map(|p| p.0).collect())
    }

    #[test]
    fn nothing_has_to_be_set() {
        let config = read(&[]).unwrap();
        assert!(config.server.is_none() && config.api_key.is_none() && config.locale.is_none());
        assert_eq!(RemoteConfig::default_server(), "http://127.0.0.1:8080");
    }

    #[test]
    fn a_server_that_could_not_start_is_no_reason_to_stop() {
        let config = read(&[
            ("SHIRUBE_SERVER", " https://shirube.example "),
            ("SHIRUBE_DUE_DAY", "40"),
            ("LANG", "ja_JP.UTF-8"),
            ("LC_ALL", "en_GB.UTF-8"),
        ]);
        let config = config.unwrap();
        assert_eq!(config.server.as_deref(), Some("https://shirube.example"));
        assert_eq!(config.locale.as_deref(), Some("en_GB.UTF-8"));
    }

    #[test]
    fn a_key_is_read_from_a_file_and_never_shown() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("key");
        std::fs::write(&file, "shk_secret\n").unwrap();
        let file = file.to_str().unwrap();
        let config = read(&[("SHIRUBE_API_KEY_FILE", file)]).unwrap();
        assert_eq!(config.api_key, Some(Secret("shk_secret".to_owned())));
        assert!(!format!("{config:?}").contains("shk_secret"));
        let twice = read(&[("SHIRUBE_API_KEY_FILE", file), ("SHIRUBE_API_KEY", "x")]);
        assert!(twice.unwrap_err()[0].contains("given twice"));
        let misspelt = read(&[("SHIRUBE_SEVRER", "x"), ("SHIRUBE_API_KEY_FILE", "/none")]);
        assert_eq!(misspelt.unwrap_err().len(), 2);
    }
}

//! What the service answers: the members that this client reads. Figures have
//! at most four decimals, which an `f64` keeps. What may be absent is an
//! `Option`; codes are texts, since the service adds to them.

mod alerts;
mod facts;
mod imports;
mod problem;
mod reports;
mod scorecards;

use serde::Deserialize;

pub use alerts::*;
pub use facts::*;
pub use imports::*;
pub use problem::*;
pub use reports::*;
pub use scorecards::*;

use crate::client::Language;

/// Words in both languages.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Name {
    /// 日本語
    pub ja: String,
    /// English
    pub en: String,
}

impl Name {
    /// The words in one of them.
    #[must_use]
    pub fn in_language(&self, language: Language) -> &str {
        match language {
            Language::Japanese => &self.ja,
            Language::English => &self.en,
        }
    }
}

/// A hub or a prefecture.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Named {
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: Name,
}

/// Who a client is.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Me {
    /// `national`, `prefecture`, `hub`, `viewer` or `operator`.
    pub role: String,
    /// What may be seen.
    pub scope: Scope,
}

/// What may be seen: a hub, a prefecture, or without either the nation.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Scope {
    /// The prefecture's code.
    pub prefecture: Option<String>,
    /// The hub's code.
    pub hub: Option<String>,
}

//! Words for people: everything shown to a person exists in Japanese and English.

use serde::{Deserialize, Serialize};

use super::code::coded_enum;

/// A text in both languages, `{ "ja": …, "en": … }`.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Text {
    pub ja: String,
    pub en: String,
}

impl Text {
    pub fn new(ja: impl Into<String>, en: impl Into<String>) -> Self {
        Self {
            ja: ja.into(),
            en: en.into(),
        }
    }

    #[must_use]
    pub fn in_language(&self, language: Language) -> &str {
        match language {
            Language::Japanese => &self.ja,
            Language::English => &self.en,
        }
    }
}

/// Whether a character is not seen but changes what is seen around it: it ends a
/// line, steers a terminal, or turns the direction of what follows, also of words
/// that are not its own.
#[must_use]
pub fn steers(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{61c}'
                | '\u{200e}'
                | '\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2066}'..='\u{2069}'
        )
}

coded_enum! {
    /// The languages of this service; Japanese where a reader states no preference.
    #[derive(Default)]
    pub enum Language {
        #[default]
        Japanese => "ja",
        English => "en",
    }
}

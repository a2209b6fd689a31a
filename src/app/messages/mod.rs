//! Messages: what an event says to people, and to programs (`api.md`, Event).
//!
//! Pure functions. The words stand once, in `words` and `alert_words`; `content`
//! orders them into a [`Message`](content::Message), and each format shows that
//! one message its own way. Names and notes come from users: `clean` makes one
//! harmless line of each, and every format escapes what its reader would take
//! for markup.

mod alert_words;
mod card;
mod chatwork;
mod clean;
mod content;
mod json;
mod line_works;
mod mail;
mod plain;
mod revision_words;
mod slack;
mod teams;
mod words;

pub use card::chat;
pub use json::{EVENT_BYTES_MAX, json};
pub use mail::{Mail, mail};

#[cfg(test)]
mod tests;

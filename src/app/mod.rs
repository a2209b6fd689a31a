//! Operations: what the service does, whoever asks for it.
//!
//! An operation takes a [`Session`] (an open transaction with a known caller)
//! and a typed command, reads top to bottom, and touches nothing but the
//! database. HTTP and the command line call the same operations.

pub mod access;
pub mod actuals;
pub mod alerts;
pub mod api_keys;
pub mod as_of;
pub mod audit;
pub mod bulk;
pub mod comments;
pub mod deliveries;
pub mod digests;
pub mod effects;
mod error;
pub mod exports;
pub mod fact_links;
pub mod facts;
pub mod funding;
pub mod housekeeping;
pub mod hubs;
pub mod idempotency;
pub mod import_mappings;
pub mod imports;
pub mod messages;
pub mod month_lists;
pub mod months;
pub mod notices;
mod office;
pub mod overdue;
pub mod overview;
pub mod peers;
pub mod plans;
pub mod prefectures;
pub mod releases;
pub mod restatements;
pub mod revisions;
pub mod scorecards;
mod sealing;
pub mod secrets;
pub mod series;
pub mod sign_in;
pub mod subscriptions;
pub mod summaries;
pub mod users;
pub mod what_if;

pub use access::{Credential, Session};
pub use error::{AppError, Conflict};
pub use office::Office;
pub use sealing::Sealer;
pub use secrets::is_api_key;

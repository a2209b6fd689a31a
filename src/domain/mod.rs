//! The domain: what a scorecard is and how its months are judged.
//!
//! Invariant: nothing here reads a clock, a file, a database or the network,
//! and nothing here knows actix or diesel. Equal inputs give equal answers.

pub mod amount;
pub mod code;
pub mod completeness;
pub mod evaluate;
mod exact;
#[cfg(test)]
mod fixture;
pub mod issue;
pub mod ledger;
pub mod month;
pub mod roadmap;
pub mod scorecard;
pub mod status;
pub mod strict_json;
pub mod text;

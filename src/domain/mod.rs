//! The domain: what a scorecard is and how its months are judged.
//!
//! Invariant: nothing here reads a clock, a file, a database or the network,
//! and nothing here knows actix or diesel. Equal inputs give equal answers.

pub mod access;
pub mod alert;
pub mod amount;
pub mod business_day;
pub mod causes;
pub mod code;
pub mod comparison;
pub mod completeness;
pub mod conversion;
pub mod definition;
pub mod delivery;
pub mod effect;
pub mod effect_grade;
pub mod evaluate;
pub mod event;
pub mod exact;
pub mod export;
pub mod fact;
#[cfg(test)]
mod fixture;
pub mod funding;
pub mod ids;
pub mod import;
pub mod issue;
pub mod ledger;
pub mod month;
pub mod month_state;
pub mod notice;
pub mod organisation;
pub mod outlook;
pub mod release;
pub mod report;
pub mod restatement;
pub mod revision;
pub mod roadmap;
pub mod scorecard;
pub mod sheet;
pub mod status;
pub mod strict_json;
pub mod template;
pub mod text;
pub mod what_if;
pub mod words;

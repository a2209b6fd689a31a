//! The service through its API, as callers see it. A file here tests the area
//! of the same name in `src/http/`.
//!
//! Runs on `SQLite`, or on `PostgreSQL` where `TEST_DATABASE_URL` names a server
//! (then an unreachable one is a failure). Whatever a test asks for, its client
//! holds every answer against the contract (`support/contract.rs`).

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::needless_pass_by_value,
    clippy::unnecessary_wraps,
    reason = "a test that cannot go on has failed; bodies made by json! read better by value"
)]

#[path = "../support/database.rs"]
mod database;
mod support;

mod access;
mod actuals;
mod alerts;
mod api_keys;
mod as_of;
mod audit;
mod auth;
mod bulk;
mod calendar;
mod causes;
mod comments;
mod concurrency;
mod contract;
mod dashboard;
mod deliveries;
mod destinations;
mod edge;
mod effects;
mod entity_tag;
mod exports;
mod facts;
mod funding;
mod guides;
mod health;
mod hubs;
mod idempotency;
mod imports;
mod layers;
mod limits;
mod metabase;
mod month_lists;
mod months;
mod one_year;
mod outlook;
mod overdue;
mod overview;
mod peers;
mod plans;
mod prefectures;
mod pulls;
mod refusals;
mod releases;
mod restatements;
mod revisions;
mod same_answers;
mod scorecards;
mod series;
mod subscriptions;
mod templates;
mod timeline;
mod users;
mod webhooks_doc;
mod what_if;

//! A client of shirube, the balanced-scorecard KPI tracking service: the
//! monthly job of a hub, and what a dashboard reads.
//!
//! ```no_run
//! # async fn job() -> Result<(), shirube_client::Error> {
//! use shirube_client::{Client, Report};
//!
//! let client = Client::new("https://shirube.example", "shk_…")?;
//! let card = client.find("tottori", "challenge-population").await?;
//! let report = Report::new("2028-09").value("consult-bank", 6.0);
//! let preview = client.report(&card.id, &report.clone().dry_run()).await?;
//! println!("{} items would turn red", preview.turned_red().count());
//! client.report(&card.id, &report).await?;
//! # Ok(()) }
//! ```
//!
//! Answers are read tolerantly: members that this version does not know are
//! passed over, and codes are texts, because the service may add to both. What
//! it does read is compared with the service's OpenAPI document in the tests.
//!
//! The key goes to the server that [`Client::new`] names and nowhere else:
//! redirects are not followed. The proxy that `HTTPS_PROXY` or `HTTP_PROXY`
//! names is used, except for a server on this machine. Waits for an answer end
//! ([`CONNECT_TIMEOUT`], [`ANSWER_TIMEOUT`]), and a server that asks for
//! patience gets some ([`RETRIES_MAX`], [`RETRY_WAIT_MAX`]).

mod client;
mod download;
mod error;
mod facts;
mod model;
#[doc(hidden)]
pub mod operation;
mod query;
mod report;
mod retry;

pub use client::{
    ANSWER_BYTES_MAX, ANSWER_TIMEOUT, Answer, CONNECT_TIMEOUT, Client, DEFAULT_SERVER, Language,
};
pub use download::Download;
pub use error::Error;
pub use facts::{FactStream, ROW_BYTES_MAX};
pub use model::*;
pub use query::{
    ActualsQuery, AlertsQuery, Encoding, FactsQuery, ImportOptions, Layout, OverviewQuery,
    ScorecardQuery, ScorecardsQuery,
};
pub use report::{Figure, Report, ReportValue};
pub use retry::{RETRIES_MAX, RETRY_WAIT_MAX};

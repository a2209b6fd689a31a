//! What the tests of the API share.

mod answer;
mod app;
mod client;
pub mod contract;
mod dump;
pub mod fixtures;
pub mod golden;
pub mod logs;
pub mod socket;

pub use answer::{Answer, issues};
pub use app::{Actor, App, SECRET, limited_state, now, prefecture, service, state};
pub use client::Client;

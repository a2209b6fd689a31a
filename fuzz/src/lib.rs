//! The two layers that meet hostile files, compiled alone: without database,
//! server and C libraries they build in minutes and run fast.

#![allow(dead_code, unused_imports, reason = "the service uses the rest")]

#[path = "../../src/domain/mod.rs"]
pub mod domain;
#[path = "../../src/sheets/mod.rs"]
pub mod sheets;

mod check;
mod package;
mod understood;

pub use check::check;
pub use package::package;
pub use understood::understood;

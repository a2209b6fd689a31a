//! The command line as people and service managers use it: the real binary,
//! in a folder of its own.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod commands;
mod demo;
mod exports;
mod http;
mod imports;
mod local;
#[path = "../support/process.rs"]
mod process;
mod remote;
mod serve;
mod stub;

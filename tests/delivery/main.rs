//! Whole servers and the people they tell: the real binary, real receivers and
//! a real mail server on this machine, crashes and replicas.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod crashes;
#[path = "../support/database.rs"]
mod database;
mod office;
mod outcomes;
#[path = "../support/process.rs"]
mod process;
#[path = "../support/receiver.rs"]
mod receiver;
mod replicas;
mod restored;
#[path = "../support/smtp.rs"]
mod smtp;

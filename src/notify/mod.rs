//! Sending: one attempt at one destination, and what came of it.
//!
//! Only [`worker`] knows the database: it takes what is due out of the outbox, makes a
//! request ([`preset`]) or a mail, sends it ([`client`], [`mail`]), stores the [`Exchange`],
//! and asks the [`retry::Schedule`] when to try again.
//!
//! Guaranteed: an attempt ends within its time ([`Timeouts`]); it reads a bounded
//! part of the answer; it reaches no address that the [`address::AddressPolicy`] forbids,
//! whatever names and redirects say; and no address or secret of a destination
//! is in an [`Exchange`] or in a log. Not guaranteed: that a receiver hears of something only
//! once. An attempt that fails after the receiver took it is made again.

pub mod address;
pub mod client;
mod exchange;
mod failure;
pub mod mail;
pub mod preset;
mod resolver;
pub mod retry;
pub mod sign;
mod waker;
pub mod worker;

use std::time::Duration;

pub use exchange::{EXCERPT_BYTES_MAX, Exchange};
pub use resolver::{Lookup, Resolver, SystemResolver};
pub use waker::Waker;

/// How long an attempt may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// Until connected: resolving the name and TLS included.
    pub connect: Duration,
    /// Until the answer is complete.
    pub whole: Duration,
}

impl Timeouts {
    pub const HTTP: Self = Self {
        connect: Duration::from_secs(5),
        whole: Duration::from_secs(15),
    };
    /// Mail servers look a sender up before they answer.
    pub const MAIL: Self = Self {
        connect: Duration::from_secs(5),
        whole: Duration::from_secs(30),
    };
}

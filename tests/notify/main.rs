//! Sending to real receivers on this machine: HTTP and SMTP servers that answer as a script
//! says, and traps that must see nothing. No test calls anything else.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod blocked;
mod certificates;
mod child;
mod encryption;
mod http;
mod mail;
mod presets;
#[path = "../support/receiver.rs"]
mod receiver;
#[path = "../support/smtp.rs"]
mod smtp;

use std::collections::VecDeque;
use std::io;
use std::net::IpAddr;
use std::sync::Mutex;
use std::time::Duration;

use reqwest::header::HeaderMap;
use shirube::clock::Clock;
use shirube::domain::delivery::{ErrorClass, Outcome};
use shirube::notify::address::AddressPolicy;
use shirube::notify::client::{HttpClient, Post, ReplyRule};
use shirube::notify::{Exchange, Lookup, Resolver, Timeouts};

/// Long enough for a busy machine, for tests that do not wait for it.
const PATIENT: Timeouts = Timeouts {
    connect: Duration::from_secs(5),
    whole: Duration::from_secs(10),
};
/// For tests that wait for a timeout.
const HASTY: Timeouts = Timeouts {
    connect: Duration::from_millis(400),
    whole: Duration::from_millis(800),
};

const LOOPBACK: &str = "127.0.0.0/8";

fn policy(allow: &[&str]) -> AddressPolicy {
    AddressPolicy::new(allow.iter().map(|block| block.parse().unwrap()).collect())
}

/// A client that may call this machine and knows the given names.
fn client(timeouts: Timeouts, names: Names) -> HttpClient {
    HttpClient::with_resolver(policy(&[LOOPBACK]), timeouts, Clock::system(), names)
}

fn post(url: impl Into<String>) -> Post {
    Post {
        url: url.into(),
        content_type: "application/json",
        headers: HeaderMap::new(),
        body: b"{\"a\":1}".to_vec(),
        reply: ReplyRule::Status,
    }
}

/// What came of an attempt, for comparison.
fn result(exchange: &Exchange) -> (Outcome, Option<u16>, Option<ErrorClass>) {
    (exchange.outcome, exchange.status, exchange.error_class)
}

/// A resolver whose every name has the same addresses, other ones at each look-up; the last
/// ones stay.
#[derive(Default)]
struct Names {
    answers: Mutex<VecDeque<Vec<IpAddr>>>,
    hangs: bool,
}

impl Names {
    fn none() -> Self {
        Self::default()
    }

    fn hanging() -> Self {
        Self {
            hangs: true,
            ..Self::default()
        }
    }

    fn to(answers: &[&[&str]]) -> Self {
        let parsed = |list: &&[&str]| list.iter().map(|text| text.parse().unwrap()).collect();
        Self {
            answers: Mutex::new(answers.iter().map(parsed).collect()),
            hangs: false,
        }
    }
}

impl Resolver for Names {
    fn lookup(&self, _name: &str) -> Lookup {
        if self.hangs {
            return Box::pin(std::future::pending());
        }
        let mut answers = self.answers.lock().unwrap();
        let answer = if answers.len() > 1 {
            answers.pop_front()
        } else {
            answers.front().cloned()
        };
        let unknown = || io::Error::other("no such name");
        Box::pin(async move { answer.ok_or_else(unknown) })
    }
}

//! How many requests a caller may make, and how large they may be. Over a
//! limit is an answer of its own, never silence and never truncation.

use std::net::IpAddr;
use std::time::Duration;

use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use super::problem::{Problem, ProblemCode};
use crate::config::PerMinute;

/// Bytes of a JSON body.
pub const BODY_BYTES_MAX: usize = 1_024 * 1_024;
/// Bytes of a file to import.
pub const IMPORT_BYTES_MAX: usize = 5 * 1_024 * 1_024;
/// Files that one process reads at the same time; others wait their turn.
pub const IMPORTS_AT_ONCE: usize = 2;
/// Bytes of the request line and headers together.
pub const HEAD_BYTES_MAX: usize = 16 * 1_024;
/// Time for the head of a request to arrive.
pub const HEAD_TIMEOUT: Duration = Duration::from_secs(5);
/// Time for the body of a request to arrive.
pub const BODY_TIMEOUT: Duration = Duration::from_secs(15);
/// Time for an answer to be made.
pub const HANDLER_TIMEOUT: Duration = Duration::from_secs(10);
/// Age from which on an instant is known for good: no write that has begun before
/// is still under way.
pub const SETTLED_AFTER: Duration = Duration::from_secs(60);
/// Callers remembered before idle ones are forgotten.
const CALLERS_MAX: usize = 10_000;

/// The rate limits of one process.
pub struct Limits {
    sign_ins: Option<DefaultKeyedRateLimiter<String>>,
    requests: Option<DefaultKeyedRateLimiter<String>>,
}

impl Limits {
    #[must_use]
    pub fn new(sign_ins: PerMinute, requests: PerMinute) -> Self {
        let limiter =
            |rate: PerMinute| rate.map(|count| RateLimiter::keyed(Quota::per_minute(count)));
        Self {
            sign_ins: limiter(sign_ins),
            requests: limiter(requests),
        }
    }

    /// Counts an attempt to sign in: by address, and by account, so that many
    /// addresses cannot try one account.
    ///
    /// # Errors
    /// `rate_limited`.
    pub fn sign_in(&self, address: Option<IpAddr>, account: &str) -> Result<(), Problem> {
        let address = address
            .map(|address| address.to_string())
            .unwrap_or_default();
        check(self.sign_ins.as_ref(), &format!("address {address}"))?;
        check(self.sign_ins.as_ref(), &format!("account {account}"))
    }

    /// Counts a request of a caller.
    ///
    /// # Errors
    /// `rate_limited`.
    pub fn request(&self, caller: &str) -> Result<(), Problem> {
        check(self.requests.as_ref(), caller)
    }
}

fn check(limiter: Option<&DefaultKeyedRateLimiter<String>>, key: &str) -> Result<(), Problem> {
    let Some(limiter) = limiter else {
        return Ok(());
    };
    if limiter.len() > CALLERS_MAX {
        limiter.retain_recent();
    }
    limiter.check_key(&key.to_owned()).map_err(|refused| {
        let wait = refused.wait_time_from(DefaultClock::default().now());
        Problem::new(ProblemCode::RateLimited).retry_after(wait.as_secs() + 1)
    })
}

//! When a delivery is tried again.

use std::time::{Duration, SystemTime};

use chrono::{DateTime, Utc};

use super::Exchange;
use crate::domain::delivery::{ErrorClass, Outcome};

/// Shortest wait after a timeout or "too many requests": a receiver that is overloaded
/// is not helped by a second request after five seconds.
pub const FLOOR: Duration = Duration::from_secs(60);
/// Longest wait that a receiver can ask for.
pub const RETRY_AFTER_MAX: Duration = Duration::from_secs(24 * 3600);
/// A wait is that much shorter or longer, so that what failed together is not tried together.
pub const JITTER: std::ops::RangeInclusive<f64> = 0.8..=1.2;

const TOO_MANY_REQUESTS: u16 = 429;

/// The waits between the attempts of a delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    steps: Vec<Duration>,
}

impl Schedule {
    /// A delivery is tried at once, and then after each step; without steps only once.
    #[must_use]
    pub fn new(steps: Vec<Duration>) -> Self {
        Self { steps }
    }

    /// How many attempts a delivery has.
    #[must_use]
    pub fn attempts(&self) -> usize {
        self.steps.len() + 1
    }

    /// How long to wait after an attempt that failed; `None` if it was the last one, or if another
    /// would be pointless.
    ///
    /// `attempts_made` counts the failed one, from 1. `jitter` is a random factor within [`JITTER`].
    /// The wait is the step times `jitter`, but at least what the receiver asks for, within
    /// [`RETRY_AFTER_MAX`], and after a timeout or status 429 at least [`FLOOR`], or the schedule's longest
    /// step if that is shorter: a schedule of milliseconds stays one of milliseconds.
    #[must_use]
    pub fn next(&self, attempts_made: usize, failed: &Exchange, jitter: f64) -> Option<Duration> {
        if failed.outcome != Outcome::Retry {
            return None;
        }
        let step = *self.steps.get(attempts_made.checked_sub(1)?)?;
        let factor = jitter.clamp(*JITTER.start(), *JITTER.end());
        let wait = Duration::try_from_secs_f64(step.as_secs_f64() * factor).unwrap_or(step);
        let asked = failed.retry_after.unwrap_or_default().min(RETRY_AFTER_MAX);
        let is_overloaded = failed.error_class == Some(ErrorClass::Timeout)
            || failed.status == Some(TOO_MANY_REQUESTS);
        let floor = if is_overloaded {
            self.steps
                .iter()
                .max()
                .map_or(FLOOR, |step| FLOOR.min(*step))
        } else {
            Duration::ZERO
        };
        Some(wait.max(asked).max(floor))
    }
}

/// Reads `Retry-After` (RFC 9110 section 10.2.3): seconds, or a date, which `now` makes a wait.
/// A date that has passed is no wait; what cannot be read is none either.
#[must_use]
pub fn retry_after(value: &str, now: DateTime<Utc>) -> Option<Duration> {
    let value = value.trim();
    if !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit()) {
        // More than fits is as good as the most.
        let seconds = value.parse().unwrap_or(u64::MAX);
        return Some(Duration::from_secs(seconds).min(RETRY_AFTER_MAX));
    }
    let until = httpdate::parse_http_date(value).ok()?;
    let wait = until.duration_since(SystemTime::from(now));
    Some(wait.unwrap_or_default().min(RETRY_AFTER_MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeZone;
    use proptest::prelude::*;

    const MINUTE: Duration = Duration::from_secs(60);
    const HOUR: Duration = Duration::from_secs(3600);

    fn schedule() -> Schedule {
        let minutes = [(5, 1), (5, 60), (30, 60), (2, 3600), (24, 3600)];
        Schedule::new(
            minutes
                .map(|(n, unit)| Duration::from_secs(n * unit))
                .to_vec(),
        )
    }

    fn failed(status: u16) -> Exchange {
        Exchange {
            status: Some(status),
            ..Exchange::retry(ErrorClass::Status)
        }
    }

    #[test]
    fn waits_follow_the_schedule_to_its_end() {
        let waits: Vec<_> = (0..=7)
            .map(|made| schedule().next(made, &failed(500), 1.0))
            .collect();
        let expected = [
            None,
            Some(5),
            Some(300),
            Some(1800),
            Some(7200),
            Some(86400),
            None,
            None,
        ];
        assert_eq!(
            waits,
            expected.map(|seconds| seconds.map(Duration::from_secs))
        );
        assert_eq!(schedule().attempts(), 6);
    }

    #[test]
    fn only_what_can_be_mended_is_tried_again() {
        for outcome in Outcome::all() {
            let exchange = Exchange {
                outcome,
                ..failed(500)
            };
            let again = schedule().next(1, &exchange, 1.0).is_some();
            assert_eq!(again, outcome == Outcome::Retry, "{outcome}");
        }
    }

    #[test]
    fn the_receiver_can_ask_for_more_time_but_not_for_less() {
        for (asked, made, expected) in [
            (Duration::from_secs(1), 2, 5 * MINUTE),
            (10 * MINUTE, 2, 10 * MINUTE),
            (100 * HOUR, 2, 24 * HOUR),
        ] {
            let exchange = Exchange {
                retry_after: Some(asked),
                ..failed(503)
            };
            assert_eq!(schedule().next(made, &exchange, 1.0), Some(expected));
        }
    }

    #[test]
    fn overload_waits_a_minute() {
        let timeout = Exchange::retry(ErrorClass::Timeout);
        assert_eq!(schedule().next(1, &timeout, 1.0), Some(MINUTE));
        assert_eq!(schedule().next(1, &failed(429), 1.0), Some(MINUTE));
        assert_eq!(schedule().next(2, &timeout, 1.0), Some(5 * MINUTE));
        let short = Schedule::new([1, 20].map(Duration::from_millis).to_vec());
        assert_eq!(
            short.next(1, &timeout, 1.0),
            Some(Duration::from_millis(20))
        );
        assert_eq!(
            short.next(1, &failed(500), 1.0),
            Some(Duration::from_millis(1))
        );
    }

    #[test]
    fn reads_seconds_and_dates() {
        let now = Utc.with_ymd_and_hms(2026, 4, 1, 0, 0, 0).unwrap();
        for (value, seconds) in [
            ("0", Some(0)),
            ("120", Some(120)),
            (" 120 ", Some(120)),
            ("99999999999999999999999", Some(86_400)),
            ("Wed, 01 Apr 2026 00:02:00 GMT", Some(120)),
            ("Wednesday, 01-Apr-26 00:02:00 GMT", Some(120)),
            ("Wed Apr  1 00:02:00 2026", Some(120)),
            ("Tue, 31 Mar 2026 23:00:00 GMT", Some(0)),
            ("Wed, 01 Apr 2099 00:00:00 GMT", Some(86_400)),
            ("", None),
            ("-1", None),
            ("1.5", None),
            ("soon", None),
            ("2026-04-01T00:02:00Z", None),
        ] {
            assert_eq!(
                retry_after(value, now),
                seconds.map(Duration::from_secs),
                "{value}"
            );
        }
    }

    proptest! {
        #[test]
        fn jitter_stays_within_a_fifth(jitter in proptest::num::f64::ANY, made in 1_usize..=5) {
            let exact = schedule().next(made, &failed(500), 1.0).unwrap();
            let wait = schedule().next(made, &failed(500), jitter).unwrap();
            prop_assert!(wait >= exact.mul_f64(0.799) && wait <= exact.mul_f64(1.201));
        }
    }
}

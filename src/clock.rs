//! The only place that reads the time of day.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};

/// Digits of a second that are kept: `PostgreSQL` stores microseconds.
const SECOND_DIGITS: u16 = 6;

/// Tells the time: the system's, or in tests one that stands still until set.
/// Copies of a fixed clock show the same time.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    /// Microseconds since 1970 of a fixed clock.
    fixed: Option<Arc<AtomicI64>>,
}

impl Clock {
    #[must_use]
    pub fn system() -> Self {
        Self::default()
    }

    /// A clock that shows `instant` until it is set.
    #[must_use]
    pub fn fixed(instant: DateTime<Utc>) -> Self {
        Self {
            fixed: Some(Arc::new(AtomicI64::new(instant.timestamp_micros()))),
        }
    }

    /// Whether this clock stands still.
    #[must_use]
    pub const fn is_fixed(&self) -> bool {
        self.fixed.is_some()
    }

    /// Sets a fixed clock; the system's is left alone.
    pub fn set(&self, instant: DateTime<Utc>) {
        if let Some(micros) = &self.fixed {
            micros.store(instant.timestamp_micros(), Ordering::SeqCst);
        }
    }

    /// Moves a fixed clock; the system's is left alone.
    pub fn advance(&self, by: TimeDelta) {
        self.set(self.now() + by);
    }

    /// The time, cut to microseconds so that it survives a round trip through
    /// either database.
    #[must_use]
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads the time"
    )]
    pub fn now(&self) -> DateTime<Utc> {
        match &self.fixed {
            Some(micros) => DateTime::from_timestamp_micros(micros.load(Ordering::SeqCst))
                .unwrap_or(DateTime::UNIX_EPOCH),
            None => Utc::now().trunc_subsecs(SECOND_DIGITS),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{TimeZone, Timelike};

    #[test]
    fn the_system_clock_shows_whole_microseconds() {
        assert_eq!(Clock::system().now().nanosecond() % 1_000, 0);
    }

    #[test]
    fn a_fixed_clock_moves_only_when_set() {
        let start = Utc.with_ymd_and_hms(2026, 4, 1, 0, 0, 0).unwrap();
        let clock = Clock::fixed(start);
        let copy = clock.clone();
        assert_eq!(copy.now(), start);
        clock.advance(TimeDelta::days(1));
        assert_eq!(copy.now(), start + TimeDelta::days(1));
    }
}

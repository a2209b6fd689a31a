//! How a request that changed something wakes the worker of its own process.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::Notify;

/// A worker that has not gone round for so long is not working.
const SILENT_SECONDS_MAX: i64 = 60;

/// Shared by the server and its worker. Waking is a hint: a worker goes round
/// by itself too, so that nothing depends on it.
#[derive(Clone, Debug, Default)]
pub struct Waker {
    notify: Arc<Notify>,
    /// Microseconds since 1970 of the last round; 0 before the first.
    last_round: Arc<AtomicI64>,
}

impl Waker {
    /// Has the worker go round soon. Many wakes are one round.
    pub fn wake(&self) {
        self.notify.notify_one();
    }

    pub(super) async fn woken(&self) {
        self.notify.notified().await;
    }

    pub(super) fn went_round(&self, at: DateTime<Utc>) {
        self.last_round
            .store(at.timestamp_micros(), Ordering::Relaxed);
    }

    /// Whether a worker that was started still goes round; `true` where none
    /// was started.
    #[must_use]
    pub fn is_well(&self, now: DateTime<Utc>) -> bool {
        match self.last_round.load(Ordering::Relaxed) {
            0 => true,
            micros => {
                now.timestamp_micros().saturating_sub(micros)
                    < TimeDelta::seconds(SILENT_SECONDS_MAX)
                        .num_microseconds()
                        .unwrap_or(i64::MAX)
            }
        }
    }
}

//! What the handlers of one process share.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Semaphore;

use super::limits::{IMPORTS_AT_ONCE, Limits};
use super::reply::BodyCache;
use super::tokens::TokenKeys;
use crate::app::Office;
use crate::clock::Clock;
use crate::config::HttpConfig;
use crate::domain::scorecard::Settings;
use crate::domain::template::Templates;
use crate::notify::Waker;
use crate::notify::address::AddressPolicy;
use crate::storage::Db;

/// Cheap to clone: every worker holds one.
#[derive(Clone)]
pub struct State {
    pub db: Db,
    pub clock: Clock,
    pub office: Arc<Office>,
    /// Wakes this process's worker, which tells people what changed.
    pub waker: Waker,
    pub templates: Arc<Templates>,
    /// Settings of new scorecards, where neither template nor caller says otherwise.
    pub settings: Settings,
    pub tokens: TokenKeys,
    pub limits: Arc<Limits>,
    pub bodies: BodyCache,
    pub in_flight: InFlight,
    /// Turns at reading files.
    pub imports: Arc<Semaphore>,
    /// Where notices may go.
    pub addresses: Arc<AddressPolicy>,
    stopping: Arc<AtomicBool>,
}

impl State {
    /// Makes readiness fail, so that no new work is sent here.
    pub fn stop(&self) {
        self.stopping.store(true, Ordering::SeqCst);
    }

    #[must_use]
    pub fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::SeqCst)
    }

    #[must_use]
    pub fn new(
        db: Db,
        clock: Clock,
        office: Office,
        templates: Templates,
        settings: Settings,
        tokens: TokenKeys,
        http: &HttpConfig,
    ) -> Self {
        Self {
            db,
            clock,
            office: Arc::new(office),
            waker: Waker::default(),
            templates: Arc::new(templates),
            settings,
            tokens,
            limits: Arc::new(Limits::new(http.sign_ins, http.requests)),
            bodies: BodyCache::default(),
            in_flight: InFlight::default(),
            imports: Arc::new(Semaphore::new(IMPORTS_AT_ONCE)),
            addresses: Arc::default(),
            stopping: Arc::default(),
        }
    }

    /// Lets notices go to other than public addresses, too.
    #[must_use]
    pub fn with_addresses(mut self, addresses: AddressPolicy) -> Self {
        self.addresses = Arc::new(addresses);
        self
    }
}

/// Idempotency keys whose first request is being worked on in this process.
#[derive(Clone, Default)]
pub struct InFlight(Arc<Mutex<HashSet<String>>>);

impl InFlight {
    /// Claims a key until the returned guard is dropped; `None` while it is claimed.
    #[must_use]
    pub fn claim(&self, key: String) -> Option<InFlightGuard> {
        let mut keys = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        keys.insert(key.clone()).then(|| InFlightGuard {
            keys: self.clone(),
            key,
        })
    }
}

pub struct InFlightGuard {
    keys: InFlight,
    key: String,
}

impl Drop for InFlightGuard {
    fn drop(&mut self) {
        self.keys
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&self.key);
    }
}

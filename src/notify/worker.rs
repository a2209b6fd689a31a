//! The worker: looks at the scorecards whose time has come, makes digests, and
//! sends what waits in the outbox.
//!
//! Guaranteed: at least once. What the database has is found after a crash; what
//! was leased and not settled is sent again when its lease has run out, with the
//! same identifier and bytes. Replicas may run side by side: a scorecard is
//! looked at under its lock, and a delivery is leased by one of them. Leases only
//! save work; who lost one changes nothing any more.

use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures_util::FutureExt as _;
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::client::HttpClient;
use super::mail::{Mailer, OutgoingMail};
use super::preset::{Dispatch, Presets};
use super::retry::{JITTER, Schedule};
use super::sign::SigningSecret;
use super::{Exchange, Timeouts, Waker};
use crate::app::deliveries::{self, Ended, Job, StoredMail};
use crate::app::{AppError, Office, digests, notices};
use crate::clock::Clock;
use crate::domain::delivery::{Channel, ErrorClass, Outcome};
use crate::domain::ids::SubscriptionId;
use crate::storage::deliveries::{Attempt, Claim};
use crate::storage::{Db, StorageError};

/// Deliveries in flight in one process.
pub const IN_FLIGHT_MAX: usize = 32;
/// Deliveries in flight to one destination, so that one that hangs holds up
/// nobody else.
pub const IN_FLIGHT_EACH: usize = 2;
/// How long a worker may take to send and settle: twice the longest attempt.
pub const LEASE: Duration = Duration::from_secs(2 * Timeouts::MAIL.whole.as_secs() + 5);
/// The longest that a worker rests: another replica may have left something.
const REST_MAX: Duration = Duration::from_secs(5);
/// Rest after the database failed.
const REST_AFTER_FAILURE: Duration = Duration::from_secs(1);
/// Scorecards and digests that one round looks at.
const ROUND: i64 = 100;
/// How long deliveries in flight get to end when the service stops.
const FAREWELL: Duration = Duration::from_secs(20);

/// Everything that sending takes.
#[derive(Clone)]
pub struct Worker {
    pub db: Db,
    pub office: Arc<Office>,
    pub clock: Clock,
    pub waker: Waker,
    pub http: HttpClient,
    /// `None`: no mail server is configured.
    pub mailer: Option<Mailer>,
    /// Domain of the identifiers of mails.
    pub mail_domain: String,
    pub presets: Presets,
    pub schedule: Schedule,
    /// Distinguishes this process from its replicas.
    pub owner: String,
    pub lease: Duration,
}

/// What a round left to do.
struct Round {
    jobs: Vec<Job>,
    /// How long until there is something to do, as far as this process knows.
    rest: Duration,
}

impl Worker {
    /// Works until told to stop; then lets what is in flight end, and gives the
    /// rest back.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        let mut flights: JoinSet<()> = JoinSet::new();
        let in_flight = Flights::default();
        while !*stop.borrow() {
            let rest = match self.round(&in_flight, &mut flights).await {
                Ok(rest) => rest,
                Err(error) => {
                    log::warn!("notices: {error}");
                    REST_AFTER_FAILURE
                }
            };
            tokio::select! {
                () = tokio::time::sleep(rest) => {}
                () = self.waker.woken() => {}
                _ = stop.changed() => {}
                Some(_) = flights.join_next() => {}
            }
            while flights.try_join_next().is_some() {}
            in_flight.forget_landed();
        }
        self.finish(flights).await;
    }

    async fn finish(&self, mut flights: JoinSet<()>) {
        let landed = async { while flights.join_next().await.is_some() {} };
        if tokio::time::timeout(FAREWELL, landed).await.is_err() {
            log::warn!("notices: gave up waiting for deliveries in flight");
        }
        let worker = self.clone();
        let released = blocking(move || {
            worker
                .db
                .write(|conn| deliveries::release(conn, Some(&worker.owner)))
        });
        if let Err(error) = released.await {
            log::warn!("notices: leases were not given back: {error}");
        }
    }

    /// One round: what time brought, then what is due. Returns how long to rest.
    async fn round(
        &self,
        in_flight: &Flights,
        flights: &mut JoinSet<()>,
    ) -> Result<Duration, AppError> {
        let places = in_flight.places();
        let free = IN_FLIGHT_MAX.saturating_sub(in_flight.count());
        let worker = self.clone();
        let Round { jobs, rest } = blocking(move || worker.look_and_claim(&places, free)).await?;
        let may_be_more = !jobs.is_empty() && jobs.len() < free;
        for job in jobs {
            let landing = in_flight.depart(&job.delivery.subscription);
            let worker = self.clone();
            flights.spawn(async move {
                // Held until the delivery has landed, whatever happens.
                let _landing = landing;
                worker.deliver(job).await;
            });
        }
        Ok(if may_be_more { Duration::ZERO } else { rest })
    }

    fn look_and_claim(
        &self,
        places: &BTreeMap<SubscriptionId, usize>,
        free: usize,
    ) -> Result<Round, AppError> {
        let now = self.now()?;
        let looked_at = self.look(now)?;
        self.waker.went_round(self.clock.now());
        let claim = Claim {
            owner: &self.owner,
            now,
            lease_until: now + self.lease,
            places,
            places_each: IN_FLIGHT_EACH,
            limit: free,
        };
        let (has_due, next) = self.db.read(|conn| {
            let next = [
                notices::next_after(conn, now)?,
                deliveries::next_after(conn, now)?,
            ];
            Ok::<_, AppError>((deliveries::has_due(conn, now)?, next))
        })?;
        let jobs = if has_due && free > 0 {
            self.db
                .write(|conn| deliveries::claim(conn, &self.office, &claim))?
        } else {
            Vec::new()
        };
        let rest = if looked_at >= ROUND {
            Duration::ZERO
        } else {
            next.into_iter()
                .flatten()
                .filter_map(|moment| (moment - now).to_std().ok())
                .fold(REST_MAX, Duration::min)
        };
        Ok(Round { jobs, rest })
    }

    /// Looks at scorecards and digests whose time has come. One that fails is
    /// put off and holds up no other.
    fn look(&self, now: DateTime<Utc>) -> Result<i64, AppError> {
        let (scorecards, digests) = self.db.read(|conn| {
            Ok::<_, AppError>((
                notices::due(conn, now, ROUND)?,
                digests::due(conn, now, ROUND)?,
            ))
        })?;
        let mut count = 0;
        for id in &scorecards {
            count += 1;
            let clock = || now.max(self.clock.now());
            let attended = self
                .db
                .write(|conn| notices::attend_by(conn, &self.office, id, &clock));
            if let Err(error) = attended {
                passing(&error)?;
                log::error!("notices of scorecard {id}: {error}");
                self.db.write(|conn| notices::put_off(conn, id, now))?;
            }
        }
        for id in &digests {
            count += 1;
            let attended = self
                .db
                .write(|conn| digests::attend(conn, &self.office, id, now));
            if let Err(error) = attended {
                passing(&error)?;
                log::error!("digest of subscription {id}: {error}");
                self.db.write(|conn| digests::put_off(conn, id, now))?;
            }
        }
        Ok(count)
    }

    /// The time by which replicas agree: the database's, but for a clock that a
    /// test holds.
    fn now(&self) -> Result<DateTime<Utc>, AppError> {
        if self.clock.is_fixed() {
            return Ok(self.clock.now());
        }
        let shared = self.db.read(crate::storage::outbox::server_time)?;
        Ok(shared.unwrap_or_else(|| self.clock.now()))
    }

    /// Sends a leased delivery once, and notes what came of it.
    async fn deliver(&self, job: Job) {
        let started_at = self.clock.now();
        let sent = AssertUnwindSafe(self.send(&job)).catch_unwind().await;
        let exchange = sent.unwrap_or_else(|_panic| {
            log::error!("delivery {}: sending panicked", job.delivery.id);
            failed(ErrorClass::Other, "internal error")
        });
        let worker = self.clone();
        let id = job.delivery.id.clone();
        let settled = blocking(move || worker.settle(&job, started_at, &exchange)).await;
        if let Err(error) = settled {
            // The lease runs out, and it is sent again.
            log::warn!("delivery {id} was not settled: {error}");
        }
        self.waker.wake();
    }

    async fn send(&self, job: &Job) -> Exchange {
        let Some(endpoint) = &job.endpoint else {
            return failed(
                ErrorClass::Other,
                "the address was encrypted with another key",
            );
        };
        if job.channel == Channel::Email {
            return self.send_mail(job).await;
        }
        let secrets: Vec<SigningSecret> = job
            .secrets
            .iter()
            .filter_map(|secret| SigningSecret::parse(secret).ok())
            .collect();
        let dispatch = Dispatch {
            channel: job.channel,
            endpoint,
            body: job.delivery.message.as_bytes(),
            id: job.delivery.id.as_str(),
            at: self.clock.now(),
            secrets: &secrets,
        };
        match self.presets.post_of(&dispatch) {
            Ok(post) => self.http.post(&post).await,
            Err(mismatch) => failed(ErrorClass::Other, &mismatch.to_string()),
        }
    }

    async fn send_mail(&self, job: &Job) -> Exchange {
        let Some(mailer) = &self.mailer else {
            return failed(ErrorClass::Other, "no mail server is configured");
        };
        let stored: Result<StoredMail, _> = serde_json::from_str(&job.delivery.message);
        let (Ok(mail), Some(to)) = (stored, &job.delivery.recipient) else {
            return failed(ErrorClass::Other, "the stored mail cannot be read");
        };
        let identifier = |name: &str| format!("<{name}@{}>", self.mail_domain);
        let references: Vec<String> = mail.thread.iter().map(|name| identifier(name)).collect();
        mailer
            .send(&OutgoingMail {
                to: to.clone(),
                subject: mail.subject,
                text: mail.text,
                html: mail.html,
                message_id: identifier(job.delivery.id.as_str()),
                in_reply_to: references.first().cloned(),
                references,
            })
            .await
    }

    fn settle(
        &self,
        job: &Job,
        started_at: DateTime<Utc>,
        exchange: &Exchange,
    ) -> Result<(), AppError> {
        let at = self.now()?;
        let made = job.delivery.attempts.saturating_add(1);
        let jitter = rand::random_range(JITTER);
        let wait = self.schedule.next(
            usize::try_from(made).unwrap_or(usize::MAX),
            exchange,
            jitter,
        );
        let ended = Ended {
            outcome: exchange.outcome,
            retry_at: wait.map(|wait| at + wait),
            attempt: Attempt {
                number: made,
                started_at,
                milliseconds: i64::try_from(exchange.elapsed.as_millis()).unwrap_or(i64::MAX),
                outcome: exchange.outcome.code().to_owned(),
                status: exchange.status.map(i64::from),
                error: exchange.error_class.map(|class| class.code().to_owned()),
                excerpt: exchange.excerpt.clone(),
            },
            at,
        };
        self.db
            .write(|conn| deliveries::settle(conn, &self.office, &job.delivery, &ended))
    }
}

/// Deliveries in flight, by destination.
#[derive(Clone, Default)]
struct Flights {
    places: Arc<std::sync::Mutex<BTreeMap<SubscriptionId, usize>>>,
}

/// Frees a place when it is dropped.
struct Landing {
    flights: Flights,
    destination: SubscriptionId,
}

impl Flights {
    fn taken(&self) -> std::sync::MutexGuard<'_, BTreeMap<SubscriptionId, usize>> {
        self.places
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn depart(&self, destination: &SubscriptionId) -> Landing {
        *self.taken().entry(destination.clone()).or_default() += 1;
        Landing {
            flights: self.clone(),
            destination: destination.clone(),
        }
    }

    fn count(&self) -> usize {
        self.taken().values().sum()
    }

    /// Free places at the destinations that have something in flight.
    fn places(&self) -> BTreeMap<SubscriptionId, usize> {
        self.taken()
            .iter()
            .map(|(id, count)| (id.clone(), IN_FLIGHT_EACH.saturating_sub(*count)))
            .collect()
    }

    fn forget_landed(&self) {
        self.taken().retain(|_, count| *count > 0);
    }
}

impl Drop for Landing {
    fn drop(&mut self) {
        if let Some(count) = self.flights.taken().get_mut(&self.destination) {
            *count = count.saturating_sub(1);
        }
    }
}

fn failed(class: ErrorClass, what: &str) -> Exchange {
    Exchange {
        outcome: Outcome::Retry,
        status: None,
        error_class: Some(class),
        excerpt: Some(what.to_owned()),
        retry_after: None,
        elapsed: Duration::ZERO,
    }
}

/// Passes an outage on, which concerns everything, not only what was at hand.
fn passing(error: &AppError) -> Result<(), AppError> {
    match error {
        AppError::Storage(StorageError::Unavailable(cause)) => {
            Err(StorageError::Unavailable(cause.clone()).into())
        }
        _ => Ok(()),
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, AppError> + Send + 'static,
) -> Result<T, AppError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(error) => Err(AppError::Internal(error.to_string())),
    }
}

/// Starts a worker on a thread of its own. It stops when `stop` says so, and the
/// thread ends when it has.
///
/// # Errors
/// Where the thread cannot be started.
pub fn start(
    worker: Worker,
    stop: watch::Receiver<bool>,
) -> std::io::Result<std::thread::JoinHandle<()>> {
    std::thread::Builder::new()
        .name("notices".to_owned())
        .spawn(move || supervise(&worker, &stop))
}

/// Runs the worker, and runs it again should it ever panic.
fn supervise(worker: &Worker, stop: &watch::Receiver<bool>) {
    loop {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        let runtime = match runtime {
            Ok(runtime) => runtime,
            Err(error) => {
                log::error!("notices: {error}");
                return;
            }
        };
        let run = AssertUnwindSafe(|| runtime.block_on(worker.clone().run(stop.clone())));
        match std::panic::catch_unwind(run) {
            Ok(()) => return,
            Err(_panic) => {
                log::error!("the worker of notices panicked, and starts again");
                std::thread::sleep(REST_AFTER_FAILURE);
            }
        }
    }
}

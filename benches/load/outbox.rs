//! Destinations and the outbox, through the API like everybody's.

use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::Outcome;
use super::client::Connection;
use super::data::Data;
use super::receiver::Receiver;

/// What is told within this time is told.
const PATIENCE: Duration = Duration::from_secs(300);
/// Between two looks at the outbox.
const PAUSE: Duration = Duration::from_millis(50);

pub struct Outbox<'a> {
    data: &'a Data,
    connection: Connection,
}

/// How many deliveries there are.
#[derive(Clone, Copy, Debug, Default)]
pub struct Depth {
    pub queued: u64,
    /// Being sent, or waiting to be tried again.
    pub under_way: u64,
}

impl<'a> Outbox<'a> {
    pub const fn new(data: &'a Data, connection: Connection) -> Self {
        Self { data, connection }
    }

    pub fn post(&mut self, path: &str, body: &Value, status: u16) -> Outcome<Value> {
        let connection = &mut self.connection;
        self.data.send(connection, "POST", path, body, status)
    }

    /// Subscribes webhooks to the nation, or to a hub; returns their identifiers.
    pub fn subscribe(&mut self, receivers: &[Receiver], hub: Option<&str>) -> Outcome<Vec<String>> {
        let scope = hub.map_or_else(|| json!({}), |hub| json!({ "hub": hub }));
        let mut ids = Vec::new();
        for receiver in receivers {
            let body = json!({
                "name": receiver.url(), "channel": "webhook", "url": receiver.url(),
                "scope": scope, "escalation_days": 0,
            });
            let made = self.post("/v1/subscriptions", &body, 201)?;
            ids.push(super::data::text(&made, "id")?);
        }
        Ok(ids)
    }

    /// What still waits for these is cancelled.
    pub fn unsubscribe(&mut self, ids: &[String]) -> Outcome<()> {
        for id in ids {
            let path = format!("/v1/subscriptions/{id}");
            let connection = &mut self.connection;
            self.data
                .send(connection, "DELETE", &path, &Value::Null, 204)?;
        }
        Ok(())
    }

    pub fn pause(&mut self) -> Outcome<()> {
        self.post("/v1/outbox/pause", &json!({"reason": "load"}), 200)?;
        Ok(())
    }

    pub fn resume(&mut self) -> Outcome<()> {
        self.post("/v1/outbox/resume", &json!({}), 200)?;
        Ok(())
    }

    pub fn depth(&mut self) -> Outcome<Depth> {
        let connection = &mut self.connection;
        let outbox = self
            .data
            .send(connection, "GET", "/v1/outbox", &Value::Null, 200)?;
        let depth = |state: &str| outbox["depth"][state].as_u64().unwrap_or_default();
        Ok(Depth {
            queued: depth("queued"),
            under_way: depth("leased") + depth("retry_wait"),
        })
    }

    /// Waits until the outbox is as wanted.
    pub fn wait(&mut self, wanted: impl Fn(Depth) -> bool) -> Outcome<()> {
        let began = Instant::now();
        loop {
            let depth = self.depth()?;
            if wanted(depth) {
                return Ok(());
            }
            if began.elapsed() > PATIENCE {
                return Err(format!("the outbox stays at {depth:?}").into());
            }
            thread::sleep(PAUSE);
        }
    }

    /// Waits until everything is sent.
    pub fn drain(&mut self) -> Outcome<()> {
        self.wait(|depth| depth.queued + depth.under_way == 0)
    }
}

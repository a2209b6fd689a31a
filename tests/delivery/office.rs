//! A prefecture with scorecards of one red step each, behind a running server.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use shirube::storage::DatabaseUrl;

use crate::database::{TestDatabase, postgres_server};
use crate::process::{Folder, Server, run};
use crate::receiver::Receiver;

/// Nothing here takes so long on a machine that works.
pub const PATIENCE: Duration = Duration::from_secs(60);
/// Longer than a lease, twice the longest attempt, which a dead server leaves behind.
pub const LEASE: Duration = Duration::from_secs(150);
/// What servers of one database share.
const SECRET: &str = "the-replicas-share-a-secret-of-32-bytes";
const PASSWORD: &str = "correct horse 馬";
/// The first month of every scorecard; 49 of them have ended by any day after.
pub const START: (i32, u32) = (2022, 4);

/// What every server of these tests is told: it may call this machine, and
/// tries again soon.
const VARIABLES: [(&str, &str); 4] = [
    ("SHIRUBE_OUTBOUND_ALLOW", "127.0.0.0/8"),
    ("SHIRUBE_DELIVERY_SCHEDULE", "300ms,300ms,300ms,300ms,300ms"),
    ("SHIRUBE_NOTICE_QUIET", "300ms"),
    ("SHIRUBE_RATE_REQUESTS", "0"),
];

/// A data folder and how its server is started.
pub struct Place {
    folder: Folder,
    /// Where `TEST_DATABASE_URL` is set: the database is there.
    database: Option<TestDatabase>,
    variables: Vec<(String, String)>,
}

impl Place {
    /// With a database on the server of `TEST_DATABASE_URL`, else with its own file.
    pub fn new(more: &[(&str, &str)]) -> Self {
        if postgres_server().is_none() {
            return Self::embedded(more);
        }
        let database = TestDatabase::postgres();
        let mut place = Self::sharing(&database, more);
        place.database = Some(database);
        place
    }

    /// With its own database file.
    pub fn embedded(more: &[(&str, &str)]) -> Self {
        Self {
            folder: Folder::new(),
            database: None,
            variables: VARIABLES
                .iter()
                .chain(more)
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
        }
    }

    /// With a database that others use, too.
    pub fn sharing(database: &TestDatabase, more: &[(&str, &str)]) -> Self {
        let DatabaseUrl::Postgres(url) = database.url() else {
            panic!("only PostgreSQL is shared");
        };
        let mut place = Self::embedded(more);
        for (name, value) in [
            ("DATABASE_URL", url.as_str()),
            ("SHIRUBE_JWT_SECRET", SECRET),
        ] {
            place.variables.push((name.to_owned(), value.to_owned()));
        }
        place
    }

    pub fn data(&self) -> PathBuf {
        self.folder.path()
    }

    pub fn variables(&self) -> Vec<(&str, &str)> {
        self.variables
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect()
    }

    /// Runs a command that succeeds; returns its standard output.
    pub fn command(&self, arguments: &[&str], input: &str) -> String {
        let output = run(arguments, &self.data(), &self.variables(), input);
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {error}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// Opens the first account.
    pub fn found(&self) {
        let arguments = [
            "admin",
            "create",
            "--email",
            "n@example.jp",
            "--role",
            "national",
            "--password-stdin",
        ];
        self.command(&arguments, PASSWORD);
    }

    /// Starts a server; returns it with its address.
    pub fn serve(&self) -> (Server, String) {
        let server = Server::start(&["serve"], &self.data(), &self.variables());
        let told = server.told("shirube listens on ");
        let address = told.split(' ').next().unwrap().to_owned();
        (server, address)
    }
}

/// A caller of a running server.
pub struct Caller {
    pub address: String,
    token: String,
    http: reqwest::Client,
}

impl Caller {
    pub async fn sign_in(address: &str) -> Self {
        let http = reqwest::Client::builder()
            .no_proxy()
            .tls_certs_only([])
            .build()
            .unwrap();
        let body = json!({"grant_type": "password", "email": "n@example.jp", "password": PASSWORD});
        let answer: Value = http
            .post(format!("{address}/v1/auth/token"))
            .header("content-type", "application/json")
            .body(body.to_string())
            .send()
            .await
            .unwrap()
            .bytes()
            .await
            .map(|bytes| serde_json::from_slice(&bytes).unwrap())
            .unwrap();
        Self {
            address: address.to_owned(),
            token: answer["access_token"].as_str().unwrap().to_owned(),
            http,
        }
    }

    /// The same caller at another server of the same office.
    pub fn at(&self, address: &str) -> Self {
        Self {
            address: address.to_owned(),
            token: self.token.clone(),
            http: self.http.clone(),
        }
    }

    async fn send(&self, method: reqwest::Method, path: &str, body: Option<&Value>) -> Value {
        let mut request = self
            .http
            .request(method, format!("{}{path}", self.address))
            .bearer_auth(&self.token);
        if let Some(body) = body {
            request = request
                .header("content-type", "application/json")
                .body(body.to_string());
        }
        let answer = request.send().await.unwrap();
        let status = answer.status();
        let bytes = answer.bytes().await.unwrap();
        let text = String::from_utf8_lossy(&bytes);
        assert!(status.is_success(), "{path}: {status} {text}");
        serde_json::from_slice(&bytes).unwrap_or(Value::Null)
    }

    pub async fn post(&self, path: &str, body: &Value) -> Value {
        self.send(reqwest::Method::POST, path, Some(body)).await
    }

    pub async fn get(&self, path: &str) -> Value {
        self.send(reqwest::Method::GET, path, None).await
    }

    /// A hub of prefecture 06 with so many scorecards; returns their identifiers.
    pub async fn build(&self, scorecards: usize) -> Vec<String> {
        let name = |text: &str| json!({"ja": text, "en": text});
        let prefecture = json!({"code": "06", "name": name("山形県"), "market_type": "mature"});
        self.post("/v1/prefectures", &prefecture).await;
        let hub = json!({"code": "yamagata", "prefecture": "06", "name": name("山形拠点")});
        self.post("/v1/hubs", &hub).await;
        let mut ids = Vec::new();
        for number in 0..scorecards {
            let body = json!({
                "hub": "yamagata", "key": format!("card-{number}"), "start_month": month(0),
                "definition": definition(),
            });
            let created = self.post("/v1/scorecards", &body).await;
            ids.push(created["id"].as_str().unwrap().to_owned());
        }
        ids
    }

    /// Reports nothing done in a month: red, and complete.
    pub async fn report_red(&self, scorecard: &str, number: u32) -> Value {
        let body = json!({"month": month(number), "values": [{"item": "consult", "value": 0}]});
        self.post(&format!("/v1/scorecards/{scorecard}/actuals"), &body)
            .await
    }

    /// Subscribes a webhook of prefecture 06; returns its identifier and secret.
    pub async fn subscribe(&self, url: &str) -> (String, String) {
        let body = json!({
            "name": format!("受信 {url}"), "channel": "webhook", "url": url,
            "scope": {"prefecture": "06"},
        });
        let made = self.post("/v1/subscriptions", &body).await;
        let text = |member: &str| made[member].as_str().unwrap().to_owned();
        (text("id"), text("secret"))
    }

    pub async fn deliveries(&self, subscription: &str) -> Vec<Value> {
        let path = format!("/v1/subscriptions/{subscription}/deliveries?limit=200");
        self.get(&path).await["items"].as_array().unwrap().clone()
    }
}

/// The month so many after the first.
pub fn month(number: u32) -> String {
    let months = START.1 - 1 + number;
    let year = START.0 + i32::try_from(months / 12).unwrap();
    format!("{year}-{:02}", months % 12 + 1)
}

/// One high-hurdle step, so that every report completes its month.
fn definition() -> Value {
    let name = |text: &str| json!({"ja": text, "en": text});
    let item = json!({
        "key": "consult", "name": name("相談"), "stage": "consult", "track": null, "measure": "flow",
        "unit": "cases", "direction": "higher", "strict": false, "proportion": false,
        "high_hurdle": true, "weight": 1, "bar": null,
        "phasing": {"kind": "even", "sessions": null, "weights": null, "first_month": 1},
        "targets": [{"year": 1, "value": 120, "formula": null}],
    });
    json!({
        "key": "one", "name": name("一段"), "market_type": "mature", "basis": null,
        "stages": [{"stage": "consult", "perspective": "customer", "name": name("相談")}],
        "tracks": [], "parameters": [], "items": [item], "links": [],
    })
}

/// A request as a receiver got it.
#[derive(Clone, Debug)]
pub struct Received {
    pub id: String,
    headers: BTreeMap<String, String>,
    pub body: String,
}

impl Received {
    fn of(request: &str) -> Self {
        let (head, body) = request.split_once("\r\n\r\n").unwrap();
        let headers: BTreeMap<String, String> = head
            .lines()
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
            .collect();
        Self {
            id: headers.get("webhook-id").cloned().unwrap_or_default(),
            headers,
            body: body.to_owned(),
        }
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    pub fn event(&self) -> String {
        self.json()["type"].as_str().unwrap().to_owned()
    }

    /// Demands that the independent library of the scheme accepts the signature.
    pub fn verify(&self, secret: &str) {
        let mut headers = reqwest::header::HeaderMap::new();
        for name in ["webhook-id", "webhook-timestamp", "webhook-signature"] {
            headers.insert(name, self.headers[name].parse().unwrap());
        }
        standardwebhooks::Webhook::new(secret)
            .unwrap()
            .verify(self.body.as_bytes(), &headers)
            .unwrap();
    }
}

/// Everything that a receiver got so far.
pub fn received(receiver: &Receiver) -> Vec<Received> {
    receiver
        .requests()
        .iter()
        .map(|request| Received::of(request))
        .collect()
}

pub fn ids(received: &[Received]) -> BTreeSet<String> {
    received.iter().map(|each| each.id.clone()).collect()
}

/// Waits until something is so.
pub async fn until(what: &str, patience: Duration, holds: impl AsyncFn() -> bool) {
    let started = Instant::now();
    while !holds().await {
        assert!(started.elapsed() < patience, "waited in vain: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

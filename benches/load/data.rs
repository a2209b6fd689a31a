//! A nation's worth of scorecards, put in through the API like everybody's
//! data, and the requests that use them.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use shirube::clock::Clock;
use shirube::domain::month::Month;
use shirube::domain::scorecard::{Definition, Measure};
use shirube::domain::template::Templates;

use super::Outcome;
use super::client::{Connection, Expected, request};
use super::database::Database;

/// The template whose reports have 30 values.
const REPORTED: &str = "growth-tailored-support";
pub const REPORT_VALUES: usize = 30;
/// Values in one request while the data is put in.
const SEED_VALUES: usize = 4_000;
/// Values in one request at most.
const VALUES_MAX: usize = 10_000;

/// How much data.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    pub hubs: usize,
    pub months: i32,
}

/// A scorecard with what a report on it has to name.
struct Card {
    id: String,
    items: Vec<(String, Measure)>,
}

/// What has been put in.
pub struct Data {
    authorization: String,
    cards: Vec<Card>,
    /// Of the cards whose reports have 30 values.
    reported: Vec<usize>,
    pub last: Month,
}

/// Opens an account and makes a key for it; the only way in there is.
fn api_key(database: &Database, service: &Path, address: SocketAddr) -> Outcome<String> {
    let password = "correct horse battery staple";
    let mut account = Command::new(service)
        .args([
            "admin",
            "create",
            "--email",
            "load@example.jp",
            "--role",
            "national",
            "--password-stdin",
        ])
        .env("DATABASE_URL", database.url())
        .env("SHIRUBE_DATA_DIR", database.data_folder())
        .env("SHIRUBE_JWT_SECRET", super::JWT_SECRET)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()?;
    if let Some(mut stdin) = account.stdin.take() {
        std::io::Write::write_all(&mut stdin, password.as_bytes())?;
    }
    if !account.wait()?.success() {
        return Err("no account was opened".into());
    }
    let mut connection = Connection::open(address)?;
    let mut post = |path: &str, authorization: &str, body: Value, status: u16| -> Outcome<Value> {
        let headers = [("Authorization", authorization)];
        connection
            .send(&request("POST", path, &headers, &body.to_string()))?
            .expect(Expected { status, text: "" })?
            .json()
    };
    let grant = json!({"grant_type": "password", "email": "load@example.jp", "password": password});
    let session = post("/v1/auth/token", "", grant, 200)?;
    let bearer = format!("Bearer {}", text(&session, "access_token")?);
    let key = json!({"name": "load", "role": "national"});
    text(&post("/v1/api-keys", &bearer, key, 201)?, "secret")
}

pub fn text(value: &Value, member: &str) -> Outcome<String> {
    let found = value.get(member).and_then(Value::as_str);
    Ok(found.ok_or("an answer lacks a member")?.to_owned())
}

impl Data {
    /// Puts in hubs with a scorecard of every template, and reports of all months.
    pub fn seed(
        database: &Database,
        service: &Path,
        address: SocketAddr,
        size: Size,
    ) -> Outcome<Self> {
        let last = Month::last_ended(Clock::system().now());
        let start = last.plus(1 - size.months);
        let mut data = Self {
            authorization: format!("Bearer {}", api_key(database, service, address)?),
            cards: Vec::new(),
            reported: Vec::new(),
            last,
        };
        let templates = Templates::embedded()?;
        let mut connection = Connection::open(address)?;
        for hub in 1..=size.hubs {
            let code = format!("{hub:02}");
            let name = json!({"ja": format!("県{code}"), "en": format!("Prefecture {code}")});
            let prefecture = json!({"code": code, "name": name, "market_type": "growth"});
            data.post(&mut connection, "/v1/prefectures", &prefecture)?;
            let body = json!({"code": format!("hub-{code}"), "name": name, "prefecture": code});
            data.post(&mut connection, "/v1/hubs", &body)?;
            for template in templates.as_slice() {
                let body = json!({
                    "hub": format!("hub-{code}"), "template": template.key, "start_month": start
                });
                let made = data.post(&mut connection, "/v1/scorecards", &body)?;
                data.add(text(&made, "id")?, template);
            }
        }
        // A few scorecards at a time, each with all of its months.
        let mut reports: Vec<(usize, Month)> = Vec::new();
        let mut values = 0;
        for (index, card) in data.cards.iter().enumerate() {
            for back in (0..size.months).rev() {
                if values + card.items.len() > SEED_VALUES {
                    data.send_bulk(&mut connection, &reports)?;
                    reports.clear();
                    values = 0;
                }
                reports.push((index, last.plus(-back)));
                values += card.items.len();
            }
        }
        data.send_bulk(&mut connection, &reports)?;
        Ok(data)
    }

    fn add(&mut self, id: String, template: &Definition) {
        if template.key == REPORTED {
            self.reported.push(self.cards.len());
        }
        self.cards.push(Card {
            id,
            items: template
                .items
                .iter()
                .map(|item| (item.key.clone(), item.measure))
                .collect(),
        });
    }

    fn post(&self, connection: &mut Connection, path: &str, body: &Value) -> Outcome<Value> {
        self.send(connection, "POST", path, body, 201)
    }

    /// Sends a request that is answered with this status; without a body where
    /// it is null, and null where the answer has none.
    pub fn send(
        &self,
        connection: &mut Connection,
        method: &str,
        path: &str,
        body: &Value,
        status: u16,
    ) -> Outcome<Value> {
        let headers = [("Authorization", self.authorization.as_str())];
        let text = match body {
            Value::Null => String::new(),
            body => body.to_string(),
        };
        let answer = connection
            .send(&request(method, path, &headers, &text))?
            .expect(Expected { status, text: "" })?;
        if answer.body.is_empty() {
            return Ok(Value::Null);
        }
        answer.json()
    }

    fn send_bulk(&self, connection: &mut Connection, reports: &[(usize, Month)]) -> Outcome<()> {
        let mut buffer = Vec::new();
        self.write_bulk(reports, 3, &mut buffer);
        connection.send(&buffer)?.expect(APPLIED)?;
        Ok(())
    }

    fn write_bulk(&self, reports: &[(usize, Month)], turn: u64, buffer: &mut Vec<u8>) {
        let mut body = String::from("{\"reports\":[");
        for (position, (index, month)) in reports.iter().enumerate() {
            if position > 0 {
                body.push(',');
            }
            if let Some(card) = self.cards.get(*index) {
                let turn = turn.wrapping_add(u64::try_from(position).unwrap_or_default());
                // Writing to a string cannot fail.
                let _ = write!(body, "{{\"scorecard\":\"{}\",", card.id);
                write_report(&mut body, card, *month, turn);
                body.push('}');
            }
        }
        body.push_str("]}");
        let headers = [("Authorization", self.authorization.as_str())];
        buffer.extend(request("POST", "/v1/actuals", &headers, &body));
    }

    /// The report of a turn on one of the first `among` scorecards with 30
    /// items; it differs in every value from those of the ten turns before, and
    /// in its milestones from a hundred thousand: whoever overtakes whom among
    /// many connections, every report changes something.
    pub fn write_report(&self, among: usize, turn: u64, buffer: &mut Vec<u8>) {
        let chosen = nth(&self.reported, turn, among);
        let Some(card) = chosen.and_then(|index| self.cards.get(*index)) else {
            return;
        };
        let mut body = String::from("{");
        // The same scorecard comes round after `among` turns.
        let round = turn / u64::try_from(among).unwrap_or(1).max(1);
        write_report(&mut body, card, self.last, round);
        body.push('}');
        let headers = [("Authorization", self.authorization.as_str())];
        let path = format!("/v1/scorecards/{}/actuals", card.id);
        buffer.extend(request("POST", &path, &headers, &body));
    }

    /// Reports of the last months on all scorecards, up to 10,000 values.
    pub fn write_largest_bulk(&self, turn: u64, buffer: &mut Vec<u8>) {
        let reports = self.largest_bulk();
        // Within a bulk, the turn advances with every report.
        self.write_bulk(&reports, turn, buffer);
    }

    /// Statements of [`REPORT_VALUES`] rows that write as much as the largest bulk.
    pub fn largest_bulk_statements(&self) -> usize {
        let values: usize = self
            .largest_bulk()
            .iter()
            .filter_map(|(index, _)| self.cards.get(*index))
            .map(|card| card.items.len())
            .sum();
        values / REPORT_VALUES
    }

    fn largest_bulk(&self) -> Vec<(usize, Month)> {
        let mut reports = Vec::new();
        let mut values = 0;
        for back in 0..2 {
            for (index, card) in self.cards.iter().enumerate() {
                if values + card.items.len() <= VALUES_MAX {
                    values += card.items.len();
                    reports.push((index, self.last.plus(-back)));
                }
            }
        }
        reports
    }

    /// A read of one of the first `among` scorecards with 30 items, or of what
    /// `rest` names of it.
    pub fn read(&self, among: usize, number: u64, rest: &str, headers: &[(&str, &str)]) -> Vec<u8> {
        let id = self
            .chosen(among, number)
            .map_or("", |card| card.id.as_str());
        self.get(&format!("/v1/scorecards/{id}{rest}"), headers)
    }

    /// The question what would be if the first item of one of the first `among`
    /// scorecards with 30 items had brought more in the last month.
    pub fn write_what_if(&self, among: usize, number: u64, buffer: &mut Vec<u8>) {
        let Some(card) = self.chosen(among, number) else {
            return;
        };
        let item = card.items.first().map_or("", |(key, _)| key.as_str());
        let values = [serde_json::json!({ "month": self.last, "item": item, "value": 90 })];
        let body = serde_json::json!({ "values": values }).to_string();
        let path = format!("/v1/scorecards/{}/what-if", card.id);
        let headers = [("Authorization", self.authorization.as_str())];
        buffer.extend(request("POST", &path, &headers, &body));
    }

    fn chosen(&self, among: usize, number: u64) -> Option<&Card> {
        let chosen = nth(&self.reported, number, among);
        chosen.and_then(|index| self.cards.get(*index))
    }

    pub fn get(&self, path: &str, headers: &[(&str, &str)]) -> Vec<u8> {
        let mut all = vec![("Authorization", self.authorization.as_str())];
        all.extend_from_slice(headers);
        request("GET", path, &all, "")
    }

    /// How many scorecards with 30 items there are.
    pub fn reported_count(&self) -> usize {
        self.reported.len()
    }

    pub fn count(&self) -> usize {
        self.cards.len()
    }
}

/// A report that was stored.
pub const APPLIED: Expected = Expected {
    status: 200,
    text: "\"outcome\":\"applied\"",
};

/// A report that changed nothing.
pub const UNCHANGED: Expected = Expected {
    status: 200,
    text: "\"outcome\":\"unchanged\"",
};

fn nth<T>(list: &[T], number: u64, among: usize) -> Option<&T> {
    let among = u64::try_from(among.min(list.len())).ok()?;
    list.get(usize::try_from(number.checked_rem(among)?).ok()?)
}

/// The members `month` and `values`. Figures stay near the templates' plans.
fn write_report(body: &mut String, card: &Card, month: Month, turn: u64) {
    // Writing to a string cannot fail.
    let _ = write!(body, "\"month\":\"{month}\",\"values\":[");
    for (position, (item, measure)) in (0_u64..).zip(&card.items) {
        if position > 0 {
            body.push(',');
        }
        let figure = (turn + position) % 11;
        let _ = match measure {
            Measure::Milestone => write!(
                body,
                "{{\"item\":\"{item}\",\"value\":{}.{:04}}}",
                80 + figure,
                turn / 11 % 10_000
            ),
            Measure::Ratio => write!(
                body,
                "{{\"item\":\"{item}\",\"numerator\":{figure},\"denominator\":11}}"
            ),
            _ => write!(body, "{{\"item\":\"{item}\",\"value\":{figure}}}"),
        };
    }
    body.push(']');
}

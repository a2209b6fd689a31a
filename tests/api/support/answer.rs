//! What the service answered.

use actix_web::HttpResponse;
use actix_web::body::to_bytes;
use actix_web::http::header::HeaderMap;
use actix_web::web::Bytes;
use serde_json::Value;

use super::contract;

#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Answer {
    pub async fn of(response: HttpResponse) -> Self {
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        let body = to_bytes(response.into_body()).await.unwrap();
        Self {
            status,
            headers,
            body,
        }
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {}", self.described()))
    }

    /// The body of an answer with this status.
    #[track_caller]
    pub fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.described());
        if self.body.is_empty() {
            Value::Null
        } else {
            self.json()
        }
    }

    /// The problem of an answer with this code, and the status that goes with it.
    #[track_caller]
    pub fn problem(&self, code: &str) -> Problem {
        let body = self.expect(contract::status_of(code));
        assert_eq!(body["code"], code, "{body}");
        Problem(body)
    }

    /// Everything that callers can tell two answers apart by, except the
    /// request id.
    pub fn without_request_id(&self) -> (u16, Vec<(String, String)>, Value) {
        let mut headers: Vec<(String, String)> = self
            .headers
            .iter()
            .filter(|(name, _)| *name != "x-request-id")
            .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
            .collect();
        headers.sort();
        let mut body = if self.body.is_empty() {
            Value::Null
        } else {
            self.json()
        };
        if let Some(members) = body.as_object_mut() {
            members.remove("request_id");
        }
        (self.status, headers, body)
    }

    fn described(&self) -> String {
        format!("{} {}", self.status, String::from_utf8_lossy(&self.body))
    }
}

/// A problem document.
#[derive(Clone, Debug)]
pub struct Problem(pub Value);

impl Problem {
    /// Code and place of every issue, in order.
    pub fn issues(&self) -> Vec<(&str, &str)> {
        issues(&self.0)
    }

    /// The one issue of this code and place.
    #[track_caller]
    pub fn issue(&self, code: &str, path: &str) -> &Value {
        let found: Vec<&Value> = self.0["issues"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|issue| issue["code"] == code && issue["path"] == path)
            .collect();
        match found.as_slice() {
            [one] => one,
            _ => panic!("no single {code} at {path:?}: {:?}", self.issues()),
        }
    }

    /// That these are the issues, and no others.
    #[track_caller]
    pub fn has_only(&self, expected: &[(&str, &str)]) {
        assert_eq!(self.issues(), expected, "{}", self.0);
    }
}

/// Code and place of every issue of a body.
pub fn issues(body: &Value) -> Vec<(&str, &str)> {
    body["issues"]
        .as_array()
        .unwrap()
        .iter()
        .map(|issue| {
            (
                issue["code"].as_str().unwrap(),
                issue["path"].as_str().unwrap(),
            )
        })
        .collect()
}

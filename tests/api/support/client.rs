//! A caller of the service.

use std::rc::Rc;

use actix_web::HttpResponse;
use actix_web::http::Method;
use actix_web::test::TestRequest;
use futures_util::future::LocalBoxFuture;
use serde_json::Value;

use super::answer::Answer;
use super::contract;

/// The service as a function.
pub type Service = Rc<dyn Fn(TestRequest) -> LocalBoxFuture<'static, HttpResponse>>;

/// A caller with its headers.
#[derive(Clone)]
pub struct Client {
    service: Service,
    headers: Vec<(String, Vec<u8>)>,
}

impl Client {
    pub fn new(service: Service) -> Self {
        Self {
            service,
            headers: Vec::new(),
        }
    }

    /// The same caller with another header; one of the same name is replaced.
    pub fn with(&self, name: &str, value: &str) -> Self {
        self.with_bytes(name, value.as_bytes())
    }

    pub fn with_bytes(&self, name: &str, value: &[u8]) -> Self {
        let mut client = self.clone();
        client
            .headers
            .retain(|(known, _)| !known.eq_ignore_ascii_case(name));
        client.headers.push((name.to_owned(), value.to_vec()));
        client
    }

    /// The same caller with one more header, even where it has one of this name.
    pub fn besides(&self, name: &str, value: &str) -> Self {
        let mut client = self.clone();
        let header = (name.to_owned(), value.as_bytes().to_vec());
        client.headers.push(header);
        client
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, None).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::POST, path, Some(body.to_string().as_bytes()))
            .await
    }

    /// With a body of any bytes.
    pub async fn post_bytes(&self, path: &str, body: impl AsRef<[u8]>) -> Answer {
        self.send(Method::POST, path, Some(body.as_ref())).await
    }

    pub async fn patch(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::PATCH, path, Some(body.to_string().as_bytes()))
            .await
    }

    pub async fn put(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::PUT, path, Some(body.to_string().as_bytes()))
            .await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.send(Method::DELETE, path, None).await
    }

    /// Sends a request and holds the answer against the contract. A body goes
    /// with its length and as JSON, unless the client has other headers.
    pub async fn send(&self, method: Method, path: &str, body: Option<&[u8]>) -> Answer {
        let mut request = TestRequest::with_uri(path).method(method.clone());
        let has = |name: &str| {
            self.headers
                .iter()
                .any(|(known, _)| known.eq_ignore_ascii_case(name))
        };
        if let Some(body) = body {
            if !has("Content-Type") {
                request = request.insert_header(("Content-Type", "application/json"));
            }
            // Says its length too.
            request = request.set_payload(body.to_vec());
        }
        for (name, value) in &self.headers {
            let header = (name.as_str(), value.as_slice());
            request = if name == "Content-Length" {
                request.insert_header(header)
            } else {
                request.append_header(header)
            };
        }
        let response = (self.service)(request).await;
        let answer = Answer::of(response).await;
        contract::check(method.as_str(), path, &answer);
        answer
    }
}

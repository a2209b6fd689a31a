//! One request over HTTP, to an address that a user chose.
//!
//! The client follows no redirect, asks no proxy, keeps no cookie and no connection. It
//! calls what the [`AddressPolicy`] permits: the address is checked as text, since
//! a literal is never resolved, and then whatever its name leads to.

use std::sync::Arc;
use std::time::Instant;

use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, LOCATION, RETRY_AFTER};
use reqwest::{Client, Response, StatusCode, Url, redirect};

use super::address::AddressPolicy;
use super::exchange::excerpt_of;
use super::failure::class_of;
use super::resolver::{Guard, Resolver, SystemResolver};
use super::{Exchange, Timeouts, retry};
use crate::clock::Clock;
use crate::domain::delivery::{ErrorClass, Outcome};

/// How this service names itself.
pub const USER_AGENT: &str = concat!("shirube/", env!("CARGO_PKG_VERSION"));
/// So much of an answer is read, in bytes; the connection is then given up.
pub const ANSWER_BYTES_MAX: usize = 16 * 1024;
/// Headers of an answer; with more of them it is no answer.
const ANSWER_HEADERS_MAX: usize = 64;

/// A request to send.
#[derive(Clone)]
pub struct Post {
    pub url: String,
    pub content_type: &'static str,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
    pub reply: ReplyRule,
}

/// Addresses and headers are passwords.
impl std::fmt::Debug for Post {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Post(***)")
    }
}

/// What tells that a receiver took a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReplyRule {
    /// The status of the answer.
    Status,
    /// Also the `code` in the JSON of the answer, which says what went wrong under status 200.
    Code,
}

/// Sends requests.
#[derive(Clone)]
pub struct HttpClient {
    policy: Arc<AddressPolicy>,
    /// `None` on a machine that knows no certificate authorities.
    secure: Option<Client>,
    /// Without TLS; `None` if no address may be called without.
    plain: Option<Client>,
    clock: Clock,
}

impl HttpClient {
    /// A client that resolves names as the operating system does.
    #[must_use]
    pub fn new(policy: AddressPolicy, timeouts: Timeouts, clock: Clock) -> Self {
        Self::with_resolver(policy, timeouts, clock, SystemResolver)
    }

    /// A client with a resolver of its own.
    #[must_use]
    pub fn with_resolver(
        policy: AddressPolicy,
        timeouts: Timeouts,
        clock: Clock,
        resolver: impl Resolver,
    ) -> Self {
        let resolver: Arc<dyn Resolver> = Arc::new(resolver);
        let policy = Arc::new(policy);
        let guard = |is_secure| Guard {
            resolver: Arc::clone(&resolver),
            policy: Arc::clone(&policy),
            is_secure,
        };
        let secure = client(timeouts, guard(true)).https_only(true).build();
        // No certificate has to be verified, so none has to be found.
        let plain = client(timeouts, guard(false)).tls_certs_only([]).build();
        if let Err(error) = &secure {
            log::error!("no address can be called over TLS: {error:?}");
        }
        Self {
            secure: secure.ok(),
            plain: plain.ok(),
            policy,
            clock,
        }
    }

    /// Sends a request once.
    pub async fn post(&self, post: &Post) -> Exchange {
        let start = Instant::now();
        let exchange = self.attempt(post).await;
        Exchange {
            elapsed: start.elapsed(),
            ..exchange
        }
    }

    async fn attempt(&self, post: &Post) -> Exchange {
        let Ok(url) = self.policy.check_url(&post.url) else {
            return Exchange::failed(ErrorClass::Blocked);
        };
        let client = if url.is_secure() {
            &self.secure
        } else {
            &self.plain
        };
        let Some(client) = client else {
            return Exchange::failed(ErrorClass::Tls);
        };
        let sent = client
            .post(url.into_url())
            .headers(post.headers.clone())
            .header(CONTENT_TYPE, post.content_type)
            .body(post.body.clone())
            .send()
            .await;
        match sent {
            Ok(response) => self.judge(response, post.reply).await,
            Err(error) => Exchange::failed(class_of(&error)),
        }
    }

    /// What an answer means. An answer that does not end in time is none; one that is too long
    /// has said enough.
    async fn judge(&self, mut response: Response, rule: ReplyRule) -> Exchange {
        let status = response.status();
        let refused = Exchange {
            status: Some(status.as_u16()),
            ..Exchange::retry(ErrorClass::Status)
        };
        if status.is_redirection() {
            return Exchange {
                error_class: Some(ErrorClass::Redirect),
                excerpt: redirect_host(&response),
                ..refused
            };
        }
        let retry_after = self.retry_after(&response);
        let (body, broken) = read(&mut response).await;
        let excerpt = excerpt_of(&body);
        if let (true, Some(class)) = (status.is_success(), broken) {
            return Exchange {
                excerpt,
                error_class: Some(class),
                ..refused
            };
        }
        match status {
            StatusCode::GONE => Exchange {
                outcome: Outcome::Gone,
                excerpt,
                ..refused
            },
            _ if status.is_success() && is_taken(rule, &body) => Exchange {
                excerpt,
                ..Exchange::delivered(refused.status)
            },
            _ => Exchange {
                excerpt,
                retry_after,
                ..refused
            },
        }
    }

    /// How long a busy receiver asks to be left alone.
    fn retry_after(&self, response: &Response) -> Option<std::time::Duration> {
        let is_busy = matches!(
            response.status(),
            StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE
        );
        let value = header(response, RETRY_AFTER).filter(|_| is_busy)?;
        retry::retry_after(value, self.clock.now())
    }
}

fn client(timeouts: Timeouts, guard: Guard) -> reqwest::ClientBuilder {
    Client::builder()
        .user_agent(USER_AGENT)
        .redirect(redirect::Policy::none())
        .referer(false)
        .retry(reqwest::retry::never())
        .no_proxy()
        .dns_resolver(Arc::new(guard))
        .connect_timeout(timeouts.connect)
        .timeout(timeouts.whole)
        .http1_max_headers(ANSWER_HEADERS_MAX)
        // Notices are rare. A new connection is a new look at where the name leads.
        .pool_max_idle_per_host(0)
}

fn header(response: &Response, name: HeaderName) -> Option<&str> {
    response.headers().get(name)?.to_str().ok()
}

/// The host that a redirect names; the rest of its address may be a secret.
fn redirect_host(response: &Response) -> Option<String> {
    let location = header(response, LOCATION)?;
    let target: Url = response.url().join(location).ok()?;
    excerpt_of(target.host_str()?.as_bytes())
}

/// The beginning of the body, and why it ended early, if it did.
async fn read(response: &mut Response) -> (Vec<u8>, Option<ErrorClass>) {
    let mut body = Vec::new();
    while body.len() < ANSWER_BYTES_MAX {
        match response.chunk().await {
            Ok(Some(chunk)) => {
                let room = ANSWER_BYTES_MAX.saturating_sub(body.len());
                body.extend_from_slice(chunk.get(..room).unwrap_or(&chunk));
            }
            Ok(None) => break,
            Err(error) => return (body, Some(class_of(&error))),
        }
    }
    (body, None)
}

/// Whether an answer of success is one in its own words, too. `code` is the status again, as
/// LINE WORKS writes it, or 0; an answer without it says nothing else than its status.
fn is_taken(rule: ReplyRule, body: &[u8]) -> bool {
    #[derive(serde::Deserialize)]
    struct Reply {
        code: serde_json::Value,
    }
    match (rule, serde_json::from_slice::<Reply>(body)) {
        (ReplyRule::Status, _) | (ReplyRule::Code, Err(_)) => true,
        (ReplyRule::Code, Ok(Reply { code })) => {
            let number = match &code {
                serde_json::Value::String(text) => text.parse().ok(),
                other => other.as_u64(),
            };
            number.is_some_and(|number: u64| number == 0 || (200..300).contains(&number))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_can_fail_in_its_own_words() {
        for (body, taken) in [
            (r#"{"code":200,"description":"success"}"#, true),
            (r#"{"code":0}"#, true),
            (r#"{"code":"200"}"#, true),
            (r#"{"code":400,"description":"missing parameter"}"#, false),
            (r#"{"code":"E500"}"#, false),
            (r#"{"code":-1}"#, false),
            (r#"{"code":null}"#, false),
            ("ok", true),
            ("{}", true),
            ("", true),
        ] {
            assert_eq!(is_taken(ReplyRule::Code, body.as_bytes()), taken, "{body}");
            assert!(is_taken(ReplyRule::Status, body.as_bytes()), "{body}");
        }
    }
}

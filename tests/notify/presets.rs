//! Requests of the channels as their receivers get them.

use chrono::{DateTime, TimeDelta, Utc};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use shirube::clock::Clock;
use shirube::domain::delivery::{Channel, Endpoint, Outcome};
use shirube::notify::Exchange;
use shirube::notify::preset::{Dispatch, Presets};
use shirube::notify::sign::SigningSecret;
use standardwebhooks::Webhook;

use crate::receiver::{Receiver, answer};
use crate::{Names, PATIENT, client};

const BODY: &str = r#"{"type":"alert.opened","data":{"hub":"山形"}}"#;

fn secret(n: u8) -> SigningSecret {
    SigningSecret::of_bytes(&[n; 32]).unwrap()
}

/// Sends by a channel; gives what came of it, and head and body as received.
async fn send(
    channel: Channel,
    reply: &str,
    at: DateTime<Utc>,
    secrets: &[SigningSecret],
) -> (Exchange, String, String) {
    let receiver = Receiver::start(answer("200 OK", "", reply)).await;
    let url = receiver.url();
    let endpoint = match channel {
        Channel::Chatwork => Endpoint::Chatwork {
            room: "12345".to_owned(),
            token: "t0ken".to_owned(),
        },
        _ => Endpoint::Http { url },
    };
    let presets = Presets::with_chatwork(&format!("http://{}", receiver.address));
    let dispatch = Dispatch {
        channel,
        endpoint: &endpoint,
        body: BODY.as_bytes(),
        id: "msg_2KWPBgLlAfxdpx2AI54pPJ85f4W",
        at,
        secrets,
    };
    let post = presets.post_of(&dispatch).unwrap();
    let exchange = client(PATIENT, Names::none()).post(&post).await;
    let request = receiver.requests().pop().unwrap();
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    (exchange, head.to_owned(), body.to_owned())
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines().find_map(|line| {
        let (key, value) = line.split_once(": ")?;
        key.eq_ignore_ascii_case(name).then_some(value)
    })
}

fn headers(head: &str) -> HeaderMap {
    ["webhook-id", "webhook-timestamp", "webhook-signature"]
        .into_iter()
        .map(|name| {
            let value = HeaderValue::from_str(header(head, name).unwrap()).unwrap();
            (HeaderName::from_static(name), value)
        })
        .collect()
}

/// A library of the scheme's authors is the judge.
#[tokio::test]
async fn receivers_verify_webhooks() {
    let now = Clock::system().now();
    let (exchange, head, body) = send(Channel::Webhook, "", now, &[secret(1)]).await;
    assert_eq!(exchange.outcome, Outcome::Delivered);
    assert_eq!(body, BODY);
    assert_eq!(header(&head, "content-type"), Some("application/json"));
    let verify = |n: u8, body: &str, headers: &HeaderMap| {
        let webhook = Webhook::new(&secret(n).reveal()).unwrap();
        webhook.verify(body.as_bytes(), headers).is_ok()
    };
    let good = headers(&head);
    assert!(verify(1, &body, &good));
    assert!(!verify(2, &body, &good), "another secret");
    assert!(
        !verify(1, &body.replace("山形", "秋田"), &good),
        "another body"
    );
    for (name, value) in [
        ("webhook-id", "msg_other"),
        ("webhook-timestamp", "1775001600"),
    ] {
        let mut forged = good.clone();
        forged.insert(name, HeaderValue::from_static(value));
        assert!(!verify(1, &body, &forged), "another {name}");
    }
}

#[tokio::test]
async fn old_webhooks_are_rejected() {
    let late = Clock::system().now() - TimeDelta::minutes(6);
    let (_, head, body) = send(Channel::Webhook, "", late, &[secret(1)]).await;
    let webhook = Webhook::new(&secret(1).reveal()).unwrap();
    assert!(webhook.verify(body.as_bytes(), &headers(&head)).is_err());
}

#[tokio::test]
async fn secrets_overlap_while_they_rotate() {
    let now = Clock::system().now();
    for (live, verifying) in [(&[1][..], &[1][..]), (&[2, 1], &[1, 2]), (&[2], &[2])] {
        let secrets: Vec<SigningSecret> = live.iter().copied().map(secret).collect();
        let (_, head, body) = send(Channel::Webhook, "", now, &secrets).await;
        for n in [1, 2, 3] {
            let webhook = Webhook::new(&secret(n).reveal()).unwrap();
            let good = webhook.verify(body.as_bytes(), &headers(&head)).is_ok();
            assert_eq!(good, verifying.contains(&n), "{live:?} {n}");
        }
    }
}

#[tokio::test]
async fn chats_get_what_they_understand() {
    let now = Clock::system().now();
    for channel in [Channel::Slack, Channel::Teams, Channel::LineWorks] {
        let (exchange, head, body) = send(channel, "ok", now, &[]).await;
        assert_eq!(exchange.outcome, Outcome::Delivered, "{channel}");
        assert_eq!(header(&head, "content-type"), Some("application/json"));
        assert_eq!(header(&head, "webhook-signature"), None);
        assert_eq!(body, BODY);
    }
    let (exchange, head, body) = send(Channel::Chatwork, "{\"message_id\":\"1\"}", now, &[]).await;
    assert_eq!(exchange.outcome, Outcome::Delivered);
    assert!(head.starts_with("POST /v2/rooms/12345/messages HTTP/1.1\r\n"));
    assert_eq!(header(&head, "x-chatworktoken"), Some("t0ken"));
    let form = url::form_urlencoded::parse(body.as_bytes());
    let pairs: Vec<(String, String)> = form.into_owned().collect();
    assert_eq!(pairs, [("body".to_owned(), BODY.to_owned())]);
}

#[tokio::test]
async fn line_works_fails_with_status_200() {
    let now = Clock::system().now();
    let reply = r#"{"code":400,"description":"missing parameter"}"#;
    for (channel, outcome) in [
        (Channel::LineWorks, Outcome::Retry),
        (Channel::Slack, Outcome::Delivered),
    ] {
        let (exchange, _, _) = send(channel, reply, now, &[]).await;
        assert_eq!(exchange.outcome, outcome, "{channel}");
    }
}

//! What each kind of answer, and of no answer, means.

use std::time::Duration;

use shirube::clock::Clock;
use shirube::domain::delivery::{ErrorClass, Outcome};
use shirube::notify::client::{HttpClient, Post, ReplyRule, USER_AGENT};
use shirube::notify::{EXCERPT_BYTES_MAX, Exchange};

use crate::receiver::{Receiver, Script, answer};
use crate::{HASTY, LOOPBACK, Names, PATIENT, client, policy, post, result};

async fn send(script: Script) -> (Exchange, Receiver) {
    let receiver = Receiver::start(script).await;
    let exchange = client(PATIENT, Names::none())
        .post(&post(receiver.url()))
        .await;
    (exchange, receiver)
}

async fn send_hastily(script: Script) -> Exchange {
    let receiver = Receiver::start(script).await;
    client(HASTY, Names::none())
        .post(&post(receiver.url()))
        .await
}

#[tokio::test]
async fn a_status_decides() {
    use Outcome::{Delivered, Gone, Retry};
    for (status, outcome) in [
        ("200 OK", Delivered),
        ("202 Accepted", Delivered),
        ("204 No Content", Delivered),
        ("299 Fine", Delivered),
        ("400 Bad Request", Retry),
        ("401 Unauthorized", Retry),
        ("404 Not Found", Retry),
        ("410 Gone", Gone),
        ("422 No", Retry),
        ("429 Too Many Requests", Retry),
        ("500 Oops", Retry),
        ("503 Busy", Retry),
        ("599 What", Retry),
    ] {
        let body = if status.starts_with("204") {
            ""
        } else {
            "said\r\n\x1b[1m"
        };
        let (exchange, _) = send(answer(status, "", body)).await;
        let code = status[..3].parse().unwrap();
        let class = (outcome != Delivered).then_some(ErrorClass::Status);
        assert_eq!(result(&exchange), (outcome, Some(code), class), "{status}");
        let excerpt = (!body.is_empty()).then(|| "said  [1m".to_owned());
        assert_eq!(exchange.excerpt, excerpt, "{status}");
        assert!(exchange.elapsed > Duration::ZERO);
    }
}

#[tokio::test]
async fn the_request_is_what_was_asked_for() {
    let (_, receiver) = send(answer("200 OK", "", "")).await;
    let [request] = &receiver.requests()[..] else {
        panic!("{:?}", receiver.requests());
    };
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    let head = head.to_ascii_lowercase();
    assert!(head.starts_with("post /hook http/1.1\r\n"), "{head}");
    assert_eq!(body, "{\"a\":1}");
    let header = |name: &str| head.lines().find_map(|line| line.strip_prefix(name));
    assert_eq!(header("content-type: "), Some("application/json"));
    assert_eq!(header("user-agent: "), Some(USER_AGENT));
    for name in ["cookie", "referer", "authorization", "accept-encoding"] {
        assert_eq!(header(name), None, "{head}");
    }
}

#[tokio::test]
async fn a_busy_receiver_may_ask_for_time() {
    for (status, header, seconds) in [
        ("429 Busy", "Retry-After: 120\r\n", Some(120)),
        ("503 Busy", "Retry-After: 999999999\r\n", Some(86_400)),
        (
            "503 Busy",
            "Retry-After: Mon, 01 Jan 2001 00:00:00 GMT\r\n",
            Some(0),
        ),
        ("503 Busy", "Retry-After: soon\r\n", None),
        ("503 Busy", "", None),
        ("500 Oops", "Retry-After: 120\r\n", None),
        ("200 OK", "Retry-After: 120\r\n", None),
        ("410 Gone", "Retry-After: 120\r\n", None),
    ] {
        let (exchange, _) = send(answer(status, header, "")).await;
        let asked = exchange.retry_after.map(|wait| wait.as_secs());
        assert_eq!(asked, seconds, "{status} {header}");
    }
}

#[tokio::test]
async fn nobody_answers_in_time() {
    for script in [
        Script::Hang,
        Script::Stall("HTTP/1.1 200 OK\r\n".to_owned()),
        Script::Stall("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab".to_owned()),
        Script::Drip,
    ] {
        let exchange = send_hastily(script).await;
        assert_eq!(exchange.outcome, Outcome::Retry);
        assert_eq!(exchange.error_class, Some(ErrorClass::Timeout));
        assert!(exchange.elapsed < 4 * HASTY.whole, "{exchange:?}");
    }
}

/// What a receiver refused it has refused, even if the words about it never end.
#[tokio::test]
async fn a_refusal_counts_at_once() {
    for (status, outcome) in [(410, Outcome::Gone), (500, Outcome::Retry)] {
        let head = format!("HTTP/1.1 {status} No\r\nContent-Length: 9\r\n\r\nno");
        let exchange = send_hastily(Script::Stall(head)).await;
        let expected = (outcome, Some(status), Some(ErrorClass::Status));
        assert_eq!(result(&exchange), expected);
        assert_eq!(exchange.excerpt.as_deref(), Some("no"));
    }
}

#[tokio::test]
async fn connections_fail_in_classes() {
    let nobody = {
        let receiver = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        receiver.local_addr().unwrap()
    };
    let refused = client(PATIENT, Names::none())
        .post(&post(format!("http://{nobody}/")))
        .await;
    assert_eq!(refused.error_class, Some(ErrorClass::Connect));
    assert_eq!(refused.outcome, Outcome::Retry);
    for (script, class) in [
        (Script::Reset, ErrorClass::Reset),
        (Script::Answer(String::new()), ErrorClass::Reset),
        (
            Script::Answer("HTTP/1.1 200 OK\r\nConte".to_owned()),
            ErrorClass::Reset,
        ),
        (
            Script::Answer("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab".to_owned()),
            ErrorClass::Reset,
        ),
        (
            Script::Answer(
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab".to_owned(),
            ),
            ErrorClass::Reset,
        ),
        (
            Script::Answer("220 mail.example.jp ESMTP\r\n".to_owned()),
            ErrorClass::Other,
        ),
        (
            Script::Answer(format!("HTTP/1.1 200 OK\r\n{}\r\n", "X: y\r\n".repeat(65))),
            ErrorClass::Other,
        ),
    ] {
        let (exchange, _) = send(script).await;
        assert_eq!(exchange.error_class, Some(class), "{exchange:?}");
        assert_eq!(exchange.outcome, Outcome::Retry);
    }
}

#[tokio::test]
async fn names_fail_in_classes() {
    let named = post("http://receiver.test:8080/");
    let unknown = client(PATIENT, Names::none()).post(&named).await;
    assert_eq!(unknown.error_class, Some(ErrorClass::Dns));
    let empty = client(PATIENT, Names::to(&[&[]])).post(&named).await;
    assert_eq!(empty.error_class, Some(ErrorClass::Dns));
    let hanging = client(HASTY, Names::hanging()).post(&named).await;
    assert_eq!(hanging.error_class, Some(ErrorClass::Timeout));
    for exchange in [unknown, empty, hanging] {
        assert_eq!(exchange.outcome, Outcome::Retry);
    }
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let trap = Receiver::start(answer("200 OK", "", "")).await;
    let target = format!("http://{}/canary?token=canary", trap.address);
    for (status, location, host) in [
        ("301 Moved", target.as_str(), Some("127.0.0.1")),
        ("302 Found", target.as_str(), Some("127.0.0.1")),
        ("303 Other", target.as_str(), Some("127.0.0.1")),
        ("307 Again", target.as_str(), Some("127.0.0.1")),
        ("308 Again", target.as_str(), Some("127.0.0.1")),
        (
            "302 Found",
            "http://169.254.169.254/latest/",
            Some("169.254.169.254"),
        ),
        (
            "302 Found",
            "https://a:canary@example.jp/canary",
            Some("example.jp"),
        ),
        ("302 Found", "/canary", Some("127.0.0.1")),
        ("302 Found", "javascript:canary", None),
        ("304 Same", "", Some("127.0.0.1")),
    ] {
        let script = answer(status, &format!("Location: {location}\r\n"), "canary");
        let (exchange, _) = send(script).await;
        let code = status[..3].parse().ok();
        let expected = (Outcome::Retry, code, Some(ErrorClass::Redirect));
        assert_eq!(result(&exchange), expected, "{status} {location}");
        assert_eq!(exchange.excerpt.as_deref(), host, "{status} {location}");
    }
    assert_eq!(trap.connections(), 0);
}

#[tokio::test]
async fn long_answers_are_not_read() {
    let (exchange, receiver) = send(Script::Gigabyte).await;
    assert_eq!(result(&exchange), (Outcome::Delivered, Some(200), None));
    assert_eq!(exchange.excerpt.unwrap().len(), EXCERPT_BYTES_MAX);
    // What is more than 16 KiB of it fills buffers of the network.
    assert!(receiver.sent() < 64 << 20, "{}", receiver.sent());
}

#[tokio::test]
async fn answers_come_in_chunks() {
    let chunked =
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
    let (exchange, _) = send(Script::Answer(chunked.to_owned())).await;
    assert_eq!(exchange.outcome, Outcome::Delivered);
    assert_eq!(exchange.excerpt.as_deref(), Some("abcde"));
}

/// Compressed answers are neither asked for nor unpacked, so that none can swell.
#[tokio::test]
async fn answers_are_not_unpacked() {
    let packed = answer("200 OK", "Content-Encoding: gzip\r\n", "plain");
    let (exchange, _) = send(packed).await;
    assert_eq!(exchange.excerpt.as_deref(), Some("plain"));
}

#[tokio::test]
async fn success_can_be_failure_in_its_own_words() {
    let receiver = Receiver::start(answer(
        "200 OK",
        "",
        "{\"code\":400,\"description\":\"no\"}",
    ))
    .await;
    let by_code = Post {
        reply: ReplyRule::Code,
        ..post(receiver.url())
    };
    let exchange = client(PATIENT, Names::none()).post(&by_code).await;
    let expected = (Outcome::Retry, Some(200), Some(ErrorClass::Status));
    assert_eq!(result(&exchange), expected);
    assert!(exchange.excerpt.unwrap().contains("description"));
}

/// A new connection each time: nothing is kept that a name no longer leads to.
#[tokio::test]
async fn connections_are_not_kept() {
    let ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\nok";
    let receiver = Receiver::start(Script::KeepAlive(ok)).await;
    let client = client(PATIENT, Names::none());
    for _ in 0..3 {
        let (client, hook) = (client.clone(), post(receiver.url()));
        // As a worker does it: in a task of its own.
        let sending = tokio::spawn(async move { client.post(&hook).await });
        assert_eq!(sending.await.unwrap().outcome, Outcome::Delivered);
    }
    assert_eq!((receiver.connections(), receiver.requests().len()), (3, 3));
}

#[tokio::test]
async fn the_system_knows_names() {
    let receiver = Receiver::start(answer("200 OK", "", "")).await;
    let client = HttpClient::new(policy(&[LOOPBACK, "::1"]), PATIENT, Clock::system());
    let url = format!("http://localhost:{}/", receiver.address.port());
    let exchange = client.post(&post(url)).await;
    assert_eq!(exchange.outcome, Outcome::Delivered, "{exchange:?}");
}

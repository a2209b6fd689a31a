//! Limits, with a real server on a socket where bytes and time matter: over a
//! limit is an answer, never silence and never a crash.

use std::io::Read as _;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use shirube::clock::Clock;

use crate::support::fixtures::LAST;
use crate::support::socket::{Connection, Response, Server};
use crate::support::{Actor, App, Client, limited_state, now, service, state};

/// What a head, a body and an answer may take (`product.md` §8).
const HEAD_SECONDS: u64 = 5;
const BODY_SECONDS: u64 = 15;
/// A machine under load is no fault of the service.
const GRACE: Duration = Duration::from_secs(6);

/// A server with a scorecard, and the path of its reports.
async fn served() -> (App, Server, String) {
    let app = App::new().await;
    let id = app.own_scorecard().await;
    let server = Server::start(state(app.database().open(), app.clock.clone()));
    (app, server, format!("/v1/scorecards/{id}/actuals"))
}

fn head(app: &App, method: &str, path: &str, more: &str) -> String {
    format!(
        "{method} {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\nConnection: close\r\n{more}\r\n",
        app.key(Actor::Hub)
    )
}

fn post(app: &App, path: &str, body: &str) -> String {
    let headers = format!(
        "Content-Type: application/json\r\nContent-Length: {}\r\n",
        body.len()
    );
    head(app, "POST", path, &headers) + body
}

fn problem(response: &Response, status: u16, code: &str) -> Value {
    assert_eq!(response.status, status, "{response:?}");
    let body = response.json();
    assert_eq!(body["code"], code, "{body}");
    assert_eq!(
        response.header("content-type"),
        Some("application/problem+json")
    );
    body
}

#[actix_web::test]
async fn a_server_on_a_socket_answers() {
    let (app, server, path) = served().await;
    let response = server.answer(&head(&app, "GET", "/healthz", ""));
    assert_eq!(
        (response.status, response.body.as_str()),
        (200, "{\"status\":\"ok\"}")
    );
    let report = json!({ "month": LAST, "values": [{ "item": "consult", "value": 3 }] });
    let response = server.answer(&post(&app, &path, &report.to_string()));
    assert_eq!(response.json()["outcome"], "applied");
    // In pieces, and chunked.
    let mut connection = server.connect();
    let whole = post(&app, &path, &report.to_string());
    for piece in whole.as_bytes().chunks(20) {
        connection.send(piece);
    }
    assert_eq!(connection.response().json()["outcome"], "unchanged");
    let chunked = head(
        &app,
        "POST",
        &path,
        "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n",
    );
    let text = report.to_string();
    let body = format!("{:x}\r\n{text}\r\n0\r\n\r\n", text.len());
    assert_eq!(
        server.answer(&(chunked + &body)).json()["outcome"],
        "unchanged"
    );
}

/// `HEAD` is `GET` without the body.
#[actix_web::test]
async fn head_is_get_without_the_body() {
    let (app, server, path) = served().await;
    for path in [
        "/healthz",
        "/readyz",
        "/openapi.json",
        "/v1/me",
        &path,
        "/nowhere",
    ] {
        let got = server.answer(&head(&app, "GET", path, ""));
        let headed = server.answer(&head(&app, "HEAD", path, ""));
        assert_eq!(headed.status, got.status, "{path}");
        assert_eq!(headed.body, "", "{path}");
        assert_eq!(
            headed.header("content-length"),
            got.header("content-length"),
            "{path}"
        );
        assert_eq!(headed.header("etag"), got.header("etag"), "{path}");
        assert!(!got.body.is_empty());
    }
}

/// Slow heads, slow bodies and stalled bodies end in time, each with its
/// answer; a slow but steady sender in time is served. All at once, because
/// each takes its seconds.
#[actix_web::test]
async fn slow_senders_are_answered_in_time() {
    let (app, server, path) = served().await;
    let address = server.address;
    let report =
        json!({ "month": LAST, "values": [{ "item": "consult", "value": 3 }] }).to_string();
    let whole = post(&app, &path, &report);
    let head_length = whole.len() - report.len();
    let before = app.dump();
    // So many bytes at once, then the rest one by one, every so often.
    let drip = |bytes: &str, at_once: usize, pause: Duration| {
        let (first, rest) = bytes.split_at(at_once);
        let (first, rest) = (first.to_owned(), rest.to_owned());
        std::thread::spawn(move || {
            let began = Instant::now();
            let mut connection = Connection::to(address);
            connection.send(first.as_bytes());
            let mut reader = connection.twin();
            let reading = std::thread::spawn(move || (reader.read_to_end(), began.elapsed()));
            for byte in rest.as_bytes() {
                std::thread::sleep(pause);
                if reading.is_finished() || !connection.try_send(&[*byte]) {
                    break;
                }
            }
            reading.join().unwrap()
        })
    };
    let nothing_more = Duration::ZERO;
    let slow_head = drip(&whole, 30, Duration::from_millis(400));
    let no_head = drip("GET /healthz HTTP", 17, nothing_more);
    let slow_body = drip(&whole, head_length + 1, Duration::from_millis(500));
    let no_body = drip(&whole[..head_length], head_length, nothing_more);
    let chunked = head(
        &app,
        "POST",
        &path,
        "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n",
    );
    let slow_chunks = drip(
        &(chunked.clone() + &"1\r\n \r\n".repeat(60)),
        chunked.len(),
        Duration::from_millis(100),
    );
    let steady = drip(&whole, head_length, Duration::from_millis(5));
    let in_time = |seconds: u64, took: Duration, what: &str| {
        let limit = Duration::from_secs(seconds);
        assert!(
            took + Duration::from_millis(200) >= limit,
            "{what} was cut after {took:?}"
        );
        assert!(took <= limit + GRACE, "{what} was let go on for {took:?}");
    };
    let (answer, _) = steady.join().unwrap();
    assert_eq!(Response::read(&answer).status, 200);
    let after = app.dump();
    assert!(after != before, "the steady sender's report is stored");
    for (what, thread) in [("a slow head", slow_head), ("no head", no_head)] {
        let (answer, took) = thread.join().unwrap();
        assert_eq!(Response::read(&answer).status, 408, "{what}: {answer}");
        in_time(HEAD_SECONDS, took, what);
    }
    for (what, thread) in [
        ("a slow body", slow_body),
        ("no body", no_body),
        ("slow chunks", slow_chunks),
    ] {
        let (answer, took) = thread.join().unwrap();
        let response = Response::read(&answer);
        problem(&response, 408, "body_too_slow");
        assert_eq!(response.header("connection"), Some("close"), "{what}");
        in_time(BODY_SECONDS, took, what);
    }
    assert!(app.dump() == after, "nothing of the slow ones is stored");
    let response = server.answer(&head(&app, "GET", "/healthz", ""));
    assert_eq!(response.status, 200);
}

/// A body over the limit is answered, whether its length is said or not, and
/// whether the sender waits for the answer or not.
#[actix_web::test]
async fn large_bodies_are_answered() {
    let (app, server, path) = served().await;
    let before = app.dump();
    let ten_mebibytes = vec![b' '; 10 * 1_024 * 1_024];
    let json = "Content-Type: application/json\r\n";
    let lengths = format!("{json}Content-Length: {}\r\n", ten_mebibytes.len());
    let expecting = format!("{lengths}Expect: 100-continue\r\n");
    let chunked = format!("{json}Transfer-Encoding: chunked\r\n");
    for (what, headers, sends) in [
        ("announced", &lengths, true),
        ("announced, and waiting", &expecting, false),
        ("in chunks", &chunked, true),
    ] {
        let mut connection = server.connect();
        connection.send(head(&app, "POST", &path, headers).as_bytes());
        if sends {
            for piece in ten_mebibytes.chunks(65_536) {
                let sent = if what == "in chunks" {
                    connection.try_send(format!("{:x}\r\n", piece.len()).as_bytes())
                        && connection.try_send(piece)
                        && connection.try_send(b"\r\n")
                } else {
                    connection.try_send(piece)
                };
                if !sent {
                    break;
                }
            }
        }
        let response = connection.response();
        problem(&response, 413, "too_large");
        assert_eq!(response.header("connection"), Some("close"), "{what}");
    }
    assert!(app.dump() == before);
    // One that fits is taken after `100 Continue` too.
    let report =
        json!({ "month": LAST, "values": [{ "item": "consult", "value": 3 }] }).to_string();
    let headers = format!(
        "{json}Content-Length: {}\r\nExpect: 100-continue\r\n",
        report.len()
    );
    let mut connection = server.connect();
    connection.send(head(&app, "POST", &path, &headers).as_bytes());
    connection.send(report.as_bytes());
    assert_eq!(connection.response().json()["outcome"], "applied");
}

/// What is no HTTP, or two things at once, is refused; the server goes on.
#[actix_web::test]
async fn garbage_does_no_harm() {
    let (app, server, path) = served().await;
    let before = app.dump();
    let good = head(&app, "GET", "/healthz", "").replace("Connection: close\r\n", "");
    let long_line = format!("GET /{} HTTP/1.1\r\nHost: x\r\n\r\n", "a".repeat(200_000));
    let many_headers = format!("GET /healthz HTTP/1.1\r\n{}\r\n", "A: b\r\n".repeat(200));
    let smuggled = format!(
        "POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /"
    );
    let two_lengths = format!(
        "POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef"
    );
    let bad_chunk = head(
        &app,
        "POST",
        &path,
        "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n",
    ) + "zz\r\nhello\r\n";
    for (what, bytes) in [
        ("noise", &b"\x00\x01\x02\xff\xfe\r\n\r\n"[..]),
        (
            "a TLS hello",
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
        ),
        ("words", b"hello there\r\n\r\n"),
        ("HTTP/2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
        ("an unknown version", b"GET / HTTP/9.9\r\nHost: x\r\n\r\n"),
        (
            "a bad header",
            b"GET /healthz HTTP/1.1\r\nHost: x\r\nBad Name: y\r\n\r\n",
        ),
        (
            "a bare line feed in a header",
            b"GET /healthz HTTP/1.1\r\nHost: x\r\nA: b\x00c\r\n\r\n",
        ),
        (
            "a negative length",
            b"POST /v1/actuals HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        ),
        (
            "a length in letters",
            b"POST /v1/actuals HTTP/1.1\r\nHost: x\r\nContent-Length: ten\r\n\r\n",
        ),
        ("two lengths", two_lengths.as_bytes()),
        ("a length and chunks", smuggled.as_bytes()),
        ("a long line", long_line.as_bytes()),
        ("many headers", many_headers.as_bytes()),
        ("a bad chunk", bad_chunk.as_bytes()),
    ] {
        let mut connection = server.connect();
        let _ = connection.try_send(bytes);
        let answer = connection.read_to_end();
        let response = Response::read(&answer);
        assert!((400..500).contains(&response.status), "{what}: {answer}");
        assert!(!answer.contains("200 OK"), "{what}: {answer}");
    }
    // A good request, then noise on the same connection.
    let mut connection = server.connect();
    connection.send(format!("{good}{good}\x00\x01 nonsense\r\n\r\n").as_bytes());
    let answer = connection.read_to_end();
    assert_eq!(answer.matches("HTTP/1.1 200 OK").count(), 2, "{answer}");
    assert_eq!(answer.matches("HTTP/1.1 400").count(), 1, "{answer}");
    assert!(app.dump() == before);
    assert_eq!(
        server.answer(&head(&app, "GET", "/healthz", "")).status,
        200
    );
}

/// A connection that ends amid its body stores nothing.
#[actix_web::test]
async fn a_broken_off_request_stores_nothing() {
    let (app, server, path) = served().await;
    let before = app.dump();
    let report =
        json!({ "month": LAST, "values": [{ "item": "consult", "value": 3 }] }).to_string();
    let whole = post(&app, &path, &report);
    for length in [10, whole.len() - report.len(), whole.len() - 1] {
        let mut connection = server.connect();
        connection.send(&whole.as_bytes()[..length]);
        drop(connection);
    }
    let response = server.answer(&head(&app, "GET", &path, ""));
    assert_eq!(response.status, 200);
    assert!(app.dump() == before);
}

/// Each caller has a budget of their own, spent before anything is done.
#[actix_web::test]
async fn requests_are_limited_by_caller() {
    let app = App::new().await;
    let id = app.own_scorecard().await;
    let limited = limited_state(app.database().open(), Clock::fixed(now()), None, Some(5));
    let service = service(limited).await;
    let client = |token: &str| {
        Client::new(service.clone()).with("Authorization", &format!("Bearer {token}"))
    };
    let hub = client(app.key(Actor::Hub));
    for _ in 0..5 {
        hub.get("/v1/me").await.expect(200);
    }
    let before = app.dump();
    let report = json!({ "month": LAST, "values": [{ "item": "consult", "value": 3 }] });
    for _ in 0..3 {
        let answer = hub
            .post(&format!("/v1/scorecards/{id}/actuals"), &report)
            .await;
        answer.problem("rate_limited");
        let seconds: u64 = answer.header("retry-after").unwrap().parse().unwrap();
        assert!((1..=60).contains(&seconds), "{seconds}");
    }
    assert!(app.dump() == before);
    // Claiming to come from elsewhere changes nothing.
    let disguised = hub
        .with("X-Forwarded-For", "192.0.2.7")
        .with("Forwarded", "for=192.0.2.8");
    disguised.get("/v1/me").await.problem("rate_limited");
    // Others are not affected; those without a credential share one budget.
    client(app.key(Actor::Prefecture))
        .get("/v1/me")
        .await
        .expect(200);
    let anonymous = Client::new(service.clone());
    for _ in 0..5 {
        anonymous.get("/v1/me").await.problem("unauthenticated");
    }
    client("nonsense")
        .get("/v1/me")
        .await
        .problem("rate_limited");
    anonymous.get("/healthz").await.expect(200);
}

/// Attempts to sign in are limited by account, however right the password.
#[actix_web::test]
async fn sign_ins_are_limited() {
    let app = App::new().await;
    let password = app.set_password(Actor::Hub);
    let limited = limited_state(app.database().open(), Clock::fixed(now()), Some(3), None);
    let client = Client::new(service(limited).await);
    let grant = |password: &str| json!({ "grant_type": "password", "email": Actor::Hub.email(), "password": password });
    for _ in 0..3 {
        let answer = client.post("/v1/auth/token", &grant("a wrong one")).await;
        answer.problem("invalid_credentials");
    }
    let answer = client.post("/v1/auth/token", &grant(password)).await;
    answer.problem("rate_limited");
    assert!(answer.headers.contains_key("retry-after"));
    // What is no attempt costs none: the form is looked at first.
    client
        .post("/v1/auth/token", &json!({}))
        .await
        .problem("invalid");
    let unknown = json!({ "grant_type": "refresh_token", "refresh_token": "shr_x" });
    client
        .post("/v1/auth/token", &unknown)
        .await
        .problem("invalid_credentials");
}

/// Stopping lets what has begun come to its end.
#[actix_web::test]
async fn the_server_can_be_stopped() {
    let (app, server, path) = served().await;
    let address = server.address;
    let mut idle = server.connect();
    idle.send(head(&app, "GET", &path, "").as_bytes());
    assert_eq!(idle.response().status, 200);
    drop(server);
    let refused = std::net::TcpStream::connect(address);
    let closed = refused.map(|mut stream| {
        stream
            .set_read_timeout(Some(Duration::from_secs(5)))
            .unwrap();
        stream.read(&mut [0]).is_ok_and(|count| count == 0)
    });
    assert!(closed.unwrap_or(true), "still served");
}

/// Nothing of a large body is waited for before its sender is known, so that
/// strangers cannot fill the memory; and they are counted by address, whatever they
/// call themselves.
#[actix_web::test]
async fn strangers_are_turned_away_before_their_bodies() {
    let app = App::new().await;
    let server = Server::start(state(app.database().open(), app.clock.clone()));
    let key = app.key(Actor::Hub).to_owned();
    let made_up = format!("shk_{}", "A".repeat(key.len() - 4));
    let request = |key: &str| {
        format!(
            "POST /v1/imports HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {key}\r\nContent-Type: text/csv\r\nContent-Length: 4000000\r\nConnection: close\r\n\r\n"
        )
    };
    let start = Instant::now();
    problem(&server.answer(&request(&made_up)), 401, "unauthenticated");
    assert!(start.elapsed() < Duration::from_secs(BODY_SECONDS));
    let response = server.answer(&request(&key));
    problem(&response, 408, "body_too_slow");
    // A stranger who does not say how much it is.
    let chunked =
        request(&made_up).replace("Content-Length: 4000000", "Transfer-Encoding: chunked");
    let mut connection = server.connect();
    connection.send(chunked.as_bytes());
    let piece = vec![b'1'; 30_000];
    for _ in 0..3 {
        let _ = connection.try_send(format!("{:x}\r\n", piece.len()).as_bytes())
            && connection.try_send(&piece)
            && connection.try_send(b"\r\n");
    }
    problem(&connection.response(), 401, "unauthenticated");
}

//! What this service does not call, however it is asked to. Every case has a trap that would
//! notice.

use shirube::clock::Clock;
use shirube::domain::delivery::{ErrorClass, Outcome};
use shirube::notify::client::HttpClient;

use crate::receiver::{Receiver, answer};
use crate::{LOOPBACK, Names, PATIENT, child, policy, post, result};

const BLOCKED: (Outcome, Option<u16>, Option<ErrorClass>) =
    (Outcome::Refused, None, Some(ErrorClass::Blocked));

async fn trap() -> Receiver {
    Receiver::start(answer("200 OK", "", "")).await
}

/// Rows of an attacker's list; with https, as they would be registered.
#[tokio::test]
async fn literals_of_this_network() {
    let trap = trap().await;
    let port = trap.address.port();
    let client = HttpClient::new(policy(&[]), PATIENT, Clock::system());
    for host in [
        "127.0.0.1",
        "0",
        "2130706433",
        "0x7f.1",
        "0177.0.0.1",
        "127.1",
        "１２７.０.０.１",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "[fe80::1]",
        "[fc00::1]",
        "169.254.169.254",
        "100.64.0.1",
        "198.18.0.1",
        "user@127.0.0.1",
        "localhost",
    ] {
        for scheme in ["https", "http", "ftp", "gopher"] {
            let url = format!("{scheme}://{host}:{port}/");
            assert!(policy(&[]).check_url(&url).is_err(), "{url}");
            let exchange = client.post(&post(url.clone())).await;
            assert_eq!(result(&exchange), BLOCKED, "{url}");
        }
    }
    for port in [22, 25, 5432] {
        let exchange = client
            .post(&post(format!("https://example.jp:{port}/")))
            .await;
        assert_eq!(result(&exchange), BLOCKED, "{port}");
    }
    assert_eq!(trap.connections(), 0);
}

#[tokio::test]
async fn names_that_lead_into_this_network() {
    let trap = trap().await;
    let url = format!("https://innocent.test:{}/", trap.address.port());
    assert!(policy(&[]).check_url(&url).is_ok(), "it may be registered");
    for answers in [
        &["127.0.0.1"][..],
        &["::1"],
        &["::ffff:127.0.0.1"],
        &["64:ff9b::7f00:1"],
        &["169.254.169.254"],
        &["0.0.0.0"],
        // A public address does not cover for another one, wherever it stands.
        &["192.0.1.1", "127.0.0.1"],
        &["127.0.0.1", "192.0.1.1"],
    ] {
        let names = Names::to(&[answers]);
        let client = HttpClient::with_resolver(policy(&[]), PATIENT, Clock::system(), names);
        let exchange = client.post(&post(url.clone())).await;
        assert_eq!(result(&exchange), BLOCKED, "{answers:?}");
    }
    assert_eq!(trap.connections(), 0);
}

/// A name that led elsewhere when it was registered, and when it was called first.
#[tokio::test]
async fn names_that_change() {
    let trap = trap().await;
    let port = trap.address.port();
    let allowed = Receiver::at(&format!("127.0.0.2:{port}"), answer("200 OK", "", ""), None).await;
    let names = Names::to(&[&["127.0.0.2"], &["127.0.0.1"]]);
    let policy = policy(&["127.0.0.2"]);
    let client = HttpClient::with_resolver(policy, PATIENT, Clock::system(), names);
    let hook = post(format!("http://flips.test:{port}/"));
    assert_eq!(client.post(&hook).await.outcome, Outcome::Delivered);
    assert_eq!(result(&client.post(&hook).await), BLOCKED);
    assert_eq!((allowed.connections(), trap.connections()), (1, 0));
}

/// Without TLS only configured addresses are called, public ones neither.
#[tokio::test]
async fn public_addresses_without_encryption() {
    for names in [
        Names::to(&[&["192.0.1.1"]]),
        Names::to(&[&["127.0.0.1", "192.0.1.1"]]),
    ] {
        let client =
            HttpClient::with_resolver(policy(&[LOOPBACK]), PATIENT, Clock::system(), names);
        let exchange = client.post(&post("http://public.test/")).await;
        assert_eq!(result(&exchange), BLOCKED);
    }
}

/// Proxies of the environment would resolve names themselves.
#[tokio::test]
async fn proxies_of_the_environment() {
    let test = "blocked::proxies_of_the_environment";
    if let Some(url) = child::argument() {
        let names = Names::to(&[&["127.0.0.1"]]);
        let exchange = crate::client(PATIENT, names).post(&post(url)).await;
        assert_eq!(exchange.outcome, Outcome::Delivered, "{exchange:?}");
        return;
    }
    let (receiver, trap) = (trap().await, trap().await);
    let proxy = format!("http://{}", trap.address);
    let url = format!("http://receiver.test:{}/", receiver.address.port());
    let variables = [
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "ALL_PROXY",
        "http_proxy",
        "https_proxy",
        "all_proxy",
    ];
    let variables = variables.map(|name| (name, proxy.as_str()));
    child::run(test, &url, &variables).await;
    assert_eq!((receiver.requests().len(), trap.connections()), (1, 0));
}

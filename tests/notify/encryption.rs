//! TLS: whom this service believes, and what it does not say to others.

use shirube::clock::Clock;
use shirube::config::{SmtpServer, SmtpTls};
use shirube::domain::delivery::{ErrorClass, Outcome};
use shirube::notify::mail::Mailer;

use crate::certificates::Authority;
use crate::mail::{mail, mailer_config};
use crate::receiver::{Receiver, Script, answer};
use crate::smtp::{Sink, Tls};
use crate::{HASTY, Names, PATIENT, child, client, post, result};

const NAME: &str = "receiver.test";

#[tokio::test]
async fn strangers_are_not_told() {
    let acceptor = Authority::new().acceptor(NAME);
    let receiver = Receiver::at("127.0.0.1:0", answer("200 OK", "", ""), Some(acceptor)).await;
    let plain = Receiver::start(Script::Blurt("HTTP/1.1 400 Bad Request\r\n\r\n")).await;
    let closing = Receiver::start(Script::Blurt("")).await;
    for receiver in [&receiver, &plain, &closing] {
        let names = Names::to(&[&["127.0.0.1"]]);
        let url = format!("https://{NAME}:{}/", receiver.address.port());
        let exchange = client(PATIENT, names).post(&post(url)).await;
        let expected = (Outcome::Retry, None, Some(ErrorClass::Tls));
        assert_eq!(result(&exchange), expected);
        assert_eq!(receiver.requests().len(), 0);
    }
}

#[tokio::test]
async fn a_handshake_ends_in_time() {
    let silent = Receiver::start(Script::Hang).await;
    let names = Names::to(&[&["127.0.0.1"]]);
    let url = format!("https://{NAME}:{}/", silent.address.port());
    let exchange = client(HASTY, names).post(&post(url)).await;
    let expected = (Outcome::Retry, None, Some(ErrorClass::Timeout));
    assert_eq!(result(&exchange), expected);
    assert!(exchange.elapsed < HASTY.whole, "{exchange:?}");
}

#[tokio::test]
async fn a_certificate_is_for_a_name_and_a_time() {
    let test = "encryption::a_certificate_is_for_a_name_and_a_time";
    if let Some(ports) = child::argument() {
        let (good, expired) = ports.split_once(' ').unwrap();
        for (name, port, class) in [
            (NAME, good, None),
            ("other.test", good, Some(ErrorClass::Tls)),
            (NAME, expired, Some(ErrorClass::Tls)),
        ] {
            let names = Names::to(&[&["127.0.0.1"]]);
            let url = format!("https://{name}:{port}/hook");
            let exchange = client(PATIENT, names).post(&post(url)).await;
            assert_eq!(exchange.error_class, class, "{name} {exchange:?}");
        }
        return;
    }
    let authority = Authority::new();
    let script = answer("200 OK", "", "");
    let good = Some(authority.acceptor(NAME));
    let good = Receiver::at("127.0.0.1:0", script.clone(), good).await;
    let expired = Some(authority.expired_acceptor(NAME));
    let expired = Receiver::at("127.0.0.1:0", script, expired).await;
    let trusted = authority.file();
    let ports = format!("{} {}", good.address.port(), expired.address.port());
    let path = trusted.path().to_str().unwrap();
    child::run(test, &ports, &[("SSL_CERT_FILE", path)]).await;
    assert_eq!((good.requests().len(), expired.requests().len()), (1, 0));
}

#[tokio::test]
async fn mail_is_encrypted() {
    let test = "encryption::mail_is_encrypted";
    if let Some(ports) = child::argument() {
        let modes = [SmtpTls::Required, SmtpTls::Opportunistic, SmtpTls::Wrapped];
        for (port, tls) in ports.split(' ').zip(modes) {
            let mut config = mailer_config(port.parse().unwrap());
            config.server = SmtpServer {
                host: "localhost".to_owned(),
                tls,
                credentials: Some(("user".to_owned(), crate::mail::password())),
                ..config.server
            };
            let exchange = Mailer::new(&config, PATIENT, Clock::system())
                .send(&mail())
                .await;
            assert_eq!(exchange.outcome, Outcome::Delivered, "{tls:?} {exchange:?}");
        }
        return;
    }
    let authority = Authority::new();
    let acceptor = || authority.acceptor("localhost");
    let sinks = [
        Sink::start(&[], Tls::Offered(acceptor())).await,
        Sink::start(&[], Tls::Offered(acceptor())).await,
        Sink::start(&[], Tls::Wrapped(acceptor())).await,
    ];
    let ports: Vec<String> = sinks.iter().map(|sink| sink.port.to_string()).collect();
    let trusted = authority.file();
    let path = trusted.path().to_str().unwrap();
    child::run(test, &ports.join(" "), &[("SSL_CERT_FILE", path)]).await;
    for sink in &sinks {
        assert_eq!(sink.mails().len(), 1);
        let commands = sink.commands();
        assert!(!commands.iter().any(|(is_secret, line)| {
            !is_secret
                && ["AUTH", "MAIL", "RCPT"]
                    .iter()
                    .any(|word| line.starts_with(word))
        }));
        assert!(
            commands
                .iter()
                .any(|(_, line)| line.starts_with("AUTH PLAIN"))
        );
    }
}

/// Nobody in between can strip the encryption off.
#[tokio::test]
async fn mail_is_not_sent_in_clear_where_it_must_not_be() {
    let stranger = || Authority::new().acceptor("localhost");
    for (tls, credentials, offer) in [
        (SmtpTls::Required, false, Tls::None),
        (SmtpTls::Required, false, Tls::Offered(stranger())),
        (SmtpTls::Opportunistic, true, Tls::None),
        (SmtpTls::Opportunistic, false, Tls::Offered(stranger())),
        (SmtpTls::Wrapped, true, Tls::Wrapped(stranger())),
    ] {
        let sink = Sink::start(&[], offer).await;
        let mut config = mailer_config(sink.port);
        config.server.tls = tls;
        config.server.credentials =
            credentials.then(|| ("user".to_owned(), crate::mail::password()));
        let exchange = Mailer::new(&config, PATIENT, Clock::system())
            .send(&mail())
            .await;
        assert_eq!(exchange.outcome, Outcome::Retry);
        assert_eq!(
            exchange.error_class,
            Some(ErrorClass::Tls),
            "{tls:?} {exchange:?}"
        );
        let said = format!("{:?}", sink.commands());
        assert!(!said.contains("MAIL") && !said.contains("AUTH"), "{said}");
    }
}

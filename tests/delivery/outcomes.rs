//! Receivers that answer well, badly, late or not at all.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::office::{Caller, PATIENCE, Place, month, received, until};
use crate::receiver::{Receiver, Script, answer, turns};
use crate::smtp::{Sink, Tls};

fn ok() -> Script {
    answer("200 OK", "", "")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_red_step_reaches_the_receiver_signed_and_told_once() {
    let place = Place::new(&[]);
    place.found();
    let (server, address) = place.serve();
    let caller = Caller::sign_in(&address).await;
    let cards = caller.build(1).await;
    let receiver = Receiver::start(ok()).await;
    let (id, secret) = caller.subscribe(&receiver.url()).await;

    let answer = caller.report_red(&cards[0], 0).await;
    let alert = answer["alerts"][0]["id"].as_str().unwrap().to_owned();
    until("a notice", PATIENCE, async || {
        receiver.requests().len() == 1
    })
    .await;
    let first = &received(&receiver)[0];
    first.verify(&secret);
    let event = first.json();
    assert_eq!(event["type"], "alert.opened");
    assert_eq!(event["data"]["month"], month(0));
    assert_eq!(event["data"]["opened"][0]["id"], alert.as_str());
    assert_eq!(event["data"]["hub"]["code"], "yamagata");

    // The same again is no news.
    caller.report_red(&cards[0], 0).await;
    let body = json!({"month": month(0), "values": [{"item": "consult", "value": 12}]});
    let path = format!("/v1/scorecards/{}/actuals", cards[0]);
    caller.post(&path, &body).await;
    until("the withdrawal", PATIENCE, async || {
        receiver.requests().len() == 2
    })
    .await;
    let second = &received(&receiver)[1];
    second.verify(&secret);
    assert_eq!(second.event(), "alert.withdrawn");
    // What has arrived is noted a moment later.
    until("both to be noted", PATIENCE, async || {
        let log = caller.deliveries(&id).await;
        log.iter().all(|each| each["state"] == "delivered")
    })
    .await;
    let (code, _) = server.stop();
    assert_eq!(code, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn failures_are_tried_again_with_the_same_words_until_they_arrive() {
    let place = Place::new(&[]);
    place.found();
    let (_server, address) = place.serve();
    let caller = Caller::sign_in(&address).await;
    let cards = caller.build(1).await;
    let trap = Receiver::start(ok()).await;
    let receiver = Receiver::start(turns([
        answer("500 Internal Server Error", "", "broken"),
        answer("302 Found", &format!("Location: {}\r\n", trap.url()), ""),
        Script::Reset,
        answer("429 Too Many Requests", "Retry-After: 1\r\n", ""),
        ok(),
    ]))
    .await;
    let (id, secret) = caller.subscribe(&receiver.url()).await;
    caller.report_red(&cards[0], 0).await;
    until("delivery", PATIENCE, async || {
        caller
            .deliveries(&id)
            .await
            .first()
            .is_some_and(|each| each["state"] == "delivered")
    })
    .await;
    let sent = received(&receiver);
    assert!(
        sent.iter()
            .all(|each| each.id == sent[0].id && each.body == sent[0].body)
    );
    for each in &sent {
        each.verify(&secret);
    }
    let delivery = caller.deliveries(&id).await[0].clone();
    let path = format!("/v1/deliveries/{}", delivery["id"].as_str().unwrap());
    let attempts = caller.get(&path).await["attempts"].clone();
    let errors: Vec<&str> = attempts
        .as_array()
        .unwrap()
        .iter()
        .map(|attempt| attempt["error"].as_str().unwrap_or("none"))
        .collect();
    assert_eq!(errors, ["status", "redirect", "reset", "status", "none"]);
    assert_eq!(trap.connections(), 0, "a redirect was followed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_that_is_gone_is_disabled_and_others_are_told() {
    let place = Place::new(&[]);
    place.found();
    let (_server, address) = place.serve();
    let caller = Caller::sign_in(&address).await;
    let cards = caller.build(2).await;
    let gone = Receiver::start(answer("410 Gone", "", "")).await;
    let other = Receiver::start(ok()).await;
    let (gone_id, _) = caller.subscribe(&gone.url()).await;
    caller.subscribe(&other.url()).await;
    caller.report_red(&cards[0], 0).await;
    until("the notice of it", PATIENCE, async || {
        received(&other)
            .iter()
            .any(|each| each.event() == "endpoint.disabled")
    })
    .await;
    let path = format!("/v1/subscriptions/{gone_id}");
    let shown = caller.get(&path).await;
    assert_eq!(shown["state"], "disabled");
    assert_eq!(shown["disabled_reason"]["code"], "gone");
    caller.report_red(&cards[1], 0).await;
    until("the other's notice", PATIENCE, async || {
        received(&other).len() == 3
    })
    .await;
    assert_eq!(gone.requests().len(), 1, "it was called again");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_receiver_that_hangs_slows_no_other() {
    let place = Place::new(&[]);
    place.found();
    let (_server, address) = place.serve();
    let caller = Caller::sign_in(&address).await;
    let cards = caller.build(12).await;
    let hanging = Receiver::start(Script::Hang).await;
    let fast = Receiver::start(ok()).await;
    caller.subscribe(&hanging.url()).await;
    caller.subscribe(&fast.url()).await;
    let mut slowest = Duration::ZERO;
    for (number, card) in cards.iter().enumerate() {
        caller.report_red(card, 0).await;
        let started = Instant::now();
        until("the fast one's notice", PATIENCE, async || {
            fast.requests().len() == number + 1
        })
        .await;
        slowest = slowest.max(started.elapsed());
    }
    assert!(!hanging.requests().is_empty() && hanging.requests().len() <= 2);
    // Attempts at the hanging one last 15 seconds.
    assert!(slowest < Duration::from_secs(10), "{slowest:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn mail_arrives_in_japanese_with_a_thread_for_each_alert() {
    let sink = Sink::start(&[], Tls::None).await;
    let place = Place::new(&[
        (
            "SHIRUBE_SMTP_URL",
            &format!("smtp://127.0.0.1:{}?tls=none", sink.port),
        ),
        ("SHIRUBE_MAIL_FROM", "標 <shirube@pref.example.jp>"),
        ("SHIRUBE_PUBLIC_URL", "https://shirube.example.jp"),
    ]);
    place.found();
    let (_server, address) = place.serve();
    let caller = Caller::sign_in(&address).await;
    let cards = caller.build(1).await;
    let body = json!({
        "name": "係", "channel": "email", "scope": {"prefecture": "06"},
        "recipients": ["kakari@pref.example.jp", "kacho@pref.example.jp"],
    });
    caller.post("/v1/subscriptions", &body).await;
    let answer = caller.report_red(&cards[0], 0).await;
    let alert = answer["alerts"][0]["id"].as_str().unwrap();
    until("two mails", PATIENCE, async || sink.mails().len() == 2).await;
    let parser = mail_parser::MessageParser::default();
    let mails = sink.mails();
    let mut recipients = Vec::new();
    for mail in &mails {
        let mail = parser.parse(mail.as_bytes()).unwrap();
        assert!(
            mail.subject().unwrap().contains("相談"),
            "{:?}",
            mail.subject()
        );
        assert!(mail.body_text(0).unwrap().contains("計画"));
        assert!(
            mail.body_html(0)
                .unwrap()
                .contains("https://shirube.example.jp/scorecards/")
        );
        let references = format!("{:?}", mail.references());
        assert!(
            references.contains(&format!("alert-{alert}@pref.example.jp")),
            "{references}"
        );
        recipients.push(
            mail.to()
                .unwrap()
                .first()
                .unwrap()
                .address()
                .unwrap()
                .to_owned(),
        );
    }
    recipients.sort_unstable();
    assert_eq!(
        recipients,
        ["kacho@pref.example.jp", "kakari@pref.example.jp"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_lets_deliveries_in_flight_end() {
    let place = Place::new(&[]);
    place.found();
    let (server, address) = place.serve();
    let caller = Caller::sign_in(&address).await;
    let cards = caller.build(1).await;
    let late = Script::Late(
        Duration::from_secs(2),
        "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".to_owned(),
    );
    let receiver = Receiver::start(late).await;
    let (id, _) = caller.subscribe(&receiver.url()).await;
    caller.report_red(&cards[0], 0).await;
    until("the attempt", PATIENCE, async || {
        receiver.requests().len() == 1
    })
    .await;
    let (code, _) = tokio::task::spawn_blocking(|| server.stop()).await.unwrap();
    assert_eq!(code, Some(0));
    let (_server, address) = place.serve();
    let log = caller.at(&address).deliveries(&id).await;
    assert_eq!(log[0]["state"], "delivered");
    assert_eq!(receiver.requests().len(), 1, "it was sent again");
}

//! A server that dies between storing a report and telling anybody.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::office::{Caller, LEASE, Place, ids, month, received, until};
use crate::receiver::{Receiver, answer};

const ROUNDS: u32 = 50;

#[tokio::test(flavor = "multi_thread")]
async fn killed_after_every_report_it_tells_everything_and_nothing_twice() {
    let place = Place::new(&[]);
    place.found();
    let (server, address) = place.serve();
    let caller = Caller::sign_in(&address).await;
    let cards = caller.build(1).await;
    let receiver = Receiver::start(answer("204 No Content", "", "")).await;
    let (id, secret) = caller.subscribe(&receiver.url()).await;
    server.kill();
    for round in 0..ROUNDS {
        let (server, address) = place.serve();
        let caller = caller.at(&address);
        caller.report_red(&cards[0], round).await;
        // At a different moment of the way from the commit to the receiver.
        tokio::time::sleep(Duration::from_millis(u64::from(round % 5) * 3)).await;
        server.kill();
    }
    let (_server, address) = place.serve();
    let caller = caller.at(&address);
    until("everything delivered", LEASE, async || {
        let log = caller.deliveries(&id).await;
        !log.is_empty() && log.iter().all(|each| each["state"] == "delivered")
    })
    .await;
    // A moment for what should not come.
    tokio::time::sleep(Duration::from_secs(1)).await;

    let log = caller.deliveries(&id).await;
    let got = received(&receiver);
    let stored: std::collections::BTreeSet<String> = log
        .iter()
        .map(|each| each["id"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(ids(&got), stored, "what is stored is what arrived");
    let mut texts: BTreeMap<String, String> = BTreeMap::new();
    for each in &got {
        each.verify(&secret);
        let text = texts.entry(each.id.clone()).or_insert(each.body.clone());
        assert_eq!(*text, each.body, "one identifier, one text");
    }
    // Whatever the crashes merged, the last month is told, each alert is
    // announced once and each year's end resolves it once.
    let mut opened: BTreeMap<String, u32> = BTreeMap::new();
    let mut resolved: BTreeMap<String, u32> = BTreeMap::new();
    let mut last = String::new();
    for text in texts.values() {
        let event: serde_json::Value = serde_json::from_str(text).unwrap();
        let data = &event["data"];
        last = last.max(data["month"].as_str().unwrap().to_owned());
        for (list, counts) in [("opened", &mut opened), ("resolved", &mut resolved)] {
            for alert in data[list].as_array().unwrap() {
                *counts
                    .entry(alert["id"].as_str().unwrap().to_owned())
                    .or_default() += 1;
            }
        }
    }
    assert_eq!(last, month(ROUNDS - 1));
    // Five programme years were begun, and four are over.
    assert_eq!(opened.values().copied().collect::<Vec<_>>(), [1; 5]);
    assert_eq!(resolved.values().copied().collect::<Vec<_>>(), [1; 4]);
}

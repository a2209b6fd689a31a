//! Two servers on one PostgreSQL, one of which dies while it is sending.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::database::{TestDatabase, postgres_server};
use crate::office::{Caller, LEASE, PATIENCE, Place, ids, received, until};
use crate::process::run;
use crate::receiver::{Receiver, Script};

const CARDS: usize = 30;
const RECEIVERS: usize = 4;

#[tokio::test(flavor = "multi_thread")]
async fn what_a_dead_replica_had_leased_the_other_one_sends() {
    if postgres_server().is_none() {
        return an_embedded_database_has_one_server();
    }
    let database = TestDatabase::postgres();
    let (one, two) = (
        Place::sharing(&database, &[]),
        Place::sharing(&database, &[]),
    );
    one.found();
    let (first, address) = one.serve();
    let (_second, other_address) = two.serve();
    let caller = Caller::sign_in(&address).await;
    let cards = caller.build(CARDS).await;
    let late = Script::Late(
        Duration::from_millis(300),
        "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".to_owned(),
    );
    let mut receivers = Vec::new();
    for _ in 0..RECEIVERS {
        let receiver = Receiver::start(late.clone()).await;
        let (id, secret) = caller.subscribe(&receiver.url()).await;
        receivers.push((receiver, id, secret));
    }
    for card in &cards {
        caller.report_red(card, 0).await;
    }
    until("sending", PATIENCE, async || {
        receivers[0].0.requests().len() > 3
    })
    .await;
    first.kill();
    let caller = caller.at(&other_address);
    until("everything delivered", LEASE, async || {
        for (_, id, _) in &receivers {
            let log = caller.deliveries(id).await;
            if log.len() < CARDS || log.iter().any(|each| each["state"] != "delivered") {
                return false;
            }
        }
        true
    })
    .await;
    let mut again = 0;
    for (receiver, _, secret) in &receivers {
        let got = received(receiver);
        for each in &got {
            each.verify(secret);
        }
        assert_eq!(ids(&got).len(), CARDS, "each card's notice, once");
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for each in &got {
            *counts.entry(each.id.clone()).or_default() += 1;
        }
        again += counts.values().filter(|count| **count > 1).count();
    }
    // Only what the dead one was sending can have come twice.
    assert!(again <= 2 * RECEIVERS, "{again} came twice");
}

/// Two servers of one file would both send: the second one does not start.
fn an_embedded_database_has_one_server() {
    let place = Place::embedded(&[]);
    place.found();
    let (_first, _) = place.serve();
    let second = run(&["serve"], &place.data(), &place.variables(), "");
    assert!(!second.status.success());
    assert!(String::from_utf8_lossy(&second.stderr).contains("one server"));
}

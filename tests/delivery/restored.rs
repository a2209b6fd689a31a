//! Copies of a database do not tell the world again.

use std::time::Duration;

use crate::office::{Caller, PATIENCE, Place, until};
use crate::process::run;
use crate::receiver::{Receiver, answer};

#[tokio::test(flavor = "multi_thread")]
async fn a_restored_backup_waits_until_it_is_told_to_send() {
    let place = Place::embedded(&[]);
    place.found();
    let (server, address) = place.serve();
    let caller = Caller::sign_in(&address).await;
    let cards = caller.build(2).await;
    let receiver = Receiver::start(answer("200 OK", "", "")).await;
    caller.subscribe(&receiver.url()).await;
    place.command(&["outbox", "pause", "--reason", "点検"], "");
    caller.report_red(&cards[0], 0).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(receiver.requests().len(), 0, "a paused outbox sent");
    let backup = place.data().join("backup.sqlite3");
    let backup = backup.to_str().unwrap();
    place.command(&["backup", backup], "");
    place.command(&["outbox", "resume"], "");
    until("the notice", PATIENCE, async || {
        receiver.requests().len() == 1
    })
    .await;

    // In the place of a database only when asked, and of one in use never.
    let refused = run(&["restore", backup], &place.data(), &place.variables(), "");
    assert!(!refused.status.success());
    server.stop();
    let refused = run(&["restore", backup], &place.data(), &place.variables(), "");
    assert!(!refused.status.success());
    place.command(&["restore", "--replace", backup], "");
    assert!(
        place
            .command(&["outbox", "status"], "")
            .starts_with("paused (restored)")
    );
    let (server, address) = place.serve();
    caller.at(&address).report_red(&cards[1], 0).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(
        receiver.requests().len(),
        1,
        "a restored copy sent by itself"
    );
    place.command(&["outbox", "resume"], "");
    until("both notices", PATIENCE, async || {
        receiver.requests().len() == 3
    })
    .await;
    server.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_put_elsewhere_is_known_for_a_copy() {
    let (here, there) = (Place::embedded(&[]), Place::embedded(&[]));
    here.found();
    let (server, _) = here.serve();
    server.stop();
    std::fs::create_dir_all(there.data()).unwrap();
    for name in ["shirube.sqlite3", "jwt-secret"] {
        std::fs::copy(here.data().join(name), there.data().join(name)).unwrap();
    }
    let (server, _) = there.serve();
    assert!(
        there
            .command(&["outbox", "status"], "")
            .starts_with("paused (restored)")
    );
    server.stop();
}

//! Liveness and readiness, and an answer when the database is not to be had.

use std::sync::mpsc;
use std::time::Duration;

use serde_json::json;
use shirube::clock::Clock;
use shirube::storage::{Db, PoolSettings, StorageError};

use crate::database::{TestDatabase, postgres_server};
use crate::support::fixtures::LAST;
use crate::support::{App, Client, now, service, state};

#[actix_web::test]
async fn a_ready_service_says_so() {
    let app = App::new().await;
    let anonymous = app.anonymous();
    assert_eq!(
        anonymous.get("/healthz").await.expect(200),
        json!({ "status": "ok" })
    );
    assert_eq!(
        anonymous.get("/readyz").await.expect(200),
        json!({ "status": "ready" })
    );
}

/// A service that is being stopped sends new work elsewhere, but is alive, and
/// finishes what still arrives.
#[actix_web::test]
async fn a_stopping_service_is_not_ready() {
    let app = App::new().await;
    app.state.stop();
    app.anonymous().get("/readyz").await.problem("unavailable");
    app.anonymous().get("/healthz").await.expect(200);
    app.as_hub().get("/v1/me").await.expect(200);
}

#[actix_web::test]
async fn a_database_without_its_tables_is_not_ready() {
    let database = match postgres_server() {
        Some(_) => TestDatabase::postgres_without_tables(),
        None => TestDatabase::sqlite_without_tables(),
    };
    let db = database.open();
    let client = Client::new(service(state(db.clone(), Clock::fixed(now()))).await);
    let answer = client.get("/readyz").await;
    answer.problem("unavailable");
    assert!(answer.headers.contains_key("retry-after"));
    client.get("/healthz").await.expect(200);
    db.migrate().unwrap();
    client.get("/readyz").await.expect(200);
}

/// While the database cannot be had, requests get 503 with `Retry-After`, and
/// nothing half-done; afterwards all is as before, without a restart.
#[actix_web::test]
async fn a_busy_database_is_answered_and_survived() {
    let app = App::new().await;
    let id = app.own_scorecard().await;
    let settings = PoolSettings {
        connections: 1,
        acquire_timeout: Duration::from_millis(100),
    };
    let db = Db::open(app.database().url(), &settings).unwrap();
    let client = Client::new(service(state(db.clone(), app.clock.clone())).await);
    let client = client.with(
        "Authorization",
        &format!("Bearer {}", app.key(crate::support::Actor::Hub)),
    );
    let path = format!("/v1/scorecards/{id}/actuals");
    let report = json!({ "month": LAST, "values": [{ "item": "consult", "value": 1 }] });
    // Somebody holds every connection: on SQLite the writer and the reader.
    let (release, released) = mpsc::channel::<()>();
    let (ready, taken) = mpsc::channel::<()>();
    let holder = std::thread::spawn(move || {
        let hold = || {
            ready.send(()).unwrap();
            released.recv().unwrap();
            Ok::<_, StorageError>(())
        };
        let outcome = match postgres_server() {
            Some(_) => db.write(|_| hold()),
            None => db.write(|_| db.read(|_| hold())),
        };
        outcome.unwrap();
    });
    taken.recv().unwrap();
    let before = app.dump();
    for answer in [
        client.get(&path).await,
        client.post(&path, &report).await,
        client.get("/readyz").await,
    ] {
        answer.problem("unavailable");
        assert_eq!(answer.header("retry-after"), Some("2"));
    }
    client.get("/healthz").await.expect(200);
    assert!(app.dump() == before);
    release.send(()).unwrap();
    holder.join().unwrap();
    client.get("/readyz").await.expect(200);
    assert_eq!(
        client.post(&path, &report).await.expect(200)["outcome"],
        "applied"
    );
}

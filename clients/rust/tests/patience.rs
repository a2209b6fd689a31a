//! Servers that cannot now, point elsewhere, break off, or are none of ours.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod stub;

use shirube_client::{Client, Error, FactsQuery, ImportOptions, OverviewQuery, Report};
use stub::{Stub, answer, problem};

const REPORTED: &str = r#"{"outcome":"applied","dry_run":false,"revision":2,
    "counts":{"received":1,"created":1,"updated":0,"unchanged":0,"cleared":0,"rejected":0},
    "completeness":{"required":1,"reported":1,"complete":true,"due_on":"2028-10-10","missing":[]},
    "changes":[{"item":"a","from":{"status":"no_data","flag":"none"},"to":{"status":"behind","flag":"red","new":1}}],
    "alerts":[],"issues":[],"something_new":[]}"#;

fn client(stub: &Stub) -> Client {
    Client::new(stub.address(), "shk_secret").unwrap()
}

#[tokio::test]
async fn a_busy_server_is_asked_again_with_the_same_name() {
    let stub = Stub::start(vec![
        problem(429, "rate_limited", "Retry-After: 0\r\n"),
        problem(503, "unavailable", "Retry-After: 0\r\n"),
        answer(200, "", REPORTED),
        answer(200, "", REPORTED),
    ])
    .await;
    let report = Report::new("2028-09").value("a", 1.0);
    let first = client(&stub).report("x", &report).await.unwrap();
    assert_eq!(first.turned_red().collect::<Vec<_>>(), ["a"]);
    client(&stub).report("x", &report).await.unwrap();
    let seen = stub.seen();
    let names: Vec<&str> = seen.iter().map(|request| key_of(request)).collect();
    assert_eq!(seen.len(), 4);
    assert!(names[0] == names[1] && names[1] == names[2], "{names:?}");
    assert_ne!(names[2], names[3], "a call of its own");
    assert!(seen[0].starts_with("POST /v1/scorecards/x/actuals HTTP/1.1\r\n"));
    assert!(seen[0].contains("authorization: Bearer shk_secret\r\n"));
    assert!(seen[0].ends_with(r#"{"month":"2028-09","values":[{"item":"a","value":1}]}"#));
}

fn key_of(request: &str) -> &str {
    let mut lines = request.lines();
    lines
        .find_map(|line| line.strip_prefix("idempotency-key: "))
        .unwrap()
}

#[tokio::test]
async fn patience_ends() {
    let busy = || problem(503, "unavailable", "Retry-After: 0\r\n");
    let stub = Stub::start(vec![busy(), busy(), busy(), busy(), busy()]).await;
    let error = client(&stub).me().await.unwrap_err();
    assert_eq!(error.problem().unwrap().code, "unavailable");
    assert_eq!(stub.seen().len(), 4, "one attempt and three more");

    let stub = Stub::start(vec![problem(429, "rate_limited", "Retry-After: 3600\r\n")]).await;
    let error = client(&stub).me().await.unwrap_err();
    assert_eq!(error.problem().unwrap().status, 429);
    assert_eq!(stub.seen().len(), 1, "nobody waits an hour");
}

#[tokio::test]
async fn the_key_follows_no_pointer() {
    let other = Stub::start(vec![answer(200, "", "{}")]).await;
    let to = format!("Location: {}/v1/me\r\n", other.address());
    let stub = Stub::start(vec![answer(307, &to, "")]).await;
    let error = client(&stub).me().await.unwrap_err();
    assert!(matches!(error, Error::Redirected(_)), "{error}");
    assert!(other.seen().is_empty());
}

#[tokio::test]
async fn other_programs_are_told_apart() {
    for (status, body) in [(200, "<html>portal</html>"), (502, "<html>proxy</html>")] {
        let stub = Stub::start(vec![answer(status, "", body)]).await;
        match client(&stub).overview(&OverviewQuery::default()).await {
            Err(Error::Unexpected { status: told, .. }) => assert_eq!(told, status),
            other => panic!("{other:?}"),
        }
    }
    let stub = Stub::start(vec![answer(200, "", r#"{"role":1}"#)]).await;
    let error = client(&stub).me().await.unwrap_err();
    assert!(matches!(error, Error::Unreadable(_)), "{error}");
}

#[tokio::test]
async fn what_breaks_off_is_not_taken_for_whole() {
    let cut =
        "HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\nContent-Length: 1000\r\n\r\n";
    let stub = Stub::start(vec![cut.to_owned()]).await;
    let mut facts = client(&stub)
        .facts_stream(&FactsQuery::default())
        .await
        .unwrap();
    let error = facts.next().await.unwrap_err();
    assert!(matches!(error, Error::Interrupted(_)), "{error}");
}

#[tokio::test]
async fn a_pull_of_changes_says_whose_rows_are_replaced_and_where_the_next_begins() {
    let first =
        r#"{"items":[],"next_cursor":"c2","next_since":"s2","changed":["emptied","renamed"]}"#;
    let second = r#"{"items":[],"next_cursor":null,"next_since":"s2","changed":null}"#;
    let stub = Stub::start(vec![answer(200, "", first), answer(200, "", second)]).await;
    let query = FactsQuery {
        since: Some("s1".to_owned()),
        limit: Some(1),
        ..FactsQuery::default()
    };
    let page = client(&stub).facts(&query).await.unwrap();
    let changed = page.changed.as_deref().unwrap();
    assert_eq!(
        (changed, page.next_since.as_str()),
        (&["emptied".to_owned(), "renamed".to_owned()][..], "s2")
    );
    assert_eq!(client(&stub).facts(&query).await.unwrap().changed, None);

    for error in [
        client(&stub).facts_stream(&query).await.err(),
        client(&stub).facts_csv(&query, None).await.err(),
    ] {
        assert!(matches!(error, Some(Error::Argument(_))), "{error:?}");
    }
    assert_eq!(stub.seen().len(), 2, "a part is not passed off as all");
}

/// Shapes of the service's next answers, with what this client does not know.
#[tokio::test]
async fn a_refused_file_names_cells() {
    let body = r#"{"type":"about:blank","title":"t","status":422,"code":"invalid","detail":"d","request_id":"r","issues":[
        {"severity":"error","code":"unreadable_figure","path":"","message":{"ja":"読めません","en":"Unreadable"},
         "place":{"sheet":"実績","row":5,"column":"C","cell":"C5","value":"約10","colour":"red"},
         "remedy":{"ja":"数字だけにしてください","en":"Leave only the figure"}},
        {"severity":"error","code":"brand_new","path":"/x","message":{"ja":"x","en":"x"},"place":null}]}"#;
    let stub = Stub::start(vec![answer(422, "", body)]).await;
    let options = ImportOptions {
        hub: Some("鳥取".to_owned()),
        key: Some("main".to_owned()),
        dry_run: true,
        ..ImportOptions::default()
    };
    let error = client(&stub).import(b"x".to_vec(), &options).await;
    let problem = error.unwrap_err();
    let issues = &problem.problem().unwrap().issues;
    let place = issues[0].place.as_ref().unwrap();
    assert_eq!(place.cell.as_deref(), Some("C5"));
    assert_eq!(place.value.as_deref(), Some("約10"));
    assert_eq!(
        issues[0].remedy.as_ref().unwrap().en,
        "Leave only the figure"
    );
    assert!(issues[1].place.is_none());
    let line = "POST /v1/imports?hub=%E9%B3%A5%E5%8F%96&key=main&dry_run=true HTTP/1.1";
    assert!(stub.seen()[0].starts_with(line), "{:?}", stub.seen());
}

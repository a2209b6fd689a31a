//! Revisions: `ETag`, `If-None-Match`, `If-Match`, and the cache of bodies.

use std::io::Read as _;

use serde_json::{Value, json};

use crate::support::fixtures::{self, LAST, START, item, month_on_plan};
use crate::support::{Answer, App};

fn report(value: u32) -> Value {
    json!({ "month": LAST, "values": [{ "item": "consult", "value": value }] })
}

fn decoded(answer: &Answer) -> Vec<u8> {
    let mut bytes = Vec::new();
    match answer.header("content-encoding") {
        None => return answer.body.to_vec(),
        Some("gzip") => flate2::read::GzDecoder::new(&answer.body[..]).read_to_end(&mut bytes),
        Some("br") => brotli::Decompressor::new(&answer.body[..], 4_096).read_to_end(&mut bytes),
        Some(other) => panic!("encoded as {other}"),
    }
    .unwrap();
    bytes
}

#[actix_web::test]
async fn reads_carry_the_revision() {
    let app = App::new().await;
    let id = app.own_scorecard().await;
    for revision in 1..=3 {
        let tag = format!("\"{revision}\"");
        for part in [
            "",
            "?include=links",
            "?include=causes,alerts",
            "/causes",
            "?include=outlook",
            "/outlook",
            "?month=2026-04",
            "/series",
            "/roadmap",
        ] {
            let answer = app
                .as_viewer()
                .get(&format!("/v1/scorecards/{id}{part}"))
                .await;
            answer.expect(200);
            assert_eq!(answer.header("etag"), Some(tag.as_str()), "{part}");
            assert_eq!(answer.header("cache-control"), Some("private, no-cache"));
            assert_eq!(
                answer.header("vary"),
                Some("Accept-Encoding, Authorization, X-API-Key")
            );
        }
        // Where time alone can change the answer, the tag says more.
        for part in [
            "/actuals",
            "/plan",
            "/plan/versions",
            "/items/consult/history",
        ] {
            let answer = app
                .as_viewer()
                .get(&format!("/v1/scorecards/{id}{part}"))
                .await;
            let tag = answer.header("etag").unwrap();
            assert!(tag.starts_with(&format!("\"{revision}-")), "{part}: {tag}");
        }
        app.as_hub()
            .post(&format!("/v1/scorecards/{id}/actuals"), &report(revision))
            .await
            .expect(200);
    }
}

/// Whatever changes an answer raises the revision, and nothing else does.
#[actix_web::test]
async fn the_revision_rises_with_whatever_shows() {
    let app = App::new().await;
    let id = app.own_scorecard().await;
    let read = format!("/v1/scorecards/{id}");
    let revision = async || app.as_viewer().get(&read).await.expect(200)["revision"].clone();
    assert_eq!(revision().await, 1);
    app.report(&id, LAST, json!([{ "item": "consult", "value": 1 }]))
        .await;
    assert_eq!(revision().await, 2);
    let decide = async |what: &str, body: Value| {
        let path = format!("/v1/scorecards/{id}/months/{LAST}/{what}");
        app.as_prefecture().post(&path, &body).await.expect(200)["revision"].clone()
    };
    assert_eq!(decide("approve", json!({})).await, 3);
    assert_eq!(decide("approve", json!({})).await, 3, "it was approved");
    assert_eq!(
        decide(
            "reopen",
            json!({ "reason": "x", "until": "2026-11-23T00:00:00Z" })
        )
        .await,
        4
    );
    assert_eq!(decide("return", json!({ "note": "x" })).await, 5);
    let name = |ja: &str| json!({ "name": { "ja": ja, "en": "New" } });
    app.as_national()
        .patch("/v1/hubs/yamagata", &name("新拠点"))
        .await
        .expect(200);
    assert_eq!(revision().await, 6);
    app.as_national()
        .patch("/v1/prefectures/06", &name("新県"))
        .await
        .expect(200);
    assert_eq!(revision().await, 7);
    // The same names again, another hub's, and an account's change nothing here.
    app.as_national()
        .patch("/v1/hubs/yamagata", &name("新拠点"))
        .await
        .expect(200);
    app.as_national()
        .patch("/v1/hubs/yonezawa", &name("米沢"))
        .await
        .expect(200);
    app.as_national()
        .patch("/v1/prefectures/38", &name("別の県"))
        .await
        .expect(200);
    assert_eq!(revision().await, 7);
    let card = app.as_viewer().get(&read).await.expect(200);
    assert_eq!(card["hub"]["name"]["ja"], "新拠点");
    assert_eq!(card["prefecture"]["name"]["ja"], "新県");
}

#[actix_web::test]
async fn an_unchanged_read_is_not_sent_again() {
    let app = App::new().await;
    let id = app.own_scorecard().await;
    for part in [
        "",
        "/series",
        "/roadmap",
        "/actuals",
        "/plan",
        "/plan/versions",
        "/items/consult/history",
    ] {
        let path = format!("/v1/scorecards/{id}{part}");
        let answer = app.as_viewer().get(&path).await;
        let tag = answer.header("etag").unwrap().to_owned();
        for known in [
            tag.clone(),
            format!("W/{tag}"),
            format!("\"0\", {tag}"),
            format!("\"x\" ,{tag} , \"y\""),
            "*".to_owned(),
        ] {
            let answer = app
                .as_viewer()
                .with("If-None-Match", &known)
                .get(&path)
                .await;
            assert_eq!(answer.status, 304, "{part} {known}");
            assert_eq!(answer.body.len(), 0);
            assert_eq!(answer.header("etag"), Some(tag.as_str()), "{part} {known}");
            assert_eq!(answer.header("cache-control"), Some("private, no-cache"));
        }
        for other in ["\"0\"", "\"10\"", "1", "\"1", "", "W/1", "nonsense"] {
            let answer = app
                .as_viewer()
                .with("If-None-Match", other)
                .get(&path)
                .await;
            answer.expect(200);
        }
    }
    let path = format!("/v1/scorecards/{id}");
    app.report(&id, LAST, json!([{ "item": "consult", "value": 1 }]))
        .await;
    let answer = app
        .as_viewer()
        .with("If-None-Match", "\"1\"")
        .get(&path)
        .await;
    assert_eq!(item(&answer.expect(200), "consult")["cell"]["value"], 1);
}

/// A foreign tag does not tell whether the thing exists.
#[actix_web::test]
async fn a_tag_opens_no_door() {
    let app = App::new().await;
    let id = app.own_scorecard().await;
    let known = app
        .client(crate::support::Actor::OtherHub)
        .with("If-None-Match", "*");
    known
        .get(&format!("/v1/scorecards/{id}"))
        .await
        .problem("not_found");
    let anonymous = app.anonymous().with("If-None-Match", "*");
    anonymous
        .get(&format!("/v1/scorecards/{id}"))
        .await
        .problem("unauthenticated");
}

/// A reopening that ends by itself changes the cells' answer without a new
/// revision; the tag follows.
#[actix_web::test]
async fn what_time_changes_is_sent_again() {
    let app = App::new().await;
    let id = app.own_scorecard().await;
    let decide = |what: &str| format!("/v1/scorecards/{id}/months/{LAST}/{what}");
    app.as_prefecture()
        .post(&decide("approve"), &json!({}))
        .await
        .expect(200);
    let reopen = json!({ "reason": "訂正", "until": "2026-11-22T04:00:00Z" });
    app.as_prefecture()
        .post(&decide("reopen"), &reopen)
        .await
        .expect(200);
    let path = format!("/v1/scorecards/{id}/actuals?from={LAST}&to={LAST}");
    let open = app.as_viewer().get(&path).await;
    assert_eq!(open.expect(200)["months"][0]["state"], "open");
    let known = app
        .as_viewer()
        .with("If-None-Match", open.header("etag").unwrap());
    assert_eq!(known.get(&path).await.status, 304);
    app.clock.set("2026-11-22T04:00:00Z".parse().unwrap());
    let closed = known.get(&path).await;
    assert_eq!(closed.expect(200)["months"][0]["state"], "approved");
}

#[actix_web::test]
async fn encodings_carry_the_same_bytes() {
    let app = App::new().await;
    let id = app.own_scorecard().await;
    app.report(&id, LAST, month_on_plan(7)).await;
    for part in ["", "?include=links", "/series", "/roadmap"] {
        let path = format!("/v1/scorecards/{id}{part}");
        let plain = app.as_viewer().get(&path).await;
        assert_eq!(plain.header("content-encoding"), None);
        for (accept, encoding) in [
            ("gzip", Some("gzip")),
            ("br", Some("br")),
            ("gzip, deflate, br", Some("br")),
            ("GZIP", Some("gzip")),
            ("br;q=0, gzip", Some("gzip")),
            ("br;q=0.0, gzip;q=0", None),
            ("identity", None),
            ("deflate", None),
            ("", None),
        ] {
            let client = app.as_viewer().with("Accept-Encoding", accept);
            // The second answer comes from the cache.
            for _ in 0..2 {
                let answer = client.get(&path).await;
                assert_eq!(answer.header("content-encoding"), encoding, "{accept}");
                assert_eq!(decoded(&answer), plain.body, "{part} as {accept}");
                let tag = match encoding {
                    Some(encoding) => format!("\"2-{encoding}\""),
                    None => "\"2\"".to_owned(),
                };
                assert_eq!(answer.header("etag"), Some(tag.as_str()));
                if encoding.is_some() {
                    assert!(answer.body.len() < plain.body.len() / 3);
                }
                let known = client.with("If-None-Match", &tag).get(&path).await;
                assert_eq!(known.status, 304);
            }
        }
    }
}

/// The cache never serves one thing for another.
#[actix_web::test]
async fn the_cache_keeps_things_apart() {
    let app = App::new().await;
    let id = app.own_scorecard().await;
    let mut other = fixtures::own_scorecard("yamagata");
    other["key"] = "other".into();
    let other = app.scorecard(&other).await;
    let get = async |path: String| app.as_viewer().get(&path).await.expect(200);
    for _ in 0..2 {
        assert_eq!(get(format!("/v1/scorecards/{id}")).await["id"], id);
        assert_eq!(get(format!("/v1/scorecards/{other}")).await["id"], other);
        let april = get(format!("/v1/scorecards/{id}?month={START}")).await;
        let may = get(format!("/v1/scorecards/{id}?month=2026-05")).await;
        assert_eq!(april["month"], START);
        assert_eq!(may["month"], "2026-05");
        assert!(get(format!("/v1/scorecards/{id}?include=links")).await["links"].is_array());
        assert!(get(format!("/v1/scorecards/{id}")).await["links"].is_null());
    }
    // What one caller has read is not served to one who may not.
    let foreign = app.client(crate::support::Actor::OtherHub);
    foreign
        .get(&format!("/v1/scorecards/{id}"))
        .await
        .problem("not_found");
}

#[actix_web::test]
async fn a_demanded_revision_has_to_be_the_present_one() {
    let app = App::new().await;
    let id = app.own_scorecard().await;
    let path = format!("/v1/scorecards/{id}/actuals");
    let post = async |tag: &str, value: u32| {
        app.as_hub()
            .with("If-Match", tag)
            .post(&path, &report(value))
            .await
    };
    for (tag, value, revision) in [
        ("\"1\"", 1, 2),
        ("\"2-gzip\"", 2, 3),
        ("\"3-br\"", 3, 4),
        ("\"4-0123456789abcdef\"", 4, 5),
        ("*", 5, 6),
        ("W/\"6\"", 6, 7),
    ] {
        let answer = post(tag, value).await;
        assert_eq!(answer.expect(200)["revision"], revision, "{tag}");
        assert_eq!(
            answer.header("etag"),
            Some(format!("\"{revision}\"").as_str())
        );
    }
    let before = app.dump();
    for tag in [
        "\"6\"",
        "\"8\"",
        "\"\"",
        "7",
        "\"seven\"",
        "\"6\", \"5\"",
        "",
    ] {
        let answer = post(tag, 9).await;
        let problem = answer.problem("stale_revision");
        assert!(
            problem.0["detail"].as_str().unwrap().contains('7'),
            "{}",
            problem.0
        );
    }
    let garbage = app.as_hub().with_bytes("If-Match", b"\"7\xff\"");
    garbage
        .post(&path, &report(9))
        .await
        .problem("stale_revision");
    // Also where nothing would change, and on a dry run.
    post("\"6\"", 6).await.problem("stale_revision");
    let dry = app
        .as_hub()
        .with("If-Match", "\"6\"")
        .post(&format!("{path}?dry_run=true"), &report(9))
        .await;
    dry.problem("stale_revision");
    assert!(app.dump() == before);
    assert_eq!(post("\"7\"", 9).await.expect(200)["revision"], 8);
    let decide = format!("/v1/scorecards/{id}/months/{LAST}/approve");
    let stale = app
        .as_prefecture()
        .with("If-Match", "\"7\"")
        .post(&decide, &json!({}))
        .await;
    stale.problem("stale_revision");
    let fresh = app
        .as_prefecture()
        .with("If-Match", "\"8\"")
        .post(&decide, &json!({}))
        .await;
    assert_eq!(fresh.expect(200)["revision"], 9);
    assert_eq!(fresh.header("etag"), Some("\"9\""));
}

/// Overviews have no revision of their own: their tag is of their content.
#[actix_web::test]
async fn an_overview_is_tagged_by_its_content() {
    let app = App::new().await;
    let id = app.own_scorecard().await;
    let first = app.as_viewer().get("/v1/overview").await;
    first.expect(200);
    let known = app
        .as_viewer()
        .with("If-None-Match", first.header("etag").unwrap());
    assert_eq!(known.get("/v1/overview").await.status, 304);
    app.report(&id, LAST, month_on_plan(7)).await;
    known.get("/v1/overview").await.expect(200);
}

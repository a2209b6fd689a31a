//! Alerts are found by what they are, page by page, and with their scorecard.

use serde_json::json;

use super::{Scene, acknowledgement, items, of, own_card};
use crate::support::App;
use crate::support::fixtures::MISSING;

#[actix_web::test]
async fn alerts_are_found_by_what_they_are() {
    let scene = Scene::late().await;
    let own = scene.app.scorecard(&own_card("yonezawa", "2026-04")).await;
    let far = scene.app.scorecard(&own_card("ehime", "2026-04")).await;
    for id in [&own, &far] {
        scene
            .app
            .report(id, "2026-04", json!([{ "item": "consult", "value": 0 }]))
            .await;
    }
    // Not so bad, and over again in the next month.
    scene
        .app
        .report(&own, "2026-05", json!([{ "item": "consult", "value": 8 }]))
        .await;
    let root = of(&scene.list("").await, "seminar-format")["id"].clone();
    scene
        .act(&root, "acknowledge", &acknowledgement())
        .await
        .expect(200);
    let (consult, format, own_consult) = ("consult-seminar", "seminar-format", "consult");
    for (query, found) in [
        ("", vec![consult, own_consult, format]),
        ("state=open", vec![consult, format]),
        ("state=resolved", vec![own_consult]),
        ("state=withdrawn", vec![]),
        ("severity=critical", vec![consult, own_consult, format]),
        ("severity=high", vec![]),
        ("stage=setup", vec![format]),
        ("stage=consult", vec![consult, own_consult]),
        ("item=consult", vec![own_consult]),
        ("hub=yonezawa", vec![own_consult]),
        ("hub=ehime", vec![]),
        ("prefecture=06&state=open&folded=false", vec![format]),
        ("opened_month=2026-06", vec![consult]),
        ("folded=true", vec![consult]),
        ("acknowledged=true", vec![format]),
        ("acknowledged=false", vec![consult, own_consult]),
        ("item=nobody", vec![]),
        (&format!("scorecard={own}"), vec![own_consult]),
        (&format!("scorecard={MISSING}"), vec![]),
    ] {
        let mut states = scene.states(query).await;
        states.sort();
        let mut found: Vec<&str> = found;
        found.sort_unstable();
        let items: Vec<&str> = states.iter().map(|(item, _)| item.as_str()).collect();
        assert_eq!(items, found, "{query}");
    }
    // Counted in every state, whatever the filter says of it.
    let expected = json!({ "open": 2, "resolved": 1, "withdrawn": 0, "critical": 2, "folded": 1,
                           "acknowledged": 1, "unacknowledged": 1 });
    for query in ["", "state=withdrawn", "limit=1", "prefecture=06"] {
        assert_eq!(scene.list(query).await["counts"], expected, "{query}");
    }
    let of_hub = scene.list("hub=yonezawa").await;
    assert_eq!(of_hub["counts"]["resolved"], 1);
    assert_eq!(of_hub["counts"]["open"], 0);
    let nation = scene.app.as_national().get("/v1/alerts").await.expect(200);
    assert_eq!(nation["counts"]["open"], 3);
    // An acknowledgement covers until the end of its day, in Japan.
    scene.app.clock.set("2026-12-20T14:59:59Z".parse().unwrap());
    assert_eq!(
        scene.list("acknowledged=true").await["counts"]["acknowledged"],
        1
    );
    scene.app.clock.set("2026-12-20T15:00:00Z".parse().unwrap());
    assert_eq!(scene.list("acknowledged=true").await["items"], json!([]));
    assert_eq!(scene.list("").await["counts"]["unacknowledged"], 2);
}

#[actix_web::test]
async fn lists_come_in_pages() {
    let app = App::new().await;
    let mut expected: Vec<(String, String)> = Vec::new();
    for month in ["2026-05", "2026-04", "2026-06"] {
        for hub in ["yamagata", "yonezawa"] {
            let mut card = own_card(hub, month);
            card["key"] = format!("plan-{month}").into();
            let id = app.scorecard(&card).await;
            let answer = app
                .report(&id, month, json!([{ "item": "consult", "value": 0 }]))
                .await;
            expected.push((
                month.to_owned(),
                answer["alerts"][0]["id"].as_str().unwrap().to_owned(),
            ));
        }
    }
    // The latest month first, then by identifier.
    expected.sort_by(|one, other| other.0.cmp(&one.0).then(one.1.cmp(&other.1)));
    let client = app.as_prefecture();
    for limit in [1, 2, 4, 6, 200] {
        let mut found = Vec::new();
        let mut cursor = String::new();
        loop {
            let path = format!("/v1/alerts?limit={limit}{cursor}");
            let page = client.get(&path).await.expect(200);
            assert!(items(&page).len() <= limit);
            assert_eq!(page["counts"]["open"], 6, "of all pages");
            found.extend(
                items(&page)
                    .iter()
                    .map(|alert| alert["id"].as_str().unwrap().to_owned()),
            );
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        let ids: Vec<&String> = expected.iter().map(|(_, id)| id).collect();
        assert_eq!(found.iter().collect::<Vec<_>>(), ids, "{limit}");
    }
}

#[actix_web::test]
async fn filters_are_read_strictly() {
    let app = App::new().await;
    for (query, issue) in [
        ("state=closed", ("out_of_range", "/query/state")),
        ("severity=low", ("out_of_range", "/query/severity")),
        ("stage=sales", ("out_of_range", "/query/stage")),
        ("folded=1", ("out_of_range", "/query/folded")),
        ("acknowledged=", ("out_of_range", "/query/acknowledged")),
        ("opened_month=2026-4", ("wrong_type", "/query/opened_month")),
        ("hub=", ("out_of_range", "/query/hub")),
        ("limit=201", ("out_of_range", "/query/limit")),
        ("cursor=x", ("out_of_range", "/query/cursor")),
        ("open=true", ("unknown_parameter", "/query/open")),
    ] {
        let answer = app.as_viewer().get(&format!("/v1/alerts?{query}")).await;
        answer.problem("invalid").has_only(&[issue]);
    }
    let twice = app
        .as_viewer()
        .get("/v1/alerts?state=open&state=open")
        .await;
    twice.problem("malformed_query");
}

/// The scorecard's answers show its alerts, so what people do changes them.
#[actix_web::test]
async fn the_scorecard_shows_its_alerts() {
    let scene = Scene::late().await;
    let path = format!("/v1/scorecards/{}?include=alerts", scene.id);
    let client = scene.app.as_viewer();
    let read = client.get(&path).await;
    assert_eq!(read.expect(200)["alerts"], scene.list("").await["items"]);
    let tag = read.header("etag").unwrap().to_owned();
    let known = client.with("If-None-Match", &tag);
    assert_eq!(known.get(&path).await.status, 304);
    let root = of(&scene.list("").await, "seminar-format")["id"].clone();
    scene
        .act(&root, "acknowledge", &acknowledgement())
        .await
        .expect(200);
    let read = known.get(&path).await.expect(200);
    assert_eq!(read["alerts"], scene.list("").await["items"]);
    let plain = client
        .get(&format!("/v1/scorecards/{}", scene.id))
        .await
        .expect(200);
    assert_eq!(plain.get("alerts"), None);
    let list = client.get("/v1/alerts").await;
    let tag = list.header("etag").unwrap();
    let unchanged = client.with("If-None-Match", tag).get("/v1/alerts").await;
    assert_eq!(unchanged.status, 304);
}

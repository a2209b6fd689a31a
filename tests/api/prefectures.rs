//! Prefectures.

use serde_json::{Value, json};

use crate::support::{Actor, App};

const PREFECTURES: &str = "/v1/prefectures";

fn yamagata() -> Value {
    json!({ "code": "06", "name": { "ja": "山形県", "en": "Yamagata" }, "market_type": "growth" })
}

fn ehime() -> Value {
    json!({ "code": "38", "name": { "ja": "愛媛県", "en": "Ehime" }, "market_type": "mature" })
}

fn tottori() -> Value {
    json!({ "code": "31", "name": { "ja": "鳥取県", "en": "Tottori" }, "market_type": "challenge" })
}

#[actix_web::test]
async fn a_prefecture_is_added_and_read() {
    let app = App::new().await;
    let made = app.as_national().post(PREFECTURES, &tottori()).await;
    assert_eq!(made.expect(201), tottori());
    let path = format!("{PREFECTURES}/31");
    assert_eq!(app.as_national().get(&path).await.expect(200), tottori());
    app.as_national()
        .post(PREFECTURES, &tottori())
        .await
        .problem("already_exists");
    app.as_prefecture().get(&path).await.problem("not_found");
}

#[actix_web::test]
async fn everybody_lists_what_they_see() {
    let app = App::new().await;
    for actor in Actor::ROLES {
        let found = app.client(actor).get(PREFECTURES).await.expect(200);
        let expected = match actor {
            Actor::National | Actor::ViewerOfNation | Actor::Operator => {
                json!([yamagata(), ehime()])
            }
            _ => json!([yamagata()]),
        };
        assert_eq!(
            found,
            json!({ "items": expected, "next_cursor": null }),
            "{actor:?}"
        );
    }
}

#[actix_web::test]
async fn prefectures_are_listed_by_code_in_pages() {
    let app = App::new().await;
    for code in ["47", "01", "31"] {
        let mut body = tottori();
        body["code"] = code.into();
        app.as_national().post(PREFECTURES, &body).await.expect(201);
    }
    let mut codes = Vec::new();
    let mut path = format!("{PREFECTURES}?limit=2");
    loop {
        let page = app.as_national().get(&path).await.expect(200);
        let items = page["items"].as_array().unwrap();
        codes.extend(items.iter().map(|p| p["code"].as_str().unwrap().to_owned()));
        match page["next_cursor"].as_str() {
            Some(cursor) => path = format!("{PREFECTURES}?limit=2&cursor={cursor}"),
            None => break,
        }
    }
    assert_eq!(codes, ["01", "06", "31", "38", "47"]);
}

/// What is absent stays; a new name shows in the scorecards below.
#[actix_web::test]
async fn a_prefecture_changes_in_part() {
    let app = App::new().await;
    let path = format!("{PREFECTURES}/06");
    let change = async |body: Value| app.as_national().patch(&path, &body).await.expect(200);
    let mut expected = yamagata();
    assert_eq!(change(json!({})).await, expected);
    expected["market_type"] = "mature".into();
    assert_eq!(change(json!({ "market_type": "mature" })).await, expected);
    expected["name"] = json!({ "ja": "やまがた", "en": "Yamagata-ken" });
    assert_eq!(change(json!({ "name": expected["name"] })).await, expected);
    assert_eq!(
        change(json!({ "name": null, "market_type": null })).await,
        expected
    );
    assert_eq!(app.as_prefecture().get(&path).await.expect(200), expected);
    let hub = app.as_hub().get("/v1/hubs/yamagata").await.expect(200);
    assert_eq!(hub["market_type"], "mature");
    assert_eq!(
        hub["prefecture"],
        json!({ "code": "06", "name": expected["name"] })
    );
    // Only what changed is in the audit.
    assert_eq!(app.dump().count("audit"), 2);
}

#[actix_web::test]
async fn bodies_are_read_strictly() {
    let app = App::new().await;
    let with = |name: &str, value: Value| {
        let mut body = tottori();
        body[name] = value;
        body
    };
    for (body, issues) in [
        (
            json!({}),
            vec![
                ("missing", "/code"),
                ("missing", "/name"),
                ("missing", "/market_type"),
            ],
        ),
        (with("code", json!("48")), vec![("out_of_range", "/code")]),
        (with("code", json!("00")), vec![("out_of_range", "/code")]),
        (with("code", json!("6")), vec![("out_of_range", "/code")]),
        (with("code", json!("+6")), vec![("out_of_range", "/code")]),
        (with("code", json!("０６")), vec![("out_of_range", "/code")]),
        (with("code", json!(6)), vec![("wrong_type", "/code")]),
        (with("name", json!("山形県")), vec![("wrong_type", "/name")]),
        (
            with("name", json!({ "ja": " ", "fr": "x" })),
            vec![
                ("out_of_range", "/name/ja"),
                ("missing", "/name/en"),
                ("unknown_field", "/name/fr"),
            ],
        ),
        (
            with("market_type", json!("Growth")),
            vec![("out_of_range", "/market_type")],
        ),
        (
            with("region", json!("x")),
            vec![("unknown_field", "/region")],
        ),
    ] {
        let answer = app.as_national().post(PREFECTURES, &body).await;
        assert_eq!(answer.problem("invalid").issues(), issues, "{body}");
    }
    let path = format!("{PREFECTURES}/06");
    for (body, issues) in [
        (json!({ "code": "07" }), vec![("unknown_field", "/code")]),
        (
            json!({ "market_type": 1 }),
            vec![("wrong_type", "/market_type")],
        ),
    ] {
        let answer = app.as_national().patch(&path, &body).await;
        assert_eq!(answer.problem("invalid").issues(), issues, "{body}");
    }
    let answer = app
        .as_national()
        .patch(&format!("{path}?x=1"), &json!({}))
        .await;
    answer
        .problem("invalid")
        .has_only(&[("unknown_parameter", "/query/x")]);
    let empty = app
        .as_national()
        .send(actix_web::http::Method::PATCH, &path, None)
        .await;
    empty.problem("malformed_json");
    for code in ["99", "6", "%00", "x"] {
        let path = format!("{PREFECTURES}/{code}");
        app.as_national().get(&path).await.problem("not_found");
        app.as_national()
            .patch(&path, &json!({}))
            .await
            .problem("not_found");
    }
}

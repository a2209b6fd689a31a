//! Hubs.

use serde_json::{Value, json};

use crate::support::{Actor, App};

const HUBS: &str = "/v1/hubs";

fn hub(code: &str, ja: &str, en: &str) -> Value {
    json!({
        "code": code, "name": { "ja": ja, "en": en },
        "prefecture": { "code": "06", "name": { "ja": "山形県", "en": "Yamagata" } },
        "market_type": "growth"
    })
}

fn new_hub(code: &str) -> Value {
    json!({ "code": code, "name": { "ja": "庄内拠点", "en": "Shonai hub" }, "prefecture": "06" })
}

#[actix_web::test]
async fn a_hub_is_added_and_read() {
    let app = App::new().await;
    let made = app.as_national().post(HUBS, &new_hub("Shonai_1-a")).await;
    let expected = hub("Shonai_1-a", "庄内拠点", "Shonai hub");
    assert_eq!(made.expect(201), expected);
    let path = format!("{HUBS}/Shonai_1-a");
    assert_eq!(app.as_prefecture().get(&path).await.expect(200), expected);
    app.as_hub().get(&path).await.problem("not_found");
    let answer = app.as_national().post(HUBS, &new_hub("Shonai_1-a")).await;
    answer.problem("already_exists");
    // Codes are told apart by case.
    app.as_national()
        .post(HUBS, &new_hub("shonai_1-A"))
        .await
        .expect(201);
}

#[actix_web::test]
async fn everybody_lists_what_they_see() {
    let app = App::new().await;
    for actor in Actor::ROLES {
        let found = app.client(actor).get(HUBS).await.expect(200);
        let codes: Vec<&str> = found["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|hub| hub["code"].as_str().unwrap())
            .collect();
        let expected: &[&str] = match actor {
            Actor::National | Actor::ViewerOfNation | Actor::Operator => {
                &["ehime", "yamagata", "yonezawa"]
            }
            Actor::Prefecture | Actor::ViewerOfPrefecture => &["yamagata", "yonezawa"],
            _ => &["yamagata"],
        };
        assert_eq!(codes, expected, "{actor:?}");
    }
    let found = app.as_hub().get(HUBS).await.expect(200);
    assert_eq!(
        found["items"][0],
        hub("yamagata", "山形拠点", "Yamagata hub")
    );
}

#[actix_web::test]
async fn hubs_are_filtered_and_paged() {
    let app = App::new().await;
    for code in ["B", "a", "Z9", "_x"] {
        app.as_national()
            .post(HUBS, &new_hub(code))
            .await
            .expect(201);
    }
    for (query, expected) in [
        (
            "",
            vec!["B", "Z9", "_x", "a", "ehime", "yamagata", "yonezawa"],
        ),
        (
            "&prefecture=06",
            vec!["B", "Z9", "_x", "a", "yamagata", "yonezawa"],
        ),
        ("&prefecture=38", vec!["ehime"]),
        ("&prefecture=99", vec![]),
    ] {
        for limit in [1, 2, 7, 200] {
            let mut codes = Vec::new();
            let mut path = format!("{HUBS}?limit={limit}{query}");
            loop {
                let page = app.as_national().get(&path).await.expect(200);
                let items = page["items"].as_array().unwrap();
                assert!(items.len() <= limit);
                codes.extend(
                    items
                        .iter()
                        .map(|hub| hub["code"].as_str().unwrap().to_owned()),
                );
                match page["next_cursor"].as_str() {
                    Some(cursor) => path = format!("{HUBS}?limit={limit}{query}&cursor={cursor}"),
                    None => break,
                }
            }
            // In the order of bytes on either database, whatever its language.
            assert_eq!(codes, expected, "{query} by {limit}");
        }
    }
}

#[actix_web::test]
async fn a_hub_is_renamed() {
    let app = App::new().await;
    let path = format!("{HUBS}/yamagata");
    let name = json!({ "name": { "ja": "新しい拠点", "en": "New hub" } });
    let expected = hub("yamagata", "新しい拠点", "New hub");
    assert_eq!(
        app.as_national().patch(&path, &name).await.expect(200),
        expected
    );
    assert_eq!(app.as_hub().get(&path).await.expect(200), expected);
    for (body, issues) in [
        (json!({}), vec![("missing", "/name")]),
        (
            json!({ "name": { "ja": "x", "en": "y" }, "prefecture": "38" }),
            vec![("unknown_field", "/prefecture")],
        ),
    ] {
        let answer = app.as_national().patch(&path, &body).await;
        assert_eq!(answer.problem("invalid").issues(), issues, "{body}");
    }
}

#[actix_web::test]
async fn bodies_are_read_strictly() {
    let app = App::new().await;
    let long = "x".repeat(65);
    let with = |name: &str, value: Value| {
        let mut body = new_hub("shonai");
        body[name] = value;
        body
    };
    let name = |ja: &str| json!({ "ja": ja, "en": "Hub" });
    for (body, issues) in [
        (
            json!({}),
            vec![
                ("missing", "/code"),
                ("missing", "/name"),
                ("missing", "/prefecture"),
            ],
        ),
        (with("code", json!("山形")), vec![("out_of_range", "/code")]),
        (with("code", json!("a b")), vec![("out_of_range", "/code")]),
        (with("code", json!("a/b")), vec![("out_of_range", "/code")]),
        (with("code", json!(long)), vec![("out_of_range", "/code")]),
        (
            with("prefecture", json!("31")),
            vec![("unknown_reference", "/prefecture")],
        ),
        (
            with("prefecture", json!("99")),
            vec![("out_of_range", "/prefecture")],
        ),
        (
            with("name", name("a\nb")),
            vec![("out_of_range", "/name/ja")],
        ),
        (
            with("name", name("a\u{0}b")),
            vec![("out_of_range", "/name/ja")],
        ),
        (
            with("name", name(&"あ".repeat(201))),
            vec![("too_long", "/name/ja")],
        ),
    ] {
        let answer = app.as_national().post(HUBS, &body).await;
        assert_eq!(answer.problem("invalid").issues(), issues, "{body}");
    }
    // Two hundred characters, not bytes; quotes and wildcards are only text.
    for (code, ja) in [
        ("c1", "あ".repeat(200)),
        ("c2", "'; DROP TABLE hubs; -- % _ \\".to_owned()),
    ] {
        let mut body = with("name", name(&ja));
        body["code"] = code.into();
        let made = app.as_national().post(HUBS, &body).await.expect(201);
        assert_eq!(made["name"]["ja"], ja);
        let read = app
            .as_national()
            .get(&format!("{HUBS}/{code}"))
            .await
            .expect(200);
        assert_eq!(read["name"]["ja"], ja);
    }
}

/// A cursor of ours is opaque; a forged one is refused or finds nothing, and
/// never breaks the query.
#[actix_web::test]
async fn forged_cursors_do_no_harm() {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
    let app = App::new().await;
    let year = |year: &str| format!(r#"{{"at":"{year}-01-01T00:00:00Z","id":"x"}}"#);
    let texts = [
        "nonsense".to_owned(),
        "\"\\u0000\"".to_owned(),
        "\"a\u{0}b\"".to_owned(),
        "\"\u{1}\"".to_owned(),
        "\"'; DROP TABLE hubs\"".to_owned(),
        "{}".to_owned(),
        "null".to_owned(),
        "7".to_owned(),
        year("-262143"),
        year("+262142"),
        year("-0001"),
        r#"{"prefecture":"\u0000","hub":"","key":""}"#.to_owned(),
        r#"{"revision":-9223372036854775808,"month":"1900-01"}"#.to_owned(),
        r#"{"revision":9223372036854775807,"month":"2999-12"}"#.to_owned(),
    ];
    let id = app.own_scorecard().await;
    for list in [
        HUBS.to_owned(),
        "/v1/prefectures".to_owned(),
        "/v1/users".to_owned(),
        "/v1/api-keys".to_owned(),
        "/v1/audit".to_owned(),
        "/v1/scorecards".to_owned(),
        format!("/v1/scorecards/{id}/items/consult/history"),
    ] {
        for text in &texts {
            let cursor = BASE64.encode(text);
            let answer = app
                .as_national()
                .get(&format!("{list}?cursor={cursor}"))
                .await;
            if answer.status != 200 {
                answer
                    .problem("invalid")
                    .has_only(&[("out_of_range", "/query/cursor")]);
            }
        }
        for (query, issue) in [
            ("cursor=%21", ("out_of_range", "/query/cursor")),
            ("cursor=", ("out_of_range", "/query/cursor")),
            ("limit=0", ("out_of_range", "/query/limit")),
            ("limit=201", ("out_of_range", "/query/limit")),
            ("limit=-1", ("out_of_range", "/query/limit")),
            ("limit=1e2", ("out_of_range", "/query/limit")),
            (
                "limit=99999999999999999999",
                ("out_of_range", "/query/limit"),
            ),
            ("offset=1", ("unknown_parameter", "/query/offset")),
        ] {
            let answer = app.as_national().get(&format!("{list}?{query}")).await;
            answer.problem("invalid").has_only(&[issue]);
        }
    }
}

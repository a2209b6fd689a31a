//! Bodies that describe destinations: what is refused of them, and where they may not go.

use serde_json::{Value, json};
use shirube::config::Cidr;
use shirube::notify::address::AddressPolicy;

use crate::subscriptions::{CHANNELS, SUBSCRIPTIONS, body, made, path, refused, webhook};
use crate::support::fixtures::{MISSING, own_scorecard};
use crate::support::{App, service};

#[actix_web::test]
async fn bodies_are_read_strictly() {
    let app = App::new().await;
    let body = |more: Value| {
        let mut body = webhook();
        let more = more.as_object().unwrap().clone();
        body.as_object_mut().unwrap().extend(more);
        body
    };
    refused(
        &app,
        &json!({}),
        &[("missing", "/name"), ("missing", "/channel")],
    )
    .await;
    refused(
        &app,
        &json!({ "name": "", "channel": "fax", "url": "x", "secret": "whsec_x" }),
        &[
            ("out_of_range", "/name"),
            ("out_of_range", "/channel"),
            ("unknown_field", "/secret"),
        ],
    )
    .await;
    for (more, code, path) in [
        (
            json!({ "scope": { "hub": "yamagata", "prefecture": "06" } }),
            "wrong_shape",
            "/scope",
        ),
        (
            json!({ "scope": { "hub": "nowhere" } }),
            "unknown_reference",
            "/scope/hub",
        ),
        (
            json!({ "scope": { "hub": "ehime" } }),
            "unknown_reference",
            "/scope/hub",
        ),
        (
            json!({ "scope": { "prefecture": "38" } }),
            "unknown_reference",
            "/scope/prefecture",
        ),
        (json!({ "url": 1 }), "wrong_type", "/url"),
        (json!({ "url": "" }), "out_of_range", "/url"),
        (json!({ "filter": [] }), "wrong_type", "/filter"),
        (
            json!({ "filter": { "color": 1 } }),
            "unknown_field",
            "/filter/color",
        ),
        (
            json!({ "filter": { "scorecards": MISSING } }),
            "wrong_type",
            "/filter/scorecards",
        ),
        (
            json!({ "filter": { "scorecards": [MISSING] } }),
            "unknown_reference",
            "/filter/scorecards/0",
        ),
        (
            json!({ "filter": { "scorecards": vec![MISSING; 201] } }),
            "out_of_range",
            "/filter/scorecards",
        ),
        (
            json!({ "filter": { "stages": ["sales"] } }),
            "out_of_range",
            "/filter/stages/0",
        ),
        (
            json!({ "filter": { "stages": ["setup", "setup"] } }),
            "duplicate_key",
            "/filter/stages/1",
        ),
        (
            json!({ "filter": { "severity": "low" } }),
            "out_of_range",
            "/filter/severity",
        ),
        (
            json!({ "filter": { "events": ["plan.drafted"] } }),
            "out_of_range",
            "/filter/events/0",
        ),
        (json!({ "cadence": "daily" }), "out_of_range", "/cadence"),
        (json!({ "language": "fr" }), "out_of_range", "/language"),
        (
            json!({ "escalation_days": 61 }),
            "out_of_range",
            "/escalation_days",
        ),
        (
            json!({ "escalation_days": -1 }),
            "out_of_range",
            "/escalation_days",
        ),
        (json!({ "digest_day": 0 }), "out_of_range", "/digest_day"),
        (json!({ "digest_day": 29 }), "out_of_range", "/digest_day"),
        (json!({ "digest_day": 1.5 }), "out_of_range", "/digest_day"),
        (
            json!({ "chatwork": { "room": "1", "token": "t" } }),
            "wrong_shape",
            "/chatwork",
        ),
        (
            json!({ "recipients": ["a@example.jp"] }),
            "wrong_shape",
            "/recipients",
        ),
        (json!({ "state": "active" }), "unknown_field", "/state"),
    ] {
        refused(&app, &body(more), &[(code, path)]).await;
    }
    // A neighbour's scorecard lies outside the hub's notices.
    let neighbour = app.scorecard(&own_scorecard("yonezawa")).await;
    let own = app.own_scorecard().await;
    let filter = json!({ "filter": { "scorecards": [own, neighbour] } });
    refused(
        &app,
        &body(filter),
        &[("unknown_reference", "/filter/scorecards/1")],
    )
    .await;
    let nation = body(json!({ "scope": {} }));
    app.as_prefecture()
        .post(SUBSCRIPTIONS, &nation)
        .await
        .problem("forbidden");
    let answer = app.as_prefecture().post_bytes(SUBSCRIPTIONS, "{").await;
    answer.problem("malformed_json");
    let answer = app
        .as_prefecture()
        .post("/v1/subscriptions?x=1", &webhook())
        .await;
    answer
        .problem("invalid")
        .has_only(&[("unknown_parameter", "/query/x")]);
    assert_eq!(app.dump().count("subscriptions"), 0);
}

#[actix_web::test]
async fn each_channel_takes_its_own_address() {
    let app = App::new().await;
    for channel in CHANNELS {
        let needed = match channel {
            "chatwork" => "chatwork",
            "email" => "recipients",
            _ => "url",
        };
        let whole = json!({
            "name": "通知先", "channel": channel, "url": "https://example.jp/",
            "chatwork": { "room": "1", "token": "t" }, "recipients": ["a@example.jp"]
        });
        let others: Vec<String> = ["url", "chatwork", "recipients"]
            .iter()
            .filter(|member| **member != needed)
            .map(|member| format!("/{member}"))
            .collect();
        let issues: Vec<(&str, &str)> = others
            .iter()
            .map(|path| ("wrong_shape", path.as_str()))
            .collect();
        refused(&app, &whole, &issues).await;
        let none = json!({ "name": "通知先", "channel": channel, needed: null });
        refused(&app, &none, &[("missing", &format!("/{needed}"))]).await;
    }
    let chatwork = |value: Value| json!({ "name": "c", "channel": "chatwork", "chatwork": value });
    let email = |value: Value| json!({ "name": "e", "channel": "email", "recipients": value });
    for (body, issues) in [
        (
            chatwork(json!({})),
            vec![
                ("missing", "/chatwork/room"),
                ("missing", "/chatwork/token"),
            ],
        ),
        (
            chatwork(json!({ "room": 1, "token": "t" })),
            vec![("wrong_type", "/chatwork/room")],
        ),
        (
            chatwork(json!({ "room": "x", "token": "t" })),
            vec![("out_of_range", "/chatwork")],
        ),
        (
            chatwork(json!({ "room": "1", "token": "a b" })),
            vec![("out_of_range", "/chatwork")],
        ),
        (
            chatwork(json!({ "room": "1", "token": "t", "to": 1 })),
            vec![("unknown_field", "/chatwork/to")],
        ),
        (
            email(json!("a@example.jp")),
            vec![("wrong_type", "/recipients")],
        ),
        (email(json!([])), vec![("out_of_range", "/recipients")]),
        (
            email(json!(vec!["a@example.jp"; 21])),
            vec![("out_of_range", "/recipients")],
        ),
        (
            email(json!([
                "a@example.jp",
                "県@example.jp",
                3,
                "A@example.jp",
                "b@[127.0.0.1]"
            ])),
            vec![
                ("out_of_range", "/recipients/1"),
                ("wrong_type", "/recipients/2"),
                ("duplicate_key", "/recipients/3"),
                ("out_of_range", "/recipients/4"),
            ],
        ),
        (
            email(json!(["a@example.jp\r\nBcc: b@example.jp"])),
            vec![("out_of_range", "/recipients/0")],
        ),
    ] {
        refused(&app, &body, &issues).await;
    }
    let mut connector = body("teams");
    connector["url"] = "https://pref.webhook.office.com/webhookb2/x".into();
    let answer = app.as_prefecture().post(SUBSCRIPTIONS, &connector).await;
    let problem = answer.problem("invalid");
    let advice = problem.issue("out_of_range", "/url")["message"]["en"].to_string();
    assert!(advice.contains("Workflows"), "{advice}");
}

/// Addresses inside of a network, however they are written.
#[actix_web::test]
async fn addresses_that_are_not_public_are_refused() {
    let app = App::new().await;
    let literals = [
        "https://127.0.0.1/",
        "https://0/",
        "https://2130706433/",
        "https://0x7f.1/",
        "https://0177.0.0.1/",
        "https://127.1/",
        "https://１２７.０.０.１/",
        "https://[::1]/",
        "https://[::]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[64:ff9b::7f00:1]/",
        "https://[2002:7f00:1::]/",
        "https://[fe80::1]/",
        "https://[fc00::1]/",
        "https://169.254.169.254/latest/meta-data/",
        "https://100.64.0.1/",
        "https://198.18.0.1/",
        "https://user@127.0.0.1/",
        "https://localhost/",
        "https://example.jp:22/",
        "https://example.jp:25/",
        "https://example.jp:5432/",
        "http://example.jp/",
        "ftp://example.jp/",
        "file:///etc/passwd",
        "https://example.jp/#x",
    ];
    let made = made(&app, &webhook()).await;
    let before = app.dump();
    for literal in literals {
        for channel in ["webhook", "slack", "teams", "line_works"] {
            let mut body = body(channel);
            body["url"] = literal.into();
            refused(&app, &body, &[("out_of_range", "/url")]).await;
        }
        let change = json!({ "url": literal });
        let answer = app.as_prefecture().patch(&path(&made), &change).await;
        answer
            .problem("invalid")
            .has_only(&[("out_of_range", "/url")]);
    }
    let long = format!("https://example.jp/{}", "x".repeat(2_048));
    let mut body = webhook();
    body["url"] = long.into();
    refused(&app, &body, &[("out_of_range", "/url")]).await;
    assert!(app.dump() == before);
}

/// What the operator allows may be called, and without TLS.
#[actix_web::test]
async fn the_configuration_lifts_the_ban() {
    let mut app = App::new().await;
    let allow: Cidr = "10.0.0.0/8".parse().unwrap();
    let state = app
        .state
        .clone()
        .with_addresses(AddressPolicy::new(vec![allow]));
    app.replace_service(service(state).await);
    let mut body = webhook();
    body["url"] = "http://10.1.2.3:8080/hook".into();
    assert_eq!(made(&app, &body).await["address"], "http://10.1.2.3:8080/…");
    body["url"] = "http://192.168.0.1/hook".into();
    refused(&app, &body, &[("out_of_range", "/url")]).await;
}

//! Keys for machines.

use chrono::TimeDelta;
use serde_json::{Value, json};
use shirube::clock::Clock;

use crate::support::{Actor, App, Client};

const KEYS: &str = "/v1/api-keys";
const LINKS: &str = "/v1/fact-links";

fn body(role: &str, scope: impl Into<Value>) -> Value {
    json!({ "name": "Power BI", "role": role, "scope": scope.into(), "expires_at": null })
}

#[actix_web::test]
async fn a_key_is_made_shown_once_and_used() {
    let app = App::new().await;
    let body = json!({
        "name": "Power BI", "role": "viewer", "scope": { "hub": "yamagata" },
        "expires_at": "2027-04-01T00:00:00+09:00"
    });
    let answer = app.as_hub().post(KEYS, &body).await;
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let mut made = answer.expect(201);
    let secret = made.as_object_mut().unwrap().remove("secret").unwrap();
    let secret = secret.as_str().unwrap();
    assert!(secret.starts_with("shk_") && secret.len() >= 47, "{secret}");
    let id = made["id"].as_str().unwrap().to_owned();
    assert_eq!(
        made,
        json!({
            "id": id, "name": "Power BI", "role": "viewer", "scope": { "hub": "yamagata" },
            "expires_at": "2027-03-31T15:00:00Z", "created_at": "2026-11-22T03:00:00Z"
        })
    );
    let list = app.as_hub().get(KEYS).await;
    assert!(!list.text().contains(secret));
    assert_eq!(list.expect(200)["items"][1], made);
    assert!(!app.dump().holds(secret), "stored hashed only");
    let me = app.with_token(secret).get("/v1/me").await.expect(200);
    assert_eq!(
        me,
        json!({
            "user": null, "key": { "id": id, "name": "担当 hub (Power BI)" },
            "role": "viewer", "scope": { "hub": "yamagata" }
        })
    );
}

#[actix_web::test]
async fn a_key_ends_when_it_expires() {
    let app = App::new().await;
    let mut body = body("hub", json!({ "hub": "yamagata" }));
    body["expires_at"] = "2026-11-22T04:00:00Z".into();
    let made = app.as_hub().post(KEYS, &body).await.expect(201);
    let key = app.with_token(made["secret"].as_str().unwrap());
    app.clock
        .set("2026-11-22T03:59:59.999999Z".parse().unwrap());
    key.get("/v1/me").await.expect(200);
    app.clock.advance(TimeDelta::microseconds(1));
    key.get("/v1/me").await.problem("unauthenticated");
    for (expires_at, code) in [
        ("2026-11-22T04:00:00Z", "out_of_range"),
        ("2026-01-01T00:00:00Z", "out_of_range"),
        ("2027-01-01", "wrong_type"),
        ("tomorrow", "wrong_type"),
        ("2027-02-30T00:00:00Z", "wrong_type"),
    ] {
        body["expires_at"] = expires_at.into();
        let answer = app.as_hub().post(KEYS, &body).await;
        answer.problem("invalid").has_only(&[(code, "/expires_at")]);
    }
}

#[actix_web::test]
async fn a_revoked_key_stops_at_once() {
    let app = App::new().await;
    let made = app
        .as_hub()
        .post(KEYS, &body("hub", json!({ "hub": "yamagata" })))
        .await
        .expect(201);
    let key = app.with_token(made["secret"].as_str().unwrap());
    let path = format!("{KEYS}/{}", made["id"].as_str().unwrap());
    key.get("/v1/me").await.expect(200);
    // The account's other keys and other accounts' owners cannot see it …
    app.as_national().delete(&path).await.problem("not_found");
    app.as_operator().delete(&path).await.problem("not_found");
    let answer = app.as_hub().delete(&path).await;
    assert_eq!(answer.status, 204);
    key.get("/v1/me").await.problem("unauthenticated");
    app.as_hub().delete(&path).await.problem("not_found");
    let list = app.as_hub().get(KEYS).await.expect(200);
    let ids: Vec<&str> = list["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|key| key["id"].as_str().unwrap())
        .collect();
    assert_eq!(ids, [Actor::Hub.key_id()]);
    app.as_hub()
        .delete(&format!("{KEYS}/x?y=1"))
        .await
        .problem("invalid");
}

/// A key has at most its maker's rights.
#[actix_web::test]
async fn a_key_cannot_exceed_its_maker() {
    let app = App::new().await;
    let nation = json!({});
    let own_prefecture = json!({ "prefecture": "06" });
    let own_hub = json!({ "hub": "yamagata" });
    for (actor, role, scope, answer) in [
        (Actor::National, "national", &nation, 201),
        (Actor::National, "operator", &nation, 201),
        (
            Actor::National,
            "prefecture",
            &json!({ "prefecture": "38" }),
            201,
        ),
        (Actor::National, "hub", &json!({ "hub": "ehime" }), 201),
        (Actor::Prefecture, "prefecture", &own_prefecture, 201),
        (Actor::Prefecture, "viewer", &own_prefecture, 201),
        (
            Actor::Prefecture,
            "viewer",
            &json!({ "hub": "yonezawa" }),
            201,
        ),
        (Actor::Prefecture, "viewer", &json!({ "hub": "ehime" }), 422),
        (Actor::Prefecture, "viewer", &nation, 403),
        (Actor::Prefecture, "national", &nation, 403),
        // A prefecture cannot report, so it cannot make a key that can.
        (Actor::Prefecture, "hub", &own_hub, 403),
        (Actor::Prefecture, "operator", &nation, 403),
        (Actor::Hub, "hub", &own_hub, 201),
        (Actor::Hub, "viewer", &own_hub, 201),
        (Actor::Hub, "hub", &json!({ "hub": "yonezawa" }), 422),
        (Actor::Hub, "prefecture", &own_prefecture, 403),
        (Actor::Hub, "viewer", &own_prefecture, 422),
        (Actor::ViewerOfHub, "viewer", &own_hub, 201),
        (Actor::ViewerOfHub, "hub", &own_hub, 403),
        (Actor::ViewerOfNation, "viewer", &nation, 201),
        (Actor::ViewerOfNation, "national", &nation, 403),
        (Actor::Operator, "operator", &nation, 201),
        (Actor::Operator, "viewer", &nation, 403),
        (Actor::Operator, "national", &nation, 403),
    ] {
        let made = app
            .client(actor)
            .post(KEYS, &body(role, scope.clone()))
            .await;
        assert_eq!(
            made.status,
            answer,
            "{role} {scope} by {actor:?}: {}",
            made.text()
        );
    }
}

/// A key loses its force when its owner's rights shrink below it, and gets it
/// back with them.
#[actix_web::test]
async fn a_key_follows_its_owners_rights() {
    let app = App::new().await;
    let key = app.as_prefecture();
    let path = format!("/v1/users/{}", Actor::Prefecture.user_id());
    let change = async |body: Value| {
        app.as_national().patch(&path, &body).await.expect(200);
    };
    key.get("/v1/me").await.expect(200);
    change(json!({ "scope": { "prefecture": "38" } })).await;
    key.get("/v1/me").await.problem("unauthenticated");
    change(json!({ "scope": { "prefecture": "06" } })).await;
    key.get("/v1/me").await.expect(200);
    change(json!({ "role": "viewer" })).await;
    key.get("/v1/me").await.problem("unauthenticated");
    change(json!({ "role": "national", "scope": {} })).await;
    let me = key.get("/v1/me").await.expect(200);
    assert_eq!(me["role"], "prefecture", "never more than it was made for");
    change(json!({ "active": false })).await;
    key.get("/v1/me").await.problem("unauthenticated");
}

#[actix_web::test]
async fn keys_are_listed_in_pages() {
    let app = App::new().await;
    for number in 1..=4 {
        let mut body = body("viewer", json!({ "hub": "yamagata" }));
        body["name"] = format!("key {number}").into();
        app.as_hub().post(KEYS, &body).await.expect(201);
    }
    let mut names = Vec::new();
    let mut path = format!("{KEYS}?limit=2");
    loop {
        let page = app.as_hub().get(&path).await.expect(200);
        let items = page["items"].as_array().unwrap();
        assert!(items.len() <= 2);
        names.extend(
            items
                .iter()
                .map(|key| key["name"].as_str().unwrap().to_owned()),
        );
        match page["next_cursor"].as_str() {
            Some(cursor) => path = format!("{KEYS}?limit=2&cursor={cursor}"),
            None => break,
        }
    }
    assert_eq!(names, ["テスト", "key 1", "key 2", "key 3", "key 4"]);
}

#[actix_web::test]
async fn bodies_are_read_strictly() {
    let app = App::new().await;
    for (body, issues) in [
        (json!({}), vec![("missing", "/name"), ("missing", "/role")]),
        (
            json!({ "name": "", "role": "boss", "scope": { "hub": 1, "x": 2 } }),
            vec![
                ("out_of_range", "/name"),
                ("out_of_range", "/role"),
                ("wrong_type", "/scope/hub"),
                ("unknown_field", "/scope/x"),
            ],
        ),
        (
            body("viewer", json!({ "hub": "yamagata", "prefecture": "06" })),
            vec![("wrong_shape", "/scope")],
        ),
        (body("hub", json!({})), vec![("wrong_shape", "/scope")]),
        (
            body("hub", json!({ "prefecture": "06" })),
            vec![("wrong_shape", "/scope")],
        ),
        (
            body("national", json!({ "prefecture": "06" })),
            vec![("wrong_shape", "/scope")],
        ),
        (
            body("viewer", json!({ "hub": "nowhere" })),
            vec![("unknown_reference", "/scope/hub")],
        ),
    ] {
        let answer = app.as_national().post(KEYS, &body).await;
        assert_eq!(answer.problem("invalid").issues(), issues, "{body}");
    }
    app.as_national()
        .post_bytes(KEYS, "[")
        .await
        .problem("malformed_json");
}

/// The secret and identifier of a key that a client makes.
async fn made_by(client: &Client, role: &str, expires_at: Option<&str>) -> (String, String) {
    let mut body = body(role, json!({}));
    body["expires_at"] = expires_at.into();
    let made = client.post(KEYS, &body).await.expect(201);
    let text = |name: &str| made[name].as_str().unwrap().to_owned();
    (text("secret"), text("id"))
}

/// Whoever finds a key for an hour gains an hour, whatever they make with it.
#[actix_web::test]
async fn what_a_key_makes_ends_when_the_key_expires() {
    let app = App::new().await;
    let end = "2026-11-22T04:00:00Z";
    let (secret, _) = made_by(&app.as_national(), "viewer", Some(end)).await;
    let key = app.with_token(&secret);
    let link = json!({ "name": "x", "format": "json", "expires_at": null });
    for (path, mut body) in [(KEYS, body("viewer", json!({}))), (LINKS, link)] {
        let made = key.post(path, &body).await.expect(201);
        assert_eq!(made["expires_at"], end, "{path}");
        body["expires_at"] = "2026-11-22T03:30:00Z".into();
        let made = key.post(path, &body).await.expect(201);
        assert_eq!(made["expires_at"], "2026-11-22T03:30:00Z", "{path}");
        body["expires_at"] = "2026-11-22T04:00:01Z".into();
        let answer = key.post(path, &body).await;
        let expected = [("out_of_range", "/expires_at")];
        answer.problem("invalid").has_only(&expected);
    }
    let (child, _) = made_by(&key, "viewer", None).await;
    let path = shown_link(&key).await;
    app.anonymous().get(&path).await.expect(200);
    app.clock.advance(TimeDelta::hours(1));
    app.with_token(&child)
        .get("/v1/me")
        .await
        .problem("unauthenticated");
    app.anonymous().get(&path).await.problem("unauthenticated");
}

/// The path of a link that a client makes.
async fn shown_link(client: &Client) -> String {
    let body = json!({ "name": "x", "format": "json" });
    let made = client.post(LINKS, &body).await.expect(201);
    let url = made["url"].as_str().unwrap();
    url.strip_prefix("https://shirube.example")
        .unwrap()
        .to_owned()
}

#[actix_web::test]
async fn what_a_key_makes_ends_when_the_key_is_revoked() {
    let app = App::new().await;
    let (secret, id) = made_by(&app.as_national(), "viewer", None).await;
    let key = app.with_token(&secret);
    let (child, _) = made_by(&key, "viewer", None).await;
    let (grandchild, _) = made_by(&app.with_token(&child), "viewer", None).await;
    let path = shown_link(&app.with_token(&grandchild)).await;
    let other = shown_link(&app.as_national()).await;
    app.anonymous().get(&path).await.expect(200);
    let revoke = format!("{KEYS}/{id}");
    assert_eq!(app.as_national().delete(&revoke).await.status, 204);
    for ended in [&secret, &child, &grandchild] {
        let answer = app.with_token(ended).get("/v1/me").await;
        answer.problem("unauthenticated");
    }
    app.anonymous().get(&path).await.problem("unauthenticated");
    app.anonymous().get(&other).await.expect(200);
}

/// A weak key of an account is no way to its strong ones.
#[actix_web::test]
async fn a_key_sees_and_revokes_only_itself_and_what_it_made() {
    let app = App::new().await;
    let (weak, weak_id) = made_by(&app.as_national(), "viewer", None).await;
    let (strong, strong_id) = made_by(&app.as_national(), "national", None).await;
    let key = app.with_token(&weak);
    let (_, child_id) = made_by(&key, "viewer", None).await;
    let link = json!({ "name": "x", "format": "json" });
    let link = app.as_national().post(LINKS, &link).await.expect(201);
    let list = key.get(KEYS).await.expect(200);
    let listed = list["items"].as_array().unwrap().iter();
    let mut ids: Vec<&str> = listed.map(|key| key["id"].as_str().unwrap()).collect();
    ids.sort_unstable();
    let mut expected = [weak_id.as_str(), child_id.as_str()];
    expected.sort_unstable();
    assert_eq!(ids, expected);
    assert_eq!(key.get(LINKS).await.expect(200)["items"], json!([]));
    let foreign = format!("{LINKS}/{}", link["id"].as_str().unwrap());
    key.delete(&foreign).await.problem("not_found");
    let stronger = format!("{KEYS}/{strong_id}");
    key.delete(&stronger).await.problem("not_found");
    app.with_token(&strong).get("/v1/me").await.expect(200);
    for own in [child_id, weak_id] {
        assert_eq!(key.delete(&format!("{KEYS}/{own}")).await.status, 204);
    }
    key.get("/v1/me").await.problem("unauthenticated");
}

/// An account in person has all of its keys in hand.
#[actix_web::test]
async fn a_session_sees_and_revokes_what_its_keys_made() {
    let app = App::with_clock(Clock::system()).await;
    let grant = json!({
        "grant_type": "password", "email": Actor::National.email(),
        "password": app.set_password(Actor::National)
    });
    let session = app.anonymous().post("/v1/auth/token", &grant).await;
    let session = session.expect(200);
    let session = app.with_token(session["access_token"].as_str().unwrap());
    let (secret, _) = made_by(&app.as_national(), "viewer", None).await;
    let made = session.get(KEYS).await.expect(200);
    let id = made["items"][1]["id"].as_str().unwrap().to_owned();
    let answer = session.delete(&format!("{KEYS}/{id}")).await;
    assert_eq!(answer.status, 204);
    app.with_token(&secret)
        .get("/v1/me")
        .await
        .problem("unauthenticated");
}

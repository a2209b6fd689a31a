//! Accounts of people.

use serde_json::{Value, json};

use crate::support::fixtures::MISSING;
use crate::support::{Actor, App};

const USERS: &str = "/v1/users";

fn sato() -> Value {
    json!({
        "email": "Sato@Hub.Example.jp", "name": "佐藤 恵", "role": "hub",
        "scope": { "hub": "yamagata" }, "password": "a long enough password"
    })
}

#[actix_web::test]
async fn an_account_is_opened_and_signs_in() {
    let app = App::new().await;
    let mut made = app.as_operator().post(USERS, &sato()).await.expect(201);
    let id = made.as_object_mut().unwrap().remove("id").unwrap();
    let path = format!("{USERS}/{}", id.as_str().unwrap());
    assert_eq!(
        made,
        json!({
            "email": "sato@hub.example.jp", "name": "佐藤 恵", "role": "hub",
            "scope": { "hub": "yamagata" }, "active": true, "created_at": "2026-11-22T03:00:00Z"
        })
    );
    made["id"] = id;
    assert_eq!(app.as_national().get(&path).await.expect(200), made);
    let grant = json!({
        "grant_type": "password", "email": "sato@hub.example.jp",
        "password": "a long enough password"
    });
    app.anonymous()
        .post("/v1/auth/token", &grant)
        .await
        .expect(200);
    let mut again = sato();
    again["email"] = "SATO@hub.example.JP".into();
    app.as_operator()
        .post(USERS, &again)
        .await
        .problem("already_exists");
}

#[actix_web::test]
async fn accounts_are_listed_oldest_first_in_pages() {
    let app = App::new().await;
    let new = app.as_national().post(USERS, &sato()).await.expect(201);
    let mut emails = Vec::new();
    let mut path = format!("{USERS}?limit=3");
    loop {
        let page = app.as_operator().get(&path).await.expect(200);
        let items = page["items"].as_array().unwrap();
        emails.extend(
            items
                .iter()
                .map(|user| user["email"].as_str().unwrap().to_owned()),
        );
        match page["next_cursor"].as_str() {
            Some(cursor) => path = format!("{USERS}?limit=3&cursor={cursor}"),
            None => break,
        }
    }
    assert_eq!(emails.len(), 11);
    assert_eq!(emails.last().unwrap(), new["email"].as_str().unwrap());
    let distinct: std::collections::BTreeSet<&String> = emails.iter().collect();
    assert_eq!(distinct.len(), 11);
}

#[actix_web::test]
async fn an_account_changes_in_part() {
    let app = App::new().await;
    let path = format!("{USERS}/{}", Actor::Neighbour.user_id());
    let change = async |body: Value| app.as_operator().patch(&path, &body).await.expect(200);
    let mut expected = json!({
        "id": Actor::Neighbour.user_id(), "email": Actor::Neighbour.email(), "name": "担当 neighbour",
        "role": "hub", "scope": { "hub": "yonezawa" }, "active": true,
        "created_at": "2026-11-22T03:00:00Z"
    });
    assert_eq!(change(json!({})).await, expected);
    assert_eq!(
        change(
            json!({ "name": null, "role": null, "scope": null, "active": null, "password": null })
        )
        .await,
        expected
    );
    expected["name"] = "鈴木".into();
    assert_eq!(change(json!({ "name": "鈴木" })).await, expected);
    expected["role"] = "viewer".into();
    expected["scope"] = json!({});
    assert_eq!(
        change(json!({ "role": "viewer", "scope": {} })).await,
        expected
    );
    expected["active"] = false.into();
    assert_eq!(change(json!({ "active": false })).await, expected);
    expected["active"] = true.into();
    assert_eq!(change(json!({ "active": true })).await, expected);
    assert_eq!(app.as_national().get(&path).await.expect(200), expected);
}

/// Operators keep accounts but have no rights over data: they can neither make
/// nor take over a national account.
#[actix_web::test]
async fn only_the_nation_gives_the_nations_rights() {
    let app = App::new().await;
    let national = json!({
        "email": "n@example.jp", "name": "全国", "role": "national", "password": "long enough"
    });
    app.as_operator()
        .post(USERS, &national)
        .await
        .problem("forbidden");
    app.as_national().post(USERS, &national).await.expect(201);
    let boss = format!("{USERS}/{}", Actor::National.user_id());
    let own = format!("{USERS}/{}", Actor::Operator.user_id());
    let before = app.dump();
    for (path, change) in [
        (&boss, json!({ "password": "taken over now" })),
        (&boss, json!({ "active": false })),
        (&boss, json!({ "role": "operator" })),
        (&own, json!({ "role": "national" })),
        (&own, json!({ "role": "national", "scope": {} })),
    ] {
        app.as_operator()
            .patch(path, &change)
            .await
            .problem("forbidden");
    }
    assert!(app.dump() == before);
}

#[actix_web::test]
async fn roles_need_a_scope_that_fits() {
    let app = App::new().await;
    let scopes = [
        json!({}),
        json!({ "prefecture": "06" }),
        json!({ "hub": "yamagata" }),
    ];
    for (role, fitting) in [
        ("national", [true, false, false]),
        ("prefecture", [false, true, false]),
        ("hub", [false, false, true]),
        ("viewer", [true, true, true]),
        ("operator", [true, false, false]),
    ] {
        for (index, (scope, fits)) in scopes.iter().zip(fitting).enumerate() {
            let mut body = sato();
            body["email"] = format!("{role}{index}@example.jp").into();
            body["role"] = role.into();
            body["scope"] = scope.clone();
            let answer = app.as_national().post(USERS, &body).await;
            if fits {
                assert_eq!(answer.expect(201)["scope"], *scope);
            } else {
                answer
                    .problem("invalid")
                    .has_only(&[("wrong_shape", "/scope")]);
            }
        }
    }
    // A change of role alone has to fit the scope that there is.
    let path = format!("{USERS}/{}", Actor::Hub.user_id());
    let answer = app
        .as_national()
        .patch(&path, &json!({ "role": "prefecture" }))
        .await;
    answer
        .problem("invalid")
        .has_only(&[("wrong_shape", "/scope")]);
    for (scope, place) in [
        (json!({ "hub": "nowhere" }), "/scope/hub"),
        (json!({ "prefecture": "99" }), "/scope/prefecture"),
    ] {
        let mut body = sato();
        body["role"] = "viewer".into();
        body["scope"] = scope;
        let answer = app.as_national().post(USERS, &body).await;
        answer
            .problem("invalid")
            .has_only(&[("unknown_reference", place)]);
    }
}

#[actix_web::test]
async fn bodies_are_read_strictly() {
    let app = App::new().await;
    let with = |name: &str, value: Value| {
        let mut body = sato();
        body[name] = value;
        body
    };
    let before = app.dump();
    for (body, issues) in [
        (
            json!({}),
            vec![
                ("missing", "/email"),
                ("missing", "/name"),
                ("missing", "/role"),
                ("missing", "/password"),
            ],
        ),
        (
            with("email", json!("sato")),
            vec![("out_of_range", "/email")],
        ),
        (
            with("email", json!("sato@localhost")),
            vec![("out_of_range", "/email")],
        ),
        (
            with("email", json!("sato@a.jp, b@c.jp")),
            vec![("out_of_range", "/email")],
        ),
        (
            with("email", json!("佐藤@example.jp")),
            vec![("out_of_range", "/email")],
        ),
        (
            with("email", json!("a@b.jp\r\nBcc: c@d.jp")),
            vec![("out_of_range", "/email")],
        ),
        (
            with("name", json!("a\r\nBcc: c@d.jp")),
            vec![("out_of_range", "/name")],
        ),
        (
            with("password", json!("short")),
            vec![("out_of_range", "/password")],
        ),
        (
            with("password", json!("x".repeat(201))),
            vec![("too_long", "/password")],
        ),
        (
            with("password", json!(12_345_678)),
            vec![("wrong_type", "/password")],
        ),
        (
            with("role", json!("admin")),
            vec![("out_of_range", "/role")],
        ),
        (with("scope", json!("06")), vec![("wrong_type", "/scope")]),
        (
            with("active", json!(true)),
            vec![("unknown_field", "/active")],
        ),
    ] {
        let answer = app.as_national().post(USERS, &body).await;
        assert_eq!(answer.problem("invalid").issues(), issues, "{body}");
    }
    let path = format!("{USERS}/{}", Actor::Hub.user_id());
    for (body, issues) in [
        (
            json!({ "email": "a@b.jp" }),
            vec![("unknown_field", "/email")],
        ),
        (
            json!({ "active": "no", "password": "x" }),
            vec![("wrong_type", "/active"), ("out_of_range", "/password")],
        ),
    ] {
        let answer = app.as_national().patch(&path, &body).await;
        assert_eq!(answer.problem("invalid").issues(), issues, "{body}");
    }
    for id in [MISSING, "x", "%00"] {
        let path = format!("{USERS}/{id}");
        app.as_national().get(&path).await.problem("not_found");
        app.as_national()
            .patch(&path, &json!({ "name": "x" }))
            .await
            .problem("not_found");
    }
    assert!(app.dump() == before);
}

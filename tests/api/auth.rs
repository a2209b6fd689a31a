//! Sign-in, access tokens, and who am I.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use chrono::TimeDelta;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};
use shirube::clock::Clock;
use shirube::http::oidc::ExternalIssuer;
use shirube::http::tokens::TokenKeys;

use crate::support::fixtures::LAST;
use crate::support::{Actor, Answer, App, Client, SECRET, logs, service, state};

const TOKEN: &str = "/v1/auth/token";
const SIGN_OUT: &str = "/v1/auth/sign-out";

fn password_grant(email: &str, password: &str) -> Value {
    json!({ "grant_type": "password", "email": email, "password": password })
}

fn refresh_grant(token: &str) -> Value {
    json!({ "grant_type": "refresh_token", "refresh_token": token })
}

/// A service on the system's clock, which access tokens are checked against.
async fn app() -> App {
    App::with_clock(Clock::system()).await
}

/// Signs an account in; returns the answer.
async fn signed_in(app: &App, actor: Actor) -> Value {
    let password = app.set_password(actor);
    app.anonymous()
        .post(TOKEN, &password_grant(&actor.email(), password))
        .await
        .expect(200)
}

fn text<'a>(body: &'a Value, name: &str) -> &'a str {
    body[name].as_str().unwrap()
}

#[actix_web::test]
async fn a_password_opens_a_session() {
    let app = app().await;
    let password = app.set_password(Actor::Hub);
    let answer = app
        .anonymous()
        .post(TOKEN, &password_grant("HUB@Example.jp", password))
        .await;
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let session = answer.expect(200);
    assert_eq!(session["token_type"], "Bearer");
    assert_eq!(session["expires_in"], 900);
    assert!(text(&session, "refresh_token").starts_with("shr_"));
    let me = app.with_token(text(&session, "access_token"));
    assert_eq!(
        me.get("/v1/me").await.expect(200),
        json!({
            "user": { "id": Actor::Hub.user_id(), "name": "担当 hub" },
            "key": null,
            "role": "hub",
            "scope": { "hub": "yamagata" }
        })
    );
}

#[actix_web::test]
async fn who_am_i_knows_every_role() {
    let app = App::new().await;
    for actor in Actor::ROLES {
        let me = app.client(actor).get("/v1/me").await.expect(200);
        assert_eq!(me["role"], actor.role().code());
        assert_eq!(me["user"], Value::Null);
        assert_eq!(me["key"]["id"], actor.key_id());
    }
    let scope = async |actor| app.client(actor).get("/v1/me").await.expect(200)["scope"].clone();
    assert_eq!(scope(Actor::National).await, json!({}));
    assert_eq!(
        scope(Actor::Prefecture).await,
        json!({ "prefecture": "06" })
    );
    assert_eq!(
        scope(Actor::ViewerOfHub).await,
        json!({ "hub": "yamagata" })
    );
    app.as_hub().get("/v1/me?x=1").await.problem("invalid");
}

/// Wrong, unknown and closed are one answer.
#[actix_web::test]
async fn wrong_credentials_are_answered_alike() {
    let app = app().await;
    let password = app.set_password(Actor::Hub);
    app.set_password(Actor::Neighbour);
    let close = format!("/v1/users/{}", Actor::Neighbour.user_id());
    app.as_operator()
        .patch(&close, &json!({ "active": false }))
        .await
        .expect(200);
    let mut answers = Vec::new();
    for body in [
        password_grant(&Actor::Hub.email(), "wrong horse"),
        password_grant(&Actor::Hub.email(), &password.to_uppercase()),
        password_grant("nobody@example.jp", password),
        password_grant(&Actor::Neighbour.email(), password),
        // Has no password that could fit.
        password_grant(&Actor::National.email(), "-"),
        refresh_grant("shr_unknown"),
        refresh_grant(app.key(Actor::Hub)),
    ] {
        let answer = app.anonymous().post(TOKEN, &body).await;
        answer.problem("invalid_credentials");
        answers.push(answer.without_request_id());
    }
    assert!(
        answers.iter().all(|answer| *answer == answers[0]),
        "{answers:#?}"
    );
}

#[actix_web::test]
async fn grants_are_read_strictly() {
    let app = app().await;
    for (body, issues) in [
        (json!({}), vec![("missing", "/grant_type")]),
        (
            json!({ "grant_type": "client_credentials" }),
            vec![("out_of_range", "/grant_type")],
        ),
        (
            json!({ "grant_type": "password" }),
            vec![("missing", "/email"), ("missing", "/password")],
        ),
        (
            json!({ "grant_type": "password", "email": 1, "password": "x", "scope": "all" }),
            vec![("wrong_type", "/email"), ("unknown_field", "/scope")],
        ),
        (
            json!({ "grant_type": "refresh_token", "refresh_token": "a", "email": "b" }),
            vec![("unknown_field", "/email")],
        ),
        (
            json!({ "grant_type": "password", "email": "a@example.jp", "password": "x".repeat(201) }),
            vec![("too_long", "/password")],
        ),
    ] {
        let answer = app.anonymous().post(TOKEN, &body).await;
        assert_eq!(answer.problem("invalid").issues(), issues, "{body}");
    }
    app.anonymous()
        .post_bytes(TOKEN, "{")
        .await
        .problem("malformed_json");
    let form = app
        .anonymous()
        .with("Content-Type", "application/x-www-form-urlencoded");
    form.post_bytes(TOKEN, "grant_type=password")
        .await
        .problem("unsupported_media_type");
    let query = format!("{TOKEN}?grant_type=password");
    app.anonymous()
        .post(&query, &json!({}))
        .await
        .problem("invalid");
}

/// Each refresh token is good once; a second use ends the whole session.
#[actix_web::test]
async fn refresh_tokens_rotate() {
    let app = app().await;
    let first = signed_in(&app, Actor::Hub).await;
    let refresh = async |token: &str| app.anonymous().post(TOKEN, &refresh_grant(token)).await;
    let second = refresh(text(&first, "refresh_token")).await.expect(200);
    assert_ne!(first["refresh_token"], second["refresh_token"]);
    let third = refresh(text(&second, "refresh_token")).await.expect(200);
    let me = app.with_token(text(&third, "access_token"));
    assert_eq!(
        me.get("/v1/me").await.expect(200)["user"]["id"],
        Actor::Hub.user_id()
    );
    let other = signed_in(&app, Actor::Hub).await;
    // Somebody else holds a copy: everything that came of it ends.
    refresh(text(&first, "refresh_token"))
        .await
        .problem("invalid_credentials");
    refresh(text(&third, "refresh_token"))
        .await
        .problem("invalid_credentials");
    // Another session of the account goes on.
    refresh(text(&other, "refresh_token")).await.expect(200);
}

/// The cookie of an answer: its value, and what it says of itself.
fn cookie(answer: &Answer) -> (String, String) {
    let header = answer.header("set-cookie").unwrap();
    let (pair, attributes) = header.split_once("; ").unwrap();
    let (name, value) = pair.split_once('=').unwrap();
    assert_eq!(name, "shirube_session");
    (value.to_owned(), attributes.to_owned())
}

/// A browser that has signed in, with its first cookie.
async fn browser(app: &App, actor: Actor) -> (Answer, String) {
    let mut grant = password_grant(&actor.email(), app.set_password(actor));
    grant["cookie"] = true.into();
    let answer = app.anonymous().post(TOKEN, &grant).await;
    let value = cookie(&answer).0;
    (answer, value)
}

/// Renews the session of a browser that sends a cookie among others.
async fn renew(app: &App, cookie: &str) -> Answer {
    let cookies = format!("language=ja; shirube_session={cookie}; other=1");
    let browser = app.anonymous().with("Cookie", &cookies);
    browser
        .post(TOKEN, &json!({ "grant_type": "refresh_token" }))
        .await
}

/// No script ever sees a browser's refresh token, and no other site sends it.
#[actix_web::test]
async fn a_browser_keeps_its_session_in_a_cookie() {
    let app = app().await;
    let (answer, first) = browser(&app, Actor::Hub).await;
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let (_, attributes) = cookie(&answer);
    assert_eq!(
        attributes,
        "Path=/v1/auth; Max-Age=2592000; HttpOnly; SameSite=Strict; Secure"
    );
    let session = answer.expect(200);
    assert_eq!(session["refresh_token"], Value::Null);
    assert_eq!(session["me"]["role"], "hub");
    assert_eq!(session["me"]["scope"], json!({ "hub": "yamagata" }));
    let answer = renew(&app, &first).await;
    let second = cookie(&answer).0;
    assert_ne!(first, second);
    let renewed = answer.expect(200);
    assert_eq!(renewed["refresh_token"], Value::Null);
    let me = app.with_token(text(&renewed, "access_token"));
    assert_eq!(me.get("/v1/me").await.expect(200), renewed["me"]);
    // Without a cookie the token is what is missing.
    let bare = json!({ "grant_type": "refresh_token" });
    let answer = app.anonymous().post(TOKEN, &bare).await;
    let issues = answer.problem("invalid");
    assert_eq!(issues.issues(), [("missing", "/refresh_token")]);
    // A program that sends a token of its own is no browser, whatever cookies it has.
    let program = signed_in(&app, Actor::Hub).await;
    let cookies = format!("shirube_session={second}");
    let answer = app.anonymous().with("Cookie", &cookies);
    let answer = answer
        .post(TOKEN, &refresh_grant(text(&program, "refresh_token")))
        .await;
    assert_eq!(answer.header("set-cookie"), None);
    assert!(text(&answer.expect(200), "refresh_token").starts_with("shr_"));
}

/// A page that was left before its answer came asks again with the old cookie.
#[actix_web::test]
async fn a_browser_may_lose_an_answer() {
    let app = App::new().await;
    let (_, first) = browser(&app, Actor::Hub).await;
    let second = cookie(&renew(&app, &first).await).0;
    app.clock.advance(TimeDelta::seconds(59));
    let third = cookie(&renew(&app, &first).await).0;
    assert_ne!(second, third);
    // Either goes on.
    renew(&app, &second).await.expect(200);
    let fourth = cookie(&renew(&app, &third).await).0;
    // Much later, somebody else holds a copy: everything that came of it ends.
    app.clock.advance(TimeDelta::seconds(1));
    renew(&app, &first).await.problem("invalid_credentials");
    renew(&app, &fourth).await.problem("invalid_credentials");
}

#[actix_web::test]
async fn signing_out_ends_one_session() {
    let app = app().await;
    let (answer, held) = browser(&app, Actor::Hub).await;
    let session = answer.expect(200);
    let program = signed_in(&app, Actor::Hub).await;
    let foreign = signed_in(&app, Actor::Neighbour).await;
    let me = app.with_token(text(&session, "access_token"));
    // Somebody else's token is passed over.
    let other = json!({ "refresh_token": foreign["refresh_token"] });
    me.post(SIGN_OUT, &other).await.expect(204);
    let out = me
        .with("Cookie", &format!("shirube_session={held}"))
        .post(SIGN_OUT, &json!({}))
        .await;
    let (value, attributes) = cookie(&out);
    assert_eq!((out.status, value.as_str()), (204, ""));
    assert!(attributes.contains("Max-Age=0"), "{attributes}");
    renew(&app, &held).await.problem("invalid_credentials");
    for (session, lives) in [(&program, true), (&foreign, true)] {
        let grant = refresh_grant(text(session, "refresh_token"));
        let answer = app.anonymous().post(TOKEN, &grant).await;
        assert_eq!(answer.status == 200, lives);
    }
}

#[actix_web::test]
async fn signing_out_everywhere_ends_all_sessions_at_once() {
    let app = app().await;
    let (answer, held) = browser(&app, Actor::Hub).await;
    let session = answer.expect(200);
    let program = signed_in(&app, Actor::Hub).await;
    let me = app.with_token(text(&session, "access_token"));
    me.post(SIGN_OUT, &json!({ "everywhere": true }))
        .await
        .expect(204);
    for token in [&session, &program] {
        let me = app.with_token(text(token, "access_token"));
        me.get("/v1/me").await.problem("unauthenticated");
    }
    renew(&app, &held).await.problem("invalid_credentials");
    let grant = refresh_grant(text(&program, "refresh_token"));
    let answer = app.anonymous().post(TOKEN, &grant).await;
    answer.problem("invalid_credentials");
    let audit = app.as_operator().get("/v1/audit?limit=1").await.expect(200);
    assert_eq!(audit["items"][0]["action"], "user.sessions_ended");
    // The account can begin anew.
    signed_in(&app, Actor::Hub).await;
}

#[actix_web::test]
async fn a_key_has_no_session_to_end() {
    let app = app().await;
    let answer = app.as_hub().post(SIGN_OUT, &json!({})).await;
    answer.problem("forbidden");
    let session = signed_in(&app, Actor::Hub).await;
    let me = app.with_token(text(&session, "access_token"));
    let wrong = json!({ "everywhere": 1, "refresh_token": 2, "other": 3 });
    let answer = me.post(SIGN_OUT, &wrong).await;
    assert_eq!(
        answer.problem("invalid").issues(),
        [
            ("wrong_type", "/everywhere"),
            ("wrong_type", "/refresh_token"),
            ("unknown_field", "/other")
        ]
    );
}

#[actix_web::test]
async fn refresh_tokens_expire() {
    let app = App::new().await;
    let session = signed_in(&app, Actor::Hub).await;
    app.clock
        .advance(TimeDelta::days(30) - TimeDelta::seconds(1));
    let renewed = app
        .anonymous()
        .post(TOKEN, &refresh_grant(text(&session, "refresh_token")))
        .await;
    let renewed = renewed.expect(200);
    app.clock.advance(TimeDelta::days(30));
    let late = app
        .anonymous()
        .post(TOKEN, &refresh_grant(text(&renewed, "refresh_token")))
        .await;
    late.problem("invalid_credentials");
}

/// A closed account, other rights or another password end sessions at once.
#[actix_web::test]
async fn sessions_end_with_the_accounts_rights() {
    for change in [
        json!({ "active": false }),
        json!({ "password": "another long password" }),
        json!({ "role": "viewer", "scope": { "hub": "yamagata" } }),
        json!({ "scope": { "hub": "yonezawa" } }),
    ] {
        let app = app().await;
        let session = signed_in(&app, Actor::Hub).await;
        let me = app.with_token(text(&session, "access_token"));
        me.get("/v1/me").await.expect(200);
        let path = format!("/v1/users/{}", Actor::Hub.user_id());
        app.as_operator()
            .patch(&path, &json!({ "name": "改名" }))
            .await
            .expect(200);
        me.get("/v1/me").await.expect(200);
        app.as_operator().patch(&path, &change).await.expect(200);
        me.get("/v1/me").await.problem("unauthenticated");
        let refresh = refresh_grant(text(&session, "refresh_token"));
        app.anonymous()
            .post(TOKEN, &refresh)
            .await
            .problem("invalid_credentials");
    }
}

/// The claims of an access token of this service.
fn claims() -> Value {
    let now = Clock::system().now().timestamp();
    json!({
        "iss": "shirube", "aud": "shirube-api", "sub": Actor::National.user_id(),
        "exp": now + 900, "iat": now, "nbf": now, "jti": "j", "epoch": 0
    })
}

fn token(header: &Header, claims: &Value, secret: &[u8]) -> String {
    encode(header, claims, &EncodingKey::from_secret(secret)).unwrap()
}

fn header(algorithm: Algorithm) -> Header {
    Header {
        typ: Some("at+jwt".to_owned()),
        ..Header::new(algorithm)
    }
}

/// Forged, expired, borrowed and disguised tokens: one answer, nothing stored.
#[actix_web::test]
async fn no_token_but_our_own_is_accepted() {
    let app = app().await;
    let id = app.own_scorecard().await;
    let report = json!({ "month": LAST, "values": [{ "item": "consult", "value": 1 }] });
    let path = format!("/v1/scorecards/{id}/actuals");
    let good = token(&header(Algorithm::HS256), &claims(), SECRET.as_bytes());
    let dry_run = format!("{path}?dry_run=true");
    app.with_token(&good)
        .post(&dry_run, &report)
        .await
        .expect(200);
    let now = Clock::system().now().timestamp();
    let with = |name: &str, value: Value| {
        let mut claims = claims();
        claims[name] = value;
        token(&header(Algorithm::HS256), &claims, SECRET.as_bytes())
    };
    let without = |name: &str| {
        let mut claims = claims();
        claims.as_object_mut().unwrap().remove(name);
        token(&header(Algorithm::HS256), &claims, SECRET.as_bytes())
    };
    let parts: Vec<&str> = good.split('.').collect();
    let unsigned = |header: &Value| {
        format!(
            "{}.{}.",
            BASE64.encode(header.to_string()),
            BASE64.encode(claims().to_string())
        )
    };
    let mut promoted = claims();
    promoted["sub"] = Actor::Operator.user_id().into();
    let mut embedded = header(Algorithm::HS256);
    embedded.kid = Some("../../dev/null".to_owned());
    let session = signed_in(&app, Actor::Hub).await;
    let tokens = [
        ("expired", with("exp", json!(now - 61))),
        ("expired long ago", with("exp", json!(1))),
        ("not yet valid", with("nbf", json!(now + 120))),
        ("valid for too long", with("exp", json!(now + 86_400))),
        ("an end in text", with("exp", json!("9999999999"))),
        ("no end", without("exp")),
        ("no beginning", without("nbf")),
        ("no issuer", without("iss")),
        ("no audience", without("aud")),
        ("no subject", without("sub")),
        ("another issuer", with("iss", json!("other"))),
        ("another audience", with("aud", json!("other"))),
        ("an unknown account", with("sub", json!("nobody"))),
        ("an earlier epoch", with("epoch", json!(-1))),
        ("a later epoch", with("epoch", json!(1))),
        (
            "another secret",
            token(&header(Algorithm::HS256), &claims(), &[7; 32]),
        ),
        (
            "no secret",
            token(&header(Algorithm::HS256), &claims(), b""),
        ),
        (
            "another algorithm",
            token(&header(Algorithm::HS512), &claims(), SECRET.as_bytes()),
        ),
        (
            "a plain JWT",
            token(&Header::new(Algorithm::HS256), &claims(), SECRET.as_bytes()),
        ),
        (
            "alg none",
            unsigned(&json!({ "alg": "none", "typ": "at+jwt" })),
        ),
        (
            "alg NONE",
            unsigned(&json!({ "alg": "NONE", "typ": "at+jwt" })),
        ),
        ("no alg", unsigned(&json!({ "typ": "at+jwt" }))),
        ("no signature", format!("{}.{}.", parts[0], parts[1])),
        ("two parts", format!("{}.{}", parts[0], parts[1])),
        (
            "another payload",
            format!(
                "{}.{}.{}",
                parts[0],
                BASE64.encode(promoted.to_string()),
                parts[2]
            ),
        ),
        ("a cut signature", good[..good.len() - 2].to_owned()),
        (
            "a refresh token",
            text(&session, "refresh_token").to_owned(),
        ),
        ("a huge token", format!("{good}{}", "A".repeat(9_000))),
    ];
    let before = app.dump();
    let mut answers = Vec::new();
    for (what, token) in tokens {
        let answer = app.with_token(&token).post(&path, &report).await;
        assert_eq!(answer.status, 401, "{what}: {}", answer.text());
        answers.push(answer.without_request_id());
    }
    assert!(
        answers.iter().all(|answer| *answer == answers[0]),
        "{answers:#?}"
    );
    // A name of a key is none of our business, and no file is opened for it.
    let named = token(&embedded, &claims(), SECRET.as_bytes());
    app.with_token(&named).get("/v1/me").await.expect(200);
    assert!(app.dump() == before);
}

/// An Ed25519 key made for these tests alone.
const PRIVATE_KEY: &str = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIEBBQkNERUZHSElKS0xNTk9QUVJTVFVWV1hZWltcXV5f\n-----END PRIVATE KEY-----\n";

/// The same service with other keys.
async fn with_keys(app: &App, keys: TokenKeys) -> Client {
    let mut state = state(app.state.db.clone(), app.clock.clone());
    state.tokens = keys;
    Client::new(service(state).await)
}

/// With an own key pair, sessions are signed by it, and by nothing else.
#[actix_web::test]
async fn a_key_pair_signs_sessions() {
    let app = app().await;
    let password = app.set_password(Actor::Hub);
    let client = with_keys(&app, TokenKeys::from_secret(PRIVATE_KEY).unwrap()).await;
    let grant = password_grant(&Actor::Hub.email(), password);
    let session = client.post(TOKEN, &grant).await.expect(200);
    let bearer = |token: &str| client.with("Authorization", &format!("Bearer {token}"));
    let me = bearer(text(&session, "access_token")).get("/v1/me").await;
    assert_eq!(me.expect(200)["user"]["id"], Actor::Hub.user_id());
    for secret in [PRIVATE_KEY.as_bytes(), SECRET.as_bytes(), b""] {
        let forged = token(&header(Algorithm::HS256), &claims(), secret);
        bearer(&forged)
            .get("/v1/me")
            .await
            .problem("unauthenticated");
    }
}

/// Another issuer says only who somebody is; what they may, the account says.
#[actix_web::test]
async fn another_issuer_names_the_account() {
    const ISSUER: &str = "https://id.example.jp";
    let app = app().await;
    let private = EncodingKey::from_ed_pem(PRIVATE_KEY.as_bytes()).unwrap();
    let mut public = Jwk::from_encoding_key(&private, Algorithm::EdDSA).unwrap();
    public.common.key_id = Some("k1".to_owned());
    let set = json!({ "keys": [public] }).to_string();
    let issuer = ExternalIssuer::new(ISSUER, "shirube", &set).unwrap();
    let keys = TokenKeys::from_secret(SECRET)
        .unwrap()
        .with_external(issuer);
    let client = with_keys(&app, keys).await;
    let now = Clock::system().now().timestamp();
    let claims = json!({
        "iss": ISSUER, "aud": "shirube", "sub": "somebody", "exp": now + 600, "iat": now, "nbf": now,
        "email": "HUB@example.jp", "email_verified": true,
        // Of no interest here.
        "role": "national", "scope": "nation"
    });
    let signed = |key_id: Option<&str>, name: &str, value: Value| {
        let mut claims = claims.clone();
        claims[name] = value;
        let header = Header {
            kid: key_id.map(str::to_owned),
            ..Header::new(Algorithm::EdDSA)
        };
        encode(&header, &claims, &private).unwrap()
    };
    let me = async |token: &str| {
        let client = client.with("Authorization", &format!("Bearer {token}"));
        client.get("/v1/me").await
    };
    let good = signed(Some("k1"), "sub", json!("somebody"));
    assert_eq!(
        me(&good).await.expect(200),
        json!({
            "user": { "id": Actor::Hub.user_id(), "name": "担当 hub" }, "key": null,
            "role": "hub", "scope": { "hub": "yamagata" }
        })
    );
    let mut confused = Header::new(Algorithm::HS256);
    confused.kid = Some("k1".to_owned());
    for (what, token) in [
        (
            "an address that is not verified",
            signed(Some("k1"), "email_verified", json!(false)),
        ),
        (
            "an address in doubt",
            signed(Some("k1"), "email_verified", json!("true")),
        ),
        (
            "an unknown address",
            signed(Some("k1"), "email", json!("nobody@example.jp")),
        ),
        ("no address", signed(Some("k1"), "email", Value::Null)),
        ("expired", signed(Some("k1"), "exp", json!(now - 61))),
        ("not yet valid", signed(Some("k1"), "nbf", json!(now + 120))),
        (
            "valid for too long",
            signed(Some("k1"), "exp", json!(now + 86_400)),
        ),
        (
            "another audience",
            signed(Some("k1"), "aud", json!("shirube-api")),
        ),
        (
            "another issuer",
            signed(Some("k1"), "iss", json!("shirube")),
        ),
        ("an unknown key", signed(Some("k2"), "sub", json!("x"))),
        ("no key", signed(None, "sub", json!("x"))),
        (
            "the set as a secret",
            token(&confused, &claims, set.as_bytes()),
        ),
    ] {
        let answer = me(&token).await;
        assert_eq!(answer.status, 401, "{what}: {}", answer.text());
    }
    // A closed account stays closed, whoever vouches for its owner.
    let path = format!("/v1/users/{}", Actor::Hub.user_id());
    app.as_operator()
        .patch(&path, &json!({ "active": false }))
        .await
        .expect(200);
    me(&good).await.problem("unauthenticated");
    // Own tokens and keys go on beside it.
    let own = token(
        &header(Algorithm::HS256),
        &self::claims(),
        SECRET.as_bytes(),
    );
    me(&own).await.expect(200);
    me(app.key(Actor::Prefecture)).await.expect(200);
    // A service without another issuer knows nothing of its tokens.
    app.with_token(&good)
        .get("/v1/me")
        .await
        .problem("unauthenticated");
}

/// Neither passwords nor tokens are stored or logged.
#[actix_web::test]
async fn secrets_are_neither_stored_nor_logged() {
    let app = app().await;
    let session = signed_in(&app, Actor::Hub).await;
    let wrong = "a-wrong-password-canary";
    let answer = app
        .anonymous()
        .post(TOKEN, &password_grant(&Actor::Hub.email(), wrong))
        .await;
    answer.problem("invalid_credentials");
    let password = "a-new-password-canary";
    let path = format!("/v1/users/{}", Actor::Hub.user_id());
    app.as_operator()
        .patch(&path, &json!({ "password": password }))
        .await
        .expect(200);
    let dump = app.dump();
    let audit = app.as_national().get("/v1/audit").await.text().to_owned();
    let access = text(&session, "access_token");
    for secret in [
        wrong,
        password,
        access,
        text(&session, "refresh_token"),
        app.key(Actor::Operator),
    ] {
        assert!(!dump.holds(secret), "stored: {secret}");
        assert!(!audit.contains(secret), "in the audit: {secret}");
        assert_eq!(logs::lines_with(secret), Vec::<String>::new());
    }
    assert!(dump.holds("$argon2id$"));
}

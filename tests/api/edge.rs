//! The outermost layer: request ids, languages, headers, panics.

use std::collections::BTreeSet;

use actix_web::body::to_bytes;
use actix_web::dev::Service as _;
use actix_web::middleware::from_fn;
use actix_web::{HttpResponse, web};
use serde_json::Value;
use shirube::http::edge::edge;

use crate::support::App;

#[actix_web::test]
async fn every_answer_has_its_own_request_id() {
    let app = App::new().await;
    let mut ids = BTreeSet::new();
    for path in ["/healthz", "/v1/me", "/v1/me", "/nowhere", "/openapi.json"] {
        // An id of the caller's is not ours.
        let client = app
            .as_hub()
            .with("X-Request-Id", "00000000-0000-0000-0000-000000000000");
        let answer = client.get(path).await;
        ids.insert(answer.header("x-request-id").unwrap().to_owned());
    }
    assert_eq!(ids.len(), 5);
    assert!(!ids.iter().any(|id| id.starts_with("00000000")));
}

#[actix_web::test]
async fn errors_speak_the_readers_language() {
    let app = App::new().await;
    for (accept, language) in [
        (None, "ja"),
        (Some(""), "ja"),
        (Some("*"), "ja"),
        (Some("ja"), "ja"),
        (Some("en"), "en"),
        (Some("EN-us"), "en"),
        (Some("en-GB,en;q=0.9"), "en"),
        (Some("ja;q=0.4, en;q=0.5"), "en"),
        (Some("en;q=0.4,ja;q=0.5"), "ja"),
        (Some("ja-JP,ja;q=0.9,en-US;q=0.8"), "ja"),
        (Some("fr"), "ja"),
        (Some("fr, en;q=0.1"), "en"),
        (Some("english"), "ja"),
        (Some("en;q=0"), "ja"),
        (Some("en;q=zzz"), "en"),
    ] {
        let client = match accept {
            Some(accept) => app.anonymous().with("Accept-Language", accept),
            None => app.anonymous(),
        };
        // That title and detail are of this language, every answer is checked for.
        let answer = client.get("/v1/me").await;
        answer.problem("unauthenticated");
        assert_eq!(
            answer.header("content-language"),
            Some(language),
            "{accept:?}"
        );
        assert_eq!(answer.header("vary"), Some("Accept-Language"));
    }
}

/// Every problem has words of its own, in both languages.
#[test]
fn every_problem_has_its_own_words() {
    use shirube::domain::text::Language;
    use shirube::http::problem::{Problem, ProblemCode};
    let mut seen = BTreeSet::new();
    for code in ProblemCode::all() {
        for language in [Language::Japanese, Language::English] {
            let response = Problem::new(code).render(language, "id");
            let body = actix_web::rt::System::new()
                .block_on(to_bytes(response.into_body()))
                .unwrap();
            let body: Value = serde_json::from_slice(&body).unwrap();
            for name in ["title", "detail"] {
                let words = body[name].as_str().unwrap().to_owned();
                assert!(!words.is_empty());
                assert!(seen.insert(words.clone()), "two problems say {words}");
                assert_eq!(words.is_ascii(), language == Language::English, "{words}");
            }
        }
    }
}

/// Answers with data of a caller are theirs alone.
#[actix_web::test]
async fn answers_are_private() {
    let app = App::new().await;
    let id = app.own_scorecard().await;
    let scorecard = format!("/v1/scorecards/{id}");
    for path in [
        "/v1/me",
        "/v1/api-keys",
        "/v1/prefectures",
        "/v1/hubs",
        "/v1/users",
        "/v1/scorecards",
        "/v1/overview",
        "/v1/audit",
        scorecard.as_str(),
    ] {
        let answer = app
            .as_national()
            .with("Origin", "https://elsewhere.example")
            .get(path)
            .await;
        assert_eq!(answer.status, 200, "{path}");
        assert_eq!(
            answer.header("cache-control"),
            Some("private, no-cache"),
            "{path}"
        );
        assert_eq!(
            answer.header("content-type"),
            Some("application/json"),
            "{path}"
        );
        for name in answer.headers.keys() {
            assert!(
                !name.as_str().starts_with("access-control-"),
                "{path}: {name}"
            );
        }
        assert!(!answer.headers.contains_key("server"), "{path}");
    }
}

/// A panic costs its own request only, which is answered like any other fault.
#[actix_web::test]
async fn a_panic_is_an_answer() {
    let app = actix_web::App::new()
        .route(
            "/panic",
            web::get().to(async || -> HttpResponse { panic!("a test's panic") }),
        )
        .route(
            "/fine",
            web::get().to(async || HttpResponse::Ok().body("fine")),
        )
        .wrap(from_fn(edge));
    let app = actix_web::test::init_service(app).await;
    let get = async |path: &str| {
        let request = actix_web::test::TestRequest::with_uri(path).to_request();
        match app.call(request).await {
            Ok(response) => response.into_parts().1,
            Err(error) => error.error_response(),
        }
    };
    for _ in 0..3 {
        let response = get("/panic").await;
        assert_eq!(response.status(), 500);
        assert_eq!(
            response.headers().get("content-type").unwrap(),
            "application/problem+json"
        );
        assert!(response.headers().contains_key("x-request-id"));
        let body = to_bytes(response.into_body()).await.unwrap();
        let body: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(body["code"], "internal");
        assert!(!body.to_string().contains("a test's panic"), "{body}");
        assert_eq!(get("/fine").await.status(), 200);
    }
}

/// The framework's own errors leave in our shape.
#[actix_web::test]
async fn errors_of_the_framework_are_problems() {
    let app = actix_web::App::new()
        .route(
            "/bad",
            web::get().to(async || -> Result<HttpResponse, actix_web::Error> {
                Err(actix_web::error::ErrorBadRequest("words of the framework"))
            }),
        )
        .route(
            "/large",
            web::get().to(async || HttpResponse::PayloadTooLarge().body("plain text")),
        )
        .wrap(from_fn(edge));
    let app = actix_web::test::init_service(app).await;
    for (path, status, code) in [
        ("/bad", 400, "malformed_query"),
        ("/large", 413, "too_large"),
        ("/nowhere", 404, "not_found"),
    ] {
        let request = actix_web::test::TestRequest::with_uri(path).to_request();
        let response = app.call(request).await.unwrap().into_parts().1;
        assert_eq!(response.status().as_u16(), status);
        let body = to_bytes(response.into_body()).await.unwrap();
        let body: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(body["code"], code, "{body}");
    }
}

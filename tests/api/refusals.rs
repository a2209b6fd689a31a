//! Bad input: each fault of a report has its own answer, in both languages,
//! with its place, and nothing is stored.

use actix_web::http::Method;
use serde_json::{Value, json};

use crate::support::fixtures::{self, LAST, MISSING};
use crate::support::{Actor, Answer, App, Client};

/// Bytes of a body (`product.md` §8).
const BODY_BYTES_MAX: usize = 1_024 * 1_024;

/// A scorecard with a few reports, to see that they stay as they are.
struct Scene {
    app: App,
    id: String,
}

impl Scene {
    async fn new() -> Self {
        let app = App::new().await;
        let id = app.own_scorecard().await;
        app.report(&id, "2026-09", fixtures::month_on_plan(6)).await;
        Self { app, id }
    }

    fn path(&self) -> String {
        format!("/v1/scorecards/{}/actuals", self.id)
    }

    /// Sends a request in both languages; nothing may be stored. Returns the
    /// Japanese answer.
    async fn refused(&self, client: &Client, path: &str, body: &[u8], code: &str) -> Answer {
        let before = self.app.dump();
        let answer = client.post_bytes(path, body).await;
        let said = String::from_utf8_lossy(body);
        let shown: String = said.chars().take(300).collect();
        let problem = answer.problem(code);
        assert_eq!(answer.header("content-language"), Some("ja"));
        let english = client
            .with("Accept-Language", "en-GB,en;q=0.9,ja;q=0.5")
            .post_bytes(path, body)
            .await;
        let in_english = english.problem(code);
        assert_eq!(english.header("content-language"), Some("en"));
        assert_eq!(problem.0["issues"], in_english.0["issues"]);
        assert!(self.app.dump() == before, "{shown} stored something");
        answer
    }

    /// A report in JSON that has exactly these issues.
    async fn invalid(&self, body: &str, issues: &[(&str, &str)]) -> Answer {
        let answer = self
            .refused(&self.app.as_hub(), &self.path(), body.as_bytes(), "invalid")
            .await;
        let problem = answer.problem("invalid");
        assert_eq!(problem.issues(), issues, "{body}");
        for issue in problem.0["issues"].as_array().unwrap() {
            assert_eq!(issue["severity"], "error");
            assert_eq!(issue["scorecard"], self.id, "{issue}");
        }
        answer
    }

    /// A report of one value of `consult`, given as JSON text.
    async fn value(&self, value: &str, code: &str) {
        let body =
            format!(r#"{{"month":"{LAST}","values":[{{"item":"consult","value":{value}}}]}}"#);
        let answer = self.invalid(&body, &[(code, "/values/0/value")]).await;
        let issue = &answer.json()["issues"][0];
        if !["wrong_type", "out_of_range", "too_many_decimals"].contains(&code) {
            assert_eq!(issue["item"], "consult");
        }
        assert_eq!(issue["month"], LAST);
    }

    /// A report of one entry, given as JSON text, with these issues.
    async fn entry(&self, entry: &str, issues: &[(&str, &str)]) {
        let body = format!(r#"{{"month":"{LAST}","values":[{entry}]}}"#);
        self.invalid(&body, issues).await;
    }
}

#[actix_web::test]
async fn figures_that_cannot_be() {
    let scene = Scene::new().await;
    for (value, code) in [
        ("-1", "negative"),
        ("1.5", "not_whole"),
        ("0.5", "not_whole"),
        ("1e30", "out_of_range"),
        ("1e400", "out_of_range"),
        ("1e99999999999", "out_of_range"),
        ("100000000000", "out_of_range"),
        ("-100000000000", "out_of_range"),
        ("9223372036854775808", "out_of_range"),
        ("0.00001", "too_many_decimals"),
        ("1e-5", "too_many_decimals"),
        ("\"3\"", "wrong_type"),
        ("\"\"", "wrong_type"),
        ("true", "wrong_type"),
        ("[3]", "wrong_type"),
        ("{}", "wrong_type"),
    ] {
        scene.value(value, code).await;
    }
    scene
        .entry(
            r#"{"item":"consult","value":-1.5}"#,
            &[
                ("negative", "/values/0/value"),
                ("not_whole", "/values/0/value"),
            ],
        )
        .await;
}

#[actix_web::test]
async fn figures_that_do_not_fit_their_item() {
    let scene = Scene::new().await;
    let at = |code, place: &'static str| vec![(code, place)];
    for (entry, issues) in [
        (
            r#"{"item":"kit","value":101}"#,
            at("out_of_range", "/values/0/value"),
        ),
        (
            r#"{"item":"kit","value":100.0001}"#,
            at("out_of_range", "/values/0/value"),
        ),
        (
            r#"{"item":"kit","value":-1}"#,
            at("out_of_range", "/values/0/value"),
        ),
        (
            r#"{"item":"staff","value":-1}"#,
            at("negative", "/values/0/value"),
        ),
        (
            r#"{"item":"staff","value":2.5}"#,
            at("not_whole", "/values/0/value"),
        ),
        (
            r#"{"item":"partners","value":0.5}"#,
            at("not_whole", "/values/0/value"),
        ),
        (
            r#"{"item":"hours","value":-0.5}"#,
            at("negative", "/values/0/value"),
        ),
        (
            r#"{"item":"hours","value":0.12345}"#,
            at("too_many_decimals", "/values/0/value"),
        ),
        (
            r#"{"item":"fees","value":1000.5}"#,
            at("not_whole", "/values/0/value"),
        ),
        (
            r#"{"item":"turnover","value":0.1}"#,
            at("wrong_shape", "/values/0"),
        ),
        (
            r#"{"item":"turnover","numerator":1}"#,
            at("wrong_shape", "/values/0"),
        ),
        (
            r#"{"item":"turnover","denominator":1}"#,
            at("wrong_shape", "/values/0"),
        ),
        (
            r#"{"item":"turnover","numerator":1,"denominator":null}"#,
            at("wrong_shape", "/values/0"),
        ),
        (
            r#"{"item":"turnover","numerator":11,"denominator":10}"#,
            at("share_above_one", "/values/0/numerator"),
        ),
        (
            r#"{"item":"turnover","numerator":-1,"denominator":10}"#,
            at("negative", "/values/0/numerator"),
        ),
        (
            r#"{"item":"turnover","numerator":0,"denominator":-1}"#,
            vec![
                ("negative", "/values/0/denominator"),
                ("share_above_one", "/values/0/numerator"),
            ],
        ),
        (
            r#"{"item":"turnover","numerator":0.5,"denominator":10}"#,
            at("not_whole", "/values/0/numerator"),
        ),
        (
            r#"{"item":"visits","numerator":1,"denominator":"1"}"#,
            at("wrong_type", "/values/0/denominator"),
        ),
        (
            r#"{"item":"consult","numerator":1,"denominator":2}"#,
            at("wrong_shape", "/values/0"),
        ),
    ] {
        scene.entry(entry, &issues).await;
    }
}

#[actix_web::test]
async fn entries_that_do_not_say_one_thing() {
    let scene = Scene::new().await;
    let long = "あ".repeat(4_001);
    for (entry, code, place) in [
        (r#"{"item":"consult"}"#, "wrong_shape", "/values/0"),
        (
            r#"{"item":"consult","value":null}"#,
            "wrong_shape",
            "/values/0",
        ),
        (
            r#"{"item":"consult","value":1,"clear":"x"}"#,
            "wrong_shape",
            "/values/0",
        ),
        (
            r#"{"item":"consult","value":1,"not_applicable":"x"}"#,
            "wrong_shape",
            "/values/0",
        ),
        (
            r#"{"item":"consult","value":1,"numerator":1,"denominator":1}"#,
            "wrong_shape",
            "/values/0",
        ),
        (
            r#"{"item":"consult","clear":"x","not_applicable":"y"}"#,
            "wrong_shape",
            "/values/0",
        ),
        (r#"{"value":1}"#, "missing", "/values/0/item"),
        (r#"{"item":null,"value":1}"#, "missing", "/values/0/item"),
        (r#"{"item":7,"value":1}"#, "wrong_type", "/values/0/item"),
        (r#"{"item":"","value":1}"#, "out_of_range", "/values/0/item"),
        (
            r#"{"item":"nobody","value":1}"#,
            "unknown_item",
            "/values/0/item",
        ),
        (
            r#"{"item":"Consult","value":1}"#,
            "unknown_item",
            "/values/0/item",
        ),
        (
            r#"{"item":"consult ","value":1}"#,
            "unknown_item",
            "/values/0/item",
        ),
        (
            r#"{"item":"consult","value":1,"vaule":2}"#,
            "unknown_field",
            "/values/0/vaule",
        ),
        (
            r#"{"item":"consult","value":1,"a/b~c":2}"#,
            "unknown_field",
            "/values/0/a~1b~0c",
        ),
        (
            r#"{"item":"consult","not_applicable":""}"#,
            "out_of_range",
            "/values/0/not_applicable",
        ),
        (
            r#"{"item":"consult","not_applicable":true}"#,
            "wrong_type",
            "/values/0/not_applicable",
        ),
        (
            r#"{"item":"consult","clear":" 　"}"#,
            "out_of_range",
            "/values/0/clear",
        ),
        (
            r#"{"item":"consult","clear":"a\u0000b"}"#,
            "out_of_range",
            "/values/0/clear",
        ),
        (
            r#"{"item":"con\u0007sult","value":1}"#,
            "out_of_range",
            "/values/0/item",
        ),
        (r"7", "wrong_type", "/values/0"),
        (r"null", "wrong_type", "/values/0"),
        (
            &format!(r#"{{"item":"consult","clear":"{long}"}}"#),
            "too_long",
            "/values/0/clear",
        ),
        (
            &format!(r#"{{"item":"{}","value":1}}"#, "x".repeat(201)),
            "too_long",
            "/values/0/item",
        ),
    ] {
        scene.entry(entry, &[(code, place)]).await;
    }
}

#[actix_web::test]
async fn months_that_cannot_be_reported() {
    let scene = Scene::new().await;
    for (month, code) in [
        ("\"2026-03\"", "month_before_start"),
        ("\"1900-01\"", "month_before_start"),
        ("\"2026-11\"", "month_not_ended"),
        ("\"2999-12\"", "month_not_ended"),
        ("\"2026-9\"", "wrong_type"),
        ("\"2026-13\"", "wrong_type"),
        ("\"2026-00\"", "wrong_type"),
        ("\"2026/09\"", "wrong_type"),
        ("\"2026-09-01\"", "wrong_type"),
        ("\"２０２６-09\"", "wrong_type"),
        ("\"令和8年9月\"", "wrong_type"),
        ("\"\"", "wrong_type"),
        ("202609", "wrong_type"),
        ("null", "missing"),
    ] {
        let body = format!(r#"{{"month":{month},"values":[{{"item":"consult","value":1}}]}}"#);
        scene.invalid(&body, &[(code, "/month")]).await;
    }
}

/// A month ends at midnight in Japan, not in Greenwich.
#[actix_web::test]
async fn a_month_can_be_reported_once_it_is_over_in_japan() {
    let scene = Scene::new().await;
    let body = json!({ "month": "2026-11", "values": [{ "item": "consult", "value": 1 }] });
    scene.app.clock.set("2026-11-30T14:59:59Z".parse().unwrap());
    let early = scene.app.as_hub().post(&scene.path(), &body).await;
    early
        .problem("invalid")
        .has_only(&[("month_not_ended", "/month")]);
    scene.app.clock.set("2026-11-30T15:00:00Z".parse().unwrap());
    let answer = scene.app.as_hub().post(&scene.path(), &body).await;
    assert_eq!(answer.expect(200)["outcome"], "applied");
}

#[actix_web::test]
async fn bodies_that_are_no_report() {
    let scene = Scene::new().await;
    for (body, issues) in [
        ("[]", vec![("wrong_type", "")]),
        ("null", vec![("wrong_type", "")]),
        ("7", vec![("wrong_type", "")]),
        ("{}", vec![("missing", "/month"), ("missing", "/values")]),
        (
            r#"{"month":"2026-10","values":{},"monht":1}"#,
            vec![("wrong_type", "/values"), ("unknown_field", "/monht")],
        ),
        (
            r#"{"month":"2026-10","values":[],"note":""}"#,
            vec![("out_of_range", "/note")],
        ),
        (
            r#"{"month":"2026-10","values":[],"note":["x"]}"#,
            vec![("wrong_type", "/note")],
        ),
    ] {
        let answer = scene
            .refused(
                &scene.app.as_hub(),
                &scene.path(),
                body.as_bytes(),
                "invalid",
            )
            .await;
        assert_eq!(answer.problem("invalid").issues(), issues, "{body}");
    }
    let long = json!({ "month": LAST, "values": [], "note": "a".repeat(4_001) }).to_string();
    scene.invalid(&long, &[("too_long", "/note")]).await;
    let many = vec![json!({ "item": "consult", "value": 1 }); 10_001];
    let body = json!({ "month": LAST, "values": many }).to_string();
    scene.invalid(&body, &[("out_of_range", "/values")]).await;
}

/// What is not one well-formed document is 400, before anything else is asked
/// of it.
#[actix_web::test]
async fn bodies_that_are_no_json() {
    let scene = Scene::new().await;
    let report = |value: &str| {
        format!(r#"{{"month":"2026-10","values":[{{"item":"consult","value":{value}}}]}}"#)
    };
    let deep = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
    let nested = report(&format!("{}1{}", "[".repeat(33), "]".repeat(33)));
    let texts = [
        String::new(),
        "{".to_owned(),
        "{} {}".to_owned(),
        "month=2026-10".to_owned(),
        report("NaN"),
        report("Infinity"),
        report("-Infinity"),
        report("1."),
        report(".5"),
        report("01"),
        report("+1"),
        report("0x1"),
        report("１"),
        report("1,"),
        report("'1'"),
        report("\"\\ud800\""),
        // The same member twice, plainly and in disguise.
        report(r#"1,"value":2"#),
        report(r#"1,"val\u0075e":1"#),
        format!(r#"{{"month":"2026-10",{}"#, &report("1")[1..]),
        deep,
        nested,
    ];
    for text in texts {
        scene
            .refused(
                &scene.app.as_hub(),
                &scene.path(),
                text.as_bytes(),
                "malformed_json",
            )
            .await;
    }
    for bytes in [
        &b"{\"month\":\"\xff\"}"[..],
        b"\xef\xbb\xbf{}",
        b"\x00",
        b"\xfe\xff\x00{",
    ] {
        scene
            .refused(&scene.app.as_hub(), &scene.path(), bytes, "malformed_json")
            .await;
    }
}

/// Everything that is wrong is said at once, in the order of the body.
#[actix_web::test]
async fn all_faults_are_reported_at_once() {
    let scene = Scene::new().await;
    let body = json!({
        "month": "2026-12",
        "values": [
            { "item": "consult", "value": -1 },
            { "item": "nobody", "value": 1 },
            { "item": "refer", "value": 1.5, "more": 1 },
            { "item": "turnover", "numerator": 1 },
            { "item": "refer", "value": 2 }
        ],
        "nte": "x"
    });
    let answer = scene.app.as_hub().post(&scene.path(), &body).await;
    let problem = answer.problem("invalid");
    for (code, place) in [
        ("month_not_ended", "/month"),
        ("negative", "/values/0/value"),
        ("unknown_item", "/values/1/item"),
        ("not_whole", "/values/2/value"),
        ("unknown_field", "/values/2/more"),
        ("wrong_shape", "/values/3"),
        ("duplicate_cell", "/values/4"),
        ("unknown_field", "/nte"),
    ] {
        problem.issue(code, place);
    }
    assert_eq!(problem.issues().len(), 8);
}

#[actix_web::test]
async fn the_same_cell_twice_names_both() {
    let scene = Scene::new().await;
    let body = json!({ "month": LAST, "values": [
        { "item": "consult", "value": 1 },
        { "item": "refer", "value": 1 },
        { "item": "consult", "value": 1 },
        { "item": "consult", "clear": "取り消し" }
    ] });
    let answer = scene
        .invalid(
            &body.to_string(),
            &[
                ("duplicate_cell", "/values/2"),
                ("duplicate_cell", "/values/3"),
            ],
        )
        .await;
    let problem = answer.problem("invalid");
    for (place, other) in [("/values/2", "/values/0"), ("/values/3", "/values/2")] {
        let issue = problem.issue("duplicate_cell", place);
        for language in ["ja", "en"] {
            let words = issue["message"][language].as_str().unwrap();
            assert!(words.contains(place) && words.contains(other), "{words}");
        }
        assert_eq!(issue["item"], "consult");
    }
}

#[actix_web::test]
async fn an_approved_month_is_closed() {
    let scene = Scene::new().await;
    let app = &scene.app;
    let approve = format!("/v1/scorecards/{}/months/2026-09/approve", scene.id);
    app.as_prefecture()
        .post(&approve, &json!({}))
        .await
        .expect(200);
    for values in [
        json!([{ "item": "consult", "value": 7 }]),
        json!([{ "item": "consult", "clear": "誤り" }]),
        // What it holds already.
        json!([{ "item": "consult", "value": 5 }]),
    ] {
        let body = json!({ "month": "2026-09", "values": values }).to_string();
        for client in [app.as_hub(), app.as_national()] {
            let answer = scene
                .refused(&client, &scene.path(), body.as_bytes(), "month_approved")
                .await;
            let detail = answer.json()["detail"].as_str().unwrap().to_owned();
            assert!(detail.contains("2026-09"), "{detail}");
        }
    }
    app.report(&scene.id, LAST, json!([{ "item": "consult", "value": 1 }]))
        .await;
}

#[actix_web::test]
async fn a_scorecard_that_is_not_the_callers() {
    let scene = Scene::new().await;
    let body = json!({ "month": LAST, "values": [{ "item": "consult", "value": 1 }] }).to_string();
    let mut answers = Vec::new();
    for (actor, id) in [
        (Actor::OtherHub, scene.id.as_str()),
        (Actor::Neighbour, scene.id.as_str()),
        (Actor::Hub, MISSING),
        (Actor::Hub, "x"),
        (Actor::Hub, "%00"),
        (Actor::Hub, "%FF"),
        (Actor::Hub, "' OR 1=1 --"),
    ] {
        let path = format!("/v1/scorecards/{}/actuals", id.replace(' ', "%20"));
        let client = scene.app.client(actor);
        let answer = scene
            .refused(&client, &path, body.as_bytes(), "not_found")
            .await;
        answers.push(answer.without_request_id());
    }
    assert!(
        answers.iter().all(|answer| *answer == answers[0]),
        "{answers:#?}"
    );
}

#[actix_web::test]
async fn a_body_over_the_limit() {
    let scene = Scene::new().await;
    let app = &scene.app;
    let whole = |length: usize| {
        let body = json!({ "month": LAST, "values": [{ "item": "consult", "value": 9 }] });
        let mut text = body.to_string();
        text.extend(std::iter::repeat_n(' ', length - text.len()));
        text
    };
    let too_long = whole(BODY_BYTES_MAX + 1);
    let hub = app.as_hub();
    let chunked = hub.with("Transfer-Encoding", "chunked");
    for client in [&hub, &chunked] {
        let answer = scene
            .refused(client, &scene.path(), too_long.as_bytes(), "too_large")
            .await;
        assert_eq!(answer.header("connection"), Some("close"));
    }
    // A length that is announced is enough to refuse.
    let announced = hub.with("Content-Length", "1048577");
    scene
        .refused(&announced, &scene.path(), b"{}", "too_large")
        .await;
    let longest = whole(BODY_BYTES_MAX);
    for client in [&hub, &chunked] {
        let answer = client.post_bytes(&scene.path(), &longest).await;
        assert_eq!(answer.expect(200)["counts"]["received"], 1);
    }
}

#[actix_web::test]
async fn a_body_that_is_not_sent_as_json() {
    let scene = Scene::new().await;
    let hub = scene.app.as_hub();
    let body = json!({ "month": LAST, "values": [{ "item": "consult", "value": 9 }] }).to_string();
    for media_type in [
        "",
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/jsonp",
        "application/problem+json",
        "text/json",
    ] {
        let client = hub.with("Content-Type", media_type);
        scene
            .refused(
                &client,
                &scene.path(),
                body.as_bytes(),
                "unsupported_media_type",
            )
            .await;
    }
    let compressed = hub.with("Content-Encoding", "gzip");
    scene
        .refused(
            &compressed,
            &scene.path(),
            body.as_bytes(),
            "unsupported_media_type",
        )
        .await;
    for media_type in [
        "application/json",
        "Application/JSON",
        "application/json; charset=utf-8",
    ] {
        let client = hub.with("Content-Type", media_type);
        client
            .post(&scene.path(), &serde_json::from_str(&body).unwrap())
            .await
            .expect(200);
    }
}

#[actix_web::test]
async fn a_head_that_is_too_large() {
    let scene = Scene::new().await;
    let body = json!({ "month": LAST, "values": [{ "item": "consult", "value": 9 }] }).to_string();
    let client = scene
        .app
        .as_hub()
        .with("X-Padding", &"a".repeat(16 * 1_024));
    scene
        .refused(&client, &scene.path(), body.as_bytes(), "head_too_large")
        .await;
    let path = format!("{}?x={}", scene.path(), "a".repeat(16 * 1_024));
    scene
        .refused(
            &scene.app.as_hub(),
            &path,
            body.as_bytes(),
            "head_too_large",
        )
        .await;
    let fits = scene
        .app
        .as_hub()
        .with("X-Padding", &"a".repeat(15 * 1_024));
    fits.post_bytes(&scene.path(), &body).await.expect(200);
}

#[actix_web::test]
async fn an_answer_in_another_format() {
    let scene = Scene::new().await;
    let body = json!({ "month": LAST, "values": [{ "item": "consult", "value": 9 }] }).to_string();
    for accept in [
        "text/html",
        "text/*",
        "application/xml, text/csv",
        "application/json;q=0",
        "image/*;q=0.5",
    ] {
        let client = scene.app.as_hub().with("Accept", accept);
        scene
            .refused(&client, &scene.path(), body.as_bytes(), "not_acceptable")
            .await;
    }
    for accept in [
        "*/*",
        "application/*",
        "application/json",
        "text/html, application/json;q=0.5",
        "APPLICATION/JSON",
        "",
    ] {
        let client = scene.app.as_hub().with("Accept", accept);
        let answer = client.post_bytes(&scene.path(), &body).await;
        assert_eq!(answer.status, 200, "{accept}: {}", answer.text());
    }
}

#[actix_web::test]
async fn query_parameters_are_read_strictly() {
    let scene = Scene::new().await;
    let hub = scene.app.as_hub();
    let body = json!({ "month": LAST, "values": [{ "item": "consult", "value": 9 }] }).to_string();
    for (query, place, code) in [
        ("dry_run=yes", "/query/dry_run", "out_of_range"),
        ("dry_run=", "/query/dry_run", "out_of_range"),
        ("dry_run", "/query/dry_run", "out_of_range"),
        ("dry_run=True", "/query/dry_run", "out_of_range"),
        ("dryrun=true", "/query/dryrun", "unknown_parameter"),
        ("Dry_run=true", "/query/Dry_run", "unknown_parameter"),
        ("mode=partial", "/query/mode", "unknown_parameter"),
    ] {
        let path = format!("{}?{query}", scene.path());
        let answer = scene.refused(&hub, &path, body.as_bytes(), "invalid").await;
        answer.problem("invalid").has_only(&[(code, place)]);
    }
    for query in [
        "dry_run=true&dry_run=true",
        "dry_run=true&dry%5Frun=false",
        "dry_run=%",
        "dry_run=%f",
        "dry_run=%zz",
        "dry_run=%ff",
    ] {
        let path = format!("{}?{query}", scene.path());
        scene
            .refused(&hub, &path, body.as_bytes(), "malformed_query")
            .await;
    }
}

#[actix_web::test]
async fn other_methods_and_paths() {
    let scene = Scene::new().await;
    let hub = scene.app.as_hub();
    let before = scene.app.dump();
    for method in [
        Method::PUT,
        Method::PATCH,
        Method::DELETE,
        Method::OPTIONS,
        Method::TRACE,
    ] {
        let answer = hub.send(method, &scene.path(), Some(b"{}")).await;
        answer.problem("method_not_allowed");
        assert_eq!(answer.header("allow"), Some("GET, HEAD, POST"));
    }
    let elsewhere = format!("/v1/scorecards/{}/actual", scene.id);
    hub.post(&elsewhere, &json!({})).await.problem("not_found");
    assert!(scene.app.dump() == before);
}

/// Several kinds at once: 401, then 403 or 404, 400, 422, 409, 412
/// (`api.md`, Errors). One fault is mended after the other.
#[actix_web::test]
async fn kinds_of_faults_are_answered_in_order() {
    let scene = Scene::new().await;
    let app = &scene.app;
    let approve = format!("/v1/scorecards/{}/months/2026-09/approve", scene.id);
    app.as_prefecture()
        .post(&approve, &json!({}))
        .await
        .expect(200);
    let before = app.dump();
    let missing = format!("/v1/scorecards/{MISSING}/actuals");
    let unknown = format!("{}?x=1", scene.path());
    let fine = scene.path();
    let malformed = "{";
    let invalid = r#"{"month":"2026-09","values":[{"item":"nobody","value":1}]}"#;
    let approved = r#"{"month":"2026-09","values":[{"item":"consult","value":1}]}"#;
    let sound = r#"{"month":"2026-10","values":[{"item":"consult","value":1}]}"#;
    for (client, path, key, body, code) in [
        (
            app.with_token("bad"),
            &missing,
            "a b",
            malformed,
            "unauthenticated",
        ),
        (
            app.with_token("shk_unknown"),
            &missing,
            "a b",
            malformed,
            "unauthenticated",
        ),
        (app.as_viewer(), &missing, "a b", malformed, "forbidden"),
        (app.as_hub(), &missing, "a b", malformed, "not_found"),
        (app.as_hub(), &fine, "a b", malformed, "malformed_json"),
        (app.as_hub(), &fine, "good", malformed, "malformed_json"),
        (app.as_hub(), &fine, "a b", approved, "invalid"),
        (app.as_hub(), &unknown, "good", approved, "invalid"),
        (app.as_hub(), &fine, "good", invalid, "invalid"),
        (app.as_hub(), &fine, "good", approved, "month_approved"),
        (app.as_hub(), &fine, "good", sound, "stale_revision"),
    ] {
        let client = client
            .with("If-Match", "\"1\"")
            .with("Idempotency-Key", key);
        let answer = client.post_bytes(path, body).await;
        answer.problem(code);
    }
    assert!(app.dump() == before);
}

/// Nothing of a refused body is repeated in the log.
#[actix_web::test]
async fn refused_values_do_not_reach_the_log() {
    let scene = Scene::new().await;
    let canary = "canary-in-a-refused-note";
    let body = json!({
        "month": LAST, "note": canary, "values": [{ "item": canary, "value": 918_273_645 }]
    });
    let answer = scene.app.as_hub().post(&scene.path(), &body).await;
    answer.problem("invalid");
    for text in [canary, "918273645"] {
        assert_eq!(crate::support::logs::lines_with(text), Vec::<String>::new());
    }
}

/// Refusing an empty entry must not cost the other checks.
#[actix_web::test]
async fn an_unreadable_entry_does_not_hide_the_others() {
    let scene = Scene::new().await;
    let body: Value = json!({ "month": LAST, "values": [7, { "item": "consult", "value": -1 }] });
    scene
        .invalid(
            &body.to_string(),
            &[("wrong_type", "/values/0"), ("negative", "/values/1/value")],
        )
        .await;
}

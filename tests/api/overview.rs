//! Many scorecards at once.

use serde_json::{Value, json};

use crate::support::fixtures::{self, LAST, from_template, month, month_on_plan, own_scorecard};
use crate::support::{Actor, App};

const OVERVIEW: &str = "/v1/overview";
const COUNTS: [&str; 12] = [
    "behind",
    "no_data",
    "at_risk",
    "on_track",
    "not_due",
    "achieved",
    "untargeted",
    "not_applicable",
    "red",
    "amber",
    "due",
    "met",
];

/// Five scorecards in three hubs: on plan, red, nothing yet, of a template, later start.
struct Scene {
    app: App,
    on_plan: String,
    red: String,
    empty: String,
}

impl Scene {
    async fn new() -> Self {
        let app = App::new().await;
        let on_plan = app.own_scorecard().await;
        let red = app.scorecard(&own_scorecard("yonezawa")).await;
        let empty = app.scorecard(&own_scorecard("ehime")).await;
        for (hub, template, start) in [
            ("ehime", "mature-hard-to-fill", "2024-04"),
            ("yamagata", "challenge-employment", "2026-09"),
        ] {
            let id = app.scorecard(&from_template(hub, template, start)).await;
            let item = if hub == "ehime" {
                "consult-bank"
            } else {
                "case-collection"
            };
            app.report(&id, LAST, json!([{ "item": item, "value": 1 }]))
                .await;
        }
        for t in 1..=7 {
            app.report(&on_plan, &month(t), month_on_plan(t)).await;
        }
        for t in 1..=6 {
            app.report(
                &red,
                &month(t),
                json!([
                    { "item": "consult", "value": 1 }, { "item": "refer", "value": 0 },
                    { "item": "fees", "value": 50_000 }, { "item": "visitors", "value": 10 },
                    { "item": "hours", "value": 1.8 }, { "item": "staff", "value": 4 }
                ]),
            )
            .await;
        }
        Self {
            app,
            on_plan,
            red,
            empty,
        }
    }

    async fn overview(&self, query: &str) -> Value {
        self.app
            .as_national()
            .get(&format!("{OVERVIEW}{query}"))
            .await
            .expect(200)
    }
}

fn line<'a>(overview: &'a Value, id: &str) -> &'a Value {
    let lines = overview["scorecards"].as_array().unwrap();
    lines.iter().find(|line| line["id"] == id).unwrap()
}

fn keys(overview: &Value) -> Vec<(&str, &str)> {
    overview["scorecards"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| {
            (
                line["hub"]["code"].as_str().unwrap(),
                line["key"].as_str().unwrap(),
            )
        })
        .collect()
}

#[actix_web::test]
async fn each_scorecard_stands_at_its_own_last_month() {
    let scene = Scene::new().await;
    let overview = scene.overview("").await;
    assert_eq!(overview["month"], Value::Null);
    assert_eq!(
        keys(&overview),
        [
            ("yamagata", "challenge-employment"),
            ("yamagata", "own-plan"),
            ("yonezawa", "own-plan"),
            ("ehime", "mature-hard-to-fill"),
            ("ehime", "own-plan"),
        ]
    );
    let red = line(&overview, &scene.red);
    assert_eq!(
        *red,
        json!({
            "id": scene.red, "key": "own-plan", "name": { "ja": "独自の計画", "en": "Own plan" },
            "hub": { "code": "yonezawa", "name": { "ja": "米沢拠点", "en": "Yonezawa hub" } },
            "prefecture": { "code": "06", "name": { "ja": "山形県", "en": "Yamagata" } },
            "template": null, "market_type": "growth", "month": "2026-09",
            // The mean of 95 (hours 90, staff 100), 41.6667 (visitors 100, consult 25,
            // refer 0) and 50 (fees); 6 of 11 items have figures.
            "score": 62.2222, "coverage": 0.5455, "flag": "red",
            "stages": {
                // 10.8 of 12 hours: 5 % of the year's 24, and not more.
                "study": { "status": "on_track", "flag": "none" },
                "setup": { "status": "no_data", "flag": "none" },
                "attract": { "status": "no_data", "flag": "none" },
                "consult": { "status": "behind", "flag": "red" },
                "refer": { "status": "behind", "flag": "amber" },
                "contract": { "status": "no_data", "flag": "none" },
                "revenue": { "status": "behind", "flag": "amber" }
            },
            "worst": [
                { "item": "consult", "track": null, "stage": "consult", "status": "behind",
                  "flag": "red", "attainment": 0.25 },
                { "item": "refer", "track": null, "stage": "refer", "status": "behind",
                  "flag": "amber", "attainment": 0 },
                { "item": "fees", "track": null, "stage": "revenue", "status": "behind",
                  "flag": "amber", "attainment": 0.5 }
            ]
        })
    );
    let empty = line(&overview, &scene.empty);
    assert_eq!(empty["month"], "2026-04");
    assert_eq!(
        (&empty["score"], &empty["flag"]),
        (&Value::Null, &json!("none"))
    );
    assert_eq!(empty["stages"]["consult"]["status"], "no_data");
    // A template without referrals has no such stage.
    let employment = &overview["scorecards"][0];
    assert_eq!(employment["stages"]["refer"], Value::Null);
    assert_eq!(employment["stages"]["revenue"], Value::Null);
    assert_eq!(employment["stages"]["consult"]["status"], "untargeted");
}

/// Kept summaries and months beyond them alike say what the scorecards say.
#[actix_web::test]
async fn an_overview_agrees_with_its_scorecards() {
    let scene = Scene::new().await;
    for query in [
        "",
        "?month=2026-04",
        "?month=2026-07",
        "?month=2026-10",
        "?month=2027-02",
    ] {
        let overview = scene.overview(query).await;
        for line in overview["scorecards"].as_array().unwrap() {
            let start = scene
                .app
                .as_national()
                .get(&format!("/v1/scorecards/{}", line["id"].as_str().unwrap()))
                .await
                .expect(200)["start_month"]
                .clone();
            let month = line["month"].as_str().unwrap();
            if month < start.as_str().unwrap() {
                assert_eq!(
                    (&line["score"], &line["flag"]),
                    (&Value::Null, &json!("none"))
                );
                assert!(
                    line["stages"]
                        .as_object()
                        .unwrap()
                        .values()
                        .all(Value::is_null)
                );
                assert_eq!(line["worst"], json!([]));
                continue;
            }
            let path = format!(
                "/v1/scorecards/{}?month={month}",
                line["id"].as_str().unwrap()
            );
            let card = scene.app.as_national().get(&path).await.expect(200);
            for name in [
                "key",
                "name",
                "hub",
                "prefecture",
                "template",
                "market_type",
                "score",
                "coverage",
                "flag",
            ] {
                assert_eq!(line[name], card[name], "{name} {query}");
            }
            let steps = card["perspectives"]
                .as_array()
                .unwrap()
                .iter()
                .flat_map(|p| p["steps"].as_array().unwrap());
            for step in steps {
                let cell = &line["stages"][step["stage"].as_str().unwrap()];
                // These scorecards have no tracks: a stage is one step.
                assert_eq!(cell["status"], step["status"], "{query}");
                assert_eq!(cell["flag"], step["flag"], "{query}");
            }
        }
    }
}

#[actix_web::test]
async fn groups_add_up_their_scorecards() {
    let scene = Scene::new().await;
    for month in ["", "&month=2026-06", "&month=2026-12"] {
        for (by, expected) in [
            ("prefecture", vec!["06", "38"]),
            (
                "template",
                vec!["challenge-employment", "mature-hard-to-fill", "own"],
            ),
            ("market_type", vec!["challenge", "growth", "mature"]),
        ] {
            let overview = scene.overview(&format!("?group={by}{month}")).await;
            let lines = overview["scorecards"].as_array().unwrap();
            let groups = overview["groups"].as_array().unwrap();
            let started = |line: &&Value| line["stages"]["study"] != Value::Null;
            let mut seen: Vec<&str> = Vec::new();
            for group in groups {
                let key = group["key"].as_str().unwrap();
                seen.push(key);
                let members: Vec<&Value> = lines
                    .iter()
                    .filter(started)
                    .filter(|line| match by {
                        "prefecture" => line["prefecture"]["code"] == key,
                        "template" => line["template"].as_str().unwrap_or("own") == key,
                        _ => line["market_type"] == key,
                    })
                    .collect();
                assert_eq!(group["scorecards"], members.len(), "{by} {key} {month}");
                let mut sums = [0_u64; 12];
                let (mut total, mut scores) = (0.0, 0.0);
                for line in &members {
                    let path = format!(
                        "/v1/scorecards/{}?month={}",
                        line["id"].as_str().unwrap(),
                        line["month"].as_str().unwrap()
                    );
                    let card = scene.app.as_national().get(&path).await.expect(200);
                    for (sum, name) in sums.iter_mut().zip(COUNTS) {
                        *sum += card["counts"][name].as_u64().unwrap();
                    }
                    if let Some(score) = card["score"].as_f64() {
                        total += score;
                        scores += 1.0;
                    }
                }
                for (sum, name) in sums.iter().zip(COUNTS) {
                    assert_eq!(group["counts"][name], *sum, "{name} of {by} {key} {month}");
                }
                let share = group["counts"]["met_share"].as_f64();
                assert_eq!(share.is_some(), sums[10] > 0);
                match group["score"].as_f64() {
                    None => assert!(scores < 0.5),
                    Some(score) => assert!(
                        (score - total / scores).abs() < 0.0001,
                        "{by} {key}: {score}"
                    ),
                }
                let flags: Vec<&str> = members
                    .iter()
                    .map(|line| line["flag"].as_str().unwrap())
                    .collect();
                let worst = ["red", "amber", "none"]
                    .into_iter()
                    .find(|flag| flags.contains(flag));
                assert_eq!(group["flag"].as_str(), worst, "{by} {key}");
                assert!(!group["name"]["ja"].as_str().unwrap().is_empty());
            }
            if month != "&month=2026-06" {
                assert_eq!(seen, expected, "{by} {month}");
            }
        }
    }
}

/// By stage, a scorecard counts once in each stage that it has.
#[actix_web::test]
async fn stages_split_the_scorecards() {
    let scene = Scene::new().await;
    let overview = scene.overview("?group=stage").await;
    let groups = overview["groups"].as_array().unwrap();
    let found: Vec<(&str, u64)> = groups
        .iter()
        .map(|group| {
            (
                group["key"].as_str().unwrap(),
                group["scorecards"].as_u64().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        found,
        [
            ("study", 5),
            ("setup", 5),
            ("attract", 5),
            ("consult", 5),
            ("refer", 4),
            ("contract", 5),
            ("revenue", 4)
        ]
    );
    let by_prefecture = scene.overview("").await;
    for name in COUNTS {
        let sum = |overview: &Value| -> u64 {
            overview["groups"]
                .as_array()
                .unwrap()
                .iter()
                .map(|group| group["counts"][name].as_u64().unwrap())
                .sum()
        };
        assert_eq!(sum(&overview), sum(&by_prefecture), "{name}");
    }
    assert_eq!(groups[3]["name"], json!({ "ja": "相談", "en": "Consult" }));
    assert_eq!(groups[3]["flag"], "red");
    // `case-collection` of the youngest scorecard.
    assert_eq!(groups[0]["flag"], "amber");
}

#[actix_web::test]
async fn everybody_sees_their_own() {
    let scene = Scene::new().await;
    for actor in Actor::ROLES {
        if actor == Actor::Operator {
            continue;
        }
        let overview = scene.app.client(actor).get(OVERVIEW).await.expect(200);
        let expected: &[&str] = match actor {
            Actor::National | Actor::ViewerOfNation => {
                &["yamagata", "yamagata", "yonezawa", "ehime", "ehime"]
            }
            Actor::Prefecture | Actor::ViewerOfPrefecture => &["yamagata", "yamagata", "yonezawa"],
            _ => &["yamagata", "yamagata"],
        };
        let hubs: Vec<&str> = keys(&overview).into_iter().map(|(hub, _)| hub).collect();
        assert_eq!(hubs, expected, "{actor:?}");
        let total: u64 = overview["groups"]
            .as_array()
            .unwrap()
            .iter()
            .map(|group| group["scorecards"].as_u64().unwrap())
            .sum();
        assert_eq!(json!(total), hubs.len(), "no aggregate of others");
    }
}

#[actix_web::test]
async fn an_overview_is_filtered() {
    let scene = Scene::new().await;
    for (query, count) in [
        ("?hub=yamagata", 2),
        ("?prefecture=38", 2),
        ("?template=mature-hard-to-fill", 1),
        ("?market_type=growth", 3),
        ("?key=own-plan&prefecture=06", 2),
        ("?flag=red", 1),
        ("?hub=nowhere", 0),
    ] {
        let overview = scene.overview(query).await;
        assert_eq!(
            overview["scorecards"].as_array().unwrap().len(),
            count,
            "{query}"
        );
    }
    for (query, issue) in [
        ("?group=hub", ("out_of_range", "/query/group")),
        ("?month=2026-4", ("wrong_type", "/query/month")),
        ("?limit=1", ("unknown_parameter", "/query/limit")),
    ] {
        let answer = scene
            .app
            .as_national()
            .get(&format!("{OVERVIEW}{query}"))
            .await;
        answer.problem("invalid").has_only(&[issue]);
    }
}

/// Corrections reach the overview, whichever month they are of.
#[actix_web::test]
async fn corrections_reach_the_overview() {
    let scene = Scene::new().await;
    let app = &scene.app;
    let consult = async |month: &str| {
        let overview = scene
            .overview(&format!("?month={month}&hub=yamagata&key=own-plan"))
            .await;
        overview["scorecards"][0]["stages"]["consult"].clone()
    };
    let behind = json!({ "status": "behind", "flag": "red" });
    let on_track = json!({ "status": "on_track", "flag": "none" });
    assert_eq!(consult("2026-10").await, on_track);
    // An early month, far too high at first: every later month changes.
    for t in 1..=6 {
        app.report(
            &scene.on_plan,
            &month(t),
            json!([{ "item": "consult", "value": 0 }]),
        )
        .await;
    }
    assert_eq!(consult("2026-09").await, behind);
    assert_eq!(consult("2026-10").await, behind);
    app.report(
        &scene.on_plan,
        &month(1),
        json!([{ "item": "consult", "value": 24 }]),
    )
    .await;
    assert_eq!(consult("2026-09").await, on_track);
    assert_eq!(consult("2026-10").await, on_track);
    // Clearing the last month makes the one before it the last.
    let clear: Vec<Value> = fixtures::ITEMS
        .iter()
        .map(|item| json!({ "item": item, "clear": "誤り" }))
        .collect();
    app.report(&scene.on_plan, LAST, Value::Array(clear)).await;
    let overview = scene.overview("?hub=yamagata&key=own-plan").await;
    assert_eq!(overview["scorecards"][0]["month"], "2026-09");
    assert_eq!(consult("2026-10").await["status"], "no_data");
    let list = app
        .as_national()
        .get("/v1/scorecards?hub=yamagata&key=own-plan")
        .await
        .expect(200);
    assert_eq!(list["items"][0]["reported_through"], "2026-09");
}

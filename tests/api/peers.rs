//! A scorecard among its peers in the nation.

use serde_json::{Value, json};
use shirube::domain::ids::HubCode;
use shirube::domain::organisation::Hub;
use shirube::domain::text::Text;
use shirube::storage;

use crate::support::fixtures::{LAST, MISSING, from_template};
use crate::support::{Actor, App, now, prefecture};

const TEMPLATE: &str = "challenge-industry";
/// Ends its 25th month, the first with targets, in [`LAST`].
const START: &str = "2024-10";

/// Joint visits (100 a year, so 8.33 by now), consultations and referrals.
type Figures = (u32, u32, u32);

fn values((visits, consult, refer): Figures) -> Value {
    json!([
        { "item": "joint-visits", "value": visits },
        { "item": "consult", "value": consult },
        { "item": "refer", "value": refer }
    ])
}

fn add_hub(app: &App, code: &str, of: &str) {
    let hub = Hub {
        code: HubCode(code.to_owned()),
        name: Text::new(format!("拠点 {code}"), format!("Hub {code}")),
        prefecture: prefecture(of),
    };
    app.write(|conn| storage::hubs::insert(conn, &hub, now()));
}

/// A scorecard that has reported its 25th month.
async fn reported(app: &App, hub: &str, figures: Figures) -> String {
    let id = app.scorecard(&from_template(hub, TEMPLATE, START)).await;
    app.report(&id, LAST, values(figures)).await;
    id
}

/// The scorecard of `yamagata`, and those of other hubs in the prefecture 38.
async fn among(own: Figures, others: &[Figures]) -> (App, String) {
    let app = App::new().await;
    let id = reported(&app, "yamagata", own).await;
    for (index, figures) in others.iter().enumerate() {
        let hub = format!("other-{index}");
        add_hub(&app, &hub, "38");
        reported(&app, &hub, *figures).await;
    }
    (app, id)
}

async fn peers(app: &App, actor: Actor, id: &str) -> Value {
    let path = format!("/v1/scorecards/{id}/peers");
    app.client(actor).get(&path).await.expect(200)
}

/// Own figure, hubs, quartiles, rank, and why they are withheld.
fn shown(standing: &Value) -> Value {
    let members = [
        "own",
        "hubs",
        "lower_quartile",
        "median",
        "upper_quartile",
        "rank",
        "withheld",
    ];
    json!(members.map(|member| standing[member].clone()))
}

fn item<'a>(peers: &'a Value, key: &str) -> &'a Value {
    let mut items = peers["items"].as_array().unwrap().iter();
    items.find(|item| item["key"] == key).unwrap()
}

fn link<'a>(peers: &'a Value, to: &str) -> &'a Value {
    let mut links = peers["links"].as_array().unwrap().iter();
    links.find(|link| link["to"][0] == to).unwrap()
}

const OTHERS: [Figures; 5] = [
    (5, 10, 4),
    (10, 10, 6),
    (15, 20, 10),
    (20, 0, 0),
    (25, 10, 1),
];

#[actix_web::test]
async fn a_scorecard_stands_among_its_peers() {
    let (app, id) = among((10, 10, 5), &OTHERS).await;
    let found = peers(&app, Actor::Hub, &id).await;
    assert_eq!(
        [
            &found["month"],
            &found["programme_month"],
            &found["template"],
            &found["market_type"],
            &found["hubs"],
            &found["hubs_min"],
            &found["unseen_hubs_min"],
            &found["withheld"],
        ],
        [
            &json!(LAST),
            &json!(25),
            &json!(TEMPLATE),
            &json!("challenge"),
            &json!(6),
            &json!(5),
            &json!(4),
            &Value::Null
        ]
    );
    // 5, 10, 10, 15, 20 and 25 visits of 100/12.
    assert_eq!(
        shown(item(&found, "joint-visits")),
        json!([1.2, 6, 1.2, 1.5, 2.25, 4, null])
    );
    assert_eq!(
        item(&found, "joint-visits")["name"]["ja"],
        "同行訪問先企業（のべ）"
    );
    // 0.1, 0.4, 0.5, 0.5, 0.6; without consultations there is no rate.
    let rate = link(&found, "refer");
    assert_eq!(shown(rate), json!([0.5, 5, 0.4, 0.5, 0.5, 2, null]));
    assert_eq!(
        (&rate["from"], &rate["to"]),
        (&json!(["consult"]), &json!(["refer"]))
    );
    // Not due yet; and nobody has reported the companies at seminars.
    assert_eq!(
        shown(item(&found, "contract-side-job")),
        json!([null, 0, null, null, null, null, "too_few_hubs"])
    );
    assert_eq!(
        shown(link(&found, "consult")),
        json!([null, 0, null, null, null, null, "too_few_hubs"])
    );
}

/// Nothing that names another hub, its scorecard or its prefecture leaves.
#[actix_web::test]
async fn no_other_hub_is_named() {
    let (app, id) = among((10, 10, 5), &OTHERS).await;
    let text = peers(&app, Actor::Hub, &id).await.to_string();
    let all = app.as_national().get("/v1/scorecards").await.expect(200);
    for card in all["items"].as_array().unwrap() {
        if card["id"] != id.as_str() {
            for secret in [
                &card["id"],
                &card["hub"]["code"],
                &card["hub"]["name"]["ja"],
            ] {
                assert!(!text.contains(secret.as_str().unwrap()), "{secret}");
            }
        }
    }
    assert!(!text.contains("愛媛"));
}

#[actix_web::test]
async fn below_five_hubs_nothing_is_said() {
    let (app, id) = among((10, 10, 5), &OTHERS[..3]).await;
    for actor in [Actor::National, Actor::Hub] {
        let found = peers(&app, actor, &id).await;
        assert_eq!(found["hubs"], 4);
        assert_eq!(found["withheld"]["code"], "too_few_hubs");
        assert!(found["withheld"]["ja"].as_str().unwrap().contains("5 拠点"));
        assert_eq!(
            shown(item(&found, "joint-visits")),
            json!([1.2, 4, null, null, null, null, "too_few_hubs"])
        );
    }
    add_hub(&app, "fifth", "38");
    reported(&app, "fifth", (1, 1, 1)).await;
    let found = peers(&app, Actor::Hub, &id).await;
    assert_eq!(
        (&found["hubs"], &found["withheld"]),
        (&json!(5), &Value::Null)
    );
    assert_eq!(item(&found, "joint-visits")["rank"], 2);
}

/// A prefecture that reads five of six hubs would know the sixth by subtraction.
#[actix_web::test]
async fn the_last_hub_outside_the_scope_stays_hidden() {
    let app = App::new().await;
    let id = reported(&app, "yamagata", (10, 10, 5)).await;
    for (index, figures) in OTHERS[..4].iter().enumerate() {
        let hub = format!("near-{index}");
        add_hub(&app, &hub, "06");
        reported(&app, &hub, *figures).await;
    }
    let of = |found: &Value| shown(item(found, "joint-visits"))[6].clone();
    // It reads all five itself: nothing to hide.
    assert_eq!(of(&peers(&app, Actor::Prefecture, &id).await), Value::Null);
    reported(&app, "ehime", OTHERS[4]).await;
    let found = peers(&app, Actor::Prefecture, &id).await;
    assert_eq!(found["withheld"], Value::Null);
    assert_eq!(of(&found), "too_few_hubs");
    for actor in [Actor::Hub, Actor::National] {
        assert_eq!(of(&peers(&app, actor, &id).await), Value::Null, "{actor:?}");
    }
}

/// A hub with two scorecards counts once, with the one that began last; peers
/// are compared at the same month of their programmes.
#[actix_web::test]
async fn hubs_count_once_at_the_same_month_of_the_programme() {
    let (app, id) = among((10, 10, 5), &OTHERS[..3]).await;
    add_hub(&app, "earlier", "38");
    let mut card = from_template("earlier", TEMPLATE, "2023-10");
    let earlier = app.scorecard(&card).await;
    // Its 25th month was a year ago, and what came later is of no matter.
    app.report(&earlier, "2025-10", values((20, 4, 4))).await;
    app.report(&earlier, LAST, values((99, 99, 0))).await;
    let visits = |found: &Value| shown(item(found, "joint-visits"));
    let found = peers(&app, Actor::Hub, &id).await;
    assert_eq!(visits(&found), json!([1.2, 5, 1.2, 1.2, 1.8, 3, null]));
    // Another one of the same hub, which began later, takes its place …
    card["start_month"] = START.into();
    card["key"] = "again".into();
    let again = app.scorecard(&card).await;
    let found = peers(&app, Actor::Hub, &id).await;
    assert_eq!(visits(&found)[3], 1.2, "… once it has come as far");
    app.report(&again, LAST, values((15, 4, 4))).await;
    let found = peers(&app, Actor::Hub, &id).await;
    assert_eq!(visits(&found), json!([1.2, 5, 1.2, 1.2, 1.8, 3, null]));
    app.report(&again, LAST, values((13, 4, 4))).await;
    let found = peers(&app, Actor::Hub, &id).await;
    assert_eq!(visits(&found), json!([1.2, 5, 1.2, 1.2, 1.56, 3, null]));
    // A second one of the own hub is no peer.
    let mut second = from_template("yamagata", TEMPLATE, START);
    second["key"] = "second".into();
    let second = app.scorecard(&second).await;
    app.report(&second, LAST, values((0, 0, 0))).await;
    assert_eq!(peers(&app, Actor::Hub, &id).await["hubs"], 5);
}

/// Other templates, other markets and hubs that have not reported are no peers.
#[actix_web::test]
async fn only_peers_are_compared() {
    let (app, id) = among((10, 10, 5), &OTHERS).await;
    let before = peers(&app, Actor::Hub, &id).await;
    for (hub, template) in [("silent", TEMPLATE), ("unlike", "challenge-population")] {
        add_hub(&app, hub, "38");
        app.scorecard(&from_template(hub, template, START)).await;
    }
    assert_eq!(peers(&app, Actor::Hub, &id).await, before);
    let own = app.own_scorecard().await;
    let found = peers(&app, Actor::Hub, &own).await;
    assert_eq!(found["withheld"]["code"], "no_template");
    assert_eq!(found["items"][0]["withheld"], "no_template");
}

/// A peer's report changes the answer, so it changes the tag.
#[actix_web::test]
async fn answers_are_known_by_their_bytes() {
    let (app, id) = among((10, 10, 5), &OTHERS).await;
    let path = format!("/v1/scorecards/{id}/peers");
    let first = app.as_hub().get(&path).await;
    let tag = first.header("etag").unwrap().to_owned();
    assert!(tag.starts_with("\"2-"), "{tag}");
    let known = app.as_hub().with("If-None-Match", &tag);
    assert_eq!(known.get(&path).await.status, 304);
    reported(&app, "ehime", (1, 1, 1)).await;
    let after = known.get(&path).await;
    assert_eq!(after.expect(200)["hubs"], 7);
}

#[actix_web::test]
async fn peers_are_asked_for_strictly() {
    let (app, id) = among((10, 10, 5), &[]).await;
    let path = format!("/v1/scorecards/{id}/peers");
    let client = app.as_hub();
    for (query, issue) in [
        ("month=2024-09", ("month_before_start", "/query/month")),
        ("month=2099-01", ("out_of_range", "/query/month")),
        ("month=x", ("wrong_type", "/query/month")),
        ("hubs=1", ("unknown_parameter", "/query/hubs")),
    ] {
        let answer = client.get(&format!("{path}?{query}")).await;
        answer.problem("invalid").has_only(&[issue]);
    }
    let early = client
        .get(&format!("{path}?month={START}"))
        .await
        .expect(200);
    assert_eq!(
        (&early["programme_month"], &early["hubs"]),
        (&json!(1), &json!(0))
    );
    app.client(Actor::OtherHub)
        .get(&path)
        .await
        .problem("not_found");
    let missing = path.replace(&id, MISSING);
    client.get(&missing).await.problem("not_found");
}

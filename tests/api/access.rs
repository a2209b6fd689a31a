//! Who may do what: every operation of the contract, by every role, on its own
//! things, others' and missing ones.
//!
//! [`RULES`] says for each operation who may (`api.md`, *Who may*) and how to
//! ask for it. An operation without a rule fails the test.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

use actix_web::http::Method;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use shirube::domain::access::Role;
use shirube::storage;

use crate::support::contract::{self, Operation, operations};
use crate::support::fixtures::{self, LAST, MISSING};
use crate::support::{Actor, Answer, App, Client};

const N: Role = Role::National;
const P: Role = Role::Prefecture;
const H: Role = Role::Hub;
const V: Role = Role::Viewer;
const O: Role = Role::Operator;

/// What an operation's path names.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Thing {
    Nothing,
    Scorecard,
    Alert,
    Prefecture,
    Hub,
    User,
    ApiKey,
    FactLink,
    Template,
    Subscription,
    Delivery,
    Release,
}

struct Rule {
    operation: &'static str,
    who: &'static [Role],
    thing: Thing,
    body: fn(&Scene) -> Option<Value>,
}

const EVERYBODY: &[Role] = &[N, P, H, V, O];
const READERS: &[Role] = &[N, P, H, V];
const STEERERS: &[Role] = &[N, P];
const REPORTERS: &[Role] = &[N, H];
const COMMENTERS: &[Role] = &[N, P, H];
const ACCOUNT_KEEPERS: &[Role] = &[N, O];

fn none(_: &Scene) -> Option<Value> {
    None
}

const fn read(operation: &'static str, who: &'static [Role], thing: Thing) -> Rule {
    Rule {
        operation,
        who,
        thing,
        body: none,
    }
}

const fn write(
    operation: &'static str,
    who: &'static [Role],
    thing: Thing,
    body: fn(&Scene) -> Option<Value>,
) -> Rule {
    Rule {
        operation,
        who,
        thing,
        body,
    }
}

const RULES: &[Rule] = &[
    read("get_me", EVERYBODY, Thing::Nothing),
    // Keys are refused: they have no session. `auth.rs` signs accounts out.
    write("sign_out", &[], Thing::Nothing, |_| Some(json!({}))),
    read("list_api_keys", EVERYBODY, Thing::Nothing),
    write("create_api_key", EVERYBODY, Thing::Nothing, |scene| {
        // Role and scope are the caller's own: see `Scene::body`.
        Some(json!({ "name": scene.fresh("key") }))
    }),
    read("revoke_api_key", EVERYBODY, Thing::ApiKey),
    read("list_prefectures", EVERYBODY, Thing::Nothing),
    write("create_prefecture", &[N], Thing::Nothing, |scene| {
        Some(json!({ "code": scene.prefecture_code(), "name": name(), "market_type": "growth" }))
    }),
    read("get_prefecture", EVERYBODY, Thing::Prefecture),
    write("change_prefecture", &[N], Thing::Prefecture, |_| {
        Some(json!({ "name": name() }))
    }),
    read("list_hubs", EVERYBODY, Thing::Nothing),
    write("create_hub", &[N], Thing::Nothing, |scene| {
        Some(json!({ "code": scene.fresh("hub"), "name": name(), "prefecture": "06" }))
    }),
    read("get_hub", EVERYBODY, Thing::Hub),
    write("change_hub", &[N], Thing::Hub, |_| {
        Some(json!({ "name": name() }))
    }),
    read("list_users", ACCOUNT_KEEPERS, Thing::Nothing),
    write("create_user", ACCOUNT_KEEPERS, Thing::Nothing, |scene| {
        Some(json!({
            "email": format!("{}@example.jp", scene.fresh("user")), "name": "新人",
            "role": "viewer", "scope": {}, "password": "a long enough password"
        }))
    }),
    read("get_user", ACCOUNT_KEEPERS, Thing::User),
    write("change_user", ACCOUNT_KEEPERS, Thing::User, |_| {
        Some(json!({ "name": "改名" }))
    }),
    read("list_templates", EVERYBODY, Thing::Nothing),
    read("get_template", EVERYBODY, Thing::Template),
    read("list_scorecards", READERS, Thing::Nothing),
    write("create_scorecard", STEERERS, Thing::Nothing, |scene| {
        let mut body = fixtures::from_template("yamagata", "challenge-population", "2026-04");
        body["key"] = scene.fresh("card").into();
        Some(body)
    }),
    read("get_scorecard", READERS, Thing::Scorecard),
    read("get_plan", READERS, Thing::Scorecard),
    read("list_plan_versions", READERS, Thing::Scorecard),
    read("get_roadmap", READERS, Thing::Scorecard),
    read("export_actuals", READERS, Thing::Scorecard),
    read("get_entry_workbook", READERS, Thing::Scorecard),
    read("get_report_workbook", READERS, Thing::Scorecard),
    write("report_actuals", REPORTERS, Thing::Scorecard, |scene| {
        Some(scene.report())
    }),
    write(
        "report_actuals_in_bulk",
        REPORTERS,
        Thing::Nothing,
        |scene| {
            let mut report = scene.report();
            report["hub"] = "yamagata".into();
            report["key"] = "own-plan".into();
            Some(json!({ "reports": [report] }))
        },
    ),
    write("import_actuals", REPORTERS, Thing::Nothing, |scene| {
        let value = scene.next();
        let row = format!("yamagata,own-plan,consult,2026-09,{value}");
        let heading = "hub,scorecard_key,item,month,value";
        Some(format!("{heading}\n{row}\n").into())
    }),
    read("get_import_mapping", READERS, Thing::Hub),
    write("save_import_mapping", REPORTERS, Thing::Hub, |_| {
        Some(mapping())
    }),
    write("delete_import_mapping", REPORTERS, Thing::Hub, none),
    read("list_actuals", READERS, Thing::Scorecard),
    read("get_item_history", READERS, Thing::Scorecard),
    read("get_series", READERS, Thing::Scorecard),
    read("list_months", READERS, Thing::Nothing),
    read("list_months_of_scorecard", READERS, Thing::Scorecard),
    write("approve_month", STEERERS, Thing::Scorecard, |_| {
        Some(json!({ "note": "確認" }))
    }),
    write("return_month", STEERERS, Thing::Scorecard, |_| {
        Some(json!({ "note": "内訳を" }))
    }),
    write("reopen_month", STEERERS, Thing::Scorecard, |_| {
        Some(json!({ "reason": "訂正", "until": "2026-12-01T00:00:00Z" }))
    }),
    read("get_plan_difference", READERS, Thing::Scorecard),
    read("list_revisions", READERS, Thing::Scorecard),
    write("create_revision", COMMENTERS, Thing::Scorecard, |scene| {
        Some(scene.revision())
    }),
    read("get_revision", READERS, Thing::Scorecard),
    write("approve_revision", STEERERS, Thing::Scorecard, |_| {
        Some(json!({ "note": "確認" }))
    }),
    write("reject_revision", STEERERS, Thing::Scorecard, |_| {
        Some(json!({ "note": "根拠を" }))
    }),
    read("get_effects", READERS, Thing::Scorecard),
    read("get_causes", READERS, Thing::Scorecard),
    read("list_restatements", READERS, Thing::Scorecard),
    read("get_outlook", READERS, Thing::Scorecard),
    write("ask_what_if", READERS, Thing::Scorecard, |_| {
        Some(json!({}))
    }),
    read("get_peers", READERS, Thing::Scorecard),
    read("get_funding", READERS, Thing::Scorecard),
    read("list_comments", READERS, Thing::Scorecard),
    write("comment_on_scorecard", COMMENTERS, Thing::Scorecard, |_| {
        Some(json!({ "item": "consult", "month": LAST, "text": "台風の影響" }))
    }),
    read("list_alerts", READERS, Thing::Nothing),
    read("get_alert", READERS, Thing::Alert),
    write("acknowledge_alert", STEERERS, Thing::Alert, |_| {
        Some(json!({ "cause": "遅れ", "action": "増員", "owner": "佐藤", "due": "2026-12-20" }))
    }),
    write("comment_on_alert", COMMENTERS, Thing::Alert, |_| {
        Some(json!({ "text": "確認中" }))
    }),
    write("review_alert", STEERERS, Thing::Alert, |_| {
        Some(json!({ "note": "型を見直します" }))
    }),
    write("silence_alert", STEERERS, Thing::Alert, |_| {
        Some(json!({ "until": "2026-12-01T00:00:00Z", "reason": "見直し中" }))
    }),
    read("unsilence_alert", STEERERS, Thing::Alert),
    read("list_overdue", READERS, Thing::Nothing),
    read("get_overview", READERS, Thing::Nothing),
    read("get_facts", READERS, Thing::Nothing),
    read("list_fact_columns", READERS, Thing::Nothing),
    read("list_fact_links", READERS, Thing::Nothing),
    write("create_fact_link", READERS, Thing::Nothing, |scene| {
        Some(json!({ "name": scene.fresh("link"), "format": "csv" }))
    }),
    read("revoke_fact_link", READERS, Thing::FactLink),
    read("list_audit", &[N, P, O], Thing::Nothing),
    read("list_subscriptions", READERS, Thing::Nothing),
    write("create_subscription", STEERERS, Thing::Nothing, |scene| {
        Some(scene.subscription("yamagata"))
    }),
    read("get_subscription", READERS, Thing::Subscription),
    write(
        "change_subscription",
        STEERERS,
        Thing::Subscription,
        |scene| Some(json!({ "name": scene.fresh("destination") })),
    ),
    read("delete_subscription", STEERERS, Thing::Subscription),
    read("test_subscription", STEERERS, Thing::Subscription),
    read("rotate_subscription_secret", STEERERS, Thing::Subscription),
    read("replay_subscription", STEERERS, Thing::Subscription),
    read("list_releases", STEERERS, Thing::Nothing),
    write("create_release", STEERERS, Thing::Nothing, |_| {
        Some(release("06"))
    }),
    read("get_release", STEERERS, Thing::Release),
    write("change_release", STEERERS, Thing::Release, |_| {
        Some(json!({ "detail": "items" }))
    }),
    read("revoke_release", STEERERS, Thing::Release),
    read("rotate_release_link", STEERERS, Thing::Release),
    read("list_deliveries", EVERYBODY, Thing::Subscription),
    read("get_delivery", EVERYBODY, Thing::Delivery),
    read("replay_delivery", STEERERS, Thing::Delivery),
    read("get_outbox", ACCOUNT_KEEPERS, Thing::Nothing),
    write("pause_outbox", ACCOUNT_KEEPERS, Thing::Nothing, |_| {
        Some(json!({ "reason": "点検" }))
    }),
    read("resume_outbox", ACCOUNT_KEEPERS, Thing::Nothing),
];

/// Operations that need no credential.
const OPEN: [&str; 6] = [
    "sign_in",
    "read_fact_link",
    "get_liveness",
    "get_readiness",
    "get_openapi",
    "get_public_page",
];

fn release(prefecture: &str) -> Value {
    json!({ "prefecture": prefecture, "title": { "ja": "公開" }, "detail": "stages" })
}

fn name() -> Value {
    json!({ "ja": "新しい名前", "en": "New name" })
}

/// What an identifier in a path is to the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// Of `yamagata`, or the caller's own.
    Own,
    /// Of `yonezawa`, in the same prefecture.
    Neighbour,
    /// Of `ehime`, in another prefecture; another's key.
    Foreign,
    Missing,
}

impl Place {
    /// Which there are of a thing.
    fn of(thing: Thing) -> &'static [Self] {
        match thing {
            Thing::Nothing => &[Self::Own],
            Thing::Scorecard
            | Thing::Alert
            | Thing::Hub
            | Thing::Subscription
            | Thing::Delivery => &[Self::Own, Self::Neighbour, Self::Foreign, Self::Missing],
            Thing::Prefecture | Thing::ApiKey | Thing::Release | Thing::FactLink => {
                &[Self::Own, Self::Foreign, Self::Missing]
            }
            Thing::User | Thing::Template => &[Self::Own, Self::Missing],
        }
    }

    /// Which of the hubs `yamagata`, `yonezawa` and `ehime` it is.
    fn hub(self) -> usize {
        [Self::Own, Self::Neighbour, Self::Foreign]
            .iter()
            .position(|place| *place == self)
            .unwrap()
    }

    /// Whether somebody sees a thing in this place.
    fn is_visible(self, actor: Actor, thing: Thing) -> bool {
        match (self, thing) {
            (Self::Own, _) => true,
            (Self::Missing, _) | (Self::Foreign, Thing::ApiKey | Thing::FactLink) => false,
            (Self::Neighbour, _) => !matches!(actor, Actor::Hub | Actor::ViewerOfHub),
            (Self::Foreign, _) => matches!(
                actor,
                Actor::National | Actor::ViewerOfNation | Actor::Operator
            ),
        }
    }
}

/// A service with a scorecard in each hub, an open alert in each scorecard, and
/// a supply of fresh names.
struct Scene {
    app: App,
    own: String,
    neighbour: String,
    foreign: String,
    /// Of `yamagata`, `yonezawa` and `ehime`, with a delivery each.
    destinations: Vec<(String, String)>,
    /// Of the prefectures 06 and 38.
    releases: Vec<String>,
    /// Of the hub `ehime`.
    foreign_link: String,
    /// By scorecard.
    alerts: BTreeMap<String, String>,
    count: Cell<u32>,
}

impl Scene {
    async fn new() -> Self {
        let app = App::new().await;
        let mut ids = Vec::new();
        let mut alerts = BTreeMap::new();
        for hub in ["yamagata", "yonezawa", "ehime"] {
            let mut card = fixtures::own_scorecard(hub);
            // An alert that no report of `consult` ends.
            card["definition"]["items"][2]["high_hurdle"] = true.into();
            // Something is left to be prepared, so that a review needs no revision.
            let prepared = json!({ "kind": "preparation", "from": ["staff"], "to": ["kit"] });
            let links = card["definition"]["links"].as_array_mut().unwrap();
            links.push(prepared);
            let id = app.scorecard(&card).await;
            let late = json!([{ "item": "kit", "value": 10 }]);
            let alert = app.report(&id, LAST, late).await["alerts"][0]["id"].clone();
            alerts.insert(id.clone(), alert.as_str().unwrap().to_owned());
            ids.push(id);
        }
        let [own, neighbour, foreign] = ids.try_into().unwrap();
        let mut scene = Self {
            app,
            own,
            neighbour,
            foreign,
            destinations: Vec::new(),
            releases: Vec::new(),
            foreign_link: String::new(),
            alerts,
            count: Cell::new(0),
        };
        scene.foreign_link = scene.link_of(Actor::OtherHub).await;
        for (index, hub) in ["yamagata", "yonezawa", "ehime"].into_iter().enumerate() {
            scene.new_revision(index).await;
            let id = scene.new_subscription(hub).await;
            let test = format!("/v1/subscriptions/{id}/test");
            let sent = scene.app.as_national().post(&test, &json!({})).await;
            let delivery = sent.expect(202)["deliveries"][0]
                .as_str()
                .unwrap()
                .to_owned();
            scene.destinations.push((id, delivery));
        }
        for prefecture in ["06", "38"] {
            let id = scene.new_release(prefecture).await;
            scene.releases.push(id);
        }
        scene
    }

    fn subscription(&self, hub: &str) -> Value {
        json!({
            "name": self.fresh("destination"), "channel": "webhook", "scope": { "hub": hub },
            "url": "https://receiver.example.jp/notices"
        })
    }

    async fn new_subscription(&self, hub: &str) -> String {
        let body = self.subscription(hub);
        let made = self
            .app
            .as_national()
            .post("/v1/subscriptions", &body)
            .await;
        made.expect(201)["id"].as_str().unwrap().to_owned()
    }

    async fn new_release(&self, prefecture: &str) -> String {
        let body = release(prefecture);
        let made = self.app.as_national().post("/v1/releases", &body).await;
        made.expect(201)["id"].as_str().unwrap().to_owned()
    }

    fn next(&self) -> u32 {
        self.count.set(self.count.get() + 1);
        self.count.get()
    }

    fn fresh(&self, what: &str) -> String {
        format!("{what}-{}", self.next())
    }

    /// A prefecture's code that is not taken.
    fn prefecture_code(&self) -> String {
        format!("{:02}", self.next() % 5 + 10)
    }

    /// A report that changes something: of a month that no test approves.
    fn report(&self) -> Value {
        json!({ "month": "2026-09", "values": [{ "item": "consult", "value": self.next() }] })
    }

    /// A revision of a month that no test approves, of nothing that another one
    /// changes.
    fn revision(&self) -> Value {
        let key = self.fresh("step");
        json!({ "effective_month": "2026-11", "reason": "見直し", "changes": [
            { "op": "add", "kind": "item", "key": key, "after": {
                "name": name(), "stage": "study", "measure": "milestone", "unit": "percent",
                "bar": [8, 12], "targets": [{ "value": 100 }] } }
        ]})
    }

    /// The number of a new proposal for a hub's scorecard.
    async fn new_revision(&self, hub: usize) -> String {
        let id = [&self.own, &self.neighbour, &self.foreign][hub];
        let actor = [Actor::Hub, Actor::Neighbour, Actor::OtherHub][hub];
        let path = format!("/v1/scorecards/{id}/revisions");
        let made = self.app.client(actor).post(&path, &self.revision()).await;
        made.expect(201)["version"].to_string()
    }

    fn body(&self, rule: &Rule, actor: Actor) -> Option<Value> {
        let mut body = (rule.body)(self)?;
        if rule.operation == "create_api_key" {
            body["role"] = actor.role().code().into();
            body["scope"] = scope_of(actor);
        }
        Some(body)
    }

    /// The path of a rule's operation for a thing in a place.
    async fn path(&self, rule: &Rule, actor: Actor, place: Place) -> String {
        let id = match (rule.thing, place) {
            (Thing::Nothing, _) => String::new(),
            (Thing::Scorecard, Place::Own) => self.own.clone(),
            (Thing::Scorecard, Place::Neighbour) => self.neighbour.clone(),
            (Thing::Scorecard, Place::Foreign) => self.foreign.clone(),
            (Thing::Alert, Place::Own) => self.alerts[&self.own].clone(),
            (Thing::Alert, Place::Neighbour) => self.alerts[&self.neighbour].clone(),
            (Thing::Alert, Place::Foreign) => self.alerts[&self.foreign].clone(),
            (Thing::Hub, Place::Own) => "yamagata".to_owned(),
            (Thing::Hub, Place::Neighbour) => "yonezawa".to_owned(),
            (Thing::Hub, Place::Foreign) => "ehime".to_owned(),
            (Thing::Prefecture, Place::Own) => "06".to_owned(),
            (Thing::Prefecture, Place::Foreign) => "38".to_owned(),
            (Thing::User, Place::Own) => Actor::OtherHub.user_id(),
            (Thing::ApiKey, Place::Own) => self.new_key(actor).await,
            (Thing::ApiKey, Place::Foreign) => Actor::OtherHub.key_id(),
            (Thing::Release, Place::Own) => self.releases[0].clone(),
            (Thing::Release, Place::Foreign) => self.releases[1].clone(),
            (Thing::FactLink, Place::Own) => self.link_of(actor).await,
            (Thing::FactLink, Place::Foreign) => self.foreign_link.clone(),
            (Thing::Template, Place::Own) => "challenge-industry".to_owned(),
            (Thing::Subscription | Thing::Delivery, Place::Missing) => MISSING.to_owned(),
            (Thing::Subscription, place) => self.destinations[place.hub()].0.clone(),
            (Thing::Delivery, place) => self.destinations[place.hub()].1.clone(),
            _ => MISSING.to_owned(),
        };
        filled(contract::operation(rule.operation).path, &id)
    }

    async fn new_key(&self, actor: Actor) -> String {
        let body = json!({
            "name": "spare", "role": actor.role().code(), "scope": scope_of(actor)
        });
        let made = self.app.client(actor).post("/v1/api-keys", &body).await;
        made.expect(201)["id"].as_str().unwrap().to_owned()
    }

    async fn new_link_secret(&self) -> String {
        let body = json!({ "name": "spare", "format": "csv" });
        let made = self.app.as_national().post("/v1/fact-links", &body).await;
        let url = made.expect(201)["url"].as_str().unwrap().to_owned();
        url.rsplit('/').next().unwrap().to_owned()
    }

    /// A new link of somebody who may have one; of others, none.
    async fn link_of(&self, actor: Actor) -> String {
        let body = json!({ "name": "spare", "format": "csv" });
        let made = self.app.client(actor).post("/v1/fact-links", &body).await;
        match actor.role() {
            O => MISSING.to_owned(),
            _ => made.expect(201)["id"].as_str().unwrap().to_owned(),
        }
    }

    async fn answer(&self, rule: &Rule, actor: Actor, place: Place) -> Answer {
        let path = self.path(rule, actor, place).await;
        let path = match rule.operation {
            // One that nothing else needs, where it will be gone.
            "delete_subscription"
                if rule.who.contains(&actor.role()) && place.is_visible(actor, rule.thing) =>
            {
                let hub = ["yamagata", "yonezawa", "ehime"][place.hub()];
                filled("/v1/subscriptions/{id}", &self.new_subscription(hub).await)
            }
            "revoke_release"
                if rule.who.contains(&actor.role()) && place.is_visible(actor, rule.thing) =>
            {
                let prefecture = ["06", "06", "38"][place.hub()];
                filled("/v1/releases/{id}", &self.new_release(prefecture).await)
            }
            // One that is there to be read, or deleted.
            "get_import_mapping" | "delete_import_mapping"
                if rule.who.contains(&actor.role()) && place.is_visible(actor, rule.thing) =>
            {
                let saved = self.app.as_national().put(&path, &mapping()).await;
                saved.expect(200);
                path
            }
            "list_restatements" => format!("{path}?from=2026-11-22T03:00:00Z"),
            // One that nobody has decided about.
            "approve_revision" | "reject_revision"
                if rule.who.contains(&actor.role()) && place.is_visible(actor, rule.thing) =>
            {
                let version = self.new_revision(place.hub()).await;
                path.replace("/2/", &format!("/{version}/"))
            }
            _ => path,
        };
        let body = self.body(rule, actor);
        let operation = contract::operation(rule.operation);
        self.ask(&self.app.client(actor), operation, &path, body)
            .await
    }

    /// That the things in some places are refused, all of them alike, and
    /// nothing is stored.
    async fn check_refusals(&self, rule: &Rule, actor: Actor, places: &[Place], may: bool) {
        let writes = contract::operation(rule.operation).method != "get";
        let before = (writes && !places.is_empty()).then(|| self.app.dump());
        let mut refusals = Vec::new();
        for place in places {
            let answer = self.answer(rule, actor, *place).await;
            let what = format!("{} by {actor:?}, {place:?}", rule.operation);
            answer.problem(if may { "not_found" } else { "forbidden" });
            refusals.push(answer.without_request_id());
            assert_eq!(refusals.first(), refusals.last(), "{what}");
        }
        if let Some(before) = before {
            let what = format!("{} by {actor:?} stored something", rule.operation);
            assert!(self.app.dump() == before, "{what}");
        }
    }

    async fn ask(
        &self,
        client: &Client,
        operation: Operation,
        path: &str,
        body: Option<Value>,
    ) -> Answer {
        let method = Method::from_bytes(operation.method.to_ascii_uppercase().as_bytes()).unwrap();
        // A text is a file.
        let client = match body {
            Some(Value::String(_)) => client.with("Content-Type", "text/csv"),
            _ => client.with("Content-Type", "application/json"),
        };
        let body = body.map(|body| match body {
            Value::String(file) => file,
            other => other.to_string(),
        });
        client
            .send(method, path, body.as_ref().map(String::as_bytes))
            .await
    }
}

fn mapping() -> Value {
    json!({ "headings": { "管理番号": "ignored" }, "items": { "銀行": "consult" } })
}

/// The path of an operation with its parameters filled in.
fn filled(pattern: &str, id: &str) -> String {
    pattern
        .replace("{id}", id)
        .replace("{code}", id)
        .replace("{key}", id)
        .replace("{item}", "consult")
        .replace("{month}", LAST)
        .replace("{version}", "2")
}

fn scope_of(actor: Actor) -> Value {
    use shirube::domain::access::Scope;
    match actor.scope() {
        Scope::Nation => json!({}),
        Scope::Prefecture(code) => json!({ "prefecture": code.as_str() }),
        Scope::Hub(code) => json!({ "hub": code.as_str() }),
    }
}

fn rule(operation: &str) -> &'static Rule {
    let found = RULES.iter().find(|rule| rule.operation == operation);
    found.unwrap_or_else(|| panic!("no rule says who may use {operation}"))
}

#[test]
fn every_operation_has_exactly_one_rule() {
    let documented: BTreeSet<&str> = operations().iter().map(|operation| operation.id).collect();
    let mut ruled: Vec<&str> = RULES.iter().map(|rule| rule.operation).collect();
    ruled.extend(OPEN);
    let distinct: BTreeSet<&str> = ruled.iter().copied().collect();
    assert_eq!(ruled.len(), distinct.len(), "an operation has two rules");
    assert_eq!(documented, distinct);
    for operation in operations() {
        assert_eq!(
            operation.is_open(),
            OPEN.contains(&operation.id),
            "{}",
            operation.id
        );
    }
}

/// Whoever may, does; whoever may not is told so, whatever the thing; others'
/// things and missing ones answer alike.
#[actix_web::test]
async fn every_role_does_what_it_may_and_nothing_else() {
    let scene = Scene::new().await;
    for operation in operations().iter().filter(|operation| !operation.is_open()) {
        let rule = rule(operation.id);
        for actor in Actor::ROLES {
            let may = rule.who.contains(&actor.role());
            let (allowed, refused): (Vec<Place>, Vec<Place>) = Place::of(rule.thing)
                .iter()
                .partition(|place| may && place.is_visible(actor, rule.thing));
            scene.check_refusals(rule, actor, &refused, may).await;
            for place in allowed {
                let answer = scene.answer(rule, actor, place).await;
                assert!(
                    (200..300).contains(&answer.status),
                    "{} by {actor:?}, {place:?}: {}",
                    operation.id,
                    answer.text()
                );
            }
        }
    }
}

/// Nobody gets anything without a good credential, and every bad one is
/// answered alike.
#[actix_web::test]
async fn every_operation_demands_a_good_credential() {
    let scene = Scene::new().await;
    let app = &scene.app;
    let now = crate::support::now();
    app.write(|conn| {
        use shirube::domain::ids::{ApiKeyId, UserId};
        let holder = storage::api_keys::Holder {
            owner: UserId(Actor::Neighbour.user_id()),
            key: None,
        };
        storage::api_keys::revoke(conn, &holder, &ApiKeyId(Actor::Neighbour.key_id()), now)?;
        let id = UserId(Actor::OtherPrefecture.user_id());
        let mut closed = storage::users::find(conn, &id)?.unwrap();
        closed.active = false;
        storage::users::update(conn, &closed)
    });
    let key = app.key(Actor::National).to_owned();
    let bad = |value: &str| app.anonymous().with("Authorization", value);
    let callers = [
        ("nothing", app.anonymous()),
        ("an empty header", bad("")),
        ("no scheme", bad(&key)),
        ("another scheme", bad(&format!("Basic {key}"))),
        ("no token", bad("Bearer ")),
        ("nonsense", bad("Bearer nonsense")),
        (
            "an unknown key",
            bad("Bearer shk_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
        ),
        ("a key and more", bad(&format!("Bearer {key}x"))),
        ("a key that is no Base64", bad(&format!("Basic {key}"))),
        (
            "a key as the name",
            bad(&format!("Basic {}", STANDARD.encode(format!("{key}:")))),
        ),
        (
            "two keys",
            app.client(Actor::National)
                .with("X-API-Key", app.key(Actor::Hub)),
        ),
        (
            "two keys in one header",
            app.anonymous()
                .with("X-API-Key", app.key(Actor::National))
                .besides("X-API-Key", app.key(Actor::Hub)),
        ),
        (
            "two keys in two Authorization headers",
            app.client(Actor::National)
                .besides("Authorization", &format!("Bearer {}", app.key(Actor::Hub))),
        ),
        (
            "a key and nonsense in one header",
            app.anonymous()
                .with("X-API-Key", app.key(Actor::National))
                .besides("X-API-Key", "nonsense"),
        ),
        (
            "a key and nonsense",
            app.client(Actor::National).with("X-API-Key", "nonsense"),
        ),
        (
            "a link's secret",
            bad(&format!("Bearer {}", scene.new_link_secret().await)),
        ),
        (
            "a link's secret as a key",
            app.anonymous()
                .with("X-API-Key", &scene.new_link_secret().await),
        ),
        (
            "not UTF-8",
            app.anonymous().with_bytes("Authorization", b"Bearer \xff"),
        ),
        ("a revoked key", app.client(Actor::Neighbour)),
        ("a closed account's key", app.client(Actor::OtherPrefecture)),
    ];
    let before = app.dump();
    let mut first = None;
    for operation in operations().iter().filter(|operation| !operation.is_open()) {
        let rule = rule(operation.id);
        for (what, caller) in &callers {
            for place in [Place::Own, Place::Missing] {
                let path = match (rule.thing, place) {
                    (Thing::ApiKey, Place::Own) => {
                        filled(operation.path, &Actor::National.key_id())
                    }
                    (Thing::FactLink, Place::Own) => filled(operation.path, &scene.foreign_link),
                    _ => scene.path(rule, Actor::National, place).await,
                };
                let body = scene.body(rule, Actor::National);
                let answer = scene.ask(caller, *operation, &path, body).await;
                answer.problem("unauthenticated");
                let answer = answer.without_request_id();
                let first = first.get_or_insert_with(|| answer.clone());
                assert_eq!(answer, *first, "{} with {what}", operation.id);
            }
        }
    }
    assert!(app.dump() == before);
}

/// A credential in the URL is none, however good.
#[actix_web::test]
async fn a_key_in_the_query_is_no_credential() {
    let app = App::new().await;
    for parameter in ["access_token", "token", "key", "Authorization"] {
        let path = format!("/v1/me?{parameter}={}", app.key(Actor::National));
        app.anonymous().get(&path).await.problem("unauthenticated");
    }
}

/// The open operations are open to all.
#[actix_web::test]
async fn open_operations_need_no_credential() {
    let app = App::new().await;
    for path in ["/healthz", "/readyz", "/openapi.json"] {
        app.anonymous().get(path).await.expect(200);
        app.with_token("nonsense").get(path).await.expect(200);
    }
}

/// Others' things in a body are like missing ones too, and nothing is written.
#[actix_web::test]
async fn foreign_things_in_bodies_are_unknown() {
    let scene = Scene::new().await;
    let app = &scene.app;
    let before = app.dump();
    let report = |scorecard: &str| {
        json!({ "reports": [
            { "scorecard": scene.own, "month": LAST, "values": [{ "item": "consult", "value": 1 }] },
            { "scorecard": scorecard, "month": LAST, "values": [{ "item": "consult", "value": 1 }] }
        ] })
    };
    let by_key = |hub: &str| {
        json!({ "reports": [
            { "hub": hub, "key": "own-plan", "month": LAST, "values": [{ "item": "consult", "value": 1 }] }
        ] })
    };
    let hub = app.as_hub();
    let prefecture = app.as_prefecture();
    let new_card = |hub: &str| fixtures::from_template(hub, "challenge-employment", "2026-04");
    let new_key = |role: &str, scope: Value| json!({ "name": "k", "role": role, "scope": scope });
    let about = |scorecard: &str| {
        let mut body = scene.subscription("yamagata");
        body["filter"] = json!({ "scorecards": [scorecard] });
        body
    };
    let cases = [
        (
            &hub,
            "/v1/actuals",
            report(&scene.foreign),
            report(MISSING),
            "/reports/1/scorecard",
        ),
        (
            &hub,
            "/v1/actuals",
            report(&scene.neighbour),
            report(MISSING),
            "/reports/1/scorecard",
        ),
        (
            &hub,
            "/v1/actuals",
            by_key("ehime"),
            by_key("nowhere"),
            "/reports/0/hub",
        ),
        (
            &hub,
            "/v1/actuals",
            by_key("yonezawa"),
            by_key("nowhere"),
            "/reports/0/hub",
        ),
        (
            &prefecture,
            "/v1/scorecards",
            new_card("ehime"),
            new_card("nowhere"),
            "/hub",
        ),
        (
            &prefecture,
            "/v1/api-keys",
            new_key("prefecture", json!({ "prefecture": "38" })),
            new_key("prefecture", json!({ "prefecture": "99" })),
            "/scope/prefecture",
        ),
        (
            &prefecture,
            "/v1/subscriptions",
            scene.subscription("ehime"),
            scene.subscription("nowhere"),
            "/scope/hub",
        ),
        (
            &prefecture,
            "/v1/subscriptions",
            about(&scene.foreign),
            about(MISSING),
            "/filter/scorecards/0",
        ),
        (
            &prefecture,
            "/v1/subscriptions",
            about(&scene.neighbour),
            about(MISSING),
            "/filter/scorecards/0",
        ),
        (
            &hub,
            "/v1/api-keys",
            new_key("viewer", json!({ "hub": "yonezawa" })),
            new_key("viewer", json!({ "hub": "nowhere" })),
            "/scope/hub",
        ),
    ];
    for (client, path, foreign, missing, place) in cases {
        let mut answers = Vec::new();
        for body in [&foreign, &missing] {
            let answer = client.post(path, body).await;
            let problem = answer.problem("invalid");
            problem.has_only(&[("unknown_reference", place)]);
            // The words repeat the code that the caller gave, and nothing else.
            let mut answer = answer.without_request_id();
            let issue = answer.2["issues"][0].as_object_mut().unwrap();
            issue.remove("message");
            answer.1.retain(|(name, _)| name != "content-length");
            answers.push(answer);
        }
        assert_eq!(answers[0], answers[1], "{path} {foreign}");
    }
    assert!(app.dump() == before);
}

/// Filters find nothing outside the caller's scope.
#[actix_web::test]
async fn filters_do_not_reach_beyond_the_scope() {
    let scene = Scene::new().await;
    let app = &scene.app;
    for path in [
        "/v1/scorecards?hub=ehime",
        "/v1/scorecards?prefecture=38",
        "/v1/scorecards?hub=yonezawa&key=own-plan",
        "/v1/hubs?prefecture=38",
        "/v1/alerts?hub=ehime",
        "/v1/alerts?prefecture=38",
    ] {
        let found = app.as_hub().get(path).await.expect(200);
        assert_eq!(found["items"], json!([]), "{path}");
        let all = app.as_national().get(path).await.expect(200);
        assert_eq!(all["items"].as_array().unwrap().len(), 1, "{path}");
    }
    let overview = app
        .as_hub()
        .get("/v1/overview?prefecture=38")
        .await
        .expect(200);
    assert_eq!(overview["scorecards"], json!([]));
    assert_eq!(overview["groups"], json!([]));
}

/// Members that callers may not set are refused, not ignored.
#[actix_web::test]
async fn members_of_the_service_cannot_be_set() {
    let scene = Scene::new().await;
    let app = &scene.app;
    let before = app.dump();
    let scorecards = "/v1/scorecards";
    let report = format!("/v1/scorecards/{}/actuals", scene.own);
    let card = fixtures::from_template("yamagata", "challenge-employment", "2026-04");
    for (path, body, members) in [
        (scorecards, card, ["id", "revision", "created_by", "status"]),
        (
            &report,
            scene.report(),
            ["source", "by", "revision", "scorecard"],
        ),
        (
            "/v1/users",
            json!({ "email": "a@example.jp", "name": "a", "role": "viewer", "password": "long enough" }),
            ["id", "active", "password_hash", "sessions_epoch"],
        ),
        (
            "/v1/api-keys",
            json!({ "name": "a", "role": "viewer" }),
            ["secret", "owner", "id", "secret_hash"],
        ),
        (
            "/v1/subscriptions",
            scene.subscription("yamagata"),
            ["secret", "address", "id", "state"],
        ),
    ] {
        for member in members {
            let mut body = body.clone();
            body[member] = "x".into();
            let answer = app.as_national().post(path, &body).await;
            answer
                .problem("invalid")
                .has_only(&[("unknown_field", &format!("/{member}"))]);
        }
    }
    assert!(app.dump() == before);
}

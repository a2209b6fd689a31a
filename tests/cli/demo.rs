//! `demo`: its promise to programs, its guided tour, and its data.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::http::{get, post};
use crate::process::{Folder, Server, run};

const TEMPLATES: [&str; 8] = [
    "challenge-employment",
    "challenge-industry",
    "challenge-population",
    "growth-market-opening",
    "growth-tailored-support",
    "mature-external-funding",
    "mature-hard-to-fill",
    "mature-white-space",
];

/// A running demo, as a program sees it.
pub struct Demo {
    server: Server,
    pub address: String,
    sign_ins: Vec<Value>,
}

impl Demo {
    pub fn start(data: &Path) -> Self {
        let server = Server::start(&["demo"], data, &[]);
        let ready: Value = serde_json::from_str(&server.answer()).unwrap();
        Self {
            server,
            address: ready["address"].as_str().unwrap().to_owned(),
            sign_ins: ready["sign_ins"].as_array().unwrap().clone(),
        }
    }

    /// Ends the server in order.
    pub fn stop(self) {
        assert_eq!(self.server.stop().0, Some(0));
    }

    fn sign_in(&self, role: &str) -> &Value {
        self.sign_ins
            .iter()
            .find(|sign_in| sign_in["role"] == role)
            .unwrap()
    }

    pub fn key(&self, role: &str) -> &str {
        self.sign_in(role)["api_key"].as_str().unwrap()
    }

    pub fn get(&self, role: &str, path: &str) -> Value {
        let answer = get(&self.address, path, self.key(role));
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        answer.body
    }

    pub fn scorecards(&self, role: &str, filter: &str) -> Vec<Value> {
        let list = self.get(role, &format!("/v1/scorecards?limit=200{filter}"));
        assert_eq!(list["next_cursor"], Value::Null);
        list["items"].as_array().unwrap().clone()
    }
}

#[test]
fn the_demo_keeps_its_promises() {
    let folder = Folder::new();
    let data = folder.path();
    let demo = Demo::start(&data);
    every_sign_in_works(&demo);
    the_data_look_like_life(&demo);
    the_tour_works_as_pasted(&demo);
    let (code, stdout) = demo.server.stop();
    assert_eq!(code, Some(0));
    assert_eq!(stdout.len(), 1, "exactly one line for programs");
}

fn every_sign_in_works(demo: &Demo) {
    let roles: Vec<&Value> = demo
        .sign_ins
        .iter()
        .map(|sign_in| &sign_in["role"])
        .collect();
    assert_eq!(
        roles,
        ["national", "prefecture", "hub", "viewer", "operator"]
    );
    for sign_in in &demo.sign_ins {
        let body = json!({ "grant_type": "password", "email": sign_in["email"], "password": sign_in["password"] });
        let session = post(&demo.address, "/v1/auth/token", "", &body);
        assert_eq!(session.status, 200, "{}", session.body);
        for bearer in [&session.body["access_token"], &sign_in["api_key"]] {
            let me = get(&demo.address, "/v1/me", bearer.as_str().unwrap());
            assert_eq!(me.status, 200, "{}", me.body);
            assert_eq!(me.body["role"], sign_in["role"]);
            assert_eq!(me.body["scope"], sign_in["scope"]);
        }
    }
    assert!(demo.sign_in("prefecture")["scope"]["prefecture"].is_string());
    assert!(demo.sign_in("hub")["scope"]["hub"].is_string());
    assert_eq!(demo.sign_in("national")["scope"], json!({}));
}

fn the_data_look_like_life(demo: &Demo) {
    let all = demo.scorecards("national", "");
    let distinct = |path: &str| -> BTreeSet<String> {
        all.iter()
            .map(|card| card.pointer(path).unwrap().as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(distinct("/template"), TEMPLATES.map(str::to_owned).into());
    assert_eq!(distinct("/prefecture/code").len(), 6);
    assert_eq!(distinct("/market_type").len(), 3);
    assert!(demo.scorecards("national", "&flag=red").len() >= 4);
    let card = demo.scorecards("viewer", "&hub=hiroshima-bingo").remove(0);
    let id = card["id"].as_str().unwrap();
    let cells = demo.get("national", &format!("/v1/scorecards/{id}/actuals"));
    let months = cells["months"].as_array().unwrap();
    assert!(months.len() >= 30);
    assert!(months.iter().any(|month| month["state"] == "approved"));
    let history = demo.get(
        "national",
        &format!("/v1/scorecards/{id}/items/seminar-format/history"),
    );
    let changes = history["changes"].as_array().unwrap();
    let corrected = changes
        .iter()
        .find(|change| change["before"]["value"] == 10);
    assert_eq!(corrected.unwrap()["after"]["value"], 100);
    assert!(changes.iter().all(|change| change["source"] == "demo"));
    let audit = demo.get("national", "/v1/audit");
    assert!(!audit["items"].as_array().unwrap().is_empty());
}

/// Runs the commands exactly as they are shown; curl adds the status.
fn the_tour_works_as_pasted(demo: &Demo) {
    let shown = demo.server.stderr();
    let steps: Vec<&String> = shown
        .iter()
        .filter(|line| line.starts_with("curl "))
        .collect();
    assert_eq!(steps.len(), 3, "{shown:#?}");
    let hub = demo.sign_in("hub")["scope"]["hub"].as_str().unwrap();
    let red_of_hub = format!("&hub={hub}&flag=red");
    assert!(demo.scorecards("hub", &red_of_hub).is_empty());

    let report = pasted(steps[0]);
    let turned = report["changes"].as_array().unwrap().iter();
    let red = turned
        .clone()
        .find(|change| change["to"]["flag"] == "red")
        .unwrap();
    assert_eq!(red["from"]["flag"], "none");
    assert_eq!(red["to"]["status"], "behind");
    assert_eq!(report["completeness"]["complete"], true);
    let item = &red["item"];

    let overview = pasted(steps[1]);
    let cards = overview["scorecards"].as_array().unwrap();
    assert_eq!(cards.len(), 1);
    assert_eq!(cards[0]["worst"][0]["item"], *item);
    assert_eq!(cards[0]["worst"][0]["flag"], "red");
    assert_eq!(demo.scorecards("hub", &red_of_hub).len(), 1);

    let card = pasted(steps[2]);
    assert_eq!(card["flag"], "red");
    let perspectives = card["perspectives"].as_array().unwrap().iter();
    let items: Vec<&Value> = perspectives
        .flat_map(|perspective| perspective["steps"].as_array().unwrap())
        .flat_map(|step| step["items"].as_array().unwrap())
        .collect();
    let red = items.iter().find(|found| found["key"] == *item).unwrap();
    assert_eq!(
        (&red["status"], &red["flag"]),
        (&json!("behind"), &json!("red"))
    );
    let unfinished =
        |found: &&&Value| found["measure"] == "milestone" && found["status"] == "behind";
    assert!(
        items.iter().any(|found| unfinished(&found)),
        "preparation upstream"
    );
}

fn pasted(command: &str) -> Value {
    let output = Command::new("sh")
        .args(["-c", &format!("{command} -w '\\n%{{http_code}}'")])
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}");
    let (body, status) = text.rsplit_once('\n').unwrap();
    assert_eq!(status, "200", "{body}");
    serde_json::from_str(body).unwrap()
}

#[test]
fn each_start_makes_a_new_demo_and_touches_nothing_else() {
    let folder = Folder::new();
    let data = folder.path();
    fs::create_dir(&data).unwrap();
    fs::write(data.join("shirube.sqlite3"), "the service's own data").unwrap();
    fs::write(data.join("demo.sqlite3"), "not even a database").unwrap();
    let first = Demo::start(&data);
    let first_key = first.key("national").to_owned();
    let scores = |demo: &Demo| -> Vec<Value> {
        let cards = demo.scorecards("national", "");
        let told = cards.iter().map(|card| {
            json!([
                card["hub"],
                card["key"],
                card["flag"],
                card["score"],
                card["revision"]
            ])
        });
        told.collect()
    };
    let before = scores(&first);
    let beside = run(&["demo"], &data, &[], "");
    assert_eq!(
        beside.status.code(),
        Some(1),
        "the running demo is left alone"
    );
    assert_eq!(scores(&first), before);
    assert_eq!(first.server.stop().0, Some(0));

    let second = Demo::start(&data);
    assert_eq!(scores(&second), before, "the same seed, the same data");
    assert_eq!(get(&second.address, "/v1/me", &first_key).status, 401);
    assert_eq!(second.server.stop().0, Some(0));
    let own = fs::read_to_string(data.join("shirube.sqlite3")).unwrap();
    assert_eq!(own, "the service's own data");
    assert!(
        !data.join("jwt-secret").exists(),
        "a demo's sessions end with it"
    );
}

#[test]
fn a_configured_database_is_refused() {
    let folder = Folder::new();
    let variables = [("DATABASE_URL", "sqlite:nation.sqlite3")];
    let output = run(&["demo"], &folder.path(), &variables, "");
    assert_eq!(output.status.code(), Some(1));
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(told.contains("DATABASE_URL"), "{told}");
    assert!(!folder.path().exists());
}

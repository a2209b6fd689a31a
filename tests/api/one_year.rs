//! The year that docs/one-year.md tells: every figure in it is what the service
//! answers.

use serde_json::{Value, json};

use crate::support::App;
use crate::support::fixtures::{from_template, item};

const PAGES: [(&str, &str); 2] = [
    ("ja", include_str!("../../docs/one-year.ja.md")),
    ("en", include_str!("../../docs/one-year.md")),
];

/// Month, companies at seminars, consultations from them, from banks.
const MONTHS: [(&str, u32, u32, u32); 12] = [
    ("2025-04", 0, 0, 0),
    ("2025-05", 0, 1, 1),
    ("2025-06", 4, 1, 1),
    ("2025-07", 0, 1, 1),
    ("2025-08", 4, 1, 1),
    ("2025-09", 0, 1, 1),
    ("2025-10", 10, 2, 1),
    ("2025-11", 0, 3, 1),
    ("2025-12", 12, 4, 1),
    ("2026-01", 0, 4, 1),
    ("2026-02", 12, 5, 1),
    ("2026-03", 10, 6, 0),
];

/// Two years of preparation, of which the seminar format is not finished.
fn preparation() -> Value {
    json!([
        { "item": "target-industries", "value": 100 },
        { "item": "external-talent-use", "value": 100 },
        { "item": "agency-scouting", "value": 10 },
        { "item": "seminar-format", "value": 60 },
        { "item": "seminar-partners", "value": 10 },
        { "item": "pr-material", "value": 100 },
        { "item": "bank-hand-over-prep", "value": 100 },
        { "item": "talent-pool-foreign", "value": 5 },
        { "item": "talent-pool-specialist", "value": 5 }
    ])
}

fn values((month, companies, consultations, from_banks): (&str, u32, u32, u32)) -> Value {
    let mut values = vec![
        json!({ "item": "seminar-companies", "value": companies }),
        json!({ "item": "consult-seminar", "value": consultations }),
        json!({ "item": "consult-bank", "value": from_banks }),
    ];
    if month == "2025-10" {
        values.push(json!({ "item": "seminar-format", "value": 100 }));
    }
    if month >= "2025-12" {
        values.push(json!({ "item": "seminar-follow-up", "value": 100 }));
    }
    json!({ "month": month, "values": values })
}

/// Follow-up visits as a new preparation of the consultations.
fn revision(alert: &Value) -> Value {
    json!({
        "effective_month": "2025-11",
        "reason": "セミナーの後に訪問する手順が決まっていない",
        "alert": alert,
        "changes": [
            {
                "op": "add", "kind": "item", "key": "seminar-follow-up",
                "after": {
                    "key": "seminar-follow-up",
                    "name": { "ja": "セミナー後の個別訪問の型化", "en": "Follow-up visits after seminars" },
                    "stage": "setup", "measure": "milestone", "unit": "percent",
                    "direction": "higher", "bar": [32, 33],
                    "targets": [{ "year": null, "value": 100 }]
                }
            },
            {
                "op": "add", "kind": "link", "key": "preparation:seminar-follow-up>consult-seminar",
                "after": {
                    "kind": "preparation",
                    "from": ["seminar-follow-up"], "to": ["consult-seminar"]
                }
            }
        ]
    })
}

fn percent(chance: &Value) -> String {
    chance.as_f64().map_or_else(
        || "–".to_owned(),
        |chance| format!("{:.1} %", chance * 100.0),
    )
}

fn shown(value: &Value) -> String {
    match value {
        Value::Null => "–".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// The line of a month in the table, which is the same in both languages.
fn line(month: &str, card: &Value) -> String {
    let consultations = item(card, "consult-seminar");
    let companies = item(card, "seminar-companies");
    let (cause, outlook) = (&consultations["cause"], &consultations["outlook"]);
    let root = &cause["root_causes"][0]["item"];
    format!(
        "| {month} | {} / {} | {} / {} | {} | {} | {} | {} | {} |",
        companies["actual"],
        companies["plan"],
        consultations["actual"],
        consultations["plan"],
        shown(&consultations["status"]),
        shown(&cause["kind"]),
        shown(root),
        shown(&outlook["expected"]),
        percent(&outlook["chance"]),
    )
}

struct Year {
    app: App,
    path: String,
    /// What the pages must hold, in Japanese and in English.
    told: [Vec<String>; 2],
}

impl Year {
    async fn begins() -> Self {
        let app = App::new().await;
        let mut body = from_template("yamagata", "mature-hard-to-fill", "2023-04");
        body["parameters"] = json!({ "fee_income_target": 3_000_000 });
        let id = app.scorecard(&body).await;
        app.report(&id, "2025-03", preparation()).await;
        Self {
            path: format!("/v1/scorecards/{id}"),
            app,
            told: Default::default(),
        }
    }

    async fn get(&self, rest: &str) -> Value {
        let path = format!("{}{rest}", self.path);
        self.app.as_viewer().get(&path).await.expect(200)
    }

    async fn post(&self, rest: &str, body: &Value) -> Value {
        let path = format!("{}{rest}", self.path);
        self.app.as_hub().post(&path, body).await.expect(200)
    }

    fn tells(&mut self, text: &str) {
        for told in &mut self.told {
            told.push(text.to_owned());
        }
    }

    fn says(&mut self, words: &Value) {
        for ((language, _), told) in PAGES.iter().zip(&mut self.told) {
            told.push(words[language].as_str().unwrap().to_owned());
        }
    }

    /// August: why, how bad, and what would have been.
    async fn asks_in_august(&mut self, consultations: &Value) {
        let (cause, outlook) = (&consultations["cause"], &consultations["outlook"]);
        for part in ["volume", "conversion", "timing"] {
            self.tells(&format!("`{part}` {}", cause[part]));
        }
        let root = &cause["root_causes"][0];
        let path: Vec<&str> = root["path"]
            .as_array()
            .unwrap()
            .iter()
            .map(|step| step.as_str().unwrap())
            .collect();
        self.tells(&path.join(" → "));
        self.says(&outlook["words"]);
        let debt = &outlook["debts"][0];
        for part in ["need", "planned", "debt"] {
            self.tells(&format!("`{part}` {}", debt[part]));
        }
        let supposed = json!({
            "month": "2025-08",
            "finished": [{ "item": "seminar-format", "month": "2025-07" }],
            "volumes": [{ "item": "seminar-companies", "per_month": 7 }]
        });
        let answer = self.post("/what-if", &supposed).await;
        let then = answer["then"]["items"]
            .as_array()
            .unwrap()
            .iter()
            .find(|item| item["item"] == "consult-seminar")
            .unwrap();
        self.says(&then["outlook"]["words"]);
    }

    /// October: the format is finished, and nothing else is prepared.
    async fn revises(&self, consultations: &Value) {
        let alerts = self.get("?include=alerts&month=2025-10").await["alerts"].clone();
        let alert = alerts
            .as_array()
            .unwrap()
            .iter()
            .find(|alert| alert["item"] == "consult-seminar")
            .unwrap()["id"]
            .clone();
        assert_eq!(consultations["cause"]["remedies"], json!([]));
        let review = format!("/v1/alerts/{}/review", alert.as_str().unwrap());
        let note = json!({ "note": "個別訪問の型を準備に加えた" });
        let prefecture = self.app.as_prefecture();
        let missing = prefecture.post(&review, &note).await;
        missing.problem("preparation_missing");
        let path = format!("{}/revisions", self.path);
        let hub = self.app.as_hub();
        let proposed = hub.post(&path, &revision(&alert)).await.expect(201);
        assert_eq!(proposed["state"], "proposed");
        let path = format!("{path}/{}/approve", proposed["version"]);
        let approved = prefecture.post(&path, &json!({})).await.expect(200);
        assert_eq!(approved["state"], "in_force");
        let handled = prefecture.post(&review, &note).await.expect(200);
        assert_eq!(
            [&handled["handled"], &handled["state"]],
            [&json!(true), &json!("open")]
        );
    }
}

#[actix_web::test]
async fn the_year_is_as_it_is_told() {
    let mut year = Year::begins().await;
    for month in MONTHS {
        year.post("/actuals", &values(month)).await;
        let card = year
            .get(&format!("?include=causes,outlook&month={}", month.0))
            .await;
        year.tells(&line(month.0, &card));
        match month.0 {
            "2025-08" => year.asks_in_august(item(&card, "consult-seminar")).await,
            "2025-10" => year.revises(item(&card, "consult-seminar")).await,
            _ => {}
        }
    }
    let effects = year.get("/effects").await;
    year.says(&effects["items"][0]["comparisons"][0]["words"]);
    for ((language, page), told) in PAGES.iter().zip(&year.told) {
        let lacks = told.iter().filter(|text| !page.contains(text.as_str()));
        let lacks: Vec<&str> = lacks.map(String::as_str).collect();
        assert!(lacks.is_empty(), "{language} lacks:\n{}", lacks.join("\n"));
    }
}

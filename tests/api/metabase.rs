//! The views for Metabase: on PostgreSQL they say what the API says, and their
//! role sees nothing else.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use diesel::connection::SimpleConnection as _;
use diesel::sql_types::Text;
use diesel::{Connection as _, PgConnection, QueryableByName, RunQueryDsl as _, sql_query};
use serde_json::{Value, json};
use shirube::app::summaries::RULES;
use shirube::storage::DatabaseUrl;

use crate::database::{TestDatabase, postgres_server};
use crate::facts::{history, rows};
use crate::support::App;
use crate::support::fixtures::{LAST, month};

const VIEWS: [&str; 6] = ["scorecards", "items", "cells", "months", "stages", "alerts"];
/// Of the facts, what needs no rules: what was reported, of which item, when.
const SHARED: [&str; 28] = [
    "scorecard",
    "scorecard_key",
    "prefecture",
    "prefecture_name",
    "hub",
    "hub_name",
    "market_type",
    "template",
    "item",
    "item_name",
    "item_name_en",
    "perspective",
    "stage",
    "track",
    "measure",
    "unit",
    "direction",
    "high_hurdle",
    "month",
    "fiscal_year",
    "fiscal_quarter",
    "programme_year",
    "programme_month",
    "cell_state",
    "value",
    "numerator",
    "denominator",
    "plan_version",
];

fn file() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/metabase/views.sql");
    std::fs::read_to_string(path).unwrap()
}

/// What can be seen without a server: the file names the present rules, describes
/// every view, and the guides know each of them.
#[test]
fn the_file_is_of_these_rules_and_every_view_is_described() {
    let text = file();
    assert!(
        text.contains(&format!("WHERE m.rules = {RULES};")),
        "the rules are {RULES}"
    );
    for guide in ["metabase.md", "metabase.ja.md"] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("docs")
            .join(guide);
        let guide = std::fs::read_to_string(path).unwrap();
        for view in VIEWS {
            assert!(guide.contains(&format!("`bi.{view}`")), "{view}");
            assert!(
                text.contains(&format!("COMMENT ON VIEW bi.{view} IS '")),
                "{view}"
            );
        }
    }
}

/// The views and the role under names of this process, since a role is the whole
/// server's; both are gone with this.
struct Views {
    url: String,
    schema: String,
    role: String,
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

impl Views {
    fn on(database: &TestDatabase) -> Self {
        let DatabaseUrl::Postgres(url) = database.url() else {
            unreachable!("only on PostgreSQL")
        };
        let name = format!("bi_{}", std::process::id());
        Self {
            url: url.clone(),
            role: format!("shirube_{name}"),
            schema: name,
        }
    }

    /// Runs the file as it stands, but for the two names.
    fn apply(&self) {
        let text = file()
            .replace("shirube_bi", &self.role)
            .replace(
                "SCHEMA IF NOT EXISTS bi;",
                &format!("SCHEMA IF NOT EXISTS {};", self.schema),
            )
            .replace("SCHEMA bi ", &format!("SCHEMA {} ", self.schema))
            .replace(" bi.", &format!(" {}.", self.schema));
        self.owner().batch_execute(&text).unwrap();
    }

    fn owner(&self) -> PgConnection {
        PgConnection::establish(&self.url).unwrap()
    }

    /// A connection of the role, with a password as an office would set one.
    fn reader(&self) -> PgConnection {
        let set = format!("ALTER ROLE {} PASSWORD 'only-of-this-test'", self.role);
        self.owner().batch_execute(&set).unwrap();
        let (scheme, rest) = self.url.split_once("://").unwrap();
        let (_, place) = rest.split_once('@').unwrap();
        let url = format!("{scheme}://{}:only-of-this-test@{place}", self.role);
        PgConnection::establish(&url).unwrap()
    }

    /// The rows of a view as the role sees them.
    fn rows(&self, conn: &mut PgConnection, view: &str) -> Vec<Value> {
        let query = format!(
            "SELECT to_jsonb(v)::text AS line FROM {}.{view} v",
            self.schema
        );
        lines(conn, &query)
            .iter()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }
}

impl Drop for Views {
    fn drop(&mut self) {
        // Perhaps amid a failing test, which is not to fail twice.
        let drop = format!(
            "DROP SCHEMA IF EXISTS {} CASCADE; DROP ROLE IF EXISTS {}",
            self.schema, self.role
        );
        let _ = PgConnection::establish(&self.url).map(|mut conn| conn.batch_execute(&drop));
    }
}

fn lines(conn: &mut PgConnection, query: &str) -> Vec<String> {
    let found: Vec<Line> = sql_query(query)
        .load(conn)
        .unwrap_or_else(|error| panic!("{error}: {query}"));
    found.into_iter().map(|Line { line }| line).collect()
}

/// A statement that the database refuses: for want of a right, in a transaction
/// that only reads, or since no view takes it.
fn refused(conn: &mut PgConnection, statement: &str) {
    let error = conn.batch_execute(statement).unwrap_err().to_string();
    let reasons = [
        "permission denied",
        "read-only transaction",
        "cannot update view",
        "cannot delete from view",
    ];
    assert!(
        reasons.iter().any(|reason| error.contains(reason)),
        "{statement}: {error}"
    );
}

#[actix_web::test]
async fn the_views_say_what_the_api_says() {
    if postgres_server().is_none() {
        return;
    }
    let app = App::new().await;
    let cards = history(&app).await;
    retire_a_stage(&app, &cards[2]).await;
    let approve = format!("/v1/scorecards/{}/months/{}/approve", cards[1], month(1));
    app.as_prefecture()
        .post(&approve, &json!({}))
        .await
        .expect(200);
    let views = Views::on(app.database());
    views.apply();
    // Again, as after an upgrade.
    views.apply();
    let mut conn = views.reader();
    cells(&app, &views, &mut conn).await;
    for card in &cards {
        stages_and_months(&app, &views, &mut conn, card).await;
    }
    let found = views.rows(&mut conn, "scorecards");
    assert_eq!(found.len(), cards.len());
    for row in found {
        let path = format!("/v1/scorecards/{}", row["scorecard"].as_str().unwrap());
        let card = app.as_national().get(&path).await.expect(200);
        assert_eq!(row["scorecard_key"], card["key"]);
        assert_eq!(row["flag"], card["flag"]);
        assert_eq!(number(&row["score"]), number(&card["score"]), "{row}");
        assert_eq!(day(&row["reported_through"]), LAST);
    }
    alerts(&app, &views, &mut conn).await;
}

/// Takes the last items of a stage out of the plan; the stage stays, without items.
async fn retire_a_stage(app: &App, card: &str) {
    let revision = json!({ "effective_month": month(5), "reason": "終わった取組", "changes": [
        { "op": "retire", "kind": "item", "key": "hours" },
        { "op": "retire", "kind": "item", "key": "staff" }
    ]});
    let path = format!("/v1/scorecards/{card}/revisions");
    let made = app.as_prefecture().post(&path, &revision).await.expect(201);
    if made["state"] == "proposed" {
        let approve = format!("{path}/{}/approve", made["version"]);
        app.as_national()
            .post(&approve, &json!({}))
            .await
            .expect(200);
    }
}

/// The same rows as those of facts, cell by cell.
async fn cells(app: &App, views: &Views, conn: &mut PgConnection) {
    let facts = rows(&app.as_national(), "").await;
    let key = |row: &Value| {
        let text = |name: &str| row[name].as_str().unwrap().to_owned();
        (
            text("scorecard"),
            text("month")[..7].to_owned(),
            text("item"),
        )
    };
    let found = views.rows(conn, "cells");
    assert_eq!(found.len(), facts.len());
    let found: BTreeMap<_, Value> = found.into_iter().map(|row| (key(&row), row)).collect();
    for fact in &facts {
        let row = &found[&key(fact)];
        for name in SHARED {
            let same = match name {
                "month" => {
                    row[name].as_str().unwrap() == format!("{}-01", fact[name].as_str().unwrap())
                }
                "value" | "numerator" | "denominator" => number(&row[name]) == number(&fact[name]),
                _ => row[name] == fact[name],
            };
            assert!(same, "{name}: {row} {fact}");
        }
        let is_excused = fact["cell_state"] == "not_applicable";
        assert_eq!(row["not_applicable_reason"].is_string(), is_excused);
        assert_eq!(
            row["reported_at"].is_null(),
            fact["cell_state"] == "not_reported"
        );
    }
    // Every item of every version, with its months.
    let items = views.rows(conn, "items");
    let of_revised = |version: u32| {
        items
            .iter()
            .filter(|item| {
                item["plan_version"] == version && item["scorecard"] == cards_of(&facts)[1]
            })
            .count()
    };
    assert!(of_revised(1) > 0);
    assert!(items.iter().all(|item| item["stage_name"].is_string()));
}

fn cards_of(facts: &[Value]) -> Vec<Value> {
    let mut cards: Vec<Value> = facts.iter().map(|fact| fact["scorecard"].clone()).collect();
    cards.dedup();
    cards
}

async fn stages_and_months(app: &App, views: &Views, conn: &mut PgConnection, card: &str) {
    let national = app.as_national();
    let of_card = |rows: Vec<Value>| -> Vec<Value> {
        let rows = rows.into_iter();
        rows.filter(|row| row["scorecard"] == card).collect()
    };
    let stages = of_card(views.rows(conn, "stages"));
    assert!(stages.iter().all(|row| row["perspective"].is_string()
        && row["stage_name"].is_string()
        && row["stage_position"].is_number()));
    let mut seen = BTreeSet::new();
    for t in 1..=7 {
        let path = format!("/v1/scorecards/{card}?month={}", month(t));
        let shown = national.get(&path).await.expect(200);
        let steps = shown["perspectives"].as_array().unwrap().iter();
        for step in steps.flat_map(|perspective| perspective["steps"].as_array().unwrap()) {
            let row = stages
                .iter()
                .find(|row| day(&row["month"]) == month(t) && row["stage"] == step["stage"])
                .unwrap_or_else(|| panic!("{} in {}", step["stage"], month(t)));
            for name in ["status", "flag"] {
                assert_eq!(row[name], step[name], "{row} {step}");
            }
            assert_eq!(row["stage_name"], step["name"]["ja"]);
            seen.insert(step_of(&month(t), &step["stage"]));
        }
    }
    // A stage that the plan has left without items is kept, and no step of the API.
    let empty = stages
        .iter()
        .filter(|row| !seen.contains(&step_of(day(&row["month"]), &row["stage"])));
    for row in empty {
        assert_eq!(
            (&row["stage"], &row["flag"]),
            (&json!("study"), &json!("none")),
            "{row}"
        );
        assert_eq!(row["stage_name"], "現状把握・学習", "{row}");
    }
    let listed = national
        .get(&format!("/v1/scorecards/{card}/months"))
        .await
        .expect(200);
    let months = of_card(views.rows(conn, "months"));
    assert_eq!(months.len(), 7);
    for row in months {
        let listed = listed["months"].as_array().unwrap().iter();
        let listed = listed
            .clone()
            .find(|listed| listed["month"] == day(&row["month"]))
            .unwrap();
        assert_eq!(row["month_state"], listed["state"]);
        assert_eq!(
            row["first_completed_at"].is_null(),
            listed["first_complete_at"].is_null()
        );
        let complete = listed["completeness"]["complete"] == true;
        assert!(!complete || row["first_completed_at"].is_string());
    }
}

fn step_of(month: &str, stage: &Value) -> (String, String) {
    (month.to_owned(), stage.to_string())
}

async fn alerts(app: &App, views: &Views, conn: &mut PgConnection) {
    let shown = app
        .as_national()
        .get("/v1/alerts?limit=200")
        .await
        .expect(200);
    let shown = shown["items"].as_array().unwrap();
    let found = views.rows(conn, "alerts");
    assert!(!shown.is_empty());
    assert_eq!(found.len(), shown.len());
    for alert in shown {
        let row = found
            .iter()
            .find(|row| row["alert"] == alert["id"])
            .unwrap();
        for name in ["item", "stage", "state", "severity", "status", "unit"] {
            assert_eq!(row[name], alert[name], "{name}: {row} {alert}");
        }
        assert_eq!(row["item_name"], alert["item_name"]["ja"]);
        for name in ["actual", "plan", "target", "attainment", "shortfall"] {
            assert_eq!(
                number(&row[name]),
                number(&alert[name]),
                "{name}: {row} {alert}"
            );
        }
        for name in ["opened_month", "month"] {
            assert_eq!(day(&row[name]), alert[name], "{name}: {row} {alert}");
        }
    }
}

fn number(value: &Value) -> Option<f64> {
    value.as_f64()
}

/// The month of a day.
fn day(value: &Value) -> &str {
    &value.as_str().unwrap()[..7]
}

#[actix_web::test]
async fn the_role_sees_the_views_and_nothing_else() {
    if postgres_server().is_none() {
        return;
    }
    let app = App::new().await;
    history(&app).await;
    let mut views = Views::on(app.database());
    views.schema.push_str("_role");
    views.role.push_str("_role");
    views.apply();
    let mut conn = views.reader();
    let readable = lines(
        &mut conn,
        "SELECT n.nspname || '.' || c.relname AS line FROM pg_class c \
         JOIN pg_namespace n ON n.oid = c.relnamespace \
         WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') \
         AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_' \
         AND (CASE c.relkind WHEN 'S' THEN has_sequence_privilege(c.oid, 'USAGE, SELECT, UPDATE') \
           ELSE has_table_privilege(c.oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER') \
             OR has_any_column_privilege(c.oid, 'SELECT, INSERT, UPDATE, REFERENCES') END) \
         ORDER BY 1",
    );
    let expected: BTreeSet<String> = VIEWS
        .iter()
        .map(|view| format!("{}.{view}", views.schema))
        .collect();
    assert_eq!(readable.into_iter().collect::<BTreeSet<_>>(), expected);
    let made = lines(
        &mut conn,
        "SELECT nspname::text AS line FROM pg_namespace \
         WHERE has_schema_privilege(oid, 'CREATE') AND nspname !~ '^pg_'",
    );
    assert_eq!(made, [""; 0]);
    let tables = lines(
        &mut views.owner(),
        "SELECT quote_ident(current_schema()) || '.' || relname AS line FROM pg_class \
         WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r'",
    );
    assert!(tables.len() > 30);
    for table in &tables {
        refused(&mut conn, &format!("SELECT 1 FROM {table}"));
    }
    let view = format!("{}.scorecards", views.schema);
    for statement in [
        format!("UPDATE {view} SET scorecard_key = ''"),
        format!("DELETE FROM {view}"),
        format!("BEGIN READ WRITE; DELETE FROM {view}"),
        format!("CREATE TABLE {}.mine (a int)", views.schema),
        "SET ROLE shirube".to_owned(),
        "SET default_transaction_read_only = off; CREATE TEMP TABLE mine (a int)".to_owned(),
    ] {
        refused(&mut conn, &statement);
        conn.batch_execute("ROLLBACK").unwrap();
    }
    let settings = lines(
        &mut conn,
        "SELECT current_setting(s) AS line FROM unnest(ARRAY['default_transaction_read_only', \
         'statement_timeout', 'idle_in_transaction_session_timeout']) s",
    );
    assert_eq!(settings, ["on", "1min", "1min"]);
    described(&views, &mut conn);
    no_secrets(&app, &views, &mut conn);
}

/// Every view and column says in Japanese what it is.
fn described(views: &Views, conn: &mut PgConnection) {
    let silent = lines(
        conn,
        &format!(
            "SELECT c.relname || '.' || coalesce(a.attname, '') AS line FROM pg_class c \
             JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 \
             WHERE c.relnamespace = '{}'::regnamespace \
             AND (col_description(c.oid, a.attnum) IS NULL OR obj_description(c.oid) IS NULL)",
            views.schema
        ),
    );
    assert_eq!(silent, [""; 0]);
}

/// No person, key or address stands in any view.
fn no_secrets(app: &App, views: &Views, conn: &mut PgConnection) {
    let dump = app.dump();
    for word in ["担当 ", "@example.jp", "shk_"] {
        for view in VIEWS {
            let text = json!(views.rows(conn, view)).to_string();
            assert!(!text.contains(word), "{word} in {view}");
        }
    }
    assert!(dump.holds("担当 "), "the database itself knows names");
}

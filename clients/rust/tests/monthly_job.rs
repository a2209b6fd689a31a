//! The README's monthly job, word for word, against a real server; and the
//! client's other calls beside it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod server;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use server::Demo;
use shirube_client::{
    ActualsQuery, AlertsQuery, Client, Encoding, Error, FactsQuery, ImportOptions, Language,
    Layout, OverviewQuery, Report, ScorecardQuery, ScorecardsQuery,
};

/// The demo leaves a report for its guided tour: it turns an item red.
const HUB: &str = "tottori";
const CARD: &str = "challenge-population";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn example() -> String {
    let source = fs::read_to_string(root().join("examples/monthly_job.rs")).unwrap();
    let (_, code) = source.split_once("\n\n").unwrap();
    code.to_owned()
}

#[test]
fn the_readmes_show_the_example() {
    for (file, code) in [
        ("README.md", example()),
        ("../../README.md", example()),
        ("../../README.ja.md", example()),
    ] {
        let text = fs::read_to_string(root().join(file)).unwrap();
        assert!(text.contains(&format!("```rust\n{code}```\n")), "{file}");
    }
    let program = example();
    let (_, body) = program.split_once("> {\n").unwrap();
    let (job, _) = body.split_once("    Ok(())\n").unwrap();
    assert!(job.lines().count() <= 10, "{job}");
}

/// Where cargo puts the example's program: beside this test's folder.
fn program() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let target = test.parent().unwrap().parent().unwrap();
    target.join("examples/monthly_job")
}

#[tokio::test]
async fn the_monthly_job_runs_as_shown() {
    let demo = Demo::start();
    let card = client(&demo, "hub").find(HUB, CARD).await.unwrap();
    let month = card.reported_through.unwrap();
    let figures = demo.folder().join(format!("{month}.csv"));
    fs::write(&figures, "item,value\nuij-consult,2\nuij-turn,0\n").unwrap();
    let output = Command::new(program())
        .arg(month)
        .current_dir(demo.folder())
        .env_clear()
        .env("SHIRUBE_SERVER", demo.address())
        .env("SHIRUBE_API_KEY", demo.key("hub"))
        .output()
        .unwrap();
    let told = String::from_utf8(output.stdout).unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{error}");
    let red: Vec<&str> = told.lines().collect();
    assert_eq!(red.len(), 1, "{told}");
    assert!(red[0].contains("UIJ") && red[0].contains("計画"), "{told}");
}

fn client(demo: &Demo, role: &str) -> Client {
    Client::new(demo.address(), demo.key(role)).unwrap()
}

#[tokio::test]
async fn every_read_is_read() {
    let demo = Demo::start();
    let client = client(&demo, "national");
    assert_eq!(client.me().await.unwrap().role, "national");
    let paged = ScorecardsQuery {
        limit: Some(3),
        ..ScorecardsQuery::default()
    };
    let cards = client.all_scorecards(&paged).await.unwrap();
    assert!(cards.len() > 6);
    let query = ScorecardQuery {
        include: Some("causes,alerts".to_owned()),
        ..ScorecardQuery::default()
    };
    for card in &cards {
        let state = client.scorecard(&card.id, &query).await.unwrap();
        assert_eq!(state.key, card.key);
        assert!(state.text().contains(&card.id));
        assert_eq!(state.flag, card.flag);
        let reds = state.items().filter(|(_, item)| item.flag == "red");
        for (_, item) in reds {
            assert!(item.cause.is_some(), "{}", item.key);
        }
    }
    let overview = client.overview(&OverviewQuery::default()).await.unwrap();
    assert_eq!(overview.scorecards.len(), cards.len());
    let alerts = client.alerts(&AlertsQuery::default()).await.unwrap();
    assert!(alerts.counts.open > 0 && !alerts.items.is_empty());
    let none = client.find("nowhere", "none").await.unwrap_err();
    assert!(matches!(none, Error::Argument(_)), "{none}");
}

#[tokio::test]
async fn facts_come_in_pages_and_one_by_one() {
    let demo = Demo::start();
    let client = client(&demo, "viewer");
    let mut query = FactsQuery {
        fiscal_year: Some(2025),
        limit: Some(500),
        ..FactsQuery::default()
    };
    let mut paged = Vec::new();
    loop {
        let page = client.facts(&query).await.unwrap().into_value();
        paged.extend(page.items);
        query.cursor = page.next_cursor;
        if query.cursor.is_none() {
            break;
        }
    }
    query.limit = None;
    let mut stream = client.facts_stream(&query).await.unwrap();
    let mut streamed = Vec::new();
    while let Some(row) = stream.next().await.unwrap() {
        streamed.push(row);
    }
    assert!(paged.len() > 500);
    assert_eq!(paged, streamed);
    assert!(stream.next_since().is_some());
    let csv = client.facts_csv(&query, None).await.unwrap();
    assert!(
        csv.file_name()
            .is_some_and(|name| Path::new(name).extension().is_some_and(|e| e == "csv"))
    );
    let csv = String::from_utf8(csv.bytes().await.unwrap()).unwrap();
    assert!(csv.lines().count() > paged.len());
}

#[tokio::test]
async fn files_go_out_and_in_again() {
    let demo = Demo::start();
    let client = client(&demo, "national");
    let card = client.find("akita", "challenge-employment").await.unwrap();
    let month = card.reported_through.as_deref();
    for file in [
        client.workbook(&card.id, None).await.unwrap(),
        client.monthly_report(&card.id, month).await.unwrap(),
    ] {
        let name = Path::new(file.file_name().unwrap()).to_owned();
        assert!(
            name.extension()
                .is_some_and(|extension| extension == "xlsx")
        );
        assert!(file.bytes().await.unwrap().starts_with(b"PK"));
    }
    // Months that are approved take nothing, not even the same again.
    let query = ActualsQuery {
        from: month.map(str::to_owned),
        layout: Some(Layout::Wide),
        encoding: Some(Encoding::Cp932),
        ..ActualsQuery::default()
    };
    let cells = client.actuals_csv(&card.id, &query).await.unwrap();
    let mut options = ImportOptions {
        scorecard: Some(card.id.clone()),
        dry_run: true,
        ..ImportOptions::default()
    };
    let file = cells.bytes().await.unwrap();
    let result = client.import(file, &options).await.unwrap();
    assert_eq!(result.outcome, "unchanged");
    assert_eq!(result.understood.encoding.as_deref(), Some("cp932"));
    assert!(result.counts.unchanged > 3);
    options.dry_run = false;
    let file = format!(
        "項目コード,対象月,実績値\r\nsupport-format,{},約10\r\n",
        month.unwrap()
    );
    let refused = client
        .import(file.into_bytes(), &options)
        .await
        .unwrap_err();
    let issue = &refused.problem().unwrap().issues[0];
    assert_eq!(issue.code, "unreadable_figure");
    assert_eq!(issue.place.as_ref().unwrap().cell.as_deref(), Some("C2"));
    assert!(issue.remedy.is_some());
}

#[tokio::test]
async fn refusals_say_why() {
    let demo = Demo::start();
    let national = client(&demo, "national").in_language(Language::English);
    let card = national
        .scorecards(&ScorecardsQuery::default())
        .await
        .unwrap()
        .into_value()
        .items
        .remove(0);
    let report = Report::new("2025-09").value("no-such-item", 1.0);
    let refused = national.report(&card.id, &report).await.unwrap_err();
    let problem = refused.problem().unwrap();
    assert_eq!((problem.status, problem.code.as_str()), (422, "invalid"));
    assert_eq!(problem.issues[0].code, "unknown_item");
    assert_eq!(problem.issues[0].path, "/values/0/item");
    assert!(problem.text.starts_with('{') && problem.detail.is_ascii());
    let viewer = client(&demo, "viewer");
    let refused = viewer.report(&card.id, &report).await.unwrap_err();
    assert_eq!(refused.problem().unwrap().code, "forbidden");
    let stranger = Client::new(demo.address(), "shk_unknown").unwrap();
    let refused = stranger.me().await.unwrap_err();
    assert_eq!(refused.problem().unwrap().status, 401);
    let nothing = Client::new("http://127.0.0.1:1", "shk_x").unwrap();
    let refused = nothing.me().await.unwrap_err();
    assert!(matches!(refused, Error::Unreachable { .. }), "{refused}");
}

//! `--as`: the commands of a server without one.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::demo::Demo;
use crate::process::{Folder, Server, run};
use crate::remote::{ended, stderr, stdout};

const HUB: &str = "hub@demo.example";
const VIEWER: &str = "viewer@demo.example";
/// What the demo leaves for its guided tour, which turns an item red.
const CARD: [&str; 4] = ["--hub", "tottori", "--key", "challenge-population"];

/// A demo's data in the place of an office's; what the server said of the red
/// steps, and the month that its guided tour reports.
fn office(data: &Path) -> (Value, String) {
    let demo = Demo::start(data);
    let open = demo.get("national", "/v1/alerts?state=open&limit=200");
    let card = demo
        .scorecards("hub", "&hub=tottori&key=challenge-population")
        .remove(0);
    let month = card["reported_through"].as_str().unwrap().to_owned();
    demo.stop();
    fs::copy(data.join("demo.sqlite3"), data.join("shirube.sqlite3")).unwrap();
    (open, month)
}

#[test]
fn without_a_server_the_database_itself_is_read_and_written() {
    let folder = Folder::new();
    let data = folder.path();
    let (open, month) = office(&data);
    let command = |email: &str, arguments: &[&str]| {
        run(&[arguments, &["--as", email]].concat(), &data, &[], "")
    };

    let red = command("National@demo.example", &["status", "--format", "json"]);
    ended(&red, 0);
    let red: Value = serde_json::from_str(&stdout(&red)).unwrap();
    assert_eq!(red, open, "as the server says");

    let file = data.join("figures.csv");
    let rows = format!("項目コード,対象月,実績値\nuij-consult,{month},2\n");
    fs::write(&file, rows).unwrap();
    let import = [&["import", file.to_str().unwrap(), "--yes"], &CARD[..]].concat();
    let refused = command(VIEWER, &import);
    ended(&refused, 4);
    assert!(command(HUB, &import).status.success());
    let again = command(HUB, &import);
    ended(&again, 0);
    assert!(stderr(&again).contains("変わるものはありません"));
    let report = command(HUB, &[&["report", "--format", "csv"], &CARD[..]].concat());
    ended(&report, 0);
    let report = stdout(&report);
    let mut rows = report.lines();
    let row = rows.find(|row| row.contains(",uij-consult,")).unwrap();
    assert!(row.contains(",behind,"), "{row}");

    let nobody = command("nobody@demo.example", &["status"]);
    ended(&nobody, 4);
    assert!(stderr(&nobody).contains("nobody@demo.example"));
}

#[test]
fn a_database_that_is_missing_old_or_in_use_is_left_alone() {
    let folder = Folder::new();
    let data = folder.path();
    let status = || run(&["status", "--as", HUB], &data, &[], "");
    let missing = status();
    ended(&missing, 2);
    assert!(stderr(&missing).contains("shirube.sqlite3 にデータベースがありません"));
    assert!(!data.join("shirube.sqlite3").exists());

    fs::create_dir_all(&data).unwrap();
    fs::write(data.join("shirube.sqlite3"), "").unwrap();
    let old = status();
    ended(&old, 1);
    assert!(stderr(&old).contains("shirube migrate"));

    let server = Server::start(&["serve"], &data, &[]);
    server.told("shirube listens on ");
    let busy = status();
    ended(&busy, 5);
    assert!(stderr(&busy).contains("--as を付けずに"));

    let both = ["status", "--as", HUB, "--server", "http://127.0.0.1:1"];
    ended(&run(&both, &data, &[], ""), 2);
}

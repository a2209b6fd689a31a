//! `status`, `report` and `export` against a running server: their answers in
//! each form, and their exit codes.

use std::fs;
use std::path::Path;
use std::process::Output;

use serde_json::Value;

use crate::demo::Demo;
use crate::process::{Folder, run};
use crate::stub::{Stub, answer};

/// Runs a command as somebody at a server.
pub fn command(arguments: &[&str], server: &str, key: &str, more: &[(&str, &str)]) -> Output {
    let mut variables = vec![("SHIRUBE_SERVER", server), ("SHIRUBE_API_KEY", key)];
    variables.extend(more);
    run(arguments, &Folder::new().path(), &variables, "")
}

pub fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

pub fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

pub fn ended(output: &Output, code: i32) {
    let told = format!("{}{}", stdout(output), stderr(output));
    assert_eq!(output.status.code(), Some(code), "{told}");
}

/// The records of a CSV without quoted line breaks, as Excel opens it.
fn records(text: &str) -> Vec<Vec<String>> {
    let text = text.strip_prefix('\u{feff}').expect("a byte order mark");
    text.split_terminator("\r\n")
        .map(|line| line.split(',').map(str::to_owned).collect())
        .collect()
}

#[test]
fn what_is_red_and_how_a_month_stands() {
    let folder = Folder::new();
    let demo = Demo::start(&folder.path());
    status(&demo);
    status_of_a_month(&demo);
    report(&demo);
    who_may(&demo);
    facts(&demo);
}

fn status(demo: &Demo) {
    let national = |arguments: &[&str], more: &[(&str, &str)]| {
        command(arguments, &demo.address, demo.key("national"), more)
    };
    let api = demo.get("national", "/v1/alerts?state=open&limit=200");
    let alerts = api["items"].as_array().unwrap();
    assert!(alerts.len() > 5);

    let table = national(&["status"], &[]);
    ended(&table, 0);
    let text = stdout(&table);
    assert_eq!(text.lines().count(), alerts.len() + 2, "{text}");
    assert!(
        text.contains("次に取り組む準備") && text.contains(" 件 / "),
        "{text}"
    );
    for alert in alerts {
        assert!(text.contains(alert["item_name"]["ja"].as_str().unwrap()));
    }
    assert!(!text.contains(['△', '●', '①', '■', '│', '─']), "{text}");

    let english = national(&["status"], &[("LANG", "en_GB.UTF-8")]);
    assert!(stdout(&english).contains("| Prepare next"));
    let japanese = national(&["status", "--language", "ja"], &[("LANG", "en_GB.UTF-8")]);
    assert_eq!(stdout(&japanese), text);

    let json = national(&["status", "--format", "json"], &[]);
    let same: Value = serde_json::from_str(&stdout(&json)).unwrap();
    assert_eq!(same, api, "untouched");

    let csv = national(&["status", "--format", "csv", "--fail-on", "red"], &[]);
    ended(&csv, 10);
    let rows = records(&stdout(&csv));
    assert_eq!(rows.len(), alerts.len() + 1);
    let column = |name: &str| rows[0].iter().position(|heading| heading == name).unwrap();
    assert_eq!(rows[1][column("item")], alerts[0]["item"].as_str().unwrap());
    assert_eq!(rows[1][column("plan")], alerts[0]["plan"].to_string());
    assert_eq!(
        rows[1][column("since")],
        alerts[0]["opened_month"].as_str().unwrap()
    );

    let hub = ["status", "--hub", "tottori-seibu", "--fail-on", "red"];
    let nothing = national(&hub, &[]);
    ended(&nothing, 0);
    assert_eq!(stdout(&nothing), "");
    assert!(stderr(&nothing).contains("赤の段階はありません"));
    for wrong in [["--hub", "typo"], ["--prefecture", "6"]] {
        for format in ["table", "json", "csv"] {
            let more = ["--fail-on", "red", "--format", format];
            let output = national(&[&["status"], &wrong[..], &more].concat(), &[]);
            ended(&output, 2);
            let words = format!(
                "{} に当てはまるスコアカードは見つかりません",
                wrong.join(" ")
            );
            assert!(stderr(&output).contains(&words), "{}", stderr(&output));
        }
    }
    let prefecture = national(&["status", "--prefecture", "05", "--format", "csv"], &[]);
    let rows = records(&stdout(&prefecture));
    assert!(rows.len() > 1 && rows[1..].iter().all(|row| row[0] == "05"));
}

fn status_of_a_month(demo: &Demo) {
    let card = demo.scorecards("national", "&hub=hiroshima").remove(0);
    let last = card["reported_through"].as_str().unwrap();
    let month = |month: &str| {
        let arguments = [
            "status",
            "--hub",
            "hiroshima",
            "--month",
            month,
            "--format",
            "csv",
        ];
        let output = command(&arguments, &demo.address, demo.key("national"), &[]);
        ended(&output, 0);
        records(&stdout(&output))
    };
    let arguments = ["status", "--hub", "hiroshima", "--format", "csv"];
    let now = command(&arguments, &demo.address, demo.key("national"), &[]);
    let mut now = records(&stdout(&now));
    let mut then = month(last);
    now.sort();
    then.sort();
    assert_eq!(then, now, "the last reported month is the present");
    assert_eq!(month(card["start_month"].as_str().unwrap()).len(), 1);

    let national = |arguments: &[&str]| {
        let arguments = [&["status"], arguments].concat();
        command(&arguments, &demo.address, demo.key("national"), &[])
    };
    let unknown = national(&["--month", "2099-01"]);
    ended(&unknown, 0);
    assert!(stderr(&unknown).contains("2099-01 はまだ何も報告されていない"));
    assert!(!stderr(&unknown).contains("赤の段階はありません"));
    ended(&national(&["--month", "2099-01", "--fail-on", "red"]), 1);
    ended(&national(&["--month", "2099-01", "--hub", "typo"]), 2);
    let wrong = national(&["--month", "2028-13"]);
    ended(&wrong, 2);
    assert_eq!(stderr(&wrong).matches("--month: ").count(), 1);
}

fn report(demo: &Demo) {
    let which = ["--hub", "akita", "--key", "challenge-employment"];
    let report = |more: &[&str]| {
        let arguments = [&["report"], more].concat();
        command(&arguments, &demo.address, demo.key("viewer"), &[])
    };
    let table = report(&which);
    ended(&table, 0);
    assert!(stdout(&table).contains("遅れ（赤）") && stdout(&table).contains("| 理由"));
    assert!(stderr(&table).contains("秋田県"));

    let json = report(&[&which[..], &["--format", "json"]].concat());
    let card: Value = serde_json::from_str(&stdout(&json)).unwrap();
    let id = card["id"].as_str().unwrap();
    assert_eq!(card, demo.get("viewer", &format!("/v1/scorecards/{id}")));

    let csv = report(&["--scorecard", id, "--month", "2025-03", "--format", "csv"]);
    ended(&csv, 0);
    assert!(stdout(&csv).starts_with("\u{feff}month,stage,track,item,"));
    assert!(stdout(&csv).contains("\r\n2025-03,"));

    let several = report(&["--hub", "akita"]);
    ended(&several, 2);
    assert!(stderr(&several).contains("--hub akita --key challenge-industry"));
    let nowhere = report(&["--hub", "nowhere", "--key", "x"]);
    ended(&nowhere, 2);
    assert!(stderr(&nowhere).contains("--hub nowhere --key x に当てはまる"));
    ended(&report(&["--scorecard", "nothing"]), 1);
    let wrong = report(&["--scorecard", id, "--month", "2025-13"]);
    ended(&wrong, 2);
    assert!(stderr(&wrong).starts_with("shirube: --month: "));
    assert!(!stderr(&wrong).contains("保存されていません"));
    ended(&report(&["--scorecard", id, "--hub", "akita"]), 2);
    ended(&report(&["--scorecard", id, "--format", "xml"]), 2);
}

fn who_may(demo: &Demo) {
    let status = |key: &str, more: &[(&str, &str)]| command(&["status"], &demo.address, key, more);
    for key in ["shk_unknown", "", demo.key("operator")] {
        let output = status(key, &[]);
        ended(&output, 4);
        assert_eq!(stdout(&output), "");
        assert!(!stderr(&output).is_empty() && !stderr(&output).contains("shk_"));
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("key");
    // As Notepad saves it.
    fs::write(&file, format!("\u{feff}{}\r\n", demo.key("hub"))).unwrap();
    let file = file.to_str().unwrap();
    let by_file = ["status", "--key-file", file, "--server", &demo.address];
    ended(&command(&by_file, "http://127.0.0.1:1", "shk_x", &[]), 0);
    let variables = [
        ("SHIRUBE_SERVER", demo.address.as_str()),
        ("SHIRUBE_API_KEY_FILE", file),
        // What would keep a server from starting does not matter here.
        ("SHIRUBE_DUE_DAY", "40"),
    ];
    ended(
        &run(&["status"], &folder.path().join("data"), &variables, ""),
        0,
    );

    let misspelt = status(demo.key("hub"), &[("SHIRUBE_SEVRER", "x")]);
    ended(&misspelt, 2);
    assert!(stderr(&misspelt).contains("SHIRUBE_SEVRER"));
    let missing = command(&["status", "--key-file", "/none"], &demo.address, "", &[]);
    ended(&missing, 2);
    assert!(stderr(&missing).contains("/none を読めません（"));
    ended(
        &command(&["status", "--key", "shk_x"], &demo.address, "", &[]),
        2,
    );
}

fn facts(demo: &Demo) {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let export = |more: &[&str]| {
        let arguments = [
            &["export", "--form", "facts", "--hub", "tottori-seibu"],
            more,
        ]
        .concat();
        command(&arguments, &demo.address, demo.key("viewer"), &[])
    };
    let file = path("facts.csv");
    let to_file = ["-o", file.to_str().unwrap()];
    let saved = export(&to_file);
    ended(&saved, 0);
    assert_eq!(stdout(&saved).trim_end(), to_file[1]);
    let first = fs::read_to_string(&file).unwrap();
    assert!(first.starts_with("\u{feff}scorecard,"), "{first:.40}");

    let again = export(&to_file);
    ended(&again, 1);
    assert!(stderr(&again).contains("--force"));
    fs::write(&file, "mine").unwrap();
    ended(&export(&to_file), 1);
    assert_eq!(fs::read_to_string(&file).unwrap(), "mine");
    ended(&export(&[&to_file[..], &["--force"]].concat()), 0);
    assert_eq!(fs::read_to_string(&file).unwrap(), first);

    let shown = export(&["-o", "-", "--encoding", "utf-8", "--from", "2026-01"]);
    ended(&shown, 0);
    assert!(stdout(&shown).starts_with("scorecard,"));
    assert!(!stdout(&shown).contains(",2025-12,"));
    let sub = path("sub");
    fs::create_dir(&sub).unwrap();
    let listed = export(&["-o", sub.to_str().unwrap(), "--format", "json"]);
    let listed: Value = serde_json::from_str(&stdout(&listed)).unwrap();
    let name = Path::new(listed["files"][0]["file"].as_str().unwrap());
    assert_eq!(name.parent().unwrap(), sub);
    assert_eq!(
        listed["files"][0]["bytes"],
        fs::metadata(name).unwrap().len()
    );
    let wrong = export(&["--from", "2026-13", "-o", "-"]);
    ended(&wrong, 2);
    assert!(stderr(&wrong).contains("--from: "));
    let nothing = export(&[
        "--from",
        "2099-01",
        "-o",
        path("nothing.csv").to_str().unwrap(),
    ]);
    ended(&nothing, 1);
    assert!(stderr(&nothing).contains("書き出す行がありません") && !path("nothing.csv").exists());
    ended(&export(&["--month", "2026-01"]), 2);
    ended(&export(&["--layout", "wide"]), 2);
}

#[test]
fn a_server_that_is_not_there_or_none_of_ours() {
    let gone = command(&["status"], "http://127.0.0.1:1", "shk_x", &[]);
    ended(&gone, 5);
    let told = stderr(&gone);
    assert!(
        told.contains("http://127.0.0.1:1 のサーバーが応答しません"),
        "{told}"
    );
    ended(&command(&["status"], "not an address", "shk_x", &[]), 2);

    let busy = |status| {
        let body = br#"{"type":"t","title":"t","status":503,"code":"unavailable","detail":"d","issues":[],"request_id":"r"}"#;
        answer(status, "Retry-After: 0\r\n", body)
    };
    let stub = Stub::start(vec![busy(503), busy(503), busy(503), busy(503)]);
    ended(&command(&["status"], &stub.address, "shk_x", &[]), 5);
    assert_eq!(stub.seen().len(), 4);

    let stub = Stub::start(vec![answer(200, "", b"<html>\x1b[31mportal</html>")]);
    let portal = command(&["status"], &stub.address, "shk_x", &[]);
    ended(&portal, 1);
    assert!(
        !stderr(&portal).contains('\u{1b}'),
        "nothing steers the terminal"
    );

    let stub = Stub::start(vec![answer(
        307,
        "Location: https://elsewhere.example/\r\n",
        b"",
    )]);
    let moved = command(&["status"], &stub.address, "shk_x", &[]);
    ended(&moved, 1);
    assert!(stderr(&moved).contains("https://elsewhere.example/"));
}

#[test]
fn a_proxy_leads_to_other_machines_only_and_open_roads_are_named() {
    let body = br#"{"items":[],"next_cursor":null,"counts":{"open":0,"resolved":0,"withdrawn":0,"critical":0}}"#;
    let facts = br#"{"items":[],"next_cursor":null,"next_since":"s"}"#;
    let stub = Stub::start(vec![
        answer(200, "", body),
        answer(200, "", facts),
        answer(200, "", facts),
    ]);
    let proxy = [("http_proxy", stub.address.as_str())];
    let far = command(&["status"], "http://shirube.example", "shk_x", &proxy);
    ended(&far, 1);
    assert!(stderr(&far).contains("見られるスコアカードがありません"));
    assert!(stderr(&far).contains("暗号化されずに"));
    assert!(stub.seen()[0].starts_with("GET http://shirube.example/v1/"));

    let here = command(&["status"], "http://127.0.0.1:1", "shk_x", &proxy);
    ended(&here, 5);
    assert!(!stderr(&here).contains("暗号化されずに"));
    assert_eq!(stub.seen().len(), 3);
}

#[test]
fn help_names_the_exit_codes() {
    for name in ["import", "export", "report", "status"] {
        let output = run(&[name, "--help"], &Folder::new().path(), &[], "");
        ended(&output, 0);
        assert!(stdout(&output).contains("preview only, because nobody could confirm"));
    }
}

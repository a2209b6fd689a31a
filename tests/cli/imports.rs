//! `import`: previewed, asked about, all or nothing; and `export` of files.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};

use crate::demo::Demo;
use crate::exports::names;
use crate::process::Folder;
use crate::remote::{command, ended, stderr, stdout};
use crate::stub::{Stub, answer};

const KEY: &str = "shk_x";
/// The demo leaves a report of this hub for its guided tour: it turns an item red.
const HUB: &str = "tottori";
const CARD: &str = "challenge-population";

/// A demo, and the month of its guided tour.
struct Office {
    demo: Demo,
    card: String,
    month: String,
    folder: tempfile::TempDir,
}

impl Office {
    fn open(data: &Path) -> Self {
        let demo = Demo::start(data);
        let card = demo
            .scorecards("hub", &format!("&hub={HUB}&key={CARD}"))
            .remove(0);
        let text = |member: &str| card[member].as_str().unwrap().to_owned();
        Self {
            card: text("id"),
            month: text("reported_through"),
            folder: tempfile::tempdir().unwrap(),
            demo,
        }
    }

    /// A file with rows of item, month and value.
    fn file(&self, rows: &[(&str, &str, &str)]) -> String {
        let row = |(item, month, value): &(&str, &str, &str)| format!("{item},{month},{value}");
        let mut lines = vec!["項目コード,対象月,実績値".to_owned()];
        lines.extend(rows.iter().map(row));
        let text = lines.join("\r\n");
        let file = self.folder.path().join("figures.csv");
        fs::write(&file, text).unwrap();
        file.to_str().unwrap().to_owned()
    }

    /// What the guided tour reports, with a row of sums.
    fn tour(&self) -> String {
        let month = &self.month;
        self.file(&[
            ("uij-consult", month, "2"),
            ("uij-turn", month, "0"),
            ("合計", "", "2"),
        ])
    }

    fn import(&self, role: &str, file: &str, more: &[&str]) -> Output {
        let which = ["import", file, "--hub", HUB, "--key", CARD];
        let arguments = [&which[..], more].concat();
        command(&arguments, &self.demo.address, self.demo.key(role), &[])
    }

    /// What is reported for an item in the month.
    fn reported(&self, item: &str) -> Value {
        let (card, month) = (&self.card, &self.month);
        let path = format!("/v1/scorecards/{card}/actuals?from={month}&to={month}");
        let cells = self.demo.get("hub", &path);
        let mut cells = cells["months"][0]["cells"].as_array().unwrap().iter();
        cells
            .find(|cell| cell["item"] == item)
            .map_or(Value::Null, |cell| cell["value"].clone())
    }
}

#[test]
fn a_file_is_previewed_and_imported() {
    let data = Folder::new();
    let office = Office::open(&data.path());
    what_is_understood_and_changes(&office);
    what_is_refused_is_shown_cell_by_cell(&office);
    who_may(&office);
    nothing_is_stored_without_a_yes(&office);
}

fn what_is_understood_and_changes(office: &Office) {
    let file = office.tour();
    let output = office.import("hub", &file, &["--dry-run", "--note", "確定"]);
    ended(&output, 0);
    let text = stdout(&output);
    let month = &office.month;
    for expected in [
        "読み取り: CSV, utf-8",
        &format!("CSV: 縦持ち（1 行に 1 項目）、{month}"),
        "4 行目を除外 合計",
        &format!("| C2   | {month} | UIJターン相談（のべ）"),
        "新規 2、変更 0",
        "赤になる項目: UIJターン相談（のべ）",
    ] {
        assert!(text.contains(expected), "{expected} in {text}");
    }
    assert!(stderr(&output).contains("何も保存していません"));

    let json = office.import("hub", &file, &["--dry-run", "--format", "json"]);
    let json: Value = serde_json::from_str(&stdout(&json)).unwrap();
    assert_eq!(json["cells"][0]["place"]["cell"], "C2");
    assert_eq!(json["dry_run"], true);
    let english = ["--dry-run", "--format", "csv", "--language", "en"];
    let csv = stdout(&office.import("hub", &file, &english));
    let row = format!(
        "\r\n{},{month},uij-consult,U/I/J-turn consultations",
        office.card
    );
    assert!(
        csv.contains(&row) && csv.contains(",,,,2,,,,,C2\r\n"),
        "{csv}"
    );
    assert_eq!(office.reported("uij-consult"), Value::Null);
}

fn what_is_refused_is_shown_cell_by_cell(office: &Office) {
    let month = &office.month;
    let bad = office.file(&[("uij-consult", month, "約10"), ("no-such", month, "0")]);
    let output = office.import("hub", &bad, &["--yes"]);
    ended(&output, 3);
    let text = stdout(&output);
    for expected in ["| 直し方", "| C2   | 約10", "| A3   | no-such", "数字だけ"] {
        assert!(text.contains(expected), "{expected} in {text}");
    }
    assert!(stderr(&output).contains("何も保存していません"));
    let csv = stdout(&office.import("hub", &bad, &["--format", "csv"]));
    assert!(csv.contains("error,unreadable_figure,,C2,約10,"), "{csv}");
    let json = stdout(&office.import("hub", &bad, &["--format", "json"]));
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["issues"][0]["place"]["value"], "約10");
    assert_eq!(json["status"], 422);

    let approved = office.file(&[("uij-consult", "2025-04", "3")]);
    let output = office.import("hub", &approved, &["--yes"]);
    ended(&output, 3);
    assert!(stdout(&output).contains("承認済み"));
    let pages = office.file(&[("uij-consult", month, "1")]);
    ended(&office.import("hub", &pages, &["--encoding", "utf-32"]), 3);
}

fn who_may(office: &Office) {
    let file = office.tour();
    for (role, code) in [("viewer", 4), ("prefecture", 4), ("operator", 4)] {
        ended(&office.import(role, &file, &["--yes"]), code);
    }
    let elsewhere = [
        "import",
        &file,
        "--hub",
        "akita",
        "--key",
        "challenge-employment",
    ];
    let key = office.demo.key("hub");
    let output = command(&elsewhere, &office.demo.address, key, &[]);
    assert!(
        [1, 3].contains(&output.status.code().unwrap()),
        "{}",
        stderr(&output)
    );
    assert_eq!(office.reported("uij-consult"), Value::Null);
}

fn nothing_is_stored_without_a_yes(office: &Office) {
    let file = office.tour();
    let nobody = office.import("hub", &file, &[]);
    ended(&nobody, 6);
    assert!(stderr(&nobody).contains("| C2") && stderr(&nobody).contains("--yes"));
    assert_eq!(stdout(&nobody), "");
    let json = office.import("hub", &file, &["--format", "json"]);
    ended(&json, 6);
    assert!(stdout(&json).starts_with('{'));
    assert_eq!(office.reported("uij-consult"), Value::Null);

    for (answered, stored) in [("n\n", Value::Null), ("\n", Value::Null), ("y\n", json!(2))] {
        let output = at_a_terminal(office, &file, answered);
        ended(&output, 0);
        assert!(stdout(&output).contains("Import this? [y/N]"));
        assert_eq!(office.reported("uij-consult"), stored, "{answered:?}");
    }
    let again = office.import("hub", &file, &[]);
    ended(&again, 0);
    assert!(stderr(&again).contains("変わるものはありません"));

    let other = office.file(&[("uij-consult", &office.month, "3")]);
    let output = office.import("hub", &other, &["--yes"]);
    ended(&output, 0);
    assert!(stderr(&output).contains("取り込みました"));
    assert_eq!(office.reported("uij-consult"), json!(3));
    // The first figures again are news, not the first request again.
    ended(&office.import("hub", &office.tour(), &["--yes"]), 0);
    assert_eq!(office.reported("uij-consult"), json!(2));
}

/// Runs an import with a terminal, by way of `script`, and answers.
fn at_a_terminal(office: &Office, file: &str, answered: &str) -> Output {
    let binary = env!("CARGO_BIN_EXE_shirube");
    let line = format!("{binary} import {file} --hub {HUB} --key {CARD}");
    let mut child = Command::new("script")
        .args(["-qec", &line, "/dev/null"])
        .env("SHIRUBE_SERVER", &office.demo.address)
        .env("SHIRUBE_API_KEY", office.demo.key("hub"))
        .env("LC_ALL", "en_US.UTF-8")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(answered.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    drop(stdin);
    output
}

#[test]
fn a_file_that_cannot_be_sent_is_not() {
    let nowhere = "http://127.0.0.1:1";
    let missing = command(&["import", "/none.xlsx"], nowhere, KEY, &[]);
    ended(&missing, 2);
    assert!(stderr(&missing).contains("/none.xlsx を読めません（"));
    ended(&command(&["import", "/tmp"], nowhere, KEY, &[]), 2);
    ended(&command(&["import"], nowhere, KEY, &[]), 2);
    let folder = tempfile::tempdir().unwrap();
    let large = folder.path().join("large.xlsx");
    fs::File::create(&large)
        .unwrap()
        .set_len(5 * 1024 * 1024 + 1)
        .unwrap();
    ended(
        &command(&["import", large.to_str().unwrap()], nowhere, KEY, &[]),
        3,
    );
    let small = folder.path().join("small.csv");
    fs::write(&small, "項目コード\r\n").unwrap();
    let small = small.to_str().unwrap();
    ended(&command(&["import", small], nowhere, KEY, &[]), 5);
    let both = ["import", small, "--yes", "--dry-run"];
    ended(&command(&both, nowhere, KEY, &[]), 2);
}

#[test]
fn files_are_saved_and_go_in_again() {
    let data = Folder::new();
    let office = Office::open(&data.path());
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let export = |more: &[&str]| {
        let arguments = [&["export"], more].concat();
        command(
            &arguments,
            &office.demo.address,
            office.demo.key("hub"),
            &[],
        )
    };
    let all = path("all");
    fs::create_dir(&all).unwrap();
    let to_all = ["--all", "-o", all.to_str().unwrap()];
    let saved = export(&to_all);
    ended(&saved, 0);
    let cards = office.demo.scorecards("hub", "");
    assert_eq!(names(&all).len(), cards.len());
    assert_eq!(stdout(&saved).lines().count(), cards.len());
    for name in names(&all) {
        let bytes = fs::read(all.join(&name)).unwrap();
        let extension = Path::new(&name).extension().unwrap();
        assert!(extension == "xlsx" && bytes.starts_with(b"PK"), "{name}");
    }
    ended(&export(&to_all), 1);
    ended(&export(&[&to_all[..], &["--force"]].concat()), 0);

    let which = ["--hub", HUB, "--key", CARD];
    let report = path("report.xlsx");
    let to_report = [
        "--form",
        "report",
        "--month",
        &office.month,
        "-o",
        report.to_str().unwrap(),
    ];
    ended(&export(&[&which[..], &to_report].concat()), 0);
    assert!(fs::read(&report).unwrap().starts_with(b"PK"));
    for (layout, encoding) in [("long", "utf-8-bom"), ("wide", "cp932")] {
        let file = path(&format!("{layout}.csv"));
        let file = file.to_str().unwrap();
        let cells = [
            "--form",
            "csv",
            "--layout",
            layout,
            "--encoding",
            encoding,
            "-o",
            file,
        ];
        // Months that are approved take nothing, not even the same again.
        let open = ["--from", &office.month];
        ended(&export(&[&which[..], &cells, &open].concat()), 0);
        let again = office.import("hub", file, &[]);
        ended(&again, 0);
        assert!(
            stderr(&again).contains("変わるものはありません"),
            "{layout}"
        );
    }
    ended(&export(&["--all", "-o", "-"]), 2);
    ended(&export(&["--hub", HUB]), 2);
    ended(
        &export(&["--hub", "akita", "--key", "challenge-employment"]),
        2,
    );
}

/// What a server says is not trusted with a path, nor a half file with a name.
#[test]
fn a_file_is_saved_whole_and_in_its_folder() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path().to_str().unwrap();
    let headers = "Content-Disposition: attachment; filename=\"../two.xlsx\"\r\n";
    let stub = Stub::start(vec![answer(200, headers, b"PK")]);
    let arguments = ["export", "--scorecard", "c1", "-o", here];
    ended(&command(&arguments, &stub.address, KEY, &[]), 0);
    assert_eq!(names(folder.path()), ["_two.xlsx"]);

    let cut = b"HTTP/1.1 200 X\r\nContent-Length: 1000\r\n\r\nPK".to_vec();
    let stub = Stub::start(vec![cut]);
    let file = folder.path().join("cut.xlsx");
    let arguments = ["export", "--scorecard", "c1", "-o", file.to_str().unwrap()];
    ended(&command(&arguments, &stub.address, KEY, &[]), 5);
    assert_eq!(names(folder.path()), ["_two.xlsx"], "no half file");
}

//! `export`: files come whole, in the place that is meant, and nothing that is
//! there is lost.

use std::fs;
use std::os::unix::fs::{FileTypeExt as _, PermissionsExt as _, symlink};
use std::path::Path;
use std::process::{Command, Output};
use std::thread;
use std::time::Duration;

use serde_json::json;

use crate::process::{Folder, Server};
use crate::remote::{command, ended, stderr, stdout};
use crate::stub::{Stub, answer};

const KEY: &str = "shk_x";
/// Long enough for a command to have begun.
const PAUSE: Duration = Duration::from_millis(20);

/// Exports one scorecard from a server that answers so.
fn export(file: &Path, served: Vec<u8>, more: &[&str]) -> Output {
    let stub = Stub::start(vec![served]);
    let file = file.to_str().unwrap();
    let arguments = [&["export", "--scorecard", "c1", "-o", file], more].concat();
    command(&arguments, &stub.address, KEY, &[])
}

fn new() -> Vec<u8> {
    answer(200, "", b"new")
}

pub fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// A list of so many scorecards of one hub.
fn cards(count: usize) -> Vec<u8> {
    let name = json!({"ja": "計画", "en": "Plan"});
    let whose = json!({"code": "x", "name": name});
    let card = |index: usize| {
        json!({
            "id": format!("c{index}"), "key": format!("k{index}"), "name": name, "hub": whose, "prefecture": whose,
            "template": null, "market_type": "growth", "start_month": "2028-04", "reported_through": null,
            "revision": 1, "score": null, "flag": "none",
        })
    };
    let items: Vec<_> = (1..=count).map(card).collect();
    let list = json!({"items": items, "next_cursor": null});
    answer(200, "", list.to_string().as_bytes())
}

#[test]
fn files_of_one_run_never_replace_each_other() {
    let folder = tempfile::tempdir().unwrap();
    let named = |name: &str, body: &[u8]| {
        let header = format!("Content-Disposition: attachment; filename=\"{name}\"\r\n");
        answer(200, &header, body)
    };
    let run = |more: &[&str]| {
        let served = vec![
            cards(2),
            named("Plan.xlsx", b"one"),
            named("plan.xlsx", b"two"),
        ];
        let stub = Stub::start(served);
        let here = folder.path().to_str().unwrap();
        let arguments = [&["export", "--all", "-o", here], more].concat();
        command(&arguments, &stub.address, KEY, &[])
    };
    for more in [&[][..], &["--force"]] {
        let output = run(more);
        ended(&output, 0);
        assert_eq!(stdout(&output).lines().count(), 2);
        assert_eq!(names(folder.path()), ["Plan.xlsx", "plan_c2.xlsx"]);
        let read = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
        assert_eq!(
            (read("Plan.xlsx"), read("plan_c2.xlsx")),
            ("one".into(), "two".into())
        );
    }
    // What was saved before something went wrong is named.
    fs::remove_file(folder.path().join("Plan.xlsx")).unwrap();
    let output = run(&[]);
    ended(&output, 1);
    assert!(stdout(&output).contains("Plan.xlsx"), "{}", stdout(&output));
    assert!(stderr(&output).contains("plan_c2.xlsx はすでにあります"));
}

#[test]
fn what_is_replaced_keeps_its_rights_and_its_links() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    fs::write(path("real.xlsx"), "old").unwrap();
    fs::set_permissions(path("real.xlsx"), fs::Permissions::from_mode(0o600)).unwrap();
    symlink("real.xlsx", path("link.xlsx")).unwrap();
    ended(&export(&path("link.xlsx"), new(), &[]), 1);
    ended(&export(&path("link.xlsx"), new(), &["--force"]), 0);
    assert!(path("link.xlsx").is_symlink());
    assert_eq!(fs::read_to_string(path("real.xlsx")).unwrap(), "new");
    let rights = fs::metadata(path("real.xlsx")).unwrap().permissions();
    assert_eq!(rights.mode() & 0o777, 0o600);

    symlink("nothing", path("lost.xlsx")).unwrap();
    let lost = export(&path("lost.xlsx"), new(), &["--force"]);
    ended(&lost, 1);
    assert!(stderr(&lost).contains("存在しない場所を指すリンクです"));
    assert_eq!(
        names(folder.path()),
        ["link.xlsx", "lost.xlsx", "real.xlsx"]
    );
}

#[test]
fn what_lies_beside_a_file_stays() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    fs::write(path("other"), "mine").unwrap();
    symlink("other", path("p.xlsx.part")).unwrap();
    ended(&export(&path("p.xlsx"), new(), &[]), 0);
    assert_eq!(fs::read_to_string(path("other")).unwrap(), "mine");
    assert_eq!(names(folder.path()), ["other", "p.xlsx", "p.xlsx.part"]);
}

#[test]
fn devices_and_pipes_are_written_to_as_they_are() {
    let null = Path::new("/dev/null");
    ended(&export(null, new(), &["--force"]), 0);
    ended(&export(null, new(), &[]), 0);
    assert!(fs::metadata(null).unwrap().file_type().is_char_device());

    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe");
    assert!(
        Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .unwrap()
            .success()
    );
    let read = pipe.clone();
    let reader = thread::spawn(move || fs::read_to_string(read).unwrap());
    ended(&export(&pipe, new(), &[]), 0);
    assert_eq!(reader.join().unwrap(), "new");
    assert!(fs::metadata(&pipe).unwrap().file_type().is_fifo());

    let socket = folder.path().join("socket");
    let _open = std::os::unix::net::UnixListener::bind(&socket).unwrap();
    let refused = export(&socket, new(), &["--force"]);
    ended(&refused, 1);
    assert!(stderr(&refused).contains("ファイルではない"));
    assert_eq!(names(folder.path()), ["pipe", "socket"]);
}

/// Stops an export in the middle, once its file has begun.
#[test]
fn a_run_that_is_stopped_leaves_no_half_file() {
    let cut = b"HTTP/1.1 200 X\r\nContent-Length: 1000\r\n\r\nPK".to_vec();
    let stub = Stub::waiting(vec![cut]);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("p.xlsx");
    let variables = [
        ("SHIRUBE_SERVER", stub.address.as_str()),
        ("SHIRUBE_API_KEY", KEY),
    ];
    let arguments = ["export", "--scorecard", "c1", "-o", file.to_str().unwrap()];
    let running = Server::start(&arguments, &Folder::new().path(), &variables);
    let mut begun = names(folder.path());
    for _ in 0..500 {
        if !begun.is_empty() {
            break;
        }
        thread::sleep(PAUSE);
        begun = names(folder.path());
    }
    let name = Path::new(&begun[0]);
    assert!(name.extension().is_some_and(|end| end == "part"));
    assert_eq!(running.stop().0, Some(130));
    assert_eq!(names(folder.path()), Vec::<String>::new());
}

#[test]
fn nothing_to_export_is_no_success() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path().to_str().unwrap();
    let run = |more: &[&str]| {
        let stub = Stub::start(vec![cards(0)]);
        let arguments = [&["export", "--all", "-o", here], more].concat();
        command(&arguments, &stub.address, KEY, &[])
    };
    let nothing = run(&[]);
    ended(&nothing, 1);
    assert!(stderr(&nothing).contains("見られるスコアカードがありません"));
    let typo = run(&["--hub", "typo"]);
    ended(&typo, 2);
    assert!(stderr(&typo).contains("--hub typo に当てはまるスコアカードは見つかりません"));
}

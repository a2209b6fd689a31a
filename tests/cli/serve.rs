//! `serve`: the first account, and what survives a restart.

use std::fs;

use serde_json::{Value, json};

use crate::http::{get, post};
use crate::process::{Folder, Server, run};

const EMAIL: &str = "office@nation.example";
const PASSWORD: &str = "正しい馬の電池とホチキス";

fn sign_in(address: &str) -> Value {
    let body = json!({ "grant_type": "password", "email": EMAIL, "password": PASSWORD });
    let answer = post(address, "/v1/auth/token", "", &body);
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body
}

fn address(server: &Server) -> String {
    let told = server.told("shirube listens on ");
    told.split(' ').next().unwrap().to_owned()
}

#[test]
fn the_first_account_and_all_data_survive_a_restart() {
    let folder = Folder::new();
    let data = folder.path();
    let create = [
        "admin",
        "create",
        "--email",
        EMAIL,
        "--role",
        "national",
        "--password-stdin",
    ];
    let output = run(&create, &data, &[], &format!("{PASSWORD}\n"));
    assert_eq!(output.status.code(), Some(0));

    let server = Server::start(&["serve"], &data, &[]);
    let first = address(&server);
    let signed_in = sign_in(&first);
    let token = signed_in["access_token"].as_str().unwrap();
    let prefecture = json!({ "code": "06", "name": { "ja": "山形県", "en": "Yamagata" }, "market_type": "growth" });
    assert_eq!(
        post(&first, "/v1/prefectures", token, &prefecture).status,
        201
    );
    let secret = fs::read(data.join("jwt-secret")).unwrap();
    assert_eq!(
        server.stop(),
        (Some(0), vec![]),
        "results only on standard output"
    );

    let server = Server::start(&["serve"], &data, &[]);
    let second = address(&server);
    assert_eq!(fs::read(data.join("jwt-secret")).unwrap(), secret);
    let prefectures = get(&second, "/v1/prefectures", token);
    assert_eq!(prefectures.status, 200, "a token outlives the process");
    assert_eq!(prefectures.body["items"][0]["name"]["ja"], "山形県");
    sign_in(&second);
    assert_eq!(server.stop().0, Some(0));
}

#[cfg(unix)]
#[test]
fn secrets_and_data_are_the_owners_alone() {
    use std::os::unix::fs::PermissionsExt as _;

    let folder = Folder::new();
    let server = Server::start(&["serve"], &folder.path(), &[]);
    address(&server);
    for file in ["jwt-secret", "shirube.sqlite3"] {
        let mode = fs::metadata(folder.path().join(file))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600, "{file}");
    }
}

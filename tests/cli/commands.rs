//! Commands that end by themselves.

use serde_json::Value;

use crate::process::{Folder, run};

#[test]
fn openapi_prints_the_document() {
    let output = run(&["openapi"], &Folder::new().path(), &[], "");
    assert_eq!(output.status.code(), Some(0));
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    assert!(document["paths"]["/v1/scorecards/{id}/actuals"]["post"].is_object());
}

#[test]
fn a_misspelt_variable_stops_the_start_and_is_named() {
    for command in ["serve", "demo", "migrate"] {
        let folder = Folder::new();
        let variables = [("SHIRUBE_LISTNE", "x"), ("SHIRUBE_DUE_DAY", "40")];
        let output = run(&[command], &folder.path(), &variables, "");
        assert_eq!(output.status.code(), Some(1), "{command}");
        assert!(output.stdout.is_empty(), "{command}");
        let told = String::from_utf8(output.stderr).unwrap();
        assert!(told.contains("SHIRUBE_LISTNE"), "{told}");
        assert!(told.contains("SHIRUBE_DUE_DAY"), "all at once: {told}");
        assert!(!folder.path().exists(), "{command} touches nothing");
    }
}

#[test]
fn migrate_tells_what_it_did_once() {
    let folder = Folder::new();
    let first = run(&["migrate"], &folder.path(), &[], "");
    assert_eq!(first.status.code(), Some(0));
    assert!(!first.stdout.is_empty());
    let second = run(&["migrate"], &folder.path(), &[], "");
    assert_eq!(second.status.code(), Some(0));
    assert!(second.stdout.is_empty());
}

#[test]
fn an_account_is_refused_with_its_reason() {
    let folder = Folder::new();
    let create = |role: &str, password: &str| {
        let arguments = [
            "admin",
            "create",
            "--email",
            "a@office.example",
            "--role",
            role,
            "--password-stdin",
        ];
        run(&arguments, &folder.path(), &[], password)
    };
    for (role, password, reason) in [
        ("king", "long enough", "--role"),
        ("national", "short", "password"),
        ("prefecture", "long enough", "prefecture"),
    ] {
        let output = create(role, password);
        assert_eq!(output.status.code(), Some(1), "{role}");
        let told = String::from_utf8(output.stderr).unwrap();
        assert!(told.contains(reason), "{told}");
    }
}

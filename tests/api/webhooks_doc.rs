//! What webhooks are sent, as the contract describes it.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use shirube::domain::event::EventType;

use crate::support::contract::{openapi, validator_of};

/// The contract describes every event, and kept events keep to it.
#[test]
fn events_are_as_documented() {
    let webhooks = openapi()["webhooks"].as_object().unwrap();
    let documented: Vec<&str> = webhooks.keys().map(String::as_str).collect();
    let mut types: Vec<&str> = EventType::all().map(EventType::code).collect();
    types.sort_unstable();
    assert_eq!(documented, types);
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/app/messages/golden");
    let mut seen = BTreeSet::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        // Events are `name.json`, messages to people `name.language.channel.json`.
        let parts: Vec<&str> = name.split('.').collect();
        if !matches!(parts.as_slice(), [_, "json"]) {
            continue;
        }
        let event: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        let kind = event["type"].as_str().unwrap().to_owned();
        let fits = |kind: &str| {
            let operation = &webhooks[kind]["post"];
            let validator =
                validator_of(&operation["requestBody"]["content"]["application/json"]["schema"]);
            let faults = validator.iter_errors(&event);
            faults
                .map(|fault| format!("{}: {fault}", fault.instance_path()))
                .collect::<Vec<_>>()
        };
        assert_eq!(fits(&kind), [""; 0], "{name}");
        let other = if kind == "endpoint.test" {
            "alert.opened"
        } else {
            "endpoint.test"
        };
        assert!(!fits(other).is_empty(), "{name} passes for {other}");
        seen.insert(kind);
    }
    let seen: Vec<&str> = seen.iter().map(String::as_str).collect();
    assert_eq!(seen, types, "an event without a kept one");
    for (kind, item) in webhooks {
        let operation = &item["post"];
        let headers: Vec<&str> = operation["parameters"]
            .as_array()
            .unwrap()
            .iter()
            .map(|parameter| parameter["name"].as_str().unwrap())
            .collect();
        assert_eq!(
            headers,
            ["webhook-id", "webhook-timestamp", "webhook-signature"],
            "{kind}"
        );
        assert_eq!(operation["security"], json!([{}]), "{kind}");
    }
}

//! Golden files: every event in every format and language.

use std::path::Path;

use serde_json::Value;

use super::fixtures;
use crate::app::messages::{chat, json, mail};
use crate::domain::delivery::Channel;
use crate::domain::event::Event;
use crate::domain::text::Language;

/// Set it to `1` to write the files anew.
const UPDATE: &str = "UPDATE_GOLDEN";
const LANGUAGES: [(&str, Language); 2] = [("ja", Language::Japanese), ("en", Language::English)];
const CHATS: [(Channel, &str); 4] = [
    (Channel::Slack, "slack.json"),
    (Channel::Teams, "teams.json"),
    (Channel::Chatwork, "chatwork.txt"),
    (Channel::LineWorks, "line_works.json"),
];

#[expect(clippy::disallowed_methods, reason = "tests have no configuration")]
fn assert_golden(name: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("src/app/messages/golden")
        .join(name);
    if std::env::var(UPDATE).is_ok_and(|value| value == "1") {
        std::fs::write(&path, text).unwrap();
        return;
    }
    let known = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(text, known, "{name} differs; {UPDATE}=1 keeps the new text");
}

fn pretty(json: &str) -> String {
    let value: Value = serde_json::from_str(json).unwrap();
    format!("{}\n", serde_json::to_string_pretty(&value).unwrap())
}

fn mail_text(event: &Event, language: Language) -> String {
    let mail = mail(event, language);
    format!(
        "Subject: {}\nReferences: {}\n\n{}",
        mail.subject,
        mail.thread.join(" "),
        mail.text
    )
}

#[test]
fn every_event_reads_as_kept() {
    for (name, event) in fixtures::all() {
        assert_golden(&format!("{name}.json"), &pretty(&json(&event)));
        for (code, language) in LANGUAGES {
            let file = |ending: &str| format!("{name}.{code}.{ending}");
            assert_golden(&file("mail.txt"), &mail_text(&event, language));
            assert_golden(&file("mail.html"), &mail(&event, language).html);
            for (channel, ending) in CHATS {
                let body = chat(channel, &event, language);
                let body = match channel {
                    Channel::Chatwork => format!("{body}\n"),
                    _ => pretty(&body),
                };
                assert_golden(&file(ending), &body);
            }
        }
    }
}

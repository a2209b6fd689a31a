//! Slack, incoming webhook: blocks, and a text for what cannot show them.

use serde_json::{Value, json};

use super::clean::cut;
use super::content::{Entry, Message};
use super::plain;

/// Blocks of a message.
const BLOCKS_MAX: usize = 50;
/// Characters of a header.
const HEADER_CHARS_MAX: usize = 150;
/// Characters of a section's text.
const SECTION_CHARS_MAX: usize = 3_000;

/// The JSON to post.
pub(super) fn body(message: &Message) -> String {
    let blocks = message.fitted(blocks, |blocks| blocks.len() <= BLOCKS_MAX);
    json!({ "text": escaped(&message.title), "blocks": blocks }).to_string()
}

fn blocks(message: &Message) -> Vec<Value> {
    let title = cut(&message.title, HEADER_CHARS_MAX);
    let mut blocks = vec![
        json!({ "type": "header", "text": { "type": "plain_text", "text": title, "emoji": false } }),
    ];
    if !message.lead.is_empty() {
        let lead: Vec<String> = message.lead.iter().map(|line| escaped(line)).collect();
        blocks.push(section(message, &lead));
    }
    for part in &message.sections {
        let mut lines: Vec<String> = part.heading.iter().map(|heading| bold(heading)).collect();
        for entry in &part.entries {
            // Entries of one line share a block, under their heading.
            if !entry.rows.is_empty() && !lines.is_empty() {
                blocks.push(section(message, &lines));
                lines.clear();
            }
            lines.extend(entry_lines(entry, message.colon()));
        }
        if !lines.is_empty() {
            blocks.push(section(message, &lines));
        }
    }
    let mut last: Vec<String> = message
        .left_out()
        .map(|text| escaped(&text))
        .into_iter()
        .collect();
    last.extend(message.link.as_ref().map(|link| {
        let url = escaped(&link.url).replace('|', "%7C");
        format!("<{url}|{}>", escaped(&link.label))
    }));
    if !last.is_empty() {
        blocks.push(section(message, &last));
    }
    blocks.push(json!({
        "type": "context",
        "elements": [{ "type": "plain_text", "text": message.footer, "emoji": false }],
    }));
    blocks
}

fn entry_lines(entry: &Entry, colon: &str) -> Vec<String> {
    if entry.rows.is_empty() {
        return vec![format!("・{}", escaped(&entry.title))];
    }
    let mut lines = vec![bold(&entry.title)];
    for row in &entry.rows {
        lines.extend(plain::row_text(row, colon).map(|text| escaped(&text)));
        lines.extend(
            row.points
                .iter()
                .map(|point| format!("　{}{}", point.mark, escaped(&point.text))),
        );
    }
    lines
}

/// As many whole lines as a section takes, and how many more there are.
fn section(message: &Message, lines: &[String]) -> Value {
    let text = |count: usize| {
        let (kept, dropped) = lines.split_at(count.min(lines.len()));
        let mut text = kept.join("\n");
        if !dropped.is_empty() {
            text = format!("{text}\n{}", message.and_more(dropped.len()));
        }
        text
    };
    let mut count = lines.len();
    while count > 0 && text(count).chars().count() > SECTION_CHARS_MAX {
        count -= 1;
    }
    json!({ "type": "section", "text": { "type": "mrkdwn", "text": text(count) } })
}

fn bold(text: &str) -> String {
    format!("*{}*", escaped(text))
}

/// Slack's three entities, which end links and mentions; and for the signs of
/// emphasis and of mentions, which have none, those of full width.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '*' => escaped.push('＊'),
            '_' => escaped.push('＿'),
            '~' => escaped.push('～'),
            '`' => escaped.push('｀'),
            '@' => escaped.push('＠'),
            other => escaped.push(other),
        }
    }
    escaped
}

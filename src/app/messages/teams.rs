//! Microsoft Teams, through a Workflows address: an Adaptive Card.
//!
//! All texts are runs of rich text, which Teams shows as they are: unlike text
//! blocks they know no Markdown, so a name has nothing to escape.

use serde_json::{Value, json};

use super::content::{Entry, Message, Section, Tone};

/// Bytes of a message.
const BODY_BYTES_MAX: usize = 28_000;

/// The JSON to post.
pub(super) fn body(message: &Message) -> String {
    message.fitted(whole, |body| body.len() <= BODY_BYTES_MAX)
}

fn whole(message: &Message) -> String {
    let actions: Vec<Value> = message
        .link
        .iter()
        .map(|link| json!({ "type": "Action.OpenUrl", "title": link.label, "url": link.url }))
        .collect();
    let card = json!({
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "lang": message.language_code(),
        "fallbackText": message.title,
        "msteams": { "width": "Full" },
        "body": elements(message),
        "actions": actions,
    });
    json!({
        "type": "message",
        "attachments": [{
            "contentType": "application/vnd.microsoft.card.adaptive",
            "contentUrl": null,
            "content": card,
        }],
    })
    .to_string()
}

fn elements(message: &Message) -> Vec<Value> {
    let title =
        json!({ "type": "TextRun", "text": message.title, "weight": "bolder", "size": "large" });
    let mut elements = vec![block(&[title])];
    elements.extend(message.lead.iter().map(|line| block(&[plain(line)])));
    for section in &message.sections {
        elements.extend(section.heading.iter().map(|heading| {
            block(&[json!({
                "type": "TextRun", "text": heading, "weight": "bolder", "color": colour(section.tone),
            })])
        }));
        elements.extend(
            section
                .entries
                .iter()
                .map(|entry| container(section, entry, message.colon())),
        );
    }
    elements.extend(message.left_out().map(|text| block(&[plain(&text)])));
    elements.push(block(&[
        json!({ "type": "TextRun", "text": message.footer, "isSubtle": true, "size": "small" }),
    ]));
    elements
}

fn container(section: &Section, entry: &Entry, colon: &str) -> Value {
    if entry.rows.is_empty() {
        return block(&[plain(&format!("・{}", entry.title))]);
    }
    let mut items = vec![block(&[bold(&entry.title)])];
    for row in &entry.rows {
        let label = row
            .label
            .as_ref()
            .map(|label| bold(&format!("{label}{colon}")));
        let text = (!row.text.is_empty()).then(|| plain(&row.text));
        let runs: Vec<Value> = label.into_iter().chain(text).collect();
        if !runs.is_empty() {
            items.push(block(&runs));
        }
        items.extend(
            row.points
                .iter()
                .map(|point| block(&[plain(&format!("　{}{}", point.mark, point.text))])),
        );
    }
    json!({ "type": "Container", "style": style(section.tone), "items": items })
}

fn block(inlines: &[Value]) -> Value {
    json!({ "type": "RichTextBlock", "inlines": inlines, "spacing": "small" })
}

fn plain(text: &str) -> Value {
    json!({ "type": "TextRun", "text": text })
}

fn bold(text: &str) -> Value {
    json!({ "type": "TextRun", "text": text, "weight": "bolder" })
}

const fn colour(tone: Tone) -> &'static str {
    match tone {
        Tone::Bad => "attention",
        Tone::Good => "good",
        Tone::Neutral => "default",
    }
}

const fn style(tone: Tone) -> &'static str {
    match tone {
        Tone::Bad | Tone::Neutral => "emphasis",
        Tone::Good => "good",
    }
}

//! LINE WORKS, incoming webhook: a title, plain text and a button.

use serde_json::json;

use super::clean::cut;
use super::content::Message;
use super::plain;

/// Characters of each part. The vendor names no limits for incoming webhooks;
/// these are those of its bots.
const TITLE_CHARS_MAX: usize = 100;
const TEXT_CHARS_MAX: usize = 2_000;
const LABEL_CHARS_MAX: usize = 20;

/// The JSON to post.
pub(super) fn body(message: &Message) -> String {
    let text = message.fitted(
        |message| plain::text(&plain::lines(message)),
        |text| text.chars().count() <= TEXT_CHARS_MAX,
    );
    let mut body = json!({
        "title": cut(&message.title, TITLE_CHARS_MAX),
        "body": { "text": text },
    });
    if let (Some(link), Some(members)) = (&message.link, body.as_object_mut()) {
        let label = cut(&link.label, LABEL_CHARS_MAX);
        members.insert(
            "button".to_owned(),
            json!({ "label": label, "url": link.url }),
        );
    }
    body.to_string()
}

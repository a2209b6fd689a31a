//! Chatwork: plain text in which tags stand in square brackets.

use super::content::Message;
use super::plain;

/// Characters of a message.
const CHARS_MAX: usize = 10_000;

/// The text to post; the sender encodes it as a form.
pub(super) fn body(message: &Message) -> String {
    message.fitted(whole, |text| text.chars().count() <= CHARS_MAX)
}

fn whole(message: &Message) -> String {
    let text = escaped(&plain::text(&plain::lines(message)));
    let link = message.link.as_ref().map_or_else(String::new, |link| {
        format!("\n\n{}\n{}", link.label, escaped_url(&link.url))
    });
    format!(
        "[info][title]{}[/title]{text}{link}[/info]",
        escaped(&message.title)
    )
}

/// There is no escape for a tag's brackets; full-width ones are none.
fn escaped(text: &str) -> String {
    text.replace('[', "［").replace(']', "］")
}

fn escaped_url(url: &str) -> String {
    url.replace('[', "%5B").replace(']', "%5D")
}

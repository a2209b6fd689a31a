//! A message as the body that a chat is sent.

use super::content::Message;
use super::{chatwork, json, line_works, slack, teams};
use crate::domain::delivery::Channel;
use crate::domain::event::Event;
use crate::domain::text::Language;

/// What is posted to a chat: JSON, of Chatwork the text of the message. A
/// webhook, and mail as far as it has one body, get the event itself.
#[must_use]
pub fn chat(channel: Channel, event: &Event, language: Language) -> String {
    let message = || Message::of(event, language);
    match channel {
        Channel::Slack => slack::body(&message()),
        Channel::Teams => teams::body(&message()),
        Channel::Chatwork => chatwork::body(&message()),
        Channel::LineWorks => line_works::body(&message()),
        Channel::Webhook | Channel::Email => json(event),
    }
}

//! Where notices go, and how far each has come.

use serde::{Deserialize, Serialize};

use super::alert::Severity;
use super::code::coded_enum;
use super::event::EventType;
use super::ids::ScorecardId;
use super::scorecard::Stage;

coded_enum! {
    /// The kinds of destination.
    pub enum Channel {
        /// JSON, signed by the Standard Webhooks scheme.
        Webhook => "webhook",
        Slack => "slack",
        /// Microsoft Teams, through a Workflows address.
        Teams => "teams",
        Chatwork => "chatwork",
        LineWorks => "line_works",
        Email => "email",
    }
}

coded_enum! {
    /// How often a destination is told.
    pub enum Cadence {
        Immediate => "immediate",
        /// One digest a month.
        Monthly => "monthly",
    }
}

coded_enum! {
    /// How far one delivery has come.
    pub enum DeliveryState {
        Queued => "queued",
        /// Being sent by one worker, until its lease ends.
        Leased => "leased",
        RetryWait => "retry_wait",
        Delivered => "delivered",
        /// Every attempt failed.
        Exhausted => "exhausted",
        /// Refused for good: the address is forbidden, or the mail server said no.
        Failed => "failed",
        /// Its destination was deleted, or no longer has this recipient.
        Cancelled => "cancelled",
        /// Its destination is disabled; it can be replayed.
        Parked => "parked",
    }
}

coded_enum! {
    /// Whether a destination is told anything.
    pub enum SubscriptionState {
        Active => "active",
        Disabled => "disabled",
        /// Kept for the log of what was sent.
        Deleted => "deleted",
    }
}

coded_enum! {
    /// Why a destination gets nothing.
    pub enum DisabledReason {
        /// It answered 410.
        Gone => "gone",
        /// Nothing but failures for days.
        Failing => "failing",
        ByHand => "by_hand",
    }
}

impl DeliveryState {
    /// Whether nothing more will happen by itself.
    #[must_use]
    pub const fn is_final(self) -> bool {
        !matches!(self, Self::Queued | Self::Leased | Self::RetryWait)
    }
}

coded_enum! {
    /// What one attempt means for its delivery.
    pub enum Outcome {
        Delivered => "delivered",
        /// Worth another attempt.
        Retry => "retry",
        /// The receiver says that it is gone for good: nothing should be sent to it any more.
        Gone => "gone",
        /// Never to be tried again: the address is forbidden, or the mail server said no.
        Refused => "refused",
    }
}

coded_enum! {
    /// Why an attempt failed.
    pub enum ErrorClass {
        Timeout => "timeout",
        /// The name of the receiver is not known.
        Dns => "dns",
        /// Nobody listens there.
        Connect => "connect",
        /// No secure connection: certificate, name or protocol.
        Tls => "tls",
        /// The connection broke before the answer was complete.
        Reset => "reset",
        /// The receiver names another address; notices do not follow.
        Redirect => "redirect",
        /// Addresses that this service does not call.
        Blocked => "blocked",
        /// The receiver answered, with a refusal.
        Status => "status",
        Other => "other",
    }
}

/// What of all that happens a destination wants to hear.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filter {
    /// Empty: all in scope.
    pub scorecards: Vec<ScorecardId>,
    /// Empty: all.
    pub stages: Vec<Stage>,
    /// Only alerts at least as severe.
    pub severity: Option<Severity>,
    /// Empty: all.
    pub events: Vec<EventType>,
}

/// A destination's address and credentials, as stored encrypted.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Endpoint {
    /// Every channel that takes a POST to one address.
    Http {
        url: String,
    },
    /// Chatwork: a room, and the token of the account that posts.
    Chatwork {
        room: String,
        token: String,
    },
    Email {
        recipients: Vec<String>,
    },
}

/// An e-mail address as it may be shown: the first character of the mailbox, and
/// the domain.
#[must_use]
pub fn masked_email(address: &str) -> String {
    let (mailbox, domain) = address.rsplit_once('@').unwrap_or((address, ""));
    let first: String = mailbox.chars().take(1).collect();
    format!("{first}***@{domain}")
}

/// Never shown whole: the address of a chat room is its password.
impl std::fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Endpoint(***)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_mailbox_only_its_first_character_is_shown() {
        for (address, shown) in [
            ("kikaku@pref.example.jp", "k***@pref.example.jp"),
            ("k@pref.example.jp", "k***@pref.example.jp"),
            ("\"a@b\"@example.jp", "\"***@example.jp"),
            ("nobody", "n***@"),
        ] {
            assert_eq!(masked_email(address), shown);
        }
    }
}

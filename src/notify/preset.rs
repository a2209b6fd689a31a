//! The request of each channel: where a body goes, and what goes with it.

use chrono::{DateTime, Utc};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use url::form_urlencoded;

use super::client::{Post, ReplyRule};
use super::sign::{SigningSecret, signature_header};
use crate::domain::delivery::{Channel, Endpoint};
use crate::domain::text::Text;

const CHATWORK: &str = "https://api.chatwork.com";
/// Longest number of a room, in digits.
const ROOM_DIGITS_MAX: usize = 20;
/// Longest token of a Chatwork account, in bytes.
const TOKEN_BYTES_MAX: usize = 200;

/// One message for one destination.
#[derive(Clone, Copy, Debug)]
pub struct Dispatch<'a> {
    pub channel: Channel,
    pub endpoint: &'a Endpoint,
    /// The same bytes at every attempt: JSON; for Chatwork plain text.
    pub body: &'a [u8],
    /// The same at every attempt; without a dot.
    pub id: &'a str,
    /// When this attempt is made.
    pub at: DateTime<Utc>,
    /// The live secrets of a webhook, the newest first.
    pub secrets: &'a [SigningSecret],
}

/// A destination that its channel cannot send to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Mismatch {
    #[error("the endpoint is of another channel")]
    OtherChannel,
    #[error("a webhook needs a secret to be signed with")]
    NoSecret,
    #[error("the endpoint or the id does not fit into a request")]
    Unsendable,
}

/// Makes requests; knows the addresses of services that have a fixed one.
#[derive(Clone, Debug)]
pub struct Presets {
    chatwork: String,
}

impl Default for Presets {
    fn default() -> Self {
        Self::with_chatwork(CHATWORK)
    }
}

impl Presets {
    /// Chatwork at another address, without a slash at its end.
    #[must_use]
    pub fn with_chatwork(base: &str) -> Self {
        Self {
            chatwork: base.to_owned(),
        }
    }

    /// The request that sends a message. Mail is no request.
    pub fn post_of(&self, dispatch: &Dispatch<'_>) -> Result<Post, Mismatch> {
        match (dispatch.channel, dispatch.endpoint) {
            (Channel::Webhook, Endpoint::Http { url }) => webhook(url, dispatch),
            (Channel::Slack | Channel::Teams, Endpoint::Http { url }) => {
                Ok(json(url, dispatch, ReplyRule::Status))
            }
            (Channel::LineWorks, Endpoint::Http { url }) => {
                Ok(json(url, dispatch, ReplyRule::Code))
            }
            (Channel::Chatwork, Endpoint::Chatwork { room, token }) => {
                self.chatwork(room, token, dispatch)
            }
            _ => Err(Mismatch::OtherChannel),
        }
    }

    fn chatwork(&self, room: &str, token: &str, dispatch: &Dispatch<'_>) -> Result<Post, Mismatch> {
        check_chatwork(room, token).map_err(|_text| Mismatch::Unsendable)?;
        let text = std::str::from_utf8(dispatch.body).map_err(|_error| Mismatch::Unsendable)?;
        let form = form_urlencoded::Serializer::new(String::new())
            .append_pair("body", text)
            .finish();
        let mut token = value(token)?;
        token.set_sensitive(true);
        let headers = [(HeaderName::from_static("x-chatworktoken"), token)];
        Ok(Post {
            url: format!("{}/v2/rooms/{room}/messages", self.chatwork),
            content_type: "application/x-www-form-urlencoded",
            headers: HeaderMap::from_iter(headers),
            body: form.into_bytes(),
            reply: ReplyRule::Status,
        })
    }
}

fn webhook(url: &str, dispatch: &Dispatch<'_>) -> Result<Post, Mismatch> {
    if dispatch.secrets.is_empty() {
        return Err(Mismatch::NoSecret);
    }
    // With a dot, what is signed could be cut in two ways.
    if dispatch.id.is_empty() || dispatch.id.contains('.') {
        return Err(Mismatch::Unsendable);
    }
    let timestamp = dispatch.at.timestamp();
    let signature = signature_header(dispatch.secrets, dispatch.id, timestamp, dispatch.body);
    let headers = [
        ("webhook-id", value(dispatch.id)?),
        ("webhook-timestamp", HeaderValue::from(timestamp)),
        ("webhook-signature", value(&signature)?),
    ];
    Ok(Post {
        headers: headers
            .map(|(name, value)| (HeaderName::from_static(name), value))
            .into_iter()
            .collect(),
        ..json(url, dispatch, ReplyRule::Status)
    })
}

fn json(url: &str, dispatch: &Dispatch<'_>, reply: ReplyRule) -> Post {
    Post {
        url: url.to_owned(),
        content_type: "application/json",
        headers: HeaderMap::new(),
        body: dispatch.body.to_owned(),
        reply,
    }
}

fn value(text: &str) -> Result<HeaderValue, Mismatch> {
    HeaderValue::from_str(text).map_err(|_error| Mismatch::Unsendable)
}

/// Checks a room and a token as a user gives them.
///
/// # Errors
/// What is wrong, in words for the user.
pub fn check_chatwork(room: &str, token: &str) -> Result<(), Text> {
    let is_number = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if room.is_empty() || room.len() > ROOM_DIGITS_MAX || !is_number(room) {
        return Err(Text::new(
            "Chatwork のルーム ID を数字で指定してください。アドレスの #!rid に続く数字です。",
            "Give the number of the Chatwork room: the digits after #!rid in its address.",
        ));
    }
    let is_token = |text: &str| text.bytes().all(|b| b.is_ascii_graphic());
    if token.is_empty() || token.len() > TOKEN_BYTES_MAX || !is_token(token) {
        return Err(Text::new(
            "Chatwork の API トークンを、空白を入れずに半角文字で指定してください。",
            "Give the API token of Chatwork, in ASCII characters without blanks.",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeZone;

    fn endpoints() -> [Endpoint; 3] {
        [
            Endpoint::Http {
                url: "https://hooks.example.jp/canary".to_owned(),
            },
            Endpoint::Chatwork {
                room: "12345".to_owned(),
                token: "canary".to_owned(),
            },
            Endpoint::Email {
                recipients: vec!["a@example.jp".to_owned()],
            },
        ]
    }

    fn post(
        channel: Channel,
        endpoint: &Endpoint,
        id: &str,
        secrets: &[SigningSecret],
    ) -> Result<Post, Mismatch> {
        Presets::default().post_of(&Dispatch {
            channel,
            endpoint,
            body: "{\"a\": \"b&c=d 県\"}".as_bytes(),
            id,
            at: Utc.with_ymd_and_hms(2026, 4, 1, 0, 0, 0).unwrap(),
            secrets,
        })
    }

    fn secrets() -> Vec<SigningSecret> {
        vec![SigningSecret::of_bytes(&[1; 32]).unwrap()]
    }

    #[test]
    fn each_channel_takes_its_own_endpoint() {
        for channel in Channel::all() {
            for endpoint in endpoints() {
                let fits = match endpoint {
                    Endpoint::Http { .. } => !matches!(channel, Channel::Chatwork | Channel::Email),
                    Endpoint::Chatwork { .. } => channel == Channel::Chatwork,
                    Endpoint::Email { .. } => false,
                };
                let post = post(channel, &endpoint, "msg_1", &secrets());
                assert_eq!(post.is_ok(), fits, "{channel}");
                let shown = format!("{post:?} {endpoint:?}");
                assert!(!shown.contains("canary"), "{shown}");
            }
        }
    }

    #[test]
    fn a_webhook_is_never_unsigned() {
        let [endpoint, ..] = endpoints();
        let made = |id, secrets: &[_]| post(Channel::Webhook, &endpoint, id, secrets);
        let post = made("msg_1", &secrets()).unwrap();
        let header = |name: &str| post.headers.get(name).unwrap().to_str().unwrap();
        assert_eq!(header("webhook-id"), "msg_1");
        assert_eq!(header("webhook-timestamp"), "1775001600");
        let signature = signature_header(&secrets(), "msg_1", 1_775_001_600, &post.body);
        assert_eq!(header("webhook-signature"), signature);
        assert_eq!(made("msg_1", &[]).unwrap_err(), Mismatch::NoSecret);
        for id in ["", "msg.1", "msg\r\nx: y"] {
            assert_eq!(
                made(id, &secrets()).unwrap_err(),
                Mismatch::Unsendable,
                "{id}"
            );
        }
    }

    #[test]
    fn chatwork_takes_a_form() {
        let [_, endpoint, _] = endpoints();
        let post = post(Channel::Chatwork, &endpoint, "msg_1", &[]).unwrap();
        assert_eq!(post.url, "https://api.chatwork.com/v2/rooms/12345/messages");
        assert_eq!(
            post.body,
            b"body=%7B%22a%22%3A+%22b%26c%3Dd+%E7%9C%8C%22%7D"
        );
        let token = post.headers.get("x-chatworktoken").unwrap();
        assert_eq!(token, "canary");
        assert!(token.is_sensitive());
    }

    #[test]
    fn a_room_is_a_number_and_a_token_one_word() {
        assert_eq!(check_chatwork("12345", "0a1b"), Ok(()));
        for (room, token) in [
            ("", "t"),
            ("1/../2", "t"),
            ("１２", "t"),
            ("-1", "t"),
            ("123456789012345678901", "t"),
            ("1", ""),
            ("1", "a b"),
            ("1", "a\r\nx: y"),
            ("1", "トークン"),
            ("1", &"x".repeat(TOKEN_BYTES_MAX + 1)),
        ] {
            assert!(check_chatwork(room, token).is_err(), "{room} {token}");
        }
    }
}

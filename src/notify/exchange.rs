//! What came of one attempt.

use std::time::Duration;

use crate::domain::delivery::{ErrorClass, Outcome};
use crate::domain::text::steers;

/// So much of an answer is kept, in bytes of UTF-8.
pub const EXCERPT_BYTES_MAX: usize = 1024;

/// One attempt, as a delivery's log shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exchange {
    pub outcome: Outcome,
    /// The receiver's status code, of HTTP or SMTP.
    pub status: Option<u16>,
    /// `None` for what was delivered.
    pub error_class: Option<ErrorClass>,
    /// The beginning of the answer, or the host that a redirect names.
    pub excerpt: Option<String>,
    /// How long the receiver asks to be left alone.
    pub retry_after: Option<Duration>,
    pub elapsed: Duration,
}

impl Exchange {
    pub(super) fn delivered(status: Option<u16>) -> Self {
        Self {
            outcome: Outcome::Delivered,
            status,
            error_class: None,
            excerpt: None,
            retry_after: None,
            elapsed: Duration::ZERO,
        }
    }

    /// A failure that another attempt may mend.
    pub(super) fn retry(class: ErrorClass) -> Self {
        Self {
            outcome: Outcome::Retry,
            error_class: Some(class),
            ..Self::delivered(None)
        }
    }

    /// A failure that would only come again.
    pub(super) fn refused(class: ErrorClass) -> Self {
        Self {
            outcome: Outcome::Refused,
            ..Self::retry(class)
        }
    }

    /// A failure of its class: a forbidden address stays forbidden, everything else
    /// may pass.
    pub(super) fn failed(class: ErrorClass) -> Self {
        match class {
            ErrorClass::Blocked => Self::refused(class),
            _ => Self::retry(class),
        }
    }
}

/// The beginning of an answer as text to show: unreadable bytes replaced, line breaks
/// as blanks, other control characters left out, and cut between characters.
pub(super) fn excerpt_of(body: &[u8]) -> Option<String> {
    let mut excerpt = String::new();
    // Leaves room for what is not shown.
    let start = body.get(..EXCERPT_BYTES_MAX * 4).unwrap_or(body);
    for c in String::from_utf8_lossy(start).chars() {
        let shown = if c.is_whitespace() { ' ' } else { c };
        if steers(shown) {
            continue;
        }
        if excerpt.len() + shown.len_utf8() > EXCERPT_BYTES_MAX {
            break;
        }
        excerpt.push(shown);
    }
    let trimmed = excerpt.trim();
    (!trimmed.is_empty()).then(|| trimmed.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_excerpt_is_short_plain_text() {
        for (body, shown) in [
            (&b""[..], None),
            (b" \r\n\t ", None),
            (b"\x00\x1b\x07", None),
            (b"ok", Some("ok")),
            (b"a\r\nb\x1b[31mc\x00", Some("a  b[31mc")),
            (
                "認証に失敗\u{202e}しました".as_bytes(),
                Some("認証に失敗しました"),
            ),
            (b"x\xff\xfey", Some("x\u{fffd}\u{fffd}y")),
        ] {
            assert_eq!(excerpt_of(body).as_deref(), shown, "{body:?}");
        }
    }

    #[test]
    fn an_excerpt_is_cut_between_characters() {
        let excerpt = excerpt_of("県".repeat(2_000).as_bytes()).unwrap();
        assert_eq!(excerpt.len(), EXCERPT_BYTES_MAX / 3 * 3);
        let excerpt = excerpt_of(&vec![b'x'; 20_000]).unwrap();
        assert_eq!(excerpt.len(), EXCERPT_BYTES_MAX);
    }
}

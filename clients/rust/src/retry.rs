//! When a call is made again: the server says that it cannot now.

use std::time::Duration;

use reqwest::StatusCode;
use reqwest::header::{HeaderMap, RETRY_AFTER};

/// Further attempts of one call at most.
pub const RETRIES_MAX: u32 = 3;
/// Longest wait before a further attempt. A server that asks for more is
/// answered by giving its refusal to the caller.
pub const RETRY_WAIT_MAX: Duration = Duration::from_secs(30);
/// The first wait where the server does not name one; doubled each time.
const FIRST_WAIT: Duration = Duration::from_secs(1);

/// How long to wait before the next attempt; `None`: make no other.
pub(crate) fn wait(status: StatusCode, headers: &HeaderMap, retries: u32) -> Option<Duration> {
    let may_pass = [
        StatusCode::TOO_MANY_REQUESTS,
        StatusCode::SERVICE_UNAVAILABLE,
    ];
    if !may_pass.contains(&status) || retries >= RETRIES_MAX {
        return None;
    }
    let asked = headers
        .get(RETRY_AFTER)
        .and_then(|value| value.to_str().ok()?.trim().parse().ok())
        .map(Duration::from_secs);
    let wait = asked.unwrap_or(FIRST_WAIT * 2_u32.pow(retries));
    (wait <= RETRY_WAIT_MAX).then_some(wait)
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::HeaderValue;

    #[test]
    fn waits_as_asked_but_not_for_ever() {
        let second = Duration::from_secs;
        for (status, asked, retries, expected) in [
            (429, Some("2"), 0, Some(second(2))),
            (503, Some("0"), 2, Some(second(0))),
            (503, None, 0, Some(second(1))),
            (503, None, 2, Some(second(4))),
            (
                429,
                Some("Wed, 21 Oct 2028 07:28:00 GMT"),
                1,
                Some(second(2)),
            ),
            (429, Some("30"), 0, Some(second(30))),
            (429, Some("31"), 0, None),
            (429, Some("99999999999999999999999"), 0, Some(second(1))),
            (429, Some("1"), 3, None),
            (500, Some("1"), 0, None),
            (409, None, 0, None),
            (200, None, 0, None),
        ] {
            let mut headers = HeaderMap::new();
            if let Some(asked) = asked {
                headers.insert(RETRY_AFTER, HeaderValue::from_static(asked));
            }
            let status = StatusCode::from_u16(status).unwrap();
            assert_eq!(
                wait(status, &headers, retries),
                expected,
                "{status} {asked:?}"
            );
        }
    }
}

//! Members that several bodies share: e-mail addresses, scopes, passwords,
//! times, and members that name something.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::app::AppError;
use crate::domain::access::{Role, Scope};
use crate::domain::ids::{HubCode, PrefectureCode};
use crate::domain::issue::{IssueCode, Issues};
use crate::domain::strict_json::{Json, Object, Value};
use crate::domain::text::Text;

/// Characters of an e-mail address.
const EMAIL_CHARS_MAX: usize = 200;
/// Characters of a password: NIST SP 800-63B asks for at least 8.
const PASSWORD_CHARS_MIN: usize = 8;
const PASSWORD_CHARS_MAX: usize = 200;
/// Characters of a calendar day.
const DAY_CHARS: usize = 10;
/// Prefectures have the codes 01 to 47.
const PREFECTURES: u8 = 47;

/// The part of the nation that an account or key sees: nothing named is the
/// nation; otherwise one prefecture or one hub.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Scope)]
pub struct ScopeView {
    /// JIS X 0401 code.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "06")]
    prefecture: Option<String>,
    /// The hub's code.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    hub: Option<String>,
}

/// A scope in a body: one prefecture, one hub, or nothing for the nation.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "documents what `scope` reads")]
#[schema(as = ScopeInput)]
pub struct ScopeDoc {
    /// JIS X 0401 code.
    #[schema(example = "06")]
    prefecture: Option<String>,
    /// The hub's code.
    hub: Option<String>,
}

impl From<&Scope> for ScopeView {
    fn from(scope: &Scope) -> Self {
        match scope {
            Scope::Nation => Self::default(),
            Scope::Prefecture(code) => Self {
                prefecture: Some(code.to_string()),
                hub: None,
            },
            Scope::Hub(code) => Self {
                prefecture: None,
                hub: Some(code.to_string()),
            },
        }
    }
}

/// Reads a whole body as one object, and reports every problem of it.
///
/// # Errors
/// `Invalid` with every problem; those of `read`.
pub fn read_body<T>(
    json: &Json<'_>,
    read: impl FnOnce(&mut Object<'_>, &mut Issues) -> Option<T>,
) -> Result<T, AppError> {
    let mut issues = Issues::default();
    let value = Value::root(json)
        .object(&mut issues)
        .and_then(|mut object| {
            let value = read(&mut object, &mut issues);
            object.finish(&mut issues);
            value
        });
    match value {
        Some(value) if !issues.has_errors() => Ok(value),
        _ => Err(AppError::Invalid(issues.into_vec())),
    }
}

/// A role with the scope it acts in.
pub fn role(object: &mut Object<'_>, issues: &mut Issues) -> Option<Role> {
    object.required("role", issues)?.one_of(issues, Role::CODES)
}

/// A scope; absent is the nation.
pub fn scope(object: &mut Object<'_>, issues: &mut Issues) -> Option<Scope> {
    let Some(value) = object.optional("scope") else {
        return Some(Scope::Nation);
    };
    let mut members = value.object(issues)?;
    let prefecture = members
        .optional("prefecture")
        .map(|v| v.line(issues).ok_or(()));
    let hub = members.optional("hub").map(|v| v.line(issues).ok_or(()));
    members.finish(issues);
    match (prefecture.transpose().ok()?, hub.transpose().ok()?) {
        (None, None) => Some(Scope::Nation),
        (Some(code), None) => Some(Scope::Prefecture(PrefectureCode(code))),
        (None, Some(code)) => Some(Scope::Hub(HubCode(code))),
        (Some(_), Some(_)) => {
            issues.error(
                IssueCode::WrongShape,
                value.path(),
                Text::new(
                    "範囲には道府県か拠点のどちらか一つを指定してください。",
                    "A scope names a prefecture or a hub, not both.",
                ),
            );
            None
        }
    }
}

/// A JIS X 0401 code.
pub fn prefecture_code(value: &Value<'_>, issues: &mut Issues) -> Option<PrefectureCode> {
    let text = value.line(issues)?;
    let is_two_digits = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
    let number = text.parse::<u8>().ok().filter(|_| is_two_digits);
    if number.is_some_and(|number| (1..=PREFECTURES).contains(&number)) {
        return Some(PrefectureCode(text));
    }
    issues.error(
        IssueCode::OutOfRange,
        value.path(),
        Text::new(
            "都道府県コード（01 から 47）を 2 桁で入れてください。",
            "Give the prefecture's code, 01 to 47, with two digits.",
        ),
    );
    None
}

/// An e-mail address, lower-cased.
pub fn email(value: &Value<'_>, issues: &mut Issues) -> Option<String> {
    let text = value.line(issues)?;
    let sound = text.len() <= EMAIL_CHARS_MAX
        && text.is_ascii()
        && !text.contains(char::is_whitespace)
        && text.split_once('@').is_some_and(|(local, domain)| {
            !local.is_empty()
                && domain.contains('.')
                && !domain.contains('@')
                && !domain.ends_with('.')
        });
    if sound {
        return Some(text.to_ascii_lowercase());
    }
    issues.error(
        IssueCode::OutOfRange,
        value.path(),
        Text::new(
            "メールアドレスの形になっていません。",
            "This is not an e-mail address.",
        ),
    );
    None
}

/// A new password.
pub fn password(value: &Value<'_>, issues: &mut Issues) -> Option<String> {
    let text = value.line(issues)?;
    if (PASSWORD_CHARS_MIN..=PASSWORD_CHARS_MAX).contains(&text.chars().count()) {
        return Some(text);
    }
    issues.error(
        IssueCode::OutOfRange,
        value.path(),
        Text::new(
            format!("パスワードは {PASSWORD_CHARS_MIN} 文字以上にしてください。"),
            format!("A password has at least {PASSWORD_CHARS_MIN} characters."),
        ),
    );
    None
}

/// An instant, RFC 3339.
pub fn instant(value: &Value<'_>, issues: &mut Issues) -> Option<DateTime<Utc>> {
    let text = value.line(issues)?;
    if let Ok(instant) = DateTime::parse_from_rfc3339(&text) {
        return DateTime::from_timestamp_micros(instant.timestamp_micros());
    }
    issues.error(
        IssueCode::WrongType,
        value.path(),
        Text::new(
            "日時は「2028-09-30T17:00:00+09:00」の形（RFC 3339）で入れてください。",
            "Write the time like 2028-09-30T17:00:00+09:00 (RFC 3339).",
        ),
    );
    None
}

/// When something ends: in the future; absent, never.
pub fn expires_at(
    object: &mut Object<'_>,
    now: DateTime<Utc>,
    issues: &mut Issues,
) -> Option<DateTime<Utc>> {
    object
        .optional("expires_at")
        .and_then(|value| future(&value, now, issues))
}

/// A moment that has not come yet.
pub fn future(value: &Value<'_>, now: DateTime<Utc>, issues: &mut Issues) -> Option<DateTime<Utc>> {
    let instant = instant(value, issues)?;
    if instant <= now {
        issues.error(
            IssueCode::OutOfRange,
            value.path(),
            Text::new(
                "期限は将来の日時にしてください。",
                "The end lies in the past.",
            ),
        );
    }
    Some(instant)
}

/// A calendar day, `YYYY-MM-DD`.
pub fn day(value: &Value<'_>, issues: &mut Issues) -> Option<NaiveDate> {
    let text = value.line(issues)?;
    // Exactly this form: the parser would take one digit for two, and five.
    let day = NaiveDate::parse_from_str(&text, "%Y-%m-%d")
        .ok()
        .filter(|day| text.len() == DAY_CHARS && day.to_string() == text);
    if day.is_none() {
        issues.error(
            IssueCode::WrongType,
            value.path(),
            Text::new(
                "日付は「2028-09-30」の形で入れてください。",
                "Write the day like 2028-09-30.",
            ),
        );
    }
    day
}

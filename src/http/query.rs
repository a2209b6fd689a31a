//! The query part of a URL, read strictly: an unreadable or repeated parameter
//! is 400, an unknown one or a bad value is 422 with its name.

use chrono::{DateTime, Utc};

use crate::app::AppError;
use crate::domain::code::choose_one_of;
use crate::domain::issue::{Issue, IssueCode, Issues};
use crate::domain::month::Month;
use crate::domain::strict_json::fault_of_note;
use crate::domain::text::Text;

/// Entries of one page unless the caller says otherwise.
pub const PAGE_SIZE_DEFAULT: u32 = 50;
/// Entries of one page at most.
pub const PAGE_SIZE_MAX: u32 = 200;
/// Characters of one parameter's value at most.
const VALUE_CHARS_MAX: usize = 512;

/// The decoded parameters of a request.
#[derive(Clone, Debug)]
pub struct Query {
    parameters: Vec<(String, String)>,
    /// Where issues say that a parameter stands.
    place: &'static str,
    unknown: IssueCode,
}

impl Query {
    /// Decodes a raw query.
    ///
    /// # Errors
    /// `MalformedQuery` for bad percent-encoding, text that is not UTF-8, and
    /// repeated parameters.
    pub fn parse(raw: &str) -> Result<Self, AppError> {
        let mut parameters: Vec<(String, String)> = Vec::new();
        for part in raw.split('&').filter(|part| !part.is_empty()) {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            let name = decoded(name)?;
            let value = decoded(value)?;
            if parameters.iter().any(|(known, _)| *known == name) {
                return Err(malformed(
                    format!("「{name}」が二度指定されています。"),
                    format!("\"{name}\" is given twice."),
                ));
            }
            parameters.push((name, value));
        }
        Ok(Self {
            parameters,
            place: "/query",
            unknown: IssueCode::UnknownParameter,
        })
    }

    /// Parameters that stand in a body, as members of the object at `place`.
    #[must_use]
    pub const fn in_body(place: &'static str, parameters: Vec<(String, String)>) -> Self {
        Self {
            parameters,
            place,
            unknown: IssueCode::UnknownField,
        }
    }

    /// Starts reading the parameters; [`QueryReader::finish`] ends it.
    #[must_use]
    pub fn read(&self) -> QueryReader<'_> {
        QueryReader {
            query: self,
            known: Vec::new(),
            issues: Issues::default(),
        }
    }
}

fn malformed(ja: String, en: String) -> AppError {
    AppError::MalformedQuery(Text::new(ja, en))
}

fn decoded(text: &str) -> Result<String, AppError> {
    let unreadable = || {
        malformed(
            "URL の「%」による符号化が正しくありません。".to_owned(),
            "The percent-encoding of the URL is not valid.".to_owned(),
        )
    };
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut rest = bytes.iter();
    while let Some(byte) = rest.next() {
        decoded.push(match byte {
            b'+' => b' ',
            b'%' => {
                let mut digit = || {
                    rest.next()
                        .and_then(|byte| char::from(*byte).to_digit(16))
                        .and_then(|digit| u8::try_from(digit).ok())
                };
                let (Some(high), Some(low)) = (digit(), digit()) else {
                    return Err(unreadable());
                };
                high * 16 + low
            }
            other => *other,
        });
    }
    String::from_utf8(decoded).map_err(|_invalid| unreadable())
}

/// A page of a list: how many entries, after which one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    pub limit: u32,
    /// Opaque position after the last entry of the page before.
    pub cursor: Option<String>,
}

/// Reads parameters one by one, collecting every problem.
pub struct QueryReader<'a> {
    query: &'a Query,
    known: Vec<&'static str>,
    issues: Issues,
}

impl<'a> QueryReader<'a> {
    fn error(&mut self, code: IssueCode, name: &str, message: Text) {
        self.issues.push(Issue::error(
            code,
            format!("{}/{name}", self.query.place),
            message,
        ));
    }

    /// The text of a parameter.
    pub fn text(&mut self, name: &'static str) -> Option<&'a str> {
        self.known.push(name);
        let (_, value) = self
            .query
            .parameters
            .iter()
            .find(|(known, _)| known == name)?;
        let count = value.chars().count();
        let sound = value.chars().all(|c| !c.is_control());
        if value.is_empty() || count > VALUE_CHARS_MAX || !sound {
            self.error(
                IssueCode::OutOfRange,
                name,
                Text::new(
                    format!("「{name}」は 1 から {VALUE_CHARS_MAX} 文字で、制御文字なしで指定してください。"),
                    format!("\"{name}\" has 1 to {VALUE_CHARS_MAX} characters, none of them a control character."),
                ),
            );
            return None;
        }
        Some(value)
    }

    /// A long text, as bodies have them: line breaks and tabs are welcome.
    pub fn note(&mut self, name: &'static str) -> Option<&'a str> {
        self.known.push(name);
        let mut parameters = self.query.parameters.iter();
        let (_, value) = parameters.find(|(known, _)| known == name)?;
        if let Some((code, message)) = fault_of_note(value) {
            self.error(code, name, message);
            return None;
        }
        Some(value)
    }

    pub fn month(&mut self, name: &'static str) -> Option<Month> {
        let text = self.text(name)?;
        let month = text.parse().ok();
        if month.is_none() {
            self.error(
                IssueCode::WrongType,
                name,
                Text::new(
                    format!("「{name}」は「2028-09」の形で指定してください。"),
                    format!("Write \"{name}\" like 2028-09."),
                ),
            );
        }
        month
    }

    /// Whether a parameter is given, whatever its value.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        let mut parameters = self.query.parameters.iter();
        parameters.any(|(known, _)| known == name)
    }

    /// An instant, RFC 3339, that is not after `now`.
    pub fn past_instant(
        &mut self,
        name: &'static str,
        now: DateTime<Utc>,
    ) -> Option<DateTime<Utc>> {
        let text = self.text(name)?;
        // A plus sign that was not encoded arrives as a space.
        let read = DateTime::parse_from_rfc3339(&text.replace(' ', "+"));
        let instant = read
            .ok()
            .and_then(|read| DateTime::from_timestamp_micros(read.timestamp_micros()));
        let Some(instant) = instant else {
            self.error(
                IssueCode::WrongType,
                name,
                Text::new(
                    format!(
                        "「{name}」は「2028-10-10T15:00:00Z」の形（RFC 3339）で指定してください。"
                    ),
                    format!("Write \"{name}\" like 2028-10-10T15:00:00Z (RFC 3339)."),
                ),
            );
            return None;
        };
        if instant > now {
            self.error(
                IssueCode::OutOfRange,
                name,
                Text::new(
                    format!("「{name}」には、今より後の日時は指定できません。"),
                    format!("\"{name}\" is a time in the future; give one up to now."),
                ),
            );
            return None;
        }
        Some(instant)
    }

    /// The instant whose knowledge a read is answered with; absent: now.
    pub fn known_at(&mut self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.past_instant("known_at", now)
    }

    /// A whole number from `min` to `max`.
    pub fn integer(&mut self, name: &'static str, min: u32, max: u32) -> Option<u32> {
        let text = self.text(name)?;
        let value = text
            .parse()
            .ok()
            .filter(|value| (min..=max).contains(value));
        if value.is_none() {
            self.error(
                IssueCode::OutOfRange,
                name,
                Text::new(
                    format!("「{name}」は {min} から {max} までの整数です。"),
                    format!("\"{name}\" is a whole number from {min} to {max}."),
                ),
            );
        }
        value
    }

    /// One of a closed list of codes.
    pub fn one_of<T: Copy>(&mut self, name: &'static str, codes: &[(&str, T)]) -> Option<T> {
        let text = self.text(name)?;
        let found = codes
            .iter()
            .find(|(code, _)| *code == text)
            .map(|(_, value)| *value);
        if found.is_none() {
            self.error(
                IssueCode::OutOfRange,
                name,
                choose_one_of(
                    &Text::new(format!("「{name}」"), format!("\"{name}\"")),
                    codes,
                ),
            );
        }
        found
    }

    /// A switch: `true` or `false`; absent is `false`.
    pub fn switch(&mut self, name: &'static str) -> bool {
        self.one_of(name, &[("true", true), ("false", false)])
            .unwrap_or(false)
    }

    /// `limit` and `cursor` of a list.
    pub fn page(&mut self) -> Page {
        let limit = self
            .integer("limit", 1, PAGE_SIZE_MAX)
            .unwrap_or(PAGE_SIZE_DEFAULT);
        Page {
            limit,
            cursor: self.text("cursor").map(str::to_owned),
        }
    }

    /// Reports a problem that only the caller can see.
    pub fn refuse(&mut self, code: IssueCode, name: &str, message: Text) {
        self.error(code, name, message);
    }

    /// Ends the reading: unknown parameters and all problems found.
    ///
    /// # Errors
    /// `Invalid` with every problem.
    pub fn finish(self) -> Result<(), AppError> {
        let issues = self.into_issues();
        if issues.has_errors() {
            Err(AppError::Invalid(issues.into_vec()))
        } else {
            Ok(())
        }
    }

    /// Ends the reading of a part of something larger.
    #[must_use]
    pub fn into_issues(mut self) -> Issues {
        for (name, _) in &self.query.parameters {
            if !self.known.iter().any(|known| known == name) {
                self.issues.push(Issue::error(
                    self.query.unknown,
                    format!("{}/{name}", self.query.place),
                    Text::new(
                        format!("「{name}」という指定はありません。綴りを確かめてください。"),
                        format!("There is no parameter \"{name}\" here; check its spelling."),
                    ),
                ));
            }
        }
        self.issues
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(raw: &str) -> Vec<IssueCode> {
        let query = Query::parse(raw).unwrap();
        let mut reader = query.read();
        reader.month("month");
        reader.page();
        match reader.finish() {
            Ok(()) => Vec::new(),
            Err(AppError::Invalid(issues)) => issues.into_iter().map(|issue| issue.code).collect(),
            Err(other) => panic!("{other}"),
        }
    }

    #[test]
    fn reads_what_is_asked_and_refuses_the_rest() {
        assert_eq!(codes("month=2028-09&limit=200&cursor=%E3%81%82"), []);
        assert_eq!(codes("month=2028-9"), [IssueCode::WrongType]);
        assert_eq!(codes("month=%00"), [IssueCode::OutOfRange]);
        assert_eq!(codes("limit=201"), [IssueCode::OutOfRange]);
        assert_eq!(
            codes("limit=0&mnth=1"),
            [IssueCode::OutOfRange, IssueCode::UnknownParameter]
        );
    }

    #[test]
    fn unreadable_and_repeated_parameters_are_malformed() {
        for raw in ["a=%", "a=%f", "a=%zz", "a=%ff", "a=1&a=2", "a=1&%61=2"] {
            assert!(
                matches!(Query::parse(raw), Err(AppError::MalformedQuery(_))),
                "{raw}"
            );
        }
    }
}

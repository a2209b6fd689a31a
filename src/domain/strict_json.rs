//! Reads JSON documents strictly, and completely.
//!
//! A typed deserializer stops at the first fault and passes numbers through
//! floats. Here a document becomes a tree that keeps each number's own digits
//! and refuses repeated members; readers then take it apart member by member,
//! collecting *every* issue with its JSON pointer, unknown members included.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::amount::{Amount, AmountError};
use super::code::choose_one_of;
use super::issue::{Issue, IssueCode, Issues, pointer_to};
use super::month::Month;
use super::text::Text;

/// Objects and arrays nest at most this deep.
pub const DEPTH_MAX: usize = 32;
/// Characters in a short text (names, titles).
pub const STRING_CHARS_MAX: usize = 200;
/// Characters in a long text (notes, reasons).
pub const NOTE_CHARS_MAX: usize = 4_000;

/// Not a JSON document this service reads: syntax, repeated member, too deep.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Malformed {
    pub message: Text,
}

/// A JSON value that keeps the text of its numbers.
#[derive(Clone, Debug, PartialEq)]
pub enum Json<'a> {
    Null,
    Bool(bool),
    Number(&'a str),
    String(Cow<'a, str>),
    Array(Vec<Json<'a>>),
    Object(Vec<(Cow<'a, str>, Json<'a>)>),
}

/// Reads a whole document.
///
/// # Errors
/// [`Malformed`] for anything but one well-formed value without repeated
/// members, at most [`DEPTH_MAX`] deep.
pub fn parse(bytes: &[u8]) -> Result<Json<'_>, Malformed> {
    let text = std::str::from_utf8(bytes).map_err(|error| Malformed {
        message: Text::new(
            format!(
                "本文が UTF-8 ではありません（{} バイト目）。",
                error.valid_up_to() + 1
            ),
            format!(
                "The body is not UTF-8 (at byte {}).",
                error.valid_up_to() + 1
            ),
        ),
    })?;
    let raw: &RawValue = serde_json::from_str(text).map_err(|error| syntax(&error))?;
    tree(raw, 0)
}

fn syntax(error: &serde_json::Error) -> Malformed {
    let (line, column) = (error.line(), error.column());
    Malformed {
        message: Text::new(
            format!("本文を JSON として読めません（{line} 行 {column} 文字目付近）。"),
            format!("The body is not well-formed JSON (near line {line}, column {column})."),
        ),
    }
}

fn tree(raw: &RawValue, depth: usize) -> Result<Json<'_>, Malformed> {
    if depth > DEPTH_MAX {
        return Err(Malformed {
            message: Text::new(
                format!("JSON の入れ子が深すぎます（{DEPTH_MAX} 段まで）。"),
                format!("The JSON is nested too deeply (at most {DEPTH_MAX} levels)."),
            ),
        });
    }
    let text = raw.get();
    match text.as_bytes().first() {
        Some(b'{') => {
            let members: Members = serde_json::from_str(text).map_err(|error| syntax(&error))?;
            let mut seen = HashSet::with_capacity(members.0.len());
            let mut object = Vec::with_capacity(members.0.len());
            for (name, value) in members.0 {
                if !seen.insert(name.clone()) {
                    return Err(repeated_member(&name));
                }
                object.push((name, tree(value, depth + 1)?));
            }
            Ok(Json::Object(object))
        }
        Some(b'[') => {
            let elements: Elements = serde_json::from_str(text).map_err(|error| syntax(&error))?;
            let values = elements.0.into_iter().map(|value| tree(value, depth + 1));
            Ok(Json::Array(values.collect::<Result<_, _>>()?))
        }
        Some(b'"') => {
            let string: Name = serde_json::from_str(text).map_err(|error| syntax(&error))?;
            Ok(Json::String(string.0))
        }
        Some(b't') => Ok(Json::Bool(true)),
        Some(b'f') => Ok(Json::Bool(false)),
        Some(b'n') => Ok(Json::Null),
        _ => Ok(Json::Number(text)),
    }
}

fn repeated_member(name: &str) -> Malformed {
    Malformed {
        message: Text::new(
            format!("同じ項目「{name}」が一つのオブジェクトに二度あります。"),
            format!("The member \"{name}\" appears twice in one object."),
        ),
    }
}

/// A member name or string, borrowed where it holds no escapes.
#[derive(serde::Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

struct Members<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct MembersVisitor<'a>(std::marker::PhantomData<&'a ()>);
        impl<'de: 'a, 'a> Visitor<'de> for MembersVisitor<'a> {
            type Value = Members<'a>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members<'a>, A::Error> {
                let mut members = Vec::new();
                while let Some((name, value)) = map.next_entry::<Name<'de>, &'de RawValue>()? {
                    members.push((name.0, value));
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(MembersVisitor(std::marker::PhantomData))
    }
}

struct Elements<'a>(Vec<&'a RawValue>);

impl<'de: 'a, 'a> Deserialize<'de> for Elements<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ElementsVisitor<'a>(std::marker::PhantomData<&'a ()>);
        impl<'de: 'a, 'a> Visitor<'de> for ElementsVisitor<'a> {
            type Value = Elements<'a>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an array")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Elements<'a>, A::Error> {
                let mut elements = Vec::new();
                while let Some(value) = seq.next_element::<&'de RawValue>()? {
                    elements.push(value);
                }
                Ok(Elements(elements))
            }
        }
        deserializer.deserialize_seq(ElementsVisitor(std::marker::PhantomData))
    }
}

/// Why a text cannot be a note or a reason, wherever it was written.
#[must_use]
pub fn fault_of_note(text: &str) -> Option<(IssueCode, Text)> {
    fault_of_text(text, NOTE_CHARS_MAX, true)
}

fn fault_of_text(text: &str, max: usize, multiline: bool) -> Option<(IssueCode, Text)> {
    let count = text.chars().count();
    if count > max {
        let message = Text::new(
            format!("{max} 文字までです（{count} 文字あります）。"),
            format!("At most {max} characters; there are {count}."),
        );
        return Some((IssueCode::TooLong, message));
    }
    let allowed = |c: char| !c.is_control() || (multiline && matches!(c, '\n' | '\r' | '\t'));
    (text.trim().is_empty() || !text.chars().all(allowed)).then(|| {
        let message = Text::new(
            "空の文字列や制御文字は使えません。",
            "The text must not be blank or hold control characters.",
        );
        (IssueCode::OutOfRange, message)
    })
}

/// A value of a document together with its place.
#[derive(Clone, Debug)]
pub struct Value<'a> {
    json: &'a Json<'a>,
    path: String,
}

impl<'a> Value<'a> {
    /// The whole document.
    #[must_use]
    pub fn root(json: &'a Json<'a>) -> Self {
        Self {
            json,
            path: String::new(),
        }
    }

    /// JSON pointer to this value.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(self.json, Json::Null)
    }

    #[must_use]
    pub fn is_number(&self) -> bool {
        matches!(self.json, Json::Number(_))
    }

    fn wrong_type(&self, issues: &mut Issues, ja: &str, en: &str) {
        issues.error(
            IssueCode::WrongType,
            &self.path,
            Text::new(
                format!("{ja}を入れてください。"),
                format!("Give {en} here."),
            ),
        );
    }

    pub fn object(&self, issues: &mut Issues) -> Option<Object<'a>> {
        if let Json::Object(members) = self.json {
            Some(Object {
                members,
                path: self.path.clone(),
                read: Vec::new(),
            })
        } else {
            self.wrong_type(issues, "オブジェクト（{ … }）", "an object ({ … })");
            None
        }
    }

    /// The elements, at most `max` of them.
    pub fn array(&self, issues: &mut Issues, max: usize) -> Option<Vec<Value<'a>>> {
        let Json::Array(elements) = self.json else {
            self.wrong_type(issues, "配列（[ … ]）", "an array ([ … ])");
            return None;
        };
        if elements.len() > max {
            issues.error(
                IssueCode::OutOfRange,
                &self.path,
                Text::new(
                    format!("一度に {max} 件までです（{} 件あります）。", elements.len()),
                    format!(
                        "At most {max} entries at a time; there are {}.",
                        elements.len()
                    ),
                ),
            );
            return None;
        }
        Some(
            elements
                .iter()
                .enumerate()
                .map(|(index, json)| Value {
                    json,
                    path: format!("{}/{index}", self.path),
                })
                .collect(),
        )
    }

    pub fn boolean(&self, issues: &mut Issues) -> Option<bool> {
        if let Json::Bool(value) = self.json {
            Some(*value)
        } else {
            self.wrong_type(issues, "true か false ", "true or false");
            None
        }
    }

    /// A short text on one line.
    pub fn line(&self, issues: &mut Issues) -> Option<String> {
        self.text(issues, STRING_CHARS_MAX, false)
    }

    /// A text, number or truth value as a text, each as it is written.
    pub fn scalar(&self, issues: &mut Issues) -> Option<String> {
        match self.json {
            Json::Number(digits) => Some((*digits).to_owned()),
            Json::Bool(value) => Some(value.to_string()),
            _ => self.line(issues),
        }
    }

    /// A long text; line breaks and tabs are welcome.
    pub fn note(&self, issues: &mut Issues) -> Option<String> {
        self.text(issues, NOTE_CHARS_MAX, true)
    }

    fn text(&self, issues: &mut Issues, max: usize, multiline: bool) -> Option<String> {
        let Json::String(text) = self.json else {
            self.wrong_type(issues, "文字列", "a text");
            return None;
        };
        if let Some((code, message)) = fault_of_text(text, max, multiline) {
            issues.error(code, &self.path, message);
            return None;
        }
        Some(text.clone().into_owned())
    }

    /// A text in both languages, `{ja, en}`.
    pub fn bilingual(&self, issues: &mut Issues) -> Option<Text> {
        let mut object = self.object(issues)?;
        let ja = object
            .required("ja", issues)
            .and_then(|value| value.line(issues));
        let en = object
            .required("en", issues)
            .and_then(|value| value.line(issues));
        object.finish(issues);
        Some(Text::new(ja?, en?))
    }

    /// A whole number from `min` to `max`.
    pub fn integer(&self, issues: &mut Issues, min: u32, max: u32) -> Option<u32> {
        let value = match self.json {
            Json::Number(text) => text.parse::<Amount>().ok(),
            _ => {
                self.wrong_type(issues, "整数", "a whole number");
                return None;
            }
        };
        let units = value
            .filter(|amount| amount.is_whole())
            .and_then(|amount| u32::try_from(amount.scaled() / super::amount::SCALE).ok())
            .filter(|units| (min..=max).contains(units));
        if units.is_none() {
            issues.error(
                IssueCode::OutOfRange,
                &self.path,
                Text::new(
                    format!("{min} から {max} までの整数を入れてください。"),
                    format!("Give a whole number from {min} to {max}."),
                ),
            );
        }
        units
    }

    /// A figure with at most four decimals, smaller than 10^11.
    pub fn amount(&self, issues: &mut Issues) -> Option<Amount> {
        let Json::Number(text) = self.json else {
            self.wrong_type(issues, "数値（引用符なし）", "a number (without quotes)");
            return None;
        };
        match text.parse::<Amount>() {
            Ok(amount) => Some(amount),
            Err(AmountError::TooManyDecimals) => {
                issues.error(
                    IssueCode::TooManyDecimals,
                    &self.path,
                    Text::new(
                        "小数は 4 桁までです。",
                        "At most four decimals are kept; round the figure first.",
                    ),
                );
                None
            }
            Err(AmountError::OutOfRange | AmountError::NotANumber) => {
                issues.error(
                    IssueCode::OutOfRange,
                    &self.path,
                    Text::new(
                        "数値が大きすぎます（絶対値は 1,000 億未満）。",
                        "The figure is too large (its size must stay below 100,000,000,000).",
                    ),
                );
                None
            }
        }
    }

    /// A figure or null. The outer `None` says that it was unreadable.
    pub fn nullable_amount(&self, issues: &mut Issues) -> Option<Option<Amount>> {
        if self.is_null() {
            Some(None)
        } else {
            self.amount(issues).map(Some)
        }
    }

    pub fn month(&self, issues: &mut Issues) -> Option<Month> {
        let Json::String(text) = self.json else {
            self.wrong_type(issues, "「2028-09」の形の年月", "a month like \"2028-09\"");
            return None;
        };
        let month = text.parse().ok();
        if month.is_none() {
            issues.error(
                IssueCode::WrongType,
                &self.path,
                Text::new(
                    "年月は「2028-09」の形で入れてください。",
                    "Write the month like \"2028-09\".",
                ),
            );
        }
        month
    }

    /// One of a closed list of codes.
    pub fn one_of<T: Copy>(&self, issues: &mut Issues, codes: &[(&str, T)]) -> Option<T> {
        let Json::String(text) = self.json else {
            self.wrong_type(issues, "文字列", "a text");
            return None;
        };
        let found = codes
            .iter()
            .find(|(code, _)| *code == text)
            .map(|(_, value)| *value);
        if found.is_none() {
            issues.error(
                IssueCode::OutOfRange,
                &self.path,
                choose_one_of(&Text::new("ここ", "This"), codes),
            );
        }
        found
    }

    /// A stable code: ASCII letters, digits, `-` and `_`, at most 64.
    pub fn code(&self, issues: &mut Issues) -> Option<String> {
        let text = self.line(issues)?;
        let valid = text.len() <= CODE_CHARS_MAX
            && text
                .bytes()
                .all(|b| b.is_ascii_alphabetic() || b.is_ascii_digit() || b == b'-' || b == b'_');
        if valid {
            return Some(text);
        }
        issues.error(
            IssueCode::OutOfRange,
            &self.path,
            Text::new(
                format!("コードは英字・数字・「-」「_」で {CODE_CHARS_MAX} 文字までです。"),
                format!("A code has letters, digits, \"-\" and \"_\", at most {CODE_CHARS_MAX}."),
            ),
        );
        None
    }
}

/// Characters in a code (items, hubs, scorecard keys).
pub const CODE_CHARS_MAX: usize = 64;

/// An object being read: whatever was not asked for is reported by [`Object::finish`].
#[derive(Clone, Debug)]
pub struct Object<'a> {
    members: &'a [(Cow<'a, str>, Json<'a>)],
    path: String,
    read: Vec<&'static str>,
}

impl<'a> Object<'a> {
    /// JSON pointer to the object.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The member, unless it is absent.
    pub fn member(&mut self, name: &'static str) -> Option<Value<'a>> {
        self.read.push(name);
        let (_, json) = self.members.iter().find(|(member, _)| member == name)?;
        Some(Value {
            json,
            path: pointer_to(&self.path, name),
        })
    }

    /// The member, unless it is absent or null.
    pub fn optional(&mut self, name: &'static str) -> Option<Value<'a>> {
        self.member(name).filter(|value| *value.json != Json::Null)
    }

    /// The member; absence and null are issues.
    pub fn required(&mut self, name: &'static str, issues: &mut Issues) -> Option<Value<'a>> {
        let value = self.optional(name);
        if value.is_none() {
            issues.error(
                IssueCode::Missing,
                pointer_to(&self.path, name),
                Text::new(
                    format!("「{name}」がありません。"),
                    format!("\"{name}\" is missing."),
                ),
            );
        }
        value
    }

    /// All members, for objects whose names are data.
    pub fn entries(&self) -> impl Iterator<Item = (&'a str, Value<'a>)> + use<'a> {
        let path = self.path.clone();
        self.members.iter().map(move |(name, json)| {
            (
                name.as_ref(),
                Value {
                    json,
                    path: pointer_to(&path, name),
                },
            )
        })
    }

    /// Reports every member that nobody asked for.
    pub fn finish(self, issues: &mut Issues) {
        for (name, _) in self.members {
            if !self.read.iter().any(|read| read == name) {
                issues.push(Issue::error(
                    IssueCode::UnknownField,
                    pointer_to(&self.path, name),
                    Text::new(
                        format!("「{name}」という項目はありません。綴りを確かめてください。"),
                        format!("There is no field \"{name}\" here; check its spelling."),
                    ),
                ));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_digits_of_numbers() {
        assert_eq!(parse(b" 1e400 "), Ok(Json::Number("1e400")));
        assert_eq!(
            parse(b"[0.1, -2]"),
            Ok(Json::Array(vec![Json::Number("0.1"), Json::Number("-2")]))
        );
    }

    #[test]
    fn refuses_what_is_not_one_clean_document() {
        let deep = "[".repeat(100_000);
        let nested = format!("{}1{}", "[".repeat(40), "]".repeat(40));
        for body in [
            &b""[..],
            b"{",
            b"{} {}",
            b"NaN",
            b"{\"a\":1,\"a\":2}",
            b"{\"a\":1,\"\\u0061\":2}",
            b"\"\\ud800\"",
            b"\xff",
            deep.as_bytes(),
            nested.as_bytes(),
        ] {
            assert!(
                parse(body).is_err(),
                "{:?}",
                String::from_utf8_lossy(&body[..body.len().min(20)])
            );
        }
    }

    #[test]
    fn reports_every_problem_with_its_pointer() {
        let json = parse(br#"{"month":"2028-9","value":"3","a/b":1}"#).unwrap();
        let mut issues = Issues::default();
        let mut object = Value::root(&json).object(&mut issues).unwrap();
        object
            .required("month", &mut issues)
            .and_then(|value| value.month(&mut issues));
        object
            .required("value", &mut issues)
            .and_then(|value| value.amount(&mut issues));
        object.required("item", &mut issues);
        object.finish(&mut issues);
        let found: Vec<_> = issues
            .as_slice()
            .iter()
            .map(|issue| (issue.code, issue.path.as_str()))
            .collect();
        assert_eq!(
            found,
            [
                (IssueCode::WrongType, "/month"),
                (IssueCode::WrongType, "/value"),
                (IssueCode::Missing, "/item"),
                (IssueCode::UnknownField, "/a~1b"),
            ]
        );
    }
}

//! Answers kept in files, with whatever differs from run to run replaced.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

/// Set it to `1` to write the files anew.
const UPDATE: &str = "UPDATE_GOLDEN";

/// Compares a JSON text with `tests/api/golden/<name>`, byte for byte.
#[expect(clippy::disallowed_methods, reason = "tests have no configuration")]
pub fn assert_golden(name: &str, json: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/api/golden")
        .join(name);
    let json = pretty(json);
    if std::env::var(UPDATE).is_ok_and(|value| value == "1") {
        std::fs::write(&path, &json).unwrap();
        return;
    }
    let known = std::fs::read_to_string(&path).unwrap_or_default();
    if known != json {
        let different = known
            .lines()
            .zip(json.lines())
            .enumerate()
            .find(|(_, (known, new))| known != new);
        panic!(
            "{name} differs from what is kept (first at {different:#?}; {} and {} lines); \
             {UPDATE}=1 keeps the new answers",
            known.lines().count(),
            json.lines().count()
        );
    }
}

/// Replaces identifiers, request ids and secrets by numbered names, the same
/// ones by the same name.
#[derive(Default)]
pub struct Names(BTreeMap<String, String>);

impl Names {
    pub fn replaced(&mut self, text: &str) -> String {
        let mut replaced = String::with_capacity(text.len());
        let mut rest = text;
        while !rest.is_empty() {
            if let Some(found) = found_at(rest) {
                let count = self.0.len();
                let name = self
                    .0
                    .entry(found.to_owned())
                    .or_insert_with(|| format!("<{}>", count + 1));
                replaced.push_str(name);
                rest = &rest[found.len()..];
            } else {
                let length = rest.chars().next().map_or(1, char::len_utf8);
                replaced.push_str(&rest[..length]);
                rest = &rest[length..];
            }
        }
        replaced
    }
}

/// An identifier (UUID) or a secret that the text begins with.
fn found_at(text: &str) -> Option<&str> {
    const UUID_LENGTH: usize = 36;
    let bytes = text.as_bytes();
    let is_uuid = bytes.len() >= UUID_LENGTH
        && bytes[..UUID_LENGTH]
            .iter()
            .enumerate()
            .all(|(index, byte)| match index {
                8 | 13 | 18 | 23 => *byte == b'-',
                _ => byte.is_ascii_hexdigit(),
            });
    if is_uuid {
        return Some(&text[..UUID_LENGTH]);
    }
    if text.starts_with("shk_") || text.starts_with("shr_") {
        let length = bytes
            .iter()
            .position(|byte| !(byte.is_ascii_alphanumeric() || b"-_".contains(byte)));
        return Some(&text[..length.unwrap_or(text.len())]);
    }
    None
}

/// The same JSON, indented; order, numbers and texts stay as they are.
fn pretty(json: &str) -> String {
    let mut text = String::with_capacity(json.len() * 2);
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    let mut characters = json.chars().peekable();
    while let Some(c) = characters.next() {
        if in_string {
            text.push(c);
            in_string = escaped || c != '"';
            escaped = !escaped && c == '\\';
            continue;
        }
        match c {
            '"' => {
                in_string = true;
                text.push(c);
            }
            '{' | '[' => {
                text.push(c);
                if characters
                    .peek()
                    .is_some_and(|next| matches!(next, '}' | ']'))
                {
                    continue;
                }
                depth += 1;
                break_line(&mut text, depth);
            }
            '}' | ']' => {
                if !text.ends_with(['{', '[']) {
                    depth -= 1;
                    break_line(&mut text, depth);
                }
                text.push(c);
            }
            ',' => {
                text.push(c);
                break_line(&mut text, depth);
            }
            ':' => text.push_str(": "),
            c if c.is_ascii_whitespace() => {}
            c => text.push(c),
        }
    }
    text.push('\n');
    text
}

fn break_line(text: &mut String, depth: usize) {
    write!(text, "\n{:width$}", "", width = depth).unwrap();
}

//! A message as mail: plain text and HTML with the same content.

use askama::Template;

use super::content::{Message, Tone};
use super::plain::{self, Line};
use crate::domain::event::{Event, EventData, Notice};
use crate::domain::text::Language;

/// Columns of the plain text; a full-width character has two.
const COLUMNS: usize = 76;
/// Entries of a mail; those over it are counted.
const ENTRIES_MAX: usize = 50;
/// Alerts that a mail refers to.
const THREAD_MAX: usize = 50;
/// Characters that do not begin a line in Japanese.
const NEVER_FIRST: &str =
    "、。，．・：；？！）」』】〕％ーぁぃぅぇぉっゃゅょァィゥェォッャュョ…ヽヾ々";
/// Characters that do not end a line in Japanese.
const NEVER_LAST: &str = "（「『【〔";

/// A mail without sender and recipients.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// One line without personal data.
    pub subject: String,
    /// Lines of at most 76 columns, but for addresses of pages.
    pub text: String,
    pub html: String,
    /// What the mail is about, `alert-<id>`: the local parts of `References`,
    /// by which mails about the same alert stand in one thread.
    pub thread: Vec<String>,
}

/// The event as mail.
#[must_use]
pub fn mail(event: &Event, language: Language) -> Mail {
    let message = Message::of(event, language).with_at_most(ENTRIES_MAX);
    Mail {
        text: text(&message),
        html: html(&message),
        thread: thread(event),
        subject: message.title,
    }
}

fn thread(event: &Event) -> Vec<String> {
    let EventData::Notice(notice) = &event.data else {
        return Vec::new();
    };
    let Notice {
        opened,
        updated,
        resolved,
        withdrawn,
        ..
    } = notice;
    let alerts = || [opened, updated, resolved, withdrawn].into_iter().flatten();
    let own = alerts().map(|alert| &alert.alert);
    let folded = alerts().flat_map(|alert| &alert.folded);
    own.chain(folded)
        .take(THREAD_MAX)
        .map(|alert| format!("alert-{}", alert.id))
        .collect()
}

fn text(message: &Message) -> String {
    let text: String = plain::lines(message).iter().map(wrapped).collect();
    let link = message.link.as_ref().map_or_else(String::new, |link| {
        format!(
            "\n{}{}\n{}\n",
            link.label,
            message.colon().trim_end(),
            link.url
        )
    });
    // The line "-- " begins a mail's signature.
    format!("{text}{link}\n-- \n{}\n", message.footer)
}

/// The line in rows that fit, each ended by a line feed.
fn wrapped(line: &Line) -> String {
    let mut rows = String::new();
    let mut indent = line.indent;
    let mut rest = line.text.as_str();
    while !rest.is_empty() {
        let (row, after) = rest.split_at(break_at(rest, COLUMNS.saturating_sub(indent)));
        rows.push_str(&" ".repeat(indent));
        rows.push_str(row.trim_end());
        rows.push('\n');
        rest = after.trim_start();
        indent = line.indent.saturating_add(line.hanging);
    }
    if rows.is_empty() {
        rows.push('\n');
    }
    rows
}

/// Where to break the text so that what stands before has at most so many
/// columns: between words, or between full-width characters.
fn break_at(text: &str, columns: usize) -> usize {
    let mut used = 0;
    let mut last_good = None;
    let mut before: Option<char> = None;
    for (index, c) in text.char_indices() {
        if before.is_some_and(|before| may_break(before, c)) {
            last_good = Some(index);
        }
        used += width(c);
        if used > columns && !c.is_whitespace() {
            // A word longer than a row is broken where it has to be.
            return last_good
                .unwrap_or_else(|| index.max(text.chars().next().map_or(0, char::len_utf8)));
        }
        before = Some(c);
    }
    text.len()
}

fn may_break(before: char, after: char) -> bool {
    if after.is_whitespace() || NEVER_FIRST.contains(after) || NEVER_LAST.contains(before) {
        return false;
    }
    // "11月" stays together.
    if before.is_ascii_digit() && !after.is_ascii() {
        return false;
    }
    before.is_whitespace() || width(before) == 2 || width(after) == 2
}

/// Columns of a character in a fixed-width font of the far east.
fn width(c: char) -> usize {
    let wide = matches!(c,
        '\u{1100}'..='\u{115f}'
            | '\u{2014}'..='\u{2026}'
            | '\u{25a0}'..='\u{25ff}'
            | '\u{2e80}'..='\u{a4cf}'
            | '\u{ac00}'..='\u{d7a3}'
            | '\u{f900}'..='\u{faff}'
            | '\u{fe30}'..='\u{fe6f}'
            | '\u{ff00}'..='\u{ff60}'
            | '\u{ffe0}'..='\u{ffe6}'
            | '\u{1f300}'..='\u{1faff}'
            | '\u{20000}'..='\u{3fffd}');
    if wide { 2 } else { 1 }
}

#[derive(Template)]
#[template(path = "mail.html")]
struct Page<'a> {
    message: &'a Message,
}

impl Tone {
    /// The colour of a section's edge; its heading says the same in words.
    const fn colour(self) -> &'static str {
        match self {
            Self::Bad => "#c0362c",
            Self::Good => "#2e7d4f",
            Self::Neutral => "#6b7280",
        }
    }
}

/// Writing into a `String` does not fail.
fn html(message: &Message) -> String {
    Page { message }.render().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn columns(row: &str) -> usize {
        row.chars().map(width).sum()
    }

    #[test]
    fn rows_break_between_words_and_between_full_width_characters() {
        let line = |text: &str| Line {
            indent: 2,
            hanging: 2,
            text: text.to_owned(),
        };
        let english = wrapped(&line(&"word ".repeat(20)));
        assert_eq!(english.lines().count(), 2);
        assert!(
            english.lines().all(|row| row.ends_with("word")),
            "{english}"
        );
        assert!(english.lines().nth(1).unwrap().starts_with("    word"));
        let japanese = wrapped(&line(&format!("{}。続き", "字".repeat(37))));
        let rows: Vec<&str> = japanese.lines().collect();
        assert_eq!(rows.len(), 2);
        assert!(rows[1].starts_with("    字。続き"), "{japanese}");
    }

    proptest! {
        /// Nothing is lost, and no row is too wide.
        #[test]
        fn rows_fit(text in "[a-z 字、。（）]{0,300}", indent in 0_usize..9) {
            let line = Line { indent, hanging: 2, text };
            let rows = wrapped(&line);
            let squeezed = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
            prop_assert_eq!(squeezed(&rows), squeezed(&line.text));
            for row in rows.lines() {
                prop_assert!(columns(row) <= COLUMNS, "{row}");
            }
        }
    }
}

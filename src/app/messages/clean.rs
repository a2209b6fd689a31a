//! Texts that users wrote, made harmless lines.

use crate::domain::text::Text;

/// Characters of a name in a message.
const NAME_CHARS_MAX: usize = 80;
/// Characters of a note in a message.
const NOTE_CHARS_MAX: usize = 200;
/// What stands where a text was cut.
const ELLIPSIS: char = '…';

/// A name in both languages, for the middle of a sentence.
pub(super) fn name(name: &Text) -> Text {
    Text::new(
        line(&name.ja, NAME_CHARS_MAX),
        line(&name.en, NAME_CHARS_MAX),
    )
}

/// A name that exists in one language only.
pub(super) fn plain_name(name: &str) -> String {
    line(name, NAME_CHARS_MAX)
}

/// What somebody wrote in their own words.
pub(super) fn note(note: &str) -> String {
    line(note, NOTE_CHARS_MAX)
}

/// A note in both languages.
pub(super) fn notes(note: &Text) -> Text {
    Text::new(
        line(&note.ja, NOTE_CHARS_MAX),
        line(&note.en, NOTE_CHARS_MAX),
    )
}

/// One line without control characters and without those that turn the
/// direction of what follows or cannot be seen. White space becomes one space.
fn line(text: &str, chars_max: usize) -> String {
    let visible: String = text
        .chars()
        .filter(|c| !is_invisible(*c))
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    let words: Vec<&str> = visible.split_whitespace().collect();
    cut(&words.join(" "), chars_max)
}

/// At most so many characters; the last one shows that something was cut.
pub(super) fn cut(text: &str, chars_max: usize) -> String {
    if text.chars().count() <= chars_max {
        return text.to_owned();
    }
    let kept: String = text.chars().take(chars_max.saturating_sub(1)).collect();
    format!("{}{ELLIPSIS}", kept.trim_end())
}

/// Marks of direction, joiners of width zero, and the escape character that
/// starts a terminal's commands.
fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{1b}'
            | '\u{ad}'
            | '\u{61c}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_becomes_one_harmless_line() {
        for (text, shown) in [
            ("相談", "相談"),
            ("a\r\nBcc: b@example.com", "a Bcc: b@example.com"),
            ("\u{1b}[31mred\u{1b}[0m", "[31mred[0m"),
            ("a\u{202e}b\u{200b}c\u{2028}d\u{0}e", "abc d e"),
            ("  \t 間 \u{3000} 隔 ", "間 隔"),
            ("", ""),
        ] {
            assert_eq!(note(text), shown, "{text:?}");
        }
    }

    #[test]
    fn what_is_cut_shows_it() {
        assert_eq!(cut("あいうえお", 5), "あいうえお");
        assert_eq!(cut("あいうえおか", 5), "あいうえ…");
        assert_eq!(note(&"字".repeat(4_000)).chars().count(), NOTE_CHARS_MAX);
    }
}

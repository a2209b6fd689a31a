//! Texts that a spreadsheet would run: they leave with an apostrophe before
//! them, and lose it when they come back.

use std::borrow::Cow;

/// A text that begins like this is a formula to a spreadsheet; Japanese editions
/// take the full-width forms, too.
const FORMULA_STARTS: [char; 10] = ['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠'];
const APOSTROPHE: char = '\'';

/// The text as it may stand in a file that a spreadsheet opens.
#[must_use]
pub fn neutralised(text: &str) -> Cow<'_, str> {
    if begins_a_formula(text) {
        Cow::Owned(format!("{APOSTROPHE}{text}"))
    } else {
        Cow::Borrowed(text)
    }
}

/// The text as a cell of a workbook keeps it. A cell of text runs nothing, so that
/// only what [`plain_of`] would take off when it comes back is put on.
#[must_use]
pub fn kept_in_a_cell(text: &str) -> Cow<'_, str> {
    if plain_of(text) == text {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(format!("{APOSTROPHE}{text}"))
    }
}

/// The text that was [`neutralised`]; any other stays as it is.
#[must_use]
pub fn plain_of(text: &str) -> &str {
    text.strip_prefix(APOSTROPHE)
        .filter(|rest| begins_a_formula(rest))
        .unwrap_or(text)
}

/// Apostrophes that stand there already count as part of the text, so that
/// taking one off gives back what was written.
fn begins_a_formula(text: &str) -> bool {
    text.trim_start_matches(APOSTROPHE)
        .starts_with(FORMULA_STARTS)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn formulas_become_texts() {
        for (text, neutral) in [
            ("=1+1", "'=1+1"),
            ("+81", "'+81"),
            ("-1", "'-1"),
            ("@sum", "'@sum"),
            ("\tx", "'\tx"),
            ("\rx", "'\rx"),
            ("＝1", "'＝1"),
            ("＠sum", "'＠sum"),
            ("'=1", "''=1"),
            ("'tis", "'tis"),
            ("1-2", "1-2"),
            ("△5", "△5"),
            ("", ""),
            ("'", "'"),
        ] {
            assert_eq!(neutralised(text), neutral);
            assert_eq!(plain_of(neutral), text);
        }
    }

    #[test]
    fn a_cell_keeps_apostrophes_of_its_own() {
        for (text, cell) in [
            ("=1+1", "=1+1"),
            ("'=1", "''=1"),
            ("''=1", "'''=1"),
            ("'tis", "'tis"),
        ] {
            assert_eq!(kept_in_a_cell(text), cell);
        }
    }

    proptest! {
        #[test]
        fn what_was_neutralised_comes_back(text in "['=+@＝ -]{0,4}.{0,4}") {
            let neutral = neutralised(&text);
            prop_assert_eq!(plain_of(&neutral), text.as_str());
            prop_assert!(!neutral.starts_with(FORMULA_STARTS));
            let kept = kept_in_a_cell(&text);
            prop_assert_eq!(plain_of(&kept), text.as_str());
        }
    }
}

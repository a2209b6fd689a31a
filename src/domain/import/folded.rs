//! Texts of sheets as they are compared: people write the same thing in full and
//! half width, with and without spaces, units and line breaks.

use unicode_normalization::{IsNormalized, UnicodeNormalization as _, is_nfkc_quick};

use super::super::sheet::Cell;

/// Characters of a text that can name anything; the names of items have 200.
const LABEL_CHARS_MAX: usize = 250;

/// The text in one width, without anything before or after it. Minus signs and
/// dashes of all kinds of keyboards stay as they are.
#[must_use]
pub fn one_width(text: &str) -> String {
    let text = text.trim();
    // Most texts are in one width already, and some are asked about many times.
    if text.is_ascii() || is_nfkc_quick(text.chars()) == IsNormalized::Yes {
        return text.to_owned();
    }
    text.nfkc().collect::<String>().trim().to_owned()
}

/// A cell as a label, in one width. What is longer than any name is cut: it stands
/// for nothing, and its rest is not looked at.
#[must_use]
pub fn label_of(cell: &Cell) -> String {
    match cell {
        // One character more, so that no name is mistaken for a longer one.
        Cell::Text(text) | Cell::Error(text) => beginning(text, LABEL_CHARS_MAX + 1),
        other => other.to_string(),
    }
}

/// The first characters of a text in one width; no more are made, though some are
/// many in one width.
#[must_use]
pub fn beginning(text: &str, chars_max: usize) -> String {
    let text: String = text.trim_start().nfkc().take(chars_max).collect();
    text.trim().to_owned()
}

/// The text as headings and names are compared: one width, one case, no spaces
/// or underscores, and without the unit or remark that follows in brackets.
#[must_use]
pub fn folded(text: &str) -> String {
    compared(without_remark(&one_width(text)))
}

/// The same, with the brackets at the end: names that differ only in them differ.
#[must_use]
pub fn folded_whole(text: &str) -> String {
    compared(&one_width(text))
}

/// Waves that keyboards and programs use for each other are one.
fn compared(text: &str) -> String {
    text.chars()
        .filter(|character| !character.is_whitespace() && *character != '_')
        .map(|character| if character == '〜' { '~' } else { character })
        .flat_map(char::to_lowercase)
        .collect()
}

/// A name without the sign or number that counts it in a list, or leads to a note:
/// `①相談`, `(2) 相談`, `・相談`, `相談※1`. `None` where there is none. Only to be
/// asked where the whole text is not known: names begin with numbers, too.
#[must_use]
pub fn unnumbered(text: &str) -> Option<String> {
    let text = one_width(text);
    let is_sign = |c: char| "・●○■□◆◇※*".contains(c);
    let rest = after_number(text.trim_start_matches(is_sign));
    let rest = rest
        .trim_end_matches(|c: char| c.is_ascii_digit())
        .strip_suffix(['※', '*'])
        .unwrap_or(rest)
        .trim();
    (rest.len() < text.len() && !rest.is_empty()).then(|| rest.to_owned())
}

/// What follows `1.`, `(2)` or `3` (which ③ is in one width) at the start.
fn after_number(text: &str) -> &str {
    let digits = text.strip_prefix('(').unwrap_or(text);
    let rest = digits.trim_start_matches(|c: char| c.is_ascii_digit());
    if rest.len() == digits.len() {
        return text;
    }
    rest.strip_prefix(['.', ')', '、']).unwrap_or(rest)
}

/// What stands before brackets at the end; the whole text where nothing does.
fn without_remark(text: &str) -> &str {
    let brackets = [('(', ')'), ('[', ']'), ('〔', '〕'), ('【', '】')];
    for (open, close) in brackets {
        if let Some(inner) = text.strip_suffix(close)
            && let Some((before, _)) = inner.rsplit_once(open)
            && !before.trim().is_empty()
        {
            return before.trim();
        }
    }
    text
}

/// What stands in brackets at the end, such as a unit.
#[must_use]
pub fn remark(text: &str) -> Option<String> {
    let text = one_width(text);
    let before = without_remark(&text);
    (before.len() < text.len()).then(|| {
        let rest = text.get(before.len()..).unwrap_or_default().trim();
        rest.trim_matches(|c| "()[]〔〕【】".contains(c))
            .trim()
            .to_owned()
    })
}

/// How alike two texts are, from 0 to 1: the pairs of neighbouring characters
/// that they share (Sørensen–Dice).
#[must_use]
pub fn likeness(one: &str, other: &str) -> f64 {
    let pairs =
        |text: &str| -> Vec<(char, char)> { text.chars().zip(text.chars().skip(1)).collect() };
    let (ones, mut others) = (pairs(one), pairs(other));
    let total = ones.len() + others.len();
    if total == 0 {
        return if one == other { 1.0 } else { 0.0 };
    }
    let mut shared = 0_u32;
    for pair in &ones {
        if let Some(index) = others.iter().position(|other| other == pair) {
            others.swap_remove(index);
            shared += 1;
        }
    }
    f64::from(2 * shared) / f64::from(u32::try_from(total).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widths_cases_spaces_and_units_do_not_matter() {
        for text in [
            "実績値",
            " 実 績\n値 ",
            "実績値（件）",
            "実績値(件)",
            "実績値［社］",
            "実績値【円】",
        ] {
            assert_eq!(folded(text), "実績値", "{text}");
        }
        assert_eq!(folded("Ｉｔｅｍ＿Ｃｏｄｅ"), "itemcode");
        assert_eq!(folded("（単位）"), "(単位)");
        assert_eq!(folded("ﾌﾟﾛ人材 ｾﾐﾅｰ"), "プロ人材セミナー");
        assert_eq!(folded_whole("定着率（分子）"), "定着率(分子)");
    }

    #[test]
    fn a_remark_is_what_stands_in_brackets_at_the_end() {
        assert_eq!(remark("手数料収入（千円）").as_deref(), Some("千円"));
        assert_eq!(remark("手数料収入").as_deref(), None);
        assert_eq!(remark("（千円）").as_deref(), None);
    }

    #[test]
    fn what_counts_a_name_is_told_from_it() {
        for text in [
            "①相談",
            "1. 相談",
            "(2)相談",
            "（２） 相談",
            "・相談",
            "※相談",
            "＊相談",
            "相談※",
            "相談※1",
            "3)相談",
            "⑴ 相談",
        ] {
            assert_eq!(unnumbered(text).as_deref(), Some("相談"), "{text}");
        }
        for text in ["相談", "2025", "相談2", ""] {
            assert_eq!(unnumbered(text), None, "{text}");
        }
    }

    #[test]
    fn long_cells_name_nothing() {
        let long = Cell::Text("長".repeat(40_000));
        assert_eq!(label_of(&long).chars().count(), LABEL_CHARS_MAX + 1);
        let name = "名".repeat(LABEL_CHARS_MAX);
        assert_eq!(label_of(&Cell::Text(name.clone())), name);
    }

    #[test]
    fn likeness_finds_the_slip_of_the_pen() {
        assert!(likeness("セミナー参加企業数", "セミナー参加企業") > 0.8);
        assert!(likeness("セミナー参加企業数", "手数料収入") < 0.2);
        assert!((likeness("あ", "あ") - 1.0).abs() < f64::EPSILON);
        assert!(likeness("", "あい") < f64::EPSILON);
    }
}

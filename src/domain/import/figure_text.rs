//! Figures as they are written in sheets: `1,234`, `１２`, `△5`, `(5)`, `12%`, `30件`,
//! `1.5万円`, `対象外：理由`. What could mean two things is not guessed.

use super::super::amount::{Amount, AmountError};
use super::super::code::coded_enum;
use super::super::sheet::Cell;
use super::folded::{beginning, one_width};

/// What a cell says about a figure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FigureText {
    /// Nothing: the figure stays as it is.
    Blank,
    /// A sign that stands for nothing, such as a dash: read as blank, and said so.
    Unreported,
    Amount(Amount),
    /// So many percent.
    Percent(Amount),
    NotApplicable {
        reason: String,
    },
    /// Done, as milestones are.
    Done,
    Unreadable(Unreadable),
}

coded_enum! {
    /// Why a cell is no figure.
    pub enum Unreadable {
        NotANumber => "not_a_number",
        TooManyDecimals => "too_many_decimals",
        OutOfRange => "out_of_range",
        /// None, or not applicable.
        NoneOrNotApplicable => "none_or_not_applicable",
        /// About so many.
        Approximate => "approximate",
        /// Groups of digits that are no thousands.
        Grouping => "grouping",
        /// A date, which a number with a date format is shown as, too.
        Date => "date",
        Error => "error",
        NotCalculated => "not_calculated",
        Boolean => "boolean",
    }
}

/// Signs for nothing to report. Zero is a figure and has to be written.
const UNREPORTED: [&str; 9] = [
    "-",
    "--",
    "・",
    "...",
    "未",
    "未報告",
    "未集計",
    "未確定",
    "未定",
];
const NOT_APPLICABLE: [&str; 4] = ["対象外", "非該当", "適用外", "not applicable"];
/// What may mean that the item does not apply, or that there was none.
const NONE_OR_NOT_APPLICABLE: [&str; 5] = ["該当なし", "該当無し", "なし", "n/a", "na"];
/// Characters of the longest figure; what is longer is no figure.
const FIGURE_CHARS_MAX: usize = 100;
/// Characters among which such a word ends, however wide it is written; what
/// follows may be long.
const NOT_APPLICABLE_CHARS: usize = 24;
const DONE: [&str; 6] = ["完了", "済", "済み", "完", "達成", "done"];
const ABOUT: [&str; 9] = [
    "約",
    "およそ",
    "程度",
    "前後",
    "以上",
    "以下",
    "未満",
    "ほど",
    "弱",
];
/// What is counted, after a number.
const COUNTERS: [&str; 22] = [
    "件", "社", "人", "名", "回", "円", "組", "組織", "団体", "機関", "行", "校", "か所", "ヶ所",
    "カ所", "箇所", "本", "部", "通", "時間", "日", "点",
];
/// Words that multiply, before 円 or alone.
const MULTIPLIERS: [(&str, i64); 5] = [
    ("百万", 1_000_000),
    ("億", 100_000_000),
    ("万", 10_000),
    ("千", 1_000),
    ("百", 100),
];

/// Reads a cell as a figure.
#[must_use]
pub fn read_figure(cell: &Cell) -> FigureText {
    match cell {
        Cell::Text(text) => read_text(text),
        Cell::Number { digits, is_percent } => match (parsed(digits), is_percent) {
            (Ok(amount), false) => FigureText::Amount(amount),
            (_, true) => percent_of_share(digits),
            (Err(error), false) => FigureText::Unreadable(error),
        },
        Cell::Date(_) => FigureText::Unreadable(Unreadable::Date),
        Cell::Boolean(_) => FigureText::Unreadable(Unreadable::Boolean),
        Cell::Error(_) => FigureText::Unreadable(Unreadable::Error),
        Cell::NotCalculated => FigureText::Unreadable(Unreadable::NotCalculated),
    }
}

/// Whether a cell looks like something to be imported.
#[must_use]
pub fn is_figure(cell: &Cell) -> bool {
    !matches!(
        read_figure(cell),
        FigureText::Blank
            | FigureText::Unreported
            | FigureText::Unreadable(
                Unreadable::NotANumber | Unreadable::Date | Unreadable::NoneOrNotApplicable
            )
    )
}

fn read_text(written: &str) -> FigureText {
    let written = written.trim();
    if let Some(reason) = not_applicable(written) {
        return FigureText::NotApplicable { reason };
    }
    if written.char_indices().nth(FIGURE_CHARS_MAX).is_some() {
        return FigureText::Unreadable(Unreadable::NotANumber);
    }
    let text = beginning(written, FIGURE_CHARS_MAX);
    if text.is_empty() {
        return FigureText::Blank;
    }
    // Two figures in a cell, or one with the mark of a footnote, are none.
    if has_parted_digits(&text) || written.contains(is_raised) {
        return FigureText::Unreadable(Unreadable::NotANumber);
    }
    let plain: String = text
        .to_lowercase()
        .chars()
        .filter(|c| !c.is_whitespace())
        .map(hyphen)
        .collect();
    if NONE_OR_NOT_APPLICABLE.contains(&plain.as_str()) {
        return FigureText::Unreadable(Unreadable::NoneOrNotApplicable);
    }
    if UNREPORTED.contains(&plain.as_str()) || plain.chars().all(|c| c == '-' || c == 'ー') {
        return FigureText::Unreported;
    }
    if DONE.contains(&plain.as_str()) {
        return FigureText::Done;
    }
    if ABOUT
        .iter()
        .any(|word| plain.starts_with(word) || plain.ends_with(word))
    {
        return FigureText::Unreadable(Unreadable::Approximate);
    }
    match number(&plain) {
        Ok((amount, false)) => FigureText::Amount(amount),
        Ok((amount, true)) => FigureText::Percent(amount),
        Err(error) => FigureText::Unreadable(error),
    }
}

/// Whether blanks stand between digits.
fn has_parted_digits(text: &str) -> bool {
    let parts: Vec<&str> = text.split_whitespace().collect();
    parts.windows(2).any(|pair| {
        let ends = |text: &str| text.ends_with(|c: char| c.is_ascii_digit());
        let begins = |text: &str| text.starts_with(|c: char| c.is_ascii_digit());
        matches!(pair, [one, other] if ends(one) && begins(other))
    })
}

/// Digits and letters that lead to a footnote.
const fn is_raised(character: char) -> bool {
    matches!(character, '¹' | '²' | '³' | '\u{2070}'..='\u{209c}')
}

/// Whether a text is nothing but the name of what is counted.
#[must_use]
pub fn is_counter(text: &str) -> bool {
    const REMARKS: [&str; 8] = [
        "%",
        "のべ",
        "延べ",
        "延",
        "実数",
        "単位:件",
        "単位:人",
        "単位:円",
    ];
    COUNTERS.contains(&text) || REMARKS.contains(&text)
}

/// Every dash that stands for a minus, one sign.
const fn hyphen(character: char) -> char {
    match character {
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{2500}' => '-',
        other => other,
    }
}

/// The reason after `対象外`, as it was written; alone that word is its own.
fn not_applicable(written: &str) -> Option<String> {
    // Most cells say something else, and every beginning is compared below.
    let first = one_width(written.get(..written.chars().next()?.len_utf8())?).to_lowercase();
    let words = NOT_APPLICABLE.iter().chain(&NONE_OR_NOT_APPLICABLE);
    if !words.into_iter().any(|word| word.starts_with(&first)) {
        return None;
    }
    let (word, rest) = written
        .char_indices()
        .take(NOT_APPLICABLE_CHARS)
        .map(|(index, first)| index + first.len_utf8())
        .find_map(|end| {
            let (word, rest) = written.split_at_checked(end)?;
            let rest = rest.trim();
            let folded = one_width(word).to_lowercase();
            let is_clear = NOT_APPLICABLE.contains(&folded.as_str())
                || !rest.is_empty() && NONE_OR_NOT_APPLICABLE.contains(&folded.as_str());
            is_clear.then_some((word, rest))
        })?;
    if rest.is_empty() {
        return Some(word.trim().to_owned());
    }
    let reason = rest.strip_prefix([':', '：', ';', '；', '、', ',', '，']);
    let reason = reason.or_else(|| {
        let inner = rest.strip_prefix(['(', '（'])?;
        inner.strip_suffix([')', '）'])
    })?;
    let reason = reason.trim();
    (!reason.is_empty()).then(|| reason.to_owned())
}

/// A number with everything that offices write around it; whether it is percent.
fn number(text: &str) -> Result<(Amount, bool), Unreadable> {
    let (negative, text) = sign(text);
    let text = text.strip_prefix(['¥', '\\']).unwrap_or(text);
    let (text, is_percent) = match text
        .strip_suffix('%')
        .or_else(|| text.strip_suffix("パーセント"))
    {
        Some(rest) => (rest, true),
        None => (text, false),
    };
    let text = if is_percent {
        text
    } else {
        without_counter(text)
    };
    let (text, factor) = multiplier(text);
    if is_percent && factor != 1 {
        return Err(Unreadable::NotANumber);
    }
    let plain = ungrouped(text)?;
    // A sign is written once, and before the number.
    if plain.starts_with(['-', '+']) {
        return Err(Unreadable::NotANumber);
    }
    let amount = parsed(&plain)?;
    let scaled = amount
        .scaled()
        .checked_mul(factor)
        .ok_or(Unreadable::OutOfRange)?;
    let signed = Amount::from_scaled(if negative { -scaled } else { scaled });
    within_range(signed).map(|amount| (amount, is_percent))
}

/// `-5`, `△5`, `▲5` and `(5)` are all five below zero.
fn sign(text: &str) -> (bool, &str) {
    if let Some(inner) = text
        .strip_prefix('(')
        .and_then(|rest| rest.strip_suffix(')'))
    {
        return (true, inner);
    }
    if let Some(rest) = text.strip_prefix(['-', '△', '▲', '▵', '∆', 'Δ', 'δ']) {
        return (true, rest);
    }
    let rest = text
        .strip_prefix(['¥', '\\'])
        .and_then(|rest| rest.strip_prefix('-'));
    match rest {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    }
}

fn without_counter(text: &str) -> &str {
    let longest = COUNTERS
        .iter()
        .filter_map(|counter| text.strip_suffix(counter))
        .min_by_key(|rest| rest.len());
    longest.unwrap_or(text)
}

fn multiplier(text: &str) -> (&str, i64) {
    MULTIPLIERS
        .iter()
        .find_map(|(word, factor)| Some((text.strip_suffix(word)?, *factor)))
        .unwrap_or((text, 1))
}

/// Without the commas that part thousands; commas elsewhere are no thousands.
fn ungrouped(text: &str) -> Result<String, Unreadable> {
    if !text.contains(',') {
        return Ok(text.to_owned());
    }
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let mut groups = whole.split(',');
    let first = groups.next().unwrap_or_default();
    let is_number = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number(&whole.replace(',', "")) || !is_number(fraction) {
        return Err(Unreadable::NotANumber);
    }
    if !(1..=3).contains(&first.len()) || !groups.all(|group| group.len() == 3) {
        return Err(Unreadable::Grouping);
    }
    Ok(text.replace(',', ""))
}

fn parsed(digits: &str) -> Result<Amount, Unreadable> {
    digits.parse().map_err(|error| match error {
        AmountError::NotANumber => Unreadable::NotANumber,
        AmountError::TooManyDecimals => Unreadable::TooManyDecimals,
        AmountError::OutOfRange => Unreadable::OutOfRange,
    })
}

fn within_range(amount: Amount) -> Result<Amount, Unreadable> {
    parsed(&amount.to_string())
}

/// A share that the sheet shows as a percentage: `0.123` stands there as `12.3%`.
fn percent_of_share(digits: &str) -> FigureText {
    match parsed(&format!("{digits}e2")) {
        Ok(amount) => FigureText::Percent(amount),
        Err(error) => FigureText::Unreadable(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> FigureText {
        read_figure(&Cell::Text(text.to_owned()))
    }

    fn amount(text: &str) -> Amount {
        text.parse().unwrap()
    }

    #[test]
    fn figures_are_read_as_offices_write_them() {
        for (text, figure) in [
            ("12", "12"),
            ("１２", "12"),
            (" 12 ", "12"),
            ("1,234", "1234"),
            ("１，２３４，５６７", "1234567"),
            ("1,234.5", "1234.5"),
            ("0", "0"),
            ("-5", "-5"),
            ("△5", "-5"),
            ("▲1,234", "-1234"),
            ("△ 5", "-5"),
            ("－５", "-5"),
            ("−5", "-5"),
            ("(5)", "-5"),
            ("（1,000）", "-1000"),
            ("+3", "3"),
            ("¥1,200", "1200"),
            ("￥1,200", "1200"),
            ("¥-1,200", "-1200"),
            ("1,200円", "1200"),
            ("30件", "30"),
            ("３０社", "30"),
            ("5 人", "5"),
            ("12か所", "12"),
            ("1.5万円", "15000"),
            ("120万", "1200000"),
            ("3千円", "3000"),
            ("2.5百万円", "2500000"),
            ("1億円", "100000000"),
            ("1.2E+5", "120000"),
            ("0.0001", "0.0001"),
            ("12.50", "12.5"),
        ] {
            assert_eq!(read(text), FigureText::Amount(amount(figure)), "{text}");
        }
        for (text, percent) in [
            ("12%", "12"),
            ("１２％", "12"),
            ("12.5 %", "12.5"),
            ("△3%", "-3"),
            ("100パーセント", "100"),
        ] {
            assert_eq!(read(text), FigureText::Percent(amount(percent)), "{text}");
        }
    }

    #[test]
    fn nothing_is_not_zero() {
        assert_eq!(read(""), FigureText::Blank);
        assert_eq!(read("　"), FigureText::Blank);
        for text in [
            "-",
            "－",
            "―",
            "—",
            "–",
            "ー",
            "--",
            "…",
            "未報告",
            "未集計",
            "・",
        ] {
            assert_eq!(read(text), FigureText::Unreported, "{text}");
        }
        for text in ["完了", "済", "Done"] {
            assert_eq!(read(text), FigureText::Done, "{text}");
        }
    }

    #[test]
    fn not_applicable_has_a_reason() {
        for (text, reason) in [
            ("対象外", "対象外"),
            ("対象外：協定の見直し中", "協定の見直し中"),
            ("対象外（協定の見直し中）", "協定の見直し中"),
            ("対象外: A:B", "A:B"),
            ("対象外：休会中（銀行）", "休会中（銀行）"),
            ("Ｎ／Ａ：closed", "closed"),
            ("not applicable: closed", "closed"),
        ] {
            assert_eq!(
                read(text),
                FigureText::NotApplicable {
                    reason: reason.to_owned()
                },
                "{text}"
            );
        }
        assert_eq!(
            read("対象外ではない"),
            FigureText::Unreadable(Unreadable::NotANumber)
        );
    }

    #[test]
    fn what_could_mean_two_things_is_not_guessed() {
        for (text, why) in [
            ("約30", Unreadable::Approximate),
            ("30件程度", Unreadable::Approximate),
            ("30以上", Unreadable::Approximate),
            ("1,5", Unreadable::Grouping),
            ("12,34", Unreadable::Grouping),
            ("1,2345", Unreadable::Grouping),
            ("三十", Unreadable::NotANumber),
            ("3件+2件", Unreadable::NotANumber),
            ("12abc", Unreadable::NotANumber),
            ("--5", Unreadable::NotANumber),
            ("△-5", Unreadable::NotANumber),
            ("1.00001", Unreadable::TooManyDecimals),
            ("100000000000", Unreadable::OutOfRange),
            ("9999億円", Unreadable::OutOfRange),
            ("NaN", Unreadable::NotANumber),
            ("件", Unreadable::NotANumber),
            ("%", Unreadable::NotANumber),
        ] {
            assert_eq!(read(text), FigureText::Unreadable(why), "{text}");
        }
    }

    #[test]
    fn cells_of_other_kinds() {
        let number = |digits: &str, is_percent| {
            read_figure(&Cell::Number {
                digits: digits.to_owned(),
                is_percent,
            })
        };
        assert_eq!(number("12.5", false), FigureText::Amount(amount("12.5")));
        assert_eq!(number("0.123", true), FigureText::Percent(amount("12.3")));
        assert_eq!(number("1", true), FigureText::Percent(amount("100")));
        assert_eq!(
            number("3.33333333333333", false),
            FigureText::Unreadable(Unreadable::TooManyDecimals)
        );
        assert_eq!(
            read_figure(&Cell::NotCalculated),
            FigureText::Unreadable(Unreadable::NotCalculated)
        );
        assert_eq!(
            read_figure(&Cell::Error("#DIV/0!".into())),
            FigureText::Unreadable(Unreadable::Error)
        );
        assert!(!is_figure(&Cell::Text("担当者".into())));
        assert!(is_figure(&Cell::Text("約30".into())));
    }
}

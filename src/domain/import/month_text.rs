//! Months and years as they are written in Japanese offices (`product.md` §5):
//! `2028-09`, `2028/9`, `2028年9月`, `令和10年9月`, `R10.9`, `令和10年度9月`, `202809`,
//! `Sep 2028`, and `9月` below a year.

use chrono::Datelike as _;

use super::super::month::Month;
use super::super::sheet::Cell;
use super::figure_text::is_counter;
use super::folded::{label_of, one_width};

/// Eras with the year before their first.
const ERAS: [(&str, i32); 15] = [
    ("令和", 2018),
    ("平成", 1988),
    ("昭和", 1925),
    ("大正", 1911),
    ("明治", 1867),
    ("令", 2018),
    ("平", 1988),
    ("昭", 1925),
    ("大", 1911),
    ("明", 1867),
    ("r", 2018),
    ("h", 1988),
    ("s", 1925),
    ("t", 1911),
    ("m", 1867),
];
/// Names of the months in English; the first three letters do.
const ENGLISH: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// Bytes of the longest text that is a month: those of a date of an era, in words,
/// with what it is of.
const MONTH_BYTES_MAX: usize = 100;
/// Letters of the longest of these names.
const LETTERS_MAX: usize = 9;

/// A year that months without one are of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Year {
    /// April of this year to the next March.
    Fiscal(i32),
    Calendar(i32),
}

impl Year {
    /// The month of this year with this number, 1 to 12.
    #[must_use]
    pub fn month(self, number: u32) -> Option<Month> {
        match self {
            Self::Fiscal(year) => Month::in_fiscal_year(year, number).ok(),
            Self::Calendar(year) => Month::new(year, number).ok(),
        }
    }
}

/// What a text says about a month.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MonthText {
    Month(Month),
    /// `9月`: the year stands elsewhere.
    OfSomeYear(u32),
}

/// The month that a cell names as a whole.
#[must_use]
pub fn month_of(cell: &Cell) -> Option<MonthText> {
    match cell {
        Cell::Date(date) => Month::of_day(*date).ok().map(MonthText::Month),
        Cell::Number {
            digits,
            is_percent: false,
        } => six_digits(digits).map(MonthText::Month),
        Cell::Text(_) => read_month(&label_of(cell)),
        _ => None,
    }
}

/// The month that a text names as a whole.
#[must_use]
pub fn read_month(text: &str) -> Option<MonthText> {
    if text.len() > MONTH_BYTES_MAX {
        return None;
    }
    let text = compact(without_time(text));
    if let Some(month) = six_digits(&text) {
        return Some(MonthText::Month(month));
    }
    let (found, rest) = month_at_start(&text)?;
    if is_shortened_decimal(&text) {
        return None;
    }
    let rest = rest.trim_start_matches(['分', '度']);
    let rest = if is_counted(rest) { "" } else { rest };
    let words = [
        "",
        "実績",
        "実績値",
        "の実績",
        "報告",
        "末",
        "末時点",
        "(実績)",
    ];
    (words.contains(&rest) || is_time_of_day(rest)).then_some(found)
}

/// `2026.1`: January, or what a spreadsheet makes of `2026.10`.
fn is_shortened_decimal(text: &str) -> bool {
    text.strip_suffix(".1").and_then(four_digits).is_some()
}

/// Whether a month goes on with what is counted: `(件)`.
fn is_counted(rest: &str) -> bool {
    let inner = rest
        .strip_prefix('(')
        .and_then(|rest| rest.strip_suffix(')'));
    inner.is_some_and(is_counter)
}

/// The month of a cell that can be nothing else: `9` is September there.
#[must_use]
pub fn month_in_field(cell: &Cell) -> Option<MonthText> {
    month_of(cell).or_else(|| {
        let text = one_width(&cell.excerpt());
        let (number, rest) = number_at_start(&text, 2)?;
        let number = u32::try_from(number).ok()?;
        ((1..=12).contains(&number) && rest.is_empty()).then_some(MonthText::OfSomeYear(number))
    })
}

/// The month of a cell that names no day, but for the first.
#[must_use]
pub fn month_of_whole(cell: &Cell) -> Option<Month> {
    let MonthText::Month(month) = month_of(cell)? else {
        return None;
    };
    let is_day = match cell {
        Cell::Date(date) => date.day() != 1,
        other => names_a_day(&compact(&label_of(other))),
    };
    (!is_day).then_some(month)
}

/// The months that a longer text mentions, such as a title. A day is none: a form
/// says when it was made, too.
#[must_use]
pub fn months_mentioned(text: &str) -> Vec<Month> {
    let text = compact(text);
    let mut found = Vec::new();
    let mut rest = text.as_str();
    let mut after_word = false;
    while let Some(first) = rest.chars().next() {
        // A number or a word is read from its beginning only.
        let begins = !after_word || !first.is_ascii_alphanumeric();
        let date = if begins && may_begin_date(first) {
            month_at_start(rest)
        } else {
            None
        };
        match date {
            Some((MonthText::Month(month), after)) => {
                let named = rest.strip_suffix(after).unwrap_or(rest);
                if !names_a_day(named) {
                    found.push(month);
                }
                rest = after;
                after_word = true;
            }
            _ => {
                after_word = first.is_ascii_alphanumeric();
                rest = rest.get(first.len_utf8()..).unwrap_or_default();
            }
        }
    }
    found.dedup();
    found
}

/// Whether a year, an era or a month may begin with this character: all places of a
/// title are asked.
fn may_begin_date(character: char) -> bool {
    character.is_ascii_alphanumeric() || ERAS.iter().any(|(era, _)| era.starts_with(character))
}

/// Whether a date goes on behind its month.
fn names_a_day(date: &str) -> bool {
    let is_numeric = |c: char| c.is_ascii_digit() || c == '元';
    let numbers = date
        .split(|c| !is_numeric(c))
        .filter(|part| !part.is_empty());
    numbers.count() > 2
}

/// The year that a text names as a whole, or in a title with `年度`.
#[must_use]
pub fn read_year(text: &str) -> Option<Year> {
    let text = compact(text);
    if let Some(year) = text.strip_prefix("fy").and_then(four_digits) {
        return Some(Year::Fiscal(year));
    }
    let (year, rest) = year_at_start(&text)?;
    match rest {
        "年" | "" => Some(Year::Calendar(year)),
        rest if rest.starts_with("年度") => Some(Year::Fiscal(year)),
        _ => None,
    }
}

/// Signs between the first and the last of several years.
const fn is_span(character: char) -> bool {
    matches!(character, '~' | '〜' | '-' | '・' | '、' | ',')
}

/// The fiscal year that a longer text mentions, such as a title or a sheet's name;
/// none where it is the first or last of several.
#[must_use]
pub fn fiscal_year_mentioned(text: &str) -> Option<Year> {
    let text = compact(text);
    let mut starts = text
        .char_indices()
        .filter(|(_, first)| may_begin_date(*first));
    starts.find_map(|(index, _)| {
        let part = text.get(index..)?;
        let (year, rest) = year_at_start(part)?;
        let before = text.get(..index)?.chars().next_back();
        let begins = !before.is_some_and(|c| c.is_ascii_alphanumeric() || is_span(c));
        let after = rest.strip_prefix("年度")?;
        let ends = !after.starts_with(is_span) && !after.starts_with("から");
        (begins && ends).then_some(Year::Fiscal(year))
    })
}

/// A date without the time of day that programs put behind it.
fn without_time(text: &str) -> &str {
    let text = text.trim();
    match text.rsplit_once(char::is_whitespace) {
        Some((date, time)) if is_time_of_day(time) => date,
        _ => text,
    }
}

/// One width, lower case, without spaces, every dash a hyphen.
fn compact(text: &str) -> String {
    one_width(text)
        .chars()
        .filter(|character| !character.is_whitespace())
        .map(|character| match character {
            '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
            other => other,
        })
        .flat_map(char::to_lowercase)
        .collect()
}

fn month_at_start(text: &str) -> Option<(MonthText, &str)> {
    if let Some(found) = english(text) {
        return Some(found);
    }
    if let Some((year, rest)) = year_at_start(text) {
        return after_year(year, rest);
    }
    let (number, rest) = number_at_start(text, 2)?;
    let rest = rest.strip_prefix('月')?;
    (1..=12)
        .contains(&number)
        .then_some((MonthText::OfSomeYear(number.unsigned_abs()), rest))
}

/// What follows a year: `年9月`, `年度9月`, `-09`, `/9/30`, `.9`, or nothing more
/// than two digits where the year has four.
fn after_year(year: i32, rest: &str) -> Option<(MonthText, &str)> {
    let parted_by = rest.chars().next()?;
    let (is_fiscal, rest) = match rest.strip_prefix("年度") {
        Some(rest) => (true, rest),
        None => (false, rest.strip_prefix(['年', '-', '/', '.'])?),
    };
    let (number, rest) = number_at_start(rest, 2)?;
    let number = u32::try_from(number).ok()?;
    let year = if is_fiscal {
        Year::Fiscal(year)
    } else {
        Year::Calendar(year)
    };
    let month = year.month(number)?;
    Some((MonthText::Month(month), day_after(rest, parted_by)))
}

/// What is left after the rest of a date. Its parts are parted alike: `4-9` behind
/// `2026/` are months from April to September.
fn day_after(rest: &str, parted_by: char) -> &str {
    if let Some(day) = rest.strip_prefix('月') {
        let after = number_at_start(day, 2).and_then(|(number, after)| {
            let is_day = (1..=31).contains(&number);
            is_day.then_some(after)?.strip_prefix('日')
        });
        return after.unwrap_or(day);
    }
    let day = rest
        .strip_prefix(parted_by)
        .and_then(|day| number_at_start(day, 2));
    match day {
        Some((1..=31, after)) => after,
        _ => rest,
    }
}

fn is_time_of_day(rest: &str) -> bool {
    let rest = rest.strip_prefix('t').unwrap_or(rest);
    !rest.is_empty()
        && rest.contains(':')
        && rest
            .chars()
            .all(|c| c.is_ascii_digit() || ":.z+-".contains(c))
}

/// A year of four digits, or one of an era, and what follows it.
fn year_at_start(text: &str) -> Option<(i32, &str)> {
    for (era, before) in ERAS {
        if let Some(rest) = text.strip_prefix(era) {
            if let Some(rest) = rest.strip_prefix('元') {
                return Some((before + 1, rest));
            }
            let rest = rest.strip_prefix('.').unwrap_or(rest);
            let (year, rest) = number_at_start(rest, 2)?;
            return (year > 0).then_some((before + year, rest));
        }
    }
    let (year, rest) = number_at_start(text, 4)?;
    (1900..=2999).contains(&year).then_some((year, rest))
}

fn four_digits(text: &str) -> Option<i32> {
    let (year, rest) = number_at_start(text, 4)?;
    ((1900..=2999).contains(&year) && rest.is_empty()).then_some(year)
}

/// Digits at the start, at most so many and not followed by another.
fn number_at_start(text: &str, digits_max: usize) -> Option<(i32, &str)> {
    // No further than it takes: this is asked at every place of a text.
    let digits = text.bytes().take(digits_max + 1);
    let end = digits.take_while(u8::is_ascii_digit).count();
    if end == 0 || end > digits_max {
        return None;
    }
    let (digits, rest) = text.split_at(end);
    Some((digits.parse().ok()?, rest))
}

/// `sep2028`, `september-2028`, `2028sep`.
fn english(text: &str) -> Option<(MonthText, &str)> {
    let leading = |text: &'_ str| -> Option<(u32, usize)> {
        let letters = text.bytes().take(LETTERS_MAX + 1);
        let letters = letters.take_while(u8::is_ascii_alphabetic).count();
        let word = text.get(..letters)?;
        let index = ENGLISH.iter().position(|name| {
            name == &word
                || (word.len() == 3 && name.starts_with(word))
                || word == "sept" && *name == "september"
        })?;
        Some((u32::try_from(index).ok()? + 1, letters))
    };
    if let Some((number, letters)) = leading(text) {
        // What Excel makes of `2028-09` in a text file that it saves.
        let short = text.get(letters..)?.strip_prefix('-');
        if let Some((year @ 10..=99, "")) = short.and_then(|rest| number_at_start(rest, 2)) {
            let month = Month::new(2000 + year, number).ok()?;
            return Some((MonthText::Month(month), ""));
        }
        let rest = text
            .get(letters..)?
            .trim_start_matches(['.', ',', '-', '/']);
        let (year, rest) = number_at_start(rest, 4)?;
        let month = (1900..=2999)
            .contains(&year)
            .then(|| Month::new(year, number).ok())??;
        return Some((MonthText::Month(month), rest));
    }
    let (year, rest) = number_at_start(text, 4)?;
    let rest = rest.trim_start_matches(['.', ',', '-', '/']);
    let (number, letters) = leading(rest)?;
    let month = (1900..=2999)
        .contains(&year)
        .then(|| Month::new(year, number).ok())??;
    Some((MonthText::Month(month), rest.get(letters..)?))
}

/// `202809`, or `20280930`.
fn six_digits(text: &str) -> Option<Month> {
    if !text.bytes().all(|byte| byte.is_ascii_digit()) || !matches!(text.len(), 6 | 8) {
        return None;
    }
    let year = text.get(..4)?.parse().ok()?;
    let month = text.get(4..6)?.parse().ok()?;
    let day: u32 = text
        .get(6..)
        .filter(|day| !day.is_empty())
        .map_or(Ok(1), str::parse)
        .ok()?;
    if !(1..=31).contains(&day) {
        return None;
    }
    Month::new(year, month).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn month(text: &str) -> Option<String> {
        match read_month(text)? {
            MonthText::Month(month) => Some(month.to_string()),
            MonthText::OfSomeYear(number) => Some(format!("?-{number:02}")),
        }
    }

    #[test]
    fn months_are_read_as_offices_write_them() {
        for text in [
            "2028-09",
            "2028-9",
            "2028/9",
            "2028/09",
            "2028.9",
            "2028年9月",
            "2028年09月",
            "２０２８年９月",
            "2028 年 9 月",
            "令和10年9月",
            "令和１０年９月",
            "令和10年度9月",
            "R10.9",
            "R10.09",
            "r10/9",
            "R10-9",
            "R10年9月",
            "Ｒ１０．９",
            "令10.9",
            "㋿10年9月",
            "R.10.9",
            "平成40年9月",
            "H40.9",
            "202809",
            "20280930",
            "2028-09-01",
            "2028/9/30",
            "2028/09/01 0:00:00",
            "2028-09-01T00:00:00",
            "2028年9月1日",
            "令和10年9月30日",
            "R10.9.30",
            "2028年9月分",
            "2028年9月実績",
            "2028年9月末",
            "Sep 2028",
            "September 2028",
            "sept. 2028",
            "Sep-2028",
            "Sep-28",
            "2028 Sep",
            "2028−9",
            "2028‐09",
            "2028年度9月",
        ] {
            assert_eq!(month(text).as_deref(), Some("2028-09"), "{text}");
        }
        for (text, expected) in [
            ("令和元年5月", "2019-05"),
            ("R1.5", "2019-05"),
            ("平成31年4月", "2019-04"),
            ("H31.4", "2019-04"),
            ("平成31年度5月", "2019-05"),
            ("令和10年度3月", "2029-03"),
            ("2028年度1月", "2029-01"),
            ("昭和64年1月", "1989-01"),
            ("9月", "?-09"),
            ("９月", "?-09"),
            ("12月分", "?-12"),
            ("4月実績", "?-04"),
        ] {
            assert_eq!(month(text).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_month_or_could_be_several_is_not_guessed() {
        for text in [
            "",
            "9",
            "28/9",
            "10年9月",
            "2028",
            "2028年",
            "令和10年",
            "2028-13",
            "2028年13月",
            "令和0年9月",
            "13月",
            "0月",
            "R10",
            "2028-09-",
            "2028年9月累計",
            "2028年9月計画",
            "9月30日のまとめ",
            "Sep 28",
            "28-Sep",
            "Sep",
            "20281301",
            "2028091",
            "1899-12",
            "3000-01",
            "件数",
            "20280932",
            "may",
            "大学",
            "2028-09 計",
        ] {
            assert_eq!(month(text), None, "{text}");
        }
        assert_eq!(
            month_of(&Cell::Number {
                digits: "202809".into(),
                is_percent: false
            }),
            read_month("2028-09")
        );
        assert_eq!(
            month_of(&Cell::Number {
                digits: "9".into(),
                is_percent: false
            }),
            None
        );
    }

    #[test]
    fn years_are_fiscal_or_not() {
        for (text, year) in [
            ("令和10年度", Year::Fiscal(2028)),
            ("2028年度", Year::Fiscal(2028)),
            ("FY2028", Year::Fiscal(2028)),
            ("R10年度", Year::Fiscal(2028)),
            ("令和10年", Year::Calendar(2028)),
            ("2028年", Year::Calendar(2028)),
            ("2028", Year::Calendar(2028)),
            ("令和元年度", Year::Fiscal(2019)),
            ("令和10年度実績", Year::Fiscal(2028)),
        ] {
            assert_eq!(read_year(text), Some(year), "{text}");
        }
        assert_eq!(read_year("10年度"), None);
        assert_eq!(Year::Fiscal(2028).month(3), Month::new(2029, 3).ok());
        assert_eq!(Year::Calendar(2028).month(3), Month::new(2028, 3).ok());
        assert_eq!(
            fiscal_year_mentioned("山形県拠点 令和10年度 実績表"),
            Some(Year::Fiscal(2028))
        );
        assert_eq!(fiscal_year_mentioned("第2期 実績表"), None);
    }

    #[test]
    fn a_title_mentions_months() {
        let months = |text| {
            months_mentioned(text)
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
        };
        assert_eq!(months("令和10年9月 実績報告書（山形県拠点）"), ["2028-09"]);
        assert_eq!(months("2028年4月〜2029年3月"), ["2028-04", "2029-03"]);
        assert_eq!(months("第3回 報告 R10.9"), ["2028-09"]);
        assert_eq!(months("様式A2028-1"), Vec::<String>::new());
        assert_eq!(months("TEL 023-2028-0912"), Vec::<String>::new());
    }
}

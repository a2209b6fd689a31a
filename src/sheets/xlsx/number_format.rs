//! What a number format makes of a number: a date in whatever calendar, a time,
//! a percentage, or digits.

/// How a cell shows a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shown {
    Digits,
    Percent,
    Date,
    Time,
    /// A time that may be longer than a day.
    Duration,
    /// Digits with a word behind that says what they are: `1,200千円`, `9月`.
    With(&'static str),
}

/// Words behind a number that change what it is.
const WORDS: [&str; 5] = ["百万円", "千円", "万円", "億円", "月"];

/// The meaning of a format that has a number only; 27 to 36 and 50 to 58 are
/// those of Japanese editions.
pub(super) const fn builtin(id: u32) -> Shown {
    match id {
        9 | 10 => Shown::Percent,
        14..=17 | 22 | 27..=31 | 34..=36 | 50..=58 => Shown::Date,
        18..=21 | 32 | 33 | 45 | 47 => Shown::Time,
        46 => Shown::Duration,
        _ => Shown::Digits,
    }
}

/// A letter of a format that stands for a part of a date, repeated or not.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Letter {
    /// Years, days, eras, weekdays.
    Day,
    /// Months, or minutes beside hours or seconds.
    MonthOrMinute,
    Hour,
    Second,
}

/// The meaning of a format code, by its first section: that of positive numbers.
pub(super) fn custom(code: &str) -> Shown {
    let mut letters: Vec<Letter> = Vec::new();
    let mut is_percent = false;
    let mut words = String::new();
    let mut rest = code;
    while let Some(character) = rest.chars().next() {
        let after = rest.get(character.len_utf8()..).unwrap_or_default();
        rest = match character {
            ';' => break,
            '"' => {
                let (inside, left) = after.split_once('"').unwrap_or((after, ""));
                words.push_str(inside);
                left
            }
            // What follows is shown as it is, as wide as it is, or repeated.
            '\\' | '_' | '*' => after
                .chars()
                .next()
                .and_then(|shown| after.get(shown.len_utf8()..))
                .unwrap_or_default(),
            '[' => {
                let (inside, left) = after.split_once(']').unwrap_or((after, ""));
                if is_elapsed(inside) {
                    return Shown::Duration;
                }
                left
            }
            '%' => {
                is_percent = true;
                after
            }
            _ => {
                words.extend((!character.is_ascii()).then_some(character));
                plain(character, rest, after, &mut letters)
            }
        };
    }
    match meaning(&letters) {
        Some(shown) => shown,
        None if is_percent => Shown::Percent,
        None => word(&words, code).map_or(Shown::Digits, Shown::With),
    }
}

/// The word behind a number, if it changes what the number is. Behind `#,##0,` the
/// number is in single yen, and only shown in thousands.
fn word(words: &str, code: &str) -> Option<&'static str> {
    let positive = code.split(';').next().unwrap_or_default();
    let is_scaled = positive.match_indices(',').any(|(index, _)| {
        let rest = positive.get(index + 1..).unwrap_or_default();
        !rest.trim_start_matches(',').starts_with(['0', '#', '?'])
    });
    let words = words.trim();
    let known = WORDS.into_iter().find(|word| words.ends_with(word));
    known.filter(|word| !is_scaled && (*word != "月" || words == "月"))
}

/// Notes the letter at the beginning of a rest, and returns what follows it.
fn plain<'a>(character: char, rest: &'a str, after: &'a str, letters: &mut Vec<Letter>) -> &'a str {
    if let Some(left) = without(rest, "General").or_else(|| without(rest, "G/標準")) {
        return left;
    }
    if let Some(left) = without(rest, "AM/PM").or_else(|| without(rest, "A/P")) {
        letters.push(Letter::Hour);
        return left;
    }
    let letter = match character.to_ascii_lowercase() {
        // An exponent, `0.00E+00`.
        'e' if after.starts_with(['+', '-']) => return after,
        'y' | 'd' | 'g' | 'e' | 'b' => Letter::Day,
        'a' if without(rest, "aaa").is_some() => Letter::Day,
        'm' => Letter::MonthOrMinute,
        'h' => Letter::Hour,
        's' => Letter::Second,
        _ => return after,
    };
    letters.push(letter);
    rest.trim_start_matches([
        character.to_ascii_lowercase(),
        character.to_ascii_uppercase(),
    ])
}

fn without<'a>(rest: &'a str, word: &str) -> Option<&'a str> {
    let (start, left) = rest.split_at_checked(word.len())?;
    start.eq_ignore_ascii_case(word).then_some(left)
}

/// `[h]`, `[mm]`, `[ss]`: all hours, minutes or seconds, over 24 or 60.
fn is_elapsed(inside: &str) -> bool {
    let consists_of = |unit: char| {
        inside
            .chars()
            .all(|letter| letter.eq_ignore_ascii_case(&unit))
    };
    !inside.is_empty() && ['h', 'm', 's'].into_iter().any(consists_of)
}

/// What the letters of a format say together; `None` where there are none.
fn meaning(letters: &[Letter]) -> Option<Shown> {
    let mut is_time = false;
    for (index, letter) in letters.iter().enumerate() {
        let before = index.checked_sub(1).and_then(|before| letters.get(before));
        let next = letters.get(index + 1);
        match letter {
            Letter::Day => return Some(Shown::Date),
            Letter::MonthOrMinute
                if before != Some(&Letter::Hour) && next != Some(&Letter::Second) =>
            {
                return Some(Shown::Date);
            }
            Letter::MonthOrMinute | Letter::Hour | Letter::Second => is_time = true,
        }
    }
    is_time.then_some(Shown::Time)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_say_what_a_number_is() {
        for (code, shown) in [
            ("General", Shown::Digits),
            ("0", Shown::Digits),
            ("#,##0", Shown::Digits),
            ("#,##0;\"△\"#,##0", Shown::Digits),
            ("#,##0;[Red]△#,##0", Shown::Digits),
            ("#,##0_ ;[Red]\\-#,##0\\ ", Shown::Digits),
            ("0.00E+00", Shown::Digits),
            ("##0.0E-0", Shown::Digits),
            ("0\"年度\"", Shown::Digits),
            ("#,##0\"円\"", Shown::Digits),
            ("[$¥-411]#,##0", Shown::Digits),
            ("[DBNum3][$-411]0", Shown::Digits),
            ("@", Shown::Digits),
            ("\"day\"0", Shown::Digits),
            ("\\d0", Shown::Digits),
            ("0*d", Shown::Digits),
            ("G/標準", Shown::Digits),
            ("0%", Shown::Percent),
            ("0.0%;△0.0%", Shown::Percent),
            ("0\"%\"", Shown::Digits),
            ("0\\%", Shown::Digits),
            ("yyyy-mm-dd", Shown::Date),
            ("yyyy/m", Shown::Date),
            ("m\"月\"", Shown::Date),
            ("0\"月\"", Shown::With("月")),
            ("0月", Shown::With("月")),
            ("0\"か月\"", Shown::Digits),
            ("#,##0\"千円\"", Shown::With("千円")),
            ("#,##0\"百万円\";\"△\"#,##0", Shown::With("百万円")),
            ("#,##0,\"千円\"", Shown::Digits),
            ("#,##0,,\"百万円\"", Shown::Digits),
            ("[$-411]ge.m.d", Shown::Date),
            ("[$-411]ggge\"年\"m\"月\"", Shown::Date),
            ("ggge\"年\"m\"月\"d\"日\"", Shown::Date),
            ("[$-ja-JP-x-gannen]ggge\"年\"m\"月\"d\"日\";@", Shown::Date),
            ("[$-411]e\"年度\"", Shown::Date),
            ("[<43586][$-411]ge.m;[$-411]ge.m", Shown::Date),
            ("aaaa", Shown::Date),
            ("yyyy/mm/dd hh:mm:ss.000", Shown::Date),
            ("h:mm", Shown::Time),
            ("h:mm AM/PM", Shown::Time),
            ("mm:ss", Shown::Time),
            ("mmss.0", Shown::Time),
            ("h\"時\"mm\"分\"", Shown::Time),
            ("[h]:mm", Shown::Duration),
            ("[mm]:ss", Shown::Duration),
            ("", Shown::Digits),
            ("\"", Shown::Digits),
            ("[", Shown::Digits),
            ("\\", Shown::Digits),
        ] {
            assert_eq!(custom(code), shown, "{code}");
        }
    }

    #[test]
    fn numbered_formats_are_known() {
        for id in (14..=17)
            .chain([22])
            .chain(27..=31)
            .chain(34..=36)
            .chain(50..=58)
        {
            assert_eq!(builtin(id), Shown::Date, "{id}");
        }
        assert_eq!(builtin(0), Shown::Digits);
        assert_eq!(builtin(10), Shown::Percent);
        assert_eq!(builtin(20), Shown::Time);
        assert_eq!(builtin(46), Shown::Duration);
        assert_eq!(builtin(4_000_000_000), Shown::Digits);
    }
}

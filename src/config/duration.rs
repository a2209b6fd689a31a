//! Spans of time, as in `500ms`, `5s`, `15m`, `2h`.

use std::time::Duration;

/// Reads a span of time: a whole number and its unit, `ms`, `s`, `m` or `h`.
///
/// # Errors
/// What is wrong with it, or that it is longer than `longest`.
pub fn duration(text: &str, longest: Duration) -> Result<Duration, String> {
    let unreadable = || format!("\"{text}\" is not a duration like 500ms, 5s, 15m or 2h");
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(0);
    let (count, unit) = text.split_at(digits);
    let milliseconds: u64 = match unit {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        _ => return Err(unreadable()),
    };
    let count: u64 = count.parse().map_err(|_invalid| unreadable())?;
    count
        .checked_mul(milliseconds)
        .map(Duration::from_millis)
        .filter(|span| *span <= longest)
        .ok_or_else(|| format!("{text} is longer than {} h", longest.as_secs() / 3600))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: Duration = Duration::from_secs(24 * 3600);

    #[test]
    fn reads_numbers_with_units() {
        for (text, milliseconds) in [
            ("0s", 0),
            ("500ms", 500),
            ("5s", 5_000),
            ("15m", 900_000),
            ("2h", 7_200_000),
            ("24h", 86_400_000),
        ] {
            assert_eq!(
                duration(text, DAY),
                Ok(Duration::from_millis(milliseconds)),
                "{text}"
            );
        }
    }

    #[test]
    fn refuses_everything_else() {
        for text in [
            "",
            "5",
            "s",
            "5 s",
            "-5s",
            "+5s",
            "1.5h",
            "5d",
            "5S",
            "5ss",
            "２s",
            "25h",
            "1440m1",
            "99999999999999999999h",
            "9999999999999999999h",
        ] {
            assert!(duration(text, DAY).is_err(), "{text}");
        }
    }
}

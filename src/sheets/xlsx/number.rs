//! Numbers of cells as people see them: decimal digits, dates, times.

use chrono::{Days, NaiveDate};

/// Significant digits of a number in a spreadsheet.
const SIGNIFICANT_DIGITS: usize = 15;
const SECONDS_PER_DAY: f64 = 86_400.0;
/// The last day that a spreadsheet can show, 9999-12-31.
const LAST_SERIAL: f64 = 2_958_465.0;

/// The day that a workbook counts its days from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Epoch {
    Of1900,
    Of1904,
}

/// A number as decimal digits, without an exponent; `None` where it is none.
pub(super) fn digits_of(value: f64) -> Option<String> {
    if !value.is_finite() {
        return None;
    }
    let scientific = format!("{:.*e}", SIGNIFICANT_DIGITS - 1, value.abs());
    let (mantissa, exponent) = scientific.split_once('e')?;
    let exponent: i32 = exponent.parse().ok()?;
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    let digits = digits.trim_end_matches('0');
    if digits.is_empty() {
        return Some("0".to_owned());
    }
    let sign = if value < 0.0 { "-" } else { "" };
    let Ok(whole) = usize::try_from(exponent + 1) else {
        let zeros = usize::try_from(-(exponent + 1)).ok()?;
        return Some(format!("{sign}0.{}{digits}", "0".repeat(zeros)));
    };
    if whole == 0 {
        return Some(format!("{sign}0.{digits}"));
    }
    Some(match digits.split_at_checked(whole) {
        Some((whole, "")) => format!("{sign}{whole}"),
        Some((whole, fraction)) => format!("{sign}{whole}.{fraction}"),
        None => format!("{sign}{digits}{}", "0".repeat(whole - digits.len())),
    })
}

/// The day of a number; the time of day is dropped.
pub(super) fn date_of(value: f64, epoch: Epoch) -> Option<NaiveDate> {
    if !(0.0..=LAST_SERIAL + 1.0).contains(&value) {
        return None;
    }
    let serial: u64 = format!("{:.0}", value.floor()).parse().ok()?;
    match epoch {
        Epoch::Of1904 => NaiveDate::from_ymd_opt(1904, 1, 1)?.checked_add_days(Days::new(serial)),
        // Spreadsheets believe in a 29 February 1900, number 60.
        Epoch::Of1900 => match serial {
            0 | 60 => None,
            1..60 => NaiveDate::from_ymd_opt(1899, 12, 31)?.checked_add_days(Days::new(serial)),
            _ => NaiveDate::from_ymd_opt(1899, 12, 30)?.checked_add_days(Days::new(serial)),
        },
    }
}

/// A time of day or a duration as text, `8:30` or `36:00:05`.
pub(super) fn time_of(value: f64, is_duration: bool) -> Option<String> {
    let days = if is_duration { value } else { value.fract() };
    if !(0.0..=LAST_SERIAL).contains(&days) {
        return None;
    }
    let seconds: u64 = format!("{:.0}", days * SECONDS_PER_DAY).parse().ok()?;
    let (hours, minutes, seconds) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    Some(if seconds == 0 {
        format!("{hours}:{minutes:02}")
    } else {
        format!("{hours}:{minutes:02}:{seconds:02}")
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers_have_the_digits_that_a_spreadsheet_shows() {
        for (value, digits) in [
            (0.0, "0"),
            (-0.0, "0"),
            (1.0, "1"),
            (-12.5, "-12.5"),
            (0.1 + 0.2, "0.3"),
            (1234.0, "1234"),
            (0.12, "0.12"),
            (0.001, "0.001"),
            (1e15, "1000000000000000"),
            (123_456_789_012_345.0, "123456789012345"),
            (1_234_567_890_123_456.0, "1234567890123460"),
            (1e21, "1000000000000000000000"),
            (1e-7, "0.0000001"),
            (99.999_999_999_999_99, "100"),
            (4.35 * 100.0, "435"),
        ] {
            assert_eq!(digits_of(value).as_deref(), Some(digits));
        }
        assert_eq!(digits_of(f64::NAN), None);
        assert_eq!(digits_of(f64::INFINITY), None);
    }

    #[test]
    fn days_are_counted_from_either_epoch() {
        let date = |text: &str| Some(text.parse::<NaiveDate>().unwrap());
        for (value, of_1900, of_1904) in [
            (0.0, None, date("1904-01-01")),
            (1.0, date("1900-01-01"), date("1904-01-02")),
            (59.0, date("1900-02-28"), date("1904-02-29")),
            (60.0, None, date("1904-03-01")),
            (61.0, date("1900-03-01"), date("1904-03-02")),
            (46_997.75, date("2028-09-01"), date("2032-09-02")),
            (2_958_465.0, date("9999-12-31"), None),
            (-1.0, None, None),
            (1e12, None, None),
        ] {
            assert_eq!(date_of(value, Epoch::Of1900), of_1900, "{value}");
            if value < LAST_SERIAL {
                assert_eq!(date_of(value, Epoch::Of1904), of_1904, "{value}");
            }
        }
    }

    #[test]
    fn times_are_texts() {
        assert_eq!(time_of(0.5, false).as_deref(), Some("12:00"));
        assert_eq!(
            time_of(45_000.354_166_666_664, false).as_deref(),
            Some("8:30")
        );
        assert_eq!(time_of(1.5, true).as_deref(), Some("36:00"));
        assert_eq!(time_of(5.0 / 86_400.0, true).as_deref(), Some("0:00:05"));
        assert_eq!(time_of(-1.0, true), None);
    }

    proptest! {
        #[test]
        fn up_to_fifteen_digits_come_back(mantissa in -999_999_999_999_999_i64..=999_999_999_999_999, places in 0_u32..12) {
            let text = format!("{mantissa}e-{places}");
            let digits = digits_of(text.parse().unwrap()).unwrap();
            prop_assert!(!digits.contains('e'));
            let bits = |text: &str| text.parse::<f64>().unwrap().to_bits();
            prop_assert_eq!(bits(&digits), bits(&text));
        }

        #[test]
        fn any_number_has_digits(bits in any::<u64>()) {
            let value = f64::from_bits(bits);
            prop_assert_eq!(digits_of(value).is_some(), value.is_finite());
        }
    }
}

//! Business days of Japan's public offices: not Saturday, Sunday or a public
//! holiday (国民の祝日に関する法律), nor 29 December to 3 January (行政機関の休日に
//! 関する法律). The days follow from the law as it stands, without a table to
//! maintain: exact for 2020 to 2099, and the same rules elsewhere.

use chrono::{Datelike, Days, NaiveDate, Weekday};

/// The days of spring and autumn equinox are those of this year plus the drift
/// of the calendar, in millionths of a day (the usual approximation, exact for
/// 1980 to 2099; the Cabinet Office announces the same days every February).
const EQUINOX_YEAR: i32 = 1980;
const SPRING_EQUINOX: i32 = 20_843_100;
const AUTUMN_EQUINOX: i32 = 23_248_800;
const EQUINOX_DRIFT: i32 = 242_194;
const MILLION: i32 = 1_000_000;

/// Holidays on the same day every year.
const FIXED: [(u32, u32); 9] = [
    (1, 1),
    (2, 11),
    (2, 23),
    (4, 29),
    (5, 3),
    (5, 4),
    (5, 5),
    (11, 3),
    (11, 23),
];
/// Holidays on a Monday: month, and which Monday of it.
const MONDAYS: [(u32, u32); 4] = [(1, 2), (7, 3), (9, 3), (10, 2)];
/// Mountain Day.
const MOUNTAIN_DAY: (u32, u32) = (8, 11);
/// Marine, Mountain and Sports Day around the Olympic Games in Tokyo, instead
/// of their usual months.
const OLYMPIC_2020: [(u32, u32); 3] = [(7, 23), (7, 24), (8, 10)];
const OLYMPIC_2021: [(u32, u32); 3] = [(7, 22), (7, 23), (8, 8)];

/// Whether public offices are open on `date`.
#[must_use]
pub fn is_business_day(date: NaiveDate) -> bool {
    !is_weekend(date) && !is_year_end(date) && !is_holiday(date)
}

/// The first business day that is not before `date`.
#[must_use]
pub fn on_or_after(date: NaiveDate) -> NaiveDate {
    date.iter_days()
        .find(|day| is_business_day(*day))
        .unwrap_or(date)
}

/// The `count`-th business day after `date`; `date` itself for 0.
#[must_use]
pub fn plus_business_days(date: NaiveDate, count: u32) -> NaiveDate {
    (0..count).fold(date, |day, _| on_or_after(plus_days(day, 1)))
}

/// Saturday or Sunday.
fn is_weekend(date: NaiveDate) -> bool {
    matches!(date.weekday(), Weekday::Sat | Weekday::Sun)
}

/// 29 December to 3 January.
fn is_year_end(date: NaiveDate) -> bool {
    matches!((date.month(), date.day()), (12, 29..) | (1, ..=3))
}

/// A day off by article 3 of the holiday law: a named holiday, a substitute
/// for one on a Sunday, or a day between two of them.
fn is_holiday(date: NaiveDate) -> bool {
    is_named(date)
        || is_substitute(date)
        || (is_named(minus_days(date, 1)) && is_named(plus_days(date, 1)))
}

/// The first day after a holiday on a Sunday that is no holiday itself.
fn is_substitute(date: NaiveDate) -> bool {
    (1..=7)
        .map(|back| minus_days(date, back))
        .take_while(|day| is_named(*day))
        .any(|day| day.weekday() == Weekday::Sun)
}

/// A holiday with a name of its own (article 2).
fn is_named(date: NaiveDate) -> bool {
    let day = (date.month(), date.day());
    FIXED.contains(&day) || is_equinox(date) || is_moving(date, day)
}

fn is_moving(date: NaiveDate, day: (u32, u32)) -> bool {
    let usual = || {
        day == MOUNTAIN_DAY
            || (date.weekday() == Weekday::Mon
                && MONDAYS.contains(&(date.month(), (date.day() - 1) / 7 + 1)))
    };
    let olympic = match date.year() {
        2020 => OLYMPIC_2020,
        2021 => OLYMPIC_2021,
        _ => return usual(),
    };
    if matches!(date.month(), 7 | 8 | 10) {
        olympic.contains(&day)
    } else {
        usual()
    }
}

fn is_equinox(date: NaiveDate) -> bool {
    let base = match date.month() {
        3 => SPRING_EQUINOX,
        9 => AUTUMN_EQUINOX,
        _ => return false,
    };
    let years = date.year() - EQUINOX_YEAR;
    let drift = i64::from(base) + i64::from(years) * i64::from(EQUINOX_DRIFT);
    let day = drift.div_euclid(MILLION.into()) - i64::from(years.div_euclid(4));
    i64::from(date.day()) == day
}

fn plus_days(date: NaiveDate, days: u64) -> NaiveDate {
    date.checked_add_days(Days::new(days)).unwrap_or(date)
}

fn minus_days(date: NaiveDate, days: u64) -> NaiveDate {
    date.checked_sub_days(Days::new(days)).unwrap_or(date)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    /// Every day off of a year by the holiday law, as the Cabinet Office lists
    /// them (国民の祝日・休日).
    const LISTED: [(i32, &str); 7] = [
        (
            2020,
            "01-01 01-13 02-11 02-23 02-24 03-20 04-29 05-03 05-04 05-05 05-06 07-23 07-24 08-10 \
             09-21 09-22 11-03 11-23",
        ),
        (
            2021,
            "01-01 01-11 02-11 02-23 03-20 04-29 05-03 05-04 05-05 07-22 07-23 08-08 08-09 09-20 \
             09-23 11-03 11-23",
        ),
        (
            2023,
            "01-01 01-02 01-09 02-11 02-23 03-21 04-29 05-03 05-04 05-05 07-17 08-11 09-18 09-23 \
             10-09 11-03 11-23",
        ),
        (
            2024,
            "01-01 01-08 02-11 02-12 02-23 03-20 04-29 05-03 05-04 05-05 05-06 07-15 08-11 08-12 \
             09-16 09-22 09-23 10-14 11-03 11-04 11-23",
        ),
        (
            2025,
            "01-01 01-13 02-11 02-23 02-24 03-20 04-29 05-03 05-04 05-05 05-06 07-21 08-11 09-15 \
             09-23 10-13 11-03 11-23 11-24",
        ),
        (
            2026,
            "01-01 01-12 02-11 02-23 03-20 04-29 05-03 05-04 05-05 05-06 07-20 08-11 09-21 09-22 \
             09-23 10-12 11-03 11-23",
        ),
        (
            2027,
            "01-01 01-11 02-11 02-23 03-21 03-22 04-29 05-03 05-04 05-05 07-19 08-11 09-20 09-23 \
             10-11 11-03 11-23",
        ),
    ];

    #[test]
    fn holidays_are_those_of_the_cabinet_office() {
        for (year, listed) in LISTED {
            let found: Vec<String> = NaiveDate::from_ymd_opt(year, 1, 1)
                .unwrap()
                .iter_days()
                .take_while(|day| day.year() == year)
                .filter(|day| is_holiday(*day))
                .map(|day| day.format("%m-%d").to_string())
                .collect();
            assert_eq!(found.join(" "), listed, "{year}");
        }
    }

    #[test]
    fn the_equinoxes_follow_the_sun() {
        for (spring, autumn) in [
            ("2028-03-20", "2028-09-22"),
            ("2031-03-21", "2031-09-23"),
            ("2056-03-20", "2056-09-22"),
            ("2092-03-19", "2092-09-22"),
            ("2099-03-20", "2099-09-23"),
        ] {
            assert!(is_equinox(day(spring)), "{spring}");
            assert!(is_equinox(day(autumn)), "{autumn}");
        }
        assert!(is_holiday(day("2032-09-21")), "between two holidays");
    }

    #[test]
    fn offices_close_over_new_year() {
        for (date, open) in [
            ("2026-12-28", true),
            ("2026-12-29", false),
            ("2026-12-31", false),
            ("2027-01-01", false),
            ("2028-01-03", false),
            ("2028-01-04", true),
            ("2026-07-17", true),
            ("2026-07-18", false),
            ("2026-07-19", false),
            ("2026-07-20", false),
            ("2026-07-21", true),
        ] {
            assert_eq!(is_business_day(day(date)), open, "{date}");
        }
    }

    #[test]
    fn days_are_counted_from_one_open_day_to_the_next() {
        for (from, next) in [
            ("2026-04-10", "2026-04-10"),
            ("2026-05-02", "2026-05-07"),
            ("2026-09-19", "2026-09-24"),
            ("2025-12-27", "2026-01-05"),
        ] {
            assert_eq!(on_or_after(day(from)), day(next), "{from}");
        }
        for (from, count, to) in [
            ("2026-05-01", 0, "2026-05-01"),
            ("2026-05-02", 0, "2026-05-02"),
            ("2026-05-01", 1, "2026-05-07"),
            ("2026-05-02", 1, "2026-05-07"),
            ("2026-12-25", 2, "2027-01-04"),
            ("2026-12-25", 6, "2027-01-08"),
        ] {
            assert_eq!(plus_business_days(day(from), count), day(to), "{from}");
        }
        assert_eq!(on_or_after(NaiveDate::MAX), NaiveDate::MAX);
        assert_eq!(plus_business_days(NaiveDate::MAX, 3), NaiveDate::MAX);
        assert!(!is_business_day(NaiveDate::MIN));
    }

    proptest! {
        /// Counting day by day and counting at once agree, and lead to a
        /// business day with so many business days passed.
        #[test]
        fn counting_is_consistent(offset in 0_u64..29_000, count in 1_u32..30) {
            let from = plus_days(day("2020-01-01"), offset);
            let to = plus_business_days(from, count);
            prop_assert!(is_business_day(to));
            let passed = from.iter_days().skip(1).take_while(|day| *day <= to)
                .filter(|day| is_business_day(*day)).count();
            prop_assert_eq!(passed, usize::try_from(count).unwrap());
            prop_assert_eq!(plus_business_days(plus_business_days(from, 1), count - 1), to);
        }
    }
}

//! Months, programme months and the Japanese fiscal calendar (`semantics.md` §1).

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

/// Months in a year, for programme and fiscal arithmetic.
pub const MONTHS_PER_YEAR: u32 = 12;
/// The fiscal year starts in April.
const FISCAL_START: i32 = 4;
/// Japan is at +09:00 all year.
const JAPAN_OFFSET_SECONDS: i32 = 9 * 3600;
/// Months are accepted from this year on …
const YEAR_MIN: i32 = 1900;
/// … up to this year, so that month arithmetic never leaves the calendar.
const YEAR_MAX: i32 = 2999;

/// A calendar month, written `YYYY-MM`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month(i32);

/// A text that is not a month `YYYY-MM` from 1900 to 2999.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MonthError;

impl Month {
    /// The month `month` (1–12) of `year`.
    ///
    /// # Errors
    /// Outside January 1900 to December 2999.
    pub fn new(year: i32, month: u32) -> Result<Self, MonthError> {
        let month = i32::try_from(month).map_err(|_invalid| MonthError)?;
        if (YEAR_MIN..=YEAR_MAX).contains(&year) && (1..=12).contains(&month) {
            Ok(Self(year * 12 + month - 1))
        } else {
            Err(MonthError)
        }
    }

    /// The month with this number (1–12) of the fiscal year named by the year of
    /// its April.
    ///
    /// # Errors
    /// As [`Month::new`].
    pub fn in_fiscal_year(fiscal_year: i32, month: u32) -> Result<Self, MonthError> {
        let is_next_year = month < FISCAL_START.unsigned_abs();
        Self::new(fiscal_year + i32::from(is_next_year), month)
    }

    #[must_use]
    pub const fn year(self) -> i32 {
        self.0.div_euclid(12)
    }

    /// 1 for January to 12 for December.
    #[must_use]
    pub const fn month_of_year(self) -> i32 {
        self.0.rem_euclid(12) + 1
    }

    /// The month `count` later (earlier where negative), saturating at the calendar's ends.
    #[must_use]
    pub fn plus(self, count: i32) -> Self {
        Self(
            self.0
                .saturating_add(count)
                .clamp(YEAR_MIN * 12, YEAR_MAX * 12 + 11),
        )
    }

    #[must_use]
    pub fn next(self) -> Self {
        self.plus(1)
    }

    /// Months from `earlier` to `self`; negative where `self` is before it.
    #[must_use]
    pub const fn since(self, earlier: Self) -> i32 {
        self.0 - earlier.0
    }

    /// The first day, as the databases store a month.
    #[must_use]
    pub fn first_day(self) -> NaiveDate {
        NaiveDate::from_ymd_opt(self.year(), self.month_of_year().unsigned_abs(), 1)
            .unwrap_or_default()
    }

    /// The month of a stored first day.
    ///
    /// # Errors
    /// Outside the calendar this service knows.
    pub fn of_day(day: NaiveDate) -> Result<Self, MonthError> {
        Self::new(day.year(), day.month())
    }

    /// The day `day` of the month after this one, on which its report is due;
    /// the last day of that month where it is shorter.
    #[must_use]
    pub fn due_on(self, day: u32) -> NaiveDate {
        let first = self.next().first_day();
        let last = self.plus(2).first_day().pred_opt().unwrap_or(first);
        first.with_day(day.max(1)).unwrap_or(last)
    }

    /// The fiscal year, named by the year of its April.
    #[must_use]
    pub const fn fiscal_year(self) -> i32 {
        if self.month_of_year() >= FISCAL_START {
            self.year()
        } else {
            self.year() - 1
        }
    }

    /// 1 for April to June, up to 4 for January to March.
    #[must_use]
    pub const fn fiscal_quarter(self) -> i32 {
        (self.month_of_year() - FISCAL_START).rem_euclid(12) / 3 + 1
    }

    /// Whether the month is over at `now`, in Japan.
    #[must_use]
    pub fn has_ended(self, now: DateTime<Utc>) -> bool {
        japan_date(now) >= self.next().first_day()
    }

    /// The last month that is over at `now`, in Japan.
    #[must_use]
    pub fn last_ended(now: DateTime<Utc>) -> Self {
        Self::of_day(japan_date(now)).map_or(Self(YEAR_MIN * 12), |month| month.plus(-1))
    }
}

/// The date in Japan at an instant.
#[must_use]
pub fn japan_date(instant: DateTime<Utc>) -> NaiveDate {
    FixedOffset::east_opt(JAPAN_OFFSET_SECONDS).map_or_else(
        || instant.date_naive(),
        |japan| instant.with_timezone(&japan).date_naive(),
    )
}

/// The first instant after a day, in Japan.
#[must_use]
pub fn end_of_day(day: NaiveDate) -> DateTime<Utc> {
    start_of_day(day) + chrono::Duration::days(1)
}

/// The first instant of a day, in Japan.
#[must_use]
pub fn start_of_day(day: NaiveDate) -> DateTime<Utc> {
    let offset = chrono::Duration::seconds(i64::from(JAPAN_OFFSET_SECONDS));
    (day.and_time(chrono::NaiveTime::MIN) - offset).and_utc()
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year(), self.month_of_year())
    }
}

impl FromStr for Month {
    type Err = MonthError;

    fn from_str(text: &str) -> Result<Self, MonthError> {
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        match text.split_once('-') {
            Some((year, month))
                if year.len() == 4 && month.len() == 2 && digits(year) && digits(month) =>
            {
                Self::new(
                    year.parse().map_err(|_invalid| MonthError)?,
                    month.parse().map_err(|_invalid| MonthError)?,
                )
            }
            _ => Err(MonthError),
        }
    }
}

impl Serialize for Month {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Month {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse()
            .map_err(|MonthError| serde::de::Error::custom("not a month"))
    }
}

/// A month counted from a programme's start: 1 is its first month.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProgrammeMonth(u32);

impl ProgrammeMonth {
    pub const FIRST: Self = Self(1);

    /// The programme month `t`, at least 1.
    #[must_use]
    pub const fn new(t: u32) -> Self {
        Self(if t == 0 { 1 } else { t })
    }

    /// Where `month` lies in a programme that starts in `start`; `None` before it.
    #[must_use]
    pub fn of(month: Month, start: Month) -> Option<Self> {
        u32::try_from(month.since(start))
            .ok()
            .map(|ahead| Self(ahead + 1))
    }

    /// The calendar month, for a programme that starts in `start`.
    #[must_use]
    pub fn calendar(self, start: Month) -> Month {
        start.plus(i32::try_from(self.0 - 1).unwrap_or(i32::MAX))
    }

    #[must_use]
    pub const fn t(self) -> u32 {
        self.0
    }

    /// Position in a list that begins with programme month 1.
    #[must_use]
    pub fn index(self) -> usize {
        usize::try_from(self.0 - 1).unwrap_or(usize::MAX)
    }

    /// Programme year, from 1.
    #[must_use]
    pub const fn year(self) -> u32 {
        (self.0 - 1) / MONTHS_PER_YEAR + 1
    }

    /// Month of the programme year, 1–12.
    #[must_use]
    pub const fn month_of_year(self) -> u32 {
        (self.0 - 1) % MONTHS_PER_YEAR + 1
    }

    /// Whether a programme year ends with this month.
    #[must_use]
    pub const fn ends_year(self) -> bool {
        self.month_of_year() == MONTHS_PER_YEAR
    }

    /// First month of the programme year.
    #[must_use]
    pub const fn year_start(self) -> Self {
        Self(self.0 - self.month_of_year() + 1)
    }

    #[must_use]
    pub const fn previous(self) -> Option<Self> {
        if self.0 > 1 {
            Some(Self(self.0 - 1))
        } else {
            None
        }
    }

    /// The months from `self` to `last`, both included.
    pub fn through(self, last: Self) -> impl DoubleEndedIterator<Item = Self> + Clone {
        (self.0..=last.0).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeZone;

    fn month(text: &str) -> Month {
        text.parse().unwrap()
    }

    #[test]
    fn reads_only_four_and_two_digits() {
        for text in [
            "2028-9",
            "2028/09",
            "28-09",
            "2028-13",
            "2028-00",
            "２０２８-09",
            "+028-09",
            "",
        ] {
            assert_eq!(text.parse::<Month>(), Err(MonthError), "{text}");
        }
        assert_eq!(month("2028-09").to_string(), "2028-09");
    }

    #[test]
    fn a_fiscal_year_has_twelve_months() {
        for number in 1..=12 {
            let month = Month::in_fiscal_year(2028, number).unwrap();
            assert_eq!(month.fiscal_year(), 2028);
            assert_eq!(month.month_of_year().unsigned_abs(), number);
        }
        assert!(Month::in_fiscal_year(2028, 13).is_err());
    }

    #[test]
    fn fiscal_calendar_starts_in_april() {
        for (text, year, quarter) in [
            ("2028-03", 2027, 4),
            ("2028-04", 2028, 1),
            ("2028-06", 2028, 1),
            ("2028-07", 2028, 2),
            ("2028-12", 2028, 3),
            ("2029-01", 2028, 4),
        ] {
            assert_eq!(
                (month(text).fiscal_year(), month(text).fiscal_quarter()),
                (year, quarter)
            );
        }
    }

    #[test]
    fn a_month_ends_at_midnight_in_japan() {
        let just_before = Utc.with_ymd_and_hms(2026, 3, 31, 14, 59, 59).unwrap();
        let midnight = Utc.with_ymd_and_hms(2026, 3, 31, 15, 0, 0).unwrap();
        assert!(!month("2026-03").has_ended(just_before));
        assert!(month("2026-03").has_ended(midnight));
        assert_eq!(Month::last_ended(just_before), month("2026-02"));
        assert_eq!(Month::last_ended(midnight), month("2026-03"));
    }

    #[test]
    fn programme_years_follow_the_start() {
        let start = month("2025-10");
        let at = |text| ProgrammeMonth::of(month(text), start).unwrap();
        assert_eq!(
            (at("2025-10").year(), at("2025-10").month_of_year()),
            (1, 1)
        );
        assert_eq!(
            (at("2026-09").year(), at("2026-09").month_of_year()),
            (1, 12)
        );
        assert_eq!(
            (at("2026-10").year(), at("2026-10").month_of_year()),
            (2, 1)
        );
        assert_eq!(ProgrammeMonth::of(month("2025-09"), start), None);
        assert_eq!(at("2027-01").calendar(start), month("2027-01"));
    }

    #[test]
    fn due_days_stay_inside_the_month() {
        assert_eq!(month("2026-01").due_on(10).to_string(), "2026-02-10");
        assert_eq!(month("2026-01").due_on(31).to_string(), "2026-02-28");
        assert_eq!(month("2025-12").due_on(10).to_string(), "2026-01-10");
    }
}

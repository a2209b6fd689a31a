//! Figures, units and months as people read them. Rounded for reading:
//! answers carry the exact figures beside.

use chrono::{Datelike, NaiveDate};
use num_traits::ToPrimitive;

use super::amount::{DECIMALS, Exact};
use super::month::Month;
use super::scorecard::{Measure, Unit};
use super::text::Text;

/// Code of a unit, its label in Japanese, and in English of one and of many.
/// A unit that is not here is written without a label.
const UNITS: [(&str, &str, &str, &str); 15] = [
    ("JPY", " 円", " yen", " yen"),
    (PERCENT, "％", "%", "%"),
    ("cases", " 件", " case", " cases"),
    ("companies", " 社", " company", " companies"),
    ("organisations", " 団体", " organisation", " organisations"),
    ("people", " 人", " person", " people"),
    ("contracts", " 件", " contract", " contracts"),
    ("sessions", " 回", " session", " sessions"),
    ("visits", " 件", " visit", " visits"),
    ("meetings", " 回", " meeting", " meetings"),
    ("appointments", " 件", " appointment", " appointments"),
    ("posts", " 本", " post", " posts"),
    ("times", " 回", " time", " times"),
    ("hours", " 時間", " hour", " hours"),
    ("points", " 点", " point", " points"),
];
const PERCENT: &str = "percent";
/// The unit of a part of a whole, read as a percentage.
const SHARE: &str = "share";
const ENGLISH_MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];
/// What stands between two separators is below this.
const GROUP: u128 = 1_000;
/// 万, in which amounts of money are read, and 億.
const YEN_PER_MAN: i64 = 10_000;
const MAN_PER_OKU: i64 = 10_000;

/// A figure of such a measure with its unit: "1,200 件", "1,200 cases".
#[must_use]
pub fn figure(measure: Measure, unit: &Unit, value: &Exact) -> Text {
    let shown = number(&in_unit(unit, value), decimals(measure, unit));
    let (ja, one, many) = unit_labels(measure, unit);
    let en = if shown == "1" { one } else { many };
    Text::new(format!("{shown}{ja}"), format!("{shown}{en}"))
}

/// What stands beside figures of such a measure: "件", "cases"; nothing for a
/// unit without a label.
#[must_use]
pub fn unit_name(measure: Measure, unit: &Unit) -> Text {
    let (ja, _, en) = unit_labels(measure, unit);
    Text::new(ja.trim(), en.trim())
}

/// The label in Japanese, and in English of one and of many.
fn unit_labels(measure: Measure, unit: &Unit) -> (&'static str, &'static str, &'static str) {
    let code = if is_percentage(measure, unit) {
        PERCENT
    } else {
        unit.0.as_str()
    };
    UNITS
        .iter()
        .find(|(known, ..)| *known == code)
        .map_or(("", "", ""), |(_, ja, one, many)| (ja, one, many))
}

/// An amount of yen as offices write it: "2,760 万円", "1 億 2,000 万円",
/// "2,760,000 yen". In Japanese rounded to 10,000 yen from there on.
#[must_use]
pub fn yen(value: &Exact) -> Text {
    let exact = number(value, 0);
    let (sign, yen) = match exact.strip_prefix('-') {
        Some(_) => ("-", &Exact::zero() - value),
        None => ("", value.clone()),
    };
    let in_man = yen.checked_div(&Exact::whole(YEN_PER_MAN));
    let man = in_man
        .filter(|man| *man >= Exact::whole(1))
        .and_then(|man| (&man + &Exact::fraction(1, 2)).floor());
    let ja = match man.map(|man| (man / MAN_PER_OKU, man % MAN_PER_OKU)) {
        None => format!("{exact} 円"),
        Some((0, man)) => format!("{sign}{} 万円", grouped(man.unsigned_abs().into())),
        Some((oku, 0)) => format!("{sign}{} 億円", grouped(oku.unsigned_abs().into())),
        Some((oku, man)) => format!(
            "{sign}{} 億 {} 万円",
            grouped(oku.unsigned_abs().into()),
            grouped(man.unsigned_abs().into())
        ),
    };
    Text::new(ja, format!("{exact} yen"))
}

/// Whether figures of such a measure are read as percentages.
#[must_use]
pub fn is_percentage(measure: Measure, unit: &Unit) -> bool {
    measure == Measure::Milestone || matches!(unit.0.as_str(), PERCENT | SHARE)
}

fn in_unit(unit: &Unit, value: &Exact) -> Exact {
    if unit.0 == SHARE {
        value * &Exact::whole(100)
    } else {
        value.clone()
    }
}

/// Decimals worth reading.
fn decimals(measure: Measure, unit: &Unit) -> u32 {
    let is_ratio = measure == Measure::Ratio;
    if unit.is_money() && !is_ratio {
        0
    } else if is_percentage(measure, unit) || (measure.reports_whole(unit) && !is_ratio) {
        1
    } else {
        2
    }
}

/// `value` with thousands separators, rounded to so many decimals at most.
fn number(value: &Exact, decimals: u32) -> String {
    let scaled = value.rounded().scaled();
    let step = 10_u128.pow(DECIMALS.saturating_sub(decimals));
    let shown = (scaled.unsigned_abs() + step / 2) / step;
    let unit = 10_u128.pow(decimals);
    let sign = if scaled < 0 && shown > 0 { "-" } else { "" };
    let whole = grouped(shown / unit);
    match shown % unit {
        0 => format!("{sign}{whole}"),
        rest => {
            let width = usize::try_from(decimals).unwrap_or(0);
            let digits = format!("{rest:0width$}");
            format!("{sign}{whole}.{}", digits.trim_end_matches('0'))
        }
    }
}

fn grouped(whole: u128) -> String {
    if whole < GROUP {
        whole.to_string()
    } else {
        format!("{},{:03}", grouped(whole / GROUP), whole % GROUP)
    }
}

/// The whole percents that are reached: 0.7999 is 79, not the 80 of a threshold.
#[must_use]
pub fn full_percent(share: &Exact) -> String {
    percent_floor(share).map_or_else(String::new, |percent| number(&Exact::whole(percent), 0))
}

/// The same as a share, 0.79, for what shows shares as percents and would round
/// them: a table must not say 80% beside a sentence that says 79％.
#[must_use]
pub fn full_percent_share(share: &Exact) -> Exact {
    percent_floor(share).map_or_else(|| share.clone(), |percent| Exact::fraction(percent, 100))
}

fn percent_floor(share: &Exact) -> Option<i64> {
    (share * &Exact::whole(100)).floor()
}

/// A probability in whole percents.
#[must_use]
pub fn chance_percent(probability: f64) -> String {
    (probability * 100.0)
        .round()
        .to_i64()
        .map_or_else(String::new, |percent| percent.to_string())
}

/// The same in a sentence: never "0 %" or "100 %" of what is not certain.
#[must_use]
pub fn likelihood(probability: f64) -> Text {
    let certain = [0.0, 1.0].contains(&probability);
    match chance_percent(probability).as_str() {
        "0" if !certain => Text::new("1％ 未満", "below 1%"),
        "100" if !certain => Text::new("99％ 超", "above 99%"),
        percent => Text::new(format!("{percent}％"), format!("{percent}%")),
    }
}

/// "1.6" times, rounded up: what is said to be enough is enough.
#[must_use]
pub fn multiple(factor: &Exact) -> String {
    let tenths = (factor * &Exact::whole(10)).ceil();
    tenths.map_or_else(String::new, |tenths| {
        number(&Exact::fraction(tenths, 10), 1)
    })
}

/// "2028年9月", "Sep 2028".
#[must_use]
pub fn month_name(month: Month) -> Text {
    let english = english_month(month.month_of_year().unsigned_abs());
    Text::new(
        format!("{}年{}月", month.year(), month.month_of_year()),
        format!("{english} {}", month.year()),
    )
}

/// "2028年10月10日", "10 Oct 2028".
#[must_use]
pub fn day_name(day: NaiveDate) -> Text {
    let (year, month) = (day.year(), day.month());
    Text::new(
        format!("{year}年{month}月{}日", day.day()),
        format!("{} {} {year}", day.day(), english_month(month)),
    )
}

fn english_month(month: u32) -> &'static str {
    usize::try_from(month)
        .ok()
        .and_then(|month| ENGLISH_MONTHS.get(month.checked_sub(1)?))
        .copied()
        .unwrap_or("")
}

/// "1 month", "2 months".
#[must_use]
pub fn months(count: u32) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} month{plural}")
}

/// "1 earlier month is", "2 earlier months are".
#[must_use]
pub fn earlier_months_are(count: u32) -> String {
    let (plural, verb) = if count == 1 { ("", "is") } else { ("s", "are") };
    format!("{count} earlier month{plural} {verb}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::fixture::{ItemFixture, flow, level, milestone, ratio};
    use crate::domain::scorecard::Item;

    fn shown(item: &Item, value: &Exact) -> Text {
        figure(item.measure, &item.unit, value)
    }

    #[test]
    fn days_and_months_are_named() {
        let day = NaiveDate::from_ymd_opt(2028, 12, 1).unwrap();
        assert_eq!(day_name(day), Text::new("2028年12月1日", "1 Dec 2028"));
        let month = Month::new(2029, 1).unwrap();
        assert_eq!(month_name(month), Text::new("2029年1月", "Jan 2029"));
    }

    #[test]
    fn money_is_read_in_ten_thousands() {
        for (value, ja, en) in [
            (Exact::whole(0), "0 円", "0 yen"),
            (Exact::whole(9_999), "9,999 円", "9,999 yen"),
            (Exact::whole(10_000), "1 万円", "10,000 yen"),
            (Exact::whole(27_604_999), "2,760 万円", "27,604,999 yen"),
            (Exact::whole(27_605_000), "2,761 万円", "27,605,000 yen"),
            (Exact::whole(99_995_000), "1 億円", "99,995,000 yen"),
            (
                Exact::whole(1_234_000_000),
                "12 億 3,400 万円",
                "1,234,000,000 yen",
            ),
            (Exact::whole(-3_000_000), "-300 万円", "-3,000,000 yen"),
            (Exact::whole(-30), "-30 円", "-30 yen"),
            (Exact::fraction(10_000_001, 3), "333 万円", "3,333,334 yen"),
        ] {
            assert_eq!(yen(&value), Text::new(ja, en));
        }
    }

    #[test]
    fn figures_carry_separators_and_units() {
        let exact = Exact::fraction;
        for (item, value, ja, en) in [
            (flow(1), exact(6, 1), "6 件", "6 cases"),
            (flow(1), exact(1, 1), "1 件", "1 case"),
            (flow(1), exact(25, 12), "2.1 件", "2.1 cases"),
            (
                flow(1),
                exact(1_234_567, 1),
                "1,234,567 件",
                "1,234,567 cases",
            ),
            (
                flow(1).in_unit("JPY"),
                exact(24_691_357, 2),
                "12,345,679 円",
                "12,345,679 yen",
            ),
            (
                flow(1).in_unit("JPY"),
                exact(-1_000, 1),
                "-1,000 円",
                "-1,000 yen",
            ),
            (flow(1).in_unit("JPY"), exact(-1, 4), "0 円", "0 yen"),
            (flow(1).in_unit("widgets"), exact(100, 1), "100", "100"),
            (
                level(1).in_unit("hours"),
                exact(5, 4),
                "1.25 時間",
                "1.25 hours",
            ),
            (milestone(1, 3), exact(200, 3), "66.7％", "66.7%"),
            (ratio(1).in_unit("share"), exact(1, 8), "12.5％", "12.5%"),
            (ratio(1).in_unit("visits_each"), exact(5, 3), "1.67", "1.67"),
        ] {
            let Text {
                ja: shown_ja,
                en: shown_en,
            } = shown(&item, &value);
            assert_eq!((shown_ja.as_str(), shown_en.as_str()), (ja, en));
        }
    }

    #[test]
    fn what_is_not_certain_is_not_said_to_be() {
        for (probability, ja, en) in [
            (0.0, "0％", "0%"),
            (0.002, "1％ 未満", "below 1%"),
            (0.036, "4％", "4%"),
            (0.999, "99％ 超", "above 99%"),
            (1.0, "100％", "100%"),
        ] {
            assert_eq!(likelihood(probability), Text::new(ja, en));
        }
    }

    #[test]
    fn multiples_are_rounded_up() {
        for (numerator, denominator, shown) in [
            (8, 5, "1.6"),
            (100_001, 100_000, "1.1"),
            (2, 1, "2"),
            (12_345, 1, "12,345"),
        ] {
            assert_eq!(multiple(&Exact::fraction(numerator, denominator)), shown);
        }
    }

    #[test]
    fn percents_never_reach_a_threshold_that_was_missed() {
        for (numerator, denominator, shown) in [
            (7_999, 10_000, "79"),
            (4, 5, "80"),
            (0, 1, "0"),
            (-1, 10, "-10"),
            (1_234, 100, "1,234"),
        ] {
            let share = Exact::fraction(numerator, denominator);
            assert_eq!(full_percent(&share), shown);
            assert_eq!(full_percent(&full_percent_share(&share)), shown);
            assert!(full_percent_share(&share) <= share);
        }
    }
}

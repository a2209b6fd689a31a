//! Codes as offices call them, in Japanese: what files are read in.

use crate::domain::month::Month;
use crate::domain::scorecard::Measure;
use crate::domain::status::{Flag, Status};
use crate::domain::words::month_name;

/// How the months of an item add up.
#[must_use]
pub const fn measure(measure: Measure) -> &'static str {
    match measure {
        Measure::Flow => "年度の累計",
        Measure::Cumulative => "開始からの累計",
        Measure::Level => "月末の値",
        Measure::Ratio => "割合（年度の累計）",
        Measure::Milestone => "進捗率",
    }
}

/// The shape that goes with a status wherever a colour does.
#[must_use]
pub const fn glyph(status: Status) -> &'static str {
    match status {
        Status::Behind => "■",
        Status::NoData => "◇",
        Status::AtRisk => "▲",
        Status::OnTrack => "●",
        Status::Achieved => "★",
        Status::NotDue => "○",
        Status::Untargeted => "－",
        Status::NotApplicable => "×",
    }
}

#[must_use]
pub const fn status(status: Status) -> &'static str {
    match status {
        Status::Behind => "遅れ",
        Status::NoData => "未報告",
        Status::AtRisk => "注意",
        Status::OnTrack => "順調",
        Status::Achieved => "達成",
        Status::NotDue => "開始前",
        Status::Untargeted => "目標なし",
        Status::NotApplicable => "対象外",
    }
}

/// Shape and word of a status: "▲ 注意".
#[must_use]
pub fn marked(of: Status) -> String {
    format!("{} {}", glyph(of), status(of))
}

/// Shape and word of a signal: "■ 赤信号".
#[must_use]
pub const fn flag(flag: Flag) -> &'static str {
    match flag {
        Flag::Red => "■ 赤信号",
        Flag::Amber => "▲ 黄信号",
        Flag::None => "● 青信号",
    }
}

/// The year before the first of 令和.
const YEAR_BEFORE_REIWA: i32 = 2018;

/// "2028年9月（令和10年9月）"; before 令和 without an era.
#[must_use]
pub fn month_with_era(month: Month) -> String {
    let name = month_name(month).ja;
    // 令和 began in May 2019.
    if (month.year(), month.month_of_year()) < (YEAR_BEFORE_REIWA + 1, 5) {
        return name;
    }
    let year = year_of_era(month.year() - YEAR_BEFORE_REIWA);
    format!("{name}（令和{year}年{}月）", month.month_of_year())
}

/// "令和10年度" of a month's fiscal year; that of 2019 is 令和元年度 as a whole.
#[must_use]
pub fn fiscal_year_with_era(month: Month) -> String {
    let year = month.fiscal_year();
    if year <= YEAR_BEFORE_REIWA {
        return format!("{year}年度");
    }
    format!("令和{}年度", year_of_era(year - YEAR_BEFORE_REIWA))
}

fn year_of_era(year: i32) -> String {
    if year == 1 {
        "元".to_owned()
    } else {
        year.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_and_fiscal_years_have_an_era() {
        for (month, name, year) in [
            ("2028-09", "2028年9月（令和10年9月）", "令和10年度"),
            ("2019-05", "2019年5月（令和元年5月）", "令和元年度"),
            ("2019-04", "2019年4月", "令和元年度"),
            ("2019-03", "2019年3月", "2018年度"),
            ("2020-03", "2020年3月（令和2年3月）", "令和元年度"),
        ] {
            let month = month.parse().unwrap();
            assert_eq!(month_with_era(month), name);
            assert_eq!(fiscal_year_with_era(month), year);
        }
    }
}

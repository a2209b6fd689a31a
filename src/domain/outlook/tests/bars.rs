//! Cumulative items and milestones: the month in which they are finished.

use super::*;
use crate::domain::fixture::{cumulative, milestone};
use crate::domain::month::ProgrammeMonth;

/// Finish month, months late, and the Japanese words.
fn finish(item: Item, table: &str, month: u32) -> (Option<u32>, Option<u32>, String) {
    let found = alone(item, table, month);
    let End::Bar(bar) = found.end else {
        panic!("{found:?}")
    };
    let finish = bar.finish.map(ProgrammeMonth::t);
    (finish, bar.months_late, found.words.ja)
}

#[test]
fn a_bar_goes_on_at_its_own_pace() {
    // The programme starts in April 2025.
    for (item, table, month, finish_month, late, ja) in [
        // 30 % in three months is 10 % a month: seven more.
        (
            milestone(1, 5),
            "10 20 30",
            3,
            Some(10),
            Some(5),
            "このままの進み方では、2026年1月に終わる見込みで、期限（2025年8月）より 5 か月遅れます。",
        ),
        // 40 % in two months of the bar: three more.
        (
            milestone(3, 8),
            "0 0 20 40",
            4,
            Some(7),
            Some(0),
            "このままの進み方では、2025年10月に終わる見込みで、期限（2025年11月）に間に合います。",
        ),
        // 4 of 10 in three months: 4.5 more are five.
        (
            cumulative(10, 2, 6),
            "0 1 1 2",
            4,
            Some(9),
            Some(3),
            "このままの進み方では、2025年12月に終わる見込みで、期限（2025年9月）より 3 か月遅れます。",
        ),
        (
            cumulative(10, 2, 6),
            "0 6 4 1",
            4,
            Some(3),
            Some(0),
            "2025年6月に、期限（2025年9月）までに完了しました。",
        ),
        (
            milestone(1, 2),
            "50 70 100 100",
            4,
            Some(3),
            Some(1),
            "2025年6月に、期限（2025年5月）より 1 か月遅れて完了しました。",
        ),
        (
            milestone(1, 5),
            "0 0",
            2,
            None,
            None,
            "まだ進みがないため、終わる月は見込めません（期限 2025年8月）。",
        ),
        (
            milestone(1, 5),
            "",
            2,
            None,
            None,
            "まだ進みがないため、終わる月は見込めません（期限 2025年8月）。",
        ),
        (
            milestone(6, 8),
            "5",
            2,
            None,
            None,
            "2025年9月に始め、2025年11月までに終える計画です。",
        ),
        // 100,000 months at this pace.
        (
            cumulative(100_000, 1, 5),
            "1",
            1,
            None,
            None,
            "このままの進み方では、終わる時期を見通せません（期限 2025年8月）。",
        ),
    ] {
        let found = finish(item, table, month);
        assert_eq!(found, (finish_month, late, ja.to_owned()), "{table}");
    }
}

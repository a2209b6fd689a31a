use crate::domain::amount::Amount;
use crate::domain::evaluate::evaluate;
use crate::domain::fixture::{
    ItemFixture, cumulative, flow, ledger, level, milestone, plan, ratio, t,
};
use crate::domain::scorecard::{Item, Phasing};

#[track_caller]
fn check(item: Item, rows: &[(&str, u32, &str, &str)]) {
    let plan = plan(vec![item]);
    for (months, month, ja, en) in rows {
        let items = evaluate(&plan, &ledger(&[("item", months)]), t(*month)).items;
        let reason = &items[0].reason;
        assert_eq!((reason.ja.as_str(), reason.en.as_str()), (*ja, *en));
    }
}

#[test]
fn words_of_a_flow() {
    check(
        flow(30).high_hurdle(),
        &[
            (
                "0*5 6",
                6,
                "計画 15 件に対し実績 6 件（40％）。計画を大きく下回っています。上流の準備の強化が必要です。",
                "6 cases against a plan of 15 cases (40%). Far behind plan. The preparation upstream needs work.",
            ),
            (
                "0*5 9",
                6,
                "計画 15 件に対し実績 9 件（60％）。計画をやや下回っています。",
                "9 cases against a plan of 15 cases (60%). Somewhat behind plan.",
            ),
            (
                "0*5 12",
                6,
                "計画 15 件に対し実績 12 件（80％）。この差は偶然の範囲です（計画どおりでも 27％の確率で起こります）。",
                "12 cases against a plan of 15 cases (80%). Within chance: 27% of hubs on plan do no better.",
            ),
            (
                "0*5 15",
                6,
                "計画 15 件に対し実績 15 件（100％）。計画どおりです。",
                "15 cases against a plan of 15 cases (100%). On plan.",
            ),
            (
                "0*4 12 -",
                5,
                "計画 12.5 件に対し実績 12 件（96％）。ほぼ計画どおりです。",
                "12 cases against a plan of 12.5 cases (96%). Nearly on plan.",
            ),
            (
                "15 -",
                2,
                "計画 5 件に対し実績 15 件（300％）。計画どおりです。2025年5月分は未報告です。",
                "15 cases against a plan of 5 cases (300%). On plan. May 2025 is not reported.",
            ),
            (
                "30",
                1,
                "年間目標 30 件を達成しました（実績 30 件）。",
                "Reached the year's target of 30 cases (actual 30 cases).",
            ),
            (
                "0*11 12",
                12,
                "年間目標 30 件に対し実績 12 件（40％）。年間目標を大きく下回って終わりました。翌年に向け、上流の準備の見直しが必要です。",
                "12 cases against the year's target of 30 cases (40%). The year's target was missed by far. Rework the preparation upstream for next year.",
            ),
            (
                "0*11 28",
                12,
                "年間目標 30 件に対し実績 28 件（93％）。年間目標に届きませんでした。",
                "28 cases against the year's target of 30 cases (93%). The year's target was missed.",
            ),
            (
                "0*11 29",
                12,
                "年間目標 30 件に対し実績 29 件（96％）。ほぼ年間目標どおりです。",
                "29 cases against the year's target of 30 cases (96%). Nearly the year's target.",
            ),
            (
                "1 -",
                2,
                "2025年5月分が未報告です。報告が必要です。",
                "May 2025 is not reported; the month needs a report.",
            ),
            (
                "1 x",
                2,
                "この月は対象外と報告されています。",
                "Reported as not applicable this month.",
            ),
            (
                "- x - 3",
                4,
                "過去の 2 か月分が未報告のため、判定できません（計画 10 件に対し実績 3 件）。",
                "Cannot be judged: 2 earlier months are not reported (3 cases against a plan of 10 cases).",
            ),
            (
                "x x x 3",
                4,
                "対象外の 3 か月を除けば計画どおりです（計画 10 件に対し実績 3 件）。",
                "On plan apart from 3 months not applicable (3 cases against a plan of 10 cases).",
            ),
            (
                "0 0 0 - 0",
                5,
                "計画 12.5 件に対し実績 0 件（0％）。計画を大きく下回っています。過去の 1 か月分は未報告です。上流の準備の強化が必要です。",
                "0 cases against a plan of 12.5 cases (0%). Far behind plan. 1 earlier month is not reported. The preparation upstream needs work.",
            ),
        ],
    );
}

#[test]
fn words_of_money_and_limits() {
    check(
        flow(1_200_000).in_unit("JPY"),
        &[(
            "0*5 540000",
            6,
            "計画 600,000 円に対し実績 540,000 円（90％）。差はわずかです。",
            "540,000 yen against a plan of 600,000 yen (90%). The difference is small.",
        )],
    );
    check(
        flow(30).lower(),
        &[
            (
                "0*5 15",
                6,
                "計画 15 件以内に対し実績 15 件。上限の範囲内です。",
                "15 cases against at most 15 cases planned. Within the limit.",
            ),
            (
                "0*5 19",
                6,
                "計画 15 件以内に対し実績 19 件。上限の範囲に収まっていません。",
                "19 cases against at most 15 cases planned. Not within the limit.",
            ),
            (
                "0*5 29",
                6,
                "計画 15 件以内に対し実績 29 件。上限を大きく超えています。",
                "29 cases against at most 15 cases planned. Far over the limit.",
            ),
            (
                "0*11 40",
                12,
                "年間の上限 30 件に対し実績 40 件。年間の上限を大きく超えて終わりました。",
                "40 cases against the year's limit of 30 cases. The year's limit was exceeded by far.",
            ),
            (
                "0*11 33",
                12,
                "年間の上限 30 件に対し実績 33 件。年間の上限を守れませんでした。",
                "33 cases against the year's limit of 30 cases. The year's limit was not kept.",
            ),
            (
                "0*12",
                12,
                "年間の上限 30 件に対し実績 0 件。年間の上限内に収まりました。",
                "0 cases against the year's limit of 30 cases. Kept within the year's limit.",
            ),
        ],
    );
}

#[test]
fn words_of_ratios_and_levels() {
    check(
        ratio(10).proportion().lower().strict(),
        &[
            (
                "1/20",
                1,
                "目標 10％未満に対し実績 5％。上限の範囲内です。",
                "5% against a target of less than 10%. Within the limit.",
            ),
            (
                "20/100",
                1,
                "目標 10％未満に対し実績 20％。上限を大きく超えています。",
                "20% against a target of less than 10%. Far over the limit.",
            ),
        ],
    );
    check(
        ratio(200),
        &[
            (
                "19/10",
                1,
                "目標 2以上に対し実績 1.9（95％）。ほぼ目標どおりです。",
                "1.9 against a target of at least 2 (95%). Nearly on target.",
            ),
            (
                "14/10",
                1,
                "目標 2以上に対し実績 1.4（70％）。目標に届いていません。",
                "1.4 against a target of at least 2 (70%). Short of target.",
            ),
            (
                "5/10",
                1,
                "目標 2以上に対し実績 0.5（25％）。目標を大きく下回っています。",
                "0.5 against a target of at least 2 (25%). Far below target.",
            ),
            (
                "-",
                1,
                "2025年4月分が未報告です。報告が必要です。",
                "Apr 2025 is not reported; the month needs a report.",
            ),
            (
                "0/0",
                1,
                "今年度の分母の合計が０のため、比率を出せません。",
                "The denominators of the year sum to 0: there is no ratio.",
            ),
        ],
    );
    check(
        level(10),
        &[(
            "",
            1,
            "３か月以内の報告がありません。報告が必要です。",
            "Nothing was reported within three months; the month needs a report.",
        )],
    );
}

#[test]
fn words_of_bars() {
    check(
        cumulative(10, 3, 12).high_hurdle(),
        &[
            (
                "",
                2,
                "開始予定は2025年6月です。",
                "Planned to start in Jun 2025.",
            ),
            (
                "0*6 1",
                7,
                "計画 5 社に対し累計 1 社（20％）。計画を大きく下回っています。上流の準備の強化が必要です。",
                "1 company against a plan of 5 companies (20%). Far behind plan. The preparation upstream needs work.",
            ),
            (
                "0*11 7",
                12,
                "目標 10 社に対し累計 7 社（70％）。期限の2026年3月に目標に届いていません。上流の準備の強化が必要です。",
                "7 companies against the target of 10 companies (70%). Due in Mar 2026: target not reached. The preparation upstream needs work.",
            ),
            (
                "10",
                5,
                "目標 10 社を達成しました（累計 10 社）。",
                "Reached the target of 10 companies (total 10 companies).",
            ),
        ],
    );
    check(
        cumulative(1_000, 1, 10),
        &[(
            "0*4 450",
            5,
            "計画 500 社に対し累計 450 社（90％）。目標全体に比べれば差はわずかです。",
            "450 companies against a plan of 500 companies (90%). The difference is small against the whole target.",
        )],
    );
    check(
        milestone(1, 3).high_hurdle(),
        &[
            (
                "",
                1,
                "進捗がまだ一度も報告されていません。",
                "No progress has been reported yet.",
            ),
            (
                "0 30",
                2,
                "計画 66.7％に対し進捗 30％。計画を大きく下回っています。上流の準備の強化が必要です。",
                "30% against a plan of 66.7%. Far behind plan. The preparation upstream needs work.",
            ),
            (
                "0 30 90",
                3,
                "進捗 90％。期限の2025年6月に完了していません。",
                "Progress 90%. Due in Jun 2025: not completed.",
            ),
            (
                "0 30 90",
                6,
                "進捗 90％。期限の2025年6月を 3 か月過ぎても完了していません。上流の準備の強化が必要です。",
                "Progress 90%. Due in Jun 2025, 3 months ago: not completed. The preparation upstream needs work.",
            ),
            ("100", 1, "完了しました。", "Completed."),
        ],
    );
}

#[test]
fn words_where_nothing_is_asked() {
    let from_year_3 = flow(1)
        .without_target()
        .with_target(Some(3), Amount::whole(12));
    check(
        from_year_3,
        &[
            (
                "",
                1,
                "目標は2027年4月からです。",
                "The target starts in Apr 2027.",
            ),
            (
                "4",
                1,
                "目標は2027年4月からです（実績 4 件）。",
                "The target starts in Apr 2027 (actual 4 cases).",
            ),
        ],
    );
    check(
        flow(1).without_target(),
        &[(
            "4",
            1,
            "目標のない項目です（実績 4 件）。",
            "Watched without a target (actual 4 cases).",
        )],
    );
    check(
        flow(12).phased(Phasing::Even { first_month: 4 }),
        &[(
            "",
            1,
            "この月までの計画はまだありません。",
            "Nothing is planned by this month yet.",
        )],
    );
}

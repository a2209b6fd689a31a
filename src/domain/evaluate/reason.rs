//! The reason of a status, in words that a reader takes in at once
//! (`semantics.md` §4: "a reason in words").

use super::actual;
use super::{ItemEvaluation, Thresholds};
use crate::domain::amount::{Amount, Exact};
use crate::domain::ledger::ItemCells;
use crate::domain::month::{MONTHS_PER_YEAR, Month, ProgrammeMonth};
use crate::domain::scorecard::{Item, Measure};
use crate::domain::status::{Rule, Status};
use crate::domain::text::Text;
use crate::domain::words::{
    self, chance_percent, earlier_months_are, full_percent, month_name, months,
};

/// An evaluated item, with what the words need besides.
pub(super) struct Case<'a> {
    pub item: &'a Item,
    /// Programme month 1.
    pub start: Month,
    pub thresholds: &'a Thresholds,
    pub cells: ItemCells<'a>,
    pub month: ProgrammeMonth,
    /// Complete but for its reason.
    pub evaluation: &'a ItemEvaluation,
}

/// The reason of a status.
pub(super) fn of(case: &Case<'_>) -> Text {
    match case.evaluation.rule {
        Rule::Untargeted => case.untargeted(),
        Rule::Achieved => case.achieved(),
        Rule::NotDue => case.not_due(),
        Rule::NotApplicable => Text::new(
            "この月は対象外と報告されています。",
            "Reported as not applicable this month.",
        ),
        Rule::Met => sentences([case.comparison(), case.met(), case.without_this_month()]),
        Rule::Missing => case.missing(),
        Rule::Noise => sentences([case.comparison(), case.noise()]),
        Rule::Gap => case.gap(),
        Rule::AtRisk | Rule::Behind => sentences([
            case.comparison(),
            case.short(),
            case.without_earlier_months(),
            case.preparation(),
        ]),
    }
}

fn figure(item: &Item, value: &Exact) -> Text {
    words::figure(item.measure, &item.unit, value)
}

fn sentences<const N: usize>(parts: [Text; N]) -> Text {
    let mut whole = Text::default();
    for part in parts {
        if !whole.en.is_empty() && !part.en.is_empty() {
            whole.en.push(' ');
        }
        whole.ja.push_str(&part.ja);
        whole.en.push_str(&part.en);
    }
    whole
}

impl Case<'_> {
    fn untargeted(&self) -> Text {
        let later = self
            .item
            .first_target_year()
            .filter(|year| *year > self.month.year());
        let target = match later {
            Some(year) => {
                let first = (year - 1).saturating_mul(MONTHS_PER_YEAR).saturating_add(1);
                let first = self.month_name(ProgrammeMonth::new(first));
                Text::new(
                    format!("目標は{}からです", first.ja),
                    format!("The target starts in {}", first.en),
                )
            }
            None => Text::new("目標のない項目です", "Watched without a target"),
        };
        let actual = self
            .evaluation
            .actual
            .as_ref()
            .map_or_else(Text::default, |actual| {
                let actual = figure(self.item, actual);
                Text::new(
                    format!("（実績 {}）", actual.ja),
                    format!(" (actual {})", actual.en),
                )
            });
        Text::new(
            format!("{}{}。", target.ja, actual.ja),
            format!("{}{}.", target.en, actual.en),
        )
    }

    fn achieved(&self) -> Text {
        if self.item.measure == Measure::Milestone {
            return Text::new("完了しました。", "Completed.");
        }
        let (target, actual) = (self.target(), self.actual());
        match self.item.measure {
            Measure::Flow => Text::new(
                format!(
                    "年間目標 {}を達成しました（実績 {}）。",
                    target.ja, actual.ja
                ),
                format!(
                    "Reached the year's target of {} (actual {}).",
                    target.en, actual.en
                ),
            ),
            _ => Text::new(
                format!("目標 {}を達成しました（累計 {}）。", target.ja, actual.ja),
                format!("Reached the target of {} (total {}).", target.en, actual.en),
            ),
        }
    }

    fn not_due(&self) -> Text {
        match self.item.bar {
            Some(bar) if bar.start > self.month.t() => {
                let start = self.month_name(ProgrammeMonth::new(bar.start));
                Text::new(
                    format!("開始予定は{}です。", start.ja),
                    format!("Planned to start in {}.", start.en),
                )
            }
            _ => Text::new(
                "この月までの計画はまだありません。",
                "Nothing is planned by this month yet.",
            ),
        }
    }

    fn missing(&self) -> Text {
        let month = self.month_name(self.month);
        let has_figure = actual::is_usable(self.item, self.cells.at(self.month));
        match self.item.measure {
            Measure::Milestone => Text::new(
                "進捗がまだ一度も報告されていません。",
                "No progress has been reported yet.",
            ),
            Measure::Level => Text::new(
                "３か月以内の報告がありません。報告が必要です。",
                "Nothing was reported within three months; the month needs a report.",
            ),
            Measure::Ratio if has_figure => Text::new(
                "今年度の分母の合計が０のため、比率を出せません。",
                "The denominators of the year sum to 0: there is no ratio.",
            ),
            _ => Text::new(
                format!("{}分が未報告です。報告が必要です。", month.ja),
                format!("{} is not reported; the month needs a report.", month.en),
            ),
        }
    }

    fn gap(&self) -> Text {
        let (missing, excused) = self.gaps();
        let figures = self.figures(&Text::default());
        if missing == 0 {
            return Text::new(
                format!(
                    "対象外の {excused} か月を除けば計画どおりです（{}）。",
                    figures.ja
                ),
                format!(
                    "On plan apart from {} not applicable ({}).",
                    months(excused),
                    figures.en
                ),
            );
        }
        Text::new(
            format!(
                "過去の {missing} か月分が未報告のため、判定できません（{}）。",
                figures.ja
            ),
            format!(
                "Cannot be judged: {} not reported ({}).",
                earlier_months_are(missing),
                figures.en
            ),
        )
    }

    /// What the figures are, beside what they should be.
    fn comparison(&self) -> Text {
        let measure = self.item.measure;
        if measure == Measure::Milestone && self.item.is_past_due(self.month) {
            let actual = self.actual();
            return Text::new(
                format!("進捗 {}。", actual.ja),
                format!("Progress {}.", actual.en),
            );
        }
        let figures = self.figures(&self.share());
        Text::new(format!("{}。", figures.ja), format!("{}.", figures.en))
    }

    /// "計画 15 件に対し実績 6 件（40％）".
    fn figures(&self, share: &Text) -> Text {
        let (yardstick, actual) = (self.yardstick(), self.actual());
        let label = match self.item.measure {
            Measure::Cumulative => "累計",
            Measure::Milestone => "進捗",
            Measure::Flow | Measure::Level | Measure::Ratio => "実績",
        };
        Text::new(
            format!("{}に対し{label} {}{}", yardstick.ja, actual.ja, share.ja),
            format!("{} against {}{}", actual.en, yardstick.en, share.en),
        )
    }

    /// What the actual is compared with: the plan to date, or the target.
    fn yardstick(&self) -> Text {
        let at_most = !self.item.is_higher_better();
        match self.item.measure {
            Measure::Flow if self.month.ends_year() => {
                let target = self.target();
                if at_most {
                    Text::new(
                        format!("年間の上限 {}", target.ja),
                        format!("the year's limit of {}", target.en),
                    )
                } else {
                    Text::new(
                        format!("年間目標 {}", target.ja),
                        format!("the year's target of {}", target.en),
                    )
                }
            }
            Measure::Cumulative if self.item.is_past_due(self.month) => {
                let target = self.target();
                Text::new(
                    format!("目標 {}", target.ja),
                    format!("the target of {}", target.en),
                )
            }
            Measure::Level | Measure::Ratio => self.bound(),
            Measure::Flow | Measure::Cumulative | Measure::Milestone => {
                let plan = figure(self.item, &self.evaluation.plan);
                if at_most {
                    Text::new(
                        format!("計画 {}以内", plan.ja),
                        format!("at most {} planned", plan.en),
                    )
                } else {
                    Text::new(
                        format!("計画 {}", plan.ja),
                        format!("a plan of {}", plan.en),
                    )
                }
            }
        }
    }

    /// The target of a level or a ratio, with its sense: "10％未満".
    fn bound(&self) -> Text {
        let target = self.target();
        let (ja, en) = match (self.item.is_higher_better(), self.item.strict) {
            (true, false) => ("以上", "at least"),
            (true, true) => ("超", "more than"),
            (false, false) => ("以下", "at most"),
            (false, true) => ("未満", "less than"),
        };
        Text::new(
            format!("目標 {}{ja}", target.ja),
            format!("a target of {en} {}", target.en),
        )
    }

    /// The attainment, where it says more than the figures: not beside
    /// percentages, and not where less is better.
    fn share(&self) -> Text {
        let says_more = self.item.is_higher_better()
            && !words::is_percentage(self.item.measure, &self.item.unit);
        match &self.evaluation.attainment {
            Some(attainment) if says_more => {
                let percent = full_percent(attainment);
                Text::new(format!("（{percent}％）"), format!(" ({percent}%)"))
            }
            _ => Text::default(),
        }
    }

    fn met(&self) -> Text {
        let is_short = self
            .evaluation
            .attainment
            .as_ref()
            .is_some_and(|attainment| *attainment < Exact::whole(1));
        let is_close = self
            .evaluation
            .attainment
            .as_ref()
            .is_none_or(|attainment| *attainment >= self.thresholds.on_track_at);
        let of_year = self.ends_year();
        let against_target = matches!(self.item.measure, Measure::Level | Measure::Ratio);
        let (ja, en) = match (is_short, self.item.is_higher_better()) {
            _ if !is_close => ("差はわずかです。", "The difference is small."),
            (true, false) => ("ほぼ上限の範囲内です。", "Nearly within the limit."),
            (false, false) if of_year => (
                "年間の上限内に収まりました。",
                "Kept within the year's limit.",
            ),
            (false, false) => ("上限の範囲内です。", "Within the limit."),
            (true, true) if of_year => ("ほぼ年間目標どおりです。", "Nearly the year's target."),
            (true, true) if against_target => ("ほぼ目標どおりです。", "Nearly on target."),
            (true, true) => ("ほぼ計画どおりです。", "Nearly on plan."),
            (false, true) if against_target => ("目標を満たしています。", "On target."),
            (false, true) => ("計画どおりです。", "On plan."),
        };
        Text::new(ja, en)
    }

    /// Where the month itself is missing though the sum holds.
    fn without_this_month(&self) -> Text {
        let carries_over = matches!(self.item.measure, Measure::Level | Measure::Milestone);
        if carries_over || actual::is_usable(self.item, self.cells.at(self.month)) {
            return Text::default();
        }
        let month = self.month_name(self.month);
        Text::new(
            format!("{}分は未報告です。", month.ja),
            format!("{} is not reported.", month.en),
        )
    }

    fn noise(&self) -> Text {
        let chance = self
            .evaluation
            .probability
            .filter(|pi| *pi > self.thresholds.pi_at_risk);
        match chance {
            Some(pi) => {
                let percent = chance_percent(pi);
                Text::new(
                    format!(
                        "この差は偶然の範囲です（計画どおりでも {percent}％の確率で起こります）。"
                    ),
                    format!("Within chance: {percent}% of hubs on plan do no better."),
                )
            }
            None => Text::new(
                "目標全体に比べれば差はわずかです。",
                "The difference is small against the whole target.",
            ),
        }
    }

    /// How far short, and whether there is still time (§4 "Flag").
    fn short(&self) -> Text {
        let behind = self.evaluation.status == Status::Behind;
        if self.item.is_past_due(self.month) {
            return self.overdue();
        }
        let (ja, en) = if self.item.is_higher_better() {
            self.short_of_target(behind)
        } else {
            self.over_limit(behind)
        };
        Text::new(ja, en)
    }

    fn short_of_target(&self, behind: bool) -> (&'static str, &'static str) {
        let has_plan = !matches!(self.item.measure, Measure::Level | Measure::Ratio);
        match (self.ends_year(), has_plan, behind) {
            (true, _, true) => (
                "年間目標を大きく下回って終わりました。",
                "The year's target was missed by far.",
            ),
            (true, _, false) => (
                "年間目標に届きませんでした。",
                "The year's target was missed.",
            ),
            (false, true, true) => ("計画を大きく下回っています。", "Far behind plan."),
            (false, true, false) => ("計画をやや下回っています。", "Somewhat behind plan."),
            (false, false, true) => ("目標を大きく下回っています。", "Far below target."),
            (false, false, false) => ("目標に届いていません。", "Short of target."),
        }
    }

    fn over_limit(&self, behind: bool) -> (&'static str, &'static str) {
        match (self.ends_year(), behind) {
            (true, true) => (
                "年間の上限を大きく超えて終わりました。",
                "The year's limit was exceeded by far.",
            ),
            (true, false) => (
                "年間の上限を守れませんでした。",
                "The year's limit was not kept.",
            ),
            (false, true) => ("上限を大きく超えています。", "Far over the limit."),
            (false, false) => ("上限の範囲に収まっていません。", "Not within the limit."),
        }
    }

    /// A bar that has ended without its target: since when.
    fn overdue(&self) -> Text {
        let due = self.item.bar.map_or(self.month.t(), |bar| bar.due);
        let name = self.month_name(ProgrammeMonth::new(due));
        let late = self.month.t().saturating_sub(due);
        let (ja, en) = if self.item.measure == Measure::Milestone {
            ("完了していません", "not completed")
        } else {
            ("目標に届いていません", "target not reached")
        };
        if late == 0 {
            return Text::new(
                format!("期限の{}に{ja}。", name.ja),
                format!("Due in {}: {en}.", name.en),
            );
        }
        Text::new(
            format!("期限の{}を {late} か月過ぎても{ja}。", name.ja),
            format!("Due in {}, {} ago: {en}.", name.en, months(late)),
        )
    }

    /// Where earlier months are missing, and the shortfall is there without
    /// them.
    fn without_earlier_months(&self) -> Text {
        match self.gaps() {
            (0, _) => Text::default(),
            (missing, _) => Text::new(
                format!("過去の {missing} か月分は未報告です。"),
                format!("{} not reported.", earlier_months_are(missing)),
            ),
        }
    }

    /// What clears a high hurdle lies upstream (`domain.md`, High-hurdle steps).
    fn preparation(&self) -> Text {
        if self.evaluation.status != Status::Behind || !self.item.high_hurdle {
            return Text::default();
        }
        if self.ends_year() {
            return Text::new(
                "翌年に向け、上流の準備の見直しが必要です。",
                "Rework the preparation upstream for next year.",
            );
        }
        Text::new(
            "上流の準備の強化が必要です。",
            "The preparation upstream needs work.",
        )
    }

    /// Whether the year's outcome is final for the item.
    fn ends_year(&self) -> bool {
        !self.item.measure.has_bar() && self.month.ends_year()
    }

    /// How many of the gap months are not reported, and not applicable.
    fn gaps(&self) -> (u32, u32) {
        let months = &self.evaluation.gap_months;
        let count = |excused: bool| {
            months
                .iter()
                .map(|month| u32::from(self.cells.at(*month).is_not_applicable() == excused))
                .sum()
        };
        (count(false), count(true))
    }

    fn target(&self) -> Text {
        let target = self.evaluation.target.unwrap_or(Amount::ZERO);
        figure(self.item, &target.exact())
    }

    fn actual(&self) -> Text {
        match &self.evaluation.actual {
            Some(actual) => figure(self.item, actual),
            None => Text::new("なし", "none"),
        }
    }

    fn month_name(&self, month: ProgrammeMonth) -> Text {
        month_name(month.calendar(self.start))
    }
}

#[cfg(test)]
mod tests;

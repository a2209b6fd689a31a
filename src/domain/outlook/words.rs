//! The outlook of an item in one or two sentences, for people who read many.

use super::finish::BarOutlook;
use super::pace::{Band, FlowOutlook};
use crate::domain::amount::Exact;
use crate::domain::evaluate::ItemEvaluation;
use crate::domain::month::{Month, ProgrammeMonth};
use crate::domain::scorecard::Item;
use crate::domain::text::Text;
use crate::domain::words::{figure, likelihood, month_name, months, multiple};

/// A flow's year.
pub(super) fn of_flow(item: &Item, evaluated: &ItemEvaluation, flow: &FlowOutlook) -> Text {
    let year = FlowWords {
        item,
        evaluated,
        flow,
    };
    let Some(actual) = &evaluated.actual else {
        return Text::new(
            "今年度の報告がまだないため、年度末の見込みは出せません。",
            "Nothing is reported for the year yet, so there is no outlook.",
        );
    };
    match &flow.expected {
        _ if flow.months_left == 0 && evaluated.gap_months.is_empty() => year.over(actual),
        None => Text::new(
            "報告のあった月までに計画された分がないため、年度末の見込みはまだ出せません。",
            "Nothing was planned for the months reported, so there is no outlook yet.",
        ),
        Some(expected) => joined(year.expected(expected), year.required(actual)),
    }
}

/// Two sentences; Japanese takes no space between them.
fn joined(first: Text, second: Option<Text>) -> Text {
    match second {
        None => first,
        Some(second) => Text::new(
            format!("{}{}", first.ja, second.ja),
            format!("{} {}", first.en, second.en),
        ),
    }
}

struct FlowWords<'a> {
    item: &'a Item,
    evaluated: &'a ItemEvaluation,
    flow: &'a FlowOutlook,
}

impl FlowWords<'_> {
    fn shown(&self, value: &Exact) -> Text {
        figure(self.item.measure, &self.item.unit, value)
    }

    fn target(&self) -> Text {
        let target = self
            .evaluated
            .target
            .map(|target| self.shown(&target.exact()));
        target.unwrap_or_default()
    }

    fn over(&self, actual: &Exact) -> Text {
        let (actual, target) = (self.shown(actual), self.target());
        Text::new(
            format!("年度は {}で終わりました（目標 {}）。", actual.ja, target.ja),
            format!("The year ended at {} (target {}).", actual.en, target.en),
        )
    }

    fn expected(&self, expected: &Exact) -> Text {
        let (expected, target) = (self.shown(expected), self.target());
        let is_limit = !self.item.is_higher_better();
        match self.flow.chance.map(likelihood) {
            None => Text::new(
                format!(
                    "このままの進み方では、年度末は {}の見込みです（目標 {}）。",
                    expected.ja, target.ja
                ),
                format!(
                    "At this pace the year ends at {} (target {}).",
                    expected.en, target.en
                ),
            ),
            Some(chance) if is_limit => Text::new(
                format!(
                    "このままの進み方では、年度末は {}の見込みで、上限 {}に収まる見込みは {}です。",
                    expected.ja, target.ja, chance.ja
                ),
                format!(
                    "At this pace the year ends at {}; the chance to keep the limit of {} is {}.",
                    expected.en, target.en, chance.en
                ),
            ),
            Some(chance) => Text::new(
                format!(
                    "このままの進み方では、年度末は {}の見込みで、目標 {}に届く見込みは {}です。",
                    expected.ja, target.ja, chance.ja
                ),
                format!(
                    "At this pace the year ends at {}; the chance to reach the target of {} is {}.",
                    expected.en, target.en, chance.en
                ),
            ),
        }
    }

    /// What the months left have to bring; of what is to stay low nothing.
    fn required(&self, actual: &Exact) -> Option<Text> {
        if !self.item.is_higher_better() || self.flow.months_left == 0 {
            return None;
        }
        if self
            .evaluated
            .target
            .is_some_and(|target| *actual >= target.exact())
        {
            return Some(Text::new(
                "目標にはすでに届いています。",
                "The target is reached already.",
            ));
        }
        let factor = self.flow.required_factor.as_ref()?;
        let (left, times) = (self.flow.months_left, multiple(factor));
        let left_en = months(left);
        Some(match self.flow.band? {
            Band::Fine => Text::new(
                format!("残り {left} か月は計画どおりの進み方で届きます。"),
                format!("With {left_en} left, the planned pace is enough."),
            ),
            Band::Recoverable => Text::new(
                format!(
                    "残り {left} か月は計画の {times} 倍の進み方が必要ですが、取り戻せる範囲です。"
                ),
                format!(
                    "With {left_en} left, {times} times the planned pace is needed: within reach."
                ),
            ),
            Band::Stretch => Text::new(
                format!("残り {left} か月は計画の {times} 倍の進み方が必要です。"),
                format!("With {left_en} left, {times} times the planned pace is needed."),
            ),
            Band::RevisePlan => Text::new(
                format!(
                    "残り {left} か月は計画の {times} 倍の進み方が必要です。計画の見直しを検討してください。"
                ),
                format!(
                    "With {left_en} left, {times} times the planned pace is needed: consider revising the plan."
                ),
            ),
        })
    }
}

/// When a bar is finished, in a programme that starts in `start`.
pub(super) fn of_bar(start: Month, bar: &BarOutlook, actual: Option<&Exact>) -> Text {
    let named = |month: ProgrammeMonth| month_name(month.calendar(start));
    let due = named(ProgrammeMonth::new(bar.bar.due));
    match (bar.finish.map(named), bar.months_late) {
        (Some(finish), Some(late)) => finishing(bar, &finish, &due, late),
        _ if bar.is_finished => Text::new("完了しています。", "It is finished."),
        _ if bar.is_ahead => {
            let first = named(ProgrammeMonth::new(bar.bar.start));
            Text::new(
                format!("{}に始め、{}までに終える計画です。", first.ja, due.ja),
                format!(
                    "Planned to begin in {} and to be done by {}.",
                    first.en, due.en
                ),
            )
        }
        _ if actual.is_some_and(Exact::is_positive) => Text::new(
            format!(
                "このままの進み方では、終わる時期を見通せません（期限 {}）。",
                due.ja
            ),
            format!("At this pace no end is in sight (due {}).", due.en),
        ),
        _ => Text::new(
            format!(
                "まだ進みがないため、終わる月は見込めません（期限 {}）。",
                due.ja
            ),
            format!(
                "Nothing is done yet, so no month can be named (due {}).",
                due.en
            ),
        ),
    }
}

fn finishing(bar: &BarOutlook, finish: &Text, due: &Text, late: u32) -> Text {
    let late_en = months(late);
    match (bar.is_finished, late) {
        (true, 0) => Text::new(
            format!("{}に、期限（{}）までに完了しました。", finish.ja, due.ja),
            format!("Finished in {}, in time (due {}).", finish.en, due.en),
        ),
        (true, _) => Text::new(
            format!(
                "{}に、期限（{}）より {late} か月遅れて完了しました。",
                finish.ja, due.ja
            ),
            format!(
                "Finished in {}, {late_en} late (due {}).",
                finish.en, due.en
            ),
        ),
        (false, 0) => Text::new(
            format!(
                "このままの進み方では、{}に終わる見込みで、期限（{}）に間に合います。",
                finish.ja, due.ja
            ),
            format!(
                "At this pace it is done in {}, in time (due {}).",
                finish.en, due.en
            ),
        ),
        (false, _) => Text::new(
            format!(
                "このままの進み方では、{}に終わる見込みで、期限（{}）より {late} か月遅れます。",
                finish.ja, due.ja
            ),
            format!(
                "At this pace it is done in {}, {late_en} late (due {}).",
                finish.en, due.en
            ),
        ),
    }
}

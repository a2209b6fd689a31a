//! The sentences about one alert: the figures, why, what it drags down, what to
//! prepare, and who has taken it on.

use super::clean;
use super::words::{and_more, listed, quoted};
use crate::domain::alert::{AlertFacts, AlertState, ResolvedReason, Severity};
use crate::domain::amount::Amount;
use crate::domain::causes::{CauseKind, RemedyDocument, RootDocument};
use crate::domain::event::{Acknowledgement, AlertDocument, NoticeReason, Silence};
use crate::domain::month::{Month, japan_date};
use crate::domain::scorecard::{Direction, Measure};
use crate::domain::status::Status;
use crate::domain::text::Text;
use crate::domain::words::{day_name, figure, full_percent, is_percentage, month_name};
use chrono::NaiveDate;

/// Roots that a sentence names.
const ROOTS_MAX: usize = 3;

/// The step and the item; a red one is marked where it is critical.
pub(super) fn title(facts: &AlertFacts, is_red: bool) -> Text {
    let (mark, stage, name) = (
        if is_red {
            severity_mark(facts.severity)
        } else {
            Text::default()
        },
        facts.stage.name(),
        clean::name(&facts.item_name),
    );
    // "相談：セミナー経由の相談" says the step twice.
    let ja = if name.ja.contains(&stage.ja) {
        name.ja
    } else {
        format!("{}：{}", stage.ja, name.ja)
    };
    let en = if name.en.to_lowercase().contains(&stage.en.to_lowercase()) {
        name.en
    } else {
        format!("{}: {}", stage.en, name.en)
    };
    Text::new(format!("{}{ja}", mark.ja), format!("{}{en}", mark.en))
}

pub(super) fn severity_mark(severity: Severity) -> Text {
    match severity {
        Severity::Critical => Text::new("【重大】", "[Critical] "),
        Severity::High => Text::default(),
    }
}

/// Whether more is better.
fn rises(facts: &AlertFacts) -> bool {
    facts.measure.has_bar() || facts.direction == Direction::Higher
}

/// Whether all of the target is planned by now: a flow's year, a bar's time is over.
fn is_whole(facts: &AlertFacts) -> bool {
    facts.target == Some(facts.plan)
}

fn amount(facts: &AlertFacts, amount: Amount) -> Text {
    figure(facts.measure, &facts.unit, &amount.exact())
}

fn actual(facts: &AlertFacts) -> Text {
    facts
        .actual
        .map_or_else(|| Text::new("なし", "none"), |value| amount(facts, value))
}

/// What the actual is held against, by name: "計画", "plan".
fn yardstick(facts: &AlertFacts) -> Text {
    let (ja, en) = match (facts.measure, rises(facts)) {
        (Measure::Flow, true) if facts.year_over => ("年間目標", "the year's target"),
        (Measure::Flow, false) if facts.year_over => ("年間の上限", "the year's limit"),
        (Measure::Cumulative, _) if is_whole(facts) => ("目標", "target"),
        (Measure::Level | Measure::Ratio, true) => ("目標", "target"),
        (_, false) => ("上限", "limit"),
        (Measure::Flow | Measure::Cumulative | Measure::Milestone, true) => ("計画", "plan"),
    };
    Text::new(ja, en)
}

/// The yardstick with its figure: "計画 25 件に対し", "against a plan of 25 cases".
fn against(facts: &AlertFacts) -> Text {
    let (by, plan) = (yardstick(facts), amount(facts, facts.plan));
    // Without a unit the figure stands apart from what follows.
    let space = if plan.ja.ends_with(|c: char| c.is_ascii_digit()) {
        " "
    } else {
        ""
    };
    let article = if by.en.starts_with("the ") { "" } else { "a " };
    Text::new(
        format!("{} {}{space}に対し", by.ja, plan.ja),
        format!("against {article}{} of {}", by.en, plan.en),
    )
}

/// The attainment in whole percents, where it says more than the figures: not
/// beside percentages, and not where less is better.
fn share(facts: &AlertFacts) -> Option<String> {
    let says_more = rises(facts) && !is_percentage(facts.measure, &facts.unit);
    facts
        .attainment
        .filter(|_| says_more)
        .map(|share| full_percent(&share.exact()))
}

/// How far behind, as short as it gets: "計画の60％", "at 60% of plan".
pub(super) fn gap(facts: &AlertFacts) -> Text {
    if facts.actual.is_none() {
        return Text::new("実績なし", "without any figure");
    }
    let actual = actual(facts);
    let gap = if let Some(percent) = share(facts) {
        let by = yardstick(facts);
        Text::new(
            format!("{}の{percent}％", by.ja),
            format!("{percent}% of {}", by.en),
        )
    } else if is_late_milestone(facts) {
        Text::new(format!("進捗 {}", actual.ja), actual.en)
    } else {
        let against = against(facts);
        Text::new(
            format!("{} {}", against.ja, actual.ja),
            format!("{} {}", actual.en, against.en),
        )
    };
    if facts.year_over {
        return Text::new(format!("{}で終了", gap.ja), format!("ended at {}", gap.en));
    }
    Text::new(gap.ja, format!("at {}", gap.en))
}

/// The figures: "計画 25 件に対し実績 15 件（60％）".
pub(super) fn figures(facts: &AlertFacts) -> Text {
    let actual = actual(facts);
    if is_late_milestone(facts) {
        return Text::new(
            format!("進捗 {}", actual.ja),
            format!("Progress {}", actual.en),
        );
    }
    let label = match facts.measure {
        Measure::Cumulative => "累計",
        Measure::Milestone => "進捗",
        Measure::Flow | Measure::Level | Measure::Ratio => "実績",
    };
    let share = share(facts).map_or_else(Text::default, |percent| {
        Text::new(format!("（{percent}％）"), format!(" ({percent}%)"))
    });
    let against = against(facts);
    Text::new(
        format!("{}{label} {}{}", against.ja, actual.ja, share.ja),
        format!("{} {}{}", actual.en, against.en, share.en),
    )
}

/// Of a milestone past its due month only the progress is worth a word: all
/// of it is planned.
fn is_late_milestone(facts: &AlertFacts) -> bool {
    facts.measure == Measure::Milestone && is_whole(facts)
}

/// How bad it is, where the figures alone do not tell.
fn standing(facts: &AlertFacts) -> Text {
    let is_critical = facts.severity == Severity::Critical;
    let (ja, en) = match (facts.measure, rises(facts)) {
        (_, true) if facts.year_over => (
            "年間目標を大きく下回って終わりました。",
            "The year's target was missed by far.",
        ),
        (_, false) if facts.year_over => (
            "年間の上限を大きく超えて終わりました。",
            "The year's limit was exceeded by far.",
        ),
        (Measure::Milestone, _) if is_whole(facts) => (
            "期限までに完了していません。",
            "Not completed by its due month.",
        ),
        (Measure::Cumulative, _) if is_whole(facts) => (
            "期限までに目標に届いていません。",
            "The target was not reached by its due month.",
        ),
        (_, true) if is_critical => {
            let by = yardstick(facts);
            return Text::new(
                format!("{}の半分に届いていません。", by.ja),
                format!("Less than half of {}.", by.en),
            );
        }
        (_, false) if is_critical => ("上限の 2 倍を超えています。", "More than twice the limit."),
        _ => ("", ""),
    };
    Text::new(ja, en)
}

fn since(facts: &AlertFacts) -> Text {
    if facts.opened_month >= facts.month {
        return Text::default();
    }
    let month = month_name(facts.opened_month);
    Text::new(
        format!("{}から赤です。", month.ja),
        format!("Red since {}.", month.en),
    )
}

/// Sentences one after the other.
fn joined(parts: &[Text]) -> Text {
    let ja: String = parts.iter().map(|part| part.ja.as_str()).collect();
    let en: Vec<&str> = parts
        .iter()
        .map(|part| part.en.as_str())
        .filter(|part| !part.is_empty())
        .collect();
    Text::new(ja, en.join(" "))
}

fn sentence(text: &Text) -> Text {
    Text::new(format!("{}。", text.ja), format!("{}.", text.en))
}

/// Where an open alert stands.
pub(super) fn open(facts: &AlertFacts) -> Text {
    joined(&[sentence(&figures(facts)), standing(facts), since(facts)])
}

/// How an alert ended.
pub(super) fn ended(facts: &AlertFacts) -> Text {
    let figures = sentence(&figures(facts));
    let was_red = {
        let month = month_name(facts.opened_month);
        Text::new(
            format!("{}から赤でした。", month.ja),
            format!("It was red since {}.", month.en),
        )
    };
    match facts.resolved_reason {
        Some(ResolvedReason::Recovered) | None => {
            joined(&[Text::new("回復しました。", "Recovered."), figures, was_red])
        }
        Some(ResolvedReason::YearEnded) => joined(&[
            Text::new(
                "取組年が終わったため、このお知らせを終えます。最後の実績：",
                "The programme year is over, and this alert with it. Last figures:",
            ),
            figures,
            Text::new(
                "新しい取組年の実績は、改めて判定します。",
                "The new year is judged afresh.",
            ),
        ]),
        Some(ResolvedReason::PlanChanged) => joined(&[
            Text::new(
                "計画の改定により、お知らせの対象から外れました。",
                "The revised plan no longer marks it as a high hurdle with a target.",
            ),
            was_red,
        ]),
    }
}

/// Why what was told is taken back.
pub(super) fn withdrawn(facts: &AlertFacts) -> Text {
    let month = month_name(facts.opened_month);
    Text::new(
        format!(
            "報告の訂正により赤ではなくなりました。{}分についての先のお知らせを取り消します。",
            month.ja
        ),
        format!(
            "A correction shows that it was not red. The notice for {} is withdrawn.",
            month.en
        ),
    )
}

/// Why an alert that was told before is told again.
pub(super) fn reason(reason: NoticeReason) -> Option<Text> {
    let (ja, en) = match reason {
        NoticeReason::Unfolded => (
            "これまで上流の遅れの影響としていましたが、単独の遅れとしてお知らせします。",
            "So far it stood under a cause upstream; now it stands on its own.",
        ),
        NoticeReason::Reopened => (
            "いったん回復しましたが、再び赤になりました。",
            "It had recovered, and is red again.",
        ),
        NoticeReason::Worsened => (
            "前回のお知らせより悪化しました。",
            "It is worse than when last told.",
        ),
        NoticeReason::NewConsequence => (
            "下流の別のステップも赤になりました。",
            "Another step downstream has turned red.",
        ),
        NoticeReason::Corrected => (
            "訂正により、前回のお知らせの内容が変わりました。",
            "A correction changed what had been told.",
        ),
        NoticeReason::Escalated => (
            "対応がまだ登録されていないため、改めてお知らせします。",
            "Told again because no response has been registered.",
        ),
        NoticeReason::Repeat => (
            "翌月の報告でも赤のままで、対応がまだ登録されていません。",
            "Another month was reported, it is still red, and no response is registered.",
        ),
        NoticeReason::First | NoticeReason::Resolved | NoticeReason::Withdrawn => return None,
    };
    Some(Text::new(ja, en))
}

pub(super) fn cause_label() -> Text {
    Text::new("原因", "Cause")
}

/// Why, in one sentence or two.
pub(super) fn cause(facts: &AlertFacts) -> Text {
    let roots = roots(&facts.cause.root_causes);
    let be = if facts.cause.root_causes.len() > 1 {
        "are"
    } else {
        "is"
    };
    match facts.cause.kind {
        CauseKind::Inherited => Text::new(
            format!(
                "上流から届く量が不足しています。おおもとは{}の遅れです。",
                roots.ja
            ),
            format!(
                "Too little arrives from upstream, where {} {be} behind.",
                roots.en
            ),
        ),
        CauseKind::Preparation => Text::new(
            format!("準備が遅れています。{}が整っていません。", roots.ja),
            format!("Late preparation: {} {be} not ready.", roots.en),
        ),
        CauseKind::Timing => Text::new(
            "計画の時期に無理があります。上流の計画より早い時期に実績を見込んでいるため、月割りの見直しが必要です。",
            "The timing of the plan: it is due before its upstream is planned. Revise the phasing.",
        ),
        CauseKind::Conversion => Text::new(
            "転換率が計画を下回っています。上流からは十分に届いていますが、次へ進む割合が足りません。",
            "Low conversion: enough arrives from upstream, but too little of it goes on.",
        ),
        CauseKind::Execution => Text::new(
            "このステップ自身の取組です。上流の不足や準備の遅れでは説明できません。",
            "Its own work; neither upstream nor preparation explains the shortfall.",
        ),
    }
}

fn roots(roots: &[RootDocument]) -> Text {
    let names: Vec<Text> = roots
        .iter()
        .take(ROOTS_MAX)
        .map(|root| {
            let name = quoted(&clean::name(&root.item_name));
            if root.status == Status::NoData {
                Text::new(
                    format!("{}（未報告）", name.ja),
                    format!("{} (not reported)", name.en),
                )
            } else {
                name
            }
        })
        .collect();
    let listed = listed(&names);
    match roots.len().saturating_sub(ROOTS_MAX) {
        0 => listed,
        more => {
            let more = and_more(more);
            Text::new(
                format!("{}{}", listed.ja, more.ja),
                format!("{} {}", listed.en, more.en),
            )
        }
    }
}

/// Over the consequences of a step that is red, or was.
pub(super) fn folded_label(is_red: bool) -> Text {
    if is_red {
        Text::new("影響を受けているステップ", "Drags down")
    } else {
        Text::new("影響を受けていたステップ", "Dragged down")
    }
}

/// A consequence that stands in this alert.
pub(super) fn folded(alert: &AlertDocument) -> Text {
    let (name, state) = (
        clean::name(&alert.facts.item_name),
        match alert.state {
            AlertState::Open => gap(&alert.facts),
            AlertState::Resolved => Text::new("赤ではなくなりました", "no longer red"),
            AlertState::Withdrawn => Text::new("取り消し", "withdrawn"),
        },
    );
    Text::new(
        format!("{}（{}）", name.ja, state.ja),
        format!("{} ({})", name.en, state.en),
    )
}

pub(super) fn remedies_label() -> Text {
    Text::new(
        "終わっていない準備（取り組む順）",
        "Unfinished preparation, in order",
    )
}

/// An unfinished preparation: how far it is, and when it is due.
pub(super) fn remedy(remedy: &RemedyDocument, month: Month) -> Text {
    let (name, progress) = (clean::name(&remedy.item_name), progress(remedy));
    let due = remedy.due_month.map_or_else(Text::default, |due| {
        let (is_over, due) = (due <= month, month_name(due));
        if is_over {
            Text::new(
                format!("、期限の{}を超過", due.ja),
                format!(", overdue since {}", due.en),
            )
        } else {
            Text::new(format!("、期限 {}", due.ja), format!(", due {}", due.en))
        }
    });
    Text::new(
        format!("{}：{}{}", name.ja, progress.ja, due.ja),
        format!("{}: {}{}", name.en, progress.en, due.en),
    )
}

fn progress(remedy: &RemedyDocument) -> Text {
    let shown = |amount: Amount| figure(remedy.measure, &remedy.unit, &amount.exact());
    match (remedy.actual, remedy.target, remedy.status) {
        (_, _, Status::NotDue) if remedy.actual.is_none_or(|actual| actual == Amount::ZERO) => {
            Text::new("開始前", "not started")
        }
        (None, ..) => Text::new("未報告", "not reported"),
        (Some(actual), _, _) if remedy.measure == Measure::Milestone => {
            let actual = shown(actual);
            Text::new(format!("進捗 {}", actual.ja), format!("{} done", actual.en))
        }
        (Some(actual), Some(target), _) => {
            let (actual, target) = (shown(actual), shown(target));
            Text::new(
                format!("{}（目標 {}）", actual.ja, target.ja),
                format!("{} (target {})", actual.en, target.en),
            )
        }
        (Some(actual), None, _) => shown(actual),
    }
}

pub(super) fn advice_label() -> Text {
    Text::new("次の打ち手", "What to do")
}

pub(super) fn response_label() -> Text {
    Text::new("対応", "Response")
}

/// Who has taken the alert on, what is done, and until when. `today` is a day
/// in Japan.
pub(super) fn acknowledgement(acknowledgement: &Acknowledgement, today: NaiveDate) -> Text {
    let (action, owner, by, due) = (
        clean::note(&acknowledgement.action),
        clean::plain_name(&acknowledgement.owner),
        clean::plain_name(&acknowledgement.by),
        day_name(acknowledgement.due),
    );
    let (over_ja, over_en) = if acknowledgement.due < today {
        ("を超過", " and over")
    } else {
        ("", "")
    };
    Text::new(
        format!(
            "{action}（担当 {owner}、期限 {}{over_ja}、登録 {by}）",
            due.ja
        ),
        format!(
            "{action} (owner {owner}, due {}{over_en}, registered by {by})",
            due.en
        ),
    )
}

/// A plan revision has answered the alert.
pub(super) fn handled() -> Text {
    Text::new(
        "計画を改定済みです。",
        "The plan has been revised in answer.",
    )
}

pub(super) fn silence_label() -> Text {
    Text::new("通知の休止", "Silenced")
}

pub(super) fn silence(silence: &Silence) -> Text {
    let (until, reason) = (
        day_name(japan_date(silence.until)),
        clean::note(&silence.reason),
    );
    Text::new(
        format!("{}まで（{reason}）", until.ja),
        format!("until {} ({reason})", until.en),
    )
}

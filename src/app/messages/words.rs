//! The words around alerts: places, headings, subjects, and the sentences of
//! the other events.

use super::alert_words;
use super::clean;
use crate::domain::alert::{ResolvedReason, Severity};
use crate::domain::event::{
    Digest, DigestLine, DigestOverdue, DisabledEndpoint, EndpointTest, NoticeAlert, NoticeReason,
    Overdue, ScorecardRef,
};
use crate::domain::month::{Month, japan_date};
use crate::domain::status::Status;
use crate::domain::text::Text;
use crate::domain::words::{day_name, full_percent, month_name};

/// What a hub is called in full, and among those who know it.
const HUB_LONG: &str = "プロフェッショナル人材戦略拠点";
const HUB_SHORT: &str = "プロ拠点";

/// The groups of a notice, in the order in which they matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Group {
    Opened,
    Updated,
    Resolved,
    Withdrawn,
}

/// "「相談」", "“Consultations”".
pub(super) fn quoted(name: &Text) -> Text {
    Text::new(format!("「{}」", name.ja), format!("“{}”", name.en))
}

/// Quoted names in a row: "「A」「B」", "“A” and “B”".
pub(super) fn listed(names: &[Text]) -> Text {
    let ja: String = names.iter().map(|name| name.ja.as_str()).collect();
    let en: Vec<&str> = names.iter().map(|name| name.en.as_str()).collect();
    let en = match en.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => en.concat(),
    };
    Text::new(ja, en)
}

/// "ほか 2 件", "and 2 more".
pub(super) fn and_more(count: usize) -> Text {
    Text::new(format!("ほか {count} 件"), format!("and {count} more"))
}

/// What is not shown, and where it is.
pub(super) fn left_out(count: u32, has_link: bool) -> Text {
    if has_link {
        Text::new(
            format!("ほか {count} 件は、リンク先でご覧ください。"),
            format!("{count} more: see the link."),
        )
    } else {
        Text::new(
            format!("ほか {count} 件は省略しました。"),
            format!("{count} more are not shown here."),
        )
    }
}

pub(super) fn link_label() -> Text {
    Text::new("標で詳細を見る", "Open in shirube")
}

pub(super) fn footer() -> Text {
    Text::new(
        "このお知らせは、標（しるべ）が自動で送信しています。",
        "Sent automatically by shirube.",
    )
}

/// The hub, with its prefecture unless its name says it.
pub(super) fn place(about: &ScorecardRef) -> Text {
    let (hub, prefecture) = (
        clean::name(&about.hub.name),
        clean::name(&about.prefecture.name),
    );
    let ja = if hub.ja.starts_with(&prefecture.ja) {
        hub.ja
    } else {
        format!("{} {}", prefecture.ja, hub.ja)
    };
    let en = if hub.en.starts_with(&prefecture.en) {
        hub.en
    } else {
        format!("{}, {}", hub.en, prefecture.en)
    };
    Text::new(ja, en)
}

/// The place in a subject: as short as those who know it say it.
pub(super) fn short_place(about: &ScorecardRef) -> Text {
    let place = place(about);
    Text::new(place.ja.replace(HUB_LONG, HUB_SHORT), place.en)
}

/// The scorecard and the month up to which it speaks.
pub(super) fn scorecard_line(about: &ScorecardRef, month: Month) -> Text {
    let (name, month) = (clean::name(&about.scorecard_name), month_name(month));
    Text::new(
        format!("スコアカード「{}」{}分", name.ja, month.ja),
        format!("Scorecard “{}”, {}", name.en, month.en),
    )
}

pub(super) fn subject(text: &Text) -> Text {
    Text::new(
        format!("【標】{}", text.ja),
        format!("[shirube] {}", text.en),
    )
}

/// The subject of a notice: its first alert, and how many more there are.
pub(super) fn notice_subject(
    about: &ScorecardRef,
    month: Month,
    first: Option<(Group, &NoticeAlert)>,
    more: usize,
) -> Text {
    let (place, month) = (short_place(about), month_name(month));
    let Some((group, first)) = first else {
        return subject(&Text::new(
            format!("お知らせ：{}（{}）", place.ja, month.ja),
            format!("Notice: {} ({})", place.en, month.en),
        ));
    };
    let tag = tag(group, first);
    let name = quoted(&clean::name(&first.alert.facts.item_name));
    let gap = if group == Group::Withdrawn {
        Text::default()
    } else {
        alert_words::gap(&first.alert.facts)
    };
    let (more_ja, more_en) = if more == 0 {
        (String::new(), String::new())
    } else {
        let more = and_more(more);
        (format!("、{}", more.ja), format!(", {}", more.en))
    };
    subject(&Text::new(
        format!(
            "{}：{}{}{}{more_ja}（{}）",
            tag.ja, place.ja, name.ja, gap.ja, month.ja
        ),
        format!(
            "{}: {}, {}{}{more_en} ({})",
            tag.en,
            place.en,
            name.en,
            if gap.en.is_empty() {
                String::new()
            } else {
                format!(" {}", gap.en)
            },
            month.en
        ),
    ))
}

/// What happened, in a word.
fn tag(group: Group, notice: &NoticeAlert) -> Text {
    let critical = notice.alert.facts.severity == Severity::Critical;
    let (ja, en) = match group {
        Group::Withdrawn => ("取消", "Withdrawn"),
        Group::Resolved => match notice.alert.facts.resolved_reason {
            Some(ResolvedReason::YearEnded) => ("取組年終了", "Year ended"),
            Some(ResolvedReason::PlanChanged) => ("計画改定", "Plan revised"),
            Some(ResolvedReason::Recovered) | None => ("回復", "Recovered"),
        },
        Group::Opened | Group::Updated => match notice.reason {
            NoticeReason::Reopened => ("再び赤", "Red again"),
            NoticeReason::Worsened => ("悪化", "Worse"),
            NoticeReason::NewConsequence => ("影響拡大", "Spreading"),
            NoticeReason::Corrected => ("訂正", "Corrected"),
            NoticeReason::Escalated => ("対応待ち", "No response yet"),
            NoticeReason::Repeat => ("赤が継続", "Still red"),
            _ if critical => ("赤・重大", "Red, critical"),
            _ => ("赤", "Red"),
        },
    };
    Text::new(ja, en)
}

/// The heading over a group of alerts.
pub(super) fn group_heading(group: Group, alerts: &[&NoticeAlert]) -> Text {
    let all_recovered = alerts
        .iter()
        .all(|notice| notice.alert.facts.resolved_reason == Some(ResolvedReason::Recovered));
    let heading = match group {
        Group::Opened => Text::new("赤になったステップ", "Red steps"),
        Group::Updated => Text::new("赤のステップの続報", "Updates on red steps"),
        Group::Resolved if all_recovered => Text::new("回復したステップ", "Recovered steps"),
        Group::Resolved => Text::new("赤でなくなったステップ", "Steps no longer red"),
        Group::Withdrawn => Text::new("取り消すお知らせ", "Withdrawn notices"),
    };
    counted(&heading, alerts.len())
}

/// A heading with the number of what stands under it.
pub(super) fn counted(heading: &Text, count: usize) -> Text {
    Text::new(
        format!("{}（{count} 件）", heading.ja),
        format!("{} ({count})", heading.en),
    )
}

pub(super) fn overdue_subject(overdue: &Overdue) -> Text {
    let (place, month) = (short_place(&overdue.about), month_name(overdue.month));
    let count = missing(overdue);
    subject(&Text::new(
        format!("未報告：{} {}分、残り {count} 項目", place.ja, month.ja),
        format!(
            "Report overdue: {}, {}, {count} missing",
            place.en, month.en
        ),
    ))
}

fn missing(overdue: &Overdue) -> usize {
    let truncated = usize::try_from(overdue.truncated).unwrap_or(usize::MAX);
    overdue.missing.len().saturating_add(truncated)
}

pub(super) fn overdue_sentence(overdue: &Overdue) -> Text {
    let (month, due) = (month_name(overdue.month), day_name(overdue.due_on));
    Text::new(
        format!(
            "{}分の報告が、期限の{}を過ぎても完了していません。報告をお願いします。",
            month.ja, due.ja
        ),
        format!(
            "The report for {} was due on {} and is not complete. Please report.",
            month.en, due.en
        ),
    )
}

pub(super) fn overdue_heading(overdue: &Overdue) -> Text {
    counted(
        &Text::new("未報告の項目", "Items not reported"),
        missing(overdue),
    )
}

/// The digest's subject with its counts; the quiet month says so.
pub(super) fn digest_subject(digest: &Digest, red: usize, overdue: usize) -> Text {
    let (scope, month) = (clean::name(&digest.scope), month_name(digest.month));
    let (ja, en) = if red == 0 && overdue == 0 {
        (
            "赤・未報告なし".to_owned(),
            "nothing red, nothing overdue".to_owned(),
        )
    } else {
        (
            format!("赤 {red} 件、未報告 {overdue} 件"),
            format!("{red} red, {overdue} overdue"),
        )
    };
    subject(&Text::new(
        format!("月次まとめ：{} {}（{ja}）", scope.ja, month.ja),
        format!("Monthly digest: {}, {}: {en}", scope.en, month.en),
    ))
}

pub(super) fn digest_scope(digest: &Digest) -> Text {
    let (scope, month) = (clean::name(&digest.scope), month_name(digest.month));
    let count = digest.scorecards;
    let plural = if count == 1 { "" } else { "s" };
    Text::new(
        format!("{} {}分（スコアカード {count} 件）", scope.ja, month.ja),
        format!("{}, {} ({count} scorecard{plural})", scope.en, month.en),
    )
}

/// What to say where a digest has nothing red and nothing overdue.
pub(super) fn digest_quiet(digest: &Digest) -> Text {
    if digest.scorecards == 0 {
        return Text::new(
            "対象のスコアカードはまだありません。",
            "There is no scorecard in this scope yet.",
        );
    }
    Text::new(
        "赤のステップはなく、期限を過ぎた報告もありません。",
        "No step is red, and no report is overdue.",
    )
}

pub(super) fn digest_red_heading() -> Text {
    Text::new("赤のステップ", "Red steps")
}

pub(super) fn digest_overdue_heading() -> Text {
    Text::new("期限を過ぎた報告", "Overdue reports")
}

pub(super) fn digest_resolved_heading() -> Text {
    Text::new("赤でなくなったステップ", "Steps no longer red")
}

pub(super) fn digest_amber_heading() -> Text {
    Text::new("黄のステップ", "Amber steps")
}

/// Hub and scorecard over the lines of a digest.
pub(super) fn digest_entry(about: &ScorecardRef) -> Text {
    let (place, scorecard) = (short_place(about), clean::name(&about.scorecard_name));
    Text::new(
        format!("{}「{}」", place.ja, scorecard.ja),
        format!("{}, “{}”", place.en, scorecard.en),
    )
}

/// One item of a digest that is red.
pub(super) fn digest_red(line: &DigestLine) -> Text {
    let mark = alert_words::severity_mark(line.severity.unwrap_or(Severity::High));
    let response = if line.acknowledged {
        Text::new("対応中", "response registered")
    } else {
        Text::new("対応未登録", "no response yet")
    };
    let line = with_details(line, [attainment(line), since(line), Some(response)]);
    Text::new(
        format!("{}{}", mark.ja, line.ja),
        format!("{}{}", mark.en, line.en),
    )
}

/// One item of a digest that is no longer red.
pub(super) fn digest_resolved(line: &DigestLine) -> Text {
    let was_red = since(line).map(|since| {
        Text::new(
            format!("{}赤でした", since.ja),
            format!("it was red {}", since.en),
        )
    });
    with_details(line, [attainment(line), was_red, None])
}

/// One item of a digest that is amber.
pub(super) fn digest_amber(line: &DigestLine) -> Text {
    let status = match line.status {
        Status::Behind => Some(Text::new("遅れ", "behind")),
        Status::AtRisk => Some(Text::new("注意", "at risk")),
        _ => None,
    };
    with_details(line, [status, attainment(line), None])
}

fn attainment(line: &DigestLine) -> Option<Text> {
    line.attainment.map(|share| {
        let percent = full_percent(&share.exact());
        Text::new(
            format!("達成率 {percent}％"),
            format!("{percent}% attained"),
        )
    })
}

fn since(line: &DigestLine) -> Option<Text> {
    line.opened_month.map(|month| {
        let month = month_name(month);
        Text::new(format!("{}から", month.ja), format!("since {}", month.en))
    })
}

/// "相談（達成率 60％、2028年7月から）".
fn with_details(line: &DigestLine, details: [Option<Text>; 3]) -> Text {
    let name = clean::name(&line.item_name);
    let details: Vec<Text> = details.into_iter().flatten().collect();
    if details.is_empty() {
        return name;
    }
    let ja: Vec<&str> = details.iter().map(|text| text.ja.as_str()).collect();
    let en: Vec<&str> = details.iter().map(|text| text.en.as_str()).collect();
    Text::new(
        format!("{}（{}）", name.ja, ja.join("、")),
        format!("{} ({})", name.en, en.join(", ")),
    )
}

pub(super) fn digest_overdue(line: &DigestOverdue) -> Text {
    let (month, due) = (month_name(line.month), day_name(line.due_on));
    Text::new(
        format!(
            "{}分：残り {} 項目（期限 {}）",
            month.ja, line.missing, due.ja
        ),
        format!("{}: {} missing (due {})", month.en, line.missing, due.en),
    )
}

pub(super) fn disabled_subject(endpoint: &DisabledEndpoint) -> Text {
    let name = clean::plain_name(&endpoint.name);
    subject(&Text::new(
        format!("通知停止：宛先「{name}」"),
        format!("Notices stopped: destination “{name}”"),
    ))
}

pub(super) fn disabled_sentence(endpoint: &DisabledEndpoint) -> Text {
    let name = clean::plain_name(&endpoint.name);
    Text::new(
        format!("宛先「{name}」に届かないため、この宛先への通知を停止しました。"),
        format!("Destination “{name}” cannot be reached; it gets no more notices."),
    )
}

/// Labels and texts of what is known about a stopped destination.
pub(super) fn disabled_details(endpoint: &DisabledEndpoint) -> Vec<(Text, Text)> {
    let mut details = vec![(Text::new("理由", "Reason"), clean::notes(&endpoint.reason))];
    if let Some(since) = endpoint.failing_since {
        let day = day_name(japan_date(since));
        details.push((
            Text::new("失敗の始まり", "Failing since"),
            Text::new(day.ja, day.en),
        ));
    }
    let waiting = endpoint.waiting;
    details.push((
        Text::new("未送信", "Not sent"),
        Text::new(format!("{waiting} 件"), waiting.to_string()),
    ));
    details.push((
        Text::new("次にすること", "What to do"),
        Text::new(
            "宛先の設定を直して再開し、未送信の通知を送り直してください。",
            "Correct the destination, enable it again, and replay what was not sent.",
        ),
    ));
    details
}

pub(super) fn test_subject(test: &EndpointTest) -> Text {
    let name = clean::plain_name(&test.name);
    subject(&Text::new(
        format!("テスト通知：宛先「{name}」"),
        format!("Test notice: destination “{name}”"),
    ))
}

pub(super) fn test_sentence() -> Text {
    Text::new(
        "これはテスト通知です。この宛先は、標からの通知を受け取れます。",
        "This is a test. The destination can receive notices from shirube.",
    )
}

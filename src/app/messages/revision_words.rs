//! The words about a revision of a plan.

use super::clean;
use super::words::{counted, quoted, short_place, subject};
use crate::domain::event::{PlanRevised, RevisedPart};
use crate::domain::revision::{Kind, Op, RevisionState};
use crate::domain::text::Text;
use crate::domain::words::month_name;

pub(super) fn title(revised: &PlanRevised) -> Text {
    let place = short_place(&revised.about);
    let version = revised.version;
    let (ja, en) = match revised.state {
        RevisionState::Proposed => ("計画改定の提案", "Plan revision proposed"),
        RevisionState::InForce => ("計画の改定", "Plan revised"),
        RevisionState::Rejected => ("計画改定の却下", "Plan revision rejected"),
    };
    subject(&Text::new(
        format!("{ja}：{}（第 {version} 版）", place.ja),
        format!("{en}: {}, version {version}", place.en),
    ))
}

pub(super) fn scorecard(revised: &PlanRevised) -> Text {
    let name = clean::name(&revised.about.scorecard_name);
    Text::new(
        format!("スコアカード「{}」", name.ja),
        format!("Scorecard “{}”", name.en),
    )
}

/// What became of the revision, and what is to be done.
pub(super) fn sentence(revised: &PlanRevised) -> Text {
    let month = month_name(revised.effective_month);
    let version = revised.version;
    let by = clean::plain_name(revised.decided_by.as_deref().unwrap_or(&revised.author));
    match revised.state {
        RevisionState::Proposed => Text::new(
            format!(
                "{}からの計画の改定（第 {version} 版）が提案されました。内容を確かめて、承認または却下してください。承認されるまで、判定は変わりません。",
                month.ja
            ),
            format!(
                "A revision of the plan (version {version}) from {} on is proposed. Please approve or reject it; until then no status changes.",
                month.en
            ),
        ),
        RevisionState::InForce => Text::new(
            format!(
                "{by} により、{}から計画の第 {version} 版が適用されます。それより前の月の判定は変わりません。",
                month.ja
            ),
            format!(
                "By decision of {by}, version {version} of the plan holds from {} on. Earlier months keep their statuses.",
                month.en
            ),
        ),
        RevisionState::Rejected => Text::new(
            format!(
                "{by} により、{}からの計画の改定は却下されました。計画は変わりません。",
                month.ja
            ),
            format!(
                "{by} rejected the revision of the plan from {} on. The plan stays as it is.",
                month.en
            ),
        ),
    }
}

pub(super) fn author(revised: &PlanRevised) -> Text {
    let name = clean::plain_name(&revised.author);
    Text::new(format!("提案者：{name}"), format!("Proposed by {name}"))
}

pub(super) fn reason_label() -> Text {
    Text::new("理由", "Reason")
}

pub(super) fn note_label() -> Text {
    Text::new("決定のコメント", "Note on the decision")
}

/// What somebody wrote, the same in both languages.
pub(super) fn written(text: &str) -> Text {
    let text = clean::note(text);
    Text::new(text.clone(), text)
}

pub(super) fn heading(revised: &PlanRevised) -> Text {
    let truncated = usize::try_from(revised.truncated).unwrap_or(usize::MAX);
    counted(
        &Text::new("変更点", "Changes"),
        revised.changes.len().saturating_add(truncated),
    )
}

/// "項目の追加：「セミナーの型化」".
pub(super) fn change(change: &RevisedPart) -> Text {
    let (kind_ja, kind_en) = match change.kind {
        Kind::Item => ("項目", "item"),
        Kind::Link => ("リンク", "link"),
        Kind::Setting => ("判定の設定", "setting"),
        Kind::Parameter => ("パラメータ", "parameter"),
    };
    let (op_ja, op_en) = match change.op {
        Op::Add => ("追加", "New"),
        Op::Change => ("変更", "Changed"),
        Op::Retire => ("廃止", "Retired"),
    };
    let name = change.name.as_ref().map_or_else(
        || {
            let key = clean::plain_name(&change.key);
            Text::new(key.clone(), key)
        },
        |name| quoted(&clean::name(name)),
    );
    Text::new(
        format!("{kind_ja}の{op_ja}：{}", name.ja),
        format!("{op_en} {kind_en}: {}", name.en),
    )
}

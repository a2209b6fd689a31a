//! How each kind of problem of a sheet is mended, where its message does not say so.

use super::super::issue::{Issue, IssueCode};
use super::super::text::Text;

/// The issues, each with a way to mend it.
#[must_use]
pub fn with_remedies(issues: Vec<Issue>) -> Vec<Issue> {
    issues
        .into_iter()
        .map(|issue| match (&issue.remedy, remedy(issue.code)) {
            (None, Some((ja, en))) => issue.mended_by(Text::new(ja, en)),
            _ => issue,
        })
        .collect()
}

const fn remedy(code: IssueCode) -> Option<(&'static str, &'static str)> {
    Some(match code {
        IssueCode::NotWhole => ("整数に直してください。", "Give a whole number."),
        IssueCode::Negative => (
            "0 以上の値に直してください。取り消すときは「取消の理由」の列に理由を入れます。",
            "Give 0 or more. To take a figure back, give the reason in a column \"clear\".",
        ),
        IssueCode::OutOfRange => (
            "桁や単位を確かめて、値を直してください。",
            "Check digits and unit, and correct the figure.",
        ),
        IssueCode::TooManyDecimals => (
            "ROUND 関数などで、小数第 4 位までに丸めてください。",
            "Round it to four decimals, for example with ROUND.",
        ),
        IssueCode::ShareAboveOne => (
            "分子と分母が入れ替わっていないか確かめてください。",
            "Check whether numerator and denominator are exchanged.",
        ),
        IssueCode::WrongShape => (
            "比率の項目は分子と分母を、それ以外の項目は実績値を入れてください。",
            "Give numerator and denominator for a ratio, the value for every other item.",
        ),
        IssueCode::DuplicateCell => (
            "どちらか一方の行か列を消してください。",
            "Delete one of the two.",
        ),
        IssueCode::MonthBeforeStart => (
            "月を確かめてください。開始月より前の値は取り込めません。",
            "Check the month; nothing before the start can be imported.",
        ),
        IssueCode::MonthNotEnded => (
            "月を確かめ、終わっていない月の値は空欄にしてください。",
            "Check the month, and leave months that have not ended blank.",
        ),
        IssueCode::MonthApproved => (
            "この月の値を空欄にするか、道府県に差し戻しか再開を頼んでください。",
            "Leave this month blank, or ask the prefecture to return or reopen it.",
        ),
        IssueCode::UnreadableFigure => (
            "数字だけを半角か全角で入れてください。0 件は 0、対象外の月は「対象外：理由」です。",
            "Write the number alone: 0 for none, \"対象外：reason\" where the month does not apply.",
        ),
        IssueCode::FormulaWithoutValue => (
            "ファイルを Excel で開いて再計算し、上書き保存してから取り込んでください。",
            "Open the file in Excel, recalculate it, save it, and import it again.",
        ),
        IssueCode::ItemRetired => (
            "計画から外れた項目です。この月の値を空欄にしてください。",
            "The item has left the plan; leave it blank in this month.",
        ),
        IssueCode::UnknownItem => (
            "この月の計画にある項目か確かめ、なければ値を空欄にしてください。",
            "Check whether the plan of this month has the item; else leave it blank.",
        ),
        IssueCode::UnknownReference => (
            "拠点コードとスコアカードキーを確かめてください。",
            "Check the hub's code and the scorecard's key.",
        ),
        _ => return None,
    })
}

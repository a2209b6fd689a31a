//! Words for figures that are no actuals of one month: plans, sums, other times.

use super::folded::{folded, folded_whole, remark};

/// Words for figures that are planned.
const PLANS: [&str; 6] = ["計画", "目標", "予定", "予算", "予測", "見込"];
/// Words for figures of another time or of several months: 前年実績 is no actual either.
const SUMS: [&str; 27] = [
    "前年",
    "昨年",
    "前月",
    "前期",
    "累計",
    "累積",
    "合計",
    "小計",
    "総計",
    "上期",
    "下期",
    "上半期",
    "下半期",
    "四半期",
    "通期",
    "年間",
    "平均",
    "達成率",
    "達成度",
    "進捗率",
    "増減",
    "差異",
    "差引",
    "伸び率",
    "対比",
    "比較",
    "見込",
];
/// Such words, each as all that a heading or a cell says.
const ALONE: [&str; 45] = [
    "計画",
    "目標",
    "予定",
    "予算",
    "予測",
    "見込",
    "見込み",
    "当初",
    "前年",
    "前年度",
    "前年同月",
    "前年同期",
    "昨年",
    "昨年度",
    "前月",
    "前期",
    "累計",
    "累積",
    "合計",
    "小計",
    "総計",
    "計",
    "平均",
    "達成率",
    "達成度",
    "進捗率",
    "増減",
    "差異",
    "差引",
    "差",
    "前年比",
    "対前年比",
    "計画比",
    "目標比",
    "plan",
    "planned",
    "target",
    "budget",
    "forecast",
    "lastyear",
    "cumulative",
    "total",
    "average",
    "previousyear",
    "ytd",
];
/// What may stand before them.
const BEFORE: [&str; 8] = [
    "年間",
    "年度",
    "月次",
    "月別",
    "当初",
    "修正",
    "各月",
    "今年度",
];
/// What may stand behind them.
const BEHIND: [&str; 6] = ["値", "数", "額", "件数", "実績", "実績値"];
/// Parts of a year, over the months that they have.
const PERIODS: [&str; 9] = [
    "上期",
    "下期",
    "上半期",
    "下半期",
    "通期",
    "第1四半期",
    "第2四半期",
    "第3四半期",
    "第4四半期",
];

/// Characters of the longest title that is looked into.
const TITLE_CHARS_MAX: usize = 60;

/// What words for sums may stand between.
pub const TOTAL_BRACKETS: &[char] = &[
    '<', '>', '〈', '〉', '《', '》', '【', '】', '[', ']', '(', ')', '*', '=', '-',
];

/// Whether a heading says somewhere that its figures are a plan, a sum or of another
/// time.
#[must_use]
pub fn is_no_actual(text: &str) -> bool {
    if is_long(text) {
        return false;
    }
    let text = folded_whole(text);
    let says = |words: &[&str]| words.iter().any(|word| text.contains(word));
    says(&PLANS) || says(&SUMS) || ALONE.contains(&text.as_str()) || text.ends_with('計')
}

/// Whether a text says nothing else: `計画`, `令和7年度目標値`, `実績（累計）`.
#[must_use]
pub fn is_no_actual_alone(text: &str) -> bool {
    if is_long(text) {
        return false;
    }
    if remark(text).is_some_and(|remark| is_no_actual_alone(&remark)) {
        return true;
    }
    let whole = folded(text);
    let whole = whole.trim_matches(TOTAL_BRACKETS);
    let word = match whole.rsplit_once("年度") {
        Some((_, rest)) if !rest.is_empty() => rest,
        _ => whole,
    };
    let word = BEFORE.iter().fold(word, |word, before| {
        word.strip_prefix(before)
            .filter(|rest| !rest.is_empty())
            .unwrap_or(word)
    });
    [whole, word].into_iter().any(|word| {
        let bare = BEHIND.iter().find_map(|behind| word.strip_suffix(behind));
        ALONE.contains(&word) || bare.is_some_and(|bare| ALONE.contains(&bare))
    })
}

/// Whether a text is a part of a year.
#[must_use]
pub fn is_period(text: &str) -> bool {
    PERIODS.contains(&folded(text).as_str())
}

/// Whether words say that figures are what happened in the month.
#[must_use]
pub fn is_actual(text: &str) -> bool {
    if is_long(text) {
        return false;
    }
    let text = folded_whole(text);
    let says = |words: &[&str]| words.iter().any(|word| text.contains(word));
    says(&["実績", "報告", "入力", "進捗", "actual", "result", "report"]) && !says(&SUMS)
}

/// What is longer than any title is no word for figures.
#[must_use]
pub fn is_long(text: &str) -> bool {
    text.char_indices().nth(TITLE_CHARS_MAX).is_some()
}

//! What headings of columns mean, in the words of offices and of our own exports.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::super::code::coded_enum;
use super::figure_text::is_counter;
use super::folded::{folded, folded_whole, one_width, remark};
use super::no_actuals::{TOTAL_BRACKETS, is_long, is_no_actual};

coded_enum! {
    /// What a column, or a label with a value beside it, says.
    pub enum Meaning {
        /// Code of the item.
        Item => "item",
        /// Name of the item.
        Name => "name",
        Month => "month",
        Value => "value",
        Numerator => "numerator",
        Denominator => "denominator",
        /// Which of these three a row holds.
        Part => "part",
        /// Why the item does not count in the month.
        NotApplicable => "not_applicable",
        /// Why an earlier figure is taken back.
        Clear => "clear",
        Hub => "hub",
        /// The scorecard's key within its hub.
        Key => "key",
        /// The scorecard's identifier.
        Scorecard => "scorecard",
        Ignored => "ignored",
    }
}

/// Headings by what they mean, folded.
const WORDS: [(Meaning, &[&str]); 13] = [
    (
        Meaning::Item,
        &[
            "項目コード",
            "kpiコード",
            "指標コード",
            "コード",
            "code",
            "item",
            "itemcode",
            "itemkey",
            "kpicode",
        ],
    ),
    (
        Meaning::Name,
        &[
            "項目名",
            "項目",
            "指標",
            "指標名",
            "kpi",
            "kpi名",
            "kpi項目",
            "kpi指標",
            "評価指標",
            "成果指標",
            "活動指標",
            "取組",
            "取組項目",
            "内容",
            "itemname",
            "name",
            "indicator",
            "kpiname",
        ],
    ),
    (
        Meaning::Month,
        &[
            "対象月",
            "月",
            "年月",
            "対象年月",
            "報告月",
            "実績月",
            "計上月",
            "集計月",
            "month",
            "period",
            "reportingmonth",
        ],
    ),
    (
        Meaning::Value,
        &[
            "実績値",
            "実績",
            "値",
            "数値",
            "当月実績",
            "当月",
            "今月",
            "今月の値",
            "今月の実績",
            "今月実績",
            "月次実績",
            "実績数",
            "実績件数",
            "実績人数",
            "実数",
            "単月",
            "単月実績",
            "件数",
            "value",
            "actual",
            "result",
            "actualvalue",
        ],
    ),
    (Meaning::Numerator, &["分子", "numerator"]),
    (Meaning::Denominator, &["分母", "denominator"]),
    (
        Meaning::Part,
        &[
            "区分",
            "内訳",
            "種別",
            "種類",
            "予実",
            "予実区分",
            "計画実績",
            "計画/実績",
            "part",
        ],
    ),
    (
        Meaning::NotApplicable,
        &[
            "対象外の理由",
            "対象外理由",
            "対象外",
            "notapplicable",
            "notapplicablereason",
        ],
    ),
    (
        Meaning::Clear,
        &[
            "取消の理由",
            "取消理由",
            "取り消しの理由",
            "取消",
            "clear",
            "clearreason",
        ],
    ),
    (Meaning::Hub, &["拠点コード", "拠点", "hub", "hubcode"]),
    (
        Meaning::Key,
        &["スコアカードキー", "スコアカード", "scorecardkey", "key"],
    ),
    (
        Meaning::Scorecard,
        &["スコアカードid", "scorecard", "scorecardid"],
    ),
    (
        Meaning::Ignored,
        &[
            "段階",
            "stage",
            "視点",
            "perspective",
            "トラック",
            "系統",
            "経路",
            "track",
            "単位",
            "unit",
            "集計方法",
            "集計",
            "measure",
            "計画",
            "計画値",
            "plan",
            "目標",
            "目標値",
            "年間目標",
            "target",
            "前月",
            "前月実績",
            "previousmonth",
            "前年同月",
            "前年",
            "前年度",
            "前年実績",
            "lastyear",
            "備考",
            "note",
            "notes",
            "remarks",
            "メモ",
            "コメント",
            "comment",
            "累計",
            "累積",
            "年度累計",
            "total",
            "合計",
            "計",
            "小計",
            "総計",
            "年計",
            "年度計",
            "年間計",
            "平均",
            "状態",
            "status",
            "旗",
            "flag",
            "達成率",
            "進捗率",
            "attainment",
            "不足",
            "shortfall",
            "差",
            "増減",
            "担当",
            "担当者",
            "入力者",
            "更新日",
            "報告日",
            "no",
            "no.",
            "番号",
            "項番",
            "連番",
            "通番",
            "#",
            "重点",
            "ハードル",
            "highhurdle",
            "拠点名",
            "hubname",
            "スコアカード名",
            "道府県",
            "都道府県",
            "prefecture",
            "prefecturename",
            "市場類型",
            "markettype",
            "template",
            "テンプレート",
            "itemnameen",
            "direction",
            "fiscalyear",
            "年度",
            "fiscalquarter",
            "四半期",
            "programmeyear",
            "programmemonth",
            "cellstate",
            "planversion",
        ],
    ),
];

/// Words of the cells of a column of parts.
const PARTS: [(Meaning, &[&str]); 3] = [
    (
        Meaning::Value,
        &[
            "実績値",
            "実績",
            "実績数",
            "実数",
            "値",
            "当月",
            "当月実績",
            "単月",
            "value",
            "actual",
        ],
    ),
    (Meaning::Numerator, &["分子", "numerator"]),
    (Meaning::Denominator, &["分母", "denominator"]),
];

/// First words of rows that sum up others.
const TOTALS: [&str; 7] = [
    "計", "総数", "total", "totals", "sum", "subtotal", "average",
];
/// Last words of such rows.
const TOTAL_ENDS: [&str; 9] = [
    "合計",
    "月計",
    "小計",
    "総計",
    "累計",
    "平均",
    "達成率",
    "期計",
    "間計",
];
/// First signs of rows that explain.
const NOTES: [&str; 8] = ["※", "*", "注)", "(注", "注:", "注1", "備考", "note:"];

/// What a heading means by itself. A remark in brackets may say that its figures
/// are no actuals: `実績（累計）`.
#[must_use]
pub fn meaning_of(heading: &str) -> Option<Meaning> {
    if is_long(heading) {
        return None;
    }
    if remark(heading).is_some_and(|remark| is_no_actual(&remark)) {
        return Some(Meaning::Ignored);
    }
    let heading = folded(heading);
    WORDS
        .iter()
        .find_map(|(meaning, words)| words.contains(&heading.as_str()).then_some(*meaning))
}

/// Which part of a ratio a cell names.
#[must_use]
pub fn part_of(text: &str) -> Option<Meaning> {
    let text = folded(text);
    PARTS
        .iter()
        .find_map(|(part, words)| words.contains(&text.as_str()).then_some(*part))
}

/// Whether a row sums up others, by its label.
#[must_use]
pub fn is_total(label: &str) -> bool {
    let label = one_width(label);
    let label = folded(label.trim_matches(TOTAL_BRACKETS));
    TOTALS.contains(&label.as_str()) || TOTAL_ENDS.iter().any(|end| label.ends_with(end))
}

/// Whether a row explains something, by its label.
#[must_use]
pub fn is_note(label: &str) -> bool {
    let label = one_width(label).to_lowercase();
    NOTES.iter().any(|sign| label.starts_with(sign))
}

/// Whether a heading is that of remarks.
#[must_use]
pub fn is_remark_heading(heading: &str) -> bool {
    let words = [
        "備考",
        "メモ",
        "コメント",
        "note",
        "notes",
        "remarks",
        "comment",
    ];
    words.contains(&folded(heading).as_str())
}

/// A unit that figures would have to be multiplied by, in a heading or beside it.
#[must_use]
pub fn multiplying_unit(text: &str) -> Option<&'static str> {
    unit_in(&folded(text))
}

/// The unit of all money that a text states: `（単位：千円）`, `千円`, `※金額は千円`.
#[must_use]
pub fn stated_money_unit(text: &str) -> Option<&'static str> {
    let text = folded_whole(text);
    let unit = unit_in(&text)?;
    let is_alone = text.trim_matches(['(', ')', '[', ']']) == unit;
    let states = ["単位", "金額", "※", "注"]
        .iter()
        .any(|word| text.contains(word));
    (is_alone || states).then_some(unit)
}

fn unit_in(text: &str) -> Option<&'static str> {
    ["千円", "万円", "百万円", "億円", "千人", "千件"]
        .into_iter()
        .filter(|unit| text.contains(unit))
        .max_by_key(|unit| unit.len())
}

/// Foreign headings and names of items as a hub has explained them once.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mapping {
    /// Meanings by heading.
    pub headings: BTreeMap<String, Meaning>,
    /// Keys of items by the text that stands for them.
    pub items: BTreeMap<String, String>,
}

impl Mapping {
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.headings.is_empty() && self.items.is_empty()
    }
}

/// A mapping, to be asked for texts as sheets write them: what is folded alike is
/// the same.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ForeignWords {
    headings: BTreeMap<String, Meaning>,
    items: BTreeMap<String, String>,
}

impl From<&Mapping> for ForeignWords {
    fn from(mapping: &Mapping) -> Self {
        let headings = mapping.headings.iter();
        let items = mapping.items.iter();
        Self {
            headings: headings
                .map(|(text, meaning)| (folded_whole(text), *meaning))
                .collect(),
            items: items
                .map(|(text, item)| (folded_whole(text), item.clone()))
                .collect(),
        }
    }
}

impl ForeignWords {
    /// What this heading means here.
    #[must_use]
    pub fn meaning(&self, heading: &str) -> Option<Meaning> {
        found(&self.headings, heading).copied()
    }

    /// The key of the item that this text stands for here.
    #[must_use]
    pub fn item(&self, text: &str) -> Option<&str> {
        found(&self.items, text).map(String::as_str)
    }

    /// The texts that stand for items here.
    pub fn item_texts(&self) -> impl Iterator<Item = &String> {
        self.items.keys()
    }
}

/// By the whole text, else by what stands before its unit.
fn found<'a, T>(entries: &'a BTreeMap<String, T>, text: &str) -> Option<&'a T> {
    if entries.is_empty() {
        return None;
    }
    entries.get(&folded_whole(text)).or_else(|| {
        let unit = remark(text)?;
        is_counter(&unit).then(|| entries.get(&folded(text)))?
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_heading_means_two_things() {
        let mut all: Vec<&str> = WORDS
            .iter()
            .flat_map(|(_, words)| *words)
            .copied()
            .collect();
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count);
        for word in all {
            assert_eq!(folded(word), word, "{word} is not folded");
        }
    }

    #[test]
    fn headings_in_both_languages() {
        for (heading, meaning) in [
            ("項目コード", Some(Meaning::Item)),
            ("Item Code", Some(Meaning::Item)),
            ("KPI名", Some(Meaning::Name)),
            ("指標", Some(Meaning::Name)),
            ("実績値（件）", Some(Meaning::Value)),
            ("今月の値", Some(Meaning::Value)),
            ("対象外の理由", Some(Meaning::NotApplicable)),
            ("前年\n同月", Some(Meaning::Ignored)),
            ("not_applicable", Some(Meaning::NotApplicable)),
            ("scorecard_key", Some(Meaning::Key)),
            ("スコアカードＩＤ", Some(Meaning::Scorecard)),
            ("謎", None),
            ("", None),
        ] {
            assert_eq!(meaning_of(heading), meaning, "{heading}");
        }
    }

    #[test]
    fn every_column_of_facts_has_a_meaning() {
        for column in super::super::super::fact::COLUMNS {
            assert!(meaning_of(column.name).is_some(), "{}", column.name);
        }
    }

    #[test]
    fn totals_and_notes_are_told() {
        for total in [
            "合　計",
            "Total",
            "＜合計＞",
            "累計",
            "上半期計",
            "総数",
            "プロセス合計",
        ] {
            assert!(is_total(total), "{total}");
        }
        assert!(!is_total("合計特殊出生率") && !is_total("支援計画の策定"));
        for other in ["実績（累計）", "件数（前年）", "値(計画)", "Actual (total)"] {
            assert_eq!(meaning_of(other), Some(Meaning::Ignored), "{other}");
        }
        assert!(is_note("※ 9月末時点") && is_note("（注）速報値") && !is_note("相談"));
        assert_eq!(multiplying_unit("手数料収入（千円）"), None);
        assert_eq!(multiplying_unit("千円"), Some("千円"));
        assert_eq!(multiplying_unit("百万円"), Some("百万円"));
    }

    #[test]
    fn a_mapping_finds_what_is_written_a_little_differently() {
        let mapping = Mapping {
            headings: BTreeMap::from([("相談（銀行経由）".to_owned(), Meaning::Value)]),
            items: BTreeMap::from([("銀行 相談".to_owned(), "consult-bank".to_owned())]),
        };
        let words = ForeignWords::from(&mapping);
        assert_eq!(words.meaning("相談(銀行経由)"), Some(Meaning::Value));
        assert_eq!(words.meaning("相談"), None);
        assert_eq!(words.item("銀行相談"), Some("consult-bank"));
        assert_eq!(words.item("銀行相談（件）"), Some("consult-bank"));
        assert_eq!(words.item("銀行相談（副業）"), None);
    }
}

//! The headings of columns and labels that go out in files and come back in
//! again. What is filled in is found by them, so they are never changed.

pub const HUB: &str = "拠点コード";
pub const HUB_NAME: &str = "拠点名";
pub const SCORECARD: &str = "スコアカードID";
pub const SCORECARD_KEY: &str = "スコアカードキー";
pub const SCORECARD_NAME: &str = "スコアカード名";
pub const MONTH: &str = "対象月";
pub const ITEM: &str = "項目コード";
pub const STAGE: &str = "段階";
pub const TRACK: &str = "トラック";
pub const NAME: &str = "項目名";
pub const UNIT: &str = "単位";
pub const MEASURE: &str = "集計方法";
pub const TARGET: &str = "目標";
pub const PLAN: &str = "計画";
pub const LAST_YEAR: &str = "前年同月";
pub const PREVIOUS_MONTH: &str = "前月";
pub const VALUE: &str = "実績値";
pub const NUMERATOR: &str = "分子";
pub const DENOMINATOR: &str = "分母";
pub const NOT_APPLICABLE: &str = "対象外の理由";
pub const STATUS: &str = "状態";
/// What a row of a table by months holds: [`VALUE`], [`NUMERATOR`] or [`DENOMINATOR`].
pub const PART: &str = "区分";

/// How a cell of a table by months says that the month does not count; a reason
/// follows after [`REASON_SIGN`].
pub const NOT_APPLICABLE_CELL: &str = "対象外";
pub const REASON_SIGN: char = '：';

/// In the first cell of a sheet that is there to be read, and not to be imported.
pub const NOT_IMPORTED: &str = "取込対象外";

//! What the cells of the form take, and what they say to who fills them in: the
//! same that a report is checked for.

use rust_xlsxwriter::{DataValidation, DataValidationRule, Formula, XlsxError};

use super::form::{Column, Columns};
use crate::domain::amount::AMOUNT_LIMIT;
use crate::domain::scorecard::{Item, Measure};
use crate::domain::strict_json::NOTE_CHARS_MAX;
use crate::domain::words::unit_name;

const FULL_PERCENT: i64 = 100;

/// What a figure's cell takes.
pub(super) fn figure(
    item: &Item,
    column: Column,
    row: u32,
    columns: &Columns,
) -> Result<DataValidation, XlsxError> {
    let (least, most) = bounds(item);
    let number = |limit: i64| Formula::new(limit.to_string());
    let within = DataValidationRule::Between(number(least), number(most));
    let rule = DataValidation::new();
    let rule = match column {
        Column::Numerator if item.proportion => rule.allow_custom(part(item, row, columns, true)),
        Column::Denominator if item.proportion => {
            rule.allow_custom(part(item, row, columns, false))
        }
        _ if item.reports_whole() => rule.allow_whole_number_formula(within),
        _ => rule.allow_decimal_number_formula(within),
    };
    rule.set_input_title(title(item, column))?
        .set_input_message(prompt(item, column))?
        .set_error_title("入力できない値です")?
        .set_error_message(fault(item))
}

/// What the cell of a reason takes.
pub(super) fn reason() -> Result<DataValidation, XlsxError> {
    let most = u32::try_from(NOTE_CHARS_MAX).unwrap_or(u32::MAX);
    DataValidation::new()
        .allow_text_length(DataValidationRule::LessThanOrEqualTo(most))
        .set_input_title("対象外の理由")?
        .set_input_message(
            "この月はこの項目を数えないときだけ、理由を入力します（例：休館のため）。実績値は空欄のままにします。",
        )?
        .set_error_title("長すぎます")?
        .set_error_message(format!("理由は {NOTE_CHARS_MAX} 文字までです。"))
}

/// The least and the greatest figure.
fn bounds(item: &Item) -> (i64, i64) {
    if item.measure == Measure::Milestone {
        return (0, FULL_PERCENT);
    }
    let most = AMOUNT_LIMIT - 1;
    let may_be_negative =
        item.unit.is_money() && matches!(item.measure, Measure::Flow | Measure::Cumulative);
    (if may_be_negative { -most } else { 0 }, most)
}

/// Of a part of a whole: a figure, and the numerator not above the denominator.
fn part(item: &Item, row: u32, columns: &Columns, is_numerator: bool) -> Formula {
    let numerator = columns.place(Column::Numerator, row);
    let denominator = columns.place(Column::Denominator, row);
    let (own, other) = if is_numerator {
        (&numerator, &denominator)
    } else {
        (&denominator, &numerator)
    };
    let whole = if item.reports_whole() {
        format!("{own}=INT({own}),")
    } else {
        String::new()
    };
    Formula::new(format!(
        "=AND(ISNUMBER({own}),{own}>=0,{whole}OR({other}=\"\",{numerator}<={denominator}))"
    ))
}

fn title(item: &Item, column: Column) -> String {
    let what = match column {
        Column::Numerator => "分子",
        Column::Denominator => "分母",
        _ => "実績値",
    };
    let unit = unit_name(item.measure, &item.unit).ja;
    if item.measure == Measure::Ratio || unit.is_empty() {
        what.to_owned()
    } else {
        format!("{what}（{unit}）")
    }
}

fn prompt(item: &Item, column: Column) -> String {
    let what = match item.measure {
        Measure::Flow => "この月の分だけを入力します（累計ではありません）。",
        Measure::Cumulative => "この月に増えた分だけを入力します（累計ではありません）。",
        Measure::Level => "月末の値を入力します。",
        Measure::Milestone => "月末の進捗を 0 から 100（％）で入力します。",
        Measure::Ratio if column == Column::Numerator => {
            "この月の分子を入力します。分母も入力してください。"
        }
        Measure::Ratio => "この月の分母を入力します。分子も入力してください。",
    };
    format!("{what}0 のときは 0、報告しないときは空欄のままにします。")
}

fn fault(item: &Item) -> String {
    let kind = if item.reports_whole() {
        "整数"
    } else {
        "数値"
    };
    let (least, _) = bounds(item);
    let what = match item.measure {
        Measure::Milestone => "0 から 100 までの数値".to_owned(),
        _ if least < 0 => format!("{kind}（減額はマイナス）"),
        _ => format!("0 以上の{kind}"),
    };
    let part = if item.proportion {
        "分子は分母以下にしてください。"
    } else {
        ""
    };
    format!(
        "{what}を入力してください。{part}単位や「件」などの文字は付けません。この項目を数えない月は、右の「対象外の理由」に理由を入力します。"
    )
}

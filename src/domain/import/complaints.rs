//! What may be wrong with the cells of a table, in words for whoever filled it in.

use super::super::issue::{Issue, IssueCode};
use super::super::month::Month;
use super::super::report::VALUES_MAX;
use super::super::sheet::{Place, Position, Sheet};
use super::super::text::Text;
use super::table::Column;
use super::{error_at, pointer};

/// More figures than one request may report.
pub fn too_many_figures() -> Issue {
    Issue::error(
        IssueCode::OutOfRange,
        "",
        Text::new(
            format!("一度に取り込めるのは {VALUES_MAX} 件の値までです。月か拠点で分けてください。"),
            format!(
                "At most {VALUES_MAX} figures can be imported at a time. Split the file by month or hub."
            ),
        ),
    )
}

/// A table below another one.
pub fn second_table(place: Place) -> Issue {
    error_at(
        IssueCode::UnknownHeading,
        place,
        Text::new(
            "ここから別の表が始まっています。一枚のシートから取り込む表は一つです。",
            "Another table begins here. One table is imported of a sheet.",
        ),
    )
    .mended_by(Text::new(
        "表を別のシートか別のファイルに分けて、一つずつ取り込んでください。",
        "Put the tables into sheets or files of their own, and import them one by one.",
    ))
}

/// One of several rows of an item.
pub fn split_item(place: Place, word: &str) -> Issue {
    error_at(
        IssueCode::UnknownHeading,
        place,
        Text::new(
            format!("一つの項目に行がいくつもあり、「{word}」の行がその項目の実績か分かりません。"),
            format!("The item has several rows; whether \"{word}\" is its actual is not known."),
        ),
    )
    .mended_by(Text::new(
        "項目全体の実績の行の区分を「実績」とし、内訳の行は別の表に分けてください。",
        "Call the row with the item's actual \"実績\", and put its parts into another table.",
    ))
}

/// A figure that a comma has parted.
pub fn parted_figure(place: Place) -> Issue {
    error_at(
        IssueCode::UnreadableFigure,
        place,
        Text::new(
            "この行は見出しより長くなっています。桁区切りのコンマで値が分かれたようです。",
            "The row is longer than the headings: a comma seems to have parted a figure.",
        ),
    )
    .mended_by(Text::new(
        "桁区切りのない数字にするか、値を \"1,234\" のように引用符で囲んでください。",
        "Write the figure without commas, or in quotes: \"1,234\".",
    ))
}

/// Figures beside no name.
pub fn nameless(place: Place) -> Issue {
    error_at(
        IssueCode::Missing,
        place,
        Text::new("値がありますが、項目が書かれていません。", "There are figures, but no item is named."),
    )
    .mended_by(Text::new(
        "この行に項目コードか項目名を入れるか、合計や注記ならその言葉（合計、※）を行の頭に入れてください。",
        "Put the item's code or name into this row, or begin it with the word for what it is (total, ※).",
    ))
}

/// A unit that figures would have to be multiplied by.
pub fn unit_multiplies(place: Place, unit: &str) -> Issue {
    error_at(
        IssueCode::UnreadableFigure,
        place,
        Text::new(
            format!("単位が「{unit}」です。"),
            format!("The unit is \"{unit}\"."),
        ),
    )
    .mended_by(Text::new(
        "1 円、1 人、1 件を単位とする数字に直し、単位の表示も改めてください。",
        "Give the figures in single yen, people or cases, and correct the unit.",
    ))
}

/// A month that cannot be read, or lacks its year.
pub fn unreadable_month(place: Place, lacks_year: bool) -> Issue {
    let value = &place.value;
    let message = if lacks_year {
        Text::new(
            format!("「{value}」が何年の月か分かりません。"),
            format!("The year of \"{value}\" is not known."),
        )
    } else {
        Text::new(
            format!("「{value}」は月として読めません。"),
            format!("\"{value}\" cannot be read as a month."),
        )
    };
    error_at(IssueCode::UnreadableMonth, place, message).mended_by(Text::new(
        "2028-09、2028年9月、令和10年9月、R10.9 のように書いてください。",
        "Write it like 2028-09, 2028/9 or Sep 2028.",
    ))
}

/// A column of another month than the field above the table says.
pub fn two_months(place: Place, field: Month) -> Issue {
    let value = &place.value;
    let message = Text::new(
        format!("対象月の欄は {field} ですが、列の月が違います（{value}）。"),
        format!("The field of the month says {field}, but the column is of another (\"{value}\")."),
    );
    error_at(IssueCode::UnreadableMonth, place, message).mended_by(Text::new(
        "どちらかを直してください。",
        "Correct one of them.",
    ))
}

/// A figure that is of no month.
pub fn monthless(place: Place) -> Issue {
    error_at(
        IssueCode::UnreadableMonth,
        place,
        Text::new("何月の値か分かりません。", "The month of this figure is not known."),
    )
    .mended_by(Text::new(
        "「対象月」の列か、表の上に「対象月　2028-09」を入れるか、取り込みのときに月を指定してください。",
        "Add a column \"month\", or \"month  2028-09\" above the table, or give the month with the import.",
    ))
}

/// A dash says nothing; that it was taken so has to be seen.
pub fn dash(place: Place) -> Issue {
    let value = &place.value;
    let message = Text::new(
        format!("「{value}」は未報告として、そのままにします。"),
        format!("\"{value}\" is taken as not reported; the cell stays as it is."),
    );
    let path = pointer(&place.sheet, place.position);
    Issue::warning(IssueCode::UnreadableFigure, path, message)
        .at(place)
        .mended_by(Text::new(
            "0 件なら 0、対象にならない月なら「対象外：理由」と入れてください。",
            "Write 0 for none, and \"対象外：reason\" where the month does not apply.",
        ))
}

/// A heading that is not known: an error where its figures must not be lost.
pub fn unknown_heading(sheet: &Sheet, heading_row: u32, column: &Column, is_error: bool) -> Issue {
    let place = Place {
        sheet: sheet.name.clone(),
        position: Position {
            row: heading_row,
            column: column.column,
        },
        value: column.heading.clone(),
    };
    let shown = if column.heading.is_empty() {
        "（見出しなし）"
    } else {
        &column.heading
    };
    if is_error {
        let message = Text::new(
            format!("数字の入った列の見出し「{shown}」の意味が分かりません。"),
            format!("The heading \"{shown}\" of a column with figures is not known."),
        );
        return error_at(IssueCode::UnknownHeading, place, message).mended_by(Text::new(
            "月（2028年9月）や項目名なら正しく書き直し、取り込まない列なら拠点の対応表で「取り込まない」にするか、列を消してください。",
            "Correct it where it is a month or an item; mark it as ignored in the hub's mapping, or delete the column, where it is not to be imported.",
        ));
    }
    let message = Text::new(
        format!("列「{shown}」は取り込みません。"),
        format!("The column \"{shown}\" is not imported."),
    );
    let path = pointer(&place.sheet, place.position);
    Issue::warning(IssueCode::UnknownHeading, path, message)
        .at(place)
        .mended_by(Text::new(
            "取り込むときは、拠点の対応表にこの見出しの意味を登録してください。",
            "To import it, put the meaning of this heading into the hub's mapping.",
        ))
}

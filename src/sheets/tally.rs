//! What has been kept of a file so far, against its limits.

use super::{CELLS_MAX, COLUMNS_MAX, ROWS_MAX, Refused, TEXT_BYTES_MAX, TEXT_CHARS_MAX, refused};
use crate::domain::sheet::{Cell, Row, Sheet, column_name};
use crate::domain::text::Text;

/// Counts what is kept of a file.
#[derive(Debug, Default)]
pub(super) struct Tally {
    rows: usize,
    cells: usize,
    text_bytes: usize,
}

impl Tally {
    /// Puts a cell at the end of a sheet; its row is the last one, or a new one.
    pub(super) fn keep(
        &mut self,
        sheet: &mut Sheet,
        row: u32,
        column: u32,
        cell: Cell,
    ) -> Result<(), Refused> {
        if column >= COLUMNS_MAX {
            return Err(too_many_columns());
        }
        self.cells += 1;
        if self.cells > CELLS_MAX {
            return Err(too_many(CELLS_MAX, "セル", "cells"));
        }
        self.text_bytes += bytes_of(&cell);
        if self.text_bytes > TEXT_BYTES_MAX {
            return Err(too_much_text());
        }
        match sheet.rows.last_mut() {
            Some(last) if last.index == row => last.cells.push((column, cell)),
            _ => {
                self.rows += 1;
                if self.rows > ROWS_MAX {
                    return Err(too_many(ROWS_MAX, "行", "rows"));
                }
                sheet.rows.push(Row {
                    index: row,
                    cells: vec![(column, cell)],
                });
            }
        }
        Ok(())
    }
}

fn bytes_of(cell: &Cell) -> usize {
    match cell {
        Cell::Text(text) | Cell::Error(text) | Cell::Number { digits: text, .. } => text.len(),
        Cell::Date(_) | Cell::Boolean(_) | Cell::NotCalculated => 0,
    }
}

fn too_many(limit: usize, ja: &str, en: &str) -> Refused {
    Refused::too_large(
        Text::new(
            format!("値の入った{ja}が多すぎます。1ファイルの上限は{limit}です。"),
            format!("Too many {en} hold something: at most {limit} in a file."),
        ),
        Text::new(
            "期間や拠点で分けて、いくつかのファイルにして送ってください。実績と関係のないシートは除いてください。",
            "Split the file by period or hub and send the parts, without sheets that hold no figures.",
        ),
    )
}

pub(super) fn too_many_columns() -> Refused {
    let last = column_name(COLUMNS_MAX - 1);
    Refused::too_large(
        Text::new(
            format!("{last}列より右に値があります。読める列数の上限は{COLUMNS_MAX}です。"),
            format!(
                "There are values to the right of column {last}; at most {COLUMNS_MAX} columns are read."
            ),
        ),
        Text::new(
            format!("{last}列より右の列を削除してから、もう一度送ってください。"),
            format!("Delete the columns to the right of {last} and send the file again."),
        ),
    )
}

fn too_much_text() -> Refused {
    let limit = TEXT_BYTES_MAX / (1_024 * 1_024);
    Refused::too_large(
        Text::new(
            format!("文字の量が多すぎます。1ファイルの上限は{limit} MiBです。"),
            format!("There is too much text: at most {limit} MiB in a file."),
        ),
        refused::only_the_figures(),
    )
}

/// A text longer than a cell can hold.
pub(super) fn text_too_long(place: &str) -> Refused {
    Refused::too_large(
        Text::new(
            format!("1つのセルの文字が多すぎます（{place}）。上限は{TEXT_CHARS_MAX}字です。"),
            format!("A cell holds too much text ({place}): at most {TEXT_CHARS_MAX} characters."),
        ),
        Text::new(
            "そのセルの文字を短くしてから、もう一度送ってください。",
            "Shorten the text and send the file again.",
        ),
    )
}

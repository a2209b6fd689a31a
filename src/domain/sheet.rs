//! A spreadsheet as it was read: sheets of cells, each with its place. What the
//! cells mean is [`super::import`]'s business; how a file becomes cells is that of
//! `sheets`.

use std::fmt;

use chrono::NaiveDate;

use super::code::coded_enum;

coded_enum! {
    /// The kind of file that a workbook was read from.
    pub enum FileFormat {
        Xlsx => "xlsx",
        Csv => "csv",
    }
}

/// A file, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Workbook {
    pub format: FileFormat,
    /// Of a text file, the encoding that was found, by its code (`utf-8`, `cp932`, …).
    pub encoding: Option<&'static str>,
    /// Of a text file, what separates its fields.
    pub delimiter: Option<char>,
    pub sheets: Vec<Sheet>,
}

/// One sheet; a text file has one, without a name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sheet {
    pub name: String,
    pub is_hidden: bool,
    /// Rows that hold anything, from the top.
    pub rows: Vec<Row>,
    pub merged: Vec<Merged>,
}

/// A row that holds anything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row {
    /// From 0.
    pub index: u32,
    /// Cells that hold anything, with their columns from 0, from the left.
    pub cells: Vec<(u32, Cell)>,
}

/// What a cell holds. Blank ones are left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    Text(String),
    /// A number as decimal digits, at most 15 significant ones, as spreadsheets keep them.
    Number {
        digits: String,
        /// Shown as a percentage: `0.12` stands there as `12%`.
        is_percent: bool,
    },
    /// A cell that shows a date, in whatever calendar.
    Date(NaiveDate),
    Boolean(bool),
    /// A formula's failure, as the program shows it: `#DIV/0!`.
    Error(String),
    /// A formula whose result is not in the file.
    NotCalculated,
}

/// Cells that are joined into one, both ends included; the content is in the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Merged {
    pub first: Position,
    pub last: Position,
}

/// The place of a cell in its sheet, from 0. Written `C5`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    pub row: u32,
    pub column: u32,
}

/// A cell with what stands in it, for people who have to find it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    pub sheet: String,
    pub position: Position,
    pub value: String,
}

/// Characters of a cell that are shown to whoever has to find it.
const EXCERPT_CHARS_MAX: usize = 100;

impl Cell {
    /// The beginning of what stands in a cell, for people who have to find it.
    #[must_use]
    pub fn excerpt(&self) -> String {
        match self {
            Self::Text(text) | Self::Error(text) => {
                match text.char_indices().nth(EXCERPT_CHARS_MAX) {
                    Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
                    None => text.clone(),
                }
            }
            other => other.to_string(),
        }
    }
}

impl Row {
    /// What stands in a column.
    #[must_use]
    pub fn cell(&self, column: u32) -> Option<&Cell> {
        let found = self.cells.binary_search_by_key(&column, |(at, _)| *at);
        found
            .ok()
            .and_then(|index| self.cells.get(index))
            .map(|(_, cell)| cell)
    }
}

impl Sheet {
    /// What stands in a cell.
    #[must_use]
    pub fn cell(&self, position: Position) -> Option<&Cell> {
        let found = self
            .rows
            .binary_search_by_key(&position.row, |row| row.index);
        found
            .ok()
            .and_then(|index| self.rows.get(index))?
            .cell(position.column)
    }

    /// What a reader sees in a cell: of joined cells, the content of the first.
    #[must_use]
    pub fn shown(&self, position: Position) -> Option<&Cell> {
        let joined = self.merged.iter().find(|merged| merged.covers(position));
        self.cell(joined.map_or(position, |merged| merged.first))
    }
}

impl Merged {
    #[must_use]
    pub const fn covers(&self, at: Position) -> bool {
        self.first.row <= at.row
            && at.row <= self.last.row
            && self.first.column <= at.column
            && at.column <= self.last.column
    }
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) | Self::Error(text) => f.write_str(text),
            Self::Number { digits, .. } => f.write_str(digits),
            Self::Date(date) => write!(f, "{date}"),
            Self::Boolean(true) => f.write_str("TRUE"),
            Self::Boolean(false) => f.write_str("FALSE"),
            Self::NotCalculated => f.write_str("="),
        }
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", column_name(self.column), u64::from(self.row) + 1)
    }
}

/// The letters of a column, from 0: `A`, `Z`, `AA`.
#[must_use]
pub fn column_name(column: u32) -> String {
    let mut letters = Vec::new();
    let mut rest = u64::from(column) + 1;
    while rest > 0 {
        let digit = u32::try_from((rest - 1) % 26).unwrap_or(0);
        letters.push(char::from_u32(u32::from('A') + digit).unwrap_or('A'));
        rest = (rest - 1) / 26;
    }
    letters.iter().rev().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_have_letters() {
        for (column, letters) in [
            (0, "A"),
            (25, "Z"),
            (26, "AA"),
            (701, "ZZ"),
            (702, "AAA"),
            (16_383, "XFD"),
        ] {
            assert_eq!(column_name(column), letters);
        }
        assert_eq!(Position { row: 4, column: 2 }.to_string(), "C5");
    }

    #[test]
    fn joined_cells_show_the_first() {
        let sheet = Sheet {
            rows: vec![Row {
                index: 2,
                cells: vec![(1, Cell::Text("令和10年度".to_owned()))],
            }],
            merged: vec![Merged {
                first: Position { row: 2, column: 1 },
                last: Position { row: 2, column: 12 },
            }],
            ..Sheet::default()
        };
        let at = |row, column| sheet.shown(Position { row, column });
        assert_eq!(at(2, 12), at(2, 1));
        assert!(at(2, 1).is_some());
        assert_eq!(at(2, 13), None);
        assert_eq!(sheet.cell(Position { row: 2, column: 12 }), None);
    }
}

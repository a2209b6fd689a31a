//! Files of cells, read: good ones as people make them, bad ones as attackers
//! do, and what the worst of them cost.

#![allow(
    clippy::expect_used,
    clippy::format_collect,
    clippy::panic,
    clippy::print_stderr,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test fails by panicking, and may be slow"
)]

#[path = "../../fuzz/src/check.rs"]
mod check;
mod corpus;
mod cost;
mod foreign;
mod hostile;
mod made;
#[path = "../../fuzz/src/package.rs"]
mod package;
mod text_files;
#[path = "../../fuzz/src/understood.rs"]
mod understood;
mod workbooks;

use shirube::domain::sheet::{Cell, Position, Sheet, Workbook};
use shirube::sheets::{ReadOptions, Refused, read};
use shirube::{domain, sheets};

fn opened(bytes: &[u8]) -> Workbook {
    read(bytes, &ReadOptions::default()).unwrap_or_else(|refused| panic!("{refused:?}"))
}

/// The only sheet of a file.
fn only_sheet(bytes: &[u8]) -> Sheet {
    let mut book = opened(bytes);
    assert_eq!(book.sheets.len(), 1, "{book:?}");
    book.sheets.remove(0)
}

/// Why a file is refused; what a person reads is there in both languages.
fn refused(bytes: &[u8]) -> Refused {
    let refused = match read(bytes, &ReadOptions::default()) {
        Err(refused) => refused,
        Ok(book) => panic!("read: {book:?}"),
    };
    for text in [&refused.message, &refused.remedy] {
        assert!(text.ja.ends_with('。'), "{}", text.ja);
        assert!(text.en.ends_with('.'), "{}", text.en);
    }
    refused
}

/// What stands in a cell, by its reference.
fn at<'a>(sheet: &'a Sheet, reference: &str) -> Option<&'a Cell> {
    sheet.cell(position(reference))
}

fn position(reference: &str) -> Position {
    let (letters, row) = reference.split_at(reference.find(|c: char| c.is_ascii_digit()).unwrap());
    let column = letters.bytes().fold(0, |column, letter| {
        column * 26 + u32::from(letter - b'A') + 1
    });
    Position {
        row: row.parse::<u32>().unwrap() - 1,
        column: column - 1,
    }
}

fn text(text: &str) -> Cell {
    Cell::Text(text.to_owned())
}

fn number(digits: &str) -> Cell {
    Cell::Number {
        digits: digits.to_owned(),
        is_percent: false,
    }
}

fn percent(digits: &str) -> Cell {
    Cell::Number {
        digits: digits.to_owned(),
        is_percent: true,
    }
}

fn date(date: &str) -> Cell {
    Cell::Date(date.parse().unwrap())
}

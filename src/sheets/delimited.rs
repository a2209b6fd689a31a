//! Text files of cells: fields between commas, tabs or semicolons.

use csv::{ReaderBuilder, StringRecord};

use super::encoding::{TextEncoding, decoded};
use super::tally::{Tally, text_too_long, too_many_columns};
use super::{Refused, TEXT_CHARS_MAX, plain_of};
use crate::domain::sheet::{Cell, FileFormat, Sheet, Workbook};
use crate::domain::text::Text;

/// What may separate fields, the likeliest first where two do equally well.
const DELIMITERS: [char; 3] = ['\t', ',', ';'];
/// What a text without any of them is read with.
const DEFAULT_DELIMITER: char = ',';
/// Rows that are looked at to find the delimiter, and how many of them need to
/// hold anything.
const SAMPLE_ROWS_MAX: usize = 1_000;
const SAMPLE_ROWS: usize = 30;
const QUOTE: char = '"';
/// Fields in a line of the text; the widest spreadsheet has no more columns.
const LINE_FIELDS_MAX: usize = 16_384;

/// Reads a text file.
pub(super) fn read(bytes: &[u8], wanted: Option<TextEncoding>) -> Result<Workbook, Refused> {
    let (text, encoding) = decoded(bytes, wanted)?;
    // The reader holds a row as a whole, however many fields it has.
    if text
        .split(['\r', '\n'])
        .any(|line| line.matches(DELIMITERS).count() >= LINE_FIELDS_MAX)
    {
        return Err(too_many_columns());
    }
    let delimiter = delimiter_of(&text);
    let mut sheet = Sheet::default();
    let mut tally = Tally::default();
    for_each_row(&text, delimiter, |row, fields| {
        for (column, field) in (0..).zip(fields.iter().map(plain_of)) {
            if field.trim().is_empty() {
                continue;
            }
            if field.len() > TEXT_CHARS_MAX && field.chars().count() > TEXT_CHARS_MAX {
                let row = u64::from(row) + 1;
                return Err(text_too_long(&format!("{row}行目 / row {row}")));
            }
            let cell = Cell::Text(field.to_owned());
            tally.keep(&mut sheet, row, column, cell)?;
        }
        Ok(true)
    })?;
    Ok(Workbook {
        format: FileFormat::Csv,
        encoding: Some(encoding.code()),
        delimiter: Some(delimiter),
        sheets: vec![sheet],
    })
}

/// Calls for each row with its index, blank ones left out, as long as it says so.
fn for_each_row(
    text: &str,
    delimiter: char,
    mut visit: impl FnMut(u32, &StringRecord) -> Result<bool, Refused>,
) -> Result<(), Refused> {
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(u8::try_from(delimiter).unwrap_or(b','))
        .from_reader(text.as_bytes());
    let mut record = StringRecord::new();
    let mut next_row: u32 = 0;
    loop {
        let start = place(&reader);
        let is_read = reader
            .read_record(&mut record)
            .map_err(|_error| Refused::damaged("CSV"))?;
        if !is_read {
            return Ok(());
        }
        let (before, written) = text
            .get(..place(&reader))
            .and_then(|read| read.split_at_checked(start))
            .unwrap_or_default();
        let (blank, written) = without_blank_rows(before, written);
        let row = next_row.saturating_add(blank);
        if is_open(written, delimiter) {
            return Err(unclosed_quote(row));
        }
        next_row = row.saturating_add(1);
        if !visit(row, &record)? {
            return Ok(());
        }
    }
}

fn place(reader: &csv::Reader<&[u8]>) -> usize {
    usize::try_from(reader.position().byte()).unwrap_or(usize::MAX)
}

/// Rows that the reader passes over before a record, but people count, and the
/// record itself.
fn without_blank_rows<'a>(before: &str, written: &'a str) -> (u32, &'a str) {
    let mut rest = written;
    // The reader ends a record amid `\r\n`.
    if before.ends_with('\r') {
        rest = rest.strip_prefix('\n').unwrap_or(rest);
    }
    let mut blank = 0;
    while let Some(left) = rest
        .strip_prefix("\r\n")
        .or_else(|| rest.strip_prefix(['\r', '\n']))
    {
        blank += 1;
        rest = left;
    }
    (blank, rest)
}

/// Whether a quote that a record opens is never closed: then it swallowed what
/// follows it.
fn is_open(record: &str, delimiter: char) -> bool {
    let mut is_field_start = true;
    let mut is_quoted = false;
    let mut is_quote_before = false;
    for character in record.chars() {
        if is_quoted && is_quote_before && character != QUOTE {
            is_quoted = false;
        }
        if is_quoted {
            is_quote_before = character == QUOTE && !is_quote_before;
        } else if character == QUOTE && is_field_start {
            is_quoted = true;
            is_quote_before = false;
        }
        is_field_start = !is_quoted && character == delimiter;
    }
    is_quoted && !is_quote_before
}

/// What separates the fields: what the most rows hold, then what the rows hold most of.
fn delimiter_of(text: &str) -> char {
    let mut best = (DEFAULT_DELIMITER, 0);
    for delimiter in DELIMITERS {
        let (mut rows, mut seen, mut passed) = (0, 0, 0);
        let looked = for_each_row(text, delimiter, |_, fields| {
            passed += 1;
            let held = fields
                .iter()
                .filter(|field| !field.trim().is_empty())
                .count();
            seen += usize::from(held > 0);
            rows += usize::from(fields.len() > 1 && held > 0);
            Ok(seen < SAMPLE_ROWS && passed < SAMPLE_ROWS_MAX)
        });
        if looked.is_ok() && rows > best.1 {
            best = (delimiter, rows);
        }
    }
    best.0
}

fn unclosed_quote(row: u32) -> Refused {
    let row = u64::from(row) + 1;
    Refused::new(
        Text::new(
            format!("{row}行目の引用符（\"）が閉じられていません。"),
            format!("A quotation mark (\") in row {row} is never closed."),
        ),
        Text::new(
            "その行の引用符の数を直すか、Excelで開いて「CSV UTF-8（コンマ区切り）」として保存し直してください。",
            "Correct the quotation marks of that row, or open the file in Excel and save it as “CSV UTF-8 (Comma delimited)”.",
        ),
    )
}

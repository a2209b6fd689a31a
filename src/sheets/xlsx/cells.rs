//! The cells of a worksheet.

use chrono::NaiveDate;

use super::super::tally::Tally;
use super::super::xml::{Step, XmlPart};
use super::super::{MERGED_MAX, Refused, plain_of, refused};
use super::Shared;
use super::number::{date_of, digits_of, time_of};
use super::number_format::Shown;
use super::strings::{append_item, unescaped};
use crate::domain::sheet::{Cell, Merged, Position, Sheet};
use crate::domain::text::Text;

/// Rows and columns of the largest sheet there is.
const SHEET_ROWS: u32 = 1_048_576;
const SHEET_COLUMNS: u32 = 16_384;

/// Reads the cells of a sheet, and which of them are joined.
pub(super) fn read(
    part: &mut XmlPart<'_>,
    shared: &Shared,
    tally: &mut Tally,
    sheet: &mut Sheet,
) -> Result<(), Refused> {
    let mut has_rows = false;
    loop {
        match part.next()? {
            Step::Start if part.name() == "sheetData" => {
                // A second table would stand upon the first.
                if has_rows {
                    return Err(part.damaged());
                }
                has_rows = true;
                rows(part, shared, tally, sheet)?;
            }
            Step::Start if part.name() == "mergeCell" => join(part, sheet)?,
            Step::Over => return Ok(()),
            _ => {}
        }
    }
}

fn rows(
    part: &mut XmlPart<'_>,
    shared: &Shared,
    tally: &mut Tally,
    sheet: &mut Sheet,
) -> Result<(), Refused> {
    let outside = part.depth().saturating_sub(1);
    let mut next_row = 0;
    loop {
        match part.next()? {
            Step::Start if part.name() == "row" => {
                let row = match part.attribute("r")? {
                    Some(number) => number
                        .parse::<u32>()
                        .ok()
                        .and_then(|row| row.checked_sub(1)),
                    None => Some(next_row),
                };
                let row = row
                    .filter(|row| (next_row..SHEET_ROWS).contains(row))
                    .ok_or_else(|| part.damaged())?;
                next_row = row + 1;
                cells(part, row, shared, tally, sheet)?;
            }
            Step::Start => part.skip()?,
            Step::End if part.depth() <= outside => return Ok(()),
            Step::Over => return Err(part.damaged()),
            Step::End | Step::Text => {}
        }
    }
}

fn cells(
    part: &mut XmlPart<'_>,
    row: u32,
    shared: &Shared,
    tally: &mut Tally,
    sheet: &mut Sheet,
) -> Result<(), Refused> {
    let outside = part.depth().saturating_sub(1);
    let mut next_column = 0;
    loop {
        match part.next()? {
            Step::Start if part.name() == "c" => {
                let stated = Stated::of(
                    part,
                    Position {
                        row,
                        column: next_column,
                    },
                )?;
                next_column = stated.place.column + 1;
                if let Some(cell) = cell(part, &stated, shared)? {
                    tally.keep(sheet, row, stated.place.column, cell)?;
                }
            }
            Step::Start => part.skip()?,
            Step::End if part.depth() <= outside => return Ok(()),
            Step::Over => return Err(part.damaged()),
            Step::End | Step::Text => {}
        }
    }
}

/// What kind of value a cell states.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Number,
    Shared,
    Text,
    Boolean,
    Error,
    Date,
}

/// What a cell says before its content.
struct Stated {
    place: Position,
    kind: Kind,
    style: usize,
}

impl Stated {
    /// The cell that began; at the next place of its row unless it says where.
    fn of(part: &XmlPart<'_>, next: Position) -> Result<Self, Refused> {
        let [reference, kind, style] = part.attributes(["r", "t", "s"])?;
        let place = reference.map_or(Some(next), |reference| position(&reference));
        let place = place
            .filter(|place| place.row == next.row && place.column >= next.column)
            .ok_or_else(|| part.damaged())?;
        let kind = match kind.as_deref() {
            None | Some("n") => Kind::Number,
            Some("s") => Kind::Shared,
            Some("str" | "inlineStr") => Kind::Text,
            Some("b") => Kind::Boolean,
            Some("e") => Kind::Error,
            Some("d") => Kind::Date,
            Some(_) => return Err(part.damaged()),
        };
        let style = style.map_or(Ok(0), |style| style.parse());
        Ok(Self {
            place,
            kind,
            style: style.unwrap_or(usize::MAX),
        })
    }
}

/// The content of the cell that began; `None` where it is blank.
fn cell(part: &mut XmlPart<'_>, stated: &Stated, shared: &Shared) -> Result<Option<Cell>, Refused> {
    let outside = part.depth().saturating_sub(1);
    let mut value: Option<String> = None;
    let mut is_formula = false;
    loop {
        match part.next()? {
            Step::Start if part.name() == "v" => {
                part.append_text(value.get_or_insert_default())?;
            }
            Step::Start if part.name() == "is" => append_item(part, value.get_or_insert_default())?,
            Step::Start => {
                is_formula |= part.name() == "f";
                part.skip()?;
            }
            Step::End if part.depth() <= outside => break,
            Step::Over => return Err(part.damaged()),
            Step::End | Step::Text => {}
        }
    }
    let value = match value {
        // A formula may well come to nothing, but says so.
        None if is_formula => return Ok(Some(Cell::NotCalculated)),
        Some(value) if is_formula && value.trim().is_empty() && stated.kind != Kind::Text => {
            return Ok(Some(Cell::NotCalculated));
        }
        None => return Ok(None),
        Some(value) => value,
    };
    // Blanks between the tags say nothing, of whatever kind the cell is.
    if value.trim().is_empty() {
        return Ok(None);
    }
    let shown = shared
        .styles
        .get(stated.style)
        .copied()
        .unwrap_or(Shown::Digits);
    Ok(match stated.kind {
        Kind::Number => Some(number(&value, shown, shared)),
        Kind::Shared => {
            let index = value.trim().parse().ok();
            let text = index.and_then(|index| shared.strings.get(index));
            text_cell(text.ok_or_else(|| part.damaged())?)
        }
        Kind::Text => text_cell(&unescaped(&value)),
        Kind::Boolean => Some(Cell::Boolean(matches!(value.trim(), "1" | "true" | "TRUE"))),
        Kind::Error => Some(Cell::Error(value)),
        Kind::Date => Some(iso_date(&value)),
    })
}

/// A text; one that shows nothing is blank.
fn text_cell(text: &str) -> Option<Cell> {
    let text = plain_of(text);
    (!text.trim().is_empty()).then(|| Cell::Text(text.to_owned()))
}

fn number(value: &str, shown: Shown, shared: &Shared) -> Cell {
    let text = || Cell::Text(value.to_owned());
    let Ok(number) = value.trim().parse::<f64>() else {
        return text();
    };
    let special = match shown {
        Shown::Date => date_of(number, shared.epoch).map(Cell::Date),
        Shown::Time => time_of(number, false).map(Cell::Text),
        Shown::Duration => time_of(number, true).map(Cell::Text),
        Shown::With(word) => digits_of(number).map(|digits| Cell::Text(format!("{digits}{word}"))),
        Shown::Digits | Shown::Percent => None,
    };
    special.unwrap_or_else(|| {
        digits_of(number).map_or_else(text, |digits| Cell::Number {
            digits,
            is_percent: shown == Shown::Percent,
        })
    })
}

/// A date as ISO 8601 writes it, `2028-09-01T00:00:00`.
fn iso_date(value: &str) -> Cell {
    let day = value.split('T').next().unwrap_or_default();
    day.parse::<NaiveDate>()
        .map_or_else(|_| Cell::Text(value.to_owned()), Cell::Date)
}

/// Notes joined cells; those without content show nothing, joined or not.
fn join(part: &XmlPart<'_>, sheet: &mut Sheet) -> Result<(), Refused> {
    let reference = part.attribute("ref")?.ok_or_else(|| part.damaged())?;
    let (first, last) = reference
        .split_once(':')
        .unwrap_or((&reference, &reference));
    let (Some(first), Some(last)) = (position(first), position(last)) else {
        return Err(part.damaged());
    };
    if first.row > last.row || first.column > last.column {
        return Err(part.damaged());
    }
    if first != last && sheet.cell(first).is_some() {
        sheet.merged.push(Merged { first, last });
        if sheet.merged.len() > MERGED_MAX {
            return Err(too_many_joined());
        }
    }
    Ok(())
}

fn too_many_joined() -> Refused {
    Refused::too_large(
        Text::new(
            format!("結合セルが多すぎます。1シートの上限は{MERGED_MAX}です。"),
            format!("Too many cells are merged: at most {MERGED_MAX} regions in a sheet."),
        ),
        refused::only_the_figures(),
    )
}

/// A place by its reference, `C5` or `$C$5`.
fn position(reference: &str) -> Option<Position> {
    let reference = reference.trim();
    let letters = reference.trim_start_matches('$');
    let digits = letters.trim_start_matches(|letter: char| letter.is_ascii_alphabetic());
    let letters = letters.strip_suffix(digits)?;
    if letters.is_empty() || letters.len() > 3 {
        return None;
    }
    let number = letters.bytes().fold(0, |number: u32, letter| {
        number * 26 + u32::from(letter.to_ascii_uppercase() - b'A') + 1
    });
    let row: u32 = digits.trim_start_matches('$').parse().ok()?;
    let column = number.checked_sub(1)?;
    let row = row.checked_sub(1)?;
    (column < SHEET_COLUMNS && row < SHEET_ROWS).then_some(Position { row, column })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_places() {
        let at = |row, column| Some(Position { row, column });
        for (reference, place) in [
            ("A1", at(0, 0)),
            ("C5", at(4, 2)),
            ("$C$5", at(4, 2)),
            ("aa10", at(9, 26)),
            ("XFD1048576", at(1_048_575, 16_383)),
            ("XFE1", None),
            ("A1048577", None),
            ("A0", None),
            ("A", None),
            ("5", None),
            ("", None),
            ("AAAA1", None),
            ("あ1", None),
            ("A99999999999", None),
        ] {
            assert_eq!(position(reference), place, "{reference}");
        }
    }
}

//! What was reported as a CSV that can be imported as it is: one row a cell, or
//! items by months.

use csv::{Terminator, Writer, WriterBuilder};

use super::{Unwritten, neutralised};
use crate::domain::amount::Amount;
use crate::domain::code::coded_enum;
use crate::domain::export::headings::{
    DENOMINATOR, HUB, ITEM, MONTH, NAME, NOT_APPLICABLE, NOT_APPLICABLE_CELL, NUMERATOR, PART,
    REASON_SIGN, SCORECARD_KEY, STAGE, UNIT, VALUE,
};
use crate::domain::export::{CellRow, CellTable, Line};
use crate::domain::ledger::{Cell, Figure};
use crate::domain::scorecard::Measure;
use crate::domain::words::unit_name;

coded_enum! {
    /// How the table lies.
    pub enum Layout {
        /// One row a cell.
        Long => "long",
        /// One row an item, of a ratio two; one column a month.
        Wide => "wide",
    }
}

/// The table as text.
///
/// # Errors
/// Where it cannot be written; there is no such case for text.
pub fn actuals_csv(table: &CellTable, layout: Layout) -> Result<String, Unwritten> {
    let mut rows = WriterBuilder::new()
        .terminator(Terminator::CRLF)
        .from_writer(Vec::new());
    match layout {
        Layout::Long => long(table, &mut rows)?,
        Layout::Wide => wide(table, &mut rows)?,
    }
    let bytes = rows.into_inner().map_err(Unwritten::because)?;
    String::from_utf8(bytes).map_err(Unwritten::because)
}

fn long(table: &CellTable, rows: &mut Writer<Vec<u8>>) -> Result<(), Unwritten> {
    rows.write_record([
        HUB,
        SCORECARD_KEY,
        MONTH,
        ITEM,
        NAME,
        STAGE,
        UNIT,
        VALUE,
        NUMERATOR,
        DENOMINATOR,
        NOT_APPLICABLE,
    ])?;
    for (index, month) in table.months.iter().enumerate() {
        for row in &table.rows {
            let (value, numerator, denominator, reason) = match row.cells.get(index) {
                None | Some(Cell::NotReported) => continue,
                Some(Cell::NotApplicable { reason }) => (
                    String::new(),
                    String::new(),
                    String::new(),
                    neutralised(reason).into_owned(),
                ),
                Some(Cell::Reported(Figure::Amount(value))) => (
                    value.to_string(),
                    String::new(),
                    String::new(),
                    String::new(),
                ),
                Some(Cell::Reported(Figure::Ratio {
                    numerator,
                    denominator,
                })) => (
                    String::new(),
                    numerator.to_string(),
                    denominator.to_string(),
                    String::new(),
                ),
            };
            let [hub, key, item, name, stage, unit] = heads(table, &row.line);
            let month = month.to_string();
            rows.write_record([
                hub,
                key,
                month,
                item,
                name,
                stage,
                unit,
                value,
                numerator,
                denominator,
                reason,
            ])?;
        }
    }
    Ok(())
}

fn wide(table: &CellTable, rows: &mut Writer<Vec<u8>>) -> Result<(), Unwritten> {
    let heads_of_table = [HUB, SCORECARD_KEY, ITEM, NAME, STAGE, UNIT, PART];
    let months = table.months.iter().map(ToString::to_string);
    rows.write_record(heads_of_table.map(str::to_owned).into_iter().chain(months))?;
    for row in &table.rows {
        let parts: &[Part] = if row.line.item.measure == Measure::Ratio {
            &[Part::Numerator, Part::Denominator]
        } else {
            &[Part::Value]
        };
        for part in parts {
            let head = heads(table, &row.line).into_iter();
            let head = head.chain([part.heading().to_owned()]);
            rows.write_record(head.chain(part.cells(row)))?;
        }
    }
    Ok(())
}

fn heads(table: &CellTable, line: &Line) -> [String; 6] {
    let (about, item) = (&table.about, &line.item);
    let unit = unit_name(item.measure, &item.unit).ja;
    [
        &about.hub,
        &about.key,
        &item.key,
        &item.name.ja,
        &line.stage,
        &unit,
    ]
    .map(|text| neutralised(text).into_owned())
}

/// What a row by months holds.
#[derive(Clone, Copy)]
enum Part {
    Value,
    Numerator,
    Denominator,
}

impl Part {
    const fn heading(self) -> &'static str {
        match self {
            Self::Value => VALUE,
            Self::Numerator => NUMERATOR,
            Self::Denominator => DENOMINATOR,
        }
    }

    fn cells(self, row: &CellRow) -> impl Iterator<Item = String> {
        row.cells.iter().map(move |cell| match cell {
            Cell::NotReported => String::new(),
            // Said once: the other part of a ratio stays as it is.
            Cell::NotApplicable { .. } if matches!(self, Self::Denominator) => String::new(),
            Cell::NotApplicable { reason } => {
                format!("{NOT_APPLICABLE_CELL}{REASON_SIGN}{reason}")
            }
            Cell::Reported(figure) => self.of(figure).to_string(),
        })
    }

    const fn of(self, figure: &Figure) -> Amount {
        match (figure, self) {
            (Figure::Amount(value), _) => *value,
            (Figure::Ratio { denominator, .. }, Self::Denominator) => *denominator,
            (Figure::Ratio { numerator, .. }, _) => *numerator,
        }
    }
}

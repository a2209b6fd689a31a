//! Spreadsheets as bytes: the only place that knows how XLSX and CSV files are
//! read and written. It turns a file into cells ([`crate::domain::sheet`]) and
//! figures into files; what the cells mean is not decided here.
//!
//! Reading holds for any bytes: it ends in a workbook within the limits below,
//! or in a [`Refused`] that says what to do; it never trusts a size that the
//! file states, and keeps of a file no more than the limits allow.

mod actuals_csv;
mod delimited;
mod encoding;
mod entry_workbook;
mod formula_text;
mod look;
mod package;
mod paper;
mod refused;
mod report_workbook;
mod tally;
mod unwritten;
mod xlsx;
mod xml;

pub use actuals_csv::{Layout, actuals_csv};
pub use encoding::{TextEncoding, cp932, folded_to_cp932};
pub use entry_workbook::entry_workbook;
use formula_text::kept_in_a_cell;
pub use formula_text::{neutralised, plain_of};
pub use refused::Refused;
pub use report_workbook::report_workbook;
pub use unwritten::Unwritten;

use crate::domain::sheet::Workbook;

/// A file, in bytes.
pub const FILE_BYTES_MAX: usize = 5 * 1_024 * 1_024;
/// What a file may hold when its compressed parts are inflated, in bytes.
pub const INFLATED_BYTES_MAX: u64 = 50 * 1_024 * 1_024;
/// Sheets of a workbook.
pub const SHEETS_MAX: usize = 100;
/// Characters of a sheet's name; Excel takes 31.
pub const SHEET_NAME_CHARS_MAX: usize = 100;
/// Rows that hold anything, of all sheets together.
pub const ROWS_MAX: usize = 20_000;
/// Columns of a sheet, counted from A.
pub const COLUMNS_MAX: u32 = 1_000;
/// Cells that hold anything, of all sheets together.
pub const CELLS_MAX: usize = 200_000;
/// Characters of a cell; spreadsheets keep no more themselves.
pub const TEXT_CHARS_MAX: usize = 32_767;
/// Texts of all cells together, in bytes: one text may stand in many cells.
pub const TEXT_BYTES_MAX: usize = 20 * 1_024 * 1_024;
/// Regions of joined cells that show anything, of a sheet.
pub const MERGED_MAX: usize = 2_000;

/// What the sender says about a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReadOptions {
    /// Of a text file; found by its bytes where nothing is said.
    pub encoding: Option<TextEncoding>,
}

/// Reads a file of cells; its content decides what it is.
///
/// # Errors
/// The file is no table, is damaged, holds what is not read (passwords, macros,
/// links), or is larger than the limits above.
pub fn read(bytes: &[u8], options: &ReadOptions) -> Result<Workbook, Refused> {
    if bytes.len() > FILE_BYTES_MAX {
        return Err(Refused::file_too_large());
    }
    match package::Content::of(bytes) {
        package::Content::Zip => xlsx::read(bytes),
        package::Content::Refused(refused) => Err(*refused),
        package::Content::Text => delimited::read(bytes, options.encoding),
    }
}

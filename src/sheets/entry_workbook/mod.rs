//! The workbook in which a hub fills in a month: the form, the roadmap beside
//! it, and how to fill it in and send it. What comes back is read by its headings.

mod checks;
mod form;
mod guide;
mod roadmap;

use super::{Unwritten, look};
use crate::domain::export::EntryForm;
use crate::domain::export::words::month_with_era;

/// The sheet to fill in, which an import reads first.
const FORM_SHEET: &str = "入力";
const ROADMAP_SHEET: &str = "ロードマップ";
const GUIDE_SHEET: &str = "記入方法";

/// The workbook as bytes; the same of the same form.
///
/// # Errors
/// Where it cannot be written.
pub fn entry_workbook(entry: &EntryForm) -> Result<Vec<u8>, Unwritten> {
    let title = format!("月次実績 入力表　{}分", month_with_era(entry.month));
    let mut workbook = look::workbook(&entry.about, &title)?;
    form::write(workbook.add_worksheet(), entry, &title)?;
    roadmap::write(workbook.add_worksheet(), entry)?;
    guide::write(workbook.add_worksheet(), entry)?;
    Ok(workbook.save_to_buffer()?)
}

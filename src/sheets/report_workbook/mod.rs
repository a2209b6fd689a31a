//! The monthly report of a scorecard as a workbook: where it stands in words,
//! every item, charts that Excel itself draws, and the grid of statuses.

mod charts;
mod grid;
mod items;
mod overview;

use super::{Unwritten, look};
use crate::domain::export::MonthlyReport;
use crate::domain::export::words::month_with_era;

const OVERVIEW_SHEET: &str = "概況";
const ITEMS_SHEET: &str = "項目別";
const CHARTS_SHEET: &str = "グラフ";
const GRID_SHEET: &str = "推移";
const DATA_SHEET: &str = "データ";

/// The workbook as bytes; the same of the same report.
///
/// # Errors
/// Where it cannot be written.
pub fn report_workbook(report: &MonthlyReport) -> Result<Vec<u8>, Unwritten> {
    let title = format!("月次報告書　{}分", month_with_era(report.month));
    let mut workbook = look::workbook(&report.about, &title)?;
    overview::write(workbook.add_worksheet(), report, &title)?;
    items::write(workbook.add_worksheet(), report)?;
    charts::write(workbook.add_worksheet(), report)?;
    grid::write(workbook.add_worksheet(), report)?;
    charts::write_data(workbook.add_worksheet(), report)?;
    Ok(workbook.save_to_buffer()?)
}

//! What holds for every file that was read.

use crate::domain::sheet::{Cell, Position, Workbook};
use crate::sheets;

/// What holds for every workbook that was read.
pub fn check(book: &Workbook) {
    assert!(book.sheets.len() <= sheets::SHEETS_MAX);
    let rows: usize = book.sheets.iter().map(|sheet| sheet.rows.len()).sum();
    assert!(rows <= sheets::ROWS_MAX);
    for sheet in &book.sheets {
        assert!(sheet.merged.len() <= sheets::MERGED_MAX);
        assert!(sheet.rows.is_sorted_by(|one, next| one.index < next.index));
        for row in &sheet.rows {
            assert!(!row.cells.is_empty());
            assert!(row.cells.is_sorted_by(|one, next| one.0 < next.0));
            for (column, cell) in &row.cells {
                assert!(*column < sheets::COLUMNS_MAX);
                let at = Position {
                    row: row.index,
                    column: *column,
                };
                assert_eq!(sheet.cell(at), Some(cell));
                sound(cell);
            }
        }
    }
}

fn sound(cell: &Cell) {
    match cell {
        Cell::Text(text) => {
            assert!(!text.trim().is_empty());
            assert!(text.chars().count() <= sheets::TEXT_CHARS_MAX);
        }
        Cell::Number { digits, .. } => {
            let number: f64 = digits.parse().expect("digits");
            assert!(number.is_finite() && !digits.contains(['e', 'E', '+']));
        }
        _ => {}
    }
}

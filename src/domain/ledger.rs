//! What was reported: for every item and month one of three states
//! (`semantics.md` §3). Absent is never zero.

use std::collections::BTreeMap;

use super::amount::Amount;
use super::month::ProgrammeMonth;

/// A reported figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Figure {
    /// Of every measure but a ratio.
    Amount(Amount),
    Ratio {
        numerator: Amount,
        denominator: Amount,
    },
}

/// The state of one item in one month.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Cell {
    /// Never posted, or cleared.
    #[default]
    NotReported,
    Reported(Figure),
    /// The month does not count for this item.
    NotApplicable {
        reason: String,
    },
}

impl Cell {
    #[must_use]
    pub const fn is_reported(&self) -> bool {
        matches!(self, Self::Reported(_))
    }

    /// The stable code of the state.
    #[must_use]
    pub const fn state(&self) -> &'static str {
        match self {
            Self::NotReported => "not_reported",
            Self::Reported(_) => "reported",
            Self::NotApplicable { .. } => "not_applicable",
        }
    }
}

/// All cells of a scorecard, by item key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ledger {
    cells: BTreeMap<String, Vec<Cell>>,
}

impl Ledger {
    #[must_use]
    pub fn cell(&self, item: &str, month: ProgrammeMonth) -> &Cell {
        self.cells
            .get(item)
            .and_then(|months| months.get(month.index()))
            .unwrap_or(&Cell::NotReported)
    }

    pub fn set(&mut self, item: &str, month: ProgrammeMonth, cell: Cell) {
        let months = match self.cells.get_mut(item) {
            Some(months) => months,
            None => self.cells.entry(item.to_owned()).or_default(),
        };
        if months.len() <= month.index() {
            months.resize(month.index() + 1, Cell::NotReported);
        }
        if let Some(cell_of_month) = months.get_mut(month.index()) {
            *cell_of_month = cell;
        }
    }

    /// The last month with any reported cell; `None` while there is none.
    #[must_use]
    pub fn reported_through(&self) -> Option<ProgrammeMonth> {
        self.cells
            .values()
            .filter_map(|months| months.iter().rposition(Cell::is_reported))
            .max()
            .and_then(|index| u32::try_from(index + 1).ok())
            .map(ProgrammeMonth::new)
    }
}

//! What was reported: for every item and month one of three states
//! (`semantics.md` §3). Absent is never zero.

use std::collections::BTreeMap;

use super::amount::{Amount, Exact};
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

    /// The reported amount; `None` of a ratio and where nothing is reported.
    #[must_use]
    pub const fn amount(&self) -> Option<Amount> {
        match self {
            Self::Reported(Figure::Amount(amount)) => Some(*amount),
            _ => None,
        }
    }

    /// What is reported as one figure: of a ratio, its quotient.
    #[must_use]
    pub fn value(&self) -> Option<Exact> {
        match self {
            Self::Reported(Figure::Amount(amount)) => Some(amount.exact()),
            Self::Reported(Figure::Ratio {
                numerator,
                denominator,
            }) => numerator.exact().checked_div(&denominator.exact()),
            Self::NotReported | Self::NotApplicable { .. } => None,
        }
    }

    /// The reported numerator and denominator of a ratio.
    #[must_use]
    pub const fn ratio(&self) -> Option<(Amount, Amount)> {
        match self {
            Self::Reported(Figure::Ratio {
                numerator,
                denominator,
            }) => Some((*numerator, *denominator)),
            _ => None,
        }
    }

    #[must_use]
    pub const fn is_not_applicable(&self) -> bool {
        matches!(self, Self::NotApplicable { .. })
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

/// The cells of one item, month by month.
#[derive(Clone, Copy, Debug)]
pub struct ItemCells<'a>(&'a [Cell]);

impl<'a> ItemCells<'a> {
    #[must_use]
    pub fn at(self, month: ProgrammeMonth) -> &'a Cell {
        self.0.get(month.index()).unwrap_or(&Cell::NotReported)
    }

    /// The cells of the months from `first` to `last`, both included, as far
    /// as anything was ever posted.
    #[must_use]
    pub fn between(
        self,
        first: ProgrammeMonth,
        last: ProgrammeMonth,
    ) -> impl DoubleEndedIterator<Item = &'a Cell> {
        let end = self.0.len().min(last.index().saturating_add(1));
        self.0.get(first.index()..end).unwrap_or_default().iter()
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
        self.item(item).at(month)
    }

    /// Every month of one item.
    #[must_use]
    pub fn item(&self, item: &str) -> ItemCells<'_> {
        ItemCells(self.cells.get(item).map_or(&[], Vec::as_slice))
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

    /// Whether any cell of `month` is reported.
    #[must_use]
    pub fn has_reported(&self, month: ProgrammeMonth) -> bool {
        self.cells
            .values()
            .any(|months| months.get(month.index()).is_some_and(Cell::is_reported))
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

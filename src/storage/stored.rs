//! From stored columns to domain values and back. What no program of ours can
//! have written is [`StorageError::Corrupt`], never a guess.

use chrono::NaiveDate;
use diesel::Selectable;
use diesel::helper_types::Select;

use super::conn::MultiBackend;
use super::error::StorageError;
use crate::domain::access::Scope;
use crate::domain::amount::Amount;
use crate::domain::ids::{HubCode, PrefectureCode};
use crate::domain::ledger::{Cell, Figure};
use crate::domain::month::Month;

/// Identifiers in one `IN (…)`: far below the parameter limits, and few
/// enough for either planner.
pub(super) const IDS_PER_QUERY: usize = 1_000;

/// `query` with the columns of `R` selected.
pub(super) type Selecting<Query, R> =
    Select<Query, <R as Selectable<MultiBackend>>::SelectExpression>;

/// The month of a stored first day.
pub(super) fn month(table: &'static str, day: NaiveDate) -> Result<Month, StorageError> {
    match Month::of_day(day) {
        Ok(month) if month.first_day() == day => Ok(month),
        _ => Err(StorageError::corrupt(
            table,
            format!("{day} is not the first day of a month"),
        )),
    }
}

/// The value of a stored code.
pub(super) fn coded<T>(
    table: &'static str,
    code: &str,
    of_code: impl Fn(&str) -> Option<T>,
) -> Result<T, StorageError> {
    of_code(code).ok_or_else(|| StorageError::corrupt(table, format!("unknown code {code:?}")))
}

/// A stored count as the unsigned number that it is.
pub(super) fn count(table: &'static str, stored: i64) -> Result<u32, StorageError> {
    u32::try_from(stored)
        .map_err(|error| StorageError::corrupt(table, format!("{stored}: {error}")))
}

/// The columns `prefecture_code` and `hub_code` of a scope.
pub(super) fn scope_columns(scope: &Scope) -> (Option<&str>, Option<&str>) {
    match scope {
        Scope::Nation => (None, None),
        Scope::Prefecture(code) => (Some(code.as_str()), None),
        Scope::Hub(code) => (None, Some(code.as_str())),
    }
}

/// The scope that [`scope_columns`] took apart.
pub(super) fn scope(
    table: &'static str,
    prefecture: Option<String>,
    hub: Option<String>,
) -> Result<Scope, StorageError> {
    match (prefecture, hub) {
        (None, None) => Ok(Scope::Nation),
        (Some(code), None) => Ok(Scope::Prefecture(PrefectureCode(code))),
        (None, Some(code)) => Ok(Scope::Hub(HubCode(code))),
        (Some(_), Some(_)) => Err(StorageError::corrupt(table, "two scopes at once")),
    }
}

/// A cell as columns.
pub(super) struct CellColumns<Reason> {
    pub(super) state: &'static str,
    pub(super) value: Option<i64>,
    pub(super) numerator: Option<i64>,
    pub(super) denominator: Option<i64>,
    pub(super) reason: Option<Reason>,
}

impl<'a> CellColumns<&'a str> {
    pub(super) fn of(cell: &'a Cell) -> Self {
        let mut columns = Self {
            state: cell.state(),
            value: None,
            numerator: None,
            denominator: None,
            reason: None,
        };
        match cell {
            Cell::NotReported => {}
            Cell::Reported(Figure::Amount(amount)) => columns.value = Some(amount.scaled()),
            Cell::Reported(Figure::Ratio {
                numerator,
                denominator,
            }) => {
                columns.numerator = Some(numerator.scaled());
                columns.denominator = Some(denominator.scaled());
            }
            Cell::NotApplicable { reason } => columns.reason = Some(reason),
        }
        columns
    }
}

/// The cell of stored columns.
pub(super) fn cell(
    table: &'static str,
    state: &str,
    figures: (Option<i64>, Option<i64>, Option<i64>),
    reason: Option<String>,
) -> Result<Cell, StorageError> {
    let amount = Amount::from_scaled;
    match (state, figures, reason) {
        ("reported", (Some(value), None, None), None) => {
            Ok(Cell::Reported(Figure::Amount(amount(value))))
        }
        ("reported", (None, Some(numerator), Some(denominator)), None) => {
            Ok(Cell::Reported(Figure::Ratio {
                numerator: amount(numerator),
                denominator: amount(denominator),
            }))
        }
        ("not_applicable", (None, None, None), Some(reason)) => Ok(Cell::NotApplicable { reason }),
        ("not_reported", (None, None, None), _) => Ok(Cell::NotReported),
        _ => Err(StorageError::corrupt(
            table,
            format!("a {state:?} cell with other columns"),
        )),
    }
}

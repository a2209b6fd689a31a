//! Quartiles as spreadsheets compute them (`QUARTILE.INC`; Hyndman and Fan's
//! definition 7), without rounding.

use crate::domain::amount::Exact;

/// What splits sorted figures into four parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quartiles {
    pub lower: Exact,
    pub median: Exact,
    pub upper: Exact,
}

/// The quartiles of ascending figures; `None` of no figures.
///
/// The q-th quartile of n figures lies at position `(n - 1)·q/4`, counted from
/// 0; between two figures it is interpolated linearly.
#[must_use]
pub fn quartiles(ascending: &[Exact]) -> Option<Quartiles> {
    Some(Quartiles {
        lower: quartile(ascending, 1)?,
        median: quartile(ascending, 2)?,
        upper: quartile(ascending, 3)?,
    })
}

fn quartile(ascending: &[Exact], quarters: usize) -> Option<Exact> {
    let position = ascending.len().checked_sub(1)? * quarters;
    let below = ascending.get(position / 4)?;
    // At the last figure there is nothing to go towards.
    let above = ascending.get(position / 4 + 1).unwrap_or(below);
    let way = Exact::fraction(i64::try_from(position % 4).unwrap_or(0), 4);
    Some(below + &(&way * &(above - below)))
}

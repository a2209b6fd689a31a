//! Until when work upstream of a flow can still land before the year's end
//! (`semantics.md` §5, lags; §6).

use std::collections::BTreeMap;

use crate::domain::month::{MONTHS_PER_YEAR, ProgrammeMonth};
use crate::domain::scorecard::Definition;

/// An item upstream of a flow, and until when to work on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LastMonth {
    /// Position in the definition's items.
    pub item: usize,
    /// Months that its effect takes, on the quickest path.
    pub lag_months: u32,
    /// The last month in which work on it lands before the year's end; `None`
    /// where that would be before the programme.
    pub month: Option<ProgrammeMonth>,
    /// Whether that month is still to come.
    pub is_open: bool,
}

/// Every item upstream of `item` by any link, the longest lag first, then in
/// plan order.
pub(super) fn last_months(
    definition: &Definition,
    item: usize,
    month: ProgrammeMonth,
) -> Vec<LastMonth> {
    let year_end = month.year_start().t() + MONTHS_PER_YEAR - 1;
    let mut found: Vec<LastMonth> = lags(definition, item)
        .into_iter()
        .map(|(item, lag_months)| {
            let last = year_end
                .checked_sub(lag_months)
                .filter(|t| *t > 0)
                .map(ProgrammeMonth::new);
            LastMonth {
                item,
                lag_months,
                month: last,
                is_open: last.is_some_and(|last| last > month),
            }
        })
        .collect();
    found.sort_by_key(|each| (std::cmp::Reverse(each.lag_months), each.item));
    found
}

/// The smallest sum of lags on a path to `item`, of every item upstream of it.
fn lags(definition: &Definition, item: usize) -> BTreeMap<usize, u32> {
    let mut lags = BTreeMap::new();
    let mut open = BTreeMap::from([(item, 0_u32)]);
    while let Some((nearest, lag)) = open
        .iter()
        .min_by_key(|(_, lag)| **lag)
        .map(|(item, lag)| (*item, *lag))
    {
        open.remove(&nearest);
        lags.insert(nearest, lag);
        let Some(key) = definition.items.get(nearest).map(|item| &item.key) else {
            continue;
        };
        for link in definition.links.iter().filter(|link| link.to.contains(key)) {
            let further = lag.saturating_add(link.lag_months);
            for from in link
                .from
                .iter()
                .filter_map(|key| definition.item_index(key))
            {
                if !lags.contains_key(&from) {
                    let known = open.entry(from).or_insert(further);
                    *known = further.min(*known);
                }
            }
        }
    }
    lags.remove(&item);
    lags
}

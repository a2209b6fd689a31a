//! Which reports of a month are required, and whether they are all there
//! (`semantics.md` §1 "Required", "complete").

use super::evaluate::is_achieved;
use super::ledger::{Cell, ItemCells, Ledger};
use super::month::ProgrammeMonth;
use super::roadmap::Plan;
use super::scorecard::{Item, Measure};

/// How complete the report of a month is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completeness {
    pub required: u32,
    /// Required cells that are reported or not applicable.
    pub reported: u32,
    pub complete: bool,
    /// Keys of the required items without either, in plan order.
    pub missing: Vec<String>,
}

/// Positions of the items whose report of `month` is required.
#[must_use]
pub fn required(plan: &Plan, ledger: &Ledger, month: ProgrammeMonth) -> Vec<usize> {
    plan.definition
        .items
        .iter()
        .enumerate()
        .filter(|(_, item)| is_required(item, ledger.item(&item.key), month))
        .map(|(index, _)| index)
        .collect()
}

/// How complete the report of `month` is; one that nothing is required of is
/// complete.
#[must_use]
pub fn completeness(plan: &Plan, ledger: &Ledger, month: ProgrammeMonth) -> Completeness {
    let mut completeness = Completeness {
        required: 0,
        reported: 0,
        complete: true,
        missing: Vec::new(),
    };
    for item in &plan.definition.items {
        let cells = ledger.item(&item.key);
        if !is_required(item, cells, month) {
            continue;
        }
        completeness.required += 1;
        if *cells.at(month) == Cell::NotReported {
            completeness.complete = false;
            completeness.missing.push(item.key.clone());
        } else {
            completeness.reported += 1;
        }
    }
    completeness
}

/// A measure of the year is required while it has a target; a bar from its
/// start until the month after it is achieved.
fn is_required(item: &Item, cells: ItemCells<'_>, month: ProgrammeMonth) -> bool {
    if item.target_in(month.year()).is_none() {
        return false;
    }
    match item.measure {
        Measure::Flow | Measure::Ratio | Measure::Level => true,
        Measure::Cumulative | Measure::Milestone => {
            let has_started = item.bar.is_some_and(|bar| bar.start <= month.t());
            let was_achieved = month
                .previous()
                .is_some_and(|previous| is_achieved(item, cells, previous));
            has_started && !was_achieved
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::amount::Amount;
    use crate::domain::fixture::{
        ItemFixture, cumulative, flow, ledger, level, milestone, plan, ratio, t,
    };

    /// Whether the report of an item with these months is required at `month`.
    fn is_required(item: &Item, months: &str, month: u32) -> bool {
        let plan = plan(vec![item.clone()]);
        !required(&plan, &ledger(&[(&item.key, months)]), t(month)).is_empty()
    }

    #[test]
    fn measures_of_the_year_are_required_while_they_have_a_target() {
        for item in [flow(12), ratio(200), level(10)] {
            assert!(is_required(&item, "", 1));
            assert!(is_required(&item, "99", 2), "also when reached");
            assert!(!is_required(&item.clone().without_target(), "", 1));
            let from_year_3 = item.without_target().with_target(Some(3), Amount::whole(1));
            assert!(!is_required(&from_year_3, "", 24));
            assert!(is_required(&from_year_3, "", 25));
        }
    }

    #[test]
    fn bars_are_required_from_their_start_until_they_are_achieved() {
        for (item, months, month, expected) in [
            (cumulative(10, 3, 12), "", 2, false),
            (cumulative(10, 3, 12), "", 3, true),
            (cumulative(10, 3, 12), "", 30, true),
            (cumulative(10, 3, 12), "10", 3, false),
            (cumulative(10, 3, 12), "0 0 9 1", 4, true),
            (cumulative(10, 3, 12), "0 0 9 1", 5, false),
            (cumulative(10, 3, 12).without_target(), "", 3, false),
            (milestone(1, 3), "", 1, true),
            (milestone(1, 3), "100", 1, true),
            (milestone(1, 3), "100", 2, false),
            // A milestone that went back is asked for again.
            (milestone(1, 3), "100 90", 3, true),
        ] {
            assert_eq!(
                is_required(&item, months, month),
                expected,
                "{months:?} {month}"
            );
        }
    }

    #[test]
    fn a_month_is_complete_when_every_required_cell_says_something() {
        let plan = plan(vec![
            flow(12).keyed("z"),
            level(10).keyed("a"),
            ratio(200).keyed("n"),
            milestone(4, 6).keyed("later"),
            flow(1).without_target().keyed("watched"),
        ]);
        let at_1 = |tables: &[(&str, &str)]| completeness(&plan, &ledger(tables), t(1));
        assert_eq!(
            at_1(&[("a", "3"), ("watched", "1")]),
            Completeness {
                required: 3,
                reported: 1,
                complete: false,
                missing: vec!["z".to_owned(), "n".to_owned()],
            }
        );
        let complete = at_1(&[("a", "x"), ("n", "1/2"), ("z", "0")]);
        assert_eq!((complete.required, complete.reported), (3, 3));
        assert!(complete.complete);
        assert_eq!(complete.missing, Vec::<String>::new());
    }

    #[test]
    fn a_month_that_nothing_is_required_of_is_complete() {
        let plan = plan(vec![milestone(4, 6)]);
        let nothing = completeness(&plan, &ledger(&[]), t(1));
        assert_eq!((nothing.required, nothing.complete), (0, true));
    }
}

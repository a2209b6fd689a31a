//! Tests of the outlook: each formula with figures worked by hand, identities,
//! and the calibration of chances and ranges.

mod bars;
mod calibration;
mod flows;
mod funnel;
mod upstream;

use super::*;
use crate::domain::evaluate::evaluate;
use crate::domain::fixture::{ledger, t};

fn exact(numerator: i64, denominator: i64) -> Exact {
    Exact::fraction(numerator, denominator)
}

/// The outlook of a plan with these cells, in a month.
fn looked(plan: &Plan, tables: &[(&str, &str)], month: u32, scenario: &Scenario) -> Outlook {
    let ledger = ledger(tables);
    let evaluation = evaluate(plan, &ledger, t(month));
    outlook(plan, &ledger, &evaluation, scenario)
}

/// The only item of a plan.
fn alone(item: Item, table: &str, month: u32) -> ItemOutlook {
    let plan = crate::domain::fixture::plan(vec![item]);
    let found = looked(&plan, &[("item", table)], month, &Scenario::default());
    found.items.into_iter().next().unwrap().unwrap()
}

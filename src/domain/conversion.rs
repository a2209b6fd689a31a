//! Conversion over a link, and the exact split of the gap behind it
//! (`semantics.md` §5).

use super::amount::{Amount, Exact};
use super::ledger::{Cell, Figure, Ledger};
use super::month::ProgrammeMonth;
use super::roadmap::Plan;
use super::scorecard::{Item, Link, LinkKind};

/// Planned and actual conversion of a link in a month, over the programme year.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conversion {
    /// `R`: yearly target downstream over yearly target upstream.
    pub planned_rate: Option<Exact>,
    /// `c`: actual downstream over actual upstream.
    pub actual_rate: Option<Exact>,
    /// `None` where a yearly target is missing.
    pub split: Option<Split>,
    /// `U`: actual upstream, over the year's months shifted back by the lag.
    pub upstream_actual: Exact,
    /// `V`: planned upstream, over the same months.
    pub upstream_plan: Exact,
    /// Whether every upstream month of the sum is reported.
    pub complete: bool,
}

/// `P - A = volume + conversion + timing`, without remainder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Split {
    /// `R·(V − U)`: what is missing upstream.
    pub volume: Exact,
    /// `R·U − A`: what is lost on the way.
    pub conversion: Exact,
    /// `P − R·V`: what is asked for before its upstream is planned.
    pub timing: Exact,
}

/// The conversion of a link at `month`; `None` for a preparation link.
#[must_use]
pub fn conversion(
    plan: &Plan,
    ledger: &Ledger,
    link: &Link,
    month: ProgrammeMonth,
) -> Option<Conversion> {
    if link.kind != LinkKind::Conversion {
        return None;
    }
    let items = |keys: &[String]| -> Vec<&Item> {
        keys.iter()
            .filter_map(|key| plan.definition.item(key))
            .collect()
    };
    let (from, to) = (items(&link.from), items(&link.to));
    let upstream_months: Vec<ProgrammeMonth> = month
        .year_start()
        .through(month)
        .filter(|m| m.t() > link.lag_months)
        .map(|m| ProgrammeMonth::new(m.t() - link.lag_months))
        .collect();
    let year: Vec<ProgrammeMonth> = month.year_start().through(month).collect();
    let upstream_actual = reported(&from, &upstream_months, ledger);
    let upstream_plan: Exact = upstream_months
        .iter()
        .flat_map(|m| from.iter().map(|item| item.planned_increment(*m)))
        .sum();
    let actual = reported(&to, &year, ledger);
    let planned: Exact = to.iter().map(|item| item.planned(month)).sum();
    let planned_rate = yearly_target(&to, month)
        .zip(yearly_target(&from, month))
        .and_then(|(to, from)| to.checked_div(&from));
    let split = planned_rate.as_ref().map(|rate| Split {
        volume: rate * &(&upstream_plan - &upstream_actual),
        conversion: &(rate * &upstream_actual) - &actual,
        timing: &planned - &(rate * &upstream_plan),
    });
    Some(Conversion {
        actual_rate: actual.checked_div(&upstream_actual),
        planned_rate,
        split,
        upstream_actual,
        upstream_plan,
        complete: upstream_months.iter().all(|m| {
            from.iter()
                .all(|item| ledger.cell(&item.key, *m).is_reported())
        }),
    })
}

/// Reported figures of some items and months; what is not reported counts zero.
fn reported(items: &[&Item], months: &[ProgrammeMonth], ledger: &Ledger) -> Exact {
    months
        .iter()
        .flat_map(|month| items.iter().map(|item| ledger.cell(&item.key, *month)))
        .filter_map(|cell| match cell {
            Cell::Reported(Figure::Amount(amount)) => Some(amount.exact()),
            _ => None,
        })
        .sum()
}

/// The yearly targets of a side together; `None` where one is missing.
fn yearly_target(items: &[&Item], month: ProgrammeMonth) -> Option<Exact> {
    items
        .iter()
        .map(|item| item.target_in(month.year()).map(Amount::exact))
        .sum::<Option<Exact>>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::scorecard::ParameterValues;
    use crate::domain::template::Templates;
    use proptest::prelude::*;

    fn plan() -> Plan {
        let start = "2024-04".parse().unwrap();
        Plan {
            version: 1,
            start,
            effective: start,
            definition: Templates::embedded()
                .unwrap()
                .find("mature-hard-to-fill")
                .unwrap()
                .clone()
                .into(),
            parameters: ParameterValues::new(),
        }
    }

    #[test]
    fn rates_compare_the_two_sides() {
        let plan = plan();
        let mut ledger = Ledger::default();
        let month = ProgrammeMonth::new(30);
        for t in 25..=30 {
            let at = ProgrammeMonth::new(t);
            ledger.set(
                "refer-full-time",
                at,
                Cell::Reported(Figure::Amount(Amount::whole(1))),
            );
        }
        ledger.set(
            "contract-full-time",
            month,
            Cell::Reported(Figure::Amount(Amount::whole(2))),
        );
        let link = plan
            .definition
            .links
            .iter()
            .find(|l| l.to == ["contract-full-time"])
            .unwrap();
        let found = conversion(&plan, &ledger, link, month).unwrap();
        assert_eq!(found.planned_rate, Some(Exact::fraction(1, 2)));
        assert_eq!(found.actual_rate, Some(Exact::fraction(1, 3)));
        assert_eq!(found.upstream_actual, Exact::whole(6));
        assert_eq!(
            found.upstream_plan,
            plan.definition
                .item("refer-full-time")
                .unwrap()
                .planned(month)
        );
        assert!(found.complete);
    }

    proptest! {
        /// The three parts sum to the gap, always.
        #[test]
        fn the_split_is_exact(values in proptest::collection::vec((0_usize..17, 25_u32..37, 0_i64..50), 0..60), t in 25_u32..37) {
            let plan = plan();
            let mut ledger = Ledger::default();
            for (item, month, value) in values {
                let key = &plan.definition.items[item].key;
                ledger.set(key, ProgrammeMonth::new(month), Cell::Reported(Figure::Amount(Amount::whole(value))));
            }
            let month = ProgrammeMonth::new(t);
            for link in &plan.definition.links {
                let Some(Conversion { split: Some(split), .. }) = conversion(&plan, &ledger, link, month) else { continue };
                let to: Vec<&Item> = link.to.iter().map(|key| plan.definition.item(key).unwrap()).collect();
                let year: Vec<ProgrammeMonth> = month.year_start().through(month).collect();
                let planned: Exact = to.iter().map(|item| item.planned(month)).sum();
                let gap = planned - reported(&to, &year, &ledger);
                prop_assert_eq!(split.volume + split.conversion + split.timing, gap);
            }
        }
    }
}

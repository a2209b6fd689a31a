//! Preparation debt: what upstream must still deliver, beyond what its plan
//! has left, so that a flow reaches its year's target (`semantics.md` §6).

use std::collections::BTreeSet;

use crate::domain::amount::{Amount, Exact};
use crate::domain::conversion::conversion;
use crate::domain::evaluate::Evaluation;
use crate::domain::ledger::Ledger;
use crate::domain::roadmap::Plan;
use crate::domain::scorecard::{Definition, Item, Link, LinkKind};

/// What one conversion link upstream of a flow must still carry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkDebt {
    /// Position in the definition's links.
    pub link: usize,
    /// `c`, the actual rate.
    pub rate: Option<Exact>,
    /// How many must still come from the link's left side; `None` from where
    /// the rate is missing or zero.
    pub need: Option<Exact>,
    /// `T - V`: how many the plan of the left side still has.
    pub planned: Option<Exact>,
    /// `max(0, need - planned)`.
    pub debt: Option<Exact>,
}

/// The debts of a flow, from its own links back to the first step.
pub(super) fn debts(
    plan: &Plan,
    ledger: &Ledger,
    evaluation: &Evaluation,
    item: &Item,
) -> Vec<LinkDebt> {
    let walk = Walk {
        plan,
        ledger,
        evaluation,
    };
    let mut debts = Vec::new();
    let mut seen = BTreeSet::new();
    let mut level: Vec<(usize, Option<Exact>)> = walk
        .links_into(std::slice::from_ref(&item.key))
        .map(|(position, link)| (position, walk.missing(&link.to)))
        .collect();
    while !level.is_empty() {
        let mut next = Vec::new();
        for (position, demand) in level {
            let Some(link) = plan.definition.links.get(position) else {
                continue;
            };
            if !seen.insert(position) {
                continue;
            }
            let debt = walk.debt(position, link, demand);
            for (upstream, other) in walk.links_into(&link.from) {
                let demand = debt
                    .need
                    .as_ref()
                    .and_then(|need| walk.passed_on(need, &link.from, &other.to));
                next.push((upstream, demand));
            }
            debts.push(debt);
        }
        level = next;
    }
    debts
}

struct Walk<'a> {
    plan: &'a Plan,
    ledger: &'a Ledger,
    evaluation: &'a Evaluation,
}

impl<'a> Walk<'a> {
    fn definition(&self) -> &'a Definition {
        &self.plan.definition
    }

    /// The conversion links into any of these items.
    fn links_into<'k>(
        &self,
        keys: &'k [String],
    ) -> impl Iterator<Item = (usize, &'a Link)> + use<'a, 'k> {
        self.definition()
            .links
            .iter()
            .enumerate()
            .filter(move |(_, link)| {
                link.kind == LinkKind::Conversion && link.to.iter().any(|key| keys.contains(key))
            })
    }

    fn debt(&self, position: usize, link: &Link, demand: Option<Exact>) -> LinkDebt {
        let found = conversion(self.plan, self.ledger, link, self.evaluation.month);
        let rate = found.as_ref().and_then(|found| found.actual_rate.clone());
        let need = demand
            .zip(rate.as_ref())
            .and_then(|(demand, rate)| demand.checked_div(rate));
        let planned = found
            .zip(self.target(&link.from))
            .map(|(found, target)| target - found.upstream_plan);
        let debt = need
            .as_ref()
            .zip(planned.as_ref())
            .map(|(need, planned)| (need - planned).max(Exact::zero()));
        LinkDebt {
            link: position,
            rate,
            need,
            planned,
            debt,
        }
    }

    /// `T - A` of a set.
    fn missing(&self, keys: &[String]) -> Option<Exact> {
        let actual: Exact = keys.iter().filter_map(|key| self.actual(key)).sum();
        Some(self.target(keys)? - actual)
    }

    fn actual(&self, key: &str) -> Option<Exact> {
        let position = self.definition().item_index(key)?;
        self.evaluation.items.get(position)?.actual.clone()
    }

    /// The yearly targets of a set together; `None` where one is missing.
    fn target(&self, keys: &[String]) -> Option<Exact> {
        let year = self.evaluation.month.year();
        keys.iter()
            .map(|key| {
                let item = self.definition().item(key)?;
                item.target_in(year).map(Amount::exact)
            })
            .sum()
    }

    /// The part of a set's need that falls to the right side of a link into it,
    /// by yearly targets; what that side owes to others comes on top.
    fn passed_on(&self, need: &Exact, set: &[String], to: &[String]) -> Option<Exact> {
        if set.iter().all(|key| to.contains(key)) && set.len() == to.len() {
            return Some(need.clone());
        }
        let (shared, others): (Vec<String>, Vec<String>) =
            to.iter().cloned().partition(|key| set.contains(key));
        let share = self.target(&shared)?.checked_div(&self.target(set)?)?;
        let owed = self.missing(&others)?.max(Exact::zero());
        Some(&(need * &share) + &owed)
    }
}

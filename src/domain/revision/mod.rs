//! Plan revisions: a change list, the plan that it makes of another one, and
//! the difference between two plans (`semantics.md` §7).
//!
//! [`read_changes`] reads a change list against the plan that it changes,
//! [`revise`] applies it and checks the result as a whole, [`diff`] finds the
//! change list between two plans, [`conflicts`] tells whether a list made for
//! one plan still fits another.
//!
//! A link is called by its ends ([`link_keys`]). A retired item leaves the plan
//! and takes its ends of links with it; its cells and earlier months stay, and
//! its key is never given to another item.

mod apply;
mod coherence;
mod diff;
mod document;
mod read;

use std::collections::BTreeMap;

use super::amount::Amount;
use super::code::coded_enum;
use super::issue::Issue;
use super::month::Month;
use super::roadmap::{Plan, PlanHistory};
use super::scorecard::{Definition, Item, Link, SettingValue};

pub use apply::{conflicts, revise};
pub use coherence::{Starved, starved};
pub use diff::diff;
pub use document::{ChangeDocument, documents};
pub use read::read_changes;

/// Changes of one revision.
pub const CHANGES_MAX: usize = 500;

coded_enum! {
    /// What a change does to a part of the plan.
    pub enum Op {
        Add => "add",
        Change => "change",
        Retire => "retire",
    }
}

coded_enum! {
    /// The parts of a plan that a revision changes.
    pub enum Kind {
        Item => "item",
        Link => "link",
        Setting => "setting",
        Parameter => "parameter",
    }
}

/// A part of a plan before and after; absent where it is new, or gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit<T> {
    pub before: Option<T>,
    pub after: Option<T>,
}

/// What changes, with all of it before and after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    Item(Edit<Box<Item>>),
    Link(Edit<Link>),
    Setting(Edit<SettingValue>),
    /// `None` within a side: the parameter is unset.
    Parameter(Edit<Option<Amount>>),
}

/// One line of a change list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    pub key: String,
    pub part: Part,
}

impl<T> Edit<T> {
    const fn op(&self) -> Op {
        match (&self.before, &self.after) {
            (None, _) => Op::Add,
            (Some(_), Some(_)) => Op::Change,
            (Some(_), None) => Op::Retire,
        }
    }
}

impl Change {
    #[must_use]
    pub const fn op(&self) -> Op {
        match &self.part {
            Part::Item(edit) => edit.op(),
            Part::Link(edit) => edit.op(),
            Part::Setting(edit) => edit.op(),
            Part::Parameter(edit) => edit.op(),
        }
    }

    #[must_use]
    pub const fn kind(&self) -> Kind {
        match self.part {
            Part::Item(_) => Kind::Item,
            Part::Link(_) => Kind::Link,
            Part::Setting(_) => Kind::Setting,
            Part::Parameter(_) => Kind::Parameter,
        }
    }

    /// The item that this change adds, if it adds one.
    #[must_use]
    pub fn added_item(&self) -> Option<&Item> {
        match &self.part {
            Part::Item(Edit {
                before: None,
                after: Some(item),
            }) => Some(item),
            _ => None,
        }
    }
}

/// A plan with a change list applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revised {
    pub plan: Plan,
    /// The whole difference: what was asked for, and what follows from it
    /// (links of a retired item, targets computed from a parameter).
    pub changes: Vec<Change>,
    /// Remarks that refuse nothing.
    pub warnings: Vec<Issue>,
}

/// What a revision is made against.
#[derive(Clone, Debug)]
pub struct Basis<'a> {
    /// The version in force in the revision's effective month.
    pub plan: &'a Plan,
    /// Items of other versions by key: retired before (`true`), or brought in
    /// by a version that comes into force later.
    other_items: BTreeMap<&'a str, bool>,
}

impl<'a> Basis<'a> {
    /// The basis of a revision that takes effect in `effective`.
    #[must_use]
    pub fn of(history: &'a PlanHistory, effective: Month) -> Self {
        let plan = history.in_force(effective);
        let mut other_items = BTreeMap::new();
        for version in history.versions() {
            for item in &version.definition.items {
                if plan.definition.item(&item.key).is_none() {
                    let earlier = version.effective <= effective;
                    *other_items.entry(item.key.as_str()).or_insert(false) |= earlier;
                }
            }
        }
        Self { plan, other_items }
    }

    /// The basis of changes to a plan without a history.
    #[must_use]
    pub const fn only(plan: &'a Plan) -> Self {
        Self {
            plan,
            other_items: BTreeMap::new(),
        }
    }
}

/// The key of each link, in the order of the links: kind and ends, such as
/// `conversion:refer>contract`, with the items of a side in alphabetical order
/// between `+`. Of several links with the same kind and ends the second one
/// has `#2` behind it, and so on.
#[must_use]
pub fn link_keys(definition: &Definition) -> Vec<String> {
    let mut seen: BTreeMap<String, u32> = BTreeMap::new();
    definition
        .links
        .iter()
        .map(|link| {
            let key = link_key(link);
            let count = seen.entry(key.clone()).or_default();
            *count += 1;
            if *count == 1 {
                key
            } else {
                format!("{key}#{count}")
            }
        })
        .collect()
}

fn link_key(link: &Link) -> String {
    let side = |keys: &[String]| {
        let mut keys: Vec<&str> = keys.iter().map(String::as_str).collect();
        keys.sort_unstable();
        keys.join("+")
    };
    format!("{}:{}>{}", link.kind, side(&link.from), side(&link.to))
}

#[cfg(test)]
mod tests;

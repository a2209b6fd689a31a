//! What lies upstream of an item.

use std::collections::BTreeSet;

use super::{Change, Revised};
use crate::domain::scorecard::{Definition, Item, Perspective};

/// Whether `item` leads to `target` over links of any kind.
#[must_use]
pub fn is_upstream(definition: &Definition, item: &str, target: &str) -> bool {
    let mut seen = BTreeSet::new();
    let mut next = vec![item];
    while let Some(key) = next.pop() {
        if !seen.insert(key) {
            continue;
        }
        for link in definition.links.iter().filter(|link| has(&link.from, key)) {
            if has(&link.to, target) {
                return true;
            }
            next.extend(link.to.iter().map(String::as_str));
        }
    }
    false
}

fn has(keys: &[String], key: &str) -> bool {
    keys.iter().any(|known| known == key)
}

/// Whether a revision adds an item of learning and growth or of the process
/// upstream of `target` (the report's rule for an alert with nothing left to
/// prepare).
#[must_use]
pub fn adds_preparation(revised: &Revised, target: &str) -> bool {
    revised
        .changes
        .iter()
        .filter_map(Change::added_item)
        .any(|item| {
            is_preparation(item) && is_upstream(&revised.plan.definition, &item.key, target)
        })
}

fn is_preparation(item: &Item) -> bool {
    matches!(
        item.stage.perspective(),
        Perspective::Learning | Perspective::Process
    )
}

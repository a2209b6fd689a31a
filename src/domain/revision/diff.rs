//! The difference between two plans.

use super::{Change, Edit, Part, link_keys};
use crate::domain::roadmap::Plan;
use crate::domain::scorecard::{Definition, Link, Settings};

/// The change list that makes `new` of `old`: items, links, settings,
/// parameters; of each first what goes and changes, in the order of the old
/// plan, then what comes.
///
/// Of a plan and a later revision of it, applying the list gives the later
/// one, but for headings of stages without an item.
#[must_use]
pub fn diff(old: &Plan, new: &Plan) -> Vec<Change> {
    let mut changes = items(&old.definition, &new.definition);
    changes.extend(links(&old.definition, &new.definition));
    changes.extend(settings(&old.definition.settings, &new.definition.settings));
    changes.extend(parameters(old, new));
    changes
}

fn items(old: &Definition, new: &Definition) -> Vec<Change> {
    let change = |key: &str, before, after| Change {
        key: key.to_owned(),
        part: Part::Item(Edit { before, after }),
    };
    let boxed = |item: &_| Some(Box::new(Clone::clone(item)));
    let gone_or_changed = old.items.iter().filter_map(|before| {
        let after = new.item(&before.key);
        (after != Some(before)).then(|| change(&before.key, boxed(before), after.and_then(boxed)))
    });
    let added = new
        .items
        .iter()
        .filter(|item| old.item(&item.key).is_none())
        .map(|item| change(&item.key, None, boxed(item)));
    gone_or_changed.chain(added).collect()
}

fn links(old: &Definition, new: &Definition) -> Vec<Change> {
    let (old_keys, new_keys) = (link_keys(old), link_keys(new));
    let stays = staying(&old_keys, &new_keys);
    let after_of = |key: &String| -> Option<&Link> {
        let index = new_keys.iter().position(|known| known == key)?;
        new.links.get(index)
    };
    let mut changes = Vec::new();
    for (key, before) in old_keys.iter().zip(&old.links) {
        let after = after_of(key).filter(|_| stays.contains(&key));
        if after != Some(before) {
            changes.push(Change {
                key: key.clone(),
                part: Part::Link(Edit {
                    before: Some(before.clone()),
                    after: after.cloned(),
                }),
            });
        }
    }
    for (key, after) in new_keys.iter().zip(&new.links) {
        if !stays.contains(&key) {
            changes.push(Change {
                key: key.clone(),
                part: Part::Link(Edit {
                    before: None,
                    after: Some(after.clone()),
                }),
            });
        }
    }
    changes
}

/// The keys that stay where they are. The order of links decides ties, and what
/// is added comes last: where the new order cannot come about like that, links
/// from there on go, and come anew.
fn staying<'a>(old: &'a [String], new: &'a [String]) -> Vec<&'a String> {
    let kept: Vec<&String> = old.iter().filter(|key| new.contains(key)).collect();
    let added = new.iter().filter(|key| !old.contains(key));
    if kept.iter().copied().chain(added).eq(new) {
        return kept;
    }
    let mut rest = old.iter();
    new.iter()
        .take_while(|key| rest.any(|known| known == *key))
        .collect()
}

fn settings(old: &Settings, new: &Settings) -> Vec<Change> {
    Settings::MEMBERS
        .iter()
        .filter_map(|(name, _)| {
            let (before, after) = (old.get(name), new.get(name));
            (before != after).then(|| Change {
                key: (*name).to_owned(),
                part: Part::Setting(Edit { before, after }),
            })
        })
        .collect()
}

fn parameters(old: &Plan, new: &Plan) -> Vec<Change> {
    new.definition
        .parameters
        .iter()
        .filter_map(|parameter| {
            let key = &parameter.key;
            let before = old.parameters.get(key).copied();
            let after = new.parameters.get(key).copied();
            (before != after).then(|| Change {
                key: key.clone(),
                part: Part::Parameter(Edit { before, after }),
            })
        })
        .collect()
}

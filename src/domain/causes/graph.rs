//! The links of a scorecard as a graph of items: what lies upstream of an
//! item, how far, and on which path.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::scorecard::{Definition, LinkKind};

/// For every item the items one link upstream of it, by position in the
/// definition.
pub(super) struct Graph {
    by_any_link: Vec<BTreeSet<usize>>,
    by_preparation: Vec<BTreeSet<usize>>,
}

/// Which links to go upstream on.
#[derive(Clone, Copy)]
pub(super) enum Along {
    AnyLink,
    Preparation,
}

/// An item upstream of another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Upstream {
    item: usize,
    /// Links on the shortest path.
    distance: u32,
    /// The item after it on that path; the first in plan order of several.
    next: usize,
}

/// What lies upstream of one item, nearest first, then in plan order.
pub(super) struct Reach {
    item: usize,
    upstream: Vec<Upstream>,
}

impl Graph {
    pub(super) fn of(definition: &Definition) -> Self {
        let positions: BTreeMap<&str, usize> = definition
            .items
            .iter()
            .enumerate()
            .map(|(position, item)| (item.key.as_str(), position))
            .collect();
        let mut by_any_link = vec![BTreeSet::new(); definition.items.len()];
        let mut by_preparation = by_any_link.clone();
        let position = |key: &String| positions.get(key.as_str()).copied();
        for link in &definition.links {
            let from: Vec<usize> = link.from.iter().filter_map(position).collect();
            for to in link.to.iter().filter_map(position) {
                extend(&mut by_any_link, to, &from);
                if link.kind == LinkKind::Preparation {
                    extend(&mut by_preparation, to, &from);
                }
            }
        }
        Self {
            by_any_link,
            by_preparation,
        }
    }

    /// What reaches `item` along these links, step by step.
    pub(super) fn reach(&self, item: usize, along: Along) -> Reach {
        let before = match along {
            Along::AnyLink => &self.by_any_link,
            Along::Preparation => &self.by_preparation,
        };
        let mut upstream = Vec::new();
        let mut seen = BTreeSet::from([item]);
        let mut level = vec![item];
        let mut distance = 0;
        while !level.is_empty() {
            distance += 1;
            // By position, so that the next level is in plan order, too; the
            // first of several ways on is kept.
            let mut found = BTreeMap::new();
            for next in level {
                for each in before.get(next).into_iter().flatten() {
                    if !seen.contains(each) {
                        found.entry(*each).or_insert(next);
                    }
                }
            }
            seen.extend(found.keys());
            level = found.keys().copied().collect();
            upstream.extend(found.into_iter().map(|(item, next)| Upstream {
                item,
                distance,
                next,
            }));
        }
        Reach { item, upstream }
    }
}

fn extend(before: &mut [BTreeSet<usize>], to: usize, from: &[usize]) {
    if let Some(before) = before.get_mut(to) {
        before.extend(from);
    }
}

impl Reach {
    /// Items and distances, nearest first, then in plan order.
    pub(super) fn items(&self) -> impl Iterator<Item = (usize, u32)> {
        self.upstream.iter().map(|each| (each.item, each.distance))
    }

    /// The shortest path from an item to the one reached, both included, and
    /// the links on it; `None` for an item that does not reach it.
    pub(super) fn path_from(&self, item: usize) -> Option<(u32, Vec<usize>)> {
        let mut distance = 0;
        let mut path = vec![item];
        let mut at = item;
        while at != self.item {
            at = self.upstream.iter().find(|each| each.item == at)?.next;
            path.push(at);
            distance += 1;
        }
        Some((distance, path))
    }
}

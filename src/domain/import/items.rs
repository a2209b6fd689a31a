//! Items by code or by name, as sheets write them.

use std::collections::{BTreeMap, BTreeSet};

use super::super::ids::{HubCode, ScorecardId};
use super::super::roadmap::PlanHistory;
use super::super::scorecard::Item;
use super::super::text::Text;
use super::folded::{folded, folded_whole, likeness, one_width};
use super::vocabulary::Mapping;

/// How alike a name has to be to be suggested.
const SUGGESTED_FROM: f64 = 0.4;
/// Names suggested at most.
const SUGGESTIONS_MAX: usize = 3;

/// A scorecard that a sheet may be about.
#[derive(Clone, Debug)]
pub struct Candidate {
    pub id: ScorecardId,
    pub hub: HubCode,
    pub hub_name: Text,
    pub key: String,
    pub name: Text,
    items: Vec<Item>,
    /// Positions in `items` by code, by whole name, and by name without remarks.
    codes: BTreeMap<String, usize>,
    whole_names: BTreeMap<String, BTreeSet<usize>>,
    names: BTreeMap<String, BTreeSet<usize>>,
}

/// What a text may stand for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resolution<'a> {
    Found(&'a Item),
    /// Several items have this name.
    Ambiguous(Vec<&'a Item>),
    /// None has it; these are like it.
    Unknown(Vec<&'a Item>),
}

impl Candidate {
    /// A scorecard with the items of all versions of its plan.
    #[must_use]
    pub fn new(
        id: ScorecardId,
        hub: (HubCode, Text),
        key: String,
        name: Text,
        plans: &PlanHistory,
    ) -> Self {
        let mut known = BTreeSet::new();
        let versions: Vec<_> = plans.versions().collect();
        let items = versions
            .iter()
            .rev()
            .flat_map(|plan| &plan.definition.items);
        let items: Vec<Item> = items
            .filter(|item| known.insert(item.key.clone()))
            .cloned()
            .collect();
        let mut candidate = Self {
            id,
            hub: hub.0,
            hub_name: hub.1,
            key,
            name,
            codes: BTreeMap::new(),
            whole_names: BTreeMap::new(),
            names: BTreeMap::new(),
            items,
        };
        for (index, item) in candidate.items.iter().enumerate() {
            candidate.codes.insert(item.key.to_lowercase(), index);
            for name in [&item.name.ja, &item.name.en] {
                let whole = candidate.whole_names.entry(folded_whole(name));
                whole.or_default().insert(index);
                candidate
                    .names
                    .entry(folded(name))
                    .or_default()
                    .insert(index);
            }
        }
        candidate
    }

    /// The items of all versions of the plan.
    pub fn items(&self) -> impl Iterator<Item = &Item> {
        self.items.iter()
    }

    /// The item that texts of a row name: its code, then its name.
    #[must_use]
    pub fn resolve(&self, texts: &[&str], mapping: &Mapping) -> Resolution<'_> {
        let mut ambiguous = Vec::new();
        for text in texts {
            if let Some(key) = mapping.item(text)
                && let Some(item) = self.by_code(key)
            {
                return Resolution::Found(item);
            }
            if let Some(item) = self.by_code(text) {
                return Resolution::Found(item);
            }
            let named = self.by_name(text);
            match named.as_slice() {
                [] => {}
                [item] => return Resolution::Found(item),
                _ => ambiguous = named,
            }
        }
        if ambiguous.is_empty() {
            Resolution::Unknown(self.alike(texts))
        } else {
            Resolution::Ambiguous(ambiguous)
        }
    }

    fn by_code(&self, text: &str) -> Option<&Item> {
        let code = one_width(text).to_lowercase();
        self.items.get(*self.codes.get(&code)?)
    }

    /// Items of this name; of names that differ only in what they have in
    /// brackets, those that agree with the brackets.
    fn by_name(&self, text: &str) -> Vec<&Item> {
        let exact = self.whole_names.get(&folded_whole(text));
        let found = exact.or_else(|| self.names.get(&folded(text)));
        let places = found.into_iter().flatten();
        places.filter_map(|index| self.items.get(*index)).collect()
    }

    fn alike(&self, texts: &[&str]) -> Vec<&Item> {
        let mut likes: Vec<(f64, &Item)> = self
            .items
            .iter()
            .map(|item| {
                let names = [&item.key, &item.name.ja, &item.name.en];
                let best = texts
                    .iter()
                    .flat_map(|text| {
                        names.map(|name| likeness(&folded_whole(text), &folded_whole(name)))
                    })
                    .fold(0.0, f64::max);
                (best, item)
            })
            .filter(|(like, _)| *like >= SUGGESTED_FROM)
            .collect();
        likes.sort_by(|one, other| other.0.total_cmp(&one.0));
        likes
            .into_iter()
            .take(SUGGESTIONS_MAX)
            .map(|(_, item)| item)
            .collect()
    }
}

/// Codes and names of all items that may occur, to know a heading by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ItemNames(BTreeSet<String>);

impl ItemNames {
    #[must_use]
    pub fn of(candidates: &[Candidate], mapping: &Mapping) -> Self {
        let items = candidates.iter().flat_map(|candidate| &candidate.items);
        let names = items.flat_map(|item| [&item.key, &item.name.ja, &item.name.en]);
        let foreign = mapping.items.keys();
        Self(
            names
                .chain(foreign)
                .flat_map(|name| [folded_whole(name), folded(name)])
                .collect(),
        )
    }

    /// Whether an item has this name with all that it has in brackets.
    #[must_use]
    pub fn knows_whole(&self, text: &str) -> bool {
        self.0.contains(&folded_whole(text))
    }

    #[must_use]
    pub fn knows(&self, text: &str) -> bool {
        self.0.contains(&folded_whole(text)) || self.0.contains(&folded(text))
    }
}

//! Items by code or by name, as sheets write them.

use std::collections::{BTreeMap, BTreeSet};

use super::super::ids::{HubCode, ScorecardId};
use super::super::roadmap::PlanHistory;
use super::super::scorecard::Item;
use super::super::text::Text;
use super::figure_text::is_counter;
use super::folded::{folded, folded_whole, likeness, one_width, remark, unnumbered};
use super::rows::Target;
use super::vocabulary::ForeignWords;

/// How alike a name has to be to be suggested.
const SUGGESTED_FROM: f64 = 0.4;
/// How many times longer a name may be to be so alike.
const LENGTHS_APART_MAX: usize = 4;
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
    /// What the hub and the scorecard are called, folded.
    called: Called,
    /// Code and names of each item, folded.
    spelled: Vec<[String; 3]>,
    /// Positions in `items` by code, by whole name, and by name without remarks.
    codes: BTreeMap<String, usize>,
    whole_names: BTreeMap<String, BTreeSet<usize>>,
    names: BTreeMap<String, BTreeSet<usize>>,
}

/// Texts that stand for a scorecard, folded.
#[derive(Clone, Debug)]
struct Called {
    id: String,
    hub: [String; 3],
    key: [String; 3],
}

/// What a text may stand for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resolution<'a> {
    Found(&'a Item),
    /// Its code is one item's, its name another's.
    Contradictory(&'a Item, &'a Item),
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
        let called = Called {
            id: folded_whole(id.as_str()),
            hub: [hub.0.as_str(), &hub.1.ja, &hub.1.en].map(folded_whole),
            key: [key.as_str(), &name.ja, &name.en].map(folded_whole),
        };
        let mut candidate = Self {
            called,
            id,
            hub: hub.0,
            hub_name: hub.1,
            key,
            name,
            codes: BTreeMap::new(),
            whole_names: BTreeMap::new(),
            names: BTreeMap::new(),
            spelled: items
                .iter()
                .map(|item| {
                    [&item.key, &item.name.ja, &item.name.en].map(|name| folded_whole(name))
                })
                .collect(),
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

    /// Whether a folded target names this scorecard, or nothing.
    #[must_use]
    pub fn is_meant(&self, target: &Target) -> bool {
        let is = |wanted: &Option<String>, names: &[String]| {
            wanted.as_ref().is_none_or(|wanted| names.contains(wanted))
        };
        is(&target.scorecard, std::slice::from_ref(&self.called.id))
            && is(&target.hub, &self.called.hub)
            && is(&target.key, &self.called.key)
    }

    /// Whether these texts name one item.
    #[must_use]
    pub fn has(&self, texts: &[String], words: &ForeignWords) -> bool {
        texts.iter().any(|text| self.named(text, words).len() == 1)
    }

    /// The item that texts of a row name: its code, then its name.
    #[must_use]
    pub fn resolve(&self, texts: &[&str], words: &ForeignWords) -> Resolution<'_> {
        let mut ambiguous = Vec::new();
        let mut found: Option<&Item> = None;
        for text in texts {
            let named = self.named(text, words);
            match (named.as_slice(), found) {
                ([], _) => {}
                (same, Some(first)) if same.iter().any(|item| item.key == first.key) => {}
                ([other, ..], Some(first)) => return Resolution::Contradictory(first, other),
                ([item], None) => found = Some(item),
                (_, None) => ambiguous = named,
            }
        }
        match found {
            Some(item) => Resolution::Found(item),
            None if ambiguous.is_empty() => Resolution::Unknown(self.alike(texts)),
            None => Resolution::Ambiguous(ambiguous),
        }
    }

    /// The items that a text may mean.
    fn named(&self, text: &str, words: &ForeignWords) -> Vec<&Item> {
        let exactly = |text: &str| {
            let explained = words.item(text).and_then(|key| self.by_code(key));
            match explained.or_else(|| self.by_code(text)) {
                Some(item) => vec![item],
                None => self.by_name(text),
            }
        };
        let named = exactly(text);
        if !named.is_empty() {
            return named;
        }
        unnumbered(text).map_or_else(Vec::new, |rest| exactly(&rest))
    }

    fn by_code(&self, text: &str) -> Option<&Item> {
        let code = one_width(text).to_lowercase();
        self.items.get(*self.codes.get(&code)?)
    }

    /// Items of this name. What a sheet leaves out of the brackets of a name, or
    /// writes as a unit behind it, does not matter; other words do: they tell the
    /// parts of a whole from each other.
    fn by_name(&self, text: &str) -> Vec<&Item> {
        let exact = self.whole_names.get(&folded_whole(text));
        let found = exact.or_else(|| {
            let is_plain = remark(text).is_none_or(|unit| is_counter(&unit));
            let by_whole = || self.whole_names.get(&folded(text));
            let by_part = || self.names.get(&folded(text));
            is_plain.then(|| by_whole().or_else(by_part))?
        });
        let places = found.into_iter().flatten();
        places.filter_map(|index| self.items.get(*index)).collect()
    }

    fn alike(&self, texts: &[&str]) -> Vec<&Item> {
        let wanted: Vec<String> = texts.iter().map(|text| folded_whole(text)).collect();
        let likes = self.items.iter().zip(&self.spelled).map(|(item, names)| {
            let pairs = wanted
                .iter()
                .flat_map(|text| names.iter().map(move |name| (text, name)));
            let best = pairs
                .filter(|(text, name)| may_be_alike(text, name))
                .map(|(text, name)| likeness(text, name))
                .fold(0.0, f64::max);
            (best, item)
        });
        let mut likes: Vec<(f64, &Item)> =
            likes.filter(|(like, _)| *like >= SUGGESTED_FROM).collect();
        likes.sort_by(|one, other| other.0.total_cmp(&one.0));
        likes
            .into_iter()
            .take(SUGGESTIONS_MAX)
            .map(|(_, item)| item)
            .collect()
    }
}

/// Texts of very different lengths share too few pairs, whatever they say.
const fn may_be_alike(one: &str, other: &str) -> bool {
    let (one, other) = (one.len(), other.len());
    one <= other * LENGTHS_APART_MAX && other <= one * LENGTHS_APART_MAX
}

/// Codes and names of all items that may occur, to know a heading by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ItemNames(BTreeSet<String>);

impl ItemNames {
    #[must_use]
    pub fn of(candidates: &[Candidate], words: &ForeignWords) -> Self {
        let items = candidates.iter().flat_map(|candidate| &candidate.items);
        let names = items.flat_map(|item| [&item.key, &item.name.ja, &item.name.en]);
        let foreign = words.item_texts();
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
        let knows = |text: &str| self.knows_whole(text) || self.0.contains(&folded(text));
        knows(text) || unnumbered(text).is_some_and(|rest| knows(&rest))
    }
}

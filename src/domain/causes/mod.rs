//! Why an item is short, and what to prepare (`semantics.md` §5).
//!
//! [`cause`] is a pure function of plan version, reported cells and the
//! evaluation of a month. It follows the links upstream until it finds where
//! the shortage begins. Files: `graph` (what lies upstream), `document` (what
//! answers and notices show).

mod document;
mod graph;

use std::collections::BTreeMap;

pub use document::{CauseDocument, CauseKind, RemedyDocument, RootDocument};
use graph::{Along, Graph};

use super::amount::Exact;
use super::conversion::{Conversion, Split, conversion};
use super::evaluate::Evaluation;
use super::ledger::Ledger;
use super::roadmap::Plan;
use super::scorecard::{LinkKind, Perspective};
use super::status::Status;
use super::text::Text;

/// Why an item is short in a month, in exact figures. Items are positions in
/// the definition's items.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cause {
    pub kind: CauseKind,
    /// The parts of the gap over the link that decided, else over the first
    /// conversion link into the item whose gap can be split.
    pub split: Option<Split>,
    /// Where the shortage begins; never empty.
    pub roots: Vec<Root>,
    /// Unfinished preparation upstream, nearest first, then in plan order.
    pub remedies: Vec<Remedy>,
    /// What to do where no preparation is left unfinished.
    pub advice: Option<Text>,
}

/// An item at which a shortage begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Root {
    pub item: usize,
    /// Links on the shortest path; 0 for the item itself.
    pub distance: u32,
    /// From the root down to the item, both included.
    pub path: Vec<usize>,
}

/// An item of learning and growth or of process upstream that is not achieved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Remedy {
    pub item: usize,
    pub distance: u32,
}

/// The cause of a shortfall of `item` in the month of `evaluation`, which is
/// that of `plan` and `ledger`. It is defined for every item, and means
/// something for one that is short.
#[must_use]
pub fn cause(plan: &Plan, ledger: &Ledger, evaluation: &Evaluation, item: usize) -> Cause {
    let mut analysis = Analysis {
        plan,
        ledger,
        evaluation,
        graph: Graph::of(&plan.definition),
        roots: BTreeMap::new(),
    };
    let finding = analysis.finding(item);
    let reach = analysis.graph.reach(item, Along::AnyLink);
    let roots = analysis
        .roots_of(item)
        .into_iter()
        .filter_map(|root| {
            let (distance, path) = reach.path_from(root)?;
            Some(Root {
                item: root,
                distance,
                path,
            })
        })
        .collect();
    let remedies: Vec<Remedy> = reach
        .items()
        .filter(|(upstream, _)| analysis.is_remedy(*upstream))
        .map(|(item, distance)| Remedy { item, distance })
        .collect();
    Cause {
        kind: finding.kind,
        split: finding.split,
        roots,
        advice: remedies.is_empty().then(advice),
        remedies,
    }
}

fn advice() -> Text {
    Text::new(
        "上流に未達成の準備項目が残っていません。「学習と成長」の KPI 項目を追加するか、業務プロセスを見直してください。",
        "No preparation upstream is left unfinished. Add a learning-and-growth item, or revise the process.",
    )
}

/// A scorecard in a month, and what has been found out about its items.
struct Analysis<'a> {
    plan: &'a Plan,
    ledger: &'a Ledger,
    evaluation: &'a Evaluation,
    graph: Graph,
    /// Roots of items, as far as they were asked for.
    roots: BTreeMap<usize, Vec<usize>>,
}

/// What decides the cause of one item.
struct Finding {
    kind: CauseKind,
    split: Option<Split>,
    /// Of `inherited` the from-items of the link, of `preparation` the items
    /// that count against it; in plan order.
    through: Vec<usize>,
}

/// A conversion link into an item, whose gap can be split.
struct Feed {
    /// In plan order.
    from: Vec<usize>,
    conversion: Conversion,
    split: Split,
}

impl Analysis<'_> {
    /// The first of §5's kinds that holds.
    fn finding(&self, item: usize) -> Finding {
        let feeds = self.feeds(item);
        let inherited = feeds.iter().position(|feed| self.is_inherited(feed));
        // The link that decides, else the first one.
        let feed = feeds.into_iter().nth(inherited.unwrap_or_default());
        let unprepared = self.unprepared(item);
        let (kind, through) = match &feed {
            Some(feed) if inherited.is_some() => (CauseKind::Inherited, feed.from.clone()),
            _ if !unprepared.is_empty() => (CauseKind::Preparation, unprepared),
            Some(feed) => (self.own_kind(feed), Vec::new()),
            None => (CauseKind::Execution, Vec::new()),
        };
        Finding {
            kind,
            split: feed.map(|feed| feed.split),
            through,
        }
    }

    /// The conversion links into an item that have a split, in plan order.
    fn feeds(&self, item: usize) -> Vec<Feed> {
        let definition = &self.plan.definition;
        let Some(item) = definition.items.get(item) else {
            return Vec::new();
        };
        definition
            .links
            .iter()
            .filter(|link| link.kind == LinkKind::Conversion && link.to.contains(&item.key))
            .filter_map(|link| {
                let conversion = conversion(self.plan, self.ledger, link, self.evaluation.month)?;
                let split = conversion.split.clone()?;
                let mut from: Vec<usize> = link
                    .from
                    .iter()
                    .filter_map(|key| definition.item_index(key))
                    .collect();
                from.sort_unstable();
                Some(Feed {
                    from,
                    conversion,
                    split,
                })
            })
            .collect()
    }

    /// Most of the shortage comes in over the link, from an item that is short.
    fn is_inherited(&self, feed: &Feed) -> bool {
        let Split {
            volume,
            conversion,
            timing,
        } = &feed.split;
        let share = self.plan.definition.settings.inherited_share.exact();
        let shortage: Exact = [volume, conversion, timing]
            .into_iter()
            .filter(|part| part.is_positive())
            .cloned()
            .sum();
        volume.is_positive()
            && *volume >= &share * &shortage
            && feed
                .from
                .iter()
                .any(|item| self.counts(*item) || self.delivers_too_little(*item))
    }

    /// The preparations of an item that count against it, in plan order.
    fn unprepared(&self, item: usize) -> Vec<usize> {
        let mut items: Vec<usize> = self
            .graph
            .reach(item, Along::Preparation)
            .items()
            .map(|(upstream, _)| upstream)
            .filter(|upstream| self.counts(*upstream))
            .collect();
        items.sort_unstable();
        items
    }

    /// The kinds that lie with the item itself. Of equal parts the first kind
    /// that §5 names stands.
    fn own_kind(&self, feed: &Feed) -> CauseKind {
        let Split {
            volume,
            conversion,
            timing,
        } = &feed.split;
        let is_largest = |part: &Exact| {
            part.is_positive() && part >= volume && part >= conversion && part >= timing
        };
        let enough = &self.on_track_at() * &feed.conversion.upstream_plan;
        if is_largest(timing) {
            CauseKind::Timing
        } else if is_largest(conversion) && feed.conversion.upstream_actual >= enough {
            CauseKind::Conversion
        } else {
            CauseKind::Execution
        }
    }

    /// Where the shortage of an item begins, without repetition.
    fn roots_of(&mut self, item: usize) -> Vec<usize> {
        if let Some(known) = self.roots.get(&item) {
            return known.clone();
        }
        // Links are acyclic; if they were not, an item would be its own root.
        self.roots.insert(item, vec![item]);
        let finding = self.finding(item);
        let roots = match finding.kind {
            CauseKind::Inherited => self.inherited_roots(&finding.through),
            CauseKind::Preparation => self.first_of(&finding.through),
            CauseKind::Timing | CauseKind::Conversion | CauseKind::Execution => vec![item],
        };
        self.roots.insert(item, roots.clone());
        roots
    }

    fn inherited_roots(&mut self, from: &[usize]) -> Vec<usize> {
        let mut roots = Vec::new();
        for item in from {
            let own = if self.counts(*item) {
                self.roots_of(*item)
            } else if self.delivers_too_little(*item) {
                vec![*item]
            } else {
                Vec::new()
            };
            for root in own {
                if !roots.contains(&root) {
                    roots.push(root);
                }
            }
        }
        roots
    }

    /// Those preparations of a list that no other preparation holds up.
    fn first_of(&self, preparations: &[usize]) -> Vec<usize> {
        preparations
            .iter()
            .copied()
            .filter(|item| self.unprepared(*item).is_empty())
            .collect()
    }

    /// Whether an item upstream counts against those downstream of it.
    fn counts(&self, item: usize) -> bool {
        self.status(item).is_some_and(|status| match status {
            Status::Behind | Status::AtRisk | Status::NoData => true,
            Status::Achieved => false,
            _ => self.is_past_due(item),
        })
    }

    fn is_past_due(&self, item: usize) -> bool {
        let item = self.plan.definition.items.get(item);
        item.is_some_and(|item| item.is_past_due(self.evaluation.month))
    }

    /// Whether less than nearly all of what is planned has come from an item.
    fn delivers_too_little(&self, item: usize) -> bool {
        self.evaluation.items.get(item).is_some_and(|evaluated| {
            let enough = &self.on_track_at() * &evaluated.plan;
            evaluated
                .actual
                .as_ref()
                .is_some_and(|actual| *actual < enough)
        })
    }

    /// Whether an item upstream is a preparation that can still be finished.
    fn is_remedy(&self, item: usize) -> bool {
        let prepares = self
            .evaluation
            .perspectives
            .iter()
            .filter(|each| {
                matches!(
                    each.perspective,
                    Perspective::Learning | Perspective::Process
                )
            })
            .flat_map(|each| &each.steps)
            .any(|step| step.items.contains(&item));
        prepares && self.status(item) != Some(Status::Achieved)
    }

    fn status(&self, item: usize) -> Option<Status> {
        self.evaluation
            .items
            .get(item)
            .map(|evaluated| evaluated.status)
    }

    fn on_track_at(&self) -> Exact {
        self.plan.definition.settings.on_track_at.exact()
    }
}

#[cfg(test)]
mod tests;

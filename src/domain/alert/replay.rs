//! Episodes with their figures, causes and severities, and which stand in the
//! notices of which (`semantics.md` §8, "Folded").

use std::collections::{BTreeMap, BTreeSet};

use super::episode::{Episode, episodes, is_yearly};
use super::{AlertFacts, Replayed, Severity};
use crate::domain::amount::Exact;
use crate::domain::causes::{Cause, cause};
use crate::domain::evaluate::{Evaluation, ItemEvaluation, evaluate};
use crate::domain::ledger::Ledger;
use crate::domain::month::{Month, ProgrammeMonth};
use crate::domain::roadmap::{Plan, PlanHistory};
use crate::domain::scorecard::Item;

/// Every alert of a scorecard, open and over, in the order of [`episodes`].
#[must_use]
pub fn replay(plans: &PlanHistory, ledger: &Ledger) -> Vec<Replayed> {
    let episodes = episodes(plans, ledger);
    let mut replay = Replay::new(plans, ledger, &episodes);
    (0..episodes.len())
        .filter_map(|index| replay.describe(index))
        .collect()
}

/// Describes episodes one by one. Each month is evaluated at most once, and
/// only months that are asked for.
pub struct Replay<'a> {
    plans: &'a PlanHistory,
    ledger: &'a Ledger,
    episodes: &'a [Episode],
    evaluations: BTreeMap<Month, Evaluation>,
    /// Causes by the position of their episode.
    causes: BTreeMap<usize, Cause>,
}

/// An item in a month, under the plan version in force.
struct Found<'a> {
    position: usize,
    item: &'a Item,
    at: ProgrammeMonth,
    plan: &'a Plan,
}

impl<'a> Replay<'a> {
    /// `episodes` are those of `plans` and `ledger`, all of them.
    #[must_use]
    pub const fn new(plans: &'a PlanHistory, ledger: &'a Ledger, episodes: &'a [Episode]) -> Self {
        Self {
            plans,
            ledger,
            episodes,
            evaluations: BTreeMap::new(),
            causes: BTreeMap::new(),
        }
    }

    /// The episode at `index`; `None` where there is none, or its item is not
    /// in the plan.
    pub fn describe(&mut self, index: usize) -> Option<Replayed> {
        let episode = self.episodes.get(index)?;
        let facts = self.facts(index, episode)?;
        let folded_under = self
            .folded_under(index)
            .and_then(|root| self.episodes.get(root))
            .map(|root| (root.item.clone(), root.number));
        Some(Replayed {
            facts,
            folded_under,
        })
    }

    fn facts(&mut self, index: usize, episode: &Episode) -> Option<AlertFacts> {
        let last = self.find(episode, episode.last_reported)?;
        let cause = self.cause(index)?.clone();
        let evaluation = self.evaluation(episode.last_reported)?;
        let severity = severity(last.item, evaluation.items.get(last.position)?, last.at);
        let cause = cause.document(last.plan, evaluation);
        let month = episode.figures_month();
        let Found { position, item, .. } = self.find(episode, month)?;
        let evaluated = self.evaluation(month)?.items.get(position)?;
        Some(AlertFacts {
            item: item.key.clone(),
            item_name: item.name.clone(),
            stage: item.stage,
            track: item.track.clone(),
            measure: item.measure,
            unit: item.unit.clone(),
            direction: item.direction,
            episode: episode.number,
            reopened: episode.is_reopened(),
            opened_month: episode.opened,
            resolved_month: episode.closed.map(|closed| closed.month),
            resolved_reason: episode.closed.map(|closed| closed.reason),
            severity,
            year_over: !last.item.measure.has_bar() && last.at.ends_year(),
            month,
            status: evaluated.status,
            actual: evaluated.actual.as_ref().map(Exact::shown),
            plan: evaluated.plan.shown(),
            target: evaluated.target,
            attainment: evaluated.attainment.as_ref().map(Exact::shown),
            shortfall: evaluated.shortfall.as_ref().map(Exact::shown),
            cause,
        })
    }

    fn find(&self, episode: &Episode, month: Month) -> Option<Found<'a>> {
        let plan = self.plans.in_force(month);
        let position = plan.definition.item_index(&episode.item)?;
        Some(Found {
            position,
            item: plan.definition.items.get(position)?,
            at: ProgrammeMonth::of(month, self.plans.start())?,
            plan,
        })
    }

    fn evaluation(&mut self, month: Month) -> Option<&Evaluation> {
        let at = ProgrammeMonth::of(month, self.plans.start())?;
        let (plans, ledger) = (self.plans, self.ledger);
        let evaluation = self
            .evaluations
            .entry(month)
            .or_insert_with(|| evaluate(plans.in_force(month), ledger, at));
        Some(evaluation)
    }

    /// The cause in the item's latest reported month while the alert was open.
    fn cause(&mut self, index: usize) -> Option<&Cause> {
        if !self.causes.contains_key(&index) {
            let episode = self.episodes.get(index)?;
            let Found { position, plan, .. } = self.find(episode, episode.last_reported)?;
            let ledger = self.ledger;
            let evaluation = self.evaluation(episode.last_reported)?;
            let cause = cause(plan, ledger, evaluation, position);
            self.causes.insert(index, cause);
        }
        self.causes.get(&index)
    }

    /// The first episode of a root cause that stood in the month of the cause,
    /// and, for an open alert, still stands.
    fn root(&mut self, index: usize) -> Option<usize> {
        let episodes = self.episodes;
        let episode = episodes.get(index)?;
        let month = episode.last_reported;
        let definition = &self.plans.in_force(month).definition;
        self.cause(index)?
            .roots
            .iter()
            .filter_map(|root| definition.items.get(root.item))
            .filter(|root| root.key != episode.item)
            .find_map(|root| {
                episodes.iter().position(|other| {
                    other.item == root.key
                        && other.was_open_in(month)
                        && (other.is_open() || !episode.is_open())
                })
            })
    }

    /// The episode in whose notices another one stands. Causes of months under
    /// different links can lead in a circle; the first episode of a circle
    /// stands for itself, so that every chain has an end.
    fn folded_under(&mut self, index: usize) -> Option<usize> {
        let root = self.root(index)?;
        let mut chain = BTreeSet::from([index]);
        let mut next = root;
        while chain.insert(next) {
            match self.root(next) {
                Some(further) => next = further,
                None => return Some(root),
            }
        }
        let closes_circle = next == index;
        (!closes_circle || chain.first() != Some(&index)).then_some(root)
    }
}

/// The severity in an item's latest reported month while its alert was open.
fn severity(item: &Item, evaluated: &ItemEvaluation, at: ProgrammeMonth) -> Severity {
    let half = Exact::fraction(1, 2);
    let is_below_half = evaluated
        .attainment
        .as_ref()
        .is_some_and(|attainment| *attainment < half);
    let is_over = (is_yearly(item) && at.ends_year()) || item.is_past_due(at);
    if is_below_half || is_over {
        Severity::Critical
    } else {
        Severity::High
    }
}

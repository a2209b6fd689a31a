//! Steps, perspectives, scores, coverage and counts (`semantics.md` §4,
//! "Step" and "Scores").

use std::collections::BTreeMap;
use std::iter::Sum;
use std::ops::Add;

use serde::{Deserialize, Serialize};

use super::{Evaluation, ItemEvaluation, Thresholds};
use crate::domain::amount::Exact;
use crate::domain::month::ProgrammeMonth;
use crate::domain::scorecard::{Definition, Item, Perspective, Stage};
use crate::domain::status::{Flag, Status};
use crate::domain::text::Text;

/// The points of an item that is wholly on plan.
const FULL_POINTS: i64 = 100;

/// One of the four perspectives in a month.
#[derive(Clone, Debug, PartialEq)]
pub struct PerspectiveEvaluation {
    pub perspective: Perspective,
    pub score: Option<Exact>,
    pub coverage: Option<Exact>,
    pub flag: Flag,
    /// By stage, then track, in plan order.
    pub steps: Vec<StepEvaluation>,
}

/// A stage within a track, in a month.
#[derive(Clone, Debug, PartialEq)]
pub struct StepEvaluation {
    pub stage: Stage,
    pub track: Option<String>,
    pub name: Text,
    pub status: Status,
    pub flag: Flag,
    /// Positions in the definition's items.
    pub items: Vec<usize>,
}

/// How many items have which status and flag.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    pub behind: u32,
    pub no_data: u32,
    pub at_risk: u32,
    pub on_track: u32,
    pub not_due: u32,
    pub achieved: u32,
    pub untargeted: u32,
    pub not_applicable: u32,
    pub red: u32,
    pub amber: u32,
    pub due: u32,
    pub met: u32,
}

impl Counts {
    /// The counts of one item.
    #[must_use]
    pub fn of(item: &ItemEvaluation) -> Self {
        let mut counts = Self {
            red: u32::from(item.flag == Flag::Red),
            amber: u32::from(item.flag == Flag::Amber),
            due: u32::from(item.status.is_due()),
            met: u32::from(item.status.is_met()),
            ..Self::default()
        };
        *counts.with_status(item.status) = 1;
        counts
    }

    const fn with_status(&mut self, status: Status) -> &mut u32 {
        match status {
            Status::Behind => &mut self.behind,
            Status::NoData => &mut self.no_data,
            Status::AtRisk => &mut self.at_risk,
            Status::OnTrack => &mut self.on_track,
            Status::NotDue => &mut self.not_due,
            Status::Achieved => &mut self.achieved,
            Status::Untargeted => &mut self.untargeted,
            Status::NotApplicable => &mut self.not_applicable,
        }
    }

    /// The share of what is due that is met; `None` where nothing is due.
    #[must_use]
    pub fn met_share(&self) -> Option<Exact> {
        Exact::quotient(self.met.into(), self.due.into())
    }
}

impl Add for Counts {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            behind: self.behind + other.behind,
            no_data: self.no_data + other.no_data,
            at_risk: self.at_risk + other.at_risk,
            on_track: self.on_track + other.on_track,
            not_due: self.not_due + other.not_due,
            achieved: self.achieved + other.achieved,
            untargeted: self.untargeted + other.untargeted,
            not_applicable: self.not_applicable + other.not_applicable,
            red: self.red + other.red,
            amber: self.amber + other.amber,
            due: self.due + other.due,
            met: self.met + other.met,
        }
    }
}

impl Sum for Counts {
    fn sum<I: Iterator<Item = Self>>(counts: I) -> Self {
        counts.fold(Self::default(), Add::add)
    }
}

/// What a score and its coverage are made of; sums over items and groups.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScoredWeight {
    /// Σ weight · min(r, 1) · 100 of the scored items.
    pub points: Exact,
    /// Σ weight of the scored items.
    pub scored: Exact,
    /// Σ weight of the items with a plan by now that are not "not applicable".
    pub due: Exact,
}

impl ScoredWeight {
    fn zero() -> Self {
        Self {
            points: Exact::zero(),
            scored: Exact::zero(),
            due: Exact::zero(),
        }
    }

    /// The contribution of one item.
    pub(super) fn of(item: &Item, evaluation: &ItemEvaluation) -> Self {
        let is_due = evaluation.plan.is_positive() && evaluation.status != Status::NotApplicable;
        if !is_due {
            return Self::zero();
        }
        let weight = item.weight.exact();
        if evaluation.status == Status::NoData {
            return Self {
                due: weight,
                ..Self::zero()
            };
        }
        let whole = Exact::whole(1);
        let points = match &evaluation.attainment {
            Some(attainment) if *attainment < whole => {
                &(&weight * attainment) * &Exact::whole(FULL_POINTS)
            }
            _ => &weight * &Exact::whole(FULL_POINTS),
        };
        Self {
            points,
            scored: weight.clone(),
            due: weight,
        }
    }

    /// The weighted mean of the points; `None` where nothing is scored.
    #[must_use]
    pub fn score(&self) -> Option<Exact> {
        self.points.checked_div(&self.scored)
    }

    /// The scored share of what is due; `None` where nothing is due.
    #[must_use]
    pub fn coverage(&self) -> Option<Exact> {
        self.scored.checked_div(&self.due)
    }
}

impl Add for ScoredWeight {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            points: self.points + other.points,
            scored: self.scored + other.scored,
            due: self.due + other.due,
        }
    }
}

impl Sum for ScoredWeight {
    /// Pair by pair: points over many denominators grow long, and adding one
    /// by one would carry the longest of them through every step.
    fn sum<I: Iterator<Item = Self>>(weights: I) -> Self {
        let mut sums: Vec<Self> = weights.collect();
        while sums.len() > 1 {
            let mut rest = sums.into_iter();
            let pairs = std::iter::from_fn(|| match (rest.next()?, rest.next()) {
                (first, Some(second)) => Some(first + second),
                (last, None) => Some(last),
            });
            sums = pairs.collect();
        }
        sums.pop().unwrap_or_else(Self::zero)
    }
}

/// Rolls the items up to steps, perspectives and the scorecard.
pub(super) fn evaluation(
    definition: &Definition,
    thresholds: &Thresholds,
    month: ProgrammeMonth,
    items: Vec<ItemEvaluation>,
) -> Evaluation {
    let mut steps = steps(definition, &items);
    let (perspectives, weights): (Vec<_>, Vec<_>) = Perspective::all()
        .map(|perspective| {
            let own = steps
                .extract_if(.., |step| {
                    definition.perspective_of(step.stage) == perspective
                })
                .collect();
            roll_up(definition, &items, perspective, own)
        })
        .unzip();
    let weights: ScoredWeight = weights.into_iter().sum();
    let coverage = weights.coverage();
    let is_covered = coverage
        .as_ref()
        .is_some_and(|coverage| *coverage >= thresholds.coverage_min);
    Evaluation {
        month,
        score: mean(perspectives.iter().filter_map(|each| each.score.as_ref()))
            .filter(|_| is_covered),
        provisional: coverage
            .as_ref()
            .is_some_and(|coverage| *coverage < Exact::whole(1)),
        coverage,
        flag: Flag::worst(items.iter().map(|item| item.flag)),
        counts: items.iter().map(Counts::of).sum(),
        weights,
        perspectives,
        items,
    }
}

fn roll_up(
    definition: &Definition,
    items: &[ItemEvaluation],
    perspective: Perspective,
    steps: Vec<StepEvaluation>,
) -> (PerspectiveEvaluation, ScoredWeight) {
    let weights: ScoredWeight = steps
        .iter()
        .flat_map(|step| &step.items)
        .filter_map(|index| definition.items.get(*index).zip(items.get(*index)))
        .map(|(item, evaluation)| ScoredWeight::of(item, evaluation))
        .sum();
    let evaluation = PerspectiveEvaluation {
        perspective,
        score: weights.score(),
        coverage: weights.coverage(),
        flag: Flag::worst(steps.iter().map(|step| step.flag)),
        steps,
    };
    (evaluation, weights)
}

fn mean<'a>(scores: impl Iterator<Item = &'a Exact>) -> Option<Exact> {
    let (count, total) = scores.fold((0, Exact::zero()), |(count, total), score| {
        (count + 1, &total + score)
    });
    total.checked_div(&Exact::whole(count))
}

/// The steps that have items: by stage, then track, in plan order; items
/// without a track first.
fn steps(definition: &Definition, items: &[ItemEvaluation]) -> Vec<StepEvaluation> {
    let mut groups: BTreeMap<_, Vec<usize>> = BTreeMap::new();
    for (index, item) in definition.items.iter().enumerate() {
        let stage = definition
            .stages
            .iter()
            .position(|heading| heading.stage == item.stage);
        let track = item.track.as_ref().map(|key| {
            let position = definition.tracks.iter().position(|track| track.key == *key);
            (position.unwrap_or(definition.tracks.len()), key)
        });
        let rank = (stage.unwrap_or(definition.stages.len()), item.stage, track);
        groups.entry(rank).or_default().push(index);
    }
    groups
        .into_iter()
        .map(|((_, stage, track), members)| {
            let evaluations = || members.iter().filter_map(|index| items.get(*index));
            StepEvaluation {
                stage,
                track: track.map(|(_, key)| key.clone()),
                name: step_name(definition, stage, track.map(|(_, key)| key.as_str())),
                status: evaluations()
                    .map(|item| item.status)
                    .min()
                    .unwrap_or(Status::NotApplicable),
                flag: Flag::worst(evaluations().map(|item| item.flag)),
                items: members,
            }
        })
        .collect()
}

/// The stage's heading, with the track's name where there is one.
fn step_name(definition: &Definition, stage: Stage, track: Option<&str>) -> Text {
    let heading = definition
        .stages
        .iter()
        .find(|heading| heading.stage == stage)
        .map_or_else(|| stage.name(), |heading| heading.name.clone());
    let track = definition
        .tracks
        .iter()
        .find(|known| Some(known.key.as_str()) == track);
    match track {
        None => heading,
        Some(track) => Text::new(
            format!("{}（{}）", heading.ja, track.name.ja),
            format!("{} ({})", heading.en, track.name.en),
        ),
    }
}

#[cfg(test)]
mod tests;

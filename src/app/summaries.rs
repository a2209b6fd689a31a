//! The read model of many scorecards at once: one summary a scorecard and
//! month, written in the transaction of the report, so that an overview never
//! evaluates history it has already seen.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{AppError, Session};
use crate::domain::amount::{Amount, Exact};
use crate::domain::evaluate::{Counts, Evaluation, ScoredWeight, evaluate};
use crate::domain::ids::ScorecardId;
use crate::domain::ledger::Ledger;
use crate::domain::month::{Month, ProgrammeMonth};
use crate::domain::roadmap::{Plan, PlanHistory};
use crate::domain::scorecard::Stage;
use crate::domain::status::{Flag, Status};
use crate::storage::scorecards::{self, Scorecard};
use crate::storage::summaries::{self, MonthSummary as SummaryRow};

/// The version of the rules and of this document's shape. Rows of another
/// version are passed over, and evaluated anew when they are asked for. Raising
/// it goes with a migration that raises every scorecard's revision, so that no
/// client holds an old verdict for current.
pub const RULES: i32 = 1;
/// Worst items listed of a scorecard.
const WORST_MAX: usize = 3;

/// A scorecard in a month, in brief.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MonthSummary {
    pub month: Month,
    pub score: Option<Amount>,
    pub coverage: Option<Amount>,
    pub flag: Flag,
    pub counts: Counts,
    pub weight: SummedWeight,
    pub stages: BTreeMap<Stage, StageSummary>,
    pub worst: Vec<WorstItem>,
}

/// A stage over all its tracks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StageSummary {
    pub status: Status,
    pub flag: Flag,
    pub counts: Counts,
    pub score: Option<Amount>,
    pub weight: SummedWeight,
}

/// Weights behind a coverage, so that groups can pool them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SummedWeight {
    pub scored: Amount,
    pub due: Amount,
}

/// One of the items to look at first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorstItem {
    pub item: String,
    pub track: Option<String>,
    pub stage: Stage,
    pub status: Status,
    pub flag: Flag,
    pub attainment: Option<Amount>,
}

/// The summary of an evaluation.
#[must_use]
pub fn summarise(plan: &Plan, month: Month, evaluation: &Evaluation) -> MonthSummary {
    let stages = plan
        .definition
        .stages
        .iter()
        .map(|heading| {
            (
                heading.stage,
                stage_summary(plan, heading.stage, evaluation),
            )
        })
        .collect();
    MonthSummary {
        month,
        score: evaluation.score.as_ref().map(Exact::shown),
        coverage: evaluation.coverage.as_ref().map(Exact::shown),
        flag: evaluation.flag,
        counts: evaluation.counts,
        weight: summed(&evaluation.weights),
        stages,
        worst: worst_items(plan, evaluation),
    }
}

fn stage_summary(plan: &Plan, stage: Stage, evaluation: &Evaluation) -> StageSummary {
    let items = || {
        plan.definition
            .items
            .iter()
            .zip(&evaluation.items)
            .filter(move |(item, _)| item.stage == stage)
            .map(|(_, evaluated)| evaluated)
    };
    let weights = evaluation.stage_weights(plan, stage);
    StageSummary {
        status: items()
            .map(|item| item.status)
            .min()
            .unwrap_or(Status::NotApplicable),
        flag: Flag::worst(items().map(|item| item.flag)),
        counts: items().map(Counts::of).sum(),
        score: weights.score().as_ref().map(Exact::shown),
        weight: summed(&weights),
    }
}

fn worst_items(plan: &Plan, evaluation: &Evaluation) -> Vec<WorstItem> {
    let mut short: Vec<_> = plan
        .definition
        .items
        .iter()
        .zip(&evaluation.items)
        .filter(|(_, evaluated)| evaluated.status.is_short())
        .collect();
    short.sort_by(|(_, a), (_, b)| {
        (a.flag, a.status, &a.attainment).cmp(&(b.flag, b.status, &b.attainment))
    });
    short
        .into_iter()
        .take(WORST_MAX)
        .map(|(item, evaluated)| WorstItem {
            item: item.key.clone(),
            track: item.track.clone(),
            stage: item.stage,
            status: evaluated.status,
            flag: evaluated.flag,
            attainment: evaluated.attainment.as_ref().map(Exact::shown),
        })
        .collect()
}

fn summed(weights: &ScoredWeight) -> SummedWeight {
    SummedWeight {
        scored: weights.scored.shown(),
        due: weights.due.shown(),
    }
}

/// Brings the summaries up to date after a report for `month`, and the
/// scorecard's current figures with them. Months before `month` keep theirs,
/// unless the report closed a gap behind the last reported month.
///
/// # Errors
/// Those of the storage.
pub fn refresh(
    session: &mut Session<'_>,
    scorecard: &mut Scorecard,
    plans: &PlanHistory,
    ledger: &Ledger,
    month: Month,
) -> Result<(), AppError> {
    let start = scorecard.start;
    let through = ledger.reported_through().map(|last| last.calendar(start));
    let first = scorecard
        .reported_through
        .map_or(start, Month::next)
        .min(month);
    let mut current = None;
    let mut rows = Vec::new();
    if let Some((from, to)) = ProgrammeMonth::of(first, start)
        .zip(through.and_then(|through| ProgrammeMonth::of(through, start)))
    {
        for at in from.through(to) {
            let month = at.calendar(start);
            let plan = plans.in_force(month);
            let summary = summarise(plan, month, &evaluate(plan, ledger, at));
            rows.push(row_of(&scorecard.id, plan, &summary)?);
            current = Some(summary);
        }
    }
    if current.is_none()
        && let Some(through) = through
    {
        // The month was cleared and an earlier one is now the last.
        current = evaluated_summary(plans, ledger, start, through);
    }
    summaries::upsert(session.conn, &rows)?;
    if through < scorecard.reported_through {
        let kept = through.unwrap_or_else(|| start.plus(-1));
        summaries::delete_after(session.conn, &scorecard.id, kept)?;
    }
    scorecard.reported_through = through;
    let flag = current.as_ref().map_or(Flag::None, |summary| summary.flag);
    flag.code().clone_into(&mut scorecard.flag);
    scorecard.score = current.and_then(|summary| summary.score);
    let now = session.now;
    Ok(scorecards::update_current(session.conn, scorecard, now)?)
}

/// The summary of one month, evaluated here and now.
#[must_use]
pub fn evaluated_summary(
    plans: &PlanHistory,
    ledger: &Ledger,
    start: Month,
    month: Month,
) -> Option<MonthSummary> {
    let at = ProgrammeMonth::of(month, start)?;
    let plan = plans.in_force(month);
    Some(summarise(plan, month, &evaluate(plan, ledger, at)))
}

fn row_of(
    scorecard: &ScorecardId,
    plan: &Plan,
    summary: &MonthSummary,
) -> Result<SummaryRow, AppError> {
    Ok(SummaryRow {
        scorecard: scorecard.clone(),
        month: summary.month,
        rules: RULES,
        plan_version: plan.version,
        flag: summary.flag.code().to_owned(),
        document: serde_json::to_string(summary)
            .map_err(|error| AppError::Internal(error.to_string()))?,
    })
}

/// The summary that a row holds, unless another version of the rules wrote it.
#[must_use]
pub fn of_row(row: &SummaryRow) -> Option<MonthSummary> {
    if row.rules != RULES {
        return None;
    }
    serde_json::from_str(&row.document).ok()
}

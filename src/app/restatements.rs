//! What was corrected between two instants (`semantics.md` §7).

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{AppError, Session, as_of, plans};
use crate::domain::ledger::{Cell, Ledger};
use crate::domain::month::{Month, ProgrammeMonth};
use crate::domain::restatement::{self, CauseKind, Knowledge, Restatement};
use crate::domain::roadmap::PlanHistory;
use crate::storage::actuals::{self, PastChange};
use crate::storage::scorecards::Scorecard;

/// Why a month is answered otherwise, by whom and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cause {
    pub kind: CauseKind,
    pub at: DateTime<Utc>,
    pub by: String,
    /// What they said: the report's note, why a cell was cleared, why the plan
    /// was revised.
    pub note: Option<String>,
    /// The month of the changed cell; the first one that a plan governs.
    pub month: Month,
    /// Of the cell; `None` of a plan.
    pub cells: Option<(Cell, Cell)>,
    /// The scorecard's revision that the change of a cell made.
    pub revision: Option<i64>,
    pub plan_version: Option<u32>,
}

/// A restatement with its causes, earliest month first, the plan last.
#[derive(Clone, Debug)]
pub struct Explained {
    pub restatement: Restatement,
    pub causes: Vec<Cause>,
}

/// How much was restated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub restatements: usize,
    pub months: usize,
    pub items: usize,
    /// Those whose status differs.
    pub status: usize,
    /// Those whose flag differs.
    pub flag: usize,
    /// Those in which a cause of the kind has a part.
    pub correction: usize,
    pub clear: usize,
    pub late_report: usize,
    pub plan_revision: usize,
}

/// A restatement's place in lists.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    pub month: Month,
    pub item: String,
}

impl Position {
    #[must_use]
    pub fn of(explained: &Explained) -> Self {
        Self {
            month: explained.restatement.month,
            item: explained.restatement.item.clone(),
        }
    }
}

/// What was answered at `from` about a scorecard, and is answered otherwise as
/// the session knows it: by month, then in plan order.
///
/// # Errors
/// Those of the storage.
pub fn list(
    session: &mut Session<'_>,
    scorecard: &Scorecard,
    from: DateTime<Utc>,
) -> Result<Vec<Explained>, AppError> {
    // Before it was made, nothing was answered.
    if from < scorecard.created_at {
        return Ok(Vec::new());
    }
    let until = session.known_at.unwrap_or(session.now);
    let changes = actuals::changes_known_at(session.conn, &scorecard.id, until)?;
    let versions = plans::versions(session, scorecard)?;
    let now_plans = plans::history(session, scorecard)?;
    as_of::look_back(session, Some(from));
    let then_plans = plans::history(session, scorecard)?;
    let (earlier, since): (Vec<PastChange>, Vec<PastChange>) =
        changes.into_iter().partition(|change| change.at <= from);
    let then_ledger = written(Ledger::default(), &earlier, scorecard.start);
    let now_ledger = written(then_ledger.clone(), &since, scorecard.start);
    let then = knowledge(&then_plans, &then_ledger);
    let now = knowledge(&now_plans, &now_ledger);
    let net = net_changes(&since);
    let explained = restatement::restatements(&then, &now).into_iter();
    Ok(explained
        .map(|restatement| {
            let mut causes = causes_in_cells(&restatement, &net);
            causes.extend(cause_in_plan(&restatement, &now, &versions));
            Explained {
                restatement,
                causes,
            }
        })
        .collect())
}

const fn knowledge<'a>(plans: &'a PlanHistory, ledger: &'a Ledger) -> Knowledge<'a> {
    Knowledge { plans, ledger }
}

fn written(mut ledger: Ledger, changes: &[PastChange], start: Month) -> Ledger {
    for change in changes {
        if let Some(at) = ProgrammeMonth::of(change.month, start) {
            ledger.set(&change.item, at, change.after.clone());
        }
    }
    ledger
}

/// What became of each item's cells, by month: as it was before the first
/// change, and the last change.
type NetChanges<'a> = BTreeMap<&'a str, BTreeMap<Month, (&'a Cell, &'a PastChange)>>;

fn net_changes(changes: &[PastChange]) -> NetChanges<'_> {
    let mut net: NetChanges<'_> = BTreeMap::new();
    for change in changes {
        net.entry(&change.item)
            .or_default()
            .entry(change.month)
            .and_modify(|(_, last)| *last = change)
            .or_insert((&change.before, change));
    }
    net
}

fn causes_in_cells(restatement: &Restatement, changed: &NetChanges<'_>) -> Vec<Cause> {
    let of_item = changed.get(restatement.item.as_str());
    of_item
        .into_iter()
        .flatten()
        .filter_map(|(month, (before, last))| {
            Some(Cause {
                kind: restatement.cause(*month, before, &last.after)?,
                at: last.at,
                by: last.by_name.clone(),
                note: last.clear_reason.clone().or_else(|| last.note.clone()),
                month: *month,
                cells: Some(((*before).clone(), last.after.clone())),
                revision: Some(last.revision),
                plan_version: None,
            })
        })
        .collect()
}

fn cause_in_plan(
    restatement: &Restatement,
    now: &Knowledge<'_>,
    versions: &[plans::PlanVersion],
) -> Option<Cause> {
    let number = restatement.other_plan(now)?;
    let version = versions
        .iter()
        .find(|version| version.plan.version == number)?;
    Some(Cause {
        kind: CauseKind::PlanRevision,
        at: version.created_at,
        by: version.author.clone(),
        note: Some(version.reason.clone()),
        month: version.plan.effective,
        cells: None,
        revision: None,
        plan_version: Some(number),
    })
}

/// How much was restated.
#[must_use]
pub fn counts(list: &[Explained]) -> Counts {
    let differs = |told: fn(&restatement::Answered, &restatement::Answered) -> bool| {
        let is_so = |one: &&Explained| {
            let after = one.restatement.after.as_ref();
            after.is_none_or(|after| told(&one.restatement.before, after))
        };
        list.iter().filter(is_so).count()
    };
    let caused = |kind: CauseKind| {
        let is_so = |one: &&Explained| one.causes.iter().any(|cause| cause.kind == kind);
        list.iter().filter(is_so).count()
    };
    let months: BTreeSet<Month> = list.iter().map(|one| one.restatement.month).collect();
    let items: BTreeSet<&str> = list
        .iter()
        .map(|one| one.restatement.item.as_str())
        .collect();
    Counts {
        restatements: list.len(),
        months: months.len(),
        items: items.len(),
        status: differs(|before, after| before.status != after.status),
        flag: differs(|before, after| before.flag != after.flag),
        correction: caused(CauseKind::Correction),
        clear: caused(CauseKind::Clear),
        late_report: caused(CauseKind::LateReport),
        plan_revision: caused(CauseKind::PlanRevision),
    }
}

/// What of a list comes after a position, at most `limit`.
#[must_use]
pub fn page(list: Vec<Explained>, after: Option<&Position>, limit: u32) -> Vec<Explained> {
    let begin = match after {
        None => 0,
        Some(position) => list
            .iter()
            .position(|one| Position::of(one) == *position)
            .map_or_else(
                || list.partition_point(|one| one.restatement.month <= position.month),
                |index| index + 1,
            ),
    };
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    list.into_iter().skip(begin).take(limit).collect()
}

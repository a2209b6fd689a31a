//! Revisions of plans: proposed by a hub and decided by its prefecture, or put
//! into force at once by a prefecture or the nation (`semantics.md` §7).

use std::collections::BTreeSet;

use serde_json::json;

use super::alerts::scorecard_ref;
use super::audit::{self, Action, Subject};
use super::deliveries::{self, Outgoing};
use super::months::{MonthState, effective_state};
use super::notices::{hears_of, wants};
use super::plans::{self, Origin};
use super::scorecards::{READ_MONTHS_MAX, demand_revision};
use super::{AppError, Conflict, Session, actuals, alerts, as_of, summaries};
use crate::domain::access::Permission;
use crate::domain::definition::Horizon;
use crate::domain::delivery::Cadence;
use crate::domain::event::{Event, EventData, EventType, PlanRevised, RevisedPart};
use crate::domain::ids::AlertId;
use crate::domain::issue::{Issue, IssueCode, Issues};
use crate::domain::month::Month;
use crate::domain::revision::{
    self, Basis, Change, Part, Revised, RevisionState, adds_preparation, revise,
};
use crate::domain::roadmap::{Plan, PlanHistory};
use crate::domain::text::Text;
use crate::storage::alerts::{self as alert_rows, Alert};
use crate::storage::revisions::{self, Decision, Proposal, Revision};
use crate::storage::scorecards::{self as scorecard_rows, Scorecard};
use crate::storage::{actuals as cells, agenda, months, subscriptions};

/// A revision to be made; its change list has been read against the version in
/// force in its effective month.
#[derive(Clone, Debug)]
pub struct NewRevision {
    pub effective: Month,
    pub reason: String,
    /// The alert that prompts it.
    pub alert: Option<AlertId>,
    pub changes: Vec<Change>,
}

/// A revision with what it changes.
#[derive(Clone, Debug)]
pub struct RevisionDetail {
    pub revision: Revision,
    /// The version that it changes: of one that is in force or rejected, as it
    /// was decided; of a proposal, the one in force in its effective month.
    pub base: u32,
    pub changes: Vec<Change>,
    pub warnings: Vec<Issue>,
    /// Why a proposal cannot come into force as it is.
    pub conflicts: Vec<Issue>,
}

impl RevisionDetail {
    #[must_use]
    pub fn state(&self) -> RevisionState {
        state(&self.revision)
    }
}

/// Where a revision stands.
#[must_use]
pub fn state(revision: &Revision) -> RevisionState {
    revision
        .decision
        .as_ref()
        .map_or(RevisionState::Proposed, |decision| decision.state)
}

/// The bars that a scorecard's plan may have.
#[must_use]
pub const fn horizon(scorecard: &Scorecard) -> Horizon {
    if scorecard.template.is_some() {
        Horizon::Template
    } else {
        Horizon::Own
    }
}

/// Notes what is wrong with an effective month, whatever has been approved.
pub fn check_effective(scorecard: &Scorecard, effective: Month, issues: &mut Issues) {
    let months = effective.since(scorecard.start);
    let (code, message) = if months < 0 {
        (
            IssueCode::MonthBeforeStart,
            Text::new(
                format!("{effective} は開始月 {} より前です。", scorecard.start),
                format!(
                    "{effective} is before the scorecard's first month, {}.",
                    scorecard.start
                ),
            ),
        )
    } else if u32::try_from(months).is_ok_and(|months| months >= READ_MONTHS_MAX) {
        (
            IssueCode::OutOfRange,
            Text::new(
                format!("{effective} は開始から {READ_MONTHS_MAX} か月を超えています。"),
                format!("{effective} is more than {READ_MONTHS_MAX} months after the start."),
            ),
        )
    } else {
        return;
    };
    issues.push(Issue::error(code, "/effective_month", message).about_month(effective));
}

/// Notes where a prompting alert is none of the scorecard's.
///
/// # Errors
/// Those of the storage.
pub fn check_alert(
    session: &mut Session<'_>,
    scorecard: &Scorecard,
    alert: &AlertId,
    issues: &mut Issues,
) -> Result<(), AppError> {
    let scope = session.caller.scope.clone();
    let found = alert_rows::find(session.conn, alert, &scope)?;
    if found.is_none_or(|(_, of)| of.id != scorecard.id) {
        issues.error(
            IssueCode::UnknownReference,
            "/alert",
            Text::new(
                format!("このスコアカードに「{alert}」というアラートはありません。"),
                format!("The scorecard has no alert \"{alert}\"."),
            ),
        );
    }
    Ok(())
}

/// Proposes a revision of a locked scorecard's plan; of who may approve
/// revisions, it comes into force at once.
///
/// # Errors
/// `Invalid` where the changed plan breaks a rule; `Conflict` where the effective
/// month or a later one is approved; `Stale`.
pub fn propose(
    session: &mut Session<'_>,
    mut scorecard: Scorecard,
    plans: &PlanHistory,
    new: NewRevision,
    expected: Option<i64>,
) -> Result<(Scorecard, RevisionDetail), AppError> {
    let base = plans.in_force(new.effective);
    let revised = revise(base, &new.changes).map_err(AppError::Invalid)?;
    demand_open_months(session, &scorecard, new.effective)?;
    demand_revision(&scorecard, expected)?;
    let known = revisions::of_scorecard(session.conn, &scorecard.id)?;
    let last = known.last().map_or(1, |last| last.proposal.version);
    let proposal = Proposal {
        version: last.saturating_add(1),
        effective: new.effective,
        base: base.version,
        author_id: session.caller.id().to_owned(),
        author_name: session.caller.name.clone(),
        reason: new.reason,
        alert: new.alert.map(|alert| alert.to_string()),
        changes: plans::written_changes(&new.changes)?,
        proposed_at: session.now,
    };
    revisions::propose(session.conn, &scorecard.id, &proposal)?;
    scorecard.revision = scorecard_rows::bump(session.conn, &scorecard.id, session.now)?;
    record(session, &scorecard, &proposal, Action::RevisionProposed)?;
    let mut revision = Revision {
        proposal,
        decision: None,
    };
    if session.caller.may(Permission::Steer) {
        let decision = decision(session, RevisionState::InForce, base.version, None);
        put_in_force(
            session,
            &mut scorecard,
            &revision.proposal,
            &revised,
            &decision,
        )?;
        revision.decision = Some(decision);
    }
    tell(session, &scorecard, &revision, &revised.changes)?;
    let detail = RevisionDetail {
        base: base.version,
        changes: revised.changes,
        // Nothing is based on it yet.
        warnings: with_later_versions(revised.warnings, plans, &revision.proposal, &[]),
        conflicts: Vec::new(),
        revision,
    };
    Ok((scorecard, detail))
}

/// What the prefecture makes of a proposal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    Approve { note: Option<String> },
    Reject { note: String },
}

/// Decides about a proposal for a locked scorecard. Approved, it is applied to
/// the version in force by then, and comes into force.
///
/// # Errors
/// `NotFound`; `Invalid` where the changed plan breaks a rule by now; `Conflict`
/// where it was decided before, where what it changes has changed since, or where
/// a month from the effective one on is approved; `Stale`.
pub fn decide(
    session: &mut Session<'_>,
    mut scorecard: Scorecard,
    version: u32,
    verdict: Verdict,
    expected: Option<i64>,
) -> Result<(Scorecard, RevisionDetail), AppError> {
    let plans = plans::history(session, &scorecard)?;
    let mut revision = find(&list(session, &scorecard)?, version)?;
    if revision.decision.is_some() {
        return Err(AppError::conflict(Conflict::RevisionDecided));
    }
    let requested = plans::read_changes(&revision.proposal.changes)?;
    let base = plans.in_force(revision.proposal.effective);
    let mut revised = revise(base, &requested);
    if let Verdict::Approve { .. } = verdict {
        demand_fitting(&plans, &revision.proposal, &requested)?;
        if let Err(issues) = revised {
            return Err(AppError::Invalid(issues));
        }
        demand_open_months(session, &scorecard, revision.proposal.effective)?;
    }
    demand_revision(&scorecard, expected)?;
    scorecard.revision = scorecard_rows::bump(session.conn, &scorecard.id, session.now)?;
    let (decision, action) = match verdict {
        Verdict::Approve { note } => (
            decision(session, RevisionState::InForce, base.version, note),
            Action::RevisionApproved,
        ),
        Verdict::Reject { note } => (
            decision(session, RevisionState::Rejected, base.version, Some(note)),
            Action::RevisionRejected,
        ),
    };
    record(session, &scorecard, &revision.proposal, action)?;
    match &mut revised {
        Ok(revised) if decision.state == RevisionState::InForce => {
            put_in_force(
                session,
                &mut scorecard,
                &revision.proposal,
                revised,
                &decision,
            )?;
        }
        _ => revisions::decide(session.conn, &scorecard.id, version, &decision)?,
    }
    revision.decision = Some(decision);
    let detail = detail_of(&plans, revision, &[])?;
    tell(session, &scorecard, &detail.revision, &detail.changes)?;
    Ok((scorecard, detail))
}

fn decision(
    session: &Session<'_>,
    state: RevisionState,
    base: u32,
    note: Option<String>,
) -> Decision {
    Decision {
        state,
        base,
        by_id: session.caller.id().to_owned(),
        by_name: session.caller.name.clone(),
        note,
        at: session.now,
    }
}

/// Every revision of a scorecard's plan, oldest first.
///
/// # Errors
/// Those of the storage.
pub fn list(session: &mut Session<'_>, scorecard: &Scorecard) -> Result<Vec<Revision>, AppError> {
    let rows = revisions::of_scorecard(session.conn, &scorecard.id)?;
    Ok(as_of::revisions(session, rows))
}

/// One revision with what it changes.
///
/// # Errors
/// `NotFound` for a number that does not exist.
pub fn detail(
    session: &mut Session<'_>,
    scorecard: &Scorecard,
    version: u32,
) -> Result<RevisionDetail, AppError> {
    let plans = plans::history(session, scorecard)?;
    let all = list(session, scorecard)?;
    let revision = find(&all, version)?;
    detail_of(&plans, revision, &all)
}

fn find(revisions: &[Revision], version: u32) -> Result<Revision, AppError> {
    revisions
        .iter()
        .find(|revision| revision.proposal.version == version)
        .cloned()
        .ok_or(AppError::NotFound)
}

/// Whether a version holds the changes of an earlier one: each was applied to
/// the one that it names as its base.
fn descends(revisions: &[Revision], version: u32, ancestor: u32) -> bool {
    let base_of = |&version: &u32| {
        let revision = revisions
            .iter()
            .find(|revision| revision.proposal.version == version)?;
        Some(revision.decision.as_ref()?.base)
    };
    std::iter::successors(Some(version), base_of).any(|version| version == ancestor)
}

/// The version that a revision changes: the one that it was applied to, and as
/// long as nobody has decided, the one in force in its effective month.
fn base_of<'a>(plans: &'a PlanHistory, revision: &Revision) -> &'a Plan {
    revision
        .decision
        .as_ref()
        .and_then(|decision| plans.version(decision.base))
        .unwrap_or_else(|| plans.in_force(revision.proposal.effective))
}

fn detail_of(
    plans: &PlanHistory,
    revision: Revision,
    all: &[Revision],
) -> Result<RevisionDetail, AppError> {
    let requested = plans::read_changes(&revision.proposal.changes)?;
    let base = base_of(plans, &revision);
    let mut conflicts = Vec::new();
    if revision.decision.is_none() {
        conflicts = unfitting(plans, &revision.proposal, &requested);
    }
    let (changes, warnings) = match revise(base, &requested) {
        Ok(Revised {
            changes, warnings, ..
        }) => (changes, warnings),
        Err(issues) => {
            conflicts.extend(issues);
            (requested, Vec::new())
        }
    };
    Ok(RevisionDetail {
        base: base.version,
        changes,
        warnings: with_later_versions(warnings, plans, &revision.proposal, all),
        conflicts,
        revision,
    })
}

/// What a proposal changes that is not what it found when it was proposed.
fn unfitting(plans: &PlanHistory, proposal: &Proposal, requested: &[Change]) -> Vec<Issue> {
    let basis = Basis::of(plans, proposal.effective);
    revision::conflicts(&basis, requested)
        .into_iter()
        .map(|change| {
            let key = &change.key;
            Issue::error(
                IssueCode::UnknownReference,
                "/changes",
                Text::new(
                    format!("「{key}」は、この改定の提案後に変わっています。"),
                    format!("\"{key}\" has changed since this revision was proposed."),
                ),
            )
        })
        .collect()
}

fn demand_fitting(
    plans: &PlanHistory,
    proposal: &Proposal,
    requested: &[Change],
) -> Result<(), AppError> {
    let conflicts = unfitting(plans, proposal, requested);
    if !conflicts.is_empty() {
        let detail = Text::new(
            "この改定が変える箇所が、提案後に変わっています。現在の計画をもとに、もう一度提案してください。",
            "What this revision changes has changed since it was proposed. Propose it again, against the plan as it is now.",
        );
        return Err(AppError::Conflict(
            Conflict::RevisionOutdated(detail),
            conflicts,
        ));
    }
    // Of two versions with the same effective month the later number counts.
    let Some(later) = plans.versions().find(|version| {
        version.effective == proposal.effective && version.version > proposal.version
    }) else {
        return Ok(());
    };
    let (number, month) = (later.version, proposal.effective);
    Err(AppError::conflict(Conflict::RevisionOutdated(Text::new(
        format!(
            "提案後に、同じ {month} から第 {number} 版が適用されています。現在の計画をもとに、もう一度提案してください。"
        ),
        format!(
            "Version {number} has come into force from the same month, {month}, since this was proposed. Propose it again, against the plan as it is now."
        ),
    ))))
}

/// The effective month is later than every approved month.
fn demand_open_months(
    session: &mut Session<'_>,
    scorecard: &Scorecard,
    effective: Month,
) -> Result<(), AppError> {
    let last = Month::last_ended(session.now).max(effective);
    let approved = months::range(session.conn, &scorecard.id, effective, last)?
        .into_iter()
        .filter(|row| effective_state(Some(row), session.now) == MonthState::Approved)
        .map(|row| row.month)
        .max();
    match approved {
        Some(month) => Err(AppError::conflict(Conflict::MonthApproved(month))),
        None => Ok(()),
    }
}

/// A version that begins later knows nothing of one that it is not based on.
fn with_later_versions(
    mut warnings: Vec<Issue>,
    plans: &PlanHistory,
    proposal: &Proposal,
    all: &[Revision],
) -> Vec<Issue> {
    let later = plans.versions().filter(|version| {
        version.effective > proposal.effective && !descends(all, version.version, proposal.version)
    });
    warnings.extend(later.map(|version| {
        let (number, month) = (version.version, version.effective);
        Issue::warning(
            IssueCode::Implausible,
            "/effective_month",
            Text::new(
                format!("{month} からは第 {number} 版が適用され、この改定の変更は含まれません。"),
                format!(
                    "From {month} on version {number} holds, without the changes of this revision."
                ),
            ),
        )
        .about_month(month)
    }));
    warnings
}

/// Adds the plan version, and brings up to date what follows from it.
fn put_in_force(
    session: &mut Session<'_>,
    scorecard: &mut Scorecard,
    proposal: &Proposal,
    revised: &Revised,
    decision: &Decision,
) -> Result<(), AppError> {
    let id = scorecard.id.clone();
    revisions::decide(session.conn, &id, proposal.version, decision)?;
    let plan = Plan {
        version: proposal.version,
        effective: proposal.effective,
        ..revised.plan.clone()
    };
    let origin = Origin {
        author_id: &proposal.author_id,
        author_name: &proposal.author_name,
        reason: &proposal.reason,
        alert: proposal.alert.as_deref(),
    };
    plans::add(session, scorecard, &plan, &origin, &revised.changes)?;
    let plans = plans::history(session, scorecard)?;
    let ledger = cells::ledger(session.conn, &id, scorecard.start, None)?;
    let since = proposal.effective;
    if scorecard.reported_through.is_some_and(|last| since <= last) {
        actuals::complete_months(session, scorecard, &plans, &ledger, since)?;
        summaries::refresh(session, scorecard, &plans, &ledger, since)?;
        alerts::refresh(session.conn, &id, &plans, &ledger, since, session.now)?;
    }
    // Due days may have moved, and alerts may have ended.
    if let Some(mut appointment) = agenda::find(session.conn, &id)? {
        appointment.due_at = appointment.due_at.min(session.now);
        agenda::put(session.conn, &id, &appointment)?;
    }
    Ok(())
}

fn record(
    session: &mut Session<'_>,
    scorecard: &Scorecard,
    proposal: &Proposal,
    action: Action,
) -> Result<(), AppError> {
    let detail = json!({
        "plan_version": proposal.version,
        "effective_month": proposal.effective,
        "revision": scorecard.revision,
        "alert": proposal.alert,
    });
    audit::record(session, action, Subject::scorecard(scorecard), &detail)
}

/// Puts what became of a revision into the outbox, for every destination that
/// covers the scorecard and hears of it at once.
fn tell(
    session: &mut Session<'_>,
    scorecard: &Scorecard,
    revision: &Revision,
    changes: &[Change],
) -> Result<(), AppError> {
    let (proposal, decision) = (&revision.proposal, revision.decision.as_ref());
    let (id, month) = (&scorecard.id, proposal.effective);
    let event = Event {
        at: session.now,
        data: EventData::Revised(PlanRevised {
            about: scorecard_ref(scorecard),
            version: proposal.version,
            state: state(revision),
            effective_month: month,
            author: proposal.author_name.clone(),
            reason: proposal.reason.clone(),
            alert: proposal.alert.clone().map(AlertId),
            decided_by: decision.map(|decision| decision.by_name.clone()),
            note: decision.and_then(|decision| decision.note.clone()),
            changes: changes.iter().map(brief).collect(),
            truncated: 0,
            url: session
                .office
                .link(&format!("/scorecards/{id}?month={month}")),
        }),
    };
    let outgoing = Outgoing {
        event: &event,
        scorecard: Some(id),
        month: Some(month),
        alerts: BTreeSet::new(),
    };
    for destination in subscriptions::covering(session.conn, &scorecard.hub)? {
        if destination.escalation_days == 0
            && destination.cadence == Cadence::Immediate
            && hears_of(&destination.filter, id)
            && wants(&destination.filter, EventType::PlanRevised)
        {
            deliveries::enqueue(session.conn, session.office, &destination, &outgoing)?;
        }
    }
    Ok(())
}

fn brief(change: &Change) -> RevisedPart {
    let name = match &change.part {
        Part::Item(edit) => edit
            .after
            .as_ref()
            .or(edit.before.as_ref())
            .map(|item| item.name.clone()),
        Part::Link(_) | Part::Setting(_) | Part::Parameter(_) => None,
    };
    RevisedPart {
        op: change.op(),
        kind: change.kind(),
        key: change.key.clone(),
        name,
    }
}

/// The latest revision since an alert opened, proposed or in force, that adds an
/// item of learning and growth or of the process upstream of the alert's item.
///
/// # Errors
/// Those of the storage.
pub fn answering(
    session: &mut Session<'_>,
    scorecard: &Scorecard,
    alert: &Alert,
) -> Result<Option<u32>, AppError> {
    let plans = plans::history(session, scorecard)?;
    let since = revisions::of_scorecard(session.conn, &scorecard.id)?
        .into_iter()
        .filter(|revision| revision.proposal.proposed_at >= alert.created_at)
        .filter(|revision| state(revision) != RevisionState::Rejected);
    let mut answering = None;
    for revision in since {
        let requested = plans::read_changes(&revision.proposal.changes)?;
        let revised = revise(base_of(&plans, &revision), &requested);
        if revised.is_ok_and(|revised| adds_preparation(&revised, &alert.facts.item)) {
            answering = Some(revision.proposal.version);
        }
    }
    Ok(answering)
}

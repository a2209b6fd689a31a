//! Telling people: which notice leaves when, and what time alone brings about.
//!
//! A report writes, in its own transaction, what became of the alerts and when
//! the scorecard is to be looked at ([`arrange`]). [`attend`] looks at it, in a
//! transaction of its own with the scorecard locked: it notes overdue months,
//! decides what each destination is to be told, and puts that into the outbox.
//! A crash in between loses nothing, since the appointment is still there; a
//! second look finds nothing new to tell.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::json;

use super::access::not_before;
use super::alerts::{self, ChangeKind, document, scorecard_ref};
use super::deliveries::{self, Outgoing};
use super::months::due_moment;
use super::{AppError, Office, plans};
use crate::domain::access::Scope;
use crate::domain::alert::AlertState;
use crate::domain::business_day::plus_business_days;
use crate::domain::completeness::completeness;
use crate::domain::delivery::{Cadence, Filter};
use crate::domain::event::{
    AlertDocument, Event, EventData, EventType, MissingItem, Notice, NoticeAlert, NoticeReason,
    Overdue,
};
use crate::domain::ids::{AlertId, ScorecardId};
use crate::domain::ledger::Ledger;
use crate::domain::month::{Month, ProgrammeMonth, end_of_day, japan_date};
use crate::domain::notice::{self, Entry, Told};
use crate::domain::roadmap::PlanHistory;
use crate::storage::agenda::{self, Appointment};
use crate::storage::alerts::Alert;
use crate::storage::scorecards::{self as scorecard_rows, Scorecard};
use crate::storage::subscriptions::{self, Subscription};
use crate::storage::{
    Conn, actuals, alerts as alert_rows, known, months, overdue, plans as plan_rows, tellings,
};

/// The version of the rules by which alerts are found. Raising it has every
/// scorecard's alerts found anew at the next start.
pub const RULES: i64 = 1;
/// When to look again at what could not be looked at.
pub const PUT_OFF: Duration = Duration::from_secs(300);

/// A scorecard's first appointment: nothing to tell but what falls overdue.
///
/// # Errors
/// Those of the storage.
pub fn begin(conn: &mut Conn, scorecard: &Scorecard, plans: &PlanHistory) -> Result<(), AppError> {
    let appointment = Appointment {
        due_at: next_overdue_moment(plans, scorecard.created_at),
        notice_at: None,
        rules: RULES,
    };
    Ok(agenda::put(conn, &scorecard.id, &appointment)?)
}

/// When the notice of a report leaves: at once where it completes its month;
/// else when no further one has come for a while, or the due day ends.
///
/// # Errors
/// Those of the storage.
pub fn arrange(
    conn: &mut Conn,
    office: &Office,
    scorecard: &ScorecardId,
    report: &Reported,
    now: DateTime<Utc>,
) -> Result<(), AppError> {
    let quiet = chrono::Duration::from_std(office.quiet).unwrap_or_default();
    let patience = if now < report.due_moment {
        report.due_moment.min(now + quiet)
    } else {
        now + quiet
    };
    let notice_at = if report.complete { now } else { patience };
    let known = agenda::find(conn, scorecard)?;
    let appointment = Appointment {
        due_at: known.map_or(notice_at, |known| known.due_at.min(notice_at)),
        notice_at: Some(notice_at),
        rules: known.map_or(RULES, |known| known.rules),
    };
    Ok(agenda::put(conn, scorecard, &appointment)?)
}

/// What [`arrange`] needs to know of a report.
#[derive(Clone, Copy, Debug)]
pub struct Reported {
    /// Whether its month is complete.
    pub complete: bool,
    /// The first instant after the month's due day.
    pub due_moment: DateTime<Utc>,
}

/// The scorecards whose time has come.
///
/// # Errors
/// Those of the storage.
pub fn due(conn: &mut Conn, now: DateTime<Utc>, limit: i64) -> Result<Vec<ScorecardId>, AppError> {
    Ok(agenda::due(conn, now, limit)?)
}

/// When the next scorecard's time comes, after `now`.
///
/// # Errors
/// Those of the storage.
pub fn next_after(conn: &mut Conn, now: DateTime<Utc>) -> Result<Option<DateTime<Utc>>, AppError> {
    Ok(agenda::next_after(conn, now)?)
}

/// Looks at a scorecard later that cannot be looked at now.
///
/// # Errors
/// Those of the storage.
pub fn put_off(conn: &mut Conn, id: &ScorecardId, now: DateTime<Utc>) -> Result<(), AppError> {
    if let Some(mut appointment) = agenda::find(conn, id)? {
        appointment.due_at = now + PUT_OFF;
        agenda::put(conn, id, &appointment)?;
    }
    Ok(())
}

/// Has every scorecard looked at whose alerts were found by other rules.
///
/// # Errors
/// Those of the storage.
pub fn call_up(conn: &mut Conn, now: DateTime<Utc>) -> Result<usize, AppError> {
    Ok(agenda::call_up(conn, RULES, now)?)
}

/// Looks at one scorecard whose time has come. `false` where somebody else just did.
///
/// # Errors
/// Those of the storage.
pub fn attend(
    conn: &mut Conn,
    office: &Office,
    id: &ScorecardId,
    now: DateTime<Utc>,
) -> Result<bool, AppError> {
    attend_by(conn, office, id, &|| now)
}

/// [`attend`] at the instant that a clock shows once the scorecard is locked.
///
/// # Errors
/// Those of the storage.
pub fn attend_by(
    conn: &mut Conn,
    office: &Office,
    id: &ScorecardId,
    clock: &dyn Fn() -> DateTime<Utc>,
) -> Result<bool, AppError> {
    let Some(scorecard) = scorecard_rows::lock(conn, id, &Scope::Nation)? else {
        return Ok(false);
    };
    let now = clock();
    let Some(appointment) = agenda::find(conn, id)?.filter(|known| known.due_at <= now) else {
        return Ok(false);
    };
    // What is known from now on does not change what was known before.
    let now = not_before(now, known::last_change(conn, &[id])?);
    let plans = plans::plan_history(
        &office.plans,
        plan_rows::history(conn, id)?,
        scorecard.start,
    )?;
    if appointment.rules != RULES {
        let ledger = actuals::ledger(conn, id, scorecard.start, None)?;
        alerts::refresh(conn, id, &plans, &ledger, scorecard.start, now)?;
        scorecard_rows::bump(conn, id, now)?;
    }
    let mut room = Room {
        conn,
        office,
        scorecard: &scorecard,
        now,
    };
    let destinations = subscriptions::covering(room.conn, &scorecard.hub)?;
    room.note_overdue(&plans, &destinations)?;
    let waits = appointment.notice_at.filter(|at| *at > now);
    let mut next = vec![next_overdue_moment(&plans, now)];
    match waits {
        Some(at) => next.push(at),
        None => next.extend(room.tell(&plans, &destinations)?),
    }
    let appointment = Appointment {
        due_at: next.into_iter().min().unwrap_or(now),
        notice_at: waits,
        rules: RULES,
    };
    agenda::put(conn, id, &appointment)?;
    Ok(true)
}

/// Looks at a scorecard at every moment up to `until` at which its time came, as
/// if somebody had been there all along.
///
/// # Errors
/// Those of the storage.
pub fn catch_up(
    conn: &mut Conn,
    office: &Office,
    id: &ScorecardId,
    until: DateTime<Utc>,
) -> Result<(), AppError> {
    while let Some(appointment) = agenda::find(conn, id)?.filter(|known| known.due_at <= until) {
        attend(conn, office, id, appointment.due_at)?;
    }
    Ok(())
}

/// The next moment at which a month's report can become overdue.
fn next_overdue_moment(plans: &PlanHistory, now: DateTime<Utc>) -> DateTime<Utc> {
    let mut month = Month::last_ended(now).plus(-1).max(plans.start());
    loop {
        let moment = due_moment_of(plans, month);
        if moment > now {
            return moment;
        }
        month = month.next();
    }
}

fn due_moment_of(plans: &PlanHistory, month: Month) -> DateTime<Utc> {
    due_moment(month, &plans.in_force(month).definition.settings)
}

/// One look at one scorecard.
struct Room<'a> {
    conn: &'a mut Conn,
    office: &'a Office,
    scorecard: &'a Scorecard,
    now: DateTime<Utc>,
}

impl Room<'_> {
    /// Opens what has become overdue since the scorecard was made, each month
    /// once, and closes what is complete.
    fn note_overdue(
        &mut self,
        plans: &PlanHistory,
        destinations: &[Subscription],
    ) -> Result<(), AppError> {
        let id = &self.scorecard.id;
        let known: BTreeMap<Month, bool> = overdue::of_scorecard(self.conn, id)?
            .into_iter()
            .map(|report| (report.month, report.closed_at.is_some()))
            .collect();
        let last = Month::last_ended(self.now);
        let completed: BTreeSet<Month> = months::range(self.conn, id, self.scorecard.start, last)?
            .into_iter()
            .filter(|row| row.first_completed_at.is_some())
            .map(|row| row.month)
            .collect();
        let mut missed = Vec::new();
        let mut month = self
            .scorecard
            .start
            .max(Month::last_ended(self.scorecard.created_at).plus(-1));
        while month <= last {
            let moment = due_moment_of(plans, month);
            let is_over = moment <= self.now && moment > self.scorecard.created_at;
            let was_complete = completed.contains(&month);
            match known.get(&month) {
                Some(false) if was_complete => overdue::close(self.conn, id, month, self.now)?,
                None if is_over && !was_complete => missed.push(month),
                _ => {}
            }
            month = month.next();
        }
        // Most looks come of reports in time, and need no figures at all.
        if missed.is_empty() {
            return Ok(());
        }
        let ledger = actuals::ledger(self.conn, id, self.scorecard.start, None)?;
        for month in missed {
            self.open_overdue(plans, &ledger, month, destinations)?;
        }
        Ok(())
    }

    fn open_overdue(
        &mut self,
        plans: &PlanHistory,
        ledger: &Ledger,
        month: Month,
        destinations: &[Subscription],
    ) -> Result<(), AppError> {
        let plan = plans.in_force(month);
        let at = ProgrammeMonth::of(month, plan.start).unwrap_or(ProgrammeMonth::FIRST);
        let state = completeness(plan, ledger, at);
        if state.complete {
            return Ok(());
        }
        let due_on = plan.definition.settings.due_on(month);
        overdue::open(self.conn, &self.scorecard.id, month, due_on, self.now)?;
        let missing = state
            .missing
            .iter()
            .filter_map(|key| plan.definition.item(key))
            .map(|item| MissingItem {
                item: item.key.clone(),
                item_name: item.name.clone(),
            })
            .collect();
        let event = Event {
            at: self.now,
            data: EventData::Overdue(Overdue {
                about: scorecard_ref(self.scorecard),
                month,
                due_on,
                missing,
                truncated: 0,
                url: self.link(month),
            }),
        };
        for destination in destinations {
            // Who hears of alerts late hears of missing reports in a digest.
            if destination.escalation_days == 0
                && destination.cadence == Cadence::Immediate
                && hears_of(&destination.filter, &self.scorecard.id)
                && wants(&destination.filter, EventType::ReportOverdue)
            {
                self.send(destination, &event, month, BTreeSet::new())?;
            }
        }
        Ok(())
    }

    /// Tells every destination what it does not know yet. Returns the moments
    /// at which time alone will bring something to tell.
    fn tell(
        &mut self,
        plans: &PlanHistory,
        destinations: &[Subscription],
    ) -> Result<Vec<DateTime<Utc>>, AppError> {
        let mut alerts = alert_rows::of_scorecard(self.conn, &self.scorecard.id)?;
        if alerts.is_empty() {
            return Ok(Vec::new());
        }
        let month = self.scorecard.reported_through.unwrap_or(plans.start());
        let order = &plans.in_force(month).definition;
        alerts.sort_by_key(|alert| {
            (
                order.item_index(&alert.facts.item),
                alert.facts.opened_month,
            )
        });
        self.announce(&mut alerts)?;
        let mut told = tellings::of_scorecard(self.conn, &self.scorecard.id)?;
        for destination in destinations {
            if destination.cadence == Cadence::Immediate {
                let known = told.remove(&destination.id).unwrap_or_default();
                self.tell_one(destination, &alerts, &read_told(&known)?, month)?;
            }
        }
        Ok(self.moments(&alerts, destinations))
    }

    /// Notes when the first notice of an alert leaves, whoever it goes to: from
    /// then on it waits for somebody to take it on.
    fn announce(&mut self, alerts: &mut [Alert]) -> Result<(), AppError> {
        for alert in alerts {
            let leaves = alert.state == AlertState::Open
                && alert.folded_under.is_none()
                && !is_silenced(alert, self.now);
            if leaves && alert.announced_at.is_none() {
                alert.announced_at = Some(self.now);
                alert_rows::put(self.conn, alert, self.now)?;
                let detail = json!({ "month": alert.facts.month });
                alerts::append(
                    self.conn,
                    &alert.id,
                    ChangeKind::Announced,
                    None,
                    &detail,
                    self.now,
                )?;
            }
        }
        Ok(())
    }

    fn tell_one(
        &mut self,
        destination: &Subscription,
        alerts: &[Alert],
        known: &BTreeMap<AlertId, Told>,
        month: Month,
    ) -> Result<(), AppError> {
        let subjects: Vec<notice::Subject<'_>> = alerts
            .iter()
            .map(|alert| notice::Subject {
                id: &alert.id,
                state: alert.state,
                facts: &alert.facts,
                folded_under: alert.folded_under.as_ref(),
                wanted: self.is_wanted(destination, alert, alerts),
                silenced: is_silenced(alert, self.now),
                acknowledged: is_acknowledged(alert, self.now),
            })
            .collect();
        let first = if destination.escalation_days == 0 {
            NoticeReason::First
        } else {
            NoticeReason::Escalated
        };
        let mut decision = notice::decide(&subjects, known, first);
        let told: BTreeMap<AlertId, String> = decision
            .told
            .iter()
            .map(|(id, told)| Ok((id.clone(), written(told)?)))
            .collect::<Result<_, AppError>>()?;
        tellings::put(self.conn, &destination.id, &told)?;
        for (list, event) in [
            (&mut decision.opened, EventType::AlertOpened),
            (&mut decision.updated, EventType::AlertUpdated),
            (&mut decision.resolved, EventType::AlertResolved),
            (&mut decision.withdrawn, EventType::AlertWithdrawn),
        ] {
            if !wants(&destination.filter, event) {
                list.clear();
            }
        }
        if decision.is_empty() {
            return Ok(());
        }
        let entries = |list: &[Entry]| self.entries(list, alerts);
        let notice = Notice {
            about: scorecard_ref(self.scorecard),
            month,
            opened: entries(&decision.opened),
            updated: entries(&decision.updated),
            resolved: entries(&decision.resolved),
            withdrawn: entries(&decision.withdrawn),
            truncated: 0,
            url: self.link(month),
        };
        let named = [
            &notice.opened,
            &notice.updated,
            &notice.resolved,
            &notice.withdrawn,
        ]
        .into_iter()
        .flatten()
        .flat_map(|entry| std::iter::once(&entry.alert).chain(&entry.folded))
        .map(|alert| alert.id.clone())
        .collect();
        let event = Event {
            at: self.now,
            data: EventData::Notice(notice),
        };
        self.send(destination, &event, month, named)
    }

    fn entries(&self, list: &[Entry], alerts: &[Alert]) -> Vec<NoticeAlert> {
        let shown = |index: usize| -> Option<AlertDocument> {
            alerts
                .get(index)
                .map(|alert| document(alert, self.scorecard))
        };
        list.iter()
            .filter_map(|entry| {
                Some(NoticeAlert {
                    reason: entry.reason,
                    alert: shown(entry.subject)?,
                    folded: entry.folded.iter().filter_map(|i| shown(*i)).collect(),
                })
            })
            .collect()
    }

    fn is_wanted(&self, destination: &Subscription, alert: &Alert, alerts: &[Alert]) -> bool {
        let filter = &destination.filter;
        let facts = &alert.facts;
        hears_of(filter, &self.scorecard.id)
            && (filter.stages.is_empty() || filter.stages.contains(&facts.stage))
            && filter.severity.is_none_or(|least| facts.severity <= least)
            && self.is_escalated(destination, leader(alert, alerts))
    }

    /// Whether a destination's time to hear of an alert has come.
    fn is_escalated(&self, destination: &Subscription, alert: &Alert) -> bool {
        destination.escalation_days == 0
            || (!is_acknowledged(alert, self.now)
                && escalation_moment(destination, alert).is_some_and(|at| at <= self.now))
    }

    fn moments(&self, alerts: &[Alert], destinations: &[Subscription]) -> Vec<DateTime<Utc>> {
        let open = alerts
            .iter()
            .filter(|alert| alert.state == AlertState::Open);
        open.flat_map(|alert| {
            let silence = alert.silence.as_ref().map(|silence| silence.until);
            let acknowledgement = alert.acknowledgement.as_ref().map(|(_, until)| *until);
            let escalations = destinations
                .iter()
                .filter(|destination| destination.escalation_days > 0)
                .filter_map(|destination| escalation_moment(destination, alert));
            silence
                .into_iter()
                .chain(acknowledgement)
                .chain(escalations)
                .collect::<Vec<_>>()
        })
        .filter(|moment| *moment > self.now)
        .collect()
    }

    fn send(
        &mut self,
        destination: &Subscription,
        event: &Event,
        month: Month,
        alerts: BTreeSet<AlertId>,
    ) -> Result<(), AppError> {
        let outgoing = Outgoing {
            event,
            scorecard: Some(&self.scorecard.id),
            month: Some(month),
            alerts,
        };
        deliveries::enqueue(self.conn, self.office, destination, &outgoing)?;
        Ok(())
    }

    fn link(&self, month: Month) -> Option<String> {
        let id = &self.scorecard.id;
        self.office.link(&format!("/scorecards/{id}?month={month}"))
    }
}

/// The alert that is announced, and taken on, for one that is folded: the last
/// of its roots. Any other leads itself.
fn leader<'a>(alert: &'a Alert, alerts: &'a [Alert]) -> &'a Alert {
    let root_of = |alert: &Alert| {
        let root = alert.folded_under.as_ref()?;
        alerts.iter().find(|other| other.id == *root)
    };
    // A chain of roots has no cycle; the count is a bound all the same.
    let chain = std::iter::successors(Some(alert), |alert| root_of(alert));
    chain.take(alerts.len()).last().unwrap_or(alert)
}

/// When a destination hears of an alert that nobody has taken on.
fn escalation_moment(destination: &Subscription, alert: &Alert) -> Option<DateTime<Utc>> {
    let announced = alert.announced_at?;
    let days = destination.escalation_days;
    Some(end_of_day(plus_business_days(japan_date(announced), days)))
}

/// Whether a destination hears of a scorecard at all.
#[must_use]
pub fn hears_of(filter: &Filter, scorecard: &ScorecardId) -> bool {
    filter.scorecards.is_empty() || filter.scorecards.contains(scorecard)
}

/// Whether a destination wants events of a type.
#[must_use]
pub fn wants(filter: &Filter, event: EventType) -> bool {
    filter.events.is_empty() || filter.events.contains(&event)
}

/// Whether an alert's notices are held back.
#[must_use]
pub fn is_silenced(alert: &Alert, now: DateTime<Utc>) -> bool {
    alert
        .silence
        .as_ref()
        .is_some_and(|silence| silence.until > now)
}

/// Whether somebody has taken an alert on, and their action is not overdue.
#[must_use]
pub fn is_acknowledged(alert: &Alert, now: DateTime<Utc>) -> bool {
    alert
        .acknowledgement
        .as_ref()
        .is_some_and(|(_, until)| *until > now)
}

fn read_told(documents: &BTreeMap<AlertId, String>) -> Result<BTreeMap<AlertId, Told>, AppError> {
    documents
        .iter()
        .map(|(id, text)| {
            serde_json::from_str(text)
                .map(|told| (id.clone(), told))
                .map_err(|error| AppError::Internal(format!("what was told of {id}: {error}")))
        })
        .collect()
}

fn written(told: &Told) -> Result<String, AppError> {
    serde_json::to_string(told).map_err(|error| AppError::Internal(error.to_string()))
}

//! Monthly digests: where the scorecards of a destination stand, for those who
//! want one message a month. It has no memory: it says what is so now.

use std::collections::BTreeSet;

use chrono::{DateTime, Datelike, Duration, Months, Utc};

use super::alerts::scorecard_ref;
use super::deliveries::{self, Outgoing};
use super::summaries::{self, WorstItem};
use super::{AppError, Office, notices, plans};
use crate::domain::access::Scope;
use crate::domain::alert::AlertState;
use crate::domain::completeness::completeness;
use crate::domain::delivery::{Cadence, Filter, SubscriptionState};
use crate::domain::event::{Digest, DigestLine, DigestOverdue, Event, EventData, EventType};
use crate::domain::ids::{ScorecardId, SubscriptionId};
use crate::domain::month::{Month, ProgrammeMonth, japan_date, start_of_day};
use crate::domain::roadmap::PlanHistory;
use crate::domain::status::Flag;
use crate::domain::text::Text;
use crate::storage::alerts::{self, Alert};
use crate::storage::scorecards::{self, Scorecard};
use crate::storage::subscriptions::{self, Subscription};
use crate::storage::{
    Conn, actuals, hubs, overdue, plans as plan_rows, prefectures, summaries as summary_rows,
};

/// The hour of the day, in Japan, at which digests leave.
const DIGEST_HOUR: i64 = 9;
/// Lines of each kind that are gathered; what is beyond is counted, not named.
const LINES_MAX: i64 = 500;

/// The next moment at which a digest of this day of the month leaves.
#[must_use]
pub fn next_digest_at(day: u32, now: DateTime<Utc>) -> DateTime<Utc> {
    let today = japan_date(now);
    let this_month = Month::of_day(today).unwrap_or_else(|_outside| Month::last_ended(now));
    let moment = |month: Month| {
        let date = month
            .first_day()
            .with_day(day)
            .unwrap_or_else(|| month.first_day());
        start_of_day(date) + Duration::hours(DIGEST_HOUR)
    };
    let here = moment(this_month);
    if here > now {
        here
    } else {
        moment(this_month.next())
    }
}

/// When the digest before the one due at `due` left, of this day of the month:
/// what is over stands in one of them, however late the later one is made.
fn digest_before(day: u32, due: DateTime<Utc>) -> DateTime<Utc> {
    let next = japan_date(next_digest_at(day, due));
    let before = next.checked_sub_months(Months::new(2)).unwrap_or(next);
    start_of_day(before) + Duration::hours(DIGEST_HOUR)
}

/// The destinations whose digest is due.
///
/// # Errors
/// Those of the storage.
pub fn due(
    conn: &mut Conn,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<SubscriptionId>, AppError> {
    Ok(subscriptions::with_digest_due(conn, now, limit)?)
}

/// Puts a due digest into the outbox, once. `false` where somebody else just did.
///
/// # Errors
/// Those of the storage.
pub fn attend(
    conn: &mut Conn,
    office: &Office,
    id: &SubscriptionId,
    now: DateTime<Utc>,
) -> Result<bool, AppError> {
    let Some(mut subscription) = subscriptions::lock(conn, id, &Scope::Nation)? else {
        return Ok(false);
    };
    let is_due = subscription.next_digest_at.is_some_and(|at| at <= now);
    if !is_due || subscription.state != SubscriptionState::Active {
        return Ok(false);
    }
    let since = subscription
        .next_digest_at
        .map_or(now, |at| digest_before(subscription.digest_day, at));
    subscription.next_digest_at = (subscription.cadence == Cadence::Monthly)
        .then(|| next_digest_at(subscription.digest_day, now));
    subscriptions::update(conn, &subscription)?;
    if !notices::wants(&subscription.filter, EventType::DigestMonthly) {
        return Ok(true);
    }
    let digest = gather(conn, office, &subscription, since, now)?;
    let month = digest.month;
    let event = Event {
        at: now,
        data: EventData::Digest(digest),
    };
    let outgoing = Outgoing {
        event: &event,
        scorecard: None,
        month: Some(month),
        alerts: BTreeSet::new(),
    };
    deliveries::enqueue(conn, office, &subscription, &outgoing)?;
    Ok(true)
}

/// Makes a digest later that cannot be made now.
///
/// # Errors
/// Those of the storage.
pub fn put_off(conn: &mut Conn, id: &SubscriptionId, now: DateTime<Utc>) -> Result<(), AppError> {
    if let Some(mut subscription) = subscriptions::lock(conn, id, &Scope::Nation)? {
        subscription.next_digest_at = Some(now + notices::PUT_OFF);
        subscriptions::update(conn, &subscription)?;
    }
    Ok(())
}

fn gather(
    conn: &mut Conn,
    office: &Office,
    subscription: &Subscription,
    since: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<Digest, AppError> {
    let scope = &subscription.scope;
    let filter = &subscription.filter;
    let cards: Vec<Scorecard> = scorecards::list_all(conn, &scorecards::Filter::default(), scope)?
        .into_iter()
        .filter(|card| notices::hears_of(filter, &card.id))
        .collect();
    let lines = |conn: &mut Conn, state: AlertState| -> Result<Vec<DigestLine>, AppError> {
        let wanted = alerts::Filter {
            state: Some(state),
            severity: None,
            ..alerts::Filter::default()
        };
        let found = alerts::list(conn, &wanted, scope, None, LINES_MAX)?;
        Ok(found
            .iter()
            .filter(|(alert, card)| {
                let is_recent = state == AlertState::Open || alert.changed_at >= since;
                is_recent && notices::hears_of(filter, &card.id) && is_wanted(filter, alert)
            })
            .map(|(alert, card)| line_of(alert, card, now))
            .collect())
    };
    Ok(Digest {
        scope: scope_name(conn, scope)?,
        month: Month::last_ended(now),
        scorecards: u32::try_from(cards.len()).unwrap_or(u32::MAX),
        open: lines(conn, AlertState::Open)?,
        amber: amber_lines(conn, office, filter, &cards)?,
        resolved: lines(conn, AlertState::Resolved)?,
        overdue: overdue_lines(conn, office, filter, scope)?,
        truncated: 0,
        url: office.link("/alerts"),
    })
}

fn is_wanted(filter: &Filter, alert: &Alert) -> bool {
    (filter.stages.is_empty() || filter.stages.contains(&alert.facts.stage))
        && filter
            .severity
            .is_none_or(|least| alert.facts.severity <= least)
}

fn line_of(alert: &Alert, card: &Scorecard, now: DateTime<Utc>) -> DigestLine {
    let facts = &alert.facts;
    DigestLine {
        about: scorecard_ref(card),
        alert: Some(alert.id.clone()),
        item: facts.item.clone(),
        item_name: facts.item_name.clone(),
        stage: facts.stage,
        month: facts.month,
        status: facts.status,
        severity: Some(facts.severity),
        attainment: facts.attainment,
        opened_month: Some(facts.opened_month),
        acknowledged: notices::is_acknowledged(alert, now),
    }
}

/// Amber items among the worst of each scorecard's last reported month.
fn amber_lines(
    conn: &mut Conn,
    office: &Office,
    filter: &Filter,
    cards: &[Scorecard],
) -> Result<Vec<DigestLine>, AppError> {
    // Who wants to hear of severe alerts only wants no ambers.
    if filter.severity.is_some() {
        return Ok(Vec::new());
    }
    let ids: Vec<ScorecardId> = cards.iter().map(|card| card.id.clone()).collect();
    let mut lines = Vec::new();
    for row in summary_rows::latest(conn, &ids)? {
        let card = cards.iter().find(|card| card.id == row.scorecard);
        let Some((card, summary)) = card.zip(summaries::of_row(&row)) else {
            continue;
        };
        let amber: Vec<WorstItem> = summary
            .worst
            .into_iter()
            .filter(|worst| worst.flag == Flag::Amber)
            .filter(|worst| filter.stages.is_empty() || filter.stages.contains(&worst.stage))
            .collect();
        if amber.is_empty() {
            continue;
        }
        let plans = plans_of(conn, office, card)?;
        let definition = &plans.in_force(summary.month).definition;
        lines.extend(amber.into_iter().map(|worst| {
            DigestLine {
                about: scorecard_ref(card),
                alert: None,
                item_name: definition
                    .item(&worst.item)
                    .map_or_else(Text::default, |item| item.name.clone()),
                item: worst.item,
                stage: worst.stage,
                month: summary.month,
                status: worst.status,
                severity: None,
                attainment: worst.attainment,
                opened_month: None,
                acknowledged: false,
            }
        }));
    }
    Ok(lines)
}

fn plans_of(conn: &mut Conn, office: &Office, card: &Scorecard) -> Result<PlanHistory, AppError> {
    plans::plan_history(
        &office.plans,
        plan_rows::history(conn, &card.id)?,
        card.start,
    )
}

fn overdue_lines(
    conn: &mut Conn,
    office: &Office,
    filter: &Filter,
    scope: &Scope,
) -> Result<Vec<DigestOverdue>, AppError> {
    let wanted = overdue::Filter {
        open: Some(true),
        ..overdue::Filter::default()
    };
    let mut lines = Vec::new();
    for (report, card) in overdue::list(conn, &wanted, scope, None, LINES_MAX, None)? {
        if !notices::hears_of(filter, &card.id) {
            continue;
        }
        let plans = plans_of(conn, office, &card)?;
        let ledger = actuals::ledger(conn, &card.id, card.start, Some(report.month))?;
        let at = ProgrammeMonth::of(report.month, card.start).unwrap_or(ProgrammeMonth::FIRST);
        let missing = completeness(plans.in_force(report.month), &ledger, at).missing;
        lines.push(DigestOverdue {
            about: scorecard_ref(&card),
            month: report.month,
            due_on: report.due_on,
            missing: u32::try_from(missing.len()).unwrap_or(u32::MAX),
        });
    }
    Ok(lines)
}

fn scope_name(conn: &mut Conn, scope: &Scope) -> Result<Text, AppError> {
    Ok(match scope {
        Scope::Nation => Text::new("全国", "Nation"),
        Scope::Prefecture(code) => {
            prefectures::find(conn, code)?.map_or_else(Text::default, |prefecture| prefecture.name)
        }
        Scope::Hub(code) => hubs::find(conn, code)?.map_or_else(Text::default, |hub| hub.name),
    })
}

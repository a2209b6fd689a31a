//! Alerts with what people did about them, and everything that ever happened
//! to one. Episodes are derived; whoever changes a plan or a cell brings them
//! up to date in the same transaction, with the scorecard locked.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::helper_types::IntoBoxed;
use diesel::prelude::*;

use super::alert_versions;
use super::conn::{Conn, MultiBackend, columns};
use super::error::StorageError;
use super::hubs::HubRow;
use super::prefectures::PrefectureRow;
use super::schema::{
    alert_changes, alerts, delivery_alerts, hubs, prefectures, scorecards, tellings,
};
use super::scorecards::{Scorecard, ScorecardRow, scorecard};
use super::stored::{self, Selecting};
use crate::domain::access::Scope;
use crate::domain::alert::{AlertFacts, AlertState, Severity};
use crate::domain::event::{Acknowledgement, Review, Silence};
use crate::domain::ids::{AlertId, HubCode, PrefectureCode, ScorecardId};
use crate::domain::month::Month;
use crate::domain::scorecard::Stage;

/// An alert as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alert {
    pub id: AlertId,
    pub scorecard: ScorecardId,
    pub state: AlertState,
    pub facts: AlertFacts,
    pub folded_under: Option<AlertId>,
    pub acknowledgement: Option<(Acknowledgement, DateTime<Utc>)>,
    pub silence: Option<Silence>,
    /// How its plan was answered.
    pub review: Option<Review>,
    /// When its first notice left, whoever it went to.
    pub announced_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
    pub changed_at: DateTime<Utc>,
}

/// Something that happened to an alert.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlertChange {
    pub at: DateTime<Utc>,
    pub kind: String,
    /// Identity and name; `None`: the service itself.
    pub by: Option<(String, String)>,
    /// JSON of the application's making.
    pub detail: String,
}

/// Which alerts; every condition that is set must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    pub state: Option<AlertState>,
    pub severity: Option<Severity>,
    pub stage: Option<Stage>,
    pub item: Option<String>,
    pub scorecard: Option<ScorecardId>,
    pub hub: Option<HubCode>,
    pub prefecture: Option<PrefectureCode>,
    pub opened_month: Option<Month>,
    /// Whether it stands in another alert's notices.
    pub folded: Option<bool>,
    /// Whether an acknowledgement holds at this time.
    pub acknowledged: Option<(bool, DateTime<Utc>)>,
}

/// How many alerts there are of each kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AlertCounts {
    pub open: u32,
    pub resolved: u32,
    pub withdrawn: u32,
    /// Open ones that are critical.
    pub critical: u32,
    /// Open ones that stand in another's notices.
    pub folded: u32,
    /// Open ones that an acknowledgement covers.
    pub acknowledged: u32,
}

/// An alert's place in lists.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Position {
    pub opened_month: Month,
    pub id: AlertId,
}

impl Position {
    #[must_use]
    pub fn of(alert: &Alert) -> Self {
        Self {
            opened_month: alert.facts.opened_month,
            id: alert.id.clone(),
        }
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = alerts)]
pub(super) struct AlertRow {
    pub(super) id: String,
    pub(super) scorecard_id: String,
    pub(super) state: String,
    pub(super) folded_under: Option<String>,
    pub(super) facts: String,
    pub(super) acknowledgement: Option<String>,
    pub(super) acknowledged_until: Option<NaiveDateTime>,
    pub(super) silence: Option<String>,
    pub(super) announced_at: Option<NaiveDateTime>,
    pub(super) created_at: NaiveDateTime,
    pub(super) changed_at: NaiveDateTime,
    pub(super) review: Option<String>,
}

fn document<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, StorageError> {
    serde_json::from_str(text).map_err(|error| StorageError::corrupt("alerts", error.to_string()))
}

pub(super) fn written<T: serde::Serialize>(value: &T) -> Result<String, StorageError> {
    serde_json::to_string(value).map_err(StorageError::failed)
}

impl TryFrom<AlertRow> for Alert {
    type Error = StorageError;

    fn try_from(row: AlertRow) -> Result<Self, StorageError> {
        let acknowledgement = row
            .acknowledgement
            .as_deref()
            .map(document)
            .transpose()?
            .zip(row.acknowledged_until.map(|until| until.and_utc()));
        Ok(Self {
            id: AlertId(row.id),
            scorecard: ScorecardId(row.scorecard_id),
            state: stored::coded("alerts", &row.state, AlertState::of_code)?,
            facts: document(&row.facts)?,
            folded_under: row.folded_under.map(AlertId),
            acknowledgement,
            silence: row.silence.as_deref().map(document).transpose()?,
            review: row.review.as_deref().map(document).transpose()?,
            announced_at: row.announced_at.map(|at| at.and_utc()),
            created_at: row.created_at.and_utc(),
            changed_at: row.changed_at.and_utc(),
        })
    }
}

type Rows = (AlertRow, (ScorecardRow, HubRow, PrefectureRow));

fn with_scorecard((row, of): Rows) -> Result<(Alert, Scorecard), StorageError> {
    Ok((Alert::try_from(row)?, scorecard(of)?))
}

#[diesel::dsl::auto_type]
fn with_hub() -> _ {
    alerts::table
        .inner_join(scorecards::table.inner_join(hubs::table.inner_join(prefectures::table)))
}

type Alerts<'a> = IntoBoxed<'a, Selecting<with_hub, Rows>, MultiBackend>;

fn in_scope(scope: &Scope) -> Alerts<'_> {
    let all = with_hub().select(columns::<Rows>()).into_boxed();
    match scope {
        Scope::Nation => all,
        Scope::Prefecture(code) => all.filter(hubs::prefecture_code.eq(code.as_str())),
        Scope::Hub(code) => all.filter(scorecards::hub_code.eq(code.as_str())),
    }
}

fn filtered<'a>(filter: &'a Filter, scope: &'a Scope) -> Alerts<'a> {
    let mut query = in_scope(scope);
    if let Some(state) = filter.state {
        query = query.filter(alerts::state.eq(state.code()));
    }
    if let Some(severity) = filter.severity {
        query = query.filter(alerts::severity.eq(severity.code()));
    }
    if let Some(stage) = filter.stage {
        query = query.filter(alerts::stage.eq(stage.code()));
    }
    if let Some(item) = &filter.item {
        query = query.filter(alerts::item.eq(item));
    }
    if let Some(scorecard) = &filter.scorecard {
        query = query.filter(alerts::scorecard_id.eq(scorecard.as_str()));
    }
    if let Some(hub) = &filter.hub {
        query = query.filter(scorecards::hub_code.eq(hub.as_str()));
    }
    if let Some(prefecture) = &filter.prefecture {
        query = query.filter(hubs::prefecture_code.eq(prefecture.as_str()));
    }
    if let Some(month) = filter.opened_month {
        query = query.filter(alerts::opened_month.eq(month.first_day()));
    }
    match filter.folded {
        Some(true) => query = query.filter(alerts::folded_under.is_not_null()),
        Some(false) => query = query.filter(alerts::folded_under.is_null()),
        None => {}
    }
    match filter.acknowledged {
        Some((true, now)) => {
            query = query.filter(alerts::acknowledged_until.gt(now.naive_utc()));
        }
        Some((false, now)) => {
            query = query.filter(
                alerts::acknowledged_until
                    .is_null()
                    .or(alerts::acknowledged_until.le(now.naive_utc())),
            );
        }
        None => {}
    }
    query
}

pub fn find(
    conn: &mut Conn,
    id: &AlertId,
    scope: &Scope,
) -> Result<Option<(Alert, Scorecard)>, StorageError> {
    in_scope(scope)
        .filter(alerts::id.eq(id.as_str()))
        .first(conn)
        .optional()?
        .map(with_scorecard)
        .transpose()
}

/// A page of the alerts of a scope: latest opened first, then by identifier.
pub fn list(
    conn: &mut Conn,
    filter: &Filter,
    scope: &Scope,
    after: Option<&Position>,
    limit: i64,
) -> Result<Vec<(Alert, Scorecard)>, StorageError> {
    let mut query = filtered(filter, scope);
    if let Some(Position { opened_month, id }) = after {
        let day = opened_month.first_day();
        query = query.filter(
            alerts::opened_month
                .lt(day)
                .or(alerts::opened_month.eq(day).and(alerts::id.gt(id.as_str()))),
        );
    }
    query
        .order((alerts::opened_month.desc(), alerts::id))
        .limit(limit)
        .load(conn)?
        .into_iter()
        .map(with_scorecard)
        .collect()
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = alerts)]
pub(super) struct CountedRow {
    pub(super) state: String,
    pub(super) severity: String,
    pub(super) folded_under: Option<String>,
    pub(super) acknowledged_until: Option<NaiveDateTime>,
}

/// How many alerts a filter finds in a scope.
pub fn counts(
    conn: &mut Conn,
    filter: &Filter,
    scope: &Scope,
    now: DateTime<Utc>,
) -> Result<AlertCounts, StorageError> {
    let rows: Vec<CountedRow> = filtered(filter, scope)
        .select(columns::<CountedRow>())
        .load(conn)?;
    count(rows, now)
}

/// Adds alerts up.
pub(super) fn count(
    rows: impl IntoIterator<Item = CountedRow>,
    now: DateTime<Utc>,
) -> Result<AlertCounts, StorageError> {
    let mut counts = AlertCounts::default();
    for row in rows {
        match stored::coded("alerts", &row.state, AlertState::of_code)? {
            AlertState::Resolved => counts.resolved += 1,
            AlertState::Withdrawn => counts.withdrawn += 1,
            AlertState::Open => {
                counts.open += 1;
                counts.critical += u32::from(row.severity == Severity::Critical.code());
                counts.folded += u32::from(row.folded_under.is_some());
                let covered = row
                    .acknowledged_until
                    .is_some_and(|end| end > now.naive_utc());
                counts.acknowledged += u32::from(covered);
            }
        }
    }
    Ok(counts)
}

/// Every alert of a scorecard, by item and month of opening.
pub fn of_scorecard(conn: &mut Conn, scorecard: &ScorecardId) -> Result<Vec<Alert>, StorageError> {
    alerts::table
        .filter(alerts::scorecard_id.eq(scorecard.as_str()))
        .select(columns::<AlertRow>())
        .order((alerts::item, alerts::opened_month, alerts::id))
        .load::<AlertRow>(conn)?
        .into_iter()
        .map(Alert::try_from)
        .collect()
}

/// Whether an identifier is taken.
pub fn exists(conn: &mut Conn, id: &AlertId) -> Result<bool, StorageError> {
    let found: Option<String> = alerts::table
        .find(id.as_str())
        .select(alerts::id)
        .first(conn)
        .optional()?;
    Ok(found.is_some())
}

/// Writes an alert, new or known, as it is from `at` on.
pub fn put(conn: &mut Conn, alert: &Alert, at: DateTime<Utc>) -> Result<(), StorageError> {
    let (acknowledgement, acknowledged_until) = match &alert.acknowledgement {
        Some((acknowledgement, until)) => {
            (Some(written(acknowledgement)?), Some(until.naive_utc()))
        }
        None => (None, None),
    };
    let values = (
        alerts::item.eq(&alert.facts.item),
        alerts::episode.eq(i64::from(alert.facts.episode)),
        alerts::stage.eq(alert.facts.stage.code()),
        alerts::state.eq(alert.state.code()),
        alerts::severity.eq(alert.facts.severity.code()),
        alerts::opened_month.eq(alert.facts.opened_month.first_day()),
        alerts::resolved_month.eq(alert.facts.resolved_month.map(Month::first_day)),
        alerts::folded_under.eq(alert.folded_under.as_ref().map(AlertId::as_str)),
        alerts::facts.eq(written(&alert.facts)?),
        alerts::acknowledgement.eq(acknowledgement),
        alerts::acknowledged_until.eq(acknowledged_until),
        alerts::silence.eq(alert.silence.as_ref().map(written).transpose()?),
        alerts::silenced_until.eq(alert.silence.as_ref().map(|s| s.until.naive_utc())),
        alerts::announced_at.eq(alert.announced_at.map(|at| at.naive_utc())),
        alerts::changed_at.eq(alert.changed_at.naive_utc()),
        alerts::review.eq(alert.review.as_ref().map(written).transpose()?),
    );
    let updated = diesel::update(alerts::table.find(alert.id.as_str()))
        .set(values.clone())
        .execute(conn)?;
    if updated == 0 {
        diesel::insert_into(alerts::table)
            .values((
                alerts::id.eq(alert.id.as_str()),
                alerts::scorecard_id.eq(alert.scorecard.as_str()),
                alerts::created_at.eq(alert.created_at.naive_utc()),
                values,
            ))
            .execute(conn)?;
    }
    alert_versions::append(conn, alert, true, at)
}

/// Forgets an alert that nobody was told of, from `at` on; one that somebody was
/// told of stays, and the answer is `false`.
pub fn forget(conn: &mut Conn, alert: &Alert, at: DateTime<Utc>) -> Result<bool, StorageError> {
    let id = &alert.id;
    let told: i64 = tellings::table
        .filter(tellings::alert_id.eq(id.as_str()))
        .count()
        .get_result(conn)?;
    let sent: i64 = delivery_alerts::table
        .filter(delivery_alerts::alert_id.eq(id.as_str()))
        .count()
        .get_result(conn)?;
    if told + sent > 0 {
        return Ok(false);
    }
    diesel::delete(alerts::table.find(id.as_str())).execute(conn)?;
    alert_versions::append(conn, alert, false, at)?;
    Ok(true)
}

/// Adds to an alert's timeline.
pub fn append(conn: &mut Conn, id: &AlertId, change: &AlertChange) -> Result<(), StorageError> {
    let last: Option<i64> = alert_changes::table
        .filter(alert_changes::alert_id.eq(id.as_str()))
        .select(diesel::dsl::max(alert_changes::sequence))
        .first(conn)?;
    let (by_id, by_name) = change.by.as_ref().map_or((None, None), |(id, name)| {
        (Some(id.as_str()), Some(name.as_str()))
    });
    diesel::insert_into(alert_changes::table)
        .values((
            alert_changes::alert_id.eq(id.as_str()),
            alert_changes::sequence.eq(last.unwrap_or(0) + 1),
            alert_changes::at.eq(change.at.naive_utc()),
            alert_changes::kind.eq(&change.kind),
            alert_changes::by_id.eq(by_id),
            alert_changes::by_name.eq(by_name),
            alert_changes::detail.eq(&change.detail),
        ))
        .execute(conn)?;
    Ok(())
}

/// What people did about the alerts of a scorecard, oldest first; at or before
/// `known_at` if given.
pub fn handling_of_scorecard(
    conn: &mut Conn,
    scorecard: &ScorecardId,
    known_at: Option<DateTime<Utc>>,
) -> Result<Vec<(AlertId, String, DateTime<Utc>)>, StorageError> {
    let mut query = alert_changes::table
        .inner_join(alerts::table.on(alerts::id.eq(alert_changes::alert_id)))
        .filter(alerts::scorecard_id.eq(scorecard.as_str()))
        .filter(alert_changes::by_id.is_not_null())
        .select((
            alert_changes::alert_id,
            alert_changes::kind,
            alert_changes::at,
        ))
        .order((alert_changes::alert_id, alert_changes::sequence))
        .into_boxed();
    if let Some(instant) = known_at {
        query = query.filter(alert_changes::at.le(instant.naive_utc()));
    }
    let rows: Vec<(String, String, NaiveDateTime)> = query.load(conn)?;
    Ok(rows
        .into_iter()
        .map(|(id, kind, at)| (AlertId(id), kind, at.and_utc()))
        .collect())
}

/// Everything that happened to an alert, oldest first; at or before `known_at`
/// if given.
pub fn timeline(
    conn: &mut Conn,
    id: &AlertId,
    known_at: Option<DateTime<Utc>>,
) -> Result<Vec<AlertChange>, StorageError> {
    type Row = (
        NaiveDateTime,
        String,
        Option<String>,
        Option<String>,
        String,
    );
    let rows: Vec<Row> = alert_changes::table
        .filter(alert_changes::alert_id.eq(id.as_str()))
        .select((
            alert_changes::at,
            alert_changes::kind,
            alert_changes::by_id,
            alert_changes::by_name,
            alert_changes::detail,
        ))
        .order(alert_changes::sequence)
        .load(conn)?;
    Ok(rows
        .into_iter()
        .filter(|(at, ..)| known_at.is_none_or(|instant| at.and_utc() <= instant))
        .map(|(at, kind, id, name, detail)| AlertChange {
            at: at.and_utc(),
            kind,
            by: id.zip(name),
            detail,
        })
        .collect())
}

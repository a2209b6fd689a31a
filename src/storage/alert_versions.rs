//! Alerts as they were known at an instant: every version that was stored is
//! kept, and the last one at or before the instant counts.

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use diesel::helper_types::IntoBoxed;
use diesel::prelude::*;

use super::alerts::{Alert, AlertCounts, AlertRow, CountedRow, Filter, Position, count, written};
use super::conn::{Conn, MultiBackend, columns};
use super::error::StorageError;
use super::hubs::HubRow;
use super::known::last_known;
use super::prefectures::PrefectureRow;
use super::schema::{alert_versions, hubs, prefectures, scorecards};
use super::scorecards::{Scorecard, ScorecardRow, scorecard};
use super::stored::Selecting;
use crate::domain::access::Scope;
use crate::domain::ids::{AlertId, ScorecardId};

/// The state of an alert that was taken back before anybody knew of it.
const FORGOTTEN: &str = "forgotten";

#[derive(Queryable, Selectable)]
#[diesel(table_name = alert_versions)]
struct VersionRow {
    alert_id: String,
    scorecard_id: String,
    state: String,
    folded_under: Option<String>,
    facts: String,
    acknowledgement: Option<String>,
    acknowledged_until: Option<NaiveDateTime>,
    silence: Option<String>,
    review: Option<String>,
    announced_at: Option<NaiveDateTime>,
    created_at: NaiveDateTime,
    changed_at: NaiveDateTime,
}

impl TryFrom<VersionRow> for Alert {
    type Error = StorageError;

    fn try_from(row: VersionRow) -> Result<Self, StorageError> {
        Self::try_from(AlertRow {
            id: row.alert_id,
            scorecard_id: row.scorecard_id,
            state: row.state,
            folded_under: row.folded_under,
            facts: row.facts,
            acknowledgement: row.acknowledgement,
            acknowledged_until: row.acknowledged_until,
            silence: row.silence,
            review: row.review,
            announced_at: row.announced_at,
            created_at: row.created_at,
            changed_at: row.changed_at,
        })
    }
}

/// Keeps an alert as it is stored from `at` on; forgotten if `kept` is false.
pub(super) fn append(
    conn: &mut Conn,
    alert: &Alert,
    kept: bool,
    at: DateTime<Utc>,
) -> Result<(), StorageError> {
    let last: Option<i64> = alert_versions::table
        .filter(alert_versions::alert_id.eq(alert.id.as_str()))
        .select(diesel::dsl::max(alert_versions::sequence))
        .first(conn)?;
    let facts = &alert.facts;
    let acknowledgement = alert.acknowledgement.as_ref();
    let day: NaiveDate = facts.opened_month.first_day();
    diesel::insert_into(alert_versions::table)
        .values((
            alert_versions::alert_id.eq(alert.id.as_str()),
            alert_versions::sequence.eq(last.unwrap_or(0) + 1),
            alert_versions::at.eq(at.naive_utc()),
            alert_versions::scorecard_id.eq(alert.scorecard.as_str()),
            alert_versions::item.eq(&facts.item),
            alert_versions::stage.eq(facts.stage.code()),
            alert_versions::state.eq(if kept { alert.state.code() } else { FORGOTTEN }),
            alert_versions::severity.eq(facts.severity.code()),
            alert_versions::opened_month.eq(day),
            alert_versions::folded_under.eq(alert.folded_under.as_ref().map(AlertId::as_str)),
            alert_versions::facts.eq(written(facts)?),
            alert_versions::acknowledgement
                .eq(acknowledgement.map(|(said, _)| written(said)).transpose()?),
            alert_versions::acknowledged_until
                .eq(acknowledgement.map(|(_, until)| until.naive_utc())),
            alert_versions::silence.eq(alert.silence.as_ref().map(written).transpose()?),
            alert_versions::review.eq(alert.review.as_ref().map(written).transpose()?),
            alert_versions::announced_at.eq(alert.announced_at.map(|at| at.naive_utc())),
            alert_versions::created_at.eq(alert.created_at.naive_utc()),
            alert_versions::changed_at.eq(alert.changed_at.naive_utc()),
        ))
        .execute(conn)?;
    Ok(())
}

type Rows = (VersionRow, (ScorecardRow, HubRow, PrefectureRow));

fn with_scorecard((row, of): Rows) -> Result<(Alert, Scorecard), StorageError> {
    Ok((Alert::try_from(row)?, scorecard(of)?))
}

#[diesel::dsl::auto_type]
fn with_hub() -> _ {
    alert_versions::table
        .inner_join(scorecards::table.inner_join(hubs::table.inner_join(prefectures::table)))
}

type Versions<'a> = IntoBoxed<'a, Selecting<with_hub, Rows>, MultiBackend>;

fn in_scope(scope: &Scope, at: DateTime<Utc>) -> Versions<'_> {
    let known = with_hub()
        .select(columns::<Rows>())
        .into_boxed()
        .filter(last_known!("alert_versions", "alert_id", "sequence", at))
        .filter(alert_versions::state.ne(FORGOTTEN));
    match scope {
        Scope::Nation => known,
        Scope::Prefecture(code) => known.filter(hubs::prefecture_code.eq(code.as_str())),
        Scope::Hub(code) => known.filter(scorecards::hub_code.eq(code.as_str())),
    }
}

fn filtered<'a>(filter: &'a Filter, scope: &'a Scope, at: DateTime<Utc>) -> Versions<'a> {
    let mut query = in_scope(scope, at);
    if let Some(state) = filter.state {
        query = query.filter(alert_versions::state.eq(state.code()));
    }
    if let Some(severity) = filter.severity {
        query = query.filter(alert_versions::severity.eq(severity.code()));
    }
    if let Some(stage) = filter.stage {
        query = query.filter(alert_versions::stage.eq(stage.code()));
    }
    if let Some(item) = &filter.item {
        query = query.filter(alert_versions::item.eq(item));
    }
    if let Some(scorecard) = &filter.scorecard {
        query = query.filter(alert_versions::scorecard_id.eq(scorecard.as_str()));
    }
    if let Some(hub) = &filter.hub {
        query = query.filter(scorecards::hub_code.eq(hub.as_str()));
    }
    if let Some(prefecture) = &filter.prefecture {
        query = query.filter(hubs::prefecture_code.eq(prefecture.as_str()));
    }
    if let Some(month) = filter.opened_month {
        query = query.filter(alert_versions::opened_month.eq(month.first_day()));
    }
    match filter.folded {
        Some(true) => query = query.filter(alert_versions::folded_under.is_not_null()),
        Some(false) => query = query.filter(alert_versions::folded_under.is_null()),
        None => {}
    }
    match filter.acknowledged {
        Some((true, now)) => query.filter(alert_versions::acknowledged_until.gt(now.naive_utc())),
        Some((false, now)) => query.filter(
            alert_versions::acknowledged_until
                .is_null()
                .or(alert_versions::acknowledged_until.le(now.naive_utc())),
        ),
        None => query,
    }
}

/// An alert of a scope; one that did not exist yet is not found.
pub fn find(
    conn: &mut Conn,
    id: &AlertId,
    scope: &Scope,
    at: DateTime<Utc>,
) -> Result<Option<(Alert, Scorecard)>, StorageError> {
    in_scope(scope, at)
        .filter(alert_versions::alert_id.eq(id.as_str()))
        .first(conn)
        .optional()?
        .map(with_scorecard)
        .transpose()
}

/// Whether a scope has, or ever had, an alert.
pub fn exists(conn: &mut Conn, id: &AlertId, scope: &Scope) -> Result<bool, StorageError> {
    let mut query = with_hub()
        .filter(alert_versions::alert_id.eq(id.as_str()))
        .select(alert_versions::alert_id)
        .into_boxed();
    match scope {
        Scope::Nation => {}
        Scope::Prefecture(code) => query = query.filter(hubs::prefecture_code.eq(code.as_str())),
        Scope::Hub(code) => query = query.filter(scorecards::hub_code.eq(code.as_str())),
    }
    let found: Option<String> = query.first(conn).optional()?;
    Ok(found.is_some())
}

/// A page of the alerts of a scope: latest opened first, then by identifier.
pub fn list(
    conn: &mut Conn,
    filter: &Filter,
    scope: &Scope,
    after: Option<&Position>,
    limit: i64,
    at: DateTime<Utc>,
) -> Result<Vec<(Alert, Scorecard)>, StorageError> {
    let mut query = filtered(filter, scope, at);
    if let Some(Position { opened_month, id }) = after {
        let day = opened_month.first_day();
        query = query.filter(
            alert_versions::opened_month
                .lt(day)
                .or(alert_versions::opened_month
                    .eq(day)
                    .and(alert_versions::alert_id.gt(id.as_str()))),
        );
    }
    query
        .order((
            alert_versions::opened_month.desc(),
            alert_versions::alert_id,
        ))
        .limit(limit)
        .load(conn)?
        .into_iter()
        .map(with_scorecard)
        .collect()
}

/// How many alerts a filter finds in a scope.
pub fn counts(
    conn: &mut Conn,
    filter: &Filter,
    scope: &Scope,
    at: DateTime<Utc>,
) -> Result<AlertCounts, StorageError> {
    let rows: Vec<(String, String, Option<String>, Option<NaiveDateTime>)> =
        filtered(filter, scope, at)
            .select((
                alert_versions::state,
                alert_versions::severity,
                alert_versions::folded_under,
                alert_versions::acknowledged_until,
            ))
            .load(conn)?;
    let rows =
        rows.into_iter().map(
            |(state, severity, folded_under, acknowledged_until)| CountedRow {
                state,
                severity,
                folded_under,
                acknowledged_until,
            },
        );
    count(rows, at)
}

/// Every alert of a scorecard, by item and month of opening.
pub fn of_scorecard(
    conn: &mut Conn,
    scorecard: &ScorecardId,
    at: DateTime<Utc>,
) -> Result<Vec<Alert>, StorageError> {
    alert_versions::table
        .filter(alert_versions::scorecard_id.eq(scorecard.as_str()))
        .filter(last_known!("alert_versions", "alert_id", "sequence", at))
        .filter(alert_versions::state.ne(FORGOTTEN))
        .select(columns::<VersionRow>())
        .order((
            alert_versions::item,
            alert_versions::opened_month,
            alert_versions::alert_id,
        ))
        .load::<VersionRow>(conn)?
        .into_iter()
        .map(Alert::try_from)
        .collect()
}

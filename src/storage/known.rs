//! What was known at an instant: where scorecards stood, and what they, their
//! hubs and prefectures were called. Histories only grow; what counts at an
//! instant is the last entry stored at or before it.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Timestamp};

use super::conn::{Conn, columns};
use super::error::StorageError;
use super::schema::{
    hub_names, prefecture_names, scorecard_revisions, scorecard_standings, scorecards,
};
use super::scorecards::Scorecard;
use super::stored::{self, IDS_PER_QUERY};
use crate::domain::amount::Amount;
use crate::domain::ids::{HubCode, PrefectureCode, ScorecardId};
use crate::domain::month::Month;
use crate::domain::organisation::Prefecture;
use crate::domain::scorecard::MarketType;
use crate::domain::text::Text;

/// Of the entries of a history that share `$key`, the one with the highest
/// `$order` that was stored at or before an instant.
macro_rules! last_known {
    ($table:literal, $key:literal, $order:literal, $at:expr) => {
        diesel::dsl::sql::<diesel::sql_types::Bool>(concat!(
            "(",
            $table,
            ".",
            $order,
            " = (SELECT max(known.",
            $order,
            ") FROM ",
            $table,
            " AS known WHERE known.",
            $key,
            " = ",
            $table,
            ".",
            $key,
            " AND known.at <= ",
        ))
        .bind::<diesel::sql_types::Timestamp, _>($at.naive_utc())
        .sql("))")
    };
}
pub(super) use last_known;

#[derive(Queryable, Selectable)]
#[diesel(table_name = scorecard_standings)]
struct StandingRow {
    scorecard_id: String,
    reported_through: Option<NaiveDate>,
    flag: String,
    score: Option<i64>,
}

/// Notes that the present revisions of some scorecards hold from `at`.
pub(super) fn note_revisions(
    conn: &mut Conn,
    ids: &[&str],
    at: DateTime<Utc>,
) -> Result<(), StorageError> {
    for chunk in ids.chunks(IDS_PER_QUERY) {
        scorecards::table
            .filter(scorecards::id.eq_any(chunk))
            .select((
                scorecards::id,
                scorecards::revision,
                at.naive_utc().into_sql::<Timestamp>(),
            ))
            .insert_into(scorecard_revisions::table)
            .into_columns((
                scorecard_revisions::scorecard_id,
                scorecard_revisions::revision,
                scorecard_revisions::at,
            ))
            .execute(conn)?;
    }
    Ok(())
}

/// Notes where a scorecard stands from its present revision on.
///
/// # Errors
/// [`StorageError::Unique`] where this revision said so already.
pub(super) fn note_standing(
    conn: &mut Conn,
    scorecard: &Scorecard,
    at: DateTime<Utc>,
) -> Result<(), StorageError> {
    diesel::insert_into(scorecard_standings::table)
        .values((
            scorecard_standings::scorecard_id.eq(scorecard.id.as_str()),
            scorecard_standings::revision.eq(scorecard.revision),
            scorecard_standings::at.eq(at.naive_utc()),
            scorecard_standings::reported_through
                .eq(scorecard.reported_through.map(Month::first_day)),
            scorecard_standings::flag.eq(&scorecard.flag),
            scorecard_standings::score.eq(scorecard.score.map(Amount::scaled)),
        ))
        .execute(conn)?;
    Ok(())
}

/// Notes a hub's name.
pub(super) fn note_hub(
    conn: &mut Conn,
    code: &HubCode,
    name: &Text,
    at: DateTime<Utc>,
) -> Result<(), StorageError> {
    let last: Option<i64> = hub_names::table
        .filter(hub_names::hub_code.eq(code.as_str()))
        .select(diesel::dsl::max(hub_names::sequence))
        .first(conn)?;
    diesel::insert_into(hub_names::table)
        .values((
            hub_names::hub_code.eq(code.as_str()),
            hub_names::sequence.eq(last.unwrap_or(0) + 1),
            hub_names::at.eq(at.naive_utc()),
            hub_names::name_ja.eq(&name.ja),
            hub_names::name_en.eq(&name.en),
        ))
        .execute(conn)?;
    Ok(())
}

/// Notes a prefecture's name and market type.
pub(super) fn note_prefecture(
    conn: &mut Conn,
    prefecture: &Prefecture,
    at: DateTime<Utc>,
) -> Result<(), StorageError> {
    let last: Option<i64> = prefecture_names::table
        .filter(prefecture_names::prefecture_code.eq(prefecture.code.as_str()))
        .select(diesel::dsl::max(prefecture_names::sequence))
        .first(conn)?;
    diesel::insert_into(prefecture_names::table)
        .values((
            prefecture_names::prefecture_code.eq(prefecture.code.as_str()),
            prefecture_names::sequence.eq(last.unwrap_or(0) + 1),
            prefecture_names::at.eq(at.naive_utc()),
            prefecture_names::name_ja.eq(&prefecture.name.ja),
            prefecture_names::name_en.eq(&prefecture.name.en),
            prefecture_names::market_type.eq(prefecture.market_type.code()),
        ))
        .execute(conn)?;
    Ok(())
}

/// When the latest of some scorecards' revisions began to hold.
pub fn last_change(
    conn: &mut Conn,
    ids: &[&ScorecardId],
) -> Result<Option<DateTime<Utc>>, StorageError> {
    let mut last: Option<NaiveDateTime> = None;
    for chunk in ids.chunks(IDS_PER_QUERY) {
        // Instants rise with revisions: the present one's is the latest.
        let found: Option<NaiveDateTime> = scorecard_revisions::table
            .inner_join(scorecards::table)
            .filter(scorecards::revision.eq(scorecard_revisions::revision))
            .filter(scorecards::id.eq_any(chunk.iter().map(|id| id.as_str())))
            .select(diesel::dsl::max(scorecard_revisions::at))
            .first(conn)?;
        last = last.max(found);
    }
    Ok(last.map(|at| at.and_utc()))
}

/// That the present revision of a scorecard of the query holds from a later
/// instant than the one that is bound to it.
pub(super) const CHANGED_AFTER: &str = "EXISTS (SELECT 1 FROM scorecard_revisions AS known
     WHERE known.scorecard_id = scorecards.id
       AND known.revision = scorecards.revision AND known.at > ";

/// From when on a revision of a scorecard holds.
pub fn held_from(
    conn: &mut Conn,
    id: &ScorecardId,
    revision: i64,
) -> Result<Option<DateTime<Utc>>, StorageError> {
    let at: Option<NaiveDateTime> = scorecard_revisions::table
        .find((id.as_str(), revision))
        .select(scorecard_revisions::at)
        .first(conn)
        .optional()?;
    Ok(at.map(|at| at.and_utc()))
}

/// When the latest of some scorecards' revisions began to hold that did so at or
/// before an instant.
pub fn last_change_known_at(
    conn: &mut Conn,
    ids: &[&ScorecardId],
    at: DateTime<Utc>,
) -> Result<Option<DateTime<Utc>>, StorageError> {
    let mut last: Option<NaiveDateTime> = None;
    for chunk in ids.chunks(IDS_PER_QUERY) {
        let found: Option<NaiveDateTime> = scorecard_revisions::table
            .filter(scorecard_revisions::scorecard_id.eq_any(chunk.iter().map(|id| id.as_str())))
            .filter(scorecard_revisions::at.le(at.naive_utc()))
            .select(diesel::dsl::max(scorecard_revisions::at))
            .first(conn)?;
        last = last.max(found);
    }
    Ok(last.map(|at| at.and_utc()))
}

/// Scorecards as they stood at an instant: revision, last reported month, flag,
/// score, and everybody's names. Those that did not exist yet are left out.
pub fn heads(
    conn: &mut Conn,
    cards: Vec<Scorecard>,
    at: DateTime<Utc>,
) -> Result<Vec<Scorecard>, StorageError> {
    let mut cards: Vec<Scorecard> = cards
        .into_iter()
        .filter(|card| card.created_at <= at)
        .collect();
    let ids: Vec<&str> = cards.iter().map(|card| card.id.as_str()).collect();
    let revisions = revisions(conn, &ids, at)?;
    let mut standings = standings(conn, &ids, at)?;
    let hubs = hub_names(conn, &cards, at)?;
    let prefectures = prefecture_names(conn, &cards, at)?;
    for card in &mut cards {
        if let Some(revision) = revisions.get(card.id.as_str()) {
            card.revision = *revision;
        }
        if let Some(row) = standings.remove(card.id.as_str()) {
            let through = row.reported_through;
            card.reported_through = through
                .map(|day| stored::month("scorecard_standings", day))
                .transpose()?;
            card.flag = row.flag;
            card.score = row.score.map(Amount::from_scaled);
        }
        if let Some(name) = hubs.get(card.hub.code.as_str()) {
            card.hub.name.clone_from(name);
        }
        if let Some((name, market_type)) = prefectures.get(card.hub.prefecture.code.as_str()) {
            card.hub.prefecture.name.clone_from(name);
            card.hub.prefecture.market_type = *market_type;
        }
    }
    Ok(cards)
}

fn revisions(
    conn: &mut Conn,
    ids: &[&str],
    at: DateTime<Utc>,
) -> Result<BTreeMap<String, i64>, StorageError> {
    let mut found = BTreeMap::new();
    for chunk in ids.chunks(IDS_PER_QUERY) {
        let rows: Vec<(String, Option<i64>)> = scorecard_revisions::table
            .filter(scorecard_revisions::scorecard_id.eq_any(chunk))
            .filter(scorecard_revisions::at.le(at.naive_utc()))
            .group_by(scorecard_revisions::scorecard_id)
            .select((
                scorecard_revisions::scorecard_id,
                diesel::dsl::max(scorecard_revisions::revision),
            ))
            .load(conn)?;
        found.extend(rows.into_iter().filter_map(|(id, last)| Some((id, last?))));
    }
    Ok(found)
}

fn standings(
    conn: &mut Conn,
    ids: &[&str],
    at: DateTime<Utc>,
) -> Result<BTreeMap<String, StandingRow>, StorageError> {
    let mut found = BTreeMap::new();
    for chunk in ids.chunks(IDS_PER_QUERY) {
        // The last one is looked up once a scorecard, not once a row.
        let rows: Vec<StandingRow> = scorecard_standings::table
            .inner_join(scorecards::table)
            .filter(scorecards::id.eq_any(chunk))
            .filter(
                sql::<Bool>(
                    "scorecard_standings.revision = (SELECT max(known.revision)
                     FROM scorecard_standings AS known
                     WHERE known.scorecard_id = scorecards.id AND known.at <= ",
                )
                .bind::<Timestamp, _>(at.naive_utc())
                .sql(")"),
            )
            .select(columns::<StandingRow>())
            .load(conn)?;
        found.extend(rows.into_iter().map(|row| (row.scorecard_id.clone(), row)));
    }
    Ok(found)
}

fn hub_names(
    conn: &mut Conn,
    cards: &[Scorecard],
    at: DateTime<Utc>,
) -> Result<BTreeMap<String, Text>, StorageError> {
    let mut codes: Vec<&HubCode> = cards.iter().map(|card| &card.hub.code).collect();
    codes.sort_unstable();
    codes.dedup();
    let mut found = BTreeMap::new();
    for chunk in codes.chunks(IDS_PER_QUERY) {
        let rows: Vec<(String, String, String)> = hub_names::table
            .filter(hub_names::hub_code.eq_any(chunk.iter().map(|code| code.as_str())))
            .filter(last_known!("hub_names", "hub_code", "sequence", at))
            .select((hub_names::hub_code, hub_names::name_ja, hub_names::name_en))
            .load(conn)?;
        found.extend(
            rows.into_iter()
                .map(|(code, ja, en)| (code, Text::new(ja, en))),
        );
    }
    Ok(found)
}

fn prefecture_names(
    conn: &mut Conn,
    cards: &[Scorecard],
    at: DateTime<Utc>,
) -> Result<BTreeMap<String, (Text, MarketType)>, StorageError> {
    const TABLE: &str = "prefecture_names";
    let mut codes: Vec<&PrefectureCode> =
        cards.iter().map(|card| &card.hub.prefecture.code).collect();
    codes.sort_unstable();
    codes.dedup();
    // There are 47 of them at most.
    let rows: Vec<(String, String, String, String)> = prefecture_names::table
        .filter(prefecture_names::prefecture_code.eq_any(codes.iter().map(|code| code.as_str())))
        .filter(last_known!(
            "prefecture_names",
            "prefecture_code",
            "sequence",
            at
        ))
        .select((
            prefecture_names::prefecture_code,
            prefecture_names::name_ja,
            prefecture_names::name_en,
            prefecture_names::market_type,
        ))
        .load(conn)?;
    rows.into_iter()
        .map(|(code, ja, en, market_type)| {
            let market_type = stored::coded(TABLE, &market_type, MarketType::of_code)?;
            Ok((code, (Text::new(ja, en), market_type)))
        })
        .collect()
}

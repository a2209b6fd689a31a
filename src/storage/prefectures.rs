//! Prefectures.

use chrono::{DateTime, Utc};
use diesel::helper_types::IntoBoxed;
use diesel::prelude::*;

use super::conn::{Conn, MultiBackend, columns};
use super::error::StorageError;
use super::known;
use super::schema::{hubs, prefectures};
use super::stored::{self, Selecting};
use crate::domain::access::Scope;
use crate::domain::ids::PrefectureCode;
use crate::domain::organisation::Prefecture;
use crate::domain::scorecard::MarketType;
use crate::domain::text::Text;

#[derive(Queryable, Selectable)]
#[diesel(table_name = prefectures)]
pub(super) struct PrefectureRow {
    code: String,
    name_ja: String,
    name_en: String,
    market_type: String,
}

impl TryFrom<PrefectureRow> for Prefecture {
    type Error = StorageError;

    fn try_from(row: PrefectureRow) -> Result<Self, StorageError> {
        Ok(Self {
            code: PrefectureCode(row.code),
            name: Text::new(row.name_ja, row.name_en),
            market_type: stored::coded("prefectures", &row.market_type, MarketType::of_code)?,
        })
    }
}

/// # Errors
/// [`StorageError::Unique`] where the code is taken.
pub fn insert(
    conn: &mut Conn,
    prefecture: &Prefecture,
    created_at: DateTime<Utc>,
) -> Result<(), StorageError> {
    diesel::insert_into(prefectures::table)
        .values((
            prefectures::code.eq(prefecture.code.as_str()),
            prefectures::name_ja.eq(&prefecture.name.ja),
            prefectures::name_en.eq(&prefecture.name.en),
            prefectures::market_type.eq(prefecture.market_type.code()),
            prefectures::created_at.eq(created_at.naive_utc()),
        ))
        .execute(conn)?;
    known::note_prefecture(conn, prefecture, created_at)
}

/// Writes name and market type, which hold from `at`; `false` where there is
/// no such prefecture.
pub fn update(
    conn: &mut Conn,
    prefecture: &Prefecture,
    at: DateTime<Utc>,
) -> Result<bool, StorageError> {
    let updated = diesel::update(prefectures::table.find(prefecture.code.as_str()))
        .set((
            prefectures::name_ja.eq(&prefecture.name.ja),
            prefectures::name_en.eq(&prefecture.name.en),
            prefectures::market_type.eq(prefecture.market_type.code()),
        ))
        .execute(conn)?;
    if updated > 0 {
        known::note_prefecture(conn, prefecture, at)?;
    }
    Ok(updated > 0)
}

pub fn find(conn: &mut Conn, code: &PrefectureCode) -> Result<Option<Prefecture>, StorageError> {
    prefectures::table
        .find(code.as_str())
        .select(columns::<PrefectureRow>())
        .first::<PrefectureRow>(conn)
        .optional()?
        .map(Prefecture::try_from)
        .transpose()
}

/// The prefectures that a scope sees (a hub's sees its own), by code.
pub fn list(
    conn: &mut Conn,
    scope: &Scope,
    after: Option<&PrefectureCode>,
    limit: i64,
) -> Result<Vec<Prefecture>, StorageError> {
    let mut query = in_scope(scope);
    if let Some(code) = after {
        query = query.filter(prefectures::code.gt(code.as_str()));
    }
    query
        .order(prefectures::code)
        .limit(limit)
        .load::<PrefectureRow>(conn)?
        .into_iter()
        .map(Prefecture::try_from)
        .collect()
}

type Prefectures<'a> = IntoBoxed<'a, Selecting<prefectures::table, PrefectureRow>, MultiBackend>;

fn in_scope(scope: &Scope) -> Prefectures<'_> {
    let all = prefectures::table
        .select(columns::<PrefectureRow>())
        .into_boxed();
    match scope {
        Scope::Nation => all,
        Scope::Prefecture(code) => all.filter(prefectures::code.eq(code.as_str())),
        Scope::Hub(code) => all.filter(
            prefectures::code.eq_any(
                hubs::table
                    .filter(hubs::code.eq(code.as_str()))
                    .select(hubs::prefecture_code),
            ),
        ),
    }
}

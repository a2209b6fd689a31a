//! Hubs, always with their prefecture.

use chrono::{DateTime, Utc};
use diesel::helper_types::IntoBoxed;
use diesel::prelude::*;

use super::conn::{Conn, MultiBackend, columns};
use super::error::StorageError;
use super::known;
use super::prefectures::PrefectureRow;
use super::schema::{hubs, prefectures};
use super::stored::Selecting;
use crate::domain::access::Scope;
use crate::domain::ids::{HubCode, PrefectureCode};
use crate::domain::organisation::Hub;
use crate::domain::text::Text;

#[derive(Queryable, Selectable)]
#[diesel(table_name = hubs)]
pub(super) struct HubRow {
    code: String,
    name_ja: String,
    name_en: String,
}

pub(super) type HubRows = (HubRow, PrefectureRow);

pub(super) fn hub((hub, prefecture): HubRows) -> Result<Hub, StorageError> {
    Ok(Hub {
        code: HubCode(hub.code),
        name: Text::new(hub.name_ja, hub.name_en),
        prefecture: prefecture.try_into()?,
    })
}

#[diesel::dsl::auto_type]
fn with_prefecture() -> _ {
    hubs::table.inner_join(prefectures::table)
}

/// Inserts a hub of an existing prefecture.
///
/// # Errors
/// [`StorageError::Unique`] where the code is taken, [`StorageError::Reference`]
/// where the prefecture does not exist.
pub fn insert(conn: &mut Conn, hub: &Hub, created_at: DateTime<Utc>) -> Result<(), StorageError> {
    diesel::insert_into(hubs::table)
        .values((
            hubs::code.eq(hub.code.as_str()),
            hubs::prefecture_code.eq(hub.prefecture.code.as_str()),
            hubs::name_ja.eq(&hub.name.ja),
            hubs::name_en.eq(&hub.name.en),
            hubs::created_at.eq(created_at.naive_utc()),
        ))
        .execute(conn)?;
    known::note_hub(conn, &hub.code, &hub.name, created_at)
}

/// Renames a hub from `at` on; `false` where there is none. Its prefecture
/// never changes.
pub fn rename(
    conn: &mut Conn,
    code: &HubCode,
    name: &Text,
    at: DateTime<Utc>,
) -> Result<bool, StorageError> {
    let updated = diesel::update(hubs::table.find(code.as_str()))
        .set((hubs::name_ja.eq(&name.ja), hubs::name_en.eq(&name.en)))
        .execute(conn)?;
    if updated > 0 {
        known::note_hub(conn, code, name, at)?;
    }
    Ok(updated > 0)
}

pub fn find(conn: &mut Conn, code: &HubCode) -> Result<Option<Hub>, StorageError> {
    with_prefecture()
        .filter(hubs::code.eq(code.as_str()))
        .select(columns::<HubRows>())
        .first(conn)
        .optional()?
        .map(hub)
        .transpose()
}

/// The hubs of a scope, or of one prefecture in it, by code.
pub fn list(
    conn: &mut Conn,
    prefecture: Option<&PrefectureCode>,
    scope: &Scope,
    after: Option<&HubCode>,
    limit: i64,
) -> Result<Vec<Hub>, StorageError> {
    let mut query = in_scope(scope);
    if let Some(code) = prefecture {
        query = query.filter(hubs::prefecture_code.eq(code.as_str()));
    }
    if let Some(code) = after {
        query = query.filter(hubs::code.gt(code.as_str()));
    }
    query
        .order(hubs::code)
        .limit(limit)
        .load(conn)?
        .into_iter()
        .map(hub)
        .collect()
}

type Hubs<'a> = IntoBoxed<'a, Selecting<with_prefecture, HubRows>, MultiBackend>;

fn in_scope(scope: &Scope) -> Hubs<'_> {
    let all = with_prefecture().select(columns::<HubRows>()).into_boxed();
    match scope {
        Scope::Nation => all,
        Scope::Prefecture(code) => all.filter(hubs::prefecture_code.eq(code.as_str())),
        Scope::Hub(code) => all.filter(hubs::code.eq(code.as_str())),
    }
}

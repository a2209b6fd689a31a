//! What hubs call things in their own sheets: one document a hub.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;

use super::conn::Conn;
use super::error::StorageError;
use super::schema::import_mappings;
use crate::domain::ids::HubCode;
use crate::domain::import::Mapping;

const TABLE: &str = "import_mappings";

/// A mapping with who saved it last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedMapping {
    pub mapping: Mapping,
    pub updated_at: DateTime<Utc>,
    pub updated_by: String,
}

pub fn find(conn: &mut Conn, hub: &HubCode) -> Result<Option<SavedMapping>, StorageError> {
    let row: Option<(String, NaiveDateTime, String)> = import_mappings::table
        .find(hub.as_str())
        .select((
            import_mappings::document,
            import_mappings::updated_at,
            import_mappings::updated_by,
        ))
        .first(conn)
        .optional()?;
    row.map(|(document, updated_at, updated_by)| {
        let mapping = serde_json::from_str(&document)
            .map_err(|error| StorageError::corrupt(TABLE, error.to_string()))?;
        Ok(SavedMapping {
            mapping,
            updated_at: updated_at.and_utc(),
            updated_by,
        })
    })
    .transpose()
}

/// Puts a mapping in the place of the hub's.
pub fn put(conn: &mut Conn, hub: &HubCode, saved: &SavedMapping) -> Result<(), StorageError> {
    let document = serde_json::to_string(&saved.mapping)
        .map_err(|error| StorageError::corrupt(TABLE, error.to_string()))?;
    delete(conn, hub)?;
    diesel::insert_into(import_mappings::table)
        .values((
            import_mappings::hub_code.eq(hub.as_str()),
            import_mappings::document.eq(document),
            import_mappings::updated_at.eq(saved.updated_at.naive_utc()),
            import_mappings::updated_by.eq(&saved.updated_by),
        ))
        .execute(conn)?;
    Ok(())
}

/// Whether there was one.
pub fn delete(conn: &mut Conn, hub: &HubCode) -> Result<bool, StorageError> {
    let deleted = diesel::delete(import_mappings::table.find(hub.as_str())).execute(conn)?;
    Ok(deleted > 0)
}

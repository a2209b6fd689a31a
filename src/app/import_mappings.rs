//! The headings and names that a hub uses in its own sheets, explained once.

use serde_json::json;

use super::audit::{self, Action, Subject};
use super::{AppError, Session, hubs};
use crate::domain::ids::HubCode;
use crate::domain::import::Mapping;
use crate::storage::import_mappings;
pub use crate::storage::import_mappings::SavedMapping;

/// A hub's mapping, if it has one.
///
/// # Errors
/// `NotFound` for a hub outside the scope.
pub fn find(session: &mut Session<'_>, hub: &HubCode) -> Result<Option<SavedMapping>, AppError> {
    let hub = hubs::find(session, hub)?;
    Ok(import_mappings::find(session.conn, &hub.code)?)
}

/// Puts a mapping in the place of what the hub has; an empty one ends it.
///
/// # Errors
/// `NotFound` for a hub outside the scope.
pub fn save(
    session: &mut Session<'_>,
    hub: &HubCode,
    mapping: Mapping,
) -> Result<SavedMapping, AppError> {
    let hub = hubs::find(session, hub)?;
    let saved = SavedMapping {
        mapping,
        updated_at: session.now,
        updated_by: session.caller.name.clone(),
    };
    let before = import_mappings::find(session.conn, &hub.code)?;
    if let Some(before) = before.filter(|before| before.mapping == saved.mapping) {
        return Ok(before);
    }
    import_mappings::put(session.conn, &hub.code, &saved)?;
    let detail = json!({
        "headings": saved.mapping.headings.len(),
        "items": saved.mapping.items.len(),
    });
    audit::record(
        session,
        Action::ImportMappingChanged,
        Subject::hub(&hub),
        &detail,
    )?;
    Ok(saved)
}

/// Forgets a hub's mapping.
///
/// # Errors
/// `NotFound` where it has none.
pub fn delete(session: &mut Session<'_>, hub: &HubCode) -> Result<(), AppError> {
    let hub = hubs::find(session, hub)?;
    if !import_mappings::delete(session.conn, &hub.code)? {
        return Err(AppError::NotFound);
    }
    let detail = json!({ "headings": 0, "items": 0 });
    audit::record(
        session,
        Action::ImportMappingChanged,
        Subject::hub(&hub),
        &detail,
    )
}

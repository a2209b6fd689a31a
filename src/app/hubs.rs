//! Hubs of the prefectures.

use serde_json::json;

use super::audit::{self, Action, Subject};
use super::scorecards::lock_all;
use super::{AppError, Conflict, Session};
use crate::domain::ids::{HubCode, PrefectureCode};
use crate::domain::organisation::Hub;
use crate::domain::text::Text;
use crate::storage::hubs;
use crate::storage::scorecards::{self as rows, Filter};

/// Hubs in the caller's scope, by code.
///
/// # Errors
/// Those of the storage.
pub fn list(
    session: &mut Session<'_>,
    prefecture: Option<&PrefectureCode>,
    after: Option<&HubCode>,
    limit: u32,
) -> Result<Vec<Hub>, AppError> {
    let scope = session.caller.scope.clone();
    Ok(hubs::list(
        session.conn,
        prefecture,
        &scope,
        after,
        i64::from(limit),
    )?)
}

/// One hub in the caller's scope.
///
/// # Errors
/// `NotFound`, for another scope's hub too.
pub fn find(session: &mut Session<'_>, code: &HubCode) -> Result<Hub, AppError> {
    hubs::find(session.conn, code)?
        .filter(|hub| session.caller.scope.covers_hub(hub))
        .ok_or(AppError::NotFound)
}

/// Adds a hub to a prefecture.
///
/// # Errors
/// `Conflict` where the code is taken.
pub fn create(session: &mut Session<'_>, hub: Hub) -> Result<Hub, AppError> {
    let taken = AppError::conflict(Conflict::AlreadyExists(Text::new(
        format!("拠点コード {} はすでに登録されています。", hub.code),
        format!("The hub {} exists already.", hub.code),
    )));
    let now = session.now;
    hubs::insert(session.conn, &hub, now).map_err(|error| error.on_unique(taken))?;
    let detail = json!({ "name": hub.name, "prefecture": hub.prefecture.code });
    audit::record(session, Action::HubCreated, Subject::hub(&hub), &detail)?;
    Ok(hub)
}

/// Renames a hub. The name shows in every scorecard of it, so their revisions rise.
///
/// # Errors
/// `NotFound`.
pub fn rename(session: &mut Session<'_>, before: Hub, name: Text) -> Result<Hub, AppError> {
    if before.name == name {
        return Ok(before);
    }
    let after = Hub {
        name,
        ..before.clone()
    };
    let filter = Filter {
        hub: Some(after.code.clone()),
        ..Filter::default()
    };
    let named = lock_all(session, &filter)?;
    hubs::rename(session.conn, &after.code, &after.name, session.now)?;
    rows::bump_all(session.conn, &named, session.now)?;
    let detail = json!({ "before": { "name": before.name }, "after": { "name": after.name } });
    audit::record(session, Action::HubChanged, Subject::hub(&after), &detail)?;
    Ok(after)
}

//! Prefectures: their names and market types.

use serde_json::json;

use super::audit::{self, Action, Subject};
use super::scorecards::lock_all;
use super::{AppError, Conflict, Session};
use crate::domain::access::Scope;
use crate::domain::ids::PrefectureCode;
use crate::domain::organisation::Prefecture;
use crate::domain::scorecard::MarketType;
use crate::domain::text::Text;
use crate::storage::scorecards::{self as rows, Filter};
use crate::storage::{hubs, prefectures};

/// Prefectures in the caller's scope, by code.
///
/// # Errors
/// Those of the storage.
pub fn list(
    session: &mut Session<'_>,
    after: Option<&PrefectureCode>,
    limit: u32,
) -> Result<Vec<Prefecture>, AppError> {
    let scope = session.caller.scope.clone();
    Ok(prefectures::list(
        session.conn,
        &scope,
        after,
        i64::from(limit),
    )?)
}

/// One prefecture in the caller's scope.
///
/// # Errors
/// `NotFound`.
pub fn find(session: &mut Session<'_>, code: &PrefectureCode) -> Result<Prefecture, AppError> {
    let visible = match &session.caller.scope {
        Scope::Nation => true,
        Scope::Prefecture(own) => own == code,
        Scope::Hub(hub) => {
            hubs::find(session.conn, hub)?.is_some_and(|hub| hub.prefecture.code == *code)
        }
    };
    prefectures::find(session.conn, code)?
        .filter(|_| visible)
        .ok_or(AppError::NotFound)
}

/// Adds a prefecture.
///
/// # Errors
/// `Conflict` where the code is taken.
pub fn create(session: &mut Session<'_>, prefecture: Prefecture) -> Result<Prefecture, AppError> {
    let taken = AppError::conflict(Conflict::AlreadyExists(Text::new(
        format!(
            "道府県コード {} はすでに登録されています。",
            prefecture.code
        ),
        format!("The prefecture {} exists already.", prefecture.code),
    )));
    let now = session.now;
    prefectures::insert(session.conn, &prefecture, now).map_err(|error| error.on_unique(taken))?;
    let detail = json!({ "name": prefecture.name, "market_type": prefecture.market_type });
    audit::record(
        session,
        Action::PrefectureCreated,
        Subject::prefecture(&prefecture.code),
        &detail,
    )?;
    Ok(prefecture)
}

/// What may change of a prefecture; absent stays.
#[derive(Clone, Debug, Default)]
pub struct Change {
    pub name: Option<Text>,
    pub market_type: Option<MarketType>,
}

/// Changes a prefecture. A new name shows in every scorecard below it, so their
/// revisions rise.
///
/// # Errors
/// `NotFound`.
pub fn change(
    session: &mut Session<'_>,
    before: &Prefecture,
    change: Change,
) -> Result<Prefecture, AppError> {
    let after = Prefecture {
        code: before.code.clone(),
        name: change.name.unwrap_or_else(|| before.name.clone()),
        market_type: change.market_type.unwrap_or(before.market_type),
    };
    if after == *before {
        return Ok(after);
    }
    let filter = Filter {
        prefecture: Some(after.code.clone()),
        ..Filter::default()
    };
    let named = lock_all(session, &filter)?;
    prefectures::update(session.conn, &after, session.now)?;
    if after.name != before.name {
        rows::bump_all(session.conn, &named, session.now)?;
    }
    let detail = json!({
        "before": { "name": before.name, "market_type": before.market_type },
        "after": { "name": after.name, "market_type": after.market_type },
    });
    audit::record(
        session,
        Action::PrefectureChanged,
        Subject::prefecture(&after.code),
        &detail,
    )?;
    Ok(after)
}

//! The headings and names that a hub uses in its own sheets, explained once.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use super::audit::{self, Action, Subject};
use super::{AppError, Session, hubs, plans, scorecards};
use crate::domain::ids::HubCode;
use crate::domain::import::{Mapping, folded_whole};
use crate::domain::issue::{Issue, IssueCode, Issues, pointer_to};
use crate::domain::text::Text;
use crate::storage::import_mappings;
pub use crate::storage::import_mappings::SavedMapping;
use crate::storage::scorecards::Filter;

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
/// `NotFound` for a hub outside the scope; `Invalid` for texts that sheets cannot
/// tell apart, and for items that no plan of the hub has.
pub fn save(
    session: &mut Session<'_>,
    hub: &HubCode,
    mapping: Mapping,
) -> Result<SavedMapping, AppError> {
    let hub = hubs::find(session, hub)?;
    let mut issues = Issues::default();
    refuse_same("/headings", &mapping.headings, &mut issues);
    refuse_same("/items", &mapping.items, &mut issues);
    refuse_unknown_items(session, &hub.code, &mapping.items, &mut issues)?;
    if issues.has_errors() {
        return Err(AppError::Invalid(issues.into_vec()));
    }
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

/// Texts that are one to whoever reads a sheet, and mean two things: which of them
/// would hold is chance. Those that mean the same are merely said twice.
fn refuse_same<T: PartialEq>(place: &str, entries: &BTreeMap<String, T>, issues: &mut Issues) {
    let mut spellings: BTreeMap<String, Vec<(&str, &T)>> = BTreeMap::new();
    for (text, meaning) in entries {
        let same = spellings.entry(folded_whole(text)).or_default();
        same.push((text, meaning));
    }
    for same in spellings.into_values() {
        for (text, meaning) in &same {
            let other = same.iter().find(|(_, other)| other != meaning);
            if let Some((other, _)) = other {
                issues.push(read_alike(&pointer_to(place, text), text, other));
            }
        }
    }
}

fn read_alike(path: &str, text: &str, other: &str) -> Issue {
    Issue::error(
        IssueCode::DuplicateKey,
        path,
        Text::new(
            format!(
                "「{text}」と「{other}」は、表では同じ言葉として読まれます。意味を一つにするか、どちらかを消してください。"
            ),
            format!(
                "Sheets cannot tell \"{text}\" from \"{other}\": give both one meaning, or delete one."
            ),
        ),
    )
}

/// Items that no version of any plan of the hub has: a slip of the pen, which would
/// else come to light at the next import, as the fault of the sheet. A hub without
/// scorecards may prepare its mapping.
fn refuse_unknown_items(
    session: &mut Session<'_>,
    hub: &HubCode,
    items: &BTreeMap<String, String>,
    issues: &mut Issues,
) -> Result<(), AppError> {
    if items.is_empty() {
        return Ok(());
    }
    let of_hub = Filter {
        hub: Some(hub.clone()),
        ..Filter::default()
    };
    let mut known: BTreeSet<String> = BTreeSet::new();
    let cards = scorecards::list_all(session, &of_hub)?;
    for card in &cards {
        for version in plans::versions(session, card)? {
            let items = version.plan.definition.items.iter();
            known.extend(items.map(|item| item.key.clone()));
        }
    }
    if cards.is_empty() {
        return Ok(());
    }
    for (text, key) in items.iter().filter(|(_, key)| !known.contains(*key)) {
        let message = Text::new(
            format!(
                "この拠点のどの計画にも「{key}」という項目はありません。コードを確かめてください。"
            ),
            format!("No plan of this hub has an item \"{key}\"; check its code."),
        );
        let path = pointer_to("/items", text);
        issues.push(Issue::error(IssueCode::UnknownItem, path, message).about_item(key));
    }
    Ok(())
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

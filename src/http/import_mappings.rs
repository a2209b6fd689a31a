//! The headings and names of a hub's own sheets.

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use actix_web::{delete, get, put};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::call::{Answer, Call};
use super::fields::read_body;
use super::problems_doc::{ChangeProblems, ThingProblems};
use super::reply::Reply;
use crate::app::import_mappings::{self, SavedMapping};
use crate::domain::access::Permission;
use crate::domain::ids::HubCode;
use crate::domain::import::{Mapping, Meaning};
use crate::domain::issue::{IssueCode, Issues};
use crate::domain::month_state::MonthAct;
use crate::domain::strict_json::{STRING_CHARS_MAX, Value};
use crate::domain::text::Text;

/// Headings, or names of items, in a mapping.
const ENTRIES_MAX: usize = 500;

/// What a hub's own words mean.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(
    dead_code,
    reason = "documents the body, which `save_import_mapping` reads strictly"
)]
#[schema(as = ImportMappingInput, example = json!({
    "headings": {"相談（銀行経由）": "value", "管理番号": "ignored"},
    "items": {"銀行からの相談": "consult-bank"}
}))]
struct ImportMappingBody {
    /// Meanings by heading: `item`, `name`, `month`, `value`, `numerator`, `denominator`, `part`,
    /// `not_applicable`, `clear`, `hub`, `key`, `scorecard` or `ignored`. At most 500.
    headings: BTreeMap<String, String>,
    /// Keys of items by the text that stands for them. At most 500.
    items: BTreeMap<String, String>,
}

/// What a hub's own words mean, and who said so.
#[derive(Debug, Default, Serialize, ToSchema)]
#[schema(as = ImportMapping)]
struct ImportMappingView {
    headings: BTreeMap<String, &'static str>,
    items: BTreeMap<String, String>,
    /// Null where nothing is saved.
    updated_at: Option<DateTime<Utc>>,
    updated_by: Option<String>,
}

impl From<&SavedMapping> for ImportMappingView {
    fn from(saved: &SavedMapping) -> Self {
        let headings = saved.mapping.headings.iter();
        Self {
            headings: headings
                .map(|(text, meaning)| (text.clone(), meaning.code()))
                .collect(),
            items: saved.mapping.items.clone(),
            updated_at: Some(saved.updated_at),
            updated_by: Some(saved.updated_by.clone()),
        }
    }
}

/// Read a hub's import mapping
///
/// The headings and item names that the hub's own sheets use, and what they
/// mean; imports of its scorecards use it by themselves.
#[utoipa::path(
    operation_id = "get_import_mapping",
    tag = "imports",
    params(("code" = String, Path, description = "The hub's code.", example = "yamagata")),
    responses((status = 200, description = "The mapping.", body = ImportMappingView), ThingProblems),
)]
#[get("/v1/hubs/{code}/import-mapping")]
pub async fn get_import_mapping(call: Call) -> Answer {
    call.read(Permission::ReadData, |session, input, _| {
        let hub = HubCode(input.parameter("code").to_owned());
        let saved = import_mappings::find(session, &hub)?;
        input.no_query()?;
        let view = saved.as_ref().map(ImportMappingView::from);
        Reply::ok(&view.unwrap_or_default())
    })
    .await
}

/// Save a hub's import mapping
///
/// In the place of what was saved before. Refused are texts that differ only in width,
/// case and spaces and yet mean two things, and items that no plan of the hub has
/// (unless it has no scorecard yet).
#[utoipa::path(
    operation_id = "save_import_mapping",
    tag = "imports",
    params(("code" = String, Path, description = "The hub's code.", example = "yamagata")),
    request_body = ImportMappingBody,
    responses((status = 200, description = "Saved.", body = ImportMappingView), ChangeProblems),
)]
#[put("/v1/hubs/{code}/import-mapping")]
pub async fn save_import_mapping(call: Call) -> Answer {
    call.write(MonthAct::Report.permission(), |session, input, _| {
        let hub = HubCode(input.parameter("code").to_owned());
        crate::app::hubs::find(session, &hub)?;
        input.no_query()?;
        let json = input.json()?;
        let mapping = read_body(&json, |object, issues| {
            let headings = object.required("headings", issues);
            let headings = headings.and_then(|value| {
                entries(&value, issues, |value, issues| {
                    value.one_of(issues, Meaning::CODES)
                })
            });
            let items = object.required("items", issues);
            let items = items.and_then(|value| entries(&value, issues, Value::code));
            Some(Mapping {
                headings: headings?,
                items: items?,
            })
        })?;
        let saved = import_mappings::save(session, &hub, mapping)?;
        Reply::ok(&ImportMappingView::from(&saved))
    })
    .await
}

/// The members of an object whose names are texts of sheets.
fn entries<'a, T>(
    value: &Value<'a>,
    issues: &mut Issues,
    read: impl Fn(&Value<'a>, &mut Issues) -> Option<T>,
) -> Option<BTreeMap<String, T>> {
    let object = value.object(issues)?;
    let count = object.entries().count();
    if count > ENTRIES_MAX {
        issues.error(
            IssueCode::OutOfRange,
            value.path(),
            Text::new(
                format!("{ENTRIES_MAX} 件までです（{count} 件あります）。"),
                format!("At most {ENTRIES_MAX}; there are {count}."),
            ),
        );
        return None;
    }
    let mut read_entries = BTreeMap::new();
    for (text, value) in object.entries() {
        let length = text.chars().count();
        if text.trim().is_empty() || length > STRING_CHARS_MAX || text.contains(char::is_control) {
            issues.error(
                IssueCode::OutOfRange,
                value.path(),
                Text::new(
                    format!("見出しや名前は 1 文字以上 {STRING_CHARS_MAX} 文字までです（改行は空白にしてください）。"),
                    format!("A heading or name has 1 to {STRING_CHARS_MAX} characters, without line breaks."),
                ),
            );
            continue;
        }
        if let Some(value) = read(&value, issues) {
            read_entries.insert(text.to_owned(), value);
        }
    }
    Some(read_entries)
}

/// Forget a hub's import mapping
#[utoipa::path(
    operation_id = "delete_import_mapping",
    description = "Imports then know our own headings only.",
    tag = "imports",
    params(("code" = String, Path, description = "The hub's code.", example = "yamagata")),
    responses((status = 204, description = "Forgotten."), ThingProblems),
)]
#[delete("/v1/hubs/{code}/import-mapping")]
pub async fn delete_import_mapping(call: Call) -> Answer {
    call.write(MonthAct::Report.permission(), |session, input, _| {
        input.no_query()?;
        import_mappings::delete(session, &HubCode(input.parameter("code").to_owned()))?;
        Ok(Reply::empty(StatusCode::NO_CONTENT))
    })
    .await
}

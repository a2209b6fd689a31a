//! Issues as answers show them.

use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::schema::{Object, ObjectBuilder, Type};

use super::views::{Name, name};
use crate::domain::issue::{Issue, IssueCode, Severity};
use crate::domain::sheet::{Place, column_name};

/// One problem, or one remark, about one place of an input.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Issue)]
pub struct IssueView {
    /// `error` refuses the input; `warning` is only a remark.
    #[schema(example = "error")]
    severity: &'static str,
    #[schema(schema_with = code_schema)]
    code: String,
    /// JSON pointer to the place; empty for the whole document.
    #[schema(example = "/values/0/value")]
    path: String,
    message: Name,
    /// Identifier of the scorecard concerned.
    #[serde(skip_serializing_if = "Option::is_none")]
    scorecard: Option<String>,
    /// Key of the item concerned.
    #[serde(skip_serializing_if = "Option::is_none")]
    item: Option<String>,
    /// Month concerned, `YYYY-MM`.
    #[serde(skip_serializing_if = "Option::is_none")]
    month: Option<String>,
    /// Of an imported file, the cell concerned.
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<PlaceView>,
    /// Of an imported file, how to mend it.
    #[serde(skip_serializing_if = "Option::is_none")]
    remedy: Option<Name>,
}

/// A cell of a sheet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Place)]
pub struct PlaceView {
    /// Name of the sheet; empty for a text file.
    #[schema(example = "実績")]
    sheet: String,
    /// From 1.
    #[schema(example = 5)]
    row: u64,
    #[schema(example = "C")]
    column: String,
    #[schema(example = "C5")]
    cell: String,
    /// What stands there.
    #[schema(example = "約30")]
    value: String,
}

impl From<&Place> for PlaceView {
    fn from(place: &Place) -> Self {
        Self {
            sheet: place.sheet.clone(),
            row: u64::from(place.position.row) + 1,
            column: column_name(place.position.column),
            cell: place.position.to_string(),
            value: place.value.clone(),
        }
    }
}

/// The codes in words, not as an enumeration: clients must bear further ones.
fn code_schema() -> Object {
    let codes = IssueCode::all().map(|code| format!("`{code}`"));
    let list = codes.collect::<Vec<_>>().join(", ");
    ObjectBuilder::new()
        .schema_type(Type::String)
        .description(Some(format!(
            "Stable code of the kind of issue; more may be added: {list}."
        )))
        .examples(["not_whole"])
        .build()
}

impl From<Issue> for IssueView {
    fn from(issue: Issue) -> Self {
        Self {
            severity: match issue.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
            },
            code: issue.code.code().to_owned(),
            path: issue.path,
            message: name(&issue.message),
            scorecard: issue.scorecard,
            item: issue.item,
            month: issue.month.map(|month| month.to_string()),
            place: issue.place.as_deref().map(PlaceView::from),
            remedy: issue.remedy.as_ref().map(name),
        }
    }
}

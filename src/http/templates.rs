//! The eight templates of the report.

use actix_web::get;
use serde::Serialize;
use utoipa::ToSchema;

use super::call::{Answer, Call};
use super::cursor::List;
use super::definitions::DefinitionView;
use super::problems_doc::{ListProblems, ThingProblems};
use super::reply::Reply;
use super::views::{Name, name};
use crate::app::AppError;
use crate::domain::access::Permission;
use crate::domain::scorecard::Definition;

/// A template in brief.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TemplateSummary)]
pub struct TemplateSummaryView {
    #[schema(example = "mature-hard-to-fill")]
    key: String,
    name: Name,
    #[schema(example = "mature")]
    market_type: &'static str,
    basis: Option<Name>,
    /// How many KPI items it has.
    items: usize,
    /// How many of them are high-hurdle.
    high_hurdle_items: usize,
}

impl From<&Definition> for TemplateSummaryView {
    fn from(template: &Definition) -> Self {
        Self {
            key: template.key.clone(),
            name: name(&template.name),
            market_type: template.market_type.code(),
            basis: template.basis.as_ref().map(name),
            items: template.items.len(),
            high_hurdle_items: template
                .items
                .iter()
                .filter(|item| item.high_hurdle)
                .count(),
        }
    }
}

/// List templates
///
/// The eight scorecards of the report, in its order.
#[utoipa::path(
    operation_id = "list_templates",
    tag = "templates",
    responses((status = 200, description = "All templates.", body = List<TemplateSummaryView>), ListProblems),
)]
#[get("/v1/templates")]
pub async fn list_templates(call: Call) -> Answer {
    call.read(Permission::ReadTemplates, |_, input, state| {
        input.no_query()?;
        let items = state
            .templates
            .as_slice()
            .iter()
            .map(TemplateSummaryView::from)
            .collect();
        Reply::ok(&List {
            items,
            next_cursor: None,
        })
    })
    .await
}

/// Read a template
///
/// Parameters, items, links and settings of one template.
#[utoipa::path(
    operation_id = "get_template",
    tag = "templates",
    params(("key" = String, Path, description = "Key of the template.", example = "mature-hard-to-fill")),
    responses((status = 200, description = "The template.", body = DefinitionView), ThingProblems),
)]
#[get("/v1/templates/{key}")]
pub async fn get_template(call: Call) -> Answer {
    call.read(Permission::ReadTemplates, |_, input, state| {
        let template = state
            .templates
            .find(input.parameter("key"))
            .ok_or(AppError::NotFound)?;
        input.no_query()?;
        Reply::ok(&DefinitionView::from(template))
    })
    .await
}

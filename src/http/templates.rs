//! The eight templates of the report.

use actix_web::get;

use super::call::{Answer, Call};
use super::cursor::List;
use super::definitions::DefinitionView;
use super::problems_doc::{ListProblems, ThingProblems};
use super::reply::Reply;
use crate::app::AppError;
use crate::domain::access::Permission;

/// List templates
///
/// The eight scorecards of the report, whole, in its order.
#[utoipa::path(
    operation_id = "list_templates",
    tag = "templates",
    responses((status = 200, description = "All templates.", body = List<DefinitionView>), ListProblems),
)]
#[get("/v1/templates")]
pub async fn list_templates(call: Call) -> Answer {
    call.read(Permission::ReadTemplates, |_, input, state| {
        input.no_query()?;
        let items = state
            .templates
            .as_slice()
            .iter()
            .map(DefinitionView::from)
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

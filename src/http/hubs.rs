//! Hubs.

use actix_web::http::StatusCode;
use actix_web::{get, patch, post};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::call::{Answer, Call};
use super::cursor::{List, list, load_limit, position};
use super::fields::{self, read_body};
use super::problems_doc::{ChangeProblems, CreateProblems, ListProblems, ThingProblems};
use super::reply::Reply;
use super::views::{Name, NameDoc, Named, name};
use crate::app::{AppError, hubs, prefectures};
use crate::domain::access::Permission;
use crate::domain::ids::{HubCode, PrefectureCode};
use crate::domain::issue::{Issue, IssueCode};
use crate::domain::organisation::Hub;
use crate::domain::text::Text;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(
    dead_code,
    reason = "documents the body, which `create_hub` reads strictly"
)]
#[schema(example = json!({"code": "yamagata", "name": {"ja": "山形拠点", "en": "Yamagata hub"}, "prefecture": "06"}))]
struct HubBody {
    /// Stable code, unique in the nation: letters, digits, `-` and `_`.
    #[schema(pattern = "^[A-Za-z0-9_-]{1,64}$")]
    code: String,
    name: NameDoc,
    /// JIS X 0401 code of a registered prefecture.
    #[schema(pattern = "^(0[1-9]|[1-3][0-9]|4[0-7])$")]
    prefecture: String,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(
    dead_code,
    reason = "documents the body, which `change_hub` reads strictly"
)]
#[schema(example = json!({"name": {"ja": "山形県プロ人材拠点", "en": "Yamagata hub"}}))]
struct HubChangeBody {
    name: NameDoc,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Hub)]
pub struct HubView {
    #[schema(example = "yamagata")]
    code: String,
    name: Name,
    prefecture: Named,
    /// The prefecture's market type.
    #[schema(example = "growth")]
    market_type: String,
}

impl From<&Hub> for HubView {
    fn from(hub: &Hub) -> Self {
        Self {
            code: hub.code.to_string(),
            name: name(&hub.name),
            prefecture: Named::from(&hub.prefecture),
            market_type: hub.prefecture.market_type.code().to_owned(),
        }
    }
}

/// List hubs
///
/// Those in the caller's scope, by code.
#[utoipa::path(
    operation_id = "list_hubs",
    tag = "organisations",
    params(
        ("prefecture" = Option<String>, Query, description = "Only hubs of this prefecture.", example = "06"),
        super::openapi::PageParameters,
    ),
    responses((status = 200, description = "A page of hubs.", body = List<HubView>), ListProblems),
)]
#[get("/v1/hubs")]
pub async fn list_hubs(call: Call) -> Answer {
    call.read(Permission::ReadOrganisations, |session, input, _| {
        let query = input.query()?;
        let mut query = query.read();
        let prefecture = query
            .text("prefecture")
            .map(|code| PrefectureCode(code.to_owned()));
        let page = query.page();
        let after: Option<HubCode> = position(&page, &mut query);
        query.finish()?;
        let found = hubs::list(
            session,
            prefecture.as_ref(),
            after.as_ref(),
            load_limit(&page),
        )?;
        Reply::ok(&list(
            found,
            &page,
            |hub| hub.code.clone(),
            |hub| HubView::from(hub),
        )?)
    })
    .await
}

/// Add a hub
///
/// To a registered prefecture. Only the national office may.
#[utoipa::path(
    operation_id = "create_hub",
    tag = "organisations",
    params(super::openapi::IdempotencyKeyHeader),
    request_body = HubBody,
    responses((status = 201, description = "Added.", body = HubView), CreateProblems),
)]
#[post("/v1/hubs")]
pub async fn create_hub(call: Call) -> Answer {
    call.write(Permission::WriteOrganisations, |session, input, _| {
        input.no_query()?;
        let json = input.json()?;
        let (code, hub_name, prefecture) = read_body(&json, |object, issues| {
            let code = object.required("code", issues).and_then(|v| v.code(issues));
            let name = object
                .required("name", issues)
                .and_then(|v| v.bilingual(issues));
            let prefecture = object
                .required("prefecture", issues)
                .and_then(|v| fields::prefecture_code(&v, issues));
            Some((HubCode(code?), name?, prefecture?))
        })?;
        let prefecture = match prefectures::find(session, &prefecture) {
            Err(AppError::NotFound) => return Err(unknown_prefecture(&prefecture)),
            found => found?,
        };
        let hub = hubs::create(
            session,
            Hub {
                code,
                name: hub_name,
                prefecture,
            },
        )?;
        Reply::json(StatusCode::CREATED, &HubView::from(&hub))
    })
    .await
}

fn unknown_prefecture(code: &PrefectureCode) -> AppError {
    AppError::Invalid(vec![Issue::error(
        IssueCode::UnknownReference,
        "/prefecture",
        Text::new(
            format!("道府県 {code} は登録されていません。"),
            format!("The prefecture {code} is not registered."),
        ),
    )])
}

/// Read a hub
#[utoipa::path(
    operation_id = "get_hub",
    description = "Name and prefecture of one hub in the caller's scope.",
    tag = "organisations",
    params(("code" = String, Path, description = "The hub's code.", example = "yamagata")),
    responses((status = 200, description = "The hub.", body = HubView), ThingProblems),
)]
#[get("/v1/hubs/{code}")]
pub async fn get_hub(call: Call) -> Answer {
    call.read(Permission::ReadOrganisations, |session, input, _| {
        let hub = hubs::find(session, &HubCode(input.parameter("code").to_owned()))?;
        input.no_query()?;
        Reply::ok(&HubView::from(&hub))
    })
    .await
}

/// Rename a hub
///
/// Its code stays. Only the national office may.
#[utoipa::path(
    operation_id = "change_hub",
    tag = "organisations",
    params(("code" = String, Path, description = "The hub's code.", example = "yamagata")),
    request_body = HubChangeBody,
    responses((status = 200, description = "Changed.", body = HubView), ChangeProblems),
)]
#[patch("/v1/hubs/{code}")]
pub async fn change_hub(call: Call) -> Answer {
    call.write(Permission::WriteOrganisations, |session, input, _| {
        let before = hubs::find(session, &HubCode(input.parameter("code").to_owned()))?;
        input.no_query()?;
        let json = input.json()?;
        let new_name = read_body(&json, |object, issues| {
            object
                .required("name", issues)
                .and_then(|v| v.bilingual(issues))
        })?;
        Reply::ok(&HubView::from(&hubs::rename(session, before, new_name)?))
    })
    .await
}

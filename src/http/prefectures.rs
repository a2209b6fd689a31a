//! Prefectures.

use actix_web::http::StatusCode;
use actix_web::{get, patch, post};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::call::{Answer, Call};
use super::cursor::{List, list, load_limit, position};
use super::fields::{self, read_body};
use super::problems_doc::{ChangeProblems, CreateProblems, ListProblems, ThingProblems};
use super::reply::Reply;
use super::views::{Name, NameDoc, name};
use crate::app::prefectures::{self, Change};
use crate::domain::access::Permission;
use crate::domain::ids::PrefectureCode;
use crate::domain::organisation::Prefecture;
use crate::domain::scorecard::MarketType;

/// A prefecture's market for professional talent.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MarketTypeDoc {
    Mature,
    Growth,
    Challenge,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(
    dead_code,
    reason = "documents the body, which `create_prefecture` reads strictly"
)]
#[schema(example = json!({"code": "06", "name": {"ja": "山形県", "en": "Yamagata"}, "market_type": "growth"}))]
struct PrefectureBody {
    /// JIS X 0401 code, 01 to 47.
    #[schema(pattern = "^(0[1-9]|[1-3][0-9]|4[0-7])$")]
    code: String,
    name: NameDoc,
    #[schema(inline)]
    market_type: MarketTypeDoc,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(
    dead_code,
    reason = "documents the body, which `change_prefecture` reads strictly"
)]
#[schema(example = json!({"market_type": "mature"}))]
struct PrefectureChangeBody {
    name: Option<NameDoc>,
    #[schema(inline)]
    market_type: Option<MarketTypeDoc>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Prefecture)]
pub struct PrefectureView {
    #[schema(example = "06")]
    code: String,
    name: Name,
    #[schema(example = "growth")]
    market_type: String,
}

impl From<&Prefecture> for PrefectureView {
    fn from(prefecture: &Prefecture) -> Self {
        Self {
            code: prefecture.code.to_string(),
            name: name(&prefecture.name),
            market_type: prefecture.market_type.code().to_owned(),
        }
    }
}

/// List prefectures
///
/// Those in the caller's scope, by code.
#[utoipa::path(
    operation_id = "list_prefectures",
    tag = "organisations",
    params(super::openapi::PageParameters),
    responses((status = 200, description = "A page of prefectures.", body = List<PrefectureView>), ListProblems),
)]
#[get("/v1/prefectures")]
pub async fn list_prefectures(call: Call) -> Answer {
    call.read(Permission::ReadOrganisations, |session, input, _| {
        let query = input.query()?;
        let mut query = query.read();
        let page = query.page();
        let after: Option<PrefectureCode> = position(&page, &mut query);
        query.finish()?;
        let found = prefectures::list(session, after.as_ref(), load_limit(&page))?;
        Reply::ok(&list(
            found,
            &page,
            |p| p.code.clone(),
            |p| PrefectureView::from(p),
        )?)
    })
    .await
}

/// Add a prefecture
///
/// Only the national office may.
#[utoipa::path(
    operation_id = "create_prefecture",
    tag = "organisations",
    params(super::openapi::IdempotencyKeyHeader),
    request_body = PrefectureBody,
    responses((status = 201, description = "Added.", body = PrefectureView), CreateProblems),
)]
#[post("/v1/prefectures")]
pub async fn create_prefecture(call: Call) -> Answer {
    call.write(Permission::WriteOrganisations, |session, input, _| {
        input.no_query()?;
        let json = input.json()?;
        let new = read_body(&json, |object, issues| {
            let code = object
                .required("code", issues)
                .and_then(|v| fields::prefecture_code(&v, issues));
            let name = object
                .required("name", issues)
                .and_then(|v| v.bilingual(issues));
            let market_type = object
                .required("market_type", issues)
                .and_then(|v| v.one_of(issues, MarketType::CODES));
            Some(Prefecture {
                code: code?,
                name: name?,
                market_type: market_type?,
            })
        })?;
        let prefecture = prefectures::create(session, new)?;
        Reply::json(StatusCode::CREATED, &PrefectureView::from(&prefecture))
    })
    .await
}

/// Read a prefecture
#[utoipa::path(
    operation_id = "get_prefecture",
    description = "Name and market type of one prefecture in the caller's scope.",
    tag = "organisations",
    params(("code" = String, Path, description = "JIS X 0401 code.", example = "06")),
    responses((status = 200, description = "The prefecture.", body = PrefectureView), ThingProblems),
)]
#[get("/v1/prefectures/{code}")]
pub async fn get_prefecture(call: Call) -> Answer {
    call.read(Permission::ReadOrganisations, |session, input, _| {
        let code = PrefectureCode(input.parameter("code").to_owned());
        let prefecture = prefectures::find(session, &code)?;
        input.no_query()?;
        Reply::ok(&PrefectureView::from(&prefecture))
    })
    .await
}

/// Change a prefecture
///
/// Its name or market type; what is absent stays. Only the national office may.
#[utoipa::path(
    operation_id = "change_prefecture",
    tag = "organisations",
    params(("code" = String, Path, description = "JIS X 0401 code.", example = "06")),
    request_body = PrefectureChangeBody,
    responses((status = 200, description = "Changed.", body = PrefectureView), ChangeProblems),
)]
#[patch("/v1/prefectures/{code}")]
pub async fn change_prefecture(call: Call) -> Answer {
    call.write(Permission::WriteOrganisations, |session, input, _| {
        let code = PrefectureCode(input.parameter("code").to_owned());
        let before = prefectures::find(session, &code)?;
        input.no_query()?;
        let json = input.json()?;
        let change = read_body(&json, |object, issues| {
            Some(Change {
                name: object.optional("name").and_then(|v| v.bilingual(issues)),
                market_type: object
                    .optional("market_type")
                    .and_then(|v| v.one_of(issues, MarketType::CODES)),
            })
        })?;
        Reply::ok(&PrefectureView::from(&prefectures::change(
            session, &before, change,
        )?))
    })
    .await
}

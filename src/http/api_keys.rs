//! Keys for machines.

use actix_web::http::StatusCode;
use actix_web::{delete, get, post};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::call::{Answer, Call};
use super::cursor::{List, list, load_limit, position};
use super::fields::{self, ScopeDoc, ScopeView, read_body};
use super::problems_doc::{CreateProblems, ListProblems, ThingProblems};
use super::reply::Reply;
use crate::app::AppError;
use crate::app::api_keys::{self, NewApiKey};
use crate::domain::access::Permission;
use crate::domain::ids::ApiKeyId;
use crate::domain::organisation::ApiKey;

/// A key to be made; it gets at most the rights of its maker, and ends with the
/// key that makes it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(
    dead_code,
    reason = "documents the body, which `create_api_key` reads strictly"
)]
#[schema(example = json!({"name": "Power BI", "role": "viewer", "scope": {"prefecture": "06"}, "expires_at": null}))]
struct ApiKeyBody {
    /// What the key is for.
    #[schema(min_length = 1, max_length = 200)]
    name: String,
    #[schema(inline)]
    role: RoleDoc,
    scope: Option<ScopeDoc>,
    /// When it expires; null: never, or with the key that makes it. Never after that key.
    expires_at: Option<chrono::DateTime<chrono::Utc>>,
}

/// The roles, for the contract.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RoleDoc {
    National,
    Prefecture,
    Hub,
    Viewer,
    Operator,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ApiKey)]
pub struct ApiKeyView {
    id: String,
    name: String,
    #[schema(example = "viewer")]
    role: String,
    scope: ScopeView,
    expires_at: Option<chrono::DateTime<chrono::Utc>>,
    created_at: chrono::DateTime<chrono::Utc>,
}

impl From<&ApiKey> for ApiKeyView {
    fn from(key: &ApiKey) -> Self {
        Self {
            id: key.id.to_string(),
            name: key.name.clone(),
            role: key.role.code().to_owned(),
            scope: ScopeView::from(&key.scope),
            expires_at: key.expires_at,
            created_at: key.created_at,
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = NewApiKey)]
pub struct NewApiKeyView {
    #[serde(flatten)]
    key: ApiKeyView,
    /// Shown only here. Send it as `Authorization: Bearer`, `X-API-Key` or the password of `Basic`.
    #[schema(example = "shk_…")]
    secret: String,
}

/// List own API keys
///
/// The caller's own keys that have not been revoked, oldest first. Whoever calls by
/// a key sees that key and those made with it.
#[utoipa::path(
    operation_id = "list_api_keys",
    tag = "api-keys",
    params(super::openapi::PageParameters),
    responses((status = 200, description = "A page of keys.", body = List<ApiKeyView>), ListProblems),
)]
#[get("/v1/api-keys")]
pub async fn list_api_keys(call: Call) -> Answer {
    call.read(Permission::Own, |session, input, _| {
        let query = input.query()?;
        let mut query = query.read();
        let page = query.page();
        let after: Option<ApiKeyId> = position(&page, &mut query);
        query.finish()?;
        let keys = api_keys::list(session, after.as_ref(), load_limit(&page))?;
        Reply::ok(&list(
            keys,
            &page,
            |key| key.id.clone(),
            |key| ApiKeyView::from(key),
        )?)
    })
    .await
}

/// Make an API key
///
/// The secret is in this answer only; it is stored hashed. An idempotency key
/// does not bring it back. What a key makes ends when that key expires or is
/// revoked; sign in to make a key that lasts.
#[utoipa::path(
    operation_id = "create_api_key",
    tag = "api-keys",
    params(super::openapi::IdempotencyKeyHeader),
    request_body = ApiKeyBody,
    responses((status = 201, description = "The key, with its secret.", body = NewApiKeyView), CreateProblems),
)]
#[post("/v1/api-keys")]
pub async fn create_api_key(call: Call) -> Answer {
    call.write(Permission::Own, |session, input, _| {
        input.no_query()?;
        let json = input.json()?;
        let now = session.now;
        let new = read_body(&json, |object, issues| {
            let name = object.required("name", issues).and_then(|v| v.line(issues));
            let role = fields::role(object, issues);
            let scope = fields::scope(object, issues);
            let expires_at = fields::expires_at(object, now, issues);
            Some(NewApiKey {
                name: name?,
                role: role?,
                scope: scope?,
                expires_at,
            })
        })?;
        let (key, secret) = api_keys::create(session, new)?;
        let view = NewApiKeyView {
            key: ApiKeyView::from(&key),
            secret,
        };
        Ok(Reply::json(StatusCode::CREATED, &view)?.with_secret())
    })
    .await
}

/// Revoke an API key
///
/// The key stops at once, with every key and link that was made with it. Only own
/// keys can be revoked; a key revokes itself and what was made with it.
#[utoipa::path(
    operation_id = "revoke_api_key",
    tag = "api-keys",
    params(("id" = String, Path, description = "Identifier of the key.")),
    responses((status = 204, description = "Revoked."), ThingProblems),
)]
#[delete("/v1/api-keys/{id}")]
pub async fn revoke_api_key(call: Call) -> Answer {
    call.write(
        Permission::Own,
        |session, input, _| -> Result<Reply, AppError> {
            input.no_query()?;
            api_keys::revoke(session, &ApiKeyId(input.parameter("id").to_owned()))?;
            Ok(Reply::empty(StatusCode::NO_CONTENT))
        },
    )
    .await
}

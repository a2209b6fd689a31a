//! Accounts of people.

use actix_web::http::StatusCode;
use actix_web::{get, patch, post};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::api_keys::RoleDoc;
use super::call::{Answer, Call};
use super::cursor::{List, list, load_limit, position};
use super::fields::{self, ScopeDoc, ScopeView, read_body};
use super::problems_doc::{ChangeProblems, CreateProblems, ListProblems, ThingProblems};
use super::reply::Reply;
use crate::app::secrets::hash_of_password;
use crate::app::users::{self, Change, NewUser};
use crate::domain::access::{Permission, Role};
use crate::domain::ids::UserId;
use crate::domain::organisation::User;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(
    dead_code,
    reason = "documents the body, which `create_user` reads strictly"
)]
#[schema(example = json!({"email": "sato@hub.example.jp", "name": "佐藤 恵", "role": "hub", "scope": {"hub": "yamagata"}, "password": "a long enough password"}))]
struct UserBody {
    /// Unique; compared without regard to case.
    #[schema(format = Email)]
    email: String,
    #[schema(min_length = 1, max_length = 200)]
    name: String,
    #[schema(inline)]
    role: RoleDoc,
    scope: Option<ScopeDoc>,
    #[schema(min_length = 8, max_length = 200)]
    password: String,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(
    dead_code,
    reason = "documents the body, which `change_user` reads strictly"
)]
#[schema(example = json!({"active": false}))]
struct UserChangeBody {
    #[schema(min_length = 1, max_length = 200)]
    name: Option<String>,
    #[schema(inline)]
    role: Option<RoleDoc>,
    scope: Option<ScopeDoc>,
    /// `false` closes the account: its sessions and keys stop at once.
    active: Option<bool>,
    #[schema(min_length = 8, max_length = 200)]
    password: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = User)]
pub struct UserView {
    id: String,
    #[schema(example = "sato@hub.example.jp")]
    email: String,
    #[schema(example = "佐藤 恵")]
    name: String,
    #[schema(example = "hub")]
    role: String,
    scope: ScopeView,
    active: bool,
    created_at: chrono::DateTime<chrono::Utc>,
}

impl From<&User> for UserView {
    fn from(user: &User) -> Self {
        Self {
            id: user.id.to_string(),
            email: user.email.clone(),
            name: user.name.clone(),
            role: user.role.code().to_owned(),
            scope: ScopeView::from(&user.scope),
            active: user.active,
            created_at: user.created_at,
        }
    }
}

/// List accounts
///
/// Oldest first. For the national office and operators.
#[utoipa::path(
    operation_id = "list_users",
    tag = "users",
    params(super::openapi::PageParameters),
    responses((status = 200, description = "A page of accounts.", body = List<UserView>), ListProblems),
)]
#[get("/v1/users")]
pub async fn list_users(call: Call) -> Answer {
    call.read(Permission::ManageUsers, |session, input, _| {
        let query = input.query()?;
        let mut query = query.read();
        let page = query.page();
        let after: Option<UserId> = position(&page, &mut query);
        query.finish()?;
        let found = users::list(session, after.as_ref(), load_limit(&page))?;
        Reply::ok(&list(
            found,
            &page,
            |user| user.id.clone(),
            |user| UserView::from(user),
        )?)
    })
    .await
}

/// Open an account
///
/// Only a national account may open another national one.
#[utoipa::path(
    operation_id = "create_user",
    tag = "users",
    params(super::openapi::IdempotencyKeyHeader),
    request_body = UserBody,
    responses((status = 201, description = "Opened.", body = UserView), CreateProblems),
)]
#[post("/v1/users")]
pub async fn create_user(call: Call) -> Answer {
    call.write(Permission::ManageUsers, |session, input, _| {
        input.no_query()?;
        let json = input.json()?;
        let (email, name, role, scope, password) = read_body(&json, |object, issues| {
            let email = object
                .required("email", issues)
                .and_then(|v| fields::email(&v, issues));
            let name = object.required("name", issues).and_then(|v| v.line(issues));
            let role = fields::role(object, issues);
            let scope = fields::scope(object, issues);
            let password = object
                .required("password", issues)
                .and_then(|v| fields::password(&v, issues));
            Some((email?, name?, role?, scope?, password?))
        })?;
        let password_hash = hash_of_password(&password)?;
        let user = users::create(
            session,
            NewUser {
                email,
                name,
                role,
                scope,
                password_hash,
            },
        )?;
        Reply::json(StatusCode::CREATED, &UserView::from(&user))
    })
    .await
}

/// Read an account
#[utoipa::path(
    operation_id = "get_user",
    description = "One account. For the national office and operators.",
    tag = "users",
    params(("id" = String, Path, description = "Identifier of the account.")),
    responses((status = 200, description = "The account.", body = UserView), ThingProblems),
)]
#[get("/v1/users/{id}")]
pub async fn get_user(call: Call) -> Answer {
    call.read(Permission::ManageUsers, |session, input, _| {
        let user = users::find(session, &UserId(input.parameter("id").to_owned()))?;
        input.no_query()?;
        Reply::ok(&UserView::from(&user))
    })
    .await
}

/// Change an account
///
/// What is absent stays. Other rights, another password or closing the account
/// end its sessions at once.
#[utoipa::path(
    operation_id = "change_user",
    tag = "users",
    params(("id" = String, Path, description = "Identifier of the account.")),
    request_body = UserChangeBody,
    responses((status = 200, description = "Changed.", body = UserView), ChangeProblems),
)]
#[patch("/v1/users/{id}")]
pub async fn change_user(call: Call) -> Answer {
    call.write(Permission::ManageUsers, |session, input, _| {
        let before = users::find(session, &UserId(input.parameter("id").to_owned()))?;
        input.no_query()?;
        let json = input.json()?;
        let (mut change, password) = read_body(&json, |object, issues| {
            let change = Change {
                name: object.optional("name").and_then(|v| v.line(issues)),
                role: object
                    .optional("role")
                    .and_then(|v| v.one_of(issues, Role::CODES)),
                scope: match object.member("scope") {
                    Some(value) if !value.is_null() => fields::scope(object, issues),
                    _ => None,
                },
                active: object.optional("active").and_then(|v| v.boolean(issues)),
                password_hash: None,
            };
            let password = object
                .optional("password")
                .and_then(|v| fields::password(&v, issues));
            Some((change, password))
        })?;
        change.password_hash = password.as_deref().map(hash_of_password).transpose()?;
        Reply::ok(&UserView::from(&users::change(session, &before, change)?))
    })
    .await
}

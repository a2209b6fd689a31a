//! Liveness, readiness, the contract.

use actix_web::{HttpResponse, get};
use serde::Serialize;
use utoipa::ToSchema;

use super::call::{Answer, OpenCall};
use super::problem::{Problem, ProblemCode};
use super::problems_doc::OpenProblems;
use super::reply::Reply;

/// The state of the service.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Health)]
pub struct HealthView {
    #[schema(example = "ok")]
    status: &'static str,
}

/// Is the process alive
///
/// Depends on nothing else.
#[utoipa::path(
    operation_id = "get_liveness",
    tag = "health",
    responses((status = 200, description = "Alive.", body = HealthView), OpenProblems),
    security(()),
)]
#[get("/healthz")]
pub async fn get_liveness() -> Answer {
    Ok(Reply::ok(&HealthView { status: "ok" })
        .map_err(Problem::from)?
        .into_response())
}

/// Is the service ready
///
/// The database answers and its tables are up to date, notices are being sent,
/// and the service is not shutting down; else 503.
#[utoipa::path(
    operation_id = "get_readiness",
    tag = "health",
    responses((status = 200, description = "Ready.", body = HealthView), OpenProblems),
    security(()),
)]
#[get("/readyz")]
pub async fn get_readiness(call: OpenCall) -> Answer {
    if call.state.is_stopping() {
        return Err(Problem::new(ProblemCode::Unavailable));
    }
    let reply = call
        .run(|state, _| {
            if !state.db.pending_migrations()?.is_empty() {
                return Err(crate::storage::StorageError::Unavailable(
                    "migrations are pending".to_owned(),
                )
                .into());
            }
            if !state.waker.is_well(state.clock.now()) {
                return Err(crate::storage::StorageError::Unavailable(
                    "notices are not being sent".to_owned(),
                )
                .into());
            }
            Reply::ok(&HealthView { status: "ready" })
        })
        .await?;
    Ok(reply.into_response())
}

/// The contract
///
/// This document: OpenAPI 3.1.
#[utoipa::path(
    operation_id = "get_openapi",
    tag = "health",
    responses(
        (status = 200, description = "The OpenAPI document.", content_type = "application/json", body = serde_json::Value),
        OpenProblems,
    ),
    security(()),
)]
#[get("/openapi.json")]
pub async fn get_openapi(document: actix_web::web::Data<super::openapi::Document>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/json")
        .body(document.json.clone())
}

//! The outermost layer: request ids, size of the head, content negotiation,
//! security headers, panics, and one shape for every error, those of the
//! framework included.

use std::panic::AssertUnwindSafe;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::error::InternalError;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{Error, HttpRequest};
use futures_util::FutureExt as _;

use super::exports::XLSX;
use super::fact_rows::Format;
use super::limits::HEAD_BYTES_MAX;
use super::problem::{PROBLEM_JSON, Problem, ProblemCode};
use super::unread::Unread;
use crate::domain::text::Language;

const REQUEST_ID: &str = "x-request-id";
/// What a page of ours may load: only from here.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
/// The docs page is Swagger UI, which styles elements inline.
const DOCS_SECURITY_POLICY: &str = "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'";

/// Wraps every request.
///
/// # Errors
/// None: faults become problem documents.
pub async fn edge(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let unread = Unread::hold(&mut request);
    let answer = answered(request, next).await;
    let Some(unread) = unread else { return answer };
    answer
        .map(|response| response.map_body(|_, body| unread.clone().until_sent(body)))
        .map_err(|error| {
            let response = error.as_response_error().error_response();
            let response = response.map_body(|_, body| unread.until_sent(body));
            InternalError::from_response(error, response).into()
        })
}

async fn answered(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let request_id = uuid::Uuid::now_v7().to_string();
    let language = preferred_language(request.headers());
    let is_docs = request.path().starts_with("/docs");
    // RFC 9110: what answers GET answers HEAD; the server leaves out the body.
    if request.method() == Method::HEAD {
        request.head_mut().method = Method::GET;
    }
    if let Err(problem) = check_head(&request) {
        let response = request.into_response(problem.render(language, &request_id));
        return Ok(finished(response, &request_id, is_docs));
    }
    // The router needs the request to itself: no second handle may exist here.
    let outcome = AssertUnwindSafe(next.call(request)).catch_unwind().await;
    let response = match outcome {
        Ok(Ok(response)) => rendered(response.map_into_boxed_body(), language, &request_id),
        Ok(Err(error)) => {
            let status = error.as_response_error().status_code();
            let problem = problem_of(Some(&error), status);
            return Err(without_request(&problem, language, &request_id));
        }
        Err(_panic) => {
            log::error!("a handler panicked; request {request_id}");
            let problem = Problem::new(ProblemCode::Internal);
            return Err(without_request(&problem, language, &request_id));
        }
    };
    if response.status().is_server_error() {
        let status = response.status().as_u16();
        log::warn!(request_id = request_id.as_str(), status; "answered with an error");
    }
    Ok(finished(response, &request_id, is_docs))
}

/// An error response of whatever origin as a problem document.
fn rendered(
    response: ServiceResponse<BoxBody>,
    language: Language,
    request_id: &str,
) -> ServiceResponse<BoxBody> {
    let status = response.status();
    if !status.is_client_error() && !status.is_server_error() {
        return response;
    }
    let error = response.response().error();
    let is_ours = error.is_none()
        && response
            .headers()
            .get(header::CONTENT_TYPE)
            .is_some_and(|value| value == HeaderValue::from_static(PROBLEM_JSON));
    if is_ours {
        return response;
    }
    let problem = problem_of(error, status);
    let request = response.request().clone();
    ServiceResponse::new(request, problem.render(language, request_id))
}

fn problem_of(error: Option<&Error>, status: StatusCode) -> Problem {
    if let Some(problem) = error.and_then(|error| error.as_error::<Problem>()) {
        return problem.clone();
    }
    match status {
        StatusCode::NOT_FOUND => Problem::new(ProblemCode::NotFound),
        StatusCode::METHOD_NOT_ALLOWED => Problem::new(ProblemCode::MethodNotAllowed),
        StatusCode::PAYLOAD_TOO_LARGE => Problem::new(ProblemCode::TooLarge),
        StatusCode::REQUEST_TIMEOUT => Problem::new(ProblemCode::BodyTooSlow),
        status if status.is_client_error() => Problem::new(ProblemCode::MalformedQuery),
        _ => {
            log::error!("the framework answered {status}");
            Problem::new(ProblemCode::Internal)
        }
    }
}

fn check_head(request: &ServiceRequest) -> Result<(), Problem> {
    let headers = request.headers();
    let header_bytes: usize = headers
        .iter()
        .map(|(name, value)| name.as_str().len() + value.len() + 4)
        .sum();
    if request.uri().to_string().len() + header_bytes > HEAD_BYTES_MAX {
        return Err(Problem::new(ProblemCode::HeadTooLarge));
    }
    let is_acceptable = match request.path() {
        // What asks for a form by name gets it, and a link has one form.
        "/v1/facts" if request.query_string().contains("format=") => true,
        "/v1/facts" => accepts_facts(headers),
        path if path.starts_with("/v1/facts/link/") => true,
        path if is_file_of_scorecard(path, "csv") => {
            accepts(headers, &["*/*", "text/*", "text/csv"])
        }
        path if is_file_of_scorecard(path, "xlsx") => {
            accepts(headers, &["*/*", "application/*", XLSX])
        }
        path if path.starts_with("/v1/") => {
            accepts(headers, &["*/*", "application/*", "application/json"])
        }
        _ => true,
    };
    if !is_acceptable {
        return Err(Problem::new(ProblemCode::NotAcceptable));
    }
    Ok(())
}

/// Whether a path names a file of a scorecard, by its ending.
fn is_file_of_scorecard(path: &str, ending: &str) -> bool {
    let file = path.strip_prefix("/v1/scorecards/");
    let parts = file.and_then(|file| file.rsplit_once('.'));
    parts.is_some_and(|(_, known)| known == ending)
}

fn accepts_facts(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).map(HeaderValue::to_str);
    match accept {
        None => true,
        Some(Ok(accept)) => Format::negotiate(accept).is_some(),
        Some(Err(_not_text)) => false,
    }
}

/// Whether `Accept` names any of these, or there is none.
fn accepts(headers: &HeaderMap, media_types: &[&str]) -> bool {
    let Some(accept) = headers.get(header::ACCEPT) else {
        return true;
    };
    let Ok(accept) = accept.to_str() else {
        return false;
    };
    accept.trim().is_empty()
        || accept.split(',').any(|entry| {
            let mut parts = entry.split(';').map(str::trim);
            let essence = parts.next().unwrap_or_default().to_ascii_lowercase();
            let refused = parts
                .filter_map(|part| part.strip_prefix("q="))
                .any(|weight| weight.parse::<f32>().is_ok_and(|weight| weight <= 0.0));
            !refused && media_types.contains(&essence.as_str())
        })
}

/// Japanese, unless English is preferred.
fn preferred_language(headers: &HeaderMap) -> Language {
    let accept = headers
        .get(header::ACCEPT_LANGUAGE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let weight_of = |language: &str| {
        accept
            .split(',')
            .filter_map(|entry| {
                let mut parts = entry.split(';').map(str::trim);
                let tag = parts.next()?.to_ascii_lowercase();
                let matches = tag == language || tag.starts_with(&format!("{language}-"));
                let weight = parts
                    .find_map(|part| part.strip_prefix("q=")?.parse::<f32>().ok())
                    .unwrap_or(1.0);
                matches.then_some(weight)
            })
            .fold(0.0_f32, f32::max)
    };
    if weight_of("en") > weight_of("ja") {
        Language::English
    } else {
        Language::Japanese
    }
}

/// An answer where the request itself is gone: the framework sends it as it is.
fn without_request(problem: &Problem, language: Language, request_id: &str) -> Error {
    let mut response = problem.render(language, request_id);
    set_headers(response.headers_mut(), request_id, false);
    InternalError::from_response(problem.clone(), response).into()
}

fn finished(
    mut response: ServiceResponse<BoxBody>,
    request_id: &str,
    is_docs: bool,
) -> ServiceResponse<BoxBody> {
    set_headers(response.headers_mut(), request_id, is_docs);
    response
}

fn set_headers(headers: &mut HeaderMap, request_id: &str, is_docs: bool) {
    let policy = if is_docs {
        DOCS_SECURITY_POLICY
    } else {
        CONTENT_SECURITY_POLICY
    };
    let mut set = |name: &'static str, value: &'static str| {
        headers.insert(
            HeaderName::from_static(name),
            HeaderValue::from_static(value),
        );
    };
    set("x-content-type-options", "nosniff");
    set("referrer-policy", "no-referrer");
    // What a link shows is for readers, not for search engines.
    set("x-robots-tag", "noindex");
    set("cross-origin-resource-policy", "same-origin");
    set("content-security-policy", policy);
    if let Ok(value) = HeaderValue::from_str(request_id) {
        headers.insert(HeaderName::from_static(REQUEST_ID), value);
    }
}

/// Answers what no route answers: 405 with `Allow` where the path exists, else 404.
#[derive(Clone)]
pub struct KnownPaths(std::rc::Rc<Vec<(actix_web::dev::ResourceDef, String)>>);

impl KnownPaths {
    /// From route patterns with the methods that each answers.
    pub fn new(routes: impl IntoIterator<Item = (String, Vec<String>)>) -> Self {
        let known = routes.into_iter().map(|(pattern, methods)| {
            (
                actix_web::dev::ResourceDef::new(pattern),
                methods.join(", "),
            )
        });
        Self(std::rc::Rc::new(known.collect()))
    }

    /// The problem of a request that no route took.
    #[must_use]
    pub fn problem(&self, request: &HttpRequest) -> Problem {
        let allow = self
            .0
            .iter()
            .find(|(pattern, _)| pattern.is_match(request.path()));
        match allow.and_then(|(_, methods)| HeaderValue::from_str(methods).ok()) {
            Some(methods) => {
                Problem::new(ProblemCode::MethodNotAllowed).with_header(header::ALLOW, methods)
            }
            None => Problem::new(ProblemCode::NotFound),
        }
    }
}

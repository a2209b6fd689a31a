//! Which problems an operation can answer, for the contract: the same list of
//! codes that the service uses, so that none is forgotten or invented.

use std::collections::BTreeMap;

use serde_json::json;
use utoipa::IntoResponses;
use utoipa::openapi::{ContentBuilder, Ref, RefOr, Response, ResponseBuilder};

use super::problem::{PROBLEM_JSON, ProblemCode};

/// Name of the problem's schema in the contract.
pub const PROBLEM_SCHEMA: &str = "Problem";

type Responses = BTreeMap<String, RefOr<Response>>;

/// The codes of some lists, by status.
fn by_status(lists: &[&[ProblemCode]]) -> BTreeMap<u16, Vec<ProblemCode>> {
    let mut by_status: BTreeMap<u16, Vec<ProblemCode>> = BTreeMap::new();
    for code in lists.iter().copied().flatten() {
        by_status
            .entry(code.status().as_u16())
            .or_default()
            .push(*code);
    }
    by_status
}

/// The name of the shared response of some codes.
fn component_name(codes: &[ProblemCode]) -> String {
    let codes: Vec<&str> = codes.iter().map(|code| code.code()).collect();
    codes.join(".")
}

fn responses_of(lists: &[&[ProblemCode]]) -> Responses {
    by_status(lists)
        .into_iter()
        .map(|(status, codes)| {
            let reference = Ref::from_response_name(component_name(&codes));
            (status.to_string(), RefOr::Ref(reference))
        })
        .collect()
}

/// Every response that operations refer to, by name.
#[must_use]
pub fn components() -> Responses {
    ALL.iter()
        .flat_map(|lists| by_status(lists))
        .map(|(status, codes)| {
            (
                component_name(&codes),
                RefOr::T(response_of(status, &codes)),
            )
        })
        .collect()
}

fn response_of(status: u16, codes: &[ProblemCode]) -> Response {
    let descriptions: Vec<String> = codes
        .iter()
        .map(|code| format!("`{code}`: {}.", code.title().en))
        .collect();
    let first = codes.first().copied().unwrap_or(ProblemCode::Internal);
    let content = ContentBuilder::new()
        .schema(Some(Ref::from_schema_name(PROBLEM_SCHEMA)))
        .example(Some(json!({
            "type": format!("urn:shirube:problem:{first}"),
            "title": first.title().ja,
            "status": status,
            "code": first.code(),
            "detail": first.advice().ja,
            "issues": [],
            "request_id": "019aa000-0000-7000-8000-000000000000",
        })))
        .build();
    ResponseBuilder::new()
        .description(descriptions.join(" "))
        .content(PROBLEM_JSON, content)
        .build()
}

/// Of every request.
const ANY: &[ProblemCode] = &[
    ProblemCode::HeadTooLarge,
    ProblemCode::RateLimited,
    ProblemCode::Internal,
    ProblemCode::Unavailable,
];
/// Of requests for JSON with a query.
const QUERY: &[ProblemCode] = &[
    ProblemCode::MalformedQuery,
    ProblemCode::NotAcceptable,
    ProblemCode::Invalid,
];
const CREDENTIAL: &[ProblemCode] = &[ProblemCode::Unauthenticated, ProblemCode::Forbidden];
const THING: &[ProblemCode] = &[ProblemCode::NotFound];
const BODY: &[ProblemCode] = &[
    ProblemCode::MalformedJson,
    ProblemCode::BodyTooSlow,
    ProblemCode::TooLarge,
    ProblemCode::UnsupportedMediaType,
];
const FILE: &[ProblemCode] = &[
    ProblemCode::BodyTooSlow,
    ProblemCode::TooLarge,
    ProblemCode::UnsupportedMediaType,
];
const KEYED: &[ProblemCode] = &[ProblemCode::InProgress, ProblemCode::IdempotencyKeyReused];
const REVISION: &[ProblemCode] = &[ProblemCode::StaleRevision];

macro_rules! problems {
    ($($(#[$meta:meta])* $name:ident: $($list:expr),+;)+) => {
        $(
        $(#[$meta])*
        pub struct $name;

        impl IntoResponses for $name {
            fn responses() -> Responses {
                responses_of(&[$($list),+])
            }
        }
    )+

        /// The lists of every kind of operation.
        const ALL: &[&[&[ProblemCode]]] = &[$(&[$($list),+]),+];
    };
}

problems! {
    /// Open documents: health, the contract.
    OpenProblems: ANY;
    /// What a link opens without sign-in.
    PublicProblems: ANY, QUERY, THING;
    /// Sign-in.
    SignInProblems: ANY, QUERY, BODY, &[ProblemCode::InvalidCredentials];
    /// Lists and reports over what the caller sees.
    ListProblems: ANY, QUERY, CREDENTIAL;
    /// What a link shows.
    LinkProblems: ANY, QUERY, &[ProblemCode::Unauthenticated];
    /// One thing, named in the path.
    ThingProblems: ANY, QUERY, CREDENTIAL, THING;
    /// A new thing.
    CreateProblems: ANY, QUERY, CREDENTIAL, BODY, KEYED, &[ProblemCode::AlreadyExists];
    /// A change of a thing.
    ChangeProblems: ANY, QUERY, CREDENTIAL, THING, BODY;
    /// A report on one scorecard.
    ReportProblems: ANY, QUERY, CREDENTIAL, THING, BODY, KEYED, REVISION, &[ProblemCode::MonthApproved];
    /// Reports on many scorecards.
    BulkProblems: ANY, QUERY, CREDENTIAL, BODY, KEYED, &[ProblemCode::MonthApproved];
    /// A file with reports.
    ImportProblems: ANY, QUERY, CREDENTIAL, FILE, KEYED, &[ProblemCode::MonthApproved];
    /// Something done by a POST, to nothing that its path names.
    CommandProblems: ANY, QUERY, CREDENTIAL, BODY, KEYED;
    /// Something done to a thing.
    ActionProblems: ANY, QUERY, CREDENTIAL, THING, BODY, KEYED;
    /// Something sent to a destination.
    SendProblems: ANY, QUERY, CREDENTIAL, THING, BODY, KEYED, &[ProblemCode::SubscriptionDisabled];
    /// A decision about a month, a comment.
    DecisionProblems: ANY, QUERY, CREDENTIAL, THING, BODY, KEYED, REVISION;
    /// A new revision of a plan.
    ProposalProblems: ANY, QUERY, CREDENTIAL, THING, BODY, KEYED, REVISION, &[ProblemCode::MonthApproved];
    /// A decision about a revision.
    ApprovalProblems: ANY, QUERY, CREDENTIAL, THING, BODY, KEYED, REVISION,
        &[ProblemCode::MonthApproved, ProblemCode::RevisionDecided, ProblemCode::RevisionOutdated];
    /// A review of an alert.
    ReviewProblems: ANY, QUERY, CREDENTIAL, THING, BODY, KEYED, REVISION, &[ProblemCode::AlertClosed, ProblemCode::PreparationMissing];
    /// What only an open alert allows.
    AlertProblems: ANY, QUERY, CREDENTIAL, THING, BODY, KEYED, REVISION, &[ProblemCode::AlertClosed];
    /// A change of one thing's revision without a body.
    ReleaseProblems: ANY, QUERY, CREDENTIAL, THING, REVISION;
}

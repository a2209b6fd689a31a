//! Read-only links to facts, for tools that cannot send a header.

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use actix_web::{delete, get, post};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::call::{Answer, Call, Input, OpenCall};
use super::cursor::{List, list, load_limit, position};
use super::fact_rows::{Encoding, Format};
use super::facts::{Ask, Form, answer, read_form, read_view};
use super::facts_doc::{EncodingDoc, FactPage, FiltersDoc, FormatDoc, PartParameters};
use super::fields::{self, ScopeDoc, ScopeView, read_body};
use super::problem::{Problem, ProblemCode};
use super::problems_doc::{CreateProblems, LinkProblems, ListProblems, ThingProblems};
use super::query::Query;
use super::reply::Reply;
use crate::app::fact_links::{self, FactLink, NewFactLink, Shown};
use crate::app::facts::Wanted;
use crate::app::{AppError, Credential, Session};
use crate::domain::access::Permission;
use crate::domain::ids::ApiKeyId;
use crate::domain::issue::Issues;
use crate::domain::strict_json::{Object, Value};
use crate::domain::text::Text;

/// A link to be made; it shows at most what its maker sees.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(
    dead_code,
    reason = "documents the body, which `create_fact_link` reads strictly"
)]
#[schema(example = json!({
    "name": "Google Sheets", "filters": {"fiscal_year": 2028}, "format": "csv",
    "encoding": "utf-8", "expires_at": null
}))]
struct FactLinkBody {
    /// Where the link is used.
    #[schema(min_length = 1, max_length = 200)]
    name: String,
    /// Absent: all that the maker sees.
    scope: Option<ScopeDoc>,
    /// Absent: every row.
    filters: Option<FiltersDoc>,
    #[schema(inline)]
    format: FormatDoc,
    /// Of a CSV only; `utf-8-bom` where absent.
    #[schema(inline)]
    encoding: Option<EncodingDoc>,
    /// When it expires; null: never, or with the key that makes it. Never after that key.
    expires_at: Option<chrono::DateTime<chrono::Utc>>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FactLink)]
struct FactLinkView {
    id: String,
    name: String,
    scope: ScopeView,
    /// The filters by name, as a query would write them.
    #[schema(example = json!({"fiscal_year": "2028"}))]
    filters: BTreeMap<String, String>,
    /// `json`, `ndjson` or `csv`.
    #[schema(example = "csv")]
    format: String,
    /// `utf-8-bom`, `utf-8` or `cp932`; null of JSON and NDJSON.
    #[schema(example = "utf-8")]
    encoding: Option<String>,
    expires_at: Option<chrono::DateTime<chrono::Utc>>,
    created_at: chrono::DateTime<chrono::Utc>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = NewFactLink)]
struct NewFactLinkView {
    #[serde(flatten)]
    link: FactLinkView,
    /// Shown only here. Whoever has it reads what it shows.
    #[schema(example = "https://shirube.example/v1/facts/link/shl_…")]
    url: String,
}

impl From<&FactLink> for FactLinkView {
    fn from(link: &FactLink) -> Self {
        Self {
            id: link.key.id.to_string(),
            name: link.key.name.clone(),
            scope: ScopeView::from(&link.key.scope),
            filters: link.shown.filters.clone(),
            format: link.shown.format.clone(),
            encoding: link.shown.encoding.clone(),
            expires_at: link.key.expires_at,
            created_at: link.key.created_at,
        }
    }
}

/// List own links
///
/// The caller's own links that have not been revoked, oldest first; their
/// addresses are not shown again. Whoever calls by a key sees those made with it.
#[utoipa::path(
    operation_id = "list_fact_links",
    tag = "facts",
    params(super::openapi::PageParameters),
    responses((status = 200, description = "A page of links.", body = List<FactLinkView>), ListProblems),
)]
#[get("/v1/fact-links")]
pub async fn list_fact_links(call: Call) -> Answer {
    call.read(Permission::ReadData, |session, input, _| {
        let query = input.query()?;
        let mut query = query.read();
        let page = query.page();
        let after: Option<ApiKeyId> = position(&page, &mut query);
        query.finish()?;
        let links = fact_links::list(session, after.as_ref(), load_limit(&page))?;
        Reply::ok(&list(
            links,
            &page,
            |link| link.key.id.clone(),
            |link| FactLinkView::from(link),
        )?)
    })
    .await
}

/// Make a read-only link
///
/// An address that shows one view of the facts to whoever has it, for tools that
/// cannot send a header. It is in this answer only, and stored hashed. A link
/// shows at most what its maker sees, and nothing once the maker does not. One that
/// was made with a key ends when that key expires or is revoked.
#[utoipa::path(
    operation_id = "create_fact_link",
    tag = "facts",
    params(super::openapi::IdempotencyKeyHeader),
    request_body = FactLinkBody,
    responses((status = 201, description = "The link, with its address.", body = NewFactLinkView), CreateProblems),
)]
#[post("/v1/fact-links")]
pub async fn create_fact_link(call: Call) -> Answer {
    call.write(Permission::ReadData, |session, input, _| {
        input.no_query()?;
        let json = input.json()?;
        let now = session.now;
        let new = read_body(&json, |object, issues| {
            let name = object.required("name", issues).and_then(|v| v.line(issues));
            let scope = match object.optional("scope") {
                Some(_) => fields::scope(object, issues).map(Some),
                None => Some(None),
            };
            let shown = read_shown(object, issues);
            let expires_at = fields::expires_at(object, now, issues);
            Some(NewFactLink {
                name: name?,
                scope: scope?,
                shown: shown?,
                expires_at,
            })
        })?;
        let (link, token) = fact_links::create(session, new)?;
        let origin = session.office.public_url.as_deref().unwrap_or_default();
        let view = NewFactLinkView {
            link: FactLinkView::from(&link),
            url: format!("{}/v1/facts/link/{token}", origin.trim_end_matches('/')),
        };
        Ok(Reply::json(StatusCode::CREATED, &view)?.with_secret())
    })
    .await
}

/// Filters, format and encoding of a body, read as a query is.
fn read_shown(object: &mut Object<'_>, issues: &mut Issues) -> Option<Shown> {
    let format = object
        .required("format", issues)
        .and_then(|v| v.one_of(issues, Format::CODES));
    let encoding = object
        .optional("encoding")
        .map(|v| (v.one_of(issues, Encoding::CODES), v));
    if let (Some(format), Some((Some(_), value))) = (format, &encoding)
        && format != Format::Csv
    {
        issues.error(
            crate::domain::issue::IssueCode::WrongShape,
            value.path(),
            Text::new(
                "encoding は CSV でだけ指定できます。",
                "Only a CSV has an encoding.",
            ),
        );
    }
    let filters = match object.optional("filters") {
        Some(value) => read_filters(&value, issues)?,
        None => BTreeMap::new(),
    };
    let format = format?;
    let encoding = encoding.and_then(|(encoding, _)| encoding);
    let encoding = (format == Format::Csv).then(|| encoding.unwrap_or(Encoding::Utf8Bom));
    Some(Shown {
        filters,
        format: format.code().to_owned(),
        encoding: encoding.map(|encoding| encoding.code().to_owned()),
    })
}

fn read_filters(value: &Value<'_>, issues: &mut Issues) -> Option<BTreeMap<String, String>> {
    let object = value.object(issues)?;
    let mut parameters = Vec::new();
    for (name, value) in object.entries().filter(|(_, value)| !value.is_null()) {
        parameters.push((name.to_owned(), value.scalar(issues)?));
    }
    let query = Query::in_body("/filters", parameters.clone());
    let mut reader = query.read();
    read_view(&mut reader);
    issues.extend(reader.into_issues().into_vec());
    Some(parameters.into_iter().collect())
}

/// Revoke a read-only link
///
/// The address shows nothing from then on. Only own links can be revoked, by a key
/// those that were made with it.
#[utoipa::path(
    operation_id = "revoke_fact_link",
    tag = "facts",
    params(("id" = String, Path, description = "Identifier of the link.")),
    responses((status = 204, description = "Revoked."), ThingProblems),
)]
#[delete("/v1/fact-links/{id}")]
pub async fn revoke_fact_link(call: Call) -> Answer {
    call.write(
        Permission::ReadData,
        |session, input, _| -> Result<Reply, AppError> {
            input.no_query()?;
            fact_links::revoke(session, &ApiKeyId(input.parameter("id").to_owned()))?;
            Ok(Reply::empty(StatusCode::NO_CONTENT))
        },
    )
    .await
}

/// Read facts by a link
///
/// What the link shows, in its form; needs no credential but the address itself.
/// A link that was revoked, has expired, or shows what its maker may not see any
/// more answers like one that never was.
#[utoipa::path(
    operation_id = "read_fact_link",
    tag = "facts",
    params(
        ("token" = String, Path, description = "The secret of the link."),
        PartParameters,
        super::openapi::IfNoneMatchHeader,
    ),
    security(()),
    responses(
        (status = 200, description = "The rows, as `GET /v1/facts` has them.", content(
            (FactPage = "application/json"),
            (String = "application/x-ndjson"),
            (String = "text/csv"),
        )),
        (status = 304, description = "The caller has this page."),
        LinkProblems,
    ),
)]
#[get("/v1/facts/link/{token}")]
pub async fn read_fact_link(call: OpenCall) -> Answer {
    let credential = Credential::fact_link(call.input.parameter("token"));
    call.with(credential)
        .read_on(Permission::ReadData, |session, input, state| {
            let ask = ask_of_link(session, input)?;
            answer(session, input, state, ask)
        })
        .await
        .map_err(without_link)
}

fn without_link(problem: Problem) -> Problem {
    match problem.code {
        ProblemCode::Unauthenticated | ProblemCode::Forbidden => {
            Problem::new(ProblemCode::Unauthenticated).with_detail(Text::new(
                "このリンクは使えません。取り消されたか、期限が切れています。発行した人に確かめてください。",
                "This link shows nothing: it was revoked, has expired, or never was. Ask whoever made it.",
            ))
        }
        _ => problem,
    }
}

/// What a link shows, and which part of it is asked for.
fn ask_of_link(session: &mut Session<'_>, input: &Input) -> Result<Ask, AppError> {
    let shown = fact_links::shown(session)?;
    let mut stored: Vec<(String, String)> = shown.filters.into_iter().collect();
    stored.push(("format".to_owned(), shown.format));
    stored.extend(shown.encoding.map(|code| ("encoding".to_owned(), code)));
    let stored = Query::in_body("/filters", stored);
    let mut stored = stored.read();
    let (scorecards, rows) = read_view(&mut stored);
    let form: Form = read_form(&mut stored, Format::Json);
    stored.finish()?;
    let query = input.query()?;
    let mut query = query.read();
    let wanted = Wanted {
        scorecards,
        rows,
        known_at: None,
    };
    let id = session.caller.id().to_owned();
    let ask = Ask::of_part(&mut query, wanted, form, input.resource_named(&id));
    query.finish()?;
    Ok(ask)
}

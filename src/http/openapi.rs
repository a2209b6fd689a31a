//! The contract: one document, made from the handlers.

use actix_web::App;
use actix_web::web::Bytes;
use chrono::{DateTime, Utc};
use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme,
};
use utoipa::openapi::tag::TagBuilder;
use utoipa::openapi::{
    ContactBuilder, InfoBuilder, LicenseBuilder, OpenApi, OpenApiBuilder, RefOr,
};
use utoipa::{IntoParams, PartialSchema};
use utoipa_actix_web::AppExt as _;

use super::problem::ProblemBody;
use super::problems_doc::{self, PROBLEM_SCHEMA};
use super::routes::routes;
use super::webhooks_doc;

const BEARER: &str = "bearer";
const BASIC: &str = "basic";
const API_KEY: &str = "api_key";

const TAGS: [(&str, &str); 18] = [
    ("auth", "Sign-in and identity."),
    ("api-keys", "Keys for machines."),
    ("organisations", "Prefectures and hubs."),
    ("users", "Accounts of people."),
    ("templates", "The eight scorecards of the report."),
    ("scorecards", "Scorecards, evaluated."),
    ("plans", "Plan versions and roadmaps."),
    ("actuals", "Monthly figures: reporting, reading, history."),
    (
        "imports",
        "Figures from Excel and CSV files, and what hubs call things in them.",
    ),
    (
        "exports",
        "Files for people: forms to fill in, monthly reports, CSV.",
    ),
    ("months", "Approving, returning and reopening months."),
    (
        "alerts",
        "High-hurdle steps that fell behind, and reports that are overdue.",
    ),
    ("overview", "Many scorecards at once."),
    (
        "releases",
        "Pages that a prefecture shows to everybody, by a link that it can end.",
    ),
    (
        "facts",
        "Flat rows for programs of analysis, and links to them.",
    ),
    ("audit", "Who changed what."),
    ("subscriptions", "Destinations of notices."),
    ("deliveries", "What was sent, and the outbox."),
];

const DESCRIPTION: &str = "Balanced-scorecard KPI tracking for hubs and prefectures: monthly actuals in, \
the status of every step against its roadmap out.\n\nMonths are `YYYY-MM`, times RFC 3339 in UTC, \
names `{ja, en}`. Errors are problem documents (RFC 9457); every fault of a body is reported at once, \
with a JSON pointer and a sentence in Japanese and English. Unknown fields and parameters are refused. \
A thing outside the caller's scope answers like one that does not exist.";

/// Cursor and size of a page.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "documents what `QueryReader::page` reads")]
pub struct PageParameters {
    /// Entries of the page, 1 to 200; 50 where absent.
    #[param(minimum = 1, maximum = 200, example = 50)]
    limit: Option<u32>,
    /// `next_cursor` of the page before.
    #[param(min_length = 1, max_length = 512)]
    cursor: Option<String>,
}

/// What was known when.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "documents what `QueryReader::known_at` reads")]
pub struct KnownAt {
    /// Answers what was known at this instant (RFC 3339), byte for byte; not in
    /// the future. What did not exist yet is not found.
    #[param(example = "2028-10-10T15:00:00Z")]
    known_at: Option<DateTime<Utc>>,
}

/// Which scorecards.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "documents what `scorecards::filter` reads")]
pub struct ScorecardFilters {
    /// Only this hub's.
    #[param(min_length = 1, max_length = 512)]
    hub: Option<String>,
    /// Only scorecards with this key.
    #[param(min_length = 1, max_length = 512)]
    key: Option<String>,
    /// Only this prefecture's.
    #[param(min_length = 1, max_length = 512, example = "06")]
    prefecture: Option<String>,
    /// Only those made from this template.
    #[param(min_length = 1, max_length = 512, example = "mature-hard-to-fill")]
    template: Option<String>,
    /// `mature`, `growth` or `challenge`.
    #[param(inline)]
    market_type: Option<super::prefectures::MarketTypeDoc>,
    /// `red`, `amber` or `none`.
    #[param(inline)]
    flag: Option<FlagDoc>,
}

/// The flags, for the contract.
#[derive(utoipa::ToSchema, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FlagDoc {
    Red,
    Amber,
    None,
}

/// Which scorecard.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "documents a part of the path")]
pub struct ScorecardPath {
    /// Identifier of the scorecard.
    id: String,
}

/// Which destination.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "documents a part of the path")]
pub struct SubscriptionPath {
    /// Identifier of the subscription.
    id: String,
}

/// Which page.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "documents a part of the path")]
pub struct ReleasePath {
    /// Identifier of the release.
    id: String,
}

/// Which month.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "documents a part of the path")]
pub struct MonthPath {
    /// The month, `YYYY-MM`.
    #[param(example = "2028-09")]
    month: String,
}

/// Makes a repetition answer what the first request answered.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "documents what `idempotency` reads")]
pub struct IdempotencyKeyHeader {
    /// The same key with the same body answers the first answer again (kept 30 days).
    #[param(rename = "Idempotency-Key", pattern = "^[!-~]{1,255}$")]
    idempotency_key: Option<String>,
}

/// Applies a change only to the revision that the caller has read.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "documents what `Input::demanded` reads")]
pub struct IfMatchHeader {
    /// ETag of the read that the change is based on; 412 where it has changed since.
    #[param(rename = "If-Match", example = "\"31\"")]
    if_match: Option<String>,
}

/// Saves the body where nothing has changed.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "documents what `Input::not_modified` reads")]
pub struct IfNoneMatchHeader {
    /// ETag of an earlier answer; 304 where it still holds.
    #[param(rename = "If-None-Match", example = "\"31\"")]
    if_none_match: Option<String>,
}

/// The document and its bytes, as served.
pub struct Document {
    pub openapi: OpenApi,
    pub json: Bytes,
}

impl Document {
    /// Makes the document from the routes.
    ///
    /// # Errors
    /// Where it cannot be written as JSON.
    pub fn new() -> Result<Self, serde_json::Error> {
        let openapi = without_unused_schemas(document())?;
        let mut json = openapi.to_pretty_json()?;
        json.push('\n');
        Ok(Self {
            openapi,
            json: json.into(),
        })
    }

    /// Every path with the methods that it answers.
    #[must_use]
    pub fn routes(&self) -> Vec<(String, Vec<String>)> {
        self.openapi
            .paths
            .paths
            .iter()
            .map(|(path, item)| {
                let methods = [
                    ("GET", item.get.is_some()),
                    ("HEAD", item.get.is_some()),
                    ("POST", item.post.is_some()),
                    ("PUT", item.put.is_some()),
                    ("PATCH", item.patch.is_some()),
                    ("DELETE", item.delete.is_some()),
                ];
                let methods = methods.iter().filter(|(_, answers)| *answers);
                (
                    path.clone(),
                    methods.map(|(method, _)| (*method).to_owned()).collect(),
                )
            })
            .collect()
    }
}

/// The contract of all routes.
fn document() -> OpenApi {
    let (_, collected) = App::new()
        .into_utoipa_app()
        .openapi(base())
        .configure(|config| routes(config))
        .split_for_parts();
    let mut document = collected;
    let components = document.components.get_or_insert_default();
    components
        .schemas
        .insert(PROBLEM_SCHEMA.to_owned(), ProblemBody::schema());
    let mut dependencies = Vec::new();
    <ProblemBody as utoipa::ToSchema>::schemas(&mut dependencies);
    components.schemas.extend(dependencies);
    components.schemas.extend(webhooks_doc::schemas());
    components.responses.extend(problems_doc::components());
    components.security_schemes.insert(
        BEARER.to_owned(),
        RefOr::T(SecurityScheme::Http(
            HttpBuilder::new()
                .scheme(HttpAuthScheme::Bearer)
                .description(Some(
                    "An access token from `POST /v1/auth/token`, or an API key (`shk_…`).",
                ))
                .build(),
        )),
    );
    components.security_schemes.insert(
        BASIC.to_owned(),
        RefOr::T(SecurityScheme::Http(
            HttpBuilder::new()
                .scheme(HttpAuthScheme::Basic)
                .description(Some(
                    "For tools that know names and passwords only: any name, and an API key as the password.",
                ))
                .build(),
        )),
    );
    components.security_schemes.insert(
        API_KEY.to_owned(),
        RefOr::T(SecurityScheme::ApiKey(ApiKey::Header(
            ApiKeyValue::with_description(
                "X-API-Key",
                "An API key, for tools that cannot write `Authorization`. Two credentials that differ count as none.",
            ),
        ))),
    );
    document.webhooks = Some(webhooks_doc::webhooks());
    document
}

/// Lists write the schema of their entries out, so that some schemas are
/// collected and then never referred to.
fn without_unused_schemas(mut document: OpenApi) -> Result<OpenApi, serde_json::Error> {
    let text = document.to_json()?;
    if let Some(components) = &mut document.components {
        components
            .schemas
            .retain(|name, _| text.contains(&format!("\"#/components/schemas/{name}\"")));
    }
    Ok(document)
}

fn base() -> OpenApi {
    let tags = TAGS
        .iter()
        .map(|(name, description)| {
            TagBuilder::new()
                .name(*name)
                .description(Some(*description))
                .build()
        })
        .chain(std::iter::once(
            TagBuilder::new()
                .name("health")
                .description(Some("Liveness, readiness, the contract."))
                .build(),
        ));
    OpenApiBuilder::new()
        .info(
            InfoBuilder::new()
                .title("shirube")
                .version(env!("CARGO_PKG_VERSION"))
                .description(Some(DESCRIPTION))
                .contact(Some(
                    ContactBuilder::new()
                        .name(Some("shirube contributors"))
                        .build(),
                ))
                .license(Some(
                    LicenseBuilder::new()
                        .name("MIT")
                        .identifier(Some("MIT"))
                        .build(),
                ))
                .build(),
        )
        .servers(Some([utoipa::openapi::Server::new("/")]))
        .tags(Some(tags.collect::<Vec<_>>()))
        .security(Some([BEARER, API_KEY, BASIC].map(|scheme| {
            SecurityRequirement::new::<_, [&str; 0], &str>(scheme, [])
        })))
        .build()
}

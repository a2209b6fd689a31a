//! Scorecards: creating, listing and reading them evaluated.

use std::collections::BTreeMap;

use actix_web::http::{StatusCode, header};
use actix_web::{get, post};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::call::{Answer, Call, Input};
use super::cursor::{List, list, load_limit, position};
use super::definitions::{DefinitionDoc, SettingsDoc};
use super::entity_tag::EntityTag;
use super::evaluated_view::{EvaluatedView, Include, ScorecardHeadView};
use super::problems_doc::{CreateProblems, ListProblems, ThingProblems};
use super::query::QueryReader;
use super::reply::Reply;
use super::state::State;
use super::views::{NameDoc, Number};
use crate::app::scorecards::{self, NewScorecard};
use crate::app::{AppError, Session, alerts, as_of, hubs};
use crate::domain::access::Permission;
use crate::domain::definition::{Horizon, read_definition, read_overrides, read_parameter_values};
use crate::domain::ids::{HubCode, PrefectureCode};
use crate::domain::issue::{Issue, IssueCode, Issues};
use crate::domain::month::Month;
use crate::domain::organisation::Hub;
use crate::domain::scorecard::{Definition, MarketType};
use crate::domain::status::Flag;
use crate::domain::strict_json::{Object, Value};
use crate::domain::text::Text;
use crate::storage::scorecards::{Filter, Position, Scorecard};

/// A scorecard to be created, from a template or from an own definition.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(
    dead_code,
    reason = "documents the body, which `create_scorecard` reads strictly"
)]
#[schema(example = json!({
    "hub": "yamagata", "template": "mature-hard-to-fill", "start_month": "2026-04",
    "parameters": {"fee_income_target": 3_000_000},
    "overrides": {"items": {"consult-bank": {"targets": [{"year": 3, "value": 12}]}}}
}))]
struct ScorecardBody {
    /// Code of the hub.
    hub: String,
    /// Key of a template; or give `definition`.
    template: Option<String>,
    definition: Option<DefinitionDoc>,
    /// Unique within the hub; the template's key where absent.
    #[schema(pattern = "^[A-Za-z0-9_-]{1,64}$")]
    key: Option<String>,
    name: Option<NameDoc>,
    /// Programme month 1, `YYYY-MM`; normally an April.
    #[schema(pattern = "^[0-9]{4}-(0[1-9]|1[0-2])$")]
    start_month: String,
    /// Values of parameters by key; null unsets a default.
    parameters: Option<BTreeMap<String, Option<f64>>>,
    overrides: Option<OverridesDoc>,
}

/// Fields of the definition to be replaced.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(
    dead_code,
    reason = "documents the body, which `create_scorecard` reads strictly"
)]
#[schema(as = Overrides)]
struct OverridesDoc {
    /// By item key: any fields of an item.
    items: Option<BTreeMap<String, serde_json::Value>>,
    /// Any of the settings.
    settings: Option<SettingsDoc>,
}

/// A scorecard in a list.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ScorecardSummary)]
pub struct ScorecardSummaryView {
    #[serde(flatten)]
    head: ScorecardHeadView,
    #[schema(value_type = String, example = "2026-04")]
    start_month: Month,
    /// The last month with any reported cell; flag and score are of this month.
    #[schema(value_type = Option<String>, example = "2028-09")]
    reported_through: Option<Month>,
    /// `red`, `amber` or `none`.
    #[schema(example = "red")]
    flag: String,
    score: Option<Number>,
    revision: i64,
}

impl From<&Scorecard> for ScorecardSummaryView {
    fn from(scorecard: &Scorecard) -> Self {
        Self {
            head: ScorecardHeadView::from(scorecard),
            start_month: scorecard.start,
            reported_through: scorecard.reported_through,
            flag: scorecard.flag.clone(),
            score: scorecard.score.map(Number::from),
            revision: scorecard.revision,
        }
    }
}

/// The filters that lists of scorecards and the overview share.
pub fn filter(query: &mut QueryReader<'_>) -> Filter {
    Filter {
        hub: query.text("hub").map(|code| HubCode(code.to_owned())),
        key: query.text("key").map(str::to_owned),
        prefecture: query
            .text("prefecture")
            .map(|code| PrefectureCode(code.to_owned())),
        template: query.text("template").map(str::to_owned),
        market_type: query.one_of("market_type", MarketType::CODES),
        flag: query
            .one_of("flag", Flag::CODES)
            .map(|flag| flag.code().to_owned()),
        ..Filter::default()
    }
}

/// List scorecards
///
/// Those in the caller's scope with their present flag and score, ordered by
/// prefecture, hub and key. `hub` and `key` together find one scorecard.
#[utoipa::path(
    operation_id = "list_scorecards",
    tag = "scorecards",
    params(super::openapi::ScorecardFilters, super::openapi::PageParameters, super::openapi::KnownAt),
    responses((status = 200, description = "A page of scorecards.", body = List<ScorecardSummaryView>), ListProblems),
)]
#[get("/v1/scorecards")]
pub async fn list_scorecards(call: Call) -> Answer {
    call.read(Permission::ReadData, |session, input, _| {
        let query = input.query()?;
        let mut query = query.read();
        let filter = filter(&mut query);
        let page = query.page();
        let after: Option<Position> = position(&page, &mut query);
        let known_at = query.known_at(session.now);
        query.finish()?;
        as_of::look_back(session, known_at);
        let found = scorecards::list(session, &filter, after.as_ref(), load_limit(&page))?;
        let view = list(found, &page, Position::of, |card| {
            ScorecardSummaryView::from(card)
        })?;
        Reply::ok(&view)
    })
    .await
}

/// Create a scorecard
///
/// From one of the templates, or from a full definition under the same checks.
/// Targets that depend on an unset parameter are no targets yet; the answer
/// says so among its `issues`.
#[utoipa::path(
    operation_id = "create_scorecard",
    tag = "scorecards",
    params(super::openapi::IdempotencyKeyHeader),
    request_body = ScorecardBody,
    responses(
        (status = 201, description = "Created.", body = EvaluatedView, headers(("Location" = String, description = "The scorecard's address."))),
        CreateProblems,
    ),
)]
#[post("/v1/scorecards")]
pub async fn create_scorecard(call: Call) -> Answer {
    call.write(Permission::Steer, |session, input, state| {
        input.no_query()?;
        let json = input.json()?;
        let new = read_new(session, &json, state)?;
        let (scorecard, warnings) = scorecards::create(session, new)?;
        let location = format!("/v1/scorecards/{}", scorecard.id);
        let evaluated = scorecards::evaluated(session, scorecard, None)?;
        let view = EvaluatedView::of(&evaluated, Include::default()).with_issues(warnings);
        let tag = EntityTag::of_revision(evaluated.scorecard.revision);
        Ok(Reply::json(StatusCode::CREATED, &view)?
            .with_header(header::LOCATION, &location)
            .tagged(&tag))
    })
    .await
}

fn read_new(
    session: &mut Session<'_>,
    json: &crate::domain::strict_json::Json<'_>,
    state: &State,
) -> Result<NewScorecard, AppError> {
    let mut issues = Issues::default();
    let new = match Value::root(json).object(&mut issues) {
        Some(object) => read_members(session, object, state, &mut issues)?,
        None => None,
    };
    match new {
        Some(new) if !issues.has_errors() => Ok(new),
        _ => Err(AppError::Invalid(issues.into_vec())),
    }
}

fn read_members(
    session: &mut Session<'_>,
    mut object: Object<'_>,
    state: &State,
    issues: &mut Issues,
) -> Result<Option<NewScorecard>, AppError> {
    let hub = match object.required("hub", issues) {
        Some(value) => read_hub(session, &value, issues)?,
        None => None,
    };
    let (template, base) = read_base(&mut object, state, issues);
    let key = object.optional("key").and_then(|v| v.code(issues));
    let name = object.optional("name").and_then(|v| v.bilingual(issues));
    let start = object
        .required("start_month", issues)
        .and_then(|v| v.month(issues));
    let parameters = object.optional("parameters");
    let overrides = object.optional("overrides");
    object.finish(issues);
    let Some(base) = base else { return Ok(None) };
    let horizon = if template.is_some() {
        Horizon::Template
    } else {
        Horizon::Own
    };
    let definition = match &overrides {
        Some(overrides) => read_overrides(overrides, &base, horizon, issues),
        None => Some(base),
    };
    let Some(definition) = definition else {
        return Ok(None);
    };
    let parameters = read_parameter_values(parameters.as_ref(), &definition, issues);
    Ok(hub.zip(start).map(|(hub, start)| NewScorecard {
        hub,
        key: key.unwrap_or_else(|| definition.key.clone()),
        name: name.unwrap_or_else(|| definition.name.clone()),
        template,
        start,
        definition,
        parameters,
    }))
}

fn read_hub(
    session: &mut Session<'_>,
    value: &Value<'_>,
    issues: &mut Issues,
) -> Result<Option<Hub>, AppError> {
    let Some(code) = value.line(issues) else {
        return Ok(None);
    };
    match hubs::find(session, &HubCode(code.clone())) {
        Ok(hub) => Ok(Some(hub)),
        Err(AppError::NotFound) => {
            issues.push(Issue::error(
                IssueCode::UnknownReference,
                value.path(),
                Text::new(
                    format!("拠点「{code}」は登録されていないか、担当の範囲外です。"),
                    format!("The hub \"{code}\" is not registered, or lies outside your scope."),
                ),
            ));
            Ok(None)
        }
        Err(other) => Err(other),
    }
}

/// The definition to start from: a template's with this office's settings, or
/// the caller's own.
fn read_base(
    object: &mut Object<'_>,
    state: &State,
    issues: &mut Issues,
) -> (Option<String>, Option<Definition>) {
    let template = object.optional("template");
    let definition = object.optional("definition");
    match (template, definition) {
        (Some(template), None) => {
            let key = template.line(issues);
            let found = key
                .as_deref()
                .and_then(|key| state.templates.find(key))
                .cloned();
            if let (Some(key), None) = (&key, &found) {
                issues.push(Issue::error(
                    IssueCode::UnknownReference,
                    template.path(),
                    Text::new(
                        format!("「{key}」というテンプレートはありません。"),
                        format!("There is no template \"{key}\"."),
                    ),
                ));
            }
            let base = found.map(|base| Definition {
                settings: state.settings.clone(),
                ..base
            });
            (key, base)
        }
        (None, Some(definition)) => (
            None,
            read_definition(&definition, Horizon::Own, &state.settings, issues),
        ),
        _ => {
            issues.push(Issue::error(
                IssueCode::WrongShape,
                "",
                Text::new(
                    "template か definition のどちらか一つを指定してください。",
                    "Give either template or definition.",
                ),
            ));
            (None, None)
        }
    }
}

/// Read a scorecard
///
/// Every item's status in a month, with its inputs, the rule that decided and
/// the reason in words; without `month`, in the last month reported.
#[utoipa::path(
    operation_id = "get_scorecard",
    tag = "scorecards",
    params(
        super::openapi::ScorecardPath,
        ("month" = Option<String>, Query, description = "The month, `YYYY-MM`.", example = "2028-09"),
        ("include" = Option<String>, Query, description = "Comma list of further parts: `causes`, `alerts`, `links`, `outlook`.", example = "causes,links"),
        super::openapi::KnownAt,
        super::openapi::IfNoneMatchHeader,
    ),
    responses(
        (status = 200, description = "The evaluated scorecard.", body = EvaluatedView, headers(("ETag" = String, description = "The revision."))),
        (status = 304, description = "Unchanged since the revision in `If-None-Match`."),
        ThingProblems,
    ),
)]
#[get("/v1/scorecards/{id}")]
pub async fn get_scorecard(call: Call) -> Answer {
    call.read(Permission::ReadData, |session, input, state| {
        let scorecard = scorecards::find(session, &input.scorecard())?;
        let query = input.query()?;
        let mut query = query.read();
        let month = query.month("month");
        let include = read_include(&mut query);
        let known_at = query.known_at(session.now);
        query.finish()?;
        let scorecard = as_of::scorecard(session, scorecard, known_at)?;
        cached(input, state, scorecard, |scorecard| {
            let evaluated = scorecards::evaluated(session, scorecard, month)?;
            let alerts = if include.alerts {
                Some(alerts::of_scorecard(session, &evaluated.scorecard)?)
            } else {
                None
            };
            Ok(EvaluatedView::of(&evaluated, include).with_alerts(alerts))
        })
    })
    .await
}

/// Answers a read of one scorecard: 304 where the caller has this revision,
/// the known body where the service has it, else what `make` makes.
///
/// # Errors
/// Those of `make`.
pub fn cached<T: Serialize>(
    input: &Input,
    state: &State,
    scorecard: Scorecard,
    make: impl FnOnce(Scorecard) -> Result<T, AppError>,
) -> Result<Reply, AppError> {
    let tag = EntityTag::of_revision(scorecard.revision);
    if let Some(reply) = input.not_modified(&tag) {
        return Ok(reply);
    }
    state
        .bodies
        .reply(&input.resource(), &tag, &input.accept_encoding, || {
            make(scorecard)
        })
}

fn read_include(query: &mut QueryReader<'_>) -> Include {
    let mut include = Include::default();
    for part in query
        .text("include")
        .unwrap_or_default()
        .split(',')
        .filter(|p| !p.is_empty())
    {
        match part.trim() {
            "causes" => include.causes = true,
            "alerts" => include.alerts = true,
            "links" => include.links = true,
            "outlook" => include.outlook = true,
            other => query.refuse(
                IssueCode::OutOfRange,
                "include",
                Text::new(
                    format!("include に「{other}」は指定できません（使えるのは causes, alerts, links, outlook です）。"),
                    format!("include knows no \"{other}\"; it takes: causes, alerts, links, outlook."),
                ),
            ),
        }
    }
    include
}

//! Plans and roadmaps.

use std::collections::BTreeMap;

use actix_web::get;
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::schema::{ObjectBuilder, SchemaType, Type};

use super::call::{Answer, Call};
use super::cursor::List;
use super::definitions::{PlannedDefinitionView, TargetView, target};
use super::problems_doc::ThingProblems;
use super::query::QueryReader;
use super::revisions::{ChangeView, change_views};
use super::scorecards::cached;
use super::views::Number;
use crate::app::plans::{self, PlanVersion};
use crate::app::{as_of, scorecards};
use crate::domain::access::Permission;
use crate::domain::month::{Month, ProgrammeMonth};
use crate::domain::revision::link_keys;

/// The most versions that a plan can have.
const VERSION_MAX: u32 = 1_000_000;
/// Months of a roadmap: the horizon of own definitions.
const ROADMAP_MONTHS_MAX: u32 = 120;
/// Months of a roadmap at least: three years.
const ROADMAP_MONTHS_MIN: u32 = 36;

/// One version of a plan, whole.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Plan)]
pub struct PlanView {
    #[serde(flatten)]
    version: PlanVersionView,
    /// The hub's values by parameter key.
    #[schema(schema_with = nullable_numbers_by_key)]
    parameters: BTreeMap<String, Option<Number>>,
    /// What this version changed of the one that it revises.
    changes: Vec<ChangeView>,
    /// What revisions call each of the `links`, in their order.
    #[schema(example = json!(["conversion:refer>contract"]))]
    link_keys: Vec<String>,
    #[serde(flatten)]
    definition: PlannedDefinitionView,
}

fn nullable_numbers_by_key() -> utoipa::openapi::Object {
    let number =
        ObjectBuilder::new().schema_type(SchemaType::from_iter([Type::Number, Type::Null]));
    ObjectBuilder::new()
        .additional_properties(Some(number))
        .build()
}

/// A version in a list.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PlanVersion)]
pub struct PlanVersionView {
    #[schema(example = 1)]
    version: u32,
    #[schema(value_type = String, example = "2026-04")]
    effective_month: Month,
    author: String,
    reason: String,
    alert: Option<String>,
    created_at: DateTime<Utc>,
}

impl From<&PlanVersion> for PlanVersionView {
    fn from(version: &PlanVersion) -> Self {
        Self {
            version: version.plan.version,
            effective_month: version.plan.effective,
            author: version.author.clone(),
            reason: version.reason.clone(),
            alert: version.alert.clone(),
            created_at: version.created_at,
        }
    }
}

fn version_number(query: &mut QueryReader<'_>) -> Option<u32> {
    query.integer("version", 1, VERSION_MAX)
}

/// Read the plan
///
/// One version whole; without `version`, the one in force now.
#[utoipa::path(
    operation_id = "get_plan",
    tag = "plans",
    params(super::openapi::IfNoneMatchHeader,
        super::openapi::ScorecardPath,
        ("version" = Option<u32>, Query, description = "Number of the version.", minimum = 1, maximum = 1_000_000),
        super::openapi::KnownAt,
    ),
    responses((status = 200, description = "The plan.", body = PlanView, headers(("ETag" = String, description = "Of these very bytes; the revision where one decides."))),
        (status = 304, description = "Unchanged since the answer named in `If-None-Match`."), ThingProblems),
)]
#[get("/v1/scorecards/{id}/plan")]
pub async fn get_plan(call: Call) -> Answer {
    call.read(Permission::ReadData, |session, input, _| {
        let scorecard = scorecards::find(session, &input.scorecard())?;
        let query = input.query()?;
        let mut query = query.read();
        let number = version_number(&mut query);
        let known_at = query.known_at(session.now);
        query.finish()?;
        let scorecard = as_of::scorecard(session, scorecard, known_at)?;
        let version = plans::version(session, &scorecard, number)?;
        let view = PlanView {
            version: PlanVersionView::from(&version),
            parameters: version
                .plan
                .parameters
                .iter()
                .map(|(key, value)| (key.clone(), value.map(Number::from)))
                .collect(),
            changes: change_views(&plans::read_changes(&version.changes)?),
            link_keys: link_keys(&version.plan.definition),
            definition: PlannedDefinitionView::from(&*version.plan.definition),
        };
        input.answer(Some(scorecard.revision), &view)
    })
    .await
}

/// List plan versions
///
/// Oldest first, with author and reason.
#[utoipa::path(
    operation_id = "list_plan_versions",
    tag = "plans",
    params(super::openapi::IfNoneMatchHeader, super::openapi::ScorecardPath, super::openapi::KnownAt),
    responses((status = 200, description = "All versions.", body = List<PlanVersionView>, headers(("ETag" = String, description = "Of these very bytes; the revision where one decides."))),
        (status = 304, description = "Unchanged since the answer named in `If-None-Match`."), ThingProblems),
)]
#[get("/v1/scorecards/{id}/plan/versions")]
pub async fn list_plan_versions(call: Call) -> Answer {
    call.read(Permission::ReadData, |session, input, _| {
        let scorecard = scorecards::find(session, &input.scorecard())?;
        let query = input.query()?;
        let mut query = query.read();
        let known_at = query.known_at(session.now);
        query.finish()?;
        let scorecard = as_of::scorecard(session, scorecard, known_at)?;
        let items = plans::versions(session, &scorecard)?
            .iter()
            .map(PlanVersionView::from)
            .collect();
        let view = List {
            items,
            next_cursor: None,
        };
        input.answer(Some(scorecard.revision), &view)
    })
    .await
}

/// What changes between two versions of a plan.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PlanDifference)]
pub struct PlanDifferenceView {
    #[schema(example = 1)]
    from: u32,
    #[schema(example = 2)]
    to: u32,
    /// The list that makes the one of the other.
    changes: Vec<ChangeView>,
}

/// Compare plan versions
///
/// The changes that lead from one version to another; without `from`, from
/// version 1; without `to`, to the one in force now.
#[utoipa::path(
    operation_id = "get_plan_difference",
    tag = "plans",
    params(super::openapi::IfNoneMatchHeader,
        super::openapi::ScorecardPath,
        super::openapi::KnownAt,
        ("from" = Option<u32>, Query, description = "Number of the version to start from.", minimum = 1, maximum = 1_000_000),
        ("to" = Option<u32>, Query, description = "Number of the version to arrive at.", minimum = 1, maximum = 1_000_000),
    ),
    responses((status = 200, description = "The changes.", body = PlanDifferenceView, headers(("ETag" = String, description = "Of these very bytes; the revision where one decides."))),
        (status = 304, description = "Unchanged since the answer named in `If-None-Match`."), ThingProblems),
)]
#[get("/v1/scorecards/{id}/plan/diff")]
pub async fn get_plan_difference(call: Call) -> Answer {
    call.read(Permission::ReadData, |session, input, _| {
        let scorecard = scorecards::find(session, &input.scorecard())?;
        let query = input.query()?;
        let mut query = query.read();
        let from = query.integer("from", 1, VERSION_MAX);
        let to = query.integer("to", 1, VERSION_MAX);
        let known_at = query.known_at(session.now);
        query.finish()?;
        let scorecard = as_of::scorecard(session, scorecard, known_at)?;
        let (from, to, changes) = plans::difference(session, &scorecard, (from, to))?;
        let view = PlanDifferenceView {
            from,
            to,
            changes: change_views(&changes),
        };
        input.answer(Some(scorecard.revision), &view)
    })
    .await
}

/// An item's roadmap.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RoadmapItem)]
pub struct RoadmapItemView {
    #[schema(example = "seminar-format")]
    key: String,
    /// Programme months `[start, due]`.
    #[schema(example = json!([10, 18]))]
    bar: Option<[u32; 2]>,
    /// Plan to date of every month; a yearly measure begins anew every year.
    planned: Vec<Number>,
    targets: Vec<TargetView>,
}

/// The planned value of every item and month.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Roadmap)]
pub struct RoadmapView {
    #[schema(example = 1)]
    version: u32,
    #[schema(value_type = Vec<String>, example = json!(["2026-04", "2026-05"]))]
    months: Vec<Month>,
    items: Vec<RoadmapItemView>,
}

/// Read the roadmap
///
/// Planned value of every item for years 1 to 3, and as far as the plan's bars
/// and targets reach.
#[utoipa::path(
    operation_id = "get_roadmap",
    tag = "plans",
    params(
        super::openapi::ScorecardPath,
        ("version" = Option<u32>, Query, description = "Number of the version.", minimum = 1, maximum = 1_000_000),
        super::openapi::KnownAt,
        super::openapi::IfNoneMatchHeader,
    ),
    responses(
        (status = 200, description = "The roadmap.", body = RoadmapView, headers(("ETag" = String, description = "The revision."))),
        (status = 304, description = "Unchanged since the revision in `If-None-Match`."),
        ThingProblems,
    ),
)]
#[get("/v1/scorecards/{id}/roadmap")]
pub async fn get_roadmap(call: Call) -> Answer {
    call.read(Permission::ReadData, |session, input, state| {
        let scorecard = scorecards::find(session, &input.scorecard())?;
        let query = input.query()?;
        let mut query = query.read();
        let number = version_number(&mut query);
        let known_at = query.known_at(session.now);
        query.finish()?;
        let scorecard = as_of::scorecard(session, scorecard, known_at)?;
        cached(input, state, scorecard, |scorecard| {
            Ok(roadmap(&plans::version(session, &scorecard, number)?))
        })
    })
    .await
}

fn roadmap(version: &PlanVersion) -> RoadmapView {
    let plan = &version.plan;
    let definition = &plan.definition;
    let last_bar = definition
        .items
        .iter()
        .filter_map(|item| item.bar)
        .map(|bar| bar.due)
        .max();
    let last_target = definition
        .items
        .iter()
        .flat_map(|item| item.targets.iter().filter_map(|target| target.year))
        .max()
        .map(|year| year.saturating_mul(12));
    let reach = last_bar
        .max(last_target)
        .unwrap_or(0)
        .div_ceil(12)
        .saturating_mul(12);
    let months = reach.clamp(ROADMAP_MONTHS_MIN, ROADMAP_MONTHS_MAX);
    let all = || ProgrammeMonth::FIRST.through(ProgrammeMonth::new(months));
    RoadmapView {
        version: plan.version,
        months: all().map(|at| at.calendar(plan.start)).collect(),
        items: definition
            .items
            .iter()
            .map(|item| RoadmapItemView {
                key: item.key.clone(),
                bar: item.bar.map(|bar| [bar.start, bar.due]),
                planned: all().map(|at| Number::from(&item.planned(at))).collect(),
                targets: item.targets.iter().map(target).collect(),
            })
            .collect(),
    }
}

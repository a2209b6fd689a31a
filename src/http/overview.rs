//! Many scorecards at once.

use actix_web::get;
use serde::Serialize;
use utoipa::ToSchema;

use super::call::{Answer, Call};
use super::evaluated_view::{CountsView, ScorecardHeadView};
use super::problems_doc::ListProblems;
use super::scorecards::filter;
use super::views::{Name, Number, name, number};
use crate::app::as_of;
use crate::app::overview::{self, Group, GroupBy, Line};
use crate::app::summaries::{StageSummary, WorstItem};
use crate::domain::access::Permission;
use crate::domain::month::Month;
use crate::domain::scorecard::Stage;

/// Several scorecards taken together.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Group)]
pub struct GroupView {
    #[schema(example = "06")]
    key: String,
    name: Name,
    /// How many scorecards.
    scorecards: u32,
    counts: CountsView,
    /// The plain mean of the scores that exist.
    score: Option<Number>,
    /// Pooled over all items.
    coverage: Option<Number>,
    #[schema(example = "red")]
    flag: &'static str,
}

impl From<&Group> for GroupView {
    fn from(group: &Group) -> Self {
        Self {
            key: group.key.clone(),
            name: name(&group.name),
            scorecards: group.scorecards,
            counts: CountsView::from(&group.counts),
            score: number(group.score.as_ref()),
            coverage: number(group.coverage.as_ref()),
            flag: group.flag.code(),
        }
    }
}

/// A stage of one scorecard, over its tracks.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = StageCell)]
pub struct StageCellView {
    #[schema(example = "behind")]
    status: &'static str,
    #[schema(example = "red")]
    flag: &'static str,
}

impl From<&StageSummary> for StageCellView {
    fn from(stage: &StageSummary) -> Self {
        Self {
            status: stage.status.code(),
            flag: stage.flag.code(),
        }
    }
}

/// The canonical stages; null where the scorecard has no such stage.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = StageCells)]
pub struct StagesView {
    study: Option<StageCellView>,
    setup: Option<StageCellView>,
    attract: Option<StageCellView>,
    consult: Option<StageCellView>,
    refer: Option<StageCellView>,
    contract: Option<StageCellView>,
    revenue: Option<StageCellView>,
}

/// An item to look at first.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WorstItem)]
pub struct WorstItemView {
    item: String,
    track: Option<String>,
    #[schema(example = "consult")]
    stage: &'static str,
    #[schema(example = "behind")]
    status: &'static str,
    #[schema(example = "red")]
    flag: &'static str,
    attainment: Option<Number>,
}

impl From<&WorstItem> for WorstItemView {
    fn from(worst: &WorstItem) -> Self {
        Self {
            item: worst.item.clone(),
            track: worst.track.clone(),
            stage: worst.stage.code(),
            status: worst.status.code(),
            flag: worst.flag.code(),
            attainment: worst.attainment.map(Number::from),
        }
    }
}

/// A scorecard in brief.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OverviewScorecard)]
pub struct LineView {
    #[serde(flatten)]
    head: ScorecardHeadView,
    #[schema(value_type = String, example = "2028-09")]
    month: Month,
    score: Option<Number>,
    coverage: Option<Number>,
    #[schema(example = "red")]
    flag: &'static str,
    stages: StagesView,
    /// At most three items that fall short, worst first.
    worst: Vec<WorstItemView>,
}

impl From<&Line> for LineView {
    fn from(line: &Line) -> Self {
        let summary = line.summary.as_ref();
        let cell = |stage: Stage| {
            summary
                .and_then(|summary| summary.stages.get(&stage))
                .map(StageCellView::from)
        };
        Self {
            head: ScorecardHeadView::from(&line.scorecard),
            month: line.month,
            score: summary.and_then(|summary| summary.score).map(Number::from),
            coverage: summary
                .and_then(|summary| summary.coverage)
                .map(Number::from),
            flag: summary.map_or("none", |summary| summary.flag.code()),
            stages: StagesView {
                study: cell(Stage::Study),
                setup: cell(Stage::Setup),
                attract: cell(Stage::Attract),
                consult: cell(Stage::Consult),
                refer: cell(Stage::Refer),
                contract: cell(Stage::Contract),
                revenue: cell(Stage::Revenue),
            },
            worst: summary
                .map(|summary| summary.worst.iter().map(WorstItemView::from).collect())
                .unwrap_or_default(),
        }
    }
}

/// Many scorecards at once.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Overview)]
pub struct OverviewView {
    /// The month asked for; null: each scorecard in its own last reported month.
    #[schema(value_type = Option<String>, example = "2028-09")]
    month: Option<Month>,
    groups: Vec<GroupView>,
    /// Ordered by prefecture, hub and key.
    scorecards: Vec<LineView>,
}

/// Read the overview
///
/// Every scorecard in the caller's scope with its stages, and groups of them:
/// a heat map's worth in one call. Without `month`, each in its own last
/// reported month.
#[utoipa::path(
    operation_id = "get_overview",
    tag = "overview",
    params(super::openapi::IfNoneMatchHeader,
        ("month" = Option<String>, Query, description = "The month, `YYYY-MM`.", example = "2028-09"),
        ("group" = Option<String>, Query, description = "`prefecture` (default), `template`, `market_type` or `stage`.", example = "stage"),
        super::openapi::ScorecardFilters, super::openapi::KnownAt,
    ),
    responses((status = 200, description = "The overview.", body = OverviewView, headers(("ETag" = String, description = "Of these very bytes; the revision where one decides."))),
        (status = 304, description = "Unchanged since the answer named in `If-None-Match`."), ListProblems),
)]
#[get("/v1/overview")]
pub async fn get_overview(call: Call) -> Answer {
    call.read(Permission::ReadData, |session, input, state| {
        let query = input.query()?;
        let mut query = query.read();
        let month = query.month("month");
        let group = query
            .one_of("group", GroupBy::CODES)
            .unwrap_or(GroupBy::Prefecture);
        let filter = filter(&mut query);
        let known_at = query.known_at(session.now);
        query.finish()?;
        as_of::look_back(session, known_at);
        let found = overview::overview(session, &filter, month, group, &state.templates)?;
        let view = OverviewView {
            month,
            groups: found.groups.iter().map(GroupView::from).collect(),
            scorecards: found.lines.iter().map(LineView::from).collect(),
        };
        input.answer(None, &view)
    })
    .await
}

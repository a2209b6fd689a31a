//! Did it work? What revisions brought about.

use actix_web::get;
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::call::{Answer, Call};
use super::problems_doc::ThingProblems;
use super::scorecards::cached;
use super::views::{Name, Number, name, number};
use crate::app::effects::{self, Effects, Response};
use crate::app::{as_of, scorecards};
use crate::domain::access::Permission;
use crate::domain::amount::Rounded;
use crate::domain::effect::{Comparison, Effect, Side};
use crate::domain::month::Month;

/// One side of a comparison: pairs of an upstream month and the downstream month
/// that is the link's lag later, both reported.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EffectSide)]
pub struct SideView {
    /// Pairs of months.
    #[schema(example = 12)]
    months: usize,
    /// The first upstream month.
    #[schema(value_type = Option<String>, example = "2027-10")]
    from_month: Option<Month>,
    /// The last upstream month.
    #[schema(value_type = Option<String>, example = "2028-09")]
    to_month: Option<Month>,
    upstream: Number,
    downstream: Number,
    /// Downstream over upstream.
    rate: Option<Number>,
}

impl SideView {
    fn of(side: &Side, start: Month) -> Self {
        Self {
            months: side.months,
            from_month: side.span.map(|(first, _)| first.calendar(start)),
            to_month: side.span.map(|(_, last)| last.calendar(start)),
            upstream: Number::from(&side.upstream),
            downstream: Number::from(&side.downstream),
            rate: number(side.rate().as_ref()),
        }
    }
}

/// A conversion before and after an item was ready.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EffectComparison)]
pub struct ComparisonView {
    /// The link's key.
    #[schema(example = "conversion:attract-seminar>consult-seminar")]
    link: String,
    from: Vec<String>,
    to: Vec<String>,
    lag_months: u32,
    before: SideView,
    after: SideView,
    /// How likely so good a rate is if nothing has changed; null without a test.
    probability: Option<Number>,
    /// `better`, `no_better` or `undecided`.
    #[schema(example = "better")]
    verdict: &'static str,
    /// `tested`, `too_few_months`, `not_counted` or `not_clear`.
    #[schema(example = "tested")]
    ground: &'static str,
    words: Name,
}

impl ComparisonView {
    fn of(comparison: &Comparison, start: Month) -> Self {
        Self {
            link: comparison.link.clone(),
            from: comparison.from.clone(),
            to: comparison.to.clone(),
            lag_months: comparison.lag_months,
            before: SideView::of(&comparison.before, start),
            after: SideView::of(&comparison.after, start),
            probability: comparison
                .probability
                .and_then(Rounded::probability)
                .map(Number),
            verdict: comparison.verdict.code(),
            ground: comparison.ground.code(),
            words: name(&comparison.words),
        }
    }
}

/// What became of an item that a revision added.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Effect)]
pub struct EffectView {
    #[schema(example = "seminar-follow-up")]
    item: String,
    item_name: Name,
    /// The plan version that added it.
    #[schema(example = 2)]
    version: u32,
    #[schema(value_type = String, example = "2028-10")]
    effective_month: Month,
    /// The month after which its effect is looked for.
    #[schema(value_type = Option<String>, example = "2028-12")]
    ready_month: Option<Month>,
    /// `achieved`, or `due`: it never was, but its due month is over.
    #[schema(example = "achieved")]
    ready_by: Option<&'static str>,
    /// The conversions into the flow that it prepares.
    comparisons: Vec<ComparisonView>,
    /// `better`, `no_better` or `undecided`.
    #[schema(example = "better")]
    verdict: &'static str,
    /// `tested`, `not_ready`, `no_conversion`, `too_few_months`, `not_counted` or
    /// `not_clear`.
    #[schema(example = "tested")]
    ground: &'static str,
    words: Name,
}

impl EffectView {
    fn of(effect: &Effect, start: Month) -> Self {
        Self {
            item: effect.item.key.clone(),
            item_name: name(&effect.item.name),
            version: effect.version,
            effective_month: effect.effective,
            ready_month: effect.ready.map(|(month, _)| month),
            ready_by: effect.ready.map(|(_, by)| by.code()),
            comparisons: effect
                .comparisons
                .iter()
                .map(|comparison| ComparisonView::of(comparison, start))
                .collect(),
            verdict: effect.verdict.code(),
            ground: effect.ground.code(),
            words: name(&effect.words),
        }
    }
}

/// How an alert was answered.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AlertResponse)]
pub struct ResponseView {
    /// Identifier of the alert.
    alert: String,
    #[schema(example = "consult-seminar")]
    item: String,
    /// `open` or `resolved`.
    #[schema(example = "resolved")]
    state: &'static str,
    #[schema(value_type = String, example = "2028-09")]
    opened_month: Month,
    /// When it was first seen.
    opened_at: DateTime<Utc>,
    /// The first that somebody did about it: `acknowledged`, `commented`,
    /// `reviewed`, or `revised` (a revision was proposed for it).
    #[schema(example = "acknowledged")]
    action: Option<&'static str>,
    action_at: Option<DateTime<Utc>>,
    /// Whole days from red to action.
    days_to_action: Option<i64>,
    /// The month in which figures resolved it.
    #[schema(value_type = Option<String>, example = "2028-12")]
    recovered_month: Option<Month>,
    /// Months from red to recovery.
    months_to_recovery: Option<i32>,
}

impl From<&Response> for ResponseView {
    fn from(response: &Response) -> Self {
        let action_at = response.action.map(|(_, at)| at);
        Self {
            alert: response.alert.to_string(),
            item: response.item.clone(),
            state: response.state.code(),
            opened_month: response.opened_month,
            opened_at: response.opened_at,
            action: response.action.map(|(kind, _)| kind.code()),
            action_at,
            days_to_action: action_at.map(|at| (at - response.opened_at).num_days()),
            recovered_month: response.recovered_month,
            months_to_recovery: response
                .recovered_month
                .map(|month| month.since(response.opened_month)),
        }
    }
}

/// What revisions brought about, and how soon red was answered.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Effects)]
pub struct EffectsView {
    /// Of each item that a revision added, in the order of the versions.
    items: Vec<EffectView>,
    /// Of each alert that was not withdrawn, by item and month of opening.
    responses: Vec<ResponseView>,
}

impl EffectsView {
    fn of(effects: &Effects, start: Month) -> Self {
        Self {
            items: effects
                .effects
                .iter()
                .map(|effect| EffectView::of(effect, start))
                .collect(),
            responses: effects.responses.iter().map(ResponseView::from).collect(),
        }
    }
}

/// Read the effects of revisions
///
/// Of each item that a revision added: the conversion that it was meant to lift,
/// before and after it was ready, on months whose lag has passed, with a verdict
/// and its evidence. Of each alert: the time from red to action and to recovery.
#[utoipa::path(
    operation_id = "get_effects",
    tag = "plans",
    params(super::openapi::ScorecardPath, super::openapi::IfNoneMatchHeader, super::openapi::KnownAt),
    responses(
        (status = 200, description = "The effects.", body = EffectsView, headers(("ETag" = String, description = "The revision."))),
        (status = 304, description = "Unchanged since the revision in `If-None-Match`."),
        ThingProblems,
    ),
)]
#[get("/v1/scorecards/{id}/effects")]
pub async fn get_effects(call: Call) -> Answer {
    call.read(Permission::ReadData, |session, input, state| {
        let scorecard = scorecards::find(session, &input.scorecard())?;
        let query = input.query()?;
        let mut query = query.read();
        let known_at = query.known_at(session.now);
        query.finish()?;
        let scorecard = as_of::scorecard(session, scorecard, known_at)?;
        cached(input, state, scorecard, |scorecard| {
            let start = scorecard.start;
            let effects = effects::effects(session, &scorecard)?;
            Ok(EffectsView::of(&effects, start))
        })
    })
    .await
}

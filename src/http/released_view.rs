//! What everybody sees of a prefecture's page. Written out member by member: what
//! is not named here is not released, whatever else comes to be known of a
//! scorecard.

use serde::Serialize;
use utoipa::ToSchema;

use super::views::{Name, Named, Number, name, number};
use crate::app::releases::{Selection, Shown};
use crate::app::summaries::StageSummary;
use crate::domain::month::Month;
use crate::domain::release::{Detail, ReleasedText};
use crate::domain::scorecard::StageHeading;

/// A text of a public page.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReleasedText)]
pub struct ReleasedTextView {
    /// Japanese.
    #[schema(example = "山形県の拠点の進み具合")]
    ja: String,
    /// English; null where nobody has written it.
    #[schema(example = "How our hubs are doing")]
    en: Option<String>,
}

impl From<&ReleasedText> for ReleasedTextView {
    fn from(text: &ReleasedText) -> Self {
        Self {
            ja: text.ja.clone(),
            en: text.en.clone(),
        }
    }
}

/// An item of a released scorecard.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReleasedItem)]
pub struct ReleasedItemView {
    name: Name,
    #[schema(example = "flow")]
    measure: &'static str,
    #[schema(example = "cases")]
    unit: String,
    /// Plan to date.
    plan: Number,
    /// Actual to date.
    actual: Option<Number>,
    /// The whole target in force.
    target: Option<Number>,
    /// Actual over plan (plan over actual where lower is better).
    attainment: Option<Number>,
    #[schema(example = "behind")]
    status: &'static str,
    /// Why it stands so, in words.
    reason: Name,
}

/// A stage of a released scorecard.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReleasedStage)]
pub struct ReleasedStageView {
    #[schema(example = "consult")]
    stage: &'static str,
    /// The scorecard's own heading.
    name: Name,
    #[schema(example = "behind")]
    status: &'static str,
    #[schema(example = "red")]
    flag: &'static str,
    /// 0–100; null below the coverage that a score needs.
    score: Option<Number>,
    /// In plan order; only where items are released.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    items: Option<Vec<ReleasedItemView>>,
}

/// A scorecard as far as it is released.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReleasedScorecard)]
pub struct ReleasedScorecardView {
    name: Name,
    /// Null where the page shows no hub names.
    hub: Option<Name>,
    /// The month in which it is shown.
    #[schema(value_type = String, example = "2028-09")]
    month: Month,
    /// Those that it has, upstream to downstream.
    stages: Vec<ReleasedStageView>,
}

/// A page that a prefecture shows to everybody.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PublicPage)]
pub struct PublicPageView {
    prefecture: Named,
    title: ReleasedTextView,
    introduction: Option<ReleasedTextView>,
    /// `stages` or `items`.
    #[schema(example = "stages")]
    detail: &'static str,
    /// Whether each scorecard is shown in the last month that the prefecture has
    /// approved; otherwise in the last one reported.
    approved_only: bool,
    /// The latest month of any scorecard; null while there is nothing to show.
    #[schema(value_type = Option<String>, example = "2028-09")]
    month: Option<Month>,
    /// Those with a month to show.
    scorecards: Vec<ReleasedScorecardView>,
}

impl PublicPageView {
    #[must_use]
    pub fn of(selection: &Selection, shown: &[Shown]) -> Self {
        let contents = &selection.release.contents;
        Self {
            prefecture: Named::from(&selection.prefecture),
            title: ReleasedTextView::from(&contents.title),
            introduction: contents.introduction.as_ref().map(ReleasedTextView::from),
            detail: contents.detail.code(),
            approved_only: contents.approved_only,
            month: shown.iter().map(|card| card.month).max(),
            scorecards: shown
                .iter()
                .map(|card| ReleasedScorecardView {
                    name: name(&card.scorecard.name),
                    hub: contents.hub_names.then(|| name(&card.scorecard.hub.name)),
                    month: card.month,
                    stages: stages(card, contents.detail),
                })
                .collect(),
        }
    }
}

fn stages(card: &Shown, detail: Detail) -> Vec<ReleasedStageView> {
    card.plan
        .definition
        .stages
        .iter()
        .filter_map(|heading| {
            let summary = card.summary.stages.get(&heading.stage)?;
            Some(stage(card, heading, summary, detail))
        })
        .collect()
}

fn stage(
    card: &Shown,
    heading: &StageHeading,
    summary: &StageSummary,
    detail: Detail,
) -> ReleasedStageView {
    ReleasedStageView {
        stage: heading.stage.code(),
        name: name(&heading.name),
        status: summary.status.code(),
        flag: summary.flag.code(),
        score: summary.score.map(Number::from),
        items: match detail {
            Detail::Stages => None,
            Detail::Items => Some(items(card, heading)),
        },
    }
}

fn items(card: &Shown, heading: &StageHeading) -> Vec<ReleasedItemView> {
    let items = card.plan.definition.items.iter();
    items
        .zip(&card.evaluation.items)
        .filter(|(item, _)| item.stage == heading.stage)
        .map(|(item, evaluated)| ReleasedItemView {
            name: name(&item.name),
            measure: item.measure.code(),
            unit: item.unit.0.clone(),
            plan: Number::from(&evaluated.plan),
            actual: number(evaluated.actual.as_ref()),
            target: evaluated.target.map(Number::from),
            attainment: number(evaluated.attainment.as_ref()),
            status: evaluated.status.code(),
            reason: name(&evaluated.reason),
        })
        .collect()
}

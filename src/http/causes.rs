//! Why items are short, and what to prepare (`semantics.md` §5).

use actix_web::get;
use serde::Serialize;
use utoipa::ToSchema;

use super::alert_view::CauseDoc;
use super::call::{Answer, Call};
use super::problems_doc::ThingProblems;
use super::scorecards::cached;
use super::views::{Name, name};
use crate::app::as_of;
use crate::app::scorecards::{self, Evaluated};
use crate::domain::access::Permission;
use crate::domain::causes::{CauseDocument, cause};
use crate::domain::month::Month;
use crate::domain::status::Flag;

/// The cause of an item, by its position in the plan; `None` for one that is
/// not flagged.
#[must_use]
pub fn cause_of(card: &Evaluated, position: usize) -> Option<CauseDocument> {
    let (plan, evaluation) = (&card.plan, &card.evaluation);
    let is_flagged = evaluation.items.get(position)?.flag != Flag::None;
    is_flagged.then(|| cause(plan, &card.ledger, evaluation, position).document(plan, evaluation))
}

/// A flagged item with its cause.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ItemCause)]
pub struct ItemCauseView {
    #[schema(example = "consult-seminar")]
    item: String,
    name: Name,
    #[schema(example = "consult")]
    stage: &'static str,
    #[schema(example = "behind")]
    status: &'static str,
    /// `red` or `amber`.
    #[schema(example = "red")]
    flag: &'static str,
    #[schema(value_type = CauseDoc)]
    cause: CauseDocument,
}

/// The causes of a month.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Causes)]
pub struct CausesView {
    #[schema(value_type = String, example = "2028-09")]
    month: Month,
    /// Red and amber items, in plan order.
    items: Vec<ItemCauseView>,
}

impl From<&Evaluated> for CausesView {
    fn from(card: &Evaluated) -> Self {
        let items = card
            .plan
            .definition
            .items
            .iter()
            .zip(&card.evaluation.items);
        Self {
            month: card.month,
            items: items
                .enumerate()
                .filter_map(|(position, (item, evaluated))| {
                    Some(ItemCauseView {
                        item: item.key.clone(),
                        name: name(&item.name),
                        stage: item.stage.code(),
                        status: evaluated.status.code(),
                        flag: evaluated.flag.code(),
                        cause: cause_of(card, position)?,
                    })
                })
                .collect(),
        }
    }
}

/// Read the causes
///
/// Why each red or amber item is short in a month, where the shortage begins,
/// and which preparation upstream to work on; without `month`, in the last
/// month reported.
#[utoipa::path(
    operation_id = "get_causes",
    tag = "scorecards",
    params(
        super::openapi::ScorecardPath,
        ("month" = Option<String>, Query, description = "The month, `YYYY-MM`.", example = "2028-09"),
        super::openapi::KnownAt,
        super::openapi::IfNoneMatchHeader,
    ),
    responses(
        (status = 200, description = "The causes.", body = CausesView, headers(("ETag" = String, description = "The revision."))),
        (status = 304, description = "Unchanged since the revision in `If-None-Match`."),
        ThingProblems,
    ),
)]
#[get("/v1/scorecards/{id}/causes")]
pub async fn get_causes(call: Call) -> Answer {
    call.read(Permission::ReadData, |session, input, state| {
        let scorecard = scorecards::find(session, &input.scorecard())?;
        let query = input.query()?;
        let mut query = query.read();
        let month = query.month("month");
        let known_at = query.known_at(session.now);
        query.finish()?;
        let scorecard = as_of::scorecard(session, scorecard, known_at)?;
        cached(input, state, scorecard, |scorecard| {
            let evaluated = scorecards::evaluated(session, scorecard, month)?;
            Ok(CausesView::from(&evaluated))
        })
    })
    .await
}

//! Links with their planned and actual conversion (`semantics.md` §5).

use serde::Serialize;
use utoipa::ToSchema;

use super::views::{Number, number};
use crate::app::scorecards::Evaluated;
use crate::domain::conversion::conversion;

/// A link in a month. The gap of the items downstream is split exactly:
/// plan − actual = volume + conversion + timing.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LinkAnalysis)]
pub struct LinkAnalysisView {
    /// `conversion` or `preparation`.
    #[schema(example = "conversion")]
    kind: &'static str,
    from: Vec<String>,
    to: Vec<String>,
    lag_months: u32,
    /// Yearly target downstream over yearly target upstream.
    planned_rate: Option<Number>,
    /// Actual downstream over actual upstream, this year to date.
    actual_rate: Option<Number>,
    /// The part of the gap that is missing upstream.
    volume: Option<Number>,
    /// The part of the gap that is lost on the way.
    conversion: Option<Number>,
    /// The part of the gap that the plan asks for before its upstream is planned.
    timing: Option<Number>,
    /// Whether every upstream month is reported; null for preparation.
    complete: Option<bool>,
}

/// Every link of the plan, in its order.
#[must_use]
pub fn link_analyses(evaluated: &Evaluated) -> Vec<LinkAnalysisView> {
    evaluated
        .plan
        .definition
        .links
        .iter()
        .map(|link| {
            let found = conversion(&evaluated.plan, &evaluated.ledger, link, evaluated.at);
            let part = |pick: fn(
                &crate::domain::conversion::Conversion,
            ) -> Option<&crate::domain::amount::Exact>| {
                number(found.as_ref().and_then(pick))
            };
            LinkAnalysisView {
                kind: link.kind.code(),
                from: link.from.clone(),
                to: link.to.clone(),
                lag_months: link.lag_months,
                planned_rate: part(|c| c.planned_rate.as_ref()),
                actual_rate: part(|c| c.actual_rate.as_ref()),
                volume: part(|c| c.split.as_ref().map(|split| &split.volume)),
                conversion: part(|c| c.split.as_ref().map(|split| &split.conversion)),
                timing: part(|c| c.split.as_ref().map(|split| &split.timing)),
                complete: found.as_ref().map(|c| c.complete),
            }
        })
        .collect()
}

//! What would be, if: nothing is stored (`semantics.md` §6).

use actix_web::post;
use serde::Deserialize;
use utoipa::ToSchema;

use super::call::{Answer, Call};
use super::problems_doc::ChangeProblems;
use super::reply::Reply;
use super::what_if_view::WhatIfView;
use crate::app::{scorecards, what_if};
use crate::domain::access::Permission;

/// What is supposed. All parts may be left out.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "documents what `read_what_if` reads")]
#[schema(as = WhatIfInput, example = json!({
    "month": "2028-09",
    "finished": [{ "item": "seminar-format", "month": "2027-12" }],
    "rates": [{ "from": ["seminar-companies"], "to": ["consult-seminar"], "rate": 0.5 }],
    "volumes": [{ "item": "seminar-companies", "factor": 1.5 }]
}))]
struct WhatIfDoc {
    /// The month asked about, `YYYY-MM`; without it, the last month reported.
    #[schema(example = "2028-09")]
    month: Option<String>,
    /// Changes of the plan, as a revision has them: `{op, kind, key, after}`.
    changes: Option<Vec<serde_json::Value>>,
    /// Other figures of months up to the one asked about.
    values: Option<Vec<SupposedValueDoc>>,
    /// Preparations finished in an earlier month.
    finished: Option<Vec<FinishedDoc>>,
    /// Conversion rates of the months left.
    rates: Option<Vec<SupposedRateDoc>>,
    /// Volumes of the months left.
    volumes: Option<Vec<SupposedVolumeDoc>>,
}

/// A figure as it is supposed to be: `value`; `numerator` and `denominator`;
/// `not_applicable`, or `clear`, with the reason.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "documents what `read_what_if` reads")]
#[schema(as = SupposedValue)]
struct SupposedValueDoc {
    #[schema(example = "2028-08")]
    month: String,
    #[schema(example = "consult-seminar")]
    item: String,
    value: Option<f64>,
    numerator: Option<f64>,
    denominator: Option<f64>,
    not_applicable: Option<String>,
    clear: Option<String>,
}

/// A cumulative item or milestone, finished by the end of a month.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "documents what `read_what_if` reads")]
#[schema(as = SupposedFinish)]
struct FinishedDoc {
    #[schema(example = "seminar-format")]
    item: String,
    #[schema(example = "2027-12")]
    month: String,
}

/// The rate of the conversion link between these sides.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "documents what `read_what_if` reads")]
#[schema(as = SupposedRate)]
struct SupposedRateDoc {
    from: Vec<String>,
    to: Vec<String>,
    #[schema(minimum = 0, example = 0.5)]
    rate: f64,
}

/// The volume of a flow: `per_month`, or `factor` times what is expected.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "documents what `read_what_if` reads")]
#[schema(as = SupposedVolume)]
struct SupposedVolumeDoc {
    #[schema(example = "seminar-companies")]
    item: String,
    #[schema(minimum = 0)]
    per_month: Option<f64>,
    #[schema(minimum = 0, example = 1.5)]
    factor: Option<f64>,
}

/// Ask what if
///
/// The scorecard evaluated as it is, beside the same with a changed plan, other
/// figures, preparations finished earlier, and other rates and volumes in the
/// months left. Nothing is stored; whoever may read may ask.
#[utoipa::path(
    operation_id = "ask_what_if",
    tag = "scorecards",
    params(super::openapi::ScorecardPath),
    request_body = WhatIfDoc,
    responses(
        (status = 200, description = "Today, then, and what differs.", body = WhatIfView),
        ChangeProblems,
    ),
)]
#[post("/v1/scorecards/{id}/what-if")]
pub async fn ask_what_if(call: Call) -> Answer {
    call.read(Permission::ReadData, |session, input, _| {
        let scorecard = scorecards::find(session, &input.scorecard())?;
        input.no_query()?;
        let json = input.json()?;
        let comparison = what_if::compare(session, scorecard, &json)?;
        Reply::ok(&WhatIfView::from(comparison))
    })
    .await
}

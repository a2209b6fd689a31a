//! Whether a hub can stand on its own feet.

use actix_web::get;
use serde::Serialize;
use utoipa::ToSchema;

use super::call::{Answer, Call};
use super::evaluated_view::CountsView;
use super::problems_doc::ThingProblems;
use super::query::QueryReader;
use super::views::{Name, Number, name, number};
use crate::app::funding::{self, Funding, Missing};
use crate::app::{as_of, scorecards};
use crate::domain::access::Permission;
use crate::domain::amount::{AMOUNT_LIMIT, Amount, Exact};
use crate::domain::funding::{Coverage, Income, NotExpected};
use crate::domain::ids::ScorecardId;
use crate::domain::issue::IssueCode;
use crate::domain::month::Month;
use crate::domain::text::Text;

/// The operating cost of a year, in yen.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OperatingCost)]
struct OperatingCostView {
    value: Number,
    /// `parameter` of a plan of the hub, or `query`.
    #[schema(example = "parameter")]
    source: &'static str,
}

/// A code with its words.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FundingReason)]
struct ReasonView {
    #[schema(example = "operating_cost_unset")]
    code: &'static str,
    #[serde(flatten)]
    words: Name,
}

impl From<Missing> for ReasonView {
    fn from(missing: Missing) -> Self {
        Self {
            code: missing.code(),
            words: name(&missing.words()),
        }
    }
}

impl From<NotExpected> for ReasonView {
    fn from(reason: NotExpected) -> Self {
        Self {
            code: reason.code(),
            words: name(&reason.words()),
        }
    }
}

/// An income of the programme year, in yen.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Income)]
struct IncomeView {
    /// Identifier of the scorecard that reports it.
    scorecard: String,
    #[schema(example = "fee-income")]
    item: String,
    name: Name,
    /// Reported this programme year; null where no month is.
    to_date: Option<Number>,
    /// Of the year.
    target: Option<Number>,
    /// At the year's end, if the rest of the year goes as well against its plan as the reported months did.
    expected: Option<Number>,
    /// Why nothing is expected: `not_reported`, `untargeted` or `not_due`.
    not_expected: Option<ReasonView>,
}

impl IncomeView {
    fn of(scorecard: &ScorecardId, income: &Income) -> Self {
        Self {
            scorecard: scorecard.to_string(),
            item: income.item.clone(),
            name: name(&income.name),
            to_date: number(income.to_date.as_ref()),
            target: income.target.map(Number::from),
            expected: number(income.expected.as_ref().ok()),
            not_expected: income
                .expected
                .as_ref()
                .err()
                .copied()
                .map(ReasonView::from),
        }
    }
}

/// A scorecard of the hub that is not counted.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LeftOutScorecard)]
struct LeftOutView {
    id: String,
    key: String,
    name: Name,
    #[schema(value_type = String, example = "2026-10")]
    start_month: Month,
}

/// The funding of a scorecard's hub.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Funding)]
struct FundingView {
    #[schema(value_type = String, example = "2028-09")]
    month: Month,
    /// First and last month of the programme year.
    #[schema(value_type = Vec<String>, example = json!(["2028-04", "2029-03"]))]
    year: [Month; 2],
    /// Of a year; null where it is not known.
    operating_cost: Option<OperatingCostView>,
    /// Flows in yen on the step `revenue` of all the hub's scorecards: fees, donations, investments.
    incomes: Vec<IncomeView>,
    /// Reported this year, all incomes together.
    to_date: Option<Number>,
    /// Expected at the year's end; of an income without an expectation what has come in.
    expected: Option<Number>,
    /// Whether an income has no expectation, so that `expected` is too low.
    provisional: bool,
    /// Income to date over the whole year's operating cost.
    coverage_to_date: Option<Number>,
    /// Expected income over the operating cost; from 1 on the hub pays for itself.
    coverage_expected: Option<Number>,
    /// Operating cost less expected income; below zero is a surplus.
    gap: Option<Number>,
    /// Null where that cannot be said.
    self_sufficient: Option<bool>,
    /// What it comes to, in a sentence; null without incomes.
    summary: Option<Name>,
    /// What the coverage lacks, and how to mend it.
    missing: Vec<ReasonView>,
    /// Scorecards whose programme years begin in another month of the calendar.
    left_out: Vec<LeftOutView>,
    /// Of the scorecard asked for: the share of its items met, and whether any is.
    counts: CountsView,
}

impl From<&Funding> for FundingView {
    fn from(funding: &Funding) -> Self {
        let coverage = funding.coverage.as_ref();
        let part = |part: fn(&Coverage) -> Option<&Exact>| number(coverage.and_then(part));
        Self {
            month: funding.card.month,
            year: [funding.year.0, funding.year.1],
            operating_cost: funding
                .operating_cost
                .as_ref()
                .map(|cost| OperatingCostView {
                    value: cost.value.into(),
                    source: cost.source.code(),
                }),
            incomes: funding
                .incomes
                .iter()
                .map(|(scorecard, income)| IncomeView::of(scorecard, income))
                .collect(),
            to_date: part(|coverage| Some(&coverage.to_date)),
            expected: part(|coverage| Some(&coverage.expected)),
            provisional: coverage.is_some_and(|coverage| coverage.provisional),
            coverage_to_date: part(|coverage| coverage.share_to_date.as_ref()),
            coverage_expected: part(|coverage| coverage.share_expected.as_ref()),
            gap: part(|coverage| coverage.gap.as_ref()),
            self_sufficient: coverage.and_then(Coverage::is_self_sufficient),
            summary: coverage.map(|coverage| name(&coverage.words())),
            missing: funding
                .missing
                .iter()
                .copied()
                .map(ReasonView::from)
                .collect(),
            left_out: funding
                .left_out
                .iter()
                .map(|scorecard| LeftOutView {
                    id: scorecard.id.to_string(),
                    key: scorecard.key.clone(),
                    name: name(&scorecard.name),
                    start_month: scorecard.start,
                })
                .collect(),
            counts: CountsView::from(&funding.card.evaluation.counts),
        }
    }
}

/// Read the funding
///
/// Whether the scorecard's hub can stand on its own feet: the fees, donations
/// and investments of all its scorecards over its operating cost, to date and
/// expected at the end of the programme year; without `month`, in the last
/// month reported.
#[utoipa::path(
    operation_id = "get_funding",
    tag = "scorecards",
    params(
        super::openapi::ScorecardPath,
        ("month" = Option<String>, Query, description = "The month, `YYYY-MM`.", example = "2028-09"),
        ("operating_cost" = Option<i64>, Query, minimum = 1, description = "Try this operating cost of a year, in yen, instead of the plan's; nothing is stored.", example = 30_000_000),
        super::openapi::IfNoneMatchHeader, super::openapi::KnownAt,
    ),
    responses(
        (status = 200, description = "The funding.", body = FundingView, headers(("ETag" = String, description = "The revision, and of these very bytes: the hub's other scorecards change them, too."))),
        (status = 304, description = "Unchanged since the answer named in `If-None-Match`."),
        ThingProblems,
    ),
)]
#[get("/v1/scorecards/{id}/funding")]
pub async fn get_funding(call: Call) -> Answer {
    call.read(Permission::ReadData, |session, input, _| {
        let scorecard = scorecards::find(session, &input.scorecard())?;
        let query = input.query()?;
        let mut query = query.read();
        let month = query.month("month");
        let cost = operating_cost(&mut query);
        let known_at = query.known_at(session.now);
        query.finish()?;
        let scorecard = as_of::scorecard(session, scorecard, known_at)?;
        let found = funding::funding(session, scorecard, month, cost)?;
        let revision = found.card.scorecard.revision;
        input.answer(Some(revision), &FundingView::from(&found))
    })
    .await
}

/// A whole number of yen, above zero.
fn operating_cost(query: &mut QueryReader<'_>) -> Option<Amount> {
    const NAME: &str = "operating_cost";
    let text = query.text(NAME)?;
    let yen = text
        .parse()
        .ok()
        .filter(|yen| (1..AMOUNT_LIMIT).contains(yen));
    if yen.is_none() {
        query.refuse(
            IssueCode::OutOfRange,
            NAME,
            Text::new(
                format!(
                    "operating_cost は 1 以上 {AMOUNT_LIMIT} 未満の整数（円）で指定してください。"
                ),
                format!("operating_cost is a whole number of yen from 1, below {AMOUNT_LIMIT}."),
            ),
        );
    }
    yen.map(Amount::whole)
}

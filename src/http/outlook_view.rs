//! The outlook as answers show it (`semantics.md` §6).

use serde::Serialize;
use utoipa::ToSchema;

use super::views::{Name, Number, name, number};
use super::what_if_view::ValueView;
use crate::app::scorecards::Evaluated;
use crate::domain::amount::{Amount, Exact, Rounded};
use crate::domain::month::{Month, ProgrammeMonth};
use crate::domain::outlook::{
    BarOutlook, End, FlowOutlook, Forecast, ItemOutlook, LastMonth, LinkDebt, Outlook, Scenario,
    outlook,
};
use crate::domain::roadmap::Plan;

/// The outlook of a scorecard in its month.
#[must_use]
pub fn outlook_of(card: &Evaluated) -> Outlook {
    outlook(
        &card.plan,
        &card.ledger,
        &card.evaluation,
        &Scenario::default(),
    )
}

/// How an item will end, and what it takes. The members of the other kind are
/// null.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ItemOutlook)]
pub struct ItemOutlookView {
    /// `flow`: the year's end; `bar`: the month in which a cumulative item or
    /// milestone is finished.
    #[schema(example = "flow")]
    kind: &'static str,
    /// What the year comes to at the pace of the months reported.
    expected: Option<Number>,
    /// How likely the year's target is reached (lower is better: kept); of
    /// counted things.
    chance: Option<Number>,
    /// The year's end lies at or above this with 90 %.
    low: Option<Number>,
    /// The year's end lies at or below this with 90 %.
    high: Option<Number>,
    /// So many times as fast as planned the rest of the year must run.
    required_factor: Option<Number>,
    /// `fine` (at most 1), `recoverable` (1.15), `stretch` (1.5) or `revise_plan`.
    #[schema(example = "stretch")]
    band: Option<&'static str>,
    /// What every month left has to bring; null in the year's last month.
    required_per_month: Option<Number>,
    /// Mean of the last three reported months of the year.
    recent_per_month: Option<Number>,
    /// Months of the programme year after this one.
    #[schema(example = 6)]
    months_left: Option<u32>,
    /// When a bar is, or was, finished.
    #[schema(value_type = Option<String>, example = "2028-12")]
    finish_month: Option<Month>,
    /// Months by which that is after its due month; 0 in time.
    months_late: Option<u32>,
    /// Of a flow behind or at risk: what each conversion link upstream owes,
    /// nearest first, back to the first step.
    debts: Vec<LinkDebtView>,
    /// Of a flow: until when work upstream still lands before the year's end,
    /// the longest lag first.
    last_months: Vec<LastMonthView>,
    /// The outlook in words.
    words: Name,
}

/// What must still come over a link so that the year's target is reached.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LinkDebt)]
pub struct LinkDebtView {
    from: Vec<String>,
    to: Vec<String>,
    lag_months: u32,
    /// Actual conversion, this year to date.
    actual_rate: Option<Number>,
    /// What the left side must still deliver at that rate; null where the rate
    /// is missing or 0, and further upstream.
    need: Option<Number>,
    /// What the left side's plan still has for the year.
    planned: Option<Number>,
    /// How much of the need that plan does not cover.
    debt: Option<Number>,
}

/// Until when work on an item upstream still lands before the year's end.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LastMonth)]
pub struct LastMonthView {
    item: String,
    /// Months that its effect takes, on the quickest path.
    lag_months: u32,
    /// Null where that would be before the programme.
    #[schema(value_type = Option<String>, example = "2029-01")]
    month: Option<Month>,
    /// Whether that month is still to come.
    open: bool,
}

/// An evaluated item with its outlook.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ItemWithOutlook)]
pub struct ItemWithOutlookView {
    #[schema(example = "consult-seminar")]
    item: String,
    name: Name,
    #[schema(example = "consult")]
    stage: &'static str,
    #[schema(example = "behind")]
    status: &'static str,
    /// `red`, `amber` or `none`.
    #[schema(example = "red")]
    flag: &'static str,
    /// Null for a level or ratio, and without a target.
    outlook: Option<ItemOutlookView>,
}

/// The year's revenue along the funnel: what the first steps bring, times the
/// rates of the links.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RevenueForecast)]
pub struct ForecastView {
    /// Programme year.
    #[schema(example = 3)]
    year: u32,
    /// All revenue by the year's end; null where a part of it is unknown.
    expected: Option<Number>,
    /// The year's targets of revenue together.
    target: Option<Number>,
    /// The flows that the plan knows, in its order.
    steps: Vec<StepVolumeView>,
    /// The conversion links with the rates used.
    rates: Vec<LinkRateView>,
}

/// What a flow brings in the forecast's year.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = StepVolume)]
pub struct StepVolumeView {
    item: String,
    name: Name,
    #[schema(example = "consult")]
    stage: &'static str,
    #[schema(example = "cases")]
    unit: String,
    /// Reported so far.
    actual: Number,
    expected: Number,
    target: Option<Number>,
    /// `own_pace`, `plan` (nothing reported yet), `funnel` (from upstream) or `scenario`.
    #[schema(example = "funnel")]
    origin: &'static str,
}

/// The rate of a link as the forecast uses it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LinkRate)]
pub struct LinkRateView {
    from: Vec<String>,
    to: Vec<String>,
    lag_months: u32,
    rate: Option<Number>,
    /// `actual`, `planned` (nothing has arrived upstream yet) or `scenario`; null without a rate.
    #[schema(example = "actual")]
    origin: Option<&'static str>,
}

/// The outlook of every item, and of the revenue.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Outlook)]
pub struct OutlookView {
    #[schema(value_type = String, example = "2028-09")]
    month: Month,
    /// All items, in plan order.
    items: Vec<ItemWithOutlookView>,
    revenue: ForecastView,
}

impl From<&Evaluated> for OutlookView {
    fn from(card: &Evaluated) -> Self {
        let found = outlook_of(card);
        let items = card.plan.definition.items.iter();
        Self {
            month: card.month,
            items: items
                .zip(&card.evaluation.items)
                .zip(&found.items)
                .map(|((item, evaluated), outlook)| ItemWithOutlookView {
                    item: item.key.clone(),
                    name: name(&item.name),
                    stage: item.stage.code(),
                    status: evaluated.status.code(),
                    flag: evaluated.flag.code(),
                    outlook: outlook
                        .as_ref()
                        .map(|outlook| ItemOutlookView::of(outlook, &card.plan)),
                })
                .collect(),
            revenue: ForecastView::of(&found.forecast, &card.plan),
        }
    }
}

impl ItemOutlookView {
    #[must_use]
    pub fn of(outlook: &ItemOutlook, plan: &Plan) -> Self {
        let debts = outlook.debts.iter();
        let last_months = outlook.last_months.iter();
        Self {
            debts: debts
                .filter_map(|debt| LinkDebtView::of(debt, plan))
                .collect(),
            last_months: last_months
                .filter_map(|last| LastMonthView::of(*last, plan))
                .collect(),
            ..match &outlook.end {
                End::Flow(flow) => Self::of_flow(flow, name(&outlook.words)),
                End::Bar(bar) => Self::of_bar(*bar, name(&outlook.words), plan.start),
            }
        }
    }

    /// The members that a what-if compares, with what they show.
    #[must_use]
    pub fn compared(outlook: Option<&Self>) -> Vec<(&'static str, Option<ValueView>)> {
        let figure =
            |pick: fn(&Self) -> Option<Number>| outlook.and_then(pick).map(ValueView::Figure);
        let band = outlook.and_then(|outlook| outlook.band);
        let finish = outlook.and_then(|outlook| outlook.finish_month);
        let late = outlook.and_then(|outlook| outlook.months_late);
        vec![
            ("expected", figure(|outlook| outlook.expected)),
            ("chance", figure(|outlook| outlook.chance)),
            ("low", figure(|outlook| outlook.low)),
            ("high", figure(|outlook| outlook.high)),
            ("required_factor", figure(|outlook| outlook.required_factor)),
            ("band", band.map(|band| ValueView::Text(band.to_owned()))),
            (
                "required_per_month",
                figure(|outlook| outlook.required_per_month),
            ),
            (
                "recent_per_month",
                figure(|outlook| outlook.recent_per_month),
            ),
            (
                "finish_month",
                finish.map(|month| ValueView::Text(month.to_string())),
            ),
            (
                "months_late",
                late.map(|months| ValueView::Figure(Number::from(Amount::whole(months.into())))),
            ),
        ]
    }

    fn empty(kind: &'static str, words: Name) -> Self {
        Self {
            kind,
            expected: None,
            chance: None,
            low: None,
            high: None,
            required_factor: None,
            band: None,
            required_per_month: None,
            recent_per_month: None,
            months_left: None,
            finish_month: None,
            months_late: None,
            debts: Vec::new(),
            last_months: Vec::new(),
            words,
        }
    }

    fn of_flow(flow: &FlowOutlook, words: Name) -> Self {
        let end = |pick: fn(&(Exact, Exact)) -> &Exact| number(flow.range.as_ref().map(pick));
        Self {
            expected: number(flow.expected.as_ref()),
            chance: flow.chance.and_then(Rounded::probability).map(Number),
            low: end(|(low, _)| low),
            high: end(|(_, high)| high),
            required_factor: number(flow.required_factor.as_ref()),
            band: flow.band.map(crate::domain::outlook::Band::code),
            required_per_month: number(flow.required_per_month.as_ref()),
            recent_per_month: number(flow.recent_per_month.as_ref()),
            months_left: Some(flow.months_left),
            ..Self::empty("flow", words)
        }
    }

    fn of_bar(bar: BarOutlook, words: Name, start: Month) -> Self {
        Self {
            finish_month: bar.finish.map(|finish| finish.calendar(start)),
            months_late: bar.months_late,
            ..Self::empty("bar", words)
        }
    }
}

impl LinkDebtView {
    fn of(debt: &LinkDebt, plan: &Plan) -> Option<Self> {
        let link = plan.definition.links.get(debt.link)?;
        Some(Self {
            from: link.from.clone(),
            to: link.to.clone(),
            lag_months: link.lag_months,
            actual_rate: number(debt.rate.as_ref()),
            need: number(debt.need.as_ref()),
            planned: number(debt.planned.as_ref()),
            debt: number(debt.debt.as_ref()),
        })
    }
}

impl LastMonthView {
    fn of(last: LastMonth, plan: &Plan) -> Option<Self> {
        let item = plan.definition.items.get(last.item)?;
        let calendar = |month: ProgrammeMonth| month.calendar(plan.start);
        Some(Self {
            item: item.key.clone(),
            lag_months: last.lag_months,
            month: last.month.map(calendar),
            open: last.is_open,
        })
    }
}

impl ForecastView {
    /// All revenue by the year's end.
    #[must_use]
    pub const fn expected(&self) -> Option<Number> {
        self.expected
    }

    #[must_use]
    pub fn of(forecast: &Forecast, plan: &Plan) -> Self {
        let definition = &plan.definition;
        let steps = definition.items.iter().zip(&forecast.volumes);
        let rates = definition.links.iter().zip(&forecast.rates);
        Self {
            year: forecast.year,
            expected: number(forecast.revenue.as_ref()),
            target: number(forecast.target.as_ref()),
            steps: steps
                .filter_map(|(item, volume)| {
                    let volume = volume.as_ref()?;
                    Some(StepVolumeView {
                        item: item.key.clone(),
                        name: name(&item.name),
                        stage: item.stage.code(),
                        unit: item.unit.0.clone(),
                        actual: Number::from(&volume.actual),
                        expected: Number::from(&volume.expected),
                        target: item.target_in(forecast.year).map(Number::from),
                        origin: volume.origin.code(),
                    })
                })
                .collect(),
            rates: rates
                .filter(|(link, _)| link.kind == crate::domain::scorecard::LinkKind::Conversion)
                .map(|(link, rate)| LinkRateView {
                    from: link.from.clone(),
                    to: link.to.clone(),
                    lag_months: link.lag_months,
                    rate: number(rate.as_ref().map(|rate| &rate.rate)),
                    origin: rate.as_ref().map(|rate| rate.origin.code()),
                })
                .collect(),
        }
    }
}

//! A what-if as answers show it: the scorecard today, the scorecard then, and
//! every figure that differs.

use serde::Serialize;
use utoipa::ToSchema;

use super::alert_view::CauseDoc;
use super::causes::cause_of;
use super::evaluated_view::CountsView;
use super::issue_view::IssueView;
use super::outlook_view::{ForecastView, ItemOutlookView};
use super::views::{Name, Number, name, number};
use crate::app::what_if::{Comparison, State};
use crate::domain::causes::CauseDocument;
use crate::domain::month::Month;

/// A scorecard in a month: as reported, or as supposed.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WhatIfState)]
pub struct StateView {
    /// 0–100; null below the coverage that a score needs.
    score: Option<Number>,
    coverage: Option<Number>,
    provisional: bool,
    #[schema(example = "red")]
    flag: &'static str,
    counts: CountsView,
    /// In plan order.
    items: Vec<ItemStateView>,
    revenue: ForecastView,
}

/// An item as reported, or as supposed.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WhatIfItem)]
pub struct ItemStateView {
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
    actual: Option<Number>,
    plan: Number,
    target: Option<Number>,
    attainment: Option<Number>,
    shortfall: Option<Number>,
    /// Why a red or amber item is short; null for others.
    #[schema(value_type = Option<CauseDoc>)]
    cause: Option<CauseDocument>,
    /// Null for a level or ratio, and without a target.
    outlook: Option<ItemOutlookView>,
}

/// A code, a month or a figure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(untagged)]
#[schema(as = WhatIfValue)]
pub enum ValueView {
    Text(String),
    Figure(Number),
}

/// Something that differs.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WhatIfDifference)]
pub struct DifferenceView {
    /// Null for the scorecard as a whole.
    #[schema(example = "consult-seminar")]
    item: Option<String>,
    /// The member that differs, such as `status`, `expected`, `chance` or
    /// `cause`; `item` where an item is there only today, or only then;
    /// `revenue` for the revenue expected.
    #[schema(example = "status")]
    field: &'static str,
    today: Option<ValueView>,
    then: Option<ValueView>,
}

/// A scorecard today and as supposed.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WhatIf)]
pub struct WhatIfView {
    #[schema(value_type = String, example = "2028-09")]
    month: Month,
    today: StateView,
    then: StateView,
    /// The scorecard's first, then item by item.
    differences: Vec<DifferenceView>,
    /// Warnings about the changed plan.
    issues: Vec<IssueView>,
}

impl From<Comparison> for WhatIfView {
    fn from(comparison: Comparison) -> Self {
        let (today, then) = (
            StateView::from(&comparison.today),
            StateView::from(&comparison.then),
        );
        Self {
            month: comparison.today.card.month,
            differences: differences(&today, &then),
            today,
            then,
            issues: comparison
                .warnings
                .into_iter()
                .map(IssueView::from)
                .collect(),
        }
    }
}

impl From<&State> for StateView {
    fn from(state: &State) -> Self {
        let State { card, outlook } = state;
        let evaluation = &card.evaluation;
        let items = card.plan.definition.items.iter().enumerate();
        Self {
            score: number(evaluation.score.as_ref()),
            coverage: number(evaluation.coverage.as_ref()),
            provisional: evaluation.provisional,
            flag: evaluation.flag.code(),
            counts: CountsView::from(&evaluation.counts),
            items: items
                .filter_map(|(position, item)| {
                    let evaluated = evaluation.items.get(position)?;
                    let outlook = outlook.items.get(position)?.as_ref();
                    Some(ItemStateView {
                        item: item.key.clone(),
                        name: name(&item.name),
                        stage: item.stage.code(),
                        status: evaluated.status.code(),
                        flag: evaluated.flag.code(),
                        actual: number(evaluated.actual.as_ref()),
                        plan: Number::from(&evaluated.plan),
                        target: evaluated.target.map(Number::from),
                        attainment: number(evaluated.attainment.as_ref()),
                        shortfall: number(evaluated.shortfall.as_ref()),
                        cause: cause_of(card, position),
                        outlook: outlook.map(|found| ItemOutlookView::of(found, &card.plan)),
                    })
                })
                .collect(),
            revenue: ForecastView::of(&outlook.forecast, &card.plan),
        }
    }
}

/// A member with what it shows.
type Field = (&'static str, Option<ValueView>);

fn text(value: &str) -> ValueView {
    ValueView::Text(value.to_owned())
}

impl StateView {
    fn fields(&self) -> Vec<Field> {
        vec![
            ("flag", Some(text(self.flag))),
            ("score", self.score.map(ValueView::Figure)),
            ("coverage", self.coverage.map(ValueView::Figure)),
            ("revenue", self.revenue.expected().map(ValueView::Figure)),
        ]
    }

    fn item(&self, key: &str) -> Option<&ItemStateView> {
        self.items.iter().find(|item| item.item == key)
    }
}

impl ItemStateView {
    fn fields(&self) -> Vec<Field> {
        let cause = self.cause.as_ref().map(|cause| cause.kind.code());
        let mut fields = vec![
            ("status", Some(text(self.status))),
            ("flag", Some(text(self.flag))),
            ("actual", self.actual.map(ValueView::Figure)),
            ("plan", Some(ValueView::Figure(self.plan))),
            ("target", self.target.map(ValueView::Figure)),
            ("attainment", self.attainment.map(ValueView::Figure)),
            ("shortfall", self.shortfall.map(ValueView::Figure)),
            ("cause", cause.map(text)),
        ];
        fields.extend(ItemOutlookView::compared(self.outlook.as_ref()));
        fields
    }
}

fn differences(today: &StateView, then: &StateView) -> Vec<DifferenceView> {
    let mut found = different(None, today.fields(), then.fields());
    for item in &today.items {
        let key = Some(item.item.as_str());
        match then.item(&item.item) {
            Some(other) => found.extend(different(key, item.fields(), other.fields())),
            None => found.push(presence(item, true)),
        }
    }
    let added = then.items.iter();
    found.extend(
        added
            .filter(|item| today.item(&item.item).is_none())
            .map(|item| presence(item, false)),
    );
    found
}

/// An item that is there only today, or only then.
fn presence(item: &ItemStateView, is_today: bool) -> DifferenceView {
    let shown = Some(text(&item.item));
    let (today, then) = if is_today {
        (shown, None)
    } else {
        (None, shown)
    };
    DifferenceView {
        item: Some(item.item.clone()),
        field: "item",
        today,
        then,
    }
}

fn different(item: Option<&str>, today: Vec<Field>, then: Vec<Field>) -> Vec<DifferenceView> {
    let pairs = today.into_iter().zip(then);
    pairs
        .filter(|((_, today), (_, then))| today != then)
        .map(|((field, today), (_, then))| DifferenceView {
            item: item.map(str::to_owned),
            field,
            today,
            then,
        })
        .collect()
}

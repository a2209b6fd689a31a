//! The view of a series.

use serde::Serialize;
use utoipa::ToSchema;

use super::views::{Number, number};
use crate::app::series::{ItemSeries, Series};
use crate::domain::month::Month;
use crate::domain::status::{Flag, Status};

/// One item over the months.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ItemSeries)]
pub struct ItemSeriesView {
    key: String,
    /// Of the month alone: as reported; of a ratio, its quotient.
    value: Vec<Option<Number>>,
    /// To date, as it is compared with the plan.
    actual: Vec<Option<Number>>,
    /// Plan to date.
    plan: Vec<Option<Number>>,
    target: Vec<Option<Number>>,
    status: Vec<Option<&'static str>>,
    flag: Vec<Option<&'static str>>,
}

impl From<&ItemSeries> for ItemSeriesView {
    fn from(series: &ItemSeries) -> Self {
        Self {
            key: series.key.clone(),
            value: series
                .value
                .iter()
                .map(|value| number(value.as_ref()))
                .collect(),
            actual: series
                .actual
                .iter()
                .map(|value| number(value.as_ref()))
                .collect(),
            plan: series
                .plan
                .iter()
                .map(|value| number(value.as_ref()))
                .collect(),
            target: series
                .target
                .iter()
                .map(|value| value.map(Number::from))
                .collect(),
            status: series
                .status
                .iter()
                .map(|status| status.map(Status::code))
                .collect(),
            flag: series
                .flag
                .iter()
                .map(|flag| flag.map(Flag::code))
                .collect(),
        }
    }
}

/// Plan and actual by month.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Series)]
pub struct SeriesView {
    #[schema(value_type = Vec<String>, example = json!(["2028-04", "2028-05"]))]
    months: Vec<Month>,
    items: Vec<ItemSeriesView>,
}

impl From<&Series> for SeriesView {
    fn from(series: &Series) -> Self {
        Self {
            months: series.months.clone(),
            items: series.items.iter().map(ItemSeriesView::from).collect(),
        }
    }
}

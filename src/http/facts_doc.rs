//! Facts in the contract: the schema of a row from the list of columns, so that
//! neither can say what the other does not.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, SchemaType, Type};
use utoipa::{IntoParams, PartialSchema, ToSchema};

use super::alerts::StageDoc;
use super::openapi::FlagDoc;
use super::prefectures::MarketTypeDoc;
use super::views::{Name, name};
use crate::domain::fact::{COLUMNS, Column, Kind, Measured};

/// A row of facts.
pub struct FactRow;

impl PartialSchema for FactRow {
    fn schema() -> RefOr<Schema> {
        let mut row = ObjectBuilder::new().description(Some(
            "An item in a month. `GET /v1/facts/columns` describes the columns and their codes.",
        ));
        for column in COLUMNS {
            row = row
                .property(column.name, column_schema(column))
                .required(column.name);
        }
        row.into()
    }
}

impl ToSchema for FactRow {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("FactRow")
    }
}

fn column_schema(column: &Column) -> ObjectBuilder {
    let of_value = match column.kind {
        Kind::Text | Kind::Code | Kind::Month => Type::String,
        Kind::Integer => Type::Integer,
        Kind::Number => Type::Number,
        Kind::Boolean => Type::Boolean,
    };
    let types = if column.nullable {
        SchemaType::Array(vec![of_value, Type::Null])
    } else {
        SchemaType::Type(of_value)
    };
    let schema = ObjectBuilder::new()
        .schema_type(types)
        .description(Some(format!("{}.", column.meaning().en)));
    match column.kind {
        Kind::Month => schema.examples(["2028-09"]),
        _ => schema,
    }
}

/// A page of facts.
#[derive(ToSchema)]
#[expect(dead_code, reason = "documents what `RowWriter` writes")]
pub struct FactPage {
    items: Vec<FactRow>,
    /// Pass it as `cursor`, with the same parameters, to get the next page; null
    /// on the last one.
    next_cursor: Option<String>,
    /// Pass it as `since` of a later pull, to get what has changed since.
    next_since: String,
    /// On the first page of a pull with `since`: every scorecard that has changed,
    /// with those that have no row any more. Else null.
    changed: Option<Vec<String>>,
}

/// A column.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FactColumn)]
struct ColumnView {
    #[schema(example = "attainment")]
    name: &'static str,
    /// `text`, `code`, `month` (`YYYY-MM`), `integer`, `number` (at most four decimals) or `boolean`.
    #[serde(rename = "type")]
    #[schema(example = "number")]
    kind: &'static str,
    /// Whether a row may have null here.
    nullable: bool,
    /// Of a number: `unit` (what the row's column `unit` names) or `share` (1 is exactly on plan).
    unit: Option<&'static str>,
    meaning: Name,
    /// The words of every code; null where the list is not closed.
    codes: Option<Vec<CodeView>>,
}

/// A code with its words.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FactCode)]
struct CodeView {
    #[schema(example = "behind")]
    code: &'static str,
    name: Name,
}

/// All columns, in their order.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FactColumns)]
pub struct ColumnsView {
    columns: Vec<ColumnView>,
}

impl ColumnsView {
    #[must_use]
    pub fn all() -> Self {
        Self {
            columns: COLUMNS.iter().map(ColumnView::from).collect(),
        }
    }
}

impl From<&Column> for ColumnView {
    fn from(column: &Column) -> Self {
        let view = |(code, words)| CodeView {
            code,
            name: name(&words),
        };
        Self {
            name: column.name,
            kind: column.kind.code(),
            nullable: column.nullable,
            unit: column.measured.map(Measured::code),
            meaning: name(&column.meaning()),
            codes: column
                .codes()
                .map(|codes| codes.into_iter().map(view).collect()),
        }
    }
}

/// The statuses, for the contract.
#[derive(ToSchema, Deserialize)]
#[serde(rename_all = "snake_case")]
enum StatusDoc {
    Behind,
    NoData,
    AtRisk,
    OnTrack,
    NotDue,
    Achieved,
    Untargeted,
    NotApplicable,
}

/// The perspectives, for the contract.
#[derive(ToSchema, Deserialize)]
#[serde(rename_all = "snake_case")]
enum PerspectiveDoc {
    Learning,
    Process,
    Customer,
    Financial,
}

/// The forms of an answer, for the contract.
#[derive(Debug, ToSchema, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FormatDoc {
    Json,
    Ndjson,
    Csv,
}

/// The encodings of a CSV, for the contract.
#[derive(Debug, ToSchema, Deserialize)]
pub enum EncodingDoc {
    #[serde(rename = "utf-8-bom")]
    Utf8Bom,
    #[serde(rename = "utf-8")]
    Utf8,
    #[serde(rename = "cp932")]
    Cp932,
}

/// Which part of a view.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "documents what `Ask::of_part` reads")]
pub struct PartParameters {
    /// Rows of a page, 1 to 10,000. Absent: 1,000 of JSON, all of NDJSON and CSV.
    #[param(minimum = 1, maximum = 10_000, example = 1_000)]
    limit: Option<u32>,
    /// `next_cursor` of the page before.
    #[param(min_length = 1, max_length = 512)]
    cursor: Option<String>,
    /// `next_since` of an earlier answer: only scorecards that have changed since.
    #[param(min_length = 1, max_length = 512)]
    since: Option<String>,
}

/// Which rows, and how they are written.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "documents what `Ask::of_request` reads")]
pub struct FactParameters {
    /// Only this prefecture's.
    #[param(min_length = 1, max_length = 512, example = "06")]
    prefecture: Option<String>,
    /// Only this hub's.
    #[param(min_length = 1, max_length = 512)]
    hub: Option<String>,
    /// Only this scorecard's, by its identifier.
    #[param(min_length = 1, max_length = 512)]
    scorecard: Option<String>,
    /// Only scorecards made from this template.
    #[param(min_length = 1, max_length = 512, example = "mature-hard-to-fill")]
    template: Option<String>,
    /// Only scorecards made for this market.
    #[param(inline)]
    market_type: Option<MarketTypeDoc>,
    /// Only items of this stage.
    #[param(inline)]
    stage: Option<StageDoc>,
    /// Only items of this perspective.
    #[param(inline)]
    perspective: Option<PerspectiveDoc>,
    /// Only items with this key.
    #[param(min_length = 1, max_length = 512)]
    item: Option<String>,
    /// The first month, `YYYY-MM`.
    #[param(pattern = "^[0-9]{4}-(0[1-9]|1[0-2])$", example = "2028-04")]
    from: Option<String>,
    /// The last month, `YYYY-MM`; not before `from`.
    #[param(pattern = "^[0-9]{4}-(0[1-9]|1[0-2])$", example = "2028-09")]
    to: Option<String>,
    /// Only months of this fiscal year, by the year of its April.
    #[param(minimum = 1900, maximum = 9999, example = 2028)]
    fiscal_year: Option<u32>,
    /// Only rows with this status.
    #[param(inline)]
    status: Option<StatusDoc>,
    /// Only rows with this flag.
    #[param(inline)]
    flag: Option<FlagDoc>,
    /// Only items that are, or are not, high hurdles.
    high_hurdle: Option<bool>,
    /// The form of the answer; absent: what `Accept` asks for, else JSON.
    #[param(inline)]
    format: Option<FormatDoc>,
    /// Of a CSV only. `utf-8-bom` (the default) opens in Excel by a double click.
    /// `cp932` is for old macros: what it lacks is written as 〓.
    #[param(inline)]
    encoding: Option<EncodingDoc>,
    /// Rows of a page, 1 to 10,000. Absent: 1,000 of JSON, all of NDJSON and CSV.
    #[param(minimum = 1, maximum = 10_000, example = 1_000)]
    limit: Option<u32>,
    /// `next_cursor` of the page before.
    #[param(min_length = 1, max_length = 512)]
    cursor: Option<String>,
    /// `next_since` of an earlier answer: only scorecards that have changed since.
    #[param(min_length = 1, max_length = 512)]
    since: Option<String>,
}

/// Filters in a body: those of `GET /v1/facts`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "documents what `read_view` reads")]
#[schema(as = FactFilters)]
pub struct FiltersDoc {
    #[schema(min_length = 1, max_length = 200, example = "06")]
    prefecture: Option<String>,
    #[schema(min_length = 1, max_length = 200)]
    hub: Option<String>,
    /// Identifier of a scorecard.
    #[schema(min_length = 1, max_length = 200)]
    scorecard: Option<String>,
    #[schema(min_length = 1, max_length = 200)]
    template: Option<String>,
    market_type: Option<String>,
    stage: Option<String>,
    perspective: Option<String>,
    /// Key of an item.
    #[schema(min_length = 1, max_length = 200)]
    item: Option<String>,
    /// The first month, `YYYY-MM`.
    from: Option<String>,
    /// The last month, `YYYY-MM`.
    to: Option<String>,
    /// By the year of its April.
    #[schema(minimum = 1900, maximum = 9999)]
    fiscal_year: Option<u32>,
    status: Option<String>,
    flag: Option<String>,
    high_hurdle: Option<bool>,
}

//! The small types that many answers share.

use std::borrow::Cow;

use serde::{Serialize, Serializer};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

use crate::domain::amount::{Amount, Exact, Rounded};
use crate::domain::organisation::{Hub, Prefecture};
use crate::domain::text::Text;

/// A name or sentence in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Name {
    /// Japanese.
    #[schema(example = "相談")]
    pub ja: String,
    /// English.
    #[schema(example = "Consultations")]
    pub en: String,
}

/// A name in a body: both languages, each on one line.
#[derive(Debug, serde::Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "documents what `Value::bilingual` reads")]
#[schema(as = NameInput)]
pub struct NameDoc {
    #[schema(min_length = 1, max_length = 200, example = "相談")]
    ja: String,
    #[schema(min_length = 1, max_length = 200, example = "Consultations")]
    en: String,
}

#[must_use]
pub fn name(text: &Text) -> Name {
    Name {
        ja: text.ja.clone(),
        en: text.en.clone(),
    }
}

/// A figure: a JSON number with at most four decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Number(pub Rounded);

impl From<Amount> for Number {
    fn from(amount: Amount) -> Self {
        Self(amount.exact().rounded())
    }
}

impl From<&Exact> for Number {
    fn from(exact: &Exact) -> Self {
        Self(exact.rounded())
    }
}

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl PartialSchema for Number {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::Number)
            .description(Some("A figure with at most four decimals."))
            .into()
    }
}

impl ToSchema for Number {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("Number")
    }
}

/// An optional exact figure, rounded.
#[must_use]
pub fn number(exact: Option<&Exact>) -> Option<Number> {
    exact.map(Number::from)
}

/// A hub or prefecture named inside an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Named {
    /// Stable code.
    #[schema(example = "06")]
    pub code: String,
    pub name: Name,
}

impl From<&Hub> for Named {
    fn from(hub: &Hub) -> Self {
        Self {
            code: hub.code.to_string(),
            name: name(&hub.name),
        }
    }
}

impl From<&Prefecture> for Named {
    fn from(prefecture: &Prefecture) -> Self {
        Self {
            code: prefecture.code.to_string(),
            name: name(&prefecture.name),
        }
    }
}

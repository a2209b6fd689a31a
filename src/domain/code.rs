//! Closed lists of stable codes: one definition gives the type, its spelling in
//! JSON, queries and databases, and the list to choose from in an error.

use super::text::Text;

/// The words for a code that is none of a list.
#[must_use]
pub fn choose_one_of<T>(what: &Text, codes: &[(&str, T)]) -> Text {
    let list: Vec<&str> = codes.iter().map(|(code, _)| *code).collect();
    let list = list.join(", ");
    Text::new(
        format!("{}は次のどれかにしてください: {list}。", what.ja),
        format!("{} is one of: {list}.", what.en),
    )
}

/// Defines an enum whose variants have stable codes.
macro_rules! coded_enum {
    ($(#[$meta:meta])* pub enum $name:ident { $($(#[$variant_meta:meta])* $variant:ident => $code:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$variant_meta])* $variant,)+ }

        impl $name {
            /// Every variant with its code, in order.
            pub const CODES: &'static [(&'static str, Self)] = &[$(($code, Self::$variant)),+];

            /// The stable code.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code),+ }
            }

            /// The variant of a code.
            #[must_use]
            pub fn of_code(code: &str) -> Option<Self> {
                Self::CODES.iter().find(|(known, _)| *known == code).map(|(_, value)| *value)
            }

            /// Every variant, in order.
            pub fn all() -> impl DoubleEndedIterator<Item = Self> {
                Self::CODES.iter().map(|(_, value)| *value)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.code())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.code())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let code = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
                Self::of_code(&code)
                    .ok_or_else(|| serde::de::Error::custom(format!("unknown code {code:?}")))
            }
        }
    };
}
pub(crate) use coded_enum;

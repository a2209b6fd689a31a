//! Typed identifiers. Their texts are made outside (UUID version 7) and opaque here.

macro_rules! identifier {
    ($($(#[$meta:meta])* $name:ident,)+) => {$(
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub String);

        impl $name {
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
    )+};
}

identifier! {
    ScorecardId,
    UserId,
    ApiKeyId,
    AlertId,
    /// A destination of notices.
    SubscriptionId,
    /// One event on its way to one destination: the `webhook-id`, the same on every attempt.
    DeliveryId,
    /// A page that a prefecture shows to everybody.
    ReleaseId,
    /// A prefecture's JIS X 0401 code: `01` to `47`.
    PrefectureCode,
    /// A hub's stable code, unique in the nation.
    HubCode,
}

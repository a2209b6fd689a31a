//! Prefectures, their hubs, and the people and programs that act for them.

use chrono::{DateTime, Utc};

use super::access::{Role, Scope};
use super::ids::{ApiKeyId, HubCode, PrefectureCode, UserId};
use super::scorecard::MarketType;
use super::text::Text;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prefecture {
    pub code: PrefectureCode,
    pub name: Text,
    pub market_type: MarketType,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hub {
    pub code: HubCode,
    pub name: Text,
    pub prefecture: Prefecture,
}

/// An account of a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    pub id: UserId,
    /// Lower case; unique.
    pub email: String,
    pub name: String,
    pub role: Role,
    pub scope: Scope,
    /// A closed account can neither sign in nor use its tokens and keys.
    pub active: bool,
    /// Rises when all of the account's tokens are to lose their force.
    pub sessions_epoch: i64,
    pub created_at: DateTime<Utc>,
}

/// A machine's key; its rights never exceed those of its owner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKey {
    pub id: ApiKeyId,
    pub owner: UserId,
    pub name: String,
    pub role: Role,
    pub scope: Scope,
    pub expires_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
    /// The key that it was made with, and ends with; `None`: made in person.
    pub made_with: Option<ApiKeyId>,
}

//! What a prefecture shows to everybody: the pages that it releases, and which
//! month they show.

use chrono::{DateTime, Utc};

use super::code::coded_enum;
use super::ids::{PrefectureCode, ReleaseId, ScorecardId};
use super::month::Month;
use super::month_state::MonthPhase;

coded_enum! {
    /// How much of a scorecard a page shows.
    pub enum Detail {
        /// Status, flag and score of each stage.
        Stages => "stages",
        /// Each item's figures, status and reason, too.
        Items => "items",
    }
}

coded_enum! {
    /// Whether the link of a page opens it.
    pub enum ReleaseState {
        Active => "active",
        Expired => "expired",
        Revoked => "revoked",
    }
}

/// A text of a page: in Japanese, and in English where somebody has written it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReleasedText {
    pub ja: String,
    pub en: Option<String>,
}

/// What a page shows; nothing else of the prefecture is on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contents {
    pub title: ReleasedText,
    pub introduction: Option<ReleasedText>,
    /// `None`: all of the prefecture, those to come included.
    pub scorecards: Option<Vec<ScorecardId>>,
    pub detail: Detail,
    /// Each scorecard in the last month that the prefecture has approved;
    /// otherwise in the last one reported.
    pub approved_only: bool,
    pub hub_names: bool,
    /// From when on the link opens nothing.
    pub expires_at: Option<DateTime<Utc>>,
}

/// A page of a prefecture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Release {
    pub id: ReleaseId,
    pub prefecture: PrefectureCode,
    pub contents: Contents,
    pub link_made_at: DateTime<Utc>,
    pub created_at: DateTime<Utc>,
    /// Who made it: the name at that time.
    pub created_by: String,
    pub revoked_at: Option<DateTime<Utc>>,
}

impl Release {
    #[must_use]
    pub fn state(&self, now: DateTime<Utc>) -> ReleaseState {
        if self.revoked_at.is_some() {
            ReleaseState::Revoked
        } else if self.contents.expires_at.is_some_and(|end| end <= now) {
            ReleaseState::Expired
        } else {
            ReleaseState::Active
        }
    }
}

/// The last approved month of those with a record, oldest first. Figures to date
/// hold the months before, so nothing after a month that the prefecture has
/// returned or reopened is shown until it is approved again.
pub fn last_approved(months: impl IntoIterator<Item = (Month, MonthPhase)>) -> Option<Month> {
    months
        .into_iter()
        .take_while(|(_, phase)| !matches!(phase, MonthPhase::Returned | MonthPhase::Reopened))
        .filter(|(_, phase)| *phase == MonthPhase::Approved)
        .map(|(month, _)| month)
        .last()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_shows_the_last_approved_month_before_one_that_is_worked_on() {
        use MonthPhase::{Approved, Open, Reopened, Returned};
        let month = |index: u32| format!("2026-{:02}", index + 4).parse::<Month>().unwrap();
        for (phases, shown) in [
            (vec![], None),
            (vec![Open], None),
            (vec![Approved, Approved], Some(1)),
            (vec![Approved, Open], Some(0)),
            (vec![Open, Approved], Some(1)),
            (vec![Approved, Reopened, Approved], Some(0)),
            (vec![Approved, Returned], Some(0)),
            (vec![Returned, Approved], None),
        ] {
            let months = (0..).map(month).zip(phases.clone());
            assert_eq!(last_approved(months), shown.map(month), "{phases:?}");
        }
    }
}

//! What becomes of a reported month: the one table of states, of what may be
//! done in each, and of who may do it. `docs/months.md` shows the same table,
//! and a test compares the two.

use chrono::{DateTime, Utc};

use super::access::Permission;
use super::code::coded_enum;

coded_enum! {
    /// Whether a month takes reports, as answers and the database say it.
    pub enum MonthState {
        Open => "open",
        /// By the prefecture; closed to reports.
        Approved => "approved",
        /// By the prefecture, with a note; open to reports.
        Returned => "returned",
    }
}

coded_enum! {
    /// Where a month stands at an instant. [`MonthPhase::Reopened`] is shown as
    /// `open` with the time at which it ends.
    pub enum MonthPhase {
        Open => "open",
        Returned => "returned",
        Approved => "approved",
        Reopened => "reopened",
    }
}

coded_enum! {
    /// What somebody does with a month.
    pub enum MonthAct {
        Report => "report",
        Approve => "approve",
        Return => "return",
        Reopen => "reopen",
    }
}

/// What an act comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MonthOutcome {
    /// It is done, and the month stands there afterwards.
    Becomes(MonthPhase),
    /// It is so already: nothing is written.
    Unchanged,
    /// 409 `month_approved`.
    Refused,
}

/// The table: what an act comes to in a phase.
#[must_use]
#[expect(clippy::match_same_arms, reason = "a table, state by state")]
pub const fn outcome(phase: MonthPhase, act: MonthAct) -> MonthOutcome {
    use MonthAct as A;
    use MonthOutcome::{Becomes, Refused, Unchanged};
    use MonthPhase as P;
    match (phase, act) {
        (P::Open, A::Report) => Becomes(P::Open),
        (P::Open, A::Approve) => Becomes(P::Approved),
        (P::Open, A::Return) => Becomes(P::Returned),
        (P::Open, A::Reopen) => Unchanged,

        (P::Returned, A::Report | A::Return) => Becomes(P::Returned),
        (P::Returned, A::Approve) => Becomes(P::Approved),
        (P::Returned, A::Reopen) => Unchanged,

        (P::Approved, A::Report) => Refused,
        (P::Approved, A::Approve) => Unchanged,
        (P::Approved, A::Return) => Becomes(P::Returned),
        (P::Approved, A::Reopen) => Becomes(P::Reopened),

        (P::Reopened, A::Report) => Becomes(P::Reopened),
        (P::Reopened, A::Approve) => Becomes(P::Approved),
        (P::Reopened, A::Return) => Becomes(P::Returned),
        (P::Reopened, A::Reopen) => Unchanged,
    }
}

/// What becomes of a phase by itself when its time is up; only a reopening has one.
#[must_use]
pub const fn after_its_time(phase: MonthPhase) -> MonthPhase {
    match phase {
        MonthPhase::Reopened => MonthPhase::Approved,
        other => other,
    }
}

impl MonthAct {
    /// The right that the act takes, in every phase.
    #[must_use]
    pub const fn permission(self) -> Permission {
        match self {
            Self::Report => Permission::Report,
            Self::Approve | Self::Return | Self::Reopen => Permission::Steer,
        }
    }
}

impl MonthPhase {
    /// The phase at `now` of a month that was left in `state`, reopened until a
    /// time or not. The reopening is over at that very instant.
    #[must_use]
    pub fn at(
        state: MonthState,
        reopened_until: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
    ) -> Self {
        match (state, reopened_until) {
            (_, Some(until)) if until <= now => after_its_time(Self::Reopened),
            (MonthState::Open, Some(_)) => Self::Reopened,
            (MonthState::Open, None) => Self::Open,
            (MonthState::Approved, _) => Self::Approved,
            (MonthState::Returned, _) => Self::Returned,
        }
    }

    /// As answers show it.
    #[must_use]
    pub const fn state(self) -> MonthState {
        match self {
            Self::Open | Self::Reopened => MonthState::Open,
            Self::Approved => MonthState::Approved,
            Self::Returned => MonthState::Returned,
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    #[test]
    fn a_reopening_ends_at_its_very_instant() {
        let until: DateTime<Utc> = "2026-12-01T00:00:00Z".parse().unwrap();
        let at = |now| MonthPhase::at(MonthState::Open, Some(until), now);
        assert_eq!(at(until - TimeDelta::microseconds(1)), MonthPhase::Reopened);
        assert_eq!(at(until), MonthPhase::Approved);
        assert_eq!(at(until + TimeDelta::days(9_999)), MonthPhase::Approved);
        for (state, phase) in [
            (MonthState::Open, MonthPhase::Open),
            (MonthState::Approved, MonthPhase::Approved),
            (MonthState::Returned, MonthPhase::Returned),
        ] {
            assert_eq!(MonthPhase::at(state, None, until), phase);
        }
    }

    /// Whatever was done, what is stored and shown is where the table leads.
    #[test]
    fn an_outcome_is_shown_as_the_state_that_is_stored() {
        for phase in MonthPhase::all() {
            for act in MonthAct::all() {
                let MonthOutcome::Becomes(next) = outcome(phase, act) else {
                    continue;
                };
                let until = (next == MonthPhase::Reopened).then_some(DateTime::UNIX_EPOCH);
                let now = DateTime::UNIX_EPOCH - TimeDelta::microseconds(1);
                assert_eq!(MonthPhase::at(next.state(), until, now), next);
            }
        }
    }

    /// Only an approved month refuses reports, and nothing but a report is refused.
    #[test]
    fn only_reports_on_approved_months_are_refused() {
        for phase in MonthPhase::all() {
            for act in MonthAct::all() {
                let refused = outcome(phase, act) == MonthOutcome::Refused;
                let expected = phase == MonthPhase::Approved && act == MonthAct::Report;
                assert_eq!(refused, expected, "{phase} {act}");
            }
        }
    }
}

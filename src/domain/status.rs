//! The words of the evaluation: statuses, flags, and the rules that decide
//! them (`semantics.md` §4).

use super::code::coded_enum;

coded_enum! {
    /// Where an item stands in a month. In the order of §4 "Step", the one to
    /// look at first being least: the worst of several is their minimum.
    pub enum Status {
        Behind => "behind",
        NoData => "no_data",
        AtRisk => "at_risk",
        OnTrack => "on_track",
        NotDue => "not_due",
        Achieved => "achieved",
        Untargeted => "untargeted",
        NotApplicable => "not_applicable",
    }
}

impl Status {
    /// Whether the plan asks for something by now (§4 "Scores": `due`).
    #[must_use]
    pub const fn is_due(self) -> bool {
        !matches!(self, Self::NotDue | Self::Untargeted | Self::NotApplicable)
    }

    /// Whether what is due is there (§4 "Scores": `met`).
    #[must_use]
    pub const fn is_met(self) -> bool {
        matches!(self, Self::OnTrack | Self::Achieved)
    }

    /// Whether the figures fall short of the plan.
    #[must_use]
    pub const fn is_short(self) -> bool {
        matches!(self, Self::Behind | Self::AtRisk)
    }
}

coded_enum! {
    /// The signal of an item, a step or a scorecard (§4 "Flag"); the worst of
    /// several is their minimum.
    pub enum Flag {
        Red => "red",
        Amber => "amber",
        None => "none",
    }
}

impl Flag {
    /// The flag of an item in this status.
    #[must_use]
    pub const fn of(status: Status, high_hurdle: bool) -> Self {
        match (status, high_hurdle) {
            (Status::Behind, true) => Self::Red,
            (Status::Behind, false) | (Status::AtRisk, true) => Self::Amber,
            _ => Self::None,
        }
    }

    /// The worst of several flags; none of none.
    #[must_use]
    pub fn worst(flags: impl IntoIterator<Item = Self>) -> Self {
        flags.into_iter().min().unwrap_or(Self::None)
    }
}

coded_enum! {
    /// The rule of §4 that decided a status.
    pub enum Rule {
        /// Rule 1: no target in force.
        Untargeted => "untargeted",
        /// Rule 2: the whole target is reached.
        Achieved => "achieved",
        /// Rule 3: nothing is planned by now.
        NotDue => "not_due",
        /// Rule 4: the month does not count.
        NotApplicable => "not_applicable",
        /// Rule 5, and the last column of the table without a noise guard.
        Met => "met",
        /// Rule 6: no usable value.
        Missing => "missing",
        /// Rule 7, last column: excused by the noise guard.
        Noise => "noise",
        /// §4 "Gaps": short only because earlier months are missing.
        Gap => "gap",
        /// Rule 7, second column.
        AtRisk => "at_risk",
        /// Rule 7, first column.
        Behind => "behind",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_mark_what_is_behind_and_what_of_a_high_hurdle_is_at_risk() {
        for status in Status::all() {
            let (plain, hurdle) = match status {
                Status::Behind => (Flag::Amber, Flag::Red),
                Status::AtRisk => (Flag::None, Flag::Amber),
                _ => (Flag::None, Flag::None),
            };
            assert_eq!(Flag::of(status, false), plain, "{status}");
            assert_eq!(Flag::of(status, true), hurdle, "{status}");
        }
    }

    #[test]
    fn the_worst_comes_first() {
        assert!(Status::all().is_sorted());
        assert_eq!(Status::all().min(), Some(Status::Behind));
        assert_eq!(Flag::worst([Flag::None, Flag::Red, Flag::Amber]), Flag::Red);
        assert_eq!(Flag::worst([]), Flag::None);
    }
}

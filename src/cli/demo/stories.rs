//! What becomes of each scorecard of the demo: a table to read and to change.
//! Months are programme months; whatever a story does not name goes by its plan.

/// One scorecard and what becomes of it.
pub struct Story {
    pub hub: &'static str,
    pub template: &'static str,
    pub since: Since,
    pub parameters: &'static [(&'static str, i64)],
    /// Items that do not simply go by their plan.
    pub courses: &'static [(&'static str, Course)],
    pub incidents: &'static [Incident],
    /// The last month reported, counted back from the last ended one.
    pub reported_ago: i32,
    /// The last month that the prefecture approved, counted likewise.
    pub approved_ago: i32,
    /// The month after it was sent back, with this note.
    pub returned: Option<&'static str>,
    /// Items that the last report leaves out, with the figures that the guided
    /// tour posts for them.
    pub left_to_post: &'static [(&'static str, i64)],
}

impl Story {
    /// Names the scorecard among all.
    pub fn name(&self) -> String {
        format!("{}/{}", self.hub, self.template)
    }

    pub fn course(&self, item: &str) -> Option<Course> {
        self.courses
            .iter()
            .find(|(key, _)| *key == item)
            .map(|(_, course)| *course)
    }

    /// Whether an item has no figure in a month.
    pub fn is_left_out(&self, item: &str, at: u32) -> bool {
        self.incidents.iter().any(|incident| match incident {
            Incident::Gap { month } => *month == at,
            Incident::NotApplicable {
                month, item: key, ..
            } => *month == at && *key == item,
            Incident::Late { .. } | Incident::Correction { .. } => false,
        })
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Since {
    /// The first hubs: at least thirty months are over.
    First,
    /// A year later.
    Later,
}

/// How an item goes. Percentages are of the plan.
#[derive(Clone, Copy)]
pub enum Course {
    /// A bar that takes so many months longer.
    Late(u32),
    /// A bar that comes to a halt at so many percent of the target.
    Stuck(u32),
    /// A measure of the year at so many percent.
    Pace(u32),
    /// The same until a month, from then on at another pace.
    Turns { pace: u32, until: u32, then: u32 },
}

/// What goes differently once.
pub enum Incident {
    /// Nobody reports the month.
    Gap { month: u32 },
    /// Reported so many days after the due day.
    Late {
        month: u32,
        days: u32,
        why: &'static str,
    },
    /// The month does not count for an item.
    NotApplicable {
        month: u32,
        item: &'static str,
        why: &'static str,
    },
    /// A figure first reported as `first`, and put right so many months later.
    Correction {
        month: u32,
        item: &'static str,
        first: i64,
        months_later: u32,
        why: &'static str,
    },
}

use Course::{Late, Pace, Stuck, Turns};
use Since::{First, Later};

/// A scorecard that goes by its plan, reported and approved as it should be.
const ON_PLAN: Story = Story {
    hub: "",
    template: "",
    since: First,
    parameters: &[],
    courses: &[],
    incidents: &[],
    reported_ago: 0,
    approved_ago: 2,
    returned: None,
    left_to_post: &[],
};

/// Every template occurs; hubs in the order of their codes.
pub const STORIES: [Story; 16] = [
    // The first hearings never ended, so everything built on them is late.
    Story {
        hub: "akita",
        template: "challenge-employment",
        courses: &[
            ("case-collection", Stuck(90)),
            ("case-analysis", Stuck(80)),
            ("support-format", Stuck(70)),
            ("agency-cooperation", Late(2)),
            ("company-assessment", Pace(88)),
            ("company-follow-up", Pace(84)),
            ("turnover", Pace(125)),
        ],
        ..ON_PLAN
    },
    // Begun a year later and well under way; snow stopped the visits once.
    Story {
        hub: "akita",
        template: "challenge-industry",
        since: Later,
        incidents: &[
            Incident::NotApplicable {
                month: 22,
                item: "seminar-partners",
                why: "大雪により県内全域で訪問を中止したため",
            },
            Incident::Late {
                month: 17,
                days: 6,
                why: "よろず支援拠点との件数の照合に時間を要したため",
            },
        ],
        ..ON_PLAN
    },
    // No agreement with Yorozu, so no format, so few joint visits.
    Story {
        hub: "akita-kennan",
        template: "challenge-industry",
        courses: &[
            ("yorozu-status", Stuck(90)),
            ("yorozu-agreement", Stuck(85)),
            ("yorozu-flow", Stuck(70)),
            ("joint-visits", Pace(52)),
            ("consult", Pace(85)),
        ],
        returned: Some(
            "同行訪問の件数に電話での相談が含まれているようです。内訳を確認のうえ、再提出をお願いします。",
        ),
        ..ON_PLAN
    },
    // The seminar format is not finished, so few new companies come.
    Story {
        hub: "nagano",
        template: "growth-tailored-support",
        parameters: &[
            ("fee_income_target", 4_000_000),
            ("joint_visit_target", 24),
            ("transfer_activity_target", 12),
            ("partner_contracts_baseline", 8),
        ],
        courses: &[
            ("demand-methods", Late(4)),
            ("seminar-format", Stuck(80)),
            ("pr-material", Late(3)),
            ("seminar-companies", Pace(48)),
            ("consult-seminar", Pace(90)),
        ],
        ..ON_PLAN
    },
    // As planned, but one of the targets has not been set.
    Story {
        hub: "nagano-nanshin",
        template: "growth-tailored-support",
        parameters: &[
            ("fee_income_target", 2_500_000),
            ("joint_visit_target", 18),
            ("partner_contracts_baseline", 4),
        ],
        courses: &[("hand-over-rules", Late(2))],
        incidents: &[Incident::Gap { month: 8 }],
        ..ON_PLAN
    },
    // The seminar format came five months late and the audience is thin.
    Story {
        hub: "shizuoka",
        template: "mature-hard-to-fill",
        parameters: &[("fee_income_target", 3_000_000)],
        courses: &[
            ("seminar-format", Late(5)),
            ("pr-material", Stuck(85)),
            ("seminar-partners", Stuck(70)),
            ("seminar-companies", Pace(72)),
            ("consult-seminar", Pace(62)),
            ("consult-bank", Pace(120)),
        ],
        ..ON_PLAN
    },
    // A slow first half of year 3, made up for since.
    Story {
        hub: "shizuoka",
        template: "mature-external-funding",
        parameters: &[
            ("operating_cost", 25_000_000),
            ("fee_income_target", 3_000_000),
            ("donation_per_donor", 2_750_000),
        ],
        courses: &[
            ("donation-sales-kit", Late(2)),
            ("sib-study", Late(2)),
            (
                "investor-meetings",
                Turns {
                    pace: 55,
                    until: 28,
                    then: 130,
                },
            ),
        ],
        incidents: &[Incident::Late {
            month: 28,
            days: 3,
            why: "訪問先の一覧の取りまとめが遅れたため",
        }],
        ..ON_PLAN
    },
    // Too few agencies were found, so the talent pool stays small.
    Story {
        hub: "shizuoka-seibu",
        template: "mature-hard-to-fill",
        parameters: &[("fee_income_target", 3_000_000)],
        courses: &[
            ("agency-scouting", Stuck(70)),
            ("talent-pool-foreign", Stuck(50)),
            ("talent-pool-specialist", Late(3)),
            ("contract-full-time", Pace(45)),
            ("contract-side-job", Pace(55)),
            ("consult-bank", Pace(115)),
        ],
        ..ON_PLAN
    },
    // As planned.
    Story {
        hub: "shizuoka-tobu",
        template: "mature-white-space",
        parameters: &[
            ("fee_income_target", 5_000_000),
            ("partner_organisations", 4),
        ],
        incidents: &[
            Incident::NotApplicable {
                month: 26,
                item: "consult-yorozu",
                why: "よろず支援拠点の事務所移転により相談窓口が休止したため",
            },
            Incident::Gap { month: 11 },
        ],
        ..ON_PLAN
    },
    // The guided tour: the partners are not all on board, few people are
    // reached, and the month to be posted brings hardly any consultation.
    Story {
        hub: "tottori",
        template: "challenge-population",
        courses: &[
            ("information-partners", Stuck(80)),
            ("outreach-desk", Pace(75)),
            ("newsletter", Pace(100)),
            ("online-meetings", Pace(100)),
            ("uij-consult", Pace(87)),
            ("uij-turn", Pace(130)),
        ],
        left_to_post: &[("uij-consult", 2), ("uij-turn", 0)],
        ..ON_PLAN
    },
    // Two months were never reported while the post was vacant.
    Story {
        hub: "tottori",
        template: "challenge-employment",
        courses: &[("turnover", Pace(60))],
        incidents: &[
            Incident::Gap { month: 15 },
            Incident::Gap { month: 16 },
            Incident::Late {
                month: 17,
                days: 9,
                why: "担当者の交代により報告が遅れました",
            },
        ],
        ..ON_PLAN
    },
    // Reports always come late; the last one is still missing.
    Story {
        hub: "tottori-seibu",
        template: "challenge-industry",
        courses: &[("joint-seminar-format", Late(2))],
        incidents: &[Incident::Late {
            month: 24,
            days: 5,
            why: "年度末の集計のため",
        }],
        reported_ago: 1,
        approved_ago: 3,
        ..ON_PLAN
    },
    // The skills that work are not clear, so too few people are flagged.
    Story {
        hub: "hiroshima",
        template: "mature-white-space",
        parameters: &[("fee_income_target", 5_000_000)],
        courses: &[
            ("side-job-skills", Stuck(85)),
            ("side-job-talent-flags", Stuck(60)),
            ("contract-side-job", Pace(62)),
        ],
        ..ON_PLAN
    },
    // Half of the visit lists is missing, so donors and investors are not met.
    Story {
        hub: "hiroshima",
        template: "mature-external-funding",
        parameters: &[
            ("operating_cost", 25_000_000),
            ("fee_income_target", 3_000_000),
        ],
        courses: &[
            ("visit-list-tax", Stuck(70)),
            ("appointment-tax", Pace(60)),
            ("investor-visit-list", Stuck(60)),
            ("investor-appointments", Pace(60)),
            ("investor-meetings", Pace(55)),
        ],
        ..ON_PLAN
    },
    // Two months of red, until a typing error was found.
    Story {
        hub: "hiroshima-bingo",
        template: "mature-hard-to-fill",
        parameters: &[("fee_income_target", 2_400_000)],
        courses: &[("seminar-format", Late(2)), ("consult-bank", Pace(120))],
        incidents: &[Incident::Correction {
            month: 20,
            item: "seminar-format",
            first: 10,
            months_later: 2,
            why: "入力誤りの訂正（進捗率 100 を 10 と入力していたため）",
        }],
        ..ON_PLAN
    },
    // Material for small companies and the south is not ready; bank A's
    // seminars fill badly.
    Story {
        hub: "kumamoto",
        template: "growth-market-opening",
        courses: &[
            ("south-material", Stuck(75)),
            ("small-company-material", Stuck(85)),
            ("seminar-a", Pace(46)),
            ("seminar-c", Pace(110)),
        ],
        incidents: &[Incident::Late {
            month: 20,
            days: 4,
            why: "金融機関 B からの件数の報告が遅れたため",
        }],
        ..ON_PLAN
    },
];

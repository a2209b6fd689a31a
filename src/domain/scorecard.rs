//! The balanced scorecard: perspectives, stages of the funnel, tracks, items
//! with their measures and targets, and the links between them (`domain.md`).

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;

use super::amount::{Amount, Exact};
use super::business_day;
use super::code::coded_enum;
use super::month::Month;
use super::text::Text;

coded_enum! {
    /// The four perspectives, upstream to downstream along the causal chain.
    pub enum Perspective {
        Learning => "learning",
        Process => "process",
        Customer => "customer",
        Financial => "financial",
    }
}

impl Perspective {
    #[must_use]
    pub fn name(self) -> Text {
        match self {
            Self::Learning => Text::new("学習と成長", "Learning and growth"),
            Self::Process => Text::new("業務プロセス", "Internal process"),
            Self::Customer => Text::new("顧客", "Customer"),
            Self::Financial => Text::new("財務", "Financial"),
        }
    }
}

coded_enum! {
    /// The canonical stages of the funnel. A scorecard may rename or leave out
    /// stages; the code stays, so that scorecards can be compared.
    pub enum Stage {
        Study => "study",
        Setup => "setup",
        Attract => "attract",
        Consult => "consult",
        Refer => "refer",
        Contract => "contract",
        Revenue => "revenue",
    }
}

impl Stage {
    #[must_use]
    pub const fn perspective(self) -> Perspective {
        match self {
            Self::Study => Perspective::Learning,
            Self::Setup => Perspective::Process,
            Self::Attract | Self::Consult | Self::Refer | Self::Contract => Perspective::Customer,
            Self::Revenue => Perspective::Financial,
        }
    }

    /// The canonical heading.
    #[must_use]
    pub fn name(self) -> Text {
        match self {
            Self::Study => Text::new("現状把握・学習", "Study"),
            Self::Setup => Text::new("体制構築・型化", "Set-up"),
            Self::Attract => Text::new("集客", "Attract"),
            Self::Consult => Text::new("相談", "Consult"),
            Self::Refer => Text::new("とりつなぎ", "Refer"),
            Self::Contract => Text::new("成約", "Contract"),
            Self::Revenue => Text::new("収入", "Revenue"),
        }
    }
}

coded_enum! {
    /// A prefecture's market for professional talent.
    pub enum MarketType {
        Mature => "mature",
        Growth => "growth",
        Challenge => "challenge",
    }
}

impl MarketType {
    #[must_use]
    pub fn name(self) -> Text {
        match self {
            Self::Mature => Text::new("成熟", "Mature"),
            Self::Growth => Text::new("成長", "Growth"),
            Self::Challenge => Text::new("挑戦", "Challenge"),
        }
    }
}

coded_enum! {
    /// How the months of an item add up (`domain.md`, Measures).
    pub enum Measure {
        /// What happened in the month, summed over the programme year.
        Flow => "flow",
        /// What was added in the month, summed from the start.
        Cumulative => "cumulative",
        /// The state at the month's end.
        Level => "level",
        /// Numerator over denominator, each summed over the programme year.
        Ratio => "ratio",
        /// Percent complete at the month's end.
        Milestone => "milestone",
    }
}

impl Measure {
    /// Whether an item of this measure follows a bar from a start to a due month.
    #[must_use]
    pub const fn has_bar(self) -> bool {
        matches!(self, Self::Cumulative | Self::Milestone)
    }

    /// Whether figures reported in this unit (of a ratio: both parts) are
    /// whole: counted things, and yen.
    #[must_use]
    pub fn reports_whole(self, unit: &Unit) -> bool {
        let measured: &[&str] = match self {
            Self::Milestone => return false,
            Self::Ratio => &MEASURED_RATIO_UNITS,
            Self::Flow | Self::Cumulative | Self::Level => &MEASURED_UNITS,
        };
        !measured.contains(&unit.0.as_str())
    }
}

coded_enum! {
    /// Which way is better.
    pub enum Direction {
        Higher => "higher",
        Lower => "lower",
    }
}

/// The unit code of money.
pub const YEN: &str = "JPY";
/// Units of measured quantities, which may have decimals; every other unit
/// counts whole things.
const MEASURED_UNITS: [&str; 4] = ["hours", "percent", "points", "share"];
/// Units of a ratio whose parts are measured, not counted.
const MEASURED_RATIO_UNITS: [&str; 2] = ["hours", "points"];

/// What a figure counts: a code such as `companies` or `JPY`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Unit(pub String);

impl Unit {
    #[must_use]
    pub fn is_money(&self) -> bool {
        self.0 == YEN
    }
}

/// A stage as this scorecard names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StageHeading {
    pub stage: Stage,
    pub perspective: Perspective,
    pub name: Text,
}

/// A parallel funnel: by channel, by bank.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Track {
    pub key: String,
    pub name: Text,
}

/// A figure that each hub sets, and targets are computed from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parameter {
    pub key: String,
    pub name: Text,
    pub unit: Unit,
    pub default: Option<Amount>,
}

/// Values of parameters by key; `None` is unset.
pub type ParameterValues = BTreeMap<String, Option<Amount>>;

coded_enum! {
    /// How a formula combines its arguments, from left to right.
    pub enum Operator {
        Times => "*",
        Minus => "-",
        Plus => "+",
    }
}

/// A number, or a parameter's value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Argument {
    Parameter { parameter: String },
    Number(Amount),
}

/// By hand: serde buffers what it derives for an untagged enum, and an
/// [`Amount`] is read from its own digits only.
impl<'de> Deserialize<'de> for Argument {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Named {
            parameter: String,
        }
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        let argument = if raw.get().starts_with('{') {
            serde_json::from_str(raw.get()).map(|Named { parameter }| Self::Parameter { parameter })
        } else {
            serde_json::from_str(raw.get()).map(Self::Number)
        };
        argument.map_err(serde::de::Error::custom)
    }
}

/// A target computed from parameters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Formula {
    pub op: Operator,
    pub args: Vec<Argument>,
}

impl Formula {
    /// The exact value, or `None` where a parameter in it is unset.
    #[must_use]
    pub fn value(&self, parameters: &ParameterValues) -> Option<Exact> {
        let mut values = self.args.iter().map(|argument| match argument {
            Argument::Number(amount) => Some(amount.exact()),
            Argument::Parameter { parameter } => parameters
                .get(parameter)
                .copied()
                .flatten()
                .map(Amount::exact),
        });
        let first = values.next()??;
        values.try_fold(first, |total, value| {
            let value = value?;
            Some(match self.op {
                Operator::Times => total * value,
                Operator::Minus => total - value,
                Operator::Plus => total + value,
            })
        })
    }
}

/// What is to be reached: in a programme year, or (`year` absent) by the bar's end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    pub year: Option<u32>,
    /// The figure; of a formula, its result. `None`: no target (yet).
    pub value: Option<Amount>,
    pub formula: Option<Formula>,
}

/// How a year's target is spread over its months (`semantics.md` §2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", try_from = "PhasingDocument")]
pub enum Phasing {
    /// The same every month; in the first year with a target from `first_month` on.
    Even { first_month: u32 },
    /// In so many sessions, each due at the end of the month after its own.
    Sessions { sessions: u32 },
    /// By twelve weights.
    Weights { weights: Vec<Amount> },
}

/// What a [`Phasing`] is read from: serde buffers what it derives for a tagged
/// enum, and an [`Amount`] is read from its own digits only.
#[derive(Deserialize)]
struct PhasingDocument {
    kind: String,
    first_month: Option<u32>,
    sessions: Option<u32>,
    weights: Option<Vec<Amount>>,
}

impl TryFrom<PhasingDocument> for Phasing {
    type Error = String;

    fn try_from(document: PhasingDocument) -> Result<Self, String> {
        match (
            document.kind.as_str(),
            document.first_month,
            document.sessions,
            document.weights,
        ) {
            ("even", Some(first_month), None, None) => Ok(Self::Even { first_month }),
            ("sessions", None, Some(sessions), None) => Ok(Self::Sessions { sessions }),
            ("weights", None, None, Some(weights)) => Ok(Self::Weights { weights }),
            (kind, ..) => Err(format!("not a phasing of kind {kind:?}")),
        }
    }
}

/// The months `[start, due]` in which a preparation is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "(u32, u32)", into = "(u32, u32)")]
pub struct Bar {
    pub start: u32,
    pub due: u32,
}

impl From<(u32, u32)> for Bar {
    fn from((start, due): (u32, u32)) -> Self {
        Self { start, due }
    }
}

impl From<Bar> for (u32, u32) {
    fn from(bar: Bar) -> Self {
        (bar.start, bar.due)
    }
}

/// One KPI of the scorecard.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    pub key: String,
    pub name: Text,
    pub stage: Stage,
    pub track: Option<String>,
    pub measure: Measure,
    pub unit: Unit,
    pub direction: Direction,
    /// The target itself is not good enough: "less than 10 %".
    pub strict: bool,
    /// A ratio whose numerator is part of its denominator.
    pub proportion: bool,
    /// A step that only better preparation upstream clears.
    pub high_hurdle: bool,
    pub weight: Amount,
    pub bar: Option<Bar>,
    pub phasing: Option<Phasing>,
    pub targets: Vec<Target>,
}

impl Item {
    /// Whether reported figures (of a ratio: both parts) are whole: counted
    /// things, and yen.
    #[must_use]
    pub fn reports_whole(&self) -> bool {
        self.measure.reports_whole(&self.unit)
    }

    /// Whether targets are whole: those of whole figures, except a ratio's.
    #[must_use]
    pub fn targets_whole(&self) -> bool {
        self.measure != Measure::Ratio && self.reports_whole()
    }

    /// Whether more is better; of a bar always (`semantics.md` §2).
    #[must_use]
    pub fn is_higher_better(&self) -> bool {
        self.measure.has_bar() || self.direction == Direction::Higher
    }

    /// Whether the noise guard for counts applies (`semantics.md` §4, `pi`).
    /// Measured quantities follow the rows of money: no count, no Poisson.
    #[must_use]
    pub fn is_counted(&self) -> bool {
        self.reports_whole() && !self.unit.is_money()
    }
}

coded_enum! {
    /// What a link says about its two sides.
    pub enum LinkKind {
        /// Part of what arrives on the left goes on to the right.
        Conversion => "conversion",
        /// The left must be ready for the right to work.
        Preparation => "preparation",
    }
}

/// A link from a set of items to a set of items.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    pub kind: LinkKind,
    pub from: Vec<String>,
    pub to: Vec<String>,
    pub lag_months: u32,
}

/// A second estimate of an item's target: a warning when it falls short of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TargetCheck {
    pub item: String,
    pub estimate: Formula,
    pub message: Text,
}

/// The constants of the evaluation (`semantics.md`, introduction).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    pub on_track_at: Amount,
    pub behind_below: Amount,
    pub gap_at_risk: Amount,
    pub gap_behind: Amount,
    pub pi_at_risk: Amount,
    pub pi_behind: Amount,
    pub inherited_share: Amount,
    pub coverage_min: Amount,
    pub for_months: u32,
    pub resolve_at: Amount,
    pub resolve_gap: Amount,
    pub reopen_within: u32,
    /// Day of the next month on which a report is due.
    pub due_day: u32,
    /// A report due on a day on which public offices are closed is due on the
    /// next day on which they are open.
    #[serde(default)]
    pub due_on_business_day: bool,
}

impl Default for Settings {
    fn default() -> Self {
        let hundredths = |value: i64| Amount::from_scaled(value * 100);
        Self {
            on_track_at: hundredths(95),
            behind_below: hundredths(80),
            gap_at_risk: hundredths(5),
            gap_behind: hundredths(20),
            pi_at_risk: hundredths(20),
            pi_behind: hundredths(5),
            inherited_share: hundredths(75),
            coverage_min: hundredths(50),
            for_months: 1,
            resolve_at: hundredths(85),
            resolve_gap: hundredths(15),
            reopen_within: 2,
            due_day: 10,
            due_on_business_day: false,
        }
    }
}

/// Where a setting stands.
enum SettingPlace<'a> {
    Share(&'a mut Amount),
    Count(&'a mut u32),
    Choice(&'a mut bool),
}

/// What values a setting takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SettingKind {
    /// Above 0, at most 1.
    Share,
    /// A whole number of months or a day.
    Count {
        min: u32,
        max: u32,
    },
    Choice,
}

/// The value of one setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SettingValue {
    Share(Amount),
    Count(u32),
    Choice(bool),
}

impl Serialize for SettingValue {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Share(share) => share.serialize(serializer),
            Self::Count(count) => count.serialize(serializer),
            Self::Choice(choice) => choice.serialize(serializer),
        }
    }
}

impl Settings {
    /// Every setting by its name, with what it takes.
    pub const MEMBERS: [(&'static str, SettingKind); 14] = [
        ("on_track_at", SettingKind::Share),
        ("behind_below", SettingKind::Share),
        ("gap_at_risk", SettingKind::Share),
        ("gap_behind", SettingKind::Share),
        ("pi_at_risk", SettingKind::Share),
        ("pi_behind", SettingKind::Share),
        ("inherited_share", SettingKind::Share),
        ("coverage_min", SettingKind::Share),
        ("resolve_at", SettingKind::Share),
        ("resolve_gap", SettingKind::Share),
        ("for_months", SettingKind::Count { min: 1, max: 12 }),
        ("reopen_within", SettingKind::Count { min: 0, max: 12 }),
        ("due_day", SettingKind::Count { min: 1, max: 31 }),
        ("due_on_business_day", SettingKind::Choice),
    ];

    /// The setting of a name; `None` where there is none.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<SettingValue> {
        let mut copy = self.clone();
        Some(match copy.place(name)? {
            SettingPlace::Share(share) => SettingValue::Share(*share),
            SettingPlace::Count(count) => SettingValue::Count(*count),
            SettingPlace::Choice(choice) => SettingValue::Choice(*choice),
        })
    }

    /// Sets the setting of a name; a value of another kind changes nothing.
    pub fn set(&mut self, name: &str, value: SettingValue) {
        match (self.place(name), value) {
            (Some(SettingPlace::Share(place)), SettingValue::Share(share)) => *place = share,
            (Some(SettingPlace::Count(place)), SettingValue::Count(count)) => *place = count,
            (Some(SettingPlace::Choice(place)), SettingValue::Choice(choice)) => *place = choice,
            _ => {}
        }
    }

    fn place(&mut self, name: &str) -> Option<SettingPlace<'_>> {
        Some(match name {
            "on_track_at" => SettingPlace::Share(&mut self.on_track_at),
            "behind_below" => SettingPlace::Share(&mut self.behind_below),
            "gap_at_risk" => SettingPlace::Share(&mut self.gap_at_risk),
            "gap_behind" => SettingPlace::Share(&mut self.gap_behind),
            "pi_at_risk" => SettingPlace::Share(&mut self.pi_at_risk),
            "pi_behind" => SettingPlace::Share(&mut self.pi_behind),
            "inherited_share" => SettingPlace::Share(&mut self.inherited_share),
            "coverage_min" => SettingPlace::Share(&mut self.coverage_min),
            "resolve_at" => SettingPlace::Share(&mut self.resolve_at),
            "resolve_gap" => SettingPlace::Share(&mut self.resolve_gap),
            "for_months" => SettingPlace::Count(&mut self.for_months),
            "reopen_within" => SettingPlace::Count(&mut self.reopen_within),
            "due_day" => SettingPlace::Count(&mut self.due_day),
            "due_on_business_day" => SettingPlace::Choice(&mut self.due_on_business_day),
            _ => return None,
        })
    }

    /// The day, in Japan, by whose end the report of `month` is due
    /// (`semantics.md` §1).
    #[must_use]
    pub fn due_on(&self, month: Month) -> NaiveDate {
        let due = month.due_on(self.due_day);
        if self.due_on_business_day {
            business_day::on_or_after(due)
        } else {
            due
        }
    }
}

/// A whole scorecard, as a template or as the plan of one hub.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Definition {
    pub key: String,
    pub name: Text,
    pub market_type: MarketType,
    /// What the targets are based on.
    pub basis: Option<Text>,
    pub stages: Vec<StageHeading>,
    pub tracks: Vec<Track>,
    pub parameters: Vec<Parameter>,
    pub items: Vec<Item>,
    pub links: Vec<Link>,
    pub checks: Vec<TargetCheck>,
    pub settings: Settings,
}

impl Definition {
    #[must_use]
    pub fn item(&self, key: &str) -> Option<&Item> {
        self.items.iter().find(|item| item.key == key)
    }

    /// The perspective of a stage, as this scorecard has it.
    #[must_use]
    pub fn perspective_of(&self, stage: Stage) -> Perspective {
        self.stages
            .iter()
            .find(|heading| heading.stage == stage)
            .map_or_else(|| stage.perspective(), |heading| heading.perspective)
    }

    #[must_use]
    pub fn item_index(&self, key: &str) -> Option<usize> {
        self.items.iter().position(|item| item.key == key)
    }

    /// The parameters' defaults.
    #[must_use]
    pub fn default_parameters(&self) -> ParameterValues {
        self.parameters
            .iter()
            .map(|parameter| (parameter.key.clone(), parameter.default))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::template::Templates;
    use super::*;

    #[test]
    fn reports_are_due_on_their_day_or_on_the_next_open_one() {
        for (day, on_business_day, month, due) in [
            (10, false, "2026-04", "2026-05-10"),
            (10, true, "2026-04", "2026-05-11"),
            (10, true, "2026-05", "2026-06-10"),
            (3, true, "2026-04", "2026-05-07"),
            (31, true, "2026-01", "2026-03-02"),
            (1, true, "2026-12", "2027-01-04"),
        ] {
            let settings = Settings {
                due_day: day,
                due_on_business_day: on_business_day,
                ..Settings::default()
            };
            let found = settings.due_on(month.parse().unwrap());
            assert_eq!(found.to_string(), due, "{month}");
        }
    }

    #[test]
    fn every_setting_has_a_name() {
        let stored = serde_json::to_value(Settings::default()).unwrap();
        let names = stored.as_object().unwrap();
        assert_eq!(names.len(), Settings::MEMBERS.len());
        for (name, _) in Settings::MEMBERS {
            let value = Settings::default().get(name).unwrap();
            assert_eq!(serde_json::to_value(value).unwrap(), names[name], "{name}");
            let mut changed = Settings::default();
            let other = match value {
                SettingValue::Share(_) => SettingValue::Share(Amount::from_scaled(7)),
                SettingValue::Count(_) => SettingValue::Count(11),
                SettingValue::Choice(_) => SettingValue::Choice(true),
            };
            changed.set(name, other);
            assert_eq!(changed.get(name), Some(other), "{name}");
            assert_ne!(changed, Settings::default(), "{name}");
        }
        assert_eq!(Settings::default().get("colour"), None);
    }

    #[test]
    fn settings_stored_without_a_choice_of_business_days_keep_the_plain_day() {
        let mut stored = serde_json::to_value(Settings::default()).unwrap();
        stored
            .as_object_mut()
            .unwrap()
            .remove("due_on_business_day");
        let read: Settings = serde_json::from_str(&stored.to_string()).unwrap();
        assert_eq!(read, Settings::default());
    }

    /// Plans are stored as JSON; what was written is what is read.
    #[test]
    fn every_definition_survives_being_stored() {
        let templates = Templates::embedded().unwrap();
        for template in templates.as_slice() {
            let mut stored = template.clone();
            stored.items[0].phasing = Some(Phasing::Weights {
                weights: vec![Amount::from_scaled(12_345); 12],
            });
            let json = serde_json::to_string(&stored).unwrap();
            assert_eq!(
                serde_json::from_str::<Definition>(&json).unwrap(),
                stored,
                "{}",
                template.key
            );
        }
    }
}

//! What calls may ask for. Every member is optional; absent ones are not sent.

/// What narrows a list of scorecards.
#[derive(Clone, Debug, Default)]
pub struct ScorecardsQuery {
    /// Only this hub's, by code.
    pub hub: Option<String>,
    /// Only scorecards with this key.
    pub key: Option<String>,
    /// Only this prefecture's, by its JIS code.
    pub prefecture: Option<String>,
    /// Only those made from this template.
    pub template: Option<String>,
    /// `mature`, `growth` or `challenge`.
    pub market_type: Option<String>,
    /// `red`, `amber` or `none`.
    pub flag: Option<String>,
    /// Entries of a page, 1 to 200.
    pub limit: Option<u32>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

/// Which month of a scorecard is read, and how much of it.
#[derive(Clone, Debug, Default)]
pub struct ScorecardQuery {
    /// The month, `YYYY-MM`; the last reported one where absent.
    pub month: Option<String>,
    /// Comma list of `causes`, `alerts`, `links`, `outlook`.
    pub include: Option<String>,
}

/// Which scorecards an overview is of.
#[derive(Clone, Debug, Default)]
pub struct OverviewQuery {
    /// The month, `YYYY-MM`; each scorecard's last reported one where absent.
    pub month: Option<String>,
    /// `prefecture`, `template`, `market_type` or `stage`.
    pub group: Option<String>,
    /// Only this hub's, by code.
    pub hub: Option<String>,
    /// Only this prefecture's, by its JIS code.
    pub prefecture: Option<String>,
    /// Only scorecards made from this template.
    pub template: Option<String>,
    /// `red`, `amber` or `none`.
    pub flag: Option<String>,
}

/// What narrows a list of alerts.
#[derive(Clone, Debug, Default)]
pub struct AlertsQuery {
    /// `open`, `resolved` or `withdrawn`.
    pub state: Option<String>,
    /// `critical` or `high`.
    pub severity: Option<String>,
    /// Only alerts of this stage.
    pub stage: Option<String>,
    /// Only alerts of items with this key.
    pub item: Option<String>,
    /// Only alerts of this scorecard, by identifier.
    pub scorecard: Option<String>,
    /// Only this hub's, by code.
    pub hub: Option<String>,
    /// Only this prefecture's, by its JIS code.
    pub prefecture: Option<String>,
    /// Only alerts that opened in this month, `YYYY-MM`.
    pub opened_month: Option<String>,
    /// Whether the alert stands in the notices of another one.
    pub folded: Option<bool>,
    /// Whether somebody has taken it on.
    pub acknowledged: Option<bool>,
    /// Entries of a page, 1 to 200.
    pub limit: Option<u32>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

/// What narrows the facts.
#[derive(Clone, Debug, Default)]
pub struct FactsQuery {
    /// Only this prefecture's, by its JIS code.
    pub prefecture: Option<String>,
    /// Only this hub's, by code.
    pub hub: Option<String>,
    /// Only this scorecard's, by identifier.
    pub scorecard: Option<String>,
    /// Only scorecards made from this template.
    pub template: Option<String>,
    /// `mature`, `growth` or `challenge`.
    pub market_type: Option<String>,
    /// Only items of this stage.
    pub stage: Option<String>,
    /// Only items of this perspective.
    pub perspective: Option<String>,
    /// Only items with this key.
    pub item: Option<String>,
    /// The first month, `YYYY-MM`.
    pub from: Option<String>,
    /// The last month, `YYYY-MM`.
    pub to: Option<String>,
    /// Only months of this fiscal year, by the year of its April.
    pub fiscal_year: Option<i32>,
    /// Only rows with this status.
    pub status: Option<String>,
    /// Only rows with this flag.
    pub flag: Option<String>,
    /// Only items that are, or are not, high hurdles.
    pub high_hurdle: Option<bool>,
    /// Rows of a page, 1 to 10,000.
    pub limit: Option<u32>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// `next_since` of an earlier answer: only scorecards that changed since.
    pub since: Option<String>,
}

/// How the cells of a scorecard are written.
#[derive(Clone, Debug, Default)]
pub struct ActualsQuery {
    /// The first month, `YYYY-MM`; the start where absent.
    pub from: Option<String>,
    /// The last month, `YYYY-MM`; the last reported one where absent.
    pub to: Option<String>,
    /// Rows of cells, or months side by side.
    pub layout: Option<Layout>,
    /// How characters are written.
    pub encoding: Option<Encoding>,
}

/// How cells lie in a CSV.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// A row for each item and month.
    Long,
    /// A row for each item, a column for each month.
    Wide,
}

impl Layout {
    /// Its code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Long => "long",
            Self::Wide => "wide",
        }
    }
}

/// How the characters of a CSV are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8 with the mark by which Excel knows it.
    Utf8Bom,
    /// UTF-8 alone.
    Utf8,
    /// For programs that know nothing else.
    Cp932,
}

impl Encoding {
    /// Its code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Utf8Bom => "utf-8-bom",
            Self::Utf8 => "utf-8",
            Self::Cp932 => "cp932",
        }
    }
}

/// How a file is to be read, where it does not say so itself.
#[derive(Clone, Debug, Default)]
pub struct ImportOptions {
    /// The scorecard that it reports, by identifier.
    pub scorecard: Option<String>,
    /// The hub whose scorecard it reports, with `key`.
    pub hub: Option<String>,
    /// The key of the scorecard, with `hub`.
    pub key: Option<String>,
    /// The month of sheets without one, `YYYY-MM`.
    pub month: Option<String>,
    /// The fiscal year of months without one.
    pub fiscal_year: Option<i32>,
    /// The sheet to read.
    pub sheet: Option<String>,
    /// `utf-8`, `cp932`, `euc-jp` or `utf-16`; found where absent.
    pub encoding: Option<String>,
    /// A remark that goes to every report.
    pub note: Option<String>,
    /// Do everything, store nothing.
    pub dry_run: bool,
    /// Names the call: the same name brings back the first answer.
    pub idempotency_key: Option<String>,
}

/// The pairs of a query; absent values are left out.
#[derive(Debug, Default)]
pub(crate) struct Pairs(pub Vec<(&'static str, String)>);

impl Pairs {
    pub fn with<T: ToString>(mut self, name: &'static str, value: Option<&T>) -> Self {
        if let Some(value) = value {
            self.0.push((name, value.to_string()));
        }
        self
    }
}

impl ScorecardsQuery {
    pub(crate) fn pairs(&self) -> Pairs {
        Pairs::default()
            .with("hub", self.hub.as_ref())
            .with("key", self.key.as_ref())
            .with("prefecture", self.prefecture.as_ref())
            .with("template", self.template.as_ref())
            .with("market_type", self.market_type.as_ref())
            .with("flag", self.flag.as_ref())
            .with("limit", self.limit.as_ref())
            .with("cursor", self.cursor.as_ref())
    }
}

impl ScorecardQuery {
    /// A month, without further parts.
    pub fn of(month: impl Into<String>) -> Self {
        Self {
            month: Some(month.into()),
            include: None,
        }
    }

    pub(crate) fn pairs(&self) -> Pairs {
        Pairs::default()
            .with("month", self.month.as_ref())
            .with("include", self.include.as_ref())
    }
}

impl OverviewQuery {
    pub(crate) fn pairs(&self) -> Pairs {
        Pairs::default()
            .with("month", self.month.as_ref())
            .with("group", self.group.as_ref())
            .with("hub", self.hub.as_ref())
            .with("prefecture", self.prefecture.as_ref())
            .with("template", self.template.as_ref())
            .with("flag", self.flag.as_ref())
    }
}

impl AlertsQuery {
    pub(crate) fn pairs(&self) -> Pairs {
        Pairs::default()
            .with("state", self.state.as_ref())
            .with("severity", self.severity.as_ref())
            .with("stage", self.stage.as_ref())
            .with("item", self.item.as_ref())
            .with("scorecard", self.scorecard.as_ref())
            .with("hub", self.hub.as_ref())
            .with("prefecture", self.prefecture.as_ref())
            .with("opened_month", self.opened_month.as_ref())
            .with("folded", self.folded.as_ref())
            .with("acknowledged", self.acknowledged.as_ref())
            .with("limit", self.limit.as_ref())
            .with("cursor", self.cursor.as_ref())
    }
}

impl FactsQuery {
    pub(crate) fn pairs(&self) -> Pairs {
        Pairs::default()
            .with("prefecture", self.prefecture.as_ref())
            .with("hub", self.hub.as_ref())
            .with("scorecard", self.scorecard.as_ref())
            .with("template", self.template.as_ref())
            .with("market_type", self.market_type.as_ref())
            .with("stage", self.stage.as_ref())
            .with("perspective", self.perspective.as_ref())
            .with("item", self.item.as_ref())
            .with("from", self.from.as_ref())
            .with("to", self.to.as_ref())
            .with("fiscal_year", self.fiscal_year.as_ref())
            .with("status", self.status.as_ref())
            .with("flag", self.flag.as_ref())
            .with("high_hurdle", self.high_hurdle.as_ref())
            .with("limit", self.limit.as_ref())
            .with("cursor", self.cursor.as_ref())
            .with("since", self.since.as_ref())
    }
}

impl ActualsQuery {
    pub(crate) fn pairs(&self) -> Pairs {
        Pairs::default()
            .with("from", self.from.as_ref())
            .with("to", self.to.as_ref())
            .with("layout", self.layout.map(Layout::code).as_ref())
            .with("encoding", self.encoding.map(Encoding::code).as_ref())
    }
}

impl ImportOptions {
    pub(crate) fn pairs(&self) -> Pairs {
        Pairs::default()
            .with("scorecard", self.scorecard.as_ref())
            .with("hub", self.hub.as_ref())
            .with("key", self.key.as_ref())
            .with("month", self.month.as_ref())
            .with("fiscal_year", self.fiscal_year.as_ref())
            .with("sheet", self.sheet.as_ref())
            .with("encoding", self.encoding.as_ref())
            .with("note", self.note.as_ref())
            .with("dry_run", self.dry_run.then_some(true).as_ref())
    }
}

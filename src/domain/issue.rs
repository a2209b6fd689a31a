//! Problems of an input: every one of them, each with its place and words
//! (`api.md`, Errors).

use super::code::coded_enum;
use super::month::Month;
use super::sheet::Place;
use super::text::Text;

/// Whether an issue refuses the input or only comments on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    Error,
    Warning,
}

coded_enum! {
    /// Stable names of the kinds of issue. Codes are only ever added.
    pub enum IssueCode {
        UnknownField => "unknown_field",
        UnknownParameter => "unknown_parameter",
        Missing => "missing",
        WrongType => "wrong_type",
        OutOfRange => "out_of_range",
        TooLong => "too_long",
        TooManyDecimals => "too_many_decimals",
        NotWhole => "not_whole",
        Negative => "negative",
        ShareAboveOne => "share_above_one",
        WrongShape => "wrong_shape",
        UnknownItem => "unknown_item",
        ItemRetired => "item_retired",
        MonthApproved => "month_approved",
        DuplicateCell => "duplicate_cell",
        MonthBeforeStart => "month_before_start",
        MonthNotEnded => "month_not_ended",
        UnknownReference => "unknown_reference",
        DuplicateKey => "duplicate_key",
        Cycle => "cycle",
        CrossesScorecards => "crosses_scorecards",
        ConversionNeedsFlows => "conversion_needs_flows",
        MixedUnits => "mixed_units",
        BarOutsideHorizon => "bar_outside_horizon",
        TargetNotPositive => "target_not_positive",
        ParameterUnset => "parameter_unset",
        Implausible => "implausible",
        AboveUpstream => "above_upstream",
        MilestoneBackwards => "milestone_backwards",
        MarketTypeDiffers => "market_type_differs",
        UnreadableFile => "unreadable_file",
        NothingToRead => "nothing_to_read",
        UnknownHeading => "unknown_heading",
        AmbiguousItem => "ambiguous_item",
        UnreadableMonth => "unreadable_month",
        UnreadableFigure => "unreadable_figure",
        FormulaWithoutValue => "formula_without_value",
    }
}

/// One problem, or one remark, about one place of an input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issue {
    pub severity: Severity,
    pub code: IssueCode,
    /// JSON pointer (RFC 6901) to the place; empty for the whole document.
    pub path: String,
    pub message: Text,
    /// Identifier of the scorecard concerned.
    pub scorecard: Option<String>,
    /// Key of the item concerned.
    pub item: Option<String>,
    pub month: Option<Month>,
    /// The cell of a sheet that it is about.
    pub place: Option<Box<Place>>,
    /// How to mend it, where the message does not say so.
    pub remedy: Option<Text>,
}

impl Issue {
    pub fn error(code: IssueCode, path: impl Into<String>, message: Text) -> Self {
        Self::new(Severity::Error, code, path.into(), message)
    }

    pub fn warning(code: IssueCode, path: impl Into<String>, message: Text) -> Self {
        Self::new(Severity::Warning, code, path.into(), message)
    }

    fn new(severity: Severity, code: IssueCode, path: String, message: Text) -> Self {
        Self {
            severity,
            code,
            path,
            message,
            scorecard: None,
            item: None,
            month: None,
            place: None,
            remedy: None,
        }
    }

    #[must_use]
    pub fn about_item(mut self, item: impl Into<String>) -> Self {
        self.item = Some(item.into());
        self
    }

    #[must_use]
    pub fn about_month(mut self, month: Month) -> Self {
        self.month = Some(month);
        self
    }

    #[must_use]
    pub fn about_scorecard(mut self, scorecard: impl Into<String>) -> Self {
        self.scorecard = Some(scorecard.into());
        self
    }

    #[must_use]
    pub fn at(mut self, place: Place) -> Self {
        self.place = Some(Box::new(place));
        self
    }

    #[must_use]
    pub fn mended_by(mut self, remedy: Text) -> Self {
        self.remedy = Some(remedy);
        self
    }

    /// The same issue of a document that stands at `prefix` in a larger one.
    #[must_use]
    pub fn below(mut self, prefix: &str) -> Self {
        self.path.insert_str(0, prefix);
        self
    }

    #[must_use]
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

/// The issues found so far, in the order of the input.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Issues(Vec<Issue>);

impl Issues {
    pub fn push(&mut self, issue: Issue) {
        self.0.push(issue);
    }

    pub fn error(&mut self, code: IssueCode, path: impl Into<String>, message: Text) {
        self.push(Issue::error(code, path, message));
    }

    pub fn extend(&mut self, issues: impl IntoIterator<Item = Issue>) {
        self.0.extend(issues);
    }

    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.0.iter().any(Issue::is_error)
    }

    #[must_use]
    pub fn error_count(&self) -> usize {
        self.0.iter().filter(|issue| issue.is_error()).count()
    }

    #[must_use]
    pub fn into_vec(self) -> Vec<Issue> {
        self.0
    }

    /// The issues as a list.
    #[must_use]
    pub fn as_slice(&self) -> &[Issue] {
        &self.0
    }
}

/// `pointer` extended by one member name or index, escaped by RFC 6901.
#[must_use]
pub fn pointer_to(pointer: &str, token: &str) -> String {
    format!("{pointer}/{}", token.replace('~', "~0").replace('/', "~1"))
}

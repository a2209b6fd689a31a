//! Problems of an input: every one of them, each with its place and words
//! (`api.md`, Errors).

use serde::Serialize;

use super::month::Month;
use super::text::Text;

/// Whether an issue refuses the input or only comments on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    Error,
    Warning,
}

/// Stable names of the kinds of issue. Codes are only ever added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum IssueCode {
    UnknownField,
    UnknownParameter,
    Missing,
    WrongType,
    OutOfRange,
    TooLong,
    TooManyDecimals,
    NotWhole,
    Negative,
    ShareAboveOne,
    WrongShape,
    UnknownItem,
    ItemRetired,
    DuplicateCell,
    MonthBeforeStart,
    MonthNotEnded,
    UnknownReference,
    DuplicateKey,
    Cycle,
    CrossesScorecards,
    ConversionNeedsFlows,
    MixedUnits,
    BarOutsideHorizon,
    TargetNotPositive,
    ParameterUnset,
    Implausible,
    AboveUpstream,
    MilestoneBackwards,
    MarketTypeDiffers,
}

/// One problem, or one remark, about one place of an input.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Issue {
    pub severity: Severity,
    pub code: IssueCode,
    /// JSON pointer (RFC 6901) to the place; empty for the whole document.
    pub path: String,
    pub message: Text,
    /// Identifier of the scorecard concerned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scorecard: Option<String>,
    /// Key of the item concerned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub item: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub month: Option<Month>,
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

    pub fn iter(&self) -> std::slice::Iter<'_, Issue> {
        self.0.iter()
    }
}

/// `pointer` extended by one member name or index, escaped by RFC 6901.
#[must_use]
pub fn pointer_to(pointer: &str, token: &str) -> String {
    format!("{pointer}/{}", token.replace('~', "~0").replace('/', "~1"))
}

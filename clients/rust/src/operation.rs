//! The operations of the service that this client calls, as its OpenAPI
//! document names them. The tests compare the two.

/// One operation: where it is, what this client may send, what it reads.
#[derive(Debug)]
pub struct Operation {
    /// `GET` or `POST`.
    pub method: &'static str,
    /// Its path, with `{…}` for what a call fills in.
    pub path: &'static str,
    /// The query parameters that this client may send.
    pub query: &'static [&'static str],
    /// The struct that is sent as JSON; empty where none is.
    pub body: &'static str,
    /// The struct that the answer is read into, or the media type of a file.
    pub answer: &'static str,
}

const fn get(
    path: &'static str,
    query: &'static [&'static str],
    answer: &'static str,
) -> Operation {
    Operation {
        method: "GET",
        path,
        query,
        body: "",
        answer,
    }
}

/// The media type of an Excel workbook.
pub const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
/// The media type of rows as lines of JSON.
pub const NDJSON: &str = "application/x-ndjson";
/// The media type of a CSV.
pub const CSV: &str = "text/csv";

pub(crate) const ME: Operation = get("/v1/me", &[], "Me");
pub(crate) const SCORECARDS: Operation = get(
    "/v1/scorecards",
    &[
        "hub",
        "key",
        "prefecture",
        "template",
        "market_type",
        "flag",
        "limit",
        "cursor",
    ],
    "ScorecardList",
);
pub(crate) const SCORECARD: Operation = get(
    "/v1/scorecards/{id}",
    &["month", "include"],
    "EvaluatedScorecard",
);
pub(crate) const REPORT: Operation = Operation {
    method: "POST",
    path: "/v1/scorecards/{id}/actuals",
    query: &["dry_run"],
    body: "Report",
    answer: "ReportResult",
};
pub(crate) const IMPORT: Operation = Operation {
    method: "POST",
    path: "/v1/imports",
    query: &[
        "scorecard",
        "hub",
        "key",
        "month",
        "fiscal_year",
        "sheet",
        "encoding",
        "note",
        "dry_run",
    ],
    body: "",
    answer: "ImportResult",
};
pub(crate) const OVERVIEW: Operation = get(
    "/v1/overview",
    &["month", "group", "hub", "prefecture", "template", "flag"],
    "Overview",
);
pub(crate) const ALERTS: Operation = get(
    "/v1/alerts",
    &[
        "state",
        "severity",
        "stage",
        "item",
        "scorecard",
        "hub",
        "prefecture",
        "opened_month",
        "folded",
        "acknowledged",
        "limit",
        "cursor",
    ],
    "AlertList",
);
const FACTS_QUERY: &[&str] = &[
    "prefecture",
    "hub",
    "scorecard",
    "template",
    "market_type",
    "stage",
    "perspective",
    "item",
    "from",
    "to",
    "fiscal_year",
    "status",
    "flag",
    "high_hurdle",
    "limit",
    "cursor",
    "since",
    "format",
    "encoding",
];
pub(crate) const FACTS: Operation = get("/v1/facts", FACTS_QUERY, "FactPage");
pub(crate) const FACTS_NDJSON: Operation = get("/v1/facts", FACTS_QUERY, NDJSON);
pub(crate) const FACTS_CSV: Operation = get("/v1/facts", FACTS_QUERY, CSV);
pub(crate) const WORKBOOK: Operation = get("/v1/scorecards/{id}/workbook.xlsx", &["month"], XLSX);
pub(crate) const MONTHLY_REPORT: Operation =
    get("/v1/scorecards/{id}/report.xlsx", &["month"], XLSX);
pub(crate) const ACTUALS_CSV: Operation = get(
    "/v1/scorecards/{id}/actuals.csv",
    &["from", "to", "layout", "encoding"],
    CSV,
);

/// All of them.
pub const OPERATIONS: [&Operation; 13] = [
    &ME,
    &SCORECARDS,
    &SCORECARD,
    &REPORT,
    &IMPORT,
    &OVERVIEW,
    &ALERTS,
    &FACTS,
    &FACTS_NDJSON,
    &FACTS_CSV,
    &WORKBOOK,
    &MONTHLY_REPORT,
    &ACTUALS_CSV,
];

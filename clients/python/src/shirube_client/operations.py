"""The operations of the service that this client calls; the tests compare them with its OpenAPI document."""

from dataclasses import dataclass, field
from typing import Union

from .facts import FactPage
from .imports import ImportResult
from .model import AlertList, EvaluatedScorecard, Me, Overview, ReportResult, ScorecardList

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
NDJSON = "application/x-ndjson"
CSV = "text/csv"


@dataclass(frozen=True)
class Operation:
    """Where it is, what this client may send, and what it reads: a class, or a file of a media type."""

    method: str
    path: str
    answer: Union[type, str]
    query: frozenset[str] = field(default_factory=frozenset)


def _get(path: str, answer: Union[type, str], query: str = "") -> Operation:
    return Operation("GET", path, answer, frozenset(query.split()))


ME = _get("/v1/me", Me)
SCORECARDS = _get("/v1/scorecards", ScorecardList, "hub key prefecture template market_type flag limit cursor")
SCORECARD = _get("/v1/scorecards/{id}", EvaluatedScorecard, "month include")
REPORT = Operation("POST", "/v1/scorecards/{id}/actuals", ReportResult, frozenset({"dry_run"}))
IMPORT = Operation(
    "POST",
    "/v1/imports",
    ImportResult,
    frozenset("scorecard hub key month fiscal_year sheet encoding note dry_run".split()),
)
OVERVIEW = _get("/v1/overview", Overview, "month group hub prefecture template flag")
ALERTS = _get(
    "/v1/alerts",
    AlertList,
    "state severity stage item scorecard hub prefecture opened_month folded acknowledged limit cursor",
)
_FACTS = (
    "prefecture hub scorecard template market_type stage perspective item from to fiscal_year status flag "
    "high_hurdle limit cursor since format encoding"
)
FACTS = _get("/v1/facts", FactPage, _FACTS)
FACTS_NDJSON = _get("/v1/facts", NDJSON, _FACTS)
FACTS_CSV = _get("/v1/facts", CSV, _FACTS)
WORKBOOK = _get("/v1/scorecards/{id}/workbook.xlsx", XLSX, "month")
MONTHLY_REPORT = _get("/v1/scorecards/{id}/report.xlsx", XLSX, "month")
ACTUALS_CSV = _get("/v1/scorecards/{id}/actuals.csv", CSV, "from to layout encoding")

#: All of them.
OPERATIONS = (
    ME,
    SCORECARDS,
    SCORECARD,
    REPORT,
    IMPORT,
    OVERVIEW,
    ALERTS,
    FACTS,
    FACTS_NDJSON,
    FACTS_CSV,
    WORKBOOK,
    MONTHLY_REPORT,
    ACTUALS_CSV,
)

"""What the service answers: the members that this client reads.

Figures have at most four decimals, which a `float` keeps. What may be absent is `Optional`;
codes are texts, since the service adds to them. Members that are not here are passed over.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Optional


@dataclass(frozen=True)
class Name:
    """Words in both languages."""

    #: 日本語
    ja: str
    #: English
    en: str

    def __str__(self) -> str:
        return self.ja


@dataclass(frozen=True)
class Named:
    """A hub or a prefecture."""

    #: Its code.
    code: str
    #: Its name.
    name: Name


@dataclass(frozen=True)
class Scope:
    """What may be seen: a hub, a prefecture, or without either the nation."""

    #: The prefecture's code.
    prefecture: Optional[str]
    #: The hub's code.
    hub: Optional[str]


@dataclass(frozen=True)
class Me:
    """Who a client is."""

    #: `national`, `prefecture`, `hub`, `viewer` or `operator`.
    role: str
    #: What may be seen.
    scope: Scope


@dataclass(frozen=True)
class Place:
    """A place in a file."""

    #: The sheet's name.
    sheet: Optional[str]
    #: The row, counted from 1.
    row: Optional[int]
    #: The column, such as `C`.
    column: Optional[str]
    #: Both, such as `C5`.
    cell: Optional[str]
    #: What stands there.
    value: Optional[str]


@dataclass(frozen=True)
class Issue:
    """One fault, or a warning."""

    #: `error` or `warning`.
    severity: str
    #: Its stable code.
    code: str
    #: Where in the body: a JSON pointer.
    path: str
    #: What is wrong.
    message: Name
    #: The scorecard concerned.
    scorecard: Optional[str]
    #: The item concerned.
    item: Optional[str]
    #: The month concerned.
    month: Optional[str]
    #: Where in a file.
    place: Optional[Place]
    #: A way to mend it.
    remedy: Optional[Name]


@dataclass(frozen=True)
class Problem:
    """Why the service refused."""

    #: The HTTP status.
    status: int
    #: Its stable code, such as `invalid` or `month_approved`.
    code: str
    #: What kind of problem it is, in words.
    title: str
    #: What is wrong, in words.
    detail: str
    #: All faults of the input.
    issues: list[Issue]
    #: By which the service's log knows the request.
    request_id: str


@dataclass(frozen=True)
class AlertCounts:
    """How many alerts there are of each kind, on all pages."""

    #: Not recovered yet.
    open: int
    #: Over.
    resolved: int
    #: Taken back after a correction.
    withdrawn: int
    #: Open ones below half of the plan, or too late to recover.
    critical: int


@dataclass(frozen=True)
class RootCause:
    """Where a shortage begins."""

    #: The item's key.
    item: str
    #: The item's name.
    item_name: Name
    #: Its stage.
    stage: str
    #: Its status.
    status: str


@dataclass(frozen=True)
class Remedy:
    """Preparation that is not finished."""

    #: The item's key.
    item: str
    #: The item's name.
    item_name: Name
    #: Its stage.
    stage: str
    #: Its status.
    status: str
    #: Its measure.
    measure: str
    #: The code of its unit.
    unit: str
    #: How far it is.
    actual: Optional[float]
    #: How far it should come.
    target: Optional[float]
    #: By when.
    due_month: Optional[str]


@dataclass(frozen=True)
class Cause:
    """Why an item is short."""

    #: `inherited`, `preparation`, `timing`, `conversion` or `execution`.
    kind: str
    #: Where the shortage begins.
    root_causes: list[RootCause]
    #: Unfinished preparation upstream, in the order in which to work on it.
    remedies: list[Remedy]
    #: What to do where no preparation is left unfinished.
    advice: Optional[Name]


@dataclass(frozen=True)
class Acknowledgement:
    """Who has taken an alert on."""

    #: Why it came about.
    cause: str
    #: What is done.
    action: str
    #: By whom.
    owner: str
    #: Until when, `YYYY-MM-DD`.
    due: str


@dataclass(frozen=True)
class Alert:
    """A high-hurdle item that has fallen behind."""

    #: Its identifier.
    id: str
    #: The scorecard's identifier.
    scorecard: str
    #: The scorecard's key at its hub.
    scorecard_key: str
    #: The scorecard's name.
    scorecard_name: Name
    #: Whose it is.
    hub: Named
    #: The hub's prefecture.
    prefecture: Named
    #: `open`, `resolved` or `withdrawn`.
    state: str
    #: `critical` or `high`.
    severity: str
    #: The item's key.
    item: str
    #: The item's name.
    item_name: Name
    #: The item's stage.
    stage: str
    #: The item's track, where there are several.
    track: Optional[str]
    #: `flow`, `cumulative`, `level`, `ratio` or `milestone`.
    measure: str
    #: The code of its unit.
    unit: str
    #: The month that the figures are of.
    month: str
    #: Since when it is red.
    opened_month: str
    #: When it was over.
    resolved_month: Optional[str]
    #: Actual to date.
    actual: Optional[float]
    #: Plan to date.
    plan: float
    #: Actual over plan.
    attainment: Optional[float]
    #: Why it is short, and what to do.
    cause: Cause
    #: Who has taken it on.
    acknowledgement: Optional[Acknowledgement]


@dataclass(frozen=True)
class AlertList:
    """A page of alerts."""

    #: How many there are.
    counts: AlertCounts
    #: The alerts.
    items: list[Alert]
    #: Where the next page begins.
    next_cursor: Optional[str]


@dataclass(frozen=True)
class ScorecardSummary:
    """A scorecard in a list."""

    #: Its identifier.
    id: str
    #: Its key at its hub.
    key: str
    #: Its name.
    name: Name
    #: Whose it is.
    hub: Named
    #: The hub's prefecture.
    prefecture: Named
    #: The template it was made from.
    template: Optional[str]
    #: `mature`, `growth` or `challenge`.
    market_type: str
    #: Its first month.
    start_month: str
    #: Its last reported month.
    reported_through: Optional[str]
    #: Rises with every change.
    revision: int
    #: How far its items are, 0 to 1.
    score: Optional[float]
    #: `red`, `amber` or `none`.
    flag: str


@dataclass(frozen=True)
class ScorecardList:
    """A page of scorecards."""

    #: The scorecards.
    items: list[ScorecardSummary]
    #: Where the next page begins.
    next_cursor: Optional[str]


@dataclass(frozen=True)
class Counts:
    """How many items there are of each kind."""

    #: Behind at a high hurdle.
    red: int
    #: To be watched.
    amber: int
    #: With something planned by now.
    due: int
    #: As planned.
    met: int
    #: Without a figure that is due.
    no_data: int


@dataclass(frozen=True)
class Reason:
    """Why an item has its status."""

    #: The rule that decided.
    rule: str
    #: 日本語
    ja: str
    #: English
    en: str

    def __str__(self) -> str:
        return self.ja


@dataclass(frozen=True)
class Cell:
    """What is reported for an item and month."""

    #: `reported`, `not_reported` or `not_applicable`.
    state: str
    #: The figure.
    value: Optional[float]
    #: Of a ratio, what is divided.
    numerator: Optional[float]
    #: Of a ratio, what it is divided by.
    denominator: Optional[float]
    #: Why there is nothing to report.
    reason: Optional[str]


@dataclass(frozen=True)
class EvaluatedItem:
    """An item as it stands in a month."""

    #: Its key.
    key: str
    #: Its name.
    name: Name
    #: `flow`, `cumulative`, `level`, `ratio` or `milestone`.
    measure: str
    #: The code of its unit.
    unit: str
    #: Whether it is a high hurdle, red when it falls behind.
    high_hurdle: bool
    #: Such as `on_track` or `behind`.
    status: str
    #: `red`, `amber` or `none`.
    flag: str
    #: Actual to date.
    actual: Optional[float]
    #: Plan to date.
    plan: float
    #: The whole target in force.
    target: Optional[float]
    #: Actual over plan.
    attainment: Optional[float]
    #: How far short of the plan.
    shortfall: Optional[float]
    #: The rule that decided, and why in words.
    reason: Reason
    #: What is reported for the month itself.
    cell: Cell
    #: With `include=causes`: why it is short.
    cause: Optional[Cause]


@dataclass(frozen=True)
class Step:
    """A step on the way."""

    #: `study`, `setup`, `attract`, `consult`, `refer`, `contract` or `revenue`.
    stage: str
    #: The track, where there are several.
    track: Optional[str]
    #: Its name.
    name: Name
    #: The status of its worst item.
    status: str
    #: `red`, `amber` or `none`.
    flag: str
    #: Its items.
    items: list[EvaluatedItem]


@dataclass(frozen=True)
class Perspective:
    """A perspective of a scorecard."""

    #: `learning`, `process`, `customer` or `financial`.
    key: str
    #: Its name.
    name: Name
    #: `red`, `amber` or `none`.
    flag: str
    #: Its steps, in order.
    steps: list[Step]


@dataclass(frozen=True)
class EvaluatedScorecard:
    """A scorecard as it stands in a month."""

    #: Its identifier.
    id: str
    #: Its key at its hub.
    key: str
    #: Its name.
    name: Name
    #: Whose it is.
    hub: Named
    #: The hub's prefecture.
    prefecture: Named
    #: The evaluated month.
    month: str
    #: Its last reported month.
    reported_through: Optional[str]
    #: Rises with every change.
    revision: int
    #: How far its items are, 0 to 1.
    score: Optional[float]
    #: Which share of them has a figure.
    coverage: Optional[float]
    #: Whether the month's report is not complete yet.
    provisional: bool
    #: `red`, `amber` or `none`.
    flag: str
    #: How many items there are of each kind.
    counts: Counts
    #: The four perspectives.
    perspectives: list[Perspective]
    #: With `include=alerts`: its alerts.
    alerts: Optional[list[Alert]]
    #: Warnings about its plan.
    issues: Optional[list[Issue]]

    def items(self) -> Iterator[EvaluatedItem]:
        """Every item, in plan order."""
        for perspective in self.perspectives:
            for step in perspective.steps:
                yield from step.items

    def item(self, key: str) -> Optional[EvaluatedItem]:
        """An item by its key."""
        return next((item for item in self.items() if item.key == key), None)


@dataclass(frozen=True)
class Group:
    """Scorecards, or a stage of them, taken together."""

    #: Of the prefecture, template, market or stage.
    key: str
    #: Its name.
    name: Name
    #: How many scorecards it has.
    scorecards: int
    #: How many items there are of each kind.
    counts: Counts
    #: How far its items are, 0 to 1.
    score: Optional[float]
    #: `red`, `amber` or `none`.
    flag: str


@dataclass(frozen=True)
class WorstItem:
    """One of the worst items of a scorecard."""

    #: Its key.
    item: str
    #: Its stage.
    stage: str
    #: Such as `behind`.
    status: str
    #: `red`, `amber` or `none`.
    flag: str
    #: Actual over plan.
    attainment: Optional[float]


@dataclass(frozen=True)
class OverviewScorecard:
    """A scorecard in an overview."""

    #: Its identifier.
    id: str
    #: Its key at its hub.
    key: str
    #: Its name.
    name: Name
    #: Whose it is.
    hub: Named
    #: The hub's prefecture.
    prefecture: Named
    #: The evaluated month.
    month: str
    #: How far its items are, 0 to 1.
    score: Optional[float]
    #: `red`, `amber` or `none`.
    flag: str
    #: Its worst items.
    worst: list[WorstItem]


@dataclass(frozen=True)
class Overview:
    """Many scorecards at once."""

    #: The month asked for.
    month: Optional[str]
    #: The groups asked for.
    groups: list[Group]
    #: The scorecards.
    scorecards: list[OverviewScorecard]


@dataclass(frozen=True)
class ReportCounts:
    """What became of figures."""

    #: All of them.
    received: int
    #: New ones.
    created: int
    #: Other ones than before.
    updated: int
    #: The same as before.
    unchanged: int
    #: Taken back.
    cleared: int
    #: Refused.
    rejected: int


@dataclass(frozen=True)
class Completeness:
    """How complete a month is."""

    #: Items that the month requires.
    required: int
    #: Those that are there.
    reported: int
    #: Whether all are.
    complete: bool
    #: Until when, `YYYY-MM-DD`.
    due_on: str
    #: The keys of those that are not there.
    missing: list[str]


@dataclass(frozen=True)
class StatusAndFlag:
    """A status and its flag."""

    #: Such as `on_track` or `behind`.
    status: str
    #: `red`, `amber` or `none`.
    flag: str


@dataclass(frozen=True)
class StatusChange:
    """An item whose status or flag turned."""

    #: Its key.
    item: str
    #: What it was.
    from_: StatusAndFlag
    #: What it is.
    to: StatusAndFlag


def turned_red(changes: list[StatusChange]) -> list[str]:
    return [change.item for change in changes if change.to.flag == "red" and change.from_.flag != "red"]


@dataclass(frozen=True)
class AlertReference:
    """An alert that a report touched."""

    #: Its identifier.
    id: str
    #: The item's key.
    item: str
    #: `open`, `resolved` or `withdrawn`.
    state: str


@dataclass(frozen=True)
class ReportResult:
    """What a report did, or would do."""

    #: `applied` or `unchanged`.
    outcome: str
    #: Whether nothing was stored.
    dry_run: bool
    #: The scorecard's revision.
    revision: int
    #: What became of the figures.
    counts: ReportCounts
    #: How complete the month is.
    completeness: Completeness
    #: Items whose status or flag turned.
    changes: list[StatusChange]
    #: Alerts that it touched.
    alerts: list[AlertReference]
    #: Warnings.
    issues: list[Issue]

    def turned_red(self) -> list[str]:
        """The keys of the items that turned red."""
        return turned_red(self.changes)

"""Facts: scorecards as a flat table."""

from dataclasses import dataclass
from typing import Optional


@dataclass(frozen=True)
class FactRow:
    """An item and month."""

    #: The scorecard's identifier.
    scorecard: str
    #: Its key at its hub.
    scorecard_key: str
    #: The prefecture's JIS code.
    prefecture: str
    #: The prefecture's name, in Japanese.
    prefecture_name: str
    #: The hub's code.
    hub: str
    #: The hub's name, in Japanese.
    hub_name: str
    #: `mature`, `growth` or `challenge`.
    market_type: str
    #: The template it was made from.
    template: Optional[str]
    #: The item's key.
    item: str
    #: The item's name, in Japanese.
    item_name: str
    #: The item's name, in English.
    item_name_en: str
    #: The item's perspective.
    perspective: str
    #: The item's stage.
    stage: str
    #: The item's track, where there are several.
    track: Optional[str]
    #: `flow`, `cumulative`, `level`, `ratio` or `milestone`.
    measure: str
    #: The code of its unit.
    unit: str
    #: Whether `higher` or `lower` is better.
    direction: str
    #: Whether it is a high hurdle.
    high_hurdle: bool
    #: The month.
    month: str
    #: Its fiscal year, by the year of its April.
    fiscal_year: int
    #: Its quarter of the fiscal year.
    fiscal_quarter: int
    #: The year of the scorecard's programme.
    programme_year: int
    #: The month of the scorecard's programme.
    programme_month: int
    #: `reported`, `not_reported` or `not_applicable`.
    cell_state: str
    #: The figure of the month.
    value: Optional[float]
    #: Of a ratio, what is divided.
    numerator: Optional[float]
    #: Of a ratio, what it is divided by.
    denominator: Optional[float]
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
    #: Such as `on_track` or `behind`.
    status: str
    #: `red`, `amber` or `none`.
    flag: str
    #: The version of the plan that judged it.
    plan_version: int


@dataclass(frozen=True)
class FactPage:
    """A page of facts."""

    #: The rows.
    items: list[FactRow]
    #: Where the next page begins.
    next_cursor: Optional[str]
    #: What to give as `since` next time.
    next_since: str
    #: On the first page of a pull with `since`: every scorecard that has changed, by identifier. Its rows are
    #: replaced by those that come, if any come.
    changed: Optional[list[str]]

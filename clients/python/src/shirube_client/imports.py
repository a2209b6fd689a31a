"""What an import understood and did."""

from dataclasses import dataclass
from typing import Optional

from .model import Cell, Completeness, Issue, Name, Place, ReportCounts, StatusChange, turned_red


@dataclass(frozen=True)
class UnderstoodColumn:
    """How a column was read."""

    #: Such as `C`.
    column: str
    #: What stands above it.
    heading: Optional[str]
    #: What it means, such as `value`.
    meaning: str
    #: The month it is of.
    month: Optional[str]
    #: The item it is of.
    item: Optional[str]


@dataclass(frozen=True)
class LeftOut:
    """A row that is no figure."""

    #: Counted from 1.
    row: int
    #: How it begins.
    text: Optional[str]
    #: Why it is left out.
    reason: Name


@dataclass(frozen=True)
class UnderstoodSheet:
    """How a sheet was read."""

    #: Its name.
    name: Optional[str]
    #: Whether its figures are taken.
    read: bool
    #: Why they are not.
    reason: Optional[Name]
    #: `long`, `items_by_months` or `months_by_items`.
    layout: Optional[str]
    #: The row of the headings, counted from 1.
    heading_row: Optional[int]
    #: The columns.
    columns: list[UnderstoodColumn]
    #: The months.
    months: list[str]
    #: Rows that are no figures, such as sums.
    left_out: list[LeftOut]


@dataclass(frozen=True)
class Understood:
    """How a file was read."""

    #: `xlsx` or `csv`.
    format: str
    #: How characters are written.
    encoding: Optional[str]
    #: What stands between two cells of a CSV.
    delimiter: Optional[str]
    #: Whether the hub's own headings were used.
    mapping: bool
    #: The sheets; a CSV has one.
    sheets: list[UnderstoodSheet]


@dataclass(frozen=True)
class ImportedCell:
    """A cell that changes."""

    #: The scorecard's identifier.
    scorecard: str
    #: The item's key.
    item: str
    #: The item's name.
    name: Name
    #: The month.
    month: str
    #: What is reported so far.
    before: Cell
    #: What is reported then.
    after: Cell
    #: Where it stands in the file.
    place: Optional[Place]


@dataclass(frozen=True)
class ImportedReport:
    """What becomes of a scorecard's month."""

    #: The scorecard's identifier.
    scorecard: Optional[str]
    #: `applied` or `unchanged`.
    outcome: str
    #: What became of the figures.
    counts: ReportCounts
    #: How complete the month is.
    completeness: Optional[Completeness]
    #: Items whose status or flag turned.
    changes: list[StatusChange]
    #: Warnings.
    issues: list[Issue]


@dataclass(frozen=True)
class ImportResult:
    """What an import did, or would do."""

    #: `applied` or `unchanged`.
    outcome: str
    #: Whether nothing was stored.
    dry_run: bool
    #: How the file was read.
    understood: Understood
    #: What became of the figures.
    counts: ReportCounts
    #: The cells that change.
    cells: list[ImportedCell]
    #: One for each scorecard and month.
    reports: list[ImportedReport]
    #: Warnings.
    issues: list[Issue]

    def turned_red(self) -> list[tuple[str, str]]:
        """The items that turned red, each with its scorecard's identifier."""
        return [(report.scorecard or "", item) for report in self.reports for item in turned_red(report.changes)]

"""A month's figures, as they are reported."""

import csv
import math
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from os import PathLike
from typing import Any, Optional, Union

from .errors import Argument

Number = Union[int, float, Decimal]


@dataclass(frozen=True)
class Ratio:
    """A ratio, by its parts."""

    numerator: Number
    denominator: Number


@dataclass(frozen=True)
class NotApplicable:
    """There is nothing to report, and why."""

    reason: str


@dataclass(frozen=True)
class Clear:
    """What was reported is taken back, and why."""

    reason: str


#: What is said about one item and month.
Figure = Union[Number, Ratio, NotApplicable, Clear]


def values_from_csv(path: Union[str, "PathLike[str]"], encoding: str = "utf-8-sig") -> dict[str, Figure]:
    """Figures by item from a CSV.

    Its first line names the columns: `item`, and of `value`, `numerator`, `denominator`, `not_applicable` and
    `clear` those that are used; others are passed over, as are rows without a figure. Files as offices have
    them are better imported.
    """
    values: dict[str, Figure] = {}
    with open(path, encoding=encoding, newline="") as file:
        reader = csv.DictReader(file, strict=True)
        for row in reader:
            cells = {name.strip(): (text or "").strip() for name, text in row.items() if isinstance(name, str)}
            figure = _figure(cells, reader.line_num)
            if figure is None:
                continue
            item = cells.get("item", "")
            if not item:
                raise Argument(f"line {reader.line_num}, item: is empty")
            if item in values:
                raise Argument(f"line {reader.line_num}, item: {item} is there twice")
            values[item] = figure
    return values


def _figure(cells: dict[str, str], line: int) -> Optional[Figure]:
    def number(name: str) -> Optional[Decimal]:
        text = cells.get(name, "")
        if not text:
            return None
        try:
            found = Decimal(text)
        except ArithmeticError:
            found = Decimal("nan")
        if not found.is_finite():
            raise Argument(f'line {line}, {name}: "{text}" is not a number')
        return found

    figures: list[Figure] = []
    value, numerator, denominator = number("value"), number("numerator"), number("denominator")
    if value is not None:
        figures.append(value)
    if numerator is not None and denominator is not None:
        figures.append(Ratio(numerator, denominator))
    elif numerator is not None or denominator is not None:
        raise Argument(f"line {line}, numerator: goes with denominator")
    if cells.get("not_applicable"):
        figures.append(NotApplicable(cells["not_applicable"]))
    if cells.get("clear"):
        figures.append(Clear(cells["clear"]))
    if len(figures) > 1:
        raise Argument(f"line {line}, value: says two things at once")
    return figures[0] if figures else None


def as_json(values: Mapping[str, Figure]) -> list[dict[str, Any]]:
    """The figures as they are sent."""
    return [{"item": item, **_members(item, figure)} for item, figure in values.items()]


def _members(item: str, figure: Figure) -> dict[str, Any]:
    if isinstance(figure, Ratio):
        return {"numerator": _number(item, figure.numerator), "denominator": _number(item, figure.denominator)}
    if isinstance(figure, NotApplicable):
        return {"not_applicable": figure.reason}
    if isinstance(figure, Clear):
        return {"clear": figure.reason}
    return {"value": _number(item, figure)}


def _number(item: str, number: Number) -> Union[int, float]:
    # Figures have four decimals and are below a hundred thousand million: a float keeps them.
    if isinstance(number, bool) or not isinstance(number, (int, float, Decimal)) or not math.isfinite(number):
        raise Argument(f"{item}: {number!r} is not a number")
    return int(number) if number == int(number) else float(number)

"""JSON to the classes of the model: what they name has to be there, the rest is passed over."""

import dataclasses
import functools
import typing
from typing import Any, TypeVar

from .errors import Unreadable

T = TypeVar("T")


@functools.lru_cache(maxsize=None)
def members(kind: type) -> dict[str, Any]:
    """The members of a class by their names in JSON, with their types."""
    hints = typing.get_type_hints(kind)
    return {field.name.rstrip("_"): hints[field.name] for field in dataclasses.fields(kind)}


def optional(kind: Any) -> tuple[Any, bool]:
    """A type without None, and whether that was in it."""
    parts = typing.get_args(kind)
    if typing.get_origin(kind) is typing.Union and type(None) in parts:
        return next(part for part in parts if part is not type(None)), True
    return kind, False


def decode(kind: type[T], value: object, place: str = "") -> T:
    """Reads a value of a class of the model."""
    return typing.cast(T, _decode(kind, value, place))


def _decode(kind: Any, value: object, place: str) -> object:
    kind, may_be_absent = optional(kind)
    if value is None and may_be_absent:
        return None
    if typing.get_origin(kind) is list:
        (inner,) = typing.get_args(kind)
        if isinstance(value, list):
            return [_decode(inner, entry, f"{place}/{index}") for index, entry in enumerate(value)]
    elif dataclasses.is_dataclass(kind):
        if isinstance(value, dict):
            read = {}
            for name, inner in members(typing.cast(type, kind)).items():
                if name not in value and not optional(inner)[1]:
                    raise Unreadable(f"{place}/{name} is missing")
                read[name] = _decode(inner, value.get(name), f"{place}/{name}")
            return typing.cast(Any, kind)(*read.values())
    elif kind is float:
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return float(value)
    elif kind is int:
        if isinstance(value, int) and not isinstance(value, bool):
            return value
    elif isinstance(value, kind):
        return value
    raise Unreadable(f"{place or '/'} is no {getattr(kind, '__name__', kind)}")

"""The client against the service's OpenAPI document: every operation it calls is there with every parameter it
may send, and every member it reads is documented with a type that fits."""

from __future__ import annotations

import dataclasses
import json
import typing
import unittest
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shirube_client.decode import members, optional
from shirube_client.model import Named, Problem
from shirube_client.operations import OPERATIONS, Operation

DOCUMENT: dict[str, Any] = json.loads((Path(__file__).parents[3] / "openapi/openapi.json").read_text(encoding="utf-8"))


def resolved(schema: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in schema:
        found: Any = DOCUMENT
        for part in schema["$ref"].lstrip("#/").split("/"):
            found = found[part]
        schema = found
    return schema


def documented(schema: dict[str, Any]) -> dict[str, tuple[dict[str, Any], bool]]:
    """The members of a schema, those of its parts included; with whether each is always there."""
    schema = resolved(schema)
    found: dict[str, tuple[dict[str, Any], bool]] = {}
    for part in schema.get("allOf", []):
        found.update(documented(part))
    required = schema.get("required", [])
    found.update({name: (member, name in required) for name, member in schema.get("properties", {}).items()})
    return found


def without_null(schema: dict[str, Any]) -> tuple[dict[str, Any], bool]:
    schema = resolved(schema)
    choices = schema.get("oneOf", [])
    rest = [choice for choice in choices if choice.get("type") != "null"]
    if len(rest) == 1:
        return resolved(rest[0]), len(rest) < len(choices)
    return schema, "null" in types(schema)


def types(schema: dict[str, Any]) -> list[str]:
    found = schema.get("type", [])
    return found if isinstance(found, list) else [found]


@dataclass
class Comparison:
    wrong: list[str] = dataclasses.field(default_factory=list)
    seen: int = 0

    def compare(self, place: str, kind: Any, schema: dict[str, Any]) -> None:
        schema, _ = without_null(schema)
        kind, _ = optional(kind)
        if typing.get_origin(kind) is list:
            if "array" not in types(schema):
                self.wrong.append(f"{place}: no array")
            self.compare(place, typing.get_args(kind)[0], schema.get("items", {}))
        elif dataclasses.is_dataclass(kind):
            self.compare_members(place, typing.cast(type, kind), documented(schema))
        else:
            fitting = {str: {"string"}, bool: {"boolean"}, int: {"integer"}, float: {"number", "integer"}}[kind]
            if not fitting.intersection(types(schema)):
                self.wrong.append(f"{place}: no {kind.__name__}, {schema}")

    def compare_members(self, place: str, kind: type, found: dict[str, tuple[dict[str, Any], bool]]) -> None:
        for name, inner in members(kind).items():
            if name not in found:
                self.wrong.append(f"{place}.{name}: not documented")
                continue
            self.seen += 1
            schema, is_always_there = found[name]
            if not optional(inner)[1] and (without_null(schema)[1] or not is_always_there):
                self.wrong.append(f"{place}.{name}: may be absent")
            self.compare(f"{place}.{name}", inner, schema)


def operation_of(operation: Operation) -> dict[str, Any]:
    return typing.cast("dict[str, Any]", DOCUMENT["paths"][operation.path][operation.method.lower()])


class Contract(unittest.TestCase):
    def test_every_operation_is_there_with_what_is_sent_to_it(self) -> None:
        for operation in OPERATIONS:
            with self.subTest(operation.path):
                found = operation_of(operation)
                parameters = [resolved(parameter) for parameter in found.get("parameters", [])]
                named = {(parameter["in"], parameter["name"]) for parameter in parameters}
                self.assertLessEqual({("query", name) for name in operation.query}, named)
                segments = [part.strip("{}") for part in operation.path.split("/") if part.startswith("{")]
                self.assertLessEqual({("path", name) for name in segments}, named)
                if operation.method == "POST":
                    self.assertIn(("header", "Idempotency-Key"), named)

    def test_every_member_that_is_read_is_documented(self) -> None:
        comparison = Comparison()
        for operation in OPERATIONS:
            found = operation_of(operation)
            content = found["responses"]["200"]["content"]
            if isinstance(operation.answer, str):
                self.assertIn(operation.answer, content)
            else:
                schema = content["application/json"]["schema"]
                comparison.compare(operation.answer.__name__, operation.answer, schema)
        comparison.compare("Problem", Problem, DOCUMENT["components"]["schemas"]["Problem"])
        self.assertEqual(comparison.wrong, [])
        self.assertGreater(comparison.seen, 200)

    def test_every_member_that_is_sent_is_documented(self) -> None:
        schemas = DOCUMENT["components"]["schemas"]
        self.assertEqual(set(documented(schemas["Report"])), {"month", "note", "values"})
        shapes = [set(documented(shape)) for shape in schemas["ReportValue"]["oneOf"]]
        for shape in ({"value"}, {"numerator", "denominator"}, {"not_applicable"}, {"clear"}):
            self.assertIn({"item", *shape}, shapes)

    def test_a_difference_is_found(self) -> None:
        comparison = Comparison()
        named = {"code": ({"type": "number"}, True), "name": (DOCUMENT["components"]["schemas"]["Name"], False)}
        comparison.compare_members("Named", Named, typing.cast(Any, named))
        self.assertEqual(len(comparison.wrong), 2)


if __name__ == "__main__":
    unittest.main()

"""Schemas from engines are safe to use, become fields, and say in words what is wrong with a value."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from console.domain.canonical import Json
from console.infra.patterns import TooLongError, is_matched, slow_pattern
from console.infra.schema import MOST_NODES, FieldKind, SchemaProblem, read_schema

REFUND: dict[str, Json] = {
    "type": "object",
    "required": ["order", "amount", "reason"],
    "additionalProperties": False,
    "properties": {
        "order": {"type": "string", "title": "Order", "pattern": r"^\d{4}$"},
        "amount": {"type": "number", "minimum": 0.01, "maximum": 10000, "description": "In euros"},
        "reason": {"enum": ["duplicate_charge", "goodwill"]},
        "count": {"type": "integer", "default": 1},
        "notify": {"type": "boolean"},
        "due": {"type": "string", "format": "date"},
        "memo": {"type": "string", "maxLength": 2000},
        "tags": {"type": "array", "items": {"type": "string"}, "uniqueItems": True},
        "lines": {
            "type": "array",
            "items": {"type": "object", "required": ["sku"], "properties": {"sku": {"type": "string"}}},
        },
        "to": {"$ref": "#/$defs/card"},
        "note": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        "free": {"oneOf": [{"type": "string"}, {"type": "integer"}]},
    },
    "$defs": {"card": {"type": "object", "properties": {"last4": {"type": "string", "minLength": 4}}}},
}
GOOD: dict[str, Json] = {"order": "4711", "amount": 42.5, "reason": "goodwill"}


def wrong(schema: Json, value: Json) -> set[tuple[tuple[str | int, ...], str]]:
    read = read_schema(schema)
    assert read.problem == ""
    return {(problem.path, problem.words) for problem in read.problems(value)}


def test_every_kind_of_field_is_recognised() -> None:
    fields = {field.name: field for field in read_schema(REFUND).fields}
    assert {name: field.kind for name, field in fields.items()} == {
        "order": FieldKind.TEXT,
        "amount": FieldKind.NUMBER,
        "reason": FieldKind.CHOICE,
        "count": FieldKind.INTEGER,
        "notify": FieldKind.BOOLEAN,
        "due": FieldKind.DATE,
        "memo": FieldKind.LONG_TEXT,
        "tags": FieldKind.LIST,
        "lines": FieldKind.TABLE,
        "to": FieldKind.GROUP,
        "note": FieldKind.TEXT,
        "free": FieldKind.RAW,
    }
    assert fields["order"].is_required
    assert not fields["notify"].is_required
    assert fields["amount"].description == "In euros"
    assert fields["amount"].hint == "at least 0.01, at most 10000"
    assert fields["reason"].choices == ("duplicate_charge", "goodwill")
    assert (fields["count"].has_default, fields["count"].default) == (True, 1)
    assert fields["note"].is_nullable
    assert [field.name for field in fields["lines"].fields] == ["sku"]
    assert [field.name for field in fields["to"].fields] == ["last4"]
    assert fields["tags"].item is not None
    assert fields["tags"].item.kind is FieldKind.TEXT


def test_a_right_value_has_no_problem() -> None:
    assert wrong(REFUND, {**GOOD, "due": "2026-11-21", "tags": ["a", "b"], "lines": [{"sku": "x"}]}) == set()


@pytest.mark.parametrize(
    ("change", "path", "words"),
    [
        ({"order": "47"}, ("order",), "must be written as 1111"),
        ({"amount": 0}, ("amount",), "must be at least 0.01"),
        ({"amount": "42"}, ("amount",), "must be a number"),
        ({"reason": "fun"}, ("reason",), "must be one of duplicate_charge, goodwill"),
        ({"count": 1.5}, ("count",), "must be a whole number"),
        ({"due": "21.11.2026"}, ("due",), "must be a date, as 2026-11-21"),
        ({"tags": ["a", "a"]}, ("tags",), "must not hold one twice"),
        ({"lines": [{"sku": "a"}, {}]}, ("lines", 1, "sku"), "is needed"),
        ({"to": {"last4": "1"}}, ("to", "last4"), "must have at least 4 characters"),
    ],
)
def test_what_is_wrong_is_said_at_the_field(change: dict[str, Json], path: tuple[str | int, ...], words: str) -> None:
    assert wrong(REFUND, {**GOOD, **change}) == {(path, words)}


def test_a_missing_field_is_told_at_that_field() -> None:
    assert wrong(REFUND, {"amount": 1}) == {(("order",), "is needed"), (("reason",), "is needed")}


def test_a_name_the_schema_does_not_know_is_told() -> None:
    ((path, words),) = wrong(REFUND, {**GOOD, "ammount": 1})
    assert path == ()
    assert "ammount" in words


def test_nothing_is_fetched_for_a_remote_reference() -> None:
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b'{"type": "string"}')

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        address = f"http://127.0.0.1:{server.server_port}/s.json"
        sources: tuple[Json, ...] = (
            {"properties": {"a": {"$ref": address}}},
            {"properties": {"default": {"$ref": address}}},
            {"allOf": [{"$ref": "file:///etc/passwd"}]},
            {"$defs": {"x": {"$id": address}}, "$ref": "#/$defs/x"},
            {"$dynamicRef": address},
            {"$ref": "#%2Fx"},
        )
        for source in sources:
            read = read_schema(source)
            assert read.problem
            assert read.problems({"a": 1}) == ()
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert asked == []


def deep(levels: int) -> Json:
    schema: dict[str, Json] = {"type": "object"}
    for _ in range(levels):
        schema = {"properties": {"x": schema}}
    return schema


def exploding(levels: int) -> Json:
    names: dict[str, Json] = {"d0": {"type": "string"}}
    for level in range(1, levels):
        names[f"d{level}"] = {"allOf": [{"$ref": f"#/$defs/d{level - 1}"}] * 4}
    return {"$defs": names, "$ref": f"#/$defs/d{levels - 1}"}


@pytest.mark.parametrize(
    "source",
    [
        deep(5_000),
        exploding(30),
        {"$ref": "#"},
        {"$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}, "$ref": "#/$defs/a"},
        {"properties": {str(number): {} for number in range(MOST_NODES)}},
        {"properties": {"a": {"pattern": "(a+)+$"}}},
        {"properties": {"default": {"pattern": "(a+)+$"}}},
        {"default": {"pattern": "(a+)+$"}, "$ref": "#/default"},
        {"patternProperties": {"(x*)*y": {}}},
        {"type": 7},
        {"properties": {"a": {"pattern": "("}}},
        {"properties": ["not", "an", "object"]},
        ["not an object"],
        "text",
        None,
    ],
)
def test_a_schema_that_cannot_be_used_says_so_and_stays_quiet(source: Json) -> None:
    read = read_schema(source)
    assert read.problem
    assert read.fields == ()
    assert read.problems({"a": "a" * 10_000}) == ()


def test_data_that_looks_like_a_reference_is_data() -> None:
    source: Json = {"properties": {"a": {"enum": [{"$ref": "http://elsewhere.example/"}]}}}
    assert read_schema(source).problem == ""
    assert wrong(source, {"a": {"$ref": "http://elsewhere.example/"}}) == set()


def test_a_value_too_large_for_its_schema_is_not_checked_for_hours() -> None:
    problems = read_schema({"items": {"anyOf": [{"type": "string"}] * 200}}).problems(list(range(19_000)))
    assert [problem.words for problem in problems] == ["is too large to be checked: 19,001 values"]


def test_many_equal_ones_are_found_without_comparing_each_with_each() -> None:
    value: Json = [{"n": number} for number in range(5_000)] + [{"n": 1}]
    assert read_schema({"uniqueItems": True}).problems(value) == (SchemaProblem((), "must not hold one twice"),)


def test_an_empty_schema_takes_any_object() -> None:
    read = read_schema({})
    assert (read.fields, read.root.kind, read.problem) == ((), FieldKind.RAW, "")
    assert read.problems(json.loads('{"a": [1, {"b": null}]}')) == ()


def test_a_value_that_is_no_object_has_a_root_of_its_own_kind() -> None:
    read = read_schema({"type": "string", "title": "Tax region", "enum": ["EU", "UK"]})
    assert (read.root.kind, read.root.title, read.root.choices) == (FieldKind.CHOICE, "Tax region", ("EU", "UK"))
    assert read.fields == ()
    assert [problem.path for problem in read.problems("US")] == [()]


def test_what_cannot_be_signed_is_a_problem_under_any_schema() -> None:
    assert read_schema({}).problems({"n": 2**53})
    assert read_schema({}).problems({"n": float("inf")})
    assert read_schema({}).problems({"n": "\ud800"})


@pytest.mark.parametrize(
    "pattern", ["(a+)+$", "(a|a)*$", "((a{2,}))*", "(a*)*", "(.*)(.*)(.*)(.*)", r"(a)\1+", "x" * 201, "[", "(?:a+){5,}"]
)
def test_slow_patterns_are_refused(pattern: str) -> None:
    assert slow_pattern(pattern)


@pytest.mark.parametrize(
    "pattern",
    [r"^[A-Z]{2}\d{2}[A-Z0-9]{11,30}$", r"^[^@\s]+@[^@\s]+\.[a-z]+$", r"^\d+(\.\d{2})?$", r"^INV-\d{5}$", r"[(+*]\(+"],
)
def test_usual_patterns_are_taken(pattern: str) -> None:
    assert slow_pattern(pattern) == ""


def test_a_long_text_is_not_matched_against_a_slow_pattern() -> None:
    assert is_matched(r"^\d+$", "1" * 100_000)
    with pytest.raises(TooLongError):
        is_matched(r"\d+\d+\d+x", "1" * 1_000)
    ((path, words),) = wrong({"properties": {"a": {"pattern": r"\d+\d+x"}}}, {"a": "1" * 5_000})
    assert path == ("a",)
    assert "too long" in words

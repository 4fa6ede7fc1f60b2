"""JSON is read strictly, and what is wrong with it has a place."""

from __future__ import annotations

import pytest

from console.domain.canonical import Json, canonical
from console.infra.jsontext import MOST_DEPTH, count_of, read_json, unfit, write_json


def test_a_value_comes_back_as_it_was_written() -> None:
    value: Json = {"order": "4711", "amount": 42.5, "lines": [{"sku": "ä"}], "none": None, "yes": True}
    assert read_json(write_json(value)).value == value


def test_what_cannot_be_seen_is_written_as_an_escape() -> None:
    value: Json = {"pay": "\u202e4711\x7f\U000e0041", "plain": "Zürich"}
    written = write_json(value)
    assert '"\\u202e4711\\u007f\\udb40\\udc41"' in written
    assert "Zürich" in written
    assert read_json(written).value == value


def test_the_place_of_a_mistake_is_told() -> None:
    read = read_json('{\n  "order": "4711",\n  "amount" 3\n}')
    assert (read.line, read.column) == (3, 12)
    assert "':'" in read.problem


@pytest.mark.parametrize(
    "text",
    [
        '{"a": 1, "a": 2}',
        '[{"a": {"b": 1, "b": 1}}]',
        "[NaN]",
        "[-Infinity]",
        "[1e999]",
        "[9007199254740992]",
        '["\\ud800"]',
        "",
    ],
)
def test_what_readers_would_take_differently_is_refused(text: str) -> None:
    assert read_json(text).problem
    assert read_json(text).value is None


@pytest.mark.parametrize("text", ["[" * 100_000, "[" * 100 + "]" * 100, '{"a":' * 70 + "1" + "}" * 70])
def test_deep_nesting_is_refused(text: str) -> None:
    assert read_json(text).problem


def test_what_is_fit_can_be_signed() -> None:
    value: Json = [1, -(2**53) + 1, 0.1, "\U0001f600", {"x" * 1_000: None}]
    assert unfit(value) == ""
    assert canonical(value)


@pytest.mark.parametrize("value", [{"x" * 1_001: 1}, {"\ud800": 1}, [[float("nan")]], {"a": 2**60}])
def test_what_is_unfit_says_why(value: Json) -> None:
    assert unfit(value)


def test_depth_is_measured_without_recursion() -> None:
    value: Json = 1
    for _ in range(100_000):
        value = [value]
    assert f"{MOST_DEPTH} levels" in unfit(value)


def test_values_and_names_are_counted() -> None:
    assert count_of({"a": [1, 2], "b": {"c": "text"}}) == 9

"""Any JSON as text, bounded before it is written out."""

from __future__ import annotations

import json

import pytest

from console.domain.canonical import Json
from console.screens.run.values import brief, leaves, pretty, size_word


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("words", "words"),
        ("two\nlines", "two↵lines"),
        (True, "true"),
        (None, "null"),
        (12, "12"),
        ({"a": 1, "b": [1, 2]}, '{"a": 1, "b": [1, 2]}'),
        ([], "[]"),
        ({}, "{}"),
        ("\u202eevil", "‹U+202E›evil"),
        ({"\u202ek": "v\u200b"}, '{"‹U+202E›k": "v‹U+200B›"}'),
    ],
)
def test_a_value_in_one_line(value: Json, text: str) -> None:
    assert brief(value) == text


def test_pretty_is_the_json_it_came_from() -> None:
    value: Json = {"a": [1, 2.5, None, False], "b": {"c": 'quoted "text"\n'}, "d": {}, "e": []}
    shown = pretty(value)
    assert json.loads(shown.text) == value
    assert not shown.is_cut


def test_a_huge_value_is_cut_and_says_so() -> None:
    many: Json = {f"key {number}": "x" * 100 for number in range(100_000)}
    shown = pretty(many, 2_000)
    assert shown.is_cut
    assert len(shown.text) < 2_400
    assert len(brief(many)) == 80


def test_a_line_of_a_million_characters_is_broken() -> None:
    shown = pretty("x" * 1_000_000)
    assert shown.is_cut
    assert max(len(line) for line in shown.text.split("\n")) <= 1_000


def test_a_string_inside_is_cut_where_the_whole_is() -> None:
    shown = pretty({"long": "x" * 5_000_000}, 1_000)
    assert shown.is_cut
    assert len(shown.text) < 1_200


def test_endless_nesting_ends() -> None:
    deep: Json = 1
    for _ in range(100_000):
        deep = [deep]
    assert "…" in pretty(deep).text
    assert len(brief(deep)) <= 80
    assert list(leaves(deep, 10)) == []


def test_an_integer_that_python_refuses_to_write_is_named() -> None:
    assert brief(10**5_000) == "a number too long to write"


def test_what_a_container_holds_in_words() -> None:
    assert [size_word(value) for value in ({}, {"a": 1}, [1, 2], "text")] == ["empty", "1 entry", "2 items", ""]


def test_the_first_leaves_are_names_and_values() -> None:
    assert list(leaves({"a": {"b": 1}, "c": ["x", "y"]}, 5)) == ["a", "b", "1", "c", "x"]

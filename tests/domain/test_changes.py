"""Two values of any shape compared: every place that differs, none that does not, and an end to the work."""

from __future__ import annotations

import json
import random

import pytest

from console.domain.canonical import Json
from console.domain.changes import MOST_VISITED, Absent, Difference, compared, moved

NOTHING = Absent.NOTHING


def test_what_is_added_removed_and_changed_has_its_place() -> None:
    before: Json = {"plan": "pro", "price": 49, "rows": [1, 2], "gone": {"deep": None}, "same": {"a": "x"}}
    after: Json = {"plan": "pro", "price": 56, "rows": [1, 3, 4], "same": {"a": "x"}, "new": {"deep": ["x"]}}
    found = compared(before, after)
    assert found.is_whole
    assert found.differing == (
        Difference("price", 49, 56),
        Difference("rows[1]", 2, 3),
        Difference("rows[2]", NOTHING, 4),
        Difference("new.deep[0]", NOTHING, "x"),
        Difference("gone.deep", None, NOTHING),
    )
    assert found.same == (("plan", "pro"), ("rows[0]", 1), ("same.a", "x"))


@pytest.mark.parametrize(
    ("before", "after"), [(1, True), ({}, []), ({"a": 1}, [1]), ("", None), ({}, {"a": {}}), ([], [[]]), (0, "0")]
)
def test_what_only_looks_alike_differs(before: Json, after: Json) -> None:
    assert compared(before, after).differing
    assert not compared(after, json.loads(json.dumps(after))).differing


def test_any_two_values_differ_if_and_only_if_something_is_told() -> None:
    chance = random.Random(11)  # noqa: S311 - chooses values to compare

    def some(depth: int) -> Json:
        if depth and chance.random() < 0.6:
            names = chance.sample("abcd", chance.randrange(4))
            return {name: some(depth - 1) for name in names} if chance.random() < 0.6 else [some(depth - 1)] * 2
        return chance.choice([0, 1, True, None, "x", "", 2.5])

    for _ in range(500):
        before, after = some(4), some(4)
        assert bool(compared(before, after).differing) == (json.dumps(before, sort_keys=True) != _text(after))
        assert not compared(before, json.loads(json.dumps(before))).differing


def _text(value: Json) -> str:
    return json.dumps(value, sort_keys=True)


def test_the_work_has_an_end() -> None:
    wide: Json = list(range(MOST_VISITED * 3))
    assert not compared([], wide).is_whole
    deep: dict[str, Json] = {}
    for _ in range(MOST_VISITED * 2):
        deep = {"a": deep}
    assert not compared({}, deep).is_whole


@pytest.mark.parametrize(
    ("before", "after", "by"),
    [
        ("€49.00", "€56.00", "+14.3 %"),
        ("€8,400.00", "€4,200.00", "−50 %"),
        ("€4,200.00", "€0.00", ""),
        ("0", "18,412", ""),
        ("−€5.00", "€5.00", "+€10.00"),
        ("12 %", "9.5 %", "−2.5 points"),
        ("100 EUR", "-50 EUR", "−150 EUR"),
        ("7", "7", "same"),
        ("€521.19", "€18,933.30", "×36"),
        ("-10", "-9.5", "+5 %"),
        ("€1.00", "$2.00", ""),
        ("2026-12-01", "2026-12-15", ""),
        ("v2.13.4", "v2.13.5", ""),
        ("1,23", "2,34", ""),
        ("", "12", ""),
        ("9" * 40, "1", ""),
    ],
)
def test_an_amount_moves_by_what_both_sides_say_in_one_unit(before: str, after: str, by: str) -> None:
    assert moved(before, after) == by

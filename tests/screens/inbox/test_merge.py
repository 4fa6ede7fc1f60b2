"""Nothing at or above the cursor moves when a page comes."""

from __future__ import annotations

import random

import pytest

from console.domain.risk import Risk
from console.screens.inbox.merge import NOWHERE, NewItems, merge
from console.services.views import InboxRow, Urgency
from tests.screens.inbox.makes import row

OVERDUE, SOON, WAITING = Urgency


def rows(*names: str, urgency: Urgency = WAITING) -> list[InboxRow]:
    return [row(name, urgency) for name in names]


def ids(found: tuple[InboxRow, ...]) -> str:
    return "".join(each.item_id for each in found)


def test_without_an_anchor_the_page_is_taken_as_it_is() -> None:
    assert ids(merge(rows(*"abc"), rows(*"xcb")).rows) == "xcb"


def test_what_belongs_above_the_anchor_waits_and_what_belongs_below_enters() -> None:
    page = [row("x", OVERDUE, risk=Risk.CRITICAL), *rows(*"a"), row("y", risk=Risk.LOW), *rows(*"b"), *rows(*"cz")]
    merged = merge(rows(*"abc"), page, anchor=1)
    assert ids(merged.rows) == "abcz"
    assert merged.new == NewItems(2, 0, Risk.CRITICAL)


def test_a_row_that_left_above_the_anchor_stays_as_a_ghost_and_one_below_goes() -> None:
    merged = merge(rows(*"abcd"), rows(*"bc"), anchor=1)
    assert ids(merged.rows) == "abc"
    assert merged.gone == {"a"}


def test_a_held_row_keeps_its_group_and_is_counted_as_more_urgent() -> None:
    shown = [*rows(*"ab"), *rows(*"c")]
    page = [row("b", OVERDUE), *rows(*"ac")]
    merged = merge(shown, page, anchor=1)
    assert ids(merged.rows) == "abc"
    assert [each.urgency for each in merged.rows] == [WAITING] * 3
    assert merged.new == NewItems(0, 1, None)


def test_a_row_below_that_became_urgent_rises_to_the_anchor_and_no_further() -> None:
    merged = merge(rows(*"abcd"), [row("d", OVERDUE), *rows(*"abc")], anchor=1)
    assert ids(merged.rows) == "abdc"
    assert merged.rows[2].urgency is WAITING
    assert merged.new.more_urgent == 1


def test_what_is_new_in_a_held_row_is_shown() -> None:
    page = rows(*"a")
    page[0] = row("a", claim=None, risk=Risk.HIGH)
    assert merge(rows(*"a"), page, anchor=0).rows[0].waiting.risk is Risk.HIGH


@pytest.mark.parametrize("seed", range(200))
def test_whatever_comes_the_rows_up_to_the_anchor_stand_still(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - only order is chosen
    names = [f"i{number}" for number in range(12)]

    def some() -> list[InboxRow]:
        chosen = chance.sample(names, chance.randint(1, 12))
        made = [row(name, chance.choice(list(Urgency)), risk=chance.choice(list(Risk))) for name in chosen]
        return sorted(made, key=lambda each: (each.urgency, -each.waiting.risk, each.item_id))

    shown, page = some(), some()
    anchor = chance.randint(0, len(shown) - 1)
    merged = merge(shown, page, anchor)
    found = [each.item_id for each in merged.rows]
    assert found[: anchor + 1] == [each.item_id for each in shown[: anchor + 1]]
    assert len(set(found)) == len(found)
    urgencies = [each.urgency for each in merged.rows]
    assert urgencies == sorted(urgencies), "a group stands once"
    waiting = {each.item_id for each in page} - set(found)
    assert merged.new.count == len(waiting), "everything is shown or counted"
    assert merged.gone == {each.item_id for each in shown[: anchor + 1]} - {each.item_id for each in page}
    assert ids(merge(merged.rows, page, NOWHERE).rows) == ids(tuple(page)), "and asked for, it is all there"

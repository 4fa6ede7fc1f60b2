"""The month-end close's dropped caveat: how it is lost, what it would cost, and that a word from a person mends it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from console.domain.canonical import Json
from console.domain.escalation import Escalation, Verdict
from console.domain.run import HandOff
from console.tower import business
from console.tower.book import Phase
from console.tower.desk import Desk, dicts
from console.tower.plans import close, ledgers
from console.tower.staff import Workplace
from tests.tower.people import ANA
from tests.tower.test_course import Table

LATE, PERIOD = 7, "2026-09"
DISCOUNTS, RECEIVABLES = "4730", "1400"
# On the table nobody else wants the ledger.
UNLEASED = replace(close.PLAN, tools=tuple(replace(tool, lease="") for tool in close.PLAN.tools))


@pytest.fixture
def place(tmp_path: Path) -> Workplace:
    business.create(tmp_path / "business.db")
    return Workplace(plans={close.NAME: close.STAFFED}, business=tmp_path / "business.db", data=tmp_path, seed=4711)


def closing(number: int) -> Table:
    """A close of the company of this number."""
    return Table(UNLEASED, {"company": ledgers.companies()[number]["company"], "period": PERIOD})


def work_on(table: Table, place: Workplace) -> Escalation:
    """Let the agents work until a person is asked."""

    async def until_asked() -> None:
        while not table.book.open:
            for step in table.course.ready():
                assert table.book.steps[step].phase is Phase.AGENT
                call = table.course.begin(step)
                assert call is not None
                desk = Desk(call, close.STAFFED, place)
                table.course.took(step, desk.outcome(await close.STAFFED.agents[call.agent](desk)))

    asyncio.run(until_asked())
    (shown,) = table.book.open.values()
    return shown


def over(table: Table, start: str, end: str) -> list[HandOff]:
    return [one for one in table.book.hand_offs if (one.from_step, one.to_step) == (start, end)]


def counter(shown: Escalation, reference: str) -> str:
    """The account that the proposal books a reference to."""
    assert shown.proposal is not None
    (entry,) = [one for one in dicts(shown.proposal.arguments["entries"]) if one["reference"] == reference]
    return str(entry["counter"])


@pytest.mark.parametrize("number", [0, LATE])
def test_a_dropped_caveat_would_become_a_wrong_entry_and_the_hand_off_tells(place: Workplace, number: int) -> None:
    table = closing(number)
    shown = work_on(table, place)
    (caveat,) = [text for text in shown.caveats if "may still be owed" in text]
    reference = caveat.partition(" off ")[2].partition(",")[0]
    assert counter(shown, reference) == DISCOUNTS
    (lost,) = over(table, "match", "propose")
    assert caveat in lost.dropped_caveats
    assert not any(over(table, *edge)[-1].dropped_caveats for edge in (("propose", "check"), ("check", "post")))
    reason: dict[str, Json] = {"to": {"kind": "step", "id": "propose"}, "reason": f"Read the caveat on {reference}."}
    table.say(shown, Verdict.REROUTE, ANA, reason)
    again = work_on(table, place)
    assert counter(again, reference) == RECEIVABLES
    assert [(one.turn, caveat in one.dropped_caveats) for one in over(table, "match", "propose")] == [
        (1, True),
        (2, False),
    ]


def test_where_nobody_paid_late_nothing_is_said_of_it(place: Workplace) -> None:
    shown = work_on(closing(6), place)
    assert not any("may still be owed" in text for text in shown.caveats)

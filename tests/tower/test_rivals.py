"""Who has a resource and who wants it too, on a table with a clock: at most one holder, none while both are held."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest

from console.domain.canonical import Json
from console.domain.decision import Decision
from console.domain.digest import escalation_digest
from console.domain.errors import RefusalCode, Refused
from console.domain.escalation import Verdict
from console.domain.identity import Role
from console.domain.run import RunRef
from console.engines.fake.quarrel import RESOURCE, sides
from console.tower import rivals
from console.tower.book import Book, StepState
from console.tower.course import Course
from console.tower.lease import PLAN
from console.tower.lease_calls import Standing, Want
from console.tower.messages import RunStart
from console.tower.rivals import CONFLICT, MAX_WANTS, Register
from tests.tower.people import BEN, decision

NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
FIRST, SECOND = sides()


def want(side: int, ask: str = "1", due: float = 45, roles: tuple[Role, ...] = (Role.SUPERVISOR,)) -> Want:
    """What one side asks for; further sides are the second's, in runs of their own."""
    about = FIRST if side == 0 else SECOND
    if side > 1:
        about = replace(about, run=replace(about.run, run_id=f"more-{side}"))
    return Want(resource=RESOURCE, ask_id=ask, side=about, due_minutes=due, roles=roles)


@dataclass
class Table:
    """A lease without a server: its register, and the course that its conflict is asked on."""

    at: datetime = NOW
    register: Register = field(init=False)
    course: Course = field(init=False)

    def __post_init__(self) -> None:
        book = Book("", NOW, NOW, steps={CONFLICT: StepState(agent="lease")})
        self.register = Register(RESOURCE, book)
        start = RunStart(plan=PLAN, title="Lease", business_key=RESOURCE, started_by="", parameters={})
        self.course = Course(start, book, RunRef("tower", "lease", "chain"), "chain", lambda: self.at)

    def quarrel(self) -> tuple[Want, Want]:
        """Both sides ask, and a person is asked in turn."""
        one, other = want(0, due=45), want(1, due=20)
        self.register.put(one)
        self.register.put(other)
        self.register.holder, self.register.rival = one.who, other.who
        rivals.open_conflict(self.course, self.register)
        return one, other

    def says(self, **answer: Json) -> rivals.Ruling:
        """What a ruling makes of the open conflict."""
        asked = self.course.book.open[CONFLICT]
        said: Decision = decision(asked, Verdict.ANSWER, BEN, payload={"answer": answer})
        return rivals.ruling(self.register, asked, said)


@pytest.fixture
def table() -> Table:
    return Table()


def test_the_first_comes_first_and_of_another_run_a_person_decides(table: Table) -> None:
    register, one, other = table.register, want(0), want(1)
    assert register.to_grant() == ""
    register.put(one)
    assert register.to_grant() == one.who
    register.holder = one.who
    register.say(one.who, Standing.GRANTED, token=1)
    assert (register.to_grant(), register.next_rival()) == ("", "")
    register.put(other)
    assert register.next_rival() == other.who
    register.rival = other.who
    assert (register.to_grant(), register.next_rival(), register.is_contested) == ("", "", True)


def test_who_lost_waits_and_does_not_quarrel_again_until_the_winner_is_done(table: Table) -> None:
    one, other = table.quarrel()
    register = table.register
    register.rival = ""
    register.first(other.who)
    register.lose(one.who, other.who)
    assert (register.holder, register.to_grant(), register.next_rival()) == (other.who, other.who, "")
    assert register.to_queue() == one.who
    register.leave(other.who, done="Refund €12")
    assert (register.holder, register.lost, register.to_grant()) == ("", {}, one.who)
    assert register.rivals[one.who].after == "Refund €12"


def test_another_proposal_of_a_side_is_asked_about_anew(table: Table) -> None:
    one, _ = table.quarrel()
    table.register.put(want(0, ask="2"))
    assert not table.register.is_contested
    assert table.register.rivals[one.who].want.ask_id == "2"


def test_twenty_wait_and_the_next_is_told_so(table: Table) -> None:
    for number in range(MAX_WANTS):
        table.register.put(want(number + 2))
    with pytest.raises(Refused) as caught:
        table.register.put(want(0))
    assert caught.value.code == RefusalCode.BUSY


def test_a_conflict_shows_both_is_due_with_the_sooner_and_is_decided_by_who_may_decide_both(table: Table) -> None:
    table.quarrel()
    asked = table.course.book.open[CONFLICT]
    assert [(side.run.run_id, side.is_holder) for side in asked.sides] == [
        (FIRST.run.run_id, True),
        ("sup-2210", False),
    ]
    assert asked.row.due_at == NOW + 20 * MINUTE
    assert asked.row.risk is max(FIRST.risk, SECOND.risk)
    assert asked.roles == (Role.SUPERVISOR,)
    assert asked.row.digest == escalation_digest(asked)


@pytest.mark.parametrize(
    ("answer", "winner", "fate"),
    [
        ({"winner": FIRST.run.run_id, "loser": "wait"}, FIRST.run.run_id, "wait"),
        ({"winner": SECOND.run.run_id, "loser": "stop"}, SECOND.run.run_id, "stop"),
        ({"winner": "neither", "loser": "stop"}, "", "stop"),
    ],
)
def test_a_ruling_names_the_winner_and_the_losers_fate(
    table: Table, answer: dict[str, Json], winner: str, fate: str
) -> None:
    one, other = table.quarrel()
    by_run = {FIRST.run.run_id: one.who, SECOND.run.run_id: other.who, "": ""}
    said = table.says(**answer)
    assert (said.winner, said.fate, said.by) == (by_run[winner], fate, BEN.name)


@pytest.mark.parametrize(
    "answer",
    [
        {"winner": "neither", "loser": "wait"},
        {"winner": "somebody", "loser": "stop"},
        {"winner": FIRST.run.run_id},
        {"winner": FIRST.run.run_id, "loser": "reroute", "to": "agent:nobody"},
        {"winner": FIRST.run.run_id, "loser": "reroute"},
    ],
)
def test_a_ruling_that_says_nothing_that_can_be_done_is_refused(table: Table, answer: dict[str, Json]) -> None:
    table.quarrel()
    with pytest.raises(Refused) as caught:
        table.says(**answer)
    assert caught.value.code == RefusalCode.INVALID_PAYLOAD


def test_time_in_which_no_worker_ran_does_not_count_and_any_other_does(table: Table) -> None:
    table.quarrel()
    due_at = NOW + 20 * MINUTE
    table.at = due_at + MINUTE
    assert not rivals.is_due_anew(table.course, due_at - MINUTE), "somebody could have decided"
    table.at = due_at + timedelta(days=1)
    assert not rivals.is_due_anew(table.course, due_at + MINUTE), "it was overdue before the worker stopped"
    assert rivals.is_due_anew(table.course, due_at - MINUTE)
    before = table.course.book.open[CONFLICT]
    rivals.due_anew(table.course, table.register)
    anew = table.course.book.open[CONFLICT]
    assert anew.row.due_at == table.at + 20 * MINUTE
    assert replace(anew, row=before.row) == before
    assert escalation_digest(anew) == before.row.digest

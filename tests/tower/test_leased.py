"""What leases make of a run, on a table: it acts under a grant on just its proposal, and on none ruled against."""

from __future__ import annotations

import pytest

from console.domain.escalation import Verdict
from console.domain.run import RunStatus
from console.tower import leased
from console.tower.book import Phase
from console.tower.lease_calls import News, Standing
from tests.tower.lease_plan import PLAN
from tests.tower.people import BEN
from tests.tower.test_course import Table, payment

STEP = "pay"


def asking() -> Table:
    """A run whose payment needs the till's account for itself, and asks for it."""
    table = Table(PLAN)
    table.work("first", patch={"a": 1})
    table.work("beside", patch={"b": 1})
    table.work(STEP, proposals=(payment("420.00"),))
    return table


def word(table: Table, standing: Standing, number: int = 1, **more: str) -> News:
    """The lease's word on what the run wants now."""
    want = leased.want(table.course, STEP)
    return News(resource=want.resource, ask_id=want.ask_id, step=STEP, number=number, standing=standing, **more)  # type: ignore[arg-type]


def tell(table: Table, news: News) -> None:
    """The lease tells, and the run takes it up."""
    table.book.news.append(news)
    leased.hear(table.course, ())
    table.course.ready()


def test_it_asks_before_it_proposes_and_goes_on_when_it_is_granted() -> None:
    table = asking()
    assert leased.needed(table.course, STEP).startswith("till/")
    assert table.book.steps[STEP].phase is Phase.LEASE
    assert leased.has_to_ask(table.course, STEP)
    assert not leased.can_execute(table.course, STEP)
    assert table.book.open == {}
    leased.answered(table.course, STEP, word(table, Standing.GRANTED))
    table.course.ready()
    assert leased.can_execute(table.course, STEP)
    assert STEP in table.book.open


@pytest.mark.parametrize("standing", [Standing.QUEUED, Standing.CONTESTED])
def test_while_another_run_stands_against_it_it_cannot_act_however_often_it_is_approved(standing: Standing) -> None:
    table = asking()
    leased.answered(table.course, STEP, word(table, Standing.GRANTED))
    table.course.ready()
    shown = table.book.open[STEP]
    tell(table, word(table, standing, number=2, text="run-2 wants it as well.", other="run-2"))
    assert leased.contest(table.course, STEP) == "run-2 wants it as well."
    assert leased.others(table.course, STEP) == ("run-2",)
    table.say(shown, Verdict.APPROVE)
    table.say(table.book.open.get(STEP, shown), Verdict.APPROVE, BEN)
    assert not leased.can_execute(table.course, STEP)


def test_a_grant_is_on_one_proposal_alone_and_an_older_word_changes_nothing() -> None:
    table = asking()
    before = leased.ask_id(table.course, STEP)
    granted = word(table, Standing.GRANTED, number=5)
    leased.answered(table.course, STEP, granted)
    table.course.ready()
    tell(table, word(table, Standing.CONTESTED, number=4, other="run-2"))
    assert leased.can_execute(table.course, STEP)
    table.say(table.book.open[STEP], Verdict.EDIT, payload={"arguments": payment("421.00").arguments})
    assert leased.ask_id(table.course, STEP) != before
    assert not leased.can_execute(table.course, STEP)
    leased.answered(table.course, STEP, granted)
    assert not leased.can_execute(table.course, STEP)
    assert [given.ask_id for given in table.book.given_back] == [before]


def test_who_is_ruled_against_is_not_asked_about_and_no_approval_outlives_it() -> None:
    table = asking()
    leased.answered(table.course, STEP, word(table, Standing.GRANTED))
    table.course.ready()
    shown = table.book.open[STEP]
    table.say(shown, Verdict.APPROVE)
    tell(table, word(table, Standing.STOPPED, number=2, text="Ben let run-2 go first.", other="run-2", by="Ben"))
    assert table.book.open == {}
    assert table.book.steps[STEP].phase not in {Phase.LEASE, Phase.EXECUTE}
    assert table.book.steps[STEP].granted == ()


def test_a_run_that_ends_gives_back_what_it_has() -> None:
    table = asking()
    leased.answered(table.course, STEP, word(table, Standing.GRANTED))
    held = leased.ask_id(table.course, STEP)
    table.course.end(RunStatus.CANCELLED, "Enough.")
    leased.let_go(table.course)
    assert [given.ask_id for given in table.book.given_back] == [held]

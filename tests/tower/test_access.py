"""Who may do what at each step, what was read and written there, and what was refused: computed, never claimed."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from console.domain.canonical import Json
from console.domain.escalation import Kind, Verdict
from console.domain.receipt import Effect
from console.domain.risk import Risk
from console.domain.run import Access, Touch
from console.tower import access, business, views
from console.tower.book import BOOK
from console.tower.budgets import passed
from console.tower.desk import Desk, Violation
from console.tower.messages import AgentCall, FailureType
from console.tower.plan import Budgets
from console.tower.staff import Report, ToolUse, Workplace
from tests.tower.people import ANA
from tests.tower.probe_plan import PLAN, STAFFED
from tests.tower.test_course import NOW, Table, effect, payment


@pytest.fixture
def place(tmp_path: Path) -> Workplace:
    business.create(tmp_path / "business.db")
    return Workplace(plans={"probe": STAFFED[0]}, business=tmp_path / "business.db", data=tmp_path, seed=1)


def of(table: Table, step: str) -> list[Access]:
    """What is told of a step."""
    return [one for one in access.access(table.course) if one.step_id == step]


def out_of_order(_: ToolUse) -> dict[str, Json]:
    raise OSError("out of order")


def at_desk(table: Table, place: Workplace, step: str) -> Desk:
    """The desk of an agent that is set to work."""
    call = table.course.begin(step)
    assert isinstance(call, AgentCall)
    return Desk(call, STAFFED[0], place)


def test_what_is_granted_has_the_parameters_of_the_run_filled_in() -> None:
    agents = tuple(replace(one, reads=("till/{who}/*",), alone_up_to=Risk.MEDIUM) for one in PLAN.agents)
    table = Table(replace(PLAN, agents=agents), {"who": "own*"})
    (first,) = of(table, "first")
    assert (first.agent, first.owner, first.is_now) == ("probe-agent", "Owner of probe-agent", True)
    assert (first.tools, first.reads) == (("till.pay", "till.look"), ("till/own[*]/*",))
    assert first.writes == ("till/own-*", "till/locked", "till/inside", "till/dead")
    assert (first.alone_up_to, first.read, first.written, first.breaches) == (Risk.MEDIUM, (), (), ())
    assert [one.step_id for one in access.access(table.course)] == list(PLAN.order())


def test_a_pattern_without_its_parameter_grants_nothing() -> None:
    agents = tuple(replace(one, reads=("till/{who}",)) for one in PLAN.agents)
    (first,) = of(Table(replace(PLAN, agents=agents)), "first")
    assert first.reads == ()
    assert first.writes


def test_lookups_count_as_read_also_those_of_an_attempt_that_failed(place: Workplace) -> None:
    table = Table()
    desk = at_desk(table, place, "first")
    asyncio.run(desk.look_up("till.look", account="own-1"))
    table.course.failed("first", FailureType.FAILED, "no paper", desk.trail())
    desk = at_desk(table, place, "first")
    for account in ("own-1", "own-2"):
        asyncio.run(desk.look_up("till.look", account=account))
    table.course.took("first", desk.outcome(Report()))
    (first,) = of(table, "first")
    assert [(one.resource, one.tool, one.times) for one in first.read] == [
        ("till/own-1", "till.look", 2),
        ("till/own-2", "till.look", 1),
    ]
    assert first.read[0].at is not None
    assert first.written == ()


def test_a_lookup_that_failed_is_not_read(place: Workplace) -> None:
    table = Table()
    broken = replace(STAFFED[0], tools={**STAFFED[0].tools, "till.look": out_of_order})
    call = table.course.begin("first")
    assert call is not None
    desk = Desk(call, broken, place)
    with pytest.raises(OSError, match="out of order"):
        asyncio.run(desk.look_up("till.look", account="own-1"))
    table.course.failed("first", FailureType.FAILED, "broken", desk.trail())
    assert of(table, "first")[0].read == ()


def test_what_was_refused_is_told_with_what_was_asked_for(place: Workplace) -> None:
    table = Table()
    desk = at_desk(table, place, "first")
    with pytest.raises(Violation) as refused:
        asyncio.run(desk.look_up("till.look", account="a/b"))
    table.course.failed("first", FailureType.VIOLATION, str(refused.value), desk.trail())
    (breach,) = of(table, "first")[0].breaches
    assert (breach.tool, breach.why) == ("till.look", str(refused.value))
    assert table.book.open["first"].row.kind is Kind.VIOLATION
    table.work("beside")
    table.book.open.clear()
    table.book.steps["first"].phase = table.book.steps["beside"].phase
    table.course.ready()
    table.work("pay", proposals=(payment("5.00", "strange"),))
    (breach,) = of(table, "pay")[0].breaches
    assert (breach.tool, breach.resource, breach.at) == ("till.pay", "till/strange", NOW)
    assert "outside what probe-agent may write" in breach.why


def test_only_what_the_executor_did_is_written_and_each_agent_has_its_own() -> None:
    table = Table()
    shown = table.reach_pay(proposals=(payment("42.00"),))
    (now,) = of(table, "pay")
    assert now.written == ()
    table.say(shown, Verdict.REROUTE, ANA, {"to": {"kind": "agent", "id": "second-agent"}})
    table.work("pay", proposals=(payment("42.00"),))
    table.say(table.book.open["pay"], Verdict.APPROVE)
    assert [one.written for one in of(table, "pay")] == [()]
    table.course.execution("pay")
    table.course.executed("pay", effect())
    (pay,) = of(table, "pay")
    assert (pay.agent, pay.written) == ("second-agent", (Touch(resource="till/own-1", tool="till.pay", at=NOW),))


def test_an_agent_that_had_the_step_before_is_told_with_what_it_read(place: Workplace) -> None:
    table = Table()
    table.work("first")
    table.work("beside")
    desk = at_desk(table, place, "pay")
    asyncio.run(desk.look_up("till.look", account="own-9"))
    table.course.took("pay", desk.outcome(Report(proposals=(payment("42.00"),))))
    shown = table.book.open["pay"]
    table.say(shown, Verdict.REROUTE, ANA, {"to": {"kind": "agent", "id": "second-agent"}})
    before, now = of(table, "pay")
    assert (before.agent, before.is_now, now.agent, now.is_now) == ("probe-agent", False, "second-agent", True)
    assert ([one.resource for one in before.read], now.read) == (["till/own-9"], ())


def test_what_was_touched_is_bounded_and_says_what_is_left_out() -> None:
    table = Table()
    table.work("first", trail=[entry(f"till/{number}") for number in range(access.MAX_TOUCHES + 7)])
    (first,) = of(table, "first")
    assert (len(first.read), first.left_out) == (access.MAX_TOUCHES, 7)
    for number in range(access.MAX_BREACHES + 3):
        access.note_breach(table.book, "first", f"{number} {'x' * 5_000}", "t", "r" * 5_000, NOW)
    (first,) = of(table, "first")
    assert (len(first.breaches), first.left_out) == (access.MAX_BREACHES, 10)
    assert first.breaches[-1].why.startswith("22 ")
    assert len(BOOK.dump_json(table.book)) < 60_000


def test_a_trail_entry_that_makes_no_sense_is_passed_over() -> None:
    table = Table()
    table.work("first", trail=[{"kind": "song"}, entry("till/own-1"), {}])
    assert [one.resource for one in of(table, "first")[0].read] == ["till/own-1"]


def entry(resource: str) -> dict[str, Json]:
    data: dict[str, Json] = {"tool": "till.look", "resource": resource}
    return {"entry_id": resource, "at": NOW.isoformat(), "kind": "tool call", "title": "till.look", "data": data}


def test_the_header_tells_how_much_of_each_budget_is_used() -> None:
    budgets = Budgets(steps=2, equal_calls=8, returns=2, tokens=1_000, cost=1.5, work_seconds=60)
    table = Table(replace(PLAN, budgets=budgets))
    table.work("first", tokens=400, cost=0.25, calls=("till.look aa", "till.look aa", "till.look bb"))
    told = {one.name: one for one in views.header(table.course).run.budgets}
    assert [(one.used, one.granted) for one in told.values()] == [
        (1, 2),
        (2, 8),
        (0, 2),
        (400, 1_000),
        (0.25, 1.5),
        (0, 60),
    ]
    assert (told["equal calls"].most, told["returns"].most) == ("till.look", "")
    assert passed(budgets, table.book.usage) is None
    table.work("beside", tokens=1)
    assert table.course.begin("pay") is None
    stuck = table.book.open["pay"]
    assert (stuck.row.kind, stuck.row.title) == (Kind.STUCK, "Pay makes no progress: steps used up")
    assert [one.used for one in views.header(table.course).run.budgets][:1] == [2]
    table.say(stuck, Verdict.RETRY)
    assert {one.used for one in views.header(table.course).run.budgets} == {0}


def test_the_edge_that_goes_back_and_forth_is_named() -> None:
    table = Table()
    table.work("first")
    table.work("beside")
    table.work("pay", back_to="first")
    told = {one.name: one for one in views.header(table.course).run.budgets}
    assert (told["returns"].used, told["returns"].most) == (1, "first and pay")


def test_an_effect_without_approval_is_written_too() -> None:
    table = Table()
    table.work("first")
    table.work("beside")
    table.work("pay", proposals=(payment("5.00"), payment("6.00")))
    for number in (1, 2):
        table.course.execution("pay")
        table.course.executed("pay", Effect(effect_id=str(number), tool="till.pay", at=NOW))
    (written,) = of(table, "pay")[0].written
    assert (written.resource, written.times) == ("till/own-1", 2)

"""No silent drift, on a real server: what relies on facts that have moved is not applied, approved or carried out."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest
from temporalio.client import Client, WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError

from console.domain.canonical import Json
from console.domain.errors import RefusalCode
from console.domain.escalation import Kind, Verdict
from console.domain.receipt import Outcome
from console.domain.run import Access, HandOff, RunStatus
from console.tower import wire
from console.tower.plan import StepSpec
from tests.servers import RunningServer, RunningWorker
from tests.tower.conftest import rows
from tests.tower.people import ANA, BEN, Desk, decision, until
from tests.tower.probe_plan import PLAN, QUICK

Story = Callable[[Client], Awaitable[None]]
# Beside the steps of the probe's plan: one that moves the fact they rely on, when it is let go.
MOVER = StepSpec(step_id="mover", title="Mover", agent="second-agent", after=("first",), time_limit=120, failure=QUICK)
MOVING = replace(PLAN, steps=(*(replace(one, time_limit=120) for one in PLAN.steps), MOVER))


@pytest.fixture
def tell(server: RunningServer, worker: RunningWorker) -> Callable[[Story], None]:
    """Run a story against the server, while a worker works."""

    async def told(story: Story) -> None:
        await story(await server.client())

    assert worker.process.is_alive
    return lambda story: asyncio.run(told(story))


@pytest.fixture
def let_go(worker: RunningWorker) -> Callable[[str], None]:
    """Let an agent of the probe go on that waits for a file of this name."""
    folder: Path = worker.folder / "world-4711"
    folder.mkdir(parents=True, exist_ok=True)
    return lambda name: (folder / name).touch()


async def fact(desk: Desk, name: str, value: Json) -> None:
    """Wait until a fact has this value."""

    async def is_so() -> bool:
        return (await desk.facts()).get(name) == value

    await until(is_so)


async def works(desk: Desk, step: str, occurrence: int) -> None:
    """Wait until the step's agent was set to work so often."""

    async def is_so() -> bool:
        return (await desk.steps())[step].occurrence == occurrence

    await until(is_so)


def test_a_step_runs_again_when_its_facts_moved_and_then_asks_a_person(
    tell: Callable[[Story], None], let_go: Callable[[str], None]
) -> None:
    does: dict[str, Json] = {
        "first": {"set": {"shared": 1}, "wait": "wait-drift"},
        "beside": {"read": ["shared"], "wait": "wait-drift", "find": {"sum": 7}},
        "mover": {"set": {"shared": 2}, "wait": "wait-drift"},
    }

    async def story(client: Client) -> None:
        desk = await Desk.start(client, MOVING, does)
        await works(desk, "beside", 1)
        let_go("wait-drift-first-1")
        await fact(desk, "shared", 1)
        let_go("wait-drift-beside-1")
        await works(desk, "beside", 2)
        assert "beside_found" not in await desk.facts()
        assert (await desk.steps())["beside"].message == "The state changed under it: shared"
        let_go("wait-drift-mover-1")
        await fact(desk, "shared", 2)
        let_go("wait-drift-beside-2")
        shown = await desk.waits("beside")
        assert (shown.row.kind, shown.failure) == (Kind.FAILURE, "The state changed under it: shared")
        assert "beside_found" not in await desk.facts()
        let_go("wait-drift-beside-3")
        assert (await desk.say(shown, Verdict.RETRY)).outcome is Outcome.CARRIED_OUT
        assert (await desk.ends()).status is RunStatus.COMPLETED
        assert (await desk.facts())["beside_found"] == {"sum": 7, "by": "probe-agent"}

    tell(story)


def test_an_open_approval_whose_facts_moved_is_superseded_where_everybody_sees_it(
    tell: Callable[[Story], None], let_go: Callable[[str], None], worker: RunningWorker
) -> None:
    does: dict[str, Json] = {
        "first": {"set": {"shared": 1}},
        "pay": {"read": ["shared"], "pay": {"account": "own-drift", "amount": "420.00"}},
        "mover": {"set": {"shared": 2}, "wait": "wait-approved"},
    }

    async def story(client: Client) -> None:
        desk = await Desk.start(client, MOVING, does)
        shown = await desk.waits("pay")
        half = await desk.decide(decision(shown, Verdict.APPROVE, ANA))
        assert half.outcome is Outcome.HALF_GRANTED
        let_go("wait-approved-mover-1")
        receipt = await desk.settled(half)
        assert (receipt.outcome, receipt.message) == (Outcome.SUPERSEDED, "What this relied on has changed: shared")
        with pytest.raises(WorkflowUpdateFailedError) as late:
            await desk.decide(decision(shown, Verdict.APPROVE, BEN))
        assert isinstance(late.value.cause, ApplicationError)
        assert late.value.cause.type == RefusalCode.ALREADY_DECIDED
        again = await desk.waits("pay", occurrence=2)
        assert again.approvals == ()
        assert rows(worker.business, "SELECT * FROM messages WHERE recipient = 'own-drift'") == []
        for person in (ANA, BEN):
            accepted = await desk.decide(decision(await desk.waits("pay", occurrence=2), Verdict.APPROVE, person))
        assert (await desk.settled(accepted)).outcome is Outcome.CARRIED_OUT
        assert len(rows(worker.business, "SELECT * FROM messages WHERE recipient = 'own-drift'")) == 1

    tell(story)


async def hand_offs(desk: Desk) -> dict[tuple[str, str, int], HandOff]:
    reply = await desk.handle.query(wire.QUERY_HAND_OFFS, result_type=wire.HandOffsReply)
    return {(one.from_step, one.to_step, one.turn): one for one in reply.hand_offs}


async def access(desk: Desk) -> dict[str, Access]:
    reply = await desk.handle.query(wire.QUERY_ACCESS, result_type=wire.AccessReply)
    return {one.step_id: one for one in reply.access if one.is_now}


def test_hand_offs_access_and_budgets_are_told_by_query_and_outlive_continue_as_new(
    tell: Callable[[Story], None],
) -> None:
    does: dict[str, Json] = {
        "first": {"find": {"a": 1}, "caveat": "the rate is preliminary"},
        "pay": {
            "read": ["first_found"],
            "pay": [{"account": "strange", "amount": "1.00"}, {"account": "own-seams", "amount": "42.00"}],
        },
        "last": {"hear": True, "wait": "looked"},
    }

    async def story(client: Client) -> None:
        desk = await Desk.start(client, PLAN, does, continue_after=1)
        bad = await desk.waits("pay")
        assert bad.row.kind is Kind.VIOLATION
        await desk.say(bad, Verdict.REJECT)
        shown = await desk.waits("pay", occurrence=2)
        before = await hand_offs(desk)
        await desk.say(shown, Verdict.APPROVE)
        run = await desk.ends()
        found = await hand_offs(desk)
        assert before.items() <= found.items()
        lost = found["first", "pay", 1]
        assert (lost.dropped_caveats, lost.used) == (("the rate is preliminary",), ("first_found",))
        assert (lost.agent, lost.owner) == ("probe-agent", "Owner of probe-agent")
        assert found["pay", "last", 1].dropped_caveats == ()
        assert "the rate is preliminary" in found["pay", "last", 1].caveats
        told = await access(desk)
        assert [(one.resource, one.times) for one in told["pay"].written] == [("till/own-seams", 1)]
        assert [one.resource for one in told["last"].read] == ["till/looked-last-1"]
        (breach,) = told["pay"].breaches
        assert (breach.tool, breach.resource) == ("till.pay", "till/strange")
        assert told["first"].written == ()
        budgets = {one.name: one for one in run.budgets}
        assert (budgets["steps"].used, budgets["steps"].granted) == (4, 30)
        assert budgets["equal calls"].most == "till.look"
        assert budgets["tokens"].used == run.tokens > 0

    tell(story)

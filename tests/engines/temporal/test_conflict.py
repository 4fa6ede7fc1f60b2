"""A conflict is found, read, ruled and followed as what waits in any run, though a lease hosts it."""

from __future__ import annotations

import uuid

import pytest
from temporalio.client import Client

from console.domain.canonical import Json
from console.domain.decision import Decision
from console.domain.escalation import EscalationKey, Kind, Verdict, Waiting
from console.domain.receipt import Outcome
from console.domain.risk import Risk
from console.domain.run import RunRef, RunStatus
from console.engines.temporal.engine import TemporalEngine
from console.tower import wire
from console.tower.messages import RunStart
from tests.engines.temporal.planted import connected
from tests.engines.tower_bench import Host
from tests.tower.lease_plan import PLAN
from tests.tower.people import decision, until

PLANS = ("tests.tower.lease_plan",)


@pytest.fixture
def leasing(quiet: Host) -> Host:
    """A server on which one worker works, of a plan whose till only one run at a time may pay out of."""
    quiet.run(quiet.start_worker(PLANS))
    return quiet


async def begin(client: Client, amount: str) -> str:
    start = RunStart(
        plan=PLAN,
        title="A run",
        business_key="order 4711",
        started_by="schedule",
        parameters={"pay": {"pay": {"account": "own-1", "amount": amount}}},
    )
    run_id = f"run-{uuid.uuid4().hex[:8]}"
    await client.start_workflow(wire.RUN_WORKFLOW, start, id=run_id, task_queue=wire.TASK_QUEUE)
    return run_id


async def rows(engine: TemporalEngine) -> dict[str, Waiting]:
    return {row.key.run.run_id: row async for page in engine.waiting() for row in page}


async def conflict_of(engine: TemporalEngine) -> EscalationKey:
    """The key of the one conflict that is listed, once it is."""
    found: list[EscalationKey] = []

    async def is_listed() -> bool:
        found[:] = [row.key for row in (await rows(engine)).values() if row.kind is Kind.CONFLICT]
        return bool(found)

    await until(is_listed)
    return found[0]


async def both_told(engine: TemporalEngine, first: str, second: str) -> dict[str, Waiting]:
    found: dict[str, Waiting] = {}

    async def are_listed() -> bool:
        found.clear()
        found.update(await rows(engine))
        return {first, second} <= set(found)

    await until(are_listed)
    return found


def test_a_conflict_is_listed_read_ruled_and_gone(leasing: Host) -> None:
    async def run() -> None:
        async with connected(leasing) as (client, engine, _):
            first = await begin(client, "42.00")
            await until(lambda: _waits(engine, first))
            second = await begin(client, "142.00")
            key = await conflict_of(engine)
            listed = await both_told(engine, first, second)
            row = listed[key.run.run_id]
            assert (row.title, row.risk, row.resource) == ("Two runs want order 4711", Risk.HIGH, "till/own-1")
            assert {listed[one].resource for one in (first, second)} == {"till/own-1"}
            shown = await engine.escalation(key)
            assert not shown.row.problem
            assert [side.run.run_id for side in shown.sides] == [first, second]
            assert [side.proposal.arguments["amount"] for side in shown.sides] == ["42.00", "142.00"]
            assert (await engine.run(key.run)).status is RunStatus.WAITS
            payload: dict[str, Json] = {"answer": {"winner": second, "loser": "wait"}, "reason": "seen"}
            said = decision(shown, Verdict.ANSWER, payload=payload)
            assert (await engine.deliver(said)).outcome is Outcome.CONFIRMED
            await until(lambda: _carried_out(engine, said))
            await until(lambda: _is_gone(engine, key))
            ref = shown.sides[0].run
            await until(lambda: _says(engine, ref, f"Ana let {second} go first"))

    leasing.run(run())


async def _waits(engine: TemporalEngine, run_id: str) -> bool:
    return run_id in await rows(engine)


async def _carried_out(engine: TemporalEngine, said: Decision) -> bool:
    receipt = await engine.read_back(said)
    return receipt is not None and receipt.outcome is Outcome.CARRIED_OUT


async def _is_gone(engine: TemporalEngine, key: EscalationKey) -> bool:
    return key.run.run_id not in await rows(engine)


async def _says(engine: TemporalEngine, ref: RunRef, words: str) -> bool:
    """Whether the run's trail tells so: what became of the loser is seen where it happened."""
    page = await engine.trail(ref)
    return any(words in entry.text for entry in page.entries)

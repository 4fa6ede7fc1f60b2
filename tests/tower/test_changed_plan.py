"""A plan that changed: runs under way go on by theirs, effects by the worker's; what fits no more asks a person."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from console.domain.canonical import Json
from console.domain.escalation import Kind, Verdict
from console.domain.receipt import Outcome
from console.domain.run import RunStatus, StepStatus
from tests.servers import RunningServer, RunningWorker, start_server, start_worker
from tests.tower.conftest import PROBE, rows
from tests.tower.people import ANA, BEN, Desk
from tests.tower.probe_plan import PLAN

STRICTER, WITHOUT = f"{PROBE}_two", f"{PROBE}_three"


@pytest.fixture
def own(tmp_path: Path) -> Iterator[RunningServer]:
    """A server of the test's own, since its workers change."""
    server = start_server(tmp_path / "server")
    yield server
    server.stop()


@contextmanager
def worker_with(server: RunningServer, folder: Path, plans: str) -> Iterator[RunningWorker]:
    """A worker with these plans."""
    worker = start_worker(server, folder / "work", plans=(plans,), name=plans)
    yield worker
    worker.stop()


def pays(account: str) -> dict[str, Json]:
    return {"pay": {"pay": {"account": account, "amount": "42.00"}}}


def test_a_run_goes_on_by_its_own_plan_and_the_executor_by_the_workers(own: RunningServer, tmp_path: Path) -> None:
    async def begin() -> list[Desk]:
        client = await own.client()
        desks = [await Desk.start(client, PLAN, pays(f"own-{number}")) for number in range(2)]
        for desk in desks:
            assert (await desk.waits("pay")).row.required_approvals == 1
        return desks

    async def go_on(desks: list[Desk]) -> None:
        client = await own.client()
        alone, both = (Desk(client.get_workflow_handle(desk.handle.id)) for desk in desks)
        shown = await alone.waits("pay")
        # By the plan that the run carries one is enough; the worker's own policy wants two.
        receipt = await alone.say(shown, Verdict.APPROVE, ANA)
        assert receipt.outcome is Outcome.FAILED
        found = await alone.waits("pay", occurrence=2)
        assert found.row.kind is Kind.VIOLATION
        assert (await alone.say(found, Verdict.REJECT, BEN)).outcome is Outcome.CARRIED_OUT
        run = await alone.ends()
        assert run.status is RunStatus.COMPLETED
        steps = await alone.steps()
        # Its last step is done by an agent that is no more: the plan says to go on without.
        assert set(steps) == {"first", "beside", "pay", "last"}
        assert (steps["last"].status, steps["last"].message) == (
            StepStatus.FAILED,
            "Went on without “Last”, which failed: This worker has no second-agent.",
        )
        assert (await both.waits("pay")).row.required_approvals == 1

    with worker_with(own, tmp_path, PROBE):
        desks = asyncio.run(begin())
    with worker_with(own, tmp_path, STRICTER) as worker:
        asyncio.run(go_on(desks))
        assert rows(worker.business, "SELECT 1 FROM effects") == []


def test_what_the_changed_plan_does_not_know_asks_a_person_and_goes_on_when_it_is_back(
    own: RunningServer, tmp_path: Path
) -> None:
    async def begin() -> list[str]:
        client = await own.client()
        tool = await Desk.start(client, PLAN, pays("own-tool"))
        agent = await Desk.start(client, PLAN, {"first": {"ask": True}})
        await tool.waits("pay")
        await agent.waits("first")
        return [tool.handle.id, agent.handle.id]

    async def ask(run_ids: list[str]) -> None:
        client = await own.client()
        tool, agent = (Desk(client.get_workflow_handle(run_id)) for run_id in run_ids)
        approved = await tool.say(await tool.waits("pay"), Verdict.APPROVE)
        assert approved.outcome is Outcome.FAILED
        found = await tool.waits("pay", occurrence=2)
        assert (found.row.kind, found.failure) == (
            Kind.VIOLATION,
            "The worker's plan probe does not know 'till.pay'.",
        )
        answer: dict[str, Json] = {"answer": {"amount": "3.00"}}
        await agent.say(await agent.waits("first"), Verdict.ANSWER, payload=answer)
        failed = await agent.waits("first", occurrence=2)
        assert (failed.row.kind, failed.failure) == (Kind.FAILURE, "This worker has no probe-agent.")

    async def finish(run_ids: list[str]) -> None:
        client = await own.client()
        tool, agent = (Desk(client.get_workflow_handle(run_id)) for run_id in run_ids)
        await tool.say(await tool.waits("pay"), Verdict.RETRY)
        again = await tool.waits("pay", occurrence=3)
        assert (await tool.say(again, Verdict.APPROVE)).outcome is Outcome.CARRIED_OUT
        await agent.say(await agent.waits("first"), Verdict.RETRY)
        for desk in (tool, agent):
            assert (await desk.ends()).status is RunStatus.COMPLETED

    with worker_with(own, tmp_path, PROBE):
        run_ids = asyncio.run(begin())
    with worker_with(own, tmp_path, WITHOUT):
        asyncio.run(ask(run_ids))
    with worker_with(own, tmp_path, PROBE) as worker:
        asyncio.run(finish(run_ids))
        assert rows(worker.business, "SELECT resource FROM effects") == [("till/own-tool",)]

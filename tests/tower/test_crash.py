"""What dies in the middle: one effect for one approval, no attempt counted, nothing open lost."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from console.domain.canonical import Json
from console.domain.escalation import Verdict
from console.domain.receipt import Outcome
from console.tower import processes
from tests.servers import RunningServer, RunningWorker, start_server, start_worker
from tests.tower.conftest import PROBE, rows
from tests.tower.people import ANA, BEN, Desk, decision, until
from tests.tower.probe_plan import PLAN


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[RunningServer]:
    """A server of the test's own, to be killed."""
    running = start_server(tmp_path / "server")
    yield running
    running.stop()


@pytest.fixture
def workers(own_server: RunningServer, tmp_path: Path) -> Iterator[list[RunningWorker]]:
    """Workers that share a folder; the first one runs."""
    running = [start_worker(own_server, tmp_path / "work", plans=(PROBE,))]
    yield running
    for worker in running:
        worker.stop()


def paid(worker: RunningWorker) -> list[tuple[str, ...]]:
    return rows(worker.business, "SELECT decision_id, subject FROM effects LEFT JOIN messages USING (effect_id)")


@pytest.mark.parametrize("account", ["inside", "dead"])
def test_a_worker_killed_while_it_executes_has_one_effect(
    own_server: RunningServer, workers: list[RunningWorker], account: str
) -> None:
    """``inside``: killed in the tool's transaction. ``dead``: killed after its commit, before anybody was told."""
    data = workers[0].folder / "world-4711"

    async def story() -> None:
        client = await own_server.client()
        desk = await Desk.start(client, PLAN, {"pay": {"pay": {"account": account, "amount": "42.00"}}})
        accepted = await desk.decide(decision(await desk.waits("pay"), Verdict.APPROVE))
        await until((data / "inside").exists if account == "inside" else lambda: len(paid(workers[0])) == 1)
        workers[0].kill()
        assert len(paid(workers[0])) == (0 if account == "inside" else 1)
        data.mkdir(exist_ok=True)
        (data / "let-go").touch()
        workers.append(start_worker(own_server, workers[0].folder, plans=(PROBE,), name="second"))
        receipt = await desk.settled(accepted)
        assert receipt.outcome is Outcome.CARRIED_OUT
        assert paid(workers[0]) == [(receipt.decision_id, "42.00")]
        assert (await desk.steps())["pay"].attempts == 2  # the agent's, and the tool's one

    asyncio.run(story())


def test_a_worker_that_stops_costs_no_attempt(own_server: RunningServer, workers: list[RunningWorker]) -> None:
    async def story() -> None:
        client = await own_server.client()
        desk = await Desk.start(client, PLAN, {"first": {"sleep": 4}})

        async def is_running() -> bool:
            return (await desk.steps())["first"].attempts == 1

        await until(is_running)
        await asyncio.sleep(0.5)
        workers[0].stop()
        assert not workers[0].process.is_alive
        workers.append(start_worker(own_server, workers[0].folder, plans=(PROBE,), name="second"))
        await desk.ends()
        assert (await desk.steps())["first"].attempts == 1

    asyncio.run(story())


def test_a_server_killed_with_items_open_loses_nothing(own_server: RunningServer, workers: list[RunningWorker]) -> None:
    async def story() -> None:
        client = await own_server.client()
        parameters: dict[str, Json] = {"pay": {"pay": {"account": "own-server", "amount": "420.00"}}}
        desk = await Desk.start(client, PLAN, parameters)
        shown = await desk.waits("pay")
        half = await desk.decide(decision(shown, Verdict.APPROVE, ANA))
        own_server.kill()
        own_server.restart()
        again = await desk.waits("pay")
        assert (again.key, again.row.digest, again.row.approvals) == (shown.key, shown.row.digest, 1)
        second = await desk.say(again, Verdict.APPROVE, BEN)
        assert second.outcome is Outcome.CARRIED_OUT
        assert (await desk.receipt(half.decision_id)) is not None
        assert len(paid(workers[0])) == 1
        # The worker lived through it.
        assert workers[0].process.is_alive

    asyncio.run(story())


def test_a_pid_that_was_given_away_is_not_hit(tmp_path: Path) -> None:
    record = tmp_path / "record.json"
    process = processes.spawn(("/bin/sleep", "30"), record, tmp_path / "log")
    other = record.read_text(encoding="utf-8").replace(process.started, "another start")
    record.write_text(other, encoding="utf-8")
    assert not processes.end(record)
    assert process.is_alive
    record.write_text(other.replace("another start", process.started), encoding="utf-8")
    assert processes.end(record)
    assert processes.recorded(record) is None


def test_a_process_that_does_not_listen_is_ended_by_force(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "STOP_SECONDS", 0.3)
    record, ready = tmp_path / "record.json", tmp_path / "ready"
    script = f"trap '' TERM; touch {ready}; while true; do sleep 0.1; done"
    process = processes.spawn(("/bin/sh", "-c", script), record, tmp_path / "log")
    asyncio.run(until(ready.exists))
    assert processes.end(record)
    assert not process.is_alive

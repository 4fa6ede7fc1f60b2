"""A day's work with the sample plans: start runs, and say whatever lets them go on, until all have ended."""

from __future__ import annotations

import asyncio
import csv
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

from temporalio.client import Client, WorkflowQueryFailedError
from temporalio.service import RPCError

from console.domain.canonical import Json
from console.domain.escalation import Escalation, Kind, Verdict
from console.domain.receipt import Outcome, Receipt
from console.domain.run import RunStatus
from console.tower.generator import begin
from console.tower.plans.samples import Sample
from console.tower.staff import Workplace, load
from console.tower.wire import TASK_QUEUE
from console.tower.worker import SAMPLE_PLANS
from tests.servers import RunningWorker
from tests.tower.conftest import rows
from tests.tower.people import ANA, BEN, Desk, decision

Row = dict[str, str]
PATIENCE = 150.0
LOOK_AGAIN = 0.1


def table(folder: Path, name: str) -> list[Row]:
    """The rows of a file of the world."""
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def come_back(business: Path) -> None:
    """Whatever is out answers again."""
    with closing(sqlite3.connect(business, timeout=10)) as db, db:
        db.execute("UPDATE outages SET until = '2026-01-01T00:00:00+00:00'")


def workplace(worker: RunningWorker, seed: int) -> Workplace:
    """Where a worker of this seed works."""
    return Workplace(
        plans=load(SAMPLE_PLANS), business=worker.business, data=worker.folder / f"world-{seed}", seed=seed
    )


async def begun(client: Client, place: Workplace, samples: Iterable[Sample]) -> dict[str, Desk]:
    """Samples, each as far as it comes without a person."""
    desks: dict[str, Desk] = {}
    for one in samples:
        run_id = await begin(client, place, one, TASK_QUEUE)
        desks[run_id] = Desk(client.get_workflow_handle(run_id))
    await at_rest(desks.values())
    return desks


async def at_rest(desks: Iterable[Desk]) -> None:
    """Wait until each run waits for somebody, or has ended: many begin at once, and a query may find no worker free."""
    async with asyncio.timeout(PATIENCE):
        for desk in desks:
            while True:
                if await status(desk) not in {None, RunStatus.RUNNING}:
                    break
                await asyncio.sleep(LOOK_AGAIN)


async def status(desk: Desk) -> RunStatus | None:
    """How a run does; ``None`` where nobody answers yet."""
    try:
        return (await desk.run()).status
    except (RPCError, WorkflowQueryFailedError):
        return None


def answer(shown: Escalation) -> tuple[Verdict, dict[str, Json]]:
    """What somebody would say who wants the run to go on."""
    if shown.row.kind is Kind.QUESTION:
        ((name, field),) = shown.schema["properties"].items()  # type: ignore[union-attr]
        assert isinstance(field, dict)
        options = field["enum"]
        assert isinstance(options, list)
        return Verdict.ANSWER, {"answer": {name: options[0]}}
    if shown.row.kind is Kind.VIOLATION:
        target = shown.targets[0]
        return Verdict.REROUTE, {"to": {"kind": str(target.kind), "id": target.target_id}}
    if shown.row.kind is Kind.STUCK:
        return Verdict.SKIP, {"reason": "it was looked into"}
    if shown.row.kind is Kind.FAILURE:
        return Verdict.RETRY, {}
    return Verdict.APPROVE, {"reason": "checked"}


async def decide_all(desk: Desk, business: Path, kinds: set[Kind]) -> list[Receipt]:
    """Keep saying yes until the run has ended; the receipts, settled."""
    receipts: list[Receipt] = []
    while (await desk.run()).closed_at is None:
        await asyncio.sleep(0.25)
        for shown in await desk.open():
            kinds.add(shown.row.kind)
            if shown.row.kind is Kind.FAILURE:
                come_back(business)
            verdict, payload = answer(shown)
            accepted = await desk.decide(decision(shown, verdict, ANA, payload=payload))
            if shown.row.required_approvals > 1:
                again = await desk.waits(shown.step)
                accepted = await desk.decide(decision(again, verdict, BEN, payload=payload))
            receipts.append(await desk.settled(accepted))
    return receipts


def tally(business: Path, receipts: Iterable[Receipt]) -> None:
    """Check that each effect that somebody decided stands in one receipt, and that only approvals failed."""
    settled = list(receipts)
    effects = rows(business, "SELECT effect_id, decision_id FROM effects WHERE decision_id != ''")
    done = [(one.effect.effect_id, one.decision_id) for one in settled if one.effect is not None]
    assert sorted(effects) == sorted(done)
    assert {one.verdict for one in settled if one.outcome is Outcome.FAILED} <= {Verdict.APPROVE}

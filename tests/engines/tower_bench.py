"""The tower on the bench: a real Temporal server and worker on loopback, and two desks, one over a line that breaks.

Server and worker run in the loop of a thread of their own (:class:`Host`), so that a module's rules share them.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sqlite3
import threading
import uuid
from collections.abc import AsyncIterator, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from pydantic import TypeAdapter
from temporalio.client import Client, WorkflowHandle
from temporalio.contrib.pydantic import pydantic_data_converter

from console.domain.canonical import Json
from console.domain.decision import Decision
from console.domain.digest import escalation_digest
from console.domain.errors import Unreachable
from console.domain.escalation import EscalationKey, Kind, Verdict
from console.domain.rules import EXECUTING
from console.domain.run import RunRef
from console.engines.temporal.engine import TemporalEngine
from console.engines.temporal.settings import TemporalSettings
from console.tower import wire
from console.tower.messages import RunStart
from console.tower.plan import Plan
from console.tower.server import HOST, Tower
from console.tower.worker import WorkerConfig, working
from tests.engines import bench_plan
from tests.engines.conformance import REASON, Arrival, Ask
from tests.engines.line import Line
from tests.signing import BENNO as BEN
from tests.signing import enrol_all, plant_root, signed

T = TypeVar("T")

LOOK_AGAIN = 0.05
PLAN_MODULE = "tests.engines.bench_plan"
_DECISION = TypeAdapter(Decision)


class Host:
    """A loop in a thread, with a server and, while ``has_worker``, a worker in it."""

    def __init__(self, folder: Path, *, has_worker: bool = True) -> None:
        self.tower = Tower(folder)
        self.address = ""
        self._has_worker = has_worker
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="bench", daemon=True)
        self._at_work = AsyncExitStack()

    def start(self) -> None:
        """Start everything; returns when it answers."""
        self._thread.start()
        self.address = self.run(self.tower.start_server())
        if self._has_worker:
            self.run(self.start_worker())

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine in the loop, to its end."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def stop(self) -> None:
        """End worker, server and loop."""
        self.run(self.stop_worker())
        self.run(self.tower.stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def start_worker(self, plans: tuple[str, ...] = (PLAN_MODULE,)) -> None:
        """Let somebody work."""
        config = WorkerConfig(address=self.address, plans=plans, data=self.tower.folder)
        plant_root(self.tower.folder)
        client = await self._at_work.enter_async_context(working(config))
        await enrol_all(client)

    async def stop_worker(self) -> None:
        """Let nobody work."""
        await self._at_work.aclose()


@dataclass
class TowerBench:
    """Runs of :mod:`tests.engines.bench_plan` under script."""

    host: Host
    client: Client
    line: Line
    desk: TemporalEngine
    other_desk: TemporalEngine
    patience: float = 20.0
    last: EscalationKey | None = None

    async def open(self, ask: Ask) -> EscalationKey:
        kinds = {Verdict.ANSWER: "answer", Verdict.RETRY: "retry", Verdict.SKIP: "retry"}
        self.last = await self.start(
            {"ask": kinds.get(ask.verdict, "approval"), "risk": int(ask.risk), "approvals": ask.required_approvals}
        )
        return self.last

    async def start(self, parameters: dict[str, Json], *, continue_after: int = 1_500) -> EscalationKey:
        """Start a run and wait until it asks for a person."""
        return await self.waiting_in((await self.start_run(parameters, continue_after=continue_after)).run_id)

    async def contend(self) -> EscalationKey:
        wish: dict[str, Json] = {"ask": "approval", "risk": 2, "approvals": 1, "account": uuid.uuid4().hex[:8]}
        first = await self.start_run(wish, plan=bench_plan.LEASED)
        await self.waiting_in(first.run_id)
        second = await self.start_run(wish, plan=bench_plan.LEASED)
        while True:
            async for page in self.desk.waiting():
                for row in page:
                    if row.kind is Kind.CONFLICT:
                        sides = (await self.desk.escalation(row.key)).sides
                        if {side.run for side in sides} == {first, second}:
                            return row.key
            await asyncio.sleep(LOOK_AGAIN)

    async def start_run(
        self, parameters: dict[str, Json], *, continue_after: int = 1_500, plan: Plan = bench_plan.PLAN
    ) -> RunRef:
        """Start a run."""
        start = RunStart(
            plan=plan,
            title="A run of the bench",
            business_key="4711",
            started_by="generator",
            parameters=parameters,
            continue_after=continue_after,
        )
        run_id = f"bench-{uuid.uuid4().hex[:12]}"
        return await self.start_as(run_id, start)

    async def start_as(self, run_id: str, start: object) -> RunRef:
        """Start a run under a workflow id that may have been used before."""
        handle = await self.client.start_workflow(wire.RUN_WORKFLOW, start, id=run_id, task_queue=wire.TASK_QUEUE)
        return RunRef((await self.other_desk.open()).identity, run_id, handle.first_execution_run_id or "")

    async def waiting_in(self, run_id: str, *, other_than: EscalationKey | None = None) -> EscalationKey:
        """The key of what waits in a run, asked of the run itself and seen in the list."""
        while True:
            described = await self.client.get_workflow_handle(run_id).describe()
            memo = await described.memo()
            rows = TypeAdapter(wire.RunMemo).validate_python(memo.get(wire.MEMO_KEY, {})).rows
            keys = [TypeAdapter(EscalationKey).validate_python(row["key"]) for row in rows]
            for key in keys:
                if key != other_than:
                    return key
            await asyncio.sleep(LOOK_AGAIN)

    async def change(self, key: EscalationKey) -> EscalationKey:
        """A colleague edits what two have to approve."""
        await self._elsewhere(key, Verdict.EDIT)
        return key

    async def reopen(self, key: EscalationKey) -> EscalationKey:
        """A colleague reroutes it, and the other agent proposes the same."""
        await self._elsewhere(key, Verdict.REROUTE)
        return await self.waiting_in(key.run.run_id, other_than=key)

    async def _elsewhere(self, key: EscalationKey, verdict: Verdict) -> None:
        shown = await self.other_desk.escalation(key)
        now = datetime.now(UTC)
        await self.other_desk.deliver(
            signed(
                Decision(
                    decision_id=f"elsewhere-{uuid.uuid4().hex}",
                    key=key,
                    opened_in=shown.opened_in,
                    digest=escalation_digest(shown),
                    verdict=verdict,
                    payload={"reason": REASON} | await self.payload(key, verdict),
                    by=BEN,
                    key_id="",
                    signed_at=now,
                    valid_until=now + timedelta(minutes=10),
                    audit_head="0" * 64,
                )
            )
        )

    async def payload(self, _key: EscalationKey, verdict: Verdict, /) -> dict[str, Json]:
        if verdict is Verdict.EDIT:
            return {"arguments": {"account": "4711", "amount": "199.00"}}
        if verdict is Verdict.ANSWER:
            return {"answer": {"centre": "4400"}}
        if verdict is Verdict.REROUTE:
            return {"to": {"kind": "agent", "id": "bench-second"}}
        return {}

    async def lose_next_reply(self) -> None:
        key = self._last()
        taken = len(await self.arrivals(key))
        self.line.hold_replies()

        async def cut_when_taken() -> None:
            while True:
                if len(await self.arrivals(key)) > taken:
                    self.line.cut()
                    return
                await asyncio.sleep(LOOK_AGAIN)

        self._cutting = asyncio.get_running_loop().create_task(cut_when_taken(), name="cut")

    async def lose_next_request(self) -> None:
        self.line.swallow_requests()

        async def cut_when_sent() -> None:
            await self.line.swallowed.wait()
            await asyncio.sleep(LOOK_AGAIN)
            self.line.cut()

        self._cutting = asyncio.get_running_loop().create_task(cut_when_sent(), name="cut")

    async def go_away(self) -> None:
        await self.line.stop()
        # Until the client has noticed: a call on a line that broke unnoticed is rightly uncertain.
        for _ in range(2):
            with contextlib.suppress(Unreachable):
                await self.desk.run(self._last().run)

    async def mend(self) -> None:
        self.line.mend()
        await self.line.stop()
        await self.line.start()
        while True:
            try:
                await self.desk.open()
            except Unreachable:
                await asyncio.sleep(LOOK_AGAIN)
            else:
                return

    async def restart(self) -> None:
        await self.host.tower.stop_server()
        assert await self.host.tower.start_server() == self.host.address

    def _last(self) -> EscalationKey:
        assert self.last is not None
        return self.last

    async def finish(self, key: EscalationKey) -> None:
        """The plan has one step: what is decided of it ends the run."""

    async def arrivals(self, key: EscalationKey) -> list[Arrival]:
        """By the run's history: every decision that was accepted, over all its executions."""
        found = []
        handle: WorkflowHandle[Any, Any] = self.client.get_workflow_handle(key.run.run_id)
        async for event in handle.fetch_history_events():
            accepted = event.workflow_execution_update_accepted_event_attributes.accepted_request.input
            if accepted.name == wire.UPDATE_DECIDE:
                raw = json.loads(accepted.args.payloads[0].data)["decision"]
                decision = _DECISION.validate_python(raw)
                if decision.key == key:
                    found.append(
                        Arrival(
                            decision_id=decision.decision_id, verdict=decision.verdict, payload=dict(decision.payload)
                        )
                    )
        return found

    async def applied(self, key: EscalationKey) -> list[Arrival]:
        """What acts is counted in the business database, the rest by the run's receipts."""
        found = []
        for arrival in await self.arrivals(key):
            handle = self.client.get_workflow_handle(key.run.run_id)
            reply = await handle.query(wire.QUERY_RECEIPT, arrival.decision_id, result_type=wire.ReceiptReply)
            if reply.receipt is None:
                continue
            if arrival.verdict not in EXECUTING:
                found.append(arrival)
            found.extend(
                Arrival(
                    decision_id=arrival.decision_id,
                    verdict=arrival.verdict,
                    payload=arrival.payload,
                    arguments=arguments,
                )
                for arguments in self.effects(arrival.decision_id)
            )
        return found

    def effects(self, decision_id: str) -> list[dict[str, Json]]:
        """The arguments of every effect in the business database that names this decision."""
        with closing(sqlite3.connect(self.host.tower.business)) as db:
            known = db.execute("SELECT name FROM sqlite_master WHERE name = 'posted'").fetchone()
            if not known:
                return []
            rows = db.execute(
                "SELECT p.arguments FROM effects e JOIN posted p USING (effect_id) WHERE e.decision_id = ?",
                (decision_id,),
            )
            return [json.loads(row[0]) for row in rows]


@asynccontextmanager
async def tower_bench(host: Host) -> AsyncIterator[TowerBench]:
    """A bench on a host that runs: two desks opened, one of them over a line of its own."""
    line = Line(HOST, int(host.address.rpartition(":")[2]))
    await line.start()
    desk = TemporalEngine(TemporalSettings(address=line.address), page_size=3)
    other = TemporalEngine(TemporalSettings(address=host.address))
    client = await Client.connect(host.address, data_converter=pydantic_data_converter)
    await desk.open()
    await other.open()
    bench = TowerBench(host, client, line, desk, other)
    try:
        yield bench
    finally:
        await desk.close()
        await other.close()
        await line.stop()

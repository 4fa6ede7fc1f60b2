"""A run that says of itself what towers say, in memo and attributes, and answers with whatever a test planted."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from temporalio import workflow
from temporalio.client import Client
from temporalio.common import SearchAttributeKey
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from console.domain.escalation import Escalation
from console.domain.run import RunRef
from console.tower import wire
from tests.engines.hostile import HOSTILE, as_json, sound
from tests.engines.temporal.scripted_run import echo

QUEUE = "impostors"
TYPE = "Impostor"
NATIVE_ID = "planted"
OPEN = SearchAttributeKey.for_int("ClearanceOpen")
RISK = SearchAttributeKey.for_int("ClearanceRisk")
CHANGED = SearchAttributeKey.for_datetime("ClearanceChangedAt")


@workflow.defn(name=TYPE)
class Impostor:
    """Waits for ever. Takes the server's identity and what to plant: the name of a hostile item, or a proposal."""

    def __init__(self) -> None:
        self._item: object = None

    @workflow.run
    async def run(self, server: str, sort: str, proposal: dict[str, Any]) -> None:
        info = workflow.info()
        item = sound(RunRef(server, info.workflow_id, info.first_execution_run_id), NATIVE_ID, **proposal)
        self._item = planted(item, sort)
        workflow.upsert_memo({wire.MEMO_KEY: {"rows": [as_json(item)["row"]]}})
        now = workflow.now().astimezone(UTC)
        workflow.upsert_search_attributes(
            [
                OPEN.value_set(1),
                RISK.value_set(int(item.row.risk)),
                CHANGED.value_set(now.replace(microsecond=0)),
            ]
        )
        await workflow.wait_condition(lambda: False)

    @workflow.query(name=wire.QUERY_ESCALATIONS)
    def escalations(self) -> dict[str, Any]:
        return {"run_id": workflow.info().run_id, "items": [self._item]}

    @workflow.query(name=wire.QUERY_RECEIPT)
    def receipt(self, _decision_id: str) -> str:
        return "no receipt"

    @workflow.update(name=wire.UPDATE_DECIDE)
    async def decide(self, request: dict[str, Any]) -> dict[str, Any]:
        """Say yes with a receipt that does not echo what was said."""
        return echo(request["decision"])


def planted(item: Escalation, sort: str) -> object:
    """The item as this sort of hostility leaves it; nothing named leaves it sound."""
    return HOSTILE[sort][0](as_json(item)) if sort else as_json(item)


@asynccontextmanager
async def impostors(
    client: Client, server: str, wanted: Mapping[str, tuple[str, dict[str, Any]]]
) -> AsyncIterator[dict[str, str]]:
    """The ids of runs, by name, each with its sort and proposal; they end with the ``with``."""
    stamp = f"{datetime.now(UTC):%H%M%S%f}"
    ids = {name: f"impostor-{name}-{stamp}" for name in wanted}
    runner = UnsandboxedWorkflowRunner()
    async with Worker(client, task_queue=QUEUE, workflows=[Impostor], workflow_runner=runner):
        for name, (sort, proposal) in wanted.items():
            await client.start_workflow(TYPE, args=[server, sort, proposal], id=ids[name], task_queue=QUEUE)
        try:
            yield ids
        finally:
            for run_id in ids.values():
                await client.get_workflow_handle(run_id).terminate()

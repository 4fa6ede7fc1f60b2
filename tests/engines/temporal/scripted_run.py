"""A run that answers whatever a test wrote down: to queries by name, and to every decision.

The script is JSON: ``queries`` holds the reply to each query, ``grow`` the size of replies that are only long;
``decide`` is what update ``decide`` returns, where ``fail`` in it, a type and a message, makes it fail instead, and
``echo`` makes it a receipt of the decision with these parts changed. Items are sent by signal, as they name their run.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.client import Client
from temporalio.common import RawValue
from temporalio.exceptions import ApplicationError
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from console.domain.run import RunRef
from console.tower import wire

QUEUE = "scripted"


@workflow.defn(name="Scripted")
class ScriptedRun:
    """It waits until it is terminated."""

    def __init__(self) -> None:
        self._script: dict[str, Any] = {}

    @workflow.run
    async def run(self, script: dict[str, Any]) -> None:
        self._script = script | self._script
        await workflow.wait_condition(lambda: False)

    @workflow.update(name=wire.UPDATE_DECIDE)
    async def decide(self, request: dict[str, Any]) -> Any:  # noqa: ANN401  # whatever JSON a test wrote
        await workflow.wait_condition(lambda: bool(self._script))
        answer = self._script["decide"]
        if isinstance(answer, dict) and "fail" in answer:
            kind, message = answer["fail"]
            raise ApplicationError(message, type=kind, non_retryable=True)
        if isinstance(answer, dict) and "echo" in answer:
            return {**echo(request["decision"]), **answer["echo"]}
        return answer

    @workflow.query(dynamic=True)
    def asked(self, name: str, _arguments: Sequence[RawValue]) -> Any:  # noqa: ANN401  # whatever JSON a test wrote
        if name in self._script.get("grow", {}):
            return "x" * self._script["grow"][name]
        return self._script["queries"][name]

    @workflow.signal
    def set_items(self, items: list[Any]) -> None:
        self._script = {**self._script, "queries": {"escalations": {"run_id": "", "items": items}}}


def echo(decision: dict[str, Any]) -> dict[str, Any]:
    """A receipt that echoes a decision, all as JSON."""
    same = ("decision_id", "key", "opened_in", "digest", "verdict", "key_id", "signature")
    receipt = {name: decision[name] for name in same}
    return receipt | {"payload_hash": "", "outcome": "confirmed", "accepted_at": decision["signed_at"]}


@asynccontextmanager
async def acting(client: Client) -> AsyncIterator[None]:
    """Somebody who works on scripted runs."""
    runner = UnsandboxedWorkflowRunner()
    wait = timedelta(seconds=2)
    async with Worker(
        client,
        task_queue=QUEUE,
        workflows=[ScriptedRun],
        workflow_runner=runner,
        sticky_queue_schedule_to_start_timeout=wait,
    ):
        yield


async def start(client: Client, server: str, script: dict[str, Any]) -> RunRef:
    """Start a scripted run."""
    run_id = f"scripted-{uuid.uuid4().hex[:12]}"
    handle = await client.start_workflow("Scripted", script, id=run_id, task_queue=QUEUE)
    assert handle.first_execution_run_id is not None
    return RunRef(server, run_id, handle.first_execution_run_id)


async def start_with(client: Client, server: str, items: Callable[[RunRef], list[Any]]) -> RunRef:
    """Start a scripted run in which these items wait."""
    ref = await start(client, server, {"queries": {"escalations": None}})
    handle = client.get_workflow_handle(ref.run_id)
    await handle.signal(ScriptedRun.set_items, items(ref))
    while True:
        if await handle.query(wire.QUERY_ESCALATIONS) is not None:
            return ref
        await asyncio.sleep(0.02)

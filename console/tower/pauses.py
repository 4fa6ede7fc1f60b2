"""Whether a worker may act: asked of the control before every effect and every agent's turn, and failing closed.

Invariant: nothing is remembered between two questions, so that a pause counts from its acceptance on; those who ask
while one question is under way share the next one.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Any

from temporalio import activity
from temporalio.api.enums.v1 import PendingActivityState
from temporalio.client import Client
from temporalio.common import WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError

from console.domain.pauses import Scope, scope_of
from console.tower import wire
from console.tower.control_calls import IN_FLIGHT_ACTIVITY, ControlStart, Held, Pause
from console.tower.messages import EXECUTE_ACTIVITY
from console.tower.wire import scopes

Read = Callable[[], Awaitable[Sequence[Pause]]]
Tell = Callable[[Held], Awaitable[None]]
ASK_WITHIN = timedelta(seconds=10)
MAX_RUNS = 300
MAX_LISTED = 50
STARTED = PendingActivityState.PENDING_ACTIVITY_STATE_STARTED


class Paused(Exception):
    """It must not act now; the message says what is paused, by whom and why, or that nobody could be asked."""


class Pauses:
    """What is paused on one namespace, for one worker. ``read`` asks the control; ``tell`` says that a run is held.

    Both raise what Temporal raises.
    """

    def __init__(self, read: Read, tell: Tell) -> None:
        self._read, self._tell = read, tell
        self._turn = asyncio.Lock()
        self._begun = self._fresh = 0
        self._pauses: dict[str, Pause] = {}

    async def check(self, run_id: str, plan: str, agent: str) -> None:
        """Raise :class:`Paused` where what the agent would do in the run is held up."""
        try:
            pauses = await self._now()
        except (RPCError, RuntimeError) as error:
            raise Paused(f"Nobody could say whether it is paused, so it waits: {error}") from error
        for native_id in scopes(run_id, plan, agent):
            if native_id in pauses:
                with contextlib.suppress(RPCError):
                    # Untold, it asks again by itself, only later.
                    await self._tell(Held(native_id=native_id, run_id=run_id))
                raise Paused(pauses[native_id].text)

    async def _now(self) -> dict[str, Pause]:
        asked = self._begun
        async with self._turn:
            if self._fresh <= asked:
                self._begun += 1
                begun = self._begun
                self._pauses = {pause.native_id: pause for pause in await self._read()}
                self._fresh = begun
            return self._pauses


def pauses_of(client: Client) -> Pauses:
    """What is paused on the namespace of a client."""
    control = client.get_workflow_handle(wire.CONTROL_ID)

    async def read() -> Sequence[Pause]:
        found: list[Pause] = await control.query(wire.QUERY_PAUSES, result_type=list[Pause], rpc_timeout=ASK_WITHIN)
        return found

    async def tell(held: Held) -> None:
        await control.signal(wire.SIGNAL_HELD, held, rpc_timeout=ASK_WITHIN)

    return Pauses(read, tell)


async def open_control(client: Client, task_queue: str = wire.TASK_QUEUE) -> None:
    """Start the control, unless one was ever started: one that was ended is not begun anew by itself."""
    try:
        await client.start_workflow(
            wire.CONTROL_WORKFLOW,
            ControlStart(),
            id=wire.CONTROL_ID,
            task_queue=task_queue,
            id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
            static_summary="What is paused",
        )
    except WorkflowAlreadyStartedError:
        return


def control_activities() -> Sequence[Callable[..., Any]]:
    """The activities of the control."""

    @activity.defn(name=IN_FLIGHT_ACTIVITY)
    async def list_in_flight(native_id: str) -> list[str]:
        return await in_flight(activity.client(), native_id)

    return [list_in_flight]


async def in_flight(client: Client, native_id: str) -> list[str]:
    """The steps that a scope's runs are executing at this moment, as ``run: step``, of the newest runs.

    At most :data:`MAX_RUNS` runs are looked at. Raises :class:`ValueError` for a name that is no scope.
    """
    scope, name = scope_of(native_id)
    quoted = name.replace("'", "")
    query = f"WorkflowType = '{wire.RUN_WORKFLOW}' AND ExecutionStatus = 'Running'"
    query += {Scope.RUN: f" AND WorkflowId = '{quoted}'", Scope.PLAN: f" AND ClearancePlan = '{quoted}'"}.get(scope, "")
    found: list[str] = []
    async for run in client.list_workflows(query, limit=MAX_RUNS):
        steps = await _executing(client, run.id)
        if scope is Scope.AGENT:
            steps = [step for step in steps if await _agent_of(client, run.id, step) == name]
        found += [f"{run.id}: {step}" for step in steps]
    return found[:MAX_LISTED]


async def _executing(client: Client, run_id: str) -> list[str]:
    described = await client.get_workflow_handle(run_id).describe()
    pending = described.raw_description.pending_activities
    running = (one for one in pending if one.activity_type.name == EXECUTE_ACTIVITY and one.state == STARTED)
    return [one.activity_id.partition(".")[0] for one in running]


async def _agent_of(client: Client, run_id: str, step_id: str) -> str:
    handle = client.get_workflow_handle(run_id)
    reply: wire.StepsReply = await handle.query(wire.QUERY_STEPS, result_type=wire.StepsReply, rpc_timeout=ASK_WITHIN)
    return next((step.agent for step in reply.steps if step.step_id == step_id), "")

"""What runs and leases have their worker do: ask a lease, give out a token, ask whether a run is still there.

Invariant: asking twice is asking once, since a lease knows a want by its run and step. What the server cannot answer
now is tried again, by Temporal; only a lease's own refusal is a failure that counts.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from temporalio import activity
from temporalio.client import Client, WithStartWorkflowOperation, WorkflowExecutionStatus, WorkflowUpdateFailedError
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory
from temporalio.service import RPCError, RPCStatusCode

from console.domain.errors import RefusalCode
from console.tower import business, wire
from console.tower.lease_calls import (
    FENCE_ACTIVITY,
    LEASE_ACTIVITY,
    STILL_RUNS_ACTIVITY,
    LeaseStart,
    News,
    Want,
    lease_id,
)
from console.tower.messages import FailureType, RunNames
from console.tower.staff import Workplace

BEAT_SECONDS = 2.0
LATER = "Later"


def lease_activities(place: Workplace) -> Sequence[Callable[..., Any]]:
    """The activities of leases."""

    @activity.defn(name=LEASE_ACTIVITY)
    async def want(want: Want) -> News:
        async with asyncio.TaskGroup() as group:
            beat = group.create_task(_beat())
            try:
                return await ask(activity.client(), want, activity.info().task_queue)
            finally:
                beat.cancel()

    @activity.defn(name=FENCE_ACTIVITY)
    async def fence(resource: str) -> int:
        return await asyncio.to_thread(business.next_token, place.business, resource)

    @activity.defn(name=STILL_RUNS_ACTIVITY)
    async def still_runs(run: RunNames) -> bool:
        return await is_running(activity.client(), run)

    return [want, fence, still_runs]


async def ask(client: Client, want: Want, task_queue: str) -> News:
    """Ask the lease on a resource, which starts if it is not there. Raises ``ApplicationError`` where it refuses."""
    start: WithStartWorkflowOperation[Any, Any] = WithStartWorkflowOperation(
        wire.LEASE_WORKFLOW,
        LeaseStart(resource=want.resource),
        id=lease_id(want.resource),
        task_queue=task_queue,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        static_summary=f"Lease on {want.resource}",
    )
    try:
        news: News = await client.execute_update_with_start_workflow(
            wire.UPDATE_WANT, want, start_workflow_operation=start, result_type=News
        )
    except WorkflowUpdateFailedError as error:
        cause = error.cause
        is_refused = isinstance(cause, ApplicationError) and cause.type == RefusalCode.BUSY
        message = cause.message if isinstance(cause, ApplicationError) else str(cause)
        raise ApplicationError(
            message,
            type=FailureType.FAILED if is_refused else LATER,
            non_retryable=is_refused,
            category=ApplicationErrorCategory.BENIGN,
        ) from error
    return news


async def is_running(client: Client, run: RunNames) -> bool:
    """Whether the chain of a run goes on, as the server knows."""
    try:
        found = await client.get_workflow_handle(run.run_id).describe()
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return False
        raise
    first = found.raw_description.workflow_execution_info.first_run_id
    return found.status is WorkflowExecutionStatus.RUNNING and first in {"", run.chain_id}


async def _beat() -> None:
    while True:
        activity.heartbeat()
        await asyncio.sleep(BEAT_SECONDS)

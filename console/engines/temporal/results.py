"""What the steps of a run returned, oldest first, straight from the histories of its executions.

Invariant: exactly the executions that the run's own chain was folded over: from the latest back over continuations, in
which a reset has already replaced what it undid. A result that cannot be decoded is one entry without content.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from datetime import UTC

from temporalio.api.common.v1 import Payloads, WorkflowExecution
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.api.workflowservice.v1 import (
    GetWorkflowExecutionHistoryRequest,
    GetWorkflowExecutionHistoryResponse,
)

from console.domain.errors import RefusalCode, Refused
from console.domain.results import StepResult
from console.domain.run import RunRef
from console.engines.temporal import ask, decode, events
from console.engines.temporal.connect import Line

BLOCK = 200
MAX_EXECUTIONS = 1_000


async def pages(line: Line, ref: RunRef) -> AsyncGenerator[tuple[StepResult, ...], None]:
    """Every bound result, a block of events at a time."""
    for run_id in await _executions(line, ref):
        activities: dict[int, events.Activity] = {}
        token = b""
        while True:
            answer = await _fetch(line, ref, run_id, token, BLOCK)
            block = answer.history.events
            activities |= {event.event_id: activity for event in block if (activity := events.scheduled(event))}
            found = tuple(result for event in block if (result := _result(event, activities)) is not None)
            if found:
                yield found
            token = answer.next_page_token
            if not token:
                break


async def _executions(line: Line, ref: RunRef) -> list[str]:
    """The executions of the chain that the server still keeps, oldest first."""
    described = await ask.description_of(line, ref)
    found = [described.workflow_execution_info.execution.run_id]
    while len(found) < MAX_EXECUTIONS:
        try:
            answer = await _fetch(line, ref, found[-1], b"", 1)
        except Refused as error:
            if error.code != RefusalCode.UNKNOWN or len(found) == 1:
                raise
            # Past its retention.
            found.pop()
            break
        first = answer.history.events[0] if answer.history.events else HistoryEvent()
        before = first.workflow_execution_started_event_attributes.continued_execution_run_id
        if not before:
            break
        found.append(before)
    return found[::-1]


async def _fetch(line: Line, ref: RunRef, run_id: str, token: bytes, size: int) -> GetWorkflowExecutionHistoryResponse:
    request = GetWorkflowExecutionHistoryRequest(
        namespace=line.namespace,
        execution=WorkflowExecution(workflow_id=ref.run_id, run_id=run_id),
        maximum_page_size=size,
        next_page_token=token,
    )
    return await line.read(line.service.get_workflow_execution_history(request, timeout=line.patience))


def _result(event: HistoryEvent, activities: Mapping[int, events.Activity]) -> StepResult | None:
    """What an event records of an activity's return; ``None`` for one that bears no trail."""
    if event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED:
        payloads, is_failed = event.activity_task_completed_event_attributes.result, False
    elif event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_FAILED:
        failure = event.activity_task_failed_event_attributes.failure
        payloads, is_failed = failure.application_failure_info.details, True
    else:
        return None
    value = _value(payloads)
    if not isinstance(value, dict) or "trail" not in value:
        return None
    activity = activities.get(events.needs(event), events.UNKNOWN)
    prev, bound = value.pop("prev", ""), value.pop("hash", "")
    return StepResult(
        activity=activity.activity_id,
        agent=activity.kind,
        at=event.event_time.ToDatetime(tzinfo=UTC),
        prev=prev if isinstance(prev, str) else "",
        hash=bound if isinstance(bound, str) else "",
        content=value,
        is_failed=is_failed,
    )


def _value(payloads: Payloads) -> object:
    if not payloads.payloads:
        return None
    return decode.json_of(payloads.payloads[0], cap=events.MAX_RESULT_BYTES)[0]

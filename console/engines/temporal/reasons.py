"""Why runs in a list stand still or how they ended, for those of which visibility does not tell.

What ended is told by the last event of its history, which no worker is needed for; what is held up tells it itself.
Invariants: at most :data:`MOST` runs of a page are asked, a few at a time, and a page waits no longer than
:data:`PATIENCE` for them; what was not answered is left out. What ended does not change, so it is asked once.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
from collections import OrderedDict
from collections.abc import Sequence

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.history.v1 import HistoryEvent
from temporalio.api.workflow.v1 import WorkflowExecutionInfo
from temporalio.api.workflowservice.v1 import GetWorkflowExecutionHistoryReverseRequest

from console.domain.errors import Refused, Unreachable
from console.domain.listing import RunRow
from console.domain.run import RunStatus
from console.engines.temporal import ask, decode
from console.engines.temporal.connect import Line
from console.tower import wire

MOST = 120
AT_ONCE = 8
PATIENCE = 4.0
KEPT = 4_000
LONGEST = 300
ENDED = frozenset({RunStatus.FAILED, RunStatus.CANCELLED})
HELD_UP = frozenset({RunStatus.PAUSED, RunStatus.WAITS, RunStatus.STUCK})
NO_WORKER = "No worker polls the queue “{queue}”, so it cannot move."


class Reasons:
    """What is known of one namespace, by execution and its latest movement."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[str, str], str] = OrderedDict()

    async def added(
        self, line: Line, rows: Sequence[RunRow], infos: Sequence[WorkflowExecutionInfo]
    ) -> tuple[RunRow, ...]:
        """The rows, each with the info it was made of, with the reasons that could be found."""
        idle = await self._idle(line, rows)
        # Where nobody works, nobody answers: only what ended can be asked of.
        wanted = [
            (row, info)
            for row, info in zip(rows, infos, strict=True)
            if _is_silent(row) and (row.closed_at is not None or not idle)
        ]
        slots = asyncio.Semaphore(AT_ONCE)

        async def one(row: RunRow, info: WorkflowExecutionInfo) -> None:
            async with slots:
                with contextlib.suppress(Unreachable, Refused):
                    self._keep(_mark(row, info), await _asked(line, row, info))

        unknown = [(row, info) for row, info in wanted if _mark(row, info) not in self._known][:MOST]
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as group:
                for row, info in unknown:
                    group.create_task(one(row, info), name="reason")
        return tuple(self._told(row, info, idle) for row, info in zip(rows, infos, strict=True))

    def _told(self, row: RunRow, info: WorkflowExecutionInfo, idle: str) -> RunRow:
        why = row.why or self._known.get(_mark(row, info), "")
        if idle and (row.status is RunStatus.RUNNING or (row.status in HELD_UP and not row.waiting)):
            why = idle
        return dataclasses.replace(row, why=why[:LONGEST])

    async def _idle(self, line: Line, rows: Sequence[RunRow]) -> str:
        """What keeps every run from moving; nothing where none is to move, or somebody works."""
        is_asked = any(row.closed_at is None and (row.status is RunStatus.RUNNING or _is_silent(row)) for row in rows)
        if not is_asked or await line.has_worker():
            return ""
        return NO_WORKER.format(queue=line.settings.task_queue)

    def _keep(self, mark: tuple[str, str], why: str) -> None:
        self._known[mark] = why
        while len(self._known) > KEPT:
            self._known.popitem(last=False)


def _is_silent(row: RunRow) -> bool:
    return row.status in ENDED or (row.status in HELD_UP and not row.waiting)


def _mark(row: RunRow, info: WorkflowExecutionInfo) -> tuple[str, str]:
    return info.execution.run_id, str(row.moved_at)


async def _asked(line: Line, row: RunRow, info: WorkflowExecutionInfo) -> str:
    if row.closed_at is not None:
        return _ending(await _last_event(line, info.execution))
    reply = decode.reply(await ask.query(line, info.execution, wire.QUERY_HEADER), wire.HeaderReply)
    return reply.run.why_not_moving


async def _last_event(line: Line, execution: WorkflowExecution) -> HistoryEvent:
    request = GetWorkflowExecutionHistoryReverseRequest(
        namespace=line.namespace, execution=execution, maximum_page_size=1
    )
    answer = await line.read(line.service.get_workflow_execution_history_reverse(request, timeout=line.patience))
    return answer.history.events[0] if answer.history.events else HistoryEvent()


def _ending(event: HistoryEvent) -> str:
    """How an execution ended, in the words of who ended it."""
    if event.HasField("workflow_execution_failed_event_attributes"):
        return event.workflow_execution_failed_event_attributes.failure.message[:LONGEST]
    if event.HasField("workflow_execution_terminated_event_attributes"):
        reason = event.workflow_execution_terminated_event_attributes.reason
        return f"Terminated at the server: {reason[:LONGEST]}" if reason else "Terminated at the server."
    if event.HasField("workflow_execution_timed_out_event_attributes"):
        return "It ran out of time at the server."
    if event.HasField("workflow_execution_completed_event_attributes"):
        result = event.workflow_execution_completed_event_attributes.result
        value, _ = decode.json_of(result.payloads[0]) if result.payloads else (None, "")
        message = value.get("message") if isinstance(value, dict) else None
        return message[:LONGEST] if isinstance(message, str) else ""
    return ""

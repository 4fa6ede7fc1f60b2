"""The trail of a run, page by page and newest first, straight from its history.

Read backwards over the whole chain: what goes on now, the latest execution, then the ones before it (continuations),
and behind a reset the execution that it branched off. Invariants: every entry comes once; a page knows how to ask for
the one before it (its ``older``), and no state is kept between them. A page costs as many events as it needs, fetched
in blocks.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.api.workflowservice.v1 import (
    DescribeWorkflowExecutionResponse,
    GetWorkflowExecutionHistoryReverseRequest,
)

from console.domain.errors import RefusalCode, Refused
from console.domain.run import RunRef, TrailEntry, TrailPage
from console.engines.temporal import ask, errors, events
from console.engines.temporal.connect import Line

BLOCK = 200
MAX_BLOCKS = 50


@dataclass(frozen=True, slots=True)
class Place:
    """Where to read on: an execution, the server's token for a block of its events, and the entries of it read."""

    run_id: str
    token: bytes = b""
    skip: int = 0

    def packed(self) -> str:
        """The place as text, for nobody but :func:`unpacked`."""
        return json.dumps([self.run_id, base64.b64encode(self.token).decode(), self.skip])


def unpacked(text: str) -> Place:
    """The place that :meth:`Place.packed` wrote. Raises :class:`Refused` for anything else."""
    try:
        run_id, token, skip = json.loads(text)
        return Place(str(run_id), base64.b64decode(token), int(skip))
    except (ValueError, TypeError) as error:
        raise Refused("There is no such page of the trail.", code=errors.UNREADABLE) from error


async def page(line: Line, ref: RunRef, older: str, limit: int) -> TrailPage:
    """Up to ``limit`` entries from the place ``older`` on, or from what goes on now."""
    found: list[TrailEntry] = []
    if older:
        place: Place | None = unpacked(older)
    else:
        described = await ask.description_of(line, ref)
        found = _going_on(described)
        place = Place(described.workflow_execution_info.execution.run_id)
    for _ in range(MAX_BLOCKS):
        if place is None or len(found) >= limit:
            break
        told, following = await _block(line, ref, place)
        rest = told[place.skip :]
        wanted = limit - len(found)
        found.extend(rest[:wanted])
        place = Place(place.run_id, place.token, place.skip + wanted) if len(rest) > wanted else following
    return TrailPage(tuple(found), place.packed() if place else "")


def _going_on(described: DescribeWorkflowExecutionResponse) -> list[TrailEntry]:
    told = [
        entry
        for number, pending in enumerate(described.pending_activities)
        for entry in events.going_on(pending, number)
    ]
    return sorted(told, key=lambda entry: entry.entry_id, reverse=True)


async def _block(line: Line, ref: RunRef, place: Place) -> tuple[list[TrailEntry], Place | None]:
    """The entries of one block of events, newest first, and the place after it; ``None`` at the beginning."""
    block, token = await _fetch(line, ref, place.run_id, place.token)
    activities = {event.event_id: activity for event in block if (activity := events.scheduled(event))}
    if token and any(events.needs(event) and events.needs(event) not in activities for event in block):
        before, _ = await _fetch(line, ref, place.run_id, token)
        activities |= {event.event_id: activity for event in before if (activity := events.scheduled(event))}
    told: list[TrailEntry] = []
    for event in block:
        told.extend(reversed(events.entries(event, place.run_id, activities)))
        branched_off = event.workflow_task_failed_event_attributes.base_run_id
        if branched_off and branched_off != place.run_id and await _is_kept(line, ref, branched_off):
            return told, Place(branched_off)
    if token:
        return told, Place(place.run_id, token)
    previous = _continued_from(block)
    return told, Place(previous) if previous and await _is_kept(line, ref, previous) else None


def _continued_from(block: list[HistoryEvent]) -> str:
    first = block[-1] if block else HistoryEvent()
    if first.event_type != EventType.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED:
        return ""
    return first.workflow_execution_started_event_attributes.continued_execution_run_id


async def _fetch(line: Line, ref: RunRef, run_id: str, token: bytes) -> tuple[list[HistoryEvent], bytes]:
    request = GetWorkflowExecutionHistoryReverseRequest(
        namespace=line.namespace,
        execution=WorkflowExecution(workflow_id=ref.run_id, run_id=run_id),
        maximum_page_size=BLOCK,
        next_page_token=token,
    )
    answer = await line.read(line.service.get_workflow_execution_history_reverse(request, timeout=line.patience))
    return list(answer.history.events), answer.next_page_token


async def _is_kept(line: Line, ref: RunRef, run_id: str) -> bool:
    """Whether the server still has an execution; past its retention it does not."""
    try:
        await line.describe(ref.run_id, run_id)
    except Refused as error:
        if error.code == RefusalCode.UNKNOWN:
            return False
        raise
    return True

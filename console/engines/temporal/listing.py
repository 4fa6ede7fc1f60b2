"""Everything that waits in a namespace, highest risk first.

Visibility on SQLite cannot sort, so each level of risk is asked for by itself. Rows come with the list, in the memo;
only runs whose memo cannot hold all, or is of an execution before a reset, are asked one by one. Invariants: a row
comes once, and never after one of lower risk; a page is decoded in slices, so that the loop stays awake.
"""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncGenerator, Sequence
from datetime import UTC, datetime

from temporalio.api.workflow.v1 import WorkflowExecutionInfo
from temporalio.api.workflowservice.v1 import CountWorkflowExecutionsRequest, ListWorkflowExecutionsRequest

from console.domain.errors import Refused, Unreachable
from console.domain.escalation import Waiting
from console.domain.risk import Risk
from console.engines.temporal import ask, decode
from console.engines.temporal.connect import Line
from console.engines.temporal.decode import Listed

PAGE_SIZE = 1_000
SLICE = 100
QUERIES_AT_ONCE = 8
OPEN = "ExecutionStatus = 'Running' AND ClearanceOpen > 0"
LEVELS = (
    (Risk.CRITICAL, f"{OPEN} AND ClearanceRisk >= {int(Risk.CRITICAL)}"),
    (Risk.HIGH, f"{OPEN} AND ClearanceRisk = {int(Risk.HIGH)}"),
    (Risk.MEDIUM, f"{OPEN} AND ClearanceRisk = {int(Risk.MEDIUM)}"),
    (Risk.LOW, f"{OPEN} AND (ClearanceRisk IS NULL OR ClearanceRisk <= {int(Risk.LOW)})"),
)
_LATEST = datetime.max.replace(tzinfo=UTC)


async def count_open(line: Line) -> int:
    """How many runs have something open."""
    request = CountWorkflowExecutionsRequest(namespace=line.namespace, query=OPEN)
    return int((await line.read(line.service.count_workflow_executions(request, timeout=line.patience))).count)


async def executions(
    line: Line, query: str, page_size: int = PAGE_SIZE
) -> AsyncGenerator[list[WorkflowExecutionInfo], None]:
    """What visibility finds for a query, page by page."""
    token = b""
    while True:
        request = ListWorkflowExecutionsRequest(
            namespace=line.namespace, query=query, page_size=page_size, next_page_token=token
        )
        page = await line.read(line.service.list_workflow_executions(request, timeout=line.patience))
        yield list(page.executions)
        token = page.next_page_token
        if not token:
            return


async def decoded(line: Line, infos: Sequence[WorkflowExecutionInfo]) -> list[Listed]:
    """A page of executions decoded, with the rows that only queries know."""
    found: list[Listed] = []
    for start in range(0, len(infos), SLICE):
        found.extend(decode.listed(info, line.identity) for info in infos[start : start + SLICE])
        await asyncio.sleep(0)
    partial = [place for place, run in enumerate(found) if run.is_partial]
    for start in range(0, len(partial), QUERIES_AT_ONCE):
        places = partial[start : start + QUERIES_AT_ONCE]
        whole = await asyncio.gather(*(completed(line, found[place]) for place in places))
        for place, run in zip(places, whole, strict=True):
            found[place] = run
        if any(run.is_partial for run in whole):
            # Nobody answers: the rest is not asked one time-out after the other.
            break
    return [_said_partial(run, "Not all of it could be read.") if run.is_partial else run for run in found]


async def completed(line: Line, run: Listed) -> Listed:
    """The run with all its rows, read by query; where it does not answer, as it was, and still partial."""
    try:
        items = await ask.escalations(line, run.ref)
    except Unreachable as error:
        return _said_partial(run, error.message)
    except Refused as error:
        return dataclasses.replace(_said_partial(run, error.message), is_partial=False)
    return dataclasses.replace(run, rows=tuple(item.row for item in items), is_partial=False)


def _said_partial(run: Listed, why: str) -> Listed:
    """The run with what its memo tells, each row saying that it may be out of date, or not all."""
    rows = tuple(dataclasses.replace(row, problem=row.problem or why) for row in run.rows)
    return dataclasses.replace(run, rows=rows)


async def waiting(
    line: Line, known: dict[str, Listed], page_size: int = PAGE_SIZE
) -> AsyncGenerator[tuple[Waiting, ...], None]:
    """Pages of rows; every run found is noted in ``known`` by workflow id and chain."""
    held: list[Waiting] = []
    seen: set[str] = set()
    for level, query in LEVELS:
        async for infos in executions(line, query, page_size):
            rows: list[Waiting] = []
            for run in await decoded(line, infos):
                name = name_of(run)
                if name in seen:
                    continue
                seen.add(name)
                known[name] = run
                rows.extend(run.rows)
            held.extend(row for row in rows if row.risk < level)
            if page := sorted((row for row in rows if row.risk >= level), key=urgency):
                yield tuple(page)
        due = [row for row in held if row.risk == level - 1]
        held = [row for row in held if row.risk < level - 1]
        if due:
            yield tuple(sorted(due, key=urgency))


def urgency(row: Waiting) -> tuple[int, datetime, datetime]:
    """What orders rows: risk, then the earliest due, then the oldest."""
    return (-row.risk, row.due_at or _LATEST, row.opened_at)


def name_of(run: Listed) -> str:
    """What a run is known under while it is followed."""
    return f"{run.ref.run_id}\n{run.ref.chain_id}"

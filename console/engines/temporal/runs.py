"""The runs of a namespace, newest movement first, in pages.

Visibility cannot sort, and a namespace holds tens of thousands of runs: a page is the span of time in which about as
many runs moved last as were asked for, found by counting (a count takes some milliseconds), and sorted here.
Invariants: a run that is wanted is in one span; no more than :data:`MAX_READ` executions are decoded for a page, in
slices; what a run says of itself is decoded for it alone.

A run moved last when it closed, else when it published, else when it was started. Only executions of the tower's run
workflow are runs: the key registry, the control and leases keep order between them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from temporalio.api.workflow.v1 import WorkflowExecutionInfo
from temporalio.api.workflowservice.v1 import CountWorkflowExecutionsRequest

from console.domain.listing import FAILING, MAX_RUNS, RunQuery, RunRow, RunsPage
from console.domain.run import RunStatus
from console.engines.temporal import decode, listing, read
from console.engines.temporal.connect import Line, moment
from console.engines.temporal.reasons import Reasons
from console.tower import wire

MAX_READ = 2_000
MAX_WORD = 200
ESCAPE = "\\"
SOON = timedelta(minutes=10)
GROWTH = 6
SHORTEST = timedelta(milliseconds=2)
FIRST = datetime(2015, 1, 1, tzinfo=UTC)
LONG = timedelta(days=3650)
NOT_BEGUN = "No worker has taken it up yet."

RUNS = f"WorkflowType = '{wire.RUN_WORKFLOW}' AND ExecutionStatus != 'ContinuedAsNew'"
OVER = ("completed", "failed", "cancelled")
_NOT_SAID = "(ClearanceStatus IS NULL OR ClearanceStatus NOT IN ('completed', 'failed', 'cancelled'))"
_IS_OPEN = "ExecutionStatus = 'Running'"
FAILED = f"(ClearanceStatus = 'failed' OR (ExecutionStatus IN ('Failed', 'TimedOut') AND {_NOT_SAID}))"
CANCELLED = f"(ClearanceStatus = 'cancelled' OR (ExecutionStatus IN ('Canceled', 'Terminated') AND {_NOT_SAID}))"
ENDED = {RunStatus.FAILED: FAILED, RunStatus.CANCELLED: CANCELLED, RunStatus.COMPLETED: "ClearanceStatus = 'completed'"}
_KINDS = " OR ".join(f"ClearanceKinds = '{kind}'" for kind in sorted(FAILING))
IS_FAILED = f"({FAILED} OR ({_IS_OPEN} AND (ClearanceStatus = 'stuck' OR {_KINDS})))"


async def page(line: Line, reasons: Reasons, query: RunQuery, older: str) -> RunsPage:
    """A page of runs; ``older`` is the time before which they moved."""
    wanted = filtered(query)
    limit = max(1, min(query.limit, MAX_RUNS))
    before = datetime.fromisoformat(older) if older else line.clock() + line.skew + LONG
    total = await _count(line, wanted)
    left = total if not older else await _count(line, _moved(wanted, FIRST, before))
    since = FIRST if left <= limit else await _since(line, wanted, before, limit)
    infos = await _executions(line, wanted if since == FIRST and not older else _moved(wanted, since, before))
    rows = await reasons.added(line, await _decoded(line, infos), infos)
    named = [row for row in rows if row.business_key.startswith(query.key) or row.ref.run_id.startswith(query.key)]
    is_exact = len(query.key) <= MAX_WORD and ESCAPE not in query.key and query.key.isprintable()
    return RunsPage(
        tuple(sorted(named, key=_order)), "" if since == FIRST else _stamp(since), total if is_exact else None
    )


def filtered(query: RunQuery) -> str:
    """The visibility query for what is wanted."""
    parts = [RUNS]
    if query.statuses:
        parts.append(f"({' OR '.join(sorted(_status_query(status) for status in query.statuses))})")
    if query.is_failed:
        parts.append(IS_FAILED)
    if query.workflow:
        parts.append(f"ClearancePlan = {_quoted(query.workflow)}")
    if query.key:
        key = _quoted(query.key)
        parts.append(f"(ClearanceBusinessKey STARTS_WITH {key} OR WorkflowId STARTS_WITH {key})")
    return " AND ".join(parts)


def row_of(info: WorkflowExecutionInfo, server: str) -> RunRow:
    """One execution as a run in a list."""
    told = decode.listed(info, server)
    closed_at = moment(info.close_time) if info.HasField("close_time") else None
    started_at = moment(info.start_time)
    is_new = told.changed_at is None and closed_at is None
    return RunRow(
        ref=told.ref,
        title=told.title or told.ref.run_id,
        workflow=decode.text_attribute(info, "ClearancePlan") or info.type.name,
        status=_status(info, is_waiting=bool(told.rows)),
        business_key=decode.text_attribute(info, "ClearanceBusinessKey"),
        started_at=started_at,
        closed_at=closed_at,
        moved_at=closed_at or told.changed_at or started_at,
        why=NOT_BEGUN if is_new else "",
        waiting=told.rows,
        more=told.more,
        problem=next((row.problem for row in told.rows if row.problem), ""),
    )


def _status(info: WorkflowExecutionInfo, *, is_waiting: bool) -> RunStatus:
    """By the run's own word, and by the server's where the run did not live to say it."""
    said = decode.text_attribute(info, "ClearanceStatus")
    if info.status == decode.RUNNING or said in OVER:
        known = said in set(RunStatus)
        return RunStatus(said) if known else RunStatus.WAITS if is_waiting else RunStatus.RUNNING
    return read.STATUS.get(info.status, RunStatus.RUNNING)


def _status_query(status: RunStatus) -> str:
    if status in ENDED:
        return ENDED[status]
    if status is RunStatus.RUNNING:
        return f"({_IS_OPEN} AND (ClearanceStatus = 'running' OR ClearanceStatus IS NULL))"
    return f"({_IS_OPEN} AND ClearanceStatus = '{status}')"


def _moved(wanted: str, since: datetime, before: datetime) -> str:
    """What of it moved last in a span of time, its beginning included."""

    def within(name: str) -> str:
        return f"{name} >= '{_stamp(since)}' AND {name} < '{_stamp(before)}'"

    closed = f"(ExecutionStatus != 'Running' AND {within('CloseTime')})"
    told = f"({_IS_OPEN} AND {within('ClearanceChangedAt')})"
    new = f"({_IS_OPEN} AND ClearanceChangedAt IS NULL AND {within('StartTime')})"
    return f"{wanted} AND ({closed} OR {told} OR {new})"


async def _since(line: Line, wanted: str, before: datetime, limit: int) -> datetime:
    """Since when about ``limit`` runs moved, and not more if that can be; there are more of them than that."""
    upper = min(before, line.clock() + line.skew + SOON)
    enough, short, span = timedelta(0), timedelta(0), SOON * 2
    while upper - span > FIRST:
        count = await _count(line, _moved(wanted, upper - span, before))
        if count > limit:
            enough = span
            break
        short = span
        if count * 2 >= limit:
            return upper - short
        span *= GROWTH
    if not enough:
        enough = upper - FIRST
    while enough - short > SHORTEST:
        middle = short + (enough - short) / 2
        count = await _count(line, _moved(wanted, upper - middle, before))
        if count > limit:
            enough = middle
        elif count * 2 >= limit:
            return _to_the_millisecond(upper - middle)
        else:
            short = middle
    # So many moved within one millisecond that they cannot be told apart.
    return _to_the_millisecond(upper - enough)


async def _executions(line: Line, query: str) -> list[WorkflowExecutionInfo]:
    """What visibility finds, of each run the latest execution: after a reset there are two."""
    found: dict[tuple[str, str], WorkflowExecutionInfo] = {}
    read_so_far = 0
    async for infos in listing.executions(line, query, min(listing.PAGE_SIZE, MAX_RUNS)):
        for info in infos:
            name = (info.execution.workflow_id, info.first_run_id or info.execution.run_id)
            known = found.get(name)
            if known is None or _is_later(info, known):
                found[name] = info
        read_so_far += len(infos)
        if read_so_far >= MAX_READ:
            break
    return list(found.values())


def _is_later(info: WorkflowExecutionInfo, known: WorkflowExecutionInfo) -> bool:
    return moment(info.start_time) > moment(known.start_time)


async def _decoded(line: Line, infos: Sequence[WorkflowExecutionInfo]) -> list[RunRow]:
    rows: list[RunRow] = []
    for start in range(0, len(infos), listing.SLICE):
        rows.extend(row_of(info, line.identity) for info in infos[start : start + listing.SLICE])
        await asyncio.sleep(0)
    return rows


async def _count(line: Line, query: str) -> int:
    request = CountWorkflowExecutionsRequest(namespace=line.namespace, query=query)
    return int((await line.read(line.service.count_workflow_executions(request, timeout=line.patience))).count)


def _order(row: RunRow) -> tuple[float, str]:
    return (-row.moved_at.timestamp() if row.moved_at is not None else 0.0, row.ref.run_id)


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds")


def _to_the_millisecond(at: datetime) -> datetime:
    return at.replace(microsecond=at.microsecond // 1_000 * 1_000)


def _quoted(text: str) -> str:
    """A text within a visibility query, whatever it holds.

    A backslash means itself there, but for one before a quote; so nothing is asked from the first one on.
    """
    kept = text[:MAX_WORD].partition(ESCAPE)[0].encode(errors="replace").decode().replace("'", "''")
    return f"'{''.join(letter for letter in kept if letter.isprintable())}'"

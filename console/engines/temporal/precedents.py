"""How cases alike were decided: out of the memos of runs that are over, which visibility lists, newest first.

One call tells of hundreds of runs; no run is queried, so no worker has to answer. Invariants: bounded in runs, bytes
and cases; a run speaks for itself only; a case that cannot be read is left out, as is a run that tells of none.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta

from pydantic import TypeAdapter, ValidationError
from temporalio.api.common.v1 import Payload
from temporalio.api.workflow.v1 import WorkflowExecutionInfo

from console.domain.precedent import MOST, Likeness, Precedent, Precedents
from console.domain.run import RunRef
from console.engines import items
from console.engines.temporal import decode, listing
from console.engines.temporal.connect import Line
from console.engines.temporal.read import STATUS
from console.tower import wire

LOOKS_BACK = timedelta(days=90)
MOST_RUNS = 500
PAGE_SIZE = 250
SLICE = 25
MAX_MEMO = 64 * 1024
# What stands between quotes in a query; a plan that is named otherwise has no precedents.
_PLAIN_NAME = re.compile(r"[\w .:/+-]{1,200}")
_PRECEDENT = TypeAdapter(Precedent)


async def precedents(line: Line, like: Likeness, now: datetime) -> Precedents:
    """The cases alike that people decided in runs which ended in the last :data:`LOOKS_BACK`, newest first."""
    since = now - LOOKS_BACK
    if not _PLAIN_NAME.fullmatch(like.workflow):
        return Precedents((), since)
    found: list[Precedent] = []
    looked_at, is_whole = 0, True
    stamp = since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    query = f"WorkflowType = '{wire.RUN_WORKFLOW}' AND ClearancePlan = '{like.workflow}' AND CloseTime > '{stamp}'"
    async with contextlib.aclosing(listing.executions(line, query, PAGE_SIZE)) as pages:
        async for infos in pages:
            for start in range(0, len(infos), SLICE):
                for info in infos[start : start + SLICE]:
                    found.extend(case for case in cases(info, line.identity) if case.like == like)
                await asyncio.sleep(0)
            looked_at += len(infos)
            if looked_at >= MOST_RUNS or len(found) >= MOST:
                is_whole = False
                break
    newest = sorted(found, key=lambda case: case.at, reverse=True)
    return Precedents(tuple(newest[:MOST]), since, is_whole)


def cases(info: WorkflowExecutionInfo, server: str) -> Iterator[Precedent]:
    """What the memo of an execution that is over tells, one by one; as ended as the server says."""
    value, _ = decode.json_of(info.memo.fields.get(wire.MEMO_KEY, Payload()), cap=MAX_MEMO)
    told = value.get("decided") if isinstance(value, Mapping) else None
    if not isinstance(told, list) or info.status == decode.RUNNING or info.status not in STATUS:
        return
    ref = RunRef(server, info.execution.workflow_id, info.first_run_id or info.execution.run_id)
    for raw in told[: wire.MEMO_ROWS]:
        try:
            case = _PRECEDENT.validate_python(raw)
        except ValidationError:
            continue
        if case.at.tzinfo is not None:
            yield dataclasses.replace(
                case,
                run=ref,
                title=case.title[: items.MAX_WORDS],
                message=case.message[: items.MAX_WORDS],
                ended=case.ended or STATUS[info.status],
            )

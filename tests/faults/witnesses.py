"""What is left after a campaign, read where it lies: the desks' stores, the business database, the runs' histories.

Invariant: no code of the product reads here. The databases are opened with SQLite alone, the histories come from the
server itself, past the proxy, and what is in them is taken as the JSON it is.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from temporalio.api.common.v1 import Payloads
from temporalio.client import Client

from tests.faults.patience import Span

RUNS_AT_ONCE = 16
UPDATE = "decide"
EXECUTE = "clearance.execute"


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision as a desk has it; ``undetermined`` is when it was, each time from being sent to an answer."""

    desk: str
    decision_id: str
    item_id: str
    run_id: str
    chain_id: str
    occurrence: int
    verdict: str
    state: str
    undetermined: tuple[Span, ...]
    receipt: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Effect:
    """A row of the business database, with what the tool itself wrote under the same key."""

    effect_id: str
    run_id: str
    decision_id: str
    account: str
    amount: str


@dataclass(slots=True)
class Story:
    """What a run's history tells of decisions: when the server took on each update, and what came of it.

    ``carried`` counts the updates that carried a decision, by the decision's id; ``applied`` are the updates that ended
    in a receipt; ``begun_again`` counts acts that began more than once.
    """

    accepted: dict[str, datetime] = field(default_factory=dict)
    carried: Counter[str] = field(default_factory=Counter)
    applied: list[str] = field(default_factory=list)
    begun_again: int = 0


def undetermined(database: Path, final: Iterable[str]) -> int:
    """How many decisions of a store have not come to their end."""
    ends = list(final)
    marks = ", ".join("?" * len(ends))
    with closing(sqlite3.connect(database, timeout=30)) as db:
        (count,) = db.execute(f"SELECT count(*) FROM decisions WHERE state NOT IN ({marks})", ends).fetchone()  # noqa: S608
    return int(count)


def decided(desk: str, database: Path) -> list[Decided]:
    """All decisions of a store."""
    query = """SELECT d.decision_id, d.item_id, d.content, d.state, r.content FROM decisions d
        LEFT JOIN receipts r USING (decision_id) ORDER BY d.number"""
    moves = "SELECT decision_id, state, at FROM decision_states ORDER BY number"
    with closing(sqlite3.connect(database, timeout=30)) as db:
        rows, moved = db.execute(query).fetchall(), db.execute(moves).fetchall()
    spans = _undetermined(moved)
    found = []
    for decision_id, item_id, content, state, receipt in rows:
        said = json.loads(content)
        run = said["key"]["run"]
        found.append(
            Decided(
                desk=desk,
                decision_id=decision_id,
                item_id=item_id,
                run_id=run["run_id"],
                chain_id=run["chain_id"],
                occurrence=said["key"]["occurrence"],
                verdict=said["verdict"],
                state=state,
                undetermined=tuple(spans.get(decision_id, ())),
                receipt=None if receipt is None else json.loads(receipt),
            )
        )
    return found


def _undetermined(moves: list[tuple[str, str, int]]) -> Mapping[str, list[Span]]:
    """From being sent to an answer, by the decision's id."""
    since: dict[str, int] = {}
    spans: defaultdict[str, list[Span]] = defaultdict(list)
    for decision_id, state, at in moves:
        if state in {"sending", "uncertain"}:
            since.setdefault(decision_id, at)
        elif (began := since.pop(decision_id, None)) is not None:
            spans[decision_id].append(Span(began / 1_000_000, at / 1_000_000))
    return spans


def effects(business: Path) -> list[Effect]:
    """All that was done. A row that only one of the two tables has comes with blanks."""
    query = """SELECT e.effect_id, e.run_id, e.decision_id, coalesce(r.customer, ''), coalesce(r.amount, '')
        FROM effects e LEFT JOIN refunds r USING (effect_id)
        UNION ALL SELECT r.effect_id, '', '', r.customer, r.amount
        FROM refunds r WHERE r.effect_id NOT IN (SELECT effect_id FROM effects)"""
    with closing(sqlite3.connect(business, timeout=30)) as db:
        return [Effect(*row) for row in db.execute(query)]


async def stories(client: Client, run_ids: Iterable[str]) -> dict[str, Story]:
    """What the histories of these runs tell."""
    slots = asyncio.Semaphore(RUNS_AT_ONCE)

    async def one(run_id: str) -> tuple[str, Story]:
        async with slots:
            return run_id, await _story(client, run_id)

    return dict(await asyncio.gather(*(one(run_id) for run_id in run_ids)))


async def _story(client: Client, run_id: str) -> Story:
    story = Story()
    acts: set[int] = set()
    async for event in client.get_workflow_handle(run_id).fetch_history_events():
        if event.HasField("workflow_execution_update_accepted_event_attributes"):
            request = event.workflow_execution_update_accepted_event_attributes.accepted_request
            if request.input.name == UPDATE:
                story.accepted[request.meta.update_id] = event.event_time.ToDatetime(tzinfo=UTC)
                story.carried[_first(request.input.args)["decision"]["decision_id"]] += 1
        elif event.HasField("workflow_execution_update_completed_event_attributes"):
            ended = event.workflow_execution_update_completed_event_attributes
            if ended.meta.update_id in story.accepted and ended.outcome.HasField("success"):
                story.applied.append(ended.meta.update_id)
        elif event.HasField("activity_task_scheduled_event_attributes"):
            if event.activity_task_scheduled_event_attributes.activity_type.name == EXECUTE:
                acts.add(event.event_id)
        elif event.HasField("activity_task_started_event_attributes"):
            begun = event.activity_task_started_event_attributes
            story.begun_again += begun.scheduled_event_id in acts and begun.attempt > 1
    return story


def _first(arguments: Payloads) -> dict[str, Any]:
    found = json.loads(arguments.payloads[0].data)
    assert isinstance(found, dict)
    return found

"""What is left when a console was killed: its log, the store, the run's history and receipts, the business database.

Invariant: nothing here asks a console; each witness is read where it lies. What a witness contradicts fails as
:class:`AssertionError` with what was found.
"""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from temporalio.client import Client

from console.domain.decision import DecisionState
from console.domain.receipt import Receipt
from console.infra.paths import DEFAULT_PROFILE, HOME_VARIABLE, Paths, find_paths
from console.store.records import AuditCheck, StoredDecision
from console.store.store import Store
from console.tower import wire
from tests.journeys.kill.stops import Moment

S = DecisionState
BEGUN, MADE, MOVES, MOVED = "decision is made", "decision was made", "decision moves", "decision moved"


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a log about a decision."""

    event: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Effect:
    """A row of the business database, with what the tool itself wrote under the same key."""

    effect_id: str
    run_id: str
    decision_id: str
    account: str
    amount: str


def paths(home: Path) -> Paths:
    """Where a console of this home keeps its files."""
    return find_paths(DEFAULT_PROFILE, {HOME_VARIABLE: str(home)})


def log(home: Path, pid: int) -> list[dict[str, Any]]:
    """What a process said, line by line; a line that was cut would fail here."""
    file = paths(home).logs / f"desk-{pid}.log"
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()] if file.exists() else []


def has_said(home: Path, pid: int, event: str) -> bool:
    """Whether a process has written such a line."""
    return any(line["event"] == event for line in log(home, pid))


def decision_on(home: Path, pid: int, item_id: str, event: str = MADE) -> str:
    """The decision that a process made (or has begun to make) on an item, by its log; empty while there is none."""
    made = (line for line in log(home, pid) if line["event"] == event and line["item"] == item_id)
    return str(next((line["decision"] for line in made), ""))


def course(home: Path, pid: int, decision_id: str) -> tuple[Line, ...]:
    """All that a process said of a decision, in order."""
    said = (line for line in log(home, pid) if line.get("decision") == decision_id)
    return tuple(Line(line["event"], line.get("before", ""), line.get("after", "")) for line in said)


def made(home: Path) -> frozenset[str]:
    """Every decision that any process of this home said it had made."""
    logs = paths(home).logs.glob("*.log")
    lines = (json.loads(line) for file in logs for line in file.read_text("utf-8").splitlines())
    return frozenset(str(line["decision"]) for line in lines if line["event"] == MADE)


def bugs(home: Path) -> list[str]:
    """What the processes of this home called a bug, and whatever they wrote of one to their outputs."""
    found = [line for file in paths(home).logs.glob("*.log") for line in file.read_text("utf-8").splitlines()]
    outputs = [file.read_text("utf-8") for file in home.glob("output-*.txt")]
    return [line for line in found if '"bug"' in line] + [text for text in outputs if "Traceback" in text]


def moment_of(last: Line, *, has_arrived: bool) -> Moment | None:
    """In which moment a process died, by its last line on a decision and what the run's history has of it."""
    if last.event in {MADE, MOVED} and last.after in {S.HELD, S.QUEUED}:
        return None if has_arrived else Moment(last.after)
    if last == Line(MOVED, S.QUEUED, S.SENDING):
        return Moment.ACCEPTED if has_arrived else Moment.SENDING
    is_receipt = (last.before, last.after) in {(S.SENDING, S.CONFIRMED), (S.CONFIRMED, S.CARRIED_OUT)}
    return Moment.COMMIT if last.event == MOVES and is_receipt and has_arrived else None


def stored(home: Path) -> dict[str, StoredDecision]:
    """All decisions of a store, by id."""
    with closing(Store(paths(home).database)) as store:
        return {each.decision.decision_id: each for each in store.outbox.newest(10_000)}


def way(decision: StoredDecision) -> list[DecisionState]:
    """The states it entered, in order. That an acceptance is told on its own depends on how quick the effect is."""
    return [state for state, _ in decision.history if state is not S.CONFIRMED]


def waits(home: Path, item_id: str) -> bool:
    """Whether an item stands in the store as one that waits for somebody at this desk."""
    with closing(Store(paths(home).database)) as store:
        row = store.inbox.find(item_id, datetime.now(UTC))
    return row is not None and row.closed_at is None and not row.is_decided


def audit(home: Path) -> AuditCheck:
    """What verifying a store's audit chain finds."""
    with closing(Store(paths(home).database)) as store:
        return list(store.audit.verify())[-1]


async def arrivals(client: Client, run_id: str, decision_id: str) -> int:
    """How often the run's history has taken on a decision."""
    count = 0
    async for event in client.get_workflow_handle(run_id).fetch_history_events():
        if event.HasField("workflow_execution_update_accepted_event_attributes"):
            taken = event.workflow_execution_update_accepted_event_attributes
            count += taken.accepted_request.meta.update_id == decision_id
    return count


async def receipt(client: Client, run_id: str, decision_id: str) -> Receipt | None:
    """The run's own record of a decision."""
    handle = client.get_workflow_handle(run_id)
    reply: wire.ReceiptReply = await handle.query(wire.QUERY_RECEIPT, decision_id, result_type=wire.ReceiptReply)
    return reply.receipt


def effects(business: Path) -> list[Effect]:
    """All that was done."""
    query = "SELECT effect_id, run_id, decision_id, customer, amount FROM effects LEFT JOIN refunds USING (effect_id)"
    with closing(sqlite3.connect(business)) as db:
        return [Effect(*row) for row in db.execute(query)]


def payments(business: Path) -> int:
    """How many rows the tool itself wrote."""
    with closing(sqlite3.connect(business)) as db:
        (count,) = db.execute("SELECT count(*) FROM refunds").fetchone()
    return int(count)

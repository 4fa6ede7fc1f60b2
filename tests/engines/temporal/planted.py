"""Runs without a worker: started with whatever memo and search attributes a test needs, they wait for ever."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import TypeAdapter
from temporalio.client import Client, WorkflowHandle
from temporalio.common import SearchAttributeKey, SearchAttributePair, TypedSearchAttributes

from console.domain.canonical import Json
from console.domain.escalation import EscalationKey, Kind, Waiting
from console.domain.risk import Risk
from console.domain.run import RunRef
from console.engines.temporal.engine import TemporalEngine
from console.engines.temporal.follow import Pace
from console.engines.temporal.settings import TemporalSettings
from console.tower import wire
from tests.engines.tower_bench import Host

NOBODY = "nobody-polls-this"
NEVER = 3_600.0
OPEN = SearchAttributeKey.for_int("ClearanceOpen")
RISK = SearchAttributeKey.for_int("ClearanceRisk")
CHANGED = SearchAttributeKey.for_datetime("ClearanceChangedAt")
OPENED = SearchAttributeKey.for_datetime("ClearanceOpenedAt")
_ROW = TypeAdapter(Waiting)


def row_of(server: str, run_id: str, risk: Risk, *, chain_id: str = "chain", minutes: int = 0) -> dict[str, Json]:
    """A sound row as JSON, due so many minutes after a fixed morning (0: never)."""
    morning = datetime(2026, 11, 21, 8, tzinfo=UTC)
    waiting = Waiting(
        key=EscalationKey(RunRef(server, run_id, chain_id), "gate", 1),
        kind=Kind.CHECKPOINT,
        title=f"Row of {run_id}",
        workflow="planted",
        agent="planter",
        risk=risk,
        opened_at=morning,
        due_at=morning + timedelta(minutes=minutes) if minutes else None,
    )
    row: dict[str, Json] = _ROW.dump_python(waiting, mode="json")
    return row


async def plant(
    client: Client,
    memo: Any,  # noqa: ANN401  # whatever JSON a test plants
    *,
    risk: int | None = 3,
    run_id: str = "",
    open_count: int = 1,
    changed_at: datetime | None = None,
) -> WorkflowHandle[Any, Any]:
    """Start one run that tells this of itself."""
    now = datetime.now(UTC)
    now = now.replace(microsecond=now.microsecond // 1000 * 1000)
    attributes: list[SearchAttributePair[Any]] = [
        SearchAttributePair(OPEN, open_count),
        SearchAttributePair(CHANGED, changed_at or now),
        SearchAttributePair(OPENED, now),
    ]
    if risk is not None:
        attributes.append(SearchAttributePair(RISK, risk))
    return await client.start_workflow(
        "Planted",
        id=run_id or f"planted-{uuid.uuid4().hex[:12]}",
        task_queue=NOBODY,
        memo=None if memo is None else {wire.MEMO_KEY: memo},
        search_attributes=TypedSearchAttributes(attributes),
    )


async def plant_many(client: Client, server: str, count: int, *, at_once: int = 20) -> dict[str, Risk]:
    """Start ``count`` runs with one row each, of all risks in turn; returns each run's risk by its id."""
    planted: dict[str, Risk] = {}
    for start in range(0, count, at_once):
        wanted = {f"many-{number:06d}": Risk(number % 4 + 1) for number in range(start, min(count, start + at_once))}
        await asyncio.gather(
            *(
                plant(client, {"rows": [row_of(server, run_id, risk)]}, risk=int(risk), run_id=run_id)
                for run_id, risk in wanted.items()
            )
        )
        planted |= wanted
    return planted


async def listed_count(client: Client, query: str, count: int) -> None:
    """Wait until visibility, which lags, knows so many."""
    while True:
        if (await client.count_workflows(query)).count == count:
            return
        await asyncio.sleep(0.05)


@asynccontextmanager
async def connected(
    host: Host, page_size: int = 1_000, *, count_every: float = NEVER
) -> AsyncIterator[tuple[Client, TemporalEngine, str]]:
    """A client to plant with, a connection under test, and the server's identity."""
    engine = TemporalEngine(
        TemporalSettings(address=host.address, read_within=3),
        page_size=page_size,
        pace=Pace(0.1, 0.2, 0.2, count_every),
    )
    server = await engine.open()
    try:
        yield await Client.connect(host.address), engine, server.identity
    finally:
        await engine.close()

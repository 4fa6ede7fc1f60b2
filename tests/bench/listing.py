"""Listing everything that waits on a real Temporal server into a store, beside raw paging of the same runs.

The runs are started without a worker: they publish what real ones do, in memo and search attributes, and wait.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from temporalio.client import Client

from console.engines.temporal.engine import TemporalEngine
from console.engines.temporal.listing import OPEN, PAGE_SIZE
from console.engines.temporal.settings import TemporalSettings
from console.store.records import RowFilter, StoredConnection
from console.store.store import Store
from console.tower.server import NAMESPACE
from tests.bench import stock
from tests.bench.lines import Line, Spread
from tests.engines.temporal.planted import listed_count, plant_many
from tests.servers import start_server


@dataclass
class Times:
    """Milliseconds from connecting to the first page, and to the end."""

    first: list[float] = field(default_factory=list)
    whole: list[float] = field(default_factory=list)


def list_waiting(folder: Path, count: int, rounds: int) -> list[Line]:
    """Start a server with ``count`` waiting runs, and list them by turns."""
    server = start_server(folder / "server")
    try:
        ours, raw = asyncio.run(_measure(folder, server.address, count, rounds))
    finally:
        server.stop()
    return [
        Line(
            name=f"{name} of {count:,} waiting runs, into the store",
            ours=Spread(getattr(ours, of)),
            beside="list_workflows",
            baseline=Spread(getattr(raw, of)),
        )
        for name, of in (("first page", "first"), ("all", "whole"))
    ]


async def _measure(folder: Path, address: str, count: int, rounds: int) -> tuple[Times, Times]:
    settings = TemporalSettings(address=address, namespace=NAMESPACE)
    engine = TemporalEngine(settings)
    identity = (await engine.open()).identity
    await engine.close()
    client = await Client.connect(address, namespace=NAMESPACE)
    await plant_many(client, identity, count)
    await listed_count(client, OPEN, count)
    ours, raw = Times(), Times()
    for number in range(rounds):
        where = stock.profile(folder / f"round-{number}")
        await _list_ours(settings, where.database, count, ours)
        await _list_raw(address, count, raw)
    return ours, raw


async def _list_ours(settings: TemporalSettings, database: Path, count: int, times: Times) -> None:
    with closing(Store(database)) as store:
        store.connections.put(StoredConnection(connection_id="tower", name="tower", kind="temporal"), datetime.now(UTC))
        engine = TemporalEngine(settings)
        began = time.perf_counter()
        await engine.open()
        first = 0.0
        async for page in engine.waiting():
            store.inbox.put("tower", page, datetime.now(UTC))
            first = first or (time.perf_counter() - began) * 1000
        times.whole.append((time.perf_counter() - began) * 1000)
        times.first.append(first)
        await engine.close()
        _check(store.inbox.page(RowFilter(now=datetime.now(UTC), limit=1)).total, count)


async def _list_raw(address: str, count: int, times: Times) -> None:
    began = time.perf_counter()
    client = await Client.connect(address, namespace=NAMESPACE)
    pages = client.list_workflows(OPEN, page_size=PAGE_SIZE)
    found, first = 0, 0.0
    while found == 0 or pages.next_page_token:
        await pages.fetch_next_page()
        found += len(pages.current_page or ())
        first = first or (time.perf_counter() - began) * 1000
    times.whole.append((time.perf_counter() - began) * 1000)
    times.first.append(first)
    _check(found, count)


def _check(found: int, count: int) -> None:
    if found != count:
        raise AssertionError(f"{found} of {count} runs were listed")

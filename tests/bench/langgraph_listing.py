"""Listing everything that waits on a real LangGraph server into a store, beside raw paging of the same threads."""

from __future__ import annotations

import asyncio
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import httpx

from console.engines.langgraph.engine import LangGraphEngine
from console.engines.langgraph.settings import LangGraphSettings
from console.store.records import RowFilter, StoredConnection
from console.store.store import Store
from tests.bench import stock
from tests.bench.lines import Line, Spread
from tests.engines.langgraph.server import LangGraphServer

WAITING = 1_000
AT_ONCE = 20
LOOK_AGAIN = 0.5
# As many as its own web inbox asks for, and the most that the server gives.
PAGES = (100, 1_000)


def list_waiting(folder: Path, rounds: int) -> list[Line]:
    """Start a server with :data:`WAITING` waiting threads, and list them by turns."""
    (folder / "server").mkdir()
    server = LangGraphServer(folder / "server")
    server.start()
    try:
        return asyncio.run(_measure(folder, server, rounds))
    finally:
        server.stop()


async def _measure(folder: Path, server: LangGraphServer, rounds: int) -> list[Line]:
    ours: list[float] = []
    raw: dict[int, list[float]] = {size: [] for size in PAGES}
    async with httpx.AsyncClient(base_url=server.url, timeout=60) as client:
        await _plant(client)
        for number in range(rounds):
            ours.append(await _list_ours(server, stock.profile(folder / f"round-{number}").database))
            for size in PAGES:
                raw[size].append(await _list_raw(server, size))
    return [
        Line(
            name=f"all of {WAITING:,} waiting threads, into the store",
            ours=Spread(ours),
            beside=f"threads/search by {size:,}",
            baseline=Spread(raw[size]),
        )
        for size in PAGES
    ]


async def _plant(client: httpx.AsyncClient) -> None:
    slots = asyncio.Semaphore(AT_ONCE)

    async def one(number: int) -> None:
        async with slots:
            thread = (await client.post("/threads", json={})).json()["thread_id"]
            draft = {"to": f"customer-{number}@example.org", "body": "We are sorry."}
            run = {"assistant_id": "inbox", "input": draft}
            (await client.post(f"/threads/{thread}/runs", json=run)).raise_for_status()

    await asyncio.gather(*(one(number) for number in range(WAITING)))
    while True:
        if (await client.post("/threads/count", json={"status": "interrupted"})).json() == WAITING:
            return
        await asyncio.sleep(LOOK_AGAIN)


async def _list_ours(server: LangGraphServer, database: Path) -> float:
    with closing(Store(database)) as store:
        known = StoredConnection(connection_id="agents", name="agents", kind="langgraph")
        store.connections.put(known, datetime.now(UTC))
        engine = LangGraphEngine(LangGraphSettings(address=server.address))
        began = time.perf_counter()
        await engine.open()
        async for page in engine.waiting():
            store.inbox.put("agents", page, datetime.now(UTC))
        took = (time.perf_counter() - began) * 1000
        await engine.close()
        _check(store.inbox.page(RowFilter(now=datetime.now(UTC), limit=1)).total)
    return took


async def _list_raw(server: LangGraphServer, size: int) -> float:
    began = time.perf_counter()
    found = 0
    async with httpx.AsyncClient(base_url=server.url, timeout=60) as client:
        while True:
            asked = {"status": "interrupted", "limit": size, "offset": found}
            page = (await client.post("/threads/search", json=asked)).json()
            found += len(page)
            if len(page) < size:
                break
    took = (time.perf_counter() - began) * 1000
    _check(found)
    return took


def _check(found: int) -> None:
    if found != WAITING:
        raise AssertionError(f"{found} of {WAITING} threads were listed")

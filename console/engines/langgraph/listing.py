"""Everything that waits at a server, highest risk first.

Threads are searched by status, a thousand at a time, with only the fields that rows are made of. The order of a page is
the server's; since risk is stated in metadata, if at all, rows are sorted here once all are there. Invariants: a row
comes once; threads are decoded in slices, so that the loop stays awake; threads that cannot be named are left out.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from console.domain.errors import Refused, Unreachable
from console.domain.escalation import Waiting
from console.engines.langgraph import threads, waits
from console.engines.langgraph.line import Line, Node
from console.engines.langgraph.threads import Thread

PAGE = 1_000
MOST = 100_000
SLICE = 100
AT_ONCE = 8
STATUSES = (waits.WAITING, waits.ERROR)


@dataclass(frozen=True, slots=True)
class Listed:
    """A thread with its rows. ``mark`` changes whenever anything told here does."""

    thread: Thread
    rows: tuple[Waiting, ...]

    @property
    def mark(self) -> tuple[object, ...]:
        """What differs when there is something to tell."""
        return (self.thread.status, self.rows)


async def waiting(line: Line, page_size: int = PAGE) -> list[Listed]:
    """Every thread in which something waits."""
    found: dict[str, Listed] = {}
    for status in STATUSES:
        async for page in pages(line, {"status": status}, page_size):
            for one in await decoded(line, page):
                found[one.thread.thread_id] = one
    return list(found.values())


async def pages(line: Line, query: Node, page_size: int = PAGE, offset: int = 0) -> AsyncGenerator[list[Thread], None]:
    """Threads that match, those moved last first, page by page. One that moves meanwhile may come twice, or late."""
    while offset < MOST:
        asked = {"limit": page_size, "offset": offset, "sort_by": "updated_at", "sort_order": "desc"}
        raw = threads.items_of(await line.ask("/threads/search", {**query, **asked, "select": list(threads.FIELDS)}))
        read = [one for one in map(threads.thread, raw) if one is not None and is_ours(line, one)]
        yield read
        if len(raw) < page_size:
            return
        offset += page_size


def is_ours(line: Line, thread: Thread) -> bool:
    """Whether this connection asks for it."""
    named = line.settings.assistants
    return not named or thread.graph in named or thread.assistant_id in named


async def decoded(line: Line, page: Sequence[Thread]) -> list[Listed]:
    """Threads with their rows; of those that failed the error is read, which no list tells."""
    found: list[Listed] = []
    for start in range(0, len(page), SLICE):
        some = page[start : start + SLICE]
        failed = [one for one in some if one.status == waits.ERROR]
        errors = await _errors(line, failed)
        for one in some:
            whole = replace(one, error=errors.get(one.thread_id, ""))
            found.append(Listed(whole, waits.rows(whole, line.identity)))
        await asyncio.sleep(0)
    return found


async def _errors(line: Line, failed: Sequence[Thread]) -> dict[str, str]:
    slots = asyncio.Semaphore(AT_ONCE)

    async def one(thread: Thread) -> tuple[str, str]:
        async with slots:
            try:
                return thread.thread_id, (await threads.read(line, thread.thread_id)).error
            except (Refused, Unreachable):
                return thread.thread_id, ""

    return dict(await asyncio.gather(*(one(thread) for thread in failed)))


def urgency(row: Waiting) -> tuple[int, datetime]:
    """What orders rows: risk, then the oldest; nothing there falls due."""
    return (-row.risk, row.opened_at)

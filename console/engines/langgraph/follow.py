"""Following a server: what opens, changes and closes from the last listing on.

There is no feed of all threads, so those that moved last are asked for, again and again, until known ones come. A claim
or a comment moves a thread, too. A count now and then catches what was deleted or slipped through.

Invariants: whatever differs from what was told before is told; nothing is told twice in the same words; while the
server is away nothing is told but that (``Lost``, once when it goes and once when it is back). ``Denied`` ends it.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from console.domain.errors import Refused, Unreachable
from console.engines.langgraph import connect, listing
from console.engines.langgraph.line import Line
from console.engines.langgraph.listing import Listed
from console.engines.port import Change, Lost, Quiet, RunWaits

OVERLAP = timedelta(seconds=1)
PAGE = 10
PAUSE_GROWTH = 1.25


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds between questions: while things change, when nothing does, while the server is away; between counts."""

    busy: float = 0.25
    idle: float = 2.0
    away: float = 5.0
    count: float = 15.0


@dataclass(slots=True)
class Known:
    """What was told so far, by thread, and the server's time up to which it is so."""

    runs: dict[str, Listed] = field(default_factory=dict)
    since: datetime | None = None

    def start(self, found: list[Listed], began: datetime) -> None:
        """Take over a complete listing; what moved during it is asked for again."""
        self.runs = {one.thread.thread_id: one for one in found}
        newest = max((one.thread.updated_at for one in found), default=began)
        self.since = min(newest, began)

    def news(self, one: Listed, server: str) -> RunWaits | None:
        """What to tell of a thread, if it is new."""
        before = self.runs.get(one.thread.thread_id)
        if one.rows or one.thread.status in listing.STATUSES:
            self.runs[one.thread.thread_id] = one
        else:
            self.runs.pop(one.thread.thread_id, None)
        if (before is None and not one.rows) or (before is not None and before.mark == one.mark):
            return None
        return RunWaits(one.thread.ref(server), one.rows)


class Follower:
    """One following of one line."""

    def __init__(self, line: Line, known: Known, pace: Pace) -> None:
        self._line = line
        self._known = known
        self._pace = pace
        self._next_count = 0.0
        self._was_off = False

    async def changes(self) -> AsyncGenerator[Change, None]:
        """What changes, for ever."""
        pause = self._pace.busy
        while True:
            try:
                told = [*(await self._moved()), *(await self._counted())]
            except (Unreachable, Refused) as error:
                yield Lost(error.message)
                await self._come_back()
                yield Lost("The server answers again.")
                continue
            for change in told:
                yield change
            if not told:
                yield Quiet(self._line.clock())
            pause = self._pace.busy if told else min(self._pace.idle, pause * PAUSE_GROWTH)
            await asyncio.sleep(pause)

    async def _moved(self) -> list[RunWaits]:
        """What moved since the newest movement seen, with an overlap for what became visible late."""
        since = (self._known.since or self._line.now - OVERLAP) - OVERLAP
        newest = self._known.since or since
        told: list[RunWaits] = []
        async for page in listing.pages(self._line, {}, PAGE):
            moved = [one for one in page if one.updated_at >= since]
            newest = max([newest, *(one.updated_at for one in moved)])
            news = (self._known.news(one, self._line.identity) for one in await listing.decoded(self._line, moved))
            told.extend(change for change in news if change)
            if len(moved) < len(page) or not page:
                break
        self._known.since = newest
        return told

    async def _counted(self) -> list[RunWaits]:
        """What a complete listing finds, if twice in a row the count of threads was not the one known."""
        now = asyncio.get_running_loop().time()
        if now < self._next_count:
            return []
        self._next_count = now + self._pace.count
        await connect.verify(self._line)
        if self._line.settings.assistants:
            return await self._listed_anew()
        count = 0
        for status in listing.STATUSES:
            told = await self._line.ask("/threads/count", {"status": status})
            count += told if isinstance(told, int) else 0
        known = sum(one.thread.status in listing.STATUSES for one in self._known.runs.values())
        is_off, was_off = count != known, self._was_off
        self._was_off = is_off and not was_off
        return await self._listed_anew() if is_off and was_off else []

    async def _listed_anew(self) -> list[RunWaits]:
        found = await listing.waiting(self._line)
        ids = {one.thread.thread_id for one in found}
        gone = [one for thread_id, one in self._known.runs.items() if thread_id not in ids]
        for one in gone:
            self._known.runs.pop(one.thread.thread_id)
        news = [self._known.news(one, self._line.identity) for one in found]
        closed = [RunWaits(one.thread.ref(self._line.identity), ()) for one in gone]
        return closed + [change for change in news if change]

    async def _come_back(self) -> None:
        """Wait until the same server answers again. Raises ``Denied`` if another one does."""
        pause = self._pace.busy
        while True:
            await asyncio.sleep(pause)
            pause = min(self._pace.away, pause * 2)
            with contextlib.suppress(Unreachable, Refused):
                return await connect.verify(self._line)

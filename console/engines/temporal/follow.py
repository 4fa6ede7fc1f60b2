"""Following a namespace: what opens, changes and closes from the last listing on.

There is no feed of a whole namespace, so visibility is asked, again and again, for what changed since the newest
change seen, and now and then for what changed a while before and came to light only later; all times are the server's.
Closings are found because closed runs are not left out of that question, and a run that was cancelled or terminated,
which changes nothing of its own, by its close time. A count now and then catches what slipped through.

Whether anybody works there is asked at a calm pace, at once where somebody found that nobody does, and often until
somebody does again.

Invariants: whatever differs from what was told before is told; nothing is told twice in the same words; while the
server is away nothing is told but that (``Lost``, once when it goes and once when it is back). ``Denied`` ends it.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from temporalio.api.workflow.v1 import WorkflowExecutionInfo

from console.domain.errors import Refused, Unreachable
from console.engines.port import Change, Hands, Lost, Quiet, RunWaits
from console.engines.temporal import decode, listing
from console.engines.temporal.connect import Line
from console.engines.temporal.decode import Listed

OVERLAP = timedelta(seconds=1.5)
# A change carries the time at which its task began, and is seen once that has ended, if need be at a second try.
LATE = timedelta(seconds=30)
UNKNOWN_CLOCK = timedelta(minutes=2)
PAUSE_GROWTH = 1.25
AWAY_HERE = 1.0
SUSPICIONS = 2


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds between questions: while things change, when nothing does, while the server is away.

    And between counts, between looks at what may have come late, and at who works there.
    """

    busy: float = 0.5
    idle: float = 2.0
    away: float = 5.0
    count: float = 15.0
    late: float = 5.0
    hands: float = 10.0


@dataclass(slots=True)
class Known:
    """What was told so far: every run with something open by its name, and the server's time up to which it is so."""

    runs: dict[str, Listed] = field(default_factory=dict)
    since: datetime | None = None
    hands: Hands = field(default_factory=Hands)

    def start(self, runs: dict[str, Listed], took: timedelta, now: datetime) -> None:
        """Take over a complete listing that took so long and ended now.

        Changes during it may be missing, so following begins before the newest change listed by as long as it took;
        so no clock but the server's counts. Where nothing is listed, ours counts, generously.
        """
        self.runs = runs
        newest = max((run.changed_at for run in runs.values() if run.changed_at), default=now - UNKNOWN_CLOCK)
        self.since = newest - took - OVERLAP

    def news(self, run: Listed) -> RunWaits | None:
        """What to tell of a run, if it is new."""
        name = listing.name_of(run)
        before = self.runs.get(name)
        if run.rows:
            self.runs[name] = run
        else:
            self.runs.pop(name, None)
        if before is None and not run.rows:
            return None
        return None if before is not None and before.mark == run.mark else RunWaits(run.ref, run.rows)


class Follower:
    """One following of one line."""

    def __init__(self, line: Line, known: Known, pace: Pace) -> None:
        self._line = line
        self._known = known
        self._pace = pace
        self._suspicions = 0
        self._next_count = 0.0
        self._next_late = 0.0
        self._next_hands = 0.0

    async def changes(self) -> AsyncGenerator[Change, None]:
        """What changes, for ever."""
        pause = self._pace.busy
        while True:
            try:
                told: list[Change] = [*(await self._delta()), *(await self._counted()), *(await self._staffed())]
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

    async def _delta(self) -> list[RunWaits]:
        """What changed since the newest change seen, with an overlap for what visibility learns late."""
        since = self._known.since or self._line.clock() + self._line.skew - UNKNOWN_CLOCK
        stamp = (since - self._lateness()).isoformat(timespec="milliseconds")
        query = f"ClearanceChangedAt >= '{stamp}' OR (CloseTime >= '{stamp}' AND ClearanceOpen > 0)"
        newest = since + OVERLAP
        told: list[RunWaits] = []
        async for infos in listing.executions(self._line, query):
            told.extend(await self._told(infos))
            newest = max([newest, *(_last_moved(info) for info in infos)])
        self._known.since = newest - OVERLAP
        return told

    def _lateness(self) -> timedelta:
        """How far to look back this time."""
        now = asyncio.get_running_loop().time()
        if now < self._next_late:
            return timedelta(0)
        self._next_late = now + self._pace.late
        return LATE

    async def _told(self, infos: list[WorkflowExecutionInfo]) -> list[RunWaits]:
        latest: dict[str, WorkflowExecutionInfo] = {}
        for info in infos:
            before = latest.get(info.execution.workflow_id)
            if before is None or _is_later(info, before):
                latest[info.execution.workflow_id] = info
        told = (self._known.news(run) for run in await listing.decoded(self._line, list(latest.values())))
        return [change for change in told if change]

    async def _staffed(self) -> list[Hands]:
        """Who works there, if that changed."""
        now = asyncio.get_running_loop().time()
        if now < self._next_hands and not self._line.doubt.is_set():
            return []
        hands = await self._line.hands()
        self._line.doubt.clear()
        self._next_hands = now + (self._pace.idle if hands.missing else self._pace.hands)
        if hands == self._known.hands:
            return []
        self._known.hands = hands
        return [hands]

    async def _counted(self) -> list[RunWaits]:
        """What a complete listing finds, if twice in a row the count of runs was not the one known."""
        now = asyncio.get_running_loop().time()
        if now < self._next_count:
            return []
        self._next_count = now + self._pace.count
        await self._line.verify()
        is_off = await listing.count_open(self._line) != len(self._known.runs)
        self._suspicions = self._suspicions + 1 if is_off else 0
        if self._suspicions == 1:
            self._next_count = now + min(self._pace.idle, self._pace.count)
        if self._suspicions < SUSPICIONS:
            return []
        self._suspicions = 0
        return await self._relisted()

    async def _relisted(self) -> list[RunWaits]:
        found: dict[str, Listed] = {}
        async for _ in listing.waiting(self._line, found):
            pass
        gone = [RunWaits(run.ref, ()) for name, run in self._known.runs.items() if name not in found]
        for change in gone:
            self._known.runs.pop(f"{change.run.run_id}\n{change.run.chain_id}")
        told = (self._known.news(run) for run in found.values())
        return gone + [change for change in told if change]

    async def _come_back(self) -> None:
        """Wait until the same server answers again. Raises ``Denied`` if another one does."""
        pause = self._pace.busy
        # On this machine asking costs nothing, and a person looks at what they have just started again.
        longest = min(self._pace.away, AWAY_HERE) if self._line.settings.is_local else self._pace.away
        while True:
            await asyncio.sleep(pause)
            pause = min(longest, pause * 2)
            with contextlib.suppress(Unreachable, Refused):
                return await self._line.verify()


def _last_moved(info: WorkflowExecutionInfo) -> datetime:
    closed = info.close_time.ToDatetime(tzinfo=UTC)
    return max(closed, decode.time_attribute(info, "ClearanceChangedAt") or closed)


def _is_later(info: WorkflowExecutionInfo, other: WorkflowExecutionInfo) -> bool:
    """Of two executions of one workflow id, the one that counts: the running one, else the one started last."""
    if (info.status == decode.RUNNING) != (other.status == decode.RUNNING):
        return info.status == decode.RUNNING
    return info.start_time.ToDatetime() > other.start_time.ToDatetime()

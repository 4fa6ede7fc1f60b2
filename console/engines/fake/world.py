"""The memory of the scripted orchestrator: its runs, and who follows them.

Invariants: nothing is read or changed without the lock; every change reaches every follower, a run named once however
often it changed. Raises ``Refused`` for a run or item that is not here, or no longer waits.
"""

from __future__ import annotations

import asyncio
import dataclasses
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from console.domain.errors import RefusalCode, Refused
from console.domain.escalation import EscalationKey, Waiting
from console.domain.listing import RunQuery, RunRow, RunsPage
from console.domain.precedent import MOST, Likeness, Precedent
from console.domain.run import RunRef, RunStatus
from console.engines.fake.record import Item, RunRecord
from console.engines.port import Change, Hands, Lost, RunWaits

LAST_PLACE = 10**19


@dataclass(eq=False, slots=True)
class Follower:
    """One connection that follows changes; what changed since it last looked, a run named once."""

    loop: asyncio.AbstractEventLoop
    woken: asyncio.Event = field(default_factory=asyncio.Event)
    told: list[Lost | Hands] = field(default_factory=list)
    runs: dict[RunRef, None] = field(default_factory=dict)

    def wake(self) -> None:
        """Tell the follower's loop, from whichever thread; a loop that is gone follows nothing."""
        if not self.loop.is_closed():
            self.loop.call_soon_threadsafe(self.woken.set)


class World:
    """All runs of one scripted orchestrator."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self.lock = threading.RLock()
        self.runs: dict[RunRef, RunRecord] = {}
        self._clock = clock
        self._followers: set[Follower] = set()

    def record(self, ref: RunRef) -> RunRecord:
        """All of one run."""
        with self.lock:
            record = self.runs.get(ref)
        if record is None:
            raise Refused("There is no such run here.", code=RefusalCode.UNKNOWN)
        return record

    def open_item(self, key: EscalationKey) -> Item:
        """An item that still waits."""
        item = self.record(key.run).items.get((key.native_id, key.occurrence))
        if item is None:
            raise Refused("The run knows no such item.", code=RefusalCode.UNKNOWN)
        if item.ended:
            raise Refused("This no longer waits for anybody.", code=RefusalCode.CLOSED)
        return item

    def waiting(self) -> list[Waiting]:
        """Everything that waits, highest risk first, then the earliest due, then the oldest."""
        with self.lock:
            now = self._clock()
            rows = [row for record in self.runs.values() for row in record.open_rows(now)]
        latest = datetime.max.replace(tzinfo=UTC)
        return sorted(rows, key=lambda row: (-row.risk, row.due_at or latest, row.opened_at))

    def precedents(self, like: Likeness) -> tuple[Precedent, ...]:
        """The cases alike of runs that are over, newest first, :data:`MOST` at most."""
        with self.lock:
            told = [case for record in self.runs.values() if record.run.closed_at for case in record.cases(like)]
        return tuple(sorted(told, key=lambda case: case.at, reverse=True)[:MOST])

    def listed(self, query: RunQuery, older: str) -> RunsPage:
        """A page of runs; ``older`` is the place of the last run of the page before."""
        with self.lock:
            rows = [record.listed(self._clock()) for record in self.runs.values()]
        wanted = sorted((row for row in rows if query.takes(row)), key=_place)
        left = [row for row in wanted if _place(row) > older]
        page = tuple(left[: query.limit])
        return RunsPage(page, _place(page[-1]) if len(page) < len(left) else "", len(wanted))

    @contextmanager
    def changing(self, ref: RunRef) -> Iterator[RunRecord]:
        """One run's record under the lock; its followers are told when all went well."""
        with self.lock:
            record = self.record(ref)
            yield record
            waiting = tuple(row.key.item_id for row in record.open_rows(self._clock()))
            status = record.run.status
            if not record.run.closed_at and status in {RunStatus.RUNNING, RunStatus.WAITS}:
                status = RunStatus.WAITS if waiting else RunStatus.RUNNING
            record.run = dataclasses.replace(record.run, status=status, waiting=waiting, moved_at=self._clock())
            for follower in self._followers:
                follower.runs[ref] = None
                follower.wake()

    @property
    def is_followed(self) -> bool:
        """Whether anybody follows."""
        with self.lock:
            return bool(self._followers)

    def follow(self, follower: Follower) -> None:
        """Tell this follower of every change from now on."""
        with self.lock:
            self._followers.add(follower)

    def unfollow(self, follower: Follower) -> None:
        """Tell it of nothing any more."""
        with self.lock:
            self._followers.discard(follower)

    def lose_thread(self, why: str) -> None:
        """Tell every follower that it has to list anew."""
        with self.lock:
            for follower in self._followers:
                follower.told.append(Lost(why))
                follower.wake()

    def tell_hands(self, hands: Hands) -> None:
        """Tell every follower who works here."""
        with self.lock:
            for follower in self._followers:
                follower.told.append(hands)
                follower.wake()

    def news(self, follower: Follower, *, is_away: bool) -> list[Change]:
        """What changed since the follower last asked; nothing of runs while the server is away."""
        with self.lock:
            follower.woken.clear()
            changes: list[Change] = list(follower.told)
            follower.told.clear()
            if not is_away:
                now = self._clock()
                changes.extend(RunWaits(ref, self.record(ref).open_rows(now)) for ref in follower.runs)
                follower.runs.clear()
            return changes


def _place(row: RunRow) -> str:
    """Where a run stands in a list: the later it moved the earlier, as text that can be compared."""
    moved = round(row.moved_at.timestamp() * 1_000_000) if row.moved_at is not None else 0
    return f"{LAST_PLACE - moved:020d} {row.ref.run_id} {row.ref.chain_id}"

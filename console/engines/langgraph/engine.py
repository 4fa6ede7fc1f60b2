"""One connection to a LangGraph server, by the rules of :mod:`console.engines.port`.

It only ties the parts together: a line that is opened and closed, and the listing that following goes on from.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from console.domain.decision import Decision
from console.domain.errors import RefusalCode, Refused, Uncertain, Unreachable
from console.domain.escalation import Comment, Escalation, EscalationKey, Verdict, Waiting
from console.domain.identity import Person
from console.domain.listing import RunQuery, RunsPage
from console.domain.precedent import Likeness, Precedents
from console.domain.receipt import Receipt
from console.domain.registry import RegistryEntry
from console.domain.results import Links, StepResult
from console.domain.run import Access, HandOff, Run, RunRef, Snapshot, Step, TrailEntry, TrailPage
from console.engines.langgraph import (
    acts,
    connect,
    deliver,
    history,
    listing,
    notes,
    reading,
    runs,
    steps,
    threads,
    trail,
    waits,
)
from console.engines.langgraph.follow import Follower, Known, Pace
from console.engines.langgraph.line import Clock, Line
from console.engines.langgraph.settings import LangGraphSettings
from console.engines.port import Ability, Capabilities, Change, Server

# From the last look at an item to the server's taking the answer. In 500 races of two consoles (tests/faults/race.py,
# on a busy machine) both answers were taken 7 times, at most 75 ms apart; never were both heard.
RACE_WINDOW = timedelta(milliseconds=100)
UNBOUND = "A LangGraph server does not bind what its steps return."
LACKS = {
    Ability.ENFORCE: "A LangGraph server checks no signatures; a decision is kept with its run, for a step to check.",
    Ability.HAND_OFFS: "A graph has one state that all its steps read; nothing tells what moved from step to step.",
    Ability.ACCESS: "A LangGraph server does not know who may use what.",
    Ability.PRECEDENTS: "Finished threads cannot be searched for what was decided in them.",
}
CAPABILITIES = Capabilities(
    verdicts=frozenset(
        {
            Verdict.APPROVE,
            Verdict.EDIT,
            Verdict.REJECT,
            Verdict.ANSWER,
            Verdict.REROUTE,
            Verdict.RETRY,
            Verdict.CANCEL,
        }
    ),
    abilities=frozenset(Ability) - LACKS.keys(),
    lacks=LACKS,
    race_window=RACE_WINDOW,
)
PACE = Pace()


def _now() -> datetime:
    return datetime.now(UTC)


class LangGraphEngine:
    """A connection as ``settings`` describe it; nothing is dialled before :meth:`open`."""

    def __init__(
        self,
        settings: LangGraphSettings,
        *,
        clock: Clock = _now,
        page_size: int = listing.PAGE,
        pace: Pace = PACE,
    ) -> None:
        self.settings = settings
        self._clock = clock
        self._page_size = page_size
        self._pace = pace
        self._line: Line | None = None
        self._known = Known()
        self._under_way: set[asyncio.Task[object]] = set()
        self._cut: set[asyncio.Task[object]] = set()

    @property
    def kind(self) -> str:
        return connect.KIND

    @property
    def capabilities(self) -> Capabilities:
        return CAPABILITIES

    async def open(self) -> Server:
        before, self._line = self._line, None
        if before is not None:
            await before.close()
        self._line, server = await connect.open_line(self.settings, self._clock)
        return server

    async def close(self) -> None:
        line, self._line = self._line, None
        self._cut |= self._under_way
        for task in self._under_way:
            task.cancel()
        if line is not None:
            await line.close()

    async def waiting(self) -> AsyncIterator[tuple[Waiting, ...]]:
        with self._call() as line:
            await connect.verify(line)
            began = line.now
            found = await listing.waiting(line)
        rows = sorted((row for one in found for row in one.rows), key=listing.urgency)
        for start in range(0, len(rows), self._page_size):
            yield tuple(rows[start : start + self._page_size])
        self._known.start(found, began)

    async def changes(self) -> AsyncIterator[Change]:
        with self._call() as line:
            follower = Follower(line, self._known, self._pace)
        async with contextlib.aclosing(follower.changes()) as changes:
            while True:
                with self._call():
                    change = await anext(changes)
                yield change

    async def escalation(self, key: EscalationKey) -> Escalation:
        with self._call() as line:
            if key.is_command:
                offered = acts.commands(await threads.read(line, key.run.run_id), line.identity)
                if found := next((one for one in offered if one.key == key), None):
                    return found
                raise Refused(reading.GONE, code=RefusalCode.CLOSED)
            read = await reading.found(line, key)
            if read.wait is not None and waits.is_kept(read.wait):
                raise Refused("It is decided, and sent with the other actions.", code=RefusalCode.ALREADY_DECIDED)
            return read.item

    async def runs(self, query: RunQuery, *, older: str = "") -> RunsPage:
        with self._call() as line:
            return await runs.page(line, query, older)

    async def run(self, ref: RunRef) -> Run:
        with self._call() as line:
            return await runs.header(line, ref)

    async def steps(self, ref: RunRef) -> tuple[Step, ...]:
        with self._call() as line:
            return await steps.steps(line, ref)

    async def trail(self, ref: RunRef, *, older: str = "", limit: int = 50) -> TrailPage:
        with self._call() as line:
            return await trail.page(line, ref, older, limit)

    async def whole(self, ref: RunRef, entry: TrailEntry) -> TrailEntry:
        if entry.whole is not None:
            raise Refused("The server keeps no more than this.", code=RefusalCode.UNKNOWN)
        return entry

    async def state(self, ref: RunRef, *, revision: int | None = None) -> Snapshot:
        with self._call() as line:
            return history.snapshot(await history.history(line, ref), revision)

    async def hand_offs(self, ref: RunRef) -> tuple[HandOff, ...]:
        raise _lacking(Ability.HAND_OFFS)

    async def access(self, ref: RunRef) -> tuple[Access, ...]:
        raise _lacking(Ability.ACCESS)

    async def precedents(self, like: Likeness) -> Precedents:
        raise _lacking(Ability.PRECEDENTS)

    async def commands(self, ref: RunRef) -> tuple[Escalation, ...]:
        with self._call() as line:
            return acts.commands(await threads.read(line, ref.run_id), line.identity)

    def results(self, ref: RunRef) -> AsyncIterator[tuple[StepResult, ...]]:
        raise Refused(UNBOUND, code=RefusalCode.NOT_ALLOWED)

    async def links(self, ref: RunRef) -> Links:
        raise Refused(UNBOUND, code=RefusalCode.NOT_ALLOWED)

    async def deliver(self, decision: Decision) -> Receipt:
        with self._call(Uncertain("The connection was closed while the decision was on its way.")) as line:
            return await deliver.deliver(line, decision)

    async def read_back(self, decision: Decision) -> Receipt | None:
        with self._call() as line:
            return await deliver.read_back(line, decision)

    async def claim(self, key: EscalationKey, person: Person, until: datetime) -> None:
        await self._note(lambda line: notes.claim(line, key, person, until))

    async def release(self, key: EscalationKey, person: Person) -> None:
        await self._note(lambda line: notes.release(line, key, person))

    async def comment(self, key: EscalationKey, comment: Comment) -> None:
        await self._note(lambda line: notes.comment(line, key, comment))

    async def key_log(self) -> tuple[RegistryEntry, ...]:
        raise _lacking(Ability.ENFORCE)

    async def admit_key(self, entry: RegistryEntry) -> None:
        raise _lacking(Ability.ENFORCE)

    async def _note(self, keep: Callable[[Line], Awaitable[None]]) -> None:
        """Keep what is no decision; it may be said again without harm, so its loss is only unreachable."""
        with self._call() as line:
            try:
                await keep(line)
            except Uncertain as error:
                raise Unreachable(error.message) from error

    @contextmanager
    def _call(self, lost: Unreachable | Uncertain | None = None) -> Iterator[Line]:
        """Count the block as one call; ``lost`` is what it ends with if the connection is closed meanwhile."""
        if self._line is None:
            raise Unreachable("This connection is not open.", next_action="Open it.")
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("calls run in tasks")
        self._under_way.add(task)
        try:
            yield self._line
        except asyncio.CancelledError:
            if task in self._cut and task.uncancel() == 0:
                raise lost or Unreachable("This connection was closed.", next_action="Open it again.") from None
            raise
        finally:
            self._under_way.discard(task)
            self._cut.discard(task)


def _lacking(ability: Ability) -> Refused:
    return Refused(LACKS[ability], code=RefusalCode.NOT_ALLOWED)

"""One connection to a Temporal namespace in which towers run, by the rules of :mod:`console.engines.port`.

It only ties the parts together: a line that is opened and closed, a bound on decisions in flight per run, and the
listing that following goes on from.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import weakref
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

from console.domain.canonical import sha256_hex
from console.domain.decision import Decision, instant
from console.domain.errors import Uncertain, Unreachable
from console.domain.escalation import Comment, Escalation, EscalationKey, Verdict, Waiting
from console.domain.identity import Person
from console.domain.listing import RunQuery, RunsPage
from console.domain.precedent import Likeness, Precedents
from console.domain.receipt import Receipt
from console.domain.registry import RegistryEntry
from console.domain.results import Links, StepResult
from console.domain.run import Access, HandOff, Run, RunRef, Snapshot, Step, TrailEntry, TrailPage
from console.engines.port import Ability, Capabilities, Change, Server
from console.engines.temporal import ask, deliver, keys, listing, precedents, read, results, runs, trail, wholes
from console.engines.temporal.calls import Calls
from console.engines.temporal.connect import Clock, Line, open_line
from console.engines.temporal.decode import Listed
from console.engines.temporal.follow import Follower, Known, Pace
from console.engines.temporal.reasons import Reasons
from console.engines.temporal.settings import TemporalSettings
from console.tower import wire

ENFORCING = Capabilities(verdicts=frozenset(Verdict), abilities=frozenset(Ability))
RECORDING = Capabilities(
    verdicts=frozenset(Verdict),
    abilities=frozenset(Ability) - {Ability.ENFORCE},
    lacks={Ability.ENFORCE: keys.NO_REGISTRY},
)
PACE = Pace()
NOT_OPEN = "This connection is not open."


def _now() -> datetime:
    return datetime.now(UTC)


class TemporalEngine:
    """A connection as ``settings`` describe it; nothing is dialled before :meth:`open`."""

    def __init__(
        self,
        settings: TemporalSettings,
        *,
        clock: Clock = _now,
        page_size: int = listing.PAGE_SIZE,
        pace: Pace = PACE,
    ) -> None:
        self.settings = settings
        self._clock = clock
        self._page_size = page_size
        self._pace = pace
        self._capabilities = RECORDING
        self._calls = Calls()
        self._line: Line | None = None
        self._known = Known()
        self._reasons = Reasons()
        self._in_flight: weakref.WeakValueDictionary[RunRef, asyncio.Semaphore] = weakref.WeakValueDictionary()

    @property
    def kind(self) -> str:
        return "temporal"

    @property
    def capabilities(self) -> Capabilities:
        return self._capabilities

    async def open(self) -> Server:
        self._calls.open()
        with self._calls.under_way():
            self._line, server = await open_line(self.settings, self._clock)
            self._known.hands = server.hands
            self._capabilities = ENFORCING if await keys.has_registry(self._line) else RECORDING
        return server

    async def close(self) -> None:
        self._calls.close()
        self._line = None

    async def waiting(self) -> AsyncIterator[tuple[Waiting, ...]]:
        known: dict[str, Listed] = {}
        loop = asyncio.get_running_loop()
        began = loop.time()
        with self._calls.under_way():
            await self._open_line().verify()
        async with contextlib.aclosing(listing.waiting(self._open_line(), known, self._page_size)) as pages:
            while True:
                with self._calls.under_way():
                    page = await anext(pages, None)
                if page is None:
                    break
                yield page
        self._known.start(known, timedelta(seconds=loop.time() - began), self._clock() + self._open_line().skew)

    async def changes(self) -> AsyncIterator[Change]:
        follower = Follower(self._open_line(), self._known, self._pace)
        async with contextlib.aclosing(follower.changes()) as changes:
            while True:
                with self._calls.under_way():
                    change = await anext(changes)
                yield change

    async def escalation(self, key: EscalationKey) -> Escalation:
        with self._calls.under_way():
            return await read.escalation(self._open_line(), key)

    async def runs(self, query: RunQuery, *, older: str = "") -> RunsPage:
        with self._calls.under_way():
            return await runs.page(self._open_line(), self._reasons, query, older)

    async def run(self, ref: RunRef) -> Run:
        with self._calls.under_way():
            return await read.header(self._open_line(), ref)

    async def steps(self, ref: RunRef) -> tuple[Step, ...]:
        with self._calls.under_way():
            return await read.steps(self._open_line(), ref)

    async def trail(self, ref: RunRef, *, older: str = "", limit: int = 50) -> TrailPage:
        with self._calls.under_way():
            return await trail.page(self._open_line(), ref, older, limit)

    async def whole(self, ref: RunRef, entry: TrailEntry) -> TrailEntry:
        with self._calls.under_way():
            return await wholes.whole(self._open_line(), ref, entry)

    async def state(self, ref: RunRef, *, revision: int | None = None) -> Snapshot:
        with self._calls.under_way():
            return await read.state(self._open_line(), ref, revision)

    async def hand_offs(self, ref: RunRef) -> tuple[HandOff, ...]:
        with self._calls.under_way():
            return await read.hand_offs(self._open_line(), ref)

    async def access(self, ref: RunRef) -> tuple[Access, ...]:
        with self._calls.under_way():
            return await read.access(self._open_line(), ref)

    async def precedents(self, like: Likeness) -> Precedents:
        with self._calls.under_way():
            return await precedents.precedents(self._open_line(), like, self._clock() + self._open_line().skew)

    async def commands(self, ref: RunRef) -> tuple[Escalation, ...]:
        with self._calls.under_way():
            return await read.commands(self._open_line(), ref)

    async def results(self, ref: RunRef) -> AsyncIterator[tuple[StepResult, ...]]:
        async with contextlib.aclosing(results.pages(self._open_line(), ref)) as pages:
            while True:
                with self._calls.under_way():
                    page = await anext(pages, None)
                if page is None:
                    break
                yield page

    async def links(self, ref: RunRef) -> Links:
        with self._calls.under_way():
            return (await ask.answer(self._open_line(), ref, wire.QUERY_LINKS, wire.LinksReply)).links

    async def deliver(self, decision: Decision) -> Receipt:
        line = self._open_line()
        in_flight = self._in_flight.setdefault(decision.key.run, asyncio.Semaphore(wire.MAX_UPDATES_IN_FLIGHT))
        with self._calls.under_way(Uncertain("The connection was closed while the decision was on its way.")):
            async with in_flight:
                return await deliver.deliver(line, decision)

    async def read_back(self, decision: Decision) -> Receipt | None:
        with self._calls.under_way():
            return await deliver.read_back(self._open_line(), decision)

    async def claim(self, key: EscalationKey, person: Person, until: datetime) -> None:
        request = wire.ClaimRequest(key=key, by=person, until=until)
        update_id = f"claim-{key.item_id}-{_short(person.person_id)}-{instant(until)}"
        await self._say(key, wire.UPDATE_CLAIM, request, update_id)

    async def release(self, key: EscalationKey, person: Person) -> None:
        now = self._clock()
        request = wire.ClaimRequest(key=key, by=person, until=now)
        update_id = f"release-{key.item_id}-{_short(person.person_id)}-{instant(now)}"
        await self._say(key, wire.UPDATE_RELEASE, request, update_id)

    async def comment(self, key: EscalationKey, comment: Comment) -> None:
        said = sha256_hex([comment.by.person_id, instant(comment.at), comment.text])
        request = wire.CommentRequest(key=key, comment=comment)
        await self._say(key, wire.UPDATE_COMMENT, request, f"comment-{key.item_id}-{said[:16]}")

    async def key_log(self) -> tuple[RegistryEntry, ...]:
        with self._calls.under_way():
            return await keys.log(self._open_line())

    async def admit_key(self, entry: RegistryEntry) -> None:
        with self._calls.under_way():
            await keys.admit(self._open_line(), entry)

    async def _say(self, key: EscalationKey, name: str, request: wire.Message, update_id: str) -> None:
        """Carry what is no decision; it may be said again without harm, so its loss is only unreachable."""
        with self._calls.under_way():
            await deliver.say(self._open_line(), key.run, name, request, update_id)

    def _open_line(self) -> Line:
        if self._line is None:
            raise Unreachable(NOT_OPEN, next_action="Open it.")
        return self._line


def _short(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=6).hexdigest()

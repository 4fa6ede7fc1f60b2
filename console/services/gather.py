"""Reading what is around an item: its trail, hand-offs, grants and precedents, after the item and never before it.

Invariant: nothing waits for it. One item is read around at a time, the one that a person looks at first, and only once
they have stayed with it for a moment; what fails leaves its reason in its own part and the others as they are.
"""

from __future__ import annotations

import asyncio
import dataclasses
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime, timedelta
from typing import TypeVar

from console.domain.errors import Denied, Refused, Uncertain, Unreachable
from console.domain.escalation import Escalation, Verdict
from console.domain.language import tr
from console.domain.leading import leading
from console.domain.listing import MAX_RUNS, RunQuery
from console.domain.pauses import Pause, Scope, pause_of
from console.domain.precedent import MOST, Likeness, Precedents, likeness
from console.domain.run import Access, HandOff, RunRef, RunStatus, TrailEntry, TrailPage
from console.engines.port import Ability, Engine
from console.services.link import Link
from console.services.links import Links
from console.services.means import Means
from console.services.surroundings import UNREAD, Alike, Held, Led, Part, Surroundings
from console.services.views import ItemChanged
from console.store.records import StoredRow

T = TypeVar("T")

BREATH = 0.3
FRESH_FOR = timedelta(seconds=30)
ALIKE_FOR = timedelta(minutes=5)
KEPT = 64
WANTED = 4
ENTRIES = 60
TITLE = 200
TEXT = 400
UNDER_WAY = frozenset({RunStatus.RUNNING, RunStatus.WAITS, RunStatus.STUCK, RunStatus.PAUSED})
FOUR = (Refused, Unreachable, Uncertain, Denied)


class Gatherer:
    """What is known around items, the latest ones."""

    def __init__(self, means: Means, links: Links) -> None:
        self._means = means
        self._links = links
        self._known: OrderedDict[str, Surroundings] = OrderedDict()
        self._read_at: dict[str, datetime] = {}
        self._alike: OrderedDict[tuple[str, Likeness], Part[Alike]] = OrderedDict()
        self._wanted: OrderedDict[str, StoredRow] = OrderedDict()
        self._running: asyncio.Task[None] | None = None

    def known(self, item_id: str) -> Surroundings:
        """What has been read so far."""
        return self._known.get(item_id, UNREAD)

    def look(self, row: StoredRow) -> None:
        """A person looks at an item: it is read around next."""
        if self._is_due(row):
            self._wanted[row.item_id] = row
            self._wanted.move_to_end(row.item_id, last=False)
            self._go()

    def ahead(self, rows: Iterable[StoredRow]) -> None:
        """These come next: what else was to be read ahead is given up for them."""
        first = next(iter(self._wanted.items()), None)
        self._wanted = OrderedDict([first] if first is not None else [])
        for row in rows:
            if self._is_due(row) and len(self._wanted) < WANTED:
                self._wanted.setdefault(row.item_id, row)
        self._go()

    def _is_due(self, row: StoredRow) -> bool:
        read_at = self._read_at.get(row.item_id)
        link = self._links.get(row.connection_id)
        if link is None or link.open_since is None or row.closed_at is not None:
            return False
        if row.waiting.key.is_command and _wide(row) is None:
            return False
        return read_at is None or read_at < link.open_since or self._means.clock.now() - read_at > FRESH_FOR

    def _go(self) -> None:
        if self._wanted and (self._running is None or self._running.done()):
            self._running = self._means.tasks.start("read around items", self._run())

    async def _run(self) -> None:
        while self._wanted:
            await self._means.clock.sleep(BREATH)
            if self._wanted:
                _, row = self._wanted.popitem(last=False)
                await self._gather(row)

    async def _gather(self, row: StoredRow) -> None:
        link, item = self._links.get(row.connection_id), self._means.store.items.find(row.item_id)
        if link is None or item is None:
            return
        asked, ref = item.escalation, row.waiting.key.run
        self._read_at[row.item_id] = self._means.clock.now()
        if (pause := _wide(row)) is not None:
            held = await self._part(link, Ability.RUNS, lambda engine: _held(engine, pause))
            self._keep(row.item_id, Surroundings(held=held))
            return
        trail, moved, granted = await asyncio.gather(
            self._part(link, Ability.TRAIL, lambda engine: engine.trail(ref, limit=ENTRIES)),
            self._part(link, Ability.HAND_OFFS, lambda engine: engine.hand_offs(ref)),
            self._granted(link, asked),
        )
        before = self.known(row.item_id)
        around = Surroundings(
            led=_led(asked, trail, moved.value or ()), hand_offs=moved, access=granted, alike=before.alike
        )
        self._keep(row.item_id, around)
        alike = await self._read_alike(link, row.connection_id, likeness(asked))
        self._keep(row.item_id, dataclasses.replace(around, alike=alike))

    def _keep(self, item_id: str, around: Surroundings) -> None:
        is_new = self._known.get(item_id) != around
        self._known[item_id] = around
        self._known.move_to_end(item_id)
        while len(self._known) > KEPT:
            gone, _ = self._known.popitem(last=False)
            self._read_at.pop(gone, None)
        if is_new:
            self._means.events.publish(ItemChanged(item_id))

    async def _read_alike(self, link: Link, connection_id: str, like: Likeness) -> Part[Alike]:
        """How such cases were decided: as the engine tells, else as this desk remembers; kept for all alike."""
        known = self._alike.get((connection_id, like))
        if known is not None and known.read_at is not None and self._means.clock.now() - known.read_at <= ALIKE_FOR:
            return known
        told = await self._part(link, Ability.PRECEDENTS, lambda engine: engine.precedents(like))
        own = self._own(connection_id, like)
        found = Alike(_with_open(told.value, own.precedents)) if told.value is not None and told.value.found else own
        part = Part(found, told.read_at or self._means.clock.now(), told.problem)
        if told.problem:
            return part
        self._alike[connection_id, like] = part
        while len(self._alike) > KEPT:
            self._alike.popitem(last=False)
        return part

    def _own(self, connection_id: str, like: Likeness) -> Alike:
        found = self._means.store.past.alike(connection_id, like, MOST)
        since = min((each.at for each in found), default=None)
        return Alike(Precedents(found, since, is_whole=len(found) < MOST), is_desk=True)

    async def _granted(self, link: Link, asked: Escalation) -> Part[Access]:
        """What the agent may do that asks; of a conflict each side has its own."""
        if asked.sides:
            return Part()
        return await self._part(link, Ability.ACCESS, lambda engine: _granted(engine, asked.key.run, asked))

    async def _part(self, link: Link, ability: Ability, work: Callable[[Engine], Awaitable[T | None]]) -> Part[T]:
        """What an engine says, or why it does not; nothing at all where it cannot."""
        engine = link.engine
        if engine is None or (link.is_open and ability not in engine.capabilities.abilities):
            return Part()
        try:
            value = await link.read(ability, work)
        except FOUR as error:
            return Part(problem=f"{tr(error.message)} {tr(error.next_action)}".strip())
        return Part(value, self._means.clock.now())


def _with_open(told: Precedents, own: Precedents) -> Precedents:
    """What an engine tells of closed runs, with what this desk decided on runs that it does not list: they go on."""
    closed = {(each.run.server, each.run.run_id) for each in told.found}
    since = told.since if told.is_whole and told.since is not None else told.found[-1].at
    lately = (each for each in own.found if each.at >= since and each.verdict is not Verdict.WITHDRAW)
    still_open = [each for each in lately if (each.run.server, each.run.run_id) not in closed]
    found = sorted((*told.found, *still_open), key=lambda each: each.at, reverse=True)
    return dataclasses.replace(told, found=tuple(found[:MOST]))


def _wide(row: StoredRow) -> Pause | None:
    """What an item pauses, or resumes, if that is more than one run."""
    pause = pause_of(row.waiting)
    return pause if pause is not None and pause.is_wide else None


async def _held(engine: Engine, pause: Pause) -> Held | None:
    """How many runs are under way that it holds; nobody counts those in which an agent is still to act."""
    if pause.scope is Scope.AGENT:
        return None
    workflow = pause.name if pause.scope is Scope.PLAN else ""
    page = await engine.runs(RunQuery(statuses=UNDER_WAY, workflow=workflow, limit=MAX_RUNS))
    return Held(page.total) if page.total is not None else Held(len(page.rows), is_all=not page.older)


async def _granted(engine: Engine, ref: RunRef, asked: Escalation) -> Access | None:
    """What the agent may do that asks, at its step."""
    found = await engine.access(ref)
    own = [each for each in found if each.step_id == asked.step and each.agent == asked.row.agent]
    return next((each for each in reversed(own) if each.is_now), own[-1] if own else None)


def _led(asked: Escalation, trail: Part[TrailPage], moved: tuple[HandOff, ...]) -> Part[Led]:
    page = trail.value
    if page is None:
        return Part(problem=trail.problem)
    chosen = leading(asked.led_here, page.entries, [each for each in moved if each.at is not None])
    is_all = page.total is not None or not page.older
    total = page.total if page.total is not None else len(page.entries)
    return Part(Led(tuple(_cut(each) for each in chosen), total, is_all), trail.read_at)


def _cut(entry: TrailEntry) -> TrailEntry:
    return dataclasses.replace(entry, title=entry.title[:TITLE], text=entry.text[:TEXT], data={})

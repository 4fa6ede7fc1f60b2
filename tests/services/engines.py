"""Engines around the scripted one that pause, fail or lie at a named call."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

from console.domain.decision import Decision
from console.domain.escalation import Comment, Escalation, EscalationKey, Waiting
from console.domain.identity import Person
from console.domain.listing import RunQuery, RunsPage
from console.domain.precedent import Likeness, Precedents
from console.domain.receipt import Receipt
from console.domain.registry import RegistryEntry
from console.domain.results import Links, StepResult
from console.domain.run import Access, HandOff, Run, RunRef, Snapshot, Step, TrailEntry, TrailPage
from console.engines.fake.engine import FakeEngine
from console.engines.port import Capabilities, Change, Engine, Server


class Around:
    """An engine that passes everything on."""

    def __init__(self, engine: FakeEngine) -> None:
        self.engine: Engine = engine

    @property
    def kind(self) -> str:
        return self.engine.kind

    @property
    def capabilities(self) -> Capabilities:
        return self.engine.capabilities

    async def open(self) -> Server:
        return await self.engine.open()

    async def close(self) -> None:
        await self.engine.close()

    def waiting(self) -> AsyncIterator[tuple[Waiting, ...]]:
        return self.engine.waiting()

    def changes(self) -> AsyncIterator[Change]:
        return self.engine.changes()

    async def escalation(self, key: EscalationKey) -> Escalation:
        return await self.engine.escalation(key)

    async def runs(self, query: RunQuery, *, older: str = "") -> RunsPage:
        return await self.engine.runs(query, older=older)

    async def run(self, ref: RunRef) -> Run:
        return await self.engine.run(ref)

    async def steps(self, ref: RunRef) -> tuple[Step, ...]:
        return await self.engine.steps(ref)

    async def trail(self, ref: RunRef, *, older: str = "", limit: int = 50) -> TrailPage:
        return await self.engine.trail(ref, older=older, limit=limit)

    async def whole(self, ref: RunRef, entry: TrailEntry) -> TrailEntry:
        return await self.engine.whole(ref, entry)

    async def state(self, ref: RunRef, *, revision: int | None = None) -> Snapshot:
        return await self.engine.state(ref, revision=revision)

    def results(self, ref: RunRef) -> AsyncIterator[tuple[StepResult, ...]]:
        return self.engine.results(ref)

    async def links(self, ref: RunRef) -> Links:
        return await self.engine.links(ref)

    async def hand_offs(self, ref: RunRef) -> tuple[HandOff, ...]:
        return await self.engine.hand_offs(ref)

    async def precedents(self, like: Likeness) -> Precedents:
        return await self.engine.precedents(like)

    async def commands(self, ref: RunRef) -> tuple[Escalation, ...]:
        return await self.engine.commands(ref)

    async def access(self, ref: RunRef) -> tuple[Access, ...]:
        return await self.engine.access(ref)

    async def deliver(self, decision: Decision) -> Receipt:
        return await self.engine.deliver(decision)

    async def read_back(self, decision: Decision) -> Receipt | None:
        return await self.engine.read_back(decision)

    async def claim(self, key: EscalationKey, person: Person, until: datetime) -> None:
        await self.engine.claim(key, person, until)

    async def release(self, key: EscalationKey, person: Person) -> None:
        await self.engine.release(key, person)

    async def comment(self, key: EscalationKey, comment: Comment) -> None:
        await self.engine.comment(key, comment)

    async def key_log(self) -> tuple[RegistryEntry, ...]:
        return await self.engine.key_log()

    async def admit_key(self, entry: RegistryEntry) -> None:
        await self.engine.admit_key(entry)


class Pausing(Around):
    """Stops before a decision is delivered, or after, until let go; ``reached`` is set then."""

    def __init__(self, engine: FakeEngine, *, before: bool = False, after: bool = False) -> None:
        super().__init__(engine)
        self.before = before
        self.after = after
        self.reached = threading.Event()
        self.let_go = threading.Event()

    async def deliver(self, decision: Decision) -> Receipt:
        if self.before:
            await self._pause()
        receipt = await super().deliver(decision)
        if self.after:
            await self._pause()
        return receipt

    async def _pause(self) -> None:
        self.reached.set()
        while not self.let_go.is_set():  # noqa: ASYNC110 - set from another thread
            await asyncio.sleep(0.002)


class Buggy(Around):
    """Raises what no engine should, at the calls named in ``at``."""

    def __init__(self, engine: FakeEngine, *at: str) -> None:
        super().__init__(engine)
        self.at = set(at)

    def __getattribute__(self, name: str) -> Any:  # noqa: ANN401 - whatever the engine has
        if not name.startswith("_") and name not in {"at", "engine", "kind", "capabilities"} and name in self.at:
            raise KeyError(f"no {name} in an answer that says sesame")
        return super().__getattribute__(name)

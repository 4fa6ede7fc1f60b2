"""Desks for tests: each with its own thread, over one folder, scripted servers, and a clock that stands still.

Nothing of the product is replaced: the stores are SQLite files, the engines the scripted ones that ship.
"""

from __future__ import annotations

import asyncio
import base64
import functools
import itertools
import json
import shutil
import threading
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from console.domain.canonical import Json
from console.domain.decision import DecisionState
from console.domain.escalation import Claim, EscalationKey, Proposal, Verdict
from console.domain.identity import Person, Role
from console.engines.fake.engine import FakeEngine
from console.engines.fake.record import Opening
from console.engines.fake.server import COLLEAGUE, FakeServer
from console.engines.port import Engine
from console.infra.background import Background
from console.infra.keys import SECRET_NAME
from console.infra.logs import Log
from console.infra.secrets import Secrets
from console.infra.settings import Settings
from console.services.desk import Desk
from console.services.staff import Parts
from console.services.views import ConnectionConfig, DecisionView, Event, InboxQuery, ItemView
from console.store.store import Store
from tests.infra.rings import MemoryRing

T = TypeVar("T")
P = ParamSpec("P")

PAT = Person("pat", "Pat", Role.SUPERVISOR)
LEDGER = ConnectionConfig(connection_id="ledger", name="Ledger", kind="fake")
PATIENCE = 30.0
STEP = 0.25

REFUND = Proposal(
    tool="refund.pay",
    arguments={"order": "4711", "amount": 240},
    resource="order 4711",
    summary="Refund €240",
    schema={
        "type": "object",
        "properties": {"order": {"type": "string"}, "amount": {"type": "number", "maximum": 5_000}},
        "required": ["order", "amount"],
    },
)
GATE = Opening(proposal=REFUND)


def in_loop(test: Callable[P, Coroutine[Any, Any, None]]) -> Callable[P, None]:
    """A test that is a coroutine, run in a loop of its own."""

    @functools.wraps(test)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        asyncio.run(test(*args, **kwargs))

    return run


class ManualClock:
    """Stands still until it is moved, from whichever thread."""

    def __init__(self) -> None:
        self._now = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
        self._seconds = 1_000.0
        self._sleepers: dict[int, tuple[float, asyncio.AbstractEventLoop, asyncio.Future[None]]] = {}
        self._numbers = itertools.count()
        self._lock = threading.Lock()

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return self._seconds

    async def sleep(self, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        woken: asyncio.Future[None] = loop.create_future()
        number = next(self._numbers)
        with self._lock:
            due = self._seconds + max(0.0, seconds)
            if due <= self._seconds:
                return
            self._sleepers[number] = (due, loop, woken)
        try:
            await woken
        finally:
            with self._lock:
                self._sleepers.pop(number, None)

    def advance(self, seconds: float) -> None:
        with self._lock:
            self._now += timedelta(seconds=seconds)
            self._seconds += seconds
            over = [sleeper for sleeper in self._sleepers.values() if sleeper[0] <= self._seconds]
        for _, loop, woken in over:
            if not loop.is_closed():
                loop.call_soon_threadsafe(_wake, woken)


def _wake(sleeper: asyncio.Future[None]) -> None:
    if not sleeper.done():
        sleeper.set_result(None)


@dataclass(eq=False)
class Worker:
    """One desk at work, in a thread of its own."""

    desk: Desk
    background: Background
    log: Log
    mark: Path
    events: list[Event]


class Office:
    """One data folder, and the desks over it. ``migrated`` is a store file to begin with."""

    def __init__(self, folder: Path, migrated: Path) -> None:
        self.folder = folder
        self.clock = ManualClock()
        self.server = FakeServer("one", clock=self.clock.now)
        self.servers = {"ledger": self.server}
        self.ring = MemoryRing()
        self.everything = InboxQuery()
        self.errors: list[tuple[str, BaseException]] = []
        self.workers: list[Worker] = []
        self.engines: list[FakeEngine] = []
        self._forgiven: type[BaseException] | tuple[()] = ()
        self.locks = folder / "locks"
        self.locks.mkdir()
        shutil.copy(migrated, self.database)

    @property
    def database(self) -> Path:
        return self.folder / "clearance.db"

    def engine(self, config: ConnectionConfig, _: Mapping[str, str]) -> Engine:
        """The scripted engine that a configuration names by its address, or its id."""
        address = str(config.settings.get("address", config.connection_id))
        return FakeEngine(self.servers[address], page_size=100, quiet_every=0.02)

    async def open(
        self,
        *,
        person: Person = PAT,
        make: Callable[[ConnectionConfig, Mapping[str, str]], Engine] | None = None,
        open_store: Callable[[Path], Store] = Store,
        chance: Callable[[], float] = lambda: 0.5,
    ) -> Worker:
        """A desk that is open. ``make`` and ``open_store`` may wrap what it works with."""
        number = len(self.workers)
        background = Background(lambda where, error: self.errors.append((where, error)), name=f"desk {number}")
        background.start()
        log = Log(self.folder / f"desk-{number}.log", self.clock)
        parts = Parts(
            open_store=lambda: open_store(self.database),
            factories={"fake": make or self.engine},
            secrets=Secrets("clearance-test", open_ring=lambda: self.ring),
            person=person,
            log=log,
            locks=self.locks,
            clock=self.clock,
            chance=chance,
            on_error=lambda where, error: self.errors.append((where, error)),
        )
        desk = Desk(parts, background, Settings(self.folder / "settings.json"))
        events: list[Event] = []
        desk.subscribe(events.append)
        before = set(self.locks.glob("*.alive"))
        try:
            await desk.start()
        except BaseException:
            background.stop()
            log.close()
            raise
        (mark,) = set(self.locks.glob("*.alive")) - before
        worker = Worker(desk, background, log, mark, events)
        self.workers.append(worker)
        return worker

    async def open_with_ledger(self, **other: Any) -> Worker:  # noqa: ANN401 - as of `open`
        """A desk with the connection to the first server, listed once."""
        worker = await self.open(**other)
        if LEDGER.connection_id not in {view.config.connection_id for view in await worker.desk.connections()}:
            await worker.desk.add_connection(LEDGER, {})
        await worker.desk.listed(PATIENCE)
        return worker

    @contextmanager
    def peek(self) -> Iterator[Store]:
        """The store, opened by the test beside whoever works with it."""
        store = Store(self.database)
        yield store
        store.close()

    def told(self, *kinds: str) -> list[tuple[str, dict[str, Any]]]:
        """The lines of the audit with their kinds; of some kinds only, where these are named."""
        with self.peek() as store:
            lines = [json.loads(entry.line) for entry in store.audit.entries(limit=10_000)]
        return [(line["kind"], line["content"]) for line in lines if not kinds or line["kind"] in kinds]

    def public_key(self) -> bytes:
        """The public half of the key in the keyring."""
        private = Ed25519PrivateKey.from_private_bytes(base64.b64decode(self.ring.kept[SECRET_NAME]))
        return private.public_key().public_bytes_raw()

    def claim_elsewhere(self, key: EscalationKey) -> None:
        """A colleague says that they are on it."""
        self.server.claim(key, Claim(COLLEAGUE, self.clock.now() + timedelta(minutes=15)))

    def kill(self, worker: Worker) -> None:
        """End a desk as a kill would: nothing is put away, and its locks are free."""
        worker.background.stop()
        worker.mark.unlink()
        (self.locks / "deliverer.lock").unlink()

    def forgive(self, kind: type[BaseException]) -> None:
        """Errors of this class were meant to happen."""
        self._forgiven = kind

    def unforgiven(self) -> list[tuple[str, BaseException]]:
        """Errors that nobody meant to happen."""
        return [(where, error) for where, error in self.errors if not isinstance(error, self._forgiven)]

    def lines(self, number: int) -> list[dict[str, Any]]:
        """The log of the desk opened at that place."""
        path = self.folder / f"desk-{number}.log"
        return [json.loads(line) for line in path.read_text("utf-8").splitlines()]

    @staticmethod
    def happened(event: threading.Event) -> Callable[[], Awaitable[bool]]:
        """Whether something happened in another thread, to wait for."""

        async def holds() -> bool:
            return event.is_set()

        return holds

    async def until(self, holds: Callable[[], Awaitable[T | None]], *, step: float = STEP) -> T:
        """What ``holds`` gives once that is true, looking again and again while the clock moves in steps."""
        async with asyncio.timeout(PATIENCE):
            while not (found := await holds()):
                self.clock.advance(step)
                await asyncio.sleep(0.003)
        return found

    async def reaches(
        self, worker: Worker, decision_id: str, state: DecisionState, *, step: float = STEP
    ) -> DecisionView:
        """A decision once it is in a state."""

        async def holds() -> DecisionView | None:
            view = await worker.desk.decision(decision_id)
            return view if view is not None and view.state is state else None

        return await self.until(holds, step=step)

    async def read(self, worker: Worker, key: EscalationKey) -> ItemView:
        """An item, listed and read in full."""

        async def holds() -> ItemView | None:
            view = await worker.desk.refresh(key.item_id)
            return view if view is not None and view.escalation is not None else None

        return await self.until(holds, step=0.0)

    async def decide(
        self,
        worker: Worker,
        key: EscalationKey,
        verdict: Verdict = Verdict.APPROVE,
        payload: Mapping[str, Json] | None = None,
        *,
        is_hold: bool = False,
    ) -> str:
        """Read an item and decide it; the id of the decision."""
        view = await self.read(worker, key)
        made = await worker.desk.decide(key.item_id, verdict, view.digest, payload or {}, is_hold=is_hold)
        return made.decision.decision_id

    async def decide_as_shown(
        self,
        worker: Worker,
        key: EscalationKey,
        verdict: Verdict = Verdict.APPROVE,
        payload: Mapping[str, Json] | None = None,
    ) -> str:
        """Decide what the store holds, without reading it again."""
        view = await worker.desk.item(key.item_id)
        assert view is not None
        made = await worker.desk.decide(key.item_id, verdict, view.digest, payload or {}, is_hold=False)
        return made.decision.decision_id

    async def titles(self, worker: Worker, **query: Any) -> list[str]:  # noqa: ANN401 - fields of the query
        """The inbox."""
        return [row.waiting.title for row in (await worker.desk.inbox(InboxQuery(**query))).rows]

    async def close(self) -> None:
        """Stop what still runs."""
        for worker in self.workers:
            if worker.background.is_running:
                await worker.desk.stop()
                worker.background.stop()
            worker.log.close()


def states(view: DecisionView) -> list[str]:
    """The states a decision went through, by name."""
    return [state.name.lower() for state, _ in view.history]

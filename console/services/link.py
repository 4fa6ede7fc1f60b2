"""One connection at run time: its engine behind a fence, and how it does.

Invariant: whatever an adapter does, what comes through the fence is a result or one of the four errors, and within a
time; a bug in one adapter stops nothing but its own call, and a delivery that met one is uncertain.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TypeVar

from console.domain.errors import Denied, Refused, Uncertain, Unreachable
from console.engines.port import Change, Engine, Hands, Server
from console.infra.logs import Log
from console.services.views import ConnectionConfig, Health, KeyStanding

T = TypeVar("T")

FOUR = (Unreachable, Uncertain, Denied, Refused)
Failure = Unreachable | Uncertain | Denied | Refused

READ_TIMEOUT = 15.0
DELIVERY_TIMEOUT = 20.0
PRESENT = frozenset({Health.LIVE, Health.SLOW, Health.IDLE})
WELL = frozenset({Health.LIVE, Health.IDLE})


class Link:
    """A connection's engine and health. Written by its watcher, read by everybody else on the background loop."""

    def __init__(self, config: ConnectionConfig, log: Log) -> None:
        self.config = config
        self.engine: Engine | None = None
        self.server: Server | None = None
        self.hands = Hands()
        self.health = Health.PAUSED if config.is_paused else Health.CONNECTING
        self.message = ""
        self.next_action = ""
        self.newest_at: datetime | None = None
        self.open_since: datetime | None = None
        self.heard_at = 0.0
        self.standing: KeyStanding | None = None
        self._log = log
        self._on_denied: Callable[[Denied], None] = lambda _: None

    @property
    def is_open(self) -> bool:
        """Whether the engine answered when it was last asked, so that something can be sent to it."""
        return self.open_since is not None

    @property
    def why_closed(self) -> str:
        """Why nothing can be sent there, with what the engine said of it; for when it is not open."""
        words = {Health.PAUSED: "is paused", Health.DENIED: "was denied access"}.get(self.health, "is away")
        return f"“{self.config.name}” {words}. {self.message}".rstrip()

    def when_denied(self, then: Callable[[Denied], None]) -> None:
        """Say what happens when any call is denied."""
        self._on_denied = then

    async def read(self, what: str, work: Callable[[Engine], Awaitable[T]]) -> T:
        """The result of asking the engine. Raises the four errors; ``Unreachable`` where it takes too long."""
        engine = self._present()
        with self.fenced(what):
            try:
                async with asyncio.timeout(READ_TIMEOUT):
                    return await work(engine)
            except TimeoutError as error:
                raise Unreachable(f"“{self.config.name}” did not answer within {READ_TIMEOUT:g} s.") from error

    async def send(self, what: str, work: Callable[[Engine], Awaitable[T]]) -> T:
        """The result of changing something there; ``Uncertain`` where it takes too long or the adapter fails."""
        engine = self._present()
        with self.fenced(what, is_delivery=True):
            try:
                async with asyncio.timeout(DELIVERY_TIMEOUT):
                    return await work(engine)
            except TimeoutError as error:
                raise Uncertain(f"“{self.config.name}” did not answer within {DELIVERY_TIMEOUT:g} s.") from error

    async def pump(self, engine: Engine, into: asyncio.Queue[Change | Failure | None]) -> None:
        """Put every change into the queue, and at the end the error that ended them."""
        try:
            with self.fenced("follow changes"):
                async for change in engine.changes():
                    await into.put(change)
                raise Unreachable("The engine stopped telling what changes.")
        except FOUR as error:
            await into.put(error)

    @contextmanager
    def fenced(self, what: str, *, is_delivery: bool = False) -> Iterator[None]:
        """The fence: turns what is no error of the port into one, and logs it as the bug it is."""
        try:
            yield
        except Denied as error:
            self._on_denied(error)
            raise
        except FOUR:
            raise
        except Exception as error:
            self._log.bug(f"{self.config.kind} engine: {what}", error)
            message = f"The {self.config.kind} adapter failed ({type(error).__name__}) when asked to {what}."
            if is_delivery:
                raise Uncertain(message) from error
            raise Unreachable(message, next_action="Report this; the log has the details.") from error

    def _present(self) -> Engine:
        if self.engine is None or not self.is_open:
            raise Unreachable(self.why_closed, next_action=self.next_action or "It is tried again by itself.")
        return self.engine

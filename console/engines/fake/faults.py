"""What can go wrong between a console and the scripted orchestrator, switched on by the script.

Invariant: a fault that is to happen once happens once. ``passage`` is what every call of a connection goes through.
"""

from __future__ import annotations

import asyncio
import enum
import threading
from dataclasses import dataclass, field

from console.domain.errors import Denied, Unreachable


class Loss(enum.StrEnum):
    """What is lost on the way of the next delivery."""

    REQUEST = "request"
    REPLY = "reply"


@dataclass(slots=True)
class Faults:
    """The faults now in force; safe to set from another thread than the one that meets them.

    ``missing`` says that nobody works there: no fault of the way, and told of as engines do.
    """

    away: str = ""
    missing: str = ""
    denied: str = ""
    delay: float = 0.0
    losses: list[Loss] = field(default_factory=list)
    _meeting: int = 0
    _arrived: list[tuple[asyncio.AbstractEventLoop, asyncio.Future[None]]] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    async def passage(self) -> None:
        """Let one call through, late if need be. Raises ``Unreachable`` or ``Denied``."""
        if self.delay:
            await asyncio.sleep(self.delay)
        if self.denied:
            raise Denied(self.denied)
        if self.away:
            raise Unreachable(self.away)

    def next_loss(self) -> Loss | None:
        """The loss that the delivery under way meets."""
        return self.losses.pop(0) if self.losses else None

    def meet(self, count: int) -> None:
        """Hold the next ``count`` deliveries until all of them have come; then they go on in the order of coming."""
        with self._lock:
            self._meeting = count
            self._arrived = []

    async def at_barrier(self) -> None:
        """Wait for the others, if deliveries are to meet."""
        loop = asyncio.get_running_loop()
        with self._lock:
            if not self._meeting:
                return
            gate = loop.create_future()
            self._arrived.append((loop, gate))
            arrived = self._arrived if len(self._arrived) >= self._meeting else []
            if arrived:
                self._meeting = 0
        for at_loop, waiter in arrived:
            at_loop.call_soon_threadsafe(_open, waiter)
        await gate


def _open(waiter: asyncio.Future[None]) -> None:
    if not waiter.done():
        waiter.set_result(None)

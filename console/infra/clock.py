"""Time as a constructor parameter: what o'clock it is, how long something takes, and waiting.

Windows of undo run on :meth:`Clock.monotonic`, so that nobody shortens them by setting the clock; what is signed
carries :meth:`Clock.now`.
"""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """The three uses of time."""

    def now(self) -> datetime:
        """The time of day, aware, in UTC."""

    def monotonic(self) -> float:
        """Seconds since some moment; never runs backwards."""

    async def sleep(self, seconds: float) -> None:
        """Wait that long on the monotonic clock; returns at once for zero and less."""


class SystemClock:
    """The machine's own clocks."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(max(0.0, seconds))

"""Waiting for a time or a nudge, whichever comes first."""

from __future__ import annotations

import asyncio

from console.infra.clock import Clock
from console.infra.tasks import Tasks


class Alarm:
    """One sleeper that others may wake. A nudge while nobody sleeps ends the next sleep at once."""

    def __init__(self, clock: Clock, tasks: Tasks, name: str) -> None:
        self._clock = clock
        self._tasks = tasks
        self._name = name
        self._nudged = asyncio.Event()

    def nudge(self) -> None:
        """Wake the sleeper."""
        self._nudged.set()

    async def sleep(self, seconds: float | None = None) -> None:
        """Wait that long on the clock, or without end, or until nudged."""
        timer = None
        if seconds is not None:
            timer = self._tasks.start(f"alarm of {self._name}", self._ring(seconds))
        try:
            await self._nudged.wait()
        finally:
            self._nudged.clear()
            if timer is not None:
                timer.cancel()

    async def _ring(self, seconds: float) -> None:
        await self._clock.sleep(seconds)
        self._nudged.set()

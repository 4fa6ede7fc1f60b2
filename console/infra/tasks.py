"""The one way to start work on the side: named, kept, and never failing in silence.

Invariant: a task started here is referenced until it ends, and an error nobody awaits reaches the one handler.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from console.infra.clock import Clock

T = TypeVar("T")
AGAIN_AFTER = 1.0
ErrorHandler = Callable[[str, BaseException], None]


class Tasks:
    """The tasks of one owner, on one loop."""

    def __init__(self, on_error: ErrorHandler) -> None:
        self._on_error = on_error
        self._running: set[asyncio.Task[Any]] = set()

    def start(self, name: str, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Run ``work`` beside the caller, on the running loop. Its error goes to the handler, awaited or not."""
        task = asyncio.get_running_loop().create_task(work, name=name)
        self._running.add(task)
        task.add_done_callback(self._on_done)
        return task

    def keep(self, name: str, work: Callable[[], Coroutine[Any, Any, None]], clock: Clock) -> asyncio.Task[None]:
        """Run what must not end by an error: each is told to the handler, and it is begun anew after a moment."""
        return self.start(f"keeping {name}", self._kept(name, work, clock))

    async def stop(self) -> None:
        """Cancel all that runs, the caller aside, and wait until it has ended."""
        tasks = [task for task in self._running if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _kept(self, name: str, work: Callable[[], Coroutine[Any, Any, None]], clock: Clock) -> None:
        while True:
            task = self.start(name, work())
            try:
                await asyncio.wait({task})
            finally:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
            if task.cancelled() or task.exception() is None:
                return
            await clock.sleep(AGAIN_AFTER)

    def _on_done(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        if task.cancelled():
            return
        error = task.exception()
        if error is not None:
            self._on_error(task.get_name(), error)

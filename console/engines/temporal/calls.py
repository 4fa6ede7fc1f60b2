"""The calls under way on one connection, so that closing it ends them with a word.

Invariant: after :meth:`Calls.close` no call begins, and none that was under way hangs: it ends with the error that it
named for that case.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from console.domain.errors import Uncertain, Unreachable


class Calls:
    """Who is in a call just now."""

    def __init__(self) -> None:
        self._is_closed = True
        self._tasks: set[asyncio.Task[object]] = set()
        self._cut: set[asyncio.Task[object]] = set()

    def open(self) -> None:
        """Let calls begin."""
        self._is_closed = False

    def close(self) -> None:
        """End all that are under way, and let none begin."""
        self._is_closed = True
        self._cut |= self._tasks
        for task in self._tasks:
            task.cancel()

    @contextmanager
    def under_way(self, lost: Unreachable | Uncertain | None = None) -> Iterator[None]:
        """Count the block as one call; ``lost`` is what it ends with if the connection is closed meanwhile."""
        if self._is_closed:
            raise Unreachable("This connection is closed.", next_action="Open it again.")
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("calls run in tasks")
        self._tasks.add(task)
        try:
            yield
        except asyncio.CancelledError:
            if task in self._cut and task.uncancel() == 0:
                raise lost or Unreachable("This connection was closed.", next_action="Open it again.") from None
            raise
        finally:
            self._tasks.discard(task)
            self._cut.discard(task)

"""Reads a part of one run that comes whole, such as its hand-offs, and keeps it as the screen shows it.

Invariant: one read at a time; one that is asked for meanwhile follows it. Raises the errors of the desk; what was read
stays.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Generic, TypeVar

from console.screens.run.state import PartState, Problem

T = TypeVar("T")


class PartReader(Generic[T]):
    """One part of one run, read by ``ask``. ``changed`` is called whenever ``state`` is another one."""

    def __init__(self, ask: Callable[[], Awaitable[tuple[T, ...]]], changed: Callable[[], None]) -> None:
        self._ask = ask
        self._changed = changed
        self._is_reading = False
        self._is_wanted = False
        self.state: PartState[T] = PartState()

    def allow(self, lack: str) -> None:
        """Say why the engine cannot show it; nothing where it can."""
        if lack != self.state.lack:
            self._put(replace(self.state, lack=lack))

    async def read(self) -> None:
        """Read it now."""
        self._is_wanted = not self.state.lack
        if self._is_reading:
            return
        self._is_reading = True
        try:
            while self._is_wanted:
                self._is_wanted = False
                self._put(replace(self.state, values=await self._ask(), is_read=True, problem=None))
        finally:
            self._is_reading = False

    def fail(self, problem: Problem) -> None:
        """Show why it could not be read."""
        self._put(replace(self.state, problem=problem))

    def _put(self, state: PartState[T]) -> None:
        if state != self.state:
            self.state = state
            self._changed()

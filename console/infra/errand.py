"""Work that is asked for often and done one at a time: what is asked while it runs is done once more after it.

Invariant: however many events ask for it, one is under way and one waits at most, and the last asking is served.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from typing import Any


class Errand:
    """One kind of work, such as reading a page again; ``ask`` starts a coroutine in the loop that asks."""

    def __init__(self, ask: Callable[[Coroutine[Any, Any, None]], None], work: Callable[[], Awaitable[None]]) -> None:
        self._ask = ask
        self._work = work
        self._is_running = False
        self._is_wanted = False

    def request(self) -> None:
        """See that the work is done after now."""
        self._is_wanted = True
        if not self._is_running:
            self._is_running = True
            self._ask(self._run())

    async def _run(self) -> None:
        try:
            while self._is_wanted:
                self._is_wanted = False
                await self._work()
        finally:
            self._is_running = False

"""Where the presenter's parts meet: one frozen state, one listener, and what they work with.

Invariant: the state is replaced as a whole, in the window's loop only, and the listener is told after every change,
or after all of those that are put together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from console.infra.clock import Clock
from console.screens import Ask, Navigate
from console.screens.inbox.state import InboxState

if TYPE_CHECKING:
    # The desk brings the store with it, which takes longer to load than the window to paint.
    from console.services.desk import Desk


class Board:
    """Holds the state and tells one listener."""

    def __init__(self, state: InboxState) -> None:
        self._state = state
        self._listener: Callable[[InboxState], None] | None = None
        self._depth = 0
        self._is_untold = False

    @property
    def state(self) -> InboxState:
        """What is shown."""
        return self._state

    def listen(self, listener: Callable[[InboxState], None]) -> None:
        """Tell this one from now on, beginning with what there is."""
        self._listener = listener
        listener(self._state)

    def put(self, **changes: Any) -> None:  # noqa: ANN401 - the fields of the state, each of its own type
        """Replace some fields of the state."""
        self._state = replace(self._state, **changes)
        self._is_untold = True
        self._tell()

    @contextmanager
    def together(self) -> Iterator[None]:
        """Tell of all that is put inside once, at the end; may be nested."""
        self._depth += 1
        try:
            yield
        finally:
            self._depth -= 1
            self._tell()

    def _tell(self) -> None:
        if self._is_untold and self._depth == 0 and self._listener is not None:
            self._is_untold = False
            self._listener(self._state)


@dataclass(frozen=True, slots=True)
class Workplace:
    """What every part works with."""

    desk: Desk
    ask: Ask
    navigate: Navigate
    clock: Clock
    board: Board

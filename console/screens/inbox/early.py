"""A decision's key that came before it was armed: it is lost, and a line says so for a moment.

Invariant: nothing is kept for later; what was pressed too early has to be pressed again.
"""

from __future__ import annotations

from console.domain.language import tr
from console.screens.inbox.board import Workplace

SHOWN_FOR = 4.0


class Early:
    """The line. It goes away by itself, with the next press that counts, and with another item."""

    def __init__(self, place: Workplace) -> None:
        self._place = place
        self._told = 0

    def tell(self, what: str) -> None:
        """Say that this was pressed too early; ``what`` is a key, or the label of a button."""
        self._told += 1
        self._place.board.put(too_early=tr("Just opened: press {what} again", what=what))
        self._place.ask(self._fade(self._told))

    def forget(self) -> None:
        """Say nothing any more."""
        if self._place.board.state.too_early:
            self._place.board.put(too_early="")

    async def _fade(self, told: int) -> None:
        await self._place.clock.sleep(SHOWN_FOR)
        if told == self._told:
            self.forget()

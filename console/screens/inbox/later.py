"""Putting items off, and having them back.

Invariant: only this desk puts them off; everybody else goes on seeing them, and what changes meanwhile is back at once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from console.domain.ages import short_clock
from console.domain.language import tr
from console.domain.snooze import Choice, choices
from console.screens.inbox.board import Workplace
from console.services.views import InboxRow

TOO_SOON = tr("It is due too soon to be put off.")


class Later:
    """The part of the presenter for what is put off. ``on_left`` is told which items are out of the list."""

    def __init__(self, place: Workplace, on_left: Callable[[Sequence[str]], None]) -> None:
        self._place = place
        self._on_left = on_left

    @property
    def choices(self) -> tuple[Choice, ...]:
        """Until when the open item can be put off; nothing where it cannot."""
        row = self._row()
        return choices(self._place.clock.now(), row.waiting.due_at) if row is not None and not self.is_off else ()

    @property
    def can_begin(self) -> bool:
        """Whether there is an item to put off, or to have back."""
        return self._row() is not None

    @property
    def is_off(self) -> bool:
        """Whether the open item is put off."""
        row = self._row()
        return row is not None and row.snoozed_until is not None and row.snoozed_until > self._place.clock.now()

    def begin(self) -> bool:
        """What the key does: an item that is put off is back; ``True`` where a person has to choose until when."""
        if self._row() is None:
            return False
        if self.is_off:
            self._place.ask(self._put_off(None))
            return False
        if not self.choices:
            self._place.board.put(notice=TOO_SOON)
            return False
        return True

    def put_off(self, until: datetime) -> None:
        """Put the open item off until then."""
        self._place.ask(self._put_off(until))

    def _row(self) -> InboxRow | None:
        state = self._place.board.state
        item = state.item
        return item.row if item is not None and item.is_open and not state.is_turning else None

    async def _put_off(self, until: datetime | None) -> None:
        row = self._row()
        if row is None:
            return
        await self._place.desk.snooze([row.item_id], until)
        with self._place.board.together():
            self._on_left([row.item_id])
            if until is None:
                self._place.board.put(notice=tr("“{title}” waits with the others again.", title=row.waiting.title))
            else:
                when = short_clock(until, self._place.clock.now())
                self._place.board.put(
                    notice=tr("Put off until {when}, or until it changes. View “Put off” has it back.", when=when)
                )

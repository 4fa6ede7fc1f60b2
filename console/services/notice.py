"""Noticing what other processes wrote to the same store, and what time has changed.

Invariant: whatever window and command line write into one store, both show it within a moment; what is told twice does
no harm.
"""

from __future__ import annotations

from collections.abc import Callable

from console.services.hold import Holds
from console.services.links import Links
from console.services.means import Means
from console.services.views import DecisionChanged, InboxChanged, ItemChanged

LOOK_EVERY = 0.2
LOOK_AFTER_THE_DEAD_EVERY = 10


class Notice:
    """Looks at the store a few times a second. ``when_written`` is called after another process wrote to it."""

    def __init__(self, means: Means, links: Links, holds: Holds, when_written: Callable[[], None]) -> None:
        self._means = means
        self._links = links
        self._holds = holds
        self._when_written = when_written

    async def run(self) -> None:
        """Look until cancelled."""
        store = self._means.store
        version, last_move = store.version_of_data(), store.outbox.last_move()
        looks = 0
        while True:
            await self._means.clock.sleep(LOOK_EVERY)
            self._links.check_freshness()
            looks += 1
            if looks % LOOK_AFTER_THE_DEAD_EVERY == 0:
                self._holds.withdraw_of_dead()
            found = store.version_of_data()
            if found != version:
                version = found
                last_move = await self._on_written(last_move)

    async def _on_written(self, last_move: int) -> int:
        moves = self._means.store.outbox.moved_since(last_move)
        await self._links.follow_store()
        events = self._means.events
        for move in {move.decision_id: move for move in moves}.values():
            events.publish(DecisionChanged(move.decision_id, move.item_id), ItemChanged(move.item_id))
        events.publish(*(InboxChanged(link.config.connection_id) for link in self._links.all()))
        self._when_written()
        return moves[-1].number if moves else last_move

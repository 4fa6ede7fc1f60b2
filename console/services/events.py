"""Events inside one process: who listens is told on the background loop, one call after the other.

Invariant: a listener that fails disturbs neither who published nor the other listeners; its error goes to the loop's
handler.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable

from console.services.views import Event, InboxChanged, ItemChanged
from console.store.records import Touched

Listener = Callable[[Event], None]

# Beyond this many at once, only items that were looked at lately have an event of their own.
MANY = 200
LOOKED_AT = 64


class Events:
    """The listeners of one desk."""

    def __init__(self) -> None:
        self._listeners: dict[int, Listener] = {}
        self._count = 0
        self._looked_at: dict[str, None] = {}

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Tell ``listener`` of every event from now on, until what is returned is called. Safe from any thread."""
        self._count += 1
        number = self._count
        self._listeners[number] = listener
        return lambda: self._listeners.pop(number, None) and None

    def publish(self, *events: Event) -> None:
        """Tell everybody, in order, after the caller is done."""
        loop = asyncio.get_running_loop()
        for listener in tuple(self._listeners.values()):
            for event in events:
                loop.call_soon(listener, event)

    def look(self, item_ids: Iterable[str]) -> None:
        """Note that somebody looks at these items."""
        for item_id in item_ids:
            self._looked_at.pop(item_id, None)
            self._looked_at[item_id] = None
        while len(self._looked_at) > LOOKED_AT:
            del self._looked_at[next(iter(self._looked_at))]

    def publish_touched(self, connection_id: str, touched: Touched) -> None:
        """Tell what a write to the inbox changed."""
        item_ids = touched.changed | touched.closed
        if len(item_ids) > MANY:
            item_ids &= self._looked_at.keys()
        if touched:
            self.publish(InboxChanged(connection_id), *(ItemChanged(item_id) for item_id in sorted(item_ids)))

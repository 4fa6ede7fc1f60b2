"""Between the desk's thread and the window's loop.

Events come on the background thread, any number of them; they cross in batches, at most one every `FLUSH_MS`, so that
a flood costs the window a batch a frame and silence costs nothing. Invariant: no event is lost or reordered, and no
listener runs outside the window's thread.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from console.infra.tasks import ErrorHandler, Tasks
from console.services.views import Event

FLUSH_MS = 33
Batch = tuple[Event, ...]
Subscribe = Callable[[Callable[[Event], None]], Callable[[], None]]


class Bridge(QObject):
    """Takes events from any thread and tells listeners in the window's; starts coroutines in its loop."""

    _arrived = Signal()

    def __init__(self, on_error: ErrorHandler, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tasks = Tasks(on_error)
        self._events: deque[Event] = deque()
        self._listeners: list[Callable[[Batch], None]] = []
        self._unsubscribe: Callable[[], None] = lambda: None
        self._is_told = False
        self._is_stopped = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(FLUSH_MS)
        self._timer.timeout.connect(self._flush)
        self._arrived.connect(self._start_timer, Qt.ConnectionType.QueuedConnection)

    def attach(self, subscribe: Subscribe) -> None:
        """Take events from here on from a desk's ``subscribe``."""
        self.detach()
        self._unsubscribe = subscribe(self.put)

    def detach(self) -> None:
        """Take no more events; those that came are still delivered."""
        self._unsubscribe()
        self._unsubscribe = lambda: None

    def listen(self, listener: Callable[[Batch], None]) -> None:
        """Tell this one every batch, in the window's thread."""
        self._listeners.append(listener)

    def put(self, event: Event) -> None:
        """Take an event, on any thread."""
        self._events.append(event)
        if not self._is_told:
            self._is_told = True
            self._arrived.emit()

    def ask(self, work: Coroutine[Any, Any, None]) -> None:
        """Start a coroutine in the window's loop; its errors go to the one handler. After the end nothing starts."""
        if self._is_stopped:
            work.close()
            return
        self._tasks.start(getattr(work, "__qualname__", "work"), work)

    async def stop(self) -> None:
        """Take no more events, start nothing more, and end what was started."""
        self._is_stopped = True
        self.detach()
        self._timer.stop()
        await self._tasks.stop()

    def _start_timer(self) -> None:
        if not self._timer.isActive():
            self._timer.start()

    def _flush(self) -> None:
        # Before the events are taken: one that comes in between then tells again, and is not left lying.
        self._is_told = False
        batch = tuple(self._events.popleft() for _ in range(len(self._events)))
        if batch:
            for listener in tuple(self._listeners):
                listener(batch)

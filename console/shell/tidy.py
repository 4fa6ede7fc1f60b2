"""Python's cyclic rubbish is collected in the window's thread, between its events, and nowhere else.

A collection runs in whichever thread happens to allocate; in the background thread it would destroy Qt's objects there,
which Qt does not survive. Invariant: between `start` and `stop` no automatic collection runs; the timer looks about as
often as one would be due. What is young is collected in small portions, so that no key waits for it; everything, which
can take longer than a frame, seldom and while nothing else happens.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

LOOK_EVERY_MS = 100
ALL_AFTER = 60.0
ALL_AT_LATEST = 900.0
OLDEST = 2


class Tidy(QObject):
    """Collects by a timer of the window's thread. ``monotonic`` gives seconds."""

    def __init__(self, parent: QObject | None = None, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        super().__init__(parent)
        self._monotonic = monotonic
        self._limits = gc.get_threshold()
        self._all_at = monotonic()
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_EVERY_MS)
        self._timer.timeout.connect(self.look)

    def start(self) -> None:
        """Take over. What is there already stays for good and is looked through no more."""
        gc.disable()
        gc.freeze()
        self._timer.start()

    def stop(self) -> None:
        """Collect what is left here, and give the work back to Python."""
        self._timer.stop()
        gc.unfreeze()
        gc.collect()
        gc.enable()

    def look(self) -> None:
        """Collect the oldest of the young generations that is due; everything where that is due and none of them is."""
        counts, now = gc.get_count(), self._monotonic()
        is_due = [count > limit > 0 for count, limit in zip(counts, self._limits, strict=True)]
        since = now - self._all_at
        if is_due[OLDEST] and since >= (ALL_AT_LATEST if any(is_due[:OLDEST]) else ALL_AFTER):
            self._all_at = now
            gc.collect()
        elif any(is_due[:OLDEST]):
            gc.collect(1 if is_due[1] else 0)

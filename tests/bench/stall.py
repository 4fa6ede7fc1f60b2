"""The gaps between the ticks of a 16-ms timer in the window's loop while events pour in, and in a bare window.

Run as a process of its own: ``ours FOLDER SECONDS EVENTS_A_SECOND`` or ``bare SECONDS``. The events are made by a
thread that scripts the engine: what it takes of the interpreter is part of the load, as another engine's decoding is.
"""

from __future__ import annotations

import asyncio
import itertools
import sys
import threading
import time
from pathlib import Path

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication

from console.domain.escalation import EscalationKey
from console.engines.fake.server import FakeServer
from tests.bench import bare, stock
from tests.bench.desk_window import Place, play
from tests.bench.parts import tell

TICK_MS = 16
BURST = 0.01
BEFORE = 2.0


class Ticks(QObject):
    """A timer in this thread's loop that keeps the gaps between its ticks, in milliseconds."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.gaps: list[float] = []
        self._last = 0.0
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(TICK_MS)
        self._timer.timeout.connect(self._on_tick)

    def start(self) -> None:
        """Begin to count."""
        self._last = time.perf_counter()
        self._timer.start()

    def stop(self) -> None:
        """Count no more."""
        self._timer.stop()

    def _on_tick(self) -> None:
        now = time.perf_counter()
        self.gaps.append((now - self._last) * 1000)
        self._last = now


class Torrent:
    """Changes to an engine's items at a steady rate, each to another run, from a thread of its own.

    Of ten events eight change what is asked for, one opens an item and one closes one, so that as many wait at the end.
    """

    def __init__(self, server: FakeServer, rate: int) -> None:
        self._server = server
        self._rate = rate
        self._thread = threading.Thread(target=self._pour, name="torrent", daemon=True)
        self._is_over = threading.Event()
        self.told = 0
        self.spent = 0.0

    def start(self) -> None:
        """Let it pour."""
        self._thread.start()

    def stop(self) -> None:
        """Let it end."""
        self._is_over.set()
        self._thread.join()

    def _pour(self) -> None:
        keys = [row.key for row in self._server.world.waiting()]
        turns = itertools.cycle(range(len(keys)))
        began, spent = time.monotonic(), time.thread_time()
        while not self._is_over.is_set():
            due = int((time.monotonic() - began) * self._rate)
            while self.told < due and not self._is_over.is_set():
                self._tell(keys, next(turns))
                self.told += 1
            self._is_over.wait(BURST)
        self.spent = (time.thread_time() - spent) / (time.monotonic() - began)

    def _tell(self, keys: list[EscalationKey], place: int) -> None:
        if place % 10 == 0:
            self._server.close(keys[place])
        elif place % 10 == 1:
            keys[place - 1] = self._server.open(self._server.start_run(), stock.opening(place))
        else:
            self._server.change(keys[place], note=f"{self.told}")


def ours(folder: Path, seconds: float, rate: int) -> None:
    """The window on its inbox, while the engine's items change."""
    server = stock.server()
    ticks = Ticks()
    torrent = Torrent(server, rate)

    async def story(_place: Place) -> None:
        await asyncio.sleep(BEFORE)
        torrent.start()
        ticks.start()
        await asyncio.sleep(seconds)
        ticks.stop()
        await asyncio.to_thread(torrent.stop)

    play(folder, server, story)
    tell(gaps=ticks.gaps, told=[torrent.told / seconds], spent=[torrent.spent])


def plain(seconds: float) -> None:
    """A bare window in which nothing happens."""
    application = QApplication(["bare"])
    window = bare.window(bare.label())
    window.show()
    ticks = Ticks(window)
    QTimer.singleShot(int(BEFORE * 1000), ticks.start)
    QTimer.singleShot(int((BEFORE + seconds) * 1000), application.quit)
    application.exec()
    tell(gaps=ticks.gaps)


if __name__ == "__main__":
    if sys.argv[1] == "ours":
        ours(Path(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4]))
    else:
        plain(float(sys.argv[2]))

"""The program as a person starts it, on a profile in a folder: when it was first painted, and when rows were.

Run as a process of its own. It watches from outside: an event filter waits for the main window, then for the list.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QApplication

from console import app
from console.infra.paths import Paths

ENOUGH_ROWS = 10


class Watch(QObject):
    """Notes the moments and closes the window after the last one."""

    def __init__(self, application: QApplication) -> None:
        super().__init__()
        self._application = application
        self.painted = self.painted_cpu = 0.0
        self.rows = self.rows_cpu = 0.0
        application.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Find the window when it is shown, and from then on only what is painted of its list."""
        if event.type() is QEvent.Type.Show and watched.metaObject().className() == "MainWindow":
            self._application.removeEventFilter(self)
            self._window = watched
            watched.painted.connect(lambda: QTimer.singleShot(0, self._on_painted))  # type: ignore[attr-defined]
            watched.stack.widgetAdded.connect(self._on_screen)  # type: ignore[attr-defined]
        elif event.type() is QEvent.Type.Paint and not self.rows and self._table.rows.rowCount() > ENOUGH_ROWS:
            self.rows = -1.0
            QTimer.singleShot(0, self._on_rows)
        return False

    def _on_painted(self) -> None:
        self.painted, self.painted_cpu = _now()

    def _on_screen(self, place: int) -> None:
        screen = self._window.stack.widget(place)  # type: ignore[attr-defined]
        if screen.accessibleName() == "Inbox":
            self._table = screen.list.table
            self._table.viewport().installEventFilter(self)

    def _on_rows(self) -> None:
        self.rows, self.rows_cpu = _now()
        QTimer.singleShot(0, self._window.close)  # type: ignore[attr-defined]


def main() -> None:
    """Start the program on the profile named by the first argument."""
    application = QApplication(["clearance"])
    watch = Watch(application)
    folder = Path(sys.argv[1])
    app.open_window(Paths("bench", folder / "data", folder / "logs", folder / "run"))

    from tests.bench.parts import tell  # noqa: PLC0415 - not before the moments that are measured

    tell(painted=[watch.painted], painted_cpu=[watch.painted_cpu], rows=[watch.rows], rows_cpu=[watch.rows_cpu])


def _now() -> tuple[float, float]:
    """The moment in seconds, and the milliseconds of the processors that this process has used until then."""
    return time.monotonic(), time.process_time() * 1000


if __name__ == "__main__":
    main()

"""Bare Qt: windows with nothing of ours in them, as what ours is compared with."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QApplication, QLabel, QMainWindow, QWidget

WIDTH, HEIGHT = 1440, 900


def window(content: QWidget) -> QMainWindow:
    """A window of our window's size around one widget."""
    made = QMainWindow()
    made.setCentralWidget(content)
    made.resize(WIDTH, HEIGHT)
    return made


def label() -> QLabel:
    """A text."""
    return QLabel("Nothing waits for a person.")


class Paints(QObject):
    """Tells, with the moment, whenever a widget has been painted: after the paints of all that lies on it."""

    def __init__(self, widget: QWidget, then: Callable[[float], None]) -> None:
        super().__init__(widget)
        self._then = then
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Wait for the end of the pass in which it is painted."""
        if event.type() is QEvent.Type.Paint:
            QTimer.singleShot(0, lambda: self._then(time.monotonic()))
        return super().eventFilter(watched, event)


def main() -> None:
    """First paint of a window that shows a label, as a process of its own."""
    from tests.bench.parts import tell  # noqa: PLC0415 - not before the moment that is measured

    application = QApplication(["bare"])
    shown = window(label())
    painted: list[float] = []

    def on_painted(at: float) -> None:
        painted.append(at)
        application.quit()

    Paints(shown, on_painted)
    shown.show()
    application.exec()
    tell(painted=painted[:1])


if __name__ == "__main__":
    main()

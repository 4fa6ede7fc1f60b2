"""The desktop's own notices, where it has any: without a system tray, as offscreen, nothing is shown.

Invariant: a click on a notice opens what it told of, and nothing else comes from there.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication, QSystemTrayIcon, QWidget

from console.shell.telling import Notice

SHOWN_MS = 10_000
BETWEEN_MS = 400


class Tray(QObject):
    """Shows notices one at a time. ``on_opened`` gets the item's id, empty where the notice told of several."""

    def __init__(self, icon: QIcon, on_opened: Callable[[str], None], parent: QObject) -> None:
        super().__init__(parent)
        self._on_opened = on_opened
        self._shown = Notice("", "")
        self._icon: QSystemTrayIcon | None = None
        if QSystemTrayIcon.isSystemTrayAvailable() and QSystemTrayIcon.supportsMessages():
            self._icon = QSystemTrayIcon(icon, self)
            self._icon.setToolTip("Clearance")
            self._icon.messageClicked.connect(self._open)
            self._icon.activated.connect(lambda _reason: self._on_opened(""))
            self._icon.show()

    def ring(self, notice: Notice) -> None:
        """Show a notice, and sound it; without a tray the window's place in the task bar asks for attention."""
        self._shown = notice
        for number in range(notice.beeps):
            QTimer.singleShot(number * BETWEEN_MS, QApplication.beep)
        if isinstance(window := self.parent(), QWidget):
            QApplication.alert(window)
        if self._icon is not None:
            self._icon.showMessage(notice.title, notice.text, self._icon.icon(), SHOWN_MS)

    def _open(self) -> None:
        self._on_opened(self._shown.item_id)

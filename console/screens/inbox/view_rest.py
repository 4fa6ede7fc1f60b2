"""The keys rest after a refusal: who types a reason on, into a field that did not open, gives no commands by it.

Invariant: it begins with a decision that was refused, lasts while letters follow each other, and ends by itself or
with Escape.
"""

from __future__ import annotations

import time

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

PAUSE = 0.8
COMMANDING = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier
KEYS = (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress)


class Rest(QObject):
    """Keeps letters from a screen and from the widget in it that has the keys."""

    def __init__(self, screen: QWidget, focused: QWidget) -> None:
        super().__init__(screen)
        self._until = 0.0
        screen.installEventFilter(self)
        focused.installEventFilter(self)

    def begin(self) -> None:
        """From now on, until nothing was typed for a moment."""
        self._until = time.monotonic() + PAUSE

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take what is typed on; a key that is taken here is no shortcut."""
        if event.type() in KEYS and isinstance(event, QKeyEvent) and self._takes(event):
            event.accept()
            return True
        return super().eventFilter(watched, event)

    def _takes(self, event: QKeyEvent) -> bool:
        if event.key() == Qt.Key.Key_Escape:
            self._until = 0.0
        is_typed = bool(event.text()) and event.text().isprintable() and not event.modifiers() & COMMANDING
        is_taken = is_typed and time.monotonic() < self._until
        if is_taken:
            self.begin()
        return is_taken

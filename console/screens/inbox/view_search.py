"""The search field with completion: what could be meant by the word at the cursor, as a list below it.

Invariant: the list lies inside the window and never has the focus; the field goes on taking every letter.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QWidget

from console.domain.language import tr
from console.domain.search import Suggestion
from console.qtkit.fields import SearchField
from console.qtkit.keycaps import key_of
from console.screens.inbox.view_offered import Offered

SEARCH_AFTER_MS = 150
TAKING = frozenset({Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab})
ONWARD = frozenset({Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Down})
STEPS = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}
Suggest = Callable[[str, int], tuple[Suggestion, ...]]


class InboxSearch(SearchField):
    """Tells ``searched`` a moment after the last key, and ``entered`` when it gets the focus.

    While the list is there Down and Up move in it, Enter and Tab take what is chosen, Escape puts it away. Else Enter
    and Down lead to what is found (``went_on`` with the text), and Escape leaves the field with its text as it is
    (``went_back``).
    """

    searched = Signal(str)
    entered = Signal()
    went_on = Signal(str)
    went_back = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(
            tr("Search the inbox"),
            tr('Words or fields: risk:high age>10m "ACME"'),
            key_of("inbox.search"),
            parent=parent,
        )
        self.suggest: Suggest = lambda _text, _cursor: ()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(SEARCH_AFTER_MS)
        self._timer.timeout.connect(lambda: self.searched.emit(self.text()))
        self.textChanged.connect(self._timer.start)
        self.textEdited.connect(self._offer)
        self.offered = Offered(self)
        self.offered.taken.connect(self._take)

    def flush(self) -> None:
        """Search at once for what was typed a moment ago."""
        if self._timer.isActive():
            self._timer.stop()
            self.searched.emit(self.text())

    def show_text(self, text: str) -> None:
        """Show what is asked for by something else than typing, without asking again; left alone while in use."""
        if self.hasFocus() or self.text().strip() == text:
            return
        self.blockSignals(True)
        self.setText(text)
        self.blockSignals(False)
        self._on_text(text)
        self._timer.stop()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Tell that a person is about to search."""
        super().focusInEvent(event)
        self.entered.emit()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Put the list away."""
        super().focusOutEvent(event)
        self.offered.hide()

    def focusNextPrevChild(self, is_next: bool) -> bool:
        """Tab takes what is chosen while the list is there."""
        if is_next and self._take(self.offered.chosen):
            return True
        return super().focusNextPrevChild(is_next)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move in the list, take from it, put it away; go on to what is found, or back; the rest is the field's."""
        key = Qt.Key(event.key())
        if self.offered.isVisible() and key in STEPS:
            self.offered.table.step(STEPS[key])
        elif self.offered.isVisible() and key == Qt.Key.Key_Escape:
            self.offered.hide()
        elif key in TAKING and self._take(self.offered.chosen):
            pass
        elif key in ONWARD:
            if not event.isAutoRepeat():
                self._go_on()
        elif key == Qt.Key.Key_Escape:
            self.went_back.emit()
        else:
            super().keyPressEvent(event)

    def _go_on(self) -> None:
        self.offered.hide()
        self._timer.stop()
        self.went_on.emit(self.text())

    def _offer(self, text: str) -> None:
        self.offered.offer(self.suggest(text, self.cursorPosition()))

    def _take(self, chosen: Suggestion | None) -> bool:
        """Put what was chosen in the place of the word; whether there was something."""
        if chosen is None:
            return False
        text, cursor = self.text(), self.cursorPosition()
        before = text[: chosen.start] + chosen.text
        self.offered.hide()
        self.setText(before + text[cursor:])
        self.setCursorPosition(len(before))
        return True

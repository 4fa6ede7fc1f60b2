"""The search field with completion: what could be meant by the word at the cursor, as a list below it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QCompleter, QListView, QWidget

from console.domain.search import Suggestion
from console.qtkit.fields import SearchField

SEARCH_AFTER_MS = 150
WHOLE = Qt.ItemDataRole.UserRole
Suggest = Callable[[str, int], tuple[Suggestion, ...]]


class Completion(QCompleter):
    """Offers whole texts of the field under short names, so that Qt puts the chosen one in as it is."""

    def pathFromIndex(self, index: QModelIndex | QPersistentModelIndex) -> str:
        """The text of the field with this choice in it."""
        return str(index.data(WHOLE))


class InboxSearch(SearchField):
    """Tells ``searched`` a moment after the last key, and ``entered`` when it gets the focus."""

    searched = Signal(str)
    entered = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Search the inbox", 'Words or fields: risk:high age>10m "ACME"', "/", parent=parent)
        self.suggest: Suggest = lambda _text, _cursor: ()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(SEARCH_AFTER_MS)
        self._timer.timeout.connect(lambda: self.searched.emit(self.text()))
        self.textChanged.connect(self._timer.start)
        self.textEdited.connect(self._offer)
        self._offered = QStandardItemModel(self)
        completion = Completion(self._offered, self)
        completion.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
        popup = QListView()
        popup.setAccessibleName("What could be meant")
        completion.setPopup(popup)
        self.setCompleter(completion)

    def show_text(self, text: str) -> None:
        """Show what is asked for by something else than typing, without asking again; left alone while in use."""
        if self.hasFocus() or self.text().strip() == text:
            return
        self.blockSignals(True)
        self.setText(text)
        self.blockSignals(False)
        self._on_text(text)
        self._timer.stop()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Leave Escape in an empty field to the screen; the completion would keep it."""
        if event.key() == Qt.Key.Key_Escape and not self.text():
            event.ignore()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Tell that a person is about to search."""
        super().focusInEvent(event)
        self.entered.emit()

    def _offer(self, text: str) -> None:
        cursor = self.cursorPosition()
        self._offered.clear()
        for each in self.suggest(text, cursor):
            item = QStandardItem(f"{each.text}   {each.words}".rstrip())
            item.setData(text[: each.start] + each.text + text[cursor:], WHOLE)
            self._offered.appendRow(item)

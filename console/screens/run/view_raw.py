"""The Raw tab: a part of the run as JSON, to be searched, selected and copied.

Invariant: read only; a text that somebody reads is not replaced under them: it is taken when the tab or a part is
opened, says when that was, and is taken again on request. How much of it is shown stands above it.
"""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QTextCursor, QTextDocument
from PySide6.QtWidgets import QApplication, QButtonGroup, QPlainTextEdit, QWidget

from console.domain.ages import clock
from console.domain.language import tr
from console.qtkit.buttons import Button
from console.qtkit.fields import SearchField
from console.qtkit.fonts import font
from console.qtkit.keycaps import key_of
from console.qtkit.panes import Edge, Ground, Pane, column
from console.qtkit.pills import Chip
from console.qtkit.text import Text
from console.qtkit.tokens import Space, Style, Tone
from console.screens.run.raw import RawPart, raw_text, whole_text
from console.screens.run.state import RunState

FIELD = 220


class RawPane(QWidget):
    """All of the Raw tab."""

    read_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Raw"))
        self._state: RunState | None = None
        self._part = RawPart.RUN
        self._taken: tuple[object, RawPart] | None = None
        self._is_there = False
        self.chips = {part: Chip(tr(part.value)) for part in RawPart}
        self.search = SearchField(tr("Find in the text"), tr("Find in it"), key_of("run.search"))
        self.search.setFixedWidth(FIELD)
        self.search.textChanged.connect(lambda _: self._on_search())
        self.search.installEventFilter(self)
        self.found = Text("", Style.SMALL, Tone.SECOND).keep_whole()
        self.told = Text("", Style.SMALL, Tone.SECOND)
        self.again = Button(tr("Take again"), "refresh-cw", is_small=True)
        self.again.clicked.connect(self._take_again)
        self.copy = Button(tr("Copy all"), "copy", is_small=True)
        self.copy.clicked.connect(self.copy_all)
        self.view = QPlainTextEdit(self)
        self.view.setReadOnly(True)
        self.view.setFont(font(Style.DATA))
        self.view.setAccessibleName(tr("What the engine returned"))
        self.view.setFrameShape(QPlainTextEdit.Shape.NoFrame)
        self.view.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.view.setTabChangesFocus(True)
        selectable = Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        self.view.setTextInteractionFlags(selectable)
        self._lay_out()

    def show_state(self, state: RunState) -> None:
        """Take the text, unless one of this run and part is being read."""
        self._state = state
        if self._taken != (state.ref, self._part) or not self._is_there:
            self._take(state)

    def choose(self, part: RawPart) -> None:
        """Show another part."""
        self._part = part
        self.chips[part].setChecked(True)
        if self._state is not None:
            self._take(self._state)

    def copy_all(self) -> None:
        """Copy all that was read of the part, uncut."""
        if self._state is not None:
            QApplication.clipboard().setText(whole_text(self._state, self._part))

    def find_next(self, *, is_back: bool = False) -> None:
        """Go to the next place, or the one before, from the end on at the beginning."""
        words = self.search.text()
        if not words:
            return
        flag = QTextDocument.FindFlag.FindBackward if is_back else QTextDocument.FindFlag(0)
        if not self.view.find(words, flag):
            way = QTextCursor.MoveOperation.End if is_back else QTextCursor.MoveOperation.Start
            self.view.moveCursor(way)
            self.view.find(words, flag)
        self._count()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Enter goes on to the next place, with Shift to the one before."""
        is_key = isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress and watched is self.search
        if is_key and isinstance(event, QKeyEvent) and event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self.find_next(is_back=bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))
            return True
        return super().eventFilter(watched, event)

    def _take(self, state: RunState) -> None:
        told = raw_text(state, self._part)
        is_same = self._taken == (state.ref, self._part)
        self._taken, self._is_there = (state.ref, self._part), told.is_there
        if not is_same or self.view.toPlainText() != told.text:
            self.view.setPlainText(told.text)
        at = tr("  Taken at {now}.", now=clock(state.now)) if told.is_there else ""
        self.told.set_words(told.told + at)
        self.copy.set_blocked("" if told.is_there else tr("There is nothing to copy."))
        self._count()

    def _take_again(self) -> None:
        self.read_asked.emit()
        if self._state is not None:
            self._take(self._state)

    def _on_search(self) -> None:
        self.view.moveCursor(QTextCursor.MoveOperation.Start)
        self.find_next()
        self._count()

    def _count(self) -> None:
        words = self.search.text().casefold()
        text = self.view.toPlainText().casefold()
        count = text.count(words) if words else 0
        cursor = self.view.textCursor()
        at = text.count(words, 0, cursor.selectionEnd()) if words and cursor.hasSelection() else 0
        self.found.set_words(
            tr("{at:,} of {count:,}", at=at, count=count) if count else tr("not found") if words else ""
        )

    def _lay_out(self) -> None:
        group = QButtonGroup(self)
        bar = Pane(Ground.SURFACE, Edge.BOTTOM, is_row=True, margins=(Space.PANE, 8, Space.PANE, 8), spacing=6)
        for part, chip in self.chips.items():
            chip.setCheckable(True)
            group.addButton(chip)
            chip.clicked.connect(partial(self.choose, part))
            bar.box.addWidget(chip)
        self.chips[self._part].setChecked(True)
        bar.box.addStretch(1)
        for widget in (self.found, self.search, self.again, self.copy):
            bar.box.addWidget(widget)
        line = Pane(Ground.SUNKEN, Edge.BOTTOM, margins=(Space.PANE, 6, Space.PANE, 6))
        line.box.addWidget(self.told)
        holder = Pane(Ground.SURFACE, margins=(Space.PANE, Space.GRID, Space.PANE, Space.GRID))
        holder.box.addWidget(self.view)
        box = column(spacing=0)
        box.addWidget(bar)
        box.addWidget(line)
        box.addWidget(holder, 1)
        self.setLayout(box)

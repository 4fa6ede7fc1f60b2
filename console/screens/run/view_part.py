"""What the tabs Hand-offs and Access share: rows, a line when there are none, and a note when they cannot be read.

Invariant: what was read before stays on screen under the note.
"""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication, QStackedWidget, QWidget

from console.domain.language import tr
from console.qtkit.notes import Note
from console.qtkit.panes import Ground, Pane, column
from console.qtkit.rowmodel import RowModel
from console.qtkit.rowtable import RowT, RowTable
from console.qtkit.text import Text
from console.qtkit.tokens import Space, Style, Tone
from console.qtkit.words import strong
from console.screens.run.state import READING, UNREAD, PartState, Problem


class PartPane(QWidget):
    """A tab around `content`. Tells `step_asked` with the step whose trail is wanted, and `read_asked`."""

    step_asked = Signal(str)
    read_asked = Signal()

    def __init__(self, content: QWidget, name: str, nothing: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name, self._nothing = name, nothing
        self.note = Note("", "triangle-alert", Tone.HIGH, action=tr("Read again"), target="again")
        self.note.activated.connect(lambda _: self.read_asked.emit())
        self._holder = Pane(Ground.SURFACE, margins=(Space.PANE, Space.CARD, Space.PANE, 0))
        self._holder.box.addWidget(self.note)
        self.empty = Text("", Style.BODY, Tone.SECOND, max_lines=0)
        none = Pane(Ground.SURFACE, margins=(Space.PANE, Space.PANE, Space.PANE, Space.PANE))
        none.box.addWidget(self.empty)
        none.box.addStretch(1)
        self._stack = QStackedWidget()
        self._stack.addWidget(content)
        self._stack.addWidget(none)
        box = column(spacing=0)
        box.addWidget(self._holder)
        box.addWidget(self._stack, 1)
        self.setLayout(box)
        self.setAccessibleName(name)

    def show_part(self, part: PartState[RowT], known: Problem | None) -> None:
        """Show rows or why there are none; a problem that the head of the screen tells is not told again."""
        self._holder.setVisible(part.problem is not None and part.problem != known)
        if part.problem is not None:
            words = (
                strong(tr("{name} cannot be read. ", name=self._name)),
                tr(part.problem.message),
                " ",
                tr(part.problem.next_action),
            )
            self.note.set_note(words, "triangle-alert", Tone.HIGH, tr("Read again"), "again")
        self._stack.setCurrentIndex(0 if part.values else 1)
        self.empty.set_words(self._why_nothing(part, known))

    def _why_nothing(self, part: PartState[RowT], known: Problem | None) -> str:
        if part.lack:
            return tr("This engine cannot show this: {lack}", lack=part.lack)
        if not part.is_read:
            return READING if part.problem is None and known is None else UNREAD
        return self._nothing


def copying(table: RowTable[RowT], model: RowModel[RowT]) -> None:
    """Let the copy key put the chosen row on the clipboard, all of it."""

    def copy() -> None:
        index = table.currentIndex()
        if index.isValid():
            QApplication.clipboard().setText(str(model.data(index)))

    shortcut = QShortcut(QKeySequence(QKeySequence.StandardKey.Copy), table)
    shortcut.activated.connect(copy)

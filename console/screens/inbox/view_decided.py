"""The dialog with all that this desk decided.

Invariant: it draws a `Decided` and tells what a person does; a row opens its item, and the dialog then is gone.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDialog, QWidget

from console.domain.language import tr
from console.qtkit.buttons import Button
from console.qtkit.fields import SearchField
from console.qtkit.panes import column, row
from console.qtkit.pills import Chip
from console.qtkit.rowdata import HandledRow
from console.qtkit.rowmodel import RowModel
from console.qtkit.rowpaint import draw_handled_row
from console.qtkit.rowtable import RowTable
from console.qtkit.text import Text
from console.qtkit.tokens import Height, Space, Style, Tone
from console.screens import Action
from console.screens.inbox.decided import Decided, History, Which

SIZE = (720, 600)
ROWS_AHEAD = 4


class DecidedDialog(QDialog):
    """Opened anew each time, with the words of the time before."""

    def __init__(self, history: History, parent: QWidget) -> None:
        super().__init__(parent)
        self._history = history
        self.setWindowTitle(tr("All decided"))
        self.setAccessibleName(tr("All decided"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(*SIZE)
        self._summary = Text("", Style.SMALL, Tone.SECOND)
        self._told = Text("", Style.SMALL, Tone.HIGH, max_lines=2)
        self.search = SearchField(tr("Find decisions"), tr("Title, reason, verdict, receipt number, id"))
        self.search.setText(history.state.text)
        self.chips = {which: Chip(which.value) for which in Which}
        self.table: RowTable[HandledRow] = RowTable(
            RowModel(lambda each: each.row_id, lambda each: each.said),
            draw_handled_row,
            lambda _row, _width: Height.HANDLED_ROW,
            tr("Decisions, newest first"),
            usual_height=Height.HANDLED_ROW,
        )
        self.leave = Button(tr("Close"), key="Esc")
        self._lay_out()
        self.search.textChanged.connect(history.search)
        self.search.returnPressed.connect(self._open_first)
        for which, chip in self.chips.items():
            chip.clicked.connect(partial(self._choose, which))
        self.table.opened.connect(self._open)
        self.table.pressed_at.connect(self._on_pressed)
        self.table.verticalScrollBar().valueChanged.connect(self._on_scrolled)
        self.leave.clicked.connect(self.close)
        self.finished.connect(history.close)
        history.open(self.show_state)

    def show_state(self, state: Decided) -> None:
        """Draw a state."""
        self._summary.set_words(state.summary)
        self._told.set_words(state.told)
        self._told.setVisible(bool(state.told))
        for which, chip in self.chips.items():
            chip.setChecked(which is state.which)
        self.table.apply(state.rows)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Down leads from the search into the list."""
        if event.key() == Qt.Key.Key_Down and self.search.hasFocus():
            self.table.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            super().keyPressEvent(event)

    def _choose(self, which: Which, *_is_checked: bool) -> None:
        self._history.choose(which)

    def _open_first(self) -> None:
        if self._history.state.rows:
            self._open(self._history.state.rows[0].row_id)

    def _on_pressed(self, row_id: object, _point: QPointF) -> None:
        self._open(row_id)

    def _open(self, row_id: object) -> None:
        self._history.go(str(row_id), self.accept)

    def _on_scrolled(self, value: int) -> None:
        if value >= self.table.verticalScrollBar().maximum() - ROWS_AHEAD * Height.HANDLED_ROW:
            self._history.more()

    def _lay_out(self) -> None:
        box = column((Space.PANE,) * 4, Space.CARD)
        head = row(spacing=Space.CARD)
        head.addWidget(Text(tr("All decided"), Style.SCREEN).keep_whole())
        head.addWidget(self._summary, 1)
        box.addLayout(head)
        box.addWidget(self.search)
        chips = row(spacing=Space.HALF)
        for chip in self.chips.values():
            chips.addWidget(chip)
        chips.addStretch(1)
        box.addLayout(chips)
        box.addWidget(self.table, 1)
        foot = row(spacing=Space.GRID)
        foot.addWidget(self._told, 1)
        foot.addStretch(0)
        foot.addWidget(self.leave, 0, Qt.AlignmentFlag.AlignRight)
        box.addLayout(foot)
        self.setLayout(box)


def decided(run: Callable[[], object]) -> Action:
    """The way to all that was decided, from any screen."""
    return Action(
        action_id="inbox.decided",
        text=tr("All decided…"),
        run=run,
        keys=("G, D",),
        menu=tr("Go"),
        icon="badge-check",
        found_by=tr("history receipts handled decisions past"),
    )

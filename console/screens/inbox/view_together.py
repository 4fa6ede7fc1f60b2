"""The dialog in which several items are decided together.

Invariant: it draws a `Together` and tells what a person does; closing it stops what is not decided yet.
"""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QCloseEvent, QKeyEvent
from PySide6.QtWidgets import QDialog, QWidget

from console.domain.escalation import Verdict
from console.domain.language import tr
from console.domain.risk import Friction
from console.qtkit.buttons import Button, Kind
from console.qtkit.fields import Field
from console.qtkit.panes import column, row
from console.qtkit.pills import Chip
from console.qtkit.rowdata import HandledRow
from console.qtkit.rowmodel import RowModel
from console.qtkit.rowpaint import draw_handled_row, handled_height
from console.qtkit.rowtable import RowTable
from console.qtkit.text import Text
from console.qtkit.tokens import Height, Space, Style, Tone
from console.screens.inbox.together import Bundle, Stage, Together, heading, label, total

SIZE = (640, 560)
OPENS = tr("Each row opens its item.")


class TogetherDialog(QDialog):
    """Opened anew each time."""

    def __init__(self, bundle: Bundle, parent: QWidget) -> None:
        super().__init__(parent)
        self._bundle = bundle
        self.setWindowTitle(tr("Decide together"))
        self.setAccessibleName(tr("Decide together"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(*SIZE)
        self.heading = Text("", Style.SCREEN)
        self.total = Text("", Style.SMALL, Tone.SECOND, max_lines=2)
        self.table: RowTable[HandledRow] = RowTable(
            RowModel(lambda each: each.row_id, lambda each: each.said),
            draw_handled_row,
            handled_height,
            tr("Items decided together"),
            usual_height=Height.HANDLED_ROW,
        )
        self.choices = row(spacing=Space.GRID)
        self.choices.addStretch(1)
        self.chips: dict[Verdict, Chip] = {}
        self.reason = Field(tr("Reason"), prefix=tr("Reason"), placeholder=tr("Kept with each of them"))
        self.typed = Field(tr("Number of items"), prefix=tr("Number"), is_data=True)
        self.need = Text("", Style.SMALL, Tone.SECOND, max_lines=2)
        self.go = Button(tr("Decide"), key="Enter", kind=Kind.PRIMARY)
        self.stop = Button(tr("Stop"))
        self.undo = Button(tr("Undo all"), icon="undo-2")
        self.leave = Button(tr("Close"), key="Esc")
        self._lay_out()
        self.reason.textChanged.connect(bundle.set_reason)
        self.typed.textChanged.connect(bundle.set_typed)
        self.go.clicked.connect(bundle.go)
        self.stop.clicked.connect(bundle.stop)
        self.undo.clicked.connect(bundle.undo)
        self.leave.clicked.connect(self.close)
        self.table.opened.connect(self._open)
        self.table.pressed_at.connect(lambda row_id, _point: self._open(row_id))
        bundle.listen(self.show_state)
        self.reason.setFocus(Qt.FocusReason.OtherFocusReason)

    def show_state(self, state: Together) -> None:
        """Draw a state."""
        self.heading.set_words(heading(state))
        self.total.set_words(total(state))
        first = self.table.rows.id_at(0) if self.table.rows.rowCount() else None
        self.table.apply(state.rows)
        if state.rows and first not in {None, state.rows[0].row_id}:
            # What went astray came up: it is not to be looked for above the edge.
            self.table.scrollToTop()
        self._show_choices(state)
        is_open = state.stage is Stage.READY
        self.reason.setVisible(state.stage in {Stage.READING, Stage.READY})
        self.typed.setVisible(is_open and state.friction is Friction.TYPED_NAME)
        self.need.set_words(state.need if is_open else OPENS if state.stage is Stage.DONE else "")
        self.go.setVisible(is_open)
        doing = label(state.chosen) if state.chosen is not None else tr("Decide")
        self.go.set_label(f"{doing} {len(state.wanted)}")
        self.go.set_blocked(state.need)
        self.go.set_armed(state.is_armed)
        self.stop.setVisible(state.stage is Stage.DECIDING)
        self.undo.setVisible(state.can_undo)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter decides, wherever the focus is; held down it does nothing."""
        if event.key() not in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            super().keyPressEvent(event)
        elif not event.isAutoRepeat():
            self._bundle.go()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Leave the rest undecided."""
        self._end()
        super().closeEvent(event)

    def reject(self) -> None:
        """Escape closes it."""
        self._end()
        super().reject()

    def _open(self, row_id: object) -> None:
        """Leave for an item, once all are decided."""
        if self._bundle.state.stage is Stage.DONE:
            self.close()
            self._bundle.go_to(str(row_id))

    def _end(self) -> None:
        self._bundle.close()
        self._bundle.listen(lambda _state: None)

    def _show_choices(self, state: Together) -> None:
        for verdict in state.verdicts:
            if verdict not in self.chips:
                chip = Chip(label(verdict))
                chip.clicked.connect(partial(self._choose, verdict))
                self.choices.insertWidget(len(self.chips), chip)
                self.chips[verdict] = chip
        for verdict, chip in self.chips.items():
            chip.setChecked(verdict is state.chosen)
            chip.setVisible(state.stage is Stage.READY)

    def _choose(self, verdict: Verdict, *_is_checked: bool) -> None:
        self._bundle.choose(verdict)
        self.show_state(self._bundle.state)

    def _lay_out(self) -> None:
        box = column((Space.PANE,) * 4, Space.CARD)
        box.addWidget(self.heading)
        box.addWidget(self.total)
        box.addWidget(self.table, 1)
        box.addLayout(self.choices)
        box.addWidget(self.reason)
        box.addWidget(self.typed)
        foot = row(spacing=Space.GRID)
        foot.addWidget(self.need, 1, Qt.AlignmentFlag.AlignVCenter)
        for button in (self.undo, self.stop, self.leave, self.go):
            foot.addWidget(button)
        box.addLayout(foot)
        self.setLayout(box)

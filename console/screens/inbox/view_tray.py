"""What was decided just now, docked below the list so that Undo never moves.

Invariant: it grows to `MOST_ROWS` and scrolls from there; the ring moves only while something is held. While nothing
needs to be seen it is one line, unless a person wants to see it; that is remembered.
"""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, Qt, QTimer, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QWidget

from console.domain.language import tr
from console.qtkit.marks import IconMark
from console.qtkit.overlay import OverlayBar
from console.qtkit.panes import Divider, Edge, Ground, Pane
from console.qtkit.rowdata import HandledRow
from console.qtkit.rowmodel import RowModel
from console.qtkit.rowpaint import action_rect, draw_handled_row, handled_height
from console.qtkit.rowtable import RowTable
from console.qtkit.text import Text
from console.qtkit.tokens import PILL_ICON, Height, Space, Style, Tone
from console.qtkit.words import Span, link, quiet, strong
from console.screens import Memory
from console.screens.inbox.state import InboxState

MOST_ROWS = 3
FRAME_MS = 100
UNDO = tr("Undo")
KEPT_OPEN = "inbox/tray"
YES, NO = "unfolded", "folded"
LATEST = "    "


class TrayHead(Pane):
    """The line above the rows; a click anywhere on it is told."""

    clicked = Signal()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Tell of the click."""
        if event.button() is Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self.clicked.emit()
        super().mouseReleaseEvent(event)


class HandledTray(Pane):
    """Tells ``undone`` or ``opened`` with a decision's id, ``all_asked``, and ``frame`` while a ring empties."""

    undone = Signal(str)
    opened = Signal(str)
    all_asked = Signal()
    frame = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Ground.SURFACE, Edge.TOP, margins=(0, 1, 0, 0), parent=parent)
        self.setAccessibleName(tr("Handled just now"))
        self._title = Text("", Style.SMALL, Tone.SECOND)
        self._empty = Pane(Ground.SURFACE, margins=(Space.GAP, 2, Space.CARD, Space.CARD))
        self._empty.box.addWidget(
            Text(tr("What you decide stays here with its progress and an undo."), Style.SMALL, Tone.SECOND)
        )
        self._head = TrayHead(Ground.SURFACE, is_row=True, margins=(Space.GAP, 0, Space.CARD, 0), spacing=6)
        self._head.setFixedHeight(Height.GROUP_ROW)
        self._head.clicked.connect(self.turn)
        self._chevron = IconMark("chevron-down", Tone.SECOND, "", PILL_ICON)
        self._head.box.addWidget(self._chevron)
        self.all = Text(link(tr("All decided…"), "all"), Style.SMALL).keep_whole()
        self.all.activated.connect(lambda _target: self.all_asked.emit())
        self._head.box.addWidget(self._title, 1)
        self._head.box.addWidget(self.all)
        self._line = Divider()
        self.table: RowTable[HandledRow] = RowTable(
            RowModel(lambda each: each.row_id, lambda each: each.said),
            draw_handled_row,
            handled_height,
            tr("Handled just now"),
            usual_height=Height.HANDLED_ROW,
        )
        OverlayBar(self.table)
        self.table.pressed_at.connect(self._on_pressed)
        self.table.opened.connect(lambda row_id: self._act(str(row_id)))
        self._newest = ""
        self._state: InboxState | None = None
        self._memory: Memory | None = None
        self._is_kept_open = False
        self._is_folded = True
        self._timer = QTimer(self)
        self._timer.setInterval(FRAME_MS)
        self._timer.timeout.connect(self.frame)
        self.box.addWidget(self._head)
        self.box.addWidget(self._line)
        self.box.addWidget(self._empty)
        self.box.addWidget(self.table)

    def remember_in(self, memory: Memory) -> None:
        """Keep there whether a person wants to see it, and begin as it was left."""
        self._memory = memory
        self._is_kept_open = memory.get(KEPT_OPEN, NO) == YES

    def turn(self) -> None:
        """Fold it, or unfold it, where nothing in it needs to be seen."""
        if self._state is None or not self._state.is_quiet or not self._state.handled:
            return
        self._is_kept_open = self._is_folded
        if self._memory is not None:
            self._memory.set(KEPT_OPEN, YES if self._is_kept_open else NO)
        self._is_folded = not self._is_kept_open
        self.show_state(self._state)

    def show_state(self, state: InboxState) -> None:
        """Draw the decisions."""
        self._state = state
        rows = state.handled
        is_folded = self._is_folded = self._may_fold(state)
        latest: tuple[str | Span, ...] = (LATEST, *rows[0].words) if is_folded and rows else ()
        self._title.set_words([strong(tr("Handled just now")), quiet(f"  {len(rows)}" if rows else ""), *latest])
        self._chevron.setVisible(state.is_quiet and bool(rows))
        doing = tr("Unfold") if is_folded else tr("Fold")
        self._chevron.set_icon("chevron-right" if is_folded else "chevron-down", Tone.SECOND, doing)
        self.table.apply(rows)
        if rows and rows[0].row_id != self._newest:
            # What was decided last is what can be undone: it is never above the edge.
            self._newest = rows[0].row_id
            self.table.scrollToTop()
        width = self.table.viewport().width()
        self.table.setFixedHeight(sum(handled_height(row, width) for row in rows[:MOST_ROWS]))
        self.table.setVisible(bool(rows) and not is_folded)
        self._line.setVisible(bool(rows) and not is_folded)
        self._empty.setVisible(not rows and not state.decisions)
        is_moving = any(row.ring_share is not None for row in rows)
        if is_moving != self._timer.isActive():
            self._timer.start() if is_moving else self._timer.stop()

    def _may_fold(self, state: InboxState) -> bool:
        """Whether it is one line now; the list gets the room once the pointer is not over a row that would move."""
        around = self.parentWidget()
        is_pointed = around is not None and around.underMouse()
        return state.is_quiet and not self._is_kept_open and (self._is_folded or not is_pointed)

    def _on_pressed(self, row_id: object, point: QPointF) -> None:
        row = self._row(str(row_id))
        if row is None:
            return
        place = self.table.rows.place_of(row.row_id)
        size = self.table.visualRect(self.table.rows.index(place, 0)).size()
        if action_rect(QRect(0, 0, size.width(), size.height()), row).contains(point):
            self._act(row.row_id)
        else:
            self.opened.emit(row.row_id)

    def _act(self, row_id: str) -> None:
        row = self._row(row_id)
        if row is not None:
            (self.undone if row.action == UNDO else self.opened).emit(row_id)

    def _row(self, row_id: str) -> HandledRow | None:
        place = self.table.rows.place_of(row_id)
        return self.table.rows.row(place) if place >= 0 else None

"""The two tables of the screen: what failed alike, and all runs.

Invariant: the presenter decides what stands where; these draw it, keep the chosen row current, and tell gestures.
"""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPointF, QRect, QRectF, Signal
from PySide6.QtGui import QPainter, QResizeEvent
from PySide6.QtWidgets import QStackedWidget, QWidget

from console.domain.fingerprint import FailureGroup
from console.domain.language import counted, tr
from console.qtkit.notes import EmptyState
from console.qtkit.overlay import OverlayBar
from console.qtkit.panes import column, row
from console.qtkit.rowmodel import RowModel
from console.qtkit.rowtable import Look, RowTable
from console.qtkit.text import Text
from console.qtkit.tokens import Height, Space, Style, Tone
from console.screens.runs.act_state import Stage
from console.screens.runs.finding import Order
from console.screens.runs.rows import GroupText, RunText, group_text, row_id, run_text
from console.screens.runs.state import Emptiness, RunsState
from console.screens.runs.view_columns import Column, Framed
from console.screens.runs.view_paint import (
    ALONE_COLUMNS,
    GROUP_COLUMNS,
    RUN_COLUMNS,
    action_box,
    draw_group,
    draw_run,
    note_box,
)
from console.services.views import RunLine

MOST_GROUPS = 4
REMARK_FROM = 640
ORDERS: dict[str, Order] = {
    "status": Order.URGENT,
    "workflow": Order.WORKFLOW,
    "key": Order.KEY,
    "started": Order.STARTED,
    "duration": Order.LONGEST,
    "moved": Order.NEWEST,
}
ALIKE = tr("Same error, same step, numbers and names taken out")
EMPTY: dict[Emptiness, tuple[str, str, str, str]] = {
    Emptiness.LOADING: ("loader", tr("Listing the runs"), tr("Asking every connection."), ""),
    Emptiness.NO_CONNECTION: (
        "plug",
        tr("No connection yet"),
        tr("The runs of every connected engine are listed here."),
        tr("Connect an engine"),
    ),
    Emptiness.NO_MATCH: (
        "search",
        tr("No run matches"),
        tr("Other runs are outside of these filters."),
        tr("Show all"),
    ),
    Emptiness.NO_RUN: ("workflow", tr("There are no runs"), tr("A run appears here as soon as it was started."), ""),
    Emptiness.NOT_READ: (
        "unplug",
        tr("No connection could list its runs"),
        tr("What each of them said is told above."),
        tr("Open the connections"),
    ),
}


class GroupList(QWidget):
    """The groups of failures. Tells ``chosen``, ``retried`` and ``noted`` with a fingerprint."""

    chosen = Signal(str)
    retried = Signal(str)
    noted = Signal(str)

    def __init__(self, state: RunsState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self._is_drawing = False
        self._shown = 0
        self._title = Text(tr("Failures by fingerprint"), Style.STRONG).keep_whole()
        self._count = Text("", Style.SMALL, Tone.SECOND)
        self._remark = Text(ALIKE, Style.SMALL, Tone.QUIET).keep_whole()
        head = row(spacing=Space.GRID)
        for part in (self._title, self._count):
            head.addWidget(part)
        head.addStretch(1)
        head.addWidget(self._remark)
        self.table: RowTable[FailureGroup] = RowTable(
            RowModel(lambda each: each.fingerprint, lambda each: self._text(each).said),
            self._paint,
            lambda _row, _width: Height.FAILURE_ROW,
            tr("Failures by fingerprint"),
            usual_height=Height.FAILURE_ROW,
        )
        OverlayBar(self.table)
        self.framed = Framed(GROUP_COLUMNS, self.table)
        box = column(spacing=Space.GRID)
        box.addLayout(head)
        box.addWidget(self.framed)
        self.setLayout(box)
        self.table.current_changed.connect(self._on_current)
        self.table.pressed_at.connect(self._on_pressed)

    def show_state(self, state: RunsState, *, is_held: bool = False) -> None:
        """Draw the groups; without any there is nothing to see.

        Its height stays while it ``is_held``: what stands below must not move under the pointer.
        """
        self._state = state
        if not is_held:
            self._shown = min(MOST_GROUPS, len(state.groups))
        self.setVisible(bool(self._shown))
        runs = sum(len(group.runs) for group in state.groups)
        many = tr("the newest {runs:,} runs", runs=runs) if state.has_more_failed else counted(runs, "run")
        self._count.set_words(tr("{many} in {counted}", many=many, counted=counted(len(state.groups), "group")))
        self._is_drawing = True
        try:
            self.table.apply(state.groups)
            if state.group is None:
                self.table.setCurrentIndex(QModelIndex())
            elif self.table.current_id() != state.group_id:
                self.table.set_current(state.group_id)
        finally:
            self._is_drawing = False
        self.framed.setFixedHeight(Height.TABLE_HEADER + self._shown * Height.FAILURE_ROW + 2)
        self.table.viewport().update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The remark gives way in a narrow window."""
        super().resizeEvent(event)
        self._remark.setVisible(self.width() > REMARK_FROM)

    def _text(self, group: FailureGroup) -> GroupText:
        state = self._state
        act = state.act
        is_acting = act is not None and act.fingerprint == group.fingerprint and act.stage is Stage.SENDING
        acting = tr("under way") if is_acting else ""
        return group_text(group, state.now, state.notes.get(group.fingerprint), acting)

    def _paint(self, painter: QPainter, rect: QRect, group: FailureGroup, look: Look) -> None:
        draw_group(painter, rect, self._text(group), look)

    def _on_current(self, fingerprint: object) -> None:
        if fingerprint is not None and not self._is_drawing:
            self.chosen.emit(str(fingerprint))

    def _on_pressed(self, fingerprint: object, point: QPointF) -> None:
        place = self.table.rows.place_of(str(fingerprint))
        text = self._text(self.table.rows.row(place))
        rect = QRect(0, 0, self.table.viewport().width(), Height.FAILURE_ROW)
        self.chosen.emit(str(fingerprint))
        if text.can_act and not text.acting and action_box(rect, text).contains(point):
            self.retried.emit(str(fingerprint))
        elif QRectF(note_box(rect)).contains(point):
            self.noted.emit(str(fingerprint))


class RunList(QWidget):
    """All runs that the filter leaves.

    Tells ``chosen`` with an id, ``opened``, ``helped`` where it is empty, and ``ordered`` with the order of a heading.
    """

    chosen = Signal(str)
    opened = Signal()
    helped = Signal()
    ordered = Signal(object)

    def __init__(self, state: RunsState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self._lines: tuple[RunLine, ...] = ()
        self._emptiness: Emptiness | None = None
        self._is_drawing = False
        self._columns: tuple[Column, ...] = RUN_COLUMNS
        self.table: RowTable[RunLine] = RowTable(
            RowModel(lambda each: row_id(each.run), lambda each: self._text(each).said),
            self._paint,
            lambda _row, _width: Height.RUN_ROW,
            tr("Runs"),
            usual_height=Height.RUN_ROW,
        )
        OverlayBar(self.table)
        self.framed = Framed(RUN_COLUMNS, self.table)
        self.body = QStackedWidget()
        self.body.addWidget(self.framed)
        box = column(spacing=0)
        box.addWidget(self.body, 1)
        self.setLayout(box)
        self.table.current_changed.connect(self._on_current)
        self.table.pressed_at.connect(lambda each, _point: self.chosen.emit(str(each)))
        self.table.opened.connect(lambda _each: self.opened.emit())
        self.framed.header.pressed.connect(lambda name: self.ordered.emit(ORDERS[name]))

    def show_state(self, state: RunsState) -> None:
        """Draw the runs. What the table makes of that by itself is not a person's choice."""
        self._state = state
        self._columns = RUN_COLUMNS if len(state.sources) != 1 else ALONE_COLUMNS
        ordered_by = next((name for name, order in ORDERS.items() if order is state.filter.order), "")
        self.framed.header.show_columns(self._columns, ordered_by)
        self._is_drawing = True
        try:
            if state.lines is not self._lines:
                self._lines = state.lines
                self.table.apply(state.lines)
            if not state.selected_id:
                self.table.setCurrentIndex(QModelIndex())
            elif self.table.current_id() != state.selected_id:
                self.table.set_current(state.selected_id)
        finally:
            self._is_drawing = False
        # Ages are worked out when a row is painted.
        self.table.viewport().update()
        self._show_emptiness(state.emptiness)

    def _text(self, line: RunLine) -> RunText:
        return run_text(line, self._state.now, is_marked=row_id(line.run) in self._state.marked)

    def _paint(self, painter: QPainter, rect: QRect, line: RunLine, look: Look) -> None:
        draw_run(painter, rect, self._text(line), look, self._columns)

    def _on_current(self, each: object) -> None:
        if each is not None and not self._is_drawing:
            self.chosen.emit(str(each))

    def _show_emptiness(self, emptiness: Emptiness | None) -> None:
        if emptiness is self._emptiness:
            return
        self._emptiness = emptiness
        old = self.body.widget(1)
        if old is not None:
            self.body.removeWidget(old)
            old.deleteLater()
        if emptiness is not None:
            icon, title, words, action = EMPTY[emptiness]
            made = EmptyState(icon, title, words, action=action)
            made.pressed.connect(self.helped)
            self.body.addWidget(made)
        self.body.setCurrentIndex(0 if emptiness is None else 1)

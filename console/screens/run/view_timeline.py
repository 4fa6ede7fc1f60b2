"""The Timeline tab: a row for each step, its bars on one axis of time, the live end, and what a bar was.

Invariant: bars differ by shape and word as well as colour: work is filled, a failed attempt is outlined and struck
through, waits for people are violet with words. Zoomed in, the window stays where it is while the run goes on.
"""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import QEvent, QObject, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from console.domain.ages import clock
from console.domain.language import counted, tr
from console.domain.run import StepStatus
from console.qtkit.current import colours
from console.qtkit.fonts import text_width
from console.qtkit.icons import draw_icon
from console.qtkit.paint import draw_box, draw_line, draw_text
from console.qtkit.panes import Edge, Ground, Pane, column
from console.qtkit.rowmodel import RowModel
from console.qtkit.rowtable import Look, RowTable
from console.qtkit.text import Text
from console.qtkit.tokens import PILL_ICON, Colours, Space, Style, Tone
from console.qtkit.words import quiet, strong
from console.screens.run.header import percent
from console.screens.run.state import DASHED, STEP_LOOKS, RunState
from console.screens.run.timeline import Bar, Doing, Timeline, TimelineRow, Window, ticks
from console.screens.run.view_part import copying

ROW, BAR, LABEL = 24, 12, 216
RIGHT = 24
FACTOR, PAN = 1.25, 0.2
THINNEST = 3.0
NOTHING = tr("The engine tells no steps of this run, so there is nothing to put on an axis of time.")


class Axis:
    """What the ruler and all rows share: the window on time, and now."""

    def __init__(self) -> None:
        self.whole: Window | None = None
        self.own: Window | None = None
        self.now: datetime | None = None
        self.is_live = False

    def window(self) -> Window | None:
        """What is shown: what a person zoomed to, else the whole."""
        if self.whole is None:
            return None
        return self.own.within(self.whole) if self.own is not None else self.whole

    def x(self, moment: datetime, width: int) -> float:
        """Where a moment is in a row of this width."""
        window = self.window()
        return LABEL + window.x(moment, width - LABEL - RIGHT) if window is not None else 0.0

    def place(self, bar: Bar, width: int) -> QRectF:
        """Where a bar is in a row, cut to the window; empty outside of it."""
        end = bar.end or self.now or bar.start
        left = max(float(LABEL), self.x(bar.start, width))
        right = min(float(width - RIGHT), self.x(end, width))
        if right < LABEL or left > width - RIGHT:
            return QRectF()
        return QRectF(left, (ROW - BAR) / 2, max(THINNEST, right - left), BAR)


class Ruler(QWidget):
    """The moments above the rows."""

    def __init__(self, axis: Axis, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._axis = axis
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(tr("Time"))

    def sizeHint(self) -> QSize:
        """One line."""
        return QSize(400, ROW)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint round moments, and now."""
        painter, c = QPainter(self), colours()
        window = self._axis.window()
        if window is None:
            return
        now = self._axis.now
        now_x = self._axis.x(now, self.width()) if now is not None and self._axis.is_live else -1.0
        for moment, word in ticks(window, self.width() - LABEL - RIGHT):
            x, wide = self._axis.x(moment, self.width()), text_width(word, Style.SMALL_DATA)
            if abs(x - now_x) > wide:
                draw_text(painter, x - wide / 2, 4, word, Style.SMALL_DATA, c.ink3)
        if LABEL <= now_x <= self.width():
            wide = text_width(tr("now"), Style.SMALL_STRONG)
            draw_text(painter, min(now_x - wide / 2, self.width() - wide), 4, tr("now"), Style.SMALL_STRONG, c.accent)


class TimelinePane(QWidget):
    """All of the Timeline tab, or (`is_beside`) what stands of it under the graph, without a foot.

    Tells `step_opened` with the step whose trail is wanted.
    """

    step_opened = Signal(str)

    def __init__(self, *, is_beside: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Timeline"))
        self._is_beside = is_beside
        self.axis = Axis()
        self._timeline = Timeline()
        self.model = RowModel[TimelineRow](lambda row: row.row_id, lambda row: row.said)
        self.table: RowTable[TimelineRow] = RowTable(
            self.model, self._draw, lambda _row, _width: ROW, tr("Timeline"), usual_height=ROW
        )
        self.ruler = Ruler(self.axis)
        self.head = Text("", Style.SMALL, Tone.SECOND)
        self.details = Text("", Style.SMALL, Tone.SECOND, max_lines=2)
        self.empty = Text(NOTHING, Style.BODY, Tone.SECOND, max_lines=0)
        copying(self.table, self.model)
        self.table.current_changed.connect(lambda _: self._show_current())
        self.table.opened.connect(self._open)
        self.table.installEventFilter(self)
        self.table.viewport().installEventFilter(self)
        self._lay_out()

    def show_state(self, state: RunState) -> None:
        """Show the run over time."""
        has_rows = bool(state.timeline.rows)
        self._none.setVisible(not has_rows)
        self._drawn.setVisible(has_rows)
        self.empty.set_words(NOTHING if state.read_at is not None else state.unread)
        self._timeline, axis = state.timeline, self.axis
        axis.now, axis.whole = state.now, state.timeline.window(state.now)
        axis.is_live = state.timeline.end is None
        if list(self.model.rows()) != list(state.timeline.rows):
            self.table.apply(state.timeline.rows)
        self._show_head(state)
        self._repaint()
        self._show_current()

    def choose(self, step_id: str) -> None:
        """Show a step as the chosen one."""
        row = next((row for row in self.model.rows() if row.step_id == step_id), None)
        if row is not None:
            self.table.set_current(row.row_id)

    def zoom(self, factor: float, share: float = 0.5) -> None:
        """Look closer or from farther off; the moment at this share of the width stays."""
        window, whole = self.axis.window(), self.axis.whole
        if window is not None and whole is not None:
            found = window.zoomed(factor, share, whole)
            self.axis.own = None if found == whole else found
            self._repaint()

    def pan(self, share: float) -> None:
        """Move along by a share of what is shown."""
        window, whole = self.axis.window(), self.axis.whole
        if self.axis.own is not None and window is not None and whole is not None:
            self.axis.own = window.moved(share, whole)
            self._repaint()

    def show_all(self) -> None:
        """Show all of it."""
        self.axis.own = None
        self._repaint()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Zoom and pan by key and wheel; tell of the bar under the pointer."""
        if isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress and watched is self.table:
            return self._on_key(event)
        if isinstance(event, QWheelEvent) and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            room = max(1, self.table.viewport().width() - LABEL - RIGHT)
            share = min(1.0, max(0.0, (event.position().x() - LABEL) / room))
            self.zoom(FACTOR if event.angleDelta().y() > 0 else 1 / FACTOR, share)
            return True
        if isinstance(event, QMouseEvent) and event.type() is QEvent.Type.MouseMove:
            self._point_at(event.position())
        elif event.type() is QEvent.Type.Leave and watched is self.table.viewport():
            self._show_current()
        return super().eventFilter(watched, event)

    def _on_key(self, event: QKeyEvent) -> bool:
        key = event.key()
        if key in {Qt.Key.Key_Plus, Qt.Key.Key_Equal}:
            self.zoom(FACTOR)
        elif key == Qt.Key.Key_Minus:
            self.zoom(1 / FACTOR)
        elif key == Qt.Key.Key_0:
            self.show_all()
        elif key in {Qt.Key.Key_Left, Qt.Key.Key_Right}:
            self.pan(PAN if key == Qt.Key.Key_Right else -PAN)
        else:
            return False
        return True

    def _point_at(self, point: QPointF) -> None:
        place = self.table.rowAt(round(point.y()))
        if place < 0:
            return
        row, width = self.model.row(place), self.table.viewport().width()
        for bar in row.bars:
            box = self.axis.place(bar, width)
            if box.left() - 2 <= point.x() <= box.right() + 2:
                end = clock(bar.end) if bar.end is not None else tr("now")
                when = quiet(tr("  {start} to {end}", start=clock(bar.start), end=end))
                self.details.set_words((strong(row.title), f"  {bar.words(self.axis.now)}", when))
                return

    def _show_current(self) -> None:
        place = self.model.place_of(self.table.current_id())
        if place < 0:
            self.details.set_words(quiet(tr("Point at a bar or choose a row to read what it was.")))
            return
        row = self.model.row(place)
        self.details.set_words((strong(row.title), f"  {row.words(self.axis.now)}"))

    def _show_head(self, state: RunState) -> None:
        share = self._timeline.waited_share(state.now)
        told = tr("{share} of the elapsed time waited for people", share=percent(share)) if share is not None else ""
        trail = state.trail
        if not trail.is_complete and trail.is_read and not trail.lack:
            told += tr(" (of the newest {read:,} entries of the trail)", read=trail.read)
        self.head.set_words(told)

    def _open(self, row_id: object) -> None:
        place = self.model.place_of(row_id)
        if place >= 0:
            self.step_opened.emit(self.model.row(place).step_id)

    def _repaint(self) -> None:
        self.ruler.update()
        self.table.viewport().update()

    def _draw(self, painter: QPainter, rect: QRect, row: TimelineRow, look: Look) -> None:
        c = colours()
        ground = c.selected if look.is_selected else c.hover if look.is_hovered else c.surface
        painter.fillRect(rect, QColor(ground))
        painter.translate(rect.topLeft())
        window, width = self.axis.window(), rect.width()
        if window is None:
            return
        for moment, _ in ticks(window, width - LABEL - RIGHT):
            x = round(self.axis.x(moment, width))
            draw_line(painter, QPointF(x, 0), QPointF(x, ROW), c.line)
        _draw_name(painter, c, row, look)
        end = float(LABEL)
        for bar in row.bars:
            box = self.axis.place(bar, width)
            if not box.isEmpty():
                _draw_bar(painter, c, bar, box, self.axis.now)
                end = max(end, box.right())
        self._draw_words(painter, c, row, end, width)
        if self.axis.is_live and self.axis.now is not None:
            x = round(self.axis.x(self.axis.now, width))
            if LABEL <= x <= width:
                draw_line(painter, QPointF(x, 0), QPointF(x, ROW), c.accent, 2)

    def _draw_words(self, painter: QPainter, c: Colours, row: TimelineRow, end: float, width: int) -> None:
        """Tell after the bars what they were, where there is room."""
        failed = sum(bar.doing is Doing.FAILED for bar in row.bars)
        if not failed:
            return
        words = counted(failed, "failed attempt")
        if end + 8 + text_width(words, Style.MICRO) < width - RIGHT:
            draw_text(painter, end + 8, 4, words, Style.MICRO, c.ink3)

    def _lay_out(self) -> None:
        self._drawn = Pane(Ground.SURFACE)
        head = Pane(Ground.SURFACE, is_row=True, margins=(Space.PANE, 10, Space.PANE, 4), spacing=Space.GAP)
        if self._is_beside:
            head.box.addWidget(Text(tr("Timeline"), Style.SMALL_STRONG).keep_whole())
        head.box.addWidget(self.head, 1)
        head.box.addWidget(Legend())
        holder = Pane(Ground.SURFACE, margins=(Space.PANE, 0, 0, 0))
        holder.box.addWidget(self.ruler)
        holder.box.addWidget(self.table, 1)
        foot = Pane(Ground.SUNKEN, Edge.TOP, is_row=True, margins=(Space.PANE, 8, Space.PANE, 8), spacing=Space.GAP)
        foot.box.addWidget(self.details, 1)
        hint = tr("Ctrl and the wheel zoom, ← → move, 0 shows all.")
        foot.box.addWidget(Text(hint, Style.SMALL, Tone.QUIET).keep_whole())
        for part in (head, holder, foot):
            self._drawn.box.addWidget(part, 1 if part is holder else 0)
        foot.setVisible(not self._is_beside)
        self._none = Pane(Ground.SURFACE, margins=(Space.PANE, Space.PANE, Space.PANE, Space.PANE))
        self._none.box.addWidget(self.empty)
        self._none.box.addStretch(1)
        box = column(spacing=0)
        box.addWidget(self._drawn)
        box.addWidget(self._none)
        self.setLayout(box)
        self.setFocusProxy(self.table)


class Legend(QWidget):
    """What the shapes of bars mean."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(", ".join(tr(doing.value) for doing in Doing))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """All three on one line."""
        return QSize(round(sum(text_width(tr(doing.value), Style.SMALL) + 36 for doing in Doing)), 16)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint samples with their words."""
        painter, c = QPainter(self), colours()
        x = 0.0
        for doing in Doing:
            _draw_shape(painter, c, doing, QRectF(x, 4, 14, 9))
            x += 20 + draw_text(painter, x + 20, 0, tr(doing.value), Style.SMALL, c.ink2) + 16


def _draw_name(painter: QPainter, c: Colours, row: TimelineRow, look: Look) -> None:
    icon, tone = STEP_LOOKS[row.status]
    draw_icon(painter, icon, c.text(tone), 0, (ROW - PILL_ICON) / 2, PILL_ICON)
    style = Style.SMALL_STRONG if look.is_selected or row.status is StepStatus.GATE else Style.SMALL
    ink = c.ink3 if row.status in DASHED else c.ink
    draw_text(painter, PILL_ICON + 6, 4, row.title, style, ink, LABEL - PILL_ICON - 14)


def _draw_bar(painter: QPainter, c: Colours, bar: Bar, box: QRectF, now: datetime | None) -> None:
    _draw_shape(painter, c, bar.doing, box)
    if bar.doing is not Doing.WAITED:
        return
    words = bar.words(now)
    if text_width(words, Style.MICRO_STRONG) + 12 < box.width():
        ink = c.onfill if not c.is_dark else c.app
        draw_text(painter, box.left() + 6, box.top() - 2, words, Style.MICRO_STRONG, ink)


def _draw_shape(painter: QPainter, c: Colours, doing: Doing, box: QRectF) -> None:
    if doing is Doing.WORKED:
        draw_box(painter, box, 2, c.low)
    elif doing is Doing.WAITED:
        draw_box(painter, box, 2, c.person)
    else:
        draw_box(painter, box, 2, c.surface, c.crit)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=True)
        painter.setPen(QPen(QColor(c.crit), 1))
        painter.drawLine(box.topLeft(), box.bottomRight())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)

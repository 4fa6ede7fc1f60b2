"""The strip of steps: the plan in layers from left to right, each step with its live status; a click filters the trail.

Invariant: steps are buttons, so the keyboard and a screen reader know them; one that is not reached yet is dashed. A
plan of more than ``MOST`` steps shows the first of them and says how many there are.
"""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QPushButton, QScrollArea, QSizePolicy, QWidget

from console.domain.display import one_line
from console.domain.language import counted, tr
from console.domain.run import Step, StepStatus
from console.qtkit.current import colours
from console.qtkit.focus import Ringed
from console.qtkit.fonts import text_width
from console.qtkit.icons import draw_icon
from console.qtkit.paint import draw_box, draw_dashed_box, draw_text, elided, tip
from console.qtkit.panes import Edge, Ground, Pane
from console.qtkit.text import Text
from console.qtkit.tokens import PILL_ICON, Colours, Radius, Space, Style, Tone
from console.screens.run.layers import Layers
from console.screens.run.state import DASHED, FILLED, STEP_LOOKS, RunState

BOX_HEIGHT = 26
ROW_GAP = 6
COLUMN_GAP = 30
MARGIN = 8
PADDING = 9
TITLE_WIDTH = 168.0
MOST_ROWS = 3
MOST = 150
MIDDLE = 5


class StepButton(Ringed, QPushButton):
    """One step. Checked when the trail is filtered by it."""

    ring_radius = Radius.CONTROL

    def __init__(self, step: Step, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.step = step
        self.setCheckable(True)
        self.setAutoDefault(False)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.show_step(step)

    def show_step(self, step: Step) -> None:
        """Show what became of it."""
        self.step = step
        told = [one_line(step.title or step.step_id)[:200], tr(step.status)]
        told += [one_line(step.agent)] if step.agent else []
        told += [tr("{confidence:.0%} sure", confidence=step.confidence)] if step.confidence is not None else []
        told += [tr("attempt {attempts}", attempts=step.attempts)] if step.attempts > 1 else []
        told += [tr("a person decides here")] if step.has_gate else []
        told += [one_line(tr(step.message))[:200]] if step.message else []
        self.setAccessibleName(", ".join(told))
        self.setToolTip(tip(" · ".join(told)))
        self.update()

    def sizeHint(self) -> QSize:
        """Room for icon and title, and for the mark of a gate."""
        title = elided(self._title(), self._style(), TITLE_WIDTH)
        width = PADDING + PILL_ICON + 6 + text_width(title, self._style()) + PADDING
        return QSize(round(width) + (PILL_ICON + 6 if self._has_mark() else 0), BOX_HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint it."""
        painter, c = QPainter(self), colours()
        box = QRectF(self.rect())
        icon, tone = STEP_LOOKS[self.step.status]
        self._draw_box(painter, c, box, tone)
        top = (self.height() - PILL_ICON) / 2
        draw_icon(painter, icon, c.text(tone), PADDING, top, PILL_ICON)
        left = PADDING + PILL_ICON + 6
        ink = c.ink2 if self.step.status in DASHED else c.ink
        text_top = (self.height() - self._style().line) / 2
        draw_text(painter, left, text_top, self._title(), self._style(), ink, TITLE_WIDTH)
        if self._has_mark():
            draw_icon(painter, "user-check", c.person, self.width() - PADDING - PILL_ICON + 1, top, PILL_ICON)

    def _draw_box(self, painter: QPainter, c: Colours, box: QRectF, tone: Tone) -> None:
        status = self.step.status
        fill = c.hover if self.underMouse() else c.soft(tone) if status in FILLED else c.surface
        if self.isChecked():
            draw_box(painter, box, Radius.CONTROL, c.selected, c.accent, 2)
        elif status in DASHED:
            draw_box(painter, box, Radius.CONTROL, fill)
            draw_dashed_box(painter, box, Radius.CONTROL, c.control)
        else:
            draw_box(painter, box, Radius.CONTROL, fill, c.text(tone))

    def _title(self) -> str:
        return self.step.title or self.step.step_id

    def _style(self) -> Style:
        return Style.SMALL_STRONG if self.step.status in FILLED else Style.SMALL

    def _has_mark(self) -> bool:
        return self.step.has_gate


class StepMap(QWidget):
    """The steps in their places with the lines between them."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._plan = Layers()
        self._buttons: dict[int, StepButton] = {}
        self._size = QSize(0, 0)
        self.setAccessibleName(tr("Steps"))

    def show_plan(self, plan: Layers, chosen: str) -> bool:
        """Show the plan as it stands, and which step the trail is filtered by. Returns whether the plan moved."""
        has_moved = plan != self._plan
        if has_moved:
            self._take(plan)
        for button in self._buttons.values():
            button.setChecked(bool(chosen) and button.step.step_id == chosen)
        return has_moved

    def now(self) -> StepButton | None:
        """The step at which the run is."""
        reached = [button for _, button in sorted(self._buttons.items()) if button.step.status is not StepStatus.TO_DO]
        active = [button for button in reached if button.step.status in FILLED | {StepStatus.RUNNING}]
        return next(iter(active), reached[-1] if reached else None)

    def sizeHint(self) -> QSize:
        """The size of the plan."""
        return self._size

    def button(self, step_id: str) -> StepButton:
        """The button of a step."""
        return next(button for button in self._buttons.values() if button.step.step_id == step_id)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the lines between the steps."""
        painter, c = QPainter(self), colours()
        for edge in self._plan.edges:
            start, end = self._buttons.get(edge.start), self._buttons.get(edge.end)
            if start is None or end is None:
                continue
            pen = QPen(QColor(c.control), 1)
            if not edge.is_taken:
                pen.setDashPattern([4, 3])
            painter.setPen(pen)
            _draw_elbow(painter, start, end)

    def _take(self, plan: Layers) -> None:
        shown = _first(plan)
        wanted = {position for column in shown for position in column}
        for position in [position for position in self._buttons if position not in wanted]:
            self._buttons.pop(position).deleteLater()
        for position in sorted(wanted):
            button = self._buttons.get(position)
            if button is None:
                button = StepButton(plan.steps[position], self)
                button.clicked.connect(lambda _=False, one=button: self.chosen.emit(one.step.step_id))
                button.show()
                self._buttons[position] = button
            button.show_step(plan.steps[position])
        self._plan = plan
        self._place(shown)
        self.updateGeometry()
        self.update()

    def _place(self, columns: list[tuple[int, ...]]) -> None:
        tallest = max((len(column) for column in columns), default=0)
        height = tallest * (BOX_HEIGHT + ROW_GAP) - ROW_GAP
        x = MARGIN
        for column in columns:
            width = max(self._buttons[position].sizeHint().width() for position in column)
            y = MARGIN + (height - (len(column) * (BOX_HEIGHT + ROW_GAP) - ROW_GAP)) // 2
            for position in column:
                self._buttons[position].setGeometry(x, y, width, BOX_HEIGHT)
                y += BOX_HEIGHT + ROW_GAP
            x += width + COLUMN_GAP
        self._size = QSize(x - COLUMN_GAP + MARGIN, height + 2 * MARGIN)
        self.setFixedSize(self._size)


def _first(plan: Layers) -> list[tuple[int, ...]]:
    """The first columns of a plan, as many as hold the most that are shown."""
    kept, room = [], MOST
    for column in plan.columns:
        if room > 0:
            kept.append(column[:room])
        room -= len(column)
    return kept


def _draw_elbow(painter: QPainter, start: QWidget, end: QWidget) -> None:
    begin = QPointF(start.geometry().right() + 1, start.geometry().center().y() + 0.5)
    finish = QPointF(end.geometry().left(), end.geometry().center().y() + 0.5)
    middle = finish.x() - COLUMN_GAP / 2 + 0.5
    painter.drawPolyline([begin, QPointF(middle, begin.y()), QPointF(middle, finish.y()), finish])


class StepStrip(Pane):
    """The strip across the screen: the steps, scrolled sideways where they do not fit, and how many are done."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(
            Ground.SUNKEN, Edge.BOTTOM, is_row=True, margins=(Space.CARD, 0, Space.PANE, 0), spacing=12, parent=parent
        )
        self.steps = StepMap()
        self.steps.chosen.connect(self.chosen)
        self._scroll = QScrollArea()
        self._scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.horizontalScrollBar().rangeChanged.connect(lambda *_: self._fit())
        self._scroll.setStyleSheet("QScrollArea, QScrollArea > QWidget > QWidget { background: transparent; }")
        self._scroll.setWidget(self.steps)
        self._rows = 1
        self._done = Text("", Style.SMALL, Tone.SECOND).keep_whole()
        self.box.addWidget(self._scroll, 1)
        self.box.addWidget(self._done)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_state(self, state: RunState) -> None:
        """Show the plan, and how far it has come."""
        self.setVisible(bool(state.steps))
        if not state.steps:
            return
        is_other = self.steps.show_plan(state.plan, state.trail.filter.step)
        count = len(state.steps)
        more = tr(", the first {most} shown", most=MOST) if count > MOST else ""
        self._done.set_words(
            tr("{done} of {counted} done{more}", done=state.done, counted=counted(count, "step"), more=more)
        )
        self._rows = max((len(column) for column in state.plan.columns), default=1)
        self._fit()
        if is_other:
            self._show_now()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the step at work in sight."""
        super().resizeEvent(event)
        self._show_now()

    def _fit(self) -> None:
        """Be as high as the rows shown, and the scroll bar where there is one."""
        policy = Qt.ScrollBarPolicy
        is_tall = self._rows > MOST_ROWS
        self._scroll.setVerticalScrollBarPolicy(policy.ScrollBarAsNeeded if is_tall else policy.ScrollBarAlwaysOff)
        height = min(MOST_ROWS, self._rows) * (BOX_HEIGHT + ROW_GAP) - ROW_GAP + 2 * MARGIN
        bar = self._scroll.horizontalScrollBar()
        self._scroll.setFixedHeight(height + (bar.sizeHint().height() if bar.maximum() > 0 else 0))

    def _show_now(self) -> None:
        """Scroll to where the run is: what waits or works, else the last step done."""
        at = self.steps.now()
        if at is not None:
            self._scroll.ensureWidgetVisible(at, 3 * COLUMN_GAP, 0)

"""The Graph tab: the plan drawn with its live state, and beside it the chosen step in full.

Invariant: zoom, place and choice stay while the run goes on; the drawing is laid out for the width there is until a
person zooms, and then left alone. Ctrl and the wheel zoom at the pointer, a drag pans.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QScrollArea, QWidget

from console.domain.language import tr
from console.domain.run import StepStatus
from console.qtkit.buttons import Button
from console.qtkit.marks import IconMark
from console.qtkit.panes import Divider, Edge, Ground, Pane, column, row
from console.qtkit.text import Text
from console.qtkit.tokens import PILL_ICON, Space, Style, Tone
from console.qtkit.words import Span
from console.screens.run.graph import after_words, legend, line_words, step_facts
from console.screens.run.graph_layout import STEP_WIDTH, columns_in, width_in
from console.screens.run.state import STEP_LOOKS, RunState
from console.screens.run.view_graph_canvas import GraphCanvas
from console.screens.run.view_graph_details import StepDetails
from console.screens.run.view_timeline import ROW, TimelinePane

SMALLEST, LARGEST, FACTOR = 0.2, 2.5, 1.2
SLACK = 2
BAR = 12
MOST_SIDE_BY_SIDE = 3
TALL, TIMELINE_HEAD, MOST_ROWS = 560, 64, 9
EMPTY = tr(
    "The engine tells no plan for this run, so there is nothing to draw. Its trail and state are there all the same."
)


class GraphScroll(QScrollArea):
    """The canvas, zoomed and panned."""

    zoomed = Signal(float)

    def __init__(self, canvas: GraphCanvas, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.canvas = canvas
        self.setWidget(canvas)
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setStyleSheet("QScrollArea, QScrollArea > QWidget > QWidget { background: transparent; }")
        self.is_own_zoom = False
        self._held: QPoint | None = None
        canvas.installEventFilter(self)

    def zoom_by(self, factor: float, at: QPointF | None = None) -> None:
        """Zoom; what is at this point of the view stays there, else what is in its middle."""
        self.is_own_zoom = True
        self.zoom_to(self.canvas.zoom * factor, at)

    def zoom_to(self, zoom: float, at: QPointF | None = None) -> None:
        """Zoom to a scale within bounds."""
        zoom = max(SMALLEST, min(LARGEST, zoom))
        point = at if at is not None else QPointF(self.viewport().rect().center())
        bars = self.horizontalScrollBar(), self.verticalScrollBar()
        share = zoom / self.canvas.zoom
        wanted = [(bar.value() + part) * share - part for bar, part in zip(bars, (point.x(), point.y()), strict=True)]
        self.canvas.set_zoom(zoom)
        self.updateGeometry()
        self.canvas.resize(self.canvas.sizeHint())
        for bar, value in zip(bars, wanted, strict=True):
            bar.setValue(round(value))
        self.zoomed.emit(zoom)

    def fit(self) -> None:
        """Show all of it, at most at its own size."""
        drawn = self.canvas.drawing
        if drawn.width and drawn.height:
            room = self.viewport().size()
            share = min((room.width() - SLACK) / drawn.width, (room.height() - SLACK) / drawn.height, 1.0)
            self.is_own_zoom = True
            self.zoom_to(share)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom with Ctrl, scroll without."""
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            if event.angleDelta().y():
                self.zoom_by(FACTOR if event.angleDelta().y() > 0 else 1 / FACTOR, event.position())
            event.accept()
        else:
            super().wheelEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Pan by dragging the ground."""
        if isinstance(event, QMouseEvent) and watched is self.canvas:
            if event.type() is QEvent.Type.MouseButtonPress and event.button() is Qt.MouseButton.LeftButton:
                self._held = event.globalPosition().toPoint()
                self.canvas.setCursor(Qt.CursorShape.ClosedHandCursor)
            elif event.type() is QEvent.Type.MouseMove and self._held is not None:
                here = event.globalPosition().toPoint()
                moved, self._held = here - self._held, here
                self.horizontalScrollBar().setValue(self.horizontalScrollBar().value() - moved.x())
                self.verticalScrollBar().setValue(self.verticalScrollBar().value() - moved.y())
            elif event.type() is QEvent.Type.MouseButtonRelease:
                self._held = None
                self.canvas.unsetCursor()
        return super().eventFilter(watched, event)


class GraphPane(QWidget):
    """All of the Graph tab. Tells `step_opened` with the step whose trail is wanted, and `step_chosen`."""

    step_opened = Signal(str)
    step_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Graph of the steps"))
        self._state: RunState | None = None
        self._chosen = ""
        self._size = (1, STEP_WIDTH)
        self.canvas = GraphCanvas()
        self.area = GraphScroll(self.canvas)
        self.details = StepDetails()
        self.empty = Text("", Style.BODY, Tone.SECOND, max_lines=0)
        self.after = Text("", Style.SMALL, Tone.ACCENT)
        self.timeline = TimelinePane(is_beside=True)
        self._lay_out()
        self.canvas.chosen.connect(self._on_chosen)
        self.timeline.step_opened.connect(self.step_opened)
        self.canvas.opened.connect(self.step_opened)
        self.canvas.lit.connect(self._show_after)
        self.details.pressed.connect(lambda: self.step_opened.emit(self._chosen))

    def show_state(self, state: RunState) -> None:
        """Show the plan as it stands."""
        self._state = state
        has_steps = bool(state.plan.steps)
        self._none.setVisible(not has_steps)
        self.empty.set_words(_why_nothing(state))
        for part in (self._drawn, self.details):
            part.setVisible(has_steps)
        if has_steps:
            self._show_plan(state)
            self._show_timeline(state)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Zoom with +, - and 0."""
        if event.key() in {Qt.Key.Key_Plus, Qt.Key.Key_Equal}:
            self.area.zoom_by(FACTOR)
        elif event.key() == Qt.Key.Key_Minus:
            self.area.zoom_by(1 / FACTOR)
        elif event.key() == Qt.Key.Key_0:
            self.area.fit()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lay it out for the width there is."""
        super().resizeEvent(event)
        if self._state is not None and self._state.plan.steps:
            self._show_plan(self._state)
            self._show_timeline(self._state)

    def _show_timeline(self, state: RunState) -> None:
        """Show the run over time below, where there is room and anything has a time."""
        has_room = self.height() >= TALL and any(row.bars for row in state.timeline.rows)
        self.timeline.setVisible(has_room)
        if has_room:
            rows = min(len(state.timeline.rows), MOST_ROWS)
            self.timeline.setFixedHeight(TIMELINE_HEAD + rows * ROW)
            self.timeline.show_state(state)
            self.timeline.choose(self._chosen)

    def _show_plan(self, state: RunState) -> None:
        is_first = not self.canvas.drawing.boxes
        words = line_words(state.hand_offs.values)
        if is_first or not self.area.is_own_zoom:
            room = self.area.width() - BAR
            columns = min(columns_in(room), max(MOST_SIDE_BY_SIDE, len(state.plan.columns)))
            self._size = columns, width_in(room, columns)
        if self.canvas.show_plan(state, words, self._size):
            self.canvas.resize(self.canvas.sizeHint())
        if is_first or self.canvas.chosen_position() is None:
            self._choose_now(state)
        self._show_details()

    def _choose_now(self, state: RunState) -> None:
        """Choose the step at which the run is."""
        active = [n for n, step in enumerate(state.plan.steps) if step.status not in {*QUIET}]
        done = [n for n, step in enumerate(state.plan.steps) if step.ended_at is not None]
        self.canvas.choose((active or done[-1:] or [0])[0])

    def _on_chosen(self, step_id: str) -> None:
        self._chosen = step_id
        position = self.canvas.chosen_position()
        if position is not None:
            self.area.ensureWidgetVisible(self.canvas.box(position), 40, 40)
        self._show_details()
        self.timeline.choose(step_id)
        self.step_chosen.emit(step_id)

    def _show_details(self) -> None:
        state, position = self._state, self.canvas.chosen_position()
        if state is None or position is None:
            return
        self.details.show_facts(
            step_facts(
                state.plan,
                position,
                trail=state.trail.entries,
                hand_offs=state.hand_offs.values,
                access=state.access.values,
            )
        )

    def _show_after(self, position: object) -> None:
        state = self._state
        is_there = isinstance(position, int) and state is not None and position < len(state.plan.steps)
        words = after_words(state.plan, position) if is_there and isinstance(position, int) and state else ""
        self.after.set_words(Span(words, is_strong=True, icon="workflow") if words else "")

    def _lay_out(self) -> None:
        head = Pane(Ground.SUNKEN, is_row=True, margins=(Space.PANE, 10, Space.PANE, 6), spacing=6)
        for word, status in legend():
            icon, tone = STEP_LOOKS[status]
            head.box.addWidget(IconMark(icon, tone, "", PILL_ICON))
            head.box.addWidget(Text(word, Style.SMALL, Tone.SECOND).keep_whole())
            head.box.addSpacing(Space.GRID)
        head.box.addStretch(1)
        head.box.addWidget(self.after)
        foot = Pane(Ground.SUNKEN, is_row=True, margins=(Space.PANE, 4, Space.PANE, 8), spacing=Space.HALF)
        hint = tr("Arrows walk, Enter shows the step's trail, Ctrl and the wheel zoom, a drag moves.")
        foot.box.addWidget(Text(hint, Style.SMALL, Tone.QUIET), 1)
        self._zoom = Text("100 %", Style.SMALL, Tone.SECOND).keep_whole()
        foot.box.addWidget(self._zoom)
        for text, icon, name, act in (
            ("", "minus", tr("Smaller"), lambda: self.area.zoom_by(1 / FACTOR)),
            ("", "plus", tr("Larger"), lambda: self.area.zoom_by(FACTOR)),
            (tr("Fit"), "", tr("Show all of it"), self.area.fit),
        ):
            button = Button(text, icon, key="0" if text else "", is_small=True)
            button.setAccessibleName(name)
            button.clicked.connect(act)
            foot.box.addWidget(button)
        self.area.zoomed.connect(lambda zoom: self._zoom.set_words(f"{zoom:.0%}".replace("%", " %")))
        self._drawn = Pane(Ground.SUNKEN)
        self._drawn.box.addWidget(head)
        self._drawn.box.addWidget(self.area, 1)
        self._drawn.box.addWidget(foot)
        self._drawn.box.addWidget(Divider())
        self._drawn.box.addWidget(self.timeline)
        none = Pane(Ground.SURFACE, Edge.NONE, margins=(Space.PANE, Space.PANE, Space.PANE, Space.PANE))
        none.box.addWidget(self.empty)
        across = row(spacing=0)
        across.addWidget(self._drawn, 1)
        across.addWidget(self.details)
        box = column(spacing=0)
        box.addWidget(none)
        box.addLayout(across, 1)
        self.setLayout(box)
        self._none = none


QUIET = frozenset(
    status for _, status in legend() if status in {StepStatus.TO_DO, StepStatus.NOT_TAKEN, StepStatus.DONE}
)


def _why_nothing(state: RunState) -> str:
    if state.plan.steps:
        return ""
    if state.run is None or state.read_at is None:
        return state.unread
    if state.problem is not None:
        said = f"{tr(state.problem.message)} {tr(state.problem.next_action)}".strip()
        return tr(
            "The plan was asked for and could not be read. {said} It appears here by itself once it can.", said=said
        )
    return EMPTY

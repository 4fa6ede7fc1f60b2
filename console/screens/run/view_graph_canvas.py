"""The drawn plan: a button for each step, the lines between them painted, all at one zoom.

Invariant: steps are widgets, so the keyboard and a screen reader know them; one of them is reached with Tab, the others
with the arrows. A new state of the same plan changes what they say and nothing about where they are, the zoom or the
choice. What is under the pointer, else what has the focus, shows what comes after it.
"""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QEnterEvent, QFocusEvent, QKeyEvent, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QPushButton, QWidget

from console.domain.language import tr
from console.domain.run import Step
from console.qtkit.current import colours
from console.qtkit.fonts import text_width
from console.qtkit.icons import draw_icon
from console.qtkit.paint import draw_box, draw_dashed_box, draw_text, tip
from console.qtkit.tokens import PILL_ICON, Colours, Radius, Style, Tone
from console.screens.run.graph import LineWords, is_exception, said, second_line, title
from console.screens.run.graph_layout import Box, Drawing, Line, drawing
from console.screens.run.graph_order import STEP_HEIGHT
from console.screens.run.layers import Layers, downstream
from console.screens.run.state import DASHED, FILLED, STEP_LOOKS, RunState

ROOM = 5
PLAIN_BELOW = 0.45
WORDS_FROM = 0.6
ARROW = 8.0
ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}
ENTER = frozenset({Qt.Key.Key_Return, Qt.Key.Key_Enter})


class StepBox(QPushButton):
    """One step in the graph. Checked when it is the chosen one."""

    def __init__(self, canvas: GraphCanvas, position: int) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self.position = position
        self.is_after = False
        self._second = ""
        self.step = Step(step_id="", title="")
        self.setCheckable(True)
        self.setAutoDefault(False)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)

    def show_step(self, step: Step, second: str, name: str) -> None:
        """Show what became of it."""
        self.step, self._second = step, second
        if name != self.accessibleName():
            self.setAccessibleName(name)
            self.setToolTip(tip(name))
        self.update()

    def enterEvent(self, event: QEnterEvent) -> None:
        """Show what comes after it."""
        super().enterEvent(event)
        self._canvas.point_at(self.position)

    def leaveEvent(self, event: object) -> None:
        """Show what comes after the one with the focus again."""
        super().leaveEvent(event)  # type: ignore[arg-type]
        self._canvas.point_at(None)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Be the chosen one."""
        super().focusInEvent(event)
        self._canvas.choose(self.position)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Walk with the arrows, open with Enter."""
        if event.key() in ARROWS and not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self._canvas.walk(self.position, *ARROWS[Qt.Key(event.key())])
        elif event.key() in ENTER:
            self._canvas.opened.emit(self.step.step_id)
        else:
            event.ignore()

    def mouseDoubleClickEvent(self, event: object) -> None:
        """Open it."""
        self._canvas.opened.emit(self.step.step_id)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint box, icon and words at the canvas's zoom."""
        painter, c = QPainter(self), colours()
        painter.scale(self._canvas.zoom, self._canvas.zoom)
        box = QRectF(ROOM, ROOM, self._canvas.drawing.step_width, STEP_HEIGHT)
        icon, tone = STEP_LOOKS[self.step.status]
        self._draw_box(painter, c, box, tone)
        big = PILL_ICON if self._canvas.zoom >= PLAIN_BELOW else 2 * PILL_ICON
        draw_icon(painter, icon, c.text(tone), box.left() + 10, box.top() + (9 if big == PILL_ICON else 11), big)
        if self._canvas.zoom < PLAIN_BELOW:
            return
        left, right = box.left() + 10 + PILL_ICON + 6, box.right() - 8
        draw_text(painter, left, box.top() + 8, title(self.step), Style.SMALL_STRONG, c.ink, right - left)
        room = box.width() - 20
        if self.step.has_gate:
            room -= PILL_ICON + 4
            draw_icon(painter, "user-check", c.person, right - PILL_ICON, box.top() + 29, PILL_ICON)
        draw_text(painter, box.left() + 10, box.top() + 28, self._second, Style.MICRO, c.ink2, room)

    def _draw_box(self, painter: QPainter, c: Colours, box: QRectF, tone: Tone) -> None:
        status, is_lit = self.step.status, self.is_after or self.isChecked()
        fill = c.selected if is_lit else c.hover if self.underMouse() else c.surface
        if status in FILLED and not is_lit:
            fill = c.soft(tone)
        line = c.accent if is_lit else c.text(tone)
        if status in DASHED:
            draw_box(painter, box, Radius.CONTROL, fill)
            draw_dashed_box(painter, box, Radius.CONTROL, c.accent if is_lit else c.control)
        else:
            draw_box(painter, box, Radius.CONTROL, fill, line, 2 if is_lit else 1)
        if self.isChecked():
            draw_box(painter, box.adjusted(-4, -4, 4, 4), Radius.CONTROL + 4, None, c.accent, 2)


class GraphCanvas(QWidget):
    """All steps in their places. Tells `chosen` and `opened` with a step's id, `lit` with what is pointed at."""

    chosen = Signal(str)
    opened = Signal(str)
    lit = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Graph"))
        self.zoom = 1.0
        self.drawing = Drawing()
        self._shape: object = None
        self._plan = Layers()
        self._boxes: list[StepBox] = []
        self._words: dict[tuple[str, str], LineWords] = {}
        self._chosen = ""
        self._pointed: int | None = None
        self._after: frozenset[int] = frozenset()

    def show_plan(self, state: RunState, words: dict[tuple[str, str], LineWords], size: tuple[int, float]) -> bool:
        """Show the plan as it stands, in so many columns of such a width. Returns whether it is another drawing."""
        shape = (size, *((step.step_id, step.after) for step in state.plan.steps))
        is_other = shape != self._shape
        self._plan, self._words = state.plan, words
        if is_other:
            self._shape = shape
            self.drawing = drawing(state.plan, *size)
            self._make_boxes()
        since = state.timeline.waits()
        for box in self._boxes:
            step = state.plan.steps[box.position]
            second = second_line(step, state.now, since.get(step.step_id))
            count = len(downstream(state.plan, box.position)) if is_other else box.property("after")
            box.setProperty("after", count)
            box.show_step(step, second, said(step, count, second))
        if is_other:
            self._place()
            self._mark()
        self.update()
        return is_other

    def set_zoom(self, zoom: float) -> None:
        """Draw it larger or smaller."""
        if zoom != self.zoom:
            self.zoom = zoom
            self._place()

    def choose(self, position: int) -> None:
        """Make a step the chosen one, and tell."""
        step_id = self._plan.steps[position].step_id
        if step_id != self._chosen:
            self._chosen = step_id
            self._mark()
            self.chosen.emit(step_id)

    def chosen_position(self) -> int | None:
        """Where the chosen step stands in the plan."""
        return next((n for n, step in enumerate(self._plan.steps) if step.step_id == self._chosen), None)

    def point_at(self, position: int | None) -> None:
        """Show what comes after this step, or after the chosen one."""
        self._pointed = position
        self._mark()

    def walk(self, position: int, across: int, down: int) -> None:
        """Give the focus to the nearest step in a direction."""
        here = self.drawing.boxes[position]
        ahead = [
            (along + 2 * aside, other.position)
            for other in self.drawing.boxes
            if (along := (other.x - here.x) * across + (other.y - here.y) * down) > 0
            for aside in (abs((other.y - here.y) * across) + abs((other.x - here.x) * down),)
        ]
        if ahead:
            self.box(min(ahead)[1]).setFocus(Qt.FocusReason.OtherFocusReason)

    def box(self, position: int) -> StepBox:
        """The widget of a step."""
        return self._boxes[position]

    def sizeHint(self) -> QSize:
        """The drawing at its zoom."""
        return QSize(round(self.drawing.width * self.zoom), round(self.drawing.height * self.zoom))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the lines, those after the step pointed at on top."""
        painter, c = QPainter(self), colours()
        painter.fillRect(event.rect(), QColor(c.sunken))
        painter.scale(self.zoom, self.zoom)
        lit = self._after | ({self._lit_position()} if self._lit_position() is not None else set())
        lines = sorted(self.drawing.lines, key=lambda line: line.start in lit and line.end in lit)
        for line in lines:
            is_lit = line.start in lit and line.end in lit and not line.is_back
            self._draw_line(painter, c, line, is_lit=is_lit)
        if self.zoom >= WORDS_FROM:
            for line in lines:
                self._draw_words(painter, c, line)

    def _draw_line(self, painter: QPainter, c: Colours, line: Line, *, is_lit: bool) -> None:
        is_dashed = not line.is_taken or line.is_back or is_exception(self._plan, line.start, line.end)
        pen = QPen(QColor(c.accent if is_lit else c.control), 2 if is_lit else 1.25)
        if is_dashed:
            pen.setDashPattern([4, 3] if is_lit else [5, 4])
        pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
        path = QPainterPath(QPointF(*line.points[0]))
        for point in line.points[1:]:
            path.lineTo(QPointF(*point))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=True)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(path)
        _draw_arrow(painter, line, pen.color())

    def _draw_words(self, painter: QPainter, c: Colours, line: Line) -> None:
        steps = self._plan.steps
        words = self._words.get((steps[line.start].step_id, steps[line.end].step_id))
        if words is None:
            return
        x, y = line.label
        is_down = len(line.points) == 2 and line.points[0][0] == line.points[1][0]  # noqa: PLR2004 - straight down
        wide = text_width(words.size, Style.MICRO)
        left = x + 10 if is_down else x - wide / 2
        _draw_ground(painter, c, left, y - 18, wide)
        draw_text(painter, left, y - 18, words.size, Style.MICRO, c.ink2)
        if not words.note:
            return
        style = Style.MICRO_STRONG if words.is_losing else Style.MICRO
        mark = PILL_ICON + 2 if words.is_losing else 0
        wide = text_width(words.note, style) + mark
        left = x + 10 if is_down else x - wide / 2
        _draw_ground(painter, c, left, y + 3, wide)
        if words.is_losing:
            draw_icon(painter, "triangle-alert", c.high, left, y + 3, PILL_ICON)
        draw_text(painter, left + mark, y + 3, words.note, style, c.high if words.is_losing else c.ink2)

    def _lit_position(self) -> int | None:
        return self._pointed if self._pointed is not None else self.chosen_position()

    def _make_boxes(self) -> None:
        focused = next((box for box in self._boxes if box.hasFocus()), None)
        for gone in self._boxes[len(self._plan.steps) :]:
            gone.deleteLater()
        del self._boxes[len(self._plan.steps) :]
        while len(self._boxes) < len(self._plan.steps):
            self._boxes.append(StepBox(self, len(self._boxes)))
            self._boxes[-1].show()
        self._pointed = None
        chosen = self.chosen_position()
        if focused is not None and chosen is not None:
            self._boxes[chosen].setFocus(Qt.FocusReason.OtherFocusReason)

    def _place(self) -> None:
        for box, at in zip(self._boxes, self.drawing.boxes, strict=True):
            box.setGeometry(self.rect_of(at))
        self.setFixedSize(self.sizeHint())
        self.update()

    def rect_of(self, at: Box) -> QRect:
        """Where a box is on the canvas, with the room for its ring."""
        zoom = self.zoom
        corner = QPointF((at.x - ROOM) * zoom, (at.y - ROOM) * zoom).toPoint()
        size = QSize(round((self.drawing.step_width + 2 * ROOM) * zoom), round((STEP_HEIGHT + 2 * ROOM) * zoom))
        return QRect(corner, size)

    def _mark(self) -> None:
        lit, chosen = self._lit_position(), self.chosen_position()
        self._after = downstream(self._plan, lit) if lit is not None else frozenset()
        reached = chosen if chosen is not None else 0
        for box in self._boxes:
            box.is_after = box.position in self._after
            box.setChecked(box.position == chosen)
            policy = Qt.FocusPolicy.StrongFocus if box.position == reached else Qt.FocusPolicy.ClickFocus
            box.setFocusPolicy(policy)
            box.update()
        self.lit.emit(lit)
        self.update()


def _draw_ground(painter: QPainter, c: Colours, left: float, top: float, wide: float) -> None:
    """Interrupt the lines under words."""
    painter.fillRect(QRectF(left - 2, top + 1, wide + 4, Style.MICRO.line - 2), QColor(c.sunken))


def _draw_arrow(painter: QPainter, line: Line, colour: QColor) -> None:
    """The head of an arrow at the end of a line."""
    (before_x, before_y), (x, y) = line.points[-2:]
    across, down = (x > before_x) - (x < before_x), (y > before_y) - (y < before_y)
    if across and down:
        down = 0
    base = QPointF(x - ARROW * across, y - ARROW * down)
    side = QPointF(down * ARROW / 2, across * ARROW / 2)
    head = QPainterPath(QPointF(x, y))
    head.lineTo(base + side)
    head.lineTo(base - side)
    head.closeSubpath()
    painter.fillPath(head, colour)

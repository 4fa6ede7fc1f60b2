"""Grounds, hairlines and cards: what the widgets lie on.

Invariant: a pane paints only its ground and the edges asked for; it has no margins unless given some.
"""

from __future__ import annotations

import enum

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from console.qtkit.current import colours
from console.qtkit.paint import draw_box, draw_line
from console.qtkit.tokens import Radius, Space, Tone


class Ground(enum.Enum):
    """What a pane is painted with; the values are names of colours."""

    APP = "app"
    SURFACE = "surface"
    SUNKEN = "sunken"
    SELECTED = "selected"


class Edge(enum.Flag):
    """The sides of a pane that have a hairline."""

    NONE = 0
    LEFT = enum.auto()
    TOP = enum.auto()
    RIGHT = enum.auto()
    BOTTOM = enum.auto()


class Pane(QWidget):
    """A part of the window with a ground and hairlines; lays its children out in a column or a row."""

    def __init__(
        self,
        ground: Ground = Ground.SURFACE,
        edges: Edge = Edge.NONE,
        *,
        is_row: bool = False,
        margins: tuple[int, int, int, int] = (0, 0, 0, 0),
        spacing: int = 0,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._ground, self._edges = ground, edges
        self.box: QBoxLayout = row(margins, spacing) if is_row else column(margins, spacing)
        self.setLayout(self.box)

    def set_ground(self, ground: Ground) -> None:
        """Paint it with another ground."""
        self._ground = ground
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint ground and hairlines."""
        painter = QPainter(self)
        c = colours()
        painter.fillRect(event.rect(), QColor(str(getattr(c, self._ground.value))))
        right, bottom = self.width() - 1, self.height() - 1
        for edge, start, end in (
            (Edge.LEFT, QPointF(0, 0), QPointF(0, bottom)),
            (Edge.TOP, QPointF(0, 0), QPointF(right, 0)),
            (Edge.RIGHT, QPointF(right, 0), QPointF(right, bottom)),
            (Edge.BOTTOM, QPointF(0, bottom), QPointF(right, bottom)),
        ):
            if edge in self._edges:
                draw_line(painter, start, end, c.line)


def row(margins: tuple[int, int, int, int] = (0, 0, 0, 0), spacing: int = Space.GRID) -> QHBoxLayout:
    """Return a horizontal layout with these margins and spacing."""
    made = QHBoxLayout()
    made.setContentsMargins(*margins)
    made.setSpacing(spacing)
    return made


def column(margins: tuple[int, int, int, int] = (0, 0, 0, 0), spacing: int = Space.GRID) -> QVBoxLayout:
    """Return a vertical layout with these margins and spacing."""
    made = QVBoxLayout()
    made.setContentsMargins(*margins)
    made.setSpacing(spacing)
    return made


def remove(box: QBoxLayout, place: int) -> None:
    """Take what stands at a place out of a layout, and let go of its widget."""
    taken = box.takeAt(place)
    widget = taken.widget() if taken is not None else None
    if widget is not None:
        widget.hide()
        widget.deleteLater()


class Divider(QWidget):
    """A hairline, horizontal unless said otherwise."""

    def __init__(self, *, is_vertical: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        fixed, wide = QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding
        self.setSizePolicy(fixed if is_vertical else wide, wide if is_vertical else fixed)

    def sizeHint(self) -> QSize:
        """One px."""
        return QSize(1, 1)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint it."""
        QPainter(self).fillRect(self.rect(), QColor(colours().line))


class Card(QWidget):
    """A rounded box around things that belong together; selected it has an edge of two px of accent.

    `tone` gives the edge a colour of its own, `is_note` fills it softly.
    """

    def __init__(
        self,
        *,
        tone: Tone | None = None,
        is_note: bool = False,
        ground: Ground = Ground.SURFACE,
        margins: tuple[int, int, int, int] = (Space.CARD, Space.GRID, Space.CARD, Space.GRID),
        spacing: int = Space.HALF,
        is_row: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._tone, self._is_note, self._ground = tone, is_note, ground
        self._is_selected = False
        self.box: QBoxLayout = row(margins, spacing) if is_row else column(margins, spacing)
        self.setLayout(self.box)

    def set_selected(self, is_selected: bool) -> None:
        """Show whether it is the chosen one."""
        self._is_selected = is_selected
        self.update()

    def set_tone(self, tone: Tone | None) -> None:
        """Colour the edge otherwise, and the fill of a note with it."""
        self._tone = tone
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the box."""
        c = colours()
        outline = c.line if self._tone is None else c.text(self._tone)
        fill = str(getattr(c, self._ground.value))
        if self._is_note and self._tone is not None:
            fill = c.soft(self._tone)
        if self._is_selected:
            draw_box(QPainter(self), QRectF(self.rect()), Radius.CARD, fill, c.accent, 2)
        else:
            draw_box(QPainter(self), QRectF(self.rect()), Radius.CARD, fill, outline)


class Scroll(QScrollArea):
    """A column that scrolls vertically, with nothing drawn around it."""

    def __init__(self, inner: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidget(inner)

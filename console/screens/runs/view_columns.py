"""Tables of painted rows under a painted header, whose columns make room for each other.

Invariant: header and rows take their columns from the same reckoning, so that they line up at any width; a column that
there is no room for is left out, the least telling first.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from console.qtkit.current import colours
from console.qtkit.paint import draw_box, draw_line, draw_text, draw_text_right
from console.qtkit.panes import column
from console.qtkit.rowtable import Look, RowTable
from console.qtkit.tokens import Height, Radius, Style

RowT = TypeVar("RowT", bound=Hashable)
EDGE = 3
MARGIN = 12
GAP = 12


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its heading, its width in px (0: what is left), and from which width of the table on it is shown.

    Rows can be ordered by one that ``is_sorting``, with a press on its heading.
    """

    name: str
    heading: str
    width: int
    is_right: bool = False
    shown_from: int = 0
    is_sorting: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """Where a column lies in a row."""

    left: float
    width: float
    is_right: bool = False

    @property
    def right(self) -> float:
        """Where it ends."""
        return self.left + self.width


def cells(columns: Sequence[Column], width: int) -> dict[str, Cell]:
    """Where each column lies at this width of the table; one that is left out is not there."""
    shown = [each for each in columns if width >= each.shown_from]
    fixed = sum(each.width for each in shown) + GAP * max(0, len(shown) - 1) + 2 * MARGIN
    left = float(MARGIN)
    found: dict[str, Cell] = {}
    for each in shown:
        room = each.width or max(0, width - fixed)
        found[each.name] = Cell(left, room, each.is_right)
        left += room + GAP
    return found


class Header(QWidget):
    """The headings over a table. Tells the name of a column that was ``pressed``, where rows can be ordered by it."""

    pressed = Signal(str)

    def __init__(self, columns: Sequence[Column], table: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._columns, self._table, self._ordered_by = tuple(columns), table, ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMouseTracking(True)

    def show_columns(self, columns: Sequence[Column], ordered_by: str = "") -> None:
        """Head these columns, with a mark at the one that rows are ordered by."""
        if (tuple(columns), ordered_by) != (self._columns, self._ordered_by):
            self._columns, self._ordered_by = tuple(columns), ordered_by
            self.update()

    def box_of(self, name: str) -> QRectF:
        """Where the heading of a column is pressed; nothing where it is left out."""
        cell = cells(self._columns, self._table.width()).get(name)
        return QRectF(cell.left - GAP / 2, 0, cell.width + GAP, self.height()) if cell is not None else QRectF()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Tell which heading it is; the keys stay with the table."""
        name = self._sorting_at(event.position())
        if name and event.button() is Qt.MouseButton.LeftButton:
            self.pressed.emit(name)
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Show what can be pressed."""
        is_link = bool(self._sorting_at(event.position()))
        self.setCursor(Qt.CursorShape.PointingHandCursor if is_link else Qt.CursorShape.ArrowCursor)

    def _sorting_at(self, point: QPointF) -> str:
        sorting = (each.name for each in self._columns if each.is_sorting)
        return next((name for name in sorting if self.box_of(name).contains(point)), "")

    def sizeHint(self) -> QSize:
        """As high as the design says."""
        return QSize(200, Height.TABLE_HEADER)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the headings where the columns are."""
        painter, c = QPainter(self), colours()
        painter.fillRect(event.rect(), QColor(c.sunken))
        top = (self.height() - 1 - Style.MICRO_MEDIUM.line) / 2
        places = cells(self._columns, self._table.width())
        for each in self._columns:
            if cell := places.get(each.name):
                is_by = each.name == self._ordered_by
                ink, heading = (c.accent, f"{each.heading} ↓") if is_by else (c.ink3, each.heading)
                if each.is_right:
                    draw_text_right(painter, cell.right, top, heading, Style.MICRO_MEDIUM, ink)
                else:
                    draw_text(painter, cell.left, top, heading, Style.MICRO_MEDIUM, ink, cell.width)
        bottom = self.height() - 1
        draw_line(painter, QPointF(0, bottom), QPointF(self.width(), bottom), c.line)


class Framed(QWidget):
    """A table under its header, in a rounded box."""

    def __init__(self, columns: Sequence[Column], table: RowTable[RowT], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.header = Header(columns, table.viewport())
        box = column((1, 1, 1, 1), 0)
        box.addWidget(self.header)
        box.addWidget(table, 1)
        self.setLayout(box)
        self._table = table

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the box."""
        c = colours()
        draw_box(QPainter(self), QRectF(self.rect()), Radius.CONTROL, c.surface, c.line)


def draw_ground(painter: QPainter, rect: QRect, look: Look, ground: str) -> None:
    """Paint what lies under a row: chosen, under the pointer, or neither; and the line below it."""
    c = colours()
    painter.fillRect(rect, QColor(c.selected if look.is_selected else c.hover if look.is_hovered else ground))
    bottom = rect.y() + rect.height() - 1
    draw_line(painter, QPointF(rect.x(), bottom), QPointF(rect.right(), bottom), c.line)
    if look.is_selected:
        painter.fillRect(QRect(rect.x(), rect.y(), EDGE, rect.height()), QColor(c.accent))


def moved(cell: Cell, left: float) -> Cell:
    """The same cell in a row that begins there."""
    return replace(cell, left=cell.left + left)

"""Two sides next to each other, line by line: the same in plain ink, what differs in bold.

Invariant: both sides have the same width and every line one height, so that the eye compares across; a screen reader is
told each line as label, A, B.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QWidget

from console.domain.language import tr
from console.qtkit.current import colours
from console.qtkit.fonts import text_width
from console.qtkit.marks import Mark
from console.qtkit.paint import draw_box, draw_line, draw_text
from console.qtkit.panes import column, row
from console.qtkit.pills import Pill
from console.qtkit.text import Text
from console.qtkit.tokens import Radius, Space, Style, Tone, Width
from console.qtkit.words import plain
from console.screens.inbox import content as c

LETTER = 22
LINE = 3
HEAD = 8
CELL = 12
TOP = Qt.AlignmentFlag.AlignTop


class Letter(Mark):
    """The letter of a side, in a box of its colour."""

    def __init__(self, letter: str, tone: Tone, parent: QWidget | None = None) -> None:
        super().__init__(tr("side {letter}", letter=letter), parent)
        self._letter, self._tone = letter, tone

    def sizeHint(self) -> QSize:
        """A square."""
        return QSize(LETTER, LETTER)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint it."""
        painter, ink = QPainter(self), colours().text(self._tone)
        draw_box(painter, QRectF(self.rect()), Radius.KEY, None, ink)
        x = (LETTER - text_width(self._letter, Style.SMALL_STRONG)) / 2
        draw_text(painter, x, (LETTER - Style.SMALL_STRONG.line) / 2, self._letter, Style.SMALL_STRONG, ink)


class SidesTable(QWidget):
    """The comparison. Links of a side's run go to one callback."""

    def __init__(self, block: c.Sides, on_link: Callable[[str], None], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: list[QWidget] = []
        self.columns: list[QWidget] = []
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 1, 0, 1)
        self._grid.setHorizontalSpacing(0)
        self._grid.setVerticalSpacing(0)
        self._grid.setColumnMinimumWidth(0, Width.SECTION_LABEL)
        for place in range(1, len(block.heads) + 1):
            self._grid.setColumnStretch(place, 1)
        self._put(0, 0, Text(tr("What differs is bold"), Style.ROW, Tone.SECOND, max_lines=2), HEAD)
        for place, head in enumerate(block.heads, start=1):
            self._put(0, place, _head(head, on_link, is_held=block.is_held), HEAD)
        for number, line in enumerate(block.lines, start=1):
            self._put(number, 0, Text(line.label, Style.ROW, Tone.SECOND, max_lines=2), LINE)
            for place, cell in enumerate(line.cells, start=1):
                self._put(number, place, Text(cell, Style.ROW, max_lines=0), LINE)
        told = (
            f"{line.label}: "
            + "; ".join(f"{head.letter} {plain(cell)}" for head, cell in zip(block.heads, line.cells, strict=True))
            for line in block.lines
        )
        self.setAccessibleName(tr("Both sides"))
        self.setAccessibleDescription(". ".join(told))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the box, the ground of the head, and the lines between."""
        painter, ink = QPainter(self), colours()
        box = QRectF(self.rect())
        draw_box(painter, box, Radius.CARD, ink.surface)
        tops = [float(each.y()) for each in self._rows[1:]]
        painter.save()
        painter.setClipRect(QRectF(0, 0, self.width(), tops[0] if tops else self.height()))
        draw_box(painter, box, Radius.CARD, ink.sunken)
        painter.restore()
        for y in tops:
            draw_line(painter, QPointF(1, y), QPointF(self.width() - 2, y), ink.line)
        for each in self.columns[1:]:
            x = float(each.x())
            draw_line(painter, QPointF(x, 1), QPointF(x, self.height() - 2), ink.line)
        draw_box(painter, box, Radius.CARD, None, ink.line)

    def _put(self, number: int, place: int, widget: QWidget, margin: int) -> None:
        holder = QWidget()
        box = column(spacing=0)
        box.setContentsMargins(CELL, margin, CELL, margin)
        holder.setLayout(box)
        box.addWidget(widget, 0, TOP)
        self._grid.addWidget(holder, number, place)
        # A grid knows no heights of rows that wrap: where a cell stands tells where its row and column begin.
        if place == 0:
            self._rows.append(holder)
        if number == 0:
            self.columns.append(holder)


def _head(head: c.SideHead, on_link: Callable[[str], None], *, is_held: bool) -> QWidget:
    made = QWidget()
    box = column(spacing=2)
    made.setLayout(box)
    first = row(spacing=Space.GRID)
    first.addWidget(Letter(head.letter, head.tone))
    first.addWidget(Text(head.name, Style.STRONG), 1)
    if is_held:
        first.addWidget(Pill(tr("held"), "circle-pause", Tone.SECOND))
    run = Text(head.run, Style.DATA)
    run.activated.connect(on_link)
    box.addLayout(first)
    box.addWidget(run)
    box.addWidget(Text(head.about, Style.SMALL, Tone.SECOND, max_lines=2))
    return made

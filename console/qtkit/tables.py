"""Small painted tables: what changes, and any few rows under a header.

Invariant: cells wrap rather than hide, up to `MAX_LINES`; numbers stand on the right in the data font. A table is not
for choosing from, and not for more than some hundred rows: for those there is `RowTable`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from console.domain.language import tr
from console.qtkit.current import colours
from console.qtkit.fonts import text_width
from console.qtkit.layout import UNBOUNDED, Laid, lay_out
from console.qtkit.paint import draw_box, draw_line, draw_text, elided
from console.qtkit.tokens import Height, Radius, Style, Tone
from console.qtkit.words import Span, Words, plain, spans

MAX_LINES = 8
CELL = 10
CELL_OF_NUMBER = 24
NARROWEST = 64
COMFORTABLE = 160


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a `Table`: its heading, how it is set, and whether its values stand on the right.

    One that `gives_way` is left out where the texts of the others would have too little room.
    """

    heading: str
    style: Style = Style.ROW
    tone: Tone = Tone.INK
    is_right: bool = False
    stretches: bool = False
    gives_way: bool = False


class Table(QWidget):
    """Few rows under a header, in a rounded box. Cells wrap; none is selected or sorted."""

    def __init__(self, columns: Sequence[Column], name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._columns = tuple(columns)
        self._rows: tuple[tuple[tuple[Span, ...], ...], ...] = ()
        self.setAccessibleName(name)
        # Not Fixed: a layout would hold it to the height of unwrapped cells, and hide what wraps below.
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def set_rows(self, rows: Sequence[Sequence[Words]]) -> None:
        """Show these rows; each has a cell for every column."""
        self._rows = tuple(tuple(spans(cell) for cell in each) for each in rows)
        heads = [column.heading for column in self._columns]
        told = (
            "; ".join(f"{head} {plain(cell)}".strip() for head, cell in zip(heads, each, strict=True))
            for each in self._rows
        )
        self.setAccessibleDescription(". ".join(told))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """As wide as its cells on one line."""
        width = round(sum(self._natural()))
        return QSize(width, self.heightForWidth(width))

    def minimumSizeHint(self) -> QSize:
        """Wide enough to wrap in."""
        return QSize(60 * len(self._columns), Height.TABLE_HEADER)

    def hasHeightForWidth(self) -> bool:
        """It wraps."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Return the height at this width."""
        widths = self._widths(width)
        return Height.TABLE_HEADER + sum(self._row_height(each, widths) for each in self._rows) + 1

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint header, rows and the box."""
        painter = QPainter(self)
        c = colours()
        widths = self._widths(self.width())
        box = QRectF(self.rect())
        draw_box(painter, box, Radius.CONTROL, c.surface)
        self._draw_header(painter, box, widths)
        y = int(Height.TABLE_HEADER)
        for each in self._rows:
            draw_line(painter, QPointF(1, y), QPointF(self.width() - 2, y), c.line)
            height = self._row_height(each, widths)
            self._draw_row(painter, each, widths, y)
            y += height
        draw_box(painter, box, Radius.CONTROL, None, c.line)

    def _draw_header(self, painter: QPainter, box: QRectF, widths: list[float]) -> None:
        c = colours()
        path = QPainterPath()
        path.addRoundedRect(box, Radius.CONTROL, Radius.CONTROL)
        painter.save()
        painter.setClipRect(QRectF(0, 0, box.width(), Height.TABLE_HEADER))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=True)
        painter.fillPath(path, QColor(c.sunken))
        painter.restore()
        x = 0.0
        top = (Height.TABLE_HEADER - Style.MICRO_MEDIUM.line) / 2
        for column, width in zip(self._columns, widths, strict=True):
            if not width:
                continue
            text = elided(column.heading, Style.MICRO_MEDIUM, width - CELL)
            shift = width - CELL - text_width(text, Style.MICRO_MEDIUM) if column.is_right else CELL
            draw_text(painter, x + shift, top, text, Style.MICRO_MEDIUM, c.ink3)
            x += width

    def _draw_row(self, painter: QPainter, cells: tuple[tuple[Span, ...], ...], widths: list[float], y: float) -> None:
        x = 0.0
        for column, width, cell in zip(self._columns, widths, cells, strict=True):
            if not width:
                continue
            laid = self._laid(column, cell, width)
            shift = width - CELL - laid.width if column.is_right else CELL
            laid.draw(painter, x + shift, y + (Height.CHANGE_ROW - Style.ROW.line) // 2 + 1)
            x += width

    def _row_height(self, cells: tuple[tuple[Span, ...], ...], widths: list[float]) -> int:
        laid = (self._laid(*each).height for each in zip(self._columns, cells, widths, strict=True) if each[2])
        return max(max(laid, default=0) + Height.CHANGE_ROW - Style.ROW.line, Height.CHANGE_ROW)

    def _laid(self, column: Column, cell: tuple[Span, ...], width: float) -> Laid:
        return lay_out(
            cell, column.style, column.tone, colours(), max(20.0, math.ceil(width - 2 * CELL) + 1), MAX_LINES
        )

    def _natural(self) -> list[float]:
        """Return how wide each column would like to be."""
        wanted = []
        for number, column in enumerate(self._columns):
            cells = [
                lay_out(each[number], column.style, column.tone, colours(), UNBOUNDED, 1).width for each in self._rows
            ]
            wanted.append(max([text_width(column.heading, Style.MICRO_MEDIUM), *cells]) + 2 * CELL)
        return wanted

    def _widths(self, width: int) -> list[float]:
        """Share the width: what is left over goes to the columns that stretch, what lacks is taken from the widest."""
        wanted = self._natural()
        spare = width - sum(wanted)
        if spare >= 0:
            stretching = [number for number, column in enumerate(self._columns) if column.stretches] or [0]
            for number in stretching:
                wanted[number] += spare / len(stretching)
            return wanted
        texts = [number for number, column in enumerate(self._columns) if not column.is_right and column.heading]
        room = width - sum(each for number, each in enumerate(wanted) if number not in texts)
        if texts and room < COMFORTABLE * len(texts):
            for number, column in enumerate(self._columns):
                room += wanted[number] if column.gives_way else 0
                wanted[number] *= not column.gives_way
        if texts and sum(wanted[number] for number in texts) <= room:
            wanted[texts[0]] += room - sum(wanted[number] for number in texts)
            return wanted
        if texts and room >= NARROWEST * len(texts):
            # Numbers stay whole: texts wrap instead.
            return _shared(wanted, texts, room)
        limit = width / max(1, len(wanted))
        wide = [number for number, each in enumerate(wanted) if each > limit]
        fixed = sum(each for number, each in enumerate(wanted) if number not in wide)
        total = sum(wanted[number] for number in wide)
        return [each if number not in wide else (width - fixed) * each / total for number, each in enumerate(wanted)]


def _shared(wanted: list[float], texts: Sequence[int], room: float) -> list[float]:
    """The widths with ``room`` for the columns of texts: what each wants, and of what lacks the longest give most."""
    left, open_texts = room, sorted(texts, key=lambda number: wanted[number])
    widths = list(wanted)
    for place, number in enumerate(open_texts):
        widths[number] = min(wanted[number], left / (len(open_texts) - place))
        left -= widths[number]
    return widths


@dataclass(frozen=True, slots=True)
class Change:
    """One line of what changes; `remark` fills a fourth column, if any line has one."""

    what: str
    before: Words
    after: Words
    remark: Words = ""


class ChangeTable(Table):
    """Before and after, with an arrow between, values in the data font on the right."""

    def __init__(
        self, changes: Sequence[Change] = (), name: str = tr("What changes"), parent: QWidget | None = None
    ) -> None:
        super().__init__(CHANGE_COLUMNS, name, parent)
        self.set_changes(changes)

    def set_changes(self, changes: Sequence[Change]) -> None:
        """Show these changes."""
        arrow = Span(icon="arrow-right", tone=Tone.QUIET)
        has_remark = any(plain(each.remark) for each in changes)
        has_number = any(_is_number(plain(value)) for each in changes for value in (each.before, each.after))
        columns = CHANGE_COLUMNS if has_number or not changes else WORD_COLUMNS
        self._columns = columns + (REMARK_COLUMN if has_remark else ())
        rows: list[tuple[Words, ...]] = []
        for each in changes:
            cells: tuple[Words, ...] = (each.what, each.before, arrow, each.after)
            rows.append((*cells, each.remark) if has_remark else cells)
        self.set_rows(rows)


CHANGE_COLUMNS = (
    Column(tr("What changes"), stretches=True),
    Column(tr("Before"), Style.DATA, is_right=True),
    Column(""),
    Column(tr("After"), Style.DATA_STRONG, is_right=True),
)
WORD_COLUMNS = (
    Column(tr("What changes"), stretches=True),
    Column(tr("Before")),
    Column(""),
    Column(tr("After"), Style.SECTION),
)
REMARK_COLUMN = (Column(tr("Change"), Style.DATA, Tone.SECOND, is_right=True, gives_way=True),)


def _is_number(text: str) -> bool:
    """Whether a value is an amount or a count, as far as its first and last signs tell."""
    return bool(text) and len(text) <= CELL_OF_NUMBER and any(each.isdigit() for each in (text[0], text[-1]))

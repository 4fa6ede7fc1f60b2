"""The Access tab: the budgets of the run, and under them who may do what at each step, and what was done.

Invariant: nothing is cut: cells wrap and rows grow with what they hold; heights are learned when rows come into view.
"""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, QRectF, QSize
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QTableView, QWidget

from console.domain.language import tr
from console.domain.run import Access
from console.qtkit.current import colours
from console.qtkit.gauges import Track
from console.qtkit.icons import draw_icon
from console.qtkit.layout import Laid, lay_out
from console.qtkit.paint import draw_line, draw_text, elided
from console.qtkit.panes import Edge, Ground, Pane, column
from console.qtkit.rowmodel import RowModel
from console.qtkit.rowtable import Look, RowTable
from console.qtkit.text import Text
from console.qtkit.tokens import ICON, Height, Space, Style, Tone
from console.qtkit.words import spans
from console.screens.run.access import HEADINGS, AccessRow, BudgetGauge, access_rows, budget_gauges
from console.screens.run.state import PartState, RunState
from console.screens.run.view_part import PartPane, copying

PADDING = 8
CELL_GAP = 16
SHARES = (0.17, 0.19, 0.26, 0.19, 0.19)
USUAL = 76
BREACH_GAP = 4
GAUGE_GAP = 24
NOTHING = tr("The plan of this run has no steps yet, so nobody may do anything.")


def columns(width: int) -> list[tuple[float, float]]:
    """Where each column begins, and how wide it is."""
    room = width - 2 * Space.PANE - CELL_GAP * (len(SHARES) - 1)
    found: list[tuple[float, float]] = []
    left = float(Space.PANE)
    for share in SHARES:
        found.append((left, room * share))
        left += room * share + CELL_GAP
    return found


def row_height(row: AccessRow, width: int) -> int:
    """As high as its highest cell, and what was refused below."""
    highest = max(laid.height for laid in _cells(row, width))
    return highest + sum(laid.height + BREACH_GAP for laid in _breaches(row, width)) + 2 * PADDING + 1


def draw_access(painter: QPainter, rect: QRect, row: AccessRow, look: Look) -> None:
    """Paint one row."""
    c = colours()
    ground = c.selected if look.is_selected else c.hover if look.is_hovered else c.surface
    painter.fillRect(rect, QColor(ground))
    cells = _cells(row, rect.width())
    for (left, _), laid in zip(columns(rect.width()), cells, strict=True):
        laid.draw(painter, rect.left() + left, rect.top() + PADDING)
    top = rect.top() + PADDING + max(laid.height for laid in cells)
    left = rect.left() + columns(rect.width())[1][0]
    for laid in _breaches(row, rect.width()):
        top += BREACH_GAP
        draw_icon(painter, "shield-x", c.text(Tone.CRITICAL), left, top + (Style.ROW.line - ICON) / 2)
        laid.draw(painter, left + ICON + 6, top)
        top += laid.height
    if look.is_selected:
        painter.fillRect(QRectF(rect.left(), rect.top(), 3, rect.height()), QColor(c.accent))
    bottom = rect.bottom()
    draw_line(painter, QPointF(rect.left(), bottom), QPointF(rect.right(), bottom), c.line)


def _cells(row: AccessRow, width: int) -> list[Laid]:
    widths = [wide for _, wide in columns(width)]
    return [
        lay_out(spans(cell), Style.ROW, Tone.INK, colours(), wide) for cell, wide in zip(row.cells, widths, strict=True)
    ]


def _breaches(row: AccessRow, width: int) -> list[Laid]:
    room = width - Space.PANE - columns(width)[1][0] - ICON - 6
    return [lay_out(spans(breach), Style.ROW, Tone.INK, colours(), room) for breach in row.breaches]


class Headings(QWidget):
    """The headings above the rows of `table`, in their columns."""

    def __init__(self, table: QTableView, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._table = table
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """The height of a table's header."""
        return QSize(200, Height.TABLE_HEADER)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint them."""
        painter, c = QPainter(self), colours()
        painter.fillRect(self.rect(), QColor(c.sunken))
        top = (Height.TABLE_HEADER - Style.MICRO_MEDIUM.line) / 2
        for (left, width), heading in zip(columns(self._table.viewport().width()), HEADINGS, strict=True):
            draw_text(painter, left, top, elided(heading, Style.MICRO_MEDIUM, width), Style.MICRO_MEDIUM, c.ink3)
        bottom = self.height() - 1
        draw_line(painter, QPointF(0, bottom), QPointF(self.width(), bottom), c.line)


class Gauge(QWidget):
    """One budget: its name, how much of it is used, and what used the most."""

    def __init__(self, gauge: BudgetGauge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        box = column(spacing=Space.HALF)
        self.setLayout(box)
        self._gauge: BudgetGauge | None = None
        self._name = Text("", Style.MICRO, Tone.SECOND)
        self._told = Text("", Style.SMALL_LABEL)
        self._track = Track(gauge.name)
        for part in (self._name, self._told, self._track):
            box.addWidget(part)
        self.show_gauge(gauge)

    def show_gauge(self, gauge: BudgetGauge) -> None:
        """Show how much is used by now."""
        if gauge == self._gauge:
            return
        self._gauge = gauge
        self._name.set_words(f"{gauge.name}, {gauge.most}" if gauge.most else gauge.name)
        self._told.set_words(gauge.told, Tone.INK if gauge.tone is Tone.LOW else gauge.tone)
        self._track.set_share(gauge.share)
        self._track.set_tone(gauge.tone)
        self.setAccessibleName(f"{gauge.name}: {gauge.told} {gauge.most}".strip())


class BudgetBar(Pane):
    """The budgets side by side."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(
            Ground.SURFACE,
            Edge.BOTTOM,
            is_row=True,
            margins=(Space.PANE, Space.GRID, Space.PANE, Space.CARD),
            spacing=GAUGE_GAP,
            parent=parent,
        )
        self.setAccessibleName(tr("Budgets"))
        self.gauges: list[Gauge] = []

    def show_gauges(self, shown: tuple[BudgetGauge, ...]) -> None:
        """Show these budgets."""
        self.setVisible(bool(shown))
        while len(self.gauges) > len(shown):
            gone = self.gauges.pop()
            self.box.removeWidget(gone)
            gone.deleteLater()
        for place, gauge in enumerate(shown):
            if place < len(self.gauges):
                self.gauges[place].show_gauge(gauge)
            else:
                self.gauges.append(Gauge(gauge))
                self.box.addWidget(self.gauges[place], 1)


class AccessPane(PartPane):
    """All of the Access tab."""

    def __init__(self, parent: QWidget | None = None) -> None:
        content = Pane(Ground.SURFACE)
        super().__init__(content, tr("Access"), NOTHING, parent)
        self._shown: tuple[object, object] = (None, None)
        self.budgets = BudgetBar()
        self.model = RowModel[AccessRow](lambda row: row.row_id, lambda row: row.said)
        self.table: RowTable[AccessRow] = RowTable(
            self.model, draw_access, row_height, tr("Access per step"), usual_height=USUAL, is_lazy=True
        )
        self.table.opened.connect(self._ask)
        copying(self.table, self.model)
        for part, stretch in ((self.budgets, 0), (Headings(self.table), 0), (self.table, 1)):
            content.box.addWidget(part, stretch)
        self.setFocusProxy(self.table)

    def show_state(self, state: RunState) -> None:
        """Show what was read of access, and the budgets."""
        part: PartState[Access] = state.access
        self.show_part(part, state.problem)
        self.budgets.show_gauges(budget_gauges(state.run.budgets) if state.run is not None else ())
        if (part.values, state.steps) == self._shown:
            return
        self._shown = (part.values, state.steps)
        rows = access_rows(part.values, state.steps)
        self.table.apply(rows)
        if rows and self.table.current_id() is None:
            self.table.set_current(rows[0].row_id)

    def _ask(self, row_id: object) -> None:
        place = self.model.place_of(str(row_id))
        if place >= 0:
            self.step_asked.emit(self.model.row(place).step_id)

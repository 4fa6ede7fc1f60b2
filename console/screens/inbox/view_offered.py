"""What could be meant by the word that is being typed: a card below the search field, over whatever is there.

Invariant: it never has the focus, and nothing is chosen in it until a person goes there.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QPoint, QRect, Qt, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from console.domain.language import tr
from console.domain.search import Suggestion
from console.qtkit.current import colours
from console.qtkit.paint import draw_text
from console.qtkit.panes import Card
from console.qtkit.rowmodel import RowModel
from console.qtkit.rowtable import Look, RowTable
from console.qtkit.tokens import Space, Style, Tone

ROW, BELOW, EDGE = 28, 4, 5
WORDS_X = 132


class Offered(Card):
    """Tells ``taken`` with a suggestion that was clicked."""

    taken = Signal(object)

    def __init__(self, field: QWidget) -> None:
        super().__init__(tone=Tone.ACCENT, margins=(1, EDGE, 1, EDGE), spacing=0, parent=field)
        self.setAccessibleName(tr("What could be meant"))
        self._field = field
        self._offers: tuple[Suggestion, ...] = ()
        self.table: RowTable[Suggestion] = RowTable(
            RowModel(lambda each: each.text, lambda each: f"{each.text} {each.words}".strip()),
            _draw,
            lambda _row, _width: ROW,
            tr("What could be meant"),
            usual_height=ROW,
        )
        self.table.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.table.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.table.pressed_at.connect(lambda text, _point: self.taken.emit(self._named(text)))
        self.box.addWidget(self.table)
        self.hide()

    @property
    def chosen(self) -> Suggestion | None:
        """What a person went to; nothing before they did, and while it is not there."""
        return self._named(self.table.current_id()) if self.isVisible() else None

    def offer(self, offers: Sequence[Suggestion]) -> None:
        """Show these below the field; nothing puts it away."""
        self._offers = tuple(offers)
        self.table.setCurrentIndex(QModelIndex())
        self.table.apply(self._offers)
        self.table.clearSelection()
        self.table.setCurrentIndex(QModelIndex())
        if self._offers:
            self._place()
        self.setVisible(bool(self._offers))

    def _named(self, text: object) -> Suggestion | None:
        return next((each for each in self._offers if each.text == text), None)

    def _place(self) -> None:
        """Inside the window, so that the window keeps the keys."""
        window = self._field.window()
        self.setParent(window)
        corner = self._field.mapTo(window, QPoint(0, self._field.height() + BELOW))
        self.setGeometry(corner.x(), corner.y(), self._field.width(), ROW * len(self._offers) + 2 * EDGE)
        self.raise_()


def _draw(painter: QPainter, rect: QRect, row: Suggestion, look: Look) -> None:
    c = colours()
    painter.fillRect(rect, c.selected if look.is_selected else c.hover if look.is_hovered else c.surface)
    left, middle = rect.x() + Space.CARD, rect.y() + rect.height() / 2
    room = rect.width() - 2 * Space.CARD
    is_described = bool(row.words)
    width = min(room, WORDS_X - Space.GRID) if is_described else room
    draw_text(painter, left, round(middle - Style.DATA.line / 2), row.text, Style.DATA, c.ink, width)
    if is_described:
        top = round(middle - Style.SMALL.line / 2)
        draw_text(painter, left + WORDS_X, top, row.words, Style.SMALL, c.ink2, max(1.0, room - WORDS_X))

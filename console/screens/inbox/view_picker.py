"""Where to reroute to, or to whom to hand it: targets narrowed by words, chosen with Enter or a click.

Invariant: it offers only what it is given, and lies over the review without moving anything.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QRect, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import QWidget

from console.domain.display import one_line
from console.domain.escalation import Target, TargetKind
from console.domain.language import tr
from console.qtkit.current import colours
from console.qtkit.fields import SearchField
from console.qtkit.icons import draw_icon
from console.qtkit.paint import draw_text, draw_text_right
from console.qtkit.panes import Card
from console.qtkit.rowmodel import RowModel
from console.qtkit.rowtable import Look, RowTable
from console.qtkit.text import Text
from console.qtkit.tokens import ICON, Space, Style, Tone

ROW = 32
MOST_ROWS = 6
WIDTH = 420
ICONS = {
    TargetKind.AGENT: "bot",
    TargetKind.STEP: "workflow",
    TargetKind.TEAM: "users",
    TargetKind.PERSON: "user",
}
MOVES = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}


class TargetPicker(Card):
    """Tells ``chosen`` with a target."""

    chosen = Signal(object)

    def __init__(self, parent: QWidget, purpose: str) -> None:
        super().__init__(tone=Tone.ACCENT, margins=(Space.CARD,) * 4, spacing=Space.GRID, parent=parent)
        self.setAccessibleName(purpose)
        self._over = parent
        self._targets: tuple[Target, ...] = ()
        self.search = SearchField(purpose, tr("{purpose}: type to narrow, Enter to choose", purpose=purpose))
        self.table: RowTable[Target] = RowTable(
            RowModel(_key, lambda each: f"{tr(each.kind)} {one_line(each.label)}"),
            _draw,
            lambda _row, _width: ROW,
            purpose,
            usual_height=ROW,
        )
        self._none = Text(tr("Nothing is called that."), Style.ROW, Tone.SECOND)
        self.box.addWidget(self.search)
        self.box.addWidget(self._none)
        self.box.addWidget(self.table, 1)
        self.search.textChanged.connect(self._narrow)
        self.search.installEventFilter(self)
        self.table.pressed_at.connect(lambda key, _point: self._choose(key))
        self.hide()

    def offer(self, targets: tuple[Target, ...], *, is_open: bool) -> None:
        """Open over the foot of the parent, or close."""
        if is_open == self.isVisible() and targets == self._targets:
            return
        self._targets = targets
        if not is_open:
            self.hide()
            return
        self.search.clear()
        self._narrow("")
        self.place()
        self.show()
        self.raise_()
        self.search.setFocus(Qt.FocusReason.OtherFocusReason)

    def place(self) -> None:
        """Stand at the foot of the parent."""
        parent = self._over
        rows = min(MOST_ROWS, max(1, len(self._targets)))
        height = rows * ROW + self.search.height() + 3 * Space.CARD
        width = min(WIDTH, parent.width() - 2 * Space.PANE)
        self.setGeometry(Space.PANE, parent.height() - height - Space.GRID, width, height)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let the arrows move in the list, and Enter choose, while the field has the focus."""
        if watched is self.search and isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress:
            key = Qt.Key(event.key())
            if key in MOVES:
                self.table.step(MOVES[key])
                return True
            if key in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
                if not event.isAutoRepeat():
                    self._choose(self.table.current_id())
                return True
        return super().eventFilter(watched, event)

    def _narrow(self, text: str) -> None:
        words = text.casefold().split()
        found = [
            each for each in self._targets if all(word in f"{each.label} {tr(each.kind)}".casefold() for word in words)
        ]
        self.table.apply(found)
        self._none.setVisible(not found)
        if found:
            self.table.set_current(_key(found[0]))

    def _choose(self, key: object) -> None:
        target = next((each for each in self._targets if _key(each) == key), None)
        if target is not None:
            self.chosen.emit(target)


def _key(target: Target) -> tuple[str, str]:
    return str(target.kind), target.target_id


def _draw(painter: QPainter, rect: QRect, row: Target, look: Look) -> None:
    c = colours()
    painter.fillRect(rect, c.selected if look.is_selected else c.hover if look.is_hovered else c.surface)
    draw_icon(painter, ICONS[row.kind], c.ink2, rect.x() + Space.GRID, rect.y() + (ROW - ICON) // 2)
    x, top = rect.x() + Space.GRID + ICON + Space.GRID, rect.y() + (ROW - Style.BODY.line) // 2
    end = rect.right() + 1 - Space.GRID
    right = draw_text_right(painter, end, rect.y() + (ROW - 16) // 2, tr(row.kind), Style.SMALL, c.ink3)
    draw_text(painter, x, top, row.label, Style.BODY, c.ink, right - Space.GRID - x)

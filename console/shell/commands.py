"""The list of commands: everything that works now, found by words, run with Enter; also the list of all keys.

Invariant: it offers exactly what the action table has in force; one that cannot act just now says so by being quiet.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, QPointF, QRect, Qt
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import QDialog, QWidget

from console.qtkit.current import colours
from console.qtkit.fields import SearchField
from console.qtkit.icons import draw_icon
from console.qtkit.paint import draw_key, draw_text, draw_text_right, key_width
from console.qtkit.panes import column
from console.qtkit.rowmodel import RowModel
from console.qtkit.rowtable import Look, RowTable
from console.qtkit.text import Text
from console.qtkit.tokens import ICON, Space, Style, Tone
from console.shell.actions import Entry
from console.shell.keys import key_label

SIZE = (560, 460)
ROW = 32
ICON_X = 12
TEXT_X = 40
MOVES = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: 10, Qt.Key.Key_PageUp: -10}


@dataclass(frozen=True, slots=True)
class Command:
    """A line of the list."""

    action_id: str
    text: str
    menu: str
    icon: str
    keys: tuple[str, ...]
    can_run: bool

    @property
    def said(self) -> str:
        """What a screen reader says."""
        keys = ", ".join(self.keys)
        return f"{self.text}, {keys}" if keys else self.text


def commands(entries: Sequence[Entry], text: str, *, with_keys: bool) -> list[Command]:
    """The commands that have every word of the text in their own words or their menu's."""
    words = text.casefold().split()
    found = [
        Command(
            entry.action.action_id,
            entry.action.text,
            entry.action.menu,
            entry.action.icon,
            tuple(key_label(keys) for keys in entry.action.keys),
            entry.action.can_run(),
        )
        for entry in entries
        if entry.action.keys or not with_keys
    ]
    return [each for each in found if all(word in f"{each.menu} {each.text}".casefold() for word in words)]


class CommandDialog(QDialog):
    """Opened anew each time; ``with_keys`` shows the keys only, as a page of help."""

    def __init__(self, entries: Sequence[Entry], parent: QWidget, *, with_keys: bool = False) -> None:
        super().__init__(parent)
        self._entries = {entry.action.action_id: entry for entry in entries}
        self._with_keys = with_keys
        title = "All keys" if with_keys else "Find or run a command"
        self.setWindowTitle(title)
        self.setAccessibleName(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(*SIZE)
        self.search = SearchField(title, "Type to find a command")
        self.table: RowTable[Command] = RowTable(
            RowModel(lambda each: each.action_id, lambda each: each.said),
            _draw,
            lambda _row, _width: ROW,
            "Commands",
            usual_height=ROW,
        )
        self._none = Text("Nothing is called that. Try fewer words.", Style.BODY, Tone.SECOND)
        box = column((Space.CARD,) * 4, Space.GRID)
        box.addWidget(self.search)
        box.addWidget(self._none)
        box.addWidget(self.table, 1)
        self.setLayout(box)
        self.search.textChanged.connect(self._show)
        self.search.installEventFilter(self)
        self.table.opened.connect(self._run)
        self.table.pressed_at.connect(lambda action_id, _point: self._run(action_id))
        self._show("")
        self.search.setFocus()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let the arrows move in the list while the field has the focus, and Enter run what is chosen."""
        if watched is self.search and isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress:
            key = Qt.Key(event.key())
            if key in MOVES:
                self.table.step(MOVES[key])
                return True
            if key in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and not event.isAutoRepeat():
                self._run(self.table.current_id())
                return True
        return super().eventFilter(watched, event)

    def _show(self, text: str) -> None:
        found = commands(tuple(self._entries.values()), text, with_keys=self._with_keys)
        self.table.apply(found)
        self._none.setVisible(not found)
        if found:
            self.table.set_current(found[0].action_id)

    def _run(self, action_id: object) -> None:
        entry = self._entries.get(str(action_id))
        if entry is not None and entry.action.can_run():
            self.accept()
            entry.action.run()


def _draw(painter: QPainter, rect: QRect, row: Command, look: Look) -> None:
    """Paint a command: icon, words, its menu, its keys."""
    c = colours()
    painter.fillRect(rect, c.selected if look.is_selected else c.hover if look.is_hovered else c.surface)
    ink, tone = (c.ink, c.ink2) if row.can_run else (c.ink3, c.ink3)
    middle = rect.y() + rect.height() / 2
    if row.icon:
        draw_icon(painter, row.icon, tone, rect.x() + ICON_X, round(middle - ICON / 2))
    right: float = rect.right() + 1 - Space.CARD
    for keys in reversed(row.keys[:1]):
        for cap in reversed(keys.split(" then ")):
            right -= key_width(cap)
            draw_key(painter, right, middle, cap, c.ink2 if row.can_run else c.ink3, c.control)
            right -= Space.HALF
    right = draw_text_right(painter, right - Space.HALF, middle - Style.SMALL.line / 2, row.menu, Style.SMALL, c.ink3)
    corner = QPointF(rect.x() + TEXT_X, middle - Style.BODY.line / 2)
    draw_text(painter, corner.x(), corner.y(), row.text, Style.BODY, ink, right - Space.GRID - corner.x())

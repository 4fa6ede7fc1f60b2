"""All keys on one page, by screen and menu, found by words: drawn from the one table of actions.

Invariant: it shows the keys that are in force, and every action that has one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QModelIndex, QObject, QRect, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import QDialog, QStackedWidget, QWidget

from console.domain.language import tr
from console.qtkit.buttons import Button
from console.qtkit.current import colours
from console.qtkit.fields import SearchField
from console.qtkit.overlay import OverlayBar
from console.qtkit.paint import draw_key, draw_text, key_width
from console.qtkit.panes import Edge, Ground, Pane, column
from console.qtkit.rowmodel import RowModel
from console.qtkit.rowtable import Look, RowTable
from console.qtkit.text import Text
from console.qtkit.tokens import Space, Style, Tone
from console.shell.actions import ActionTable
from console.shell.bindings import EVERYWHERE
from console.shell.keys import key_label
from console.shell.synonyms import also_called

TITLE = tr("All keys")
SIZE = (600, 640)
ROW, HEADING = 28, 32
MOVES = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: 12, Qt.Key.Key_PageUp: -12}
NONE = tr("No key does that. Every action is in the list of commands, under Help.")
HELD_BACK = tr("Letters act only while no field has the focus. A key held down decides nothing.")


@dataclass(frozen=True, slots=True)
class KeyRow:
    """A line: what a key does, or with an empty ``keys`` the heading over such lines."""

    row_id: str
    text: str
    keys: str = ""

    @property
    def said(self) -> str:
        """What a screen reader says."""
        return f"{self.text}, {self.keys}" if self.keys else self.text


def key_rows(table: ActionTable, screens: Mapping[str, str], typed: str = "") -> list[KeyRow]:
    """All keys that have every typed word, under their screens: the one in front first, then what works everywhere."""
    words = typed.casefold().split()
    made: dict[str, list[KeyRow]] = {}
    for entry in table.everything():
        for keys in table.keys(entry)[:1]:
            place = screens.get(entry.screen_id, entry.screen_id)
            under = tr("Everywhere") if entry.screen_id == EVERYWHERE else tr("In {place}", place=place)
            row = KeyRow(entry.action.action_id, entry.action.text, key_label(keys))
            others = f"{also_called(row.text)} {entry.action.found_by}"
            if all(word in f"{under} {row.said} {entry.action.menu} {others}".casefold() for word in words):
                made.setdefault(under, []).append(row)
    return list(_with_headings(made))


def _with_headings(made: Mapping[str, list[KeyRow]]) -> Iterator[KeyRow]:
    for under, rows in made.items():
        yield KeyRow(f"heading:{under}", under)
        yield from rows


class KeyHelp(QDialog):
    """Opened anew each time. Tells ``change_asked`` when somebody wants other keys."""

    change_asked = Signal()

    def __init__(self, table: ActionTable, screens: Mapping[str, str], parent: QWidget) -> None:
        super().__init__(parent)
        self._actions, self._screens = table, screens
        self.setWindowTitle(TITLE)
        self.setAccessibleName(TITLE)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(SIZE[0], min(SIZE[1], parent.height() - 2 * Space.PANE))
        self.search = SearchField(TITLE, tr("What does it do?"))
        self.table: RowTable[KeyRow] = RowTable(
            RowModel(lambda each: each.row_id, lambda each: each.said, lambda each: bool(each.keys)),
            _draw,
            lambda row, _width: ROW if row.keys else HEADING,
            tr("Keys"),
            usual_height=ROW,
        )
        OverlayBar(self.table)
        self._none = Text(NONE, Style.BODY, Tone.SECOND, max_lines=0)
        self._body = QStackedWidget()
        self.change = Button(tr("Change keys…"), "keyboard", is_small=True)
        self.change.clicked.connect(self._change)
        self._lay_out()
        self.table.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.search.installEventFilter(self)
        self.search.textChanged.connect(self._show)
        self._show("")
        self.search.setFocus()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let the arrows and Page keys move in the list while the field has the focus."""
        if watched is self.search and isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress:
            key = Qt.Key(event.key())
            if key in MOVES:
                self.table.step(MOVES[key])
                return True
        return super().eventFilter(watched, event)

    def _lay_out(self) -> None:
        head = Pane(Ground.SURFACE, Edge.BOTTOM, margins=(Space.CARD,) * 4)
        head.box.addWidget(self.search)
        foot = Pane(Ground.SUNKEN, Edge.TOP, is_row=True, margins=(Space.GAP, Space.GRID, Space.GAP, Space.GRID))
        foot.box.addWidget(Text(HELD_BACK, Style.SMALL, Tone.SECOND, max_lines=0), 1)
        foot.box.addWidget(self.change)
        box = column(spacing=0)
        box.addWidget(head)
        empty = Pane(Ground.SURFACE, margins=(Space.GAP, Space.GAP, Space.GAP, Space.GAP))
        empty.box.addWidget(self._none)
        empty.box.addStretch(1)
        for page in (self.table, empty):
            self._body.addWidget(page)
        box.addWidget(self._body, 1)
        box.addWidget(foot)
        self.setLayout(box)

    def _show(self, typed: str) -> None:
        rows = key_rows(self._actions, self._screens, typed)
        self.table.apply(rows)
        self.table.setCurrentIndex(QModelIndex())
        self.table.scrollToTop()
        self._body.setCurrentIndex(0 if rows else 1)

    def _change(self) -> None:
        self.accept()
        self.change_asked.emit()


def _draw(painter: QPainter, rect: QRect, row: KeyRow, look: Look) -> None:
    c = colours()
    ground = c.selected if look.is_selected else c.hover if look.is_hovered else c.surface
    painter.fillRect(rect, ground if row.keys else c.surface)
    left = rect.x() + Space.GAP
    if not row.keys:
        draw_text(
            painter, left, rect.bottom() + 1 - Space.HALF - Style.SMALL.line, row.text, Style.SMALL_STRONG, c.ink2
        )
        return
    middle = rect.y() + rect.height() / 2
    right: float = rect.right() + 1 - Space.GAP
    for cap in reversed(row.keys.split(" then ")):
        right -= key_width(cap)
        draw_key(painter, right, middle, cap, c.ink2, c.control)
        right -= Space.HALF
    draw_text(painter, left, middle - Style.BODY.line / 2, row.text, Style.BODY, c.ink, right - Space.GRID - left)

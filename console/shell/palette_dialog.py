"""The palette on screen: one field, one list, keys only if wanted; it opens below the bar and closes when it has run.

Invariant: the focus stays in the field while the arrows move in the list; what cannot be done says why and stays open.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPoint, QRect, QRectF, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QDialog, QStackedWidget, QWidget

from console.domain.language import tr
from console.qtkit.current import colours
from console.qtkit.fields import SearchField
from console.qtkit.icons import draw_icon
from console.qtkit.layout import lay_out
from console.qtkit.overlay import OverlayBar
from console.qtkit.paint import draw_box, draw_key, draw_text, draw_text_right, key_width
from console.qtkit.panes import Edge, Ground, Pane, column
from console.qtkit.rowmodel import RowModel
from console.qtkit.rowtable import Look, RowTable
from console.qtkit.text import Text
from console.qtkit.tokens import ICON, Radius, Space, Style, Tone
from console.qtkit.words import Span, spans
from console.screens import Ask, Memory
from console.shell.palette import Hit, Palette, PaletteState, Sources

TITLE = tr("Find or run a command")
HINT = tr("A command, an item, a connection, a page of the help")
WIDTH, HEIGHT, BELOW = 640, 480, 48
ROW = 34
ICON_X, TEXT_X = 14, 42
TEXT_SHARE = 0.62
PLAIN = "chevron-right"
MOVES = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: 10, Qt.Key.Key_PageUp: -10}
ENTER = frozenset({Qt.Key.Key_Return, Qt.Key.Key_Enter})


class PaletteDialog(QDialog):
    """Opened anew each time."""

    def __init__(self, sources: Sources, ask: Ask, memory: Memory, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Dialog | Qt.WindowType.FramelessWindowHint)
        self._over = parent
        self._typed: str | None = None
        self.setWindowTitle(TITLE)
        self.setAccessibleName(TITLE)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAttribute(Qt.WidgetAttribute.WA_TranslucentBackground)
        self.search = SearchField(TITLE, HINT)
        self.table: RowTable[Hit] = RowTable(
            RowModel(lambda each: each.hit_id, lambda each: each.said),
            draw_hit,
            lambda _row, _width: ROW,
            tr("What was found"),
            usual_height=ROW,
        )
        OverlayBar(self.table)
        self._none = Text("", Style.BODY, Tone.SECOND)
        self._body = QStackedWidget()
        self._foot = Text("", Style.SMALL, Tone.SECOND)
        self._lay_out()
        self.palette_of = Palette(sources, ask, memory, self._show)
        self.search.textChanged.connect(self.palette_of.on_typed)
        self.search.installEventFilter(self)
        self.table.opened.connect(self._run)
        self.table.pressed_at.connect(lambda hit_id, _point: self._run(hit_id))
        self.table.current_changed.connect(lambda _hit_id: self._say_why())
        self.table.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.palette_of.on_typed("")
        self.search.setFocus()

    def open(self) -> None:
        """Open below the bar of the window, in its middle."""
        over = self._over
        self.resize(min(WIDTH, over.width() - 2 * Space.GRID), min(HEIGHT, over.height() - BELOW - Space.PANE))
        self.move(over.mapToGlobal(QPoint((over.width() - self.width()) // 2, BELOW)))
        super().open()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let the arrows move in the list while the field has the focus, and Enter run what is chosen."""
        if watched is self.search and isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress:
            key = Qt.Key(event.key())
            if key in MOVES:
                self.table.step(MOVES[key])
                return True
            if key in ENTER:
                if not event.isAutoRepeat():
                    self._run(self.table.current_id())
                return True
        return super().eventFilter(watched, event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the box that it is."""
        c = colours()
        draw_box(QPainter(self), QRectF(self.rect()), Radius.CARD, c.surface, c.control)

    def _lay_out(self) -> None:
        head = Pane(Ground.SURFACE, Edge.BOTTOM, margins=(Space.CARD, Space.CARD, Space.CARD, Space.CARD))
        head.box.addWidget(self.search)
        foot = Pane(Ground.SUNKEN, Edge.TOP, margins=(Space.GAP, Space.GRID, Space.GAP, Space.GRID))
        foot.box.addWidget(self._foot)
        box = column((1, Space.HALF, 1, Space.HALF), 0)
        box.addWidget(head)
        empty = Pane(Ground.SURFACE, margins=(Space.GAP, Space.GAP, Space.GAP, Space.GAP))
        empty.box.addWidget(self._none)
        empty.box.addStretch(1)
        for page in (self.table, empty):
            self._body.addWidget(page)
        box.addWidget(self._body, 1)
        box.addWidget(foot)
        self.setLayout(box)

    def _show(self, state: PaletteState) -> None:
        self.table.apply(state.hits)
        if state.hits and state.typed != self._typed:
            self._choose(state)
        self._typed = state.typed if state.hits else None
        self._none.set_words(tr("Reading…") if state.is_reading else tr("Nothing is called that. Try fewer words."))
        self._body.setCurrentIndex(0 if state.hits else 1)
        self._say_why()

    def _choose(self, state: PaletteState) -> None:
        """Choose the best hit; before anything is typed none, so that a stray Enter runs nothing."""
        if state.typed.strip():
            self.table.set_current(state.hits[0].hit_id)
        else:
            self.table.clearSelection()
            self.table.setCurrentIndex(QModelIndex())

    def _say_why(self) -> None:
        hit = self.palette_of.hit(self.table.current_id())
        if hit is not None and hit.why_not:
            self._foot.set_words((Span(tr("Not now: "), is_strong=True), hit.why_not))
        else:
            self._foot.set_words(tr("↑ ↓ to choose · Enter to run or open · Esc to close"))
        self.search.setAccessibleDescription(hit.said if hit is not None else self._none.text())

    def _run(self, hit_id: object) -> None:
        hit = self.palette_of.hit(hit_id)
        if hit is not None and not hit.why_not:
            self.palette_of.remember(hit)
            self.accept()
            hit.run()


def draw_hit(painter: QPainter, rect: QRect, row: Hit, look: Look) -> None:
    """Paint a line: icon, words with what was typed in 600, why not, what it is, its key."""
    c = colours()
    painter.fillRect(rect, c.selected if look.is_selected else c.hover if look.is_hovered else c.surface)
    tone, ink = (Tone.QUIET, c.ink3) if row.why_not else (Tone.INK, c.ink2)
    middle = rect.y() + rect.height() / 2
    draw_icon(painter, row.icon or PLAIN, ink, rect.x() + ICON_X, round(middle - ICON / 2))
    right: float = rect.right() + 1 - Space.GAP
    for cap in reversed(row.keys.split(" then ") if row.keys else []):
        right -= key_width(cap)
        draw_key(painter, right, middle, cap, ink, c.control)
        right -= Space.HALF
    right = draw_text_right(painter, right - Space.HALF, middle - Style.SMALL.line / 2, row.kind, Style.SMALL, c.ink3)
    left = rect.x() + TEXT_X
    room = right - Space.GRID - left
    words = lay_out(_marked(row), Style.BODY, tone, c, max(1.0, room * TEXT_SHARE if row.why_not else room), 1)
    words.draw(painter, left, round(middle - Style.BODY.line / 2))
    if row.why_not:
        after = left + words.width + Space.CARD
        top = middle - Style.SMALL.line / 2
        draw_text(painter, after, top, row.why_not, Style.SMALL, c.ink3, max(1.0, right - Space.GRID - after))


def _marked(row: Hit) -> tuple[Span, ...]:
    """The text with the letters that were typed in 600."""
    pieces: list[Span] = []
    for place, letter in enumerate(row.text):
        is_strong = place in row.places
        if pieces and pieces[-1].is_strong == is_strong:
            pieces[-1] = Span(pieces[-1].text + letter, is_strong=is_strong)
        else:
            pieces.append(Span(letter, is_strong=is_strong))
    return spans(pieces)

"""Things that are told: a note, a strip across a pane, an empty state, an item of the status line.

Invariant: nothing here goes away by itself or covers anything; what is told stays until what it tells is over.
"""

from __future__ import annotations

from PySide6.QtCore import QPointF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QPushButton, QSizePolicy, QWidget

from console.domain.display import one_line
from console.domain.language import tr
from console.qtkit.buttons import Button
from console.qtkit.current import colours
from console.qtkit.focus import Ringed
from console.qtkit.fonts import text_width
from console.qtkit.icons import draw_icon
from console.qtkit.keycaps import watch
from console.qtkit.layout import lay_out
from console.qtkit.marks import IconMark
from console.qtkit.paint import draw_key, draw_line, draw_text, draw_text_right, key_width
from console.qtkit.panes import Card, column
from console.qtkit.text import Text
from console.qtkit.tokens import ICON, Height, Space, Style, Tone
from console.qtkit.words import Words, link, plain, spans

FIXED = QSizePolicy.Policy.Fixed
EMPTY_ICON = 24
STRIP_HEIGHT = 26


class Note(Card):
    """What a person must see before they go on: soft fill, border in its colour, icon, words, and one link.

    Tells `activated` with the target of the link.
    """

    activated = Signal(str)

    def __init__(
        self, words: Words, icon: str, tone: Tone, *, action: str = "", target: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(tone=tone, is_note=True, margins=(11, 8, 11, 8), spacing=10, is_row=True, parent=parent)
        self._mark = IconMark(icon, tone, tr(tone.name.lower()))
        self._words = Text(words, Style.NOTE, max_lines=0)
        self._action = Text(link(action, target) if action else "", Style.NOTE)
        self._action.keep_whole()
        self._words.activated.connect(self.activated)
        self._action.activated.connect(self.activated)
        self.box.addWidget(self._mark, 0, Qt.AlignmentFlag.AlignTop)
        self.box.addWidget(self._words, 1, Qt.AlignmentFlag.AlignTop)
        self.box.addWidget(self._action, 0, Qt.AlignmentFlag.AlignTop)
        self._action.setVisible(bool(action))
        self.setAccessibleName(plain(words))

    def set_note(self, words: Words, icon: str, tone: Tone, action: str = "", target: str = "") -> None:
        """Tell something else."""
        self.set_tone(tone)
        self._mark.set_icon(icon, tone, tr(tone.name.lower()))
        self._words.set_words(words)
        self._action.set_words(link(action, target) if action else "")
        self._action.setVisible(bool(action))
        self.setAccessibleName(plain(words))


class Strip(Ringed, QPushButton):
    """A bar across a pane that is pressed as a whole, as "3 new, highest is medium"."""

    ring_radius = 0

    def __init__(self, icon: str = "chevron-up", key: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon, self._key = icon, key
        watch(self, key)
        self._told: Words = ""
        self._does = ""
        self.setAutoDefault(False)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, FIXED)

    def show_key(self) -> None:
        """Paint its key as it is bound now."""
        self.update()

    def set_words(self, words: Words, does: str) -> None:
        """Show what there is, and at the end what pressing does."""
        self._told, self._does = words, does
        self.setAccessibleName(f"{plain(words)}, {does}")
        self.update()

    def sizeHint(self) -> QSize:
        """As wide as the pane."""
        return QSize(200, STRIP_HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint it."""
        painter = QPainter(self)
        c = colours()
        painter.fillRect(self.rect(), QColor(c.hover if self.isDown() else c.selected))
        middle, top = self.height() / 2, (self.height() - Style.SMALL.line) // 2
        draw_icon(painter, self._icon, c.accent, Space.LIST, middle - ICON / 2)
        right: float = self.width() - Space.LIST
        if self._key:
            right -= key_width(self._key)
            draw_key(painter, right, middle, self._key, c.accent, c.accent)
            right -= Space.GRID
        right = draw_text_right(painter, right, top, self._does, Style.SMALL_LABEL, c.accent)
        left = Space.LIST + ICON + 8
        lay_out(spans(self._told), Style.SMALL, Tone.ACCENT, c, max(1.0, right - left - 8), 1).draw(painter, left, top)
        bottom = self.height() - 1
        draw_line(painter, QPointF(0, bottom), QPointF(self.width(), bottom), c.line)


class EmptyState(QWidget):
    """What would be here, and how to get it."""

    pressed = Signal()

    def __init__(
        self, icon: str, title: str, words: Words, *, action: str = "", key: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        box = column((Space.PANE, Space.PANE, Space.PANE, Space.PANE), Space.GRID)
        self.setLayout(box)
        middle = Qt.AlignmentFlag.AlignHCenter
        box.addStretch(1)
        box.addWidget(IconMark(icon, Tone.QUIET, title, EMPTY_ICON), 0, middle)
        heading = Text(title, Style.STRONG)
        text = Text(words, Style.SMALL, Tone.SECOND, max_lines=0)
        heading.setAlignment(middle)
        text.setAlignment(middle)
        box.addWidget(heading, 0, middle)
        box.addWidget(text)
        if action:
            button = Button(action, key=key)
            button.clicked.connect(self.pressed)
            box.addSpacing(Space.HALF)
            box.addWidget(button, 0, middle)
        box.addStretch(2)
        self.setAccessibleName(f"{title} {plain(words)}")


class StatusItem(Ringed, QPushButton):
    """One item of the status line: icon, name, and how it is. Pressing it leads there."""

    ring_radius = 4

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon, self._tone, self._name, self._text = "", Tone.SECOND, "", ""
        self.setAutoDefault(False)
        self.setFlat(True)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(FIXED, FIXED)

    def set_status(self, icon: str, tone: Tone, name: str, text: str) -> None:
        """Show how it is now."""
        told = (icon, tone, one_line(name), one_line(text))
        if told == (self._icon, self._tone, self._name, self._text):
            return
        self._icon, self._tone, self._name, self._text = told
        self.setAccessibleName(f"{self._name} {self._text}".strip())
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """The height of the status line, and room for the words."""
        width = ICON + 6 if self._icon else 0
        width += round(text_width(self._name, Style.SMALL_LABEL)) + 6 if self._name else 0
        return QSize(width + round(text_width(self._text, Style.SMALL)) + 1, Height.STATUS - 2)

    def minimumSizeHint(self) -> QSize:
        """Never squeezed: numbers stay whole."""
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint it."""
        painter = QPainter(self)
        c = colours()
        x: float = 0
        top = (self.height() - Style.SMALL.line) // 2
        if self._icon:
            draw_icon(painter, self._icon, c.text(self._tone), 0, (self.height() - ICON) // 2)
            x = ICON + 6
        if self._name:
            x += draw_text(painter, x, top, self._name, Style.SMALL_LABEL, c.ink) + 6
        draw_text(painter, x, top, self._text, Style.SMALL, c.ink2)
        if self.underMouse():
            line = self.height() - 4
            draw_line(painter, QPointF(ICON + 6, line), QPointF(self.width() - 1, line), c.control)

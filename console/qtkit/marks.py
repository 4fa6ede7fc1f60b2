"""Small painted marks: key cap, icon, a person's initials.

Invariant: each has a fixed size and an accessible name, and takes no input.
"""

from __future__ import annotations

import math
from functools import cache

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from console.domain.display import one_line
from console.domain.language import tr
from console.qtkit.current import colours
from console.qtkit.fonts import font
from console.qtkit.icons import draw_icon
from console.qtkit.keycaps import label_of, watch
from console.qtkit.paint import KEY_SIDE, draw_box, draw_dashed_box, draw_key, key_width
from console.qtkit.tokens import ICON, Style, Tone

FIXED = QSizePolicy.Policy.Fixed
LETTERS = 0.42


class Mark(QWidget):
    """A painted part of fixed size that shows one thing and takes no input."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(FIXED, FIXED)
        self.setAccessibleName(one_line(name))

    def minimumSizeHint(self) -> QSize:
        """Never squeezed."""
        return self.sizeHint()


class KeyCap(Mark):
    """A key to press, as a cap."""

    def __init__(self, label: str, tone: Tone = Tone.SECOND, parent: QWidget | None = None) -> None:
        super().__init__(_key_words(label), parent)
        self._label, self._tone = label, tone
        watch(self, label)

    def show_key(self) -> None:
        """Make room for its key as it is bound now."""
        self.setAccessibleName(_key_words(self._label))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """18 px square, wider for longer labels."""
        return QSize(math.ceil(key_width(self._label)), KEY_SIDE)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint it."""
        c = colours()
        outline = c.accent if self._tone is Tone.ACCENT else c.control
        draw_key(QPainter(self), 0, self.height() / 2, self._label, c.text(self._tone), outline)


def _key_words(label: str) -> str:
    return tr("key {label}", label=label_of(label)) if label_of(label) else tr("no key")


class IconMark(Mark):
    """An icon with a meaning of its own."""

    def __init__(self, icon: str, tone: Tone, name: str, size: int = ICON, parent: QWidget | None = None) -> None:
        super().__init__(name, parent)
        self._icon, self._tone, self._size = icon, tone, size

    def set_icon(self, icon: str, tone: Tone, name: str) -> None:
        """Show another icon."""
        self._icon, self._tone = icon, tone
        self.setAccessibleName(name)
        self.update()

    def sizeHint(self) -> QSize:
        """As large as the icon."""
        return QSize(self._size, self._size)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint it."""
        draw_icon(QPainter(self), self._icon, colours().text(self._tone), 0, 0, self._size)


class Avatar(Mark):
    """A person's initials in a circle; `is_pending` is dashed: not yet signed."""

    def __init__(self, name: str, side: int = 24, *, is_pending: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(name, parent)
        self._name, self._side, self._is_pending = name, side, is_pending

    def set_name(self, name: str) -> None:
        """Show another person."""
        self._name = name
        self.setAccessibleName(one_line(name))
        self.update()

    def sizeHint(self) -> QSize:
        """A square."""
        return QSize(self._side, self._side)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint it."""
        draw_avatar(QPainter(self), QPointF(0, 0), self._side, self._name, is_pending=self._is_pending)


def initials(name: str) -> str:
    """Return the first letters of the first and the last word, in capitals; ``?`` for no name."""
    words = [word for word in one_line(name).split() if word[0].isalnum()]
    if not words:
        return "?"
    return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper()


def draw_avatar(painter: QPainter, corner: QPointF, side: int, name: str, *, is_pending: bool = False) -> None:
    """Paint a person's circle with its upper left corner there."""
    c = colours()
    box = QRectF(corner.x(), corner.y(), side, side)
    draw_box(painter, box, side / 2, c.personsoft, None if is_pending else c.person)
    if is_pending:
        draw_dashed_box(painter, box, side / 2, c.person)
    painter.setFont(_letters(side))
    painter.setPen(QColor(c.person))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, initials(name))


@cache
def _letters(side: int) -> QFont:
    made = QFont(font(Style.STRONG))
    made.setPixelSize(round(side * LETTERS))
    return made

"""One-line fields: with an icon or a word in front, a key cap, a remark or a widget at the end.

Invariant: the edges of the text never move while somebody types; what is wrong is said in words, not by colour alone.
"""

from __future__ import annotations

import math

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QLineEdit, QSizePolicy, QWidget

from console.qtkit.current import colours
from console.qtkit.fonts import font, text_width
from console.qtkit.icons import draw_icon
from console.qtkit.keycaps import label_of, watch
from console.qtkit.layout import lay_out
from console.qtkit.paint import draw_key, draw_text, draw_text_right, key_width, tip
from console.qtkit.tokens import ICON, Height, Style, Tone
from console.qtkit.words import Words, plain, spans

EDGE = 10
ICON_ROOM = ICON + 8
GAP = 8
EDITING = frozenset({Qt.Key.Key_A, Qt.Key.Key_C, Qt.Key.Key_V, Qt.Key.Key_X, Qt.Key.Key_Y, Qt.Key.Key_Z})


class Field(QLineEdit):
    """A field of the kit. `prefix` is a word inside, as "Reason"; `placeholder` may mix fonts."""

    def __init__(
        self,
        name: str,
        *,
        placeholder: Words = "",
        prefix: str = "",
        icon: str = "",
        key: str = "",
        is_data: bool = False,
        is_small: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._placeholder = spans(placeholder)
        self._prefix, self._icon, self._key = prefix, icon, key
        self._hint = ""
        self._trailing: QWidget | None = None
        self._height = Height.SMALL_CONTROL if is_small else Height.CONTROL
        self._style = Style.SMALL if is_small else Style.BODY
        self.setFont(font((Style.SMALL_DATA if is_small else Style.DATA) if is_data else self._style))
        self.setAccessibleName(name)
        self.setAccessibleDescription(plain(placeholder))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(self._height)
        if is_small:
            self.setProperty("isSmall", True)
        self._make_room()
        watch(self, key)

    def set_hint(self, hint: str) -> None:
        """Show a remark at the end, as "1 to go"."""
        self._hint = hint
        self._make_room()
        self.update()

    def set_placeholder(self, words: Words) -> None:
        """Show other words while nothing is typed."""
        self._placeholder = spans(words)
        self.setAccessibleDescription(plain(words))
        self.update()

    def set_trailing(self, widget: QWidget) -> None:
        """Put a small button inside, at the end."""
        self._trailing = widget
        widget.setParent(self)
        widget.setCursor(Qt.CursorShape.ArrowCursor)
        self._make_room()
        self._place_trailing()

    def set_problem(self, problem: str) -> None:
        """Mark the field as wrong and say why in its tooltip; an empty problem clears it."""
        if self.property("invalid") != bool(problem):
            self.setProperty("invalid", bool(problem))
            self.style().unpolish(self)
            self.style().polish(self)
        self.setToolTip(tip(problem))
        self.setAccessibleDescription(problem or "".join(span.text for span in self._placeholder))

    def event(self, event: QEvent) -> bool:
        """Leave keys with Ctrl to the window's actions, but for those that every field has: copy, paste, undo.

        Qt takes more of them for a field, as Ctrl+D and Ctrl+K.
        """
        is_override = event.type() is QEvent.Type.ShortcutOverride
        if is_override and isinstance(event, QKeyEvent) and _is_command(event):
            event.ignore()
            return False
        return bool(super().event(event))

    def show_key(self) -> None:
        """Make room for its key as it is bound now."""
        self._make_room()
        self.update()

    def sizeHint(self) -> QSize:
        """The height of a control."""
        return QSize(200, self._height)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Let Qt paint the field, then add what is inside."""
        super().paintEvent(event)
        painter = QPainter(self)
        c = colours()
        x: float = EDGE + 2
        if self._icon:
            draw_icon(painter, self._icon, c.ink3, x, (self.height() - ICON) // 2)
            x += ICON_ROOM
        if self._prefix:
            x += draw_text(painter, x, self._line_top(Style.SMALL), self._prefix, Style.SMALL, c.ink3) + GAP
        if not self.text() and self._placeholder:
            room = self.width() - x - self._end_room() - EDGE
            laid = lay_out(self._placeholder, self._style, Tone.QUIET, c, max(1.0, room), 1)
            laid.draw(painter, x, self._line_top(self._style))
        self._draw_end(painter)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the widget inside at the end."""
        super().resizeEvent(event)
        self._place_trailing()

    def _draw_end(self, painter: QPainter) -> None:
        c = colours()
        right: float = self.width() - GAP
        if self._trailing is not None:
            right -= self._trailing.sizeHint().width()
        elif label_of(self._key):
            right -= key_width(self._key)
            draw_key(painter, right, self.height() / 2, self._key, c.ink2, c.control)
        if self._hint:
            draw_text_right(painter, right - 2, self._line_top(Style.SMALL), self._hint, Style.SMALL, c.ink3)

    def _line_top(self, style: Style) -> int:
        return (self.height() - style.line) // 2

    def _end_room(self) -> float:
        room = 0.0
        if self._trailing is not None:
            room += self._trailing.sizeHint().width()
        elif label_of(self._key):
            room += key_width(self._key)
        if self._hint:
            room += text_width(self._hint, Style.SMALL) + GAP
        return room

    def _make_room(self) -> None:
        left = ICON_ROOM if self._icon else 0
        if self._prefix:
            left += math.ceil(text_width(self._prefix, Style.SMALL)) + GAP
        self.setTextMargins(left, 0, math.ceil(self._end_room()), 0)

    def _place_trailing(self) -> None:
        if self._trailing is not None:
            size = self._trailing.sizeHint()
            inset = (self.height() - size.height()) // 2
            self._trailing.setGeometry(self.width() - size.width() - inset - 1, inset, size.width(), size.height())


def _is_command(event: QKeyEvent) -> bool:
    """Whether a key with Ctrl is none of those with which text is edited."""
    key = Qt.Key(event.key())
    is_letter = Qt.Key.Key_A <= key <= Qt.Key.Key_Z
    return is_letter and key not in EDITING and bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)


class SearchField(Field):
    """A field to search with; Escape or the x empties it. Escape also tells that a person has ``left`` it."""

    emptied = Signal()
    left = Signal()

    def __init__(
        self,
        name: str,
        placeholder: Words = "",
        key: str = "",
        *,
        is_small: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(name, placeholder=placeholder, icon="search", key=key, is_small=is_small, parent=parent)
        self._key_when_empty = key
        self.setMouseTracking(True)
        self.textChanged.connect(self._on_text)

    def event(self, event: QEvent) -> bool:
        """Keep Escape from the screen's actions while there is something to empty."""
        is_override = event.type() is QEvent.Type.ShortcutOverride
        if is_override and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape and self.text():
            event.accept()
            return True
        return bool(super().event(event))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Empty the field on Escape; with nothing in it Escape is the screen's."""
        if event.key() == Qt.Key.Key_Escape and self.text():
            self._empty()
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Empty the field when the x is pressed."""
        if self.text() and self._cross().contains(event.position()):
            self._empty()
        else:
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Show that the x is not text."""
        is_cross = bool(self.text()) and self._cross().contains(event.position())
        self.setCursor(Qt.CursorShape.PointingHandCursor if is_cross else Qt.CursorShape.IBeamCursor)
        super().mouseMoveEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the x when there is something to empty."""
        super().paintEvent(event)
        if self.text():
            corner = self._cross().topLeft()
            draw_icon(QPainter(self), "x", colours().ink2, corner.x(), corner.y())

    def _on_text(self, text: str) -> None:
        self._key = "" if text else self._key_when_empty
        self.setTextMargins(ICON_ROOM, 0, ICON_ROOM if text else math.ceil(self._end_room()), 0)

    def _cross(self) -> QRectF:
        return QRectF(self.width() - ICON - EDGE, (self.height() - ICON) / 2, ICON, ICON)

    def _empty(self) -> None:
        self.clear()
        self.emptied.emit()

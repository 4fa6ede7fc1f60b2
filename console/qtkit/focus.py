"""The focus ring: two px of accent at two px distance, for every control that paints itself.

A style sheet cannot draw outside its widget, and room inside it would shift every edge, so the ring is a widget of its
own over the parent. Invariant: it is seen only while its widget has the focus, follows it, and takes no clicks. A mouse
click shows no ring: the pointer is already there.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFocusEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractScrollArea, QWidget
from shiboken6 import isValid

from console.qtkit.current import colours
from console.qtkit.paint import draw_box

DISTANCE = 2
WIDTH = 2
ROOM = DISTANCE + WIDTH
FOLLOWED = frozenset({QEvent.Type.Move, QEvent.Type.Resize, QEvent.Type.Show, QEvent.Type.Hide})


class FocusRing(QWidget):
    """The ring around one widget, in the nearest ancestor that has room for it."""

    # On the class: events still come while a tree of widgets that nobody holds is taken apart, its attributes first.
    _is_on = False

    def __init__(self, around: QWidget, radius: float) -> None:
        chain = _up_to_room(around)
        super().__init__(chain[-1])
        self._around = around
        self._over = chain[-1]
        self._radius = radius
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        for each in chain[:-1]:
            each.installEventFilter(self)
        around.destroyed.connect(self.hide)

    def is_over(self, ancestor: QWidget) -> bool:
        """Whether this is the ancestor in which it is painted."""
        return self._over is ancestor

    def set_on(self, is_on: bool) -> None:
        """Say whether the widget has the focus, by the keyboard."""
        self._is_on = is_on
        self._follow()

    def _follow(self) -> None:
        """Stand around the widget while it is seen and has the focus."""
        is_wanted = self._is_on and isValid(self._around) and self._around.isVisible()
        if is_wanted:
            corner = self._around.mapTo(self._over, QPoint(-ROOM, -ROOM))
            self.setGeometry(QRect(corner, self._around.size() + QSize(2 * ROOM, 2 * ROOM)))
            self.raise_()
        self.setVisible(is_wanted)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the widget and what it lies in; never takes an event away."""
        if self._is_on and event.type() in FOLLOWED:
            self._follow()
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the ring."""
        painter = QPainter(self)
        draw_box(painter, QRectF(self.rect()), self._radius + ROOM, None, colours().accent, WIDTH)


def _up_to_room(around: QWidget) -> list[QWidget]:
    """Return the widget and its ancestors up to the first that has room around it; not out of what scrolls."""
    chain = [around]
    while (parent := chain[-1].parentWidget()) is not None:
        chain.append(parent)
        ring = QRect(around.mapTo(parent, QPoint(-ROOM, -ROOM)), around.size() + QSize(2 * ROOM, 2 * ROOM))
        if parent.isWindow() or isinstance(parent, QAbstractScrollArea) or parent.rect().contains(ring):
            break
        if isinstance(parent.parentWidget(), QAbstractScrollArea):
            break
    return chain


class Ringed:
    """Gives a widget class the ring; stands before the Qt class among its parents."""

    ring_radius: float = 6
    _ring: FocusRing | None = None

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the ring, unless the focus came by a click."""
        super().focusInEvent(event)  # type: ignore[misc]
        if event.reason() is not Qt.FocusReason.MouseFocusReason and isinstance(self, QWidget):
            ring = self._ring
            if ring is None or not isValid(ring) or not ring.is_over(_up_to_room(self)[-1]):
                self._ring = ring = FocusRing(self, self.ring_radius)
            ring.set_on(True)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Take the ring away; it is kept for the next time, and goes with what it is painted in."""
        super().focusOutEvent(event)  # type: ignore[misc]
        if self._ring is not None and isValid(self._ring):
            self._ring.set_on(False)

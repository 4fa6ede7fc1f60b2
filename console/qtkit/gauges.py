"""Painted measures: the ring that empties, the track of a share, the bar of several shares.

Invariant: each says its number in words to a screen reader, and stands beside words on the screen; only the ring moves,
on the monotonic clock, and it stops its timer when it is empty or hidden.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QElapsedTimer, QPointF, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QHideEvent, QPainter, QPaintEvent, QPen, QShowEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from console.qtkit.current import colours
from console.qtkit.marks import Mark
from console.qtkit.paint import draw_box
from console.qtkit.tokens import ICON, Tone

FRAME_MS = 33
RING_PEN = 2.25
FULL_TURN = 360 * 16
TRACK_HEIGHT = 6
SHARE_HEIGHT = 8
SHARE_GAP = 2


def draw_ring(painter: QPainter, corner: QPointF, share: float, colour: str, size: int = ICON) -> None:
    """Paint a ring of which `share`, 0 to 1, is left, emptying clockwise from the top."""
    inset = RING_PEN / 2 + 1
    box = QRectF(corner.x(), corner.y(), size, size).adjusted(inset, inset, -inset, -inset)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=True)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(colours().line), RING_PEN))
    painter.drawEllipse(box)
    pen = QPen(QColor(colour), RING_PEN)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    painter.setPen(pen)
    painter.drawArc(box, 90 * 16, round(FULL_TURN * max(0.0, min(1.0, share))))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)


class Ring(Mark):
    """A ring that empties over a time, as a held decision's undo window does."""

    emptied = Signal()

    def __init__(self, name: str, size: int = ICON, parent: QWidget | None = None) -> None:
        super().__init__(name, parent)
        self._size = size
        self._total_ms = 1
        self._passed_ms = 0
        self._since = QElapsedTimer()
        self._frame = QTimer(self)
        self._frame.setInterval(FRAME_MS)
        self._frame.timeout.connect(self._step)

    def start(self, seconds_left: float, seconds_total: float) -> None:
        """Empty the ring in `seconds_left` of `seconds_total`."""
        self._total_ms = max(1, round(seconds_total * 1000))
        self._passed_ms = self._total_ms - round(seconds_left * 1000)
        self._since.start()
        self._frame.start()
        self.update()

    def share(self) -> float:
        """How much is left, 0 to 1."""
        passed = self._passed_ms + (self._since.elapsed() if self._since.isValid() else 0)
        return max(0.0, 1 - passed / self._total_ms)

    def sizeHint(self) -> QSize:
        """A square."""
        return QSize(self._size, self._size)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint what is left."""
        draw_ring(QPainter(self), QPointF(0, 0), self.share(), colours().accent, self._size)

    def hideEvent(self, event: QHideEvent) -> None:
        """Rest while nobody looks."""
        self._frame.stop()

    def showEvent(self, event: QShowEvent) -> None:
        """Go on from where the clock is by now."""
        if self._since.isValid():
            self._frame.start()

    def _step(self) -> None:
        self.update()
        if self.share() <= 0:
            self._frame.stop()
            self._since.invalidate()
            self._passed_ms = self._total_ms
            self.emptied.emit()


class Track(QWidget):
    """One share of a whole, such as an agent's confidence."""

    def __init__(self, name: str, share: float = 0, tone: Tone = Tone.LOW, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name, self._share, self._tone = name, share, tone
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.set_share(share)

    def set_share(self, share: float) -> None:
        """Show another share, 0 to 1; what is outside is brought inside."""
        self._share = 0.0 if math.isnan(share) else max(0.0, min(1.0, share))
        self.setAccessibleName(f"{self._name} {round(self._share * 100)} %")
        self.update()

    def set_tone(self, tone: Tone) -> None:
        """Show it in another tone."""
        self._tone = tone
        self.update()

    def sizeHint(self) -> QSize:
        """88 px unless the layout gives more."""
        return QSize(88, TRACK_HEIGHT)

    def minimumSizeHint(self) -> QSize:
        """Still readable at 40 px."""
        return QSize(40, TRACK_HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint it."""
        box = QRectF(0, (self.height() - TRACK_HEIGHT) / 2, self.width(), TRACK_HEIGHT)
        draw_track(QPainter(self), box, self._share, colours().text(self._tone))


def draw_track(painter: QPainter, box: QRectF, share: float, colour: str) -> None:
    """Paint a share of a whole in a box."""
    draw_box(painter, box, box.height() / 2, colours().line)
    if share > 0:
        filled = QRectF(box.x(), box.y(), max(box.height(), box.width() * share), box.height())
        draw_box(painter, filled, box.height() / 2, colour)


@dataclass(frozen=True, slots=True)
class Share:
    """One part of a bar: what it is, how many, in which tone."""

    word: str
    count: int
    tone: Tone


class ShareBar(QWidget):
    """Several counts side by side, as long as they are many."""

    def __init__(self, shares: Sequence[Share] = (), parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shares: tuple[Share, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.set_shares(shares)

    def set_shares(self, shares: Sequence[Share]) -> None:
        """Show other counts; those of 0 take no room."""
        self._shares = tuple(share for share in shares if share.count > 0)
        self.setAccessibleName(", ".join(f"{share.count} {share.word}" for share in self._shares))
        self.update()

    def sizeHint(self) -> QSize:
        """As wide as the layout likes."""
        return QSize(160, SHARE_HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the parts with gaps between."""
        painter = QPainter(self)
        c = colours()
        total = sum(share.count for share in self._shares)
        room = self.width() - SHARE_GAP * max(0, len(self._shares) - 1)
        x = 0.0
        for share in self._shares:
            width = room * share.count / total
            draw_box(painter, QRectF(x, 0, width, self.height()), 2, c.text(share.tone))
            x += width + SHARE_GAP

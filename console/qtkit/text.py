"""Labels: plain words in a token's style, on exact lines, elided or wrapped; never rich text.

Invariant: what an engine wrote is painted character by character; no markup, no file, no address is ever followed. A
link is only what the screen itself named as one, reached with Tab and activated with Enter.
"""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from console.qtkit.current import colours
from console.qtkit.layout import UNBOUNDED, Laid, lay_out
from console.qtkit.paint import draw_box, tip
from console.qtkit.tokens import Style, Tone
from console.qtkit.words import Span, Words, spans

MINIMUM = 24


class Text(QLabel):
    """Words in one style.

    `max_lines` 1 gives one elided line, 0 wraps freely, more wraps and elides the last one. A cut text shows the
    whole in its tooltip.
    """

    activated = Signal(str)

    def __init__(
        self,
        words: Words = "",
        style: Style = Style.BODY,
        tone: Tone = Tone.INK,
        *,
        max_lines: int = 1,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._spans: tuple[Span, ...] = ()
        self._style = style
        self._tone = tone
        self._max_lines = max_lines
        self._link = -1
        self._keeps_whole = False
        self.setTextFormat(Qt.TextFormat.PlainText)
        wraps = max_lines != 1
        policy = QSizePolicy(
            QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred if wraps else QSizePolicy.Policy.Fixed
        )
        policy.setHeightForWidth(wraps)
        self.setSizePolicy(policy)
        self.set_words(words)

    def set_words(self, words: Words, tone: Tone | None = None) -> None:
        """Show other words, and in another tone if one is given."""
        shown = spans(words)
        tone = self._tone if tone is None else tone
        if (shown, tone) == (self._spans, self._tone) and self.text():
            return
        self._spans, self._tone = shown, tone
        self._link = -1
        self.setText("".join(span.text for span in shown))
        has_links = any(span.link for span in shown)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus if has_links else Qt.FocusPolicy.NoFocus)
        self.setMouseTracking(has_links)
        self._show_tip()
        self.updateGeometry()
        self.update()

    def keep_whole(self) -> Text:
        """Never elide: for numbers. Returns itself."""
        self._keeps_whole = True
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        return self

    def sizeHint(self) -> QSize:
        """The size of the words on one line, or on the lines they have."""
        laid = self._laid(UNBOUNDED)
        return QSize(int(laid.width) + 1, laid.height)

    def minimumSizeHint(self) -> QSize:
        """One line, and hardly any width unless it is kept whole."""
        hint = self.sizeHint()
        return QSize(hint.width() if self._keeps_whole else min(MINIMUM, hint.width()), self._style.line)

    def hasHeightForWidth(self) -> bool:
        """Whether it wraps."""
        return self._max_lines != 1

    def heightForWidth(self, width: int) -> int:
        """Return the height of the words wrapped to this width."""
        return self._laid(width).height

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the words."""
        painter = QPainter(self)
        laid = self._laid(self.width())
        origin = self._origin(laid)
        if self.hasFocus() and 0 <= self._link < len(laid.links):
            for box in laid.links[self._link][1]:
                ring = box.translated(origin).adjusted(-2, 1, 2, -1) & QRectF(self.rect())
                draw_box(painter, ring, 3, None, colours().accent)
        laid.draw(painter, origin.x(), origin.y())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Learn whether the words are cut at this width."""
        super().resizeEvent(event)
        self._show_tip()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Show the hand over a link."""
        is_link = bool(self._link_at(event.position()))
        self.setCursor(Qt.CursorShape.PointingHandCursor if is_link else Qt.CursorShape.ArrowCursor)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Activate the link that was clicked."""
        target = self._link_at(event.position())
        if target and event.button() is Qt.MouseButton.LeftButton:
            self.activated.emit(target)
        else:
            super().mouseReleaseEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Activate the link that has the focus."""
        links = self._laid(self.width()).links
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space} and 0 <= self._link < len(links):
            self.activated.emit(links[self._link][0])
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Go to the first link, or coming backwards to the last."""
        super().focusInEvent(event)
        is_back = event.reason() is Qt.FocusReason.BacktabFocusReason
        self._link = len(self._laid(self.width()).links) - 1 if is_back else 0
        self.update()

    def focusNextPrevChild(self, next: bool) -> bool:  # noqa: A002 - Qt's name
        """Move among the links before the focus leaves."""
        step = self._link + (1 if next else -1)
        if 0 <= step < len(self._laid(self.width()).links):
            self._link = step
            self.update()
            return True
        return bool(super().focusNextPrevChild(next))

    def _laid(self, width: float) -> Laid:
        return lay_out(self._spans, self._style, self._tone, colours(), width, self._max_lines)

    def _origin(self, laid: Laid) -> QPointF:
        across = self.alignment() & Qt.AlignmentFlag.AlignHorizontal_Mask
        spare = max(0.0, self.width() - laid.width)
        left = spare if across == Qt.AlignmentFlag.AlignRight else 0.0
        if across == Qt.AlignmentFlag.AlignHCenter:
            left = spare / 2
        is_top = bool(self.alignment() & Qt.AlignmentFlag.AlignTop) or self._max_lines != 1
        return QPointF(round(left), 0 if is_top else (self.height() - laid.height) // 2)

    def _link_at(self, point: QPointF) -> str:
        laid = self._laid(self.width())
        return laid.link_at(point - self._origin(laid))

    def _show_tip(self) -> None:
        is_cut = self.width() > 0 and self._laid(self.width()).is_cut
        self.setToolTip(tip(self.text()) if is_cut else "")

"""What every painted part is made of: text on a baseline, rounded boxes, hairlines, key caps.

Invariant: single-line text passes through `one_line`, so nothing hidden is painted; one-px lines lie on whole pixels
and are not smoothed, curves are. Coordinates are px from the upper left corner of whatever is painted on.
"""

from __future__ import annotations

import math
from html import escape

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from console.domain.display import one_line, whole_cut
from console.qtkit.fonts import font, metrics, text_width
from console.qtkit.keycaps import label_of
from console.qtkit.tokens import Radius, Style

KEY_SIDE = 18
KEY_PADDING = 5
TIP_LIMIT = 600


def draw_text(  # noqa: PLR0917 - where, what and how, in the order of QPainter's own calls
    painter: QPainter, x: float, y: float, text: str, style: Style, colour: str, width: float = math.inf
) -> float:
    """Paint one line with the top of its line box at y, elided to `width`. Returns the px it took."""
    shown = elided(text, style, width)
    painter.setFont(font(style))
    painter.setPen(QColor(colour))
    painter.drawText(QPointF(x, y + style.baseline), shown)
    return text_width(shown, style)


def draw_text_right(painter: QPainter, right: float, y: float, text: str, style: Style, colour: str) -> float:
    """Paint one line that ends at `right`; never elided, for numbers stay whole. Returns where it begins."""
    shown = one_line(text)
    left = right - text_width(shown, style)
    draw_text(painter, left, y, shown, style, colour)
    return left


def elided(text: str, style: Style, width: float) -> str:
    """Return the text on one line, cut with an ellipsis where it is wider than `width`."""
    shown = one_line(text)
    if width == math.inf:
        return shown
    cut = metrics(style).elidedText(shown, Qt.TextElideMode.ElideRight, width)
    if cut == shown or not cut:
        return cut
    kept = shown[: whole_cut(shown, len(cut) - 1)].rstrip()
    return kept + cut[-1]


def draw_box(
    painter: QPainter, box: QRectF, radius: float, fill: str | None, outline: str | None = None, pen_width: float = 1
) -> None:
    """Paint a filled box with a solid outline inside its edges."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=True)
    if outline is None:
        painter.setPen(Qt.PenStyle.NoPen)
    else:
        painter.setPen(QPen(QColor(outline), pen_width))
        half = pen_width / 2
        box = box.adjusted(half, half, -half, -half)
        radius = max(0.0, radius - half)
    painter.setBrush(Qt.BrushStyle.NoBrush if fill is None else QColor(fill))
    painter.drawRoundedRect(box, radius, radius)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)


def draw_dashed_box(painter: QPainter, box: QRectF, radius: float, outline: str) -> None:
    """Paint the dashed outline of what cannot be used, or is not there yet."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=True)
    pen = QPen(QColor(outline), 1)
    pen.setDashPattern([3, 2.5])
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), radius - 0.5, radius - 0.5)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)


def draw_line(painter: QPainter, start: QPointF, end: QPointF, colour: str, pen_width: float = 1) -> None:
    """Paint a straight line over whole pixels: a one-px line is given by the pixels' upper left corners."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
    painter.setPen(QPen(QColor(colour), pen_width))
    shift = QPointF(0.5, 0.5)
    painter.drawLine(QLineF(start + shift, end + shift))


def key_width(label: str) -> float:
    """Return how wide a key cap is: nothing for the key of an action that has none."""
    shown = label_of(label)
    return max(float(KEY_SIDE), math.ceil(text_width(shown, Style.KEY)) + 2 * KEY_PADDING) if shown else 0.0


def draw_key(painter: QPainter, x: float, middle: float, label: str, colour: str, outline: str) -> float:
    """Paint a key cap with its left edge at x, centred on the height `middle`. Returns its width."""
    label = label_of(label)
    if not label:
        return 0.0
    width = key_width(label)
    top = middle - KEY_SIDE / 2
    draw_box(painter, QRectF(x, top, width, KEY_SIDE), Radius.KEY, None, outline)
    inner = text_width(label, Style.KEY)
    draw_text(painter, x + (width - inner) / 2, top + (KEY_SIDE - Style.KEY.line) / 2, label, Style.KEY, colour)
    return width


def tip(text: str) -> str:
    """Return a tooltip that shows this very text: Qt guesses markup in tooltips, so it is given escaped markup."""
    if not text:
        return ""
    cut = text if len(text) <= TIP_LIMIT else text[:TIP_LIMIT] + "…"
    return f"<span>{escape(one_line(cut))}</span>"

"""Paints the title of a page in the list of the help."""

from __future__ import annotations

from PySide6.QtCore import QRect
from PySide6.QtGui import QColor, QPainter

from console.qtkit.current import colours
from console.qtkit.paint import draw_text
from console.qtkit.rowtable import Look
from console.qtkit.tokens import Space, Style
from console.screens.help.presenter import Topic

HEIGHT = 36
EDGE = 3


def draw_topic(painter: QPainter, rect: QRect, topic: Topic, look: Look) -> None:
    """Paint one row; the chosen one has an edge of accent."""
    c = colours()
    ground = c.selected if look.is_selected else c.hover if look.is_hovered else c.sunken
    painter.fillRect(rect, QColor(ground))
    if look.is_selected:
        painter.fillRect(QRect(rect.x(), rect.y(), EDGE, rect.height()), QColor(c.accent))
    style = Style.STRONG if look.is_selected else Style.BODY
    top = rect.y() + (rect.height() - style.line) / 2
    draw_text(painter, rect.x() + Space.GAP, top, topic.title, style, c.ink, rect.width() - 2 * Space.GAP)

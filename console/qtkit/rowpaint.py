"""Paints rows of the inbox, headings and handled items: pure functions of data, look and the colours in force.

Invariant: numbers stay whole; the second line gives way first, then the title. A row is never tinted by its risk. The
geometry is the design's: row 56, heading 24, handled 52.
"""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, QRectF
from PySide6.QtGui import QColor, QPainter

from console.domain.display import one_line
from console.qtkit.current import colours
from console.qtkit.fonts import text_width
from console.qtkit.gauges import draw_ring
from console.qtkit.icons import draw_icon
from console.qtkit.layout import lay_out
from console.qtkit.paint import draw_box, draw_key, draw_line, draw_text, draw_text_right, key_width
from console.qtkit.rowdata import HandledRow, HeadingRow, InboxRow, RowMark
from console.qtkit.rowtable import Look
from console.qtkit.tokens import ICON, MARK_ICON, PILL_ICON, Colours, Height, Radius, Style, Tone

ICON_X = 16
ICON_Y = 10
TEXT_X = 40
HEADING_X = 36
MARGIN = 12
SOLID_SIDE = 20
TITLE_Y = 8
SECOND_Y = 30
HANDLED_TITLE_Y = 6
HANDLED_SECOND_Y = 28
GAP = 8
EDGE = 3


def draw_inbox_row(painter: QPainter, rect: QRect, row: InboxRow, look: Look) -> None:
    """Paint an item of the inbox."""
    c = colours()
    _draw_ground(painter, rect, look, c.sunken)
    x, y, right = rect.x(), rect.y(), rect.right() + 1 - MARGIN
    if row.is_solid:
        inset = (SOLID_SIDE - ICON) / 2
        box = QRectF(x + ICON_X - inset, y + ICON_Y - inset, SOLID_SIDE, SOLID_SIDE)
        draw_box(painter, box, Radius.KEY, c.critfill)
    draw_icon(painter, row.icon, c.onfill if row.is_solid else c.text(row.tone), x + ICON_X, y + ICON_Y)
    age_x = draw_text_right(painter, right, y + TITLE_Y + 3, row.age, Style.SMALL, c.ink3)
    title_room = age_x - GAP - x - TEXT_X
    draw_text(painter, x + TEXT_X, y + TITLE_Y, row.title, Style.STRONG, c.ink, title_room)
    end = _draw_marks(painter, right, y + SECOND_Y, row, c)
    _draw_second(painter, x + TEXT_X, y + SECOND_Y, end, row, c)


def draw_heading_row(painter: QPainter, rect: QRect, row: HeadingRow, look: Look) -> None:
    """Paint the heading of a group; it is never selected."""
    c = colours()
    _draw_ground(painter, rect, Look(is_hovered=look.is_hovered), c.sunken)
    x, y = rect.x(), rect.y()
    top = y + (rect.height() - 1 - Style.SMALL.line) // 2
    icon_top = y + (rect.height() - 1 - PILL_ICON) // 2
    draw_icon(painter, "chevron-right" if row.is_folded else "chevron-down", c.ink2, x + ICON_X, icon_top, PILL_ICON)
    at = x + HEADING_X + draw_text(painter, x + HEADING_X, top, row.title, Style.SMALL_STRONG, c.ink2) + GAP
    draw_text(painter, at, top, row.count, Style.SMALL, c.ink3)
    right = rect.right() + 1 - MARGIN
    if row.has_menu:
        right -= PILL_ICON
        draw_icon(painter, "chevron-down", c.ink2, right, icon_top, PILL_ICON)
        right -= GAP
    draw_text_right(painter, right, top, row.remark, Style.SMALL, c.ink2)


def draw_handled_row(painter: QPainter, rect: QRect, row: HandledRow, look: Look) -> None:
    """Paint an item decided just now."""
    c = colours()
    _draw_ground(painter, rect, look, c.surface)
    x, y, right = rect.x(), rect.y(), rect.right() + 1 - MARGIN
    if row.ring_share is None:
        draw_icon(painter, row.icon, c.text(row.tone), x + ICON_X, y + HANDLED_TITLE_Y + 2)
    else:
        draw_ring(painter, QPointF(x + ICON_X, y + HANDLED_TITLE_Y + 2), row.ring_share, c.text(row.tone))
    age_x = draw_text_right(painter, right, y + HANDLED_TITLE_Y + 3, row.age, Style.SMALL, c.ink3)
    title_room = age_x - GAP - x - TEXT_X
    draw_text(painter, x + TEXT_X, y + HANDLED_TITLE_Y, row.title, Style.LABEL, c.ink, title_room)
    end: float = right
    if row.action:
        end = _draw_action(painter, right, y + HANDLED_SECOND_Y, row, c)
    room = max(1.0, end - GAP - x - TEXT_X)
    laid = lay_out(row.words, Style.SMALL, Tone.SECOND, c, room, row.most_lines)
    laid.draw(painter, x + TEXT_X, y + HANDLED_SECOND_Y)
    left_over = room - laid.width - GAP
    # A number is whole or not there.
    if row.remark and not row.action and text_width(row.remark, Style.SMALL_DATA) <= left_over:
        draw_text_right(painter, right, y + HANDLED_SECOND_Y, row.remark, Style.SMALL_DATA, c.ink2)


def handled_height(row: HandledRow, width: int) -> int:
    """Return the height of a handled row as wide as this: more than the design's where its words take more lines."""
    if row.most_lines == 1:
        return Height.HANDLED_ROW
    room = max(1.0, width - MARGIN - _action_width(row) - GAP - TEXT_X)
    laid = lay_out(row.words, Style.SMALL, Tone.SECOND, colours(), room, row.most_lines)
    return Height.HANDLED_ROW + max(0, round(laid.height) - Style.SMALL.line)


def action_rect(rect: QRect, row: HandledRow) -> QRectF:
    """Return where the action of a handled row is pressed, in the row's own coordinates."""
    width = _action_width(row)
    if not row.action:
        return QRectF()
    return QRectF(rect.width() - MARGIN - width - 4, HANDLED_SECOND_Y - 5, width + 8, Style.SMALL.line + 10)


def _action_width(row: HandledRow) -> float:
    if not row.action:
        return 0.0
    return text_width(row.action, Style.SMALL_LABEL) + (GAP + key_width(row.action_key) if row.action_key else 0)


def _draw_ground(painter: QPainter, rect: QRect, look: Look, ground: str) -> None:
    c = colours()
    fill = c.selected if look.is_selected else c.hover if look.is_hovered else ground
    painter.fillRect(rect, QColor(fill))
    bottom = rect.y() + rect.height() - 1
    draw_line(painter, QPointF(rect.x(), bottom), QPointF(rect.right(), bottom), c.line)
    if look.is_selected:
        edge = c.accent if look.is_focused else c.control
        painter.fillRect(QRect(rect.x(), rect.y(), EDGE, rect.height()), QColor(edge))


def _draw_marks(painter: QPainter, right: float, y: float, row: InboxRow, c: Colours) -> float:
    """Paint time left and marks from the right; returns where they begin."""
    end = right
    if row.time_left:
        style, colour = (Style.SMALL_STRONG, c.crit) if row.is_over else (Style.SMALL, c.ink2)
        end = draw_text_right(painter, right, y, row.time_left, style, colour) - GAP
    stale = (RowMark("history", row.stale_age, Tone.MEDIUM),) if row.stale_age else ()
    for mark in (*stale, *row.marks):
        colour = c.text(mark.tone)
        if mark.text:
            end = draw_text_right(painter, end, y, mark.text, Style.SMALL, colour) - 4
        end -= MARK_ICON
        draw_icon(painter, mark.icon, colour, round(end), y + (Style.SMALL.line - MARK_ICON) / 2, MARK_ICON)
        end -= GAP
    return end


def _draw_second(painter: QPainter, x: float, y: float, end: float, row: InboxRow, c: Colours) -> None:
    colour = c.text(row.tone)
    x += draw_text(painter, x, y, row.risk_word, Style.SMALL_STRONG, colour, max(1.0, end - x))
    room = end - x
    if row.where and room > text_width(" · …", Style.SMALL):
        draw_text(painter, x, y, f" · {one_line(row.where)}", Style.SMALL, c.ink2, room)


def _draw_action(painter: QPainter, right: float, y: float, row: HandledRow, c: Colours) -> float:
    if row.action_key:
        right -= key_width(row.action_key)
        draw_key(painter, right, y + Style.SMALL.line / 2, row.action_key, c.ink2, c.control)
        right -= GAP
    return draw_text_right(painter, right, y, row.action, Style.SMALL_LABEL, c.accent)

"""Paints runs, groups of failures and receipts: pure functions of data, look and the colours in force.

Invariant: numbers and states stay whole; words give way. A row is never tinted by what it says. The geometry is the
design's: run 28, failure group 40.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRect, QRectF
from PySide6.QtGui import QColor, QPainter

from console.domain.ages import clock
from console.domain.decision import DecisionState
from console.domain.language import tr
from console.qtkit.current import colours
from console.qtkit.fonts import text_width
from console.qtkit.icons import draw_icon
from console.qtkit.paint import draw_box, draw_line, draw_text, draw_text_right, elided
from console.qtkit.rowtable import Look
from console.qtkit.tokens import PILL_ICON, Height, Radius, Style, Tone
from console.screens.runs.act_state import STATES, Entry
from console.screens.runs.rows import GroupText, RunText
from console.screens.runs.view_columns import Cell, Column, cells, draw_ground

RUN_COLUMNS = (
    Column("status", tr("Status"), 134, is_sorting=True),
    Column("workflow", tr("Workflow"), 116, is_sorting=True),
    Column("key", tr("Business key"), 112, is_sorting=True),
    Column("connection", tr("Connection"), 84, shown_from=960),
    Column("started", tr("Started"), 56, is_right=True, shown_from=880, is_sorting=True),
    Column("duration", tr("Duration"), 64, is_right=True, shown_from=740, is_sorting=True),
    Column("moved", tr("Moved"), 60, is_right=True, is_sorting=True),
    Column("now", tr("Now"), 0),
)
# With one connection its name tells nothing.
ALONE_COLUMNS = tuple(each for each in RUN_COLUMNS if each.name != "connection")
GROUP_COLUMNS = (
    Column("code", "", 40),
    Column("error", tr("Error and where"), 0),
    Column("runs", tr("Runs"), 40, is_right=True),
    Column("bars", tr("Per hour"), 92, shown_from=760),
    Column("workflow", tr("Workflow"), 108, shown_from=720),
    Column("last", tr("Last"), 52),
    Column("note", tr("Runbook"), 56),
    Column("action", "", 92),
)
RECEIPT_LINE = 28
RECEIPT_TROUBLE = 52
RECEIPT_MARGIN = 20
LABEL_WIDTH = 124
BAR_WIDTH, BAR_GAP, BAR_HEIGHT = 5, 2, 16


def draw_run(painter: QPainter, rect: QRect, row: RunText, look: Look, columns: Sequence[Column]) -> None:
    """Paint a run."""
    c = colours()
    draw_ground(painter, rect, look, c.surface)
    places = cells(columns, rect.width())
    top = rect.y() + (Height.RUN_ROW - 1 - Style.ROW.line) / 2
    at = {name: Cell(cell.left + rect.x(), cell.width) for name, cell in places.items()}
    tone = c.text(row.tone)
    icon, ink = ("square-check", c.accent) if row.is_marked else (row.icon, tone)
    draw_icon(painter, icon, ink, at["status"].left, rect.y() + (Height.RUN_ROW - PILL_ICON) / 2, PILL_ICON)
    left = at["status"].left + PILL_ICON + 6
    draw_text(painter, left, top, row.status, Style.SECTION, tone, at["status"].right - left)
    draw_text(painter, at["workflow"].left, top, row.workflow, Style.ROW, c.ink, at["workflow"].width)
    draw_text(painter, at["key"].left, top, row.business_key, Style.DATA, c.ink, at["key"].width)
    if connection := at.get("connection"):
        draw_text(painter, connection.left, top, row.connection, Style.ROW, c.ink2, connection.width)
    for name, text in (("started", row.started), ("duration", row.duration)):
        if cell := at.get(name):
            draw_text_right(painter, cell.right, top, text, Style.DATA, c.ink2 if name == "started" else c.ink)
    draw_text_right(painter, at["moved"].right, top, row.moved, Style.ROW, c.high if row.is_long_still else c.ink2)
    _draw_now(painter, at["now"], top, row)


def _draw_now(painter: QPainter, cell: Cell, top: float, row: RunText) -> None:
    c = colours()
    left = cell.left
    if row.stale_age:
        draw_icon(painter, "history", c.med, left, top + 3, PILL_ICON)
        left += PILL_ICON + 6
    if row.now and left < cell.right:
        draw_text(painter, left, top, row.now, Style.ROW, c.ink, cell.right - left)


def draw_group(painter: QPainter, rect: QRect, row: GroupText, look: Look) -> None:
    """Paint a group of failures."""
    c = colours()
    draw_ground(painter, rect, look, c.surface)
    at = {name: Cell(cell.left + rect.x(), cell.width) for name, cell in cells(GROUP_COLUMNS, rect.width()).items()}
    first, second = rect.y() + 3, rect.y() + 20
    middle = rect.y() + (Height.FAILURE_ROW - 1 - Style.ROW.line) / 2
    draw_text(painter, at["code"].left, middle, row.fingerprint, Style.DATA, c.ink2)
    draw_text(painter, at["error"].left, first, row.error, Style.SMALL_STRONG, c.ink, at["error"].width)
    draw_text(painter, at["error"].left, second, row.where, Style.SMALL, c.ink2, at["error"].width)
    draw_text_right(painter, at["runs"].right, middle, f"{row.count:,}", Style.STRONG, c.ink)
    if bars := at.get("bars"):
        _draw_bars(painter, bars.left, rect.y() + (Height.FAILURE_ROW - BAR_HEIGHT) / 2, row.bars)
    if workflow := at.get("workflow"):
        draw_text(painter, workflow.left, middle, row.workflows, Style.ROW, c.ink2, workflow.width)
    draw_text(painter, at["last"].left, middle, row.last, Style.ROW, c.ink2, at["last"].width)
    icon, word, ink = ("book-open", tr("note"), c.accent) if row.has_note else ("plus", tr("add"), c.ink2)
    draw_icon(painter, icon, ink, at["note"].left, middle + 3, PILL_ICON)
    draw_text(painter, at["note"].left + PILL_ICON + 5, middle + 2, word, Style.SMALL_STRONG, ink)
    _draw_action(painter, at["action"], rect, row)


def action_box(rect: QRect, row: GroupText) -> QRectF:
    """Where the action of a group is pressed, in the row's own coordinates."""
    cell = cells(GROUP_COLUMNS, rect.width())["action"]
    width = min(cell.width, text_width(_action(row), Style.SMALL_LABEL) + PILL_ICON + 22)
    height = Height.SMALL_CONTROL
    return QRectF(cell.right - width, (Height.FAILURE_ROW - 1 - height) / 2, width, height)


def note_box(rect: QRect) -> QRectF:
    """Where the note of a group is pressed, in the row's own coordinates."""
    cell = cells(GROUP_COLUMNS, rect.width())["note"]
    return QRectF(cell.left - 4, 4, cell.width + 8, Height.FAILURE_ROW - 8)


def _action(row: GroupText) -> str:
    return row.acting or tr("Retry {count:,}…", count=row.count)


def _draw_action(painter: QPainter, cell: Cell, rect: QRect, row: GroupText) -> None:
    c = colours()
    if not row.can_act and not row.acting:
        top = rect.y() + (Height.FAILURE_ROW - 1 - Style.SMALL.line) / 2
        draw_text_right(painter, cell.right, top, tr("not retried"), Style.SMALL, c.ink2)
        return
    if row.acting:
        left = cell.right - text_width(row.acting, Style.SMALL_STRONG) - PILL_ICON - 5
        top = rect.y() + (Height.FAILURE_ROW - 1 - Style.SMALL.line) / 2
        draw_icon(painter, "loader", c.accent, left, top + 1, PILL_ICON)
        draw_text(painter, left + PILL_ICON + 5, top, row.acting, Style.SMALL_STRONG, c.accent)
        return
    box = action_box(rect, row).translated(rect.x(), rect.y())
    draw_box(painter, box, Radius.CONTROL, c.surface, c.control)
    top = box.y() + (box.height() - Style.SMALL.line) / 2
    draw_icon(painter, "rotate-ccw", c.ink, box.x() + 8, top + 1, PILL_ICON)
    left = box.x() + 8 + PILL_ICON + 5
    draw_text(painter, left, top, _action(row), Style.SMALL_LABEL, c.ink, box.right() - 4 - left)


def _draw_bars(painter: QPainter, left: float, top: float, shares: tuple[float, ...]) -> None:
    c = colours()
    bottom = round(top + BAR_HEIGHT)
    for number, share in enumerate(shares):
        x = left + number * (BAR_WIDTH + BAR_GAP)
        if share:
            height = max(2, round(share * BAR_HEIGHT))
            painter.fillRect(QRectF(x, bottom - height, BAR_WIDTH, height), QColor(c.crit))
        else:
            draw_line(painter, QPointF(round(x), bottom - 1), QPointF(round(x) + BAR_WIDTH - 1, bottom - 1), c.control)


def entry_state(entry: Entry) -> tuple[str, str, Tone]:
    """Icon, word and tone of one run in an act on many."""
    if entry.state is not None:
        icon, tone = STATES[entry.state]
        return icon, tr(entry.state), tone
    if entry.problem:
        return "circle-minus", tr("not sent"), Tone.HIGH
    return ("circle-dashed", tr("ready"), Tone.SECOND) if entry.is_read else ("loader", tr("reading"), Tone.SECOND)


def entry_words(entry: Entry) -> str:
    """What a person has to know of it; empty where all is well."""
    if entry.problem:
        return entry.problem
    return f"{tr(entry.message)} {tr(entry.next_action)}".strip() if entry.is_trouble else ""


def entry_said(entry: Entry) -> str:
    """What a screen reader says of it."""
    return ", ".join(part for part in (entry.label, entry_state(entry)[1], entry.effect, entry_words(entry)) if part)


def entry_height(entry: Entry) -> int:
    """Two lines where there is something to know."""
    return RECEIPT_TROUBLE if entry_words(entry) else RECEIPT_LINE


def draw_entry(painter: QPainter, rect: QRect, entry: Entry, look: Look) -> None:
    """Paint one run in an act on many, with what became of it."""
    c = colours()
    draw_ground(painter, rect, look, c.surface)
    icon, word, tone = entry_state(entry)
    left, right = rect.x() + RECEIPT_MARGIN, rect.right() + 1 - RECEIPT_MARGIN
    top = rect.y() + (RECEIPT_LINE - 1 - Style.ROW.line) / 2
    draw_text(painter, left, top, entry.label, Style.DATA, c.ink, LABEL_WIDTH)
    x: float = left + LABEL_WIDTH + 8
    draw_icon(painter, icon, c.text(tone), x, top + 3, PILL_ICON)
    x += PILL_ICON + 5
    style = Style.ROW if entry.state in {None, DecisionState.QUEUED, DecisionState.SENDING} else Style.SECTION
    x += draw_text(painter, x, top, word, style, c.text(tone)) + 8
    end = draw_text_right(painter, right, top, clock(entry.at) if entry.at is not None else "", Style.DATA, c.ink2)
    if entry.effect and end - 8 - x > LABEL_WIDTH / 2:
        draw_text_right(painter, end - 8, top, elided(entry.effect, Style.DATA, end - 16 - x), Style.DATA, c.ink2)
    if words := entry_words(entry):
        draw_text(painter, left, top + 22, words, Style.SMALL, c.ink2, right - left)

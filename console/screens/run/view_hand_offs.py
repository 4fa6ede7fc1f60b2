"""The Hand-offs tab: a card for each edge that context moved over, and beside it the chosen one in full.

Invariant: what was lost stands first and is marked by icon and word; a card holds a bounded number of lines and the
pane beside it all of them.
"""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QWidget

from console.domain.language import tr
from console.domain.run import HandOff
from console.qtkit.current import colours
from console.qtkit.gauges import draw_track
from console.qtkit.icons import draw_icon
from console.qtkit.paint import draw_box, draw_text, draw_text_right
from console.qtkit.panes import Ground, Pane
from console.qtkit.rowmodel import RowModel
from console.qtkit.rowtable import Look, RowTable
from console.qtkit.text import Text
from console.qtkit.tokens import ICON, PILL_ICON, Radius, Space, Style, Tone
from console.screens.run.hand_offs import HandOffRow, Remark, hand_off_rows, summary
from console.screens.run.state import PartState, RunState
from console.screens.run.view_hand_off_details import HandOffDetails
from console.screens.run.view_part import PartPane, copying

GAP = 8
HEAD = 52
LINE = 26
QUIET_LINE = 22
MOST_REMARKS = 4
TRACK_WIDTH, TRACK_HEIGHT = 116, 6
TEXT_LEFT = Space.CARD + ICON + 8
NOTHING = tr("Nothing was handed over yet. Each time a step takes up what those before it found, it is recorded here.")


def card_height(row: HandOffRow, _width: int) -> int:
    """The height of a card and the gap below it."""
    shown = row.remarks[:MOST_REMARKS]
    lines = sum(LINE if one.is_lost else QUIET_LINE for one in shown)
    more = QUIET_LINE if len(row.remarks) > MOST_REMARKS else 0
    return HEAD + lines + more + (Space.HALF if shown else 0) + GAP


def draw_hand_off(painter: QPainter, rect: QRect, row: HandOffRow, look: Look) -> None:
    """Paint one card."""
    c = colours()
    painter.fillRect(rect, QColor(c.surface))
    box = QRectF(rect).adjusted(Space.PANE, 0, -Space.PANE, -GAP)
    fill = c.hover if look.is_hovered and not look.is_selected else c.surface
    draw_box(painter, box, Radius.CARD, fill, c.accent if look.is_selected else c.line, 2 if look.is_selected else 1)
    right = box.right() - Space.CARD
    _draw_head(painter, box, right, row)
    top = box.top() + HEAD
    for remark in row.remarks[:MOST_REMARKS]:
        _draw_remark(painter, QRectF(box.left() + TEXT_LEFT, top, right - box.left() - TEXT_LEFT, LINE - 4), remark)
        top += LINE if remark.is_lost else QUIET_LINE
    if len(row.remarks) > MOST_REMARKS:
        more = tr("and {more:,} more", more=len(row.remarks) - MOST_REMARKS)
        draw_text(painter, box.left() + TEXT_LEFT, top + 2, more, Style.SMALL, c.ink3)


def _draw_head(painter: QPainter, box: QRectF, right: float, row: HandOffRow) -> None:
    c = colours()
    left, top = box.left() + TEXT_LEFT, box.top() + 8
    tone = Tone.HIGH if row.is_losing else Tone.SECOND
    draw_icon(painter, "arrow-right-left", c.text(tone), box.left() + Space.CARD, top + 2)
    end = draw_text_right(painter, right, top + 2, row.at, Style.SMALL_DATA, c.ink3)
    if row.lost_words:
        end = draw_text_right(painter, end - 10, top, row.lost_words, Style.STRONG, c.text(tone))
        end -= PILL_ICON + 6
        draw_icon(painter, "triangle-alert", c.text(tone), end, top + 3, PILL_ICON)
    draw_text(painter, left, top, f"{row.start} → {row.end}", Style.STRONG, c.ink, end - left - 10)
    second = top + 22
    if row.used_words:
        draw_track(painter, QRectF(left, second + 5, TRACK_WIDTH, TRACK_HEIGHT), row.share, c.text(Tone.LOW))
        left += TRACK_WIDTH + 10
        left += draw_text(painter, left, second, row.used_words, Style.SMALL_LABEL, c.ink) + 10
    draw_text(painter, left, second, " · ".join(row.facts), Style.SMALL, c.ink2, right - left)


def _draw_remark(painter: QPainter, box: QRectF, remark: Remark) -> None:
    c = colours()
    if not remark.is_lost:
        draw_icon(painter, "check", c.text(Tone.OK), box.left(), box.top() + 1, PILL_ICON)
        left = box.left() + PILL_ICON + 6
        left += draw_text(painter, left, box.top(), f"{remark.word}:", Style.SMALL_LABEL, c.ink2) + 6
        draw_text(painter, left, box.top(), f"“{remark.text}”", Style.SMALL, c.ink2, box.right() - left)
        return
    draw_box(painter, box, Radius.CONTROL, c.soft(Tone.HIGH), c.text(Tone.HIGH))
    top = box.top() + (box.height() - Style.SMALL.line) / 2
    draw_icon(painter, "triangle-alert", c.text(Tone.HIGH), box.left() + 8, top + 1, PILL_ICON)
    left = box.left() + 8 + PILL_ICON + 6
    left += draw_text(painter, left, top, f"{remark.word}:", Style.SMALL_STRONG, c.text(Tone.HIGH)) + 6
    draw_text(painter, left, top, f"“{remark.text}”", Style.SMALL, c.ink, box.right() - 8 - left)


class HandOffsPane(PartPane):
    """All of the Hand-offs tab."""

    def __init__(self, parent: QWidget | None = None) -> None:
        content = Pane(Ground.SURFACE, is_row=True)
        super().__init__(content, tr("The hand-offs"), NOTHING, parent)
        self.setAccessibleName(tr("Hand-offs"))
        self._shown: tuple[object, object] = (None, None)
        self.model = RowModel[HandOffRow](lambda row: row.row_id, lambda row: row.said)
        self.table: RowTable[HandOffRow] = RowTable(
            self.model, draw_hand_off, card_height, tr("Hand-offs"), usual_height=HEAD + GAP
        )
        self.table.current_changed.connect(lambda _: self._show_details())
        self.table.opened.connect(lambda _: self._ask())
        copying(self.table, self.model)
        self.summary = Text("", Style.SMALL, Tone.SECOND)
        self.details = HandOffDetails()
        self.details.pressed.connect(self._ask)
        bar = Pane(Ground.SURFACE, margins=(Space.PANE, Space.CARD, Space.PANE, Space.GRID))
        bar.box.addWidget(self.summary)
        cards = Pane(Ground.SURFACE)
        cards.box.addWidget(bar)
        cards.box.addWidget(self.table, 1)
        content.box.addWidget(cards, 1)
        content.box.addWidget(self.details)
        self.setFocusProxy(self.table)

    def show_state(self, state: RunState) -> None:
        """Show the hand-offs read so far."""
        part: PartState[HandOff] = state.hand_offs
        self.show_part(part, state.problem)
        if (part.values, state.steps) == self._shown:
            return
        self._shown = (part.values, state.steps)
        rows = hand_off_rows(part.values, state.steps)
        self.table.apply(rows)
        self.summary.set_words(summary(rows))
        if rows and self.table.current_id() is None:
            first = next((row for row in rows if row.is_losing), rows[0])
            self.table.set_current(first.row_id)
        self._show_details()

    def _current(self) -> HandOffRow | None:
        place = self.model.place_of(self.table.current_id())
        return self.model.row(place) if place >= 0 else None

    def _show_details(self) -> None:
        self.details.show_row(self._current())

    def _ask(self) -> None:
        row = self._current()
        if row is not None:
            self.step_asked.emit(row.hand_off.to_step)

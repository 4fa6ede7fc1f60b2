"""Painted rows: numbers stay whole, the second line gives way first, risk is icon and word and no tint."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtCore import QPointF, QRect
from PySide6.QtGui import QColor, QImage, QPainter

from console.qtkit.fonts import text_width
from console.qtkit.paint import elided
from console.qtkit.rowdata import HandledRow, HeadingRow, InboxRow, RowMark
from console.qtkit.rowpaint import action_rect, draw_handled_row, draw_heading_row, draw_inbox_row
from console.qtkit.rowtable import Look
from console.qtkit.theme import Mode, Theme
from console.qtkit.tokens import DARK, LIGHT, Style, Tone
from console.qtkit.words import spans

pytestmark = pytest.mark.usefixtures("theme")

ROW = InboxRow(
    row_id="1",
    icon="octagon-alert",
    tone=Tone.HIGH,
    risk_word="High",
    title="Refund €4,200 to ACME GmbH",
    where="refunds · refund-agent · tower-eu",
    age="4 m",
    time_left="6 m left",
    marks=(RowMark("signature", "1 of 2", Tone.PERSON),),
)


def drawn(paint: Callable[[QPainter, QRect], None], width: int, height: int) -> QImage:
    picture = QImage(width, height, QImage.Format.Format_RGB32)
    picture.fill(QColor("#FF00FF"))
    painter = QPainter(picture)
    paint(painter, QRect(0, 0, width, height))
    painter.end()
    return picture


def inbox(row: InboxRow, width: int = 400, look: Look | None = None) -> QImage:
    return drawn(lambda painter, rect: draw_inbox_row(painter, rect, row, look or Look()), width, 56)


def count(picture: QImage, colour: str, area: QRect | None = None) -> int:
    area = area or picture.rect()
    wanted = QColor(colour).rgb()
    return sum(
        picture.pixel(x, y) == wanted
        for x in range(area.left(), area.right() + 1)
        for y in range(area.top(), area.bottom() + 1)
    )


@pytest.mark.parametrize("width", [400, 320, 260])
def test_numbers_on_the_right_are_the_same_at_every_width(width: int) -> None:
    def right(wide: int) -> QImage:
        return inbox(ROW, wide).copy(wide - 120, 24, 120, 31)

    assert right(width) == right(600)


def test_the_second_line_gives_way_before_the_title() -> None:
    long = replace(ROW, where="refunds · " * 30)
    assert inbox(long).copy(40, 0, 300, 27) == inbox(ROW).copy(40, 0, 300, 27)
    assert inbox(long).copy(310, 28, 90, 27) == inbox(ROW).copy(310, 28, 90, 27)


def test_a_long_title_leaves_the_age_whole() -> None:
    long = replace(ROW, title="Refund " * 30)
    assert inbox(long).copy(362, 0, 38, 27) == inbox(ROW).copy(362, 0, 38, 27)


def test_risk_does_not_tint_the_row() -> None:
    low = replace(ROW, tone=Tone.LOW, icon="circle-dot", risk_word="Low")
    for row in (ROW, low):
        assert count(inbox(row), LIGHT.sunken) > 400 * 56 * 0.8


def test_critical_is_white_on_a_filled_square() -> None:
    solid = replace(ROW, is_solid=True, tone=Tone.CRITICAL, icon="shield-alert", risk_word="Critical")
    assert count(inbox(solid), LIGHT.critfill, QRect(14, 8, 20, 20)) > 200
    assert count(inbox(ROW), LIGHT.critfill, QRect(14, 8, 20, 20)) == 0


def test_over_time_and_stale_have_their_colours() -> None:
    assert count(inbox(replace(ROW, is_over=True)), LIGHT.crit) > 10
    assert count(inbox(replace(ROW, stale_age="2 m old", marks=())), LIGHT.med) > 10
    assert count(inbox(ROW), LIGHT.crit) == 0


def test_selection_is_edge_and_fill() -> None:
    picture = inbox(ROW, look=Look(is_selected=True))
    assert count(picture, LIGHT.accent, QRect(0, 0, 3, 56)) == 3 * 56
    assert count(picture, LIGHT.selected) > 400 * 56 * 0.8
    assert count(inbox(ROW, look=Look(is_hovered=True)), LIGHT.hover) > 400 * 56 * 0.8


def test_rows_follow_the_theme(theme: Theme) -> None:
    theme.set_mode(Mode.DARK)
    assert count(inbox(ROW), DARK.sunken) > 400 * 56 * 0.8


def test_nothing_is_painted_outside_the_row() -> None:
    picture = QImage(600, 200, QImage.Format.Format_RGB32)
    picture.fill(QColor("#FF00FF"))
    painter = QPainter(picture)
    draw_inbox_row(painter, QRect(50, 60, 400, 56), replace(ROW, title="W" * 200, where="w" * 200), Look())
    painter.end()
    assert count(picture, "#FF00FF") == 600 * 200 - 400 * 56


def test_a_heading_has_title_count_and_remark() -> None:
    heading = HeadingRow(row_id="h", title="Overdue", count="2", remark="by urgency", has_menu=True)
    bare = replace(heading, remark="", has_menu=False)
    full = drawn(lambda painter, rect: draw_heading_row(painter, rect, heading, Look()), 400, 24)
    less = drawn(lambda painter, rect: draw_heading_row(painter, rect, bare, Look()), 400, 24)
    assert full.copy(0, 0, 200, 24) == less.copy(0, 0, 200, 24)
    assert full.copy(250, 0, 150, 24) != less.copy(250, 0, 150, 24)
    assert heading.said == "Overdue 2"


def test_the_action_of_a_handled_row_is_where_it_is_painted() -> None:
    row = HandledRow(
        row_id="a", icon="circle", tone=Tone.ACCENT, title="Refund €89", age="now", words=spans("Approved"),
        action="Undo", action_key="U", ring_share=0.5,
    )  # fmt: skip
    rect = QRect(0, 0, 400, 52)
    picture = drawn(lambda painter, at: draw_handled_row(painter, at, row, Look()), 400, 52)
    area = action_rect(rect, row)
    assert count(picture, LIGHT.accent, area.toRect()) > 10
    assert count(picture, LIGHT.accent, QRect(60, 0, 250, 52)) == 0
    assert area.contains(QPointF(380, 36))
    assert action_rect(rect, replace(row, action="")).isEmpty()


def test_what_a_screen_reader_says() -> None:
    assert ROW.said == "High, Refund €4,200 to ACME GmbH, refunds · refund-agent · tower-eu, 6 m left, 1 of 2"
    assert replace(ROW, stale_age="2 m old").said.endswith("data 2 m old")


@pytest.mark.parametrize("width", range(20, 160, 3))
def test_an_elided_line_has_no_part_of_a_number(width: int) -> None:
    shown = elided("Refund €4,200.00 to ACME", Style.BODY, width)
    assert "4" not in shown or "€4,200.00" in shown
    assert text_width(shown, Style.BODY) <= width

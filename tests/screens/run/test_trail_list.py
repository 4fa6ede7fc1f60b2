"""The list of cards under the hand: nothing jumps, and only what is on screen is ever laid out."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from console.domain.run import TrailEntry, TrailKind
from console.qtkit.theme import Mode, Theme
from console.screens.run.trail import Row, rows
from console.screens.run.view_card import LaidCard
from console.screens.run.view_trail_list import TrailList
from tests.screens.run.entries import entries, entry

pytestmark = pytest.mark.usefixtures("theme")
WIDTH, HEIGHT = 700, 500
NOTCH = 3 * 48
NOTHING: frozenset[str] = frozenset()


class Counted(TrailList):
    """Knows which cards it laid out."""

    def __init__(self) -> None:
        self.places: set[int] = set()
        super().__init__()

    def laid(self, place: int) -> LaidCard:
        self.places.add(place)
        return super().laid(place)


def varied(numbers: range) -> list[TrailEntry]:
    """Entries of very different heights."""
    return [entry(number, TrailKind.REASONING, text="A thought. " * (number * 7 % 40)) for number in numbers]


def made(qtbot: QtBot, shown: Sequence[Row], *, is_following: bool = True) -> Counted:
    view = Counted()
    qtbot.addWidget(view)
    view.resize(WIDTH, HEIGHT)
    view.show_rows(shown, NOTHING, is_following=is_following)
    view.show()
    qtbot.waitExposed(view)
    QApplication.processEvents()
    return view


def place_of(view: TrailList, row_id: str) -> int:
    return next(place for place in range(view.model().rowCount()) if view.row_at(place).row_id == row_id)


def top_of(view: TrailList, row_id: str) -> int:
    return view.visualRect(view.model().index(place_of(view, row_id), 0)).top()


def first_shown(view: TrailList) -> str:
    """The id of the first card whose head is on screen."""
    for place in range(view.model().rowCount()):
        if view.visualRect(view.model().index(place, 0)).top() >= 0:
            return view.row_at(place).row_id
    raise AssertionError("no card is on screen")


def scroll(view: TrailList, by: int) -> None:
    """Turn the wheel, up for positive; 120 is one notch."""
    middle = QPointF(WIDTH / 2, HEIGHT / 2)
    event = QWheelEvent(
        middle,
        view.viewport().mapToGlobal(middle),
        QPoint(0, by),
        QPoint(0, by),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(view.viewport(), event)


def test_10_000_entries_open_at_the_end_and_few_are_laid_out(qtbot: QtBot) -> None:
    view = made(qtbot, rows(varied(range(10_000))))
    view.grab()
    assert 9_999 in view.places
    assert len(view.places) < 40
    last = view.visualRect(view.model().index(9_999, 0))
    assert last.bottom() <= view.viewport().height()
    assert last.bottom() > view.viewport().height() - 30


def test_older_cards_put_in_above_move_nothing_on_screen(qtbot: QtBot) -> None:
    view = made(qtbot, rows(varied(range(500, 700))))
    scroll(view, 3_000)
    seen = first_shown(view)
    before = top_of(view, seen)
    view.show_rows(rows(varied(range(700))), NOTHING, is_following=False)
    assert top_of(view, seen) == before
    view.grab()
    assert top_of(view, seen) == before


def test_scrolling_up_through_cards_never_seen_moves_by_what_was_turned(qtbot: QtBot) -> None:
    view = made(qtbot, rows(varied(range(300))))
    for _ in range(60):
        seen = first_shown(view)
        before = top_of(view, seen)
        scroll(view, 120)
        assert top_of(view, seen) == before + NOTCH


def test_at_the_end_new_cards_stay_in_sight(qtbot: QtBot) -> None:
    view = made(qtbot, rows(varied(range(100))))
    view.show_rows(rows(varied(range(110))), NOTHING, is_following=True)
    assert view.is_at_end()
    assert view.visualRect(view.model().index(109, 0)).bottom() <= view.viewport().height()


def test_away_from_the_end_new_cards_move_nothing(qtbot: QtBot) -> None:
    view = made(qtbot, rows(varied(range(100))))
    left: list[bool] = []
    view.left_end.connect(lambda: left.append(True))
    scroll(view, 240)
    assert left
    seen = first_shown(view)
    before = top_of(view, seen)
    view.show_rows(rows(varied(range(150))), NOTHING, is_following=False)
    assert top_of(view, seen) == before


def test_reaching_the_end_again_is_told(qtbot: QtBot) -> None:
    view = made(qtbot, rows(varied(range(100))))
    told: list[str] = []
    view.left_end.connect(lambda: told.append("left"))
    view.reached_end.connect(lambda: told.append("reached"))
    scroll(view, 300)
    scroll(view, -2_000)
    assert told == ["left", "reached"]


def test_the_top_asks_for_older_cards(qtbot: QtBot) -> None:
    view = made(qtbot, rows(varied(range(100))))
    asked: list[bool] = []
    view.near_top.connect(lambda: asked.append(True))
    scroll(view, 500)
    assert not asked
    view.verticalScrollBar().setValue(0)
    assert asked


def test_a_card_unfolds_where_it_stands(qtbot: QtBot) -> None:
    long = [entry(number, TrailKind.PROMPT, text="Line of a prompt.\n" * 60) for number in range(40)]
    view = made(qtbot, rows(long), is_following=False)
    view.verticalScrollBar().setValue(1_000)
    seen = first_shown(view)
    before = top_of(view, seen)
    view.show_rows(rows(long), frozenset({seen}), is_following=False)
    assert top_of(view, seen) == before
    place = place_of(view, seen)
    assert view.visualRect(view.model().index(place, 0)).height() > 1_000


def test_show_all_is_pressed_with_the_mouse_and_with_enter(qtbot: QtBot) -> None:
    long = [entry(number, TrailKind.PROMPT, text="Line of a prompt.\n" * 60) for number in range(3)]
    view = made(qtbot, rows(long))
    toggled: list[str] = []
    view.toggled.connect(toggled.append)
    index = view.model().index(2, 0)
    zone = view.laid(2).fold_zone
    assert zone is not None
    point = view.visualRect(index).topLeft() + zone.center().toPoint()
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, point)
    assert toggled == ["000002"]
    assert view.current_id() == "000002"
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=view.visualRect(index).topLeft() + QPoint(200, 8))
    assert toggled == ["000002"]
    QTest.keyClick(view, Qt.Key.Key_Up)
    QTest.keyClick(view, Qt.Key.Key_Return)
    assert toggled == ["000002", "000001"]


def test_keys_move_over_the_cards_and_show_them(qtbot: QtBot) -> None:
    view = made(qtbot, rows(varied(range(200))))
    QTest.keyClick(view, Qt.Key.Key_Home)
    assert view.current_id() == "000000"
    assert top_of(view, "000000") >= 0
    for _ in range(30):
        QTest.keyClick(view, Qt.Key.Key_Down)
    assert view.current_id() == "000030"
    box = view.visualRect(view.currentIndex())
    assert 0 <= box.top() <= box.bottom() <= view.viewport().height()
    QTest.keyClick(view, Qt.Key.Key_End)
    assert view.current_id() == "000199"


def test_the_chosen_card_stays_chosen_under_filters(qtbot: QtBot) -> None:
    everything = entries(range(100))
    view = made(qtbot, rows(everything))
    QTest.keyClick(view, Qt.Key.Key_Home)
    QTest.keyClick(view, Qt.Key.Key_Down)
    view.show_rows(rows(everything[1::7]), NOTHING, is_following=False)
    assert view.current_id() == "000001"
    view.show_rows(rows(everything[2::7]), NOTHING, is_following=False)
    assert view.current_id() == ""


def test_another_width_keeps_the_place(qtbot: QtBot) -> None:
    view = made(qtbot, rows(varied(range(200))))
    scroll(view, 4_000)
    seen = first_shown(view)
    before = top_of(view, seen)
    view.resize(WIDTH - 200, HEIGHT)
    QApplication.processEvents()
    assert abs(top_of(view, seen) - before) <= 2


def test_a_list_shorter_than_its_room_and_an_empty_one(qtbot: QtBot) -> None:
    view = made(qtbot, rows(entries(range(2))))
    assert view.verticalScrollBar().maximum() == 0
    assert view.is_at_end()
    view.show_rows((), NOTHING, is_following=True)
    view.grab()
    QTest.keyClick(view, Qt.Key.Key_Down)
    assert view.current_id() == ""


def test_hostile_entries_are_painted(qtbot: QtBot, theme: Theme) -> None:
    deep: object = 1
    for _ in range(5_000):
        deep = [deep]
    hostile = [
        entry(0, TrailKind.PROMPT, text="x" * 1_000_000),
        entry(
            1, TrailKind.TOOL_CALL, title="y" * 100_000, agent="z" * 100_000, data={"arguments": {"a": "w" * 1_500_000}}
        ),
        entry(2, TrailKind.TOOL_CALL, data={"arguments": deep, "result": [[1], {"a": []}, None, "text"]}),
        entry(
            3, TrailKind.NOTE, title="\u202e<img src='file:///etc/passwd'>\u0000", text="&amp; <b>not bold</b>\r\x07"
        ),
        entry(4, TrailKind.HAND_OFF, data={"from": 3, "to": [], "used": {"a": 1}, "dropped": "x"}),
        entry(5, TrailKind.FAILED_ATTEMPT, text="\n" * 100_000),
        entry(6, TrailKind.REASONING, text="Z͑ͫ̓ͪ" * 5_000),
    ]
    view = made(qtbot, rows(hostile))
    view.show_rows(rows(hostile), frozenset(each.entry_id for each in hostile), is_following=True)
    for mode in (Mode.LIGHT, Mode.DARK):
        theme.set_mode(mode)
        for value in (0, view.verticalScrollBar().maximum() // 2, view.verticalScrollBar().maximum()):
            view.verticalScrollBar().setValue(value)
            view.grab()
    theme.set_mode(Mode.LIGHT)
    assert view.model().rowCount() == len(hostile)

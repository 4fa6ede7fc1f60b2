"""Rows change by differences: nothing the person looks at jumps, and large changes are fast."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

import pytest
from PySide6.QtCore import QAbstractItemModel, QPersistentModelIndex, QPoint, QPointF, QRect, Qt
from PySide6.QtGui import QCursor, QPainter
from PySide6.QtTest import QAbstractItemModelTester, QTest
from pytestqt.qtbot import QtBot

from console.qtkit.rowmodel import MANY_STEPS, RowModel
from console.qtkit.rowtable import Look, RowTable


@dataclass(frozen=True, slots=True)
class Row:
    row_id: int
    text: str = ""
    is_heading: bool = False


def model_of(count: int = 0) -> RowModel[Row]:
    model = RowModel[Row](lambda row: row.row_id, lambda row: row.text, lambda row: not row.is_heading)
    model.apply(rows_of(range(count)))
    return model


def rows_of(ids: range | list[int]) -> list[Row]:
    return [Row(each, f"row {each}") for each in ids]


def changed(rng: random.Random, rows: list[Row], fresh: int) -> list[Row]:
    """A small random change: some go, some come, some move, some change their text."""
    made = [row for row in rows if rng.random() > 0.05]
    for _ in range(rng.randrange(4)):
        made.insert(rng.randrange(len(made) + 1), Row(fresh + rng.randrange(10_000_000), "new"))
    for _ in range(rng.randrange(4)):
        if made:
            made.insert(rng.randrange(len(made)), made.pop(rng.randrange(len(made))))
    return [replace(row, text=row.text + "!") if rng.random() < 0.1 else row for row in made]


def unique(rows: list[Row]) -> list[Row]:
    return list({row.row_id: row for row in rows}.values())


@pytest.mark.parametrize("seed", range(5))
def test_random_changes_keep_model_and_persistent_rows_right(seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311 - a test's own choices
    model = model_of(40)
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Warning)
    rows = list(model.rows())
    for turn in range(200):
        kept = {row.row_id: QPersistentModelIndex(model.index(place, 0)) for place, row in enumerate(rows)}
        rows = unique(changed(rng, rows, 1000 + turn * 10_000_000))
        model.apply(rows)
        assert list(model.rows()) == rows
        for row_id, index in kept.items():
            assert (index.row() if index.isValid() else -1) == model.place_of(row_id)
    assert tester.model() is model


def test_a_small_change_is_told_as_one(qtbot: QtBot) -> None:
    model = model_of(1000)
    rows = list(model.rows())
    rows.insert(3, Row(5000, "new"))
    with qtbot.assertNotEmitted(model.modelReset), qtbot.waitSignal(model.rowsInserted) as told:
        model.apply(rows)
    assert told.args is not None
    assert told.args[1:] == [3, 3]


def test_a_change_of_text_alone_is_told_for_that_row_only(qtbot: QtBot) -> None:
    model = model_of(100)
    rows = list(model.rows())
    rows[7] = replace(rows[7], text="other")
    with qtbot.waitSignal(model.dataChanged) as told, qtbot.assertNotEmitted(model.rowsInserted):
        model.apply(rows)
    assert told.args is not None
    assert (told.args[0].row(), told.args[1].row()) == (7, 7)
    assert model.data(model.index(7, 0)) == "other"


def test_one_row_can_be_put_in_place(qtbot: QtBot) -> None:
    model = model_of(5)
    with qtbot.waitSignal(model.dataChanged):
        model.update_row(Row(3, "now"))
    assert model.row(3).text == "now"
    with pytest.raises(KeyError):
        model.update_row(Row(99))


def test_a_large_change_is_one_reset(qtbot: QtBot) -> None:
    model = model_of(10_000)
    with qtbot.waitSignal(model.modelReset), qtbot.assertNotEmitted(model.rowsMoved):
        model.apply(reversed(model.rows()))
    assert model.id_at(0) == 9_999
    assert MANY_STEPS < 10_000


def test_two_rows_of_one_id_are_refused() -> None:
    with pytest.raises(ValueError, match="same id"):
        model_of().apply([Row(1), Row(1)])


def draw(painter: QPainter, rect: QRect, row: Row, look: Look) -> None:
    painter.drawText(QPointF(rect.x() + 4, rect.bottom() - 4), f"{row.text} {look.is_selected}")


@pytest.fixture
def table(qtbot: QtBot) -> RowTable[Row]:
    made = RowTable[Row](model_of(200), draw, lambda row, _: 24 if row.is_heading else 56, "Rows", usual_height=56)
    qtbot.addWidget(made)
    made.setGeometry(100, 100, 400, 600)
    QCursor.setPos(0, 0)
    made.show()
    qtbot.waitExposed(made)
    return made


def top_of(table: RowTable[Row], row_id: int) -> int:
    return table.rowViewportPosition(table.rows.place_of(row_id))


def test_the_current_row_stays_where_it_is_while_others_come_and_go(table: RowTable[Row], qtbot: QtBot) -> None:
    table.set_current(50)
    before = top_of(table, 50)
    rows = list(table.rows.rows())
    with qtbot.assertNotEmitted(table.current_changed):
        table.apply([*rows_of(range(1000, 1010)), *rows[:20], *rows[25:]])
        assert (table.current_id(), top_of(table, 50)) == (50, before)
        table.apply(reversed(rows))
    assert table.current_id() == 50
    assert top_of(table, 50) == before


def test_the_row_under_the_pointer_stays_before_all_others(table: RowTable[Row], qtbot: QtBot) -> None:
    table.set_current(5)
    QTest.mouseMove(table.viewport(), QPoint(50, 56 * 3 + 20))
    QCursor.setPos(table.viewport().mapToGlobal(QPoint(50, 56 * 3 + 20)))
    qtbot.waitUntil(table.underMouse)
    rows = list(table.rows.rows())
    table.apply([rows[0], *rows_of(range(1000, 1003)), *rows[1:4], *rows_of(range(2000, 2003)), *rows[4:]])
    assert top_of(table, 3) == 56 * 3


def test_without_a_current_row_the_top_one_stays(table: RowTable[Row]) -> None:
    table.verticalScrollBar().setValue(56 * 30 + 10)
    table.apply([*rows_of(range(1000, 1003)), *table.rows.rows()])
    assert top_of(table, 30) == -10


def test_where_the_top_row_goes_the_next_one_stays(table: RowTable[Row]) -> None:
    table.verticalScrollBar().setValue(56 * 30)
    table.apply([row for row in table.rows.rows() if row.row_id not in {30, 31}])
    assert top_of(table, 32) == 112


def test_the_next_row_becomes_current_when_the_current_one_goes(table: RowTable[Row], qtbot: QtBot) -> None:
    table.set_current(50)
    with qtbot.waitSignal(table.current_changed) as told:
        table.apply([row for row in table.rows.rows() if row.row_id != 50])
    assert told.args == [51]


def test_the_current_row_that_goes_in_a_large_change_gives_way_to_one_at_its_place(table: RowTable[Row]) -> None:
    table.set_current(50)
    table.apply(rows_of(range(1000, 1400)))
    assert table.current_id() == 1050


def test_no_row_no_current(table: RowTable[Row], qtbot: QtBot) -> None:
    table.set_current(3)
    with qtbot.waitSignal(table.current_changed) as told:
        table.apply([])
    assert told.args == [None]


def test_headings_have_their_height_and_cannot_be_current(table: RowTable[Row]) -> None:
    rows = [Row(1000, "Overdue", is_heading=True), *rows_of(range(3)), Row(1001, "Waiting", is_heading=True), Row(7)]
    table.apply(rows)
    assert [table.rowHeight(place) for place in range(6)] == [24, 56, 56, 56, 24, 56]
    table.apply([rows[4], *rows[1:4], rows[0], rows[5]])
    assert [table.rowHeight(place) for place in range(6)] == [24, 56, 56, 56, 24, 56]
    table.set_current(2)
    table.step(1)
    assert table.current_id() == 7
    table.step(-1)
    assert table.current_id() == 2
    QTest.keyClick(table, Qt.Key.Key_Down)
    assert table.current_id() == 7


def test_letters_do_not_search(table: RowTable[Row]) -> None:
    table.set_current(5)
    QTest.keyClick(table, Qt.Key.Key_R)
    assert table.current_id() == 5


def test_enter_opens_and_a_click_tells_where(table: RowTable[Row], qtbot: QtBot) -> None:
    table.set_current(5)
    with qtbot.waitSignal(table.opened) as opened:
        QTest.keyClick(table, Qt.Key.Key_Return)
    assert opened.args == [5]
    middle = table.visualRect(table.rows.index(1, 0)).center()
    with qtbot.waitSignal(table.pressed_at) as pressed:
        QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=middle)
    assert pressed.args is not None
    assert pressed.args[0] == 1
    assert pressed.args[1].y() == middle.y() - 56


def test_the_model_speaks_to_screen_readers() -> None:
    model: QAbstractItemModel = model_of(2)
    assert model.data(model.index(1, 0), Qt.ItemDataRole.AccessibleTextRole) == "row 1"


@pytest.fixture
def lazy(qtbot: QtBot) -> RowTable[Row]:
    """A table whose rows are 40 to 89 px high, learnt when they are seen."""
    asked.clear()
    made = RowTable[Row](model_of(), draw, height_of, "Cards", usual_height=60, is_lazy=True)
    qtbot.addWidget(made)
    made.setGeometry(100, 100, 400, 600)
    QCursor.setPos(0, 0)
    made.show()
    qtbot.waitExposed(made)
    made.apply(rows_of(range(5_000)))
    return made


asked: set[int] = set()


def height_of(row: Row, _: int) -> int:
    asked.add(row.row_id)
    return 40 + row.row_id * 7 % 50


def seen_heights(table: RowTable[Row]) -> bool:
    """Whether every row in view has its own height."""
    first, last = table.rowAt(0), table.rowAt(table.viewport().height() - 1)
    places = range(first, (last if last >= 0 else table.rows.rowCount() - 1) + 1)
    return all(table.rowHeight(place) == 40 + table.rows.row(place).row_id * 7 % 50 for place in places)


def test_heights_are_learnt_only_for_rows_in_view(lazy: RowTable[Row]) -> None:
    assert seen_heights(lazy)
    assert len(asked) < 40


def test_rows_scrolled_into_view_have_their_height_and_seen_ones_do_not_jump(lazy: RowTable[Row]) -> None:
    lazy.verticalScrollBar().setValue(60 * 2_000)
    assert seen_heights(lazy)
    for _ in range(30):
        first = lazy.rowAt(0) + 2
        before = lazy.rowViewportPosition(first)
        lazy.verticalScrollBar().setValue(lazy.verticalScrollBar().value() - 40)
        assert seen_heights(lazy)
        assert lazy.rowViewportPosition(first) == before + 40


def test_learnt_heights_survive_a_large_change(lazy: RowTable[Row]) -> None:
    lazy.set_current(2_500)
    before = top_of(lazy, 2_500)
    lazy.apply(reversed(list(lazy.rows.rows())))
    assert seen_heights(lazy)
    assert top_of(lazy, 2_500) == before


def test_the_end_is_reached_with_right_heights(lazy: RowTable[Row]) -> None:
    lazy.scrollToBottom()
    assert seen_heights(lazy)
    assert lazy.rowAt(lazy.viewport().height() - 1) in {-1, 4_999}


def test_a_new_current_row_is_told_when_all_is_in_place(table: RowTable[Row]) -> None:
    table.set_current(50)
    told: list[tuple[object, int]] = []
    table.current_changed.connect(lambda row_id: told.append((row_id, table.verticalScrollBar().value())))
    rows = [Row(9_000, "Heading", is_heading=True), *rows_of(range(1_000, 1_100)), *rows_of(range(51, 400))]
    table.apply(rows)
    assert told == [(table.current_id(), table.verticalScrollBar().value())]

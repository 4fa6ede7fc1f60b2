"""The runs in the real window: keys, choosing, marking, and a list that stays under the eye while it changes."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QApplication

from console.domain.listing import RunRow
from console.domain.run import RunStatus
from console.qtkit.theme import Theme
from console.screens.runs.act_state import ActState, Stage
from console.screens.runs.finding import Filter, Order, wanted
from console.screens.runs.presenter import RunsPresenter
from console.screens.runs.rows import row_id
from console.screens.runs.view import RunsView
from console.services.views import RunLine
from tests.screens.runs.scene import RunsScene
from tests.screens.stage import until
from tests.screens.windowed import Desktop, desktop, in_window

K = Qt.Key
LEFT = Qt.MouseButton.LeftButton
SHIFT = Qt.KeyboardModifier.ShiftModifier
Act = Callable[[Desktop, RunsScene, RunsPresenter, RunsView], Awaitable[None]]
Play = Callable[[Act], None]
CHANGES = 1_000


@pytest.fixture
def play(qapp: QApplication, theme: Theme, tmp_path: Path) -> Play:
    """Run a story in the window, in front of the runs of the picture."""

    def run(act: Act) -> None:
        scene = RunsScene()
        scene.fill()

        async def whole() -> None:
            async with desktop(theme, tmp_path, [scene.tower, scene.support], whole=True) as desk:
                await until(lambda: "runs" in desk.window._screens)  # noqa: SLF001 - made after the inbox
                desk.key(K.Key_G)
                desk.key(K.Key_R)
                presenter = desk.hosting.runs
                await until(lambda: desk.window.front == "runs" and len(presenter.state.lines) == 76)
                await act(desk, scene, presenter, desk.hosting.runs_view)

        in_window(qapp, whole())

    return run


async def comes_to(presenter: RunsPresenter, stage: Stage) -> ActState:
    """What is done to many, once it has come so far."""
    found: list[ActState] = []

    def is_there() -> bool:
        act = presenter.state.act
        found[:] = [act] if act is not None and act.stage is stage else []
        return bool(found)

    await until(is_there, 30)
    return found[0]


def test_an_order_is_found_and_opened_by_keys_alone(play: Play) -> None:
    async def act(desk: Desktop, _scene: RunsScene, presenter: RunsPresenter, view: RunsView) -> None:
        desk.key(K.Key_Slash)
        assert desk.has_focus(view.head.search)
        desk.type("order 4711")
        await until(lambda: len(presenter.state.lines) == 1)
        desk.key(K.Key_Return)
        assert desk.has_focus(view.list.table)
        desk.key(K.Key_J)
        assert presenter.state.selected is not None
        said = view.list.table.rows.data(view.list.table.currentIndex(), Qt.ItemDataRole.AccessibleTextRole)
        assert "Waits for a person" in said
        assert "Refund €240 to ACME GmbH" in said
        desk.key(K.Key_Return)
        await until(lambda: desk.window.front == "run")
        assert desk.window.rail.item("runs").isChecked()
        assert desk.hosting.run.state.back == "Runs"
        desk.key(K.Key_Escape)
        await until(lambda: desk.window.front == "runs")

    play(act)


def test_enter_opens_the_run_after_a_click_on_a_heading_or_a_button(play: Play) -> None:
    async def act(desk: Desktop, _scene: RunsScene, presenter: RunsPresenter, view: RunsView) -> None:
        assert not view.side.isVisible()
        desk.key(K.Key_J)
        assert view.side.isVisible()
        header = view.list.framed.header
        at = [header.box_of(name).center().toPoint() for name in ("workflow", "now")]
        for pressed, point in ((header, at[0]), (header, at[1]), (view.filters.order, QPoint(5, 5))):
            chosen = presenter.state.selected
            QTest.mouseClick(pressed, LEFT, pos=point)
            assert presenter.state.selected == chosen
            desk.key(K.Key_Return)
            await until(lambda: desk.window.front == "run")
            desk.key(K.Key_Escape)
            await until(lambda: desk.window.front == "runs")
        assert presenter.state.filter.order is Order.URGENT

    play(act)


def test_rows_stay_under_the_pointer_when_a_group_of_failures_is_gone(play: Play) -> None:
    async def act(desk: Desktop, _scene: RunsScene, presenter: RunsPresenter, view: RunsView) -> None:
        presenter.on_hidden()
        before = presenter.state
        assert len(before.groups) > 1
        top = view.list.mapTo(desk.window, view.list.rect().topLeft())
        for groups in (before.groups[:1], ()):
            view.groups.show_state(replace(before, groups=groups), is_held=True)
            await asyncio.sleep(0)
            assert view.list.mapTo(desk.window, view.list.rect().topLeft()) == top
        view.groups.show_state(replace(before, groups=()))
        assert not view.groups.isVisible()

    play(act)


def test_x_marks_and_shift_x_marks_all_that_failed_alike(play: Play) -> None:
    async def act(desk: Desktop, _scene: RunsScene, presenter: RunsPresenter, view: RunsView) -> None:
        view.list.table.setFocus()
        for _ in range(6):
            desk.key(K.Key_J)
        chosen = presenter.state.selected
        assert chosen is not None
        assert chosen.run.failing is not None
        desk.key(K.Key_X)
        assert presenter.state.marked == {row_id(chosen.run)}
        desk.key(K.Key_X, SHIFT)
        alike = [group for group in presenter.state.groups if chosen.run.ref in group.refs]
        assert len(presenter.state.marked) == len(alike[0].runs) > 1
        assert f"all {len(alike[0].runs):,} runs" in view.side.choice._words.text()  # noqa: SLF001 - what is read
        desk.key(K.Key_Y)
        asked = await comes_to(presenter, Stage.ASKING)
        assert asked.to_send == len(alike[0].runs)
        assert view.side.act.send.reason == "Give a reason."
        assert desk.has_focus(view.side.act.reason)
        desk.type("open again")
        await until(lambda: view.side.act.is_armed)
        desk.key(K.Key_Return)
        assert (await comes_to(presenter, Stage.OVER)).reason == "open again"
        desk.key(K.Key_Escape)
        await until(lambda: presenter.state.act is None and len(presenter.state.groups) == 3)

    play(act)


def test_a_note_is_written_beside_a_group(play: Play) -> None:
    async def act(desk: Desktop, _scene: RunsScene, presenter: RunsPresenter, view: RunsView) -> None:
        view.list.table.setFocus()
        desk.key(K.Key_BracketRight)
        desk.key(K.Key_E)
        assert desk.has_focus(view.side.note.field)
        desk.type("Safe after 10:30.")
        read_at = presenter.state.sources[0].read_at
        presenter.on_refresh()
        await until(lambda: presenter.state.sources[0].read_at != read_at)
        assert view.side.note.field.toPlainText() == "Safe after 10:30."
        QTest.mouseClick(view.side.note.save, Qt.MouseButton.LeftButton)
        await until(lambda: [note.text for note in presenter.state.notes.values()] == ["Safe after 10:30."])
        assert not presenter.state.is_writing
        assert "with a note" in view.groups.table.rows.data(
            view.groups.table.rows.index(0, 0), Qt.ItemDataRole.AccessibleTextRole
        )

    play(act)


def test_a_thousand_changes_leave_choice_and_scroll_where_they_are(play: Play) -> None:
    async def act(_desk: Desktop, _scene: RunsScene, presenter: RunsPresenter, view: RunsView) -> None:
        chance = random.Random(4711)  # noqa: S311 - no secret
        strict = QAbstractItemModelTester.FailureReportingMode.Fatal
        table = view.list.table
        testers = [QAbstractItemModelTester(each, strict) for each in (table.rows, view.groups.table.rows)]
        presenter.on_hidden()
        known = {row_id(line.run): line for line in presenter.state.lines}
        place = 40
        chosen = presenter.state.lines[place]
        presenter.on_select(row_id(chosen.run))
        top = table.visualRect(table.currentIndex()).top()
        for number in range(CHANGES):
            _change(known, chosen.run, number, chance)
            lines = wanted(known.values(), Filter(), presenter.state.now)
            presenter._show(tuple(known.values()), lines)  # noqa: SLF001 - as after each reading
            view.list.show_state(presenter.state)
            assert presenter.state.selected_id == row_id(chosen.run)
            assert table.current_id() == row_id(chosen.run)
            bar = table.verticalScrollBar()
            if 0 < bar.value() < bar.maximum():
                assert table.visualRect(table.currentIndex()).top() == top
            top = table.visualRect(table.currentIndex()).top()
        for tester in testers:
            tester.deleteLater()

    play(act)


def _change(known: dict[str, RunLine], chosen: RunRow, number: int, chance: random.Random) -> None:
    """One run comes, goes, moves or ends."""
    name = chance.choice([each for each in known if each != row_id(chosen)])
    line = known[name]
    at = line.read_at + timedelta(seconds=number)
    what = chance.randrange(4)
    if what == 0:
        ref = replace(line.run.ref, run_id=f"new-{number}")
        run = replace(line.run, ref=ref, moved_at=at, started_at=at)
        known[row_id(run)] = replace(line, run=run)
    elif what == 1 and len(known) > 50:
        del known[name]
    elif what == 2:
        known[name] = replace(line, run=replace(line.run, moved_at=at))
    else:
        known[name] = replace(line, run=replace(line.run, status=chance.choice(list(RunStatus)), waiting=()))


def test_hostile_words_are_shown_as_text_and_rows_are_told_to_screen_readers(play: Play) -> None:
    async def act(_desk: Desktop, scene: RunsScene, presenter: RunsPresenter, view: RunsView) -> None:
        bad = scene.hostile()
        presenter.on_refresh()
        await until(lambda: any(line.run.ref == bad for line in presenter.state.lines))
        presenter.on_select(row_id(next(line.run for line in presenter.state.lines if line.run.ref == bad)))
        assert not view.grab().isNull()
        said = view.list.table.rows.data(view.list.table.currentIndex(), Qt.ItemDataRole.AccessibleTextRole)
        assert "\u202e" not in said
        assert "‹U+202E›" in said
        interface = QAccessible.queryAccessibleInterface(view.list.table)
        assert interface.text(QAccessible.Text.Name) == "Runs"

    play(act)

"""The run's screen with real gestures, over a real desk and the scripted engine."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from console.domain.run import RunRef, RunStatus
from console.infra.clock import SystemClock
from console.qtkit.theme import Mode, Theme
from console.screens import OpenInbox
from console.screens.run.presenter import RunPresenter
from console.screens.run.state import Phase, Tab
from console.screens.run.view import RunView
from console.screens.run.view_state_model import Column
from tests.screens.asking import Asking, asking
from tests.screens.run.scene import TITLE, Scene
from tests.screens.stage import stage, until
from tests.screens.windowed import in_window
from tests.screens.windows import shown

pytestmark = pytest.mark.usefixtures("theme")
Act = Callable[[RunView, Asking], Awaitable[None]]
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def scene() -> Scene:
    made = Scene(fillers=120)
    made.tell_story()
    made.set_states()
    return made


def show(app: QApplication, folder: Path, scene: Scene, act: Act) -> None:
    """Show the scene's run in a window of the design's size and act on it."""

    async def whole() -> None:
        async with stage(folder, [scene.server]) as made, asking() as window:
            presenter = RunPresenter(made.desk, window.ask, window.navigate, SystemClock(), poll=0.05)
            with shown(RunView(presenter)) as view:
                presenter.open(scene.ref, TITLE)
                presenter.on_shown()
                await act(view, window)
                presenter.on_hidden()
                presenter.listen(lambda _: None)

    in_window(app, whole())


def is_read(view: RunView) -> Callable[[], bool]:
    return lambda: view.trail.list.model().rowCount() > 0 and bool(view.presenter.state.steps)


def test_head_steps_and_cards_are_on_screen(qapp: QApplication, tmp_path: Path, scene: Scene) -> None:
    scene.wait()

    async def act(view: RunView, window: Asking) -> None:
        await until(is_read(view))
        await until(view.header.why.isVisible)
        assert [tab.text for tab in (view.tabs.button("Trail").spec, view.tabs.button("State").spec)] == [
            "Trail",
            "State",
        ]
        assert view.tabs.button("Trail").spec.note == "129"
        assert view.strip.steps.button("controller-approval").accessibleName().startswith("controller-approval, gate")
        assert view.trail.list.is_at_end()
        view.header.why.activated.emit("escalation")
        await until(lambda: bool(window.went))
        assert isinstance(window.went[0], OpenInbox)

    show(qapp, tmp_path, scene, act)


def test_a_click_on_a_step_filters_and_the_chip_ends_it(qapp: QApplication, tmp_path: Path, scene: Scene) -> None:
    async def act(view: RunView, _window: Asking) -> None:
        await until(is_read(view))
        button = view.strip.steps.button("post-entries")
        QTest.mouseClick(button, LEFT)
        assert view.trail.list.model().rowCount() == 1
        assert button.isChecked()
        assert view.trail.filter.step_chip.isVisible()
        QTest.mouseClick(view.trail.filter.step_chip, LEFT)
        assert view.trail.list.model().rowCount() > 1
        assert not button.isChecked()

    show(qapp, tmp_path, scene, act)


def test_kinds_are_ticked_off_and_words_searched(qapp: QApplication, tmp_path: Path, scene: Scene) -> None:
    async def act(view: RunView, _window: Asking) -> None:
        await until(is_read(view))
        view.presenter.on_reached_top()
        await until(lambda: view.presenter.state.trail.is_complete)
        before = view.trail.list.model().rowCount()
        line = view.trail.filter.line("Tool call", is_kind=True)
        assert line.accessibleName() == "Tool call 121"
        QTest.mouseClick(line, LEFT)
        assert view.trail.list.model().rowCount() == before - 121
        QTest.mouseClick(line, LEFT)
        search = next(action for action in view.actions() if action.action_id == "run.search")
        view.activateWindow()
        search.run()
        QTest.keyClicks(view.trail.filter.search, "preliminary rate")
        assert view.presenter.state.trail.filter.text == "preliminary rate"
        assert view.trail.list.model().rowCount() == 0
        view.trail.filter.search.setText("exchange")
        assert view.trail.list.model().rowCount() == 1
        assert view.trail.filter.read.text().endswith("entries match.")
        QTest.keyClick(view.trail.filter.search, Qt.Key.Key_Escape)
        assert view.trail.list.hasFocus(), "or the next key would be typed into the field"
        view.header.copy_summary()
        assert view.header.copy.accessibleName() == "Summary copied"
        assert view.trail.list.model().rowCount() == before

    show(qapp, tmp_path, scene, act)


def test_following_ends_with_f_and_new_entries_are_counted(qapp: QApplication, tmp_path: Path, scene: Scene) -> None:
    async def act(view: RunView, _window: Asking) -> None:
        await until(is_read(view))
        assert view.trail.foot.words.text().startswith("Live.")
        next(action for action in view.actions() if action.action_id == "run.follow").run()
        scene.add_note()
        await until(lambda: "1 new below" in view.trail.foot.words.text())
        assert not view.trail.list.is_at_end()
        view.trail.toggle_following()
        assert view.trail.list.is_at_end()

    show(qapp, tmp_path, scene, act)


def test_the_summary_and_a_card_are_copied(qapp: QApplication, tmp_path: Path, scene: Scene) -> None:
    async def act(view: RunView, _window: Asking) -> None:
        await until(is_read(view))
        QTest.mouseClick(view.header.copy, LEFT)
        assert TITLE in QApplication.clipboard().text()
        QTest.keyClick(view.trail.list, Qt.Key.Key_End)
        view.trail.copy_card()
        assert "JE-88213" in QApplication.clipboard().text()

    show(qapp, tmp_path, scene, act)


def test_the_state_opens_lazily_and_goes_back_in_time(qapp: QApplication, tmp_path: Path, scene: Scene) -> None:
    async def act(view: RunView, _window: Asking) -> None:
        await until(is_read(view))
        QTest.mouseClick(view.tabs.button("State"), LEFT)
        model = view.record.model
        await until(lambda: model.rowCount() == 5)
        names = [model.index(row, Column.NAME).data() for row in range(5)]
        assert names == ["approval", "entries", "evidence", "fx_rate", "period"]
        evidence = model.index(2, 0)
        view.record.tree.expand(evidence)
        assert [model.index(row, 0, evidence).data() for row in range(2)] == ["bank", "items"]
        view.record.tree.setCurrentIndex(model.index(1, 0))
        assert '"account": "4980"' in view.record.value.text()
        view.record.copy_value()
        assert QApplication.clipboard().text().startswith("[")
        view.record.slider.setFocus()
        QTest.keyClick(view.record.slider, Qt.Key.Key_Left)
        await until(lambda: model.rowCount() == 2)
        assert model.node(model.index(1, 0)).change == "new"
        await until(lambda: "gone: draft" in view.record.changed.text())

    show(qapp, tmp_path, scene, act)


def test_trouble_is_told_above_what_was_read(qapp: QApplication, tmp_path: Path, scene: Scene) -> None:
    async def act(view: RunView, _window: Asking) -> None:
        await until(is_read(view))
        assert not view.header.problem.isVisible()
        scene.server.go_away("Nothing answers at this address.")
        await until(view.header.problem.isVisible)
        assert view.trail.list.model().rowCount() > 0
        await until(lambda: "Not live." in view.trail.foot.words.text())
        scene.server.come_back()
        await until(lambda: not view.header.problem.isVisible())

    show(qapp, tmp_path, scene, act)


def test_a_run_that_is_gone_leads_back(qapp: QApplication, tmp_path: Path, scene: Scene) -> None:
    scene.ref = RunRef(scene.server.identity, "nobody", "knows")

    async def act(view: RunView, window: Asking) -> None:
        await until(lambda: view.presenter.state.phase is Phase.GONE)
        await until(lambda: view.gone is not None and view.gone.isVisible())
        next(action for action in view.actions() if action.action_id == "run.back").run()
        assert window.went == [OpenInbox()]

    show(qapp, tmp_path, scene, act)


def test_an_ended_run_says_so(qapp: QApplication, tmp_path: Path, scene: Scene) -> None:
    scene.server.finish_run(scene.ref, RunStatus.COMPLETED)

    async def act(view: RunView, _window: Asking) -> None:
        await until(lambda: view.trail.foot.words.text().startswith("Ended."))
        assert not view.header.why.isVisible()

    show(qapp, tmp_path, scene, act)


@pytest.mark.parametrize("size", [(1_360, 840), (1_020, 644), (700, 420)])
def test_it_is_drawn_at_every_size_in_both_themes(
    qapp: QApplication, theme: Theme, tmp_path: Path, scene: Scene, size: tuple[int, int]
) -> None:
    async def act(view: RunView, _window: Asking) -> None:
        await until(is_read(view))
        for tab in Tab:
            for mode in (Mode.LIGHT, Mode.DARK):
                theme.set_mode(mode)
                view.resize(*size)
                view.presenter.on_tab(tab)
                await asyncio.sleep(0.02)
                assert not view.grab().isNull()
        theme.set_mode(Mode.LIGHT)

    show(qapp, tmp_path, scene, act)


def test_hostile_words_of_an_engine_stay_words(qapp: QApplication, tmp_path: Path) -> None:
    evil = "<img src='file:///etc/passwd'>\u202e\u0000" + "x" * 100_000
    scene = Scene()
    scene.set_run(title=evil, workflow=evil, owner=evil, business_key=evil, started_by=evil, why_not_moving=evil)
    scene.server.set_steps(scene.ref, [])

    async def act(view: RunView, _window: Asking) -> None:
        await until(lambda: view.presenter.state.phase is Phase.READY)
        view.grab()
        assert "\u202e" not in view.header.why.accessibleName()
        assert not view.strip.isVisible()

    show(qapp, tmp_path, scene, act)

"""The tabs Hand-offs and Access on a real desk and in a real widget: read, followed, jumped from, and honest."""

from __future__ import annotations

import asyncio
import dataclasses
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QApplication

from console.domain.errors import Unreachable
from console.domain.run import Access, Budget, HandOff, RunRef
from console.engines.fake.engine import CAPABILITIES, FakeEngine
from console.engines.port import Ability, Capabilities
from console.qtkit.theme import Theme
from console.screens.run.filters import TrailFilter
from console.screens.run.presenter import RunPresenter
from console.screens.run.state import Tab
from console.screens.run.view import RunView
from tests.screens.asking import Asking
from tests.screens.run.scene import Scene, access, hand_off
from tests.screens.run.test_presenter import is_ready, play
from tests.screens.run.test_view import LEFT, is_read, show
from tests.screens.run.test_window import show as show_window
from tests.screens.stage import Stage, until
from tests.screens.windowed import Desktop

pytestmark = pytest.mark.usefixtures("theme")


@pytest.fixture
def scene() -> Scene:
    made = Scene()
    made.tell_seams()
    made.tell_story()
    return made


class Forgetful(FakeEngine):
    """Cannot tell hand-offs or access, and says why."""

    @property
    def capabilities(self) -> Capabilities:
        lacking = {Ability.HAND_OFFS, Ability.ACCESS}
        lacks = {**CAPABILITIES.lacks, **dict.fromkeys(lacking, "It keeps none.")}
        return dataclasses.replace(CAPABILITIES, abilities=CAPABILITIES.abilities - lacking, lacks=lacks)

    async def hand_offs(self, _ref: RunRef) -> tuple[HandOff, ...]:
        raise AssertionError("asked for what it lacks")

    async def access(self, _ref: RunRef) -> tuple[Access, ...]:
        raise AssertionError("asked for what it lacks")


class Silent(FakeEngine):
    """Tells everything but hand-offs and access."""

    async def hand_offs(self, _ref: RunRef) -> tuple[HandOff, ...]:
        raise Unreachable("No worker answers.", next_action="Start a worker.")

    async def access(self, _ref: RunRef) -> tuple[Access, ...]:
        raise Unreachable("No worker answers.", next_action="Start a worker.")


def test_access_is_read_when_it_is_looked_at_and_follows_the_run(tmp_path: Path, scene: Scene) -> None:
    async def act(presenter: RunPresenter, _made: Stage, _window: Asking) -> None:
        await until(is_ready(presenter))
        assert not presenter.state.access.is_read
        presenter.on_tab(Tab.ACCESS)
        await until(lambda: len(presenter.state.access.values) == 7)
        scene.server.add_access(scene.ref, access("report", "reporter"))
        scene.set_run(budgets=(Budget(name="steps", used=10, granted=40),))
        await until(lambda: len(presenter.state.access.values) == 8)
        assert presenter.state.run is not None
        assert presenter.state.run.budgets[0].used == 10

    play(tmp_path, scene, act)


def test_a_step_asked_for_is_what_the_trail_shows_whatever_it_showed_before(tmp_path: Path, scene: Scene) -> None:
    async def act(presenter: RunPresenter, _made: Stage, _window: Asking) -> None:
        await until(is_ready(presenter))
        presenter.on_filter(TrailFilter(text="nothing has this"))
        for _ in range(2):
            presenter.on_tab(Tab.HAND_OFFS)
            presenter.on_show_step("propose-entries")
            assert (presenter.state.tab, presenter.state.trail.filter) == (
                Tab.TRAIL,
                TrailFilter(step="propose-entries"),
            )
        assert presenter.state.trail.rows

    play(tmp_path, scene, act)


@pytest.mark.parametrize("engine", [Forgetful, Silent])
def test_what_cannot_be_told_leaves_the_rest_of_the_run(tmp_path: Path, scene: Scene, engine: type[FakeEngine]) -> None:
    async def act(presenter: RunPresenter, _made: Stage, _window: Asking) -> None:
        await until(is_ready(presenter))
        presenter.on_tab(Tab.ACCESS)
        if engine is Silent:
            await until(lambda: presenter.state.access.problem is not None)
            await until(lambda: presenter.state.hand_offs.problem is not None)
        else:
            assert presenter.state.access.lack == presenter.state.hand_offs.lack == "It keeps none."
        await asyncio.sleep(0.1)
        assert presenter.state.problem is None
        assert presenter.state.trail.problem is None
        assert presenter.state.trail.rows

    play(tmp_path, scene, act, engine=engine)


def test_what_was_lost_is_told_on_the_tab_and_on_the_card_and_leads_to_its_step(
    qapp: QApplication, tmp_path: Path, scene: Scene
) -> None:
    async def act(view: RunView, _window: Asking) -> None:
        pane = view.hand_offs
        await until(is_read(view))
        await until(lambda: view.tabs.button("Hand-offs").spec.note == "3 dropped")
        assert view.tabs.button("Hand-offs").accessibleName() == "Hand-offs 3 dropped"
        QTest.mouseClick(view.tabs.button("Hand-offs"), LEFT)
        await until(lambda: pane.model.rowCount() == 4)
        QAbstractItemModelTester(pane.model)
        assert pane.table.current_id() == "match-open-items.propose-entries.2#1"
        said = str(pane.model.data(pane.table.currentIndex(), Qt.ItemDataRole.AccessibleTextRole))
        assert "Caveat dropped: Two payers share one name." in said
        QTest.keyClick(pane.table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
        await until(lambda: QApplication.clipboard().text() == said)
        QTest.keyClick(pane.table, Qt.Key.Key_Down)
        assert pane.table.current_id() == "propose-entries.check-entries.1#1"
        QTest.keyClick(pane.table, Qt.Key.Key_Return)
        assert (view.presenter.state.tab, view.presenter.state.trail.filter.step) == (Tab.TRAIL, "check-entries")
        view.presenter.on_tab(Tab.HAND_OFFS)
        QTest.mouseClick(pane.details.to_trail, LEFT)
        assert view.presenter.state.tab is Tab.TRAIL

    show(qapp, tmp_path, scene, act)


def test_who_was_refused_is_told_and_a_row_leads_to_its_step(qapp: QApplication, tmp_path: Path, scene: Scene) -> None:
    async def act(view: RunView, _window: Asking) -> None:
        pane = view.access
        await until(is_read(view))
        QTest.mouseClick(view.tabs.button("Access"), LEFT)
        await until(lambda: pane.model.rowCount() == 7)
        QAbstractItemModelTester(pane.model)
        assert view.tabs.button("Access").spec.note == "1 refused"
        assert [gauge.accessibleName() for gauge in pane.budgets.gauges][1] == "Equal calls: 7 of 8 bank.statement"
        heights = [pane.table.rowHeight(place) for place in range(4)]
        assert heights[2] > heights[0]
        pane.table.set_current("propose-entries.ledger-agent#1")
        assert pane.table.rowHeight(4) > pane.table.rowHeight(3)
        QTest.keyClick(pane.table, Qt.Key.Key_Return)
        assert (view.presenter.state.tab, view.presenter.state.trail.filter.step) == (Tab.TRAIL, "propose-entries")

    show(qapp, tmp_path, scene, act)


def test_nothing_yet_and_nothing_ever_are_told_in_words(qapp: QApplication, tmp_path: Path) -> None:
    scene = Scene()
    scene.server.set_steps(scene.ref, [])

    async def act(view: RunView, _window: Asking) -> None:
        await until(lambda: view.presenter.state.run is not None)
        for tab, pane, words in (
            (Tab.HAND_OFFS, view.hand_offs, "Nothing was handed over yet."),
            (Tab.ACCESS, view.access, "has no steps yet"),
        ):
            view.presenter.on_tab(tab)
            await until(lambda pane=pane, words=words: pane.empty.isVisible() and words in pane.empty.text())
            assert not pane.table.isVisible()
        assert not view.access.budgets.isVisible()

    show(qapp, tmp_path, scene, act)


def test_what_was_read_stays_under_the_note_that_it_cannot_be_read_now(
    qapp: QApplication, tmp_path: Path, scene: Scene
) -> None:
    async def act(view: RunView, _window: Asking) -> None:
        await until(is_read(view))
        view.presenter.on_tab(Tab.ACCESS)
        await until(lambda: view.access.model.rowCount() == 7)
        scene.server.go_away("Nothing answers at this address.")
        await until(lambda: view.presenter.state.problem is not None)
        assert view.access.table.isVisible()
        assert view.access.model.rowCount() == 7
        scene.server.come_back()
        await until(lambda: view.presenter.state.problem is None)

    show(qapp, tmp_path, scene, act)


def test_a_run_of_many_turns_and_names_of_any_length_is_drawn(qapp: QApplication, tmp_path: Path) -> None:
    evil = "\u202e<img src='file:///etc/passwd'>" + "x" * 50_000
    scene = Scene()
    for turn in range(1, 2_001):
        texts = (f"{turn}", evil) if turn % 50 == 0 else ()
        one = hand_off(evil, "b", size=turn, keys=(evil,), caveats=texts, turn=turn, owner=evil)
        scene.server.add_hand_off(scene.ref, one)
        scene.server.add_access(scene.ref, access(f"s{turn}", evil, reads=(evil,) * 5))

    async def act(view: RunView, _window: Asking) -> None:
        await until(lambda: view.presenter.state.run is not None)
        for tab, pane in ((Tab.HAND_OFFS, view.hand_offs), (Tab.ACCESS, view.access)):
            view.presenter.on_tab(tab)
            await until(lambda pane=pane: pane.model.rowCount() == 2_000)
            pane.table.scrollToBottom()
            assert not view.grab().isNull()
            assert "\u202e" not in str(pane.model.data(pane.model.index(49, 0)))
            QApplication.sendEvent(pane, QEvent(QEvent.Type.PaletteChange))

    show(qapp, tmp_path, scene, act)


def test_the_numbers_change_the_tab_in_their_order(qapp: QApplication, theme: Theme, tmp_path: Path) -> None:
    async def act(desk: Desktop, _scene: Scene) -> None:
        run = desk.hosting.run
        tabs = []
        for number in range(1, len(Tab) + 1):
            desk.key(Qt.Key(Qt.Key.Key_0 + number))
            tabs.append(run.state.tab)
        assert tabs == list(Tab)

    show_window(qapp, theme, tmp_path, act)

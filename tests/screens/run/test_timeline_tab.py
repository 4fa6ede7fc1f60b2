"""The Timeline tab with real gestures: zoom and pan, what a bar was, a way into the trail, and the live end."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QApplication

from console.screens.run.state import Tab
from console.screens.run.timeline import Doing
from console.screens.run.view import RunView
from console.screens.run.view_timeline import TimelinePane
from tests.screens.asking import Asking
from tests.screens.run.scene import Scene
from tests.screens.run.test_view import show
from tests.screens.stage import until

pytestmark = pytest.mark.usefixtures("theme")


def point(pane: TimelinePane, at: QPointF) -> None:
    """Move the pointer there; QTest would run the loop inside the loop."""
    place, nothing = QPointF(pane.table.viewport().mapToGlobal(at.toPoint())), Qt.MouseButton.NoButton
    event = QMouseEvent(QEvent.Type.MouseMove, at, place, nothing, nothing, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(pane.table.viewport(), event)


@pytest.fixture
def scene() -> Scene:
    made = Scene(fillers=300)
    made.tell_story()
    made.set_times()
    made.wait()
    return made


async def opened(view: RunView) -> TimelinePane:
    view.presenter.on_tab(Tab.TIMELINE)
    await until(lambda: any(row.bars for row in view.timeline.model.rows()))
    await until(lambda: view.presenter.state.trail.is_complete)
    return view.timeline


def test_bars_are_drawn_told_and_lead_into_the_trail(qapp: QApplication, tmp_path: Path, scene: Scene) -> None:
    async def act(view: RunView, _window: Asking) -> None:
        pane = await opened(view)
        QAbstractItemModelTester(pane.model, QAbstractItemModelTester.FailureReportingMode.Fatal, pane.model)
        rows = {row.step_id: row for row in pane.model.rows()}
        assert [bar.doing for bar in rows["fetch-erp"].bars] == [Doing.FAILED, Doing.FAILED, Doing.WORKED]
        assert rows["controller-approval"].bars[-1].end is None
        assert "of the elapsed time waited for people" in pane.head.text()
        assert "newest" not in pane.head.text()
        said = str(pane.model.data(pane.model.index(1, 0), Qt.ItemDataRole.AccessibleTextRole))
        assert said.startswith("fetch-erp: attempt 1 failed after")
        view.activateWindow()
        pane.table.set_current(rows["fetch-erp"].row_id)
        assert "attempt 2 failed" in pane.details.text()
        box = pane.axis.place(rows["fetch-erp"].bars[0], pane.table.viewport().width())
        at = box.center().toPoint() + QPoint(0, pane.table.rowViewportPosition(1))
        point(pane, QPointF(at))
        await until(lambda: "attempt 1 failed" in pane.details.text() and "attempt 2" not in pane.details.text())
        QTest.keyClick(pane.table, Qt.Key.Key_Return)
        assert (view.presenter.state.tab, view.presenter.state.trail.filter.step) == (Tab.TRAIL, "fetch-erp")

    show(qapp, tmp_path, scene, act)


def test_zooming_and_moving_by_key_and_wheel_stays_while_the_run_goes_on(
    qapp: QApplication, tmp_path: Path, scene: Scene
) -> None:
    async def act(view: RunView, _window: Asking) -> None:
        pane = await opened(view)
        view.activateWindow()
        pane.table.setFocus()
        whole = pane.axis.window()
        assert whole is not None
        for _ in range(6):
            QTest.keyClick(pane.table, Qt.Key.Key_Plus)
        near = pane.axis.window()
        assert near is not None
        assert near.length < whole.length / 3
        QTest.keyClick(pane.table, Qt.Key.Key_Left)
        moved = pane.axis.window()
        assert moved is not None
        assert moved.start < near.start
        scene.add_note()
        scene.set_run(revision=77)
        before = view.presenter.state.now
        await until(lambda: view.presenter.state.now > before and view.presenter.state.run is not None)
        assert pane.axis.window() == moved
        viewport = pane.table.viewport()
        at, nothing, control = QPointF(400, 20), Qt.MouseButton.NoButton, Qt.KeyboardModifier.ControlModifier
        place = QPointF(viewport.mapToGlobal(at.toPoint()))
        down = QPoint(0, -120)
        event = QWheelEvent(at, place, QPoint(), down, nothing, control, Qt.ScrollPhase.NoScrollPhase, False)
        QApplication.sendEvent(viewport, event)
        farther = pane.axis.window()
        assert farther is not None
        assert farther.length > moved.length
        QTest.keyClick(pane.table, Qt.Key.Key_0)
        assert pane.axis.own is None
        assert not view.grab().isNull()

    show(qapp, tmp_path, scene, act)


def test_a_run_without_steps_says_so(qapp: QApplication, tmp_path: Path) -> None:
    scene = Scene()
    scene.server.set_steps(scene.ref, ())

    async def act(view: RunView, _window: Asking) -> None:
        view.presenter.on_tab(Tab.TIMELINE)
        await until(lambda: view.timeline.empty.isVisible() and "no steps" in view.timeline.empty.text())

    show(qapp, tmp_path, scene, act)

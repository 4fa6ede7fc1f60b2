"""The Graph tab: words of boxes and lines, walking by key, zoom and choice that stay, and a way into the trail."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from console.domain.run import Step, StepStatus
from console.screens.run.graph import StepFacts, after_words, line_words, said, second_line, step_facts
from console.screens.run.layers import layers
from console.screens.run.state import Tab
from console.screens.run.view import RunView
from console.screens.run.view_graph import GraphPane
from tests.screens.asking import Asking
from tests.screens.run.scene import STEPS, Scene, hand_off, step
from tests.screens.run.test_view import show
from tests.screens.stage import until

pytestmark = pytest.mark.usefixtures("theme")
NAMES = [one.step_id for one in STEPS]


def told(scene: Scene) -> Scene:
    scene.tell_seams()
    scene.tell_story()
    return scene


def test_a_box_says_who_how_sure_and_for_how_long() -> None:
    now = Scene().begin
    gate = step("gate", StepStatus.GATE, has_gate=True, started_at=now - timedelta(hours=3))
    assert second_line(gate, now, now - timedelta(hours=2)) == "waits 2 h"
    assert second_line(gate, now) == "waits for a person"
    assert second_line(STEPS[0], now) == "bank-agent, 97 %"
    assert second_line(STEPS[1], now) == "erp-agent, attempt 3"
    assert second_line(step("x", StepStatus.TO_DO), now) == "to do"
    assert said(gate, 1, "waits 2 h") == "gate, waits 2 h, a person decides here, 1 step after it"
    evil = said(step("\u202eevil\n", StepStatus.DONE), 0, "")
    assert "\u202e" not in evil


def test_a_line_says_first_what_was_lost_on_it() -> None:
    carried = hand_off("a", "b", size=8_400, caveats=("one", "two"), open_questions=("why?",))
    lost = dataclasses.replace(carried, dropped_caveats=("two",))
    assert line_words([carried])["a", "b"].note == "2 caveats, 1 question"
    assert (line_words([carried, lost])["a", "b"].note, line_words([lost])["a", "b"].size) == ("1 dropped", "8.4 KB")


def test_a_chosen_step_tells_what_is_built_on_it_and_whether_that_has_acted() -> None:
    scene = told(Scene())
    record = scene.server.world.record(scene.ref)
    plan = layers(STEPS)

    def of(name: str) -> StepFacts:
        told = record.trail, record.hand_offs, record.access
        return step_facts(plan, NAMES.index(name), trail=told[0], hand_offs=told[1], access=told[2])

    facts = of("match-open-items")
    assert facts.is_weakest
    assert facts.later == "7 later steps are built on it."
    assert facts.harm == "None has written anything yet; the first that may is post-entries."
    assert facts.remarks == (
        ("11 items have no bank line. I did not guess.", False),
        ("Two payers share one name.", True),
    )
    tried = of("propose-entries").attempts
    assert [(one.number, one.is_failed) for one in tried] == [(1, True), (2, True), (3, False)]
    assert after_words(plan, len(STEPS) - 1) == "0 steps after report"


def test_keys_walk_choose_and_open_the_trail(qapp: QApplication, tmp_path: Path) -> None:
    scene = told(Scene())

    async def act(view: RunView, _window: Asking) -> None:
        graph = await opened(view)
        canvas = graph.canvas
        assert canvas.chosen_position() == NAMES.index("controller-approval")
        view.activateWindow()
        canvas.box(NAMES.index("fetch-bank")).setFocus()
        walked = []
        for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_Left):
            QTest.keyClick(QApplication.focusWidget() or view, key)
            chosen = canvas.chosen_position()
            walked.append(NAMES[chosen] if chosen is not None else "")
        assert walked[:2] == ["match-open-items", "propose-entries"]
        assert QApplication.focusWidget() is canvas.box(canvas.chosen_position() or 0)
        canvas.box(2).setFocus()
        after = {NAMES[position] for position in range(len(NAMES)) if canvas.box(position).is_after}
        assert after == set(NAMES[3:])
        assert graph.after.text() == "7 steps after match-open-items"
        only = [box for box in map(canvas.box, range(len(NAMES))) if box.focusPolicy() is Qt.FocusPolicy.StrongFocus]
        assert only == [canvas.box(2)]
        QTest.keyClick(canvas.box(2), Qt.Key.Key_Return)
        assert (view.presenter.state.tab, view.presenter.state.trail.filter.step) == (Tab.TRAIL, "match-open-items")

    show(qapp, tmp_path, scene, act)


def test_pointing_shows_what_comes_after_and_leaving_shows_the_choice_again(qapp: QApplication, tmp_path: Path) -> None:
    async def act(view: RunView, _window: Asking) -> None:
        canvas = (await opened(view)).canvas
        canvas.choose(NAMES.index("post-entries"))
        canvas.point_at(0)
        assert canvas.box(2).is_after
        canvas.point_at(None)
        assert [NAMES[n] for n in range(len(NAMES)) if canvas.box(n).is_after] == ["reconcile", "report"]

    show(qapp, tmp_path, told(Scene()), act)


def test_zoom_place_and_choice_stay_while_the_run_goes_on(qapp: QApplication, tmp_path: Path) -> None:
    scene = told(Scene())

    async def act(view: RunView, _window: Asking) -> None:
        graph = await opened(view)
        canvas, area = graph.canvas, graph.area
        canvas.choose(2)
        under = QPointF(200, 100)
        on_drawing = (area.horizontalScrollBar().value() + under.x()) / canvas.zoom
        for _ in range(4):
            wheel(graph, under, up=True)
        assert canvas.zoom > 1.9
        assert abs((area.horizontalScrollBar().value() + under.x()) / canvas.zoom - on_drawing) < 2
        kept = (canvas.zoom, area.horizontalScrollBar().value(), area.verticalScrollBar().value())
        changed = [dataclasses.replace(one, status=StepStatus.DONE) for one in STEPS]
        scene.server.set_steps(scene.ref, changed)
        scene.set_run(revision=99)
        await until(lambda: canvas.box(len(STEPS) - 1).step.status is StepStatus.DONE)
        assert (canvas.zoom, area.horizontalScrollBar().value(), area.verticalScrollBar().value()) == kept
        more = Step(step_id="audit", title="audit", status=StepStatus.RUNNING, after=("report",))
        scene.server.set_steps(scene.ref, (more, *changed))
        scene.set_run(revision=100)
        await until(lambda: len(canvas.drawing.boxes) == len(STEPS) + 1)
        chosen = canvas.chosen_position()
        assert chosen is not None
        assert view.presenter.state.steps[chosen].step_id == "match-open-items"
        assert canvas.zoom == kept[0]
        QTest.keyClick(canvas.box(chosen), Qt.Key.Key_0)
        room = area.viewport().size()
        assert (canvas.width(), canvas.height()) <= (room.width() + 2, room.height() + 2)
        QTest.keyClick(canvas.box(chosen), Qt.Key.Key_Minus)
        QTest.keyClick(canvas.box(chosen), Qt.Key.Key_Plus)

    show(qapp, tmp_path, scene, act)


def test_a_large_and_hostile_plan_is_drawn_and_none_is_said_to_be_none(qapp: QApplication, tmp_path: Path) -> None:
    scene = Scene()
    evil = "<b>\u202e" + "x" * 5_000
    many = [step(f"{evil}{n}", StepStatus.TO_DO, *((f"{evil}{n - 3}",) if n > 2 else ())) for n in range(300)]
    scene.server.set_steps(scene.ref, many)

    async def act(view: RunView, _window: Asking) -> None:
        graph = await opened(view)
        assert not view.grab().isNull()
        assert "\u202e" not in graph.canvas.box(0).accessibleName()
        assert len(graph.canvas.box(0).accessibleName()) < 2_000
        scene.server.set_steps(scene.ref, ())
        scene.set_run(revision=5)
        await until(lambda: "no plan" in graph.empty.text())

    show(qapp, tmp_path, scene, act)


async def opened(view: RunView) -> GraphPane:
    view.presenter.on_tab(Tab.GRAPH)
    await until(lambda: bool(view.graph.canvas.drawing.boxes))
    await until(lambda: view.presenter.state.trail.is_read and view.presenter.state.access.is_read)
    return view.graph


def wheel(graph: GraphPane, at: QPointF, *, up: bool) -> None:
    turn = QPoint(0, 120 if up else -120)
    control, nothing = Qt.KeyboardModifier.ControlModifier, Qt.MouseButton.NoButton
    place = QPointF(graph.area.viewport().mapToGlobal(at.toPoint()))
    event = QWheelEvent(at, place, QPoint(), turn, nothing, control, Qt.ScrollPhase.NoScrollPhase, False)
    QApplication.sendEvent(graph.area.viewport(), event)

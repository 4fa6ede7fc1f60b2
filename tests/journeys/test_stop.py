"""A run is stopped at the real window, before what was approved is carried out, and let go on afterwards."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu

from console.domain.decision import DecisionState
from console.domain.escalation import Kind, Verdict
from console.domain.risk import Risk
from console.domain.run import RunStatus
from console.domain.stillness import Cause
from console.infra.paths import Paths
from console.qtkit.theme import Theme
from console.services.views import InboxRow
from tests.journeys.seat import PATIENCE, Seat, connection_to, seated
from tests.journeys.test_journey import a_refund, run_of
from tests.journeys.world import World
from tests.screens.stage import until
from tests.servers import RunningServer

Play = Callable[[Coroutine[Any, Any, None]], None]
S = DecisionState


async def step_in(seat: Seat, text: str) -> None:
    """Choose what to do to the run from its menu, as a person does: take command, then by key and click."""
    found: list[tuple[QMenu, QAction]] = []

    def is_offered() -> bool:
        menu = QApplication.activePopupWidget()
        lines = menu.actions() if isinstance(menu, QMenu) else []
        found[:] = [(menu, line) for line in lines if line.text().startswith(text) and isinstance(menu, QMenu)]
        return bool(found)

    if not seat.hosting.run.state.has_command:
        seat.key(Qt.Key.Key_C)
    seat.key(Qt.Key.Key_I)
    await until(is_offered, PATIENCE)
    menu, line = found[0]
    where = menu.actionGeometry(line).center()
    QTest.mouseClick(menu, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(where))


@pytest.mark.qt_log_ignore("grabbing the keyboard", extend=True)
def test_a_run_is_stopped_before_the_effect_and_goes_on_when_a_person_says_so(
    play: Play, theme: Theme, desk_folder: Paths, server: RunningServer, world: World
) -> None:
    async def story() -> None:
        async with seated(theme, desk_folder, connection_to(server.address), more=world.more) as seat:
            row = await seat.waits(a_refund(world, Risk.MEDIUM, Risk.HIGH))
            await seat.open(row)
            run_id = run_of(row)
            seat.key(Qt.Key.Key_O)
            await until(lambda: seat.hosting.run.state.run is not None, PATIENCE)
            await step_in(seat, f"Pause run {run_id}")
            await until(lambda: seat.state.item is not None and seat.escalation.row.kind is Kind.COMMAND, PATIENCE)
            await seat.armed(seat.shown.item_id)
            paused = seat.shown.item_id
            seat.press(Verdict.PAUSE)
            await seat.give(paused, "")

            def sent() -> bool:
                return any(view.item_id == paused and view.state is S.CARRIED_OUT for view in seat.state.decisions)

            await until(sent, PATIENCE)

            assert seat.window.front == "run"
            await until(lambda: seat.hosting.run.state.can_resume, PATIENCE)
            seat.key(Qt.Key.Key_G)
            seat.key(Qt.Key.Key_I)

            def is_resumable(one: InboxRow) -> bool:
                return one.waiting.kind is Kind.INTERVENTION and one.waiting.key.native_id.endswith(f"/{run_id}")

            resumable = await seat.waits(is_resumable)
            await seat.open(await seat.waits(lambda one: one.item_id == row.item_id))
            held = await seat.decide(Verdict.APPROVE)
            approved = held.decision.decision_id

            async def is_held_up() -> bool:
                view = await seat.desk.decision(approved)
                return view is not None and view.state is S.CONFIRMED and view.message.startswith("Held up: ")

            await until(is_held_up, PATIENCE)
            assert world.effects(run_id, "payments.refund") == []
            assert (await seat.desk.run(row.waiting.key.run)).status is RunStatus.PAUSED

            def why() -> str:
                found = seat.hosting.run.state.stillness
                return found.headline if found is not None and found.cause is Cause.PAUSED else ""

            seat.hosting.run.on_refresh()
            await until(lambda: why().startswith("paused by "), PATIENCE)
            await seat.open(resumable)
            resumed = await seat.ends(await seat.decide(Verdict.RESUME))
            assert resumed.state is S.CARRIED_OUT, resumed.message
            assert (await seat.ends(held)).state is S.CARRIED_OUT
            assert len(world.effects(run_id, "payments.refund")) == 1

    play(story())

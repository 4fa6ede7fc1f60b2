"""What became of a person's decisions, under real keys and clicks in the real window."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from console.domain.decision import DecisionState
from console.domain.escalation import Verdict
from console.domain.risk import Risk
from console.engines.fake.server import FakeServer
from console.qtkit.theme import Theme
from tests.screens.inbox.seat import QuickClock
from tests.screens.inbox.test_view import Act, Play, opening, world
from tests.screens.stage import until
from tests.screens.windowed import Desktop, desktop, in_window

K, S = Qt.Key, DecisionState


@pytest.fixture
def play(qapp: QApplication, theme: Theme, tmp_path: Path) -> Play:
    """Open the window on a server and act in it."""

    def run(server: FakeServer, act: Act) -> None:
        async def story() -> None:
            async with desktop(theme, tmp_path, [server], clock=QuickClock()) as opened:
                await act(opened)

        in_window(qapp, story())

    return run


def words(part: QWidget) -> str:
    """All that can be read in a part of the window."""
    return "\n".join(each.text() for each in part.findChildren(QLabel) if each.isVisible())


async def reaches(desk: Desktop, state: DecisionState) -> None:
    """Wait until the newest decision is in this state."""
    await until(lambda: desk.state.decisions[:1] and desk.state.decisions[0].state is state, seconds=20)


def click(desk: Desktop, place: int) -> None:
    """Click on a row of the tray."""
    table = desk.view.list.tray.table
    index = table.rows.index(place, 0)
    point = table.visualRect(index).topLeft() + table.visualRect(index).center() / 4
    QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, point)


def test_a_decided_item_shows_its_receipt_and_nothing_to_decide(play: Play) -> None:
    server, keys = world(opening("one", Risk.HIGH), opening("two"))

    async def act(desk: Desktop) -> None:
        await desk.see(keys[0])
        desk.key(K.Key_R)
        desk.type("It was paid twice")
        desk.key(K.Key_Return)
        await reaches(desk, S.CARRIED_OUT)
        await desk.armed(keys[1])
        click(desk, 0)
        await until(lambda: desk.state.item is not None and desk.state.item.item_id == keys[0].item_id)
        await until(lambda: "Rejected" in words(desk.view.review))
        told = words(desk.view.review)
        assert "Rejected · the run acted on it" in told
        assert "“It was paid twice”" in told
        assert "the same on the receipt" in told
        assert "carried out" not in told
        assert "left" not in told
        assert "If you approve" not in told
        assert not desk.view.bar.isVisible()
        desk.key(K.Key_A)
        await until(lambda: desk.state.bar.hint == "Nothing waits here any more.")
        assert desk.view.review.scrolled.isVisible()
        desk.view.copy_receipt()
        decision = desk.state.decisions[0].decision
        copied = QGuiApplication.clipboard().text()
        assert {decision.digest, decision.decision_id, decision.signature} <= set(
            copied.replace("\n", ": ").split(": ")
        )
        await desk.see(keys[1])
        assert desk.view.bar.isVisible()
        assert [each.verdict for each in server.applied()] == [Verdict.REJECT]

    play(server, act)

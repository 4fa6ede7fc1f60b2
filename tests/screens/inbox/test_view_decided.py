"""What became of a person's decisions, under real keys and clicks in the real window."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from console.domain.decision import DecisionState
from console.domain.escalation import Verdict
from console.domain.risk import Risk
from console.engines.fake.server import FakeServer
from console.qtkit.theme import Theme
from console.qtkit.tokens import Height
from console.screens import OpenConnections
from console.screens.inbox.decided import Which
from console.screens.inbox.handled import LINGER, SHOWN_FOR, handled, is_quiet
from console.screens.inbox.state import InboxState
from console.screens.inbox.view_decided import DecidedDialog
from console.screens.inbox.view_tray import KEPT_OPEN, HandledTray
from console.shell.commands import action_hits
from console.shell.matching import match
from console.shell.memory import Forgetful
from tests.screens.inbox.makes import NOW, decision
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
    """Click on a row of the tray, unfolded where it is folded."""
    table = desk.view.list.tray.table
    if not table.isVisible():
        desk.key(K.Key_F7)
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


def test_all_decided_is_found_by_words_and_verdict_and_opens_with_its_receipt(play: Play) -> None:
    server, keys = world(*(opening(f"number {number}") for number in range(4)))

    async def act(desk: Desktop) -> None:
        for key, verdict in zip(keys[:3], (K.Key_A, K.Key_R, K.Key_R), strict=True):
            await desk.see(key)
            desk.key(verdict)
        await until(lambda: len(server.applied()) == 3, seconds=20)
        desk.hosting.navigator.go(OpenConnections())
        desk.key(K.Key_G)
        desk.key(K.Key_D)
        assert desk.window.front == "inbox"
        made = desk.window.findChild(DecidedDialog)
        assert made is not None
        QAbstractItemModelTester(made.table.rows, QAbstractItemModelTester.FailureReportingMode.Fatal, made)

        def titles() -> list[str]:
            return [row.title for row in made.table.rows.rows()]

        await until(lambda: titles() == ["number 2", "number 1", "number 0"])
        made.search.setText("rejected NUMBER")
        await until(lambda: titles() == ["number 2", "number 1"])
        made.search.setText("100%")
        await until(lambda: titles() == [])
        made.search.clear()
        made.chips[Which.APPROVED].click()
        await until(lambda: titles() == ["number 0"])
        made.chips[Which.ALL].click()
        await until(lambda: len(titles()) == 3)
        made.table.opened.emit(made.table.rows.row(1).row_id)
        await until(lambda: desk.state.item is not None and desk.state.item.item_id == keys[1].item_id)
        await until(lambda: "Rejected · the run acted on it" in words(desk.view.review))
        await until(lambda: desk.window.findChild(DecidedDialog) is None)

    play(server, act)


def test_the_list_of_commands_finds_all_decided(play: Play) -> None:
    server, _ = world()

    async def act(desk: Desktop) -> None:
        for typed in ("receipt", "history", "handled", "decided"):
            hits = action_hits(desk.window.table, {}, lambda _id: True)
            assert "action:inbox.decided" in {hit.hit_id for hit in hits if match(typed, hit.text, hit.more)}, typed
        await desk.settled()

    play(server, act)


@pytest.mark.usefixtures("theme")
def test_the_tray_is_one_line_while_nothing_needs_to_be_seen_unless_somebody_wants_it() -> None:
    memory = Forgetful()
    tray = HandledTray()
    tray.remember_in(memory)
    tray.resize(400, 300)
    tray.show()
    asked: list[bool] = []
    tray.all_asked.connect(lambda: asked.append(True))
    views = (decision(S.CARRIED_OUT, Verdict.REJECT, message="The run ended."),)
    loud = InboxState(now=NOW, decisions=views, handled=handled(views, NOW), is_quiet=False)
    tray.show_state(loud)
    tray.turn()
    assert tray.table.isVisible()
    assert memory.get(KEPT_OPEN, "") == ""
    quiet = replace(loud, is_quiet=True)
    tray.show_state(quiet)
    assert not tray.table.isVisible()
    assert tray.sizeHint().height() <= Height.GROUP_ROW + 1
    assert "Rejected · The run ended." in words(tray)
    tray.turn()
    assert tray.table.isVisible()
    tray.show_state(loud)
    tray.show_state(quiet)
    assert tray.table.isVisible()
    again = HandledTray()
    again.remember_in(memory)
    again.show_state(quiet)
    assert not again.table.isHidden()
    beside = QWidget()
    under = HandledTray(beside)
    beside.setAttribute(Qt.WidgetAttribute.WA_UnderMouse)
    under.show_state(loud)
    under.show_state(quiet)
    assert not under.table.isHidden(), "no row moves under the pointer"
    under.turn()
    assert under.table.isHidden()
    QTest.mouseClick(tray.all, Qt.MouseButton.LeftButton)
    assert asked
    assert tray.table.isVisible()


def test_quiet_is_what_is_at_its_end_for_a_moment_and_went_well() -> None:
    later = NOW + LINGER
    for state in DecisionState:
        is_over = state in {S.CARRIED_OUT, S.WITHDRAWN, S.HALF_GRANTED}
        assert is_quiet([decision(state)], later) is is_over, state
        assert not is_quiet([decision(state)], later - timedelta(seconds=1))
    assert is_quiet([decision(S.FAILED)], NOW + SHOWN_FOR)
    assert is_quiet([], NOW)

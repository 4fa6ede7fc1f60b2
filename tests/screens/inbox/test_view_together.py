"""Several items decided together, under real keys in the real window."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QApplication

from console.domain.decision import DecisionState
from console.domain.escalation import EscalationKey, Verdict
from console.domain.risk import Risk
from console.engines.fake.server import FakeServer
from console.qtkit.theme import Theme
from console.qtkit.tokens import Height, Tone
from console.screens.inbox.together import Stage
from console.screens.inbox.view_together import TogetherDialog
from tests.screens.inbox.seat import QuickClock
from tests.screens.inbox.test_view import Act, opening, world
from tests.screens.stage import until
from tests.screens.windowed import Desktop, desktop, in_window

K = Qt.Key


def play(qapp: QApplication, theme: Theme, folder: Path, server: FakeServer, act: Act) -> None:
    async def story() -> None:
        async with desktop(theme, folder, [server], clock=QuickClock()) as opened:
            await act(opened)

    in_window(qapp, story())


def dialog(desk: Desktop) -> TogetherDialog:
    found = desk.window.findChild(TogetherDialog)
    assert found is not None
    return found


async def opened(desk: Desktop, key: EscalationKey) -> TogetherDialog:
    """The dialog over all that is like an item, once it can be used."""
    await desk.see(key)
    desk.key(K.Key_B)
    made = dialog(desk)
    QAbstractItemModelTester(made.table.rows, QAbstractItemModelTester.FailureReportingMode.Fatal, made)
    await until(lambda: desk.hosting.inbox.bundle.state.is_armed)
    return made


def test_alike_ones_are_approved_together_each_with_its_own_receipt(
    qapp: QApplication, theme: Theme, tmp_path: Path
) -> None:
    server, keys = world(*(opening(f"Archive {number}") for number in range(5)), opening("Other", Risk.MEDIUM))

    async def act(desk: Desktop) -> None:
        made = await opened(desk, keys[0])
        assert "Approve 5 of 5, low risk at most" in made.heading.text()
        assert made.go.isEnabled()
        assert desk.has_focus(made.reason)
        QTest.keyClicks(made.reason, "Checked")
        QTest.keyClick(made.reason, K.Key_Return)
        bundle = desk.hosting.inbox.bundle
        await until(lambda: bundle.state.stage is Stage.DONE)
        await until(lambda: len(server.applied()) == 5, seconds=20)
        assert {each.payload["reason"] for each in server.applied()} == {"Checked"}
        assert {each.key for each in server.applied()} == set(keys[:5])
        assert len({each.decision_id for each in server.applied()}) == 5
        assert all(each.payload["together"] == "5" for each in server.applied())
        await until(lambda: all("carried out" in row.said for row in bundle.state.rows), seconds=20)

    play(qapp, theme, tmp_path, server, act)


def test_what_changed_meanwhile_is_refused_for_itself_and_the_others_go_on(
    qapp: QApplication, theme: Theme, tmp_path: Path
) -> None:
    server, keys = world(*(opening(f"Archive {number}") for number in range(4)))

    async def act(desk: Desktop) -> None:
        made = await opened(desk, keys[0])
        server.change(keys[2], amount=999_999)
        await until(lambda: _is_read_again(desk, keys[2], server))
        made.go.click()
        bundle = desk.hosting.inbox.bundle
        await until(lambda: bundle.state.stage is Stage.DONE)
        (refused,) = [each for each in bundle.state.entries if each.refusal]
        assert refused.item_id == keys[2].item_id
        await until(lambda: len(server.applied()) == 3, seconds=20)
        assert keys[2] not in {each.key for each in server.applied()}
        await until(lambda: made.heading.text() == "3 carried out, 1 not decided", seconds=20)
        assert made.table.rows.row(0).row_id == keys[2].item_id

    play(qapp, theme, tmp_path, server, act)


def test_one_that_failed_stands_first_with_all_of_its_reason_and_opens_its_item(
    qapp: QApplication, theme: Theme, tmp_path: Path
) -> None:
    server, keys = world(*(opening(f"Archive {number}") for number in range(12)))
    server.carries_out = False
    why = "NotNow: The payment provider takes no refund of order 4711 before two in the morning; it settles until then."

    async def act(desk: Desktop) -> None:
        made = await opened(desk, keys[0])
        made.go.click()
        await until(lambda: len(server.applied()) == 12, seconds=20)
        for decided in server.arrived:
            server.effect_error = why if decided.key == keys[2] else ""
            server.carry_out(decided)
        await until(lambda: made.heading.text() == "11 carried out, 1 failed", seconds=20)
        row = made.table.rows.row(0)
        assert (row.row_id, row.tone) == (keys[2].item_id, Tone.CRITICAL)
        assert why in row.said
        assert made.table.rowViewportPosition(0) == 0
        assert made.table.rowHeight(0) > made.table.rowHeight(1) == Height.HANDLED_ROW
        tray = desk.view.list.tray.table.rows
        await until(lambda: tray.row(0).title == "Archive 2")
        point = made.table.visualRect(made.table.rows.index(0, 0)).center()
        QTest.mouseClick(made.table.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, point)
        await until(lambda: desk.state.item is not None and desk.state.item.item_id == keys[2].item_id)
        assert desk.window.findChild(TogetherDialog) is None

    play(qapp, theme, tmp_path, server, act)


async def _is_read_again(desk: Desktop, key: EscalationKey, server: FakeServer) -> bool:
    item = await desk.stage.desk.refresh(key.item_id)
    return item is not None and item.digest == server.escalation(key).row.digest


def test_the_sum_asks_for_more_and_some_are_left_out_with_the_reason(
    qapp: QApplication, theme: Theme, tmp_path: Path
) -> None:
    server, keys = world(
        *(opening(f"High {number}", Risk.HIGH) for number in range(2)), opening("Vital", Risk.CRITICAL)
    )

    async def act(desk: Desktop) -> None:
        await desk.see(keys[0])
        for key in keys:
            desk.hosting.inbox.select(key.item_id)
            desk.hosting.inbox.mark()
        made = await opened(desk, keys[0])
        bundle = desk.hosting.inbox.bundle
        (left_out,) = [each for each in bundle.state.entries if each.left_out]
        assert left_out.item_id == keys[2].item_id
        assert "alone" in left_out.left_out
        assert not made.go.isEnabled()
        made.reason.setText("Checked the list")
        assert not made.go.isEnabled()
        assert "Type 2" in made.go.reason
        made.typed.setText("3")
        assert not made.go.isEnabled()
        made.chips[Verdict.REJECT].click()
        assert made.go.isEnabled()
        made.chips[Verdict.APPROVE].click()
        made.typed.setText("2")
        made.go.click()
        await until(lambda: bundle.state.stage is Stage.DONE)
        made.undo.click()
        await until(lambda: not bundle.state.can_undo)
        states = {each.decision.state for each in bundle.state.entries if each.decision is not None}
        assert states == {DecisionState.WITHDRAWN}
        assert not server.applied()

    play(qapp, theme, tmp_path, server, act)


def test_one_that_is_like_no_other_is_decided_alone(qapp: QApplication, theme: Theme, tmp_path: Path) -> None:
    server, keys = world(opening("one"), opening("two", Risk.HIGH))

    async def act(desk: Desktop) -> None:
        await desk.see(keys[0])
        desk.key(K.Key_B)
        assert desk.window.findChild(TogetherDialog) is None
        assert "Space" in desk.state.notice
        desk.key(K.Key_Space)
        assert desk.state.listing.marked == {keys[0].item_id}
        desk.key(K.Key_Escape)
        desk.key(K.Key_Escape)
        assert desk.state.listing.marked == frozenset()

    play(qapp, theme, tmp_path, server, act)

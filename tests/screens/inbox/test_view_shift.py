"""Coming back to the desk and leaving it, in the real window on a real store."""

from __future__ import annotations

import stat
from datetime import timedelta
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from console.domain.escalation import Verdict
from console.domain.risk import Risk
from console.engines.fake.server import FakeServer
from console.qtkit.theme import Theme
from console.screens.inbox.kept_note import NOTE
from console.screens.inbox.leaving import LEFT_AT
from console.screens.inbox.view_hand_over import HandOverDialog
from tests.screens.inbox.seat import QuickClock
from tests.screens.inbox.test_view import Act, opening, world
from tests.screens.stage import until
from tests.screens.windowed import CONTROL, Desktop, desktop, in_window

K = Qt.Key


def play(qapp: QApplication, theme: Theme, folder: Path, server: FakeServer, act: Act) -> None:
    async def story() -> None:
        async with desktop(theme, folder, [server], clock=QuickClock()) as opened:
            await act(opened)

    in_window(qapp, story())


def test_who_comes_back_is_told_what_happened_until_they_have_read_it(
    qapp: QApplication, theme: Theme, tmp_path: Path
) -> None:
    server, keys = world(opening("one", Risk.HIGH), opening("two"), opening("three"))

    async def act(desk: Desktop) -> None:
        await desk.see(keys[1])
        desk.key(K.Key_A)
        await until(lambda: len(server.applied()) == 1, seconds=20)
        await until(lambda: any("carried out" in row.said for row in desk.state.handled), seconds=20)
        server.decide_elsewhere(keys[2], Verdict.REJECT)
        await until(
            lambda: len([row for row in desk.state.listing.rows if row.item_id not in desk.state.listing.gone]) == 1
        )
        leaving = desk.hosting.inbox.leaving
        leaving.leave()
        desk.memory.set(LEFT_AT, (desk.state.now - timedelta(hours=1)).isoformat())
        leaving.arrive()
        await until(lambda: bool(desk.state.since))
        assert "1 new high" in desk.state.since
        assert "1 of yours carried out" in desk.state.since
        assert "1 wait no longer" in desk.state.since
        assert desk.view.list.above.currentWidget() is desk.view.list.since
        desk.key(K.Key_Escape)
        assert desk.state.since == ""
        assert desk.view.list.above.currentWidget() is not desk.view.list.since

    play(qapp, theme, tmp_path, server, act)


def test_a_short_absence_is_not_worth_a_word(qapp: QApplication, theme: Theme, tmp_path: Path) -> None:
    server, keys = world(opening("one"))

    async def act(desk: Desktop) -> None:
        await desk.see(keys[0])
        leaving = desk.hosting.inbox.leaving
        leaving.leave()
        kept = desk.memory.get(LEFT_AT, "")
        assert kept
        leaving.arrive()
        assert desk.state.since == ""
        leaving.leave()
        desk.memory.set(LEFT_AT, "yesterday")
        leaving.arrive()
        assert desk.state.since == ""

    play(qapp, theme, tmp_path, server, act)


def test_the_note_names_what_matters_and_is_left_with_what_one_was_on(
    qapp: QApplication, theme: Theme, tmp_path: Path
) -> None:
    server, keys = world(opening("Vital", Risk.HIGH), opening("Mine"), opening("Put\noff"))

    async def act(desk: Desktop) -> None:
        await desk.see(keys[1])
        desk.key(K.Key_C)
        await until(lambda: desk.state.is_mine)
        await desk.stage.desk.snooze([keys[2].item_id], desk.state.now + timedelta(hours=1))
        desk.key(K.Key_H, CONTROL)
        dialog = desk.window.findChild(HandOverDialog)
        assert dialog is not None
        await until(lambda: "High or critical" in dialog.text.toPlainText())
        note = dialog.text.toPlainText()
        for part in ("Vital (high", "I was on these", "Mine (low", "Put off:", keys[0].item_id):
            assert part in note
        assert "Put\noff" not in note
        saved = tmp_path / "note.txt"
        dialog.save_to(saved)
        assert saved.read_text() == note + "\n"
        assert stat.S_IMODE(saved.stat().st_mode) == 0o600
        dialog.release.setChecked(True)
        dialog.text.setPlainText("Watch the bank.")
        dialog.finish.click()
        await until(lambda: server.escalation(keys[1]).row.claim is None)
        assert [each.text for each in server.escalation(keys[1]).comments] == ["Watch the bank."]
        assert server.escalation(keys[0]).comments == ()
        await until(lambda: "Released 1" in desk.state.notice)
        assert not server.applied()

    play(qapp, theme, tmp_path, server, act)


def test_a_note_outlives_its_dialog_and_is_shown_to_who_comes_next(
    qapp: QApplication, theme: Theme, tmp_path: Path
) -> None:
    server, keys = world(opening("Mine, put off"), opening("Other"))

    async def written(desk: Desktop) -> HandOverDialog:
        desk.window.activateWindow()
        await until(desk.window.isActiveWindow)
        desk.view.focus_list()
        desk.key(K.Key_H, CONTROL)
        found = [each for each in desk.window.findChildren(HandOverDialog) if each.isVisible()]
        await until(lambda: bool(found[-1].text.toPlainText()))
        return found[-1]

    async def act(desk: Desktop) -> None:
        await desk.see(keys[0])
        desk.key(K.Key_C)
        await until(lambda: desk.state.is_mine)
        await desk.stage.desk.snooze([keys[0].item_id], desk.state.now + timedelta(hours=1))
        dialog = await written(desk)
        assert desk.has_focus(dialog.text)
        QTest.keyClick(dialog.text, K.Key_Tab)
        assert "\t" not in dialog.text.toPlainText()
        assert not desk.has_focus(dialog.text)
        QTest.keyClicks(dialog.text, "Watch the bank")
        QTest.keyClick(dialog, K.Key_Escape)
        dialog = await written(desk)
        assert dialog.text.toPlainText().endswith("Watch the bank")
        assert dialog.anew.isVisible()
        dialog.text.clear()
        assert not dialog.finish.isEnabled()
        assert "empty" in dialog.said.text()
        dialog.text.setPlainText("Watch the bank.")
        dialog.release.setChecked(True)
        QTest.keyClick(dialog.text, K.Key_Return, CONTROL)
        await until(lambda: server.escalation(keys[0]).row.claim is None)
        await until(lambda: "Released 1" in desk.state.notice)
        leaving = desk.hosting.inbox.leaving
        leaving.leave()
        desk.memory.set(LEFT_AT, (desk.state.now - timedelta(hours=1)).isoformat())
        leaving.arrive()
        await until(lambda: "Hand-over note by Dana Kern" in desk.state.since)
        desk.view.list.since.click()
        (dialog,) = [each for each in desk.window.findChildren(HandOverDialog) if each.isVisible()]
        assert dialog.last.isVisible()
        assert dialog.last.toPlainText() == "Watch the bank."
        dialog.reject()
        leaving.leave()
        desk.memory.set(LEFT_AT, (desk.state.now - timedelta(hours=1)).isoformat())
        leaving.arrive()
        await desk.settled()
        assert "note" not in desk.state.since, "it was read"
        desk.memory.set(NOTE, "[1]")
        assert leaving.notes.last is None
        assert not server.applied()

    play(qapp, theme, tmp_path, server, act)

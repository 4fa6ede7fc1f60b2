"""Signing together under real keys and clicks in the real window."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QMenu, QWidget

from console.domain.risk import Risk
from console.engines.fake.server import COLLEAGUE, FakeServer
from console.qtkit.text import Text
from console.qtkit.theme import Theme
from console.screens.inbox.view_review import COPY_ID
from tests.screens.inbox.seat import QuickClock
from tests.screens.inbox.test_quorum import critical
from tests.screens.stage import DANA, until
from tests.screens.windowed import PLAIN, Desktop, desktop, in_window

K = Qt.Key
PATIENCE = 60.0
BOTH = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier


def words(part: QWidget) -> str:
    """All that can be read in a part of the window."""
    found = [each for each in part.findChildren(QWidget) if each.isVisible()]
    return "\n".join(
        [each.accessibleName() for each in found] + [each.text() for each in found if isinstance(each, QLabel)]
    )


def test_the_queue_is_one_chord_or_click_away_with_its_count(qapp: QApplication, theme: Theme, tmp_path: Path) -> None:
    server = FakeServer("eu")
    signed, fresh = (server.open(server.start_run(), critical(name)) for name in ("signed", "fresh"))
    server.decide_elsewhere(signed, payload={"reason": "The report shows both."})

    async def story() -> None:
        async with desktop(theme, tmp_path, [server], clock=QuickClock()) as desk:
            tab = desk.view.list.views.tabs.button("2")
            await until(lambda: tab.accessibleName() == "2nd signature 1", PATIENCE)
            desk.key(K.Key_G)
            desk.key(K.Key_S)
            await until(lambda: [row.item_id for row in desk.state.listing.rows] == [signed.item_id], PATIENCE)
            assert tab.isChecked()
            await until(lambda: desk.state.is_armed, PATIENCE)
            shown = words(desk.view.review)
            assert shown.index("First signature") < shown.index("If you approve")
            for told in (
                COLLEAGUE.name,
                "the same as you see now",
                "nothing: as it was proposed",
                "The report shows both.",
            ):
                assert told in shown
            QTest.mouseClick(desk.view.list.views.tabs.button("0"), Qt.MouseButton.LeftButton)
            ids = {signed.item_id, fresh.item_id}
            await until(lambda: {row.item_id for row in desk.state.listing.rows} == ids, PATIENCE)
            assert not tab.isChecked()

    in_window(qapp, story())


def test_ones_own_signature_is_withdrawn_beside_it_or_by_its_key(
    qapp: QApplication, theme: Theme, tmp_path: Path
) -> None:
    server = FakeServer("eu")
    key = server.open(server.start_run(), dataclasses.replace(critical("one"), risk=Risk.MEDIUM))

    async def story() -> None:
        async with desktop(theme, tmp_path, [server], clock=QuickClock()) as desk:
            for is_clicked in (True, False):
                await until(lambda: desk.state.is_armed and not desk.state.bar.hindrance, PATIENCE)
                assert "Withdraw" not in words(desk.view.context)
                desk.key(K.Key_A)
                desk.key(K.Key_Return)
                await until(lambda: "Withdraw your approval" in words(desk.view.context), PATIENCE)
                await until(lambda: desk.state.is_armed, PATIENCE)
                if is_clicked:
                    (way,) = [each for each in desk.view.context.findChildren(Text) if each.text().startswith("Withd")]
                    QTest.mouseClick(way, Qt.MouseButton.LeftButton, PLAIN, way.rect().center())
                    await until(lambda: desk.state.bar.intent is not None, PATIENCE)
                else:
                    desk.key(K.Key_A, Qt.KeyboardModifier.ShiftModifier)
                assert "Press Enter to withdraw your approval" in desk.view.hint.accessibleName()
                assert server.escalation(key).row.approvals == 1
                desk.key(K.Key_Return)
                await until(lambda: server.escalation(key).row.approvals == 0, PATIENCE)
            assert server.applied(key) == ()

    in_window(qapp, story())


def test_who_may_not_sign_reads_why_and_takes_the_id_to_another_person(
    qapp: QApplication, theme: Theme, tmp_path: Path
) -> None:
    server = FakeServer("eu")
    key = server.open(server.start_run(), critical("mine", initiator=DANA.person_id))

    async def story() -> None:
        async with desktop(theme, tmp_path, [server], clock=QuickClock()) as desk:
            await until(lambda: desk.state.is_armed, PATIENCE)
            note = desk.view.review.hindrance
            assert note.isVisible()
            assert "That can be an operator or a supervisor" in note.accessibleName()
            assert not desk.view.bar.typed.isVisible()
            desk.key(K.Key_A)
            assert "You started this run" in desk.view.hint.accessibleName()
            desk.key(K.Key_C, BOTH)
            assert QApplication.clipboard().text() == key.item_id
            QApplication.clipboard().setText("something else")
            note.activated.emit(COPY_ID)
            assert QApplication.clipboard().text() == key.item_id
            assert server.arrived == []

    in_window(qapp, story())


@pytest.mark.qt_log_ignore("grabbing the keyboard", extend=True)
def test_a_reason_is_kept_and_removed_from_the_menu_of_templates(
    qapp: QApplication, theme: Theme, tmp_path: Path
) -> None:
    server = FakeServer("eu")
    server.open(server.start_run(), dataclasses.replace(critical("one"), risk=Risk.HIGH, required_approvals=1))

    async def story() -> None:
        async with desktop(theme, tmp_path, [server], clock=QuickClock()) as desk:
            await until(lambda: desk.state.is_armed, PATIENCE)
            desk.key(K.Key_A)
            desk.type("Seen & agreed with Legal")
            menu = await opened(desk)
            next(each for each in menu.actions() if each.text().startswith("Keep")).trigger()
            menu.close()
            assert desk.state.templates.kept == ("Seen & agreed with Legal",)
            menu = await opened(desk)
            assert menu.actions()[0].text() == "Seen && agreed with Legal"
            remove = next(each for each in menu.actions() if each.text() == "Remove").menu()
            assert isinstance(remove, QMenu)
            remove.actions()[0].trigger()
            menu.close()
            assert not desk.state.templates.kept

    in_window(qapp, story())


async def opened(desk: Desktop) -> QMenu:
    """The menu of templates, opened with the mouse."""
    await until(lambda: QApplication.activePopupWidget() is None, PATIENCE)
    QTest.mouseClick(desk.view.bar.templates, Qt.MouseButton.LeftButton, PLAIN)
    await until(lambda: isinstance(QApplication.activePopupWidget(), QMenu), PATIENCE)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    return menu

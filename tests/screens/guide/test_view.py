"""The guide's strip in the real window: over every screen, taking no key from it, put away by Escape or a click."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from console.engines.fake.quarrel import quarrel
from console.engines.fake.server import FakeServer
from console.qtkit.theme import Theme
from console.services.views import ConnectionConfig
from tests.screens.guide.test_presenter import DEMO, Demo
from tests.screens.stage import until
from tests.screens.windowed import desktop, in_window


def test_it_lies_over_the_screens_and_leaves_the_keys_to_them(qapp: QApplication, theme: Theme, tmp_path: Path) -> None:
    server = FakeServer()
    conflict = server.open(server.start_run(), quarrel())

    async def story() -> None:
        staging = Demo(lambda _: True).staging()
        async with desktop(theme, tmp_path, [server], staging=staging, whole=True) as made:
            strip = made.hosting.guide_strip
            assert not strip.isVisible()
            config = ConnectionConfig(connection_id=DEMO, name=DEMO, kind="fake", is_demo=True)
            await made.stage.desk.edit_connection(config, {})
            await until(strip.isVisible)
            assert strip.accessibleName().startswith("Tour, 1 of 5: Two agents")
            await until(strip.show_me.isEnabled)
            before = made.focus
            QTest.mouseClick(strip.show_me, Qt.MouseButton.LeftButton)
            await until(lambda: made.state.listing.selected_id == conflict.item_id)
            assert made.focus in {before, made.view.list.table}
            QTest.mouseClick(strip.next, Qt.MouseButton.LeftButton)
            assert "2 of 5" in strip.accessibleName()
            assert not strip.show_me.isEnabled()
            assert strip.show_me.reason
            made.window.bring_to_front("connections")
            assert strip.isVisible()
            strip.skip.setFocus(Qt.FocusReason.TabFocusReason)
            QTest.keyClick(strip.skip, Qt.Key.Key_Escape)
            assert not strip.isVisible()
            (again,) = [one for one in made.window.table.of_menu("Help") if one.action.action_id == "guide.again"]
            assert again.action.can_run()
            again.qt.trigger()
            assert strip.isVisible()
            assert "1 of 5" in strip.accessibleName()

    in_window(qapp, story())

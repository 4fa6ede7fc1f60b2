"""Who may decide stands with the connection that checks it: each key with its person, and how it ended."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from console.engines.fake.server import FakeServer
from console.infra.clock import SystemClock
from console.qtkit.theme import Theme
from console.screens.connections.presenter import ConnectionsPresenter
from console.screens.connections.view import ConnectionsView
from tests.keyed import KeyedEngine, KeyLog
from tests.screens.asking import asking
from tests.screens.stage import DANA, stage, until
from tests.screens.windowed import in_window
from tests.screens.windows import shown
from tests.verify.people import BEN, IAN, key_of


def test_each_key_stands_there_with_its_person_and_its_end(qapp: QApplication, theme: Theme, tmp_path: Path) -> None:
    assert theme is not None
    server = FakeServer("eu")
    log = KeyLog(server)
    log.enrol(BEN)
    log.revoke(log.enrol(IAN), "left the\u202e team", by=key_of(BEN))

    async def whole() -> None:
        async with stage(tmp_path, [server], engine=lambda one: KeyedEngine(one, log)) as made, asking() as window:
            own = log.enrol(DANA, await made.desk.public_key())
            presenter = ConnectionsPresenter(made.desk, window.ask, window.navigate, SystemClock())
            with shown(ConnectionsView(presenter)) as view:
                presenter.on_shown()
                pane = view.details.deciders
                await until(lambda: pane.isVisible() and "Dana Kern (dana), you" in pane.table.accessibleDescription())
                told = pane.table.accessibleDescription().split(". ")
                assert [line.split(";")[0] for line in told] == [
                    "Person Ben (ben)", "Person Dana Kern (dana), you", "Person Ian (ian)",
                ]  # fmt: skip
                assert f"Role Supervisor; Key {own[:8]}; Valid from " in told[1]
                assert told[1].endswith("Now valid")
                assert "Now revoked " in told[2]
                assert "by Ben: left the" in told[2]
                assert "\u202e" not in told[2]
                QTest.mouseClick(pane.copy, Qt.MouseButton.LeftButton)
                assert "clearance keys revoke --connection eu KEY" in QGuiApplication.clipboard().text()
                presenter.on_hidden()
                presenter.listen(lambda _: None)

    in_window(qapp, whole())

"""A key that ended while the window was open: said at once in every place, never offered to be kept, and replaced."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from console.domain.deciders import ANOTHER_KEY
from console.domain.escalation import Verdict
from console.engines.fake.record import Opening
from console.engines.fake.server import FakeServer
from console.infra.keyfile import FILE_NAME, load_key, save_key
from console.infra.keys import Vault, key_id
from console.qtkit.theme import Theme
from console.screens.inbox.duties import ENDED
from tests.infra.rings import no_ring
from tests.keyed import KeyedEngine, KeyLog
from tests.screens.inbox.makes import proposal
from tests.screens.inbox.seat import QuickClock
from tests.screens.inbox.test_view_quorum import words
from tests.screens.stage import DANA, until
from tests.screens.windowed import Desktop, desktop, in_window
from tests.shell.test_key_dialog import PASSPHRASE, PATIENCE, identity_of, opened, status, type_twice
from tests.verify.people import BEN, key_of, public_of

K = Qt.Key
ENDED_AT = "Signing key has ended at eu"


async def is_told(desk: Desktop) -> None:
    """Status line and decision bar say it, and no verdict is open; pressing one says why."""
    await until(lambda: status(desk) == ENDED_AT and desk.state.is_armed, PATIENCE)
    await until(lambda: all(each.blocked == ENDED for each in desk.state.bar.in_bar), PATIENCE)
    assert "by Ben: left the team" in desk.state.bar.warning
    assert desk.state.bar.warning.startswith("Your key ended here: revoked ")
    assert desk.state.bar.warning.endswith(ANOTHER_KEY)
    assert desk.state.bar.name_to_type == ""
    signatures = words(desk.view.context)
    assert "You may sign" not in signatures
    made = len(await desk.stage.desk.decisions())
    desk.key(K.Key_A)
    await until(lambda: desk.state.bar.hint == ENDED, PATIENCE)
    assert len(await desk.stage.desk.decisions()) == made


def test_a_key_that_ends_is_told_everywhere_at_once_and_another_takes_its_place(
    qapp: QApplication, theme: Theme, tmp_path: Path
) -> None:
    """The first refusal says it; the key in its file is replaced, and the new one signs once it is enrolled."""
    server, vault = FakeServer("eu"), Vault(tmp_path / FILE_NAME, lambda: PASSPHRASE)
    log = KeyLog(server)
    ben = key_of(BEN)
    log.enrol(BEN)
    for number in range(2):
        server.open(server.start_run(f"run-{number}"), Opening(proposal=proposal(), required_approvals=2))
    save_key(vault.path, key_of(DANA), PASSPHRASE)
    own = log.enrol(DANA)

    async def story() -> None:
        async with desktop(
            theme, tmp_path, [server], clock=QuickClock(), open_ring=no_ring, vault=vault,
            engine=lambda one: KeyedEngine(one, log),
        ) as desk:  # fmt: skip
            await until(lambda: desk.state.is_armed, PATIENCE)
            assert (status(desk), desk.state.bar.warning) == ("", "")
            log.revoke(own, "left the team", by=ben)
            desk.key(K.Key_A)
            await is_told(desk)
            assert server.arrived == []

            desk.window.key_asked.emit()
            dialog = await opened(desk, "Your signing key has ended at eu")
            assert "Keep it" not in words(dialog)
            type_twice(dialog, "another passphrase", "another passphrase")
            dialog = await opened(desk, "Your signing key does not count everywhere")
            private = load_key(vault.path, "another passphrase")
            assert identity_of(desk).key_id == key_id(public_of(private)) != own
            log.enrol(DANA, public_of(private))
            dialog.again.click()
            await until(lambda: status(desk) == "", PATIENCE)
            QTest.keyClick(dialog, K.Key_Escape)
            desk.window.activateWindow()
            await until(lambda: QApplication.activeWindow() is desk.window, PATIENCE)
            await until(lambda: desk.state.is_armed and not desk.state.bar.warning, PATIENCE)
            await until(lambda: desk.has_focus(desk.view.list.table), PATIENCE)
            desk.key(K.Key_Escape)
            button = desk.state.bar.button(Verdict.APPROVE)
            assert button is not None
            assert button.blocked == ""
            desk.key(K.Key_A)
            await until(lambda: [each.key_id for each in server.arrived] == [identity_of(desk).key_id], PATIENCE)

    in_window(qapp, story())


def test_a_key_that_had_ended_before_is_told_on_connecting(qapp: QApplication, theme: Theme, tmp_path: Path) -> None:
    server, vault = FakeServer("eu"), Vault(tmp_path / FILE_NAME, lambda: PASSPHRASE)
    log = KeyLog(server)
    log.enrol(BEN)
    save_key(vault.path, key_of(DANA), PASSPHRASE)
    log.revoke(log.enrol(DANA), "left the team", by=key_of(BEN))
    server.open(server.start_run(), Opening(proposal=proposal(), required_approvals=2))

    async def story() -> None:
        async with desktop(
            theme, tmp_path, [server], clock=QuickClock(), open_ring=no_ring, vault=vault,
            engine=lambda one: KeyedEngine(one, log),
        ) as desk:  # fmt: skip
            await is_told(desk)

    in_window(qapp, story())

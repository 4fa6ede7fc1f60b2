"""The signing key at the window: locked in its file, in memory, and lost in a keyring that is locked."""

from __future__ import annotations

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from keyring.errors import KeyringLocked
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from console.domain.identity import Identity
from console.engines.fake.record import Opening
from console.engines.fake.server import FakeServer
from console.infra.keyfile import FILE_NAME, load_key, save_key
from console.infra.keys import SECRET_NAME, Vault, key_id
from console.qtkit.theme import Theme
from console.shell.key_dialog import DIFFERENT, KeyDialog
from tests.infra.rings import MemoryRing, no_ring
from tests.screens.inbox.makes import proposal
from tests.screens.inbox.seat import QuickClock
from tests.screens.inbox.test_view_quorum import words
from tests.screens.stage import until
from tests.screens.windowed import Desktop, desktop, in_window

K = Qt.Key
PASSPHRASE = "correct horse battery"
PATIENCE = 60.0


def a_vault(folder: Path) -> Vault:
    """Where a key file would lie; nobody tells its passphrase at the start."""
    return Vault(folder / FILE_NAME, lambda: "")


def identity_of(desk: Desktop) -> Identity:
    """Who the status line says works here."""
    identity = desk.hosting.overview.frame.identity
    assert identity is not None
    return identity


async def opened(desk: Desktop, title: str) -> KeyDialog:
    """The dialog, once it shows this."""

    def shows() -> bool:
        dialog = desk.hosting.key_care.dialog
        return dialog is not None and dialog.windowTitle() == title

    await until(shows, PATIENCE)
    dialog = desk.hosting.key_care.dialog
    assert dialog is not None
    return dialog


async def closed(desk: Desktop) -> None:
    await until(lambda: desk.hosting.key_care.dialog is None, PATIENCE)


def status(desk: Desktop) -> str:
    """What the status line says of the key."""
    key = desk.window.status.key
    return key.accessibleName() if key.isVisible() else ""


def test_deciding_with_a_locked_key_asks_for_its_passphrase_and_then_signs_with_it(
    qapp: QApplication, theme: Theme, tmp_path: Path
) -> None:
    server, vault, private = FakeServer("eu"), a_vault(tmp_path), Ed25519PrivateKey.generate()
    key = server.open(server.start_run(), Opening(proposal=proposal()))
    save_key(vault.path, private, PASSPHRASE)

    async def story() -> None:
        async with desktop(theme, tmp_path, [server], clock=QuickClock(), open_ring=no_ring, vault=vault) as desk:
            assert status(desk) == "Signing key is locked"
            await until(lambda: desk.state.is_armed, PATIENCE)
            desk.key(K.Key_A)
            dialog = await opened(desk, "Your signing key is locked")
            assert desk.state.bar.hint == "Your signing key is locked. Unlock it, then decide again."
            assert server.arrived == []
            for _ in range(3):
                QTest.keyClicks(dialog.passphrase, "not this one")
                QTest.keyClick(dialog.passphrase, K.Key_Return)
                assert dialog.passphrase.text() == ""
                await until(lambda: "does not open the key" in dialog.problem.accessibleName(), PATIENCE)
                assert "as often as you like" in dialog.problem.accessibleName()
                dialog.tell("")
            QTest.keyClicks(dialog.passphrase, PASSPHRASE)
            QTest.keyClick(dialog.passphrase, K.Key_Return)
            await closed(desk)
            # Without a display there is nobody who gives the keys back to the window.
            desk.window.activateWindow()
            await until(lambda: QApplication.activeWindow() is desk.window, PATIENCE)
            await until(lambda: not status(desk) and identity_of(desk).is_key_in_file, PATIENCE)
            await until(lambda: not desk.state.bar.hint, PATIENCE)
            await until(lambda: desk.state.is_armed, PATIENCE)
            desk.key(K.Key_A)
            await until(lambda: bool(server.arrived), PATIENCE)
            assert server.arrived[0].key_id == key_id(private.public_key().public_bytes_raw())
            assert [done.decision_id for done in server.applied(key)] == [server.arrived[0].decision_id]
            assert len(await desk.stage.desk.decisions()) == 1

    in_window(qapp, story())
    for file in tmp_path.rglob("*"):
        assert PASSPHRASE.encode() not in (file.read_bytes() if file.is_file() else b""), file


def test_the_key_of_a_session_is_kept_in_a_file_under_a_passphrase_that_opens_it_next_time(
    qapp: QApplication, theme: Theme, tmp_path: Path
) -> None:
    vault = a_vault(tmp_path)

    async def story() -> None:
        async with desktop(theme, tmp_path, [FakeServer("eu")], open_ring=no_ring, vault=vault) as desk:
            assert status(desk) == "Signing key in memory for this session"
            before = identity_of(desk).key_id
            QTest.mouseClick(desk.window.status.key, Qt.MouseButton.LeftButton)
            dialog = await opened(desk, "Your signing key ends with this session")
            for said, again, problem in (
                (PASSPHRASE, "another one", DIFFERENT),
                ("short", "short", "at least 8 characters"),
            ):
                type_twice(dialog, said, again)
                await until(lambda problem=problem: problem in dialog.problem.accessibleName(), PATIENCE)
                assert not vault.path.exists()
                dialog.once_more.setFocus()
                QTest.keyClicks(dialog.once_more, "x")
                assert (dialog.problem.accessibleName(), dialog.focusWidget()) == ("", dialog.once_more)
                dialog.passphrase.clear()
                dialog.once_more.clear()
            type_twice(dialog, PASSPHRASE, PASSPHRASE)
            dialog = await opened(desk, "Your signing key")
            await until(lambda: not status(desk), PATIENCE)
            assert identity_of(desk).key_id == before
            assert key_id(load_key(vault.path, PASSPHRASE).public_key().public_bytes_raw()) == before
            QTest.keyClick(dialog, K.Key_Escape)
            await closed(desk)

    in_window(qapp, story())


def type_twice(dialog: KeyDialog, said: str, again: str) -> None:
    """Enter a new passphrase."""
    QTest.keyClicks(dialog.passphrase, said)
    QTest.keyClick(dialog.passphrase, K.Key_Return)
    assert dialog.once_more.hasFocus() or not dialog.isActiveWindow()
    QTest.keyClicks(dialog.once_more, again)
    QTest.keyClick(dialog.once_more, K.Key_Return)


def test_a_locked_keyring_is_asked_again_once_it_is_unlocked_and_its_key_used(
    qapp: QApplication, theme: Theme, tmp_path: Path
) -> None:
    ring = LockableRing()

    async def story() -> None:
        async with desktop(theme, tmp_path / "first", [FakeServer("eu")], open_ring=lambda: ring) as desk:
            own = identity_of(desk).key_id
        ring.is_locked = True
        async with desktop(theme, tmp_path / "second", [FakeServer("eu")], open_ring=lambda: ring) as desk:
            assert status(desk) == "Signing key in memory for this session"
            assert identity_of(desk).key_id != own
            desk.window.key_asked.emit()
            dialog = await opened(desk, "Your signing key ends with this session")
            assert "The keyring is locked." in words(dialog)
            dialog.keyring.click()
            await until(lambda: "The keyring is locked. Unlock" in dialog.problem.accessibleName(), PATIENCE)
            ring.is_locked = False
            dialog.keyring.click()
            await opened(desk, "Your signing key")
            await until(lambda: not status(desk) and identity_of(desk).key_id == own, PATIENCE)
            assert ring.kept[SECRET_NAME]

    for name in ("first", "second"):
        (tmp_path / name).mkdir()
    in_window(qapp, story())


class LockableRing(MemoryRing):
    """A keyring that can be locked with all that lies in it."""

    is_locked = False

    def get_password(self, service: str, username: str) -> str | None:
        if self.is_locked:
            raise KeyringLocked
        return super().get_password(service, username)

"""Pictures of the signing key at the window: ``python -m tests.screens.shots_key FOLDER``.

Taken in the real window on the scripted engine, light and dark: locked, a wrong passphrase, in memory, and lost.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from console.engines.fake.server import FakeServer
from console.infra.keyfile import FILE_NAME, save_key
from console.infra.keys import Vault, enrol_command
from console.qtkit.theme import Mode, Theme
from console.services.views import Enrolment, KeyStanding
from console.shell.key_words import key_card
from tests.infra.rings import locked_ring, no_ring
from tests.screens.shots_quorum import Morning
from tests.screens.stage import until
from tests.screens.windowed import Desktop, desktop, in_window

PASSPHRASE = "correct horse battery"
DIMMED = QColor(0, 0, 0, 40)
LOST = KeyStanding("tower-eu", Enrolment.OTHER_KEY, "9e41c7d2" * 2, datetime(2026, 11, 2, tzinfo=UTC))


def picture(desk: Desktop, path: Path) -> None:
    """The window with its dialog over it."""
    taken = desk.window.grab()
    dialog = desk.hosting.key_care.dialog
    if dialog is not None:
        painter = QPainter(taken)
        painter.fillRect(taken.rect(), DIMMED)
        place = QPoint((taken.width() - dialog.width()) // 2, (taken.height() - dialog.height()) // 2)
        painter.drawPixmap(place, dialog.grab())
        painter.end()
    taken.save(str(path))


async def locked(desk: Desktop, folder: Path, end: str) -> None:
    """Deciding asks for the passphrase; then another one than the right one."""
    await until(lambda: desk.state.is_armed, 60)
    desk.hosting.inbox.select(next(row.item_id for row in desk.state.listing.rows if "Archive" in row.waiting.title))
    await until(lambda: desk.state.is_armed, 60)
    desk.key(Qt.Key.Key_A)
    await until(lambda: desk.hosting.key_care.dialog is not None, 60)
    await asyncio.sleep(0.5)
    picture(desk, folder / f"key-locked{end}")
    dialog = desk.hosting.key_care.dialog
    assert dialog is not None
    QTest.keyClicks(dialog.passphrase, "not this one")
    QTest.keyClick(dialog.passphrase, Qt.Key.Key_Return)
    await until(lambda: bool(dialog.problem.accessibleName()), 60)
    await asyncio.sleep(0.5)
    picture(desk, folder / f"key-wrong{end}")
    dialog.reject()


async def memory(desk: Desktop, folder: Path, end: str) -> None:
    """A locked keyring, and then the same where another key is known."""
    desk.hosting.key_care.open()
    await until(lambda: desk.hosting.key_care.dialog is not None, 60)
    await asyncio.sleep(0.5)
    picture(desk, folder / f"key-memory{end}")
    dialog = desk.hosting.key_care.dialog
    identity = desk.hosting.overview.frame.identity
    assert dialog is not None
    assert identity is not None
    command = enrol_command(identity.person, await desk.stage.desk.public_key())
    dialog.show_card(key_card(identity, (LOST,), command))
    await asyncio.sleep(0.5)
    picture(desk, folder / f"key-lost{end}")
    dialog.reject()


async def whole(theme: Theme, folder: Path) -> None:
    for mode in (Mode.LIGHT, Mode.DARK):
        theme.set_mode(mode)
        for story, ring in ((locked, no_ring), (memory, locked_ring)):
            with tempfile.TemporaryDirectory() as data:
                vault = Vault(Path(data) / FILE_NAME, lambda: "")
                servers: list[FakeServer] = [Morning().server]
                if story is locked:
                    save_key(vault.path, Ed25519PrivateKey.generate(), PASSPHRASE)
                async with desktop(theme, Path(data), servers, open_ring=ring, vault=vault) as desk:
                    await story(desk, folder, f"_{mode.value}.png")


if __name__ == "__main__":
    app = QApplication(sys.argv)
    target = Path(sys.argv[1])
    target.mkdir(parents=True, exist_ok=True)
    in_window(app, whole(Theme(app, Mode.LIGHT), target))

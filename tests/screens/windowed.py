"""The real window with all its screens, on a desk over the scripted engine, and hands to use it."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import qasync
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from console.domain.escalation import EscalationKey
from console.domain.identity import Person
from console.engines.fake.engine import FakeEngine
from console.engines.fake.server import FakeServer
from console.engines.port import Engine
from console.infra.clock import Clock
from console.infra.keys import Vault
from console.infra.secrets import Ring
from console.qtkit.theme import Theme
from console.screens.guide.state import Staging
from console.screens.inbox.state import InboxState
from console.screens.inbox.view import InboxView
from console.screens.welcome.state import Demo
from console.shell.bridge import Bridge
from console.shell.hosting import Hosting
from console.shell.memory import Forgetful, Memory
from console.shell.window import MainWindow
from tests.screens.stage import DANA, MemoryRing, Stage, stage, until

PLAIN = Qt.KeyboardModifier.NoModifier
CONTROL = Qt.KeyboardModifier.ControlModifier
LOOK_MS = 30


@dataclass
class Desktop:
    """The window, with somebody before it."""

    window: MainWindow
    hosting: Hosting
    stage: Stage
    memory: Memory

    @property
    def view(self) -> InboxView:
        return self.hosting.inbox_view

    @property
    def state(self) -> InboxState:
        return self.hosting.inbox.state

    @property
    def focus(self) -> QWidget:
        return QApplication.focusWidget() or self.window

    def has_focus(self, widget: QWidget) -> bool:
        return self.focus is widget

    def key(self, key: Qt.Key, modifier: Qt.KeyboardModifier = PLAIN) -> None:
        """Press a key where the focus is."""
        QTest.keyClick(self.focus, key, modifier)

    def hold(self, key: Qt.Key, times: int = 5) -> None:
        """Let a key that is held down repeat: what the system sends after the first press."""
        for _ in range(times):
            QTest.simulateEvent(self.focus, True, key, PLAIN, _text(key), True)  # type: ignore[call-overload,unused-ignore]  # not in the stubs
        QTest.keyRelease(self.focus, key)

    def type(self, text: str) -> None:
        """Type where the focus is."""
        QTest.keyClicks(self.focus, text)

    async def see(self, key: EscalationKey) -> None:
        """Open an item by a click on its row, and wait until its keys are armed."""
        table = self.view.list.table
        await until(lambda: table.rows.place_of(key.item_id) >= 0)
        index = table.rows.index(table.rows.place_of(key.item_id), 0)
        table.scrollTo(index)
        QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, PLAIN, table.visualRect(index).center())
        await self.armed(key)

    async def armed(self, key: EscalationKey) -> None:
        """Wait until this item is open and its keys work."""
        await until(lambda: self.state.listing.selected_id == key.item_id and self.state.is_armed)

    async def settled(self) -> None:
        """Let what was just done have its first effects.

        The loop is the window's own: events handled from within a task would step others inside it, which ends both.
        """
        await asyncio.sleep(0.05)


def _text(key: Qt.Key) -> str:
    return chr(key).lower() if Qt.Key.Key_A <= key <= Qt.Key.Key_Z else "\r"


def _keep_active(window: MainWindow) -> None:
    """Give the keys back to the window when a menu or dialog closed: offscreen there is no manager that does."""
    is_covered = QApplication.activePopupWidget() is not None or QApplication.activeModalWidget() is not None
    if window.isVisible() and not is_covered and QApplication.activeWindow() is None:
        window.activateWindow()


async def _no_demo(_say: Callable[[str], None]) -> None:
    await asyncio.sleep(0)


@asynccontextmanager
async def desktop(
    theme: Theme,
    folder: Path,
    servers: Sequence[FakeServer],
    *,
    person: Person = DANA,
    clock: Clock | None = None,
    size: tuple[int, int] = (1440, 900),
    engine: Callable[[FakeServer], Engine] = FakeEngine,
    demo: Demo | None = None,
    open_ring: Callable[[], Ring] = MemoryRing,
    vault: Vault | None = None,
    staging: Staging | None = None,
    whole: bool = False,
) -> AsyncIterator[Desktop]:
    """Open the window on a desk that has listed its servers, ``whole`` with the screens too that nobody went to yet.

    What goes wrong in it fails the test.
    """
    errors: list[BaseException] = []
    held = stage(folder, servers, person=person, clock=clock, engine=engine, open_ring=open_ring, vault=vault)
    async with held as made:
        bridge = Bridge(lambda _where, error: errors.append(error))
        memory = Forgetful()
        window = MainWindow(theme, memory, made.clock)
        window.resize(*size)
        demo = demo or Demo(start=_no_demo, what="", takes="")
        hosting = Hosting(window, bridge, made.desk, clock=made.clock, memory=memory, demo=demo, staging=staging)
        window.show()
        window.activateWindow()
        keeper = QTimer(window)
        keeper.timeout.connect(partial(_keep_active, window))
        keeper.start(LOOK_MS)
        await hosting.start()
        if whole:
            await hosting.make_others()
        await until(lambda: hosting.inbox.state.listing.is_loaded and hosting.overview.frame.identity is not None)
        try:
            yield Desktop(window, hosting, made, memory)
        finally:
            keeper.stop()
            window.close()
            await bridge.stop()
            window.deleteLater()
            await asyncio.sleep(0)
    assert not errors, errors


def in_window(app: QApplication, story: Coroutine[Any, Any, None]) -> None:
    """Run a story in a loop of the window's kind; rubbish is collected in this thread only."""
    app.setQuitOnLastWindowClosed(False)
    gc.collect()
    gc.disable()
    try:
        with asyncio.Runner(loop_factory=lambda: qasync.QEventLoop(app, already_running=False)) as runner:
            runner.run(story)
    finally:
        gc.collect()
        gc.enable()

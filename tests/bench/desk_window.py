"""The real window on the real composition, over a scripted engine, with a story that uses it and then closes it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from console import app
from console.engines.fake.engine import FakeEngine
from console.engines.fake.server import FakeServer
from console.infra.clock import SystemClock
from console.screens.welcome.state import Demo
from console.services.desk import Desk
from console.services.views import ConnectionConfig
from console.shell.bridge import Bridge
from console.shell.hosting import Hosting
from console.shell.main import Session, run_window
from console.shell.memory import Forgetful
from console.shell.window import MainWindow
from tests.bench.stock import profile

LISTED_WITHIN = 120.0
LOOK_AGAIN = 0.002
SIZE = (1440, 900)


@dataclass(frozen=True, slots=True)
class Place:
    """A window at which a story sits."""

    window: MainWindow
    hosting: Hosting
    desk: Desk


Story = Callable[[Place], Coroutine[Any, Any, None]]


def play(folder: Path, server: FakeServer, story: Story) -> None:
    """Open the window on a new profile that is connected to ``server``; close it when the story ends.

    Raises the first error that reached the window's one handler.
    """
    where = profile(folder)
    errors: list[BaseException] = []
    app.ENGINES["fake"] = lambda _config, _secrets: FakeEngine(server)

    def on_error(_where: str, error: BaseException) -> None:
        errors.append(error)

    async def open_session(window: MainWindow, bridge: Bridge) -> Session:
        stack = AsyncExitStack()
        desk = await stack.enter_async_context(app.open_desk(where, on_error=on_error))
        await desk.add_connection(ConnectionConfig(connection_id="bench", name="bench", kind="fake"), {})
        await desk.listed(LISTED_WITHIN)
        demo = Demo(start=_no_demo, what="", takes="")
        hosting = Hosting(window, bridge, desk, clock=SystemClock(), memory=Forgetful(), demo=demo)
        window.resize(*SIZE)
        bridge.ask(_told(story, Place(window, hosting, desk)))
        return Session(hosting, stack.aclose)

    run_window(open_session, memory=Forgetful(), clock=SystemClock(), log=on_error)
    if errors:
        raise errors[0]


async def until(is_so: Callable[[], object]) -> None:
    """Wait until something is so."""
    while True:
        if is_so():
            return
        await asyncio.sleep(LOOK_AGAIN)


def press(window: MainWindow, key: Qt.Key) -> None:
    """Press a key where the focus is."""
    QTest.keyClick(QApplication.focusWidget() or window, key)


async def _told(story: Story, place: Place) -> None:
    try:
        await until(lambda: place.hosting.inbox.state.item is not None)
        await story(place)
    finally:
        place.window.close()


async def _no_demo(_say: Callable[[str], None]) -> None:
    raise AssertionError("nobody asked for the demo")

"""The window's life from first paint to the end of everything, with what may go wrong in between."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer

from console.engines.fake.record import Opening
from console.engines.fake.server import FakeServer
from console.infra.clock import SystemClock
from console.screens.welcome.state import Demo
from console.shell.bridge import Bridge
from console.shell.hosting import Hosting
from console.shell.main import OpenSession, Session, run_window
from console.shell.memory import Forgetful
from console.shell.window import MainWindow
from console.store.store import Store
from tests.screens.stage import Stage, stage, until

pytestmark = pytest.mark.usefixtures("qapp")

Then = Callable[[MainWindow, Hosting, Stage], Awaitable[None]]


async def _no_demo(_say: Callable[[str], None]) -> None:
    await asyncio.sleep(0)


def sessions(folder: Path, servers: list[FakeServer], then: Then, ended: list[str]) -> OpenSession:
    """Opens a desk on these servers, acts, and closes the window."""

    async def open_session(window: MainWindow, bridge: Bridge) -> Session:
        stack = AsyncExitStack()
        stack.callback(ended.append, "closed")
        made = await stack.enter_async_context(stage(folder, servers))
        demo = Demo(start=_no_demo, what="", takes="")
        hosting = Hosting(window, bridge, made.desk, clock=made.clock, memory=Forgetful(), demo=demo)

        async def act() -> None:
            try:
                await until(lambda: window.front != "")
                await then(window, hosting, made)
            finally:
                window.close()

        bridge.ask(act())
        return Session(hosting, stack.aclose)

    return open_session


def live(open_session: OpenSession) -> list[BaseException]:
    """Run the window until it is closed; returns what was logged."""
    logged: list[BaseException] = []
    result = run_window(
        open_session, memory=Forgetful(), clock=SystemClock(), log=lambda _where, error: logged.append(error)
    )
    assert result == 0
    assert gc.isenabled(), "Python does its own tidying again"
    return logged


def test_it_opens_on_the_inbox_and_ends_with_everything_it_started(tmp_path: Path) -> None:
    server = FakeServer("eu")
    server.open(server.start_run(), Opening())
    seen: list[str] = []
    ended: list[str] = []

    async def then(window: MainWindow, hosting: Hosting, _made: Stage) -> None:
        await until(lambda: bool(hosting.inbox.state.listing.rows))
        seen.append(window.front)

    assert live(sessions(tmp_path, [server], then, ended)) == []
    assert (seen, ended) == (["inbox"], ["closed"])


def test_without_a_connection_it_welcomes(tmp_path: Path) -> None:
    seen: list[str] = []

    async def then(window: MainWindow, _hosting: Hosting, _made: Stage) -> None:
        seen.append(window.front)
        await asyncio.sleep(0)

    assert live(sessions(tmp_path, [], then, [])) == []
    assert seen == ["welcome"]


def test_a_broken_audit_is_told_with_its_first_broken_line(tmp_path: Path) -> None:
    store = Store(tmp_path / "clearance.db")
    for number in range(5):
        store.audit.record("claimed", datetime.now(UTC), {"item": str(number)})
    store.close()
    with closing(sqlite3.connect(tmp_path / "clearance.db")) as database:
        database.execute("UPDATE audit SET line = replace(line, '2', '7') WHERE number = 3")
        database.commit()
    told: list[str] = []

    async def then(window: MainWindow, _hosting: Hosting, _made: Stage) -> None:
        await until(window.trouble.isVisible)
        told.append(window.trouble.accessibleName())

    assert live(sessions(tmp_path, [], then, [])) == []
    assert len(told) == 1
    assert "The audit of this desk is broken. Entry 3 was changed" in told[0]


def test_a_desk_that_cannot_be_opened_is_told_and_the_window_waits() -> None:
    told: list[str] = []

    async def broken(window: MainWindow, _bridge: Bridge) -> Session:
        def look() -> None:
            if window.trouble.isVisible():
                told.append(window.trouble.accessibleName())
                window.close()
            else:
                QTimer.singleShot(5, look)

        QTimer.singleShot(5, look)
        await asyncio.sleep(0)
        raise RuntimeError("no such store")

    logged = live(broken)
    assert [type(error) for error in logged] == [RuntimeError]
    assert "RuntimeError" in told[0]


def test_an_error_in_the_window_is_told_and_it_lives_on(tmp_path: Path) -> None:
    told: list[str] = []

    async def then(window: MainWindow, _hosting: Hosting, _made: Stage) -> None:
        async def broken() -> None:
            raise LookupError("gone")

        asyncio.get_running_loop().call_soon(lambda: asyncio.get_running_loop().create_task(broken()))
        await asyncio.sleep(0.05)
        gc.collect()
        await until(window.trouble.isVisible)
        told.append(window.trouble.accessibleName())

    logged = live(sessions(tmp_path, [], then, []))
    assert [type(error) for error in logged] == [LookupError]
    assert "LookupError" in told[0]


def test_closing_while_the_desk_opens_ends_at_once() -> None:
    cancelled: list[str] = []

    async def slow(window: MainWindow, _bridge: Bridge) -> Session:
        QTimer.singleShot(20, window.close)
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            cancelled.append("opening")
            raise
        raise AssertionError("it waited to the end")

    assert live(slow) == []
    assert cancelled == ["opening"]


def test_a_request_of_the_system_to_end_closes_the_window(tmp_path: Path) -> None:
    ended: list[str] = []
    before = signal.getsignal(signal.SIGTERM)

    async def then(_window: MainWindow, _hosting: Hosting, _made: Stage) -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.sleep(60)

    assert live(sessions(tmp_path, [], then, ended)) == []
    assert ended == ["closed"]
    assert signal.getsignal(signal.SIGTERM) is before

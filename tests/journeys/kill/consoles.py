"""Consoles as processes of their own: a window with keys pressed, the command line, a desk without either.

Each is started from a template process that has loaded everything and opened nothing, so that a console is there in a
moment. Invariant: between its start and its end a console runs what ships; a test only presses keys, gives arguments,
or waits.
"""

from __future__ import annotations

import asyncio
import enum
import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection as Pipe
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from console import app, cli
from console.domain.decision import FINAL_STATES, DecisionState
from console.domain.escalation import Verdict
from console.infra.paths import HOME_VARIABLE, find_paths
from console.screens.inbox.decision_bar import Need
from console.screens.inbox.view import InboxView
from console.shell.window import MainWindow
from tests.journeys.kill.stops import Moment, Stop, install

LOADED = (
    "pytest",
    "tests.ring",
    "console.cli.commands",
    "console.engines.temporal.engine",
    "console.services.desk",
    "console.shell.hosting",
    "console.shell.main",
    "console.store.store",
    "tests.journeys.kill.consoles",
)
LOOK_MS = 10
LISTED_WITHIN = 20.0
ENVIRONMENT = {
    "QT_QPA_PLATFORM": "offscreen",
    # Keys that sign here must not be left in anybody's keyring.
    "PYTHON_KEYRING_BACKEND": "tests.ring.Ring",
}


class Hand(enum.StrEnum):
    """Who decides."""

    KEYS = "keys"
    COMMAND = "command"
    DESK = "desk"


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What a console does: approve an item (or, without one, be open), and where to stop (or nowhere).

    A desk holds its decision back only where ``is_held``; a window always does, and a command never.
    """

    home: Path
    hand: Hand
    item_id: str = ""
    digest: str = ""
    is_held: bool = False
    stop_at: Moment | None = None
    receipt_of: DecisionState = DecisionState.CONFIRMED


@dataclass(frozen=True, slots=True)
class Started:
    """A console that was started. ``pipe`` tells when it has stopped."""

    task: Task
    process: ForkServerProcess
    pipe: Pipe

    @property
    def pid(self) -> int:
        """Its process id."""
        assert self.process.pid is not None
        return self.process.pid

    def kill(self) -> None:
        """Kill it with SIGKILL, and wait for its end."""
        self.process.kill()
        self.process.join(10.0)
        self.pipe.close()

    def close(self) -> int | None:
        """Ask it to close as a person would, and give its exit status."""
        os.kill(self.pid, signal.SIGTERM)
        self.process.join(20.0)
        self.pipe.close()
        return self.process.exitcode


def start(task: Task) -> Started:
    """Start a console. Whoever starts one kills or closes it."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(LOADED))
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=be, args=(task, theirs), daemon=True)
    process.start()
    theirs.close()
    return Started(task, process, ours)


def be(task: Task, pipe: Pipe) -> None:
    """Be that console, in a process of its own."""
    os.environ.update({**ENVIRONMENT, HOME_VARIABLE: str(task.home)})
    output = os.open(task.home / f"output-{os.getpid()}.txt", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(output, 1)
    os.dup2(output, 2)
    if task.stop_at is not None:
        install(Stop(task.stop_at, task.receipt_of, pipe))
    sys.exit(_HANDS[task.hand](task))


def _with_keys(task: Task) -> int:
    """The window, as `clearance` opens it, and a person who presses A and Enter on one item."""
    qt = QApplication(["clearance"])
    timer = QTimer(qt)
    timer.setInterval(LOOK_MS)

    def press() -> None:
        if _press(task.item_id):
            timer.stop()

    timer.timeout.connect(press)
    if task.item_id:
        timer.start()
    return cli.main([])


def _press(item_id: str) -> bool:
    """The next thing a person would do to approve an item; whether nothing is left to do."""
    for window in QApplication.topLevelWidgets():
        view = window.findChild(InboxView) if isinstance(window, MainWindow) else None
        if view is None:
            continue
        state = view.presenter.state
        if any(each.item_id == item_id and each.state not in FINAL_STATES for each in state.decisions):
            return True
        if not any(each.item_id == item_id for each in state.listing.rows):
            return False
        if state.listing.selected_id != item_id:
            view.presenter.open(item_id)
        elif state.is_armed and state.bar.intent is None:
            QTest.keyClick(QApplication.focusWidget() or window, Qt.Key.Key_A)
        elif state.is_armed and state.bar.need is Need.ENTER:
            QTest.keyClick(QApplication.focusWidget() or window, Qt.Key.Key_Return)
    return False


def _with_a_command(task: Task) -> int:
    """The command line, as `clearance decide` runs it."""
    return cli.main(["decide", task.item_id, str(Verdict.APPROVE), "--digest", task.digest])


def _with_a_desk(task: Task) -> int:
    """The desk that window and command line work with, until asked to end."""
    return asyncio.run(_at_a_desk(task))


async def _at_a_desk(task: Task) -> int:
    ended = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
    async with app.open_desk(find_paths()) as desk:
        await desk.listed(LISTED_WITHIN)
        if task.item_id:
            view = await desk.refresh(task.item_id)
            assert view is not None
            await desk.decide(task.item_id, Verdict.APPROVE, view.digest, {}, is_hold=task.is_held)
        await ended.wait()
    return 0


_HANDS: dict[Hand, Callable[[Task], int]] = {
    Hand.KEYS: _with_keys,
    Hand.COMMAND: _with_a_command,
    Hand.DESK: _with_a_desk,
}


def until(is_so: Callable[[], bool], what: str, *, within: float = 60.0, every: float = 0.01) -> None:
    """Wait until something is so, asking ``every`` so many seconds. Raises :class:`AssertionError` if it never is."""
    end = time.monotonic() + within
    while not is_so():
        assert time.monotonic() < end, f"not within {within:g} s: {what}"
        time.sleep(every)
